// SPDX-License-Identifier: GPL-2.0
/*
 * What an authentication stands on, and when it ends: INITIAL_CONTACT (RFC 7296, 2.4),
 * AUTH_LIFETIME (RFC 4478), what the helper says of a peer, revoking.
 */
#include "talk.h"

#define LEFT_S 100

/* A notification among the payloads of a message; NULL: it is not there. */
static const struct body *notified(const struct message *m, u16 type)
{
	unsigned int i;

	for (i = 0; i < m->n; i++)
		if (m->b[i].type == IKE_PL_NOTIFY && m->b[i].n >= 4 &&
		    get_unaligned_be16(m->b[i].p + 2) == type)
			return &m->b[i];
	return NULL;
}

static bool says(struct end *e, u16 type)
{
	struct message m;
	bool found;

	message_read(&m, e, &e->queue[0]);
	found = notified(&m, type);
	message_free(&m);
	return found;
}

/* Takes the oldest of @from to the other end. */
static void pass(struct end *from)
{
	struct packet p = talk_take(from);

	CHECK(p.n);
	talk_deliver(talk_other(from), &p);
	packet_free(&p);
}

#define SPAN(s) ((struct ike_span){ (const u8 *)(s), sizeof(s) - 1 })

/* The helper of @e accepts, and says what it stands on. */
static enum isakmp_reason accept_for(struct end *e, u32 left_s)
{
	struct ike_verdict v;

	talk_good_verdict(e, &v);
	v.unique = SPAN("\x02the peer");
	v.local_cred = SPAN("ours");
	v.remote_cred = SPAN("theirs");
	v.handle = SPAN("a handle");
	v.left_s = left_s;
	return talk_verdict(e, &v);
}

/* Up; the helpers give A and B so many seconds. */
static struct talk *up_for(u32 a_s, u32 b_s)
{
	struct talk *t = talk_at(TALK_R_ASKING);

	CHECK_REASON(accept_for(&t->b, b_s), ISAKMP_OK);
	pass(&t->b);
	CHECK_REASON(accept_for(&t->a, a_s), ISAKMP_OK);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	return t;
}

/* ---- INITIAL_CONTACT ----------------------------------------------------- */

static void test_contact_said(void)
{
	struct talk *t = talk_at(TALK_I_ASKING);

	t->a.initial = true;
	talk_answer(&t->a, ISAKMP_OK);
	CHECK(says(&t->a, IKE_N_INITIAL_CONTACT));
	CHECK(!t->b.ike.contact);
	pass(&t->a);
	CHECK(t->b.ike.contact);
	talk_settle(t);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	talk_over(t);
}

static void test_contact_unsaid(void)
{
	struct talk *t = talk_at(TALK_AUTH);

	CHECK(!says(&t->a, IKE_N_INITIAL_CONTACT));
	talk_settle(t);
	CHECK(!t->b.ike.contact);
	talk_over(t);
}

/* RFC 7296, 2.4: "receiving parties MAY ignore it in other messages". */
static void test_contact_late(void)
{
	static const u8 body[] = { 0, 0, IKE_N_INITIAL_CONTACT >> 8, IKE_N_INITIAL_CONTACT & 0xff };
	struct talk *t = talk_at(TALK_UP);
	struct message m;

	message_new(&m, &t->a, IKE_INFORMATIONAL, IKE_REQUEST, 2);
	message_add(&m, IKE_PL_NOTIFY, body, sizeof(body));
	CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_OK);
	CHECK(!t->b.ike.contact);
	talk_over(t);
}

/* ---- may there be another one -------------------------------------------- */

static void test_not_unique_initiator(void)
{
	struct talk *t = talk_at(TALK_I_VERIFYING);

	t->a.known_why = ISAKMP_R_NOT_UNIQUE;
	CHECK_REASON(talk_answer(&t->a, ISAKMP_OK), ISAKMP_R_NOT_UNIQUE);
	CHECK_EQ(t->a.ike.state, IKE_S_DELETING);
	CHECK(says(&t->a, IKE_N_AUTHENTICATION_FAILED));
	talk_settle(t);
	CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
	talk_over(t);
}

static void test_not_unique_responder(void)
{
	struct talk *t = talk_at(TALK_R_ASKING);

	t->b.known_why = ISAKMP_R_NOT_UNIQUE;
	CHECK_REASON(talk_answer(&t->b, ISAKMP_OK), ISAKMP_R_NOT_UNIQUE);
	CHECK(says(&t->b, IKE_N_AUTHENTICATION_FAILED));
	CHECK(!t->b.xfrm);
	talk_settle(t);
	CHECK(!t->a.live);
	talk_over(t);
}

/* ---- what it stands on --------------------------------------------------- */

static void check_basis(const struct end *e, const char *local)
{
	const struct ike_basis *b = e->ike.basis;

	if (!CHECK(b))
		return;
	CHECK_EQ(b->unique_len, 9);
	CHECK_MEM(b->unique, "\x02the peer", 9);
	CHECK(!strcmp(b->local_cred, local) && !strcmp(b->remote_cred, "theirs"));
	CHECK_EQ(b->handle_len, 8);
	CHECK_MEM(b->handle, "a handle", 8);
}

static void test_basis(void)
{
	struct talk *t = up_for(0, 0);
	struct ike_sa_view *v = calloc(1, ike_view_size(&t->b.ike));

	check_basis(&t->b, "ours");
	check_basis(&t->a, "ours");
	ike_view_fill(&t->b.ike, v);
	CHECK(!strcmp(v->local_cred, "ours") && !strcmp(v->remote_cred, "theirs"));
	CHECK_EQ(v->handle_len, 8);
	CHECK(v->until_at == IKE_NEVER);
	free(v);
	talk_over(t);
}

/* A helper that says nothing: the identity is as it is. */
static void test_basis_default(void)
{
	struct talk *t = talk_at(TALK_UP);
	const struct ike_basis *b = t->b.ike.basis;

	CHECK_EQ(b->unique_len, 2);
	CHECK_MEM(b->unique, ((const u8[]){ IKE_ID_FQDN, 'A' }), 2);
	CHECK(!*b->local_cred && !*b->remote_cred && !b->handle_len);
	talk_over(t);
}

/* What our side is made of is known before the peer is. */
static void test_basis_local(void)
{
	struct talk *t = talk_at(TALK_I_ASKING);
	struct ike_verdict v;

	talk_good_verdict(&t->a, &v);
	v.local_cred = SPAN("ours");
	CHECK_REASON(talk_verdict(&t->a, &v), ISAKMP_OK);
	CHECK(!strcmp(t->a.ike.basis->local_cred, "ours"));
	pass(&t->a);
	talk_answer(&t->b, ISAKMP_OK);
	pass(&t->b);
	talk_good_verdict(&t->a, &v);
	v.unique = SPAN("\x02the peer");
	v.remote_cred = SPAN("theirs");
	v.handle = SPAN("a handle");
	CHECK_REASON(talk_verdict(&t->a, &v), ISAKMP_OK);
	check_basis(&t->a, "ours");
	talk_over(t);
}

/* ---- until when ---------------------------------------------------------- */

/* RFC 4478: the responder says so, the initiator takes the earlier of both. */
static void test_lifetime_told(void)
{
	struct talk *t = talk_at(TALK_R_ASKING);
	const struct body *b;
	struct message m;

	CHECK_REASON(accept_for(&t->b, LEFT_S), ISAKMP_OK);
	CHECK_EQ(t->b.ike.until_at, t->now + LEFT_S * 1000);
	message_read(&m, &t->b, &t->b.queue[0]);
	b = notified(&m, IKE_N_AUTH_LIFETIME);
	if (CHECK(b) && CHECK_EQ(b->n, 8)) {
		CHECK_MEM(b->p, ((const u8[]){ 0, 0 }), 2);
		CHECK_EQ(get_unaligned_be32(b->p + 4), LEFT_S);
	}
	message_free(&m);
	pass(&t->b);
	CHECK_REASON(accept_for(&t->a, 2 * LEFT_S), ISAKMP_OK);
	CHECK_EQ(t->a.ike.until_at, t->now + LEFT_S * 1000);
	talk_over(t);

	t = up_for(LEFT_S / 2, LEFT_S);
	CHECK_EQ(t->a.ike.until_at, t->now + LEFT_S * 500);
	talk_over(t);
}

/* Nothing is said of an authentication without an end. */
static void test_lifetime_untold(void)
{
	struct talk *t = talk_at(TALK_AUTH_ANSWERED);

	CHECK(!says(&t->b, IKE_N_AUTH_LIFETIME));
	CHECK(t->b.ike.until_at == IKE_NEVER);
	talk_over(t);
}

/* The operator's word counts as well. */
static void test_lifetime_configured(void)
{
	struct talk *t = talk_new();

	t->b.peer.reauth_s = LEFT_S;
	talk_advance(t, TALK_AUTH_ANSWERED);
	CHECK(says(&t->b, IKE_N_AUTH_LIFETIME));
	CHECK_EQ(t->b.ike.until_at, t->now + LEFT_S * 1000);
	talk_settle(t);
	CHECK_EQ(t->a.ike.until_at, t->now + LEFT_S * 1000);
	talk_over(t);
}

static enum isakmp_reason say_lifetime(struct talk *t, struct end *from, u32 id, const void *data,
				       size_t n)
{
	u8 body[16] = { 0, 0, IKE_N_AUTH_LIFETIME >> 8, IKE_N_AUTH_LIFETIME & 0xff };
	struct message m;

	memcpy(body + 4, data, n);
	message_new(&m, from, IKE_INFORMATIONAL, IKE_REQUEST, id);
	message_add(&m, IKE_PL_NOTIFY, body, 4 + n);
	return message_deliver(&m, from);
}

/* A second is no time: who says so of each new IKE SA does not keep us busy. */
static void test_lifetime_least(void)
{
	static const u8 one[] = { 0, 0, 0, 1 };
	struct talk *t = talk_at(TALK_UP);

	CHECK_REASON(say_lifetime(t, &t->b, 0, one, 4), ISAKMP_OK);
	CHECK_EQ(t->a.ike.until_at, t->now + IKE_LIFETIME_LEAST_MS);
	CHECK(t->a.ike.reauth_at >= t->now + IKE_LIFETIME_LEAST_MS / 2);
	talk_over(t);
}

/* RFC 4478, 3: "in an INFORMATIONAL request", too; zero: at once. */
static void test_lifetime_later(void)
{
	static const u8 ten[] = { 0, 0, 0, 10 }, zero[4], odd[3] = { 0, 0, 1 };
	struct talk *t = talk_at(TALK_UP);

	CHECK_REASON(say_lifetime(t, &t->b, 0, odd, 3), ISAKMP_OK);
	CHECK(t->a.ike.until_at == IKE_NEVER);
	CHECK_REASON(say_lifetime(t, &t->b, 1, ten, 4), ISAKMP_OK);
	CHECK_EQ(t->a.ike.until_at, t->now + 10000);
	CHECK(t->a.ike.reauth_at < t->a.ike.until_at && t->a.ike.reauth_at >= t->now + 7500);
	/* never later again */
	CHECK_REASON(say_lifetime(t, &t->b, 2, ((const u8[]){ 0, 0, 1, 0 }), 4), ISAKMP_OK);
	CHECK_EQ(t->a.ike.until_at, t->now + 10000);
	/* Not as fast as it can be said */
	CHECK_REASON(say_lifetime(t, &t->b, 3, zero, 4), ISAKMP_OK);
	CHECK_EQ(t->a.ike.reauth_at, t->a.ike.created_at + IKE_LIFETIME_LEAST_MS);
	t->now += IKE_LIFETIME_LEAST_MS;
	CHECK_REASON(say_lifetime(t, &t->b, 4, zero, 4), ISAKMP_OK);
	CHECK_EQ(t->a.ike.reauth_at, t->now);
	/* The initiator does not tell the responder */
	CHECK_REASON(say_lifetime(t, &t->a, 2, ten, 4), ISAKMP_OK);
	CHECK(t->b.ike.until_at == IKE_NEVER);
	talk_over(t);
}

static void operator_says(struct end *e, u32 reauth_s)
{
	struct ike_event ev = { .type = IKE_EV_REAUTH, .reauth_s = reauth_s };

	CHECK_EQ(talk_event(e, &ev), ISAKMP_OK);
}

/* RFC 4478, 3: the operator shortens it while the SA is up: the initiator is told. */
static void test_lifetime_shortened(void)
{
	struct talk *t = talk_at(TALK_UP);
	u64 begin = t->now;

	t->now += 100000;
	operator_says(&t->b, 0);
	CHECK(t->b.ike.until_at == IKE_NEVER && !t->b.queued);
	operator_says(&t->b, 3600);
	CHECK_EQ(t->b.ike.until_at, begin + 3600000);
	CHECK_EQ(t->b.queued, 1);
	talk_settle(t);
	CHECK_EQ(t->a.ike.until_at, begin + 3600000);
	CHECK(t->a.ike.reauth_at < t->b.ike.reauth_at);
	/* Not longer; nor said again */
	operator_says(&t->b, 7200);
	operator_says(&t->b, 3600);
	CHECK_EQ(t->b.ike.until_at, begin + 3600000);
	CHECK_EQ(t->b.queued, 0);
	/* Over already: a minute to do it anew */
	operator_says(&t->b, 50);
	talk_settle(t);
	CHECK_EQ(t->b.ike.until_at, t->now + IKE_ESTABLISH_MS);
	CHECK_EQ(t->a.ike.until_at, t->now + IKE_ESTABLISH_MS);
	/* The initiator's own is nobody else's business */
	operator_says(&t->a, 110);
	CHECK_EQ(t->a.queued, 0);
	CHECK_EQ(t->a.refusals + t->b.refusals, 0);
	talk_over(t);
}

/* Before its end the initiator authenticates anew, then the responder. */
static void test_reauth(void)
{
	struct talk *t = up_for(0, LEFT_S);
	u64 begin = t->now;

	CHECK(t->a.ike.reauth_at < t->b.ike.reauth_at);
	CHECK(t->a.ike.reauth_at >= begin + LEFT_S * 750);
	CHECK(t->b.ike.reauth_at < begin + LEFT_S * 1000);
	talk_timer(&t->a, t->a.ike.reauth_at);
	CHECK_EQ(t->a.renews, 1);
	CHECK_REASON(t->a.renew_why, ISAKMP_R_AUTH_EXPIRED);
	CHECK(t->a.ike.reauth_at > t->now && t->a.ike.state == IKE_S_ESTABLISHED);
	talk_timer(&t->b, t->b.ike.reauth_at);
	CHECK_EQ(t->b.renews, 1);
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);
}

/* A child of who authenticates anew sends only when the initiator has it, too. */
static void test_anew(void)
{
	struct talk *t = talk_new();

	t->b.anew = true;
	talk_advance(t, TALK_AUTH_ANSWERED);
	CHECK(t->b.xfrm && t->b.xfrm->held);
	pass(&t->b);
	talk_answer(&t->a, ISAKMP_OK);
	CHECK(t->b.xfrm->held && !t->a.xfrm->held);
	CHECK_EQ(ike_sa_deadline(&t->b.ike), t->now + IKE_HOLD_MS);
	talk_timer(&t->b, ike_sa_deadline(&t->b.ike));
	CHECK(!t->b.xfrm->held && t->b.switches == 1);
	talk_over(t);
	t = talk_at(TALK_AUTH_ANSWERED);
	CHECK(!t->b.xfrm->held);
	talk_over(t);
}

/* At the end it ends: the children at once, then the peer is told. */
static void test_expired(void)
{
	struct talk *t = up_for(0, LEFT_S);

	t->b.ike.reauth_at = IKE_NEVER;
	CHECK_REASON(talk_timer(&t->b, t->b.ike.until_at), ISAKMP_R_AUTH_EXPIRED);
	CHECK(!t->b.xfrm && !t->b.ike.children);
	CHECK_REASON(t->b.down_why, ISAKMP_R_AUTH_EXPIRED);
	CHECK_EQ(t->b.ike.state, IKE_S_DELETING);
	CHECK_REASON(t->b.ike.reason, ISAKMP_R_AUTH_EXPIRED);
	talk_settle(t);
	CHECK(!t->b.live && !t->a.xfrm);
	talk_over(t);
}

/* ---- revoking ------------------------------------------------------------ */

static enum isakmp_reason bar(struct end *e)
{
	struct ike_event ev = { .type = IKE_EV_BAR, .why = ISAKMP_R_REVOKED };

	return talk_event(e, &ev);
}

static void test_revoked(void)
{
	struct talk *t = talk_at(TALK_UP);

	CHECK_REASON(bar(&t->b), ISAKMP_R_REVOKED);
	CHECK(!t->b.xfrm && !t->b.ike.children);
	CHECK_EQ(t->b.ike.state, IKE_S_DELETING);
	CHECK_REASON(bar(&t->b), ISAKMP_OK);
	talk_settle(t);
	CHECK(!t->b.live && !t->a.xfrm);
	talk_over(t);
}

/* A negotiation is under way: nothing comes of it. */
static void test_revoked_negotiating(void)
{
	struct talk *t = talk_at(TALK_UP);
	struct ike_child_policy second = t->a.child;
	struct ike_event ev = { .type = IKE_EV_CHILD_START, .peer = &t->a.peer, .child = &second };

	strcpy(second.name, "second");
	talk_event(&t->a, &ev);
	CHECK(t->a.ike.ep->out && t->a.ike.n_children == 2);
	CHECK_REASON(bar(&t->a), ISAKMP_R_REVOKED);
	CHECK(!t->a.xfrm);
	CHECK_EQ(t->a.ike.n_children, 1);
	talk_settle(t);
	CHECK(!t->a.live && !t->b.xfrm);
	CHECK_EQ(t->a.ups, 1);
	talk_over(t);
}

/* What the peer proposes meanwhile is refused. */
static void test_revoked_asked(void)
{
	struct talk *t = talk_at(TALK_UP);
	struct ike_child_policy second = t->a.child;
	struct ike_event ev = { .type = IKE_EV_CHILD_START, .peer = &t->a.peer, .child = &second };

	strcpy(second.name, "second");
	bar(&t->b);
	talk_event(&t->a, &ev);
	pass(&t->a);
	CHECK(!t->b.xfrm && !t->b.ike.children);
	talk_settle(t);
	CHECK(!t->a.xfrm && !t->b.live);
	CHECK_EQ(t->b.ups, 1);
	talk_over(t);
}

/* While it is set up: at each stage it ends, and the responder hears of it. */
static void test_revoked_early(void)
{
	enum talk_stage s;
	struct talk *t;

	for (s = TALK_INIT; s < TALK_UP; s++) {
		t = talk_at(s);
		CHECK_REASON(bar(&t->a), ISAKMP_R_REVOKED);
		talk_settle(t);
		CHECK(!t->a.live || t->a.ike.state == IKE_S_DEAD);
		CHECK(!t->a.xfrm && !t->b.xfrm);
		CHECK_EQ(t->a.ups, 0);
		talk_over(t);
	}
	t = talk_at(TALK_R_ASKING);
	CHECK_REASON(bar(&t->b), ISAKMP_R_REVOKED);
	CHECK(!t->b.asking && !t->b.xfrm);
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_contact_said, "INITIAL_CONTACT: in the first IKE_AUTH request, and heard there");
	TAP_RUN(test_contact_unsaid, "INITIAL_CONTACT: not where there is another IKE SA");
	TAP_RUN(test_contact_late, "INITIAL_CONTACT: nothing in any other message");
	TAP_RUN(test_not_unique_initiator, "unique: the initiator refuses a responder it knows elsewhere");
	TAP_RUN(test_not_unique_responder, "unique: the responder refuses, AUTHENTICATION_FAILED");
	TAP_RUN(test_basis, "basis: identity, credentials and handle stay with the SA");
	TAP_RUN(test_basis_default, "basis: without the helper's word the identity is as it is");
	TAP_RUN(test_basis_local, "basis: our credential is known from i-auth on");
	TAP_RUN(test_lifetime_told, "AUTH_LIFETIME: told and taken (RFC 4478)");
	TAP_RUN(test_lifetime_untold, "AUTH_LIFETIME: not without an end");
	TAP_RUN(test_lifetime_configured, "AUTH_LIFETIME: the operator's word counts");
	TAP_RUN(test_lifetime_shortened, "AUTH_LIFETIME: shortened while the IKE SA is up (RFC 4478)");
	TAP_RUN(test_lifetime_least, "AUTH_LIFETIME: of a second, and zero again and again");
	TAP_RUN(test_lifetime_later, "AUTH_LIFETIME: by INFORMATIONAL, zero, malformed");
	TAP_RUN(test_reauth, "authentication anew: the initiator before the responder, before the end");
	TAP_RUN(test_anew, "authentication anew: the responder sends when the initiator can receive");
	TAP_RUN(test_expired, "the end of an authentication: children at once, then the Delete");
	TAP_RUN(test_revoked, "revoked: children at once, then the Delete");
	TAP_RUN(test_revoked_negotiating, "revoked while a child is negotiated: it does not come up");
	TAP_RUN(test_revoked_asked, "revoked: what the peer proposes then is refused");
	TAP_RUN(test_revoked_early, "revoked while it is set up, at every stage");
	return tap_done();
}
