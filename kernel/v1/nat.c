// SPDX-License-Identifier: GPL-2.0
/*
 * NAT traversal (RFC 3947, and its drafts 02 and 03, which differ in the number of the
 * payload): is there a NAT, over which ports do we go on, does the peer move?
 */
#include "v1/engine.h"

/* HASH(CKY-I | CKY-R | IP | Port) (RFC 3947, 3.2) */
static enum isakmp_reason digest(const struct ike_epoch *ep, const struct isakmp_addr *addr,
				 u16 port, u8 *out)
{
	u8 cookies[2 * V1_COOKIE_LEN], number[2];
	const struct ike_span v[] = {
		{ cookies, sizeof(cookies) },
		{ addr->a, isakmp_addr_len(addr) },
		{ number, sizeof(number) },
	};

	put_unaligned_be64(ep->spi_i, cookies);
	put_unaligned_be64(ep->spi_r, cookies + V1_COOKIE_LEN);
	put_unaligned_be16(port, number);
	return v1_crypto_reason(isakmp_hash(ep->suite.prf, v, ARRAY_SIZE(v), out));
}

static u8 payload_type(const struct v1_phase1 *p)
{
	return p->natt == BIT(V1_CAN_NATT_RFC) ? V1_PL_NAT_D : V1_PL_NAT_D_DRAFT;
}

/**
 * v1_nat_agreed - the vendor IDs of a first message are read: may it have come as it did?
 * @in: message 1 or 2 of phase 1
 *
 * RFC 3947, 4: what goes over port 4500 is between two that speak NAT traversal, and both
 * say so each time.  Where it is not said, somebody has taken it out.
 *
 * Context: Process; the SA's worker.
 * Return: OK or MISSING.
 */
enum isakmp_reason v1_nat_agreed(struct v1_in *in)
{
	if (v1_of(in->ep)->natt || in->pkt->path.lport != IKE_PORT_NATT)
		return ISAKMP_OK;
	in->arg = V1_PL_VENDOR;
	return ISAKMP_R_MISSING;
}

/**
 * v1_nat_add - NAT-D of the other end, NAT-D of ours
 * @m: a message of phase 1
 * @path: the way it goes
 * @fake: say that we send from elsewhere: the peer then puts ESP in UDP
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY, CRYPTO.
 */
enum isakmp_reason v1_nat_add(struct v1_msg *m, const struct isakmp_path *path, bool fake)
{
	const struct v1_phase1 *p = v1_of(m->ep);
	size_t len = isakmp_prf_len(m->ep->suite.prf);
	struct isakmp_addr from = path->local;
	enum isakmp_reason why;
	u8 there[64], here[64];

	if (!p->natt)
		return ISAKMP_OK;
	if (fake)
		memset(from.a, 0, sizeof(from.a));
	why = digest(m->ep, &path->remote, path->rport, there);
	if (!why)
		why = digest(m->ep, &from, fake ? 0 : path->lport, here);
	if (why)
		return why;
	v1_msg_bytes(m, payload_type(p), there, len);
	v1_msg_bytes(m, payload_type(p), here, len);
	return ISAKMP_OK;
}

/**
 * v1_nat_detect - compare what the peer says with how its message came
 * @in: a message of phase 1
 * @nat: what it tells
 *
 * The first one is where the peer sends to; one of the others is where it sends from.  No HASH
 * covers them, or the vendor IDs: an initiator that has not heard ours sends none, but half
 * of them are left of more (RFC 3947, 3.2).
 *
 * Context: Process; the SA's worker.
 * Return: OK, MISSING, NO_MEMORY, CRYPTO.
 */
enum isakmp_reason v1_nat_detect(struct v1_in *in, struct ike_nat *nat)
{
	const struct isakmp_payload *first = v1_chain_find(&in->chain, V1_PL_NAT_D), *pl = first;
	size_t len = isakmp_prf_len(in->ep->suite.prf);
	const struct isakmp_path *path = &in->pkt->path;
	enum isakmp_reason why;
	u8 here[64], there[64];

	*nat = (struct ike_nat){};
	if (!v1_of(in->ep)->natt || (!first && !in->ep->initiator))
		return ISAKMP_OK;
	if (!first || !v1_chain_next(&in->chain, V1_PL_NAT_D, first)) {
		in->arg = V1_PL_NAT_D;
		return ISAKMP_R_MISSING;
	}
	why = digest(in->ep, &path->local, path->lport, here);
	if (!why)
		why = digest(in->ep, &path->remote, path->rport, there);
	if (why)
		return why;
	nat->spoken = true;
	nat->local = first->len != len || memcmp(first->body, here, len);
	nat->remote = true;
	while ((pl = v1_chain_next(&in->chain, V1_PL_NAT_D, pl)))
		if (pl->len == len && !memcmp(pl->body, there, len))
			nat->remote = false;
	return ISAKMP_OK;
}

/**
 * v1_nat_found - the initiator knows of a NAT, and goes on over port 4500 if there is one
 * @sa: the SA
 * @ep: the ISAKMP SA that is set up
 *
 * RFC 3947, 4: "MUST change ports when sending the ID payload".  Another ISAKMP SA of a
 * connection stays at the ports that this has.
 *
 * Context: Process; the SA's worker.
 */
void v1_nat_found(struct ike_sa *sa, struct ike_epoch *ep)
{
	struct v1_phase1 *p = v1_of(ep);

	p->nat = p->setup->nat;
	if (sa->state != IKE_S_V1)
		return;
	ike_nat_commit(sa, &p->nat, sa->peer->encap);
	if (!sa->encap || sa->path.lport == IKE_PORT_NATT)
		return;
	sa->path.lport = IKE_PORT_NATT;
	sa->path.rport = IKE_PORT_NATT;
}

/* In Base Mode the initiator knows of a NAT when phase 1 is over. */
static bool may_change(const struct ike_sa *sa, const struct v1_phase1 *p)
{
	return p->exchange == V1_BASE && sa->encap && sa->path.lport != IKE_PORT_NATT;
}

/**
 * v1_nat_follow - the initiator has proved itself: it is where its proof came from
 * @sa: the responder; its peer is known
 * @ep: the ISAKMP SA that is set up
 *
 * Where no NAT was seen it is at the address that was seen before, perhaps over port 4500.  One
 * that changes to that port has seen a NAT.
 *
 * Context: Process; the SA's worker.
 */
void v1_nat_follow(struct ike_sa *sa, struct ike_epoch *ep)
{
	struct v1_phase1 *p = v1_of(ep);
	const struct v1_setup *u = p->setup;
	bool changes = u->path.lport == IKE_PORT_NATT && sa->path.lport != IKE_PORT_NATT;

	ike_nat_commit(sa, &u->nat, sa->peer->encap || changes);
	if (sa->nat_remote || isakmp_addr_equal(&u->path.remote, &sa->path.remote))
		ike_path_set(sa, &u->path);
	p->nat = u->nat;
	p->may_change = may_change(sa, p);
	if (!p->may_change && sa->path.lport != IKE_PORT_NATT)
		sa->encap = false;
}

static bool same_hosts(const struct isakmp_path *a, const struct isakmp_path *b)
{
	return isakmp_addr_equal(&a->local, &b->local) &&
	       isakmp_addr_equal(&a->remote, &b->remote);
}

/* It is set up over the way that is known, or, in Base Mode, over what the way may still become. */
static bool tells_nothing(const struct ike_sa *sa, const struct ike_epoch *ep,
			  const struct isakmp_path *path)
{
	return v1_of(ep)->may_change ? same_hosts(path, &sa->path) :
				       ike_path_same_ends(path, &sa->path);
}

/**
 * v1_nat_take - an ISAKMP SA was handed over: its peer is where that was set up
 * @sa: the SA, established
 * @ep: it, of @sa now
 * @take: what has come with it
 * @now: ms
 *
 * The end that has begun it goes on as it did, whatever its NAT-D say: no HASH covers them.
 *
 * Context: Process; the SA's worker.
 */
void v1_nat_take(struct ike_sa *sa, const struct ike_epoch *ep, const struct ike_v1_take *take,
		 u64 now)
{
	if (tells_nothing(sa, ep, &take->path))
		return;
	ike_nat_commit(sa, &take->nat, take->encap);
	sa->encap = take->encap;
	ike_path_set(sa, &take->path);
	ike_path_take_children(sa, now);
}

/**
 * v1_nat_renewed - an ISAKMP SA is up beside others: is there a NAT no more?
 * @sa: the SA, established
 * @ep: the ISAKMP SA
 *
 * Both ends see that there is none, where one that is seen may be something that one end alone
 * has seen.  Over port 500 ESP was in UDP for one that was to change ports: this one is not.
 *
 * Context: Process; the SA's worker.
 */
void v1_nat_renewed(struct ike_sa *sa, const struct ike_epoch *ep)
{
	const struct v1_phase1 *p = v1_of(ep);

	if (p->nat.spoken && !p->nat.local && !p->nat.remote && !sa->peer->encap)
		sa->encap = false;
	if (sa->path.lport != IKE_PORT_NATT && !p->may_change)
		sa->encap = false;
}

/*
 * The first message after Base Mode: does its initiator go on over port 4500?  RFC 3947, 4: who
 * sees a NAT does.  No HASH covers NAT-D: where we alone have seen one there is none.
 */
static bool changes_now(struct ike_sa *sa, struct v1_phase1 *p, const struct isakmp_path *path)
{
	bool may = p->may_change;

	p->may_change = false;
	if (!may || sa->path.lport == IKE_PORT_NATT)
		return false;
	if (path->lport != IKE_PORT_NATT) {
		sa->encap = false;
		return false;
	}
	ike_nat_commit(sa, &p->nat, true);
	return sa->nat_remote || isakmp_addr_equal(&path->remote, &sa->path.remote);
}

/* Only an end behind a NAT changes its address. */
static bool moves(const struct ike_sa *sa, const struct isakmp_path *path)
{
	return sa->nat_remote && path->lport == sa->path.lport;
}

static void go(struct ike_sa *sa, const struct isakmp_path *path, u64 now)
{
	if (sa->state != IKE_S_ESTABLISHED || ike_path_same_ends(path, &sa->path))
		return;
	ike_path_set(sa, path);
	ike_path_take_children(sa, now);
}

/**
 * v1_nat_seen - an authentic message has come: does its way tell something?
 * @sa: the SA
 * @ep: the ISAKMP SA by which it came
 * @path: how it came
 * @now: ms
 *
 * RFC 3947, 4: what comes over port 500 after the change is old.  A message counts once, so an
 * old one moves nothing.
 *
 * Context: Process; the SA's worker.
 */
void v1_nat_seen(struct ike_sa *sa, struct ike_epoch *ep, const struct isakmp_path *path, u64 now)
{
	if (changes_now(sa, v1_of(ep), path) || moves(sa, path))
		go(sa, path, now);
}

/**
 * v1_nat_over_udp - can ESP go in UDP?
 * @sa: the SA, established
 *
 * Context: Process; the SA's worker.
 * Return: true if both ends use port 4500 already.
 */
bool v1_nat_over_udp(const struct ike_sa *sa)
{
	return sa->natt && sa->path.lport == IKE_PORT_NATT;
}

/**
 * v1_nat_told - a Quick Mode of the peer puts ESP in UDP
 * @sa: the SA, established; v1_nat_over_udp()
 *
 * It has begun phase 1 over port 4500 (RFC 3947, 4), as there was a NAT, or something made it
 * believe so, when we knew each other before.  Its HASH counts for more than our NAT-D.
 *
 * Context: Process; the SA's worker.
 */
void v1_nat_told(struct ike_sa *sa)
{
	sa->encap = true;
}

/**
 * v1_nat_mapping - ESP came from another address
 * @sa: the SA, established
 * @path: from where
 * @now: ms
 *
 * RFC 3948, 3.1.2 wants an authenticated packet; XFRM tells of no other ones.  Nor more
 * often than can be true.
 *
 * Context: Process; the SA's worker.
 */
void v1_nat_mapping(struct ike_sa *sa, const struct isakmp_path *path, u64 now)
{
	if (now < sa->probe_at || path->remote.family != sa->path.remote.family)
		return;
	sa->probe_at = now + IKE_PROBE_MS;
	if (moves(sa, path))
		go(sa, path, now);
}

/**
 * v1_nat_roam - our addresses or routes have changed
 * @sa: the SA, established
 * @now: ms
 *
 * Version 1 cannot move: when our address is gone a new connection has to be set up.
 *
 * Context: Process; the SA's worker.
 */
void v1_nat_roam(struct ike_sa *sa, u64 now)
{
	if (now < sa->hint_at || isakmp_path_stands(sa))
		return;
	sa->hint_at = now + IKE_HINT_MS;
	ike_renew(sa, ISAKMP_R_NO_PATH);
}
