/* SPDX-License-Identifier: GPL-2.0 */
/* Fragments of IP packets, until they are whole; bounded in number and time. */
#ifndef _ISAKMP_DEFRAG_H
#define _ISAKMP_DEFRAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEFRAG_SLOTS	64	/* packets being put together */
#define DEFRAG_MAX	65536	/* octets of one */

/* What IP says of a packet. */
struct ip_packet {
	uint8_t family;		/* octets of its addresses: 4, 16 */
	uint8_t proto;		/* of what it carries */
	uint8_t src[16];
	uint8_t dst[16];
	bool more;		/* fragments follow */
	uint32_t id;		/* of the packet it is a fragment of */
	uint32_t offset;	/* octets before this fragment */
};

struct defrag_slot {
	struct ip_packet of;
	unsigned long used;	/* when, in fragments; 0: free */
	size_t have;		/* octets so far */
	size_t end;		/* of the fragment that goes farthest */
	size_t whole;		/* octets of the packet; 0: its end did not come yet */
	uint8_t *data;		/* DEFRAG_MAX octets */
	uint8_t got[DEFRAG_MAX / 64]; /* a bit for each eight octets */
};

struct defrag {
	struct defrag_slot *slots;
	unsigned long clock;
};

bool defrag_add(struct defrag *d, struct ip_packet *ip, const uint8_t *p, size_t n,
		const uint8_t **whole, size_t *len);
void defrag_free(struct defrag *d);

#endif /* _ISAKMP_DEFRAG_H */
