/* SPDX-License-Identifier: GPL-2.0 */
/* The way of one message, from UDP to the inbox of an SA. */
#ifndef _ISAKMP_NET_RX_H
#define _ISAKMP_NET_RX_H

struct sk_buff;
struct sock;

int isakmp_rx_encap(struct sock *sk, struct sk_buff *skb);

#endif
