// SPDX-License-Identifier: GPL-2.0
/* Native double of the crypto seam, over OpenSSL's libcrypto. */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "crypto/kex.h"
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

size_t isakmp_prf_len(u16 prf)
{
	return isakmp_sizes_prf(prf);
}

size_t isakmp_encr_key_len(u16 encr, u16 keylen)
{
	return isakmp_sizes_encr_key(encr, keylen);
}

size_t isakmp_kex_pub_len(u16 group)
{
	return isakmp_sizes_ke_pub(group);
}

bool isakmp_crypto_has(u8 transform_type, u16 id, u16 keylen)
{
	return isakmp_sizes_spoken(transform_type, id, keylen);
}

/* ---- prf ------------------------------------------------------------------ */

static EVP_MAC_CTX *prf_ctx(u16 prf, const u8 *key, size_t key_len)
{
	char *name = prf == IKE_PRF_HMAC_SHA2_256 ? (char *)"SHA256" : (char *)"SHA384";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
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
	if (!len)
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

/* ---- key exchange --------------------------------------------------------- */

static EVP_PKEY *x25519_key(const struct isakmp_kex *k)
{
	EVP_PKEY *key;

	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, k->private,
					   sizeof(k->private));
	if (!key)
		native_die("X25519 is missing in libcrypto");
	return key;
}

struct isakmp_kex *isakmp_kex_new(u16 group, u8 *pub, u16 *pub_len)
{
	size_t len = isakmp_kex_pub_len(group);
	struct isakmp_kex *k;
	EVP_PKEY *key;

	native_process(__func__);
	if (!len)
		return NULL;
	k = isakmp_alloc(sizeof(*k));
	if (!k)
		return NULL;
	k->group = group;
	isakmp_random(k->private, sizeof(k->private));
	key = x25519_key(k);
	if (!EVP_PKEY_get_raw_public_key(key, pub, &len))
		native_die("EVP_PKEY_get_raw_public_key() failed");
	EVP_PKEY_free(key);
	*pub_len = (u16)len;
	return k;
}

int isakmp_kex_derive(struct isakmp_kex *k, const u8 *pub, u16 pub_len,
		      u8 *out, u16 *out_len)
{
	size_t len = ISAKMP_X25519_LEN;
	EVP_PKEY *ours, *theirs;
	EVP_PKEY_CTX *c;
	int err = 0;

	native_process(__func__);
	if (pub_len != ISAKMP_X25519_LEN)
		return -EINVAL;
	if (native_mem_fails())
		return -ENOMEM;
	ours = x25519_key(k);
	theirs = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, pub, pub_len);
	c = EVP_PKEY_CTX_new(ours, NULL);
	if (!theirs || !c || EVP_PKEY_derive_init(c) != 1 ||
	    EVP_PKEY_derive_set_peer(c, theirs) != 1)
		native_die("X25519 could not be set up");
	/* libcrypto refuses the all-zero result by itself */
	if (EVP_PKEY_derive(c, out, &len) != 1)
		err = -EINVAL;
	else
		*out_len = (u16)len;
	EVP_PKEY_CTX_free(c);
	EVP_PKEY_free(theirs);
	EVP_PKEY_free(ours);
	return err;
}

void isakmp_kex_free(struct isakmp_kex *k)
{
	native_process(__func__);
	isakmp_free(k);
}

/* ---- SK payloads ---------------------------------------------------------- */

struct isakmp_sk {
	u64 next_iv;		/* atomic */
	u16 keylen;
	u8 key[ISAKMP_ENCR_KEY_LEN_MAX]; /* key, salt */
};

struct isakmp_sk_size isakmp_sk_size(const struct ike_suite *s)
{
	struct isakmp_sk_size size = { 0 };

	if (isakmp_encr_key_len(s->encr, s->keylen))
		size = (struct isakmp_sk_size){ ISAKMP_GCM_IV, 1, ISAKMP_GCM_ICV };
	return size;
}

struct isakmp_sk *isakmp_sk_new(const struct ike_suite *s, const u8 *key, size_t len)
{
	struct isakmp_sk *sk;

	native_process(__func__);
	if (!len || len != isakmp_encr_key_len(s->encr, s->keylen))
		return NULL;
	sk = isakmp_alloc(sizeof(*sk));
	if (!sk)
		return NULL;
	sk->keylen = s->keylen;
	sk->next_iv = 1;
	memcpy(sk->key, key, len);
	return sk;
}

void native_sk_used(struct isakmp_sk *sk, u64 n)
{
	sk->next_iv = n + 1;
}

void isakmp_sk_free(struct isakmp_sk *sk)
{
	native_process(__func__);
	isakmp_free(sk);
}

/* A context per call: several threads may use one key. */
static EVP_CIPHER_CTX *gcm(const struct isakmp_sk *sk, const u8 *msg, size_t aad,
			   int enc)
{
	const EVP_CIPHER *aes = sk->keylen == 128 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
	u8 nonce[ISAKMP_GCM_SALT + ISAKMP_GCM_IV];
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n;

	/* RFC 5282, 4: nonce = salt | IV; 5.1: AAD = header to SK's own header */
	memcpy(nonce, sk->key + sk->keylen / 8, ISAKMP_GCM_SALT);
	memcpy(nonce + ISAKMP_GCM_SALT, msg + aad, ISAKMP_GCM_IV);
	if (!c || !EVP_CipherInit_ex(c, aes, NULL, sk->key, nonce, enc) ||
	    !EVP_CipherUpdate(c, NULL, &n, msg, (int)aad))
		native_die("AES-GCM is missing in libcrypto");
	return c;
}

int isakmp_sk_seal(struct isakmp_sk *sk, u8 *msg, size_t aad, size_t text)
{
	u8 *p = msg + aad + ISAKMP_GCM_IV;
	EVP_CIPHER_CTX *c;
	u64 iv;
	int n;

	native_process(__func__);
	if (native_mem_fails())
		return -ENOMEM;
	iv = __atomic_fetch_add(&sk->next_iv, 1, __ATOMIC_RELAXED);
	if (iv > ISAKMP_SEALS_MAX)
		return -EOVERFLOW;
	put_unaligned_be64(iv, msg + aad);
	c = gcm(sk, msg, aad, 1);
	if (!EVP_EncryptUpdate(c, p, &n, p, (int)text) ||
	    !EVP_EncryptFinal_ex(c, p + n, &n) ||
	    !EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, ISAKMP_GCM_ICV, p + text))
		native_die("AES-GCM could not encrypt");
	EVP_CIPHER_CTX_free(c);
	return 0;
}

int isakmp_sk_open(struct isakmp_sk *sk, u8 *msg, size_t aad, size_t rest)
{
	u8 *p = msg + aad + ISAKMP_GCM_IV;
	EVP_CIPHER_CTX *c;
	size_t text;
	int n, ok;

	native_process(__func__);
	if (rest < ISAKMP_GCM_IV + ISAKMP_GCM_ICV)
		return -EBADMSG;
	if (native_mem_fails())
		return -ENOMEM;
	text = rest - ISAKMP_GCM_IV - ISAKMP_GCM_ICV;
	c = gcm(sk, msg, aad, 0);
	if (!EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, ISAKMP_GCM_ICV, p + text) ||
	    !EVP_DecryptUpdate(c, p, &n, p, (int)text))
		native_die("AES-GCM could not decrypt");
	ok = EVP_DecryptFinal_ex(c, p + n, &n);
	EVP_CIPHER_CTX_free(c);
	return ok == 1 ? 0 : -EBADMSG;
}
