// SPDX-License-Identifier: GPL-2.0
/* The engine's tables: states, laws of messages, laws of verdicts. */
#include "talk.h"

#define STATES __IKE_S_MAX
#define KNOWN_TYPES 16		/* IKE_PL_FIRST to IKE_PL_LAST */

/* ---- states ---------------------------------------------------------------- */

static u32 reached_from(u8 from)
{
	u32 seen = IKE_STATE_BIT(from), before = 0;
	u8 s, to;

	while (seen != before) {
		before = seen;
		for (s = 0; s < STATES; s++)
			for (to = 0; to < STATES; to++)
				if (seen & IKE_STATE_BIT(s) && ike_state_may(s, to))
					seen |= IKE_STATE_BIT(to);
	}
	return seen;
}

static void test_reachable(void)
{
	u8 s;

	CHECK_EQ(reached_from(IKE_S_NEW), IKE_STATE_BIT(STATES) - 1);
	for (s = 0; s < STATES; s++) {
		tap_note("%s", ike_state_name(s));
		CHECK(reached_from(s) & IKE_STATE_BIT(IKE_S_DEAD));
		CHECK_EQ(ike_state_may(s, IKE_S_DEAD), s != IKE_S_DEAD);
		CHECK(s != IKE_S_DEAD || reached_from(s) == IKE_STATE_BIT(s));
	}
}

/* Every move goes forward: no SA lives twice. */
static void test_forward(void)
{
	u8 from, to;

	for (from = 0; from < STATES; from++)
		for (to = 0; to <= from; to++)
			CHECK(!ike_state_may(from, to));
}

static void test_numbers(void)
{
	unsigned int n, m;

	for (n = 0; n < 256; n++) {
		tap_note("%u", n);
		CHECK_EQ(!strcmp(ike_state_name((u8)n), "unknown"), n >= STATES);
		for (m = 0; m < n && n < STATES; m++)
			CHECK(strcmp(ike_state_name((u8)n), ike_state_name((u8)m)));
		CHECK(n < STATES || !ike_state_may((u8)n, IKE_S_DEAD));
		CHECK(n < STATES || !ike_state_may(IKE_S_NEW, (u8)n));
	}
}

static void test_illegal_moves(void)
{
	struct talk *t = talk_new();
	struct ike_sa *sa = &t->a.ike;
	struct ike_sa before;
	unsigned int from, to;

	for (from = 0; from < STATES; from++)
		for (to = 0; to < 256; to++) {
			tap_note("%s to %u", ike_state_name((u8)from), to);
			sa->state = (u8)from;
			before = *sa;
			t->a.why = ISAKMP_OK;
			ike_sa_set_state(sa, (u8)to);
			if (ike_state_may((u8)from, (u8)to)) {
				CHECK_EQ(sa->state, to);
				continue;
			}
			CHECK_REASON(t->a.why, ISAKMP_R_NO_LAW);
			CHECK_EQ(t->a.arg, to);
			CHECK_MEM(sa, &before, sizeof(before));
		}
	talk_free(t);
}

/* ---- which message when ---------------------------------------------------- */

/*
 * The whole law of exchanges, written out: '+' allowed, '.' not.  The columns
 * are the states: new, resume-sent, key-asked, init-sent, secret-asked, auth-asked,
 * auth-sent, verifying, key-asked-peer, init-answered, resume-answered,
 * auth-asked-peer, phase-1 (version 1), established, deleting, dead.
 */
static const struct {
	u8 exchange, kind;
	bool initiator;
	const char *states;
} matrix[] = {
	{ IKE_SA_INIT,		IKE_REQUEST,	true,	"................" },
	{ IKE_SA_INIT,		IKE_REQUEST,	false,	"+..............." },
	{ IKE_SA_INIT,		IKE_RESPONSE,	true,	"...+............" },
	{ IKE_SA_INIT,		IKE_RESPONSE,	false,	"................" },
	{ IKE_AUTH,		IKE_REQUEST,	true,	"................" },
	{ IKE_AUTH,		IKE_REQUEST,	false,	".........++....." },
	{ IKE_AUTH,		IKE_RESPONSE,	true,	"......+.......+." },
	{ IKE_AUTH,		IKE_RESPONSE,	false,	"................" },
	{ IKE_CREATE_CHILD_SA,	IKE_REQUEST,	true,	".............++." },
	{ IKE_CREATE_CHILD_SA,	IKE_REQUEST,	false,	".............++." },
	{ IKE_CREATE_CHILD_SA,	IKE_RESPONSE,	true,	".............++." },
	{ IKE_CREATE_CHILD_SA,	IKE_RESPONSE,	false,	".............++." },
	{ IKE_INFORMATIONAL,	IKE_REQUEST,	true,	".............++." },
	{ IKE_INFORMATIONAL,	IKE_REQUEST,	false,	".............++." },
	{ IKE_INFORMATIONAL,	IKE_RESPONSE,	true,	".............++." },
	{ IKE_INFORMATIONAL,	IKE_RESPONSE,	false,	".............++." },
	{ IKE_SESSION_RESUME,	IKE_REQUEST,	true,	"................" },
	{ IKE_SESSION_RESUME,	IKE_REQUEST,	false,	"+..............." },
	{ IKE_SESSION_RESUME,	IKE_RESPONSE,	true,	".+.............." },
	{ IKE_SESSION_RESUME,	IKE_RESPONSE,	false,	"................" },
};

static void test_matrix(void)
{
	struct ike_sa *sa = calloc(1, sizeof(*sa));
	unsigned int i;

	CHECK_EQ(ARRAY_SIZE(matrix), 5 * 2 * 2);
	for (i = 0; i < ARRAY_SIZE(matrix); i++) {
		sa->initiator = matrix[i].initiator;
		for (sa->state = 0; sa->state < STATES; sa->state++) {
			tap_note("exchange %u, %s, %s, %s", matrix[i].exchange,
				 matrix[i].kind == IKE_REQUEST ? "request" : "response",
				 sa->initiator ? "initiator" : "responder",
				 ike_state_name(sa->state));
			CHECK_EQ(ike_law_any(sa, matrix[i].exchange, matrix[i].kind),
				 matrix[i].states[sa->state] == '+');
		}
	}
	free(sa);
}

static void test_other_exchanges(void)
{
	struct ike_sa *sa = calloc(1, sizeof(*sa));
	unsigned int exchange, kind, role;

	for (exchange = 0; exchange < 256; exchange++) {
		if (exchange >= IKE_SA_INIT && exchange <= IKE_SESSION_RESUME)
			continue;
		tap_note("exchange %u", exchange);
		for (kind = IKE_REQUEST; kind <= IKE_RESPONSE; kind++)
			for (role = 0; role < 2; role++)
				for (sa->state = 0; sa->state < STATES; sa->state++) {
					sa->initiator = role;
					CHECK(!ike_law_any(sa, (u8)exchange, (u8)kind));
				}
	}
	free(sa);
}

/* ---- rows ------------------------------------------------------------------ */

#define ALL_TYPES ((BIT_ULL(KNOWN_TYPES) - 1) << (IKE_PL_FIRST - 32))

static void test_rows(void)
{
	unsigned int i;
	u8 s;

	for (i = 0; i < ike_n_laws; i++) {
		const struct ike_law *l = &ike_laws[i];
		u64 allowed = l->required | l->once | l->many;

		tap_note("%s", l->story ? l->story : "a row without story");
		CHECK(l->story && l->handle);
		CHECK(l->states && !(l->states & ~(IKE_STATE_BIT(STATES) - 1)));
		CHECK(l->kind <= IKE_RESPONSE && l->role <= IKE_WE_RESPOND);
		CHECK(!((allowed | l->when | l->unless) & ~ALL_TYPES));
		CHECK(!(l->required & l->once) && !(l->required & l->many) &&
		      !(l->once & l->many));
		/* What is required when a variant is chosen can be there */
		CHECK(!(l->when & ~allowed) && !(l->unless & allowed));
		/* RFC 7296, 3.10 and 3.12: anywhere, any number */
		CHECK(l->many & ISAKMP_PL_BIT(IKE_PL_NOTIFY) &&
		      l->many & ISAKMP_PL_BIT(IKE_PL_VENDOR));
		/* SK is opened before the law is asked */
		CHECK(!(allowed & ISAKMP_PL_BIT(IKE_PL_SK)));
		for (s = 0; s < STATES; s++)
			if (l->states & IKE_STATE_BIT(s) && l->next != IKE_STAY)
				CHECK(ike_state_may(s, l->next));
	}
}

static bool row_matches(const struct ike_law *l, u64 seen)
{
	return (!l->when || seen & l->when) && !(seen & l->unless);
}

static bool rows_meet(const struct ike_law *a, const struct ike_law *b)
{
	return a->exchange == b->exchange && a->kind == b->kind && a->states & b->states &&
	       (!a->task || !b->task || a->task == b->task) &&
	       (a->role == b->role || a->role == IKE_EITHER || b->role == IKE_EITHER);
}

static void test_disjoint(void)
{
	unsigned int i, j, types;

	for (i = 0; i < ike_n_laws; i++)
		for (j = i + 1; j < ike_n_laws; j++) {
			if (!rows_meet(&ike_laws[i], &ike_laws[j]))
				continue;
			tap_note("%s / %s", ike_laws[i].story, ike_laws[j].story);
			for (types = 0; types < 1U << KNOWN_TYPES; types++) {
				u64 seen = (u64)types << (IKE_PL_FIRST - 32);

				CHECK(!row_matches(&ike_laws[i], seen) ||
				      !row_matches(&ike_laws[j], seen));
			}
		}
}

static void test_find(void)
{
	struct ike_in *in = calloc(1, sizeof(*in));
	struct ike_sa *sa = calloc(1, sizeof(*sa));
	struct ike_request req = { .task = 0 };
	const struct ike_law *law;
	enum isakmp_reason why;
	unsigned int i;
	u8 s;

	in->req = &req;
	for (i = 0; i < ike_n_laws; i++) {
		const struct ike_law *l = &ike_laws[i];

		tap_note("%s", l->story);
		in->h.exchange = l->exchange;
		in->chain.seen = l->required | (l->when & -l->when);
		sa->initiator = l->role != IKE_WE_RESPOND;
		req.task = l->task;
		for (s = 0; s < STATES; s++) {
			sa->state = s;
			law = NULL;
			why = ike_law_find(sa, in, l->kind, &law);
			CHECK_EQ(law == l, !!(l->states & IKE_STATE_BIT(s)));
			CHECK_EQ(why, law ? ISAKMP_OK : ISAKMP_R_NO_LAW);
		}
	}
	free(sa);
	free(in);
}

static void check_bit(const struct ike_law *l, u8 type)
{
	struct isakmp_chain c = { .seen = l->required };
	u64 bit = ISAKMP_PL_BIT(type), once = l->required | l->once;
	u32 arg = 0;

	tap_note("%s, type %u", l->story, type);
	if (l->required & bit) {
		c.seen &= ~bit;
		CHECK_REASON(ike_law_check(l, &c, &arg), ISAKMP_R_MISSING);
		CHECK_EQ(arg, type);
	}
	c.seen = l->required | bit;
	if (!((once | l->many) & bit)) {
		CHECK_REASON(ike_law_check(l, &c, &arg), ISAKMP_R_UNEXPECTED);
		CHECK_EQ(arg, type);
		return;
	}
	CHECK_EQ(ike_law_check(l, &c, &arg), ISAKMP_OK);
	c.repeated = bit;
	if (!(once & bit)) {
		CHECK_EQ(ike_law_check(l, &c, &arg), ISAKMP_OK);
		return;
	}
	CHECK_REASON(ike_law_check(l, &c, &arg), ISAKMP_R_REPEATED);
	CHECK_EQ(arg, type);
}

static void test_check(void)
{
	unsigned int i, type;

	for (i = 0; i < ike_n_laws; i++)
		for (type = IKE_PL_FIRST; type <= IKE_PL_LAST; type++)
			check_bit(&ike_laws[i], (u8)type);
}

/* ---- verdicts -------------------------------------------------------------- */

static const struct ike_verdict_law *verdict_law(u8 kind, u8 state)
{
	const struct ike_verdict_law *found = NULL;
	unsigned int i;

	for (i = 0; i < ike_n_verdict_laws; i++) {
		if (ike_verdict_laws[i].kind != kind || ike_verdict_laws[i].state != state)
			continue;
		CHECK(!found);
		found = &ike_verdict_laws[i];
	}
	return found;
}

static void test_verdict_rows(void)
{
	unsigned int i;

	CHECK_EQ(ike_n_verdict_laws, 7);
	CHECK(verdict_law(IKE_ASK_KEX, IKE_S_I_KEX));
	CHECK(verdict_law(IKE_ASK_KEX, IKE_S_I_INIT));
	CHECK(verdict_law(IKE_ASK_KEX, IKE_S_I_SECRET));
	CHECK(verdict_law(IKE_ASK_KEX, IKE_S_R_KEX));
	CHECK(verdict_law(IKE_ASK_I_AUTH, IKE_S_I_ASK));
	CHECK(verdict_law(IKE_ASK_I_VERIFY, IKE_S_I_VERIFY));
	CHECK(verdict_law(IKE_ASK_R_AUTH, IKE_S_R_ASK));
	for (i = 0; i < ike_n_verdict_laws; i++) {
		CHECK(ike_verdict_laws[i].handle != NULL);
		CHECK(ike_verdict_laws[i].next == IKE_STAY ||
		      ike_state_may(ike_verdict_laws[i].state, ike_verdict_laws[i].next));
	}
}

static void test_verdict_unasked(void)
{
	struct talk *t = talk_new();
	struct ike_verdict v = { 0 };
	unsigned int kind, state;
	u64 before;

	talk_open_a(t);
	for (state = 0; state < STATES; state++)
		for (kind = 0; kind < 256; kind++) {
			if (verdict_law((u8)kind, (u8)state))
				continue;
			tap_note("kind %u, %s", kind, ike_state_name((u8)state));
			t->a.ike.state = (u8)state;
			t->a.ike.give_up_at = IKE_NEVER - 1;
			v.kind = (u8)kind;
			before = talk_hash(&t->a);
			CHECK_REASON(talk_verdict(&t->a, &v), ISAKMP_R_HELPER_ERROR);
			CHECK_EQ(talk_hash(&t->a), before);
		}
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_reachable, "states: all are reached from new, dead from all");
	TAP_RUN(test_forward, "states: every move goes forward");
	TAP_RUN(test_numbers, "states: names, and numbers that are none");
	TAP_RUN(test_illegal_moves, "states: a move not in the table changes nothing");
	TAP_RUN(test_matrix, "law: exchange, kind, role, state (threats 47, 48)");
	TAP_RUN(test_other_exchanges, "law: no other exchange is ever allowed");
	TAP_RUN(test_rows, "law: every row is sound");
	TAP_RUN(test_disjoint, "law: no message obeys two rows");
	TAP_RUN(test_find, "law: every row is found, in its states only");
	TAP_RUN(test_check, "law: missing, unexpected, repeated payloads (threat 31)");
	TAP_RUN(test_verdict_rows, "verdicts: the table is sound");
	TAP_RUN(test_verdict_unasked, "verdicts: unasked ones change nothing");
	return tap_done();
}
