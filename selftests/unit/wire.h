/* SPDX-License-Identifier: GPL-2.0 */
/* What the wire tests share: octets in buffers of their exact size. */
#ifndef _UNIT_WIRE_H
#define _UNIT_WIRE_H

#include "tap.h"
#include "wire/chain.h"
#include "wire/cp.h"
#include "wire/payload.h"
#include "wire/sa.h"
#include "wire/ts.h"

/* A copy whose next octet AddressSanitizer guards. */
static inline u8 *exact(const void *p, size_t n)
{
	u8 *copy = malloc(n);

	if (!copy)
		abort();
	if (n)
		memcpy(copy, p, n);
	return copy;
}

static inline struct isakmp_payload payload(u8 type, const void *body, size_t n)
{
	struct isakmp_payload pl = { .type = type, .body = exact(body, n), .len = (u16)n };

	return pl;
}

static inline void payload_free(struct isakmp_payload *pl)
{
	free((void *)pl->body);
}

/* What isakmp_payload_check() says about a body in an exact buffer. */
static inline enum isakmp_reason check_body(u8 type, const void *body, size_t n)
{
	struct isakmp_payload pl = payload(type, body, n);
	enum isakmp_reason r = isakmp_payload_check(&pl);

	payload_free(&pl);
	return r;
}

static inline enum isakmp_reason check_chain(u8 first, const void *p, size_t n,
					     struct isakmp_chain *c)
{
	u8 *copy = exact(p, n);
	enum isakmp_reason r = isakmp_chain_decode(first, copy, n, c);

	free(copy);
	return r;
}

#define EXPECT_OUT(o, want, n)						\
	do {								\
		CHECK(!(o)->full);					\
		if (CHECK_EQ((o)->len, n))				\
			CHECK_MEM((o)->p, want, n);			\
	} while (0)

#endif
