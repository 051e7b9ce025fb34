// SPDX-License-Identifier: GPL-2.0
/* Native double of the crypto seam, over libcrypto: chance, comparing, hashes, prf. */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "crypto/sizes.h"
#include "ike/seam.h"
#include "native.h"

/* ---- chance --------------------------------------------------------------- */

static bool seeded;
static u64 seed_key[2], seed_count;

void native_seed(u64 seed)
{
	seeded = true;
	seed_key[0] = seed;
	seed_key[1] = ~seed;
	seed_count = 0;
}

void isakmp_random(void *p, size_t n)
{
	u8 *out = p;
	size_t take;
	u64 v;

	if (!seeded) {
		if (RAND_bytes(out, (int)n) != 1)
			native_die("RAND_bytes() failed");
		return;
	}
	for (; n; n -= take, out += take) {
		v = isakmp_siphash(seed_key, &seed_count, sizeof(seed_count));
		seed_count++;
		take = min(n, sizeof(v));
		memcpy(out, &v, take);
	}
}

/* ---- comparing, hashing --------------------------------------------------- */

bool isakmp_differ(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) != 0;
}

static u64 rotl(u64 v, unsigned int n)
{
	return v << n | v >> (64 - n);
}

static void sip_round(u64 v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

static void sip_word(u64 v[4], u64 m)
{
	v[3] ^= m;
	sip_round(v);
	sip_round(v);
	v[0] ^= m;
}

static u64 sip_load(const u8 *p, size_t n)
{
	u64 m = 0;

	while (n--)
		m = m << 8 | p[n];
	return m;
}

u64 isakmp_siphash(const u64 key[2], const void *p, size_t n)
{
	u64 v[4] = {
		key[0] ^ 0x736f6d6570736575ULL, key[1] ^ 0x646f72616e646f6dULL,
		key[0] ^ 0x6c7967656e657261ULL, key[1] ^ 0x7465646279746573ULL,
	};
	const u8 *b = p;
	size_t left = n;
	int i;

	for (; left >= 8; left -= 8, b += 8)
		sip_word(v, sip_load(b, 8));
	sip_word(v, sip_load(b, left) | (u64)n << 56);
	v[2] ^= 0xff;
	for (i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* ---- what there is -------------------------------------------------------- */

static u8 without_type;
static u16 without_id;

void native_without(u8 transform_type, u16 id)
{
	without_type = transform_type;
	without_id = id;
}

bool native_lacks(u8 transform_type, u16 id)
{
	return without_type == transform_type && without_id == id;
}

bool isakmp_crypto_has(u8 transform_type, u16 id, u16 keylen)
{
	if (!isakmp_sizes_spoken(transform_type, id, keylen))
		return false;
	if (transform_type == IKE_T_INTEG && id != IKE_INTEG_NONE &&
	    native_lacks(IKE_T_PRF, isakmp_sizes_integ(id)->prf))
		return false;
	return !native_lacks(transform_type, id);
}

/* ---- prf ------------------------------------------------------------------ */

static const char *hash_name(u16 prf)
{
	switch (prf) {
	case IKE_PRF_HMAC_MD5:
		return "MD5";
	case IKE_PRF_HMAC_SHA1:
		return "SHA1";
	case IKE_PRF_HMAC_SHA2_256:
		return "SHA256";
	case IKE_PRF_HMAC_SHA2_384:
		return "SHA384";
	default:
		return "SHA512";
	}
}

static EVP_MAC_CTX *prf_ctx(u16 prf, const u8 *key, size_t key_len)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
						 (char *)hash_name(prf), 0),
		OSSL_PARAM_construct_end(),
	};
	static EVP_MAC *hmac;
	EVP_MAC_CTX *c;
	u8 none = 0;

	if (!hmac)
		hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	c = EVP_MAC_CTX_new(hmac);
	/* OpenSSL takes NULL for "the key of before": an empty key needs an address */
	if (!c || !EVP_MAC_init(c, key_len ? key : &none, key_len, params))
		native_die("HMAC is missing in libcrypto");
	return c;
}

int isakmp_prf(u16 prf, const u8 *key, size_t key_len,
	       const struct ike_span *v, unsigned int n, u8 *out)
{
	size_t len = isakmp_prf_len(prf);
	EVP_MAC_CTX *c;
	unsigned int i;

	native_process(__func__);
	if (!len || native_lacks(IKE_T_PRF, prf))
		return -EINVAL;
	if (native_mem_fails())
		return -ENOMEM;
	c = prf_ctx(prf, key, key_len);
	for (i = 0; i < n; i++)
		if (!EVP_MAC_update(c, v[i].p, v[i].len))
			native_die("EVP_MAC_update() failed");
	if (!EVP_MAC_final(c, out, &len, len))
		native_die("EVP_MAC_final() failed");
	EVP_MAC_CTX_free(c);
	return 0;
}

static void hash(const char *name, const struct ike_span *v, unsigned int n, u8 *out)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	unsigned int i;

	if (!c || !EVP_DigestInit_ex(c, EVP_get_digestbyname(name), NULL))
		native_die("%s is missing in libcrypto", name);
	for (i = 0; i < n; i++)
		if (!EVP_DigestUpdate(c, v[i].p, v[i].len))
			native_die("EVP_DigestUpdate() failed");
	if (!EVP_DigestFinal_ex(c, out, NULL))
		native_die("EVP_DigestFinal_ex() failed");
	EVP_MD_CTX_free(c);
}

int isakmp_hash(u16 prf, const struct ike_span *v, unsigned int n, u8 *out)
{
	native_process(__func__);
	if (!isakmp_prf_len(prf) || native_lacks(IKE_T_PRF, prf))
		return -EINVAL;
	if (native_mem_fails())
		return -ENOMEM;
	hash(hash_name(prf), v, n, out);
	return 0;
}

int isakmp_sha1(const struct ike_span *v, unsigned int n, u8 *out)
{
	native_process(__func__);
	hash("SHA1", v, n, out);
	return 0;
}
