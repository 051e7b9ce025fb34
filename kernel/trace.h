/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints: events/isakmp/. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM isakmp

#if !defined(_ISAKMP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _ISAKMP_TRACE_H

#include <linux/tracepoint.h>
#include <net/net_namespace.h>
#include <isakmp/reason.h>
#include "ike/sa.h"
#include "net/addr.h"
#include "wire/header.h"

#ifndef _ISAKMP_TRACE_ONCE
#define _ISAKMP_TRACE_ONCE
enum isakmp_trace_upcall {
	ISAKMP_TRACE_ASKED,	/* a question waits for a helper */
	ISAKMP_TRACE_ACCEPTED,	/* a helper has taken it */
	ISAKMP_TRACE_ANSWERED,	/* its verdict went to the SA */
	ISAKMP_TRACE_CANCELLED,	/* the SA has ended */
	ISAKMP_TRACE_LOST,	/* nobody answered in time */
};

static inline void isakmp_trace_ends(struct sockaddr_in6 *local, struct sockaddr_in6 *remote,
				     const struct isakmp_path *path)
{
	static const struct isakmp_path none = {};

	if (!path)
		path = &none;
	isakmp_addr_sockaddr(local, &path->local, path->lport);
	isakmp_addr_sockaddr(remote, &path->remote, path->rport);
}
#endif

#define R(id, name, text) TRACE_DEFINE_ENUM(ISAKMP_R_##id);
ISAKMP_REASONS(R)
#undef R

#define S(id, name) TRACE_DEFINE_ENUM(IKE_S_##id);
IKE_STATES(S)
#undef S

TRACE_DEFINE_ENUM(ISAKMP_TRACE_ASKED);
TRACE_DEFINE_ENUM(ISAKMP_TRACE_ACCEPTED);
TRACE_DEFINE_ENUM(ISAKMP_TRACE_ANSWERED);
TRACE_DEFINE_ENUM(ISAKMP_TRACE_CANCELLED);
TRACE_DEFINE_ENUM(ISAKMP_TRACE_LOST);

#define ISAKMP_TRACE_R(id, name, text) { ISAKMP_R_##id, name },
#define isakmp_trace_reason(why) \
	__print_symbolic(why, ISAKMP_REASONS(ISAKMP_TRACE_R) { 0, "ok" })
#define ISAKMP_TRACE_S(id, name) { IKE_S_##id, name },
#define isakmp_trace_state(state) \
	__print_symbolic(state, IKE_STATES(ISAKMP_TRACE_S) { 0xff, "none" })

/* A message of ours that passed the header's check. */
TRACE_EVENT(isakmp_rx,
	TP_PROTO(const struct net *net, const struct isakmp_path *path,
		 const struct isakmp_header *h),
	TP_ARGS(net, path, h),
	TP_STRUCT__entry(
		__field(unsigned int, netns)
		__array(__u8, local, sizeof(struct sockaddr_in6))
		__array(__u8, remote, sizeof(struct sockaddr_in6))
		__field(u64, spi_i)
		__field(u64, spi_r)
		__field(u8, version)
		__field(u8, exchange)
		__field(u8, flags)
		__field(u32, msgid)
		__field(u32, len)
	),
	TP_fast_assign(
		__entry->netns = net->ns.inum;
		isakmp_trace_ends((void *)__entry->local, (void *)__entry->remote, path);
		__entry->spi_i = h->spi_i;
		__entry->spi_r = h->spi_r;
		__entry->version = h->major;
		__entry->exchange = h->exchange;
		__entry->flags = h->flags;
		__entry->msgid = h->msgid;
		__entry->len = h->len;
	),
	TP_printk("netns=%u local=%pISpc remote=%pISpc spi_i=%016llx spi_r=%016llx "
		  "version=%u exchange=%u flags=%02x msgid=%u len=%u",
		  __entry->netns, __entry->local, __entry->remote, __entry->spi_i,
		  __entry->spi_r, __entry->version, __entry->exchange, __entry->flags, __entry->msgid,
		  __entry->len)
);

/* Something was refused; sa is 0 outside of an IKE SA. */
TRACE_EVENT(isakmp_refused,
	TP_PROTO(const struct net *net, const struct isakmp_path *path, u64 sa,
		 unsigned int why, u32 arg),
	TP_ARGS(net, path, sa, why, arg),
	TP_STRUCT__entry(
		__field(unsigned int, netns)
		__array(__u8, local, sizeof(struct sockaddr_in6))
		__array(__u8, remote, sizeof(struct sockaddr_in6))
		__field(u64, sa)
		__field(unsigned int, why)
		__field(u32, arg)
	),
	TP_fast_assign(
		__entry->netns = net->ns.inum;
		isakmp_trace_ends((void *)__entry->local, (void *)__entry->remote, path);
		__entry->sa = sa;
		__entry->why = why;
		__entry->arg = arg;
	),
	TP_printk("netns=%u local=%pISpc remote=%pISpc sa=%llu reason=%s arg=%u",
		  __entry->netns, __entry->local, __entry->remote, __entry->sa,
		  isakmp_trace_reason(__entry->why), __entry->arg)
);

/* An IKE SA changed its state. */
TRACE_EVENT(isakmp_state,
	TP_PROTO(const struct net *net, const struct ike_sa *sa, u8 old),
	TP_ARGS(net, sa, old),
	TP_STRUCT__entry(
		__field(unsigned int, netns)
		__field(u64, sa)
		__field(u64, spi_i)
		__field(u64, spi_r)
		__field(u8, old)
		__field(u8, state)
		__field(u16, why)
	),
	TP_fast_assign(
		__entry->netns = net->ns.inum;
		__entry->sa = sa->id;
		__entry->spi_i = sa->ep->spi_i;
		__entry->spi_r = sa->ep->spi_r;
		__entry->old = old;
		__entry->state = sa->state;
		__entry->why = sa->reason;
	),
	TP_printk("netns=%u sa=%llu spi_i=%016llx spi_r=%016llx %s -> %s reason=%s",
		  __entry->netns, __entry->sa, __entry->spi_i, __entry->spi_r,
		  isakmp_trace_state(__entry->old), isakmp_trace_state(__entry->state),
		  isakmp_trace_reason(__entry->why))
);

/* A child SA came up (reason ok) or went. */
TRACE_EVENT(isakmp_child,
	TP_PROTO(const struct net *net, u64 sa, u32 spi_in, u32 spi_out, bool up,
		 unsigned int why),
	TP_ARGS(net, sa, spi_in, spi_out, up, why),
	TP_STRUCT__entry(
		__field(unsigned int, netns)
		__field(u64, sa)
		__field(u32, spi_in)
		__field(u32, spi_out)
		__field(bool, up)
		__field(unsigned int, why)
	),
	TP_fast_assign(
		__entry->netns = net->ns.inum;
		__entry->sa = sa;
		__entry->spi_in = spi_in;
		__entry->spi_out = spi_out;
		__entry->up = up;
		__entry->why = why;
	),
	TP_printk("netns=%u sa=%llu spi_in=%08x spi_out=%08x %s reason=%s",
		  __entry->netns, __entry->sa, __entry->spi_in, __entry->spi_out,
		  __entry->up ? "up" : "down", isakmp_trace_reason(__entry->why))
);

/* A question for the helper; kind as in enum isakmp_upcall_kind. */
TRACE_EVENT(isakmp_upcall,
	TP_PROTO(const struct net *net, u64 sa, u64 id, u8 kind, u8 what, unsigned int why),
	TP_ARGS(net, sa, id, kind, what, why),
	TP_STRUCT__entry(
		__field(unsigned int, netns)
		__field(u64, sa)
		__field(u64, id)
		__field(u8, kind)
		__field(u8, what)
		__field(unsigned int, why)
	),
	TP_fast_assign(
		__entry->netns = net->ns.inum;
		__entry->sa = sa;
		__entry->id = id;
		__entry->kind = kind;
		__entry->what = what;
		__entry->why = why;
	),
	TP_printk("netns=%u sa=%llu upcall=%llu kind=%s %s reason=%s",
		  __entry->netns, __entry->sa, __entry->id,
		  __print_symbolic(__entry->kind, { 1, "i-auth" }, { 2, "r-auth" },
				   { 3, "i-verify" }, { 4, "kex" }, { 5, "v1-begin" },
				   { 6, "v1-skeyid" }, { 7, "v1-encrypt" },
				   { 8, "v1-decrypt" }, { 9, "v1-xauth" },
				   { 10, "v1-config" }),
		  __print_symbolic(__entry->what, { ISAKMP_TRACE_ASKED, "asked" },
				   { ISAKMP_TRACE_ACCEPTED, "accepted" },
				   { ISAKMP_TRACE_ANSWERED, "answered" },
				   { ISAKMP_TRACE_CANCELLED, "cancelled" },
				   { ISAKMP_TRACE_LOST, "lost" }),
		  isakmp_trace_reason(__entry->why))
);

#endif /* _ISAKMP_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
