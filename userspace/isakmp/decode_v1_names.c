// SPDX-License-Identifier: GPL-2.0
/*
 * Names of numbers of version 1: RFC 2407, 2408 and 2409, the IANA registries "IKE Attributes"
 * and "ISAKMP Identifiers", drafts of XAUTH, hybrid authentication, mode config.
 */
#include <openssl/evp.h>
#include <string.h>

#include "decode.h"
#include "decode_name.h"
#include "wire/v1.h"

static const struct name exchanges[] = {
	{ V1_BASE, "Base" }, { V1_MAIN, "Main" }, { V1_AUTH_ONLY, "Authentication-Only" },
	{ V1_AGGRESSIVE, "Aggressive" }, { V1_INFORMATIONAL, "Informational" },
	{ V1_TRANSACTION, "Transaction" }, { V1_QUICK, "Quick" }, { V1_NEW_GROUP, "New-Group" },
};

static const struct name payloads[] = {
	{ V1_PL_SA, "SA" }, { V1_PL_PROPOSAL, "P" }, { V1_PL_TRANSFORM, "T" }, { V1_PL_KE, "KE" },
	{ V1_PL_ID, "ID" }, { V1_PL_CERT, "CERT" }, { V1_PL_CERTREQ, "CERTREQ" },
	{ V1_PL_HASH, "HASH" }, { V1_PL_SIG, "SIG" }, { V1_PL_NONCE, "Nonce" },
	{ V1_PL_NOTIFY, "N" }, { V1_PL_DELETE, "D" }, { V1_PL_VENDOR, "V" },
	{ V1_PL_ATTRIBUTES, "Attributes" }, { 15, "SAK" }, { 16, "SAT" }, { 17, "KD" },
	{ 18, "SEQ" }, { 19, "POP" }, { V1_PL_NAT_D, "NAT-D" }, { V1_PL_NAT_OA, "NAT-OA" },
	{ 22, "GAP" }, { V1_PL_FRAGMENT, "Fragment" },
};

static const struct name protocols[] = {
	{ V1_PROTO_ISAKMP, "ISAKMP" }, { V1_PROTO_AH, "AH" }, { V1_PROTO_ESP, "ESP" },
	{ V1_PROTO_IPCOMP, "IPCOMP" },
};

static const struct name notifies[] = {
	{ V1_N_INVALID_PAYLOAD_TYPE, "INVALID-PAYLOAD-TYPE" },
	{ V1_N_DOI_NOT_SUPPORTED, "DOI-NOT-SUPPORTED" },
	{ V1_N_SITUATION_NOT_SUPPORTED, "SITUATION-NOT-SUPPORTED" },
	{ V1_N_INVALID_COOKIE, "INVALID-COOKIE" },
	{ V1_N_INVALID_MAJOR_VERSION, "INVALID-MAJOR-VERSION" },
	{ V1_N_INVALID_MINOR_VERSION, "INVALID-MINOR-VERSION" },
	{ V1_N_INVALID_EXCHANGE_TYPE, "INVALID-EXCHANGE-TYPE" },
	{ V1_N_INVALID_FLAGS, "INVALID-FLAGS" },
	{ V1_N_INVALID_MESSAGE_ID, "INVALID-MESSAGE-ID" },
	{ V1_N_INVALID_PROTOCOL_ID, "INVALID-PROTOCOL-ID" },
	{ V1_N_INVALID_SPI, "INVALID-SPI" },
	{ V1_N_INVALID_TRANSFORM_ID, "INVALID-TRANSFORM-ID" },
	{ V1_N_ATTRIBUTES_NOT_SUPPORTED, "ATTRIBUTES-NOT-SUPPORTED" },
	{ V1_N_NO_PROPOSAL_CHOSEN, "NO-PROPOSAL-CHOSEN" },
	{ V1_N_BAD_PROPOSAL_SYNTAX, "BAD-PROPOSAL-SYNTAX" },
	{ V1_N_PAYLOAD_MALFORMED, "PAYLOAD-MALFORMED" },
	{ V1_N_INVALID_KEY_INFORMATION, "INVALID-KEY-INFORMATION" },
	{ V1_N_INVALID_ID_INFORMATION, "INVALID-ID-INFORMATION" },
	{ V1_N_INVALID_CERT_ENCODING, "INVALID-CERT-ENCODING" },
	{ V1_N_INVALID_CERTIFICATE, "INVALID-CERTIFICATE" },
	{ V1_N_CERT_TYPE_UNSUPPORTED, "CERT-TYPE-UNSUPPORTED" },
	{ V1_N_INVALID_CERT_AUTHORITY, "INVALID-CERT-AUTHORITY" },
	{ V1_N_INVALID_HASH_INFORMATION, "INVALID-HASH-INFORMATION" },
	{ V1_N_AUTHENTICATION_FAILED, "AUTHENTICATION-FAILED" },
	{ V1_N_INVALID_SIGNATURE, "INVALID-SIGNATURE" },
	{ V1_N_ADDRESS_NOTIFICATION, "ADDRESS-NOTIFICATION" },
	{ V1_N_NOTIFY_SA_LIFETIME, "NOTIFY-SA-LIFETIME" },
	{ V1_N_CERTIFICATE_UNAVAILABLE, "CERTIFICATE-UNAVAILABLE" },
	{ V1_N_UNSUPPORTED_EXCHANGE_TYPE, "UNSUPPORTED-EXCHANGE-TYPE" },
	{ V1_N_UNEQUAL_PAYLOAD_LENGTHS, "UNEQUAL-PAYLOAD-LENGTHS" },
	{ V1_N_CONNECTED, "CONNECTED" },
	{ V1_N_RESPONDER_LIFETIME, "RESPONDER-LIFETIME" },
	{ V1_N_REPLAY_STATUS, "REPLAY-STATUS" },
	{ V1_N_INITIAL_CONTACT, "INITIAL-CONTACT" },
	{ V1_N_R_U_THERE, "R-U-THERE" },
	{ V1_N_R_U_THERE_ACK, "R-U-THERE-ACK" },
};

/* RFC 2408, 3.9 */
static const struct name certs[] = {
	{ 1, "PKCS7" }, { 2, "PGP" }, { 3, "DNS" }, { V1_CERT_X509_SIGNATURE, "X509" },
	{ V1_CERT_X509_KEY_EXCHANGE, "X509-key-exchange" }, { 6, "Kerberos" }, { 7, "CRL" },
	{ 8, "ARL" }, { 9, "SPKI" }, { 10, "X509-attribute" },
};

/* ---- transforms ------------------------------------------------------------- */

static const struct name ah_ids[] = {
	{ V1_AH_MD5, "MD5" }, { V1_AH_SHA1, "SHA1" }, { V1_AH_DES, "DES" },
	{ V1_AH_SHA2_256, "SHA2_256" }, { V1_AH_SHA2_384, "SHA2_384" },
	{ V1_AH_SHA2_512, "SHA2_512" },
};

static const struct name esp_ids[] = {
	{ 1, "DES_IV64" }, { V1_ESP_DES, "DES" }, { V1_ESP_3DES, "3DES" }, { 4, "RC5" },
	{ 5, "IDEA" }, { 6, "CAST" }, { 7, "BLOWFISH" }, { 8, "3IDEA" }, { 9, "DES_IV32" },
	{ 10, "RC4" }, { V1_ESP_NULL, "NULL" }, { V1_ESP_AES, "AES_CBC" },
	{ V1_ESP_AES_CTR, "AES_CTR" }, { V1_ESP_AES_CCM_8, "AES_CCM_8" },
	{ V1_ESP_AES_CCM_12, "AES_CCM_12" }, { V1_ESP_AES_CCM_16, "AES_CCM_16" },
	{ V1_ESP_AES_GCM_8, "AES_GCM_8" }, { V1_ESP_AES_GCM_12, "AES_GCM_12" },
	{ V1_ESP_AES_GCM_16, "AES_GCM_16" }, { 22, "CAMELLIA" }, { 23, "AES_GMAC" },
};

static const struct name ipcomp_ids[] = {
	{ 1, "OUI" }, { 2, "DEFLATE" }, { 3, "LZS" }, { 4, "LZJH" },
};

static const struct name isakmp_ids[] = { { V1_TRANSFORM_KEY_IKE, "KEY_IKE" } };

/* ---- attributes ------------------------------------------------------------- */

static const struct name phase1_attrs[] = {
	{ V1_A_ENCR, "encr" }, { V1_A_HASH, "hash" }, { V1_A_METHOD, "auth" },
	{ V1_A_GROUP, "group" }, { V1_A_GROUP_TYPE, "group-type" },
	{ V1_A_GROUP_PRIME, "group-prime" }, { V1_A_GROUP_G1, "generator-1" },
	{ V1_A_GROUP_G2, "generator-2" }, { V1_A_CURVE_A, "curve-a" },
	{ V1_A_CURVE_B, "curve-b" }, { V1_A_LIFE_TYPE, "life-type" }, { V1_A_LIFE, "life" },
	{ V1_A_PRF, "prf" }, { V1_A_KEY_LENGTH, "key-length" },
	{ V1_A_FIELD_SIZE, "field-size" }, { V1_A_GROUP_ORDER, "group-order" },
};

static const struct name phase2_attrs[] = {
	{ V1_IA_LIFE_TYPE, "life-type" }, { V1_IA_LIFE, "life" }, { V1_IA_GROUP, "group" },
	{ V1_IA_MODE, "mode" }, { V1_IA_AUTH, "auth" }, { V1_IA_KEY_LENGTH, "key-length" },
	{ V1_IA_KEY_ROUNDS, "key-rounds" }, { V1_IA_DICT_SIZE, "dict-size" },
	{ V1_IA_PRIVATE, "private-algorithm" }, { 10, "ecn" }, { V1_IA_ESN, "esn" },
};

static const struct name encrs[] = {
	{ V1_ENCR_DES, "DES" }, { V1_ENCR_IDEA, "IDEA" }, { V1_ENCR_BLOWFISH, "BLOWFISH" },
	{ V1_ENCR_RC5, "RC5" }, { V1_ENCR_3DES, "3DES" }, { V1_ENCR_CAST, "CAST" },
	{ V1_ENCR_AES, "AES_CBC" }, { V1_ENCR_CAMELLIA, "CAMELLIA" },
};

static const struct name hashes[] = {
	{ V1_HASH_MD5, "MD5" }, { V1_HASH_SHA1, "SHA1" }, { V1_HASH_TIGER, "TIGER" },
	{ V1_HASH_SHA2_256, "SHA2_256" }, { V1_HASH_SHA2_384, "SHA2_384" },
	{ V1_HASH_SHA2_512, "SHA2_512" },
};

static const struct name methods[] = {
	{ V1_M_PSK, "PSK" }, { V1_M_DSS_SIG, "DSS" }, { V1_M_RSA_SIG, "RSA" },
	{ V1_M_RSA_ENC, "RSA-encryption" }, { V1_M_RSA_REV, "RSA-revised" },
	{ V1_M_ECDSA_256, "ECDSA_256" }, { V1_M_ECDSA_384, "ECDSA_384" },
	{ V1_M_ECDSA_521, "ECDSA_521" },
	{ V1_M_HYBRID_I_RSA, "hybrid-initiator-RSA" },
	{ V1_M_HYBRID_R_RSA, "hybrid-responder-RSA" },
	{ V1_M_HYBRID_I_DSS, "hybrid-initiator-DSS" },
	{ V1_M_HYBRID_R_DSS, "hybrid-responder-DSS" },
	{ V1_M_XAUTH_I_PSK, "XAUTH-initiator-PSK" },
	{ V1_M_XAUTH_R_PSK, "XAUTH-responder-PSK" },
	{ V1_M_XAUTH_I_DSS, "XAUTH-initiator-DSS" },
	{ V1_M_XAUTH_R_DSS, "XAUTH-responder-DSS" },
	{ V1_M_XAUTH_I_RSA, "XAUTH-initiator-RSA" },
	{ V1_M_XAUTH_R_RSA, "XAUTH-responder-RSA" },
	{ V1_M_XAUTH_I_RSA_ENC, "XAUTH-initiator-RSA-encryption" },
	{ V1_M_XAUTH_R_RSA_ENC, "XAUTH-responder-RSA-encryption" },
	{ V1_M_XAUTH_I_RSA_REV, "XAUTH-initiator-RSA-revised" },
	{ V1_M_XAUTH_R_RSA_REV, "XAUTH-responder-RSA-revised" },
};

/* RFC 2409, 6.3 and 6.4: those that version 2 did not take over */
static const struct name groups[] = { { 3, "EC2N_155" }, { 4, "EC2N_185" } };

static const struct name group_types[] = {
	{ V1_GROUP_MODP, "MODP" }, { V1_GROUP_ECP, "ECP" }, { V1_GROUP_EC2N, "EC2N" },
};

static const struct name life_types[] = {
	{ V1_LIFE_SECONDS, "seconds" }, { V1_LIFE_KILOBYTES, "kilobytes" },
};

static const struct name modes[] = {
	{ V1_MODE_TUNNEL, "tunnel" }, { V1_MODE_TRANSPORT, "transport" },
	{ V1_MODE_UDP_TUNNEL, "udp-tunnel" }, { V1_MODE_UDP_TRANSPORT, "udp-transport" },
	{ V1_MODE_UDP_TUNNEL_DRAFT, "udp-tunnel-draft" },
	{ V1_MODE_UDP_TRANSPORT_DRAFT, "udp-transport-draft" },
};

static const struct name auths[] = {
	{ V1_AUTH_HMAC_MD5, "HMAC_MD5" }, { V1_AUTH_HMAC_SHA1, "HMAC_SHA1" },
	{ V1_AUTH_DES_MAC, "DES_MAC" }, { V1_AUTH_KPDK, "KPDK" },
	{ V1_AUTH_HMAC_SHA2_256, "HMAC_SHA2_256" }, { V1_AUTH_HMAC_SHA2_384, "HMAC_SHA2_384" },
	{ V1_AUTH_HMAC_SHA2_512, "HMAC_SHA2_512" }, { 8, "HMAC_RIPEMD" },
	{ 9, "AES_XCBC" },
};

/*
 * XAUTH and Unity, and of mode config what RFC 7296, 3.15.1, has no more; the rest is the same
 * there.
 */
static const struct name cfg_attrs[] = {
	{ 5, "INTERNAL_ADDRESS_EXPIRY" }, { 9, "INTERNAL_IP6_NETMASK" },
	{ 11, "INTERNAL_IP6_NBNS" },
	{ V1_X_TYPE, "XAUTH-TYPE" }, { V1_X_USER_NAME, "XAUTH-USER-NAME" },
	{ V1_X_USER_PASSWORD, "XAUTH-USER-PASSWORD" }, { V1_X_PASSCODE, "XAUTH-PASSCODE" },
	{ V1_X_MESSAGE, "XAUTH-MESSAGE" }, { V1_X_CHALLENGE, "XAUTH-CHALLENGE" },
	{ V1_X_DOMAIN, "XAUTH-DOMAIN" }, { V1_X_STATUS, "XAUTH-STATUS" },
	{ V1_X_NEXT_PIN, "XAUTH-NEXT-PIN" }, { V1_X_ANSWER, "XAUTH-ANSWER" },
	{ V1_U_BANNER, "UNITY-BANNER" }, { V1_U_SAVE_PASSWD, "UNITY-SAVE-PASSWD" },
	{ V1_U_DEF_DOMAIN, "UNITY-DEF-DOMAIN" }, { V1_U_SPLIT_DNS, "UNITY-SPLIT-DNS" },
	{ V1_U_SPLIT_INCLUDE, "UNITY-SPLIT-INCLUDE" }, { V1_U_NATT_PORT, "UNITY-NATT-PORT" },
	{ V1_U_LOCAL_LAN, "UNITY-LOCAL-LAN" }, { V1_U_PFS, "UNITY-PFS" },
	{ V1_U_FW_TYPE, "UNITY-FW-TYPE" }, { V1_U_BACKUP_SERVERS, "UNITY-BACKUP-SERVERS" },
	{ V1_U_DDNS_HOSTNAME, "UNITY-DDNS-HOSTNAME" },
};

const char *decode_v1_exchange(unsigned int type)
{
	return FIND(exchanges, type);
}

const char *decode_v1_cert(unsigned int encoding)
{
	return FIND(certs, encoding);
}

const char *decode_v1_payload(unsigned int type)
{
	return FIND(payloads, type);
}

const char *decode_v1_protocol(unsigned int id)
{
	return FIND(protocols, id);
}

const char *decode_v1_notify(unsigned int type)
{
	return FIND(notifies, type);
}

const char *decode_v1_transform(unsigned int protocol, unsigned int id)
{
	switch (protocol) {
	case V1_PROTO_ISAKMP:
		return FIND(isakmp_ids, id);
	case V1_PROTO_AH:
		return FIND(ah_ids, id);
	case V1_PROTO_ESP:
		return FIND(esp_ids, id);
	case V1_PROTO_IPCOMP:
		return FIND(ipcomp_ids, id);
	default:
		return NULL;
	}
}

const char *decode_v1_attr(bool phase1, unsigned int type)
{
	return phase1 ? FIND(phase1_attrs, type) : FIND(phase2_attrs, type);
}

/* Most have the numbers that version 2 took over; what came later is for it alone. */
static const char *group_name(unsigned int value)
{
	const char *name = FIND(groups, value);

	return name || value > IKE_KE_X448 ? name : decode_transform(IKE_T_KE, value);
}

static const char *phase1_value(unsigned int type, unsigned int value)
{
	switch (type) {
	case V1_A_ENCR:
		return FIND(encrs, value);
	case V1_A_HASH:
		return FIND(hashes, value);
	case V1_A_METHOD:
		return FIND(methods, value);
	case V1_A_GROUP:
		return group_name(value);
	case V1_A_GROUP_TYPE:
		return FIND(group_types, value);
	case V1_A_LIFE_TYPE:
		return FIND(life_types, value);
	default:
		return NULL;
	}
}

const char *decode_v1_value(bool phase1, unsigned int type, unsigned int value)
{
	if (phase1)
		return phase1_value(type, value);
	switch (type) {
	case V1_IA_LIFE_TYPE:
		return FIND(life_types, value);
	case V1_IA_GROUP:
		return group_name(value);
	case V1_IA_MODE:
		return FIND(modes, value);
	case V1_IA_AUTH:
		return FIND(auths, value);
	default:
		return NULL;
	}
}

const char *decode_v1_cfg_attr(unsigned int type)
{
	const char *name = FIND(cfg_attrs, type);

	return name ? name : decode_cfg_attr(type);
}

/* ---- vendor IDs ------------------------------------------------------------- */

/*
 * Texts whose MD5 is a vendor ID: so many octets of it count, and so many may follow, a
 * version or capabilities.
 */
static const struct vendor {
	const char *text;
	uint8_t count;
	uint8_t more;
	const char *name;
} vendors[] = {
	{ "RFC 3947", 16, 0, "RFC 3947" },
	{ "draft-ietf-ipsec-nat-t-ike-03", 16, 0, "draft-ietf-ipsec-nat-t-ike-03" },
	{ "draft-ietf-ipsec-nat-t-ike-02", 16, 0, "draft-ietf-ipsec-nat-t-ike-02" },
	{ "draft-ietf-ipsec-nat-t-ike-02\n", 16, 0, "draft-ietf-ipsec-nat-t-ike-02" },
	{ "draft-ietf-ipsec-nat-t-ike-01", 16, 0, "draft-ietf-ipsec-nat-t-ike-01" },
	{ "draft-ietf-ipsec-nat-t-ike-00", 16, 0, "draft-ietf-ipsec-nat-t-ike-00" },
	{ "draft-ietf-ipsra-isakmp-xauth-06.txt", 8, 0, "XAUTH" },
	{ "CISCO-UNITY", 14, 2, "Cisco-Unity" },
	{ "FRAGMENTATION", 16, 4, "FRAGMENTATION" },
	{ "MS NT5 ISAKMPOAKLEY", 16, 4, "MS-NT5-ISAKMPOAKLEY" },
	{ "MS-Negotiation Discovery Capable", 16, 0, "MS-Negotiation-Discovery-Capable" },
	{ "Vid-Initial-Contact", 16, 0, "Vid-Initial-Contact" },
	{ "IKE CGA version 1", 16, 0, "IKE-CGA-1" },
	{ "GSSAPI", 16, 0, "GSSAPI" },
	{ "strongSwan", 16, 0, "strongSwan" },
};

/* RFC 3706, 5.1: it is no hash; then a version */
static const uint8_t dpd[14] = {
	0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1, 0xf1, 0xc9, 0x6b, 0x86, 0x96, 0xfc, 0x77, 0x57,
};

static bool vendor_is(const struct vendor *v, const uint8_t *p, size_t n)
{
	uint8_t hash[EVP_MAX_MD_SIZE];

	if (n != v->count && n != (size_t)v->count + v->more)
		return false;
	/* Without MD5 (FIPS) its octets are all that can be said. */
	return EVP_Digest(v->text, strlen(v->text), hash, NULL, EVP_md5(), NULL) &&
	       !memcmp(p, hash, v->count);
}

const char *decode_v1_vendor(const uint8_t *p, size_t n)
{
	if (n == sizeof(dpd) + 2 && !memcmp(p, dpd, sizeof(dpd)))
		return "DPD";
	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
		if (vendor_is(&vendors[i], p, n))
			return vendors[i].name;
	return NULL;
}
