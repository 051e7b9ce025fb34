// SPDX-License-Identifier: GPL-2.0
/*
 * Key derivation of version 1: RFC 2409, 5, 5.5 and appendix B.
 *
 * The prf is the HMAC of the negotiated hash: no other one was ever registered.
 */
#include "v1/engine.h"

/* Computed aside: an ISAKMP SA has all of them or none. */
struct v1_keys {
	u8 d[64];
	u8 a[64];
	u8 e[64];
	u8 key[V1_KEY_MAX];
	u8 iv[64];	/* as the hash is; its beginning is the IV */
	size_t key_len;
};

/* CKY-I | CKY-R */
static void cookies(u64 cky_i, u64 cky_r, u8 out[16])
{
	put_unaligned_be64(cky_i, out);
	put_unaligned_be64(cky_r, out + 8);
}

/**
 * v1_skeyid_sig - SKEYID of authentication by signatures (RFC 2409, 5)
 * @s: suite of the ISAKMP SA
 * @u: nonces and g^xy
 * @skeyid: isakmp_prf_len() octets
 *
 *	SKEYID = prf (Ni_b | Nr_b, g^xy)
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int v1_skeyid_sig(const struct ike_suite *s, const struct v1_setup *u, u8 *skeyid)
{
	const struct ike_span shared = { u->shared, u->shared_len };
	size_t len = u->ni_len + u->nr_len;
	u8 *key = isakmp_alloc(len);
	int err;

	/* Two nonces are half a kilobyte: not on the stack */
	if (!key)
		return -ENOMEM;
	memcpy(key, u->ni, u->ni_len);
	memcpy(key + u->ni_len, u->nr, u->nr_len);
	err = isakmp_prf(s->prf, key, len, &shared, 1, skeyid);
	isakmp_free(key);
	return err;
}

/**
 * v1_skeyid_enc - SKEYID of authentication by public key encryption (RFC 2409, 5)
 * @s: suite of the ISAKMP SA
 * @u: nonces, decrypted
 * @cky_i: cookie of the initiator
 * @cky_r: of the responder
 * @skeyid: isakmp_prf_len() octets
 *
 *	SKEYID = prf (hash (Ni_b | Nr_b), CKY-I | CKY-R)
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int v1_skeyid_enc(const struct ike_suite *s, const struct v1_setup *u, u64 cky_i, u64 cky_r,
		  u8 *skeyid)
{
	const struct ike_span nonces[] = { { u->ni, u->ni_len }, { u->nr, u->nr_len } };
	u8 key[64], both[16];
	const struct ike_span v = { both, sizeof(both) };
	int err;

	cookies(cky_i, cky_r, both);
	err = isakmp_hash(s->prf, nonces, ARRAY_SIZE(nonces), key);
	if (!err)
		err = isakmp_prf(s->prf, key, isakmp_prf_len(s->prf), &v, 1, skeyid);
	memzero_explicit(key, sizeof(key));
	return err;
}

/*
 * prf (@key, @seed), and when that is too short (appendix B; 5.5)
 *
 *	K1 = prf (key, seed), K2 = prf (key, K1 | seed), ...	@with_seed
 *	K1 = prf (key, seed), K2 = prf (key, K1), ...
 */
static int feed_back(u16 prf, const u8 *key, const struct ike_span *seed, unsigned int n,
		     bool with_seed, u8 *out, size_t len)
{
	size_t size = isakmp_prf_len(prf), done = 0, part;
	struct ike_span v[6];
	u8 k[64];
	int err = size ? 0 : -EINVAL;

	memcpy(v + 1, seed, n * sizeof(*seed));
	while (!err && done < len) {
		v[0] = (struct ike_span){ k, done ? size : 0 };
		err = isakmp_prf(prf, key, size, v, done && !with_seed ? 1 : n + 1, k);
		if (err)
			break;
		part = min(size, len - done);
		memcpy(out + done, k, part);
		done += part;
	}
	memzero_explicit(k, sizeof(k));
	if (err)
		memzero_explicit(out, len);
	return err;
}

/**
 * v1_cipher_key - key of a cipher (RFC 2409, appendix B; 5.3)
 * @s: suite of the ISAKMP SA
 * @from: SKEYID_e, or Ne_i or Ne_r of revised encryption: isakmp_prf_len() octets
 * @key: V1_KEY_MAX room
 * @key_len: octets of @key
 *
 * The beginning of @from; where that is too short, K1 | K2 | ... with K1 = prf (from, 0)
 * and K2 = prf (from, K1).
 *
 * Context: Process.
 * Return: 0; or -errno and @key means nothing: -EINVAL for what is no cipher in CBC mode,
 * -EKEYREJECTED for a key that must not be used.
 */
int v1_cipher_key(const struct ike_suite *s, const u8 *from, u8 *key, size_t *key_len)
{
	size_t len = isakmp_encr_key_len(s->encr, s->keylen);
	static const u8 zero;
	const struct ike_span v = { &zero, 1 };
	int err = 0;

	if (!len || len > V1_KEY_MAX || !isakmp_cbc_block(s->encr))
		return -EINVAL;
	*key_len = len;
	if (len > isakmp_prf_len(s->prf))
		err = feed_back(s->prf, from, &v, 1, false, key, len);
	else
		memcpy(key, from, len);
	if (!err && isakmp_encr_key_weak(s->encr, key))
		err = -EKEYREJECTED;
	return err;
}

/* SKEYID_d, SKEYID_a, SKEYID_e (RFC 2409, 5) */
static int skeyids(const struct ike_epoch *ep, const struct v1_phase1 *p, struct v1_keys *k)
{
	const struct v1_setup *u = p->setup;
	size_t size = isakmp_prf_len(ep->suite.prf);
	u8 both[16], n, *out[] = { k->d, k->a, k->e };
	int err = 0;

	cookies(ep->spi_i, ep->spi_r, both);
	for (n = 0; !err && n < ARRAY_SIZE(out); n++) {
		const struct ike_span v[] = {
			{ n ? out[n - 1] : NULL, n ? size : 0 },
			{ u->shared, u->shared_len }, { both, sizeof(both) }, { &n, 1 },
		};

		err = isakmp_prf(ep->suite.prf, p->skeyid, size, v, ARRAY_SIZE(v), out[n]);
	}
	return err;
}

/* IV of the first message that is encrypted: hash (g^xi | g^xr) (RFC 2409, appendix B) */
static int first_iv(const struct ike_epoch *ep, const struct v1_setup *u, u8 *iv)
{
	const struct ike_span v[] = { { u->ke_i, u->ke_i_len }, { u->ke_r, u->ke_r_len } };

	return isakmp_hash(ep->suite.prf, v, ARRAY_SIZE(v), iv);
}

/**
 * v1_keys_derive - the keys of an ISAKMP SA (RFC 2409, 5 and appendix B)
 * @ep: its epoch: suite, cookies
 * @p: the ISAKMP SA: SKEYID, g^xy, both public values; gets SKEYID_d, SKEYID_a, SKEYID_e,
 *	the key of its cipher and the IV of phase 1
 *
 * Context: Process.
 * Return: 0, or -errno and @p is as it was.
 */
int v1_keys_derive(const struct ike_epoch *ep, struct v1_phase1 *p)
{
	struct v1_keys k = { 0 };
	int err;

	err = skeyids(ep, p, &k);
	if (!err)
		err = v1_cipher_key(&ep->suite, k.e, k.key, &k.key_len);
	if (!err)
		err = first_iv(ep, p->setup, k.iv);
	if (!err) {
		memcpy(p->skeyid_d, k.d, sizeof(p->skeyid_d));
		memcpy(p->skeyid_a, k.a, sizeof(p->skeyid_a));
		memcpy(p->skeyid_e, k.e, sizeof(p->skeyid_e));
		memcpy(p->key, k.key, sizeof(p->key));
		memcpy(p->iv, k.iv, isakmp_cbc_block(ep->suite.encr));
		p->key_len = k.key_len;
	}
	memzero_explicit(&k, sizeof(k));
	return err;
}

/**
 * v1_hash_auth - HASH_I or HASH_R of phase 1 (RFC 2409, 5)
 * @ep: epoch of the ISAKMP SA: suite, cookies; ep->v1 has SKEYID and its set-up
 * @of_initiator: HASH_I
 * @id: body of the ID payload of that side
 * @id_len: its octets
 * @out: isakmp_prf_len() octets
 *
 *	HASH_I = prf (SKEYID, g^xi | g^xr | CKY-I | CKY-R | SAi_b | IDii_b)
 *	HASH_R = prf (SKEYID, g^xr | g^xi | CKY-R | CKY-I | SAi_b | IDir_b)
 *
 * In Base Mode g^xr is not known yet when HASH_I is made: it is left out.
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int v1_hash_auth(const struct ike_epoch *ep, bool of_initiator, const u8 *id, u16 id_len,
		 u8 *out)
{
	const struct v1_phase1 *p = v1_of(ep);
	const struct v1_setup *u = p->setup;
	bool later = of_initiator && p->exchange == V1_BASE;
	const struct ike_span ke_i = { u->ke_i, u->ke_i_len };
	const struct ike_span ke_r = { u->ke_r, later ? 0 : u->ke_r_len };
	u8 both[16];
	const struct ike_span v[] = {
		of_initiator ? ke_i : ke_r, of_initiator ? ke_r : ke_i,
		{ both, sizeof(both) }, { u->sa_i, u->sa_i_len }, { id, id_len },
	};

	if (of_initiator)
		cookies(ep->spi_i, ep->spi_r, both);
	else
		cookies(ep->spi_r, ep->spi_i, both);
	return isakmp_prf(ep->suite.prf, p->skeyid, isakmp_prf_len(ep->suite.prf), v,
			  ARRAY_SIZE(v), out);
}

/**
 * v1_iv_of - IV of the first message under a message ID (RFC 2409, appendix B)
 * @ep: epoch of the ISAKMP SA
 * @msgid: the message ID
 * @iv: V1_BLOCK_MAX room
 *
 *	hash (last block of phase 1 | M-ID)
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int v1_iv_of(const struct ike_epoch *ep, u32 msgid, u8 *iv)
{
	size_t block = isakmp_cbc_block(ep->suite.encr);
	u8 id[4], whole[64];
	const struct ike_span v[] = { { v1_of(ep)->iv, block }, { id, sizeof(id) } };
	int err;

	put_unaligned_be32(msgid, id);
	err = isakmp_hash(ep->suite.prf, v, ARRAY_SIZE(v), whole);
	if (!err)
		memcpy(iv, whole, block);
	return err;
}

/**
 * v1_keymat - KEYMAT of one SA of phase 2 (RFC 2409, 5.5)
 * @ep: epoch of the ISAKMP SA
 * @x: g(qm)^xy, or nothing; Ni_b and Nr_b of the Quick Mode
 * @protocol: enum v1_protocol of the SA
 * @spi: its SPI, host order: of who receives by it
 * @out: K1 | K2 | ..., cut to @len
 * @len: octets wanted
 *
 *	K1 = prf (SKEYID_d, [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b)
 *	K2 = prf (SKEYID_d, K1 | [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b) ...
 *
 * Context: Process.
 * Return: 0, or -errno with @out zeroed.
 */
int v1_keymat(const struct ike_epoch *ep, const struct ike_child_secrets *x, u8 protocol,
	      u32 spi, u8 *out, size_t len)
{
	u8 of[5] = { protocol };
	const struct ike_span seed[] = { x->shared, { of, sizeof(of) }, x->ni, x->nr };

	put_unaligned_be32(spi, of + 1);
	return feed_back(ep->suite.prf, v1_of(ep)->skeyid_d, seed, ARRAY_SIZE(seed), true, out, len);
}
