// SPDX-License-Identifier: GPL-2.0
/* Quick Mode 2 as the responder must not say it (RFC 2409, 5.5; RFC 2407, 4.6.3.1). */
#include "v1_children.h"
#include "v1_forge.h"
#include "v1/phase2.h"

/* ---- what was chosen ------------------------------------------------------------------ */

/* Where things are in an SA payload of one proposal with one transform. */
#define PROPOSAL_AT	8
#define PROTOCOL_AT	13
#define SPI_AT		16
#define TRANSFORM_AT	20

enum flaw { PROTOCOL, SPI_0, MODE, GROUP, KEY_LENGTH, TWO_PROPOSALS, TWO_TRANSFORMS, FLAWS, NO_LIFE };

static u8 flaw;

/* The value of a basic attribute. */
static u8 *value_of(u8 *sa, size_t n, u16 type)
{
	size_t i;

	for (i = TRANSFORM_AT + 8; i + 4 <= n; i += 4)
		if (sa[i] == 0x80 && sa[i + 1] == type)
			return sa + i + 2;
	talk_broken("no such attribute");
}

/* The transform once more. */
static size_t two_transforms(u8 *sa, size_t n)
{
	size_t len = n - TRANSFORM_AT;

	memcpy(sa + n, sa + TRANSFORM_AT, len);
	sa[TRANSFORM_AT] = V1_PL_TRANSFORM;
	sa[PROPOSAL_AT + 7] = 2;
	put_unaligned_be16((u16)(n + len - PROPOSAL_AT), sa + PROPOSAL_AT + 2);
	return n + len;
}

/* Type and duration are side by side. */
static size_t no_life(u8 *sa, size_t n)
{
	u8 *type = value_of(sa, n, V1_IA_LIFE_TYPE) - 2;

	memmove(type, type + 8, (size_t)(sa + n - type - 8));
	put_unaligned_be16((u16)(n - 8 - PROPOSAL_AT), sa + PROPOSAL_AT + 2);
	put_unaligned_be16((u16)(n - 8 - TRANSFORM_AT), sa + TRANSFORM_AT + 2);
	return n - 8;
}

static size_t two_proposals(u8 *sa, size_t n)
{
	size_t len = n - PROPOSAL_AT;

	memcpy(sa + n, sa + PROPOSAL_AT, len);
	sa[PROPOSAL_AT] = V1_PL_PROPOSAL;
	return n + len;
}

static size_t spoil(u8 *sa, size_t n)
{
	switch (flaw) {
	case PROTOCOL:
		sa[PROTOCOL_AT] = V1_PROTO_AH;
		break;
	case SPI_0:
		memset(sa + SPI_AT, 0, 4);
		break;
	case MODE:
		put_unaligned_be16(V1_MODE_TRANSPORT, value_of(sa, n, V1_IA_MODE));
		break;
	case GROUP:
		put_unaligned_be16(IKE_KE_ECP_384, value_of(sa, n, V1_IA_GROUP));
		break;
	case KEY_LENGTH:
		put_unaligned_be16(128, value_of(sa, n, V1_IA_KEY_LENGTH));
		break;
	case NO_LIFE:
		return no_life(sa, n);
	case TWO_PROPOSALS:
		return two_proposals(sa, n);
	case TWO_TRANSFORMS:
		return two_transforms(sa, n);
	}
	return n;
}

static bool spoil_second(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct isakmp_path path = p->path;
	struct v1_forge f;
	u8 sa[512];
	int i;

	if (from != &t->b || p->p[18] != V1_QUICK)
		return true;
	v1_forge_read(&f, &t->a, p);
	i = v1_forge_find(&f, V1_PL_SA);
	memcpy(sa, f.b[i].p, f.b[i].n);
	f.b[i].n = spoil(sa, f.b[i].n);
	f.b[i].p = sa;
	packet_free(p);
	*p = v1_forge_write(&f, &path);
	v1_forge_free(&f);
	return true;
}

/* What we did not offer, or no choice: there is no child, and the peer is told. */
static void test_chosen(void)
{
	static const struct ike_suite esp[] = {
		{ IKE_PROTO_ESP, 0, IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128, 0,
		  IKE_KE_ECP_256 },
		{ IKE_PROTO_ESP, 0, IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128, 0,
		  IKE_KE_ECP_384 },
	};
	struct talk *t;

	for (flaw = 0; flaw <= FLAWS; flaw++) {
		tap_note("flaw %u", flaw);
		t = v1_lab_new();
		t->a.child.esp = (struct ike_suites){ .n = 2, .s = { esp[0], esp[1] } };
		t->b.child.esp = t->a.child.esp;
		v1_lab.net = spoil_second;
		v1_lab_start(t);
		v1_lab_settle(t);
		CHECK_EQ(t->a.installs, flaw == FLAWS);
		CHECK_EQ(t->a.refused[ISAKMP_R_BAD_CHOICE], flaw != FLAWS);
		CHECK_EQ(count(&t->b, IKE_CHILD_UP), flaw == FLAWS);
		v1_lab_over(t);
	}
}

/* ---- what else it says ---------------------------------------------------------------- */

/* RESPONDER-LIFETIME in message 2: 1000 seconds, of what it names. */
static const struct told {
	u8 protocol, spi_len;
	bool other;		/* the SPI is of something else */
	u32 life;		/* what comes of it */
} tolds[] = {
	{ V1_PROTO_ESP, 4, false, 1000 },
	{ V1_PROTO_ESP, 0, false, 1000 },
	{ V1_PROTO_ESP, 4, true, 3600 },
	{ V1_PROTO_ISAKMP, 16, false, 3600 },
};

static const struct told *told;	/* NULL: KE is left out, or there is one too many */
static bool more_ke;

static void add_told(struct v1_forge *f, u8 *buf, size_t room)
{
	static const u8 phase1[8] = { 0x80, 11, 0, 1, 0x80, 12, 1000 >> 8, 1000 & 0xff };
	static const u8 phase2[8] = { 0x80, 1, 0, 1, 0x80, 2, 1000 >> 8, 1000 & 0xff };
	bool isakmp = told->protocol == V1_PROTO_ISAKMP;
	u8 spi[16];
	struct v1_notify n = {
		.doi = V1_DOI_IPSEC, .protocol = told->protocol, .spi_len = told->spi_len,
		.type = V1_N_RESPONDER_LIFETIME, .spi = spi, .data = isakmp ? phase1 : phase2,
		.len = sizeof(phase1),
	};
	struct isakmp_out o;

	put_unaligned_be64(f->h.spi_i, spi);
	put_unaligned_be64(f->h.spi_r, spi + 8);
	if (!isakmp)
		put_unaligned_be32(talk_other(f->to)->ike.children->spi_in + told->other, spi);
	isakmp_out_init(&o, buf, room);
	v1_notify_encode(&o, &n);
	v1_forge_add(f, V1_PL_NOTIFY, buf, o.len);
}

static bool change_second(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	static const u8 ke[64] = { 1 };
	struct isakmp_path path = p->path;
	struct v1_forge f;
	u8 buf[64];

	if (from != &t->b || p->p[18] != V1_QUICK)
		return true;
	v1_forge_read(&f, &t->a, p);
	if (told)
		add_told(&f, buf, sizeof(buf));
	else if (more_ke)
		v1_forge_add(&f, V1_PL_KE, ke, sizeof(ke));
	else
		v1_forge_drop(&f, v1_forge_find(&f, V1_PL_KE));
	packet_free(p);
	*p = v1_forge_write(&f, &path);
	v1_forge_free(&f);
	return true;
}

static void test_told(void)
{
	struct talk *t;

	for (told = tolds; told < tolds + ARRAY_SIZE(tolds); told++) {
		tap_note("row %zu", told - tolds);
		t = v1_lab_new();
		v1_lab.net = change_second;
		v1_lab_up(t);
		CHECK_EQ(count(&t->a, IKE_CHILD_UP), 1);
		CHECK_EQ(t->a.ike.children->life.s, told->life);
		CHECK_EQ(v1_lab_p(&t->a)->life_s, 14400);
		v1_lab_over(t);
	}
}

/* A key exchange was asked for: keys without one are none. */
static void test_no_ke(void)
{
	struct talk *t = v1_lab_new();

	told = NULL;
	more_ke = false;
	t->a.child.esp.s[0].ke = t->b.child.esp.s[0].ke = IKE_KE_ECP_256;
	t->a.child.esp.n = t->b.child.esp.n = 1;
	v1_lab.net = change_second;
	v1_lab_start(t);
	v1_lab_settle(t);
	CHECK_EQ(t->a.installs, 0);
	CHECK_EQ(t->a.refused[ISAKMP_R_MISSING], 1);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 0);
	v1_lab_over(t);
}

/* None was asked for: there is no group that it could be of. */
static void test_more_ke(void)
{
	struct talk *t = v1_lab_new();

	told = NULL;
	more_ke = true;
	v1_lab.net = change_second;
	v1_lab_start(t);
	v1_lab_settle(t);
	CHECK_EQ(t->a.installs, 0);
	CHECK_EQ(t->a.refused[ISAKMP_R_KE_GROUP], 1);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 0);
	v1_lab_over(t);
}

/* A lifetime that the answer says nothing of is what was offered. */
static void test_unsaid(void)
{
	struct talk *t = v1_lab_new();

	flaw = NO_LIFE;
	t->a.child.life_s = t->b.child.life_s = 50000;
	v1_lab.net = spoil_second;
	v1_lab_up(t);
	CHECK_EQ(count(&t->a, IKE_CHILD_UP), 1);
	CHECK_EQ(t->a.ike.children->life.s, 50000);
	v1_lab_over(t);
}

/* ---- INITIAL-CONTACT ---------------------------------------------------------------- */

static char teller;	/* who says it: B in message 2, A in message 3 */

static bool tell_contact(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ISAKMP,
			       .type = V1_N_INITIAL_CONTACT };
	struct isakmp_path path = p->path;
	struct v1_forge f;
	struct isakmp_out o;
	struct v1_exchange *x;
	u8 buf[16];

	x = v1_exchange_of(talk_other(from)->ike.ep, get_unaligned_be32(p->p + 20));
	if (from->name != teller || p->p[18] != V1_QUICK || !x || !x->step)
		return true;
	isakmp_out_init(&o, buf, sizeof(buf));
	v1_notify_encode(&o, &n);
	v1_forge_read(&f, talk_other(from), p);
	v1_forge_add(&f, V1_PL_NOTIFY, buf, o.len);
	packet_free(p);
	*p = v1_forge_write(&f, &path);
	v1_forge_free(&f);
	return true;
}

/*
 * RFC 2407, 4.6.3: status messages are "a payload in any Quick Mode exchange", of either end: what is
 * elder goes.  But HASH(3) is over no payload: in message 3 it may be anybody's.
 */
static void test_contact(void)
{
	struct talk *t;
	struct end *e;

	for (teller = 'A'; teller <= 'B'; teller++) {
		tap_note("%c", teller);
		t = v1_lab_up(v1_lab_new());
		e = teller == 'A' ? &t->b : &t->a;
		v1_lab_p(e)->begun_at = t->now + 1;
		t->now += 2;
		v1_lab.net = tell_contact;
		talk_do(&t->a, IKE_EV_CHILD_REKEY, t->a.ike.children->spi_in);
		v1_lab_settle(t);
		CHECK_EQ(e->forgotten, teller == 'B');
		CHECK_EQ(e->ike.n_children, teller == 'B' ? 1 : 2);
		CHECK_EQ(count(e, IKE_CHILD_UP), 1);
		CHECK(!e->ike.children->held);
		v1_lab_let_pass(t, 3 * IKE_REKEYED_MS);
		check_up(t, 1);
		v1_lab_over(t);
	}
}

int main(void)
{
	TAP_RUN(test_chosen, "Quick Mode 2: what was not offered");
	TAP_RUN(test_told, "Quick Mode 2: RESPONDER-LIFETIME is of what it names");
	TAP_RUN(test_no_ke, "Quick Mode 2: the answer to a key exchange is one");
	TAP_RUN(test_more_ke, "Quick Mode 2: a KE payload that nobody has asked for");
	TAP_RUN(test_unsaid, "Quick Mode 2: nothing of a lifetime");
	TAP_RUN(test_contact, "Quick Mode 2 and 3: with INITIAL-CONTACT");
	return tap_done();
}
