/* SPDX-License-Identifier: GPL-2.0 */
/* Helpers: the sockets that answer questions. */
#ifndef _ISAKMP_NL_HELPER_H
#define _ISAKMP_NL_HELPER_H

#include <linux/types.h>

struct isakmp_net;

int isakmp_helper_ready(struct isakmp_net *in);
void isakmp_helper_closed(struct isakmp_net *in, u32 portid);

#endif
