// SPDX-License-Identifier: GPL-2.0
/*
 * Which inner address somebody gets.
 *
 * What is kept here is a memory, not the truth: which address somebody has had last.
 * Who has which address now only the kernel knows, and it takes no answer with one
 * that another IKE SA has.  So an address is proposed; when the kernel says that it
 * is taken, the next one is:
 *
 *	1. the one that is asked for, if it is in the pools
 *	2. the one that this holder has had last
 *	3. one that nobody has had, as far as is remembered, the lowest first
 *	4. one that somebody else has had, which was seen in use longest ago
 *
 * A holder is a peer object and an identity, in words.  Each address has one holder
 * at most, and each holder one address of each family.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "lease.h"

#define BUCKETS		65536
#define CURSORS		64
#define TRIES_MAX	4096	/* addresses that others have, for one question */

enum { STEP_WISH, STEP_LAST, STEP_FRESH, STEP_OLDEST, STEP_NONE };

/**
 * struct lease - an address and who has had it last
 * @by_addr: in its bucket
 * @by_holder: in its bucket
 * @older: got, or seen in use, longer ago
 * @newer: later
 * @addr: the address
 * @age: the how many-eth to get to the new end
 * @tried: serial of the last question that it was proposed for, in vain
 * @holder: terminated; empty: not known
 */
struct lease {
	struct lease *by_addr;
	struct lease *by_holder;
	struct lease *older;
	struct lease *newer;
	struct config_addr addr;
	u64 age;
	u64 tried;
	char holder[];
};

/* How far the search for fresh addresses has come, of some pools. */
struct cursor {
	u64 digest;
	u64 next;
	u64 seen;	/* of @vacated, when it began at the first address */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* What follows is protected by it. */
static struct lease *by_addr[BUCKETS];
static struct lease *by_holder[BUCKETS];
static struct lease *oldest, *newest;
static size_t n_leases;
static u64 last_serial, last_age;
static bool changed;
static struct cursor cursors[CURSORS];
static unsigned int next_cursor;
static u64 vacated;		/* addresses that were forgotten */

static void (*tell_changed)(void);	/* set before there are threads */

/* ---- the memory; all of it must hold the lock ------------------------------ */

static u32 hash(const void *p, size_t n)
{
	const u8 *o = p;
	u32 h = 2166136261U;

	while (n--)
		h = (h ^ *o++) * 16777619U;
	return (h ^ h >> 16) % BUCKETS;
}

static struct lease **addr_bucket(const struct config_addr *a)
{
	return &by_addr[hash(a->octets, a->len)];
}

static struct lease **holder_bucket(const char *holder)
{
	return &by_holder[hash(holder, strlen(holder))];
}

static bool same_addr(const struct config_addr *a, const struct config_addr *b)
{
	return a->len == b->len && !memcmp(a->octets, b->octets, a->len);
}

static struct lease *find_addr(const struct config_addr *a)
{
	struct lease *l = *addr_bucket(a);

	while (l && !same_addr(&l->addr, a))
		l = l->by_addr;
	return l;
}

static struct lease *find_holder(const char *holder, u8 len)
{
	struct lease *l = *holder_bucket(holder);

	while (l && (l->addr.len != len || strcmp(l->holder, holder)))
		l = l->by_holder;
	return l;
}

static void unlink_lease(struct lease *l)
{
	struct lease **at;

	for (at = addr_bucket(&l->addr); *at != l; at = &(*at)->by_addr)
		;
	*at = l->by_addr;
	for (at = holder_bucket(l->holder); *at != l; at = &(*at)->by_holder)
		;
	*at = l->by_holder;
	*(l->older ? &l->older->newer : &oldest) = l->newer;
	*(l->newer ? &l->newer->older : &newest) = l->older;
	n_leases--;
}

/* At the new end. */
static void link_lease(struct lease *l)
{
	struct lease **a = addr_bucket(&l->addr), **h = holder_bucket(l->holder);

	l->by_addr = *a;
	*a = l;
	l->by_holder = *h;
	*h = l;
	l->older = newest;
	l->newer = NULL;
	l->age = ++last_age;
	*(newest ? &newest->newer : &oldest) = l;
	newest = l;
	n_leases++;
}

static void drop(struct lease *l)
{
	if (!l)
		return;
	unlink_lease(l);
	free(l);
	changed = true;
}

/* Remembers that @holder got @a just now, and no other address of its family. */
static bool remember(const struct config_addr *a, const char *holder)
{
	struct lease *l = find_addr(a), *last = find_holder(holder, a->len);
	size_t n = strlen(holder) + 1;

	if (l && l == last) {
		unlink_lease(l);
		link_lease(l);
		return true;
	}
	if (last || n_leases >= LEASES_MAX)
		vacated++;
	drop(l);
	drop(last);
	if (n_leases >= LEASES_MAX)
		drop(oldest);
	l = calloc(1, sizeof(*l) + n);
	if (!l)
		return false;
	l->addr = *a;
	memcpy(l->holder, holder, n);
	link_lease(l);
	changed = true;
	return true;
}

/* ---- what is known from elsewhere ------------------------------------------- */

/**
 * lease_forget() - nothing is remembered
 */
void lease_forget(void)
{
	pthread_mutex_lock(&lock);
	while (oldest)
		drop(oldest);
	memset(cursors, 0, sizeof(cursors));
	changed = false;
	pthread_mutex_unlock(&lock);
}

/**
 * lease_holder() - a peer object and an identity in words
 * @peer: name of the object
 * @id: the identity
 * @holder: out
 *
 * Return: whether they fit.
 */
bool lease_holder(const char *peer, const struct ident *id, char holder[LEASE_HOLDER_MAX])
{
	char text[IDENT_TEXT_MAX];

	return (size_t)snprintf(holder, LEASE_HOLDER_MAX, "%s %s", peer,
				ident_print(id, text, sizeof(text))) < LEASE_HOLDER_MAX;
}

/**
 * lease_known() - somebody has, or has had, an address
 * @a: the address
 * @holder: who
 *
 * Return: false: no memory.
 */
bool lease_known(const struct config_addr *a, const char *holder)
{
	bool good;

	pthread_mutex_lock(&lock);
	good = remember(a, holder);
	pthread_mutex_unlock(&lock);
	return good;
}

/* Leases one behind the other: each an address, then its holder, terminated. */
struct copy {
	char *p;
	size_t n;
	size_t room;
};

static bool copy_lease(struct copy *c, const struct lease *l)
{
	size_t n = sizeof(l->addr) + strlen(l->holder) + 1, room = 2 * (c->room + n);
	char *p;

	if (c->room - c->n < n) {
		p = realloc(c->p, room);
		if (!p)
			return false;
		c->p = p;
		c->room = room;
	}
	memcpy(c->p + c->n, &l->addr, sizeof(l->addr));
	memcpy(c->p + c->n + sizeof(l->addr), l->holder, n - sizeof(l->addr));
	c->n += n;
	return true;
}

static bool copy_all(struct copy *c)
{
	const struct lease *l;
	bool good = true;

	pthread_mutex_lock(&lock);
	for (l = oldest; l && good; l = l->newer)
		if (l->holder[0])
			good = copy_lease(c, l);
	pthread_mutex_unlock(&lock);
	return good;
}

/**
 * lease_each() - all that is remembered, who got his longest ago first
 * @fn: called for each; false ends it
 * @arg: for @fn
 *
 * It is a copy that @fn sees: who asks for an address does not wait for it.
 *
 * Return: false: @fn ended it, or there is no memory.
 */
bool lease_each(lease_fn fn, void *arg)
{
	struct copy c = { 0 };
	bool good = copy_all(&c);
	struct config_addr addr;
	size_t at = 0;

	while (good && at < c.n) {
		memcpy(&addr, c.p + at, sizeof(addr));
		at += sizeof(addr);
		good = fn(&addr, c.p + at, arg);
		at += strlen(c.p + at) + 1;
	}
	free(c.p);
	return good;
}

/**
 * lease_watch() - be told of changes
 * @fn: called by any thread when something was given
 *
 * Context: before there are threads.
 */
void lease_watch(void (*fn)(void))
{
	tell_changed = fn;
}

/**
 * lease_changed() - is there more to remember than when this was asked last
 *
 * Return: true if so.
 */
bool lease_changed(void)
{
	bool yes;

	pthread_mutex_lock(&lock);
	yes = changed;
	changed = false;
	pthread_mutex_unlock(&lock);
	return yes;
}

/* ---- a question ---------------------------------------------------------------- */

static const u8 lens[2] = { 4, 16 };

static bool is_any(const struct config_addr *a)
{
	static const u8 zero[16];

	return !memcmp(a->octets, zero, a->len);
}

/*
 * The peer: in version 1 whom XAUTH found it to be (v1_xauth.c), as a key ID, or the one of
 * the two that is not ours.
 */
static bool who_asks(const struct question *q, struct ident *id)
{
	const struct octets *body = q->initiator ? &q->id_r : &q->id_i, *u = &q->unique;

	if (u->n > 2 && !u->p[0] && u->p[1] && u->n >= 2U + u->p[1]) {
		*id = (struct ident) { IKE_ID_KEY_ID, u->p[1], u->p + 2 };
		return true;
	}
	return ident_from_body(body->p, body->n, id) && id->type;
}

/**
 * lease_begin() - somebody asks for inner addresses
 * @t: filled
 * @c: the snapshot
 * @p: his peer object
 * @q: the question, of a peer that has proven itself
 *
 * Return: false: none are asked for, or there are no pools with such.
 */
bool lease_begin(struct lease_try *t, const struct config *c, const struct config_peer *p,
		 const struct question *q)
{
	struct ident id;
	unsigned int i;

	*t = (struct lease_try) { .pools = pools_of(c, p) };
	if (!who_asks(q, &id) || !lease_holder(p->name, &id, t->holder))
		return false;
	for (i = 0; i < 2; i++)
		if (q->wish[i].len && pools_count(&t->pools, lens[i]))
			t->wish[i] = q->wish[i];
	pthread_mutex_lock(&lock);
	t->serial = ++last_serial;
	pthread_mutex_unlock(&lock);
	return t->wish[0].len || t->wish[1].len;
}

static struct cursor *cursor_of(const struct pools *p, u8 len)
{
	u64 digest = pools_digest(p, len);
	struct cursor *c;
	unsigned int i;

	for (i = 0; i < CURSORS; i++)
		if (cursors[i].digest == digest)
			return &cursors[i];
	c = &cursors[next_cursor++ % CURSORS];
	*c = (struct cursor) { digest, 0, vacated };
	return c;
}

/* Found ones are remembered at once, so that nobody else tries them. */
static bool find_fresh(struct lease_try *t, u8 len, struct config_addr *a)
{
	struct cursor *c = cursor_of(&t->pools, len);

	for (;;) {
		while (pools_at(&t->pools, len, c->next, a)) {
			c->next++;
			if (!find_addr(a))
				return remember(a, t->holder);
		}
		if (c->seen == vacated)
			return false;
		/* some that it has passed may be fresh again */
		*c = (struct cursor) { c->digest, 0, vacated };
	}
}

/*
 * Once for each question, through all that is remembered: what others have, or have had, of
 * other pools may be older, and more than anybody wants to go through for each address.
 */
static struct lease *search_from(const struct lease_try *t, unsigned int slot)
{
	struct lease *l = t->age[slot] ? find_addr(&t->next[slot]) : NULL;

	return l && l->age == t->age[slot] ? l : oldest;
}

static bool find_oldest(struct lease_try *t, unsigned int slot, struct config_addr *a)
{
	const struct lease *l;

	for (l = search_from(t, slot); l; l = l->newer) {
		if (l->addr.len != lens[slot] || l->tried == t->serial ||
		    !pools_have(&t->pools, &l->addr))
			continue;
		*a = l->addr;
		t->age[slot] = l->newer ? l->newer->age : 0;
		if (l->newer)
			t->next[slot] = l->newer->addr;
		return true;
	}
	return false;
}

static bool find_last(struct lease_try *t, u8 len, struct config_addr *a)
{
	const struct lease *l = find_holder(t->holder, len);

	if (!l || l->tried == t->serial || !pools_have(&t->pools, &l->addr))
		return false;
	*a = l->addr;
	return true;
}

/* One address; len 0: there are no more. */
static struct config_addr propose(struct lease_try *t, unsigned int slot)
{
	struct config_addr a = t->wish[slot];
	u8 len = lens[slot];

	if (t->tries[slot] >= TRIES_MAX)
		t->step[slot] = STEP_NONE;
	if (t->step[slot] == STEP_WISH) {
		t->step[slot] = STEP_LAST;
		if (!is_any(&a) && pools_have(&t->pools, &a))
			return a;
	}
	if (t->step[slot] == STEP_LAST) {
		t->step[slot] = STEP_FRESH;
		if (find_last(t, len, &a))
			return a;
	}
	if (t->step[slot] == STEP_FRESH) {
		if (find_fresh(t, len, &a))
			return a;
		t->step[slot] = STEP_OLDEST;
	}
	if (t->step[slot] == STEP_OLDEST && find_oldest(t, slot, &a))
		return a;
	t->step[slot] = STEP_NONE;
	return (struct config_addr) { 0 };
}

/* What goes with the addresses, of all pools, as far as there is room. */
static void put_config(const struct lease_try *t, struct answer *a)
{
	const struct config_pool *p;
	u8 k;

	a->inner_pools = 0;
	for (k = 0; k < t->pools.n; k++) {
		p = t->pools.pool[k];
		if (p->n_dns || p->n_subnet || p->n_domain)
			a->inner_pool[a->inner_pools++] = p;
	}
}

/**
 * lease_next() - propose addresses for the families that have none yet
 * @t: of lease_begin()
 * @a: the answer, which accepts: filled
 */
void lease_next(struct lease_try *t, struct answer *a)
{
	unsigned int i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < 2; i++)
		if (t->wish[i].len && !a->inner[i].len && t->step[i] != STEP_NONE)
			a->inner[i] = propose(t, i);
	pthread_mutex_unlock(&lock);
	a->no_inner = !a->inner[0].len && !a->inner[1].len;
	if (!a->no_inner)
		put_config(t, a);
}

/**
 * lease_taken() - the kernel says that another IKE SA has one of them
 * @t: of lease_begin()
 * @a: the answer
 * @slot: which one
 *
 * Return: true: lease_next() has more, or has none to say so.
 */
bool lease_taken(struct lease_try *t, struct answer *a, unsigned int slot)
{
	struct lease *l;

	if (!a->inner[slot].len)
		return false;
	pthread_mutex_lock(&lock);
	l = find_addr(&a->inner[slot]);
	if (l) {
		/* in use: the others are longer free */
		unlink_lease(l);
		l->tried = t->serial;
		if (!strcmp(l->holder, t->holder))
			l->holder[0] = '\0';
		link_lease(l);
	}
	pthread_mutex_unlock(&lock);
	t->tries[slot]++;
	a->inner[slot].len = 0;
	return true;
}

/**
 * lease_given() - the kernel took the answer
 * @t: of lease_begin()
 * @a: the answer
 */
void lease_given(const struct lease_try *t, const struct answer *a)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (a->inner[i].len)
			lease_known(&a->inner[i], t->holder);
	if (tell_changed)
		tell_changed();
}
