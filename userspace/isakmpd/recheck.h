/* SPDX-License-Identifier: GPL-2.0 */
/* The SAs of the namespace against the credentials of now. */
#ifndef _ISAKMPD_RECHECK_H
#define _ISAKMPD_RECHECK_H

int recheck_run(unsigned int *waiting);

#endif
