// SPDX-License-Identifier: GPL-2.0
/*
 * Seeds of helper_fuzz: a question of each kind with an AUTH that is wrong, and
 * an object of each kind that the helper reads.
 *
 *	helper_seeds DIR
 */
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <stdlib.h>

#include <isakmp/ikev1.h>
#include <isakmp/ikev2.h>
#include <isakmp/limits.h>
#include <isakmp/pure.h>
#include <linux/isakmp.h>

#include "seed.h"

static struct nl_msg *begin(int top, struct nlattr **nest)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg || !genlmsg_put(msg, 0, 0, 31, 0, 0, 1, 1))
		exit(1);
	*nest = nla_nest_start(msg, top);
	return msg;
}

static void write_seed(const char *name, struct nl_msg *msg, struct nlattr *nest)
{
	size_t head = NLMSG_HDRLEN + GENL_HDRLEN;

	nla_nest_end(msg, nest);
	seed_write(name, NULL, 0, (u8 *)nlmsg_hdr(msg) + head, nlmsg_hdr(msg)->nlmsg_len - head);
	nlmsg_free(msg);
}

static void put(struct nl_msg *msg, int attr, int n)
{
	static const u8 octets[64] = { IKE_ID_FQDN, 0, 0, 0, 'a' };

	nla_put(msg, attr, n, octets);
}

/* A CERT with something like a certificate in it, a CERTREQ, hashes, a signature. */
static void put_signed(struct nl_msg *msg)
{
	static const u8 cert[] = { IKE_CERT_X509_SIGNATURE, 0x30, 0x82, 0, 4, 0x30, 2, 5, 0 };
	static const u8 raw[] = { IKE_CERT_RAW_PUBLIC_KEY, 0x30, 0 };
	static const u8 auth[40] = { 12, 0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2, 0x30 };
	static const u8 certreq[21] = { IKE_CERT_X509_SIGNATURE };

	nla_put_u8(msg, ISAKMP_UPCALL_AUTH_METHOD, IKE_AM_DIGITAL_SIG);
	nla_put(msg, ISAKMP_UPCALL_AUTH, sizeof(auth), auth);
	nla_put(msg, ISAKMP_UPCALL_CERT, sizeof(cert), cert);
	nla_put(msg, ISAKMP_UPCALL_CERT, sizeof(raw), raw);
	nla_put(msg, ISAKMP_UPCALL_CERTREQ, sizeof(certreq), certreq);
	nla_put_u32(msg, ISAKMP_UPCALL_HASHES, IKE_HASH_BIT(IKE_HASH_SHA2_256));
}

static void put_secret(struct nl_msg *msg)
{
	nla_put_u8(msg, ISAKMP_UPCALL_AUTH_METHOD, IKE_AM_PSK);
	put(msg, ISAKMP_UPCALL_AUTH, 32);
}

static void question(const char *name, u8 kind, const char *peer,
		     void (*put_auth)(struct nl_msg *))
{
	struct nlattr *nest;
	struct nl_msg *msg = begin(ISAKMP_A_UPCALL, &nest);

	nla_put_u64(msg, ISAKMP_UPCALL_ID, 1);
	nla_put_u8(msg, ISAKMP_UPCALL_KIND, kind);
	nla_put_string(msg, ISAKMP_UPCALL_PEER, peer);
	nla_put_u32(msg, ISAKMP_UPCALL_GEN, 1);
	nla_put_u16(msg, ISAKMP_UPCALL_PRF, IKE_PRF_HMAC_SHA2_256);
	put(msg, ISAKMP_UPCALL_MSG_I, IKE_HDR_LEN);
	put(msg, ISAKMP_UPCALL_MSG_R, IKE_HDR_LEN);
	put(msg, ISAKMP_UPCALL_NI, IKE_NONCE_MIN);
	put(msg, ISAKMP_UPCALL_NR, IKE_NONCE_MIN);
	put(msg, ISAKMP_UPCALL_SK_PI, 32);
	put(msg, ISAKMP_UPCALL_SK_PR, 32);
	put(msg, ISAKMP_UPCALL_ID_I, 5);
	put(msg, ISAKMP_UPCALL_ID_R, 5);
	put_auth(msg);
	write_seed(name, msg, nest);
}

static void v1_question(const char *name, u8 kind, u16 method, const char *peer, bool initiator)
{
	static const u8 secret[256] = { 1, 2, 3 };
	struct nlattr *nest;
	struct nl_msg *msg = begin(ISAKMP_A_UPCALL, &nest);

	nla_put_u64(msg, ISAKMP_UPCALL_ID, 1);
	nla_put_u8(msg, ISAKMP_UPCALL_KIND, kind);
	nla_put_u8(msg, ISAKMP_UPCALL_VERSION, 1);
	nla_put_u16(msg, ISAKMP_UPCALL_METHOD, method);
	nla_put_string(msg, ISAKMP_UPCALL_PEER, peer);
	nla_put_u32(msg, ISAKMP_UPCALL_GEN, 1);
	nla_put_u16(msg, ISAKMP_UPCALL_PRF, IKE_PRF_HMAC_SHA2_256);
	if (initiator)
		nla_put_flag(msg, ISAKMP_UPCALL_INITIATOR);
	put(msg, ISAKMP_UPCALL_MSG_I, 64);
	put(msg, ISAKMP_UPCALL_MSG_R, 64);
	put(msg, ISAKMP_UPCALL_NI, V1_NONCE_MIN);
	put(msg, ISAKMP_UPCALL_NR, V1_NONCE_MIN);
	put(msg, ISAKMP_UPCALL_SK_PI, 32);
	put(msg, ISAKMP_UPCALL_ID_I, 5);
	put(msg, ISAKMP_UPCALL_ID_R, 5);
	if (kind == ISAKMP_UPCALL_V1_DECRYPT || kind == ISAKMP_UPCALL_V1_ENCRYPT) {
		nla_put(msg, ISAKMP_UPCALL_SECRET, sizeof(secret), secret);
		put(msg, ISAKMP_UPCALL_SECRET_ID, 5);
	}
	if (v1_method_signs(method, true))
		put_signed(msg);
	write_seed(name, msg, nest);
}

static void v1_xauth(const char *name, u8 type, const void *p, int n, const char *peer)
{
	struct nlattr *nest;
	struct nl_msg *msg = begin(ISAKMP_A_UPCALL, &nest);

	nla_put_u64(msg, ISAKMP_UPCALL_ID, 1);
	nla_put_u8(msg, ISAKMP_UPCALL_KIND, ISAKMP_UPCALL_V1_XAUTH);
	nla_put_u8(msg, ISAKMP_UPCALL_VERSION, 1);
	nla_put_u16(msg, ISAKMP_UPCALL_METHOD, V1_M_XAUTH_I_PSK);
	nla_put_string(msg, ISAKMP_UPCALL_PEER, peer);
	put(msg, ISAKMP_UPCALL_ID_I, 5);
	put(msg, ISAKMP_UPCALL_ID_R, 5);
	nla_put_u8(msg, ISAKMP_UPCALL_ATTRIBUTES_TYPE, type);
	nla_put(msg, ISAKMP_UPCALL_ATTRIBUTES, n, p);
	nla_put(msg, ISAKMP_UPCALL_UNIQUE, 4, "\0\1ab");
	write_seed(name, msg, nest);
}

static void v1(void)
{
	v1_question("v1-begin", ISAKMP_UPCALL_V1_BEGIN, 0, "1s", true);
	v1_question("v1-skeyid", ISAKMP_UPCALL_V1_SKEYID, V1_M_PSK, "1p", false);
	v1_question("v1-i-auth", ISAKMP_UPCALL_I_AUTH, V1_M_ECDSA_256, "1s", true);
	v1_question("v1-r-auth", ISAKMP_UPCALL_R_AUTH, V1_M_PSK, "1p", false);
	v1_question("v1-r-auth-key", ISAKMP_UPCALL_R_AUTH, V1_M_ECDSA_256, "1s", false);
	v1_question("v1-i-verify", ISAKMP_UPCALL_I_VERIFY, V1_M_ECDSA_256, "1s", true);
	v1_question("v1-encrypt", ISAKMP_UPCALL_V1_ENCRYPT, V1_M_RSA_ENC, "1e", true);
	v1_question("v1-decrypt", ISAKMP_UPCALL_V1_DECRYPT, V1_M_RSA_ENC, "1e", false);
	v1_xauth("v1-xauth-reply", 2, "\x40\x89\0\1a\x40\x8a\0\1a", 10, "1x");
	v1_xauth("v1-xauth-request", 1, "\xc0\x88\0\0\x40\x89\0\0\x40\x8a\0\0", 12, "1u");
}

static void exchange(const char *name, u16 group, int n)
{
	static u8 octets[IKE_KE_MAX] = { 1 };
	struct nlattr *nest;
	struct nl_msg *msg = begin(ISAKMP_A_UPCALL, &nest);

	nla_put_u64(msg, ISAKMP_UPCALL_ID, 1);
	nla_put_u8(msg, ISAKMP_UPCALL_KIND, ISAKMP_UPCALL_KEX);
	nla_put_u16(msg, ISAKMP_UPCALL_GROUP, group);
	nla_put(msg, ISAKMP_UPCALL_SEED, IKE_KEX_SEED_LEN, octets);
	if (n)
		nla_put(msg, ISAKMP_UPCALL_PEER_KE, n, octets);
	write_seed(name, msg, nest);
}

static void objects(void)
{
	struct nlattr *nest;
	struct nl_msg *msg = begin(ISAKMP_A_PEER, &nest);

	nla_put_string(msg, ISAKMP_PEER_NAME, "p");
	nla_put_u32(msg, ISAKMP_PEER_GEN, 1);
	write_seed("peer", msg, nest);

	msg = begin(ISAKMP_A_AUTH, &nest);
	nla_put_string(msg, ISAKMP_AUTH_PEER, "p");
	nla_put_u8(msg, ISAKMP_AUTH_SIDE, ISAKMP_SIDE_LOCAL);
	nla_put_u8(msg, ISAKMP_AUTH_METHOD, ISAKMP_METHOD_PSK);
	nla_put(msg, ISAKMP_AUTH_ID, 2, "\2a");
	nla_put_string(msg, ISAKMP_AUTH_CRED, "k");
	write_seed("auth", msg, nest);

	msg = begin(ISAKMP_A_CRED, &nest);
	nla_put_string(msg, ISAKMP_CRED_NAME, "k");
	nla_put_u8(msg, ISAKMP_CRED_TYPE, ISAKMP_CRED_PSK);
	nla_put(msg, ISAKMP_CRED_ID, 2, "\2a");
	nla_put(msg, ISAKMP_CRED_ID, 5, "\1\12\0\0\1");
	nla_put_string(msg, ISAKMP_CRED_FILE, "k");
	write_seed("cred", msg, nest);
}

int main(int argc, char **argv)
{
	if (!seed_begin(argc, argv))
		return 1;
	question("i-auth", ISAKMP_UPCALL_I_AUTH, "p", put_secret);
	question("i-auth-cert", ISAKMP_UPCALL_I_AUTH, "c", put_signed);
	question("r-auth", ISAKMP_UPCALL_R_AUTH, "p", put_secret);
	question("r-auth-any", ISAKMP_UPCALL_R_AUTH, "q", put_secret);
	question("r-auth-cert", ISAKMP_UPCALL_R_AUTH, "c", put_signed);
	question("r-auth-key", ISAKMP_UPCALL_R_AUTH, "r", put_signed);
	question("i-verify", ISAKMP_UPCALL_I_VERIFY, "p", put_secret);
	question("i-verify-cert", ISAKMP_UPCALL_I_VERIFY, "c", put_signed);
	exchange("kex-ecp521", IKE_KE_ECP_521, 132);
	exchange("kex-x448", IKE_KE_X448, 56);
	exchange("kex-pub", IKE_KE_X448, 0);
	v1();
	objects();
	return seed.failed != 0;
}
