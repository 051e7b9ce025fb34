// SPDX-License-Identifier: GPL-2.0
/* Base Mode of version 1, both roles. */
#include "v1_lab.h"
#include "v1_loss.h"

static struct talk *base(bool by_sig)
{
	struct talk *t = by_sig ? v1_lab_new_sig() : v1_lab_new();

	t->a.peer.v1.exchange = V1_BASE;
	t->b.peer.v1.accept = BIT(V1_BASE);
	return t;
}

static void check_same(const struct talk *t)
{
	const struct v1_phase1 *a = v1_lab_p(&t->a), *b = v1_lab_p(&t->b);

	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	if (!a || !b)
		return;
	CHECK(a->key_len && a->key_len == b->key_len);
	CHECK_MEM(a->key, b->key, a->key_len);
	CHECK_MEM(a->iv, b->iv, V1_BLOCK_MAX);
	CHECK_EQ(t->a.installs, 1);
	CHECK_EQ(t->b.installs, 1);
}

static void test_up(void)
{
	struct talk *t = v1_lab_up(base(false));

	check_same(t);
	v1_lab_over(t);
	t = v1_lab_up(base(true));
	check_same(t);
	v1_lab_over(t);
}

static void test_loss(void)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 8; i++) {
		tap_note("message %u, %s", 1 + i % 4, i < 4 ? "PSK" : "signatures");
		t = base(i >= 4);
		v1_lab.net = lossy;
		lost.from = i & 1 ? 'B' : 'A';
		lost.nth = 1 + (i % 4) / 2;
		v1_lab_start(t);
		v1_lab_let_pass(t, 9000);
		check_same(t);
		v1_lab_over(t);
	}
}

/* The identity is in the clear, and the proof with it: all that is asked about it says so. */
static void said(const struct end *e, u8 kind, bool by_sig)
{
	CHECK(e->asking && e->ask.kind == kind);
	CHECK(e->ask.aggressive && e->ask.id_i.len);
	CHECK(!e->ask.proof_later);
	if (kind == IKE_ASK_R_AUTH)
		CHECK_EQ(e->ask.auth.len > 0, by_sig);
}

static void test_questions(void)
{
	struct talk *t;
	int by_sig;

	for (by_sig = 0; by_sig < 2; by_sig++) {
		t = base(by_sig);
		v1_lab_start(t);
		v1_lab_answer(&t->a);
		v1_lab_pass(&t->a);
		v1_lab_pass(&t->b);
		while (t->a.asking)
			v1_lab_answer(&t->a);
		v1_lab_pass(&t->a);
		if (!by_sig) {
			said(&t->b, IKE_ASK_V1_SKEYID, false);
			v1_lab_answer(&t->b);
		}
		said(&t->b, IKE_ASK_R_AUTH, by_sig);
		v1_lab_settle(t);
		check_same(t);
		v1_lab_over(t);
	}
}

/* Message 3 or 4, changed anywhere: the proof does not hold, and the right one is awaited. */
static void tamper(bool by_sig, bool third)
{
	struct talk *t = base(by_sig);
	struct end *to = third ? &t->b : &t->a;
	struct packet p, bad;
	size_t at;

	v1_lab_start(t);
	v1_lab_answer(&t->a);
	v1_lab_pass(&t->a);
	v1_lab_pass(&t->b);
	while (t->a.asking)
		v1_lab_answer(&t->a);
	if (!third) {
		v1_lab_pass(&t->a);
		while (t->b.asking)
			v1_lab_answer(&t->b);
	}
	p = talk_take(talk_other(to));
	for (at = IKE_HDR_LEN; at < p.n; at++) {
		tap_note("octet %zu of %zu", at, p.n);
		bad = packet_copy(&p);
		bad.p[at] ^= 1U << (at % 8);
		v1_lab_deliver(to, &bad);
		packet_free(&bad);
		if (to->asking && to->ask.kind == IKE_ASK_V1_SKEYID)
			v1_lab_answer(to);
		/* NAT-D and certificates are not covered */
		if (to->asking) {
			v1_lab.refuse[to->ask.kind] = ISAKMP_R_HELPER_LOST;
			v1_lab_answer(to);
			memset(v1_lab.refuse, 0, sizeof(v1_lab.refuse));
		}
		if (!CHECK(to->live && v1_lab_p(to)->state == V1_P1_OPENING))
			break;
		v1_lab_p(to)->setup->junk = 0;
	}
	tap_note("%s", "the right one");
	CHECK_EQ(v1_lab_deliver(to, &p), ISAKMP_OK);
	packet_free(&p);
	v1_lab_settle(t);
	check_same(t);
	v1_lab_over(t);
}

static void test_tamper(void)
{
	tamper(false, true);
	tamper(false, false);
	tamper(true, true);
	tamper(true, false);
}

/* Who has another secret learns nothing to guess at. */
static void test_wrong_secret(void)
{
	struct talk *t = base(false);

	v1_lab.psk[0] = "another one";
	v1_lab_start(t);
	v1_lab_let_pass(t, 60000);
	CHECK(!t->a.live && !t->b.live);
	CHECK(t->b.refused[ISAKMP_R_AUTH_FAILED] > 0);
	CHECK_EQ(t->b.sent, 1);
	v1_lab_over(t);
}

/* Somebody on the way adds INITIAL-CONTACT to what is in the clear. */
static bool add_contact(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	u8 n[12] = { 0, 0, 0, sizeof(n), 0, 0, 0, V1_DOI_IPSEC, V1_PROTO_ISAKMP, 0 };

	CHECK(from->name == 'B' || nth > 2 || !(p->p[IKE_HDR_FLAGS_AT] & V1_FLAG_ENCRYPTION));
	if (from->name == 'B' || nth != 2)
		return true;
	put_unaligned_be16(V1_N_INITIAL_CONTACT, n + 10);
	n[0] = p->p[IKE_HDR_NEXT_AT];
	p->p[IKE_HDR_NEXT_AT] = V1_PL_NOTIFY;
	p->p = realloc(p->p, p->n + sizeof(n));
	memmove(p->p + IKE_HDR_LEN + sizeof(n), p->p + IKE_HDR_LEN, p->n - IKE_HDR_LEN);
	memcpy(p->p + IKE_HDR_LEN, n, sizeof(n));
	p->n += sizeof(n);
	put_unaligned_be32((u32)p->n, p->p + IKE_HDR_LENGTH_AT);
	return true;
}

/* RFC 2407, 4.6.3: it MUST be protected: nothing is said, nor believed, in the clear. */
static void test_contact(void)
{
	struct talk *t = base(false);

	t->a.initial = true;
	v1_lab_up(t);
	CHECK(!t->b.ike.contact);
	v1_lab_over(t);
	t = base(false);
	v1_lab.net = add_contact;
	v1_lab_up(t);
	CHECK(!t->b.ike.contact);
	v1_lab_over(t);
}

int main(void)
{
	TAP_RUN(test_up, "Base Mode by secret and by signature (RFC 2408, 4.4)");
	TAP_RUN(test_questions, "what the helper is asked has the identity");
	TAP_RUN(test_loss, "each message is lost once");
	TAP_RUN(test_tamper, "an octet flipped changes nothing");
	TAP_RUN(test_wrong_secret, "two secrets: no HASH_R");
	TAP_RUN(test_contact, "INITIAL-CONTACT in the clear is nobody's word");
	return tap_done();
}
