// SPDX-License-Identifier: GPL-2.0
/*
 * Public values that leave nothing to guess: 0, 1, p - 1, p, points beside the curve.  In each
 * message that has one, of either role, in the clear and with a right HASH.
 */
#include "v1_forge.h"

/* ---- values ------------------------------------------------------------------ */

#define VALUES 7

static bool is_modp(u16 group)
{
	return group == IKE_KE_MODP_2048;
}

/* The @i-th value of a group that is none: as long as it should be, but for the last two. */
static size_t value(u16 group, unsigned int i, const u8 *good, u8 *to)
{
	size_t n = isakmp_kex_pub_len(group);
	struct ike_span prime = isakmp_kex_prime(group);

	memset(to, 0, n + 1);
	if (i >= 5) {
		memcpy(to, good, n);
		return i == 5 ? n - 1 : n + 1;
	}
	if (!is_modp(group)) {
		/* beside the curve by a bit of either coordinate; beyond the field; nothing */
		if (i < 3)
			memcpy(to, good, n);
		if (i == 3)
			memset(to, 0xff, n);
		to[i == 1 ? n / 2 - 1 : n - 1] ^= i < 2;
		to[0] ^= i == 2 ? 0x80 : 0;
		return n;
	}
	if (i >= 2)
		memcpy(to, prime.p, n);
	to[n - 1] = i == 0 ? 0 : i == 1 ? 1 : i == 2 ? to[n - 1] - 1 : to[n - 1];
	if (i == 4)
		memset(to, 0xff, n);
	return n;
}

/* ---- one message of a conversation --------------------------------------------- */

static const struct place {
	const char *what;
	u8 exchange;
	char from;
	unsigned int nth;	/* of @from */
	bool quick;
} places[] = {
	{ "Main 3", V1_MAIN, 'A', 2, false },
	{ "Main 4", V1_MAIN, 'B', 2, false },
	{ "Aggressive 1", V1_AGGRESSIVE, 'A', 1, false },
	{ "Aggressive 2", V1_AGGRESSIVE, 'B', 1, false },
	{ "Base 3", V1_BASE, 'A', 2, false },
	{ "Base 4", V1_BASE, 'B', 2, false },
	{ "Quick 1", V1_MAIN, 'A', 4, true },
	{ "Quick 2", V1_MAIN, 'B', 4, true },
};

static struct {
	const struct place *at;
	u16 group;
	unsigned int value;
	bool struck;
} hit;

static bool strike(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct end *to = talk_other(from);
	unsigned int before = talk_derived;
	u8 bad[IKE_KE_MAX + 1];
	struct v1_forge f;
	struct packet q;
	int ke;

	if (from->name != hit.at->from || nth != hit.at->nth)
		return true;
	v1_forge_read(&f, to, p);
	ke = v1_forge_find(&f, V1_PL_KE);
	if (!CHECK(ke >= 0))
		return true;
	f.b[ke].n = value(hit.group, hit.value, f.b[ke].p, bad);
	f.b[ke].p = bad;
	q = v1_forge_write(&f, &p->path);
	v1_lab_deliver(to, &q);
	/* The group of Aggressive Mode is told by the length */
	if (hit.at->exchange == V1_AGGRESSIVE && hit.at->from == 'A' && hit.value >= 5)
		CHECK_EQ(to->refused[ISAKMP_R_NO_PROPOSAL], 1);
	else
		CHECK_EQ(to->refused[ISAKMP_R_KE_VALUE], 1);
	CHECK(!to->asking);
	CHECK_EQ(talk_derived, before);
	packet_free(&q);
	v1_forge_free(&f);
	hit.struck = true;
	return true;
}

static struct talk *way(const struct place *at, u16 group)
{
	struct talk *t = v1_lab_new();
	unsigned int i;

	t->a.peer.v1.exchange = at->exchange;
	t->b.peer.v1.accept = BIT(at->exchange);
	for (i = 0; i < 2; i++) {
		if (at->quick)
			t->a.child.esp.s[i].ke = t->b.child.esp.s[i].ke = group;
		else
			t->a.peer.ike.s[i].ke = t->b.peer.ike.s[i].ke = group;
	}
	return t;
}

/* Refused before anything is paid for it; in phase 1 the right one is as good as before. */
static void try(const struct place *at, u16 group)
{
	struct talk *t;

	hit.at = at;
	hit.group = group;
	for (hit.value = 0; hit.value < VALUES; hit.value++) {
		tap_note("%s, group %u, value %u", at->what, group, hit.value);
		hit.struck = false;
		t = way(at, group);
		v1_lab.net = strike;
		v1_lab_start(t);
		v1_lab_settle(t);
		CHECK(hit.struck);
		CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
		CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
		CHECK_EQ(!!t->a.xfrm, !at->quick);
		CHECK_EQ(!!t->b.xfrm, !at->quick);
		v1_lab_over(t);
	}
}

static void test_phase1(void)
{
	const struct place *at;

	for (at = places; !at->quick; at++) {
		try(at, IKE_KE_MODP_2048);
		try(at, IKE_KE_ECP_256);
		try(at, IKE_KE_ECP_521);	/* the helper's */
	}
}

static void test_quick(void)
{
	const struct place *at;

	for (at = places; at < places + ARRAY_SIZE(places); at++) {
		if (!at->quick)
			continue;
		try(at, IKE_KE_MODP_2048);
		try(at, IKE_KE_ECP_256);
	}
}

/* ---- where nobody sees the value on the way --------------------------------------- */

/* Who encrypts has such a value itself: it is written while its helper encrypts the nonce. */
static void poison(struct end *e)
{
	struct v1_setup *u = v1_lab_p(e)->setup;
	u8 *own = e->ike.ep->initiator ? u->ke_i : u->ke_r;
	u8 bad[IKE_KE_MAX + 1];

	value(hit.group, hit.value, own, bad);
	memcpy(own, bad, isakmp_kex_pub_len(hit.group));
}

static void settle_poisoned(struct talk *t, char who)
{
	struct end *const ends[] = { &t->a, &t->b };
	unsigned int i, rounds = 200;

	while (rounds--)
		for (i = 0; i < 2; i++) {
			if (ends[i]->asking && ends[i]->name == who &&
			    ends[i]->ask.kind == IKE_ASK_V1_ENCRYPT)
				poison(ends[i]);
			if (ends[i]->asking)
				v1_lab_answer(ends[i]);
			if (ends[i]->queued)
				v1_lab_pass(ends[i]);
		}
}

/*
 * Nothing was computed with it.  Revised, the responder does not say that it could read it: it goes
 * on without a value of the peer.
 */
static void check_unused(const struct end *e)
{
	const struct v1_phase1 *p = v1_lab_p(e);

	if (!e->live) {
		CHECK_EQ(e->refused[ISAKMP_R_KE_VALUE], 1);
		return;
	}
	CHECK_EQ(e->ike.state, IKE_S_V1);
	CHECK(!p->key_len);
	CHECK_EQ(e->name == 'B' ? p->setup->ke_i_len : p->setup->ke_r_len, 0);
}

static void try_encrypted(u16 method, u8 how, u8 exchange, char who)
{
	const struct place at = { .exchange = exchange };
	struct talk *t;

	hit.group = IKE_KE_MODP_2048;
	for (hit.value = 0; hit.value < 5; hit.value++) {
		tap_note("method %u, exchange %u, %c, value %u", method, exchange, who, hit.value);
		t = way(&at, hit.group);
		v1_lab.methods[0] = method;
		t->a.peer.v1.methods = t->b.peer.v1.methods = BIT(how);
		v1_lab_start(t);
		settle_poisoned(t, who);
		check_unused(who == 'A' ? &t->b : &t->a);
		CHECK(!t->a.xfrm && !t->b.xfrm);
		v1_lab_over(t);
	}
}

static void test_encrypted(void)
{
	static const u8 exchanges[] = { V1_MAIN, V1_AGGRESSIVE };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		try_encrypted(V1_M_RSA_ENC, IKE_V1_RSA_ENC, exchanges[i / 2], i & 1 ? 'B' : 'A');
		try_encrypted(V1_M_RSA_REV, IKE_V1_RSA_REV, exchanges[i / 2], i & 1 ? 'B' : 'A');
	}
}

int main(void)
{
	TAP_RUN(test_phase1, "phase 1: 0, 1, p - 1, p, points beside the curve (threat 80)");
	TAP_RUN(test_quick, "Quick Mode with PFS: the same, with a right HASH (threat 80)");
	TAP_RUN(test_encrypted, "RSA encryption: the same, where nobody sees it (threat 80)");
	return tap_done();
}
