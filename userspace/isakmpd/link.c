// SPDX-License-Identifier: GPL-2.0
/*
 * A generic netlink socket.
 *
 * libnl builds messages, takes them apart and numbers them; receiving is done
 * here.  Two reasons: upcalls carry SK_p keys, and libnl leaves copies of what it
 * received in freed memory; and a callback's NL_STOP looks like success to its
 * caller.  Here a message either was handled, or there is an error code.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/genetlink.h>
#include <linux/isakmp.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "link.h"
#include "log.h"

#define LINK_RCVBUF (1 << 20)

static int set_options(struct link *l)
{
	struct timeval wait = { .tv_sec = LINK_WAIT_S };
	int one = 1, room = LINK_RCVBUF;

	/* CAP_NET_ADMIN of the initial user namespace; else what the limit gives */
	if (setsockopt(l->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		setsockopt(l->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (setsockopt(l->fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one)) ||
	    setsockopt(l->fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one)) ||
	    setsockopt(l->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)))
		return -errno;
	return 0;
}

/**
 * link_open() - open a socket
 * @l: out
 *
 * Return: 0 or -errno, then there is nothing to close.
 */
int link_open(struct link *l)
{
	int err;

	*l = (struct link) { .fd = -1 };
	l->buf = mmap(NULL, LINK_BUF, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (l->buf == MAP_FAILED) {
		l->buf = NULL;
		return -ENOMEM;
	}
	mlock(l->buf, LINK_BUF);	/* best effort: RLIMIT_MEMLOCK */
	l->sk = nl_socket_alloc();
	err = l->sk ? nl_connect(l->sk, NETLINK_GENERIC) : -NLE_NOMEM;
	if (err) {
		log_err("netlink socket: %s", nl_geterror(err));
		link_close(l);
		return -EIO;
	}
	nl_socket_disable_auto_ack(l->sk);
	l->fd = nl_socket_get_fd(l->sk);
	err = set_options(l);
	if (err)
		link_close(l);
	return err;
}

/**
 * link_close() - close it
 * @l: opened, or closed already
 */
void link_close(struct link *l)
{
	nl_socket_free(l->sk);
	if (l->buf) {
		link_wipe(l);
		munmap(l->buf, LINK_BUF);
	}
	*l = (struct link) { .fd = -1 };
}

/**
 * link_wipe() - forget what was received
 * @l: its buffer is zeroed
 */
void link_wipe(struct link *l)
{
	OPENSSL_cleanse(l->buf, l->used);
	l->used = 0;
}

/**
 * link_request() - begin a message
 * @family: id of the generic netlink family
 * @cmd: command
 * @flags: NLM_F_*; NLM_F_REQUEST is added
 *
 * Return: it, or NULL: no memory.
 */
struct nl_msg *link_request(u16 family, u8 cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc_size(LINK_MSG);

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, flags, cmd,
				ISAKMP_GENL_VERSION)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

/**
 * link_send() - send a message
 * @l: the socket
 * @msg: wiped and freed, whatever happens; NULL counts as no memory
 * @seq: out: its sequence number
 *
 * Return: 0 or -errno.
 */
int link_send(struct link *l, struct nl_msg *msg, u32 *seq)
{
	int n;

	if (!msg)
		return -ENOMEM;
	nl_complete_msg(l->sk, msg);
	*seq = nlmsg_hdr(msg)->nlmsg_seq;
	do
		n = (int)send(l->fd, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len, 0);
	while (n < 0 && errno == EINTR);
	n = n < 0 ? -errno : 0;
	OPENSSL_cleanse(nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);	/* g^ir may be in it */
	nlmsg_free(msg);
	return n;
}

/**
 * link_receive() - receive one datagram of the kernel's
 * @l: the socket
 * @flags: of recvmsg(2); MSG_DONTWAIT, or waits at most LINK_WAIT_S
 * @nlh: out: first message, for nlmsg_ok() and nlmsg_next()
 * @left: out: octets there are
 *
 * Return: 0 or -errno; -EAGAIN: nothing (more) came; -ENOBUFS: some was lost.
 */
int link_receive(struct link *l, int flags, struct nlmsghdr **nlh, int *left)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { .iov_base = l->buf, .iov_len = LINK_BUF };
	struct msghdr m = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t n;

	do {
		n = recvmsg(l->fd, &m, flags);
		if (n < 0 && errno != EINTR)
			return -errno;
	} while (n < 0 || from.nl_pid);	/* only the kernel has port 0 */
	l->used = max(l->used, (size_t)n);
	if (m.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	*nlh = (struct nlmsghdr *)l->buf;
	*left = (int)n;
	return 0;
}

/**
 * link_error() - what an NLMSG_ERROR says
 * @l: keeps the extack sentence
 * @nlh: the message
 *
 * Return: 0 (it is an acknowledgement) or -errno.
 */
int link_error(struct link *l, struct nlmsghdr *nlh)
{
	struct nlmsgerr *e = nlmsg_data(nlh);
	struct nlattr *a;

	l->extack[0] = '\0';
	l->bad_attr = 0;
	if (nlmsg_datalen(nlh) < (int)sizeof(*e) || e->error > 0)
		return -EBADMSG;
	if (!e->error || !(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return e->error;
	/* NETLINK_CAP_ACK: of the request only the header comes back */
	a = nlmsg_find_attr(nlh, sizeof(*e), NLMSGERR_ATTR_MSG);
	if (a)
		snprintf(l->extack, sizeof(l->extack), "%.*s", nla_len(a),
			 (const char *)nla_data(a));
	a = nlmsg_find_attr(nlh, sizeof(*e), NLMSGERR_ATTR_OFFS);
	if (a && nla_len(a) == sizeof(u32))
		l->bad_attr = nla_get_u32(a);
	return e->error;
}

static int dump_done(struct nlmsghdr *nlh)
{
	int err;

	if (nlmsg_datalen(nlh) < (int)sizeof(err))
		return 0;
	memcpy(&err, nlmsg_data(nlh), sizeof(err));
	return err < 0 ? err : 0;
}

/**
 * link_call() - send a request and handle its answer
 * @l: the socket; what is left over from earlier calls is skipped
 * @msg: freed.  With NLM_F_DUMP the answer ends with the dump; with NLM_F_ACK
 *       with the acknowledgement; else with its first message
 * @fn: called for each message of the answer; may be NULL.  What it is given
 *      stays in @l->buf until the next call, unless more than one came
 * @arg: for @fn
 *
 * Return: 0 or -errno: the kernel's, @fn's, or -EINTR: the dump is not consistent.
 */
int link_call(struct link *l, struct nl_msg *msg, link_fn fn, void *arg)
{
	int flags = msg ? nlmsg_hdr(msg)->nlmsg_flags : 0;
	bool many = flags & (NLM_F_DUMP | NLM_F_ACK);
	bool torn = false;
	struct nlmsghdr *nlh;
	int err, left;
	u32 seq;

	l->extack[0] = '\0';
	err = link_send(l, msg, &seq);
	while (!err) {
		err = link_receive(l, 0, &nlh, &left);
		for (; !err && nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left)) {
			if (nlh->nlmsg_seq != seq)
				continue;
			torn |= nlh->nlmsg_flags & NLM_F_DUMP_INTR;
			if (nlh->nlmsg_type == NLMSG_ERROR)
				return link_error(l, nlh);
			if (nlh->nlmsg_type == NLMSG_DONE)
				return torn ? -EINTR : dump_done(nlh);
			err = fn ? fn(nlh, arg) : 0;
			if (!err && !many)
				return 0;
		}
	}
	return err;
}

/**
 * link_join() - join a multicast group
 * @l: the socket
 * @group: its number
 *
 * Return: 0 or -errno.
 */
int link_join(struct link *l, u32 group)
{
	if (setsockopt(l->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		return -errno;
	return 0;
}

/**
 * link_only_config_events() - let the kernel drop the events of SAs
 * @l: the socket of the "events" group
 *
 * Thousands of SAs a second have thousands of events a second; the helper wants
 * none of them.  A socket filter passes what is no EVENT, or has no TYPE, or is
 * one of OBJECT_NEW, OBJECT_DEL and CONFIG.
 *
 * Return: 0 or -errno.
 */
int link_only_config_events(struct link *l)
{
	static const u32 attrs = NLMSG_HDRLEN + GENL_HDRLEN;
	const u32 nlattr = (u32)(SKF_AD_OFF + SKF_AD_NLATTR);
	const u32 nested = (u32)(SKF_AD_OFF + SKF_AD_NLATTR_NEST);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, NLMSG_HDRLEN),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ISAKMP_CMD_EVENT, 0, 11),
		BPF_STMT(BPF_LD | BPF_IMM, attrs),
		BPF_STMT(BPF_LDX | BPF_IMM, ISAKMP_A_EVENT),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, nlattr),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 7, 0),
		BPF_STMT(BPF_LDX | BPF_IMM, ISAKMP_EVENT_TYPE),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, nested),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 4, 0),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, NLA_HDRLEN),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, ISAKMP_EVENT_CONFIG, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, U32_MAX),
	};
	struct sock_fprog prog = { .len = ARRAY_SIZE(code), .filter = code };

	_Static_assert(ISAKMP_EVENT_OBJECT_NEW < ISAKMP_EVENT_CONFIG &&
		       ISAKMP_EVENT_OBJECT_DEL < ISAKMP_EVENT_CONFIG &&
		       ISAKMP_EVENT_SA_STATE > ISAKMP_EVENT_CONFIG, "the filter's order");
	if (setsockopt(l->fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)))
		return -errno;
	return 0;
}

/**
 * link_readable() - has something come that was not received yet
 * @l: the socket
 *
 * Context: any thread.
 * Return: true if so.
 */
bool link_readable(const struct link *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };

	return poll(&p, 1, 0) != 0;
}
