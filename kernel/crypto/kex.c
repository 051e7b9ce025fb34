// SPDX-License-Identifier: GPL-2.0
/*
 * Key exchange: X25519 (RFC 7748, RFC 8031) by the library; ECP (RFC 5903) and
 * MODP (RFC 2409, RFC 3526) groups by group.c.
 */
#include <crypto/curve25519.h>

#include "crypto/crypto.h"
#include "crypto/kex.h"
#include "crypto/group.h"
#include "crypto/modp.h"
#include "ike/seam.h"

#define KEX_TRIES 8	/* a random number is hardly ever no private key */

static int kex_x25519(struct isakmp_kex *k, u8 *pub)
{
	BUILD_BUG_ON(ISAKMP_X25519_LEN != CURVE25519_KEY_SIZE);
	curve25519_generate_secret(k->private);
	return curve25519_generate_public(pub, k->private) ? 0 : -EINVAL;
}

/* RFC 5903, 7: a random number below the order of the group; others are refused */
static int kex_group(struct isakmp_kex *k, u8 *pub)
{
	unsigned int tries;
	int err = -EINVAL;

	for (tries = 0; err == -EINVAL && tries < KEX_TRIES; tries++) {
		isakmp_random(k->private, k->group->private);
		err = isakmp_group_run(k->group, k->private, NULL, pub);
	}
	return err;
}

/**
 * isakmp_kex_new() - draw a private key
 * @group: KE transform ID
 * @pub: its public value, isakmp_kex_pub_len() octets; room for IKE_KE_MAX
 * @pub_len: octets of @pub
 *
 * RFC 7296, 2.12 would allow to use a key again; here each serves one exchange,
 * which is the choice of RFC 6989, 2.2 that needs no test of the subgroup.
 *
 * Context: Process; waits for the first entropy after boot.
 * Return: the key, NULL when there is no memory or no such group.
 */
struct isakmp_kex *isakmp_kex_new(u16 group, u8 *pub, u16 *pub_len)
{
	struct isakmp_kex *k;
	int err;

	if (!isakmp_kex_usable(group) || isakmp_kex_by_helper(group))
		return NULL;
	k = isakmp_alloc(sizeof(*k));
	if (!k)
		return NULL;
	k->group = isakmp_sizes_group(group);
	err = k->group->kind == ISAKMP_KEX_X25519 ? kex_x25519(k, pub) : kex_group(k, pub);
	if (err) {
		isakmp_free(k);
		return NULL;
	}
	*pub_len = k->group->pub;
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
 * X25519: values that are not canonical, and the top bit, are taken as RFC 8031,
 * 3.2 wants; the library masks the bit.
 *
 * Context: Process.
 * Return: 0; -ENOMEM; or -EINVAL for a value of another length, for one that is
 * not on the curve or out of range (RFC 6989, 2.1 and 2.3), and for one whose
 * result is all zero (RFC 7748, 6.1).
 */
int isakmp_kex_derive(struct isakmp_kex *k, const u8 *pub, u16 pub_len,
		      u8 *out, u16 *out_len)
{
	const struct isakmp_group *g = k->group;
	int err;

	if (pub_len != g->pub)
		return -EINVAL;
	if (g->kind == ISAKMP_KEX_X25519)
		err = curve25519(out, k->private, pub) ? 0 : -EINVAL;
	else if (g->kind == ISAKMP_KEX_MODP && !isakmp_modp_valid(g, pub))
		err = -EINVAL;
	else
		err = isakmp_group_run(g, k->private, pub, out);
	if (!err)
		*out_len = g->shared;
	return !err || err == -ENOMEM ? err : -EINVAL;
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
	return group == IKE_KE_X25519 || isakmp_kex_by_helper(group) ||
	       isakmp_group_usable(group);
}
