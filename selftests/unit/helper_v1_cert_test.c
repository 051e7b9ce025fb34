// SPDX-License-Identifier: GPL-2.0
/*
 * Certificates of a peer of version 1 (RFC 2408, 3.9): in any order, in any of its messages, in
 * PKCS #7; and what is wrong with them.
 */
#include <isakmp/ikev1.h>
#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "helper.h"
#include "helper_pki.h"
#include "isakmpd/trust.h"

static X509 *root, *middle, *leaf, *other;

static X509 *make(const char *name, EVP_PKEY *key, X509 *by, EVP_PKEY *by_key, bool ca)
{
	struct pki_wish w = { .name = name, .key = key, .by = by, .by_key = by_key, .ca = ca,
			      .alt = ca ? NULL : "DNS:gw-a.example" };

	return pki_cert(&w);
}

static void make_pki(void)
{
	root = make("root", pki_key(PKI_P256, 0), NULL, NULL, true);
	middle = make("middle", pki_key(PKI_P256, 1), root, pki_key(PKI_P256, 0), true);
	leaf = make("leaf", pki_key(PKI_RSA, 0), middle, pki_key(PKI_P256, 1), false);
	other = make("other", pki_key(PKI_RSA, 1), middle, pki_key(PKI_P256, 1), false);
}

/* Bodies of CERT payloads, to be freed at the end. */
static const u8 *bodies[32];
static unsigned int n_bodies;

static struct octets kept(struct octets o)
{
	CHECK(n_bodies < ARRAY_SIZE(bodies));
	bodies[n_bodies++] = o.p;
	return o;
}

static struct octets body(X509 *cert)
{
	return kept(pki_body(cert));
}

static void drop_pki(void)
{
	while (n_bodies)
		free((void *)bodies[--n_bodies]);
	X509_free(root);
	X509_free(middle);
	X509_free(leaf);
	X509_free(other);
}

/* With these in it, as a set. */
static struct octets pkcs7(X509 *const *certs, unsigned int n)
{
	PKCS7 *p7 = PKCS7_new();
	unsigned int i;
	u8 *o, *p;
	int len;

	CHECK(PKCS7_set_type(p7, NID_pkcs7_signed) && PKCS7_content_new(p7, NID_pkcs7_data));
	for (i = 0; i < n; i++)
		CHECK(PKCS7_add_certificate(p7, certs[i]));
	len = i2d_PKCS7(p7, NULL);
	o = malloc(1 + (size_t)len);
	o[0] = V1_CERT_PKCS7;
	p = o + 1;
	i2d_PKCS7(p7, &p);
	PKCS7_free(p7);
	return kept((struct octets) { o, 1 + (size_t)len });
}

/* Whose it is when these come, in memory of their own; NULL: refused, with @reason. */
static X509 *whose(const struct octets *certs, u8 n, bool v1, enum isakmp_reason *reason)
{
	struct trust_from from = { .cas = sk_X509_new_null(), .v1 = v1 };
	struct octets copy[IKE_CERTS_MAX];
	struct trust_found found = { 0 };
	const char *why;
	u8 i;

	CHECK(X509_up_ref(root) && sk_X509_push(from.cas, root));
	for (i = 0; i < n; i++) {
		copy[i] = (struct octets) { malloc(certs[i].n + !certs[i].n), certs[i].n };
		memcpy((void *)copy[i].p, certs[i].p, certs[i].n);
	}
	*reason = trust_chain(copy, n, &from, &found, &why);
	CHECK(!*reason || why);
	CHECK(!ERR_peek_error());
	sk_X509_pop_free(from.cas, X509_free);
	for (i = 0; i < n; i++)
		free((void *)copy[i].p);
	return found.end;
}

/* With these it is the leaf's. */
static bool is_leaf(const struct octets *certs, u8 n, bool v1)
{
	enum isakmp_reason reason;
	X509 *end = whose(certs, n, v1, &reason);
	bool good = !reason && !X509_cmp(end, leaf);

	X509_free(end);
	return good;
}

static void test_order(void)
{
	struct octets l = body(leaf), m = body(middle), r = body(root);
	const struct octets rows[][3] = {
		{ l, m, r }, { l, r, m }, { m, l, r }, { m, r, l }, { r, l, m }, { r, m, l },
	};
	const struct octets crl = { (const u8 *)"\x07no list", 8 }, junk = { (const u8 *)"\4\x30", 2 };
	const struct octets mixed[] = { junk, crl, m, junk, l };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tap_note("order %u", i);
		CHECK(is_leaf(rows[i], 3, true));
		/* RFC 7296, 3.6: there the first is the peer's */
		CHECK_EQ(is_leaf(rows[i], 3, false), i < 2);
	}
	tap_note(" ");
	CHECK(is_leaf(mixed, 5, true));
	/* of two that are no authority's the first one counts, as with version 2 */
	CHECK(is_leaf((struct octets []) { m, l, body(other) }, 3, true));
	CHECK(!is_leaf((struct octets []) { m, body(other), l }, 3, true));
}

static void test_pkcs7(void)
{
	X509 *all[] = { root, middle, leaf }, *two[] = { root, middle };
	struct octets box = pkcs7(all, 3), chain = pkcs7(two, 2), none = pkcs7(NULL, 0), cut;
	struct octets l = body(leaf);
	enum isakmp_reason reason;
	X509 *end;
	u8 *p;
	size_t i;

	CHECK(is_leaf(&box, 1, true));
	CHECK(is_leaf((struct octets []) { chain, l }, 2, true));
	CHECK(is_leaf((struct octets []) { none, l, chain }, 3, true));
	/* version 2 has no such */
	CHECK(!is_leaf(&box, 1, false));
	CHECK(!is_leaf((struct octets []) { l, chain }, 2, false));
	CHECK(!whose(&none, 1, true, &reason));
	CHECK_REASON(reason, ISAKMP_R_CERT_UNTRUSTED);
	/* cut anywhere, something behind it, any octet another one */
	for (i = 0; i < box.n; i++) {
		cut = (struct octets) { box.p, i };
		CHECK(!whose(&cut, 1, true, &reason));
		CHECK_REASON(reason, ISAKMP_R_CERT_UNTRUSTED);
	}
	p = malloc(box.n + 1);
	memcpy(p, box.p, box.n);
	p[box.n] = 0;
	cut = (struct octets) { p, box.n + 1 };
	CHECK(!whose(&cut, 1, true, &reason));
	for (i = 0; i < box.n; i++) {
		p[i] ^= 0x11;
		cut = (struct octets) { p, box.n };
		end = whose(&cut, 1, true, &reason);
		/* what is left of them may lead there all the same */
		CHECK(!end || !X509_cmp(end, leaf) || !X509_cmp(end, middle) || !X509_cmp(end, root));
		X509_free(end);
		p[i] ^= 0x11;
	}
	free(p);
}

/* More than are looked at: those behind them are as if they had not come. */
static void test_many(void)
{
	X509 *all[IKE_CERTS_MAX + 1];
	struct octets box;
	unsigned int i;

	for (i = 0; i < IKE_CERTS_MAX; i++)
		all[i] = middle;
	all[IKE_CERTS_MAX] = leaf;
	box = pkcs7(all, IKE_CERTS_MAX + 1);
	CHECK(!is_leaf(&box, 1, true));
	all[IKE_CERTS_MAX - 1] = leaf;
	box = pkcs7(all, IKE_CERTS_MAX);
	CHECK(is_leaf(&box, 1, true));
}

/* A key that nothing may be computed with is no help, and nobody's. */
static void test_weak(void)
{
	EVP_PKEY *small = pki_rsa(1024, 65537);
	X509 *weak = make("weak", small, middle, pki_key(PKI_P256, 1), false);
	struct octets l = body(leaf), m = body(middle), w = body(weak);
	enum isakmp_reason reason;

	CHECK(is_leaf((struct octets []) { w, m, l }, 3, true));
	CHECK(!whose(&w, 1, true, &reason));
	CHECK_REASON(reason, ISAKMP_R_CERT_UNTRUSTED);
	X509_free(weak);
	EVP_PKEY_free(small);
}

int main(void)
{
	make_pki();
	TAP_RUN(test_order, "v1 certificates: in any order");
	TAP_RUN(test_pkcs7, "v1 certificates: in PKCS #7, whole and broken");
	TAP_RUN(test_many, "v1 certificates: no more than IKE_CERTS_MAX");
	TAP_RUN(test_weak, "v1 certificates: a key that is too short (threat 83)");
	drop_pki();
	return tap_done();
}
