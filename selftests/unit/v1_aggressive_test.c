// SPDX-License-Identifier: GPL-2.0
/* Aggressive Mode of version 1, both roles. */
#include "v1_forge.h"
#include "v1_loss.h"

static struct talk *aggressive(bool by_sig)
{
	struct talk *t = by_sig ? v1_lab_new_sig() : v1_lab_new();

	t->a.peer.v1.exchange = V1_AGGRESSIVE;
	t->b.peer.v1.accept |= BIT(V1_AGGRESSIVE);
	return t;
}

static void check_same(const struct talk *t)
{
	const struct v1_phase1 *a = v1_lab_p(&t->a), *b = v1_lab_p(&t->b);

	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	if (!a || !b)
		return;
	CHECK_EQ(a->state, V1_P1_UP);
	CHECK_EQ(b->state, V1_P1_UP);
	CHECK(a->key_len && a->key_len == b->key_len);
	CHECK_MEM(a->key, b->key, a->key_len);
	CHECK_MEM(a->iv, b->iv, V1_BLOCK_MAX);
}

static void test_psk(void)
{
	struct talk *t = v1_lab_up(aggressive(false));

	check_same(t);
	v1_lab_over(t);
}

static void test_sig(void)
{
	struct talk *t = v1_lab_up(aggressive(true));

	check_same(t);
	v1_lab_over(t);
}

/*
 * Nobody gets a HASH to guess at unless the operator says so (draft and tools: ike-scan -A -P).
 */
static void test_not_allowed(void)
{
	struct talk *t = aggressive(false);
	struct packet p;

	t->b.peer.v1.accept = BIT(V1_MAIN);
	v1_lab_start(t);
	v1_lab_answer(&t->a);
	v1_lab_pass(&t->a);
	CHECK(!t->b.live && !t->b.asks);
	p = talk_take(&t->b);
	CHECK_EQ(p.p[18], V1_INFORMATIONAL);
	packet_free(&p);
	v1_lab_over(t);
}

/* Of several that match, the one that it is has not allowed it. */
static void allowed_of_another(bool by_sig)
{
	static struct ike_peer other;
	struct talk *t = aggressive(by_sig);

	other = t->b.peer;
	t->b.candidate[0] = &other;
	t->b.peer.v1.accept = BIT(V1_MAIN);
	v1_lab_start(t);
	v1_lab_answer(&t->a);
	v1_lab_pass(&t->a);
	CHECK_REASON(v1_lab_answer(&t->b), ISAKMP_R_AUTH_METHOD);
	CHECK(!t->b.live);
	CHECK_EQ(t->b.sent, 0);
	v1_lab_over(t);
}

static void test_allowed_of_another(void)
{
	allowed_of_another(false);
	allowed_of_another(true);
}

/* ---- loss ------------------------------------------------------------------------ */

static void test_loss(void)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 6; i++) {
		tap_note("message %u, %s", 1 + i % 3, i < 3 ? "PSK" : "signatures");
		t = aggressive(i >= 3);
		v1_lab.net = lossy;
		lost.from = i % 3 == 1 ? 'B' : 'A';
		lost.nth = i % 3 == 2 ? 2 : 1;
		v1_lab_start(t);
		/* Message 3: what follows it has the responder say message 2 again */
		v1_lab_let_pass(t, 9000);
		check_same(t);
		v1_lab_over(t);
	}
}

/* The responder sends nothing by itself. */
static void test_no_amplification(void)
{
	struct talk *t = aggressive(false);

	v1_lab_start(t);
	v1_lab_answer(&t->a);
	v1_lab_pass(&t->a);
	v1_lab_answer(&t->b);
	CHECK_EQ(t->b.sent, 1);
	talk_timer(&t->b, t->now + t->b.tun.half_open_ms - 1);
	CHECK_EQ(t->b.sent, 1);
	talk_timer(&t->b, t->now + 1);
	CHECK_EQ(t->b.sent, 1);
	CHECK(!t->b.live);
	v1_lab_over(t);
}

/* What follows a lost message 3 has message 2 said again: to nobody else than who was there. */
static void test_no_reflection(void)
{
	struct talk *t = aggressive(true);
	struct packet quick;

	v1_lab_start(t);
	v1_lab_answer(&t->a);
	v1_lab_pass(&t->a);
	v1_lab_answer(&t->b);
	v1_lab_pass(&t->b);
	while (t->a.asking)
		v1_lab_answer(&t->a);
	quick = talk_take(&t->a);
	packet_free(&quick);		/* message 3 is lost */
	quick = talk_take(&t->a);
	CHECK_EQ(quick.p[18], V1_QUICK);
	CHECK_EQ(t->b.sent, 1);
	quick.path.local.a[3] ^= 1;
	v1_lab_deliver(&t->b, &quick);
	CHECK_EQ(t->b.sent, 1);
	quick.path.local.a[3] ^= 1;
	v1_lab_deliver(&t->b, &quick);
	CHECK_EQ(t->b.sent, 2);
	packet_free(&quick);
	v1_lab_settle(t);
	check_same(t);
	v1_lab_over(t);
}

/* ---- tampering -------------------------------------------------------------------- */

/* Message 2, changed anywhere but in its header: another one is awaited. */
static void tamper_second(bool by_sig)
{
	struct talk *t = aggressive(by_sig);
	struct packet p, bad;
	size_t at;

	v1_lab_start(t);
	v1_lab_answer(&t->a);
	v1_lab_pass(&t->a);
	v1_lab_answer(&t->b);
	p = talk_take(&t->b);
	for (at = IKE_HDR_LEN; at < p.n; at += 3) {
		tap_note("octet %zu of %zu", at, p.n);
		bad = packet_copy(&p);
		bad.p[at] ^= 1U << (at % 8);
		v1_lab_deliver(&t->a, &bad);
		packet_free(&bad);
		if (t->a.asking && t->a.ask.kind == IKE_ASK_V1_SKEYID)
			v1_lab_answer(&t->a);
		/* A vendor ID or a NAT-D is not covered by HASH_R or SIG_R */
		if (t->a.asking && t->a.ask.kind == IKE_ASK_I_VERIFY) {
			v1_lab.refuse[IKE_ASK_I_VERIFY] = ISAKMP_R_HELPER_LOST;
			v1_lab_answer(&t->a);
			v1_lab.refuse[IKE_ASK_I_VERIFY] = ISAKMP_OK;
		}
		if (!CHECK(t->a.live && v1_lab_p(&t->a)->state == V1_P1_OPENING))
			break;
		v1_lab_p(&t->a)->setup->junk = 0;
	}
	tap_note("%s", "the right one");
	CHECK_EQ(v1_lab_p(&t->a)->can | v1_lab_p(&t->a)->natt, 0);
	CHECK_EQ(v1_lab_deliver(&t->a, &p), ISAKMP_OK);
	packet_free(&p);
	v1_lab_settle(t);
	check_same(t);
	v1_lab_over(t);
}

/* Message 3, every octet. */
static void tamper_third(bool by_sig)
{
	struct talk *t = aggressive(by_sig);
	struct packet p, bad;
	size_t at;

	v1_lab_start(t);
	v1_lab_answer(&t->a);
	v1_lab_pass(&t->a);
	v1_lab_answer(&t->b);
	v1_lab_pass(&t->b);
	while (t->a.asking)
		v1_lab_answer(&t->a);
	p = talk_take(&t->a);
	CHECK(p.p[IKE_HDR_FLAGS_AT] & V1_FLAG_ENCRYPTION);
	for (at = IKE_HDR_LEN; at < p.n; at++) {
		tap_note("octet %zu of %zu", at, p.n);
		bad = packet_copy(&p);
		bad.p[at] ^= 1U << (at % 8);
		v1_lab_deliver(&t->b, &bad);
		packet_free(&bad);
		if (t->b.asking) {
			v1_lab.refuse[t->b.ask.kind] = ISAKMP_R_HELPER_LOST;
			v1_lab_answer(&t->b);
			memset(v1_lab.refuse, 0, sizeof(v1_lab.refuse));
		}
		if (!CHECK(t->b.live && v1_lab_p(&t->b)->state == V1_P1_OPENING))
			break;
		v1_lab_p(&t->b)->setup->junk = 0;
	}
	tap_note("%s", "the right one");
	CHECK_EQ(v1_lab_deliver(&t->b, &p), ISAKMP_OK);
	packet_free(&p);
	v1_lab_settle(t);
	check_same(t);
	v1_lab_over(t);
}

static void test_tamper(void)
{
	tamper_second(false);
	tamper_second(true);
	tamper_third(false);
	tamper_third(true);
}

/* Who has another secret does not come in, and learns nothing it did not know. */
static void test_wrong_secret(void)
{
	struct talk *t = aggressive(false);

	v1_lab.psk[1] = "another one";
	v1_lab_start(t);
	v1_lab_let_pass(t, 60000);
	CHECK(!t->a.live && !t->b.live);
	CHECK(t->a.refused[ISAKMP_R_AUTH_FAILED] > 0);
	v1_lab_over(t);
}

/* RFC 2407, 4.6.3: status notifications "MUST NOT be sent in Aggressive Mode exchange". */
static void test_contact(void)
{
	struct talk *t = aggressive(false);

	t->a.initial = true;
	v1_lab_up(t);
	CHECK(!t->b.ike.contact);
	v1_lab_over(t);
}

/*
 * Message 3 in the clear, as RFC 2409 draws it: believed, and phase 2 begins with the IV that is there
 * before anything is encrypted (appendix B).  What else it says in the clear is nobody's word.
 */
static void third(bool by_sig, bool clear)
{
	static const u8 contact[] = { 0, 0, 0, 1, V1_PROTO_ISAKMP, 0, V1_N_INITIAL_CONTACT >> 8,
				      V1_N_INITIAL_CONTACT & 0xff };

	struct talk *t = aggressive(by_sig);
	u8 iv[V1_BLOCK_MAX];
	struct packet p, q;
	struct v1_forge f;

	v1_lab_start(t);
	while (t->a.sent < 2)
		v1_lab_step(t);
	p = talk_take(&t->a);
	v1_forge_read(&f, &t->b, &p);
	memcpy(iv, v1_lab_p(&t->b)->iv, sizeof(iv));
	f.encrypted = !clear;
	v1_forge_add(&f, V1_PL_NOTIFY, contact, sizeof(contact));
	q = v1_forge_write(&f, &p.path);
	CHECK_EQ(v1_lab_deliver(&t->b, &q), ISAKMP_OK);
	while (t->b.asking)
		v1_lab_answer(&t->b);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	if (clear)
		CHECK_MEM(v1_lab_p(&t->b)->iv, iv, sizeof(iv));
	CHECK_EQ(t->b.ike.contact, !clear);
	packet_free(&q);
	packet_free(&p);
	v1_forge_free(&f);
	talk_flush(&t->a);
	talk_flush(&t->b);
	v1_lab_over(t);
}

static void test_in_the_clear(void)
{
	third(false, true);
	third(true, true);
}

/* "MUST NOT be sent in Aggressive Mode"; who sends it where it is protected means it. */
static void test_contact_heard(void)
{
	third(false, false);
	third(true, false);
}

/* RFC 2409, 5: the group cannot be negotiated, nor can what message 1 depends on: they are not offered. */
static void test_offer(void)
{
	const unsigned int at = IKE_HDR_LEN + 4 + 8 + 7;	/* # of Transforms */
	struct talk *t = aggressive(false);
	struct packet p;

	t->a.peer.ike.n = 2;
	t->a.peer.ike.s[1] = t->a.peer.ike.s[0];
	t->a.peer.ike.s[0].ke = IKE_KE_ECP_256;
	t->a.peer.ike.s[1].ke = IKE_KE_ECP_384;
	v1_lab.methods[0] = V1_M_PSK;
	v1_lab.methods[1] = V1_M_RSA_ENC;
	v1_lab.n_methods = 2;
	t->a.peer.v1.methods = BIT(IKE_V1_PSK) | BIT(IKE_V1_RSA_ENC);
	v1_lab_start(t);
	v1_lab_answer(&t->a);
	p = talk_take(&t->a);
	CHECK_EQ(p.p[at], 1);
	packet_free(&p);
	v1_lab_over(t);
}

int main(void)
{
	TAP_RUN(test_psk, "Aggressive Mode by secret (RFC 2409, 5.4)");
	TAP_RUN(test_sig, "Aggressive Mode by signature (RFC 2409, 5.1)");
	TAP_RUN(test_not_allowed, "by secret where the operator has not said so: no HASH");
	TAP_RUN(test_allowed_of_another, "where the operator has said so of another peer: none");
	TAP_RUN(test_loss, "each message is lost once");
	TAP_RUN(test_no_amplification, "no more goes out than comes in (CVE-2016-5361)");
	TAP_RUN(test_no_reflection, "nor elsewhere than it came from");
	TAP_RUN(test_tamper, "an octet flipped changes nothing (CVE-2019-10155)");
	TAP_RUN(test_wrong_secret, "two secrets");
	TAP_RUN(test_contact, "no INITIAL-CONTACT (RFC 2407, 4.6.3)");
	TAP_RUN(test_in_the_clear, "message 3 in the clear (RFC 2409, 5 and appendix B)");
	TAP_RUN(test_contact_heard, "INITIAL-CONTACT in message 3 counts where it is encrypted");
	TAP_RUN(test_offer, "one group, and no method that message 1 depends on");
	return tap_done();
}
