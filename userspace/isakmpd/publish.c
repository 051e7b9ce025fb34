// SPDX-License-Identifier: GPL-2.0
/*
 * HELPER_PUBLISH: the groups computed here, the authorities trusted here (the body of a
 * CERTREQ payload, RFC 7296, 3.7), the secret behind the tokens of quick crash
 * detection (RFC 6290), and the keys of tickets.
 */
#include <errno.h>
#include <linux/isakmp.h>
#include <netlink/attr.h>

#include "kex.h"
#include "publish.h"
#include "ticket.h"

/**
 * publish_put() - the attributes of HELPER_PUBLISH
 * @msg: a message with its generic netlink header
 * @certreq: body of our CERTREQ payload; n = 0: no authorities
 * @secret: behind our tokens; n = 0: there is none
 *
 * Return: 0 or -EMSGSIZE.
 */
int publish_put(struct nl_msg *msg, const struct octets *certreq, const struct octets *secret)
{
	struct nlattr *nest = nla_nest_start(msg, ISAKMP_A_PUBLISH | NLA_F_NESTED);
	size_t i;

	if (!nest)
		return -EMSGSIZE;
	if (certreq->n && nla_put(msg, ISAKMP_PUBLISH_CERTREQ, (int)certreq->n, certreq->p))
		return -EMSGSIZE;
	if (secret->n && nla_put(msg, ISAKMP_PUBLISH_QCD_SECRET, (int)secret->n, secret->p))
		return -EMSGSIZE;
	for (i = 0; kex_group_at(i); i++)
		if (nla_put_u16(msg, ISAKMP_PUBLISH_KE, kex_group_at(i)))
			return -EMSGSIZE;
	if (ticket_put(msg))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}
