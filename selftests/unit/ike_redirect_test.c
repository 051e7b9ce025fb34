// SPDX-License-Identifier: GPL-2.0
/* Another gateway: RFC 5685. */
#include "resume.h"

static const struct isakmp_addr third = { 4, { 192, 0, 2, 3 } };
static const struct isakmp_addr sixth = { 6, { 0x20, 1, 0x0d, 0xb8, [15] = 9 } };

static void allow(struct end *e, const struct isakmp_addr *a)
{
	struct isakmp_ts *ts = &e->peer.follow[e->peer.n_follow++];

	memset(ts, 0, sizeof(*ts));
	ike_ts_set_addr(ts, a);
}

/* A follows redirects to two gateways; B, where it is, gives @to. */
static struct talk *with(const struct isakmp_addr *to)
{
	struct talk *t = talk_new();

	allow(&t->a, &third);
	allow(&t->a, &sixth);
	t->a.source[0] = t->a.path.local;
	t->a.source[1] = (struct isakmp_addr){ 6, { 0x20, 1, 0x0d, 0xb8, [15] = 1 } };
	if (to)
		t->b.peer.redirect = *to;
	return t;
}

/* The body of a notification in the oldest message of @e; its octets, 0: it is not there. */
static size_t notified(struct end *e, u16 type, u8 *out)
{
	struct message m;
	unsigned int i;
	size_t n = 0;

	message_read(&m, e, &e->queue[0]);
	for (i = 0; i < m.n; i++)
		if (m.b[i].type == IKE_PL_NOTIFY &&
		    get_unaligned_be16(m.b[i].p + 2) == type) {
			n = m.b[i].n;
			memcpy(out, m.b[i].p, n);
		}
	message_free(&m);
	return n;
}

/* A's first message is out, to @to, and says where it comes from. */
static void check_there(struct talk *t, const struct isakmp_addr *to)
{
	u8 out[64];

	CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
	CHECK(isakmp_addr_equal(&t->a.ike.path.remote, to));
	CHECK_EQ(t->a.ike.path.local.family, to->family);
	if (!CHECK_EQ(t->a.queued, 1))
		return;
	CHECK(isakmp_addr_equal(&t->a.queue[0].path.remote, to));
	CHECK_EQ(notified(&t->a, IKE_N_REDIRECTED_FROM, out), 4 + 2 + 4);
	CHECK_MEM(out + 4, ((const u8[]){ 1, 4, 192, 0, 2, 2 }), 6);
	CHECK_EQ(notified(&t->a, IKE_N_REDIRECT_SUPPORTED, out), 0);
}

static void test_init(const struct isakmp_addr *to)
{
	struct talk *t = with(to);
	size_t len = isakmp_addr_len(to);
	u8 out[64], ni[IKE_NONCE_LEN];

	talk_open_a(t);
	talk_do(&t->a, IKE_EV_START, 0);
	CHECK_EQ(notified(&t->a, IKE_N_REDIRECT_SUPPORTED, out), 4);
	memcpy(ni, t->a.ike.setup->ni, sizeof(ni));
	talk_pass(&t->a);
	CHECK_REASON(t->b.why, ISAKMP_R_REDIRECTED);
	CHECK(!t->b.live && !t->b.keys.n);
	CHECK_EQ(get_unaligned_be64(t->b.queue[0].p + 8), 0);
	CHECK_EQ(notified(&t->b, IKE_N_REDIRECT, out), 4 + 2 + len + sizeof(ni));
	CHECK_EQ(out[4], to->family == 4 ? 1 : 2);
	CHECK_EQ(out[5], len);
	CHECK_MEM(out + 6, to->a, len);
	CHECK_MEM(out + 6 + len, ni, sizeof(ni));
	talk_pass(&t->b);
	CHECK(memcmp(ni, t->a.ike.setup->ni, sizeof(ni)));
	check_there(t, to);
	talk_over(t);
}

static void test_init4(void)
{
	test_init(&third);
}

static void test_init6(void)
{
	test_init(&sixth);
}

/* REDIRECT to an initiator in its first exchange, from anybody. */
static enum isakmp_reason forge(struct end *a, const u8 *data, size_t n)
{
	struct isakmp_header h = {
		.spi_i = a->ike.ep->spi_i, .major = 2,
		.exchange = a->ike.setup->resuming ? IKE_SESSION_RESUME : IKE_SA_INIT,
		.flags = IKE_FLAG_RESPONSE,
	};
	struct isakmp_notify notify = { .type = IKE_N_REDIRECT, .data = data, .len = (u16)n };
	struct isakmp_builder b;
	u8 buf[512];

	isakmp_build_begin(&b, buf, sizeof(buf), &h);
	isakmp_build_payload(&b, IKE_PL_NOTIFY);
	isakmp_notify_encode(&b.o, &notify);
	isakmp_build_close(&b);
	CHECK(isakmp_build_end(&b));
	return talk_give(a, buf, b.o.len);
}

/* The same to an address, with A's own nonce. */
static enum isakmp_reason lead(struct end *a, const struct isakmp_addr *to)
{
	u8 data[2 + 16 + IKE_NONCE_LEN], len = (u8)isakmp_addr_len(to);

	data[0] = to->family == 4 ? 1 : 2;
	data[1] = len;
	memcpy(data + 2, to->a, len);
	memcpy(data + 2 + len, a->ike.setup->ni, IKE_NONCE_LEN);
	return forge(a, data, 2U + len + IKE_NONCE_LEN);
}

static void test_forged(void)
{
	struct talk *t = with(NULL);
	struct end *a = &t->a;
	u8 data[2 + 4 + IKE_NONCE_LEN] = { 1, 4, 192, 0, 2, 3 };
	unsigned int n;

	talk_advance(t, TALK_INIT);
	/* another nonce, in any octet; none; a part of it */
	for (n = 0; n < IKE_NONCE_LEN; n++) {
		memcpy(data + 6, a->ike.setup->ni, IKE_NONCE_LEN);
		data[6 + n] ^= 1;
		CHECK_REASON(forge(a, data, sizeof(data)), ISAKMP_R_REDIRECT_BAD);
	}
	memcpy(data + 6, a->ike.setup->ni, IKE_NONCE_LEN);
	for (n = 0; n < sizeof(data); n++)
		CHECK_REASON(forge(a, data, n), ISAKMP_R_REDIRECT_BAD);
	/* an address of another length, or of no kind */
	for (n = 0; n < 256; n++) {
		data[1] = (u8)n;
		CHECK(n == 4 || forge(a, data, sizeof(data)) == ISAKMP_R_REDIRECT_BAD);
	}
	data[1] = 4;
	for (n = 0; n < 256; n++) {
		data[0] = (u8)n;
		CHECK(n == 1 || n == 3 || forge(a, data, sizeof(data)) == ISAKMP_R_REDIRECT_BAD);
	}
	/* a name; where we are; where nobody allowed us to go */
	data[0] = 3;
	CHECK_REASON(forge(a, data, sizeof(data)), ISAKMP_R_REDIRECT_NAME);
	CHECK_REASON(lead(a, &a->path.remote), ISAKMP_R_REDIRECT_BAD);
	CHECK_REASON(lead(a, &(struct isakmp_addr){ 4, { 192, 0, 2, 4 } }),
		     ISAKMP_R_REDIRECT_REFUSED);
	CHECK_EQ(a->queued, 1);
	CHECK(isakmp_addr_equal(&a->ike.path.remote, &a->path.remote));
	/* It goes on where it was */
	talk_settle(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);
}

/* Who does not follow does not say so, and is not asked. */
static void test_unoffered(void)
{
	struct talk *t = with(&third);
	u8 out[64];

	t->a.peer.n_follow = 0;
	talk_advance(t, TALK_INIT);
	CHECK_EQ(notified(&t->a, IKE_N_REDIRECT_SUPPORTED, out), 0);
	CHECK_REASON(lead(&t->a, &third), ISAKMP_R_REDIRECT_REFUSED);
	talk_settle(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	CHECK_EQ(t->b.refusals, 0);
	talk_over(t);
}

static enum isakmp_reason ask(struct talk *t, const struct isakmp_addr *to)
{
	struct ike_event ev = { .type = IKE_EV_REDIRECT, .path.remote = *to };

	return talk_event(&t->b, &ev);
}

/* A has a ticket, and presents it: it follows to @there. */
static struct talk *resuming(const struct isakmp_addr *there)
{
	struct talk *t = willing();

	if (there)
		allow(&t->a, there);
	talk_advance(t, TALK_UP);
	lose_b(t);
	lose_a(t);
	start(t);
	CHECK_EQ(t->a.ike.state, IKE_S_I_RESUME);
	return t;
}

/* Not allowed, or with another nonce: the wait goes on. */
static void test_resuming_forged(void)
{
	const u8 data[2 + 4 + IKE_NONCE_LEN] = { 1, 4, 192, 0, 2, 3 };
	struct talk *t = resuming(NULL);
	u8 out[64];

	CHECK_EQ(notified(&t->a, IKE_N_REDIRECT_SUPPORTED, out), 0);
	CHECK_REASON(lead(&t->a, &third), ISAKMP_R_REDIRECT_REFUSED);
	talk_settle(t);
	CHECK(both_up(t) && t->a.ike.resumed);
	over(t);
	t = resuming(&third);
	CHECK_REASON(forge(&t->a, data, sizeof(data)), ISAKMP_R_REDIRECT_BAD);
	CHECK_REASON(lead(&t->a, &sixth), ISAKMP_R_REDIRECT_REFUSED);
	CHECK(isakmp_addr_equal(&t->a.ike.path.remote, &t->a.path.remote));
	talk_settle(t);
	CHECK(both_up(t) && t->a.ike.resumed);
	over(t);
}

/*
 * RFC 5723, 4.3.2 and 5: "equivalent to the IKE_SA_INIT exchange", "From new exchange".
 * There a full exchange follows; the ticket is for who gave it, should nobody be there.
 */
static void test_resuming(void)
{
	struct talk *t = resuming(&third);
	u8 out[64], ni[IKE_NONCE_LEN];
	unsigned int n = 100;

	t->b.peer.redirect = third;
	CHECK_EQ(notified(&t->a, IKE_N_REDIRECT_SUPPORTED, out), 4);
	memcpy(ni, t->a.ike.setup->ni, sizeof(ni));
	CHECK_REASON(talk_pass(&t->a), ISAKMP_R_REDIRECTED);
	CHECK(!t->b.live && !NT.n_spent);
	CHECK_EQ(t->b.queue[0].p[18], IKE_SESSION_RESUME);
	CHECK_EQ(notified(&t->b, IKE_N_REDIRECT, out), 4 + 2 + 4 + sizeof(ni));
	CHECK_MEM(out + 4, ((const u8[]){ 1, 4, 192, 0, 2, 3 }), 6);
	CHECK_MEM(out + 10, ni, sizeof(ni));
	CHECK_REASON(talk_pass(&t->b), ISAKMP_OK);
	CHECK(memcmp(ni, t->a.ike.setup->ni, sizeof(ni)));
	check_there(t, &third);
	CHECK_EQ(t->a.queue[0].p[18], IKE_SA_INIT);
	while (t->a.live && n--) {
		talk_flush(&t->a);
		talk_timer(&t->a, t->now + 1000);
	}
	CHECK(!t->a.live && NT.kept);
	over(t);
}

/* Who has resumed can be told to go later on. */
static void test_resumed(void)
{
	struct talk *t = resuming(&third);

	talk_settle(t);
	CHECK(both_up(t) && t->b.ike.resumed);
	CHECK_EQ(ask(t, &third), ISAKMP_OK);
	talk_settle(t);
	CHECK(isakmp_addr_equal(&t->a.redirected, &third));
	talk_flush(&t->a);
	over(t);
}

/* MAX_REDIRECTS in REDIRECT_LOOP_DETECT_PERIOD. */
static void test_loop(void)
{
	struct talk *t = with(NULL);
	unsigned int i;

	talk_advance(t, TALK_INIT);
	for (i = 0; i < IKE_REDIRECTS_MAX; i++) {
		CHECK_EQ(lead(&t->a, i % 2 ? &sixth : &third), ISAKMP_OK);
		t->now += 1000;
	}
	CHECK_REASON(lead(&t->a, &sixth), ISAKMP_R_REDIRECT_LIMIT);
	CHECK(isakmp_addr_equal(&t->a.ike.path.remote, &third));
	t->now += IKE_REDIRECT_PERIOD_MS;
	CHECK_EQ(lead(&t->a, &sixth), ISAKMP_OK);
	talk_flush(&t->a);
	talk_over(t);
}

/* No way leads there: we stay. */
static void test_no_path(void)
{
	struct talk *t = with(NULL);

	t->a.source[1].family = 0;
	talk_advance(t, TALK_INIT);
	CHECK_REASON(lead(&t->a, &sixth), ISAKMP_R_NO_PATH);
	talk_settle(t);
	CHECK(t->a.xfrm);
	talk_over(t);
}

/* B sends nobody back to where he comes from, or to itself. */
static void test_back(void)
{
	struct talk *t = with(&third);

	t->a.ike.redirects.from = third;
	talk_open_a(t);
	t->a.ike.redirects.from = third;
	talk_do(&t->a, IKE_EV_START, 0);
	talk_settle(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);
	t = with(&third);
	t->b.peer.redirect = t->b.path.local;
	talk_advance(t, TALK_UP);
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);
}

/* Two who may come, one of whom is to go: told when it is known who it is. */
static void test_auth(void)
{
	struct talk *t = with(&third);
	struct ike_peer other = t->b.peer;
	u8 out[64];

	other.redirect.family = 0;
	t->b.candidate[1] = &other;
	talk_advance(t, TALK_R_ASKING);
	CHECK_REASON(talk_answer(&t->b, ISAKMP_OK), ISAKMP_R_REDIRECTED);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	CHECK(!t->b.installs);
	CHECK_EQ(notified(&t->b, IKE_N_REDIRECT, out), 4 + 2 + 4);
	CHECK_MEM(out + 6, third.a, 4);
	talk_pass(&t->b);
	/* Not before it is known who says so */
	CHECK(!t->a.redirected.family);
	talk_answer(&t->a, ISAKMP_OK);
	CHECK(isakmp_addr_equal(&t->a.redirected, &third));
	CHECK_EQ(t->a.ike.reason, ISAKMP_R_REDIRECTED);
	CHECK(isakmp_addr_equal(&t->a.ike.redirects.from, &t->a.path.remote));
	talk_settle(t);
	CHECK(!t->a.live && !t->a.installs);
	CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
	talk_over(t);
}

/* Whoever is not believed leads us nowhere. */
static void test_auth_forged(void)
{
	struct talk *t = with(&third);
	struct ike_peer other = t->b.peer;

	other.redirect.family = 0;
	t->b.candidate[1] = &other;
	talk_advance(t, TALK_R_ASKING);
	talk_answer(&t->b, ISAKMP_OK);
	talk_pass(&t->b);
	CHECK_REASON(talk_answer(&t->a, ISAKMP_R_AUTH_FAILED), ISAKMP_R_AUTH_FAILED);
	CHECK(!t->a.redirected.family);
	talk_over(t);
}

/* The operator wants it elsewhere; who forgets to leave is put out. */
static void test_established(void)
{
	struct talk *t = with(NULL);

	talk_advance(t, TALK_UP);
	CHECK_EQ(ask(t, &third), ISAKMP_OK);
	talk_settle(t);
	CHECK(isakmp_addr_equal(&t->a.redirected, &third));
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);	/* until the other one is up */
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_timer(&t->b, t->now + IKE_REDIRECT_MS);
	talk_settle(t);
	CHECK(!t->b.live);
	CHECK_EQ(t->a.ike.state, IKE_S_DEAD);
	talk_over(t);
}

static void test_established_refused(void)
{
	struct talk *t = with(NULL);

	talk_advance(t, TALK_UP);
	ask(t, &(struct isakmp_addr){ 4, { 192, 0, 2, 4 } });
	talk_settle(t);
	CHECK_EQ(t->a.refused[ISAKMP_R_REDIRECT_REFUSED], 1);
	CHECK(!t->a.redirected.family);
	CHECK(t->a.xfrm);
	talk_over(t);

	t = with(NULL);
	t->a.peer.n_follow = 0;
	talk_advance(t, TALK_UP);
	CHECK_REASON(ask(t, &third), ISAKMP_R_REDIRECT_REFUSED);
	CHECK_EQ(t->b.queued, 0);
	talk_over(t);
}

/* What is being deleted does not come back elsewhere. */
static void test_deleting(void)
{
	struct talk *t = with(NULL);
	struct packet p;

	talk_advance(t, TALK_UP);
	CHECK_EQ(ask(t, &third), ISAKMP_OK);
	p = talk_take(&t->b);
	talk_do(&t->a, IKE_EV_STOP, 0);
	CHECK_EQ(t->a.ike.state, IKE_S_DELETING);
	talk_deliver(&t->a, &p);
	packet_free(&p);
	CHECK(!t->a.redirected.family);
	talk_settle(t);
	CHECK(!t->a.live);
	talk_over(t);
}

/* An initiator is no gateway: what it says so is refused. */
static void test_by_client(void)
{
	static const u8 n[] = { 0, 0, IKE_N_REDIRECT >> 8, IKE_N_REDIRECT & 0xff, 1, 4, 192, 0, 2, 3 };
	struct talk *t = with(NULL);
	struct message m;

	allow(&t->b, &third);
	talk_advance(t, TALK_UP);
	message_new(&m, &t->a, IKE_INFORMATIONAL, IKE_REQUEST, t->a.ike.ep->next_out++);
	message_add(&m, IKE_PL_NOTIFY, n, sizeof(n));
	CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_REDIRECT_REFUSED);
	CHECK(!t->b.redirected.family);
	talk_flush(&t->b);
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_init4, "redirect: in IKE_SA_INIT, to an IPv4 gateway");
	TAP_RUN(test_init6, "redirect: in IKE_SA_INIT, to an IPv6 gateway");
	TAP_RUN(test_forged, "redirect: forged, malformed, not allowed: the wait goes on");
	TAP_RUN(test_unoffered, "redirect: not offered, not followed");
	TAP_RUN(test_resuming, "redirect: of who presents a ticket");
	TAP_RUN(test_resuming_forged, "redirect: of who presents a ticket, forged or not allowed");
	TAP_RUN(test_resumed, "redirect: of who has resumed");
	TAP_RUN(test_loop, "redirect: round and round has an end");
	TAP_RUN(test_no_path, "redirect: no way leads there");
	TAP_RUN(test_back, "redirect: not back, nor to itself");
	TAP_RUN(test_auth, "redirect: in IKE_AUTH, when it is known who it is");
	TAP_RUN(test_auth_forged, "redirect: in IKE_AUTH, by who is not believed");
	TAP_RUN(test_established, "redirect: of an IKE SA that stands");
	TAP_RUN(test_established_refused, "redirect: of an IKE SA that stands, not allowed");
	TAP_RUN(test_deleting, "redirect: of an IKE SA that is being deleted");
	TAP_RUN(test_by_client, "redirect: by who is no gateway");
	return tap_done();
}
