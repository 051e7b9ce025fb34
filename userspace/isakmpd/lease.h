/* SPDX-License-Identifier: GPL-2.0 */
/* Who has had which inner address: the rules are in lease.c. */
#ifndef _ISAKMPD_LEASE_H
#define _ISAKMPD_LEASE_H

#include "auth.h"
#include "pool.h"

#define LEASES_MAX	262144	/* addresses that are remembered */
#define LEASE_HOLDER_MAX (ISAKMP_NAME_MAX + 1 + IDENT_TEXT_MAX)

/**
 * struct lease_try - addresses for one question, on the way
 * @pools: of the peer
 * @holder: who asks
 * @serial: of the question, here
 * @wish: by slot: what is asked for; len 0: nothing, or no pool has such
 * @step: by slot: how far the search has come
 * @tries: by slot: addresses that others have
 * @next: by slot: where the search among those that others had goes on
 * @age: by slot: of what is remembered of it; 0: it begins with the oldest
 */
struct lease_try {
	struct pools pools;
	char holder[LEASE_HOLDER_MAX];
	u64 serial;
	struct config_addr wish[2];
	u8 step[2];
	u32 tries[2];
	struct config_addr next[2];
	u64 age[2];
};

/* What is remembered of one address, for lease_each(). */
typedef bool (*lease_fn)(const struct config_addr *a, const char *holder, void *arg);

void lease_forget(void);
bool lease_holder(const char *peer, const struct ident *id, char holder[LEASE_HOLDER_MAX]);
bool lease_known(const struct config_addr *a, const char *holder);
bool lease_each(lease_fn fn, void *arg);
bool lease_changed(void);
void lease_watch(void (*fn)(void));

bool lease_begin(struct lease_try *t, const struct config *c, const struct config_peer *p,
		 const struct question *q);
void lease_next(struct lease_try *t, struct answer *a);
bool lease_taken(struct lease_try *t, struct answer *a, unsigned int slot);
void lease_given(const struct lease_try *t, const struct answer *a);

#endif
