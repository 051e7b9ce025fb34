/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the helper share: two sides, a conversation of theirs in
 * octets, configurations built by hand, secrets in memory.
 */
#ifndef _HELPER_H
#define _HELPER_H

#include <isakmp/ikev2.h>
#include "common/id.h"
#include "isakmpd/auth.h"
#include "tap.h"

/* A program uses what it needs of this. */
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-variable"

static u8 msg_1[300], msg_2[260], n_i[32], n_r[32], sk_i[PSK_PRF_MAX], sk_r[PSK_PRF_MAX];
static const u8 id_a[] = "\x02\0\0\0gw-a.example";	/* without the terminator */
static const u8 id_b[] = "\x03\0\0\0gw-b@example.org";
static const struct octets id_a_body = { id_a, sizeof(id_a) - 1 };
static const struct octets id_b_body = { id_b, sizeof(id_b) - 1 };

static void fill(u8 *p, size_t n, u8 first, u8 step)
{
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (u8)(first + i * step);
}

static void fill_all(void)
{
	fill(msg_1, sizeof(msg_1), 1, 7);
	fill(msg_2, sizeof(msg_2), 2, 5);
	fill(n_i, sizeof(n_i), 0x10, 1);
	fill(n_r, sizeof(n_r), 0x40, 1);
	fill(sk_i, sizeof(sk_i), 0x80, 1);
	fill(sk_r, sizeof(sk_r), 0xc0, 1);
}

static struct psk_signed signed_octets(bool initiator, size_t prf_len)
{
	struct psk_signed i = { { msg_1, sizeof(msg_1) }, { n_r, sizeof(n_r) },
				{ sk_i, prf_len }, id_a_body };
	struct psk_signed r = { { msg_2, sizeof(msg_2) }, { n_i, sizeof(n_i) },
				{ sk_r, prf_len }, id_b_body };

	return initiator ? i : r;
}

#define TEXT_SECRET "a shared secret of 33 octets, yes"

/* A source in memory: the secret of a cred is the text in its `file`. */
static unsigned int reads;

static enum cred_state read_text(const struct cred_source *src, const struct config_cred *cred,
				 struct secret *s)
{
	reads++;
	if (!strcmp(cred->file, "unreadable"))
		return CRED_NONE;
	if (!strcmp(cred->file, "slow"))
		return CRED_WAIT;
	if (!strcmp(cred->file, "busy"))
		return CRED_BUSY;
	s->n = strlen(cred->file);
	memcpy(s->octets, cred->file, s->n);
	return CRED_READY;
}

static enum cred_state load_nothing(const struct cred_source *src,
				    const struct config_cred *cred, struct loaded **l)
{
	return CRED_NONE;
}

static struct cred_source source = { read_text, load_nothing, NULL };

static struct ident ident(const char *text, u8 attr[IDENT_ATTR_MAX])
{
	struct ident id = { 0 };
	size_t n;

	CHECK(!ident_parse(text, attr, &n));
	CHECK(ident_from_attr(attr, n, &id));
	return id;
}

static void add_auth(struct config *c, const char *peer, u8 side, const char *id,
		     const char *cred)
{
	u8 attr[IDENT_ATTR_MAX];
	struct config_auth a = { .method = ISAKMP_METHOD_PSK, .cred = cred };

	a.id = ident(id, attr);
	CHECK_EQ(config_add_auth(c, peer, side, &a), 0);
}

/* What add_peer()'s peers speak: enum isakmp_versions. */
static u8 peer_versions;
/* And what they may begin: config_peer.accept. */
static u8 peer_accept;

static void add_peer(struct config *c, const char *name, u32 gen, const char *local,
		     const char *local_cred, const char *remote, const char *remote_cred)
{
	struct config_peer p = { .name = name, .gen = gen, .versions = peer_versions,
				 .accept = peer_accept };

	CHECK_EQ(config_add_peer(c, &p), 0);
	if (local)
		add_auth(c, name, ISAKMP_SIDE_LOCAL, local, local_cred);
	if (remote)
		add_auth(c, name, ISAKMP_SIDE_REMOTE, remote, remote_cred);
}

static void add_cred(struct config *c, const char *name, const char *id, const char *secret)
{
	u8 attr[IDENT_ATTR_MAX];
	struct ident v;
	struct config_cred k = { .name = name, .type = ISAKMP_CRED_PSK, .file = secret, .id = &v };

	if (id) {
		v = ident(id, attr);
		k.n_id = 1;
	}
	CHECK_EQ(config_add_cred(c, &k), 0);
}

#define A "fqdn:gw-a.example"
#define B "email:gw-b@example.org"

static struct config *side_a(const char *secret)
{
	struct config *c = config_new();

	add_peer(c, "gw-b", 7, A, NULL, B, NULL);
	add_cred(c, "psk", B, secret);
	CHECK_EQ(config_finish(c), 0);
	return c;
}

static struct config *side_b(const char *secret)
{
	struct config *c = config_new();

	add_peer(c, "gw-a", 9, B, "psk", A, NULL);
	add_cred(c, "psk", NULL, secret);
	CHECK_EQ(config_finish(c), 0);
	return c;
}

static struct question question(u8 kind, const char *peer)
{
	struct question q = {
		.id = 42, .sa = 1, .kind = kind, .prf = IKE_PRF_HMAC_SHA2_256,
		.n_peer = 1, .peer = { { .name = peer } }, .auth_method = IKE_AM_PSK,
		.msg_i = { msg_1, sizeof(msg_1) }, .msg_r = { msg_2, sizeof(msg_2) },
		.ni = { n_i, sizeof(n_i) }, .nr = { n_r, sizeof(n_r) },
		.sk_pi = { sk_i, 32 }, .sk_pr = { sk_r, 32 },
		.id_i = id_a_body, .id_r = id_b_body,
	};

	return q;
}

static bool zero(const void *p, size_t n)
{
	const u8 *o = p;

	while (n && !*o)
		n--, o++;
	return !n;
}

/* Decides; whatever comes out, no secret stays behind and a refusal is bare. */
static struct answer decide(const struct config *c, const struct question *q)
{
	struct secret scratch;
	struct answer a;

	memset(&scratch, 0xaa, sizeof(scratch));
	memset(&a, 0xaa, sizeof(a));
	auth_decide(c, &source, q, &scratch, &a);
	CHECK(zero(&scratch, sizeof(scratch)));
	CHECK_EQ(a.id, q->id);
	CHECK_EQ(a.kind, q->kind);
	if (a.reason) {
		CHECK(a.why);
		CHECK(!a.local_id_len && !a.remote_id_len && !a.auth_len);
		CHECK(!a.n_cert && !a.certreq.n);
		CHECK(!a.attributes.p && !a.skeyid_len && !a.n_methods && !a.more && !a.user[0]);
		CHECK(zero(a.auth, sizeof(a.auth)) && zero(&a.kex, sizeof(a.kex)));
	}
	return a;
}

static u16 verdict(const struct config *c, const struct question *q)
{
	struct answer a = decide(c, q);

	auth_release(&a);
	return a.reason;
}

/* The initiator's right AUTH under TEXT_SECRET, as a question to "gw-a". */
static struct question r_auth(u8 auth[PSK_PRF_MAX])
{
	struct octets secret = { (const u8 *)TEXT_SECRET, strlen(TEXT_SECRET) };
	struct psk_signed s = signed_octets(true, 32);
	struct question q = question(ISAKMP_UPCALL_R_AUTH, "gw-a");

	q.auth = (struct octets) { auth, psk_auth(q.prf, &secret, &s, auth) };
	return q;
}

#endif /* _HELPER_H */
