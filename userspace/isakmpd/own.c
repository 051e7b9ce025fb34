// SPDX-License-Identifier: GPL-2.0
/*
 * Our signature: which key, which certificates go with it, how they name us.
 *
 * The cred that our auth object names; else one that lists our identity.  Among
 * several: one whose key can sign as the configuration and the peer's hashes want
 * it; of those one whose authority the peer asked for (CERTREQ); of those one
 * with the kind of key that the peer itself has; of those the first by name.
 */
#include <isakmp/ikev2.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "trust.h"
#include "v1.h"
#include "v1_sig.h"

#define OWN (BIT(ISAKMP_CRED_X509) | BIT(ISAKMP_CRED_KEY))

static const struct config_cred *own_cred(const struct decision *d,
					  const struct config_peer *p, size_t i)
{
	const struct config_cred *cred;

	if (!p->local.cred)
		return config_cred_for(d->config, &p->local.id, OWN, i);
	cred = i ? NULL : config_find_cred(d->config, p->local.cred);
	return cred && BIT(cred->type) & OWN ? cred : NULL;
}

/* ---- does the peer ask for it ------------------------------------------------------------ */

static bool asked_v1(const struct question *q, const X509_NAME *authority)
{
	bool found = false;
	u8 i;

	for (i = 0; !found && i < q->n_certreq; i++)
		found = trust_is_asked(authority, &q->certreq[i]);
	return found;
}

static bool asked(const struct question *q, X509 *authority)
{
	u8 hash[IKE_CERTREQ_HASH_LEN];
	size_t at;
	u8 i;

	if (q->version == 1)
		return asked_v1(q, X509_get_subject_name(authority));
	if (!trust_names(authority, hash))
		return false;
	for (i = 0; i < q->n_certreq; i++) {
		if (!q->certreq[i].n || q->certreq[i].p[0] != IKE_CERT_X509_SIGNATURE)
			continue;
		for (at = 1; at + sizeof(hash) <= q->certreq[i].n; at += sizeof(hash))
			if (!memcmp(q->certreq[i].p + at, hash, sizeof(hash)))
				return true;
	}
	return false;
}

static bool issued(X509 *authority, X509 *cert)
{
	return X509_check_issued(authority, cert) == X509_V_OK;
}

static X509 *last_of(const struct loaded *l)
{
	int n = sk_X509_num(l->chain);

	return n > 0 ? sk_X509_value(l->chain, n - 1) : l->cert;
}

/* The authority above the last of our certificates is among those we trust, perhaps. */
static bool root_asked(struct decision *d, const struct loaded *l)
{
	X509 *last = last_of(l);
	const struct config_cred *cred;
	int i;
	struct loaded *ca;
	bool found = false;
	size_t k;

	for (k = 0; !found && (cred = config_ca_at(d->config, k)); k++) {
		if (!cred->file || d->src->load(d->src, cred, &ca))
			continue;
		for (i = 0; !found && i < sk_X509_num(ca->chain); i++)
			found = issued(sk_X509_value(ca->chain, i), last) &&
				asked(d->q, sk_X509_value(ca->chain, i));
		loaded_put(ca);
	}
	return found;
}

static bool wanted(struct decision *d, const struct loaded *l)
{
	bool found = false;
	int i;

	if (!l->cert)
		return false;
	/* Version 1 asks by name, and our certificate says its issuer's */
	if (d->q->version == 1)
		found = asked_v1(d->q, X509_get_issuer_name(last_of(l)));
	for (i = 0; !found && i < sk_X509_num(l->chain); i++)
		found = asked(d->q, sk_X509_value(l->chain, i));
	return found || root_asked(d, l);
}

/* ---- which ----------------------------------------------------------------------------------- */

static struct sig_wish wish_of(const struct decision *d, const struct config_peer *p)
{
	return (struct sig_wish) {
		.allowed = { p->local.n_scheme, p->local.scheme },
		.hashes = d->q->hashes,
		.his = d->his_scheme,
	};
}

/* What speaks for a credential: the more weighs more than all below it. */
enum { KIND = BIT(0), ASKED = BIT(1), CAN = BIT(2), ALL = KIND | ASKED | CAN };

static bool can(const struct decision *d, const struct sig_wish *w, EVP_PKEY *key)
{
	return d->q->version == 1 ? v1_key_fits(d->q, key) : sig_can(key, w);
}

static unsigned int worth(struct decision *d, const struct sig_wish *w, const struct loaded *l)
{
	unsigned int n = can(d, w, l->key) ? CAN : 0;

	if (!d->q->n_certreq || wanted(d, l))
		n |= ASKED;
	if (!w->his || sig_key_does(l->key, w->his))
		n |= KIND;
	return n;
}

static u16 choose(struct decision *d, const struct config_peer *p, const struct sig_wish *w,
		  struct loaded **own)
{
	bool only = !own_cred(d, p, 1);
	enum cred_state state, last = CRED_NONE;
	const struct config_cred *cred;
	unsigned int best = 0, n;
	struct loaded *l;
	size_t i;

	*own = NULL;
	for (i = 0; best != ALL && (cred = own_cred(d, p, i)); i++) {
		state = cred->file ? d->src->load(d->src, cred, &l) : CRED_NONE;
		if (state) {
			last = max_t(int, last, state);
			continue;
		}
		n = only ? ALL : worth(d, w, l);
		if (*own && n <= best) {
			loaded_put(l);
			continue;
		}
		loaded_put(*own);
		*own = l;
		d->a->local_cred = cred->name;
		best = n;
	}
	if (*own && last != CRED_WAIT)
		return ISAKMP_OK;
	loaded_put(*own);
	return cred_refusal(d, last, "no key for our side");
}

/* ---- our name -------------------------------------------------------------------------------- */

/*
 * A distinguished name that is our certificate's subject goes out as it is written
 * there: some peers compare octets, and one name has several encodings.
 */
static void name_by_subject(struct decision *d, const struct config_peer *p,
			    const struct loaded *own)
{
	const u8 *der;
	struct ident id;
	size_t n;

	if (d->named)
		return;
	if (p->local.id.type != IKE_ID_DN || !own->cert ||
	    !X509_NAME_get0_der(X509_get_subject_name(own->cert), &der, &n) || n > IKE_ID_MAX)
		return;
	id = (struct ident) { IKE_ID_DN, (u8)n, der };
	if (ident_equal(&id, &p->local.id))
		d->a->local_id_len = (u16)ident_to_body(&id, d->a->local_id);
}

/* ---- CERT payloads --------------------------------------------------------------------------- */

static bool put_cert(struct answer *a, X509 *cert)
{
	int n = i2d_X509(cert, NULL);
	u8 *body = n > 0 ? malloc(1 + (size_t)n) : NULL, *p;

	if (!body)
		return false;
	body[0] = IKE_CERT_X509_SIGNATURE;
	p = body + 1;
	i2d_X509(cert, &p);
	a->cert[a->n_cert++] = (struct octets) { body, 1 + (size_t)n };
	return true;
}

/* RFC 7296, 3.6: the certificate first, then what leads to the authority. */
static bool put_certs(struct answer *a, const struct loaded *own)
{
	bool good = !own->cert || put_cert(a, own->cert);
	int i;

	for (i = 0; good && i < sk_X509_num(own->chain) && a->n_cert < IKE_CERTS_OUT_MAX; i++)
		good = put_cert(a, sk_X509_value(own->chain, i));
	return good;
}

/* ---- signature --------------------------------------------------------------------------------- */

static const char *trouble(u16 reason)
{
	return reason == ISAKMP_R_AUTH_METHOD ? "our key can do no scheme that is allowed" :
	       reason == ISAKMP_R_AUTH_HASH ? "no hash in common with the peer" :
					      "our signature could not be made";
}

static u16 sign(struct decision *d, const struct sig_wish *w, const struct loaded *own,
		const struct psk_signed *s)
{
	struct sig_auth sig;
	struct octets what;
	u16 reason = v1_key_signs(d, own->key);

	if (reason)
		return reason;
	if (d->q->version == 1)
		return v1_sign(d, own->key, s);
	if (!psk_signed_octets(d->q->prf, s, &what))
		return refuse(d, ISAKMP_R_HELPER_ERROR, "what is signed could not be made");
	reason = sig_make(own->key, w, &what, &sig);
	free((void *)what.p);
	if (reason)
		return refuse(d, reason, trouble(reason));
	d->a->auth_method = sig.method;
	d->a->auth_len = sig.n;
	memcpy(d->a->auth, sig.data, sig.n);
	return ISAKMP_OK;
}

/**
 * own_sign() - our signature, certificates and perhaps another identity into the answer
 * @d: the decision
 * @p: the peer; our method is pubkey
 * @mine: what is signed, but for our identity: that is the one in the answer
 *
 * Return: OK or the reason to refuse with.
 */
u16 own_sign(struct decision *d, const struct config_peer *p, const struct psk_signed *mine)
{
	struct sig_wish w = wish_of(d, p);
	struct psk_signed s = *mine;
	struct loaded *own;
	u16 reason = choose(d, p, &w, &own);

	if (reason)
		return reason;
	name_by_subject(d, p, own);
	s.id = (struct octets) { d->a->local_id, d->a->local_id_len };
	reason = sign(d, &w, own, &s);
	if (!reason && !put_certs(d->a, own))
		reason = refuse(d, ISAKMP_R_HELPER_ERROR, "memory ran out");
	loaded_put(own);
	return reason;
}

/* ---- version 1: what could be signed with ------------------------------------------------ */

static void add_method(struct answer *a, const struct v1_way *w)
{
	u8 i;

	for (i = 0; w && i < a->n_methods; i++)
		if (a->methods[i] == w->method)
			return;
	if (w && a->n_methods < ARRAY_SIZE(a->methods))
		a->methods[a->n_methods++] = w->method;
}

/**
 * own_methods() - the methods that our keys can sign by, and perhaps another identity
 * @d: a v1-begin question
 * @p: the peer; our method is pubkey
 *
 * Return: OK or the reason to refuse with.
 */
u16 own_methods(struct decision *d, const struct config_peer *p)
{
	enum cred_state state, worst = CRED_NONE;
	const struct config_cred *cred;
	struct loaded *l;
	size_t i;

	for (i = 0; (cred = own_cred(d, p, i)); i++) {
		state = cred->file ? d->src->load(d->src, cred, &l) : CRED_NONE;
		if (state) {
			worst = max_t(int, worst, state);
			continue;
		}
		if (!d->a->n_methods)
			name_by_subject(d, p, l);
		add_method(d->a, v1_way_of(p, v1_sig_method(l->key), true));
		loaded_put(l);
	}
	if (worst != CRED_NONE || !i)
		return cred_refusal(d, worst, "no key for our side");
	return ISAKMP_OK;
}
