/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ISAKMP on the wire (RFC 2408, 3), with the IPsec DOI (RFC 2407, 4) and what drafts
 * have added: pure, no allocation, no logging.  The header is that of version 2
 * (wire/header.h); so is the generic header of a payload, whose second octet is
 * reserved here.
 *
 *	v1_chain.c	payload chains
 *	v1_sa.c		attributes; SA, Proposal and Transform payloads
 *	v1_payload.c	the other payloads
 *	v1_id.c		ID payloads, and as traffic selectors
 *	v1_vendor.c	vendor IDs
 *
 * Each decode and encode are inverses.  decode() checks every length before it fills the
 * struct, whose pointers then lead into the message; when it refuses, the struct is as it
 * was.  encode() appends the body to a payload opened with isakmp_build_payload(), reserved
 * octets as zeros.
 */
#ifndef _ISAKMP_WIRE_V1_H
#define _ISAKMP_WIRE_V1_H

#include <isakmp/ikev1.h>
#include "ike/path.h"
#include "wire/chain.h"
#include "wire/ts.h"

/* ---- chains ---------------------------------------------------------------- */

/**
 * struct v1_chain - a whole payload chain, checked
 * @seen: V1_PL_BIT() of each known type that is present
 * @repeated: the same of each that is present more than once
 * @unknown: the first type that is not known, 0: all are
 * @end: octets that the payloads cover: what follows is padding (encrypted) or nothing
 * @n: number of payloads
 * @pl: the payloads in the order of the message; types of drafts have become those of
 *	RFC 3947, with @critical saying so
 *
 * One and a half kilobytes: not for the stack.
 */
struct v1_chain {
	u32 seen;
	u32 repeated;
	u8 unknown;
	u8 n;
	u32 end;
	struct isakmp_payload pl[IKE_PAYLOADS_MAX];
};

/* The bit of a known type: its number, and one of its own for Fragment. */
#define V1_PL_BIT(type) BIT((type) == V1_PL_FRAGMENT ? 31 : (type))

/* Is it a type that is read here?  PROPOSAL and TRANSFORM are, though not in a chain. */
static inline bool v1_payload_known(u8 type)
{
	return (type >= V1_PL_SA && type <= V1_PL_ATTRIBUTES) || type == V1_PL_NAT_D ||
	       type == V1_PL_NAT_OA || type == V1_PL_FRAGMENT;
}

/**
 * v1_payload_take() - take one payload off the front of a chain (RFC 2408, 3.2)
 * @c: the chain's octets
 * @type: its type, not 0; becomes its Next Payload
 * @pl: the payload, set when OK; as in v1_chain.pl
 *
 * The reserved octet is not looked at: RFC 2408, 5.3 wants zero, and peers send other things.
 *
 * Context: any.
 * Return: OK; PAYLOAD_SHORT, fewer than 4 octets are left, or a Payload Length below 4;
 * PAYLOAD_LENGTH, it runs past the end.
 */
enum isakmp_reason v1_payload_take(struct isakmp_cur *c, u8 *type, struct isakmp_payload *pl);

/**
 * v1_chain_decode() - walk and check a chain of payloads (RFC 2408, 3.2)
 * @first: type of the first payload; 0: there are none
 * @p: the octets, without the header
 * @n: how many
 * @padded: octets may follow the chain: it was encrypted (RFC 2409, appendix B)
 * @c: the chain; empty unless OK is returned
 *
 * Unknown types are kept in pl[], as they are, and told in @unknown.
 *
 * Context: any.
 * Return: OK; PAYLOAD_SHORT, PAYLOAD_LENGTH, as v1_payload_take(); PAYLOAD_MANY, more than
 * IKE_PAYLOADS_MAX; PAYLOAD_TRAILING, octets after the last one, and not @padded.
 */
enum isakmp_reason v1_chain_decode(u8 first, const u8 *p, size_t n, bool padded,
				   struct v1_chain *c);

/**
 * v1_chain_find() - the first payload of a type
 * @c: a chain
 * @type: the type
 *
 * Context: any.
 * Return: the payload, or NULL.
 */
const struct isakmp_payload *v1_chain_find(const struct v1_chain *c, u8 type);

/**
 * v1_chain_next() - the next payload of a type
 * @c: a chain
 * @type: the type
 * @prev: the one before, from this chain, or NULL for the first
 *
 * Context: any.
 * Return: the payload, or NULL.
 */
const struct isakmp_payload *v1_chain_next(const struct v1_chain *c, u8 type,
					   const struct isakmp_payload *prev);

/**
 * v1_payload_check() - is the body of a payload well formed, whatever it says?
 * @p: the payload
 *
 * Not for payloads whose body is itself encrypted (KE, ID and CERT with RSA encryption:
 * RFC 2409, 5.2 and 5.3).  Of KE, HASH, SIG, NAT-D and NONCE the body is the value; its
 * length is for who knows group, hash or key.  Here none may be empty or longer than any
 * of its kind can be: IKE_KE_MAX, IKE_AUTH_MAX; NAT-D has V1_HASH_MIN to V1_HASH_MAX octets;
 * a nonce has V1_NONCE_MIN to IKE_AUTH_MAX, for an encrypted one is as long as a key (RFC 2409, 5:
 * in clear it has 8 to 256: see v1_nonce_holds()).
 *
 * Context: any.
 * Return: OK; BAD_SA, V1_DOI, V1_SITUATION; BAD_KE, BAD_ID, BAD_CERT (CERT, CERTREQ), BAD_NONCE,
 * BAD_NOTIFY, BAD_DELETE, BAD_CP (ATTRIBUTES), V1_BAD_HASH (HASH, SIG), V1_BAD_NAT
 * (NAT-D, NAT-OA), V1_BAD_FRAGMENT.  Always OK: VENDOR, PROPOSAL, TRANSFORM, unknown types.
 */
enum isakmp_reason v1_payload_check(const struct isakmp_payload *p);

/* RFC 2409, 5: the length of a nonce MUST be between 8 and 256 octets */
static inline bool v1_nonce_holds(const struct isakmp_payload *p)
{
	return p->len >= V1_NONCE_MIN && p->len <= IKE_NONCE_MAX;
}

/* ---- attributes (RFC 2408, 3.3) -------------------------------------------- */

/**
 * struct v1_attr_value - one data attribute, of either form
 * @type: 15 bits
 * @basic: it came as type and value (AF = 1)
 * @small: the value as a number when @len is at most 8, host order; else 0
 * @value: its octets, big endian; of a basic one the two octets of its value
 * @len: how many; 0 is possible in the longer form
 *
 *   +-+-----------------------------+-------------------------------+
 *   |1|       Attribute Type        |        Attribute Value        |
 *   +-+-----------------------------+-------------------------------+
 *   |0|       Attribute Type        |       Attribute Length        |
 *   +-+-----------------------------+-------------------------------+
 *   ~                        Attribute Value                        ~
 *   +---------------------------------------------------------------+
 */
struct v1_attr_value {
	u16 type;
	bool basic;
	u64 small;
	const u8 *value;
	u16 len;
};

/**
 * v1_attr_next() - take one attribute off the front
 * @c: the octets of the attributes; as it was when false
 * @v: the attribute; as it was when false
 *
 * Context: any.
 * Return: whether there was one; false with c->left != 0: what is left is malformed.
 */
bool v1_attr_next(struct isakmp_cur *c, struct v1_attr_value *v);

/**
 * v1_attr_encode() - append an attribute that is a number
 * @o: where to
 * @type: its type, 15 bits
 * @value: in the basic form when below 65536, else in four octets (RFC 2409, appendix A: what
 *	is basic MUST NOT be encoded as variable; what is variable may be basic if it fits)
 *
 * Context: any.
 */
void v1_attr_encode(struct isakmp_out *o, u16 type, u32 value);

/**
 * v1_attr_encode_long() - append an attribute in the longer form
 * @o: where to
 * @type: its type, 15 bits
 * @value: its octets
 * @len: how many
 *
 * Context: any.
 */
void v1_attr_encode_long(struct isakmp_out *o, u16 type, const u8 *value, u16 len);

/* ---- SA (RFC 2408, 3.4 to 3.6; RFC 2407, 4.6.1) ----------------------------- */

/**
 * struct v1_proposal - one Proposal payload
 * @num: its number: those of one number stand together, and are wanted together
 * @protocol: enum v1_protocol, or one that is not known
 * @spi_len: octets of @spi: 4 of AH and ESP, 2 or 4 of IPCOMP, else 0 to 16
 * @n: its transforms, at least 1
 * @spi: its SPI; of ISAKMP to be ignored
 * @transforms: for v1_transform_next()
 *
 *   +---------------+---------------+-------------------------------+
 *   | 2=more 0=last |   reserved    |        Payload Length         |
 *   +---------------+---------------+---------------+---------------+
 *   |  Proposal #   |  Protocol-Id  |   SPI Size    |# of Transforms|
 *   +---------------+---------------+---------------+---------------+
 *   ~                        SPI (variable)                         ~
 *   +---------------------------------------------------------------+
 *   ~                          transforms                           ~
 *   +---------------------------------------------------------------+
 */
struct v1_proposal {
	u8 num;
	u8 protocol;
	u8 spi_len;
	u8 n;
	const u8 *spi;
	struct isakmp_cur transforms;
};

/**
 * struct v1_transform - one Transform payload
 * @num: its number
 * @id: transform ID
 * @attrs: for v1_attr_next(); it may come twice of one type, which is for others to judge
 * @raw: the whole Transform payload with its generic header: what a selection echoes
 * @raw_len: its octets
 *
 *   +---------------+---------------+-------------------------------+
 *   | 3=more 0=last |   reserved    |        Payload Length         |
 *   +---------------+---------------+-------------------------------+
 *   |  Transform #  | Transform-Id  |           reserved            |
 *   +---------------+---------------+-------------------------------+
 *   ~                     attributes, maybe none                    ~
 *   +---------------------------------------------------------------+
 */
struct v1_transform {
	u8 num;
	u8 id;
	struct isakmp_cur attrs;
	const u8 *raw;
	u16 raw_len;
};

/**
 * v1_sa_decode() - check an SA payload, all of its proposals, transforms and attributes
 * @p: the payload
 * @doi: what it says, 0 when it is too short for one
 * @situation: what it says, 0 unless @doi is IPsec's
 * @proposals: for v1_proposal_next(), set when OK; may be NULL
 *
 * Lengths cover each other exactly, counts and Next Payload fields hold; there is at least
 * one proposal, and at least one transform in each; at most IKE_PROPOSALS_MAX proposals,
 * V1_TRANSFORMS_MAX transforms in all, V1_ATTRS_MAX attributes in each.  Proposal numbers do
 * not go down (RFC 2408, 4.2); where they begin and how transforms are numbered is
 * not looked at: there are peers that begin with 0.  Of other DOIs and situations the rest is
 * not read.
 *
 *   +---------------------------------------------------------------+
 *   |                              DOI                              |
 *   +---------------------------------------------------------------+
 *   |                           Situation                           |
 *   +---------------------------------------------------------------+
 *   ~                           proposals                           ~
 *   +---------------------------------------------------------------+
 *
 * Context: any.
 * Return: OK; BAD_SA; V1_DOI, not IPsec's; V1_SITUATION, not identity only.
 */
enum isakmp_reason v1_sa_decode(const struct isakmp_payload *p, u32 *doi, u32 *situation,
				struct isakmp_cur *proposals);

/**
 * v1_proposal_next() - iterate the proposals of a payload that was accepted
 * @c: starts as v1_sa_decode() set it
 * @v: the proposal
 *
 * Context: any.
 * Return: false at the end; @v is then as it was.
 */
bool v1_proposal_next(struct isakmp_cur *c, struct v1_proposal *v);

/**
 * v1_transform_next() - iterate the transforms of a proposal
 * @c: starts as the proposal's @transforms
 * @v: the transform
 *
 * Context: any.
 * Return: false at the end; @v is then as it was.
 */
bool v1_transform_next(struct isakmp_cur *c, struct v1_transform *v);

/**
 * struct v1_sa_out - an SA payload's body being written
 * @o: the message, with a payload V1_PL_SA open
 * @proposal: offset of the open proposal, 0: there was none yet
 * @transform: offset of its latest transform, 0: none
 * @n_transforms: how many it has
 *
 * The order of calls; Next Payload fields, counts and lengths are filled in.  A proposal
 * without transforms, or with more than 255, is not written: @o becomes full.
 *
 *	v1_sa_begin(&s, &b.o);
 *	v1_proposal_open(&s, 1, V1_PROTO_ESP, spi, 4);		each proposal
 *	v1_transform_open(&s, 1, V1_ESP_AES);			each transform
 *	v1_attr_encode(&b.o, ...);
 *	v1_transform_close(&s);
 *	v1_transform_echo(&s, &t);				or a peer's
 *	v1_proposal_close(&s);
 */
struct v1_sa_out {
	struct isakmp_out *o;
	size_t proposal;
	size_t transform;
	u8 n_transforms;
};

/* DOI IPsec, situation identity only.  Context of all: any. */
void v1_sa_begin(struct v1_sa_out *s, struct isakmp_out *o);
void v1_proposal_open(struct v1_sa_out *s, u8 num, u8 protocol, const u8 *spi, u8 spi_len);
void v1_transform_open(struct v1_sa_out *s, u8 num, u8 id);
void v1_transform_close(struct v1_sa_out *s);
/* A peer's transform, with its number and attributes (RFC 2408, 4.2: SHOULD be retained). */
void v1_transform_echo(struct v1_sa_out *s, const struct v1_transform *t);
void v1_proposal_close(struct v1_sa_out *s);

/* ---- the other payloads ----------------------------------------------------- */

/**
 * struct v1_notify - Notification payload (RFC 2408, 3.14)
 * @doi: domain of interpretation
 * @protocol: enum v1_protocol
 * @spi_len: octets of @spi: 0 to 16
 * @type: enum v1_notify_type, or one that is not known
 * @spi: what it is about
 * @data: notification data
 * @len: octets of @data: 4 with REPLAY-STATUS, R-U-THERE and R-U-THERE-ACK, else any
 *
 * Data is never read as payloads, whatever the type.
 *
 *   +---------------------------------------------------------------+
 *   |                              DOI                              |
 *   +---------------+---------------+-------------------------------+
 *   |  Protocol-Id  |   SPI Size    |      Notify Message Type      |
 *   +---------------+---------------+-------------------------------+
 *   ~                        SPI (variable)                         ~
 *   +---------------------------------------------------------------+
 *   ~                       Notification Data                       ~
 *   +---------------------------------------------------------------+
 */
struct v1_notify {
	u32 doi;
	u8 protocol;
	u8 spi_len;
	u16 type;
	const u8 *spi;
	const u8 *data;
	u16 len;
};

/* OK or BAD_NOTIFY.  Context of this and all that follow: any. */
enum isakmp_reason v1_notify_decode(const struct isakmp_payload *p, struct v1_notify *v);
void v1_notify_encode(struct isakmp_out *o, const struct v1_notify *v);

/**
 * struct v1_delete - Delete payload (RFC 2408, 3.15)
 * @doi: domain of interpretation
 * @protocol: enum v1_protocol
 * @spi_len: octets of each SPI: 16 of an ISAKMP SA (its cookies), 4 of AH and ESP, 2 or 4
 *	of IPCOMP
 * @n: at least 1
 * @spis: @n * @spi_len octets, which end the body
 *
 *   +---------------------------------------------------------------+
 *   |                              DOI                              |
 *   +---------------+---------------+-------------------------------+
 *   |  Protocol-Id  |   SPI Size    |           # of SPIs           |
 *   +---------------+---------------+-------------------------------+
 *   ~                             SPIs                              ~
 *   +---------------------------------------------------------------+
 */
struct v1_delete {
	u32 doi;
	u8 protocol;
	u8 spi_len;
	u16 n;
	const u8 *spis;
};

/* OK or BAD_DELETE. */
enum isakmp_reason v1_delete_decode(const struct isakmp_payload *p, struct v1_delete *v);
void v1_delete_encode(struct isakmp_out *o, const struct v1_delete *v);

/**
 * struct v1_id - Identification payload (RFC 2407, 4.6.2)
 * @type: enum v1_id_type; one that is not known is kept: policy decides
 * @proto: IP protocol, 0: any
 * @port: port, 0: any
 * @value: identification data
 * @len: octets of @value: of addresses what the type has, else 1 to IKE_ID_MAX
 *
 * FQDN and USER_FQDN hold no NUL, LF or CR.
 *
 *   +---------------+---------------+-------------------------------+
 *   |   ID Type     |  Protocol ID  |             Port              |
 *   +---------------+---------------+-------------------------------+
 *   ~                     Identification Data                       ~
 *   +---------------------------------------------------------------+
 */
struct v1_id {
	u8 type;
	u8 proto;
	u16 port;
	const u8 *value;
	u16 len;
};

/* OK or BAD_ID. */
enum isakmp_reason v1_id_decode(const struct isakmp_payload *p, struct v1_id *v);
void v1_id_encode(struct isakmp_out *o, const struct v1_id *v);
/**
 * v1_id_to_ts() - an ID of addresses (IDci, IDcr) as a traffic selector
 * @id: the ID
 * @ts: set when true; port 0 is 0 to 65535
 *
 * Return: false: it is no ID of addresses, its mask is no prefix, its range runs backwards.
 */
bool v1_id_to_ts(const struct v1_id *id, struct isakmp_ts *ts);

/**
 * v1_id_from_ts() - append a traffic selector as the body of an ID
 * @ts: the selector, a range of its type's addresses
 * @o: where to, with a payload V1_PL_ID open
 *
 * An address, a subnet or a range, whichever says it first.
 *
 * Return: false, and nothing is written: no ID has its ports; 0 to 65535 and a single one but
 * 0 can be said.
 */
bool v1_id_from_ts(const struct isakmp_ts *ts, struct isakmp_out *o);

/**
 * v1_nat_oa_decode() - NAT-OA (RFC 3947, 5.2)
 * @p: the payload
 * @v: the address, set when OK
 *
 *   +---------------+-----------------------------------------------+
 *   |    ID Type    |                   reserved                    |
 *   +---------------+-----------------------------------------------+
 *   ~                IPv4 or IPv6 address, 4 or 16                  ~
 *   +---------------------------------------------------------------+
 *
 * Return: OK or V1_BAD_NAT.
 */
enum isakmp_reason v1_nat_oa_decode(const struct isakmp_payload *p, struct isakmp_addr *v);
void v1_nat_oa_encode(struct isakmp_out *o, const struct isakmp_addr *v);

/**
 * struct v1_attributes - Attributes payload (mode config)
 * @type: enum ike_cfg_type, or one that is not known
 * @id: identifier
 * @attrs: for v1_attr_next(), all well formed, maybe none; they cover the body exactly
 *
 *   +---------------+---------------+-------------------------------+
 *   |     Type      |   reserved    |          Identifier           |
 *   +---------------+---------------+-------------------------------+
 *   ~                           attributes                          ~
 *   +---------------------------------------------------------------+
 */
struct v1_attributes {
	u8 type;
	u16 id;
	struct isakmp_cur attrs;
};

/* OK or BAD_CP. */
enum isakmp_reason v1_attributes_decode(const struct isakmp_payload *p, struct v1_attributes *v);
/* What stands before the attributes, which v1_attr_encode() adds. */
void v1_attributes_encode(struct isakmp_out *o, u8 type, u16 id);

/**
 * struct v1_fragment - Fragment payload of Microsoft and Cisco
 * @id: of the message
 * @number: 1 to 255
 * @last: it is the last one
 * @data: the piece
 * @len: its octets, at least 1
 *
 *   +-------------------------------+---------------+---------------+
 *   |              ID               |    Number     | 1=last 0=more |
 *   +-------------------------------+---------------+---------------+
 *   ~        a piece of the message, which has a header too         ~
 *   +---------------------------------------------------------------+
 *
 * It is the only payload of its message, which is never encrypted: the whole is.  Of the
 * last octet one bit is looked at.
 */
struct v1_fragment {
	u16 id;
	u8 number;
	bool last;
	const u8 *data;
	u16 len;
};

/* OK or V1_BAD_FRAGMENT. */
enum isakmp_reason v1_fragment_decode(const struct isakmp_payload *p, struct v1_fragment *v);
void v1_fragment_encode(struct isakmp_out *o, const struct v1_fragment *v);

/* ---- vendor IDs --------------------------------------------------------------- */

/* What a vendor ID says that its sender can. */
enum v1_can {
	V1_CAN_DPD,
	V1_CAN_XAUTH,
	V1_CAN_UNITY,
	V1_CAN_FRAGMENT,	/* any of the two kinds */
	V1_CAN_NATT_RFC,
	V1_CAN_NATT_03,
	V1_CAN_NATT_02,
	V1_CAN_NATT_02N,	/* the same, as others hashed its name */
	V1_CANS,
};

#define V1_CAN_NATT (BIT(V1_CAN_NATT_RFC) | BIT(V1_CAN_NATT_03) | BIT(V1_CAN_NATT_02) | \
		     BIT(V1_CAN_NATT_02N))

/**
 * v1_vendor_bits() - what a vendor ID says
 * @p: the VENDOR payload, of any length
 *
 * DPD and Unity are known in any version; FRAGMENTATION with and without the four octets
 * that say in which exchanges, which are not looked at.  All others must match exactly.
 *
 * Context: any.
 * Return: BIT()s of enum v1_can; 0: not known here.
 */
u32 v1_vendor_bits(const struct isakmp_payload *p);
/* The octets of one that we send, as the body of an open payload.  ctx: any. */
void v1_vendor_encode(struct isakmp_out *o, enum v1_can what);

#endif
