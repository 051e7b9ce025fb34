// SPDX-License-Identifier: GPL-2.0
/*
 * Mode config (draft-ietf-ipsec-isakmp-mode-cfg): inner addresses, pulled by who wants
 * them, or pushed by who has them.  The attributes are those of version 2, and read and
 * written by ike/config.c; but for an IPv6 address, which has no prefix length here, and
 * networks and domains, which many peers know by the words of Cisco Unity alone.
 */
#include "v1/phase2.h"
#include "v1/transaction.h"

#define SPLIT_LEN 14	/* UNITY_SPLIT_INCLUDE: address, mask, and six octets of zero */

static bool gives(const struct ike_sa *sa)
{
	return !ike_config_wanted(sa) && sa->peer->pools;
}

static bool unity(const struct ike_epoch *ep)
{
	return v1_of(ep)->can & BIT(V1_CAN_UNITY);
}

static u32 mask_of(u8 plen)
{
	return plen ? ~0U << (32 - plen) : 0;
}

/* ---- attributes as they are here ----------------------------------------- */

/* As ike/config.c knows it; @room: for the value of an IPv6 address. */
static struct isakmp_cp_attr attr_of(const struct v1_attr_value *v, u8 room[17])
{
	struct isakmp_cp_attr a = { v->type, v->value, v->len };

	if (v->type != IKE_CFG_IP6_ADDRESS || v->len != 16)
		return a;
	memcpy(room, v->value, 16);
	room[16] = 128;
	a.value = room;
	a.len = 17;
	return a;
}

/* Networks behind the peer, each as an attribute of version 2. */
static void take_split(const struct ike_sa *sa, struct ike_cfg_in *r,
		       const struct v1_attr_value *v)
{
	struct isakmp_cp_attr a = { IKE_CFG_IP4_SUBNET, NULL, 8 };
	struct isakmp_cur c;

	isakmp_cur_init(&c, v->value, v->len);
	while (isakmp_cur_take(&c, SPLIT_LEN, &a.value))
		ike_config_take(sa, r, &a);
	if (c.left)
		r->odd = v->type;
}

static void take(const struct ike_sa *sa, struct ike_cfg_in *r, struct isakmp_cur c)
{
	struct v1_attr_value v;
	struct isakmp_cp_attr a;
	u8 room[17];

	while (v1_attr_next(&c, &v)) {
		if (v.type == V1_U_SPLIT_INCLUDE) {
			take_split(sa, r, &v);
			continue;
		}
		a = attr_of(&v, room);
		ike_config_take(sa, r, &a);
	}
}

static void put_attr(struct isakmp_out *o, u16 type, const void *p, u16 n)
{
	v1_attr_encode_long(o, type, p, n);
}

static void put_split(const struct ike_config *c, struct isakmp_out *o)
{
	u8 one[IKE_CFG_SUBNETS_MAX * SPLIT_LEN] = {}, *at = one;
	unsigned int i;

	for (i = 0; i < c->n_subnets; i++) {
		if (c->subnet[i].addr.family != 4)
			continue;
		memcpy(at, c->subnet[i].addr.a, 4);
		put_unaligned_be32(mask_of(c->subnet[i].plen), at + 4);
		at += SPLIT_LEN;
	}
	if (at != one)
		put_attr(o, V1_U_SPLIT_INCLUDE, one, (u16)(at - one));
}

/* The first is that of names without one, too. */
static void put_domains(const struct ike_config *c, struct isakmp_out *o)
{
	u16 i, n = c->domains_len ? c->domains_len - 1 : 0;

	if (!n || !c->n_dns)
		return;
	put_attr(o, V1_U_DEF_DOMAIN, c->domains, (u16)strlen(c->domains));
	put_attr(o, V1_U_SPLIT_DNS, c->domains, n);
	for (i = 1; i <= n && !o->full; i++)
		if (!o->p[o->len - i])
			o->p[o->len - i] = ',';
}

/*
 * What ike/config.c has written to @from, but for the length of an IPv6 address; for IPv4
 * the mask, which old clients want.
 */
static void put_given(const struct ike_sa *sa, const struct ike_epoch *ep,
		      const struct ike_cfg_wish *w, const struct isakmp_out *from,
		      struct isakmp_out *o)
{
	static const u8 host[4] = { 255, 255, 255, 255 };
	struct isakmp_cp_attr a;
	struct isakmp_cur c;

	isakmp_cur_init(&c, from->p, from->len);
	while (isakmp_cp_attr_next(&c, &a))
		put_attr(o, a.type, a.value, a.type == IKE_CFG_IP6_ADDRESS ? 16 : a.len);
	if (sa->inner[0].family && w->asked & BIT(IKE_CFG_IP4_NETMASK))
		put_attr(o, IKE_CFG_IP4_NETMASK, host, sizeof(host));
}

/* The attributes of a message of ours, being written. */
struct room {
	u8 from[IKE_BUILD_MAX / 4];
	u8 to[IKE_BUILD_MAX / 4];
};

static struct ike_span given(const struct ike_sa *sa, const struct ike_epoch *ep,
			     const struct ike_cfg_wish *w, const struct ike_config *c,
			     struct room *r)
{
	struct isakmp_out from, o;

	isakmp_out_init(&from, r->from, sizeof(r->from));
	isakmp_out_init(&o, r->to, sizeof(r->to));
	ike_config_tell(sa, w, c, &from);
	put_given(sa, ep, w, &from, &o);
	if (unity(ep)) {
		put_split(c, &o);
		if (!(w->asked & BIT(IKE_CFG_DNS_DOMAIN)))
			put_domains(c, &o);
	}
	return (struct ike_span){ r->to, from.full || o.full ? 0 : o.len };
}

static struct ike_span wanted(const struct ike_sa *sa, struct room *r)
{
	struct isakmp_cp_attr a;
	struct isakmp_out from, o;
	struct isakmp_cur c;

	isakmp_out_init(&from, r->from, sizeof(r->from));
	isakmp_out_init(&o, r->to, sizeof(r->to));
	ike_config_ask(sa, &from);
	isakmp_cur_init(&c, from.p, from.len);
	while (isakmp_cp_attr_next(&c, &a))
		put_attr(&o, a.type, a.value, min_t(u16, a.len, 16));
	if (sa->peer->vip[0].family)
		put_attr(&o, IKE_CFG_IP4_NETMASK, NULL, 0);
	put_attr(&o, V1_U_SPLIT_INCLUDE, NULL, 0);
	return (struct ike_span){ r->to, o.len };
}

/* ---- who wants ----------------------------------------------------------- */

static enum isakmp_reason pull(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct v1_exchange *x = v1_trans_new(sa, ep, 0, V1_T_CONFIG, IKE_CFG_REQUEST, now);
	struct room *r = isakmp_alloc(sizeof(*r));
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;
	struct ike_span attrs;

	if (x && r) {
		attrs = wanted(sa, r);
		why = v1_trans_say(sa, ep, x, IKE_CFG_REQUEST, &attrs, now);
	}
	if (x && why)
		v1_exchange_free(sa, ep, x);
	isakmp_free(r);
	return why;
}

static enum isakmp_reason read(struct ike_sa *sa, const struct v1_attributes *a)
{
	struct ike_cfg_in r = { .config = isakmp_alloc(sizeof(*r.config)) };

	if (!r.config)
		return ISAKMP_R_NO_MEMORY;
	take(sa, &r, a->attrs);
	return ike_config_taken(sa, &r);
}

/* CFG_ACK: the attributes that were taken, without values. */
static enum isakmp_reason acknowledge(struct ike_sa *sa, struct v1_in *in,
				      const struct v1_attributes *a, u64 now)
{
	struct room *r = isakmp_alloc(sizeof(*r));
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;
	struct isakmp_cur c = a->attrs;
	struct v1_attr_value v;
	struct ike_span attrs;
	struct isakmp_out o;

	if (!r)
		return why;
	isakmp_out_init(&o, r->to, sizeof(r->to));
	while (v1_attr_next(&c, &v))
		put_attr(&o, v.type, NULL, 0);
	attrs = (struct ike_span){ r->to, o.full ? 0 : o.len };
	why = v1_trans_say(sa, in->ep, in->x, IKE_CFG_ACK, &attrs, now);
	isakmp_free(r);
	return why;
}

/**
 * v1_config_given - the peer gives us inner addresses: as asked for, or unasked
 * @sa: the SA
 * @in: the message
 * @a: its attributes
 * @now: ms
 *
 * In a further ISAKMP SA they may be other ones than before.
 *
 * Context: Process; the SA's worker.
 * Return: OK; NO_LAW, we want none; NO_ADDRESS, policy wants one and there is none, so that
 * the ISAKMP SA ends; NO_MEMORY.
 */
enum isakmp_reason v1_config_given(struct ike_sa *sa, struct v1_in *in,
				   const struct v1_attributes *a, u64 now)
{
	bool again = sa->state == IKE_S_ESTABLISHED;
	enum isakmp_reason why;

	if (!ike_config_wanted(sa) || v1_of(in->ep)->state != V1_P1_CONFIG)
		return ISAKMP_R_NO_LAW;
	why = read(sa, a);
	if (!why && a->type == IKE_CFG_SET)
		why = acknowledge(sa, in, a, now);
	if (!why) {
		v1_phase1_up(sa, in->ep, now);
		if (again)
			v1_pairs_readdress(sa, now);
		return ISAKMP_OK;
	}
	in->x = NULL;
	v1_trans_fail(sa, in->ep, why, now);
	return why;
}

/* ---- who gives ----------------------------------------------------------- */

static enum isakmp_reason ask(struct ike_sa *sa, struct ike_epoch *ep, u32 msgid,
			      const struct ike_cfg_wish *w)
{
	unsigned int i;
	struct ike_ask a = {
		.kind = IKE_ASK_V1_CONFIG,
		.initiator = sa->initiator,
		.id_i = { sa->initiator ? sa->id_local : sa->id_remote,
			  sa->initiator ? sa->id_local_len : sa->id_remote_len },
		.id_r = { sa->initiator ? sa->id_remote : sa->id_local,
			  sa->initiator ? sa->id_remote_len : sa->id_local_len },
	};

	if (sa->basis)
		a.unique = (struct ike_span){ sa->basis->unique, sa->basis->unique_len };
	memcpy(a.wish, w->addr, sizeof(a.wish));
	/* What it has it keeps: there may be children for it */
	for (i = 0; i < IKE_INNER; i++)
		if (sa->inner[i].family && a.wish[i].family)
			a.wish[i] = sa->inner[i];
	return v1_ask(sa, ep, msgid, &a);
}

/* What is pushed unasked: everything, of both families. */
static struct ike_cfg_wish everything(void)
{
	return (struct ike_cfg_wish){
		.asked = ~0U,
		.addr = { { .family = 4 }, { .family = 6 } },
	};
}

/**
 * v1_config_request - the peer wants inner addresses
 * @sa: the SA
 * @in: the message; its exchange is new
 * @a: its attributes
 * @now: ms
 *
 * Where no pool is there for it the answer is empty.
 *
 * Context: Process; the SA's worker.
 * Return: OK when it is answered or will be; NO_LAW, XAUTH comes first.
 */
enum isakmp_reason v1_config_request(struct ike_sa *sa, struct v1_in *in,
				     const struct v1_attributes *a, u64 now)
{
	struct ike_cfg_wish *w = &v1_trans_of(in->x)->wish;
	const struct ike_span none = {};
	struct isakmp_cur c = a->attrs;
	struct isakmp_cp_attr attr;
	struct v1_attr_value v;
	u8 room[17];
	u16 odd = 0;

	/* XAUTH may be over there, and its last message lost: this one comes again */
	if (v1_of(in->ep)->state < V1_P1_CONFIG) {
		v1_id_unuse(in->ep, in->h.msgid);
		return ISAKMP_R_NO_LAW;
	}
	while (v1_attr_next(&c, &v)) {
		attr = attr_of(&v, room);
		ike_config_wants(w, &attr, &odd);
	}
	if (odd)
		isakmp_refused(sa, ISAKMP_R_CP_VALUE, odd);
	if (!gives(sa) || (!w->addr[0].family && !w->addr[1].family))
		return v1_trans_say(sa, in->ep, in->x, IKE_CFG_REPLY, &none, now);
	return ask(sa, in->ep, in->h.msgid, w);
}

static void say_given(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x, u8 type,
		      const struct ike_verdict *v, u64 now)
{
	struct room *r = isakmp_alloc(sizeof(*r));
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;
	struct ike_span attrs = {};

	if (r) {
		if (!v->reason && !v->no_address)
			attrs = given(sa, ep, &v1_trans_of(x)->wish, &v->config, r);
		why = v1_trans_say(sa, ep, x, type, &attrs, now);
	}
	isakmp_free(r);
	if (why)
		isakmp_refused(sa, why, 0);
}

static void push(struct ike_sa *sa, struct ike_epoch *ep, const struct ike_verdict *v, u64 now)
{
	struct v1_exchange *x = v1_trans_new(sa, ep, 0, V1_T_CONFIG, IKE_CFG_SET, now);

	if (!x) {
		v1_trans_fail(sa, ep, ISAKMP_R_NO_MEMORY, now);
		return;
	}
	v1_trans_of(x)->wish = everything();
	say_given(sa, ep, x, IKE_CFG_SET, v, now);
}

static void take_inner(struct ike_sa *sa, const struct ike_verdict *v)
{
	unsigned int i;

	for (i = 0; i < IKE_INNER; i++)
		if (v->inner[i].family)
			sa->inner[i] = v->inner[i];
}

/**
 * v1_config_verdict - the helper has chosen addresses for the peer
 * @sa: the SA
 * @ep: the ISAKMP SA that it was asked for
 * @msgid: of the exchange that waits for it; 0: they are pushed
 * @v: the answer
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_config_verdict(struct ike_sa *sa, struct ike_epoch *ep, u32 msgid,
		       const struct ike_verdict *v, u64 now)
{
	struct v1_exchange *x = msgid ? v1_exchange_of(ep, msgid) : NULL;
	enum isakmp_reason why = v->no_address ? ISAKMP_R_NO_ADDRESS : v->reason;

	if (why)
		isakmp_refused(sa, why, 0);
	else
		take_inner(sa, v);
	if (x)
		say_given(sa, ep, x, IKE_CFG_REPLY, v, now);
	else if (msgid)
		return;
	else if (why)
		v1_trans_fail(sa, ep, why, now);
	else
		push(sa, ep, v, now);
}

/**
 * v1_config_acked - the peer has what was pushed
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_config_acked(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	if (v1_of(ep)->state == V1_P1_CONFIG)
		v1_phase1_up(sa, ep, now);
}

/* ---- either -------------------------------------------------------------- */

/**
 * v1_config_begin - XAUTH is over: are there addresses to be given first?
 * @sa: the SA
 * @ep: the ISAKMP SA, which is up where there are none
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_config_begin(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct ike_cfg_wish all = everything();
	enum isakmp_reason why = ISAKMP_OK;
	bool wants = ike_config_wanted(sa), push = sa->peer->v1.push;

	if (!wants && !(push && gives(sa))) {
		v1_phase1_up(sa, ep, now);
		return;
	}
	v1_of(ep)->state = V1_P1_CONFIG;
	v1_of(ep)->config_waits = !wants && v1_ask_waits(sa);
	if (wants && !push)
		why = pull(sa, ep, now);
	else if (!wants && !v1_of(ep)->config_waits)
		why = ask(sa, ep, 0, &all);
	if (!why)
		return;
	isakmp_refused(sa, why, 0);
	v1_trans_fail(sa, ep, why, now);
}

/**
 * v1_config_tasks - ask for the addresses of an ISAKMP SA that had to wait for another question
 * @sa: the SA, established
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_config_tasks(struct ike_sa *sa, u64 now)
{
	struct ike_epoch *ep;

	for (ep = sa->ep; ep; ep = ep->next)
		if (ep->v1 && v1_of(ep)->state == V1_P1_CONFIG && v1_of(ep)->config_waits &&
		    !v1_ask_waits(sa))
			v1_config_begin(sa, ep, now);
}

/**
 * v1_config_lost - nobody has answered
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @x: the exchange
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_config_lost(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x, u64 now)
{
	if (v1_of(ep)->state == V1_P1_CONFIG && x->initiator)
		v1_trans_fail(sa, ep, ISAKMP_R_TIMEOUT, now);
}
