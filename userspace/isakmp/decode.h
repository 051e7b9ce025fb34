/* SPDX-License-Identifier: GPL-2.0 */
/*
 * isakmp decode: what is in the messages of a capture, by the codec of the
 * module (kernel/wire).  Only printable ASCII of a peer's octets is written.
 */
#ifndef _ISAKMP_DECODE_H
#define _ISAKMP_DECODE_H

#include <openssl/x509.h>

#include "decode_v1_join.h"
#include "decode_v1_open.h"
#include "keytable.h"
#include "pcap.h"
#include "print.h"
#include "wire/chain.h"
#include "wire/cp.h"

struct decoder {
	struct out *out;
	struct keytable keys;
	struct v1_talks *v1;	/* conversations of version 1; NULL: none yet */
	struct v1_joins *pieces; /* messages of version 1 in pieces; NULL: none yet */
	const struct ip_packet *ip; /* of the datagram on hand */
	bool joined;		/* the message on hand came in pieces */
	int64_t start;		/* of the first frame shown: microseconds */
	bool started;
};

/* decode.c */
bool decode_datagram(struct decoder *d, const struct datagram *dg);

/* decode_message.c */
void decode_message(struct decoder *d, const uint8_t *p, size_t n);

/* decode_payload.c */
void decode_body(struct out *o, const struct isakmp_payload *p);
void decode_vendor(struct out *o, const struct isakmp_payload *p);
void decode_data(struct out *o, const uint8_t *p, size_t n);
void decode_cfg_value(struct out *o, const struct isakmp_cp_attr *v);
void decode_x509(struct out *o, const uint8_t *p, size_t n);
void decode_x509_name(struct out *o, const char *key, const X509_NAME *name);

/* decode_v1.c */
void decode_v1_header(struct out *o, const struct isakmp_header *h);
void decode_v1_chain(struct decoder *d, const struct isakmp_header *h, const uint8_t *p, size_t n,
		     bool told);

/* decode_keys.c */
enum isakmp_reason decode_open(const struct keytable_sa *sa, bool initiator,
			       const uint8_t *msg, size_t aad, size_t n, uint8_t *text,
			       size_t *len);

/* decode_names.c: NULL for what has no name */
const char *decode_exchange(unsigned int type);
const char *decode_payload(unsigned int type);
const char *decode_protocol(unsigned int id);
const char *decode_notify(unsigned int type);
const char *decode_transform_type(unsigned int type);
const char *decode_transform(unsigned int type, unsigned int id);
const char *decode_auth_method(unsigned int method);
const char *decode_hash(unsigned int id);
const char *decode_cert(unsigned int encoding);
const char *decode_cfg_type(unsigned int type);
const char *decode_cfg_attr(unsigned int type);
const char *decode_eap_code(unsigned int code);
const char *decode_eap_type(unsigned int type);

/* decode_v1_names.c: the same */
const char *decode_v1_exchange(unsigned int type);
const char *decode_v1_payload(unsigned int type);
const char *decode_v1_protocol(unsigned int id);
const char *decode_v1_notify(unsigned int type);
const char *decode_v1_transform(unsigned int protocol, unsigned int id);
const char *decode_v1_attr(bool phase1, unsigned int type);
const char *decode_v1_value(bool phase1, unsigned int type, unsigned int value);
const char *decode_v1_cert(unsigned int encoding);
const char *decode_v1_cfg_attr(unsigned int type);
const char *decode_v1_vendor(const uint8_t *p, size_t n);

/* decode_text.c */
void out_name(struct out *o, const char *key, const char *name, unsigned int number);
void out_octets(struct out *o, const char *key, const uint8_t *p, size_t n);
void out_escaped(struct out *o, const char *key, const uint8_t *p, size_t n);
void out_reason(struct out *o, enum isakmp_reason r);

#endif /* _ISAKMP_DECODE_H */
