// SPDX-License-Identifier: GPL-2.0
/* From words to a verb that runs; and what went wrong, in a sentence. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "run.h"

const struct object *const objects[] = {
	&object_listen, &object_proposal, &object_cred, &object_pool,
	&object_peer, &object_auth, &object_child, &object_tunnel, &object_sa,
	&object_stat, &object_monitor, &object_decode, &object_config, NULL
};

const struct object *const config_objects[] = {
	&object_listen, &object_proposal, &object_cred, &object_pool,
	&object_peer, &object_auth, &object_child, NULL
};

/**
 * cli_error() - tells what is wrong
 * @cli: the command; a line of a file is named before the sentence
 * @status: CLI_USAGE or CLI_REFUSED
 * @fmt: the sentence, without its full stop
 *
 * Return: @status.
 */
int cli_error(struct cli *cli, int status, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	fflush(cli->out.f);
	fputs("Error: ", cli->err);
	if (cli->file) {
		out_sentence(cli->err, cli->file);
		fprintf(cli->err, ":%u: ", cli->line);
	}
	out_sentence(cli->err, text);
	fputs(".\n", cli->err);
	free(text);
	cli->status = status;
	return status;
}

/* The key that the kernel's answer is about, by the place or the type. */
static const struct key *fault_key(const struct nl_fault *f,
				   const struct args *a, uint32_t body_at)
{
	if (!a || !body_at)
		return NULL;
	if (f->offset >= body_at)
		return args_key_at(a, f->offset - body_at);
	return f->missing ? key_of_attr(a->keys, f->missing) : NULL;
}

/**
 * cli_fault() - tells what the kernel answered
 * @cli: the command; its socket's last call failed
 * @a: what the request was made from; or NULL
 * @body_at: where in the request the attributes of @a began
 *
 * Return: CLI_REFUSED.
 */
int cli_fault(struct cli *cli, const struct args *a, uint32_t body_at)
{
	const struct nl_fault *f = &cli->nl.fault;
	const struct key *k = fault_key(f, a, body_at);

	if (f->absent)
		return cli_error(cli, CLI_REFUSED,
				 "the isakmp module is not loaded in this kernel: modprobe isakmp");
	if (f->error == EPERM && !f->text[0])
		return cli_error(cli, CLI_REFUSED,
				 "this needs CAP_NET_ADMIN; in a user namespace "
				 "net.isakmp.user_namespaces, too");
	if (f->text[0])
		return cli_error(cli, CLI_REFUSED, k ? "%s (key \"%s\")" : "%s",
				 f->text, k ? k->name : "");
	if (k)
		return cli_error(cli, CLI_REFUSED,
				 "kernel answers: %s (key \"%s\")",
				 strerror(f->error), k->name);
	return cli_error(cli, CLI_REFUSED, "kernel answers: %s",
			 strerror(f->error));
}

/**
 * object_find() - an object by its name
 * @name: what the user wrote
 *
 * Return: the object, or NULL.
 */
const struct object *object_find(const char *name)
{
	for (const struct object *const *o = objects; *o; o++)
		if (!strcmp((*o)->name, name))
			return *o;
	return NULL;
}

/**
 * verb_find() - a verb by its name
 * @o: the object
 * @name: what the user wrote
 *
 * Return: the verb, or NULL.
 */
const struct verb *verb_find(const struct object *o, const char *name)
{
	for (const struct verb *v = o->verbs; v->name; v++)
		if (!strcmp(v->name, name) ||
		    (v->alias && !strcmp(v->alias, name)) ||
		    (!strcmp(name, "ls") && !strcmp(v->name, "show")))
			return v;
	return NULL;
}

static bool is_help(const char *word)
{
	return !strcmp(word, "help") || !strcmp(word, "-h") ||
	       !strcmp(word, "-help") || !strcmp(word, "--help");
}

static int run_verb(struct cli *cli, const struct object *o,
		    const struct verb *v, int argc, char **argv)
{
	struct args *a;
	int status;

	if (argc == 1 && is_help(argv[0])) {
		help_verb(cli->out.f, o, v);
		return CLI_OK;
	}
	a = malloc(sizeof(*a));
	if (!a)
		abort();
	status = args_parse(cli, o, v, argc, argv, a);
	if (status == CLI_OK) {
		if (v->writes)
			out_start(&cli->out);
		cli->nl.warning[0] = 0;
		status = v->run(cli, o, v, a);
	}
	if (status == CLI_OK && cli->nl.warning[0])
		fprintf(cli->err, "Warning: %s.\n", cli->nl.warning);
	free(a);
	return status;
}

/* help OBJECT [VERB], OBJECT help VERB; without an object, or with a wrong one, all of them. */
static int run_help(struct cli *cli, const char *object, const char *verb)
{
	const struct object *o = object ? object_find(object) : NULL;
	const struct verb *v = o && verb ? verb_find(o, verb) : NULL;

	if (v)
		help_verb(cli->out.f, o, v);
	else if (o)
		help_object(cli->out.f, o);
	else
		help_main(cli->out.f);
	return CLI_OK;
}

/* An object whose only verb has no name takes all words itself. */
static bool verb_is_unnamed(const struct object *o)
{
	return !*o->verbs[0].name;
}

/**
 * cli_run() - runs one command
 * @cli: the options
 * @argc: number of words
 * @argv: OBJECT VERB and what follows
 *
 * Return: exit status; errors are told.
 */
int cli_run(struct cli *cli, int argc, char **argv)
{
	const struct object *o;
	const struct verb *v;

	cli->status = CLI_OK;
	if (!argc) {
		help_main(cli->err);
		return CLI_USAGE;
	}
	if (is_help(argv[0]))
		return run_help(cli, argc > 1 ? argv[1] : NULL, argc > 2 ? argv[2] : NULL);
	o = object_find(argv[0]);
	if (!o)
		return cli_error(cli, CLI_USAGE,
				 "\"%s\" is not an object; isakmp help lists them",
				 argv[0]);
	if (argc == 2 && is_help(argv[1]))
		return run_help(cli, argv[0], NULL);
	if (argc == 3 && is_help(argv[1]) && verb_find(o, argv[2]))
		return run_help(cli, argv[0], argv[2]);
	if (verb_is_unnamed(o))
		return run_verb(cli, o, o->verbs, argc - 1, argv + 1);
	v = verb_find(o, argc > 1 ? argv[1] : "show");
	if (v)
		return run_verb(cli, o, v, argc > 1 ? argc - 2 : 0, argv + 2);
	if (argc > 1)
		return cli_error(cli, CLI_USAGE,
				 "\"%s\" is not a verb of \"%s\"; isakmp %s help lists them",
				 argv[1], o->name, o->name);
	help_object(cli->err, o);
	return CLI_USAGE;
}
