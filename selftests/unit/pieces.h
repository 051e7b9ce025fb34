/* SPDX-License-Identifier: GPL-2.0 */
/* What tests of fragments have in common: two ends that speak them, and made ones. */
#ifndef _UNIT_PIECES_H
#define _UNIT_PIECES_H

#include "talk.h"

#define PIECES_SIZE 576		/* of IP packets: UDP, IPv4 */
#define PIECES_IKE_SIZE (PIECES_SIZE - 28)
#define PIECES_CERT 4096	/* octets of a certificate, so that there is something to cut */

/* Two ends whose peer objects have these sizes; the same, at a stage; both up. */
struct talk *pieces_speakers(u16 a, u16 b);
struct talk *pieces_at(enum talk_stage stage);
struct talk *pieces_up(void);

/* Octets of an INFORMATIONAL request, and a piece of it with the next message ID. */
const u8 *pieces_notice(size_t n);
struct piece pieces_part(struct end *from, u16 number, u16 total, size_t n);
/* To the other end; @flip: its ICV is wrong. */
enum isakmp_reason pieces_give(struct end *from, const struct piece *p, bool flip);
enum isakmp_reason pieces_give_part(struct end *from, u16 number, u16 total, size_t n);

/* What waits in a queue: is it one message in fragments?  Return: how many. */
unsigned int pieces_check(struct end *e);
void pieces_take(struct end *e, struct packet *p, unsigned int *n);
void pieces_free(struct packet *p, unsigned int n);

#endif
