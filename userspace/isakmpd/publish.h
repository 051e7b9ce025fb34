/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel may say in IKE_SA_INIT without asking us. */
#ifndef _ISAKMPD_PUBLISH_H
#define _ISAKMPD_PUBLISH_H

#include <netlink/msg.h>

#include "octets.h"

int publish_put(struct nl_msg *msg, const struct octets *certreq, const struct octets *secret);

#endif
