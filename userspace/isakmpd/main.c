// SPDX-License-Identifier: GPL-2.0
/*
 * isakmpd - the helper of isakmp.ko, one per network namespace.
 *
 * The main thread listens; workers decide (worker.c).  It has three sockets:
 *
 *	ctrl	nlctrl's group: the family came or went	-> attach(), detach()
 *	upcall	registered, READY			-> worker_wake(); requests by
 *		worker_call() alone
 *	events	(sync.c) objects changed		-> a dump, soon
 *
 * Nothing is polled and nothing is shared: state is in the kernel, secrets are
 * in files, and the process may be killed and started again at any time.
 */
#include <errno.h>
#include <getopt.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "creds.h"
#include "file.h"
#include "lease.h"
#include "lease_file.h"
#include "link.h"
#include "log.h"
#include "notify.h"
#include "publish.h"
#include "recheck.h"
#include "sandbox.h"
#include "sas.h"
#include "state.h"
#include "sync.h"
#include "ticket.h"
#include "trust.h"
#include "worker.h"

#define SECRETS_DIR	"/etc/isakmp/secrets"
#define STATE_DIR	"/var/lib/isakmp"
#define WORKERS		4
#define RETRY_MS	1000	/* after trouble of our own */
#define END_MS		500	/* for files that are being looked at */
#define RECHECK_MAX_MS	60000	/* a credential that is not there yet is asked for again by then */
#define TICKET_MS	3600000	/* between two looks at the keys of tickets */
#define QCD_SECRET_LEN	32	/* RFC 6290, 5.1 */
#define USERS_MS	5000	/* between two looks at the files of users */
#define SETTLE_MS	2000	/* who writes one may not be done with it */
#define SAVE_MS		500	/* leases that are given together are one write */
#define SYNC_MIN_MS	10	/* changes that come together are one dump */
#define SYNC_MAX_MS	2000
#define SYNC_SHARE	4	/* of the time, at most 1/5 is spent on dumps */

static struct {
	const char *secrets;
	const char *state;
	unsigned int workers;
	bool verbose;
} opt = { .secrets = SECRETS_DIR, .state = STATE_DIR, .workers = WORKERS };

static struct link ctrl;
static struct link ask;			/* for nlctrl and registration */
static struct link upcall;
static bool was_ready;
static int status;
static u64 sync_ms;			/* what the last dump took */
static unsigned int works;		/* that the loop's threads have */
static atomic_bool ending;		/* they are to hurry */

static uv_loop_t *loop;
static uv_poll_t ctrl_poll, upcall_poll, events_poll;
static uv_async_t kick, authorities, users, leases;
static uv_timer_t sync_timer, retry_timer, recheck_timer, end_timer, save_timer, ticket_timer;
static uv_timer_t users_timer;
static uv_signal_t signals[3];

/* ---- credentials: say what is wrong with them before they are needed -------- */

struct check {
	uv_work_t work;
	struct config *old;	/* creds that are here too were checked; or NULL */
	struct config *new;
};

static bool same_path(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_cred(const struct config *old, const struct config_cred *k)
{
	const struct config_cred *o = old ? config_find_cred(old, k->name) : NULL;

	return o && o->type == k->type && same_path(o->file, k->file) &&
	       same_path(o->key_file, k->key_file);
}

static void check_work(uv_work_t *work)
{
	struct check *check = container_of(work, struct check, work);
	const struct config_cred *k;
	size_t i;

	for (i = 0; !ending && (k = config_cred_at(check->new, i)); i++)
		if (!same_cred(check->old, k))
			creds_examine(opt.secrets, k);
}

static void check_done(uv_work_t *work, int uv_status)
{
	struct check *check = container_of(work, struct check, work);

	(void)uv_status;
	config_put(check->old);
	config_put(check->new);
	free(check);
	works--;
}

/* Takes both references. */
static void check_creds(struct config *old, struct config *new)
{
	struct check *check = new ? calloc(1, sizeof(*check)) : NULL;

	if (check) {
		check->old = old;
		check->new = new;
		if (!uv_queue_work(loop, &check->work, check_work, check_done)) {
			works++;
			return;
		}
		free(check);
	}
	config_put(old);
	config_put(new);
}

/* ---- SAs that were kept while nobody was here ------------------------------------ */

/**
 * struct recheck - the one pass over all SAs that may be under way
 * @work: for the loop
 * @busy: it is
 * @again: another one is wanted
 * @waiting: SAs that it could not judge yet
 * @err: or it failed
 * @ms: before the next attempt
 */
static struct recheck {
	uv_work_t work;
	bool busy;
	bool again;
	unsigned int waiting;
	int err;
	u64 ms;
} recheck = { .ms = RETRY_MS / 2 };

static void recheck_start(void);

static void on_recheck_timer(uv_timer_t *timer)
{
	(void)timer;
	recheck_start();
}

static void recheck_work(uv_work_t *work)
{
	(void)work;
	recheck.err = ending ? 0 : recheck_run(&recheck.waiting);
}

static void recheck_done(uv_work_t *work, int uv_status)
{
	(void)work, (void)uv_status;
	works--;
	recheck.busy = false;
	if (ending)
		return;
	if (recheck.again) {
		recheck_start();
	} else if (recheck.err || recheck.waiting) {
		recheck.ms = min_t(u64, 2 * recheck.ms, RECHECK_MAX_MS);
		uv_timer_start(&recheck_timer, on_recheck_timer, recheck.ms, 0);
	} else {
		recheck.ms = RETRY_MS / 2;
	}
}

static void recheck_start(void)
{
	recheck.again = recheck.busy;
	if (recheck.busy || uv_queue_work(loop, &recheck.work, recheck_work, recheck_done))
		return;
	recheck.busy = true;
	works++;
}

/* ---- users: no question comes for one who is connected, and removed ---------------- */

static struct {
	uv_work_t work;
	struct config *config;	/* NULL: nobody is looking */
} look;

static void look_work(uv_work_t *work)
{
	const struct config_cred *k;
	size_t i;

	(void)work;
	for (i = 0; !ending && (k = config_cred_at(look.config, i)); i++)
		if (k->type == ISAKMP_CRED_USERS)
			creds_refresh(k);
}

static void look_done(uv_work_t *work, int uv_status)
{
	(void)work, (void)uv_status;
	config_put(look.config);
	look.config = NULL;
	works--;
}

static void on_users_timer(uv_timer_t *timer)
{
	(void)timer;
	if (look.config)
		return;
	look.config = sync_current();
	if (!look.config)
		return;
	if (!uv_queue_work(loop, &look.work, look_work, look_done)) {
		works++;
		return;
	}
	config_put(look.config);
	look.config = NULL;
}

static void on_users(uv_async_t *async)
{
	(void)async;
	uv_timer_start(&recheck_timer, on_recheck_timer, SETTLE_MS, 0);
}

static void users_changed(void)
{
	uv_async_send(&users);
}

/* ---- what is published: our groups and authorities --------------------------------- */

/**
 * struct names - the authorities of a snapshot, being looked at
 * @work: for the loop
 * @config: the snapshot
 * @since: what was in the files then, or later, counts
 * @certreq: body of a CERTREQ payload
 */
struct names {
	uv_work_t work;
	struct config *config;
	u64 since;
	struct octets certreq;
};

static struct octets published;		/* body of a CERTREQ payload */

static void publish(void)
{
	struct nl_msg *msg = link_request(sync_family(), ISAKMP_CMD_HELPER_PUBLISH, NLM_F_ACK);
	unsigned char octets[QCD_SECRET_LEN];
	struct octets secret = { .p = octets };
	int err;

	/* Nothing changes it but us: what is not kept, or not as it should be, is made anew */
	if (state_secret("qcd-secret", octets, sizeof(octets)))
		secret.n = sizeof(octets);
	if (msg && publish_put(msg, &published, &secret)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	OPENSSL_cleanse(octets, sizeof(octets));
	err = worker_call(&upcall, msg);
	if (err && err != -EOPNOTSUPP)	/* an older module */
		log_warning("the kernel does not take what is published: %s%s%s",
			    strerrordesc_np(-err), upcall.extack[0] ? ": " : "", upcall.extack);
}

static void take_authorities(struct names *names, STACK_OF(X509) *cas)
{
	struct creds_view view = creds_view(names->since, false);
	const struct config_cred *k;
	struct loaded *l;
	size_t i;
	int n;

	for (i = 0; !ending && (k = config_ca_at(names->config, i)); i++) {
		/* a slow one tells when it was read */
		if (!k->file || view.src.load(&view.src, k, &l))
			continue;
		for (n = 0; n < sk_X509_num(l->chain); n++)
			if (X509_up_ref(sk_X509_value(l->chain, n)) &&
			    !sk_X509_push(cas, sk_X509_value(l->chain, n)))
				X509_free(sk_X509_value(l->chain, n));
		loaded_put(l);
	}
}

static void names_work(uv_work_t *work)
{
	struct names *names = container_of(work, struct names, work);
	STACK_OF(X509) *cas = sk_X509_new_null();

	if (cas)
		take_authorities(names, cas);
	trust_certreq(cas, &names->certreq);
	sk_X509_pop_free(cas, X509_free);
}

static void names_done(uv_work_t *work, int uv_status)
{
	struct names *names = container_of(work, struct names, work);

	(void)uv_status;
	works--;
	if (names->certreq.n != published.n ||
	    (published.n && memcmp(names->certreq.p, published.p, published.n))) {
		free((void *)published.p);
		published = names->certreq;
		names->certreq = (struct octets) { 0 };
		if (sync_family())
			publish();
	}
	free((void *)names->certreq.p);
	config_put(names->config);
	free(names);
}

/* Takes the reference. */
static void publish_authorities(struct config *c, u64 since)
{
	struct names *names = c ? calloc(1, sizeof(*names)) : NULL;

	if (names) {
		names->config = c;
		names->since = since;
		if (!uv_queue_work(loop, &names->work, names_work, names_done)) {
			works++;
			return;
		}
		free(names);
	}
	config_put(c);
}

static atomic_bool tickets_void;	/* what they stand on may have been revoked */

/* They were read just now: nothing is read again, or one file could go on for ever. */
static void on_authorities(uv_async_t *async)
{
	(void)async;
	publish_authorities(sync_current(), 0);
	recheck_start();
	/* Whoever has one is not looked at again */
	if (atomic_exchange(&tickets_void, false)) {
		ticket_void();
		if (sync_family())
			publish();
	}
}

static void authorities_changed(bool revoked)
{
	if (revoked)
		tickets_void = true;
	uv_async_send(&authorities);
}

/* ---- snapshot --------------------------------------------------------------- */

static void sync_now(void);

static void on_sync_timer(uv_timer_t *timer)
{
	(void)timer;
	sync_now();
}

static void sync_later(u64 ms)
{
	if (!uv_is_active((uv_handle_t *)&sync_timer))
		uv_timer_start(&sync_timer, on_sync_timer, ms, 0);
}

static void sync_now(void)
{
	u64 since = uv_hrtime();
	struct config *old, *new;
	int err;

	uv_timer_stop(&sync_timer);
	err = sync_serve(&old, &new);
	if (new) {
		sync_ms = (uv_hrtime() - since) / 1000000;
		log_debug("configuration read: %zu peers, %llu ms", config_peers(new),
			  (unsigned long long)sync_ms);
	}
	publish_authorities(config_get(new), creds_now());
	check_creds(old, new);
	if (!err)
		return;
	if (err != -EINTR && sync_family())
		log_warning("the configuration cannot be read: %s", strerrordesc_np(-err));
	sync_later(err == -EINTR ? SYNC_MIN_MS : RETRY_MS);
}

/* Changes come in swarms: a bigger configuration waits longer for the next. */
static void on_events(uv_poll_t *poll, int uv_status, int what)
{
	u64 ms = max_t(u64, SYNC_MIN_MS, SYNC_SHARE * sync_ms);

	(void)poll, (void)uv_status, (void)what;
	if (sync_drain())
		sync_later(min_t(u64, ms, SYNC_MAX_MS));
}

/* A worker waits for it. */
static void on_kick(uv_async_t *async)
{
	(void)async;
	sync_now();
}

static void kick_main(void)
{
	uv_async_send(&kick);
}

/* ---- tickets ------------------------------------------------------------------ */

static void on_ticket_timer(uv_timer_t *timer)
{
	(void)timer;
	if (ticket_turn() && sync_family())
		publish();
}

/* ---- leases ------------------------------------------------------------------- */

static void on_save_timer(uv_timer_t *timer)
{
	(void)timer;
	lease_file_save();
}

static void on_leases(uv_async_t *async)
{
	(void)async;
	if (!uv_is_active((uv_handle_t *)&save_timer))
		uv_timer_start(&save_timer, on_save_timer, SAVE_MS, 0);
}

static void leases_changed(void)
{
	uv_async_send(&leases);
}

/* Who has which inner address now: before any question is answered. */
static int leases_rebuild(const struct family *f)
{
	int err = link_call(&ask, link_request(f->id, ISAKMP_CMD_SA_GET, NLM_F_DUMP), sas_seen,
			    NULL);

	lease_file_save();
	return err == -EINTR ? 0 : err;
}

/* ---- the family comes and goes ------------------------------------------------ */

static int join_and_register(const struct family *f)
{
	int err = leases_rebuild(f);

	if (!err)
		err = sync_attach(f);
	if (!err)
		err = link_join(&upcall, f->upcall);
	if (!err)
		err = worker_call(&upcall, link_request(f->id, ISAKMP_CMD_HELPER_REGISTER,
							NLM_F_ACK));
	/* nlctrl's news was old: this socket is registered already */
	return err == -EALREADY || err == -EEXIST ? 0 : err;
}

static void attached(void)
{
	log_info("registered with the kernel");
	publish();
	sync_now();
	notify(was_ready ? "STATUS=registered" : "READY=1\nSTATUS=registered");
	was_ready = true;
	worker_wake();
	recheck_start();
}

static void await_module(void)
{
	log_info("the family \"%s\" is not there: waiting for the module", ISAKMP_GENL_NAME);
	notify(was_ready ? "STATUS=waiting for the module" :
			   "READY=1\nSTATUS=waiting for the module");
	was_ready = true;	/* to register when it comes: nobody waits for that */
}

static void retry_later(void);

static void attach(void)
{
	struct family f;
	int err = family_find(&ask, &f);

	if (err == -ENOENT) {
		await_module();
		return;
	}
	if (!err)
		err = join_and_register(&f);
	if (!err) {
		attached();
		return;
	}
	sync_detach();
	log_err("cannot register: %s%s%s", strerrordesc_np(-err),
		upcall.extack[0] ? ": " : "", upcall.extack);
	if (err == -EPERM) {
		log_err("CAP_NET_ADMIN over this network namespace is needed");
		status = EXIT_FAILURE;
		uv_stop(loop);
	} else {
		retry_later();
	}
}

static void on_retry(uv_timer_t *timer)
{
	(void)timer;
	if (!sync_family())
		attach();
}

static void retry_later(void)
{
	uv_timer_start(&retry_timer, on_retry, RETRY_MS, 0);
}

static void on_ctrl(uv_poll_t *poll, int uv_status, int what)
{
	struct nlmsghdr *nlh;
	bool changed = false, there = true;
	int err, left;

	(void)poll, (void)uv_status, (void)what;
	while ((err = link_receive(&ctrl, MSG_DONTWAIT, &nlh, &left)) != -EAGAIN) {
		changed |= err != 0;	/* -ENOBUFS: look for ourselves */
		there |= err != 0;
		for (; !err && nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left))
			changed |= family_changed(nlh, &there);
	}
	if (!changed)
		return;
	if (sync_family())
		log_info("the module went, or came anew");
	sync_detach();
	uv_timer_stop(&retry_timer);
	/* To ask for one that was taken out would load it again */
	if (there)
		attach();
	else
		await_module();
}

/* READY, or what was lost might have been READY. */
static void on_upcall(uv_poll_t *poll, int uv_status, int what)
{
	struct nlmsghdr *nlh;
	int left;

	(void)poll, (void)uv_status, (void)what;
	while (link_receive(&upcall, MSG_DONTWAIT, &nlh, &left) != -EAGAIN)
		;
	worker_wake();
}

/* ---- set up ------------------------------------------------------------------ */

static void on_signal(uv_signal_t *handle, int signum)
{
	const char *why;

	(void)handle;
	if (signum != SIGHUP) {
		uv_stop(loop);
		return;
	}
	why = file_check_dir(opt.secrets);
	if (why)
		log_warning("%s: %s", opt.secrets, why);
	sync_dirty();
	sync_now();
	check_creds(NULL, sync_current());
	recheck_start();
	/* What an IKE SA stands on is looked at again; what stands in a ticket cannot be */
	ticket_void();
	if (sync_family())
		publish();
}

static int watch(uv_poll_t *poll, int fd, uv_poll_cb cb)
{
	int err = uv_poll_init(loop, poll, fd);

	return err ? err : uv_poll_start(poll, UV_READABLE, cb);
}

static int open_loop(void)
{
	static const int signums[] = { SIGTERM, SIGINT, SIGHUP };
	int err = 0;
	size_t i;

	loop = uv_default_loop();
	if (!loop)
		return UV_ENOMEM;
	signal(SIGPIPE, SIG_IGN);
	for (i = 0; !err && i < ARRAY_SIZE(signums); i++) {
		err = uv_signal_init(loop, &signals[i]);
		if (!err)
			err = uv_signal_start(&signals[i], on_signal, signums[i]);
	}
	if (!err)
		err = uv_async_init(loop, &kick, on_kick);
	if (!err)
		err = uv_async_init(loop, &authorities, on_authorities);
	if (!err)
		err = uv_async_init(loop, &users, on_users);
	if (!err)
		err = uv_async_init(loop, &leases, on_leases);
	if (!err)
		err = uv_timer_init(loop, &save_timer);
	if (!err)
		err = uv_timer_init(loop, &ticket_timer);
	if (!err)
		err = uv_timer_start(&ticket_timer, on_ticket_timer, TICKET_MS, TICKET_MS);
	if (!err)
		err = uv_timer_init(loop, &sync_timer);
	if (!err)
		err = uv_timer_init(loop, &retry_timer);
	if (!err)
		err = uv_timer_init(loop, &recheck_timer);
	if (!err)
		err = uv_timer_init(loop, &users_timer);
	if (!err)
		err = uv_timer_start(&users_timer, on_users_timer, USERS_MS, USERS_MS);
	if (!err)
		err = uv_timer_init(loop, &end_timer);
	return err;
}

static int open_links(void)
{
	int err = link_open(&ctrl);

	if (!err)
		err = link_open(&ask);
	if (!err)
		err = link_open(&upcall);
	if (!err)
		err = sync_open(kick_main);
	if (!err)
		err = family_watch(&ctrl);
	if (!err)
		err = watch(&ctrl_poll, ctrl.fd, on_ctrl);
	if (!err)
		err = watch(&upcall_poll, upcall.fd, on_upcall);
	if (!err)
		err = watch(&events_poll, sync_fd(), on_events);
	return err;
}

static void close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void on_end_timer(uv_timer_t *timer)
{
	(void)timer;
}

/* What the loop's threads do may hang in a file, as loaders may: then nobody waits for it. */
static void close_loop(void)
{
	if (!loop)
		return;
	uv_timer_start(&end_timer, on_end_timer, END_MS, 0);
	while (works && uv_is_active((uv_handle_t *)&end_timer))
		uv_run(loop, UV_RUN_ONCE);
	if (works)
		_exit(status);
	uv_walk(loop, close_handle, NULL);
	uv_run(loop, UV_RUN_DEFAULT);
	uv_loop_close(loop);
}

/* ctrl is watched before attach() looks: nothing falls in between. */
static int serve(void)
{
	int err = open_loop();

	if (!err)
		err = open_links();
	lease_watch(leases_changed);
	if (!err)
		err = worker_start(opt.workers, opt.secrets, authorities_changed, users_changed);
	if (err) {
		log_err("cannot start: %s", strerrordesc_np(-err));
		status = EXIT_FAILURE;
	} else {
		attach();
		if (!status)
			uv_run(loop, UV_RUN_DEFAULT);
		notify("STOPPING=1");
	}
	sync_end();
	ending = true;
	ticket_close();
	if (!worker_stop()) {
		lease_file_close();
		_exit(status);
	}
	lease_file_close();
	close_loop();
	sync_close();
	link_close(&upcall);
	link_close(&ask);
	link_close(&ctrl);
	free((void *)published.p);
	return status;
}

static void usage(FILE *to)
{
	fprintf(to,
		"Usage: isakmpd [ OPTIONS ]\n"
		"OPTIONS := { -c DIR | -s DIR | -w N | -f | -v | -V | -h }\n"
		"  -c DIR  directory of secrets (default %s)\n"
		"  -s DIR  directory of what is kept over a restart (default %s)\n"
		"  -w N    threads that answer the kernel, 1 to %d (default %d)\n"
		"  -f      stay in the foreground: always so, it never becomes a daemon\n"
		"  -v      log what is decided, and why\n"
		"  -V      print the version\n"
		"  -h      print this\n",
		SECRETS_DIR, STATE_DIR, WORKERS_MAX, WORKERS);
}

static bool parse_workers(const char *s)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	if (*s < '0' || *s > '9' || *end || !n || n > WORKERS_MAX)
		return false;
	opt.workers = (unsigned int)n;
	return true;
}

/* Exit status, or -1: go on. */
static int parse_options(int argc, char **argv)
{
	int o;

	while ((o = getopt(argc, argv, "c:fs:w:vVh")) != -1) {
		switch (o) {
		case 'c':
			opt.secrets = optarg;
			break;
		case 'f':
			break;
		case 's':
			opt.state = optarg;
			break;
		case 'w':
			if (parse_workers(optarg))
				break;
			fprintf(stderr, "isakmpd: -w takes a number from 1 to %d\n", WORKERS_MAX);
			return EXIT_FAILURE;
		case 'v':
			opt.verbose = true;
			break;
		case 'V':
			printf("isakmpd %s\n", ISAKMP_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		default:
			usage(stderr);
			return EXIT_FAILURE;
		}
	}
	if (optind == argc && opt.secrets[0] == '/' && opt.state[0] == '/')
		return -1;
	fprintf(stderr, optind < argc ? "isakmpd: there are no arguments, only options\n" :
					"isakmpd: -c and -s take absolute paths\n");
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	int done = parse_options(argc, argv);
	const char *why;

	if (done >= 0)
		return done;
	log_open(opt.verbose);
	sandbox_enter();
	why = file_check_dir(opt.secrets);
	if (why)
		log_warning("%s: %s", opt.secrets, why);
	lease_file_open(opt.state);
	ticket_open(state_dir());
	return serve();
}
