// SPDX-License-Identifier: GPL-2.0
/* Which algorithms there are, here and now. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/printk.h>

#include "crypto/crypto.h"
#include "crypto/group.h"
#include "crypto/lane.h"
#include "crypto/sizes.h"
#include "ike/seam.h"

/**
 * isakmp_crypto_has() - can a transform be used for an IKE SA here?
 * @transform_type: enum ike_transform_type
 * @id: transform ID
 * @keylen: key length attribute, bits, or 0
 *
 * Found out once, at load.  A group that the helper computes is had; whether
 * there is a helper is another question.
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
		return isakmp_lane_usable(isakmp_sizes_encr(id, keylen)->mode);
	case IKE_T_PRF:
		return isakmp_prf_usable(id);
	case IKE_T_INTEG:
		return id == IKE_INTEG_NONE ||
		       isakmp_prf_usable(isakmp_sizes_integ(id)->prf);
	case IKE_T_KE:
		return id == IKE_KE_NONE || isakmp_kex_usable(id);
	default:
		return true;
	}
}

#ifdef DEBUG
#include "crypto/selftest.c"

static int crypto_check(void)
{
	const char *bad = selftest_run();

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
	err = isakmp_lane_init();
	if (err)
		goto exit_prf;
	err = isakmp_group_init();
	if (err)
		goto exit_lane;
	err = crypto_check();
	if (err)
		goto exit_group;
	return 0;

exit_group:
	isakmp_group_exit();
exit_lane:
	isakmp_lane_exit();
exit_prf:
	isakmp_prf_exit();
	return err;
}

void isakmp_crypto_exit(void)
{
	isakmp_group_exit();
	isakmp_lane_exit();
	isakmp_prf_exit();
}
