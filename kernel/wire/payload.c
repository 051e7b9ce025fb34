// SPDX-License-Identifier: GPL-2.0
/* Payload bodies of one value: KE, CERT, CERTREQ, AUTH, Nonce, Delete, EAP. */
#include "wire/cp.h"
#include "wire/payload.h"
#include "wire/sa.h"
#include "wire/ts.h"

enum isakmp_reason isakmp_ke_decode(const struct isakmp_payload *p, struct isakmp_ke *v)
{
	struct isakmp_cur c;
	u16 group;

	isakmp_cur_init(&c, p->body, p->len);
	/* RFC 7296, 3.4: RESERVED, 2 octets, ignored on receipt */
	if (!isakmp_cur_u16(&c, &group) || !isakmp_cur_take(&c, 2, NULL) || !c.left)
		return ISAKMP_R_BAD_KE;

	v->group = group;
	isakmp_cur_rest(&c, &v->value, &v->len);
	return ISAKMP_OK;
}

void isakmp_ke_encode(struct isakmp_out *o, const struct isakmp_ke *v)
{
	isakmp_out_u16(o, v->group);
	isakmp_out_zero(o, 2);
	isakmp_out_bytes(o, v->value, v->len);
}

static bool cert_len_holds(u8 encoding, size_t len)
{
	switch (encoding) {
	case IKE_CERT_HASH_URL:
	case IKE_CERT_HASH_URL_BUNDLE:
		/* RFC 7296, 3.6: a 20-octet SHA-1 hash, then a URL */
		return len > IKE_CERT_HASH_LEN;
	default:
		return len > 0;
	}
}

static bool certreq_len_holds(u8 encoding, size_t len)
{
	switch (encoding) {
	case IKE_CERT_X509_SIGNATURE:
	case IKE_CERT_HASH_URL:
	case IKE_CERT_HASH_URL_BUNDLE:
		/* RFC 7296, 3.7: 20-octet hashes with no other formatting */
		return len % IKE_CERT_HASH_LEN == 0;
	default:
		return true;
	}
}

enum isakmp_reason isakmp_cert_decode(const struct isakmp_payload *p, struct isakmp_cert *v)
{
	struct isakmp_cur c;
	u8 encoding;

	isakmp_cur_init(&c, p->body, p->len);
	if (!isakmp_cur_u8(&c, &encoding))
		return ISAKMP_R_BAD_CERT;
	if (p->type == IKE_PL_CERTREQ ? !certreq_len_holds(encoding, c.left) :
					!cert_len_holds(encoding, c.left))
		return ISAKMP_R_BAD_CERT;

	v->encoding = encoding;
	isakmp_cur_rest(&c, &v->value, &v->len);
	return ISAKMP_OK;
}

void isakmp_cert_encode(struct isakmp_out *o, const struct isakmp_cert *v)
{
	isakmp_out_u8(o, v->encoding);
	isakmp_out_bytes(o, v->value, v->len);
}

enum isakmp_reason isakmp_auth_decode(const struct isakmp_payload *p, struct isakmp_auth_pl *v)
{
	struct isakmp_cur c;
	u8 method;

	isakmp_cur_init(&c, p->body, p->len);
	/* RFC 7296, 3.8: RESERVED MUST be ignored on receipt */
	if (!isakmp_cur_u8(&c, &method) || !isakmp_cur_take(&c, 3, NULL) ||
	    !c.left || c.left > IKE_AUTH_MAX)
		return ISAKMP_R_BAD_AUTH;

	v->method = method;
	isakmp_cur_rest(&c, &v->value, &v->len);
	return ISAKMP_OK;
}

void isakmp_auth_encode(struct isakmp_out *o, const struct isakmp_auth_pl *v)
{
	isakmp_out_u8(o, v->method);
	isakmp_out_zero(o, 3);
	isakmp_out_bytes(o, v->value, v->len);
}

enum isakmp_reason isakmp_nonce_decode(const struct isakmp_payload *p, struct isakmp_nonce *v)
{
	/* RFC 7296, 3.9: MUST be between 16 and 256 octets, inclusive */
	if (p->len < IKE_NONCE_MIN || p->len > IKE_NONCE_MAX)
		return ISAKMP_R_BAD_NONCE;

	v->value = p->body;
	v->len = p->len;
	return ISAKMP_OK;
}

void isakmp_nonce_encode(struct isakmp_out *o, const struct isakmp_nonce *v)
{
	isakmp_out_bytes(o, v->value, v->len);
}

/* RFC 7296, 3.11: no SPIs for IKE, whose SPI size MUST be zero; 4 for AH and ESP. */
static bool delete_counts_hold(u8 protocol, u8 spi_size, u16 n)
{
	switch (protocol) {
	case IKE_PROTO_IKE:
		return spi_size == 0 && n == 0;
	case IKE_PROTO_AH:
	case IKE_PROTO_ESP:
		return spi_size == 4;
	default:
		return false;
	}
}

enum isakmp_reason isakmp_delete_decode(const struct isakmp_payload *p, struct isakmp_delete *v)
{
	struct isakmp_cur c;
	u8 protocol, spi_size;
	u16 n;

	isakmp_cur_init(&c, p->body, p->len);
	if (!isakmp_cur_u8(&c, &protocol) || !isakmp_cur_u8(&c, &spi_size) ||
	    !isakmp_cur_u16(&c, &n) || !delete_counts_hold(protocol, spi_size, n))
		return ISAKMP_R_BAD_DELETE;
	/* RFC 7296, 3.11: the length is determined by SPI Size and Num of SPIs */
	if (c.left != (u32)n * spi_size)
		return ISAKMP_R_BAD_DELETE;

	v->protocol = protocol;
	v->spi_size = spi_size;
	v->n = n;
	v->spis = c.p;
	return ISAKMP_OK;
}

void isakmp_delete_encode(struct isakmp_out *o, const struct isakmp_delete *v)
{
	isakmp_out_u8(o, v->protocol);
	isakmp_out_u8(o, v->spi_size);
	isakmp_out_u16(o, v->n);
	isakmp_out_bytes(o, v->spis, (u32)v->n * v->spi_size);
}

static bool eap_len_holds(u8 code, u16 len)
{
	switch (code) {
	case IKE_EAP_REQUEST:
	case IKE_EAP_RESPONSE:
		return len >= 5;
	case IKE_EAP_SUCCESS:
	case IKE_EAP_FAILURE:
		/* RFC 7296, 3.16: MUST be four octets, no Type, no Type_Data */
		return len == 4;
	default:
		return false;
	}
}

enum isakmp_reason isakmp_eap_decode(const struct isakmp_payload *p, struct isakmp_eap *v)
{
	struct isakmp_cur c;
	u8 code, identifier;
	u16 len;

	isakmp_cur_init(&c, p->body, p->len);
	if (!isakmp_cur_u8(&c, &code) || !isakmp_cur_u8(&c, &identifier) ||
	    !isakmp_cur_u16(&c, &len))
		return ISAKMP_R_BAD_EAP;
	/* RFC 7296, 3.16: Length MUST be four less than the Payload Length */
	if (len != p->len || !eap_len_holds(code, len))
		return ISAKMP_R_BAD_EAP;

	v->code = code;
	v->identifier = identifier;
	v->packet = p->body;
	v->len = len;
	return ISAKMP_OK;
}

void isakmp_eap_encode(struct isakmp_out *o, const struct isakmp_eap *v)
{
	isakmp_out_bytes(o, v->packet, v->len);
}

/* RFC 7296, 3.14: Pad Length is always there. */
static enum isakmp_reason sk_check(const struct isakmp_payload *p)
{
	return p->len ? ISAKMP_OK : ISAKMP_R_BAD_SK;
}

static enum isakmp_reason skf_check(const struct isakmp_payload *p)
{
	struct isakmp_skf skf;

	return isakmp_skf_decode(p, &skf);
}

enum isakmp_reason isakmp_payload_check(const struct isakmp_payload *p)
{
	union {
		struct isakmp_ke ke;
		struct isakmp_id id;
		struct isakmp_cert cert;
		struct isakmp_auth_pl auth;
		struct isakmp_nonce nonce;
		struct isakmp_notify notify;
		struct isakmp_delete delete;
		struct isakmp_eap eap;
		u8 cfg_type;
	} v;

	switch (p->type) {
	case IKE_PL_SA:
		return isakmp_sa_decode(p, NULL);
	case IKE_PL_KE:
		return isakmp_ke_decode(p, &v.ke);
	case IKE_PL_IDI:
	case IKE_PL_IDR:
		return isakmp_id_decode(p, &v.id);
	case IKE_PL_CERT:
	case IKE_PL_CERTREQ:
		return isakmp_cert_decode(p, &v.cert);
	case IKE_PL_AUTH:
		return isakmp_auth_decode(p, &v.auth);
	case IKE_PL_NONCE:
		return isakmp_nonce_decode(p, &v.nonce);
	case IKE_PL_NOTIFY:
		return isakmp_notify_decode(p, &v.notify);
	case IKE_PL_DELETE:
		return isakmp_delete_decode(p, &v.delete);
	case IKE_PL_TSI:
	case IKE_PL_TSR:
		return isakmp_ts_decode(p, NULL, 0, NULL);
	case IKE_PL_SK:
		return sk_check(p);
	case IKE_PL_SKF:
		return skf_check(p);
	case IKE_PL_CP:
		return isakmp_cp_decode(p, &v.cfg_type, NULL);
	case IKE_PL_EAP:
		return isakmp_eap_decode(p, &v.eap);
	default:
		return ISAKMP_OK;
	}
}
