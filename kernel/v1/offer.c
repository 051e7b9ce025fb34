// SPDX-License-Identifier: GPL-2.0
/*
 * Suites of a child <-> SA payloads of Quick Mode (RFC 2407, 4.4 and 4.5; RFC 3947, 5.1;
 * RFC 4304).
 *
 * All suites go out as transforms of one proposal with one SPI.  With a KE payload all have
 * its group: "the attribute describing the Diffie-Hellman group MUST be included in every
 * transform" (RFC 2409, 5.5).  A responder echoes the transform that it chooses.
 */
#include "v1/phase2.h"

#define ESN_64	1	/* RFC 4304 */
#define GROUP_LAST 30	/* the registry of version 1 ends here */

/* ---- numbers --------------------------------------------------------------- */

static const struct {
	u16 encr;
	u8 id;
} ciphers[] = {
	{ IKE_ENCR_3DES, V1_ESP_3DES },
	{ IKE_ENCR_AES_CBC, V1_ESP_AES },
	{ IKE_ENCR_AES_CTR, V1_ESP_AES_CTR },
	{ IKE_ENCR_AES_CCM_8, V1_ESP_AES_CCM_8 },
	{ IKE_ENCR_AES_CCM_12, V1_ESP_AES_CCM_12 },
	{ IKE_ENCR_AES_CCM_16, V1_ESP_AES_CCM_16 },
	{ IKE_ENCR_AES_GCM_8, V1_ESP_AES_GCM_8 },
	{ IKE_ENCR_AES_GCM_12, V1_ESP_AES_GCM_12 },
	{ IKE_ENCR_AES_GCM_16, V1_ESP_AES_GCM_16 },
};

static const struct {
	u16 integ;
	u8 auth;
	u8 ah;
} hashes[] = {
	{ IKE_INTEG_HMAC_MD5_96, V1_AUTH_HMAC_MD5, V1_AH_MD5 },
	{ IKE_INTEG_HMAC_SHA1_96, V1_AUTH_HMAC_SHA1, V1_AH_SHA1 },
	{ IKE_INTEG_HMAC_SHA2_256_128, V1_AUTH_HMAC_SHA2_256, V1_AH_SHA2_256 },
	{ IKE_INTEG_HMAC_SHA2_384_192, V1_AUTH_HMAC_SHA2_384, V1_AH_SHA2_384 },
	{ IKE_INTEG_HMAC_SHA2_512_256, V1_AUTH_HMAC_SHA2_512, V1_AH_SHA2_512 },
};

/* A suite in the numbers of version 1: a transform, but for mode and lifetime. */
struct terms {
	u8 id;
	u16 auth;
	u16 keylen;
	u16 group;
	bool esn;
};

/* Return: false: version 1 has no numbers for it. */
static bool terms_of(const struct ike_suite *s, struct terms *t)
{
	unsigned int i, ah = 0;

	memset(t, 0, sizeof(*t));
	for (i = 0; i < ARRAY_SIZE(hashes); i++)
		if (hashes[i].integ == s->integ) {
			t->auth = hashes[i].auth;
			ah = hashes[i].ah;
		}
	for (i = 0; i < ARRAY_SIZE(ciphers); i++)
		if (ciphers[i].encr == s->encr)
			t->id = ciphers[i].id;
	if (s->protocol == IKE_PROTO_AH)
		t->id = (u8)ah;
	t->keylen = s->keylen;
	t->group = s->ke;
	t->esn = s->esn == IKE_ESN_YES;
	return t->id && (t->auth || s->integ == IKE_INTEG_NONE) && s->ke <= GROUP_LAST;
}

/**
 * v1_child_suite - has version 1 numbers for a suite of ESP or AH?
 * @s: the suite
 *
 * Context: Any.
 * Return: true if so.
 */
bool v1_child_suite(const struct ike_suite *s)
{
	struct terms t;

	return terms_of(s, &t);
}

/* RFC 3947, 5.1: "the initiator SHOULD NOT include both" */
static u16 mode_of(const struct ike_sa *sa, const struct ike_epoch *ep, u8 mode)
{
	bool transport = mode == IKE_MODE_TRANSPORT;

	if (!sa->encap)
		return transport ? V1_MODE_TRANSPORT : V1_MODE_TUNNEL;
	if (ep->v1->natt & BIT(V1_CAN_NATT_RFC))
		return transport ? V1_MODE_UDP_TRANSPORT : V1_MODE_UDP_TUNNEL;
	return transport ? V1_MODE_UDP_TRANSPORT_DRAFT : V1_MODE_UDP_TUNNEL_DRAFT;
}

/*
 * Is it this mode, in UDP or not?  RFC 2407, 4.5: what is not said is "host-dependent".  The
 * numbers of RFC 3947 and those of the drafts mean the same.
 */
static bool mode_read(u16 said, u8 mode, bool *udp)
{
	*udp = said != V1_MODE_TUNNEL && said != V1_MODE_TRANSPORT && said;
	switch (said) {
	case 0:
		return true;
	case V1_MODE_TUNNEL:
	case V1_MODE_UDP_TUNNEL:
	case V1_MODE_UDP_TUNNEL_DRAFT:
		return mode == IKE_MODE_TUNNEL;
	case V1_MODE_TRANSPORT:
	case V1_MODE_UDP_TRANSPORT:
	case V1_MODE_UDP_TRANSPORT_DRAFT:
		return mode == IKE_MODE_TRANSPORT;
	}
	return false;
}

/* ---- reading a transform ----------------------------------------------------- */

struct said {
	struct terms t;
	u16 mode;
	u32 seen;	/* attributes, as bits */
	struct v1_life_reader life;
};

/* RFC 2407, 4.5: "Attributes described as basic MUST NOT be encoded as variable." */
static bool take(struct said *s, const struct v1_attr_value *a)
{
	if (!a->basic || a->type > V1_IA_ESN || s->seen & BIT(a->type))
		return false;
	s->seen |= BIT(a->type);
	switch (a->type) {
	case V1_IA_GROUP:
		s->t.group = (u16)a->small;
		return a->small;
	case V1_IA_MODE:
		s->mode = (u16)a->small;
		return a->small;
	case V1_IA_AUTH:
		s->t.auth = (u16)a->small;
		return a->small;
	case V1_IA_KEY_LENGTH:
		s->t.keylen = (u16)a->small;
		return a->small;
	case V1_IA_ESN:
		s->t.esn = true;
		return a->small == ESN_64;
	}
	return false;
}

/* Return: false: it has attributes that are in conflict, or mean nothing here. */
static bool read_transform(const struct ike_epoch *ep, const struct v1_transform *t,
			   struct said *s)
{
	struct isakmp_cur c = t->attrs;
	struct v1_attr_value a;
	enum v1_life_read life;

	memset(s, 0, sizeof(*s));
	s->t.id = t->id;
	while (v1_attr_next(&c, &a)) {
		life = v1_life_attr(&s->life, V1_LIFE_PHASE2, &a);
		if (life == V1_LIFE_BAD || (life == V1_LIFE_OTHER && !take(s, &a)))
			return false;
	}
	s->t.group = v1_group_of(ep, s->t.group);
	return !c.left && !s->life.type;
}

static bool same(const struct terms *a, const struct terms *b)
{
	return a->id == b->id && a->auth == b->auth && a->keylen == b->keylen &&
	       a->group == b->group && a->esn == b->esn;
}

static void note(struct v1_choice *choice, const struct ike_suite *s,
		 const struct v1_proposal *p, const struct v1_transform *t,
		 const struct said *said)
{
	choice->suite = *s;
	choice->spi = get_unaligned_be32(p->spi);
	choice->number = p->num;
	choice->protocol = p->protocol;
	choice->transform = *t;
	choice->has_s = said->life.has_s;
	choice->life = said->life.l;
	if (!choice->has_s)
		choice->life.s = V1_LIFE_DEFAULT_S;
}

/* ---- who proposes ------------------------------------------------------------ */

/**
 * v1_offer_group - the group that a Quick Mode of ours is for
 * @sa: the SA
 * @c: the child: of a rekey the group that the peer has taken before, if policy has it
 * @group: IKE_KE_NONE: no PFS
 *
 * Context: Process; the SA's worker.
 * Return: OK; NO_PROPOSAL: no suite of the child can be said in version 1; HELPER_LOST: nobody is
 * there who computes the group of one that could.
 */
enum isakmp_reason v1_offer_group(struct ike_sa *sa, const struct ike_child *c, u16 *group)
{
	const struct ike_child *old = c->rekeys ? ike_child_of(sa, c->rekeys) : NULL;
	const struct ike_suites *esp = &c->policy->esp;
	enum isakmp_reason why = ISAKMP_R_NO_PROPOSAL;
	struct terms t;
	unsigned int i;

	for (i = 0; i < esp->n; i++) {
		if (!terms_of(&esp->s[i], &t))
			continue;
		if (!isakmp_kex_ready(sa, t.group)) {
			why = why ? ISAKMP_R_HELPER_LOST : ISAKMP_OK;
			continue;
		}
		if (why || (old && old->suite.ke == t.group))
			*group = t.group;
		why = ISAKMP_OK;
		if (old && old->suite.ke == t.group)
			break;
	}
	return why;
}

static void add_transform(struct v1_sa_out *out, u8 number, const struct terms *t, u16 group,
			  u16 mode, const struct v1_life *life)
{
	v1_transform_open(out, number, t->id);
	v1_attr_encode(out->o, V1_IA_MODE, mode);
	v1_life_encode(out->o, V1_LIFE_PHASE2, life);
	if (group)
		v1_attr_encode(out->o, V1_IA_GROUP, group);
	if (t->auth)
		v1_attr_encode(out->o, V1_IA_AUTH, t->auth);
	if (t->keylen)
		v1_attr_encode(out->o, V1_IA_KEY_LENGTH, t->keylen);
	if (t->esn)
		v1_attr_encode(out->o, V1_IA_ESN, ESN_64);
	v1_transform_close(out);
}

/**
 * v1_offer_add - the SA payload of the child that we propose
 * @sa: the SA
 * @c: the child
 * @group: as v1_offer_group() says
 * @m: message 1
 *
 * Context: Process; the SA's worker.
 */
void v1_offer_add(const struct ike_sa *sa, const struct ike_child *c, u16 group,
		  struct v1_msg *m)
{
	const struct ike_suites *esp = &c->policy->esp;
	struct v1_life life = v1_life_of_child(&c->life);
	u16 mode = mode_of(sa, m->ep, c->mode);
	struct v1_sa_out out;
	struct terms t;
	unsigned int i;
	u8 n = 1, spi[4];

	put_unaligned_be32(c->spi_in, spi);
	isakmp_build_payload(&m->b, V1_PL_SA);
	v1_sa_begin(&out, &m->b.o);
	v1_proposal_open(&out, 1, ike_child_protocol(c), spi, sizeof(spi));
	for (i = 0; i < esp->n; i++)
		if (terms_of(&esp->s[i], &t) && t.group == group)
			add_transform(&out, n++, &t, v1_group_number(m->ep, group), mode, &life);
	v1_proposal_close(&out);
	isakmp_build_close(&m->b);
}

/* The suite that a transform says, of those that were offered. */
static const struct ike_suite *suite_said(const struct ike_suites *s, u16 group,
					  const struct said *said)
{
	struct terms t;
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (terms_of(&s->s[i], &t) && t.group == group && same(&t, &said->t))
			return &s->s[i];
	return NULL;
}

static enum isakmp_reason only_one(const struct v1_in *in, struct v1_proposal *p,
				   struct v1_transform *t)
{
	struct v1_transform other_t;
	struct v1_proposal other;
	struct isakmp_cur c;
	u32 doi, situation;
	enum isakmp_reason why;

	why = v1_sa_decode(v1_chain_find(&in->chain, V1_PL_SA), &doi, &situation, &c);
	if (why)
		return why;
	if (!v1_proposal_next(&c, p) || v1_proposal_next(&c, &other) ||
	    !v1_transform_next(&p->transforms, t) || v1_transform_next(&p->transforms, &other_t))
		return ISAKMP_R_BAD_CHOICE;
	return ISAKMP_OK;
}

/**
 * v1_offer_chosen - what the responder chose
 * @sa: the SA
 * @c: the child that we proposed
 * @group: with which group
 * @in: message 2
 * @choice: set when OK
 *
 * One proposal with one transform, which says one of our suites; peers that make it anew give
 * it other numbers, and lifetimes of their own.
 *
 * Context: Process; the SA's worker.
 * Return: OK; BAD_CHOICE; what v1_sa_decode() says.
 */
enum isakmp_reason v1_offer_chosen(const struct ike_sa *sa, const struct ike_child *c,
				   u16 group, const struct v1_in *in, struct v1_choice *choice)
{
	const struct ike_suite *s;
	struct v1_transform t;
	struct v1_proposal p;
	enum isakmp_reason why;
	struct said said;
	bool udp;

	why = only_one(in, &p, &t);
	if (why)
		return why;
	if (p.protocol != ike_child_protocol(c) || p.spi_len != 4 ||
	    !get_unaligned_be32(p.spi) || !read_transform(in->ep, &t, &said))
		return ISAKMP_R_BAD_CHOICE;
	s = suite_said(&c->policy->esp, group, &said);
	if (!s || !mode_read(said.mode, c->mode, &udp) || udp != sa->encap)
		return ISAKMP_R_BAD_CHOICE;
	note(choice, s, &p, &t, &said);
	return ISAKMP_OK;
}

/* ---- who is asked ------------------------------------------------------------ */

/* RFC 2408, 4.2: proposals of one number are wanted together. */
static bool is_bundle(struct isakmp_cur c, u8 number)
{
	struct v1_proposal p;
	unsigned int n = 0;

	while (v1_proposal_next(&c, &p))
		n += p.num == number;
	return n > 1;
}

static struct v1_life ours_of(const struct ike_child_policy *p, u8 check)
{
	struct ike_life life = ike_life_of(p);
	struct v1_life l = v1_life_of_child(&life);

	if (!l.s && check == IKE_LIFETIME_EXACT)
		l.s = V1_LIFE_DEFAULT_S;
	return l;
}

/* What refuses a suite that nothing else does is told rather than that nothing fits. */
static enum isakmp_reason rather(enum isakmp_reason a, enum isakmp_reason b)
{
	return b == ISAKMP_R_NO_PROPOSAL ? a : b;
}

/**
 * struct search - the choice of a suite: each transform is read once, however many suites there are
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @policy: the child
 * @ke: suites with a group count, or those without
 * @check: enum ike_lifetime_check
 * @at: number of the suite that was found; esp.n: none yet
 * @choice: by what of the offer
 */
struct search {
	const struct ike_sa *sa;
	const struct ike_epoch *ep;
	const struct ike_child_policy *policy;
	bool ke;
	u8 check;
	unsigned int at;
	struct v1_choice *choice;
};

static bool is_suite(const struct search *s, const struct ike_suite *suite, u8 protocol,
		     const struct said *said)
{
	struct terms t;

	return (suite->ke != IKE_KE_NONE) == s->ke && suite->protocol == protocol &&
	       terms_of(suite, &t) && same(&t, &said->t);
}

/* Is it a suite that comes before the one that was found?  OK, NO_PROPOSAL, V1_LIFETIME. */
static enum isakmp_reason try_transform(struct search *s, const struct v1_proposal *prop,
					const struct v1_transform *t)
{
	struct v1_life ours = ours_of(s->policy, s->check);
	const struct ike_suite *suites = s->policy->esp.s;
	struct v1_choice choice;
	enum isakmp_reason why;
	struct said said;
	unsigned int i = 0;
	bool udp;

	if (!read_transform(s->ep, t, &said) || !mode_read(said.mode, s->policy->mode, &udp))
		return ISAKMP_R_NO_PROPOSAL;
	if (udp != s->sa->encap && !(udp && v1_nat_over_udp(s->sa)))
		return ISAKMP_R_NO_PROPOSAL;
	while (i < s->at && !is_suite(s, &suites[i], prop->protocol, &said))
		i++;
	if (i == s->at)
		return ISAKMP_R_NO_PROPOSAL;
	note(&choice, &suites[i], prop, t, &said);
	why = v1_life_agree(s->check, &ours, &choice.life, &choice.agreed, &choice.tell);
	if (why)
		return why;
	s->at = i;
	choice.udp = udp;
	*s->choice = choice;
	return ISAKMP_OK;
}

static enum isakmp_reason try_all(struct search *s, const struct isakmp_cur *proposals)
{
	enum isakmp_reason why, best = ISAKMP_R_NO_PROPOSAL;
	struct isakmp_cur c = *proposals;
	struct v1_transform t;
	struct v1_proposal prop;

	while (v1_proposal_next(&c, &prop)) {
		if (is_bundle(*proposals, prop.num)) {
			best = rather(best, ISAKMP_R_V1_BUNDLE);
			continue;
		}
		if (prop.spi_len != 4 || !get_unaligned_be32(prop.spi))
			continue;
		while (v1_transform_next(&prop.transforms, &t)) {
			why = try_transform(s, &prop, &t);
			best = why ? rather(best, why) : best;
		}
	}
	return s->at < s->policy->esp.n ? ISAKMP_OK : best;
}

/**
 * v1_offer_choose - the first of a child's suites that the peer offers
 * @sa: the SA
 * @p: the child
 * @in: message 1
 * @ke: it has a KE payload, so the suite has to have a group; else it must not
 * @check: enum ike_lifetime_check
 * @choice: set when OK
 *
 * Context: Process; the SA's worker.
 * Return: OK; NO_PROPOSAL; V1_BUNDLE; V1_LIFETIME; what v1_sa_decode() says.
 */
enum isakmp_reason v1_offer_choose(const struct ike_sa *sa, const struct ike_child_policy *p,
				   const struct v1_in *in, bool ke, u8 check,
				   struct v1_choice *choice)
{
	struct search s = { sa, in->ep, p, ke, check, p->esp.n, choice };
	struct isakmp_cur proposals;
	enum isakmp_reason why;
	u32 doi, situation;

	why = v1_sa_decode(v1_chain_find(&in->chain, V1_PL_SA), &doi, &situation, &proposals);
	return why ? why : try_all(&s, &proposals);
}

/**
 * v1_offer_answer - the SA payload of the child that was agreed on
 * @c: the child
 * @choice: the choice
 * @m: message 2
 *
 * Context: Process; the SA's worker.
 */
void v1_offer_answer(const struct ike_child *c, const struct v1_choice *choice,
		     struct v1_msg *m)
{
	struct v1_sa_out out;
	u8 spi[4];

	put_unaligned_be32(c->spi_in, spi);
	isakmp_build_payload(&m->b, V1_PL_SA);
	v1_sa_begin(&out, &m->b.o);
	v1_proposal_open(&out, choice->number, choice->protocol, spi, sizeof(spi));
	v1_transform_echo(&out, &choice->transform);
	v1_proposal_close(&out);
	isakmp_build_close(&m->b);
}

/**
 * v1_offer_spi - what a refusal is about
 * @in: message 1
 * @protocol: of the first proposal; 0: it has none
 *
 * Context: Process; the SA's worker.
 * Return: its SPI, host order; 0: none.
 */
u32 v1_offer_spi(const struct v1_in *in, u8 *protocol)
{
	struct v1_proposal p;
	struct isakmp_cur c;
	u32 doi, situation;

	*protocol = 0;
	if (v1_sa_decode(v1_chain_find(&in->chain, V1_PL_SA), &doi, &situation, &c) ||
	    !v1_proposal_next(&c, &p))
		return 0;
	*protocol = p.protocol;
	return p.spi_len == 4 ? get_unaligned_be32(p.spi) : 0;
}
