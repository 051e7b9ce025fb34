// SPDX-License-Identifier: GPL-2.0
/* The crypto and memory seams' native doubles, held against published facts. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/selftest.c"
#include "keymat.h"
#include "native.h"

static const struct ike_suite gcm128 = { .encr = IKE_ENCR_AES_GCM_16, .keylen = 128 };
static const struct ike_suite gcm256 = { .encr = IKE_ENCR_AES_GCM_16, .keylen = 256 };
static const u8 some_key[ISAKMP_ENCR_KEY_LEN_MAX] = "thirty-two octets of key and four";

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

/* What is spoken, and how long it is: RFC 4106, 8.1; RFC 4868, 2.4; RFC 8031, 3.1 */
static void test_sizes(void)
{
	struct isakmp_sk_size size = isakmp_sk_size(&gcm256);
	struct ike_suite none = { .encr = 19, .keylen = 256 };

	CHECK_EQ(isakmp_prf_len(IKE_PRF_HMAC_SHA2_256), 32);
	CHECK_EQ(isakmp_prf_len(IKE_PRF_HMAC_SHA2_384), 48);
	CHECK_EQ(isakmp_encr_key_len(IKE_ENCR_AES_GCM_16, 128), 16 + 4);
	CHECK_EQ(isakmp_encr_key_len(IKE_ENCR_AES_GCM_16, 256), 32 + 4);
	CHECK_EQ(isakmp_kex_pub_len(IKE_KE_X25519), 32);
	CHECK_EQ(size.iv, 8);
	CHECK_EQ(size.block, 1);
	CHECK_EQ(size.icv, 16);
	CHECK_EQ(isakmp_sk_size(&none).iv, 0);
}

static bool spoken(u8 type, u16 id, u16 keylen)
{
	switch (type) {
	case 1:
		return id == 20 && (keylen == 128 || keylen == 256);
	case 2:
		return (id == 5 || id == 6) && !keylen;
	case 3:
		return id == 0 && !keylen;
	case 4:
		return (id == 0 || id == 31) && !keylen;
	case 5:
		return (id == 0 || id == 1) && !keylen;
	}
	return false;
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
				CHECK_EQ(isakmp_encr_key_len((u16)id, n),
					 spoken(1, (u16)id, n) ? n / 8 + 4 : 0);
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

/* ---- key exchange --------------------------------------------------------- */

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
		if (n != IKE_KE_X25519) {
			CHECK(!isakmp_kex_new((u16)n, pub, &len));
			CHECK_EQ(isakmp_kex_pub_len((u16)n), 0);
		}
}

/* ---- SK payloads ---------------------------------------------------------- */

#define AAD 32

/* AAD octets and @text octets, sealed; the caller frees. */
static u8 *sealed(struct isakmp_sk *sk, size_t text, size_t *n)
{
	u8 *msg;
	size_t i;

	*n = AAD + 8 + text + 16;
	msg = malloc(*n);
	for (i = 0; i < *n; i++)
		msg[i] = (u8)i;
	CHECK(!isakmp_sk_seal(sk, msg, AAD, text));
	return msg;
}

static int opened(struct isakmp_sk *sk, const u8 *msg, size_t n, u8 *copy)
{
	memcpy(copy, msg, n);
	return isakmp_sk_open(sk, copy, AAD, n - AAD);
}

static void sk_round_trip(const struct ike_suite *suite)
{
	struct isakmp_sk *out, *in;
	size_t text, n, i, len = suite->keylen / 8 + 4;
	u8 *msg, *copy;

	out = isakmp_sk_new(suite, some_key, len);
	in = isakmp_sk_new(suite, some_key, len);
	for (text = 0; text < 300; text++) {
		msg = sealed(out, text, &n);
		copy = malloc(n);
		/* The IV is the number of the message */
		CHECK_EQ(get_unaligned_be64(msg + AAD), text + 1);
		/* A repeat is the same octets, and opens as often as it comes */
		for (i = 0; i < 2; i++) {
			CHECK(!opened(in, msg, n, copy));
			CHECK_EQ(copy[AAD + 8], text ? AAD + 8 : copy[AAD + 8]);
			CHECK_MEM(copy, msg, AAD + 8);
		}
		for (i = 0; i < text; i++)
			CHECK_EQ(copy[AAD + 8 + i], (u8)(AAD + 8 + i));
		free(copy);
		free(msg);
	}
	isakmp_sk_free(out);
	isakmp_sk_free(in);
}

static void test_sk_round_trip(void)
{
	sk_round_trip(&gcm128);
	sk_round_trip(&gcm256);
}

static void test_sk_forged(void)
{
	struct isakmp_sk *sk = isakmp_sk_new(&gcm256, some_key, 36), *other;
	u8 key[36], *copy;
	size_t n, bit, cut;
	u8 *msg = sealed(sk, 40, &n);

	copy = malloc(n);
	for (bit = 0; bit < 8 * n; bit++) {
		msg[bit / 8] ^= 1 << bit % 8;
		tap_note("bit %zu", bit);
		CHECK_EQ(opened(sk, msg, n, copy), -EBADMSG);
		msg[bit / 8] ^= 1 << bit % 8;
	}
	for (cut = AAD; cut < n; cut++)
		CHECK_EQ(opened(sk, msg, cut, copy), -EBADMSG);
	/* One octet of associated data taken for IV and the other way round */
	memcpy(copy, msg, n);
	CHECK_EQ(isakmp_sk_open(sk, copy, AAD + 1, n - AAD - 1), -EBADMSG);
	memcpy(copy, msg, n);
	CHECK_EQ(isakmp_sk_open(sk, copy, AAD - 1, n - AAD + 1), -EBADMSG);

	/* Any other key, also where only the salt differs */
	for (bit = 0; bit < 8 * sizeof(key); bit++) {
		memcpy(key, some_key, sizeof(key));
		key[bit / 8] ^= 1 << bit % 8;
		other = isakmp_sk_new(&gcm256, key, sizeof(key));
		CHECK_EQ(opened(other, msg, n, copy), -EBADMSG);
		isakmp_sk_free(other);
	}
	CHECK(!opened(sk, msg, n, copy));
	free(copy);
	free(msg);
	isakmp_sk_free(sk);
}

static void test_sk_key_lengths(void)
{
	static const struct ike_suite unknown = { .encr = 18, .keylen = 128 };
	u8 key[80] = { 1 };
	struct isakmp_sk *sk;
	size_t n;

	for (n = 0; n <= sizeof(key); n++) {
		sk = isakmp_sk_new(&gcm128, key, n);
		CHECK(!sk == (n != 20));
		isakmp_sk_free(sk);
		sk = isakmp_sk_new(&gcm256, key, n);
		CHECK(!sk == (n != 36));
		isakmp_sk_free(sk);
		CHECK(!isakmp_sk_new(&unknown, key, n));
	}
	isakmp_sk_free(NULL);
}

/* THREATS: nonce reuse.  RFC 5282, 3.1: MUST NOT be used twice with a key. */
#define CPUS 2
#define SEALS 1000000

static struct isakmp_sk *shared_sk;
static u8 iv_seen[CPUS * SEALS + 1];

static void *seal_many(void *unused)
{
	u8 msg[AAD + 8 + 16] = { 0 };
	u64 iv;
	int i;

	for (i = 0; i < SEALS; i++) {
		if (isakmp_sk_seal(shared_sk, msg, AAD, 0))
			native_die("isakmp_sk_seal() failed");
		iv = get_unaligned_be64(msg + AAD);
		if (iv && iv <= CPUS * SEALS)
			__atomic_add_fetch(&iv_seen[iv], 1, __ATOMIC_RELAXED);
	}
	return unused;
}

static void test_iv_unique(void)
{
	pthread_t cpu[CPUS];
	size_t i, once = 0;

	shared_sk = isakmp_sk_new(&gcm128, some_key, 20);
	for (i = 0; i < CPUS; i++)
		CHECK(!pthread_create(&cpu[i], NULL, seal_many, NULL));
	for (i = 0; i < CPUS; i++)
		pthread_join(cpu[i], NULL);
	for (i = 1; i < sizeof(iv_seen); i++)
		once += iv_seen[i] == 1;
	CHECK_EQ(once, CPUS * SEALS);
	isakmp_sk_free(shared_sk);
}

static void test_iv_used_up(void)
{
	struct isakmp_sk *sk = isakmp_sk_new(&gcm128, some_key, 20);
	u8 msg[AAD + 8 + 16] = { 0 };

	native_sk_used(sk, ISAKMP_SEALS_MAX - 1);
	CHECK(!isakmp_sk_seal(sk, msg, AAD, 0));
	CHECK_EQ(get_unaligned_be64(msg + AAD), 0xffffffff);
	CHECK_EQ(isakmp_sk_seal(sk, msg, AAD, 0), -EOVERFLOW);
	CHECK_EQ(isakmp_sk_seal(sk, msg, AAD, 0), -EOVERFLOW);
	isakmp_sk_free(sk);
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

static u8 scratch[IKE_KE_MAX];
static u16 scratch_len;
static struct isakmp_sk *a_sk;
static struct isakmp_kex *a_kex;

static void softirq(void)
{
	native_ctx(NATIVE_SOFTIRQ);
}

static void do_alloc(void) { softirq(); isakmp_alloc(1); }
static void do_prf(void) { softirq(); isakmp_prf(5, some_key, 32, NULL, 0, scratch); }
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
	isakmp_encr_key_len(20, 128);
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
	CHECK_EQ(n, 7);
	CHECK(!one_of_each());
	CHECK_EQ(native_mem_points(), 6);
	CHECK_EQ(native_mem_outstanding(), before);
}

static void test_nothing_left(void)
{
	CHECK_EQ(native_mem_outstanding(), 0);
}

int main(void)
{
	TAP_RUN(test_known_answers, "known answers: RFC 4231, GCM, RFC 8031, RFC 7748");
	TAP_RUN(test_keymat, "key derivation: NIST CAVP (RFC 7296, 2.13 to 2.18)");
	TAP_RUN(test_siphash, "siphash-2-4: its authors' table");
	TAP_RUN(test_sizes, "sizes of keys, outputs, SK payloads");
	TAP_RUN(test_has, "has: exactly the transforms spoken, every type and ID");
	TAP_RUN(test_prf_pieces, "prf: pieces are one message");
	TAP_RUN(test_prf_edges, "prf: keys of any length, output over input, unknown ones");
	TAP_RUN(test_kex, "kex: both sides agree, keys are fresh");
	TAP_RUN(test_kex_refused, "kex: lengths and groups that are refused");
	TAP_RUN(test_sk_round_trip, "sk: open undoes seal, IVs count, repeats open");
	TAP_RUN(test_sk_forged, "sk: every flipped bit, cut and other key is refused");
	TAP_RUN(test_sk_key_lengths, "sk: key lengths");
	TAP_RUN(test_iv_unique, "sk: two CPUs never use an IV twice (RFC 5282, 3.1)");
	TAP_RUN(test_iv_used_up, "sk: the counter ends");
	TAP_RUN(test_seed, "random: a seed replays");
	TAP_RUN(test_differ, "differ: every bit, every length");
	TAP_RUN(test_contexts, "contract: process seams abort in softirq");
	TAP_RUN(test_memory, "memory: accounts, zeroes, notices abuse");
	TAP_RUN(test_fail_nth, "memory: every point of failure fails once");
	TAP_RUN(test_nothing_left, "memory: all tests together left nothing");
	return tap_done();
}
