// SPDX-License-Identifier: GPL-2.0
/* Bodies of payloads, each by the codec's decoder; a row per type. */
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "../common/addr.h"
#include "../common/id.h"
#include "../common/reason.h"
#include "../common/ts.h"
#include "decode.h"
#include "wire/cp.h"
#include "wire/payload.h"
#include "wire/sa.h"
#include "wire/ts.h"

/* ---- SA ------------------------------------------------------------------ */

static void transform_show(struct out *o, const struct isakmp_transform *t)
{
	const char *name = decode_transform(t->type, t->id);
	char number[16], bits[16], text[64];

	snprintf(number, sizeof(number), "%u", t->id);
	snprintf(bits, sizeof(bits), "-%u", t->keylen);
	snprintf(text, sizeof(text), "%s%s%s", name ? name : number,
		 t->keylen ? bits : "", t->odd ? "-odd" : "");
	out_text(o, NULL, text);
}

/* All transforms of one type, in their order. */
static bool type_show(struct out *o, const struct isakmp_proposal *p, unsigned int type)
{
	const char *name = decode_transform_type(type);
	struct isakmp_transform t;
	struct isakmp_cur c;
	char number[16];
	bool open = false;

	snprintf(number, sizeof(number), "type-%u", type);
	isakmp_cur_init(&c, p->transforms, p->len);
	while (isakmp_transform_next(&c, &t)) {
		if (t.type != type)
			continue;
		if (!open)
			out_list(o, name ? name : number);
		open = true;
		transform_show(o, &t);
	}
	if (open)
		out_list_end(o);
	return open;
}

static void proposal_show(struct out *o, const struct isakmp_proposal *p)
{
	out_break(o);
	out_open(o, "proposal");
	out_bare(o);
	out_uint(o, "num", p->num);
	out_bare(o);
	out_name(o, "protocol", decode_protocol(p->protocol), p->protocol);
	if (p->spi_size)
		out_octets(o, "spi", p->spi, p->spi_size);
	for (unsigned int type = 0; type <= U8_MAX; type++)
		type_show(o, p, type);
	out_close(o);
}

static enum isakmp_reason sa_show(struct out *o, const struct isakmp_payload *p)
{
	enum isakmp_reason r = isakmp_sa_decode(p, NULL);
	struct isakmp_proposal v;
	struct isakmp_cur c;

	if (r != ISAKMP_OK)
		return r;
	isakmp_cur_init(&c, p->body, p->len);
	out_records(o, "proposals");
	while (isakmp_proposal_next(&c, &v))
		proposal_show(o, &v);
	out_records_end(o);
	return r;
}

/* ---- KE, Nonce, ID, Vendor ID ---------------------------------------------- */

static enum isakmp_reason ke_show(struct out *o, const struct isakmp_payload *p)
{
	struct isakmp_ke v;
	enum isakmp_reason r = isakmp_ke_decode(p, &v);

	if (r != ISAKMP_OK)
		return r;
	out_bare(o);
	out_name(o, "group", decode_transform(IKE_T_KE, v.group), v.group);
	out_octets(o, "value", v.value, v.len);
	return r;
}

static enum isakmp_reason nonce_show(struct out *o, const struct isakmp_payload *p)
{
	struct isakmp_nonce v;
	enum isakmp_reason r = isakmp_nonce_decode(p, &v);

	if (r == ISAKMP_OK)
		out_octets(o, "value", v.value, v.len);
	return r;
}

static enum isakmp_reason id_show(struct out *o, const struct isakmp_payload *p)
{
	char text[IDENT_TEXT_MAX];
	struct isakmp_id v;
	enum isakmp_reason r = isakmp_id_decode(p, &v);
	struct ident id;

	if (r != ISAKMP_OK)
		return r;
	out_bare(o);
	if (ident_from_body(p->body, p->len, &id))
		out_text(o, "id", ident_print(&id, text, sizeof(text)));
	else
		out_octets(o, "id", v.value, v.len);
	return r;
}

static bool readable(const u8 *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] < ' ' || p[i] >= 0x7f)
			return false;
	return n;
}

/**
 * decode_vendor() - writes the body of a Vendor ID
 * @o: the writer
 * @p: the payload
 */
void decode_vendor(struct out *o, const struct isakmp_payload *p)
{
	if (readable(p->body, p->len))
		out_escaped(o, "text", p->body, p->len);
	else
		out_octets(o, "value", p->body, p->len);
}

static enum isakmp_reason vendor_show(struct out *o, const struct isakmp_payload *p)
{
	decode_vendor(o, p);
	return ISAKMP_OK;
}

/* ---- certificates, AUTH ----------------------------------------------------- */

/**
 * decode_x509_name() - writes a distinguished name
 * @o: the writer
 * @key: of the member
 * @name: the name
 */
void decode_x509_name(struct out *o, const char *key, const X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long n;

	if (!bio)
		abort();
	/* RFC 4514, with everything else escaped that is not printable ASCII */
	X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
	n = BIO_get_mem_data(bio, &text);
	out_escaped(o, key, (const u8 *)text, n > 0 ? n : 0);
	BIO_free(bio);
}

/**
 * decode_x509() - writes whose a certificate is, and who says so
 * @o: the writer
 * @p: DER
 * @n: its octets
 */
void decode_x509(struct out *o, const u8 *p, size_t n)
{
	X509 *x = d2i_X509(NULL, &p, n);

	if (!x) {
		out_note(o, "note", "not a certificate");
		return;
	}
	decode_x509_name(o, "subject", X509_get_subject_name(x));
	decode_x509_name(o, "issuer", X509_get_issuer_name(x));
	X509_free(x);
}

static enum isakmp_reason cert_show(struct out *o, const struct isakmp_payload *p)
{
	struct isakmp_cert v;
	enum isakmp_reason r = isakmp_cert_decode(p, &v);

	if (r != ISAKMP_OK)
		return r;
	out_bare(o);
	out_name(o, "encoding", decode_cert(v.encoding), v.encoding);
	if (p->type == IKE_PL_CERT && v.encoding == IKE_CERT_X509_SIGNATURE)
		decode_x509(o, v.value, v.len);
	if (v.encoding == IKE_CERT_HASH_URL && v.len > IKE_CERT_HASH_LEN)
		out_escaped(o, "url", v.value + IKE_CERT_HASH_LEN,
			    v.len - IKE_CERT_HASH_LEN);
	out_octets(o, "data", v.value, v.len);
	return r;
}

/* RFC 7427, 3: one octet of length, an AlgorithmIdentifier, the signature */
static void signature_show(struct out *o, const u8 *p, size_t n)
{
	const u8 *der = p + 1;
	const ASN1_OBJECT *oid;
	X509_ALGOR *alg = NULL;
	char text[128] = "";

	if (n && p[0] < n)
		alg = d2i_X509_ALGOR(NULL, &der, p[0]);
	if (!alg) {
		out_note(o, "note", "no algorithm");
		out_octets(o, "data", p, n);
		return;
	}
	X509_ALGOR_get0(&oid, NULL, NULL, alg);
	OBJ_obj2txt(text, sizeof(text), oid, 0);
	out_escaped(o, "algorithm", (const u8 *)text, strlen(text));
	out_octets(o, "data", p + 1 + p[0], n - 1 - p[0]);
	X509_ALGOR_free(alg);
}

static enum isakmp_reason auth_show(struct out *o, const struct isakmp_payload *p)
{
	struct isakmp_auth_pl v;
	enum isakmp_reason r = isakmp_auth_decode(p, &v);

	if (r != ISAKMP_OK)
		return r;
	out_bare(o);
	out_name(o, "method", decode_auth_method(v.method), v.method);
	if (v.method == IKE_AM_DIGITAL_SIG)
		signature_show(o, v.value, v.len);
	else
		out_octets(o, "data", v.value, v.len);
	return r;
}

/* ---- Notify, Delete ----------------------------------------------------------- */

static void hashes_show(struct out *o, const u8 *p, size_t n)
{
	out_list(o, "hashes");
	for (; n > 1; p += 2, n -= 2)
		out_name(o, NULL, decode_hash(get_unaligned_be16(p)), get_unaligned_be16(p));
	out_list_end(o);
}

static void group_show(struct out *o, const u8 *p, size_t n)
{
	unsigned int group = n == 2 ? get_unaligned_be16(p) : 0;

	out_name(o, "group", decode_transform(IKE_T_KE, group), group);
}

static void payload_type_show(struct out *o, const u8 *p, size_t n)
{
	(void)n;
	out_name(o, "payload-type", decode_payload(*p), *p);
}

static void number_show(struct out *o, const u8 *p, size_t n)
{
	(void)n;
	out_uint(o, "value", get_unaligned_be32(p));
}

/* Data that means something; @len: octets it has then, 0: any even number. */
static const struct data {
	u16 type;
	u16 len;
	void (*show)(struct out *o, const u8 *p, size_t n);
} datas[] = {
	{ IKE_N_SIGNATURE_HASH_ALGORITHMS, 0, hashes_show },
	{ IKE_N_INVALID_KE_PAYLOAD, 2, group_show },
	{ IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD, 1, payload_type_show },
	{ IKE_N_INVALID_MESSAGE_ID, 4, number_show },
	{ IKE_N_SET_WINDOW_SIZE, 4, number_show },
	{ 16403, 4, number_show },	/* AUTH_LIFETIME: seconds */
};

/**
 * decode_data() - writes the data of a notification that means nothing here
 * @o: the writer
 * @p: the data
 * @n: its octets
 */
void decode_data(struct out *o, const uint8_t *p, size_t n)
{
	if (readable(p, n))
		out_escaped(o, "text", p, n);
	else
		out_octets(o, "data", p, n);
}

static void data_show(struct out *o, const struct isakmp_notify *v)
{
	for (size_t i = 0; i < ARRAY_SIZE(datas); i++)
		if (datas[i].type == v->type &&
		    (datas[i].len ? datas[i].len == v->len : !(v->len % 2))) {
			datas[i].show(o, v->data, v->len);
			return;
		}
	if (v->len)
		decode_data(o, v->data, v->len);
}

static enum isakmp_reason notify_show(struct out *o, const struct isakmp_payload *p)
{
	struct isakmp_notify v;
	enum isakmp_reason r = isakmp_notify_decode(p, &v);

	if (r != ISAKMP_OK)
		return r;
	out_bare(o);
	out_name(o, "type", decode_notify(v.type), v.type);
	if (v.spi_size) {
		out_name(o, "protocol", decode_protocol(v.protocol), v.protocol);
		out_octets(o, "spi", v.spi, v.spi_size);
	}
	data_show(o, &v);
	return r;
}

static enum isakmp_reason delete_show(struct out *o, const struct isakmp_payload *p)
{
	struct isakmp_delete v;
	enum isakmp_reason r = isakmp_delete_decode(p, &v);

	if (r != ISAKMP_OK)
		return r;
	out_bare(o);
	out_name(o, "protocol", decode_protocol(v.protocol), v.protocol);
	if (!v.n)
		return r;
	out_list(o, "spis");
	for (unsigned int i = 0; i < v.n; i++)
		out_octets(o, NULL, v.spis + i * v.spi_size, v.spi_size);
	out_list_end(o);
	return r;
}

/* ---- TS, CP, EAP ----------------------------------------------------------------- */

static void selector_show(struct out *o, const struct isakmp_ts *v)
{
	size_t len = isakmp_ts_addr_len(v->type);
	struct ts ts = { .proto = v->proto, .port_first = v->port_start,
			 .port_last = v->port_end };
	char text[TS_TEXT_MAX];

	ts.first.len = ts.last.len = len;
	memcpy(ts.first.octets, v->start, len);
	memcpy(ts.last.octets, v->end, len);
	out_text(o, NULL, ts_text(&ts, text));
}

static enum isakmp_reason ts_show(struct out *o, const struct isakmp_payload *p)
{
	struct isakmp_ts v[U8_MAX];
	unsigned int n;
	enum isakmp_reason r = isakmp_ts_decode(p, v, U8_MAX, &n);

	if (r != ISAKMP_OK)
		return r;
	out_bare(o);
	out_list(o, "selectors");
	for (unsigned int i = 0; i < n; i++)
		selector_show(o, &v[i]);
	out_list_end(o);
	return r;
}

/* RFC 7296, 3.15.1: attributes whose value begins with an address */
static bool cfg_is_address(const struct isakmp_cp_attr *v)
{
	static const u8 types[] = { 1, 2, 3, 4, 6, 8, 10, 12, 13, 15, 20, 21 };

	return memchr(types, (int)min(v->type, (u16)U8_MAX), sizeof(types)) &&
	       (v->len == 4 || v->len == 8 || v->len == 16 || v->len == 17);
}

/* An address, with a netmask (IPv4) or a prefix length (IPv6) behind it. */
static void cfg_address_show(struct out *o, const struct isakmp_cp_attr *v)
{
	char text[2 * ADDR_TEXT_MAX], mask[ADDR_TEXT_MAX];
	unsigned int len = v->len < 16 ? 4 : 16;

	addr_text(v->value, len, text);
	if (v->len == 17)
		snprintf(text + strlen(text), 8, "/%u", v->value[16]);
	else if (v->len == 8)
		snprintf(text + strlen(text), ADDR_TEXT_MAX, "/%s",
			 addr_text(v->value + 4, 4, mask));
	out_text(o, "value", text);
}

/**
 * decode_cfg_value() - writes the value of a configuration attribute
 * @o: the writer
 * @v: the attribute
 */
void decode_cfg_value(struct out *o, const struct isakmp_cp_attr *v)
{
	if (cfg_is_address(v))
		cfg_address_show(o, v);
	else if (readable(v->value, v->len))
		out_escaped(o, "value", v->value, v->len);
	else if (v->len)
		out_octets(o, "value", v->value, v->len);
}

static void cfg_attr_show(struct out *o, const struct isakmp_cp_attr *v)
{
	const char *name = decode_cfg_attr(v->type);
	char number[16];

	snprintf(number, sizeof(number), "attr-%u", v->type);
	out_break(o);
	out_open(o, name ? name : number);
	if (o->json)
		out_name(o, "attribute", name, v->type);
	out_bare(o);
	decode_cfg_value(o, v);
	o->bare = false;
	out_close(o);
}

static enum isakmp_reason cp_show(struct out *o, const struct isakmp_payload *p)
{
	struct isakmp_cp_attr attr;
	struct isakmp_cur c;
	u8 type;
	enum isakmp_reason r = isakmp_cp_decode(p, &type, &c);

	if (r != ISAKMP_OK)
		return r;
	out_bare(o);
	out_name(o, "type", decode_cfg_type(type), type);
	out_records(o, "attributes");
	while (isakmp_cp_attr_next(&c, &attr))
		cfg_attr_show(o, &attr);
	out_records_end(o);
	return r;
}

static enum isakmp_reason eap_show(struct out *o, const struct isakmp_payload *p)
{
	struct isakmp_eap v;
	enum isakmp_reason r = isakmp_eap_decode(p, &v);

	if (r != ISAKMP_OK)
		return r;
	out_bare(o);
	out_name(o, "code", decode_eap_code(v.code), v.code);
	out_uint(o, "id", v.identifier);
	if (v.len < 5)
		return r;
	out_name(o, "type", decode_eap_type(v.packet[4]), v.packet[4]);
	out_octets(o, "data", v.packet + 5, v.len - 5);
	return r;
}

static const struct body {
	u8 type;
	enum isakmp_reason (*show)(struct out *o, const struct isakmp_payload *p);
} bodies[] = {
	{ IKE_PL_SA, sa_show }, { IKE_PL_KE, ke_show }, { IKE_PL_IDI, id_show },
	{ IKE_PL_IDR, id_show }, { IKE_PL_CERT, cert_show },
	{ IKE_PL_CERTREQ, cert_show }, { IKE_PL_AUTH, auth_show },
	{ IKE_PL_NONCE, nonce_show }, { IKE_PL_NOTIFY, notify_show },
	{ IKE_PL_DELETE, delete_show }, { IKE_PL_VENDOR, vendor_show },
	{ IKE_PL_TSI, ts_show }, { IKE_PL_TSR, ts_show }, { IKE_PL_CP, cp_show },
	{ IKE_PL_EAP, eap_show },
};

/**
 * decode_body() - writes the members of a payload
 * @o: the writer
 * @p: the payload
 *
 * What is malformed is named with its reason, and written as octets.
 */
void decode_body(struct out *o, const struct isakmp_payload *p)
{
	enum isakmp_reason r = ISAKMP_OK;

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
		if (bodies[i].type == p->type) {
			r = bodies[i].show(o, p);
			if (r == ISAKMP_OK)
				return;
		}
	if (r != ISAKMP_OK)
		out_reason(o, r);
	out_octets(o, "data", p->body, p->len);
}
