// SPDX-License-Identifier: GPL-2.0
/*
 * What two ends agree on for a child: suite, mode, selectors (RFC 7296, 2.7, 2.9,
 * 1.3.1, 2.23.1).  The same in IKE_AUTH and CREATE_CHILD_SA.
 */
#include "ike/engine.h"
#include "wire/sa.h"

static void add_ts(struct ike_msg *m, u8 type, const struct isakmp_ts *ts, unsigned int n)
{
	isakmp_build_payload(&m->b, type);
	isakmp_ts_encode(&m->b.o, ts, n);
	isakmp_build_close(&m->b);
}

static bool has_notify(const struct isakmp_chain *chain, u16 type)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;

	while ((p = isakmp_chain_next(chain, IKE_PL_NOTIFY, p)))
		if (!isakmp_notify_decode(p, &n) && n.type == type)
			return true;
	return false;
}

/**
 * ike_child_substitute - the addresses of a transport mode child behind a NAT
 * @sa: the IKE SA
 * @local: selectors of our side
 * @n_local: how many
 * @remote: of the peer's side
 * @n_remote: how many
 *
 * RFC 7296, 2.23.1: they are those the host itself sees: the ones of the IKE messages.
 *
 * Context: Process; the SA's worker.
 */
void ike_child_substitute(const struct ike_sa *sa, struct isakmp_ts *local,
			  unsigned int n_local, struct isakmp_ts *remote,
			  unsigned int n_remote)
{
	unsigned int i;

	for (i = 0; i < n_local && sa->nat_local; i++)
		ike_ts_set_addr(&local[i], &sa->path.local);
	for (i = 0; i < n_remote && sa->nat_remote; i++)
		ike_ts_set_addr(&remote[i], &sa->path.remote);
}

/**
 * ike_child_passes - can the packets of a child reach the peer?
 * @sa: the IKE SA
 * @p: the child's policy
 *
 * RFC 3715, 2.1: AH covers the addresses, which a NAT changes; there is no AH in UDP.
 *
 * Context: Process; the SA's worker.
 * Return: OK or AH_NAT.
 */
enum isakmp_reason ike_child_passes(const struct ike_sa *sa, const struct ike_child_policy *p)
{
	bool nat = sa->encap || sa->nat_local || sa->nat_remote;

	return nat && p->esp.s[0].protocol == IKE_PROTO_AH ? ISAKMP_R_AH_NAT : ISAKMP_OK;
}

/* ---- who proposes -------------------------------------------------------- */

/**
 * ike_child_offer_sa - SA payload of the child we propose, and its mode
 * @sa: the IKE SA
 * @c: the child
 * @m: the request
 * @form: in which message
 *
 * Context: Process; the SA's worker.
 */
void ike_child_offer_sa(struct ike_sa *sa, struct ike_child *c, struct ike_msg *m,
			enum ike_form form)
{
	if (c->policy->mode == IKE_MODE_TRANSPORT)
		ike_msg_notify(m, IKE_N_USE_TRANSPORT_MODE, NULL, 0);
	ike_ipcomp_offer(sa, c, m);
	isakmp_build_payload(&m->b, IKE_PL_SA);
	ike_suites_encode(&m->b.o, &c->policy->esp, c->spi_in, form);
	isakmp_build_close(&m->b);
}

/* The packet that the child is for, where policy has it and the lists have room. */
static const struct ike_flow *flow_of(const struct ike_child *c, const struct isakmp_ts *local,
				      unsigned int n_local, const struct isakmp_ts *remote,
				      unsigned int n_remote)
{
	if (!c->flow || !ike_ts_all_within(&c->flow->local, 1, local, n_local) ||
	    !ike_ts_all_within(&c->flow->remote, 1, remote, n_remote))
		return NULL;
	if (!c->pair && (n_local == IKE_TS_MAX || n_remote == IKE_TS_MAX))
		return NULL;
	return c->flow;
}

/* RFC 7296, 2.9: the packet comes first, then what policy has. */
static void put_first(struct isakmp_ts *list, unsigned int *n, const struct isakmp_ts *packet)
{
	memmove(list + 1, list, *n * sizeof(*list));
	list[0] = *packet;
	++*n;
}

/* What policy has for the packet's address: answers to the packet come, too. */
static void keep_address(struct isakmp_ts *list, unsigned int *n,
			 const struct isakmp_ts *packet)
{
	unsigned int i = 0;

	while (!ike_ts_within(packet, &list[i]))
		i++;
	list[0] = list[i];
	memcpy(list[0].start, packet->start, sizeof(packet->start));
	memcpy(list[0].end, packet->end, sizeof(packet->end));
	*n = 1;
}

/* RFC 7296, 2.9.2: what is in use, no packet first. */
static void offer_floor(const struct ike_floor *f, struct isakmp_ts *local,
			unsigned int *n_local, struct isakmp_ts *remote,
			unsigned int *n_remote)
{
	*n_local = f->n_local;
	*n_remote = f->n_remote;
	memcpy(local, f->ts, f->n_local * sizeof(*local));
	memcpy(remote, f->ts + f->n_local, f->n_remote * sizeof(*remote));
}

/* What we ask for, of which the peer may take a part. */
static void offer(const struct ike_sa *sa, const struct ike_child *c,
		  struct isakmp_ts *local, unsigned int *n_local,
		  struct isakmp_ts *remote, unsigned int *n_remote)
{
	const struct ike_child_policy *p = c->policy;
	const struct ike_flow *flow;

	if (c->floor && c->mode == IKE_MODE_TUNNEL) {
		offer_floor(c->floor, local, n_local, remote, n_remote);
		return;
	}
	*n_local = ike_config_resolve(sa, p, true, local);
	*n_remote = ike_config_resolve(sa, p, false, remote);
	flow = flow_of(c, local, *n_local, remote, *n_remote);
	if (flow && c->pair) {
		keep_address(local, n_local, &flow->local);
		keep_address(remote, n_remote, &flow->remote);
	} else if (flow) {
		put_first(local, n_local, &flow->local);
		put_first(remote, n_remote, &flow->remote);
	} else if (c->pair) {
		*n_local = min(*n_local, 1U);
		*n_remote = min(*n_remote, 1U);
	}
}

/**
 * ike_child_offer_ts - TSi and TSr of the child we propose
 * @sa: the IKE SA
 * @c: the child; its lists serve as scratch
 * @m: the request
 *
 * Context: Process; the SA's worker.
 */
void ike_child_offer_ts(struct ike_sa *sa, struct ike_child *c, struct ike_msg *m)
{
	unsigned int n_local, n_remote;

	offer(sa, c, c->local, &n_local, c->remote, &n_remote);
	add_ts(m, IKE_PL_TSI, c->local, n_local);
	add_ts(m, IKE_PL_TSR, c->remote, n_remote);
}

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

static enum isakmp_reason read_mode(struct ike_sa *sa, struct ike_child *c,
				    const struct isakmp_chain *chain)
{
	bool transport = has_notify(chain, IKE_N_USE_TRANSPORT_MODE);

	/* RFC 7296, 1.3.1: declined, or not asked for */
	if (transport != (c->policy->mode == IKE_MODE_TRANSPORT))
		return ISAKMP_R_MODE;
	c->mode = c->policy->mode;
	c->no_tfc = has_notify(chain, IKE_N_ESP_TFC_PADDING_NOT_SUPPORTED);
	ike_ipcomp_read(sa, c, chain);
	return ISAKMP_OK;
}

/*
 * Our inner address was not known when IKE_AUTH offered every address for it: where the
 * responder has left it at that, we narrow.  It has no other packets for us.
 */
static unsigned int narrow_inner(const struct ike_sa *sa, struct ike_child *c, unsigned int n,
				 const struct ike_ts_lists *ours, unsigned int n_ours)
{
	struct ike_ts_lists *both;

	if (!sa->setup || !sa->config || c->mode != IKE_MODE_TUNNEL)
		return n;
	both = isakmp_alloc(sizeof(*both));
	if (!both)
		return n;
	n = ike_ts_narrow(ours->local, n_ours, c->local, n, both->local, IKE_TS_MAX);
	memcpy(c->local, both->local, n * sizeof(*c->local));
	isakmp_free(both);
	return n;
}

static enum isakmp_reason read_selectors(struct ike_sa *sa, struct ike_child *c,
					 const struct isakmp_chain *chain)
{
	const struct isakmp_payload *i = isakmp_chain_find(chain, IKE_PL_TSI);
	const struct isakmp_payload *r = isakmp_chain_find(chain, IKE_PL_TSR);
	unsigned int n_i, n_r, n_local, n_remote;
	struct ike_ts_lists *ours;
	bool fit;

	if (!i || !r)
		return ISAKMP_R_MISSING;
	if (isakmp_ts_decode(i, c->local, IKE_TS_MAX, &n_i) ||
	    isakmp_ts_decode(r, c->remote, IKE_TS_MAX, &n_r))
		return ISAKMP_R_BAD_TS;
	/* We cannot leave any out: the peer would send what we drop */
	if (n_i > IKE_TS_MAX || n_r > IKE_TS_MAX)
		return ISAKMP_R_TS;
	ours = isakmp_alloc(sizeof(*ours));
	if (!ours)
		return ISAKMP_R_NO_MEMORY;
	offer(sa, c, ours->local, &n_local, ours->remote, &n_remote);
	if (c->mode == IKE_MODE_TRANSPORT)
		ike_child_substitute(sa, c->local, n_i, c->remote, n_r);
	n_i = narrow_inner(sa, c, n_i, ours, n_local);
	c->n_local = (u8)n_i;
	c->n_remote = (u8)n_r;
	/* RFC 7296, 2.9: a responder narrows, it does not widen */
	fit = ike_ts_all_within(c->local, n_i, ours->local, n_local) &&
	      ike_ts_all_within(c->remote, n_r, ours->remote, n_remote);
	isakmp_free(ours);
	return fit ? ISAKMP_OK : ISAKMP_R_TS;
}

/**
 * ike_child_read_answer - what the responder made of our proposal
 * @sa: the IKE SA
 * @c: the child we proposed
 * @chain: the payloads of the response
 * @form: as it was offered
 * @arg: what a refusal is about
 *
 * Context: Process; the SA's worker.
 * Return: OK when the child can be installed.  PEER_ERROR or MISSING: the
 * responder has none; else: it has one that we cannot have.
 */
enum isakmp_reason ike_child_read_answer(struct ike_sa *sa, struct ike_child *c,
					 const struct isakmp_chain *chain,
					 enum ike_form form, u32 *arg)
{
	const struct isakmp_payload *p = isakmp_chain_find(chain, IKE_PL_SA);
	const struct ike_suite *s;
	enum isakmp_reason why;
	u64 spi;

	if (!p)
		return refused_by(chain, arg);
	s = ike_suite_chosen(&c->policy->esp, p, form, &spi);
	if (!s || !spi)
		return ISAKMP_R_BAD_CHOICE;
	c->spi_out = (u32)spi;
	c->suite = *s;
	if (form == IKE_FORM_BARE)
		c->suite.ke = IKE_KE_NONE;
	why = read_mode(sa, c, chain);
	return why ? why : read_selectors(sa, c, chain);
}

/* ---- who is asked -------------------------------------------------------- */

/* The selectors the peer proposes; the scratch is the caller's. */
struct proposed {
	bool transport;
	bool cut;			/* there are more, which are left out */
	unsigned int n_local;
	unsigned int n_remote;
	struct ike_ts_lists ts;		/* as proposed */
	struct ike_ts_lists seen;	/* in transport mode: as we see the addresses */
	struct ike_ts_lists policy;	/* of the policy that is looked at */
};

static bool read_proposed(const struct ike_sa *sa, const struct isakmp_chain *c,
			  struct proposed *ts)
{
	const struct isakmp_payload *i = isakmp_chain_find(c, IKE_PL_TSI);
	const struct isakmp_payload *r = isakmp_chain_find(c, IKE_PL_TSR);

	if (!i || !r || isakmp_ts_decode(i, ts->ts.remote, IKE_TS_MAX, &ts->n_remote) ||
	    isakmp_ts_decode(r, ts->ts.local, IKE_TS_MAX, &ts->n_local))
		return false;
	ts->cut = ts->n_local > IKE_TS_MAX || ts->n_remote > IKE_TS_MAX;
	ts->n_local = min_t(unsigned int, ts->n_local, IKE_TS_MAX);
	ts->n_remote = min_t(unsigned int, ts->n_remote, IKE_TS_MAX);
	ts->transport = has_notify(c, IKE_N_USE_TRANSPORT_MODE);
	ts->seen = ts->ts;
	ike_child_substitute(sa, ts->seen.local, ts->n_local, ts->seen.remote, ts->n_remote);
	return true;
}

static const struct ike_ts_lists *theirs_for(const struct ike_child_policy *p,
					     const struct proposed *ts)
{
	return p->mode == IKE_MODE_TRANSPORT ? &ts->seen : &ts->ts;
}

/* Are all of one and the same address? */
static bool one_address(const struct isakmp_ts *ts, unsigned int n)
{
	size_t len = isakmp_ts_addr_len(ts->type);
	unsigned int i;

	for (i = 0; i < n; i++)
		if (ts[i].type != ts->type || memcmp(ts[i].start, ts->start, len) ||
		    memcmp(ts[i].end, ts->start, len))
			return false;
	return n;
}

static bool one_pair(const struct ike_child *c)
{
	return one_address(c->local, c->n_local) && one_address(c->remote, c->n_remote);
}

/* Of a list, what is about the addresses of a selector. */
static u8 only_about(struct isakmp_ts *list, u8 n, const struct isakmp_ts *ts,
		     struct isakmp_ts *scratch)
{
	struct isakmp_ts any = *ts;

	any.proto = 0;
	any.port_start = 0;
	any.port_end = U16_MAX;
	n = (u8)ike_ts_narrow(list, n, &any, 1, scratch, IKE_TS_MAX);
	memcpy(list, scratch, n * sizeof(*list));
	return n;
}

/* Is a selector what "dynamic" may have been, at some time? */
static bool was_dynamic(const struct isakmp_ts *ts, const struct isakmp_ts *policy, unsigned int n)
{
	struct isakmp_ts any;

	while (n--) {
		any = policy[n];
		memcpy(any.start, ts->start, sizeof(any.start));
		memcpy(any.end, ts->end, sizeof(any.end));
		any.type = ts->type;
		if (policy[n].type == IKE_TS_DYNAMIC && one_address(ts, 1) &&
		    ike_ts_within(ts, &any))
			return true;
	}
	return false;
}

/*
 * The selectors of one side that policy has.  RFC 4555, 1.1: when a path changes "the
 * addresses and other traffic selectors used inside the tunnel stay unchanged": what
 * "dynamic" was when a child came up its successor has still.
 */
static unsigned int allowed(const struct ike_sa *sa, const struct ike_floor *old,
			    const struct ike_child_policy *p, bool local, struct isakmp_ts *out)
{
	unsigned int i, n_old = 0, n = ike_config_resolve(sa, p, local, out);
	const struct isakmp_ts *ts = NULL;

	if (old && p->mode == IKE_MODE_TUNNEL) {
		ts = local ? old->ts : old->ts + old->n_local;
		n_old = local ? old->n_local : old->n_remote;
	}
	for (i = 0; i < n_old && n < IKE_TS_MAX; i++)
		if (was_dynamic(&ts[i], local ? p->local : p->remote,
				local ? p->n_local : p->n_remote))
			out[n++] = ts[i];
	return n;
}

/* Can this policy serve the proposal?  The child's lists are what they share. */
static enum isakmp_reason fit(const struct ike_sa *sa, struct ike_child *c,
			      const struct ike_child_policy *p, struct proposed *ts)
{
	const struct ike_ts_lists *theirs = theirs_for(p, ts);
	struct ike_ts_lists *ours = &ts->policy;
	unsigned int n_local = allowed(sa, c->floor, p, true, ours->local);
	unsigned int n_remote = allowed(sa, c->floor, p, false, ours->remote);

	c->n_local = (u8)ike_ts_narrow(ours->local, n_local, theirs->local, ts->n_local,
				       c->local, IKE_TS_MAX);
	c->n_remote = (u8)ike_ts_narrow(ours->remote, n_remote, theirs->remote,
					ts->n_remote, c->remote, IKE_TS_MAX);
	if (!c->n_local || !c->n_remote)
		return ISAKMP_R_TS;
	/* A tunnel may stand for the transport mode asked for, not the other way */
	if (p->mode == IKE_MODE_TRANSPORT && !ts->transport)
		return ISAKMP_R_MODE;
	if (!p->single_pair || one_pair(c))
		return ISAKMP_OK;
	/* RFC 7296, 2.9: the first selectors may be those of a packet */
	c->n_local = only_about(c->local, c->n_local, theirs->local, ours->local);
	c->n_remote = only_about(c->remote, c->n_remote, theirs->remote, ours->remote);
	return one_pair(c) ? ISAKMP_OK : ISAKMP_R_SINGLE_PAIR;
}

/* How well a child serves a proposal, worst first (RFC 7296, 2.9). */
enum rank {
	RANK_NONE,
	RANK_SOME,	/* takes a part of it */
	RANK_FIRST,	/* takes what the peer wants first of all */
	RANK_WHOLE,	/* takes everything */
};

/* The rank of what fit() left in the child's lists. */
static enum rank rank(const struct ike_child *c, const struct ike_child_policy *p,
		      const struct proposed *ts)
{
	const struct ike_ts_lists *theirs = theirs_for(p, ts);

	if (!ts->cut &&
	    ike_ts_all_within(theirs->local, ts->n_local, c->local, c->n_local) &&
	    ike_ts_all_within(theirs->remote, ts->n_remote, c->remote, c->n_remote))
		return RANK_WHOLE;
	if (ike_ts_all_within(theirs->local, 1, c->local, c->n_local) &&
	    ike_ts_all_within(theirs->remote, 1, c->remote, c->n_remote))
		return RANK_FIRST;
	return RANK_SOME;
}

/*
 * The child of the peer that serves the proposal best; of equal ones, the first in
 * the order of the objects.  RFC 7296, 2.9: where first choices are acceptable, the
 * answer MUST include them.  @more: another one would take traffic that this one
 * does not.
 */
static enum isakmp_reason match(const struct ike_sa *sa, struct ike_child *c, u32 allowed,
				struct proposed *ts, bool *more)
{
	enum isakmp_reason why, best = ISAKMP_R_TS;
	unsigned int i, chosen = 0, fitting = 0;
	enum rank r, highest = RANK_NONE;

	for (i = 0; i < c->peer->n_child; i++) {
		if (!(allowed & BIT(i)))
			continue;
		why = fit(sa, c, c->peer->child[i], ts);
		if (why) {
			best = why == ISAKMP_R_TS ? best : why;
			continue;
		}
		fitting++;
		r = rank(c, c->peer->child[i], ts);
		if (r <= highest)
			continue;
		chosen = i;
		highest = r;
	}
	if (!fitting)
		return best;
	c->policy = c->peer->child[chosen];
	c->life = ike_life_of(c->policy);
	*more = fitting > 1 && highest < RANK_WHOLE;
	return fit(sa, c, c->policy, ts);
}

/**
 * ike_child_choose - find the child of ours that a proposal is for
 * @sa: the IKE SA
 * @c: a new child; on success policy, mode, selectors, suite and SPIs are set
 * @chain: the payloads of the request
 * @allowed: bit n: child n of c->peer may be set up
 * @ke: CREATE_CHILD_SA: group of the KE payload, IKE_KE_NONE: none there;
 *	-1: IKE_AUTH, where there is no key exchange
 * @agreed: what the answer needs
 *
 * Context: Process; the SA's worker.
 * Return: OK; TS, MODE, SINGLE_PAIR, AH_NAT, NO_PROPOSAL, NO_MEMORY.
 */
enum isakmp_reason ike_child_choose(struct ike_sa *sa, struct ike_child *c,
				    const struct isakmp_chain *chain, u32 allowed, int ke,
				    struct ike_agreed *agreed)
{
	struct proposed *ts = isakmp_alloc(sizeof(*ts));
	enum isakmp_reason why = ISAKMP_R_BAD_TS;
	const struct ike_suite *s;
	u64 spi;

	if (!ts)
		return ISAKMP_R_NO_MEMORY;
	memset(agreed, 0, sizeof(*agreed));
	if (read_proposed(sa, chain, ts))
		why = match(sa, c, allowed, ts, &agreed->more);
	isakmp_free(ts);
	if (!why)
		why = ike_child_passes(sa, c->policy);
	if (why)
		return why;
	s = ike_suite_select(&c->policy->esp, isakmp_chain_find(chain, IKE_PL_SA),
			     ke < 0 ? IKE_KE_NONE : (u16)ke,
			     ke < 0 ? IKE_FORM_BARE : IKE_FORM_FULL, &agreed->proposal, &spi);
	if (!s || !spi)
		return ISAKMP_R_NO_PROPOSAL;
	c->spi_out = (u32)spi;
	c->suite = *s;
	if (ke < 0)
		c->suite.ke = IKE_KE_NONE;
	c->mode = c->policy->mode;
	c->no_tfc = has_notify(chain, IKE_N_ESP_TFC_PADDING_NOT_SUPPORTED);
	ike_ipcomp_read(sa, c, chain);
	return ISAKMP_OK;
}

/**
 * ike_child_refusal - the notification that tells the peer why it has no child
 * @why: the reason
 *
 * Context: Any.
 * Return: notify message type.
 */
u16 ike_child_refusal(enum isakmp_reason why)
{
	switch (why) {
	case ISAKMP_R_TS:
	case ISAKMP_R_BAD_TS:
	case ISAKMP_R_TS_PREFIXES:
		return IKE_N_TS_UNACCEPTABLE;
	case ISAKMP_R_SINGLE_PAIR:
		return IKE_N_SINGLE_PAIR_REQUIRED;
	case ISAKMP_R_NO_ADDRESS:
		return IKE_N_INTERNAL_ADDRESS_FAILURE;
	case ISAKMP_R_NO_ADDITIONAL_SAS:
		return IKE_N_NO_ADDITIONAL_SAS;
	case ISAKMP_R_REKEY_UNKNOWN:
		return IKE_N_CHILD_SA_NOT_FOUND;
	case ISAKMP_R_REKEY_BUSY:
	case ISAKMP_R_REKEY_LIMIT:
	case ISAKMP_R_DYING:
		return IKE_N_TEMPORARY_FAILURE;
	default:
		return IKE_N_NO_PROPOSAL_CHOSEN;
	}
}

/**
 * ike_child_answer_sa - SA payload of the child just agreed on, and its mode
 * @c: the child
 * @m: the response
 * @agreed: of ike_child_choose()
 *
 * Context: Process; the SA's worker.
 */
void ike_child_answer_sa(const struct ike_child *c, struct ike_msg *m,
			 const struct ike_agreed *agreed)
{
	if (c->mode == IKE_MODE_TRANSPORT)
		ike_msg_notify(m, IKE_N_USE_TRANSPORT_MODE, NULL, 0);
	ike_ipcomp_answer(c, m);
	if (agreed->more)
		ike_msg_notify(m, IKE_N_ADDITIONAL_TS_POSSIBLE, NULL, 0);
	isakmp_build_payload(&m->b, IKE_PL_SA);
	ike_suite_encode(&m->b.o, &c->suite, agreed->proposal, c->spi_in, IKE_FORM_FULL);
	isakmp_build_close(&m->b);
}

/**
 * ike_child_answer_ts - its TSi and TSr
 * @c: the child
 * @m: the response
 *
 * Context: Process; the SA's worker.
 */
void ike_child_answer_ts(const struct ike_child *c, struct ike_msg *m)
{
	add_ts(m, IKE_PL_TSI, c->remote, c->n_remote);
	add_ts(m, IKE_PL_TSR, c->local, c->n_local);
}
