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

static void test_nist(void)
{
	char line[FIELD_MAX + 64];
	unsigned int cases = 0;
	u16 prf = 0;

	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (!strncmp(line, "[SHA", 4))
			prf = !strcmp(line, "[SHA-256]") ? IKE_PRF_HMAC_SHA2_256 :
			      !strcmp(line, "[SHA-384]") ? IKE_PRF_HMAC_SHA2_384 : 0;
		if (!nist_line(line) || !prf)
			continue;
		tap_note("%s, case %u", isakmp_prf_len(prf) == 32 ? "SHA-256" : "SHA-384", cases);
		nist_case(prf);
		cases++;
	}
	CHECK(cases >= 100);
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

/* The secret that is all zero must be refused, whatever else is acceptable. */
static void test_x25519(void)
{
	struct octets pub, private, shared;
	unsigned int cases = 0, zero = 0;
	struct isakmp_kex *k;
	u8 out[IKE_KE_MAX];
	u16 n;

	k = isakmp_kex_new(IKE_KE_X25519, out, &n);
	for (; json_case(); cases++) {
		octets_hex(&pub, json[PUBLIC]);
		octets_hex(&private, json[PRIVATE]);
		octets_hex(&shared, json[SHARED]);
		memcpy(k->private, private.p, sizeof(k->private));
		if (strspn(json[SHARED], "0") == 64) {
			CHECK_EQ(isakmp_kex_derive(k, pub.p, (u16)pub.n, out, &n), -EINVAL);
			zero++;
			continue;
		}
		CHECK(!isakmp_kex_derive(k, pub.p, (u16)pub.n, out, &n));
		CHECK_MEM(out, shared.p, 32);
	}
	isakmp_kex_free(k);
	CHECK(cases >= 100 && zero);
}

/* A case as an SK payload: associated data, IV without the salt, text, ICV. */
static void gcm_case(const struct octets *key, const struct octets *iv)
{
	const struct ike_suite suite = {
		.encr = IKE_ENCR_AES_GCM_16, .keylen = (u16)(8 * key->n),
	};
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

	sk = isakmp_sk_new(&suite, key_salt, key->n + 4);
	err = isakmp_sk_open(sk, whole.p, aad.n, whole.n - aad.n);
	CHECK_EQ(err, valid() ? 0 : -EBADMSG);
	if (!err)
		CHECK_MEM(whole.p + aad.n + 8, msg.p, msg.n);
	isakmp_sk_free(sk);
}

static void test_gcm(void)
{
	struct octets key, iv, tag;
	unsigned int cases = 0;

	while (json_case()) {
		octets_hex(&key, json[KEY]);
		octets_hex(&iv, json[IV]);
		octets_hex(&tag, json[TAG]);
		if (iv.n != 12 || tag.n != 16 || key.n == 24)
			continue;
		gcm_case(&key, &iv);
		cases++;
	}
	CHECK(cases >= 50);
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
	run("ikev2.rsp", test_nist, "NIST CAVP: IKEv2 key derivation, SHA-256 and SHA-384");
	run("wycheproof/hmac_sha256_test.json", test_hmac, "Wycheproof: HMAC-SHA-256");
	run("wycheproof/x25519_test.json", test_x25519, "Wycheproof: X25519");
	run("wycheproof/aes_gcm_test.json", test_gcm, "Wycheproof: AES-GCM");
	return tap_done();
}
