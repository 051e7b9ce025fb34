// SPDX-License-Identifier: GPL-2.0
/* What the engine calls (ike/seam.h): sending, replacing, telling. */
#include <linux/slab.h>
#include "ike/seam.h"
#include "net/send.h"
#include "net/version.h"
#include "netns.h"
#include "nl/event.h"
#include "trace.h"

/* ---- messages ------------------------------------------------------------ */

/* Where a message really goes; as long as the peer is not known, to the likeliest one. */
static struct isakmp_path way_out(struct ike_sa *ike, const struct isakmp_path *path)
{
	return isakmp_send_way(isakmp_sa_of(ike)->in, path,
			       ike->peer ?: isakmp_candidate(ike, 0));
}

/**
 * isakmp_send - send a message of an SA
 * @ike: the SA
 * @path: where to
 * @p: the message, without non-ESP marker
 * @n: its octets
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY or SEND.
 */
enum isakmp_reason isakmp_send(struct ike_sa *ike, const struct isakmp_path *path,
			       const u8 *p, size_t n)
{
	struct isakmp_net *in = isakmp_sa_of(ike)->in;
	struct isakmp_path out = way_out(ike, path);
	enum isakmp_reason why;

	why = isakmp_send_message(in, &out, ISAKMP_SENDER_SA, p, n);
	if (!why)
		isakmp_count(in, ISAKMP_S_TX);
	return why;
}

/**
 * isakmp_keepalive - keep the mapping of a NAT that we are behind
 * @ike: the SA, on port 4500
 *
 * Context: Process; the SA's worker.
 */
void isakmp_keepalive(struct ike_sa *ike)
{
	struct isakmp_net *in = isakmp_sa_of(ike)->in;
	struct isakmp_path out = way_out(ike, &ike->path);

	if (!isakmp_send_keepalive(in, &out))
		isakmp_count(in, ISAKMP_S_KEEPALIVE_SENT);
}

/**
 * isakmp_store_response - keep the response to a request, to be repeated
 * @ike: the SA
 * @to: the request
 * @p: the datagrams of the response, without non-ESP markers
 * @n: octets of all
 *
 * The answer to a request that has left the window goes.
 *
 * Context: Process; the SA's worker.
 * Return: OK or NO_MEMORY.
 */
enum isakmp_reason isakmp_store_response(struct ike_sa *ike, const struct ike_answer *to,
					 const u8 *p, size_t n)
{
	const struct isakmp_path nowhere = {}, way = way_out(ike, &nowhere);
	struct isakmp_response *r;

	r = kmalloc(struct_size(r, data, n), GFP_KERNEL);
	if (!r)
		return ISAKMP_R_NO_MEMORY;
	r->digest = to->digest;
	r->path = to->path;
	r->ifindex = way.ifindex;
	r->mark = way.mark;
	r->roams = ike_path_roams(ike);
	r->len = (u32)n;
	memcpy(r->data, p, n);
	isakmp_response_store(to->ep->door, r, to->ep->window_in);
	return ISAKMP_OK;
}

/**
 * isakmp_repeat - a request that was answered came again in other octets
 * @ike: the SA
 * @ep: its epoch
 * @msgid: its message ID
 * @path: how it came
 *
 * Context: Process; the SA's worker.
 * Return: OK; FRAGMENT_ANSWERED, no response to it is kept, or not for @path; what
 * isakmp_response_repeat() says.
 */
enum isakmp_reason isakmp_repeat(struct ike_sa *ike, const struct ike_epoch *ep, u32 msgid,
				 const struct isakmp_path *path)
{
	enum isakmp_reason why = ISAKMP_R_FRAGMENT_ANSWERED;
	const struct isakmp_response *r;

	rcu_read_lock();
	r = isakmp_response_to(ep->door, msgid);
	if (r && isakmp_path_repeats(&r->path, path, r->roams))
		why = isakmp_response_repeat(isakmp_sa_of(ike), r, path);
	rcu_read_unlock();
	return why;
}

/**
 * isakmp_fragments_charge - count octets of messages that are not whole yet
 * @ike: the SA
 * @n: how many more, or less
 *
 * Strangers may fill half of what there is.
 *
 * Context: Process; the SA's worker.
 * Return: false: there is no room for them.
 */
bool isakmp_fragments_charge(struct ike_sa *ike, long n)
{
	bool stranger = !ike->initiator && ike->state < IKE_S_ESTABLISHED;
	long max = stranger ? ISAKMP_FRAGMENTS_MAX / 2 : ISAKMP_FRAGMENTS_MAX;
	atomic_long_t *all = &isakmp_sa_of(ike)->in->sas.fragments;

	if (atomic_long_add_return(n, all) <= max || n < 0)
		return true;
	atomic_long_sub(n, all);
	return false;
}

/**
 * isakmp_peer_now - the peer object of an SA as it is configured now
 * @ike: the SA; its peer is known
 *
 * Of one that was removed without its SAs, as it was then.
 *
 * Context: Process; the SA's worker.
 * Return: the compiled peer, pinned; NULL: it is gone.
 */
const struct ike_peer *isakmp_peer_now(struct ike_sa *ike)
{
	bool kept;

	return isakmp_group_peer(isakmp_sa_of(ike), &kept);
}

/* ---- replacing an SA ----------------------------------------------------- */

static const struct ike_child_policy *policy_named(const struct ike_peer *peer, const char *name)
{
	unsigned int i;

	for (i = 0; i < peer->n_child; i++)
		if (!strcmp(peer->child[i]->name, name))
			return peer->child[i];
	return NULL;
}

/*
 * The next child that the successor needs, as it is configured now; NULL: no more.
 * *@pos: start with NULL.
 */
static const struct ike_child_policy *next_needed(const struct ike_sa *ike,
						  const struct ike_peer *peer,
						  const struct ike_child **pos)
{
	const struct ike_child_policy *policy = NULL;
	const struct ike_child *c = *pos;

	for (c = c ? c->next : ike->children; c && !policy; c = c->next) {
		*pos = c;
		if (ike_child_counts(c))
			policy = policy_named(peer, c->policy->name);
	}
	return policy;
}

/* The same two ends, from the start: a port seen behind a NAT is not asked again. */
static struct isakmp_path successor_path(const struct isakmp_path *path)
{
	struct isakmp_path p = *path;

	p.rport = p.lport;
	return p;
}

static bool successor_lives(const struct isakmp_sa *sa)
{
	struct isakmp_sa *next = NULL;

	if (sa->successor)
		next = isakmp_sa_get_id(sa->in, sa->successor);
	if (next)
		isakmp_sa_put(next);
	return next;
}

/* The first child comes with it, the others follow. */
static struct isakmp_sa *start_successor(struct isakmp_sa *sa, const struct ike_peer *peer,
					 const struct isakmp_path *path)
{
	const struct ike_child *pos = NULL;
	const struct ike_child_policy *child = next_needed(&sa->ike, peer, &pos);
	struct isakmp_sa *next;

	if (!child && !pos && sa->ike.want)
		child = policy_named(peer, sa->ike.want->name);
	if (!child)
		return NULL;
	next = isakmp_sa_start_on(sa->in, peer, child, NULL, sa->id, path,
				  isakmp_version_begins(peer, sa));
	while (pos && !IS_ERR(next) && (child = next_needed(&sa->ike, peer, &pos))) {
		isakmp_peer_get(peer);
		isakmp_sa_start_child(next, peer, child, NULL);
	}
	return next;
}

static void succeed(struct isakmp_sa *sa, const struct isakmp_path *path,
		    enum isakmp_reason why)
{
	struct ike_sa *ike = &sa->ike;
	const struct ike_peer *peer;
	struct isakmp_sa *next;

	if (successor_lives(sa) || !ike->peer)
		return;
	/* One that was removed authenticates nobody, also when its SAs are kept */
	peer = isakmp_peer_by_name(sa->in, ike->peer->name);
	if (!peer)
		return;
	next = start_successor(sa, peer, path);
	isakmp_peer_put(peer);
	if (!IS_ERR_OR_NULL(next)) {
		WRITE_ONCE(sa->successor, next->id);
		isakmp_sa_put(next);
	} else if (next && PTR_ERR(next) != -ESHUTDOWN) {
		isakmp_refused(ike, PTR_ERR(next) == -ENFILE ? ISAKMP_R_SA_LIMIT :
			       ISAKMP_R_NO_MEMORY, why);
	}
}

/**
 * isakmp_renew - set up an SA in place of this one, with all of its children
 * @ike: the SA
 * @why: what made it necessary
 *
 * Nothing happens while an earlier attempt goes on, or when the peer or its
 * children are not configured any more; after a failure the engine comes back.
 *
 * Context: Process; the SA's worker.
 */
void isakmp_renew(struct ike_sa *ike, enum isakmp_reason why)
{
	struct isakmp_path path = successor_path(&ike->path);

	succeed(isakmp_sa_of(ike), &path, why);
}

/**
 * isakmp_redirected - the same, at another gateway (RFC 5685)
 * @ike: the SA
 * @to: the gateway
 *
 * Context: Process; the SA's worker.
 */
void isakmp_redirected(struct ike_sa *ike, const struct isakmp_addr *to)
{
	struct isakmp_path path = ike->path;

	path.remote = *to;
	path.lport = ISAKMP_PORT;
	path.rport = ISAKMP_PORT;
	if (isakmp_path_local(ike, &path))
		succeed(isakmp_sa_of(ike), &path, ISAKMP_R_REDIRECTED);
	else
		isakmp_refused(ike, ISAKMP_R_NO_PATH, 0);
}

/* ---- telling ------------------------------------------------------------- */

/**
 * isakmp_refused - a refusal in an SA: count, trace, tell
 * @ike: the SA
 * @why: the reason
 * @arg: what it is about, or 0
 *
 * Context: Process; the SA's worker.
 */
void isakmp_refused(struct ike_sa *ike, enum isakmp_reason why, u32 arg)
{
	struct isakmp_net *in;

	if (!ike)
		return;
	in = isakmp_sa_of(ike)->in;
	isakmp_count(in, ISAKMP_S_REASONS + why);
	trace_isakmp_refused(in->net, &ike->path, ike->id, why, arg);
	isakmp_event_refused(in, &ike->path, ike->id, why, arg);
}

static void tell(struct isakmp_sa *sa, enum isakmp_event_type type, enum isakmp_reason why,
		 u32 arg, const char *old_state)
{
	struct ike_sa_view *v;

	isakmp_sa_publish(sa);	/* who hears of it and asks shall see it */
	v = isakmp_sa_view(sa);
	if (!v)
		return;
	isakmp_event_sa(sa->in, type, v, why, arg, old_state);
	kfree(v);
}

/**
 * isakmp_state_changed - an SA is in another state now
 * @ike: the SA
 * @old: the state before
 *
 * Context: Process; the SA's worker.
 */
void isakmp_state_changed(struct ike_sa *ike, u8 old)
{
	struct isakmp_sa *sa = isakmp_sa_of(ike);

	trace_isakmp_state(sa->in->net, ike, old);
	if (ike->state == IKE_S_ESTABLISHED) {
		isakmp_count(sa->in, ISAKMP_S_SA_ESTABLISHED);
		if (ike->resumed)
			isakmp_count(sa->in, ISAKMP_S_SA_RESUMED);
		isakmp_table_drop_half_open(sa);
	}
	tell(sa, ISAKMP_EVENT_SA_STATE, ike->reason, 0, ike_state_name(old));
}

/**
 * isakmp_child_changed - the child of an SA came up or went
 * @ike: the SA
 * @c: the child
 * @why: why it went, if not as it should
 *
 * Context: Process; the SA's worker.
 */
void isakmp_child_changed(struct ike_sa *ike, const struct ike_child *c,
			  enum isakmp_reason why)
{
	struct isakmp_sa *sa = isakmp_sa_of(ike);
	bool up = c->state == IKE_CHILD_UP;

	trace_isakmp_child(sa->in->net, ike->id, c->spi_in, c->spi_out, up, why);
	if (up && c->rekeys) {
		isakmp_count(sa->in, ISAKMP_S_CHILD_REKEYED);
		tell(sa, ISAKMP_EVENT_CHILD_REKEYED, why, c->spi_in, NULL);
		return;
	}
	if (!up && c->superseded)
		return;		/* its successor is the child now */
	isakmp_count(sa->in, up ? ISAKMP_S_CHILD_UP : ISAKMP_S_CHILD_DOWN);
	if (up)
		isakmp_start_up(sa->in, c->peer->name, c->policy->name);
	tell(sa, up ? ISAKMP_EVENT_CHILD_UP : ISAKMP_EVENT_CHILD_DOWN, why, c->spi_in, NULL);
}

/**
 * isakmp_rekeyed - an SA has other SPIs and keys now
 * @ike: the SA
 *
 * Context: Process; the SA's worker.
 */
void isakmp_rekeyed(struct ike_sa *ike)
{
	struct isakmp_sa *sa = isakmp_sa_of(ike);

	isakmp_count(sa->in, ISAKMP_S_SA_REKEYED);
	tell(sa, ISAKMP_EVENT_SA_REKEYED, ISAKMP_OK, 0, NULL);
}
