// SPDX-License-Identifier: GPL-2.0
/* Certificate requests of version 1 (RFC 2408, 3.10): ours, and what becomes of the peer's. */
#include "v1_forge.h"

static const u8 exchanges[] = { V1_MAIN, V1_AGGRESSIVE, V1_BASE, V1_AUTH_ONLY };

#define NAMES_MAX IKE_CERTS_OUT_MAX
static u8 names[NAMES_MAX][512];
static unsigned int n_names;
static size_t name_len;

/* What B heard of A, and A of B, in the clear or not. */
static struct {
	unsigned int n, right, any, longest;
} heard[2];

/* What B's helper was shown with the question for its signature. */
static unsigned int shown;

static void look(struct end *e)
{
	struct isakmp_chain *c = v1_certs_of(e->ike.ep->v1->setup);
	unsigned int i, k;

	for (i = 0; i < c->n; i++)
		for (k = 0; k < n_names; k++)
			shown += c->pl[i].type == IKE_PL_CERTREQ && c->pl[i].len == name_len &&
				 !memcmp(c->pl[i].body, names[k], name_len);
	isakmp_free(c);
}

static void says(struct end *e, struct ike_verdict *v)
{
	unsigned int i;

	/* When it makes B's signature: in Authentication Only before anybody is known */
	if (e->name == 'B' && v->auth_len && v->kind != IKE_ASK_I_VERIFY)
		look(e);
	if (v->kind != IKE_ASK_V1_BEGIN)
		return;
	v->n_certreqs = (u8)n_names;
	for (i = 0; i < n_names; i++)
		v->certreqs[i] = (struct ike_span){ names[i], name_len };
}

static bool listen(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	unsigned int i, who = from == &t->b;
	struct v1_forge f;

	if (p->p[18] == V1_QUICK)
		return true;
	v1_forge_read(&f, talk_other(from), p);
	for (i = 0; i < f.n; i++) {
		if (f.b[i].type != V1_PL_CERTREQ)
			continue;
		heard[who].any += f.b[i].n == 1 && f.b[i].p[0] == IKE_CERT_X509_SIGNATURE;
		heard[who].right += heard[who].n < n_names && f.b[i].n == name_len &&
				    !memcmp(f.b[i].p, names[heard[who].n], name_len);
		heard[who].n++;
		heard[who].longest = max(heard[who].longest, (unsigned int)p->n);
	}
	v1_forge_free(&f);
	return true;
}

/* A's authorities have so many names of so many octets. */
static void run(u8 exchange, bool sign, unsigned int n, size_t len)
{
	struct talk *t = sign ? v1_lab_new_sig() : v1_lab_new();
	unsigned int i;

	tap_note("exchange %u, %u names of %zu", exchange, n, len);
	n_names = n;
	name_len = len;
	for (i = 0; i < n; i++) {
		memset(names[i], (int)('a' + i), len);
		names[i][0] = IKE_CERT_X509_SIGNATURE;
	}
	memset(heard, 0, sizeof(heard));
	shown = 0;
	t->a.peer.v1.exchange = exchange;
	t->b.peer.v1.accept = BIT(exchange);
	v1_lab.says = says;
	v1_lab.net = listen;
	v1_lab_start(t);
	v1_lab_settle(t);
	if (exchange == V1_AUTH_ONLY)
		CHECK_REASON(t->a.dead_why, ISAKMP_R_V1_AUTH_ONLY);
	else
		CHECK(t->a.ike.state == IKE_S_ESTABLISHED && t->a.xfrm && t->b.xfrm);
	v1_lab_over(t);
}

static void test_names(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		run(exchanges[i], true, 2, 90);
		CHECK_EQ(heard[0].n, 2);
		CHECK_EQ(heard[0].right, 2);
		CHECK_EQ(heard[1].n, 1);
		CHECK_EQ(heard[1].any, 1);
	}
}

static void test_none(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		run(exchanges[i], true, 0, 0);
		CHECK_EQ(heard[0].n, 1);
		CHECK_EQ(heard[0].any, 1);
		run(exchanges[i], false, 2, 90);
		CHECK_EQ(heard[0].n + heard[1].n, 0);
	}
}

/* The last that fits, the first that does not. */
static void test_long(void)
{
	size_t len, most = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		for (len = 60; len < 160; len++) {
			run(exchanges[i], true, NAMES_MAX, len);
			CHECK(heard[0].longest <= IKE_FRAGMENT_SIZE - 28);
			CHECK(heard[0].n == 1 ? heard[0].any == 1 : heard[0].right == NAMES_MAX);
			most = heard[0].n > 1 ? len : most;
		}
		CHECK(most > 60 && most < 159);
	}
	run(V1_MAIN, true, NAMES_MAX, sizeof(names[0]));
	CHECK_EQ(heard[0].any, 1);
}

/* The helper chooses our certificate by what was asked for, whichever message had that. */
static void test_shown(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		run(exchanges[i], true, 3, 50);
		CHECK_EQ(shown, 3);
	}
}

int main(void)
{
	TAP_RUN(test_names, "CERTREQ: a payload for each authority that the helper names");
	TAP_RUN(test_none, "CERTREQ: of whatever authority, where none is named; nothing without signatures");
	TAP_RUN(test_long, "CERTREQ: names that make a message too long for a packet are left out");
	TAP_RUN(test_shown, "CERTREQ: the helper hears what the peer asks for, in each exchange");
	return tap_done();
}
