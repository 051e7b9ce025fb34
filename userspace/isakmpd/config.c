// SPDX-License-Identifier: GPL-2.0
/*
 * The snapshot of the configuration: see config.h.
 *
 * Everything that hangs from a snapshot lives in its arena and goes with it.
 * Look-ups are binary searches: peers and creds by name and by identity.  Peers
 * whose remote identity is a pattern, or any, are in lists of their own.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "config.h"

#define CHUNK 65536

struct chunk {
	struct chunk *next;
	size_t used;
	_Alignas(max_align_t) u8 room[CHUNK];
};

struct auth_entry {
	const char *peer;
	u8 side;
	struct config_auth auth;
};

struct id_entry {
	u32 hash;		/* ident_hash(), in all tables by identity */
	const struct ident *id;
	const struct config_cred *cred;
};

struct peer_id_entry {
	u32 hash;
	struct ident id;
	const struct config_peer *peer;
};

struct table {
	void *row;
	size_t n;
	size_t room;
};

struct config {
	atomic_uint refs;
	struct chunk *arena;
	struct table peers;	/* struct config_peer, by name */
	struct table creds;	/* struct config_cred, by name */
	struct table pools;	/* struct config_pool, by name */
	struct table auths;	/* struct auth_entry, until finish */
	struct table ids;	/* struct id_entry, by identity, then cred's name */
	struct table cas;	/* const struct config_cred *, by name */
	struct table decrypting; /* the same, of those that decrypt */
	struct table peer_ids[CONFIG_IDS]; /* struct peer_id_entry, by identity, then name */
};

/* ---- memory -------------------------------------------------------------- */

/* @n octets that live as long as @c; never more than one object's worth. */
static void *arena_copy(struct config *c, const void *p, size_t n)
{
	size_t need = (n + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
	struct chunk *k = c->arena;
	void *to;

	if (need > CHUNK)
		return NULL;
	if (!k || CHUNK - k->used < need) {
		k = malloc(sizeof(*k));
		if (!k)
			return NULL;
		k->next = c->arena;
		k->used = 0;
		c->arena = k;
	}
	to = k->room + k->used;
	k->used += need;
	return n ? memcpy(to, p, n) : to;
}

static bool keep_string(struct config *c, const char **s)
{
	if (*s)
		*s = arena_copy(c, *s, strlen(*s) + 1);
	return *s;
}

static bool keep_ident(struct config *c, struct ident *id)
{
	id->value = arena_copy(c, id->value, id->len);
	return id->value;
}

static int table_add(struct table *t, const void *row, size_t size)
{
	size_t room = t->room ? 2 * t->room : 16;
	void *p = t->row;

	if (t->n == t->room) {
		p = reallocarray(t->row, room, size);
		if (!p)
			return -ENOMEM;
		t->row = p;
		t->room = room;
	}
	memcpy((u8 *)p + t->n++ * size, row, size);
	return 0;
}

/* ---- order --------------------------------------------------------------- */

static int by_peer(const void *a, const void *b)
{
	const struct config_peer *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int by_cred(const void *a, const void *b)
{
	const struct config_cred *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int by_pool(const void *a, const void *b)
{
	const struct config_pool *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int by_ident(const void *a, const void *b)
{
	const struct id_entry *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return ident_compare(x->id, y->id);
}

static int by_ident_and_cred(const void *a, const void *b)
{
	const struct id_entry *x = a, *y = b;
	int d = by_ident(a, b);

	return d ? d : strcmp(x->cred->name, y->cred->name);
}

static int by_peer_ident(const void *a, const void *b)
{
	const struct peer_id_entry *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return ident_compare(&x->id, &y->id);
}

static int by_peer_ident_and_name(const void *a, const void *b)
{
	const struct peer_id_entry *x = a, *y = b;
	int d = by_peer_ident(a, b);

	return d ? d : strcmp(x->peer->name, y->peer->name);
}

static void table_sort(struct table *t, size_t size,
		       int (*cmp)(const void *, const void *))
{
	if (t->n)
		qsort(t->row, t->n, size, cmp);
}

static void *table_find(const struct table *t, const void *key, size_t size,
			int (*cmp)(const void *, const void *))
{
	return t->n ? bsearch(key, t->row, t->n, size, cmp) : NULL;
}

/* The first of all that are equal to @key, and how many there are. */
static void *table_range(const struct table *t, const void *key, size_t size,
			 int (*cmp)(const void *, const void *), size_t *n)
{
	u8 *from = table_find(t, key, size, cmp), *to = from, *first, *end;

	*n = 0;
	if (!from)
		return NULL;
	first = t->row;
	end = first + t->n * size;
	while (from > first && !cmp(from - size, key))
		from -= size;
	while (to < end && !cmp(to, key))
		to += size;
	*n = (size_t)(to - from) / size;
	return from;
}

/* ---- building ------------------------------------------------------------ */

/**
 * config_new() - an empty snapshot to be filled
 *
 * Return: it, with one reference, or NULL: no memory.
 */
struct config *config_new(void)
{
	struct config *c = calloc(1, sizeof(*c));

	if (c)
		atomic_init(&c->refs, 1);
	return c;
}

static bool keep_names(struct config *c, const char *const **names, u8 n)
{
	const char **copy = arena_copy(c, *names, n * sizeof(*copy));
	u8 i;

	for (i = 0; copy && i < n; i++)
		if (!keep_string(c, &copy[i]))
			return false;
	*names = copy;
	return copy;
}

/**
 * config_add_peer() - add a peer; its auth sides come with config_add_auth()
 * @c: being filled
 * @peer: all but its sides, copied
 *
 * Return: 0 or -ENOMEM.
 */
int config_add_peer(struct config *c, const struct config_peer *peer)
{
	static const struct config_auth none;
	struct config_peer p = *peer;

	p.local = none;
	p.remote = none;
	if (!keep_string(c, &p.name) || (p.template && !keep_string(c, &p.template)) ||
	    (p.n_pool && !keep_names(c, &p.pool, p.n_pool)))
		return -ENOMEM;
	return table_add(&c->peers, &p, sizeof(p));
}

/**
 * config_add_auth() - add one side of a peer
 * @c: being filled
 * @peer: the peer's name; a peer that is not there is no error
 * @side: enum isakmp_side
 * @auth: copied
 *
 * Return: 0 or -ENOMEM.
 */
int config_add_auth(struct config *c, const char *peer, u8 side,
		    const struct config_auth *auth)
{
	struct auth_entry e = { .peer = peer, .side = side, .auth = *auth };

	if (!keep_string(c, &e.peer) || !keep_ident(c, &e.auth.id))
		return -ENOMEM;
	if ((e.auth.cred && !keep_string(c, &e.auth.cred)) ||
	    (e.auth.xauth && !keep_string(c, &e.auth.xauth)))
		return -ENOMEM;
	if (e.auth.n_ca && !keep_names(c, &e.auth.ca, e.auth.n_ca))
		return -ENOMEM;
	return table_add(&c->auths, &e, sizeof(e));
}

/**
 * config_add_pool() - add a pool
 * @c: being filled
 * @pool: copied
 *
 * Return: 0 or -ENOMEM.
 */
int config_add_pool(struct config *c, const struct config_pool *pool)
{
	struct config_pool p = *pool;

	p.range = arena_copy(c, p.range, p.n_range * sizeof(*p.range));
	p.dns = arena_copy(c, p.dns, p.n_dns * sizeof(*p.dns));
	p.subnet = arena_copy(c, p.subnet, p.n_subnet * sizeof(*p.subnet));
	if (!p.range || !p.dns || !p.subnet || !keep_string(c, &p.name) ||
	    !keep_names(c, &p.domain, p.n_domain))
		return -ENOMEM;
	return table_add(&c->pools, &p, sizeof(p));
}

/**
 * config_add_cred() - add a credential
 * @c: being filled
 * @cred: copied
 *
 * Return: 0 or -ENOMEM.
 */
int config_add_cred(struct config *c, const struct config_cred *cred)
{
	struct config_cred k = *cred;
	struct ident *id;
	u8 i;

	id = arena_copy(c, cred->id, cred->n_id * sizeof(*id));
	k.id = id;
	if (!id || !keep_string(c, &k.name))
		return -ENOMEM;
	if ((k.file && !keep_string(c, &k.file)) || (k.key_file && !keep_string(c, &k.key_file)))
		return -ENOMEM;
	for (i = 0; i < k.n_id; i++)
		if (!keep_ident(c, &id[i]))
			return -ENOMEM;
	return table_add(&c->creds, &k, sizeof(k));
}

static void join_auths(struct config *c)
{
	const struct auth_entry *e = c->auths.row;
	struct config_peer key, *peer;
	size_t i;

	for (i = 0; i < c->auths.n; i++, e++) {
		key.name = e->peer;
		peer = table_find(&c->peers, &key, sizeof(key), by_peer);
		if (peer && e->side == ISAKMP_SIDE_LOCAL)
			peer->local = e->auth;
		else if (peer && e->side == ISAKMP_SIDE_REMOTE)
			peer->remote = e->auth;
	}
	free(c->auths.row);
	c->auths = (struct table) { 0 };
}

/* What a peer does not have itself it has from its template. */
static void take_from(struct config_peer *p, const struct config_peer *t)
{
	if (!p->local_addr.len)
		p->local_addr = t->local_addr;
	if (!p->remote_addr.len) {
		p->remote_addr = t->remote_addr;
		if (!p->has_plen) {
			p->has_plen = t->has_plen;
			p->plen = t->plen;
		}
	}
	if (!p->has_versions) {
		p->has_versions = t->has_versions;
		p->versions = t->versions;
	}
	if (!p->accept)
		p->accept = t->accept;
	if (!p->n_pool) {
		p->n_pool = t->n_pool;
		p->pool = t->pool;
	}
	if (!p->local.method)
		p->local = t->local;
	if (!p->remote.method)
		p->remote = t->remote;
}

static void join_templates(struct config *c)
{
	struct config_peer *p = c->peers.row;
	const struct config_peer *t;
	size_t i;

	for (i = 0; i < c->peers.n; i++, p++) {
		t = p->template ? config_find_peer(c, p->template) : NULL;
		if (t && t->is_template)
			take_from(p, t);
	}
}

/* Peers that can be chosen: both sides are there, and ours can say who we are. */
static bool usable(const struct config_peer *p)
{
	return !p->is_template && p->local.method && p->local.id.type && p->remote.method;
}

static int index_peers(struct config *c)
{
	const struct config_peer *p = c->peers.row;
	struct peer_id_entry e;
	size_t i;
	int kind, err;

	for (i = 0; i < c->peers.n; i++, p++) {
		if (!usable(p))
			continue;
		e = (struct peer_id_entry) { ident_hash(&p->remote.id), p->remote.id, p };
		kind = !e.id.type ? CONFIG_ID_ANY :
		       ident_is_pattern(&e.id) ? CONFIG_ID_PATTERN : CONFIG_ID_EXACT;
		err = table_add(&c->peer_ids[kind], &e, sizeof(e));
		if (err)
			return err;
	}
	for (kind = 0; kind < CONFIG_IDS; kind++)
		table_sort(&c->peer_ids[kind], sizeof(e), by_peer_ident_and_name);
	return 0;
}

static int index_cas(struct config *c)
{
	const struct config_cred *k = c->creds.row;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < c->creds.n; i++, k++)
		if (k->type == ISAKMP_CRED_CA)
			err = table_add(&c->cas, &k, sizeof(k));
	return err;
}

static int index_ids(struct config *c)
{
	const struct config_cred *k = c->creds.row;
	struct id_entry e;
	size_t i;
	int err;
	u8 j;

	for (i = 0; i < c->creds.n; i++, k++) {
		for (j = 0; j < k->n_id; j++) {
			e = (struct id_entry) { ident_hash(&k->id[j]), &k->id[j], k };
			err = table_add(&c->ids, &e, sizeof(e));
			if (err)
				return err;
		}
	}
	table_sort(&c->ids, sizeof(e), by_ident_and_cred);
	return 0;
}

/* The creds of ours that an auth object may use: the one that it names, or by identity. */
static void mark_used(struct config *c, const struct config_auth *a, u8 use)
{
	const u32 own = BIT(ISAKMP_CRED_X509) | BIT(ISAKMP_CRED_KEY);
	const struct config_cred *k;
	size_t i;

	if (a->cred) {
		k = config_find_cred(c, a->cred);
		if (k)
			((struct config_cred *)k)->uses |= use;
		return;
	}
	for (i = 0; (k = config_cred_for(c, &a->id, own, i)); i++)
		((struct config_cred *)k)->uses |= use;
}

static int index_uses(struct config *c)
{
	const struct config_peer *p = c->peers.row;
	const struct config_cred *k = c->creds.row;
	int err = 0;
	size_t i;

	for (i = 0; i < c->peers.n; i++, p++) {
		if (p->local.method == ISAKMP_METHOD_PUBKEY)
			mark_used(c, &p->local, CONFIG_SIGNS);
		else if (p->local.method == ISAKMP_METHOD_RSA_ENC ||
			 p->local.method == ISAKMP_METHOD_RSA_REV)
			mark_used(c, &p->local, CONFIG_DECRYPTS);
	}
	for (i = 0; !err && i < c->creds.n; i++, k++)
		if (k->uses & CONFIG_DECRYPTS)
			err = table_add(&c->decrypting, &k, sizeof(k));
	return err;
}

/**
 * config_finish() - make it searchable; immutable from here on
 * @c: filled
 *
 * Return: 0 or -ENOMEM.
 */
int config_finish(struct config *c)
{
	table_sort(&c->peers, sizeof(struct config_peer), by_peer);
	table_sort(&c->creds, sizeof(struct config_cred), by_cred);
	table_sort(&c->pools, sizeof(struct config_pool), by_pool);
	join_auths(c);
	join_templates(c);
	return index_peers(c) ?: index_cas(c) ?: index_ids(c) ?: index_uses(c);
}

/* ---- sharing ------------------------------------------------------------- */

/**
 * config_get() - one more reference
 * @c: a snapshot, or NULL
 *
 * Return: @c.
 */
struct config *config_get(struct config *c)
{
	if (c)
		atomic_fetch_add(&c->refs, 1);
	return c;
}

/**
 * config_put() - one reference less; the last frees
 * @c: a snapshot, or NULL
 */
void config_put(struct config *c)
{
	struct chunk *k;
	int kind;

	if (!c || atomic_fetch_sub(&c->refs, 1) != 1)
		return;
	while ((k = c->arena)) {
		c->arena = k->next;
		free(k);
	}
	free(c->peers.row);
	free(c->creds.row);
	free(c->pools.row);
	free(c->auths.row);
	free(c->ids.row);
	free(c->cas.row);
	free(c->decrypting.row);
	for (kind = 0; kind < CONFIG_IDS; kind++)
		free(c->peer_ids[kind].row);
	free(c);
}

/* ---- asking -------------------------------------------------------------- */

/**
 * config_find_peer() - a peer by name
 * @c: finished
 * @name: terminated
 *
 * Return: it, valid as long as @c is held, or NULL.
 */
const struct config_peer *config_find_peer(const struct config *c, const char *name)
{
	struct config_peer key = { .name = name };

	return table_find(&c->peers, &key, sizeof(key), by_peer);
}

/**
 * config_find_pool() - a pool by name
 * @c: finished
 * @name: terminated
 *
 * Return: it, valid as long as @c is held, or NULL.
 */
const struct config_pool *config_find_pool(const struct config *c, const char *name)
{
	struct config_pool key = { .name = name };

	return table_find(&c->pools, &key, sizeof(key), by_pool);
}

/**
 * config_find_cred() - a credential by name
 * @c: finished
 * @name: terminated
 *
 * Return: it, valid as long as @c is held, or NULL.
 */
const struct config_cred *config_find_cred(const struct config *c, const char *name)
{
	struct config_cred key = { .name = name };

	return table_find(&c->creds, &key, sizeof(key), by_cred);
}

/**
 * config_cred_for() - the credentials that list an identity, one after another
 * @c: finished
 * @id: an exact identity
 * @types: BIT(enum isakmp_cred_type) of those wanted
 * @i: from 0
 *
 * Return: the @i-th by name, or NULL after the last.
 */
const struct config_cred *config_cred_for(const struct config *c, const struct ident *id,
					  u32 types, size_t i)
{
	struct id_entry key = { ident_hash(id), id, NULL }, *e;
	size_t n, k;

	e = table_range(&c->ids, &key, sizeof(key), by_ident, &n);
	for (k = 0; k < n; k++)
		if (types & BIT(e[k].cred->type) && !i--)
			return e[k].cred;
	return NULL;
}

/**
 * config_peer_for() - the peers whose remote identity takes this one
 * @c: finished
 * @id: what a peer calls itself
 * @kind: which peers: of this very identity, of a pattern, of any
 * @i: from 0
 *
 * Return: the @i-th, or NULL after the last.
 */
const struct config_peer *config_peer_for(const struct config *c, const struct ident *id,
					  enum config_id kind, size_t i)
{
	const struct table *t = &c->peer_ids[kind];
	struct peer_id_entry key = { ident_hash(id), *id, NULL }, *e = t->row;
	size_t n = t->n, k;

	if (kind == CONFIG_ID_EXACT)
		e = table_range(t, &key, sizeof(key), by_peer_ident, &n);
	if (kind != CONFIG_ID_PATTERN)
		return i < n ? e[i].peer : NULL;
	for (k = 0; k < n; k++)
		if (ident_matches(&e[k].id, id) && !i--)
			return e[k].peer;
	return NULL;
}

/**
 * config_ca_at() - the credentials of authorities one after another
 * @c: finished
 * @i: from 0
 *
 * Return: it, or NULL after the last.
 */
const struct config_cred *config_ca_at(const struct config *c, size_t i)
{
	const struct config_cred *const *ca = c->cas.row;

	return i < c->cas.n ? ca[i] : NULL;
}

/**
 * config_decrypting_at() - the credentials for RSA encryption one after another
 * @c: finished
 * @i: from 0
 *
 * Return: it, or NULL after the last.
 */
const struct config_cred *config_decrypting_at(const struct config *c, size_t i)
{
	const struct config_cred *const *k = c->decrypting.row;

	return i < c->decrypting.n ? k[i] : NULL;
}

/**
 * config_cred_at() - the credentials one after another
 * @c: finished
 * @i: from 0
 *
 * Return: it, or NULL after the last.
 */
const struct config_cred *config_cred_at(const struct config *c, size_t i)
{
	const struct config_cred *k = c->creds.row;

	return i < c->creds.n ? k + i : NULL;
}

/**
 * config_peer_at() - the peers one after another
 * @c: finished
 * @i: from 0
 *
 * Return: it, or NULL after the last.
 */
const struct config_peer *config_peer_at(const struct config *c, size_t i)
{
	const struct config_peer *p = c->peers.row;

	return i < c->peers.n ? p + i : NULL;
}

/**
 * config_peers() - how many peers there are
 * @c: finished
 *
 * Return: the number.
 */
size_t config_peers(const struct config *c)
{
	return c->peers.n;
}
