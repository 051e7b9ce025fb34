// SPDX-License-Identifier: GPL-2.0
/*
 * What no HASH covers, or comes before one: headers of protected messages, exchanges in each other's
 * clothes, what is kept until phase 1 is over.
 */
#include "v1_plain.h"

static struct packet changed(const struct packet *p, size_t at, u8 bits)
{
	struct packet q = packet_copy(p);

	q.p[at] ^= bits;
	return q;
}

/* It is refused for @want, and nothing was said. */
static void refused(struct end *to, struct packet q, enum isakmp_reason want)
{
	unsigned int sent = to->sent, asks = to->asks;

	CHECK_REASON(v1_lab_deliver(to, &q), want);
	CHECK_EQ(to->sent, sent);
	CHECK_EQ(to->asks, asks);
	packet_free(&q);
}

/* A Quick Mode of A's: its first message, which B has not seen. */
static struct packet quick(struct talk *t)
{
	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	CHECK_EQ(t->a.queued, 1);
	return talk_take(&t->a);
}

static void test_header(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct packet p = quick(t), q;

	refused(&t->b, changed(&p, IKE_HDR_FLAGS_AT, V1_FLAG_ENCRYPTION), ISAKMP_R_V1_FLAGS);
	refused(&t->b, changed(&p, IKE_HDR_FLAGS_AT, V1_FLAG_AUTH_ONLY), ISAKMP_R_V1_FLAGS);
	refused(&t->b, changed(&p, IKE_HDR_FLAGS_AT, 0x80), ISAKMP_R_V1_FLAGS);
	refused(&t->b, changed(&p, 17, 0x01), ISAKMP_R_VERSION);
	refused(&t->b, changed(&p, 18, V1_QUICK ^ V1_NEW_GROUP), ISAKMP_R_UNEXPECTED);
	q = packet_copy(&p);
	memset(q.p + IKE_HDR_MSGID_AT, 0, 4);
	refused(&t->b, q, ISAKMP_R_V1_MESSAGE_ID);
	CHECK_EQ(v1_lab_deliver(&t->b, &p), ISAKMP_OK);
	packet_free(&p);
	v1_lab_settle(t);
	v1_lab_over(t);
}

/* What HASH(1), HASH(2), HASH(3) cover, from the octets on the wire (RFC 2409, 5.5). */
static unsigned int hashes;

static bool on_the_wire(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct end *to = talk_other(from);
	struct ike_epoch *ep = to->ike.ep;
	u32 msgid = get_unaligned_be32(p->p + IKE_HDR_MSGID_AT);
	struct v1_exchange *x = msgid ? v1_exchange_of(ep, msgid) : NULL;
	const struct v1_exchange *own = msgid ? v1_exchange_of(from->ike.ep, msgid) : NULL;
	static const u8 zero;
	struct ike_span v[5];
	struct v1_plain m;
	unsigned int n = 0;
	u8 want[64];

	if (p->p[18] != V1_QUICK || !CHECK(v1_plain_open(&m, to, p)))
		return true;
	if (x && x->step == 3)
		v[n++] = (struct ike_span){ &zero, 1 };
	v[n++] = (struct ike_span){ p->p + IKE_HDR_MSGID_AT, 4 };
	if (x)
		v[n++] = (struct ike_span){ own->ni, own->ni_len };
	if (x && x->step == 3)
		v[n++] = (struct ike_span){ own->nr, own->nr_len };
	/* Of what follows it HASH covers all but the padding */
	if (m.n > 1)
		v[n++] = (struct ike_span){ m.b[1].p - 4,
					    (size_t)(m.b[m.n - 1].p + m.b[m.n - 1].n - m.b[1].p) + 4 };
	isakmp_prf(ep->suite.prf, ep->v1->skeyid_a, isakmp_prf_len(ep->suite.prf), v, n, want);
	CHECK_EQ(m.b[0].type, V1_PL_HASH);
	CHECK_MEM(m.b[0].p, want, m.b[0].n);
	hashes |= x ? BIT(x->step) : BIT(1);
	v1_plain_free(&m);
	return true;
}

static void test_wire(void)
{
	struct talk *t = v1_lab_new();

	hashes = 0;
	v1_lab.net = on_the_wire;
	v1_lab_up(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	CHECK_EQ(hashes, BIT(1) | BIT(2) | BIT(3));
	v1_lab_over(t);
}

/* HASH and more: what more is, is behind it. */
static void test_hash_length(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct packet p = quick(t);
	u8 hash[64] = { 0 };
	struct v1_plain m;
	size_t n;

	CHECK(v1_plain_open(&m, &t->b, &p));
	n = m.b[0].n;
	memcpy(hash, m.b[0].p, n);
	m.b[0].p = hash;
	for (m.b[0].n = n - 4; m.b[0].n <= n + 4; m.b[0].n++)
		if (m.b[0].n != n)
			refused(&t->b, v1_plain_seal(&m, &t->b, false), ISAKMP_R_ICV);
	m.b[0].n = n;
	m.b[0].type = V1_PL_SIG;
	refused(&t->b, v1_plain_seal(&m, &t->b, false), ISAKMP_R_ICV);
	v1_plain_free(&m);
	CHECK_EQ(v1_lab_deliver(&t->b, &p), ISAKMP_OK);
	packet_free(&p);
	v1_lab_settle(t);
	v1_lab_over(t);
}

/* An answer of another kind under the message ID of a Quick Mode, with all that it takes. */
static void test_other_exchange(void)
{
	static const struct {
		u8 exchange, type;
	} others[] = { { V1_TRANSACTION, V1_PL_ATTRIBUTES }, { V1_NEW_GROUP, V1_PL_SA } };
	struct talk *t = v1_lab_up(v1_lab_new());
	struct packet p = quick(t);
	struct v1_plain m;
	struct isakmp_out o;
	unsigned int i;
	u8 body[256];

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		tap_note("exchange %u", others[i].exchange);
		v1_plain_new(&m, &t->a, others[i].exchange,
			     get_unaligned_be32(p.p + IKE_HDR_MSGID_AT));
		isakmp_out_init(&o, body, sizeof(body));
		v1_body_put(&o, &t->b, others[i].type, 1);
		m.b[m.n++] = (struct body){ others[i].type, false, body, o.len };
		refused(&t->a, v1_plain_seal(&m, &t->a, true), ISAKMP_R_NO_LAW);
		v1_plain_free(&m);
	}
	CHECK_EQ(v1_lab_deliver(&t->b, &p), ISAKMP_OK);
	packet_free(&p);
	v1_lab_settle(t);
	v1_lab_over(t);
}

/* A has message 6, and its helper is asked about it. */
static struct talk *asking(void)
{
	struct talk *t = v1_lab_new_sig();

	v1_lab_start(t);
	while (!(t->a.asking && t->a.ask.kind == IKE_ASK_I_VERIFY)) {
		if (t->a.asking)
			v1_lab_answer(&t->a);
		if (t->b.asking)
			v1_lab_answer(&t->b);
		if (t->a.queued)
			v1_lab_pass(&t->a);
		if (t->b.queued && !t->a.asking)
			v1_lab_pass(&t->b);
	}
	return t;
}

static struct packet message(const struct talk *t, u8 flags, u32 msgid, size_t n)
{
	struct isakmp_header h = {
		.spi_i = t->a.ike.ep->spi_i, .spi_r = t->a.ike.ep->spi_r, .major = V1_MAJOR,
		.exchange = V1_INFORMATIONAL, .flags = flags, .msgid = msgid,
	};
	struct packet p = { .p = calloc(1, n), .n = n, .path = t->b.ike.path };
	struct isakmp_builder b;
	struct v1_notify notify = {
		.doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ISAKMP,
		.type = V1_N_AUTHENTICATION_FAILED,
	};

	isakmp_build_begin(&b, p.p, n, &h);
	isakmp_build_payload(&b, V1_PL_NOTIFY);
	v1_notify_encode(&b.o, &notify);
	isakmp_build_close(&b);
	CHECK(isakmp_build_end(&b));
	put_unaligned_be32((u32)n, p.p + IKE_HDR_LENGTH_AT);
	return p;
}

/* So many, so long; each once, and in the end they are looked at. */
static void test_early(void)
{
	struct talk *t = asking();
	const u8 e = V1_FLAG_ENCRYPTION;
	u32 i;

	refused(&t->a, message(t, e, 99, V1_EARLY_LEN + 1), ISAKMP_R_NO_LAW);
	for (i = 1; i <= V1_EARLY_MAX; i++) {
		refused(&t->a, message(t, e, i, V1_EARLY_LEN), ISAKMP_OK);
		refused(&t->a, message(t, e, i, V1_EARLY_LEN), ISAKMP_OK);
	}
	refused(&t->a, message(t, e, i, 64), ISAKMP_R_INBOX_FULL);
	CHECK_EQ(t->a.refused[ISAKMP_R_ICV], 0);
	v1_lab_answer(&t->a);
	CHECK_EQ(t->a.refused[ISAKMP_R_ICV], V1_EARLY_MAX);
	v1_lab_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	v1_lab_over(t);
}

/* A helper that never answers: it is over in time. */
static void test_no_answer(void)
{
	struct talk *t = asking();
	u64 begun = v1_lab_p(&t->a)->begun_at;

	CHECK(ike_sa_deadline(&t->a.ike) <= begun + IKE_ESTABLISH_MS);
	talk_timer(&t->a, begun + IKE_ESTABLISH_MS - 1);
	CHECK(t->a.live);
	talk_timer(&t->a, begun + IKE_ESTABLISH_MS);
	CHECK(!t->a.live);
	CHECK_REASON(t->a.dead_why, ISAKMP_R_TIMEOUT);
	t->a.asking = false;
	v1_lab_over(t);
	/* Of a connection that is up: the attempt is, and nothing else */
	t = v1_lab_up(v1_lab_new());
	talk_do(&t->a, IKE_EV_REKEY, 0);
	CHECK(t->a.asking);
	begun = t->now;
	talk_timer(&t->a, begun + IKE_ESTABLISH_MS - 1);
	CHECK_EQ(t->a.refused[ISAKMP_R_TIMEOUT], 0);
	talk_timer(&t->a, begun + IKE_ESTABLISH_MS);
	CHECK_EQ(t->a.refused[ISAKMP_R_TIMEOUT], 1);
	CHECK(t->a.ike.state == IKE_S_ESTABLISHED && t->a.xfrm);
	v1_lab_over(t);
}

/* In the clear, once there are keys: not even noted (RFC 2409, 5.7). */
static void test_clear(void)
{
	struct talk *t = asking();

	CHECK(v1_lab_p(&t->a)->key_len && v1_lab_p(&t->a)->setup);
	refused(&t->a, message(t, 0, 5, 60), ISAKMP_R_FORGEABLE);
	CHECK_EQ(v1_lab_p(&t->a)->setup->forgeable, 0);
	v1_lab_settle(t);
	v1_lab_over(t);
}

/* What is encrypted, and has no HASH that is right, is noted as little. */
static void test_refusal(void)
{
	struct talk *t = v1_lab_new();
	struct v1_plain m;
	struct isakmp_out o;
	u8 body[64];

	v1_lab_start(t);
	while (!t->a.ike.ep->v1->key_len) {
		if (t->a.asking)
			v1_lab_answer(&t->a);
		if (t->b.asking)
			v1_lab_answer(&t->b);
		if (t->a.queued)
			v1_lab_pass(&t->a);
		if (t->b.queued && !t->a.asking)
			v1_lab_pass(&t->b);
	}
	v1_plain_new(&m, &t->a, V1_INFORMATIONAL, 7);
	isakmp_out_init(&o, body, sizeof(body));
	v1_body_put(&o, &t->b, V1_PL_NOTIFY, 0);
	m.b[m.n++] = (struct body){ V1_PL_NOTIFY, false, body, o.len };
	refused(&t->a, v1_plain_seal(&m, &t->a, false), ISAKMP_OK);
	CHECK_EQ(v1_lab_p(&t->a)->setup->forgeable, 0);
	m.h.msgid = 8;
	refused(&t->a, v1_plain_seal(&m, &t->a, true), ISAKMP_R_PEER_ERROR);
	CHECK_EQ(v1_lab_p(&t->a)->setup->forgeable, V1_N_NO_PROPOSAL_CHOSEN);
	v1_lab_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	v1_plain_free(&m);
	v1_lab_over(t);
}

/*
 * No memory for what a right message asks for: it is as if it had not come.  The same one does later,
 * on a chain of IVs that has not moved.
 */
static void test_memory(void)
{
	unsigned int nth, failed = 0, goes_on = 0;
	enum isakmp_reason why;
	struct v1_exchange *x;
	struct end *to;
	struct packet p;
	struct talk *t;
	unsigned long n;

	for (nth = 1; nth <= 3; nth++)
		for (n = 1, why = ISAKMP_R_NO_MEMORY; why == ISAKMP_R_NO_MEMORY; n++) {
			tap_note("Quick Mode %u, point %lu", nth, n);
			t = v1_lab_up(v1_lab_new());
			to = nth == 2 ? &t->a : &t->b;
			p = quick(t);
			if (nth > 1) {
				v1_lab_deliver(&t->b, &p);
				packet_free(&p);
				p = talk_take(&t->b);
			}
			if (nth > 2) {
				v1_lab_deliver(&t->a, &p);
				packet_free(&p);
				p = talk_take(&t->a);
			}
			native_mem_fail_at(n);
			why = v1_lab_deliver(to, &p);
			native_mem_fail_at(0);
			failed += why == ISAKMP_R_NO_MEMORY;
			x = v1_exchange_of(to->ike.ep, get_unaligned_be32(p.p + IKE_HDR_MSGID_AT));
			/* Where the child could not be installed it is over */
			if (why == ISAKMP_R_NO_MEMORY && (nth == 1 || (x && x->step))) {
				CHECK_REASON(v1_lab_deliver(to, &p), ISAKMP_OK);
				goes_on++;
			}
			v1_lab_settle(t);
			CHECK(t->a.xfrm && t->b.xfrm);
			packet_free(&p);
			v1_lab_over(t);
		}
	tap_note("%u of %u", goes_on, failed);
	CHECK(goes_on > 20);
}

static bool zeroed(const void *p, size_t n)
{
	const u8 *at = p;

	while (n && !*at)
		at++, n--;
	return !n;
}

/* An ISAKMP SA that has ended answers for a while; its keys have gone. */
static void test_wiped(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct v1_phase1 *p = v1_lab_p(&t->a);

	CHECK(!zeroed(p->skeyid, sizeof(p->skeyid)) && !zeroed(p->key, sizeof(p->key)));
	v1_phase1_end(&t->a.ike, t->a.ike.ep, ISAKMP_OK, t->now);
	CHECK_EQ(p->state, V1_P1_GONE);
	CHECK(zeroed(p->skeyid, sizeof(p->skeyid)));
	CHECK(zeroed(p->skeyid_d, sizeof(p->skeyid_d)));
	CHECK(zeroed(p->skeyid_a, sizeof(p->skeyid_a)));
	CHECK(zeroed(p->skeyid_e, sizeof(p->skeyid_e)));
	CHECK(zeroed(p->key, sizeof(p->key)));
	CHECK(zeroed(p->iv, sizeof(p->iv)));
	v1_lab_over(t);
}

int main(void)
{
	TAP_RUN(test_header, "the header of a Quick Mode, which no HASH covers (RFC 2408, 3.1)");
	TAP_RUN(test_wire, "HASH(1), HASH(2), HASH(3) as RFC 2409, 5.5 has them");
	TAP_RUN(test_hash_length, "HASH has the length that it has");
	TAP_RUN(test_other_exchange, "an exchange is not answered by another one (threat 35)");
	TAP_RUN(test_early, "what comes before phase 1 is over: so much is kept");
	TAP_RUN(test_no_answer, "nobody answers what the helper is asked: over in time");
	TAP_RUN(test_clear, "in the clear before phase 1 is over, but for keys: nothing (threat 52)");
	TAP_RUN(test_refusal, "a refusal before phase 1 is over needs its HASH (threat 53)");
	TAP_RUN(test_memory, "a Quick Mode for which there is no memory goes on with the same message");
	TAP_RUN(test_wiped, "an ISAKMP SA that has ended has no keys");
	return tap_done();
}
