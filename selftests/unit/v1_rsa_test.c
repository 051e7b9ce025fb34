// SPDX-License-Identifier: GPL-2.0
/* RSA encryption of version 1, revised and not, in Main and Aggressive Mode. */
#include "v1_lab.h"

static const struct row {
	u8 exchange;
	u16 method;
	u8 how;
	unsigned int nth;	/* A's message that has something sealed */
} rows[] = {
	{ V1_MAIN, V1_M_RSA_ENC, IKE_V1_RSA_ENC, 2 },
	{ V1_MAIN, V1_M_RSA_REV, IKE_V1_RSA_REV, 2 },
	{ V1_AGGRESSIVE, V1_M_RSA_ENC, IKE_V1_RSA_ENC, 1 },
	{ V1_AGGRESSIVE, V1_M_RSA_REV, IKE_V1_RSA_REV, 1 },
};

#define EACH_ROW(r) for ((r) = rows; (r) < rows + ARRAY_SIZE(rows) && note(r); (r)++)

static bool note(const struct row *r)
{
	tap_note("%s, %s", r->exchange == V1_MAIN ? "Main" : "Aggressive",
		 r->method == V1_M_RSA_ENC ? "by RSA encryption" : "revised");
	return true;
}

static struct talk *way(const struct row *r)
{
	struct talk *t = v1_lab_new();

	v1_lab.methods[0] = r->method;
	t->a.peer.v1.exchange = r->exchange;
	t->b.peer.v1.accept = BIT(r->exchange);
	t->a.peer.v1.methods = BIT(r->how);
	t->b.peer.v1.methods = BIT(r->how);
	return t;
}

static void suite(struct talk *t, const struct ike_suite *s)
{
	t->a.peer.ike.n = t->b.peer.ike.n = 1;
	t->a.peer.ike.s[0] = t->b.peer.ike.s[0] = *s;
}

static const struct ike_suite suites[] = {
	{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CBC, 256, 0, IKE_PRF_HMAC_SHA2_256, IKE_KE_ECP_256 },
	/* a key that is longer than the hash */
	{ IKE_PROTO_IKE, 0, IKE_ENCR_3DES, 0, 0, IKE_PRF_HMAC_MD5, IKE_KE_MODP_1024 },
	{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CBC, 256, 0, IKE_PRF_HMAC_SHA1, IKE_KE_MODP_2048 },
	/* a group that only the helper knows */
	{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CBC, 128, 0, IKE_PRF_HMAC_SHA2_512, IKE_KE_ECP_521 },
};

static void check_id(const struct end *e, const char *id)
{
	CHECK_EQ(e->ike.id_remote_len, 4 + strlen(id));
	CHECK_MEM(e->ike.id_remote + 4, id, strlen(id));
}

/* It stands on our own key, too: that may be revoked. */
static void check_own(const struct end *e)
{
	CHECK(e->ike.basis && !strcmp(e->ike.basis->local_cred, "own"));
}

static void test_all(void)
{
	const struct row *r;
	struct talk *t;
	unsigned int i;

	EACH_ROW(r)
		for (i = 0; i < ARRAY_SIZE(suites); i++) {
			t = way(r);
			suite(t, &suites[i]);
			v1_lab_up(t);
			CHECK_EQ(v1_lab_p(&t->a)->method, r->method);
			CHECK_EQ(v1_lab_p(&t->a)->exchange, r->exchange);
			CHECK(v1_lab_p(&t->a)->key_len);
			CHECK_MEM(v1_lab_p(&t->a)->key, v1_lab_p(&t->b)->key, V1_KEY_MAX);
			CHECK_EQ(t->a.installs + t->b.installs, 2);
			check_id(&t->a, v1_lab.id[1]);
			check_id(&t->b, v1_lab.id[0]);
			check_own(&t->a);
			check_own(&t->b);
			v1_lab_over(t);
		}
}

/* Several suites at both ends: revised, Aggressive Mode has to offer one. */
static void test_choice(void)
{
	const struct row *r;
	struct talk *t;

	EACH_ROW(r) {
		t = way(r);
		t->b.peer.ike.s[0] = t->a.peer.ike.s[1];
		t->b.peer.ike.s[1] = t->a.peer.ike.s[0];
		v1_lab.methods[1] = V1_M_PSK;
		v1_lab.n_methods = 2;
		t->a.peer.v1.methods |= BIT(IKE_V1_PSK);
		v1_lab_up(t);
		CHECK_EQ(v1_lab_p(&t->b)->method, r->method);
		CHECK_EQ(t->a.ike.ep->suite.keylen,
			 r->exchange == V1_AGGRESSIVE && r->method == V1_M_RSA_REV ? 256 : 128);
		v1_lab_over(t);
	}
}

/* Never where the operator has not named it. */
static void test_encryption_unnamed(void)
{
	struct talk *t = way(&rows[0]);

	t->b.peer.v1.methods = BIT(IKE_V1_PSK) | BIT(IKE_V1_SIG);
	v1_lab_start(t);
	v1_lab_answer(&t->a);
	v1_lab_pass(&t->a);
	CHECK(!t->b.live);
	CHECK_EQ(t->b.refused[ISAKMP_R_NO_PROPOSAL], 1);
	v1_lab_over(t);
}

/* ---- what is on the wire ----------------------------------------------------- */

/* The chain of a datagram in the clear. */
static struct v1_chain *chain_of(const struct packet *p)
{
	struct v1_chain *c = calloc(1, sizeof(*c));

	CHECK_EQ(v1_chain_decode(p->p[IKE_HDR_NEXT_AT], p->p + IKE_HDR_LEN, p->n - IKE_HDR_LEN,
				 false, c), ISAKMP_OK);
	return c;
}

static u8 *body(struct packet *p, const struct v1_chain *c, u8 type, u16 *len)
{
	const struct isakmp_payload *pl = v1_chain_find(c, type);

	if (!CHECK(pl))
		return NULL;
	*len = pl->len;
	return p->p + (pl->body - p->p);
}

/* A's datagram with something sealed, which B has not got. */
static struct packet sealed_by_a(struct talk *t, const struct row *r)
{
	v1_lab_start(t);
	while (t->a.asking)
		v1_lab_answer(&t->a);
	if (r->nth == 2) {
		v1_lab_pass(&t->a);
		v1_lab_pass(&t->b);
		while (t->a.asking)
			v1_lab_answer(&t->a);
	}
	return talk_take(&t->a);
}

/* RFC 2409, 5.3, as it is written there: with SHA-1 and 256 bits the prf is fed back. */
static void key_of(const u8 *nonce, u16 len, u64 cky, u8 key[40])
{
	u8 ne[64], cookie[8], zero = 0;
	const struct ike_span c = { cookie, 8 }, z = { &zero, 1 }, k1 = { key, 20 };

	put_unaligned_be64(cky, cookie);
	CHECK_EQ(isakmp_prf(IKE_PRF_HMAC_SHA1, nonce, len, &c, 1, ne), 0);
	CHECK_EQ(isakmp_prf(IKE_PRF_HMAC_SHA1, ne, 20, &z, 1, key), 0);
	CHECK_EQ(isakmp_prf(IKE_PRF_HMAC_SHA1, ne, 20, &k1, 1, key + 20), 0);
}

static void check_plain(const u8 *p, u16 n, const u8 *want, u16 len)
{
	u16 i;

	CHECK_EQ(n, len / 16 * 16 + 16);
	CHECK_MEM(p, want, len);
	for (i = len; i + 1 < n; i++)
		CHECK_EQ(p[i], 0);
	CHECK_EQ(p[n - 1], n - len - 1);
}

/* KE and identity of @from, as they came: Ne_i of Ni_b and CKY-I, Ne_r of Nr_b and CKY-R. */
static void check_wire(const struct end *from, struct packet *p, const struct row *r)
{
	const struct v1_setup *u = v1_lab_p(from)->setup;
	const struct ike_epoch *ep = from->ike.ep;
	struct v1_chain *c = chain_of(p);
	u8 key[40], iv[16] = { 0 }, *ke, *id;
	bool first = ep->initiator;
	u16 n, m;

	CHECK_EQ(c->pl[r->exchange == V1_AGGRESSIVE].type, V1_PL_NONCE);
	key_of(first ? u->ni : u->nr, first ? u->ni_len : u->nr_len, first ? ep->spi_i : ep->spi_r, key);
	ke = body(p, c, V1_PL_KE, &n);
	id = body(p, c, V1_PL_ID, &m);
	CHECK_EQ(isakmp_cbc(IKE_ENCR_AES_CBC, key, 32, iv, ke, n, false), 0);
	check_plain(ke, n, first ? u->ke_i : u->ke_r, first ? u->ke_i_len : u->ke_r_len);
	CHECK_EQ(isakmp_cbc(IKE_ENCR_AES_CBC, key, 32, iv, id, m, false), 0);
	check_plain(id, m, u->id, u->id_len);
	free(c);
}

static void test_wire(void)
{
	const struct row *r;
	struct packet p;
	struct talk *t;

	EACH_ROW(r) {
		if (r->method != V1_M_RSA_REV)
			continue;
		t = way(r);
		suite(t, &suites[2]);
		p = sealed_by_a(t, r);
		v1_lab_deliver(&t->b, &p);
		while (t->b.asking)
			v1_lab_answer(&t->b);
		check_wire(&t->a, &p, r);
		packet_free(&p);
		p = talk_take(&t->b);
		check_wire(&t->b, &p, r);
		packet_free(&p);
		v1_lab_over(t);
	}
}

/* ---- what cannot be decrypted ------------------------------------------------- */

/* What an eavesdropper sees of an answer: its header but the cookies, types, lengths. */
struct shape {
	unsigned int sent;
	u8 header[IKE_HDR_LEN - 16];
	u8 n;
	u8 type[16];
	u16 len[16];
};

static struct shape shape_of(struct end *e)
{
	struct shape s = { .sent = e->sent };
	struct packet p = talk_take(e);
	struct v1_chain *c;
	unsigned int i;

	if (!CHECK(p.n))
		return s;
	memcpy(s.header, p.p + 16, sizeof(s.header));
	c = chain_of(&p);
	CHECK(c->n <= 16);
	for (i = 0; i < c->n && i < 16; i++, s.n++) {
		s.type[i] = c->pl[i].type;
		s.len[i] = c->pl[i].len;
	}
	free(c);
	packet_free(&p);
	return s;
}

/* B's answer to A's sealed message, with one octet of a payload changed (0: none). */
static struct shape answer_to(struct talk *t, const struct row *r, u8 type, bool last)
{
	struct packet p = sealed_by_a(t, r);
	struct v1_chain *c;
	u16 n;
	u8 *at;

	if (type) {
		c = chain_of(&p);
		at = body(&p, c, type, &n);
		at[last ? n - 1 : 0] ^= 1;
		free(c);
	}
	v1_lab_deliver(&t->b, &p);
	packet_free(&p);
	while (t->b.asking)
		v1_lab_answer(&t->b);
	CHECK(t->b.live);
	return shape_of(&t->b);
}

/* Message 5, or 3 of Aggressive Mode, in the clear: HASH_I of somebody who knows no nonce. */
static void guess(struct talk *t, const struct row *r)
{
	u8 buf[IKE_HDR_LEN + 68] = { 0 };
	struct packet p = { .p = buf, .n = IKE_HDR_LEN + 4 + 32, .path = t->a.path };

	put_unaligned_be64(t->b.ike.ep->spi_i, buf);
	put_unaligned_be64(t->b.ike.ep->spi_r, buf + 8);
	buf[IKE_HDR_NEXT_AT] = V1_PL_HASH;
	buf[17] = V1_MAJOR << 4;
	buf[18] = r->exchange;
	if (r->exchange == V1_MAIN) {
		buf[IKE_HDR_FLAGS_AT] = V1_FLAG_ENCRYPTION;
		p.n = IKE_HDR_LEN + 48;
	}
	buf[27] = (u8)p.n;
	buf[IKE_HDR_LEN + 3] = 4 + 32;
	v1_lab_deliver(&t->b, &p);
	CHECK_EQ(t->b.queued, 0);
}

/*
 * Whatever was not encrypted for us, or was changed on the way, gets the answer that the right
 * one gets, octet for octet in its shape (Felsch et al., 2018), and nothing comes of it.
 */
static void test_oracle(void)
{
	static const u8 types[] = { V1_PL_NONCE, V1_PL_ID, V1_PL_KE };
	const struct row *r;
	struct shape good, bad;
	struct talk *t;
	unsigned int i;

	EACH_ROW(r)
		for (i = 0; i < 4 * 2 * ARRAY_SIZE(types); i++) {
			/* KE in the clear is seen by everybody */
			if (r->method == V1_M_RSA_ENC && types[i / 8] == V1_PL_KE)
				continue;
			t = way(r);
			suite(t, &suites[i % 4]);
			good = answer_to(t, r, 0, false);
			v1_lab_over(t);
			t = way(r);
			suite(t, &suites[i % 4]);
			bad = answer_to(t, r, types[i / 8], i / 4 % 2);
			CHECK_MEM(&bad, &good, sizeof(good));
			CHECK_EQ(t->b.refusals, 0);
			guess(t, r);
			CHECK_EQ(t->b.refusals, 1);
			CHECK(t->b.ike.state == IKE_S_V1);
			v1_lab_let_pass(t, 100000);
			CHECK(!t->b.live && !t->b.installs);
			v1_lab_over(t);
		}
}

/* The responder's: the initiator waits for another one, which is right. */
static unsigned int damaged;

static bool damage_b(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct v1_chain *c;
	u16 n;

	if (from->name != 'B' || damaged || p->p[IKE_HDR_FLAGS_AT] & V1_FLAG_ENCRYPTION)
		return true;
	c = chain_of(p);
	if (v1_chain_find(c, V1_PL_NONCE)) {
		body(p, c, V1_PL_NONCE, &n)[0] ^= 1;
		damaged++;
	}
	free(c);
	return true;
}

static void test_initiator(void)
{
	const struct row *r;
	struct talk *t;

	EACH_ROW(r) {
		t = way(r);
		damaged = 0;
		v1_lab.net = damage_b;
		v1_lab_start(t);
		v1_lab_let_pass(t, 20000);
		CHECK_EQ(damaged, 1);
		/* In Main Mode it says message 5 to whoever it was, and learns no more */
		CHECK_EQ(t->a.ike.state == IKE_S_ESTABLISHED,
			 r->exchange == V1_AGGRESSIVE || r->method == V1_M_RSA_REV);
		v1_lab_over(t);
	}
}

/* ---- what is in it ------------------------------------------------------------- */

/* Who can read the nonce says an identity that is none. */
static void test_bad_id(void)
{
	const struct row *r;
	struct talk *t;

	EACH_ROW(r) {
		if (r->method != V1_M_RSA_REV)
			continue;
		t = way(r);
		v1_lab.id[0] = "a\nb";
		v1_lab_start(t);
		v1_lab_settle(t);
		CHECK(t->b.refused[ISAKMP_R_BAD_ID] > 0);
		CHECK(t->b.ike.state != IKE_S_ESTABLISHED);
		v1_lab_over(t);
	}
}

/* A payload before the one at @at. */
static void insert(struct packet *p, size_t at, u8 next_at, u8 type, const u8 *text, u16 n)
{
	u8 *q = malloc(p->n + 4 + n);

	memcpy(q, p->p, at);
	q[at] = q[next_at];
	q[next_at] = type;
	q[at + 1] = 0;
	put_unaligned_be16((u16)(4 + n), q + at + 2);
	memcpy(q + at + 4, text, n);
	memcpy(q + at + 4 + n, p->p + at, p->n - at);
	free(p->p);
	p->p = q;
	p->n += 4 + n;
	put_unaligned_be32((u32)p->n, q + 24);
}

/* HASH(1) goes to the helper, as it is. */
static void test_hash_1(void)
{
	const struct row *r;
	struct v1_chain *c;
	struct packet p;
	struct talk *t;
	size_t at;

	EACH_ROW(r) {
		t = way(r);
		p = sealed_by_a(t, r);
		c = chain_of(&p);
		at = IKE_HDR_LEN;
		if (r->exchange == V1_AGGRESSIVE)
			at += 4 + (size_t)c->pl[0].len;
		free(c);
		insert(&p, at, r->exchange == V1_AGGRESSIVE ? IKE_HDR_LEN : IKE_HDR_NEXT_AT,
		       V1_PL_HASH, (const u8 *)"hash of a certificate", 21);
		v1_lab_deliver(&t->b, &p);
		packet_free(&p);
		CHECK_EQ(t->b.ask.kind, IKE_ASK_V1_DECRYPT);
		CHECK_EQ(t->b.ask.auth.len, 21);
		CHECK_MEM(t->b.ask.auth.p, "hash of a certificate", 21);
		while (t->b.asking)
			v1_lab_answer(&t->b);
		CHECK_EQ(t->b.sent, r->nth);
		v1_lab_over(t);
	}
}

/* What everybody can see is refused before anything is paid for it. */
static void test_lengths(void)
{
	static const struct { u8 type; u8 how; u16 why; } cases[] = {
		{ V1_PL_KE, IKE_V1_RSA_REV, ISAKMP_R_KE_VALUE },
		{ V1_PL_ID, IKE_V1_RSA_REV, ISAKMP_R_BAD_ID },
		{ V1_PL_NONCE, IKE_V1_RSA_REV, ISAKMP_R_BAD_NONCE },
		{ V1_PL_NONCE, IKE_V1_RSA_ENC, ISAKMP_R_BAD_NONCE },
		{ V1_PL_ID, IKE_V1_RSA_ENC, ISAKMP_R_BAD_ID },
	};
	const struct row *r;
	struct v1_chain *c;
	struct packet p;
	struct talk *t;
	unsigned int i;
	size_t at;
	u16 n;

	EACH_ROW(r)
		for (i = 0; i < ARRAY_SIZE(cases); i++) {
			if (cases[i].how != r->how || r->exchange != V1_MAIN)
				continue;
			t = way(r);
			p = sealed_by_a(t, r);
			c = chain_of(&p);
			at = (size_t)(body(&p, c, cases[i].type, &n) - p.p);
			free(c);
			/* its body goes */
			memmove(p.p + at, p.p + at + n, p.n - at - n);
			p.n -= n;
			put_unaligned_be16(4, p.p + at - 2);
			put_unaligned_be32((u32)p.n, p.p + 24);
			CHECK_REASON(v1_lab_deliver(&t->b, &p), cases[i].why);
			CHECK(!t->b.asking);
			packet_free(&p);
			v1_lab_over(t);
		}
}

int main(void)
{
	TAP_RUN(test_all, "RSA encryption and revised, Main and Aggressive Mode (RFC 2409, 5.2, 5.3)");
	TAP_RUN(test_choice, "several suites and methods");
	TAP_RUN(test_encryption_unnamed, "RSA encryption only where it is named");
	TAP_RUN(test_wire, "KE and identity under a key from the nonce, as RFC 2409, 5.3 has it");
	TAP_RUN(test_oracle, "what cannot be decrypted looks the same from outside");
	TAP_RUN(test_initiator, "message 4, or 2, that cannot be decrypted");
	TAP_RUN(test_bad_id, "revised: an identity that is none");
	TAP_RUN(test_hash_1, "HASH(1) goes to the helper");
	TAP_RUN(test_lengths, "what everybody can see");
	return tap_done();
}
