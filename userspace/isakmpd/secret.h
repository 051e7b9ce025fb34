/* SPDX-License-Identifier: GPL-2.0 */
/* Pre-shared secrets: where they come from.  The rules are in secret.c. */
#ifndef _ISAKMPD_SECRET_H
#define _ISAKMPD_SECRET_H

#include <isakmp/pure.h>

#include "config.h"

#define SECRET_FILE_MAX	1024	/* octets of a file */
#define SECRET_SHORT	16	/* octets; below: worth a warning */

/* Octets of a secret.  Whoever has one on hand calls secret_wipe() in the end. */
struct secret {
	size_t n;
	u8 octets[SECRET_FILE_MAX + 1];
};

/**
 * struct secret_source - how auth.c gets at secrets
 * @read: fills in the secret of @cred; false: there is none that may be used
 */
struct secret_source {
	bool (*read)(const struct secret_source *src, const struct config_cred *cred,
		     struct secret *s);
};

const char *secret_check_dir(const char *dir);
const char *secret_read(const char *dir, const char *file, struct secret *s);
const char *secret_parse(struct secret *s);
void secret_wipe(struct secret *s);

#endif
