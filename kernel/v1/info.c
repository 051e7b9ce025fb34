// SPDX-License-Identifier: GPL-2.0
/*
 * Informational exchanges (RFC 2409, 5.7; RFC 2408, 5.14 and 5.15): notifications and
 * Deletes.  One message, which nobody answers.
 *
 * Once there are keys, only what has a right HASH(1) counts; before, what comes in the
 * clear is a hint that anybody may have sent.
 */
#include "v1/phase2.h"

/* ---- what we say ------------------------------------------------------------ */

static void add_delete(struct v1_msg *m, u8 protocol, const u8 *spi, u8 len)
{
	struct v1_delete d = { .doi = V1_DOI_IPSEC, .protocol = protocol, .spi_len = len,
			       .n = 1, .spis = spi };

	isakmp_build_payload(&m->b, V1_PL_DELETE);
	v1_delete_encode(&m->b.o, &d);
	isakmp_build_close(&m->b);
}

static void put_cookies(const struct ike_epoch *ep, u8 *p)
{
	put_unaligned_be64(ep->spi_i, p);
	put_unaligned_be64(ep->spi_r, p + V1_COOKIE_LEN);
}

static bool is_cookies(const struct ike_epoch *ep, const u8 *p)
{
	return get_unaligned_be64(p) == ep->spi_i &&
	       get_unaligned_be64(p + V1_COOKIE_LEN) == ep->spi_r;
}

/**
 * v1_info_delete - tell the peer that an ISAKMP SA goes
 * @sa: the SA
 * @ep: its epoch; up
 *
 * Context: Process; the SA's worker.
 */
void v1_info_delete(struct ike_sa *sa, struct ike_epoch *ep)
{
	u8 cookies[2 * V1_COOKIE_LEN];
	enum isakmp_reason why;
	struct v1_msg m;

	put_cookies(ep, cookies);
	why = v1_msg_begin(sa, ep, NULL, &m, V1_INFORMATIONAL, V1_H_1);
	if (!why) {
		add_delete(&m, V1_PROTO_ISAKMP, cookies, sizeof(cookies));
		why = v1_say_once(sa, &m);
	}
	if (why)
		isakmp_refused(sa, why, 0);
}

static enum isakmp_reason begin_delete(struct ike_sa *sa, struct ike_epoch *ep, u8 protocol,
				       u32 spi_in, struct v1_msg *m)
{
	enum isakmp_reason why;
	u8 spi[4];

	why = v1_msg_begin(sa, ep, NULL, m, V1_INFORMATIONAL, V1_H_1);
	if (why)
		return why;
	put_unaligned_be32(spi_in, spi);
	add_delete(m, protocol, spi, sizeof(spi));
	return ISAKMP_OK;
}

/* The notification that tells the peer why it has no child. */
static u16 notify_of(enum isakmp_reason why)
{
	switch (why) {
	case ISAKMP_R_TS:
	case ISAKMP_R_TS_PREFIXES:
	case ISAKMP_R_V1_QUICK_ID:
		return V1_N_INVALID_ID_INFORMATION;
	case ISAKMP_R_KE_VALUE:
		return V1_N_INVALID_KEY_INFORMATION;
	case ISAKMP_R_BAD_SA:
		return V1_N_BAD_PROPOSAL_SYNTAX;
	case ISAKMP_R_V1_DOI:
		return V1_N_DOI_NOT_SUPPORTED;
	case ISAKMP_R_V1_SITUATION:
		return V1_N_SITUATION_NOT_SUPPORTED;
	default:
		return V1_N_NO_PROPOSAL_CHOSEN;
	}
}

/**
 * v1_info_refused - the peer is told why it has no child
 * @sa: the SA
 * @in: message 1 of its Quick Mode
 * @why: why
 *
 * Context: Process; the SA's worker.
 */
void v1_info_refused(struct ike_sa *sa, const struct v1_in *in, enum isakmp_reason why)
{
	u8 protocol;
	u32 spi = v1_offer_spi(in, &protocol);

	v1_info_error(sa, in->ep, notify_of(why), protocol, spi);
}

/**
 * v1_info_delete_child - tell the peer that a child goes
 * @sa: the SA
 * @ep: by which ISAKMP SA
 * @protocol: enum v1_protocol
 * @spi_in: our SPI of it, host order
 *
 * RFC 2408, 3.15: "the SPI is the sending entity's".
 *
 * Context: Process; the SA's worker.
 * Return: OK, SEND, or why it was not built.
 */
enum isakmp_reason v1_info_delete_child(struct ike_sa *sa, struct ike_epoch *ep, u8 protocol,
					u32 spi_in)
{
	enum isakmp_reason why;
	struct v1_msg m;

	why = begin_delete(sa, ep, protocol, spi_in, &m);
	return why ? why : v1_say_once(sa, &m);
}

/**
 * v1_info_take_back - the same in place of the last message of the Quick Mode of the child
 * @sa: the SA
 * @in: the message that the last one answered; it came again
 * @x: the Quick Mode
 * @protocol: enum v1_protocol
 * @spi_in: our SPI of the child, host order
 * @now: ms
 *
 * Whoever asks for the last message has not heard of the Delete, and would use the child.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why it was not built.
 */
enum isakmp_reason v1_info_take_back(struct ike_sa *sa, const struct v1_in *in,
				     struct v1_exchange *x, u8 protocol, u32 spi_in, u64 now)
{
	enum isakmp_reason why;
	struct v1_msg m;

	why = begin_delete(sa, in->ep, protocol, spi_in, &m);
	return why ? why : v1_talk_say(sa, &m, &x->talk, in, false, now);
}

/**
 * v1_info_error - tell the peer why there is no SA
 * @sa: the SA
 * @ep: by which ISAKMP SA
 * @type: notify message type
 * @protocol: enum v1_protocol of what is refused
 * @spi: what the peer calls that, host order; 0: nothing
 *
 * Context: Process; the SA's worker.
 */
void v1_info_error(struct ike_sa *sa, struct ike_epoch *ep, u16 type, u8 protocol, u32 spi)
{
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = protocol, .type = type };
	enum isakmp_reason why;
	struct v1_msg m;
	u8 octets[4];

	put_unaligned_be32(spi, octets);
	n.spi = octets;
	n.spi_len = spi ? sizeof(octets) : 0;
	why = v1_msg_begin(sa, ep, NULL, &m, V1_INFORMATIONAL, V1_H_1);
	if (!why) {
		v1_msg_notify(&m, &n);
		why = v1_say_once(sa, &m);
	}
	if (why)
		isakmp_refused(sa, why, 0);
}

/**
 * v1_info_contact - a responder has nothing elder of the peer: INITIAL-CONTACT, if it is one
 * @sa: the SA, which has come up
 * @ep: its ISAKMP SA
 *
 * RFC 2407, 4.6.3.3.  An initiator that goes on after we have forgotten all, as after a crash,
 * has children that lead nowhere.
 *
 * Context: Process; the SA's worker.
 */
void v1_info_contact(struct ike_sa *sa, struct ike_epoch *ep)
{
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ISAKMP,
			       .type = V1_N_INITIAL_CONTACT, .spi_len = 2 * V1_COOKIE_LEN };
	u8 cookies[2 * V1_COOKIE_LEN];
	enum isakmp_reason why;
	struct v1_msg m;

	if (!isakmp_contact_is_initial(sa))
		return;
	put_cookies(ep, cookies);
	n.spi = cookies;
	why = v1_msg_begin(sa, ep, NULL, &m, V1_INFORMATIONAL, V1_H_1);
	if (!why) {
		v1_msg_notify(&m, &n);
		why = v1_say_once(sa, &m);
	}
	if (why)
		isakmp_refused(sa, why, 0);
	sa->v1->told_contact |= !why;
}

/* ---- what the peer says ------------------------------------------------------ */

/**
 * v1_child_named - the child that the peer names by its own inbound SPI
 * @sa: the SA
 * @protocol: enum v1_protocol
 * @spi_out: the SPI, host order
 *
 * Context: Process; the SA's worker.
 * Return: the child, or NULL: there is none, or it is gone.
 */
struct ike_child *v1_child_named(const struct ike_sa *sa, u8 protocol, u32 spi_out)
{
	struct ike_child *c;

	for (c = sa->children; c; c = c->next)
		if (spi_out && c->spi_out == spi_out && c->state != IKE_CHILD_GONE &&
		    ike_child_protocol(c) == protocol)
			return c;
	return NULL;
}

/**
 * v1_epoch_named - the ISAKMP SA that the peer names
 * @sa: the SA
 * @cookies: both
 *
 * Context: Process; the SA's worker.
 * Return: it, also when it is gone; NULL: this connection has none of them.
 */
struct ike_epoch *v1_epoch_named(const struct ike_sa *sa, const u8 *cookies)
{
	struct ike_epoch *ep;

	for (ep = sa->ep; ep; ep = ep->next)
		if (ep->v1 && is_cookies(ep, cookies))
			return ep;
	return NULL;
}

/* Another one does the same: nothing is closed. */
static bool is_spare(const struct ike_sa *sa, const struct ike_child *c)
{
	const struct ike_child *twin = c->state == IKE_CHILD_UP ? v1_child_twin(sa, c) : NULL;

	return twin && twin->state == IKE_CHILD_UP;
}

/* One that is told twice is not there the second time. */
static void delete_children(struct ike_sa *sa, const struct v1_delete *d, u64 now)
{
	struct ike_child *c;
	unsigned int i;

	for (i = 0; i < d->n && d->spi_len == 4; i++) {
		c = v1_child_named(sa, d->protocol, get_unaligned_be32(d->spis + 4 * i));
		if (!c)
			continue;
		c->superseded |= is_spare(sa, c);
		ike_child_closed(sa, c, now);
	}
}

/*
 * An ISAKMP SA of this connection: the children stay.  The message has come by one that
 * may be among them: this is the last that is done for it.  Before XAUTH is over (not @up) it is
 * about that one alone.
 */
static void delete_isakmp(struct ike_sa *sa, const struct ike_epoch *by, bool up,
			  const struct v1_delete *d, u64 now)
{
	struct ike_epoch *ep;
	unsigned int i;

	for (i = 0; i < d->n && d->spi_len == 2 * V1_COOKIE_LEN; i++) {
		ep = v1_epoch_named(sa, d->spis + 2 * V1_COOKIE_LEN * i);
		if (!ep || ep->v1->state < V1_P1_XAUTH || ep->v1->state == V1_P1_GONE ||
		    (!up && ep != by))
			continue;
		/* XAUTH, or an address, has come to nothing */
		v1_phase1_end(sa, ep, ep->v1->state == V1_P1_UP ? ISAKMP_OK : ISAKMP_R_PEER_ERROR,
			      now);
	}
}

/* @isakmp: those of ISAKMP SAs, or all others */
static void read_deletes(struct ike_sa *sa, const struct v1_in *in, bool isakmp, u64 now)
{
	bool up = v1_of(in->ep)->state == V1_P1_UP;	/* a Delete may be of that */
	const struct v1_chain *chain = &in->chain;
	const struct isakmp_payload *p = NULL;
	struct v1_delete d;

	while ((p = v1_chain_next(chain, V1_PL_DELETE, p))) {
		if (v1_delete_decode(p, &d) || isakmp != (d.protocol == V1_PROTO_ISAKMP))
			continue;
		if (isakmp)
			delete_isakmp(sa, in->ep, up, &d, now);
		else
			delete_children(sa, &d, now);
	}
}

/**
 * v1_contact - the peer says that it knows of nothing elder than an ISAKMP SA
 * @sa: the SA
 * @ep: the ISAKMP SA; up, and the peer authenticated by it
 * @now: ms
 *
 * RFC 2407, 4.6.3.3: what is elder goes, and nobody is told.  It is as when the peer is dead.
 * Elder is what was up when @ep began: of what came up meanwhile the peer knows, as it does of an
 * ISAKMP SA that crossed this one.
 *
 * Context: Process; the SA's worker.
 */
void v1_contact(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct ike_child *c, *next;
	struct ike_epoch *old, *after;
	bool lost = false;

	for (c = sa->children; c; c = next) {
		next = c->next;
		if (!c->xfrm || c->up_at >= ep->v1->begun_at)
			continue;
		lost = true;
		isakmp_child_forgotten(sa, c);
		ike_child_drop(sa, c, ISAKMP_R_V1_FORGOTTEN);
	}
	for (old = sa->ep; old; old = after) {
		after = old->next;
		if (old != ep && old->v1 && old->v1->state == V1_P1_UP &&
		    old->v1->up_at < ep->v1->begun_at)
			v1_phase1_end(sa, old, ISAKMP_OK, now);
	}
	if (lost)
		isakmp_refused(sa, ISAKMP_R_V1_FORGOTTEN, 0);
}

static enum isakmp_reason read_error(struct ike_sa *sa, struct v1_in *in,
				     const struct v1_notify *n, u64 now)
{
	in->arg = n->type;
	if (n->type != V1_N_ATTRIBUTES_NOT_SUPPORTED || !v1_group_refused(sa, in->ep, now))
		v1_quick_refused(sa, in->ep, n, now);
	return ISAKMP_R_PEER_ERROR;
}

static enum isakmp_reason read_notify(struct ike_sa *sa, struct v1_in *in,
				      const struct v1_notify *n, u64 now)
{
	switch (n->type) {
	case V1_N_R_U_THERE:
	case V1_N_R_U_THERE_ACK:
		return v1_dpd_heard(sa, in->ep, n);
	case V1_N_INITIAL_CONTACT:
		v1_contact(sa, in->ep, now);
		return ISAKMP_OK;
	case V1_N_RESPONDER_LIFETIME:
		v1_life_heard(sa, in->ep, n);
		return ISAKMP_OK;
	}
	/*
	 * Of others of this kind nothing is acted on.  REPLAY-STATUS (RFC 2407, 4.6.3.2): who is
	 * told that nobody looks for replays might let its numbers run over; we never do, but
	 * rekey.
	 */
	return n->type < V1_N_STATUS ? read_error(sa, in, n, now) : ISAKMP_OK;
}

/* All of them are read; the first that is wrong is told. */
static enum isakmp_reason read_notifies(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	enum isakmp_reason why, first = ISAKMP_OK;
	const struct isakmp_payload *p = NULL;
	struct v1_notify n;

	while (sa->state == IKE_S_ESTABLISHED &&
	       (p = v1_chain_next(&in->chain, V1_PL_NOTIFY, p))) {
		if (v1_notify_decode(p, &n))
			continue;
		why = read_notify(sa, in, &n, now);
		first = first ? first : why;
	}
	return first;
}

/*
 * Under the message ID of a Quick Mode, which it does not use up, so that it may come again and
 * again: CONNECTED is all that counts (RFC 2408, 3.1).
 */
static enum isakmp_reason hear_connected(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	const struct isakmp_payload *p = NULL;
	struct v1_notify n;

	while ((p = v1_chain_next(&in->chain, V1_PL_NOTIFY, p)))
		if (!v1_notify_decode(p, &n) && n.type == V1_N_CONNECTED) {
			v1_quick_connected(sa, in->x, now);
			return ISAKMP_OK;
		}
	return ISAKMP_R_OLD_ID;
}

/* XAUTH, or mode config, is under way: that it comes to nothing, or that it is the first. */
static enum isakmp_reason hear_before(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	const struct isakmp_payload *p = NULL;
	struct v1_notify n;

	if (sa->state != IKE_S_V1 && sa->state != IKE_S_ESTABLISHED)
		return ISAKMP_R_NO_LAW;
	while (sa->state == IKE_S_V1 && (p = v1_chain_next(&in->chain, V1_PL_NOTIFY, p)))
		if (!v1_notify_decode(p, &n) && n.type == V1_N_INITIAL_CONTACT)
			sa->contact = true;
	read_deletes(sa, in, true, now);
	return ISAKMP_OK;
}

/**
 * v1_info_heard - an Informational with the right HASH(1)
 * @sa: the SA
 * @in: the message; its message ID was not used before, but for that of a Quick Mode whose peer
 *	set the commit bit
 * @now: ms
 *
 * Whatever order its payloads have: notifications, Deletes of children, and last those of
 * ISAKMP SAs, of which one is that of the message.
 *
 * Context: Process; the SA's worker.
 * Return: OK; PEER_ERROR, BAD_NOTIFY, V1_DPD_NUMBER; why R-U-THERE was not answered; OLD_ID: there
 * is no CONNECTED under that of a Quick Mode.
 */
enum isakmp_reason v1_info_heard(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	enum isakmp_reason why;

	if (in->x)
		return hear_connected(sa, in, now);
	/* Who has a secret that many share is not the peer yet, even if we have begun */
	if (sa->state != IKE_S_ESTABLISHED || v1_of(in->ep)->state != V1_P1_UP)
		return hear_before(sa, in, now);
	why = read_notifies(sa, in, now);
	read_deletes(sa, in, false, now);
	read_deletes(sa, in, true, now);
	return why;
}

/**
 * v1_info_clear - an Informational in the clear, while there are no keys
 * @sa: the SA
 * @in: the message, from anybody
 * @now: ms
 *
 * Errors are noted for the report, should nothing better come.
 *
 * Context: Process; the SA's worker.
 * Return: FORGEABLE, there was one; UNEXPECTED, what else there is does not belong here.
 */
enum isakmp_reason v1_info_clear(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	enum isakmp_reason why = ISAKMP_R_UNEXPECTED;
	const struct isakmp_payload *p = NULL;
	struct v1_notify n;

	while ((p = v1_chain_next(&in->chain, V1_PL_NOTIFY, p))) {
		if (v1_notify_decode(p, &n) || !n.type || n.type >= V1_N_STATUS)
			continue;
		in->ep->v1->setup->forgeable = n.type;
		in->arg = n.type;
		why = ISAKMP_R_FORGEABLE;
	}
	return why;
}
