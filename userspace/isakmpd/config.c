// SPDX-License-Identifier: GPL-2.0
/*
 * The snapshot of the configuration: see config.h.
 *
 * Everything that hangs from a snapshot lives in its arena and goes with it.
 * Look-ups are binary searches: peers and creds by name, creds by identity.
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
	const struct ident *id;
	const struct config_cred *cred;
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
	struct table auths;	/* struct auth_entry, until finish */
	struct table ids;	/* struct id_entry, by identity, then cred's name */
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

static int by_ident(const void *a, const void *b)
{
	const struct id_entry *x = a, *y = b;

	return ident_compare(x->id, y->id);
}

static int by_ident_and_cred(const void *a, const void *b)
{
	const struct id_entry *x = a, *y = b;
	int d = by_ident(a, b);

	return d ? d : strcmp(x->cred->name, y->cred->name);
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

/**
 * config_add_peer() - add a peer; its auth sides come with config_add_auth()
 * @c: being filled
 * @peer: name and generation, copied
 *
 * Return: 0 or -ENOMEM.
 */
int config_add_peer(struct config *c, const struct config_peer *peer)
{
	struct config_peer p = { .name = peer->name, .gen = peer->gen };

	if (!keep_string(c, &p.name))
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
	if (e.auth.cred && !keep_string(c, &e.auth.cred))
		return -ENOMEM;
	return table_add(&c->auths, &e, sizeof(e));
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
	if (k.file && !keep_string(c, &k.file))
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

static int index_ids(struct config *c)
{
	const struct config_cred *k = c->creds.row;
	struct id_entry e;
	size_t i;
	int err;
	u8 j;

	for (i = 0; i < c->creds.n; i++, k++) {
		for (j = 0; j < k->n_id; j++) {
			e = (struct id_entry) { .id = &k->id[j], .cred = k };
			err = table_add(&c->ids, &e, sizeof(e));
			if (err)
				return err;
		}
	}
	table_sort(&c->ids, sizeof(e), by_ident_and_cred);
	return 0;
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
	join_auths(c);
	return index_ids(c);
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

	if (!c || atomic_fetch_sub(&c->refs, 1) != 1)
		return;
	while ((k = c->arena)) {
		c->arena = k->next;
		free(k);
	}
	free(c->peers.row);
	free(c->creds.row);
	free(c->auths.row);
	free(c->ids.row);
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
 * config_cred_for() - a credential that lists an identity
 * @c: finished
 * @id: an exact identity
 *
 * Return: the one whose name comes first, or NULL.
 */
const struct config_cred *config_cred_for(const struct config *c, const struct ident *id)
{
	struct id_entry key = { .id = id }, *first = c->ids.row, *e;

	e = table_find(&c->ids, &key, sizeof(key), by_ident);
	while (e && e > first && !by_ident(e - 1, &key))
		e--;
	return e ? e->cred : NULL;
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
 * config_peers() - how many peers there are
 * @c: finished
 *
 * Return: the number.
 */
size_t config_peers(const struct config *c)
{
	return c->peers.n;
}
