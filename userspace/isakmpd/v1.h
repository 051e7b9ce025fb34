/* SPDX-License-Identifier: GPL-2.0 */
/* Decisions of version 1: between auth.c and the files v1*.c. */
#ifndef _ISAKMPD_V1_H
#define _ISAKMPD_V1_H

#include <isakmp/ikev1.h>

#include "decide.h"

/* Whom XAUTH asks for name and password. */
enum v1_asked {
	V1_ASKED_NOBODY,
	V1_ASKED_INITIATOR,
	V1_ASKED_RESPONDER,
};

/**
 * struct v1_way - what a method of phase 1 stands for
 * @method: enum v1_method
 * @base: the one without XAUTH that it is like
 * @asked: enum v1_asked
 * @hybrid: who is asked proves itself by XAUTH alone
 */
struct v1_way {
	u16 method;
	u8 base;
	u8 asked;
	bool hybrid;
};

/* v1_method.c */
const struct v1_way *v1_way(u16 method);
const struct v1_way *v1_way_of(const struct config_peer *p, u8 base, bool initiator);
bool v1_fits(const struct config_peer *p, u16 method, bool initiator);

/* v1_psk.c */
const struct config_cred *v1_psk_cred(const struct decision *d, const struct config_peer *p);
u16 v1_skeyid(struct decision *d);
u16 v1_psk_stands(struct decision *d, const struct config_peer *p);

/* v1_proof.c */
bool v1_key_fits(const struct question *q, const EVP_PKEY *key);
u16 v1_check(struct decision *d, const struct config_peer *p, const struct ident *id,
	     const struct psk_signed *his);
u16 v1_sign(struct decision *d, EVP_PKEY *key, const struct psk_signed *mine);

/* v1_secret.c */
u16 v1_key_signs(struct decision *d, const EVP_PKEY *key);
u16 v1_encrypt(struct decision *d);
u16 v1_decrypt(struct decision *d);
u16 v1_secret_stands(struct decision *d, const struct config_peer *p, const struct ident *id);

/* v1_xauth.c */
u16 v1_xauth(struct decision *d);

/* v1.c */
const struct decide_kind *v1_kind(u8 kind);
bool v1_id_usual(const struct octets *body);
bool v1_initiator(const struct question *q);
bool v1_goes(const struct decision *d, const struct config_peer *p);

#endif
