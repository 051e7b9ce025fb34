// SPDX-License-Identifier: GPL-2.0
/* ISAKMP SAs of a connection of version 1: they come and go, the children stay. */
#include "v1_delete.h"

static unsigned int count_up(const struct end *e)
{
	const struct ike_epoch *ep;
	unsigned int n = 0;

	for (ep = e->ike.ep; ep; ep = ep->next)
		n += ep->v1 && ep->v1->state == V1_P1_UP;
	return n;
}

/* Another phase 1 of A is wanted; the SA of B that answers it is a new one. */
static struct talk *renewed(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());

	CHECK_EQ(talk_do(&t->a, IKE_EV_REKEY, 0), ISAKMP_OK);
	CHECK_EQ(t->a.asks, 4);
	return t;
}

/*
 * The helper is dead when the ISAKMP SA expires: the children go on, and there is another try
 * later and later.
 */
static void test_helper_dead(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	u64 end = t->now + 300000;

	v1_lab.refuse[IKE_ASK_V1_BEGIN] = ISAKMP_R_HELPER_LOST;
	v1_phase1_end(&t->a.ike, t->a.ike.ep, ISAKMP_OK, t->now);
	CHECK(!v1_phase1_ready(&t->a.ike));
	CHECK_EQ(talk_do(&t->a, IKE_EV_CHILD_REKEY, 0), ISAKMP_OK);
	while (t->now < end) {
		if (t->a.asking)
			v1_lab_answer(&t->a);
		talk_timer(&t->a, min(end, ike_sa_deadline(&t->a.ike)));
	}
	CHECK(t->a.live && t->a.ike.state == IKE_S_ESTABLISHED);
	CHECK(t->a.xfrm != NULL);
	CHECK(t->a.refused[ISAKMP_R_HELPER_LOST] >= 5);
	CHECK(t->a.refused[ISAKMP_R_HELPER_LOST] <= 12);
	v1_lab_over(t);
}

/* Another one of our own, while the first is up: an epoch more. */
static void test_renew(void)
{
	struct talk *t = renewed();
	u64 cookie = t->a.ike.ep->spi_i;
	struct packet first;

	CHECK_EQ(v1_lab_answer(&t->a), ISAKMP_OK);
	first = talk_take(&t->a);
	CHECK(first.n && get_unaligned_be64(first.p) != cookie);
	CHECK_EQ(first.p[18], V1_MAIN);
	packet_free(&first);
	/* The one before is in use as long as there is no other */
	CHECK_EQ(t->a.ike.ep->spi_i, cookie);
	CHECK(v1_phase1_ready(&t->a.ike) == t->a.ike.ep);
	CHECK_EQ(count_up(&t->a), 1);
	/* Nobody answers: it is as before */
	while (count_up(&t->a) && t->a.ike.ep->next && t->now < 100000) {
		talk_flush(&t->a);
		talk_timer(&t->a, min(ike_sa_deadline(&t->a.ike), t->now + 1000));
	}
	CHECK_EQ(count_up(&t->a), 1);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK(t->a.xfrm != NULL);
	v1_lab_over(t);
}

/* There is no memory for another one: it is tried again later, not all the time. */
static void test_renew_memory(void)
{
	struct talk *t;
	unsigned long n;

	for (n = 1; n <= 8; n++) {
		tap_note("point %lu", n);
		t = v1_lab_up(v1_lab_new());
		native_mem_fail_at(n);
		talk_do(&t->a, IKE_EV_REKEY, 0);
		native_mem_fail_at(0);
		CHECK(ike_sa_deadline(&t->a.ike) > t->now);
		v1_lab_let_pass(t, 10);
		v1_lab_over(t);
	}
}

/* The peer begins another one: its elder gets it, and the new SA is over. */
static void test_hand_over(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.elder = 77;
	v1_lab_start(t);
	v1_lab_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(v1_lab.hand_overs, 1);
	CHECK(!t->b.live);
	CHECK(v1_lab.take.ep && v1_lab.take.ep->v1);
	if (v1_lab.take.ep && v1_lab.take.ep->v1) {
		CHECK_MEM(v1_lab.take.ep->v1->key, v1_lab_p(&t->a)->key, V1_KEY_MAX);
		CHECK(v1_lab.take.ep->v1->state != V1_P1_UP);
	}
	v1_lab_over(t);
}

/* The elder takes it: up, in use, beside the one before. */
static void test_take(void)
{
	struct talk *t = v1_lab_new(), *u;
	struct ike_v1_take take;
	struct ike_event ev = { .type = IKE_EV_V1_TAKE, .take = &take };
	const struct ike_basis *basis;

	v1_lab.elder = 77;
	t->b.peer.reauth_s = 1000;
	v1_lab_start(t);
	v1_lab_settle(t);
	take = v1_lab.take;
	v1_lab.take.ep = NULL;
	talk_release(t);
	u = v1_lab_up(v1_lab_new());
	u->refs += t->refs;		/* of its set-up */
	take.path = u->b.ike.path;
	basis = take.basis;
	CHECK_EQ(u->b.ike.until_at, IKE_NEVER);
	CHECK_EQ(talk_event(&u->b, &ev), ISAKMP_OK);
	CHECK(!take.ep);
	CHECK_EQ(count_up(&u->b), 2);
	/* The peer has authenticated anew: that counts */
	CHECK(basis && u->b.ike.basis == basis && !take.basis);
	CHECK(take.until_at != IKE_NEVER);
	CHECK_EQ(u->b.ike.until_at, take.until_at);
	CHECK(u->b.ike.ep != &u->b.ike.first);
	CHECK(v1_phase1_ready(&u->b.ike) == u->b.ike.ep);
	CHECK(!v1_lab_p(&u->b)->setup);
	CHECK_EQ(u->b.rekeys, 1);
	v1_lab_over(u);
	talk_free(t);
}

/* No memory for another one: later, not at once again and again. */
static void test_no_memory(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());

	native_mem_fail_at(1);
	CHECK_EQ(talk_do(&t->a, IKE_EV_REKEY, 0), ISAKMP_R_NO_MEMORY);
	native_mem_fail_at(0);
	CHECK(!t->a.asking);
	CHECK(ike_sa_deadline(&t->a.ike) > t->now);
	talk_timer(&t->a, t->now + t->a.ike.tun->retransmit_ms);
	CHECK(t->a.asking);
	v1_lab_over(t);
}

/* What B's elder gets: as the one in use, with other cookies. */
static struct ike_epoch *one_more(struct end *e)
{
	struct ike_epoch *ep = ike_epoch_new(&e->ike, false);

	ep->suite = e->ike.ep->suite;
	isakmp_random(&ep->spi_i, sizeof(ep->spi_i));
	ep->v1 = v1_phase1_new();
	*ep->v1 = *v1_lab_p(e);
	memset(&ep->v1->talk, 0, sizeof(ep->v1->talk));
	ep->v1->talk.resend_at = IKE_NEVER;
	ep->v1->exchanges = NULL;
	ep->v1->ids = NULL;
	ep->v1->n_ids = ep->v1->ids_room = 0;
	return ep;
}

/* A peer that begins them and deletes none: the oldest make way, and it is told so. */
static void test_too_many(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct ike_v1_take take = {
		.path = t->b.ike.path, .until_at = IKE_NEVER, .reauth_at = IKE_NEVER,
	};
	struct ike_event ev = { .type = IKE_EV_V1_TAKE, .take = &take };
	unsigned int i, sent = t->b.sent, n = 0;
	const struct ike_epoch *ep;

	for (i = 0; i < 4 * IKE_EPOCHS_MAX; i++) {
		take.ep = one_more(&t->b);
		CHECK_EQ(talk_event(&t->b, &ev), ISAKMP_OK);
		CHECK(count_up(&t->b) <= IKE_EPOCHS_MAX);
		CHECK(v1_lab_p(&t->b)->state == V1_P1_UP);
	}
	CHECK_EQ(count_up(&t->b), IKE_EPOCHS_MAX);
	CHECK_EQ(t->b.sent - sent, 3 * IKE_EPOCHS_MAX + 1);
	for (ep = t->b.ike.ep; ep; ep = ep->next)
		n++;
	CHECK(n <= 2 * IKE_EPOCHS_MAX);
	/* Nor are they in the way of one of our own */
	CHECK_EQ(talk_do(&t->b, IKE_EV_REKEY, 0), ISAKMP_OK);
	CHECK(t->b.asking);
	CHECK(ike_sa_deadline(&t->b.ike) > t->now);
	v1_lab_over(t);
}

/* B has another ISAKMP SA with A beside the one in use. */
static struct talk *with_two(struct ike_epoch **other)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct ike_v1_take take = {
		.path = t->b.ike.path, .until_at = IKE_NEVER, .reauth_at = IKE_NEVER,
	};
	struct ike_event ev = { .type = IKE_EV_V1_TAKE, .take = &take };

	*other = take.ep = one_more(&t->b);
	CHECK_EQ(talk_event(&t->b, &ev), ISAKMP_OK);
	talk_flush(&t->b);
	CHECK_EQ(count_up(&t->b), 2);
	return t;
}

static void begin(struct talk *t, struct v1_msg *m)
{
	CHECK_EQ(v1_msg_begin(&t->a.ike, t->a.ike.ep, NULL, m, V1_INFORMATIONAL, V1_H_1),
		 ISAKMP_OK);
}

/* A says it; what B makes of it. */
static enum isakmp_reason say(struct talk *t, struct v1_msg *m)
{
	CHECK_EQ(v1_say_once(&t->a.ike, m), ISAKMP_OK);
	return v1_lab_pass(&t->a);
}

/* The Delete of the one that says it is no reason to overlook another one in the same message. */
static void test_deletes(void)
{
	struct ike_epoch *other;
	struct talk *t = with_two(&other);
	u8 own[16], more[16];
	struct v1_msg m;

	cookies_of(&t->a, own);
	put_unaligned_be64(other->spi_i, more);
	put_unaligned_be64(other->spi_r, more + 8);
	begin(t, &m);
	add_delete(&m, V1_PROTO_ISAKMP, 16, own, 1);
	add_delete(&m, V1_PROTO_ISAKMP, 16, more, 1);
	CHECK_EQ(say(t, &m), ISAKMP_OK);
	CHECK_EQ(count_up(&t->b), 0);
	v1_lab_over(t);
}

/* It comes from elsewhere: the children go there, too. */
static void test_take_moved(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct ike_v1_take take = {
		.path = t->b.ike.path, .until_at = IKE_NEVER, .reauth_at = IKE_NEVER,
	};
	struct ike_event ev = { .type = IKE_EV_V1_TAKE, .take = &take };

	take.path.remote.a[3]++;
	take.ep = one_more(&t->b);
	CHECK_EQ(talk_event(&t->b, &ev), ISAKMP_OK);
	CHECK_EQ(t->b.moves, 1);
	CHECK_EQ(t->b.xfrm->path.remote.a[3], take.path.remote.a[3]);
	v1_lab_over(t);
}

/* Before XAUTH is over in it one can delete itself alone; and nobody one that is being set up. */
static void test_deletes_not(void)
{
	struct ike_epoch *other;
	struct talk *t = with_two(&other);
	struct v1_phase1 *own = other->next->v1;
	struct v1_msg m;
	u8 more[16];

	put_unaligned_be64(other->spi_i, more);
	put_unaligned_be64(other->spi_r, more + 8);
	own->state = V1_P1_XAUTH;
	begin(t, &m);
	add_delete(&m, V1_PROTO_ISAKMP, 16, more, 1);
	CHECK_EQ(say(t, &m), ISAKMP_OK);
	CHECK_EQ(other->v1->state, V1_P1_UP);
	own->state = V1_P1_UP;
	other->v1->state = V1_P1_OPENING;
	begin(t, &m);
	add_delete(&m, V1_PROTO_ISAKMP, 16, more, 1);
	CHECK_EQ(say(t, &m), ISAKMP_OK);
	CHECK_EQ(other->v1->state, V1_P1_OPENING);
	other->v1->state = V1_P1_UP;
	v1_lab_over(t);
}

/* INITIAL-CONTACT: what was up when the one that says it began goes, not what crossed it. */
static void test_contact_crosses(void)
{
	struct ike_epoch *other;
	struct talk *t = with_two(&other);
	struct v1_phase1 *own = other->next->v1;
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ISAKMP,
			       .type = V1_N_INITIAL_CONTACT };
	unsigned int crosses;
	struct v1_msg m;

	for (crosses = 1; crosses < 2; crosses--) {
		other->v1->up_at = t->now;
		own->begun_at = t->now + !crosses;
		begin(t, &m);
		v1_msg_notify(&m, &n);
		say(t, &m);
		CHECK_EQ(count_up(&t->b), 1 + crosses);
	}
	v1_lab_over(t);
}

/* RESPONDER-LIFETIME is about the one whose cookies it names. */
static void test_lifetime(void)
{
	struct v1_life l = { .s = 1000 };
	struct ike_epoch *other;
	struct talk *t = with_two(&other);
	struct v1_phase1 *own = other->next->v1;
	u32 life_s = own->life_s;
	struct v1_msg m;

	begin(t, &m);
	m.ep = other;
	v1_life_tell(&m, V1_PROTO_ISAKMP, 0, &l);
	m.ep = t->a.ike.ep;
	CHECK_EQ(say(t, &m), ISAKMP_OK);
	CHECK_EQ(own->life_s, life_s);
	CHECK_EQ(other->v1->life_s, 1000);
	v1_lab_over(t);
}

/*
 * All of it: A wants another one, B's new SA hands it to the one that stands; both use it, and
 * the one before goes after a while.  The child has not moved.
 */
static void test_both(void)
{
	struct talk *t = v1_lab_up(v1_lab_new()), *u = v1_lab_new();
	u64 cookie = t->a.ike.ep->spi_i;
	struct ike_event ev = { .type = IKE_EV_V1_TAKE, .take = &v1_lab.take };
	unsigned int rounds = 100, sent;
	struct packet p;

	v1_lab.elder = 77;
	v1_lab.id_port = 500;	/* which makes no other identity of it */
	CHECK_EQ(talk_do(&t->a, IKE_EV_REKEY, 0), ISAKMP_OK);
	while (rounds-- && !v1_lab.take.ep) {
		if (t->a.asking)
			v1_lab_answer(&t->a);
		if (u->b.asking)
			v1_lab_answer(&u->b);
		p = talk_take(&t->a);
		if (p.n)
			v1_lab_deliver(&u->b, &p);
		packet_free(&p);
		p = talk_take(&u->b);
		if (p.n)
			v1_lab_deliver(&t->a, &p);
		packet_free(&p);
	}
	CHECK(v1_lab.take.ep && !u->b.live);
	v1_lab_answer(&t->a);
	v1_lab.take.path = t->b.ike.path;
	/* However alone it is: INITIAL-CONTACT would take the child away */
	t->b.initial = true;
	sent = t->b.sent;
	CHECK_EQ(talk_event(&t->b, &ev), ISAKMP_OK);
	CHECK_EQ(t->b.sent, sent);
	CHECK_EQ(count_up(&t->a), 2);
	CHECK_EQ(count_up(&t->b), 2);
	CHECK(t->a.ike.ep->spi_i != cookie && t->a.ike.ep->spi_i == t->b.ike.ep->spi_i);
	CHECK_EQ(t->a.rekeys, 1);
	/* What follows goes by the new one */
	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	CHECK(t->a.queued && get_unaligned_be64(t->a.queue[0].p) == t->a.ike.ep->spi_i);
	v1_lab_let_pass(t, IKE_CROSS_MS + 1000);
	CHECK_EQ(count_up(&t->a), 1);
	CHECK_EQ(count_up(&t->b), 1);
	CHECK_EQ(t->b.installs, 2);
	v1_lab_let_pass(t, IKE_LINGER_MS + 1000);
	CHECK(!t->a.ike.ep->next && !t->b.ike.ep->next);
	u->refs += t->refs;
	talk_release(t);
	talk_free(t);
	v1_lab_over(u);
}

/* Both ends have begun, and the peer's came up first: ours is one more ISAKMP SA of that. */
static void test_join(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.stands[0] = 77;
	v1_lab_start(t);
	v1_lab_settle(t);
	CHECK(!t->a.live || t->a.ike.state == IKE_S_DEAD);
	CHECK_EQ(t->a.dead_why, ISAKMP_R_CROSSED);
	CHECK_EQ(v1_lab.hand_overs, 1);
	CHECK(v1_lab.take.ep && v1_lab.take.ep->v1 && v1_lab.take.ep->v1->state == V1_P1_UP);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	v1_lab_over(t);
}

/* It has ended meanwhile: ours is the connection. */
static void test_join_gone(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.stands[0] = 77;
	v1_lab.hand_over_why = ISAKMP_R_NO_SA;
	v1_lab_up(t);
	CHECK_EQ(count_up(&t->a), 1);
	v1_lab_over(t);
}

/* B has begun one when that of A was not up yet: it comes up second. */
static struct talk *crossed(u64 cookie)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct ike_v1_take take = {
		.path = t->b.ike.path, .until_at = IKE_NEVER, .reauth_at = IKE_NEVER,
	};
	struct ike_event ev = { .type = IKE_EV_V1_TAKE, .take = &take };

	take.ep = one_more(&t->b);
	take.ep->initiator = true;
	take.ep->spi_i = cookie;
	take.ep->v1->begun_at = t->b.ike.ep->v1->up_at;
	CHECK_EQ(talk_event(&t->b, &ev), ISAKMP_OK);
	CHECK_EQ(count_up(&t->b), 2);
	return t;
}

/* Of two that cross the one with the lower cookie goes, by who has begun it. */
static void test_cross_lower(void)
{
	struct talk *t = crossed(1);

	CHECK(t->b.ike.ep == &t->b.ike.first);
	CHECK(v1_lab_p(&t->b)->rekey_at != IKE_NEVER);
	v1_lab_let_pass(t, IKE_CROSS_MS + 1);
	CHECK_EQ(count_up(&t->b), 1);
	CHECK_EQ(v1_lab_p(&t->b)->state, V1_P1_UP);
	v1_lab_over(t);
}

/* The other end has begun what goes here: it says so, and is waited for. */
static void test_cross_higher(void)
{
	struct talk *t = crossed(~0ULL);

	CHECK_EQ(t->b.ike.ep->spi_i, ~0ULL);
	CHECK(v1_lab_p(&t->b)->rekey_at != IKE_NEVER);
	CHECK_EQ(t->b.ike.first.v1->rekey_at, IKE_NEVER);
	v1_lab_let_pass(t, IKE_CROSS_MS + 1);
	CHECK_EQ(count_up(&t->b), 2);
	v1_lab_over(t);
}

/* RESPONDER-LIFETIME of one that goes already: it goes as soon, and is not renewed. */
static void test_goes_anyway(void)
{
	static const u8 seconds[] = { 0x80, 11, 0, 1, 0x80, 12, 0x03, 0xe8 };
	const struct v1_notify n = {
		.doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ISAKMP,
		.type = V1_N_RESPONDER_LIFETIME, .len = sizeof(seconds), .data = seconds,
	};
	struct talk *t = crossed(1);
	struct ike_epoch *ep = t->b.ike.ep->next;
	u64 expire_at = ep->v1->expire_at;

	CHECK(expire_at <= t->now + IKE_CROSS_MS);
	CHECK_EQ(ep->v1->rekey_at, IKE_NEVER);
	v1_life_heard(&t->b.ike, ep, &n);
	CHECK_EQ(ep->v1->life_s, 1000);
	CHECK_EQ(ep->v1->expire_at, expire_at);
	CHECK_EQ(ep->v1->rekey_at, IKE_NEVER);
	v1_lab_let_pass(t, IKE_CROSS_MS + 1);
	CHECK_EQ(count_up(&t->b), 1);
	v1_lab_over(t);
}

/* The peer has proved who it is anew, and may have less by that. */
static void test_rights(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct ike_v1_take take = {
		.path = t->b.ike.path, .until_at = IKE_NEVER, .reauth_at = IKE_NEVER,
		.peer = &t->b.peer, .allowed = ~0U,
	};
	struct ike_event ev = { .type = IKE_EV_V1_TAKE, .take = &take };

	isakmp_peer_get(take.peer);
	take.ep = one_more(&t->b);
	CHECK_EQ(talk_event(&t->b, &ev), ISAKMP_OK);
	CHECK_EQ(talk_child_state(&t->b), IKE_CHILD_UP);
	CHECK(!take.peer);
	take.peer = &t->b.peer;
	isakmp_peer_get(take.peer);
	take.allowed = 0;
	take.ep = one_more(&t->b);
	CHECK_REASON(talk_event(&t->b, &ev), ISAKMP_R_NO_CHILD);
	CHECK_EQ(t->b.ike.allowed, 0);
	CHECK(!t->b.xfrm);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	v1_lab_over(t);
}

/* What we have begun says nothing of what the peer may have. */
static void test_rights_ours(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct ike_v1_take take = {
		.path = t->b.ike.path, .until_at = IKE_NEVER, .reauth_at = IKE_NEVER,
		.peer = &t->b.peer, .allowed = 0,
	};
	struct ike_event ev = { .type = IKE_EV_V1_TAKE, .take = &take };

	take.ep = one_more(&t->b);
	take.ep->initiator = true;
	CHECK_EQ(talk_event(&t->b, &ev), ISAKMP_OK);
	CHECK(t->b.ike.allowed && t->b.xfrm);
	v1_lab_over(t);
}

/* What came to nothing once says nothing of a connection that is well again. */
static void test_reason(void)
{
	struct talk *t = renewed();
	struct ike_v1_take take = {
		.path = t->a.ike.path, .until_at = IKE_NEVER, .reauth_at = IKE_NEVER,
	};
	struct ike_event ev = { .type = IKE_EV_V1_TAKE, .take = &take };

	v1_lab.refuse[IKE_ASK_V1_BEGIN] = ISAKMP_R_HELPER_LOST;
	CHECK_REASON(v1_lab_answer(&t->a), ISAKMP_R_HELPER_LOST);
	CHECK_EQ(t->a.ike.reason, ISAKMP_R_HELPER_LOST);
	take.ep = one_more(&t->a);
	CHECK_EQ(talk_event(&t->a, &ev), ISAKMP_OK);
	CHECK_EQ(t->a.ike.reason, ISAKMP_OK);
	v1_lab_over(t);
}

static unsigned int count_sending(const struct end *e)
{
	const struct ike_child *c;
	unsigned int n = 0;

	for (c = e->ike.children; c; c = c->next)
		n += c->state == IKE_CHILD_UP && !c->held;
	return n;
}

/*
 * A has crashed, comes back, and says nothing of it: what it sets up by its next ISAKMP SA has the
 * place of what leads nowhere, for what goes out from B, too, as soon as it has it.
 */
static void test_reboot(void)
{
	struct talk *t = v1_lab_up(v1_lab_new()), *u = v1_lab_new();
	struct ike_event ev = { .type = IKE_EV_V1_TAKE, .take = &v1_lab.take };
	struct ike_child *c, *old = talk_child(&t->b);
	unsigned int rounds = 20;

	t->liar = u->liar = true;	/* they are not each other's */
	v1_lab.elder = 77;
	v1_lab_start(u);
	while (rounds-- && !v1_lab.take.ep) {
		if (u->a.asking)
			v1_lab_answer(&u->a);
		if (u->b.asking)
			v1_lab_answer(&u->b);
		v1_lab_pass_all(&u->a, &u->b);
		v1_lab_pass_all(&u->b, &u->a);
	}
	CHECK(v1_lab.take.ep != NULL);
	v1_lab.take.path = t->b.ike.path;
	CHECK_EQ(talk_event(&t->b, &ev), ISAKMP_OK);
	CHECK_EQ(talk_child_state(&t->b), IKE_CHILD_UP);
	v1_lab_answer(&u->a);
	v1_lab_pass_all(&u->a, &t->b);		/* Quick Mode 1 */
	v1_lab_pass_all(&t->b, &u->a);
	v1_lab_pass_all(&u->a, &t->b);		/* 3 */
	c = talk_child_in(&t->b, IKE_CHILD_UP);
	CHECK(c && c != old && !c->held && c->spi_out == talk_child(&u->a)->spi_in);
	CHECK_EQ(count_sending(&t->b), 1);
	u->refs += t->refs;
	talk_release(t);
	talk_release(u);
	talk_free(t);
	v1_lab_over(u);
}

/* Message IDs count once, and there is an end to them. */
static void test_ids(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct ike_epoch *ep = t->a.ike.ep;
	u32 id;

	CHECK(!v1_id_used(ep, 5) && !v1_id_use(ep, 5) && v1_id_used(ep, 5));
	v1_id_unuse(ep, 5);
	CHECK(!v1_id_used(ep, 5));
	v1_id_unuse(ep, 5);
	while ((id = v1_id_fresh(ep)))
		CHECK(v1_id_used(ep, id));
	CHECK_EQ(v1_lab_p(&t->a)->n_ids, V1_IDS_MAX);
	CHECK_REASON(v1_id_use(ep, id), ISAKMP_R_V1_IDS_USED);
	v1_lab_over(t);
}

/* The elder is gone meanwhile: the new SA stays. */
static void test_elder_gone(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.elder = 77;
	v1_lab.hand_over_why = ISAKMP_R_NO_SA;
	v1_lab_up(t);
	CHECK_EQ(count_up(&t->b), 1);
	v1_lab_over(t);
}

/* Who says that it has no other one means it. */
static void test_contact(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.elder = 77;
	t->a.initial = true;
	v1_lab_up(t);
	CHECK(t->b.ike.contact);
	CHECK_EQ(v1_lab.hand_overs, 0);
	v1_lab_over(t);
}

/* A secret that many have says nothing of which of them it is: no hand-over before XAUTH. */
static void test_xauth(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.elder = 77;
	v1_lab.methods[0] = V1_M_XAUTH_I_PSK;
	t->a.peer.v1.xauth = IKE_V1_XAUTH_US;
	t->b.peer.v1.xauth = IKE_V1_XAUTH_PEER;
	v1_lab.refuse[IKE_ASK_V1_XAUTH] = ISAKMP_R_AUTH_FAILED;
	v1_lab_start(t);
	v1_lab_let_pass(t, 100);
	CHECK_EQ(v1_lab.elders, 0);
	CHECK_EQ(v1_lab.hand_overs, 0);
	v1_lab_over(t);
}

/* B believes A, and ends whatever A wants to set up on it: the Delete is all that A gets. */
static bool closes(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if (from != &t->a || p->n < IKE_HDR_LEN || p->p[18] != V1_QUICK)
		return true;
	talk_do(&t->b, IKE_EV_STOP, 0);
	talk_timer(&t->b, t->now);
	return false;
}

/* A peer that takes every ISAKMP SA away as soon as it is up does not keep us busy. */
static void test_taken_away(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.net = closes;
	v1_lab_start(t);
	v1_lab_let_pass(t, 10000);
	CHECK(t->a.asks > 4);
	CHECK(t->a.asks < 100);
	CHECK(t->b.asks < 100);
	v1_lab_over(t);
}

/* Both are told when it ends: Deletes of the children and of the ISAKMP SA, nothing waited for. */
static void test_stop(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	unsigned int sent = t->a.sent;

	talk_do(&t->a, IKE_EV_STOP, 0);
	CHECK_EQ(t->a.ike.state, IKE_S_DEAD);
	CHECK(ike_sa_finished(&t->a.ike, t->now));
	CHECK_EQ(t->a.sent, sent + 2);
	v1_lab_settle(t);
	CHECK(!t->b.live || t->b.ike.state == IKE_S_DEAD);
	v1_lab_over(t);
}

static void test_bar(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct ike_event ev = { .type = IKE_EV_BAR, .why = ISAKMP_R_REVOKED };

	CHECK_REASON(talk_event(&t->a, &ev), ISAKMP_R_REVOKED);
	CHECK_EQ(t->a.ike.state, IKE_S_DEAD);
	CHECK(!t->a.xfrm);
	v1_lab_over(t);
}

int main(void)
{
	TAP_RUN(test_helper_dead, "an ISAKMP SA that ends with the helper dead: traffic goes on");
	TAP_RUN(test_renew, "another one of our own, and nobody answers");
	TAP_RUN(test_renew_memory, "no memory for another one");
	TAP_RUN(test_hand_over, "one that the peer begins goes to its elder");
	TAP_RUN(test_take, "the elder takes it");
	TAP_RUN(test_no_memory, "no memory for another one");
	TAP_RUN(test_too_many, "more than there may be");
	TAP_RUN(test_take_moved, "the elder takes one that comes from elsewhere");
	TAP_RUN(test_deletes, "two are deleted in one message");
	TAP_RUN(test_deletes_not, "one that may not be deleted, or not by that one");
	TAP_RUN(test_contact_crosses, "INITIAL-CONTACT of one that crosses another");
	TAP_RUN(test_lifetime, "one is told the lifetime of another");
	TAP_RUN(test_both, "both go over to another one, the child stays");
	TAP_RUN(test_join, "both ends begin: what comes up second joins the first");
	TAP_RUN(test_join_gone, "both ends begin, and the first has ended");
	TAP_RUN(test_cross_lower, "two ISAKMP SAs that cross: ours goes");
	TAP_RUN(test_cross_higher, "two ISAKMP SAs that cross: the peer's goes");
	TAP_RUN(test_goes_anyway, "one that goes is told another lifetime");
	TAP_RUN(test_rights, "the peer may have less: children that it may not have go");
	TAP_RUN(test_rights_ours, "what we begin says nothing of what the peer may have");
	TAP_RUN(test_reason, "why the last phase 1 failed is over with the next");
	TAP_RUN(test_reboot, "a peer that came back without a word: its new child has the place of the old one");
	TAP_RUN(test_ids, "message IDs");
	TAP_RUN(test_elder_gone, "the elder is gone");
	TAP_RUN(test_contact, "INITIAL-CONTACT");
	TAP_RUN(test_xauth, "no hand-over before XAUTH");
	TAP_RUN(test_taken_away, "ISAKMP SAs that the peer takes away at once");
	TAP_RUN(test_stop, "down: one-way Deletes");
	TAP_RUN(test_bar, "revoked");
	return tap_done();
}
