// SPDX-License-Identifier: GPL-2.0
/*
 * Files of keys and certificates -> struct loaded.
 *
 * For isakmpd(8):
 *
 *   x509	`file`: our certificate, then those between it and the authority;
 *		`key-file`: its private key (without: it is in `file`, too)
 *   key	`file`: a private key
 *   pubkey	`file`: a public key, or a certificate whose key is meant
 *   ca		`file`: one or more certificates of authorities, and lists of those that
 *		they have revoked (CRLs)
 *
 *   users	`file`: names and hashed passwords: users.c
 *
 *   All others are PEM; a file with a single certificate or key may be DER.  Encrypted
 *   keys are refused: there is nobody who could be asked.  Keys are RSA (2048 to
 *   8192 bits), P-256, P-384, P-521 or Ed25519; for version 1 also DSA (2048 or 3072
 *   bits).
 */
#include <linux/isakmp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "loaded.h"
#include "sig.h"
#include "trust.h"

#define CERTS_MAX 1024	/* certificates of one file */
#define CRLS_MAX 64	/* lists of revoked ones in it */

/* ---- one object ----------------------------------------------------------------------- */

/* Nobody is there who could type a password. */
static int no_password(char *buf, int size, int rwflag, void *arg)
{
	(void)buf, (void)size, (void)rwflag;
	*(bool *)arg = true;
	return -1;
}

static BIO *open_octets(const struct octets *o)
{
	return BIO_new_mem_buf(o->p, (int)o->n);
}

static const char *read_private(const struct octets *o, EVP_PKEY **key)
{
	BIO *bio = open_octets(o);
	const u8 *p = o->p;
	bool encrypted = false;

	*key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, &encrypted) : NULL;
	if (!*key && !encrypted)
		*key = d2i_AutoPrivateKey(NULL, &p, (long)o->n);
	BIO_free(bio);
	if (*key)
		return NULL;
	return encrypted ? "an encrypted key" : "no private key in it";
}

static EVP_PKEY *key_of_cert(X509 *cert)
{
	EVP_PKEY *key = cert ? X509_get_pubkey(cert) : NULL;

	X509_free(cert);
	return key;
}

static EVP_PKEY *read_public_der(const struct octets *o)
{
	const u8 *p = o->p;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)o->n);

	p = o->p;
	return key ? key : key_of_cert(d2i_X509(NULL, &p, (long)o->n));
}

static const char *read_public(const struct octets *o, EVP_PKEY **key)
{
	BIO *bio = open_octets(o);
	bool encrypted;

	*key = bio ? PEM_read_bio_PUBKEY(bio, NULL, no_password, &encrypted) : NULL;
	if (!*key && bio && !BIO_seek(bio, 0))
		*key = key_of_cert(PEM_read_bio_X509(bio, NULL, no_password, &encrypted));
	if (!*key)
		*key = read_public_der(o);
	BIO_free(bio);
	return *key ? NULL : "neither a public key nor a certificate in it";
}

static bool push(STACK_OF(X509) *all, X509 *cert)
{
	if (sk_X509_num(all) < CERTS_MAX && sk_X509_push(all, cert) > 0)
		return true;
	X509_free(cert);
	return false;
}

/* Certificates in the order of the file. */
static const char *read_certs(const struct octets *o, STACK_OF(X509) *all)
{
	BIO *bio = open_octets(o);
	const u8 *p = o->p;
	bool encrypted, good = bio && all;
	X509 *cert;

	while (good && (cert = PEM_read_bio_X509(bio, NULL, no_password, &encrypted)))
		good = push(all, cert);
	BIO_free(bio);
	if (!good)
		return "more certificates than may be, or no memory";
	if (!sk_X509_num(all)) {
		cert = d2i_X509(NULL, &p, (long)o->n);
		if (!cert || !push(all, cert))
			return "no certificate in it";
	} else if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
		return "a certificate in it cannot be read";
	}
	return NULL;
}

/* ---- by type ----------------------------------------------------------------------------- */

static const char *key_flaw(const EVP_PKEY *key)
{
	return key ? sig_key_flaw(key) : "a certificate without a key that is known here";
}

/* What is between us and an authority; an authority itself is of no use to a peer. */
static void drop_roots(STACK_OF(X509) *chain)
{
	int i;

	for (i = sk_X509_num(chain) - 1; i >= 0; i--)
		if (X509_get_extension_flags(sk_X509_value(chain, i)) & EXFLAG_SS)
			X509_free(sk_X509_delete(chain, i));
}

static const char *parse_x509(struct loaded *l, const struct octets *file,
			      const struct octets *key_file)
{
	const char *why = read_certs(file, l->chain);

	if (why)
		return why;
	l->cert = sk_X509_shift(l->chain);
	drop_roots(l->chain);
	why = read_private(key_file->n ? key_file : file, &l->key);
	if (!why)
		why = key_flaw(l->key);
	if (!why && !X509_check_private_key(l->cert, l->key))
		why = "the certificate is of another key";
	return why;
}

static const char *parse_key(struct loaded *l, const struct octets *file,
			     const struct octets *key_file)
{
	const char *why = read_private(file, &l->key);

	(void)key_file;
	return why ? why : key_flaw(l->key);
}

static const char *parse_pubkey(struct loaded *l, const struct octets *file,
				const struct octets *key_file)
{
	const char *why = read_public(file, &l->key);

	(void)key_file;
	return why ? why : key_flaw(l->key);
}

/* An authority of the file has signed it. */
static bool is_ours(X509_CRL *crl, STACK_OF(X509) *cas)
{
	int i;

	for (i = 0; i < sk_X509_num(cas); i++)
		if (!X509_NAME_cmp(X509_CRL_get_issuer(crl),
				   X509_get_subject_name(sk_X509_value(cas, i))) &&
		    X509_CRL_verify(crl, X509_get0_pubkey(sk_X509_value(cas, i))) == 1)
			return true;
	return false;
}

static const char *read_crls(const struct octets *o, struct loaded *l)
{
	BIO *bio = open_octets(o);
	const char *why = NULL;
	bool encrypted;
	X509_CRL *crl;

	l->crls = sk_X509_CRL_new_null();
	if (!bio || !l->crls)
		why = "memory ran out";
	ERR_clear_error();
	while (!why && (crl = PEM_read_bio_X509_CRL(bio, NULL, no_password, &encrypted))) {
		if (sk_X509_CRL_num(l->crls) == CRLS_MAX)
			why = "more lists of revoked certificates than may be";
		else if (!is_ours(crl, l->chain))
			why = "a list of revoked certificates in it is of none of its authorities";
		else if (sk_X509_CRL_push(l->crls, crl) > 0)
			continue;
		X509_CRL_free(crl);
	}
	/* a DER file has none */
	if (!why && ERR_peek_last_error() &&
	    ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		why = "a list of revoked certificates in it cannot be read";
	BIO_free(bio);
	return why;
}

static const char *note_revoked(struct loaded *l)
{
	STACK_OF(X509_REVOKED) *all;
	size_t n = 0;
	int i, k;

	for (i = 0; i < sk_X509_CRL_num(l->crls); i++)
		n += (size_t)max_t(int, 0, sk_X509_REVOKED_num(
				   X509_CRL_get_REVOKED(sk_X509_CRL_value(l->crls, i))));
	l->revoked = n ? calloc(n, sizeof(*l->revoked)) : NULL;
	if (n && !l->revoked)
		return "memory ran out";
	for (i = 0; i < sk_X509_CRL_num(l->crls); i++) {
		all = X509_CRL_get_REVOKED(sk_X509_CRL_value(l->crls, i));
		for (k = 0; k < sk_X509_REVOKED_num(all); k++)
			if (!trust_serial(X509_CRL_get_issuer(sk_X509_CRL_value(l->crls, i)),
					  X509_REVOKED_get0_serialNumber(
						  sk_X509_REVOKED_value(all, k)),
					  l->revoked[l->n_revoked++]))
				return "memory ran out";
	}
	trust_sort(l->revoked, l->n_revoked);
	return NULL;
}

static const char *parse_ca(struct loaded *l, const struct octets *file,
			    const struct octets *key_file)
{
	const char *why = read_certs(file, l->chain);
	int i;

	(void)key_file;
	for (i = 0; !why && i < sk_X509_num(l->chain); i++) {
		if (X509_check_ca(sk_X509_value(l->chain, i)) <= 0)
			why = "a certificate in it is not of an authority";
		else
			why = key_flaw(X509_get0_pubkey(sk_X509_value(l->chain, i)));
	}
	if (!why)
		why = read_crls(file, l);
	return why ? why : note_revoked(l);
}

static const char *parse_users(struct loaded *l, const struct octets *file,
			       const struct octets *key_file)
{
	(void)key_file;
	return users_parse(file, &l->users);
}

static const char *(*const parsers[])(struct loaded *, const struct octets *,
				      const struct octets *) = {
	[ISAKMP_CRED_X509]   = parse_x509,
	[ISAKMP_CRED_KEY]    = parse_key,
	[ISAKMP_CRED_PUBKEY] = parse_pubkey,
	[ISAKMP_CRED_CA]     = parse_ca,
	[ISAKMP_CRED_USERS]  = parse_users,
};

/**
 * loaded_parse() - read the files of a credential
 * @type: enum isakmp_cred_type
 * @file: octets of its file
 * @key_file: x509: octets of its key's file, n = 0: there is none
 * @out: out: with one reference
 *
 * Context: any thread.
 * Return: NULL, or what is wrong.
 */
const char *loaded_parse(u8 type, const struct octets *file, const struct octets *key_file,
			 struct loaded **out)
{
	struct loaded *l;
	const char *why;

	if (type >= ARRAY_SIZE(parsers) || !parsers[type])
		return "a type of credential not known here";
	l = calloc(1, sizeof(*l));
	if (!l)
		return "memory ran out";
	atomic_init(&l->refs, 1);
	l->chain = sk_X509_new_null();
	ERR_clear_error();
	why = parsers[type](l, file, key_file);
	ERR_clear_error();
	if (why)
		loaded_put(l);
	else
		*out = l;
	return why;
}

/**
 * loaded_get() - one more reference
 * @l: keys and certificates, or NULL
 *
 * Return: @l.
 */
struct loaded *loaded_get(struct loaded *l)
{
	if (l)
		atomic_fetch_add(&l->refs, 1);
	return l;
}

/**
 * loaded_put() - one reference less; the last frees, and wipes private keys
 * @l: keys and certificates, or NULL
 */
void loaded_put(struct loaded *l)
{
	if (!l || atomic_fetch_sub(&l->refs, 1) != 1)
		return;
	EVP_PKEY_free(l->key);
	X509_free(l->cert);
	sk_X509_pop_free(l->chain, X509_free);
	sk_X509_CRL_pop_free(l->crls, X509_CRL_free);
	free(l->revoked);
	users_free(l->users);
	free(l);
}

/**
 * loaded_same_revoked() - do two credentials list the same certificates as revoked
 * @a: one, or NULL: it lists none
 * @b: the other, the same
 *
 * Return: true if so.
 */
bool loaded_same_revoked(const struct loaded *a, const struct loaded *b)
{
	size_t n = a ? a->n_revoked : 0;

	return n == (b ? b->n_revoked : 0) &&
	       (!n || !memcmp(a->revoked, b->revoked, n * sizeof(*a->revoked)));
}

/**
 * loaded_same_word() - do two credentials vouch for the same others
 * @a: one, or NULL: it holds nothing
 * @b: the other, the same
 *
 * Return: true if they hold the same further certificates in the same order, list the same as
 * revoked, and have the same users.
 */
bool loaded_same_word(const struct loaded *a, const struct loaded *b)
{
	int i, n = a ? sk_X509_num(a->chain) : 0;

	if (n != (b ? sk_X509_num(b->chain) : 0) || !loaded_same_revoked(a, b) ||
	    !users_same(a ? a->users : NULL, b ? b->users : NULL))
		return false;
	for (i = 0; i < n; i++)
		if (X509_cmp(sk_X509_value(a->chain, i), sk_X509_value(b->chain, i)))
			return false;
	return true;
}
