/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The grammar is data.  An object has verbs, a verb takes keys, a key has a
 * type.  The same tables read the words of the user, write records, and make
 * the help.
 *
 *	isakmp [OPTIONS] OBJECT VERB [KEY VALUE]...
 */
#ifndef _ISAKMP_CLI_H
#define _ISAKMP_CLI_H

#include <linux/isakmp.h>

#include "../common/why.h"
#include "nl.h"
#include "print.h"

/* Exit status */
enum {
	CLI_OK,
	CLI_USAGE,		/* the words make no sense */
	CLI_REFUSED,		/* the kernel, or the peer, said no */
};

/* The one thing every function is given. */
struct cli {
	struct out out;
	struct nl nl;
	FILE *err;
	unsigned int family;	/* octets of the addresses asked for; 0: all */
	bool stamp;		/* monitor: with the time */
	bool stamp_short;
	bool force;		/* batch: go on after an error */
	const char *batch;	/* -b FILE */
	const char *file;	/* of the line being read, for errors; or NULL */
	unsigned int line;
	int status;		/* of the last error */
};

int cli_error(struct cli *cli, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int cli_run(struct cli *cli, int argc, char **argv);

struct args;
struct key;

/* How a value is read and written. */
struct type {
	const char *name;	/* in help; NULL: the key has no value */
	const char *means;	/* NAME := means */
	bool absent;		/* print() is called without an attribute too */
	/* Puts attributes into args->nlh.  NULL: cannot be typed. */
	bool (*parse)(struct args *a, const struct key *k, const char *word,
		      struct why *w);
	void (*print)(struct out *o, const struct key *k,
		      const struct nlattr *attr, const struct nlattr *nest);
	/* Lists: whether this attribute belongs to this key; NULL: yes. */
	bool (*mine)(const struct key *k, const struct nlattr *attr);
	/* Lists: whether a value begins here, behind a comma; NULL: yes. */
	bool (*begins)(const char *word);
};

/* Of keys */
#define KEY_ID		0x01	/* tells objects apart: what del and show take */
#define KEY_NEED	0x02	/* add cannot do without */
#define KEY_SET		0x04	/* what else can be set */
#define KEY_POS		0x08	/* written without its name, in its place */
#define KEY_LIST	0x10	/* several values: A,B or A B or KEY A KEY B */
#define KEY_SHOW	0x20	/* shown only */
#define KEY_DETAIL	0x40	/* text: with -d only */
#define KEY_STAT	0x80	/* text: with -s only */
#define KEY_BREAK	0x100	/* text: begins a line */
#define KEY_FILTER	0x200	/* the kernel can look for it, alone or with others */
#define KEY_LOOK	0x400	/* the command looks for it: never sent in a filter */

/* Keys that are for the command itself have attribute numbers of its own. */
#define ARG_LOCAL	0x1000

struct key {
	const char *name;	/* NULL ends a table */
	const struct type *type;
	uint16_t attr;
	uint16_t flags;
	const char *help;
	const char *const *names; /* of an enumeration; NULL in it: no such value */
	unsigned int arg;	/* suites: protocol; enumerations: how many names */
	uint16_t unless;	/* with this attribute its absence means another thing */
};

#define KEY(n, t, a, f, h, ...) \
	{ .name = (n), .type = &(t), .attr = (a), .flags = (f), .help = (h), \
	  __VA_ARGS__ }
#define NAMES(table) .names = (table), \
	.arg = sizeof(table) / sizeof((table)[0])

struct object;

struct verb {
	const char *name;	/* NULL ends a table */
	const char *alias;	/* the classic short or long form */
	int (*run)(struct cli *cli, const struct object *o,
		   const struct verb *v, struct args *a);
	const struct key *keys;	/* NULL: those of the object */
	uint16_t takes;		/* keys with one of these flags */
	uint16_t needs;		/* ... and these must be there */
	uint16_t flags;		/* of the netlink message */
	uint8_t cmd;		/* enum isakmp_cmd, where run() asks for it */
	bool writes;		/* makes records */
	const char *help;
};

struct object {
	const char *name;
	const char *help;
	const struct verb *verbs;
	const struct key *keys;
	uint16_t attr;		/* of its nest */
	uint16_t family_attr;	/* for -4 and -6 */
	uint8_t kind;		/* enum isakmp_kind; 0: not configuration */
	uint8_t get;		/* enum isakmp_cmd */
	uint8_t new;
	uint8_t del;
};

extern const struct object object_listen, object_proposal, object_cred,
	object_pool, object_peer, object_auth, object_child, object_tunnel, object_sa, object_stat,
	object_monitor, object_decode, object_config;
extern const struct object *const objects[];	/* NULL ends it */

/* Those that make up a configuration, in an order that can be applied. */
extern const struct object *const config_objects[];

const struct object *object_find(const char *name);

/* object.c: the verbs that all objects of the configuration have */
int object_new(struct cli *cli, const struct object *o, const struct verb *v,
	       struct args *a);
int object_del(struct cli *cli, const struct object *o, const struct verb *v,
	       struct args *a);
int object_show(struct cli *cli, const struct object *o, const struct verb *v,
		struct args *a);
int object_flush(struct cli *cli, const struct object *o, const struct verb *v,
		 struct args *a);
int object_dump(struct cli *cli, const struct object *o,
		const struct args *filter, struct nl_records *r);
unsigned int object_write(struct cli *cli, struct out *out,
			  const struct object *o, const struct args *filter,
			  const struct nl_records *r, const char *prefix);
uint32_t object_put(struct nlmsghdr *nlh, const struct object *o,
		    const struct args *a);
void object_print(struct out *o, const struct object *object,
		  const struct nlattr *nest, const char *prefix);

#define VERB_ADD							\
	{ .name = "add", .run = object_new,				\
	  .takes = KEY_ID | KEY_NEED | KEY_SET, .needs = KEY_ID | KEY_NEED, \
	  .flags = NLM_F_CREATE | NLM_F_EXCL,				\
	  .help = "make one that does not exist" }
#define VERB_SET							\
	{ .name = "set", .run = object_new,				\
	  .takes = KEY_ID | KEY_NEED | KEY_SET, .needs = KEY_ID,	\
	  .flags = NLM_F_REPLACE,					\
	  .help = "change the keys given of one that exists" }
#define VERB_REPLACE							\
	{ .name = "replace", .run = object_new,				\
	  .takes = KEY_ID | KEY_NEED | KEY_SET, .needs = KEY_ID | KEY_NEED, \
	  .flags = NLM_F_CREATE | NLM_F_REPLACE,			\
	  .help = "make one, whatever was there goes" }
#define VERB_DEL							\
	{ .name = "del", .alias = "delete", .run = object_del,		\
	  .takes = KEY_ID, .needs = KEY_ID,				\
	  .help = "remove one" }
#define VERB_SHOW							\
	{ .name = "show", .alias = "list", .run = object_show,		\
	  .takes = KEY_ID, .writes = true,				\
	  .help = "show all, or those with these keys" }
#define VERB_FLUSH							\
	{ .name = "flush", .run = object_flush,				\
	  .help = "remove all" }

/* nl faults in words */
int cli_fault(struct cli *cli, const struct args *a, uint32_t body_at);

/* help.c */
void help_main(FILE *f);
void help_object(FILE *f, const struct object *o);
void help_verb(FILE *f, const struct object *o, const struct verb *v);

#endif /* _ISAKMP_CLI_H */
