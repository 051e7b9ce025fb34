/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Version 1 for those outside of v1/: ike/sa.c hands it what happens to an IKE SA that
 * speaks it.  Built with ISAKMP_V1=n, nothing of it is there, and sa->v1 is always NULL.
 *
 * An IKE SA (struct ike_sa) is here the connection to a peer: identities, path, children.
 * Its ISAKMP SAs (phase 1) are its epochs, each with a struct v1_phase1; they come and
 * go, the children (phase 2) stay.
 */
#ifndef _ISAKMP_V1_V1_H
#define _ISAKMP_V1_V1_H

#include "ike/sa.h"

#ifdef ISAKMP_V1

/*
 * ctx: process.  A new SA is to speak version 1, before its first event: an initiator's, or
 * a responder's of whom such a first message has come.  OK or NO_MEMORY.
 */
enum isakmp_reason v1_sa_init(struct ike_sa *sa, u64 now);
/* ctx: process; the SA's worker.  ike_sa_handle() for it. */
void v1_sa_handle(struct ike_sa *sa, struct ike_event *ev, u64 now);
/* ctx: process; the SA's worker.  Its part of ike_sa_deadline(). */
u64 v1_sa_deadline(const struct ike_sa *sa);
/* ctx: process; the SA's worker.  enum v1_method of the ISAKMP SA in use; 0: there is none. */
u16 v1_sa_method(const struct ike_sa *sa);
/* ctx: process; the SA's worker.  Whom XAUTH found the peer to be; NULL: nobody. */
const char *v1_sa_user(const struct ike_sa *sa);
/* ctx: process.  It ends: nothing is sent any more, keys are forgotten. */
void v1_sa_silence(struct ike_sa *sa);
/* ctx: process.  Frees what version 1 has in an SA that ends, and in an epoch. */
void v1_sa_release(struct ike_sa *sa);
void v1_epoch_release(struct ike_sa *sa, struct ike_epoch *ep);

/* ctx: any.  Has version 1 numbers for a suite of ESP or AH, with its group? */
bool v1_child_suite(const struct ike_suite *s);

#else

static inline enum isakmp_reason v1_sa_init(struct ike_sa *sa, u64 now)
{
	return ISAKMP_R_VERSION;
}

static inline void v1_sa_handle(struct ike_sa *sa, struct ike_event *ev, u64 now) { }
static inline u64 v1_sa_deadline(const struct ike_sa *sa) { return ~0ULL; }
static inline u16 v1_sa_method(const struct ike_sa *sa) { return 0; }
static inline const char *v1_sa_user(const struct ike_sa *sa) { return NULL; }
static inline void v1_sa_silence(struct ike_sa *sa) { }
static inline void v1_sa_release(struct ike_sa *sa) { }
static inline void v1_epoch_release(struct ike_sa *sa, struct ike_epoch *ep) { }
static inline bool v1_child_suite(const struct ike_suite *s) { return false; }

#endif
#endif
