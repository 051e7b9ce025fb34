// SPDX-License-Identifier: GPL-2.0
/*
 * KEYS_WATCH and KEYS: the keys of IKE SAs, for a protocol analyser.
 *
 * The one exception to "keys never leave the module".  It takes the module
 * parameter debug_keys, and CAP_NET_ADMIN in the initial user namespace.  They
 * go to the sockets that asked, one by one, never to a group.
 *
 * As long as nobody watches nothing is copied.  What a message is built in is
 * netlink's: it frees its data, once read, like that of any other.  A message that
 * does not get that far is zeroed here.
 */
#include <linux/moduleparam.h>
#include <linux/skbuff.h>
#include "ike/seam.h"
#include "nl/attr.h"
#include "nl/debug.h"
#include "nl/family.h"

static bool debug_keys;
module_param(debug_keys, bool, 0600);
MODULE_PARM_DESC(debug_keys, "Let root watch the keys of IKE SAs (isakmp monitor keys)");

static int watch(struct isakmp_debug_net *d, u32 portid)
{
	unsigned int i;

	lockdep_assert_held(&d->lock);
	for (i = 0; i < d->n; i++)
		if (d->portid[i] == portid)
			return -EALREADY;
	if (d->n == ISAKMP_WATCHERS_MAX)
		return -ENOSPC;
	d->portid[d->n] = portid;
	WRITE_ONCE(d->n, d->n + 1);
	return 0;
}

/**
 * isakmp_debug_watch_doit() - KEYS_WATCH
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_debug_watch_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct isakmp_debug_net *d = &isakmp_info_net(info)->debug;
	int err;

	if (!READ_ONCE(debug_keys))
		return isakmp_refuse(info->extack, NULL, -EPERM,
				     "keys are shown only while the module parameter debug_keys is 1");
	spin_lock(&d->lock);
	err = watch(d, info->snd_portid);
	spin_unlock(&d->lock);
	if (err == -EALREADY)
		return isakmp_refuse(info->extack, NULL, err, "this socket watches already");
	if (err)
		return isakmp_refuse(info->extack, NULL, err, "too many sockets watch the keys");
	return 0;
}

/**
 * isakmp_debug_closed() - a socket is gone; maybe it watched
 * @in: the namespace
 * @portid: of the socket
 *
 * Context: process.
 */
void isakmp_debug_closed(struct isakmp_net *in, u32 portid)
{
	struct isakmp_debug_net *d = &in->debug;
	unsigned int i;

	if (!READ_ONCE(d->n))
		return;
	spin_lock(&d->lock);
	for (i = 0; i < d->n; i++) {
		if (d->portid[i] != portid)
			continue;
		d->portid[i] = d->portid[d->n - 1];
		WRITE_ONCE(d->n, d->n - 1);
		break;
	}
	spin_unlock(&d->lock);
}

/* What isakmp_keys_made() was told. */
struct keys {
	const u8 *ei, *er, *ai, *ar;
	size_t enc, integ;
};

static int put_keys(struct sk_buff *msg, const struct ike_epoch *ep, const struct keys *k)
{
	struct nlattr *nest = nla_nest_start(msg, ISAKMP_A_KEYS);

	if (!nest ||
	    nla_put_u64_64bit(msg, ISAKMP_KEYS_SPI_I, ep->spi_i, ISAKMP_KEYS_PAD) ||
	    nla_put_u64_64bit(msg, ISAKMP_KEYS_SPI_R, ep->spi_r, ISAKMP_KEYS_PAD) ||
	    isakmp_suite_put(msg, ISAKMP_KEYS_SUITE, &ep->suite) ||
	    nla_put(msg, ISAKMP_KEYS_SK_EI, (int)k->enc, k->ei) ||
	    (k->er && nla_put(msg, ISAKMP_KEYS_SK_ER, (int)k->enc, k->er)) ||
	    (k->integ && (nla_put(msg, ISAKMP_KEYS_SK_AI, (int)k->integ, k->ai) ||
			  nla_put(msg, ISAKMP_KEYS_SK_AR, (int)k->integ, k->ar))))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static void send_keys(struct isakmp_net *in, u32 portid, const struct ike_epoch *ep,
		      const struct keys *k)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *hdr;

	if (!msg)
		return;
	hdr = genlmsg_put(msg, portid, 0, &isakmp_family, 0, ISAKMP_CMD_KEYS);
	if (!hdr || put_keys(msg, ep, k)) {
		memzero_explicit(msg->head, skb_end_offset(msg));
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_unicast(in->net, msg, portid);
}

/* Seam: see ike/seam.h. */
void isakmp_keys_made(struct ike_sa *sa, const struct ike_epoch *ep, const u8 *sk_ei,
		      const u8 *sk_er, size_t enc, const u8 *sk_ai, const u8 *sk_ar, size_t integ)
{
	struct isakmp_net *in = isakmp_sa_of(sa)->in;
	struct keys k = { sk_ei, sk_er, sk_ai, sk_ar, enc, integ };
	u32 portid[ISAKMP_WATCHERS_MAX];
	unsigned int i, n;

	if (!READ_ONCE(debug_keys) || !READ_ONCE(in->debug.n))
		return;
	spin_lock(&in->debug.lock);
	n = in->debug.n;
	memcpy(portid, in->debug.portid, n * sizeof(portid[0]));
	spin_unlock(&in->debug.lock);
	for (i = 0; i < n; i++)
		send_keys(in, portid[i], ep, &k);
}

/**
 * isakmp_debug_net_init() - nobody watches
 * @in: the namespace
 *
 * Context: process.
 */
void isakmp_debug_net_init(struct isakmp_net *in)
{
	spin_lock_init(&in->debug.lock);
}
