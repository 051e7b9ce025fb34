// SPDX-License-Identifier: GPL-2.0
/*
 * Notifications.  When nobody listens they cost one test of a bit.
 *
 * An event about an object or an SA carries its nest as GET writes it, so that
 * one printer will do.  Refusals may come from softirq and from whoever sends us
 * packets: they are limited in rate, without a word in the log.
 */
#include "nl/attr.h"
#include "nl/event.h"
#include "nl/family.h"
#include "nl/kind.h"
#include "nl/view.h"

/**
 * struct event - an event being written
 * @skb: the message
 * @hdr: its header
 */
struct event {
	struct sk_buff *skb;
	void *hdr;
};

static bool event_wanted(struct isakmp_net *in, struct genl_info *info)
{
	return isakmp_family_heard(in, ISAKMP_GROUP_EVENTS) ||
	       (info && nlmsg_report(info->nlhdr));
}

static bool event_start(struct event *e, struct genl_info *info, size_t size, gfp_t gfp)
{
	e->skb = genlmsg_new(size, gfp);
	if (!e->skb)
		return false;
	e->hdr = genlmsg_put(e->skb, info ? info->snd_portid : 0, info ? info->snd_seq : 0,
			     &isakmp_family, 0, ISAKMP_CMD_EVENT);
	if (e->hdr)
		return true;
	nlmsg_free(e->skb);
	return false;
}

static int put_event(struct sk_buff *skb, enum isakmp_event_type type,
		     enum isakmp_reason reason, u32 arg, const char *old_state)
{
	struct nlattr *nest = nla_nest_start(skb, ISAKMP_A_EVENT);

	if (!nest || nla_put_u8(skb, ISAKMP_EVENT_TYPE, (u8)type) ||
	    (reason && nla_put_u16(skb, ISAKMP_EVENT_REASON, (u16)reason)) ||
	    ((arg || type == ISAKMP_EVENT_HELPER) && nla_put_u32(skb, ISAKMP_EVENT_ARG, arg)) ||
	    (old_state && nla_put_string(skb, ISAKMP_EVENT_OLD_STATE, old_state)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* What does not fit is not sent; that it was lost is told as for a full socket. */
static void event_send(struct isakmp_net *in, struct event *e, int err,
		       struct genl_info *info, gfp_t gfp)
{
	if (err) {
		nlmsg_free(e->skb);
		genl_set_err(&isakmp_family, in->net, 0, ISAKMP_GROUP_EVENTS, -ENOBUFS);
		return;
	}
	genlmsg_end(e->skb, e->hdr);
	if (info)
		genl_notify(&isakmp_family, e->skb, info, ISAKMP_GROUP_EVENTS, gfp);
	else
		genlmsg_multicast_netns(&isakmp_family, in->net, e->skb, 0,
					ISAKMP_GROUP_EVENTS, gfp);
}

/**
 * isakmp_event_object() - an object is new, was changed, or is about to go
 * @in: the namespace
 * @type: ISAKMP_EVENT_OBJECT_NEW or _DEL
 * @o: the object
 * @info: the message that did it
 *
 * Context: process.  Must hold config.lock.
 */
void isakmp_event_object(struct isakmp_net *in, enum isakmp_event_type type,
			 const struct isakmp_object *o, struct genl_info *info)
{
	struct event e;
	int err;

	if (!event_wanted(in, info) || !event_start(&e, info, NLMSG_GOODSIZE, GFP_KERNEL))
		return;
	err = put_event(e.skb, type, ISAKMP_OK, 0, NULL);
	if (!err)
		err = isakmp_kind_put(e.skb, o, type == ISAKMP_EVENT_OBJECT_DEL);
	event_send(in, &e, err, info, GFP_KERNEL);
}

/**
 * isakmp_event_config() - the configuration changed as a whole
 * @in: the namespace
 * @info: the message that did it
 *
 * Context: process.
 */
void isakmp_event_config(struct isakmp_net *in, struct genl_info *info)
{
	struct event e;

	if (!event_wanted(in, info) || !event_start(&e, info, NLMSG_GOODSIZE, GFP_KERNEL))
		return;
	event_send(in, &e, put_event(e.skb, ISAKMP_EVENT_CONFIG, ISAKMP_OK, 0, NULL), info,
		   GFP_KERNEL);
}

/**
 * isakmp_event_helper() - a helper came or went
 * @in: the namespace
 * @helpers: how many there are now
 *
 * Context: process.
 */
void isakmp_event_helper(struct isakmp_net *in, u32 helpers)
{
	struct event e;
	int err;

	if (!event_wanted(in, NULL) || !event_start(&e, NULL, NLMSG_GOODSIZE, GFP_KERNEL))
		return;
	err = put_event(e.skb, ISAKMP_EVENT_HELPER, ISAKMP_OK, helpers, NULL);
	event_send(in, &e, err, NULL, GFP_KERNEL);
}

/**
 * isakmp_event_sa() - something happened to an IKE SA
 * @in: the namespace
 * @type: ISAKMP_EVENT_SA_STATE, _CHILD_UP, _CHILD_DOWN, or _REFUSED
 * @v: the SA
 * @reason: why, or ISAKMP_OK
 * @arg: what the reason is about, or 0
 * @old_state: the name of the state before, or NULL
 *
 * Context: process.
 */
void isakmp_event_sa(struct isakmp_net *in, enum isakmp_event_type type,
		     const struct ike_sa_view *v, enum isakmp_reason reason,
		     u32 arg, const char *old_state)
{
	struct event e;
	int err;

	if (!event_wanted(in, NULL) || !event_start(&e, NULL, isakmp_view_size(v), GFP_KERNEL))
		return;
	err = put_event(e.skb, type, reason, arg, old_state);
	if (!err)
		err = isakmp_view_put(e.skb, in, v, true);
	event_send(in, &e, err, NULL, GFP_KERNEL);
}

/* What is known of the SA, or of one that never came to be. */
static int put_refused_sa(struct sk_buff *skb, const struct isakmp_path *path, u64 sa_id)
{
	struct nlattr *nest;

	if (!path && !sa_id)
		return 0;
	nest = nla_nest_start(skb, ISAKMP_A_SA);
	if (!nest ||
	    (sa_id && nla_put_u64_64bit(skb, ISAKMP_SA_ID, sa_id, ISAKMP_SA_PAD)) ||
	    (path &&
	     (isakmp_attr_put_addr(skb, ISAKMP_SA_LOCAL, &path->local) ||
	      isakmp_attr_put_addr(skb, ISAKMP_SA_REMOTE, &path->remote) ||
	      nla_put_u16(skb, ISAKMP_SA_LPORT, path->lport) ||
	      nla_put_u16(skb, ISAKMP_SA_RPORT, path->rport))))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * isakmp_event_refused() - something was refused
 * @in: the namespace
 * @path: how it came, or NULL
 * @sa_id: the SA it was for, or 0
 * @reason: why
 * @arg: what the reason is about, or 0
 *
 * Context: any.
 */
void isakmp_event_refused(struct isakmp_net *in, const struct isakmp_path *path,
			  u64 sa_id, enum isakmp_reason reason, u32 arg)
{
	struct event e;
	int err;

	if (!event_wanted(in, NULL) || !__ratelimit(&in->config.refused) ||
	    !event_start(&e, NULL, NLMSG_GOODSIZE, GFP_ATOMIC))
		return;
	err = put_event(e.skb, ISAKMP_EVENT_REFUSED, reason, arg, NULL);
	if (!err)
		err = put_refused_sa(e.skb, path, sa_id);
	event_send(in, &e, err, NULL, GFP_ATOMIC);
}
