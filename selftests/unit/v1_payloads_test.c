// SPDX-License-Identifier: GPL-2.0
/*
 * Each payload of each message withheld, doubled, put last; from message 2 on, by who has all keys: the
 * HASH of phase 2 is right.  What is missing is refused as such, nothing half-made stays, and where
 * nobody has lied the right message is as good as before.
 */
#include "v1_forge.h"

enum way { MAIN, MAIN_SIG, AGGRESSIVE, AGGRESSIVE_SIG, BASE, BASE_SIG, MAIN_ENC, AGGRESSIVE_ENC, AUTH_ONLY,
	   XAUTH, NEW_GROUP, WAYS };

static const struct {
	const char *what;
	u8 exchange;
	u16 method;
	u8 how;
} ways[WAYS] = {
	[MAIN] = { "Main Mode", V1_MAIN, V1_M_PSK, IKE_V1_PSK },
	[MAIN_SIG] = { "Main Mode, signatures", V1_MAIN, V1_M_RSA_SIG, IKE_V1_SIG },
	[AGGRESSIVE] = { "Aggressive Mode", V1_AGGRESSIVE, V1_M_PSK, IKE_V1_PSK },
	[AGGRESSIVE_SIG] = { "Aggressive Mode, signatures", V1_AGGRESSIVE, V1_M_RSA_SIG, IKE_V1_SIG },
	[BASE] = { "Base Mode", V1_BASE, V1_M_PSK, IKE_V1_PSK },
	[BASE_SIG] = { "Base Mode, signatures", V1_BASE, V1_M_RSA_SIG, IKE_V1_SIG },
	[MAIN_ENC] = { "Main Mode, RSA encryption", V1_MAIN, V1_M_RSA_ENC, IKE_V1_RSA_ENC },
	[AGGRESSIVE_ENC] = { "Aggressive Mode, RSA encryption", V1_AGGRESSIVE, V1_M_RSA_ENC,
			     IKE_V1_RSA_ENC },
	[AUTH_ONLY] = { "Authentication Only", V1_AUTH_ONLY, V1_M_PSK, IKE_V1_PSK },
	[XAUTH] = { "XAUTH and mode config", V1_MAIN, V1_M_XAUTH_I_PSK, IKE_V1_PSK },
	[NEW_GROUP] = { "New Group Mode", V1_MAIN, V1_M_PSK, IKE_V1_PSK },
};

static struct talk *on_way(enum way w)
{
	struct talk *t = w == XAUTH ? v1_lab_new_xauth() : v1_lab_new();
	unsigned int i;

	v1_lab.methods[0] = ways[w].method;
	t->a.peer.v1.exchange = ways[w].exchange;
	t->b.peer.v1.accept = BIT(ways[w].exchange);
	t->a.peer.v1.methods = t->b.peer.v1.methods = BIT(ways[w].how);
	/* PFS: Quick Mode has all of its payloads */
	for (i = 0; i < t->a.child.esp.n; i++)
		t->a.child.esp.s[i].ke = t->b.child.esp.s[i].ke =
			w == NEW_GROUP ? IKE_KE_MODP_1024 : IKE_KE_ECP_256;
	t->a.peer.v1.new_group = w == NEW_GROUP;
	if (w == XAUTH) {
		t->a.peer.vip[0] = (struct isakmp_addr){ 4, { 0 } };
		t->b.peer.pools = 1;
		t->b.inner[0] = (struct isakmp_addr){ 4, { 10, 9, 0, 2 } };
		t->a.local[0] = t->b.remote[0] =
			(struct isakmp_ts){ .type = IKE_TS_DYNAMIC, .port_end = 65535 };
	}
	return t;
}

/* ---- what is done to one message -------------------------------------------------- */

enum deed { WITHHOLD, DOUBLE, DEEDS };

static struct {
	char from;
	unsigned int nth;	/* of @from */
	unsigned int i;		/* of its payloads */
	enum deed deed;
	/* what there was of it */
	bool there, payload, optional, first, informational;
	u8 type;
	unsigned int done;
} it;

static bool is_once(const struct v1_law *l, u8 type)
{
	return type < 32 && (l->required | l->once) & V1_PL_BIT(type);
}

/* Why it is refused; OK: it need not be. */
static enum isakmp_reason expected(const struct v1_law *l, const struct v1_forge *f)
{
	if (!is_once(l, it.type))
		return ISAKMP_OK;
	if (it.deed == DOUBLE)
		return ISAKMP_R_REPEATED;
	/* HASH is looked for first; of nothing nobody knows whether it was deciphered */
	if ((it.type == V1_PL_HASH && f->h.msgid) || (f->encrypted && f->n == 1))
		return ISAKMP_R_ICV;
	return l->required & V1_PL_BIT(it.type) ? ISAKMP_R_MISSING : ISAKMP_OK;
}

/* The right one does not come where the wrong one was taken for it. */
static bool change(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct end *to = talk_other(from);
	enum isakmp_reason want, why;
	struct v1_forge f;
	struct packet q;

	if (from->name != it.from || nth != it.nth)
		return true;
	it.there = true;
	v1_forge_read(&f, to, p);
	it.informational = f.h.exchange == V1_INFORMATIONAL;
	it.first = !f.h.spi_r;
	it.payload = it.i < f.n;
	if (it.payload && CHECK(f.law)) {
		it.type = f.b[it.i].type;
		want = expected(f.law, &f);
		it.optional = !want;
		if (it.deed == DOUBLE)
			v1_forge_double(&f, it.i);
		else
			v1_forge_drop(&f, it.i);
		q = v1_forge_write(&f, &p->path);
		why = v1_lab_deliver(to, &q);
		if (want && it.first)
			CHECK_REASON(to->dead_why, want);
		else if (want)
			CHECK_REASON(why, want);
		packet_free(&q);
		it.done++;
	}
	v1_forge_free(&f);
	return !it.payload || !it.optional;
}

static bool up(const struct end *e)
{
	return e->live && e->ike.state == IKE_S_ESTABLISHED && e->xfrm;
}

static bool proved(const struct end *e)
{
	return e->dead_why == ISAKMP_R_V1_AUTH_ONLY;
}

/* What was refused has changed nothing.  Of what has no law the end is the same for both. */
static void check_end(const struct talk *t, enum way w)
{
	CHECK_EQ(!!t->a.xfrm, !!t->b.xfrm);
	if (it.optional)
		return;
	if (w == AUTH_ONLY)
		CHECK(proved(&t->a) && proved(&t->b));
	else
		CHECK(up(&t->a) && up(&t->b));
}

static void run(enum way w)
{
	struct talk *t = on_way(w);

	tap_note("%s, %c's %u, payload %u %s", ways[w].what, it.from, it.nth, it.i,
		 it.deed == DOUBLE ? "doubled" : "withheld");
	it.there = it.payload = it.optional = false;
	v1_lab.net = change;
	v1_lab_start(t);
	v1_lab_let_pass(t, 100);
	check_end(t, w);
	v1_lab_over(t);
}

/* Every payload of every message of @from. */
static void each(enum way w, char from)
{
	it.from = from;
	for (it.nth = 1;; it.nth++) {
		for (it.i = 0;; it.i++) {
			it.deed = WITHHOLD;
			run(w);
			if (!it.there || !it.payload)
				break;
			it.deed = DOUBLE;
			run(w);
		}
		if (!it.there)
			break;
	}
}

static void phase1(enum way first, enum way last, unsigned int least)
{
	enum way w;

	it.done = 0;
	for (w = first; w <= last; w++) {
		each(w, 'A');
		each(w, 'B');
	}
	tap_note("%u changed", it.done);
	CHECK(it.done > least);
}

static void test_main(void)
{
	phase1(MAIN, MAIN_SIG, 100);
}

static void test_aggressive(void)
{
	phase1(AGGRESSIVE, AGGRESSIVE_SIG, 80);
}

static void test_others(void)
{
	phase1(BASE, AUTH_ONLY, 200);
}

static void test_phase2(void)
{
	phase1(XAUTH, NEW_GROUP, 80);
}

/* ---- selectors ---------------------------------------------------------------------- */

/* Which of IDci and IDcr come, and how often. */
static const struct {
	u8 quick;	/* message 1 or 2 */
	u8 times[2];
} ids[] = {
	{ 1, { 0, 1 } }, { 1, { 1, 0 } }, { 1, { 0, 0 } }, { 1, { 2, 1 } }, { 1, { 2, 2 } },
	{ 2, { 0, 1 } }, { 2, { 1, 0 } }, { 2, { 0, 0 } }, { 2, { 2, 1 } }, { 2, { 2, 2 } },
};

static unsigned int row, nth_id;

static bool change_ids(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct v1_forge f, g;

	if (p->p[18] != V1_QUICK || nth != 4 || from->name != (ids[row].quick == 1 ? 'A' : 'B'))
		return true;
	v1_forge_read(&f, talk_other(from), p);
	g = f;
	g.n = 0;
	for (it.i = nth_id = 0; it.i < f.n; it.i++) {
		bool is_id = f.b[it.i].type == V1_PL_ID;
		unsigned int times = is_id ? ids[row].times[nth_id++] : 1;

		while (times--)
			v1_forge_add(&g, f.b[it.i].type, f.b[it.i].p, f.b[it.i].n);
	}
	CHECK_EQ(nth_id, 2);
	packet_free(p);
	*p = v1_forge_write(&g, &from->path);
	v1_forge_free(&f);
	return true;
}

/* No child at either end, nor half of one; the next Quick Mode has one. */
static void test_selectors(void)
{
	struct ike_event ev = { .type = IKE_EV_CHILD_START };
	struct talk *t;

	for (row = 0; row < ARRAY_SIZE(ids); row++) {
		tap_note("Quick Mode %u, IDs %u %u", ids[row].quick, ids[row].times[0],
			 ids[row].times[1]);
		t = on_way(MAIN);
		nth_id = 0;
		v1_lab.net = change_ids;
		v1_lab_up(t);
		v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
		CHECK_EQ(nth_id, 2);
		CHECK(!t->a.xfrm && !t->b.xfrm);
		CHECK_EQ(t->a.installs, 0);
		CHECK_EQ(t->a.ike.n_children, 0);
		CHECK_EQ(t->b.ike.n_children, 0);
		CHECK_EQ(t->b.installs, t->b.removes);
		v1_lab.net = NULL;
		ev.peer = &t->a.peer;
		ev.child = &t->a.child;
		talk_event(&t->a, &ev);
		v1_lab_settle(t);
		CHECK(up(&t->a) && up(&t->b));
		v1_lab_over(t);
	}
}

int main(void)
{
	TAP_RUN(test_main, "Main and Quick Mode: each payload withheld, doubled (threat 31)");
	TAP_RUN(test_aggressive, "Aggressive Mode: each payload withheld, doubled (threats 31, 33)");
	TAP_RUN(test_others, "Base Mode, RSA encryption, Authentication Only: the same (threat 31)");
	TAP_RUN(test_phase2, "Transaction, New Group Mode: the same (threat 31)");
	TAP_RUN(test_selectors, "Quick Mode: an identity missing, both, one twice (threat 32)");
	return tap_done();
}
