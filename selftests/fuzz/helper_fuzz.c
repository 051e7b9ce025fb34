// SPDX-License-Identifier: GPL-2.0
/*
 * The helper's side of the netlink boundary under libFuzzer: an input is the
 * attributes of a message.  It is read as an object and as a question.
 *
 *  - nothing that libFuzzer writes has the right AUTH, be it by a secret, by a
 *    known key or by a certificate: what needs one is refused;
 *  - the same of version 1, but that there the kernel checks secrets: then they are
 *    accepted; no password is the right one for XAUTH;
 *  - a question is answered twice the same, and its answer fits a message;
 *  - no secret stays in the scratch room;
 *  - an identity that has a textual form survives it.
 */
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include <isakmp/ikev1.h>

#include "fuzz.h"
#include "helper_pki.h"
#include "isakmpd/auth.h"
#include "isakmpd/objects.h"
#include "isakmpd/upcall.h"

static enum cred_state read_secret(const struct cred_source *src,
				   const struct config_cred *cred, struct secret *s)
{
	s->n = 24;
	memset(s->octets, 's', s->n);
	return CRED_READY;
}

static struct loaded *authority, *known, *own, *users;

static enum cred_state load(const struct cred_source *src, const struct config_cred *cred,
			    struct loaded **l)
{
	*l = loaded_get(cred->type == ISAKMP_CRED_CA ? authority :
			cred->type == ISAKMP_CRED_KEY ? own :
			cred->type == ISAKMP_CRED_USERS ? users : known);
	return CRED_READY;
}

static const struct cred_source source = { read_secret, load, NULL };

static void add_peer(struct config *c, const char *name, u8 method, const char *id,
		     const char *remote_cred)
{
	struct config_auth a = {
		.method = ISAKMP_METHOD_PSK, .cred = "k",
		.id = { IKE_ID_FQDN, 1, (const u8 *)"a" },
	};

	MUST(!config_add_peer(c, &(struct config_peer) { .name = name, .gen = 1 }));
	MUST(!config_add_auth(c, name, ISAKMP_SIDE_LOCAL, &a));
	a.method = method;
	a.cred = remote_cred;
	a.id = id ? (struct ident) { IKE_ID_FQDN, (u8)strlen(id), (const u8 *)id } :
		    (struct ident) { 0 };
	MUST(!config_add_auth(c, name, ISAKMP_SIDE_REMOTE, &a));
}

static void add_side(struct config *c, const char *name, u8 side, u8 method, const char *cred,
		     const char *xauth)
{
	struct config_auth a = {
		.method = method, .cred = cred, .xauth = xauth,
		.id = { IKE_ID_FQDN, 1, (const u8 *)"a" },
	};

	MUST(!config_add_auth(c, name, side, &a));
}

/* Both sides the same way, the peer perhaps asked by XAUTH. */
static void add_v1(struct config *c, const char *name, u8 method, const char *local,
		   const char *remote, const char *us, const char *it)
{
	struct config_peer p = { .name = name, .gen = 1, .versions = ISAKMP_VERSIONS_1 };

	MUST(!config_add_peer(c, &p));
	add_side(c, name, ISAKMP_SIDE_LOCAL, method, local, us);
	add_side(c, name, ISAKMP_SIDE_REMOTE, method, remote, it);
}

static void add_v1_all(struct config *c)
{
	static const char file[] = "a:$6$rounds=1000$saltsalt$1rzloTWFwMdKWr679NnNAHUVz2sNjU2Abm"
		"ZxfWA8aHWt2JInf51wbx7oIbiIPkc3LoNB4g6F/vKhKuN94EP62.";
	struct octets o = { (const u8 *)file, sizeof(file) - 1 }, none = { 0 };

	MUST(!loaded_parse(ISAKMP_CRED_USERS, &o, &none, &users));
	own = pki_loaded(ISAKMP_CRED_KEY, NULL, 0, pki_key(PKI_P256, 2));
	add_v1(c, "1p", ISAKMP_METHOD_PSK, "k", "k", NULL, NULL);
	add_v1(c, "1s", ISAKMP_METHOD_PUBKEY, "own", "pub", NULL, NULL);
	add_v1(c, "1x", ISAKMP_METHOD_PSK, "k", "k", NULL, "users");
	add_v1(c, "1u", ISAKMP_METHOD_PSK, "k", "k", "me", NULL);
	add_v1(c, "1e", ISAKMP_METHOD_RSA_ENC, "own", "pub", NULL, NULL);
}

/* By a secret: an exact identity, any.  By a certificate, by a known key. */
static struct config *snapshot(void)
{
	static const struct ident me = { IKE_ID_KEY_ID, 1, (const u8 *)"a" };
	static const struct config_cred creds[] = {
		{ .name = "k", .type = ISAKMP_CRED_PSK, .file = "k" },
		{ .name = "ca", .type = ISAKMP_CRED_CA, .file = "ca" },
		{ .name = "pub", .type = ISAKMP_CRED_PUBKEY, .file = "pub" },
		{ .name = "own", .type = ISAKMP_CRED_KEY, .file = "own" },
		{ .name = "users", .type = ISAKMP_CRED_USERS, .file = "users" },
		{ .name = "me", .type = ISAKMP_CRED_USER, .file = "me", .n_id = 1, .id = &me },
	};
	struct pki_wish w = { .name = "ca", .key = pki_key(PKI_P256, 0), .ca = true };
	struct config *c = config_new();
	X509 *ca = pki_cert(&w);
	size_t i;

	authority = pki_loaded(ISAKMP_CRED_CA, &ca, 1, NULL);
	X509_free(ca);
	known = pki_loaded(ISAKMP_CRED_PUBKEY, NULL, 0, pki_key(PKI_P256, 1));
	for (i = 0; i < ARRAY_SIZE(creds); i++)
		MUST(!config_add_cred(c, &creds[i]));
	add_peer(c, "p", ISAKMP_METHOD_PSK, "a", "k");
	add_peer(c, "q", ISAKMP_METHOD_PSK, NULL, "k");
	add_peer(c, "c", ISAKMP_METHOD_PUBKEY, "*a", NULL);
	add_peer(c, "r", ISAKMP_METHOD_PUBKEY, "a", "pub");
	add_v1_all(c);
	MUST(!config_finish(c));
	return c;
}

static void check_identity(const struct octets *o)
{
	char text[IDENT_TEXT_MAX], again[IDENT_TEXT_MAX];
	u8 attr[IDENT_ATTR_MAX];
	struct ident id, back;
	size_t n;

	if (!o->n || !ident_from_body(o->p, o->n, &id))
		return;
	ident_print(&id, text, sizeof(text));
	if (ident_parse(text, attr, &n))
		return;
	MUST(ident_from_attr(attr, n, &back) && ident_equal(&id, &back));
	MUST(!strcmp(text, ident_print(&back, again, sizeof(again))));
}

/* Could it only be accepted for a proof that nobody here has? */
static bool wants_proof(const struct question *q)
{
	if (q->version != 1)
		return q->kind != ISAKMP_UPCALL_I_AUTH && q->kind != ISAKMP_UPCALL_KEX;
	if (q->kind == ISAKMP_UPCALL_I_VERIFY)
		return v1_method_signs(q->method, !q->initiator);
	if (q->kind == ISAKMP_UPCALL_R_AUTH)
		return !q->aggressive && v1_method_signs(q->method, true);
	return false;
}

static void check_question(const struct config *c, const struct question *q)
{
	static const struct secret nothing;
	struct secret scratch;
	struct answer a, b;
	struct nl_msg *msg;

	check_identity(&q->id_i);
	check_identity(&q->id_r);
	auth_outdated(c, q);
	auth_decide(c, &source, q, &scratch, &a);
	auth_decide(c, &source, q, &scratch, &b);
	MUST(!memcmp(&scratch, &nothing, sizeof(scratch)));
	MUST(a.reason == b.reason && a.peer == b.peer && a.auth_len == b.auth_len);
	/* an ECDSA signature of ours is another one each time */
	MUST(q->version == 1 || !memcmp(a.auth, b.auth, a.auth_len));
	MUST(a.reason || !wants_proof(q));
	MUST(!a.user[0]);
	MUST(a.reason <= ISAKMP_R_MAX);
	msg = nlmsg_alloc();
	MUST(msg && genlmsg_put(msg, 0, 0, 31, 0, 0, ISAKMP_CMD_UPCALL_DONE, 1));
	MUST(!upcall_put(msg, &a));
	nlmsg_free(msg);
	auth_release(&a);
	auth_release(&b);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
	static struct config *c;
	struct config *objects = config_new();
	size_t len = NLMSG_HDRLEN + GENL_HDRLEN + n;
	struct nlmsghdr *nlh = calloc(1, len);
	struct question q;

	if (!c)
		c = snapshot();
	MUST(nlh && objects);
	nlh->nlmsg_len = (u32)len;
	memcpy((u8 *)nlh + len - n, data, n);
	if (!upcall_parse(nlh, &q))
		check_question(c, &q);
	objects_add(nlh, objects);
	MUST(!config_finish(objects));
	config_put(objects);
	free(nlh);
	return 0;
}
