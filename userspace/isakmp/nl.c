// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <linux/genetlink.h>
#include <linux/isakmp.h>

#include "../common/addr.h"
#include "nl.h"

#define NL_RCVBUF	(4 << 20)	/* answers to a whole batch */
#define NL_DUMP_TRIES	16

/* Since 6.1; the build machine's headers may be older. */
#define ERR_ATTR_MISS_TYPE	5

static bool fault(struct nl *nl, int error)
{
	memset(&nl->fault, 0, sizeof(nl->fault));
	nl->fault.error = error;
	return false;
}

/**
 * nl_top() - an attribute of a message
 * @nlh: the message
 * @type: of the attribute
 *
 * Return: the first one, or NULL.
 */
const struct nlattr *nl_top(const struct nlmsghdr *nlh, uint16_t type)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == type)
			return attr;
	return NULL;
}

/**
 * nl_find() - an attribute of a nest
 * @nest: the nest
 * @type: of the attribute
 *
 * Return: the first one, or NULL.
 */
const struct nlattr *nl_find(const struct nlattr *nest, uint16_t type)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == type)
			return attr;
	return NULL;
}

/**
 * nl_uint() - the number in an attribute, whatever its width
 * @attr: the attribute, or NULL
 *
 * Return: the number; 0 when there is none.
 */
uint64_t nl_uint(const struct nlattr *attr)
{
	switch (attr ? mnl_attr_get_payload_len(attr) : 0) {
	case 1:
		return mnl_attr_get_u8(attr);
	case 2:
		return mnl_attr_get_u16(attr);
	case 4:
		return mnl_attr_get_u32(attr);
	case 8:
		return mnl_attr_get_u64(attr);
	default:
		return 0;
	}
}

/**
 * nl_addr() - the address in an attribute
 * @attr: the attribute, or NULL
 * @addr: out; of length 0 when there is none
 */
void nl_addr(const struct nlattr *attr, struct addr *addr)
{
	size_t n = attr ? mnl_attr_get_payload_len(attr) : 0;

	memset(addr, 0, sizeof(*addr));
	if (n != 4 && n != 16)
		return;
	addr->len = n;
	memcpy(addr->octets, mnl_attr_get_payload(attr), n);
}

/**
 * nl_string() - the string in an attribute
 * @attr: the attribute, or NULL
 * @buf: where it goes, always terminated
 * @size: of @buf
 *
 * Return: @buf.
 */
const char *nl_string(const struct nlattr *attr, char *buf, size_t size)
{
	size_t n = attr ? mnl_attr_get_payload_len(attr) : 0;

	if (n >= size)
		n = size - 1;
	if (n)
		memcpy(buf, mnl_attr_get_payload(attr), n);
	buf[n] = 0;
	return buf;
}

/* The extack attributes behind an error or a DONE message. */
static void read_extack(const struct nlmsghdr *nlh, size_t skip,
			struct nl_fault *f)
{
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    mnl_nlmsg_get_payload_len(nlh) < skip)
		return;
	mnl_attr_for_each(attr, nlh, skip) {
		switch (mnl_attr_get_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			nl_string(attr, f->text, sizeof(f->text));
			break;
		case NLMSGERR_ATTR_OFFS:
			f->offset = nl_uint(attr);
			break;
		case ERR_ATTR_MISS_TYPE:
			f->missing = nl_uint(attr);
			break;
		}
	}
}

/* An NLMSG_ERROR: @f->error stays 0 for a plain acknowledgement. */
static void read_error(const struct nlmsghdr *nlh, struct nl_fault *f)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(*err);

	memset(f, 0, sizeof(*f));
	f->seq = nlh->nlmsg_seq;
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*err)) {
		f->error = EBADMSG;
		return;
	}
	f->error = -err->error;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += MNL_ALIGN(err->msg.nlmsg_len) - sizeof(err->msg);
	read_extack(nlh, skip, f);
}

static void read_done(const struct nlmsghdr *nlh, struct nl_fault *f)
{
	memset(f, 0, sizeof(*f));
	f->seq = nlh->nlmsg_seq;
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(int))
		return;
	f->error = -*(int *)mnl_nlmsg_get_payload(nlh);
	read_extack(nlh, MNL_ALIGN(sizeof(int)), f);
}

static bool nl_send(struct nl *nl, const void *buf, size_t len)
{
	return mnl_socket_sendto(nl->socket, buf, len) >= 0 || fault(nl, errno);
}

/* One datagram. */
static ssize_t nl_recv(struct nl *nl)
{
	ssize_t n;

	do {
		n = mnl_socket_recvfrom(nl->socket, nl->rx, NL_BUF_MAX);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		fault(nl, errno);
	return n;
}

static void keep_warning(struct nl *nl, const struct nl_fault *f)
{
	if (f->text[0])
		memcpy(nl->warning, f->text, sizeof(nl->warning));
}

/* What becomes of the messages that a request is answered with. */
struct answer {
	uint32_t seq;		/* the last request it answers */
	uint32_t first;		/* the first */
	nl_reply reply;
	void *data;
	bool done;
	bool interrupted;
};

static void answer_one(struct nl *nl, const struct nlmsghdr *nlh,
		       struct answer *a)
{
	struct nl_fault f = { 0 };

	if (nlh->nlmsg_seq - a->first > a->seq - a->first)
		return;		/* an answer to something older */
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		a->interrupted = true;
	if (nlh->nlmsg_type == NLMSG_ERROR)
		read_error(nlh, &f);
	else if (nlh->nlmsg_type == NLMSG_DONE)
		read_done(nlh, &f);
	else if (a->reply)
		a->reply(nlh, a->data);
	if (nlh->nlmsg_type != NLMSG_ERROR && nlh->nlmsg_type != NLMSG_DONE)
		return;
	a->done |= nlh->nlmsg_seq == a->seq;
	if (!f.error)
		keep_warning(nl, &f);
	else if (!nl->fault.error)
		nl->fault = f;
}

/* Receives until the last request is answered. */
static bool nl_collect(struct nl *nl, struct answer *a)
{
	fault(nl, 0);
	while (!a->done) {
		const struct nlmsghdr *nlh = (void *)nl->rx;
		ssize_t n = nl_recv(nl);
		int left = n;

		if (n < 0)
			return false;
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			answer_one(nl, nlh, a);
	}
	return !nl->fault.error;
}

/**
 * nl_build() - the beginning of a message of the family
 * @nl: an open socket
 * @buf: where it goes
 * @cmd: enum isakmp_cmd
 * @flags: NLM_F_*; NLM_F_REQUEST is added
 * @seq: its sequence number
 *
 * Return: the message.
 */
struct nlmsghdr *nl_build(const struct nl *nl, void *buf, uint8_t cmd,
			  uint16_t flags, uint32_t seq)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = nl->family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = ISAKMP_GENL_VERSION;
	return nlh;
}

/**
 * nl_request() - the beginning of a request in the socket's own buffer
 * @nl: an open socket
 * @cmd: enum isakmp_cmd
 * @flags: NLM_F_*
 *
 * Return: the message, valid until the next call.
 */
struct nlmsghdr *nl_request(struct nl *nl, uint8_t cmd, uint16_t flags)
{
	return nl_build(nl, nl->tx, cmd, flags, ++nl->seq);
}

/**
 * nl_talk() - sends one request and waits until it is answered
 * @nl: an open socket
 * @nlh: the request
 * @reply: called with every message but the acknowledgement; or NULL
 * @data: for @reply
 *
 * Return: whether the kernel agreed; else nl->fault says why not.
 */
bool nl_talk(struct nl *nl, struct nlmsghdr *nlh, nl_reply reply, void *data)
{
	struct answer a = { .seq = nlh->nlmsg_seq, .first = nlh->nlmsg_seq,
			    .reply = reply, .data = data };

	nlh->nlmsg_flags |= NLM_F_ACK;
	return nl_send(nl, nlh, nlh->nlmsg_len) && nl_collect(nl, &a);
}

/**
 * nl_bulk() - sends many requests at once and waits until all are answered
 * @nl: an open socket
 * @buf: the requests; the last one asks for an acknowledgement
 * @len: octets
 * @last_seq: sequence number of the last one; those before count up to it
 *
 * The kernel answers an error to any of them, so the one acknowledgement
 * tells that all the others went well.
 *
 * Return: whether the kernel agreed to all; else nl->fault tells of the first.
 */
bool nl_bulk(struct nl *nl, const void *buf, size_t len, uint32_t last_seq)
{
	const struct nlmsghdr *first = buf;
	struct answer a = { .seq = last_seq, .first = first->nlmsg_seq };

	return nl_send(nl, buf, len) && nl_collect(nl, &a);
}

static void record_keep(const struct nlmsghdr *nlh, void *data)
{
	struct nl_records *r = data;
	size_t n = MNL_ALIGN(nlh->nlmsg_len);

	if (r->len + n > r->size) {
		size_t size = r->size * 2 + n + 65536;
		char *buf = realloc(r->buf, size);

		if (!buf)
			abort();
		r->buf = buf;
		r->size = size;
	}
	memset(r->buf + r->len + n - MNL_ALIGNTO, 0, MNL_ALIGNTO);
	memcpy(r->buf + r->len, nlh, nlh->nlmsg_len);
	r->len += n;
}

/**
 * nl_dump() - all that there is, as of one moment
 * @nl: an open socket
 * @nlh: a request made by nl_request()
 * @r: where the messages go; free its buf afterwards
 *
 * A dump that was overtaken by a change is made again.
 *
 * Return: whether the kernel agreed; else nl->fault says why not.
 */
bool nl_dump(struct nl *nl, struct nlmsghdr *nlh, struct nl_records *r)
{
	nlh->nlmsg_flags |= NLM_F_DUMP;
	for (int tries = 0; tries < NL_DUMP_TRIES; tries++) {
		struct answer a = { .reply = record_keep, .data = r };

		nlh->nlmsg_seq = ++nl->seq;
		a.seq = a.first = nl->seq;
		r->len = 0;
		if (!nl_send(nl, nlh, nlh->nlmsg_len) || !nl_collect(nl, &a))
			return false;
		if (!a.interrupted)
			return true;
	}
	strcpy(nl->warning, "what is shown changed while it was read");
	return true;
}

/* The group "events" among those of the family. */
static void read_groups(struct nl *nl, const struct nlattr *groups)
{
	const struct nlattr *group;

	mnl_attr_for_each_nested(group, groups) {
		const struct nlattr *name, *id;
		char buf[GENL_NAMSIZ];

		name = nl_find(group, CTRL_ATTR_MCAST_GRP_NAME);
		id = nl_find(group, CTRL_ATTR_MCAST_GRP_ID);
		if (id && !strcmp(nl_string(name, buf, sizeof(buf)),
				  ISAKMP_MCGRP_EVENTS))
			nl->group = nl_uint(id);
	}
}

static void read_family(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *groups = nl_top(nlh, CTRL_ATTR_MCAST_GROUPS);
	struct nl *nl = data;

	nl->family = nl_uint(nl_top(nlh, CTRL_ATTR_FAMILY_ID));
	if (groups)
		read_groups(nl, groups);
}

/* The kernel loads the module when asked for a family it does not have. */
static bool nl_resolve(struct nl *nl)
{
	struct nlmsghdr *nlh;

	nl->family = GENL_ID_CTRL;
	nlh = nl_request(nl, CTRL_CMD_GETFAMILY, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, ISAKMP_GENL_NAME);
	if (nl_talk(nl, nlh, read_family, nl))
		return true;
	if (nl->fault.error == ENOENT)
		nl->fault.absent = true;
	return false;
}

static void nl_tune(const struct nl *nl)
{
	int fd = mnl_socket_get_fd(nl->socket);
	int on = 1, size = NL_RCVBUF;

	mnl_socket_setsockopt(nl->socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl->socket, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl->socket, NETLINK_GET_STRICT_CHK, &on,
			      sizeof(on));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/**
 * nl_open() - a socket, and the number of the family
 * @nl: zeroed, or open already
 *
 * Return: whether it is open now; else nl->fault says why not.
 */
bool nl_open(struct nl *nl)
{
	if (nl->socket)
		return true;
	nl->tx = calloc(1, NL_BUF_MAX);
	nl->rx = calloc(1, NL_BUF_MAX);
	nl->seq = time(NULL);
	nl->socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!nl->tx || !nl->rx || !nl->socket ||
	    mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		fault(nl, errno);
		nl_close(nl);
		return false;
	}
	nl_tune(nl);
	if (nl_resolve(nl))
		return true;
	nl_close(nl);
	return false;
}

/**
 * nl_close() - gives everything back but the fault
 * @nl: open or not
 */
void nl_close(struct nl *nl)
{
	if (nl->socket)
		mnl_socket_close(nl->socket);
	free(nl->tx);
	free(nl->rx);
	nl->socket = NULL;
	nl->tx = NULL;
	nl->rx = NULL;
}

/**
 * nl_subscribe() - from here on, events arrive at this socket
 * @nl: an open socket
 *
 * Return: whether the kernel agreed; else nl->fault says why not.
 */
bool nl_subscribe(struct nl *nl)
{
	if (!mnl_socket_setsockopt(nl->socket, NETLINK_ADD_MEMBERSHIP,
				   &nl->group, sizeof(nl->group)))
		return true;
	return fault(nl, errno);
}

/**
 * nl_watch() - from here on, nl_news() hears when the module goes and comes
 * @nl: an open socket
 *
 * Return: whether the kernel agreed; else nl->fault says why not.
 */
bool nl_watch(struct nl *nl)
{
	unsigned int ctrl = GENL_ID_CTRL;	/* nlctrl's group "notify" has its own number */

	if (!mnl_socket_setsockopt(nl->socket, NETLINK_ADD_MEMBERSHIP, &ctrl, sizeof(ctrl)))
		return true;
	return fault(nl, errno);
}

/**
 * nl_news() - has the module gone, or come?
 * @nlh: a message that nl_event() received
 *
 * Return: what there is of it.
 */
enum nl_news nl_news(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *h = mnl_nlmsg_get_payload(nlh);
	char name[GENL_NAMSIZ];

	if (nlh->nlmsg_type != GENL_ID_CTRL || mnl_nlmsg_get_payload_len(nlh) < sizeof(*h) ||
	    strcmp(nl_string(nl_top(nlh, CTRL_ATTR_FAMILY_NAME), name, sizeof(name)),
		   ISAKMP_GENL_NAME))
		return NL_NONE;
	return h->cmd == CTRL_CMD_DELFAMILY ? NL_GONE :
	       h->cmd == CTRL_CMD_NEWFAMILY ? NL_CAME : NL_NONE;
}

/**
 * nl_event() - waits for events
 * @nl: a subscribed socket
 * @timeout_ms: at most so long; -1 for ever
 *
 * A signal that the caller has blocked ends the wait, if it has a handler.
 *
 * Return: octets in nl->rx; 0 when the time is over; -1 with errno (EINTR; or
 * ENOBUFS: events were lost).
 */
ssize_t nl_event(struct nl *nl, int timeout_ms)
{
	struct timespec t = { .tv_sec = timeout_ms / 1000,
			      .tv_nsec = timeout_ms % 1000 * 1000000L };
	struct pollfd p = { .fd = mnl_socket_get_fd(nl->socket),
			    .events = POLLIN };
	sigset_t none;
	int ready;

	sigemptyset(&none);
	ready = ppoll(&p, 1, timeout_ms < 0 ? NULL : &t, &none);
	if (ready <= 0)
		return ready;
	return mnl_socket_recvfrom(nl->socket, nl->rx, NL_BUF_MAX);
}
