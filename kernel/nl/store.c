// SPDX-License-Identifier: GPL-2.0
/*
 * Stores of objects: see store.h.  Everything here is O(1) in the number of
 * objects, and needs the lock of the configuration.
 */
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include "ike/seam.h"
#include "nl/kind.h"

/**
 * isakmp_store_new() - an empty store
 *
 * Context: process.
 * Return: the store, NULL without memory.
 */
struct isakmp_store *isakmp_store_new(void)
{
	struct isakmp_store *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
	unsigned int i;

	if (!s)
		return NULL;
	s->seq = 1;
	s->seed = get_random_u32();
	for (i = 0; i < ISAKMP_KIND_MAX; i++)
		xa_init_flags(&s->all[i], XA_FLAGS_ACCOUNT);
	if (!isakmp_index_init(&s->keys) && !isakmp_index_init(&s->twins) &&
	    !isakmp_index_init(&s->pairs))
		return s;
	isakmp_store_free(s);
	return NULL;
}

static void object_free(struct isakmp_object *o)
{
	isakmp_store_content_free(&o->c);
	kfree(o);
}

/**
 * isakmp_store_free() - a store goes, with its objects
 * @s: the store, whose peers are not published; NULL is fine
 *
 * Context: process.
 */
void isakmp_store_free(struct isakmp_store *s)
{
	struct isakmp_object *o;
	unsigned long serial;
	unsigned int i;

	if (!s)
		return;
	for (i = 0; i < ISAKMP_KIND_MAX; i++) {
		xa_for_each(&s->all[i], serial, o) {
			WARN_ON_ONCE(o->live || o->fresh);
			object_free(o);
		}
		xa_destroy(&s->all[i]);
	}
	isakmp_index_free(&s->keys);
	isakmp_index_free(&s->twins);
	isakmp_index_free(&s->pairs);
	kfree(s);
}

/**
 * isakmp_store_changed() - dumps that are under way are inconsistent now
 * @s: the store
 *
 * Context: process.
 */
void isakmp_store_changed(struct isakmp_store *s)
{
	if (!++s->seq)
		s->seq = 1;
}

static u32 key_hash(const struct isakmp_store *s, u8 kind, const struct isakmp_key *key)
{
	return jhash(key, sizeof(*key), s->seed ^ kind);
}

/**
 * isakmp_store_find() - find an object by its key
 * @s: the store
 * @kind: enum isakmp_kind
 * @key: zero-padded
 *
 * Context: process.
 * Return: the object or NULL.
 */
struct isakmp_object *isakmp_store_find(struct isakmp_store *s, u8 kind,
					const struct isakmp_key *key)
{
	const struct isakmp_kind_ops *ops = isakmp_kind(kind);
	u32 hash = key_hash(s, kind, key);
	struct isakmp_object *o;
	struct isakmp_key other;

	hlist_for_each_entry(o, isakmp_index_bucket(&s->keys, hash), node.node) {
		if (o->node.hash != hash || o->kind != kind)
			continue;
		ops->key(o->c.spec, &other);
		if (!memcmp(&other, key, sizeof(other)))
			return o;
	}
	return NULL;
}

/**
 * isakmp_store_find_name() - find a proposal, cred or peer
 * @s: the store
 * @kind: one of these kinds
 * @name: its name
 *
 * Context: process.
 * Return: the object or NULL.
 */
struct isakmp_object *isakmp_store_find_name(struct isakmp_store *s, u8 kind, const char *name)
{
	struct isakmp_key key;

	isakmp_key_names(&key, name, NULL);
	return isakmp_store_find(s, kind, &key);
}

/**
 * isakmp_store_next() - walk the objects of a kind in the order they came in
 * @s: the store
 * @kind: enum isakmp_kind
 * @after: serial of the last one, 0 for the first
 *
 * Context: process.
 * Return: the object or NULL.
 */
struct isakmp_object *isakmp_store_next(struct isakmp_store *s, u8 kind, unsigned long after)
{
	return xa_find_after(&s->all[kind - 1], &after, ULONG_MAX, XA_PRESENT);
}

/* ---- pairs of selectors -------------------------------------------------- */

static u32 pair_hash(const struct isakmp_store *s, const struct isakmp_ts *local,
		     const struct isakmp_ts *remote)
{
	BUILD_BUG_ON(sizeof(*local) != 38);	/* no padding */
	return jhash(remote, sizeof(*remote), jhash(local, sizeof(*local), s->seed));
}

static const struct isakmp_ts *pair_local(const struct isakmp_child_spec *c, unsigned int i)
{
	return &c->ts[i / c->n_remote];
}

static const struct isakmp_ts *pair_remote(const struct isakmp_child_spec *c, unsigned int i)
{
	return &c->ts[c->n_local + i % c->n_remote];
}

static bool pair_equal(const struct isakmp_pair *x, const struct isakmp_ts *local,
		       const struct isakmp_ts *remote)
{
	const struct isakmp_child_spec *c = x->child->c.spec;

	return !memcmp(&c->ts[x->local], local, sizeof(*local)) &&
	       !memcmp(&c->ts[c->n_local + x->remote], remote, sizeof(*remote));
}

/**
 * isakmp_store_same_pair() - does another child have one of these pairs?
 * @s: the store
 * @self: the child object of @spec, NULL for a new one
 * @spec: the selectors
 *
 * Context: process.
 * Return: the other child, or NULL.
 */
struct isakmp_object *isakmp_store_same_pair(struct isakmp_store *s,
					     const struct isakmp_object *self,
					     const struct isakmp_child_spec *spec)
{
	unsigned int i, n = spec->n_local * spec->n_remote;
	struct isakmp_pair *x;

	for (i = 0; i < n; i++) {
		const struct isakmp_ts *local = pair_local(spec, i);
		const struct isakmp_ts *remote = pair_remote(spec, i);
		u32 hash = pair_hash(s, local, remote);

		hlist_for_each_entry(x, isakmp_index_bucket(&s->pairs, hash), node.node)
			if (x->node.hash == hash && x->child != self &&
			    pair_equal(x, local, remote))
				return x->child;
	}
	return NULL;
}

static void pairs_link(struct isakmp_store *s, struct isakmp_object *o)
{
	const struct isakmp_child_spec *spec = o->c.spec;
	unsigned int i;

	for (i = 0; i < o->c.n_pairs; i++) {
		struct isakmp_pair *x = &o->c.pairs[i];

		x->child = o;
		x->local = (u8)(i / spec->n_remote);
		x->remote = (u8)(i % spec->n_remote);
		isakmp_index_add(&s->pairs, &x->node,
				 pair_hash(s, pair_local(spec, i), pair_remote(spec, i)));
	}
}

static void pairs_unlink(struct isakmp_store *s, struct isakmp_object *o)
{
	unsigned int i;

	for (i = 0; i < o->c.n_pairs; i++)
		isakmp_index_del(&s->pairs, &o->c.pairs[i].node);
}

/* ---- twins: peers that nothing tells apart ------------------------------- */

static const struct isakmp_ident *peer_identity(const struct isakmp_object *peer)
{
	static const struct isakmp_ident none;
	const struct isakmp_object *auth = peer->auth[ISAKMP_SIDE_REMOTE - 1];

	return auth ? &((const struct isakmp_auth_spec *)auth->c.spec)->id : &none;
}

static u32 twin_hash(const struct isakmp_store *s, const struct isakmp_object *peer)
{
	const struct isakmp_peer_spec *p = peer->c.spec;
	const struct isakmp_ident *id = peer_identity(peer);
	u32 h;

	h = jhash(&p->local, sizeof(p->local), s->seed);
	h = jhash(&p->remote, sizeof(p->remote), h ^ p->remote_plen);
	return jhash(id->v, id->len, h);
}

static bool twins(const struct isakmp_object *a, const struct isakmp_object *b)
{
	const struct isakmp_peer_spec *p = a->c.spec, *q = b->c.spec;
	const struct isakmp_ident *x = peer_identity(a), *y = peer_identity(b);

	return isakmp_addr_equal(&p->local, &q->local) &&
	       isakmp_addr_equal(&p->remote, &q->remote) &&
	       p->remote_plen == q->remote_plen &&
	       x->len == y->len && !memcmp(x->v, y->v, x->len);
}

/**
 * isakmp_store_twin() - is there a peer that nothing tells from this one?
 * @s: the store
 * @peer: a peer of it
 *
 * Context: process.
 * Return: the other peer, or NULL.
 */
struct isakmp_object *isakmp_store_twin(struct isakmp_store *s, const struct isakmp_object *peer)
{
	struct isakmp_object *o;

	hlist_for_each_entry(o, isakmp_index_bucket(&s->twins, peer->twin.hash), twin.node)
		if (o != peer && o->twin.hash == peer->twin.hash && twins(o, peer))
			return o;
	return NULL;
}

static void twin_rehash(struct isakmp_store *s, struct isakmp_object *peer)
{
	isakmp_index_del(&s->twins, &peer->twin);
	isakmp_index_add(&s->twins, &peer->twin, twin_hash(s, peer));
}

/* ---- objects ------------------------------------------------------------- */

/**
 * isakmp_store_content() - make the content of an object
 * @kind: enum isakmp_kind
 * @spec: the spec; owned by @c on success
 * @ref: the object it names, or NULL
 * @c: filled
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int isakmp_store_content(u8 kind, void *spec, struct isakmp_object *ref,
			 struct isakmp_content *c)
{
	const struct isakmp_child_spec *child = spec;

	memset(c, 0, sizeof(*c));
	if (kind == ISAKMP_KIND_CHILD) {
		c->n_pairs = child->n_local * child->n_remote;
		c->pairs = kvcalloc(c->n_pairs, sizeof(*c->pairs), GFP_KERNEL_ACCOUNT);
		if (!c->pairs)
			return -ENOMEM;
	}
	c->spec = spec;
	c->ref = ref;
	return 0;
}

/**
 * isakmp_store_content_free() - free what no object says (any more)
 * @c: the content
 *
 * Context: process.
 */
void isakmp_store_content_free(struct isakmp_content *c)
{
	kvfree(c->pairs);
	kfree(c->spec);
	memset(c, 0, sizeof(*c));
}

/* What depends on the content of @o; before it goes, and after it came. */
static void content_unlink(struct isakmp_store *s, struct isakmp_object *o)
{
	list_del_init(&o->ref_node);
	if (o->kind == ISAKMP_KIND_CHILD)
		pairs_unlink(s, o);
}

static void content_link(struct isakmp_store *s, struct isakmp_object *o)
{
	if (o->c.ref)
		list_add_tail(&o->ref_node, &o->c.ref->refs);
	if (o->kind == ISAKMP_KIND_CHILD)
		pairs_link(s, o);
	else if (o->kind == ISAKMP_KIND_PEER)
		twin_rehash(s, o);
	else if (o->kind == ISAKMP_KIND_AUTH)
		twin_rehash(s, o->owner);
}

/**
 * isakmp_store_swap() - exchange what an object says
 * @s: the store
 * @o: an object of it
 * @c: the new content, with the same key; then the old one.  Swapping again
 *	undoes it
 *
 * Context: process.
 */
void isakmp_store_swap(struct isakmp_store *s, struct isakmp_object *o,
		       struct isakmp_content *c)
{
	content_unlink(s, o);
	swap(o->c, *c);
	content_link(s, o);
}

static struct isakmp_object **auth_slot(struct isakmp_object *auth)
{
	const struct isakmp_auth_spec *spec = auth->c.spec;

	return &auth->owner->auth[spec->side - 1];
}

static struct isakmp_object *object_alloc(u8 kind, struct isakmp_object *owner)
{
	struct isakmp_object *o = kzalloc(sizeof(*o), GFP_KERNEL_ACCOUNT);

	if (!o)
		return NULL;
	o->kind = kind;
	o->owner = owner;
	INIT_LIST_HEAD(&o->ref_node);
	INIT_LIST_HEAD(&o->refs);
	INIT_LIST_HEAD(&o->sibling);
	INIT_LIST_HEAD(&o->children);
	INIT_LIST_HEAD(&o->change);
	return o;
}

/**
 * isakmp_store_add() - a new object
 * @s: the store
 * @kind: enum isakmp_kind
 * @c: what it says, with a key that is not there yet; empty afterwards
 * @owner: auth, child: the peer; else NULL
 *
 * Context: process.
 * Return: the object, or an ERR_PTR: -ENOMEM, -ENOSPC.
 */
struct isakmp_object *isakmp_store_add(struct isakmp_store *s, u8 kind,
				       struct isakmp_content *c,
				       struct isakmp_object *owner)
{
	struct isakmp_object *o;
	struct isakmp_key key;
	int err;

	if (s->n >= ISAKMP_OBJECTS_MAX)
		return ERR_PTR(-ENOSPC);
	o = object_alloc(kind, owner);
	if (!o)
		return ERR_PTR(-ENOMEM);
	o->serial = s->last_serial + 1;
	err = xa_insert(&s->all[kind - 1], o->serial, o, GFP_KERNEL);
	if (err) {
		kfree(o);
		return ERR_PTR(err);
	}
	s->last_serial++;
	s->n++;
	swap(o->c, *c);
	isakmp_kind(kind)->key(o->c.spec, &key);
	isakmp_index_add(&s->keys, &o->node, key_hash(s, kind, &key));
	if (kind == ISAKMP_KIND_AUTH) {
		*auth_slot(o) = o;
	} else if (kind == ISAKMP_KIND_CHILD) {
		list_add_tail(&o->sibling, &owner->children);
		owner->n_children++;
	}
	content_link(s, o);
	return o;
}

/**
 * isakmp_store_del() - remove an object and free it; a peer with what it owns
 * @s: the store
 * @o: an object of it that no other one names, and that is not published
 *
 * Context: process.
 */
void isakmp_store_del(struct isakmp_store *s, struct isakmp_object *o)
{
	struct isakmp_object *child, *tmp;
	unsigned int i;

	WARN_ON_ONCE(!list_empty(&o->refs) || o->live || o->fresh);
	list_for_each_entry_safe(child, tmp, &o->children, sibling)
		isakmp_store_del(s, child);
	for (i = 0; i < ARRAY_SIZE(o->auth); i++)
		if (o->auth[i])
			isakmp_store_del(s, o->auth[i]);
	content_unlink(s, o);
	if (o->kind == ISAKMP_KIND_AUTH) {
		*auth_slot(o) = NULL;
		twin_rehash(s, o->owner);
	} else if (o->kind == ISAKMP_KIND_CHILD) {
		list_del(&o->sibling);
		o->owner->n_children--;
	}
	isakmp_index_del(&s->twins, &o->twin);
	isakmp_index_del(&s->keys, &o->node);
	xa_erase(&s->all[o->kind - 1], o->serial);
	s->n--;
	object_free(o);
}
