// SPDX-License-Identifier: GPL-2.0
/*
 * RSA encryption of version 1: how long an answer takes says nothing of what was decrypted
 * (Bleichenbacher).  Measured, in processor time: each bad one beside a good one, of which the
 * median difference counts.  A machine that is busy may be wrong by some percent, once; what an
 * early way out leaves undone is 15 and more, each time, and a fallback that is made for bad
 * ones alone some 5, in all of them.
 */
#include <isakmp/ikev1.h>
#include <openssl/rsa.h>
#include <time.h>

#include "helper.h"
#include "helper_pki.h"
#include "isakmpd/v1_rsa.h"

#define K		256
#define ROUNDS		61
#define ATTEMPTS	4
/* of the time of good ones, in thousandths: one kind of bad ones, all kinds together */
#define BOUND		80
#define BOUND_ALL	30

/* What comes; of bad ones, what is wrong. */
enum kind {
	GOOD, FIRST_OCTET, TYPE_1, TYPE_0, SHORT_FILL, NO_END, NOTHING, TOO_SHORT, OTHER_KEY, KINDS
};

static const char *const names[KINDS] = {
	"good", "first octet", "block type 1", "block type 0", "short fill", "fill without end",
	"nothing", "too short", "for another key"
};

static struct loaded *own, *his;

static enum cred_state load_file(const struct cred_source *src, const struct config_cred *cred,
				 struct loaded **l)
{
	*l = loaded_get(strcmp(cred->file, "own") ? his : own);
	return CRED_READY;
}

/* ---- what comes ------------------------------------------------------------------------ */

static void encrypt_raw(EVP_PKEY *key, const u8 b[K], u8 out[K])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	size_t n = K;

	CHECK(EVP_PKEY_encrypt_init(ctx) > 0 &&
	      EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0 &&
	      EVP_PKEY_encrypt(ctx, out, &n, b, K) > 0 && n == K);
	EVP_PKEY_CTX_free(ctx);
}

/* A block with this in it, in which one thing is wrong. */
static void make(enum kind kind, const struct octets *plain, u8 out[K])
{
	u8 b[K];
	size_t n = kind == NOTHING ? 0 : kind == TOO_SHORT ? 3 : plain->n;

	memset(b, 0x77, K);
	b[0] = kind == FIRST_OCTET ? 0x40 : 0;
	b[1] = kind == TYPE_1 ? 1 : kind == TYPE_0 ? 0 : 2;
	b[K - n - 1] = 0;
	memcpy(b + K - n, plain->p, n);
	if (kind == SHORT_FILL)
		b[5] = 0;
	if (kind == NO_END)
		memset(b + 2, 0x55, K - 2);
	encrypt_raw(pki_key(PKI_RSA, kind == OTHER_KEY ? 2 : 1), b, out);
	/* What is larger than our modulus is refused at once, which anybody can tell before */
	if (kind == OTHER_KEY)
		out[0] &= 0x7f;
}

static struct {
	u8 nonce[K], id[K];
} came[KINDS];

static void make_all(void)
{
	struct octets nonce = { n_i, 32 };
	unsigned int i;

	for (i = 0; i < KINDS; i++) {
		make(i, &nonce, came[i].nonce);
		make(i, &id_a_body, came[i].id);
	}
}

/* ---- the responder's helper --------------------------------------------------------------- */

static void side(struct config *c, u8 which, u8 method, const char *id, const char *cred_name)
{
	u8 attr[IDENT_ATTR_MAX];
	struct config_auth a = { .method = method, .cred = cred_name };

	a.id = ident(id, attr);
	CHECK_EQ(config_add_auth(c, "gw", which, &a), 0);
}

static struct config *configure(u8 method)
{
	struct config_peer p = { .name = "gw", .gen = 1, .versions = ISAKMP_VERSIONS_1 };
	struct config_cred key = { .name = "own", .type = ISAKMP_CRED_KEY, .file = "own" };
	struct config_cred pub = { .name = "his", .type = ISAKMP_CRED_PUBKEY, .file = "his" };
	struct config *c = config_new();

	CHECK_EQ(config_add_peer(c, &p), 0);
	side(c, ISAKMP_SIDE_LOCAL, method, B, "own");
	side(c, ISAKMP_SIDE_REMOTE, method, A, "his");
	CHECK_EQ(config_add_cred(c, &key), 0);
	CHECK_EQ(config_add_cred(c, &pub), 0);
	CHECK_EQ(config_finish(c), 0);
	return c;
}

static u64 now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (u64)t.tv_sec * 1000000000 + (u64)t.tv_nsec;
}

/* Message 1 decrypted, and what goes out in message 2 encrypted: how many ns. */
static u64 answer(const struct config *c, u16 method, enum kind kind)
{
	struct question q = {
		.id = 42, .sa = 1, .kind = ISAKMP_UPCALL_V1_DECRYPT, .version = 1,
		.method = method, .prf = IKE_PRF_HMAC_SHA2_256, .n_peer = 1,
		.peer = { { .name = "gw" } },
	};
	bool enc = method == V1_M_RSA_ENC;
	static struct answer d, e;
	u64 from = now(), took;

	q.secret = (struct octets) { came[kind].nonce, K };
	q.secret_id = (struct octets) { came[kind].id, enc ? K : 0 };
	d = decide(c, &q);
	q.kind = ISAKMP_UPCALL_V1_ENCRYPT;
	q.secret = (struct octets) { n_r, 32 };
	q.id_i = enc ? d.secret_id : id_a_body;
	q.secret_id.n = 0;
	e = decide(c, &q);
	took = now() - from;
	CHECK_REASON(d.reason, ISAKMP_OK);
	CHECK_REASON(e.reason, ISAKMP_OK);
	CHECK_EQ(d.secret.n == 32 && !memcmp(d.secret.p, n_i, 32), kind == GOOD);
	auth_release(&d);
	auth_release(&e);
	return took;
}

/* ---- all of it ---------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	s64 x = *(const s64 *)a, y = *(const s64 *)b;

	return (x > y) - (x < y);
}

static s64 median(s64 *v)
{
	qsort(v, ROUNDS, sizeof(*v), by_value);
	return v[ROUNDS / 2];
}

/* How much longer than good ones, in thousandths. */
static s64 longer(const struct config *c, u16 method, enum kind kind)
{
	static s64 good[ROUNDS], more[ROUNDS];
	unsigned int i;
	s64 part;

	for (i = 0; i < ROUNDS; i++) {
		if (i & 1)
			more[i] = (s64)answer(c, method, kind);
		good[i] = (s64)answer(c, method, GOOD);
		if (!(i & 1))
			more[i] = (s64)answer(c, method, kind);
		more[i] -= good[i];
	}
	part = 1000 * median(more) / median(good);
	printf("# method %u, %s: %+lld/1000 of %lld us\n", method, names[kind], (long long)part,
	       (long long)good[ROUNDS / 2] / 1000);
	return part;
}

static bool is_alike(const struct config *c, u16 method)
{
	unsigned int kind;
	bool good = true;
	s64 part, all = 0;

	for (kind = GOOD + 1; kind < KINDS; kind++) {
		part = longer(c, method, kind);
		good &= part > -BOUND && part < BOUND;
		all += part;
	}
	all /= KINDS - 1;
	printf("# method %u, all: %+lld/1000\n", method, (long long)all);
	return good && all > -BOUND_ALL && all < BOUND_ALL;
}

static void measure(u8 named, u16 method)
{
	struct config *c = configure(named);
	unsigned int i;

	for (i = 0; i < ATTEMPTS && !is_alike(c, method); i++)
		;
	CHECK(i < ATTEMPTS);
	config_put(c);
}

static void test_encryption(void)
{
	measure(ISAKMP_METHOD_RSA_ENC, V1_M_RSA_ENC);
}

static void test_revised(void)
{
	measure(ISAKMP_METHOD_RSA_REV, V1_M_RSA_REV);
}

int main(void)
{
	fill_all();
	source.load = load_file;
	own = pki_loaded(ISAKMP_CRED_KEY, NULL, 0, pki_key(PKI_RSA, 1));
	his = pki_loaded(ISAKMP_CRED_PUBKEY, NULL, 0, pki_key(PKI_RSA, 0));
	make_all();
	TAP_RUN(test_encryption, "v1 encryption: good and bad padding take the same time");
	TAP_RUN(test_revised, "v1 encryption: revised: the same");
	loaded_put(own);
	loaded_put(his);
	return tap_done();
}
