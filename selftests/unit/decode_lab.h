/* SPDX-License-Identifier: GPL-2.0 */
/* isakmp decode under the hands of a test: a datagram goes in, text comes out. */
#ifndef _UNIT_DECODE_LAB_H
#define _UNIT_DECODE_LAB_H

#include "../../userspace/isakmp/decode.h"
#include "tap.h"

/* What is written about a datagram. */
static struct {
	struct out out;
	struct decoder d;
	char *text;
	size_t len;
} lab;

static inline void lab_open(bool json)
{
	free(lab.text);
	lab.text = NULL;
	memset(&lab.out, 0, sizeof(lab.out));
	lab.out.f = open_memstream(&lab.text, &lab.len);
	lab.out.json = json;
	lab.d.out = &lab.out;
	lab.d.started = false;
	out_start(&lab.out);
}

static inline void lab_close(void)
{
	out_end(&lab.out);
	fclose(lab.out.f);
}

static inline const char *shown(const u8 *p, size_t n, bool json)
{
	struct datagram dg = { .frame = 1, .ip.family = 4, .ip.proto = PCAP_UDP,
			       .sport = 500, .dport = 500, .p = p, .n = n };

	lab_open(json);
	decode_datagram(&lab.d, &dg);
	lab_close();
	return lab.text;
}

static inline void has(const char *text, const char *want)
{
	tap_check(strstr(text, want), TAP_WHERE, "no \"%s\" in: %s", want, text);
}

/* Nothing that a terminal would obey. */
static inline bool printable(const char *text)
{
	for (; *text; text++)
		if ((*text < ' ' && *text != '\n' && *text != '\t') || *text >= 0x7f)
			return false;
	return true;
}

#endif
