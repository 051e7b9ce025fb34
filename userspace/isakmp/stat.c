// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"

#define ARG_NONZERO (ARG_LOCAL + 1)

static const struct key keys[] = {
	KEY("name", type_word, ISAKMP_STAT_NAME, KEY_ID | KEY_POS,
	    "one of them"),
	KEY("nonzero", type_flag, ARG_NONZERO, KEY_SET,
	    "only those that have counted something"),
	{ 0 }
};

/* Text is a table, so that columns line up. */
static void stat_print(struct out *o, const struct nlattr *nest)
{
	uint64_t value = nl_uint(nl_find(nest, ISAKMP_STAT_VALUE));
	const struct nlattr *text = nl_find(nest, ISAKMP_STAT_TEXT);
	char name[64], buf[256];

	nl_string(nl_find(nest, ISAKMP_STAT_NAME), name, sizeof(name));
	nl_string(text, buf, sizeof(buf));
	if (!o->json) {
		fprintf(o->f, "%-24s %12" PRIu64, name, value);
		if (o->details && text)
			fprintf(o->f, "  %s", buf);
		fputc('\n', o->f);
		return;
	}
	out_open(o, "stat");
	out_text(o, "name", name);
	out_uint(o, "value", value);
	if (text)
		out_text(o, "text", buf);
	out_close(o);
}

static bool stat_wanted(const struct args *a, const struct nlattr *nest)
{
	const struct nlattr *want = args_get(a, ISAKMP_STAT_NAME);
	char name[64];

	if (args_get(a, ARG_NONZERO) &&
	    !nl_uint(nl_find(nest, ISAKMP_STAT_VALUE)))
		return false;
	nl_string(nl_find(nest, ISAKMP_STAT_NAME), name, sizeof(name));
	return !want || !strcmp(name, mnl_attr_get_str(want));
}

static int stat_show(struct cli *cli, const struct object *o,
		     const struct verb *v, struct args *a)
{
	struct nl_records r = { 0 };
	const struct nlmsghdr *nlh;
	int left, status;
	bool any = false;

	(void)v;
	status = object_dump(cli, o, NULL, &r);
	nl_for_each(nlh, &r, left) {
		const struct nlattr *nest = nl_top(nlh, o->attr);

		if (!nest || !stat_wanted(a, nest))
			continue;
		stat_print(&cli->out, nest);
		any = true;
	}
	free(r.buf);
	if (status == CLI_OK && !any && args_get(a, ISAKMP_STAT_NAME) &&
	    !args_get(a, ARG_NONZERO))
		return cli_error(cli, CLI_REFUSED, "there is no such counter");
	return status;
}

static const struct verb verbs[] = {
	{ .name = "show", .alias = "list", .run = stat_show,
	  .takes = KEY_ID | KEY_SET, .writes = true,
	  .help = "show all, or one" },
	{ 0 }
};

const struct object object_stat = {
	.name = "stat",
	.help = "counters, every reason of a refusal among them",
	.verbs = verbs,
	.keys = keys,
	.attr = ISAKMP_A_STAT,
	.get = ISAKMP_CMD_STAT_GET,
};
