// SPDX-License-Identifier: GPL-2.0
/* What tests of fragments have in common. */
#include "pieces.h"

/* ---- the two ends --------------------------------------------------------- */

struct talk *pieces_speakers(u16 a, u16 b)
{
	struct talk *t = talk_new();

	t->a.peer.fragment = a;
	t->b.peer.fragment = b;
	t->a.cert_len = t->b.cert_len = PIECES_CERT;
	return t;
}

struct talk *pieces_at(enum talk_stage stage)
{
	struct talk *t = pieces_speakers(PIECES_SIZE, PIECES_SIZE);

	talk_advance(t, stage);
	return t;
}

/* Up, with nothing in the queues, and certificates that no test asks for again. */
struct talk *pieces_up(void)
{
	struct talk *t = pieces_at(TALK_UP);

	talk_settle(t);
	return t;
}

/* ---- fragments that a test makes -------------------------------------------- */

/* @flip: the last octet of the ICV is another. */
enum isakmp_reason pieces_give(struct end *from, const struct piece *p, bool flip)
{
	struct packet packet = piece_write(p, from);
	enum isakmp_reason why;

	packet.p[packet.n - 1] ^= flip;
	why = talk_deliver(talk_other(from), &packet);
	packet_free(&packet);
	return why;
}

/* The inner chain of INFORMATIONAL requests: a notification with @n octets of data. */
const u8 *pieces_notice(size_t n)
{
	static u8 text[20000] = { [4] = 0, 0, 0x60, 0 };

	put_unaligned_be16((u16)(n + 8), text + 2);
	return text;
}

/* A piece of such a request of @from with the ID that the other end waits for. */
struct piece pieces_part(struct end *from, u16 number, u16 total, size_t n)
{
	const u8 *text = pieces_notice(n);
	size_t all = n + 8, each = (all + total - 1) / total, done = (number - 1U) * each;

	done = min(done, all);
	return (struct piece){
		.exchange = IKE_INFORMATIONAL, .kind = IKE_REQUEST,
		.msgid = talk_other(from)->ike.ep->next_in, .number = number, .total = total,
		.first = number == 1 ? IKE_PL_NOTIFY : IKE_PL_NONE,
		.text = text + done, .n = min(each, all - done),
	};
}

enum isakmp_reason pieces_give_part(struct end *from, u16 number, u16 total, size_t n)
{
	struct piece p = pieces_part(from, number, total, n);

	return pieces_give(from, &p, false);
}

/* The one message of @e waits in the queue, in fragments: as RFC 7383, 2.5, has them. */
unsigned int pieces_check(struct end *e)
{
	const u8 *head = e->queue[0].p;
	unsigned int i;

	for (i = 0; i < e->queued; i++) {
		const struct packet *p = &e->queue[i];

		CHECK(p->n <= PIECES_IKE_SIZE);
		/* all full, but the last */
		CHECK(i + 1 == e->queued || p->n + 16 > PIECES_IKE_SIZE);
		CHECK_EQ(p->p[16], IKE_PL_SKF);
		CHECK_MEM(p->p, head, 16);
		CHECK_MEM(p->p + 17, head + 17, 7);
		CHECK_EQ(p->p[28] != 0, i == 0);
		CHECK_EQ(get_unaligned_be16(p->p + 32), i + 1);
		CHECK_EQ(get_unaligned_be16(p->p + 34), e->queued);
	}
	return e->queued;
}

void pieces_take(struct end *e, struct packet *p, unsigned int *n)
{
	for (*n = 0; e->queued; (*n)++)
		p[*n] = talk_take(e);
}

void pieces_free(struct packet *p, unsigned int n)
{
	while (n--)
		packet_free(&p[n]);
}
