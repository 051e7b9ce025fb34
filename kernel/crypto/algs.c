// SPDX-License-Identifier: GPL-2.0
/* Which algorithms there are, here and now. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <crypto/aead.h>
#include <linux/crypto.h>
#include <linux/printk.h>

#include "crypto/crypto.h"
#include "crypto/sizes.h"
#include "ike/seam.h"

static bool esp_gcm;	/* written at load */

/**
 * isakmp_prf_len() - octets of a PRF's output, which is also its preferred key
 * @prf: PRF transform ID
 *
 * Context: any.
 * Return: octets, 0 when it is not known.
 */
size_t isakmp_prf_len(u16 prf)
{
	return isakmp_sizes_prf(prf);
}

/**
 * isakmp_encr_key_len() - octets of KEYMAT that an encryption algorithm takes
 * @encr: ENCR transform ID
 * @keylen: its key length attribute, bits
 *
 * Context: any.
 * Return: octets with the salt, 0 when it is not known.
 */
size_t isakmp_encr_key_len(u16 encr, u16 keylen)
{
	return isakmp_sizes_encr_key(encr, keylen);
}

/**
 * isakmp_kex_pub_len() - octets of a public value
 * @group: KE transform ID
 *
 * Context: any.
 * Return: octets, 0 when it is not known.
 */
size_t isakmp_kex_pub_len(u16 group)
{
	return isakmp_sizes_ke_pub(group);
}

/**
 * isakmp_crypto_has() - can a transform be used here?
 * @transform_type: enum ike_transform_type
 * @id: transform ID
 * @keylen: key length attribute, bits, or 0
 *
 * An encryption algorithm is had when both IKE and ESP can use it.
 *
 * Context: any.
 * Return: whether it can.
 */
bool isakmp_crypto_has(u8 transform_type, u16 id, u16 keylen)
{
	if (!isakmp_sizes_spoken(transform_type, id, keylen))
		return false;
	switch (transform_type) {
	case IKE_T_ENCR:
		return isakmp_sk_usable() && esp_gcm;
	case IKE_T_PRF:
		return isakmp_prf_usable(id);
	default:
		return true;
	}
}

#ifdef DEBUG
#include "crypto/selftest.c"

static int crypto_check(void)
{
	const char *bad;

	if (!isakmp_sk_usable() || !isakmp_prf_usable(IKE_PRF_HMAC_SHA2_256) ||
	    !isakmp_prf_usable(IKE_PRF_HMAC_SHA2_384))
		return 0;
	bad = selftest_run();
	if (bad) {
		pr_err("crypto self-test: %s: FAIL\n", bad);
		return -ENOTRECOVERABLE;
	}
	pr_info("crypto self-tests: pass\n");
	return 0;
}
#else
static int crypto_check(void)
{
	return 0;
}
#endif

int isakmp_crypto_init(void)
{
	int err;

	err = isakmp_prf_init();
	if (err)
		return err;
	err = isakmp_sk_init();
	if (err)
		goto exit_prf;
	esp_gcm = crypto_has_alg("rfc4106(gcm(aes))", 0, 0);
	if (!isakmp_sk_usable() || !esp_gcm)
		pr_warn("the kernel has no AES-GCM (CONFIG_CRYPTO_GCM)\n");
	err = crypto_check();
	if (err)
		goto exit_sk;
	return 0;

exit_sk:
	isakmp_sk_exit();
exit_prf:
	isakmp_prf_exit();
	return err;
}

void isakmp_crypto_exit(void)
{
	isakmp_sk_exit();
	isakmp_prf_exit();
}
