// SPDX-License-Identifier: GPL-2.0
/*
 * CERT payloads: which certificate is the peer's own, and which are help on the way to an
 * authority.
 *
 * Version 2: the first one is the peer's (RFC 7296, 3.6).  Version 1 has no such rule: payloads
 * come in any order, in several messages (RFC 2408, 3.9), and one of PKCS #7 has as many as it
 * likes, as a set.  There the peer's is the first that is not an authority's, else the first.
 * What is taken for it has to be whose the peer says it is, and its key has to have signed.
 *
 * Each key is looked at before anything is computed with it.
 */
#include <isakmp/ikev1.h>
#include <isakmp/ikev2.h>
#include <openssl/pkcs7.h>
#include <openssl/x509v3.h>

#include "sig.h"
#include "trust.h"

static bool key_sound(X509 *cert)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);

	return key && !sig_key_flaw(key);
}

/* The certificate in a CERT payload of an encoding with one, or NULL. */
static X509 *read_cert(const struct octets *body)
{
	const u8 *p = body->p + 1;
	X509 *cert;

	if (body->n < 2 || body->p[0] != IKE_CERT_X509_SIGNATURE)
		return NULL;
	cert = d2i_X509(NULL, &p, (long)body->n - 1);
	if (cert && p == body->p + body->n)
		return cert;
	X509_free(cert);
	return NULL;
}

/* One more, if there is room for it; @cert goes. */
static void keep(STACK_OF(X509) *to, X509 *cert)
{
	if (cert && (sk_X509_num(to) >= IKE_CERTS_MAX || !key_sound(cert) ||
		     !sk_X509_push(to, cert)))
		X509_free(cert);
}

/* ---- version 2 --------------------------------------------------------------------------- */

/* A list of revoked certificates is none: nobody here asked for one. */
static u8 first_cert(const struct octets *certs, u8 n)
{
	u8 i = 0;

	while (i < n && certs[i].n && certs[i].p[0] == IKE_CERT_CRL)
		i++;
	return i;
}

static X509 *read_v2(const struct octets *certs, u8 n, STACK_OF(X509) *help)
{
	u8 i = first_cert(certs, n);
	X509 *end = i < n ? read_cert(&certs[i]) : NULL;

	if (!end || !key_sound(end)) {
		X509_free(end);
		return NULL;
	}
	while (++i < n)
		keep(help, read_cert(&certs[i]));
	return end;
}

/* ---- version 1 --------------------------------------------------------------------------- */

/* RFC 2315, 9.1: signed data that nobody has signed, with certificates; its lists do not count. */
static void read_pkcs7(const struct octets *body, STACK_OF(X509) *to)
{
	const u8 *p = body->p + 1;
	PKCS7 *all = d2i_PKCS7(NULL, &p, (long)body->n - 1);
	STACK_OF(X509) *certs = NULL;
	int i;

	if (all && p == body->p + body->n && PKCS7_type_is_signed(all) && all->d.sign)
		certs = all->d.sign->cert;
	for (i = 0; i < sk_X509_num(certs); i++)
		if (X509_up_ref(sk_X509_value(certs, i)))
			keep(to, sk_X509_value(certs, i));
	PKCS7_free(all);
}

/* The peer's own, taken out of them. */
static X509 *take_end(STACK_OF(X509) *all)
{
	int i, n = sk_X509_num(all);

	for (i = 0; i < n; i++)
		if (!X509_check_ca(sk_X509_value(all, i)))
			return sk_X509_delete(all, i);
	return sk_X509_shift(all);
}

static X509 *read_v1(const struct octets *certs, u8 n, STACK_OF(X509) *help)
{
	u8 i;

	for (i = 0; i < n; i++)
		if (certs[i].n > 1 && certs[i].p[0] == V1_CERT_PKCS7)
			read_pkcs7(&certs[i], help);
		else
			keep(help, read_cert(&certs[i]));
	return take_end(help);
}

/**
 * trust_read() - the certificates of a peer
 * @certs: bodies of the CERT payloads, in their order
 * @n: how many
 * @v1: of version 1
 * @help: out: at most IKE_CERTS_MAX that may lead to an authority; what cannot be read helps nobody
 *
 * Context: any thread.
 * Return: the peer's own, to be freed, or NULL: there is none.
 */
X509 *trust_read(const struct octets *certs, u8 n, bool v1, STACK_OF(X509) *help)
{
	return v1 ? read_v1(certs, n, help) : read_v2(certs, n, help);
}
