// SPDX-License-Identifier: GPL-2.0
/*
 * Revised RSA encryption (RFC 2409, 5.3): the nonce by RSA, what follows it by the cipher of
 * the suite, under a key from the nonce.
 *
 *	Ne_i = prf (Ni_b, CKY-I)	Ne_r = prf (Nr_b, CKY-R)
 *
 * Ke_i and Ke_r are keys of the cipher from these, as in appendix B; one chain of CBC from an
 * IV of zeros leads through all bodies, in the order of the message.  KE, ID and CERT are
 * encrypted: HASH_R is not, as the RFC draws it, nor are VENDOR, NOTIFY and NAT-D, which it does
 * not know.
 *
 * Who could not read the nonce has a key of his own making: what comes of it is no value and
 * no identity, but the answer is the same, and HASH_I will be wrong.
 */
#include "v1/engine.h"

/**
 * struct cipher - what encrypts the bodies of one message
 * @key: Ke_i or Ke_r
 * @key_len: its octets
 * @iv: of the next body
 */
struct cipher {
	u8 key[V1_KEY_MAX];
	size_t key_len;
	u8 iv[V1_BLOCK_MAX];
};

static enum isakmp_reason key_of(const struct ike_epoch *ep, bool of_initiator,
				 struct cipher *k)
{
	const struct v1_setup *u = v1_of(ep)->setup;
	u8 ne[64], cookie[V1_COOKIE_LEN];
	const struct ike_span v = { cookie, sizeof(cookie) };
	int err;

	memset(k, 0, sizeof(*k));
	put_unaligned_be64(of_initiator ? ep->spi_i : ep->spi_r, cookie);
	err = isakmp_prf(ep->suite.prf, of_initiator ? u->ni : u->nr,
			 of_initiator ? u->ni_len : u->nr_len, &v, 1, ne);
	if (!err)
		err = v1_cipher_key(&ep->suite, ne, k->key, &k->key_len);
	memzero_explicit(ne, sizeof(ne));
	return v1_crypto_reason(err);
}

/**
 * v1_revised_len - how long a body becomes by encryption
 * @s: the suite
 * @n: octets of the body
 *
 * "Note that this means there will always be padding."
 *
 * Context: Any.
 * Return: octets.
 */
size_t v1_revised_len(const struct ike_suite *s, size_t n)
{
	size_t block = isakmp_cbc_block(s->encr);

	return block ? n + block - n % block : n;
}

/* ---- ours ---------------------------------------------------------------- */

static enum isakmp_reason add(struct v1_msg *m, struct cipher *k, u8 type, const u8 *p, size_t n)
{
	size_t whole = v1_revised_len(&m->ep->suite, n), pad = whole - n - 1, at;
	enum isakmp_reason why;

	isakmp_build_payload(&m->b, type);
	at = m->b.o.len;
	isakmp_out_bytes(&m->b.o, p, n);
	isakmp_out_zero(&m->b.o, pad);
	isakmp_out_u8(&m->b.o, (u8)pad);
	if (m->b.o.full)
		return ISAKMP_R_OVERSIZE;
	why = v1_crypto_reason(isakmp_cbc(m->ep->suite.encr, k->key, k->key_len, k->iv,
					  m->buf + at, whole, true));
	isakmp_build_close(&m->b);
	return why;
}

/**
 * v1_revised_add - KE and ID of ours, encrypted; the nonce stands before them
 * @m: the message
 *
 * Context: Process; the SA's worker.
 * Return: OK, OVERSIZE, NO_MEMORY, CRYPTO.
 */
enum isakmp_reason v1_revised_add(struct v1_msg *m)
{
	const struct v1_setup *u = v1_of(m->ep)->setup;
	bool first = m->ep->initiator;
	enum isakmp_reason why;
	struct cipher k;

	why = key_of(m->ep, first, &k);
	if (!why)
		why = add(m, &k, V1_PL_KE, first ? u->ke_i : u->ke_r,
			  first ? u->ke_i_len : u->ke_r_len);
	if (!why)
		why = add(m, &k, V1_PL_ID, u->id, u->id_len);
	memzero_explicit(&k, sizeof(k));
	return why;
}

/* ---- the peer's ---------------------------------------------------------- */

static bool is_sealed(u8 type)
{
	return type == V1_PL_KE || type == V1_PL_ID || type == V1_PL_CERT;
}

/**
 * v1_revised_fits - can the bodies be what they have to be?  Everybody can see that.
 * @ep: the ISAKMP SA; its suite is agreed on
 * @c: the message
 *
 * Context: Process; the SA's worker.
 * Return: OK, KE_VALUE, BAD_ID, BAD_CERT.
 */
enum isakmp_reason v1_revised_fits(const struct ike_epoch *ep, const struct v1_chain *c)
{
	size_t block = isakmp_cbc_block(ep->suite.encr), ke = isakmp_kex_pub_len(ep->suite.ke);
	const struct isakmp_payload *pl;

	if (v1_chain_find(c, V1_PL_KE)->len != v1_revised_len(&ep->suite, ke))
		return ISAKMP_R_KE_VALUE;
	for (pl = c->pl; pl < c->pl + c->n; pl++) {
		if (!is_sealed(pl->type) || (pl->len && pl->len % block == 0))
			continue;
		return pl->type == V1_PL_ID ? ISAKMP_R_BAD_ID : ISAKMP_R_BAD_CERT;
	}
	return v1_chain_find(c, V1_PL_ID)->len > v1_revised_len(&ep->suite, 4 + IKE_ID_MAX) ?
	       ISAKMP_R_BAD_ID : ISAKMP_OK;
}

/* Octets without the padding; of what has none, as if it had one. */
static u16 unpadded(const u8 *p, u16 n, size_t block)
{
	u8 pad = p[n - 1];

	return pad < block && pad + 1 < n ? (u16)(n - pad - 1) : (u16)(n - 1);
}

/* In place: the payloads close up to each other, so that they can be read again. */
static enum isakmp_reason open(struct ike_epoch *ep, const struct v1_chain *c, struct cipher *k)
{
	size_t block = isakmp_cbc_block(ep->suite.encr);
	struct v1_setup *u = v1_of(ep)->setup;
	const struct isakmp_payload *pl;
	u8 *from, *to = u->kept;
	enum isakmp_reason why;
	u16 n;

	for (pl = c->pl; pl < c->pl + c->n; pl++) {
		from = u->kept + (pl->body - u->kept);
		n = pl->len;
		if (is_sealed(pl->type)) {
			why = v1_crypto_reason(isakmp_cbc(ep->suite.encr, k->key, k->key_len,
							  k->iv, from, n, false));
			if (why)
				return why;
			n = unpadded(from, n, block);
		}
		memmove(to, from - IKE_PL_HDR_LEN, IKE_PL_HDR_LEN + n);
		put_unaligned_be16((u16)(IKE_PL_HDR_LEN + n), to + 2);
		to += IKE_PL_HDR_LEN + n;
	}
	u->kept_len = (u32)(to - u->kept);
	return ISAKMP_OK;
}

static enum isakmp_reason keep_id(struct v1_setup *u, const struct isakmp_payload *id)
{
	u16 n = min_t(u16, id->len, 4 + IKE_ID_MAX);
	u8 *copy = ike_copy(id->body, n);

	if (!copy)
		return ISAKMP_R_NO_MEMORY;
	isakmp_free(u->peer_id);
	u->peer_id = copy;
	u->peer_id_len = n;
	return ISAKMP_OK;
}

/**
 * v1_revised_open - KE and identity of the peer, whose nonce is there
 * @ep: the ISAKMP SA; the message is kept, and has no encrypted bodies afterwards
 *
 * The responder goes on without a value when there is none: there will be no keys.
 *
 * Context: Process; the SA's worker.
 * Return: OK: both are kept; of the initiator KE_VALUE, REFLECTED; NO_MEMORY, CRYPTO.
 */
enum isakmp_reason v1_revised_open(struct ike_epoch *ep)
{
	struct v1_setup *u = v1_of(ep)->setup;
	struct v1_chain *c = isakmp_alloc(sizeof(*c));
	enum isakmp_reason why = c ? v1_kept_read(u, c) : ISAKMP_R_NO_MEMORY;
	struct cipher k;
	u32 arg;

	if (!why)
		why = key_of(ep, !ep->initiator, &k);
	if (!why)
		why = open(ep, c, &k);
	memzero_explicit(&k, sizeof(k));
	if (!why)
		why = v1_kept_read(u, c);
	if (!why)
		why = keep_id(u, v1_chain_find(c, V1_PL_ID));
	if (!why && v1_ke_read(ep, c, &arg)) {
		v1_ke_none(ep);
		why = ep->initiator ? ISAKMP_R_KE_VALUE : ISAKMP_OK;
	}
	isakmp_free(c);
	return why;
}
