// SPDX-License-Identifier: GPL-2.0
/* Suites as attributes: which can be used here, and what is wrong with the others. */
#include <isakmp/ikev2.h>
#include "ike/seam.h"
#include "nl/attr.h"
#include "xfrm/xfrm.h"

const struct nla_policy isakmp_suite_policy[ISAKMP_SUITE_MAX + 1] = {
	[ISAKMP_SUITE_PROTOCOL]	= { .type = NLA_U8 },
	[ISAKMP_SUITE_ENCR]	= { .type = NLA_U16 },
	[ISAKMP_SUITE_KEYLEN]	= { .type = NLA_U16 },
	[ISAKMP_SUITE_INTEG]	= { .type = NLA_U16 },
	[ISAKMP_SUITE_PRF]	= { .type = NLA_U16 },
	[ISAKMP_SUITE_KE]	= { .type = NLA_U16 },
	[ISAKMP_SUITE_ESN]	= NLA_POLICY_MAX(NLA_U8, IKE_ESN_YES),
};

/* As the registry of IKEv2 spells them; for refusals. */
static const struct {
	u8 type;
	u16 id;
	const char *name;
} transform_names[] = {
	{ IKE_T_ENCR,	IKE_ENCR_3DES,			"3DES" },
	{ IKE_T_ENCR,	IKE_ENCR_AES_CBC,		"AES_CBC" },
	{ IKE_T_ENCR,	IKE_ENCR_AES_CTR,		"AES_CTR" },
	{ IKE_T_ENCR,	IKE_ENCR_AES_CCM_8,		"AES_CCM_8" },
	{ IKE_T_ENCR,	IKE_ENCR_AES_CCM_12,		"AES_CCM_12" },
	{ IKE_T_ENCR,	IKE_ENCR_AES_CCM_16,		"AES_CCM_16" },
	{ IKE_T_ENCR,	IKE_ENCR_AES_GCM_8,		"AES_GCM_8" },
	{ IKE_T_ENCR,	IKE_ENCR_AES_GCM_12,		"AES_GCM_12" },
	{ IKE_T_ENCR,	IKE_ENCR_AES_GCM_16,		"AES_GCM_16" },
	{ IKE_T_ENCR,	IKE_ENCR_CHACHA20_POLY1305,	"CHACHA20_POLY1305" },
	{ IKE_T_PRF,	IKE_PRF_HMAC_MD5,		"HMAC_MD5" },
	{ IKE_T_PRF,	IKE_PRF_HMAC_SHA1,		"HMAC_SHA1" },
	{ IKE_T_PRF,	IKE_PRF_HMAC_SHA2_256,		"HMAC_SHA2_256" },
	{ IKE_T_PRF,	IKE_PRF_HMAC_SHA2_384,		"HMAC_SHA2_384" },
	{ IKE_T_PRF,	IKE_PRF_HMAC_SHA2_512,		"HMAC_SHA2_512" },
	{ IKE_T_INTEG,	IKE_INTEG_HMAC_MD5_96,		"HMAC_MD5_96" },
	{ IKE_T_INTEG,	IKE_INTEG_HMAC_SHA1_96,		"HMAC_SHA1_96" },
	{ IKE_T_INTEG,	IKE_INTEG_HMAC_SHA2_256_128,	"HMAC_SHA2_256_128" },
	{ IKE_T_INTEG,	IKE_INTEG_HMAC_SHA2_384_192,	"HMAC_SHA2_384_192" },
	{ IKE_T_INTEG,	IKE_INTEG_HMAC_SHA2_512_256,	"HMAC_SHA2_512_256" },
	{ IKE_T_KE,	IKE_KE_MODP_1024,		"MODP_1024" },
	{ IKE_T_KE,	IKE_KE_MODP_1536,		"MODP_1536" },
	{ IKE_T_KE,	IKE_KE_MODP_2048,		"MODP_2048" },
	{ IKE_T_KE,	IKE_KE_MODP_3072,		"MODP_3072" },
	{ IKE_T_KE,	IKE_KE_MODP_4096,		"MODP_4096" },
	{ IKE_T_KE,	IKE_KE_MODP_6144,		"MODP_6144" },
	{ IKE_T_KE,	IKE_KE_MODP_8192,		"MODP_8192" },
	{ IKE_T_KE,	IKE_KE_ECP_256,			"ECP_256" },
	{ IKE_T_KE,	IKE_KE_ECP_384,			"ECP_384" },
	{ IKE_T_KE,	IKE_KE_ECP_521,			"ECP_521" },
	{ IKE_T_KE,	IKE_KE_X25519,			"X25519" },
	{ IKE_T_KE,	IKE_KE_X448,			"X448" },
};

#define NAME_LEN 48

/* "AES_CBC (128 bits)", or the number of what has no name */
static const char *transform_name(char *buf, u8 type, u16 id, u16 keylen)
{
	unsigned int i;
	int n;

	for (i = 0; i < ARRAY_SIZE(transform_names); i++)
		if (transform_names[i].type == type && transform_names[i].id == id)
			break;
	if (i < ARRAY_SIZE(transform_names))
		n = scnprintf(buf, NAME_LEN, "%s", transform_names[i].name);
	else
		n = scnprintf(buf, NAME_LEN, "number %u", id);
	if (keylen)
		scnprintf(buf + n, NAME_LEN - n, " (%u bits)", keylen);
	return buf;
}

/* Each type of transform, where it stands, and the sentence when it is not had. */
#define REFUSE_TRANSFORM(extack, tb, attr, err, type, id, keylen, msg) ({	\
	char __name[NAME_LEN];							\
	isakmp_refuse_name(extack, (tb)[attr], err, msg,			\
			   transform_name(__name, type, id, keylen));		\
})

static u16 get_u16(struct nlattr *tb[], int type)
{
	return tb[type] ? nla_get_u16(tb[type]) : 0;
}

static int suite_ke(struct nlattr *tb[], const struct ike_suite *s,
		    struct netlink_ext_ack *extack)
{
	if (isakmp_crypto_has(IKE_T_KE, s->ke, 0))
		return 0;
	return REFUSE_TRANSFORM(extack, tb, ISAKMP_SUITE_KE, -EOPNOTSUPP, IKE_T_KE, s->ke, 0,
				"this key exchange is not to be had here");
}

static int suite_ike(struct nlattr *tb[], const struct nlattr *nest, struct ike_suite *s,
		     struct netlink_ext_ack *extack)
{
	int err;

	if (tb[ISAKMP_SUITE_ESN])
		return isakmp_refuse(extack, tb[ISAKMP_SUITE_ESN], -EINVAL,
				     "an IKE suite has no sequence numbers");
	err = isakmp_attr_require(tb, nest, ISAKMP_SUITE_PRF, extack);
	if (!err)
		err = isakmp_attr_require(tb, nest, ISAKMP_SUITE_KE, extack);
	if (err)
		return err;
	s->prf = get_u16(tb, ISAKMP_SUITE_PRF);
	if (!isakmp_crypto_has(IKE_T_ENCR, s->encr, s->keylen))
		return REFUSE_TRANSFORM(extack, tb, ISAKMP_SUITE_ENCR, -EOPNOTSUPP, IKE_T_ENCR, s->encr,
					s->keylen, "IKE cannot use this cipher here");
	if (s->integ != IKE_INTEG_NONE && !isakmp_crypto_has(IKE_T_INTEG, s->integ, 0))
		return REFUSE_TRANSFORM(extack, tb, ISAKMP_SUITE_INTEG, -EOPNOTSUPP, IKE_T_INTEG, s->integ, 0,
					"IKE cannot use this integrity algorithm here");
	if (!isakmp_crypto_has(IKE_T_PRF, s->prf, 0))
		return REFUSE_TRANSFORM(extack, tb, ISAKMP_SUITE_PRF, -EOPNOTSUPP, IKE_T_PRF, s->prf, 0,
					"this PRF is not to be had here");
	return suite_ke(tb, s, extack);
}

/* Quick Mode asks the helper; of its groups this one has a number in version 1. */
static bool quick_mode_has(u16 ke)
{
#ifdef ISAKMP_V1
	return ke == IKE_KE_ECP_521;
#else
	return false;
#endif
}

/*
 * CREATE_CHILD_SA answers at once: the helper is not asked for its key exchange.  Whose the child
 * is shows in compile.c.
 */
static int suite_esp_ke(struct nlattr *tb[], const struct ike_suite *s,
			struct netlink_ext_ack *extack)
{
	if (s->ke == IKE_KE_NONE)
		return 0;
	if (isakmp_kex_by_helper(s->ke) && !quick_mode_has(s->ke))
		return REFUSE_TRANSFORM(extack, tb, ISAKMP_SUITE_KE, -EOPNOTSUPP, IKE_T_KE, s->ke, 0,
					"this key exchange is for IKE suites alone");
	return suite_ke(tb, s, extack);
}

static int suite_esp(struct nlattr *tb[], const struct ike_suite *s,
		     struct netlink_ext_ack *extack)
{
	char encr[NAME_LEN], integ[NAME_LEN], both[2 * NAME_LEN];

	if (isakmp_esp_has(s))
		return suite_esp_ke(tb, s, extack);
	transform_name(encr, IKE_T_ENCR, s->encr, s->keylen);
	if (s->integ == IKE_INTEG_NONE)
		return isakmp_refuse_name(extack, tb[ISAKMP_SUITE_ENCR], -EOPNOTSUPP,
					  "ESP cannot use this cipher here", encr);
	scnprintf(both, sizeof(both), "%s, %s", encr,
		  transform_name(integ, IKE_T_INTEG, s->integ, 0));
	return isakmp_refuse_name(extack, tb[ISAKMP_SUITE_ENCR], -EOPNOTSUPP,
				  "ESP cannot use this here", both);
}

static int suite_ah(struct nlattr *tb[], const struct nlattr *nest, const struct ike_suite *s,
		    struct netlink_ext_ack *extack)
{
	int err = isakmp_attr_require(tb, nest, ISAKMP_SUITE_INTEG, extack);

	if (err)
		return err;
	if (!isakmp_esp_has(s))
		return REFUSE_TRANSFORM(extack, tb, ISAKMP_SUITE_INTEG, -EOPNOTSUPP, IKE_T_INTEG, s->integ, 0,
					"AH cannot use this integrity algorithm here");
	return suite_esp_ke(tb, s, extack);
}

/* What ESP and AH have in common. */
static int suite_child(struct nlattr *tb[], const struct nlattr *nest, struct ike_suite *s,
		       struct netlink_ext_ack *extack)
{
	if (tb[ISAKMP_SUITE_PRF])
		return isakmp_refuse(extack, tb[ISAKMP_SUITE_PRF], -EINVAL,
				     "a suite of ESP or AH has no PRF");
	if (tb[ISAKMP_SUITE_ESN])
		s->esn = nla_get_u8(tb[ISAKMP_SUITE_ESN]);
	return s->protocol == IKE_PROTO_AH ? suite_ah(tb, nest, s, extack) :
					     suite_esp(tb, s, extack);
}

/* RFC 7296, 3.3: an AEAD has no integrity algorithm beside it, all others have one. */
static int suite_encr(struct nlattr *tb[], const struct nlattr *nest,
		      const struct ike_suite *s, struct netlink_ext_ack *extack)
{
	bool aead = isakmp_encr_is_aead(s->encr);

	if (s->protocol == IKE_PROTO_AH)
		return !tb[ISAKMP_SUITE_ENCR] ? 0 :
		       isakmp_refuse(extack, tb[ISAKMP_SUITE_ENCR], -EINVAL,
				     "an AH suite has no cipher");
	if (!tb[ISAKMP_SUITE_ENCR])
		return isakmp_attr_require(tb, nest, ISAKMP_SUITE_ENCR, extack);
	if (!isakmp_encr_key_len(s->encr, s->keylen))
		return REFUSE_TRANSFORM(extack, tb, ISAKMP_SUITE_ENCR, -EOPNOTSUPP, IKE_T_ENCR, s->encr,
					s->keylen, "this cipher and key length are not known");
	if (aead && s->integ != IKE_INTEG_NONE)
		return REFUSE_TRANSFORM(extack, tb, ISAKMP_SUITE_INTEG, -EINVAL, IKE_T_ENCR, s->encr, 0,
					"this cipher needs no integrity algorithm");
	if (!aead && s->integ == IKE_INTEG_NONE)
		return REFUSE_TRANSFORM(extack, tb, ISAKMP_SUITE_ENCR, -EINVAL, IKE_T_ENCR, s->encr, 0,
					"this cipher needs an integrity algorithm");
	return 0;
}

/**
 * isakmp_suite_attr() - read a suite and see whether it can be used here
 * @nest: enum isakmp_suite_attr; validated
 * @s: filled
 * @extack: told why not
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_suite_attr(const struct nlattr *nest, struct ike_suite *s,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ISAKMP_SUITE_MAX + 1];
	int err;

	err = nla_parse_nested(tb, ISAKMP_SUITE_MAX, nest, isakmp_suite_policy, extack);
	if (!err)
		err = isakmp_attr_require(tb, nest, ISAKMP_SUITE_PROTOCOL, extack);
	if (err)
		return err;
	memset(s, 0, sizeof(*s));
	s->protocol = nla_get_u8(tb[ISAKMP_SUITE_PROTOCOL]);
	s->encr = get_u16(tb, ISAKMP_SUITE_ENCR);
	s->keylen = get_u16(tb, ISAKMP_SUITE_KEYLEN);
	s->integ = get_u16(tb, ISAKMP_SUITE_INTEG);
	s->ke = get_u16(tb, ISAKMP_SUITE_KE);
	if (s->protocol < IKE_PROTO_IKE || s->protocol > IKE_PROTO_ESP)
		return isakmp_refuse(extack, tb[ISAKMP_SUITE_PROTOCOL], -EINVAL,
				     "a suite is for IKE (1), AH (2) or ESP (3)");
	err = suite_encr(tb, nest, s, extack);
	if (!err)
		err = s->protocol == IKE_PROTO_IKE ? suite_ike(tb, nest, s, extack) :
						     suite_child(tb, nest, s, extack);
	/* No refusal: the command says it as a warning */
	if (!err && s->encr == IKE_ENCR_3DES)
		NL_SET_ERR_MSG(extack,
			       "3DES is weak, its blocks are short: a child carries 1 GiB at most");
	return err;
}

/**
 * isakmp_suite_put() - write a suite
 * @skb: where to
 * @type: attribute of the nest
 * @s: the suite; nothing is written when there is none
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int isakmp_suite_put(struct sk_buff *skb, int type, const struct ike_suite *s)
{
	struct nlattr *nest;

	if (!s->protocol)
		return 0;
	nest = nla_nest_start(skb, type);
	if (!nest ||
	    nla_put_u8(skb, ISAKMP_SUITE_PROTOCOL, s->protocol) ||
	    (s->encr && nla_put_u16(skb, ISAKMP_SUITE_ENCR, s->encr)) ||
	    (s->keylen && nla_put_u16(skb, ISAKMP_SUITE_KEYLEN, s->keylen)) ||
	    (s->integ && nla_put_u16(skb, ISAKMP_SUITE_INTEG, s->integ)) ||
	    (s->prf && nla_put_u16(skb, ISAKMP_SUITE_PRF, s->prf)) ||
	    (s->ke && nla_put_u16(skb, ISAKMP_SUITE_KE, s->ke)) ||
	    (s->protocol != IKE_PROTO_IKE &&
	     nla_put_u8(skb, ISAKMP_SUITE_ESN, s->esn)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
