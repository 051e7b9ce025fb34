// SPDX-License-Identifier: GPL-2.0
/*
 * The path of an SA: where its messages and its ESP go (RFC 7296, 2.23).
 *
 *	set-up		the initiator goes to port 4500 when a NAT was seen, with
 *			IKE_AUTH; the responder follows the first message that proves
 *			itself
 *	established	it moves only when a request of ours that was out was answered
 *			from the new place.  A new, authentic request from there, or ESP
 *			(net/ tells), is no more than the occasion to try: both can be
 *			passed on by somebody in between
 *
 * Answers go where the request came from, whatever the path is.  With MOBIKE (mobike.c,
 * roam.c) the initiator says where it is, and ESP alone is an occasion to try.
 *
 * While a new place is tried every other transmission of the request that is out
 * goes there, the rest to the old one: if it was nothing, nothing is lost.
 */
#include "ike/engine.h"

/**
 * ike_path_same_ends - do two paths differ in no address and no port?
 * @a: a path
 * @b: a path
 *
 * Context: Any.
 * Return: true if they do not.
 */
bool ike_path_same_ends(const struct isakmp_path *a, const struct isakmp_path *b)
{
	return isakmp_addr_equal(&a->local, &b->local) &&
	       isakmp_addr_equal(&a->remote, &b->remote) &&
	       a->lport == b->lport && a->rport == b->rport;
}

/**
 * ike_path_float - the initiator goes on over port 4500, if ESP is to
 * @sa: the initiator; what is behind a NAT is known
 *
 * RFC 7296, 2.23: "MUST send all subsequent traffic from port 4500".  RFC 4555, 3.3:
 * the same with MOBIKE, "even if no NAT was detected", for there may be one later.
 *
 * Context: Process; the SA's worker.
 */
void ike_path_float(struct ike_sa *sa)
{
	if (!(sa->encap || (sa->natt && ike_mobike_wanted(sa->peer))) ||
	    sa->path.lport == IKE_PORT_NATT)
		return;
	sa->path.lport = IKE_PORT_NATT;
	sa->path.rport = IKE_PORT_NATT;
}

/**
 * ike_path_set - another path, with what is ours to say: the mark
 * @sa: the SA
 * @to: the path
 *
 * Context: Process; the SA's worker.
 */
void ike_path_set(struct ike_sa *sa, const struct isakmp_path *to)
{
	u32 mark = sa->path.mark;

	sa->path = *to;
	sa->path.mark = mark;
}

/*
 * The first message of the initiator that proves itself.  Where no NAT was seen
 * it comes from the address that was seen before, perhaps over port 4500.
 */
static void follow_initiator(struct ike_sa *sa, const struct isakmp_path *path)
{
	if (!sa->nat_remote && !isakmp_addr_equal(&path->remote, &sa->path.remote))
		return;
	ike_path_set(sa, path);
	/* RFC 7296, 2.23: "UDP encapsulation MUST NOT be done on port 500" */
	if (sa->path.lport != IKE_PORT_NATT)
		sa->encap = false;
}

/**
 * ike_path_take_children - the children follow the path of their IKE SA
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_path_take_children(struct ike_sa *sa, u64 now)
{
	struct ike_child *c;

	sa->follow_at = IKE_NEVER;
	for (c = sa->children; c; c = c->next) {
		if (!c->xfrm)
			continue;
		if (isakmp_child_move(sa, c))
			ike_child_gone(sa, c, ISAKMP_R_CHILD_LOST, now);
		else
			ike_child_is_at(c, &sa->path);
	}
}

/**
 * ike_path_follow - the same, by the word of the peer: with MOBIKE
 * @sa: the SA
 * @now: ms
 *
 * Other states for each of its children cost more than a message.  Who changes its path
 * all the time is where it says, and is answered there; the children follow when it is
 * their time, to where it is then.
 *
 * Context: Process; the SA's worker.
 */
void ike_path_follow(struct ike_sa *sa, u64 now)
{
	if (isakmp_bucket_spend(&sa->mobike->follows, now, IKE_MOVES_PER_SECOND,
				IKE_MOVES_BURST)) {
		ike_path_take_children(sa, now);
		return;
	}
	sa->follow_at = min(sa->follow_at, now + 1000 / IKE_MOVES_PER_SECOND);
	isakmp_refused(sa, ISAKMP_R_MOVES_LIMIT, 0);
}

/**
 * ike_path_seen - a message proved itself: does its way tell something?
 * @sa: the SA
 * @in: the message: a new request, or the response to ours
 * @request: which of them
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_path_seen(struct ike_sa *sa, const struct ike_in *in, bool request, u64 now)
{
	const struct isakmp_path *path = &in->pkt->path;

	if (request && (sa->state == IKE_S_R_INIT || sa->state == IKE_S_R_RESUME)) {
		follow_initiator(sa, path);
	} else if (request && sa->mobike) {
		/* RFC 4555, 3.8: "MUST NOT use these dynamic updates for IKEv2 packets" */
		ike_mobike_seen(sa, path, now);
	} else if (request) {
		ike_path_hint(sa, path, now);
	} else if (sa->probing && !sa->mobike) {
		if (ike_path_same_ends(path, &sa->probe)) {
			ike_path_set(sa, &sa->probe);
			ike_path_take_children(sa, now);
		}
		sa->probing = false;
		sa->tasks &= ~(unsigned long)IKE_TASK_PROBE;
	}
}

static bool is_up(const struct ike_sa *sa)
{
	return sa->state == IKE_S_ESTABLISHED || sa->state == IKE_S_DELETING;
}

/* Is its IKE_AUTH request being answered, which may take the helper a while? */
static bool being_answered(const struct ike_sa *sa)
{
	return sa->state == IKE_S_R_ASK || sa->state == IKE_S_R_RESUME;
}

/**
 * ike_path_roams - may the peer be somewhere else with its next message?
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 * Return: what may have changed.
 */
enum isakmp_roams ike_path_roams(const struct ike_sa *sa)
{
	if (!is_up(sa) && !being_answered(sa))
		return ISAKMP_ROAMS_NOT;
	if (is_up(sa) && sa->mobike)
		return ISAKMP_ROAMS_BOTH;
	/* RFC 7296, 2.23: only an end behind a NAT changes its address like that */
	return sa->nat_remote ? ISAKMP_ROAMS_REMOTE : ISAKMP_ROAMS_NOT;
}

/* RFC 4555, 3.8: "but MAY use them for ESP packets"; the initiator decides by itself. */
static bool hint_counts(const struct ike_sa *sa, const struct isakmp_path *path)
{
	return !sa->mobike || (!sa->initiator && ike_roam_allowed(sa, &path->remote));
}

static void try_there(struct ike_sa *sa, const struct isakmp_path *path)
{
	const struct ike_nat nat = { sa->natt, sa->nat_local, sa->nat_remote };

	if (sa->mobike) {
		ike_mobike_try(sa, path, &nat);
		return;
	}
	sa->probe = *path;
	sa->probe.mark = sa->path.mark;
	sa->probing = true;
	if (!sa->ep->out)
		sa->tasks |= IKE_TASK_PROBE;
}

/**
 * ike_path_hint - the peer may be somewhere else now: try it
 * @sa: the SA
 * @path: from where something of it came
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_path_hint(struct ike_sa *sa, const struct isakmp_path *path, u64 now)
{
	const struct ike_request *r = sa->ep->out;
	enum isakmp_reason why;

	if (!is_up(sa) || !sa->nat_remote || ike_path_same_ends(path, &sa->path) ||
	    now < sa->probe_at || path->remote.family != sa->path.remote.family)
		return;
	sa->probe_at = now + IKE_PROBE_MS;
	if (!hint_counts(sa, path))
		return;
	try_there(sa, path);
	if (!r)
		return;
	/*
	 * What is out serves as well; with MOBIKE it makes room for the check.  When it goes
	 * to where the peer was stays as it is: the hint may be a lie, and come again
	 */
	sa->resends++;
	why = ike_send(sa, &sa->probe, r->bytes, r->len);
	if (why)
		isakmp_refused(sa, why, 0);
}

/**
 * ike_path_out - where a request goes this time
 * @sa: the SA
 * @r: the request; its tries count
 *
 * Context: Process; the SA's worker.
 * Return: a path, valid until the next event.
 */
const struct isakmp_path *ike_path_out(const struct ike_sa *sa, const struct ike_request *r)
{
	if (ike_mobike_checks(sa, r))
		return &sa->probe;
	return sa->probing && !(r->tries & 1) ? &sa->probe : &sa->path;
}

/**
 * ike_path_established - the SA is up, or moved: keep the NAT's mapping from now on
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_path_established(struct ike_sa *sa, u64 now)
{
	sa->keepalive_at = sa->nat_local ? now + IKE_KEEPALIVE_MS : IKE_NEVER;
}

/**
 * ike_path_timer - send a keepalive when it is time (RFC 3948, 4), let the children follow
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_path_timer(struct ike_sa *sa, u64 now)
{
	if (now >= sa->follow_at) {
		sa->follow_at = IKE_NEVER;
		ike_path_follow(sa, now);
	}
	if (now < sa->keepalive_at)
		return;
	sa->keepalive_at = now + IKE_KEEPALIVE_MS;
	isakmp_keepalive(sa);
}
