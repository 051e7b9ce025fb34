// SPDX-License-Identifier: GPL-2.0
/* Native double of the crypto seam, over libcrypto: key exchange. */
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include "crypto/kex.h"
#include "crypto/modp.h"
#include "ike/seam.h"
#include "native.h"

/* *_run(): one operation; @peer NULL is the generator.  0, or -EINVAL. */

/* ---- X25519 ------------------------------------------------------------------ */

static int x25519_run(const struct isakmp_kex *k, const u8 *peer, u8 *out)
{
	static const u8 generator[ISAKMP_X25519_LEN] = { 9 };
	size_t len = ISAKMP_X25519_LEN;
	EVP_PKEY *ours, *theirs;
	EVP_PKEY_CTX *c;
	int ok;

	ours = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, k->private, len);
	theirs = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer ?: generator, len);
	c = ours ? EVP_PKEY_CTX_new(ours, NULL) : NULL;
	if (!theirs || !c || EVP_PKEY_derive_init(c) != 1 ||
	    EVP_PKEY_derive_set_peer(c, theirs) != 1)
		native_die("X25519 could not be set up");
	/* libcrypto refuses the all-zero result by itself */
	ok = EVP_PKEY_derive(c, out, &len);
	EVP_PKEY_CTX_free(c);
	EVP_PKEY_free(theirs);
	EVP_PKEY_free(ours);
	return ok == 1 ? 0 : -EINVAL;
}

/* ---- ECP ---------------------------------------------------------------------- */

static const EC_GROUP *ecp_group(u16 id)
{
	static EC_GROUP *p256, *p384;

	if (!p256) {
		p256 = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
		p384 = EC_GROUP_new_by_curve_name(NID_secp384r1);
	}
	if (!p256 || !p384)
		native_die("NIST curves are missing in libcrypto");
	return id == IKE_KE_ECP_256 ? p256 : p384;
}

/* RFC 5903, 7: x | y.  NULL: not on the curve, or a coordinate is no element of the field. */
static EC_POINT *ecp_point(const EC_GROUP *g, const u8 *pub, int w)
{
	EC_POINT *p = EC_POINT_new(g);
	BIGNUM *x = BN_bin2bn(pub, w, NULL), *y = BN_bin2bn(pub + w, w, NULL);
	const BIGNUM *field = EC_GROUP_get0_field(g);

	if (BN_cmp(x, field) >= 0 || BN_cmp(y, field) >= 0 ||
	    EC_POINT_set_affine_coordinates(g, p, x, y, NULL) != 1) {
		EC_POINT_free(p);
		p = NULL;
	}
	BN_free(x);
	BN_free(y);
	return p;
}

static int ecp_run(const struct isakmp_kex *k, const u8 *peer, u8 *out)
{
	int w = k->group->private, err = -EINVAL;
	const EC_GROUP *g = ecp_group(k->group->id);
	EC_POINT *p = peer ? ecp_point(g, peer, w) : EC_POINT_dup(EC_GROUP_get0_generator(g), g);
	BIGNUM *n = BN_bin2bn(k->private, w, NULL), *x = BN_new(), *y = BN_new();

	if (p && !BN_is_zero(n) && BN_cmp(n, EC_GROUP_get0_order(g)) < 0 &&
	    EC_POINT_mul(g, p, NULL, p, n, NULL) == 1 && !EC_POINT_is_at_infinity(g, p) &&
	    EC_POINT_get_affine_coordinates(g, p, x, y, NULL) == 1) {
		BN_bn2binpad(x, out, w);
		if (!peer)
			BN_bn2binpad(y, out + w, w);
		err = 0;
	}
	EC_POINT_free(p);
	BN_clear_free(n);
	BN_clear_free(x);
	BN_clear_free(y);
	return err;
}

/* ---- MODP --------------------------------------------------------------------- */

static int modp_run(const struct isakmp_kex *k, const u8 *peer, u8 *out)
{
	BIGNUM *p, *x, *y, *z;
	BN_CTX *c;
	static const u8 generator = 2;
	int n = k->group->pub;

	if (peer && !isakmp_modp_valid(k->group, peer))
		return -EINVAL;
	p = BN_bin2bn(isakmp_modp_prime(k->group), n, NULL);
	x = BN_bin2bn(k->private, k->group->private, NULL);
	y = BN_bin2bn(peer ?: &generator, peer ? n : 1, NULL);
	z = BN_new();
	c = BN_CTX_new();
	if (!c || !BN_mod_exp(z, y, x, p, c) || BN_bn2binpad(z, out, n) != n)
		native_die("BN_mod_exp() failed");
	BN_CTX_free(c);
	BN_clear_free(z);
	BN_free(y);
	BN_clear_free(x);
	BN_free(p);
	return 0;
}

/* ---- the seam ------------------------------------------------------------------ */

static int kex_run(const struct isakmp_kex *k, const u8 *peer, u8 *out)
{
	switch (k->group->kind) {
	case ISAKMP_KEX_X25519:
		return x25519_run(k, peer, out);
	case ISAKMP_KEX_ECP:
		return ecp_run(k, peer, out);
	default:
		return modp_run(k, peer, out);
	}
}

struct isakmp_kex *isakmp_kex_new(u16 group, u8 *pub, u16 *pub_len)
{
	struct isakmp_kex *k;

	native_process(__func__);
	if (!isakmp_sizes_group(group) || isakmp_kex_by_helper(group) ||
	    native_lacks(IKE_T_KE, group))
		return NULL;
	k = isakmp_alloc(sizeof(*k));
	if (!k)
		return NULL;
	k->group = isakmp_sizes_group(group);
	do
		isakmp_random(k->private, k->group->private);
	while (kex_run(k, NULL, pub));
	*pub_len = k->group->pub;
	return k;
}

int isakmp_kex_derive(struct isakmp_kex *k, const u8 *pub, u16 pub_len,
		      u8 *out, u16 *out_len)
{
	int err;

	native_process(__func__);
	if (pub_len != k->group->pub)
		return -EINVAL;
	if (native_mem_fails())
		return -ENOMEM;
	err = kex_run(k, pub, out);
	if (!err)
		*out_len = k->group->shared;
	return err;
}

void isakmp_kex_free(struct isakmp_kex *k)
{
	native_process(__func__);
	isakmp_free(k);
}
