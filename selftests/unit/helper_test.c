// SPDX-License-Identifier: GPL-2.0
/* The helper's decisions with secrets: which peer, which secret, what is refused. */
#include "helper.h"

static void conversation(u16 prf, size_t len)
{
	struct config *a = side_a(TEXT_SECRET), *b = side_b(TEXT_SECRET);
	struct question q = question(ISAKMP_UPCALL_I_AUTH, "gw-b");
	struct answer i, r, v;

	/* the initiator's AUTH is the vector's */
	q.prf = prf;
	q.sk_pi.n = len;
	i = decide(a, &q);
	CHECK_REASON(i.reason, ISAKMP_OK);
	CHECK_EQ(i.auth_method, IKE_AM_PSK);
	CHECK_EQ(i.auth_len, len);
	CHECK_EQ(i.local_id_len, id_a_body.n);
	CHECK_MEM(i.local_id, id_a, id_a_body.n);
	CHECK_EQ(i.remote_id_len, id_b_body.n);
	CHECK_MEM(i.remote_id, id_b, id_b_body.n);

	q = question(ISAKMP_UPCALL_R_AUTH, "gw-a");
	q.prf = prf;
	q.sk_pi.n = q.sk_pr.n = len;
	q.auth = (struct octets) { i.auth, i.auth_len };
	r = decide(b, &q);
	CHECK_REASON(r.reason, ISAKMP_OK);
	CHECK(r.peer && !strcmp(r.peer->name, "gw-a") && r.peer->gen == 9);
	CHECK_EQ(r.local_id_len, id_b_body.n);
	CHECK_MEM(r.local_id, id_b, id_b_body.n);
	CHECK_EQ(r.auth_method, IKE_AM_PSK);

	q = question(ISAKMP_UPCALL_I_VERIFY, "gw-b");
	q.prf = prf;
	q.sk_pr.n = len;
	q.auth = (struct octets) { r.auth, r.auth_len };
	v = decide(a, &q);
	CHECK_REASON(v.reason, ISAKMP_OK);
	CHECK_EQ(v.auth_len, 0);

	/* our own AUTH sent back to us is not the responder's */
	q.auth = (struct octets) { i.auth, i.auth_len };
	CHECK_REASON(verdict(a, &q), ISAKMP_R_AUTH_FAILED);
	config_put(a);
	config_put(b);
}

static void test_conversation(void)
{
	conversation(IKE_PRF_HMAC_SHA2_256, 32);
	conversation(IKE_PRF_HMAC_SHA2_384, 48);
}

static void test_r_auth_refuses(void)
{
	struct config *c = side_b(TEXT_SECRET), *other = side_b("another secret, as long as it is");
	struct config *none = side_b("unreadable"), *empty = side_b("");
	u8 auth[PSK_PRF_MAX];
	struct question good = r_auth(auth), q;
	static const u8 methods[] = { 0, IKE_AM_RSA_SIG, IKE_AM_DSS_SIG, 13, IKE_AM_DIGITAL_SIG, 255 };
	size_t i;

	CHECK_REASON(verdict(c, &good), ISAKMP_OK);
	CHECK_REASON(verdict(other, &good), ISAKMP_R_AUTH_FAILED);
	CHECK_REASON(verdict(none, &good), ISAKMP_R_NO_SECRET);
	CHECK_REASON(verdict(empty, &good), ISAKMP_R_NO_SECRET);
	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		q = good;
		q.auth_method = methods[i];
		CHECK_REASON(verdict(c, &q), ISAKMP_R_AUTH_METHOD);
	}
	for (i = 0; i < 32; i++) {
		q = good;
		q.auth.n = i;
		CHECK_REASON(verdict(c, &q), ISAKMP_R_AUTH_FAILED);
	}
	q = good;
	q.id_i = id_b_body;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_IDENTITY);
	q = good;
	q.id_r = id_a_body;	/* IDr: they want somebody else */
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_IDENTITY);
	q = good;
	q.id_r.n = 0;		/* no IDr: whoever we are */
	CHECK_REASON(verdict(c, &q), ISAKMP_OK);
	/* RFC 7296, 2.15: AUTH covers RESERVED, though it means nothing */
	q = good;
	q.id_i = (struct octets) { (const u8 *)"\x02\0\0\1gw-a.example", id_a_body.n };
	CHECK_REASON(verdict(c, &q), ISAKMP_R_AUTH_FAILED);
	q = good;
	q.peer[0].name = "gw-x";
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_IDENTITY);
	config_put(c);
	config_put(other);
	config_put(none);
	config_put(empty);
}

static const char *chosen(const struct config *c, const struct question *q)
{
	struct answer a = decide(c, q);

	return a.peer ? a.peer->name : "";
}

static void test_r_auth_chooses(void)
{
	struct config *c = config_new();
	u8 auth[PSK_PRF_MAX];
	struct question q = r_auth(auth);

	add_peer(c, "any", 1, B, "psk", "any", NULL);
	add_peer(c, "other", 2, B, "psk", "fqdn:gw-c.example", NULL);
	add_peer(c, "exact", 3, B, "psk", A, NULL);
	add_peer(c, "exact-too", 4, B, "bad", A, NULL);
	add_peer(c, "as-another", 5, "fqdn:vpn.example", "psk", "fqdn:GW-A.EXAMPLE", NULL);
	add_peer(c, "no-local", 6, NULL, NULL, A, "psk");
	add_peer(c, "no-remote", 7, B, "psk", NULL, NULL);
	add_peer(c, "local-any", 8, "any", "psk", A, NULL);
	add_cred(c, "psk", NULL, TEXT_SECRET);
	add_cred(c, "bad", NULL, "this is not what they think");
	CHECK_EQ(config_finish(c), 0);

	/* an exact identity before any, whatever the order */
	q.n_peer = 3;
	q.peer[0].name = "any", q.peer[1].name = "other", q.peer[2].name = "exact";
	CHECK(!strcmp(chosen(c, &q), "exact"));
	q.n_peer = 2;
	CHECK(!strcmp(chosen(c, &q), "any"));
	/* within the exact ones the first; its secret alone is tried */
	q.peer[0].name = "exact-too", q.peer[1].name = "exact";
	reads = 0;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_AUTH_FAILED);
	CHECK_EQ(reads, 1);
	/* IDr decides between identities of ours */
	q.peer[0].name = "as-another", q.peer[1].name = "exact";
	CHECK(!strcmp(chosen(c, &q), "exact"));
	q.id_r = (struct octets) { (const u8 *)"\x02\0\0\0vpn.example", 15 };
	CHECK(!strcmp(chosen(c, &q), "as-another"));
	q.id_r.n = 0;
	CHECK(!strcmp(chosen(c, &q), "as-another"));
	/* peers whose auth objects are incomplete are none */
	q.n_peer = 3;
	q.peer[0].name = "no-local", q.peer[1].name = "no-remote", q.peer[2].name = "local-any";
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_IDENTITY);
	config_put(c);
}

static void test_which_secret(void)
{
	struct config *c = config_new();
	u8 auth[PSK_PRF_MAX];
	struct question q = r_auth(auth);

	/* of each pair only the right cred holds TEXT_SECRET */
	add_peer(c, "both", 1, B, "bad", A, "psk");
	add_peer(c, "other-side", 2, B, "psk", A, NULL);
	add_peer(c, "by-id", 3, B, NULL, A, NULL);
	add_peer(c, "any-by-id", 4, B, NULL, "any", NULL);
	add_peer(c, "gone", 5, B, NULL, A, "no-such-cred");
	add_cred(c, "psk", NULL, TEXT_SECRET);
	add_cred(c, "bad", NULL, "this is not what they think");
	add_cred(c, "z-for-a", A, "the first by name is another");
	add_cred(c, "b-for-a", A, TEXT_SECRET);
	add_cred(c, "a-for-c", "fqdn:gw-c.example", "not for gw-a");
	CHECK_EQ(config_finish(c), 0);

	q.peer[0].name = "both";
	CHECK_REASON(verdict(c, &q), ISAKMP_OK);
	q.peer[0].name = "other-side";
	CHECK_REASON(verdict(c, &q), ISAKMP_OK);
	q.peer[0].name = "by-id";
	CHECK_REASON(verdict(c, &q), ISAKMP_OK);
	q.peer[0].name = "any-by-id";
	CHECK_REASON(verdict(c, &q), ISAKMP_OK);
	/* a name that leads nowhere is not replaced by a guess */
	q.peer[0].name = "gone";
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_SECRET);

	/* as initiator the identity of "any" is not known yet */
	q = question(ISAKMP_UPCALL_I_AUTH, "any-by-id");
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_SECRET);
	q.peer[0].name = "other-side";
	CHECK_REASON(verdict(c, &q), ISAKMP_OK);
	q.peer[0].name = "no-such-peer";
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_IDENTITY);
	config_put(c);
}

static void test_i_verify(void)
{
	struct octets secret = { (const u8 *)TEXT_SECRET, strlen(TEXT_SECRET) };
	struct psk_signed s = signed_octets(false, 32);
	struct question q = question(ISAKMP_UPCALL_I_VERIFY, "gw-b");
	struct config *c = side_a(TEXT_SECRET), *any = config_new();
	u8 auth[PSK_PRF_MAX];

	add_peer(any, "gw-b", 7, A, "psk", "any", NULL);
	add_cred(any, "psk", NULL, TEXT_SECRET);
	CHECK_EQ(config_finish(any), 0);
	q.auth = (struct octets) { auth, psk_auth(q.prf, &secret, &s, auth) };
	CHECK_REASON(verdict(c, &q), ISAKMP_OK);
	CHECK_REASON(verdict(any, &q), ISAKMP_OK);

	/* right secret, other identity: an insider is not somebody else */
	s.id = q.id_r = (struct octets) { (const u8 *)"\x02\0\0\0gw-c.example", 16 };
	CHECK(psk_auth(q.prf, &secret, &s, auth));
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_IDENTITY);
	CHECK_REASON(verdict(any, &q), ISAKMP_OK);
	q.auth_method = IKE_AM_RSA_SIG;
	CHECK_REASON(verdict(any, &q), ISAKMP_R_AUTH_METHOD);
	config_put(c);
	config_put(any);
}

/* Every part that a kind of question needs, missing, too short and too long. */
static void test_incomplete(void)
{
	static const struct {
		size_t offset;
		size_t bad[5];
		u8 kinds;	/* BIT(kind) */
	} parts[] = {
		{ offsetof(struct question, msg_i), { 0, 27, 16385 }, BIT(1) | BIT(2) },
		{ offsetof(struct question, msg_r), { 0, 27, 16385 }, BIT(2) | BIT(3) },
		{ offsetof(struct question, ni), { 0, 15, 257 }, BIT(2) | BIT(3) },
		{ offsetof(struct question, nr), { 0, 15, 257 }, BIT(1) | BIT(2) },
		{ offsetof(struct question, sk_pi), { 0, 31, 33, 48 }, BIT(1) | BIT(2) },
		{ offsetof(struct question, sk_pr), { 0, 31, 33, 48 }, BIT(2) | BIT(3) },
		{ offsetof(struct question, id_i), { 0, 4, 260 }, BIT(2) },
		{ offsetof(struct question, id_r), { 4, 260 }, BIT(2) | BIT(3) },
	};
	struct config *c = side_b(TEXT_SECRET);
	struct octets *o;
	struct question q;
	size_t i, j;
	u8 kind;

	for (kind = 1; kind <= 3; kind++) {
		for (i = 0; i < ARRAY_SIZE(parts); i++) {
			for (j = 0; j < 5 && (!j || parts[i].bad[j]); j++) {
				q = question(kind, "gw-a");
				o = (struct octets *)((u8 *)&q + parts[i].offset);
				o->n = parts[i].bad[j];
				tap_note("kind %u part %zu length %zu", kind, i, o->n);
				if (parts[i].kinds & BIT(kind))
					CHECK_REASON(verdict(c, &q), ISAKMP_R_HELPER_ERROR);
			}
		}
		q = question(kind, "gw-a");
		q.prf = 4;	/* AES128-XCBC */
		CHECK_REASON(verdict(c, &q), ISAKMP_R_HELPER_ERROR);
		q = question(kind, "gw-a");
		q.n_peer = 0;
		CHECK_REASON(verdict(c, &q), ISAKMP_R_HELPER_ERROR);
	}
	tap_note(" ");
	q = question(ISAKMP_UPCALL_I_VERIFY, "gw-a");
	q.id_r.n = 0;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_HELPER_ERROR);
	q = question(0, "gw-a");
	CHECK_REASON(verdict(c, &q), ISAKMP_R_HELPER_ERROR);
	q = question(5, "gw-a");
	CHECK_REASON(verdict(c, &q), ISAKMP_R_HELPER_ERROR);
	config_put(c);
}

static void test_outdated(void)
{
	struct config *c = side_b(TEXT_SECRET);
	struct question q = question(ISAKMP_UPCALL_I_AUTH, "gw-a");

	CHECK(!auth_outdated(c, &q));
	q.peer[0].has_gen = true;
	q.peer[0].gen = 9;
	CHECK(!auth_outdated(c, &q));
	q.peer[0].gen = 10;
	CHECK(auth_outdated(c, &q));
	q.peer[0].gen = 8;		/* the SA began on an older peer */
	CHECK(!auth_outdated(c, &q));
	q.peer[0].gen = 0xfffffff0U;	/* wrapped */
	CHECK(!auth_outdated(c, &q));
	q = question(ISAKMP_UPCALL_R_AUTH, "gw-a");
	q.n_peer = 2;
	q.peer[1].name = "new";
	CHECK(auth_outdated(c, &q));
	config_put(c);
}

static void test_many(void)
{
	struct config *c = config_new(), *again;
	char name[16], id[24];
	unsigned int i;

	for (i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "p%u", i * 7919 % 3000);
		snprintf(id, sizeof(id), "fqdn:n%u", i * 7919 % 3000);
		add_peer(c, name, i, A, NULL, id, NULL);
		add_cred(c, name, id, "secret");
	}
	add_auth(c, "nobody", ISAKMP_SIDE_LOCAL, A, NULL);
	CHECK_EQ(config_finish(c), 0);
	again = config_get(c);
	config_put(c);
	CHECK_EQ(config_peers(again), 3000);
	for (i = 0; i < 3000; i++) {
		u8 attr[IDENT_ATTR_MAX];
		struct ident v;

		snprintf(name, sizeof(name), "p%u", i);
		snprintf(id, sizeof(id), "fqdn:n%u", i);
		v = ident(id, attr);
		CHECK(config_find_peer(again, name) &&
		      ident_equal(&config_find_peer(again, name)->remote.id, &v));
		CHECK(config_cred_for(again, &v, BIT(ISAKMP_CRED_PSK), 0) == config_find_cred(again, name));
	}
	CHECK(!config_find_peer(again, "nobody"));
	CHECK(config_cred_at(again, 2999) && !config_cred_at(again, 3000));
	config_put(again);
}

int main(void)
{
	fill_all();
	TAP_RUN(test_conversation, "auth: i-auth, r-auth, i-verify between two sides");
	TAP_RUN(test_r_auth_refuses, "auth: r-auth refuses: secret, method, identity");
	TAP_RUN(test_r_auth_chooses, "auth: r-auth chooses among candidates");
	TAP_RUN(test_which_secret, "auth: which cred's secret");
	TAP_RUN(test_i_verify, "auth: i-verify holds the responder to its identity");
	TAP_RUN(test_incomplete, "auth: incomplete questions are helper-error");
	TAP_RUN(test_outdated, "auth: when a snapshot is too old");
	TAP_RUN(test_many, "config: thousands of objects are found again");
	return tap_done();
}
