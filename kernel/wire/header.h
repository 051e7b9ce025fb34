/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The IKE header (RFC 7296, 3.1):
 *
 *                        1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------------------------------------------------------+
 *   |                    IKE SA Initiator's SPI                     |
 *   |                                                               |
 *   +---------------------------------------------------------------+
 *   |                    IKE SA Responder's SPI                     |
 *   |                                                               |
 *   +---------------+-------+-------+---------------+---------------+
 *   |  Next Payload | MjVer | MnVer | Exchange Type |x x R V I x x x|
 *   +---------------+-------+-------+---------------+---------------+
 *   |                          Message ID                           |
 *   +---------------------------------------------------------------+
 *   |                 Length (header and payloads)                  |
 *   +---------------------------------------------------------------+
 */
#ifndef _ISAKMP_WIRE_HEADER_H
#define _ISAKMP_WIRE_HEADER_H

#include <isakmp/ikev2.h>
#include <isakmp/reason.h>
#include "wire/cursor.h"

/**
 * struct isakmp_header - the IKE header in host order (RFC 7296, 3.1)
 * @spi_i: SPI of the IKE SA's initiator
 * @spi_r: SPI of its responder, 0 in a first message
 * @next: type of the first payload, 0 for none
 * @major: major version
 * @minor: minor version, to be ignored
 * @exchange: enum ike_exchange
 * @flags: IKE_FLAG_*; the other bits are to be ignored
 * @msgid: message ID
 * @len: octets of the whole message
 */
struct isakmp_header {
	u64 spi_i;
	u64 spi_r;
	u8 next;
	u8 major;
	u8 minor;
	u8 exchange;
	u8 flags;
	u32 msgid;
	u32 len;
};

/**
 * isakmp_header_decode() - read the header of a datagram
 * @p: the datagram, without a non-ESP marker
 * @n: its octets
 * @h: filled whenever @n is at least IKE_HDR_LEN, also with LENGTH, so that a
 *	refusal can name the SPIs
 *
 * Only lengths are judged here; versions, exchanges and SPIs belong to gate/.
 *
 * Context: any.
 * Return: OK, SHORT (@n below IKE_HDR_LEN) or LENGTH (the Length field is
 * not @n).
 */
enum isakmp_reason isakmp_header_decode(const u8 *p, size_t n,
					struct isakmp_header *h);

/**
 * isakmp_header_encode() - append the 28 octets of a header
 * @o: where to
 * @h: the header; all of @flags is written, so leave the unassigned bits clear
 *
 * Context: any.
 */
void isakmp_header_encode(struct isakmp_out *o, const struct isakmp_header *h);

/**
 * isakmp_exchange_is_first() - does an IKE SA begin with this exchange?
 * @exchange: exchange type
 *
 * RFC 5723, 4.3.2: IKE_SESSION_RESUME "behaves exactly like the IKE_SA_INIT exchange":
 * in the clear, without an SPI of the responder, message ID 0.
 *
 * Context: any.
 */
static inline bool isakmp_exchange_is_first(u8 exchange)
{
	return exchange == IKE_SA_INIT || exchange == IKE_SESSION_RESUME;
}

/**
 * isakmp_header_length() - how long a message of ours is that others follow
 * @p: the message, whole
 *
 * Context: any.
 * Return: what its header says, at least IKE_HDR_LEN.
 */
static inline size_t isakmp_header_length(const u8 *p)
{
	return max_t(size_t, get_unaligned_be32(p + IKE_HDR_LENGTH_AT), IKE_HDR_LEN);
}

/**
 * isakmp_header_set_length() - write the octets of @o into its header
 * @o: a message whose header starts at its first octet
 *
 * Context: any.
 */
void isakmp_header_set_length(struct isakmp_out *o);

#endif
