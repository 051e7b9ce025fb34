// SPDX-License-Identifier: GPL-2.0
/*
 * Tokens of quick crash detection (RFC 6290): made again from the SPIs of an IKE SA that
 * is lost, with a secret that is not.
 *
 *	token = SipHash(k1, x) | SipHash(k2, x)
 *	x     = are we its initiator? | SPIi | SPIr
 *
 * The role is in it, so that no other message than one to our SPI brings it out: who
 * exchanges roles or SPIs in the header gets the token of an IKE SA that never was.
 */
#include "gate/gate.h"
#include "ike/seam.h"

void isakmp_gate_token(const struct isakmp_token_key *key, bool initiator, u64 spi_i,
		       u64 spi_r, u8 out[ISAKMP_TOKEN_LEN])
{
	u8 in[1 + 8 + 8] = { initiator };

	put_unaligned_be64(spi_i, in + 1);
	put_unaligned_be64(spi_r, in + 9);
	put_unaligned_be64(isakmp_siphash(key->k, in, sizeof(in)), out);
	put_unaligned_be64(isakmp_siphash(key->k + 2, in, sizeof(in)), out + 8);
}
