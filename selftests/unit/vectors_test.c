// SPDX-License-Identifier: GPL-2.0
/*
 * The crypto seam against whole files of published vectors: NIST CAVP (IKEv2)
 * and Wycheproof.  They are not part of the project; without them these tests
 * are skipped, and crypto_test has a handful of each.
 */
#include "crypto/kex.h"
#include "keymat.h"
#include "native.h"

#define FIELD_MAX 1100	/* characters of a value */

static FILE *vectors(const char *name)
{
	const char *dir = getenv("NATIVE_VECTORS");
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "../shared/vectors", name);
	return fopen(path, "r");
}

/* ---- NIST: "key = value" lines, "COUNT" starts a case, "[SHA-n]" a group -- */

static const char *const nist_keys[] = {
	"Ni", "Nr", "g^ir", "g^ir (new)", "SPIi", "SPIr", "SKEYSEED", "DKM",
	"DKM(Child SA)", "DKM(Child SA D-H)", "SKEYSEED(Rekey)",
};

static char nist_values[ARRAY_SIZE(nist_keys)][FIELD_MAX];

static bool nist_line(char *line)
{
	char *value = strstr(line, " = ");
	size_t i;

	if (!value)
		return false;
	*value = '\0';
	for (i = 0; i < ARRAY_SIZE(nist_keys); i++)
		if (!strcmp(line, nist_keys[i]))
			snprintf(nist_values[i], FIELD_MAX, "%s", value + 3);
	return !strcmp(line, nist_keys[ARRAY_SIZE(nist_keys) - 1]);
}

static void nist_case(u16 prf)
{
	const struct keymat_case k = {
		prf, nist_values[0], nist_values[1], nist_values[2], nist_values[3],
		nist_values[4], nist_values[5], nist_values[6], nist_values[7],
		nist_values[8], nist_values[9], nist_values[10],
	};

	keymat_check(&k);
}

static FILE *file;	/* of the test that runs */

static u16 nist_prf(const char *group)
{
	static const struct { const char *group; u16 prf; } prfs[] = {
		{ "[SHA-1]", IKE_PRF_HMAC_SHA1 }, { "[SHA-256]", IKE_PRF_HMAC_SHA2_256 },
		{ "[SHA-384]", IKE_PRF_HMAC_SHA2_384 }, { "[SHA-512]", IKE_PRF_HMAC_SHA2_512 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prfs); i++)
		if (!strcmp(prfs[i].group, group))
			return prfs[i].prf;
	return 0;
}

static void test_nist(void)
{
	char line[FIELD_MAX + 64];
	unsigned int cases = 0;
	u16 prf = 0;

	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (!strncmp(line, "[SHA", 4))
			prf = nist_prf(line);
		if (!nist_line(line) || !prf)
			continue;
		tap_note("PRF %u, case %u", prf, cases);
		nist_case(prf);
		cases++;
	}
	CHECK(cases >= 200);
}

/* ---- Wycheproof: JSON, one value a line, "result" ends a case ------------- */

enum field { KEY, IV, AAD, MSG, CT, TAG, PUBLIC, PRIVATE, SHARED, RESULT, FIELDS };

static const char *const json_keys[FIELDS] = {
	"key", "iv", "aad", "msg", "ct", "tag", "public", "private", "shared", "result",
};

static char json[FIELDS][FIELD_MAX];

/* Return: the next case is in @json. */
static bool json_case(void)
{
	char line[2 * FIELD_MAX], key[64], value[FIELD_MAX];
	size_t i;

	while (fgets(line, sizeof(line), file)) {
		value[0] = '\0';
		if (sscanf(line, " \"%63[^\"]\" : \"%1099[^\"]", key, value) < 1 &&
		    sscanf(line, " \"%63[^\"]\": \"%1099[^\"]", key, value) < 1)
			continue;
		for (i = 0; i < FIELDS; i++)
			if (!strcmp(key, json_keys[i]))
				snprintf(json[i], FIELD_MAX, "%s", value);
		if (!strcmp(key, "result"))
			return true;
	}
	return false;
}

static bool valid(void)
{
	return !strcmp(json[RESULT], "valid");
}

static void test_hmac(void)
{
	struct octets key, msg, tag;
	unsigned int cases = 0;
	struct ike_span v;
	u8 out[32];

	for (; json_case(); cases++) {
		octets_hex(&key, json[KEY]);
		octets_hex(&msg, json[MSG]);
		octets_hex(&tag, json[TAG]);
		v = octets_span(&msg);
		CHECK(!isakmp_prf(IKE_PRF_HMAC_SHA2_256, key.p, key.n, &v, 1, out));
		CHECK_EQ(!memcmp(out, tag.p, tag.n), valid());
	}
	CHECK(cases >= 100);
}

/* A key of ours that was not drawn. */
static struct isakmp_kex *kex_of(u16 group, const struct octets *private)
{
	struct isakmp_kex *k = isakmp_alloc(sizeof(*k));
	size_t n, over;

	k->group = isakmp_sizes_group(group);
	n = k->group->private;
	over = private->n > n ? private->n - n : 0;
	memcpy(k->private + n - (private->n - over), private->p + over, private->n - over);
	return k;
}

/* The secret that is all zero must be refused, whatever else is acceptable. */
static void test_x25519(void)
{
	struct octets pub, private, shared;
	unsigned int cases = 0, zero = 0;
	struct isakmp_kex *k;
	u8 out[IKE_KE_MAX];
	u16 n;

	for (; json_case(); cases++) {
		octets_hex(&pub, json[PUBLIC]);
		octets_hex(&private, json[PRIVATE]);
		octets_hex(&shared, json[SHARED]);
		k = kex_of(IKE_KE_X25519, &private);
		if (strspn(json[SHARED], "0") == 64) {
			CHECK_EQ(isakmp_kex_derive(k, pub.p, (u16)pub.n, out, &n), -EINVAL);
			zero++;
		} else {
			CHECK(!isakmp_kex_derive(k, pub.p, (u16)pub.n, out, &n));
			CHECK_MEM(out, shared.p, 32);
		}
		isakmp_kex_free(k);
	}
	CHECK(cases >= 100 && zero);
}

/*
 * Points are SEC 1's: without the 4 in front an uncompressed one is RFC 5903's.
 * Whatever else there is has no form in IKE, and is refused as it stands.
 */
static void ecdh_case(u16 group)
{
	size_t full = isakmp_kex_pub_len(group);
	struct octets pub, private, shared;
	struct isakmp_kex *k;
	u8 out[IKE_KE_MAX];
	bool plain;
	int err;
	u16 n;

	octets_hex(&pub, json[PUBLIC]);
	octets_hex(&private, json[PRIVATE]);
	octets_hex(&shared, json[SHARED]);
	plain = pub.n == full + 1 && pub.p[0] == 4;
	k = kex_of(group, &private);
	err = isakmp_kex_derive(k, pub.p + plain, (u16)(pub.n - plain), out, &n);
	CHECK_EQ(err, plain && valid() ? 0 : -EINVAL);
	CHECK_EQ(isakmp_kex_pub_ok(group, pub.p + plain, pub.n - plain), !err);
	if (!err) {
		CHECK_EQ(n, shared.n);
		CHECK_MEM(out, shared.p, n);
	}
	isakmp_kex_free(k);
}

static void test_ecp(u16 group)
{
	unsigned int cases;

	for (cases = 0; json_case(); cases++) {
		tap_note("group %u, case %u", group, cases);
		ecdh_case(group);
	}
	CHECK(cases >= 300);
}

static void test_ecp256(void)
{
	test_ecp(IKE_KE_ECP_256);
}

static void test_ecp384(void)
{
	test_ecp(IKE_KE_ECP_384);
}

/* A case as an SK payload: associated data, IV without the salt, text, ICV. */
static void aead_case(const struct ike_suite *suite, const struct octets *key,
		      const struct octets *iv)
{
	u8 key_salt[ISAKMP_ENCR_KEY_LEN_MAX];
	struct octets aad, msg, whole;
	struct isakmp_sk *sk;
	int err;

	memcpy(key_salt, key->p, key->n);
	memcpy(key_salt + key->n, iv->p, 4);
	octets_hex(&aad, json[AAD]);
	octets_hex(&msg, json[MSG]);
	whole = aad;
	octets_add(&whole, json[IV] + 8);
	octets_add(&whole, json[CT]);
	octets_add(&whole, json[TAG]);

	sk = isakmp_sk_new(suite, key_salt, key->n + 4);
	err = isakmp_sk_open(sk, whole.p, aad.n, whole.n - aad.n);
	CHECK_EQ(err, valid() ? 0 : -EBADMSG);
	if (!err)
		CHECK_MEM(whole.p + aad.n + 8, msg.p, msg.n);
	isakmp_sk_free(sk);
}

/* Nonces and ICVs of other lengths are not IKE's. */
static void test_aead(u16 encr, unsigned int least)
{
	struct ike_suite suite = { .encr = encr };
	struct octets key, iv, tag;
	unsigned int cases = 0;

	while (json_case()) {
		octets_hex(&key, json[KEY]);
		octets_hex(&iv, json[IV]);
		octets_hex(&tag, json[TAG]);
		if (iv.n != 12 || tag.n != 16)
			continue;
		if (encr != IKE_ENCR_CHACHA20_POLY1305)
			suite.keylen = (u16)(8 * key.n);
		tap_note("encr %u, case %u", encr, cases);
		aead_case(&suite, &key, &iv);
		cases++;
	}
	CHECK(cases >= least);
}

static void test_gcm(void)
{
	test_aead(IKE_ENCR_AES_GCM_16, 50);
}

static void test_chacha(void)
{
	test_aead(IKE_ENCR_CHACHA20_POLY1305, 200);
}

static void run(const char *name, void (*test)(void), const char *title)
{
	file = vectors(name);
	if (!file) {
		tap_skip(title, "no vectors");
		return;
	}
	TAP_RUN(test, title);
	fclose(file);
}

int main(void)
{
	run("ikev2.rsp", test_nist, "NIST CAVP: IKEv2 key derivation, SHA-1 to SHA-512");
	run("wycheproof/hmac_sha256_test.json", test_hmac, "Wycheproof: HMAC-SHA-256");
	run("wycheproof/x25519_test.json", test_x25519, "Wycheproof: X25519");
	run("wycheproof/ecdh_secp256r1_ecpoint_test.json", test_ecp256, "Wycheproof: ECDH on P-256");
	run("wycheproof/ecdh_secp384r1_ecpoint_test.json", test_ecp384, "Wycheproof: ECDH on P-384");
	run("wycheproof/aes_gcm_test.json", test_gcm, "Wycheproof: AES-GCM");
	run("wycheproof/chacha20_poly1305_test.json", test_chacha, "Wycheproof: ChaCha20-Poly1305");
	return tap_done();
}
