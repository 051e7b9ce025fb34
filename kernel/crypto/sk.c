// SPDX-License-Identifier: GPL-2.0
/*
 * SK payloads with AES-GCM (RFC 7296, 3.14; RFC 5282; RFC 4106).
 *
 *	| IKE header ... SK's generic header | IV | text ... | ICV |
 *	|<--------- associated data -------->|    |<-- GCM ------->|
 *
 *	nonce = salt (4 octets, from the key) | IV (8 octets, a counter)
 *
 * An IKE SA seals a handful of messages in its life, and a keyed "gcm(aes)" is
 * several kilobytes.  So an SA keeps the key alone, and each CPU has one
 * transform (a lane) that is keyed for a message and made to forget the key
 * after it; this also costs less than to make one for an SA.
 */
#include <crypto/aead.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/scatterlist.h>

#include "crypto/crypto.h"
#include "crypto/sizes.h"
#include "ike/seam.h"

/* The key of one direction of one IKE SA. */
struct isakmp_sk {
	u8 key[ISAKMP_ENCR_KEY_LEN_MAX]; /* key, then salt */
	u8 len;				/* of the key without salt */
	atomic64_t sealed;		/* messages so far: the IV of the latest */
};

struct sk_lane {
	struct mutex lock;	/* all below, and the key in @tfm */
	struct crypto_aead *tfm;
	struct aead_request *req;
	u8 nonce[ISAKMP_GCM_SALT + ISAKMP_GCM_IV];
};

static struct sk_lane __percpu *sk_lanes;	/* NULL: the kernel has no gcm(aes) */

static void lane_key(struct sk_lane *lane, const struct isakmp_sk *sk, const u8 *iv)
{
	lockdep_assert_held(&lane->lock);
	memcpy(lane->nonce, sk->key + sk->len, ISAKMP_GCM_SALT);
	memcpy(lane->nonce + ISAKMP_GCM_SALT, iv, ISAKMP_GCM_IV);
}

static void lane_forget(struct sk_lane *lane)
{
	static const u8 nobody[ISAKMP_ENCR_KEY_LEN_MAX - ISAKMP_GCM_SALT];

	lockdep_assert_held(&lane->lock);
	memzero_explicit(lane->nonce, sizeof(lane->nonce));
	/* For lack of memory only what hangs on the old key's table can stay */
	if (crypto_aead_setkey(lane->tfm, nobody, sizeof(nobody)))
		return;
}

/* @msg: @aad octets, IV, @text octets, ICV; @crypt sees @len of text and ICV. */
static int lane_run(const struct isakmp_sk *sk, u8 *msg, size_t aad, size_t text, size_t len,
		    int (*crypt)(struct aead_request *req))
{
	struct sk_lane *lane = raw_cpu_ptr(sk_lanes);
	struct scatterlist sg[2];
	int err;

	/* RFC 5282, 5.1: the associated data ends before the IV */
	sg_init_table(sg, ARRAY_SIZE(sg));
	sg_set_buf(&sg[0], msg, aad);
	sg_set_buf(&sg[1], msg + aad + ISAKMP_GCM_IV, text + ISAKMP_GCM_ICV);

	mutex_lock(&lane->lock);
	err = crypto_aead_setkey(lane->tfm, sk->key, sk->len);
	if (!err) {
		lane_key(lane, sk, msg + aad);
		aead_request_set_callback(lane->req, CRYPTO_TFM_REQ_MAY_SLEEP, NULL, NULL);
		aead_request_set_ad(lane->req, aad);
		aead_request_set_crypt(lane->req, sg, sg, len, lane->nonce);
		err = crypt(lane->req);
	}
	lane_forget(lane);
	mutex_unlock(&lane->lock);
	return err;
}

/**
 * isakmp_sk_size() - the sizes of a suite's SK payload
 * @s: the suite
 *
 * RFC 5282, 3: with an AEAD the text needs no alignment.
 *
 * Context: any.
 * Return: octets; all zero when the suite is not known.
 */
struct isakmp_sk_size isakmp_sk_size(const struct ike_suite *s)
{
	struct isakmp_sk_size size = { 0 };

	if (isakmp_encr_key_len(s->encr, s->keylen))
		size = (struct isakmp_sk_size){ ISAKMP_GCM_IV, 1, ISAKMP_GCM_ICV };
	return size;
}

/**
 * isakmp_sk_new() - the key of one direction
 * @s: the suite
 * @key: key and salt, as KEYMAT has them (RFC 5282, 7.1)
 * @len: isakmp_encr_key_len() octets
 *
 * Context: Process.
 * Return: the key, NULL when there is no memory or @len does not fit.
 */
struct isakmp_sk *isakmp_sk_new(const struct ike_suite *s, const u8 *key, size_t len)
{
	struct isakmp_sk *sk;

	if (!len || len != isakmp_encr_key_len(s->encr, s->keylen))
		return NULL;
	sk = isakmp_alloc(sizeof(*sk));
	if (!sk)
		return NULL;
	memcpy(sk->key, key, len);
	sk->len = len - ISAKMP_GCM_SALT;
	return sk;
}

/**
 * isakmp_sk_free() - zero and free a key
 * @sk: the key, or NULL
 *
 * Context: Process.
 */
void isakmp_sk_free(struct isakmp_sk *sk)
{
	isakmp_free(sk);
}

/**
 * isakmp_sk_seal() - encrypt and protect a message in place
 * @sk: the key
 * @msg: associated data, room for the IV, text, room for the ICV; linear, from
 *	isakmp_alloc()
 * @aad: octets of associated data
 * @text: octets of text
 *
 * RFC 5282, 3.1: an IV MUST NOT repeat under a key.  It is the number of the
 * message; one that failed uses its number up.  A retransmission is the same
 * octets, not sealed again.
 *
 * Context: Process.
 * Return: 0; -EOVERFLOW after ISAKMP_SEALS_MAX messages; or -errno.
 */
int isakmp_sk_seal(struct isakmp_sk *sk, u8 *msg, size_t aad, size_t text)
{
	u64 iv;

	if (!sk_lanes)
		return -EOPNOTSUPP;
	iv = atomic64_inc_return(&sk->sealed);
	if (iv > ISAKMP_SEALS_MAX)
		return -EOVERFLOW;
	put_unaligned_be64(iv, msg + aad);
	return lane_run(sk, msg, aad, text, text, crypto_aead_encrypt);
}

/**
 * isakmp_sk_open() - check and decrypt a message in place
 * @sk: the key
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
	size_t text;

	if (!sk_lanes)
		return -EOPNOTSUPP;
	if (rest < ISAKMP_GCM_IV + ISAKMP_GCM_ICV)
		return -EBADMSG;
	text = rest - ISAKMP_GCM_IV - ISAKMP_GCM_ICV;
	return lane_run(sk, msg, aad, text, text + ISAKMP_GCM_ICV, crypto_aead_decrypt);
}

bool isakmp_sk_usable(void)
{
	return sk_lanes;
}

static int lane_init(struct sk_lane *lane)
{
	int err;

	mutex_init(&lane->lock);
	lane->tfm = crypto_alloc_aead("gcm(aes)", 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(lane->tfm)) {
		err = PTR_ERR(lane->tfm);
		lane->tfm = NULL;
		return err;
	}
	lane->req = aead_request_alloc(lane->tfm, GFP_KERNEL);
	if (!lane->req)
		return -ENOMEM;
	return crypto_aead_setauthsize(lane->tfm, ISAKMP_GCM_ICV);
}

int isakmp_sk_init(void)
{
	int cpu, err;

	sk_lanes = alloc_percpu(struct sk_lane);
	if (!sk_lanes)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		err = lane_init(per_cpu_ptr(sk_lanes, cpu));
		if (err) {
			isakmp_sk_exit();
			return err == -ENOENT ? 0 : err;
		}
	}
	return 0;
}

void isakmp_sk_exit(void)
{
	struct sk_lane *lane;
	int cpu;

	if (!sk_lanes)
		return;
	for_each_possible_cpu(cpu) {
		lane = per_cpu_ptr(sk_lanes, cpu);
		aead_request_free(lane->req);
		crypto_free_aead(lane->tfm);
	}
	free_percpu(sk_lanes);
	sk_lanes = NULL;
}
