// SPDX-License-Identifier: GPL-2.0
/* SK payloads through the crypto seam's native double: every suite. */
#include <pthread.h>

#include "crypto/sizes.h"
#include "ike/seam.h"
#include "native.h"
#include "tap.h"

#define AAD 32		/* an IKE header and SK's own */
#define KEY_MAX (ISAKMP_ENCR_KEY_LEN_MAX + ISAKMP_INTEG_KEY_LEN_MAX)

static u8 some_key[KEY_MAX + 1];

/*
 * One row per ENCR transform: key lengths and INTEG are added by suites().  @key: octets
 * of the key, where no attribute says it.
 */
static const struct { u16 encr; u8 salt, iv, block, icv, key; } kinds[] = {
	{ IKE_ENCR_3DES, 0, 8, 8, 0, 24 },
	{ IKE_ENCR_AES_CBC, 0, 16, 16, 0, 0 },
	{ IKE_ENCR_AES_CTR, 4, 8, 1, 0, 0 },
	{ IKE_ENCR_AES_CCM_8, 3, 8, 1, 8, 0 },
	{ IKE_ENCR_AES_CCM_12, 3, 8, 1, 12, 0 },
	{ IKE_ENCR_AES_CCM_16, 3, 8, 1, 16, 0 },
	{ IKE_ENCR_AES_GCM_8, 4, 8, 1, 8, 0 },
	{ IKE_ENCR_AES_GCM_12, 4, 8, 1, 12, 0 },
	{ IKE_ENCR_AES_GCM_16, 4, 8, 1, 16, 0 },
	{ IKE_ENCR_CHACHA20_POLY1305, 4, 8, 1, 16, 32 },
};

static const struct { u16 integ; u8 key, icv; } macs[] = {
	{ IKE_INTEG_HMAC_MD5_96, 16, 12 },
	{ IKE_INTEG_HMAC_SHA1_96, 20, 12 },
	{ IKE_INTEG_HMAC_SHA2_256_128, 32, 16 },
	{ IKE_INTEG_HMAC_SHA2_384_192, 48, 24 },
	{ IKE_INTEG_HMAC_SHA2_512_256, 64, 32 },
};

struct combination {
	struct ike_suite suite;
	struct isakmp_sk_size size;
	size_t key;
};

#define COMBINATIONS_MAX 64

static struct combination all[COMBINATIONS_MAX];
static size_t n_all;

static void add(u16 encr, u16 keylen, size_t key, u16 integ, struct isakmp_sk_size size)
{
	all[n_all++] = (struct combination){
		{ .encr = encr, .keylen = keylen, .integ = integ }, size, key,
	};
}

static void suites(void)
{
	size_t i, m;
	u16 keylen;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		for (keylen = 128; keylen <= 256; keylen = (u16)(keylen + 64)) {
			struct isakmp_sk_size size = { kinds[i].iv, kinds[i].block, kinds[i].icv };
			size_t key = (kinds[i].key ?: keylen / 8) + kinds[i].salt;
			u16 said = kinds[i].key ? 0 : keylen;

			if (kinds[i].key && keylen != 256)
				continue;
			if (size.icv)
				add(kinds[i].encr, said, key, 0, size);
			for (m = 0; !kinds[i].icv && m < ARRAY_SIZE(macs); m++) {
				size.icv = macs[m].icv;
				add(kinds[i].encr, said, key + macs[m].key, macs[m].integ, size);
			}
		}
}

#define for_each(c) for (c = all; c < all + n_all && note(c); c++)

static bool note(const struct combination *c)
{
	tap_note("encr %u, %u bits, integ %u", c->suite.encr, c->suite.keylen, c->suite.integ);
	return true;
}

static bool is_cbc(const struct combination *c)
{
	return c->size.block > 1;
}

static struct isakmp_sk *sk_of(const struct combination *c)
{
	return isakmp_sk_new(&c->suite, some_key, c->key);
}

static void test_sizes(void)
{
	const struct combination *c;
	struct isakmp_sk_size size;

	CHECK_EQ(n_all, 5 + 2 * 3 * 5 + 6 * 3 + 1);
	for_each(c) {
		size = isakmp_sk_size(&c->suite);
		CHECK(size.iv == c->size.iv && size.block == c->size.block);
		CHECK_EQ(size.icv, c->size.icv);
		CHECK_EQ(isakmp_encr_key_len(c->suite.encr, c->suite.keylen) +
			 isakmp_integ_key_len(c->suite.integ), c->key);
		CHECK_EQ(isakmp_encr_is_aead(c->suite.encr), !c->suite.integ);
	}
}

/* An AEAD with a MAC, a cipher without, what is not known: no key, no sizes. */
static void test_no_suite(void)
{
	static const struct ike_suite none[] = {
		{ .encr = 20, .keylen = 256, .integ = 12 }, { .encr = 28, .integ = 2 },
		{ .encr = 12, .keylen = 256 }, { .encr = 13, .keylen = 128 },
		{ .encr = 12, .keylen = 256, .integ = 5 }, { .encr = 12, .integ = 12 },
		{ .encr = 28, .keylen = 256 }, { .encr = 20 }, { .encr = 20, .keylen = 1 },
		{ .encr = 21, .keylen = 128 }, { .encr = 0 }, { .encr = 65535, .keylen = 256 },
	};
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(none); i++) {
		struct isakmp_sk_size size = isakmp_sk_size(&none[i]);

		tap_note("row %zu", i);
		CHECK(!size.iv && !size.block && !size.icv);
		for (n = 0; n <= KEY_MAX; n++)
			CHECK(!isakmp_sk_new(&none[i], some_key, n));
	}
}

static void test_key_lengths(void)
{
	const struct combination *c;
	struct isakmp_sk *sk;
	size_t n;

	for_each(c)
		for (n = 0; n <= KEY_MAX; n++) {
			sk = isakmp_sk_new(&c->suite, some_key, n);
			CHECK_EQ(!!sk, n == c->key);
			isakmp_sk_free(sk);
		}
	isakmp_sk_free(NULL);
}

/* ---- round trips ----------------------------------------------------------- */

/* AAD octets and @text octets, sealed; the caller frees. */
static u8 *sealed(const struct combination *c, struct isakmp_sk *sk, size_t text, size_t *n)
{
	u8 *msg;
	size_t i;

	*n = AAD + c->size.iv + text + c->size.icv;
	msg = malloc(*n);
	for (i = 0; i < *n; i++)
		msg[i] = (u8)i;
	CHECK(!isakmp_sk_seal(sk, msg, AAD, text));
	return msg;
}

/* @copy: as many octets, so that the sanitizer sees who goes beyond */
static int opened(struct isakmp_sk *sk, const u8 *msg, size_t n, u8 *copy)
{
	memcpy(copy, msg, n);
	return isakmp_sk_open(sk, copy, AAD, n - AAD);
}

/* Is @text there, in the clear, after @msg was sealed? */
static bool in_clear(const u8 *msg, size_t iv, size_t text)
{
	size_t i;

	for (i = 0; i < text && msg[AAD + iv + i] == (u8)(AAD + iv + i); i++)
		;
	return i == text;
}

static void trip(const struct combination *c, size_t text)
{
	struct isakmp_sk *out = sk_of(c), *in = sk_of(c);
	u8 *msg, *copy;
	size_t n, i;

	msg = sealed(c, out, text, &n);
	copy = malloc(n);
	if (text >= 16)
		CHECK(!in_clear(msg, c->size.iv, text));
	/* A repeat is the same octets, and opens as often as it comes */
	for (i = 0; i < 2; i++) {
		CHECK(!opened(in, msg, n, copy));
		CHECK_MEM(copy, msg, AAD + c->size.iv);
		CHECK(in_clear(copy, c->size.iv, text));
	}
	free(copy);
	free(msg);
	isakmp_sk_free(out);
	isakmp_sk_free(in);
}

static void test_round_trip(void)
{
	const struct combination *c;
	size_t text;

	for_each(c)
		for (text = 0; text < 300; text = text < 66 || c->size.block > 1 ?
						  text + c->size.block : text + 13)
			trip(c, text);
}

/* An ICV is cut, never padded; a text that is no multiple of the block is none. */
static void test_odd_text(void)
{
	struct isakmp_sk *sk;
	const struct combination *c;
	u8 msg[AAD + 16 + 64 + 32];
	size_t n;

	for_each(c) {
		if (!is_cbc(c))
			continue;
		sk = sk_of(c);
		for (n = 0; n < 64; n++) {
			memset(msg, 0, sizeof(msg));
			CHECK_EQ(isakmp_sk_seal(sk, msg, AAD, n), n % c->size.block ? -EINVAL : 0);
		}
		isakmp_sk_free(sk);
	}
}

/* ---- forgeries -------------------------------------------------------------- */

static void forge_bits(struct isakmp_sk *sk, u8 *msg, size_t n, u8 *copy)
{
	size_t bit;

	for (bit = 0; bit < 8 * n; bit++) {
		msg[bit / 8] ^= 1 << bit % 8;
		if (opened(sk, msg, n, copy) != -EBADMSG)
			CHECK_EQ(bit, 8 * n);
		msg[bit / 8] ^= 1 << bit % 8;
	}
}

static void forge_lengths(const struct combination *c, struct isakmp_sk *sk, const u8 *msg,
			  size_t n, u8 *copy)
{
	size_t cut;

	for (cut = AAD; cut < n; cut++)
		CHECK_EQ(opened(sk, msg, cut, copy), -EBADMSG);
	if (c->suite.integ)	/* a MAC does not see where the text begins; the header says */
		return;
	/* What is associated data taken for text, and the other way round */
	memcpy(copy, msg, n);
	CHECK_EQ(isakmp_sk_open(sk, copy, AAD - 1, n - AAD + 1), -EBADMSG);
	memcpy(copy, msg, n);
	CHECK_EQ(isakmp_sk_open(sk, copy, AAD + 1, n - AAD - 1), -EBADMSG);
}

/* Any other key, also where only the salt differs: but of a cipher it opens to rubbish. */
static void forge_keys(const struct combination *c, const u8 *msg, size_t n, u8 *copy)
{
	size_t encr = isakmp_encr_key_len(c->suite.encr, c->suite.keylen), bit;
	struct isakmp_sk *other;
	u8 key[KEY_MAX];
	int err;

	for (bit = 0; bit < 8 * c->key; bit++) {
		/* The last bit of each octet of a key of DES is parity */
		if (c->suite.encr == IKE_ENCR_3DES && bit < 8 * encr && bit % 8 == 0)
			continue;
		memcpy(key, some_key, c->key);
		key[bit / 8] ^= 1 << bit % 8;
		other = isakmp_sk_new(&c->suite, key, c->key);
		err = opened(other, msg, n, copy);
		if (c->suite.integ && bit / 8 < encr)
			CHECK(!err && !in_clear(copy, c->size.iv, 48));
		else
			CHECK_EQ(err, -EBADMSG);
		isakmp_sk_free(other);
	}
}

static void test_forged(void)
{
	const struct combination *c;
	struct isakmp_sk *sk;
	u8 *msg, *copy;
	size_t n;

	for_each(c) {
		sk = sk_of(c);
		msg = sealed(c, sk, 48, &n);
		copy = malloc(n);
		forge_bits(sk, msg, n, copy);
		forge_lengths(c, sk, msg, n, copy);
		forge_keys(c, msg, n, copy);
		CHECK(!opened(sk, msg, n, copy));
		free(copy);
		free(msg);
		isakmp_sk_free(sk);
	}
}

/* A bad ICV of a cipher and MAC: nothing was decrypted. */
static void test_untouched(void)
{
	const struct combination *c;
	struct isakmp_sk *sk;
	u8 *msg, *copy;
	size_t n;

	for_each(c) {
		if (!c->suite.integ)
			continue;
		sk = sk_of(c);
		msg = sealed(c, sk, 48, &n);
		msg[n - 1] ^= 1;
		copy = malloc(n);
		CHECK_EQ(opened(sk, msg, n, copy), -EBADMSG);
		CHECK_MEM(copy, msg, n);
		free(copy);
		free(msg);
		isakmp_sk_free(sk);
	}
}

/* ---- IVs --------------------------------------------------------------------- */

#define IVS 1000

static int by_octets(const void *a, const void *b)
{
	return memcmp(a, b, ISAKMP_IV_MAX);
}

static void ivs_of(const struct combination *c, u8 (*iv)[ISAKMP_IV_MAX])
{
	struct isakmp_sk *sk = sk_of(c);
	u8 msg[AAD + 16 + 16 + 32];
	size_t i;

	for (i = 0; i < IVS; i++) {
		memset(msg, 0, sizeof(msg));
		CHECK(!isakmp_sk_seal(sk, msg, AAD, 16));
		memcpy(iv[i], msg + AAD, c->size.iv);
	}
	isakmp_sk_free(sk);
}

/* RFC 5282, 3.1, RFC 5930, 2: a counter; RFC 7296, 3.14: with CBC unpredictable. */
static void test_ivs(void)
{
	static u8 iv[IVS][ISAKMP_IV_MAX];
	const u8 *bits = (const u8 *)iv;
	const struct combination *c;
	size_t i, half, ones = 0;

	for_each(c) {
		memset(iv, 0, sizeof(iv));
		ivs_of(c, iv);
		for (i = 0; !is_cbc(c) && i < IVS; i++)
			CHECK_EQ(get_unaligned_be64(iv[i]), i + 1);
		qsort(iv, IVS, ISAKMP_IV_MAX, by_octets);
		for (i = 1; i < IVS; i++)
			CHECK(memcmp(iv[i - 1], iv[i], ISAKMP_IV_MAX));
		/* Half of the bits of so many, within 12 standard deviations */
		for (i = ones = 0; is_cbc(c) && i < IVS * 128; i++)
			ones += bits[i / 8] >> i % 8 & 1;
		half = IVS * 4 * c->size.iv;
		if (is_cbc(c))
			CHECK(ones > half - 2200 && ones < half + 2200);
	}
}

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

static const struct ike_suite gcm128 = { .encr = IKE_ENCR_AES_GCM_16, .keylen = 128 };

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
	const struct combination *c;
	u8 msg[AAD + 16 + 32] = { 0 };
	struct isakmp_sk *sk;

	for_each(c) {
		sk = sk_of(c);
		native_sk_used(sk, ISAKMP_SEALS_MAX - 1);
		CHECK(!isakmp_sk_seal(sk, msg, AAD, 0));
		CHECK_EQ(isakmp_sk_seal(sk, msg, AAD, 0), -EOVERFLOW);
		CHECK_EQ(isakmp_sk_seal(sk, msg, AAD, 0), -EOVERFLOW);
		isakmp_sk_free(sk);
	}
}

static void test_nothing_left(void)
{
	CHECK_EQ(native_mem_outstanding(), 0);
}

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof(some_key); i++)
		some_key[i] = (u8)(7 * i + 1);
	suites();
	TAP_RUN(test_sizes, "sizes: keys, IV, block, ICV of every suite");
	TAP_RUN(test_no_suite, "sizes: an AEAD with a MAC, a cipher without, are no suites (threat 78)");
	TAP_RUN(test_key_lengths, "keys: one length each");
	TAP_RUN(test_round_trip, "open undoes seal, repeats open");
	TAP_RUN(test_odd_text, "a text is a multiple of the block");
	TAP_RUN(test_forged, "every flipped bit, cut and other key is refused");
	TAP_RUN(test_untouched, "a bad ICV is seen before anything is decrypted");
	TAP_RUN(test_ivs, "IVs: counters, with CBC unpredictable, none twice");
	TAP_RUN(test_iv_unique, "IVs: two CPUs never use one twice (RFC 5282, 3.1)");
	TAP_RUN(test_iv_used_up, "IVs: the counter ends");
	TAP_RUN(test_nothing_left, "all tests together left nothing");
	return tap_done();
}
