// SPDX-License-Identifier: GPL-2.0
/* Names of numbers: the IANA registry "Internet Key Exchange Version 2 Parameters". */
#include <isakmp/ikev2.h>
#include "decode.h"
#include "decode_name.h"

static const struct name exchanges[] = {
	{ IKE_SA_INIT, "IKE_SA_INIT" }, { IKE_AUTH, "IKE_AUTH" },
	{ IKE_CREATE_CHILD_SA, "CREATE_CHILD_SA" },
	{ IKE_INFORMATIONAL, "INFORMATIONAL" },
	{ IKE_SESSION_RESUME, "IKE_SESSION_RESUME" },
	{ 43, "IKE_INTERMEDIATE" }, { 44, "IKE_FOLLOWUP_KE" },
};

static const struct name payloads[] = {
	{ IKE_PL_SA, "SA" }, { IKE_PL_KE, "KE" }, { IKE_PL_IDI, "IDi" },
	{ IKE_PL_IDR, "IDr" }, { IKE_PL_CERT, "CERT" },
	{ IKE_PL_CERTREQ, "CERTREQ" }, { IKE_PL_AUTH, "AUTH" },
	{ IKE_PL_NONCE, "Nonce" }, { IKE_PL_NOTIFY, "N" },
	{ IKE_PL_DELETE, "D" }, { IKE_PL_VENDOR, "V" }, { IKE_PL_TSI, "TSi" },
	{ IKE_PL_TSR, "TSr" }, { IKE_PL_SK, "SK" }, { IKE_PL_SKF, "SKF" }, { IKE_PL_CP, "CP" },
	{ IKE_PL_EAP, "EAP" }, { 49, "GSPM" }, { 53, "SKF" }, { 54, "PS" },
};

static const struct name protocols[] = {
	{ IKE_PROTO_IKE, "IKE" }, { IKE_PROTO_AH, "AH" }, { IKE_PROTO_ESP, "ESP" },
};

static const struct name notifies[] = {
#define E(name) { IKE_N_##name, #name }
	E(UNSUPPORTED_CRITICAL_PAYLOAD), E(INVALID_IKE_SPI),
	E(INVALID_MAJOR_VERSION), E(INVALID_SYNTAX), E(INVALID_MESSAGE_ID),
	E(INVALID_SPI), E(NO_PROPOSAL_CHOSEN), E(INVALID_KE_PAYLOAD),
	E(AUTHENTICATION_FAILED), E(SINGLE_PAIR_REQUIRED), E(NO_ADDITIONAL_SAS),
	E(INTERNAL_ADDRESS_FAILURE), E(FAILED_CP_REQUIRED), E(TS_UNACCEPTABLE),
	E(INVALID_SELECTORS), E(TEMPORARY_FAILURE), E(CHILD_SA_NOT_FOUND),
	E(INITIAL_CONTACT), E(SET_WINDOW_SIZE), E(ADDITIONAL_TS_POSSIBLE),
	E(IPCOMP_SUPPORTED), E(NAT_DETECTION_SOURCE_IP),
	E(NAT_DETECTION_DESTINATION_IP), E(COOKIE), E(USE_TRANSPORT_MODE),
	E(HTTP_CERT_LOOKUP_SUPPORTED), E(REKEY_SA),
	E(ESP_TFC_PADDING_NOT_SUPPORTED), E(NON_FIRST_FRAGMENTS_ALSO),
	E(FRAGMENTATION_SUPPORTED), E(SIGNATURE_HASH_ALGORITHMS),
	E(TICKET_LT_OPAQUE), E(TICKET_REQUEST), E(TICKET_ACK), E(TICKET_NACK), E(TICKET_OPAQUE),
#undef E
	{ 40, "UNACCEPTABLE_ADDRESSES" }, { 41, "UNEXPECTED_NAT_DETECTED" },
	{ 42, "USE_ASSIGNED_HoA" }, { 45, "INVALID_GROUP_ID" },
	{ 46, "AUTHORIZATION_FAILED" }, { 47, "STATE_NOT_FOUND" },
	{ 48, "TS_MAX_QUEUE" },
	{ 16396, "MOBIKE_SUPPORTED" }, { 16397, "ADDITIONAL_IP4_ADDRESS" },
	{ 16398, "ADDITIONAL_IP6_ADDRESS" }, { 16399, "NO_ADDITIONAL_ADDRESSES" },
	{ 16400, "UPDATE_SA_ADDRESSES" }, { 16401, "COOKIE2" },
	{ 16402, "NO_NATS_ALLOWED" }, { 16403, "AUTH_LIFETIME" },
	{ 16404, "MULTIPLE_AUTH_SUPPORTED" }, { 16405, "ANOTHER_AUTH_FOLLOWS" },
	{ 16406, "REDIRECT_SUPPORTED" }, { 16407, "REDIRECT" },
	{ 16408, "REDIRECTED_FROM" }, { 16414, "LINK_ID" },
	{ 16415, "USE_WESP_MODE" }, { 16416, "ROHC_SUPPORTED" },
	{ 16417, "EAP_ONLY_AUTHENTICATION" }, { 16418, "CHILDLESS_IKEV2_SUPPORTED" },
	{ 16419, "QUICK_CRASH_DETECTION" },
	{ 16420, "IKEV2_MESSAGE_ID_SYNC_SUPPORTED" },
	{ 16421, "IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED" },
	{ 16422, "IKEV2_MESSAGE_ID_SYNC" }, { 16423, "IPSEC_REPLAY_COUNTER_SYNC" },
	{ 16424, "SECURE_PASSWORD_METHODS" }, { 16425, "PSK_PERSIST" },
	{ 16426, "PSK_CONFIRM" }, { 16427, "ERX_SUPPORTED" },
	{ 16428, "IFOM_CAPABILITY" }, { 16429, "SENDER_REQUEST_ID" },
	{ 16430, "IKEV2_FRAGMENTATION_SUPPORTED" },
	{ 16432, "CLONE_IKE_SA_SUPPORTED" }, { 16433, "CLONE_IKE_SA" },
	{ 16434, "PUZZLE" }, { 16435, "USE_PPK" }, { 16436, "PPK_IDENTITY" },
	{ 16437, "NO_PPK_AUTH" }, { 16438, "INTERMEDIATE_EXCHANGE_SUPPORTED" },
	{ 16439, "IP4_ALLOWED" }, { 16440, "IP6_ALLOWED" },
	{ 16441, "ADDITIONAL_KEY_EXCHANGE" }, { 16442, "USE_AGGFRAG" },
	{ 16443, "SUPPORTED_AUTH_METHODS" }, { 16444, "SA_RESOURCE_INFO" },
	{ 16445, "USE_PPK_INT" }, { 16446, "PPK_IDENTITY_KEY" },
};

static const struct name transform_types[] = {
	{ IKE_T_ENCR, "encr" }, { IKE_T_PRF, "prf" }, { IKE_T_INTEG, "integ" },
	{ IKE_T_KE, "ke" }, { IKE_T_ESN, "esn" }, { 6, "addke1" }, { 7, "addke2" },
	{ 8, "addke3" }, { 9, "addke4" }, { 10, "addke5" }, { 11, "addke6" },
	{ 12, "addke7" },
};

static const struct name encrs[] = {
	{ 1, "DES_IV64" }, { 2, "DES" }, { 3, "3DES" }, { 4, "RC5" }, { 5, "IDEA" },
	{ 6, "CAST" }, { 7, "BLOWFISH" }, { 8, "3IDEA" }, { 9, "DES_IV32" },
	{ 11, "NULL" }, { IKE_ENCR_AES_CBC, "AES_CBC" },
	{ IKE_ENCR_AES_CTR, "AES_CTR" }, { IKE_ENCR_AES_CCM_8, "AES_CCM_8" },
	{ IKE_ENCR_AES_CCM_12, "AES_CCM_12" }, { IKE_ENCR_AES_CCM_16, "AES_CCM_16" },
	{ IKE_ENCR_AES_GCM_8, "AES_GCM_8" }, { IKE_ENCR_AES_GCM_12, "AES_GCM_12" },
	{ IKE_ENCR_AES_GCM_16, "AES_GCM_16" }, { 21, "NULL_AUTH_AES_GMAC" },
	{ 23, "CAMELLIA_CBC" }, { 24, "CAMELLIA_CTR" }, { 25, "CAMELLIA_CCM_8" },
	{ 26, "CAMELLIA_CCM_12" }, { 27, "CAMELLIA_CCM_16" },
	{ IKE_ENCR_CHACHA20_POLY1305, "CHACHA20_POLY1305" },
	{ 29, "AES_CCM_8_IIV" }, { 30, "AES_GCM_16_IIV" },
	{ 31, "CHACHA20_POLY1305_IIV" }, { 32, "KUZNYECHIK_MGM_KTREE" },
	{ 33, "MAGMA_MGM_KTREE" }, { 34, "KUZNYECHIK_MGM_MAC_KTREE" },
	{ 35, "MAGMA_MGM_MAC_KTREE" },
};

static const struct name prfs[] = {
	{ 1, "HMAC_MD5" }, { IKE_PRF_HMAC_SHA1, "HMAC_SHA1" }, { 3, "HMAC_TIGER" },
	{ 4, "AES128_XCBC" }, { IKE_PRF_HMAC_SHA2_256, "HMAC_SHA2_256" },
	{ IKE_PRF_HMAC_SHA2_384, "HMAC_SHA2_384" },
	{ IKE_PRF_HMAC_SHA2_512, "HMAC_SHA2_512" }, { 8, "AES128_CMAC" },
	{ 9, "HMAC_STREEBOG_512" },
};

static const struct name integs[] = {
	{ IKE_INTEG_NONE, "NONE" }, { 1, "HMAC_MD5_96" },
	{ IKE_INTEG_HMAC_SHA1_96, "HMAC_SHA1_96" }, { 3, "DES_MAC" },
	{ 4, "KPDK_MD5" }, { 5, "AES_XCBC_96" }, { 6, "HMAC_MD5_128" },
	{ 7, "HMAC_SHA1_160" }, { 8, "AES_CMAC_96" }, { 9, "AES_128_GMAC" },
	{ 10, "AES_192_GMAC" }, { 11, "AES_256_GMAC" },
	{ IKE_INTEG_HMAC_SHA2_256_128, "HMAC_SHA2_256_128" },
	{ IKE_INTEG_HMAC_SHA2_384_192, "HMAC_SHA2_384_192" },
	{ IKE_INTEG_HMAC_SHA2_512_256, "HMAC_SHA2_512_256" },
};

static const struct name kes[] = {
	{ IKE_KE_NONE, "NONE" }, { 1, "MODP_768" }, { 2, "MODP_1024" },
	{ 5, "MODP_1536" }, { IKE_KE_MODP_2048, "MODP_2048" },
	{ IKE_KE_MODP_3072, "MODP_3072" }, { IKE_KE_MODP_4096, "MODP_4096" },
	{ 17, "MODP_6144" }, { 18, "MODP_8192" }, { IKE_KE_ECP_256, "ECP_256" },
	{ IKE_KE_ECP_384, "ECP_384" }, { IKE_KE_ECP_521, "ECP_521" },
	{ 22, "MODP_1024_S160" }, { 23, "MODP_2048_S224" },
	{ 24, "MODP_2048_S256" }, { 25, "ECP_192" }, { 26, "ECP_224" },
	{ 27, "BRAINPOOL_P224R1" }, { 28, "BRAINPOOL_P256R1" },
	{ 29, "BRAINPOOL_P384R1" }, { 30, "BRAINPOOL_P512R1" },
	{ IKE_KE_X25519, "X25519" }, { IKE_KE_X448, "X448" },
	{ 33, "GOST3410_2012_256" }, { 34, "GOST3410_2012_512" },
	{ 35, "ML_KEM_512" }, { 36, "ML_KEM_768" }, { 37, "ML_KEM_1024" },
};

static const struct name esns[] = {
	{ IKE_ESN_NO, "no" }, { IKE_ESN_YES, "yes" },
};

static const struct name auth_methods[] = {
	{ IKE_AM_RSA_SIG, "RSA" }, { IKE_AM_PSK, "PSK" }, { IKE_AM_DSS_SIG, "DSS" },
	{ IKE_AM_ECDSA_256, "ECDSA_256" }, { IKE_AM_ECDSA_384, "ECDSA_384" },
	{ IKE_AM_ECDSA_521, "ECDSA_521" }, { 12, "GSPM" }, { 13, "NULL" },
	{ IKE_AM_DIGITAL_SIG, "digital-signature" },
};

static const struct name hashes[] = {
	{ IKE_HASH_SHA1, "SHA1" }, { IKE_HASH_SHA2_256, "SHA2_256" },
	{ IKE_HASH_SHA2_384, "SHA2_384" }, { IKE_HASH_SHA2_512, "SHA2_512" },
	{ IKE_HASH_IDENTITY, "IDENTITY" },
};

static const struct name certs[] = {
	{ 1, "PKCS7" }, { 2, "PGP" }, { 3, "DNS" },
	{ IKE_CERT_X509_SIGNATURE, "X509" }, { 6, "Kerberos" },
	{ IKE_CERT_CRL, "CRL" }, { 8, "ARL" }, { 9, "SPKI" },
	{ 10, "X509-attribute" }, { 11, "raw-RSA" },
	{ IKE_CERT_HASH_URL, "hash-and-URL" },
	{ IKE_CERT_HASH_URL_BUNDLE, "hash-and-URL-bundle" }, { 14, "OCSP" },
	{ IKE_CERT_RAW_PUBLIC_KEY, "raw-key" },
};

static const struct name cfg_types[] = {
	{ IKE_CFG_REQUEST, "request" }, { IKE_CFG_REPLY, "reply" },
	{ IKE_CFG_SET, "set" }, { IKE_CFG_ACK, "ack" },
};

static const struct name cfg_attrs[] = {
	{ 1, "INTERNAL_IP4_ADDRESS" }, { 2, "INTERNAL_IP4_NETMASK" },
	{ 3, "INTERNAL_IP4_DNS" }, { 4, "INTERNAL_IP4_NBNS" },
	{ 6, "INTERNAL_IP4_DHCP" }, { 7, "APPLICATION_VERSION" },
	{ 8, "INTERNAL_IP6_ADDRESS" }, { 10, "INTERNAL_IP6_DNS" },
	{ 12, "INTERNAL_IP6_DHCP" }, { 13, "INTERNAL_IP4_SUBNET" },
	{ 14, "SUPPORTED_ATTRIBUTES" }, { 15, "INTERNAL_IP6_SUBNET" },
	{ 16, "MIP6_HOME_PREFIX" }, { 17, "INTERNAL_IP6_LINK" },
	{ 18, "INTERNAL_IP6_PREFIX" }, { 19, "HOME_AGENT_ADDRESS" },
	{ 20, "P_CSCF_IP4_ADDRESS" }, { 21, "P_CSCF_IP6_ADDRESS" },
	{ 22, "FTT_KAT" }, { 23, "EXTERNAL_SOURCE_IP4_NAT_INFO" },
	{ 24, "TIMEOUT_PERIOD_FOR_LIVENESS_CHECK" },
	{ 25, "INTERNAL_DNS_DOMAIN" }, { 26, "INTERNAL_DNSSEC_TA" },
};

static const struct name eap_codes[] = {
	{ 1, "request" }, { 2, "response" }, { 3, "success" }, { 4, "failure" },
};

static const struct name eap_types[] = {
	{ 1, "Identity" }, { 2, "Notification" }, { 3, "Nak" }, { 4, "MD5" },
	{ 5, "OTP" }, { 6, "GTC" }, { 13, "TLS" }, { 18, "SIM" }, { 21, "TTLS" },
	{ 23, "AKA" }, { 25, "PEAP" }, { 26, "MSCHAPv2" }, { 43, "FAST" },
	{ 50, "AKA'" }, { 52, "PWD" }, { 254, "Expanded" },
};

/**
 * decode_exchange() - the name of an exchange type
 * @type: the number
 *
 * The functions below do the same for what their names say.
 *
 * Return: the name, or NULL when it has none.
 */
const char *decode_exchange(unsigned int type)
{
	return FIND(exchanges, type);
}

const char *decode_payload(unsigned int type)
{
	return FIND(payloads, type);
}

const char *decode_protocol(unsigned int id)
{
	return FIND(protocols, id);
}

const char *decode_notify(unsigned int type)
{
	return FIND(notifies, type);
}

const char *decode_transform_type(unsigned int type)
{
	return FIND(transform_types, type);
}

const char *decode_transform(unsigned int type, unsigned int id)
{
	switch (type) {
	case IKE_T_ENCR:
		return FIND(encrs, id);
	case IKE_T_PRF:
		return FIND(prfs, id);
	case IKE_T_INTEG:
		return FIND(integs, id);
	case IKE_T_ESN:
		return FIND(esns, id);
	case IKE_T_KE: case 6: case 7: case 8: case 9: case 10: case 11: case 12:
		return FIND(kes, id);
	default:
		return NULL;
	}
}

const char *decode_auth_method(unsigned int method)
{
	return FIND(auth_methods, method);
}

const char *decode_hash(unsigned int id)
{
	return FIND(hashes, id);
}

const char *decode_cert(unsigned int encoding)
{
	return FIND(certs, encoding);
}

const char *decode_cfg_type(unsigned int type)
{
	return FIND(cfg_types, type);
}

const char *decode_cfg_attr(unsigned int type)
{
	return FIND(cfg_attrs, type);
}

const char *decode_eap_code(unsigned int code)
{
	return FIND(eap_codes, code);
}

const char *decode_eap_type(unsigned int type)
{
	return FIND(eap_types, type);
}
