// SPDX-License-Identifier: GPL-2.0
/*
 * Which version is spoken with a peer.
 *
 * The peer object says.  With "2-then-1" an IKE SA begins with version 2; version 1 is
 * tried when that ended because nobody answered, and nothing at all came from there: a
 * refusal is an answer, and so is what cannot be understood.  Once an IKE SA of version 2
 * was up by that object, whoever began it, version 1 is out of the question for as long as
 * there is the object: an attacker who lets nothing through gains nothing.
 */
#include <linux/err.h>
#include "ike/seam.h"
#include "net/version.h"
#include "netns.h"

/* Does the group of a peer have to remember that version 2 has worked? */
static bool is_choice(const struct ike_peer *peer)
{
	return peer && peer->v1.versions == IKE_VERSIONS_2_THEN_1;
}

static bool has_worked(struct isakmp_sa *sa)
{
	bool yes;

	spin_lock_bh(&sa->in->sas.lock);
	yes = !sa->group || sa->group->worked_2;
	spin_unlock_bh(&sa->in->sas.lock);
	return yes;
}

/**
 * isakmp_version_begins - which version an SA that we start begins with
 * @peer: with whom
 * @old: the SA that it shall replace, or NULL
 *
 * What has the place of one of version 1 is of version 1, but where that is out of the question
 * since: another SA may have come up by version 2 beside it.
 *
 * Context: Process.
 * Return: 1 or 2.
 */
u8 isakmp_version_begins(const struct ike_peer *peer, struct isakmp_sa *old)
{
	if (old && old->v1 && ike_v1_speaks(&peer->v1, 1) && !(is_choice(peer) && has_worked(old)))
		return 1;
	return ike_v1_speaks(&peer->v1, 2) ? 2 : 1;
}

/**
 * isakmp_version_worked - an SA was established
 * @sa: the SA, in its group
 *
 * Context: Any.  Must hold sas.lock.
 */
void isakmp_version_worked(struct isakmp_sa *sa)
{
	const struct ike_peer *now;

	lockdep_assert_held(&sa->in->sas.lock);
	if (sa->v1)
		return;
	/* As it is now: who changes it looks for SAs that are up after it is published. */
	now = isakmp_peer_by_name(sa->in, sa->group->name);
	if (is_choice(now))
		sa->group->worked_2 = true;
	isakmp_peer_put(now);
}

/* Holds sas.lock. */
static void note_up(struct isakmp_sa *sa, const void *arg)
{
	if (sa->live && sa->established_at)
		isakmp_version_worked(sa);
}

/**
 * isakmp_version_change - a peer object is gone, new, or says another thing
 * @in: namespace
 * @old: as it was, or NULL
 * @now: as it is, published, or NULL
 *
 * What is up when the operator leaves the choice has worked.
 *
 * Context: Process.
 */
void isakmp_version_change(struct isakmp_net *in, const struct ike_peer *old,
			   const struct ike_peer *now)
{
	if (is_choice(old) == is_choice(now))
		return;
	if (is_choice(now))
		isakmp_group_each(in, now->name, note_up, NULL);
	else
		isakmp_group_forget(in, old->name);
}

/**
 * isakmp_version_check - may an SA of this version be one of this peer's?
 * @g: the group of @peer, or NULL: there is none
 * @sa: the SA
 * @peer: its peer object
 *
 * Context: Any.  Must hold sas.lock.
 * Return: OK; VERSION, the peer object does not allow it; V1_DOWNGRADE, version 2 has worked.
 */
enum isakmp_reason isakmp_version_check(const struct isakmp_group *g, const struct isakmp_sa *sa,
					const struct ike_peer *peer)
{
	lockdep_assert_held(&sa->in->sas.lock);
	if (!ike_v1_speaks(&peer->v1, sa->v1 ? 1 : 2))
		return ISAKMP_R_VERSION;
	if (sa->v1 && is_choice(peer) && g && g->worked_2)
		return ISAKMP_R_V1_DOWNGRADE;
	return ISAKMP_OK;
}

/* ---- 2, then 1 ----------------------------------------------------------- */

/* What the operator wants now counts, not what it was when the SA began. */
static const struct ike_peer *peer_to_fall_back(struct isakmp_sa *sa)
{
	const struct ike_peer *peer;

	if (!sa->initiator || sa->v1 || !is_choice(sa->ike.peer) || sa->ike.replaces ||
	    sa->ike.established_at || sa->ike.reason != ISAKMP_R_TIMEOUT ||
	    READ_ONCE(sa->answered) || has_worked(sa))
		return NULL;
	peer = isakmp_peer_by_name(sa->in, sa->ike.peer->name);
	if (!is_choice(peer)) {
		isakmp_peer_put(peer);
		return NULL;
	}
	return peer;
}

/**
 * isakmp_version_fall_back - an SA has ended without a child: is version 1 to be tried?
 * @sa: the SA; nobody counts on it any more
 * @name: of the child
 *
 * All of its children go to one SA of version 1.
 *
 * Context: Process; the SA's worker.
 */
void isakmp_version_fall_back(struct isakmp_sa *sa, const char *name)
{
	const struct ike_peer *peer = peer_to_fall_back(sa);
	struct isakmp_sa *next = NULL;
	unsigned int i;

	for (i = 0; peer && i < peer->n_child; i++) {
		if (strcmp(peer->child[i]->name, name))
			continue;
		next = isakmp_group_further(sa->in, peer, peer->child[i], NULL,
					    &sa->first.path);
		if (!next)
			next = isakmp_sa_start_on(sa->in, peer, peer->child[i], NULL, 0,
						  &sa->first.path, 1);
		if (!IS_ERR(next))
			isakmp_sa_put(next);
	}
	isakmp_peer_put(peer);
}
