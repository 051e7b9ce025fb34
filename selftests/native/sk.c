// SPDX-License-Identifier: GPL-2.0
/* Native double of the crypto seam, over libcrypto: SK payloads; CBC alone. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "crypto/sizes.h"
#include "ike/seam.h"
#include "native.h"

struct isakmp_sk {
	u64 next;		/* number of the next message; atomic */
	const struct isakmp_encr *encr;
	const struct isakmp_integ *integ;
	struct isakmp_sk_size size;
	u8 key_len;		/* of the key without salt */
	u8 key[ISAKMP_ENCR_KEY_LEN_MAX + ISAKMP_INTEG_KEY_LEN_MAX]; /* key, salt, SK_a */
};

struct isakmp_sk *isakmp_sk_new(const struct ike_suite *s, const u8 *key, size_t len)
{
	struct isakmp_sk *sk;

	native_process(__func__);
	if (!len || len != isakmp_sizes_sk_key(s) || native_lacks(IKE_T_ENCR, s->encr))
		return NULL;
	sk = isakmp_alloc(sizeof(*sk));
	if (!sk)
		return NULL;
	sk->encr = isakmp_sizes_encr(s->encr, s->keylen);
	sk->integ = isakmp_sizes_integ(s->integ);
	sk->size = isakmp_sk_size(s);
	sk->key_len = (u8)(isakmp_encr_key_len(s->encr, s->keylen) - sk->encr->salt);
	sk->next = 1;
	memcpy(sk->key, key, len);
	return sk;
}

void native_sk_used(struct isakmp_sk *sk, u64 n)
{
	sk->next = n + 1;
}

void isakmp_sk_free(struct isakmp_sk *sk)
{
	native_process(__func__);
	isakmp_free(sk);
}

static EVP_CIPHER *cipher_fetch(u8 mode, size_t key_len)
{
	static const char *const kinds[ISAKMP_MODES] = {
		[ISAKMP_MODE_CBC] = "AES-%u-CBC", [ISAKMP_MODE_CTR] = "AES-%u-CTR",
		[ISAKMP_MODE_CCM] = "AES-%u-CCM", [ISAKMP_MODE_GCM] = "AES-%u-GCM",
		[ISAKMP_MODE_CHACHA] = "ChaCha20-Poly1305", [ISAKMP_MODE_3DES] = "DES-EDE3-CBC",
	};
	EVP_CIPHER *cipher;
	char name[32];

	snprintf(name, sizeof(name), kinds[mode], 8 * (unsigned int)key_len);
	cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	if (!cipher)
		native_die("%s is missing in libcrypto", name);
	return cipher;
}

/* A context per call: several threads may use one key. */
static EVP_CIPHER_CTX *ctx_new(u8 mode, size_t key_len)
{
	static EVP_CIPHER *fetched[ISAKMP_MODES][33];
	EVP_CIPHER **cipher = &fetched[mode][key_len], *now, *none = NULL;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

	if (!__atomic_load_n(cipher, __ATOMIC_ACQUIRE)) {
		now = cipher_fetch(mode, key_len);
		if (!__atomic_compare_exchange_n(cipher, &none, now, false, __ATOMIC_ACQ_REL,
						 __ATOMIC_ACQUIRE))
			EVP_CIPHER_free(now);
	}
	if (!c || !EVP_CipherInit_ex(c, *cipher, NULL, NULL, NULL, 0))
		native_die("no cipher context");
	return c;
}

/* ---- AEAD ------------------------------------------------------------------ */

/* RFC 5282, 4: nonce = salt | IV; 5.1: associated data = header to SK's own header */
static int aead_run(const struct isakmp_sk *sk, u8 *msg, size_t aad, size_t text, int enc)
{
	u8 nonce[ISAKMP_IV_MAX], *p = msg + aad + sk->size.iv;
	bool ccm = sk->encr->mode == ISAKMP_MODE_CCM;
	EVP_CIPHER_CTX *c = ctx_new(sk->encr->mode, sk->key_len);
	u8 none[1];
	int n, ok;

	memcpy(nonce, sk->key + sk->key_len, sk->encr->salt);
	memcpy(nonce + sk->encr->salt, msg + aad, sk->size.iv);
	ok = EVP_CipherInit_ex(c, NULL, NULL, NULL, NULL, enc) &&
	     EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_IVLEN, sk->encr->salt + sk->size.iv, NULL) &&
	     /* CCM must know the length of its ICV first */
	     (!(ccm || !enc) || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, sk->size.icv,
						    enc ? NULL : p + text)) &&
	     EVP_CipherInit_ex(c, NULL, NULL, sk->key, nonce, enc) &&
	     /* and of the text */
	     (!ccm || EVP_CipherUpdate(c, NULL, &n, NULL, (int)text)) &&
	     EVP_CipherUpdate(c, NULL, &n, msg, (int)aad);
	if (!ok)
		native_die("an AEAD could not be set up");
	ok = EVP_CipherUpdate(c, text ? p : none, &n, text ? p : none, (int)text) == 1 &&
	     (ccm || EVP_CipherFinal_ex(c, p + n, &n) == 1);
	if (ok && enc)
		ok = EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, sk->size.icv, p + text);
	EVP_CIPHER_CTX_free(c);
	return ok ? 0 : -EBADMSG;
}

/* ---- cipher, then MAC --------------------------------------------------------- */

/* One octet string through a cipher that is no AEAD, without padding. */
static void cipher_crypt(u8 mode, const u8 *key, size_t key_len, const u8 *iv, u8 *p,
			 size_t len, int enc)
{
	EVP_CIPHER_CTX *c = ctx_new(mode, key_len);
	int n;

	if (!EVP_CipherInit_ex(c, NULL, NULL, key, iv, enc) ||
	    !EVP_CIPHER_CTX_set_padding(c, 0) ||
	    !EVP_CipherUpdate(c, p, &n, p, (int)len) || n != (int)len)
		native_die("a cipher failed");
	EVP_CIPHER_CTX_free(c);
}

static void cipher_run(const struct isakmp_sk *sk, const u8 *iv, u8 *p, size_t len, int enc)
{
	cipher_crypt(sk->encr->mode, sk->key, sk->key_len, iv, p, len, enc);
}

/* @iv: what the cipher takes; of CBC what is sent, of CTR RFC 5930's counter block. */
static void cipher_iv(const struct isakmp_sk *sk, const u8 *sent, u8 *iv)
{
	memset(iv, 0, ISAKMP_IV_MAX);
	memcpy(iv, sk->key + sk->key_len, sk->encr->salt);
	memcpy(iv + sk->encr->salt, sent, sk->size.iv);
	if (sk->encr->mode == ISAKMP_MODE_CTR)
		iv[ISAKMP_IV_MAX - 1] = 1;
}

static int mac(const struct isakmp_sk *sk, const u8 *msg, size_t n, u8 *out)
{
	const u8 *key = sk->key + sk->key_len + sk->encr->salt;
	struct ike_span whole = { msg, n };

	return isakmp_prf(sk->integ->prf, key, isakmp_prf_len(sk->integ->prf), &whole, 1, out);
}

static int etm_seal(const struct isakmp_sk *sk, u8 *msg, size_t aad, size_t text)
{
	u8 iv[ISAKMP_IV_MAX] = { 0 }, out[ISAKMP_PRF_LEN_MAX];
	u8 *p = msg + aad + sk->size.iv;
	int err;

	/* NIST SP 800-38A, C: the number of the message, encrypted */
	if (isakmp_encr_is_cbc(sk->encr))
		cipher_run(sk, iv, msg + aad, sk->size.iv, 1);
	cipher_iv(sk, msg + aad, iv);
	cipher_run(sk, iv, p, text, 1);
	err = mac(sk, msg, aad + sk->size.iv + text, out);
	if (!err)
		memcpy(p + text, out, sk->size.icv);
	return err;
}

static int etm_open(const struct isakmp_sk *sk, u8 *msg, size_t aad, size_t text)
{
	u8 iv[ISAKMP_IV_MAX], out[ISAKMP_PRF_LEN_MAX];
	u8 *p = msg + aad + sk->size.iv;
	int err;

	err = mac(sk, msg, aad + sk->size.iv + text, out);
	if (err)
		return err;
	if (isakmp_differ(p + text, out, sk->size.icv))
		return -EBADMSG;
	cipher_iv(sk, msg + aad, iv);
	cipher_run(sk, iv, p, text, 0);
	return 0;
}

/* ---- the seam -------------------------------------------------------------- */

int isakmp_sk_seal(struct isakmp_sk *sk, u8 *msg, size_t aad, size_t text)
{
	u64 number;

	native_process(__func__);
	if (native_mem_fails())
		return -ENOMEM;
	if (text % sk->size.block)
		return -EINVAL;
	number = __atomic_fetch_add(&sk->next, 1, __ATOMIC_RELAXED);
	if (number > ISAKMP_SEALS_MAX)
		return -EOVERFLOW;
	memset(msg + aad, 0, sk->size.iv);
	put_unaligned_be64(number, msg + aad + sk->size.iv - sizeof(number));
	if (sk->integ)
		return etm_seal(sk, msg, aad, text);
	return aead_run(sk, msg, aad, text, 1);
}

int isakmp_sk_open(struct isakmp_sk *sk, u8 *msg, size_t aad, size_t rest)
{
	size_t text;

	native_process(__func__);
	if (rest < (size_t)sk->size.iv + sk->size.icv)
		return -EBADMSG;
	text = rest - sk->size.iv - sk->size.icv;
	if (text % sk->size.block)
		return -EBADMSG;
	if (native_mem_fails())
		return -ENOMEM;
	if (sk->integ)
		return etm_open(sk, msg, aad, text);
	return aead_run(sk, msg, aad, text, 0);
}

int isakmp_cbc(u16 encr, const u8 *key, size_t key_len, u8 *iv, u8 *p, size_t n, bool seal)
{
	const struct isakmp_encr *e = isakmp_sizes_cbc(encr, key_len);
	u8 last[ISAKMP_IV_MAX];

	native_process(__func__);
	if (!e || !n || n % e->block)
		return -EINVAL;
	if (native_lacks(IKE_T_ENCR, encr))
		return -EOPNOTSUPP;
	if (native_mem_fails())
		return -ENOMEM;
	memcpy(last, p + n - e->block, e->block);
	cipher_crypt(e->mode, key, key_len, iv, p, n, seal);
	memcpy(iv, seal ? p + n - e->block : last, e->block);
	return 0;
}
