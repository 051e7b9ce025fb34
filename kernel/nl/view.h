/* SPDX-License-Identifier: GPL-2.0 */
/* An IKE SA as it is shown. */
#ifndef _ISAKMP_NL_VIEW_H
#define _ISAKMP_NL_VIEW_H

#include <linux/types.h>

struct ike_sa_view;
struct isakmp_net;
struct sk_buff;

size_t isakmp_view_size(const struct ike_sa_view *v);
int isakmp_view_put(struct sk_buff *skb, struct isakmp_net *in, const struct ike_sa_view *v,
		    bool cut);

#endif
