/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Identities (RFC 7296, 3.5): octets and the text a person types.
 *
 *	any			no identity asked for (no octets)
 *	ipv4:192.0.2.1		ID_IPV4_ADDR
 *	ipv6:2001:db8::1	ID_IPV6_ADDR
 *	fqdn:gw-a.example	ID_FQDN
 *	email:ann@example.org	ID_RFC822_ADDR
 *	dn:CN=gw-a,O=Example	ID_DER_ASN1_DN, see dn.h
 *	keyid:text		ID_KEY_ID, the octets of the text
 *	keyid:0x00ff		ID_KEY_ID, octets in hex
 *
 * In text an octet outside printable ASCII, a blank and a backslash are written
 * \xNN; printing does so, parsing reads it back, so that print and parse are
 * inverse.  Other types are printed as type-N:0x... and cannot be typed.
 *
 * An identity of the configuration that is a FQDN or an e-mail address and begins
 * with "*" is a pattern; what a peer sends never is.
 *
 * Octets come in two forms (include/uapi/linux/isakmp.h): an "attribute" is the
 * type and the value, a "body" has three reserved octets between them.
 */
#ifndef _ISAKMP_COMMON_ID_H
#define _ISAKMP_COMMON_ID_H

#include <isakmp/ikev2.h>
#include <isakmp/limits.h>
#include <isakmp/pure.h>

#define IDENT_ATTR_MAX	(1 + IKE_ID_MAX)
#define IDENT_BODY_MAX	(4 + IKE_ID_MAX)
#define IDENT_UNIQUE_MAX IKE_UNIQUE_MAX
/* "type-255:" or "email:", each octet as \xNN, a terminator */
#define IDENT_TEXT_MAX	(10 + 4 * IKE_ID_MAX + 1)

/**
 * struct ident - an identity; owns nothing
 * @type: RFC 7296, 3.5; 0 = any
 * @len: octets of @value, 1 to IKE_ID_MAX; 0 with any
 * @value: points into someone else's memory
 */
struct ident {
	u8 type;
	u8 len;
	const u8 *value;
};

const char *ident_parse(const char *text, u8 attr[IDENT_ATTR_MAX], size_t *len);
const char *ident_print(const struct ident *id, char *text, size_t size);
bool ident_from_attr(const void *p, size_t n, struct ident *id);
bool ident_from_body(const void *p, size_t n, struct ident *id);
size_t ident_to_body(const struct ident *id, u8 body[IDENT_BODY_MAX]);
bool ident_equal(const struct ident *a, const struct ident *b);
bool ident_is_pattern(const struct ident *id);
bool ident_matches(const struct ident *pattern, const struct ident *id);
u32 ident_hash(const struct ident *id);
size_t ident_canonical(const struct ident *id, u8 out[IDENT_UNIQUE_MAX]);
int ident_compare(const struct ident *a, const struct ident *b);

#endif
