// SPDX-License-Identifier: GPL-2.0
/*
 * Peers that keep to the texts and are unlike us: what RFC 2408 and 2409 let them put into a message
 * of phase 1, and where.  It comes up as ever.
 */
#include "v1_forge.h"

static const struct {
	const char *what;
	u8 exchange;
	u16 method;
	u8 how;
} ways[] = {
	{ "Main Mode", V1_MAIN, V1_M_PSK, IKE_V1_PSK },
	{ "Main Mode, signatures", V1_MAIN, V1_M_RSA_SIG, IKE_V1_SIG },
	{ "Main Mode, RSA encryption", V1_MAIN, V1_M_RSA_ENC, IKE_V1_RSA_ENC },
	{ "Aggressive Mode", V1_AGGRESSIVE, V1_M_PSK, IKE_V1_PSK },
	{ "Aggressive Mode, signatures", V1_AGGRESSIVE, V1_M_RSA_SIG, IKE_V1_SIG },
	{ "Aggressive Mode, RSA encryption", V1_AGGRESSIVE, V1_M_RSA_ENC, IKE_V1_RSA_ENC },
	{ "Base Mode", V1_BASE, V1_M_PSK, IKE_V1_PSK },
	{ "Base Mode, signatures", V1_BASE, V1_M_RSA_SIG, IKE_V1_SIG },
	{ "Authentication Only", V1_AUTH_ONLY, V1_M_PSK, IKE_V1_PSK },
	{ "Authentication Only, signatures", V1_AUTH_ONLY, V1_M_RSA_SIG, IKE_V1_SIG },
};

/* What is done to a message of phase 1, and to which: @nth of @from, 0: each. */
static struct {
	char from;
	unsigned int nth;
	void (*deed)(struct v1_forge *f);
	enum isakmp_reason want;	/* not OK: refused, and the right one comes afterwards */
	void (*says)(struct end *e, struct ike_verdict *v);
	unsigned int done, certs;	/* @certs: what @says has seen */
} it;

/*
 * Instead of the message, what is made of it.  Who has sent it goes on with the last block of its own:
 * so does who gets it.
 */
static bool change(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct end *to = talk_other(from);
	enum isakmp_reason why;
	struct v1_setup *u;
	struct v1_forge f;
	struct packet q;

	if (get_unaligned_be32(p->p + 20) || from->name != it.from || (it.nth && nth != it.nth))
		return true;
	v1_forge_read(&f, to, p);
	it.deed(&f);
	q = v1_forge_write(&f, &p->path);
	why = v1_lab_deliver(to, &q);
	CHECK_REASON(f.h.spi_r ? why : to->dead_why, it.want);
	u = to->live && to->ike.ep->v1 ? v1_lab_p(to)->setup : NULL;
	if (f.encrypted && !it.want && CHECK(u))
		memcpy(u->iv, p->p + p->n - V1_BLOCK_MAX, V1_BLOCK_MAX);
	packet_free(&q);
	v1_forge_free(&f);
	it.done++;
	return it.want;
}

static bool up(const struct end *e)
{
	return e->live && e->ike.state == IKE_S_ESTABLISHED && e->xfrm;
}

static bool run(unsigned int w, char from, unsigned int nth, void (*deed)(struct v1_forge *f))
{
	struct talk *t = v1_lab_new();
	bool both = ways[w].exchange == V1_AUTH_ONLY;

	tap_note("%s, %c's %u", ways[w].what, from, nth);
	it.from = from;
	it.nth = nth;
	it.deed = deed;
	it.done = 0;
	v1_lab.methods[0] = ways[w].method;
	t->a.peer.v1.exchange = ways[w].exchange;
	t->b.peer.v1.accept = BIT(ways[w].exchange);
	t->a.peer.v1.methods = t->b.peer.v1.methods = BIT(ways[w].how);
	v1_lab.net = change;
	v1_lab.says = it.says;
	v1_lab_start(t);
	v1_lab_settle(t);
	if (both)
		CHECK(t->a.dead_why == ISAKMP_R_V1_AUTH_ONLY &&
		      t->b.dead_why == ISAKMP_R_V1_AUTH_ONLY);
	else
		CHECK(up(&t->a) && up(&t->b));
	v1_lab_over(t);
	return it.done;
}

/* Each message of either end, one at a time. */
static void each(void (*deed)(struct v1_forge *f))
{
	unsigned int w, nth, n = 0;

	for (w = 0; w < ARRAY_SIZE(ways); w++) {
		for (nth = 1; run(w, 'A', nth, deed); nth++)
			n++;
		for (nth = 1; run(w, 'B', nth, deed); nth++)
			n++;
	}
	CHECK_EQ(n, 3 * 6 + 3 * 3 + 2 * 4 + 2 * 3);
}

/* RFC 2408, 3.9 and 3.10: "MUST be accepted at any point during the exchange", several of them */
static void add_certs(struct v1_forge *f)
{
	static const u8 cert[] = { IKE_CERT_X509_SIGNATURE, 0x30, 0x00 };

	v1_forge_add(f, V1_PL_CERT, cert, sizeof(cert));
	v1_forge_add(f, V1_PL_CERTREQ, cert, 1);
	v1_forge_add(f, V1_PL_CERTREQ, cert, sizeof(cert));
	v1_forge_add(f, V1_PL_CERT, cert, sizeof(cert));
}

static void test_certs(void)
{
	each(add_certs);
}

/* But for those that say nothing: no helper sees them. */
static void add_no_cert(struct v1_forge *f)
{
	v1_forge_add(f, V1_PL_CERT, NULL, 0);
}

static void test_no_certs(void)
{
	it.want = ISAKMP_R_BAD_CERT;
	each(add_no_cert);
	it.want = ISAKMP_OK;
}

/* As many as a message can have, three times: no more go to the helper than a question has room for. */
static void add_many(struct v1_forge *f)
{
	static const u8 cert[] = { IKE_CERT_X509_SIGNATURE, 0x30 };

	while (f->n < IKE_PAYLOADS_MAX)
		v1_forge_add(f, f->encrypted ? V1_PL_CERT : V1_PL_CERTREQ, cert, sizeof(cert));
}

static void count(struct end *e, struct ike_verdict *v)
{
	struct isakmp_chain *c;

	if (v->kind != IKE_ASK_R_AUTH && v->kind != IKE_ASK_I_VERIFY)
		return;
	c = v1_certs_of(v1_lab_p(e)->setup);
	CHECK(c->n <= IKE_PAYLOADS_MAX);
	it.certs = max_t(unsigned int, it.certs, c->n);
	isakmp_free(c);
}

/* Nor is a longer list of what is asked for kept than there is room for. */
static void add_long(struct v1_forge *f)
{
	static const u8 name[V1_CERTS_KEPT / 2] = { IKE_CERT_X509_SIGNATURE };

	if (f->law && f->law->step == 3 && f->law->exchange == V1_MAIN) {
		v1_forge_add(f, V1_PL_CERTREQ, name, sizeof(name));
		v1_forge_add(f, V1_PL_CERTREQ, name, sizeof(name));
	}
}

static void kept(struct end *e, struct ike_verdict *v)
{
	if (v->kind == IKE_ASK_R_AUTH)
		it.certs = !!v1_lab_p(e)->setup->said;
}

static void test_many_certs(void)
{
	it.says = count;
	it.certs = 0;
	CHECK(run(1, 'A', 0, add_many));
	CHECK_EQ(it.certs, IKE_PAYLOADS_MAX);
	it.says = kept;
	CHECK(run(1, 'A', 0, add_long));
	CHECK_EQ(it.certs, 0);
	it.says = NULL;
}

/* RFC 2408, 3.14 and 3.16: whatever they say, and of whatever length */
static void add_words(struct v1_forge *f)
{
	static const u8 contact[] = {
		0, 0, 0, 1, V1_PROTO_ISAKMP, 16, 0x60, 0x02, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
	};
	static const u8 own[] = { 0, 0, 0, 0, 200, 0, 0xa0, 0x01, 1, 2, 3 };
	static const u8 vendor[200] = { 0xaf, 0xca };

	v1_forge_add(f, V1_PL_NOTIFY, contact, sizeof(contact));
	v1_forge_add(f, V1_PL_VENDOR, vendor, 0);
	v1_forge_add(f, V1_PL_NOTIFY, own, sizeof(own));
	v1_forge_add(f, V1_PL_VENDOR, vendor, 1);
	v1_forge_add(f, V1_PL_VENDOR, vendor, sizeof(vendor));
}

static void test_words(void)
{
	each(add_words);
}

/* RFC 2409, 5: "no requirements for ISAKMP payloads in any message to be in any particular order" */
static void reverse(struct v1_forge *f)
{
	unsigned int i = f->n && f->b[0].type == V1_PL_SA, j = f->n;
	struct v1_forge_body b;

	while (j && i < --j) {
		b = f->b[i];
		f->b[i++] = f->b[j];
		f->b[j] = b;
	}
	/* But for NAT-D: the first is of who gets the message (RFC 3947, 3.2) */
	for (i = 0; i + 1 < f->n; i++)
		if (f->b[i].type == V1_PL_NAT_D) {
			b = f->b[i];
			f->b[i] = f->b[i + 1];
			f->b[i + 1] = b;
			return;
		}
}

static void test_order(void)
{
	each(reverse);
}

/* RFC 2408, 3.1: in phase 1, too, somebody may want to synchronise */
static void commit(struct v1_forge *f)
{
	f->h.flags |= V1_FLAG_COMMIT;
}

static void test_commit(void)
{
	each(commit);
}

/* Nobody has agreed on NAT traversal when it is named: there is none. */
static void no_natt(struct v1_forge *f)
{
	struct isakmp_payload pl;
	unsigned int i;

	for (i = f->n; i--;) {
		pl = (struct isakmp_payload){ .body = f->b[i].p, .len = (u16)f->b[i].n };
		if (f->b[i].type == V1_PL_VENDOR && v1_vendor_bits(&pl) & V1_CAN_NATT)
			v1_forge_drop(f, i);
	}
}

static void late_natt(struct v1_forge *f)
{
	static u8 id[32];
	struct isakmp_out o;
	int i;

	if (f->law && f->law->step <= 2) {
		no_natt(f);
		return;
	}
	while ((i = v1_forge_find(f, V1_PL_NAT_D)) >= 0)
		v1_forge_drop(f, (unsigned int)i);
	isakmp_out_init(&o, id, sizeof(id));
	v1_vendor_encode(&o, V1_CAN_NATT_RFC);
	v1_forge_add(f, V1_PL_VENDOR, id, o.len);
}

static void test_late(void)
{
	unsigned int w;

	for (w = 0; w < ARRAY_SIZE(ways); w++) {
		run(w, 'A', 0, late_natt);
		run(w, 'B', 0, late_natt);
	}
}

/* Some name the rest where they send their key: it counts. */
static void late_dpd(struct v1_forge *f)
{
	static u8 id[32];
	struct isakmp_payload pl;
	struct isakmp_out o;
	unsigned int i;

	for (i = f->n; i--;) {
		pl = (struct isakmp_payload){ .body = f->b[i].p, .len = (u16)f->b[i].n };
		if (f->b[i].type == V1_PL_VENDOR && v1_vendor_bits(&pl) & BIT(V1_CAN_DPD))
			v1_forge_drop(f, i);
	}
	if (!f->law || f->law->step < 3)
		return;
	isakmp_out_init(&o, id, sizeof(id));
	v1_vendor_encode(&o, V1_CAN_DPD);
	v1_forge_add(f, V1_PL_VENDOR, id, o.len);
}

static void can_dpd(struct end *e, struct ike_verdict *v)
{
	const struct v1_phase1 *p = v1_lab_p(e);

	if (e->name != it.from && p->setup && p->step >= 3 &&
	    (v->kind == IKE_ASK_R_AUTH || v->kind == IKE_ASK_I_VERIFY))
		it.certs = p->can & BIT(V1_CAN_DPD);
}

static void test_late_dpd(void)
{
	static const unsigned int late[] = { 0, 1, 2, 6, 7 };
	unsigned int i;

	it.says = can_dpd;
	for (i = 0; i < 2 * ARRAY_SIZE(late); i++) {
		it.certs = 0;
		CHECK(run(late[i / 2], i % 2 ? 'A' : 'B', 0, late_dpd));
		CHECK(it.certs);
	}
	it.says = NULL;
}

int main(void)
{
	TAP_RUN(test_certs, "CERT and CERTREQ in any message (RFC 2408, 3.9 and 3.10)");
	TAP_RUN(test_no_certs, "a CERT without anything in it");
	TAP_RUN(test_many_certs, "more CERT and CERTREQ than there is room for");
	TAP_RUN(test_words, "notifications and vendor IDs in any message");
	TAP_RUN(test_order, "payloads in another order (RFC 2409, 5)");
	TAP_RUN(test_commit, "the commit bit");
	TAP_RUN(test_late, "NAT traversal that is named too late is none");
	TAP_RUN(test_late_dpd, "what else is named late counts");
	return tap_done();
}
