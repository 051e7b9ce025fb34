// SPDX-License-Identifier: GPL-2.0
/* XFRM states: SPIs, build, insert, remove. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/xfrm.h>
#include <isakmp/ikev2.h>
#include "net/sa.h"
#include "xfrm/inner.h"

/*
 * Our SPIs, RFC 4303, 2.1 (1 to 255 are reserved):
 *
 *	 31    28 27                                                   0
 *	+--------+------------------------------------------------------+
 *	|  gen   |                       random                         |
 *	+--------+------------------------------------------------------+
 *
 * gen goes from 1 to 15 and changes every 256 seconds: an SPI is not drawn a
 * second time within an hour, so that late packets of a child SA that went
 * cannot meet another one.  Never xfrm_alloc_spi(): it walks every state of the
 * machine under its one lock.
 */
#define ISAKMP_SPI_GEN_SECONDS	256
#define ISAKMP_SPI_GENS		15
#define ISAKMP_SPI_SHIFT	28
#define ISAKMP_SPI_TRIES	16

#define ISAKMP_ICV_BITS		128	/* RFC 4106, 6: the full-length ICV */
#define ISAKMP_SALT_BYTES	4	/* RFC 4106, 8.1: behind the key */

/*
 * RFC 4303, 3.3.3: without ESN no sequence number may come twice.  Some are left
 * for what is on its way when the SA expires.
 */
#define ISAKMP_PACKETS_MAX	(U32_MAX - 0xffff)

/* From struct xfrm_state to struct isakmp_half: for the hooks, under RCU. */
static struct rhashtable isakmp_states;
static const struct rhashtable_params isakmp_state_params = {
	.head_offset = offsetof(struct isakmp_half, node),
	.key_offset = offsetof(struct isakmp_half, x),
	.key_len = sizeof_field(struct isakmp_half, x),
	.automatic_shrinking = true,
};

/* Found once: a search by name with probing costs more than keying a state. */
static const struct xfrm_algo_desc *isakmp_state_aead;

/**
 * isakmp_state_init() - find the algorithm, make the table
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_state_init(void)
{
	isakmp_state_aead = xfrm_aead_get_byname("rfc4106(gcm(aes))", ISAKMP_ICV_BITS, 1);
	if (!isakmp_state_aead) {
		pr_err("this kernel has no rfc4106(gcm(aes))\n");
		return -ENOENT;
	}
	return rhashtable_init(&isakmp_states, &isakmp_state_params);
}

/**
 * isakmp_state_exit() - the inverse; no hook runs any more
 *
 * Context: process.
 */
void isakmp_state_exit(void)
{
	rhashtable_destroy(&isakmp_states);
}

/**
 * isakmp_state_spi() - draw an inbound SPI
 * @net: namespace
 * @local: our address
 *
 * It is not reserved: when someone takes it before the state is inserted, the
 * insertion is refused.
 *
 * Context: any.
 * Return: the SPI, host order, never 0.
 */
u32 isakmp_state_spi(struct net *net, const struct isakmp_addr *local)
{
	u32 gen = 1 + (u32)(ktime_get_boottime_seconds() / ISAKMP_SPI_GEN_SECONDS) %
		      ISAKMP_SPI_GENS;
	unsigned int tries = ISAKMP_SPI_TRIES;
	struct xfrm_state *x;
	xfrm_address_t addr;
	u32 spi;

	isakmp_xfrm_addr(&addr, local);
	do {
		spi = gen << ISAKMP_SPI_SHIFT | get_random_u32() >> (32 - ISAKMP_SPI_SHIFT);
		x = xfrm_state_lookup(net, 0, &addr, htonl(spi), IPPROTO_ESP,
				      isakmp_xfrm_family(local));
		if (x)
			xfrm_state_put(x);
	} while (x && --tries);
	return spi;
}

/**
 * isakmp_state_child() - whose state is this?
 * @x: the state
 *
 * Context: any, under rcu_read_lock().
 * Return: the child, valid until rcu_read_unlock(), or NULL.
 */
struct isakmp_xfrm *isakmp_state_child(const struct xfrm_state *x)
{
	struct isakmp_half *h;

	h = rhashtable_lookup(&isakmp_states, &x, isakmp_state_params);
	return h ? h->child : NULL;
}

static int isakmp_state_key(struct xfrm_state *x, const struct ike_child *c, const u8 *key)
{
	size_t len = isakmp_encr_key_len(c->suite.encr, c->suite.keylen);

	/* RFC 4106, 8.1: 20, 28 or 36 octets with the salt */
	if (c->suite.encr != IKE_ENCR_AES_GCM_16 ||
	    len != c->suite.keylen / 8 + ISAKMP_SALT_BYTES)
		return -EOPNOTSUPP;
	x->aead = kzalloc(sizeof(*x->aead) + len, GFP_KERNEL);
	if (!x->aead)
		return -ENOMEM;
	strscpy(x->aead->alg_name, isakmp_state_aead->name, sizeof(x->aead->alg_name));
	x->aead->alg_key_len = 8 * len;
	x->aead->alg_icv_len = ISAKMP_ICV_BITS;
	memcpy(x->aead->alg_key, key, len);
	x->props.ealgo = isakmp_state_aead->desc.sadb_alg_id;
	x->geniv = isakmp_state_aead->uinfo.aead.geniv;
	return 0;
}

/*
 * Inbound: always the bitmap, which has windows above 32 packets too, with ESN
 * or without.  Outbound: only ESN needs more than the counter of the state, and
 * then the window is what the kernel asks of that direction.
 */
static int isakmp_state_replay(struct xfrm_state *x, const struct ike_child *c, bool out)
{
	bool esn = c->suite.esn == IKE_ESN_YES;
	struct xfrm_replay_state_esn *r;
	u32 window, words;

	if (esn)
		x->props.flags |= XFRM_STATE_ESN;
	else if (out)
		return 0;
	window = c->policy->replay_window ?: ISAKMP_REPLAY_WINDOW;
	window = out ? ISAKMP_XFRM_ESN_WINDOW_OUT : min_t(u32, window, XFRMA_REPLAY_ESN_MAX);
	words = DIV_ROUND_UP(window, 32);
	r = kzalloc(struct_size(r, bmp, words), GFP_KERNEL);
	if (!r)
		return -ENOMEM;
	r->bmp_len = words;
	r->replay_window = window;
	x->replay_esn = r;
	x->preplay_esn = kmemdup(r, struct_size(r, bmp, words), GFP_KERNEL);
	return x->preplay_esn ? 0 : -ENOMEM;
}

/* Limits of xfrm_state_alloc() are XFRM_INF; 0 would expire at once. */
static void isakmp_state_life(struct xfrm_state *x, const struct ike_child *c)
{
	const struct ike_child_policy *p = c->policy;

	x->lft.hard_add_expires_seconds = p->life_s;
	if (p->life_bytes)
		x->lft.hard_byte_limit = p->life_bytes;
	if (p->life_packets)
		x->lft.hard_packet_limit = p->life_packets;
	if (c->suite.esn != IKE_ESN_YES)
		x->lft.hard_packet_limit = min_t(u64, x->lft.hard_packet_limit,
						 ISAKMP_PACKETS_MAX);
}

/*
 * The selector of a tunnel's state stays empty (AF_UNSPEC): one state serves
 * several selectors, the policies do the selecting, both ways.
 */
static void isakmp_state_fill(struct xfrm_state *x, const struct isakmp_half *h,
			      const struct ike_child *c, bool out)
{
	const struct isakmp_owner *o = &h->child->owner;
	struct net *net = h->child->in->net;

	x->id.proto = IPPROTO_ESP;
	x->id.spi = htonl(out ? c->spi_out : c->spi_in);
	x->id.daddr = out ? o->remote : o->local;
	x->props.saddr = out ? o->local : o->remote;
	x->props.family = o->family;
	x->props.mode = XFRM_MODE_TUNNEL;
	x->props.reqid = o->reqid;
	x->props.flags = XFRM_STATE_AF_UNSPEC;
	x->replay_maxdiff = net->xfrm.sysctl_aevent_rseqth;
	x->replay_maxage = net->xfrm.sysctl_aevent_etime * HZ / XFRM_AE_ETH_M;
	isakmp_state_set_dir(x, out);
	isakmp_state_life(x, c);
}

/* Also of one that was never inserted. */
static void isakmp_state_drop(struct xfrm_state *x)
{
	if (x->aead)
		memzero_explicit(x->aead->alg_key, x->aead->alg_key_len / 8);
	x->km.state = XFRM_STATE_DEAD;
	xfrm_state_put(x);
}

static struct xfrm_state *isakmp_state_build(const struct isakmp_half *h,
					     const struct ike_child *c, bool out,
					     const u8 *key)
{
	struct xfrm_state *x = xfrm_state_alloc(h->child->in->net);
	int err;

	if (!x)
		return ERR_PTR(-ENOMEM);
	isakmp_state_fill(x, h, c, out);
	err = isakmp_state_key(x, c, key) ?:
	      isakmp_state_replay(x, c, out) ?:
	      xfrm_init_state(x);
	if (!err)
		return x;
	isakmp_state_drop(x);
	return ERR_PTR(err);
}

static void isakmp_state_notify(struct xfrm_state *x, u32 event)
{
	struct km_event c = { .event = event, .net = xs_net(x) };

	km_state_notify(x, &c);
}

/**
 * isakmp_state_add() - build and insert one direction's state
 * @h: where to keep it; its child's owner is filled
 * @c: the child SA
 * @out: outbound
 * @key: isakmp_encr_key_len() octets
 *
 * The order is that of xfrm_add_sa().  The table knows the state before others
 * can remove it.
 *
 * Context: process.
 * Return: 0; -EEXIST: the SPI is taken; -errno.
 */
int isakmp_state_add(struct isakmp_half *h, const struct ike_child *c, bool out,
		     const u8 *key)
{
	struct xfrm_state *x = isakmp_state_build(h, c, out, key);
	int err;

	if (IS_ERR(x))
		return PTR_ERR(x);
	h->x = x;
	err = rhashtable_insert_fast(&isakmp_states, &h->node, isakmp_state_params);
	if (err)
		goto drop;
	xfrm_state_hold(x);
	err = xfrm_state_add(x);
	xfrm_audit_state_add(x, !err, false);
	if (err)
		goto forget;
	isakmp_state_notify(x, XFRM_MSG_NEWSA);
	return 0;
forget:
	rhashtable_remove_fast(&isakmp_states, &h->node, isakmp_state_params);
	xfrm_state_put(x);
drop:
	h->x = NULL;
	isakmp_state_drop(x);
	return err;
}

/**
 * isakmp_state_del() - remove a state, if it is still there
 * @h: its keeper
 *
 * The hooks do not know it any more when it goes: a removal of ours is no loss.
 *
 * Context: process.
 */
void isakmp_state_del(struct isakmp_half *h)
{
	struct xfrm_state *x = h->x;

	if (!x)
		return;
	rhashtable_remove_fast(&isakmp_states, &h->node, isakmp_state_params);
	if (!xfrm_state_delete(x)) {
		xfrm_audit_state_delete(x, 1, false);
		isakmp_state_notify(x, XFRM_MSG_DELSA);
	}
	h->x = NULL;
	isakmp_state_drop(x);
}
