// SPDX-License-Identifier: GPL-2.0
/*
 * Signatures against whole files of Wycheproof.  They are not part of the
 * project; without them these tests are skipped, and helper_sig_test has what
 * matters most of each.
 */
#include "helper.h"
#include "helper_pki.h"

#define FIELD_MAX 2200	/* characters of a value */

enum field { KEY, MSG, SIG, RESULT, FIELDS };

static const char *const json_keys[FIELDS] = { "publicKeyDer", "msg", "sig", "result" };
static char json[FIELDS][FIELD_MAX];
static FILE *file;	/* of the test that runs */
static EVP_PKEY *key;	/* of the group that runs */

static FILE *vectors(const char *name)
{
	const char *dir = getenv("NATIVE_VECTORS");
	char path[512];

	snprintf(path, sizeof(path), "%s/wycheproof/%s", dir ? dir : "../shared/vectors", name);
	return fopen(path, "r");
}

static size_t unhex(const char *hex, u8 *out)
{
	size_t n;

	for (n = 0; sscanf(hex + 2 * n, "%2hhx", &out[n]) == 1; n++)
		;
	return n;
}

static void new_key(void)
{
	u8 der[FIELD_MAX];
	const u8 *p = der;
	size_t n = unhex(json[KEY], der);

	EVP_PKEY_free(key);
	key = d2i_PUBKEY(NULL, &p, (long)n);
}

/* Return: the next case is in @json, its key in @key. */
static bool json_case(void)
{
	char line[2 * FIELD_MAX], name[64], value[FIELD_MAX];
	size_t i;

	while (fgets(line, sizeof(line), file)) {
		value[0] = '\0';
		if (sscanf(line, " \"%63[^\"]\" : \"%2199[^\"]", name, value) < 1 &&
		    sscanf(line, " \"%63[^\"]\": \"%2199[^\"]", name, value) < 1)
			continue;
		for (i = 0; i < FIELDS; i++)
			if (!strcmp(name, json_keys[i]))
				snprintf(json[i], FIELD_MAX, "%s", value);
		if (!strcmp(name, json_keys[KEY]))
			new_key();
		if (!strcmp(name, "result"))
			return true;
	}
	return false;
}

/* A case as authentication data that begins with @head. */
static bool good(u8 method, const u8 *head, size_t n_head)
{
	static const struct sig_schemes all;
	u8 msg[FIELD_MAX], auth[FIELD_MAX + 80], scheme;
	struct octets what = { msg, unhex(json[MSG], msg) }, a = { auth, n_head };

	if (!key || sig_key_flaw(key))
		return false;
	memcpy(auth, head, n_head);
	a.n += unhex(json[SIG], auth + n_head);
	return !sig_check(key, &all, &what, method, &a, &scheme);
}

static void run(u8 method, u8 kind, u32 hashes, const u8 *schemes, unsigned int least)
{
	struct octets some = { (const u8 *)"x", 1 };
	struct sig_wish w = { { schemes != NULL, schemes }, hashes, 0 };
	unsigned int cases, accepted = 0;
	struct sig_auth a;
	bool valid, yes;

	/* the AlgorithmIdentifier is as ours; test_identifiers looks at that one */
	CHECK(!sig_make(pki_key(kind, 0), &w, &some, &a));
	for (cases = 0; json_case(); cases++) {
		tap_note("case %u", cases);
		valid = !strcmp(json[RESULT], "valid");
		yes = good(method, a.data, method == IKE_AM_DIGITAL_SIG ? 1U + a.data[0] : 0);
		/* "acceptable" (a DigestInfo without its NULL): refused or not */
		if (strcmp(json[RESULT], "acceptable"))
			CHECK(yes == valid);
		accepted += yes;
	}
	CHECK(cases >= least && accepted && accepted < cases);
	EVP_PKEY_free(key);
	key = NULL;
}

static void test_pkcs1(void)
{
	static const u8 scheme = ISAKMP_SCHEME_RSA_PKCS1;

	run(IKE_AM_DIGITAL_SIG, PKI_RSA, IKE_HASH_BIT(IKE_HASH_SHA2_256), &scheme, 200);
}

static void test_pss(void)
{
	static const u8 scheme = ISAKMP_SCHEME_RSA_PSS;

	run(IKE_AM_DIGITAL_SIG, PKI_RSA, IKE_HASH_BIT(IKE_HASH_SHA2_256), &scheme, 100);
}

static void test_p256(void)
{
	run(IKE_AM_ECDSA_256, PKI_P256, 0, NULL, 200);
}

static void test_p384(void)
{
	run(IKE_AM_ECDSA_384, PKI_P384, 0, NULL, 200);
}

static void test_ed25519(void)
{
	run(IKE_AM_DIGITAL_SIG, PKI_ED25519, IKE_HASH_BIT(IKE_HASH_IDENTITY), NULL, 100);
}

static const struct {
	const char *name;
	void (*test)(void);
	const char *title;
} tests[] = {
	{ "rsa_signature_2048_sha256_test.json", test_pkcs1, "Wycheproof: RSA PKCS #1 (threat 82)" },
	{ "rsa_pss_2048_sha256_mgf1_32_test.json", test_pss, "Wycheproof: RSA-PSS" },
	{ "ecdsa_secp256r1_sha256_p1363_test.json", test_p256, "Wycheproof: ECDSA P-256, RFC 4754" },
	{ "ecdsa_secp384r1_sha384_p1363_test.json", test_p384, "Wycheproof: ECDSA P-384, RFC 4754" },
	{ "ed25519_test.json", test_ed25519, "Wycheproof: Ed25519" },
};

int main(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		file = vectors(tests[i].name);
		if (!file) {
			tap_skip(tests[i].title, "no vectors");
			continue;
		}
		TAP_RUN(tests[i].test, tests[i].title);
		fclose(file);
	}
	return tap_done();
}
