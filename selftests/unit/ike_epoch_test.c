// SPDX-License-Identifier: GPL-2.0
/* What belongs to one pair of IKE SPIs: keys of the next, how many, how long. */
#include "talk.h"

/* ---- keys (RFC 7296, 2.18) -------------------------------------------------------- */

static const u16 prfs[] = {
	IKE_PRF_HMAC_SHA2_256, IKE_PRF_HMAC_SHA2_384, IKE_PRF_HMAC_SHA2_512,
};

static const u8 octets[] = "the nonces, SK_d and g^ir of an exchange are any octets there are, "
			   "and of any length that may be";

static struct ike_child_secrets secrets(void)
{
	return (struct ike_child_secrets){
		.shared = { octets + 7, 32 }, .ni = { octets, 32 }, .nr = { octets + 40, 20 },
	};
}

/* SKEYSEED is of the old PRF and as long as that makes it; the rest is of the new one. */
static void expect_sk_d(u16 old, u16 new, const struct ike_epoch *ep, u8 *sk_d)
{
	struct ike_child_secrets x = secrets();
	const struct ike_span v[] = { x.shared, x.ni, x.nr };
	u8 seed[64], spis[16];
	const struct ike_span s[] = { x.ni, x.nr, { spis, sizeof(spis) } };

	put_unaligned_be64(ep->spi_i, spis);
	put_unaligned_be64(ep->spi_r, spis + 8);
	CHECK(!isakmp_prf(old, octets + 3, isakmp_prf_len(old), v, ARRAY_SIZE(v), seed));
	CHECK(!ike_prf_plus(new, seed, isakmp_prf_len(old), s, ARRAY_SIZE(s), sk_d,
			    isakmp_prf_len(new)));
}

static void check_prfs(struct talk *t, u16 was, u16 is)
{
	struct ike_epoch old = { .suite = t->a.peer.ike.s[0] }, ep = old;
	struct ike_child_secrets x = secrets();
	u8 sk_d[64];

	old.suite.prf = was;
	memcpy(old.sk_d, octets + 3, isakmp_prf_len(was));
	ep.suite.prf = is;
	ep.spi_i = 0x0102030405060708;
	ep.spi_r = 0x1112131415161718;
	CHECK_EQ(ike_keys_rekey(&t->a.ike, &old, &ep, &x), ISAKMP_OK);
	expect_sk_d(was, is, &ep, sk_d);
	CHECK_MEM(ep.sk_d, sk_d, isakmp_prf_len(is));
	isakmp_sk_free(ep.sk_in);
	isakmp_sk_free(ep.sk_out);
}

static void test_prf(void)
{
	struct talk *t = talk_at(TALK_UP);
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(prfs); i++) {
		for (j = 0; j < ARRAY_SIZE(prfs); j++) {
			tap_note("from PRF %u to %u", prfs[i], prfs[j]);
			check_prfs(t, prfs[i], prfs[j]);
		}
	}
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_prf, "another PRF: SKEYSEED is the old one's (RFC 7296, 2.18)");
	return tap_done();
}
