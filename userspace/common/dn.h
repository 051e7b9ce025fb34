/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Distinguished names (ID_DER_ASN1_DN): DER and the text a person types.
 *
 *	O=Example,CN=gw-a	in the order of the DER; a comma, a backslash and
 *				what is not printable ASCII is \xNN; a blank, too,
 *				when it is printed
 *	0x3000			the DER itself, in hex: names that have no text
 *				(attributes that are no text, or more than one in
 *				an RDN)
 *
 * libcrypto reads and compares DER; nothing here does.  Only what an operator
 * typed is read as text.
 */
#ifndef _ISAKMP_COMMON_DN_H
#define _ISAKMP_COMMON_DN_H

#include <isakmp/pure.h>

const char *dn_parse(const char *text, u8 *der, size_t *n, size_t max);
bool dn_print(const u8 *der, size_t n, char *text, size_t size);
bool dn_valid(const u8 *der, size_t n);
u32 dn_hash(const u8 *der, size_t n);
size_t dn_canonical(const u8 *der, size_t n, u8 *out, size_t max);
int dn_compare(const u8 *a, size_t a_len, const u8 *b, size_t b_len);

#endif
