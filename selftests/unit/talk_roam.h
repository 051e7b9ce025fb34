/* SPDX-License-Identifier: GPL-2.0 */
/* Two ends that speak MOBIKE (RFC 4555), of which A moves. */
#ifndef _ISAKMP_TALK_ROAM_H
#define _ISAKMP_TALK_ROAM_H

#include "talk.h"

#define V4(...) ((struct isakmp_addr){ 4, { __VA_ARGS__ } })
#define V6(last) ((struct isakmp_addr){ 6, { 0x20, 1, 0xd, 0xb8, [15] = last } })

#define A1 V4(192, 0, 2, 1)
#define A2 V4(198, 51, 100, 7)
#define A3 V4(198, 51, 100, 8)
#define B1 V4(192, 0, 2, 2)
#define B2 V4(203, 0, 113, 2)

/* Not started yet; and up. */
struct talk *talk_mobile(void);
struct talk *talk_moving(void);
/* Octets of the data of a notification in the oldest datagram of @from; -1: none. */
int talk_says(struct end *from, u16 type);
/* A has another address, and notices. */
void talk_move(struct talk *t, struct isakmp_addr to);
/* Both ends and their children are there, and nothing is under way. */
void talk_check_at(struct talk *t, struct isakmp_addr a, struct isakmp_addr b);
/* Some time, in which nobody is any more where A was; less, when an end is over. */
void talk_live_at(struct talk *t, struct isakmp_addr a, u64 ms);

#endif
