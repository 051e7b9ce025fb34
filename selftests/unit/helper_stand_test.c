// SPDX-License-Identifier: GPL-2.0
/*
 * What an authentication stands on, seen by the helper: lists of revoked certificates
 * when a peer authenticates, and SAs that were kept while no helper was there.
 */
#include <isakmp/ikev2.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "helper.h"
#include "helper_pki.h"
#include "isakmpd/stand.h"
#include "isakmpd/trust.h"

#define DAY_S 86400

static X509 *root, *middle, *good, *bad, *far;
static EVP_PKEY *root_key, *middle_key, *key;

static X509 *made(const char *name, EVP_PKEY *k, X509 *by, EVP_PKEY *by_key, bool ca, int till)
{
	return pki_cert(&(struct pki_wish) { .name = name, .key = k, .by = by, .by_key = by_key,
					     .ca = ca, .till = till, .alt = ca ? NULL : "DNS:a" });
}

static void make_pki(void)
{
	root_key = pki_key(PKI_P256, 0);
	middle_key = pki_key(PKI_P256, 1);
	key = pki_key(PKI_P256, 2);
	root = made("root", root_key, NULL, NULL, true, 90);
	middle = made("middle", middle_key, root, root_key, true, 60);
	good = made("good", key, root, root_key, false, 30);
	bad = made("bad", key, root, root_key, false, 30);
	far = made("far", key, middle, middle_key, false, 30);
}

static void drop_pki(void)
{
	X509 *all[] = { root, middle, good, bad, far };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		X509_free(all[i]);
}

/* A file with these authorities and perhaps a list; NULL and @why: it is refused. */
static struct loaded *ca_file(X509 *const *cas, unsigned int n, struct octets list, const char **why)
{
	struct octets file = pki_pem(cas, n, NULL), none = { 0 };
	struct loaded *l = NULL;

	if (list.n)
		file = pki_both(file, list);
	*why = loaded_parse(ISAKMP_CRED_CA, &file, &none, &l);
	free((void *)file.p);
	return l;
}

/* The root, with a list that names one certificate (or none), and is good for so long. */
static struct loaded *root_with(X509 *revoked, int till)
{
	const char *why;
	struct loaded *l = ca_file(&root, 1, pki_pem_crl(root, root_key, &revoked, !!revoked, till),
				   &why);

	CHECK(l && !why);
	return l;
}

/* ---- a peer authenticates ------------------------------------------------------------- */

static enum isakmp_reason chain(struct loaded *l, X509 *cert, X509 *help, struct trust_found *found)
{
	struct octets body[2] = { pki_body(cert), help ? pki_body(help) : (struct octets) { 0 } };
	struct trust_from from = { .cas = l->chain, .crls = l->crls };
	const char *why = NULL;
	enum isakmp_reason reason = trust_chain(body, help ? 2 : 1, &from, found, &why);

	CHECK(!reason == !why || !reason);
	CHECK(!reason || why);
	free((void *)body[0].p);
	free((void *)body[1].p);
	return reason;
}

/* Takes the authorities; seconds that the chain is good for, 0: refused for @want. */
static u32 left(struct loaded *l, X509 *cert, X509 *help, enum isakmp_reason want)
{
	struct trust_found found = { 0 };

	CHECK_REASON(chain(l, cert, help, &found), want);
	if (!want) {
		CHECK(trust_holds(l->chain, found.anchor));
		X509_free(found.end);
	}
	loaded_put(l);
	return want ? 0 : found.left;
}

static bool about(u32 s, int days)
{
	return s <= (u32)days * DAY_S && s > (u32)days * DAY_S - 600;
}

static void test_lists(void)
{
	const char *why;

	/* as good as what ends first */
	CHECK(about(left(ca_file(&root, 1, (struct octets) { 0 }, &why), good, NULL, ISAKMP_OK), 30));
	CHECK(about(left(root_with(bad, 40), good, NULL, ISAKMP_OK), 30));
	CHECK(about(left(root_with(bad, 7), good, NULL, ISAKMP_OK), 7));
	CHECK(about(left(root_with(NULL, 7), good, NULL, ISAKMP_OK), 7));
	left(root_with(bad, 7), bad, NULL, ISAKMP_R_CERT_REVOKED);
	left(root_with(bad, -1), good, NULL, ISAKMP_R_CRL_EXPIRED);
	left(root_with(bad, -1), bad, NULL, ISAKMP_R_CERT_REVOKED);
	/* on the way to the root */
	CHECK(about(left(root_with(bad, 40), far, middle, ISAKMP_OK), 30));
	left(root_with(middle, 40), far, middle, ISAKMP_R_CERT_REVOKED);
	/* what ends a chain is not asked about */
	CHECK(about(left(root_with(root, 40), good, NULL, ISAKMP_OK), 30));
}

static void refused(X509 *const *cas, unsigned int n, struct octets list)
{
	const char *why;
	struct loaded *l = ca_file(cas, n, list, &why);

	CHECK(!l && why);
	loaded_put(l);
}

/* A list that says nothing may not be taken for one that is empty. */
static void test_bad_lists(void)
{
	struct octets list = pki_pem_crl(root, root_key, &bad, 1, 7);
	X509 *both[] = { root, middle };
	struct loaded *l;
	const char *why;
	u8 *p;

	refused(&middle, 1, pki_pem_crl(root, root_key, &bad, 1, 7));
	/* signed by another key */
	refused(&root, 1, pki_pem_crl(root, middle_key, &bad, 1, 7));
	p = malloc(list.n);
	memcpy(p, list.p, list.n);
	p[list.n / 2] ^= 1;
	refused(&root, 1, (struct octets) { p, list.n });
	l = ca_file(both, 2, pki_both(list, pki_pem_crl(middle, middle_key, &far, 1, 7)), &why);
	if (CHECK(l))
		CHECK(sk_X509_num(l->chain) == 2 && sk_X509_CRL_num(l->crls) == 2 &&
		      l->n_revoked == 2);
	loaded_put(l);
}

/* What makes the helper look at its SAs again: other authorities, or others that they have revoked. */
static bool alike(struct loaded *a, struct loaded *b)
{
	bool same = loaded_same_word(a, b);

	CHECK_EQ(loaded_same_word(b, a), same);
	loaded_put(a);
	loaded_put(b);
	return same;
}

static void test_same_word(void)
{
	const char *why;

	CHECK(alike(root_with(bad, 7), root_with(bad, 7)));
	CHECK(!alike(root_with(bad, 7), ca_file(&middle, 1, (struct octets) { 0 }, &why)));
	CHECK(!alike(root_with(NULL, 7), root_with(bad, 7)));
	CHECK(!alike(root_with(good, 7), root_with(bad, 7)));
	CHECK(!alike(ca_file(&root, 1, (struct octets) { 0 }, &why), root_with(bad, 7)));
	/* a list that follows another, with the same in it */
	CHECK(alike(root_with(bad, 7), root_with(bad, 14)));
	CHECK(!alike(NULL, root_with(bad, 7)));
	CHECK(alike(NULL, NULL));
}

/* ---- SAs that were kept ------------------------------------------------------------------ */

/* What is in the files, by name; absent: it was removed. */
static struct {
	const char *name;
	struct loaded *l;
	enum cred_state state;
} files[4];

static enum cred_state load_file(const struct cred_source *src, const struct config_cred *cred,
				 struct loaded **l)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		if (!files[i].name || strcmp(files[i].name, cred->file))
			continue;
		*l = files[i].state ? NULL : loaded_get(files[i].l);
		return files[i].state;
	}
	return CRED_NONE;
}

static bool is_gone(const struct cred_source *src, const struct config_cred *cred)
{
	struct loaded *l;

	if (!strcmp(cred->file, "psk"))
		return false;
	if (load_file(src, cred, &l) == CRED_NONE)
		return strcmp(cred->file, "unreadable");
	loaded_put(l);
	return false;
}

static const struct cred_source files_source = { NULL, load_file, is_gone };

static void add(struct config *c, const char *name, u8 type, const char *file)
{
	struct config_cred k = { .name = name, .type = type, .file = file };

	CHECK_EQ(config_add_cred(c, &k), 0);
}

static struct config *configured(void)
{
	struct config *c = config_new();

	add(c, "psk", ISAKMP_CRED_PSK, "psk");
	add(c, "own", ISAKMP_CRED_X509, "own");
	add(c, "pub", ISAKMP_CRED_PUBKEY, "pub");
	add(c, "ca", ISAKMP_CRED_CA, "ca");
	add(c, "lost", ISAKMP_CRED_CA, "lost");
	add(c, "lost-psk", ISAKMP_CRED_PSK, "lost");
	add(c, "unreadable", ISAKMP_CRED_CA, "unreadable");
	CHECK_EQ(config_finish(c), 0);
	return c;
}

/* An SA as the kernel shows it, to and fro. */
static struct standing shown(const char *state, const char *local, const char *remote, const u8 *handle,
			     int n)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct standing *list = NULL, s = { 0 };
	struct nlattr *nest;

	genlmsg_put(msg, 0, 0, 31, 0, 0, ISAKMP_CMD_SA_GET, 1);
	nest = nla_nest_start(msg, ISAKMP_A_SA);
	nla_put_u64(msg, ISAKMP_SA_ID, 7);
	nla_put_string(msg, ISAKMP_SA_STATE, state);
	if (local)
		nla_put_string(msg, ISAKMP_SA_LOCAL_CRED, local);
	if (remote)
		nla_put_string(msg, ISAKMP_SA_REMOTE_CRED, remote);
	if (n)
		nla_put(msg, ISAKMP_SA_HANDLE, n, handle);
	nla_nest_end(msg, nest);
	CHECK_EQ(stand_add(nlmsg_hdr(msg), &list), n > IKE_HANDLE_MAX ? -EBADMSG : 0);
	if (list)
		s = *list;
	stand_free(list);
	nlmsg_free(msg);
	return s;
}

static void stands(const char *local, const char *remote, const u8 *handle, int n, enum stand want)
{
	struct standing s = shown("established", local, remote, handle, n);
	struct config *c = configured();
	const char *why;

	tap_note("%s, %s", local ? local : "-", remote ? remote : "-");
	CHECK_EQ(s.id, 7);
	CHECK_EQ(stand_check(c, &files_source, &s, &why), want);
	CHECK(!why == (want != STAND_NO));
	config_put(c);
}

/* What his.c makes of a chain. */
static int handle_of(const struct trust_found *found, u8 handle[IKE_HANDLE_MAX])
{
	int n = found->n_serials * TRUST_SERIAL_LEN;

	memcpy(handle, found->anchor, TRUST_DIGEST_LEN);
	memcpy(handle + TRUST_DIGEST_LEN, found->serial, (size_t)n);
	return TRUST_DIGEST_LEN + n;
}

/* A chain of three stands until one of its certificates is revoked, whichever. */
static void test_chain_stands(void)
{
	X509 *revoked[] = { NULL, bad, root, middle, far };
	struct trust_found found = { 0 };
	struct loaded *l = root_with(NULL, 7);
	X509 *both[] = { root, middle };
	u8 handle[IKE_HANDLE_MAX];
	const char *why;
	size_t i;
	int n;

	CHECK_REASON(chain(l, far, middle, &found), ISAKMP_OK);
	X509_free(found.end);
	loaded_put(l);
	CHECK_EQ(found.n_serials, 2);
	n = handle_of(&found, handle);
	files[0].name = "ca";
	for (i = 0; i < ARRAY_SIZE(revoked); i++) {
		tap_note("the %zuth is revoked", i);
		files[0].l = revoked[i] == far ?
			ca_file(both, 2, pki_pem_crl(middle, middle_key, &far, 1, 7), &why) :
			root_with(revoked[i], 7);
		stands("psk", "ca", handle, n, i < 3 ? STAND_YES : STAND_NO);
		loaded_put(files[0].l);
	}
}

static void test_stands(void)
{
	u8 his[IKE_HANDLE_MAX], other[IKE_HANDLE_MAX], pub[TRUST_DIGEST_LEN];
	u8 serial[TRUST_DIGEST_LEN];
	struct trust_found found;
	int n;
	struct loaded *l = root_with(bad, 7);

	files[0].name = "ca";
	files[0].l = l;
	files[1].name = "own";
	files[1].l = l;
	files[2].name = "pub";
	files[2].l = pki_loaded(ISAKMP_CRED_PUBKEY, NULL, 0, key);
	CHECK_REASON(chain(l, good, NULL, &found), ISAKMP_OK);
	X509_free(found.end);
	n = handle_of(&found, his);
	CHECK_EQ(n, TRUST_DIGEST_LEN + TRUST_SERIAL_LEN);
	CHECK(trust_key_digest(key, pub));

	stands("psk", "psk", NULL, 0, STAND_YES);
	stands(NULL, NULL, NULL, 0, STAND_YES);
	stands("own", "ca", his, n, STAND_YES);
	stands("own", "ca", NULL, 0, STAND_YES);
	stands("own", "pub", pub, sizeof(pub), STAND_YES);
	/* removed, renamed, of another type now */
	stands("psk", "gone", NULL, 0, STAND_NO);
	stands("gone", "psk", NULL, 0, STAND_NO);
	stands("ca", "psk", NULL, 0, STAND_NO);
	stands("psk", "own", NULL, 0, STAND_NO);
	stands("psk", "lost", his, n, STAND_NO);
	stands("lost-psk", "psk", NULL, 0, STAND_NO);
	/* no verdict on what cannot be read */
	stands("psk", "unreadable", his, n, STAND_YES);
	files[0].state = CRED_WAIT;
	stands("own", "ca", his, n, STAND_WAIT);
	files[0].state = CRED_READY;
	/* another key, another authority, a revoked certificate */
	memcpy(other, his, (size_t)n);
	other[0] ^= 1;
	stands("own", "ca", other, n, STAND_NO);
	stands("own", "pub", other, TRUST_DIGEST_LEN, STAND_NO);
	memcpy(other, his, TRUST_DIGEST_LEN);
	CHECK(trust_serial(X509_get_issuer_name(bad), X509_get0_serialNumber(bad), serial));
	memcpy(other + TRUST_DIGEST_LEN, serial, TRUST_SERIAL_LEN);
	stands("own", "ca", other, n, STAND_NO);
	loaded_put(l);
	loaded_put(files[2].l);
}

/* What is not up is decided anew; what is malformed is not looked at. */
static void test_shown(void)
{
	static const u8 long_handle[IKE_HANDLE_MAX + 1];
	struct standing s = shown("deleting", "psk", "gone", NULL, 0);
	struct nl_msg *msg = nlmsg_alloc();
	struct standing *list = NULL;

	CHECK(!s.id);
	s = shown("established", "psk", "psk", long_handle, sizeof(long_handle));
	CHECK(!s.id);
	genlmsg_put(msg, 0, 0, 31, 0, 0, ISAKMP_CMD_SA_GET, 1);
	CHECK_EQ(-stand_add(nlmsg_hdr(msg), &list), EBADMSG);
	nlmsg_free(msg);
}

int main(void)
{
	make_pki();
	TAP_RUN(test_lists, "revoked: lists beside an authority, and until when they count (RFC 5280, 6.3)");
	TAP_RUN(test_bad_lists, "revoked: a list that cannot be believed spoils its file");
	TAP_RUN(test_same_word, "other authorities, and others that are revoked, are noticed");
	TAP_RUN(test_stands, "kept SAs: exactly those fall whose credential is no more");
	TAP_RUN(test_chain_stands, "kept SAs: one falls with any certificate of its chain");
	TAP_RUN(test_shown, "kept SAs: only those that are up are looked at");
	drop_pki();
	return tap_done();
}
