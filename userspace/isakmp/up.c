// SPDX-License-Identifier: GPL-2.0
/*
 * peer up, child up: subscribe first, then ask, so that no event is missed;
 * then follow the IKE SAs and children that the kernel named until each is up or
 * gone.  A child may go over to another IKE SA of its peer: to one of version 1 when nobody has
 * answered to version 2, or to what the other end has begun at once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <isakmp/limits.h>
#include "../common/reason.h"
#include "up.h"

#define UP_WAIT_S 60
#define UP_CHILD_MS 300	/* a child that is neither up nor wanted was refused */
#define UP_DETAIL_MS 30	/* what a refusal was about follows the end */

/* One child that we wait for. */
struct attempt {
	uint64_t id;		/* of its IKE SA */
	char child[ISAKMP_NAME_MAX + 1];
	char peer[ISAKMP_NAME_MAX + 1];
	bool missing;		/* the IKE SA is established, without it */
	bool orphan;		/* the IKE SA has ended; it may be another one's */
	bool over;
	bool up;
	uint16_t reason;	/* the last one heard, and what it is about */
	uint32_t arg;
};

struct wait {
	struct cli *cli;
	struct nl events;
	unsigned int n;
	unsigned int over;
	struct attempt tries[ISAKMP_CHILDREN_MAX];
};

static const char *child_name(const struct nlattr *child, char *buf)
{
	return nl_string(child ? nl_find(child, ISAKMP_CHILD_SA_NAME) : NULL, buf,
			 ISAKMP_NAME_MAX + 1);
}

/* The answer to PEER_UP and CHILD_UP: an id and a child for each that was started. */
static void note_started(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr, *id;
	struct wait *w = data;

	mnl_attr_for_each(attr, nlh, 4) {
		if (mnl_attr_get_type(attr) != ISAKMP_A_SA ||
		    w->n == ISAKMP_CHILDREN_MAX)
			continue;
		id = nl_find(attr, ISAKMP_SA_ID);
		if (!id)
			continue;
		w->tries[w->n].id = nl_uint(id);
		child_name(nl_find(attr, ISAKMP_SA_CHILD), w->tries[w->n++].child);
	}
}

static void attempt_over(struct wait *w, struct attempt *t, bool up)
{
	t->over = true;
	t->up = up;
	w->over++;
}

static bool string_is(const struct nlattr *attr, const char *want)
{
	char buf[32];

	return !strcmp(nl_string(attr, buf, sizeof(buf)), want);
}

static bool state_is(const struct nlattr *sa, const char *state)
{
	return string_is(nl_find(sa, ISAKMP_SA_STATE), state);
}

static bool child_is(const struct nlattr *child, const char *state)
{
	return child && string_is(nl_find(child, ISAKMP_CHILD_SA_STATE), state);
}

/* The child of an IKE SA, in its best state; one that is being deleted will not be up. */
static const struct nlattr *child_find(const struct nlattr *sa, const char *name)
{
	const struct nlattr *attr, *found = NULL;
	char buf[ISAKMP_NAME_MAX + 1];

	mnl_attr_for_each_nested(attr, sa) {
		if (mnl_attr_get_type(attr) != ISAKMP_SA_CHILD ||
		    strcmp(child_name(attr, buf), name) || child_is(attr, "deleting"))
			continue;
		found = attr;
		if (child_is(attr, "up"))
			break;
	}
	return found;
}

static bool ended(const struct nlattr *sa)
{
	return state_is(sa, "dead") || state_is(sa, "deleting");
}

/* It ended in a way that another one may have its children from. */
static bool may_go_over(const struct attempt *t)
{
	return t->peer[0] && (t->reason == ISAKMP_R_TIMEOUT || t->reason == ISAKMP_R_CROSSED);
}

/* What an IKE SA looks like now. */
static void note_sa(struct wait *w, struct attempt *t, const struct nlattr *sa)
{
	unsigned int reason = nl_uint(nl_find(sa, ISAKMP_SA_REASON));
	const struct nlattr *child = child_find(sa, t->child);

	if (reason)
		t->reason = reason;
	if (nl_find(sa, ISAKMP_SA_PEER))
		nl_string(nl_find(sa, ISAKMP_SA_PEER), t->peer, sizeof(t->peer));
	if (ended(sa) && may_go_over(t))
		t->orphan = true;
	else if (ended(sa))
		attempt_over(w, t, false);
	else if (state_is(sa, "established") && child_is(child, "up"))
		attempt_over(w, t, true);
	else
		t->missing = state_is(sa, "established") && !child;
}

static void note_attempt(struct wait *w, struct attempt *t, const struct nlattr *event,
			 const struct nlattr *sa)
{
	unsigned int reason = nl_uint(nl_find(event, ISAKMP_EVENT_REASON));

	if (reason)
		t->reason = reason;
	if (reason && nl_uint(nl_find(event, ISAKMP_EVENT_TYPE)) ==
		      ISAKMP_EVENT_REFUSED)
		t->arg = nl_uint(nl_find(event, ISAKMP_EVENT_ARG));
	/* The nest of a refusal may hold no more than the id. */
	if (!t->over && !t->orphan && nl_find(sa, ISAKMP_SA_STATE))
		note_sa(w, t, sa);
}

static void note_event(struct wait *w, const struct nlmsghdr *nlh)
{
	const struct nlattr *event = nl_top(nlh, ISAKMP_A_EVENT);
	const struct nlattr *sa = nl_top(nlh, ISAKMP_A_SA);
	uint64_t id;

	if (!event || !sa)
		return;
	id = nl_uint(nl_find(sa, ISAKMP_SA_ID));
	for (unsigned int i = 0; i < w->n; i++)
		if (w->tries[i].id == id)
			note_attempt(w, &w->tries[i], event, sa);
}

static void note_events(struct wait *w, ssize_t n)
{
	const struct nlmsghdr *nlh = (void *)w->events.rx;
	int left = n;

	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
		if (nlh->nlmsg_type == w->events.family)
			note_event(w, nlh);
}

/* Those of maybe very many IKE SAs that are of a peer; or, without one, that of an id. */
static bool sas_get(struct wait *w, uint64_t id, const char *peer, struct nl_records *r)
{
	struct args *a = calloc(1, sizeof(*a));
	bool ok;

	if (!a)
		abort();
	a->keys = object_sa.keys;
	a->n_marks = 1;
	a->marks[0].key = key_of_attr(a->keys, peer ? ISAKMP_SA_PEER : ISAKMP_SA_ID);
	a->nlh = mnl_nlmsg_put_header(a->buf);
	if (peer)
		mnl_attr_put_strz(a->nlh, ISAKMP_SA_PEER, peer);
	else
		mnl_attr_put_u64(a->nlh, ISAKMP_SA_ID, id);
	ok = object_dump(w->cli, &object_sa, a, r) == CLI_OK;
	free(a);
	return ok;
}

/* One IKE SA; NULL with @ok: there is none of this id. */
static const struct nlattr *sa_get(struct wait *w, uint64_t id, struct nl_records *r,
				   bool *ok)
{
	const struct nlmsghdr *nlh;
	int left;

	*ok = sas_get(w, id, NULL, r);
	nl_for_each(nlh, r, left)
		return nl_top(nlh, ISAKMP_A_SA);
	return NULL;
}

/* The IKE SA that an orphan is of now: one of its peer that is there, or is being set up. */
static void adopt(struct wait *w, struct attempt *t)
{
	struct nl_records r = { 0 };
	const struct nlmsghdr *nlh;
	const struct nlattr *sa;
	uint64_t id = 0;
	int left;

	t->orphan = false;
	if (!sas_get(w, 0, t->peer, &r))
		id = t->id;	/* it is asked again */
	nl_for_each(nlh, &r, left) {
		sa = nl_top(nlh, ISAKMP_A_SA);
		if (sa && !ended(sa))
			id = nl_uint(nl_find(sa, ISAKMP_SA_ID));
	}
	free(r.buf);
	if (id && id != t->id) {
		t->id = id;
		t->reason = 0;
	} else if (id) {
		t->orphan = true;
	} else {
		attempt_over(w, t, false);
	}
}

/* What is there now; @gone: what is not has ended. */
static void look(struct wait *w, bool gone)
{
	for (unsigned int i = 0; i < w->n; i++) {
		struct attempt *t = &w->tries[i];
		struct nl_records r = { 0 };
		bool waited = t->missing, ok;
		const struct nlattr *sa;

		if (t->orphan && gone)
			adopt(w, t);
		if (t->over || t->orphan)
			continue;
		sa = sa_get(w, t->id, &r, &ok);
		if (sa)
			note_sa(w, t, sa);
		if (ok && !t->over && (sa ? gone && waited && t->missing : gone))
			attempt_over(w, t, false);
		free(r.buf);
	}
}

static bool child_awaited(const struct wait *w)
{
	for (unsigned int i = 0; i < w->n; i++)
		if ((w->tries[i].missing || w->tries[i].orphan) && !w->tries[i].over)
			return true;
	return false;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static bool all_up(const struct wait *w)
{
	for (unsigned int i = 0; i < w->n; i++)
		if (!w->tries[i].up)
			return false;
	return true;
}

static void wait_all(struct wait *w, int64_t wait_ms)
{
	int64_t end = now_ms() + wait_ms, left;
	ssize_t n;

	look(w, false);		/* what was up before */
	while (w->over < w->n && (left = end - now_ms()) > 0) {
		bool child = child_awaited(w);

		n = nl_event(&w->events, child && left > UP_CHILD_MS ?
			     UP_CHILD_MS : left);
		if (n > 0)
			note_events(w, n);
		else if (n == 0 ? child : errno == ENOBUFS)
			look(w, true);
		else if (n < 0)
			return;
	}
	while (!all_up(w) && (n = nl_event(&w->events, UP_DETAIL_MS)) > 0)
		note_events(w, n);
}

static int attempt_tell(struct wait *w, const struct attempt *t)
{
	const char *text = reason_text(t->reason), *notify = NULL;
	const char *more = t->over ? "" : "; it goes on";

	if (t->up)
		return CLI_OK;
	if (t->reason == ISAKMP_R_PEER_ERROR)
		notify = notify_name(t->arg);
	if (!t->reason)
		return cli_error(w->cli, CLI_REFUSED, "child \"%s\" of IKE SA %llu %s%s",
				 t->child, (unsigned long long)t->id, t->over ?
				 "was taken down" : "is not up yet", more);
	if (!text)
		return cli_error(w->cli, CLI_REFUSED, "reason %u%s", t->reason,
				 more);
	return cli_error(w->cli, CLI_REFUSED, "%s (%s%s%s)%s", text,
			 reason_name(t->reason), notify ? " " : "",
			 notify ? notify : "", more);
}

/* One line of text for a child that came up. */
static void child_print(struct out *o, const struct attempt *t, const struct nlattr *sa)
{
	static const struct key keys[] = {
		KEY("id", type_id64, ISAKMP_SA_ID, 0, ""),
		KEY("peer", type_peer, ISAKMP_SA_PEER, 0, ""),
		KEY("state", type_string, ISAKMP_SA_STATE, 0, ""),
		{ 0 }
	};

	out_open(o, object_sa.name);
	keys_print(o, keys, 0, sa);
	out_text(o, "child", t->child);
	out_close(o);
}

/* Text has a line for each child, JSON each IKE SA once, with all of it. */
static void up_print(struct wait *w)
{
	for (unsigned int i = 0; i < w->n; i++) {
		struct nl_records r = { 0 };
		const struct nlattr *sa;
		bool seen = false, ok;

		for (unsigned int k = 0; k < i; k++)
			seen |= w->tries[k].up && w->tries[k].id == w->tries[i].id;
		if (!w->tries[i].up || (seen && w->cli->out.json))
			continue;
		sa = sa_get(w, w->tries[i].id, &r, &ok);
		if (sa && w->cli->out.json)
			object_print(&w->cli->out, &object_sa, sa, NULL);
		else if (sa)
			child_print(&w->cli->out, &w->tries[i], sa);
		free(r.buf);
	}
}

/* The keys of the command that are the kernel's. */
static struct nlmsghdr *build(struct cli *cli, const struct object *o,
			      const struct verb *v, const struct args *a,
			      uint32_t *body_at)
{
	struct nlmsghdr *nlh = nl_request(&cli->nl, v->cmd, 0);
	struct nlattr *nest = mnl_attr_nest_start(nlh, o->attr);
	const struct nlattr *attr;

	*body_at = nlh->nlmsg_len;
	mnl_attr_for_each(attr, a->nlh, 0)
		if (mnl_attr_get_type(attr) < ARG_LOCAL)
			mnl_attr_put(nlh, mnl_attr_get_type(attr),
				     mnl_attr_get_payload_len(attr),
				     mnl_attr_get_payload(attr));
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static int start(struct wait *w, const struct object *o, const struct verb *v,
		 const struct args *a)
{
	struct cli *cli = w->cli;
	struct nlmsghdr *nlh;
	uint32_t at;

	nlh = build(cli, o, v, a, &at);
	if (nl_talk(&cli->nl, nlh, note_started, w))
		return CLI_OK;
	return cli_fault(cli, a, at);
}

static int start_and_wait(struct wait *w, const struct object *o,
			  const struct verb *v, const struct args *a)
{
	const struct nlattr *wait = args_get(a, ARG_WAIT);
	int status;

	if (!nl_open(&w->events) || !nl_subscribe(&w->events)) {
		w->cli->nl.fault = w->events.fault;
		return cli_fault(w->cli, NULL, 0);
	}
	status = start(w, o, v, a);
	if (status != CLI_OK)
		return status;
	wait_all(w, (wait ? (int64_t)nl_uint(wait) : UP_WAIT_S) * 1000);
	up_print(w);
	for (unsigned int i = 0; i < w->n; i++)
		if (attempt_tell(w, &w->tries[i]) != CLI_OK)
			status = CLI_REFUSED;
	return status;
}

/**
 * up_run() - peer up, child up
 * @cli: the command
 * @o: the object
 * @v: its verb; cmd is the netlink command
 * @a: what was read
 *
 * Return: exit status; CLI_OK when all that was started is up.
 */
int up_run(struct cli *cli, const struct object *o, const struct verb *v,
	   struct args *a)
{
	struct wait w = { .cli = cli };
	int status;

	if (!nl_open(&cli->nl))
		return cli_fault(cli, NULL, 0);
	if (args_get(a, ARG_NOWAIT))
		status = start(&w, o, v, a);
	else
		status = start_and_wait(&w, o, v, a);
	nl_close(&w.events);
	return status;
}

/**
 * down_run() - peer down, child down
 * @cli: the command
 * @o: the object
 * @v: its verb; cmd is the netlink command
 * @a: what was read
 *
 * Return: exit status.
 */
int down_run(struct cli *cli, const struct object *o, const struct verb *v,
	     struct args *a)
{
	struct nlmsghdr *nlh;
	uint32_t at;

	if (!nl_open(&cli->nl))
		return cli_fault(cli, NULL, 0);
	nlh = build(cli, o, v, a, &at);
	if (!nl_talk(&cli->nl, nlh, NULL, NULL))
		return cli_fault(cli, a, at);
	return CLI_OK;
}
