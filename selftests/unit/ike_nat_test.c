// SPDX-License-Identifier: GPL-2.0
/* NAT detection, port 4500, probes, keepalives (RFC 7296, 2.23; RFC 3948). */
#include "talk.h"

#define V4(...) ((struct isakmp_addr){ 4, { __VA_ARGS__ } })
#define V6(last) ((struct isakmp_addr){ 6, { 0x20, 1, 0xd, 0xb8, [15] = last } })

enum { NAT_A = 1, NAT_B = 2, IPV6 = 4, ENCAP_A = 8, ENCAP_B = 16, ON_4500 = 32 };

static void put_nat(struct end *e, struct end *o, bool v6)
{
	e->nat.on = true;
	e->nat.outer = v6 ? V6(0x80 + e->name) : V4(198, 51, 100, (u8)e->name);
	e->nat.port[0] = 31000 + e->name;
	e->nat.port[1] = 32000 + e->name;
	o->path.remote = e->nat.outer;
}

static struct talk *talk_with(unsigned int how)
{
	struct talk *t = talk_new();

	if (how & IPV6) {
		t->a.path.local = t->b.path.remote = V6(1);
		t->b.path.local = t->a.path.remote = V6(2);
	}
	if (how & ON_4500)
		t->a.path.lport = t->a.path.rport = IKE_PORT_NATT;
	if (how & NAT_A)
		put_nat(&t->a, &t->b, how & IPV6);
	if (how & NAT_B) {
		put_nat(&t->b, &t->a, how & IPV6);
		/* It forwards what comes to it, else nobody could begin */
		t->b.nat.port[0] = 500;
		t->b.nat.port[1] = IKE_PORT_NATT;
	}
	t->a.peer.encap = how & ENCAP_A;
	t->b.peer.encap = how & ENCAP_B;
	return t;
}

/* Where each end is, as the other one must address it. */
static void check_paths(const struct talk *t, u16 port)
{
	const struct isakmp_path *a = &t->a.ike.path, *b = &t->b.ike.path;
	struct isakmp_path seen;

	CHECK_EQ(a->lport, port);
	CHECK_EQ(b->lport, port);
	CHECK(talk_way(&t->b, a, &seen) && isakmp_path_equal(&seen, b));
	CHECK(talk_way(&t->a, b, &seen) && isakmp_path_equal(&seen, a));
	CHECK(isakmp_path_equal(&t->a.xfrm->path, a));
	CHECK(isakmp_path_equal(&t->b.xfrm->path, b));
}

/* ---- detection --------------------------------------------------------------- */

static void test_matrix(void)
{
	unsigned int how;
	struct talk *t;
	bool encap;

	for (how = 0; how < 64; how++) {
		tap_note("case %#x", how);
		t = talk_with(how);
		talk_open_a(t);
		talk_do(&t->a, IKE_EV_START, 0);
		talk_settle(t);
		encap = how & (NAT_A | NAT_B | ENCAP_A | ENCAP_B);
		if (!CHECK(t->a.xfrm && t->b.xfrm)) {
			talk_over(t);
			continue;
		}
		/* Who asks for encapsulation without a NAT looks as if behind one */
		CHECK_EQ(t->a.ike.nat_local, !!(how & NAT_A));
		CHECK_EQ(t->b.ike.nat_local, !!(how & NAT_B));
		CHECK_EQ(t->a.ike.nat_remote, !!(how & (NAT_B | ENCAP_B)));
		CHECK_EQ(t->b.ike.nat_remote, !!(how & (NAT_A | ENCAP_A)));
		CHECK_EQ(t->a.ike.encap, encap);
		CHECK_EQ(t->b.ike.encap, encap);
		CHECK_EQ(t->a.xfrm->encap, encap);
		check_paths(t, encap || how & ON_4500 ? IKE_PORT_NATT : 500);
		CHECK_EQ(t->a.ike.keepalive_at != IKE_NEVER, !!(how & NAT_A));
		CHECK_EQ(t->b.ike.keepalive_at != IKE_NEVER, !!(how & NAT_B));
		talk_over(t);
	}
}

static int find_notify(const struct message *m, u16 type)
{
	unsigned int i;

	for (i = 0; i < m->n; i++)
		if (m->b[i].type == IKE_PL_NOTIFY &&
		    get_unaligned_be16(m->b[i].p + 2) == type)
			return (int)i;
	return -1;
}

/* The octets, worked out here: SHA-1(SPIi | SPIr | address | port). */
static void check_digest(const struct message *m, u16 type, const struct isakmp_addr *addr,
			 u16 port)
{
	u8 in[34], want[20];
	struct ike_span v = { in, 18 + isakmp_addr_len(addr) };
	int at = find_notify(m, type);

	put_unaligned_be64(m->h.spi_i, in);
	put_unaligned_be64(m->h.spi_r, in + 8);
	memcpy(in + 16, addr->a, isakmp_addr_len(addr));
	put_unaligned_be16(port, in + 16 + isakmp_addr_len(addr));
	CHECK(!isakmp_sha1(&v, 1, want));
	if (CHECK(at >= 0) && CHECK_EQ(m->b[at].n, 24))
		CHECK_MEM(m->b[at].p + 4, want, 20);
}

static void test_octets(void)
{
	struct packet p;
	struct message m;
	struct talk *t;
	unsigned int v6;

	for (v6 = 0; v6 <= IPV6; v6 += IPV6) {
		t = talk_with(v6);
		talk_advance(t, TALK_INIT);
		p = packet_copy(&t->a.queue[0]);
		message_read(&m, &t->a, &p);
		check_digest(&m, IKE_N_NAT_DETECTION_SOURCE_IP, &t->a.path.local, 500);
		check_digest(&m, IKE_N_NAT_DETECTION_DESTINATION_IP, &t->a.path.remote, 500);
		/* "just after the Ni and Nr payloads" */
		CHECK_EQ(find_notify(&m, IKE_N_NAT_DETECTION_SOURCE_IP),
			 message_find(&m, IKE_PL_NONCE) + 1);
		message_free(&m);
		packet_free(&p);
		talk_advance(t, TALK_INIT_ANSWERED);
		message_read(&m, &t->b, &t->b.stored);
		check_digest(&m, IKE_N_NAT_DETECTION_SOURCE_IP, &t->b.path.local, 500);
		check_digest(&m, IKE_N_NAT_DETECTION_DESTINATION_IP, &t->b.path.remote, 500);
		message_free(&m);
		talk_over(t);
	}
}

/* Several SOURCE_IP: one that fits is enough. */
static void test_several(void)
{
	struct talk *t = talk_with(0);
	u8 wrong[24] = { 0, 0, 0x40, 0x04 };
	struct message m;
	struct packet p;
	int at;

	talk_advance(t, TALK_INIT);
	p = talk_take(&t->a);
	message_read(&m, &t->a, &p);
	at = find_notify(&m, IKE_N_NAT_DETECTION_SOURCE_IP);
	message_insert(&m, (unsigned int)at, (struct body){ IKE_PL_NOTIFY, false, wrong, 24 });
	message_add(&m, IKE_PL_NOTIFY, wrong, 24);
	CHECK_EQ(message_deliver(&m, &t->a), ISAKMP_OK);
	CHECK(!t->b.ike.nat_remote && !t->b.ike.nat_local && !t->b.ike.encap);
	talk_over(t);

	t = talk_with(0);
	talk_advance(t, TALK_INIT);
	talk_flush(&t->a);
	message_read(&m, &t->a, &p);
	m.b[at] = (struct body){ IKE_PL_NOTIFY, false, wrong, 24 };
	message_add(&m, IKE_PL_NOTIFY, wrong, 24);
	m.h.spi_i = t->a.ike.ep->spi_i;
	CHECK_EQ(message_deliver(&m, &t->a), ISAKMP_OK);
	CHECK(t->b.ike.nat_remote && t->b.ike.encap);
	packet_free(&p);
	talk_over(t);
}

/* A peer that does not speak of NATs: nothing moves, whatever we want. */
static void test_not_spoken(void)
{
	struct talk *t = talk_with(NAT_A | ENCAP_B);
	struct message m;
	struct packet p;
	unsigned int i;

	talk_advance(t, TALK_INIT);
	p = talk_take(&t->a);
	message_read(&m, &t->a, &p);
	for (i = 0; i < 2; i++)
		message_drop(&m, (unsigned int)find_notify(&m, i ?
			     IKE_N_NAT_DETECTION_SOURCE_IP :
			     IKE_N_NAT_DETECTION_DESTINATION_IP));
	CHECK_EQ(message_deliver(&m, &t->a), ISAKMP_OK);
	CHECK(!t->b.ike.nat_remote && !t->b.ike.nat_local && !t->b.ike.encap);
	packet_free(&p);
	talk_over(t);
}

/* With a cookie the first message is the same, faked digest and all. */
static void test_fake_again(void)
{
	struct talk *t = talk_with(ENCAP_A);
	struct message m, again;
	struct packet p;
	unsigned int i;

	talk_advance(t, TALK_INIT);
	p = talk_take(&t->a);
	message_read(&m, &t->a, &p);
	packet_free(&p);
	message_new(&again, &t->b, IKE_SA_INIT, IKE_RESPONSE, 0);
	again.h.spi_i = t->a.ike.ep->spi_i;
	again.h.flags = IKE_FLAG_RESPONSE;
	message_add(&again, IKE_PL_NOTIFY, "\0\0\x40\x06" "cookie", 10);
	CHECK_EQ(message_deliver(&again, &t->b), ISAKMP_OK);
	p = talk_take(&t->a);
	message_read(&again, &t->a, &p);
	packet_free(&p);
	CHECK_EQ(again.n, m.n + 1);
	for (i = 0; i < m.n; i++)
		if (CHECK_EQ(again.b[i + 1].n, m.b[i].n))
			CHECK_MEM(again.b[i + 1].p, m.b[i].p, m.b[i].n);
	message_free(&m);
	message_free(&again);
	talk_over(t);
}

/* ---- the responder follows ------------------------------------------------------- */

/* Only a message that proves itself moves it, and none to a strange address. */
static void test_follow(void)
{
	struct talk *t = talk_with(NAT_A);
	struct isakmp_path before, other;
	struct packet p, junk;

	talk_advance(t, TALK_AUTH);
	before = t->b.ike.path;
	CHECK_EQ(before.rport, t->a.nat.port[0]);
	p = talk_take(&t->a);
	CHECK_EQ(p.path.lport, IKE_PORT_NATT);
	CHECK_EQ(p.path.rport, IKE_PORT_NATT);
	junk = packet_copy(&p);
	junk.p[junk.n - 1] ^= 1;
	CHECK_REASON(talk_deliver(&t->b, &junk), ISAKMP_R_ICV);
	CHECK(isakmp_path_equal(&t->b.ike.path, &before));
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	CHECK_EQ(t->b.ike.path.lport, IKE_PORT_NATT);
	CHECK_EQ(t->b.ike.path.rport, t->a.nat.port[1]);
	packet_free(&p);
	packet_free(&junk);
	talk_settle(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);

	/* No NAT was seen: who comes from elsewhere is answered there, no more */
	t = talk_with(0);
	talk_advance(t, TALK_AUTH);
	p = talk_take(&t->a);
	other = t->b.path;
	other.remote = V4(203, 0, 113, 9);
	CHECK_EQ(talk_deliver_on(&t->b, &p, &other), ISAKMP_OK);
	CHECK(isakmp_path_equal(&t->b.ike.path, &t->b.path));
	talk_answer(&t->b, ISAKMP_OK);
	CHECK(isakmp_path_equal(&t->b.queue[0].path, &other));
	packet_free(&p);
	talk_over(t);
}

/* ---- later -------------------------------------------------------------------------- */

static struct talk *up_with(unsigned int how)
{
	struct talk *t = talk_with(how);

	talk_advance(t, TALK_UP);
	CHECK(t->a.xfrm && t->b.xfrm);
	return t;
}

/* A's NAT forgets, and maps it anew. */
static void rebind(struct talk *t)
{
	t->a.nat.outer.a[3]++;
	t->a.nat.port[0] += 100;
	t->a.nat.port[1] += 100;
}

static struct isakmp_path there(const struct talk *t)
{
	struct isakmp_path path;

	CHECK(talk_way(&t->b, &t->a.ike.path, &path));
	return path;
}

static void mapping(struct talk *t, const struct isakmp_path *path)
{
	struct ike_event ev = { .type = IKE_EV_MAPPING, .path = *path };

	CHECK_EQ(talk_event(&t->b, &ev), ISAKMP_OK);
}

static void check_moved(struct talk *t, unsigned int moves)
{
	struct isakmp_path path = there(t);

	CHECK(isakmp_path_equal(&t->b.ike.path, &path));
	CHECK(isakmp_path_equal(&t->b.xfrm->path, &path));
	CHECK_EQ(t->b.moves, moves);
	CHECK(!t->b.ike.probing);
}

/* ESP comes from another place: a probe goes there, and its answer moves all. */
static void test_mapping(void)
{
	struct talk *t = up_with(NAT_A);
	struct isakmp_path old = t->b.ike.path, path;
	unsigned int sent = t->b.sent;

	rebind(t);
	path = there(t);
	mapping(t, &path);
	CHECK_EQ(t->b.sent, sent + 1);
	CHECK(isakmp_path_equal(&t->b.queue[0].path, &path));
	CHECK(isakmp_path_equal(&t->b.ike.path, &old));
	CHECK_EQ(t->b.moves, 0);
	talk_settle(t);
	check_moved(t, 1);
	/* It is known now */
	mapping(t, &path);
	CHECK_EQ(t->b.sent, sent + 1);
	talk_over(t);
}

/* A new request from another place does the same. */
static void test_request(void)
{
	struct talk *t = up_with(NAT_A);
	struct packet old;

	talk_do(&t->a, IKE_EV_CHECK, 0);
	old = packet_copy(&t->a.queue[0]);
	talk_settle(t);
	rebind(t);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	talk_settle(t);
	check_moved(t, 1);
	/* Threats, 2: an old message, wherever it comes from, tells nothing */
	rebind(t);
	CHECK_REASON(talk_deliver(&t->b, &old), ISAKMP_R_OLD_ID);
	CHECK(!t->b.ike.probing && t->b.moves == 1);
	packet_free(&old);
	talk_over(t);
}

/*
 * The answer is lost, then the NAT forgets: the request comes again from elsewhere
 * and is answered there (RFC 7296, 2.1).  It moves nothing.
 */
static void test_answer_lost(void)
{
	struct talk *t = up_with(NAT_A);
	struct isakmp_path old = t->b.ike.path, path;
	struct packet p, lost;

	talk_do(&t->a, IKE_EV_CHECK, 0);
	p = talk_take(&t->a);
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	lost = talk_take(&t->b);
	rebind(t);
	path = there(t);
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	CHECK(isakmp_path_equal(&t->b.queue[0].path, &path));
	CHECK(isakmp_path_equal(&t->b.ike.path, &old) && !t->b.ike.probing);
	talk_settle(t);
	CHECK(!t->a.ike.ep->out);
	packet_free(&p);
	packet_free(&lost);
	talk_over(t);

	/* Where no NAT was seen a copy from elsewhere is a trap */
	t = up_with(0);
	path = t->b.path;
	path.remote = V4(203, 0, 113, 9);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	p = talk_take(&t->a);
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	lost = talk_take(&t->b);
	talk_deliver_on(&t->b, &p, &path);
	CHECK_EQ(t->b.queued, 0);
	packet_free(&p);
	packet_free(&lost);
	talk_over(t);
}

/* @latest: the request that was answered last: so it is again, and that is all */
static void make_moves(struct talk *t, const struct packet *p, bool latest)
{
	struct isakmp_path path = t->b.ike.path;
	unsigned int sent = t->b.sent;
	u64 before;

	path.remote = V4(203, 0, 113, 9);
	path.rport = 4500;
	before = talk_hash(&t->b);
	CHECK(talk_deliver_on(&t->b, p, &path) || t->b.stored.n);
	CHECK_EQ(t->b.sent - sent, latest);
	t->b.sent = sent;
	CHECK_EQ(talk_hash(&t->b), before);
}

/* Threats, 2: NAT-T address spoofing.  Every packet seen, later, from elsewhere. */
static void test_replay(void)
{
	struct talk *t = talk_with(NAT_A);
	struct packet seen[16], p;
	unsigned int n = 0, i;

	talk_advance(t, TALK_INIT);
	while (n < 16 && (t->a.queued || t->b.queued || t->a.asking || t->b.asking)) {
		if (t->a.asking)
			talk_answer(&t->a, ISAKMP_OK);
		if (t->b.asking)
			talk_answer(&t->b, ISAKMP_OK);
		while ((p = talk_take(&t->a)).n) {
			talk_deliver(&t->b, &p);
			seen[n++] = p;
		}
		while ((p = talk_take(&t->b)).n) {
			talk_deliver(&t->a, &p);
			packet_free(&p);
		}
		if (t->a.ike.state == IKE_S_ESTABLISHED && n == 2)
			talk_do(&t->a, IKE_EV_CHECK, 0);
	}
	CHECK_EQ(n, 3);
	for (i = 0; i < n; i++) {
		tap_note("packet %u", i);
		if (i)		/* the first one is no matter of this SA */
			make_moves(t, &seen[i], i == n - 1);
		seen[i].p[seen[i].n - 1] ^= 1;
		if (i)
			CHECK(talk_give(&t->b, seen[i].p, seen[i].n) != ISAKMP_OK);
		packet_free(&seen[i]);
	}
	CHECK(!t->b.ike.probing);
	talk_over(t);
}

/* Nobody answers there: it was nothing, and the SA lives on. */
static void test_nobody(void)
{
	struct talk *t = up_with(NAT_A);
	struct isakmp_path old = t->b.ike.path, path = old;
	struct packet p;

	path.remote = V4(203, 0, 113, 9);
	mapping(t, &path);
	p = talk_take(&t->b);
	CHECK(isakmp_path_equal(&p.path, &path));
	packet_free(&p);
	/* The next one of the same octets goes where the peer was */
	talk_timer(&t->b, ike_sa_deadline(&t->b.ike));
	CHECK_EQ(t->b.queued, 1);
	CHECK(isakmp_path_equal(&t->b.queue[0].path, &old));
	talk_settle(t);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	CHECK(isakmp_path_equal(&t->b.ike.path, &old));
	CHECK(!t->b.moves && !t->b.ike.probing && !t->b.ike.ep->out);
	talk_over(t);
}

/* At most one place is tried in IKE_PROBE_MS, however many there seem to be. */
static void test_bounded(void)
{
	struct talk *t = up_with(NAT_A);
	struct isakmp_path path = t->b.ike.path;
	unsigned int i, sent = t->b.sent;

	for (i = 0; i < 10000; i++) {
		path.rport = (u16)(1024 + i);
		mapping(t, &path);
	}
	CHECK_EQ(t->b.sent, sent + 1);
	t->now += IKE_PROBE_MS - 1;
	mapping(t, &path);
	CHECK_EQ(t->b.sent, sent + 1);
	t->now++;
	mapping(t, &path);
	CHECK_EQ(t->b.sent, sent + 2);
	talk_over(t);
}

/* A request is out already when the NAT forgets: it serves as the probe. */
static void test_while_out(void)
{
	struct talk *t = up_with(NAT_A);
	struct isakmp_path path;
	unsigned int sent;

	talk_do(&t->b, IKE_EV_CHECK, 0);
	talk_flush(&t->b);
	rebind(t);
	path = there(t);
	sent = t->b.sent;
	mapping(t, &path);
	CHECK_EQ(t->b.sent, sent + 1);
	CHECK(isakmp_path_equal(&t->b.queue[0].path, &path));
	talk_settle(t);
	check_moved(t, 1);
	CHECK(!t->b.ike.ep->out && !t->b.ike.tasks);
	talk_over(t);
}

/* RFC 7296, 2.23: not where no NAT was seen in front of the peer. */
static void test_not_behind(void)
{
	unsigned int how;
	struct isakmp_path path;
	struct talk *t;
	unsigned int sent;

	for (how = 0; how <= NAT_B; how += NAT_B) {
		t = up_with(how);
		sent = t->b.sent;
		path = t->b.ike.path;
		path.remote = V4(203, 0, 113, 9);
		mapping(t, &path);
		CHECK_EQ(t->b.sent, sent);
		CHECK(!t->b.ike.probing);
		talk_over(t);
	}
	/* Nor before the SA is up, nor to another family */
	t = talk_with(NAT_A);
	talk_advance(t, TALK_R_ASKING);
	path = t->b.ike.path;
	path.rport++;
	mapping(t, &path);
	CHECK(!t->b.ike.probing);
	talk_advance(t, TALK_UP);
	path.remote = V6(9);
	mapping(t, &path);
	CHECK(!t->b.ike.probing);
	talk_over(t);
}

/* The states could not follow: the child is lost, by name, and made anew. */
static void test_move_fails(void)
{
	struct talk *t = up_with(NAT_A);
	struct isakmp_path path;

	rebind(t);
	path = there(t);
	t->b.move_why = ISAKMP_R_XFRM_STATE;
	mapping(t, &path);
	talk_settle(t);
	CHECK_EQ(t->b.refused[ISAKMP_R_CHILD_LOST], 1);
	CHECK(isakmp_path_equal(&t->b.ike.path, &path));
	talk_settle(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	CHECK(isakmp_path_equal(&t->b.last.path, &path));
	talk_over(t);
}

/* RFC 3948, 4: while we are behind a NAT, and no longer than the SA lives. */
static void test_keepalive(void)
{
	struct talk *t = up_with(NAT_A);
	unsigned int i;
	u64 at;

	for (i = 1; i <= 5; i++) {
		at = t->now + IKE_KEEPALIVE_MS;
		CHECK_EQ(t->a.ike.keepalive_at, at);
		CHECK_EQ(ike_sa_deadline(&t->a.ike), at);
		talk_timer(&t->a, at - 1);
		CHECK_EQ(t->a.keepalives, i - 1);
		talk_timer(&t->a, at);
		CHECK_EQ(t->a.keepalives, i);
	}
	CHECK_EQ(t->b.keepalives, 0);
	talk_do(&t->a, IKE_EV_KILL, 0);
	CHECK_EQ(t->a.ike.keepalive_at, IKE_NEVER);
	talk_over(t);
}

/*
 * The mapping changes while the helper is asked: who comes again from elsewhere with the
 * same IKE_AUTH is answered there, and what was set up follows.
 */
static void test_while_asked(void)
{
	struct isakmp_path path;
	struct talk *t = talk_with(NAT_A);
	struct packet first, again;

	talk_advance(t, TALK_AUTH);
	first = talk_take(&t->a);
	again = packet_copy(&first);
	CHECK_EQ(talk_deliver(&t->b, &first), ISAKMP_OK);
	CHECK(t->b.asking);
	rebind(t);
	/* Asked still: not twice */
	CHECK_EQ(talk_deliver(&t->b, &again), ISAKMP_OK);
	CHECK_EQ(t->b.asks, 1);
	talk_answer(&t->b, ISAKMP_OK);
	talk_lose(&t->b);
	CHECK(t->b.xfrm);
	CHECK_EQ(talk_deliver(&t->b, &again), ISAKMP_OK);
	talk_settle(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	path = there(t);
	mapping(t, &path);
	talk_settle(t);
	check_moved(t, 1);
	packet_free(&first);
	packet_free(&again);
	talk_over(t);

	/* Without a NAT nobody is elsewhere by himself */
	t = talk_with(0);
	talk_advance(t, TALK_R_ASKING);
	CHECK_EQ(ike_path_roams(&t->b.ike), ISAKMP_ROAMS_NOT);
	talk_over(t);
}

static void test_no_memory(void)
{
	struct isakmp_path path;
	struct talk *t;
	unsigned long n;
	bool over = false;

	for (n = 1; !over && n < 50; n++) {
		tap_note("failure %lu", n);
		t = up_with(NAT_A);
		rebind(t);
		path = there(t);
		native_mem_fail_at(n);
		talk_event(&t->b, &(struct ike_event){ .type = IKE_EV_MAPPING, .path = path });
		talk_settle(t);
		over = native_mem_points() < n;
		native_mem_fail_at(0);
		while (t->b.ike.ep->out || t->b.ike.tasks) {
			talk_timer(&t->b, ike_sa_deadline(&t->b.ike));
			talk_settle(t);
			if (!t->b.live)
				break;
		}
		CHECK(t->b.live && t->b.ike.state == IKE_S_ESTABLISHED);
		check_moved(t, 1);
		talk_over(t);
	}
	CHECK(over && n > 3);
}

int main(void)
{
	TAP_RUN(test_matrix, "NAT: in front of either, both, none; forced; on 4500; v4 and v6");
	TAP_RUN(test_octets, "NAT: the digests, octet by octet");
	TAP_RUN(test_several, "NAT: several SOURCE_IP, of which one or none fits");
	TAP_RUN(test_not_spoken, "NAT: a peer that does not speak of it");
	TAP_RUN(test_fake_again, "NAT: a faked digest stays the same with a cookie");
	TAP_RUN(test_follow, "path: the responder follows the first message that proves itself");
	TAP_RUN(test_mapping, "path: ESP from elsewhere is probed, the answer moves it");
	TAP_RUN(test_request, "path: a new request from elsewhere is probed; an old one is not");
	TAP_RUN(test_answer_lost, "path: a repeated request is answered where its NAT put it");
	TAP_RUN(test_replay, "path: replays and forgeries from elsewhere change nothing");
	TAP_RUN(test_nobody, "path: nobody there: nothing changes");
	TAP_RUN(test_bounded, "path: probes are bounded");
	TAP_RUN(test_while_out, "path: a request that is out serves as the probe");
	TAP_RUN(test_not_behind, "path: fixed where no NAT was seen");
	TAP_RUN(test_move_fails, "path: a child that cannot follow is made anew");
	TAP_RUN(test_keepalive, "keepalives: only behind a NAT, on time");
	TAP_RUN(test_while_asked, "NAT: the mapping changes while the helper is asked");
	TAP_RUN(test_no_memory, "path: every allocation of a move fails once");
	return tap_done();
}
