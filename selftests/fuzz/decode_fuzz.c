// SPDX-License-Identifier: GPL-2.0
/*
 * isakmp decode under hostile captures.
 *
 * The first octet chooses: bits 0-2 the kind of link, bit 3 JSON, bit 4 details,
 * bit 5 a whole capture file follows, bit 6 the keys of a line.  Frames follow, each
 * behind two octets of length.  Whatever comes: text is printable ASCII, JSON is a
 * value as RFC 8259 says.
 */
#include <pcap/pcap.h>
#include <stdlib.h>

#include "../../userspace/isakmp/decode.h"

#define JSON_DEPTH 24

static void bad(const char *what, const char *text)
{
	fprintf(stderr, "%s: %s\n", what, text);
	abort();
}

/* ---- RFC 8259, as far as it is written here: no numbers but decimal ones ------- */

static const char *json_value(const char *s, int depth);

static const char *json_string(const char *s)
{
	if (*s++ != '"')
		return NULL;
	for (; *s != '"'; s++) {
		if ((unsigned char)*s < ' ' || (unsigned char)*s >= 0x7f)
			return NULL;
		if (*s == '\\' && !strchr("\"\\/bfnrtu", *++s))
			return NULL;
	}
	return s + 1;
}

/* Members or elements between brackets. */
static const char *json_many(const char *s, char end, int depth)
{
	bool first = true;

	for (s++; s && *s != end; first = false) {
		if (!first && *s++ != ',')
			return NULL;
		if (end == '}') {
			s = json_string(s);
			if (!s || *s++ != ':')
				return NULL;
		}
		s = json_value(s, depth + 1);
	}
	return s ? s + 1 : NULL;
}

static const char *json_value(const char *s, int depth)
{
	if (depth > JSON_DEPTH)
		return NULL;
	if (*s == '[')
		return json_many(s, ']', depth);
	if (*s == '{')
		return json_many(s, '}', depth);
	if (*s == '"')
		return json_string(s);
	if (!strncmp(s, "true", 4))
		return s + 4;
	return *s >= '0' && *s <= '9' ? s + strspn(s, "0123456789") : NULL;
}

static void check(const struct out *o, const char *text)
{
	const char *s = text;

	if (o->json) {
		s = json_value(text, 0);
		if (!s || strcmp(s, "\n"))
			bad("not JSON", text);
		return;
	}
	for (; *s; s++)
		if ((*s < ' ' && *s != '\n' && *s != '\t') || *s >= 0x7f)
			bad("not printable", text);
}

/* -------------------------------------------------------------------------------- */

static void frames(struct decoder *d, int link, const u8 *p, size_t n)
{
	struct datagram dg = { 0 };
	struct capture c = { .link = link };
	struct isakmp_cur cur, frame;
	u16 len;

	isakmp_cur_init(&cur, p, n);
	while (isakmp_cur_u16(&cur, &len) &&
	       isakmp_cur_sub(&cur, min((size_t)len, cur.left), &frame)) {
		dg.frame++;
		dg.time.tv_sec += len;
		if (capture_frame(&c, frame.p, frame.left, &dg))
			decode_datagram(d, &dg);
	}
	capture_close(&c);
}

static void file(struct decoder *d, const u8 *p, size_t n)
{
	FILE *f = n ? fmemopen((void *)p, n, "r") : NULL;
	struct datagram dg = { 0 };
	enum capture_result got;
	struct capture c;
	struct why w;

	if (!f)
		return;
	if (capture_open(&c, f, &w))
		while ((got = capture_next(&c, &dg, &w)) != CAPTURE_END && got != CAPTURE_ERROR)
			if (got == CAPTURE_DATAGRAM)
				decode_datagram(d, &dg);
	capture_close(&c);
}

static void keys(struct decoder *d, const u8 *p, size_t n)
{
	FILE *f = n ? fmemopen((void *)p, n, "r") : NULL;
	struct why w;

	if (!f)
		return;
	keytable_load(&d->keys, f, &w);
	fclose(f);
}

/* Keys of one SA of each version that every input has; the seeds are sealed with them. */
static void known_keys(struct decoder *d)
{
	static const char line[] = "1122334455667788,99aabbccddeeff00,"
		"000102030405060708090a0b0c0d0e0f10111213,"
		"000102030405060708090a0b0c0d0e0f10111213,"
		"\"AES-GCM-128 with 16 octet ICV [RFC5282]\",,,\"NONE [RFC4306]\"\n"
		"#ikev1 1122334455667788,000102030405060708090a0b0c0d0e0f\n";

	keys(d, (const u8 *)line, sizeof(line) - 1);
}

int LLVMFuzzerTestOneInput(const u8 *p, size_t n);
int LLVMFuzzerTestOneInput(const u8 *p, size_t n)
{
	static const int links[] = { DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_RAW,
				     DLT_NULL, DLT_LOOP, DLT_IPV4, DLT_IPV6 };
	struct out out = { 0 };
	struct decoder d = { .out = &out };
	char *text = NULL;
	size_t len;

	if (!n)
		return 0;
	out.f = open_memstream(&text, &len);
	out.json = p[0] & 8;
	out.details = p[0] & 16;
	out_start(&out);
	known_keys(&d);
	if (p[0] & 32)
		file(&d, p + 1, n - 1);
	else if (p[0] & 64)
		keys(&d, p + 1, n - 1);
	else
		frames(&d, links[p[0] & 7], p + 1, n - 1);
	out_end(&out);
	fclose(out.f);
	check(&out, text);
	free(text);
	keytable_free(&d.keys);
	v1_talks_free(d.v1);
	v1_joins_free(d.pieces);
	return 0;
}
