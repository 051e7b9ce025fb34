/* SPDX-License-Identifier: GPL-2.0 */
/* One decision on its way: what auth.c, choose.c and proof.c share. */
#ifndef _ISAKMPD_DECIDE_H
#define _ISAKMPD_DECIDE_H

#include "auth.h"

/**
 * struct decision - one question being decided
 * @config: the snapshot
 * @src: where credentials come from
 * @q: the question
 * @secret: room for a secret
 * @a: the answer as far as it is made
 * @his_scheme: enum isakmp_scheme that the peer signed with; 0: not known
 * @named: version 1: our identity is one that we have said already
 */
struct decision {
	const struct config *config;
	const struct cred_source *src;
	const struct question *q;
	struct secret *secret;
	struct answer *a;
	u8 his_scheme;
	bool named;
};

/**
 * struct decide_kind - a kind of question
 * @prf: it has a PRF
 * @ok: is it complete
 * @decide: OK or the reason to refuse with; the rest into the answer
 */
struct decide_kind {
	bool prf;
	bool (*ok)(const struct question *q);
	u16 (*decide)(struct decision *d);
};

static inline u16 refuse(struct decision *d, enum isakmp_reason reason, const char *why)
{
	d->a->why = why;
	return (u16)reason;
}

/* choose.c */
const struct config_peer *choose_peer(const struct decision *d, const struct ident *idi,
				      const struct ident *idr);
bool choose_takes(const struct config_auth *remote, const struct ident *id);
bool choose_usable(const struct question *q, const struct config_peer *p);
bool choose_reaches(const struct config_peer *p, const struct question *q);

/* proof.c */
u16 proof_check(struct decision *d, const struct config_peer *p, const struct ident *id,
		const struct psk_signed *his);
u16 proof_make(struct decision *d, const struct config_peer *p, const struct ident *id,
	       const struct psk_signed *mine);
void proof_burn(struct decision *d, const struct psk_signed *his);

/* own.c */
u16 own_sign(struct decision *d, const struct config_peer *p, const struct psk_signed *mine);
u16 own_methods(struct decision *d, const struct config_peer *p);

/* his.c */
u16 his_key(struct decision *d, const struct config_peer *p, const struct ident *id,
	    EVP_PKEY **key);
u16 his_certreq(struct decision *d, const struct config_peer *p);

u16 cred_refusal(struct decision *d, enum cred_state state, const char *what);

#endif
