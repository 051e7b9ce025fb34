// SPDX-License-Identifier: GPL-2.0
/* Values of peers in words: whatever they sent, only printable ASCII comes out. */
#include <stdlib.h>

#include "../common/reason.h"
#include "decode.h"

#define OCTETS_SHORT 20		/* text: so many are written in full */

/**
 * out_name() - a number that may have a name
 * @o: the writer
 * @key: of the member; NULL in a list
 * @name: its name, or NULL
 * @number: the number
 */
void out_name(struct out *o, const char *key, const char *name, unsigned int number)
{
	if (name)
		out_text(o, key, name);
	else
		out_uint(o, key, number);
}

/**
 * out_octets() - octets in hexadecimal
 * @o: the writer
 * @key: of the member; NULL in a list
 * @p: the octets
 * @n: how many
 *
 * Long ones are only counted in text, unless details are asked for.
 */
void out_octets(struct out *o, const char *key, const uint8_t *p, size_t n)
{
	char buf[64], *hex, *at;

	if (!o->json && !o->details && n > OCTETS_SHORT) {
		snprintf(buf, sizeof(buf), "%zu-octets", n);
		out_text(o, key, buf);
		return;
	}
	hex = at = malloc(2 * n + 3);
	if (!hex)
		abort();
	at += sprintf(at, "%s", n && !o->json ? "0x" : "");
	for (size_t i = 0; i < n; i++)
		at += sprintf(at, "%02x", p[i]);
	out_text(o, key, hex);
	free(hex);
}

/**
 * out_escaped() - octets that are text, or should be
 * @o: the writer
 * @key: of the member
 * @p: the octets
 * @n: how many
 *
 * What is not printable ASCII, and a backslash, becomes \xNN.
 */
void out_escaped(struct out *o, const char *key, const uint8_t *p, size_t n)
{
	char *text = malloc(4 * n + 1), *at = text;

	if (!text)
		abort();
	for (size_t i = 0; i < n; i++)
		if (p[i] >= ' ' && p[i] < 0x7f && p[i] != '\\')
			*at++ = p[i];
		else
			at += sprintf(at, "\\x%02x", p[i]);
	*at = 0;
	out_text(o, key, text);
	free(text);
}

/**
 * out_reason() - why the octets are no good
 * @o: the writer
 * @r: the reason
 */
void out_reason(struct out *o, enum isakmp_reason r)
{
	out_name(o, "refused", reason_name(r), r);
	if (reason_text(r))
		out_note(o, "refused-text", reason_text(r));
}
