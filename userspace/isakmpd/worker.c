// SPDX-License-Identifier: GPL-2.0
/*
 * Workers: each a thread with its own socket, its own room for secrets.
 *
 * The kernel ties a question to the socket that accepted it, and wants that one
 * registered: a worker registers when it is told that it is not, which is at its
 * first question and after the module was loaded anew.  READY may stand
 * for many questions: one worker is woken, pulls until the kernel says -EAGAIN,
 * and wakes a further one each time it got something, so that a burst engages
 * all and a single question one.
 *
 * A question whose credential is slow (creds.c) is put aside with its message, by
 * the worker that accepted it, until some slow credential was read: then all that
 * wait are decided again.  Those that the kernel does not wait for any more go.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "common/reason.h"
#include "creds.h"
#include "lease.h"
#include "log.h"
#include "sync.h"
#include "upcall.h"
#include "worker.h"

#define TROUBLE_NS 100000000L	/* pause after an error that is not ours */

/**
 * struct aside - a question that waits for a credential
 * @next: in the worker's list
 * @since: when it came
 * @until: when the kernel gives it up
 * @len: octets of @msg
 * @msg: the message, with keys in it
 */
struct aside {
	struct aside *next;
	u64 since;
	u64 until;
	u32 len;
	u8 msg[];
};

/**
 * struct worker - a thread
 * @thread: it
 * @link: its socket
 * @secret: its room for secrets
 * @aside: questions that it put aside
 * @seen: of @read_count, when it looked at them last
 */
struct worker {
	pthread_t thread;
	struct link link;
	struct secret *secret;
	struct aside *aside;
	unsigned int seen;
};

static struct worker *workers;
static unsigned int n_workers;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static bool pending;		/* these four: protected by lock */
static bool stopping;
static unsigned int idle;
static unsigned int read_count;	/* slow credentials that were read */

/* ---- one question ---------------------------------------------------------- */

static void decide(struct worker *w, const struct question *q, const struct creds_view *v,
		   struct answer *a, struct config **c)
{
	/* A key exchange needs no configuration. */
	if (q->kind == ISAKMP_UPCALL_KEX) {
		auth_decide(NULL, &v->src, q, w->secret, a);
		return;
	}
	*c = sync_snapshot(false);
	if (*c && auth_outdated(*c, q)) {
		config_put(*c);
		*c = sync_snapshot(true);
	}
	if (*c)
		auth_decide(*c, &v->src, q, w->secret, a);
	else
		*a = (struct answer) { .id = q->id, .kind = q->kind,
				       .reason = ISAKMP_R_HELPER_ERROR,
				       .why = "the configuration is not known" };
}

static void log_answer(const struct question *q, const struct answer *a)
{
	static const char *const kinds[] = {
		"?", "i-auth", "r-auth", "i-verify", "kex", "v1-begin", "v1-skeyid",
		"v1-encrypt", "v1-decrypt", "v1-xauth", "v1-config",
	};
	const char *kind = kinds[q->kind < ARRAY_SIZE(kinds) ? q->kind : 0];
	struct ident his;
	char text[IDENT_TEXT_MAX];

	if (!log_debugs())
		return;
	auth_his(q, a, &his);
	log_debug("sa %llu: %s: peer %s, remote %s: %s%s%s", (unsigned long long)q->sa,
		  kind, a->peer ? a->peer->name : "not known",
		  ident_print(&his, text, sizeof(text)),
		  a->reason ? reason_name(a->reason) : "accepted",
		  a->why ? ": " : "", a->why ? a->why : "");
}

/* An answer that fits no message is none: then the kernel gets a refusal. */
static struct nl_msg *verdict(u16 family, const struct answer *a)
{
	struct answer no = { .id = a->id, .reason = ISAKMP_R_HELPER_ERROR };
	struct nl_msg *msg = link_request(family, ISAKMP_CMD_UPCALL_DONE, NLM_F_ACK);

	if (!msg || !upcall_put(msg, a))
		return msg;
	nlmsg_free(msg);
	log_warning("our certificates are too long for a message");
	msg = link_request(family, ISAKMP_CMD_UPCALL_DONE, NLM_F_ACK);
	if (msg)
		upcall_put(msg, &no);
	return msg;
}

/* What became of an answer, for the log. */
static void told(const struct worker *w, const struct answer *a, int err)
{
	if (err == -ENOENT)
		log_debug("question %llu was withdrawn", (unsigned long long)a->id);
	else if (err == -ESTALE)
		log_debug("the peer changed meanwhile: question %llu waits again",
			  (unsigned long long)a->id);
	else if (err && log_often())
		log_warning("the kernel did not take an answer: %s%s%s",
			    strerrordesc_np(-err), w->link.extack[0] ? ": " : "",
			    w->link.extack);
}

static void tell(struct worker *w, u16 family, const struct answer *a)
{
	told(w, a, link_call(&w->link, verdict(family, a), NULL, NULL));
}

/* With inner addresses, until the kernel has some that nobody else has. */
static void tell_inner(struct worker *w, u16 family, struct lease_try *t, struct answer *a)
{
	struct nl_msg *msg;
	unsigned int slot;
	u32 six;
	int err;

	do {
		lease_next(t, a);
		msg = verdict(family, a);
		six = msg ? upcall_six_at(msg) : 0;
		err = link_call(&w->link, msg, NULL, NULL);
		slot = !a->inner[0].len || (six && w->link.bad_attr == six);
	} while (err == -EADDRINUSE && lease_taken(t, a, slot));
	told(w, a, err);
	if (!err)
		lease_given(t, a);
}

static bool wants_inner(struct lease_try *t, const struct config *c, const struct question *q,
			const struct answer *a)
{
	bool may = q->kind == ISAKMP_UPCALL_R_AUTH || q->kind == ISAKMP_UPCALL_V1_CONFIG;

	return may && !a->reason && a->peer &&
	       lease_begin(t, c, a->peer, q);
}

/* Decided. */
static void tell_decided(struct worker *w, u16 family, const struct config *c,
			 const struct question *q, struct answer *a)
{
	struct lease_try t;
	bool inner = wants_inner(&t, c, q, a);

	log_answer(q, a);
	link_wipe(&w->link);	/* SK_pi and SK_pr may be in it */
	if (inner)
		tell_inner(w, family, &t, a);
	else
		tell(w, family, a);
}

static void refuse_unreadable(struct worker *w, u16 family, u64 id, const char *why)
{
	struct answer a = { .id = id, .reason = ISAKMP_R_HELPER_ERROR };

	if (log_often())
		log_warning("the kernel sent a question %s", why);
	if (id)
		tell(w, family, &a);
}

struct taken {
	const struct nlmsghdr *nlh;	/* in the worker's buffer */
	struct question q;
	const char *why;
};

static int take(struct nlmsghdr *nlh, void *arg)
{
	struct taken *t = arg;

	t->nlh = nlh;
	t->why = upcall_parse(nlh, &t->q);
	return 0;
}

static int accept_one(struct worker *w, u16 family, struct taken *t)
{
	return link_call(&w->link, link_request(family, ISAKMP_CMD_UPCALL_ACCEPT, 0), take, t);
}

static int accept_registered(struct worker *w, u16 family, struct taken *t)
{
	int err = accept_one(w, family, t);

	if (err != -ENOTCONN)
		return err;
	err = link_call(&w->link, link_request(family, ISAKMP_CMD_HELPER_REGISTER, NLM_F_ACK),
			NULL, NULL);
	return err ? err : accept_one(w, family, t);
}

/* ---- questions that wait ---------------------------------------------------- */

static u64 deadline(const struct question *q, u64 since)
{
	u32 ms = q->deadline ? min_t(u32, q->deadline, ISAKMP_UPCALL_MS) : ISAKMP_UPCALL_MS;

	return since + ms * 1000000ULL;
}

/* Keeps the message; false: no memory. */
static bool put_aside(struct worker *w, const struct taken *t, u64 since)
{
	u32 len = t->nlh->nlmsg_len;
	struct aside *s = malloc(sizeof(*s) + len);

	if (!s)
		return false;
	*s = (struct aside) { w->aside, since, deadline(&t->q, since), len };
	memcpy(s->msg, t->nlh, len);
	w->aside = s;
	return true;
}

static void aside_free(struct aside *s)
{
	OPENSSL_cleanse(s->msg, s->len);
	free(s);
}

/* Decides once more; true: done with it. */
static bool decide_again(struct worker *w, struct aside *s)
{
	struct creds_view v = creds_view(s->since, true);
	struct config *c = NULL;
	struct question q;
	struct answer a;
	bool done;

	if (creds_now() >= s->until)
		return true;
	upcall_parse((struct nlmsghdr *)s->msg, &q);	/* as it did the first time */
	decide(w, &q, &v, &a, &c);
	done = !a.wait;
	if (done)
		tell_decided(w, sync_family(), c, &q, &a);
	auth_release(&a);
	config_put(c);
	return done;
}

static bool news_for(struct worker *w)
{
	bool some;

	pthread_mutex_lock(&lock);
	some = w->seen != read_count;
	w->seen = read_count;
	pthread_mutex_unlock(&lock);
	return some && w->aside;
}

static void serve_aside(struct worker *w)
{
	struct aside **at = &w->aside, *s;

	while ((s = *at)) {
		if (!decide_again(w, s)) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		aside_free(s);
	}
}

/* A slow credential was read. */
static void cred_ready(void)
{
	pthread_mutex_lock(&lock);
	read_count++;
	pthread_cond_broadcast(&more);
	pthread_mutex_unlock(&lock);
}

/* ---- questions that come ------------------------------------------------------ */

static void answer(struct worker *w, u16 family, const struct taken *t)
{
	u64 since = creds_now();
	struct creds_view v = creds_view(since, false);
	struct config *c = NULL;
	struct answer a;

	decide(w, &t->q, &v, &a, &c);
	if (!a.wait || !put_aside(w, t, since))
		tell_decided(w, family, c, &t->q, &a);
	auth_release(&a);
	config_put(c);
}

/* 0, or -errno: -EAGAIN when no question waits. */
static int serve_one(struct worker *w)
{
	u16 family = sync_family();
	struct taken t;
	int err;

	if (!family)
		return -EAGAIN;
	err = accept_registered(w, family, &t);
	if (err)
		return err;
	worker_wake();
	if (!t.why)
		answer(w, family, &t);
	link_wipe(&w->link);
	if (t.why)
		refuse_unreadable(w, family, t.q.id, t.why);
	return 0;
}

/* ---- threads --------------------------------------------------------------- */

static bool wait_for_work(const struct worker *w)
{
	bool go;

	pthread_mutex_lock(&lock);
	idle++;
	while (!pending && !stopping && w->seen == read_count)
		pthread_cond_wait(&more, &lock);
	idle--;
	pending = false;
	go = !stopping;
	pthread_mutex_unlock(&lock);
	return go;
}

static void *run(void *arg)
{
	static const struct timespec pause = { .tv_nsec = TROUBLE_NS };
	struct worker *w = arg;
	int err;

	while (wait_for_work(w)) {
		do {
			if (news_for(w))
				serve_aside(w);
			err = serve_one(w);
		} while (!err);
		if (err == -EAGAIN || !sync_family())
			continue;
		/* The kernel announces again only after -EAGAIN. */
		if (log_often())
			log_warning("the kernel gave no question: %s%s%s", strerrordesc_np(-err),
				    w->link.extack[0] ? ": " : "", w->link.extack);
		nanosleep(&pause, NULL);
		worker_wake();
	}
	return NULL;
}

static int open_worker(struct worker *w)
{
	int err = link_open(&w->link);

	if (err)
		return err;
	w->secret = secret_new();
	return w->secret ? 0 : -ENOMEM;
}

static void close_worker(struct worker *w)
{
	struct aside *s;

	while ((s = w->aside)) {
		w->aside = s->next;
		aside_free(s);
	}
	secret_free(w->secret);
	link_close(&w->link);
}

/**
 * worker_start() - start the threads
 * @n: how many, at most WORKERS_MAX
 * @secrets: the secrets directory; stays the caller's
 * @authorities: called when a ca cred holds something else, by any thread
 * @users: the same of a users cred
 *
 * Return: 0 or -errno, then worker_stop() cleans up.
 */
int worker_start(unsigned int n, const char *secrets, void (*authorities)(bool revoked),
		 void (*users)(void))
{
	struct worker *w;
	int err;

	creds_start(secrets, &(struct creds_news) { cred_ready, authorities, users });
	workers = calloc(n, sizeof(*workers));
	if (!workers)
		return -ENOMEM;
	while (n_workers < n) {
		w = &workers[n_workers];
		err = open_worker(w);
		if (!err)
			err = -pthread_create(&w->thread, NULL, run, w);
		if (err) {
			close_worker(w);
			return err;
		}
		n_workers++;
	}
	return 0;
}

/**
 * worker_wake() - a question may wait
 *
 * Context: any thread.
 */
void worker_wake(void)
{
	pthread_mutex_lock(&lock);
	pending = true;
	if (idle)
		pthread_cond_signal(&more);
	pthread_mutex_unlock(&lock);
}

/**
 * worker_call() - a request on the socket that hears READY
 * @l: that socket
 * @msg: with NLM_F_ACK; freed
 *
 * link_call() skips what is not its answer.  READY among that was heard: the
 * kernel does not say it again before somebody has looked.
 *
 * Context: the thread that @l belongs to.
 * Return: 0 or -errno.
 */
int worker_call(struct link *l, struct nl_msg *msg)
{
	int err = link_call(l, msg, NULL, NULL);

	worker_wake();
	return err;
}

/**
 * worker_stop() - finish the questions on hand, end the threads
 *
 * Their sockets close: what they had accepted and not answered waits again.
 *
 * Return: false: a thread still hangs in a file: nothing more may be tidied up.
 */
bool worker_stop(void)
{
	pthread_mutex_lock(&lock);
	stopping = true;
	pthread_cond_broadcast(&more);
	pthread_mutex_unlock(&lock);
	while (n_workers) {
		n_workers--;
		pthread_join(workers[n_workers].thread, NULL);
		close_worker(&workers[n_workers]);
	}
	free(workers);
	workers = NULL;
	return creds_stop();
}
