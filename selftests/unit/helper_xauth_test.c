// SPDX-License-Identifier: GPL-2.0
/* XAUTH: who asks, who is asked, files of users, attributes of either form. */
#include <crypt.h>
#include <isakmp/ikev1.h>
#include <stdlib.h>

#include "helper.h"
#include "isakmpd/users.h"
#include "isakmpd/v1_attr.h"

/* Passwords `alice's`, `bob's`, `0x30's`: SHA-512 with 1000 rounds, the least there is. */
#define ALICE "$6$rounds=1000$saltsalt$" \
	"1rzloTWFwMdKWr679NnNAHUVz2sNjU2AbmZxfWA8aHWt2JInf51wbx7oIbiIPkc3LoNB4g6F/vKhKuN94EP62."
#define BOB "$6$rounds=1000$tlastlas$" \
	"YcY9t8LR6xYXUMimdMggl0H0eyZ2Q1QD/kdX6D2vcL2Ih8n11wABIlMX2Lhe5R5ZApFwfhvpKFgUN/yx7rdpI/"
#define DER "$6$rounds=1000$derder00$" \
	"yO7dzpIGGOE.hKNrdWp1Hglixln1VGQbn7x.N/9mq3XWOW33QVTzPKpO2Yj4p6o.HCX4qwHUO2FDJG2fQMnVD0"

static const char users_file[] =
	"# who may connect\n"
	"\n"
	"bob:" BOB ":also:this\n"
	"alice:" ALICE "\n"
	"0\x82 strange:" DER "\n"
	"locked:!" ALICE "\n"
	"starred:*";

static struct octets text(const char *s)
{
	return (struct octets) { (const u8 *)s, strlen(s) };
}

/* ---- files ------------------------------------------------------------------------ */

static const char *parsed(const char *s)
{
	struct octets o = text(s);
	struct users *u = NULL;
	const char *why = users_parse(&o, &u);

	users_free(u);
	return why;
}

static bool let_in(const struct users *u, const char *name, const char *password)
{
	struct octets n = text(name), p = text(password);

	return users_check(u, &n, &p);
}

static void test_users(void)
{
	struct octets o = text(users_file), n, p;
	char long_name[V1_USER_MAX + 2], line[400], big[600];
	u8 digest[USERS_DIGEST_LEN];
	struct users *u;

	CHECK(!users_parse(&o, &u));
	CHECK(let_in(u, "alice", "alice's") && let_in(u, "bob", "bob's"));
	CHECK(!let_in(u, "alice", "bob's") && !let_in(u, "bob", "alice's"));
	CHECK(!let_in(u, "Alice", "alice's") && !let_in(u, "alic", "alice's"));
	CHECK(!let_in(u, "alice", "alice") && !let_in(u, "alice", ""));
	CHECK(!let_in(u, "nobody", "alice's") && !let_in(u, "", "alice's"));
	CHECK(!let_in(u, "locked", "alice's") && !let_in(u, "locked", "") &&
	      !let_in(u, "starred", "") && !let_in(u, "starred", "*"));
	CHECK(!let_in(u, "# who may connect", "") && !let_in(u, "alice", ALICE));
	/* a name is octets, whatever they look like (threat 28) */
	CHECK(let_in(u, "0\x82 strange", "0x30's"));
	/* what is behind a terminator is not overlooked */
	n = (struct octets) { (const u8 *)"alice\0x", 7 };
	p = text("alice's");
	CHECK(!users_check(u, &n, &p));
	n.n = 5;
	CHECK(users_check(u, &n, &p));
	p = (struct octets) { (const u8 *)"alice's\0", 8 };
	CHECK(!users_check(u, &n, &p));
	memset(big, 'a', sizeof(big));
	p = (struct octets) { (const u8 *)big, sizeof(big) };
	CHECK(!users_check(u, &n, &p) && !users_check(u, &p, &n));
	n = text("bob");
	CHECK(users_digest(&n, digest) && users_hold(u, digest));
	digest[0] ^= 1;
	CHECK(!users_hold(u, digest));
	n = text("locked");
	CHECK(users_digest(&n, digest) && !users_hold(u, digest));
	users_free(u);

	memset(long_name, 'n', sizeof(long_name));
	long_name[V1_USER_MAX + 1] = '\0';
	snprintf(line, sizeof(line), "%s:" ALICE, long_name);
	CHECK(parsed(line));
	CHECK(!parsed(line + 1));
	CHECK(parsed("") && parsed("# nobody\n") && parsed("alice\n") && parsed(":" ALICE));
	CHECK(parsed("alice:" ALICE "\nalice:" BOB));
	CHECK(parsed("alice:in the clear") && parsed("alice:"));
	CHECK(parsed("alice:$1$abcdefgh$") && parsed("alice:ab1234567890."));	/* legacy */
	CHECK(parsed("al\tice:" ALICE));
	o = (struct octets) { (const u8 *)"alice:*\0b:*", 11 };
	CHECK(users_parse(&o, &u));
}

/* A password of no octets is none, be it somebody's. */
static void test_empty(void)
{
	static struct crypt_data d;
	const char *hash = crypt_rn("", "$6$rounds=1000$saltsalt$", &d, sizeof(d));
	struct octets n = text("ann"), p = { (const u8 *)"\0", 1 }, o;
	struct users *u;
	char line[200];

	if (!CHECK(hash))
		return;
	snprintf(line, sizeof(line), "ann:%s\n", hash);
	o = text(line);
	CHECK(!users_parse(&o, &u));
	CHECK(!let_in(u, "ann", "") && !users_check(u, &n, &p));
	users_free(u);
}

/* ns of processor time, the least of several, that a name and a wrong password take. */
static u64 cost(const struct users *u, const char *name)
{
	struct timespec a, b;
	u64 least = ~0ULL, ns;
	int i;

	for (i = 0; i < 5; i++) {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
		CHECK(!let_in(u, name, "wrong"));
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
		ns = (u64)(b.tv_sec - a.tv_sec) * 1000000000 + (u64)b.tv_nsec - (u64)a.tv_nsec;
		least = min(least, ns);
	}
	return least;
}

/* A refusal that comes at once would say that nobody has this name. */
static void test_cost(void)
{
	struct octets all = text(users_file), none = text("locked:!" ALICE "\nstarred:*\n");
	struct users *u;
	char name[16];
	u64 want;
	int i;

	CHECK(!users_parse(&all, &u));
	want = cost(u, "alice") / 4;
	CHECK(cost(u, "locked") > want && cost(u, "starred") > want);
	for (i = 0; i < 16; i++) {
		snprintf(name, sizeof(name), "no-%d", i);
		tap_note("%s", name);
		CHECK(cost(u, name) > want);
	}
	users_free(u);
	/* where nobody has a password all are refused alike */
	CHECK(!users_parse(&none, &u));
	CHECK(!let_in(u, "locked", "alice's") && !let_in(u, "nobody", ""));
	users_free(u);
}

/* ---- decisions -------------------------------------------------------------------- */

static struct loaded *users;

static enum cred_state load_users(const struct cred_source *src, const struct config_cred *cred,
				  struct loaded **l)
{
	if (strcmp(cred->file, "users"))
		return CRED_NONE;
	*l = loaded_get(users);
	return CRED_READY;
}

static void side(struct config *c, u8 which, u8 method, const char *id, const char *xauth)
{
	u8 attr[IDENT_ATTR_MAX];
	struct config_auth a = { .method = method, .xauth = xauth, .cred = "psk" };

	a.id = ident(id, attr);
	CHECK_EQ(config_add_auth(c, "gw", which, &a), 0);
}

static struct config *configure(u8 local_method, const char *local_xauth, u8 remote_method,
				const char *remote_xauth)
{
	struct config_peer p = { .name = "gw", .gen = 1, .versions = ISAKMP_VERSIONS_1 };
	u8 attr[IDENT_ATTR_MAX];
	struct ident me;
	struct config_cred all = { .name = "users", .type = ISAKMP_CRED_USERS, .file = "users" };
	struct config_cred own = { .name = "me", .type = ISAKMP_CRED_USER, .file = "alice's",
				   .n_id = 1, .id = &me };
	struct config *c = config_new();

	me = ident("keyid:alice", attr);
	CHECK_EQ(config_add_peer(c, &p), 0);
	side(c, ISAKMP_SIDE_LOCAL, local_method, B, local_xauth);
	side(c, ISAKMP_SIDE_REMOTE, remote_method, "any", remote_xauth);
	CHECK(!config_add_cred(c, &all) && !config_add_cred(c, &own));
	add_cred(c, "psk", NULL, TEXT_SECRET);
	add_cred(c, "psk-of-a", A, TEXT_SECRET);
	CHECK_EQ(config_finish(c), 0);
	return c;
}

static struct config *server(void)
{
	return configure(ISAKMP_METHOD_PSK, NULL, ISAKMP_METHOD_PSK, "users");
}

static struct config *client(void)
{
	return configure(ISAKMP_METHOD_PSK, "me", ISAKMP_METHOD_PSK, NULL);
}

static struct question xauth_question(u8 type, const void *p, size_t n)
{
	return (struct question) {
		.id = 42, .sa = 1, .kind = ISAKMP_UPCALL_V1_XAUTH, .version = 1,
		.method = V1_M_XAUTH_I_PSK, .n_peer = 1, .peer = { { .name = "gw" } },
		.id_i = id_a_body, .id_r = id_b_body, .attributes_type = type,
		.attributes = { p, n },
	};
}

/* The server asks, the client answers, the server knows who it is. */
static void test_talk(void)
{
	static const u8 request[] = { 0xc0, 0x88, 0, 0, 0x40, 0x89, 0, 0, 0x40, 0x8a, 0, 0 };
	static const u8 reply[] = "\x40\x89\0\5alice\x40\x8a\0\7alice's";
	struct config *s = server(), *c = client();
	struct question q = xauth_question(0, NULL, 0);
	static struct answer a, b, done;

	a = decide(s, &q);
	CHECK_REASON(a.reason, ISAKMP_OK);
	CHECK(a.more && a.attributes_type == IKE_CFG_REQUEST && !a.user[0] && !a.unique_len);
	CHECK_EQ(a.attributes.n, sizeof(request));
	CHECK_MEM(a.attributes.p, request, sizeof(request));

	q = xauth_question(IKE_CFG_REQUEST, a.attributes.p, a.attributes.n);
	q.initiator = true;
	b = decide(c, &q);
	CHECK_REASON(b.reason, ISAKMP_OK);
	CHECK(!b.more && b.attributes_type == IKE_CFG_REPLY && !b.local_cred);
	CHECK_EQ(b.attributes.n, sizeof(reply) - 1);
	CHECK_MEM(b.attributes.p, reply, sizeof(reply) - 1);

	q = xauth_question(IKE_CFG_REPLY, b.attributes.p, b.attributes.n);
	done = decide(s, &q);
	CHECK_REASON(done.reason, ISAKMP_OK);
	CHECK(!done.more && !done.attributes.n && !strcmp(done.user, "alice"));
	/* 0, the name's length, the name, the identity of phase 1 */
	CHECK_EQ(done.unique_len, 2 + 5 + 1 + id_a_body.n - 4);
	CHECK_MEM(done.unique, "\0\5alice\2gw-a.example", done.unique_len);
	CHECK(done.remote_cred && !strcmp(done.remote_cred, "users"));
	CHECK_EQ(done.handle_len, USERS_DIGEST_LEN);
	auth_release(&a);
	auth_release(&b);
	CHECK(!b.attributes.p);
	/* we have begun: the other one is the peer */
	q.method = V1_M_XAUTH_R_PSK;
	q.attributes = (struct octets) { reply, sizeof(reply) - 1 };
	done = decide(s, &q);
	CHECK_MEM(done.unique, "\0\5alice\3gw-b@example.org", done.unique_len);
	config_put(s);
	config_put(c);
}

/* In memory of its own: what is behind it is nobody's. */
static u16 replied(const struct config *c, const void *p, size_t n)
{
	u8 *copy = malloc(n);
	struct question q = xauth_question(IKE_CFG_REPLY, copy, n);
	u16 reason;

	if (n)
		memcpy(copy, p, n);
	reason = verdict(c, &q);
	free(copy);
	return reason;
}

#define REPLIED(c, s) replied(c, s, sizeof(s) - 1)

static void test_reply(void)
{
	static const char good[] = "\x40\x89\0\5alice\x40\x8a\0\7alice's";
	struct config *c = server();
	u8 edge[sizeof(good) + 8] = { 0 };
	size_t n;

	CHECK_REASON(REPLIED(c, good), ISAKMP_OK);
	/* the kind in either form; what is not known is passed over */
	CHECK_REASON(REPLIED(c, "\xc0\x88\0\0\x40\x89\0\5alice\x40\x8a\0\7alice's"), ISAKMP_OK);
	CHECK_REASON(REPLIED(c, "\x40\x88\0\2\0\0\x40\x89\0\5alice\x40\x8a\0\7alice's"), ISAKMP_OK);
	CHECK_REASON(REPLIED(c, "\x40\x89\0\5alice\x12\x34\0\1x\x40\x8a\0\7alice's"), ISAKMP_OK);
	CHECK_REASON(REPLIED(c, "\x40\x88\0\1\1\x40\x89\0\5alice\x40\x8a\0\7alice's"),
		     ISAKMP_R_AUTH_METHOD);
	/* a number that is none, a code beside it */
	CHECK_REASON(REPLIED(c, "\x40\x88\0\5\0\0\0\0\0\x40\x89\0\5alice\x40\x8a\0\7alice's"),
		     ISAKMP_R_AUTH_FAILED);
	CHECK_REASON(REPLIED(c, "\x40\x88\0\0\x40\x89\0\5alice\x40\x8a\0\7alice's"),
		     ISAKMP_R_AUTH_FAILED);
	CHECK_REASON(REPLIED(c, "\x40\x89\0\5alice\x40\x8a\0\7alice's\x40\x8b\0\2" "12"),
		     ISAKMP_R_AUTH_FAILED);
	/* half of it, twice, something else, nothing */
	CHECK_REASON(REPLIED(c, "\x40\x89\0\5alice"), ISAKMP_R_AUTH_FAILED);
	CHECK_REASON(REPLIED(c, "\x40\x8a\0\7alice's"), ISAKMP_R_AUTH_FAILED);
	CHECK_REASON(REPLIED(c, "\x40\x89\0\3bob\x40\x89\0\5alice\x40\x8a\0\7alice's"),
		     ISAKMP_R_AUTH_FAILED);
	CHECK_REASON(REPLIED(c, "\xc0\x8f\0\0"), ISAKMP_R_AUTH_FAILED);
	CHECK_REASON(replied(c, NULL, 0), ISAKMP_R_AUTH_FAILED);
	CHECK_REASON(REPLIED(c, "\x40\x89\0\5alice\x40\x8a\0\5bob's"), ISAKMP_R_AUTH_FAILED);
	CHECK_REASON(REPLIED(c, "\x40\x89\0\3bob\x40\x8a\0\7alice's"), ISAKMP_R_AUTH_FAILED);
	/* a length is that of the value: each other one is wrong (threat 21) */
	memcpy(edge, good, sizeof(good));
	for (n = 0; n < 16; n++) {
		edge[12] = (u8)n;
		CHECK_REASON(replied(c, edge, sizeof(good) - 1),
			     n == 7 ? ISAKMP_OK : ISAKMP_R_AUTH_FAILED);
	}
	for (n = 0; n < sizeof(good) + 4; n++) {
		edge[12] = 7;
		if (n != sizeof(good) - 1)
			CHECK_REASON(replied(c, edge, n), n == sizeof(good) + 3 ?
				     ISAKMP_OK : ISAKMP_R_AUTH_FAILED);	/* 00 00 00 00 */
	}
	config_put(c);
}

/* We are asked by a cred that is none of ours: no other secret goes out for a password. */
static void test_creds(void)
{
	static const char good[] = "\x40\x89\0\5alice\x40\x8a\0\7alice's";
	struct question q = xauth_question(IKE_CFG_REQUEST, NULL, 0);
	struct config *c = configure(ISAKMP_METHOD_PSK, "psk-of-a", ISAKMP_METHOD_PSK, NULL), *s;
	struct config_cred ca = { .name = "ca", .type = ISAKMP_CRED_CA, .file = "users" };

	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_SECRET);
	config_put(c);
	s = config_new();
	CHECK_EQ(config_add_peer(s, &(struct config_peer) { .name = "gw", .gen = 1,
							     .versions = ISAKMP_VERSIONS_1 }), 0);
	side(s, ISAKMP_SIDE_LOCAL, ISAKMP_METHOD_PSK, B, NULL);
	side(s, ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_PSK, "any", "ca");
	CHECK(!config_add_cred(s, &ca));
	CHECK_EQ(config_finish(s), 0);
	q = xauth_question(IKE_CFG_REPLY, good, sizeof(good) - 1);
	CHECK_REASON(verdict(s, &q), ISAKMP_R_NO_SECRET);
	config_put(s);
}

static u16 requested(const struct config *c, const void *p, size_t n)
{
	struct question q = xauth_question(IKE_CFG_REQUEST, p, n);

	return verdict(c, &q);
}

/* We give our name and password, and are not asked for anything else. */
static void test_request(void)
{
	struct config *c = client(), *s = server();
	struct question q = xauth_question(IKE_CFG_REQUEST, "\x40\x8a\0\0", 4);
	struct answer a = decide(c, &q);

	CHECK_REASON(a.reason, ISAKMP_OK);
	CHECK_EQ(a.attributes.n, 11);		/* what was asked for */
	auth_release(&a);
	q.attributes.p = (const u8 *)"\x40\x89\0\0";
	a = decide(c, &q);
	CHECK_EQ(a.attributes.n, 9);
	auth_release(&a);
	q.attributes.n = 0;
	a = decide(c, &q);
	CHECK_EQ(a.attributes.n, 9 + 11);
	auth_release(&a);
	CHECK_REASON(requested(c, "\x40\x8c\0\2hi\x40\x89\0\0", 10), ISAKMP_OK);	/* MESSAGE */
	CHECK_REASON(requested(c, "\xc0\x88\0\1", 4), ISAKMP_R_AUTH_METHOD);	/* CHAP */
	CHECK_REASON(requested(c, "\x40\x8b\0\0", 4), ISAKMP_R_AUTH_METHOD);	/* PASSCODE */
	CHECK_REASON(requested(c, "\x40\x91\0\0", 4), ISAKMP_R_AUTH_METHOD);	/* ANSWER */
	CHECK_REASON(requested(c, "\x40\x89\0", 3), ISAKMP_R_HELPER_ERROR);
	q.attributes_type = IKE_CFG_SET;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_HELPER_ERROR);
	/* who asks is not asked */
	q.attributes_type = IKE_CFG_REQUEST;
	CHECK_REASON(verdict(s, &q), ISAKMP_R_HELPER_ERROR);
	/* where nobody is asked, nobody is */
	q.method = V1_M_PSK;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_AUTH_METHOD);
	q.id_i.n = 0;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_HELPER_ERROR);
	config_put(c);
	config_put(s);
}

/* Hybrid: the identity of phase 1 is only said; with a certificate it stays what counts. */
static void test_stands(void)
{
	static const char good[] = "\x40\x89\0\5alice\x40\x8a\0\7alice's";
	struct config *h = configure(ISAKMP_METHOD_PUBKEY, NULL, ISAKMP_METHOD_XAUTH, "users");
	struct config *r = configure(ISAKMP_METHOD_PUBKEY, NULL, ISAKMP_METHOD_PUBKEY, "users");
	struct config *none = configure(ISAKMP_METHOD_PSK, NULL, ISAKMP_METHOD_PSK, "psk");
	struct question q = xauth_question(IKE_CFG_REPLY, good, sizeof(good) - 1);
	struct answer a;

	q.method = V1_M_HYBRID_I_RSA;
	a = decide(h, &q);
	CHECK_REASON(a.reason, ISAKMP_OK);
	CHECK_EQ(a.unique_len, 7);
	CHECK(a.remote_cred && a.handle_len);
	q.method = V1_M_XAUTH_I_RSA;
	a = decide(r, &q);
	CHECK_REASON(a.reason, ISAKMP_OK);
	CHECK(a.unique_len > 7 && !a.remote_cred && !a.handle_len);
	q.method = V1_M_XAUTH_I_PSK;
	CHECK_REASON(verdict(none, &q), ISAKMP_R_NO_SECRET);
	config_put(h);
	config_put(r);
	config_put(none);
}

/* The identity of a user's connection goes along with the question for addresses. */
static void test_config(void)
{
	struct config *c = server();
	struct question q = xauth_question(0, NULL, 0);
	struct answer a;

	q.kind = ISAKMP_UPCALL_V1_CONFIG;
	q.unique = text("\1alice");
	a = decide(c, &q);
	CHECK_REASON(a.reason, ISAKMP_OK);
	CHECK_EQ(a.unique_len, 6);
	CHECK_MEM(a.unique, "\1alice", 6);
	q.peer[0].name = "gone";
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_IDENTITY);
	config_put(c);
}

int main(void)
{
	struct octets o = text(users_file), nothing = { 0 };

	fill_all();
	source.load = load_users;
	CHECK(!loaded_parse(ISAKMP_CRED_USERS, &o, &nothing, &users));
	TAP_RUN(test_users, "xauth: files of users (threat 28)");
	TAP_RUN(test_empty, "xauth: nothing is no password");
	TAP_RUN(test_cost, "xauth: a name that is locked, or not there, costs as much as one that is");
	TAP_RUN(test_talk, "xauth: request, reply, who it is");
	TAP_RUN(test_reply, "xauth: nothing but the right reply (threat 21)");
	TAP_RUN(test_creds, "xauth: a cred of another type is neither a user's nor one of users");
	TAP_RUN(test_request, "xauth: we give name and password, nothing else");
	TAP_RUN(test_stands, "xauth: what an acceptance stands on");
	TAP_RUN(test_config, "xauth: addresses are for the user");
	loaded_put(users);
	return tap_done();
}
