// SPDX-License-Identifier: GPL-2.0
/*
 * config check|apply|save FILE.
 *
 * The file is read completely before the kernel hears of it.  Then all objects
 * go there as one transaction, many in one send; an object that the kernel does
 * not like leads back to its line.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "keys.h"
#include "reader.h"
#include "run.h"

#define ARG_FILE (ARG_LOCAL + 1)
#define ONLY_CHECK 1	/* cmd of the verb */

/* How long others may have all transactions that there are, and how often we look. */
#define BUSY_MS 3000
#define BUSY_LOOK_MS 20

/* One line of the file, read. */
struct item {
	const struct object *o;
	unsigned int line;
	uint16_t len;		/* octets of attributes */
	uint16_t n_marks;
	struct mark *marks;	/* behind the attributes */
	char body[];
};

struct config {
	struct cli *cli;
	struct args args;	/* of the line being read */
	struct item **items;
	size_t n;
	size_t size;
	uint32_t txn;
	/* what is being sent */
	struct mnl_nlmsg_batch *batch;
	size_t first;		/* index of the first item in the batch */
	uint32_t first_seq;
};

static void config_free(struct config *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->items[i]);
	free(c->items);
}

static void item_keep(struct config *c, const struct object *o,
		      unsigned int line)
{
	const struct args *a = &c->args;
	struct item *item;
	const char *body;
	size_t len, marks;

	body = args_body(a, &len);
	marks = a->n_marks * sizeof(struct mark);
	item = malloc(sizeof(*item) + MNL_ALIGN(len) + marks + sizeof(void *));
	if (c->n == c->size) {
		c->size = c->size * 2 + 64;
		c->items = realloc(c->items, c->size * sizeof(item));
	}
	if (!item || !c->items)
		abort();
	*item = (struct item){ .o = o, .line = line, .len = len,
			       .n_marks = a->n_marks };
	memcpy(item->body, body, len);
	item->marks = (void *)(((uintptr_t)item->body + len + 7) & ~(uintptr_t)7);
	memcpy(item->marks, a->marks, marks);
	c->items[c->n++] = item;
}

static bool is_config_object(const struct object *o)
{
	return o && o->kind;
}

/* OBJECT [add] KEY VALUE... */
static int line_read(struct config *c, const struct reader *r)
{
	const struct object *o = object_find(r->words[0]);
	const struct verb *v, *second;
	int skip = 1;

	if (!is_config_object(o))
		return cli_error(c->cli, CLI_USAGE,
				 "\"%s\" is not an object of a configuration",
				 r->words[0]);
	v = verb_find(o, "add");
	second = r->n_words > 1 ? verb_find(o, r->words[1]) : NULL;
	/* "peer flush" is hardly a peer of that name. */
	if (second && second != v)
		return cli_error(c->cli, CLI_USAGE,
				 "\"%s\" is a verb, and a configuration has none but add",
				 r->words[1]);
	if (second)
		skip = 2;
	if (args_parse(c->cli, o, v, r->n_words - skip, r->words + skip,
		       &c->args) != CLI_OK)
		return CLI_USAGE;
	item_keep(c, o, r->line);
	return CLI_OK;
}

static int lines_read(struct config *c, struct reader *r)
{
	enum reader_result got;
	int status = CLI_OK;

	while (status == CLI_OK && (got = reader_next(r)) != READER_END) {
		c->cli->line = r->line;
		if (got == READER_ERROR)
			status = cli_error(c->cli, CLI_USAGE, "%s", r->why.text);
		else
			status = line_read(c, r);
	}
	return status;
}

static int file_read(struct config *c, const char *file)
{
	const char *outer = c->cli->file;
	struct reader r;
	int status;

	if (!reader_open(&r, file))
		return cli_error(c->cli, CLI_USAGE, "cannot read \"%s\": %m",
				 file);
	c->cli->file = file;
	status = lines_read(c, &r);
	c->cli->file = outer;
	reader_close(&r);
	return status;
}

/* A peer of a template, which has to be there before it. */
static int has_template(const struct item *item)
{
	const struct nlattr *attr;

	const void *body = item->body;

	if (item->o->kind == ISAKMP_KIND_PEER)
		mnl_attr_for_each_payload(body, item->len)
			if (mnl_attr_get_type(attr) == ISAKMP_PEER_TEMPLATE)
				return 1;
	return 0;
}

/* The numbers of kinds are in that order, but that of pools. */
static unsigned int rank(const struct item *item)
{
	return 2U * (item->o->kind == ISAKMP_KIND_POOL ? ISAKMP_KIND_CRED : item->o->kind) +
	       (item->o->kind == ISAKMP_KIND_POOL);
}

/* What others refer to comes first, whatever the order of the lines. */
static int item_order(const void *pa, const void *pb)
{
	const struct item *a = *(struct item *const *)pa;
	const struct item *b = *(struct item *const *)pb;

	if (rank(a) != rank(b))
		return rank(a) < rank(b) ? -1 : 1;
	if (has_template(a) != has_template(b))
		return has_template(a) - has_template(b);
	return a->line < b->line ? -1 : a->line > b->line;
}

/* ---- sending ------------------------------------------------------------- */

static void note_txn(const struct nlmsghdr *nlh, void *data)
{
	struct config *c = data;

	c->txn = nl_uint(nl_top(nlh, ISAKMP_A_TXN));
}

/* Others apply, too: each of them is done in a moment. */
static bool txn_begin(struct config *c)
{
	static const struct timespec pause = { .tv_nsec = BUSY_LOOK_MS * 1000000L };
	struct nl *nl = &c->cli->nl;

	for (int ms = 0; ms < BUSY_MS; ms += BUSY_LOOK_MS) {
		if (nl_talk(nl, nl_request(nl, ISAKMP_CMD_TXN_BEGIN, 0), note_txn, c))
			return true;
		if (nl->fault.error != EBUSY)
			return false;
		nanosleep(&pause, NULL);
	}
	return false;
}

static int begin_fault(struct config *c)
{
	const struct nl_fault *f = &c->cli->nl.fault;

	if (f->error != EBUSY)
		return cli_fault(c->cli, NULL, 0);
	return cli_error(c->cli, CLI_REFUSED, "other configurations are being applied: %s",
			 f->text);
}

/* With ISAKMP_A_CHECK, with ISAKMP_A_KEEP, or, @flag 0, with neither. */
static bool txn_end(struct config *c, uint8_t cmd, uint16_t flag)
{
	struct nl *nl = &c->cli->nl;
	struct nlmsghdr *nlh = nl_request(nl, cmd, 0);

	mnl_attr_put_u32(nlh, ISAKMP_A_TXN, c->txn);
	if (flag)
		mnl_attr_put(nlh, flag, 0, NULL);
	return nl_talk(nl, nlh, NULL, NULL);
}

static uint32_t item_build(struct config *c, const struct item *item, void *buf)
{
	struct nl *nl = &c->cli->nl;
	struct nlattr *nest;
	struct nlmsghdr *nlh;
	uint32_t at;

	nlh = nl_build(nl, buf, item->o->new, NLM_F_CREATE | NLM_F_EXCL,
		       ++nl->seq);
	mnl_attr_put_u32(nlh, ISAKMP_A_TXN, c->txn);
	nest = mnl_attr_nest_start(nlh, item->o->attr);
	at = nlh->nlmsg_len;
	memcpy((char *)nlh + at, item->body, item->len);
	nlh->nlmsg_len += item->len;
	mnl_attr_nest_end(nlh, nest);
	return at;
}

/* The kernel's answer, at the line of the object. */
static int item_fault(struct config *c, const char *file)
{
	size_t i = c->first + (c->cli->nl.fault.seq - c->first_seq);
	const char *outer = c->cli->file;
	const struct item *item;
	uint32_t at;
	int status;

	if (i >= c->n)
		return cli_fault(c->cli, NULL, 0);
	item = c->items[i];
	at = item_build(c, item, c->cli->nl.tx);
	c->args.keys = item->o->keys;
	c->args.n_marks = item->n_marks;
	memcpy(c->args.marks, item->marks, item->n_marks * sizeof(struct mark));
	c->args.nlh = mnl_nlmsg_put_header(c->args.buf);
	c->args.nlh->nlmsg_len += item->len;
	c->cli->file = file;
	c->cli->line = item->line;
	status = cli_fault(c->cli, &c->args, at);
	c->cli->file = outer;
	return status;
}

/* The last message of the batch asks for the acknowledgement of all. */
static bool batch_send(struct config *c)
{
	void *head = mnl_nlmsg_batch_head(c->batch);
	size_t len = mnl_nlmsg_batch_size(c->batch);
	struct nlmsghdr *nlh = head;
	int left = len;

	c->first_seq = nlh->nlmsg_seq;
	while (left > (int)nlh->nlmsg_len)
		nlh = mnl_nlmsg_next(nlh, &left);
	nlh->nlmsg_flags |= NLM_F_ACK;
	return nl_bulk(&c->cli->nl, head, len, nlh->nlmsg_seq);
}

static int items_send(struct config *c, const char *file)
{
	for (size_t i = 0; i < c->n; i++) {
		item_build(c, c->items[i], mnl_nlmsg_batch_current(c->batch));
		if (mnl_nlmsg_batch_next(c->batch))
			continue;
		/* This one did not fit: it begins the next batch. */
		if (!batch_send(c))
			return item_fault(c, file);
		mnl_nlmsg_batch_reset(c->batch);
		c->first = i;
	}
	if (mnl_nlmsg_batch_is_empty(c->batch) || batch_send(c))
		return CLI_OK;
	return item_fault(c, file);
}

/*
 * What the commit does not like is between objects; its sentence ends with the
 * name of one of them, which leads back to a line.
 */
static int commit_fault(struct config *c, const char *file)
{
	const char *name = strrchr(c->cli->nl.fault.text, ' ');
	const char *outer = c->cli->file;
	int status;

	for (size_t i = 0; name && i < c->n; i++) {
		const struct item *item = c->items[i];
		const struct nlattr *first = (const void *)item->body;

		if (item->o != &object_peer ||
		    strcmp(mnl_attr_get_str(first), name + 1))
			continue;
		c->cli->file = file;
		c->cli->line = item->line;
		break;
	}
	status = cli_fault(c->cli, NULL, 0);
	c->cli->file = outer;
	return status;
}

static int config_send(struct config *c, const char *file, uint16_t flag)
{
	struct nl *nl = &c->cli->nl;
	char *buf;
	int status;

	if (!nl_open(nl))
		return cli_fault(c->cli, NULL, 0);
	if (!txn_begin(c))
		return begin_fault(c);
	buf = malloc(NL_BATCH_MAX * 2);
	if (!buf)
		abort();
	c->batch = mnl_nlmsg_batch_start(buf, NL_BATCH_MAX);
	status = items_send(c, file);
	mnl_nlmsg_batch_stop(c->batch);
	free(buf);
	if (status == CLI_OK && !txn_end(c, ISAKMP_CMD_TXN_COMMIT, flag))
		status = commit_fault(c, file);
	/* Only a commit ends it; the socket may be needed for long (isakmp -b). */
	if (flag == ISAKMP_A_CHECK || status != CLI_OK)
		txn_end(c, ISAKMP_CMD_TXN_ABORT, 0);
	return status;
}

/* ---- the verbs ----------------------------------------------------------- */

static int config_load(struct cli *cli, const struct object *o,
		       const struct verb *v, struct args *a)
{
	const char *file = mnl_attr_get_str(args_get(a, ARG_FILE));
	struct config *c = calloc(1, sizeof(*c));
	uint16_t flag = v->cmd == ONLY_CHECK ? ISAKMP_A_CHECK : 0;
	int status;

	(void)o;
	if (!c)
		abort();
	c->cli = cli;
	if (args_get(a, ARG_KEEP))
		flag = ISAKMP_A_KEEP;
	status = file_read(c, file);
	if (status == CLI_OK) {
		if (c->n)
			qsort(c->items, c->n, sizeof(*c->items), item_order);
		status = config_send(c, file, flag);
	}
	config_free(c);
	free(c);
	return status;
}

static int config_write(struct cli *cli, FILE *f)
{
	struct out out = { .f = f, .plain = true };
	int status = CLI_OK;

	for (const struct object *const *o = config_objects;
	     *o && status == CLI_OK; o++) {
		struct nl_records r = { 0 };

		status = object_dump(cli, *o, NULL, &r);
		if (status == CLI_OK)
			object_write(cli, &out, *o, NULL, &r, "add");
		free(r.buf);
	}
	return status;
}

static int not_written(struct cli *cli, const char *file)
{
	return cli_error(cli, CLI_USAGE, "cannot write \"%s\": %m", file);
}

/* A pipe or a terminal stays what it is. */
static int config_fill(struct cli *cli, const char *file)
{
	FILE *f = fopen(file, "we");
	int status;

	if (!f)
		return not_written(cli, file);
	status = config_write(cli, f);
	return fclose(f) && status == CLI_OK ? not_written(cli, file) : status;
}

/* The file is there as a whole or not at all; its mode stays as it was. */
static int config_replace(struct cli *cli, const char *file, mode_t mode)
{
	char tmp[PATH_MAX];
	int status, fd;
	FILE *f;
	bool ok;

	if (snprintf(tmp, sizeof(tmp), "%s.XXXXXX", file) >= (int)sizeof(tmp))
		return cli_error(cli, CLI_USAGE, "the path is too long");
	fd = mkstemp(tmp);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return not_written(cli, file);
	status = config_write(cli, f);
	ok = !fchmod(fd, mode) && !fflush(f) && !fsync(fd);
	ok = !fclose(f) && ok;
	if (status == CLI_OK && (!ok || rename(tmp, file)))
		status = not_written(cli, file);
	if (status != CLI_OK)
		unlink(tmp);
	return status;
}

static int config_save(struct cli *cli, const struct object *o,
		       const struct verb *v, struct args *a)
{
	const char *file = mnl_attr_get_str(args_get(a, ARG_FILE));
	struct stat st = { .st_mode = 0644 };
	char *path = realpath(file, NULL);
	int status;

	(void)o;
	(void)v;
	if (!strcmp(file, "-"))
		status = config_write(cli, cli->out.f);
	else if (!stat(file, &st) && !S_ISREG(st.st_mode))
		status = config_fill(cli, file);
	else
		status = config_replace(cli, path ? path : file, st.st_mode & 0777);
	free(path);
	return status;
}

static const struct key keys[] = {
	KEY("file", type_file, ARG_FILE, KEY_ID | KEY_POS, "which file"),
	KEY_KEEP,
	{ 0 }
};

static const struct verb verbs[] = {
	{ .name = "check", .run = config_load, .takes = KEY_ID,
	  .needs = KEY_ID, .cmd = ONLY_CHECK,
	  .help = "would the kernel take it?" },
	{ .name = "apply", .run = config_load, .takes = KEY_ID | KEY_SET,
	  .needs = KEY_ID,
	  .help = "make the kernel's objects equal to it" },
	{ .name = "save", .run = config_save, .takes = KEY_ID,
	  .needs = KEY_ID,
	  .help = "write the kernel's objects to it" },
	{ 0 }
};

const struct object object_config = {
	.name = "config",
	.help = "all objects at once, see isakmp.conf(5)",
	.verbs = verbs,
	.keys = keys,
};
