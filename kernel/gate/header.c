// SPDX-License-Identifier: GPL-2.0
/* Is this an IKE message for us at all? (RFC 7296, 3.1) */
#include <isakmp/ikev1.h>
#include "gate/gate.h"

static bool exchange_known(u8 exchange)
{
	return exchange >= IKE_SA_INIT && exchange <= IKE_SESSION_RESUME;
}

/*
 * RFC 7296, 3.1: I is set in what the original initiator sends.  IKE_SA_INIT,
 * IKE_SESSION_RESUME and IKE_AUTH are started by nobody else, so there a request has it and a
 * response has not.  In the other exchanges either side may ask.
 */
static bool sender_fits(const struct isakmp_header *h)
{
	bool initiator = h->flags & IKE_FLAG_INITIATOR;
	bool response = h->flags & IKE_FLAG_RESPONSE;

	if (!isakmp_exchange_is_first(h->exchange) && h->exchange != IKE_AUTH)
		return true;
	return initiator != response;
}

static bool spis_fit(const struct isakmp_header *h)
{
	/* RFC 7296, 3.1: the initiator's MUST NOT be zero */
	if (!h->spi_i)
		return false;
	/* RFC 7296, 3.1: the responder's MUST be zero in the first message */
	if (isakmp_gate_is_first(h))
		return !h->spi_r;
	/* RFC 7296, 2.6: the answer to it may have none yet (COOKIE and errors) */
	return h->spi_r || isakmp_exchange_is_first(h->exchange);
}

enum isakmp_reason isakmp_gate_header(const u8 *p, size_t n, struct isakmp_header *h)
{
	enum isakmp_reason r;

	r = isakmp_header_decode(p, n, h);
	if (r != ISAKMP_OK)
		return r;
	if (n > IKE_MSG_MAX)
		return ISAKMP_R_OVERSIZE;
	if (h->major == V1_MAJOR)
		return isakmp_gate_v1_header(h);
	/* RFC 7296, 2.5: a higher major version MUST be dropped; the minor MUST be ignored */
	if (h->major != IKE_V2_MAJOR)
		return ISAKMP_R_VERSION;
	if (!exchange_known(h->exchange))
		return ISAKMP_R_EXCHANGE;
	if (!spis_fit(h) || !sender_fits(h))
		return ISAKMP_R_SPI;
	/* RFC 7296, 2.2: the Message ID is zero for IKE_SA_INIT, both ways */
	if (isakmp_exchange_is_first(h->exchange) && h->msgid)
		return ISAKMP_R_FIRST_ID;
	return ISAKMP_OK;
}
