// SPDX-License-Identifier: GPL-2.0
/*
 * Key exchange in the helper: ECP-521 (RFC 5903, 8.3) and X448, published
 * values, and values of a peer that are none (RFC 6989).
 */
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "helper.h"
#include "isakmpd/publish.h"

static size_t unhex(const char *hex, u8 *out)
{
	size_t n;

	for (n = 0; sscanf(hex + 2 * n, "%2hhx", &out[n]) == 1; n++)
		;
	return n;
}

/*
 * Of a seed 74 octets are read as a number modulo n - 1, plus 1: eight zero
 * octets and i - 1 are the private key i of RFC 5903, 8.3.
 */
static const struct exchange {
	u16 group;
	const char *seed_i, *seed_r;	/* filled up with zero octets */
	const char *pub_i, *pub_r, *shared;
} exchanges[] = {
	{ IKE_KE_ECP_521,
	  "0000000000000000"
	  "0037ade9319a89f4dabdb3ef411aaccca5123c61acab57b5393dce47608172a095aa85a30fe1c2952c6771"
	  "d937ba9777f5957b2639bab072462f68c27a57382d4a51",
	  "0000000000000000"
	  "0145ba99a847af43793fdd0e872e7cdfa16be30fdc780f97bccc3f078380201e9c677d600b343757a3bdbf"
	  "2a3163e4c2f869cca7458aa4a4effc311f5cb151685eb8",
	  "0015417e84dbf28c0ad3c278713349dc7df153c897a1891bd98bab4357c9ecbee1e3bf42e00b8e380aeae5"
	  "7c2d107564941885942af5a7f4601723c4195d176ced3e"
	  "017cae20b6641d2eeb695786d8c946146239d099e18e1d5a514c739d7cb4a10ad8a788015ac405d7799dc7"
	  "5e7b7d5b6cf2261a6a7f1507438bf01beb6ca3926f9582",
	  "00d0b3975ac4b799f5bea16d5e13e9af971d5e9b984c9f39728b5e5739735a219b97c356436adc6e95bb03"
	  "52f6be64a6c2912d4ef2d0433ced2b6171640012d9460f"
	  "015c68226383956e3bd066e797b623c27ce0eac2f551a10c2c724d9852077b87220b6536c5c408a1d2aebb"
	  "8e86d678ae49cb57091f4732296579ab44fcd17f0fc56a",
	  "01144c7d79ae6956bc8edb8e7c787c4521cb086fa64407f97894e5e6b2d79b04d1427e73ca4baa240a3478"
	  "6859810c06b3c715a3a8cc3151f2bee417996d19f3ddea" },
	/* computed with a ladder in Python; seeds 1 + 3i and 200 + 5i */
	{ IKE_KE_X448,
	  "0104070a0d101316191c1f2225282b2e3134373a3d404346494c4f5255585b5e6164676a6d707376797c7f"
	  "8285888b8e9194979a9da0a3a6",
	  "c8cdd2d7dce1e6ebf0f5faff04090e13181d22272c31363b40454a4f54595e63686d72777c81868b90959a"
	  "9fa4a9aeb3b8bdc2c7ccd1d6db",
	  "507c2caffd94f2c82eaf58efea25fbb67d595c7fd8b640f9120dc0a511e00622ef0063d3376e46bce86ee2"
	  "26d09a4476e711fb93d6908963",
	  "11e665ae031a2aecc929e6d6e63ff4ac1ebd1024860a2dee521b98be1b1393288630851d25ce8ae0e9dd2a"
	  "16a9b3645d860db3ae19e0e78b",
	  "0bca70f0c69b94046352994894e69dc10b4dee58ff9b553016c4aaae428488cd6a2c814cadbdc6719b4f7e"
	  "a8d97a21fdb959f2fd6ef97393" },
};

static u8 seed[IKE_KEX_SEED_LEN];

static struct octets seed_of(const char *hex)
{
	memset(seed, 0, sizeof(seed));
	unhex(hex, seed);
	return (struct octets) { seed, sizeof(seed) };
}

static void check_side(const struct exchange *x, const char *mine, const char *pub,
		       const char *his)
{
	u8 want[KEX_PUB_MAX], peer[KEX_PUB_MAX];
	struct octets s = seed_of(mine), none = { 0 }, p = { peer, unhex(his, peer) };
	struct kex_result r, again;

	CHECK_REASON(kex_compute(x->group, &s, &none, &r), ISAKMP_OK);
	CHECK_EQ(r.pub_len, unhex(pub, want));
	CHECK_MEM(r.pub, want, r.pub_len);
	CHECK_EQ(r.shared_len, 0);
	CHECK_REASON(kex_compute(x->group, &s, &p, &again), ISAKMP_OK);
	CHECK_MEM(r.pub, again.pub, sizeof(r.pub));	/* the same seed, the same key */
	CHECK_EQ(again.shared_len, unhex(x->shared, want));
	CHECK_MEM(again.shared, want, again.shared_len);
}

static void test_vectors(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		tap_note("group %u", exchanges[i].group);
		check_side(&exchanges[i], exchanges[i].seed_i, exchanges[i].pub_i,
			   exchanges[i].pub_r);
		check_side(&exchanges[i], exchanges[i].seed_r, exchanges[i].pub_r,
			   exchanges[i].pub_i);
	}
}

/* Scalars at the ends: 0 and n - 2 of the seed are 1 and n - 1, both sound. */
static void test_scalars(void)
{
	static const char *const seeds[] = {
		"00",
		"0000000000000000"
		"1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7"
		"fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386407",
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	};
	struct octets s, none = { 0 };
	struct kex_result r;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(seeds); i++) {
		s = seed_of(seeds[i]);
		tap_note("seed %zu", i);
		CHECK_REASON(kex_compute(IKE_KE_ECP_521, &s, &none, &r), ISAKMP_OK);
		CHECK_REASON(kex_compute(IKE_KE_X448, &s, &none, &r), ISAKMP_OK);
	}
}

static bool zero_result(const struct kex_result *r)
{
	static const struct kex_result nothing;

	return !memcmp(r, &nothing, sizeof(nothing));
}

static void bad_value(u16 group, const u8 *value, size_t n)
{
	struct octets s = seed_of(exchanges[0].seed_i), p = { value, n };
	struct kex_result r;

	CHECK_REASON(kex_compute(group, &s, &p, &r), ISAKMP_R_KE_VALUE);
	CHECK(zero_result(&r));
}

static void test_bad_values(void)
{
	u8 v[KEX_PUB_MAX + 1];
	size_t i, n;

	/* not on the curve: any one bit of a good point */
	n = unhex(exchanges[0].pub_r, v);
	for (i = 0; i < 8 * n; i += 37) {
		v[i / 8] ^= (u8)(1 << i % 8);
		bad_value(IKE_KE_ECP_521, v, n);
		v[i / 8] ^= (u8)(1 << i % 8);
	}
	for (i = 1; i <= sizeof(v); i++)
		if (i != n)
			bad_value(IKE_KE_ECP_521, v, i);
	memset(v, 0, sizeof(v));		/* infinity, or what some write for it */
	bad_value(IKE_KE_ECP_521, v, n);
	memset(v, 0xff, sizeof(v));		/* coordinates beyond p */
	bad_value(IKE_KE_ECP_521, v, n);

	/* X448: points of small order give an all-zero result */
	memset(v, 0, sizeof(v));
	bad_value(IKE_KE_X448, v, 56);
	v[0] = 1;
	bad_value(IKE_KE_X448, v, 56);
	for (i = 1; i <= sizeof(v); i++)
		if (i != 56)
			bad_value(IKE_KE_X448, v, i);
}

static void test_bad_questions(void)
{
	struct octets s = seed_of(exchanges[0].seed_i), none = { 0 };
	struct kex_result r;

	CHECK_REASON(kex_compute(IKE_KE_X25519, &s, &none, &r), ISAKMP_R_HELPER_ERROR);
	CHECK_REASON(kex_compute(0, &s, &none, &r), ISAKMP_R_HELPER_ERROR);
	for (s.n = 0; s.n < IKE_KEX_SEED_LEN; s.n++)
		CHECK_REASON(kex_compute(IKE_KE_ECP_521, &s, &none, &r), ISAKMP_R_HELPER_ERROR);
	CHECK(zero_result(&r));
}

/* As a question: no PRF, no peer, no configuration. */
static void test_question(void)
{
	u8 peer[KEX_PUB_MAX];
	struct question q = { .id = 5, .kind = ISAKMP_UPCALL_KEX, .group = IKE_KE_ECP_521,
			      .seed = seed_of(exchanges[0].seed_i) };
	struct answer a = decide(NULL, &q);

	CHECK_REASON(a.reason, ISAKMP_OK);
	CHECK(a.kex.pub_len == 132 && !a.kex.shared_len);
	q.peer_ke = (struct octets) { peer, unhex(exchanges[0].pub_r, peer) };
	a = decide(NULL, &q);
	CHECK(!a.reason && a.kex.shared_len == 66);
	peer[9] ^= 1;
	CHECK_REASON(decide(NULL, &q).reason, ISAKMP_R_KE_VALUE);
	q.seed.n--;
	CHECK_REASON(decide(NULL, &q).reason, ISAKMP_R_HELPER_ERROR);
}

static void test_publish(void)
{
	static const u8 body[] = { IKE_CERT_X509_SIGNATURE, 1, 2, 3 };
	static const u8 secret[32] = { 1, 2, 3 };
	struct octets certreq = { body, sizeof(body) }, qcd = { secret, sizeof(secret) };
	struct nlattr *top[ISAKMP_A_MAX + 1], *a;
	struct nl_msg *msg = nlmsg_alloc();
	unsigned int groups = 0, bodies = 0, secrets = 0;
	int left;

	CHECK(genlmsg_put(msg, 0, 0, 31, 0, 0, ISAKMP_CMD_HELPER_PUBLISH, 1));
	CHECK(!publish_put(msg, &certreq, &qcd));
	CHECK(!genlmsg_parse(nlmsg_hdr(msg), 0, top, ISAKMP_A_MAX, NULL));
	nla_for_each_nested(a, top[ISAKMP_A_PUBLISH], left) {
		if (nla_type(a) == ISAKMP_PUBLISH_KE)
			groups |= 1U << nla_get_u16(a) % 31;
		else if (nla_type(a) == ISAKMP_PUBLISH_CERTREQ)
			bodies += nla_len(a) == 4 && !memcmp(nla_data(a), body, 4);
		else if (nla_type(a) == ISAKMP_PUBLISH_QCD_SECRET)
			secrets += nla_len(a) == 32 && !memcmp(nla_data(a), secret, 32);
	}
	CHECK_EQ(groups, 1U << IKE_KE_ECP_521 | 1U << (IKE_KE_X448 % 31));
	CHECK_EQ(bodies, 1);
	CHECK_EQ(secrets, 1);
	nlmsg_free(msg);
}

int main(void)
{
	TAP_RUN(test_vectors, "kex: published exchanges, both sides (RFC 5903, 8.3)");
	TAP_RUN(test_scalars, "kex: seeds at the ends of the range");
	TAP_RUN(test_bad_values, "kex: values that are not of the group are refused (RFC 6989)");
	TAP_RUN(test_bad_questions, "kex: unknown groups, short seeds");
	TAP_RUN(test_question, "kex: as a question of the kernel");
	TAP_RUN(test_publish, "kex: the groups are published");
	return tap_done();
}
