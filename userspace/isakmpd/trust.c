// SPDX-License-Identifier: GPL-2.0
/*
 * Is this certificate somebody's whom we trust, and whose is it?
 *
 * One certificate is the peer's, the others are help on the way to an authority
 * (trust_read.c).  Authorities are those of the configuration
 * and no others; one that is not self-signed will do.  Nothing is fetched: not by a
 * certificate's wish, not by a "hash and URL" payload.  Each key is looked at
 * before anything is computed with it.  A list of revoked certificates that an operator
 * has put beside an authority counts, and has to be up to date.
 */
#include <isakmp/ikev2.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "common/dn.h"
#include "sig.h"
#include "trust.h"

#define NAME_MAX_LEN	2048	/* octets of a name; longer ones count as they are written */
#define AUTH_LEVEL 2	/* of libcrypto: 112 bits: no SHA-1, no RSA below 2048 bits */

/* ---- chain ------------------------------------------------------------------------------- */

/* RFC 4945, 5.1.3.2: a key usage, if any, has to allow signatures. */
static bool may_sign(X509 *cert)
{
	return X509_get_key_usage(cert) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION);
}

/* RFC 4945, 5.1.3.12, and what authorities of the web and of hosts put there. */
static bool purpose_known(const ASN1_OBJECT *purpose)
{
	static const int known[] = {
		NID_ipsec_IKE, NID_anyExtendedKeyUsage, NID_ipsecEndSystem, NID_server_auth,
		NID_client_auth,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (OBJ_obj2nid(purpose) == known[i])
			return true;
	return false;
}

/* An extended key usage, if any, has to have one for us; two of them, or a broken one, have none. */
static bool may_authenticate(X509 *cert)
{
	int i, critical = 0;
	EXTENDED_KEY_USAGE *all = X509_get_ext_d2i(cert, NID_ext_key_usage, &critical, NULL);
	bool good = !all && critical == -1;	/* -1: there is none */

	for (i = 0; all && !good && i < sk_ASN1_OBJECT_num(all); i++)
		good = purpose_known(sk_ASN1_OBJECT_value(all, i));
	EXTENDED_KEY_USAGE_free(all);
	return good;
}

static enum isakmp_reason why_not(X509_STORE_CTX *ctx)
{
	switch (X509_STORE_CTX_get_error(ctx)) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return ISAKMP_R_CERT_EXPIRED;
	}
	return ISAKMP_R_CERT_UNTRUSTED;
}

/* A configured authority ends a chain, also if somebody else has signed it. */
static void set_rules(X509_STORE_CTX *ctx)
{
	X509_VERIFY_PARAM *p = X509_STORE_CTX_get0_param(ctx);

	X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
	X509_VERIFY_PARAM_set_depth(p, TRUST_DEPTH_MAX);
	X509_VERIFY_PARAM_set_auth_level(p, AUTH_LEVEL);
}

/**
 * trust_digest() - what a certificate is known by again
 * @cert: it
 * @digest: out: SHA-256 of it
 *
 * Return: false: no memory.
 */
bool trust_digest(const X509 *cert, u8 digest[TRUST_DIGEST_LEN])
{
	return X509_digest(cert, EVP_sha256(), digest, NULL);
}

/**
 * trust_holds() - is a certificate in a list
 * @certs: the list
 * @digest: its trust_digest()
 *
 * Return: true if so.
 */
bool trust_holds(const STACK_OF(X509) *certs, const u8 digest[TRUST_DIGEST_LEN])
{
	u8 other[TRUST_DIGEST_LEN];
	int i;

	for (i = 0; i < sk_X509_num(certs); i++)
		if (trust_digest(sk_X509_value(certs, i), other) &&
		    !memcmp(other, digest, sizeof(other)))
			return true;
	return false;
}

/**
 * trust_serial() - what one certificate of an issuer is known by
 * @issuer: its name, however it is encoded
 * @number: of the certificate
 * @digest: out
 *
 * RFC 5280, 4.1.2.2: issuer name and serial number identify a certificate.
 *
 * Return: false: no memory.
 */
bool trust_serial(const X509_NAME *issuer, const ASN1_INTEGER *number,
		  u8 digest[TRUST_DIGEST_LEN])
{
	u8 canonical[NAME_MAX_LEN], *octets = NULL;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int len = i2d_ASN1_INTEGER(number, &octets);
	const u8 *name;
	size_t n = 0, m;
	bool good;

	good = ctx && len > 0 && X509_NAME_get0_der(issuer, &name, &n);
	m = good ? dn_canonical(name, n, canonical, sizeof(canonical)) : 0;
	good = good && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) &&
	       EVP_DigestUpdate(ctx, m ? canonical : name, m ? m : n) &&
	       EVP_DigestUpdate(ctx, octets, (size_t)len) && EVP_DigestFinal_ex(ctx, digest, NULL);
	OPENSSL_free(octets);
	EVP_MD_CTX_free(ctx);
	return good;
}

static int by_octets(const void *a, const void *b)
{
	return memcmp(a, b, TRUST_DIGEST_LEN);
}

/**
 * trust_sort() - put digests into the order that trust_revoked() wants
 * @digests: they
 * @n: how many
 */
void trust_sort(u8 (*digests)[TRUST_DIGEST_LEN], size_t n)
{
	if (n)
		qsort(digests, n, sizeof(*digests), by_octets);
}

static int by_first_octets(const void *a, const void *b)
{
	return memcmp(a, b, TRUST_SERIAL_LEN);
}

/**
 * trust_revoked() - has an authority revoked a certificate
 * @ca: what the authority's cred holds
 * @serial: the first octets of trust_serial() of the certificate
 *
 * Return: true if it has.
 */
bool trust_revoked(const struct loaded *ca, const u8 serial[TRUST_SERIAL_LEN])
{
	return ca->n_revoked && bsearch(serial, ca->revoked, ca->n_revoked,
					sizeof(*ca->revoked), by_first_octets);
}

/* Seconds until then, 0: it is over. */
static u32 left_until(const ASN1_TIME *t)
{
	int days, s;

	if (!ASN1_TIME_diff(&days, &s, NULL, t) || days < 0 || s < 0)
		return 0;
	return days > INT32_MAX / 86400 ? INT32_MAX : (u32)(days * 86400 + s);
}

/* RFC 5280, 6.3: what the lists of its issuer say of a certificate. */
static enum isakmp_reason check_lists(X509 *cert, STACK_OF(X509_CRL) *crls, u32 *left)
{
	X509_REVOKED *entry;
	X509_CRL *crl;
	int i;

	for (i = 0; i < sk_X509_CRL_num(crls); i++) {
		crl = sk_X509_CRL_value(crls, i);
		if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_issuer_name(cert)))
			continue;
		if (X509_CRL_get0_by_cert(crl, &entry, cert) == 1)
			return ISAKMP_R_CERT_REVOKED;
		if (!X509_CRL_get0_nextUpdate(crl))
			continue;
		*left = min_t(u32, *left, left_until(X509_CRL_get0_nextUpdate(crl)));
		if (!*left)
			return ISAKMP_R_CRL_EXPIRED;
	}
	return ISAKMP_OK;
}

/* To be looked for in lists that come later. */
static enum isakmp_reason note_serial(X509 *cert, struct trust_found *found)
{
	u8 digest[TRUST_DIGEST_LEN];

	if (found->n_serials >= ARRAY_SIZE(found->serial) ||
	    !trust_serial(X509_get_issuer_name(cert), X509_get0_serialNumber(cert), digest))
		return ISAKMP_R_HELPER_ERROR;
	memcpy(found->serial[found->n_serials++], digest, TRUST_SERIAL_LEN);
	return ISAKMP_OK;
}

/* A configured authority's own word about itself is not asked for. */
static enum isakmp_reason describe(X509_STORE_CTX *ctx, STACK_OF(X509_CRL) *crls,
				   struct trust_found *found)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
	enum isakmp_reason reason = ISAKMP_OK;
	int i, n = sk_X509_num(chain);
	X509 *cert;

	found->left = U32_MAX;
	found->n_serials = 0;
	for (i = 0; !reason && i < n; i++) {
		cert = sk_X509_value(chain, i);
		found->left = min_t(u32, found->left, left_until(X509_get0_notAfter(cert)));
		if (i < n - 1)
			reason = check_lists(cert, crls, &found->left) ?: note_serial(cert, found);
	}
	if (reason)
		return reason;
	/* 0 would be: for ever */
	found->left = max_t(u32, found->left, 1);
	if (n < 1 || !trust_digest(sk_X509_value(chain, n - 1), found->anchor))
		reason = ISAKMP_R_HELPER_ERROR;
	return reason;
}

static enum isakmp_reason verify(X509 *end, STACK_OF(X509) *help, const struct trust_from *from,
				 struct trust_found *found)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	enum isakmp_reason reason = ISAKMP_R_HELPER_ERROR;
	int i;

	for (i = 0; store && i < sk_X509_num(from->cas); i++)
		X509_STORE_add_cert(store, sk_X509_value(from->cas, i));
	if (store && ctx && X509_STORE_CTX_init(ctx, store, end, help)) {
		set_rules(ctx);
		reason = X509_verify_cert(ctx) == 1 ? ISAKMP_OK : why_not(ctx);
		if (!reason)
			reason = describe(ctx, from->crls, found);
	}
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return reason;
}

/* What is wrong with the peer's certificate itself, or NULL. */
static const char *flaw(X509 *cert)
{
	if (!cert)
		return "the peer's certificate cannot be read, or its key not used";
	if (!may_sign(cert))
		return "the key usage of the peer's certificate allows no signatures";
	if (!may_authenticate(cert))
		return "the extended key usage of the peer's certificate is for something else";
	return NULL;
}

static const char *chain_trouble(enum isakmp_reason reason)
{
	switch (reason) {
	case ISAKMP_R_CERT_EXPIRED:
		return "a certificate is not valid now";
	case ISAKMP_R_CERT_UNTRUSTED:
		return "no chain to an authority";
	case ISAKMP_R_CERT_REVOKED:
		return "a certificate was revoked";
	case ISAKMP_R_CRL_EXPIRED:
		return "a list of revoked certificates is out of date";
	default:
		return "memory ran out";
	}
}

/**
 * trust_add() - certificates of one list into another, too
 * @to: owns what is in it
 * @from: NULL: none
 *
 * Return: false: no memory.
 */
bool trust_add(STACK_OF(X509) *to, const STACK_OF(X509) *from)
{
	int i;

	for (i = 0; i < sk_X509_num(from); i++) {
		if (!X509_up_ref(sk_X509_value(from, i)))
			return false;
		if (!sk_X509_push(to, sk_X509_value(from, i))) {
			X509_free(sk_X509_value(from, i));
			return false;
		}
	}
	return true;
}

/**
 * trust_chain() - find a chain from the peer's certificate to an authority
 * @certs: bodies of the CERT payloads, in their order
 * @n: how many
 * @from: who may vouch for it
 * @found: out, if OK: the chain
 * @why: out, else: why not, for the log
 *
 * Context: any thread.  RFC 5280, 6.
 * Return: OK, CERT_UNTRUSTED, CERT_EXPIRED, CERT_REVOKED, CRL_EXPIRED or HELPER_ERROR (no
 * memory).
 */
enum isakmp_reason trust_chain(const struct octets *certs, u8 n, const struct trust_from *from,
			       struct trust_found *found, const char **why)
{
	STACK_OF(X509) *help = sk_X509_new_null();
	X509 *cert = help ? trust_read(certs, n, from->v1, help) : NULL;
	enum isakmp_reason reason = ISAKMP_R_CERT_UNTRUSTED;

	*why = flaw(cert);
	if (!*why) {
		reason = trust_add(help, from->known) ? verify(cert, help, from, found) :
							ISAKMP_R_HELPER_ERROR;
		*why = chain_trouble(reason);
	}
	if (reason)
		X509_free(cert);
	else
		found->end = cert;
	sk_X509_pop_free(help, X509_free);
	ERR_clear_error();
	return reason;
}

/* ---- identity ------------------------------------------------------------------------------ */

/* As an identity: type 0 when it is of no kind that IKE knows. */
static struct ident name_ident(const GENERAL_NAME *name)
{
	static const struct { int general; u8 ike; } kinds[] = {
		{ GEN_DNS, IKE_ID_FQDN }, { GEN_EMAIL, IKE_ID_EMAIL },
		{ GEN_IPADD, IKE_ID_IPV4 },
	};
	struct ident id = { 0 };
	const ASN1_STRING *s;
	size_t i;
	int n;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (name->type != kinds[i].general)
			continue;
		s = GENERAL_NAME_get0_value(name, NULL);
		n = ASN1_STRING_length(s);
		if (n <= 0 || n > IKE_ID_MAX)
			continue;
		id = (struct ident) { kinds[i].ike, (u8)n, ASN1_STRING_get0_data(s) };
	}
	if (id.type == IKE_ID_IPV4 && id.len == 16)
		id.type = IKE_ID_IPV6;
	return id;
}

static bool alt_name(X509 *cert, const struct ident *id)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	bool found = false;
	struct ident name;
	int i;

	for (i = 0; names && !found && i < sk_GENERAL_NAME_num(names); i++) {
		name = name_ident(sk_GENERAL_NAME_value(names, i));
		found = name.type && ident_equal(&name, id);
	}
	GENERAL_NAMES_free(names);
	return found;
}

static bool subject(X509 *cert, const struct ident *id)
{
	const u8 *p = id->value;
	X509_NAME *name = d2i_X509_NAME(NULL, &p, id->len);
	bool equal;

	equal = name && p == id->value + id->len && X509_NAME_entry_count(name) &&
		!X509_NAME_cmp(name, X509_get_subject_name(cert));
	X509_NAME_free(name);
	return equal;
}

/**
 * trust_identity() - is a certificate for this identity
 * @cert: one that is trusted
 * @id: what the peer calls itself
 *
 * A FQDN, an e-mail address and an IP address have to be subjectAltNames, octet
 * by octet but for ASCII case; a distinguished name has to be the subject (RFC
 * 4945, 3.1).  A common name is nobody's address.
 *
 * Return: true if it is.
 */
bool trust_identity(X509 *cert, const struct ident *id)
{
	bool good = id->type == IKE_ID_DN ? subject(cert, id) : alt_name(cert, id);

	ERR_clear_error();
	return good;
}

/* ---- CERTREQ, raw keys ------------------------------------------------------------------------ */

/**
 * trust_names() - how a CERTREQ payload names an authority
 * @cert: its certificate
 * @hash: out: SHA-1 of its SubjectPublicKeyInfo (RFC 7296, 3.7)
 *
 * Return: false: no memory.
 */
bool trust_names(X509 *cert, u8 hash[IKE_CERTREQ_HASH_LEN])
{
	u8 *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	bool good = n > 0 && EVP_Q_digest(NULL, "SHA1", NULL, der, (size_t)n, hash, NULL);

	OPENSSL_free(der);
	ERR_clear_error();
	return good;
}

/* Is the one at @end among those from @first on? */
static bool named(const u8 *first, const u8 *end)
{
	for (; first < end; first += IKE_CERTREQ_HASH_LEN)
		if (!memcmp(first, end, IKE_CERTREQ_HASH_LEN))
			return true;
	return false;
}

/**
 * trust_certreq() - make the body of a CERTREQ payload
 * @cas: authorities; IKE_CERTREQ_MAX are named, each key once
 * @body: out: to be freed; n = 0: there are no authorities
 *
 * Return: false: no memory.
 */
bool trust_certreq(STACK_OF(X509) *cas, struct octets *body)
{
	int i, n = sk_X509_num(cas);
	u8 *p = n > 0 ? malloc(1 + IKE_CERTREQ_MAX * IKE_CERTREQ_HASH_LEN) : NULL;
	size_t len = 1;

	*body = (struct octets) { 0 };
	if (n <= 0)
		return true;
	if (!p)
		return false;
	p[0] = IKE_CERT_X509_SIGNATURE;
	for (i = 0; i < n && len < 1 + IKE_CERTREQ_MAX * IKE_CERTREQ_HASH_LEN; i++)
		if (trust_names(sk_X509_value(cas, i), p + len) && !named(p + 1, p + len))
			len += IKE_CERTREQ_HASH_LEN;
	*body = (struct octets) { p, len };
	return true;
}

/**
 * trust_authority() - make the body of a CERTREQ payload of version 1
 * @cert: an authority's
 * @body: out: to be freed: its name (RFC 2408, 3.10)
 *
 * Return: false: no memory.
 */
bool trust_authority(X509 *cert, struct octets *body)
{
	const u8 *der;
	size_t n;
	u8 *p;

	if (!X509_NAME_get0_der(X509_get_subject_name(cert), &der, &n))
		return false;
	p = malloc(1 + n);
	if (!p)
		return false;
	p[0] = IKE_CERT_X509_SIGNATURE;
	memcpy(p + 1, der, n);
	*body = (struct octets) { p, 1 + n };
	return true;
}

/**
 * trust_is_asked() - does the body of a CERTREQ payload of version 1 name an authority
 * @authority: its name
 * @body: it; one without a name names all
 *
 * Return: true if so.
 */
bool trust_is_asked(const X509_NAME *authority, const struct octets *body)
{
	const u8 *p = body->p + 1;
	X509_NAME *name;
	bool same;

	if (!body->n || body->p[0] != IKE_CERT_X509_SIGNATURE)
		return false;
	if (body->n == 1)
		return true;
	name = d2i_X509_NAME(NULL, &p, (long)body->n - 1);
	same = name && p == body->p + body->n && !X509_NAME_cmp(name, authority);
	X509_NAME_free(name);
	ERR_clear_error();
	return same;
}

/**
 * trust_key_digest() - what a public key is known by again
 * @key: it
 * @digest: out: SHA-256 of its SubjectPublicKeyInfo
 *
 * Return: false: no memory.
 */
bool trust_key_digest(EVP_PKEY *key, u8 digest[TRUST_DIGEST_LEN])
{
	u8 *der = NULL;
	int n = i2d_PUBKEY(key, &der);
	bool good = n > 0 && EVP_Q_digest(NULL, "SHA256", NULL, der, (size_t)n, digest, NULL);

	OPENSSL_free(der);
	ERR_clear_error();
	return good;
}

/**
 * trust_raw_key() - do raw keys of a peer contradict the one that is known
 * @certs: bodies of the CERT payloads
 * @n: how many
 * @key: the one configured
 *
 * Return: false when one of them (RFC 7670) is another key.
 */
bool trust_raw_key(const struct octets *certs, u8 n, EVP_PKEY *key)
{
	u8 *der = NULL;
	int len = i2d_PUBKEY(key, &der);
	bool good = len > 0;
	u8 i;

	for (i = 0; good && i < n; i++) {
		if (!certs[i].n || certs[i].p[0] != IKE_CERT_RAW_PUBLIC_KEY)
			continue;
		good = certs[i].n == 1U + (u32)len && !memcmp(certs[i].p + 1, der, (size_t)len);
	}
	OPENSSL_free(der);
	ERR_clear_error();
	return good;
}
