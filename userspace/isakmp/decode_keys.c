// SPDX-License-Identifier: GPL-2.0
/* SK payloads, opened with keys that somebody wrote down. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "decode.h"

/* The parts of an SK payload's body. */
struct sealed {
	const struct keytable_cipher *cipher;
	const uint8_t *key;	/* and salt */
	const uint8_t *msg;
	size_t aad;		/* header to SK's generic header */
	const uint8_t *iv;
	const uint8_t *text;
	size_t len;
	const uint8_t *icv;
};

/* RFC 7296, 3.14: over the message from the header's first octet to the last before it */
static bool mac_good(const struct keytable_integ *integ, const uint8_t *key,
		     const struct sealed *s)
{
	const EVP_MD *md = EVP_get_digestbyname(integ->digest);
	unsigned char mac[EVP_MAX_MD_SIZE];

	return md && HMAC(md, key, integ->key, s->msg, s->icv - s->msg, mac, NULL) &&
	       !CRYPTO_memcmp(mac, s->icv, integ->icv);
}

/* RFC 3686, 4: nonce | IV | a counter that begins with one */
static void counter_make(const struct sealed *s, uint8_t iv[16])
{
	memcpy(iv, s->key + s->cipher->key, 4);
	memcpy(iv + 4, s->iv, 8);
	put_unaligned_be32(1, iv + 12);
}

static bool plain_open(EVP_CIPHER_CTX *c, const EVP_CIPHER *evp, const struct sealed *s,
		       uint8_t *text)
{
	uint8_t iv[16];
	int n;

	if (s->cipher->mode == CIPHER_CTR)
		counter_make(s, iv);
	else
		memcpy(iv, s->iv, s->cipher->iv);
	return EVP_DecryptInit_ex(c, evp, NULL, s->key, iv) &&
	       EVP_CIPHER_CTX_set_padding(c, 0) &&
	       EVP_DecryptUpdate(c, text, &n, s->text, s->len) &&
	       EVP_DecryptFinal_ex(c, text + n, &n);
}

/* RFC 5282, 4 and 5: nonce = salt | IV, associated data = up to SK's own header */
static bool aead_open(EVP_CIPHER_CTX *c, const EVP_CIPHER *evp, const struct sealed *s,
		      uint8_t *text)
{
	const struct keytable_cipher *k = s->cipher;
	bool ccm = k->mode == CIPHER_CCM;
	uint8_t nonce[16];
	int n;

	memcpy(nonce, s->key + k->key, k->salt);
	memcpy(nonce + k->salt, s->iv, k->iv);
	if (!EVP_DecryptInit_ex(c, evp, NULL, NULL, NULL) ||
	    !EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_IVLEN, k->salt + k->iv, NULL) ||
	    !EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, k->icv, (void *)s->icv) ||
	    !EVP_DecryptInit_ex(c, NULL, NULL, s->key, nonce))
		return false;
	if (ccm && !EVP_DecryptUpdate(c, NULL, &n, NULL, s->len))
		return false;
	return EVP_DecryptUpdate(c, NULL, &n, s->msg, s->aad) &&
	       EVP_DecryptUpdate(c, text, &n, s->text, s->len) &&
	       (ccm || EVP_DecryptFinal_ex(c, text + n, &n));
}

static bool sealed_open(const struct sealed *s, uint8_t *text)
{
	EVP_CIPHER *evp = EVP_CIPHER_fetch(NULL, s->cipher->evp, NULL);
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	bool ok = evp && c;

	if (ok && s->cipher->icv)
		ok = aead_open(c, evp, s, text);
	else if (ok)
		ok = plain_open(c, evp, s, text);
	EVP_CIPHER_CTX_free(c);
	EVP_CIPHER_free(evp);
	return ok;
}

/**
 * decode_open() - opens an SK payload
 * @sa: the keys of its IKE SA
 * @initiator: the message is from the IKE SA's initiator
 * @msg: the message
 * @aad: octets before the SK payload's body
 * @n: octets of the message
 * @text: room for @n octets: what is inside
 * @len: its octets, without padding
 *
 * Return: OK, ICV or BAD_SK.
 */
enum isakmp_reason decode_open(const struct keytable_sa *sa, bool initiator,
			       const uint8_t *msg, size_t aad, size_t n, uint8_t *text,
			       size_t *len)
{
	const struct keytable_cipher *k = sa->cipher;
	size_t icv = k->icv ? k->icv : sa->integ->icv;
	struct sealed s = { .cipher = k, .key = sa->sk_e[!initiator], .msg = msg,
			    .aad = aad, .iv = msg + aad, .icv = msg + n - icv };
	size_t pad;

	/* Pad Length is always there. */
	if (n < aad + k->iv + 1 + icv)
		return ISAKMP_R_BAD_SK;
	s.text = s.iv + k->iv;
	s.len = s.icv - s.text;
	if (k->mode == CIPHER_CBC && s.len % k->iv)
		return ISAKMP_R_BAD_SK;
	if (!k->icv && !mac_good(sa->integ, sa->sk_a[!initiator], &s))
		return ISAKMP_R_ICV;
	if (!sealed_open(&s, text))
		return ISAKMP_R_ICV;
	pad = text[s.len - 1] + 1U;
	if (pad > s.len)
		return ISAKMP_R_BAD_SK;
	*len = s.len - pad;
	return ISAKMP_OK;
}
