/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Suites: text <-> IANA transform IDs.
 *	ike: aes256gcm16-prfsha384-x25519	esp: aes256gcm16
 *	ike: aes256-sha256-ecp256		esp: aes256-sha256-esn
 *						ah: sha256
 * What has no name here is written by number: encr20_256, prf5, ke31, integ12.
 */
#ifndef _COMMON_SUITE_H
#define _COMMON_SUITE_H

#include <stdint.h>
#include "why.h"

#define SUITE_TEXT_MAX 96

struct suite {
	uint8_t protocol;	/* IKE_PROTO_* */
	uint8_t esn;		/* IKE_ESN_* */
	uint16_t encr;
	uint16_t keylen;	/* bits */
	uint16_t integ;
	uint16_t prf;
	uint16_t ke;
};

bool suite_parse(struct suite *s, uint8_t protocol, const char *text,
		 struct why *w);
const char *suite_text(const struct suite *s, char *buf);

#endif /* _COMMON_SUITE_H */
