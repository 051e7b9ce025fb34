// SPDX-License-Identifier: GPL-2.0
/* SIG_I and SIG_R of version 1: the peer's checked, ours made (RFC 2409, 5.1). */
#include "v1.h"
#include "v1_sig.h"

/**
 * v1_key_fits() - is a key one for the method that was negotiated
 * @q: a question with METHOD
 * @key: public or private
 *
 * Return: true if so.
 */
bool v1_key_fits(const struct question *q, const EVP_PKEY *key)
{
	const struct v1_way *w = v1_way(q->method);

	return w && w->base == v1_sig_method(key);
}

/* HASH = prf(SKEYID, what was said | ID) */
static bool make_hash(u16 prf, const struct psk_signed *s, u8 out[PSK_PRF_MAX],
		      struct octets *hash)
{
	struct octets v[] = { s->msg, s->id };

	*hash = (struct octets) { out, psk_prf_len(prf) };
	return psk_prf(prf, &s->sk_p, v, ARRAY_SIZE(v), out);
}

static bool hash_for(const struct question *q, const EVP_PKEY *key, const struct psk_signed *s,
		     u8 out[PSK_PRF_MAX], struct octets *hash)
{
	return make_hash(v1_sig_prf(v1_sig_method(key), q->prf), s, out, hash);
}

/**
 * v1_check() - has the other side signed
 * @d: the decision; its method signs
 * @p: the peer; its remote method is pubkey
 * @id: what the other side calls itself
 * @his: what it has to have signed
 *
 * Return: OK or the reason to refuse with.
 */
u16 v1_check(struct decision *d, const struct config_peer *p, const struct ident *id,
	     const struct psk_signed *his)
{
	u8 octets[PSK_PRF_MAX];
	struct octets hash;
	EVP_PKEY *key;
	u16 reason = his_key(d, p, id, &key);

	if (reason)
		return reason;
	if (!v1_key_fits(d->q, key))
		reason = refuse(d, ISAKMP_R_AUTH_METHOD, "the peer's key is not for this method");
	else if (!hash_for(d->q, key, his, octets, &hash))
		reason = refuse(d, ISAKMP_R_HELPER_ERROR, "HASH could not be made");
	else if (!v1_sig_check(key, &hash, &d->q->auth))
		reason = refuse(d, ISAKMP_R_AUTH_FAILED, "the peer's signature is wrong");
	EVP_PKEY_free(key);
	return reason;
}

/**
 * v1_sign() - our signature into the answer
 * @d: the decision
 * @key: our private key
 * @mine: what is signed
 *
 * Return: OK or the reason to refuse with.
 */
u16 v1_sign(struct decision *d, EVP_PKEY *key, const struct psk_signed *mine)
{
	u8 octets[PSK_PRF_MAX];
	struct octets hash;

	if (!v1_key_fits(d->q, key))
		return refuse(d, ISAKMP_R_AUTH_METHOD, "our key is not for this method");
	if (!hash_for(d->q, key, mine, octets, &hash))
		return refuse(d, ISAKMP_R_HELPER_ERROR, "HASH could not be made");
	d->a->auth_len = (u16)v1_sig_make(key, &hash, d->a->auth);
	return d->a->auth_len ? ISAKMP_OK :
	       refuse(d, ISAKMP_R_HELPER_ERROR, "our signature could not be made");
}
