// SPDX-License-Identifier: GPL-2.0
/*
 * Strangers: who calls where nobody speaks version 1, who calls and says no more, or the same again
 * and again, and who answers before the one that was called.
 */
#include "v1_forge.h"

static const u8 exchanges[] = { V1_MAIN, V1_AGGRESSIVE, V1_BASE, V1_AUTH_ONLY };

static struct talk *by(u8 exchange)
{
	struct talk *t = v1_lab_new();

	tap_note("exchange %u", exchange);
	t->a.peer.v1.exchange = exchange;
	t->b.peer.v1.accept = BIT(exchange);
	return t;
}

/* The first message, not delivered yet. */
static struct packet first(struct talk *t)
{
	v1_lab_start(t);
	v1_lab_answer(&t->a);
	return talk_take(&t->a);
}

static void answers(struct end *e)
{
	while (e->asking)
		v1_lab_answer(e);
}

/* Nothing but version 2 is configured: no exchange of version 1 finds anybody. */
static void test_version_2(void)
{
	struct packet p;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		t = by(exchanges[i]);
		t->b.peer.v1.versions = IKE_VERSIONS_2;
		p = first(t);
		v1_lab_deliver(&t->b, &p);
		CHECK(!t->b.live);
		CHECK_REASON(t->b.dead_why, ISAKMP_R_NO_PROPOSAL);
		CHECK_EQ(t->b.asks, 0);
		packet_free(&p);
		v1_lab_over(t);
	}
}

/* One message, and no other: nothing is said twice, and that is over soon. */
static void test_half_open(void)
{
	struct packet p;
	struct talk *t;
	unsigned int i;
	u64 until, at;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		t = by(exchanges[i]);
		p = first(t);
		until = t->now + t->b.tun.half_open_ms;
		v1_lab_deliver(&t->b, &p);
		answers(&t->b);
		CHECK(t->b.live);
		CHECK_EQ(t->b.sent, 1);
		CHECK(ike_sa_deadline(&t->b.ike) <= until);
		for (at = t->now; at < until; at += 100)
			talk_timer(&t->b, at);
		CHECK(t->b.live);
		CHECK_EQ(t->b.sent, 1);
		talk_timer(&t->b, until);
		CHECK_REASON(t->b.dead_why, ISAKMP_R_HALF_OPEN_TIMEOUT);
		packet_free(&p);
		v1_lab_over(t);
	}
}

/* Nobody answers: what is said again is said later each time. */
static void test_later_each_time(void)
{
	struct talk *t = v1_lab_new();
	struct packet p = first(t);
	unsigned int i;
	u64 wait = t->a.tun.retransmit_ms;

	for (i = 0; i < t->a.tun.retransmit_tries; i++, wait *= 2) {
		CHECK_EQ(ike_sa_deadline(&t->a.ike), t->now + wait);
		talk_timer(&t->a, t->now + wait - 1);
		CHECK_EQ(t->a.sent, 1 + i);
		talk_timer(&t->a, t->now + 1);
		CHECK_EQ(t->a.sent, 2 + i);
	}
	talk_flush(&t->a);
	packet_free(&p);
	v1_lab_over(t);
}

/* The same message, all the time: it is answered again, so often and no oftener. */
static void test_again(void)
{
	unsigned int i, k, sent;
	struct packet p;
	struct talk *t;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		t = by(exchanges[i]);
		p = first(t);
		v1_lab_deliver(&t->b, &p);
		answers(&t->b);
		sent = t->b.sent;
		for (k = 0; k < 10 * IKE_REPEAT_BURST; k++) {
			v1_lab_deliver(&t->b, &p);
			talk_flush(&t->b);
		}
		CHECK_EQ(t->b.sent - sent, IKE_REPEAT_BURST);
		CHECK_EQ(t->b.refused[ISAKMP_R_REPEATED_OFTEN], 9 * IKE_REPEAT_BURST);
		packet_free(&p);
		v1_lab_over(t);
	}
}

static void as_is(struct packet *p)
{
}

/* A payload of a message, not encrypted, and its octets; NULL: it has none. */
static u8 *find(const struct packet *p, u8 what, size_t *n)
{
	size_t at = IKE_HDR_LEN;
	u8 type = p->p[IKE_HDR_NEXT_AT];

	while (type && type != what) {
		type = p->p[at];
		at += get_unaligned_be16(p->p + at + 2);
	}
	*n = type ? get_unaligned_be16(p->p + at + 2) - 4U : 0;
	return type ? p->p + at + 4 : NULL;
}

static u8 *ke_in(const struct packet *p, size_t *n)
{
	return find(p, V1_PL_KE, n);
}

/* Of whom, at a port of its own? */
static void other_port(struct packet *p)
{
	size_t n;
	u8 *id = find(p, V1_PL_ID, &n);

	if (CHECK(id)) {
		id[1] = 17;
		put_unaligned_be16(501, id + 2);
	}
}

/* Y is 0: no public value. */
static void no_value(struct packet *p)
{
	size_t n;
	u8 *ke = ke_in(p, &n);

	if (ke)
		memset(ke, 0, n);
}

/*
 * Somebody who sees the first message answers it as well, with a cookie of its own; what would prove
 * it is wrong.  The right answer counts.
 */
static void other_responder(u8 exchange, u16 method, void (*deed)(struct packet *p),
			    enum isakmp_reason want)
{
	struct talk *t = by(exchange);
	struct packet p, q;

	v1_lab.methods[0] = method;
	t->a.peer.v1.methods = t->b.peer.v1.methods = BIT(IKE_V1_PSK) | BIT(IKE_V1_RSA_ENC);
	v1_lab_start(t);
	answers(&t->a);
	p = talk_take(&t->a);
	v1_lab_deliver(&t->b, &p);
	answers(&t->b);
	packet_free(&p);
	p = talk_take(&t->b);
	q = packet_copy(&p);
	q.p[V1_COOKIE_LEN] ^= 1;
	deed(&q);
	v1_lab_deliver(&t->a, &q);
	answers(&t->a);
	CHECK(t->a.refused[want] == 1 && t->a.live);
	CHECK_EQ(v1_lab_deliver(&t->a, &p), ISAKMP_OK);
	v1_lab_settle(t);
	if (exchange == V1_AGGRESSIVE)
		CHECK(t->a.ike.state == IKE_S_ESTABLISHED && t->a.xfrm && t->b.xfrm);
	else
		CHECK_REASON(t->b.dead_why, ISAKMP_R_V1_AUTH_ONLY);
	packet_free(&q);
	packet_free(&p);
	v1_lab_over(t);
}

static void test_other_responder(void)
{
	other_responder(V1_AGGRESSIVE, V1_M_PSK, as_is, ISAKMP_R_AUTH_FAILED);
	other_responder(V1_AGGRESSIVE, V1_M_PSK, no_value, ISAKMP_R_KE_VALUE);
	other_responder(V1_AGGRESSIVE, V1_M_RSA_ENC, as_is, ISAKMP_R_AUTH_FAILED);
	other_responder(V1_AGGRESSIVE, V1_M_RSA_ENC, no_value, ISAKMP_R_KE_VALUE);
	other_responder(V1_AGGRESSIVE, V1_M_PSK, other_port, ISAKMP_R_BAD_ID);
	other_responder(V1_AUTH_ONLY, V1_M_PSK, as_is, ISAKMP_R_AUTH_FAILED);
	other_responder(V1_AUTH_ONLY, V1_M_PSK, other_port, ISAKMP_R_BAD_ID);
}

/* ---- another one's public value ------------------------------------------------------ */

/* The first message of @from with a KE, of a conversation of this kind; it waits for us. */
static struct packet keyed(struct talk *t, char from, u16 method, u8 how, u16 group)
{
	struct end *e = from == 'A' ? &t->a : &t->b, *next;
	struct packet p;
	size_t n;

	v1_lab.methods[0] = method;
	t->a.peer.v1.methods = t->b.peer.v1.methods = BIT(how);
	t->a.peer.ike.n = t->b.peer.ike.n = 1;
	t->a.peer.ike.s[0].ke = t->b.peer.ike.s[0].ke = group;
	v1_lab_start(t);
	for (;;) {
		answers(&t->a);
		answers(&t->b);
		next = e->queued ? e : talk_other(e);
		p = talk_take(next);
		if (!p.n)
			talk_broken("no KE");
		if (next == e && ke_in(&p, &n))
			return p;
		v1_lab_deliver(talk_other(next), &p);
		packet_free(&p);
	}
}

/* The message with a value of somebody else: nobody believes it, and nothing of it stays. */
static void other_value(u8 exchange, char from, u16 method, u8 how, u16 group)
{
	struct talk *t = by(exchange);
	struct packet p = keyed(t, from, method, how, group), q;
	u8 value[IKE_KE_MAX], *ke;
	struct end *to;
	size_t n;

	tap_note("exchange %u, method %u, group %u", exchange, method, group);
	ke = ke_in(&p, &n);
	memcpy(value, ke, n);
	packet_free(&p);
	v1_lab_over(t);
	t = by(exchange);
	to = from == 'A' ? &t->b : &t->a;
	p = keyed(t, from, method, how, group);
	q = packet_copy(&p);
	ke = ke_in(&q, &n);
	CHECK(memcmp(ke, value, n));
	memcpy(ke, value, n);
	v1_lab_deliver(to, &q);
	answers(to);
	CHECK(to->refused[ISAKMP_R_AUTH_FAILED] == 1 && to->live);
	CHECK_EQ(v1_lab_deliver(to, &p), ISAKMP_OK);
	v1_lab_settle(t);
	CHECK(t->a.ike.state == IKE_S_ESTABLISHED && t->a.xfrm && t->b.xfrm);
	packet_free(&q);
	packet_free(&p);
	v1_lab_over(t);
}

static void test_other_value(void)
{
	static const u16 groups[] = { IKE_KE_MODP_1024, IKE_KE_ECP_256, IKE_KE_ECP_521 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		other_value(V1_AGGRESSIVE, 'B', V1_M_PSK, IKE_V1_PSK, groups[i]);
		other_value(V1_AGGRESSIVE, 'B', V1_M_RSA_SIG, IKE_V1_SIG, groups[i]);
		other_value(V1_BASE, 'A', V1_M_PSK, IKE_V1_PSK, groups[i]);
		other_value(V1_BASE, 'A', V1_M_RSA_SIG, IKE_V1_SIG, groups[i]);
	}
}

/* RFC 2409, 5: a nonce has 8 to 256 octets; more has no room. */
static void test_nonce(void)
{
	static const size_t lengths[] = { 0, 7, IKE_NONCE_MAX + 1, IKE_AUTH_MAX };
	static const u8 nonce[IKE_AUTH_MAX];
	unsigned int i, k, refused;
	struct packet p, q;
	struct v1_forge f;
	struct talk *t;
	int at;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++)
		for (k = 0; k < ARRAY_SIZE(lengths); k++) {
			t = by(exchanges[i]);
			if (exchanges[i] == V1_MAIN)
				p = keyed(t, 'A', V1_M_PSK, IKE_V1_PSK, IKE_KE_ECP_256);
			else
				p = first(t);
			v1_forge_read(&f, &t->b, &p);
			at = v1_forge_find(&f, V1_PL_NONCE);
			if (CHECK(at >= 0))
				f.b[at] = (struct v1_forge_body){ V1_PL_NONCE, nonce, lengths[k] };
			q = v1_forge_write(&f, &p.path);
			refused = t->b.refused[ISAKMP_R_BAD_NONCE];
			v1_lab_deliver(&t->b, &q);
			CHECK_EQ(t->b.refused[ISAKMP_R_BAD_NONCE], refused + 1);
			CHECK_EQ(t->b.asks, 0);
			packet_free(&q);
			packet_free(&p);
			v1_forge_free(&f);
			v1_lab_over(t);
		}
}

/* The same over port 4500, where it says nothing of NAT traversal. */
static bool silence(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct isakmp_payload pl;
	struct packet q = packet_copy(p);
	size_t at = IKE_HDR_LEN;
	u8 type = p->p[IKE_HDR_NEXT_AT], next;

	if (from->name != 'B' || nth != 1)
		goto out;
	for (; type; type = next, at += get_unaligned_be16(p->p + at + 2)) {
		next = p->p[at];
		pl = (struct isakmp_payload){ .body = p->p + at + 4,
					      .len = get_unaligned_be16(p->p + at + 2) - 4 };
		if (type == V1_PL_VENDOR && v1_vendor_bits(&pl) & V1_CAN_NATT)
			q.p[at + 4] ^= 1;
	}
	q.p[V1_COOKIE_LEN] ^= 1;
	CHECK_REASON(v1_lab_deliver(&t->a, &q), ISAKMP_R_MISSING);
out:
	packet_free(&q);
	return true;
}

static void test_silent_responder(void)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		t = by(exchanges[i]);
		t->a.path.lport = t->a.path.rport = IKE_PORT_NATT;
		t->b.path.lport = t->b.path.rport = IKE_PORT_NATT;
		v1_lab.net = silence;
		v1_lab_start(t);
		v1_lab_settle(t);
		CHECK_EQ(t->a.refused[ISAKMP_R_MISSING], 1);
		CHECK(t->a.ike.state == IKE_S_ESTABLISHED && t->a.xfrm && t->b.xfrm);
		v1_lab_over(t);
	}
}

/* Before there is a responder nothing of its is kept. */
static void test_no_responder(void)
{
	struct talk *t = v1_lab_new();
	struct packet p = first(t), q;

	q = packet_copy(&p);
	q.p[V1_COOKIE_LEN] = 1;
	q.p[18] = V1_INFORMATIONAL;
	q.p[IKE_HDR_FLAGS_AT] = V1_FLAG_ENCRYPTION;
	q.p[IKE_HDR_MSGID_AT] = 1;
	CHECK_REASON(v1_lab_deliver(&t->a, &q), ISAKMP_R_NO_LAW);
	packet_free(&q);
	packet_free(&p);
	v1_lab_over(t);
}

/* ---- offers and choices ------------------------------------------------------------- */

#define PROTOCOL_AT (IKE_HDR_LEN + 4 + 8 + 5)	/* of the first proposal; SA comes first */
#define ID_AT (IKE_HDR_LEN + 4 + 8 + 8 + 5)	/* of its first transform */
#define ATTRS_AT (IKE_HDR_LEN + 4 + 8 + 8 + 8)	/* of its first transform */

/* Attributes of the first transform, which are all in four octets; false: there is no such one. */
static bool attribute(struct packet *p, u16 type, u16 value)
{
	size_t end = ATTRS_AT - 8 + get_unaligned_be16(p->p + ATTRS_AT - 6), at;

	for (at = ATTRS_AT; at < end; at += 4) {
		if ((get_unaligned_be16(p->p + at) & 0x7fff) != type)
			continue;
		put_unaligned_be16(value, p->p + at + 2);
		return true;
	}
	return false;
}

/* An answer that chooses all that was offered. */
static struct packet all_of_it(struct talk *t, const struct packet *p)
{
	const struct v1_setup *u = v1_lab_p(&t->a)->setup;
	struct v1_forge f;
	struct packet q;

	CHECK(u->offer.n > 1);
	v1_forge_read(&f, &t->a, p);
	f.b[0].p = u->sa_i;
	f.b[0].n = u->sa_i_len;
	q = v1_forge_write(&f, &p->path);
	v1_forge_free(&f);
	return q;
}

/* What was not offered is not chosen, however little of it is different. */
static void test_choice(void)
{
	static const struct {
		u16 type, value;
	} others[] = {
		{ V1_A_ENCR, V1_ENCR_3DES }, { V1_A_HASH, V1_HASH_MD5 }, { V1_A_GROUP, 2 },
		{ V1_A_METHOD, V1_M_RSA_SIG }, { V1_A_METHOD, V1_M_XAUTH_I_PSK },
		{ V1_A_METHOD, V1_M_HYBRID_I_RSA }, { V1_A_KEY_LENGTH, 192 },
		{ V1_A_LIFE, 600 }, { V1_A_LIFE_TYPE, V1_LIFE_KILOBYTES },
	};
	struct packet p, q;
	struct talk *t;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		t = by(exchanges[i]);
		t->a.peer.life_s = t->b.peer.life_s = 3600;
		p = first(t);
		v1_lab_deliver(&t->b, &p);
		answers(&t->b);
		packet_free(&p);
		p = talk_take(&t->b);
		for (k = 0; k < ARRAY_SIZE(others); k++) {
			tap_note("exchange %u, attribute %u", exchanges[i], others[k].type);
			q = packet_copy(&p);
			CHECK(attribute(&q, others[k].type, others[k].value));
			CHECK_REASON(v1_lab_deliver(&t->a, &q), ISAKMP_R_BAD_CHOICE);
			packet_free(&q);
		}
		q = packet_copy(&p);
		q.p[PROTOCOL_AT] = V1_PROTO_IPCOMP + 1;
		CHECK_REASON(v1_lab_deliver(&t->a, &q), ISAKMP_R_BAD_CHOICE);
		packet_free(&q);
		q = packet_copy(&p);
		q.p[ID_AT]++;
		CHECK_REASON(v1_lab_deliver(&t->a, &q), ISAKMP_R_BAD_CHOICE);
		packet_free(&q);
		q = all_of_it(t, &p);
		CHECK_REASON(v1_lab_deliver(&t->a, &q), ISAKMP_R_BAD_CHOICE);
		packet_free(&q);
		CHECK_EQ(v1_lab_deliver(&t->a, &p), ISAKMP_OK);
		packet_free(&p);
		v1_lab_settle(t);
		v1_lab_over(t);
	}
}

/* Nor is what the exchange does not have, or is no offer of an ISAKMP SA. */
static void test_offer(void)
{
	struct packet p, q;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		t = by(exchanges[i]);
		t->b.peer.v1.methods = BIT(IKE_V1_PSK) | BIT(IKE_V1_RSA_ENC) | BIT(IKE_V1_RSA_REV);
		t->a.peer.ike.n = 1;
		p = first(t);
		q = packet_copy(&p);
		q.p[PROTOCOL_AT] = V1_PROTO_IPCOMP + 1;
		v1_lab_deliver(&t->b, &q);
		CHECK_REASON(t->b.dead_why, ISAKMP_R_NO_PROPOSAL);
		packet_free(&q);
		if (exchanges[i] == V1_BASE || exchanges[i] == V1_AUTH_ONLY) {
			t->b.dead_why = ISAKMP_OK;
			CHECK(attribute(&p, V1_A_METHOD, V1_M_RSA_ENC));
			v1_lab_deliver(&t->b, &p);
			CHECK_REASON(t->b.dead_why, ISAKMP_R_NO_PROPOSAL);
			CHECK(!t->b.live && !t->b.asks);
		}
		packet_free(&p);
		v1_lab_over(t);
	}
}

/* What the operator has not named is not offered, whatever the helper could do. */
static void test_methods(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.methods[0] = V1_M_RSA_ENC;
	v1_lab.methods[1] = V1_M_PSK;
	v1_lab.n_methods = 2;
	t->a.peer.v1.methods = BIT(IKE_V1_PSK);
	v1_lab_up(t);
	CHECK_EQ(v1_lab_p(&t->a)->method, V1_M_PSK);
	v1_lab_over(t);
	t = v1_lab_new();
	v1_lab.methods[0] = V1_M_RSA_ENC;
	t->a.peer.v1.methods = BIT(IKE_V1_PSK);
	t->b.peer.v1.methods = BIT(IKE_V1_RSA_ENC);
	v1_lab_start(t);
	CHECK_REASON(v1_lab_answer(&t->a), ISAKMP_R_HELPER_ERROR);
	CHECK_EQ(t->a.sent, 0);
	v1_lab_over(t);
}

int main(void)
{
	TAP_RUN(test_version_2, "version 1 where nobody speaks it");
	TAP_RUN(test_half_open, "half-open: over in time (threat 50)");
	TAP_RUN(test_later_each_time, "nobody answers: later each time");
	TAP_RUN(test_again, "the same again and again: answered at a limited rate (threat 72)");
	TAP_RUN(test_other_responder, "another responder is faster");
	TAP_RUN(test_other_value, "a public value of somebody else: nothing of it stays");
	TAP_RUN(test_nonce, "nonces that are too short, or too long (RFC 2409, 5)");
	TAP_RUN(test_silent_responder, "another responder takes NAT traversal away");
	TAP_RUN(test_no_responder, "before a responder is known nothing of its is kept");
	TAP_RUN(test_choice, "a choice that was not offered");
	TAP_RUN(test_offer, "an offer of what the exchange does not have, or of something else");
	TAP_RUN(test_methods, "methods that the operator has not named are not offered");
	return tap_done();
}
