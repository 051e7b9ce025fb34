// SPDX-License-Identifier: GPL-2.0
/* New Group Mode (RFC 2409, 5.6), both roles. */
#include "v1_forge.h"
#include "v1/phase2.h"

/* Children with PFS by a MODP group; A gives it a number. */
static struct talk *private_groups(void)
{
	struct talk *t = v1_lab_new();
	unsigned int i;

	for (i = 0; i < t->a.child.esp.n; i++) {
		t->a.child.esp.s[i].ke = IKE_KE_MODP_2048;
		t->b.child.esp.s[i].ke = IKE_KE_MODP_2048;
	}
	t->a.peer.v1.new_group = true;
	return t;
}

static const struct v1_group *group_of(const struct end *e)
{
	return v1_lab_p(e)->n_groups == 1 ? &v1_lab_p(e)->groups[0] : NULL;
}

/* What Quick Mode 1 of A calls its group: from the octets, decrypted with A's keys. */
static u16 called;
static unsigned int groups_seen;
static u32 heard;	/* what A was told when it went on */

static void look_into(struct end *from, const struct packet *p)
{
	struct packet q = packet_copy(p);
	struct ike_epoch *ep = from->ike.ep;
	u8 iv[64];
	size_t i;

	CHECK_EQ(v1_iv_of(ep, get_unaligned_be32(p->p + 20), iv), 0);
	CHECK_EQ(isakmp_cbc(ep->suite.encr, ep->v1->key, ep->v1->key_len, iv, q.p + IKE_HDR_LEN,
			    q.n - IKE_HDR_LEN, false), 0);
	/* Group Description, basic */
	for (i = IKE_HDR_LEN; !called && i + 4 <= q.n; i += 4)
		if (q.p[i] == 0x80 && q.p[i + 1] == V1_IA_GROUP)
			called = get_unaligned_be16(q.p + i + 2);
	packet_free(&q);
}

static bool watch(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	groups_seen += p->p[18] == V1_NEW_GROUP;
	if (from->name == 'A' && p->p[18] == V1_QUICK && !called) {
		heard = from->arg;
		look_into(from, p);
	}
	return true;
}

static struct talk *begin(struct talk *t)
{
	called = 0;
	groups_seen = 0;
	v1_lab.net = watch;
	v1_lab_start(t);
	return t;
}

static void test_agreed(void)
{
	struct talk *t = begin(private_groups());
	const struct v1_group *a, *b;

	v1_lab_settle(t);
	a = group_of(&t->a);
	b = group_of(&t->b);
	if (CHECK(a && b)) {
		CHECK_EQ(a->state, V1_GROUP_AGREED);
		CHECK_EQ(b->state, V1_GROUP_AGREED);
		CHECK_EQ(a->ke, IKE_KE_MODP_2048);
		CHECK_EQ(b->ke, IKE_KE_MODP_2048);
		CHECK(a->number >= 0x8000 && a->number == b->number);
		CHECK_EQ(called, a->number);
	}
	CHECK_EQ(groups_seen, 2);
	CHECK_EQ(t->a.installs, 1);
	CHECK_EQ(t->b.installs, 1);
	CHECK_EQ(t->a.refusals + t->b.refusals, 0);
	v1_lab_over(t);
}

/* Not where the operator does not say so, nor for a group that is no MODP group. */
static void test_not_wanted(void)
{
	struct talk *t = private_groups();

	t->a.peer.v1.new_group = false;
	begin(t);
	v1_lab_settle(t);
	CHECK_EQ(called, IKE_KE_MODP_2048);
	CHECK_EQ(groups_seen, 0);
	CHECK_EQ(t->a.installs, 1);
	v1_lab_over(t);

	t = private_groups();
	t->a.child.esp.n = t->b.child.esp.n = 1;
	t->a.child.esp.s[0].ke = t->b.child.esp.s[0].ke = IKE_KE_ECP_256;
	begin(t);
	v1_lab_settle(t);
	CHECK_EQ(called, IKE_KE_ECP_256);
	CHECK_EQ(groups_seen, 0);
	v1_lab_over(t);
}

/* The peer has no room for it: it says so, and hears the number that everybody knows. */
static bool full(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct v1_phase1 *b;

	if (from->name == 'A' && p->p[18] == V1_NEW_GROUP) {
		b = v1_lab_p(&t->b);
		while (b->n_groups < V1_GROUPS_MAX)
			b->groups[b->n_groups++] = (struct v1_group){ 1, 1, V1_GROUP_REFUSED };
	}
	return watch(t, from, nth, p);
}

static void test_refused(void)
{
	struct talk *t = begin(private_groups());

	v1_lab.net = full;
	v1_lab_settle(t);
	CHECK_EQ(t->b.refused[ISAKMP_R_KE_GROUP], 1);
	CHECK_EQ(t->a.refused[ISAKMP_R_PEER_ERROR], 1);
	CHECK_EQ(heard, V1_N_ATTRIBUTES_NOT_SUPPORTED);
	v1_lab_let_pass(t, 2 * V1_EXCHANGE_MS);
	CHECK_EQ(groups_seen, 1);
	CHECK_EQ(called, IKE_KE_MODP_2048);
	CHECK_EQ(t->a.installs, 1);
	v1_lab_over(t);
}

/* Nobody answers to it, though to everything else. */
static bool deaf(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	return watch(t, from, nth, p) && p->p[18] != V1_NEW_GROUP;
}

static void test_unanswered(void)
{
	struct talk *t = begin(private_groups());

	v1_lab.net = deaf;
	v1_lab_let_pass(t, V1_EXCHANGE_MS + 1000);
	CHECK(groups_seen > 1);
	CHECK(t->a.refused[ISAKMP_R_TIMEOUT] > 0);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(called, IKE_KE_MODP_2048);
	CHECK_EQ(t->a.installs, 1);
	v1_lab_over(t);
}

/* The first answer is lost: the question comes again, and the same answer. */
static unsigned int dropped;

static bool lossy(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	bool drop = from->name == 'B' && p->p[18] == V1_NEW_GROUP && !dropped;

	dropped += drop;
	return watch(t, from, nth, p) && !drop;
}

static void test_loss(void)
{
	struct talk *t = begin(private_groups());

	dropped = 0;
	v1_lab.net = lossy;
	v1_lab_let_pass(t, 10000);
	CHECK_EQ(dropped, 1);
	CHECK_EQ(groups_seen, 4);
	CHECK(called >= 0x8000);
	CHECK_EQ(t->a.installs, 1);
	v1_lab_over(t);
}

/* ---- answers that are none of ours ----------------------------------------------- */

static u8 spoilt;	/* 1: the number; 2: the last octet of the prime */

static bool spoil(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	const u16 mine = v1_lab_p(&t->a)->groups[0].number;
	struct isakmp_path path = p->path;
	struct v1_forge f;
	u8 sa[1024];
	size_t at;
	int i;

	if (from != &t->b || p->p[18] != V1_NEW_GROUP)
		return watch(t, from, nth, p);
	/* Nobody has agreed on it yet */
	CHECK_EQ(v1_group_of(t->a.ike.ep, mine), mine);
	CHECK_EQ(v1_group_number(t->a.ike.ep, IKE_KE_MODP_2048), IKE_KE_MODP_2048);
	v1_forge_read(&f, &t->a, p);
	i = v1_forge_find(&f, V1_PL_SA);
	memcpy(sa, f.b[i].p, f.b[i].n);
	for (at = 0; sa[at] != 0x80 || sa[at + 1] != V1_A_GROUP; at++)
		;
	if (spoilt == 1)
		sa[at + 3] ^= 1;
	else
		sa[at + 8 + 4 + isakmp_kex_prime(IKE_KE_MODP_2048).len - 1] ^= 2;
	f.b[i].p = sa;
	packet_free(p);
	*p = v1_forge_write(&f, &path);
	v1_forge_free(&f);
	return true;
}

/* Another group than was proposed, or another number: neither is used. */
static void test_other_answer(void)
{
	struct talk *t;

	for (spoilt = 1; spoilt <= 2; spoilt++) {
		tap_note("%s", spoilt == 1 ? "number" : "prime");
		t = begin(private_groups());
		v1_lab.net = spoil;
		v1_lab_settle(t);
		CHECK_EQ(t->a.refused[ISAKMP_R_BAD_CHOICE], 1);
		CHECK_EQ(called, IKE_KE_MODP_2048);
		CHECK_EQ(t->a.installs, 1);
		v1_lab_over(t);
	}
}

/* ---- what is no group of ours ------------------------------------------------- */

/* What is wrong with its form. */
enum flaw { NONE, NO_PRIME, NO_TYPE, MORE, AGAIN, TWICE, APART };

static const struct bad {
	const char *what;
	u16 ke;			/* whose prime */
	u16 number;
	u16 type;
	u8 prime_flip;		/* of its last octet */
	u8 generator;
	u8 flaw;
} bads[] = {
	{ "nothing is wrong", IKE_KE_MODP_2048, 0x9000, V1_GROUP_MODP, 0, 2, NONE },
	{ "another prime", IKE_KE_MODP_2048, 0x9000, V1_GROUP_MODP, 2, 2, NONE },
	{ "another generator", IKE_KE_MODP_2048, 0x9000, V1_GROUP_MODP, 0, 5, NONE },
	{ "a number of the registry", IKE_KE_MODP_2048, 0x7fff, V1_GROUP_MODP, 0, 2, NONE },
	{ "another type", IKE_KE_MODP_2048, 0x9000, V1_GROUP_EC2N, 0, 2, NONE },
	{ "a group that policy does not have", IKE_KE_MODP_3072, 0x9000, V1_GROUP_MODP, 0, 2, NONE },
	{ "no prime", IKE_KE_MODP_2048, 0x9000, V1_GROUP_MODP, 0, 2, NO_PRIME },
	{ "a lifetime", IKE_KE_MODP_2048, 0x9000, V1_GROUP_MODP, 0, 2, MORE },
	{ "no type", IKE_KE_MODP_2048, 0x9000, V1_GROUP_MODP, 0, 2, NO_TYPE },
	{ "a number twice", IKE_KE_MODP_2048, 0x9000, V1_GROUP_MODP, 0, 2, AGAIN },
	{ "two proposals", IKE_KE_MODP_2048, 0x9000, V1_GROUP_MODP, 0, 2, APART },
	{ "two of them", IKE_KE_MODP_2048, 0x9000, V1_GROUP_MODP, 0, 2, TWICE },
};

static void transform(struct v1_sa_out *s, u8 num, const struct bad *b)
{
	struct ike_span p = isakmp_kex_prime(b->ke);
	u8 prime[IKE_KE_MAX + 1] = { 0 };

	/* a zero in front is no matter */
	memcpy(prime + 1, p.p, p.len);
	prime[p.len] ^= b->prime_flip;
	v1_transform_open(s, num, V1_TRANSFORM_KEY_IKE);
	v1_attr_encode(s->o, V1_A_GROUP, b->number);
	if (b->flaw == AGAIN)
		v1_attr_encode(s->o, V1_A_GROUP, b->number);
	if (b->flaw != NO_TYPE)
		v1_attr_encode(s->o, V1_A_GROUP_TYPE, b->type);
	if (b->flaw != NO_PRIME)
		v1_attr_encode_long(s->o, V1_A_GROUP_PRIME, prime, (u16)(p.len + 1));
	v1_attr_encode_long(s->o, V1_A_GROUP_G1, &b->generator, 1);
	if (b->flaw == MORE)
		v1_attr_encode(s->o, V1_A_LIFE_TYPE, V1_LIFE_SECONDS);
	v1_transform_close(s);
}

/* A says it, by hand. */
static void say(struct end *e, const struct bad *b)
{
	struct ike_epoch *ep = e->ike.ep;
	struct v1_sa_out s;
	struct v1_msg m;

	CHECK_EQ(v1_msg_begin(&e->ike, ep, NULL, &m, V1_NEW_GROUP, V1_H_1), ISAKMP_OK);
	isakmp_build_payload(&m.b, V1_PL_SA);
	v1_sa_begin(&s, &m.b.o);
	v1_proposal_open(&s, 1, V1_PROTO_ISAKMP, NULL, 0);
	transform(&s, 1, b);
	if (b->flaw == TWICE)
		transform(&s, 2, b);
	v1_proposal_close(&s);
	if (b->flaw == APART) {
		v1_proposal_open(&s, 2, V1_PROTO_ISAKMP, NULL, 0);
		transform(&s, 1, b);
		v1_proposal_close(&s);
	}
	isakmp_build_close(&m.b);
	CHECK_EQ(v1_say_once(&e->ike, &m), ISAKMP_OK);
}

static void test_bad(void)
{
	const struct bad *b;
	struct packet p;
	struct talk *t;

	for (b = bads; b < bads + ARRAY_SIZE(bads); b++) {
		tap_note("%s", b->what);
		t = private_groups();
		t->a.peer.v1.new_group = false;
		v1_lab_up(t);
		say(&t->a, b);
		CHECK_REASON(v1_lab_pass(&t->a), b == bads ? ISAKMP_OK : ISAKMP_R_KE_GROUP);
		p = talk_take(&t->b);
		CHECK_EQ(p.p[18], b == bads ? V1_NEW_GROUP : V1_INFORMATIONAL);
		CHECK_EQ(t->b.queued, 0);
		packet_free(&p);
		CHECK_EQ(v1_lab_p(&t->b)->n_groups, b == bads);
		CHECK_EQ(v1_group_of(t->b.ike.ep, b->number),
			 b == bads ? IKE_KE_MODP_2048 : b->number);
		v1_lab_over(t);
	}
}

/* A number has one meaning; there is room for so many. */
static void test_room(void)
{
	struct bad b = bads[0];
	struct talk *t = private_groups();
	unsigned int i;

	t->a.peer.v1.new_group = false;
	t->b.peer.ike.s[1].ke = IKE_KE_MODP_3072;
	v1_lab_up(t);
	for (i = 0; i < 2; i++) {
		say(&t->a, &b);
		CHECK_EQ(v1_lab_pass(&t->a), ISAKMP_OK);
		CHECK_EQ(v1_lab_p(&t->b)->n_groups, 1);
	}
	b.ke = IKE_KE_MODP_3072;
	say(&t->a, &b);
	CHECK_REASON(v1_lab_pass(&t->a), ISAKMP_R_KE_GROUP);
	for (i = 1; i < V1_GROUPS_MAX; i++) {
		b.number++;
		say(&t->a, &b);
		CHECK_EQ(v1_lab_pass(&t->a), ISAKMP_OK);
	}
	b.number++;
	say(&t->a, &b);
	CHECK_REASON(v1_lab_pass(&t->a), ISAKMP_R_KE_GROUP);
	CHECK_EQ(v1_lab_p(&t->b)->n_groups, V1_GROUPS_MAX);
	v1_lab_over(t);
}

int main(void)
{
	TAP_RUN(test_agreed, "a group of policy's under a number of its own (RFC 2409, 5.6)");
	TAP_RUN(test_not_wanted, "only where it is wanted");
	TAP_RUN(test_refused, "ATTRIBUTES-NOT-SUPPORTED: the number of the registry");
	TAP_RUN(test_unanswered, "nobody answers: the same");
	TAP_RUN(test_loss, "an answer that is lost");
	TAP_RUN(test_other_answer, "an answer that says another group, or another number");
	TAP_RUN(test_bad, "groups that somebody makes up");
	TAP_RUN(test_room, "a number has one meaning, and there are few");
	return tap_done();
}
