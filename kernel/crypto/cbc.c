// SPDX-License-Identifier: GPL-2.0
/*
 * CBC alone, which is how version 1 encrypts (RFC 2409, appendix B): no IV is sent,
 * the last block of a message is that of the next one, and HASH is in the text.
 */
#include "crypto/lane.h"
#include "ike/seam.h"

/**
 * isakmp_cbc() - CBC in place
 * @encr: ENCR transform ID
 * @key: the key
 * @key_len: its octets
 * @iv: isakmp_cbc_block() octets; becomes the last block of cipher text
 * @p: the octets; linear, from isakmp_alloc()
 * @n: how many: whole blocks
 * @seal: encrypt
 *
 * Context: Process.
 * Return: 0; -EINVAL: no such cipher, key or length; or -errno, with the text zeroed
 * when it was begun, and @iv as it was.
 */
int isakmp_cbc(u16 encr, const u8 *key, size_t key_len, u8 *iv, u8 *p, size_t n, bool seal)
{
	const struct isakmp_encr *e = isakmp_sizes_cbc(encr, key_len);
	struct isakmp_lane *lane;
	u8 last[ISAKMP_IV_MAX];
	int err;

	if (!e || !n || n % e->block)
		return -EINVAL;
	if (!isakmp_lane_usable(e->mode))
		return -EOPNOTSUPP;
	memcpy(last, p + n - e->block, e->block);
	lane = isakmp_lane_take(e->mode);
	memcpy(lane->iv, iv, e->iv);
	err = isakmp_lane_cipher(lane, key, key_len, p, n, seal);
	isakmp_lane_leave(lane);
	if (err)
		memzero_explicit(p, n);
	else
		memcpy(iv, seal ? p + n - e->block : last, e->block);
	memzero_explicit(last, sizeof(last));
	return err;
}
