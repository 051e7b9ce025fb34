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

/**
 * struct config_auth - how one side of a peer proves itself
 * @method: enum isakmp_method; 0: there is no such auth object
 * @id: identity; type 0 = any
 * @cred: name of its cred object, or NULL
 */
struct config_auth {
	u8 method;
	struct ident id;
	const char *cred;
};

struct config_peer {
	const char *name;
	u32 gen;
	struct config_auth local;
	struct config_auth remote;
};

struct config_cred {
	const char *name;
	u8 type;		/* enum isakmp_cred_type */
	u8 n_id;
	const struct ident *id;	/* the peers it is shared with */
	const char *file;	/* or NULL */
};

struct config;

struct config *config_new(void);
int config_add_peer(struct config *c, const struct config_peer *peer);
int config_add_auth(struct config *c, const char *peer, u8 side,
		    const struct config_auth *auth);
int config_add_cred(struct config *c, const struct config_cred *cred);
int config_finish(struct config *c);

struct config *config_get(struct config *c);
void config_put(struct config *c);

const struct config_peer *config_find_peer(const struct config *c, const char *name);
const struct config_cred *config_find_cred(const struct config *c, const char *name);
const struct config_cred *config_cred_for(const struct config *c, const struct ident *id);
const struct config_cred *config_cred_at(const struct config *c, size_t i);
size_t config_peers(const struct config *c);

#endif
