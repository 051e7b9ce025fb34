// SPDX-License-Identifier: GPL-2.0
/*
 * Which peer an initiator is: templates, patterns, addresses, and those that the
 * kernel did not list.
 */
#include <time.h>

#include "helper.h"

/* The remote side of a peer, with addresses. */
struct where {
	const char *name;
	const char *template;
	bool is_template;
	const char *local;
	const char *remote;
	int plen;		/* -1: none */
};

static u8 four(const char *text, u8 to[16])
{
	if (!text)
		return 0;
	CHECK_EQ(sscanf(text, "%hhu.%hhu.%hhu.%hhu", to, to + 1, to + 2, to + 3), 4);
	return 4;
}

static void put_peer(struct config *c, const struct where *w)
{
	struct config_peer p = {
		.name = w->name, .gen = 1, .template = w->template, .is_template = w->is_template,
		.has_plen = w->plen >= 0, .plen = (u8)max(w->plen, 0),
	};

	p.local_addr.len = four(w->local, p.local_addr.octets);
	p.remote_addr.len = four(w->remote, p.remote_addr.octets);
	CHECK_EQ(config_add_peer(c, &p), 0);
}

static const char *chosen(const struct config *c, const struct question *q)
{
	struct answer a = decide(c, q);

	auth_release(&a);
	return a.peer ? a.peer->name : "nobody";
}

static void chooses(const struct config *c, const struct question *q, const char *want)
{
	tap_note("wanted %s, got %s", want, chosen(c, q));
	CHECK(!strcmp(chosen(c, q), want));
	tap_note(" ");
}

static const u8 here[] = { 192, 0, 2, 1 }, there[] = { 198, 51, 100, 7 };

/* From `there` to `here`; the kernel lists @peer, or nobody that there is, and says MORE. */
static struct question from_there(u8 auth[PSK_PRF_MAX], const char *peer, bool more)
{
	struct question q = r_auth(auth);

	q.local = (struct octets) { here, 4 };
	q.remote = (struct octets) { there, 4 };
	q.peer[0].name = peer;
	q.more = more;
	return q;
}

static void test_templates(void)
{
	struct config *c = config_new();
	u8 auth[PSK_PRF_MAX];
	struct question q;

	put_peer(c, &(struct where) { "t", NULL, true, NULL, NULL, -1 });
	put_peer(c, &(struct where) { "from-t", "t", false, NULL, "198.51.100.7", -1 });
	put_peer(c, &(struct where) { "own", "t", false, NULL, NULL, -1 });
	put_peer(c, &(struct where) { "no-template", "own", false, NULL, NULL, -1 });
	put_peer(c, &(struct where) { "gone", "nowhere", false, NULL, NULL, -1 });
	add_auth(c, "t", ISAKMP_SIDE_LOCAL, B, "psk");
	add_auth(c, "t", ISAKMP_SIDE_REMOTE, A, NULL);
	add_auth(c, "own", ISAKMP_SIDE_REMOTE, "fqdn:gw-c.example", NULL);
	add_cred(c, "psk", NULL, TEXT_SECRET);
	CHECK_EQ(config_finish(c), 0);

	q = from_there(auth, "from-t", false);
	CHECK_REASON(verdict(c, &q), ISAKMP_OK);
	chooses(c, &q, "from-t");
	/* what it has itself counts: another identity */
	q.peer[0].name = "own";
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_IDENTITY);
	/* a template is nobody, and has none; one that is not there gives nothing */
	q.peer[0].name = "t";
	chooses(c, &q, "nobody");
	q.more = true;
	chooses(c, &q, "from-t");
	q.more = false;
	q.peer[0].name = "no-template";
	chooses(c, &q, "nobody");
	q.peer[0].name = "gone";
	chooses(c, &q, "nobody");
	config_put(c);
}

static void test_more(void)
{
	static const struct where peers[] = {
		{ "far", NULL, false, NULL, "203.0.113.1", -1 },
		{ "wide", NULL, false, NULL, "198.51.0.0", 16 },
		{ "near", NULL, false, NULL, "198.51.100.0", 24 },
		{ "elsewhere", NULL, false, "192.0.2.9", "198.51.100.7", -1 },
		{ "any-pattern", NULL, false, NULL, NULL, -1 },
		{ "listed", NULL, false, NULL, NULL, -1 },
	};
	struct config *c = config_new();
	u8 auth[PSK_PRF_MAX];
	struct question q;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(peers); i++) {
		put_peer(c, &peers[i]);
		add_auth(c, peers[i].name, ISAKMP_SIDE_LOCAL, B, "psk");
		if (i < 4)
			add_auth(c, peers[i].name, ISAKMP_SIDE_REMOTE, A, NULL);
	}
	add_auth(c, "any-pattern", ISAKMP_SIDE_REMOTE, "fqdn:*.example", NULL);
	add_auth(c, "listed", ISAKMP_SIDE_REMOTE, "any", NULL);
	add_cred(c, "psk", NULL, TEXT_SECRET);
	CHECK_EQ(config_finish(c), 0);

	/* no MORE: what the kernel lists is all there is */
	q = from_there(auth, "listed", false);
	chooses(c, &q, "listed");
	/* an exact identity among the others before any among the listed; addresses count */
	q.more = true;
	chooses(c, &q, "near");
	/* a listed one of the same kind comes first */
	q.n_peer = 2;
	q.peer[1].name = "wide";
	chooses(c, &q, "wide");
	q.n_peer = 1;
	/* from where no exact one is: the pattern, before any */
	q.remote = (struct octets) { (const u8 *)"\x0a\x00\x00\x01", 4 };
	chooses(c, &q, "any-pattern");
	/* IPv6: prefixes of IPv4 say nothing about it */
	q.remote = q.local = (struct octets) { (const u8 *)"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16 };
	chooses(c, &q, "any-pattern");
	config_put(c);
}

static void test_methods(void)
{
	struct config *c = config_new();
	u8 attr[IDENT_ATTR_MAX], auth[PSK_PRF_MAX];
	struct config_auth key = { .method = ISAKMP_METHOD_PUBKEY };
	struct question q;

	/* one object for those who sign, one for those who have a secret */
	add_peer(c, "signs", 1, B, "psk", NULL, NULL);
	key.id = ident(A, attr);
	CHECK_EQ(config_add_auth(c, "signs", ISAKMP_SIDE_REMOTE, &key), 0);
	add_peer(c, "secret", 1, B, "psk", A, NULL);
	add_cred(c, "psk", NULL, TEXT_SECRET);
	CHECK_EQ(config_finish(c), 0);
	q = from_there(auth, "signs", false);
	q.peer[1].name = "secret";
	q.n_peer = 2;
	chooses(c, &q, "secret");
	CHECK_REASON(verdict(c, &q), ISAKMP_OK);
	q.auth_method = IKE_AM_DIGITAL_SIG;
	chooses(c, &q, "signs");
	q.n_peer = 1;
	q.auth_method = IKE_AM_PSK;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_AUTH_METHOD);
	config_put(c);
}

/* A hundred thousand: found by identity, not one after the other. */
#define MANY 100000U

static void test_many(void)
{
	struct config *c = config_new();
	u8 auth[PSK_PRF_MAX], body[32] = { IKE_ID_FQDN };
	struct timespec before, after;
	char name[16], id[24];
	struct question q;
	unsigned int i;
	s64 us;

	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		snprintf(id, sizeof(id), "fqdn:n%u", i);
		add_peer(c, name, i, B, "psk", id, NULL);
	}
	add_peer(c, "pattern", 1, B, "psk", "fqdn:*.example", NULL);
	add_cred(c, "psk", NULL, TEXT_SECRET);
	CHECK_EQ(config_finish(c), 0);
	q = from_there(auth, "p0", true);
	chooses(c, &q, "pattern");
	clock_gettime(CLOCK_MONOTONIC, &before);
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "p%u", i * 97 % MANY);
		q.id_i = (struct octets) { body, 4 + (size_t)snprintf((char *)body + 4, 20, "n%u",
								      i * 97 % MANY) };
		chooses(c, &q, name);
	}
	clock_gettime(CLOCK_MONOTONIC, &after);
	us = (after.tv_sec - before.tv_sec) * 1000000LL + (after.tv_nsec - before.tv_nsec) / 1000;
	printf("# %lld us for each of 1000, twice decided, among %u peers\n", (long long)us / 1000, MANY);
	CHECK(us < 5000000);	/* a walk through all would take minutes under ASan */
	config_put(c);
}

/* CVE-2024-2357: whose secret is missing is refused at once, by its name. */
static void test_no_secret(void)
{
	static const char *const wrong[] = { "gone", "unreadable", "empty", "no-file", "authority" };
	static const u8 kinds[] = { ISAKMP_UPCALL_I_AUTH, ISAKMP_UPCALL_R_AUTH, ISAKMP_UPCALL_I_VERIFY };
	struct config *c = config_new();
	u8 auth[PSK_PRF_MAX];
	struct question q;
	struct answer a;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		add_peer(c, wrong[i], 1, B, wrong[i], A, wrong[i]);
	add_cred(c, "unreadable", NULL, "unreadable");
	add_cred(c, "empty", NULL, "");
	add_cred(c, "no-file", NULL, NULL);
	CHECK_EQ(config_add_cred(c, &(struct config_cred) { .name = "authority", .file = TEXT_SECRET,
							    .type = ISAKMP_CRED_CA }), 0);
	CHECK_EQ(config_finish(c), 0);
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		for (k = 0; k < ARRAY_SIZE(kinds); k++) {
			tap_note("%s, kind %u", wrong[i], kinds[k]);
			q = r_auth(auth);
			q.kind = kinds[k];
			q.peer[0].name = wrong[i];
			if (kinds[k] == ISAKMP_UPCALL_I_VERIFY)
				q.id_r = id_a_body;
			a = decide(c, &q);
			CHECK_REASON(a.reason, ISAKMP_R_NO_SECRET);
			CHECK(!a.wait);
		}
	}
	config_put(c);
}

int main(void)
{
	fill_all();
	TAP_RUN(test_templates, "choose: what a peer does not have it has from its template");
	TAP_RUN(test_more, "choose: those that the kernel did not list, by identity and address");
	TAP_RUN(test_methods, "choose: the object whose method the initiator uses");
	TAP_RUN(test_many, "choose: among a hundred thousand");
	TAP_RUN(test_no_secret, "choose: a missing secret is an answer at once (threat 56)");
	return tap_done();
}
