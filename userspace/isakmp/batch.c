// SPDX-License-Identifier: GPL-2.0
/* isakmp -b FILE: one command after the other, as if typed. */
#include <string.h>

#include "batch.h"
#include "cli.h"
#include "reader.h"

static int batch_line(struct cli *cli, struct reader *r,
		      enum reader_result got)
{
	int status;

	if (got == READER_ERROR)
		return cli_error(cli, CLI_USAGE, "%s", r->why.text);
	status = cli_run(cli, r->n_words, r->words);
	fflush(cli->out.f);
	return status;
}

/**
 * batch_run() - runs the commands of a file
 * @cli: the options; with force it goes on after an error
 * @file: path, or "-" for standard input
 *
 * Return: CLI_OK, or CLI_USAGE when any command failed.
 */
int batch_run(struct cli *cli, const char *file)
{
	int status = CLI_OK;
	struct reader r;
	enum reader_result got;

	if (!reader_open(&r, file))
		return cli_error(cli, CLI_USAGE, "cannot read \"%s\": %m", file);
	while ((got = reader_next(&r)) != READER_END) {
		if (batch_line(cli, &r, got) == CLI_OK)
			continue;
		fputs("Command failed ", cli->err);
		out_sentence(cli->err, file);
		fprintf(cli->err, ":%u\n", r.line);
		status = CLI_USAGE;
		if (!cli->force)
			break;
	}
	reader_close(&r);
	return status;
}
