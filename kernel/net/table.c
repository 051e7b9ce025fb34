// SPDX-License-Identifier: GPL-2.0
/*
 * The tables of IKE SAs, and how many there may be.
 *
 * All changes happen under sas.lock, so that an SA is in all of its tables or in
 * none and the counts are exact; look-ups take RCU and a reference.
 */
#include <linux/jhash.h>
#include <linux/math64.h>
#include <linux/rhashtable.h>
#include "ike/seam.h"
#include "netns.h"

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

/* Must hold sas.lock. */
static int insert_first(struct isakmp_sa *sa, struct isakmp_enlist *e)
{
	lockdep_assert_held(&sa->in->sas.lock);
	if (sa->initiator)
		return isakmp_group_enter(sa, e);
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
static int insert(struct isakmp_sa *sa, struct isakmp_enlist *e)
{
	struct isakmp_sa_net *sas = &sa->in->sas;
	int err;

	lockdep_assert_held(&sas->lock);
	err = isakmp_door_link(&sa->door);
	if (err)
		return err;
	err = insert_first(sa, e);
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
	isakmp_group_leave(sa);
err_spi:
	isakmp_door_unlink_all(sa);
	return err;
}

/* ---- half-open ones ------------------------------------------------------ */

/*
 * The fuller it gets, the shorter a peer has time to authenticate (RFC 8019, 4.2).
 * Must hold sas.lock.
 */
static void set_half_open_life(struct isakmp_net *in)
{
	u32 ms = READ_ONCE(in->sysctl.half_open_ms), least = min(ms, (u32)IKE_HALF_OPEN_MIN_MS);
	u32 max = READ_ONCE(in->sysctl.half_open_max);
	u32 n = min((u32)atomic_read(&in->sas.n_half_open), max);

	lockdep_assert_held(&in->sas.lock);
	WRITE_ONCE(in->sysctl.tun.half_open_ms,
		   ms - (u32)div_u64((u64)(ms - least) * n, max));
}

/* Must hold sas.lock. */
static void begin_half_open(struct isakmp_sa *sa)
{
	struct isakmp_net *in = sa->in;

	sa->half_open = true;
	if (sa->prio == ISAKMP_PRIO_STRANGER)
		list_add_tail(&sa->half, &in->sas.unproven);
	atomic_inc(&in->sas.n_half_open);
	if (sa->v1)
		atomic_inc(&in->sas.n_half_open_v1);
	isakmp_admit_hold(in, &sa->first.path);
	set_half_open_life(in);
}

/* Must hold sas.lock. */
static void end_half_open(struct isakmp_sa *sa)
{
	struct isakmp_net *in = sa->in;

	lockdep_assert_held(&in->sas.lock);
	if (!sa->half_open)
		return;
	sa->half_open = false;
	list_del_init(&sa->half);
	atomic_dec(&in->sas.n_half_open);
	if (sa->v1)
		atomic_dec(&in->sas.n_half_open_v1);
	isakmp_admit_release(in, &sa->first.path);
	set_half_open_life(in);
}

/*
 * The oldest one that may have come from a forged address, counted no longer and
 * pinned.  Must hold sas.lock.
 */
static struct isakmp_sa *choose_victim(struct isakmp_net *in)
{
	struct isakmp_sa *sa;

	lockdep_assert_held(&in->sas.lock);
	if ((u32)atomic_read(&in->sas.n_half_open) < READ_ONCE(in->sysctl.half_open_max))
		return NULL;
	sa = list_first_entry_or_null(&in->sas.unproven, struct isakmp_sa, half);
	if (!sa)
		return NULL;
	end_half_open(sa);
	isakmp_sa_get(sa);
	return sa;
}

static void evict(struct isakmp_sa *sa)
{
	isakmp_net_refused(sa->in, &sa->first.path, ISAKMP_R_EVICTED, 0);
	isakmp_sa_post(sa, IKE_EV_KILL, 0);
	isakmp_sa_put(sa);
}

/* ---- in and out ---------------------------------------------------------- */

/**
 * isakmp_table_room - may there be one more SA?
 * @in: namespace
 * @initiator: shall we start it?
 * @proven: has its peer shown that it is where it says?
 *
 * Context: Any.  What it says may be old when isakmp_table_link() decides.
 * Return: OK, DYING, SA_LIMIT or HALF_OPEN_LIMIT.
 */
enum isakmp_reason isakmp_table_room(struct isakmp_net *in, bool initiator, bool proven)
{
	const struct isakmp_sa_net *sas = &in->sas;

	if (READ_ONCE(sas->closed))
		return ISAKMP_R_DYING;
	if (atomic_read(&sas->n) >= READ_ONCE(in->sysctl.sa_max))
		return ISAKMP_R_SA_LIMIT;
	if (initiator ||
	    (u32)atomic_read(&sas->n_half_open) < READ_ONCE(in->sysctl.half_open_max))
		return ISAKMP_OK;
	/* Another one gives way. */
	return proven && !list_empty(&sas->unproven) ? ISAKMP_OK : ISAKMP_R_HALF_OPEN_LIMIT;
}

/* Must hold sas.lock.  *@victim gives way to this one. */
static int link_locked(struct isakmp_sa *sa, struct isakmp_enlist *e, struct isakmp_sa **victim)
{
	struct isakmp_net *in = sa->in;
	int err;

	switch (isakmp_table_room(in, sa->initiator, sa->prio != ISAKMP_PRIO_STRANGER)) {
	case ISAKMP_OK:
		break;
	case ISAKMP_R_DYING:
		return -ESHUTDOWN;
	default:
		return -ENFILE;
	}
	err = insert(sa, e);
	if (err)
		return err;
	atomic_inc(&in->sas.n);
	if (!sa->initiator) {
		*victim = choose_victim(in);
		begin_half_open(sa);
	}
	return 0;
}

/**
 * isakmp_table_link - from here on an SA can be found
 * @sa: the SA; a reference goes to the tables
 * @e: an initiator's: what it brings along
 *
 * Context: Any.
 * Return: 0; -ESHUTDOWN, the namespace ends; -ENFILE, a limit of
 * isakmp_table_room(); -EALREADY and -EAGAIN, as isakmp_group_enter(); -EEXIST,
 * there is an SA with this first message (or, once in 2^64, this SPI); -ENOMEM and
 * the like.
 */
int isakmp_table_link(struct isakmp_sa *sa, struct isakmp_enlist *e)
{
	struct isakmp_sa *victim = NULL;
	int err;

	spin_lock_bh(&sa->in->sas.lock);
	err = link_locked(sa, e, &victim);
	if (!err)
		isakmp_sa_get(sa);
	spin_unlock_bh(&sa->in->sas.lock);
	if (victim)
		evict(victim);
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
	isakmp_door_unlink_all(sa);
	remove_first(sa);
	isakmp_group_leave(sa);
	end_half_open(sa);
	atomic_dec(&sas->n);
	spin_unlock_bh(&sas->lock);
}

/**
 * isakmp_table_prove - the peer of an SA is where it says
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 */
void isakmp_table_prove(struct isakmp_sa *sa)
{
	spin_lock_bh(&sa->in->sas.lock);
	list_del_init(&sa->half);
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
	spin_lock_bh(&sa->in->sas.lock);
	end_half_open(sa);
	spin_unlock_bh(&sa->in->sas.lock);
}

/* ---- look-up ------------------------------------------------------------- */

/* Under RCU. */
static struct isakmp_sa *pin(struct isakmp_sa *sa)
{
	return sa && refcount_inc_not_zero(&sa->ref) ? sa : NULL;
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
	INIT_LIST_HEAD(&sas->unproven);
	isakmp_random(sas->key, sizeof(sas->key));
	err = isakmp_door_net_init(in);
	if (err)
		return err;
	err = rhashtable_init(&sas->by_first, &first_params);
	if (err)
		goto err_spi;
	err = isakmp_group_net_init(in);
	if (err)
		goto err_first;
	return 0;

err_first:
	rhashtable_destroy(&sas->by_first);
err_spi:
	isakmp_door_net_exit(in);
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

	isakmp_group_net_exit(in);
	rhashtable_destroy(&sas->by_first);
	isakmp_door_net_exit(in);
	xa_destroy(&sas->by_id);
	memzero_explicit(sas->key, sizeof(sas->key));
}
