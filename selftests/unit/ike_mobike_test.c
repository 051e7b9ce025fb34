// SPDX-License-Identifier: GPL-2.0
/* MOBIKE (RFC 4555): who moves, who follows, when, and who is not believed. */
#include "talk_roam.h"

static void test_spoken(void)
{
	unsigned int how;
	struct talk *t;
	bool both;

	for (how = 0; how < 8; how++) {
		tap_note("case %u", how);
		t = talk_mobile();
		t->a.peer.mobike = how & 1;
		t->b.peer.mobike = how & 2;
		if (how & 4)
			t->a.child.mode = t->b.child.mode = IKE_MODE_TRANSPORT;
		both = how == 3;
		talk_advance(t, TALK_AUTH);
		CHECK_EQ(talk_says(&t->a, IKE_N_MOBIKE_SUPPORTED), (how & 5) == 1 ? 0 : -1);
		/* RFC 4555, 3.3: port 4500 "even if no NAT was detected" */
		CHECK_EQ(t->a.queue[0].path.lport, (how & 5) == 1 ? IKE_PORT_NATT : 500);
		talk_advance(t, TALK_UP);
		CHECK_EQ(!!t->a.ike.mobike, both);
		CHECK_EQ(!!t->b.ike.mobike, both);
		CHECK(!t->a.ike.encap && !t->b.ike.encap);
		talk_over(t);
	}
}

/* RFC 4555, 2.2, the first example; the responder checks before its children move. */
static void test_move(void)
{
	struct talk *t = talk_moving();

	talk_move(t, A2);
	CHECK(isakmp_addr_equal(&t->a.queue[0].path.local, &A2));
	CHECK_EQ(talk_says(&t->a, IKE_N_UPDATE_SA_ADDRESSES), 0);
	CHECK_EQ(talk_says(&t->a, IKE_N_NAT_DETECTION_SOURCE_IP), 20);
	CHECK_EQ(talk_says(&t->a, IKE_N_NAT_DETECTION_DESTINATION_IP), 20);
	CHECK_EQ(talk_says(&t->a, IKE_N_COOKIE2), IKE_COOKIE2_LEN);
	CHECK_EQ(talk_says(&t->a, IKE_N_NO_NATS_ALLOWED), -1);
	CHECK_EQ(t->a.moves, 0);
	CHECK_EQ(talk_pass(&t->a), ISAKMP_OK);
	CHECK(isakmp_addr_equal(&t->b.queue[0].path.remote, &A2));
	CHECK_EQ(talk_says(&t->b, IKE_N_NAT_DETECTION_SOURCE_IP), 20);
	CHECK_EQ(talk_says(&t->b, IKE_N_COOKIE2), IKE_COOKIE2_LEN);
	CHECK_EQ(t->b.moves, 0);
	CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
	CHECK_EQ(t->a.moves, 1);
	/* Return routability: the request goes to where it says it is */
	CHECK(isakmp_addr_equal(&t->b.queue[0].path.remote, &A2));
	CHECK_EQ(talk_says(&t->b, IKE_N_COOKIE2), IKE_COOKIE2_LEN);
	CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
	CHECK_EQ(t->b.moves, 0);
	CHECK_EQ(talk_pass(&t->a), ISAKMP_OK);
	CHECK_EQ(t->b.moves, 1);
	talk_check_at(t, A2, B1);
	CHECK_EQ(t->a.refusals + t->b.refusals, 0);
	/* Nothing has changed: nothing is said */
	talk_do(&t->a, IKE_EV_ROAM, 0);
	CHECK_EQ(t->a.queued, 0);
	talk_over(t);
}

/* IPv4 to IPv6 and back: the peer's other address is one that it told. */
static void test_families(void)
{
	struct talk *t = talk_mobile();

	t->b.others[0] = V6(2);
	t->b.source[1] = V6(2);
	talk_advance(t, TALK_UP);
	CHECK_EQ(t->a.ike.mobike->n, 2);
	t->a.source[0] = (struct isakmp_addr){ 0 };
	talk_move(t, V6(1));
	talk_settle(t);
	talk_check_at(t, V6(1), V6(2));
	t->a.source[1] = (struct isakmp_addr){ 0 };
	talk_move(t, A1);
	talk_settle(t);
	talk_check_at(t, A1, B1);
	CHECK_EQ(t->b.moves, 2);
	/* From no network at all to one */
	t->a.source[0] = (struct isakmp_addr){ 0 };
	CHECK_REASON(talk_do(&t->a, IKE_EV_ROAM, 0), ISAKMP_R_NO_PATH);
	CHECK_EQ(t->a.queued, 0);
	talk_move(t, A3);
	talk_settle(t);
	talk_check_at(t, A3, B1);
	talk_over(t);
}

/* RFC 4555, 3.5: what is out goes on from the new address, the same octets; then the update. */
static void test_outstanding(void)
{
	struct talk *t = talk_moving();
	struct packet first;

	talk_do(&t->a, IKE_EV_CHECK, 0);
	first = talk_take(&t->a);
	talk_move(t, A2);
	talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	if (CHECK_EQ(t->a.queued, 1) && CHECK_EQ(t->a.queue[0].n, first.n))
		CHECK_MEM(t->a.queue[0].p, first.p, first.n);
	CHECK(isakmp_addr_equal(&t->a.queue[0].path.local, &A2));
	CHECK_EQ(talk_pass(&t->a), ISAKMP_OK);
	/* No UPDATE_SA_ADDRESSES in it: it changes nothing (3.8) */
	CHECK(!t->b.ike.probing && isakmp_addr_equal(&t->b.ike.path.remote, &A1));
	CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
	CHECK_EQ(talk_says(&t->a, IKE_N_UPDATE_SA_ADDRESSES), 0);
	talk_settle(t);
	talk_check_at(t, A2, B1);
	packet_free(&first);
	talk_over(t);

	/* It was answered already, but the answer was lost with the old address */
	t = talk_moving();
	talk_do(&t->a, IKE_EV_CHECK, 0);
	CHECK_EQ(talk_pass(&t->a), ISAKMP_OK);
	talk_lose(&t->b);
	talk_move(t, A2);
	talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	CHECK_EQ(talk_pass(&t->a), ISAKMP_OK);
	CHECK(t->b.queued && isakmp_addr_equal(&t->b.queue[0].path.remote, &A2));
	talk_settle(t);
	talk_check_at(t, A2, B1);
	talk_over(t);
}

/* A further move while the update is out: its answer is worthless, another follows. */
static void test_again(void)
{
	struct talk *t = talk_moving();

	talk_move(t, A2);
	CHECK_EQ(talk_pass(&t->a), ISAKMP_OK);
	talk_move(t, A3);
	CHECK_EQ(t->a.queued, 0);	/* the window is one request */
	CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
	CHECK_EQ(t->a.moves, 0);
	CHECK_EQ(talk_says(&t->a, IKE_N_UPDATE_SA_ADDRESSES), 0);
	CHECK(isakmp_addr_equal(&t->a.queue[0].path.local, &A3));
	talk_settle(t);
	talk_check_at(t, A3, B1);
	talk_over(t);
}

/* Answers a request of @from with a COOKIE2 of the test's, or with none. */
static enum isakmp_reason answer_with(struct end *from, const u8 *cookie, size_t n)
{
	struct packet p = talk_take(from);
	struct message m;

	message_new(&m, talk_other(from), IKE_INFORMATIONAL, IKE_RESPONSE,
		    get_unaligned_be32(p.p + IKE_HDR_MSGID_AT));
	if (cookie)
		message_add(&m, IKE_PL_NOTIFY, cookie, n);
	packet_free(&p);
	return message_deliver(&m, talk_other(from));
}

static void test_cookie(void)
{
	static const u8 wrong[20] = { 0, 0, 0x40, 0x11, 1, 2, 3 };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		t = talk_moving();
		talk_move(t, A2);
		CHECK_REASON(answer_with(&t->a, i ? wrong : NULL, i == 1 ? 20 : 12), ISAKMP_R_COOKIE2);
		CHECK_EQ(t->a.ike.state, IKE_S_DELETING);
		CHECK_EQ(t->a.moves, 0);
		talk_over(t);
	}
	/* The responder's check */
	t = talk_moving();
	talk_move(t, A2);
	talk_pass(&t->a);
	talk_pass(&t->b);
	CHECK_REASON(answer_with(&t->b, wrong, 20), ISAKMP_R_COOKIE2);
	CHECK_EQ(t->b.ike.state, IKE_S_DELETING);
	CHECK_EQ(t->b.moves, 0);
	talk_over(t);
}

static void test_refused(void)
{
	struct talk *t = talk_mobile();
	struct isakmp_path before;

	t->b.peer.n_roam = 1;
	t->b.peer.roam[0] = (struct isakmp_ts){ IKE_TS_IPV4, 0, 0, 65535, { 192, 0, 2 }, { 192, 0, 2, 255 } };
	talk_advance(t, TALK_UP);
	before = t->b.ike.path;
	talk_move(t, A2);
	CHECK_REASON(talk_pass(&t->a), ISAKMP_R_ROAM);
	CHECK_EQ(talk_says(&t->b, IKE_N_UNACCEPTABLE_ADDRESSES), 0);
	CHECK(isakmp_path_equal(&t->b.ike.path, &before) && !t->b.ike.probing);
	CHECK_REASON(talk_pass(&t->b), ISAKMP_R_PATH_REFUSED);
	talk_settle(t);
	CHECK_EQ(t->a.moves + t->b.moves, 0);
	talk_check_at(t, A1, B1);
	/* Inside of it */
	talk_move(t, V4(192, 0, 2, 77));
	talk_settle(t);
	talk_check_at(t, V4(192, 0, 2, 77), B1);
	talk_over(t);
}

/* One request of @from with some notifications. */
static enum isakmp_reason tell(struct end *from, u32 msgid, unsigned int n, const u8 *notify,
			       size_t len)
{
	struct message m;
	unsigned int i;

	message_new(&m, from, IKE_INFORMATIONAL, IKE_REQUEST, msgid);
	for (i = 0; i < n; i++)
		message_add(&m, IKE_PL_NOTIFY, notify + i * len, len);
	return message_deliver(&m, from);
}

static const u8 update[] = { 0, 0, 0x40, 0x10 };
static const u8 none[] = { 0, 0, 0x40, 0x0f };
static const u8 no_nats[] = { 0, 0, 0x40, 0x12, 9, 9, 9, 9, 8, 8, 8, 8, 17, 148, 17, 148 };

static void test_unagreed(void)
{
	struct talk *t = talk_at(TALK_UP);

	CHECK_REASON(tell(&t->a, 2, 1, update, 4), ISAKMP_R_MOBIKE_UNAGREED);
	CHECK_REASON(tell(&t->a, 3, 1, none, 4), ISAKMP_R_MOBIKE_UNAGREED);
	CHECK(!t->b.ike.probing && !t->b.ike.mobike);
	talk_over(t);

	/* The responder does not choose */
	t = talk_moving();
	CHECK_REASON(tell(&t->b, 0, 1, update, 4), ISAKMP_R_MOBIKE_UNAGREED);
	CHECK_EQ(talk_says(&t->a, IKE_N_UNACCEPTABLE_ADDRESSES), 0);
	CHECK_EQ(t->a.moves, 0);
	talk_over(t);

	/* Nobody without the keys tells anything: bad ICV */
	t = talk_moving();
	{
		struct message m;
		struct packet p;

		message_new(&m, &t->a, IKE_INFORMATIONAL, IKE_REQUEST, 2);
		message_add(&m, IKE_PL_NOTIFY, update, 4);
		p = message_write(&m, &t->a);
		p.p[p.n - 1] ^= 1;
		CHECK_REASON(talk_give(&t->b, p.p, p.n), ISAKMP_R_ICV);
		CHECK(!t->b.ike.probing);
		packet_free(&p);
		message_free(&m);
	}
	talk_over(t);
}

/* With a window of several an older update comes late. */
static void test_old(void)
{
	struct talk *t = talk_moving();

	CHECK_EQ(tell(&t->a, 2, 1, none, 4), ISAKMP_OK);
	CHECK_EQ(t->b.ike.mobike->newest_list.msgid, 2);
	t->b.ike.mobike->newest_update = t->b.ike.mobike->newest_list;
	t->b.ike.mobike->newest_update.msgid = 4;
	CHECK_REASON(tell(&t->a, 3, 1, update, 4), ISAKMP_R_UPDATE_OLD);
	CHECK(!t->b.ike.probing);
	talk_over(t);
}

static void test_no_nats(void)
{
	struct talk *t = talk_moving();
	u8 both[2][16];

	memcpy(both[0], no_nats, 16);
	memset(both[1], 0, 16);
	CHECK_EQ(sizeof(no_nats), 16);
	/* An update with addresses that are not those of the packet */
	{
		struct message m;

		message_new(&m, &t->a, IKE_INFORMATIONAL, IKE_REQUEST, 2);
		message_add(&m, IKE_PL_NOTIFY, update, 4);
		message_add(&m, IKE_PL_NOTIFY, no_nats, sizeof(no_nats));
		CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_NAT_FORBIDDEN);
	}
	CHECK_EQ(talk_says(&t->b, IKE_N_UNEXPECTED_NAT_DETECTED), 0);
	CHECK_EQ(t->b.moves, 0);
	talk_over(t);

	/* Without NAT traversal it is always said, and retried when a NAT is seen */
	t = talk_moving();
	t->a.ike.natt = t->b.ike.natt = false;
	talk_move(t, A2);
	CHECK_EQ(talk_says(&t->a, IKE_N_NO_NATS_ALLOWED), 12);
	CHECK_EQ(talk_says(&t->a, IKE_N_NAT_DETECTION_SOURCE_IP), -1);
	talk_settle(t);
	talk_check_at(t, A2, B1);
	talk_over(t);
}

/* RFC 4555, 2.2, the second example: the responder has two addresses. */
static void test_multihomed(void)
{
	struct talk *t = talk_mobile();
	unsigned int i;

	t->b.others[0] = B2;
	talk_advance(t, TALK_UP);
	CHECK_EQ(t->a.ike.mobike->n, 2);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	for (i = 0; i < 10 && isakmp_addr_equal(&t->a.ike.path.remote, &B1); i++) {
		talk_flush(&t->a);
		talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	}
	CHECK_EQ(i, IKE_PATH_TRIES + 1);
	talk_settle(t);
	talk_check_at(t, A1, B2);
	talk_over(t);

	/* Not to one behind the tunnel itself */
	t = talk_mobile();
	t->b.others[0] = V4(10, t->a.remote[0].start[1], 0, 1);
	t->b.others[1] = B2;
	talk_advance(t, TALK_UP);
	CHECK_EQ(t->a.ike.mobike->n, 3);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	for (i = 0; i < 10 && isakmp_addr_equal(&t->a.ike.path.remote, &B1); i++) {
		talk_flush(&t->a);
		talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	}
	talk_settle(t);
	talk_check_at(t, A1, B2);
	talk_over(t);

	/* Nobody anywhere: the peer is dead, in bounded time */
	t = talk_mobile();
	t->b.others[0] = B2;
	talk_advance(t, TALK_UP);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	for (i = 0; i < 100 && t->a.live && t->a.ike.state != IKE_S_DEAD; i++) {
		talk_flush(&t->a);
		talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	}
	CHECK(i < 20);
	CHECK(t->a.refused[ISAKMP_R_TIMEOUT]);
	talk_over(t);
}

static void test_list(void)
{
	u8 many[IKE_ADDRESSES_MAX + 2][8];
	struct talk *t = talk_moving();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(many); i++)
		memcpy(many[i], (u8[]){ 0, 0, 0x40, 0x0d, 203, 0, 113, (u8)i }, 8);
	CHECK_REASON(tell(&t->a, 2, ARRAY_SIZE(many), many[0], 8), ISAKMP_R_ADDRESSES_LIMIT);
	CHECK_EQ(t->b.ike.mobike->n, IKE_ADDRESSES_MAX);
	/* All instead of those before: the address of the message alone */
	CHECK_EQ(tell(&t->a, 3, 1, none, 4), ISAKMP_OK);
	CHECK_EQ(t->b.ike.mobike->n, 1);
	/* Announced addresses get nothing but what the path decides */
	CHECK(!t->b.ike.probing && isakmp_addr_equal(&t->b.ike.path.remote, &A1));
	talk_over(t);

	t = talk_moving();
	t->a.peer.n_roam = 1;
	t->a.peer.roam[0] = (struct isakmp_ts){ IKE_TS_IPV4, 0, 0, 65535, { 192, 0, 2 }, { 192, 0, 2, 255 } };
	CHECK_REASON(tell(&t->b, 0, 2, many[0], 8), ISAKMP_R_ROAM);
	CHECK_EQ(t->a.ike.mobike->n, 1);
	talk_over(t);
}

/* Somebody changed the source of the update on its way: nobody is there. */
static void test_source_forged(void)
{
	struct isakmp_path elsewhere;
	struct talk *t = talk_moving();
	struct packet p;
	unsigned int i;

	talk_move(t, A2);
	p = talk_take(&t->a);
	talk_way(&t->b, &p.path, &elsewhere);
	elsewhere.remote = V4(203, 0, 113, 99);
	CHECK_EQ(talk_deliver_on(&t->b, &p, &elsewhere), ISAKMP_OK);
	packet_free(&p);
	talk_flush(&t->b);
	CHECK_EQ(t->b.moves, 0);
	/* It asks again: the stored answer goes to where it is */
	talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	CHECK_EQ(talk_pass(&t->a), ISAKMP_OK);
	CHECK(t->b.queued && isakmp_addr_equal(&t->b.queue[0].path.remote, &A2));
	talk_flush(&t->b);
	/* What goes there is lost; what goes to where it was is answered, and proves nothing */
	for (i = 0; i < 20 && t->b.ike.probing; i++) {
		talk_timer(&t->b, t->now + 20000);
		while (t->b.queued) {
			if (isakmp_addr_equal(&t->b.queue[0].path.remote, &elsewhere.remote)) {
				talk_lose(&t->b);
				continue;
			}
			talk_pass(&t->b);
			if (t->a.queued)
				talk_pass(&t->a);
		}
		CHECK(t->b.live && t->b.ike.state == IKE_S_ESTABLISHED);
	}
	CHECK(!t->b.ike.probing && i > 1 && i < 20);
	CHECK_EQ(t->b.moves, 0);
	CHECK(isakmp_addr_equal(&t->b.ike.path.remote, &A1));
	talk_over(t);
}

/* Who says all the time that it is elsewhere does not have our requests poured out there. */
static void test_reflector(void)
{
	struct talk *t = talk_moving();
	struct isakmp_path elsewhere;
	struct message m;
	struct packet p;
	unsigned int i;
	u32 before;

	talk_do(&t->b, IKE_EV_CHECK, 0);
	talk_lose(&t->b);
	before = t->b.ike.resends;
	for (i = 0; i < 4 * IKE_HURRY_BURST; i++) {
		message_new(&m, &t->a, IKE_INFORMATIONAL, IKE_REQUEST, 2 + i);
		message_add(&m, IKE_PL_NOTIFY, update, sizeof(update));
		p = message_write(&m, &t->a);
		talk_way(&t->b, &t->a.ike.path, &elsewhere);
		elsewhere.remote = V4(203, 0, 113, (u8)(1 + i));
		CHECK_EQ(talk_deliver_on(&t->b, &p, &elsewhere), ISAKMP_OK);
		packet_free(&p);
		message_free(&m);
		talk_timer(&t->b, t->now);
		talk_flush(&t->b);
	}
	CHECK_EQ(t->b.ike.resends - before, IKE_HURRY_BURST);
	CHECK_EQ(t->b.moves, 0);
	talk_over(t);
}

/* Who moves all the time is answered there; its children follow now and then, and in the end. */
static void test_moves_limit(void)
{
	struct talk *t = talk_moving();
	unsigned int i;

	for (i = 0; i < 4 * IKE_MOVES_BURST; i++) {
		talk_move(t, i & 1 ? A3 : A2);
		talk_pass(&t->a);
		if (i < IKE_MOVES_BURST)
			CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
		else
			CHECK_REASON(talk_pass(&t->b), ISAKMP_R_MOVES_LIMIT);
		talk_settle(t);
		CHECK(isakmp_addr_equal(&t->b.ike.path.remote, &t->a.ike.path.local));
	}
	CHECK_EQ(t->a.moves, IKE_MOVES_BURST);
	CHECK_EQ(t->b.moves, IKE_MOVES_BURST);
	CHECK_EQ(t->b.refused[ISAKMP_R_MOVES_LIMIT], 3 * IKE_MOVES_BURST);
	talk_move(t, A2);
	talk_settle(t);
	talk_live_at(t, A2, 1000);
	talk_check_at(t, A2, B1);
	CHECK_EQ(t->b.moves, IKE_MOVES_BURST + 1);
	talk_over(t);
}

/* Where it is, with NATs and without, again and again: ESP in UDP and not. */
static void test_nats_limit(void)
{
	static const u8 nats[2][4 + 20] = { { 0, 0, 0x40, 0x04 }, { 0, 0, 0x40, 0x05 } };
	struct talk *t = talk_moving();
	struct message m;
	struct packet p;
	unsigned int i;

	for (i = 0; i < 2 * IKE_MOVES_BURST; i++) {
		message_new(&m, &t->a, IKE_INFORMATIONAL, IKE_REQUEST, t->a.ike.ep->next_out++);
		message_add(&m, IKE_PL_NOTIFY, update, sizeof(update));
		message_add(&m, IKE_PL_NOTIFY, nats[0], sizeof(nats[0]));
		message_add(&m, IKE_PL_NOTIFY, nats[1], sizeof(nats[1]));
		p = message_write(&m, &t->a);
		p.path = t->a.ike.path;
		CHECK_EQ(talk_deliver(&t->b, &p),
			 i < IKE_MOVES_BURST / 2 ? ISAKMP_OK : ISAKMP_R_MOVES_LIMIT);
		packet_free(&p);
		message_free(&m);
		CHECK(t->b.ike.encap);
		talk_flush(&t->b);
		t->a.ike.tasks |= IKE_TASK_UPDATE;
		talk_do(&t->a, IKE_EV_CHECK, 0);
		talk_settle(t);
		CHECK(!t->b.ike.encap);
	}
	CHECK_EQ(t->b.moves, IKE_MOVES_BURST);
	talk_live_at(t, A1, 1000);
	CHECK(!t->b.xfrm->encap);
	talk_check_at(t, A1, B1);
	talk_over(t);
}

/* RFC 4555, 1.1: selectors stay; a child for the addresses of then is rekeyed by either end. */
static void test_dynamic(void)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		tap_note("case %u", i);
		t = talk_mobile();
		t->a.local[0].type = t->a.remote[0].type = IKE_TS_DYNAMIC;
		t->b.local[0].type = t->b.remote[0].type = IKE_TS_DYNAMIC;
		talk_advance(t, TALK_UP);
		talk_move(t, A2);
		talk_settle(t);
		talk_do(i & 1 ? &t->a : &t->b, IKE_EV_CHILD_REKEY, 0);
		talk_settle(t);
		talk_move(t, A3);
		talk_settle(t);
		talk_do(i & 2 ? &t->a : &t->b, IKE_EV_CHILD_REKEY, 0);
		talk_settle(t);
		CHECK_EQ(t->a.refusals + t->b.refusals, 0);
		CHECK_EQ(t->a.installs, 3);
		CHECK_EQ(t->a.renews + t->b.renews, 0);
		CHECK_MEM(t->b.last.remote[0].start, A1.a, 4);
		CHECK_MEM(t->b.last.remote[0].end, A1.a, 4);
		CHECK_MEM(t->a.last.remote[0].start, B1.a, 4);
		talk_over(t);
	}
	/* Policy wants less now: what it was is too much */
	t = talk_mobile();
	t->a.local[0].type = t->b.remote[0].type = IKE_TS_DYNAMIC;
	talk_advance(t, TALK_UP);
	talk_move(t, A2);
	talk_settle(t);
	t->b.remote[0].proto = 6;
	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	CHECK_REASON(talk_pass(&t->a), ISAKMP_R_TS);
	talk_over(t);
}

/* A NAT appears with the new address, and goes with the next. */
static void test_nat(void)
{
	struct talk *t = talk_moving();

	t->a.nat = (struct talk_nat){ true, V4(203, 0, 113, 50), { 31000, 32000 } };
	talk_move(t, A2);
	talk_settle(t);
	CHECK(t->a.ike.nat_local && t->b.ike.nat_remote && t->a.ike.encap && t->b.ike.encap);
	CHECK(t->a.xfrm->encap && t->b.xfrm->encap);
	CHECK_EQ(t->b.ike.path.rport, 32000);
	CHECK(t->a.ike.keepalive_at != IKE_NEVER);
	/* Its mapping changes: a liveness check sees it (3.8) */
	talk_do(&t->a, IKE_EV_CHECK, 0);
	talk_settle(t);
	t->a.nat.port[1] = 32001;
	talk_do(&t->a, IKE_EV_CHECK, 0);
	talk_settle(t);
	CHECK_EQ(t->b.ike.path.rport, 32001);
	t->a.nat.on = false;
	talk_move(t, A3);
	talk_settle(t);
	talk_check_at(t, A3, B1);
	CHECK(!t->a.ike.encap && !t->b.ike.encap && !t->a.xfrm->encap && !t->b.xfrm->encap);
	CHECK_EQ(t->a.ike.keepalive_at, IKE_NEVER);
	talk_over(t);
}

/* An update with one of the two digests says nothing of NATs: there is one still. */
static void test_nat_half(void)
{
	static const u8 source[4 + 20] = { 0, 0, 0x40, 0x04 };
	struct talk *t = talk_moving();
	struct message m;

	t->a.nat = (struct talk_nat){ true, V4(203, 0, 113, 50), { 31000, 32000 } };
	talk_move(t, A2);
	talk_settle(t);
	message_new(&m, &t->a, IKE_INFORMATIONAL, IKE_REQUEST, t->a.ike.ep->next_out);
	message_add(&m, IKE_PL_NOTIFY, update, sizeof(update));
	message_add(&m, IKE_PL_NOTIFY, source, sizeof(source));
	CHECK_EQ(message_deliver(&m, &t->a), ISAKMP_OK);
	CHECK(t->b.ike.natt && t->b.ike.nat_remote && t->b.ike.encap && t->b.xfrm->encap);
	talk_over(t);
}

/* A move amid a rekey of the child, and of the IKE SA, by either end. */
static void test_rekey(void)
{
	static const u8 what[] = { IKE_EV_CHILD_REKEY, IKE_EV_REKEY };
	struct end *who;
	struct talk *t;
	unsigned int i, n;

	for (i = 0; i < 4; i++) {
		tap_note("case %u", i);
		t = talk_moving();
		who = i & 1 ? &t->b : &t->a;
		talk_do(who, what[i / 2], 0);
		if (i & 1)
			talk_pass(who);	/* the answer is lost with the old address */
		talk_flush(&t->a);
		talk_move(t, A2);
		talk_settle(t);
		for (n = 0; n < 8 && (t->a.ike.ep->out || t->b.ike.ep->out); n++) {
			talk_timer(&t->b, t->now + 1000);
			talk_settle(t);
			talk_timer(&t->a, t->now + 1000);
			talk_settle(t);
		}
		CHECK(isakmp_addr_equal(&t->a.ike.path.local, &A2));
		CHECK(isakmp_addr_equal(&t->b.ike.path.remote, &A2));
		CHECK(t->a.xfrm && isakmp_path_equal(&t->a.xfrm->path, &t->a.ike.path));
		CHECK(t->b.xfrm && isakmp_path_equal(&t->b.xfrm->path, &t->b.ike.path));
		talk_over(t);
	}
}

static void test_no_memory(void)
{
	struct talk *t;
	unsigned long n;
	bool over = false;

	for (n = 1; !over && n < 80; n++) {
		tap_note("failure %lu", n);
		t = talk_moving();
		native_mem_fail_at(n);
		talk_move(t, A2);
		talk_settle(t);
		over = native_mem_points() < n;
		native_mem_fail_at(0);
		while (t->b.live && t->a.live && (t->a.ike.ep->out || t->a.ike.tasks ||
						  t->b.ike.ep->out || t->b.ike.tasks)) {
			talk_timer(&t->a, max(t->now, min(ike_sa_deadline(&t->a.ike), ike_sa_deadline(&t->b.ike))));
			talk_timer(&t->b, t->now);
			talk_settle(t);
		}
		if (CHECK(t->a.live && t->b.live))
			talk_check_at(t, A2, B1);
		talk_over(t);
	}
	CHECK(over && n > 5);
}

int main(void)
{
	TAP_RUN(test_spoken, "MOBIKE: when both ends want it; port 4500");
	TAP_RUN(test_move, "MOBIKE: update, answer, return routability, children");
	TAP_RUN(test_families, "MOBIKE: IPv4 to IPv6 and back; no network, and one again");
	TAP_RUN(test_outstanding, "MOBIKE: what is out goes on from the new address, then the update");
	TAP_RUN(test_again, "MOBIKE: a further move before the answer");
	TAP_RUN(test_cookie, "MOBIKE: a wrong COOKIE2 ends the IKE SA");
	TAP_RUN(test_refused, "MOBIKE: an address outside of roam is refused, the old one stays");
	TAP_RUN(test_unagreed, "MOBIKE: nobody else tells addresses");
	TAP_RUN(test_old, "MOBIKE: an update that is overtaken");
	TAP_RUN(test_no_nats, "MOBIKE: NO_NATS_ALLOWED");
	TAP_RUN(test_multihomed, "MOBIKE: the peer's other address when one does not answer");
	TAP_RUN(test_list, "MOBIKE: lists of addresses, bounded, and no amplifier");
	TAP_RUN(test_source_forged, "MOBIKE: an update whose source was changed on the way");
	TAP_RUN(test_reflector, "MOBIKE: no reflector of what is out");
	TAP_RUN(test_moves_limit, "MOBIKE: children do not follow each of many moves");
	TAP_RUN(test_nats_limit, "MOBIKE: nor each NAT that comes and goes");
	TAP_RUN(test_dynamic, "MOBIKE: a child for the addresses of then is rekeyed after a move");
	TAP_RUN(test_nat, "MOBIKE: NATs come, rebind and go");
	TAP_RUN(test_nat_half, "MOBIKE: half of NAT detection is none");
	TAP_RUN(test_rekey, "MOBIKE: amid a rekey of the child and of the IKE SA");
	TAP_RUN(test_no_memory, "MOBIKE: every allocation of a move fails once (threat 70)");
	return tap_done();
}
