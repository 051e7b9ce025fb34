// SPDX-License-Identifier: GPL-2.0
/* The command: options, then run.c. */
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "cli.h"

#ifndef ISAKMP_VERSION
#define ISAKMP_VERSION "0.1"
#endif

static int set_json(struct cli *cli, const char *value)
{
	(void)value;
	cli->out.json = true;
	return CLI_OK;
}

static int set_pretty(struct cli *cli, const char *value)
{
	(void)value;
	cli->out.pretty = true;
	return CLI_OK;
}

static int set_stats(struct cli *cli, const char *value)
{
	(void)value;
	cli->out.stats = true;
	return CLI_OK;
}

static int set_details(struct cli *cli, const char *value)
{
	(void)value;
	cli->out.details = true;
	return CLI_OK;
}

static int set_oneline(struct cli *cli, const char *value)
{
	(void)value;
	cli->out.oneline = true;
	return CLI_OK;
}

static int set_stamp(struct cli *cli, const char *value)
{
	(void)value;
	cli->stamp = true;
	return CLI_OK;
}

static int set_stamp_short(struct cli *cli, const char *value)
{
	cli->stamp_short = true;
	return set_stamp(cli, value);
}

static int set_force(struct cli *cli, const char *value)
{
	(void)value;
	cli->force = true;
	return CLI_OK;
}

static int set_ipv4(struct cli *cli, const char *value)
{
	(void)value;
	cli->family = 4;
	return CLI_OK;
}

static int set_ipv6(struct cli *cli, const char *value)
{
	(void)value;
	cli->family = 16;
	return CLI_OK;
}

static int set_batch(struct cli *cli, const char *value)
{
	cli->batch = value;
	return CLI_OK;
}

static int set_netns(struct cli *cli, const char *name)
{
	char path[512];		/* of what does not fit in, no name is so long */
	int fd, ret;

	if (!*name || strchr(name, '/') || !strcmp(name, ".."))
		return cli_error(cli, CLI_USAGE,
				 "\"%s\" is not the name of a network namespace",
				 name);
	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return cli_error(cli, CLI_USAGE,
				 "no network namespace \"%s\": %m", name);
	ret = setns(fd, CLONE_NEWNET);
	close(fd);
	if (ret)
		return cli_error(cli, CLI_REFUSED,
				 "no way into the network namespace \"%s\": %m",
				 name);
	return CLI_OK;
}

static int show_version(struct cli *cli, const char *value)
{
	(void)cli;
	(void)value;
	puts("isakmp " ISAKMP_VERSION);
	exit(CLI_OK);
}

static int show_help(struct cli *cli, const char *value)
{
	(void)cli;
	(void)value;
	help_main(stdout);
	exit(CLI_OK);
}

static const struct option {
	const char *name;
	const char *longer;
	int (*set)(struct cli *cli, const char *value);
	bool value;
} options[] = {
	{ "-j", "-json", set_json, false },
	{ "-p", "-pretty", set_pretty, false },
	{ "-s", "-statistics", set_stats, false },
	{ "-d", "-details", set_details, false },
	{ "-o", "-oneline", set_oneline, false },
	{ "-t", "-timestamp", set_stamp, false },
	{ "-ts", "-tshort", set_stamp_short, false },
	{ "-n", "-netns", set_netns, true },
	{ "-b", "-batch", set_batch, true },
	{ "-force", "-f", set_force, false },
	{ "-4", "-ipv4", set_ipv4, false },
	{ "-6", "-ipv6", set_ipv6, false },
	{ "-V", "-Version", show_version, false },
	{ "-h", "-help", show_help, false },
	{ 0 }
};

static const struct option *option_find(const char *word)
{
	const struct option *opt;

	if (word[0] == '-' && word[1] == '-')
		word++;
	for (opt = options; opt->name; opt++)
		if (!strcmp(opt->name, word) || !strcmp(opt->longer, word))
			return opt;
	return NULL;
}

/* Return: index of the first word that is no option, or -1. */
static int read_options(struct cli *cli, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		const struct option *opt = option_find(argv[i]);

		if (!opt) {
			cli_error(cli, CLI_USAGE,
				  "\"%s\" is not an option; isakmp help lists them",
				  argv[i]);
			return -1;
		}
		if (opt->value && i + 1 == argc) {
			cli_error(cli, CLI_USAGE, "no value after \"%s\"",
				  argv[i]);
			return -1;
		}
		cli->status = opt->set(cli, opt->value ? argv[++i] : NULL);
		if (cli->status != CLI_OK)
			return -1;
	}
	return i;
}

int main(int argc, char **argv)
{
	struct cli cli = { .out.f = stdout, .err = stderr };
	int first = read_options(&cli, argc, argv), status;

	if (first < 0)
		return cli.status;
	if (cli.batch)
		status = batch_run(&cli, cli.batch);
	else
		status = cli_run(&cli, argc - first, argv + first);
	out_end(&cli.out);
	nl_close(&cli.nl);
	if (fflush(stdout))
		return cli_error(&cli, CLI_REFUSED, "output was lost: %m");
	return status;
}
