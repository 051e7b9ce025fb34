// SPDX-License-Identifier: GPL-2.0
/*
 * How many requests may be under way (RFC 7296, 2.3).
 *
 * One, until the other end has said that it keeps more; of each epoch anew.  Few
 * peers ever say so: hence in an exchange of its own, and only where it is wanted.
 */
#include "ike/engine.h"

static void want(struct ike_sa *sa)
{
	if (sa->peer->window > 1 && sa->ep->window_in == 1)
		sa->tasks |= IKE_TASK_WINDOW;
}

/**
 * ike_window_begin - an epoch is in use from now on
 * @sa: the SA
 *
 * Who answered says nothing yet: the other end may still be at the answer, verifying our
 * AUTH, and has no ear for requests.
 *
 * Context: Process; the SA's worker.
 */
void ike_window_begin(struct ike_sa *sa)
{
	if (sa->ep->initiator || (sa->ep->heard && sa->ep != &sa->first))
		want(sa);
}

/**
 * ike_window_used - the peer has sent something in an epoch
 * @sa: the SA
 * @ep: the epoch
 *
 * When it is the one in use the peer has our answer, and makes requests by itself:
 * before, it needed no wider window.
 *
 * Context: Process; the SA's worker.
 */
void ike_window_used(struct ike_sa *sa, const struct ike_epoch *ep)
{
	if (sa->state == IKE_S_ESTABLISHED && ep == sa->ep)
		want(sa);
}

/**
 * ike_window_say - add SET_WINDOW_SIZE: so many requests we keep from now on
 * @sa: the SA
 * @m: a request in the epoch in use
 *
 * Context: Process; the SA's worker.
 */
void ike_window_say(struct ike_sa *sa, struct ike_msg *m)
{
	u8 window = min_t(u8, max(sa->peer->window, m->ep->window_in), IKE_WINDOW_MAX);
	u8 data[4];

	put_unaligned_be32(window, data);
	ike_msg_notify(m, IKE_N_SET_WINDOW_SIZE, data, sizeof(data));
	m->ep->window_in = window;
}

/**
 * ike_window_heard - does the peer keep more requests than before?
 * @in: an authentic message
 *
 * "There is currently no way to reduce the window size": a smaller one is none.
 *
 * Context: Process; the SA's worker.
 */
void ike_window_heard(const struct ike_in *in)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;
	u32 window;

	while ((p = isakmp_chain_next(&in->chain, IKE_PL_NOTIFY, p))) {
		if (isakmp_notify_decode(p, &n) || n.type != IKE_N_SET_WINDOW_SIZE)
			continue;
		window = min_t(u32, get_unaligned_be32(n.data), IKE_WINDOW_MAX);
		in->ep->window_out = (u8)max_t(u32, in->ep->window_out, window);
	}
}
