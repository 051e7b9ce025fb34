// SPDX-License-Identifier: GPL-2.0
/* What all objects of the configuration have in common. */
#include <stdlib.h>
#include <string.h>

#include "keys.h"

/* -4 and -6: whether the record's address is of the family asked for. */
static bool family_fits(const struct cli *cli, const struct object *o,
			const struct nlattr *nest)
{
	const struct nlattr *addr;

	if (!cli->family || !o->family_attr)
		return true;
	addr = nl_find(nest, o->family_attr);
	return !addr || mnl_attr_get_payload_len(addr) == cli->family;
}

static bool same_value(const struct nlattr *a, const struct nlattr *b)
{
	uint16_t n = mnl_attr_get_payload_len(a);

	return n == mnl_attr_get_payload_len(b) &&
	       !memcmp(mnl_attr_get_payload(a), mnl_attr_get_payload(b), n);
}

/* Whether the record has all values of the filter. */
static bool filter_fits(const struct args *filter, const struct nlattr *nest)
{
	const struct nlattr *want, *have;

	if (!filter)
		return true;
	mnl_attr_for_each(want, filter->nlh, 0) {
		if (mnl_attr_get_type(want) >= ARG_LOCAL)
			continue;
		have = nl_find(nest, mnl_attr_get_type(want));
		if (!have || !same_value(want, have))
			return false;
	}
	return true;
}

/**
 * object_print() - writes one record
 * @out: the writer
 * @o: what kind it is
 * @nest: its attributes
 * @prefix: verb written between the name and the keys; or NULL
 */
void object_print(struct out *out, const struct object *o,
		  const struct nlattr *nest, const char *prefix)
{
	out_open(out, o->name);
	if (prefix)
		out_word(out, prefix);
	keys_print(out, o->keys, 0, nest);
	out_close(out);
}

/**
 * object_write() - writes the records of a dump
 * @cli: for -4 and -6
 * @out: the writer
 * @o: what kind they are
 * @filter: only those with these values; or NULL
 * @r: the dump
 * @prefix: see object_print()
 *
 * Return: how many were written.
 */
unsigned int object_write(struct cli *cli, struct out *out,
			  const struct object *o, const struct args *filter,
			  const struct nl_records *r, const char *prefix)
{
	const struct nlmsghdr *nlh;
	unsigned int n = 0;
	int left;

	nl_for_each(nlh, r, left) {
		const struct nlattr *nest = nl_top(nlh, o->attr);

		if (!nest || !family_fits(cli, o, nest) ||
		    !filter_fits(filter, nest))
			continue;
		object_print(out, o, nest, prefix);
		n++;
	}
	return n;
}

/* What the kernel can look for, as the object's nest. */
static uint32_t put_filter(struct nlmsghdr *nlh, const struct object *o,
			   const struct args *a)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, o->attr);
	uint32_t at = nlh->nlmsg_len;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, a->nlh, 0) {
		uint16_t type = mnl_attr_get_type(attr);
		const struct key *k = key_of_attr(a->keys, type);

		if (k && !(k->flags & KEY_LOOK))
			mnl_attr_put(nlh, type, mnl_attr_get_payload_len(attr),
				     mnl_attr_get_payload(attr));
	}
	mnl_attr_nest_end(nlh, nest);
	return at;
}

/**
 * object_put() - attributes of a command as the object's nest
 * @nlh: the request
 * @o: what kind it is
 * @a: what was read
 *
 * Return: where in the request the attributes begin.
 */
uint32_t object_put(struct nlmsghdr *nlh, const struct object *o,
		    const struct args *a)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, o->attr);
	uint32_t at = nlh->nlmsg_len;
	size_t len;
	const char *body = args_body(a, &len);

	memcpy((char *)nlh + at, body, len);
	nlh->nlmsg_len += len;
	mnl_attr_nest_end(nlh, nest);
	return at;
}

static bool kernel_filters(const struct args *filter)
{
	for (unsigned int i = 0; filter && i < filter->n_marks; i++)
		if (filter->marks[i].key->flags & KEY_FILTER)
			return true;
	return false;
}

/* Whether the keys tell one object from all others. */
static bool is_exact(const struct object *o, const struct args *a)
{
	const struct key *k;

	for (k = o->keys; k->name; k++)
		if (k->flags & KEY_ID && !args_get(a, k->attr))
			return false;
	return true;
}

/**
 * object_dump() - all records of one kind
 * @cli: the command
 * @o: what kind
 * @filter: what the kernel may leave out; or NULL
 * @r: where they go; free its buf afterwards
 *
 * Return: exit status; errors are told.
 */
int object_dump(struct cli *cli, const struct object *o,
		const struct args *filter, struct nl_records *r)
{
	struct nlmsghdr *nlh;
	uint32_t at = 0;

	if (!nl_open(&cli->nl))
		return cli_fault(cli, NULL, 0);
	nlh = nl_request(&cli->nl, o->get, 0);
	if (kernel_filters(filter))
		at = put_filter(nlh, o, filter);
	if (!nl_dump(&cli->nl, nlh, r))
		return cli_fault(cli, filter, at);
	return CLI_OK;
}

/**
 * object_show() - OBJECT show
 * @cli: the command
 * @o: the object
 * @v: the verb
 * @a: what was read
 *
 * Return: exit status.
 */
int object_show(struct cli *cli, const struct object *o, const struct verb *v,
		struct args *a)
{
	struct nl_records r = { 0 };
	int status = object_dump(cli, o, a, &r);

	(void)v;
	/* That a peer has no child is no error; that there is no such peer is. */
	if (status == CLI_OK && !object_write(cli, &cli->out, o, a, &r, NULL) &&
	    o->kind && is_exact(o, a))
		status = cli_error(cli, CLI_REFUSED, "there is no such %s",
				   o->name);
	free(r.buf);
	return status;
}

static int change(struct cli *cli, const struct object *o, uint8_t cmd,
		  uint16_t flags, const struct args *a)
{
	struct nlmsghdr *nlh;
	uint32_t at;

	if (!nl_open(&cli->nl))
		return cli_fault(cli, NULL, 0);
	nlh = nl_request(&cli->nl, cmd, flags);
	at = object_put(nlh, o, a);
	if (!nl_talk(&cli->nl, nlh, NULL, NULL))
		return cli_fault(cli, a, at);
	return CLI_OK;
}

/**
 * object_new() - OBJECT add, set and replace
 * @cli: the command
 * @o: the object
 * @v: the verb; its flags make the difference
 * @a: what was read
 *
 * Return: exit status.
 */
int object_new(struct cli *cli, const struct object *o, const struct verb *v,
	       struct args *a)
{
	return change(cli, o, o->new, v->flags, a);
}

/**
 * object_del() - OBJECT del
 * @cli: the command
 * @o: the object
 * @v: the verb
 * @a: what was read
 *
 * Return: exit status.
 */
int object_del(struct cli *cli, const struct object *o, const struct verb *v,
	       struct args *a)
{
	return change(cli, o, o->del, v->flags, a);
}

/**
 * object_flush() - OBJECT flush
 * @cli: the command
 * @o: the object
 * @v: the verb
 * @a: what was read
 *
 * Return: exit status.
 */
int object_flush(struct cli *cli, const struct object *o, const struct verb *v,
		 struct args *a)
{
	struct nlmsghdr *nlh;

	(void)v;
	if (!nl_open(&cli->nl))
		return cli_fault(cli, NULL, 0);
	nlh = nl_request(&cli->nl, ISAKMP_CMD_FLUSH, 0);
	mnl_attr_put_u8(nlh, ISAKMP_A_KIND, o->kind);
	if (args_get(a, ARG_KEEP))
		mnl_attr_put(nlh, ISAKMP_A_KEEP, 0, NULL);
	if (!nl_talk(&cli->nl, nlh, NULL, NULL))
		return cli_fault(cli, NULL, 0);
	return CLI_OK;
}
