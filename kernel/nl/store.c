// SPDX-License-Identifier: GPL-2.0
/*
 * Stores of objects: see store.h.  Everything here is O(1) in the number of
 * objects, and needs the lock of the configuration.
 */
#include <linux/jhash.h>
#include <linux/random.h>
#include <linux/slab.h>
#include "nl/inherit.h"
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
	if (!isakmp_index_init(&s->keys) && !isakmp_index_init(&s->twins))
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
 * isakmp_store_find_name() - find a proposal, cred, pool or peer
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

/* ---- twins: peers that nothing tells apart ------------------------------- */

/* What peers are told apart by. */
struct twin_key {
	const struct isakmp_ident *id;
	struct isakmp_addr local;
	struct isakmp_addr remote;
	u8 remote_plen;
	char dev[IFNAMSIZ];
};

/* All keys of a peer are much for one stack frame, and too much twice. */
static noinline_for_stack void twin_key(const struct isakmp_object *peer, struct twin_key *k)
{
	static const struct isakmp_ident none;
	const struct isakmp_object *auth;
	struct isakmp_peer_spec p;

	isakmp_inherit_keys(peer, &p);
	k->local = p.local;
	k->remote = p.remote;
	k->remote_plen = p.remote_plen;
	memcpy(k->dev, p.dev, sizeof(k->dev));
	auth = isakmp_inherit_auth(peer, ISAKMP_SIDE_REMOTE, NULL);
	k->id = auth ? &((const struct isakmp_auth_spec *)auth->c.spec)->id : &none;
}

static u32 twin_hash(const struct isakmp_store *s, const struct isakmp_object *peer)
{
	struct twin_key k;
	u32 h;

	twin_key(peer, &k);
	h = jhash(&k.local, sizeof(k.local), s->seed);
	h = jhash(&k.remote, sizeof(k.remote), h ^ k.remote_plen);
	return jhash(k.id->v, k.id->len, h);
}

static bool twins(const struct isakmp_object *a, const struct isakmp_object *b)
{
	struct twin_key x, y;

	twin_key(a, &x);
	twin_key(b, &y);
	return isakmp_addr_equal(&x.local, &y.local) &&
	       isakmp_addr_equal(&x.remote, &y.remote) &&
	       x.remote_plen == y.remote_plen && !strcmp(x.dev, y.dev) &&
	       x.id->len == y.id->len && !memcmp(x.id->v, y.id->v, x.id->len);
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

	if (hlist_unhashed(&peer->twin.node))
		return NULL;
	hlist_for_each_entry(o, isakmp_index_bucket(&s->twins, peer->twin.hash), twin.node)
		if (o != peer && o->twin.hash == peer->twin.hash && twins(o, peer))
			return o;
	return NULL;
}

static void twin_rehash_one(struct isakmp_store *s, struct isakmp_object *peer)
{
	isakmp_index_del(&s->twins, &peer->twin);
	if (!isakmp_is_template(peer))
		isakmp_index_add(&s->twins, &peer->twin, twin_hash(s, peer));
}

/* After its keys or its identity changed: it, and whoever has it as template. */
static void twin_rehash(struct isakmp_store *s, struct isakmp_object *peer)
{
	const struct isakmp_ref *ref;

	twin_rehash_one(s, peer);
	list_for_each_entry(ref, &peer->refs, node)
		twin_rehash_one(s, ref->from);
}

/* ---- objects ------------------------------------------------------------- */

/**
 * isakmp_store_content() - make the content of an object
 * @spec: the spec; owned by @c on success
 * @to: the objects it names
 * @n: how many
 * @c: filled
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int isakmp_store_content(void *spec, struct isakmp_object *const to[], unsigned int n,
			 struct isakmp_content *c)
{
	unsigned int i;

	memset(c, 0, sizeof(*c));
	if (n) {
		c->refs = kcalloc(n, sizeof(*c->refs), GFP_KERNEL_ACCOUNT);
		if (!c->refs)
			return -ENOMEM;
	}
	for (i = 0; i < n; i++)
		c->refs[i].to = to[i];
	c->n_refs = n;
	c->spec = spec;
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
	kfree(c->refs);
	kfree(c->spec);
	memset(c, 0, sizeof(*c));
}

/* What depends on the content of @o; before it goes, and after it came. */
static void content_unlink(struct isakmp_object *o)
{
	unsigned int i;

	for (i = 0; i < o->c.n_refs; i++)
		list_del(&o->c.refs[i].node);
}

static void content_link(struct isakmp_store *s, struct isakmp_object *o)
{
	unsigned int i;

	for (i = 0; i < o->c.n_refs; i++) {
		o->c.refs[i].from = o;
		list_add_tail(&o->c.refs[i].node, &o->c.refs[i].to->refs);
	}
	if (o->kind == ISAKMP_KIND_PEER)
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
	content_unlink(o);
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
	content_unlink(o);
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
