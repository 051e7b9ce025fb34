// SPDX-License-Identifier: GPL-2.0
/*
 * The tables of IKE SAs, and how many there may be.
 *
 * All changes happen under sas.lock, so that an SA is in all of its tables or in
 * none and the counts are exact; look-ups take RCU and a reference.
 */
#include <linux/jhash.h>
#include <linux/rhashtable.h>
#include "ike/seam.h"
#include "netns.h"

static const struct rhashtable_params spi_params = {
	.key_len = sizeof_field(struct isakmp_sa, spi),
	.key_offset = offsetof(struct isakmp_sa, spi),
	.head_offset = offsetof(struct isakmp_sa, by_spi),
	.automatic_shrinking = true,
};

static const struct rhashtable_params child_params = {
	.key_len = sizeof_field(struct isakmp_sa, child_key),
	.key_offset = offsetof(struct isakmp_sa, child_key),
	.head_offset = offsetof(struct isakmp_sa, by_child),
	.automatic_shrinking = true,
};

/* One message from many forged addresses must not fill one bucket. */
static u32 first_hash(const void *data, u32 len, u32 seed)
{
	const struct isakmp_first_key *k = data;

	return jhash(k->path.remote.a, sizeof(k->path.remote.a),
		     seed ^ (u32)k->digest ^ k->path.rport);
}

static u32 first_obj_hash(const void *data, u32 len, u32 seed)
{
	const struct isakmp_sa *sa = data;

	return first_hash(&sa->first, len, seed);
}

static int first_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct isakmp_first_key *k = arg->key;
	const struct isakmp_sa *sa = obj;

	return k->digest != sa->first.digest || !isakmp_path_equal(&k->path, &sa->first.path);
}

static const struct rhashtable_params first_params = {
	.key_len = sizeof(struct isakmp_first_key),
	.key_offset = offsetof(struct isakmp_sa, first),
	.head_offset = offsetof(struct isakmp_sa, by_first),
	.hashfn = first_hash,
	.obj_hashfn = first_obj_hash,
	.obj_cmpfn = first_cmp,
	.automatic_shrinking = true,
};

static u64 child_key(const struct isakmp_net *in, const char *peer, const char *child,
		     const struct isakmp_addr *remote)
{
	struct {
		char peer[ISAKMP_NAME_MAX + 1];
		char child[ISAKMP_NAME_MAX + 1];
		struct isakmp_addr remote;
	} k;

	memset(&k, 0, sizeof(k));
	strscpy(k.peer, peer, sizeof(k.peer));
	strscpy(k.child, child, sizeof(k.child));
	k.remote = *remote;
	return isakmp_siphash(in->sas.key, &k, sizeof(k));
}

static const char *child_name(const struct isakmp_sa *sa)
{
	return sa->child ? sa->child->name : "";
}

/* Must hold sas.lock: names do not change under it. */
static bool is_child(const struct isakmp_sa *sa, const char *peer, const char *child,
		     const struct isakmp_addr *remote)
{
	return !strcmp(sa->peer->name, peer) && !strcmp(child_name(sa), child) &&
	       isakmp_addr_equal(&sa->first.path.remote, remote);
}

/*
 * The SA that has a child, or else one that had it last and was not asked for
 * anything else since.  Must hold sas.lock; not pinned.
 */
static struct isakmp_sa *find_child(struct isakmp_net *in, const char *peer,
				    const char *child, const struct isakmp_addr *remote)
{
	u64 key = child_key(in, peer, child, remote);
	struct isakmp_sa *sa, *found = NULL;
	struct rhlist_head *list, *pos;

	lockdep_assert_held(&in->sas.lock);
	rcu_read_lock();
	list = rhltable_lookup(&in->sas.by_child, &key, child_params);
	rhl_for_each_entry_rcu(sa, pos, list, by_child) {
		if (!is_child(sa, peer, child, remote))
			continue;
		found = sa;
		if (sa->has_child)
			break;
	}
	rcu_read_unlock();
	return found;
}

/* Must hold sas.lock. */
static int insert_child(struct isakmp_sa *sa)
{
	lockdep_assert_held(&sa->in->sas.lock);
	sa->child_key = child_key(sa->in, sa->peer->name, child_name(sa),
				  &sa->first.path.remote);
	return rhltable_insert(&sa->in->sas.by_child, &sa->by_child, child_params);
}

/* Must hold sas.lock. */
static void remove_child(struct isakmp_sa *sa)
{
	lockdep_assert_held(&sa->in->sas.lock);
	if (sa->peer)
		rhltable_remove(&sa->in->sas.by_child, &sa->by_child, child_params);
}

/* Must hold sas.lock. */
static int insert_first(struct isakmp_sa *sa)
{
	lockdep_assert_held(&sa->in->sas.lock);
	if (sa->initiator)
		return insert_child(sa);
	return rhashtable_lookup_insert_key(&sa->in->sas.by_first, &sa->first, &sa->by_first,
					    first_params);
}

/* Must hold sas.lock. */
static void remove_first(struct isakmp_sa *sa)
{
	lockdep_assert_held(&sa->in->sas.lock);
	if (!sa->initiator)
		rhashtable_remove_fast(&sa->in->sas.by_first, &sa->by_first, first_params);
}

/* Must hold sas.lock. */
static int insert(struct isakmp_sa *sa)
{
	struct isakmp_sa_net *sas = &sa->in->sas;
	int err;

	lockdep_assert_held(&sas->lock);
	err = rhashtable_lookup_insert_fast(&sas->by_spi, &sa->by_spi, spi_params);
	if (err)
		return err;
	err = insert_first(sa);
	if (err)
		goto err_spi;
	sa->id = ++sas->last_id;
	sa->ike.id = sa->id;
	err = xa_insert_bh(&sas->by_id, sa->id, sa, GFP_ATOMIC);
	if (err)
		goto err_first;
	return 0;

err_first:
	remove_first(sa);
	if (sa->initiator)
		remove_child(sa);
err_spi:
	rhashtable_remove_fast(&sas->by_spi, &sa->by_spi, spi_params);
	return err;
}

/**
 * isakmp_table_room - may there be one more SA?
 * @in: namespace
 * @initiator: shall we start it?
 *
 * Context: Any.  What it says may be old when isakmp_table_link() decides.
 * Return: OK, DYING, SA_LIMIT or HALF_OPEN_LIMIT.
 */
enum isakmp_reason isakmp_table_room(struct isakmp_net *in, bool initiator)
{
	const struct isakmp_sa_net *sas = &in->sas;

	if (READ_ONCE(sas->closed))
		return ISAKMP_R_DYING;
	if (atomic_read(&sas->n) >= READ_ONCE(in->sysctl.sa_max))
		return ISAKMP_R_SA_LIMIT;
	if (!initiator && atomic_read(&sas->n_half_open) >= READ_ONCE(in->sysctl.half_open_max))
		return ISAKMP_R_HALF_OPEN_LIMIT;
	return ISAKMP_OK;
}

/* Must hold sas.lock.  An SA that has lost the child goes when this one has it. */
static int check_unique(struct isakmp_sa *sa)
{
	const struct isakmp_sa *other = find_child(sa->in, sa->peer->name, child_name(sa),
						   &sa->first.path.remote);

	if (other && other->has_child)
		return -EALREADY;
	if (other)
		sa->ike.replaces = other->id;
	return 0;
}

/* Must hold sas.lock. */
static int link_locked(struct isakmp_sa *sa, bool unique)
{
	struct isakmp_net *in = sa->in;
	int err = 0;

	switch (isakmp_table_room(in, sa->initiator)) {
	case ISAKMP_OK:
		break;
	case ISAKMP_R_DYING:
		return -ESHUTDOWN;
	default:
		return -ENFILE;
	}
	if (unique)
		err = check_unique(sa);
	if (err)
		return err;
	err = insert(sa);
	if (err)
		return err;
	atomic_inc(&in->sas.n);
	if (!sa->initiator) {
		sa->half_open = true;
		atomic_inc(&in->sas.n_half_open);
	}
	return 0;
}

/**
 * isakmp_table_link - from here on an SA can be found
 * @sa: the SA; a reference goes to the tables.  An initiator's @peer and @child
 *	are set
 * @unique: refuse when the child is up or on its way already
 *
 * Context: Any.
 * Return: 0; -ESHUTDOWN, the namespace ends; -ENFILE, a limit of
 * isakmp_table_room(); -EALREADY; -EEXIST, there is an SA with this first
 * message (or, once in 2^64, this SPI); -ENOMEM and the like.
 */
int isakmp_table_link(struct isakmp_sa *sa, bool unique)
{
	int err;

	spin_lock_bh(&sa->in->sas.lock);
	err = link_locked(sa, unique);
	if (!err)
		isakmp_sa_get(sa);
	spin_unlock_bh(&sa->in->sas.lock);
	return err;
}

/**
 * isakmp_table_unlink - nobody finds an SA any more
 * @sa: the SA; the tables' reference goes to the caller
 *
 * Context: Process; the SA's worker.
 */
void isakmp_table_unlink(struct isakmp_sa *sa)
{
	struct isakmp_sa_net *sas = &sa->in->sas;

	spin_lock_bh(&sas->lock);
	xa_erase_bh(&sas->by_id, sa->id);
	rhashtable_remove_fast(&sas->by_spi, &sa->by_spi, spi_params);
	remove_first(sa);
	remove_child(sa);
	sa->has_child = false;
	if (sa->half_open)
		atomic_dec(&sas->n_half_open);
	sa->half_open = false;
	atomic_dec(&sas->n);
	spin_unlock_bh(&sas->lock);
}

/* Must hold sas.lock.  Under the key it has already, it needs no memory. */
static int move_child(struct isakmp_sa *sa, const struct ike_peer *peer,
		      const struct ike_child_policy *child)
{
	bool same;

	lockdep_assert_held(&sa->in->sas.lock);
	same = sa->peer && is_child(sa, peer->name, child ? child->name : "",
				    &sa->first.path.remote);
	if (!same)
		remove_child(sa);
	sa->peer = peer;
	sa->child = child;
	sa->has_child = child;
	return same ? 0 : insert_child(sa);
}

/**
 * isakmp_table_claim - it is known now whose an SA is, and its child
 * @sa: the SA
 * @peer: its peer; a reference is taken
 * @child: child of @peer that is up or on its way, or NULL
 *
 * Without memory the SA stays as unknown as it was: a second one for the same
 * child may then be started.
 *
 * Context: Process; the SA's worker.
 */
void isakmp_table_claim(struct isakmp_sa *sa, const struct ike_peer *peer,
			const struct ike_child_policy *child)
{
	const struct ike_peer *old;

	isakmp_peer_get(peer);
	spin_lock_bh(&sa->in->sas.lock);
	old = sa->peer;
	if (move_child(sa, peer, child)) {
		isakmp_peer_put(peer);
		sa->peer = NULL;
		sa->child = NULL;
		sa->has_child = false;
	}
	spin_unlock_bh(&sa->in->sas.lock);
	if (old)
		isakmp_peer_put(old);
}

/**
 * isakmp_table_disclaim - the child of an SA has gone
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 */
void isakmp_table_disclaim(struct isakmp_sa *sa)
{
	spin_lock_bh(&sa->in->sas.lock);
	sa->has_child = false;
	spin_unlock_bh(&sa->in->sas.lock);
}

/**
 * isakmp_table_drop_half_open - an SA is half-open no longer
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 */
void isakmp_table_drop_half_open(struct isakmp_sa *sa)
{
	struct isakmp_sa_net *sas = &sa->in->sas;

	spin_lock_bh(&sas->lock);
	if (sa->half_open)
		atomic_dec(&sas->n_half_open);
	sa->half_open = false;
	spin_unlock_bh(&sas->lock);
}

/* Under RCU. */
static struct isakmp_sa *pin(struct isakmp_sa *sa)
{
	return sa && refcount_inc_not_zero(&sa->ref) ? sa : NULL;
}

/**
 * isakmp_table_find_spi - the SA with an SPI of ours
 * @in: namespace
 * @spi: host order
 *
 * Context: Any.
 * Return: the SA, pinned, or NULL.
 */
struct isakmp_sa *isakmp_table_find_spi(struct isakmp_net *in, u64 spi)
{
	struct isakmp_sa *sa;

	rcu_read_lock();
	sa = pin(rhashtable_lookup(&in->sas.by_spi, &spi, spi_params));
	rcu_read_unlock();
	return sa;
}

/**
 * isakmp_table_find_first - the SA that a first message has made
 * @in: namespace
 * @key: what the message is known by
 *
 * Context: Any.
 * Return: the SA, pinned, or NULL.
 */
struct isakmp_sa *isakmp_table_find_first(struct isakmp_net *in,
					  const struct isakmp_first_key *key)
{
	struct isakmp_sa *sa;

	rcu_read_lock();
	sa = pin(rhashtable_lookup(&in->sas.by_first, key, first_params));
	rcu_read_unlock();
	return sa;
}

/**
 * isakmp_sa_find_child - the SA with a child
 * @in: namespace
 * @peer: whose child; its remote must be one address
 * @child: its name
 *
 * Context: Any.
 * Return: the SA that has it, or is setting it up, pinned; or NULL.
 */
struct isakmp_sa *isakmp_sa_find_child(struct isakmp_net *in, const struct ike_peer *peer,
				       const char *child)
{
	struct isakmp_sa *sa;

	spin_lock_bh(&in->sas.lock);
	sa = find_child(in, peer->name, child, &peer->remote);
	/* The tables' reference is there as long as the lock is held. */
	if (sa && sa->has_child)
		isakmp_sa_get(sa);
	else
		sa = NULL;
	spin_unlock_bh(&in->sas.lock);
	return sa;
}

/**
 * isakmp_sa_get_id - the SA with an id
 * @in: namespace
 * @id: its id
 *
 * Context: Any.
 * Return: the SA, pinned, or NULL.
 */
struct isakmp_sa *isakmp_sa_get_id(struct isakmp_net *in, u64 id)
{
	struct isakmp_sa *sa;

	if (id > ULONG_MAX)
		return NULL;
	rcu_read_lock();
	sa = pin(xa_load(&in->sas.by_id, (unsigned long)id));
	rcu_read_unlock();
	return sa;
}

/**
 * isakmp_sa_next - the next SA of a walk over all
 * @in: namespace
 * @after_id: id of the one before, 0 for the first
 *
 * Context: Any.
 * Return: the SA with the smallest id above @after_id, pinned, or NULL.
 */
struct isakmp_sa *isakmp_sa_next(struct isakmp_net *in, u64 after_id)
{
	unsigned long i = (unsigned long)after_id;
	struct isakmp_sa *sa, *pinned = NULL;

	if (after_id >= ULONG_MAX)
		return NULL;
	rcu_read_lock();
	while (!pinned) {
		sa = xa_find_after(&in->sas.by_id, &i, ULONG_MAX, XA_PRESENT);
		if (!sa)
			break;
		pinned = pin(sa);
	}
	rcu_read_unlock();
	return pinned;
}

/**
 * isakmp_table_net_init - empty tables
 * @in: namespace
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int isakmp_table_net_init(struct isakmp_net *in)
{
	struct isakmp_sa_net *sas = &in->sas;
	int err;

	spin_lock_init(&sas->lock);
	xa_init_flags(&sas->by_id, XA_FLAGS_LOCK_BH);
	isakmp_random(sas->key, sizeof(sas->key));
	err = rhashtable_init(&sas->by_spi, &spi_params);
	if (err)
		return err;
	err = rhashtable_init(&sas->by_first, &first_params);
	if (err)
		goto err_spi;
	err = rhltable_init(&sas->by_child, &child_params);
	if (err)
		goto err_first;
	return 0;

err_first:
	rhashtable_destroy(&sas->by_first);
err_spi:
	rhashtable_destroy(&sas->by_spi);
	return err;
}

/**
 * isakmp_table_net_exit - the tables go; they are empty
 * @in: namespace
 *
 * Context: Process.
 */
void isakmp_table_net_exit(struct isakmp_net *in)
{
	struct isakmp_sa_net *sas = &in->sas;

	rhltable_destroy(&sas->by_child);
	rhashtable_destroy(&sas->by_first);
	rhashtable_destroy(&sas->by_spi);
	xa_destroy(&sas->by_id);
	memzero_explicit(sas->key, sizeof(sas->key));
}
