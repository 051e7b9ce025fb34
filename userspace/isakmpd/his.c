// SPDX-License-Identifier: GPL-2.0
/*
 * The other side's public key: one of the configuration, or the one in a
 * certificate that leads to an authority and is for the identity it claims.
 */
#include <isakmp/ikev2.h>
#include <stdlib.h>

#include "decide.h"
#include "trust.h"

/**
 * cred_refusal() - a credential is not there
 * @d: the decision
 * @state: not CRED_READY
 * @what: which is missing, for the log
 *
 * Return: the reason to refuse with; CRED_WAIT makes the answer one that waits.
 */
u16 cred_refusal(struct decision *d, enum cred_state state, const char *what)
{
	if (state == CRED_NONE)
		return refuse(d, ISAKMP_R_NO_SECRET, what);
	d->a->wait = state == CRED_WAIT;
	return refuse(d, ISAKMP_R_CRED_BUSY, "too many questions wait for a credential");
}

static enum cred_state load(struct decision *d, const struct config_cred *cred,
			    struct loaded **l)
{
	return cred->file ? d->src->load(d->src, cred, l) : CRED_NONE;
}

/* ---- a key of the configuration --------------------------------------------------------- */

/* The cred that the auth object names, or one that lists the identity; with authorities none. */
static const struct config_cred *known_key(const struct decision *d,
					   const struct config_peer *p, const struct ident *id)
{
	if (p->remote.cred)
		return config_find_cred(d->config, p->remote.cred);
	if (!id->type || p->remote.n_ca)
		return NULL;
	return config_cred_for(d->config, id, BIT(ISAKMP_CRED_PUBKEY), 0);
}

static u16 take_known(struct decision *d, const struct config_cred *cred, EVP_PKEY **key)
{
	enum cred_state state = CRED_NONE;
	struct loaded *l;
	bool same;

	if (cred && cred->type == ISAKMP_CRED_PUBKEY)
		state = load(d, cred, &l);
	if (state)
		return cred_refusal(d, state, "no public key for the peer");
	same = trust_raw_key(d->q->cert, d->q->n_cert, l->key);
	if (same && trust_key_digest(l->key, d->a->handle) && EVP_PKEY_up_ref(l->key))
		*key = l->key;
	loaded_put(l);
	d->a->remote_cred = cred->name;
	d->a->handle_len = TRUST_DIGEST_LEN;
	return same ? ISAKMP_OK : refuse(d, ISAKMP_R_CERT_UNTRUSTED,
					 "the peer sent another key than the one that is known");
}

/* ---- authorities ------------------------------------------------------------------------- */

static const struct config_cred *authority(const struct decision *d,
					   const struct config_peer *p, size_t i)
{
	if (!p->remote.n_ca)
		return config_ca_at(d->config, i);
	return i < p->remote.n_ca ? config_find_cred(d->config, p->remote.ca[i]) : NULL;
}

/* Is there an @i-th, be it one that leads nowhere? */
static bool authority_at(const struct decision *d, const struct config_peer *p, size_t i)
{
	return p->remote.n_ca ? i < p->remote.n_ca : config_ca_at(d->config, i) != NULL;
}

static bool add_lists(STACK_OF(X509_CRL) *to, const STACK_OF(X509_CRL) *from)
{
	int i;

	for (i = 0; i < sk_X509_CRL_num(from); i++) {
		if (!X509_CRL_up_ref(sk_X509_CRL_value(from, i)))
			return false;
		if (!sk_X509_CRL_push(to, sk_X509_CRL_value(from, i))) {
			X509_CRL_free(sk_X509_CRL_value(from, i));
			return false;
		}
	}
	return true;
}

static void authorities_free(struct trust_from *from)
{
	sk_X509_pop_free(from->cas, X509_free);
	sk_X509_CRL_pop_free(from->crls, X509_CRL_free);
}

/*
 * The authorities that may vouch for a peer, perhaps none; what cannot be read is left
 * out (the log says which).  CRED_BUSY: they are not all there yet.
 */
static u16 authorities(struct decision *d, const struct config_peer *p, struct trust_from *from)
{
	enum cred_state state, worst = CRED_READY;
	const struct config_cred *cred;
	struct loaded *l;
	size_t i;
	bool good;

	*from = (struct trust_from) { sk_X509_new_null(), sk_X509_CRL_new_null(), NULL,
				      d->q->version == 1 };
	good = from->cas && from->crls;

	/* all are asked for, also when the first is not there yet */
	for (i = 0; good && authority_at(d, p, i); i++) {
		cred = authority(d, p, i);
		if (!cred || cred->type != ISAKMP_CRED_CA)
			continue;
		state = load(d, cred, &l);
		if (state == CRED_READY) {
			good = trust_add(from->cas, l->chain) && add_lists(from->crls, l->crls);
			loaded_put(l);
		} else if (state != CRED_NONE) {
			worst = max_t(int, worst, state);
		}
	}
	if (good && !worst)
		return ISAKMP_OK;
	authorities_free(from);
	return worst ? cred_refusal(d, worst, "") :
		       refuse(d, ISAKMP_R_HELPER_ERROR, "memory ran out");
}

/* ---- a key in a certificate --------------------------------------------------------------- */

/*
 * All authorities there are.  Our CERTREQ names them, and a peer that sees one
 * named does not send its certificate, although here it may be no end of a chain.
 */
static STACK_OF(X509) *known_authorities(struct decision *d)
{
	STACK_OF(X509) *all = sk_X509_new_null();
	const struct config_cred *cred;
	struct loaded *l;
	bool good = all;
	size_t i;

	for (i = 0; good && (cred = config_ca_at(d->config, i)); i++) {
		if (load(d, cred, &l))
			continue;
		good = trust_add(all, l->chain);
		loaded_put(l);
	}
	return all;
}

/* Others are looked at when it does not go without: a file may be slow. */
static enum isakmp_reason find_chain(struct decision *d, const struct config_peer *p,
				     struct trust_from *from, struct trust_found *found,
				     const char **why)
{
	const struct question *q = d->q;
	enum isakmp_reason reason = trust_chain(q->cert, q->n_cert, from, found, why);

	if (reason != ISAKMP_R_CERT_UNTRUSTED || !p->remote.n_ca)
		return reason;
	from->known = known_authorities(d);
	reason = trust_chain(q->cert, q->n_cert, from, found, why);
	sk_X509_pop_free(from->known, X509_free);
	return reason;
}

/* Which of them has this certificate. */
static const char *authority_with(struct decision *d, const struct config_peer *p,
				  const u8 digest[TRUST_DIGEST_LEN])
{
	const struct config_cred *cred;
	const char *name = NULL;
	struct loaded *l;
	size_t i;

	for (i = 0; !name && authority_at(d, p, i); i++) {
		cred = authority(d, p, i);
		if (!cred || cred->type != ISAKMP_CRED_CA || load(d, cred, &l))
			continue;
		if (trust_holds(l->chain, digest))
			name = cred->name;
		loaded_put(l);
	}
	return name;
}

/* What the peer's authentication stands on. */
static void stand_on(struct decision *d, const struct config_peer *p,
		     const struct trust_found *found)
{
	size_t n = found->n_serials * sizeof(found->serial[0]);
	struct answer *a = d->a;

	_Static_assert(sizeof(a->handle) >= TRUST_DIGEST_LEN + sizeof(found->serial), "handle");
	a->remote_cred = authority_with(d, p, found->anchor);
	a->auth_left = found->left;
	memcpy(a->handle, found->anchor, TRUST_DIGEST_LEN);
	memcpy(a->handle + TRUST_DIGEST_LEN, found->serial, n);
	a->handle_len = (u8)(TRUST_DIGEST_LEN + n);
}

static u16 take_certified(struct decision *d, const struct config_peer *p,
			  const struct ident *id, EVP_PKEY **key)
{
	struct trust_found found;
	struct trust_from from;
	const char *why;
	u16 reason;

	if (!d->q->n_cert)
		return refuse(d, ISAKMP_R_CERT_UNTRUSTED, "the peer sent no certificate");
	reason = authorities(d, p, &from);
	if (reason)
		return reason;
	reason = find_chain(d, p, &from, &found, &why);
	authorities_free(&from);
	if (reason)
		return refuse(d, reason, why);
	if (trust_identity(found.end, id))
		*key = X509_get_pubkey(found.end);
	else
		reason = refuse(d, ISAKMP_R_CERT_IDENTITY, "the certificate is for others");
	stand_on(d, p, &found);
	X509_free(found.end);
	return reason;
}

/**
 * his_key() - the key that has to have signed
 * @d: the decision
 * @p: the peer; its remote method is pubkey
 * @id: what the other side calls itself
 * @key: out, if OK: to be freed
 *
 * Return: OK or the reason to refuse with.
 */
u16 his_key(struct decision *d, const struct config_peer *p, const struct ident *id,
	    EVP_PKEY **key)
{
	const struct config_cred *cred = known_key(d, p, id);

	*key = NULL;
	if (cred || p->remote.cred)
		return take_known(d, cred, key);
	return take_certified(d, p, id, key);
}

/* ---- CERTREQ --------------------------------------------------------------------------------- */

/* Version 1: one payload for each. */
static bool put_authorities(struct answer *a, STACK_OF(X509) *cas)
{
	bool good = true;
	int i;

	for (i = 0; good && i < sk_X509_num(cas) && a->n_authority < ARRAY_SIZE(a->authority); i++) {
		good = trust_authority(sk_X509_value(cas, i), &a->authority[a->n_authority]);
		a->n_authority += good;
	}
	return good;
}

static bool put_certreq(struct decision *d, STACK_OF(X509) *cas)
{
	return d->q->version == 1 ? put_authorities(d->a, cas) :
				    trust_certreq(cas, &d->a->certreq);
}

/**
 * his_certreq() - say whose certificates will do, in the answer
 * @d: an i-auth or v1-begin question
 * @p: the peer
 *
 * Nothing is said to a peer that needs no certificate.
 *
 * Return: OK or the reason to refuse with.
 */
u16 his_certreq(struct decision *d, const struct config_peer *p)
{
	const struct ident *id = &p->remote.id;
	static const struct ident nobody;
	struct trust_from from;
	u16 reason;

	if (p->remote.method != ISAKMP_METHOD_PUBKEY ||
	    known_key(d, p, ident_is_pattern(id) ? &nobody : id))
		return ISAKMP_OK;
	reason = authorities(d, p, &from);
	if (reason)
		return reason;
	if (!put_certreq(d, from.cas))
		reason = refuse(d, ISAKMP_R_HELPER_ERROR, "memory ran out");
	authorities_free(&from);
	return reason;
}
