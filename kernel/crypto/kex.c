// SPDX-License-Identifier: GPL-2.0
/* Key exchange: X25519 (RFC 7748, RFC 8031). */
#include <crypto/curve25519.h>

#include "crypto/crypto.h"
#include "crypto/kex.h"
#include "ike/seam.h"

/**
 * isakmp_kex_new() - draw a private key
 * @group: KE transform ID
 * @pub: its public value, isakmp_kex_pub_len() octets; room for IKE_KE_MAX
 * @pub_len: octets of @pub
 *
 * RFC 7296, 2.12 would allow to use a key again; here each serves one exchange.
 *
 * Context: Process; waits for the first entropy after boot.
 * Return: the key, NULL when there is no memory or no such group.
 */
struct isakmp_kex *isakmp_kex_new(u16 group, u8 *pub, u16 *pub_len)
{
	struct isakmp_kex *k;

	BUILD_BUG_ON(ISAKMP_X25519_LEN != CURVE25519_KEY_SIZE);
	if (group != IKE_KE_X25519)
		return NULL;
	k = isakmp_alloc(sizeof(*k));
	if (!k)
		return NULL;
	k->group = group;
	curve25519_generate_secret(k->private);
	if (!curve25519_generate_public(pub, k->private)) {
		isakmp_free(k);
		return NULL;
	}
	*pub_len = CURVE25519_KEY_SIZE;
	return k;
}

/**
 * isakmp_kex_derive() - the shared secret g^ir
 * @k: our key
 * @pub: the peer's public value, never trusted
 * @pub_len: its octets
 * @out: the secret; room for IKE_KE_MAX
 * @out_len: octets of @out
 *
 * Values that are not canonical, and the top bit, are taken as RFC 8031, 3.2
 * wants; the library masks the bit.
 *
 * Context: Process.
 * Return: 0, or -EINVAL for a value of another length and for one whose result
 * is all zero (RFC 7748, 6.1).
 */
int isakmp_kex_derive(struct isakmp_kex *k, const u8 *pub, u16 pub_len,
		      u8 *out, u16 *out_len)
{
	if (pub_len != CURVE25519_KEY_SIZE)
		return -EINVAL;
	if (!curve25519(out, k->private, pub))
		return -EINVAL;
	*out_len = CURVE25519_KEY_SIZE;
	return 0;
}

/**
 * isakmp_kex_free() - zero and free a private key
 * @k: the key, or NULL
 *
 * Context: Process.
 */
void isakmp_kex_free(struct isakmp_kex *k)
{
	isakmp_free(k);
}

bool isakmp_kex_usable(u16 group)
{
	return group == IKE_KE_X25519 || isakmp_kex_by_helper(group);
}
