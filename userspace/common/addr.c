// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"

/**
 * number_parse() - a decimal number and nothing else
 * @value: where it goes
 * @text: what the user wrote
 * @max: the largest value allowed
 *
 * Return: whether it is one, at most @max.
 */
bool number_parse(uint64_t *value, const char *text, uint64_t max)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return !errno && !*end && *value <= max;
}

/**
 * addr_parse() - an address
 * @a: where it goes
 * @text: dotted quad, or IPv6
 * @w: what is wrong
 *
 * Return: whether it is one.
 */
bool addr_parse(struct addr *a, const char *text, struct why *w)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, text, a->octets) == 1)
		a->len = 4;
	else if (inet_pton(AF_INET6, text, a->octets) == 1)
		a->len = 16;
	else
		return why_not(w, "\"%s\" is not an address", text);
	return true;
}

/**
 * addr_last() - the last address of a prefix
 * @first: the prefix's address
 * @plen: its length in bits
 * @last: where it goes
 */
void addr_last(const struct addr *first, uint8_t plen, struct addr *last)
{
	unsigned int bit;

	*last = *first;
	for (bit = plen; bit < first->len * 8U; bit++)
		last->octets[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
}

/**
 * addr_parse_prefix() - an address, or a prefix without host bits
 * @a: where the address goes
 * @plen: where the length goes; that of the address when none is written
 * @text: what the user wrote
 * @w: what is wrong
 *
 * Return: whether it is one.
 */
bool addr_parse_prefix(struct addr *a, uint8_t *plen, const char *text,
		       struct why *w)
{
	const char *slash = strchr(text, '/');
	char host[ADDR_TEXT_MAX];
	uint64_t bits;
	unsigned int bit;

	if (!slash) {
		if (!addr_parse(a, text, w))
			return false;
		*plen = a->len * 8;
		return true;
	}
	if ((size_t)(slash - text) >= sizeof(host))
		return why_not(w, "\"%s\" is not a prefix", text);
	memcpy(host, text, slash - text);
	host[slash - text] = 0;
	if (!addr_parse(a, host, w) ||
	    !number_parse(&bits, slash + 1, a->len * 8U))
		return why_not(w, "\"%s\" is not a prefix", text);
	for (bit = bits; bit < a->len * 8U; bit++)
		if (a->octets[bit / 8] & 0x80 >> bit % 8)
			return why_not(w, "\"%s\" has bits set behind its prefix length",
				       text);
	*plen = bits;
	return true;
}

/**
 * addr_text() - an address for people
 * @octets: in network order
 * @len: 4 or 16; anything else is written as "?"
 * @buf: room for ADDR_TEXT_MAX octets
 *
 * Return: @buf.
 */
const char *addr_text(const void *octets, unsigned int len, char *buf)
{
	if (len != 4 && len != 16)
		return strcpy(buf, "?");
	inet_ntop(len == 4 ? AF_INET : AF_INET6, octets, buf, ADDR_TEXT_MAX);
	return buf;
}

/**
 * addr_plen() - the length of the prefix that a range is
 * @first: first address of the range
 * @last: last address
 *
 * Return: 0 to 128, or -1 when the range is not a prefix.
 */
int addr_plen(const struct addr *first, const struct addr *last)
{
	for (int plen = 0; plen <= first->len * 8; plen++) {
		struct addr host;
		unsigned int i;

		addr_last(&(struct addr){ .len = first->len }, plen, &host);
		for (i = 0; i < first->len; i++)
			if (first->octets[i] & host.octets[i] ||
			    (first->octets[i] | host.octets[i]) != last->octets[i])
				break;
		if (i == first->len)
			return plen;
	}
	return -1;
}
