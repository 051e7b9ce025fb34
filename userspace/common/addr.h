/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses and prefixes: text <-> octets.  4 octets are IPv4, 16 IPv6. */
#ifndef _COMMON_ADDR_H
#define _COMMON_ADDR_H

#include <stdbool.h>
#include <stdint.h>
#include "why.h"

#define ADDR_TEXT_MAX 64	/* room for an address with its prefix length */

struct addr {
	uint8_t len;		/* 4, 16; 0: none */
	uint8_t octets[16];
};

bool addr_parse(struct addr *a, const char *text, struct why *w);
bool addr_parse_prefix(struct addr *a, uint8_t *plen, const char *text,
		       struct why *w);
const char *addr_text(const void *octets, unsigned int len, char *buf);
void addr_last(const struct addr *first, uint8_t plen, struct addr *last);
int addr_plen(const struct addr *first, const struct addr *last);
bool number_parse(uint64_t *value, const char *text, uint64_t max);

#endif /* _COMMON_ADDR_H */
