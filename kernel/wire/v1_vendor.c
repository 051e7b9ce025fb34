// SPDX-License-Identifier: GPL-2.0
/* Vendor IDs: what the other end says that it can (RFC 2408, 3.16). */
#include "wire/v1.h"

/* Octets that say which, what we send behind them, and what a peer may have there. */
struct vendor {
	u8 len;
	u8 tail_len;
	bool bare;	/* it comes without the tail, too */
	u8 id[16];
	u8 tail[4];
};

static const struct vendor vendors[V1_CANS] = {
	/* RFC 3706, 5.1; then the version, 1.0 */
	[V1_CAN_DPD] = {
		14, 2, false,
		{ 0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1, 0xf1, 0xc9,
		  0x6b, 0x86, 0x96, 0xfc, 0x77, 0x57 }, { 0x01, 0x00 },
	},
	/* MD5 of "draft-ietf-ipsra-isakmp-xauth-06.txt", the first half */
	[V1_CAN_XAUTH] = {
		8, 0, true,
		{ 0x09, 0x00, 0x26, 0x89, 0xdf, 0xd6, 0xb7, 0x12 }, {},
	},
	/* MD5 of "CISCO-UNITY"; the last two octets are the version, 1.0 */
	[V1_CAN_UNITY] = {
		14, 2, false,
		{ 0x12, 0xf5, 0xf2, 0x8c, 0x45, 0x71, 0x68, 0xa9,
		  0x70, 0x2d, 0x9f, 0xe2, 0x74, 0xcc }, { 0x01, 0x00 },
	},
	/* MD5 of "FRAGMENTATION"; maybe bits for which exchanges */
	[V1_CAN_FRAGMENT] = {
		16, 4, true,
		{ 0x40, 0x48, 0xb7, 0xd5, 0x6e, 0xbc, 0xe8, 0x85,
		  0x25, 0xe7, 0xde, 0x7f, 0x00, 0xd6, 0xc2, 0xd3 }, { 0x80, 0, 0, 0 },
	},
	/* RFC 3947, 3.1: MD5 of "RFC 3947" */
	[V1_CAN_NATT_RFC] = {
		16, 0, true,
		{ 0x4a, 0x13, 0x1c, 0x81, 0x07, 0x03, 0x58, 0x45,
		  0x5c, 0x57, 0x28, 0xf2, 0x0e, 0x95, 0x45, 0x2f }, {},
	},
	/* MD5 of "draft-ietf-ipsec-nat-t-ike-03" */
	[V1_CAN_NATT_03] = {
		16, 0, true,
		{ 0x7d, 0x94, 0x19, 0xa6, 0x53, 0x10, 0xca, 0x6f,
		  0x2c, 0x17, 0x9d, 0x92, 0x15, 0x52, 0x9d, 0x56 }, {},
	},
	/* MD5 of "draft-ietf-ipsec-nat-t-ike-02" */
	[V1_CAN_NATT_02] = {
		16, 0, true,
		{ 0xcd, 0x60, 0x46, 0x43, 0x35, 0xdf, 0x21, 0xf8,
		  0x7c, 0xfd, 0xb2, 0xfc, 0x68, 0xb6, 0xa4, 0x48 }, {},
	},
	/* The same, with a line feed at its end */
	[V1_CAN_NATT_02N] = {
		16, 0, true,
		{ 0x90, 0xcb, 0x80, 0x91, 0x3e, 0xbb, 0x69, 0x6e,
		  0x08, 0x63, 0x81, 0xb5, 0xec, 0x42, 0x7b, 0x1f }, {},
	},
};

static bool says(const struct isakmp_payload *p, const struct vendor *v)
{
	if (p->len != v->len + v->tail_len && !(v->bare && p->len == v->len))
		return false;
	return !memcmp(p->body, v->id, v->len);
}

u32 v1_vendor_bits(const struct isakmp_payload *p)
{
	u32 bits = 0;
	size_t i;

	for (i = 0; i < V1_CANS; i++)
		if (says(p, &vendors[i]))
			bits |= BIT(i);
	return bits;
}

void v1_vendor_encode(struct isakmp_out *o, enum v1_can what)
{
	const struct vendor *v = &vendors[what];

	isakmp_out_bytes(o, v->id, v->len);
	isakmp_out_bytes(o, v->tail, v->tail_len);
}
