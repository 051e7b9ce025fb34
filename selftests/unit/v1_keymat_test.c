// SPDX-License-Identifier: GPL-2.0
/*
 * Key derivation of version 1 (RFC 2409, 5, 5.5 and appendix B): against NIST's published
 * values (CAVP, IKEv1), a handful typed in here and the whole files when they are there;
 * and against the RFC's lines written out once more, over isakmp_prf() and isakmp_hash().
 */
#include "keymat.h"
#include "native.h"
#include "v1/engine.h"

enum how { PSK, SIG, ENC };

/* One published case, in hex. */
struct skeyid_case {
	enum how how;
	u16 prf;
	const char *psk, *cky_i, *cky_r, *ni, *nr, *shared, *skeyid, *d, *a, *e;
};

static const struct skeyid_case cases[] = {
	{
		.how = PSK, .prf = IKE_PRF_HMAC_SHA1,
		.psk =
			"04",
		.cky_i =
			"a6d9e8b73ccfe697",
		.cky_r =
			"c6b20688c1ff872e",
		.ni =
			"2d6d220fd2ffc9d7",
		.nr =
			"f5cddf26592ad5b4",
		.shared =
			"00d01616e4c3d87906f6ce7138e5c95abb09dc7e28b373a8",
		.skeyid =
			"f960dfc637ec9077e0cbc213a80e7b9762661182",
		.d =
			"4784c4f4bf62a3d49979d68d71de54e24e2e5bf5",
		.a =
			"8c11884146ac5e93ee2106e685c2c9684e7db335",
		.e =
			"1ce2fcea05cac1dc7a2c207a813af6bfc67b3cd1",
	},
	{
		.how = PSK, .prf = IKE_PRF_HMAC_SHA2_512,
		.psk =
			"1c",
		.cky_i =
			"a31a2ecd6c0a0da2",
		.cky_r =
			"4ecfc2b48721c089",
		.ni =
			"5845b6649d84367a",
		.nr =
			"7428d64ca60450bb",
		.shared =
			"0141d16f92a4326eb599fadffec11179ba73cb5a26d77aac",
		.skeyid =
			"db9d64eb5b40bdcafbb68403e2f5df5e677838cd913997e32df9ba7dd50dd328bcbab8ab7b7a330c"
			"a35c051233f0fad242f8d4a8a483c107f82fc273bb14bcb1",
		.d =
			"8e6e978ea2166852a7c7e5beb9fd59b555624c538754683f0877ba116aa87492b491d8e29475afc9"
			"64a316987810bdeca7227cdd4cf2d8b4a0e9e6fd793fe961",
		.a =
			"f6bb1e8d5b38bde4d90b5c7d12246a201f9dc0c90bed1b7a733f51cafce77e2a240748f9e191c77b"
			"6867f3af6712917fd91f82463c1f04c7e203d21a97802cea",
		.e =
			"04974703aa74ae79c028769b657301d57b778b9ccc4f2c6ec63a95093c28ef6dddedea8735d67024"
			"c8271712dc20e111e1a1b128338f7f6c16d24f5d92b6149d",
	},
	{
		.how = SIG, .prf = IKE_PRF_HMAC_SHA2_256,
		.cky_i =
			"cac2b80a388b0685",
		.cky_r =
			"45ba5a62f3362757",
		.ni =
			"29e02bdb436d545f",
		.nr =
			"331755aee2f14f19",
		.shared =
			"0077b150d47429fe7c7069d06404de8687e0f4bb016ff574",
		.skeyid =
			"c993319c74bf4fb82038c0ef4e05b33ace8229dfa51da628d2f98f4651d1bf17",
		.d =
			"c84d4414aee2d971f6cc2c2ac1601192ae728031f9480f0480d0823b8925cd20",
		.a =
			"35993987296f75b3fe60793fe6cde68f41c6d75418e431235edb7bd85d83fcb5",
		.e =
			"543283543adad51254689a5f36d958fb4506f9e9404f7ec9451cde41f9972cc6",
	},
	{
		.how = ENC, .prf = IKE_PRF_HMAC_SHA1,
		.cky_i =
			"b5b5d4993e78b32e",
		.cky_r =
			"9383189dd7965068",
		.ni =
			"82c011f4ebd94754",
		.nr =
			"f0af1fddf161ae9f",
		.shared =
			"00b169168bc9937b6aedc9553709e9d18f5a9a06b9c0d568",
		.skeyid =
			"258549f8460411ac2dee9ad0c5532499ebf4664b",
		.d =
			"6fa312796133894f4c653c4a385097b7337ca297",
		.a =
			"f31bc589c6f144c66ed5cfe043c81db93132c925",
		.e =
			"4eafded1dd286c7efc222fd523b2fad43f688802",
	},
	{
		.how = ENC, .prf = IKE_PRF_HMAC_SHA2_384,
		.cky_i =
			"1c11d3e9bd4ef168",
		.cky_r =
			"8957ce735dadb540",
		.ni =
			"9c135888f422cad0",
		.nr =
			"56e4853222d5d801",
		.shared =
			"00ffd16b42b804600e359f9200309e124ccf0f0138a2bdbe",
		.skeyid =
			"9c993d628e8790b7a361df8e28e903ae9e65f0a85ed5217f5fea1560c805f07b522eb946975af18f"
			"e5c89cbffd5dbe6e",
		.d =
			"710eb7d3491cead0176941f1f4b01faeb49b08c9a66af62f2fbf3920208ba423e5fc72c5c3a8b5f8"
			"d788616801c38bf1",
		.a =
			"afffd52b35aae4ad540514ff347e5928e79d8892c46d8c6f2a219afad9246ef0f1f2506bc06c4a72"
			"a1af67b8898473f4",
		.e =
			"b78713333064ad7958f98dd61ba05d93a30b567a5a1236be0bc8b04b289b6706b868492f0cfe22ff"
			"69b92e0280321781",
	},
};

/* ---- an ISAKMP SA ------------------------------------------------------------ */

static struct v1_setup setup;
static struct v1_phase1 phase1;
static struct ike_epoch epoch;

static u16 fill(u8 *to, const char *hex)
{
	struct octets o;

	octets_hex(&o, hex);
	memcpy(to, o.p, o.n);
	return (u16)o.n;
}

static u64 cookie(const char *hex)
{
	u8 p[1024];

	fill(p, hex);
	return get_unaligned_be64(p);
}

static void stage(const struct skeyid_case *k, u16 encr, u16 keylen)
{
	memset(&setup, 0, sizeof(setup));
	memset(&phase1, 0, sizeof(phase1));
	memset(&epoch, 0, sizeof(epoch));
	epoch.v1 = &phase1;
	phase1.setup = &setup;
	epoch.suite = (struct ike_suite){ .protocol = IKE_PROTO_IKE, .encr = encr,
					  .keylen = keylen, .prf = k->prf };
	epoch.spi_i = cookie(k->cky_i);
	epoch.spi_r = cookie(k->cky_r);
	setup.ni_len = fill(setup.ni, k->ni);
	setup.nr_len = fill(setup.nr, k->nr);
	setup.shared_len = fill(setup.shared, k->shared);
	setup.ke_i_len = 256;
	memset(setup.ke_i, 0x11, setup.ke_i_len);
	setup.ke_r_len = 255;
	memset(setup.ke_r, 0x22, setup.ke_r_len);
}

/* As the helper does: prf (pre-shared-key, Ni_b | Nr_b) */
static int skeyid_psk(const struct skeyid_case *k, u8 *out)
{
	const struct ike_span v[] = { { setup.ni, setup.ni_len }, { setup.nr, setup.nr_len } };
	struct octets psk;

	octets_hex(&psk, k->psk);
	return isakmp_prf(k->prf, psk.p, psk.n, v, 2, out);
}

static int skeyid(const struct skeyid_case *k, u8 *out)
{
	switch (k->how) {
	case PSK:
		return skeyid_psk(k, out);
	case SIG:
		return v1_skeyid_sig(&epoch.suite, &setup, out);
	default:
		return v1_skeyid_enc(&epoch.suite, &setup, epoch.spi_i, epoch.spi_r, out);
	}
}

static void check_case(const struct skeyid_case *k)
{
	stage(k, IKE_ENCR_AES_CBC, 128);
	CHECK(!skeyid(k, phase1.skeyid));
	keymat_expect(phase1.skeyid, k->skeyid, "SKEYID");
	CHECK(!v1_keys_derive(&epoch, &phase1));
	keymat_expect(phase1.skeyid_d, k->d, "SKEYID_d");
	keymat_expect(phase1.skeyid_a, k->a, "SKEYID_a");
	keymat_expect(phase1.skeyid_e, k->e, "SKEYID_e");
}

static void test_cases(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		tap_note("case %zu", i);
		check_case(&cases[i]);
	}
}

/* ---- the key of the cipher, IVs ------------------------------------------------- */

static const struct { u16 encr, keylen; u8 len, block; } ciphers[] = {
	{ IKE_ENCR_AES_CBC, 128, 16, 16 }, { IKE_ENCR_AES_CBC, 192, 24, 16 },
	{ IKE_ENCR_AES_CBC, 256, 32, 16 }, { IKE_ENCR_3DES, 0, 24, 8 },
};

/* Ka = K1 | K2 | ..., K1 = prf(SKEYID_e, 0), K2 = prf(SKEYID_e, K1); or SKEYID_e is enough */
static void key_of(u16 prf, const u8 *skeyid_e, u8 *ka, size_t len)
{
	size_t size = isakmp_prf_len(prf), at;
	struct ike_span v = { (const u8 *)"", 1 };

	if (size >= len) {
		memcpy(ka, skeyid_e, len);
		return;
	}
	for (at = 0; at < len; at += size) {
		CHECK(!isakmp_prf(prf, skeyid_e, size, &v, 1, ka + at));
		v = (struct ike_span){ ka + at, size };
	}
}

static void test_key(void)
{
	u8 ka[128];
	size_t i, c, n = 0;

	for (c = 0; c < ARRAY_SIZE(cases); c++)
		for (i = 0; i < ARRAY_SIZE(ciphers); i++) {
			tap_note("case %zu, cipher %zu", c, i);
			stage(&cases[c], ciphers[i].encr, ciphers[i].keylen);
			CHECK(!skeyid(&cases[c], phase1.skeyid));
			CHECK(!v1_keys_derive(&epoch, &phase1));
			CHECK_EQ(phase1.key_len, ciphers[i].len);
			key_of(cases[c].prf, phase1.skeyid_e, ka, ciphers[i].len);
			CHECK_MEM(phase1.key, ka, ciphers[i].len);
			n += ciphers[i].len > isakmp_prf_len(cases[c].prf);
		}
	CHECK(n >= 4);
}

/* hash (g^xi | g^xr); then hash (last block | M-ID) */
static void test_ivs(void)
{
	struct octets both = { .n = 0 };
	struct ike_span v = { both.p, 0 };
	u8 hash[64], iv[V1_BLOCK_MAX], id[4] = { 0xde, 0xad, 0xbe, 0xef };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ciphers); i++) {
		size_t block = ciphers[i].block;

		tap_note("cipher %zu", i);
		stage(&cases[2], ciphers[i].encr, ciphers[i].keylen);
		memcpy(both.p, setup.ke_i, 256);
		memcpy(both.p + 256, setup.ke_r, 255);
		v.len = 511;
		CHECK(!isakmp_hash(cases[2].prf, &v, 1, hash));
		CHECK(!v1_keys_derive(&epoch, &phase1));
		CHECK_MEM(phase1.iv, hash, block);

		isakmp_random(phase1.iv, sizeof(phase1.iv));
		memcpy(both.p, phase1.iv, block);
		memcpy(both.p + block, id, 4);
		v.len = block + 4;
		CHECK(!isakmp_hash(cases[2].prf, &v, 1, hash));
		CHECK(!v1_iv_of(&epoch, 0xdeadbeef, iv));
		CHECK_MEM(iv, hash, block);
	}
}

/* A key that is too weak is no key (RFC 2451, 2.3). */
static void test_weak(void)
{
	static const struct ike_suite s = { .encr = IKE_ENCR_3DES,
					    .prf = IKE_PRF_HMAC_SHA2_256 };
	u8 key[V1_KEY_MAX];
	size_t len;

	CHECK(!v1_cipher_key(&s, (const u8 *)"abcdefghijklmnopqrstuvwx", key, &len));
	CHECK_EQ(len, 24);
	CHECK_EQ(v1_cipher_key(&s, (const u8 *)"abcdefghijklmnopijklmnop", key, &len),
		 -EKEYREJECTED);
	CHECK_EQ(v1_cipher_key(&s, (const u8 *)"abcdefghabcdefghqrstuvwx", key, &len),
		 -EKEYREJECTED);
}

/* No cipher in CBC mode, or none at all: nothing is derived. */
static void test_no_cipher(void)
{
	static const struct { u16 encr, keylen; } none[] = {
		{ IKE_ENCR_AES_GCM_16, 128 }, { IKE_ENCR_AES_CTR, 128 }, { IKE_ENCR_AES_CBC, 0 },
		{ IKE_ENCR_CHACHA20_POLY1305, 0 }, { 0, 0 }, { 65535, 128 },
	};
	struct v1_phase1 was;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(none); i++) {
		tap_note("row %zu", i);
		stage(&cases[2], none[i].encr, none[i].keylen);
		was = phase1;
		CHECK_EQ(v1_keys_derive(&epoch, &phase1), -EINVAL);
		CHECK_MEM(&phase1, &was, sizeof(was));
	}
}

/* ---- a conversation of others ------------------------------------------------------ */

/*
 * Main Mode with certificates between two other implementations, 3DES and MD5, MODP-1024,
 * of which Wireshark's authors have published packets and key: its public values, and of
 * each of three messages the beginning, before and after encryption.
 */
static const char other_ke_i[] =
	"883cfa4248d583d946e0d1c2b9b6ee97fc9c4f252b41fc4ad1aaf2911a48f6b7d33862171a9fdd9487ef464e"
	"543c610e2a41a347820cbb7cf80b466b6273197a6c630f7e100c0641491fcb877dd536a74807ab25933674e2"
	"19354bf40627a5c9b3a09c7fad06ef7e536ec18213afdb405ca25ed6989f091c68606011e8494054";
static const char other_ke_r[] =
	"b9a8e696cbc66a1ddbf3c900109ea68e88d5291583120eada2377c959603f169270344240e89b0db012364d1"
	"4063224caa9359f95d83399eb9d53c00e9a81085e02388aba1a10b4ca25d93b032032db095e29f6b37caf9da"
	"1e41377c82c8e0f6f2a01f103003c2d96fc069c0db5038fe62f2cea65c0b0025a6645481eb7b8d91";

static const struct { const char *sealed, *text, *end; } others[] = {
	/* message 5: ID, then the header of CERT */
	{ "ac23294c0e98cc785bd97aa5df35a3d2", "0600000c01000000c0a80c76070005da",
	  "ceb6ca61c40dd7a9" },
	/* message 6: the same of the other side */
	{ "a4e3629a82fcf0e3f1c7b4e0a4fb828b", "0600000c01000000ac1001670900065e",
	  "f9743f758d61997e" },
	/* Quick Mode with message ID f2cfe203: HASH */
	{ "0c55af5e82735553930acceff3b54ff7", "010000145a32e8a56d40768d60f16a05", NULL },
};

static void test_others(void)
{
	struct octets key, text;
	u8 p[16], iv[V1_BLOCK_MAX];
	size_t i;

	stage(&cases[0], IKE_ENCR_3DES, 0);
	epoch.suite.prf = IKE_PRF_HMAC_MD5;
	setup.ke_i_len = fill(setup.ke_i, other_ke_i);
	setup.ke_r_len = fill(setup.ke_r, other_ke_r);
	octets_hex(&key, "735be0cb62f82675c4f7bf8fbab9b56834ba76d6ab4fa240");
	CHECK(!v1_keys_derive(&epoch, &phase1));
	memcpy(iv, phase1.iv, sizeof(iv));
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		tap_note("message %zu", i);
		fill(p, others[i].sealed);
		octets_hex(&text, others[i].text);
		CHECK(!isakmp_cbc(IKE_ENCR_3DES, key.p, key.n, iv, p, sizeof(p), false));
		CHECK_MEM(p, text.p, sizeof(p));
		if (i == 1) {
			fill(phase1.iv, others[i].end);
			CHECK(!v1_iv_of(&epoch, 0xf2cfe203, iv));
		} else if (others[i].end) {
			fill(iv, others[i].end);
		}
	}
}

/* ---- HASH_I, HASH_R ----------------------------------------------------------- */

static void add(struct octets *o, const void *p, size_t n)
{
	memcpy(o->p + o->n, p, n);
	o->n += n;
}

static void test_hash(void)
{
	u8 sa_i[60], id_i[] = { 1, 17, 1, 244, 192, 0, 2, 1 }, id_r[] = { 2, 0, 0, 0, 'r' };
	struct octets i = { .n = 0 }, r = { .n = 0 }, cky;
	u8 want[64], got[64];
	struct ike_span v;

	isakmp_random(sa_i, sizeof(sa_i));
	stage(&cases[2], IKE_ENCR_AES_CBC, 128);
	CHECK(!skeyid(&cases[2], phase1.skeyid));
	setup.sa_i = sa_i;
	setup.sa_i_len = sizeof(sa_i);

	add(&i, setup.ke_i, 256);
	add(&i, setup.ke_r, 255);
	octets_hex(&cky, cases[2].cky_i);
	add(&i, cky.p, 8);
	octets_hex(&cky, cases[2].cky_r);
	add(&i, cky.p, 8);
	add(&i, sa_i, sizeof(sa_i));
	add(&i, id_i, sizeof(id_i));
	v = octets_span(&i);
	CHECK(!isakmp_prf(cases[2].prf, phase1.skeyid, 32, &v, 1, want));
	CHECK(!v1_hash_auth(&epoch, true, id_i, sizeof(id_i), got));
	CHECK_MEM(got, want, 32);

	add(&r, setup.ke_r, 255);
	add(&r, setup.ke_i, 256);
	add(&r, cky.p, 8);
	octets_hex(&cky, cases[2].cky_i);
	add(&r, cky.p, 8);
	add(&r, sa_i, sizeof(sa_i));
	add(&r, id_r, sizeof(id_r));
	v = octets_span(&r);
	CHECK(!isakmp_prf(cases[2].prf, phase1.skeyid, 32, &v, 1, want));
	CHECK(!v1_hash_auth(&epoch, false, id_r, sizeof(id_r), got));
	CHECK_MEM(got, want, 32);
}

/* ---- KEYMAT ------------------------------------------------------------------- */

/* K1 = prf(SKEYID_d, [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b), K2 = prf(SKEYID_d, K1 | ...) */
static void keymat_of(const struct octets *shared, u8 *out)
{
	static const u8 of[5] = { 3, 0xc0, 0xff, 0xee, 0x01 };
	struct octets text;
	u8 k[32];
	struct ike_span v;
	size_t at;

	for (at = 0; at < 160; at += sizeof(k)) {
		text.n = 0;
		if (at)
			add(&text, k, sizeof(k));
		add(&text, shared->p, shared->n);
		add(&text, of, sizeof(of));
		add(&text, setup.ni, setup.ni_len);
		add(&text, setup.nr, setup.nr_len);
		v = octets_span(&text);
		CHECK(!isakmp_prf(IKE_PRF_HMAC_SHA2_256, phase1.skeyid_d, 32, &v, 1, k));
		memcpy(out + at, k, sizeof(k));
	}
}

static void test_keymat(void)
{
	struct octets shared[2] = { { .n = 0 } };
	u8 want[160], got[161];
	size_t i, n;

	stage(&cases[2], IKE_ENCR_AES_CBC, 128);
	CHECK(!skeyid(&cases[2], phase1.skeyid));
	CHECK(!v1_keys_derive(&epoch, &phase1));
	octets_hex(&shared[1], cases[0].shared);
	for (i = 0; i < 2; i++) {
		const struct ike_child_secrets x = {
			octets_span(&shared[i]), { setup.ni, setup.ni_len },
			{ setup.nr, setup.nr_len },
		};

		keymat_of(&shared[i], want);
		for (n = 0; n <= sizeof(want); n++) {
			tap_note("%s, %zu octets", i ? "with PFS" : "without PFS", n);
			memset(got, 0xaa, sizeof(got));
			CHECK(!v1_keymat(&epoch, &x, V1_PROTO_ESP, 0xc0ffee01, got, n));
			CHECK_MEM(got, want, n);
			CHECK_EQ(got[n], 0xaa);
		}
	}
}

/* ---- failures ------------------------------------------------------------------- */

static int all_of_it(u8 *out)
{
	const struct ike_child_secrets x = {
		.ni = { setup.ni, setup.ni_len }, .nr = { setup.nr, setup.nr_len },
	};

	return v1_skeyid_sig(&epoch.suite, &setup, out) ?:
	       v1_skeyid_enc(&epoch.suite, &setup, epoch.spi_i, epoch.spi_r, out) ?:
	       v1_hash_auth(&epoch, true, setup.ni, 8, out) ?:
	       v1_iv_of(&epoch, 7, out) ?: v1_keymat(&epoch, &x, V1_PROTO_ESP, 7, out, 100);
}

/* What cannot be computed is said, and changes nothing. */
static void test_fails(void)
{
	struct v1_phase1 was;
	unsigned long n;
	u8 out[128];

	stage(&cases[0], IKE_ENCR_AES_CBC, 256);
	was = phase1;
	for (n = 1; n < 100; n++) {
		tap_note("failure %lu", n);
		native_mem_fail_at(n);
		if (!v1_keys_derive(&epoch, &phase1))
			break;
		native_mem_fail_at(0);
		CHECK_MEM(&phase1, &was, sizeof(was));
	}
	CHECK_EQ(n, 3 + 2 + 1 + 1);	/* SKEYIDs, K1 and K2, the IV */
	for (n = 1; n < 100; n++) {
		tap_note("failure %lu of the others", n);
		native_mem_fail_at(n);
		if (!all_of_it(out))
			break;
		native_mem_fail_at(0);
		CHECK_EQ(native_mem_outstanding(), 0);
	}
	native_mem_fail_at(0);
	CHECK_EQ(n, 2 + 2 + 1 + 1 + 5 + 1);
	CHECK_EQ(native_mem_outstanding(), 0);
}

/* Half a key stream does not stay. */
static void test_half(void)
{
	const struct ike_child_secrets x = { .ni = { setup.ni, 8 }, .nr = { setup.nr, 8 } };
	u8 out[100], zero[100] = { 0 };

	stage(&cases[0], IKE_ENCR_AES_CBC, 256);
	memset(out, 0xaa, sizeof(out));
	native_mem_fail_at(3);
	CHECK(v1_keymat(&epoch, &x, V1_PROTO_ESP, 7, out, sizeof(out)) < 0);
	native_mem_fail_at(0);
	CHECK_MEM(out, zero, sizeof(out));
}

/* ---- the whole files -------------------------------------------------------------- */

static const char *const fields[] = { "pre-shared-key", "CKY_I", "CKY_R", "Ni", "Nr", "g^xy",
				      "SKEYID", "SKEYID_d", "SKEYID_a", "SKEYID_e" };
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
	return !strcmp(line, "SKEYID_e");
}

static FILE *file;
static enum how file_how;

static u16 group_prf(const char *line)
{
	static const struct { const char *group; u16 prf; } groups[] = {
		{ "[SHA-1]", IKE_PRF_HMAC_SHA1 }, { "[SHA-256]", IKE_PRF_HMAC_SHA2_256 },
		{ "[SHA-384]", IKE_PRF_HMAC_SHA2_384 }, { "[SHA-512]", IKE_PRF_HMAC_SHA2_512 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(groups); i++)
		if (!strncmp(line, groups[i].group, strlen(groups[i].group)))
			return groups[i].prf;
	return 0;	/* SHA-224 is spoken by nobody */
}

static void test_file(void)
{
	struct skeyid_case k = {
		file_how, 0, values[0], values[1], values[2], values[3], values[4], values[5],
		values[6], values[7], values[8], values[9],
	};
	static char line[2048];
	unsigned int n = 0, of[IKE_PRF_HMAC_SHA2_512 + 1] = { 0 };

	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "[SHA-", 5))
			k.prf = group_prf(line);
		if (!read_line(line) || !k.prf)
			continue;
		tap_note("case %u", n);
		check_case(&k);
		of[k.prf]++;
		n++;
	}
	/* Ten of each pair of lengths, or lengths of secrets */
	CHECK_EQ(of[IKE_PRF_HMAC_SHA1], 40);
	CHECK_EQ(of[IKE_PRF_HMAC_SHA2_256], 60);
	CHECK_EQ(of[IKE_PRF_HMAC_SHA2_384], 60);
	CHECK_EQ(of[IKE_PRF_HMAC_SHA2_512], 60);
}

static void run_file(const char *name, enum how how)
{
	const char *dir = getenv("NATIVE_VECTORS");
	char path[512], title[64];

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "../shared/vectors", name);
	snprintf(title, sizeof(title), "SKEYID and its keys: all of %s", name);
	file = fopen(path, "r");
	if (!file) {
		tap_skip(title, "no vectors");
		return;
	}
	file_how = how;
	TAP_RUN(test_file, title);
	fclose(file);
}

int main(void)
{
	TAP_RUN(test_cases, "SKEYID and its keys: published values (RFC 2409, 5)");
	TAP_RUN(test_key, "key of the cipher: SKEYID_e, or Ka (RFC 2409, appendix B)");
	TAP_RUN(test_ivs, "IVs: of phase 1, and of a message ID (RFC 2409, appendix B)");
	TAP_RUN(test_no_cipher, "key of the cipher: CBC alone");
	TAP_RUN(test_weak, "key of the cipher: not a weak one");
	TAP_RUN(test_others, "IVs of a conversation of others: message 5, 6, Quick Mode");
	TAP_RUN(test_hash, "HASH_I and HASH_R (RFC 2409, 5)");
	TAP_RUN(test_keymat, "KEYMAT: with PFS and without, every length (RFC 2409, 5.5)");
	TAP_RUN(test_fails, "every point of failure: nothing changed, nothing leaked");
	TAP_RUN(test_half, "half a KEYMAT does not stay");
	run_file("ikev1_psk.rsp", PSK);
	run_file("ikev1_dsa.rsp", SIG);
	run_file("ikev1_pke.rsp", ENC);
	return tap_done();
}
