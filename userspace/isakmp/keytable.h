/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keys of IKE SAs, a line each, as Wireshark keeps them in the file
 * ikev2_decryption_table:
 *
 *	SPIi,SPIr,SK_ei,SK_er,"encryption",SK_ai,SK_ar,"integrity"
 *
 * in hexadecimal, without keys of integrity for an AEAD.  Wireshark refuses the
 * whole file for a name that it does not have, so a line with one of those
 * (ChaCha20-Poly1305) is made a comment, which is read here all the same.
 *
 * Of version 1 Wireshark has another file, ikev1_decryption_table, with lines
 *
 *	initiator's cookie,key
 *
 * Here they are comments, too, behind "#ikev1 "; both forms are read.
 */
#ifndef _ISAKMP_KEYTABLE_H
#define _ISAKMP_KEYTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../common/why.h"

#define KEYTABLE_KEY_MAX	64	/* octets of one key */
#define KEYTABLE_LINE_MAX	1024
#define KEYTABLE_V1_MAX		32	/* octets of the key of version 1 */
#define KEYTABLE_V1_MIN		8
#define KEYTABLE_V1_TAG		"#ikev1 "

/* How SK payloads are opened. */
struct keytable_cipher {
	const char *name;	/* Wireshark's */
	const char *evp;	/* libcrypto's */
	uint16_t encr;		/* enum ike_encr */
	uint16_t keylen;	/* bits; 0: there is no such attribute */
	uint8_t key;		/* octets, without the salt */
	uint8_t salt;		/* octets behind the key */
	uint8_t iv;
	uint8_t icv;		/* 0: integ says how many */
	enum { CIPHER_CBC, CIPHER_CTR, CIPHER_GCM, CIPHER_CCM, CIPHER_CHACHA } mode;
	bool ours;		/* Wireshark does not have it */
};

struct keytable_integ {
	const char *name;
	const char *digest;	/* libcrypto's; NULL: none */
	uint16_t integ;		/* enum ike_integ */
	uint8_t key;
	uint8_t icv;
};

/* The keys of one IKE SA. */
struct keytable_sa {
	uint64_t spi_i;
	uint64_t spi_r;
	const struct keytable_cipher *cipher;
	const struct keytable_integ *integ;
	uint8_t sk_e[2][KEYTABLE_KEY_MAX];	/* of the initiator, of the responder */
	uint8_t sk_a[2][KEYTABLE_KEY_MAX];
};

/* The key of one ISAKMP SA of version 1: the capture says of which cipher. */
struct keytable_v1 {
	uint64_t cookie;	/* the initiator's */
	size_t n;
	uint8_t key[KEYTABLE_V1_MAX];
};

struct keytable {
	struct keytable_sa *sas;
	size_t n;
	size_t size;
	struct keytable_v1 *v1;
	size_t n_v1;
	size_t size_v1;
};

const struct keytable_cipher *keytable_cipher(uint16_t encr, uint16_t keylen);
const struct keytable_integ *keytable_integ(uint16_t integ);
size_t keytable_encr_len(const struct keytable_cipher *c);
void keytable_write(FILE *f, const struct keytable_sa *sa);
bool keytable_parse(struct keytable_sa *sa, char *line, struct why *w);
bool keytable_load(struct keytable *t, FILE *f, struct why *w);
const struct keytable_sa *keytable_find(const struct keytable *t, uint64_t spi_i,
					uint64_t spi_r);
void keytable_write_v1(FILE *f, const struct keytable_v1 *sa);
const struct keytable_v1 *keytable_find_v1(const struct keytable *t, uint64_t cookie);
void keytable_free(struct keytable *t);

#endif /* _ISAKMP_KEYTABLE_H */
