// SPDX-License-Identifier: GPL-2.0
/*
 * Key exchange in a group that the kernel has no code for: the helper computes.
 * The private key is a seed that stays here; the helper gets it with each
 * question and keeps nothing.
 *
 *	initiator	seed -> pub		before the first message goes out
 *			seed, KEr -> g^ir	when the answer is there
 *	responder	seed, KEi -> pub, g^ir	in one question
 */
#include "ike/engine.h"

/**
 * ike_kex_none - why there is no key
 * @group: isakmp_kex_new() made none of it
 *
 * Context: Any.
 * Return: NO_MEMORY, to be tried again; CRYPTO: it is not known here.
 */
enum isakmp_reason ike_kex_none(u16 group)
{
	return isakmp_crypto_has(IKE_T_KE, group, 0) ? ISAKMP_R_NO_MEMORY : ISAKMP_R_CRYPTO;
}

/**
 * ike_kex_ask - have the helper compute
 * @sa: the SA
 * @group: the group
 * @seed: IKE_KEX_SEED_LEN octets
 * @peer: the peer's public value, or NULL
 * @len: its octets
 *
 * Context: Process; the SA's worker.
 * Return: as isakmp_ask().
 */
enum isakmp_reason ike_kex_ask(struct ike_sa *sa, u16 group, const u8 *seed, const u8 *peer,
			       u16 len)
{
	struct ike_ask ask = {
		.kind = IKE_ASK_KEX,
		.group = group,
		.seed = { seed, IKE_KEX_SEED_LEN },
		.peer_ke = { peer, len },
	};

	return ike_ask(sa, &ask);
}

static bool all_zero(const u8 *p, size_t n)
{
	u8 any = 0;

	while (n--)
		any |= *p++;
	return !any;
}

/**
 * ike_kex_check - is this what was asked for?
 * @v: the verdict
 * @group: the group
 * @shared: g^ir was asked for, too
 *
 * Context: Process; the SA's worker.
 * Return: OK; what the helper says; HELPER_ERROR; KE_VALUE, RFC 8031, 3.2.
 */
enum isakmp_reason ike_kex_check(const struct ike_verdict *v, u16 group, bool shared)
{
	if (v->reason)
		return v->reason;
	if (!v->pub.p || v->pub.len != isakmp_kex_pub_len(group) || v->pub.len > IKE_KE_MAX)
		return ISAKMP_R_HELPER_ERROR;
	if (!shared)
		return ISAKMP_OK;
	if (!v->shared.p || !v->shared.len || v->shared.len > IKE_KE_MAX)
		return ISAKMP_R_HELPER_ERROR;
	return all_zero(v->shared.p, v->shared.len) ? ISAKMP_R_KE_VALUE : ISAKMP_OK;
}

/**
 * ike_kex_secret - g^ir of the initiator is there, or will not be
 * @sa: the initiator; the response is taken, but for the keys
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked for our AUTH; else why not (the SA is over).
 */
enum isakmp_reason ike_kex_secret(struct ike_sa *sa, struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = ike_kex_check(v, sa->ep->suite.ke, true);

	if (!why)
		why = ike_keys_derive(sa, v->shared.p, (u16)v->shared.len);
	if (!why)
		why = ike_auth_ask(sa);
	if (why)
		ike_sa_die(sa, why, 0, now);
	return why;
}

/**
 * ike_kex_both - the responder's public value and g^ir are there, or will not be
 * @sa: the responder
 * @v: the verdict
 * @now: ms
 *
 * g^ir waits for the first protected message, as a private key of the kernel's
 * own groups does.
 *
 * Context: Process; the SA's worker.
 * Return: OK when IKE_SA_INIT is answered; else why not (the SA is over).
 */
enum isakmp_reason ike_kex_both(struct ike_sa *sa, struct ike_verdict *v, u64 now)
{
	struct ike_setup *s = sa->setup;
	enum isakmp_reason why = ike_kex_check(v, sa->ep->suite.ke, true);

	memzero_explicit(s->seed, sizeof(s->seed));
	if (!why) {
		s->shared_len = (u16)v->shared.len;
		memcpy(s->shared, v->shared.p, v->shared.len);
		why = ike_init_answer(sa, v->pub.p, (u16)v->pub.len);
	}
	if (why)
		ike_sa_die(sa, why, 0, now);
	return why;
}
