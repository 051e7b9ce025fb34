/* SPDX-License-Identifier: GPL-2.0 */
/* Names and hashed passwords.  The rules are in users.c. */
#ifndef _ISAKMPD_USERS_H
#define _ISAKMPD_USERS_H

#include "octets.h"

#define USERS_DIGEST_LEN 32	/* SHA-256 */

struct users;

const char *users_parse(const struct octets *file, struct users **out);
void users_free(struct users *u);
bool users_check(const struct users *u, const struct octets *name,
		 const struct octets *password);
bool users_digest(const struct octets *name, u8 digest[USERS_DIGEST_LEN]);
bool users_same(const struct users *a, const struct users *b);
bool users_hold(const struct users *u, const u8 digest[USERS_DIGEST_LEN]);

#endif
