// SPDX-License-Identifier: GPL-2.0
/*
 * The algorithms of ESP and AH: transforms of the IKEv2 registry as XFRM names them.
 *
 * Found once, at load: a search by name with probing costs more than keying a
 * state.  A cipher and a hash are put together when a suite with both is named first:
 * there are many, each takes the crypto API's self-test, and few are ever named.  What
 * the kernel lacks is not offered (isakmp_esp_has()).
 */
#include <linux/crypto.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <net/xfrm.h>
#include <isakmp/ikev2.h>
#include "ike/seam.h"
#include "xfrm/inner.h"

/*
 * AEADs.  The salt is behind the key (RFC 4106, 8.1; RFC 4309, 7.1; RFC 7634, 2), which
 * is how XFRM wants it.
 */
static struct isakmp_esp_aead {
	u16 encr;
	u16 icv_bits;
	const char *name;
	const struct xfrm_algo_desc *desc;	/* NULL: not here */
} isakmp_esp_aeads[] = {
	{ IKE_ENCR_AES_GCM_8, 64, "rfc4106(gcm(aes))" },
	{ IKE_ENCR_AES_GCM_12, 96, "rfc4106(gcm(aes))" },
	{ IKE_ENCR_AES_GCM_16, 128, "rfc4106(gcm(aes))" },
	{ IKE_ENCR_AES_CCM_8, 64, "rfc4309(ccm(aes))" },
	{ IKE_ENCR_AES_CCM_12, 96, "rfc4309(ccm(aes))" },
	{ IKE_ENCR_AES_CCM_16, 128, "rfc4309(ccm(aes))" },
	{ IKE_ENCR_CHACHA20_POLY1305, 128, "rfc7539esp(chacha20,poly1305)" },
};

/* Ciphers that need an integrity algorithm; the nonce of CTR is behind its key (RFC 3686, 5.1). */
static struct isakmp_esp_cipher {
	u16 encr;
	const char *name;
	const struct xfrm_algo_desc *desc;
} isakmp_esp_ciphers[] = {
	{ IKE_ENCR_3DES, "cbc(des3_ede)" },
	{ IKE_ENCR_AES_CBC, "cbc(aes)" },
	{ IKE_ENCR_AES_CTR, "rfc3686(ctr(aes))" },
};

/* RFC 4868, 2.6: half of the output; RFC 2403, 2 and RFC 2404, 2: 96 bits. */
static struct isakmp_esp_hash {
	u16 integ;
	u16 icv_bits;
	const char *name;
	const struct xfrm_algo_desc *desc;
} isakmp_esp_hashes[] = {
	{ IKE_INTEG_HMAC_MD5_96, 96, "hmac(md5)" },
	{ IKE_INTEG_HMAC_SHA1_96, 96, "hmac(sha1)" },
	{ IKE_INTEG_HMAC_SHA2_256_128, 128, "hmac(sha256)" },
	{ IKE_INTEG_HMAC_SHA2_384_192, 192, "hmac(sha384)" },
	{ IKE_INTEG_HMAC_SHA2_512_256, 256, "hmac(sha512)" },
};

static const struct xfrm_algo_desc *isakmp_esp_deflate;	/* NULL: not here */

/*
 * Were a cipher and a hash put together, without and with ESN?  Only that is kept: what
 * failed may have failed for lack of memory.
 */
static bool isakmp_esp_joins[ARRAY_SIZE(isakmp_esp_ciphers)][ARRAY_SIZE(isakmp_esp_hashes)][2];

static struct isakmp_esp_aead *isakmp_esp_find_aead(u16 encr)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(isakmp_esp_aeads); i++)
		if (isakmp_esp_aeads[i].encr == encr)
			return &isakmp_esp_aeads[i];
	return NULL;
}

/* Index, or -1. */
static int isakmp_esp_find_cipher(u16 encr)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(isakmp_esp_ciphers); i++)
		if (isakmp_esp_ciphers[i].encr == encr)
			return i;
	return -1;
}

static int isakmp_esp_find_hash(u16 integ)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(isakmp_esp_hashes); i++)
		if (isakmp_esp_hashes[i].integ == integ)
			return i;
	return -1;
}

/* As esp_init_aead() names it. */
static bool isakmp_esp_has_aead(const struct xfrm_algo_desc *d)
{
	char name[CRYPTO_MAX_ALG_NAME];

	return snprintf(name, sizeof(name), "%s(%s)", d->uinfo.aead.geniv, d->name) <
		       (int)sizeof(name) &&
	       crypto_has_alg(name, CRYPTO_ALG_TYPE_AEAD, CRYPTO_ALG_TYPE_MASK);
}

/* As esp_init_authenc() names it. */
static bool isakmp_esp_has_join(const struct isakmp_esp_cipher *c, const struct isakmp_esp_hash *h,
				bool esn)
{
	char name[CRYPTO_MAX_ALG_NAME];

	if (!c->desc || !h->desc)
		return false;
	return snprintf(name, sizeof(name), "%s(%s(%s,%s))", c->desc->uinfo.encr.geniv,
			esn ? "authencesn" : "authenc", h->desc->name, c->desc->name) <
		       (int)sizeof(name) &&
	       crypto_has_alg(name, CRYPTO_ALG_TYPE_AEAD, CRYPTO_ALG_TYPE_MASK);
}

/**
 * isakmp_esp_init() - find out what this kernel can do; at load
 *
 * Context: process.
 */
void isakmp_esp_init(void)
{
	const struct xfrm_algo_desc *d;
	unsigned int c, h;

	for (c = 0; c < ARRAY_SIZE(isakmp_esp_aeads); c++) {
		d = xfrm_aead_get_byname(isakmp_esp_aeads[c].name, isakmp_esp_aeads[c].icv_bits, 1);
		isakmp_esp_aeads[c].desc = d && isakmp_esp_has_aead(d) ? d : NULL;
	}
	isakmp_esp_deflate = xfrm_calg_get_byname("deflate", 1);
	for (h = 0; h < ARRAY_SIZE(isakmp_esp_hashes); h++)
		isakmp_esp_hashes[h].desc = xfrm_aalg_get_byname(isakmp_esp_hashes[h].name, 1);
	for (c = 0; c < ARRAY_SIZE(isakmp_esp_ciphers); c++)
		isakmp_esp_ciphers[c].desc = xfrm_ealg_get_byname(isakmp_esp_ciphers[c].name, 1);
}

/* Two at once come to the same result. */
static bool isakmp_esp_joined(unsigned int c, unsigned int h, bool esn)
{
	bool *known = &isakmp_esp_joins[c][h][esn];

	if (READ_ONCE(*known))
		return true;
	if (!isakmp_esp_has_join(&isakmp_esp_ciphers[c], &isakmp_esp_hashes[h], esn))
		return false;
	WRITE_ONCE(*known, true);
	return true;
}

/**
 * isakmp_esp_has() - can this kernel do ESP or AH with a suite?
 * @s: the suite; of it ENCR with its key length, INTEG and ESN count
 *
 * Context: process.
 * Return: true if it can.
 */
bool isakmp_esp_has(const struct ike_suite *s)
{
	const struct isakmp_esp_aead *a = isakmp_esp_find_aead(s->encr);
	int c, h;

	h = isakmp_esp_find_hash(s->integ);
	if (s->protocol == IKE_PROTO_AH)
		return h >= 0 && isakmp_esp_hashes[h].desc;
	if (!isakmp_encr_key_len(s->encr, s->keylen))
		return false;
	if (a)
		return a->desc && s->integ == IKE_INTEG_NONE;
	c = isakmp_esp_find_cipher(s->encr);
	return c >= 0 && h >= 0 && isakmp_esp_joined(c, h, s->esn == IKE_ESN_YES);
}

/**
 * isakmp_esp_has_comp() - can this kernel compress like that?
 * @transform: of IPComp
 *
 * Context: any.
 * Return: true if it can.
 */
bool isakmp_esp_has_comp(u8 transform)
{
	return transform == IKE_IPCOMP_DEFLATE && isakmp_esp_deflate;
}

/**
 * isakmp_esp_comp() - the algorithm of a new state of IPComp
 * @x: the state; xfrm_init_state() comes later
 * @transform: of IPComp
 *
 * Context: process.
 * Return: 0; -EOPNOTSUPP: this kernel cannot do it; -ENOMEM.
 */
int isakmp_esp_comp(struct xfrm_state *x, u8 transform)
{
	if (!isakmp_esp_has_comp(transform))
		return -EOPNOTSUPP;
	x->calg = kzalloc(sizeof(*x->calg), GFP_KERNEL);
	if (!x->calg)
		return -ENOMEM;
	strscpy(x->calg->alg_name, isakmp_esp_deflate->name, sizeof(x->calg->alg_name));
	x->props.calgo = isakmp_esp_deflate->desc.sadb_alg_id;
	return 0;
}

static int isakmp_esp_aead_key(struct xfrm_state *x, const struct isakmp_esp_aead *a,
			       const u8 *key, size_t len)
{
	x->aead = kzalloc(sizeof(*x->aead) + len, GFP_KERNEL);
	if (!x->aead)
		return -ENOMEM;
	strscpy(x->aead->alg_name, a->desc->name, sizeof(x->aead->alg_name));
	x->aead->alg_key_len = 8 * len;
	x->aead->alg_icv_len = a->icv_bits;
	memcpy(x->aead->alg_key, key, len);
	x->props.ealgo = a->desc->desc.sadb_alg_id;
	x->geniv = a->desc->uinfo.aead.geniv;
	return 0;
}

static int isakmp_esp_cipher_key(struct xfrm_state *x, const struct isakmp_esp_cipher *c,
				 const u8 *key, size_t len)
{
	x->ealg = kzalloc(sizeof(*x->ealg) + len, GFP_KERNEL);
	if (!x->ealg)
		return -ENOMEM;
	strscpy(x->ealg->alg_name, c->desc->name, sizeof(x->ealg->alg_name));
	x->ealg->alg_key_len = 8 * len;
	memcpy(x->ealg->alg_key, key, len);
	x->props.ealgo = c->desc->desc.sadb_alg_id;
	x->geniv = c->desc->uinfo.encr.geniv;
	return 0;
}

static int isakmp_esp_hash_key(struct xfrm_state *x, const struct isakmp_esp_hash *h,
			       const u8 *key, size_t len)
{
	x->aalg = kzalloc(sizeof(*x->aalg) + len, GFP_KERNEL);
	if (!x->aalg)
		return -ENOMEM;
	strscpy(x->aalg->alg_name, h->desc->name, sizeof(x->aalg->alg_name));
	x->aalg->alg_key_len = 8 * len;
	x->aalg->alg_trunc_len = h->icv_bits;
	memcpy(x->aalg->alg_key, key, len);
	x->props.aalgo = h->desc->desc.sadb_alg_id;
	return 0;
}

/**
 * isakmp_esp_key() - algorithms and keys of a new state
 * @x: the state; xfrm_init_state() comes later
 * @s: its suite
 * @key: isakmp_encr_key_len(), then isakmp_integ_key_len() octets (RFC 7296, 2.17)
 *
 * Context: process.
 * Return: 0; -EOPNOTSUPP: this kernel cannot do it; -EKEYREJECTED: a key not to be used;
 * -ENOMEM.
 */
int isakmp_esp_key(struct xfrm_state *x, const struct ike_suite *s, const u8 *key)
{
	const struct isakmp_esp_aead *a = isakmp_esp_find_aead(s->encr);
	size_t len = isakmp_encr_key_len(s->encr, s->keylen);
	unsigned int c, h;

	if (!isakmp_esp_has(s))
		return -EOPNOTSUPP;
	if (a)
		return isakmp_esp_aead_key(x, a, key, len);
	h = isakmp_esp_find_hash(s->integ);
	if (s->protocol == IKE_PROTO_AH)
		return isakmp_esp_hash_key(x, &isakmp_esp_hashes[h], key,
					   isakmp_integ_key_len(s->integ));
	if (isakmp_encr_key_weak(s->encr, key))
		return -EKEYREJECTED;
	c = isakmp_esp_find_cipher(s->encr);
	return isakmp_esp_cipher_key(x, &isakmp_esp_ciphers[c], key, len) ?:
	       isakmp_esp_hash_key(x, &isakmp_esp_hashes[h], key + len,
				   isakmp_integ_key_len(s->integ));
}

/**
 * isakmp_esp_copy() - the algorithms and keys of another state
 * @x: a new state
 * @from: one of ours
 *
 * Context: process; nobody writes @from's meanwhile.
 * Return: 0 or -ENOMEM.
 */
int isakmp_esp_copy(struct xfrm_state *x, const struct xfrm_state *from)
{
	x->props.ealgo = from->props.ealgo;
	x->props.aalgo = from->props.aalgo;
	x->geniv = from->geniv;
	if (from->aead)
		x->aead = kmemdup(from->aead, aead_len(from->aead), GFP_KERNEL);
	if (from->ealg)
		x->ealg = kmemdup(from->ealg, xfrm_alg_len(from->ealg), GFP_KERNEL);
	if (from->aalg)
		x->aalg = kmemdup(from->aalg, xfrm_alg_auth_len(from->aalg), GFP_KERNEL);
	if (!x->aead != !from->aead || !x->ealg != !from->ealg || !x->aalg != !from->aalg)
		return -ENOMEM;
	return 0;
}

/**
 * isakmp_esp_wipe() - forget the keys of a state of ours, which is out of use
 * @x: the state
 *
 * The transform has its own copy; XFRM frees ours as it is.
 *
 * Context: any.
 */
void isakmp_esp_wipe(struct xfrm_state *x)
{
	if (x->aead)
		memzero_explicit(x->aead->alg_key, DIV_ROUND_UP(x->aead->alg_key_len, 8));
	if (x->ealg)
		memzero_explicit(x->ealg->alg_key, DIV_ROUND_UP(x->ealg->alg_key_len, 8));
	if (x->aalg)
		memzero_explicit(x->aalg->alg_key, DIV_ROUND_UP(x->aalg->alg_key_len, 8));
}
