/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ISAKMP_KEYS_H
#define _ISAKMP_KEYS_H

#include "cli.h"

#define ARGS_MAX	8192	/* octets of attributes in one command */
#define ARGS_MARKS	128	/* values in one command */

/* A value that was read: where its attributes begin. */
struct mark {
	uint16_t at;		/* from the first attribute */
	const struct key *key;
};

/* A command that was read: the attributes it makes, and whose they are. */
struct args {
	const struct key *keys;
	bool changes;		/* what is not given stays */
	struct nlmsghdr *nlh;	/* in buf; its payload are the attributes */
	unsigned int n_marks;
	struct mark marks[ARGS_MARKS];
	char buf[ARGS_MAX] __attribute__((aligned(4)));
};

int args_parse(struct cli *cli, const struct object *o, const struct verb *v,
	       int argc, char **argv, struct args *a);
const char *args_body(const struct args *a, size_t *len);
const struct nlattr *args_get(const struct args *a, uint16_t attr);
const struct key *args_key_at(const struct args *a, uint32_t at);
const struct key *key_of_attr(const struct key *keys, uint16_t attr);
const struct key *verb_keys(const struct object *o, const struct verb *v);
bool key_taken(const struct verb *v, const struct key *k);

void keys_print(struct out *o, const struct key *keys, uint16_t flags,
		const struct nlattr *nest);

/* types.c */
extern const struct type type_name, type_peer, type_proposal, type_cred,
	type_child, type_dev, type_addr, type_addr_any, type_addr_one,
	type_prefix_any,
	type_names, type_state, type_seconds, type_number, type_u32,
	type_mark, type_mark_mask, type_count, type_id64, type_path, type_file,
	type_word, type_flag, type_string, type_spi, type_espspi, type_ms,
	type_reason, type_padding;

/* values.c */
extern const struct type type_id, type_id_any, type_id_canonical, type_suite,
	type_suite_shown, type_protocol, type_ts;

/* inner.c */
extern const struct type type_range, type_subnet, type_vip, type_domain, type_pool;

/* Of what removes peers: their IKE SAs go on. */
#define ARG_KEEP (ARG_LOCAL + 0x100)
#define KEY_KEEP							\
	KEY("keep", type_flag, ARG_KEEP, KEY_SET,			\
	    "IKE SAs of peers that are removed go on until they end")

bool any_parse(const struct args *a, struct why *w);

/* What is a flag to the kernel and a choice to people */
extern const char *const no_yes[2];
extern const char *const child_modes[2];
extern const char *const child_starts[3];
extern const char *const peer_versions[3];
extern const char *const child_dscps[4];
extern const char *const child_dfs[2];
extern const char *const child_ipcomps[3];

bool name_ok(const char *name);

#endif /* _ISAKMP_KEYS_H */
