// SPDX-License-Identifier: GPL-2.0
/*
 * The helper's threads against a kernel made of a few variables: this file is
 * link.c.  Snapshots stay true, questions are answered once, nothing waits for
 * ever, keys do not stay in receive buffers.
 */
#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <isakmp/ikev2.h>
#include <isakmp/limits.h>
#include <linux/isakmp.h>
#include "isakmpd/link.h"
#include "isakmpd/log.h"
#include "isakmpd/sync.h"
#include "isakmpd/worker.h"
#include "tap.h"

#define QUESTIONS 512
#define PATIENCE_S 20	/* far longer than anything takes */

/* ---- a kernel -------------------------------------------------------------- */

static struct {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	int events_fd;		/* of the socket with the filter */
	unsigned int events;	/* that wait on it */
	bool lost;		/* some did not fit */
	bool peer;		/* there is one ... */
	bool auth;		/* ... with its auth objects */
	u32 gen;
	unsigned int torn;	/* so many dumps will be interrupted */
	unsigned int dumps;	/* of peers so far */
	bool gone;		/* the module is not there */
	bool trouble;		/* the next ACCEPT fails */
	bool stale;		/* the next DONE comes too late */
	unsigned int first, last; /* questions that wait */
	unsigned int done;
	unsigned int twice;
	unsigned int dirty;	/* buffers with keys in them at DONE */
	int reason[QUESTIONS];	/* -1: not answered */
	const char *about[QUESTIONS]; /* a peer */
	u32 ask_gen;
	int fds;
	bool registered[256];	/* by descriptor */
} kernel = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.answered = PTHREAD_COND_INITIALIZER,
	.fds = 100,
};

static const u8 key[32] = "this is SK_pi, it must not stay";

int link_open(struct link *l)
{
	*l = (struct link) { .buf = calloc(1, LINK_BUF), .fd = kernel.fds++ };
	return l->buf ? 0 : -ENOMEM;
}

void link_close(struct link *l)
{
	free(l->buf);
	*l = (struct link) { .fd = -1 };
}

void link_wipe(struct link *l)
{
	memset(l->buf, 0, LINK_BUF);
}

struct nl_msg *link_request(u16 family, u8 cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg)
		genlmsg_put(msg, 0, 0, family, 0, flags, cmd, ISAKMP_GENL_VERSION);
	return msg;
}

int link_join(struct link *l, u32 group)
{
	return 0;
}

int link_only_config_events(struct link *l)
{
	kernel.events_fd = l->fd;
	return 0;
}

bool link_readable(const struct link *l)
{
	bool some;

	pthread_mutex_lock(&kernel.lock);
	some = l->fd == kernel.events_fd && (kernel.events || kernel.lost);
	pthread_mutex_unlock(&kernel.lock);
	return some;
}

int link_receive(struct link *l, int flags, struct nlmsghdr **nlh, int *left)
{
	int err = -EAGAIN;

	pthread_mutex_lock(&kernel.lock);
	if (kernel.lost)
		err = -ENOBUFS;
	else if (kernel.events)
		err = 0, kernel.events--;
	kernel.lost = false;
	pthread_mutex_unlock(&kernel.lock);
	return err;
}

static int give(struct link *l, struct nl_msg *msg, struct nlattr *nest, link_fn fn, void *arg)
{
	nla_nest_end(msg, nest);
	memcpy(l->buf, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
	nlmsg_free(msg);
	return fn((struct nlmsghdr *)l->buf, arg);
}

static struct nl_msg *begin(int top, struct nlattr **nest)
{
	struct nl_msg *msg = link_request(31, 1, 0);

	*nest = nla_nest_start(msg, top);
	return msg;
}

static int give_auth(struct link *l, const char *peer, u8 side, const char *id, link_fn fn,
		     void *arg)
{
	struct nlattr *nest;
	struct nl_msg *msg = begin(ISAKMP_A_AUTH, &nest);

	nla_put_string(msg, ISAKMP_AUTH_PEER, peer);
	nla_put_u8(msg, ISAKMP_AUTH_SIDE, side);
	nla_put_u8(msg, ISAKMP_AUTH_METHOD, ISAKMP_METHOD_PSK);
	nla_put(msg, ISAKMP_AUTH_ID, 2, id);
	nla_put_string(msg, ISAKMP_AUTH_CRED, peer);
	return give(l, msg, nest, fn, arg);
}

static int give_peer(struct link *l, const char *name, link_fn fn, void *arg)
{
	struct nlattr *nest;
	struct nl_msg *msg = begin(ISAKMP_A_PEER, &nest);

	nla_put_string(msg, ISAKMP_PEER_NAME, name);
	nla_put_u32(msg, ISAKMP_PEER_GEN, kernel.gen);
	return give(l, msg, nest, fn, arg);
}

static int dump_peers(struct link *l, link_fn fn, void *arg)
{
	kernel.dumps++;
	if (!kernel.peer)
		return 0;
	return give_peer(l, "gw", fn, arg) ?: give_peer(l, "slow", fn, arg);
}

static int dump_auths(struct link *l, link_fn fn, void *arg)
{
	if (!kernel.peer || !kernel.auth)
		return 0;
	return give_auth(l, "gw", ISAKMP_SIDE_LOCAL, "\2a", fn, arg) ?:
	       give_auth(l, "gw", ISAKMP_SIDE_REMOTE, "\2b", fn, arg) ?:
	       give_auth(l, "slow", ISAKMP_SIDE_LOCAL, "\2a", fn, arg) ?:
	       give_auth(l, "slow", ISAKMP_SIDE_REMOTE, "\2c", fn, arg);
}

/* The cred of a peer, and its file, have the peer's name. */
static int give_cred(struct link *l, const char *name, link_fn fn, void *arg)
{
	struct nlattr *nest;
	struct nl_msg *msg = begin(ISAKMP_A_CRED, &nest);

	nla_put_string(msg, ISAKMP_CRED_NAME, name);
	nla_put_u8(msg, ISAKMP_CRED_TYPE, ISAKMP_CRED_PSK);
	nla_put_string(msg, ISAKMP_CRED_FILE, name);
	return give(l, msg, nest, fn, arg);
}

static int dump_creds(struct link *l, link_fn fn, void *arg)
{
	return give_cred(l, "gw", fn, arg) ?: give_cred(l, "slow", fn, arg);
}

static int accept_one(struct link *l, link_fn fn, void *arg)
{
	static const u8 octets[64];
	struct nlattr *nest;
	struct nl_msg *msg;

	if (kernel.trouble) {
		kernel.trouble = false;
		return -ENOMEM;
	}
	if (!kernel.registered[l->fd])
		return -ENOTCONN;
	if (kernel.first == kernel.last)
		return -EAGAIN;
	msg = begin(ISAKMP_A_UPCALL, &nest);
	nla_put_u64(msg, ISAKMP_UPCALL_ID, 1 + kernel.first);
	nla_put_u8(msg, ISAKMP_UPCALL_KIND, ISAKMP_UPCALL_I_AUTH);
	nla_put_string(msg, ISAKMP_UPCALL_PEER, kernel.about[kernel.first++]);
	nla_put_u32(msg, ISAKMP_UPCALL_GEN, kernel.ask_gen);
	nla_put_u16(msg, ISAKMP_UPCALL_PRF, IKE_PRF_HMAC_SHA2_256);
	nla_put(msg, ISAKMP_UPCALL_MSG_I, 64, octets);
	nla_put(msg, ISAKMP_UPCALL_NR, 32, octets);
	nla_put(msg, ISAKMP_UPCALL_SK_PI, sizeof(key), key);
	return give(l, msg, nest, fn, arg);
}

static int done(struct link *l, struct nl_msg *msg)
{
	struct nlattr *top[ISAKMP_A_MAX + 1], *tb[ISAKMP_VERDICT_MAX + 1];
	u64 id;

	genlmsg_parse(nlmsg_hdr(msg), 0, top, ISAKMP_A_MAX, NULL);
	nla_parse_nested(tb, ISAKMP_VERDICT_MAX, top[ISAKMP_A_VERDICT], NULL);
	id = nla_get_u64(tb[ISAKMP_VERDICT_ID]) - 1;
	kernel.dirty += memmem(l->buf, LINK_BUF, key, sizeof(key)) != NULL;
	if (kernel.stale) {
		kernel.stale = false;
		kernel.gen++;
		kernel.events++;
		kernel.first--;		/* only with one question under way */
		return -ESTALE;
	}
	kernel.twice += kernel.reason[id] != -1;
	kernel.reason[id] = nla_get_u16(tb[ISAKMP_VERDICT_REASON]);
	kernel.done++;
	pthread_cond_broadcast(&kernel.answered);
	return 0;
}

static int handle(struct link *l, struct nl_msg *msg, link_fn fn, void *arg)
{
	switch (((struct genlmsghdr *)nlmsg_data(nlmsg_hdr(msg)))->cmd) {
	case ISAKMP_CMD_PEER_GET:
		return dump_peers(l, fn, arg);
	case ISAKMP_CMD_AUTH_GET:
		if (kernel.torn)
			return kernel.torn--, -EINTR;
		return dump_auths(l, fn, arg);
	case ISAKMP_CMD_CRED_GET:
		return dump_creds(l, fn, arg);
	case ISAKMP_CMD_POOL_GET:
		return 0;
	case ISAKMP_CMD_HELPER_REGISTER:
		kernel.registered[l->fd] = true;
		return 0;
	case ISAKMP_CMD_UPCALL_ACCEPT:
		return accept_one(l, fn, arg);
	case ISAKMP_CMD_UPCALL_DONE:
		return done(l, msg);
	}
	return -EOPNOTSUPP;
}

int link_call(struct link *l, struct nl_msg *msg, link_fn fn, void *arg)
{
	int err;

	l->extack[0] = '\0';
	pthread_mutex_lock(&kernel.lock);
	err = kernel.gone ? -ENOENT : handle(l, msg, fn, arg);
	pthread_mutex_unlock(&kernel.lock);
	nlmsg_free(msg);
	return err;
}

/* ---- the main thread -------------------------------------------------------- */

static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool kicked;
	bool stop;
	unsigned int errors;
} loop = { .lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER };

static void kick(void)
{
	pthread_mutex_lock(&loop.lock);
	loop.kicked = true;
	pthread_cond_signal(&loop.cond);
	pthread_mutex_unlock(&loop.lock);
}

/* As main.c: an error means again, a little later. */
static void *main_thread(void *arg)
{
	struct config *old, *new;

	pthread_mutex_lock(&loop.lock);
	while (!loop.stop) {
		if (!loop.kicked) {
			pthread_cond_wait(&loop.cond, &loop.lock);
			continue;
		}
		loop.kicked = false;
		pthread_mutex_unlock(&loop.lock);
		if (sync_serve(&old, &new)) {
			loop.errors++;
			kick();
		}
		config_put(old);
		config_put(new);
		pthread_mutex_lock(&loop.lock);
	}
	pthread_mutex_unlock(&loop.lock);
	return NULL;
}

/* ---- tests ------------------------------------------------------------------- */

static const struct family family = { .id = 31, .events = 1, .upcall = 2 };

static void ask_about(const char *peer, unsigned int n)
{
	pthread_mutex_lock(&kernel.lock);
	while (n--) {
		kernel.about[kernel.last] = peer;
		kernel.reason[kernel.last++] = -1;
	}
	pthread_mutex_unlock(&kernel.lock);
	worker_wake();
}

static void ask(unsigned int n)
{
	ask_about("gw", n);
}

/* Until so many were answered. */
static bool wait_for(unsigned int n)
{
	struct timespec until;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE_S;
	pthread_mutex_lock(&kernel.lock);
	while (kernel.done < n && !err)
		err = pthread_cond_clockwait(&kernel.answered, &kernel.lock, CLOCK_MONOTONIC,
					     &until);
	pthread_mutex_unlock(&kernel.lock);
	return CHECK(!err);
}

static bool wait_answers(void)
{
	return wait_for(kernel.last);
}

static int one_answer(void)
{
	ask(1);
	wait_answers();
	return kernel.reason[kernel.last - 1];
}

/* The kernel's state changes; its event is queued before this returns. */
static void change(bool peer, bool auth)
{
	pthread_mutex_lock(&kernel.lock);
	kernel.peer = peer;
	kernel.auth = auth;
	kernel.gen++;
	kernel.ask_gen = 0;
	kernel.events++;
	pthread_mutex_unlock(&kernel.lock);
}

static void fresh(void)
{
	pthread_mutex_lock(&kernel.lock);
	kernel.first = kernel.last = kernel.done = 0;
	pthread_mutex_unlock(&kernel.lock);
}

static void test_burst(void)
{
	unsigned int i, dumps;

	fresh();
	change(true, true);
	CHECK_EQ(one_answer(), ISAKMP_OK);
	dumps = kernel.dumps;
	ask(500);
	wait_answers();
	for (i = 0; i < 500; i++)
		CHECK_EQ(kernel.reason[i], ISAKMP_OK);
	CHECK_EQ(kernel.twice, 0);
	CHECK_EQ(kernel.dirty, 0);
	CHECK_EQ(kernel.dumps, dumps);	/* nothing changed: nothing was read again */
}

static void test_fresh(void)
{
	unsigned int i;

	fresh();
	for (i = 0; i < 100; i++) {
		tap_note("round %u", i);
		change(i % 3, i % 3 == 1);
		if (i % 3 == 1)
			CHECK_REASON(one_answer(), ISAKMP_OK);
		else
			CHECK_REASON(one_answer(), ISAKMP_R_NO_IDENTITY);
	}
}

static void test_unheard(void)
{
	unsigned int dumps;

	fresh();
	change(false, false);
	CHECK_EQ(one_answer(), ISAKMP_R_NO_IDENTITY);
	/* no event: the question itself says that the snapshot is old */
	kernel.peer = kernel.auth = true;
	CHECK_EQ(one_answer(), ISAKMP_OK);
	dumps = kernel.dumps;
	kernel.ask_gen = ++kernel.gen;
	CHECK_EQ(one_answer(), ISAKMP_OK);
	CHECK_EQ(kernel.dumps, dumps + 1);
	/* an SA that began on an older peer asks for no dump */
	kernel.ask_gen = kernel.gen - 1;
	CHECK_EQ(one_answer(), ISAKMP_OK);
	CHECK_EQ(kernel.dumps, dumps + 1);
	/* events were lost */
	kernel.auth = false;
	kernel.lost = true;
	CHECK_EQ(one_answer(), ISAKMP_R_NO_IDENTITY);
}

static void test_torn(void)
{
	unsigned int errors = loop.errors;

	fresh();
	change(true, true);
	kernel.torn = 3;
	CHECK_EQ(one_answer(), ISAKMP_OK);
	CHECK_EQ(kernel.torn, 0);
	CHECK_EQ(loop.errors, errors);
	change(true, false);
	kernel.torn = 20;	/* more than one try has patience for */
	CHECK_EQ(one_answer(), ISAKMP_R_NO_IDENTITY);
	CHECK_EQ(kernel.torn, 0);
	CHECK(loop.errors > errors);
}

static void test_trouble(void)
{
	fresh();
	change(true, true);
	kernel.trouble = true;
	CHECK_EQ(one_answer(), ISAKMP_OK);
	CHECK(!kernel.trouble);
	kernel.stale = true;
	CHECK_EQ(one_answer(), ISAKMP_OK);
	CHECK(!kernel.stale);
}

static void set_gone(bool gone)
{
	pthread_mutex_lock(&kernel.lock);
	kernel.gone = gone;
	memset(kernel.registered, 0, sizeof(kernel.registered));
	pthread_mutex_unlock(&kernel.lock);
}

static void test_gone(void)
{
	struct config *c;

	fresh();
	set_gone(true);
	sync_detach();
	CHECK_EQ(sync_family(), 0);
	CHECK(!sync_snapshot(true));	/* does not wait for what cannot come */
	ask(1);
	set_gone(false);
	CHECK(!sync_attach(&family));	/* the module is back: the question too */
	worker_wake();
	wait_answers();
	CHECK_EQ(kernel.reason[0], ISAKMP_OK);
	c = sync_current();
	CHECK(c && config_peers(c) == 2);
	config_put(c);
}

/* ---- a credential in a FIFO that nobody writes into, for now -------------------- */

static char secrets[] = "/tmp/isakmpd-live-XXXXXX";

static const char *path(const char *name)
{
	static char p[64];

	snprintf(p, sizeof(p), "%s/%s", secrets, name);
	return p;
}

/* Waits for a reader. */
static void write_slow(void)
{
	FILE *f = fopen(path("slow"), "w");

	CHECK(f && fputs("the secret that took so long", f) >= 0 && !fclose(f));
}

static unsigned int answered(int reason)
{
	unsigned int i, n = 0;

	pthread_mutex_lock(&kernel.lock);
	for (i = 0; i < kernel.last; i++)
		n += kernel.reason[i] == reason;
	pthread_mutex_unlock(&kernel.lock);
	return n;
}

static void test_slow(void)
{
	fresh();
	change(true, true);
	ask_about("slow", 20);	/* five for each worker */
	ask(100);
	wait_for(100);
	CHECK_EQ(answered(ISAKMP_OK), 100);
	CHECK_EQ(answered(-1), 20);
	write_slow();
	wait_answers();
	CHECK_EQ(answered(ISAKMP_OK), 120);
	CHECK_EQ(kernel.twice, 0);
}

static void test_too_many_slow(void)
{
	fresh();
	ask_about("slow", ISAKMP_CRED_WAITING_MAX + 30);
	ask(50);
	wait_for(30 + 50);
	CHECK_EQ(answered(-1), ISAKMP_CRED_WAITING_MAX);
	CHECK_REASON(answered(ISAKMP_R_CRED_BUSY) == 30 ? ISAKMP_R_CRED_BUSY : ISAKMP_OK,
		     ISAKMP_R_CRED_BUSY);
	CHECK_EQ(answered(ISAKMP_OK), 50);
	write_slow();
	wait_answers();
	CHECK_EQ(answered(ISAKMP_OK), 50 + ISAKMP_CRED_WAITING_MAX);
	/* there is room again */
	ask_about("slow", 1);
	write_slow();
	wait_answers();
	CHECK_EQ(answered(ISAKMP_OK), 51 + ISAKMP_CRED_WAITING_MAX);
	CHECK_EQ(kernel.twice, 0);
}

static void stop_main(void)
{
	pthread_mutex_lock(&loop.lock);
	loop.stop = true;
	pthread_cond_signal(&loop.cond);
	pthread_mutex_unlock(&loop.lock);
	pthread_join(loop.thread, NULL);
}

/* At the end nobody waits for a main thread that serves no more. */
static void test_end(void)
{
	struct timespec a, b;

	fresh();
	stop_main();
	change(true, true);
	clock_gettime(CLOCK_MONOTONIC, &a);
	ask(1);
	sync_end();
	CHECK(worker_stop());
	clock_gettime(CLOCK_MONOTONIC, &b);
	CHECK(b.tv_sec - a.tv_sec < 3);
	sync_close();
}

static void authorities(bool revoked)
{
	(void)revoked;
}

static bool set_up(void)
{
	FILE *f;

	if (!mkdtemp(secrets) || mkfifo(path("slow"), 0600))
		return false;
	f = fopen(path("gw"), "w");
	if (!f || fputs("a secret for this test alone", f) < 0 || fclose(f) ||
	    chmod(path("gw"), 0600))
		return false;
	log_open(false);
	if (sync_open(kick) || sync_attach(&family) || worker_start(4, secrets, authorities, kick))
		return false;
	return !pthread_create(&loop.thread, NULL, main_thread, NULL);
}

static void tear_down(void)
{
	unlink(path("gw"));
	unlink(path("slow"));
	rmdir(secrets);
}

int main(void)
{
	if (!set_up()) {
		puts("Bail out! threads cannot be set up");
		return 1;
	}
	TAP_RUN(test_burst, "live: a burst is answered, each question once");
	TAP_RUN(test_fresh, "live: what changed before a question is in its answer");
	TAP_RUN(test_unheard, "live: changes without an event, lost events");
	TAP_RUN(test_torn, "live: interrupted dumps are repeated");
	TAP_RUN(test_trouble, "live: ACCEPT fails, DONE comes too late");
	TAP_RUN(test_slow, "live: a credential that is slow holds up nobody else");
	TAP_RUN(test_too_many_slow, "live: too many wait for it");
	TAP_RUN(test_gone, "live: the module goes and comes back");
	TAP_RUN(test_end, "live: the end waits for nobody");
	tear_down();
	return tap_done();
}
