// SPDX-License-Identifier: GPL-2.0
/* The attributes between kernel and helper: questions, verdicts, objects. */
#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "helper.h"
#include "isakmpd/objects.h"
#include "isakmpd/upcall.h"

static struct nl_msg *message(u8 cmd)
{
	struct nl_msg *msg = nlmsg_alloc_size(65536);

	CHECK(msg && genlmsg_put(msg, 0, 0, 31, 0, 0, cmd, ISAKMP_GENL_VERSION));
	return msg;
}

static void put(struct nl_msg *msg, int attr, const struct octets *o)
{
	CHECK(!nla_put(msg, attr, (int)o->n, o->p));
}

static void put_peer(struct nl_msg *msg, const struct candidate *p)
{
	nla_put_string(msg, ISAKMP_UPCALL_PEER, p->name);
	if (p->has_gen)
		nla_put_u32(msg, ISAKMP_UPCALL_GEN, p->gen);
}

static struct nl_msg *r_auth_upcall(const struct question *q)
{
	struct nl_msg *msg = message(ISAKMP_CMD_UPCALL_ACCEPT);
	struct nlattr *nest = nla_nest_start(msg, ISAKMP_A_UPCALL);
	u8 i;

	nla_put_u64(msg, ISAKMP_UPCALL_ID, q->id);
	nla_put_u8(msg, ISAKMP_UPCALL_KIND, q->kind);
	nla_put_u64(msg, ISAKMP_UPCALL_SA, q->sa);
	nla_put(msg, ISAKMP_UPCALL_LOCAL, 4, "\xc0\0\2\1");
	nla_put(msg, ISAKMP_UPCALL_REMOTE, 4, "\xc0\0\2\2");
	nla_put_u32(msg, ISAKMP_UPCALL_DEADLINE, 20000);
	for (i = 0; i < q->n_peer; i++)
		put_peer(msg, &q->peer[i]);
	nla_put_u16(msg, ISAKMP_UPCALL_PRF, q->prf);
	put(msg, ISAKMP_UPCALL_MSG_I, &q->msg_i);
	put(msg, ISAKMP_UPCALL_MSG_R, &q->msg_r);
	put(msg, ISAKMP_UPCALL_NI, &q->ni);
	put(msg, ISAKMP_UPCALL_NR, &q->nr);
	put(msg, ISAKMP_UPCALL_SK_PI, &q->sk_pi);
	put(msg, ISAKMP_UPCALL_SK_PR, &q->sk_pr);
	put(msg, ISAKMP_UPCALL_ID_I, &q->id_i);
	put(msg, ISAKMP_UPCALL_ID_R, &q->id_r);
	nla_put_u8(msg, ISAKMP_UPCALL_AUTH_METHOD, q->auth_method);
	put(msg, ISAKMP_UPCALL_AUTH, &q->auth);
	nla_nest_end(msg, nest);
	return msg;
}

static bool same(const struct octets *a, const struct octets *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->p, b->p, a->n));
}

static void test_upcall(void)
{
	struct config *c = side_b(TEXT_SECRET);
	u8 auth[PSK_PRF_MAX];
	struct question q = r_auth(auth), got;
	struct nl_msg *msg;

	q.n_peer = 3;
	q.peer[0] = (struct candidate) { "gw-a", true, 5 };
	q.peer[1] = (struct candidate) { "second", false, 0 };
	q.peer[2] = (struct candidate) { "third", true, 6 };
	msg = r_auth_upcall(&q);
	CHECK(!upcall_parse(nlmsg_hdr(msg), &got));
	CHECK(got.id == 42 && got.sa == 1 && got.kind == q.kind && got.prf == q.prf);
	CHECK(got.auth_method == IKE_AM_PSK);
	CHECK(got.peer[0].has_gen && got.peer[0].gen == 5 && !got.peer[1].has_gen);
	CHECK(got.peer[2].has_gen && got.peer[2].gen == 6);
	CHECK(got.n_peer == 3 && !strcmp(got.peer[0].name, "gw-a") && !strcmp(got.peer[1].name, "second"));
	CHECK(same(&got.msg_i, &q.msg_i) && same(&got.msg_r, &q.msg_r));
	CHECK(same(&got.ni, &q.ni) && same(&got.nr, &q.nr) && same(&got.auth, &q.auth));
	CHECK(same(&got.sk_pi, &q.sk_pi) && same(&got.sk_pr, &q.sk_pr));
	CHECK(same(&got.id_i, &q.id_i) && same(&got.id_r, &q.id_r));
	CHECK_REASON(verdict(c, &got), ISAKMP_OK);
	nlmsg_free(msg);
	config_put(c);
}

static void verdict_attrs(const struct answer *a, struct nlattr **tb, struct nl_msg **msg)
{
	struct nlattr *top[ISAKMP_A_MAX + 1];

	*msg = message(ISAKMP_CMD_UPCALL_DONE);
	CHECK(!upcall_put(*msg, a));
	CHECK(!genlmsg_parse(nlmsg_hdr(*msg), 0, top, ISAKMP_A_MAX, NULL));
	CHECK(top[ISAKMP_A_VERDICT]);
	CHECK(!nla_parse_nested(tb, ISAKMP_VERDICT_MAX, top[ISAKMP_A_VERDICT], NULL));
}

/* What version 1 has, there and back. */
static void test_upcall_v1(void)
{
	struct config *c;
	struct question q;
	struct nl_msg *ask = message(ISAKMP_CMD_UPCALL_ACCEPT), *msg = ask;
	struct nlattr *nest = nla_nest_start(msg, ISAKMP_A_UPCALL), *tb[ISAKMP_VERDICT_MAX + 1];
	struct answer a;

	peer_versions = ISAKMP_VERSIONS_1;
	c = side_b(TEXT_SECRET);
	peer_versions = ISAKMP_VERSIONS_2;
	nla_put_u64(msg, ISAKMP_UPCALL_ID, 42);
	nla_put_u8(msg, ISAKMP_UPCALL_KIND, ISAKMP_UPCALL_V1_SKEYID);
	nla_put_u8(msg, ISAKMP_UPCALL_VERSION, 1);
	nla_put_u16(msg, ISAKMP_UPCALL_METHOD, 65001);
	nla_put_flag(msg, ISAKMP_UPCALL_INITIATOR);
	nla_put_flag(msg, ISAKMP_UPCALL_AGGRESSIVE);
	nla_put_flag(msg, ISAKMP_UPCALL_PROOF_LATER);
	nla_put_u8(msg, ISAKMP_UPCALL_ATTRIBUTES_TYPE, 2);
	nla_put(msg, ISAKMP_UPCALL_ATTRIBUTES, 4, "\xc0\x88\0\0");
	nla_put(msg, ISAKMP_UPCALL_SECRET, 2, "se");
	nla_put(msg, ISAKMP_UPCALL_SECRET_ID, 3, "sid");
	nla_put_u16(msg, ISAKMP_UPCALL_PRF, IKE_PRF_HMAC_SHA1);
	nla_put_string(msg, ISAKMP_UPCALL_PEER, "gw-a");
	nla_put(msg, ISAKMP_UPCALL_NI, 8, n_i);
	nla_put(msg, ISAKMP_UPCALL_NR, 8, n_r);
	nla_nest_end(msg, nest);
	CHECK(!upcall_parse(nlmsg_hdr(msg), &q));
	CHECK(q.version == 1 && q.method == 65001 && q.initiator && q.aggressive && q.proof_later);
	CHECK(q.attributes_type == 2 && q.attributes.n == 4 && q.attributes.p[1] == 0x88);
	CHECK(q.secret.n == 2 && q.secret_id.n == 3 && q.secret_id.p[1] == 'i');

	q.method = 1;
	q.initiator = q.aggressive = q.proof_later = false;
	a = decide(c, &q);
	CHECK_REASON(a.reason, ISAKMP_OK);
	verdict_attrs(&a, tb, &msg);
	CHECK(tb[ISAKMP_VERDICT_SKEYID] && nla_len(tb[ISAKMP_VERDICT_SKEYID]) == 20);
	CHECK_MEM(nla_data(tb[ISAKMP_VERDICT_SKEYID]), a.skeyid, 20);
	CHECK(!strcmp(nla_get_string(tb[ISAKMP_VERDICT_PEER]), "gw-a"));
	CHECK_EQ(nla_get_u32(tb[ISAKMP_VERDICT_GEN]), 9);
	CHECK_EQ(nla_len(tb[ISAKMP_VERDICT_LOCAL_ID]), id_b_body.n);
	CHECK(!tb[ISAKMP_VERDICT_AUTH] && !tb[ISAKMP_VERDICT_METHOD]);
	nlmsg_free(msg);

	/* the initiator's kernel knows the peer */
	q.initiator = true;
	a = decide(c, &q);
	verdict_attrs(&a, tb, &msg);
	CHECK(tb[ISAKMP_VERDICT_SKEYID] && tb[ISAKMP_VERDICT_LOCAL_CRED]);
	CHECK(!tb[ISAKMP_VERDICT_PEER] && !tb[ISAKMP_VERDICT_GEN]);
	nlmsg_free(msg);

	a = (struct answer) { .id = 5, .kind = ISAKMP_UPCALL_V1_BEGIN, .n_methods = 2,
			      .methods = { 3, 65001 } };
	verdict_attrs(&a, tb, &msg);
	CHECK_EQ(nla_get_u16(tb[ISAKMP_VERDICT_METHOD]), 65001);	/* the last one */
	CHECK(!tb[ISAKMP_VERDICT_PEER] && !tb[ISAKMP_VERDICT_SKEYID]);
	nlmsg_free(msg);
	nlmsg_free(ask);
	config_put(c);
}

static const char *parse_with(int attr, const void *p, int n, struct question *q)
{
	struct nl_msg *msg = message(ISAKMP_CMD_UPCALL_ACCEPT);
	struct nlattr *nest = nla_nest_start(msg, ISAKMP_A_UPCALL);
	const char *why;

	nla_put_u64(msg, ISAKMP_UPCALL_ID, 77);
	nla_put(msg, attr, n, p);
	nla_nest_end(msg, nest);
	why = upcall_parse(nlmsg_hdr(msg), q);
	*q = (struct question) { .id = q->id, .n_peer = q->n_peer };
	nlmsg_free(msg);
	return why;
}

static void test_upcall_hostile(void)
{
	static u8 big[20000];
	static const u16 octets[][2] = {
		{ ISAKMP_UPCALL_MSG_I, V1_HASHED_MAX }, { ISAKMP_UPCALL_MSG_R, V1_HASHED_MAX },
		{ ISAKMP_UPCALL_NI, IKE_NONCE_MAX }, { ISAKMP_UPCALL_NR, IKE_NONCE_MAX },
		{ ISAKMP_UPCALL_SK_PI, 64 }, { ISAKMP_UPCALL_SK_PR, 64 },
		{ ISAKMP_UPCALL_ID_I, 259 }, { ISAKMP_UPCALL_ID_R, 259 },
		{ ISAKMP_UPCALL_AUTH, IKE_AUTH_MAX },
		{ ISAKMP_UPCALL_ATTRIBUTES, V1_ATTRIBUTES_MAX },
		{ ISAKMP_UPCALL_SECRET, IKE_AUTH_MAX }, { ISAKMP_UPCALL_SECRET_ID, IKE_AUTH_MAX },
		{ ISAKMP_UPCALL_SEED, IKE_KEX_SEED_LEN }, { ISAKMP_UPCALL_PEER_KE, IKE_KE_MAX },
	};
	struct question q;
	struct nl_msg *msg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(octets); i++) {
		tap_note("attribute %u", octets[i][0]);
		CHECK(!parse_with(octets[i][0], big, octets[i][1], &q));
		CHECK(parse_with(octets[i][0], big, octets[i][1] + 1, &q));
		CHECK_EQ(q.id, 77);	/* can still be refused */
	}
	memset(big, 'n', 64);
	CHECK(!parse_with(ISAKMP_UPCALL_PEER, "peer", 5, &q));
	CHECK(parse_with(ISAKMP_UPCALL_PEER, "peer", 4, &q));		/* no terminator */
	CHECK(parse_with(ISAKMP_UPCALL_PEER, "", 1, &q));		/* empty */
	CHECK(parse_with(ISAKMP_UPCALL_PEER, "pe\0r", 5, &q));		/* two of them */
	CHECK(parse_with(ISAKMP_UPCALL_PEER, big, 65, &q));		/* too long */
	CHECK(parse_with(ISAKMP_UPCALL_PRF, big, 1, &q));
	CHECK(parse_with(ISAKMP_UPCALL_GEN, big, 3, &q));
	CHECK(parse_with(ISAKMP_UPCALL_GEN, big, 4, &q));		/* of no peer */
	CHECK(!parse_with(200, big, 3, &q));				/* of a later kernel */

	msg = message(ISAKMP_CMD_UPCALL_ACCEPT);
	CHECK(upcall_parse(nlmsg_hdr(msg), &q) && !q.id);
	nlmsg_hdr(msg)->nlmsg_len = NLMSG_HDRLEN;
	CHECK(upcall_parse(nlmsg_hdr(msg), &q));
	nlmsg_free(msg);
}

static void test_upcall_peers(void)
{
	struct question q = { .id = 1, .kind = ISAKMP_UPCALL_R_AUTH }, got;
	struct nl_msg *msg;

	while (q.n_peer < IKE_CANDIDATES_MAX)
		q.peer[q.n_peer++].name = "peer";
	msg = r_auth_upcall(&q);
	CHECK(!upcall_parse(nlmsg_hdr(msg), &got));
	CHECK_EQ(got.n_peer, IKE_CANDIDATES_MAX);
	nlmsg_free(msg);

	msg = message(ISAKMP_CMD_UPCALL_ACCEPT);
	{
		struct nlattr *nest = nla_nest_start(msg, ISAKMP_A_UPCALL);
		u8 i;

		nla_put_u64(msg, ISAKMP_UPCALL_ID, 1);
		for (i = 0; i <= IKE_CANDIDATES_MAX; i++)
			nla_put_string(msg, ISAKMP_UPCALL_PEER, "peer");
		nla_nest_end(msg, nest);
	}
	CHECK(upcall_parse(nlmsg_hdr(msg), &got));
	nlmsg_free(msg);
}

/* One octet of a message wrong, anywhere: ASan looks on, nothing is accepted twice. */
static void test_upcall_mutated(void)
{
	struct config *c = side_b(TEXT_SECRET);
	u8 auth[PSK_PRF_MAX];
	struct question q = r_auth(auth), got;
	struct nl_msg *msg = r_auth_upcall(&q);
	size_t n = nlmsg_hdr(msg)->nlmsg_len, i;
	static const u8 xors[] = { 1, 4, 0x80, 0xff };
	unsigned int accepted = 0, k;

	for (i = NLMSG_HDRLEN; i < n; i++) {
		for (k = 0; k < ARRAY_SIZE(xors); k++) {
			u8 *copy = malloc(n);

			memcpy(copy, nlmsg_hdr(msg), n);
			copy[i] ^= xors[k];
			if (!upcall_parse((struct nlmsghdr *)copy, &got))
				accepted += !verdict(c, &got);
			free(copy);
		}
	}
	/* what is not covered by AUTH: ids, addresses, deadline, Ni, msg_r, SK_pr */
	CHECK(accepted > 0 && accepted < 4 * n);
	for (i = NLMSG_HDRLEN; i < n; i++) {
		u8 *copy = malloc(i);

		memcpy(copy, nlmsg_hdr(msg), i);
		((struct nlmsghdr *)copy)->nlmsg_len = (u32)i;
		if (!upcall_parse((struct nlmsghdr *)copy, &got))
			decide(c, &got);
		free(copy);
	}
	nlmsg_free(msg);
	config_put(c);
}

static void test_verdict(void)
{
	struct config_peer peer = { .name = "gw-a", .gen = 9 };
	struct answer a = { .id = 3, .kind = ISAKMP_UPCALL_R_AUTH, .peer = &peer, .names_peer = true,
			    .auth_method = IKE_AM_PSK, .local_id_len = 5, .auth_len = 32 };
	struct nlattr *tb[ISAKMP_VERDICT_MAX + 1];
	struct nl_msg *msg, *small;

	verdict_attrs(&a, tb, &msg);
	CHECK(nla_get_u64(tb[ISAKMP_VERDICT_ID]) == 3 && !nla_get_u16(tb[ISAKMP_VERDICT_REASON]));
	CHECK(!strcmp(nla_get_string(tb[ISAKMP_VERDICT_PEER]), "gw-a"));
	CHECK_EQ(nla_get_u32(tb[ISAKMP_VERDICT_GEN]), 9);
	CHECK_EQ(nla_get_u8(tb[ISAKMP_VERDICT_AUTH_METHOD]), IKE_AM_PSK);
	CHECK(nla_len(tb[ISAKMP_VERDICT_LOCAL_ID]) == 5 && nla_len(tb[ISAKMP_VERDICT_AUTH]) == 32);
	CHECK(!tb[ISAKMP_VERDICT_REMOTE_ID] && !tb[ISAKMP_VERDICT_CHILD]);
	CHECK(!tb[ISAKMP_VERDICT_UNIQUE] && !tb[ISAKMP_VERDICT_LOCAL_CRED] &&
	      !tb[ISAKMP_VERDICT_REMOTE_CRED] && !tb[ISAKMP_VERDICT_HANDLE] &&
	      !tb[ISAKMP_VERDICT_AUTH_LEFT_S]);
	nlmsg_free(msg);

	/* what it stands on */
	a.unique_len = 3;
	a.local_cred = "ours";
	a.remote_cred = "theirs";
	a.handle_len = 64;
	a.auth_left = 77;
	verdict_attrs(&a, tb, &msg);
	CHECK(nla_len(tb[ISAKMP_VERDICT_UNIQUE]) == 3 && nla_len(tb[ISAKMP_VERDICT_HANDLE]) == 64);
	CHECK(!strcmp(nla_get_string(tb[ISAKMP_VERDICT_LOCAL_CRED]), "ours"));
	CHECK(!strcmp(nla_get_string(tb[ISAKMP_VERDICT_REMOTE_CRED]), "theirs"));
	CHECK_EQ(nla_get_u32(tb[ISAKMP_VERDICT_AUTH_LEFT_S]), 77);
	nlmsg_free(msg);

	/* a refusal carries nothing but its reason */
	a.reason = ISAKMP_R_AUTH_FAILED;
	verdict_attrs(&a, tb, &msg);
	CHECK_EQ(nla_get_u16(tb[ISAKMP_VERDICT_REASON]), ISAKMP_R_AUTH_FAILED);
	CHECK(!tb[ISAKMP_VERDICT_PEER] && !tb[ISAKMP_VERDICT_AUTH] && !tb[ISAKMP_VERDICT_LOCAL_ID]);
	CHECK(!tb[ISAKMP_VERDICT_UNIQUE] && !tb[ISAKMP_VERDICT_REMOTE_CRED]);
	nlmsg_free(msg);

	a = (struct answer) { .id = 4, .kind = ISAKMP_UPCALL_I_VERIFY, .peer = &peer };
	verdict_attrs(&a, tb, &msg);
	CHECK(!tb[ISAKMP_VERDICT_PEER] && !tb[ISAKMP_VERDICT_AUTH_METHOD]);
	nlmsg_free(msg);

	a.names_peer = true;
	small = nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN + 24);
	CHECK(genlmsg_put(small, 0, 0, 31, 0, 0, ISAKMP_CMD_UPCALL_DONE, 1));
	CHECK_EQ(-upcall_put(small, &a), EMSGSIZE);
	nlmsg_free(small);
}

/* Objects as the kernel dumps them. */
static int add_object(struct config *c, int top, const char *name, int extra, const void *p,
		      int n)
{
	struct nl_msg *msg = message(ISAKMP_CMD_PEER_GET);
	struct nlattr *nest = nla_nest_start(msg, top);
	int err;

	nla_put_string(msg, 1, name);		/* NAME, and PEER of an auth */
	if (top == ISAKMP_A_PEER)
		nla_put_u32(msg, ISAKMP_PEER_GEN, 5);
	else
		nla_put_u8(msg, 2, 1);		/* SIDE or TYPE */
	if (top == ISAKMP_A_AUTH)
		nla_put_u8(msg, ISAKMP_AUTH_METHOD, ISAKMP_METHOD_PSK);
	if (p)
		nla_put(msg, extra, n, p);
	nla_nest_end(msg, nest);
	err = objects_add(nlmsg_hdr(msg), c);
	nlmsg_free(msg);
	return err;
}

static void test_objects(void)
{
	struct config *c = config_new();
	const struct config_peer *p;
	const struct config_cred *k;
	static char name[65], file[257];
	struct nl_msg *msg;

	CHECK_EQ(add_object(c, ISAKMP_A_PEER, "gw", 0, NULL, 0), 0);
	CHECK_EQ(add_object(c, ISAKMP_A_PEER, "old", ISAKMP_PEER_VERSIONS, "\1", 1), 0);
	CHECK_EQ(add_object(c, ISAKMP_A_AUTH, "old", ISAKMP_AUTH_XAUTH, "users", 6), 0);
	CHECK_EQ(-add_object(c, ISAKMP_A_AUTH, "old", ISAKMP_AUTH_XAUTH, "u", 1), EBADMSG);
	CHECK_EQ(add_object(c, ISAKMP_A_AUTH, "gw", ISAKMP_AUTH_ID, "\x02name", 5), 0);
	CHECK_EQ(add_object(c, ISAKMP_A_CRED, "psk", ISAKMP_CRED_FILE, "psk", 4), 0);
	memset(name, 'n', 64);
	memset(file, 'f', 256);
	CHECK_EQ(-add_object(c, ISAKMP_A_PEER, name, 0, NULL, 0), EBADMSG);
	CHECK_EQ(-add_object(c, ISAKMP_A_PEER, "", 0, NULL, 0), EBADMSG);
	CHECK_EQ(-add_object(c, ISAKMP_A_AUTH, "gw", ISAKMP_AUTH_ID, "\x01name!", 6), EBADMSG);
	CHECK_EQ(-add_object(c, ISAKMP_A_CRED, "k", ISAKMP_CRED_FILE, file, 257), EBADMSG);
	CHECK_EQ(-add_object(c, ISAKMP_A_CRED, "k", ISAKMP_CRED_FILE, "f", 1), EBADMSG);
	CHECK_EQ(-add_object(c, ISAKMP_A_CHILD, "k", 0, NULL, 0), EBADMSG);
	msg = message(ISAKMP_CMD_PEER_GET);
	CHECK_EQ(-objects_add(nlmsg_hdr(msg), c), EBADMSG);
	nlmsg_free(msg);

	CHECK_EQ(config_finish(c), 0);
	p = config_find_peer(c, "gw");
	k = config_find_cred(c, "psk");
	CHECK(p && p->gen == 5 && p->local.id.len == 4 && !p->remote.method);
	CHECK(k && k->type == ISAKMP_CRED_PSK && !strcmp(k->file, "psk"));
	CHECK(!p->has_versions && !p->versions && !p->local.xauth);
	p = config_find_peer(c, "old");
	CHECK(p && p->has_versions && p->versions == ISAKMP_VERSIONS_1);
	CHECK(p && p->local.xauth && !strcmp(p->local.xauth, "users"));
	CHECK(config_peers(c) == 2 && !config_cred_at(c, 1));
	config_put(c);
}

int main(void)
{
	fill_all();
	TAP_RUN(test_upcall, "netlink: a question survives its attributes");
	TAP_RUN(test_upcall_v1, "netlink: version 1: a question, its verdict");
	TAP_RUN(test_upcall_hostile, "netlink: lengths and terminators are checked");
	TAP_RUN(test_upcall_peers, "netlink: as many candidates as may be, not one more");
	TAP_RUN(test_upcall_mutated, "netlink: mutated and truncated questions");
	TAP_RUN(test_verdict, "netlink: verdicts carry what their kind needs");
	TAP_RUN(test_objects, "netlink: dumped objects");
	return tap_done();
}
