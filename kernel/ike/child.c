// SPDX-License-Identifier: GPL-2.0
/* The child SA: negotiated in IKE_AUTH, installed, deleted, lost. */
#include "ike/engine.h"
#include "wire/sa.h"

static void add_ts(struct ike_msg *m, u8 type, const struct isakmp_ts *ts, unsigned int n)
{
	isakmp_build_payload(&m->b, type);
	isakmp_ts_encode(&m->b.o, ts, n);
	isakmp_build_close(&m->b);
}

/**
 * ike_child_offer - SAi2, TSi, TSr of the child the initiator wants
 * @sa: the initiator
 * @m: the IKE_AUTH request
 *
 * Context: Process; the SA's worker.
 */
void ike_child_offer(struct ike_sa *sa, struct ike_msg *m)
{
	const struct ike_child_policy *p = sa->want;

	sa->setup->child_spi = isakmp_child_spi(sa);
	isakmp_build_payload(&m->b, IKE_PL_SA);
	ike_suites_encode(&m->b.o, &p->esp, sa->setup->child_spi, false);
	isakmp_build_close(&m->b);
	add_ts(m, IKE_PL_TSI, p->local, p->n_local);
	add_ts(m, IKE_PL_TSR, p->remote, p->n_remote);
}

/* Room for both lists of a child, in one allocation that @local owns. */
static bool alloc_ts(struct ike_child *c)
{
	c->local = isakmp_alloc(2 * IKE_TS_MAX * sizeof(*c->local));
	c->remote = c->local ? c->local + IKE_TS_MAX : NULL;
	return c->local;
}

static void forget(struct ike_child *c)
{
	isakmp_free(c->local);
	memset(c, 0, sizeof(*c));
}

static enum isakmp_reason install(struct ike_sa *sa)
{
	struct ike_child *c = &sa->child;
	const struct ike_setup *s = sa->setup;
	struct ike_child_secrets secrets = {
		.ni = { s->ni, s->ni_len }, .nr = { s->nr, s->nr_len },
	};
	u8 key_in[IKE_CHILD_KEY_MAX], key_out[IKE_CHILD_KEY_MAX];
	enum isakmp_reason why;

	why = ike_child_keys(sa, c, &secrets, key_in, key_out);
	if (!why)
		why = isakmp_child_install(sa, c, key_in, key_out);
	memzero_explicit(key_in, sizeof(key_in));
	memzero_explicit(key_out, sizeof(key_out));
	if (why)
		return why;
	c->state = IKE_CHILD_UP;
	isakmp_child_changed(sa, c, ISAKMP_OK);
	return ISAKMP_OK;
}

/* ---- responder ----------------------------------------------------------- */

/* The selectors the initiator proposes; the scratch is the caller's. */
struct proposed {
	unsigned int n_i;
	unsigned int n_r;
	struct isakmp_ts i[IKE_TS_MAX];
	struct isakmp_ts r[IKE_TS_MAX];
};

static bool read_ts(const struct isakmp_chain *c, struct proposed *ts)
{
	const struct isakmp_payload *i = isakmp_chain_find(c, IKE_PL_TSI);
	const struct isakmp_payload *r = isakmp_chain_find(c, IKE_PL_TSR);

	return i && r && !isakmp_ts_decode(i, ts->i, IKE_TS_MAX, &ts->n_i) &&
	       !isakmp_ts_decode(r, ts->r, IKE_TS_MAX, &ts->n_r);
}

/* The first child of the peer that is allowed and has traffic in common. */
static bool match_child(struct ike_sa *sa, const struct proposed *ts, u32 allowed)
{
	struct ike_child *c = &sa->child;
	unsigned int i;

	for (i = 0; i < sa->peer->n_child; i++) {
		const struct ike_child_policy *p = sa->peer->child[i];

		if (!(allowed & BIT(i)))
			continue;
		c->n_local = (u8)ike_ts_narrow(p->local, p->n_local, ts->r, ts->n_r,
					       c->local, IKE_TS_MAX);
		c->n_remote = (u8)ike_ts_narrow(p->remote, p->n_remote, ts->i, ts->n_i,
						c->remote, IKE_TS_MAX);
		c->policy = p;
		if (c->n_local && c->n_remote)
			return true;
	}
	return false;
}

static enum isakmp_reason agree(struct ike_sa *sa, const struct isakmp_chain *chain,
				u32 allowed, u8 *proposal, u16 *notify)
{
	struct proposed *ts = isakmp_alloc(sizeof(*ts));
	struct ike_child *c = &sa->child;
	const struct ike_suite *s;
	bool found;

	found = ts && alloc_ts(c) && read_ts(chain, ts) && match_child(sa, ts, allowed);
	isakmp_free(ts);
	*notify = IKE_N_TS_UNACCEPTABLE;
	if (!found)
		return c->local ? ISAKMP_R_TS : ISAKMP_R_NO_MEMORY;
	*notify = IKE_N_NO_PROPOSAL_CHOSEN;
	s = ike_suite_select(&c->policy->esp, isakmp_chain_find(chain, IKE_PL_SA),
			     IKE_KE_NONE, false, proposal, &c->spi_out);
	if (!s || !c->spi_out)
		return ISAKMP_R_NO_PROPOSAL;
	c->suite = *s;
	c->suite.ke = IKE_KE_NONE;
	c->spi_in = isakmp_child_spi(sa);
	return ISAKMP_OK;
}

/**
 * ike_child_accept - the responder sets up the child of an IKE_AUTH request
 * @sa: the responder; peer and keys are known
 * @chain: the payloads of the request
 * @allowed: bit n: sa->peer->child[n] may be used
 * @proposal: number of the proposal accepted
 * @notify: notify type to answer with when refused
 *
 * Context: Process; the SA's worker.
 * Return: OK when installed, else why there is no child.
 */
enum isakmp_reason ike_child_accept(struct ike_sa *sa, const struct isakmp_chain *chain,
				    u32 allowed, u8 *proposal, u16 *notify)
{
	enum isakmp_reason why = agree(sa, chain, allowed, proposal, notify);

	if (!why)
		why = install(sa);
	if (why)
		forget(&sa->child);
	return why;
}

/**
 * ike_child_answer - SAr2, TSi, TSr of the child just set up
 * @sa: the responder
 * @m: the IKE_AUTH response
 * @proposal: number of the peer's proposal
 *
 * Context: Process; the SA's worker.
 */
void ike_child_answer(struct ike_sa *sa, struct ike_msg *m, u8 proposal)
{
	const struct ike_child *c = &sa->child;

	isakmp_build_payload(&m->b, IKE_PL_SA);
	ike_suite_encode(&m->b.o, &c->suite, proposal, c->spi_in);
	isakmp_build_close(&m->b);
	add_ts(m, IKE_PL_TSI, c->remote, c->n_remote);
	add_ts(m, IKE_PL_TSR, c->local, c->n_local);
}

/* ---- initiator ----------------------------------------------------------- */

/* Why the responder gave us no child: its first error notification. */
static enum isakmp_reason refused_by(const struct isakmp_chain *chain, u32 *arg)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;

	while ((p = isakmp_chain_next(chain, IKE_PL_NOTIFY, p))) {
		if (isakmp_notify_decode(p, &n) || n.type >= IKE_N_STATUS)
			continue;
		*arg = n.type;
		return ISAKMP_R_PEER_ERROR;
	}
	*arg = IKE_PL_SA;
	return ISAKMP_R_MISSING;
}

static enum isakmp_reason read_answer(struct ike_sa *sa, const struct isakmp_chain *chain)
{
	const struct isakmp_payload *i = isakmp_chain_find(chain, IKE_PL_TSI);
	const struct isakmp_payload *r = isakmp_chain_find(chain, IKE_PL_TSR);
	struct ike_child *c = &sa->child;
	const struct ike_suite *s;
	unsigned int n_i, n_r;

	s = ike_suite_chosen(&sa->want->esp, isakmp_chain_find(chain, IKE_PL_SA),
			     false, &c->spi_out);
	if (!s || !c->spi_out)
		return ISAKMP_R_BAD_CHOICE;
	c->suite = *s;
	c->suite.ke = IKE_KE_NONE;
	if (!i || !r)
		return ISAKMP_R_MISSING;
	if (isakmp_ts_decode(i, c->local, IKE_TS_MAX, &n_i) ||
	    isakmp_ts_decode(r, c->remote, IKE_TS_MAX, &n_r))
		return ISAKMP_R_BAD_TS;
	c->n_local = (u8)n_i;
	c->n_remote = (u8)n_r;
	/* RFC 7296, 2.9: a responder narrows, it does not widen */
	if (!ike_ts_all_within(c->local, n_i, sa->want->local, sa->want->n_local) ||
	    !ike_ts_all_within(c->remote, n_r, sa->want->remote, sa->want->n_remote))
		return ISAKMP_R_TS;
	return ISAKMP_OK;
}

/**
 * ike_child_complete - the initiator sets up the child of an IKE_AUTH response
 * @sa: the initiator
 * @chain: the payloads of the response
 * @arg: what a refusal is about
 *
 * A child that the responder has and we cannot have is deleted at the peer.
 *
 * Context: Process; the SA's worker.
 * Return: OK when installed, else why there is no child.
 */
enum isakmp_reason ike_child_complete(struct ike_sa *sa, const struct isakmp_chain *chain,
				      u32 *arg)
{
	struct ike_child *c = &sa->child;
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;

	if (!isakmp_chain_find(chain, IKE_PL_SA))
		return refused_by(chain, arg);
	c->policy = sa->want;
	c->spi_in = sa->setup->child_spi;
	if (alloc_ts(c))
		why = read_answer(sa, chain);
	if (!why)
		why = install(sa);
	if (why)
		ike_child_delete(sa);
	return why;
}

/* ---- end ----------------------------------------------------------------- */

/**
 * ike_child_delete - tell the peer that the child goes
 * @sa: the SA
 *
 * Its inbound half stays until the peer has answered.
 *
 * Context: Process; the SA's worker.
 */
void ike_child_delete(struct ike_sa *sa)
{
	sa->child.state = IKE_CHILD_DELETING;
	sa->tasks |= IKE_TASK_DELETE_CHILD;
}

/**
 * ike_child_drop - take the child away, telling nobody
 * @sa: the SA
 * @why: for the event; OK: as asked
 *
 * Context: Process; the SA's worker.
 */
void ike_child_drop(struct ike_sa *sa, enum isakmp_reason why)
{
	struct ike_child *c = &sa->child;
	bool installed = c->xfrm;

	if (c->state == IKE_CHILD_NONE)
		return;
	isakmp_child_remove(sa, c);
	c->state = IKE_CHILD_NONE;
	if (installed)
		isakmp_child_changed(sa, c, why);
	forget(c);
}

/**
 * ike_child_gone - the child was lost or has reached its hard lifetime
 * @sa: the SA
 * @why: CHILD_LOST or CHILD_EXPIRED
 * @now: ms
 *
 * It is negotiated anew, with a new IKE SA that takes the place of this one; its
 * policies stay until then.  A hard lifetime ends at both ends at once: there
 * the responder leaves it to the initiator for a while.
 *
 * Context: Process; the SA's worker.
 */
void ike_child_gone(struct ike_sa *sa, enum isakmp_reason why, u64 now)
{
	if (sa->child.state != IKE_CHILD_UP)
		return;
	isakmp_refused(sa, why, sa->child.spi_in);
	sa->reason = why;
	sa->child.state = IKE_CHILD_LOST;
	if (why == ISAKMP_R_CHILD_EXPIRED && !sa->initiator) {
		sa->renew_at = now + IKE_RENEW_WAIT_MS;
		return;
	}
	isakmp_renew(sa, why);
	sa->renew_at = now + IKE_RENEW_RETRY_MS;
}
