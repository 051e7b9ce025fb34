// SPDX-License-Identifier: GPL-2.0
/*
 * Pseudorandom functions: HMAC (RFC 2104, RFC 2403, RFC 2404, RFC 4868); their hashes alone.
 *
 *	HMAC(K, m) = H((K ^ opad) | H((K ^ ipad) | m))
 *
 * The kernel's "hmac(...)" keeps its key in the transform, so it would take a
 * transform per call or a lock around each.  A bare hash has no key: one serves
 * every CPU at once, and HMAC is the line above.
 */
#include <crypto/hash.h>
#include <crypto/md5.h>
#include <crypto/sha1.h>
#include <crypto/sha2.h>

#include "crypto/crypto.h"
#include "crypto/sizes.h"
#include "ike/seam.h"

#define IPAD 0x36
#define OPAD 0x5c
#define BLOCK_MAX SHA512_BLOCK_SIZE

struct prf {
	u16 id;
	u8 len;			/* of the output */
	u8 block;		/* of the hash */
	const char *hash;
	struct crypto_shash *tfm; /* NULL: the kernel has none */
};

static struct prf prfs[] = {
	{ IKE_PRF_HMAC_MD5,	 MD5_DIGEST_SIZE,    MD5_HMAC_BLOCK_SIZE, "md5" },
	{ IKE_PRF_HMAC_SHA1,	 SHA1_DIGEST_SIZE,   SHA1_BLOCK_SIZE,	"sha1" },
	{ IKE_PRF_HMAC_SHA2_256, SHA256_DIGEST_SIZE, SHA256_BLOCK_SIZE, "sha256" },
	{ IKE_PRF_HMAC_SHA2_384, SHA384_DIGEST_SIZE, SHA384_BLOCK_SIZE, "sha384" },
	{ IKE_PRF_HMAC_SHA2_512, SHA512_DIGEST_SIZE, SHA512_BLOCK_SIZE, "sha512" },
};

static const struct prf *prf_find(u16 id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prfs); i++)
		if (prfs[i].id == id && prfs[i].tfm)
			return &prfs[i];
	return NULL;
}

/* H(@pad | @v[0] | @v[1] ...); no @pad: the hash of the pieces alone. */
static int prf_hash(const struct prf *f, const u8 *pad, const struct ike_span *v,
		    unsigned int n, u8 *out)
{
	SHASH_DESC_ON_STACK(desc, f->tfm);
	unsigned int i;
	int err;

	desc->tfm = f->tfm;
	err = crypto_shash_init(desc);
	if (!err && pad)
		err = crypto_shash_update(desc, pad, f->block);
	for (i = 0; !err && i < n; i++)
		err = crypto_shash_update(desc, v[i].p, v[i].len);
	if (!err)
		err = crypto_shash_final(desc, out);
	shash_desc_zero(desc);
	return err;
}

/* One of the two hashes of HMAC.  @key is not longer than a block. */
static int prf_pass(const struct prf *f, struct ike_span key, u8 flip,
		    const struct ike_span *v, unsigned int n, u8 *out)
{
	u8 pad[BLOCK_MAX];
	size_t i;
	int err;

	for (i = 0; i < f->block; i++)
		pad[i] = (i < key.len ? key.p[i] : 0) ^ flip;
	err = prf_hash(f, pad, v, n, out);
	memzero_explicit(pad, sizeof(pad));
	return err;
}

/**
 * isakmp_prf() - prf(key, data) (RFC 7296, 2.13)
 * @prf: PRF transform ID
 * @key: key, of any length
 * @key_len: its octets
 * @v: the data, in pieces
 * @n: number of pieces
 * @out: isakmp_prf_len() octets; may be one of the pieces
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int isakmp_prf(u16 prf, const u8 *key, size_t key_len,
	       const struct ike_span *v, unsigned int n, u8 *out)
{
	u8 inner[ISAKMP_PRF_LEN_MAX], hashed[ISAKMP_PRF_LEN_MAX];
	struct ike_span k = { key, key_len };
	const struct prf *f = prf_find(prf);
	struct ike_span digest;
	int err = 0;

	if (!f)
		return -EINVAL;
	/* RFC 2104, 2: a longer key is hashed first */
	if (k.len > f->block) {
		err = prf_hash(f, NULL, &k, 1, hashed);
		k = (struct ike_span){ hashed, f->len };
	}
	digest = (struct ike_span){ inner, f->len };
	if (!err)
		err = prf_pass(f, k, IPAD, v, n, inner);
	if (!err)
		err = prf_pass(f, k, OPAD, &digest, 1, out);
	memzero_explicit(hashed, sizeof(hashed));
	memzero_explicit(inner, sizeof(inner));
	return err;
}

/**
 * isakmp_hash() - the hash of a PRF, without a key
 * @prf: PRF transform ID
 * @v: the data, in pieces
 * @n: number of pieces
 * @out: isakmp_prf_len() octets; may be one of the pieces
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int isakmp_hash(u16 prf, const struct ike_span *v, unsigned int n, u8 *out)
{
	const struct prf *f = prf_find(prf);

	return f ? prf_hash(f, NULL, v, n, out) : -EINVAL;
}

/**
 * isakmp_sha1() - SHA-1, for NAT detection and nothing that needs it to be strong
 * @v: the data, in pieces
 * @n: number of pieces
 * @out: ISAKMP_SHA1_LEN octets
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int isakmp_sha1(const struct ike_span *v, unsigned int n, u8 *out)
{
	const struct prf *f = prf_find(IKE_PRF_HMAC_SHA1);

	BUILD_BUG_ON(ISAKMP_SHA1_LEN != SHA1_DIGEST_SIZE);
	return f ? prf_hash(f, NULL, v, n, out) : -EOPNOTSUPP;
}

bool isakmp_prf_usable(u16 prf)
{
	return prf_find(prf);
}

int isakmp_prf_init(void)
{
	struct crypto_shash *tfm;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prfs); i++) {
		tfm = crypto_alloc_shash(prfs[i].hash, 0, 0);
		if (!IS_ERR(tfm)) {
			prfs[i].tfm = tfm;
			continue;
		}
		if (isakmp_alg_missing(PTR_ERR(tfm)))
			continue;
		isakmp_prf_exit();
		return PTR_ERR(tfm);
	}
	return 0;
}

void isakmp_prf_exit(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prfs); i++) {
		crypto_free_shash(prfs[i].tfm);
		prfs[i].tfm = NULL;
	}
}
