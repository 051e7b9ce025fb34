// SPDX-License-Identifier: GPL-2.0
/*
 * Ciphers, over the crypto API.
 *
 * An IKE SA seals a handful of messages in its life, and a keyed cipher is
 * kilobytes.  So an SA keeps its keys alone, and each CPU has one transform of
 * each mode (a lane) that is keyed for a message and made to forget the key
 * after it; this also costs less than to make one for an SA.
 */
#include <linux/percpu.h>
#include <linux/scatterlist.h>

#include "crypto/crypto.h"
#include "crypto/lane.h"

static struct lane_mode {
	const char *name;
	bool aead;
	u8 key;			/* octets of a key that it takes */
	struct isakmp_lane __percpu *lanes; /* NULL: the kernel has no such mode */
} modes[ISAKMP_MODES] = {
	[ISAKMP_MODE_CBC]    = { "cbc(aes)", false, 32 },
	[ISAKMP_MODE_3DES]   = { "cbc(des3_ede)", false, 24 },
	[ISAKMP_MODE_CTR]    = { "ctr(aes)", false, 32 },
	[ISAKMP_MODE_CCM]    = { "ccm(aes)", true, 32 },
	[ISAKMP_MODE_GCM]    = { "gcm(aes)", true, 32 },
	[ISAKMP_MODE_CHACHA] = { "rfc7539(chacha20,poly1305)", true, 32 },
};

/**
 * isakmp_lane_usable() - did this mode come up at load?
 * @mode: enum isakmp_mode
 *
 * Context: any.
 * Return: whether it did.
 */
bool isakmp_lane_usable(u8 mode)
{
	return modes[mode].lanes;
}

/**
 * isakmp_lane_take() - this CPU's transform, for one message
 * @mode: enum isakmp_mode; isakmp_lane_usable()
 *
 * Context: Process.  Until isakmp_lane_leave() it is the caller's alone.
 * Return: the lane, locked.
 */
struct isakmp_lane *isakmp_lane_take(u8 mode)
{
	struct isakmp_lane *lane = raw_cpu_ptr(modes[mode].lanes);

	mutex_lock(&lane->lock);
	return lane;
}

static int lane_setkey(struct isakmp_lane *lane, const u8 *key, unsigned int len)
{
	return lane->aead ? crypto_aead_setkey(lane->aead, key, len) :
			    crypto_skcipher_setkey(lane->cipher, key, len);
}

static void lane_forget(struct isakmp_lane *lane)
{
	/* No third of it is another one: 3DES may refuse such a key */
	static const u8 nobody[ISAKMP_ENCR_KEY_LEN_MAX - ISAKMP_SALT_MAX] = {
		[8] = 0x10, [16] = 0x20,
	};

	lockdep_assert_held(&lane->lock);
	memzero_explicit(lane->iv, sizeof(lane->iv));
	/* For lack of memory only what hangs on the old key's table can stay */
	if (lane_setkey(lane, nobody, lane->nobody))
		return;
}

/**
 * isakmp_lane_leave() - key and IV are forgotten, the lane is free again
 * @lane: of isakmp_lane_take()
 *
 * Context: Process.
 */
void isakmp_lane_leave(struct isakmp_lane *lane)
{
	lane_forget(lane);
	mutex_unlock(&lane->lock);
}

/**
 * isakmp_lane_cipher() - a cipher that is no AEAD, in place
 * @lane: of isakmp_lane_take(), with its IV set
 * @key: the key
 * @key_len: its octets
 * @p: the octets; linear, from isakmp_alloc()
 * @n: how many
 * @seal: encrypt
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int isakmp_lane_cipher(struct isakmp_lane *lane, const u8 *key, size_t key_len, u8 *p,
		       size_t n, bool seal)
{
	struct skcipher_request *req = lane->cipher_req;
	struct scatterlist sg;
	int err;

	lockdep_assert_held(&lane->lock);
	err = crypto_skcipher_setkey(lane->cipher, key, key_len);
	if (err || !n)
		return err;
	sg_init_one(&sg, p, n);
	skcipher_request_set_callback(req, CRYPTO_TFM_REQ_MAY_SLEEP, NULL, NULL);
	skcipher_request_set_crypt(req, &sg, &sg, n, lane->iv);
	return seal ? crypto_skcipher_encrypt(req) : crypto_skcipher_decrypt(req);
}

static int lane_init_aead(struct isakmp_lane *lane, const char *name)
{
	struct crypto_aead *tfm = crypto_alloc_aead(name, 0, CRYPTO_ALG_ASYNC);

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	lane->aead = tfm;
	lane->aead_req = aead_request_alloc(tfm, GFP_KERNEL);
	return lane->aead_req ? 0 : -ENOMEM;
}

static int lane_init_cipher(struct isakmp_lane *lane, const char *name)
{
	struct crypto_skcipher *tfm = crypto_alloc_skcipher(name, 0, CRYPTO_ALG_ASYNC);

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	lane->cipher = tfm;
	lane->cipher_req = skcipher_request_alloc(tfm, GFP_KERNEL);
	return lane->cipher_req ? 0 : -ENOMEM;
}

static void mode_exit(struct lane_mode *m)
{
	struct isakmp_lane *lane;
	int cpu;

	if (!m->lanes)
		return;
	for_each_possible_cpu(cpu) {
		lane = per_cpu_ptr(m->lanes, cpu);
		aead_request_free(lane->aead_req);
		skcipher_request_free(lane->cipher_req);
		crypto_free_aead(lane->aead);
		crypto_free_skcipher(lane->cipher);
	}
	free_percpu(m->lanes);
	m->lanes = NULL;
}

static int mode_init(struct lane_mode *m)
{
	struct isakmp_lane *lane;
	int cpu, err;

	m->lanes = alloc_percpu(struct isakmp_lane);
	if (!m->lanes)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		lane = per_cpu_ptr(m->lanes, cpu);
		mutex_init(&lane->lock);
		lane->nobody = m->key;
		err = m->aead ? lane_init_aead(lane, m->name) :
				lane_init_cipher(lane, m->name);
		if (err) {
			mode_exit(m);
			return isakmp_alg_missing(err) ? 0 : err;
		}
	}
	return 0;
}

/**
 * isakmp_lane_init() - make the transforms
 *
 * Context: Process, at load.
 * Return: 0 or -errno; then nothing stays.
 */
int isakmp_lane_init(void)
{
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		err = mode_init(&modes[i]);
		if (err) {
			isakmp_lane_exit();
			return err;
		}
	}
	return 0;
}

/**
 * isakmp_lane_exit() - free the transforms
 *
 * Context: Process, at unload.
 */
void isakmp_lane_exit(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(modes); i++)
		mode_exit(&modes[i]);
}
