// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs of objects, the same for every kind: NEW, DEL, GET, FLUSH.
 *
 * NEW builds the object's new content first, from nothing or from what is there,
 * and compares.  Staged, it only goes into the transaction's store.  In force, it
 * goes into the store, what follows from it is tried (change.c), and if that is
 * refused the contents are exchanged back.
 */
#include <linux/slab.h>
#include "nl/change.h"
#include "nl/event.h"
#include "nl/family.h"
#include "nl/inherit.h"
#include "nl/kind.h"
#include "nl/object.h"
#include "nl/txn.h"

/* More peers than this in one change, and the event is: dump again. */
#define TELL_EACH_MAX 64

/**
 * struct object_edit - a NEW on its way
 * @in: the namespace
 * @s: the store that is changed
 * @ops: of the kind
 * @kind: enum isakmp_kind
 * @p: the attributes
 * @o: the object, NULL: not there yet
 * @owner: auth, child: the peer
 * @c: the content to be; after the exchange what was
 * @same: nothing changes
 */
struct object_edit {
	struct isakmp_net *in;
	struct isakmp_store *s;
	const struct isakmp_kind_ops *ops;
	u8 kind;
	struct isakmp_parse p;
	struct isakmp_object *o;
	struct isakmp_object *owner;
	struct isakmp_content c;
	bool same;
};

/* The commands of a kind are three in a row, GET NEW DEL, in the order of kinds at first. */
static u8 cmd_kind(const struct genlmsghdr *h)
{
	BUILD_BUG_ON(ISAKMP_CMD_LISTEN_GET != 3 * ISAKMP_KIND_LISTEN - 2);
	BUILD_BUG_ON(ISAKMP_CMD_CHILD_DEL != 3 * ISAKMP_KIND_CHILD);
	BUILD_BUG_ON(ISAKMP_CMD_POOL_DEL != ISAKMP_CMD_POOL_GET + 2);
	return h->cmd >= ISAKMP_CMD_POOL_GET ? ISAKMP_KIND_POOL : (u8)((h->cmd + 2) / 3);
}

/* The nest of the kind in a message; @tb has room for any kind's attributes. */
static int object_nest(const struct isakmp_kind_ops *ops, struct nlattr **attrs,
		       struct nlattr **tb, struct isakmp_parse *p,
		       struct netlink_ext_ack *extack)
{
	int err = isakmp_attr_require(attrs, NULL, ops->attr, extack);

	if (err)
		return err;
	p->tb = tb;
	p->nest = attrs[ops->attr];
	p->extack = extack;
	return nla_parse_nested(tb, ops->maxattr, p->nest, ops->policy, extack);
}

/* GET and DEL, UP and DOWN: the key says it all. */
static int object_key_only(const struct isakmp_kind_ops *ops, const struct isakmp_parse *p)
{
	unsigned int i;

	for (i = 1; i <= ops->maxattr; i++)
		if (p->tb[i] && !(ops->key_attrs & BIT(i)))
			return isakmp_refuse(p->extack, p->tb[i], -EINVAL,
					     "only what the object is known by may be given here");
	return 0;
}

/**
 * isakmp_object_key() - the key in a message that has nothing else
 * @kind: enum isakmp_kind
 * @attrs: top-level attributes
 * @key: filled
 * @extack: told why not
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_object_key(u8 kind, struct nlattr **attrs, struct isakmp_key *key,
		      struct netlink_ext_ack *extack)
{
	const struct isakmp_kind_ops *ops = isakmp_kind(kind);
	struct nlattr *tb[ISAKMP_LONGEST_POLICY + 1];
	struct isakmp_parse p;
	int err;

	err = object_nest(ops, attrs, tb, &p, extack);
	if (!err)
		err = object_key_only(ops, &p);
	return err ?: ops->parse_key(&p, key);
}

/**
 * isakmp_object_find() - the object that a message is about
 * @in: the namespace
 * @kind: enum isakmp_kind
 * @attrs: top-level attributes
 * @extack: told why not
 *
 * Context: process.  Must hold config.lock.
 * Return: the object in force, or an ERR_PTR.
 */
struct isakmp_object *isakmp_object_find(struct isakmp_net *in, u8 kind, struct nlattr **attrs,
					 struct netlink_ext_ack *extack)
{
	struct isakmp_object *o;
	struct isakmp_key key;
	int err;

	lockdep_assert_held(&in->config.lock);
	err = isakmp_object_key(kind, attrs, &key, extack);
	if (err)
		return ERR_PTR(err);
	o = isakmp_store_find(in->config.store, kind, &key);
	return o ?: ERR_PTR(isakmp_refuse(extack, attrs[isakmp_kind(kind)->attr], -ENOENT,
					  "there is no such object"));
}

/* ---- NEW ----------------------------------------------------------------- */

/* What the flags ask for, against what is there. */
static int edit_flags(const struct object_edit *e, u16 flags)
{
	flags &= NLM_F_CREATE | NLM_F_EXCL | NLM_F_REPLACE;
	if (flags == (NLM_F_CREATE | NLM_F_EXCL))
		return e->o ? isakmp_refuse(e->p.extack, e->p.nest, -EEXIST,
					    "there is such an object already") : 0;
	if (flags == NLM_F_REPLACE)
		return !e->o ? isakmp_refuse(e->p.extack, e->p.nest, -ENOENT,
					     "there is no such object") : 0;
	if (flags == (NLM_F_CREATE | NLM_F_REPLACE))
		return 0;
	return isakmp_refuse(e->p.extack, NULL, -EINVAL,
			     "the flags are CREATE and EXCL, CREATE and REPLACE, or REPLACE");
}

/**
 * struct edit_refs - the objects that a new spec names
 * @to: the objects
 * @n: how many
 */
struct edit_refs {
	struct isakmp_object *to[ISAKMP_REFS_MAX];
	unsigned int n;
};

static int edit_resolve(const struct object_edit *e, const void *spec, struct edit_refs *refs)
{
	struct isakmp_named ref;
	struct isakmp_object *o;
	unsigned int i;

	refs->n = 0;
	for (i = 0; e->ops->ref && e->ops->ref(spec, i, &ref); i++) {
		if (!*ref.name)
			continue;
		o = isakmp_store_find_name(e->s, ref.kind, ref.name);
		if (!o)
			return isakmp_refuse_name(e->p.extack, e->p.tb[ref.attr], -ENOENT,
						  "the object named here does not exist",
						  ref.name);
		refs->to[refs->n++] = o;
	}
	return 0;
}

/* The new spec, in a draft as large as the kind's largest. */
static int edit_draft(struct object_edit *e, void *draft, bool keep, struct edit_refs *refs)
{
	int err;

	if (keep)
		memcpy(draft, e->o->c.spec, e->ops->size(e->o->c.spec));
	else if (e->ops->init)
		e->ops->init(draft);
	err = e->ops->parse(&e->p, draft);
	if (!err)
		err = edit_resolve(e, draft, refs);
	if (!err && e->ops->check)
		err = e->ops->check(&e->p, e->s, e->owner, e->o, draft);
	return err;
}

static bool edit_same(const struct object_edit *e, const void *spec)
{
	size_t n = e->ops->size(spec);

	return e->o && e->ops->size(e->o->c.spec) == n && !memcmp(e->o->c.spec, spec, n);
}

static int edit_content(struct object_edit *e, bool keep)
{
	struct edit_refs refs;
	void *draft, *spec;
	int err;

	draft = kzalloc(e->ops->draft, GFP_KERNEL_ACCOUNT);
	if (!draft)
		return -ENOMEM;
	err = edit_draft(e, draft, keep, &refs);
	if (err)
		goto out;
	e->same = edit_same(e, draft);
	if (e->same)
		goto out;
	err = -ENOMEM;
	spec = kmemdup(draft, e->ops->size(draft), GFP_KERNEL_ACCOUNT);
	if (!spec)
		goto out;
	err = isakmp_store_content(spec, refs.to, refs.n, &e->c);
	if (err)
		kfree(spec);
out:
	kfree(draft);
	return err;
}

static int edit_prepare(struct object_edit *e, u16 flags)
{
	struct isakmp_key key;
	int err;

	err = e->ops->parse_key(&e->p, &key);
	if (err)
		return err;
	e->o = isakmp_store_find(e->s, e->kind, &key);
	if (isakmp_kind_has_owner(e->kind)) {
		e->owner = isakmp_store_find_name(e->s, ISAKMP_KIND_PEER, key.first);
		if (!e->owner)
			return isakmp_refuse(e->p.extack, e->p.nest, -ENOENT,
					     "there is no such peer");
	}
	err = edit_flags(e, flags);
	return err ?: edit_content(e, !(flags & NLM_F_CREATE));
}

/* Into the store; @created says how to get it out again. */
static int edit_enter(struct object_edit *e, bool *created)
{
	struct isakmp_object *o;

	*created = !e->o;
	if (e->o) {
		isakmp_store_swap(e->s, e->o, &e->c);
		return 0;
	}
	o = isakmp_store_add(e->s, e->kind, &e->c, e->owner);
	if (PTR_ERR_OR_ZERO(o) == -ENOSPC)
		return isakmp_refuse(e->p.extack, e->p.nest, -ENOSPC,
				     "this namespace has as many objects as it may");
	if (IS_ERR(o))
		return PTR_ERR(o);
	e->o = o;
	return 0;
}

static int check_twin(struct object_edit *e, const struct isakmp_object *peer)
{
	const struct isakmp_object *twin = isakmp_store_twin(e->s, peer);
	const struct isakmp_peer_spec *v;

	if (!twin)
		return 0;
	v = twin->c.spec;
	return isakmp_refuse_name(e->p.extack, e->p.nest, -EEXIST,
				  "another peer has the same addresses and remote identity",
				  v->name);
}

/* The peer whose keys or identity change, and whoever has it as template. */
static int edit_check_twins(struct object_edit *e)
{
	struct isakmp_object *peer = e->kind == ISAKMP_KIND_PEER ? e->o : e->owner;
	const struct isakmp_ref *ref;
	int err;

	if (e->kind != ISAKMP_KIND_PEER && e->kind != ISAKMP_KIND_AUTH)
		return 0;
	err = check_twin(e, peer);
	list_for_each_entry(ref, &peer->refs, node) {
		if (err)
			break;
		err = check_twin(e, ref->from);
		cond_resched();
	}
	return err;
}

/* Everybody whose proposal or pool it is is compiled again. */
static int change_users(struct object_edit *e, struct isakmp_change *ch)
{
	const struct isakmp_ref *ref;
	struct isakmp_object *peer;
	int err = 0;

	list_for_each_entry(ref, &e->o->refs, node) {
		peer = ref->from->kind == ISAKMP_KIND_PEER ? ref->from : ref->from->owner;
		err = isakmp_change_family(e->in, ch, peer, NULL, 0, e->p.nest, e->p.extack);
		if (err)
			break;
		cond_resched();
	}
	return err;
}

static u8 auth_side(const struct isakmp_object *auth)
{
	return ((const struct isakmp_auth_spec *)auth->c.spec)->side;
}

static int edit_follow(struct object_edit *e, struct isakmp_change *ch, bool created)
{
	switch (e->kind) {
	case ISAKMP_KIND_LISTEN:
		if (created)
			list_add(&e->o->change, &ch->open);
		return 0;
	case ISAKMP_KIND_PROPOSAL:
	case ISAKMP_KIND_POOL:
		return change_users(e, ch);
	case ISAKMP_KIND_PEER:
		return isakmp_change_family(e->in, ch, e->o, NULL, 0, e->p.nest, e->p.extack);
	case ISAKMP_KIND_AUTH:
		return isakmp_change_family(e->in, ch, e->owner, NULL, BIT(auth_side(e->o)),
					  e->p.nest, e->p.extack);
	case ISAKMP_KIND_CHILD:
		return isakmp_change_family(e->in, ch, e->owner, NULL, 0, e->p.nest, e->p.extack);
	}
	return 0;
}

/*
 * Compiled again, these peers have a new generation, which the helper wants to
 * know.  @self: whose own event says it; may be NULL.
 */
static void tell_peers(struct isakmp_net *in, const struct isakmp_change *ch,
		       const struct isakmp_object *self, struct genl_info *info)
{
	struct isakmp_object *o;
	unsigned int n = 0;

	list_for_each_entry(o, &ch->peers, change)
		n++;
	if (n > TELL_EACH_MAX) {
		isakmp_event_config(in, info);
		return;
	}
	list_for_each_entry(o, &ch->peers, change)
		if (o != self && o->live)
			isakmp_event_object(in, ISAKMP_EVENT_OBJECT_NEW, o, info);
}

/* In the store, into force; or out of the store again. */
static int edit_enforce(struct object_edit *e, bool created, struct genl_info *info)
{
	struct isakmp_change ch;
	int err;

	isakmp_change_init(&ch, false);
	err = edit_check_twins(e);
	if (!err)
		err = edit_follow(e, &ch, created);
	if (!err)
		err = isakmp_change_check(e->in, &ch, e->p.nest, e->p.extack);
	if (!err)
		err = isakmp_change_run(e->in, &ch, e->p.extack);
	if (!err) {
		if (e->kind == ISAKMP_KIND_CRED && !created)
			isakmp_change_cred(e->in, e->o);
		isakmp_store_changed(e->s);
		isakmp_event_object(e->in, ISAKMP_EVENT_OBJECT_NEW, e->o, info);
		tell_peers(e->in, &ch, e->o, info);
		isakmp_change_finish(&ch);
		return 0;
	}
	isakmp_change_abort(e->in, &ch);
	if (created)
		isakmp_store_del(e->s, e->o);
	else
		isakmp_store_swap(e->s, e->o, &e->c);
	return err;
}

static noinline_for_stack int object_new(struct object_edit *e, struct genl_info *info)
{
	struct isakmp_txn *txn = NULL;
	bool created;
	int err;

	if (info->attrs[ISAKMP_A_TXN]) {
		txn = isakmp_txn_find(e->in, info);
		if (IS_ERR(txn))
			return PTR_ERR(txn);
	}
	e->s = txn ? txn->store : e->in->config.store;
	err = edit_prepare(e, info->nlhdr->nlmsg_flags);
	if (err || e->same)
		return err;
	err = edit_enter(e, &created);
	if (!err && !txn)
		err = edit_enforce(e, created, info);
	isakmp_store_content_free(&e->c);
	return err;
}

/**
 * isakmp_object_new_doit() - LISTEN_NEW to CHILD_NEW
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_object_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[ISAKMP_LONGEST_POLICY + 1];
	struct object_edit e = {
		.in = isakmp_info_net(info),
		.kind = cmd_kind(info->genlhdr),
	};
	int err;

	e.ops = isakmp_kind(e.kind);
	err = object_nest(e.ops, info->attrs, tb, &e.p, info->extack);
	if (err)
		return err;
	mutex_lock(&e.in->config.lock);
	err = object_new(&e, info);
	mutex_unlock(&e.in->config.lock);
	return err;
}

/* ---- DEL and FLUSH ------------------------------------------------------- */

static int object_leave(struct isakmp_net *in, struct isakmp_change *ch,
			struct isakmp_object *o, const struct nlattr *blame,
			struct netlink_ext_ack *extack)
{
	switch (o->kind) {
	case ISAKMP_KIND_LISTEN:
		list_add(&o->change, &ch->close);
		return 0;
	case ISAKMP_KIND_PEER:
		isakmp_change_drop_peer(ch, o);
		return 0;
	case ISAKMP_KIND_AUTH:
		return isakmp_change_family(in, ch, o->owner, o, BIT(auth_side(o)), blame, extack);
	case ISAKMP_KIND_CHILD:
		return isakmp_change_family(in, ch, o->owner, o, 0, blame, extack);
	}
	return 0;
}

/* @blame: what names it.  Only commands about peers have KEEP.  Must hold config.lock. */
static int object_del(struct isakmp_net *in, struct isakmp_object *o,
		      const struct nlattr *blame, struct genl_info *info)
{
	struct isakmp_change ch;
	int err;

	if (!list_empty(&o->refs))
		return isakmp_refuse(info->extack, blame, -EBUSY,
				     "another object refers to this one");
	isakmp_change_init(&ch, o->kind == ISAKMP_KIND_PEER && info->attrs[ISAKMP_A_KEEP]);
	err = object_leave(in, &ch, o, blame, info->extack);
	if (!err)
		err = isakmp_change_check(in, &ch, blame, info->extack);
	if (!err)
		err = isakmp_change_run(in, &ch, info->extack);
	if (err) {
		isakmp_change_abort(in, &ch);
		return err;
	}
	if (o->kind == ISAKMP_KIND_CRED)
		isakmp_change_cred(in, o);
	isakmp_event_object(in, ISAKMP_EVENT_OBJECT_DEL, o, info);
	tell_peers(in, &ch, o, info);
	isakmp_change_finish(&ch);
	isakmp_store_del(in->config.store, o);
	isakmp_store_changed(in->config.store);
	return 0;
}

/**
 * isakmp_object_del_doit() - LISTEN_DEL to CHILD_DEL
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_object_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct isakmp_net *in = isakmp_info_net(info);
	u8 kind = cmd_kind(info->genlhdr);
	struct isakmp_object *o;
	int err;

	mutex_lock(&in->config.lock);
	o = isakmp_object_find(in, kind, info->attrs, info->extack);
	err = PTR_ERR_OR_ZERO(o);
	if (!err)
		err = object_del(in, o, info->attrs[isakmp_kind(kind)->attr], info);
	mutex_unlock(&in->config.lock);
	return err;
}

/* Do others than those of this kind name it?  (A template, that is.) */
static bool flush_busy(const struct isakmp_object *o, u8 kind)
{
	const struct isakmp_ref *ref;

	list_for_each_entry(ref, &o->refs, node)
		if (ref->from->kind != kind)
			return true;
	return false;
}

/* All of one kind; none if one of them is referred to.  Templates go last. */
static int flush_kind(struct isakmp_net *in, u8 kind, struct genl_info *info)
{
	struct isakmp_store *s = in->config.store;
	unsigned long serial;
	struct isakmp_object *o;
	int err, pass;

	xa_for_each(&s->all[kind - 1], serial, o)
		if (flush_busy(o, kind))
			return isakmp_refuse(info->extack, info->attrs[ISAKMP_A_KIND], -EBUSY,
					     "other objects refer to objects of this kind");
	for (pass = 0; pass < 2; pass++) {
		xa_for_each(&s->all[kind - 1], serial, o) {
			if (!list_empty(&o->refs))
				continue;
			err = object_del(in, o, info->attrs[ISAKMP_A_KIND], info);
			if (err)
				return err;
			cond_resched();
		}
	}
	return 0;
}

/* Everything: as if an empty transaction was committed. */
static int flush_all(struct isakmp_net *in, struct genl_info *info)
{
	struct isakmp_store *empty = isakmp_store_new();
	int err;

	if (!empty)
		return -ENOMEM;
	err = isakmp_commit(in, empty, false, info->attrs[ISAKMP_A_KEEP], info->extack);
	if (err)
		isakmp_store_free(empty);
	else
		isakmp_event_config(in, info);
	return err;
}

/**
 * isakmp_object_flush_doit() - FLUSH
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_object_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct isakmp_net *in = isakmp_info_net(info);
	struct nlattr *kind = info->attrs[ISAKMP_A_KIND];
	int err;

	mutex_lock(&in->config.lock);
	err = kind ? flush_kind(in, nla_get_u8(kind), info) : flush_all(in, info);
	mutex_unlock(&in->config.lock);
	return err;
}

/* ---- GET ----------------------------------------------------------------- */

/**
 * isakmp_object_get_doit() - LISTEN_GET to CHILD_GET, one object
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_object_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct isakmp_net *in = isakmp_info_net(info);
	struct isakmp_object *o;
	struct sk_buff *msg;
	int err = -EMSGSIZE;
	void *hdr;

	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&in->config.lock);
	o = isakmp_object_find(in, cmd_kind(info->genlhdr), info->attrs, info->extack);
	if (IS_ERR(o)) {
		err = PTR_ERR(o);
	} else {
		hdr = genlmsg_put_reply(msg, info, &isakmp_family, 0, info->genlhdr->cmd);
		if (hdr)
			err = isakmp_kind_put(msg, o, false);
		if (!err)
			genlmsg_end(msg, hdr);
	}
	mutex_unlock(&in->config.lock);
	if (!err)
		return genlmsg_reply(msg, info);
	nlmsg_free(msg);
	return err;
}

/* Where a dump is; in netlink_callback.ctx. */
struct object_cursor {
	unsigned long after;	/* serial of the last object shown */
	bool only;		/* the one object asked for was shown */
};

static int dump_put(struct sk_buff *skb, struct netlink_callback *cb,
		    const struct isakmp_object *o, u8 cmd)
{
	struct object_cursor *cur = (void *)cb->ctx;
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &isakmp_family,
			  NLM_F_MULTI, cmd);
	if (!hdr)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, hdr);
	if (isakmp_kind_put(skb, o, false)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	cur->after = o->serial;
	return 0;
}

static int dump_all(struct sk_buff *skb, struct netlink_callback *cb, struct isakmp_store *s,
		    u8 kind, u8 cmd)
{
	struct object_cursor *cur = (void *)cb->ctx;
	struct isakmp_object *o;
	int err = 0;

	while (!err && (o = isakmp_store_next(s, kind, cur->after)))
		err = dump_put(skb, cb, o, cmd);
	return err;
}

/* The auth or child objects of one peer. */
static int dump_owned(struct sk_buff *skb, struct netlink_callback *cb,
		      const struct isakmp_object *peer, u8 kind, u8 cmd)
{
	struct object_cursor *cur = (void *)cb->ctx;
	const struct isakmp_object *o;
	unsigned int i;
	int err = 0;

	if (kind == ISAKMP_KIND_CHILD) {
		list_for_each_entry(o, &peer->children, sibling)
			if (!err && o->serial > cur->after)
				err = dump_put(skb, cb, o, cmd);
		return err;
	}
	if (cur->only)
		return 0;
	for (i = 0; i < ARRAY_SIZE(peer->auth) && !err; i++)
		if (peer->auth[i])
			err = dump_put(skb, cb, peer->auth[i], cmd);
	cur->only = true;
	return err;
}

/* With a key: what has it.  Of auth and child, the peer's name alone will do. */
static int dump_some(struct sk_buff *skb, struct netlink_callback *cb, struct isakmp_net *in,
		     u8 kind, u8 cmd)
{
	const struct isakmp_kind_ops *ops = isakmp_kind(kind);
	struct object_cursor *cur = (void *)cb->ctx;
	struct nlattr *tb[ISAKMP_LONGEST_POLICY + 1];
	char name[ISAKMP_NAME_MAX + 1];
	struct isakmp_object *o;
	struct isakmp_parse p;
	int err;

	BUILD_BUG_ON((int)ISAKMP_AUTH_PEER != (int)ISAKMP_CHILD_PEER ||
		     (int)ISAKMP_AUTH_SIDE != (int)ISAKMP_CHILD_NAME);
	err = object_nest(ops, isakmp_dump_attrs(cb), tb, &p, cb->extack);
	if (err)
		return err;
	if (isakmp_kind_has_owner(kind) && tb[ISAKMP_AUTH_PEER] && !tb[ISAKMP_AUTH_SIDE]) {
		err = object_key_only(ops, &p);
		if (!err)
			err = isakmp_attr_name(tb[ISAKMP_AUTH_PEER], name, cb->extack);
		if (err)
			return err;
		o = isakmp_store_find_name(in->config.store, ISAKMP_KIND_PEER, name);
		if (!o)
			return isakmp_refuse(cb->extack, p.nest, -ENOENT, "there is no such peer");
		return dump_owned(skb, cb, o, kind, cmd);
	}
	if (cur->only)
		return 0;
	o = isakmp_object_find(in, kind, isakmp_dump_attrs(cb), cb->extack);
	if (IS_ERR(o))
		return PTR_ERR(o);
	cur->only = true;
	return dump_put(skb, cb, o, cmd);
}

/**
 * isakmp_object_dumpit() - LISTEN_GET to CHILD_GET, all objects or some
 * @skb: to be filled
 * @cb: the dump
 *
 * Objects are shown in the order they came in; the dump goes on after the serial
 * of the last one.  If the store changed in between, the sequence number tells.
 *
 * Context: process.
 * Return: octets filled, 0 at the end, or -errno.
 */
int isakmp_object_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct isakmp_net *in = isakmp_dump_net(cb);
	const struct genlmsghdr *h = nlmsg_data(cb->nlh);
	u8 kind = cmd_kind(h);
	int err;

	BUILD_BUG_ON(sizeof(struct object_cursor) > sizeof(cb->ctx));
	mutex_lock(&in->config.lock);
	cb->seq = in->config.store->seq;
	if (isakmp_dump_attrs(cb)[isakmp_kind(kind)->attr])
		err = dump_some(skb, cb, in, kind, h->cmd);
	else
		err = dump_all(skb, cb, in->config.store, kind, h->cmd);
	mutex_unlock(&in->config.lock);
	return skb->len ?: err;
}
