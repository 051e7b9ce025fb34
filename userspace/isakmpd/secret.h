/* SPDX-License-Identifier: GPL-2.0 */
/* Pre-shared secrets.  The rules are in secret.c. */
#ifndef _ISAKMPD_SECRET_H
#define _ISAKMPD_SECRET_H

#include <isakmp/pure.h>

#define SECRET_FILE_MAX	1024	/* octets of a file */
#define SECRET_SHORT	16	/* octets; below: worth a warning */

/* Octets of a secret.  Whoever has one on hand calls secret_wipe() in the end. */
struct secret {
	size_t n;
	u8 octets[SECRET_FILE_MAX + 1];
};

const char *secret_read(const char *dir, const char *file, struct secret *s);
const char *secret_parse(struct secret *s);
struct secret *secret_new(void);
void secret_free(struct secret *s);
void secret_wipe(struct secret *s);

#endif
