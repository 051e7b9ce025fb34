// SPDX-License-Identifier: GPL-2.0
/*
 * Suites <-> SA payloads of phase 1 (RFC 2409, 5 and appendix A; RFC 2407, 4.6.1).
 *
 * One proposal, with a transform for each suite and method.  Here alone the algorithms have
 * the numbers of version 1.
 */
#include "v1/engine.h"

struct pair {
	u16 v1;
	u16 ours;
};

static const struct pair ciphers[] = {
	{ V1_ENCR_3DES, IKE_ENCR_3DES },
	{ V1_ENCR_AES, IKE_ENCR_AES_CBC },
};

static const struct pair hashes[] = {
	{ V1_HASH_MD5, IKE_PRF_HMAC_MD5 },
	{ V1_HASH_SHA1, IKE_PRF_HMAC_SHA1 },
	{ V1_HASH_SHA2_256, IKE_PRF_HMAC_SHA2_256 },
	{ V1_HASH_SHA2_384, IKE_PRF_HMAC_SHA2_384 },
	{ V1_HASH_SHA2_512, IKE_PRF_HMAC_SHA2_512 },
};

/* Groups have the same number in both versions; those above are of version 2 alone. */
#define GROUP_LAST IKE_KE_ECP_521

/* RFC 3602, 5: without a length the key of AES has 128 bits. */
#define AES_BITS 128

/* The number of version 1; 0: it has none. */
static u16 v1_of_ours(const struct pair *t, unsigned int n, u16 ours)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (t[i].ours == ours)
			return t[i].v1;
	return 0;
}

static u16 ours_of_v1(const struct pair *t, unsigned int n, u64 v1)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (t[i].v1 == v1)
			return t[i].ours;
	return 0;
}

/* ---- what can be spoken -------------------------------------------------- */

static bool can_be_v1(struct ike_sa *sa, const struct ike_suite *s)
{
	return v1_of_ours(ciphers, ARRAY_SIZE(ciphers), s->encr) &&
	       v1_of_ours(hashes, ARRAY_SIZE(hashes), s->prf) &&
	       isakmp_crypto_has(IKE_T_ENCR, s->encr, s->keylen) &&
	       isakmp_crypto_has(IKE_T_PRF, s->prf, 0) && s->ke && s->ke <= GROUP_LAST &&
	       isakmp_kex_ready(sa, s->ke);
}

/**
 * v1_suites_ready - of a peer's suites those that version 1 can speak now
 * @sa: the SA
 * @s: the suites
 * @group: of this group alone; 0: of any
 * @ready: set
 *
 * Context: Process; the SA's worker.
 * Return: how many there are.
 */
unsigned int v1_suites_ready(struct ike_sa *sa, const struct ike_suites *s, u16 group,
			     struct ike_suites *ready)
{
	unsigned int i;

	ready->n = 0;
	for (i = 0; i < s->n; i++)
		if (can_be_v1(sa, &s->s[i]) && (!group || s->s[i].ke == group))
			ready->s[ready->n++] = s->s[i];
	return ready->n;
}

/* What integrity would be in version 2 says nothing here. */
static bool same_suite(const struct ike_suite *a, const struct ike_suite *b)
{
	return a->encr == b->encr && a->prf == b->prf && a->ke == b->ke &&
	       (a->encr != IKE_ENCR_AES_CBC || a->keylen == b->keylen);
}

/**
 * v1_suites_allow - is a suite among those of a peer?
 * @s: its suites
 * @one: a suite
 *
 * Context: Any.
 * Return: true if it is.
 */
bool v1_suites_allow(const struct ike_suites *s, const struct ike_suite *one)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (same_suite(&s->s[i], one))
			return true;
	return false;
}

/* A method of RFC 2409, and how it is called when XAUTH follows. */
static const struct method {
	u16 plain;
	u16 asks_initiator;
	u16 asks_responder;
	u8 how;		/* enum ike_v1_auth */
} methods[] = {
	{ V1_M_PSK, V1_M_XAUTH_I_PSK, V1_M_XAUTH_R_PSK, IKE_V1_PSK },
	{ V1_M_RSA_SIG, V1_M_XAUTH_I_RSA, V1_M_XAUTH_R_RSA, IKE_V1_SIG },
	{ V1_M_DSS_SIG, V1_M_XAUTH_I_DSS, V1_M_XAUTH_R_DSS, IKE_V1_SIG },
	{ V1_M_ECDSA_256, 0, 0, IKE_V1_SIG },
	{ V1_M_ECDSA_384, 0, 0, IKE_V1_SIG },
	{ V1_M_ECDSA_521, 0, 0, IKE_V1_SIG },
	{ V1_M_RSA_ENC, V1_M_XAUTH_I_RSA_ENC, V1_M_XAUTH_R_RSA_ENC, IKE_V1_RSA_ENC },
	{ V1_M_RSA_REV, V1_M_XAUTH_I_RSA_REV, V1_M_XAUTH_R_RSA_REV, IKE_V1_RSA_REV },
	{ 0, V1_M_HYBRID_I_RSA, V1_M_HYBRID_R_RSA, IKE_V1_HYBRID },
	{ 0, V1_M_HYBRID_I_DSS, V1_M_HYBRID_R_DSS, IKE_V1_HYBRID },
};

/**
 * v1_method_allowed - may both sides of a peer authenticate like that?
 * @peer: the peer
 * @initiator: are we?
 * @method: enum v1_method
 *
 * Context: Any.
 * Return: true if they may.
 */
bool v1_method_allowed(const struct ike_peer *peer, bool initiator, u16 method)
{
	bool asks_us = peer->v1.xauth == IKE_V1_XAUTH_US;
	const struct method *m;
	u16 number;

	for (m = methods; m < methods + ARRAY_SIZE(methods); m++) {
		number = m->plain;
		if (peer->v1.xauth != IKE_V1_XAUTH_NONE)
			number = asks_us == initiator ? m->asks_initiator : m->asks_responder;
		if (number && number == method)
			return peer->v1.methods & BIT(m->how);
	}
	return false;
}

/* ---- an offer ------------------------------------------------------------ */

static void transform(struct v1_sa_out *s, u8 num, const struct ike_suite *suite, u16 method,
		      const struct v1_life *life)
{
	struct isakmp_out *o = s->o;

	v1_transform_open(s, num, V1_TRANSFORM_KEY_IKE);
	v1_attr_encode(o, V1_A_ENCR, v1_of_ours(ciphers, ARRAY_SIZE(ciphers), suite->encr));
	if (suite->encr == IKE_ENCR_AES_CBC)
		v1_attr_encode(o, V1_A_KEY_LENGTH, suite->keylen);
	v1_attr_encode(o, V1_A_HASH, v1_of_ours(hashes, ARRAY_SIZE(hashes), suite->prf));
	v1_attr_encode(o, V1_A_GROUP, suite->ke);
	v1_attr_encode(o, V1_A_METHOD, method);
	v1_life_encode(o, V1_LIFE_PHASE1, life);
	v1_transform_close(s);
}

/**
 * v1_proposal_offer - the initiator's SA payload
 * @m: the message
 * @u: suites and methods
 * @life_s: seconds; 0: no limit
 *
 * The suites in the operator's order, each with all methods.
 *
 * Context: Process; the SA's worker.
 */
void v1_proposal_offer(struct v1_msg *m, const struct v1_setup *u, u32 life_s)
{
	const struct v1_life life = { .s = life_s };
	struct v1_sa_out s;
	unsigned int i, j;
	u8 num = 0;

	isakmp_build_payload(&m->b, V1_PL_SA);
	v1_sa_begin(&s, &m->b.o);
	v1_proposal_open(&s, 1, V1_PROTO_ISAKMP, NULL, 0);
	for (i = 0; i < u->offer.n; i++)
		for (j = 0; j < u->n_methods; j++)
			transform(&s, ++num, &u->offer.s[i], u->methods[j], &life);
	v1_proposal_close(&s);
	isakmp_build_close(&m->b);
}

/* ---- reading ------------------------------------------------------------- */

/*
 * Each attribute once; one that is not known here is refused, and "attributes described as basic MUST
 * NOT be encoded as variable" (RFC 2409, appendix A).
 */
static bool read_attr(const struct v1_attr_value *a, struct v1_terms *t, u32 *seen)
{
	if (!a->basic || a->type > V1_A_GROUP_ORDER || *seen & BIT(a->type))
		return false;
	*seen |= BIT(a->type);
	switch (a->type) {
	case V1_A_ENCR:
		t->suite.encr = ours_of_v1(ciphers, ARRAY_SIZE(ciphers), a->small);
		return t->suite.encr;
	case V1_A_HASH:
		t->suite.prf = ours_of_v1(hashes, ARRAY_SIZE(hashes), a->small);
		return t->suite.prf;
	case V1_A_METHOD:
		t->method = (u16)a->small;
		return true;
	case V1_A_GROUP:
		t->suite.ke = (u16)a->small;
		return a->small && a->small <= GROUP_LAST;
	case V1_A_KEY_LENGTH:
		t->suite.keylen = (u16)a->small;
		return a->small;
	}
	return false;
}

#define MUST (BIT(V1_A_ENCR) | BIT(V1_A_HASH) | BIT(V1_A_METHOD) | BIT(V1_A_GROUP))

/* false: it is not for us. */
static bool read_transform(const struct v1_transform *tr, struct v1_terms *t)
{
	struct v1_life_reader life = {};
	struct isakmp_cur c = tr->attrs;
	struct v1_attr_value a;
	enum v1_life_read what;
	u32 seen = 0;

	memset(t, 0, sizeof(*t));
	if (tr->id != V1_TRANSFORM_KEY_IKE)
		return false;
	while (v1_attr_next(&c, &a)) {
		what = v1_life_attr(&life, V1_LIFE_PHASE1, &a);
		if (what == V1_LIFE_BAD || (what == V1_LIFE_OTHER && !read_attr(&a, t, &seen)))
			return false;
	}
	if (c.left || life.type || (seen & MUST) != MUST)
		return false;
	t->life = life.l;
	/* "MUST NOT be used when the ... algorithm uses a fixed length key" */
	if (t->suite.encr != IKE_ENCR_AES_CBC)
		return !t->suite.keylen;
	if (!t->suite.keylen)
		t->suite.keylen = AES_BITS;
	return true;
}

/* RFC 2409, 5: the one proposal of the one SA payload. */
static bool proposal_of(const struct isakmp_payload *sa, struct v1_proposal *p)
{
	struct isakmp_cur proposals;
	u32 doi, situation;

	return !v1_sa_decode(sa, &doi, &situation, &proposals) &&
	       v1_proposal_next(&proposals, p) && p->protocol == V1_PROTO_ISAKMP;
}

/* ---- the responder ------------------------------------------------------- */

/* Can a KE payload of @ke_len octets (0: it comes later) be of the group? */
static bool ke_fits(const struct ike_suite *want, u16 method, size_t ke_len)
{
	size_t n = isakmp_kex_pub_len(want->ke);

	if (v1_class_of(method) == V1_CLASS_REV)
		n = v1_revised_len(want, n);
	return !ke_len || n == ke_len;
}

/* @want, by a method that is allowed; KE of @ke_len octets (0: not known yet).  Then @x is that. */
static bool fits(const struct ike_peer *peer, const struct ike_suite *want,
		 const struct v1_terms *t, size_t ke_len, struct v1_chosen *x)
{
	const struct v1_life ours = { .s = peer->life_s };
	struct v1_life agreed;
	bool tell;

	if (!same_suite(want, &t->suite) || !v1_method_allowed(peer, false, t->method) ||
	    !v1_method_goes(x->exchange, t->method) || !ke_fits(want, t->method, ke_len))
		return false;
	if (v1_life_agree(peer->v1.lifetime, &ours, &t->life, &agreed, &tell)) {
		x->lifetime = true;
		return false;
	}
	x->suite = *want;
	x->method = t->method;
	x->life = agreed;
	return true;
}

/* Which of the first @n suites a transform can be; @n: none of them. */
static unsigned int find(const struct ike_peer *peer, const struct ike_suites *ready,
			 unsigned int n, const struct v1_terms *t, size_t ke_len,
			 struct v1_chosen *x)
{
	unsigned int i = 0;

	while (i < n && !fits(peer, &ready->s[i], t, ke_len, x))
		i++;
	return i;
}

/* An offer is a stranger's, and may be long: it is read once, whatever we have. */
static bool select_suite(const struct ike_peer *peer, const struct ike_suites *ready,
			 const struct v1_proposal *p, size_t ke_len, struct v1_chosen *x)
{
	unsigned int i, best = ready->n;
	struct isakmp_cur c = p->transforms;
	struct v1_transform tr;
	struct v1_terms t;

	while (best && v1_transform_next(&c, &tr)) {
		if (!read_transform(&tr, &t))
			continue;
		i = find(peer, ready, best, &t, ke_len, x);
		if (i == best)
			continue;
		best = i;
		x->proposal = p->num;
		x->transform = tr;
	}
	return best < ready->n;
}

/**
 * v1_proposal_select - the responder chooses
 * @sa: the SA
 * @peer: whom it may be
 * @pl: SA payload
 * @ke_len: octets of the initiator's KE value, whose group is not said (Aggressive Mode);
 *	0: it comes later
 * @x: what was chosen; points into @pl.  For which exchange stands in it
 *
 * Our order of suites counts, and in it the initiator's order.
 *
 * Context: Process; the SA's worker.
 * Return: false: nothing can be.
 */
bool v1_proposal_select(struct ike_sa *sa, const struct ike_peer *peer,
			const struct isakmp_payload *pl, size_t ke_len, struct v1_chosen *x)
{
	struct ike_suites ready;
	struct v1_proposal p;

	if (!proposal_of(pl, &p))
		return false;
	v1_suites_ready(sa, &peer->ike, 0, &ready);
	return select_suite(peer, &ready, &p, ke_len, x);
}

/**
 * v1_proposal_answer - the responder's SA payload
 * @o: where to: its body
 * @x: what was chosen
 *
 * RFC 2409, 5: "Responders MUST NOT modify attributes of any offer": they are sent back
 * as they came.
 *
 * Context: Process; the SA's worker.
 */
void v1_proposal_answer(struct isakmp_out *o, const struct v1_chosen *x)
{
	const struct v1_transform *t = &x->transform;
	struct v1_sa_out s;

	v1_sa_begin(&s, o);
	v1_proposal_open(&s, x->proposal, V1_PROTO_ISAKMP, NULL, 0);
	v1_transform_open(&s, t->num, t->id);
	isakmp_out_bytes(o, t->attrs.p, t->attrs.left);
	v1_transform_close(&s);
	v1_proposal_close(&s);
}

/* ---- the initiator ------------------------------------------------------- */

static bool offered(const struct v1_setup *u, const struct v1_terms *t, struct v1_chosen *x)
{
	unsigned int i;

	for (i = 0; i < u->n_methods && u->methods[i] != t->method; i++)
		;
	if (i == u->n_methods)
		return false;
	for (i = 0; i < u->offer.n; i++) {
		if (!same_suite(&u->offer.s[i], &t->suite))
			continue;
		x->suite = u->offer.s[i];
		x->method = t->method;
		x->life = t->life;
		return true;
	}
	return false;
}

/**
 * v1_proposal_chosen - what the responder has chosen
 * @u: what was offered
 * @life_s: the same, seconds; 0: no limit
 * @pl: SA payload
 * @x: it
 *
 * RFC 2409, 5: with changed attributes it "MUST be rejected".
 *
 * Context: Process; the SA's worker.
 * Return: OK or BAD_CHOICE.
 */
enum isakmp_reason v1_proposal_chosen(const struct v1_setup *u, u32 life_s,
				      const struct isakmp_payload *pl, struct v1_chosen *x)
{
	struct v1_transform tr, more;
	struct v1_proposal p;
	struct v1_terms t;

	if (!proposal_of(pl, &p) || !v1_transform_next(&p.transforms, &tr) ||
	    v1_transform_next(&p.transforms, &more) || !read_transform(&tr, &t))
		return ISAKMP_R_BAD_CHOICE;
	if (t.life.s != life_s || t.life.kb || !offered(u, &t, x))
		return ISAKMP_R_BAD_CHOICE;
	return ISAKMP_OK;
}
