/* SPDX-License-Identifier: GPL-2.0 */
/* Requests to the family "isakmp", over libmnl. */
#ifndef _ISAKMP_NL_H
#define _ISAKMP_NL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libmnl/libmnl.h>

struct addr;

#define NL_BUF_MAX	65536	/* one request, one receive */
#define NL_BATCH_MAX	65536	/* requests in one send; sk_sndbuf is 212992 */

/* What the kernel did not like. */
struct nl_fault {
	int error;		/* errno; 0: nothing */
	bool absent;		/* there is no such family */
	char text[512];		/* extack sentence, or empty */
	uint32_t offset;	/* of the bad attribute in the request; 0: not said */
	uint16_t missing;	/* type of the missing attribute; 0: not said */
	uint32_t seq;		/* of the request */
};

struct nl {
	struct mnl_socket *socket;
	uint32_t seq;
	uint32_t group;		/* "events" */
	uint16_t family;
	struct nl_fault fault;	/* of the last call that failed */
	char warning[512];	/* extack sentence of a success, until someone tells it */
	char *tx;		/* one request at a time */
	char *rx;
};

/* Messages of a dump, one after the other. */
struct nl_records {
	char *buf;
	size_t len;
	size_t size;
};

enum nl_news { NL_NONE, NL_GONE, NL_CAME };

typedef void (*nl_reply)(const struct nlmsghdr *nlh, void *data);

bool nl_open(struct nl *nl);
void nl_close(struct nl *nl);
struct nlmsghdr *nl_request(struct nl *nl, uint8_t cmd, uint16_t flags);
struct nlmsghdr *nl_build(const struct nl *nl, void *buf, uint8_t cmd,
			  uint16_t flags, uint32_t seq);
bool nl_talk(struct nl *nl, struct nlmsghdr *nlh, nl_reply reply, void *data);
bool nl_dump(struct nl *nl, struct nlmsghdr *nlh, struct nl_records *r);
bool nl_bulk(struct nl *nl, const void *buf, size_t len, uint32_t last_seq);
bool nl_subscribe(struct nl *nl);
bool nl_watch(struct nl *nl);
enum nl_news nl_news(const struct nlmsghdr *nlh);
ssize_t nl_event(struct nl *nl, int timeout_ms);

/* All messages of a dump. */
#define nl_for_each(nlh, r, left)					\
	for ((nlh) = (const struct nlmsghdr *)(r)->buf, (left) = (int)(r)->len; \
	     (left) > 0 && mnl_nlmsg_ok((nlh), (left));			\
	     (nlh) = mnl_nlmsg_next((nlh), &(left)))

const struct nlattr *nl_top(const struct nlmsghdr *nlh, uint16_t type);
const struct nlattr *nl_find(const struct nlattr *nest, uint16_t type);
uint64_t nl_uint(const struct nlattr *attr);
void nl_addr(const struct nlattr *attr, struct addr *addr);
const char *nl_string(const struct nlattr *attr, char *buf, size_t size);

#endif /* _ISAKMP_NL_H */
