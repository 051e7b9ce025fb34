// SPDX-License-Identifier: GPL-2.0
/* IKE_SA_INIT through the engine: nothing in it is protected (RFC 7296, 1.2, 2.6, 2.21.1). */
#include "talk.h"

/* What a payload does to a message that must have SA, KE, Ni. */
static enum isakmp_reason added_to_request(u8 type)
{
	return type == IKE_PL_NOTIFY || type == IKE_PL_VENDOR ? ISAKMP_OK : ISAKMP_R_UNEXPECTED;
}

static enum isakmp_reason added_to_response(u8 type)
{
	return type == IKE_PL_CERTREQ ? ISAKMP_OK : added_to_request(type);
}

static bool needed(u8 type)
{
	return type == IKE_PL_SA || type == IKE_PL_KE || type == IKE_PL_NONCE;
}

/* The oldest datagram of an end, taken apart. */
static void take_message(struct message *m, struct end *from)
{
	struct packet p = talk_take(from);

	message_read(m, from, &p);
	packet_free(&p);
}

/* ---- a request, changed ------------------------------------------------------- */

/* A's first message is in @m; B is nobody. */
static struct talk *at_request(struct message *m)
{
	struct talk *t = talk_at(TALK_INIT);

	take_message(m, &t->a);
	return t;
}

/* B refuses it, says nothing, and is nobody again. */
static void request_refused(struct talk *t, struct message *m, enum isakmp_reason why, u32 arg)
{
	CHECK_REASON(message_deliver(m, &t->a), why);
	CHECK_EQ(t->b.arg, arg);
	CHECK(!t->b.live);
	CHECK_EQ(t->b.sent, 0);
	talk_over(t);
}

static void request_accepted(struct talk *t, struct message *m)
{
	CHECK_EQ(message_deliver(m, &t->a), ISAKMP_OK);
	CHECK(t->b.live && t->b.ike.state == IKE_S_R_INIT);
	CHECK_EQ(t->b.sent, 1);
	talk_over(t);
}

static void test_request_payloads(void)
{
	enum isakmp_reason why;
	struct message m;
	struct talk *t;
	unsigned int i, type;

	for (i = 0; i < 3; i++) {
		tap_note("payload %u", i);
		t = at_request(&m);
		type = m.b[i].type;
		message_drop(&m, i);
		request_refused(t, &m, ISAKMP_R_MISSING, type);
		t = at_request(&m);
		message_insert(&m, i, m.b[i]);
		request_refused(t, &m, ISAKMP_R_REPEATED, type);
	}
	for (type = 1; type < 256; type++) {
		if (needed((u8)type))
			continue;
		tap_note("type %u", type);
		t = at_request(&m);
		message_insert(&m, m.n, talk_body((u8)type));
		why = isakmp_payload_known((u8)type) ? added_to_request((u8)type) : ISAKMP_OK;
		if (why)
			request_refused(t, &m, why, type);
		else
			request_accepted(t, &m);
	}
}

static void test_request_order(void)
{
	static const u8 orders[][3] = { { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 },
					{ 2, 1, 0 } };
	struct message m;
	struct body b[3];
	struct talk *t;
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		tap_note("order %u", i);
		t = at_request(&m);
		memcpy(b, m.b, sizeof(b));
		for (j = 0; j < 3; j++)
			m.b[j] = b[orders[i][j]];
		request_accepted(t, &m);
	}
}

/* RFC 7296, 2.5: an unknown critical payload is named; a known one is not. */
static void test_request_critical(void)
{
	struct message m;
	struct talk *t;
	unsigned int type;
	struct packet p;

	for (type = 1; type < 256; type++) {
		if (isakmp_payload_known((u8)type))
			continue;
		tap_note("type %u", type);
		t = at_request(&m);
		message_insert(&m, 1, (struct body){ (u8)type, true, NULL, 0 });
		CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_PAYLOAD_CRITICAL);
		CHECK(!t->b.live);
		CHECK_EQ(t->b.sent, 1);
		p = talk_take(&t->b);
		message_read(&m, &t->b, &p);
		CHECK_EQ(m.n, 1);
		CHECK_MEM(m.b[0].p, ((const u8[]){ 0, 0, 0, 1, (u8)type }), 5);
		CHECK_EQ(m.h.spi_r, 0);
		message_free(&m);
		packet_free(&p);
		talk_over(t);
	}
	t = at_request(&m);
	m.b[0].critical = m.b[1].critical = true;
	request_accepted(t, &m);
}

static void test_request_truncated(void)
{
	struct talk *t = talk_at(TALK_INIT);
	struct packet p = talk_take(&t->a), cut;
	size_t n;

	for (n = 0; n < p.n; n++) {
		tap_note("%zu octets", n);
		cut = p;
		cut.n = n;
		talk_open_b(t, p.p, &t->b.path);
		CHECK(talk_deliver(&t->b, &cut) != ISAKMP_OK);
		CHECK(!t->b.live);
		if (n < IKE_HDR_LEN)
			continue;
		cut = packet_copy(&cut);
		put_unaligned_be32((u32)n, cut.p + 24);
		CHECK(talk_deliver(&t->b, &cut) != ISAKMP_OK);
		CHECK(!t->b.live);
		packet_free(&cut);
	}
	CHECK_EQ(t->b.sent, 0);
	CHECK_REASON(talk_give(&t->a, p.p, p.n - 1), ISAKMP_R_LENGTH);
	packet_free(&p);
	talk_over(t);
}

static void test_request_bodies(void)
{
	static const u8 long_nonce[257], ke[] = { 0, 31, 0, 0 };
	static const struct { struct body b; enum isakmp_reason why; } bad[] = {
		{ { IKE_PL_NONCE, false, long_nonce, 15 }, ISAKMP_R_BAD_NONCE },
		{ { IKE_PL_NONCE, false, long_nonce, 257 }, ISAKMP_R_BAD_NONCE },
		{ { IKE_PL_SA, false, long_nonce, 20 }, ISAKMP_R_BAD_SA },
		{ { IKE_PL_KE, false, ke, 3 }, ISAKMP_R_BAD_KE },
		{ { IKE_PL_KE, false, ke, 4 }, ISAKMP_R_BAD_KE },
	};
	struct message m;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		tap_note("body %u", i);
		t = at_request(&m);
		m.b[message_find(&m, bad[i].b.type)] = bad[i].b;
		request_refused(t, &m, bad[i].why, bad[i].b.type);
	}
	for (i = 16; i <= 256; i += 240) {
		t = at_request(&m);
		m.b[message_find(&m, IKE_PL_NONCE)] = (struct body){ IKE_PL_NONCE, false, long_nonce, i };
		request_accepted(t, &m);
	}
}

/* ---- a response, changed -------------------------------------------------------- */

static struct talk *at_response(struct message *m)
{
	struct talk *t = talk_at(TALK_INIT_ANSWERED);

	take_message(m, &t->b);
	return t;
}

/* A refuses it, and waits for the right one as before. */
static void response_refused(struct talk *t, struct message *m, enum isakmp_reason why)
{
	struct packet good = packet_copy(&t->b.stored);
	u64 before = talk_hash(&t->a);

	CHECK_REASON(message_deliver(m, &t->b), why);
	CHECK_EQ(talk_hash(&t->a), before);
	CHECK_EQ(talk_deliver(&t->a, &good), ISAKMP_OK);
	CHECK_EQ(t->a.ike.state, IKE_S_I_ASK);
	packet_free(&good);
	talk_over(t);
}

static void response_accepted(struct talk *t, struct message *m)
{
	CHECK_EQ(message_deliver(m, &t->b), ISAKMP_OK);
	CHECK_EQ(t->a.ike.state, IKE_S_I_ASK);
	talk_over(t);
}

static void test_response_payloads(void)
{
	enum isakmp_reason why;
	struct message m;
	struct talk *t;
	unsigned int i, type;

	for (i = 0; i < 3; i++) {
		tap_note("payload %u", i);
		t = at_response(&m);
		message_drop(&m, i);
		response_refused(t, &m, ISAKMP_R_MISSING);
		t = at_response(&m);
		message_insert(&m, i, m.b[i]);
		response_refused(t, &m, ISAKMP_R_REPEATED);
	}
	for (type = 1; type < 256; type++) {
		if (needed((u8)type))
			continue;
		tap_note("type %u", type);
		t = at_response(&m);
		message_insert(&m, m.n, talk_body((u8)type));
		why = isakmp_payload_known((u8)type) ? added_to_response((u8)type) : ISAKMP_OK;
		if (why)
			response_refused(t, &m, why);
		else
			response_accepted(t, &m);
		if (isakmp_payload_known((u8)type))
			continue;
		t = at_response(&m);
		message_insert(&m, 0, (struct body){ (u8)type, true, NULL, 0 });
		response_refused(t, &m, ISAKMP_R_PAYLOAD_CRITICAL);
	}
}

static void test_response_truncated(void)
{
	struct talk *t = talk_at(TALK_INIT_ANSWERED);
	u64 before = talk_hash(&t->a);
	struct packet p = packet_copy(&t->b.stored);
	size_t n;

	for (n = 0; n < p.n; n++) {
		tap_note("%zu octets", n);
		CHECK(talk_give(&t->a, p.p, n) != ISAKMP_OK);
		CHECK_EQ(talk_hash(&t->a), before);
	}
	for (n = p.n - 1; n >= IKE_HDR_LEN; n--) {
		tap_note("%zu octets", n);
		put_unaligned_be32((u32)n, p.p + 24);
		CHECK(talk_give(&t->a, p.p, n) != ISAKMP_OK);
		CHECK_EQ(talk_hash(&t->a), before);
	}
	packet_free(&p);
	talk_over(t);
}

/* The responder chooses what was not offered, or how it must not be written. */
static void test_bad_choice(void)
{
	static const struct { u8 at, value; } spoils[] = {
		{ 4, 2 },	/* another proposal's number */
		{ 4, 3 },	/* nobody's */
		{ 15, 12 },	/* AES-CBC */
		{ 18, 0 },	/* 0 bits become 0x0000 + 128 below */
		{ 27, 5 },	/* the other PRF */
		{ 35, 14 },	/* another group */
	};
	struct message m;
	struct talk *t;
	unsigned int i;
	u8 *sa;

	for (i = 0; i < ARRAY_SIZE(spoils); i++) {
		tap_note("octet %u", spoils[i].at);
		t = at_response(&m);
		sa = (u8 *)m.b[message_find(&m, IKE_PL_SA)].p;
		sa[spoils[i].at] = spoils[i].value;
		if (spoils[i].at == 18)
			sa[19] = 128;
		response_refused(t, &m, ISAKMP_R_BAD_CHOICE);
	}
	t = at_response(&m);
	m.h.spi_r = 0;
	response_refused(t, &m, ISAKMP_R_SPI);
}

/* ---- key exchange values ----------------------------------------------------------- */

/* RFC 7748, 7: points of small order, little-endian; the rest of each is zero or 0xff. */
static const u8 small_order[][32] = {
	{ 0 }, { 1 },
	{ 0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f,
	  0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16,
	  0x5f, 0x49, 0xb8, 0x00 },
	{ 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0x7f },
	{ 0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0x7f },
	{ 0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0x7f },
};

/* Replaces the value of KE; @buf holds the new body. */
static void put_ke(struct message *m, u8 buf[1100], const u8 *value, size_t n)
{
	memset(buf, 0, 4);
	buf[1] = IKE_KE_X25519;
	memcpy(buf + 4, value, n);
	m->b[message_find(m, IKE_PL_KE)] = (struct body){ IKE_PL_KE, false, buf, 4 + n };
}

static void test_ke_length(void)
{
	static const size_t lengths[] = { 1, 31, 33, 64, 256, 1024, 1090 };
	static const u8 zeros[1100];
	struct message m;
	struct talk *t;
	unsigned int i;
	u8 buf[1100];

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		tap_note("%zu octets", lengths[i]);
		t = at_request(&m);
		put_ke(&m, buf, zeros, lengths[i]);
		request_refused(t, &m, ISAKMP_R_KE_VALUE, IKE_KE_X25519);
		t = at_response(&m);
		put_ke(&m, buf, zeros, lengths[i]);
		response_refused(t, &m, ISAKMP_R_KE_VALUE);
	}
	t = at_response(&m);
	put_ke(&m, buf, zeros, 32);
	buf[1] = 19;
	response_refused(t, &m, ISAKMP_R_KE_GROUP);
}

/* The initiator goes on waiting, and the right value is still taken. */
static void test_ke_small_order_i(void)
{
	struct packet good;
	struct message m;
	struct talk *t;
	unsigned int i;
	u8 buf[1100];

	for (i = 0; i < ARRAY_SIZE(small_order); i++) {
		tap_note("point %u", i);
		t = at_response(&m);
		good = packet_copy(&t->b.stored);
		put_ke(&m, buf, small_order[i], 32);
		CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_KE_VALUE);
		CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
		CHECK(!t->a.ike.ep->sk_in && !t->a.ike.ep->spi_r && t->a.ike.ep->out);
		CHECK_EQ(talk_deliver(&t->a, &good), ISAKMP_OK);
		talk_settle(t);
		CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
		CHECK(t->a.xfrm && t->b.xfrm);
		packet_free(&good);
		talk_over(t);
	}
}

/* The responder finds out with the first protected message, once. */
static void test_ke_small_order_r(void)
{
	struct message m;
	struct talk *t;
	unsigned int i, n;
	u8 buf[1100];

	for (i = 0; i < ARRAY_SIZE(small_order); i++) {
		tap_note("point %u", i);
		t = at_request(&m);
		put_ke(&m, buf, small_order[i], 32);
		CHECK_EQ(message_deliver(&m, &t->a), ISAKMP_OK);
		talk_advance(t, TALK_AUTH);
		talk_derived = 0;
		for (n = 0; n < 20; n++)
			CHECK_REASON(talk_deliver(&t->b, &t->a.queue[0]),
				     n ? ISAKMP_R_NO_LAW : ISAKMP_R_KE_VALUE);
		CHECK_EQ(talk_derived, 1);
		CHECK_EQ(t->b.ike.state, IKE_S_R_INIT);
		CHECK_EQ(t->b.sent, 1);
		talk_over(t);
	}
}

/* ---- error answers of the responder --------------------------------------------------- */

/* B answers with this error and leaves nothing. */
static struct packet error_of(struct talk *t, enum isakmp_reason why, u16 type,
			      const void *data, size_t n)
{
	struct packet p = talk_take(&t->a);
	struct message m;

	CHECK_REASON(talk_deliver(&t->b, &p), why);
	CHECK(!t->b.live);
	CHECK_EQ(t->b.queued, 1);
	packet_free(&p);
	p = talk_take(&t->b);
	message_read(&m, &t->b, &p);
	CHECK_EQ(m.n, 1);
	CHECK_EQ(m.h.spi_r, 0);		/* RFC 7296, 2.6 */
	CHECK_EQ(m.h.spi_i, t->a.ike.ep->spi_i);
	CHECK_EQ(m.h.flags, IKE_FLAG_RESPONSE);
	CHECK_EQ(get_unaligned_be16(m.b[0].p + 2), type);
	CHECK_EQ(m.b[0].n, 4 + n);
	CHECK_MEM(m.b[0].p + 4, data, n);
	message_free(&m);
	return p;
}

/* A notes it and waits. */
static void error_answered(struct talk *t, enum isakmp_reason why, u16 type)
{
	struct packet p = error_of(t, why, type, NULL, 0);

	CHECK_REASON(talk_deliver(&t->a, &p), ISAKMP_R_FORGEABLE);
	CHECK_EQ(t->a.arg, type);
	CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
	packet_free(&p);
	/* What was noted is what the operator reads in the end */
	while (t->a.live)
		talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	CHECK_REASON(t->a.why, ISAKMP_R_PEER_ERROR);
	CHECK_EQ(t->a.arg, type);
	talk_over(t);
}

static void test_no_proposal(void)
{
	struct talk *t = talk_at(TALK_INIT);

	t->b.peer.ike.n = 1;
	t->b.peer.ike.s[0].prf = IKE_PRF_HMAC_SHA2_256;
	error_answered(t, ISAKMP_R_NO_PROPOSAL, IKE_N_NO_PROPOSAL_CHOSEN);
	t = talk_at(TALK_INIT);
	t->b.candidate[0] = NULL;
	error_answered(t, ISAKMP_R_NO_PROPOSAL, IKE_N_NO_PROPOSAL_CHOSEN);
}

static void test_candidates(void)
{
	struct talk *t = talk_at(TALK_INIT);
	struct ike_peer other = t->b.peer;
	struct packet p = talk_take(&t->a);

	other.ike.s[0].keylen = other.ike.s[1].keylen = 192;
	t->b.candidate[0] = t->b.candidate[1] = &other;
	t->b.candidate[2] = &t->b.peer;
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	CHECK_EQ(t->b.ike.ep->suite.keylen, 256);
	packet_free(&p);
	talk_over(t);
}

/* ---- what else is announced ----------------------------------------------------------------- */

/* RFC 7427, 4: both sides say it; SHA-1 is not taken, nor what is not known. */
static void test_hashes(void)
{
	static const u8 odd[] = { 0, 1, 0, 3, 0, 9, 1, 2, 0 };
	struct talk *t = talk_at(TALK_INIT);
	struct message m;
	u8 body[4 + sizeof(odd)] = { 0, 0, 0x40, 0x2f };
	unsigned int i;

	take_message(&m, &t->a);
	for (i = 0; i < m.n; i++)
		if (m.b[i].type == IKE_PL_NOTIFY && get_unaligned_be16(m.b[i].p + 2) ==
		    IKE_N_SIGNATURE_HASH_ALGORITHMS)
			break;
	if (CHECK(i < m.n) && CHECK_EQ(m.b[i].n, 12))
		CHECK_MEM(m.b[i].p + 4, "\0\2\0\3\0\4\0\5", 8);
	memcpy(body + 4, odd, sizeof(odd));
	m.b[i].p = body;
	m.b[i].n = sizeof(body);
	CHECK_EQ(message_deliver(&m, &t->a), ISAKMP_OK);
	CHECK_EQ(t->b.ike.hashes, IKE_HASH_BIT(IKE_HASH_SHA2_384));
	talk_advance(t, TALK_I_ASKING);
	CHECK_EQ(t->a.ike.hashes, 0x3c);
	talk_over(t);
}

/* RFC 7296, 3.7: in the response, when a certificate may be wanted. */
static void test_certreq(void)
{
	u8 body[1 + 2 * IKE_CERTREQ_HASH_LEN] = { IKE_CERT_X509_SIGNATURE };
	struct ike_peer other;
	struct message m;
	struct talk *t;
	unsigned int i;
	int at;

	memset(body + 1, 7, sizeof(body) - 1);
	for (i = 0; i < 3; i++) {
		tap_note("case %u", i);
		t = talk_at(TALK_INIT);
		other = t->b.peer;
		other.pubkey = i > 0;
		t->b.candidate[1] = &other;
		t->b.certreq = body;
		t->b.certreq_len = i > 1 ? sizeof(body) : 0;
		talk_advance(t, TALK_INIT_ANSWERED);
		message_read(&m, &t->b, &t->b.stored);
		at = message_find(&m, IKE_PL_CERTREQ);
		CHECK_EQ(at >= 0, i > 1);
		CHECK(at < 0 || at == (int)m.n - 1);
		message_free(&m);
		talk_advance(t, TALK_I_ASKING);
		CHECK_EQ(t->a.ike.setup->certreq_len, i > 1 ? sizeof(body) : 0);
		if (i > 1)
			CHECK_MEM(t->a.ike.setup->certreq, body, sizeof(body));
		talk_advance(t, TALK_UP);
		talk_over(t);
	}
}

static void add_certreq(struct message *m, u8 *body, u8 encoding, unsigned int hashes, u8 fill)
{
	body[0] = encoding;
	memset(body + 1, fill, hashes * IKE_CERTREQ_HASH_LEN);
	message_add(m, IKE_PL_CERTREQ, body, 1 + hashes * IKE_CERTREQ_HASH_LEN);
}

/* A responder may name its authorities in several payloads; at most so many are kept. */
static void test_certreqs(void)
{
	static u8 body[4][1 + 200 * IKE_CERTREQ_HASH_LEN];
	const size_t one = IKE_CERTREQ_HASH_LEN;
	struct message m;
	struct talk *t;
	u8 *kept;

	t = talk_at(TALK_INIT_ANSWERED);
	message_read(&m, &t->b, &t->b.stored);
	add_certreq(&m, body[0], IKE_CERT_X509_SIGNATURE, 2, 1);
	add_certreq(&m, body[1], IKE_CERT_RAW_PUBLIC_KEY, 1, 2);
	add_certreq(&m, body[2], IKE_CERT_X509_SIGNATURE, 0, 0);
	add_certreq(&m, body[3], IKE_CERT_X509_SIGNATURE, 1, 3);
	CHECK_EQ(message_deliver(&m, &t->b), ISAKMP_OK);
	kept = t->a.ike.setup->certreq;
	if (CHECK_EQ(t->a.ike.setup->certreq_len, 1 + 3 * one)) {
		CHECK_EQ(kept[0], IKE_CERT_X509_SIGNATURE);
		CHECK(!memcmp(kept + 1, body[0] + 1, 2 * one));
		CHECK(!memcmp(kept + 1 + 2 * one, body[3] + 1, one));
	}
	talk_over(t);

	t = talk_at(TALK_INIT_ANSWERED);
	message_read(&m, &t->b, &t->b.stored);
	add_certreq(&m, body[0], IKE_CERT_X509_SIGNATURE, 200, 1);
	add_certreq(&m, body[1], IKE_CERT_X509_SIGNATURE, 200, 2);
	add_certreq(&m, body[2], IKE_CERT_X509_SIGNATURE, 200, 3);
	CHECK_EQ(message_deliver(&m, &t->b), ISAKMP_OK);
	kept = t->a.ike.setup->certreq;
	if (CHECK_EQ(t->a.ike.setup->certreq_len, 1 + IKE_CERTREQ_KEPT * one)) {
		CHECK(!memcmp(kept + 1, body[0] + 1, 200 * one));
		CHECK(!memcmp(kept + 1 + 200 * one, body[1] + 1, 56 * one));
	}
	talk_over(t);

	/* nothing but what is of no use */
	t = talk_at(TALK_INIT_ANSWERED);
	message_read(&m, &t->b, &t->b.stored);
	add_certreq(&m, body[0], IKE_CERT_RAW_PUBLIC_KEY, 1, 1);
	add_certreq(&m, body[1], IKE_CERT_X509_SIGNATURE, 0, 0);
	CHECK_EQ(message_deliver(&m, &t->b), ISAKMP_OK);
	CHECK(!t->a.ike.setup->certreq && !t->a.ike.setup->certreq_len);
	talk_over(t);
}

/* ---- who, when, how often ------------------------------------------------------------------ */

static void test_repeats(void)
{
	struct talk *t = talk_at(TALK_INIT_ANSWERED);
	struct packet init, other, answer;
	u64 before;

	init = (struct packet){ t->a.ike.ep->out->bytes, t->a.ike.ep->out->len, t->a.path };
	before = talk_hash(&t->b);
	CHECK_EQ(talk_give(&t->b, init.p, init.n), ISAKMP_OK);	/* softirq let it pass */
	CHECK_EQ(talk_hash(&t->b), before);
	answer = talk_take(&t->b);
	CHECK_EQ(talk_deliver(&t->b, &init), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	CHECK_EQ(t->b.queue[0].n, answer.n);
	CHECK_MEM(t->b.queue[0].p, answer.p, answer.n);
	other = packet_copy(&init);
	other.p[other.n - 1] ^= 1;
	before = talk_hash(&t->b);
	CHECK_REASON(talk_give(&t->b, other.p, other.n), ISAKMP_R_NO_LAW);
	CHECK_EQ(talk_hash(&t->b), before);
	talk_flush(&t->b);
	CHECK_EQ(talk_deliver(&t->a, &answer), ISAKMP_OK);
	before = talk_hash(&t->a);
	CHECK_REASON(talk_deliver(&t->a, &answer), ISAKMP_R_UNASKED);
	CHECK_EQ(talk_hash(&t->a), before);
	packet_free(&other);
	packet_free(&answer);
	talk_over(t);
}

static void test_reflection(void)
{
	struct talk *t = talk_at(TALK_INIT_ANSWERED);
	struct packet init = { t->a.ike.ep->out->bytes, t->a.ike.ep->out->len, t->a.path };
	u64 a = talk_hash(&t->a), b = talk_hash(&t->b);

	CHECK_REASON(talk_give(&t->a, init.p, init.n), ISAKMP_R_REFLECTED);
	CHECK_REASON(talk_give(&t->b, t->b.stored.p, t->b.stored.n), ISAKMP_R_REFLECTED);
	CHECK_EQ(talk_hash(&t->a), a);
	CHECK_EQ(talk_hash(&t->b), b);
	talk_over(t);
}

/* RFC 7296, 2.1 and 2.4: 1, 2, 4 s, then 8 s of silence. */
static void test_schedule(void)
{
	static const u64 at[] = { 2000, 4000, 8000, 16000 };
	struct talk *t = talk_at(TALK_INIT);
	struct packet first = talk_take(&t->a);
	unsigned int i;

	for (i = 0; i < 4; i++) {
		tap_note("timer %u", i);
		CHECK_EQ(ike_sa_deadline(&t->a.ike), at[i]);
		CHECK_EQ(talk_timer(&t->a, at[i] - 1), ISAKMP_OK);
		CHECK_EQ(t->a.queued, 0);
		CHECK_REASON(talk_timer(&t->a, at[i]), i < 3 ? ISAKMP_OK : ISAKMP_R_TIMEOUT);
		if (i == 3)
			break;
		CHECK_EQ(t->a.queued, 1);
		CHECK_EQ(t->a.queue[0].n, first.n);
		CHECK_MEM(t->a.queue[0].p, first.p, first.n);
		talk_flush(&t->a);
		CHECK_EQ(t->a.ike.resends, i + 1);
	}
	CHECK(!t->a.live);
	CHECK_EQ(t->a.sent, 4);
	packet_free(&first);
	talk_over(t);
}

static void test_give_up(void)
{
	struct talk *t = talk_at(TALK_I_ASKING);

	CHECK_EQ(ike_sa_deadline(&t->a.ike), 1000 + IKE_ESTABLISH_MS);
	CHECK_REASON(talk_timer(&t->a, 1000 + IKE_ESTABLISH_MS), ISAKMP_R_TIMEOUT);
	CHECK(!t->a.live && !t->a.asking);
	/* The responder sends nothing by itself, and is gone after its time */
	CHECK_EQ(ike_sa_deadline(&t->b.ike), 1000 + t->b.tun.half_open_ms);
	t->now = 1000;
	CHECK_EQ(talk_timer(&t->b, 1000 + t->b.tun.half_open_ms - 1), ISAKMP_OK);
	CHECK(t->b.live);
	CHECK_REASON(talk_timer(&t->b, 1000 + t->b.tun.half_open_ms), ISAKMP_R_HALF_OPEN_TIMEOUT);
	CHECK(!t->b.live);
	CHECK_EQ(t->b.sent, 1);
	talk_over(t);
}

static void test_start_fails(void)
{
	struct talk *t = talk_new();

	talk_open_a(t);
	t->a.ike.want = NULL;
	CHECK_REASON(talk_do(&t->a, IKE_EV_START, 0), ISAKMP_R_NO_CHILD);
	CHECK_EQ(t->a.ike.state, IKE_S_DEAD);
	talk_over(t);

	t = talk_new();
	t->a.peer.ike.s[0].ke = t->a.peer.ike.s[1].ke = 22;
	talk_open_a(t);
	CHECK_REASON(talk_do(&t->a, IKE_EV_START, 0), ISAKMP_R_CRYPTO);
	CHECK_EQ(t->a.ike.state, IKE_S_DEAD);
	talk_over(t);

	/* Twice is once */
	t = talk_at(TALK_INIT);
	CHECK_EQ(talk_do(&t->a, IKE_EV_START, 0), ISAKMP_OK);
	CHECK_EQ(t->a.sent, 1);
	talk_over(t);
}

/* What could not leave now leaves with the timer. */
static void test_send_fails(void)
{
	struct talk *t = talk_new();
	struct packet p;

	t->a.send_why = ISAKMP_R_SEND;
	talk_open_a(t);
	CHECK_REASON(talk_do(&t->a, IKE_EV_START, 0), ISAKMP_R_SEND);
	CHECK_REASON(talk_timer(&t->a, 2000), ISAKMP_R_SEND);
	t->a.send_why = ISAKMP_OK;
	CHECK_EQ(talk_timer(&t->a, 4000), ISAKMP_OK);
	CHECK_EQ(t->a.queued, 1);
	p = talk_take(&t->a);
	t->b.send_why = ISAKMP_R_SEND;
	CHECK_REASON(talk_deliver(&t->b, &p), ISAKMP_R_SEND);
	CHECK(!t->b.live);
	t->b.send_why = ISAKMP_OK;
	t->b.store_why = ISAKMP_R_NO_MEMORY;
	CHECK_REASON(talk_deliver(&t->b, &p), ISAKMP_R_NO_MEMORY);
	CHECK(!t->b.live);
	t->b.store_why = ISAKMP_OK;
	packet_free(&t->b.stored);
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	packet_free(&p);
	talk_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	talk_over(t);
}

static void test_helper_busy(void)
{
	struct talk *t = talk_at(TALK_INIT_ANSWERED);
	struct packet p = talk_take(&t->b);

	t->a.ask_why = ISAKMP_R_UPCALL_LIMIT;
	CHECK_REASON(talk_deliver(&t->a, &p), ISAKMP_R_UPCALL_LIMIT);
	CHECK(!t->a.live);
	packet_free(&p);
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_request_payloads, "IKE_SA_INIT request: each payload gone, twice, others added (threats 31, 32, 35)");
	TAP_RUN(test_request_order, "IKE_SA_INIT request: any order");
	TAP_RUN(test_request_critical, "IKE_SA_INIT request: unknown critical payloads (RFC 7296, 2.5)");
	TAP_RUN(test_request_truncated, "IKE_SA_INIT request: cut at every octet leaves nothing (threats 4, 50)");
	TAP_RUN(test_request_bodies, "IKE_SA_INIT request: malformed bodies get no answer");
	TAP_RUN(test_response_payloads, "IKE_SA_INIT response: each payload gone, twice, others added (threat 31)");
	TAP_RUN(test_response_truncated, "IKE_SA_INIT response: cut at every octet");
	TAP_RUN(test_bad_choice, "IKE_SA_INIT response: a choice that was not offered");
	TAP_RUN(test_ke_length, "KE: wrong lengths and groups, both roles (threats 75, 80, 81)");
	TAP_RUN(test_ke_small_order_i, "KE: points of small order, initiator (threat 80)");
	TAP_RUN(test_ke_small_order_r, "KE: points of small order, responder: one derivation (threat 80)");
	TAP_RUN(test_no_proposal, "responder: NO_PROPOSAL_CHOSEN leaves nothing (threat 49)");
	TAP_RUN(test_candidates, "responder: the first candidate with a suite in common");
	TAP_RUN(test_hashes, "signature hashes: announced, and kept but SHA-1");
	TAP_RUN(test_certreq, "CERTREQ: in the response, when a certificate may be wanted");
	TAP_RUN(test_certreqs, "CERTREQ: several payloads in the response, more than are kept");
	TAP_RUN(test_repeats, "repeats: the same octets, or nothing");
	TAP_RUN(test_reflection, "reflection: our own messages");
	TAP_RUN(test_schedule, "retransmission: exact times, same octets (RFC 7296, 2.1)");
	TAP_RUN(test_give_up, "set-up: both sides give up in time, the responder silently (threat 72)");
	TAP_RUN(test_start_fails, "start: nothing to start");
	TAP_RUN(test_send_fails, "start: messages that cannot be sent");
	TAP_RUN(test_helper_busy, "start: too many questions wait");
	return tap_done();
}
