// SPDX-License-Identifier: GPL-2.0
/* An IKE SA as it is shown, in SA_GET and in events: the same layout. */
#include "nl/attr.h"
#include "nl/family.h"
#include "nl/view.h"

static const char *const child_states[] = {
	[IKE_CHILD_WANTED] = "wanted",
	[IKE_CHILD_UP] = "up",
	[IKE_CHILD_LOST] = "lost",
	[IKE_CHILD_DELETING] = "deleting",
	[IKE_CHILD_REKEYED] = "rekeyed",
	[IKE_CHILD_GONE] = "gone",
};

/* From the body of an ID payload to type and value, without the reserved octets. */
static int put_ident(struct sk_buff *skb, int type, const u8 *body, u16 len)
{
	struct nlattr *a;
	u8 *p;

	if (len <= 4)
		return 0;
	a = nla_reserve(skb, type, len - 3);
	if (!a)
		return -EMSGSIZE;
	p = nla_data(a);
	p[0] = body[0];
	memcpy(p + 1, body + 4, len - 4);
	return 0;
}

static int put_ms(struct sk_buff *skb, int type, u64 since)
{
	u64 now = isakmp_now();

	return nla_put_u64_64bit(skb, type, now > since ? now - since : 0, ISAKMP_SA_PAD);
}

static int put_counters(struct sk_buff *skb, struct isakmp_net *in,
			const struct ike_child_view *c)
{
	static const u8 attrs[] = {
		[ISAKMP_BYTES_IN]	= ISAKMP_CHILD_SA_BYTES_IN,
		[ISAKMP_PACKETS_IN]	= ISAKMP_CHILD_SA_PACKETS_IN,
		[ISAKMP_BYTES_OUT]	= ISAKMP_CHILD_SA_BYTES_OUT,
		[ISAKMP_PACKETS_OUT]	= ISAKMP_CHILD_SA_PACKETS_OUT,
	};
	u64 n[ISAKMP_COUNTS] = {};
	unsigned int i;

	isakmp_xfrm_counters(in, &c->local_end, &c->remote_end, c->suite.protocol,
			     c->spi_in, c->spi_out, n);
	for (i = 0; i < ARRAY_SIZE(attrs); i++)
		if (nla_put_u64_64bit(skb, attrs[i], c->past[i] + n[i], ISAKMP_CHILD_SA_PAD))
			return -EMSGSIZE;
	return nla_put_u32(skb, ISAKMP_CHILD_SA_REKEYS, c->rekeyed);
}

static int put_offload(struct sk_buff *skb, struct isakmp_net *in,
		       const struct ike_child_view *c)
{
	char dev[IKE_DEV_LEN];

	if ((isakmp_xfrm_device(in, &c->local_end, c->suite.protocol, c->spi_in, dev) &&
	     nla_put_string(skb, ISAKMP_CHILD_SA_OFFLOAD_IN, dev)) ||
	    (isakmp_xfrm_device(in, &c->remote_end, c->suite.protocol, c->spi_out, dev) &&
	     nla_put_string(skb, ISAKMP_CHILD_SA_OFFLOAD_OUT, dev)))
		return -EMSGSIZE;
	return 0;
}

static int put_child(struct sk_buff *skb, struct isakmp_net *in, const struct ike_child_view *c)
{
	struct nlattr *nest = nla_nest_start(skb, ISAKMP_SA_CHILD);

	if (!nest ||
	    nla_put_string(skb, ISAKMP_CHILD_SA_NAME, c->name) ||
	    nla_put_string(skb, ISAKMP_CHILD_SA_STATE, child_states[c->state]) ||
	    nla_put_u8(skb, ISAKMP_CHILD_SA_MODE, c->mode))
		return -EMSGSIZE;
	if (c->cpi_out && (nla_put_u16(skb, ISAKMP_CHILD_SA_CPI_IN, c->cpi_in) ||
			   nla_put_u16(skb, ISAKMP_CHILD_SA_CPI_OUT, c->cpi_out)))
		return -EMSGSIZE;
	/* What is only wanted has no more than a name. */
	if (c->state != IKE_CHILD_WANTED &&
	    (nla_put_u32(skb, ISAKMP_CHILD_SA_SPI_IN, c->spi_in) ||
	     nla_put_u32(skb, ISAKMP_CHILD_SA_SPI_OUT, c->spi_out) ||
	     isakmp_suite_put(skb, ISAKMP_CHILD_SA_SUITE, &c->suite) ||
	     isakmp_attr_put_ts(skb, ISAKMP_CHILD_SA_LOCAL_TS, c->ts, c->n_local) ||
	     isakmp_attr_put_ts(skb, ISAKMP_CHILD_SA_REMOTE_TS, c->ts + c->n_local,
				c->n_remote) ||
	     put_offload(skb, in, c) || put_counters(skb, in, c)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* An attribute has 16 bits of length: the octets an SA's nest has left. */
static bool nest_has_room(const struct sk_buff *skb, const struct nlattr *nest)
{
	return skb_tail_pointer(skb) - (const u8 *)nest <= U16_MAX;
}

/* @cut: leave out those that do not fit. */
static int put_children(struct sk_buff *skb, struct isakmp_net *in, const struct ike_sa_view *v,
			const struct nlattr *nest, bool cut)
{
	const struct ike_child_view *c = NULL;
	unsigned char *end;

	while ((c = ike_view_child(v, c))) {
		end = skb_tail_pointer(skb);
		if (!put_child(skb, in, c) && nest_has_room(skb, nest))
			continue;
		nlmsg_trim(skb, end);
		return cut ? 0 : -EMSGSIZE;
	}
	return 0;
}

static int put_nat(struct sk_buff *skb, const struct ike_sa_view *v)
{
	unsigned int i;

	if ((v->nat_local && nla_put_flag(skb, ISAKMP_SA_NAT_LOCAL)) ||
	    (v->nat_remote && nla_put_flag(skb, ISAKMP_SA_NAT_REMOTE)) ||
	    (v->encap && nla_put_flag(skb, ISAKMP_SA_ENCAP)) ||
	    (v->resumed && nla_put_flag(skb, ISAKMP_SA_RESUMED)) ||
	    (v->fragment && nla_put_u16(skb, ISAKMP_SA_FRAGMENT_SIZE, v->fragment)) ||
	    (v->mobike && nla_put_flag(skb, ISAKMP_SA_MOBIKE)))
		return -EMSGSIZE;
	for (i = 0; i < v->n_addresses; i++)
		if (isakmp_attr_put_addr(skb, ISAKMP_SA_ADDRESS, &v->address[i]))
			return -EMSGSIZE;
	return 0;
}

static int put_path(struct sk_buff *skb, const struct isakmp_path *path)
{
	if (isakmp_attr_put_addr(skb, ISAKMP_SA_LOCAL, &path->local) ||
	    isakmp_attr_put_addr(skb, ISAKMP_SA_REMOTE, &path->remote) ||
	    nla_put_u16(skb, ISAKMP_SA_LPORT, path->lport) ||
	    nla_put_u16(skb, ISAKMP_SA_RPORT, path->rport))
		return -EMSGSIZE;
	return 0;
}

/* Inner addresses: given to us, or to the peer. */
static int put_inner(struct sk_buff *skb, const struct ike_sa_view *v)
{
	int attr = v->inner_ours ? ISAKMP_SA_VIRTUAL_IP : ISAKMP_SA_LEASE;
	const struct ike_config *c = ike_view_config(v);
	unsigned int i;

	BUILD_BUG_ON(ISAKMP_SA_SUBNET != ISAKMP_SA_DNS + 1 ||
		     ISAKMP_SA_DOMAIN != ISAKMP_SA_DNS + 2);
	for (i = 0; i < IKE_INNER; i++)
		if (isakmp_attr_put_addr(skb, attr, &v->inner[i]))
			return -EMSGSIZE;
	return c ? isakmp_config_put(skb, c, ISAKMP_SA_DNS) : 0;
}

static int put_life(struct sk_buff *skb, const struct ike_sa_view *v)
{
	if (put_ms(skb, ISAKMP_SA_AGE, v->created_at) ||
	    (v->established_at && put_ms(skb, ISAKMP_SA_UP, v->established_at)) ||
	    (v->last_in && put_ms(skb, ISAKMP_SA_IDLE, v->last_in)) ||
	    nla_put_u32(skb, ISAKMP_SA_MSGS_IN, v->msgs_in) ||
	    nla_put_u32(skb, ISAKMP_SA_MSGS_OUT, v->msgs_out) ||
	    nla_put_u32(skb, ISAKMP_SA_RESENDS, v->resends) ||
	    nla_put_u32(skb, ISAKMP_SA_REKEYS, v->rekeyed) ||
	    (v->reason && nla_put_u16(skb, ISAKMP_SA_REASON, v->reason)))
		return -EMSGSIZE;
	return 0;
}

static int put_version(struct sk_buff *skb, const struct ike_sa_view *v)
{
	if ((v->version == 1 && nla_put_u8(skb, ISAKMP_SA_VERSION, v->version)) ||
	    (v->method && nla_put_u16(skb, ISAKMP_SA_METHOD, v->method)) ||
	    (v->user[0] && nla_put_string(skb, ISAKMP_SA_USER, v->user)))
		return -EMSGSIZE;
	return 0;
}

static int put_basis(struct sk_buff *skb, const struct ike_sa_view *v)
{
	u64 now = isakmp_now();

	if ((v->local_cred[0] && nla_put_string(skb, ISAKMP_SA_LOCAL_CRED, v->local_cred)) ||
	    (v->remote_cred[0] && nla_put_string(skb, ISAKMP_SA_REMOTE_CRED, v->remote_cred)) ||
	    (v->handle_len && nla_put(skb, ISAKMP_SA_HANDLE, v->handle_len, v->handle)))
		return -EMSGSIZE;
	if (v->until_at <= now || v->until_at == U64_MAX)
		return 0;
	return nla_put_u64_64bit(skb, ISAKMP_SA_AUTH_LEFT, v->until_at - now, ISAKMP_SA_PAD);
}

/**
 * isakmp_view_size() - room for a message with an IKE SA
 * @v: a view of it
 *
 * Context: any.
 * Return: octets.
 */
size_t isakmp_view_size(const struct ike_sa_view *v)
{
	/* A selector is 40 octets in the view, up to 68 in attributes. */
	return NLMSG_GOODSIZE + 2 * (v->size - sizeof(*v)) +
	       (ike_view_config(v) ? NLMSG_GOODSIZE : 0);
}

/**
 * isakmp_view_put() - write an IKE SA
 * @skb: where to
 * @in: its namespace, for the counters of its children
 * @v: a view of it
 * @cut: children that do not fit may be left out
 *
 * Context: process.
 * Return: 0 or -EMSGSIZE.
 */
int isakmp_view_put(struct sk_buff *skb, struct isakmp_net *in, const struct ike_sa_view *v,
		    bool cut)
{
	struct nlattr *nest = nla_nest_start(skb, ISAKMP_A_SA);

	if (!nest ||
	    nla_put_u64_64bit(skb, ISAKMP_SA_ID, v->id, ISAKMP_SA_PAD) ||
	    (v->peer[0] && nla_put_string(skb, ISAKMP_SA_PEER, v->peer)) ||
	    nla_put_string(skb, ISAKMP_SA_STATE, ike_state_name(v->state)) ||
	    (v->initiator && nla_put_flag(skb, ISAKMP_SA_INITIATOR)) ||
	    nla_put_u64_64bit(skb, ISAKMP_SA_SPI_I, v->spi_i, ISAKMP_SA_PAD) ||
	    nla_put_u64_64bit(skb, ISAKMP_SA_SPI_R, v->spi_r, ISAKMP_SA_PAD) ||
	    put_path(skb, &v->path) ||
	    isakmp_suite_put(skb, ISAKMP_SA_SUITE, &v->suite) ||
	    put_ident(skb, ISAKMP_SA_LOCAL_ID, v->id_local, v->id_local_len) ||
	    put_ident(skb, ISAKMP_SA_REMOTE_ID, v->id_remote, v->id_remote_len) ||
	    put_version(skb, v) || put_life(skb, v) || put_basis(skb, v) || put_nat(skb, v) ||
	    put_inner(skb, v) || put_children(skb, in, v, nest, cut))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
