/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Traffic selectors: text <-> value.
 *	10.1.0.0/16  10.1.0.1  10.1.0.1-10.1.0.9  10.1.0.0/16[tcp/443]
 *	10.1.0.0/16[udp]  10.1.0.0/16[tcp/1000-2000]
 */
#ifndef _COMMON_TS_H
#define _COMMON_TS_H

#include "addr.h"

#define TS_TEXT_MAX 160

struct ts {
	struct addr first;
	struct addr last;
	uint8_t proto;		/* 0: any */
	uint16_t port_first;	/* 0 to 65535: any */
	uint16_t port_last;
};

bool ts_parse(struct ts *ts, const char *text, struct why *w);
const char *ts_text(const struct ts *ts, char *buf);

#endif /* _COMMON_TS_H */
