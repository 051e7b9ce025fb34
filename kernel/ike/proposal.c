// SPDX-License-Identifier: GPL-2.0
/*
 * Suites of the operator <-> SA payloads of the wire (RFC 7296, 2.7 and 3.3).
 *
 * IKE_FORM_BARE speaks of no KE transforms: "The SA payloads in the IKE_AUTH exchange
 * cannot contain Transform Type 4 (Diffie-Hellman group) with any value other than
 * NONE" (RFC 7296, 1.2): there they are left out of an offer, and passed over in that
 * of a peer that has them all the same.
 */
#include "ike/engine.h"
#include "wire/sa.h"

/* ESP or AH: it has an SPI of its own, and sequence numbers. */
static bool of_child(const struct ike_suite *s)
{
	return s->protocol != IKE_PROTO_IKE;
}

static bool speaks_ke(const struct ike_suite *s, enum ike_form form)
{
	return form != IKE_FORM_BARE || !of_child(s);
}

static bool suite_equal(const struct ike_suite *a, const struct ike_suite *b, bool ke)
{
	return a->protocol == b->protocol && a->encr == b->encr &&
	       a->keylen == b->keylen && a->integ == b->integ && a->prf == b->prf &&
	       a->esn == b->esn && (!ke || a->ke == b->ke);
}

/* The first of those that are the same on the wire stands for all. */
static bool is_offered(const struct ike_suites *s, unsigned int i, enum ike_form form)
{
	unsigned int j;

	for (j = 0; j < i; j++)
		if (suite_equal(&s->s[j], &s->s[i], speaks_ke(&s->s[i], form)))
			return false;
	return true;
}

/**
 * ike_suites_ready - the suites of an IKE SA that can be spoken now
 * @sa: the SA
 * @s: the operator's
 * @ready: those that the kernel has, with a group that somebody computes
 *
 * Context: Process; the SA's worker.
 * Return: how many.
 */
unsigned int ike_suites_ready(struct ike_sa *sa, const struct ike_suites *s,
			      struct ike_suites *ready)
{
	unsigned int i;

	ready->n = 0;
	for (i = 0; i < s->n; i++) {
		const struct ike_suite *o = &s->s[i];

		if (isakmp_crypto_has(IKE_T_ENCR, o->encr, o->keylen) &&
		    isakmp_crypto_has(IKE_T_PRF, o->prf, 0) &&
		    isakmp_crypto_has(IKE_T_INTEG, o->integ, 0) &&
		    isakmp_crypto_has(IKE_T_KE, o->ke, 0) &&
		    isakmp_kex_ready(sa, o->ke))
			ready->s[ready->n++] = *o;
	}
	return ready->n;
}

static void suite_transforms(struct isakmp_sa_build *b, const struct ike_suite *s,
			     enum ike_form form)
{
	if (s->encr)
		isakmp_sa_build_transform(b, IKE_T_ENCR, s->encr, s->keylen);
	if (s->prf)
		isakmp_sa_build_transform(b, IKE_T_PRF, s->prf, 0);
	if (s->integ)
		isakmp_sa_build_transform(b, IKE_T_INTEG, s->integ, 0);
	if (s->ke && speaks_ke(s, form))
		isakmp_sa_build_transform(b, IKE_T_KE, s->ke, 0);
	/* RFC 7296, 3.3.3: ESN is mandatory for ESP and AH */
	if (of_child(s))
		isakmp_sa_build_transform(b, IKE_T_ESN, s->esn, 0);
}

/* RFC 7296, 3.3.1: octets of the SPI in a proposal. */
static u8 spi_size(const struct ike_suite *s, enum ike_form form)
{
	if (of_child(s))
		return 4;
	return form == IKE_FORM_REKEY ? 8 : 0;
}

static void encode_one(struct isakmp_out *o, const struct ike_suite *s, u8 num, u64 spi,
		       enum ike_form form, bool last)
{
	struct isakmp_sa_build b;
	u8 octets[8], size = spi_size(s, form);

	put_unaligned_be64(spi, octets);
	isakmp_sa_build_begin(&b, o, num, s->protocol, octets + sizeof(octets) - size, size);
	suite_transforms(&b, s, form);
	isakmp_sa_build_end(&b, last);
}

/**
 * ike_suites_encode - body of an SA payload that offers suites
 * @o: where
 * @s: the suites, a proposal each
 * @spi: our SPI, host order; means nothing in IKE_SA_INIT
 * @form: in which message
 *
 * Context: Any.
 */
void ike_suites_encode(struct isakmp_out *o, const struct ike_suites *s, u64 spi,
		       enum ike_form form)
{
	unsigned int i, left = 0;
	u8 num = 1;

	for (i = 0; i < s->n; i++)
		left += is_offered(s, i, form);
	for (i = 0; i < s->n; i++)
		if (is_offered(s, i, form))
			encode_one(o, &s->s[i], num++, spi, form, !--left);
}

/**
 * ike_suite_encode - body of an SA payload with the one proposal that was chosen
 * @o: where
 * @s: the suite; without KE where there is none
 * @num: number of the peer's proposal
 * @spi: our SPI, host order; means nothing in IKE_SA_INIT
 * @form: in which message
 *
 * Context: Any.
 */
void ike_suite_encode(struct isakmp_out *o, const struct ike_suite *s, u8 num, u64 spi,
		      enum ike_form form)
{
	encode_one(o, s, num, spi, form, true);
}

/* What a suite wants of one transform type; @absent_ok: need not be offered. */
static bool suite_wants(const struct ike_suite *s, u8 type, u16 *id, bool *absent_ok)
{
	bool ike = !of_child(s);

	*absent_ok = false;
	switch (type) {
	case IKE_T_ENCR:
		*id = s->encr;
		*absent_ok = s->protocol == IKE_PROTO_AH;
		return !*absent_ok;
	case IKE_T_PRF:
		*id = s->prf;
		*absent_ok = !ike;
		return ike;
	case IKE_T_INTEG:
		/* RFC 7296, 3.3: with an AEAD absent, or NONE */
		*id = s->integ;
		*absent_ok = !s->integ;
		return true;
	case IKE_T_KE:
		/* RFC 7296, 1.2: none in IKE_AUTH; NONE is as good as absent */
		*id = s->ke;
		*absent_ok = !s->ke;
		return true;
	case IKE_T_ESN:
		*id = s->esn;
		*absent_ok = ike;
		return !ike;
	}
	return false;
}

#define TYPE_BIT(t) (1U << (t))

static bool acceptable(const struct isakmp_transform *t, u16 id, const struct ike_suite *s)
{
	u16 keylen = t->type == IKE_T_ENCR ? s->keylen : 0;

	return !t->odd && t->id == id && t->keylen == keylen;
}

/* RFC 7296, 3.3: a suite has something of each type that is there. */
static bool complete(const struct ike_suite *s, u32 present, u32 good, bool ke)
{
	bool absent_ok;
	u32 type;
	u16 id;

	for (type = IKE_T_ENCR; type <= IKE_T_LAST; type++) {
		if (type == IKE_T_KE && !ke)
			continue;
		suite_wants(s, (u8)type, &id, &absent_ok);
		if (!(good & TYPE_BIT(type)) &&
		    (present & TYPE_BIT(type) || !absent_ok))
			return false;
	}
	return true;
}

/* Does a proposal offer all of a suite, and ask for no type beyond it? */
static bool proposal_offers(const struct isakmp_proposal *p, const struct ike_suite *s,
			    enum ike_form form)
{
	u32 present = 0, good = 0;
	struct isakmp_transform t;
	struct isakmp_cur c;
	bool absent_ok;
	u16 id;

	if (p->protocol != s->protocol || p->spi_size != spi_size(s, form))
		return false;
	isakmp_cur_init(&c, p->transforms, p->len);
	while (isakmp_transform_next(&c, &t)) {
		/* RFC 7296, 3.3.6: a type we do not understand spoils it */
		if (t.type > IKE_T_LAST || !suite_wants(s, t.type, &id, &absent_ok))
			return false;
		present |= TYPE_BIT(t.type);
		if (acceptable(&t, id, s))
			good |= TYPE_BIT(t.type);
	}
	return complete(s, present, good, speaks_ke(s, form));
}

static u64 read_spi(const struct isakmp_proposal *p)
{
	if (p->spi_size == 8)
		return get_unaligned_be64(p->spi);
	return p->spi_size == 4 ? get_unaligned_be32(p->spi) : 0;
}

static bool find_offer(const struct isakmp_payload *sa, const struct ike_suite *s,
		       enum ike_form form, u8 *num, u64 *spi)
{
	struct isakmp_proposal p;
	struct isakmp_cur c;

	isakmp_cur_init(&c, sa->body, sa->len);
	while (isakmp_proposal_next(&c, &p)) {
		if (!proposal_offers(&p, s, form))
			continue;
		*num = p.num;
		*spi = read_spi(&p);
		return true;
	}
	return false;
}

/**
 * ike_suite_select - the first of our suites that the peer offers
 * @ours: in our order of preference
 * @sa: the peer's SA payload, checked by isakmp_sa_decode()
 * @ke_hint: group of its KE payload, preferred; IKE_KE_NONE: none
 * @form: in which message
 * @num: number of the proposal chosen
 * @spi: its SPI, host order; 0: it has none
 *
 * Context: Process.
 * Return: the suite, or NULL.  With IKE_FORM_BARE its KE means nothing.
 */
const struct ike_suite *ike_suite_select(const struct ike_suites *ours,
					 const struct isakmp_payload *sa, u16 ke_hint,
					 enum ike_form form, u8 *num, u64 *spi)
{
	unsigned int i;

	for (i = 0; i < ours->n; i++)
		if (ours->s[i].ke == ke_hint && find_offer(sa, &ours->s[i], form, num, spi))
			return &ours->s[i];
	for (i = 0; i < ours->n; i++)
		if (ours->s[i].ke != ke_hint && find_offer(sa, &ours->s[i], form, num, spi))
			return &ours->s[i];
	return NULL;
}

/* The suite that went out as proposal @num. */
static const struct ike_suite *numbered(const struct ike_suites *s, u8 num, enum ike_form form)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (is_offered(s, i, form) && !--num)
			return &s->s[i];
	return NULL;
}

/**
 * ike_suite_chosen - which of our suites the responder chose
 * @offered: what we offered
 * @sa: the responder's SA payload, checked by isakmp_sa_decode()
 * @form: as it was offered
 * @spi: its SPI, host order; 0: it has none
 *
 * RFC 7296, 2.7: one proposal, under the number we gave it, with exactly one
 * transform of each type that was offered.
 *
 * Context: Process.
 * Return: the suite, or NULL: not one of ours.  With IKE_FORM_BARE its KE means nothing.
 */
const struct ike_suite *ike_suite_chosen(const struct ike_suites *offered,
					 const struct isakmp_payload *sa, enum ike_form form, u64 *spi)
{
	const struct ike_suite *s;
	struct isakmp_proposal p, more;
	struct isakmp_cur c;
	unsigned int want;

	isakmp_cur_init(&c, sa->body, sa->len);
	if (!isakmp_proposal_next(&c, &p) || isakmp_proposal_next(&c, &more))
		return NULL;
	s = p.num ? numbered(offered, p.num, form) : NULL;
	if (!s)
		return NULL;
	want = !!s->encr + !!s->prf + !!s->integ + (s->ke && speaks_ke(s, form)) +
	       of_child(s);
	if (p.n != want || !proposal_offers(&p, s, form))
		return NULL;
	*spi = read_spi(&p);
	return s;
}

/**
 * ike_suites_have_group - is a group among those of some suites?
 * @s: the suites
 * @group: the group
 *
 * Context: Any.
 * Return: true if it is.
 */
bool ike_suites_have_group(const struct ike_suites *s, u16 group)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (s->s[i].ke == group)
			return true;
	return false;
}

/**
 * ike_suites_allow - is a suite among those of a peer?
 * @s: the peer's
 * @one: the suite that was negotiated before the peer was known
 *
 * Context: Any.
 * Return: true if it is.
 */
bool ike_suites_allow(const struct ike_suites *s, const struct ike_suite *one)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (suite_equal(&s->s[i], one, true))
			return true;
	return false;
}
