// SPDX-License-Identifier: GPL-2.0
/*
 * MOBIKE (RFC 4555): which path is taken (3.5).  The responder tells its addresses.  The
 * initiator chooses.
 *
 * It looks for another one when its own address or route has changed (net/ tells), when
 * a request was not answered several times, and when the peer's list has changed:
 *
 *	candidates	the peer's present address, then those it has told, each with
 *			the address of ours that leads there now
 *	for each	what is out goes on, the same octets, from the new address; then
 *			UPDATE_SA_ADDRESSES
 *	no answer	the next candidate; after the last one the first again, until
 *			the retransmissions are used up
 *	answered	the children move
 *
 * A path that changed since the request was made makes its answer worthless: the
 * requests carry the number of their path.
 */
#include "ike/engine.h"

/**
 * ike_roam_allowed - may the peer be at an address?
 * @sa: the SA; its peer is known
 * @remote: the address
 *
 * Context: Process; the SA's worker.
 * Return: true if it may.
 */
bool ike_roam_allowed(const struct ike_sa *sa, const struct isakmp_addr *remote)
{
	const struct ike_peer *peer = sa->peer;
	struct isakmp_ts ts;

	if (!peer->n_roam || isakmp_addr_equal(remote, &peer->remote))
		return true;
	memset(&ts, 0, sizeof(ts));
	ike_ts_set_addr(&ts, remote);
	return ike_ts_all_within(&ts, 1, peer->roam, peer->n_roam);
}

/* ---- candidates ---------------------------------------------------------- */

static bool behind(const struct ike_sa *sa, const struct isakmp_addr *a)
{
	const struct ike_child *c;
	struct isakmp_ts ts;

	memset(&ts, 0, sizeof(ts));
	ike_ts_set_addr(&ts, a);
	for (c = sa->children; c; c = c->next)
		if (ike_ts_all_within(&ts, 1, c->remote, c->n_remote))
			return true;
	return false;
}

/*
 * An address of the peer that its children lead to is one of the inside: routes to it
 * are for what the tunnel carries.  But not if everything is inside.
 */
static bool inner(const struct ike_sa *sa, const struct isakmp_addr *a)
{
	return behind(sa, a) && !behind(sa, &sa->mobike->good.remote);
}

/* The path with a number; false: there is none, or it was tried under another number. */
static bool candidate(struct ike_sa *sa, unsigned int i, struct isakmp_path *path)
{
	const struct ike_mobike *x = sa->mobike;

	*path = x->good;
	if (i) {
		if (isakmp_addr_equal(&x->peer[i - 1], &x->good.remote) ||
		    inner(sa, &x->peer[i - 1]))
			return false;
		path->remote = x->peer[i - 1];
		path->rport = path->lport;
	}
	return isakmp_path_local(sa, path);
}

/*
 * What is out goes on there at once, and has all its tries before it; not for ever: who
 * is never long anywhere has to notice, too, that nobody answers.
 */
static void go_on(struct ike_sa *sa, u64 now)
{
	struct ike_epoch *ep;
	struct ike_request *r;

	for (ep = sa->ep; ep; ep = ep->next)
		for (r = ep->out; r; r = r->next) {
			if (sa->mobike->moves <= IKE_MOVES_MAX)
				r->tries = 0;
			r->resend_at = now;
		}
}

static void take(struct ike_sa *sa, const struct isakmp_path *path, u64 now)
{
	struct ike_mobike *x = sa->mobike;

	ike_path_set(sa, path);
	sa->probing = false;
	x->round++;
	x->refused = 0;
	go_on(sa, now);
}

/* The first candidate from a number on. */
static bool seek(struct ike_sa *sa, unsigned int from, u64 now)
{
	struct ike_mobike *x = sa->mobike;
	struct isakmp_path path;
	unsigned int i;

	for (i = from; i <= x->n; i++) {
		if (!candidate(sa, i, &path))
			continue;
		x->candidate = (u8)i;
		x->seeking = true;
		take(sa, &path, now);
		sa->tasks |= IKE_TASK_UPDATE;
		return true;
	}
	return false;
}

/*
 * Back to where the children are.  If nobody answers there the peer is lost: it has refused
 * all else.
 */
static void give_in(struct ike_sa *sa, u64 now)
{
	struct ike_mobike *x = sa->mobike;

	x->seeking = false;
	x->tried_all = true;
	x->candidate = 0;
	take(sa, &x->good, now);
	ike_path_follow(sa, now);	/* those that were made in the meantime */
	sa->tasks &= ~(unsigned long)IKE_TASK_UPDATE;
	sa->tasks |= IKE_TASK_LIVENESS;
}

static bool may_choose(const struct ike_sa *sa)
{
	return sa->mobike && sa->initiator && sa->state == IKE_S_ESTABLISHED;
}

/* ---- occasions ----------------------------------------------------------- */

static void count_move(struct ike_mobike *x)
{
	if (x->moves > IKE_MOVES_MAX)
		return;
	x->moves++;
	x->tried_all = false;
}

static bool told_all(struct ike_sa *sa)
{
	const struct ike_mobike *x = sa->mobike;
	struct isakmp_addr other[IKE_ADDRESSES_MAX];
	unsigned int n = isakmp_path_others(sa, other, ARRAY_SIZE(other));

	return n == x->n_told && !memcmp(other, x->told, n * sizeof(*other));
}

/*
 * The responder tells what addresses it has, and leaves the choice to the initiator.  But
 * when its own is gone it goes on from another one, with its children (RFC 4555, 3.5, "one
 * exception").
 */
static void stay(struct ike_sa *sa, u64 now)
{
	struct isakmp_path path = sa->path;

	sa->mobike->stranded = false;
	if (isakmp_path_stands(sa)) {
		if (!told_all(sa))
			sa->tasks |= IKE_TASK_ADDRESSES;
		return;
	}
	if (!isakmp_path_local(sa, &path)) {
		sa->mobike->stranded = true;
		isakmp_refused(sa, ISAKMP_R_NO_PATH, 0);
		return;
	}
	count_move(sa->mobike);
	take(sa, &path, now);
	ike_path_take_children(sa, now);
	sa->tasks |= IKE_TASK_ADDRESSES;
}

/**
 * ike_roam_look - our addresses or routes may be others
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_roam_look(struct ike_sa *sa, u64 now)
{
	struct isakmp_path path = sa->path;
	struct ike_mobike *x = sa->mobike;

	if (x && !sa->initiator && sa->state == IKE_S_ESTABLISHED)
		stay(sa, now);
	if (!may_choose(sa))
		return;
	if (isakmp_path_local(sa, &path) && isakmp_addr_equal(&path.local, &sa->path.local))
		return;
	count_move(x);
	if (!seek(sa, 0, now))
		isakmp_refused(sa, ISAKMP_R_NO_PATH, 0);
}

/**
 * ike_roam_listed - the peer has told other addresses
 * @sa: the initiator
 * @now: ms
 *
 * RFC 4555, 3.5: it matters when the one in use is not among them.
 *
 * Context: Process; the SA's worker.
 */
void ike_roam_listed(struct ike_sa *sa, u64 now)
{
	struct ike_mobike *x = sa->mobike;
	unsigned int i;

	x->tried_all = false;
	for (i = 0; i < x->n; i++)
		if (isakmp_addr_equal(&x->peer[i], &sa->path.remote))
			return;
	if (may_choose(sa))
		seek(sa, 1, now);
}

/**
 * ike_roam_next - a request was not answered several times: try another path
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: true if there is one, and what is out is to go there.
 */
bool ike_roam_next(struct ike_sa *sa, u64 now)
{
	struct ike_mobike *x = sa->mobike;

	if (!may_choose(sa) || x->tried_all)
		return false;
	if (seek(sa, x->candidate + 1U, now))
		return true;
	x->tried_all = true;
	return x->candidate && seek(sa, 0, now);
}

/**
 * ike_roam_seen - a new request came from somewhere: the peer is alive there
 * @sa: the SA
 * @path: as we received it
 * @now: ms
 *
 * When all addresses were tried in vain, one that the peer has told, and was heard from
 * since, is tried again.  What comes in does not move us otherwise (RFC 4555, 3.8).
 *
 * Context: Process; the SA's worker.
 */
void ike_roam_seen(struct ike_sa *sa, const struct isakmp_path *path, u64 now)
{
	struct ike_mobike *x = sa->mobike;
	unsigned int i;

	if (!may_choose(sa) || !x->seeking || !x->tried_all ||
	    isakmp_addr_equal(&path->remote, &sa->path.remote))
		return;
	for (i = 0; i < x->n; i++)
		if (isakmp_addr_equal(&x->peer[i], &path->remote))
			break;
	if (i == x->n)
		return;
	count_move(x);
	if (!x->tried_all)
		seek(sa, i + 1, now);
}

/* ---- answers ------------------------------------------------------------- */

static u16 error_in(const struct ike_in *in)
{
	if (ike_init_says(&in->chain, IKE_N_UNACCEPTABLE_ADDRESSES))
		return IKE_N_UNACCEPTABLE_ADDRESSES;
	return ike_init_says(&in->chain, IKE_N_UNEXPECTED_NAT_DETECTED) ?
	       IKE_N_UNEXPECTED_NAT_DETECTED : 0;
}

/* RFC 4555, 3.9: an attacker may have changed a single packet: "retry ... several times" */
static enum isakmp_reason refused(struct ike_sa *sa, u16 error, u64 now)
{
	struct ike_mobike *x = sa->mobike;

	if (error == IKE_N_UNEXPECTED_NAT_DETECTED &&
	    x->refused++ < sa->tun->retransmit_tries)
		sa->tasks |= IKE_TASK_UPDATE;
	else if (!seek(sa, x->candidate + 1U, now))
		give_in(sa, now);
	return ISAKMP_R_PATH_REFUSED;
}

/* RFC 4555, 3.8: our address as the peer sees it; false: it does not say. */
static const u8 *seen_by_peer(const struct ike_in *in)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;

	while ((p = isakmp_chain_next(&in->chain, IKE_PL_NOTIFY, p)))
		if (!isakmp_notify_decode(p, &n) &&
		    n.type == IKE_N_NAT_DETECTION_DESTINATION_IP)
			return n.data;
	return NULL;
}

static void note_seen(struct ike_mobike *x, const u8 *digest)
{
	x->has_seen = digest;
	if (digest)
		memcpy(x->seen, digest, sizeof(x->seen));
}

/**
 * ike_roam_updated - UPDATE_SA_ADDRESSES was answered
 * @sa: the initiator, established
 * @in: the response; its COOKIE2 is right
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, PATH_REFUSED, NO_MEMORY, CRYPTO.
 */
enum isakmp_reason ike_roam_updated(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	struct ike_mobike *x = sa->mobike;
	enum isakmp_reason why = ISAKMP_OK;
	u16 error = error_in(in);
	struct ike_nat nat;

	/* RFC 4555, 3.5: "no MOBIKE processing is done for the reply" */
	if (in->req->round != x->round)
		return ISAKMP_OK;
	if (error) {
		in->arg = error;
		return refused(sa, error, now);
	}
	if (sa->natt)
		why = ike_nat_detect(in, &nat);
	if (why)
		return why;
	if (sa->natt && nat.spoken)
		ike_nat_commit(sa, &nat, sa->peer->encap);
	note_seen(x, seen_by_peer(in));
	x->good = sa->path;
	x->candidate = 0;
	x->seeking = false;
	x->tried_all = false;
	ike_path_follow(sa, now);
	ike_path_established(sa, now);
	return ISAKMP_OK;
}

/**
 * ike_roam_heard - another INFORMATIONAL request was answered
 * @sa: the SA, established
 * @in: the response
 *
 * Context: Process; the SA's worker.
 */
void ike_roam_heard(struct ike_sa *sa, const struct ike_in *in)
{
	struct ike_mobike *x = sa->mobike;
	const u8 *digest = seen_by_peer(in);

	if (!may_choose(sa))
		return;
	if (!x->seeking)
		x->tried_all = false;
	if (!digest)
		return;
	/*
	 * RFC 4555, 3.8: the NAT has another mapping for us now.  What IKE_SA_INIT told was of
	 * port 500: until an update was answered nothing is known, and it may have
	 */
	if (!x->has_seen || isakmp_differ(x->seen, digest, sizeof(x->seen)))
		sa->tasks |= IKE_TASK_UPDATE;
	note_seen(x, digest);
}
