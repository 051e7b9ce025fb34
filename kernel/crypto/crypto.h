/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The crypto and memory seams (ike/seam.h) over the kernel's crypto API.
 *
 * Transforms are made once, at load: nothing looks an algorithm up while a peer
 * waits.  None of them belongs to an SA:
 *
 *   prf.c  one unkeyed hash per PRF, shared by everyone without a lock
 *   lane.c a cipher of each mode per CPU behind a mutex, keyed for each message and
 *	    forgotten after it, so that an SA's key costs octets and not kilobytes;
 *	    for sk.c (version 2) and cbc.c (version 1)
 *   kex.c  the curve25519 library; keys are drawn for one exchange each
 *   group.c  ECP and MODP groups for kex.c: transforms as in lane.c, but for the
 *	    shortest of them (powm.c)
 *
 * sizes.c has the tables of what is spoken, and how long it all is.
 */
#ifndef _ISAKMP_CRYPTO_CRYPTO_H
#define _ISAKMP_CRYPTO_CRYPTO_H

#include <linux/errno.h>
#include <linux/types.h>

/**
 * isakmp_crypto_init() - find out what the running kernel can do
 *
 * An algorithm it lacks is no error: isakmp_crypto_has() says so later.
 *
 * Context: Process, at load.
 * Return: 0 or -errno; then nothing stays.
 */
int isakmp_crypto_init(void);

/**
 * isakmp_crypto_exit() - free all transforms
 *
 * Context: Process, at unload; no SA is left.
 */
void isakmp_crypto_exit(void);

/* Of algs.c alone: those that hold transforms.  As above. */
int isakmp_prf_init(void);
void isakmp_prf_exit(void);

/*
 * Of these: what did an allocation's @err say?  Whatever it is, but for no memory
 * and a signal, the algorithm is not there: no such module, or its self-test
 * failed, or FIPS mode does not have it.
 */
static inline bool isakmp_alg_missing(int err)
{
	return err != -ENOMEM && err != -EINTR;
}

/* Context: any.  Did the transform come up at load? */
bool isakmp_prf_usable(u16 prf);
bool isakmp_kex_usable(u16 group);

#endif
