// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "ts.h"

/* IP protocols that have a name here; the others go by number. */
static const struct {
	const char *name;
	uint8_t number;
} protos[] = {
	{ "icmp", 1 }, { "tcp", 6 }, { "udp", 17 }, { "gre", 47 },
	{ "esp", 50 }, { "ah", 51 }, { "icmpv6", 58 }, { "ospf", 89 },
	{ "sctp", 132 },
};

static const char *proto_name(uint8_t number)
{
	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++)
		if (protos[i].number == number)
			return protos[i].name;
	return NULL;
}

static bool proto_parse(uint8_t *proto, const char *text, struct why *w)
{
	uint64_t n;

	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++) {
		if (strcmp(protos[i].name, text))
			continue;
		*proto = protos[i].number;
		return true;
	}
	if (!number_parse(&n, text, 255) || !n)
		return why_not(w, "\"%s\" is not an IP protocol", text);
	*proto = n;
	return true;
}

static bool ports_parse(struct ts *ts, char *text, struct why *w)
{
	char *dash = strchr(text, '-');
	uint64_t first, last;

	if (!strcmp(text, "opaque")) {
		ts->port_first = 65535;
		ts->port_last = 0;
		return true;
	}
	if (dash)
		*dash = 0;
	if (!number_parse(&first, text, 65535) ||
	    !number_parse(&last, dash ? dash + 1 : text, 65535) || first > last)
		return why_not(w, "the ports are not a number or range up to 65535");
	ts->port_first = first;
	ts->port_last = last;
	return true;
}

/* What stands between the brackets: PROTO or PROTO/PORT or PROTO/PORT-PORT. */
static bool upper_parse(struct ts *ts, char *text, struct why *w)
{
	char *slash = strchr(text, '/');

	if (slash)
		*slash = 0;
	if (!proto_parse(&ts->proto, text, w))
		return false;
	return !slash || ports_parse(ts, slash + 1, w);
}

static bool range_parse(struct ts *ts, char *text, struct why *w)
{
	char *dash = strchr(text, '-');
	uint8_t plen;

	ts->dynamic = !strcmp(text, "dynamic");
	if (ts->dynamic)
		return true;
	if (!dash) {
		if (!addr_parse_prefix(&ts->first, &plen, text, w))
			return false;
		addr_last(&ts->first, plen, &ts->last);
		return true;
	}
	*dash = 0;
	if (!addr_parse(&ts->first, text, w) ||
	    !addr_parse(&ts->last, dash + 1, w))
		return false;
	if (ts->first.len != ts->last.len)
		return why_not(w, "the range mixes IPv4 and IPv6");
	if (memcmp(ts->first.octets, ts->last.octets, ts->first.len) > 0)
		return why_not(w, "the range ends before it starts");
	return true;
}

/**
 * ts_parse() - a traffic selector
 * @ts: where it goes
 * @text: what the user wrote
 * @w: what is wrong
 *
 * Return: whether it is one.
 */
bool ts_parse(struct ts *ts, const char *text, struct why *w)
{
	char buf[TS_TEXT_MAX], *bracket;
	size_t n = strlen(text);

	memset(ts, 0, sizeof(*ts));
	ts->port_last = 65535;
	if (n >= sizeof(buf))
		return why_not(w, "a traffic selector is not that long");
	memcpy(buf, text, n + 1);
	bracket = strchr(buf, '[');
	if (bracket) {
		if (buf[n - 1] != ']')
			return why_not(w, "\"%s\" has no closing bracket at its end",
				       text);
		buf[n - 1] = 0;
		*bracket = 0;
		if (!upper_parse(ts, bracket + 1, w))
			return false;
	}
	return range_parse(ts, buf, w);
}

/* Return: octets written. */
static size_t range_text(const struct ts *ts, char *buf)
{
	char first[ADDR_TEXT_MAX], last[ADDR_TEXT_MAX];
	int plen = addr_plen(&ts->first, &ts->last);

	if (ts->dynamic)
		return snprintf(buf, TS_TEXT_MAX, "dynamic");
	addr_text(ts->first.octets, ts->first.len, first);
	addr_text(ts->last.octets, ts->last.len, last);
	if (plen >= 0)
		return snprintf(buf, TS_TEXT_MAX, "%s/%d", first, plen);
	return snprintf(buf, TS_TEXT_MAX, "%s-%s", first, last);
}

/**
 * ts_text() - a traffic selector for people; ts_parse() reads it back
 * @ts: the selector
 * @buf: room for TS_TEXT_MAX octets
 *
 * Return: @buf.
 */
const char *ts_text(const struct ts *ts, char *buf)
{
	const char *name = proto_name(ts->proto);
	size_t n = range_text(ts, buf);

	if (!ts->proto)
		return buf;
	if (name)
		n += snprintf(buf + n, TS_TEXT_MAX - n, "[%s", name);
	else
		n += snprintf(buf + n, TS_TEXT_MAX - n, "[%u", ts->proto);
	if (ts->port_first > ts->port_last)
		n += snprintf(buf + n, TS_TEXT_MAX - n, "/opaque");
	else if (ts->port_first == ts->port_last)
		n += snprintf(buf + n, TS_TEXT_MAX - n, "/%u", ts->port_first);
	else if (ts->port_first || ts->port_last != 65535)
		n += snprintf(buf + n, TS_TEXT_MAX - n, "/%u-%u",
			      ts->port_first, ts->port_last);
	snprintf(buf + n, TS_TEXT_MAX - n, "]");
	return buf;
}
