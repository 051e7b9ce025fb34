// SPDX-License-Identifier: GPL-2.0
/* The peer object of an IKE SA is changed: what applies at once. */
#include "talk.h"

/* The peer object of an end, as it is made to be. */
struct changed {
	struct ike_peer peer;
	struct ike_child_policy child;
};

static void change(const struct end *e, struct changed *x)
{
	x->peer = e->peer;
	x->child = e->child;
	x->peer.child[0] = &x->child;
	x->peer.n_child = 1;
}

static struct talk *up(void)
{
	struct talk *t = talk_new();

	t->a.child.life_s = 1000;
	t->a.peer.life_s = 4000;
	t->a.peer.dpd_s = 300;
	talk_advance(t, TALK_UP);
	talk_settle(t);
	return t;
}

static void test_child(void)
{
	struct talk *t = up();
	struct ike_child *c = t->a.ike.children;
	u64 at = c->up_at, was = c->rekey_at;
	u32 spi = c->spi_in;
	struct changed x;

	change(&t->a, &x);
	ike_sa_relimit(&t->a.ike, &x.peer, t->now);
	CHECK(c->rekey_at == was && !c->xfrm->relimits);	/* nothing differs */
	x.child.life_s = 500;
	x.child.life_packets = 1000;
	ike_sa_relimit(&t->a.ike, &x.peer, t->now);
	CHECK(c->rekey_at >= at + 406000 && c->rekey_at < at + 440000);
	CHECK(c->soft_packets > 800 && c->soft_packets < 1000 && !c->soft_bytes);
	CHECK_EQ(c->xfrm->relimits, 1);
	x.child.life_s = 0;
	x.child.life_packets = 0;
	ike_sa_relimit(&t->a.ike, &x.peer, t->now);
	CHECK(c->rekey_at == IKE_NEVER && !c->soft_packets);
	CHECK_EQ(c->xfrm->relimits, 2);
	/* what is no longer there is not for this file */
	x.peer.n_child = 0;
	ike_sa_relimit(&t->a.ike, &x.peer, t->now);
	CHECK_EQ(c->xfrm->relimits, 2);
	CHECK(t->a.ike.children == c && c->spi_in == spi && !t->a.queued);
	talk_over(t);
}

/* Blocks of 64 bits: nobody has to name a limit, and a higher one does not count. */
static void test_3des(void)
{
	const u64 given[] = { 0, 1 << 20, 1ULL << 40 }, is[] = { 1 << 30, 1 << 20, 1 << 30 };
	struct ike_child *c;
	struct changed x;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(given); i++) {
		t = talk_new();
		t->a.child.esp.n = t->b.child.esp.n = 1;
		t->a.child.esp.s[0] = t->b.child.esp.s[0] = (struct ike_suite){
			IKE_PROTO_ESP, 0, IKE_ENCR_3DES, 0, IKE_INTEG_HMAC_SHA1_96, 0, 0,
		};
		t->a.child.life_bytes = given[i];
		talk_advance(t, TALK_UP);
		talk_settle(t);
		c = t->a.ike.children;
		CHECK_EQ(c->life.bytes, is[i]);
		CHECK(c->soft_bytes && c->soft_bytes < is[i]);
		change(&t->a, &x);
		x.child.life_bytes = 0;
		ike_sa_relimit(&t->a.ike, &x.peer, t->now);
		CHECK_EQ(c->life.bytes, 1 << 30);
		talk_over(t);
	}
}

/* By the new limit its time is over: it is rekeyed soon. */
static void test_over(void)
{
	struct talk *t = up();
	u64 now = t->now + 100000;
	struct changed x;

	talk_timer(&t->a, now);
	change(&t->a, &x);
	x.child.life_s = 10;
	ike_sa_relimit(&t->a.ike, &x.peer, now);
	CHECK(ike_sa_deadline(&t->a.ike) < now + 10000 / 16);
	talk_timer(&t->a, now + 10000 / 16);
	CHECK_EQ(t->a.queued, 1);
	talk_settle(t);
	CHECK_EQ(t->a.installs, 2);
	talk_over(t);
}

static void test_sa(void)
{
	struct talk *t = up();
	struct ike_sa *sa = &t->a.ike;
	u64 at = sa->keyed_at, now = at + 1000;
	struct changed x;

	change(&t->a, &x);
	x.peer.life_s = 400;
	ike_sa_relimit(sa, &x.peer, now);
	CHECK(sa->rekey_at >= at + 325000 && sa->rekey_at < at + 376000);
	CHECK_EQ(sa->expire_at, at + 500000);
	/* over already: an eighth is left */
	now = at + 600000;
	x.peer.life_s = 200;
	ike_sa_relimit(sa, &x.peer, now);
	CHECK(sa->rekey_at < now + 12500);
	CHECK_EQ(sa->expire_at, now + 25000);
	x.peer.life_s = 0;
	ike_sa_relimit(sa, &x.peer, now);
	CHECK(sa->rekey_at == IKE_NEVER && sa->expire_at == IKE_NEVER);
	x.peer.dpd_s = 7;
	ike_sa_relimit(sa, &x.peer, now);
	CHECK_EQ(sa->dpd_at, now + 7000);
	x.peer.dpd_s = 0;
	ike_sa_relimit(sa, &x.peer, now);
	CHECK(sa->dpd_at == IKE_NEVER);
	talk_over(t);
}

/* By the new limit the time of many is over: not all of them are rekeyed at once. */
static void test_many(void)
{
	struct talk *t = up();
	struct ike_child *c = t->a.ike.children;
	unsigned int i, sa[10] = {}, child[10] = {};
	u64 now = t->now + 10000000;
	struct changed x;

	change(&t->a, &x);
	for (i = 0; i < 1000; i++) {
		x.peer.life_s = i % 2 ? 2000 : 2001;
		x.child.life_s = x.peer.life_s;
		ike_sa_relimit(&t->a.ike, &x.peer, now);
		if (CHECK(t->a.ike.rekey_at >= now && t->a.ike.rekey_at < now + IKE_SPREAD_MS))
			sa[(t->a.ike.rekey_at - now) * 10 / IKE_SPREAD_MS]++;
		if (CHECK(c->rekey_at >= now && c->rekey_at < now + IKE_SPREAD_MS))
			child[(c->rekey_at - now) * 10 / IKE_SPREAD_MS]++;
	}
	for (i = 0; i < 10; i++)
		CHECK(sa[i] > 50 && sa[i] < 200 && child[i] > 50 && child[i] < 200);
	talk_over(t);
}

/* Another identity, or cred: the initiator asks anew, the responder says until when. */
static void test_auth(void)
{
	struct talk *t = up();
	u64 now = t->now + 1000;
	struct changed x, y;

	change(&t->a, &x);
	change(&t->b, &y);
	ike_sa_relimit(&t->b.ike, &y.peer, now);
	CHECK(t->b.ike.until_at == IKE_NEVER && !t->b.ike.tasks);
	y.peer.auth++;
	ike_sa_relimit(&t->b.ike, &y.peer, now);
	CHECK_EQ(t->b.ike.until_at, now + IKE_CHANGED_MS);
	talk_timer(&t->b, now);
	talk_settle(t);
	CHECK_EQ(t->a.ike.until_at, now + IKE_CHANGED_MS);
	CHECK(t->a.ike.reauth_at >= now + IKE_CHANGED_MS - (IKE_CHANGED_MS >> 2));
	/* The initiator is changed as well: there is nothing to wait for */
	x.peer.auth++;
	ike_sa_relimit(&t->a.ike, &x.peer, now);
	CHECK_EQ(t->a.ike.until_at, now + IKE_CHANGED_MS);
	CHECK(t->a.ike.reauth_at >= now && t->a.ike.reauth_at <= now + 8 * IKE_DELAY_MS);
	/* Said again, it does not begin again */
	ike_sa_relimit(&t->a.ike, &x.peer, now + 1000);
	CHECK_EQ(t->a.ike.until_at, now + IKE_CHANGED_MS);
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_child, "a child: other limits, the same keys");
	TAP_RUN(test_3des, "a child of 3DES carries 1 GiB at most (RFC 8221, 5)");
	TAP_RUN(test_over, "by other limits its time is over: rekeyed");
	TAP_RUN(test_many, "the time of many is over: each in its time");
	TAP_RUN(test_sa, "the IKE SA: lifetime and liveness");
	TAP_RUN(test_auth, "other auth objects: authenticated anew, or over");
	return tap_done();
}
