/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Captures: from a file of frames to datagrams of UDP, and ESP packets.
 * Everything in a capture may be hostile.
 */
#ifndef _ISAKMP_PCAP_H
#define _ISAKMP_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>

#include "../common/why.h"
#include "defrag.h"

#define PCAP_UDP 17
#define PCAP_ESP 50

/* What IP carried; points into memory that the next call uses again. */
struct datagram {
	struct timeval time;
	unsigned long frame;	/* its number in the file, from 1 */
	struct ip_packet ip;
	uint16_t sport;		/* UDP */
	uint16_t dport;
	const uint8_t *p;	/* what UDP carries, or all of ESP */
	size_t n;
	bool cut;		/* the capture lacks its end */
};

struct capture {
	struct pcap *pcap;
	int link;		/* DLT_* */
	unsigned long frames;
	struct defrag defrag;
};

enum capture_result {
	CAPTURE_END,
	CAPTURE_DATAGRAM,
	CAPTURE_OTHER,		/* a frame with something else in it */
	CAPTURE_ERROR,		/* why */
};

bool capture_open(struct capture *c, FILE *f, struct why *w);
enum capture_result capture_next(struct capture *c, struct datagram *d, struct why *w);
bool capture_frame(struct capture *c, const uint8_t *p, size_t n, struct datagram *d);
bool capture_link_known(int link);
void capture_close(struct capture *c);

#endif /* _ISAKMP_PCAP_H */
