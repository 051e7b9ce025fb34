// SPDX-License-Identifier: GPL-2.0
/*
 * Dead peer detection (RFC 3706).
 *
 * When nothing came from the peer for a while, neither messages nor traffic through
 * children, it is asked whether it is there; when it does not answer, it is dead.  A peer
 * that does not speak it is believed to live.
 */
#include "v1/phase2.h"

static bool spoken(const struct ike_epoch *ep)
{
	return ep->v1->can & BIT(V1_CAN_DPD);
}

static enum isakmp_reason say(struct ike_sa *sa, struct ike_epoch *ep, u16 type, u32 number)
{
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = type,
			       .spi_len = 2 * V1_COOKIE_LEN, .len = 4 };
	u8 cookies[2 * V1_COOKIE_LEN], data[4];
	enum isakmp_reason why;
	struct v1_msg m;

	put_unaligned_be64(ep->spi_i, cookies);
	put_unaligned_be64(ep->spi_r, cookies + V1_COOKIE_LEN);
	put_unaligned_be32(number, data);
	n.spi = cookies;
	n.data = data;
	why = v1_msg_begin(sa, ep, NULL, &m, V1_INFORMATIONAL, V1_H_1);
	if (why)
		return why;
	v1_msg_notify(&m, &n);
	return v1_say_once(sa, &m);
}

/**
 * v1_dpd_begin - an ISAKMP SA is up
 * @sa: the SA
 * @ep: its epoch
 * @now: ms
 *
 * RFC 3706, 6.2: the first number "MUST be a randomly chosen number", its high bit zero.
 *
 * Context: Process; the SA's worker.
 */
void v1_dpd_begin(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct v1_phase1 *p = ep->v1;

	isakmp_random(&p->dpd_out, sizeof(p->dpd_out));
	p->dpd_out &= 0x7fffffff;
	p->dpd_heard = false;
	p->dpd_tries = 0;
	p->dpd_at = IKE_NEVER;
	if (sa->dpd_s && sa->dpd_at == IKE_NEVER)
		sa->dpd_at = now + (u64)sa->dpd_s * 1000;
}

/* How long the answer to a try may take. */
static u64 wait_for(const struct ike_sa *sa, u8 tries)
{
	return (u64)sa->tun->retransmit_ms << min_t(u8, tries, 16);
}

/* RFC 3706, 6.2: each one has the next number. */
static void ask(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct v1_phase1 *p = ep->v1;
	enum isakmp_reason why;

	p->dpd_out++;
	p->dpd_at = now + wait_for(sa, p->dpd_tries);
	p->dpd_tries++;
	why = say(sa, ep, V1_N_R_U_THERE, p->dpd_out);
	if (why)
		isakmp_refused(sa, why, 0);
}

/**
 * v1_dpd_check - is the peer there?
 * @sa: the SA
 * @now: ms
 *
 * Without an ISAKMP SA another one is set up, if it is for us to do: that tells, too.
 *
 * Context: Process; the SA's worker.
 */
void v1_dpd_check(struct ike_sa *sa, u64 now)
{
	struct ike_epoch *ep = v1_phase1_ready(sa);

	if (sa->state != IKE_S_ESTABLISHED)
		return;
	if (!ep && sa->children)
		v1_conn_want(sa, now);
	else if (ep && spoken(ep) && ep->v1->dpd_at == IKE_NEVER)
		ask(sa, ep, now);
}

/* Nobody answers to the first message of another ISAKMP SA, either. */
static bool out_of_reach(const struct ike_sa *sa)
{
	return !v1_phase1_ready(sa) && sa->v1->phase1_failed && sa->reason == ISAKMP_R_TIMEOUT;
}

static void is_dead(struct ike_sa *sa, u64 now)
{
	isakmp_refused(sa, ISAKMP_R_TIMEOUT, 0);
	ike_sa_die(sa, ISAKMP_R_TIMEOUT, 0, now);
}

static void stop(struct v1_phase1 *p)
{
	p->dpd_tries = 0;
	p->dpd_at = IKE_NEVER;
}

static void stop_all(struct ike_sa *sa)
{
	struct ike_epoch *ep;

	for (ep = sa->ep; ep; ep = ep->next)
		if (ep->v1)
			stop(ep->v1);
}

/* It has said something since it was asked, whatever that was. */
static bool spoke(const struct ike_sa *sa, const struct v1_phase1 *p)
{
	return sa->last_in > p->dpd_at - wait_for(sa, p->dpd_tries - 1);
}

/* Nothing came: it is dead, after as many tries as any other message has. */
static void silent(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	if (ep->v1->dpd_tries <= sa->tun->retransmit_tries) {
		sa->resends++;
		ask(sa, ep, now);
		return;
	}
	is_dead(sa, now);
}

/*
 * An exchange is under way: it will show who is there.  Some take whatever else comes meanwhile for
 * a refusal.
 */
static bool is_talking(const struct ike_sa *sa)
{
	const struct v1_exchange *x;
	const struct ike_epoch *ep;

	for (ep = sa->ep; ep; ep = ep->next)
		for (x = ep->v1 ? ep->v1->exchanges : NULL; x; x = x->next)
			if (x->step)
				return true;
	return false;
}

/**
 * v1_dpd_timer - has the peer been silent for too long?
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_dpd_timer(struct ike_sa *sa, u64 now)
{
	struct ike_epoch *ep;

	for (ep = sa->ep; ep && sa->state == IKE_S_ESTABLISHED; ep = ep->next) {
		if (!ep->v1 || ep->v1->state != V1_P1_UP || now < ep->v1->dpd_at)
			continue;
		if (spoke(sa, ep->v1) || ike_children_heard(sa, now))
			stop(ep->v1);
		else
			silent(sa, ep, now);
	}
	if (sa->state != IKE_S_ESTABLISHED || now < sa->dpd_at)
		return;
	sa->dpd_at = now + (u64)sa->dpd_s * 1000;
	/* Whoever has spoken to us since the last look is there */
	if (ike_children_heard(sa, now))
		stop_all(sa);
	else if (now - sa->last_in < (u64)sa->dpd_s * 1000 || is_talking(sa))
		return;
	else if (out_of_reach(sa))
		is_dead(sa, now);
	else
		v1_dpd_check(sa, now);
}

/**
 * v1_dpd_deadline - when v1_dpd_timer() has to do something
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 * Return: ms; IKE_NEVER: never.
 */
u64 v1_dpd_deadline(const struct ike_sa *sa)
{
	const struct ike_epoch *ep;
	u64 t = sa->dpd_at;

	for (ep = sa->ep; ep; ep = ep->next)
		if (ep->v1 && ep->v1->state == V1_P1_UP)
			t = min(t, ep->v1->dpd_at);
	return t;
}

/* RFC 3706, 5.3 and 6.1 */
static bool fits(const struct ike_epoch *ep, const struct v1_notify *n)
{
	return n->protocol == V1_PROTO_ISAKMP && n->len == 4 &&
	       (n->spi_len != 2 * V1_COOKIE_LEN ||
		(get_unaligned_be64(n->spi) == ep->spi_i &&
		 get_unaligned_be64(n->spi + V1_COOKIE_LEN) == ep->spi_r));
}

/*
 * RFC 3706, 6.2: a higher number than before, for one in between may have been lost; or the
 * same: there are peers that count on when they are answered.  A replay has an old message ID.
 */
static enum isakmp_reason asked(struct ike_sa *sa, struct ike_epoch *ep, u32 number)
{
	struct v1_phase1 *p = ep->v1;

	if (p->dpd_heard && (s32)(number - p->dpd_in) < 0)
		return ISAKMP_R_V1_DPD_NUMBER;
	p->dpd_heard = true;
	p->dpd_in = number;
	return say(sa, ep, V1_N_R_U_THERE_ACK, number);
}

/**
 * v1_dpd_heard - R-U-THERE or its ACK came, authenticated
 * @sa: the SA
 * @ep: by which ISAKMP SA
 * @n: the notification
 *
 * "An entity that has sent the DPD Vendor ID MUST respond to an R-U-THERE query": we send it
 * always.
 *
 * Context: Process; the SA's worker.
 * Return: OK; BAD_NOTIFY; V1_DPD_NUMBER, its number is an old one, or not ours; why it could not be
 * answered.
 */
enum isakmp_reason v1_dpd_heard(struct ike_sa *sa, struct ike_epoch *ep,
				const struct v1_notify *n)
{
	struct v1_phase1 *p = ep->v1;
	u32 number;

	if (!fits(ep, n))
		return ISAKMP_R_BAD_NOTIFY;
	number = get_unaligned_be32(n->data);
	if (n->type == V1_N_R_U_THERE)
		return asked(sa, ep, number);
	/* An answer to an earlier try is one, too */
	if (p->dpd_at == IKE_NEVER || p->dpd_out - number >= p->dpd_tries)
		return ISAKMP_R_V1_DPD_NUMBER;
	stop(p);
	return ISAKMP_OK;
}
