// SPDX-License-Identifier: GPL-2.0
/*
 * READY is said once for all that waits: it must not get lost among the answers to
 * what the main thread asks on the socket that hears it.  link.c as it is, over
 * socket pairs with a kernel at the other end.
 */
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <isakmp/ikev2.h>

/* The kernel's end is made with the socket; there are no groups. */
#define link_open netlink_open
#define link_join netlink_join
#define link_only_config_events netlink_only_config_events
#include "isakmpd/link.c"
#undef link_open
#undef link_join
#undef link_only_config_events

#include "isakmpd/sync.h"
#include "isakmpd/worker.h"
#include "tap.h"

#define PATIENCE_S 10	/* far longer than anything takes */
#define FAMILY 31

int link_open(struct link *l);
int link_join(struct link *l, u32 group);
int link_only_config_events(struct link *l);

/* ---- a kernel -------------------------------------------------------------- */

static struct {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	unsigned int asked, accepted, done;
	bool announced;		/* as in kernel/nl/upcall.c */
	int refusal;		/* of PUBLISH */
} kernel = { .lock = PTHREAD_MUTEX_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER };

static void say(int fd, struct nl_msg *msg)
{
	CHECK(send(fd, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len, 0) > 0);
	nlmsg_free(msg);
}

static void say_error(int fd, u32 seq, int err)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct nlmsgerr *e = nlmsg_data(nlmsg_put(msg, 0, seq, NLMSG_ERROR, sizeof(*e), 0));

	e->error = err;
	say(fd, msg);
}

/* A question begins to wait; @fd hears of it. */
static void ask_and_tell(int fd)
{
	struct nl_msg *msg;

	kernel.asked++;
	if (kernel.announced)
		return;
	kernel.announced = true;
	msg = nlmsg_alloc();
	genlmsg_put(msg, 0, 0, FAMILY, 0, 0, ISAKMP_CMD_UPCALL_READY, ISAKMP_GENL_VERSION);
	say(fd, msg);
}

static void give(int fd, u32 seq)
{
	static const u8 seed[IKE_KEX_SEED_LEN] = { 1 };
	struct nl_msg *msg;
	struct nlattr *nest;

	if (kernel.accepted == kernel.asked) {
		kernel.announced = false;
		say_error(fd, seq, -EAGAIN);
		return;
	}
	msg = nlmsg_alloc();
	genlmsg_put(msg, 0, seq, FAMILY, 0, 0, ISAKMP_CMD_UPCALL_ACCEPT, ISAKMP_GENL_VERSION);
	nest = nla_nest_start(msg, ISAKMP_A_UPCALL);
	nla_put_u64(msg, ISAKMP_UPCALL_ID, ++kernel.accepted);
	nla_put_u8(msg, ISAKMP_UPCALL_KIND, ISAKMP_UPCALL_KEX);
	nla_put_u16(msg, ISAKMP_UPCALL_GROUP, IKE_KE_ECP_521);
	nla_put(msg, ISAKMP_UPCALL_SEED, sizeof(seed), seed);
	nla_nest_end(msg, nest);
	say(fd, msg);
}

static void serve(int fd, struct nlmsghdr *nlh)
{
	u8 cmd = ((struct genlmsghdr *)nlmsg_data(nlh))->cmd;
	int err = 0;

	if (cmd == ISAKMP_CMD_UPCALL_ACCEPT) {
		give(fd, nlh->nlmsg_seq);
		return;
	}
	if (cmd == ISAKMP_CMD_HELPER_PUBLISH) {
		ask_and_tell(fd);
		err = kernel.refusal;
	} else if (cmd == ISAKMP_CMD_UPCALL_DONE) {
		kernel.done++;
		pthread_cond_broadcast(&kernel.answered);
	}
	say_error(fd, nlh->nlmsg_seq, err);
}

static void *kernel_end(void *arg)
{
	static _Thread_local u8 buf[LINK_BUF];
	int fd = (int)(long)arg;

	while (recv(fd, buf, sizeof(buf), 0) > 0) {
		pthread_mutex_lock(&kernel.lock);
		serve(fd, (struct nlmsghdr *)buf);
		pthread_mutex_unlock(&kernel.lock);
	}
	close(fd);
	return NULL;
}

int link_open(struct link *l)
{
	pthread_t thread;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) ||
	    pthread_create(&thread, NULL, kernel_end, (void *)(long)pair[1]))
		return -errno;
	pthread_detach(thread);
	*l = (struct link) { .sk = nl_socket_alloc(), .fd = pair[0] };
	l->buf = mmap(NULL, LINK_BUF, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return 0;
}

int link_join(struct link *l, u32 group)
{
	return 0;
}

int link_only_config_events(struct link *l)
{
	return 0;
}

/* ---- the test ---------------------------------------------------------------- */

static struct link upcall;

static bool all_answered(unsigned int n)
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
	return !err;
}

static int publish(void)
{
	return worker_call(&upcall, link_request(FAMILY, ISAKMP_CMD_HELPER_PUBLISH, NLM_F_ACK));
}

static void test_ready_among_answers(void)
{
	CHECK_EQ(publish(), 0);
	CHECK(all_answered(1));
	kernel.refusal = -EOPNOTSUPP;
	CHECK(publish() == -EOPNOTSUPP);
	CHECK(all_answered(2));
	/* it had been received: nothing is left to be heard */
	CHECK(!link_readable(&upcall));
}

static void nothing(void)
{
}

static void authorities(bool revoked)
{
	(void)revoked;
}

int main(void)
{
	static const struct family family = { .id = FAMILY, .events = 1, .upcall = 2 };

	if (link_open(&upcall) || sync_open(nothing) || sync_attach(&family) ||
	    worker_start(1, "/nowhere", authorities, nothing)) {
		puts("Bail out! threads cannot be set up");
		return 1;
	}
	TAP_RUN(test_ready_among_answers, "ready: a question that begins while the helper asks");
	CHECK(worker_stop());
	sync_close();
	link_close(&upcall);
	return tap_done();
}
