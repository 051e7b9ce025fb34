// SPDX-License-Identifier: GPL-2.0
/* Key exchange through the crypto seam's native double. */
#include "crypto/kex.h"
#include "ike/seam.h"
#include "native.h"
#include "tap.h"


static void test_kex(void)
{
	u8 pa[IKE_KE_MAX], pb[IKE_KE_MAX], sa[IKE_KE_MAX], sb[IKE_KE_MAX];
	u16 la = 0, lb = 0, na = 0, nb = 0;
	struct isakmp_kex *a, *b;

	a = isakmp_kex_new(IKE_KE_X25519, pa, &la);
	b = isakmp_kex_new(IKE_KE_X25519, pb, &lb);
	CHECK(a && b && la == 32 && lb == 32);
	CHECK(memcmp(pa, pb, 32));
	CHECK(memcmp(a->private, b->private, 32));
	CHECK(!isakmp_kex_derive(a, pb, lb, sa, &na));
	CHECK(!isakmp_kex_derive(b, pa, la, sb, &nb));
	CHECK(na == 32 && nb == 32);
	CHECK_MEM(sa, sb, 32);

	/* RFC 8031, 3.2: the top bit of the peer's value is to be ignored */
	pb[31] |= 0x80;
	CHECK(!isakmp_kex_derive(a, pb, lb, sb, &nb));
	CHECK_MEM(sa, sb, 32);

	isakmp_kex_free(a);
	isakmp_kex_free(b);
	isakmp_kex_free(NULL);
}

static void test_kex_refused(void)
{
	u8 pub[IKE_KE_MAX], out[IKE_KE_MAX];
	struct isakmp_kex *k;
	unsigned int n;
	u16 len;

	k = isakmp_kex_new(IKE_KE_X25519, pub, &len);
	for (n = 0; n < 70; n++)
		if (n != 32)
			CHECK_EQ(isakmp_kex_derive(k, pub, (u16)n, out, &len), -EINVAL);
	isakmp_kex_free(k);
	for (n = 0; n < 70; n++)
		if (n != IKE_KE_X25519)
			CHECK(!isakmp_kex_new((u16)n, pub, &len));
}

int main(void)
{
	TAP_RUN(test_kex, "kex: both sides agree, keys are fresh");
	TAP_RUN(test_kex_refused, "kex: lengths and groups that are refused");
	return tap_done();
}
