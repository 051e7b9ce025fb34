// SPDX-License-Identifier: GPL-2.0
/* What belongs to one pair of IKE SPIs: keys of the next, how many, how long. */
#include "talk.h"

/* ---- keys (RFC 7296, 2.18) -------------------------------------------------------- */

static const u16 prfs[] = {
	IKE_PRF_HMAC_SHA2_256, IKE_PRF_HMAC_SHA2_384, IKE_PRF_HMAC_SHA2_512,
};

static const u8 octets[] = "the nonces, SK_d and g^ir of an exchange are any octets there are, "
			   "and of any length that may be";

static struct ike_child_secrets secrets(void)
{
	return (struct ike_child_secrets){
		.shared = { octets + 7, 32 }, .ni = { octets, 32 }, .nr = { octets + 40, 20 },
	};
}

/* SKEYSEED is of the old PRF and as long as that makes it; the rest is of the new one. */
static void expect_sk_d(u16 old, u16 new, const struct ike_epoch *ep, u8 *sk_d)
{
	struct ike_child_secrets x = secrets();
	const struct ike_span v[] = { x.shared, x.ni, x.nr };
	u8 seed[64], spis[16];
	const struct ike_span s[] = { x.ni, x.nr, { spis, sizeof(spis) } };

	put_unaligned_be64(ep->spi_i, spis);
	put_unaligned_be64(ep->spi_r, spis + 8);
	CHECK(!isakmp_prf(old, octets + 3, isakmp_prf_len(old), v, ARRAY_SIZE(v), seed));
	CHECK(!ike_prf_plus(new, seed, isakmp_prf_len(old), s, ARRAY_SIZE(s), sk_d,
			    isakmp_prf_len(new)));
}

static void check_prfs(struct talk *t, u16 was, u16 is)
{
	struct ike_epoch old = { .suite = t->a.peer.ike.s[0] }, ep = old;
	struct ike_child_secrets x = secrets();
	u8 sk_d[64];

	old.suite.prf = was;
	memcpy(old.sk_d, octets + 3, isakmp_prf_len(was));
	ep.suite.prf = is;
	ep.spi_i = 0x0102030405060708;
	ep.spi_r = 0x1112131415161718;
	CHECK_EQ(ike_keys_rekey(&t->a.ike, &old, &ep, &x), ISAKMP_OK);
	expect_sk_d(was, is, &ep, sk_d);
	CHECK_MEM(ep.sk_d, sk_d, isakmp_prf_len(is));
	isakmp_sk_free(ep.sk_in);
	isakmp_sk_free(ep.sk_out);
}

static void test_prf(void)
{
	struct talk *t = talk_at(TALK_UP);
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(prfs); i++) {
		for (j = 0; j < ARRAY_SIZE(prfs); j++) {
			tap_note("from PRF %u to %u", prfs[i], prfs[j]);
			check_prfs(t, prfs[i], prfs[j]);
		}
	}
	talk_over(t);
}

/* ---- how many ---------------------------------------------------------------------- */

static unsigned int epochs(const struct end *e)
{
	const struct ike_epoch *ep;
	unsigned int n = 0;

	for (ep = e->ike.ep; ep; ep = ep->next)
		n++;
	return n;
}

/* A rekeys; its Delete of the old one is lost, and it may even forget about it. */
static enum isakmp_reason rekey_only(struct talk *t, bool forgets)
{
	enum isakmp_reason why;
	struct ike_epoch *ep;
	struct packet p;

	talk_do(&t->a, IKE_EV_REKEY, 0);
	p = talk_take(&t->a);
	if (!p.n)
		return ISAKMP_R_REKEY_BUSY;
	why = talk_deliver(&t->b, &p);
	packet_free(&p);
	p = talk_take(&t->b);
	talk_deliver(&t->a, &p);
	packet_free(&p);
	talk_flush(&t->a);
	for (ep = t->a.ike.ep->next; ep && forgets; ep = ep->next)
		ike_epoch_gone(&t->a.ike, ep, t->now);
	t->a.n_ivs = t->b.n_ivs = 0;
	return why;
}

/* A peer that rekeys without ever deleting makes us hold no more than the limit. */
static void test_hoard(void)
{
	enum isakmp_reason why = ISAKMP_OK;
	struct talk *t = talk_at(TALK_UP);
	unsigned int i;

	for (i = 0; i < IKE_REKEYS_BURST && !why; i++) {
		why = rekey_only(t, true);
		CHECK(epochs(&t->a) <= IKE_EPOCHS_MAX && epochs(&t->b) <= IKE_EPOCHS_MAX);
	}
	CHECK_REASON(why, ISAKMP_R_REKEY_LIMIT);
	CHECK_EQ(epochs(&t->b), IKE_EPOCHS_MAX);
	CHECK_EQ(t->b.rekeys, IKE_EPOCHS_MAX - 1);
	CHECK_EQ(t->a.ike.ep->spi_r, t->b.ike.ep->spi_r);
	/* In the end they are deleted by us, whether or not it answers */
	talk_timer(&t->b, t->now + IKE_RESPONSE_MS);
	for (i = 0; i < 5; i++) {
		talk_flush(&t->b);
		talk_timer(&t->b, t->now + 10000);
	}
	talk_timer(&t->b, t->now + IKE_LINGER_MS);
	CHECK_EQ(epochs(&t->b), 1);
	CHECK_EQ(rekey_only(t, true), ISAKMP_OK);
	CHECK_EQ(t->b.rekeys, IKE_EPOCHS_MAX);
	talk_over(t);
}

/* Nor does one that agrees, and never answers a Delete. */
static void test_undeleted(void)
{
	enum isakmp_reason why = ISAKMP_OK;
	struct talk *t = talk_at(TALK_UP);
	unsigned int i;

	for (i = 0; i < IKE_REKEYS_BURST && !why; i++)
		why = rekey_only(t, false);
	CHECK_REASON(why, ISAKMP_R_REKEY_BUSY);
	CHECK_EQ(epochs(&t->a), IKE_EPOCHS_MAX);
	CHECK_EQ(t->a.renews, 0);
	CHECK_EQ(t->a.ike.rekey_at, t->now + IKE_RENEW_RETRY_MS);
	talk_timer(&t->a, t->a.ike.rekey_at);
	talk_settle(t);
	talk_timer(&t->a, t->a.ike.rekey_at);
	talk_settle(t);
	CHECK_EQ(t->a.rekeys, IKE_EPOCHS_MAX);
	CHECK_EQ(t->a.ike.ep->spi_r, t->b.ike.ep->spi_r);
	talk_over(t);
}

/* ---- message IDs (RFC 7296, 2.2) ------------------------------------------------------- */

/* As if one end had made so many requests. */
static void made(struct end *e, u32 n)
{
	e->ike.ep->next_out = n;
	talk_other(e)->ike.ep->next_in = n;
}

/* Either end rekeys, whoever has made them, and has no lifetime that would say so. */
static void test_worn(void)
{
	struct talk *t;
	unsigned int i;
	struct end *e;

	for (i = 0; i < 4; i++) {
		t = talk_at(TALK_UP);
		e = i & 1 ? &t->b : &t->a;
		made(i & 2 ? &t->a : &t->b, IKE_MSGID_REKEY - 1);
		talk_do(i & 2 ? &t->a : &t->b, IKE_EV_CHECK, 0);
		talk_settle(t);
		CHECK_EQ(e->ike.rekey_at, t->now + IKE_RENEW_RETRY_MS);
		talk_timer(e, e->ike.rekey_at);
		talk_settle(t);
		CHECK_EQ(t->a.rekeys, 1);
		CHECK_EQ(t->b.rekeys, 1);
		CHECK_EQ(e->ike.rekey_at, IKE_NEVER);
		CHECK(e->ike.ep->next_out < 10 && e->ike.ep->next_in < 10);
		talk_over(t);
	}
	/* Not before */
	t = talk_at(TALK_UP);
	made(&t->a, IKE_MSGID_REKEY - 2);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	talk_settle(t);
	CHECK_EQ(t->a.ike.rekey_at, IKE_NEVER);
	talk_over(t);
}

/* The peer has refused for ever: closed, and no ID is used twice. */
static void test_used_up(void)
{
	struct talk *t = talk_at(TALK_UP);

	made(&t->a, IKE_MSGID_MAX - 1);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	CHECK_EQ(t->a.queued, 1);
	talk_settle(t);
	CHECK_EQ(t->a.ike.ep->next_out, IKE_MSGID_MAX);
	CHECK_REASON(talk_do(&t->a, IKE_EV_CHECK, 0), ISAKMP_R_AHEAD_ID);
	CHECK_EQ(t->a.queued, 0);
	CHECK_EQ(t->a.ike.state, IKE_S_DEAD);
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_worn, "message IDs run out: rekeyed in time (RFC 7296, 2.2)");
	TAP_RUN(test_used_up, "message IDs are used up: closed (RFC 7296, 2.2)");
	TAP_RUN(test_hoard, "a peer that rekeys and never deletes: limited, and named (threat 69)");
	TAP_RUN(test_undeleted, "a peer that never answers a Delete: the same");
	TAP_RUN(test_prf, "another PRF: SKEYSEED is the old one's (RFC 7296, 2.18)");
	return tap_done();
}
