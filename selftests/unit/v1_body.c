// SPDX-License-Identifier: GPL-2.0
/* Bodies of payloads of version 1 that the decoders accept, and some of them the engine. */
#include "v1_plain.h"

static const u8 *spi_of(const struct end *e)
{
	static u8 spi[4];

	put_unaligned_be32(e->ike.children ? e->ike.children->spi_in : 0x100, spi);
	return spi;
}

static void put_notify(struct isakmp_out *o, const struct end *from, u8 what)
{
	static const u16 types[] = {
		V1_N_NO_PROPOSAL_CHOSEN, V1_N_INVALID_SPI, V1_N_CONNECTED, V1_N_RESPONDER_LIFETIME,
		V1_N_REPLAY_STATUS, V1_N_INITIAL_CONTACT, V1_N_R_U_THERE, V1_N_R_U_THERE_ACK,
		V1_N_ATTRIBUTES_NOT_SUPPORTED, V1_N_INVALID_ID_INFORMATION,
	};
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .type = types[what % ARRAY_SIZE(types)] };
	u8 cookies[16], data[4];

	put_unaligned_be64(from->ike.ep->spi_i, cookies);
	put_unaligned_be64(from->ike.ep->spi_r, cookies + 8);
	put_unaligned_be32(from->live && from->ike.ep->v1 ? from->ike.ep->v1->dpd_out : 0, data);
	n.protocol = what & 0x20 ? V1_PROTO_ESP : V1_PROTO_ISAKMP;
	n.spi = n.protocol == V1_PROTO_ESP ? spi_of(from) : cookies;
	n.spi_len = n.protocol == V1_PROTO_ESP ? 4 : 16;
	n.data = data;
	n.len = n.type == V1_N_R_U_THERE || n.type == V1_N_R_U_THERE_ACK ||
		n.type == V1_N_REPLAY_STATUS ? 4 : 0;
	v1_notify_encode(o, &n);
}

static void put_delete(struct isakmp_out *o, const struct end *from, u8 what)
{
	struct v1_delete d = { .doi = V1_DOI_IPSEC, .n = 1 };
	u8 cookies[16];

	put_unaligned_be64(from->ike.ep->spi_i, cookies);
	put_unaligned_be64(from->ike.ep->spi_r, cookies + 8);
	d.protocol = what & 0x20 ? V1_PROTO_ISAKMP : V1_PROTO_ESP;
	d.spi_len = what & 0x20 ? 16 : 4;
	d.spis = what & 0x20 ? cookies : spi_of(from);
	v1_delete_encode(o, &d);
}

/* What a child may be by: the initiator's SA payload of Quick Mode. */
static void put_sa(struct isakmp_out *o, u8 what)
{
	static const u8 spi[4] = { 1, 2, 3, 4 };
	struct v1_sa_out s;

	v1_sa_begin(&s, o);
	v1_proposal_open(&s, 1, V1_PROTO_ESP, spi, 4);
	v1_transform_open(&s, 1, V1_ESP_AES);
	v1_attr_encode(o, V1_IA_MODE, 1 + (what & 1));
	v1_attr_encode(o, V1_IA_AUTH, V1_AUTH_HMAC_SHA2_256);
	v1_attr_encode(o, V1_IA_KEY_LENGTH, 256);
	if (what & 2)
		v1_attr_encode(o, V1_IA_GROUP, IKE_KE_ECP_256);
	v1_transform_close(&s);
	v1_proposal_close(&s);
}

static void put_attributes(struct isakmp_out *o, u8 what)
{
	v1_attributes_encode(o, (what & 3) + 1, what & 0x10 ? 0 : 7);
	if (what & 4)
		v1_attr_encode(o, V1_X_STATUS, !(what & 8));
	if (what & 0x20)
		v1_attr_encode_long(o, 1, (const u8[]){ 10, 9, 0, 9 }, 4);
}

void v1_body_put(struct isakmp_out *o, const struct end *from, u8 type, u8 what)
{
	switch (type) {
	case V1_PL_NOTIFY:
		put_notify(o, from, what);
		break;
	case V1_PL_DELETE:
		put_delete(o, from, what);
		break;
	case V1_PL_SA:
		put_sa(o, what);
		break;
	case V1_PL_ATTRIBUTES:
		put_attributes(o, what);
		break;
	case V1_PL_NONCE:
		isakmp_out_bytes(o, "a nonce, sixteen", 16);
		break;
	case V1_PL_ID:
		v1_id_from_ts(&from->local[0], o);
		break;
	}
}
