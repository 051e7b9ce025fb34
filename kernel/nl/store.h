/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A store: a complete set of objects, in force or staged by a transaction.
 *
 *	listen
 *	proposal <--- peer, child		refer to it by name
 *	cred     <--- auth
 *	pool     <--- peer
 *	peer     <--- peer			its template
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
	char key_file[ISAKMP_PATH_LEN_MAX + 1];	/* empty: none */
	u8 type;
	u8 n_ids;
	struct isakmp_ident id[];
};

/* Keys of a peer that may be given as what they are by default or as 0. */
#define ISAKMP_GIVEN_DPD	BIT(0)
#define ISAKMP_GIVEN_LIFE	BIT(1)
#define ISAKMP_GIVEN_ENCAP	BIT(2)
#define ISAKMP_GIVEN_MARK	BIT(3)
#define ISAKMP_GIVEN_MAX_SAS	BIT(4)
#define ISAKMP_GIVEN_REAUTH	BIT(5)
#define ISAKMP_GIVEN_UNIQUE	BIT(6)
#define ISAKMP_GIVEN_FRAGMENTS	BIT(7)
#define ISAKMP_GIVEN_FRAGMENT_SIZE BIT(8)
#define ISAKMP_GIVEN_WINDOW	BIT(9)
#define ISAKMP_GIVEN_CHILDLESS	BIT(10)
#define ISAKMP_GIVEN_MOBIKE	BIT(11)
#define ISAKMP_GIVEN_ROAM	BIT(12)
#define ISAKMP_GIVEN_QCD	BIT(13)
#define ISAKMP_GIVEN_RESUMPTION	BIT(14)
#define ISAKMP_GIVEN_REDIRECT	BIT(15)
#define ISAKMP_GIVEN_FOLLOW	BIT(16)
#define ISAKMP_GIVEN_VERSIONS	BIT(17)
#define ISAKMP_GIVEN_V1_EXCHANGE BIT(18)
#define ISAKMP_GIVEN_V1_ACCEPT	BIT(19)
#define ISAKMP_GIVEN_LIFETIME_CHECK BIT(20)
#define ISAKMP_GIVEN_V1_PUSH	BIT(21)
#define ISAKMP_GIVEN_V1_NEW_GROUP BIT(22)

struct isakmp_peer_spec {
	char name[ISAKMP_NAME_MAX + 1];
	char template[ISAKMP_NAME_MAX + 1];	/* empty: none */
	char proposal[ISAKMP_NAME_MAX + 1];	/* empty: the template's */
	char dev[IFNAMSIZ];			/* empty: none of its own */
	struct isakmp_addr local;	/* family 0: any, or the template's */
	struct isakmp_addr remote;
	u8 remote_plen;
	u8 is_template;
	u8 encap;
	u8 fragmentation;
	u8 window;
	u8 mobike;
	u8 n_roam;			/* 0: anywhere */
	u8 resumption;
	u32 given;			/* ISAKMP_GIVEN_*; the others: the template's */
	u32 dpd_s;
	u32 life_s;
	u32 mark;
	u32 max_sas;
	u32 reauth_s;
	u8 unique;
	u8 childless;
	u8 qcd;
	u8 versions;
	u8 v1_exchange;
	u8 v1_accept;			/* BIT()s of exchanges */
	u8 lifetime_check;
	u8 v1_push;
	u8 v1_new_group;
	u16 fragment_size;
	struct isakmp_ts roam[IKE_ROAM_MAX];
	struct isakmp_addr redirect;	/* family 0: none */
	u8 n_follow;			/* 0: nowhere */
	struct isakmp_ts follow[IKE_FOLLOW_MAX];
	struct isakmp_addr vip[IKE_INNER]; /* as in struct ike_peer; none: the template's */
	u8 n_pools;			/* 0: the template's */
	char pool[][ISAKMP_NAME_MAX + 1];
};

struct isakmp_pool_spec {
	char name[ISAKMP_NAME_MAX + 1];
	u8 n_ranges;
	struct isakmp_range range[ISAKMP_POOL_RANGES_MAX];
	struct ike_config config;	/* what goes with them */
};

struct isakmp_auth_spec {
	char peer[ISAKMP_NAME_MAX + 1];
	char cred[ISAKMP_NAME_MAX + 1];	/* empty: by identity */
	char xauth[ISAKMP_NAME_MAX + 1]; /* empty: not asked */
	u8 side;
	u8 method;
	u8 n_schemes;
	u8 n_cas;
	u8 scheme[ISAKMP_SCHEME_MAX];
	struct isakmp_ident id;		/* len 0: any */
	char ca[][ISAKMP_NAME_MAX + 1];
};

struct isakmp_child_spec {
	char peer[ISAKMP_NAME_MAX + 1];
	char name[ISAKMP_NAME_MAX + 1];
	char proposal[ISAKMP_NAME_MAX + 1]; /* empty: the peer's */
	u8 start;
	u8 on_dead;			/* 0: as @start says */
	u8 on_close;
	u16 replay_window;
	u32 life_s;
	u64 life_bytes;
	u64 life_packets;
	u32 mark;
	u32 mark_mask;			/* 0: no mark */
	u32 if_id;
	struct ike_outer outer;
	u8 ipcomp;
	u8 offload;
	char offload_dev[IFNAMSIZ];	/* empty: as routed */
	u8 mode;
	u8 single_pair;
	u8 n_local;
	u8 n_remote;
	struct isakmp_ts ts[];		/* the local ones, then the remote ones */
};

/**
 * struct isakmp_ref - one object names another
 * @node: in @to->refs
 * @from: who
 * @to: whom
 */
struct isakmp_ref {
	struct list_head node;
	struct isakmp_object *from;
	struct isakmp_object *to;
};

#define ISAKMP_REFS_MAX (2 + ISAKMP_AUTH_CAS_MAX)	/* of one object to others */

/**
 * struct isakmp_content - what an object says; exchanged as a whole
 * @spec: struct isakmp_<kind>_spec, immutable
 * @refs: to the objects that @spec names
 * @n_refs: how many
 */
struct isakmp_content {
	void *spec;
	struct isakmp_ref *refs;
	unsigned int n_refs;
};

/**
 * struct isakmp_object - an object of a store
 * @node: in isakmp_store.keys
 * @kind: enum isakmp_kind
 * @serial: its place in isakmp_store.all: the order they came in
 * @c: what it says
 * @refs: struct isakmp_ref of the objects that name it
 * @owner: auth, child: the peer
 * @sibling: child: in @owner->children
 * @n_children: peer: children
 * @children: peer: in the order they came in
 * @auth: peer: by side - 1
 * @twin: peer, but no template: in isakmp_store.twins
 * @change: peer, listen: in a struct isakmp_change
 * @was: peer, while a transaction is committed: the same in the store in force
 * @live: peer: what is compiled (and published, but of a template), with a
 *	reference; only in the store in force
 * @fresh: peer: what will be there instead
 */
struct isakmp_object {
	struct isakmp_node node;
	u8 kind;
	u8 n_children;
	unsigned long serial;
	struct isakmp_content c;
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
 */
struct isakmp_store {
	struct xarray all[ISAKMP_KIND_MAX];
	unsigned int n;
	unsigned long last_serial;
	u32 seq;
	u32 seed;
	struct isakmp_index keys;
	struct isakmp_index twins;
};

struct isakmp_store *isakmp_store_new(void);
void isakmp_store_free(struct isakmp_store *s);

struct isakmp_object *isakmp_store_find(struct isakmp_store *s, u8 kind,
					const struct isakmp_key *key);
struct isakmp_object *isakmp_store_find_name(struct isakmp_store *s, u8 kind,
					     const char *name);
struct isakmp_object *isakmp_store_next(struct isakmp_store *s, u8 kind,
					unsigned long after);

int isakmp_store_content(void *spec, struct isakmp_object *const to[], unsigned int n,
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

#endif
