// SPDX-License-Identifier: GPL-2.0
/*
 * The first message again: with a cookie (RFC 7296, 2.6), with another group (1.2).
 *
 * Whoever sees our first message can ask for either, and the true answer to an
 * earlier one may still be on its way.  Hence every first message we sent stays
 * answerable: its key exchange, and its octets, which AUTH covers.  How many there
 * are is bounded: IKE_COOKIE_TRIES and IKE_KE_TRIES.
 *
 *	KE tells which group was answered.  Nothing tells whether it was with our
 *	cookie or before: an honest responder that asks for one does not answer
 *	without.  One that was asked for more cookies than anybody honest wants was
 *	being fooled, and the first answer is to what was sent first.
 *
 * Nonce, SPI, message ID and, once there is one, the cookie stay the same
 * (RFC 7296, 2.6.1).
 */
#include "ike/engine.h"

static void try_free(struct ike_try *t)
{
	if (!t)
		return;
	isakmp_kex_free(t->kex);
	isakmp_free(t->msg);
	isakmp_free(t->first);
	isakmp_free(t);
}

/**
 * ike_try_free_all - forget all first messages
 * @s: the set-up
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void ike_try_free_all(struct ike_setup *s)
{
	struct ike_try *t;

	while ((t = s->tries)) {
		s->tries = t->next;
		try_free(t);
	}
	try_free(s->asked);
	s->asked = NULL;
}

/**
 * ike_try_anew - from the beginning, with another nonce; what was out counts no more
 * @sa: the initiator
 *
 * Context: Process; the SA's worker.
 */
void ike_try_anew(struct ike_sa *sa)
{
	struct ike_setup *s = sa->setup;

	ike_try_free_all(s);
	ike_request_drop_all(sa, sa->ep);
	s->fooled = false;
	s->cookie_len = 0;
	s->cookie_tries = 0;
	isakmp_random(s->ni, s->ni_len);
}

/**
 * ike_try_keep - these octets went out
 * @t: the try
 * @msg: the octets, owned from here on
 * @len: how many
 *
 * Context: Process; the SA's worker.
 */
void ike_try_keep(struct ike_try *t, u8 *msg, u32 len)
{
	if (t->msg && !t->first) {
		t->first = t->msg;
		t->first_len = t->msg_len;
	} else {
		isakmp_free(t->msg);
	}
	t->msg = msg;
	t->msg_len = len;
}

/**
 * ike_try_find - what we sent of a group
 * @sa: the initiator
 * @group: the group
 *
 * Context: Process; the SA's worker.
 * Return: the try, or NULL: nothing was sent of it.
 */
struct ike_try *ike_try_find(const struct ike_sa *sa, u16 group)
{
	struct ike_try *t;

	for (t = sa->setup->tries; t; t = t->next)
		if (t->group == group)
			return t;
	return NULL;
}

/**
 * ike_try_unask - the helper need not make another KE value
 * @sa: the initiator
 *
 * Context: Process; the SA's worker.
 */
void ike_try_unask(struct ike_sa *sa)
{
	if (!sa->setup->asked)
		return;
	ike_unask(sa);
	try_free(sa->setup->asked);
	sa->setup->asked = NULL;
}

/**
 * ike_try_settle - one of them was answered: the rest is forgotten
 * @sa: the initiator
 * @t: the one; its message is the one that AUTH covers
 *
 * Context: Process; the SA's worker.
 */
void ike_try_settle(struct ike_sa *sa, struct ike_try *t)
{
	struct ike_setup *s = sa->setup;
	bool first = s->fooled && t->first;

	s->msg_i = first ? t->first : t->msg;
	s->msg_i_len = first ? t->first_len : t->msg_len;
	*(first ? &t->first : &t->msg) = NULL;
	ike_try_unask(sa);
	ike_try_free_all(s);
}

static void push(struct ike_setup *s, struct ike_try *t)
{
	t->next = s->tries;
	s->tries = t;
}

static enum isakmp_reason ask_value(struct ike_sa *sa, struct ike_try *t)
{
	enum isakmp_reason why;

	isakmp_random(t->seed, sizeof(t->seed));
	why = ike_kex_ask(sa, t->group, t->seed, NULL, 0);
	if (!why)
		sa->setup->asked = t;
	return why;
}

/**
 * ike_try_group - send a first message with a new KE value, or have it made
 * @sa: the initiator; no such value was sent before
 * @group: its group
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when it is out, or the helper was asked (sa->setup->asked); else why not.
 */
enum isakmp_reason ike_try_group(struct ike_sa *sa, u16 group, u64 now)
{
	struct ike_try *t = isakmp_alloc(sizeof(*t));
	enum isakmp_reason why;

	if (!t)
		return ISAKMP_R_NO_MEMORY;
	t->group = group;
	if (isakmp_kex_by_helper(group)) {
		why = ask_value(sa, t);
	} else {
		t->kex = isakmp_kex_new(group, t->pub, &t->pub_len);
		why = t->kex ? ike_init_send(sa, t, now) : ike_kex_none(group);
		if (!why)
			push(sa->setup, t);
	}
	if (why)
		try_free(t);
	return why;
}

/**
 * ike_try_made - the helper made the KE value of a first message, or will not
 * @sa: the initiator
 * @v: the verdict
 * @now: ms
 *
 * Where other first messages are out the wait for their answers goes on.
 *
 * Context: Process; the SA's worker.
 * Return: OK when it is out; else why not.
 */
enum isakmp_reason ike_try_made(struct ike_sa *sa, struct ike_verdict *v, u64 now)
{
	struct ike_try *t = sa->setup->asked;
	enum isakmp_reason why;

	if (!t)
		return ISAKMP_R_HELPER_ERROR;
	sa->setup->asked = NULL;
	why = ike_kex_check(v, t->group, false);
	if (!why) {
		t->pub_len = (u16)v->pub.len;
		memcpy(t->pub, v->pub.p, v->pub.len);
		why = ike_init_send(sa, t, now);
	}
	if (!why) {
		push(sa->setup, t);
		return ISAKMP_OK;
	}
	try_free(t);
	if (sa->state == IKE_S_I_KEX)
		ike_sa_die(sa, why, 0, now);
	return why;
}

/* ---- what the responder asks for ----------------------------------------- */

static bool same_cookie(const struct ike_setup *s, const struct isakmp_notify *n)
{
	return n->len == s->cookie_len && !memcmp(n->data, s->cookie, n->len);
}

/* The responder asks for proof of our address: the same again, with its cookie. */
static enum isakmp_reason with_cookie(struct ike_sa *sa, const struct isakmp_notify *n,
				      u64 now)
{
	struct ike_setup *s = sa->setup;
	enum isakmp_reason why;
	u8 old[IKE_COOKIE_MAX], old_len = s->cookie_len;

	if (!s->tries || same_cookie(s, n))
		return ISAKMP_OK;	/* it answers what we said before */
	if (s->cookie_tries >= IKE_COOKIE_TRIES) {
		s->fooled = true;
		return ISAKMP_R_COOKIE_LIMIT;
	}
	memcpy(old, s->cookie, sizeof(old));
	s->cookie_len = (u8)n->len;
	memcpy(s->cookie, n->data, n->len);
	why = ike_init_send(sa, s->tries, now);
	if (!why) {
		s->cookie_tries++;
		return ISAKMP_OK;
	}
	/* It will ask again */
	s->cookie_len = old_len;
	memcpy(s->cookie, old, sizeof(old));
	return why;
}

static bool offered(const struct ike_suites *s, u16 group)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (s->s[i].ke == group)
			return true;
	return false;
}

/* A group that was tried before: its message is the latest again. */
static enum isakmp_reason back_to(struct ike_sa *sa, struct ike_try *t, u64 now)
{
	enum isakmp_reason why = ike_init_send(sa, t, now);
	struct ike_try **at = &sa->setup->tries;

	if (why)
		return why;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	push(sa->setup, t);
	return ISAKMP_OK;
}

/* RFC 7296, 1.2: the responder wants another group; its number is the data. */
static enum isakmp_reason with_group(struct ike_sa *sa, struct ike_in *in,
				     const struct isakmp_notify *n, u64 now)
{
	struct ike_setup *s = sa->setup;
	struct ike_try *t;
	u16 group;

	s->forgeable = n->type;
	if (n->len != 2)
		return ISAKMP_R_FORGEABLE;
	group = get_unaligned_be16(n->data);
	in->arg = group;
	if (!offered(&s->offer, group))
		return ISAKMP_R_KE_RETRY;
	/* It answers what we said before, or we are at it */
	if (s->asked || (s->tries && s->tries->group == group))
		return ISAKMP_OK;
	if (s->ke_tries >= IKE_KE_TRIES)
		return ISAKMP_R_KE_RETRY;
	s->ke_tries++;
	t = ike_try_find(sa, group);
	return t ? back_to(sa, t, now) : ike_try_group(sa, group, now);
}

/**
 * ike_init_notify - a response without SA: a cookie, another group or gateway, or an error
 * @sa: the SA
 * @in: the message
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, or FORGEABLE, COOKIE_LIMIT, KE_RETRY, NO_MEMORY, CRYPTO, UPCALL_LIMIT; as
 * ike_redirect_init().
 */
enum isakmp_reason ike_init_notify(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;

	while ((p = isakmp_chain_next(&in->chain, IKE_PL_NOTIFY, p))) {
		if (isakmp_notify_decode(p, &n))
			continue;
		in->arg = n.type;
		if (n.type == IKE_N_COOKIE)
			return with_cookie(sa, &n, now);
		if (n.type == IKE_N_INVALID_KE_PAYLOAD)
			return with_group(sa, in, &n, now);
		if (n.type == IKE_N_REDIRECT)
			return ike_redirect_init(sa, &n, now);
		if (n.type < IKE_N_STATUS) {
			sa->setup->forgeable = n.type;
			return ISAKMP_R_FORGEABLE;
		}
	}
	return ISAKMP_R_FORGEABLE;
}
