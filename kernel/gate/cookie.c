// SPDX-License-Identifier: GPL-2.0
/*
 * Cookies (RFC 7296, 2.6): proof that a first message comes from where it says,
 * without a state for it.
 *
 *	cookie = version | SipHash(k1, x) | SipHash(k2, x)
 *	x      = remote family | address | port | SPIi | SipHash(k0, Ni)
 *
 * Ni, so that who sees only the cookie cannot use it; SPIi, so that one cookie
 * is good for one IKE SA; the port, so that one host behind a NAT does not prove
 * the others.  The address that was asked is not in it: whoever can receive at
 * his address can do so whichever of ours he asks.
 */
#include "gate/gate.h"
#include "ike/seam.h"

#define INPUT_LEN (1 + 16 + 2 + 8 + 8)

static void draw_secret(struct isakmp_cookies *c)
{
	isakmp_random(c->secret[c->version & 1], sizeof(c->secret[0]));
}

void isakmp_cookie_init(struct isakmp_cookies *c, u64 now)
{
	isakmp_random(c, sizeof(*c));
	c->rotated_at = now;
}

void isakmp_cookie_rotate(struct isakmp_cookies *c, u64 now)
{
	if (!isakmp_cookie_due(c, now))
		return;
	c->version++;
	draw_secret(c);
	/* RFC 7296, 2.6: an old secret should not be accepted indefinitely */
	if (now >= c->rotated_at + 2 * ISAKMP_COOKIE_ROTATE_MS) {
		c->version++;
		draw_secret(c);
	}
	c->rotated_at = now;
}

static void make_with(const u64 secret[6], u8 version, const struct isakmp_path *path,
		      u64 spi_i, const u8 *ni, size_t ni_len, u8 out[ISAKMP_COOKIE_LEN])
{
	const struct isakmp_addr *a = &path->remote;
	u8 in[INPUT_LEN];

	in[0] = a->family;
	memcpy(in + 1, a->a, sizeof(a->a));
	put_unaligned_be16(path->rport, in + 17);
	put_unaligned_be64(spi_i, in + 19);
	put_unaligned_be64(isakmp_siphash(secret, ni, ni_len), in + 27);

	out[0] = version;
	put_unaligned_be64(isakmp_siphash(secret + 2, in, sizeof(in)), out + 1);
	put_unaligned_be64(isakmp_siphash(secret + 4, in, sizeof(in)), out + 9);
}

void isakmp_cookie_make(const struct isakmp_cookies *c, const struct isakmp_path *path,
			u64 spi_i, const u8 *ni, size_t ni_len, u8 out[ISAKMP_COOKIE_LEN])
{
	make_with(c->secret[c->version & 1], c->version, path, spi_i, ni, ni_len, out);
}

enum isakmp_reason isakmp_cookie_check(const struct isakmp_cookies *c,
				       const struct isakmp_path *path, u64 spi_i,
				       const struct isakmp_first *f)
{
	u8 want[ISAKMP_COOKIE_LEN];
	u8 version;

	if (!f->cookie || f->cookie_len != ISAKMP_COOKIE_LEN)
		return ISAKMP_R_COOKIE_BAD;
	version = f->cookie[0];
	/* RFC 7296, 2.6: the secret before is kept for a short time */
	if (version != c->version && version != (u8)(c->version - 1))
		return ISAKMP_R_COOKIE_BAD;
	make_with(c->secret[version & 1], version, path, spi_i, f->ni, f->ni_len, want);
	return isakmp_differ(want, f->cookie, sizeof(want)) ? ISAKMP_R_COOKIE_BAD : ISAKMP_OK;
}
