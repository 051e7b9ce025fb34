/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _DECODE_MAKE_H
#define _DECODE_MAKE_H

#include "../../userspace/isakmp/keytable.h"
#include "ike/seam.h"
#include "wire/chain.h"

#define MSG_MAX 4096
#define SPI_I	0x1122334455667788ULL
#define SPI_R	0x99aabbccddeeff00ULL

void make_begin(struct isakmp_builder *b, u8 *buf, u8 exchange, u8 flags);
void make_notify(struct isakmp_builder *b, u16 type, const void *data, u16 len);
void make_id(struct isakmp_builder *b, u8 type, const char *value);
void make_raw(struct isakmp_builder *b, u8 type, const char *p, size_t n);
void make_all(struct isakmp_builder *b);
size_t make_sealed(u8 *msg, const struct ike_suite *s, const struct keytable_sa *sa,
		   bool initiator);
size_t make_fragment(u8 *msg, const struct ike_suite *s, const struct keytable_sa *sa,
		     bool initiator, const struct isakmp_skf *skf);

/* decode_v1_make.c */
void make_v1_begin(struct isakmp_builder *b, u8 *buf, u8 exchange, u8 flags, u32 msgid);
void make_v1_all(struct isakmp_builder *b);

#endif
