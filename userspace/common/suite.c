// SPDX-License-Identifier: GPL-2.0
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <isakmp/ikev2.h>
#include "suite.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

#define AES(mode, id)					\
	{ "aes128" mode, IKE_T_ENCR, id, 128 },		\
	{ "aes192" mode, IKE_T_ENCR, id, 192 },		\
	{ "aes256" mode, IKE_T_ENCR, id, 256 }

/* One row per word of a suite. */
static const struct word {
	const char *name;
	uint8_t type;		/* enum ike_transform_type */
	uint16_t id;
	uint16_t keylen;
} words[] = {
	AES("", IKE_ENCR_AES_CBC),
	AES("ctr", IKE_ENCR_AES_CTR),
	AES("ccm8", IKE_ENCR_AES_CCM_8),
	AES("ccm12", IKE_ENCR_AES_CCM_12),
	AES("ccm16", IKE_ENCR_AES_CCM_16),
	AES("gcm8", IKE_ENCR_AES_GCM_8),
	AES("gcm12", IKE_ENCR_AES_GCM_12),
	AES("gcm16", IKE_ENCR_AES_GCM_16),
	{ "chacha20poly1305", IKE_T_ENCR, IKE_ENCR_CHACHA20_POLY1305, 0 },
	{ "3des", IKE_T_ENCR, IKE_ENCR_3DES, 0 },
	{ "md5", IKE_T_INTEG, IKE_INTEG_HMAC_MD5_96, 0 },
	{ "sha1", IKE_T_INTEG, IKE_INTEG_HMAC_SHA1_96, 0 },
	{ "sha256", IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_256_128, 0 },
	{ "sha384", IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_384_192, 0 },
	{ "sha512", IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_512_256, 0 },
	{ "prfmd5", IKE_T_PRF, IKE_PRF_HMAC_MD5, 0 },
	{ "prfsha1", IKE_T_PRF, IKE_PRF_HMAC_SHA1, 0 },
	{ "prfsha256", IKE_T_PRF, IKE_PRF_HMAC_SHA2_256, 0 },
	{ "prfsha384", IKE_T_PRF, IKE_PRF_HMAC_SHA2_384, 0 },
	{ "prfsha512", IKE_T_PRF, IKE_PRF_HMAC_SHA2_512, 0 },
	{ "modp1024", IKE_T_KE, IKE_KE_MODP_1024, 0 },
	{ "modp1536", IKE_T_KE, IKE_KE_MODP_1536, 0 },
	{ "modp2048", IKE_T_KE, IKE_KE_MODP_2048, 0 },
	{ "modp3072", IKE_T_KE, IKE_KE_MODP_3072, 0 },
	{ "modp4096", IKE_T_KE, IKE_KE_MODP_4096, 0 },
	{ "modp6144", IKE_T_KE, IKE_KE_MODP_6144, 0 },
	{ "modp8192", IKE_T_KE, IKE_KE_MODP_8192, 0 },
	{ "ecp256", IKE_T_KE, IKE_KE_ECP_256, 0 },
	{ "ecp384", IKE_T_KE, IKE_KE_ECP_384, 0 },
	{ "ecp521", IKE_T_KE, IKE_KE_ECP_521, 0 },
	{ "x25519", IKE_T_KE, IKE_KE_X25519, 0 },
	{ "x448", IKE_T_KE, IKE_KE_X448, 0 },
	{ "esn", IKE_T_ESN, IKE_ESN_YES, 0 },
	{ "noesn", IKE_T_ESN, IKE_ESN_NO, 0 },
};

/* The PRF that an ike suite without one has: of the hash of its MAC. */
static const struct {
	uint16_t integ;
	uint16_t prf;
} prfs[] = {
	{ IKE_INTEG_HMAC_MD5_96, IKE_PRF_HMAC_MD5 },
	{ IKE_INTEG_HMAC_SHA1_96, IKE_PRF_HMAC_SHA1 },
	{ IKE_INTEG_HMAC_SHA2_256_128, IKE_PRF_HMAC_SHA2_256 },
	{ IKE_INTEG_HMAC_SHA2_384_192, IKE_PRF_HMAC_SHA2_384 },
	{ IKE_INTEG_HMAC_SHA2_512_256, IKE_PRF_HMAC_SHA2_512 },
};

#define P_IKE (1 << IKE_PROTO_IKE)
#define P_ESP (1 << IKE_PROTO_ESP)
#define P_AH (1 << IKE_PROTO_AH)

/* One row per type of transform, in the order of a suite's text. */
static const struct type {
	const char *name;
	uint8_t type;
	size_t at;		/* its member of struct suite */
	uint8_t may;		/* protocols whose suites may have it */
	uint8_t must;
} types[] = {
	{ "encr", IKE_T_ENCR, offsetof(struct suite, encr), P_IKE | P_ESP, P_IKE | P_ESP },
	{ "integ", IKE_T_INTEG, offsetof(struct suite, integ), P_IKE | P_ESP | P_AH, P_AH },
	{ "prf", IKE_T_PRF, offsetof(struct suite, prf), P_IKE, P_IKE },
	{ "ke", IKE_T_KE, offsetof(struct suite, ke), P_IKE | P_ESP | P_AH, P_IKE },
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

static bool word_esn(struct suite *s, const struct word *word, bool *esn,
		     struct why *w)
{
	if (s->protocol == IKE_PROTO_IKE)
		return why_not(w, "%s belongs to esp and ah suites", word->name);
	if (*esn)
		return why_not(w, "\"%s\" is the second word about esn of its suite",
			       word->name);
	*esn = true;
	s->esn = word->id;
	return true;
}

static bool word_add(struct suite *s, const char *text, bool *esn, struct why *w)
{
	const struct type *t;
	struct word word;

	if (!word_find(&word, text))
		return why_not(w, "no algorithm is called \"%s\"", text);
	if (word.type == IKE_T_ESN)
		return word_esn(s, &word, esn, w);
	t = type_of(word.type);
	if (!(t->may & 1 << s->protocol))
		return why_not(w, "\"%s\" belongs to ike%s suites", text,
			       t->may & P_ESP ? " and esp" : "");
	if (*member(s, t))
		return why_not(w, "\"%s\" is the second %s algorithm of its suite",
			       text, t->name);
	*member(s, t) = word.id;
	if (word.type == IKE_T_ENCR)
		s->keylen = word.keylen;
	return true;
}

/* As other implementations read it: aes256-sha256-ecp256 has prfsha256. */
static void suite_default_prf(struct suite *s)
{
	for (size_t i = 0; s->protocol == IKE_PROTO_IKE && !s->prf && i < N(prfs); i++)
		if (prfs[i].integ == s->integ)
			s->prf = prfs[i].prf;
}

/* Of a number we have no word for the kernel knows whether it wants a MAC. */
static bool suite_mac(const struct suite *s, struct why *w)
{
	bool plain = s->encr == IKE_ENCR_3DES || s->encr == IKE_ENCR_AES_CBC ||
		     s->encr == IKE_ENCR_AES_CTR;

	for (size_t i = 0; i < N(words); i++) {
		if (words[i].type != IKE_T_ENCR || words[i].id != s->encr ||
		    words[i].keylen != s->keylen)
			continue;
		if (plain && !s->integ)
			return why_not(w, "%s needs an integrity algorithm: sha256, ...",
				       words[i].name);
		if (!plain && s->integ)
			return why_not(w, "%s needs no integrity algorithm",
				       words[i].name);
	}
	return true;
}

static bool suite_whole(const struct suite *s, struct why *w)
{
	for (size_t i = 0; i < N(types); i++) {
		const struct type *t = &types[i];

		if (t->must & 1 << s->protocol && !*member(s, t))
			return why_not(w, "the suite has no %s algorithm",
				       t->name);
	}
	return suite_mac(s, w);
}

/**
 * suite_parse() - a suite
 * @s: where it goes
 * @protocol: IKE_PROTO_*
 * @text: words joined with '-', in any order
 * @w: what is wrong
 *
 * Return: whether it is one.
 */
bool suite_parse(struct suite *s, uint8_t protocol, const char *text,
		 struct why *w)
{
	char buf[SUITE_TEXT_MAX], *save, *word;
	bool esn = false;

	memset(s, 0, sizeof(*s));
	s->protocol = protocol;
	if (strlen(text) >= sizeof(buf))
		return why_not(w, "a suite is not that long");
	strcpy(buf, text);
	for (word = strtok_r(buf, "-", &save); word;
	     word = strtok_r(NULL, "-", &save))
		if (!word_add(s, word, &esn, w))
			return false;
	suite_default_prf(s);
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
