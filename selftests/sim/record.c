// SPDX-License-Identifier: GPL-2.0
/*
 * The xfrm seams, and the memory of what was sent.
 *
 * When the second end installs a child, the first must have installed its
 * mirror: SPIs crossed, keys crossed, selectors swapped.  No IV is used twice
 * with other octets.
 */
#include <stdio.h>
#include <stdlib.h>

#include "record.h"

struct isakmp_xfrm *records;
static struct isakmp_xfrm *departed;	/* their keys are never used again */
/* Both, by their inbound SPI and by the first octets of their inbound key */
static struct isakmp_xfrm *by_spi[1024], *by_key[1024];

struct iv {
	struct iv *next;
	u64 spi_i, spi_r;
	bool initiator;
	u8 iv[8];
	u64 digest;
};

static struct iv *ivs[1024];

u32 isakmp_child_spi(struct ike_sa *sa)
{
	u32 *again = &world->spi_again[sim_sa_of(sa)->node->n], spi = *again;

	native_process(__func__);
	*again = 0;
	if (spi)
		return spi;
	do {
		isakmp_random(&spi, sizeof(spi));
	} while (spi < 256);
	return spi;
}

u16 isakmp_child_cpi(struct ike_sa *sa)
{
	u16 cpi;

	native_process(__func__);
	isakmp_random(&cpi, sizeof(cpi));
	return 256 + cpi % (61440 - 256);
}

static bool ts_equal(const struct isakmp_ts *a, unsigned int na, const struct isakmp_ts *b,
		     unsigned int nb)
{
	return na == nb && !memcmp(a, b, na * sizeof(*a));
}

/* RFC 7296, 2.23.1: each end has the addresses that it sees itself. */
static bool translated(const struct isakmp_xfrm *x)
{
	return x->mode == IKE_MODE_TRANSPORT && world->node[0].nat.on;
}

static bool mirrored(const struct isakmp_xfrm *a, const struct isakmp_xfrm *b)
{
	return a->node != b->node && a->spi_in == b->spi_out && a->spi_out == b->spi_in &&
	       a->mode == b->mode && a->cpi_in == b->cpi_out && a->cpi_out == b->cpi_in &&
	       a->key_len == b->key_len && !memcmp(&a->suite, &b->suite, sizeof(a->suite)) &&
	       !memcmp(a->key_in, b->key_out, a->key_len) &&
	       !memcmp(a->key_out, b->key_in, a->key_len) &&
	       (translated(a) || (ts_equal(a->local, a->n_local, b->remote, b->n_remote) &&
	       ts_equal(a->remote, a->n_remote, b->local, b->n_local)));
}

static struct isakmp_xfrm **spi_bucket(u32 spi)
{
	return &by_spi[spi % ARRAY_SIZE(by_spi)];
}

static struct isakmp_xfrm **key_bucket(const struct isakmp_xfrm *x)
{
	return &by_key[get_unaligned_be32(x->key_in) % ARRAY_SIZE(by_key)];
}

static void remember(struct isakmp_xfrm *x)
{
	x->next_spi = *spi_bucket(x->spi_in);
	*spi_bucket(x->spi_in) = x;
	x->next_key = *key_bucket(x);
	*key_bucket(x) = x;
}

static void check_keys_new(const struct isakmp_xfrm *x)
{
	const struct isakmp_xfrm *o;

	for (o = *key_bucket(x); o; o = o->next_key)
		if (o->node == x->node && !memcmp(o->key_in, x->key_in, x->key_len))
			broken("a child key is used twice");
}

/* The other end's, there or gone. */
const struct isakmp_xfrm *record_mirror(const struct isakmp_xfrm *x)
{
	const struct isakmp_xfrm *o;

	for (o = *spi_bucket(x->spi_out); o; o = o->next_spi)
		if (mirrored(x, o))
			return o;
	return NULL;
}

/* Who comes second must fit the first: in version 1 either end may be that. */
static void check_mirror_v1(const struct isakmp_xfrm *x)
{
	const struct isakmp_xfrm *o;

	for (o = *spi_bucket(x->spi_out); o; o = o->next_spi)
		if (o->node != x->node && o->spi_in == x->spi_out && o->spi_out == x->spi_in &&
		    !mirrored(x, o))
			broken("child %08x/%08x differs at the other end", x->spi_in, x->spi_out);
}

static void check_mirror(const struct isakmp_xfrm *x)
{
	if (world->v1) {
		check_mirror_v1(x);
		return;
	}
	/* who is asked comes first */
	if (x->proposer && !record_mirror(x))
		broken("child %08x/%08x has no mirror at the other end", x->spi_in, x->spi_out);
}

/* What XFRM does to a state of version 1 when its hard limit is reached. */
static void expire(struct world *w, u64 arg)
{
	struct ike_event ev = { .type = IKE_EV_CHILD_EXPIRED, .spi = (u32)arg };
	struct ike_child *c;
	struct sim_sa *s;

	for (s = w->node[arg >> 32].sas; s; s = s->next)
		for (c = s->ike.children; c; c = c->next)
			if (c->xfrm && c->spi_in == ev.spi && c->life.s &&
			    w->now >= c->up_at + c->life.s * 1000ULL) {
				c->xfrm->expired = true;
				traffic_trouble(w);
				sa_event(s, &ev);
				return;
			}
}

enum isakmp_reason isakmp_child_install(struct ike_sa *sa, struct ike_child *c,
					const u8 *key_in, const u8 *key_out)
{
	struct isakmp_xfrm *x;

	native_process(__func__);
	if (c->xfrm)
		broken("a child is installed twice");
	if (lives_refuse(world))
		return ISAKMP_R_XFRM_STATE;
	x = calloc(1, sizeof(*x));
	x->node = sim_sa_of(sa)->node->n;
	x->proposer = c->proposer;
	x->held = c->held;
	x->mode = c->mode;
	x->sa_id = sa->id;
	x->rekeyed = c->rekeys;
	snprintf(x->name, sizeof(x->name), "%s", c->policy->name);
	x->spi_in = c->spi_in;
	x->spi_out = c->spi_out;
	x->cpi_in = c->cpi_out ? c->cpi_in : 0;
	x->cpi_out = c->cpi_out;
	x->suite = c->suite;
	x->path = sa->path;
	x->encap = sa->encap;
	x->key_len = ike_child_key_len(&c->suite);
	memcpy(x->key_in, key_in, x->key_len);
	memcpy(x->key_out, key_out, x->key_len);
	x->n_local = c->n_local;
	x->n_remote = c->n_remote;
	memcpy(x->local, c->local, c->n_local * sizeof(*c->local));
	memcpy(x->remote, c->remote, c->n_remote * sizeof(*c->remote));
	check_keys_new(x);
	check_mirror(x);
	remember(x);
	traffic_enter(x);
	x->next = records;
	records = x;
	c->xfrm = x;
	if (world->v1 && c->life.s)
		world_call_in(world, c->life.s * 1000ULL, expire,
			      (u64)x->node << 32 | x->spi_in);
	return ISAKMP_OK;
}

static void depart(struct isakmp_xfrm *x)
{
	struct isakmp_xfrm **at = &records;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	x->next = departed;
	departed = x;
	x->gone = true;
}

void isakmp_child_remove(struct ike_sa *sa, struct ike_child *c)
{
	native_process(__func__);
	if (!c->xfrm)
		return;
	depart(c->xfrm);
	c->xfrm = NULL;
}

enum isakmp_reason isakmp_child_move(struct ike_sa *sa, struct ike_child *c)
{
	native_process(__func__);
	if (!c->xfrm)
		broken("a child moves that is not in");
	c->xfrm->path = sa->path;
	c->xfrm->encap = sa->encap;
	world->moves++;
	return ISAKMP_OK;
}

/* What goes out must find a state at the other end; it may have gone since. */
void isakmp_child_switch(struct ike_sa *sa, struct ike_child *c)
{
	native_process(__func__);
	c->held = false;
	if (!c->xfrm)
		return;
	if (!world->v1 && !record_mirror(c->xfrm) && !traffic_troubled(world))
		broken("child %08x/%08x sends where nobody receives", c->spi_in, c->spi_out);
	c->xfrm->held = false;
	traffic_lead(c->xfrm);
}

void isakmp_child_yield(const struct ike_child *c, bool wider)
{
	(void)wider;
	native_process(__func__);
	if (c->xfrm)
		traffic_yield(c->xfrm);
}

void isakmp_child_relimit(const struct ike_child *c)
{
	(void)c;	/* its limits are looked at when packets pass */
	native_process(__func__);
}

bool isakmp_child_used(struct ike_sa *sa, const struct ike_child *c)
{
	native_process(__func__);
	return c->xfrm && c->xfrm->received;
}

bool isakmp_child_soft(struct ike_sa *sa, const struct ike_child *c)
{
	native_process(__func__);
	return c->xfrm && c->soft_packets &&
	       max(c->xfrm->received, c->xfrm->sent) >= c->soft_packets;
}

void isakmp_child_counters(struct ike_sa *sa, const struct ike_child *c,
			   u64 out[ISAKMP_COUNTS])
{
	native_process(__func__);
	memset(out, 0, ISAKMP_COUNTS * sizeof(*out));
	if (c->xfrm) {
		out[ISAKMP_PACKETS_IN] = c->xfrm->received;
		out[ISAKMP_PACKETS_OUT] = c->xfrm->sent;
	}
}

bool isakmp_child_alive(struct ike_sa *sa, const struct ike_child *c)
{
	native_process(__func__);
	return c->xfrm;
}

/* The ESP of a child goes where its IKE SA goes. */
static void check_path(struct world *w, const struct isakmp_xfrm *x)
{
	const struct sim_sa *s;

	for (s = w->node[x->node].sas; s; s = s->next)
		if (s->ike.id == x->sa_id && !isakmp_path_equal(&s->ike.path, &x->path))
			broken("child %08x/%08x was left behind", x->spi_in, x->spi_out);
}

/* Every installed child has its mirror installed: asked when all is quiet. */
void record_check(struct world *w)
{
	const struct isakmp_xfrm *a, *b;

	for (a = records; a; a = a->next) {
		if (a->expired)
			continue;
		for (b = records; b; b = b->next)
			if (mirrored(a, b))
				break;
		if (!b)
			broken("child %08x/%08x is up at %c alone", a->spi_in, a->spi_out,
			       'A' + a->node);
		if (a->encap != b->encap)
			broken("child %08x/%08x is in UDP at one end only", a->spi_in,
			       a->spi_out);
		check_path(w, a);
	}
}

/* RFC 5282, 3.1: an IV is never used twice; a retransmission is the same octets. */
void record_sent(const u8 *p, size_t n)
{
	static const u64 key[2] = { 1, 2 };
	u64 digest = isakmp_siphash(key, p, n);
	const u8 *iv = p + IKE_HDR_LEN + IKE_PL_HDR_LEN;
	struct iv *v, **bucket;
	u64 spi_i, spi_r;
	bool initiator;

	if (world->v1)
		return;
	if (n > IKE_MSG_MAX || n != get_unaligned_be32(p + 24))
		broken("a message of %zu octets says it has %u", n,
		       get_unaligned_be32(p + 24));
	if (p[IKE_HDR_NEXT_AT] == IKE_PL_SKF)
		iv += IKE_SKF_LEN;
	else if (p[IKE_HDR_NEXT_AT] != IKE_PL_SK)
		return;
	spi_i = get_unaligned_be64(p);
	spi_r = get_unaligned_be64(p + 8);
	initiator = p[19] & IKE_FLAG_INITIATOR;
	bucket = &ivs[(spi_i ^ iv[7]) % ARRAY_SIZE(ivs)];
	for (v = *bucket; v; v = v->next) {
		if (v->spi_i != spi_i || v->spi_r != spi_r || v->initiator != initiator ||
		    memcmp(v->iv, iv, 8))
			continue;
		if (v->digest != digest)
			broken("an IV is used twice");
		return;
	}
	v = calloc(1, sizeof(*v));
	v->spi_i = spi_i;
	v->spi_r = spi_r;
	v->initiator = initiator;
	memcpy(v->iv, iv, 8);
	v->digest = digest;
	v->next = *bucket;
	*bucket = v;
}

void record_free(void)
{
	struct isakmp_xfrm *x;
	unsigned int i;
	struct iv *v;

	if (records)
		broken("a child is left");
	while ((x = departed)) {
		departed = x->next;
		free(x);
	}
	memset(by_spi, 0, sizeof(by_spi));
	memset(by_key, 0, sizeof(by_key));
	for (i = 0; i < ARRAY_SIZE(ivs); i++)
		while ((v = ivs[i])) {
			ivs[i] = v->next;
			free(v);
		}
}
