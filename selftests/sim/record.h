/* SPDX-License-Identifier: GPL-2.0 */
/* Children as the simulator's kernel has them: record.c keeps, traffic.c uses them. */
#ifndef _ISAKMP_SIM_RECORD_H
#define _ISAKMP_SIM_RECORD_H

#include "world.h"

struct isakmp_xfrm {
	struct isakmp_xfrm *next;
	struct isakmp_xfrm *next_spi, *next_key;	/* in the memory of all there were */
	int node;
	bool gone;
	bool expired;		/* its states are gone, its policies are there */
	bool held;		/* nothing goes out through it yet */
	u64 lead;		/* what goes out under its name goes through the highest */
	bool rekeyed;		/* it has the place of another one */
	u64 sent, received;	/* packets */
	u64 owned;		/* when a child was last seen to have it */
	char name[ISAKMP_NAME_MAX + 1];
	u64 sa_id;		/* of its IKE SA */
	bool proposer;
	u32 spi_in, spi_out;
	u16 cpi_in, cpi_out;	/* 0 without IPComp */
	u8 mode;
	struct ike_suite suite;
	struct isakmp_path path;
	bool encap;
	u8 key_in[IKE_CHILD_KEY_MAX], key_out[IKE_CHILD_KEY_MAX];
	size_t key_len;
	unsigned int n_local, n_remote;
	struct isakmp_ts local[IKE_TS_MAX], remote[IKE_TS_MAX];
};

extern struct isakmp_xfrm *records;	/* that are there, the newest first */
const struct isakmp_xfrm *record_mirror(const struct isakmp_xfrm *x);

#endif
