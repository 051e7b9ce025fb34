// SPDX-License-Identifier: GPL-2.0
/* Who is it?  Identities that are none, or another one's; what a peer may, once it is known. */
#include "v1_forge.h"
#include "v1_ways.h"

/* Until @from has sent so many datagrams, the last of which waits. */
static void until(struct talk *t, struct end *from, unsigned int n)
{
	struct end *o = talk_other(from);

	v1_lab_start(t);
	while (from->sent < n) {
		if (t->a.asking)
			v1_lab_answer(&t->a);
		else if (t->b.asking)
			v1_lab_answer(&t->b);
		else
			v1_lab_pass(from->queued ? from : o);
	}
}

static bool both_up(const struct talk *t)
{
	return t->a.ike.state == IKE_S_ESTABLISHED && t->b.live &&
	       t->b.ike.state == IKE_S_ESTABLISHED;
}

/* RFC 2407, 4.6.2: 0, or UDP and its port; else it "MUST be treated as an error" */
static void test_protocol(void)
{
	static const struct {
		u8 proto;
		u16 port;
		enum isakmp_reason why;
	} ids[] = {
		/* HASH_I is about another body, then */
		{ 17, 500, ISAKMP_R_AUTH_FAILED }, { 17, 0, ISAKMP_R_AUTH_FAILED },
		{ 17, 4500, ISAKMP_R_AUTH_FAILED }, { 6, 500, ISAKMP_R_BAD_ID },
		{ 1, 0, ISAKMP_R_BAD_ID }, { 17, 501, ISAKMP_R_BAD_ID }, { 0, 80, ISAKMP_R_BAD_ID },
	};
	struct talk *t = v1_lab_new();
	struct packet p, q;
	struct v1_forge f;
	unsigned int i;
	u8 body[260];
	int at;

	until(t, &t->a, 3);
	p = talk_take(&t->a);
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		tap_note("protocol %u, port %u", ids[i].proto, ids[i].port);
		v1_forge_read(&f, &t->b, &p);
		at = v1_forge_find(&f, V1_PL_ID);
		if (!CHECK(at >= 0))
			break;
		memcpy(body, f.b[at].p, f.b[at].n);
		body[1] = ids[i].proto;
		put_unaligned_be16(ids[i].port, body + 2);
		f.b[at].p = body;
		q = v1_forge_write(&f, &p.path);
		CHECK_REASON(v1_lab_deliver(&t->b, &q), ids[i].why);
		packet_free(&q);
		v1_forge_free(&f);
	}
	CHECK_EQ(v1_lab_deliver(&t->b, &p), ISAKMP_OK);
	packet_free(&p);
	v1_lab_settle(t);
	CHECK(both_up(t));
	v1_lab_over(t);
}

/* What we have said of us is no proof of somebody else: message 5, made into message 6. */
static void test_reflected(void)
{
	struct talk *t = v1_lab_new();
	struct packet p, q;
	struct v1_forge f;

	until(t, &t->a, 3);
	p = talk_take(&t->a);
	v1_forge_read(&f, &t->b, &p);
	f.to = &t->a;
	q = v1_forge_write(&f, &t->b.path);
	CHECK_REASON(v1_lab_deliver(&t->a, &q), ISAKMP_R_AUTH_FAILED);
	CHECK(!t->a.asking);
	packet_free(&q);
	v1_forge_free(&f);
	v1_lab_deliver(&t->b, &p);
	packet_free(&p);
	v1_lab_settle(t);
	CHECK(both_up(t));
	v1_lab_over(t);
}

/* ---- a proof that is none --------------------------------------------------------- */

static unsigned int wrong, of;

static void answers(struct end *e)
{
	while (e->asking)
		v1_lab_answer(e);
}

/* Before each message with a HASH of phase 1 comes one whose HASH is wrong, in one octet or in its length. */
static bool spoil(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct end *to = talk_other(from);
	struct v1_forge_body right;
	unsigned int n, refused;
	struct v1_forge f;
	struct packet q;
	u8 hash[128];
	int at;

	if (get_unaligned_be32(p->p + IKE_HDR_MSGID_AT) || !get_unaligned_be64(p->p + V1_COOKIE_LEN))
		return true;
	v1_forge_read(&f, to, p);
	at = v1_forge_find(&f, V1_PL_HASH);
	of += at >= 0;
	right = at >= 0 ? f.b[at] : (struct v1_forge_body){ 0 };
	for (n = 0; at >= 0 && n < 3; n++) {
		memset(hash, 0, sizeof(hash));
		memcpy(hash, right.p, right.n);
		hash[right.n - 1] ^= n == 0;
		f.b[at].p = hash;
		f.b[at].n = right.n + (n == 1) - (n == 2);
		refused = to->refused[ISAKMP_R_AUTH_FAILED];
		q = v1_forge_write(&f, &p->path);
		v1_lab_deliver(to, &q);
		answers(to);
		CHECK_EQ(to->refused[ISAKMP_R_AUTH_FAILED], refused + 1);
		CHECK(to->live && !to->ike.proven);
		packet_free(&q);
		wrong++;
	}
	v1_forge_free(&f);
	return true;
}

static void test_hash(void)
{
	struct talk *t;
	unsigned int i;

	wrong = of = 0;
	for (i = 0; i < V1_WAYS; i++) {
		tap_note("exchange %u, method %u", v1_ways[i].exchange, v1_ways[i].method);
		t = v1_way_new(&v1_ways[i]);
		v1_lab.net = spoil;
		v1_lab_start(t);
		v1_lab_settle(t);
		if (v1_ways[i].exchange == V1_AUTH_ONLY)
			CHECK(t->a.dead_why == ISAKMP_R_V1_AUTH_ONLY &&
			      t->b.dead_why == ISAKMP_R_V1_AUTH_ONLY);
		else
			CHECK(both_up(t));
		v1_lab_over(t);
	}
	tap_note("%u of %u", wrong, of);
	CHECK(of >= 14 && wrong == 3 * of);
}

/* ---- what is signed ---------------------------------------------------------------- */

static unsigned int compared;

static void put(struct isakmp_out *o, const struct end *e, bool of_initiator)
{
	const struct ike_epoch *ep = e->ike.ep;
	const struct v1_setup *u = ep->v1->setup;
	bool later = of_initiator && ep->v1->exchange == V1_BASE;

	isakmp_out_bytes(o, of_initiator ? u->ke_i : u->ke_r, of_initiator ? u->ke_i_len : u->ke_r_len);
	if (!later)
		isakmp_out_bytes(o, of_initiator ? u->ke_r : u->ke_i,
				 of_initiator ? u->ke_r_len : u->ke_i_len);
	isakmp_out_u64(o, of_initiator ? ep->spi_i : ep->spi_r);
	isakmp_out_u64(o, of_initiator ? ep->spi_r : ep->spi_i);
	isakmp_out_bytes(o, u->sa_i, u->sa_i_len);
}

/*
 * RFC 2409, 5: HASH_I is of g^xi | g^xr | CKY-I | CKY-R | SAi_b | IDii_b, HASH_R the other way round.
 * In a question for our own signature what we sign comes first.
 */
static void compare(struct end *e, struct ike_verdict *v)
{
	u8 i[4096], r[4096];
	struct isakmp_out oi, or;
	bool swapped;

	if (v->kind != IKE_ASK_I_AUTH && v->kind != IKE_ASK_R_AUTH && v->kind != IKE_ASK_I_VERIFY)
		return;
	isakmp_out_init(&oi, i, sizeof(i));
	isakmp_out_init(&or, r, sizeof(r));
	swapped = v->kind == IKE_ASK_I_AUTH && !e->ike.ep->initiator;
	put(swapped ? &or : &oi, e, true);
	put(swapped ? &oi : &or, e, false);
	tap_note("exchange %u, %c is asked %u", v1_lab_p(e)->exchange, e->name, v->kind);
	if (CHECK_EQ(e->ask.msg_i.len, oi.len) && CHECK_EQ(e->ask.msg_r.len, or.len)) {
		CHECK_MEM(e->ask.msg_i.p, i, oi.len);
		CHECK_MEM(e->ask.msg_r.p, r, or.len);
	}
	compared++;
}

static void test_signed(void)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < V1_WAYS; i++) {
		if (v1_class_of(v1_ways[i].method) != V1_CLASS_SIG)
			continue;
		compared = 0;
		t = v1_way_new(&v1_ways[i]);
		v1_lab.says = compare;
		v1_lab_start(t);
		v1_lab_settle(t);
		CHECK(compared >= 2);
		v1_lab_over(t);
	}
}

/* ---- one that has changed -------------------------------------------------------- */

static bool as_user;

/* B is a user with the same letters. */
static void rename_b(struct end *e, struct ike_verdict *v)
{
	if (as_user && e->name == 'B' && v->id_len)
		v->id[0] = V1_ID_USER_FQDN;
}

/* A's connection is with one identity: does another one come in by a further phase 1? */
static unsigned int renewed_as(const char *id, bool user, u16 port)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	unsigned int n;

	v1_lab_let_pass(t, 1000);
	ike_sa_release(&t->b.ike);
	t->b.ike.ep = &t->b.ike.first;
	t->b.live = false;
	t->b.xfrm = NULL;
	if (id)
		v1_lab.id[1] = id;
	v1_lab.id_port = port;
	as_user = user;
	v1_lab.says = rename_b;
	talk_do(&t->a, IKE_EV_REKEY, 0);
	v1_lab_settle(t);
	n = t->a.rekeys;
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(!!t->a.refused[ISAKMP_R_NO_IDENTITY], !n);
	v1_lab_over(t);
	return n;
}

static void test_renewed(void)
{
	CHECK_EQ(renewed_as(NULL, false, 0), 1);
	CHECK_EQ(renewed_as(NULL, false, 500), 1);
	CHECK_EQ(renewed_as("z.example", false, 0), 0);
	CHECK_EQ(renewed_as(NULL, true, 0), 0);
}

/* ---- what it may ----------------------------------------------------------------- */

/* B's offer was chosen by another peer object, whose secret and address are the same. */
static void judged(void (*narrow)(struct ike_peer *peer), enum isakmp_reason want)
{
	static struct ike_peer other;
	struct talk *t = v1_lab_new();

	other = t->b.peer;
	t->b.candidate[0] = &other;
	narrow(&t->b.peer);
	v1_lab_start(t);
	v1_lab_settle(t);
	CHECK_REASON(t->b.dead_why, want);
	CHECK(!t->b.live && !t->a.xfrm);
	v1_lab_over(t);
}

static void other_exchange(struct ike_peer *peer)
{
	peer->v1.accept = BIT(V1_AGGRESSIVE);
}

static void other_method(struct ike_peer *peer)
{
	peer->v1.methods = BIT(IKE_V1_SIG);
}

static void other_suites(struct ike_peer *peer)
{
	unsigned int i;

	for (i = 0; i < peer->ike.n; i++)
		peer->ike.s[i].prf = IKE_PRF_HMAC_MD5;
}

static void test_judged(void)
{
	judged(other_exchange, ISAKMP_R_AUTH_METHOD);
	judged(other_method, ISAKMP_R_AUTH_METHOD);
	judged(other_suites, ISAKMP_R_SUITE_REFUSED);
}

/* The helper allows it no child. */
static void childless(struct end *e, struct ike_verdict *v)
{
	v->children = 0;
}

static void test_children(void)
{
	static const u8 exchanges[] = { V1_MAIN, V1_AGGRESSIVE, V1_BASE };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 2 * ARRAY_SIZE(exchanges); i++) {
		tap_note("exchange %u, %s", exchanges[i / 2], i % 2 ? "signatures" : "secret");
		t = i % 2 ? v1_lab_new_sig() : v1_lab_new();
		t->a.peer.v1.exchange = exchanges[i / 2];
		t->b.peer.v1.accept = BIT(exchanges[i / 2]);
		v1_lab.says = childless;
		v1_lab_start(t);
		v1_lab_settle(t);
		CHECK(both_up(t));
		CHECK(!t->a.xfrm && !t->b.xfrm);
		v1_lab_over(t);
	}
}

/* How long a peer is believed is what the helper has said of it, whichever verdict that was. */
static void for_a_while(struct end *e, struct ike_verdict *v)
{
	if (v->kind == IKE_ASK_I_VERIFY || v->kind == IKE_ASK_R_AUTH)
		v->left_s = 5000;
}

static void test_left(void)
{
	static const u8 exchanges[] = { V1_MAIN, V1_AGGRESSIVE, V1_BASE };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 2 * ARRAY_SIZE(exchanges); i++) {
		tap_note("exchange %u, %s", exchanges[i / 2], i % 2 ? "signatures" : "secret");
		t = i % 2 ? v1_lab_new_sig() : v1_lab_new();
		t->a.peer.v1.exchange = exchanges[i / 2];
		t->b.peer.v1.accept = BIT(exchanges[i / 2]);
		v1_lab.says = for_a_while;
		v1_lab_up(t);
		CHECK_EQ(t->a.ike.until_at, t->now + 5000000);
		CHECK_EQ(t->b.ike.until_at, t->now + 5000000);
		v1_lab_over(t);
	}
}

/* ---- a helper that is out of its mind --------------------------------------------- */

static int longer;
static char whose;

static void skeyid(struct end *e, struct ike_verdict *v)
{
	static u8 octets[128];

	if (v->kind != IKE_ASK_V1_SKEYID || e->name != whose)
		return;
	v->skeyid.len = (size_t)((int)v->skeyid.len + longer);
	v->skeyid.p = octets;
}

static void test_skeyid(void)
{
	static const int lengths[] = { -1, 1, 64 };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 2 * ARRAY_SIZE(lengths); i++) {
		longer = lengths[i / 2];
		whose = i % 2 ? 'A' : 'B';
		tap_note("%c, longer by %d", whose, longer);
		t = v1_lab_new();
		v1_lab.says = skeyid;
		v1_lab_start(t);
		v1_lab_settle(t);
		CHECK_REASON((i % 2 ? &t->a : &t->b)->dead_why, ISAKMP_R_HELPER_ERROR);
		v1_lab_over(t);
	}
}

/* What it says of a message by RSA encryption, and of a group of its own. */
static struct {
	u8 kind;
	size_t nonce, id, pub;	/* 0: as it is */
	unsigned int done;
} odd;

static void mad(struct end *e, struct ike_verdict *v)
{
	static const u8 octets[1024] = { V1_ID_FQDN };

	if (v->kind != odd.kind || v->reason)
		return;
	odd.done++;
	if (odd.nonce)
		v->secret = (struct ike_span){ octets, odd.nonce };
	if (odd.id)
		v->secret_id = (struct ike_span){ octets, odd.id };
	if (odd.pub)
		v->pub = (struct ike_span){ octets, odd.pub };
}

static void out_of_mind(u8 kind, size_t nonce, size_t id, size_t pub)
{
	struct talk *t = v1_lab_new();

	tap_note("question %u: %zu, %zu, %zu", kind, nonce, id, pub);
	odd.kind = kind;
	odd.nonce = nonce;
	odd.id = id;
	odd.pub = pub;
	odd.done = 0;
	v1_lab.methods[0] = V1_M_RSA_ENC;
	t->a.peer.v1.methods = t->b.peer.v1.methods = BIT(IKE_V1_RSA_ENC);
	t->a.peer.ike.n = t->b.peer.ike.n = 1;
	t->a.peer.ike.s[0].ke = t->b.peer.ike.s[0].ke = IKE_KE_ECP_521;
	v1_lab.says = mad;
	v1_lab_start(t);
	v1_lab_settle(t);
	CHECK_EQ(odd.done, 1);
	CHECK_EQ(t->a.refused[ISAKMP_R_HELPER_ERROR] + t->b.refused[ISAKMP_R_HELPER_ERROR], 1);
	CHECK(t->a.ike.state != IKE_S_ESTABLISHED);
	v1_lab_over(t);
}

static void test_out_of_mind(void)
{
	out_of_mind(IKE_ASK_V1_DECRYPT, V1_NONCE_MIN - 1, 0, 0);
	out_of_mind(IKE_ASK_V1_DECRYPT, IKE_NONCE_MAX + 1, 0, 0);
	out_of_mind(IKE_ASK_V1_DECRYPT, 0, 4, 0);
	out_of_mind(IKE_ASK_V1_DECRYPT, 0, 4 + IKE_ID_MAX + 1, 0);
	out_of_mind(IKE_ASK_KEX, 0, 0, 131);
	out_of_mind(IKE_ASK_KEX, 0, 0, 1024);
}

/* ---- INITIAL-CONTACT -------------------------------------------------------------- */

static unsigned int said;

static bool listen(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct v1_forge f;

	if (p->p[18] != V1_MAIN || !(p->p[IKE_HDR_FLAGS_AT] & V1_FLAG_ENCRYPTION) ||
	    (from->name == 'B' && t->a.ike.state == IKE_S_ESTABLISHED))
		return true;
	v1_forge_read(&f, talk_other(from), p);
	said += v1_forge_find(&f, V1_PL_NOTIFY) >= 0;
	v1_forge_free(&f);
	return true;
}

/* By who begins, with its first ISAKMP SA: a further one is none, whatever else has gone. */
static void test_contact(void)
{
	struct talk *t = v1_lab_new();

	t->a.initial = t->b.initial = true;
	said = 0;
	v1_lab.net = listen;
	v1_lab_up(t);
	CHECK_EQ(said, 1);
	v1_lab_over(t);

	t = v1_lab_new();
	t->a.initial = false;
	said = 0;
	v1_lab.net = listen;
	v1_lab_up(t);
	t->a.initial = true;
	ike_sa_release(&t->b.ike);
	t->b.ike.ep = &t->b.ike.first;
	t->b.live = false;
	t->b.xfrm = NULL;
	talk_do(&t->a, IKE_EV_REKEY, 0);
	v1_lab_settle(t);
	CHECK_EQ(t->a.rekeys, 1);
	CHECK_EQ(said, 0);
	v1_lab_over(t);
}

int main(void)
{
	TAP_RUN(test_protocol, "protocol and port of an identity (RFC 2407, 4.6.2)");
	TAP_RUN(test_reflected, "our own proof is not the peer's");
	TAP_RUN(test_hash, "HASH_I and HASH_R, wrong by an octet, too short, too long");
	TAP_RUN(test_signed, "what a signature covers (RFC 2409, 5)");
	TAP_RUN(test_renewed, "another identity does not come in by a further phase 1");
	TAP_RUN(test_judged, "what was chosen is compared with whose peer object it is");
	TAP_RUN(test_children, "a peer whose helper allows it no child has none");
	TAP_RUN(test_left, "a peer is believed as long as the helper says");
	TAP_RUN(test_skeyid, "a SKEYID that is none");
	TAP_RUN(test_out_of_mind, "a nonce, an identity, a public value of the helper's that is none");
	TAP_RUN(test_contact, "INITIAL-CONTACT: once, by who begins");
	return tap_done();
}
