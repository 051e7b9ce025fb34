/* SPDX-License-Identifier: GPL-2.0 */
/* A Delete of version 1, in a message that a test makes. */
#ifndef _UNIT_V1_DELETE_H
#define _UNIT_V1_DELETE_H

#include "v1_lab.h"
#include "v1/phase2.h"

static inline void add_delete(struct v1_msg *m, u8 protocol, u8 spi_len, const u8 *spis, u16 n)
{
	struct v1_delete d = { V1_DOI_IPSEC, protocol, spi_len, n, spis };

	isakmp_build_payload(&m->b, V1_PL_DELETE);
	v1_delete_encode(&m->b.o, &d);
	isakmp_build_close(&m->b);
}

static inline void cookies_of(const struct end *e, u8 *p)
{
	put_unaligned_be64(e->ike.ep->spi_i, p);
	put_unaligned_be64(e->ike.ep->spi_r, p + 8);
}

#endif
