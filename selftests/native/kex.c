// SPDX-License-Identifier: GPL-2.0
/* Native double of the crypto seam, over libcrypto: key exchange. */
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "crypto/kex.h"
#include "crypto/sizes.h"
#include "ike/seam.h"
#include "native.h"

static EVP_PKEY *x25519_key(const struct isakmp_kex *k)
{
	EVP_PKEY *key;

	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, k->private,
					   sizeof(k->private));
	if (!key)
		native_die("X25519 is missing in libcrypto");
	return key;
}

struct isakmp_kex *isakmp_kex_new(u16 group, u8 *pub, u16 *pub_len)
{
	size_t len = isakmp_kex_pub_len(group);
	struct isakmp_kex *k;
	EVP_PKEY *key;

	native_process(__func__);
	if (group != IKE_KE_X25519 || native_lacks(IKE_T_KE, group))
		return NULL;
	k = isakmp_alloc(sizeof(*k));
	if (!k)
		return NULL;
	k->group = group;
	isakmp_random(k->private, sizeof(k->private));
	key = x25519_key(k);
	if (!EVP_PKEY_get_raw_public_key(key, pub, &len))
		native_die("EVP_PKEY_get_raw_public_key() failed");
	EVP_PKEY_free(key);
	*pub_len = (u16)len;
	return k;
}

int isakmp_kex_derive(struct isakmp_kex *k, const u8 *pub, u16 pub_len,
		      u8 *out, u16 *out_len)
{
	size_t len = ISAKMP_X25519_LEN;
	EVP_PKEY *ours, *theirs;
	EVP_PKEY_CTX *c;
	int err = 0;

	native_process(__func__);
	if (pub_len != ISAKMP_X25519_LEN)
		return -EINVAL;
	if (native_mem_fails())
		return -ENOMEM;
	ours = x25519_key(k);
	theirs = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, pub, pub_len);
	c = EVP_PKEY_CTX_new(ours, NULL);
	if (!theirs || !c || EVP_PKEY_derive_init(c) != 1 ||
	    EVP_PKEY_derive_set_peer(c, theirs) != 1)
		native_die("X25519 could not be set up");
	/* libcrypto refuses the all-zero result by itself */
	if (EVP_PKEY_derive(c, out, &len) != 1)
		err = -EINVAL;
	else
		*out_len = (u16)len;
	EVP_PKEY_CTX_free(c);
	EVP_PKEY_free(theirs);
	EVP_PKEY_free(ours);
	return err;
}

void isakmp_kex_free(struct isakmp_kex *k)
{
	native_process(__func__);
	isakmp_free(k);
}

