// SPDX-License-Identifier: GPL-2.0
/* MOBIKE (RFC 4555) where messages are lost with an address, and by whom it is abused. */
#include "talk_roam.h"

/*
 * The responder asks for other keys, our answer goes with the old address: it hears of
 * the new one all the same, in the epoch that it knows.
 */
static void test_answer_lost(void)
{
	static const u8 what[] = { IKE_EV_REKEY, IKE_EV_CHILD_REKEY, IKE_EV_CHECK };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(what); i++) {
		tap_note("case %u", i);
		t = talk_moving();
		talk_do(&t->b, what[i], 0);
		talk_pass(&t->b);
		talk_flush(&t->a);
		talk_move(t, A2);
		talk_live_at(t, A2, 2500);
		talk_check_at(t, A2, B1);
		CHECK(t->a.ike.ep->spi_i == t->b.ike.ep->spi_i);
		CHECK_EQ(t->a.ike.rekeyed, !i);
		CHECK_EQ(t->b.ike.rekeyed, !i);
		talk_over(t);
	}
}

/* The update waits in an epoch that the peer deletes: it is told again. */
static void test_epoch_goes(void)
{
	struct talk *t = talk_moving();

	talk_move(t, A2);
	talk_lose(&t->a);
	talk_do(&t->b, IKE_EV_REKEY, 0);
	talk_pass(&t->b);			/* asks */
	talk_pass(&t->a);			/* agrees */
	talk_pass(&t->b);			/* deletes the old one */
	talk_pass(&t->a);
	CHECK_EQ(talk_says(&t->a, IKE_N_UPDATE_SA_ADDRESSES), 0);
	talk_live_at(t, A2, 2500);
	talk_check_at(t, A2, B1);
	talk_over(t);
}

/* An update that waits in the older epoch holds up nothing in the one in use. */
static void test_update_waits(void)
{
	struct talk *t = talk_moving();

	talk_move(t, A2);
	talk_do(&t->b, IKE_EV_REKEY, 0);
	talk_pass(&t->b);
	talk_flush(&t->a);
	CHECK_EQ(t->a.ike.rekeyed, 1);
	talk_move(t, A3);
	CHECK(t->a.ike.tasks & IKE_TASK_UPDATE && !t->a.ike.ep->out);
	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	CHECK(t->a.ike.tasks & IKE_TASK_UPDATE && t->a.ike.ep->out);
	CHECK(ike_sa_deadline(&t->a.ike) >= t->now);
	talk_live_at(t, A3, 30000);
	talk_check_at(t, A3, B1);
	talk_over(t);
}

/* The order of updates is that of epochs, then of message IDs. */
static void test_epoch_order(void)
{
	struct ike_place place;
	struct talk *t = talk_moving();
	struct packet late;

	/* The update is late: a rekey of the IKE SA is faster */
	talk_move(t, A2);
	late = talk_take(&t->a);
	talk_do(&t->b, IKE_EV_REKEY, 0);
	talk_pass(&t->b);			/* asks */
	talk_pass(&t->a);			/* agrees */
	CHECK_EQ(t->b.ike.rekeyed, 1);
	CHECK_EQ(talk_deliver(&t->b, &late), ISAKMP_OK);
	CHECK(t->b.ike.probing && isakmp_addr_equal(&t->b.ike.probe.remote, &A2));
	talk_live_at(t, A2, 5000);
	talk_check_at(t, A2, B1);
	packet_free(&late);
	talk_over(t);

	/* A newer one was there before, in the newer epoch */
	t = talk_moving();
	talk_move(t, A2);
	late = talk_take(&t->a);
	talk_do(&t->b, IKE_EV_REKEY, 0);
	talk_pass(&t->b);
	talk_pass(&t->a);
	place.spi = ike_epoch_spi(t->b.ike.ep);
	place.msgid = 0;
	t->b.ike.mobike->newest_update = place;
	CHECK_REASON(talk_deliver(&t->b, &late), ISAKMP_R_UPDATE_OLD);
	CHECK(!t->b.ike.probing);
	packet_free(&late);
	talk_over(t);
}

/*
 * The peer says that it is where somebody else is.  It gets the check at its true address,
 * when nobody answers elsewhere, and answers with a source that is not its own: in vain.
 */
static void test_victim(void)
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
	talk_lose(&t->b);			/* its answer */
	for (i = 0; i < 60 && t->b.ike.probing; i++) {
		while (t->b.queued) {
			p = talk_take(&t->b);
			if (isakmp_addr_equal(&p.path.remote, &elsewhere.remote)) {
				packet_free(&p);
				continue;
			}
			talk_deliver(&t->a, &p);
			packet_free(&p);
			while (t->a.queued) {
				p = talk_take(&t->a);
				talk_deliver_on(&t->b, &p, &elsewhere);
				packet_free(&p);
			}
		}
		talk_timer(&t->b, t->now + 20000);
	}
	CHECK(i > 4 && i < 60);
	CHECK_EQ(t->b.moves, 0);
	CHECK(isakmp_addr_equal(&t->b.ike.path.remote, &A1));
	talk_over(t);
}

/* The check of a new address is lost: the next thing heard from there has it sent again. */
static void test_heard_there(void)
{
	struct talk *t = talk_moving();

	talk_move(t, A2);
	talk_pass(&t->a);
	talk_pass(&t->b);		/* the answer */
	CHECK(t->b.ike.probing);
	while (t->b.queued)
		talk_lose(&t->b);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	talk_pass(&t->a);
	talk_pass(&t->b);
	CHECK(t->b.ike.probing && !t->b.queued);	/* the timer's turn, at once */
	CHECK(ike_sa_deadline(&t->b.ike) <= t->now);
	talk_timer(&t->b, t->now);
	CHECK(isakmp_addr_equal(&t->b.queue[0].path.remote, &A2));
	/* But no more than that, whatever comes */
	talk_lose(&t->b);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	talk_pass(&t->a);
	CHECK(ike_sa_deadline(&t->b.ike) > t->now);
	talk_live_at(t, A2, 20000);
	talk_check_at(t, A2, B1);
	talk_over(t);
}

/* What was made on a path that the peer refuses goes back with the rest. */
static void test_given_in(void)
{
	struct talk *t = talk_mobile();

	t->b.peer.n_roam = 1;
	t->b.peer.roam[0] = (struct isakmp_ts){ IKE_TS_IPV4, 0, 0, 65535, { 192, 0, 2 }, { 192, 0, 2, 255 } };
	talk_advance(t, TALK_UP);
	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	talk_move(t, A2);
	talk_settle(t);
	talk_live_at(t, A1, 20000);
	CHECK(t->a.refused[ISAKMP_R_PATH_REFUSED]);
	talk_check_at(t, A1, B1);
	talk_over(t);
}

/* Where the states of all children of an end are, as it is shown. */
static bool shown_at(const struct end *e, struct isakmp_addr local, struct isakmp_addr remote)
{
	struct ike_sa_view *v = malloc(ike_view_size(&e->ike));
	const struct ike_child_view *c = NULL;
	bool all = true;
	unsigned int n;

	ike_view_fill(&e->ike, v);
	for (n = 0; (c = ike_view_child(v, c)); n++)
		all = all && isakmp_addr_equal(&c->local_end, &local) &&
		      isakmp_addr_equal(&c->remote_end, &remote);
	free(v);
	return n && all;
}

/* While a path is looked for, the states are where they were: so are their counters. */
static void test_shown(void)
{
	struct talk *t = talk_moving();

	CHECK(shown_at(&t->a, A1, B1) && shown_at(&t->b, B1, A1));
	talk_move(t, A2);
	CHECK(isakmp_addr_equal(&t->a.ike.path.local, &A2));
	CHECK(shown_at(&t->a, A1, B1));
	talk_settle(t);
	CHECK(shown_at(&t->a, A2, B1) && shown_at(&t->b, B1, A2));
	talk_over(t);
}

/* A peer object that has an address of ours keeps it. */
static void test_local(void)
{
	struct isakmp_path other;
	struct talk *t = talk_mobile();
	struct packet p;

	t->b.peer.local = B1;
	talk_advance(t, TALK_UP);
	talk_move(t, A2);
	p = talk_take(&t->a);
	talk_way(&t->b, &p.path, &other);
	other.local = B2;
	CHECK_REASON(talk_deliver_on(&t->b, &p, &other), ISAKMP_R_ROAM);
	CHECK_EQ(talk_says(&t->b, IKE_N_UNACCEPTABLE_ADDRESSES), 0);
	CHECK(!t->b.ike.probing);
	packet_free(&p);
	talk_over(t);
}

/* RFC 4555, 3.6: the responder's addresses change. */
static void test_responder(void)
{
	struct talk *t = talk_moving();

	/* A further one is told, once */
	t->b.others[0] = V6(2);
	talk_do(&t->b, IKE_EV_ROAM, 0);
	CHECK_EQ(talk_says(&t->b, IKE_N_ADDITIONAL_IP6_ADDRESS), 16);
	CHECK_EQ(talk_says(&t->b, IKE_N_NO_NATS_ALLOWED), -1);
	talk_settle(t);
	CHECK_EQ(t->a.ike.mobike->n, 2);
	talk_do(&t->b, IKE_EV_ROAM, 0);
	CHECK_EQ(t->b.queued, 0);
	/* None any more */
	t->b.others[0] = (struct isakmp_addr){ 0 };
	talk_do(&t->b, IKE_EV_ROAM, 0);
	CHECK_EQ(talk_says(&t->b, IKE_N_NO_ADDITIONAL_ADDRESSES), 0);
	talk_settle(t);
	CHECK_EQ(t->a.ike.mobike->n, 1);
	CHECK_EQ(t->a.moves + t->b.moves, 0);

	/* Its own goes: it goes on from another one, the initiator follows */
	t->b.gone = B1;
	t->b.source[0] = B2;
	talk_do(&t->b, IKE_EV_ROAM, 0);
	CHECK(isakmp_addr_equal(&t->b.queue[0].path.local, &B2));
	CHECK_EQ(talk_says(&t->b, IKE_N_NO_ADDITIONAL_ADDRESSES), 0);
	CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
	talk_lose(&t->a);	/* the answer may be lost; it is the update's turn */
	CHECK_EQ(talk_says(&t->a, IKE_N_UPDATE_SA_ADDRESSES), 0);
	CHECK(isakmp_addr_equal(&t->a.queue[0].path.remote, &B2));
	talk_settle(t);
	talk_timer(&t->b, ike_sa_deadline(&t->b.ike));
	talk_settle(t);
	talk_check_at(t, A1, B2);
	/* To none at all */
	t->b.gone = B2;
	t->b.source[0] = (struct isakmp_addr){ 0 };
	CHECK_REASON(talk_do(&t->b, IKE_EV_ROAM, 0), ISAKMP_R_NO_PATH);
	talk_over(t);
}

/*
 * The responder is where it said, but all that goes there at first is lost.  The initiator
 * is back at the address that is no more when a request comes from the new one.
 */
static void test_seen(void)
{
	struct talk *t = talk_moving();
	unsigned int i;

	t->b.gone = B1;
	t->b.source[0] = B2;
	talk_do(&t->b, IKE_EV_ROAM, 0);
	talk_pass(&t->b);
	CHECK(isakmp_addr_equal(&t->a.ike.path.remote, &B2));
	for (i = 0; i < 20 && isakmp_addr_equal(&t->a.ike.path.remote, &B2); i++) {
		talk_flush(&t->a);
		talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	}
	talk_flush(&t->a);
	CHECK(isakmp_addr_equal(&t->a.ike.path.remote, &B1));
	talk_timer(&t->b, ike_sa_deadline(&t->b.ike));
	talk_pass(&t->b);		/* the same request: its answer again, no more */
	CHECK(isakmp_addr_equal(&t->a.ike.path.remote, &B1));
	talk_settle(t);
	talk_do(&t->b, IKE_EV_CHECK, 0);
	talk_pass(&t->b);
	CHECK(isakmp_addr_equal(&t->a.ike.path.remote, &B2));
	talk_live_at(t, A1, 5000);
	talk_check_at(t, A1, B2);
	talk_over(t);
}

/* Its answer to a rekey goes with its address: it tells the new one in the older epoch. */
static void test_responder_lost(void)
{
	struct talk *t = talk_moving();
	unsigned int i;

	talk_do(&t->a, IKE_EV_REKEY, 0);
	talk_pass(&t->a);
	talk_lose(&t->b);
	t->b.gone = B1;
	t->b.source[0] = B2;
	talk_do(&t->b, IKE_EV_ROAM, 0);
	for (i = 0; i < 40 && !isakmp_addr_equal(&t->a.ike.path.remote, &B2); i++) {
		while (t->b.queued)
			talk_pass(&t->b);
		while (t->a.queued && isakmp_addr_equal(&t->a.queue[0].path.remote, &B1))
			talk_lose(&t->a);
		talk_timer(&t->b, t->now + 100);
	}
	CHECK(isakmp_addr_equal(&t->a.ike.path.remote, &B2));
	talk_live_at(t, A1, 5000);
	talk_check_at(t, A1, B2);
	CHECK_EQ(t->a.ike.rekeyed, 1);
	CHECK_EQ(t->b.ike.rekeyed, 1);
	talk_over(t);
}

/* Who moves all the time gives up in the end, too. */
static void test_restless(void)
{
	struct talk *t = talk_moving();
	unsigned int i;

	for (i = 1; i < 200 && t->a.live && t->a.ike.state != IKE_S_DEAD; i++) {
		talk_move(t, V4(198, 51, 100, (u8)i));
		talk_flush(&t->a);
		talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	}
	CHECK(i > IKE_MOVES_MAX && i < 60);
	CHECK(t->a.refused[ISAKMP_R_TIMEOUT]);
	talk_over(t);

	/* The responder as well */
	t = talk_moving();
	for (i = 1; i < 200 && t->b.live && t->b.ike.state != IKE_S_DEAD; i++) {
		t->b.gone = t->b.ike.path.local;
		t->b.source[0] = V4(198, 51, 100, (u8)i);
		talk_do(&t->b, IKE_EV_ROAM, 0);
		talk_flush(&t->b);
		talk_timer(&t->b, ike_sa_deadline(&t->b.ike));
	}
	CHECK(i > IKE_MOVES_MAX && i < 60);
	CHECK(t->b.refused[ISAKMP_R_TIMEOUT]);
	talk_over(t);
}

/* RFC 4555, 3.11: the responder tries for five minutes at least. */
static void test_patience(void)
{
	struct talk *t = talk_moving();
	u64 since = t->now;

	t->b.tun.retransmit_ms = 1000;
	t->b.tun.retransmit_tries = 6;	/* as they are by default */
	talk_do(&t->b, IKE_EV_CHECK, 0);
	while (t->b.live && t->b.ike.state == IKE_S_ESTABLISHED) {
		talk_flush(&t->b);
		talk_timer(&t->b, ike_sa_deadline(&t->b.ike));
	}
	CHECK(t->b.refused[ISAKMP_R_TIMEOUT]);
	CHECK(t->now - since >= 300000 && t->now - since < 900000);
	talk_over(t);
}

/* The mapping of the NAT that A began behind changes before anything else was ever asked (3.8). */
static void test_first_mapping(void)
{
	struct talk *t = talk_mobile();

	t->a.nat = (struct talk_nat){ true, V4(203, 0, 113, 50), { 31000, 32000 } };
	t->b.path.remote = t->a.nat.outer;
	talk_advance(t, TALK_UP);
	CHECK(t->a.ike.nat_local && t->b.ike.nat_remote && t->b.ike.encap);
	CHECK_EQ(t->b.ike.path.rport, 32000);
	t->a.nat.port[1] = 32001;
	talk_do(&t->a, IKE_EV_CHECK, 0);
	talk_settle(t);
	CHECK_EQ(t->b.ike.path.rport, 32001);
	CHECK_EQ(t->b.xfrm->path.rport, 32001);
	CHECK(!t->b.ike.probing && !t->a.ike.mobike->seeking);
	/* What is as it was moves nothing, and is not told again */
	CHECK_EQ(t->b.moves, 1);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	talk_pass(&t->a);
	talk_pass(&t->b);
	CHECK(!t->a.queued && !t->a.ike.tasks);
	CHECK_EQ(t->b.moves, 1);
	talk_over(t);
}

/*
 * Where A was it cannot be any more, and where it is now it may not be, by whichever of the
 * peer's addresses it says so: in the end the IKE SA is over, and another can be set up.
 */
static void test_given_up(void)
{
	struct talk *t = talk_mobile();

	t->b.others[0] = B2;
	t->b.peer.n_roam = 1;
	t->b.peer.roam[0] = (struct isakmp_ts){ IKE_TS_IPV4, 0, 0, 65535, { 192, 0, 2 }, { 192, 0, 2, 255 } };
	talk_advance(t, TALK_UP);
	CHECK_EQ(t->a.ike.mobike->n, 2);
	talk_move(t, A2);
	talk_live_at(t, A2, 120000);
	CHECK(t->a.refused[ISAKMP_R_PATH_REFUSED] > 1);
	CHECK_EQ(t->a.refused[ISAKMP_R_TIMEOUT], 1);
	CHECK(!t->a.xfrm);
	talk_over(t);

	/* But when it can, it stays there, and looks about again when that is over */
	t = talk_mobile();
	t->b.others[0] = B2;
	t->b.peer.n_roam = 1;
	t->b.peer.roam[0] = (struct isakmp_ts){ IKE_TS_IPV4, 0, 0, 65535, { 192, 0, 2 }, { 192, 0, 2, 255 } };
	talk_advance(t, TALK_UP);
	talk_move(t, A2);
	talk_settle(t);
	talk_check_at(t, A1, B1);
	CHECK(!t->a.ike.mobike->tried_all);
	talk_over(t);
}

/*
 * ESP comes from where nobody answers, again and again, or each time from elsewhere: copies
 * with another source were quicker.  What else is to be asked is asked all the same.
 */
static void hinted(u32 retransmit_ms, bool elsewhere)
{
	struct ike_event ev = { .type = IKE_EV_MAPPING };
	struct talk *t = talk_mobile();
	unsigned int i;

	t->a.nat = (struct talk_nat){ true, V4(203, 0, 113, 50), { 31000, 32000 } };
	t->b.path.remote = t->a.nat.outer;
	t->b.tun.retransmit_ms = retransmit_ms;
	talk_advance(t, TALK_UP);
	ev.path = t->b.ike.path;
	ev.path.remote = V4(203, 0, 113, 99);
	talk_event(&t->b, &ev);
	CHECK(t->b.ike.probing);
	talk_do(&t->b, IKE_EV_CHILD_REKEY, 0);
	for (i = 0; i < 100 && t->b.installs < 2; i++) {
		ev.path.rport += elsewhere;
		talk_event(&t->b, &ev);
		talk_timer(&t->b, t->now + 1000);
		talk_settle(t);
	}
	CHECK(i < 60);
	CHECK(isakmp_addr_equal(&t->b.ike.path.remote, &t->a.nat.outer));
	talk_over(t);
}

static void test_hinted(void)
{
	hinted(1000, false);
	hinted(1000, true);
	hinted(4000, false);
	hinted(4000, true);
}

int main(void)
{
	TAP_RUN(test_answer_lost, "MOBIKE: the responder asks, our answer goes with the old address");
	TAP_RUN(test_epoch_goes, "MOBIKE: an update in an epoch that goes");
	TAP_RUN(test_update_waits, "MOBIKE: an update that waits in the older epoch");
	TAP_RUN(test_epoch_order, "MOBIKE: updates are in order over a rekey of the IKE SA");
	TAP_RUN(test_victim, "MOBIKE: somebody else's address is not taken for the peer's");
	TAP_RUN(test_heard_there, "MOBIKE: heard from where a check was lost");
	TAP_RUN(test_given_in, "MOBIKE: children made on a path that is refused go back");
	TAP_RUN(test_shown, "MOBIKE: children are shown where their states are");
	TAP_RUN(test_local, "MOBIKE: an address of ours that the peer object has is kept");
	TAP_RUN(test_responder, "MOBIKE: the responder's addresses are others");
	TAP_RUN(test_seen, "MOBIKE: a request from an address that was tried in vain");
	TAP_RUN(test_responder_lost, "MOBIKE: the responder's answer goes with its address");
	TAP_RUN(test_restless, "MOBIKE: who moves all the time gives up as well");
	TAP_RUN(test_patience, "MOBIKE: the responder is patient");
	TAP_RUN(test_first_mapping, "MOBIKE: the mapping of the first NAT changes");
	TAP_RUN(test_given_up, "MOBIKE: refused everywhere, and nowhere to go back to");
	TAP_RUN(test_hinted, "MOBIKE: ESP from where nobody answers");
	return tap_done();
}
