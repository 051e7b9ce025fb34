// SPDX-License-Identifier: GPL-2.0
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <isakmp/ikev2.h>
#include "suite.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* One row per word of a suite. */
static const struct word {
	const char *name;
	uint8_t type;		/* enum ike_transform_type */
	uint16_t id;
	uint16_t keylen;
} words[] = {
	{ "aes128gcm16", IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 128 },
	{ "aes256gcm16", IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 256 },
	{ "prfsha256", IKE_T_PRF, IKE_PRF_HMAC_SHA2_256, 0 },
	{ "prfsha384", IKE_T_PRF, IKE_PRF_HMAC_SHA2_384, 0 },
	{ "x25519", IKE_T_KE, IKE_KE_X25519, 0 },
	{ "esn", IKE_T_ESN, IKE_ESN_YES, 0 },
};

/* One row per type of transform, in the order of a suite's text. */
static const struct type {
	const char *name;
	uint8_t type;
	size_t at;		/* its member of struct suite */
	bool ike;		/* ike suites may have it */
	bool esp;
	bool needed_ike;
	bool needed_esp;
} types[] = {
	{ "encr", IKE_T_ENCR, offsetof(struct suite, encr), true, true, true, true },
	{ "integ", IKE_T_INTEG, offsetof(struct suite, integ), true, true, false, false },
	{ "prf", IKE_T_PRF, offsetof(struct suite, prf), true, false, true, false },
	{ "ke", IKE_T_KE, offsetof(struct suite, ke), true, false, true, false },
};

static uint16_t *member(const struct suite *s, const struct type *t)
{
	return (uint16_t *)((char *)s + t->at);
}

static const struct type *type_of(uint8_t type)
{
	for (size_t i = 0; i < N(types); i++)
		if (types[i].type == type)
			return &types[i];
	return NULL;
}

/* Digits up to 65535, and not 0.  Return: what follows; NULL: there are none. */
static const char *read_u16(const char *text, uint16_t *value)
{
	unsigned long n = 0;

	for (; *text >= '0' && *text <= '9'; text++) {
		n = n * 10 + (*text - '0');
		if (n > UINT16_MAX)
			return NULL;
	}
	*value = n;
	return n ? text : NULL;
}

/* "encr20_256", "prf5": a type and a number */
static bool word_number(struct word *word, const char *text)
{
	for (size_t i = 0; i < N(types); i++) {
		size_t n = strlen(types[i].name);
		const char *end;

		if (strncmp(text, types[i].name, n))
			continue;
		*word = (struct word){ .type = types[i].type };
		end = read_u16(text + n, &word->id);
		if (end && *end == '_' && word->type == IKE_T_ENCR)
			end = read_u16(end + 1, &word->keylen);
		return end && !*end;
	}
	return false;
}

static bool word_find(struct word *word, const char *text)
{
	for (size_t i = 0; i < N(words); i++) {
		if (strcmp(words[i].name, text))
			continue;
		*word = words[i];
		return true;
	}
	return word_number(word, text);
}

static bool word_add(struct suite *s, const char *text, struct why *w)
{
	const struct type *t;
	struct word word;

	if (!word_find(&word, text))
		return why_not(w, "no algorithm is called \"%s\"", text);
	if (word.type == IKE_T_ESN) {
		if (s->protocol != IKE_PROTO_ESP)
			return why_not(w, "esn belongs to esp suites");
		s->esn = word.id;
		return true;
	}
	t = type_of(word.type);
	if (!(s->protocol == IKE_PROTO_IKE ? t->ike : t->esp))
		return why_not(w, "\"%s\" belongs to ike suites", text);
	if (*member(s, t))
		return why_not(w, "\"%s\" is the second %s algorithm of its suite",
			       text, t->name);
	*member(s, t) = word.id;
	if (word.type == IKE_T_ENCR)
		s->keylen = word.keylen;
	return true;
}

static bool suite_whole(const struct suite *s, struct why *w)
{
	for (size_t i = 0; i < N(types); i++) {
		const struct type *t = &types[i];
		bool needed = s->protocol == IKE_PROTO_IKE ? t->needed_ike :
							     t->needed_esp;

		if (needed && !*member(s, t))
			return why_not(w, "the suite has no %s algorithm",
				       t->name);
	}
	return true;
}

/**
 * suite_parse() - a suite
 * @s: where it goes
 * @protocol: IKE_PROTO_IKE or IKE_PROTO_ESP
 * @text: words joined with '-', in any order
 * @w: what is wrong
 *
 * Return: whether it is one.
 */
bool suite_parse(struct suite *s, uint8_t protocol, const char *text,
		 struct why *w)
{
	char buf[SUITE_TEXT_MAX], *save, *word;

	memset(s, 0, sizeof(*s));
	s->protocol = protocol;
	if (strlen(text) >= sizeof(buf))
		return why_not(w, "a suite is not that long");
	strcpy(buf, text);
	for (word = strtok_r(buf, "-", &save); word;
	     word = strtok_r(NULL, "-", &save))
		if (!word_add(s, word, w))
			return false;
	return suite_whole(s, w);
}

static size_t word_put(char *buf, size_t at, const struct type *t, uint16_t id,
		       uint16_t keylen)
{
	const char *dash = at ? "-" : "";

	for (size_t i = 0; i < N(words); i++)
		if (words[i].type == t->type && words[i].id == id &&
		    words[i].keylen == keylen)
			return snprintf(buf + at, SUITE_TEXT_MAX - at, "%s%s",
					dash, words[i].name);
	if (keylen)
		return snprintf(buf + at, SUITE_TEXT_MAX - at, "%s%s%u_%u",
				dash, t->name, id, keylen);
	return snprintf(buf + at, SUITE_TEXT_MAX - at, "%s%s%u", dash, t->name,
			id);
}

/**
 * suite_text() - a suite for people; suite_parse() reads it back
 * @s: the suite
 * @buf: room for SUITE_TEXT_MAX octets
 *
 * Return: @buf.
 */
const char *suite_text(const struct suite *s, char *buf)
{
	size_t at = 0;

	buf[0] = 0;
	for (size_t i = 0; i < N(types); i++) {
		uint16_t id = *member(s, &types[i]);

		if (id)
			at += word_put(buf, at, &types[i], id,
				       types[i].type == IKE_T_ENCR ?
				       s->keylen : 0);
	}
	if (s->esn)
		snprintf(buf + at, SUITE_TEXT_MAX - at, "-esn");
	return buf;
}
