// SPDX-License-Identifier: GPL-2.0
/*
 * Another gateway (RFC 5685).
 *
 *	Initiator				Responder
 *	IKE_SA_INIT: .., N(REDIRECT_SUPPORTED)   -->	(or IKE_SESSION_RESUME)
 *			or N(REDIRECTED_FROM)
 *					<--  N(REDIRECT, gateway, Ni)
 *				or	<--  IKE_AUTH: IDr, AUTH, N(REDIRECT, gateway)
 *				or	<--  INFORMATIONAL: N(REDIRECT, gateway)
 *
 * The answer to IKE_SA_INIT is not authenticated: who sees our nonce can make it.  So it
 * leads only to gateways that policy names, who have to prove that they are the same peer;
 * and so do the others.  Only addresses are followed: nobody looks up names on this path.
 *
 * As responder: when all who may come are to be elsewhere, a first message is answered with
 * that, and leaves no state; else it is told when the identity is known.
 */
#include "ike/engine.h"

/* GW Ident Type */
#define GW_IPV4 1
#define GW_IPV6 2
#define GW_FQDN 3

#define GW_MAX (2 + 16)		/* octets of what we write, but for the nonce */

/* What a REDIRECT or REDIRECTED_FROM says. */
struct gateway {
	u8 type;
	struct isakmp_addr addr;	/* family 0: a name */
	const u8 *nonce;
	u16 nonce_len;
};

static bool read_gateway(const struct isakmp_notify *n, struct gateway *g)
{
	const u8 *id;
	struct isakmp_cur c;
	u8 len;

	memset(g, 0, sizeof(*g));
	isakmp_cur_init(&c, n->data, n->len);
	if (!isakmp_cur_u8(&c, &g->type) || !isakmp_cur_u8(&c, &len) ||
	    !isakmp_cur_take(&c, len, &id))
		return false;
	isakmp_cur_rest(&c, &g->nonce, &g->nonce_len);
	if (g->type == GW_FQDN)
		return len;
	if (!(g->type == GW_IPV4 && len == 4) && !(g->type == GW_IPV6 && len == 16))
		return false;
	g->addr.family = g->type == GW_IPV4 ? 4 : 6;
	memcpy(g->addr.a, id, len);
	return true;
}

static size_t write_gateway(u8 out[GW_MAX], const struct isakmp_addr *a)
{
	size_t len = isakmp_addr_len(a);

	out[0] = a->family == 4 ? GW_IPV4 : GW_IPV6;
	out[1] = (u8)len;
	memcpy(out + 2, a->a, len);
	return 2 + len;
}

static bool find(const struct isakmp_chain *c, u16 type, struct isakmp_notify *n)
{
	const struct isakmp_payload *p = NULL;

	while ((p = isakmp_chain_next(c, IKE_PL_NOTIFY, p)))
		if (!isakmp_notify_decode(p, n) && n->type == type)
			return true;
	return false;
}

/* ---- who is redirected --------------------------------------------------- */

/**
 * ike_redirect_ready - say that redirects are followed, and whether one was
 * @sa: the initiator
 * @m: its first message, also with a ticket: RFC 5723, 5: "From new exchange"
 *
 * Context: Process; the SA's worker.
 */
void ike_redirect_ready(const struct ike_sa *sa, struct ike_msg *m)
{
	u8 from[GW_MAX];

	if (sa->redirects.from.family)
		ike_msg_notify(m, IKE_N_REDIRECTED_FROM, from,
			       write_gateway(from, &sa->redirects.from));
	else if (sa->peer->n_follow)
		ike_msg_notify(m, IKE_N_REDIRECT_SUPPORTED, NULL, 0);
}

static bool allowed(const struct ike_peer *peer, const struct isakmp_addr *to)
{
	struct isakmp_ts ts;

	memset(&ts, 0, sizeof(ts));
	ike_ts_set_addr(&ts, to);
	return ike_ts_all_within(&ts, 1, peer->follow, peer->n_follow);
}

static bool too_many(const struct ike_sa *sa, u64 now)
{
	const struct ike_redirects *r = &sa->redirects;

	return r->n >= IKE_REDIRECTS_MAX && now - r->since < IKE_REDIRECT_PERIOD_MS;
}

static void count(struct ike_sa *sa, u64 now)
{
	struct ike_redirects *r = &sa->redirects;

	if (!r->n || now - r->since >= IKE_REDIRECT_PERIOD_MS) {
		r->n = 0;
		r->since = now;
	}
	r->n++;
	r->from = sa->path.remote;
}

/* Do we go there? */
static enum isakmp_reason judge(const struct ike_sa *sa, const struct gateway *g, u64 now)
{
	if (!sa->peer->n_follow)
		return ISAKMP_R_REDIRECT_REFUSED;
	if (!g->addr.family)
		return ISAKMP_R_REDIRECT_NAME;
	if (isakmp_addr_equal(&g->addr, &sa->path.remote))
		return ISAKMP_R_REDIRECT_BAD;
	if (!allowed(sa->peer, &g->addr))
		return ISAKMP_R_REDIRECT_REFUSED;
	return too_many(sa, now) ? ISAKMP_R_REDIRECT_LIMIT : ISAKMP_OK;
}

/* From the beginning, with another nonce and other keys; the SA and its SPI stay. */
static enum isakmp_reason restart(struct ike_sa *sa, const struct isakmp_path *path, u64 now)
{
	struct ike_setup *s = sa->setup;
	enum isakmp_reason why;

	count(sa, now);
	ike_unask(sa);
	s->ke_tries = 0;
	s->forgeable = 0;
	sa->path = *path;
	sa->give_up_at = now + IKE_ESTABLISH_MS;
	if (s->resuming) {
		ike_resume_fall_back(sa, now);
		return ISAKMP_OK;
	}
	ike_try_anew(sa);
	why = ike_try_group(sa, s->offer.s[0].ke, now);
	if (why)
		ike_sa_die(sa, why, 0, now);
	return why;
}

/**
 * ike_redirect_init - the first message is answered with another gateway
 * @sa: the initiator
 * @n: REDIRECT
 * @now: ms
 *
 * RFC 5685: the nonce shows that who sent it has seen our request.  What is not followed
 * is noted, and the wait goes on.  RFC 5723, 4.3.2: IKE_SESSION_RESUME "is equivalent to
 * the IKE_SA_INIT exchange"; but the ticket is for who gave it, and stays for him until
 * there is an IKE SA.
 *
 * Context: Process; the SA's worker.
 * Return: OK: IKE_SA_INIT is out to the other gateway; else why not.
 */
enum isakmp_reason ike_redirect_init(struct ike_sa *sa, const struct isakmp_notify *n, u64 now)
{
	struct isakmp_path path = sa->path;
	enum isakmp_reason why;
	struct gateway g;

	if (!read_gateway(n, &g) || g.nonce_len != sa->setup->ni_len ||
	    isakmp_differ(g.nonce, sa->setup->ni, g.nonce_len))
		return ISAKMP_R_REDIRECT_BAD;
	why = judge(sa, &g, now);
	if (why)
		return why;
	path.remote = g.addr;
	if (!isakmp_path_local(sa, &path))
		return ISAKMP_R_NO_PATH;
	return restart(sa, &path, now);
}

/* Nobody wants it any more: here or elsewhere. */
static bool is_going(const struct ike_sa *sa)
{
	return sa->state == IKE_S_DELETING || sa->barred || sa->tasks & IKE_TASK_DELETE_IKE;
}

/**
 * ike_redirect_told - does an authenticated peer tell us to go to another gateway?
 * @sa: the SA; its peer is believed
 * @c: payloads of its message
 * @now: ms
 *
 * An IKE SA there takes the place of this one.
 *
 * Context: Process; the SA's worker.
 * Return: true if so, and we go; false: no, or refused, by name.
 */
bool ike_redirect_told(struct ike_sa *sa, const struct isakmp_chain *c, u64 now)
{
	enum isakmp_reason why = ISAKMP_R_REDIRECT_BAD;
	struct isakmp_notify n;
	struct gateway g;

	if (!find(c, IKE_N_REDIRECT, &n))
		return false;
	if (!sa->initiator || is_going(sa))
		why = ISAKMP_R_REDIRECT_REFUSED;
	else if (read_gateway(&n, &g))
		why = judge(sa, &g, now);
	if (why) {
		isakmp_refused(sa, why, n.type);
		return false;
	}
	count(sa, now);
	sa->reason = ISAKMP_R_REDIRECTED;
	isakmp_redirected(sa, &g.addr);
	return true;
}

/**
 * ike_redirect_away - does the IKE_AUTH response say so?
 * @sa: the initiator; the responder is believed
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: true if so: there is no child, and the IKE SA will be deleted.
 */
bool ike_redirect_away(struct ike_sa *sa, u64 now)
{
	const struct ike_setup *s = sa->setup;
	struct isakmp_chain *chain = isakmp_alloc(sizeof(*chain));
	bool yes;

	yes = chain && !isakmp_chain_decode(s->inner_first, s->inner, s->inner_len, chain) &&
	      ike_redirect_told(sa, chain, now);
	isakmp_free(chain);
	if (yes)
		sa->tasks |= IKE_TASK_DELETE_IKE;
	return yes;
}

/* ---- who redirects ------------------------------------------------------- */

/**
 * ike_redirect_heard - does the initiator follow redirects, and did it?
 * @sa: a new responder SA
 * @c: payloads of its first message
 *
 * Context: Process; the SA's worker.
 */
void ike_redirect_heard(struct ike_sa *sa, const struct isakmp_chain *c)
{
	struct isakmp_notify n;
	struct gateway g;

	sa->redirectable = find(c, IKE_N_REDIRECT_SUPPORTED, &n);
	if (!find(c, IKE_N_REDIRECTED_FROM, &n))
		return;
	sa->redirectable = true;
	if (read_gateway(&n, &g))
		sa->redirects.from = g.addr;
}

/* It is not sent back to where it comes from, nor to where it is. */
static bool may_go(const struct ike_sa *sa, const struct isakmp_addr *to)
{
	return sa->redirectable && to->family &&
	       !isakmp_addr_equal(to, &sa->redirects.from) &&
	       !isakmp_addr_equal(to, &sa->path.local);
}

/* Where all who may come are to be; family 0: not all, or not at one gateway. */
static struct isakmp_addr elsewhere(struct ike_sa *sa)
{
	const struct ike_peer *first = isakmp_candidate(sa, 0), *peer;
	struct isakmp_addr to = first->redirect;
	unsigned int i;

	for (i = 1; (peer = isakmp_candidate(sa, i)); i++)
		if (!isakmp_addr_equal(&peer->redirect, &to))
			to.family = 0;
	return to;
}

/**
 * ike_redirect_answer - tell who comes to go to another gateway
 * @sa: a new responder SA
 * @in: its first message
 * @ni: its nonce
 * @there: where it is to be; NULL: it may be any of the candidates, one at least
 *
 * Context: Process; the SA's worker.
 * Return: OK: it may stay; REDIRECTED; else why it could not be told.
 */
enum isakmp_reason ike_redirect_answer(struct ike_sa *sa, const struct ike_in *in,
				       const struct isakmp_nonce *ni,
				       const struct isakmp_addr *there)
{
	struct isakmp_addr to = there ? *there : elsewhere(sa);
	u8 data[GW_MAX + IKE_NONCE_MAX];
	enum isakmp_reason why;
	size_t n;

	ike_redirect_heard(sa, &in->chain);
	if (!may_go(sa, &to))
		return ISAKMP_OK;
	n = write_gateway(data, &to);
	memcpy(data + n, ni->value, ni->len);
	why = ike_refuse_clear(sa, in, IKE_N_REDIRECT, data, n + ni->len);
	return why ? why : ISAKMP_R_REDIRECTED;
}

/**
 * ike_redirect_wanted - is an initiator to go, now that we know who it is?
 * @sa: the responder
 *
 * Context: Process; the SA's worker.
 * Return: true if so: it is told, and gets no child.
 */
bool ike_redirect_wanted(struct ike_sa *sa)
{
	if (!may_go(sa, &sa->peer->redirect))
		return false;
	sa->redirect_to = sa->peer->redirect;
	return true;
}

/**
 * ike_redirect_start - the operator wants the peer at another gateway
 * @sa: the SA
 * @to: the gateway
 *
 * Context: Process; the SA's worker.
 */
void ike_redirect_start(struct ike_sa *sa, const struct isakmp_addr *to)
{
	if (sa->state != IKE_S_ESTABLISHED)
		return;
	if (sa->initiator || !may_go(sa, to)) {
		isakmp_refused(sa, ISAKMP_R_REDIRECT_REFUSED, 0);
		return;
	}
	sa->redirect_to = *to;
	sa->tasks |= IKE_TASK_REDIRECT;
}

/**
 * ike_redirect_say - add REDIRECT: there you go
 * @sa: the SA; sa->redirect_to is set
 * @m: a protected message
 *
 * Context: Process; the SA's worker.
 */
void ike_redirect_say(const struct ike_sa *sa, struct ike_msg *m)
{
	u8 data[GW_MAX];

	ike_msg_notify(m, IKE_N_REDIRECT, data, write_gateway(data, &sa->redirect_to));
}
