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
 */
struct decision {
	const struct config *config;
	const struct cred_source *src;
	const struct question *q;
	struct secret *secret;
	struct answer *a;
	u8 his_scheme;
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

/* proof.c */
u16 proof_check(struct decision *d, const struct config_peer *p, const struct ident *id,
		const struct psk_signed *his);
u16 proof_make(struct decision *d, const struct config_peer *p, const struct ident *id,
	       const struct psk_signed *mine);
void proof_burn(struct decision *d, const struct psk_signed *his);

/* own.c */
u16 own_sign(struct decision *d, const struct config_peer *p, const struct psk_signed *mine);

/* his.c */
u16 his_key(struct decision *d, const struct config_peer *p, const struct ident *id,
	    EVP_PKEY **key);
u16 his_certreq(struct decision *d, const struct config_peer *p);

u16 cred_refusal(struct decision *d, enum cred_state state, const char *what);

#endif
