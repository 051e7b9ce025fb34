// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <linux/genetlink.h>

#include "../common/reason.h"
#include "keys.h"
#include "monitor.h"

#define ARG_WHAT (ARG_LOCAL + 1)

/* What can be asked for; the index is its bit. */
enum {
	WHAT_ALL, WHAT_OBJECT, WHAT_LISTEN, WHAT_PROPOSAL, WHAT_CRED,
	WHAT_PEER, WHAT_AUTH, WHAT_CHILD, WHAT_POOL, WHAT_SA, WHAT_REFUSED, WHAT_HELPER,
	WHAT_KEYS,
};

#define BIT(n) (1U << (n))
#define EVERY_OBJECT (BIT(WHAT_OBJECT) | BIT(WHAT_LISTEN) |		\
		      BIT(WHAT_PROPOSAL) | BIT(WHAT_CRED) |		\
		      BIT(WHAT_PEER) | BIT(WHAT_AUTH) | BIT(WHAT_CHILD) |	\
		      BIT(WHAT_POOL))

static const char *const whats[] = {
	[WHAT_ALL] = "all", [WHAT_OBJECT] = "object",
	[WHAT_LISTEN] = "listen", [WHAT_PROPOSAL] = "proposal",
	[WHAT_CRED] = "cred", [WHAT_PEER] = "peer", [WHAT_AUTH] = "auth",
	[WHAT_CHILD] = "child", [WHAT_POOL] = "pool", [WHAT_SA] = "sa", [WHAT_REFUSED] = "refused",
	[WHAT_HELPER] = "helper", [WHAT_KEYS] = "keys",
};

/* The name of an event, and who wants it besides those who want its object. */
static const struct event {
	const char *name;
	unsigned int what;
} events[] = {
	[ISAKMP_EVENT_OBJECT_NEW] = { "new", BIT(WHAT_OBJECT) },
	[ISAKMP_EVENT_OBJECT_DEL] = { "deleted", BIT(WHAT_OBJECT) },
	[ISAKMP_EVENT_CONFIG] = { "config", EVERY_OBJECT },
	[ISAKMP_EVENT_SA_STATE] = { "sa-state", BIT(WHAT_SA) },
	[ISAKMP_EVENT_CHILD_UP] = { "child-up", BIT(WHAT_SA) | BIT(WHAT_CHILD) },
	[ISAKMP_EVENT_CHILD_DOWN] = { "child-down",
				      BIT(WHAT_SA) | BIT(WHAT_CHILD) },
	[ISAKMP_EVENT_REFUSED] = { "refused", BIT(WHAT_REFUSED) },
	[ISAKMP_EVENT_HELPER] = { "helper", BIT(WHAT_HELPER) },
	[ISAKMP_EVENT_SA_REKEYED] = { "sa-rekeyed", BIT(WHAT_SA) },
	[ISAKMP_EVENT_CHILD_REKEYED] = { "child-rekeyed",
					 BIT(WHAT_SA) | BIT(WHAT_CHILD) },
};

#define N_EVENTS (sizeof(events) / sizeof(events[0]))

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* Signals come only while nl_event() waits, so that none is missed. */
static void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction act = { .sa_handler = stop }, old;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		sigaddset(&set, signals[i]);
		sigaction(signals[i], &act, &old);
		/* nohup(1) stays what it is. */
		if (signals[i] == SIGHUP && old.sa_handler == SIG_IGN)
			sigaction(signals[i], &old, NULL);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
	stopped = 0;
}

static void stamp(const struct cli *cli, struct out *o)
{
	char day[64], text[96];
	struct timeval tv;
	struct tm tm;

	gettimeofday(&tv, NULL);
	localtime_r(&tv.tv_sec, &tm);
	strftime(day, sizeof(day), cli->stamp_short || o->json ?
		 "%Y-%m-%dT%H:%M:%S" : "%a %b %e %H:%M:%S", &tm);
	if (cli->stamp_short || o->json)
		snprintf(text, sizeof(text), "%s.%06ld", day, (long)tv.tv_usec);
	else
		snprintf(text, sizeof(text), "%s %d %ld usec", day,
			 tm.tm_year + 1900, (long)tv.tv_usec);
	if (o->json)
		out_text(o, "timestamp", text);
	else
		fprintf(o->f, cli->stamp_short ? "[%s] " : "Timestamp: %s\n",
			text);
}

static void event_open(const struct cli *cli, struct out *o, const char *name)
{
	if (cli->stamp && !o->json)
		stamp(cli, o);
	out_open(o, name);
	if (!o->json)
		return;
	if (cli->stamp)
		stamp(cli, o);
	out_text(o, "event", name);
}

static void event_close(struct out *o)
{
	out_close(o);
	fflush(o->f);
}

/* The object or SA that the event is about. */
static const struct object *subject(const struct nlmsghdr *nlh,
				    const struct nlattr **nest)
{
	for (const struct object *const *o = objects; *o; o++) {
		*nest = (*o)->attr ? nl_top(nlh, (*o)->attr) : NULL;
		if (*nest)
			return *o;
	}
	return NULL;
}

/* What ISAKMP_EVENT_ARG is, by event and reason; the first row that fits. */
static const struct arg {
	uint8_t event;
	uint16_t reason;	/* 0: any */
	const char *name;
	enum { ARG_NUMBER, ARG_SPI, ARG_NOTIFY } kind;
} arg_kinds[] = {
	{ ISAKMP_EVENT_HELPER, 0, "helpers", ARG_NUMBER },
	{ ISAKMP_EVENT_CHILD_UP, 0, "spi-in", ARG_SPI },
	{ ISAKMP_EVENT_CHILD_DOWN, 0, "spi-in", ARG_SPI },
	{ ISAKMP_EVENT_CHILD_REKEYED, 0, "spi-in", ARG_SPI },
	{ ISAKMP_EVENT_REFUSED, ISAKMP_R_PEER_ERROR, "notify", ARG_NOTIFY },
	{ ISAKMP_EVENT_REFUSED, ISAKMP_R_FORGEABLE, "notify", ARG_NOTIFY },
	{ ISAKMP_EVENT_REFUSED, ISAKMP_R_MISSING, "payload", ARG_NUMBER },
	{ ISAKMP_EVENT_REFUSED, ISAKMP_R_UNEXPECTED, "payload", ARG_NUMBER },
	{ ISAKMP_EVENT_REFUSED, ISAKMP_R_REPEATED, "payload", ARG_NUMBER },
};

static const struct arg *arg_kind(const struct nlattr *event)
{
	static const struct arg other = { 0, 0, "arg", ARG_NUMBER };
	uint64_t type = nl_uint(nl_find(event, ISAKMP_EVENT_TYPE));
	uint64_t reason = nl_uint(nl_find(event, ISAKMP_EVENT_REASON));

	for (size_t i = 0; i < sizeof(arg_kinds) / sizeof(arg_kinds[0]); i++)
		if (arg_kinds[i].event == type &&
		    (!arg_kinds[i].reason || arg_kinds[i].reason == reason))
			return &arg_kinds[i];
	return &other;
}

static void arg_print(struct out *o, const struct key *k,
		      const struct nlattr *attr, const struct nlattr *nest)
{
	const struct arg *arg = arg_kind(nest);
	uint64_t n = nl_uint(attr);
	const char *name = arg->kind == ARG_NOTIFY ? notify_name(n) : NULL;

	(void)k;
	if (name)
		out_text(o, arg->name, name);
	else if (arg->kind == ARG_SPI)
		out_hex(o, arg->name, n, 8);
	else
		out_uint(o, arg->name, n);
}

static void event_print(const struct cli *cli, struct out *o, const char *name,
			const struct nlattr *event, const struct object *what,
			const struct nlattr *nest)
{
	static const struct type type_arg = { .print = arg_print };
	static const struct key keys[] = {
		KEY("old-state", type_string, ISAKMP_EVENT_OLD_STATE, 0, ""),
		KEY("reason", type_reason, ISAKMP_EVENT_REASON, 0, ""),
		KEY("arg", type_arg, ISAKMP_EVENT_ARG, 0, ""),
		{ 0 }
	};
	bool gone = event && nl_uint(nl_find(event, ISAKMP_EVENT_TYPE)) ==
			     ISAKMP_EVENT_OBJECT_DEL;

	event_open(cli, o, name);
	if (event)
		keys_print(o, keys, 0, event);
	if (what) {
		out_open(o, what->name);
		keys_print(o, what->keys, gone ? KEY_ID : 0, nest);
		out_close(o);
	}
	event_close(o);
}

static bool wanted(unsigned int asked, uint64_t type, const struct object *what)
{
	unsigned int mask = type < N_EVENTS ? events[type].what : 0;

	if (asked & BIT(WHAT_ALL) || asked & mask)
		return true;
	if (!what || (type != ISAKMP_EVENT_OBJECT_NEW &&
		      type != ISAKMP_EVENT_OBJECT_DEL))
		return false;
	for (unsigned int i = WHAT_LISTEN; i <= WHAT_POOL; i++)
		if (asked & BIT(i) && !strcmp(whats[i], what->name))
			return true;
	return false;
}

static void event_one(struct cli *cli, const struct nlmsghdr *nlh,
		      unsigned int asked)
{
	const struct nlattr *keys = nl_top(nlh, ISAKMP_A_KEYS);
	const struct nlattr *event = nl_top(nlh, ISAKMP_A_EVENT), *nest = NULL;
	const struct object *what = subject(nlh, &nest);
	char number[32];
	uint64_t type;

	if (keys)
		monitor_keys(cli, keys);
	if (!event)
		return;
	type = nl_uint(nl_find(event, ISAKMP_EVENT_TYPE));
	if (!wanted(asked, type, what))
		return;
	snprintf(number, sizeof(number), "event-%u", (unsigned int)type);
	event_print(cli, &cli->out, type < N_EVENTS && events[type].name ?
		    events[type].name : number, event, what, nest);
}

static void lost_print(struct cli *cli, const char *why)
{
	cli_error(cli, CLI_OK, "%s", why);
	event_print(cli, &cli->out, "lost", NULL, NULL, NULL);
}

/* Return: whether the module came anew: it does not know of us. */
static bool events_read(struct cli *cli, const struct nl *nl, ssize_t n,
			unsigned int asked)
{
	const struct nlmsghdr *nlh = (void *)nl->rx;
	bool anew = false;
	int left = n;

	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		enum nl_news news = nl_news(nlh);

		if (nlh->nlmsg_type == nl->family)
			event_one(cli, nlh, asked);
		if (news == NL_GONE)
			lost_print(cli, "the module is gone, and all that it had");
		anew |= news == NL_CAME;
	}
	return anew;
}

/* The module may be another one than before. */
static bool subscribe_again(struct cli *cli, struct nl *nl)
{
	nl_close(&cli->nl);
	if (!nl_open(&cli->nl))
		return false;
	nl->family = cli->nl.family;
	nl->group = cli->nl.group;
	if (nl_subscribe(nl))
		return true;
	cli->nl.fault = nl->fault;
	return false;
}

static bool object_asked(unsigned int asked, const struct object *o)
{
	uint64_t type = o->kind ? ISAKMP_EVENT_OBJECT_NEW :
				  ISAKMP_EVENT_SA_STATE;

	return (o->kind || o->attr == ISAKMP_A_SA) && wanted(asked, type, o);
}

/* Events were lost: what there is now makes up for them. */
static int dump_now(struct cli *cli, struct nl *nl, unsigned int asked)
{
	int status = CLI_OK;

	if (!subscribe_again(cli, nl))
		return cli_fault(cli, NULL, 0);
	lost_print(cli, "events were lost; what there is now follows");
	for (const struct object *const *o = objects;
	     *o && status == CLI_OK; o++) {
		struct nl_records r = { 0 };
		const struct nlmsghdr *nlh;
		int left;

		if (!object_asked(asked, *o))
			continue;
		status = object_dump(cli, *o, NULL, &r);
		nl_for_each(nlh, &r, left) {
			const struct nlattr *nest = nl_top(nlh, (*o)->attr);

			if (nest)
				event_print(cli, &cli->out, "now", NULL, *o,
					    nest);
		}
		free(r.buf);
	}
	return status;
}

static int monitor_loop(struct cli *cli, struct nl *nl, unsigned int asked)
{
	int status = CLI_OK;
	bool lost = false;

	while (!stopped && status == CLI_OK) {
		/* What is queued is older than a dump: it goes first. */
		ssize_t n = nl_event(nl, lost ? 0 : -1);

		if (n > 0) {
			lost |= events_read(cli, nl, n, asked);
		} else if (n == 0 && asked == BIT(WHAT_KEYS)) {
			cli_error(cli, CLI_OK, "keys were lost");
			lost = false;
		} else if (n == 0) {
			status = dump_now(cli, nl, asked);
			lost = false;
		} else if (errno == ENOBUFS) {
			lost = true;
		} else if (errno != EINTR) {
			status = cli_error(cli, CLI_REFUSED, "no more events: %m");
		}
	}
	return status;
}

static unsigned int asked_for(const struct args *a)
{
	const struct nlattr *attr;
	unsigned int asked = 0;

	mnl_attr_for_each(attr, a->nlh, 0)
		asked |= BIT(nl_uint(attr));
	return asked ? asked : BIT(WHAT_ALL);
}

/* Keys come to the socket that asked for them, events to a group. */
static bool monitor_begin(struct nl *nl, unsigned int asked)
{
	if (!nl_open(nl))
		return false;
	if (asked != BIT(WHAT_KEYS))
		return nl_subscribe(nl) && nl_watch(nl);
	return nl_talk(nl, nl_request(nl, ISAKMP_CMD_KEYS_WATCH, 0), NULL, NULL);
}

/* A heading, which also says that nothing is missed from here on. */
static void keys_heading(const struct out *o)
{
	if (!o->json)
		fputs("# SPIi,SPIr,SK_ei,SK_er,encryption,SK_ai,SK_ar,integrity\n", o->f);
}

static int monitor_run(struct cli *cli, const struct object *o,
		       const struct verb *v, struct args *a)
{
	unsigned int asked = asked_for(a);
	struct nl nl = { 0 };
	int status;

	(void)o;
	(void)v;
	if (asked & BIT(WHAT_KEYS) && asked != BIT(WHAT_KEYS))
		return cli_error(cli, CLI_USAGE,
				 "keys are watched alone: isakmp monitor keys");
	if (!monitor_begin(&nl, asked)) {
		cli->nl.fault = nl.fault;
		nl_close(&nl);
		return cli_fault(cli, NULL, 0);
	}
	catch_signals();
	if (asked == BIT(WHAT_KEYS))
		keys_heading(&cli->out);
	fflush(cli->out.f);
	status = monitor_loop(cli, &nl, asked);
	nl_close(&nl);
	return status;
}

static const struct key keys[] = {
	KEY("what", type_names, ARG_WHAT, KEY_SET | KEY_POS | KEY_LIST,
	    "which events (default: all but keys)", NAMES(whats)),
	{ 0 }
};

/* The one verb has no name: what follows the object are its words. */
static const struct verb verbs[] = {
	{ .name = "", .run = monitor_run, .takes = KEY_SET, .writes = true,
	  .help = "print events until interrupted" },
	{ 0 }
};

const struct object object_monitor = {
	.name = "monitor",
	.help = "events, as they happen",
	.verbs = verbs,
	.keys = keys,
};
