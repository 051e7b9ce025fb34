/* SPDX-License-Identifier: GPL-2.0 */
/* AUTH with a pre-shared secret (RFC 7296, 2.15): pure computation. */
#ifndef _ISAKMPD_PSK_H
#define _ISAKMPD_PSK_H

#include "octets.h"

#define PSK_PRF_MAX 64		/* HMAC-SHA2-512 */

/**
 * struct psk_signed - <SignedOctets> of one side, in its three parts
 * @msg: RealMessage1 of an initiator, RealMessage2 of a responder
 * @nonce: nonce data of the *other* side
 * @sk_p: SK_pi of an initiator, SK_pr of a responder
 * @id: RestOfInitIDPayload or RestOfRespIDPayload
 */
struct psk_signed {
	struct octets msg;
	struct octets nonce;
	struct octets sk_p;
	struct octets id;
};

size_t psk_prf_len(u16 prf);
bool psk_prf(u16 prf, const struct octets *key, const struct octets *v, unsigned int n,
	     u8 out[PSK_PRF_MAX]);
bool psk_hash(u16 prf, const struct octets *in, u8 out[PSK_PRF_MAX]);
bool psk_signed_octets(u16 prf, const struct psk_signed *s, struct octets *what);
size_t psk_auth(u16 prf, const struct octets *secret, const struct psk_signed *s,
		u8 auth[PSK_PRF_MAX]);
bool psk_verify(u16 prf, const struct octets *secret, const struct psk_signed *s,
		const struct octets *auth);

#endif
