/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel's objects say about authentication: a snapshot.
 *
 * Built by one thread (config_new, config_add_*, config_finish), immutable from
 * then on, shared by reference.  Knows nothing of netlink: sync.c builds it from
 * dumps, tests and the simulator build it by hand.
 */
#ifndef _ISAKMPD_CONFIG_H
#define _ISAKMPD_CONFIG_H

#include <isakmp/limits.h>
#include <isakmp/pure.h>
#include <linux/isakmp.h>

#include "common/id.h"

#define CONFIG_DOMAINS_MAX 64		/* of one pool; further ones are left out */
#define CONFIG_SCHEMES_MAX ISAKMP_SCHEME_MAX

/**
 * struct config_auth - how one side of a peer proves itself
 * @method: enum isakmp_method; 0: there is no such auth object
 * @id: identity; type 0 = any
 * @cred: name of its cred object, or NULL
 * @n_ca: how many are in @ca; 0: any authority will do
 * @n_scheme: how many are in @scheme; 0: any scheme will do
 * @scheme: enum isakmp_scheme, in order of preference
 * @ca: names of ca creds
 * @xauth: name of the cred that XAUTH goes by when it asks this side, or NULL
 */
struct config_auth {
	u8 method;
	struct ident id;
	const char *cred;
	u8 n_ca;
	u8 n_scheme;
	u8 scheme[CONFIG_SCHEMES_MAX];
	const char *const *ca;
	const char *xauth;
};

/* An address; len 0: any. */
struct config_addr {
	u8 len;
	u8 octets[16];
};

/* Addresses of one family, both ends included. */
struct config_range {
	struct config_addr start;
	struct config_addr end;
};

/**
 * struct config_pool - inner addresses, and what goes with them
 * @name: terminated
 * @n_range: how many are in @range
 * @n_dns: in @dns
 * @n_subnet: in @subnet
 * @n_domain: in @domain
 * @range: addresses to be given out
 * @dns: DNS servers
 * @subnet: prefixes behind us
 * @domain: what these servers are to be asked about
 */
struct config_pool {
	const char *name;
	u8 n_range;
	u8 n_dns;
	u8 n_subnet;
	u8 n_domain;
	const struct config_range *range;
	const struct config_addr *dns;
	const struct config_range *subnet;
	const char *const *domain;
};

/**
 * struct config_peer - a peer, or all that match
 * @name: terminated
 * @template: name of a peer to take from what is not here, or NULL
 * @is_template: only that; matches nobody
 * @has_plen: @plen is there
 * @has_versions: @versions is there
 * @versions: enum isakmp_versions; absent: 2
 * @accept: version 1: bits of the exchanges that it may begin with; 0: the default
 * @plen: length of @remote's prefix; absent: one address
 * @gen: its generation in the kernel
 * @local_addr: ours
 * @remote_addr: the peer's
 * @n_pool: how many are in @pool
 * @pool: names of pools for those who ask for inner addresses
 * @local: how we prove ourselves
 * @remote: how the peer does
 */
struct config_peer {
	const char *name;
	const char *template;
	bool is_template;
	bool has_plen;
	bool has_versions;
	u8 versions;
	u8 accept;
	u8 plen;
	u32 gen;
	struct config_addr local_addr;
	struct config_addr remote_addr;
	u8 n_pool;
	const char *const *pool;
	struct config_auth local;
	struct config_auth remote;
};

/* What peers' local auth objects use a cred for: bits of config_cred.uses. */
#define CONFIG_SIGNS	1
#define CONFIG_DECRYPTS	2

struct config_cred {
	const char *name;
	u8 type;		/* enum isakmp_cred_type */
	u8 n_id;
	u8 uses;		/* set by config_finish() */
	const struct ident *id;	/* psk, pubkey: the peers; x509, key: us */
	const char *file;	/* or NULL */
	const char *key_file;	/* or NULL */
};

/* Kinds of a peer's remote identity. */
enum config_id {
	CONFIG_ID_EXACT,
	CONFIG_ID_PATTERN,
	CONFIG_ID_ANY,
	CONFIG_IDS,
};

struct config;

struct config *config_new(void);
int config_add_peer(struct config *c, const struct config_peer *peer);
int config_add_auth(struct config *c, const char *peer, u8 side,
		    const struct config_auth *auth);
int config_add_pool(struct config *c, const struct config_pool *pool);
int config_add_cred(struct config *c, const struct config_cred *cred);
int config_finish(struct config *c);

struct config *config_get(struct config *c);
void config_put(struct config *c);

const struct config_peer *config_find_peer(const struct config *c, const char *name);
const struct config_pool *config_find_pool(const struct config *c, const char *name);
const struct config_cred *config_find_cred(const struct config *c, const char *name);
const struct config_cred *config_cred_for(const struct config *c, const struct ident *id,
					  u32 types, size_t i);
const struct config_peer *config_peer_for(const struct config *c, const struct ident *id,
					  enum config_id kind, size_t i);
const struct config_cred *config_ca_at(const struct config *c, size_t i);
const struct config_cred *config_decrypting_at(const struct config *c, size_t i);
const struct config_cred *config_cred_at(const struct config *c, size_t i);
const struct config_peer *config_peer_at(const struct config *c, size_t i);
size_t config_peers(const struct config *c);

#endif
