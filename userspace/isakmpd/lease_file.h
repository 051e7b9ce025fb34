/* SPDX-License-Identifier: GPL-2.0 */
/* The file of leases: the rules are in lease_file.c. */
#ifndef _ISAKMPD_LEASE_FILE_H
#define _ISAKMPD_LEASE_FILE_H

void lease_file_open(const char *dir);
void lease_file_save(void);
void lease_file_close(void);

#endif
