// SPDX-License-Identifier: GPL-2.0
/* The states of an IKE SA, and the one door between them. */
#include "ike/engine.h"
#include "v1/v1.h"

static const char *const state_names[] = {
#define S(id, name) [IKE_S_##id] = name,
	IKE_STATES(S)
#undef S
};

#define B(s) IKE_STATE_BIT(IKE_S_##s)

/* From each state, where one may go.  DEAD is the end. */
static const u32 state_moves[] = {
	[IKE_S_NEW]	    = B(I_KEX) | B(I_INIT) | B(I_RESUME) | B(R_KEX) | B(R_INIT) |
			      B(R_RESUME) | B(V1) | B(DEAD),
	[IKE_S_I_RESUME]    = B(I_KEX) | B(I_INIT) | B(I_AUTH) | B(DEAD),
	[IKE_S_I_KEX]	    = B(I_INIT) | B(DEAD),
	[IKE_S_I_INIT]	    = B(I_SECRET) | B(I_ASK) | B(DEAD),
	[IKE_S_I_SECRET]    = B(I_ASK) | B(DEAD),
	[IKE_S_I_ASK]	    = B(I_AUTH) | B(DEAD),
	[IKE_S_I_AUTH]	    = B(I_VERIFY) | B(DELETING) | B(DEAD),
	[IKE_S_I_VERIFY]    = B(ESTABLISHED) | B(DELETING) | B(DEAD),
	[IKE_S_R_KEX]	    = B(R_INIT) | B(DEAD),
	[IKE_S_R_INIT]	    = B(R_ASK) | B(DEAD),
	[IKE_S_R_RESUME]    = B(ESTABLISHED) | B(DEAD),
	[IKE_S_R_ASK]	    = B(ESTABLISHED) | B(DEAD),
	[IKE_S_V1]	    = B(ESTABLISHED) | B(DEAD),
	[IKE_S_ESTABLISHED] = B(DELETING) | B(DEAD),
	[IKE_S_DELETING]    = B(DEAD),
	[IKE_S_DEAD]	    = 0,
};

#undef B

/**
 * ike_state_name - what people call a state
 * @state: enum ike_state
 *
 * Context: Any.
 * Return: a static string, "unknown" for a number that is no state.
 */
const char *ike_state_name(u8 state)
{
	return state < ARRAY_SIZE(state_names) ? state_names[state] : "unknown";
}

/**
 * ike_state_may - is a move allowed?
 * @from: enum ike_state
 * @to: enum ike_state
 *
 * Context: Any.
 * Return: true if the table has the move.
 */
bool ike_state_may(u8 from, u8 to)
{
	return from < ARRAY_SIZE(state_moves) && to < ARRAY_SIZE(state_moves) &&
	       state_moves[from] & IKE_STATE_BIT(to);
}

/**
 * ike_sa_set_state - the one door for state changes
 * @sa: the SA
 * @state: enum ike_state
 *
 * A move that the table does not have is refused and changes nothing.
 *
 * Context: Process; the SA's worker.
 */
void ike_sa_set_state(struct ike_sa *sa, u8 state)
{
	u8 old = sa->state;

	if (!ike_state_may(old, state)) {
		isakmp_refused(sa, ISAKMP_R_NO_LAW, state);
		return;
	}
	sa->state = state;
	isakmp_state_changed(sa, old);
}

/**
 * ike_setup_free - forget what only the setting up needed
 * @sa: the SA
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void ike_setup_free(struct ike_sa *sa)
{
	struct ike_setup *s = sa->setup;

	if (!s)
		return;
	ike_try_free_all(s);
	isakmp_kex_free(s->kex);
	isakmp_free(s->msg_i);
	isakmp_free(s->msg_r);
	isakmp_free(s->inner);
	isakmp_free(s->certreq);
	ike_ticket_free(s->ticket);
	isakmp_free(s);
	sa->setup = NULL;
}

/* SK_pi and SK_pr are for IKE_AUTH. */
static void forget_proofs(struct ike_sa *sa)
{
	memzero_explicit(sa->sk_pi, sizeof(sa->sk_pi));
	memzero_explicit(sa->sk_pr, sizeof(sa->sk_pr));
}

/**
 * ike_sa_die - end an SA
 * @sa: the SA
 * @why: ISAKMP_OK: as asked; else the reason
 * @linger_ms: how long it stays to have its stored response repeated
 * @now: ms
 *
 * The children go, questions are withdrawn, keys are forgotten, nothing is sent any more.
 *
 * Context: Process; the SA's worker.
 */
void ike_sa_die(struct ike_sa *sa, enum isakmp_reason why, u64 linger_ms, u64 now)
{
	struct ike_epoch *ep;

	if (sa->state == IKE_S_DEAD)
		return;
	if (why)
		sa->reason = why;
	ike_unask(sa);
	v1_sa_silence(sa);
	ike_ticket_lost(sa, why, now);
	ike_child_drop_all(sa, why);
	isakmp_lease_drop(sa);
	ike_epoch_silence(sa);
	ike_setup_free(sa);
	for (ep = sa->ep; ep; ep = ep->next) {
		ike_fragments_free(sa, ep);
		ike_epoch_forget(ep);
	}
	forget_proofs(sa);
	sa->tasks = 0;
	sa->dpd_at = IKE_NEVER;
	sa->rekey_at = IKE_NEVER;
	sa->expire_at = IKE_NEVER;
	sa->until_at = IKE_NEVER;
	sa->reauth_at = IKE_NEVER;
	sa->release_at = IKE_NEVER;
	sa->keepalive_at = IKE_NEVER;
	sa->follow_at = IKE_NEVER;
	sa->retry_at = IKE_NEVER;
	sa->ticket_at = IKE_NEVER;
	sa->token_at = IKE_NEVER;
	sa->give_up_at = now + linger_ms;
	ike_sa_set_state(sa, IKE_S_DEAD);
}

/**
 * ike_sa_established - both sides are authenticated
 * @sa: the SA
 * @now: ms
 *
 * Starts the clocks of a long life.
 *
 * Context: Process; the SA's worker.
 */
void ike_sa_established(struct ike_sa *sa, u64 now)
{
	sa->established_at = now;
	sa->give_up_at = IKE_NEVER;
	sa->reason = ISAKMP_OK;
	sa->dpd_s = sa->peer->dpd_s;
	sa->life_s = sa->peer->life_s;
	if (sa->dpd_s)
		sa->dpd_at = now + (u64)sa->dpd_s * 1000;
	ike_sa_limits(sa, now);
	ike_window_begin(sa);
	ike_path_established(sa, now);
	forget_proofs(sa);
	ike_sa_set_state(sa, IKE_S_ESTABLISHED);
}
