// SPDX-License-Identifier: GPL-2.0
/* Quick Mode of version 1: what a peer may say, and what it may not (RFC 2409, 5.5). */
#include "v1_children.h"
#include "v1_forge.h"
#include "v1/phase2.h"

/* A Quick Mode 1 made by hand. */
struct craft {
	u8 protocol;		/* 0: ESP */
	bool no_spi;		/* it is 0 */
	u8 protocol2;		/* of a second proposal with the same number; 0: none */
	u16 mode;
	u16 rounds;		/* attribute that is not known here; 0: none */
	u32 life, life2;	/* 0: none */
	u16 nonce;
	u16 n_ids;
	struct {
		u8 type;
		u8 len;
		u8 body[40];
	} id[3];
	bool apart;		/* the nonce is between the IDs */
	bool contact;		/* INITIAL-CONTACT comes with it */
};

static void forget_craft(struct ike_sa *sa, struct v1_exchange *x) { }

static const struct v1_exchange_ops craft_ops = { .type = V1_QUICK, .free = forget_craft };

static void add_transforms(struct v1_sa_out *s, const struct craft *k)
{
	v1_transform_open(s, 1, V1_ESP_AES);
	if (k->mode)
		v1_attr_encode(s->o, V1_IA_MODE, k->mode);
	v1_attr_encode(s->o, V1_IA_AUTH, V1_AUTH_HMAC_SHA2_256);
	v1_attr_encode(s->o, V1_IA_KEY_LENGTH, 256);
	if (k->rounds)
		v1_attr_encode(s->o, V1_IA_KEY_ROUNDS, k->rounds);
	if (k->life) {
		v1_attr_encode(s->o, V1_IA_LIFE_TYPE, V1_LIFE_SECONDS);
		v1_attr_encode(s->o, V1_IA_LIFE, k->life);
	}
	if (k->life2) {
		v1_attr_encode(s->o, V1_IA_LIFE_TYPE, V1_LIFE_SECONDS);
		v1_attr_encode(s->o, V1_IA_LIFE, k->life2);
	}
	v1_transform_close(s);
}

static void add_sa(struct v1_msg *m, const struct craft *k)
{
	struct v1_sa_out s;

	isakmp_build_payload(&m->b, V1_PL_SA);
	v1_sa_begin(&s, &m->b.o);
	v1_proposal_open(&s, 1, k->protocol ? k->protocol : V1_PROTO_ESP,
			 (const u8 *)(k->no_spi ? "\0\0\0" : "\1\2\3\4"), 4);
	add_transforms(&s, k);
	v1_proposal_close(&s);
	if (k->protocol2) {
		v1_proposal_open(&s, 1, k->protocol2, (const u8 *)"\1\2\3\5", 4);
		add_transforms(&s, k);
		v1_proposal_close(&s);
	}
	isakmp_build_close(&m->b);
}

static enum isakmp_reason say(struct talk *t, const struct craft *k)
{
	static const struct v1_notify contact = {
		.doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = V1_N_INITIAL_CONTACT,
	};
	struct ike_sa *a = &t->a.ike;
	struct v1_exchange *x = v1_exchange_new(a, a->ep, &craft_ops, 0, t->now);
	const u16 len = k->nonce ? k->nonce : 32;
	u8 nonce[IKE_AUTH_MAX] = { 7 };
	struct v1_msg m;
	unsigned int i;

	CHECK(x);
	x->ni_len = min_t(u16, len, sizeof(x->ni));
	memcpy(x->ni, nonce, x->ni_len);
	CHECK_EQ(v1_msg_begin(a, a->ep, x, &m, V1_QUICK, V1_H_1), ISAKMP_OK);
	add_sa(&m, k);
	if (!k->apart)
		v1_msg_bytes(&m, V1_PL_NONCE, nonce, len);
	for (i = 0; i < k->n_ids; i++) {
		isakmp_build_payload(&m.b, V1_PL_ID);
		isakmp_out_u8(&m.b.o, k->id[i].type);
		isakmp_out_zero(&m.b.o, 3);
		isakmp_out_bytes(&m.b.o, k->id[i].body, k->id[i].len);
		isakmp_build_close(&m.b);
		if (k->apart && !i)
			v1_msg_bytes(&m, V1_PL_NONCE, nonce, len);
	}
	if (k->contact)
		v1_msg_notify(&m, &contact);
	CHECK_EQ(v1_talk_say(a, &m, &x->talk, NULL, false, t->now), ISAKMP_OK);
	return v1_lab_pass(&t->a);
}

/* Up, and nobody has a child. */
static struct talk *bare(struct talk *t)
{
	v1_lab_up(t);
	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	v1_lab_settle(t);
	v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
	CHECK_EQ(t->a.ike.n_children, 0);
	CHECK_EQ(t->b.ike.n_children, 0);
	t->a.arg = 0;
	t->liar = true;
	return t;
}

/* The selectors of talk.c, as IDs. */
static struct craft good(const struct talk *t)
{
	struct craft k = { .mode = V1_MODE_TUNNEL, .n_ids = 2 };
	const struct isakmp_ts *ts[] = { &t->a.local[0], &t->a.remote[0] };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		k.id[i].type = V1_ID_IPV4_RANGE;
		k.id[i].len = 8;
		memcpy(k.id[i].body, ts[i]->start, 4);
		memcpy(k.id[i].body + 4, ts[i]->end, 4);
	}
	return k;
}

/* Each type of ID for each of the two: what is no address is refused, by name. */
static void test_id_types(void)
{
	static const struct { u8 type, len; u8 body[32]; } wrong[] = {
		{ V1_ID_FQDN, 9, "b.example" }, { V1_ID_USER_FQDN, 11, "b@b.example" },
		{ V1_ID_DN, 2, { 0x30, 0 } }, { V1_ID_GN, 2, { 0x30, 0 } },
		{ V1_ID_KEY_ID, 4, { 10, 0, 0, 1 } }, { 0, 4, { 10, 0, 0, 1 } },
		{ 255, 4, { 10, 0, 0, 1 } }, { V1_ID_IPV6, 16, { 0xfd } },
		{ V1_ID_IPV4_SUBNET, 8, { 10, 0, 0, 0, 255, 0, 255, 0 } },
		{ V1_ID_IPV4_RANGE, 8, { 10, 0, 0, 9, 10, 0, 0, 1 } },
	};
	struct talk *t = bare(v1_lab_new());
	unsigned int i, which;
	struct craft k;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		for (which = 0; which < 2; which++) {
			tap_note("type %u for %u", wrong[i].type, which);
			k = good(t);
			k.id[which].type = wrong[i].type;
			k.id[which].len = wrong[i].len;
			memcpy(k.id[which].body, wrong[i].body, wrong[i].len);
			CHECK_REASON(say(t, &k), ISAKMP_R_V1_QUICK_ID);
			CHECK_EQ(t->b.ike.n_children, 0);
			v1_lab_settle(t);
			CHECK_EQ(t->a.arg, V1_N_INVALID_ID_INFORMATION);
		}
	k = good(t);
	CHECK_EQ(say(t, &k), ISAKMP_OK);
	CHECK_EQ(t->b.ike.n_children, 1);
	talk_flush(&t->b);
	v1_lab_over(t);
}

/* RFC 2409, 5: 8 to 256 octets; a longer one has no place to be kept. */
static void test_nonces(void)
{
	static const u16 wrong[] = { 1, 7, 257, 512, IKE_AUTH_MAX };
	static const u16 right[] = { 8, 256 };
	struct talk *t = bare(v1_lab_new());
	struct craft k = good(t);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		tap_note("%u octets", wrong[i]);
		k.nonce = wrong[i];
		CHECK_REASON(say(t, &k), ISAKMP_R_BAD_NONCE);
		CHECK_EQ(t->b.ike.n_children, 0);
		v1_lab_settle(t);
	}
	for (i = 0; i < ARRAY_SIZE(right); i++) {
		k.nonce = right[i];
		CHECK_EQ(say(t, &k), ISAKMP_OK);
		CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
		talk_flush(&t->b);
	}
	v1_lab_over(t);
}

/* RFC 2409, 5.5: both of them, side by side, or none. */
static void test_id_numbers(void)
{
	struct talk *t = bare(v1_lab_new());
	struct craft k = good(t);

	k.n_ids = 1;
	CHECK_REASON(say(t, &k), ISAKMP_R_V1_QUICK_ID);
	k.n_ids = 3;
	k.id[2] = k.id[1];
	CHECK_REASON(say(t, &k), ISAKMP_R_V1_QUICK_ID);
	k.n_ids = 2;
	k.apart = true;
	CHECK_REASON(say(t, &k), ISAKMP_R_V1_QUICK_ID);
	k.n_ids = 0;
	k.apart = false;
	CHECK_REASON(say(t, &k), ISAKMP_R_TS);
	t->b.local[0].type = t->b.remote[0].type = IKE_TS_DYNAMIC;
	CHECK_EQ(say(t, &k), ISAKMP_OK);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
	CHECK_MEM(t->b.last.remote[0].start, t->a.path.local.a, 4);
	talk_flush(&t->b);
	v1_lab_over(t);
}

/* The answer is about other traffic than was asked for: it is taken back. */
static void test_other_answer(void)
{
	struct talk *t = bare(v1_lab_new());

	start(&t->a);
	v1_lab_pass(&t->a);
	CHECK_EQ(t->b.ike.n_children, 1);
	t->a.local[0].end[1]++;
	CHECK_REASON(v1_lab_pass(&t->b), ISAKMP_R_TS);
	v1_lab_settle(t);
	CHECK_EQ(t->a.ike.n_children, 0);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 0);
	CHECK_EQ(t->a.installs, 1);
	v1_lab_over(t);
}

/*
 * Transport mode behind a NAT: in message 2 is the address that B knows of A, not the one that A has
 * said.  Where there is no NAT it is about somebody else.
 */
static void test_nat_answer(void)
{
	struct talk *t;
	unsigned int nat;

	for (nat = 0; nat < 2; nat++) {
		t = v1_lab_new();
		if (nat)
			t->a.nat = (struct talk_nat){
				.on = true, .outer = { 4, { 198, 51, 100, 9 } },
				.port = { 1024, 1025 },
			};
		t->liar = true;
		t->a.child.mode = t->b.child.mode = IKE_MODE_TRANSPORT;
		t->a.local[0].type = t->a.remote[0].type = IKE_TS_DYNAMIC;
		t->b.local[0].type = t->b.remote[0].type = IKE_TS_DYNAMIC;
		bare(t);
		start(&t->a);
		v1_lab_pass(&t->a);
		t->a.ike.path.local.a[3]++;
		CHECK_REASON(v1_lab_pass(&t->b), nat ? ISAKMP_OK : ISAKMP_R_TS);
		CHECK_EQ(count(&t->a, IKE_CHILD_UP), nat);
		if (nat)
			CHECK_MEM(t->a.last.local[0].start, t->a.ike.path.local.a, 4);
		v1_lab_settle(t);
		v1_lab_over(t);
	}
}

static void test_attributes(void)
{
	struct talk *t = bare(v1_lab_new());
	struct craft k = good(t);

	k.rounds = 3;
	CHECK_REASON(say(t, &k), ISAKMP_R_NO_PROPOSAL);
	k = good(t);
	k.life = 100;
	k.life2 = 200;
	CHECK_REASON(say(t, &k), ISAKMP_R_NO_PROPOSAL);
	k.mode = 7;
	k.life2 = 100;
	CHECK_REASON(say(t, &k), ISAKMP_R_NO_PROPOSAL);
	k.mode = V1_MODE_UDP_TUNNEL;
	CHECK_REASON(say(t, &k), ISAKMP_R_NO_PROPOSAL);
	k.mode = 0;
	CHECK_EQ(say(t, &k), ISAKMP_OK);
	talk_flush(&t->b);
	v1_lab_over(t);
}

static void test_bundle(void)
{
	struct talk *t = bare(v1_lab_new());
	struct craft k = good(t);

	k.protocol2 = V1_PROTO_AH;
	CHECK_REASON(say(t, &k), ISAKMP_R_V1_BUNDLE);
	CHECK_EQ(t->b.ike.n_children, 0);
	v1_lab_settle(t);
	CHECK_EQ(t->a.arg, V1_N_NO_PROPOSAL_CHOSEN);
	v1_lab_over(t);
}

/* AES has no number among the transforms of AH; 0 is nobody's SPI; behind a NAT there is no AH. */
static void test_proposals(void)
{
	static const struct ike_suite ah = { IKE_PROTO_AH, 0, 0, 0, IKE_INTEG_HMAC_SHA1_96, 0, 0 };
	struct talk *t = bare(v1_lab_new());
	struct craft k = good(t);

	k.protocol = V1_PROTO_AH;
	CHECK_REASON(say(t, &k), ISAKMP_R_NO_PROPOSAL);
	k.protocol = 0;
	k.no_spi = true;
	CHECK_REASON(say(t, &k), ISAKMP_R_NO_PROPOSAL);
	k.no_spi = false;
	t->b.child.esp = (struct ike_suites){ .n = 1, .s = { ah } };
	t->b.ike.encap = true;
	CHECK_REASON(say(t, &k), ISAKMP_R_AH_NAT);
	t->b.ike.encap = false;
	CHECK_EQ(t->b.ike.n_children, 0);
	talk_flush(&t->b);
	v1_lab_over(t);
}

/* RFC 3947, 5.1: in UDP the modes have other numbers; what has no number is not in UDP. */
static void test_modes(void)
{
	static const struct { u16 said; u8 mode; bool encap; } fits[] = {
		{ 0, IKE_MODE_TUNNEL, false }, { 0, IKE_MODE_TRANSPORT, false },
		{ V1_MODE_TUNNEL, IKE_MODE_TUNNEL, false },
		{ V1_MODE_TRANSPORT, IKE_MODE_TRANSPORT, false },
		{ V1_MODE_UDP_TUNNEL, IKE_MODE_TUNNEL, true },
		{ V1_MODE_UDP_TUNNEL_DRAFT, IKE_MODE_TUNNEL, true },
		{ V1_MODE_UDP_TRANSPORT, IKE_MODE_TRANSPORT, true },
		{ V1_MODE_UDP_TRANSPORT_DRAFT, IKE_MODE_TRANSPORT, true },
	};
	static const u8 modes[] = { IKE_MODE_TUNNEL, IKE_MODE_TRANSPORT };
	static const u16 said[] = {
		0, V1_MODE_TUNNEL, V1_MODE_TRANSPORT, V1_MODE_UDP_TUNNEL, V1_MODE_UDP_TRANSPORT,
		V1_MODE_UDP_TUNNEL_DRAFT, V1_MODE_UDP_TRANSPORT_DRAFT,
	};
	unsigned int i, j, fit;
	struct craft k = {};
	struct talk *t;

	for (i = 0; i < 4 * ARRAY_SIZE(said); i++) {
		k.mode = said[i / 4];
		t = v1_lab_new();
		t->b.child.mode = modes[i & 1];
		t->b.local[0].type = t->b.remote[0].type = IKE_TS_DYNAMIC;
		t = bare(t);
		t->b.ike.encap = i & 2;
		tap_note("mode %u for %u, in UDP %u", k.mode, t->b.child.mode, t->b.ike.encap);
		for (fit = 0, j = 0; j < ARRAY_SIZE(fits); j++)
			fit |= fits[j].said == k.mode && fits[j].mode == t->b.child.mode &&
			       fits[j].encap == t->b.ike.encap;
		CHECK_REASON(say(t, &k), fit ? ISAKMP_OK : ISAKMP_R_NO_PROPOSAL);
		talk_flush(&t->b);
		v1_lab_over(t);
	}
}

/* The helper allows some children, and no others. */
static void test_not_allowed(void)
{
	struct talk *t = bare(v1_lab_new());
	struct craft k = good(t);

	t->b.ike.allowed = 0;
	CHECK_REASON(say(t, &k), ISAKMP_R_TS);
	t->b.ike.allowed = 1;
	CHECK_EQ(say(t, &k), ISAKMP_OK);
	talk_flush(&t->b);
	v1_lab_over(t);
}

/* So many children, and so many with those that are on their way out. */
static void test_limits(void)
{
	struct talk *t = bare(v1_lab_new());
	struct craft k = good(t);
	unsigned int i;

	for (i = 0; i <= IKE_CHILDREN_MAX; i++) {
		tap_note("child %u", i);
		memcpy(k.id[0].body + 4, k.id[0].body, 4);
		CHECK_REASON(say(t, &k), i < IKE_CHILDREN_MAX ? ISAKMP_OK :
								ISAKMP_R_NO_ADDITIONAL_SAS);
		k.id[0].body[3]++;
		talk_flush(&t->b);
	}
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), IKE_CHILDREN_MAX);
	k.id[0].body[3] = k.id[0].body[7] = t->a.local[0].start[3];
	while (t->b.ike.n_children < IKE_INSTANCES_MAX)
		ike_child_new(&t->b.ike, &t->b.peer, &t->b.child)->state = IKE_CHILD_GONE;
	CHECK_REASON(say(t, &k), ISAKMP_R_NO_ADDITIONAL_SAS);
	ike_child_drop(&t->b.ike, talk_child_in(&t->b, IKE_CHILD_GONE), ISAKMP_OK);
	CHECK_EQ(say(t, &k), ISAKMP_OK);
	talk_flush(&t->b);
	v1_lab_over(t);
}

/* A peer that has its child made anew again and again has to wait. */
static void test_rekey_limit(void)
{
	struct talk *t = bare(v1_lab_new());
	struct craft k = good(t);
	unsigned int i;

	for (i = 0; i <= IKE_REKEYS_BURST + 1; i++) {
		tap_note("rekey %u", i);
		CHECK_REASON(say(t, &k), i <= IKE_REKEYS_BURST ? ISAKMP_OK : ISAKMP_R_REKEY_LIMIT);
		talk_flush(&t->b);
		v1_exchange_free_all(&t->a.ike, t->a.ike.ep);
		v1_exchange_free_all(&t->b.ike, t->b.ike.ep);
	}
	v1_lab_over(t);
}

/* RFC 2407, 4.6.3.3: INITIAL-CONTACT may come with a Quick Mode, too: what is elder goes. */
static void test_contact(void)
{
	struct talk *t = bare(v1_lab_new());
	struct craft k = good(t);

	CHECK_EQ(say(t, &k), ISAKMP_OK);
	k.contact = true;
	CHECK_EQ(say(t, &k), ISAKMP_OK);
	CHECK_EQ(t->b.forgotten, 0);
	CHECK_EQ(t->b.ike.n_children, 2);
	v1_lab_p(&t->b)->begun_at = t->now + 1;
	say(t, &k);
	CHECK_EQ(t->b.forgotten, 2);
	CHECK_EQ(t->b.ike.n_children, 1);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
	talk_flush(&t->b);
	v1_lab_over(t);
}

/* ---- HASH ------------------------------------------------------------------------ */

static u8 hash_nth;	/* message 2 or 3 has another HASH: that of message 1 */

static bool other_hash(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	bool second = from == &t->b;
	struct v1_forge f;
	struct v1_law law;
	struct packet q;

	if (p->p[18] != V1_QUICK || hash_nth != (second ? 2 : 3) ||
	    !v1_exchange_of(talk_other(from)->ike.ep, get_unaligned_be32(p->p + 20)))
		return true;
	v1_forge_read(&f, talk_other(from), p);
	law = *f.law;
	law.hash = V1_H_1;
	f.law = &law;
	q = v1_forge_write(&f, &p->path);
	v1_forge_free(&f);
	CHECK_REASON(v1_lab_deliver(talk_other(from), &q), ISAKMP_R_ICV);
	packet_free(&q);
	hash_nth = 0;
	return true;
}

/* HASH(1) is over less than HASH(2) and HASH(3): in their place it is nothing. */
static void test_hash(void)
{
	struct talk *t;
	u8 i;

	for (i = 2; i <= 3; i++) {
		tap_note("message %u", i);
		hash_nth = i;
		t = v1_lab_new();
		v1_lab.net = other_hash;
		v1_lab_up(t);
		CHECK_EQ(hash_nth, 0);
		check_up(t, 1);
		v1_lab_over(t);
	}
}

/* ---- message IDs ------------------------------------------------------------------ */

static bool as_transaction(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	static const u8 reply[4] = { IKE_CFG_REPLY };
	struct v1_forge f;
	struct packet q;

	if (from != &t->b || p->p[18] != V1_QUICK || hash_nth)
		return true;
	v1_forge_read(&f, &t->a, p);
	f.h.exchange = V1_TRANSACTION;
	f.law = v1_law_find(V1_TRANSACTION, 2, IKE_WE_INITIATE, 0, true);
	f.n = 1;
	v1_forge_add(&f, V1_PL_ATTRIBUTES, reply, sizeof(reply));
	q = v1_forge_write(&f, &p->path);
	v1_forge_free(&f);
	CHECK_REASON(v1_lab_deliver(&t->a, &q), ISAKMP_R_NO_LAW);
	packet_free(&q);
	hash_nth = 2;
	return true;
}

/* A message ID is of one exchange: what comes under it in another one is nothing. */
static void test_other_exchange(void)
{
	struct talk *t = v1_lab_new();

	hash_nth = 0;
	v1_lab.net = as_transaction;
	v1_lab_up(t);
	CHECK_EQ(hash_nth, 2);
	check_up(t, 1);
	v1_lab_over(t);
}

/* There are so many at once; those that are over make way for others, the oldest first. */
static void test_exchanges(void)
{
	struct talk *t = bare(v1_lab_new());
	struct ike_sa *a = &t->a.ike;
	struct v1_exchange *x, *last = NULL;
	unsigned int i, n = 0;

	v1_exchange_free_all(a, a->ep);
	for (i = 0; i < V1_EXCHANGES_MAX + 2; i++) {
		x = v1_exchange_new(a, a->ep, &craft_ops, 0, t->now);
		n += !!x;
		last = x ? x : last;
	}
	CHECK_EQ(n, V1_EXCHANGES_MAX);
	v1_exchange_done(last, t->now);
	x = v1_exchange_new(a, a->ep, &craft_ops, 0, t->now);
	CHECK(x != NULL);
	CHECK(!v1_exchange_new(a, a->ep, &craft_ops, 0, t->now));
	v1_exchange_free_all(a, a->ep);
	v1_lab_over(t);
}

int main(void)
{
	TAP_RUN(test_nonces, "Quick Mode: nonces shorter and longer than any may be");
	TAP_RUN(test_id_types, "Quick Mode: types of identities (threat 40)");
	TAP_RUN(test_id_numbers, "Quick Mode: two identities, or none");
	TAP_RUN(test_other_answer, "Quick Mode: the answer is for other traffic");
	TAP_RUN(test_nat_answer, "Quick Mode: behind a NAT, and the answer has the address outside");
	TAP_RUN(test_attributes, "Quick Mode: attributes that mean nothing, or two things");
	TAP_RUN(test_bundle, "Quick Mode: ESP and AH together are refused");
	TAP_RUN(test_proposals, "Quick Mode: protocol and SPI of what is offered");
	TAP_RUN(test_modes, "Quick Mode: modes, in UDP and not (RFC 3947, 5.1)");
	TAP_RUN(test_not_allowed, "Quick Mode: a child that the helper does not allow");
	TAP_RUN(test_limits, "Quick Mode: how many children a peer may have");
	TAP_RUN(test_rekey_limit, "Quick Mode: how often a child may be made anew");
	TAP_RUN(test_contact, "Quick Mode: with INITIAL-CONTACT");
	TAP_RUN(test_hash, "Quick Mode: HASH of another message (RFC 2409, 5.5)");
	TAP_RUN(test_other_exchange, "Quick Mode: another exchange under its message ID");
	TAP_RUN(test_exchanges, "exchanges of phase 2: so many at once");
	return tap_done();
}
