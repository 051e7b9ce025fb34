/* SPDX-License-Identifier: GPL-2.0 */
/* How decisions get at credentials: files (creds.c), or a test's memory. */
#ifndef _ISAKMPD_SOURCE_H
#define _ISAKMPD_SOURCE_H

#include "config.h"
#include "loaded.h"
#include "secret.h"

enum cred_state {
	CRED_READY,
	CRED_NONE,	/* there is nothing that may be used; the log says why */
	CRED_WAIT,	/* not yet: decide again later */
	CRED_BUSY,	/* too many wait for it already */
};

/**
 * struct cred_source - where credentials come from
 * @secret: fills in the secret of a psk cred
 * @load: gives a reference to what another cred holds
 * @gone: is its file surely not there; NULL: that is not known
 *
 * They are called only for creds that name a file, and do not block for long.
 */
struct cred_source {
	enum cred_state (*secret)(const struct cred_source *src,
				  const struct config_cred *cred, struct secret *s);
	enum cred_state (*load)(const struct cred_source *src,
				const struct config_cred *cred, struct loaded **l);
	bool (*gone)(const struct cred_source *src, const struct config_cred *cred);
};

#endif
