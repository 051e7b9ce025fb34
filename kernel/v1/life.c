// SPDX-License-Identifier: GPL-2.0
/*
 * Lifetimes of both phases: as they are said, agreed on, told and reached.
 *
 *	phase 1		rekeyed by another phase 1 before the end; at the end the ISAKMP SA
 *			goes, its children stay
 *	phase 2		rekeyed by another Quick Mode (child.c); at the end it is lost
 *
 * A responder cannot change what is offered (RFC 2409, 5): it takes it, refuses it, or takes
 * less and says so by RESPONDER-LIFETIME (RFC 2407, 4.5.4 and 4.6.3.1).
 *
 * A peer that wants everything anew each second would keep us busy: less than V1_LIFE_LEAST_S,
 * or V1_LIFE_LEAST_KB, is refused when it is offered, and taken for that when it is told.
 */
#include "v1/phase2.h"

/* Longer ones are none: a few implementations say ~0, which XFRM would end at once. */
#define LIFE_S_MAX	0x7fffffffULL

/* ---- attributes ------------------------------------------------------------ */

static u16 type_of(enum v1_life_of of)
{
	return of == V1_LIFE_PHASE1 ? V1_A_LIFE_TYPE : V1_IA_LIFE_TYPE;
}

static u16 duration_of(enum v1_life_of of)
{
	return of == V1_LIFE_PHASE1 ? V1_A_LIFE : V1_IA_LIFE;
}

static void encode(struct isakmp_out *o, enum v1_life_of of, u16 unit, u64 n)
{
	if (!n)
		return;
	v1_attr_encode(o, type_of(of), unit);
	v1_attr_encode(o, duration_of(of), (u32)min_t(u64, n, U32_MAX));
}

/**
 * v1_life_encode - attributes that say a lifetime
 * @o: where
 * @of: whose numbers they have
 * @l: the lifetime; nothing is said of what has no limit
 *
 * Context: Any.
 */
void v1_life_encode(struct isakmp_out *o, enum v1_life_of of, const struct v1_life *l)
{
	encode(o, of, V1_LIFE_SECONDS, l->s);
	encode(o, of, V1_LIFE_KILOBYTES, l->kb);
}

/* RFC 2407, 4.5.2: more than one of a kind is fine, "so long as [they] do not conflict" */
static enum v1_life_read take(u64 *to, bool *has, u64 n)
{
	if (!n || (*has && *to != n))
		return V1_LIFE_BAD;
	*has = true;
	*to = n;
	return V1_LIFE_TAKEN;
}

/**
 * v1_life_attr - one attribute, if it is about a lifetime
 * @r: what was read so far; zeroed before the first
 * @of: whose numbers it has
 * @a: the attribute
 *
 * RFC 2407, 4.5: "An SA Life Duration attribute MUST always follow an SA Life Type".  After the
 * last one @r->type has to be 0.
 *
 * Context: Any.
 * Return: whether it is, and fits.
 */
enum v1_life_read v1_life_attr(struct v1_life_reader *r, enum v1_life_of of,
			       const struct v1_attr_value *a)
{
	u8 unit = r->type;

	if (a->type == type_of(of)) {
		if (unit || !a->basic || (a->small != V1_LIFE_SECONDS &&
					  a->small != V1_LIFE_KILOBYTES))
			return V1_LIFE_BAD;
		r->type = (u8)a->small;
		return V1_LIFE_TAKEN;
	}
	if (a->type != duration_of(of))
		return unit ? V1_LIFE_BAD : V1_LIFE_OTHER;
	r->type = 0;
	if (!unit || a->len > 8)
		return V1_LIFE_BAD;
	if (unit == V1_LIFE_SECONDS)
		return take(&r->l.s, &r->has_s, a->small);
	return take(&r->l.kb, &r->has_kb, a->small);
}

/* ---- agreement ------------------------------------------------------------- */

/* What the operator has is never too short. */
static bool too_short(u64 ours, u64 theirs, u64 least)
{
	return theirs && theirs < least && !(ours && theirs >= ours);
}

static enum isakmp_reason agree(u8 check, u64 ours, u64 theirs, u64 least, u64 *agreed,
				bool *tell)
{
	bool longer = ours && (!theirs || theirs > ours);

	if (too_short(ours, theirs, least) || (check == IKE_LIFETIME_STRICT && longer) ||
	    (check == IKE_LIFETIME_EXACT && theirs != ours))
		return ISAKMP_R_V1_LIFETIME;
	*agreed = check == IKE_LIFETIME_CLAIM && longer ? ours : theirs;
	*tell |= check == IKE_LIFETIME_CLAIM && longer;
	return ISAKMP_OK;
}

/**
 * v1_life_agree - what a responder makes of a lifetime that is offered
 * @check: enum ike_lifetime_check
 * @ours: what policy says
 * @theirs: what the initiator offers
 * @agreed: set when OK: how long it is
 * @tell: set when OK: the initiator does not know that
 *
 * Whatever @check: one that is too short is refused.
 *
 * Context: Any.
 * Return: OK or V1_LIFETIME.
 */
enum isakmp_reason v1_life_agree(u8 check, const struct v1_life *ours,
				 const struct v1_life *theirs, struct v1_life *agreed,
				 bool *tell)
{
	enum isakmp_reason why;

	*tell = false;
	why = agree(check, ours->s, theirs->s, V1_LIFE_LEAST_S, &agreed->s, tell);
	if (!why)
		why = agree(check, ours->kb, theirs->kb, V1_LIFE_LEAST_KB, &agreed->kb, tell);
	return why;
}

/**
 * v1_life_of_child - the limits of a child as they are offered
 * @life: the limits
 *
 * Context: Any.
 * Return: the same in seconds and kilobytes.
 */
struct v1_life v1_life_of_child(const struct ike_life *life)
{
	return (struct v1_life){ .s = life->s, .kb = (life->bytes + 1023) >> 10 };
}

static u64 shorter(u64 a, u64 b, u64 least)
{
	b = b ? max(b, least) : 0;
	return !a || (b && b < a) ? b : a;
}

/**
 * v1_life_set - a child has the lifetime that was agreed on
 * @life: its limits
 * @l: the lifetime
 *
 * Context: Any.
 */
void v1_life_set(struct ike_life *life, const struct v1_life *l)
{
	life->s = l->s > LIFE_S_MAX ? 0 : (u32)l->s;
	/* Of our own limit the kilobytes are rounded up */
	if (l->kb != v1_life_of_child(life).kb)
		life->bytes = min_t(u64, l->kb, U32_MAX) << 10;
}

/* ---- RESPONDER-LIFETIME ---------------------------------------------------- */

/**
 * v1_life_tell - say how long an SA really lives
 * @m: the message
 * @protocol: enum v1_protocol
 * @spi: our inbound SPI, host order; of an ISAKMP SA: 0
 * @l: the lifetime
 *
 * RFC 2407, 4.6.3.1.
 *
 * Context: Process; the SA's worker.
 */
void v1_life_tell(struct v1_msg *m, u8 protocol, u32 spi, const struct v1_life *l)
{
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = protocol,
			       .type = V1_N_RESPONDER_LIFETIME };
	bool phase1 = protocol == V1_PROTO_ISAKMP;
	u8 id[2 * V1_COOKIE_LEN], data[32];
	struct isakmp_out o;

	isakmp_out_init(&o, data, sizeof(data));
	v1_life_encode(&o, phase1 ? V1_LIFE_PHASE1 : V1_LIFE_PHASE2, l);
	put_unaligned_be64(m->ep->spi_i, id);
	put_unaligned_be64(m->ep->spi_r, id + V1_COOKIE_LEN);
	if (!phase1)
		put_unaligned_be32(spi, id);
	n.spi = id;
	n.spi_len = phase1 ? sizeof(id) : 4;
	n.data = data;
	n.len = (u16)o.len;
	v1_msg_notify(m, &n);
}

/**
 * v1_life_told - what a RESPONDER-LIFETIME says
 * @n: the notification
 * @l: the lifetime
 *
 * Context: Any.
 * Return: false: its attributes say none, or are in conflict.
 */
bool v1_life_told(const struct v1_notify *n, struct v1_life *l)
{
	enum v1_life_of of = n->protocol == V1_PROTO_ISAKMP ? V1_LIFE_PHASE1 : V1_LIFE_PHASE2;
	struct v1_life_reader r = {};
	struct v1_attr_value a;
	struct isakmp_cur c;

	isakmp_cur_init(&c, n->data, n->len);
	while (v1_attr_next(&c, &a))
		if (v1_life_attr(&r, of, &a) == V1_LIFE_BAD)
			return false;
	*l = r.l;
	return !c.left && !r.type && (r.has_s || r.has_kb);
}

/**
 * v1_life_shorten - the peer says that a child lives no longer than that
 * @life: its limits
 * @l: what the peer says
 *
 * Context: Any.
 * Return: true when it is shorter.
 */
bool v1_life_shorten(struct ike_life *life, const struct v1_life *l)
{
	struct ike_life was = *life;

	life->s = (u32)shorter(life->s, l->s > LIFE_S_MAX ? 0 : l->s, V1_LIFE_LEAST_S);
	life->bytes = shorter(life->bytes, min_t(u64, l->kb, U32_MAX) << 10,
			      (u64)V1_LIFE_LEAST_KB << 10);
	return was.s != life->s || was.bytes != life->bytes;
}

/* ---- phase 1 --------------------------------------------------------------- */

static void limits(struct ike_epoch *ep)
{
	struct v1_phase1 *p = ep->v1;
	u64 life = (u64)p->life_s * 1000;

	p->expire_at = life ? p->up_at + life : IKE_NEVER;
	p->rekey_at = life ? p->up_at + ike_soft_limit(life, ep->initiator) : IKE_NEVER;
}

/* No later than it would have: what goes already is not renewed, either. */
static void shorten(struct ike_epoch *ep, u32 life_s)
{
	struct v1_phase1 *p = ep->v1;
	bool goes = p->rekey_at == IKE_NEVER && p->expire_at != IKE_NEVER;
	u64 expire_at = p->expire_at;

	p->life_s = life_s;
	limits(ep);
	p->expire_at = min(p->expire_at, expire_at);
	if (goes)
		p->rekey_at = IKE_NEVER;
}

/**
 * v1_life_begin - an ISAKMP SA is up: its clocks start
 * @sa: the SA
 * @ep: its epoch; life_s is what was agreed on
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_life_begin(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	ep->v1->up_at = now;
	limits(ep);
	/* Those of version 2 are of the one IKE SA */
	sa->rekey_at = IKE_NEVER;
	sa->expire_at = IKE_NEVER;
	v1_dpd_begin(sa, ep, now);
}

/* Who names none means the one that it comes by. */
static void heard_of_isakmp(struct ike_sa *sa, struct ike_epoch *ep, const struct v1_notify *n,
			    const struct v1_life *l)
{
	struct ike_life life;

	if (n->spi_len == 2 * V1_COOKIE_LEN)
		ep = v1_epoch_named(sa, n->spi);
	if (!ep || ep->v1->state != V1_P1_UP)
		return;
	life = (struct ike_life){ .s = ep->v1->life_s };
	if (v1_life_shorten(&life, l) && life.s != ep->v1->life_s)
		shorten(ep, life.s);
}

/**
 * v1_life_heard - RESPONDER-LIFETIME came, authenticated
 * @sa: the SA
 * @ep: by which ISAKMP SA
 * @n: the notification
 *
 * It only shortens.
 *
 * Context: Process; the SA's worker.
 */
void v1_life_heard(struct ike_sa *sa, struct ike_epoch *ep, const struct v1_notify *n)
{
	struct ike_child *c;
	struct v1_life l;

	if (!v1_life_told(n, &l))
		return;
	if (n->protocol == V1_PROTO_ISAKMP) {
		heard_of_isakmp(sa, ep, n, &l);
		return;
	}
	c = n->spi_len == 4 ? v1_child_named(sa, n->protocol, get_unaligned_be32(n->spi)) : NULL;
	if (!c || c->state != IKE_CHILD_UP || !v1_life_shorten(&c->life, &l))
		return;
	ike_rekey_limits(c, c->up_at);
	isakmp_child_relimit(c);
}

/* The ISAKMP SA has reached its end: the children stay. */
static void expire(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	v1_info_delete(sa, ep);
	v1_phase1_end(sa, ep, ISAKMP_OK, now);
}

/**
 * v1_life_timer - have ISAKMP SAs reached a limit?
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_life_timer(struct ike_sa *sa, u64 now)
{
	struct ike_epoch *ep, *next;

	for (ep = sa->ep; ep && sa->state == IKE_S_ESTABLISHED; ep = next) {
		next = ep->next;
		if (!ep->v1 || ep->v1->state != V1_P1_UP)
			continue;
		if (now >= ep->v1->expire_at) {
			expire(sa, ep, now);
		} else if (now >= ep->v1->rekey_at) {
			ep->v1->rekey_at = now + IKE_RENEW_RETRY_MS;
			if (sa->children)
				v1_conn_renew(sa, now);
		}
	}
}

/**
 * v1_life_worn - are message IDs left in the ISAKMP SA in use?
 * @sa: the SA
 * @now: ms
 *
 * RFC 2409, 5.7: a message ID MUST be unique, and those that are used up are remembered: each
 * R-U-THERE takes one, and so does its answer.  Well before the last one another ISAKMP SA is
 * set up; without any it ends, and the children stay.
 *
 * Context: Process; the SA's worker.
 */
void v1_life_worn(struct ike_sa *sa, u64 now)
{
	struct ike_epoch *ep = v1_phase1_ready(sa);
	struct v1_phase1 *p = ep ? ep->v1 : NULL;

	if (!p || p->n_ids < V1_IDS_RENEW)
		return;
	p->rekey_at = min(p->rekey_at, now + IKE_RENEW_RETRY_MS);
	if (p->n_ids >= V1_IDS_MAX)
		p->expire_at = min(p->expire_at, now);
}

/**
 * v1_life_deadline - when v1_life_timer() has to do something
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 * Return: ms; IKE_NEVER: never.
 */
u64 v1_life_deadline(const struct ike_sa *sa)
{
	const struct ike_epoch *ep;
	u64 t = IKE_NEVER;

	for (ep = sa->ep; ep; ep = ep->next)
		if (ep->v1 && ep->v1->state == V1_P1_UP)
			t = min(t, min(ep->v1->rekey_at, ep->v1->expire_at));
	return t;
}
