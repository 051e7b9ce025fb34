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

struct keytable {
	struct keytable_sa *sas;
	size_t n;
	size_t size;
};

const struct keytable_cipher *keytable_cipher(uint16_t encr, uint16_t keylen);
const struct keytable_integ *keytable_integ(uint16_t integ);
size_t keytable_encr_len(const struct keytable_cipher *c);
void keytable_write(FILE *f, const struct keytable_sa *sa);
bool keytable_parse(struct keytable_sa *sa, char *line, struct why *w);
bool keytable_load(struct keytable *t, FILE *f, struct why *w);
const struct keytable_sa *keytable_find(const struct keytable *t, uint64_t spi_i,
					uint64_t spi_r);
void keytable_free(struct keytable *t);

#endif /* _ISAKMP_KEYTABLE_H */
