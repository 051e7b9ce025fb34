// SPDX-License-Identifier: GPL-2.0
/* Messages taken apart, changed, and made: what a test does to them (talk.h). */
#include "talk.h"

static u8 *exact(const void *p, size_t n)
{
	u8 *copy = malloc(n);

	if (!copy)
		abort();
	if (n)
		memcpy(copy, p, n);
	return copy;
}

/* Who has ended has no keys any more; whom it has told may have. */
static struct isakmp_sk *key_of(struct end *from)
{
	struct isakmp_sk *sk = from->ike.ep->sk_out;

	return sk || !talk_other(from)->live ? sk : talk_other(from)->ike.ep->sk_in;
}

static size_t open_copy(struct end *from, struct message *m, size_t n, size_t *start)
{
	struct isakmp_sk_size size = isakmp_sk_size(&from->ike.ep->suite);
	size_t aad = IKE_HDR_LEN + IKE_PL_HDR_LEN, text;

	if (!key_of(from) || isakmp_sk_open(key_of(from), m->buf, aad, n - aad))
		talk_broken("%c: its message cannot be opened", from->name);
	*start = aad + size.iv;
	text = n - *start - size.icv;
	return text - m->buf[*start + text - 1] - 1;
}

void message_read(struct message *m, struct end *from, const struct packet *p)
{
	struct isakmp_chain c;
	size_t start = IKE_HDR_LEN, n = p->n - IKE_HDR_LEN;
	unsigned int i;
	u8 first;

	memset(m, 0, sizeof(*m));
	m->buf = exact(p->p, p->n);
	isakmp_header_decode(m->buf, p->n, &m->h);
	first = m->h.next;
	if (first == IKE_PL_SK) {
		m->sk = true;
		first = m->buf[IKE_HDR_LEN];
		n = open_copy(from, m, p->n, &start);
	}
	if (isakmp_chain_decode(first, m->buf + start, n, &c))
		talk_broken("%c: its message is malformed", from->name);
	for (i = 0; i < c.n; i++)
		m->b[m->n++] = (struct body){ c.pl[i].type, c.pl[i].critical, c.pl[i].body,
					      c.pl[i].len };
}

static void write_bodies(const struct message *m, struct isakmp_builder *b)
{
	unsigned int i;

	for (i = 0; i < m->n; i++) {
		isakmp_build_payload(b, m->b[i].type);
		isakmp_out_bytes(&b->o, m->b[i].p, m->b[i].n);
		isakmp_build_close(b);
		if (m->b[i].critical)
			isakmp_out_patch8(&b->o, b->start + 1, IKE_PL_CRITICAL);
	}
}

struct packet message_write(const struct message *m, struct end *from)
{
	struct isakmp_sk_size size = isakmp_sk_size(&from->ike.ep->suite);
	struct packet p = { .path = from->path };
	struct isakmp_builder b;
	static u8 buf[65536];
	size_t sk = 0;

	isakmp_build_begin(&b, buf, sizeof(buf), &m->h);
	if (m->sk)
		sk = isakmp_build_sk(&b, size.iv);
	write_bodies(m, &b);
	if (m->sk)
		isakmp_build_sk_end(&b, sk, size.block, size.icv);
	if (!isakmp_build_end(&b))
		talk_broken("a test's message does not fit");
	if (m->sk && isakmp_sk_seal(from->ike.ep->sk_out, buf, sk - size.iv, b.o.len - sk - size.icv))
		talk_broken("a test's message cannot be sealed");
	p.p = exact(buf, b.o.len);
	p.n = b.o.len;
	return p;
}

void message_free(struct message *m)
{
	free(m->buf);
	memset(m, 0, sizeof(*m));
}

void message_drop(struct message *m, unsigned int i)
{
	m->n--;
	memmove(&m->b[i], &m->b[i + 1], (m->n - i) * sizeof(m->b[0]));
}

void message_insert(struct message *m, unsigned int i, struct body b)
{
	if (m->n == TALK_BODIES)
		talk_broken("a test's message has too many payloads");
	memmove(&m->b[i + 1], &m->b[i], (m->n - i) * sizeof(m->b[0]));
	m->b[i] = b;
	m->n++;
}

int message_find(const struct message *m, u8 type)
{
	unsigned int i;

	for (i = 0; i < m->n; i++)
		if (m->b[i].type == type)
			return (int)i;
	return -1;
}

void message_new(struct message *m, struct end *from, u8 exchange, u8 kind, u32 msgid)
{
	memset(m, 0, sizeof(*m));
	m->h = (struct isakmp_header){
		.spi_i = from->ike.ep->spi_i, .spi_r = from->ike.ep->spi_r, .major = 2,
		.exchange = exchange, .msgid = msgid,
		.flags = (from->ike.initiator ? IKE_FLAG_INITIATOR : 0) |
			 (kind == IKE_RESPONSE ? IKE_FLAG_RESPONSE : 0),
	};
	m->sk = !isakmp_exchange_is_first(exchange);
}

void message_add(struct message *m, u8 type, const void *p, size_t n)
{
	message_insert(m, m->n, (struct body){ type, false, p, n });
}

enum isakmp_reason message_deliver(struct message *m, struct end *from)
{
	struct packet p = message_write(m, from);
	enum isakmp_reason why = talk_deliver(talk_other(from), &p);

	packet_free(&p);
	message_free(m);
	return why;
}

struct packet piece_write(const struct piece *p, struct end *from)
{
	struct isakmp_sk_size size = isakmp_sk_size(&from->ike.ep->suite);
	struct isakmp_skf skf = { p->number, p->total };
	struct packet packet = { .path = from->ike.path };
	static u8 buf[65536];
	struct isakmp_builder b;
	struct message m;
	size_t sk;

	message_new(&m, from, p->exchange, p->kind, p->msgid);
	isakmp_build_begin(&b, buf, sizeof(buf), &m.h);
	sk = isakmp_build_skf(&b, &skf, p->first, size.iv);
	isakmp_out_bytes(&b.o, p->text, p->n);
	isakmp_build_sk_end(&b, sk, size.block, size.icv);
	if (!isakmp_build_end(&b) ||
	    isakmp_sk_seal(from->ike.ep->sk_out, buf, sk - size.iv, b.o.len - sk - size.icv))
		talk_broken("a test's fragment cannot be made");
	packet.p = exact(buf, b.o.len);
	packet.n = b.o.len;
	return packet;
}

u16 talk_error(struct end *from)
{
	struct packet p = talk_take(from);
	struct message m;
	unsigned int i;
	u16 type = 0;

	if (!p.n)
		talk_broken("%c: nothing was sent", from->name);
	message_read(&m, from, &p);
	for (i = 0; i < m.n && !type; i++)
		if (m.b[i].type == IKE_PL_NOTIFY)
			type = get_unaligned_be16(m.b[i].p + 2);
	message_free(&m);
	packet_free(&p);
	return type < IKE_N_STATUS ? type : 0;
}

#define A_BODY(t, ...) case IKE_PL_##t: {					\
		static const u8 octets[] = { __VA_ARGS__ };			\
		return (struct body){ IKE_PL_##t, false, octets, sizeof(octets) }; }
#define TS_BODY 1, 0, 0, 0, 7, 0, 0, 16, 0, 0, 255, 255, 10, 0, 0, 0, 10, 255, 255, 255

struct body talk_body(u8 type)
{
	switch (type) {
	A_BODY(SA, 0, 0, 0, 36, 1, 1, 0, 3, 3, 0, 0, 12, 1, 0, 0, 20, 0x80, 14, 1, 0,
	       3, 0, 0, 8, 2, 0, 0, 6, 0, 0, 0, 8, 4, 0, 0, 31)
	A_BODY(KE, 0, 31, 0, 0, 9)
	A_BODY(IDI, IKE_ID_FQDN, 0, 0, 0, 'x')
	A_BODY(IDR, IKE_ID_FQDN, 0, 0, 0, 'x')
	A_BODY(CERT, 4, 1)
	A_BODY(CERTREQ, 4)
	A_BODY(AUTH, IKE_AM_PSK, 0, 0, 0, 1, 2, 3)
	A_BODY(NONCE, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
	A_BODY(NOTIFY, 0, 0, 0x40, 0)
	A_BODY(DELETE, 3, 4, 0, 1, 0, 0, 0, 0)
	A_BODY(VENDOR, 'v')
	A_BODY(TSI, TS_BODY)
	A_BODY(TSR, TS_BODY)
	A_BODY(SK, 0)
	A_BODY(SKF, 0, 1, 0, 1, 0)
	A_BODY(CP, 1, 0, 0, 0)
	A_BODY(EAP, 3, 1, 0, 4)
	default:
		return (struct body){ type, false, NULL, 0 };
	}
}
