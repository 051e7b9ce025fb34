// SPDX-License-Identifier: GPL-2.0
/*
 * SK payloads (RFC 7296, 3.14): with an AEAD (RFC 5282, RFC 7634)
 *
 *	| IKE header ... SK's generic header | IV | text ... | ICV |
 *	|<--------- associated data -------->|    |<--------------->|
 *
 * or with a cipher and a MAC over all that comes before the ICV:
 *
 *	|<------------------------ MAC --------------------->| ICV |
 */
#include <linux/scatterlist.h>

#include "crypto/lane.h"
#include "ike/seam.h"

/* The keys of one direction of one IKE SA. */
struct isakmp_sk {
	const struct isakmp_encr *encr;
	const struct isakmp_integ *integ; /* NULL with an AEAD */
	u8 key[ISAKMP_ENCR_KEY_LEN_MAX]; /* key, then salt */
	u8 integ_key[ISAKMP_INTEG_KEY_LEN_MAX];
	u8 key_len;			/* of the key without salt */
	u8 icv;
	atomic64_t sealed;		/* messages so far: the number of the latest */
};

/* One message on its way: @msg is associated data, IV, @text octets, ICV. */
struct sk_job {
	const struct isakmp_sk *sk;
	u8 *msg;
	size_t aad;
	size_t text;
	bool seal;
};

/*
 * Of what the transform takes as its IV the salt is the middle: behind an octet
 * of flags, before the IV that was sent, and that before a block counter.
 */
static const struct sk_nonce {
	u8 flags;		/* 0: no such octet */
	u8 counter;		/* the last octet */
} nonces[ISAKMP_MODES] = {
	/* RFC 5930, 2: nonce, IV, and a counter of 4 octets that begins with 1 */
	[ISAKMP_MODE_CTR]    = { .counter = 1 },
	/* RFC 4309, 4: a counter of 4 octets: L' = 3 */
	[ISAKMP_MODE_CCM]    = { .flags = 3 },
};

static void lane_iv(struct isakmp_lane *lane, const struct sk_job *j)
{
	const struct isakmp_encr *e = j->sk->encr;
	const struct sk_nonce *m = &nonces[e->mode];
	u8 *p = lane->iv;

	lockdep_assert_held(&lane->lock);
	memset(lane->iv, 0, sizeof(lane->iv));
	lane->iv[sizeof(lane->iv) - 1] = m->counter;
	if (m->flags)
		*p++ = m->flags;
	memcpy(p, j->sk->key + j->sk->key_len, e->salt);
	memcpy(p + e->salt, j->msg + j->aad, e->iv);
}

static int lane_aead(struct isakmp_lane *lane, const struct sk_job *j)
{
	struct aead_request *req = lane->aead_req;
	const struct isakmp_sk *sk = j->sk;
	struct scatterlist sg[2];
	int err;

	/* RFC 5282, 5.1: the associated data ends before the IV */
	sg_init_table(sg, ARRAY_SIZE(sg));
	sg_set_buf(&sg[0], j->msg, j->aad);
	sg_set_buf(&sg[1], j->msg + j->aad + sk->encr->iv, j->text + sk->icv);

	err = crypto_aead_setauthsize(lane->aead, sk->icv);
	if (!err)
		err = crypto_aead_setkey(lane->aead, sk->key, sk->key_len);
	if (err)
		return err;
	lane_iv(lane, j);
	aead_request_set_callback(req, CRYPTO_TFM_REQ_MAY_SLEEP, NULL, NULL);
	aead_request_set_ad(req, j->aad);
	aead_request_set_crypt(req, sg, sg, j->text + (j->seal ? 0 : sk->icv), lane->iv);
	return j->seal ? crypto_aead_encrypt(req) : crypto_aead_decrypt(req);
}

/*
 * CBC needs an IV that nobody can predict and that does not come again: the
 * number of the message, encrypted (NIST SP 800-38A, C).  The number stands in
 * the IV's place, and the first block of a run that begins with zeros is that.
 */
static int lane_cipher(struct isakmp_lane *lane, const struct sk_job *j)
{
	const struct isakmp_encr *e = j->sk->encr;
	bool with_iv = j->seal && isakmp_encr_is_cbc(e);
	u8 *p = j->msg + j->aad + (with_iv ? 0 : e->iv);
	size_t n = j->text + (with_iv ? e->iv : 0);

	if (with_iv)
		memset(lane->iv, 0, sizeof(lane->iv));
	else
		lane_iv(lane, j);
	return isakmp_lane_cipher(lane, j->sk->key, j->sk->key_len, p, n, j->seal);
}

static int sk_run(const struct sk_job *j)
{
	struct isakmp_lane *lane = isakmp_lane_take(j->sk->encr->mode);
	int err;

	err = lane->aead ? lane_aead(lane, j) : lane_cipher(lane, j);
	isakmp_lane_leave(lane);
	return err;
}

/* RFC 7296, 3.14: the ICV is over the encrypted message, from the IKE header on. */
static int sk_mac(const struct sk_job *j, u8 *mac)
{
	struct ike_span whole = { j->msg, j->aad + j->sk->encr->iv + j->text };
	u16 prf = j->sk->integ->prf;

	return isakmp_prf(prf, j->sk->integ_key, isakmp_prf_len(prf), &whole, 1, mac);
}

static u8 *sk_icv(const struct sk_job *j)
{
	return j->msg + j->aad + j->sk->encr->iv + j->text;
}

static int sk_sign(const struct sk_job *j)
{
	u8 mac[ISAKMP_PRF_LEN_MAX];
	int err;

	err = sk_mac(j, mac);
	if (!err)
		memcpy(sk_icv(j), mac, j->sk->icv);
	memzero_explicit(mac, sizeof(mac));
	return err;
}

static int sk_check(const struct sk_job *j)
{
	u8 mac[ISAKMP_PRF_LEN_MAX];
	int err;

	err = sk_mac(j, mac);
	if (!err && isakmp_differ(sk_icv(j), mac, j->sk->icv))
		err = -EBADMSG;
	memzero_explicit(mac, sizeof(mac));
	return err;
}

/**
 * isakmp_sk_new() - the keys of one direction
 * @s: the suite
 * @key: SK_e with its salt, then SK_a, as KEYMAT has them (RFC 7296, 2.14)
 * @len: isakmp_encr_key_len() and isakmp_integ_key_len() octets
 *
 * Context: Process.
 * Return: the keys, NULL when there is no memory or @len does not fit.
 */
struct isakmp_sk *isakmp_sk_new(const struct ike_suite *s, const u8 *key, size_t len)
{
	size_t encr = isakmp_encr_key_len(s->encr, s->keylen);
	struct isakmp_sk *sk;

	if (!len || len != isakmp_sizes_sk_key(s))
		return NULL;
	sk = isakmp_alloc(sizeof(*sk));
	if (!sk)
		return NULL;
	sk->encr = isakmp_sizes_encr(s->encr, s->keylen);
	sk->integ = isakmp_sizes_integ(s->integ);
	sk->key_len = encr - sk->encr->salt;
	sk->icv = sk->integ ? sk->integ->icv : sk->encr->icv;
	memcpy(sk->key, key, encr);
	memcpy(sk->integ_key, key + encr, len - encr);
	return sk;
}

/**
 * isakmp_sk_free() - zero and free keys
 * @sk: the keys, or NULL
 *
 * Context: Process.
 */
void isakmp_sk_free(struct isakmp_sk *sk)
{
	isakmp_free(sk);
}

/**
 * isakmp_sk_seal() - encrypt and protect a message in place
 * @sk: the keys
 * @msg: associated data, room for the IV, text, room for the ICV; linear, from
 *	isakmp_alloc()
 * @aad: octets of associated data
 * @text: octets of text, a multiple of the suite's block
 *
 * RFC 5282, 3.1: an IV MUST NOT repeat under a key.  It is the number of the
 * message (with CBC that number encrypted); one that failed uses its number up.
 * A retransmission is the same octets, not sealed again.
 *
 * Context: Process.
 * Return: 0; -EOVERFLOW after ISAKMP_SEALS_MAX messages; or -errno.
 */
int isakmp_sk_seal(struct isakmp_sk *sk, u8 *msg, size_t aad, size_t text)
{
	const struct sk_job j = { sk, msg, aad, text, .seal = true };
	u64 number;
	int err;

	if (!isakmp_lane_usable(sk->encr->mode))
		return -EOPNOTSUPP;
	if (text % sk->encr->block)
		return -EINVAL;
	number = atomic64_inc_return(&sk->sealed);
	if (number > ISAKMP_SEALS_MAX)
		return -EOVERFLOW;
	memset(msg + aad, 0, sk->encr->iv);
	put_unaligned_be64(number, msg + aad + sk->encr->iv - sizeof(number));
	err = sk_run(&j);
	if (!err && sk->integ)
		err = sk_sign(&j);
	return err;
}

/**
 * isakmp_sk_open() - check and decrypt a message in place
 * @sk: the keys
 * @msg: associated data, IV, text, ICV; linear, from isakmp_alloc()
 * @aad: octets of associated data
 * @rest: octets after them
 *
 * Context: Process.
 * Return: 0; -EBADMSG, the ICV is wrong or there is none, and the text means
 * nothing; or -errno.
 */
int isakmp_sk_open(struct isakmp_sk *sk, u8 *msg, size_t aad, size_t rest)
{
	struct sk_job j = { sk, msg, aad };
	int err = 0;

	if (!isakmp_lane_usable(sk->encr->mode))
		return -EOPNOTSUPP;
	if (rest < (size_t)sk->encr->iv + sk->icv)
		return -EBADMSG;
	j.text = rest - sk->encr->iv - sk->icv;
	if (j.text % sk->encr->block)
		return -EBADMSG;
	/* Nothing is decrypted that the peer did not encrypt */
	if (sk->integ)
		err = sk_check(&j);
	return err ?: sk_run(&j);
}
