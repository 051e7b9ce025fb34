// SPDX-License-Identifier: GPL-2.0
/*
 * Every octet of every encrypted message changed, in every exchange: nothing comes of it, and the
 * message as it was sent counts afterwards.
 *
 * Which messages there are says the law table: each row that wants encryption has to have been
 * there, of Informational each kind.  What "nothing" is: in phase 2 all that an end holds and has
 * done.  In phase 1, where only HASH_I, HASH_R or a signature inside the message tells whose it
 * is, all but what the next message takes the place of, and the count of junk.
 *
 * One bit has no protection in RFC 2409: the commit bit; v1_quick_test.c says what it may do.
 */
#include "v1_plain.h"
#include "v1_ways.h"

static unsigned int rows[64];		/* how often each of v1_laws[] was changed all over */
static unsigned int octets, asked;
static bool commit;			/* B sets the commit bit in Quick Mode 2 */
static bool refusing;			/* what is right is refused for what it says */

/* Kinds of Informational that were changed */
static const struct kind {
	const char *what;
	u8 payload;
	u16 type;		/* of a notification; of a Delete the protocol */
} kinds[] = {
	{ "Delete of a child", V1_PL_DELETE, V1_PROTO_ESP },
	{ "Delete of an ISAKMP SA", V1_PL_DELETE, V1_PROTO_ISAKMP },
	{ "R-U-THERE", V1_PL_NOTIFY, V1_N_R_U_THERE },
	{ "R-U-THERE-ACK", V1_PL_NOTIFY, V1_N_R_U_THERE_ACK },
	{ "CONNECTED", V1_PL_NOTIFY, V1_N_CONNECTED },
	{ "a refusal", V1_PL_NOTIFY, V1_N_NO_PROPOSAL_CHOSEN },
};
static unsigned int seen[ARRAY_SIZE(kinds)];

static u16 type_of(const struct body *b)
{
	const struct isakmp_payload pl = { .type = b->type, .body = b->p, .len = (u16)b->n };
	struct v1_notify n;
	struct v1_delete d;

	if (b->type == V1_PL_NOTIFY && !v1_notify_decode(&pl, &n))
		return n.type;
	if (b->type == V1_PL_DELETE && !v1_delete_decode(&pl, &d))
		return d.protocol;
	return 0;
}

static void note_kinds(struct end *to, const struct packet *p)
{
	struct v1_plain m;
	unsigned int i, j;

	if (p->p[18] != V1_INFORMATIONAL || !v1_plain_open(&m, to, p))
		return;
	for (i = 0; i < m.n; i++)
		for (j = 0; j < ARRAY_SIZE(kinds); j++)
			seen[j] += m.b[i].type == kinds[j].payload &&
				   type_of(&m.b[i]) == kinds[j].type;
	v1_plain_free(&m);
}

static void note_row(struct end *to, const struct packet *p)
{
	const struct ike_epoch *ep = v1_plain_epoch(to, p);
	const struct v1_exchange *x = v1_exchange_of(ep, get_unaligned_be32(p->p + 20));
	bool phase1 = p->p[18] <= V1_AGGRESSIVE, initiator = ep->initiator;
	const struct v1_law *l;
	u8 step = 1;

	if (phase1)
		step = ep->v1->step;
	else if (x && p->p[18] != V1_INFORMATIONAL)
		step = x->step;
	if (!phase1)
		initiator = step > 1 && x->initiator;
	l = v1_law_find(p->p[18], step, initiator ? IKE_WE_INITIATE : IKE_WE_RESPOND,
			phase1 ? v1_proof_of(ep->v1->method, !ep->initiator) : 0, true);
	if (CHECK(l))
		rows[l - v1_laws]++;
	note_kinds(to, p);
}

/* ---- what must stay -------------------------------------------------------------- */

#define MIX(h, field) ((h) = native_digest(h, &(field), sizeof(field)))

static u64 of_exchanges(const struct v1_phase1 *p, u64 h)
{
	const struct v1_exchange *x;

	for (x = p->exchanges; x; x = x->next)
		h = native_digest(h, x, sizeof(*x));
	return native_digest(h, p->ids, p->n_ids * sizeof(*p->ids));
}

static u64 of_phase1(const struct v1_phase1 *p, u64 h)
{
	MIX(h, p->state);
	MIX(h, p->step);
	MIX(h, p->method);
	MIX(h, p->key);
	MIX(h, p->iv);
	MIX(h, p->can);
	MIX(h, p->life_s);
	MIX(h, p->up_at);
	MIX(h, p->rekey_at);
	MIX(h, p->expire_at);
	MIX(h, p->dpd_at);
	MIX(h, p->dpd_in);
	MIX(h, p->dpd_out);
	MIX(h, p->dpd_heard);
	MIX(h, p->until_at);
	MIX(h, p->talk.bytes);
	MIX(h, p->talk.answers);
	MIX(h, p->n_groups);
	return of_exchanges(p, h);
}

/* Phase 1: who it is, what it is worth, where it stands. */
static u64 essence(const struct end *e)
{
	const struct ike_sa *sa = &e->ike;
	const struct ike_epoch *ep;
	u64 h = 1;

	MIX(h, sa->state);
	MIX(h, sa->peer);
	MIX(h, sa->proven);
	MIX(h, sa->contact);
	MIX(h, sa->path);
	MIX(h, sa->encap);
	MIX(h, sa->msgs_in);
	MIX(h, sa->msgs_out);
	MIX(h, sa->last_in);
	MIX(h, sa->until_at);
	MIX(h, sa->reauth_at);
	MIX(h, sa->basis);
	MIX(h, sa->id_remote);
	MIX(h, sa->n_children);
	MIX(h, e->sent);
	MIX(h, e->installs);
	MIX(h, e->asking);
	for (ep = sa->ep; ep; ep = ep->next)
		h = of_phase1(ep->v1, h);
	return h;
}

/* ---- each octet ---------------------------------------------------------------------- */

static void quietly(struct end *to, const struct packet *p)
{
	unsigned int refusals = to->refusals;

	v1_lab_deliver(to, p);
	/* The helper finds the signature wrong; or it never hears of what is not covered by it */
	if (to->asking) {
		v1_lab.refuse[to->ask.kind] = ISAKMP_R_HELPER_LOST;
		v1_lab_answer(to);
		memset(v1_lab.refuse, 0, sizeof(v1_lab.refuse));
		asked++;
	}
	CHECK(to->refusals > refusals);
}

static void forget_junk(struct end *to)
{
	struct ike_epoch *ep;

	for (ep = to->ike.ep; ep; ep = ep->next)
		if (ep->v1 && ep->v1->setup)
			ep->v1->setup->junk = 0;
}

static bool change(struct end *to, const struct packet *p, size_t at, u8 bits, bool phase1)
{
	u64 before = phase1 ? essence(to) : v1_lab_digest(to);
	struct packet bad = packet_copy(p);

	bad.p[at] ^= bits;
	quietly(to, &bad);
	packet_free(&bad);
	octets++;
	if (!CHECK(to->live && (phase1 ? essence(to) : v1_lab_digest(to)) == before)) {
		tap_note("%c, exchange %u, octet %zu of %zu, bits %02x: reason %u", to->name,
			 p->p[18], at, p->n, bits, to->why);
		return false;
	}
	forget_junk(to);
	return true;
}

static void change_all(struct end *to, const struct packet *p)
{
	bool phase1 = p->p[18] <= V1_AGGRESSIVE, good = true;
	struct v1_plain m;
	unsigned int bit;
	size_t at;

	/* The responder makes its keys when the first encrypted message comes, whatever it is */
	if (phase1 && v1_plain_open(&m, to, p))
		v1_plain_free(&m);
	for (at = 0; good && at < p->n; at++)
		good = change(to, p, at, (u8)(1U << (at % 8)), phase1);
	/* Next Payload, version, exchange, flags: each bit of them */
	for (at = IKE_HDR_NEXT_AT; good && at <= IKE_HDR_FLAGS_AT; at++)
		for (bit = 0; good && bit < 8; bit++)
			if (at != IKE_HDR_FLAGS_AT || 1U << bit != V1_FLAG_COMMIT)
				good = change(to, p, at, (u8)(1U << bit), phase1);
}

static bool net(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct end *to = talk_other(from);
	bool phase2 = p->p[18] > V1_AGGRESSIVE;
	enum isakmp_reason why;

	if (!(p->p[IKE_HDR_FLAGS_AT] & V1_FLAG_ENCRYPTION) || !to->live)
		return true;
	if (commit && from->name == 'B' && p->p[18] == V1_QUICK)
		p->p[IKE_HDR_FLAGS_AT] |= V1_FLAG_COMMIT;
	note_row(to, p);
	change_all(to, p);
	tap_note("%c, exchange %u: the right one", to->name, p->p[18]);
	why = v1_lab_deliver(to, p);
	if (refusing && phase2)
		CHECK(why == ISAKMP_R_NO_PROPOSAL || why == ISAKMP_R_PEER_ERROR);
	else
		CHECK_EQ(why, ISAKMP_OK);
	return false;
}

/* ---- conversations --------------------------------------------------------------------- */

static struct talk *begin(const struct v1_way *w)
{
	struct talk *t = v1_way_new(w);

	t->a.peer.dpd_s = t->b.peer.dpd_s = 30;
	v1_lab.net = net;
	commit = refusing = false;
	return t;
}

/* By secret, with name and password, in Main Mode. */
static const struct v1_way psk = { V1_MAIN, V1_M_PSK, IKE_V1_PSK, false };
static const struct v1_way xauth = { V1_MAIN, V1_M_XAUTH_I_PSK, IKE_V1_PSK, true };

static void set_group(struct talk *t, u16 ke)
{
	unsigned int i;

	for (i = 0; i < t->a.child.esp.n; i++)
		t->a.child.esp.s[i].ke = t->b.child.esp.s[i].ke = ke;
}

static void event(struct end *e, u8 type)
{
	struct ike_event ev = { .type = type, .peer = &e->peer, .child = &e->child };

	CHECK_EQ(talk_event(e, &ev), ISAKMP_OK);
	v1_lab_settle(e->t);
}

/* A life: up, a look whether the other end is there, another child, down. */
static void live(struct talk *t)
{
	v1_lab_up(t);
	CHECK(t->a.installs == 1 && t->b.installs == 1);
	event(&t->a, IKE_EV_CHECK);
	t->now += 1000;
	event(&t->b, IKE_EV_CHECK);
	event(&t->a, IKE_EV_CHILD_REKEY);
	CHECK(t->a.installs == 2 && t->b.installs == 2);
	event(&t->b, IKE_EV_CHILD_STOP);
	event(&t->a, IKE_EV_STOP);
	CHECK(!t->b.live || !v1_phase1_ready(&t->b.ike));
	v1_lab_over(t);
}

static void test_ways(void)
{
	const struct v1_way *w;

	/* Of Authentication Only nothing is encrypted */
	for (w = v1_ways; w < v1_ways + V1_WAYS && w->exchange != V1_AUTH_ONLY; w++) {
		tap_note("exchange %u, method %u", w->exchange, w->method);
		live(begin(w));
	}
}

static void test_pfs(void)
{
	struct talk *t = begin(&psk);

	set_group(t, IKE_KE_ECP_256);
	live(t);
}

static void test_new_group(void)
{
	struct talk *t = begin(&psk);

	set_group(t, IKE_KE_MODP_1024);
	t->a.peer.v1.new_group = true;
	live(t);
}

static void test_config(void)
{
	struct talk *t;
	int push;

	for (push = 0; push < 2; push++) {
		t = begin(&xauth);
		v1_way_pool(t, push);
		v1_lab.rounds = 1;
		live(t);
	}
}

/* The commit bit in Quick Mode 2: the child waits for CONNECTED, which is under its ID. */
static void test_commit(void)
{
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ESP,
			       .type = V1_N_CONNECTED, .spi_len = 4 };
	struct talk *t = begin(&psk);
	struct v1_msg m;
	u8 spi[4];

	commit = true;
	v1_lab_up(t);
	CHECK(t->a.ike.children && t->a.ike.children->held);
	put_unaligned_be32(t->b.ike.children->spi_in, spi);
	n.spi = spi;
	CHECK_EQ(v1_msg_begin(&t->b.ike, t->b.ike.ep, v1_lab_p(&t->b)->exchanges, &m,
			      V1_INFORMATIONAL, V1_H_1), ISAKMP_OK);
	v1_msg_notify(&m, &n);
	CHECK_EQ(v1_say_once(&t->b.ike, &m), ISAKMP_OK);
	v1_lab_settle(t);
	CHECK(t->a.ike.children && !t->a.ike.children->held);
	v1_lab_over(t);
}

/* No suite in common: the refusal is authentic, too. */
static void test_refusal(void)
{
	struct talk *t = begin(&psk);

	refusing = true;
	t->b.child.esp.n = 1;
	t->b.child.esp.s[0].keylen = 192;
	v1_lab_start(t);
	v1_lab_settle(t);
	CHECK_EQ(t->a.installs + t->b.installs, 0);
	v1_lab_over(t);
}

static void test_all_seen(void)
{
	unsigned int i;

	for (i = 0; i < v1_n_laws; i++)
		if (v1_laws[i].encrypted && !CHECK(rows[i] > 0))
			tap_note("not seen: %s", v1_laws[i].story);
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!CHECK(seen[i] > 0))
			tap_note("not seen: %s", kinds[i].what);
	tap_note("%u octets and bits changed, %u of them for the helper to judge", octets, asked);
}

int main(void)
{
	TAP_RUN(test_ways, "an octet changed: nothing comes of it, in any exchange (threat 53)");
	TAP_RUN(test_pfs, "the same of Quick Modes with PFS (threat 53)");
	TAP_RUN(test_new_group, "the same of New Group Mode (threat 53)");
	TAP_RUN(test_config, "the same of XAUTH and mode config, pulled and pushed (threat 53)");
	TAP_RUN(test_commit, "the same of CONNECTED (threat 53)");
	TAP_RUN(test_refusal, "the same of what refuses a Quick Mode (threat 53)");
	TAP_RUN(test_all_seen, "that was every encrypted message that the law table has");
	return tap_done();
}
