// SPDX-License-Identifier: GPL-2.0
/*
 * IKE SAs of one identity on one peer object: who gives way to whom.
 *
 * Who is new is compared with those who stand under sas.lock, in a table by peer
 * object and canonical identity: when it joins (may it come in?) and when it is
 * established (who goes?).  The operator's word is that of the peer object:
 *
 *	never	nobody goes; INITIAL_CONTACT says nothing
 *	no	INITIAL_CONTACT: the others go, without a word, as their peer has
 *		forgotten them
 *	replace	as with no; and else the others go, with a Delete
 *	keep	who comes from elsewhere is refused while another one stands; from the
 *		same address it is as with replace: the same peer authenticates anew
 *
 * An SA at the address of the new one goes after a while only: its peer may be
 * authenticating anew, and needs its children until it has set up others.  A
 * predecessor that the new one names itself (isakmp_renew()) is none of this file's
 * business, nor is one that was started at once by the other end (claim.c).
 *
 * Version 1: a new ISAKMP SA from the address of a connection that is up is one of that
 * (net/v1.c), but with INITIAL-CONTACT; so none is left that could cross with another.
 *
 * INITIAL_CONTACT counts against those that were up before the first message of who
 * says it came (RFC 7296, 2.4): the peer had heard of them then.
 */
#include <linux/jhash.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include "ike/seam.h"
#include "net/unique.h"
#include "netns.h"

#define ELDERS_MAX 64	/* SAs looked at, with the lock held */

/**
 * struct isakmp_identity - the SAs of an identity on a peer object
 * @node: in sas.identities
 * @rcu: for freeing
 * @group: the peer object's
 * @sas: those that the peer has started, and those that we have; by the time they
 *	were established
 * @n: in both
 * @len: octets of @octets
 * @octets: the identity, canonical
 */
struct isakmp_identity {
	struct rhash_head node;
	struct rcu_head rcu;
	const struct isakmp_group *group;
	struct list_head sas[2];
	unsigned int n;
	u16 len;
	u8 octets[];
};

struct unique_key {
	const struct isakmp_group *group;
	const u8 *octets;
	u16 len;
};

static u32 key_hash(const void *data, u32 len, u32 seed)
{
	const struct unique_key *k = data;

	return jhash(k->octets, k->len, seed ^ (u32)(unsigned long)k->group);
}

static u32 obj_hash(const void *data, u32 len, u32 seed)
{
	const struct isakmp_identity *id = data;
	struct unique_key k = { id->group, id->octets, id->len };

	return key_hash(&k, len, seed);
}

static int obj_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct isakmp_identity *id = obj;
	const struct unique_key *k = arg->key;

	return k->group != id->group || k->len != id->len ||
	       memcmp(k->octets, id->octets, id->len);
}

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct isakmp_identity, node),
	.hashfn = key_hash,
	.obj_hashfn = obj_hash,
	.obj_cmpfn = obj_cmp,
	.automatic_shrinking = true,
};

/**
 * isakmp_identity_new - what isakmp_unique_join() needs
 * @b: says who it is
 *
 * Context: Process.
 * Return: it, to be freed with kfree() when it was not used; NULL: no memory.
 */
struct isakmp_identity *isakmp_identity_new(const struct ike_basis *b)
{
	struct isakmp_identity *id;

	id = kzalloc(struct_size(id, octets, b->unique_len), GFP_KERNEL_ACCOUNT);
	if (!id)
		return NULL;
	INIT_LIST_HEAD(&id->sas[0]);
	INIT_LIST_HEAD(&id->sas[1]);
	id->len = b->unique_len;
	memcpy(id->octets, b->unique, b->unique_len);
	return id;
}

/* Must hold sas.lock. */
static struct isakmp_identity *find(const struct isakmp_group *g, const struct isakmp_sa *sa)
{
	const struct ike_basis *b = sa->ike.basis;
	struct unique_key k = { g, b->unique, b->unique_len };

	lockdep_assert_held(&sa->in->sas.lock);
	return rhashtable_lookup_fast(&sa->in->sas.identities, &k, params);
}

/* ---- may it come in ------------------------------------------------------ */

/* The path of another SA when its worker left it last. */
static struct isakmp_path path_of(struct isakmp_sa *sa)
{
	struct isakmp_path path;

	spin_lock_bh(&sa->lock);
	path = sa->shown ? sa->shown->path : sa->first.path;
	spin_unlock_bh(&sa->lock);
	return path;
}

static bool is_elsewhere(const struct isakmp_sa *sa, struct isakmp_sa *other)
{
	struct isakmp_path path = path_of(other);

	return !isakmp_addr_equal(&path.remote, &sa->ike.path.remote);
}

/**
 * isakmp_unique_check - may one more SA of this identity come in?
 * @g: its group
 * @sa: the SA; its peer is believed
 * @peer: its peer object
 *
 * Those that were let in under "keep" are all at one place, so one of each list
 * stands for all.  Whether that one is there at all is found out.
 *
 * Context: Process; the SA's worker.  Must hold sas.lock.
 * Return: OK or NOT_UNIQUE.
 */
enum isakmp_reason isakmp_unique_check(const struct isakmp_group *g, struct isakmp_sa *sa,
				       const struct ike_peer *peer)
{
	struct isakmp_identity *id = find(g, sa);
	struct isakmp_sa *other;
	int i;

	if (peer->unique != IKE_UNIQUE_KEEP || !id)
		return ISAKMP_OK;
	for (i = 0; i < ARRAY_SIZE(id->sas); i++) {
		if (list_empty(&id->sas[i]))
			continue;
		other = list_last_entry(&id->sas[i], struct isakmp_sa, same);
		if (other->id == sa->ike.replaces || !is_elsewhere(sa, other))
			continue;
		isakmp_sa_post(other, IKE_EV_CHECK, 0);
		return ISAKMP_R_NOT_UNIQUE;
	}
	return ISAKMP_OK;
}

/**
 * isakmp_unique_anew - does a peer that has an SA authenticate anew, it seems?
 * @g: its group
 * @sa: the SA; its peer is believed
 *
 * Context: Process; the SA's worker.  Must hold sas.lock.
 * Return: true if the newest one is at the same place.
 */
bool isakmp_unique_anew(const struct isakmp_group *g, const struct isakmp_sa *sa)
{
	struct isakmp_identity *id = find(g, sa);
	struct isakmp_sa *other;
	int i;

	for (i = 0; id && i < ARRAY_SIZE(id->sas); i++) {
		if (list_empty(&id->sas[i]))
			continue;
		other = list_last_entry(&id->sas[i], struct isakmp_sa, same);
		if (other->established_at && !is_elsewhere(sa, other))
			return true;
	}
	return false;
}

/**
 * isakmp_unique_replaces - is there exactly one SA of this identity?
 * @g: its group
 * @sa: the SA
 *
 * Context: Any.  Must hold sas.lock.
 * Return: true if so.
 */
bool isakmp_unique_replaces(const struct isakmp_group *g, const struct isakmp_sa *sa)
{
	const struct isakmp_identity *id = find(g, sa);

	return id && id->n == 1;
}

/**
 * isakmp_unique_is_alone - is an SA the only one of its identity?
 * @sa: the SA
 *
 * Context: Any.  Must hold sas.lock.
 * Return: true if so.
 */
bool isakmp_unique_is_alone(const struct isakmp_sa *sa)
{
	lockdep_assert_held(&sa->in->sas.lock);
	return sa->identity && sa->identity->n == 1;
}

/**
 * isakmp_unique_join - an SA is one of its identity from now on
 * @sa: the SA, in its group
 * @e: what it brings along; what is used is cleared
 *
 * Context: Any.  Must hold sas.lock.
 * Return: 0 or -errno.
 */
int isakmp_unique_join(struct isakmp_sa *sa, struct isakmp_enlist *e)
{
	struct isakmp_identity *id = find(sa->group, sa);
	int err;

	if (!id) {
		id = e->identity;
		id->group = sa->group;
		err = rhashtable_insert_fast(&sa->in->sas.identities, &id->node, params);
		if (err)
			return err;
		e->identity = NULL;
	}
	sa->identity = id;
	sa->basis = sa->ike.basis;
	list_add_tail(&sa->same, &id->sas[sa->initiator]);
	id->n++;
	return 0;
}

/**
 * isakmp_basis_set - an authentication stands on something else from now on
 * @ike: the SA
 * @b: that; owned
 *
 * In version 1 a peer authenticates with each ISAKMP SA, and others look at it all the time.
 *
 * Context: Process; the SA's worker.
 */
void isakmp_basis_set(struct ike_sa *ike, struct ike_basis *b)
{
	struct isakmp_sa *sa = isakmp_sa_of(ike);
	struct ike_basis *old = ike->basis;

	spin_lock_bh(&sa->in->sas.lock);
	ike->basis = b;
	if (sa->identity)
		sa->basis = b;
	spin_unlock_bh(&sa->in->sas.lock);
	isakmp_free(old);
}

/**
 * isakmp_unique_leave - an SA counts no longer
 * @sa: the SA; fine if it is not known who its peer is
 *
 * Context: Any.  Must hold sas.lock.
 */
void isakmp_unique_leave(struct isakmp_sa *sa)
{
	struct isakmp_identity *id = sa->identity;

	lockdep_assert_held(&sa->in->sas.lock);
	if (!id)
		return;
	sa->identity = NULL;
	list_del(&sa->same);
	if (--id->n)
		return;
	rhashtable_remove_fast(&sa->in->sas.identities, &id->node, params);
	kfree_rcu(id, rcu);
}

/* ---- who goes ------------------------------------------------------------ */

/* The peer says that it has no other, and had heard of this one. */
static bool is_forgotten(const struct isakmp_sa *sa, const struct isakmp_sa *other)
{
	return sa->ike.contact && other->established_at &&
	       other->established_at < sa->ike.created_at;
}

static bool at_once(const struct isakmp_sa *sa, const struct isakmp_sa *other)
{
	return other->initiator != sa->initiator &&
	       sa->established_at - other->established_at <= IKE_CROSS_MS;
}

/* How @other goes now that @sa is established; CROSSED: not for this reason. */
static enum isakmp_yield how(const struct isakmp_sa *sa, struct isakmp_sa *other)
{
	if (other->id == sa->ike.replaces)
		return ISAKMP_YIELD_CROSSED;
	if (is_forgotten(sa, other))
		return ISAKMP_YIELD_SILENT;
	if (at_once(sa, other) || sa->ike.peer->unique == IKE_UNIQUE_NO)
		return ISAKMP_YIELD_CROSSED;
	return is_elsewhere(sa, other) ? ISAKMP_YIELD_NOW : ISAKMP_YIELD_LATER;
}

/* What one has already the other one has, too. */
static bool fits_inner(const struct isakmp_sa *sa, struct isakmp_sa *other)
{
	const struct isakmp_addr *own = sa->ike.inner;
	bool fits = true;
	unsigned int i;

	spin_lock_bh(&other->lock);
	for (i = 0; i < IKE_INNER; i++)
		fits &= !own[i].family ||
			(other->shown && isakmp_addr_equal(&own[i], &other->shown->inner[i]));
	spin_unlock_bh(&other->lock);
	return fits;
}

/* Version 1.  Where there may be several, those behind one NAT differ by the port. */
static bool is_elder(struct isakmp_sa *sa, struct isakmp_sa *other)
{
	bool several = sa->ike.peer->unique == IKE_UNIQUE_NEVER;
	struct isakmp_path at;

	if (other == sa || !other->stands || other->crossed_by)
		return false;
	at = path_of(other);
	if (!isakmp_addr_equal(&at.remote, &sa->ike.path.remote) ||
	    !isakmp_addr_equal(&at.local, &sa->ike.path.local) || !fits_inner(sa, other))
		return false;
	return several ? at.rport == sa->ike.path.rport : !is_forgotten(sa, other);
}

/**
 * isakmp_unique_elder - the connection that a new ISAKMP SA belongs to (version 1)
 * @g: the group of its peer
 * @sa: the SA of the new one; its peer is believed
 *
 * Of many of one identity the newest are looked at.
 *
 * Context: Process; the SA's worker.  Must hold sas.lock.
 * Return: its id, 0: there is none.
 */
u64 isakmp_unique_elder(const struct isakmp_group *g, struct isakmp_sa *sa)
{
	const struct isakmp_identity *id = find(g, sa);
	unsigned int n = ELDERS_MAX;
	struct isakmp_sa *other;
	int i;

	for (i = 0; id && i < ARRAY_SIZE(id->sas); i++) {
		list_for_each_entry_reverse(other, &id->sas[i], same) {
			if (!n--)
				return 0;
			if (is_elder(sa, other))
				return other->id;
		}
	}
	return 0;
}

static void give_way(struct isakmp_sa *sa, struct isakmp_sa *other)
{
	enum isakmp_yield y = how(sa, other);

	if (y == ISAKMP_YIELD_CROSSED)
		return;
	other->crossed_by = sa->id;
	other->yield = y;
	isakmp_sa_post(other, ISAKMP_EV_CROSSED, 0);
}

/**
 * isakmp_unique_settle - an SA was established: others of its identity go
 * @sa: the SA
 *
 * From the newest to the oldest, up to one that has been told to go: so have those
 * before it.
 *
 * Context: Process; the SA's worker.  Must hold sas.lock.
 */
void isakmp_unique_settle(struct isakmp_sa *sa)
{
	struct isakmp_identity *id = sa->identity;
	struct isakmp_sa *other;
	int i;

	lockdep_assert_held(&sa->in->sas.lock);
	if (!id)
		return;
	list_move_tail(&sa->same, &id->sas[sa->initiator]);
	if (sa->ike.peer->unique == IKE_UNIQUE_NEVER ||
	    (sa->ike.peer->unique == IKE_UNIQUE_NO && !sa->ike.contact))
		return;
	for (i = 0; i < ARRAY_SIZE(id->sas); i++) {
		list_for_each_entry_reverse(other, &id->sas[i], same) {
			if (other->crossed_by)
				break;
			if (other != sa && other->established_at)
				give_way(sa, other);
		}
	}
}

/**
 * isakmp_unique_crossing - the SA that the other end has started at once
 * @sa: the SA, established
 * @share: do two of them have a child in common?
 *
 * Context: Process; the SA's worker.  Must hold sas.lock.
 * Return: it, not pinned, or NULL.
 */
struct isakmp_sa *isakmp_unique_crossing(const struct isakmp_sa *sa,
					 bool (*share)(const struct isakmp_sa *a,
						       const struct isakmp_sa *b))
{
	struct isakmp_sa *other;

	lockdep_assert_held(&sa->in->sas.lock);
	if (!sa->identity)
		return NULL;
	list_for_each_entry_reverse(other, &sa->identity->sas[!sa->initiator], same) {
		if (!other->established_at)
			continue;
		if (!at_once(sa, other))
			return NULL;
		if (isakmp_addr_equal(&other->first.path.remote, &sa->first.path.remote) &&
		    share(sa, other))
			return other;
	}
	return NULL;
}

/* ---- revoking ------------------------------------------------------------ */

/**
 * isakmp_basis_meant - does an authentication stand on what is revoked?
 * @b: what it stands on
 * @what: is revoked
 *
 * Context: Any.
 * Return: true if so.
 */
bool isakmp_basis_meant(const struct ike_basis *b, const struct isakmp_revoke *what)
{
	if (what->cred)
		return !strcmp(b->local_cred, what->cred) || !strcmp(b->remote_cred, what->cred);
	return b->unique_len == what->identity_len &&
	       !memcmp(b->unique, what->identity, b->unique_len);
}

/* Must hold sas.lock. */
static bool is_meant(const struct isakmp_sa *sa, const struct isakmp_revoke *what)
{
	lockdep_assert_held(&sa->in->sas.lock);
	return sa->identity && isakmp_basis_meant(sa->basis, what);
}

/**
 * isakmp_revoke - take down what stands on a credential or an identity
 * @in: namespace
 * @what: which
 *
 * Tickets first: nobody comes back by one.  An SA whose helper is deciding is not known to
 * stand on anything yet: it finds out itself, once it can be found (isakmp_revoked_since()).
 *
 * Context: Process.
 * Return: how many SAs.
 */
unsigned int isakmp_revoke(struct isakmp_net *in, const struct isakmp_revoke *what)
{
	struct isakmp_sa *sa;
	unsigned int n = 0;
	u64 id = 0;

	isakmp_ticket_revoke(in, what, true);
	while ((sa = isakmp_sa_next(in, id))) {
		id = sa->id;
		spin_lock_bh(&in->sas.lock);
		if (is_meant(sa, what) && !isakmp_sa_post(sa, ISAKMP_EV_REVOKED, 0))
			n++;
		spin_unlock_bh(&in->sas.lock);
		isakmp_sa_put(sa);
		cond_resched();
	}
	return n;
}

/* ---- namespace ----------------------------------------------------------- */

/**
 * isakmp_unique_net_init - nobody is known
 * @in: namespace
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int isakmp_unique_net_init(struct isakmp_net *in)
{
	return rhashtable_init(&in->sas.identities, &params);
}

/**
 * isakmp_unique_net_exit - the table goes; it is empty
 * @in: namespace
 *
 * Context: Process.
 */
void isakmp_unique_net_exit(struct isakmp_net *in)
{
	rhashtable_destroy(&in->sas.identities);
}
