// SPDX-License-Identifier: GPL-2.0
/*
 * Whom XAUTH found the peer to be, and what that stands on.
 *
 * Many may share what phase 1 shows.  So a connection is with a user; in each further ISAKMP SA
 * of it what phase 1 has shown waits until XAUTH has said that it is the same one.
 */
#include "v1/engine.h"

/**
 * v1_user_awaited - is what phase 1 shows not enough for this connection?
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 * Return: true: it stands on what it stood on until XAUTH is over.
 */
bool v1_user_awaited(const struct ike_sa *sa)
{
	return sa->state == IKE_S_ESTABLISHED && sa->peer->v1.xauth == IKE_V1_XAUTH_PEER;
}

/**
 * v1_user_await - keep what phase 1 has shown until XAUTH is over
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: the verdict about phase 1
 *
 * Context: Process; the SA's worker.
 * Return: OK or NO_MEMORY.
 */
enum isakmp_reason v1_user_await(struct ike_sa *sa, struct ike_epoch *ep,
				 const struct ike_verdict *v)
{
	struct v1_phase1 *p = v1_of(ep);

	isakmp_free(p->shown);
	p->shown = ike_basis_of(sa, v);
	return p->shown ? ISAKMP_OK : ISAKMP_R_NO_MEMORY;
}

/* What phase 1 has shown. */
static const struct ike_basis *shown(const struct ike_sa *sa, const struct ike_epoch *ep)
{
	return v1_of(ep)->shown ? v1_of(ep)->shown : sa->basis;
}

/* What XAUTH does not say is as phase 1 has shown it. */
static enum isakmp_reason take_user(struct ike_sa *sa, struct ike_epoch *ep,
				    const struct ike_verdict *v)
{
	const struct ike_basis *b = shown(sa, ep);
	struct ike_verdict *all = isakmp_alloc(sizeof(*all));
	enum isakmp_reason why;

	if (!all)
		return ISAKMP_R_NO_MEMORY;
	all->unique = v->unique;
	all->remote_cred = v->remote_cred;
	all->handle = v->handle;
	if (b && !v->unique.len)
		all->unique = (struct ike_span){ b->unique, b->unique_len };
	if (b && !v->remote_cred.len) {
		all->remote_cred = (struct ike_span){ (const u8 *)b->remote_cred,
						      strlen(b->remote_cred) };
		all->handle = (struct ike_span){ b->handle, b->handle_len };
	}
	why = ike_basis_take(sa, all);
	isakmp_free(all);
	return why;
}

/* A connection is with one user: another one does not come in by a further ISAKMP SA. */
static bool is_another(const struct ike_sa *sa, const struct ike_epoch *ep,
		       const struct ike_verdict *v)
{
	const struct ike_basis *b = sa->basis, *s = shown(sa, ep);
	struct ike_span who = v->unique;

	if (!sa->v1->user[0] || !b)
		return false;
	if (!who.len)
		who = (struct ike_span){ s->unique, s->unique_len };
	return b->unique_len != who.len || memcmp(b->unique, who.p, who.len);
}

/**
 * v1_user_known - XAUTH has said who the peer is
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: the verdict; without a name of its own the identity of phase 1 stays
 * @elder: set: the connection that it becomes one of; 0: none
 * @now: ms
 *
 * The connection is the user's from here on, not that of all who share the identity of phase 1.
 *
 * Context: Process; the SA's worker.
 * Return: OK; NO_IDENTITY, the connection is with another user; NO_MEMORY, or why it may not
 * be the peer's, as isakmp_peer_adopt() and isakmp_peer_known().
 */
enum isakmp_reason v1_user_known(struct ike_sa *sa, struct ike_epoch *ep,
				 const struct ike_verdict *v, u64 *elder, u64 now)
{
	size_t n = min(v->user.len, sizeof(sa->v1->user) - 1);
	enum isakmp_reason why;

	*elder = 0;
	if (is_another(sa, ep, v))
		return ISAKMP_R_NO_IDENTITY;
	why = take_user(sa, ep, v);
	if (why)
		return why;
	if (v1_user_awaited(sa))
		v1_phase1_believed(sa, v1_of(ep)->left_s, now);
	isakmp_free(v1_of(ep)->shown);
	v1_of(ep)->shown = NULL;
	memset(sa->v1->user, 0, sizeof(sa->v1->user));
	if (n)
		memcpy(sa->v1->user, v->user.p, n);
	if (!ep->initiator)
		return v1_peer_place(sa, elder);
	return sa->state == IKE_S_V1 ? isakmp_peer_known(sa) : ISAKMP_OK;
}
