// SPDX-License-Identifier: GPL-2.0
/* NAT traversal of version 1 (RFC 3947 and its drafts). */
#include "v1/phase2.h"
#include "v1_nat.h"

static void test_none(void)
{
	struct talk *t = v1_lab_up(mode(V1_MAIN));

	check_encap(t, false);
	CHECK(!t->a.ike.nat_local && !t->a.ike.nat_remote);
	CHECK(!t->b.ike.nat_local && !t->b.ike.nat_remote);
	CHECK_EQ(t->a.ike.keepalive_at, IKE_NEVER);
	v1_lab_over(t);
}

static void test_initiator(void)
{
	static const u8 modes[] = { V1_MAIN, V1_AGGRESSIVE, V1_BASE };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		tap_note("exchange %u", modes[i]);
		t = mode(modes[i]);
		t->a.nat = nat;
		v1_lab_up(t);
		check_encap(t, true);
		CHECK(t->a.ike.nat_local && !t->a.ike.nat_remote);
		CHECK(!t->b.ike.nat_local && t->b.ike.nat_remote);
		CHECK_EQ(t->b.ike.path.rport, 1025);
		CHECK(isakmp_addr_equal(&t->b.ike.path.remote, &nat.outer));
		CHECK(t->a.ike.keepalive_at != IKE_NEVER);
		CHECK_EQ(t->b.ike.keepalive_at, IKE_NEVER);
		v1_lab_over(t);
	}
}

/* The operator wants ESP in UDP: the peer has to believe that there is a NAT. */
static void test_forced(void)
{
	struct talk *t = mode(V1_MAIN);

	t->a.peer.encap = true;
	v1_lab_up(t);
	check_encap(t, true);
	CHECK(t->b.ike.nat_remote);
	v1_lab_over(t);
}

/* Takes the vendor IDs of the better kinds out of the first message of either end. */
static unsigned int hide;

static bool older(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	static const enum v1_can kinds[] = { V1_CAN_NATT_RFC, V1_CAN_NATT_03, V1_CAN_NATT_02 };
	struct isakmp_out o;
	unsigned int i;
	u8 id[32];
	size_t at;

	for (i = 0; nth == 1 && i < hide; i++) {
		isakmp_out_init(&o, id, sizeof(id));
		v1_vendor_encode(&o, kinds[i]);
		for (at = 0; at + o.len <= p->n; at++)
			if (!memcmp(p->p + at, id, o.len))
				p->p[at] ^= 1;
	}
	return true;
}

static void test_drafts(void)
{
	struct talk *t;

	for (hide = 1; hide <= 3; hide++) {
		tap_note("%u hidden", hide);
		t = mode(V1_MAIN);
		t->a.nat = nat;
		v1_lab.net = older;
		v1_lab_up(t);
		check_encap(t, true);
		CHECK_EQ(v1_lab_p(&t->a)->natt, BIT(V1_CAN_NATT_RFC + hide));
		CHECK_EQ(v1_lab_p(&t->b)->natt, BIT(V1_CAN_NATT_RFC + hide));
		v1_lab_over(t);
	}
}

/* The NAT forgets: what is authentic comes from elsewhere, and goes there from then on. */
static void test_rebound(void)
{
	struct talk *t = mode(V1_MAIN);

	t->a.nat = nat;
	v1_lab_up(t);
	t->a.nat.port[1] = 2000;
	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	v1_lab_settle(t);
	CHECK_EQ(t->b.ike.path.rport, 2000);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK(t->a.installs == 2 && t->b.installs == 2);
	v1_lab_over(t);
}

/* Before XAUTH is over many may say it: it moves nothing. */
static void test_rebound_early(void)
{
	struct talk *t = mode(V1_MAIN);

	t->a.nat = nat;
	v1_lab_up(t);
	t->a.nat.port[1] = 2000;
	v1_lab_p(&t->b)->state = V1_P1_XAUTH;
	talk_do(&t->a, IKE_EV_CHECK, 0);
	CHECK_EQ(v1_lab_pass(&t->a), ISAKMP_OK);
	CHECK(t->b.ike.path.rport != 2000);
	v1_lab_p(&t->b)->state = V1_P1_UP;
	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	CHECK_EQ(v1_lab_pass(&t->a), ISAKMP_OK);
	CHECK_EQ(t->b.ike.path.rport, 2000);
	v1_lab_over(t);
}

/* Without a NAT the peer is where it was: what comes from elsewhere is a copy. */
static void test_copied(void)
{
	struct talk *t = v1_lab_up(mode(V1_MAIN));
	struct isakmp_path path = t->b.ike.path, was = path;
	struct packet p;

	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	p = talk_take(&t->a);
	path.remote.a[3] = 99;
	talk_deliver_on(&t->b, &p, &path);
	packet_free(&p);
	CHECK(isakmp_path_equal(&t->b.ike.path, &was));
	/* Who has asked is answered there */
	p = talk_take(&t->b);
	CHECK(p.n && isakmp_addr_equal(&p.path.remote, &path.remote));
	packet_free(&p);
	talk_flush(&t->b);
	v1_lab_over(t);
}

/*
 * Headers are in the clear: a Quick Mode said to be an Informational has the right HASH(1), and
 * its message ID stays free.  Nobody moves by what can be said again and again.
 */
static void test_disguised(void)
{
	struct talk *t = mode(V1_MAIN);
	struct isakmp_path path, was;
	struct packet p;

	t->a.nat = nat;
	v1_lab_up(t);
	path = was = t->b.ike.path;
	path.rport = 3000;
	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	p = talk_take(&t->a);
	CHECK_EQ(p.p[18], V1_QUICK);
	p.p[18] = V1_INFORMATIONAL;
	CHECK_REASON(talk_deliver_on(&t->b, &p, &path), ISAKMP_R_UNEXPECTED);
	CHECK(isakmp_path_equal(&t->b.ike.path, &was));
	packet_free(&p);
	v1_lab_over(t);
}

/* ---- damage: no HASH covers vendor IDs and NAT-D ------------------------------------ */

static unsigned int harm_from, harm_nth;

static bool is_harmed(const struct end *from, unsigned int nth)
{
	return (from->name == 'B') == harm_from && nth == harm_nth;
}

/* No kind of NAT traversal is left in it. */
static bool silence(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	static const u8 newline[] = { 0x90, 0xcb, 0x80, 0x91, 0x3e, 0xbb, 0x69, 0x6e };
	size_t at;

	if (!is_harmed(from, nth))
		return true;
	hide = 3;
	older(t, from, 1, p);
	for (at = 0; at + sizeof(newline) <= p->n; at++)
		if (!memcmp(p->p + at, newline, sizeof(newline)))
			p->p[at] ^= 1;
	return true;
}

/* Over port 4500 both say that they speak it (RFC 3947, 4): else somebody has taken it out. */
static void test_silenced(void)
{
	static const u8 modes[] = { V1_MAIN, V1_AGGRESSIVE, V1_BASE };
	struct talk *t;
	unsigned int i;

	v1_lab.net = NULL;
	for (i = 0; i < 2 * ARRAY_SIZE(modes); i++) {
		tap_note("exchange %u, message %u", modes[i / 2], 1 + i % 2);
		t = mode(modes[i / 2]);
		t->a.nat = nat;
		t->a.path.lport = t->a.path.rport = IKE_PORT_NATT;
		t->b.path.lport = IKE_PORT_NATT;
		v1_lab.net = silence;
		harm_from = i % 2;
		harm_nth = 1;
		v1_lab_start(t);
		v1_lab_settle(t);
		CHECK_EQ(t->a.refused[ISAKMP_R_MISSING], harm_from);
		CHECK_EQ(t->b.refused[ISAKMP_R_MISSING], !harm_from);
		v1_lab_let_pass(t, 10000);
		CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
		check_encap(t, true);
		v1_lab_over(t);
	}
}

/* Without the first of two NAT-D, which end the message. */
static bool halve(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	static const u8 len = 36;

	if (!is_harmed(from, nth))
		return true;
	memmove(p->p + p->n - 2 * len, p->p + p->n - len, len);
	p->n -= len;
	put_unaligned_be32((u32)p->n, p->p + 24);
	return true;
}

/* Half of what NAT detection needs is none of it: the message comes again. */
static void test_halved(void)
{
	struct talk *t;

	for (harm_from = 0; harm_from < 2; harm_from++) {
		tap_note("message %u", 3 + harm_from);
		t = mode(V1_MAIN);
		t->a.nat = nat;
		v1_lab.net = halve;
		harm_nth = 2;
		v1_lab_start(t);
		v1_lab_settle(t);
		CHECK_EQ(t->a.refused[ISAKMP_R_MISSING], harm_from);
		CHECK_EQ(t->b.refused[ISAKMP_R_MISSING], !harm_from);
		v1_lab_let_pass(t, 10000);
		check_encap(t, true);
		v1_lab_over(t);
	}
}

/* Message 4 says that there is a NAT, and there is none. */
static bool invent(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if (is_harmed(from, nth))
		p->p[p->n - 1] ^= 1;
	return true;
}

/* The initiator alone sees a NAT, and changes ports: the responder does as well. */
static void test_invented(void)
{
	struct talk *t = mode(V1_MAIN);

	v1_lab.net = invent;
	harm_from = 1;
	harm_nth = 2;
	v1_lab_up(t);
	CHECK(t->a.ike.nat_remote && !t->b.ike.nat_remote && !t->b.ike.nat_local);
	check_encap(t, true);
	v1_lab_over(t);
}

/* Message 3 of Base Mode says where it comes from, before HASH, which is not about that. */
static bool invent_base(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if (is_harmed(from, nth))
		p->p[p->n - 36 - 1] ^= 1;
	return true;
}

/* The responder of Base Mode alone sees a NAT: the initiator stays where it is, and so it has none. */
static void test_invented_base(void)
{
	struct talk *t = mode(V1_BASE);

	v1_lab.net = invent_base;
	harm_from = 0;
	harm_nth = 2;
	v1_lab_start(t);
	v1_lab_settle(t);
	CHECK(t->b.ike.nat_remote && !t->a.ike.nat_local);
	check_encap(t, false);
	CHECK(t->b.xfrm && !t->b.xfrm->encap);
	v1_lab_over(t);
}

static struct packet fourth;

/* Message 5 is lost; message 4 is kept. */
static bool no_fifth(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if (from->name == 'B' && nth == 2)
		fourth = packet_copy(p);
	return from->name == 'B' || nth != 3;
}

/* RFC 3947, 4: "All subsequent packets ... MUST be sent on port 4500", repeated ones as well. */
static void test_repeated(void)
{
	struct talk *t = mode(V1_MAIN);

	t->a.nat = nat;
	v1_lab.net = no_fifth;
	v1_lab_start(t);
	v1_lab_settle(t);
	CHECK_EQ(t->b.ike.state, IKE_S_V1);
	CHECK_EQ(v1_lab_deliver(&t->a, &fourth), ISAKMP_OK);
	v1_lab_settle(t);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	check_encap(t, true);
	packet_free(&fourth);
	v1_lab_over(t);
}

static struct isakmp_path last_way;

static bool note_way(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if (from == &t->b)
		last_way = p->path;
	return true;
}

/* Who is refused by message 5 hears it where that came from: nobody listens at the old port. */
static void test_refused(void)
{
	struct talk *t = mode(V1_MAIN);

	t->a.nat = nat;
	v1_lab.net = note_way;
	v1_lab.refuse[IKE_ASK_R_AUTH] = ISAKMP_R_NO_IDENTITY;
	v1_lab_start(t);
	v1_lab_settle(t);
	CHECK(!t->b.live || t->b.ike.state == IKE_S_DEAD);
	CHECK_EQ(t->b.sent, 3);
	CHECK_EQ(last_way.lport, IKE_PORT_NATT);
	CHECK_EQ(last_way.rport, 1025);
	v1_lab_over(t);
}

/* ---- original addresses where none belong --------------------------------------------- */

static struct {
	char from;
	unsigned int nth;
	u8 type;
	bool done;
} oa;

/* One more payload behind the others: of a message in the clear. */
static void append(struct packet *p, u8 type)
{
	static const u8 body[] = { V1_ID_IPV4, 0, 0, 0, 10, 1, 0, 1 };
	size_t n = p->n + 4 + sizeof(body), at = 16, next = IKE_HDR_LEN;
	u8 *longer = calloc(1, n);

	memcpy(longer, p->p, p->n);
	while (longer[at]) {
		at = next;
		next += get_unaligned_be16(longer + at + 2);
	}
	longer[at] = type;
	put_unaligned_be16((u16)(4 + sizeof(body)), longer + p->n + 2);
	memcpy(longer + p->n + 4, body, sizeof(body));
	put_unaligned_be32((u32)n, longer + 24);
	free(p->p);
	p->p = longer;
	p->n = n;
}

static bool with_oa(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if (from->name == oa.from && nth == oa.nth) {
		append(p, oa.type);
		oa.done = true;
	}
	return true;
}

/* In phase 1 it is refused, whatever the peer has said that it speaks, and nothing is changed. */
static void test_oa_phase1(void)
{
	static const u8 types[] = { V1_PL_NAT_OA, V1_PL_NAT_OA_DRAFT };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 8; i++) {
		oa.from = i & 1 ? 'B' : 'A';
		oa.nth = 1 + (i & 3) / 2;
		oa.type = types[i / 4];
		oa.done = false;
		tap_note("%c's message %u, type %u", oa.from, oa.nth, oa.type);
		t = mode(V1_MAIN);
		v1_lab.net = with_oa;
		v1_lab_start(t);
		v1_lab_let_pass(t, 60000);
		CHECK(oa.done);
		CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
		CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
		CHECK(t->a.refusals + t->b.refusals > 0);
		CHECK(!t->a.ike.encap && !t->b.ike.encap);
		v1_lab_over(t);
	}
}

static void nothing(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x, u64 now)
{
}

static void no_body(struct ike_sa *sa, struct v1_exchange *x)
{
}

static const struct v1_exchange_ops by_hand = {
	.type = V1_QUICK, .lost = nothing, .free = no_body,
};

/* Message 1 of a Quick Mode of A as ever, and original addresses. */
static void say_quick(struct talk *t)
{
	struct v1_exchange *x = v1_exchange_new(&t->a.ike, t->a.ike.ep, &by_hand, 0, t->now);
	const struct ike_child *c = talk_child(&t->a);
	struct v1_pair pair = { c->local[0], c->remote[0] };
	struct v1_msg m;

	CHECK_EQ(v1_msg_begin(&t->a.ike, t->a.ike.ep, x, &m, V1_QUICK, V1_H_1), ISAKMP_OK);
	v1_offer_add(&t->a.ike, c, IKE_KE_NONE, &m);
	v1_msg_bytes(&m, V1_PL_NONCE, (const u8 *)"a nonce of 24 octets, no", 24);
	CHECK(v1_pair_add(&pair, true, &m));
	v1_nat_oa_add(&t->a.ike, &m, true);
	v1_nat_oa_add(&t->a.ike, &m, false);
	CHECK_EQ(v1_talk_say(&t->a.ike, &m, &x->talk, NULL, false, t->now), ISAKMP_OK);
}

/* In a Quick Mode without a NAT, for a tunnel, they say nothing, however many. */
static void test_oa_quick(void)
{
	struct talk *t = v1_lab_up(mode(V1_MAIN));
	struct isakmp_path path = t->b.ike.path;
	unsigned int installs = t->b.installs;

	t->liar = true;
	say_quick(t);
	CHECK_EQ(v1_lab_pass(&t->a), ISAKMP_OK);
	CHECK_EQ(t->b.installs, installs + 1);
	CHECK(!t->b.last.encap && t->b.last.mode == IKE_MODE_TUNNEL);
	CHECK_MEM(&t->b.ike.path, &path, sizeof(path));
	CHECK_MEM(&t->b.last.path.remote, &path.remote, sizeof(path.remote));
	v1_lab_over(t);
}

/* Anywhere else in phase 2 it is refused. */
static void test_oa_info(void)
{
	struct talk *t = v1_lab_up(mode(V1_MAIN));
	struct v1_msg m;

	CHECK_EQ(v1_msg_begin(&t->a.ike, t->a.ike.ep, NULL, &m, V1_INFORMATIONAL, V1_H_1),
		 ISAKMP_OK);
	v1_nat_oa_add(&t->a.ike, &m, true);
	CHECK_EQ(v1_say_once(&t->a.ike, &m), ISAKMP_OK);
	CHECK_REASON(v1_lab_pass(&t->a), ISAKMP_R_UNEXPECTED);
	CHECK(t->b.xfrm && t->b.ike.state == IKE_S_ESTABLISHED);
	v1_lab_over(t);
}

/* Message 5 comes from somewhere else, and there is no NAT: somebody has copied it. */
static void test_copied_fifth(void)
{
	struct talk *t = mode(V1_MAIN);
	struct isakmp_path path, was;
	struct packet p;

	v1_lab_start(t);
	while (t->a.sent < 3)
		v1_lab_step(t);
	p = talk_take(&t->a);
	path = was = t->b.ike.path;
	path.remote.a[3] = 99;
	talk_deliver_on(&t->b, &p, &path);
	while (t->b.asking)
		v1_lab_answer(&t->b);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	CHECK(isakmp_path_equal(&t->b.ike.path, &was));
	packet_free(&p);
	talk_flush(&t->b);
	v1_lab_over(t);
}

/* Before XAUTH is over it may be anybody who has the same secret: nobody is followed. */
static void test_before_xauth(void)
{
	struct talk *t = v1_lab_new_xauth();
	struct isakmp_path path, was;
	struct packet p;

	t->a.nat = nat;
	v1_lab_start(t);
	while (!(t->a.queued && t->a.queue[0].p[18] == V1_TRANSACTION))
		v1_lab_step(t);
	CHECK_EQ(v1_lab_p(&t->b)->state, V1_P1_XAUTH);
	p = talk_take(&t->a);
	path = was = t->b.ike.path;
	path.rport = 3000;
	CHECK_EQ(talk_deliver_on(&t->b, &p, &path), ISAKMP_OK);
	CHECK(isakmp_path_equal(&t->b.ike.path, &was));
	packet_free(&p);
	v1_lab_settle(t);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	v1_lab_over(t);
}

/* After Base Mode the initiator goes on over port 4500: it, and nobody else there. */
static void test_copied_base(void)
{
	struct talk *t = mode(V1_BASE);
	struct isakmp_path path, was;
	struct packet p;

	t->b.peer.encap = true;
	v1_lab_start(t);
	while (!(t->a.ike.state == IKE_S_ESTABLISHED && t->a.queued))
		v1_lab_step(t);
	CHECK(t->b.ike.encap && !t->b.ike.nat_remote && t->b.ike.path.lport != IKE_PORT_NATT);
	p = talk_take(&t->a);
	path = was = t->b.ike.path;
	path.lport = path.rport = IKE_PORT_NATT;
	path.remote.a[3] = 99;
	talk_deliver_on(&t->b, &p, &path);
	CHECK(isakmp_path_equal(&t->b.ike.path, &was));
	packet_free(&p);
	talk_flush(&t->a);
	talk_flush(&t->b);
	v1_lab_over(t);
}

/* ESP comes from a new port: believed so often, and of the same family. */
static void test_mapping(void)
{
	struct talk *t = mode(V1_MAIN);
	struct ike_event ev = { .type = IKE_EV_MAPPING };
	struct isakmp_path was;

	t->a.nat = nat;
	v1_lab_up(t);
	was = t->b.ike.path;
	ev.path = was;
	ev.path.remote.family = 6;
	talk_event(&t->b, &ev);
	CHECK(isakmp_path_equal(&t->b.ike.path, &was));
	ev.path = was;
	ev.path.rport = 3000;
	talk_event(&t->b, &ev);
	CHECK_EQ(t->b.ike.path.rport, 3000);
	ev.path.rport = 3001;
	talk_event(&t->b, &ev);
	CHECK_EQ(t->b.ike.path.rport, 3000);
	v1_lab_let_pass(t, IKE_PROBE_MS);
	talk_event(&t->b, &ev);
	CHECK_EQ(t->b.ike.path.rport, 3001);
	v1_lab_over(t);
}

/* NAT-D as on the wire: HASH(CKY-I | CKY-R | IP | Port), there first; 20, or 130 in the drafts. */
static unsigned int seen;

static bool on_the_wire(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	u8 want = hide ? V1_PL_NAT_D_DRAFT : V1_PL_NAT_D, type = p->p[IKE_HDR_NEXT_AT];
	const struct isakmp_path *path = &from->path;
	const u16 prf = from->ike.ep->suite.prf;
	size_t at = IKE_HDR_LEN;
	unsigned int n = 0;
	u8 port[2], hash[64];

	if (!older(t, from, nth, p) || p->p[IKE_HDR_FLAGS_AT] & V1_FLAG_ENCRYPTION)
		return true;
	while (type) {
		const struct isakmp_addr *a = n ? &path->local : &path->remote;
		const struct ike_span v[] = { { p->p, 2 * V1_COOKIE_LEN }, { a->a, 4 }, { port, 2 } };

		put_unaligned_be16(n ? path->lport : path->rport, port);
		if (type == want && CHECK_EQ(isakmp_hash(prf, v, ARRAY_SIZE(v), hash), 0)) {
			CHECK_MEM(p->p + at + 4, hash, isakmp_prf_len(prf));
			n++;
			seen++;
		}
		type = p->p[at];
		at += get_unaligned_be16(p->p + at + 2);
	}
	return true;
}

static void test_wire(void)
{
	struct talk *t;

	for (hide = 0; hide <= 2; hide += 2) {
		tap_note("%u hidden", hide);
		seen = 0;
		t = mode(V1_MAIN);
		v1_lab.net = on_the_wire;
		v1_lab_up(t);
		CHECK_EQ(seen, 4);
		v1_lab_over(t);
	}
	hide = 0;
}

int main(void)
{
	TAP_RUN(test_none, "no NAT: ports and ESP as they are");
	TAP_RUN(test_initiator, "the initiator is behind a NAT (RFC 3947, 4)");
	TAP_RUN(test_forced, "ESP in UDP as the operator wants it");
	TAP_RUN(test_drafts, "drafts 03 and 02");
	TAP_RUN(test_wire, "NAT-D as RFC 3947, 3.2 has it");
	TAP_RUN(test_rebound, "the NAT forgets a mapping");
	TAP_RUN(test_rebound_early, "a NAT forgets before XAUTH is over");
	TAP_RUN(test_copied, "without a NAT nobody moves");
	TAP_RUN(test_disguised, "nor by a message in another one's clothes");
	TAP_RUN(test_silenced, "over port 4500 without NAT traversal: somebody took it out (RFC 3947, 4)");
	TAP_RUN(test_halved, "one NAT-D instead of two");
	TAP_RUN(test_invented, "one end alone sees a NAT");
	TAP_RUN(test_invented_base, "the responder of Base Mode alone sees a NAT");
	TAP_RUN(test_copied_fifth, "nor by the last message of phase 1 from elsewhere");
	TAP_RUN(test_copied_base, "nor after Base Mode");
	TAP_RUN(test_before_xauth, "nor before XAUTH is over");
	TAP_RUN(test_mapping, "a new port of ESP: at a limited rate");
	TAP_RUN(test_repeated, "message 5 again, over the new port (RFC 3947, 4)");
	TAP_RUN(test_refused, "a refusal goes where message 5 came from");
	TAP_RUN(test_oa_phase1, "an original address in phase 1 (threat 43)");
	TAP_RUN(test_oa_quick, "original addresses in a Quick Mode without a NAT (threat 43)");
	TAP_RUN(test_oa_info, "an original address in an Informational (threat 43)");
	return tap_done();
}
