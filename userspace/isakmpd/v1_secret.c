// SPDX-License-Identifier: GPL-2.0
/*
 * RSA encryption (RFC 2409, 5.2), and revised (5.3): the nonce, and but for the revised method
 * the identity, are encrypted with the public key of the other side, which proves itself by
 * having been able to read them.
 *
 * The operator names the method; the key is for it alone: what decrypts for strangers can be
 * made to sign for them.  So a key that signs anywhere in the configuration does not decrypt,
 * and one that decrypts does not sign, be it in a copy of the file.
 *
 * What was not encrypted for us, or means nothing, becomes octets that nobody can tell
 * (v1_rsa.c), and the identity in them one that nobody has; for such a one something is
 * encrypted for somebody.  The exchange fails at HASH.
 */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>

#include "v1.h"
#include "v1_rsa.h"

#define OWN (BIT(ISAKMP_CRED_X509) | BIT(ISAKMP_CRED_KEY))

/**
 * v1_key_signs() - may a key sign, or is it one for RSA encryption
 * @d: the decision
 * @key: ours
 *
 * While it is not known which key one is that decrypts, none signs.
 *
 * Return: OK or the reason to refuse with.
 */
u16 v1_key_signs(struct decision *d, const EVP_PKEY *key)
{
	const struct config_cred *cred;
	enum cred_state state;
	struct loaded *l;
	bool same;
	size_t i;

	for (i = 0; (cred = config_decrypting_at(d->config, i)); i++) {
		if (!(BIT(cred->type) & OWN) || !cred->file)
			continue;
		state = d->src->load(d->src, cred, &l);
		if (state == CRED_WAIT || state == CRED_BUSY)
			return cred_refusal(d, state, "");
		if (state)
			continue;
		same = EVP_PKEY_eq(l->key, key) == 1;
		loaded_put(l);
		if (same)
			return refuse(d, ISAKMP_R_AUTH_METHOD,
				      "our key is for RSA encryption, and does not sign");
	}
	return ISAKMP_OK;
}

static const struct config_cred *own_cred(const struct decision *d, const struct config_peer *p)
{
	if (!p->local.cred)
		return config_cred_for(d->config, &p->local.id, OWN, 0);
	return config_find_cred(d->config, p->local.cred);
}

static u16 load_own(struct decision *d, const struct config_peer *p, struct loaded **l)
{
	const struct config_cred *cred = own_cred(d, p);
	enum cred_state state = CRED_NONE;

	if (cred && cred->uses & CONFIG_SIGNS)
		return refuse(d, ISAKMP_R_AUTH_METHOD, "our key signs, too, and so does not decrypt");
	if (cred && BIT(cred->type) & OWN && cred->file)
		state = d->src->load(d->src, cred, l);
	if (state)
		return cred_refusal(d, state, "no key for our side");
	d->a->local_cred = cred->name;
	return ISAKMP_OK;
}

static bool is_meant(const struct decision *d, const struct config_peer *p,
		     const struct config_cred *cred)
{
	return choose_usable(d->q, p) && v1_goes(d, p) && (!cred || own_cred(d, p) == cred);
}

/* The first candidate that may be meant, by this credential (NULL: by any). */
static const struct config_peer *first_by(struct decision *d, const struct config_cred *cred)
{
	const struct config_peer *p;
	size_t i;

	for (i = 0; i < d->q->n_peer; i++) {
		p = config_find_peer(d->config, d->q->peer[i].name);
		if (p && is_meant(d, p, cred))
			return p;
	}
	for (i = 0; d->q->more && (p = config_peer_at(d->config, i)); i++)
		if (choose_reaches(p, d->q) && is_meant(d, p, cred))
			return p;
	return NULL;
}

/* There is one, or the method is not allowed. */
static const struct config_peer *first(struct decision *d)
{
	return first_by(d, NULL);
}

/* ---- HASH(1) ---------------------------------------------------------------------------- */

/* Is it the hash of our certificate? */
static bool hash_is_of(const struct question *q, X509 *cert)
{
	u8 hash[PSK_PRF_MAX], *der = NULL;
	int n = i2d_X509(cert, &der);
	struct octets o = { der, n > 0 ? (size_t)n : 0 };
	bool good = n > 0 && q->auth.n == psk_prf_len(q->prf) && psk_hash(q->prf, &o, hash) &&
		    !memcmp(hash, q->auth.p, q->auth.n);

	OPENSSL_free(der);
	ERR_clear_error();
	return good;
}

/*
 * The credential whose certificate the peer has encrypted with; NULL: it does not say, or
 * none that could be read.  @state: CRED_WAIT or CRED_BUSY: one that is being read may be it.
 */
static const struct config_cred *cred_meant(struct decision *d, enum cred_state *state)
{
	const struct config_cred *cred;
	enum cred_state now;
	struct loaded *l;
	bool found;
	size_t i;

	*state = CRED_NONE;
	for (i = 0; d->q->auth.n && (cred = config_decrypting_at(d->config, i)); i++) {
		if (cred->type != ISAKMP_CRED_X509 || !cred->file)
			continue;
		now = d->src->load(d->src, cred, &l);
		if (now) {
			*state = max_t(int, *state, now);
			continue;
		}
		found = l->cert && hash_is_of(d->q, l->cert);
		loaded_put(l);
		if (found)
			return cred;
	}
	return NULL;
}

/* Whoever may be meant by the key that is. */
static u16 first_meant(struct decision *d, const struct config_peer **p)
{
	enum cred_state state;
	const struct config_cred *cred = cred_meant(d, &state);

	if (!cred && state != CRED_NONE)
		return cred_refusal(d, state, "");
	*p = cred ? first_by(d, cred) : NULL;
	if (!*p)
		*p = first(d);
	return *p ? ISAKMP_OK :
		    refuse(d, ISAKMP_R_AUTH_METHOD, "no candidate has this method");
}

static bool keep(const u8 *p, size_t n, struct octets *to)
{
	u8 *copy = n ? malloc(n) : NULL;

	if (copy)
		memcpy(copy, p, n);
	*to = (struct octets) { copy, copy ? n : 0 };
	return copy;
}

/* ---- the peer's ------------------------------------------------------------------------ */

static bool decrypt_nonce(struct answer *a, EVP_PKEY *key, const struct octets *in)
{
	u8 out[V1_RSA_PLAIN_MAX];
	bool good = keep(out, v1_rsa_decrypt(key, in, V1_NONCE_MIN, IKE_NONCE_MAX, out), &a->secret);

	OPENSSL_cleanse(out, sizeof(out));
	return good;
}

/* Whatever is no identity becomes one that nobody has. */
static bool decrypt_id(struct answer *a, EVP_PKEY *key, const struct octets *in)
{
	u8 out[V1_RSA_PLAIN_MAX], other[V1_RSA_PLAIN_MAX];
	size_t n = v1_rsa_decrypt(key, in, 5, IDENT_BODY_MAX, out);
	size_t m = v1_rsa_nothing(key, in, 5 + 16, IDENT_BODY_MAX, other);
	struct octets body = { out, n };
	bool good = n && v1_id_usual(&body);

	other[0] = IKE_ID_KEY_ID;
	memset(other + 1, 0, 3);
	good = m && keep(good ? out : other, good ? n : m, &a->secret_id);
	OPENSSL_cleanse(out, sizeof(out));
	OPENSSL_cleanse(other, sizeof(other));
	return good;
}

/**
 * v1_decrypt() - the peer's nonce, and identity
 * @d: a v1-decrypt question
 *
 * Return: OK or the reason to refuse with.
 */
u16 v1_decrypt(struct decision *d)
{
	const struct question *q = d->q;
	const struct config_peer *p = NULL;
	struct loaded *l;
	bool good;
	u16 reason = first_meant(d, &p);

	if (reason)
		return reason;
	d->a->peer = p;
	reason = load_own(d, p, &l);
	if (reason)
		return reason;
	good = decrypt_nonce(d->a, l->key, &q->secret) &&
	       (v1_way(q->method)->base != V1_M_RSA_ENC ||
		decrypt_id(d->a, l->key, &q->secret_id));
	loaded_put(l);
	return good ? ISAKMP_OK :
	       refuse(d, ISAKMP_R_HELPER_ERROR, "our key is none of RSA, or memory ran out");
}

/* ---- ours ------------------------------------------------------------------------------- */

static u16 key_of(struct decision *d, const struct config_peer *p, const struct ident *id,
		  EVP_PKEY **key)
{
	u16 reason = his_key(d, p, id, key);

	/* what an acceptance stands on is said later */
	d->a->remote_cred = NULL;
	d->a->handle_len = 0;
	d->a->auth_left = 0;
	return reason;
}

static bool encrypt(EVP_PKEY *key, const struct octets *plain, struct octets *to)
{
	u8 out[IKE_AUTH_MAX];

	return keep(out, v1_rsa_encrypt(key, plain, out), to);
}

static u16 encrypt_for(struct decision *d, const struct config_peer *p, const struct ident *id)
{
	const struct question *q = d->q;
	struct octets own = { d->a->local_id, d->a->local_id_len };
	EVP_PKEY *key;
	bool good;
	u16 reason = key_of(d, p, id, &key);

	if (reason)
		return reason;
	good = encrypt(key, &q->secret, &d->a->secret) &&
	       (v1_way(q->method)->base != V1_M_RSA_ENC ||
		encrypt(key, q->initiator ? &q->secret_id : &own, &d->a->secret_id));
	EVP_PKEY_free(key);
	return good ? ISAKMP_OK : refuse(d, ISAKMP_R_AUTH_METHOD,
					 "the peer's key is none of RSA, or too short");
}

static u16 as_initiator(struct decision *d)
{
	static const struct ident nobody;
	const struct config_peer *p = first(d);

	if (!p)
		return refuse(d, ISAKMP_R_AUTH_METHOD, "the method is not allowed");
	d->a->peer = p;
	return encrypt_for(d, p, ident_is_pattern(&p->remote.id) ? &nobody : &p->remote.id);
}

/* Somebody whom nobody knows is answered, too. */
static u16 as_responder(struct decision *d)
{
	static const struct ident any;
	const struct config_peer *p = NULL;
	struct ident id;

	if (ident_from_body(d->q->id_i.p, d->q->id_i.n, &id))
		p = choose_peer(d, &id, &any);
	if (!p || !v1_goes(d, p)) {
		p = first(d);
		id = p ? p->remote.id : any;
	}
	if (!p)
		return refuse(d, ISAKMP_R_AUTH_METHOD, "no candidate has this method");
	d->a->peer = p;
	d->a->names_peer = true;
	d->a->local_id_len = (u16)ident_to_body(&p->local.id, d->a->local_id);
	return encrypt_for(d, p, &id);
}

/**
 * v1_encrypt() - our nonce, and identity
 * @d: a v1-encrypt question
 *
 * Return: OK or the reason to refuse with.
 */
u16 v1_encrypt(struct decision *d)
{
	return d->q->initiator ? as_initiator(d) : as_responder(d);
}

/**
 * v1_secret_stands() - what the acceptance of somebody who could read it stands on
 * @d: an r-auth or i-verify question; the kernel has found HASH right
 * @p: the peer
 * @id: who it is
 *
 * Return: OK or the reason to refuse with.
 */
u16 v1_secret_stands(struct decision *d, const struct config_peer *p, const struct ident *id)
{
	EVP_PKEY *key;
	u16 reason = his_key(d, p, id, &key);

	EVP_PKEY_free(key);
	return reason;
}
