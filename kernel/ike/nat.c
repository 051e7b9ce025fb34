// SPDX-License-Identifier: GPL-2.0
/*
 * Is there a NAT between us?  (RFC 7296, 2.23)
 *
 * Each side tells the other, as digests, which address and port it thinks its
 * message goes from and to.  Who finds that a digest does not fit the packet
 * knows at which end a NAT rewrote it.
 */
#include "ike/engine.h"

#define NAT_DIGEST_LEN 20	/* SHA-1 */

/* SHA-1(SPIi | SPIr | address | port), SPIs as in the header of the message */
static enum isakmp_reason digest(u64 spi_i, u64 spi_r, const struct isakmp_addr *addr,
				 u16 port, u8 *out)
{
	u8 spis[16], number[2];
	const struct ike_span v[] = {
		{ spis, sizeof(spis) },
		{ addr->a, isakmp_addr_len(addr) },
		{ number, sizeof(number) },
	};

	put_unaligned_be64(spi_i, spis);
	put_unaligned_be64(spi_r, spis + 8);
	put_unaligned_be16(port, number);
	return ike_crypto_reason(isakmp_sha1(v, ARRAY_SIZE(v), out));
}

/**
 * ike_nat_add - N(NAT_DETECTION_SOURCE_IP), N(NAT_DETECTION_DESTINATION_IP)
 * @sa: the SA
 * @m: a message: of IKE_SA_INIT, or with MOBIKE of INFORMATIONAL
 * @path: the way it goes
 * @fake: say that we send from elsewhere: the peer then puts ESP in UDP
 *
 * The fake is the digest of no address and no port, so that a repeated first
 * message stays the same but for the cookie (RFC 7296, 2.6).
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY or CRYPTO.
 */
enum isakmp_reason ike_nat_add(struct ike_sa *sa, struct ike_msg *m,
			       const struct isakmp_path *path, bool fake)
{
	struct isakmp_addr from = path->local;
	u8 source[NAT_DIGEST_LEN], destination[NAT_DIGEST_LEN];
	enum isakmp_reason why;

	if (fake)
		memset(from.a, 0, sizeof(from.a));
	why = digest(m->ep->spi_i, m->ep->spi_r, &from, fake ? 0 : path->lport, source);
	if (!why)
		why = digest(m->ep->spi_i, m->ep->spi_r, &path->remote, path->rport, destination);
	if (why)
		return why;
	ike_msg_notify(m, IKE_N_NAT_DETECTION_SOURCE_IP, source, sizeof(source));
	ike_msg_notify(m, IKE_N_NAT_DETECTION_DESTINATION_IP, destination,
		       sizeof(destination));
	return ISAKMP_OK;
}

/* Is @want among the notifications of a type?  @spoken: there is one at all. */
static bool among(const struct isakmp_chain *c, u16 type, const u8 *want, bool *spoken)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;
	bool found = false;

	*spoken = false;
	while ((p = isakmp_chain_next(c, IKE_PL_NOTIFY, p))) {
		if (isakmp_notify_decode(p, &n) || n.type != type)
			continue;
		*spoken = true;
		found |= n.len == NAT_DIGEST_LEN && !memcmp(n.data, want, NAT_DIGEST_LEN);
	}
	return found;
}

/**
 * ike_nat_detect - compare what the peer says with how its message came
 * @in: a message: of IKE_SA_INIT, or with MOBIKE of INFORMATIONAL
 * @nat: what it tells
 *
 * "There MAY be multiple NAT_DETECTION_SOURCE_IP payloads": one that fits is
 * enough.
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY or CRYPTO.
 */
enum isakmp_reason ike_nat_detect(const struct ike_in *in, struct ike_nat *nat)
{
	const struct isakmp_path *path = &in->pkt->path;
	bool source, destination;
	u8 want[NAT_DIGEST_LEN];
	enum isakmp_reason why;

	why = digest(in->h.spi_i, in->h.spi_r, &path->remote, path->rport, want);
	if (why)
		return why;
	nat->remote = !among(&in->chain, IKE_N_NAT_DETECTION_SOURCE_IP, want, &source);
	why = digest(in->h.spi_i, in->h.spi_r, &path->local, path->lport, want);
	if (why)
		return why;
	nat->local = !among(&in->chain, IKE_N_NAT_DETECTION_DESTINATION_IP, want,
			    &destination);
	/* NAT traversal is spoken when both were exchanged */
	nat->spoken = source && destination;
	nat->remote &= nat->spoken;
	nat->local &= nat->spoken;
	return ISAKMP_OK;
}

/**
 * ike_nat_commit - what was found counts from here on
 * @sa: the SA
 * @nat: of ike_nat_detect()
 * @encap: the operator wants ESP in UDP also without a NAT
 *
 * Context: Process; the SA's worker.
 */
void ike_nat_commit(struct ike_sa *sa, const struct ike_nat *nat, bool encap)
{
	sa->natt = nat->spoken;
	sa->nat_local = nat->local;
	sa->nat_remote = nat->remote;
	/* "If a NAT is detected, both devices MUST use UDP encapsulation" */
	sa->encap = nat->spoken && (nat->local || nat->remote || encap);
}
