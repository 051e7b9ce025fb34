// SPDX-License-Identifier: GPL-2.0
/*
 * What an authentication stands on, and when it ends.
 *
 * The helper says whom it believes, for which credential, and for how long; the
 * operator may say how long at most (REAUTH_S); a responder may tell the initiator
 * (RFC 4478, AUTH_LIFETIME).  The earliest of these counts.  Before it the initiator
 * authenticates anew, with a new IKE SA that takes the place of this one; the
 * responder does so later, when the initiator has not, and has no inner address of ours.
 * At the time itself the IKE SA ends with its children, whether or not a helper is there.
 */
#include "ike/engine.h"

static const u8 *put(u8 **at, const void *p, size_t n)
{
	const u8 *put_at = *at;

	if (n)
		memcpy(*at, p, n);
	*at += n;
	return put_at;
}

/* A name, terminated. */
static const char *put_name(u8 **at, struct ike_span name)
{
	const char *put_at = (const char *)put(at, name.p, name.len);

	*(*at)++ = '\0';
	return put_at;
}

/* As it is in its ID payload, but for the reserved octets. */
static struct ike_basis *basis_new(const struct ike_sa *sa, const struct ike_verdict *v,
				   struct ike_span local_cred, struct ike_span config)
{
	size_t id = v->unique.len || !sa->id_remote_len ? v->unique.len : sa->id_remote_len - 3U;
	struct ike_basis *b;
	u8 *at;

	b = isakmp_alloc(sizeof(*b) + id + local_cred.len + v->remote_cred.len + 2 +
			 v->handle.len + config.len);
	if (!b)
		return NULL;
	at = b->data;
	b->unique = at;
	b->unique_len = (u16)id;
	if (v->unique.len) {
		put(&at, v->unique.p, id);
	} else if (id) {
		put(&at, sa->id_remote, 1);
		put(&at, sa->id_remote + 4, id - 1);
	}
	b->handle_len = (u8)v->handle.len;
	b->handle = put(&at, v->handle.p, v->handle.len);
	b->config_len = (u16)config.len;
	b->config = put(&at, config.p, config.len);
	b->local_cred = put_name(&at, local_cred);
	b->remote_cred = put_name(&at, v->remote_cred);
	return b;
}

/* Ours stays until another one is said. */
static struct ike_span own_cred(const struct ike_sa *sa, const struct ike_verdict *v)
{
	if (v->local_cred.len || !sa->basis)
		return v->local_cred;
	return (struct ike_span){ (const u8 *)sa->basis->local_cred,
				  strlen(sa->basis->local_cred) };
}

/* What a ticket has to say of the configuration; @room: IKE_TICKET_MAX octets. */
static struct ike_span packed_config(const struct ike_verdict *v, u8 *room)
{
	struct isakmp_out o;

	isakmp_out_init(&o, room, IKE_TICKET_MAX);
	ike_config_pack(&v->config, &o);
	return (struct ike_span){ room, o.full ? 0 : o.len };
}

static enum isakmp_reason take_with_config(struct ike_sa *sa, const struct ike_verdict *v,
					   struct ike_span local)
{
	bool tickets = v->peer && v->peer->resume;
	u8 *room = tickets ? isakmp_alloc(IKE_TICKET_MAX) : NULL;
	struct ike_span config = {};
	struct ike_basis *b;

	if (tickets && !room)
		return ISAKMP_R_NO_MEMORY;
	if (room)
		config = packed_config(v, room);
	b = basis_new(sa, v, local, config);
	isakmp_free(room);
	if (!b)
		return ISAKMP_R_NO_MEMORY;
	isakmp_basis_set(sa, b);
	return ISAKMP_OK;
}

/**
 * ike_basis_take - keep what a verdict says of the authentication
 * @sa: the SA
 * @v: i-auth: our side; r-auth, i-verify: the peer is believed
 *
 * Context: Process; the SA's worker.
 * Return: OK or NO_MEMORY.
 */
enum isakmp_reason ike_basis_take(struct ike_sa *sa, const struct ike_verdict *v)
{
	return take_with_config(sa, v, own_cred(sa, v));
}

/**
 * ike_basis_of - what a verdict says of the authentication, without keeping it
 * @sa: the SA
 * @v: the verdict
 *
 * Context: Process; the SA's worker.
 * Return: it, the caller's to free; NULL: no memory.
 */
struct ike_basis *ike_basis_of(const struct ike_sa *sa, const struct ike_verdict *v)
{
	return basis_new(sa, v, own_cred(sa, v), (struct ike_span){});
}

/**
 * ike_basis_own - keep what a verdict says of our side alone
 * @sa: the SA
 * @v: the verdict
 *
 * Context: Process; the SA's worker.
 * Return: OK or NO_MEMORY.
 */
enum isakmp_reason ike_basis_own(struct ike_sa *sa, const struct ike_verdict *v)
{
	const struct ike_basis *b = sa->basis;
	enum isakmp_reason why;
	struct ike_verdict *as_is;

	if (!b || !v->local_cred.len)
		return b ? ISAKMP_OK : ike_basis_take(sa, v);
	as_is = isakmp_alloc(sizeof(*as_is));
	if (!as_is)
		return ISAKMP_R_NO_MEMORY;
	as_is->unique = (struct ike_span){ b->unique, b->unique_len };
	as_is->handle = (struct ike_span){ b->handle, b->handle_len };
	as_is->remote_cred = (struct ike_span){ (const u8 *)b->remote_cred,
						strlen(b->remote_cred) };
	why = take_with_config(sa, as_is, v->local_cred);
	isakmp_free(as_is);
	return why;
}

/* ---- until when ---------------------------------------------------------- */

/* The time to authenticate anew in, before the end. */
static u64 margin(const struct ike_sa *sa, u64 left)
{
	u64 m = min_t(u64, left >> 2, IKE_REAUTH_MS);
	u8 less;

	/* Not all at once.  The responder leaves it to the initiator. */
	isakmp_random(&less, sizeof(less));
	m -= (m * less) >> 10;
	return sa->initiator ? m : m >> 1;
}

static void until(struct ike_sa *sa, u64 left, u64 now)
{
	u64 at = now + left;

	if (at >= sa->until_at)
		return;
	sa->until_at = at;
	sa->reauth_at = at - margin(sa, left);
}

/**
 * ike_until_begin - the peer is believed from now on
 * @sa: the SA; its peer is known
 * @left_s: seconds that the helper gives; 0: for ever
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: seconds; 0: for ever.
 */
u32 ike_until_begin(struct ike_sa *sa, u32 left_s, u64 now)
{
	u32 reauth_s = sa->peer->reauth_s;

	if (!left_s || (reauth_s && reauth_s < left_s))
		left_s = reauth_s;
	if (left_s)
		until(sa, (u64)left_s * 1000, now);
	return left_s;
}

/**
 * ike_until_read - what a message says about the time that is left
 * @c: its payloads
 * @left_s: seconds, set when it says so
 *
 * RFC 4478, 3: AUTH_LIFETIME has four octets.
 *
 * Context: Process.
 * Return: does it?
 */
bool ike_until_read(const struct isakmp_chain *c, u32 *left_s)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;
	bool found = false;

	while ((p = isakmp_chain_next(c, IKE_PL_NOTIFY, p))) {
		if (isakmp_notify_decode(p, &n) || n.type != IKE_N_AUTH_LIFETIME || n.len != 4)
			continue;
		*left_s = get_unaligned_be32(n.data);
		found = true;
	}
	return found;
}

/**
 * ike_until_told - the responder has said how long it believes us
 * @sa: the SA
 * @left_s: seconds
 * @now: ms
 *
 * RFC 4478, 3: "A zero value signifies that the Initial exchange should begin
 * immediately."  A second is no time to be believed for: what is less than the limit
 * is taken for that.
 *
 * Context: Process; the SA's worker.
 */
void ike_until_told(struct ike_sa *sa, u32 left_s, u64 now)
{
	if (!sa->initiator)
		return;
	if (left_s) {
		until(sa, max_t(u64, (u64)left_s * 1000, IKE_LIFETIME_LEAST_MS), now);
		return;
	}
	until(sa, IKE_ESTABLISH_MS, now);
	/* Who says so of each new IKE SA does not keep us busy */
	sa->reauth_at = max(now, sa->created_at + IKE_LIFETIME_LEAST_MS);
}

/**
 * ike_until_policy - the operator has another word on how long that is
 * @sa: the SA
 * @reauth_s: seconds from its beginning; 0: as long as may be
 * @now: ms
 *
 * What is shorter counts at once, and the initiator is told (RFC 4478, 3); who has been
 * believed for longer already has the time to authenticate anew.  What is longer is for
 * the next authentication.
 *
 * Context: Process; the SA's worker.
 */
void ike_until_policy(struct ike_sa *sa, u32 reauth_s, u64 now)
{
	u64 end = sa->established_at + (u64)reauth_s * 1000, was = sa->until_at;

	if (sa->state != IKE_S_ESTABLISHED || !reauth_s)
		return;
	until(sa, max_t(u64, end, now + IKE_ESTABLISH_MS) - now, now);
	if (sa->until_at != was && !sa->initiator)
		sa->tasks |= IKE_TASK_LIFETIME;
}

/**
 * ike_until_changed - the objects that the two sides authenticated by are others now
 * @sa: the SA
 * @now: ms
 *
 * Both have the time to authenticate anew; the responder tells the initiator (RFC 4478,
 * 3).  Not all at once: a template has many peers.
 *
 * Context: Process; the SA's worker.
 */
void ike_until_changed(struct ike_sa *sa, u64 now)
{
	u64 was = sa->until_at;
	u8 dice;

	until(sa, IKE_CHANGED_MS, now);
	isakmp_random(&dice, sizeof(dice));
	if (sa->initiator)
		sa->reauth_at = min(sa->reauth_at, now + ((IKE_DELAY_MS * (u64)dice) >> 5));
	else if (sa->until_at != was)
		sa->tasks |= IKE_TASK_LIFETIME;
}

/**
 * ike_until_left - how long the peer is believed yet
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: seconds, at least 1; 0: for ever.
 */
u32 ike_until_left(const struct ike_sa *sa, u64 now)
{
	if (sa->until_at == IKE_NEVER)
		return 0;
	return sa->until_at > now + 1000 ? (u32)((sa->until_at - now) / 1000) : 1;
}

/**
 * ike_until_add - tell the initiator how long it is believed
 * @m: the responder's last IKE_AUTH response, or an INFORMATIONAL request of its own
 * @left_s: seconds; 0: for ever
 *
 * Context: Process; the SA's worker.
 */
void ike_until_add(struct ike_msg *m, u32 left_s)
{
	u8 data[4];

	put_unaligned_be32(left_s, data);
	if (left_s)
		ike_msg_notify(m, IKE_N_AUTH_LIFETIME, data, sizeof(data));
}

/**
 * ike_sa_bar - the peer is believed no longer
 * @sa: the SA
 * @why: why not
 * @now: ms
 *
 * Its children go now, the Delete follows; what is being negotiated will not come up.
 *
 * Context: Process; the SA's worker.
 */
void ike_sa_bar(struct ike_sa *sa, enum isakmp_reason why, u64 now)
{
	struct ike_child *c, *next;

	if (sa->state == IKE_S_DEAD || sa->barred)
		return;
	isakmp_refused(sa, why, 0);
	sa->barred = (u16)why;
	sa->reason = (u16)why;
	ike_ticket_end(sa);
	sa->until_at = IKE_NEVER;
	sa->reauth_at = IKE_NEVER;
	if (sa->state == IKE_S_I_AUTH || sa->state == IKE_S_I_VERIFY) {
		ike_auth_undo(sa, why, now);
	} else if (sa->state != IKE_S_ESTABLISHED && sa->state != IKE_S_DELETING) {
		ike_sa_die(sa, why, 0, now);
		return;
	}
	for (c = sa->children; c; c = next) {
		next = c->next;
		if (c->state != IKE_CHILD_WANTED || !c->busy)
			ike_child_drop(sa, c, why);
	}
	if (sa->state == IKE_S_ESTABLISHED)
		sa->tasks |= IKE_TASK_DELETE_IKE;
}

/**
 * ike_until_timer - authenticate anew, or end
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_until_timer(struct ike_sa *sa, u64 now)
{
	u64 left;

	if (sa->state != IKE_S_ESTABLISHED)
		return;
	if (now >= sa->until_at) {
		ike_sa_bar(sa, ISAKMP_R_AUTH_EXPIRED, now);
		return;
	}
	if (now < sa->reauth_at)
		return;
	left = sa->until_at - now;
	sa->reauth_at = now + max_t(u64, min_t(u64, left >> 2, IKE_RENEW_RETRY_MS), 1000);
	ike_renew(sa, ISAKMP_R_AUTH_EXPIRED);
}
