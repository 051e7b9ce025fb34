/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Payload bodies but SA, TS and CP (RFC 7296, 3.4 to 3.12, 3.16).
 *
 * Each has a decode and an encode that are inverses.  decode() checks every
 * length before it fills the struct, whose pointers then lead into the message;
 * when it refuses, the struct is as it was.  encode() appends the body to a
 * payload opened with isakmp_build_payload(), reserved octets as zeros.
 *
 * A Vendor ID (3.12) is its body and needs neither.
 */
#ifndef _ISAKMP_WIRE_PAYLOAD_H
#define _ISAKMP_WIRE_PAYLOAD_H

#include "wire/chain.h"

/**
 * struct isakmp_ke - Key Exchange (RFC 7296, 3.4)
 * @group: key exchange method (enum ike_ke)
 * @value: public value
 * @len: its octets, at least 1; what the group needs, crypto checks
 *
 *   +-------------------------------+-------------------------------+
 *   |   Diffie-Hellman Group Num    |           reserved            |
 *   +-------------------------------+-------------------------------+
 *   ~                       Key Exchange Data                       ~
 *   +---------------------------------------------------------------+
 */
struct isakmp_ke {
	u16 group;
	const u8 *value;
	u16 len;
};

/**
 * struct isakmp_id - Identification (RFC 7296, 3.5)
 * @type: enum ike_id_type; one unknown to us is kept: policy decides
 * @value: identity
 * @len: its octets: 4 for IPV4, 16 for IPV6, else 1 to IKE_ID_MAX
 *
 * FQDN and EMAIL hold no NUL, LF or CR.
 *
 *   +---------------+-----------------------------------------------+
 *   |    ID Type    |                   reserved                    |
 *   +---------------+-----------------------------------------------+
 *   ~                      Identification Data                      ~
 *   +---------------------------------------------------------------+
 */
struct isakmp_id {
	u8 type;
	const u8 *value;
	u16 len;
};

#define IKE_CERT_HASH_LEN 20		/* SHA-1 */

/**
 * struct isakmp_cert - Certificate, Certificate Request (RFC 7296, 3.6 and 3.7)
 * @encoding: enum ike_cert_encoding, or another
 * @value: certificate data, or certification authority
 * @len: its octets.  CERT: at least 1, for hash and URL more than the hash.
 *	CERTREQ: may be 0; for the X.509 encodings a multiple of the hash
 *
 *   +---------------+-----------------------------------------------+
 *   | Cert Encoding |                                               |
 *   +---------------+                                               |
 *   ~          Certificate Data / Certification Authority           ~
 *   +---------------------------------------------------------------+
 */
struct isakmp_cert {
	u8 encoding;
	const u8 *value;
	u16 len;
};

/**
 * struct isakmp_auth_pl - Authentication (RFC 7296, 3.8)
 * @method: enum ike_auth_method, or another
 * @value: authentication data
 * @len: its octets, 1 to IKE_AUTH_MAX
 *
 *   +---------------+-----------------------------------------------+
 *   |  Auth Method  |                   reserved                    |
 *   +---------------+-----------------------------------------------+
 *   ~                      Authentication Data                      ~
 *   +---------------------------------------------------------------+
 */
struct isakmp_auth_pl {
	u8 method;
	const u8 *value;
	u16 len;
};

/**
 * struct isakmp_nonce - Nonce (RFC 7296, 3.9)
 * @value: the nonce, which is the whole body
 * @len: its octets, IKE_NONCE_MIN to IKE_NONCE_MAX
 */
struct isakmp_nonce {
	const u8 *value;
	u16 len;
};

/**
 * struct isakmp_notify - Notify (RFC 7296, 3.10)
 * @protocol: protocol of @spi; means nothing when @spi_size is 0
 * @spi_size: 0, 4 (then @protocol is AH or ESP), or 8 (then it is IKE, which
 *	RFC 7296 never sends: tolerated); always 4 with REKEY_SA
 * @type: enum ike_notify_type, or one unknown to us
 * @spi: SPI, or where it would be
 * @data: notification data
 * @len: its octets, which fit @type where its text says how many
 *
 * Data is never read as payloads, whatever the type.
 *
 *   +---------------+---------------+-------------------------------+
 *   |  Protocol ID  |   SPI Size    |      Notify Message Type      |
 *   +---------------+---------------+-------------------------------+
 *   ~                        SPI (variable)                         ~
 *   +---------------------------------------------------------------+
 *   ~                       Notification Data                       ~
 *   +---------------------------------------------------------------+
 */
struct isakmp_notify {
	u8 protocol;
	u8 spi_size;
	u16 type;
	const u8 *spi;
	const u8 *data;
	u16 len;
};

/**
 * struct isakmp_delete - Delete (RFC 7296, 3.11)
 * @protocol: IKE, AH or ESP
 * @spi_size: 0 for IKE, 4 for AH and ESP
 * @n: 0 for IKE, at least 1 for AH and ESP
 * @spis: @n * @spi_size octets, which end the body
 *
 *   +---------------+---------------+-------------------------------+
 *   |  Protocol ID  |   SPI Size    |          Num of SPIs          |
 *   +---------------+---------------+-------------------------------+
 *   ~                             SPIs                              ~
 *   +---------------------------------------------------------------+
 */
struct isakmp_delete {
	u8 protocol;
	u8 spi_size;
	u16 n;
	const u8 *spis;
};

/* RFC 7296, 3.16: codes of EAP messages */
enum ike_eap_code {
	IKE_EAP_REQUEST	 = 1,
	IKE_EAP_RESPONSE = 2,
	IKE_EAP_SUCCESS	 = 3,
	IKE_EAP_FAILURE	 = 4,
};

/**
 * struct isakmp_eap - Extensible Authentication Protocol (RFC 7296, 3.16)
 * @code: enum ike_eap_code
 * @identifier: identifier
 * @packet: the whole EAP packet, @code first, which is the whole body
 * @len: its octets: 4 for Success and Failure, else at least 5, for the type
 *
 * @code and @identifier repeat what is in @packet; encoding writes @packet.
 *
 *   +---------------+---------------+-------------------------------+
 *   |     Code      |  Identifier   |            Length             |
 *   +---------------+---------------+-------------------------------+
 *   |     Type      |  Type_Data ...    (Request and Response)
 *   +---------------+----------------
 */
struct isakmp_eap {
	u8 code;
	u8 identifier;
	const u8 *packet;
	u16 len;
};

/*
 * The decoders.  Context: any.  Return: OK, or the BAD_ reason of the payload
 * (BAD_CERT for CERT and CERTREQ, which p->type tells apart).
 */
enum isakmp_reason isakmp_ke_decode(const struct isakmp_payload *p, struct isakmp_ke *v);
enum isakmp_reason isakmp_id_decode(const struct isakmp_payload *p, struct isakmp_id *v);
enum isakmp_reason isakmp_cert_decode(const struct isakmp_payload *p, struct isakmp_cert *v);
enum isakmp_reason isakmp_auth_decode(const struct isakmp_payload *p, struct isakmp_auth_pl *v);
enum isakmp_reason isakmp_nonce_decode(const struct isakmp_payload *p, struct isakmp_nonce *v);
enum isakmp_reason isakmp_notify_decode(const struct isakmp_payload *p, struct isakmp_notify *v);
enum isakmp_reason isakmp_delete_decode(const struct isakmp_payload *p, struct isakmp_delete *v);
enum isakmp_reason isakmp_eap_decode(const struct isakmp_payload *p, struct isakmp_eap *v);

/* The encoders.  Context: any. */
void isakmp_ke_encode(struct isakmp_out *o, const struct isakmp_ke *v);
void isakmp_id_encode(struct isakmp_out *o, const struct isakmp_id *v);
void isakmp_cert_encode(struct isakmp_out *o, const struct isakmp_cert *v);
void isakmp_auth_encode(struct isakmp_out *o, const struct isakmp_auth_pl *v);
void isakmp_nonce_encode(struct isakmp_out *o, const struct isakmp_nonce *v);
void isakmp_notify_encode(struct isakmp_out *o, const struct isakmp_notify *v);
void isakmp_delete_encode(struct isakmp_out *o, const struct isakmp_delete *v);
void isakmp_eap_encode(struct isakmp_out *o, const struct isakmp_eap *v);

/**
 * isakmp_payload_check() - is a payload's body well-formed for its known type?
 * @p: the payload
 *
 * Dispatches to the decoder of the type, SA, TS and CP too.  Unknown types and
 * VENDOR are always OK.  SK and SKF must not be empty (Pad Length is always there);
 * the rest of them is known only with the keys.
 *
 * Context: any.
 * Return: OK, or the BAD_ reason of the payload.
 */
enum isakmp_reason isakmp_payload_check(const struct isakmp_payload *p);

#endif
