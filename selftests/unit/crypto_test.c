// SPDX-License-Identifier: GPL-2.0
/* The crypto and memory seams' native doubles, held against published facts. */
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/selftest.c"
#include "keymat.h"
#include "native.h"

static const struct ike_suite gcm128 = { .encr = IKE_ENCR_AES_GCM_16, .keylen = 128 };
static const u8 some_key[ISAKMP_ENCR_KEY_LEN_MAX] = "thirty-two octets of key and four";
static u8 scratch[IKE_KE_MAX];
static u16 scratch_len;

/* ---- facts ---------------------------------------------------------------- */

static void test_known_answers(void)
{
	const char *bad = selftest_run();

	tap_check(!bad, TAP_WHERE, "%s", bad);
}

/* NIST CAVP, IKEv2, DH group 2, COUNT = 0 */
static const struct keymat_case nist[] = {
	{
		.prf = IKE_PRF_HMAC_SHA2_256,
		.ni =
		"ed80dc79912c32a9",
		.nr =
		"35fb6d1a3feac078",
		.gir =
		"42968e5d0ccc3cfc5a3e4bc1bba370cea1fae0d54c49ccba34b2bee804beeb2e"
		"9e8c57a4e01bd45102cf2433aacc6cfec06792f363e5170e6aa6650274e90664"
		"8e449d27a8f00b5b44261982c9835c748a751ec5138eaacc5e025661339538a6"
		"1bf418e454699e19c32db8d9ce5dd86b220f1e89afc5872e68be36cb1a0c8866",
		.gir_new =
		"a0747f546ca1460016828843c9a5bfaff64f1beb0eaf2a7999a55790851546b9"
		"3e79600e9c1fd263f10e0a6b0b3efe0cada3e57e2352779156392d2372fe834e"
		"874d0aaecff5d1ba0dfb02b1b7848275e5f6951a57fda99d365acf3a8909139a"
		"d8714995ffc7aedd5764d36c1a6936afacfbee7ab74a44695019ee544c9b525f",
		.spi_i =
		"47c1858efc932ea4",
		.spi_r =
		"606fd05609624002",
		.skeyseed =
		"37fde90b81d63692620f67367b62092e3efdc6a03509137d731004767ff35010",
		.dkm =
		"63d018a08f7a29daa7d1f92cb63f45fa39bbaf5e5f1a78139613bb891e3e6bf9"
		"d0448f7c74e05b4c1a25c0b61e62c875e852f287e192d4ae536112db51972164"
		"00bd5e123470efc15f53161865fe8b19a1416518a157d651ecd2caddab6a9eae"
		"6a27a55af088218d5156edaa9789f934d9836ed43edffda553822202ff9f7d48"
		"60ca72e0",
		.child =
		"1aa75030d18185338fb509c3822481bb1cc7cd96cfcc29e110287a4ea2798be3"
		"455edb260ab8b3d503cfbd24f36833ff3506c741dd641d4c425087221e231dc6"
		"058ce3c620424c884c631abd9482c9ffada2e11f0c011dc4cbb35dd2bdfb47a7"
		"5bdd7cb1a7f2f81ffabe183d37ab5c43b16e9099adbb4f97385d6cdbb08ed54d"
		"ae99585b",
		.child_dh =
		"c4bcf3b4f6cd8e1801700e4b0ce435e3688fffd3f8e8523e8099de77689b1600"
		"c1272e6bf908624df0742bc95843e3e83859d2e1f658b4b0217440e06b7f1006"
		"9b3cc8f68f499069a3febff59a14ae2a8a5f40b664b4a6bcffe742ce257d41d1"
		"70c295e3b92ae515e827b83399aab6484da2256715fa5a9b11f6f76c29e33f71"
		"68ac6e96",
		.rekey =
		"42a6415f55def1a764aa3265a0ab43e3702d7d6d36a0bf2f19952816d6209a3a",
	},
	{
		.prf = IKE_PRF_HMAC_SHA2_384,
		.ni =
		"d672b0bc852829b9",
		.nr =
		"3509f3b724706364",
		.gir =
		"4df040b70978629c49437cff41a0d46cbea68c8d75b370ffc11d7b387144ea83"
		"bb5903fbb92e473df50a9b19ea43e9c2f3da9a849c03864276c6f264ecf02a60"
		"d40ba65c06656b633f02a87427e928eb66a2dabd9dc05744717bcaf7ae78c296"
		"872f5c48d1a8120c2155b70c565ce271998e3e44af263d487ea3ba7f56132d7d",
		.gir_new =
		"33882fcf9f9d2b288ff445472460540b6c49fde58a1780e8ab9cccc9f52d7496"
		"efa6f75f6ada498a3ffe58b7041703ecb6be3d7eb34ec0ba6a5deb2ed25084fd"
		"70c3864a51db45853a53e0b03ec70caea4d8980b7888fdaa476869dfeff8bdcf"
		"56b674155e17f84e7e16f6a36577aeae3fc8b4628b35a9d5931a54146abeb351",
		.spi_i =
		"0f9a016d7b22223c",
		.spi_r =
		"85f710daf8b982d8",
		.skeyseed =
		"54436a9ea95d6ff79b967f4b07f6de976a376e8ea26aa9574709afc60243c9c1"
		"41da4ca0e158e627a75ea87f6feb07ef",
		.dkm =
		"10b00a654643b3b985764f86e23ef62431122fcc96de16e338a372bee49391db"
		"1f83a7358c080380abbf4af47cdb83b9530343168f7dbc9221260e1546c6b383"
		"e2235d2705a727f0b41aebf6a1b4c61cb460660152a17ba74c20d5191ba68417"
		"94945270d829587b7f3294639ea7b77149e1d07230ac16e0cd5ab236fa3212bd"
		"569ee70f",
		.child =
		"4c9ec3b05eb0cfd152d11804bd3520a6e315cf15f410af193e32a6bc99e15d59"
		"49a2666eacd9381b381820f9728357a4ae049422fb522cfc21d49092254683eb"
		"da5069621d37d17cbb694feb8a4eb6735ecabbc4b5879d1a1d03e1ded9a5e4e7"
		"10ef567ea761e92265a621a8a5de07e775e2271b01ae144d97afb8e5134d0cc8"
		"cd84e844",
		.child_dh =
		"97763f88a28155c4d3a9743a97626802ddede20c72603b239945202d7fb0c242"
		"5db473435827655e8dd1184a4e4978090033c4c4459d4e97c3299c22f55aea8b"
		"294c838091f7212b6645528d9c4b5cbbcac3e760e316b68da7930c816d26c297"
		"5da5fdc8e17a11fe70e2d3e0e231e9a5895cac9b984af16049b40182175d9c1f"
		"416f87ac",
		.rekey =
		"015828c9b1581c40aa3b1d37fc01a2f36450c2e9a73e23f37ff9045d7bfcf739"
		"85b5d558a178d70d0bf1a4cf6c657f14",
	},
};

static void test_keymat(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nist); i++)
		keymat_check(&nist[i]);
}

/* The SipHash-2-4 authors' table: key 00 01 .. 0f, message 00 01 .. (n - 1) */
static void test_siphash(void)
{
	static const struct { size_t n; u64 hash; } facts[] = {
		{ 0, 0x726fdb47dd0e0e31 }, { 1, 0x74f839c593dc67fd },
		{ 2, 0x0d6c8009d9a94f5a }, { 3, 0x85676696d7fb7e2d },
		{ 8, 0x93f5f5799a932462 }, { 15, 0xa129ca6149be45e5 },
	};
	static const u64 key[2] = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
	u8 msg[16];
	size_t i;

	for (i = 0; i < sizeof(msg); i++)
		msg[i] = (u8)i;
	for (i = 0; i < ARRAY_SIZE(facts); i++)
		CHECK_EQ(isakmp_siphash(key, msg, facts[i].n), facts[i].hash);
}

/* What is spoken, and how long it is, written out once more: IANA's numbers, octets. */
static const struct { u16 id, len; } prfs[] = {
	{ 1, 16 }, { 2, 20 }, { 5, 32 }, { 6, 48 }, { 7, 64 },
};

/* @key: octets of the key, 0: an attribute says how many bits */
static const struct { u16 id; u8 salt; bool aead; u8 key; } encrs[] = {
	{ 3, 0, false, 24 }, { 12, 0, false, 0 }, { 13, 4, false, 0 },
	{ 14, 3, true, 0 }, { 15, 3, true, 0 }, { 16, 3, true, 0 },
	{ 18, 4, true, 0 }, { 19, 4, true, 0 }, { 20, 4, true, 0 },
	{ 28, 4, true, 32 },
};

static const struct { u16 id, key; } integs[] = {
	{ 1, 16 }, { 2, 20 }, { 12, 32 }, { 13, 48 }, { 14, 64 },
};

static const struct { u16 id, len; bool helper; } groups[] = {
	{ 2, 128, false }, { 5, 192, false }, { 14, 256, false }, { 15, 384, false },
	{ 16, 512, false }, { 17, 768, false }, { 18, 1024, false }, { 19, 64, false },
	{ 20, 96, false }, { 21, 132, true }, { 31, 32, false }, { 32, 56, true },
};

/* @key: octets; with an attribute also 24 and 32 */
static const struct { u16 id; u8 block, key; bool attribute; } cbcs[] = {
	{ 3, 8, 24, false }, { 12, 16, 16, true },
};

static bool cbc_key(size_t i, size_t key)
{
	return key == cbcs[i].key || (cbcs[i].attribute && (key == 24 || key == 32));
}

static size_t encr_key(u16 id, u16 keylen)
{
	bool aes = keylen == 128 || keylen == 192 || keylen == 256;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(encrs); i++)
		if (encrs[i].id == id && (encrs[i].key ? !keylen : aes))
			return (keylen ? keylen / 8 : encrs[i].key) + encrs[i].salt;
	return 0;
}

static size_t listed(u8 type, u16 id)
{
	size_t i;

	for (i = 0; type == 2 && i < ARRAY_SIZE(prfs); i++)
		if (prfs[i].id == id)
			return prfs[i].len;
	for (i = 0; type == 3 && i < ARRAY_SIZE(integs); i++)
		if (integs[i].id == id)
			return integs[i].key;
	for (i = 0; type == 4 && i < ARRAY_SIZE(groups); i++)
		if (groups[i].id == id)
			return groups[i].len;
	return 0;
}

static bool spoken(u8 type, u16 id, u16 keylen)
{
	if (type == 1)
		return encr_key(id, keylen);
	if (keylen)
		return false;
	if (type == 3 || type == 4)
		return !id || listed(type, id);
	return type == 5 ? id < 2 : listed(type, id);
}

static void test_has(void)
{
	static const u16 keylens[] = { 0, 1, 64, 127, 128, 129, 192, 255, 256, 257, 512, 65535 };
	unsigned int type, id, i;

	for (type = 0; type < 256; type++)
		for (id = 0; id < 300; id++)
			for (i = 0; i < ARRAY_SIZE(keylens); i++) {
				u16 n = keylens[i];

				tap_note("type %u id %u keylen %u", type, id, n);
				CHECK_EQ(isakmp_crypto_has((u8)type, (u16)id, n),
					 spoken((u8)type, (u16)id, n));
			}
}

/* No number from the wire is an index into a table of ours, or 0 octets of key. */
static void test_ids(void)
{
	unsigned int id, n;

	for (id = 0; id <= U16_MAX; id++) {
		tap_note("id %u", id);
		CHECK_EQ(isakmp_prf_len((u16)id), listed(2, (u16)id));
		CHECK_EQ(isakmp_integ_key_len((u16)id), listed(3, (u16)id));
		CHECK_EQ(isakmp_kex_pub_len((u16)id), listed(4, (u16)id));
		CHECK_EQ(isakmp_kex_by_helper((u16)id), id == 21 || id == 32);
		CHECK_EQ(isakmp_encr_is_aead((u16)id),
			 (id >= 14 && id <= 20 && id != 17) || id == 28);
		for (n = 0; n <= 512; n++)
			if (isakmp_encr_key_len((u16)id, (u16)n) != encr_key((u16)id, (u16)n))
				CHECK_EQ(isakmp_encr_key_len((u16)id, (u16)n), n);
	}
	for (n = 0; n <= U16_MAX; n++)
		for (id = 0; id < 40; id++)
			if (isakmp_encr_key_len((u16)id, (u16)n) != encr_key((u16)id, (u16)n))
				CHECK_EQ(isakmp_encr_key_len((u16)id, (u16)n), n);
}

/* What the running kernel cannot instantiate is not had, and what stands on it neither. */
static void test_lacking(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(encrs); i++) {
		u16 keylen = encrs[i].key ? 0 : 128;

		native_without(IKE_T_ENCR, encrs[i].id);
		CHECK(!isakmp_crypto_has(IKE_T_ENCR, encrs[i].id, keylen));
		CHECK(isakmp_cbc(encrs[i].id, some_key, encrs[i].key ?: 16,
				 scratch, scratch + 16, 16, true) < 0);
	}
	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		native_without(IKE_T_KE, groups[i].id);
		CHECK(!isakmp_crypto_has(IKE_T_KE, groups[i].id, 0));
		CHECK(!isakmp_kex_new(groups[i].id, scratch, &scratch_len));
	}
	for (i = 0; i < ARRAY_SIZE(prfs); i++) {
		native_without(IKE_T_PRF, prfs[i].id);
		CHECK(!isakmp_crypto_has(IKE_T_PRF, prfs[i].id, 0));
		CHECK(!isakmp_crypto_has(IKE_T_INTEG, integs[i].id, 0));
		CHECK_EQ(isakmp_prf(prfs[i].id, some_key, 32, NULL, 0, scratch), -EINVAL);
		CHECK_EQ(isakmp_hash(prfs[i].id, NULL, 0, scratch), -EINVAL);
	}
	native_without(0, 0);
	CHECK(isakmp_crypto_has(IKE_T_PRF, 7, 0));
	CHECK(isakmp_crypto_has(IKE_T_INTEG, 14, 0));
}

/* FIPS 180-1, A and B; the empty string */
static void test_sha1(void)
{
	static const struct { const char *msg, *hash; } facts[] = {
		{ "", "\xda\x39\xa3\xee\x5e\x6b\x4b\x0d\x32\x55\xbf\xef\x95\x60\x18\x90\xaf\xd8\x07\x09" },
		{ "abc", "\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e\x25\x71\x78\x50\xc2\x6c\x9c\xd0\xd8\x9d" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "\x84\x98\x3e\x44\x1c\x3b\xd2\x6e\xba\xae\x4a\xa1\xf9\x51\x29\xe5\xe5\x46\x70\xf1" },
	};
	struct ike_span v[2];
	u8 out[20];
	size_t i, cut;

	for (i = 0; i < ARRAY_SIZE(facts); i++)
		for (cut = 0; cut <= strlen(facts[i].msg); cut++) {
			v[0] = (struct ike_span){ (const u8 *)facts[i].msg, cut };
			v[1] = (struct ike_span){ v[0].p + cut, strlen(facts[i].msg) - cut };
			CHECK(!isakmp_sha1(v, 2, out));
			CHECK_MEM(out, facts[i].hash, 20);
		}
}

/* ---- prf ------------------------------------------------------------------ */

static void test_prf_pieces(void)
{
	u8 data[300], whole[48], pieces[48];
	struct ike_span v[3];
	size_t cut;

	isakmp_random(data, sizeof(data));
	v[0] = (struct ike_span){ data, sizeof(data) };
	CHECK(!isakmp_prf(IKE_PRF_HMAC_SHA2_384, some_key, 36, v, 1, whole));
	for (cut = 0; cut <= sizeof(data); cut++) {
		v[0] = (struct ike_span){ data, cut / 2 };
		v[1] = (struct ike_span){ data + cut / 2, cut - cut / 2 };
		v[2] = (struct ike_span){ data + cut, sizeof(data) - cut };
		CHECK(!isakmp_prf(IKE_PRF_HMAC_SHA2_384, some_key, 36, v, 3, pieces));
		CHECK_MEM(whole, pieces, sizeof(whole));
	}
}

/* A key of every length around the block, and prf+'s habit: out is also a piece. */
static void test_prf_edges(void)
{
	struct ike_span v = { some_key, 10 }, t;
	u8 key[200], out[48], again[48];
	size_t n;

	memset(key, 7, sizeof(key));
	for (n = 0; n <= sizeof(key); n++)
		CHECK(!isakmp_prf(IKE_PRF_HMAC_SHA2_256, key, n, &v, 1, out));
	CHECK(!isakmp_prf(IKE_PRF_HMAC_SHA2_256, NULL, 0, NULL, 0, out));

	memcpy(out, some_key, 32);
	t = (struct ike_span){ out, 32 };
	v.len = 32;
	CHECK(!isakmp_prf(IKE_PRF_HMAC_SHA2_256, some_key, 32, &t, 1, out));
	CHECK(!isakmp_prf(IKE_PRF_HMAC_SHA2_256, some_key, 32, &v, 1, again));
	CHECK_MEM(out, again, 32);

	CHECK_EQ(isakmp_prf(4, some_key, 32, &v, 1, out), -EINVAL);
	CHECK_EQ(isakmp_prf(0, some_key, 32, &v, 1, out), -EINVAL);
}

/* ---- cbc ------------------------------------------------------------------ */

/* A chain of IVs: however a text is cut into messages, they are one. */
static void test_cbc_chain(void)
{
	u8 text[96], whole[96], cut[96], iv[16] = { 1 }, end[16] = { 1 };
	size_t at, n;

	isakmp_random(text, sizeof(text));
	memcpy(whole, text, sizeof(text));
	CHECK(!isakmp_cbc(IKE_ENCR_AES_CBC, some_key, 32, end, whole, sizeof(whole), true));
	for (at = 0; at < sizeof(cut); at += n) {
		n = at ? 32 : 64;
		memcpy(cut + at, text + at, n);
		CHECK(!isakmp_cbc(IKE_ENCR_AES_CBC, some_key, 32, iv, cut + at, n, true));
	}
	CHECK_MEM(cut, whole, sizeof(cut));
	CHECK_MEM(iv, end, sizeof(iv));
	memset(iv, 0, sizeof(iv));
	iv[0] = 1;
	CHECK(!isakmp_cbc(IKE_ENCR_AES_CBC, some_key, 32, iv, cut, 16, false));
	CHECK(!isakmp_cbc(IKE_ENCR_AES_CBC, some_key, 32, iv, cut + 16, 80, false));
	CHECK_MEM(cut, text, sizeof(cut));
	CHECK_MEM(iv, end, sizeof(iv));
}

/* Which ciphers have it; half blocks and keys of another length change nothing. */
static void test_cbc_edges(void)
{
	u8 text[40] = "forty octets that are two blocks and 8", was[40], iv[16] = { 7 }, iv_was[16];
	unsigned int id;
	size_t n, key;

	memcpy(was, text, sizeof(text));
	memcpy(iv_was, iv, sizeof(iv));
	for (id = 0; id <= U16_MAX; id++) {
		bool cbc = false;

		for (n = 0; n < ARRAY_SIZE(cbcs); n++)
			cbc |= cbcs[n].id == id;
		tap_note("id %u", id);
		CHECK_EQ(isakmp_cbc_block((u16)id) != 0, cbc);
		if (!cbc)
			CHECK_EQ(isakmp_cbc((u16)id, some_key, 16, iv, text, 32, true), -EINVAL);
	}
	for (n = 0; n < ARRAY_SIZE(cbcs); n++) {
		tap_note("id %u", cbcs[n].id);
		CHECK_EQ(isakmp_cbc_block(cbcs[n].id), cbcs[n].block);
		for (key = 0; key < 300; key++)
			if (!cbc_key(n, key))
				CHECK_EQ(isakmp_cbc(cbcs[n].id, some_key, key, iv, text,
						    cbcs[n].block, true), -EINVAL);
		for (id = 0; id < sizeof(text); id++)
			if (!id || id % cbcs[n].block)
				CHECK_EQ(isakmp_cbc(cbcs[n].id, some_key, cbcs[n].key, iv, text, id,
						    false), -EINVAL);
	}
	CHECK_MEM(text, was, sizeof(text));
	CHECK_MEM(iv, iv_was, sizeof(iv));
}

/* RFC 2451, 2.3: of three keys two that stand side by side are the same, but for parity. */
static void test_weak(void)
{
	static const struct { const char *key; bool weak; } keys[] = {
		{ "abcdefgh" "ijklmnop" "qrstuvwx", false },
		{ "abcdefgh" "abcdefgh" "qrstuvwx", true },
		{ "abcdefgh" "`ccedgfi" "qrstuvwx", true },
		{ "abcdefgh" "ijklmnop" "ijklmnop", true },
		{ "abcdefgh" "ijklmnop" "hjjlnnoq", false },
		{ "abcdefgh" "ijklmnop" "abcdefgh", false },
		{ "abcdefgh" "abcdefgh" "abcdefgh", true },
		{ "abcdefgh" "abcdefgj" "qrstuvwx", false },
		{ "abcdefgh" "cbcdefgh" "qrstuvwx", false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		tap_note("row %zu", i);
		CHECK_EQ(isakmp_encr_key_weak(IKE_ENCR_3DES, (const u8 *)keys[i].key), keys[i].weak);
		CHECK(!isakmp_encr_key_weak(IKE_ENCR_AES_CBC, (const u8 *)keys[i].key));
	}
}

/* ---- chance, comparing ---------------------------------------------------- */

static void test_seed(void)
{
	u8 a[100], b[100], pub_a[32], pub_b[32];
	u16 n;

	native_seed(1);
	isakmp_random(a, sizeof(a));
	isakmp_kex_free(isakmp_kex_new(IKE_KE_X25519, pub_a, &n));
	native_seed(1);
	isakmp_random(b, sizeof(b));
	isakmp_kex_free(isakmp_kex_new(IKE_KE_X25519, pub_b, &n));
	CHECK_MEM(a, b, sizeof(a));
	CHECK_MEM(pub_a, pub_b, sizeof(pub_a));
	isakmp_random(b, sizeof(b));
	CHECK(memcmp(a, b, 16));
	native_seed(2);
	isakmp_random(b, sizeof(b));
	CHECK(memcmp(a, b, 16));
}

static void test_differ(void)
{
	u8 a[40] = { 0 }, b[40] = { 0 };
	size_t bit, n;

	for (bit = 0; bit < 8 * sizeof(a); bit++) {
		b[bit / 8] ^= 1 << bit % 8;
		for (n = 0; n <= sizeof(a); n++)
			CHECK_EQ(isakmp_differ(a, b, n), n > bit / 8);
		b[bit / 8] ^= 1 << bit % 8;
	}
}

/* ---- the contract --------------------------------------------------------- */

/* Does @run abort?  Asked of a child; what it says is not shown. */
static bool aborts(void (*run)(void))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		run();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#define AAD 32

static struct isakmp_sk *a_sk;
static struct isakmp_kex *a_kex;

static void softirq(void)
{
	native_ctx(NATIVE_SOFTIRQ);
}

static void do_alloc(void) { softirq(); isakmp_alloc(1); }
static void do_prf(void) { softirq(); isakmp_prf(5, some_key, 32, NULL, 0, scratch); }
static void do_sha1(void) { softirq(); isakmp_sha1(NULL, 0, scratch); }
static void do_hash(void) { softirq(); isakmp_hash(5, NULL, 0, scratch); }
static void do_cbc(void) { softirq(); isakmp_cbc(12, some_key, 16, scratch, scratch + 16, 16, true); }
static void do_kex_new(void) { softirq(); isakmp_kex_new(31, scratch, &scratch_len); }
static void do_kex_free(void) { softirq(); isakmp_kex_free(NULL); }
static void do_sk_new(void) { softirq(); isakmp_sk_new(&gcm128, some_key, 20); }
static void do_sk_free(void) { softirq(); isakmp_sk_free(NULL); }
static void do_seal(void) { softirq(); isakmp_sk_seal(a_sk, scratch, AAD, 0); }
static void do_open(void) { softirq(); isakmp_sk_open(a_sk, scratch, AAD, 24); }

static void do_derive(void)
{
	softirq();
	isakmp_kex_derive(a_kex, scratch, 32, scratch + 32, &scratch_len);
}

static void do_any(void)
{
	static const u64 key[2];

	softirq();
	isakmp_random(scratch, 8);
	isakmp_differ(scratch, scratch + 8, 8);
	isakmp_siphash(key, scratch, 8);
	isakmp_prf_len(5);
	isakmp_integ_key_len(12);
	isakmp_encr_is_aead(20);
	isakmp_kex_by_helper(31);
	isakmp_encr_key_len(20, 128);
	isakmp_cbc_block(12);
	isakmp_kex_pub_len(31);
	isakmp_sk_size(&gcm128);
	isakmp_crypto_has(1, 20, 128);
	isakmp_free(NULL);
}

static void test_contexts(void)
{
	a_sk = isakmp_sk_new(&gcm128, some_key, 20);
	a_kex = isakmp_kex_new(IKE_KE_X25519, scratch, &scratch_len);
	CHECK(aborts(do_alloc));
	CHECK(aborts(do_prf));
	CHECK(aborts(do_sha1));
	CHECK(aborts(do_hash));
	CHECK(aborts(do_cbc));
	CHECK(aborts(do_kex_new));
	CHECK(aborts(do_derive));
	CHECK(aborts(do_kex_free));
	CHECK(aborts(do_sk_new));
	CHECK(aborts(do_sk_free));
	CHECK(aborts(do_seal));
	CHECK(aborts(do_open));
	CHECK(!aborts(do_any));
	isakmp_kex_free(a_kex);
	isakmp_sk_free(a_sk);
}

static void do_write_behind(void)
{
	/* Through a pointer the sanitizer does not follow: the double must see it */
	u8 *p = isakmp_alloc(5);
	volatile size_t behind = 5;

	p[behind] ^= 1;
	isakmp_free(p);
}

static void do_free_foreign(void)
{
	static u8 foreign[64] __attribute__((aligned(16)));

	isakmp_free(foreign + 48);
}

static void test_memory(void)
{
	size_t before = native_mem_outstanding(), bytes = native_mem_bytes();
	u8 *a = isakmp_alloc(100), *b = isakmp_alloc(16);
	size_t i;

	for (i = 0; i < 100; i++)
		CHECK_EQ(a[i], 0);
	CHECK_EQ(native_mem_outstanding(), before + 2);
	CHECK_EQ(native_mem_bytes(), bytes + 116);
	memcpy(a + 7, some_key, 16);
	CHECK(native_mem_holds(some_key, 16));
	isakmp_free(a);
	CHECK(!native_mem_holds(some_key, 16));
	isakmp_free(b);
	isakmp_free(NULL);
	CHECK_EQ(native_mem_outstanding(), before);
	CHECK_EQ(native_mem_bytes(), bytes);
	CHECK(aborts(do_write_behind));
	CHECK(aborts(do_free_foreign));
}

static int one_of_each(void)
{
	struct isakmp_sk *sk = isakmp_sk_new(&gcm128, some_key, 20);
	struct isakmp_kex *k = isakmp_kex_new(IKE_KE_X25519, scratch, &scratch_len);
	u8 msg[AAD + 8 + 16] = { 0 };
	int err = -ENOMEM;

	if (sk && k)
		err = isakmp_kex_derive(k, scratch, 32, scratch + 32, &scratch_len) ?:
		      isakmp_prf(5, some_key, 32, NULL, 0, scratch) ?:
		      isakmp_hash(5, NULL, 0, scratch) ?:
		      isakmp_cbc(12, some_key, 16, scratch, scratch + 16, 16, true) ?:
		      isakmp_sk_seal(sk, msg, AAD, 0) ?: isakmp_sk_open(sk, msg, AAD, 24);
	isakmp_kex_free(k);
	isakmp_sk_free(sk);
	return err;
}

static void test_fail_nth(void)
{
	size_t before = native_mem_outstanding();
	unsigned long n;

	for (n = 1; n < 100; n++) {
		native_mem_fail_at(n);
		if (!one_of_each())
			break;
		CHECK_EQ(native_mem_outstanding(), before);
	}
	native_mem_fail_at(0);
	CHECK_EQ(n, 9);
	CHECK(!one_of_each());
	CHECK_EQ(native_mem_points(), 8);
	CHECK_EQ(native_mem_outstanding(), before);
}

static void test_nothing_left(void)
{
	CHECK_EQ(native_mem_outstanding(), 0);
}

int main(void)
{
	TAP_RUN(test_known_answers, "known answers: PRFs, hashes, CBC, SK payloads, key exchanges");
	TAP_RUN(test_keymat, "key derivation: NIST CAVP (RFC 7296, 2.13 to 2.18)");
	TAP_RUN(test_siphash, "siphash-2-4: its authors' table");
	TAP_RUN(test_has, "has: exactly the transforms spoken, every type and ID");
	TAP_RUN(test_ids, "ids: all 65536 of each type, all key lengths (threat 75) (threat 78) (threat 79)");
	TAP_RUN(test_lacking, "has: what cannot be instantiated is not had (threat 77)");
	TAP_RUN(test_sha1, "sha1: its authors' answers, in pieces");
	TAP_RUN(test_prf_pieces, "prf: pieces are one message");
	TAP_RUN(test_prf_edges, "prf: keys of any length, output over input, unknown ones");
	TAP_RUN(test_cbc_chain, "cbc: the last block is the IV of what follows");
	TAP_RUN(test_cbc_edges, "cbc: all 65536 IDs, other keys and half blocks are refused");
	TAP_RUN(test_weak, "weak keys: 3DES that is DES");
	TAP_RUN(test_seed, "random: a seed replays");
	TAP_RUN(test_differ, "differ: every bit, every length");
	TAP_RUN(test_contexts, "contract: process seams abort in softirq");
	TAP_RUN(test_memory, "memory: accounts, zeroes, notices abuse");
	TAP_RUN(test_fail_nth, "memory: every point of failure fails once");
	TAP_RUN(test_nothing_left, "memory: all tests together left nothing");
	return tap_done();
}
