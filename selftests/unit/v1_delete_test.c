// SPDX-License-Identifier: GPL-2.0
/* Deletes of version 1 in company: of others in the same message, of rekeys and Quick Modes under way. */
#include "v1_delete.h"

static unsigned int up(const struct end *e)
{
	const struct ike_child *c;
	unsigned int n = 0;

	for (c = e->live ? e->ike.children : NULL; c; c = c->next)
		n += c->state == IKE_CHILD_UP;
	return n;
}

/* ---- several in one message ---------------------------------------------------- */

enum kind { END, CHILD, CHILD_TWICE, ISAKMP, ISAKMP_TWICE, NOBODYS_CHILD, NOBODYS_ISAKMP, OF_AH, CONTACT, KINDS };

#define SET 3

static void add_kind(struct talk *t, struct v1_msg *m, enum kind kind)
{
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ISAKMP,
			       .type = V1_N_INITIAL_CONTACT, .spi_len = 16 };
	u8 spi[8], cookies[32];

	put_unaligned_be32(t->a.ike.children->spi_in, spi);
	put_unaligned_be32(t->a.ike.children->spi_in, spi + 4);
	cookies_of(&t->a, cookies);
	cookies_of(&t->a, cookies + 16);
	n.spi = cookies;
	if (kind == NOBODYS_CHILD)
		spi[0] ^= 1;
	if (kind == NOBODYS_ISAKMP)
		cookies[0] ^= 1;
	switch (kind) {
	case CHILD:
	case CHILD_TWICE:
	case NOBODYS_CHILD:
		add_delete(m, V1_PROTO_ESP, 4, spi, 1 + (kind == CHILD_TWICE));
		break;
	case OF_AH:
		add_delete(m, V1_PROTO_AH, 4, spi, 1);
		break;
	case CONTACT:
		v1_msg_notify(m, &n);
		break;
	default:
		add_delete(m, V1_PROTO_ISAKMP, 16, cookies, 1 + (kind == ISAKMP_TWICE));
	}
}

/* What is told goes, once, and nothing else, whatever the order. */
static void say_set(const enum kind set[SET])
{
	struct talk *t = v1_lab_up(v1_lab_new());
	bool child = false, isakmp = false;
	struct v1_msg m;
	unsigned int i;

	tap_note("%u %u %u", set[0], set[1], set[2]);
	CHECK_EQ(v1_msg_begin(&t->a.ike, t->a.ike.ep, NULL, &m, V1_INFORMATIONAL, V1_H_1),
		 ISAKMP_OK);
	for (i = 0; i < SET && set[i]; i++) {
		add_kind(t, &m, set[i]);
		child |= set[i] == CHILD || set[i] == CHILD_TWICE;
		isakmp |= set[i] == ISAKMP || set[i] == ISAKMP_TWICE;
	}
	CHECK_EQ(v1_say_once(&t->a.ike, &m), ISAKMP_OK);
	CHECK_EQ(v1_lab_pass(&t->a), ISAKMP_OK);
	CHECK_EQ(up(&t->b), !child);
	CHECK_EQ(t->b.closed, child);
	CHECK_EQ(t->b.live && v1_phase1_ready(&t->b.ike), !isakmp);
	v1_lab_over(t);
}

static void test_sets(void)
{
	enum kind set[SET];
	unsigned int n;

	for (n = CHILD; n < KINDS * KINDS * KINDS; n++) {
		set[0] = n % KINDS;
		set[1] = n / KINDS % KINDS;
		set[2] = n / KINDS / KINDS;
		if (set[0] && (set[1] || !set[2]))
			say_set(set);
	}
}

/* ---- while something is under way ------------------------------------------------ */

enum busy { REKEY_CHILD, REKEY_BOTH, REKEY_ISAKMP, ANOTHER_CHILD, BUSY };

static void begin(struct talk *t, enum busy what)
{
	struct ike_event ev = { .type = IKE_EV_CHILD_START, .peer = &t->a.peer,
				.child = &t->a.child };

	if (what == REKEY_CHILD || what == REKEY_BOTH)
		talk_do(&t->a, IKE_EV_CHILD_REKEY, t->a.ike.children->spi_in);
	if (what == REKEY_BOTH)
		talk_do(&t->b, IKE_EV_CHILD_REKEY, t->b.ike.children->spi_in);
	if (what == REKEY_ISAKMP)
		talk_do(&t->a, IKE_EV_REKEY, 0);
	if (what == ANOTHER_CHILD)
		talk_event(&t->a, &ev);
}

/* The newest datagram overtakes all others. */
static void overtake(struct end *e)
{
	struct packet p;

	if (e->queued < 2)
		return;
	p = e->queue[e->queued - 1];
	memmove(e->queue + 1, e->queue, (e->queued - 1) * sizeof(p));
	e->queue[0] = p;
}

static bool step(struct talk *t, bool newest)
{
	struct end *const ends[] = { &t->a, &t->b };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		if (ends[i]->asking) {
			v1_lab_answer(ends[i]);
			return true;
		}
		if (ends[i]->queued) {
			if (newest)
				overtake(ends[i]);
			v1_lab_pass(ends[i]);
			return true;
		}
	}
	return false;
}

static void delete_isakmp(struct end *e)
{
	struct v1_msg m;
	u8 spi[16];

	if (!e->live || !v1_phase1_ready(&e->ike))
		return;
	cookies_of(e, spi);
	if (v1_msg_begin(&e->ike, e->ike.ep, NULL, &m, V1_INFORMATIONAL, V1_H_1))
		return;
	add_delete(&m, V1_PROTO_ISAKMP, 16, spi, 1);
	v1_say_once(&e->ike, &m);
	v1_phase1_end(&e->ike, e->ike.ep, ISAKMP_OK, e->t->now);
}

enum deed { STOP_CHILD, STOP_ALL_CHILDREN, SAY_ISAKMP, STOP, KILL, LOST, DEEDS };

static void strike(struct end *e, enum deed deed)
{
	struct ike_child *c = e->live ? e->ike.children : NULL;

	if (!e->live)
		return;
	if (deed == STOP_CHILD || deed == LOST)
		talk_do(e, deed == LOST ? IKE_EV_CHILD_LOST : IKE_EV_CHILD_STOP, c ? c->spi_in : 1);
	else if (deed == STOP_ALL_CHILDREN)
		talk_do(e, IKE_EV_CHILD_STOP, 0);
	else if (deed == SAY_ISAKMP)
		delete_isakmp(e);
	else
		talk_do(e, deed == STOP ? IKE_EV_STOP : IKE_EV_KILL, 0);
}

/* After @at steps one end deletes.  false: nothing was under way any more. */
static bool run(enum busy what, unsigned int at, char who, enum deed deed, bool newest)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct end *e = who == 'A' ? &t->a : &t->b;
	/* Both want another ISAKMP SA then, and nobody here answers to either */
	bool both_begin = what == REKEY_BOTH && deed == SAY_ISAKMP;
	unsigned int i, rounds = 200;
	bool more = true;

	tap_note("%u, after %u, %c does %u, %s first", what, at, who, deed, newest ? "new" : "old");
	v1_lab_let_pass(t, 5000);
	begin(t, what);
	for (i = 0; i < at && more; i++)
		more = step(t, false);
	strike(e, deed);
	while (step(t, newest) && rounds--)
		;
	CHECK(rounds);
	v1_lab_let_pass(t, 2 * V1_EXCHANGE_MS);
	/* A Delete of a child that comes after that of the ISAKMP SA is one that is lost */
	if (deed != KILL && !(deed == STOP && newest) && !both_begin)
		CHECK_EQ(up(&t->a), up(&t->b));
	CHECK(up(&t->a) <= 1 + (what == ANOTHER_CHILD));
	/* B comes again when A wants it to */
	if (who == 'A' && deed >= STOP && deed <= KILL)
		CHECK(!t->a.live && !t->a.xfrm);
	v1_lab_over(t);
	return more;
}

static void each(enum deed from, enum deed to)
{
	unsigned int what, deed, i, at;

	for (what = 0; what < BUSY; what++)
		for (deed = from; deed <= to; deed++)
			for (i = 0; i < 4; i++)
				for (at = 0; run(what, at, i & 1 ? 'B' : 'A', deed, i & 2); at++)
					;
}

static void test_child(void)
{
	each(STOP_CHILD, STOP_ALL_CHILDREN);
}

static void test_isakmp(void)
{
	each(SAY_ISAKMP, SAY_ISAKMP);
}

static void test_flush(void)
{
	each(STOP, LOST);
}

int main(void)
{
	TAP_RUN(test_sets, "Deletes of all kinds in one message, in any order, twice (threats 38, 39)");
	TAP_RUN(test_child, "a child is deleted at each point of a rekey, in both orders (threat 57)");
	TAP_RUN(test_isakmp, "the ISAKMP SA is, with a Quick Mode under way (threat 57)");
	TAP_RUN(test_flush, "all of it ends, or is flushed, at each point (threat 57)");
	return tap_done();
}
