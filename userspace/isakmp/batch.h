/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ISAKMP_BATCH_H
#define _ISAKMP_BATCH_H

struct cli;

int batch_run(struct cli *cli, const char *file);

#endif /* _ISAKMP_BATCH_H */
