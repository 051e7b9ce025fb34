// SPDX-License-Identifier: GPL-2.0
/*
 * The engine's key derivation (RFC 7296, 2.13, 2.14, 2.17) against NIST's
 * published values (CAVP, IKEv2): a handful typed in here, and the whole file
 * when it is there.
 */
#include "keymat.h"
#include "talk.h"

static const struct keymat_case cases[] = {
	{
		.prf = IKE_PRF_HMAC_SHA2_256,
		.ni =
			"3436def54b63cf59",
		.nr =
			"7d780f1cb163f786",
		.gir =
			"0097c211229dd1724f153abc85a6156dc9cda148e005bbda",
		.spi_i =
			"eadfb5f67ef1c53e",
		.spi_r =
			"65a7ffb95df81c50",
		.skeyseed =
			"701d307aa28374c129e113a4984657337f0fed89f7643f3d92468ea34bac7f16",
		.dkm =
			"d67f925f011537bcf22eb14772f8136b2aec47d2515b5ce6b197d472b0a73ea6cf586ce6d1de6508"
			"3ce8e0be26edeb0191c06affa6fe8d4d4f37ab08d756248f5fb95c948fd0380efa499b84e0d6fee5"
			"1c8a37e54ae54c31339a941e2d9470b7224d95499658899b2e3555de1f934636224c5861a92ba63f"
			"262ff90bcbae43022d579945",
		.child =
			"5b1e1b9900dcefe7c383f1f972323a4782788c33ffab29914c73179e77885cf2f8e1fd68dfd38b1e"
			"476cd14a8c23e9d7267754d1035b26280e44d21a2b3abe864c5a34abd903fbe147031d3b393434e4"
			"a7e2ef7f0321750136ac9f2dfc6cbbfc4f13e905af709441e504c8ccf917ed7858b75149fb216010"
			"82dda62841737c212f8c3e9a",
	},
	{
		.prf = IKE_PRF_HMAC_SHA2_256,
		.ni =
			"015162a9e811c14de360f2f7c8d8f391f33dab70f4cb92c734e1246175f9b727070a068af8fd78ef"
			"e5ca67fde07e206e620e0ad1fb112b4909b0b0b4b9eaf77cc4d30b77d8fd461407626b7c85517508"
			"82e803569221aa94299db984124fa7313867c922175a76491b990869bbb12a95e4dd5e0505bd0143"
			"53df804fe5573c8ea8440017a314fcac2eff322b6c6f3cbfe443119af8defa5926091bd6b49d7e8f"
			"1ce2dabb0dec85b9526b6f6b3cc715155bd21218c4bb074f453c66b7b37a6462be641c0094b19e36"
			"206e6d0d897f1439cdb9e91ada1d791eeb6b0473e5920fa343fa82e77a4152232f1deea676b10d09"
			"c98de3122f109ac0251ed400aaf0ca71",
		.nr =
			"97aa97e9c4be5cdd496dc1636b16bac328845e9b9c045ae3732e7dcb96b93f6c3572bd2618a717ab"
			"305b09485f0d1be8dda6d3d29a890df103cb23ca5880fd33c4601bce00b355f8a504eff8915e9bad"
			"606bf555d3576452142296c974428ecffafd805f19005d9b652f35218fa053efe3d5eaadbc5378fa"
			"5291673818575b22d5385e2848e3ded42b55ce45615f06b7c03297d8e941b384305c4641d0385c5c"
			"2fad107e5ed6fc308010a76827f6e3dfe3789b9d4fda7575695fa2883a53e8140a2d3177791dd751"
			"c52031846fc99a20d2ee3bc6ce9d3ec7808d7bd264c32f4fa2e6b1e6b2d281d4c24de28b47bef7d5"
			"53d2ae214066bde6583b63e29f50223e",
		.gir =
			"2f07bc1d83147e0d1994c5c5285a4a3124a3f8f5c29359555d03026837fdc1d4580ccc82d0364a0d"
			"2702ae81f177e8e7f01fe2dfec8b42220a6b233159f94fcf326fbb22528309f90eea1a5e7aac953e"
			"afa88cd8b79b09faf206008fe19c7c0d7d68d82bcab72a0758d4183056d81d9101019989e389947d"
			"84580f4d5d89aa8a",
		.spi_i =
			"90d6f5786008b6fe",
		.spi_r =
			"39785d8fa8455d44",
		.skeyseed =
			"2f9cd6cb1cdbc5f084282b2fdc131efee877de8eed94d9eba0df94a3cfd501df",
		.dkm =
			"f2224b34bb30f7092e061b3a4304ea0f1909e092f7fe68dbae639dcb263bc252a1d53116931a00cf"
			"2abd07e2656c4dfd62f5e652c8a3a7532726c87f05ed05aedfe0531447f39f66fcd64266a48d41f9"
			"765855b49759b5a4e8b3626a097ef8d48da8063e0b6206b7235a20da264201eb96c6841ee899efa8"
			"d81838c5c97058985f23a11606f273d225e16bd205642baed787749ccb24486d78b3e798a2215c39"
			"936f42c4794d1669414259001b854573439ed8f6de85737057d05c8fc865cb0006687fe3dedcf533"
			"6192e823c9e8fec0723c02a1107eb0e7b9086bd0fd912068b9d2aa86299c5e90e6d2fc5ee69bec8c"
			"4a80312e16518a2028b688b87105a9a6",
		.child =
			"f3c2b130740aafa01648422ffba513a46aecc030b67fe913eeded7975baccff7bc363af3b6d565ca"
			"3c5b6e67d400f72dfd252ae53b38119b56bfdcc47df6dbaf33a825d608f51153005784ba3b8c7fd2"
			"3870251497bef0edd5c8dc18a99f9e706247d681c1492c2358c9fbe05e950cbc92d98ba3a8892f20"
			"cd3633ee44528c9911197eef5538621cdf4d1847ac6a35ae51b5f0f9be898443014053bbe8c1c032"
			"62bd997d8484b1b602a34c552fc4e817f0d1748e92ccaa998707caf48b235bcef1e93b6c65274c30"
			"3cfadd7b938a9da72487f6995b13eda7d6b32423569e58df2d441855d40b616c6b331d6d0c4ea76c"
			"b67eed503781366a3d272857331c8e84",
	},
	{
		.prf = IKE_PRF_HMAC_SHA2_384,
		.ni =
			"897c8c84845b856c",
		.nr =
			"1ebe3273345db7ce",
		.gir =
			"008dc81ce81d983e8312887814fe2e53a21013709dac10f8",
		.spi_i =
			"c33cddc0a866ac69",
		.spi_r =
			"9ef3ac5648887cb0",
		.skeyseed =
			"61034a135b7d0b1b311529325b6253e9a46189d83db529666c2d752d512fa968e0025efe978763d7"
			"b72b2e89b401bdaa",
		.dkm =
			"54f61066f873d2fce9d08784e7225f34755470f5ddd4eb81b6c36b9d0df37dc277332bb54cf964a6"
			"01e28d6cb9a33863f6b2e69f8330f302e1e9d7e44a56971070cc441d7df01fbd90341bcc86788ed5"
			"20169325905b052e84a5abc76fdb1563545a1e8dd9ab9c5a6b681f33ac49ba537a618322390b37d0"
			"72789893805e1196378b5ad3",
		.child =
			"f6cfa9107bf3e2031b5280ec1a588572e040ee4426c2198c5f1d3055fe9fb037fcf4dabe95490e05"
			"76bfbb0d80d55ba4ce99072d4993a5261d9e6451fdd609e4f03e2cd11cf700ec49cf4dd15f129ec9"
			"fe220975c04ef1e44b1f4fb8813463166912cdeefbf7e0109f6d9af26aa8470be7de92d605fc39c6"
			"920949246db9bad6615c685b",
	},
	{
		.prf = IKE_PRF_HMAC_SHA2_384,
		.ni =
			"bb19e7bab7ca0bb8e6c69097383e2defeda3c053663a9e5c2f7944282d4af09cd363e5bf44a0b2f3"
			"f1ecf804342cd35a947038e927adcc2b61a77f9ecbb8197ed978e7c465d8d11f306d9c395c01e260"
			"d5ea752b1ed99519c2d61af2a991e12099b82860beac07e3be030186b00f0a0603b7e4a210da57a1"
			"499c88084645bb329d26068e039fb7a8190b0f39c510a10486c7f302291b9065705829977d811ca5"
			"e14cbbe2be477d5f5a5fb13a8420c2a33729d1f92b3fea7af65fb06b7afcfcf7ac405e6b8f0818f1"
			"1f819b59a13ba930449806d0b49cf06154ef277bbb59042ab1dce98cc681e3f081cbf96715441690"
			"06e66a41cb934e41126afb00fadcbdd2",
		.nr =
			"0354d3cf149ed3edad217237db69641dad529f39c99547ad5e39fc3a1107efccab1983f42265e75d"
			"b5e3b12b7baae7ae6550dafc78055fdf592f2e3c23ca070ff82d9579f275822f751809e1019a206e"
			"f85f3251a14d09c8013c395d4eecb1933762257ba5e020d0b8729230e5e2103fd423d6c649b249a8"
			"b6b9201735cde0da9cb3efebde7fcdb3e68ece5fa529ac95c08fe7cf0a2e4f3312ce3a2ec45bba77"
			"65159d9c24f6514ec559a7bd4d5b8e471a0bee810bd757eed615d23c31c41807f04249f0ade55c32"
			"95e88603a2a37fd896b66196133e8ba4119361e221d14b3de6d19b7047ee666b02ca79875d8fbedd"
			"8d565ac75f005e8d29eac6cd301200e1",
		.gir =
			"6ab82236bddb02faa3e8ea84f41ebb197d7c021d043f93750863e7f6126f6e4b10bfb0151c552d3b"
			"74735ef2468d511a83fd2354f56b19e20394ef19cb8509db1887f18ab0abc432d5924f9bcba03ca9"
			"6bd8d1c7be24be7da475ada1d3ebd1b37666207b74d73503132753e209969eed12781b522450f962"
			"2f0808b5b37f7619",
		.spi_i =
			"deb3d87a3b0ae050",
		.spi_r =
			"3b8ff4d5bb656124",
		.skeyseed =
			"3f8ff5aad637fdd2ad121260cd0d8895f4558e74439e3e6e64bb6804d5ced83285996394fa56da07"
			"67b5ba7a1231b52e",
		.dkm =
			"137cb61c3b755f60dd685a51fee6156ecf1178ee33a8c76413b4b3afe487ccfe9453291ecfde06ca"
			"580297ef89897e15ea1012907f9e0402f6d2c2d314da6767af32ea7130bd7a155d3a7b2228c6c7c7"
			"34ca4739a14f5c43a5a81e46e3f9b471f31a2da5f5201c68db67bff28ba8553eb10f2763b397c187"
			"ea3d3275acc894099f569ee448664b03732be3681037d40f0c23b43dc8164d2d404530878ce16b44"
			"17ee8e0702de0a68988b56338646e959dc4106eec95a76cf1754611ae7fea5e3de8252ec9bf87c7d"
			"172b092b4dc228db59a8eeb4825163ac6861afc76dfd6971caf4cef331b2f9c42573e818f1e2f137"
			"4d5aecead67c0d7eb98bf4096706ab71",
		.child =
			"e25f34c748ee6180475c1f7651689f8f251c48707133b4dc82205c498ed6c983c7c2bf0c176dc876"
			"aa1d217808668df6e84935b49f1476dedcc4aba5c8ef382c111a15c0001662d726d4a895af37dfe8"
			"d767a5fde90c6aa4fc417c3513d563b19f73612cb762998724a0bf8cce012a16e753d19af8969b59"
			"33eb4e3293f5352679bbb48c2af3d274975384ac18d76e707a79b114048e8dd21af675697332b694"
			"f61bb81545eb95cb07f90dd4437a177256c7fa0d2286f1c6aaeb628b452f28198da2c30e32108d79"
			"b1fac5ab063b957889f74454d4df988ab301a297390d6d6dea412c0019ddab591a06c4bfa1c20e29"
			"0d90eaf54c15972ddabc0bef8c43c4fd",
	},
};

/* ---- prf+ ------------------------------------------------------------------ */

static void check_prf_plus(const struct keymat_case *k)
{
	struct octets skeyseed, ni, nr, spis, dkm;
	struct ike_span seed[3];
	u8 out[KEYMAT_MAX];
	size_t n;

	octets_hex(&skeyseed, k->skeyseed);
	octets_hex(&ni, k->ni);
	octets_hex(&nr, k->nr);
	keymat_join(&spis, k->spi_i, k->spi_r, "", "");
	octets_hex(&dkm, k->dkm);
	seed[0] = octets_span(&ni);
	seed[1] = octets_span(&nr);
	seed[2] = octets_span(&spis);
	for (n = 0; n <= dkm.n; n++) {
		tap_note("%zu octets", n);
		memset(out, 0xaa, sizeof(out));
		CHECK_EQ(ike_prf_plus(k->prf, skeyseed.p, skeyseed.n, seed, 3, out, n), 0);
		CHECK_MEM(out, dkm.p, n);
		CHECK_EQ(out[n], 0xaa);
	}
}

static void test_prf_plus(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		check_prf_plus(&cases[i]);
}

/* RFC 7296, 2.13: prf+ is defined to 255 times the prf's output. */
static void test_prf_plus_limits(void)
{
	static u8 out[255 * 48 + 1];
	struct ike_span seed[7];
	unsigned int i;

	for (i = 0; i < 7; i++)
		seed[i] = (struct ike_span){ (const u8 *)"seed", 4 };
	CHECK_EQ(ike_prf_plus(IKE_PRF_HMAC_SHA2_384, out, 48, seed, 1, out, 255 * 48), 0);
	CHECK(ike_prf_plus(IKE_PRF_HMAC_SHA2_384, out, 48, seed, 1, out, 255 * 48 + 1) < 0);
	CHECK(ike_prf_plus(IKE_PRF_HMAC_SHA2_256, out, 32, seed, 1, out, 255 * 32 + 1) < 0);
	CHECK_EQ(ike_prf_plus(IKE_PRF_HMAC_SHA2_256, out, 32, seed, 6, out, 64), 0);
	CHECK(ike_prf_plus(IKE_PRF_HMAC_SHA2_256, out, 32, seed, 7, out, 64) < 0);
	CHECK(ike_prf_plus(0, out, 32, seed, 1, out, 32) < 0);
	CHECK(ike_prf_plus(4, out, 32, seed, 1, out, 32) < 0);
}

/* Half a key stream does not stay. */
static void test_prf_plus_fails(void)
{
	struct ike_span seed = { (const u8 *)"seed", 4 };
	u8 out[128], zero[128] = { 0 };
	unsigned int i;

	for (i = 1; i <= 4; i++) {
		tap_note("round %u fails", i);
		memset(out, 0xaa, sizeof(out));
		native_mem_fail_at(i);
		CHECK(ike_prf_plus(IKE_PRF_HMAC_SHA2_256, zero, 32, &seed, 1, out, 128) < 0);
		native_mem_fail_at(0);
		CHECK_MEM(out, zero, sizeof(out));
	}
}

/* ---- the keys of an IKE SA ------------------------------------------------- */

static const struct ike_suite suites[] = {
	{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_GCM_16, 128, 0, 0, 0 },
	{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_GCM_16, 256, 0, 0, 0 },
	{ IKE_PROTO_IKE, 0, IKE_ENCR_CHACHA20_POLY1305, 0, 0, 0, 0 },
	{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CBC, 128, IKE_INTEG_HMAC_SHA1_96, 0, 0 },
	{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CBC, 192, IKE_INTEG_HMAC_SHA2_256_128, 0, 0 },
	{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CTR, 256, IKE_INTEG_HMAC_SHA2_512_256, 0, 0 },
};

static struct ike_sa *sa_of_case(const struct keymat_case *k, bool initiator,
				 const struct ike_suite *suite)
{
	static struct end end;
	struct ike_sa *sa = &end.ike;
	struct octets ni, nr, spis;

	memset(&end, 0, sizeof(end));
	sa->setup = isakmp_alloc(sizeof(*sa->setup));
	sa->initiator = initiator;
	sa->ep = &sa->first;
	ike_epoch_begin(sa->ep, initiator);
	sa->ep->suite = *suite;
	sa->ep->suite.prf = k->prf;
	octets_hex(&ni, k->ni);
	octets_hex(&nr, k->nr);
	keymat_join(&spis, k->spi_i, k->spi_r, "", "");
	memcpy(sa->setup->ni, ni.p, ni.n);
	memcpy(sa->setup->nr, nr.p, nr.n);
	sa->setup->ni_len = (u16)ni.n;
	sa->setup->nr_len = (u16)nr.n;
	sa->ep->spi_i = get_unaligned_be64(spis.p);
	sa->ep->spi_r = get_unaligned_be64(spis.p + 8);
	return sa;
}

static void sa_free(struct ike_sa *sa)
{
	isakmp_sk_free(sa->ep->sk_in);
	isakmp_sk_free(sa->ep->sk_out);
	ike_setup_free(sa);
	memset(sa, 0, sizeof(*sa));
}

/* An SK key is known by what it makes of a message. */
static void check_sk(const struct ike_sa *sa, struct isakmp_sk *got, const u8 *key,
		     size_t len)
{
	struct isakmp_sk *want = isakmp_sk_new(&sa->ep->suite, key, len);
	u8 a[128] = "additional data", b[128] = "additional data";

	CHECK(!isakmp_sk_seal(got, a, 32, 32));
	CHECK(!isakmp_sk_seal(want, b, 32, 32));
	CHECK_MEM(a, b, sizeof(a));
	isakmp_sk_free(want);
}

/* Is @got what stands at @at, as far as @dkm goes? */
static void check_at(const struct octets *dkm, size_t at, const u8 *got, size_t n)
{
	if (at < dkm->n)
		CHECK_MEM(got, dkm->p + at, min(n, dkm->n - at));
}

/* SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr: RFC 7296, 2.14. */
static void check_keys(const struct ike_sa *sa, const struct octets *dkm)
{
	const struct end *e = container_of(sa, struct end, ike);
	size_t prf = isakmp_prf_len(sa->ep->suite.prf);
	size_t enc = isakmp_encr_key_len(sa->ep->suite.encr, sa->ep->suite.keylen);
	size_t integ = isakmp_integ_key_len(sa->ep->suite.integ), at = prf;
	u8 i[IKE_CHILD_KEY_MAX], r[IKE_CHILD_KEY_MAX];

	CHECK_EQ(e->keys.n, 1);
	CHECK_EQ(e->keys.enc, enc);
	CHECK_EQ(e->keys.integ, integ);
	check_at(dkm, 0, sa->ep->sk_d, prf);
	check_at(dkm, at, e->keys.ai, integ);
	check_at(dkm, at += integ, e->keys.ar, integ);
	check_at(dkm, at += integ, e->keys.ei, enc);
	check_at(dkm, at += enc, e->keys.er, enc);
	check_at(dkm, at += enc, sa->sk_pi, prf);
	check_at(dkm, at + prf, sa->sk_pr, prf);
	memcpy(i, e->keys.ei, enc);
	memcpy(i + enc, e->keys.ai, integ);
	memcpy(r, e->keys.er, enc);
	memcpy(r + enc, e->keys.ar, integ);
	check_sk(sa, sa->initiator ? sa->ep->sk_out : sa->ep->sk_in, i, enc + integ);
	check_sk(sa, sa->initiator ? sa->ep->sk_in : sa->ep->sk_out, r, enc + integ);
}

/* RFC 7296, 2.17: from who proposed to who accepted first; encryption before integrity. */
static void check_child(struct ike_sa *sa, const struct keymat_case *k, bool pfs)
{
	struct ike_child c = { .proposer = sa->initiator };
	u8 in[IKE_CHILD_KEY_MAX], out[IKE_CHILD_KEY_MAX];
	struct ike_child_secrets secrets = {
		.ni = { sa->setup->ni, sa->setup->ni_len },
		.nr = { sa->setup->nr, sa->setup->nr_len },
	};
	struct octets child, gir;
	unsigned int i;
	size_t n;

	octets_hex(&child, pfs ? k->child_dh : k->child);
	octets_hex(&gir, pfs ? k->gir_new : "");
	secrets.shared = octets_span(&gir);
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		tap_note("child, suite %u", i);
		c.suite = suites[i];
		n = ike_child_key_len(&c.suite);
		CHECK_EQ(n, isakmp_encr_key_len(c.suite.encr, c.suite.keylen) +
			 isakmp_integ_key_len(c.suite.integ));
		CHECK_EQ(ike_child_keys(sa, &c, &secrets, in, out), ISAKMP_OK);
		check_at(&child, 0, c.proposer ? out : in, n);
		check_at(&child, n, c.proposer ? in : out, n);
	}
	c.suite.keylen = 7;
	CHECK_REASON(ike_child_keys(sa, &c, &secrets, in, out), ISAKMP_R_CRYPTO);
}

static void check_case(const struct keymat_case *k)
{
	struct octets gir, dkm;
	struct ike_sa *sa;
	unsigned int i;

	octets_hex(&gir, k->gir);
	octets_hex(&dkm, k->dkm);
	for (i = 0; i < 2 * ARRAY_SIZE(suites); i++) {
		tap_note("%s, suite %u", i & 1 ? "initiator" : "responder", i / 2);
		sa = sa_of_case(k, i & 1, &suites[i / 2]);
		CHECK_EQ(ike_keys_derive(sa, gir.p, (u16)gir.n), ISAKMP_OK);
		check_keys(sa, &dkm);
		check_child(sa, k, false);
		if (k->child_dh)
			check_child(sa, k, true);
		sa_free(sa);
	}
	CHECK_EQ(native_mem_outstanding(), 0);
}

/* Of two SAs that crossed the one with the lowest nonce goes (RFC 7296, 2.8.1). */
static void test_rank(void)
{
	static const struct {
		u8 ni[20], nr[20];
		u16 ni_len, nr_len;
		u64 rank;
	} ranks[] = {
		{ { 1, [7] = 5 }, { 2 }, 16, 16, 0x0100000000000005 },
		{ { 0xff }, { 0xfe, 1 }, 16, 16, 0xfe01000000000000 },
		{ { 0x80 }, { 0x7f, 0xff }, 16, 20, 0x7fff000000000000 },
		/* One that is the other's beginning is the lower one */
		{ { 9, [19] = 1 }, { 9 }, 20, 16, 0x0900000000000000 },
	};
	struct octets gir;
	struct ike_sa *sa;
	unsigned int i;

	octets_hex(&gir, cases[0].gir);
	for (i = 0; i < ARRAY_SIZE(ranks); i++) {
		tap_note("case %u", i);
		sa = sa_of_case(&cases[0], true, &suites[0]);
		memcpy(sa->setup->ni, ranks[i].ni, ranks[i].ni_len);
		memcpy(sa->setup->nr, ranks[i].nr, ranks[i].nr_len);
		sa->setup->ni_len = ranks[i].ni_len;
		sa->setup->nr_len = ranks[i].nr_len;
		CHECK_EQ(ike_keys_derive(sa, gir.p, (u16)gir.n), ISAKMP_OK);
		CHECK_EQ(sa->rank, ranks[i].rank);
		sa_free(sa);
	}
}

static void test_cases(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		check_case(&cases[i]);
}

static void test_derive_fails(void)
{
	static const struct ike_suite none = { IKE_PROTO_IKE, 0, IKE_ENCR_AES_GCM_16, 7, 0, 0, 0 };
	struct ike_sa before, *sa;
	struct octets gir;
	unsigned long n;

	octets_hex(&gir, cases[0].gir);
	for (n = 1; n < 100; n++) {
		tap_note("failure %lu", n);
		sa = sa_of_case(&cases[0], true, &suites[3]);
		before = *sa;
		native_mem_fail_at(n);
		if (!ike_keys_derive(sa, gir.p, (u16)gir.n))
			break;
		native_mem_fail_at(0);
		CHECK_MEM(sa, &before, sizeof(*sa));
		CHECK_EQ(native_mem_outstanding(), 1);	/* the set-up */
		sa_free(sa);
	}
	native_mem_fail_at(0);
	CHECK(n > 5 && n < 100);
	sa_free(sa);
	sa = sa_of_case(&cases[0], true, &none);
	CHECK_REASON(ike_keys_derive(sa, gir.p, (u16)gir.n), ISAKMP_R_CRYPTO);
	sa_free(sa);
	CHECK_EQ(native_mem_outstanding(), 0);
}

/* ---- the whole file --------------------------------------------------------- */

static const char *const fields[] = { "Ni", "Nr", "g^ir", "SPIi", "SPIr", "SKEYSEED", "DKM",
				      "DKM(Child SA)", "g^ir (new)", "DKM(Child SA D-H)" };
static char values[ARRAY_SIZE(fields)][1100];

/* Return: a case is complete. */
static bool read_line(char *line)
{
	char *value = strstr(line, " = ");
	size_t i;

	line[strcspn(line, "\r\n")] = '\0';
	if (!value)
		return false;
	*value = '\0';
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (!strcmp(line, fields[i]))
			snprintf(values[i], sizeof(values[i]), "%s", value + 3);
	return !strcmp(line, fields[ARRAY_SIZE(fields) - 1]);
}

static FILE *file;

static void test_file(void)
{
	const struct keymat_case all = {
		.ni = values[0], .nr = values[1], .gir = values[2], .spi_i = values[3],
		.spi_r = values[4], .skeyseed = values[5], .dkm = values[6], .child = values[7],
		.gir_new = values[8], .child_dh = values[9],
	};
	struct keymat_case k;
	static char line[2048];
	unsigned int n = 0;
	u16 prf = 0;

	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "[SHA-", 5))
			prf = !strncmp(line, "[SHA-1]", 7) ? IKE_PRF_HMAC_SHA1 :
			      !strncmp(line, "[SHA-256]", 9) ? IKE_PRF_HMAC_SHA2_256 :
			      !strncmp(line, "[SHA-384]", 9) ? IKE_PRF_HMAC_SHA2_384 :
			      !strncmp(line, "[SHA-512]", 9) ? IKE_PRF_HMAC_SHA2_512 : 0;
		if (!read_line(line) || !prf)
			continue;
		k = all;
		k.prf = prf;
		check_case(&k);
		check_prf_plus(&k);
		n++;
	}
	CHECK(n >= 200);
}

int main(void)
{
	const char *dir = getenv("NATIVE_VECTORS"), *title = "the engine against all of ikev2.rsp";
	char path[512];

	TAP_RUN(test_prf_plus, "prf+: published values, cut at every length (RFC 7296, 2.13)");
	TAP_RUN(test_prf_plus_limits, "prf+: its limits");
	TAP_RUN(test_prf_plus_fails, "prf+: a failure leaves nothing");
	TAP_RUN(test_cases, "keys of an IKE SA and its child: published values (RFC 7296, 2.14, 2.17)");
	TAP_RUN(test_rank, "keys of an IKE SA: which of two that crossed goes");
	TAP_RUN(test_derive_fails, "keys of an IKE SA: a failure changes nothing");
	snprintf(path, sizeof(path), "%s/ikev2.rsp", dir ? dir : "../shared/vectors");
	file = fopen(path, "r");
	if (!file) {
		tap_skip(title, "no vectors");
		return tap_done();
	}
	TAP_RUN(test_file, title);
	fclose(file);
	return tap_done();
}
