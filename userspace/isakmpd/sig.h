/* SPDX-License-Identifier: GPL-2.0 */
/* AUTH by signature (RFC 7427, RFC 4754, RFC 8420): pure computation. */
#ifndef _ISAKMPD_SIG_H
#define _ISAKMPD_SIG_H

#include <isakmp/limits.h>
#include <isakmp/reason.h>
#include <linux/isakmp.h>
#include <openssl/evp.h>

#include "octets.h"

#define SIG_RSA_MIN	2048	/* bits of a modulus */
#define SIG_RSA_MAX	8192
#define SIG_DSA_MAX	3072
#define SIG_DSA_Q_MIN	160	/* bits of its group's order */
#define SIG_DSA_Q_MAX	256
#define SIG_E_MAX	64	/* bits of a public exponent */

/**
 * struct sig_schemes - which schemes are allowed
 * @n: how many; 0: all
 * @scheme: enum isakmp_scheme, ours in order of preference
 */
struct sig_schemes {
	u8 n;
	const u8 *scheme;
};

/**
 * struct sig_wish - what our signature should be like
 * @allowed: by the configuration
 * @hashes: what the peer announced: bit n: hash algorithm n; 0: it did not
 * @his: the scheme that the peer used, 0: not known
 */
struct sig_wish {
	struct sig_schemes allowed;
	u32 hashes;
	u8 his;
};

/**
 * struct sig_auth - what goes into an Authentication payload
 * @method: RFC 7296, 3.8
 * @n: octets in @data
 * @data: authentication data
 */
struct sig_auth {
	u8 method;
	u16 n;
	u8 data[IKE_AUTH_MAX];
};

const char *sig_key_flaw(const EVP_PKEY *key);
bool sig_key_does(const EVP_PKEY *key, u8 scheme);
bool sig_can(const EVP_PKEY *key, const struct sig_wish *w);
enum isakmp_reason sig_make(EVP_PKEY *key, const struct sig_wish *w,
			    const struct octets *what, struct sig_auth *a);
enum isakmp_reason sig_check(EVP_PKEY *key, const struct sig_schemes *allowed,
			     const struct octets *what, u8 method,
			     const struct octets *auth, u8 *scheme);
bool sig_method_known(u8 method);
u8 sig_ecdsa_method(const EVP_PKEY *key);
size_t sig_raw_to_der(const struct octets *auth, u8 len, u8 *der, size_t max);
bool sig_der_to_raw(const u8 *der, size_t n, u8 len, u8 *out);

#endif
