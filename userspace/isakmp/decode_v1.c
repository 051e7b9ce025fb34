// SPDX-License-Identifier: GPL-2.0
/* One message of version 1 (RFC 2408, 2409): its flags, its payloads, each by the codec. */
#include <openssl/x509.h>
#include <stdlib.h>

#include "../common/id.h"
#include "../common/ts.h"
#include "decode.h"
#include "wire/cp.h"
#include "wire/v1.h"

/* ---- attributes, SA --------------------------------------------------------- */

static void attr_value_show(struct out *o, bool phase1, const struct v1_attr_value *v)
{
	const char *name = NULL;

	if (v->small <= U16_MAX)
		name = decode_v1_value(phase1, v->type, (unsigned int)v->small);
	if (name)
		out_text(o, "value", name);
	else if (v->len && v->len <= 8)
		out_uint(o, "value", v->small);
	else
		out_octets(o, "value", v->value, v->len);
}

static void attrs_show(struct out *o, bool phase1, struct isakmp_cur c)
{
	struct v1_attr_value v;

	out_records(o, "attributes");
	while (v1_attr_next(&c, &v)) {
		const char *name = decode_v1_attr(phase1, v.type);
		char number[16];

		snprintf(number, sizeof(number), "attr-%u", v.type);
		out_open(o, name ? name : number);
		if (o->json)
			out_name(o, "attribute", name, v.type);
		out_bare(o);
		attr_value_show(o, phase1, &v);
		out_close(o);
	}
	out_records_end(o);
}

static void transform_show(struct out *o, u8 protocol, const struct v1_transform *t)
{
	out_break(o);
	out_open(o, "transform");
	out_bare(o);
	out_uint(o, "num", t->num);
	out_bare(o);
	out_name(o, "id", decode_v1_transform(protocol, t->id), t->id);
	attrs_show(o, protocol == V1_PROTO_ISAKMP, t->attrs);
	out_close(o);
}

static void proposal_show(struct out *o, const struct v1_proposal *p)
{
	struct isakmp_cur c = p->transforms;
	struct v1_transform t;

	out_break(o);
	out_open(o, "proposal");
	out_bare(o);
	out_uint(o, "num", p->num);
	out_bare(o);
	out_name(o, "protocol", decode_v1_protocol(p->protocol), p->protocol);
	if (p->spi_len)
		out_octets(o, "spi", p->spi, p->spi_len);
	out_records(o, "transforms");
	while (v1_transform_next(&c, &t))
		transform_show(o, p->protocol, &t);
	out_records_end(o);
	out_close(o);
}

static enum isakmp_reason sa_show(struct out *o, const struct isakmp_payload *p)
{
	struct v1_proposal v;
	struct isakmp_cur c;
	u32 doi, situation;
	enum isakmp_reason r = v1_sa_decode(p, &doi, &situation, &c);

	if (r == ISAKMP_R_V1_DOI || r == ISAKMP_R_V1_SITUATION)
		out_uint(o, "doi", doi);
	if (r == ISAKMP_R_V1_SITUATION)
		out_uint(o, "situation", situation);
	if (r != ISAKMP_OK)
		return r;
	out_records(o, "proposals");
	while (v1_proposal_next(&c, &v))
		proposal_show(o, &v);
	out_records_end(o);
	return r;
}

/* ---- ID, certificates, vendor IDs ---------------------------------------------- */

static bool selector_show(struct out *o, const struct v1_id *id)
{
	char text[TS_TEXT_MAX];
	struct isakmp_ts v;
	struct ts ts = { 0 };

	if (id->type == V1_ID_IPV4 || id->type == V1_ID_IPV6 || !v1_id_to_ts(id, &v))
		return false;
	ts.proto = v.proto;
	ts.port_first = v.port_start;
	ts.port_last = v.port_end;
	ts.first.len = ts.last.len = isakmp_ts_addr_len(v.type);
	memcpy(ts.first.octets, v.start, ts.first.len);
	memcpy(ts.last.octets, v.end, ts.last.len);
	out_text(o, "id", ts_text(&ts, text));
	return true;
}

/* As in version 2, where protocol and port are reserved */
static bool identity_show(struct out *o, const struct v1_id *id)
{
	u8 body[4 + IKE_ID_MAX] = { id->type };
	char text[IDENT_TEXT_MAX];
	struct ident ident;

	memcpy(body + 4, id->value, id->len);
	if (!ident_from_body(body, 4 + (size_t)id->len, &ident))
		return false;
	out_text(o, "id", ident_print(&ident, text, sizeof(text)));
	return true;
}

static enum isakmp_reason id_show(struct out *o, const struct isakmp_payload *p)
{
	struct v1_id v;
	enum isakmp_reason r = v1_id_decode(p, &v);

	if (r != ISAKMP_OK)
		return r;
	out_bare(o);
	if (selector_show(o, &v))
		return r;
	if (!identity_show(o, &v)) {
		o->bare = false;
		out_uint(o, "type", v.type);
		out_octets(o, "data", v.value, v.len);
	}
	if (v.proto)
		out_uint(o, "proto", v.proto);
	if (v.port)
		out_uint(o, "port", v.port);
	return r;
}

static bool is_x509(u8 encoding)
{
	return encoding == V1_CERT_X509_SIGNATURE || encoding == V1_CERT_X509_KEY_EXCHANGE;
}

static enum isakmp_reason cert_show(struct out *o, const struct isakmp_payload *p)
{
	enum isakmp_reason r = v1_payload_check(p);

	if (r != ISAKMP_OK)
		return r;
	out_bare(o);
	out_name(o, "encoding", decode_v1_cert(p->body[0]), p->body[0]);
	if (is_x509(p->body[0]))
		decode_x509(o, p->body + 1, p->len - 1U);
	out_octets(o, "data", p->body + 1, p->len - 1U);
	return r;
}

/* RFC 2408, 3.10: one authority, by its name; or none */
static enum isakmp_reason certreq_show(struct out *o, const struct isakmp_payload *p)
{
	enum isakmp_reason r = v1_payload_check(p);
	const u8 *der = p->body + 1;
	X509_NAME *name = NULL;

	if (r != ISAKMP_OK)
		return r;
	out_bare(o);
	out_name(o, "encoding", decode_v1_cert(p->body[0]), p->body[0]);
	if (p->len == 1)
		return r;
	if (is_x509(p->body[0]))
		name = d2i_X509_NAME(NULL, &der, p->len - 1);
	if (name)
		decode_x509_name(o, "authority", name);
	else
		out_octets(o, "data", p->body + 1, p->len - 1);
	X509_NAME_free(name);
	return r;
}

static enum isakmp_reason vendor_show(struct out *o, const struct isakmp_payload *p)
{
	const char *name = decode_v1_vendor(p->body, p->len);

	out_bare(o);
	if (name)
		out_text(o, "vendor", name);
	else
		o->bare = false;
	if (!name || o->json)
		decode_vendor(o, p);
	return ISAKMP_OK;
}

/* ---- Notification, Delete ------------------------------------------------------ */

/* RFC 2407, 4.6.3.1: attributes of an SA, of the phase that its protocol says */
static bool lifetime_show(struct out *o, const struct v1_notify *v)
{
	struct v1_attr_value a;
	struct isakmp_cur c, all;

	isakmp_cur_init(&c, v->data, v->len);
	all = c;
	while (v1_attr_next(&c, &a))
		;
	if (c.left)
		return false;
	attrs_show(o, v->protocol == V1_PROTO_ISAKMP, all);
	return true;
}

static enum isakmp_reason notify_show(struct out *o, const struct isakmp_payload *p)
{
	struct v1_notify v;
	enum isakmp_reason r = v1_notify_decode(p, &v);

	if (r != ISAKMP_OK)
		return r;
	out_bare(o);
	out_name(o, "type", decode_v1_notify(v.type), v.type);
	if (v.doi != V1_DOI_IPSEC)
		out_uint(o, "doi", v.doi);
	out_name(o, "protocol", decode_v1_protocol(v.protocol), v.protocol);
	if (v.spi_len)
		out_octets(o, "spi", v.spi, v.spi_len);
	if (v.type == V1_N_RESPONDER_LIFETIME && lifetime_show(o, &v))
		return r;
	if (v.type == V1_N_R_U_THERE || v.type == V1_N_R_U_THERE_ACK ||
	    v.type == V1_N_REPLAY_STATUS)
		out_uint(o, "value", get_unaligned_be32(v.data));
	else if (v.len)
		decode_data(o, v.data, v.len);
	return r;
}

static enum isakmp_reason delete_show(struct out *o, const struct isakmp_payload *p)
{
	struct v1_delete v;
	enum isakmp_reason r = v1_delete_decode(p, &v);

	if (r != ISAKMP_OK)
		return r;
	out_bare(o);
	out_name(o, "protocol", decode_v1_protocol(v.protocol), v.protocol);
	out_list(o, "spis");
	for (unsigned int i = 0; i < v.n; i++)
		out_octets(o, NULL, v.spis + i * v.spi_len, v.spi_len);
	out_list_end(o);
	return r;
}

/* ---- NAT-OA, Attributes, Fragment ------------------------------------------------ */

static enum isakmp_reason nat_oa_show(struct out *o, const struct isakmp_payload *p)
{
	struct isakmp_addr v;
	char text[ADDR_TEXT_MAX];
	enum isakmp_reason r = v1_nat_oa_decode(p, &v);

	if (r != ISAKMP_OK)
		return r;
	out_bare(o);
	out_text(o, "address", addr_text(v.a, isakmp_addr_len(&v), text));
	return r;
}

static void cfg_show(struct out *o, const struct v1_attr_value *v)
{
	const struct isakmp_cp_attr attr = { .type = v->type, .len = v->len, .value = v->value };
	const char *name = decode_v1_cfg_attr(v->type);
	char number[16];

	snprintf(number, sizeof(number), "attr-%u", v->type);
	out_break(o);
	out_open(o, name ? name : number);
	if (o->json)
		out_name(o, "attribute", name, v->type);
	out_bare(o);
	if (v->basic)
		out_uint(o, "value", v->small);
	else
		decode_cfg_value(o, &attr);
	o->bare = false;
	out_close(o);
}

static enum isakmp_reason attributes_show(struct out *o, const struct isakmp_payload *p)
{
	struct v1_attributes v;
	struct v1_attr_value a;
	enum isakmp_reason r = v1_attributes_decode(p, &v);

	if (r != ISAKMP_OK)
		return r;
	out_bare(o);
	out_name(o, "type", decode_cfg_type(v.type), v.type);
	out_uint(o, "id", v.id);
	out_records(o, "attributes");
	while (v1_attr_next(&v.attrs, &a))
		cfg_show(o, &a);
	out_records_end(o);
	return r;
}

static enum isakmp_reason fragment_show(struct out *o, const struct isakmp_payload *p)
{
	struct v1_fragment v;
	enum isakmp_reason r = v1_fragment_decode(p, &v);

	if (r != ISAKMP_OK)
		return r;
	out_uint(o, "id", v.id);
	out_uint(o, "number", v.number);
	if (v.last)
		out_flag(o, "last");
	out_uint(o, "octets", v.len);
	return r;
}

/* KE, HASH, SIG, Nonce, NAT-D: the body is the value. */
static enum isakmp_reason value_show(struct out *o, const struct isakmp_payload *p)
{
	enum isakmp_reason r = v1_payload_check(p);

	if (r == ISAKMP_OK)
		out_octets(o, "value", p->body, p->len);
	return r;
}

/* ---- a message --------------------------------------------------------------------- */

static const struct body {
	u8 type;
	enum isakmp_reason (*show)(struct out *o, const struct isakmp_payload *p);
} bodies[] = {
	{ V1_PL_SA, sa_show }, { V1_PL_KE, value_show }, { V1_PL_ID, id_show },
	{ V1_PL_CERT, cert_show }, { V1_PL_CERTREQ, certreq_show }, { V1_PL_HASH, value_show },
	{ V1_PL_SIG, value_show }, { V1_PL_NONCE, value_show }, { V1_PL_NOTIFY, notify_show },
	{ V1_PL_DELETE, delete_show }, { V1_PL_VENDOR, vendor_show },
	{ V1_PL_ATTRIBUTES, attributes_show }, { V1_PL_NAT_D, value_show },
	{ V1_PL_NAT_OA, nat_oa_show }, { V1_PL_FRAGMENT, fragment_show },
};

static void body_show(struct out *o, const struct isakmp_payload *p)
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

static void payload_show(struct out *o, const struct isakmp_payload *p)
{
	const char *name = decode_v1_payload(p->type);
	char number[24];

	snprintf(number, sizeof(number), "payload-%u", p->type);
	out_break(o);
	out_open(o, name ? name : number);
	if (o->json)
		out_name(o, "payload", name, p->type);
	/* A type of a draft of RFC 3947 */
	if (p->critical)
		out_flag(o, "draft");
	body_show(o, p);
	o->bare = false;
	out_close(o);
}

/* What is encrypted: the first payload's type is all that can be read of it. */
static void encrypted_show(struct out *o, u8 first, size_t n)
{
	out_break(o);
	out_open(o, "encrypted");
	if (o->json)
		out_text(o, "payload", "encrypted");
	out_name(o, "first", decode_v1_payload(first), first);
	out_uint(o, "octets", n);
	out_close(o);
}

/* RFC 2408, 3.1: flags with a name, and all others as one number */
static void flags_show(struct out *o, u8 flags)
{
	static const char *const names[] = { "encrypted", "commit", "authentication-only" };

	if (!flags)
		return;
	out_list(o, "flags");
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & 1 << i)
			out_text(o, NULL, names[i]);
	if (flags & ~7)
		out_uint(o, NULL, flags & ~7);
	out_list_end(o);
}

/**
 * decode_v1_header() - writes what a header of version 1 has beside names and cookies
 * @o: the writer
 * @h: the header
 */
void decode_v1_header(struct out *o, const struct isakmp_header *h)
{
	out_uint(o, "version", h->major);
	flags_show(o, h->flags);
}

/* The payloads before the place where the chain breaks, when it does. */
static void payloads_show(struct out *o, u8 type, const uint8_t *p, size_t n)
{
	struct isakmp_payload pl;
	struct isakmp_cur cur;

	out_records(o, "payloads");
	isakmp_cur_init(&cur, p, n);
	for (unsigned int i = 0; type && i < IKE_PAYLOADS_MAX; i++) {
		if (v1_payload_take(&cur, &type, &pl) != ISAKMP_OK)
			break;
		payload_show(o, &pl);
	}
	out_records_end(o);
}

/* With its last piece a message is shown; one in pieces is no piece itself. */
static void piece_join(struct decoder *d, const struct isakmp_header *h,
		       const struct isakmp_payload *p)
{
	struct v1_fragment f;
	uint8_t *whole = NULL;
	enum isakmp_reason r;
	size_t n;

	if (v1_fragment_decode(p, &f) != ISAKMP_OK)
		return;
	r = d->joined ? ISAKMP_R_V1_BAD_FRAGMENT : v1_joins_add(&d->pieces, d->ip, h, &f, &whole, &n);
	if (r != ISAKMP_OK)
		out_reason(d->out, r);
	if (!whole)
		return;
	d->joined = true;
	out_break(d->out);
	out_open(d->out, "message");
	decode_message(d, whole, n);
	out_close(d->out);
	d->joined = false;
	free(whole);
}

/* RFC 2408, 3.1; but the head of a piece is in the clear, whatever its flags are. */
static bool is_sealed(const struct isakmp_header *h)
{
	return h->flags & V1_FLAG_ENCRYPTION && h->next != V1_PL_FRAGMENT;
}

static void chain_show(struct decoder *d, const struct isakmp_header *h, const uint8_t *p,
		       size_t n, bool told)
{
	bool sealed = is_sealed(h);
	struct v1_chain *c = malloc(sizeof(*c));
	enum isakmp_reason r;

	if (!c)
		abort();
	r = v1_chain_decode(h->next, p, n, sealed, c);
	if (r != ISAKMP_OK && !told)
		out_reason(d->out, r);
	if (r == ISAKMP_OK && !sealed)
		v1_talks_clear(&d->v1, h, c);
	payloads_show(d->out, h->next, p, n);
	if (r == ISAKMP_OK && !told && h->next == V1_PL_FRAGMENT && c->n == 1)
		piece_join(d, h, &c->pl[0]);
	free(c);
}

/**
 * decode_v1_chain() - writes the payloads of a message of version 1
 * @d: the writer, the keys, what was seen before
 * @h: its header
 * @p: the octets behind the header
 * @n: how many
 * @told: what is wrong with the message was written
 */
void decode_v1_chain(struct decoder *d, const struct isakmp_header *h, const uint8_t *p, size_t n,
		     bool told)
{
	bool sealed = is_sealed(h);
	uint8_t *text = sealed ? malloc(n ? n : 1) : NULL;

	if (sealed && !text)
		abort();
	if (sealed && v1_talks_open(d->v1, &d->keys, h, p, n, text)) {
		out_flag(d->out, "decrypted");
		chain_show(d, h, text, n, told);
	} else if (sealed) {
		out_records(d->out, "payloads");
		encrypted_show(d->out, h->next, n);
		out_records_end(d->out);
	} else {
		chain_show(d, h, p, n, told);
	}
	free(text);
}
