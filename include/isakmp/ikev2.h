/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause */
/* The numbers of IKEv2 (RFC 7296 and its IANA registries). */
#ifndef _ISAKMP_IKEV2_H
#define _ISAKMP_IKEV2_H

/* RFC 7296, 3.1: the header */
#define IKE_HDR_LEN		28
#define IKE_HDR_NEXT_AT		16	/* offset of Next Payload */
#define IKE_HDR_FLAGS_AT	19	/* of Flags */
#define IKE_HDR_MSGID_AT	20	/* of Message ID */
#define IKE_HDR_LENGTH_AT	24	/* of Length */
#define IKE_V2_MAJOR		2
#define IKE_FLAG_INITIATOR	0x08	/* sent by the original initiator */
#define IKE_FLAG_VERSION	0x10	/* could speak a higher version */
#define IKE_FLAG_RESPONSE	0x20
#define IKE_PORT_NATT		4500	/* RFC 7296, 2.23 */
#define IKE_NON_ESP_LEN		4	/* zero octets before IKE on port 4500 */

enum ike_exchange {
	IKE_SA_INIT		= 34,
	IKE_AUTH		= 35,
	IKE_CREATE_CHILD_SA	= 36,
	IKE_INFORMATIONAL	= 37,
	IKE_SESSION_RESUME	= 38,	/* RFC 5723 */
};

/* RFC 7296, 3.2: payload types */
enum ike_payload_type {
	IKE_PL_NONE	= 0,
	IKE_PL_SA	= 33,
	IKE_PL_KE	= 34,
	IKE_PL_IDI	= 35,
	IKE_PL_IDR	= 36,
	IKE_PL_CERT	= 37,
	IKE_PL_CERTREQ	= 38,
	IKE_PL_AUTH	= 39,
	IKE_PL_NONCE	= 40,
	IKE_PL_NOTIFY	= 41,
	IKE_PL_DELETE	= 42,
	IKE_PL_VENDOR	= 43,
	IKE_PL_TSI	= 44,
	IKE_PL_TSR	= 45,
	IKE_PL_SK	= 46,
	IKE_PL_CP	= 47,
	IKE_PL_EAP	= 48,
	IKE_PL_SKF	= 53,	/* RFC 7383 */
};

#define IKE_PL_FIRST		IKE_PL_SA
#define IKE_PL_LAST		IKE_PL_EAP	/* above: unknown to us, but SKF */
#define IKE_PL_CRITICAL		0x80
#define IKE_PL_HDR_LEN		4
#define IKE_SKF_LEN		4	/* RFC 7383, 2.5: number and total, before the IV */

/* RFC 7296, 3.3: proposals and transforms */
enum ike_protocol {
	IKE_PROTO_NONE	= 0,
	IKE_PROTO_IKE	= 1,
	IKE_PROTO_AH	= 2,
	IKE_PROTO_ESP	= 3,
};

enum ike_transform_type {
	IKE_T_ENCR	= 1,
	IKE_T_PRF	= 2,
	IKE_T_INTEG	= 3,
	IKE_T_KE	= 4,
	IKE_T_ESN	= 5,
};

#define IKE_T_LAST		IKE_T_ESN
#define IKE_ATTR_KEY_LENGTH	14

/* RFC 8247 and the registry; key lengths are attributes but where noted */
enum ike_encr {
	IKE_ENCR_NONE		= 0,
	IKE_ENCR_3DES		= 3,	/* RFC 2451 */
	IKE_ENCR_AES_CBC	= 12,
	IKE_ENCR_AES_CTR	= 13,	/* RFC 3686, RFC 5930 */
	IKE_ENCR_AES_CCM_8	= 14,	/* RFC 4309, RFC 5282 */
	IKE_ENCR_AES_CCM_12	= 15,
	IKE_ENCR_AES_CCM_16	= 16,
	IKE_ENCR_AES_GCM_8	= 18,	/* RFC 4106, RFC 5282 */
	IKE_ENCR_AES_GCM_12	= 19,
	IKE_ENCR_AES_GCM_16	= 20,
	IKE_ENCR_CHACHA20_POLY1305 = 28, /* RFC 7634: 256 bits, no attribute */
};

enum ike_prf {
	IKE_PRF_HMAC_MD5	= 1,	/* RFC 2104 */
	IKE_PRF_HMAC_SHA1	= 2,
	IKE_PRF_HMAC_SHA2_256	= 5,
	IKE_PRF_HMAC_SHA2_384	= 6,
	IKE_PRF_HMAC_SHA2_512	= 7,
};

enum ike_integ {
	IKE_INTEG_NONE		= 0,
	IKE_INTEG_HMAC_MD5_96	= 1,
	IKE_INTEG_HMAC_SHA1_96	= 2,
	IKE_INTEG_HMAC_SHA2_256_128 = 12, /* RFC 4868 */
	IKE_INTEG_HMAC_SHA2_384_192 = 13,
	IKE_INTEG_HMAC_SHA2_512_256 = 14,
};

enum ike_ke {
	IKE_KE_NONE		= 0,
	IKE_KE_MODP_1024	= 2,	/* RFC 2409, 6.2 */
	IKE_KE_MODP_1536	= 5,	/* RFC 3526 */
	IKE_KE_MODP_2048	= 14,
	IKE_KE_MODP_3072	= 15,
	IKE_KE_MODP_4096	= 16,
	IKE_KE_MODP_6144	= 17,
	IKE_KE_MODP_8192	= 18,
	IKE_KE_ECP_256		= 19,	/* RFC 5903 */
	IKE_KE_ECP_384		= 20,
	IKE_KE_ECP_521		= 21,	/* by the helper */
	IKE_KE_X25519		= 31,	/* RFC 8031 */
	IKE_KE_X448		= 32,	/* RFC 8031; by the helper */
};

/* IPComp transforms: RFC 7296, 3.10.1 */
enum ike_ipcomp {
	IKE_IPCOMP_DEFLATE	= 2,	/* RFC 2394 */
};

enum ike_esn {
	IKE_ESN_NO		= 0,
	IKE_ESN_YES		= 1,
};

/* RFC 7296, 3.5: identities */
enum ike_id_type {
	IKE_ID_IPV4	= 1,
	IKE_ID_FQDN	= 2,
	IKE_ID_EMAIL	= 3,
	IKE_ID_IPV6	= 5,
	IKE_ID_DN	= 9,
	IKE_ID_GN	= 10,
	IKE_ID_KEY_ID	= 11,
};

/* RFC 7296, 3.8 and RFC 7427: authentication methods */
enum ike_auth_method {
	IKE_AM_RSA_SIG		= 1,
	IKE_AM_PSK		= 2,
	IKE_AM_DSS_SIG		= 3,
	IKE_AM_ECDSA_256	= 9,	/* RFC 4754: SHA2-256 on P-256 */
	IKE_AM_ECDSA_384	= 10,
	IKE_AM_ECDSA_521	= 11,
	IKE_AM_DIGITAL_SIG	= 14,
};

/* RFC 7296, 3.10.1: notify message types; below 16384 they are errors */
enum ike_notify_type {
	IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD	= 1,
	IKE_N_INVALID_IKE_SPI			= 4,
	IKE_N_INVALID_MAJOR_VERSION		= 5,
	IKE_N_INVALID_SYNTAX			= 7,
	IKE_N_INVALID_MESSAGE_ID		= 9,
	IKE_N_INVALID_SPI			= 11,
	IKE_N_NO_PROPOSAL_CHOSEN		= 14,
	IKE_N_INVALID_KE_PAYLOAD		= 17,
	IKE_N_AUTHENTICATION_FAILED		= 24,
	IKE_N_SINGLE_PAIR_REQUIRED		= 34,
	IKE_N_NO_ADDITIONAL_SAS			= 35,
	IKE_N_INTERNAL_ADDRESS_FAILURE		= 36,
	IKE_N_FAILED_CP_REQUIRED		= 37,
	IKE_N_TS_UNACCEPTABLE			= 38,
	IKE_N_INVALID_SELECTORS			= 39,
	IKE_N_UNACCEPTABLE_ADDRESSES		= 40, /* RFC 4555 */
	IKE_N_UNEXPECTED_NAT_DETECTED		= 41, /* RFC 4555 */
	IKE_N_TEMPORARY_FAILURE			= 43,
	IKE_N_CHILD_SA_NOT_FOUND		= 44,

	IKE_N_STATUS				= 16384, /* from here on: status */
	IKE_N_INITIAL_CONTACT			= 16384,
	IKE_N_SET_WINDOW_SIZE			= 16385,
	IKE_N_ADDITIONAL_TS_POSSIBLE		= 16386,
	IKE_N_IPCOMP_SUPPORTED			= 16387,
	IKE_N_NAT_DETECTION_SOURCE_IP		= 16388,
	IKE_N_NAT_DETECTION_DESTINATION_IP	= 16389,
	IKE_N_COOKIE				= 16390,
	IKE_N_USE_TRANSPORT_MODE		= 16391,
	IKE_N_HTTP_CERT_LOOKUP_SUPPORTED	= 16392,
	IKE_N_REKEY_SA				= 16393,
	IKE_N_ESP_TFC_PADDING_NOT_SUPPORTED	= 16394,
	IKE_N_NON_FIRST_FRAGMENTS_ALSO		= 16395,
	IKE_N_MOBIKE_SUPPORTED			= 16396, /* RFC 4555, as those that follow */
	IKE_N_ADDITIONAL_IP4_ADDRESS		= 16397,
	IKE_N_ADDITIONAL_IP6_ADDRESS		= 16398,
	IKE_N_NO_ADDITIONAL_ADDRESSES		= 16399,
	IKE_N_UPDATE_SA_ADDRESSES		= 16400,
	IKE_N_COOKIE2				= 16401,
	IKE_N_NO_NATS_ALLOWED			= 16402,
	IKE_N_AUTH_LIFETIME			= 16403, /* RFC 4478 */
	IKE_N_REDIRECT_SUPPORTED		= 16406, /* RFC 5685 */
	IKE_N_REDIRECT				= 16407, /* RFC 5685 */
	IKE_N_REDIRECTED_FROM			= 16408, /* RFC 5685 */
	IKE_N_TICKET_LT_OPAQUE			= 16409, /* RFC 5723, as those that follow */
	IKE_N_TICKET_REQUEST			= 16410,
	IKE_N_TICKET_ACK			= 16411,
	IKE_N_TICKET_NACK			= 16412,
	IKE_N_TICKET_OPAQUE			= 16413,
	IKE_N_CHILDLESS_SUPPORTED		= 16418, /* RFC 6023 */
	IKE_N_QCD_TOKEN				= 16419, /* RFC 6290 */
	IKE_N_FRAGMENTATION_SUPPORTED		= 16430, /* RFC 7383 */
	IKE_N_SIGNATURE_HASH_ALGORITHMS		= 16431, /* RFC 7427 */
};

/* RFC 7296, 3.6: the certificate encodings whose syntax it defines, and raw keys */
enum ike_cert_encoding {
	IKE_CERT_X509_SIGNATURE	= 4,
	IKE_CERT_CRL		= 7,
	IKE_CERT_HASH_URL	= 12,
	IKE_CERT_HASH_URL_BUNDLE = 13,
	IKE_CERT_RAW_PUBLIC_KEY	= 15,	/* RFC 7670 */
};

#define IKE_CERTREQ_HASH_LEN	20	/* SHA-1 of a SubjectPublicKeyInfo (3.7) */

/* RFC 7427, 7: hash algorithms of signatures */
enum ike_hash {
	IKE_HASH_SHA1		= 1,
	IKE_HASH_SHA2_256	= 2,
	IKE_HASH_SHA2_384	= 3,
	IKE_HASH_SHA2_512	= 4,
	IKE_HASH_IDENTITY	= 5,	/* RFC 8420 */
};

#define IKE_HASH_BIT(h)		(1U << (h))

/* RFC 7296, 3.13.1: traffic selector types */
enum ike_ts_type {
	IKE_TS_IPV4	= 7,
	IKE_TS_IPV6	= 8,
};

/* RFC 7296, 3.15: configuration types */
enum ike_cfg_type {
	IKE_CFG_REQUEST	= 1,
	IKE_CFG_REPLY	= 2,
	IKE_CFG_SET	= 3,
	IKE_CFG_ACK	= 4,
};

/* Configuration attributes (RFC 7296, 3.15.1; RFC 8598) that are spoken here */
enum ike_cfg_attr {
	IKE_CFG_IP4_ADDRESS	= 1,
	IKE_CFG_IP4_NETMASK	= 2,
	IKE_CFG_IP4_DNS		= 3,
	IKE_CFG_IP4_NBNS	= 4,
	IKE_CFG_IP4_DHCP	= 6,
	IKE_CFG_APPLICATION_VERSION = 7,
	IKE_CFG_IP6_ADDRESS	= 8,
	IKE_CFG_IP6_DNS		= 10,
	IKE_CFG_IP6_DHCP	= 12,
	IKE_CFG_IP4_SUBNET	= 13,
	IKE_CFG_SUPPORTED	= 14,
	IKE_CFG_IP6_SUBNET	= 15,
	IKE_CFG_DNS_DOMAIN	= 25,
	IKE_CFG_DNSSEC_TA	= 26,
};

#endif /* _ISAKMP_IKEV2_H */
