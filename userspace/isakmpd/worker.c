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
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "common/reason.h"
#include "log.h"
#include "sync.h"
#include "upcall.h"
#include "worker.h"

#define TROUBLE_NS 100000000L	/* pause after an error that is not ours */

struct worker {
	pthread_t thread;
	struct link link;
	struct secret *secret;
};

/* A secret source: files beneath a directory. */
struct secret_files {
	struct secret_source src;
	const char *dir;
};

static struct secret_files files;
static struct worker *workers;
static unsigned int n_workers;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static bool pending;		/* these three: protected by lock */
static bool stopping;
static unsigned int idle;

/* ---- one question ---------------------------------------------------------- */

static bool read_file(const struct secret_source *src, const struct config_cred *cred,
		      struct secret *s)
{
	const struct secret_files *f = container_of(src, struct secret_files, src);
	const char *why = secret_read(f->dir, cred->file, s);

	if (why && log_often())
		log_warning("cred %s: %s: %s", cred->name, cred->file, why);
	return !why;
}

static void decide(struct worker *w, const struct question *q, struct answer *a,
		   struct config **c)
{
	/* A key exchange needs no configuration. */
	if (q->kind == ISAKMP_UPCALL_KEX) {
		auth_decide(NULL, &files.src, q, w->secret, a);
		return;
	}
	*c = sync_snapshot(false);
	if (*c && auth_outdated(*c, q)) {
		config_put(*c);
		*c = sync_snapshot(true);
	}
	if (*c)
		auth_decide(*c, &files.src, q, w->secret, a);
	else
		*a = (struct answer) { .id = q->id, .kind = q->kind,
				       .reason = ISAKMP_R_HELPER_ERROR,
				       .why = "the configuration is not known" };
}

static void log_answer(const struct question *q, const struct answer *a)
{
	static const char *const kinds[] = { "?", "i-auth", "r-auth", "i-verify", "kex" };
	const char *kind = kinds[q->kind < ARRAY_SIZE(kinds) ? q->kind : 0];
	struct ident his = { 0 };
	char text[IDENT_TEXT_MAX];

	if (q->kind == ISAKMP_UPCALL_R_AUTH)
		ident_from_body(q->id_i.p, q->id_i.n, &his);
	else if (q->kind == ISAKMP_UPCALL_I_AUTH)
		ident_from_body(a->remote_id, a->remote_id_len, &his);
	else
		ident_from_body(q->id_r.p, q->id_r.n, &his);
	log_debug("sa %llu: %s: peer %s, remote %s: %s%s%s", (unsigned long long)q->sa,
		  kind, a->peer ? a->peer->name : "not known",
		  ident_print(&his, text, sizeof(text)),
		  a->reason ? reason_name(a->reason) : "accepted",
		  a->why ? ": " : "", a->why ? a->why : "");
}

static void tell(struct worker *w, u16 family, const struct answer *a)
{
	struct nl_msg *msg = link_request(family, ISAKMP_CMD_UPCALL_DONE, NLM_F_ACK);
	int err;

	if (msg && upcall_put(msg, a)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	err = link_call(&w->link, msg, NULL, NULL);
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

static void refuse_unreadable(struct worker *w, u16 family, u64 id, const char *why)
{
	struct answer a = { .id = id, .reason = ISAKMP_R_HELPER_ERROR };

	if (log_often())
		log_warning("the kernel sent a question %s", why);
	if (id)
		tell(w, family, &a);
}

struct taken {
	struct question q;
	const char *why;
};

static int take(struct nlmsghdr *nlh, void *arg)
{
	struct taken *t = arg;

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

/* 0, or -errno: -EAGAIN when no question waits. */
static int serve_one(struct worker *w)
{
	struct config *c = NULL;
	u16 family = sync_family();
	struct taken t;
	struct answer a;
	int err;

	if (!family)
		return -EAGAIN;
	err = accept_registered(w, family, &t);
	if (err)
		return err;
	worker_wake();
	if (!t.why) {
		decide(w, &t.q, &a, &c);
		log_answer(&t.q, &a);
	}
	link_wipe(&w->link);	/* SK_pi and SK_pr were in it */
	if (t.why)
		refuse_unreadable(w, family, t.q.id, t.why);
	else
		tell(w, family, &a);
	OPENSSL_cleanse(&a, sizeof(a));	/* g^ir may be in it */
	config_put(c);
	return 0;
}

/* ---- threads --------------------------------------------------------------- */

static bool wait_for_work(void)
{
	bool go;

	pthread_mutex_lock(&lock);
	idle++;
	while (!pending && !stopping)
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

	while (wait_for_work()) {
		do
			err = serve_one(w);
		while (!err);
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
	w->secret = mmap(NULL, sizeof(*w->secret), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (w->secret == MAP_FAILED) {
		w->secret = NULL;
		return -ENOMEM;
	}
	mlock(w->secret, sizeof(*w->secret));	/* best effort: RLIMIT_MEMLOCK */
	return 0;
}

static void close_worker(struct worker *w)
{
	if (w->secret)
		munmap(w->secret, sizeof(*w->secret));
	link_close(&w->link);
}

/**
 * worker_start() - start the threads
 * @n: how many, at most WORKERS_MAX
 * @secrets: the secrets directory; stays the caller's
 *
 * Return: 0 or -errno, then worker_stop() cleans up.
 */
int worker_start(unsigned int n, const char *secrets)
{
	struct worker *w;
	int err;

	files = (struct secret_files) { .src.read = read_file, .dir = secrets };
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
 * worker_stop() - finish the questions on hand, end the threads
 *
 * Their sockets close: what they had accepted and not answered waits again.
 */
void worker_stop(void)
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
}
