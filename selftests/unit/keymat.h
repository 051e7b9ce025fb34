/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Key derivation of RFC 7296, 2.13, 2.14, 2.17 and 2.18, written a second time,
 * straight from the text and over isakmp_prf() alone: what tests hold the
 * published values, and the engine, against.
 */
#ifndef _KEYMAT_H
#define _KEYMAT_H

#include "crypto/sizes.h"
#include "ike/seam.h"
#include "tap.h"

#define KEYMAT_MAX 512

/* One published case, in hex. */
struct keymat_case {
	u16 prf;
	const char *ni, *nr, *gir, *gir_new, *spi_i, *spi_r;
	const char *skeyseed, *dkm, *child, *child_dh, *rekey;
};

struct octets {
	u8 p[1024];
	size_t n;
};

static inline void octets_add(struct octets *o, const char *hex)
{
	unsigned int v;

	for (; o->n < sizeof(o->p) && sscanf(hex, "%2x", &v) == 1; hex += 2)
		o->p[o->n++] = (u8)v;
}

static inline void octets_hex(struct octets *o, const char *hex)
{
	o->n = 0;
	octets_add(o, hex);
}

static inline struct ike_span octets_span(const struct octets *o)
{
	return (struct ike_span){ o->p, o->n };
}

/* prf+ (K,S) = T1 | T2 | ... */
static inline void keymat_prf_plus(u16 prf, const u8 *key, const struct octets *seed,
				   u8 *out, size_t want)
{
	size_t size = isakmp_prf_len(prf);
	u8 t[ISAKMP_PRF_LEN_MAX], i = 1;
	size_t n;

	for (; want; want -= n, out += n, i++) {
		struct ike_span v[] = {
			{ t, i > 1 ? size : 0 }, octets_span(seed), { &i, 1 },
		};

		CHECK(!isakmp_prf(prf, key, size, v, ARRAY_SIZE(v), t));
		n = min(want, size);
		memcpy(out, t, n);
	}
}

static inline void keymat_expect(const u8 *got, const char *want, const char *what)
{
	struct octets o;

	octets_hex(&o, want);
	tap_check(!memcmp(got, o.p, o.n), TAP_WHERE, "%s is not the published one", what);
}

static inline void keymat_join(struct octets *o, const char *a, const char *b, const char *c,
			       const char *d)
{
	octets_hex(o, a);
	octets_add(o, b);
	octets_add(o, c);
	octets_add(o, d);
}

static inline void keymat_check(const struct keymat_case *k)
{
	size_t size = isakmp_prf_len(k->prf);
	u8 skeyseed[ISAKMP_PRF_LEN_MAX], dkm[KEYMAT_MAX], out[KEYMAT_MAX];
	struct octets nonces, gir, seed;
	struct ike_span v;

	/* SKEYSEED = prf (Ni | Nr, g^ir) */
	keymat_join(&nonces, k->ni, k->nr, "", "");
	octets_hex(&gir, k->gir);
	v = octets_span(&gir);
	CHECK(!isakmp_prf(k->prf, nonces.p, nonces.n, &v, 1, skeyseed));
	keymat_expect(skeyseed, k->skeyseed, "SKEYSEED");

	/* {SK_d | SK_ai | ...} = prf+ (SKEYSEED, Ni | Nr | SPIi | SPIr) */
	keymat_join(&seed, k->ni, k->nr, k->spi_i, k->spi_r);
	keymat_prf_plus(k->prf, skeyseed, &seed, dkm, strlen(k->dkm) / 2);
	keymat_expect(dkm, k->dkm, "DKM");

	/* KEYMAT = prf+ (SK_d, Ni | Nr); SK_d is what DKM starts with */
	keymat_prf_plus(k->prf, dkm, &nonces, out, strlen(k->child) / 2);
	keymat_expect(out, k->child, "KEYMAT of a child");

	/* KEYMAT = prf+ (SK_d, g^ir (new) | Ni | Nr) */
	keymat_join(&seed, k->gir_new, k->ni, k->nr, "");
	keymat_prf_plus(k->prf, dkm, &seed, out, strlen(k->child_dh) / 2);
	keymat_expect(out, k->child_dh, "KEYMAT of a child with its own key exchange");

	/* SKEYSEED = prf (SK_d (old), g^ir (new) | Ni | Nr) */
	v = octets_span(&seed);
	CHECK(!isakmp_prf(k->prf, dkm, size, &v, 1, out));
	keymat_expect(out, k->rekey, "SKEYSEED of a rekey");
}

#endif
