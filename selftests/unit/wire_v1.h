/* SPDX-License-Identifier: GPL-2.0 */
/* What the wire tests of version 1 share. */
#ifndef _UNIT_WIRE_V1_H
#define _UNIT_WIRE_V1_H

#include "v1_recode.h"
#include "wire.h"

/* What v1_payload_check() says about a body in an exact buffer; written again it is the same. */
static inline enum isakmp_reason check_v1(u8 type, const void *body, size_t n)
{
	struct isakmp_payload pl = payload(type, body, n);
	enum isakmp_reason r = v1_payload_check(&pl);
	static u8 buf[65536];
	struct isakmp_out o;

	isakmp_out_init(&o, buf, sizeof(buf));
	if (v1_recode(&pl, &o)) {
		CHECK_EQ(r, ISAKMP_OK);
		if (CHECK_EQ(o.len, n) && !v1_recode_drops(type))
			CHECK_MEM(buf, body, n);
	} else {
		CHECK_EQ(o.len, 0);
	}
	payload_free(&pl);
	return r;
}

/* The same, and nothing of it is reserved: every octet comes back. */
static inline void check_v1_same(u8 type, const void *body, size_t n)
{
	struct isakmp_payload pl = payload(type, body, n);
	static u8 buf[65536];
	struct isakmp_out o;

	isakmp_out_init(&o, buf, sizeof(buf));
	CHECK(v1_recode(&pl, &o));
	EXPECT_OUT(&o, body, n);
	payload_free(&pl);
}

#endif
