/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between the kinds of objects: one table each. */
#ifndef _ISAKMP_NL_KIND_H
#define _ISAKMP_NL_KIND_H

#include "nl/store.h"

/**
 * struct isakmp_parse - the attributes of one object
 * @tb: parsed with the kind's policy
 * @nest: where they are from, for repeated ones
 * @extack: told why not
 */
struct isakmp_parse {
	struct nlattr **tb;
	const struct nlattr *nest;
	struct netlink_ext_ack *extack;
};

/**
 * struct isakmp_named - another object that a spec names
 * @attr: where
 * @kind: of the other one
 * @name: its name; empty: none there
 */
struct isakmp_named {
	u8 attr;
	u8 kind;
	const char *name;
};

/**
 * struct isakmp_kind_ops - a kind of objects
 * @attr: its nest at the top level
 * @policy: of the nest
 * @maxattr: of the nest
 * @key_attrs: BIT() of the attributes that make the key
 * @draft: octets of the largest spec
 * @size: octets of a spec
 * @parse_key: attributes -> key; 0 or -errno
 * @key: spec -> key
 * @init: the defaults of a new spec, which is all zeros
 * @parse: attributes -> spec, which holds defaults or what was there; 0 or -errno
 * @ref: the @i-th object that a spec names; false after the last.  NULL: none ever
 * @check: does it fit the other objects?  @self is NULL for a new one
 * @fill: everything but the key into a message; 0 or -EMSGSIZE
 * @fill_key: the key
 */
struct isakmp_kind_ops {
	u8 attr;
	u8 maxattr;
	u32 key_attrs;
	size_t draft;
	const struct nla_policy *policy;
	size_t (*size)(const void *spec);
	int (*parse_key)(const struct isakmp_parse *p, struct isakmp_key *key);
	void (*key)(const void *spec, struct isakmp_key *key);
	void (*init)(void *spec);
	int (*parse)(const struct isakmp_parse *p, void *spec);
	bool (*ref)(const void *spec, unsigned int i, struct isakmp_named *ref);
	int (*check)(const struct isakmp_parse *p, struct isakmp_store *s,
		     const struct isakmp_object *owner,
		     const struct isakmp_object *self, const void *spec);
	int (*fill)(struct sk_buff *skb, const struct isakmp_object *o);
	int (*fill_key)(struct sk_buff *skb, const struct isakmp_object *o);
};

/* Room for the attributes of any kind. */
#define ISAKMP_LONGEST_POLICY ISAKMP_PEER_MAX
static_assert(ISAKMP_LONGEST_POLICY >= ISAKMP_LISTEN_MAX);
static_assert(ISAKMP_LONGEST_POLICY >= ISAKMP_PROPOSAL_MAX);
static_assert(ISAKMP_LONGEST_POLICY >= ISAKMP_CRED_MAX);
static_assert(ISAKMP_LONGEST_POLICY >= ISAKMP_AUTH_MAX);
static_assert(ISAKMP_LONGEST_POLICY >= ISAKMP_CHILD_MAX);
static_assert(ISAKMP_LONGEST_POLICY >= ISAKMP_POOL_MAX);

extern const struct nla_policy isakmp_listen_policy[ISAKMP_LISTEN_MAX + 1];
extern const struct nla_policy isakmp_proposal_policy[ISAKMP_PROPOSAL_MAX + 1];
extern const struct nla_policy isakmp_cred_policy[ISAKMP_CRED_MAX + 1];
extern const struct nla_policy isakmp_peer_policy[ISAKMP_PEER_MAX + 1];
extern const struct nla_policy isakmp_auth_policy[ISAKMP_AUTH_MAX + 1];
extern const struct nla_policy isakmp_child_policy[ISAKMP_CHILD_MAX + 1];
extern const struct nla_policy isakmp_pool_policy[ISAKMP_POOL_MAX + 1];

extern const struct isakmp_kind_ops isakmp_listen_kind;
extern const struct isakmp_kind_ops isakmp_proposal_kind;
extern const struct isakmp_kind_ops isakmp_cred_kind;
extern const struct isakmp_kind_ops isakmp_peer_kind;
extern const struct isakmp_kind_ops isakmp_auth_kind;
extern const struct isakmp_kind_ops isakmp_child_kind;
extern const struct isakmp_kind_ops isakmp_pool_kind;

const struct isakmp_kind_ops *isakmp_kind(u8 kind);
int isakmp_kind_put(struct sk_buff *skb, const struct isakmp_object *o, bool key_only);

/* A key made of one name, or of two. */
static inline void isakmp_key_names(struct isakmp_key *key, const char *first,
				    const char *second)
{
	memset(key, 0, sizeof(*key));
	strscpy(key->first, first, sizeof(key->first));
	if (second)
		strscpy(key->second, second, sizeof(key->second));
}

static inline bool isakmp_kind_has_owner(u8 kind)
{
	return kind == ISAKMP_KIND_AUTH || kind == ISAKMP_KIND_CHILD;
}

#endif
