// SPDX-License-Identifier: GPL-2.0
/*
 * MOBIKE (RFC 4555): what is said of addresses, and what the responder makes of it.
 *
 *	Initiator				Responder
 *	N(UPDATE_SA_ADDRESSES),
 *	  N(NAT_DETECTION_*), N(COOKIE2)  -->
 *					<--  N(NAT_DETECTION_*), N(COOKIE2)
 *	children move			<--  N(COOKIE2)		from the new path's other end
 *	N(COOKIE2)			-->	children move
 *
 * Who tells an address has to be seen there before anything but an answer goes to it:
 * the responder moves after a return routability check (3.7), always.  Its request goes
 * there alone at first; when nobody answers, also to where the peer was, as path.c does,
 * and proves nothing any more: an UPDATE_SA_ADDRESSES whose source somebody changed on
 * the way costs nothing.  An address told in a list is no more than a place
 * for the initiator to try, when the present one does not answer (roam.c).
 *
 * Without NAT traversal nobody may change an address on the way: NO_NATS_ALLOWED (3.9).
 */
#include "ike/engine.h"

#define NO_NATS_LEN(addr) (2 * (addr) + 4)

/**
 * ike_mobike_wanted - shall an IKE SA with a peer be able to move?
 * @peer: the peer; NULL: not known
 *
 * RFC 4555, 1.2: "supports only tunnel mode IPsec SAs".
 *
 * Context: Any.
 * Return: true if so.
 */
bool ike_mobike_wanted(const struct ike_peer *peer)
{
	unsigned int i;

	if (!peer || !peer->mobike)
		return false;
	for (i = 0; i < peer->n_child; i++)
		if (peer->child[i]->mode != IKE_MODE_TUNNEL)
			return false;
	return true;
}

/* ---- what we say --------------------------------------------------------- */

static void add_no_nats(struct ike_msg *m, const struct isakmp_path *path)
{
	size_t n = isakmp_addr_len(&path->local);
	u8 data[NO_NATS_LEN(16)];

	memcpy(data, path->local.a, n);
	memcpy(data + n, path->remote.a, n);
	put_unaligned_be16(path->lport, data + 2 * n);
	put_unaligned_be16(path->rport, data + 2 * n + 2);
	ike_msg_notify(m, IKE_N_NO_NATS_ALLOWED, data, NO_NATS_LEN(n));
}

static void add_address(struct ike_msg *m, const struct isakmp_addr *a)
{
	ike_msg_notify(m, a->family == 4 ? IKE_N_ADDITIONAL_IP4_ADDRESS :
					   IKE_N_ADDITIONAL_IP6_ADDRESS,
		       a->a, isakmp_addr_len(a));
}

/* RFC 4555, 3.4 and 3.6: all of them, each time. */
static unsigned int add_list(struct ike_sa *sa, struct ike_msg *m)
{
	struct isakmp_addr other[IKE_ADDRESSES_MAX];
	unsigned int i, n = isakmp_path_others(sa, other, ARRAY_SIZE(other));

	for (i = 0; i < n; i++)
		add_address(m, &other[i]);
	if (sa->mobike) {
		sa->mobike->n_told = (u8)n;
		memcpy(sa->mobike->told, other, n * sizeof(*other));
	}
	return n;
}

/**
 * ike_mobike_offer - N(MOBIKE_SUPPORTED), [N(ADDITIONAL_*_ADDRESS)+], [N(NO_NATS_ALLOWED)]
 * @sa: the SA
 * @m: an IKE_AUTH message (RFC 4555, 3.2, 3.4 and 3.9)
 *
 * Context: Process; the SA's worker.
 */
void ike_mobike_offer(struct ike_sa *sa, struct ike_msg *m)
{
	ike_msg_notify(m, IKE_N_MOBIKE_SUPPORTED, NULL, 0);
	add_list(sa, m);
	if (sa->initiator && !sa->natt)
		add_no_nats(m, &sa->path);
}

/**
 * ike_mobike_ask - what a request of INFORMATIONAL says with MOBIKE
 * @sa: the SA; MOBIKE is spoken
 * @m: the request
 * @r: what is remembered of it
 *
 * A liveness check of an initiator behind a NAT sees whether its mapping is another
 * (RFC 4555, 3.8).
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY or CRYPTO.
 */
enum isakmp_reason ike_mobike_ask(struct ike_sa *sa, struct ike_msg *m, struct ike_request *r)
{
	bool update = r->task == IKE_TASK_UPDATE, list = r->task == IKE_TASK_ADDRESSES;
	enum isakmp_reason why = ISAKMP_OK;

	r->round = sa->mobike->round;
	if (update)
		ike_msg_notify(m, IKE_N_UPDATE_SA_ADDRESSES, NULL, 0);
	if (list && !add_list(sa, m))
		ike_msg_notify(m, IKE_N_NO_ADDITIONAL_ADDRESSES, NULL, 0);
	if ((update || list) && !sa->natt)
		add_no_nats(m, &sa->path);
	else if (update || (r->task == IKE_TASK_LIVENESS && sa->initiator && sa->nat_local))
		why = ike_nat_add(sa, m, &sa->path, sa->peer->encap);
	if (why || (!update && r->task != IKE_TASK_PROBE))
		return why;
	r->challenge = true;
	isakmp_random(r->cookie, sizeof(r->cookie));
	ike_msg_notify(m, IKE_N_COOKIE2, r->cookie, sizeof(r->cookie));
	return ISAKMP_OK;
}

/* ---- what the peer says in IKE_AUTH -------------------------------------- */

/* RFC 4555, 3.9: as the header of the packet has them? */
static bool nats_match(const struct ike_span *said, const struct isakmp_path *path)
{
	size_t n = isakmp_addr_len(&path->remote);

	return said->len == NO_NATS_LEN(n) && !memcmp(said->p, path->remote.a, n) &&
	       !memcmp(said->p + n, path->local.a, n) &&
	       get_unaligned_be16(said->p + 2 * n) == path->rport &&
	       get_unaligned_be16(said->p + 2 * n + 2) == path->lport;
}

static void read_notify(const struct isakmp_notify *n, struct ike_told *t)
{
	switch (n->type) {
	case IKE_N_UPDATE_SA_ADDRESSES:
		t->update = true;
		break;
	case IKE_N_ADDITIONAL_IP4_ADDRESS:
	case IKE_N_ADDITIONAL_IP6_ADDRESS:
	case IKE_N_NO_ADDITIONAL_ADDRESSES:
		t->list = true;
		break;
	case IKE_N_NAT_DETECTION_SOURCE_IP:
		t->nats = true;
		break;
	case IKE_N_COOKIE2:
		t->cookie = (struct ike_span){ n->data, n->len };
		break;
	case IKE_N_NO_NATS_ALLOWED:
		t->no_nats = (struct ike_span){ n->data, n->len };
		break;
	}
}

static void read_all(const struct isakmp_chain *c, struct ike_told *t)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;

	memset(t, 0, sizeof(*t));
	while ((p = isakmp_chain_next(c, IKE_PL_NOTIFY, p)))
		if (!isakmp_notify_decode(p, &n))
			read_notify(&n, t);
}

/**
 * ike_mobike_first - has a NAT changed the first IKE_AUTH request, where none may be?
 * @in: the message; it obeys the law
 *
 * Context: Process; the SA's worker.
 * Return: OK or NAT_FORBIDDEN.
 */
enum isakmp_reason ike_mobike_first(const struct ike_in *in)
{
	struct ike_told t;

	read_all(&in->chain, &t);
	return !t.no_nats.p || nats_match(&t.no_nats, &in->pkt->path) ? ISAKMP_OK :
								       ISAKMP_R_NAT_FORBIDDEN;
}

/* One address of the peer's; once. */
static enum isakmp_reason keep(struct ike_sa *sa, const struct isakmp_addr *a)
{
	struct ike_mobike *x = sa->mobike;
	unsigned int i;

	for (i = 0; i < x->n; i++)
		if (isakmp_addr_equal(&x->peer[i], a))
			return ISAKMP_OK;
	if (!ike_roam_allowed(sa, a))
		return ISAKMP_R_ROAM;
	if (x->n == IKE_ADDRESSES_MAX)
		return ISAKMP_R_ADDRESSES_LIMIT;
	x->peer[x->n++] = *a;
	return ISAKMP_OK;
}

/* RFC 4555, 3.6: the address of the message, and those in it, instead of all before. */
static enum isakmp_reason keep_list(struct ike_sa *sa, const struct isakmp_chain *c,
				    const struct isakmp_addr *from)
{
	enum isakmp_reason first = ISAKMP_OK, why;
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;
	struct isakmp_addr a;

	sa->mobike->n = 0;
	keep(sa, from);
	while ((p = isakmp_chain_next(c, IKE_PL_NOTIFY, p))) {
		if (isakmp_notify_decode(p, &n) || (n.type != IKE_N_ADDITIONAL_IP4_ADDRESS &&
						    n.type != IKE_N_ADDITIONAL_IP6_ADDRESS))
			continue;
		memset(&a, 0, sizeof(a));
		a.family = n.len == 4 ? 4 : 6;
		memcpy(a.a, n.data, n.len);
		why = keep(sa, &a);
		if (!first)
			first = why;
	}
	return first;
}

/**
 * ike_mobike_agree - the peer is authenticated: does it speak MOBIKE, too?
 * @sa: the SA; sa->peer is known
 * @c: payloads of its IKE_AUTH message
 *
 * Without memory it is as if it did not.
 *
 * Context: Process; the SA's worker.
 */
void ike_mobike_agree(struct ike_sa *sa, const struct isakmp_chain *c)
{
	enum isakmp_reason why;

	if (!ike_mobike_wanted(sa->peer) || !ike_init_says(c, IKE_N_MOBIKE_SUPPORTED))
		return;
	sa->mobike = isakmp_alloc(sizeof(*sa->mobike));
	if (!sa->mobike)
		return;
	sa->mobike->good = sa->path;
	why = keep_list(sa, c, &sa->path.remote);
	if (why)
		isakmp_refused(sa, why, 0);
}

/* ---- what the peer asks for ---------------------------------------------- */

/*
 * RFC 4555, 3.5: with a window of several, a newer request may have been first.  So may
 * one in the epoch that took the place of its own: epochs are in order, newest first.
 */
static bool is_old(const struct ike_sa *sa, const struct ike_in *in,
		   const struct ike_place *newest)
{
	const struct ike_epoch *ep = sa->ep;

	while (ep != in->ep && ike_epoch_spi(ep) != newest->spi)
		ep = ep->next;
	return ike_epoch_spi(ep) == newest->spi &&
	       (ep != in->ep || in->h.msgid < newest->msgid);
}

static void note(struct ike_place *newest, const struct ike_in *in)
{
	newest->spi = ike_epoch_spi(in->ep);
	newest->msgid = in->h.msgid;
}

/* Where we are, and where the peer is, as it says. */
static bool allowed(const struct ike_sa *sa, const struct isakmp_path *path)
{
	const struct isakmp_addr *local = &sa->peer->local;

	return (!local->family || isakmp_addr_equal(local, &path->local)) &&
	       ike_roam_allowed(sa, &path->remote);
}

static enum isakmp_reason judge(const struct ike_sa *sa, const struct ike_in *in,
				struct ike_told *t)
{
	if (!t->update && !t->list)
		return ISAKMP_OK;
	if (!sa->mobike)
		return ISAKMP_R_MOBIKE_UNAGREED;
	t->update &= !is_old(sa, in, &sa->mobike->newest_update);
	t->list &= !is_old(sa, in, &sa->mobike->newest_list);
	if (!t->update && !t->list)
		return ISAKMP_R_UPDATE_OLD;
	if (t->no_nats.p && !nats_match(&t->no_nats, &in->pkt->path)) {
		t->error = IKE_N_UNEXPECTED_NAT_DETECTED;
		return ISAKMP_R_NAT_FORBIDDEN;
	}
	if (!t->update)
		return ISAKMP_OK;
	/* RFC 4555, 2.1: the responder "does not update the IPsec SAs" */
	t->error = IKE_N_UNACCEPTABLE_ADDRESSES;
	if (sa->initiator)
		return ISAKMP_R_MOBIKE_UNAGREED;
	if (!allowed(sa, &in->pkt->path))
		return ISAKMP_R_ROAM;
	t->error = 0;
	return ISAKMP_OK;
}

/**
 * ike_mobike_read - what a request of the peer tells of addresses
 * @sa: the SA
 * @in: an INFORMATIONAL request; it obeys the law
 * @t: filled; valid as long as @in
 *
 * Nothing is done yet.
 *
 * Context: Process; the SA's worker.
 * Return: OK, also when it does not count; NO_MEMORY, CRYPTO.
 */
enum isakmp_reason ike_mobike_read(struct ike_sa *sa, const struct ike_in *in,
				   struct ike_told *t)
{
	enum isakmp_reason why;
	struct ike_nat nat;

	read_all(&in->chain, t);
	t->why = judge(sa, in, t);
	t->nat = (struct ike_nat){ sa->natt, sa->nat_local, sa->nat_remote };
	if (t->why || !t->update || !t->nats || !sa->natt)
		return ISAKMP_OK;
	why = ike_nat_detect(in, &nat);
	/* Half of it tells nothing: NAT traversal was agreed on */
	if (!why && nat.spoken)
		t->nat = nat;
	return why;
}

/**
 * ike_mobike_answer - [N(error),] [N(NAT_DETECTION_*),] [N(COOKIE2)]
 * @sa: the SA
 * @t: what the request told
 * @m: the response
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY or CRYPTO.
 */
enum isakmp_reason ike_mobike_answer(struct ike_sa *sa, const struct ike_told *t,
				     struct ike_msg *m)
{
	enum isakmp_reason why = ISAKMP_OK;

	if (!sa->mobike)
		return ISAKMP_OK;
	if (t->error)
		ike_msg_notify(m, t->error, NULL, 0);
	/* RFC 4555, 3.8 */
	if (t->nats && sa->natt)
		why = ike_nat_add(sa, m, &sa->in.path, sa->peer->encap);
	/* RFC 4555, 3.7: copied "as-is" */
	if (t->cookie.p)
		ike_msg_notify(m, IKE_N_COOKIE2, t->cookie.p, t->cookie.len);
	return why;
}

/**
 * ike_mobike_try - the responder is to check whether the peer is somewhere
 * @sa: the SA
 * @path: where
 * @nat: what is true of NATs when it is
 *
 * Context: Process; the SA's worker.
 */
void ike_mobike_try(struct ike_sa *sa, const struct isakmp_path *path, const struct ike_nat *nat)
{
	sa->probe = *path;
	sa->probe.mark = sa->path.mark;
	sa->probing = true;
	sa->mobike->nat = *nat;
	sa->mobike->refused = 0;
	sa->mobike->round++;
	sa->tasks |= IKE_TASK_PROBE;
}

/**
 * ike_mobike_probe - the same, where it says that it is
 * @sa: the SA
 * @path: where
 * @nat: what is true of NATs when it is
 * @now: ms
 *
 * What is out goes there as well, and at once: before it is answered the window may
 * have no room.  But it is long, and the peer may say that it is where somebody else is:
 * who says so again and again has it sent when it is due.
 *
 * Context: Process; the SA's worker.
 */
void ike_mobike_probe(struct ike_sa *sa, const struct isakmp_path *path,
		      const struct ike_nat *nat, u64 now)
{
	bool hurry = isakmp_bucket_spend(&sa->mobike->hurries, now, IKE_HURRY_PER_SECOND,
					 IKE_HURRY_BURST);
	struct ike_epoch *ep;
	struct ike_request *r;

	ike_mobike_try(sa, path, nat);
	for (ep = sa->ep; ep; ep = ep->next)
		for (r = ep->out; r; r = r->next) {
			r->tries = 1;	/* the next one is even: see ike_path_out() */
			if (hurry)
				r->resend_at = now;
		}
}

/**
 * ike_mobike_seen - a new request came from somewhere: the peer is alive there
 * @sa: the SA
 * @path: as we received it
 * @now: ms
 *
 * A check that is on its way to there may have been lost; the next would go when it is
 * due, which may be in a minute.
 *
 * Context: Process; the SA's worker.
 */
void ike_mobike_seen(struct ike_sa *sa, const struct isakmp_path *path, u64 now)
{
	const struct ike_nat nat = sa->mobike->nat;

	if (sa->initiator) {
		ike_roam_seen(sa, path, now);
		return;
	}
	if (!sa->probing || !ike_path_same_ends(path, &sa->probe) || now < sa->probe_at)
		return;
	sa->probe_at = now + IKE_PROBE_MS;
	ike_mobike_probe(sa, path, &nat, now);
}

/**
 * ike_mobike_checks - can the answer to a request prove that the peer is at sa->probe?
 * @sa: the SA
 * @r: the request
 *
 * RFC 4555, 3.7: not when it "has been sent to several different addresses".
 *
 * Context: Process; the SA's worker.
 * Return: true if it was sent nowhere else.
 */
bool ike_mobike_checks(const struct ike_sa *sa, const struct ike_request *r)
{
	return sa->mobike && sa->probing && r->task == IKE_TASK_PROBE &&
	       r->round == sa->mobike->round && r->tries <= IKE_PROBE_TRIES;
}

/* The peer is there.  It may be where it was, behind another NAT. */
static void settle(struct ike_sa *sa, const struct isakmp_path *path, const struct ike_nat *nat,
		   u64 now)
{
	sa->probing = false;
	sa->tasks &= ~(unsigned long)IKE_TASK_PROBE;
	ike_nat_commit(sa, nat, sa->peer->encap);
	ike_path_set(sa, path);
	ike_path_follow(sa, now);
	ike_path_established(sa, now);
}

/* UPDATE_SA_ADDRESSES of the initiator. */
static void update(struct ike_sa *sa, const struct ike_in *in, const struct ike_told *t,
		   u64 now)
{
	if (ike_path_same_ends(&in->pkt->path, &sa->path))
		settle(sa, &in->pkt->path, &t->nat, now);
	else
		ike_mobike_probe(sa, &in->pkt->path, &t->nat, now);
}

/**
 * ike_mobike_obey - do what a request of the peer told; it is answered
 * @sa: the SA
 * @in: the request
 * @t: what it told
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why not, or not all: @t->why, ROAM, ADDRESSES_LIMIT.
 */
enum isakmp_reason ike_mobike_obey(struct ike_sa *sa, const struct ike_in *in,
				   const struct ike_told *t, u64 now)
{
	enum isakmp_reason why = t->why;

	if (why || (!t->update && !t->list))
		return why;
	if (t->list) {
		note(&sa->mobike->newest_list, in);
		why = keep_list(sa, &in->chain, &in->pkt->path.remote);
		if (sa->initiator)
			ike_roam_listed(sa, now);
	}
	if (t->update) {
		note(&sa->mobike->newest_update, in);
		update(sa, in, t, now);
	}
	return why;
}

/* ---- what the peer answers ----------------------------------------------- */

static bool returned(const struct ike_in *in)
{
	const struct ike_request *r = in->req;
	struct ike_told t;

	read_all(&in->chain, &t);
	return t.cookie.p && t.cookie.len == sizeof(r->cookie) &&
	       !isakmp_differ(t.cookie.p, r->cookie, sizeof(r->cookie));
}

/* The return routability check came back. */
static void probed(struct ike_sa *sa, const struct ike_in *in, u64 now)
{
	if (!sa->probing || in->req->round != sa->mobike->round)
		return;		/* a later path is tried */
	if (ike_mobike_checks(sa, in->req) && ike_path_same_ends(&in->pkt->path, &sa->probe))
		settle(sa, &sa->probe, &sa->mobike->nat, now);
	else if (sa->mobike->refused++ < sa->tun->retransmit_tries)
		sa->tasks |= IKE_TASK_PROBE;	/* the one before may have been lost */
	else
		sa->probing = false;	/* it is where it was */
}

/**
 * ike_mobike_answered - an INFORMATIONAL request was answered, with MOBIKE
 * @sa: the SA
 * @in: the response; in->req says to what
 * @now: ms
 *
 * RFC 4555, 3.7: "If the values do not match, the IKE_SA MUST be closed."
 *
 * Context: Process; the SA's worker.
 * Return: OK; COOKIE2, the SA is being deleted; what ike_roam_updated() says.
 */
enum isakmp_reason ike_mobike_answered(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	if (sa->state != IKE_S_ESTABLISHED)
		return ISAKMP_OK;
	sa->mobike->moves = 0;
	if (in->req->challenge && !returned(in)) {
		sa->reason = ISAKMP_R_COOKIE2;
		sa->tasks |= IKE_TASK_DELETE_IKE;
		return ISAKMP_R_COOKIE2;
	}
	if (in->req->task == IKE_TASK_UPDATE)
		return ike_roam_updated(sa, in, now);
	if (in->req->task == IKE_TASK_PROBE)
		probed(sa, in, now);
	else
		ike_roam_heard(sa, in);
	return ISAKMP_OK;
}
