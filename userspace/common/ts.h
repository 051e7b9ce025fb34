/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Traffic selectors: text <-> value.
 *	10.1.0.0/16  10.1.0.1  10.1.0.1-10.1.0.9  10.1.0.0/16[tcp/443]
 *	10.1.0.0/16[udp]  10.1.0.0/16[tcp/1000-2000]  2001:db8::/32  dynamic[gre]
 * dynamic is the address that the SA has itself; opaque in place of ports takes
 * what has none (RFC 7296, 3.13.1).
 */
#ifndef _COMMON_TS_H
#define _COMMON_TS_H

#include "addr.h"

#define TS_TEXT_MAX 160

struct ts {
	bool dynamic;		/* in place of first and last */
	struct addr first;
	struct addr last;
	uint8_t proto;		/* 0: any */
	uint16_t port_first;	/* 0 to 65535: any; 65535 to 0: opaque */
	uint16_t port_last;
};

bool ts_parse(struct ts *ts, const char *text, struct why *w);
const char *ts_text(const struct ts *ts, char *buf);

#endif /* _COMMON_TS_H */
