// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <isakmp/ikev2.h>
#include "keytable.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

#define ROWS(text, evp_text, id, s, v, t, m)				\
	{ .name = "AES-" text(128), .evp = "AES-128-" evp_text,		\
	  .encr = id, .keylen = 128, .key = 16, .salt = s, .iv = v, .icv = t, .mode = m }, \
	{ .name = "AES-" text(192), .evp = "AES-192-" evp_text,		\
	  .encr = id, .keylen = 192, .key = 24, .salt = s, .iv = v, .icv = t, .mode = m }, \
	{ .name = "AES-" text(256), .evp = "AES-256-" evp_text,		\
	  .encr = id, .keylen = 256, .key = 32, .salt = s, .iv = v, .icv = t, .mode = m }

#define CBC(bits) "CBC-" #bits " [RFC3602]"
#define CTR(bits) "CTR-" #bits " [RFC5930]"
#define GCM_8(bits) "GCM-" #bits " with 8 octet ICV [RFC5282]"
#define GCM_12(bits) "GCM-" #bits " with 12 octet ICV [RFC5282]"
#define GCM_16(bits) "GCM-" #bits " with 16 octet ICV [RFC5282]"
#define CCM_8(bits) "CCM-" #bits " with 8 octet ICV [RFC5282]"
#define CCM_12(bits) "CCM-" #bits " with 12 octet ICV [RFC5282]"
#define CCM_16(bits) "CCM-" #bits " with 16 octet ICV [RFC5282]"

static const struct keytable_cipher ciphers[] = {
	ROWS(CBC, "CBC", IKE_ENCR_AES_CBC, 0, 16, 0, CIPHER_CBC),
	ROWS(CTR, "CTR", IKE_ENCR_AES_CTR, 4, 8, 0, CIPHER_CTR),
	ROWS(GCM_8, "GCM", IKE_ENCR_AES_GCM_8, 4, 8, 8, CIPHER_GCM),
	ROWS(GCM_12, "GCM", IKE_ENCR_AES_GCM_12, 4, 8, 12, CIPHER_GCM),
	ROWS(GCM_16, "GCM", IKE_ENCR_AES_GCM_16, 4, 8, 16, CIPHER_GCM),
	ROWS(CCM_8, "CCM", IKE_ENCR_AES_CCM_8, 3, 8, 8, CIPHER_CCM),
	ROWS(CCM_12, "CCM", IKE_ENCR_AES_CCM_12, 3, 8, 12, CIPHER_CCM),
	ROWS(CCM_16, "CCM", IKE_ENCR_AES_CCM_16, 3, 8, 16, CIPHER_CCM),
	{ .name = "ChaCha20-Poly1305 [RFC7634]", .evp = "ChaCha20-Poly1305",
	  .encr = IKE_ENCR_CHACHA20_POLY1305, .key = 32, .salt = 4, .iv = 8,
	  .icv = 16, .mode = CIPHER_CHACHA, .ours = true },
	{ .name = "3DES [RFC2451]", .evp = "DES-EDE3-CBC", .encr = IKE_ENCR_3DES, .key = 24,
	  .iv = 8, .mode = CIPHER_CBC },
};

static const struct keytable_integ integs[] = {
	{ "NONE [RFC4306]", NULL, IKE_INTEG_NONE, 0, 0 },
	{ "HMAC_MD5_96 [RFC2403]", "MD5", IKE_INTEG_HMAC_MD5_96, 16, 12 },
	{ "HMAC_SHA1_96 [RFC2404]", "SHA1", IKE_INTEG_HMAC_SHA1_96, 20, 12 },
	{ "HMAC_SHA2_256_128 [RFC4868]", "SHA256", IKE_INTEG_HMAC_SHA2_256_128, 32, 16 },
	{ "HMAC_SHA2_384_192 [RFC4868]", "SHA384", IKE_INTEG_HMAC_SHA2_384_192, 48, 24 },
	{ "HMAC_SHA2_512_256 [RFC4868]", "SHA512", IKE_INTEG_HMAC_SHA2_512_256, 64, 32 },
	/* Not spoken here, but seen in captures */
	{ "HMAC_SHA1_160 [RFC4595]", "SHA1", 7, 20, 20 },
};

/**
 * keytable_cipher() - how a suite encrypts
 * @encr: transform ID
 * @keylen: its Key Length attribute, or 0
 *
 * Return: the row, or NULL.
 */
const struct keytable_cipher *keytable_cipher(uint16_t encr, uint16_t keylen)
{
	for (size_t i = 0; i < N(ciphers); i++)
		if (ciphers[i].encr == encr && ciphers[i].keylen == keylen)
			return &ciphers[i];
	return NULL;
}

/**
 * keytable_integ() - how a suite protects integrity
 * @integ: transform ID; 0 with an AEAD
 *
 * Return: the row, or NULL.
 */
const struct keytable_integ *keytable_integ(uint16_t integ)
{
	for (size_t i = 0; i < N(integs); i++)
		if (integs[i].integ == integ)
			return &integs[i];
	return NULL;
}

/**
 * keytable_encr_len() - the octets of SK_ei and SK_er
 * @c: the cipher
 *
 * Return: those of the key and the salt.
 */
size_t keytable_encr_len(const struct keytable_cipher *c)
{
	return c->key + c->salt;
}

static void put_hex(FILE *f, const uint8_t *p, size_t n)
{
	while (n--)
		fprintf(f, "%02x", *p++);
	fputc(',', f);
}

/**
 * keytable_write() - one line
 * @f: where to
 * @sa: the keys
 */
void keytable_write(FILE *f, const struct keytable_sa *sa)
{
	size_t n = keytable_encr_len(sa->cipher);

	fprintf(f, "%s%016" PRIx64 ",%016" PRIx64 ",", sa->cipher->ours ? "#" : "",
		sa->spi_i, sa->spi_r);
	put_hex(f, sa->sk_e[0], n);
	put_hex(f, sa->sk_e[1], n);
	fprintf(f, "\"%s\",", sa->cipher->name);
	put_hex(f, sa->sk_a[0], sa->integ->key);
	put_hex(f, sa->sk_a[1], sa->integ->key);
	fprintf(f, "\"%s\"\n", sa->integ->name);
}

/**
 * keytable_write_v1() - one line of version 1
 * @f: where to
 * @sa: the key
 */
void keytable_write_v1(FILE *f, const struct keytable_v1 *sa)
{
	fprintf(f, KEYTABLE_V1_TAG "%016" PRIx64 ",", sa->cookie);
	for (size_t i = 0; i < sa->n; i++)
		fprintf(f, "%02x", sa->key[i]);
	fputc('\n', f);
}

/* Cuts a field off, without its quotes.  Return: NULL when there is none. */
static char *field(char **line)
{
	char *s = *line, *comma = s ? strchr(s, ',') : NULL;
	size_t n;

	if (!s)
		return NULL;
	if (comma)
		*comma++ = 0;
	*line = comma;
	n = strlen(s);
	if (n > 1 && *s == '"' && s[n - 1] == '"') {
		s[n - 1] = 0;
		s++;
	}
	return s;
}

/* Exactly @n octets. */
static bool get_hex(uint8_t *p, size_t n, const char *s)
{
	unsigned int octet;

	if (!s || strlen(s) != 2 * n || strspn(s, "0123456789abcdefABCDEF") != 2 * n)
		return false;
	for (; n--; s += 2) {
		sscanf(s, "%2x", &octet);
		*p++ = octet;
	}
	return true;
}

static bool get_spi(uint64_t *spi, const char *s)
{
	uint8_t octets[8];

	if (!get_hex(octets, sizeof(octets), s))
		return false;
	*spi = 0;
	for (size_t i = 0; i < sizeof(octets); i++)
		*spi = *spi << 8 | octets[i];
	return true;
}

static bool get_names(struct keytable_sa *sa, const char *cipher, const char *integ)
{
	sa->cipher = NULL;
	sa->integ = NULL;
	for (size_t i = 0; cipher && i < N(ciphers); i++)
		if (!strcmp(ciphers[i].name, cipher))
			sa->cipher = &ciphers[i];
	for (size_t i = 0; integ && i < N(integs); i++)
		if (!strcmp(integs[i].name, integ))
			sa->integ = &integs[i];
	return sa->cipher && sa->integ;
}

/**
 * keytable_parse() - one line
 * @sa: the keys
 * @line: the text without its newline, which is changed
 * @w: what is wrong
 *
 * Return: whether it has keys.
 */
bool keytable_parse(struct keytable_sa *sa, char *line, struct why *w)
{
	char *f[8];

	for (size_t i = 0; i < N(f); i++)
		f[i] = field(&line);
	if (!f[7] || line)
		return why_not(w, "not eight fields with commas between them");
	if (!get_spi(&sa->spi_i, f[0]) || !get_spi(&sa->spi_r, f[1]))
		return why_not(w, "an SPI has sixteen hexadecimal digits");
	if (!get_names(sa, f[4], f[7]))
		return why_not(w, "an algorithm that is not known");
	/* An AEAD has no other integrity, the others need one. */
	if (!sa->cipher->icv == !sa->integ->icv)
		return why_not(w, "algorithms that do not go together");
	if (!get_hex(sa->sk_e[0], keytable_encr_len(sa->cipher), f[2]) ||
	    !get_hex(sa->sk_e[1], keytable_encr_len(sa->cipher), f[3]) ||
	    !get_hex(sa->sk_a[0], sa->integ->key, f[5]) ||
	    !get_hex(sa->sk_a[1], sa->integ->key, f[6]))
		return why_not(w, "a key of the wrong length");
	return true;
}

/* Two fields, and no more.  false: it is no line of version 1. */
static bool parse_v1(struct keytable_v1 *sa, const char *line)
{
	const char *comma = strchr(line, ',');
	char cookie[17];

	if (!comma || comma - line != 16)
		return false;
	memcpy(cookie, line, 16);
	cookie[16] = 0;
	sa->n = strlen(comma + 1) / 2;
	return get_spi(&sa->cookie, cookie) && sa->n >= KEYTABLE_V1_MIN &&
	       sa->n <= KEYTABLE_V1_MAX && get_hex(sa->key, sa->n, comma + 1);
}

static void keep_v1(struct keytable *t, const struct keytable_v1 *sa)
{
	if (t->n_v1 == t->size_v1) {
		struct keytable_v1 *more = calloc(t->size_v1 * 2 + 16, sizeof(*sa));

		if (!more)
			abort();
		if (t->n_v1) {
			memcpy(more, t->v1, t->n_v1 * sizeof(*sa));
			explicit_bzero(t->v1, t->n_v1 * sizeof(*sa));
		}
		free(t->v1);
		t->v1 = more;
		t->size_v1 = t->size_v1 * 2 + 16;
	}
	t->v1[t->n_v1++] = *sa;
}

static void keep(struct keytable *t, const struct keytable_sa *sa)
{
	if (t->n == t->size) {
		struct keytable_sa *more = calloc(t->size * 2 + 16, sizeof(*sa));

		if (!more)
			abort();
		if (t->n) {
			memcpy(more, t->sas, t->n * sizeof(*sa));
			explicit_bzero(t->sas, t->n * sizeof(*sa));
		}
		free(t->sas);
		t->sas = more;
		t->size = t->size * 2 + 16;
	}
	t->sas[t->n++] = *sa;
}

static int order(const void *pa, const void *pb)
{
	const struct keytable_sa *a = pa, *b = pb;

	if (a->spi_i != b->spi_i)
		return a->spi_i < b->spi_i ? -1 : 1;
	return a->spi_r < b->spi_r ? -1 : a->spi_r > b->spi_r;
}

static int order_v1(const void *pa, const void *pb)
{
	const struct keytable_v1 *a = pa, *b = pb;

	return a->cookie < b->cookie ? -1 : a->cookie > b->cookie;
}

/* One line without its end; the rest of one that is too long for keys is a comment's. */
static bool line_read(char *line, FILE *f)
{
	size_t n;
	int c = 0;

	if (!fgets(line, KEYTABLE_LINE_MAX, f))
		return false;
	n = strcspn(line, "\r\n");
	while (line[0] == '#' && n == KEYTABLE_LINE_MAX - 1 && c != '\n' && c != EOF)
		c = fgetc(f);
	line[n] = 0;
	return true;
}

/**
 * keytable_load() - all lines of a file
 * @t: the table, zeroed
 * @f: the file
 * @w: what is wrong, with the number of the line
 *
 * A line that begins with # is a comment, unless what follows are keys.
 *
 * Return: whether all lines could be read and are good.
 */
bool keytable_load(struct keytable *t, FILE *f, struct why *w)
{
	char line[KEYTABLE_LINE_MAX];
	const size_t tag = strlen(KEYTABLE_V1_TAG);
	struct keytable_sa sa = { 0 };
	struct keytable_v1 v1 = { 0 };
	unsigned int n = 0;
	struct why bad;
	bool ok = true;

	while (ok && line_read(line, f)) {
		bool comment = line[0] == '#';

		n++;
		if (!line[0])
			continue;
		if (parse_v1(&v1, strncmp(line, KEYTABLE_V1_TAG, tag) ? line : line + tag))
			keep_v1(t, &v1);
		else if (keytable_parse(&sa, line + comment, &bad))
			keep(t, &sa);
		else if (!comment)
			ok = why_not(w, "line %u: %.200s", n, bad.text);
	}
	if (ok && ferror(f))
		ok = why_not(w, "it cannot be read: %s", strerror(errno));
	if (t->n)
		qsort(t->sas, t->n, sizeof(sa), order);
	if (t->n_v1)
		qsort(t->v1, t->n_v1, sizeof(v1), order_v1);
	explicit_bzero(line, sizeof(line));
	explicit_bzero(&sa, sizeof(sa));
	explicit_bzero(&v1, sizeof(v1));
	return ok;
}

/**
 * keytable_find() - the keys of an IKE SA
 * @t: the table
 * @spi_i: the initiator's SPI
 * @spi_r: the responder's SPI
 *
 * Return: the keys, or NULL.
 */
const struct keytable_sa *keytable_find(const struct keytable *t, uint64_t spi_i,
					uint64_t spi_r)
{
	const struct keytable_sa key = { .spi_i = spi_i, .spi_r = spi_r };

	return t->n ? bsearch(&key, t->sas, t->n, sizeof(key), order) : NULL;
}

/**
 * keytable_find_v1() - the key of an ISAKMP SA of version 1
 * @t: the table
 * @cookie: the initiator's
 *
 * Return: the key, or NULL.
 */
const struct keytable_v1 *keytable_find_v1(const struct keytable *t, uint64_t cookie)
{
	const struct keytable_v1 key = { .cookie = cookie };

	return t->n_v1 ? bsearch(&key, t->v1, t->n_v1, sizeof(key), order_v1) : NULL;
}

/**
 * keytable_free() - wipes and frees
 * @t: the table
 */
void keytable_free(struct keytable *t)
{
	if (t->n)
		explicit_bzero(t->sas, t->n * sizeof(*t->sas));
	free(t->sas);
	if (t->n_v1)
		explicit_bzero(t->v1, t->n_v1 * sizeof(*t->v1));
	free(t->v1);
	memset(t, 0, sizeof(*t));
}
