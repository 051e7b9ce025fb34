/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause */
/* The numbers of ISAKMP and IKEv1 (RFC 2407, 2408, 2409, their IANA registries, drafts). */
#ifndef _ISAKMP_IKEV1_H
#define _ISAKMP_IKEV1_H

#define V1_MAJOR		1
#define V1_FLAG_ENCRYPTION	0x01	/* RFC 2408, 3.1 */
#define V1_FLAG_COMMIT		0x02
#define V1_FLAG_AUTH_ONLY	0x04
#define V1_DOI_IPSEC		1	/* RFC 2407, 4.1 */
#define V1_SIT_IDENTITY_ONLY	1	/* 4.2.1 */
#define V1_COOKIE_LEN		8

/* RFC 2408, 3.1; RFC 2409, appendix A; draft-ietf-ipsec-isakmp-mode-cfg */
enum v1_exchange_type {
	V1_BASE		= 1,
	V1_MAIN		= 2,	/* Identity Protection */
	V1_AUTH_ONLY	= 3,
	V1_AGGRESSIVE	= 4,
	V1_INFORMATIONAL = 5,
	V1_TRANSACTION	= 6,
	V1_QUICK	= 32,
	V1_NEW_GROUP	= 33,
};

/* RFC 2408, 3.1; RFC 3947; from 128 on: private use */
enum v1_payload_type {
	V1_PL_NONE	= 0,
	V1_PL_SA	= 1,
	V1_PL_PROPOSAL	= 2,
	V1_PL_TRANSFORM	= 3,
	V1_PL_KE	= 4,
	V1_PL_ID	= 5,
	V1_PL_CERT	= 6,
	V1_PL_CERTREQ	= 7,
	V1_PL_HASH	= 8,
	V1_PL_SIG	= 9,
	V1_PL_NONCE	= 10,
	V1_PL_NOTIFY	= 11,
	V1_PL_DELETE	= 12,
	V1_PL_VENDOR	= 13,
	V1_PL_ATTRIBUTES = 14,	/* mode config */
	V1_PL_NAT_D	= 20,	/* RFC 3947 */
	V1_PL_NAT_OA	= 21,
	V1_PL_NAT_D_DRAFT = 130, /* draft-ietf-ipsec-nat-t-ike-01 to -03 */
	V1_PL_NAT_OA_DRAFT = 131,
	V1_PL_FRAGMENT	= 132,	/* of Microsoft and Cisco */
};

/* RFC 2408, 3.9: the certificate encodings that have certificates of X.509 in them */
enum v1_cert_encoding {
	V1_CERT_PKCS7		= 1,	/* several, perhaps */
	V1_CERT_X509_SIGNATURE	= 4,
	V1_CERT_X509_KEY_EXCHANGE = 5,
};

/* RFC 2407, 4.4.1 */
enum v1_protocol {
	V1_PROTO_ISAKMP	= 1,
	V1_PROTO_AH	= 2,
	V1_PROTO_ESP	= 3,
	V1_PROTO_IPCOMP	= 4,
};

#define V1_TRANSFORM_KEY_IKE	1	/* RFC 2407, 4.4.2.1 */

/* RFC 2409, appendix A: attributes of a transform of phase 1 */
enum v1_attr {
	V1_A_ENCR	= 1,
	V1_A_HASH	= 2,
	V1_A_METHOD	= 3,
	V1_A_GROUP	= 4,
	V1_A_GROUP_TYPE	= 5,
	V1_A_GROUP_PRIME = 6,
	V1_A_GROUP_G1	= 7,
	V1_A_GROUP_G2	= 8,
	V1_A_CURVE_A	= 9,
	V1_A_CURVE_B	= 10,
	V1_A_LIFE_TYPE	= 11,
	V1_A_LIFE	= 12,
	V1_A_PRF	= 13,
	V1_A_KEY_LENGTH	= 14,
	V1_A_FIELD_SIZE	= 15,
	V1_A_GROUP_ORDER = 16,
};

enum v1_encr {
	V1_ENCR_DES	= 1,
	V1_ENCR_IDEA	= 2,
	V1_ENCR_BLOWFISH = 3,
	V1_ENCR_RC5	= 4,
	V1_ENCR_3DES	= 5,
	V1_ENCR_CAST	= 6,
	V1_ENCR_AES	= 7,	/* RFC 3602 */
	V1_ENCR_CAMELLIA = 8,
};

enum v1_hash {
	V1_HASH_MD5	= 1,
	V1_HASH_SHA1	= 2,
	V1_HASH_TIGER	= 3,
	V1_HASH_SHA2_256 = 4,	/* RFC 4868 */
	V1_HASH_SHA2_384 = 5,
	V1_HASH_SHA2_512 = 6,
};

enum v1_method {
	V1_M_PSK	= 1,
	V1_M_DSS_SIG	= 2,
	V1_M_RSA_SIG	= 3,
	V1_M_RSA_ENC	= 4,
	V1_M_RSA_REV	= 5,	/* revised */
	V1_M_ECDSA_256	= 9,	/* RFC 4754 */
	V1_M_ECDSA_384	= 10,
	V1_M_ECDSA_521	= 11,
	/* draft-ietf-ipsec-isakmp-hybrid-auth: who sends no certificate is the initiator ... */
	V1_M_HYBRID_I_RSA = 64221,
	V1_M_HYBRID_R_RSA = 64222,
	V1_M_HYBRID_I_DSS = 64223,
	V1_M_HYBRID_R_DSS = 64224,
	/* draft-beaulieu-ike-xauth: who is asked by XAUTH is the initiator ... or the responder */
	V1_M_XAUTH_I_PSK = 65001,
	V1_M_XAUTH_R_PSK = 65002,
	V1_M_XAUTH_I_DSS = 65003,
	V1_M_XAUTH_R_DSS = 65004,
	V1_M_XAUTH_I_RSA = 65005,
	V1_M_XAUTH_R_RSA = 65006,
	V1_M_XAUTH_I_RSA_ENC = 65007,
	V1_M_XAUTH_R_RSA_ENC = 65008,
	V1_M_XAUTH_I_RSA_REV = 65009,
	V1_M_XAUTH_R_RSA_REV = 65010,
};

/*
 * Does this side sign, or is its proof HASH_I or HASH_R (RFC 2409, 5.1 to 5.4)?  With hybrid
 * authentication, who is asked by XAUTH does not.
 */
static inline int v1_method_signs(unsigned int method, int initiator)
{
	switch (method) {
	case V1_M_PSK:
	case V1_M_RSA_ENC:
	case V1_M_RSA_REV:
	case V1_M_XAUTH_I_PSK:
	case V1_M_XAUTH_R_PSK:
	case V1_M_XAUTH_I_RSA_ENC:
	case V1_M_XAUTH_R_RSA_ENC:
	case V1_M_XAUTH_I_RSA_REV:
	case V1_M_XAUTH_R_RSA_REV:
		return 0;
	case V1_M_HYBRID_I_RSA:
	case V1_M_HYBRID_I_DSS:
		return !initiator;
	case V1_M_HYBRID_R_RSA:
	case V1_M_HYBRID_R_DSS:
		return initiator;
	}
	return 1;
}

/*
 * Was the secret chosen before anybody had said who he is (RFC 2409, 5.4)?  Then others may have the
 * same one.
 */
static inline int v1_by_address(unsigned int exchange, unsigned int method)
{
	return exchange == V1_MAIN && (method == V1_M_PSK || method == V1_M_XAUTH_I_PSK ||
				       method == V1_M_XAUTH_R_PSK);
}

enum v1_group_type {
	V1_GROUP_MODP	= 1,
	V1_GROUP_ECP	= 2,
	V1_GROUP_EC2N	= 3,
};

enum v1_life_type {
	V1_LIFE_SECONDS	= 1,
	V1_LIFE_KILOBYTES = 2,
};

/* RFC 2407, 4.5: attributes of a transform of phase 2 */
enum v1_ipsec_attr {
	V1_IA_LIFE_TYPE	= 1,
	V1_IA_LIFE	= 2,
	V1_IA_GROUP	= 3,
	V1_IA_MODE	= 4,
	V1_IA_AUTH	= 5,
	V1_IA_KEY_LENGTH = 6,
	V1_IA_KEY_ROUNDS = 7,
	V1_IA_DICT_SIZE	= 8,
	V1_IA_PRIVATE	= 9,
	V1_IA_ESN	= 11,	/* RFC 4304 */
};

enum v1_mode {
	V1_MODE_TUNNEL	= 1,
	V1_MODE_TRANSPORT = 2,
	V1_MODE_UDP_TUNNEL = 3,	/* RFC 3947 */
	V1_MODE_UDP_TRANSPORT = 4,
	V1_MODE_UDP_TUNNEL_DRAFT = 61443,
	V1_MODE_UDP_TRANSPORT_DRAFT = 61444,
};

/* RFC 2407, 4.5: V1_IA_AUTH */
enum v1_ipsec_auth {
	V1_AUTH_HMAC_MD5 = 1,
	V1_AUTH_HMAC_SHA1 = 2,
	V1_AUTH_DES_MAC	= 3,
	V1_AUTH_KPDK	= 4,
	V1_AUTH_HMAC_SHA2_256 = 5,
	V1_AUTH_HMAC_SHA2_384 = 6,
	V1_AUTH_HMAC_SHA2_512 = 7,
};

/* RFC 2407, 4.4.3 and 4.4.4: transform IDs */
enum v1_ah { V1_AH_MD5 = 2, V1_AH_SHA1 = 3, V1_AH_DES = 4, V1_AH_SHA2_256 = 5,
	     V1_AH_SHA2_384 = 6, V1_AH_SHA2_512 = 7 };

enum v1_esp {
	V1_ESP_DES	= 2,
	V1_ESP_3DES	= 3,
	V1_ESP_NULL	= 11,
	V1_ESP_AES	= 12,	/* CBC */
	V1_ESP_AES_CTR	= 13,
	V1_ESP_AES_CCM_8 = 14,
	V1_ESP_AES_CCM_12 = 15,
	V1_ESP_AES_CCM_16 = 16,
	V1_ESP_AES_GCM_8 = 18,
	V1_ESP_AES_GCM_12 = 19,
	V1_ESP_AES_GCM_16 = 20,
};

/* RFC 2407, 4.6.2.1: types of the ID payload; those of RFC 7296, 3.5, have the same number */
enum v1_id_type {
	V1_ID_IPV4	= 1,
	V1_ID_FQDN	= 2,
	V1_ID_USER_FQDN	= 3,
	V1_ID_IPV4_SUBNET = 4,
	V1_ID_IPV6	= 5,
	V1_ID_IPV6_SUBNET = 6,
	V1_ID_IPV4_RANGE = 7,
	V1_ID_IPV6_RANGE = 8,
	V1_ID_DN	= 9,
	V1_ID_GN	= 10,
	V1_ID_KEY_ID	= 11,
};

/* RFC 2408, 3.14.1; RFC 2407, 4.6.3; RFC 3706; mode config and XAUTH have none */
enum v1_notify_type {
	V1_N_INVALID_PAYLOAD_TYPE	= 1,
	V1_N_DOI_NOT_SUPPORTED		= 2,
	V1_N_SITUATION_NOT_SUPPORTED	= 3,
	V1_N_INVALID_COOKIE		= 4,
	V1_N_INVALID_MAJOR_VERSION	= 5,
	V1_N_INVALID_MINOR_VERSION	= 6,
	V1_N_INVALID_EXCHANGE_TYPE	= 7,
	V1_N_INVALID_FLAGS		= 8,
	V1_N_INVALID_MESSAGE_ID		= 9,
	V1_N_INVALID_PROTOCOL_ID	= 10,
	V1_N_INVALID_SPI		= 11,
	V1_N_INVALID_TRANSFORM_ID	= 12,
	V1_N_ATTRIBUTES_NOT_SUPPORTED	= 13,
	V1_N_NO_PROPOSAL_CHOSEN		= 14,
	V1_N_BAD_PROPOSAL_SYNTAX	= 15,
	V1_N_PAYLOAD_MALFORMED		= 16,
	V1_N_INVALID_KEY_INFORMATION	= 17,
	V1_N_INVALID_ID_INFORMATION	= 18,
	V1_N_INVALID_CERT_ENCODING	= 19,
	V1_N_INVALID_CERTIFICATE	= 20,
	V1_N_CERT_TYPE_UNSUPPORTED	= 21,
	V1_N_INVALID_CERT_AUTHORITY	= 22,
	V1_N_INVALID_HASH_INFORMATION	= 23,
	V1_N_AUTHENTICATION_FAILED	= 24,
	V1_N_INVALID_SIGNATURE		= 25,
	V1_N_ADDRESS_NOTIFICATION	= 26,
	V1_N_NOTIFY_SA_LIFETIME		= 27,
	V1_N_CERTIFICATE_UNAVAILABLE	= 28,
	V1_N_UNSUPPORTED_EXCHANGE_TYPE	= 29,
	V1_N_UNEQUAL_PAYLOAD_LENGTHS	= 30,
	V1_N_CONNECTED			= 16384, /* from here on: status */
	V1_N_RESPONDER_LIFETIME		= 24576,
	V1_N_REPLAY_STATUS		= 24577,
	V1_N_INITIAL_CONTACT		= 24578,
	V1_N_R_U_THERE			= 36136,
	V1_N_R_U_THERE_ACK		= 36137,
};

#define V1_N_STATUS		16384

/* draft-ietf-ipsec-isakmp-mode-cfg: types of the Attributes payload, as enum ike_cfg_type */
/* draft-beaulieu-ike-xauth, 6; attributes of mode config are those of RFC 7296 */
enum v1_xauth_attr {
	V1_X_TYPE	= 16520,
	V1_X_USER_NAME	= 16521,
	V1_X_USER_PASSWORD = 16522,
	V1_X_PASSCODE	= 16523,
	V1_X_MESSAGE	= 16524,
	V1_X_CHALLENGE	= 16525,
	V1_X_DOMAIN	= 16526,
	V1_X_STATUS	= 16527,
	V1_X_NEXT_PIN	= 16528,
	V1_X_ANSWER	= 16529,
};

/* Cisco Unity, in mode config */
enum v1_unity_attr {
	V1_U_BANNER	= 28672,
	V1_U_SAVE_PASSWD = 28673,
	V1_U_DEF_DOMAIN	= 28674,
	V1_U_SPLIT_DNS	= 28675,
	V1_U_SPLIT_INCLUDE = 28676,
	V1_U_NATT_PORT	= 28677,
	V1_U_LOCAL_LAN	= 28678,
	V1_U_PFS	= 28679,
	V1_U_FW_TYPE	= 28680,
	V1_U_BACKUP_SERVERS = 28681,
	V1_U_DDNS_HOSTNAME = 28682,
};

#endif /* _ISAKMP_IKEV1_H */
