// SPDX-License-Identifier: GPL-2.0
/* What is spoken, as tables.  Whether the running kernel can is algs.c's question. */
#include "crypto/ecp.h"
#include "crypto/modp.h"
#include "crypto/sizes.h"
#include "ike/seam.h"

static const struct isakmp_encr encrs[] = {
	/*			     mode	      key salt iv block icv */
	/* RFC 2451 */
	{ IKE_ENCR_3DES,	     ISAKMP_MODE_3DES, 24, 0,  8,  8,  0 },
	/* RFC 3602, RFC 7296, 3.14 */
	{ IKE_ENCR_AES_CBC,	     ISAKMP_MODE_CBC,	0, 0, 16, 16,  0 },
	/* RFC 5930, 2; RFC 3686, 5.1 */
	{ IKE_ENCR_AES_CTR,	     ISAKMP_MODE_CTR,	0, 4,  8,  1,  0 },
	/* RFC 5282, 3 and 4; RFC 4309, 7.1 */
	{ IKE_ENCR_AES_CCM_8,	     ISAKMP_MODE_CCM,	0, 3,  8,  1,  8 },
	{ IKE_ENCR_AES_CCM_12,	     ISAKMP_MODE_CCM,	0, 3,  8,  1, 12 },
	{ IKE_ENCR_AES_CCM_16,	     ISAKMP_MODE_CCM,	0, 3,  8,  1, 16 },
	/* RFC 5282, 3 and 4; RFC 4106, 8.1 */
	{ IKE_ENCR_AES_GCM_8,	     ISAKMP_MODE_GCM,	0, 4,  8,  1,  8 },
	{ IKE_ENCR_AES_GCM_12,	     ISAKMP_MODE_GCM,	0, 4,  8,  1, 12 },
	{ IKE_ENCR_AES_GCM_16,	     ISAKMP_MODE_GCM,	0, 4,  8,  1, 16 },
	/* RFC 7634, 2 and 3 */
	{ IKE_ENCR_CHACHA20_POLY1305, ISAKMP_MODE_CHACHA, 32, 4, 8, 1, 16 },
};

/* RFC 2403; RFC 2404; RFC 4868, 2.6 */
static const struct isakmp_integ integs[] = {
	{ IKE_INTEG_HMAC_MD5_96,       IKE_PRF_HMAC_MD5,      12 },
	{ IKE_INTEG_HMAC_SHA1_96,      IKE_PRF_HMAC_SHA1,     12 },
	{ IKE_INTEG_HMAC_SHA2_256_128, IKE_PRF_HMAC_SHA2_256, 16 },
	{ IKE_INTEG_HMAC_SHA2_384_192, IKE_PRF_HMAC_SHA2_384, 24 },
	{ IKE_INTEG_HMAC_SHA2_512_256, IKE_PRF_HMAC_SHA2_512, 32 },
};

/* RFC 2104; RFC 4868, 2.4: the output is also the preferred key length */
static const struct {
	u16 id;
	u8 len;
} prfs[] = {
	{ IKE_PRF_HMAC_MD5,	 16 },
	{ IKE_PRF_HMAC_SHA1,	 20 },
	{ IKE_PRF_HMAC_SHA2_256, 32 },
	{ IKE_PRF_HMAC_SHA2_384, 48 },
	{ IKE_PRF_HMAC_SHA2_512, 64 },
};

/*
 * Private exponents of MODP groups have twice the strength of the group, in bits:
 *
 *			 1024	  1536	   2048	    3072     4096     6144     8192
 *	RFC 3526, 8	    -	90-120	110-160  130-210  150-240  170-270  190-310
 *	NIST SP 800-57	   80	  96	  112	   128	    152	     176      200
 *	exponents	  192	 240	  256	   288	    336	     384      416
 */
static const struct isakmp_group groups[] = {
	/* RFC 2409, 6.2; RFC 3526; RFC 7296, 3.4: values as long as the prime */
	{ IKE_KE_MODP_1024, ISAKMP_KEX_MODP,   24, 128, 128 },
	{ IKE_KE_MODP_1536, ISAKMP_KEX_MODP,   30, 192, 192 },
	{ IKE_KE_MODP_2048, ISAKMP_KEX_MODP,   32, 256, 256 },
	{ IKE_KE_MODP_3072, ISAKMP_KEX_MODP,   36, 384, 384 },
	{ IKE_KE_MODP_4096, ISAKMP_KEX_MODP,   42, 512, 512 },
	{ IKE_KE_MODP_6144, ISAKMP_KEX_MODP,   48, 768, 768 },
	{ IKE_KE_MODP_8192, ISAKMP_KEX_MODP,   52, 1024, 1024 },
	/* RFC 5903, 7: x | y; the secret is x */
	{ IKE_KE_ECP_256,   ISAKMP_KEX_ECP,    32,  64,	 32 },
	{ IKE_KE_ECP_384,   ISAKMP_KEX_ECP,    48,  96,	 48 },
	{ IKE_KE_ECP_521,   ISAKMP_KEX_HELPER,	0, 132,	 66 },
	/* RFC 8031, 3 */
	{ IKE_KE_X25519,    ISAKMP_KEX_X25519, 32,  32,	 32 },
	{ IKE_KE_X448,	    ISAKMP_KEX_HELPER,	0,  56,	 56 },
};

static const struct isakmp_encr *encr_find(u16 id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(encrs); i++)
		if (encrs[i].id == id)
			return &encrs[i];
	return NULL;
}

/**
 * isakmp_sizes_encr() - the row of an encryption algorithm
 * @id: ENCR transform ID
 * @keylen: key length attribute, bits; 0: there is none
 *
 * Context: any.
 * Return: the row; NULL: not spoken, or not with that key length.
 */
const struct isakmp_encr *isakmp_sizes_encr(u16 id, u16 keylen)
{
	bool aes = keylen == 128 || keylen == 192 || keylen == 256;
	const struct isakmp_encr *e = encr_find(id);

	return e && (e->key ? !keylen : aes) ? e : NULL;
}

/**
 * isakmp_sizes_cbc() - the row of a cipher in CBC mode, by the octets of its key
 * @id: ENCR transform ID
 * @key_len: octets of the key
 *
 * Context: any.
 * Return: the row; NULL: no such cipher, or not with such a key.
 */
const struct isakmp_encr *isakmp_sizes_cbc(u16 id, size_t key_len)
{
	const struct isakmp_encr *e = encr_find(id);

	if (!e || !isakmp_encr_is_cbc(e) || key_len > U8_MAX)
		return NULL;
	if (e->key)
		return key_len == e->key ? e : NULL;
	return isakmp_sizes_encr(id, 8 * key_len);
}

/**
 * isakmp_cbc_block() - octets of a block of a cipher in CBC mode
 * @encr: ENCR transform ID
 *
 * Context: any.
 * Return: octets, 0 when it is none, or not known.
 */
size_t isakmp_cbc_block(u16 encr)
{
	const struct isakmp_encr *e = encr_find(encr);

	return e && isakmp_encr_is_cbc(e) ? e->block : 0;
}

/**
 * isakmp_sizes_integ() - the row of an integrity algorithm
 * @id: INTEG transform ID
 *
 * Context: any.
 * Return: the row; NULL: not spoken.
 */
const struct isakmp_integ *isakmp_sizes_integ(u16 id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(integs); i++)
		if (integs[i].id == id)
			return &integs[i];
	return NULL;
}

/**
 * isakmp_sizes_group() - the row of a key exchange
 * @id: KE transform ID
 *
 * Context: any.
 * Return: the row; NULL: not spoken.
 */
const struct isakmp_group *isakmp_sizes_group(u16 id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(groups); i++)
		if (groups[i].id == id)
			return &groups[i];
	return NULL;
}

/**
 * isakmp_prf_len() - octets of a PRF's output, which is also its preferred key
 * @prf: PRF transform ID
 *
 * Context: any.
 * Return: octets, 0 when it is not known.
 */
size_t isakmp_prf_len(u16 prf)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prfs); i++)
		if (prfs[i].id == prf)
			return prfs[i].len;
	return 0;
}

/**
 * isakmp_encr_key_len() - octets of KEYMAT that an encryption algorithm takes
 * @encr: ENCR transform ID
 * @keylen: its key length attribute, bits
 *
 * Context: any.
 * Return: octets with the salt, 0 when it is not known.
 */
size_t isakmp_encr_key_len(u16 encr, u16 keylen)
{
	const struct isakmp_encr *e = isakmp_sizes_encr(encr, keylen);

	return e ? (e->key ?: keylen / 8) + e->salt : 0;
}

/* Do the eight octets of @a and @b make the same key of DES?  The last bit is parity. */
static bool des_same(const u8 *a, const u8 *b)
{
	u8 differ = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		differ |= (a[i] ^ b[i]) & 0xfe;
	return !differ;
}

/**
 * isakmp_encr_key_weak() - must this key not be used?
 * @encr: ENCR transform ID
 * @key: isakmp_encr_key_len() octets
 *
 * RFC 2451, 2.3: 3DES whose first two or last two keys are the same is DES.  Nobody will
 * ever see one by chance.  It is looked for here and not by the crypto API, which would do
 * it for IKE alone: XFRM keys its transforms without that flag.
 *
 * Context: any.
 * Return: whether it must not.
 */
bool isakmp_encr_key_weak(u16 encr, const u8 *key)
{
	return encr == IKE_ENCR_3DES && (des_same(key, key + 8) || des_same(key + 8, key + 16));
}

/**
 * isakmp_integ_key_len() - octets of KEYMAT that an integrity algorithm takes
 * @integ: INTEG transform ID
 *
 * Context: any.
 * Return: octets, 0 for IKE_INTEG_NONE and when it is not known.
 */
size_t isakmp_integ_key_len(u16 integ)
{
	const struct isakmp_integ *row = isakmp_sizes_integ(integ);

	return row ? isakmp_prf_len(row->prf) : 0;
}

/**
 * isakmp_encr_is_aead() - does an encryption algorithm make its own ICV?
 * @encr: ENCR transform ID
 *
 * RFC 5282, 8: such a one is never combined with an INTEG transform.
 *
 * Context: any.
 * Return: whether it does; false when it is not known.
 */
bool isakmp_encr_is_aead(u16 encr)
{
	const struct isakmp_encr *e = encr_find(encr);

	return e && e->icv;
}

/**
 * isakmp_kex_pub_len() - octets of a public value
 * @group: KE transform ID
 *
 * Context: any.
 * Return: octets, 0 when it is not known.
 */
size_t isakmp_kex_pub_len(u16 group)
{
	const struct isakmp_group *g = isakmp_sizes_group(group);

	return g ? g->pub : 0;
}

/**
 * isakmp_kex_prime() - the prime of a MODP group
 * @group: KE transform ID
 *
 * Context: any.
 * Return: it; empty: the group is none of these.
 */
struct ike_span isakmp_kex_prime(u16 group)
{
	const struct isakmp_group *g = isakmp_sizes_group(group);

	if (!g || g->kind != ISAKMP_KEX_MODP)
		return (struct ike_span){ NULL, 0 };
	return (struct ike_span){ isakmp_modp_prime(g), g->pub };
}

/**
 * isakmp_kex_pub_ok() - may a public value be used? (RFC 6989, 2)
 * @group: KE transform ID
 * @pub: the peer's public value, never trusted
 * @len: its octets
 *
 * Cheap beside what follows when it may.  Of X25519 and X448 every value of the
 * right length is taken (RFC 8031, 3.2): what is wrong with one shows in g^ir.
 *
 * Context: any.
 * Return: whether it may.
 */
bool isakmp_kex_pub_ok(u16 group, const u8 *pub, size_t len)
{
	const struct isakmp_group *g = isakmp_sizes_group(group);

	if (!g || len != g->pub)
		return false;
	if (g->kind == ISAKMP_KEX_MODP)
		return isakmp_modp_valid(g, pub);
	return !isakmp_ecp_is(group) || isakmp_ecp_valid(group, pub);
}

/**
 * isakmp_kex_by_helper() - is a group computed by the helper?
 * @group: KE transform ID
 *
 * Context: any.
 * Return: whether it is.
 */
bool isakmp_kex_by_helper(u16 group)
{
	const struct isakmp_group *g = isakmp_sizes_group(group);

	return g && g->kind == ISAKMP_KEX_HELPER;
}

/**
 * isakmp_sk_size() - the sizes of a suite's SK payload
 * @s: the suite
 *
 * RFC 7296, 3.14: IV and alignment are those of the cipher; RFC 5282, 3 and RFC
 * 5930, 2: with an AEAD and with counter mode the text needs no alignment.
 *
 * Context: any.
 * Return: octets; all zero when the suite cannot protect a message.
 */
struct isakmp_sk_size isakmp_sk_size(const struct ike_suite *s)
{
	const struct isakmp_encr *e = isakmp_sizes_encr(s->encr, s->keylen);
	const struct isakmp_integ *integ = isakmp_sizes_integ(s->integ);
	struct isakmp_sk_size size = { 0 };

	if (isakmp_sizes_sk_key(s))
		size = (struct isakmp_sk_size){ e->iv, e->block, e->icv ?: integ->icv };
	return size;
}

/**
 * isakmp_sizes_sk_key() - octets of the keys of one direction
 * @s: the suite
 *
 * Context: any.
 * Return: octets of SK_e with the salt, and of SK_a; 0: these do not go
 * together, or are not known.
 */
size_t isakmp_sizes_sk_key(const struct ike_suite *s)
{
	size_t encr = isakmp_encr_key_len(s->encr, s->keylen);
	size_t integ = isakmp_integ_key_len(s->integ);

	if (!encr || (s->integ != IKE_INTEG_NONE) != !!integ ||
	    isakmp_encr_is_aead(s->encr) == !!integ)
		return 0;
	return encr + integ;
}

/**
 * isakmp_sizes_spoken() - is this transform one of ours?
 * @transform_type: enum ike_transform_type
 * @id: transform ID
 * @keylen: key length attribute, bits, or 0
 *
 * Context: any.
 * Return: whether it is; the running kernel may lack it.
 */
bool isakmp_sizes_spoken(u8 transform_type, u16 id, u16 keylen)
{
	if (transform_type == IKE_T_ENCR)
		return isakmp_sizes_encr(id, keylen);
	if (keylen)
		return false;
	switch (transform_type) {
	case IKE_T_PRF:
		return isakmp_prf_len(id);
	case IKE_T_INTEG:
		return id == IKE_INTEG_NONE || isakmp_sizes_integ(id);
	case IKE_T_KE:
		return id == IKE_KE_NONE || isakmp_sizes_group(id);
	case IKE_T_ESN:
		return id == IKE_ESN_NO || id == IKE_ESN_YES;
	default:
		return false;
	}
}
