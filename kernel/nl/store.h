/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A store: a complete set of objects, in force or staged by a transaction.
 *
 *	listen
 *	proposal <--- peer, child		refer to it by name
 *	cred     <--- auth
 *	peer     ---> its auth (by side), its children
 *
 * An object is what stays (its place, who refers to it); its spec is what the
 * user said, immutable, exchanged as a whole.
 */
#ifndef _ISAKMP_NL_STORE_H
#define _ISAKMP_NL_STORE_H

#include <linux/if.h>
#include <linux/list.h>
#include <linux/xarray.h>
#include "nl/attr.h"
#include "nl/index.h"

struct isakmp_peer;

/* What tells an object from the others of its kind, zero-padded. */
struct isakmp_key {
	char first[ISAKMP_NAME_MAX + 1];	/* name; auth, child: the peer's; listen: dev */
	char second[ISAKMP_NAME_MAX + 1];	/* auth: side; child: name; listen: address */
};

struct isakmp_listen_spec {
	char dev[IFNAMSIZ];		/* empty: any */
	struct isakmp_addr addr;	/* family 0: any */
};

struct isakmp_proposal_spec {
	char name[ISAKMP_NAME_MAX + 1];
	u8 n;
	struct ike_suite s[];		/* IKE and ESP, in the user's order */
};

struct isakmp_cred_spec {
	char name[ISAKMP_NAME_MAX + 1];
	char file[ISAKMP_PATH_LEN_MAX + 1];
	u8 type;
	u8 n_ids;
	struct isakmp_ident id[];
};

struct isakmp_peer_spec {
	char name[ISAKMP_NAME_MAX + 1];
	char proposal[ISAKMP_NAME_MAX + 1];
	struct isakmp_addr local;	/* family 0: any */
	struct isakmp_addr remote;
	u8 remote_plen;
	u32 dpd_s;
	u32 life_s;
};

struct isakmp_auth_spec {
	char peer[ISAKMP_NAME_MAX + 1];
	char cred[ISAKMP_NAME_MAX + 1];	/* empty: by identity */
	u8 side;
	u8 method;
	struct isakmp_ident id;		/* len 0: any */
};

struct isakmp_child_spec {
	char peer[ISAKMP_NAME_MAX + 1];
	char name[ISAKMP_NAME_MAX + 1];
	char proposal[ISAKMP_NAME_MAX + 1]; /* empty: the peer's */
	u8 start;
	u16 replay_window;
	u32 life_s;
	u64 life_bytes;
	u64 life_packets;
	u8 n_local;
	u8 n_remote;
	struct isakmp_ts ts[];		/* the local ones, then the remote ones */
};

/* One (local, remote) pair of selectors of a child, in isakmp_store.pairs. */
struct isakmp_pair {
	struct isakmp_node node;
	struct isakmp_object *child;
	u8 local;
	u8 remote;
};

/**
 * struct isakmp_content - what an object says; exchanged as a whole
 * @spec: struct isakmp_<kind>_spec, immutable
 * @ref: the proposal or cred that @spec names, or NULL
 * @pairs: child: each local with each remote selector
 * @n_pairs: child: how many
 */
struct isakmp_content {
	void *spec;
	struct isakmp_object *ref;
	struct isakmp_pair *pairs;
	unsigned int n_pairs;
};

/**
 * struct isakmp_object - an object of a store
 * @node: in isakmp_store.keys
 * @kind: enum isakmp_kind
 * @serial: its place in isakmp_store.all: the order they came in
 * @c: what it says
 * @ref_node: in @c.ref->refs
 * @refs: proposal, cred: the objects that name it
 * @owner: auth, child: the peer
 * @sibling: child: in @owner->children
 * @n_children: peer: children
 * @children: peer: in the order they came in
 * @auth: peer: by side - 1
 * @twin: peer: in isakmp_store.twins
 * @change: peer, listen: in a struct isakmp_change
 * @was: peer, while a transaction is committed: the same in the store in force
 * @live: peer: what is published, with a reference; only in the store in force
 * @fresh: peer: what will be published instead
 */
struct isakmp_object {
	struct isakmp_node node;
	u8 kind;
	u8 n_children;
	unsigned long serial;
	struct isakmp_content c;
	struct list_head ref_node;
	struct list_head refs;
	struct isakmp_object *owner;
	struct list_head sibling;
	struct list_head children;
	struct isakmp_object *auth[2];
	struct isakmp_node twin;
	struct list_head change;
	struct isakmp_object *was;
	struct isakmp_peer *live;
	struct isakmp_peer *fresh;
};

/**
 * struct isakmp_store - a complete set of objects
 * @all: by kind - 1, then serial
 * @n: objects of all kinds
 * @last_serial: of the newest
 * @seq: changes with every change; never 0, for dumps
 * @seed: of the hashes
 * @keys: objects by kind and key
 * @twins: peers by address pair and remote identity
 * @pairs: children's pairs of selectors
 */
struct isakmp_store {
	struct xarray all[ISAKMP_KIND_MAX];
	unsigned int n;
	unsigned long last_serial;
	u32 seq;
	u32 seed;
	struct isakmp_index keys;
	struct isakmp_index twins;
	struct isakmp_index pairs;
};

struct isakmp_store *isakmp_store_new(void);
void isakmp_store_free(struct isakmp_store *s);

struct isakmp_object *isakmp_store_find(struct isakmp_store *s, u8 kind,
					const struct isakmp_key *key);
struct isakmp_object *isakmp_store_find_name(struct isakmp_store *s, u8 kind,
					     const char *name);
struct isakmp_object *isakmp_store_next(struct isakmp_store *s, u8 kind,
					unsigned long after);

int isakmp_store_content(u8 kind, void *spec, struct isakmp_object *ref,
			 struct isakmp_content *c);
void isakmp_store_content_free(struct isakmp_content *c);
struct isakmp_object *isakmp_store_add(struct isakmp_store *s, u8 kind,
				       struct isakmp_content *c,
				       struct isakmp_object *owner);
void isakmp_store_swap(struct isakmp_store *s, struct isakmp_object *o,
		       struct isakmp_content *c);
void isakmp_store_del(struct isakmp_store *s, struct isakmp_object *o);
void isakmp_store_changed(struct isakmp_store *s);

struct isakmp_object *isakmp_store_twin(struct isakmp_store *s,
					const struct isakmp_object *peer);
struct isakmp_object *isakmp_store_same_pair(struct isakmp_store *s,
					     const struct isakmp_object *self,
					     const struct isakmp_child_spec *spec);

#endif
