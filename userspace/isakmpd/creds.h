/* SPDX-License-Identifier: GPL-2.0 */
/* Credentials in files, read by threads of their own.  The rules are in creds.c. */
#ifndef _ISAKMPD_CREDS_H
#define _ISAKMPD_CREDS_H

#include "source.h"

/**
 * struct creds_news - what the rest wants to hear; each may be called by any thread
 * @ready: a credential that questions wait for was read
 * @authorities: a ca cred holds other certificates than before, or one that was
 *	slow was read; which they are a view since 0 tells, that reads nothing again.
 *	@revoked: certificates were revoked, maybe, since it was read before
 * @users: a users cred holds others than before
 */
struct creds_news {
	void (*ready)(void);
	void (*authorities)(bool revoked);
	void (*users)(void);
};

/**
 * struct creds_view - credentials as of one question
 * @src: for auth_decide()
 * @since: creds_now() when the question came: what is in the files then counts;
 *	0: what was read last
 * @again: the question has waited before
 * @look: there is no question: what is wrong with a file and was said is not said again
 */
struct creds_view {
	struct cred_source src;
	u64 since;
	bool again;
	bool look;
};

void creds_start(const char *dir, const struct creds_news *news);
bool creds_stop(void);
u64 creds_now(void);
struct creds_view creds_view(u64 since, bool again);
void creds_refresh(const struct config_cred *cred);
void creds_examine(const char *dir, const struct config_cred *cred);

#endif
