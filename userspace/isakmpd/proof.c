// SPDX-License-Identifier: GPL-2.0
/*
 * AUTH: checking the peer's, making ours, by the method of the auth object.
 * Each side has its own: one may have a secret and the other a key.
 *
 * Which secret.  That of the cred that the side's auth object names; else of
 * the one that the other side's names, if that has a secret, too; else of the
 * cred that lists the remote identity (the first by name).
 */
#include <isakmp/ikev2.h>
#include <stdlib.h>

#include "decide.h"

/* ---- a secret ------------------------------------------------------------------------------ */

static const struct config_cred *psk_cred(const struct decision *d, const struct config_peer *p,
					  bool local, const struct ident *id)
{
	const struct config_auth *side = local ? &p->local : &p->remote;
	const struct config_auth *other = local ? &p->remote : &p->local;
	const char *name = side->cred;

	if (!name && other->method == ISAKMP_METHOD_PSK)
		name = other->cred;
	if (name)
		return config_find_cred(d->config, name);
	return id->type ? config_cred_for(d->config, id, BIT(ISAKMP_CRED_PSK), 0) : NULL;
}

/* @id: the remote identity, type 0: not known yet */
static enum cred_state get_secret(struct decision *d, const struct config_peer *p, bool local,
				  const struct ident *id)
{
	const struct config_cred *cred = psk_cred(d, p, local, id);
	enum cred_state state;

	if (!cred || cred->type != ISAKMP_CRED_PSK || !cred->file)
		return CRED_NONE;
	*(local ? &d->a->local_cred : &d->a->remote_cred) = cred->name;
	state = d->src->secret(d->src, cred, d->secret);
	return !state && !d->secret->n ? CRED_NONE : state;
}

static bool verify(struct decision *d, const struct psk_signed *his)
{
	struct octets secret = { d->secret->octets, d->secret->n };

	return psk_verify(d->q->prf, &secret, his, &d->q->auth);
}

static u16 check_psk(struct decision *d, const struct config_peer *p, const struct ident *id,
		     const struct psk_signed *his)
{
	enum cred_state state;

	if (d->q->auth_method != IKE_AM_PSK)
		return refuse(d, ISAKMP_R_AUTH_METHOD, "the peer has no use for the secret");
	state = get_secret(d, p, false, id);
	if (state)
		return cred_refusal(d, state, "no secret for the peer");
	if (!verify(d, his))
		return refuse(d, ISAKMP_R_AUTH_FAILED, "the peer's AUTH is wrong");
	return ISAKMP_OK;
}

static u16 make_psk(struct decision *d, const struct config_peer *p, const struct ident *id,
		    const struct psk_signed *mine)
{
	enum cred_state state = get_secret(d, p, true, id);
	struct octets secret = { d->secret->octets, d->secret->n };
	struct answer *a = d->a;

	if (state)
		return cred_refusal(d, state, "no secret for our side");
	a->auth_len = (u16)psk_auth(d->q->prf, &secret, mine, a->auth);
	a->auth_method = IKE_AM_PSK;
	return a->auth_len ? ISAKMP_OK :
			     refuse(d, ISAKMP_R_HELPER_ERROR, "AUTH could not be computed");
}

/**
 * proof_burn() - what checking a secret's AUTH costs, for nothing
 * @d: the decision
 * @his: what the peer signed
 */
void proof_burn(struct decision *d, const struct psk_signed *his)
{
	d->secret->n = SECRET_SHORT;
	memset(d->secret->octets, 0, SECRET_SHORT);
	(void)verify(d, his);
}

/* ---- a key ---------------------------------------------------------------------------------- */

static const char *trouble(u16 reason)
{
	return reason == ISAKMP_R_AUTH_METHOD ? "the peer's way to sign is not allowed" :
	       reason == ISAKMP_R_AUTH_HASH ? "the peer signs with SHA-1" :
					      "the peer's signature is wrong";
}

static u16 check_signature(struct decision *d, const struct config_peer *p, EVP_PKEY *key,
			   const struct psk_signed *his)
{
	struct sig_schemes allowed = { p->remote.n_scheme, p->remote.scheme };
	struct octets what;
	u16 reason;

	if (!psk_signed_octets(d->q->prf, his, &what))
		return refuse(d, ISAKMP_R_HELPER_ERROR, "what is signed could not be made");
	reason = sig_check(key, &allowed, &what, d->q->auth_method, &d->q->auth,
			   &d->his_scheme);
	free((void *)what.p);
	return reason ? refuse(d, reason, trouble(reason)) : ISAKMP_OK;
}

static u16 check_pubkey(struct decision *d, const struct config_peer *p, const struct ident *id,
			const struct psk_signed *his)
{
	EVP_PKEY *key;
	u16 reason;

	/* refuse before paying: for the chain, and for the files */
	if (d->q->auth_method == IKE_AM_RSA_SIG)
		return refuse(d, ISAKMP_R_AUTH_HASH, trouble(ISAKMP_R_AUTH_HASH));
	if (!sig_method_known(d->q->auth_method))
		return refuse(d, ISAKMP_R_AUTH_METHOD, trouble(ISAKMP_R_AUTH_METHOD));
	reason = his_key(d, p, id, &key);
	if (!reason)
		reason = check_signature(d, p, key, his);
	EVP_PKEY_free(key);
	return reason;
}

/* ---- either ----------------------------------------------------------------------------------- */

/**
 * proof_check() - is the other side whom it says
 * @d: the decision
 * @p: the peer
 * @id: what the other side calls itself
 * @his: what it signed
 *
 * Return: OK or the reason to refuse with.
 */
u16 proof_check(struct decision *d, const struct config_peer *p, const struct ident *id,
		const struct psk_signed *his)
{
	switch (p->remote.method) {
	case ISAKMP_METHOD_PSK:
		return check_psk(d, p, id, his);
	case ISAKMP_METHOD_PUBKEY:
		return check_pubkey(d, p, id, his);
	}
	return refuse(d, ISAKMP_R_AUTH_METHOD, "the peer's method is not known here");
}

/**
 * proof_make() - our AUTH into the answer
 * @d: the decision
 * @p: the peer
 * @id: the remote identity, type 0: not known yet
 * @mine: what is signed
 *
 * Return: OK or the reason to refuse with.
 */
u16 proof_make(struct decision *d, const struct config_peer *p, const struct ident *id,
	       const struct psk_signed *mine)
{
	switch (p->local.method) {
	case ISAKMP_METHOD_PSK:
		return make_psk(d, p, id, mine);
	case ISAKMP_METHOD_PUBKEY:
		return own_sign(d, p, mine);
	}
	return refuse(d, ISAKMP_R_AUTH_METHOD, "our method is not known here");
}
