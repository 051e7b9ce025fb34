// SPDX-License-Identifier: GPL-2.0
/*
 * Certificates: chains, times, whose they are; conversations of two sides that
 * prove themselves with keys.  The keys are made here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helper.h"
#include "helper_pki.h"
#include "isakmpd/trust.h"

#define HASHES_ALL (IKE_HASH_BIT(IKE_HASH_SHA2_256) | IKE_HASH_BIT(IKE_HASH_SHA2_384) | \
		    IKE_HASH_BIT(IKE_HASH_SHA2_512) | IKE_HASH_BIT(IKE_HASH_IDENTITY))

/* ---- a small PKI: two roots, one with another below it -------------------------- */

static X509 *root, *middle, *alien;
static EVP_PKEY *root_key, *middle_key, *alien_key, *a_key, *b_key;

static X509 *authority(const char *name, EVP_PKEY *key, X509 *by, EVP_PKEY *by_key)
{
	struct pki_wish w = { .name = name, .key = key, .by = by, .by_key = by_key, .ca = true };

	return pki_cert(&w);
}

static X509 *leaf(X509 *by, EVP_PKEY *by_key, EVP_PKEY *key, const char *alt)
{
	struct pki_wish w = { .name = "leaf", .key = key, .by = by, .by_key = by_key, .alt = alt };

	return pki_cert(&w);
}

static void make_pki(void)
{
	root_key = pki_key(PKI_P256, 0);
	middle_key = pki_key(PKI_RSA, 0);
	alien_key = pki_key(PKI_P256, 1);
	a_key = pki_key(PKI_P256, 2);
	b_key = pki_key(PKI_P256, 3);
	root = authority("root", root_key, NULL, NULL);
	middle = authority("middle", middle_key, root, root_key);
	alien = authority("alien", alien_key, NULL, NULL);
}

static STACK_OF(X509) *stack(X509 *a, X509 *b)
{
	STACK_OF(X509) *s = sk_X509_new_null();

	if (a)
		sk_X509_push(s, a);
	if (b)
		sk_X509_push(s, b);
	return s;
}

/* ---- chains ------------------------------------------------------------------------ */

static const char *why;

/* The peer sends these payloads; @ca is what we trust, @first whom we take him for. */
static enum isakmp_reason chain_of_bodies(const struct octets *body, u8 n, X509 *ca, X509 *first)
{
	STACK_OF(X509) *cas = stack(ca, NULL);
	struct trust_found found = { 0 };
	struct trust_from from = { .cas = cas };
	enum isakmp_reason reason = trust_chain(body, n, &from, &found, &why);

	CHECK(!reason == !!found.end && (!reason || why));
	if (found.end && first)
		CHECK(!X509_cmp(found.end, first));
	/* the chain is as good as its first certificate that ends; test ones do tomorrow */
	CHECK(!found.end || (found.left && found.left <= 86400));
	CHECK(!found.end || (trust_holds(cas, found.anchor) && found.n_serials <= n));
	X509_free(found.end);
	sk_X509_free(cas);
	return reason;
}

/* These certificates. */
static enum isakmp_reason chain(X509 *first, X509 *second, X509 *third, X509 *ca)
{
	X509 *sent[] = { first, second, third };
	struct octets body[3] = { 0 };
	enum isakmp_reason reason;
	u8 n;

	for (n = 0; n < 3 && sent[n]; n++)
		body[n] = pki_body(sent[n]);
	reason = chain_of_bodies(body, n, ca, first);
	while (n--)
		free((void *)body[n].p);
	return reason;
}

/* An authority that is known, but that is no end of a chain. */
static enum isakmp_reason chain_past(X509 *cert, X509 *known)
{
	STACK_OF(X509) *cas = stack(root, NULL), *others = stack(known, NULL);
	struct octets body = pki_body(cert);
	struct trust_found found = { 0 };
	struct trust_from from = { .cas = cas, .known = others };
	enum isakmp_reason reason = trust_chain(&body, 1, &from, &found, &why);

	X509_free(found.end);
	sk_X509_free(cas);
	sk_X509_free(others);
	free((void *)body.p);
	return reason;
}

static void test_chains(void)
{
	X509 *near = leaf(root, root_key, a_key, "DNS:a"), *far = leaf(middle, middle_key, a_key, "DNS:a");
	X509 *forged = leaf(root, alien_key, a_key, "DNS:a"), *self = leaf(NULL, NULL, a_key, "DNS:a");
	X509 *below = leaf(near, a_key, b_key, "DNS:a");
	X509 *twin = authority("root", alien_key, NULL, NULL);
	X509 *of_twin = leaf(twin, alien_key, a_key, "DNS:a");

	CHECK_REASON(chain(near, NULL, NULL, root), ISAKMP_OK);
	CHECK_REASON(chain(far, middle, NULL, root), ISAKMP_OK);
	CHECK_REASON(chain(far, alien, middle, root), ISAKMP_OK);	/* in any order */
	/* an authority below another will do alone */
	CHECK_REASON(chain(far, NULL, NULL, middle), ISAKMP_OK);
	CHECK_REASON(chain(far, middle, root, middle), ISAKMP_OK);
	/* what is between is missing */
	CHECK_REASON(chain(far, NULL, NULL, root), ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(chain_past(far, middle), ISAKMP_OK);
	CHECK_REASON(chain_past(far, alien), ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(chain_past(self, self), ISAKMP_R_CERT_UNTRUSTED);
	/* nobody is an authority because he says so */
	CHECK_REASON(chain(near, root, NULL, alien), ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(chain(near, root, NULL, NULL), ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(chain(self, self, NULL, root), ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(chain(forged, NULL, NULL, root), ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(chain(of_twin, twin, NULL, root), ISAKMP_R_CERT_UNTRUSTED);
	/* a certificate of ours does not make others */
	CHECK_REASON(chain(below, near, NULL, root), ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(chain(NULL, NULL, NULL, root), ISAKMP_R_CERT_UNTRUSTED);
	X509_free(near);
	X509_free(far);
	X509_free(forged);
	X509_free(self);
	X509_free(below);
	X509_free(twin);
	X509_free(of_twin);
}

static enum isakmp_reason wished(struct pki_wish w)
{
	enum isakmp_reason reason;
	X509 *cert;

	w.name = w.name ? w.name : "leaf";
	w.by = w.by ? w.by : root;
	w.by_key = w.by_key ? w.by_key : root_key;
	w.key = w.key ? w.key : a_key;
	cert = pki_cert(&w);
	reason = chain(cert, NULL, NULL, w.by);
	X509_free(cert);
	return reason;
}

static void test_times(void)
{
	struct pki_wish w = { .name = "old", .key = middle_key, .by = root, .by_key = root_key,
			      .ca = true, .from = -9, .till = -2 };
	X509 *old = pki_cert(&w), *of_old = leaf(old, middle_key, a_key, "DNS:a");

	CHECK_REASON(wished((struct pki_wish) { .from = -1, .till = 1 }), ISAKMP_OK);
	CHECK_REASON(wished((struct pki_wish) { .from = -9, .till = -1 }), ISAKMP_R_CERT_EXPIRED);
	CHECK_REASON(wished((struct pki_wish) { .from = 1, .till = 9 }), ISAKMP_R_CERT_EXPIRED);
	CHECK_REASON(wished((struct pki_wish) { .from = 2, .till = -2 }), ISAKMP_R_CERT_EXPIRED);
	/* the one between, the one that is trusted */
	CHECK_REASON(chain(of_old, old, NULL, root), ISAKMP_R_CERT_EXPIRED);
	CHECK_REASON(chain(of_old, NULL, NULL, old), ISAKMP_R_CERT_EXPIRED);
	/* whoever is not trusted is that first */
	CHECK_REASON(chain(of_old, old, NULL, alien), ISAKMP_R_CERT_UNTRUSTED);
	X509_free(old);
	X509_free(of_old);
}

static void test_weak(void)
{
	EVP_PKEY *small = pki_rsa(1024, 65537), *curve = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1");
	X509 *small_ca = authority("small", small, root, root_key);
	X509 *of_small = leaf(small_ca, small, a_key, "DNS:a");

	CHECK_REASON(wished((struct pki_wish) { .key = small }), ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(wished((struct pki_wish) { .key = curve }), ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(chain(of_small, small_ca, NULL, root), ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(wished((struct pki_wish) { .sha1 = true }), ISAKMP_R_CERT_UNTRUSTED);
	/* usages (RFC 4945, 5.1.3.2) */
	CHECK_REASON(wished((struct pki_wish) { .usage = "critical,digitalSignature" }), ISAKMP_OK);
	CHECK_REASON(wished((struct pki_wish) { .usage = "nonRepudiation" }), ISAKMP_OK);
	CHECK_REASON(wished((struct pki_wish) { .usage = "keyEncipherment" }),
		     ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(wished((struct pki_wish) { .usage = "critical,keyCertSign" }),
		     ISAKMP_R_CERT_UNTRUSTED);
	/* what is critical and not known */
	CHECK_REASON(wished((struct pki_wish) { .nid = NID_netscape_comment,
						.ext = "critical,hello" }),
		     ISAKMP_R_CERT_UNTRUSTED);
	X509_free(small_ca);
	X509_free(of_small);
	EVP_PKEY_free(small);
	EVP_PKEY_free(curve);
}

/* RFC 4945, 5.1.3.12 */
static void test_purposes(void)
{
	static const char *const good[] = {
		"ipsecIKE", "anyExtendedKeyUsage", "ipsecEndSystem", "serverAuth", "clientAuth",
		"codeSigning,clientAuth", "critical,ipsecIKE", "1.3.6.1.5.5.7.3.17",
	};
	static const char *const bad[] = {
		"codeSigning", "emailProtection", "timeStamping", "OCSPSigning", "1.2.3.4.5",
		"critical,codeSigning", "1.3.6.1.5.5.7.3.18", "codeSigning,emailProtection",
		"DER:30:00",	/* there, and for nothing */
	};
	struct pki_wish w = { .nid = NID_ext_key_usage };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		w.ext = good[i];
		tap_note("%s", w.ext);
		CHECK_REASON(wished(w), ISAKMP_OK);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		w.ext = bad[i];
		tap_note("%s", w.ext);
		CHECK_REASON(wished(w), ISAKMP_R_CERT_UNTRUSTED);
		CHECK(strstr(why, "extended key usage"));
	}
	w.ext = "DER:05:00";	/* not even a list */
	CHECK_REASON(wished(w), ISAKMP_R_CERT_UNTRUSTED);
}

/* The leaf of an authority of this kind below the root. */
static enum isakmp_reason below(struct pki_wish w, const char *alt)
{
	X509 *between, *end;
	enum isakmp_reason reason;

	w.name = "between";
	w.key = middle_key;
	w.by = root;
	w.by_key = root_key;
	between = pki_cert(&w);
	end = leaf(between, middle_key, a_key, alt);
	reason = chain(end, between, NULL, root);
	X509_free(between);
	X509_free(end);
	return reason;
}

/* RFC 5280, 6.1.4: who may issue, and what */
static void test_issuers(void)
{
	struct pki_wish w = { .name = "short", .key = middle_key, .by = root, .by_key = root_key,
			      .nid = NID_basic_constraints, .ext = "critical,CA:TRUE,pathlen:0" };
	X509 *none = pki_cert(&w), *next = authority("next", b_key, none, middle_key);
	X509 *good = leaf(none, middle_key, a_key, "DNS:a"), *far = leaf(next, b_key, a_key, "DNS:a");

	CHECK_REASON(chain(good, none, NULL, root), ISAKMP_OK);
	CHECK_REASON(chain(far, next, none, root), ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(chain(far, next, NULL, none), ISAKMP_R_CERT_UNTRUSTED);
	X509_free(none);
	X509_free(next);
	X509_free(good);
	X509_free(far);

	w = (struct pki_wish) { .ca = true, .nid = NID_name_constraints,
				.ext = "critical,permitted;DNS:example" };
	CHECK_REASON(below(w, "DNS:gw-a.example"), ISAKMP_OK);
	CHECK_REASON(below(w, "DNS:gw-a.test"), ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(below(w, "DNS:gw-a.example,DNS:gw-a.test"), ISAKMP_R_CERT_UNTRUSTED);
	w.ext = "critical,excluded;DNS:gw-a.example";
	CHECK_REASON(below(w, "DNS:gw-b.example"), ISAKMP_OK);
	CHECK_REASON(below(w, "DNS:gw-a.example"), ISAKMP_R_CERT_UNTRUSTED);

	w = (struct pki_wish) { .ca = true, .usage = "critical,keyCertSign" };
	CHECK_REASON(below(w, "DNS:a"), ISAKMP_OK);
	w.usage = "critical,digitalSignature,cRLSign";
	CHECK_REASON(below(w, "DNS:a"), ISAKMP_R_CERT_UNTRUSTED);
	/* no authority, whatever its key may do */
	w = (struct pki_wish) { .usage = "critical,keyCertSign" };
	CHECK_REASON(below(w, "DNS:a"), ISAKMP_R_CERT_UNTRUSTED);
	w.nid = NID_basic_constraints;
	w.ext = "critical,CA:FALSE";
	CHECK_REASON(below(w, "DNS:a"), ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(below((struct pki_wish) { .ca = true, .from = 2, .till = 9 }, "DNS:a"),
		     ISAKMP_R_CERT_EXPIRED);
	w = (struct pki_wish) { .ca = true, .nid = NID_netscape_comment, .ext = "critical,hello" };
	CHECK_REASON(below(w, "DNS:a"), ISAKMP_R_CERT_UNTRUSTED);
}

/* What else may be in CERT payloads, or be there more than once. */
static void test_other_payloads(void)
{
	X509 *end = leaf(middle, middle_key, a_key, "DNS:a");
	struct octets e = pki_body(end), m = pki_body(middle), crl, raw, url, bundle, unknown;
	u8 *p;

	crl = raw = pki_body(root);	/* what is in them does not matter */
	url = (struct octets) { (const u8 *)"\x0c" "01234567890123456789http://127.0.0.1:1/", 40 };
	bundle = (struct octets) { (const u8 *)"\x0d" "01234567890123456789http://127.0.0.1:1/", 40 };
	unknown = (struct octets) { (const u8 *)"\xc8" "?", 2 };
	p = malloc(crl.n);
	memcpy(p, crl.p, crl.n);
	p[0] = IKE_CERT_CRL;
	crl.p = p;
	((u8 *)raw.p)[0] = IKE_CERT_RAW_PUBLIC_KEY;
#define SENT(...) ((struct octets []) { __VA_ARGS__ }), \
		  sizeof((struct octets []) { __VA_ARGS__ }) / sizeof(struct octets), root, end
	CHECK_REASON(chain_of_bodies(SENT(e, e, m, m, e)), ISAKMP_OK);
	CHECK_REASON(chain_of_bodies(SENT(e, crl, url, bundle, raw, unknown, m)), ISAKMP_OK);
	CHECK_REASON(chain_of_bodies(SENT(crl, e, m)), ISAKMP_OK);
	CHECK_REASON(chain_of_bodies(SENT(crl, crl, e, crl, m)), ISAKMP_OK);
	CHECK_REASON(chain_of_bodies(SENT(e, crl, url, bundle, raw)), ISAKMP_R_CERT_UNTRUSTED);
	/* the first is the peer's own: what is not at hand is not looked for further on */
	CHECK_REASON(chain_of_bodies(SENT(url, e, m)), ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(chain_of_bodies(SENT(bundle, e, m)), ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(chain_of_bodies(SENT(raw, e, m)), ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(chain_of_bodies(SENT(crl)), ISAKMP_R_CERT_UNTRUSTED);
#undef SENT
	free((void *)e.p);
	free((void *)m.p);
	free((void *)crl.p);
	free((void *)raw.p);
	X509_free(end);
}

static enum isakmp_reason chain_of(const u8 *body, size_t n)
{
	return chain_of_bodies(&(struct octets) { body, n }, 1, root, NULL);
}

/* Whatever is in a CERT payload: no crash, and trusted is only what is. */
static void test_octets(void)
{
	X509 *cert = leaf(root, root_key, a_key, "DNS:a");
	struct octets good = pki_body(cert);
	u8 *copy = malloc(good.n + 1);
	size_t i;

	CHECK_REASON(chain_of(good.p, good.n), ISAKMP_OK);
	for (i = 0; i < good.n; i++) {
		u8 *cut = malloc(i ? i : 1);

		memcpy(cut, good.p, i);
		CHECK_REASON(chain_of(cut, i), ISAKMP_R_CERT_UNTRUSTED);
		free(cut);
	}
	memcpy(copy, good.p, good.n);
	copy[good.n] = 0;
	CHECK_REASON(chain_of(copy, good.n + 1), ISAKMP_R_CERT_UNTRUSTED);
	for (i = 0; i < good.n; i++) {
		tap_note("octet %zu", i);
		copy[i] ^= 0x11;
		CHECK(chain_of(copy, good.n));
		copy[i] ^= 0x11;
	}
	free(copy);
	free((void *)good.p);
	X509_free(cert);
}

/* Somebody listens where the certificate and a "hash and URL" payload point. */
static void test_no_fetch(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(to);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	char aia[128], crl[128], url[200] = { IKE_CERT_HASH_URL };
	struct pki_wish w = { .name = "leaf", .key = a_key, .by = middle, .by_key = middle_key,
			      .nid = NID_info_access, .ext = aia };
	X509 *cert;

	CHECK(fd >= 0 && !bind(fd, (struct sockaddr *)&to, sizeof(to)) && !listen(fd, 5) &&
	      !getsockname(fd, (struct sockaddr *)&to, &len));
	snprintf(aia, sizeof(aia), "caIssuers;URI:http://127.0.0.1:%u/ca,OCSP;URI:http://127.0.0.1:%u/",
		 ntohs(to.sin_port), ntohs(to.sin_port));
	snprintf(crl, sizeof(crl), "URI:http://127.0.0.1:%u/crl", ntohs(to.sin_port));
	cert = pki_cert(&w);
	CHECK_REASON(chain(cert, NULL, NULL, root), ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(chain(cert, middle, NULL, root), ISAKMP_OK);
	X509_free(cert);
	w.nid = NID_crl_distribution_points;
	w.ext = crl;
	cert = pki_cert(&w);
	CHECK_REASON(chain(cert, middle, NULL, alien), ISAKMP_R_CERT_UNTRUSTED);
	X509_free(cert);
	snprintf(url + 21, sizeof(url) - 21, "http://127.0.0.1:%u/cert", ntohs(to.sin_port));
	CHECK_REASON(chain_of((u8 *)url, 21 + strlen(url + 21)), ISAKMP_R_CERT_UNTRUSTED);
	CHECK(accept(fd, NULL, NULL) < 0 && errno == EAGAIN);
	close(fd);
}

/* ---- identity ----------------------------------------------------------------------- */

static void test_identity(void)
{
	static const struct { const char *id; bool good; } cases[] = {
		{ "fqdn:gw-a.example", true }, { "fqdn:GW-A.Example", true },
		{ "fqdn:second.example", true }, { "email:ann@example.org", true },
		{ "ipv4:192.0.2.1", true }, { "ipv6:2001:db8::1", true },
		{ "dn:O=Test,CN=leaf", true }, { "dn:O=test,CN=LEAF", true },
		/* the common name is nobody's address */
		{ "fqdn:leaf", false }, { "keyid:leaf", false }, { "email:leaf", false },
		{ "dn:CN=leaf", false }, { "dn:CN=leaf,O=Test", false }, { "dn:O=Test", false },
		{ "dn:O=Test,CN=leaf,CN=x", false }, { "dn:0x3000", false },
		{ "fqdn:gw-a.exampl", false }, { "fqdn:gw-a.example.", false },
		{ "fqdn:x.gw-a.example", false }, { "fqdn:w-a.example", false },
		/* what somebody calls himself is never a pattern */
		{ "fqdn:*.example", false }, { "fqdn:*", false }, { "email:*@example.org", false },
		{ "fqdn:wild.example.net", false }, { "fqdn:any.wild.example", false },
		{ "email:ann@example.com", false }, { "fqdn:ann@example.org", false },
		{ "email:gw-a.example", false }, { "ipv4:192.0.2.2", false },
		{ "ipv6:2001:db8::2", false }, { "keyid:gw-a.example", false },
		{ "keyid:0xc0000201", false },
	};
	X509 *cert = leaf(root, root_key, a_key, "DNS:gw-a.example,DNS:second.example,"
			  "email:ann@example.org,IP:192.0.2.1,IP:2001:db8::1,"
			  "URI:fqdn:uri.example,DNS:*.wild.example");
	X509 *bare = leaf(root, root_key, a_key, NULL);
	u8 attr[IDENT_ATTR_MAX];
	struct ident id;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		tap_note("%s", cases[i].id);
		id = ident(cases[i].id, attr);
		CHECK(trust_identity(cert, &id) == cases[i].good);
		CHECK(trust_identity(bare, &id) == (cases[i].good && id.type == IKE_ID_DN));
	}
	/* CVE-2013-5018, CVE-2013-6075: what claims to be a name and is none */
	for (i = 0; i < 256; i++) {
		u8 der[] = { 0x30, (u8)i, 0x31, 0x0b, 0x30, 0x09, 0x06, 3, 0x55, 4, 3, 0x0c };

		id = (struct ident) { IKE_ID_DN, 1 + i % sizeof(der), der };
		CHECK(!trust_identity(cert, &id));
	}
	X509_free(cert);
	X509_free(bare);
}

/* ---- CERTREQ ---------------------------------------------------------------------------- */

static void test_certreq(void)
{
	X509 *again = authority("root again", root_key, NULL, NULL);
	STACK_OF(X509) *cas = stack(root, again), *many = sk_X509_new_null();
	u8 want[20], *der = NULL;
	struct octets body;
	int i, n;

	/* RFC 7296, 3.7: SHA-1 of the SubjectPublicKeyInfo, of each key once */
	sk_X509_push(cas, alien);
	CHECK(trust_certreq(cas, &body));
	CHECK_EQ(body.n, 1 + 2 * 20);
	CHECK_EQ(body.p[0], 4);
	n = i2d_PUBKEY(root_key, &der);
	CHECK(EVP_Q_digest(NULL, "SHA1", NULL, der, (size_t)n, want, NULL));
	CHECK_MEM(body.p + 1, want, 20);
	OPENSSL_free(der);
	free((void *)body.p);
	for (i = 0; i < IKE_CERTREQ_MAX + 6; i++)
		sk_X509_push(many, authority("one", EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
					     NULL, NULL));
	CHECK(trust_certreq(many, &body));
	CHECK_EQ(body.n, 1 + IKE_CERTREQ_MAX * 20);
	free((void *)body.p);
	while ((again = sk_X509_pop(many))) {
		EVP_PKEY_free(X509_get0_pubkey(again));
		X509_free(again);
	}
	CHECK(trust_certreq(many, &body) && !body.n);
	sk_X509_free(many);
	X509_free(sk_X509_value(cas, 1));
	sk_X509_free(cas);
}

int main(void)
{
	make_pki();
	TAP_RUN(test_chains, "cert: chains end at a configured authority, and nowhere else");
	TAP_RUN(test_times, "cert: not yet, not any more");
	TAP_RUN(test_weak, "cert: weak keys, SHA-1, usages, unknown critical extensions");
	TAP_RUN(test_purposes, "cert: extended key usages (RFC 4945, 5.1.3.12)");
	TAP_RUN(test_issuers, "cert: lengths of paths, name constraints, who may issue");
	TAP_RUN(test_other_payloads, "cert: payloads twice, CRLs, hash and URL, raw keys, unknown ones");
	TAP_RUN(test_octets, "cert: truncated, extended, mutated CERT payloads");
	TAP_RUN(test_no_fetch, "cert: nothing is fetched, trusted or not (threat 73)");
	TAP_RUN(test_identity, "cert: subjectAltName and subject, never the common name");
	TAP_RUN(test_certreq, "cert: CERTREQ names each key once");
	X509_free(root);
	X509_free(middle);
	X509_free(alien);
	return tap_done();
}
