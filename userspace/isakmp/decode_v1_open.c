// SPDX-License-Identifier: GPL-2.0
/* Encrypted messages of version 1, opened; conversations that they are of (decode_v1_open.h). */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "decode_v1_open.h"

#define PAD_MAX 255	/* some peers pad at random */

/* A message that was opened already: it may come again. */
struct before {
	uint64_t digest;	/* 0: none */
	uint8_t iv[V1_BLOCK_MAX];
};

/*
 * The IVs of phase 1 (@msgid 0), or of an exchange of phase 2.  The next one is the end of the
 * last message that was opened; or, when one is missing or its beginning cannot be known (revised
 * RSA encryption), of the last that was not.
 */
struct iv_chain {
	uint32_t msgid;
	bool used;
	bool has[2];		/* sure, guessed */
	uint8_t iv[2][V1_BLOCK_MAX];
	unsigned int n;		/* messages opened ever */
	struct before before[V1_BEFORE];
};

struct value {
	uint16_t n;		/* 0: not seen yet */
	uint8_t p[IKE_KE_MAX];
};

struct talk {
	uint64_t cookie;	/* the initiator's; 0: free */
	unsigned long used;
	uint16_t encr;
	uint16_t keylen;
	uint16_t hash;
	struct value ke[2];	/* the initiator's comes first */
	unsigned int n_chains;
	struct iv_chain chain[V1_CHAINS]; /* 0: phase 1 */
};

struct v1_talks {
	unsigned long clock;
	struct talk *talk[V1_TALKS];
};

/* ---- conversations ------------------------------------------------------------- */

static struct talk *talk_find(struct v1_talks *t, uint64_t cookie)
{
	for (size_t i = 0; t && i < V1_TALKS; i++)
		if (t->talk[i] && t->talk[i]->cookie == cookie) {
			t->talk[i]->used = ++t->clock;
			return t->talk[i];
		}
	return NULL;
}

/* In place of the one that was not heard of for the longest time. */
static struct talk *talk_new(struct v1_talks *t, uint64_t cookie)
{
	size_t i, oldest = 0;

	for (i = 0; i < V1_TALKS && t->talk[i]; i++)
		if (t->talk[i]->used < t->talk[oldest]->used)
			oldest = i;
	if (i == V1_TALKS)
		i = oldest;
	free(t->talk[i]);
	t->talk[i] = calloc(1, sizeof(struct talk));
	if (!t->talk[i])
		abort();
	t->talk[i]->cookie = cookie;
	t->talk[i]->used = ++t->clock;
	return t->talk[i];
}

/**
 * v1_talks_free() - forgets all of them
 * @t: what v1_talks_clear() made, or NULL
 */
void v1_talks_free(struct v1_talks *t)
{
	for (size_t i = 0; t && i < V1_TALKS; i++)
		free(t->talk[i]);
	free(t);
}

static void attr_note(struct talk *t, const struct v1_attr_value *a)
{
	if (a->type == V1_A_ENCR)
		t->encr = (uint16_t)a->small;
	else if (a->type == V1_A_KEY_LENGTH)
		t->keylen = (uint16_t)a->small;
	else if (a->type == V1_A_HASH)
		t->hash = (uint16_t)a->small;
}

/* What the responder chose: one transform. */
static void sa_note(struct talk *t, const struct isakmp_payload *pl)
{
	struct v1_proposal p;
	struct v1_transform f;
	struct v1_attr_value a;
	struct isakmp_cur c;
	uint32_t doi, situation;

	if (v1_sa_decode(pl, &doi, &situation, &c) || !v1_proposal_next(&c, &p) || p.n != 1 ||
	    !v1_transform_next(&p.transforms, &f))
		return;
	t->encr = t->keylen = t->hash = 0;
	while (v1_attr_next(&f.attrs, &a))
		attr_note(t, &a);
}

static bool ke_is(const struct value *v, const struct isakmp_payload *pl)
{
	return v->n == pl->len && !memcmp(v->p, pl->body, v->n);
}

static void ke_note(struct talk *t, const struct isakmp_payload *pl)
{
	struct value *v = &t->ke[t->ke[0].n != 0];

	if (!pl->len || pl->len > sizeof(v->p) || v->n || ke_is(&t->ke[0], pl))
		return;
	v->n = pl->len;
	memcpy(v->p, pl->body, pl->len);
}

/**
 * v1_talks_clear() - a message in the clear: what of it is needed later
 * @t: conversations; made when there are none
 * @h: its header
 * @c: its payloads
 */
void v1_talks_clear(struct v1_talks **t, const struct isakmp_header *h, const struct v1_chain *c)
{
	const struct isakmp_payload *sa = v1_chain_find(c, V1_PL_SA);
	const struct isakmp_payload *ke = v1_chain_find(c, V1_PL_KE);
	struct talk *talk;

	if (h->exchange > V1_AGGRESSIVE || (!sa && !ke))
		return;
	if (!*t)
		*t = calloc(1, sizeof(**t));
	if (!*t)
		abort();
	talk = talk_find(*t, h->spi_i);
	if (!talk)
		talk = talk_new(*t, h->spi_i);
	if (sa && h->spi_r)
		sa_note(talk, sa);
	if (ke)
		ke_note(talk, ke);
}

/* ---- ciphers ----------------------------------------------------------------- */

static const char *hash_name(uint16_t hash)
{
	static const char *const names[] = {
		[V1_HASH_MD5] = "MD5", [V1_HASH_SHA1] = "SHA1", [V1_HASH_SHA2_256] = "SHA256",
		[V1_HASH_SHA2_384] = "SHA384", [V1_HASH_SHA2_512] = "SHA512",
	};

	return hash < sizeof(names) / sizeof(names[0]) ? names[hash] : NULL;
}

static EVP_CIPHER *cipher_of(const struct talk *t)
{
	char name[32] = "DES-EDE3-CBC";

	if (t->encr == V1_ENCR_AES || t->encr == V1_ENCR_CAMELLIA)
		snprintf(name, sizeof(name), "%s-%u-CBC",
			 t->encr == V1_ENCR_AES ? "AES" : "CAMELLIA", t->keylen ? t->keylen : 128);
	else if (t->encr != V1_ENCR_3DES)
		return NULL;
	return EVP_CIPHER_fetch(NULL, name, NULL);
}

/* hash(@a | @b), as much of it as an IV takes (RFC 2409, appendix B) */
static bool hash_iv(const struct talk *t, const void *a, size_t n, const void *b, size_t m,
		    uint8_t *iv)
{
	const EVP_MD *md = hash_name(t->hash) ? EVP_get_digestbyname(hash_name(t->hash)) : NULL;
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	unsigned char out[EVP_MAX_MD_SIZE];
	bool ok;

	ok = md && c && EVP_DigestInit_ex(c, md, NULL) && EVP_DigestUpdate(c, a, n) &&
	     EVP_DigestUpdate(c, b, m) && EVP_DigestFinal_ex(c, out, NULL);
	if (ok)
		memcpy(iv, out, V1_BLOCK_MAX);
	EVP_MD_CTX_free(c);
	return ok;
}

/* ---- chains of IVs --------------------------------------------------------------- */

static struct iv_chain *phase1(struct talk *t)
{
	struct iv_chain *p = &t->chain[0];

	p->used = true;
	if (!p->n && !p->has[0])
		p->has[0] = t->ke[0].n && t->ke[1].n &&
			    hash_iv(t, t->ke[0].p, t->ke[0].n, t->ke[1].p, t->ke[1].n, p->iv[0]);
	return p;
}

/* The first IV of an exchange: from the end of phase 1, and its message ID. */
static struct iv_chain *chain_begin(struct talk *t, struct iv_chain *x, uint32_t msgid, size_t block)
{
	struct iv_chain *p = phase1(t);
	uint8_t id[4];

	put_unaligned_be32(msgid, id);
	memset(x, 0, sizeof(*x));
	x->msgid = msgid;
	x->used = true;
	for (size_t i = 0; i < 2; i++)
		x->has[i] = p->has[i] && hash_iv(t, p->iv[i], block, id, sizeof(id), x->iv[i]);
	return x;
}

static struct iv_chain *phase2(struct talk *t, uint32_t msgid, size_t block)
{
	struct iv_chain *x;

	for (x = t->chain + 1; x < t->chain + V1_CHAINS; x++)
		if (x->used && x->msgid == msgid)
			return x;
	return chain_begin(t, t->chain + 1 + t->n_chains++ % (V1_CHAINS - 1), msgid, block);
}

/* @lone: what an Informational has: each one, whatever its message ID, begins anew */
static struct iv_chain *chain_of(struct talk *t, const struct isakmp_header *h, size_t block,
				 struct iv_chain *lone)
{
	if (h->exchange <= V1_AGGRESSIVE)
		return phase1(t);
	if (h->exchange == V1_INFORMATIONAL)
		return chain_begin(t, lone, h->msgid, block);
	return phase2(t, h->msgid, block);
}

static uint64_t digest_of(const uint8_t *p, size_t n)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	while (n--)
		h = (h ^ *p++) * 0x100000001b3ULL;
	return h ? h : 1;
}

static struct before *was_before(struct iv_chain *x, uint64_t digest)
{
	for (size_t i = 0; i < V1_BEFORE; i++)
		if (x->before[i].digest == digest)
			return &x->before[i];
	return NULL;
}

static bool decrypt(const EVP_CIPHER *evp, const uint8_t *key, const uint8_t *iv,
		    const uint8_t *from, size_t n, uint8_t *to)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int len;
	bool ok;

	ok = c && EVP_DecryptInit_ex(c, evp, NULL, key, iv) &&
	     EVP_CIPHER_CTX_set_padding(c, 0) && EVP_DecryptUpdate(c, to, &len, from, (int)n) &&
	     EVP_DecryptFinal_ex(c, to + len, &len);
	EVP_CIPHER_CTX_free(c);
	return ok;
}

/* A wrong key, or a message that is missing, gives no chain of payloads. */
static bool is_chain(const struct isakmp_header *h, const uint8_t *text, size_t n)
{
	struct v1_chain *c = malloc(sizeof(*c));
	bool ok;

	if (!c)
		abort();
	ok = !v1_chain_decode(h->next, text, n, true, c) && c->n && !c->unknown &&
	     n - c->end <= PAD_MAX;
	free(c);
	return ok;
}

/* What is opened, by which IV; and to what it gives one. */
struct sealed {
	const EVP_CIPHER *evp;
	const uint8_t *key;
	const struct isakmp_header *h;
	const uint8_t *p;
	size_t n;
	uint8_t *text;
};

static bool open_with(const struct sealed *s, const uint8_t *iv)
{
	return decrypt(s->evp, s->key, iv, s->p, s->n, s->text) && is_chain(s->h, s->text, s->n);
}

static void note(struct iv_chain *x, uint64_t digest, const uint8_t *iv)
{
	struct before *b = &x->before[x->n++ % V1_BEFORE];

	b->digest = digest;
	memcpy(b->iv, iv, sizeof(b->iv));
}

static bool open_by(struct iv_chain *x, const struct sealed *s, size_t block)
{
	uint64_t digest = digest_of(s->p, s->n);
	const struct before *old = was_before(x, digest);
	bool opened = false;
	size_t i;

	if (old)
		return open_with(s, old->iv);
	for (i = 0; !opened && i < 2; i++) {
		opened = x->has[i] && open_with(s, x->iv[i]);
		if (opened)
			note(x, digest, x->iv[i]);
	}
	memcpy(x->iv[!opened], s->p + s->n - block, block);
	x->has[!opened] = true;
	if (opened)
		x->has[1] = false;
	return opened;
}

/**
 * v1_talks_open() - opens an encrypted message
 * @t: conversations, or NULL
 * @keys: keys
 * @h: its header
 * @p: the octets behind the header
 * @n: how many
 * @text: room for as many: the payloads and their padding
 *
 * Return: false: there is no key, its beginning was not seen, or nothing sensible comes out.
 */
bool v1_talks_open(struct v1_talks *t, const struct keytable *keys, const struct isakmp_header *h,
		   const uint8_t *p, size_t n, uint8_t *text)
{
	const struct keytable_v1 *key = keytable_find_v1(keys, h->spi_i);
	struct talk *talk = key ? talk_find(t, h->spi_i) : NULL;
	EVP_CIPHER *evp = talk ? cipher_of(talk) : NULL;
	size_t block = evp ? (size_t)EVP_CIPHER_get_block_size(evp) : 0;
	const struct sealed s = { evp, key ? key->key : NULL, h, p, n, text };
	struct iv_chain lone;
	bool ok = false;

	if (evp && (size_t)EVP_CIPHER_get_key_length(evp) == key->n && n && n % block == 0)
		ok = open_by(chain_of(talk, h, block, &lone), &s, block);
	EVP_CIPHER_free(evp);
	return ok;
}
