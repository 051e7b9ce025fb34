// SPDX-License-Identifier: GPL-2.0
/*
 * Pre-shared secrets.
 *
 * For isakmpd(8):
 *
 *   A secret's file (file.c says where it may be and who may read it) has at most
 *   1024 octets.  One newline at the end does not belong to the secret.  What is
 *   left is
 *     0x...	hex digits, an even number: the octets they mean
 *     else	text: its octets as they are, no terminator, no conversion
 *   An empty secret is refused, and so is text with control characters (a
 *   carriage return, a second line, a tab, binary data): write it in hex.
 *   RFC 7296, 2.15: text and hex are what every implementation accepts.
 *
 *   A secret should hold as much chance as the keys it protects:
 *   `(umask 077; printf 0x; openssl rand -hex 32) > FILE`.  Below 16 octets
 *   isakmpd warns.
 */
#include <openssl/crypto.h>
#include <sys/mman.h>

#include "file.h"
#include "secret.h"

/**
 * secret_read() - read a secret
 * @dir: the secrets directory
 * @file: path that the cred gives
 * @s: out; empty when refused
 *
 * Context: may block on the file system.
 * Return: NULL, or what is wrong, as the end of a sentence about the file.
 */
const char *secret_read(const char *dir, const char *file, struct secret *s)
{
	struct file_room room = { .octets = s->octets, .size = SECRET_FILE_MAX };
	struct file_stamp stamp;
	const char *why = file_read(dir, file, FILE_SECRET, &room, &stamp);

	s->n = room.n;
	if (!why)
		why = secret_parse(s);
	if (why)
		secret_wipe(s);
	return why;
}

static const char *parse_hex(struct secret *s)
{
	size_t i, n = (s->n - 2) / 2;
	int hi, lo;

	if (s->n % 2)
		return "0x is followed by an odd number of hex digits";
	for (i = 0; i < n; i++) {
		hi = OPENSSL_hexchar2int(s->octets[2 + 2 * i]);
		lo = OPENSSL_hexchar2int(s->octets[3 + 2 * i]);
		if (hi < 0 || lo < 0)
			return "0x is followed by something that is not a hex digit";
		s->octets[i] = (u8)(hi << 4 | lo);
	}
	OPENSSL_cleanse(s->octets + n, s->n - n);
	s->n = n;
	return n ? NULL : "empty";
}

/**
 * secret_parse() - from what a file holds to the secret, in place
 * @s: contents of the file; unspecified when refused
 *
 * Return: NULL, or what is wrong.
 */
const char *secret_parse(struct secret *s)
{
	size_t i;

	if (s->n && s->octets[s->n - 1] == '\n')
		s->n--;
	if (!s->n)
		return "empty";
	if (s->n >= 2 && !memcmp(s->octets, "0x", 2))
		return parse_hex(s);
	for (i = 0; i < s->n; i++)
		if (s->octets[i] < ' ' || s->octets[i] == 0x7f)
			return "has a control character in it; write the secret in hex, after 0x";
	return NULL;
}

/**
 * secret_wipe() - forget a secret
 * @s: zeroed
 */
void secret_wipe(struct secret *s)
{
	OPENSSL_cleanse(s, sizeof(*s));
}

/**
 * secret_new() - room for a secret that is not swapped out, if possible
 *
 * Return: it, empty, or NULL.
 */
struct secret *secret_new(void)
{
	struct secret *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		return NULL;
	mlock(s, sizeof(*s));	/* best effort: RLIMIT_MEMLOCK */
	return s;
}

/**
 * secret_free() - forget a secret and its room
 * @s: from secret_new(), or NULL
 */
void secret_free(struct secret *s)
{
	if (!s)
		return;
	secret_wipe(s);
	munmap(s, sizeof(*s));
}
