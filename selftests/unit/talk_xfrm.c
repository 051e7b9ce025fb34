// SPDX-License-Identifier: GPL-2.0
/* The xfrm seams of a talk: what is installed, and that it fits the other end. */
#include <stdlib.h>

#include "talk.h"

u32 isakmp_child_spi(struct ike_sa *sa)
{
	u32 spi;

	native_process(__func__);
	isakmp_random(&spi, sizeof(spi));
	return spi | 0x100;
}

u16 isakmp_child_cpi(struct ike_sa *sa)
{
	u16 cpi;

	native_process(__func__);
	isakmp_random(&cpi, sizeof(cpi));
	return 256 + cpi % (61440 - 256);
}

static bool same_ts(const struct isakmp_ts *a, u8 n_a, const struct isakmp_ts *b, u8 n_b)
{
	return n_a == n_b && !memcmp(a, b, n_a * sizeof(*a));
}

/* Two children of one IKE SA: SPIs and keys crossed, selectors swapped. */
static void check_mirror(const struct isakmp_xfrm *x, const struct isakmp_xfrm *y)
{
	const char *what = NULL;

	if (x->spi_in != y->spi_out || x->spi_out != y->spi_in)
		what = "SPIs";
	else if (x->cpi_in != y->cpi_out || x->cpi_out != y->cpi_in)
		what = "CPIs";
	else if (x->mode != y->mode)
		what = "modes";
	else if (x->encap != y->encap)
		what = "encapsulation";
	else if (memcmp(&x->suite, &y->suite, sizeof(x->suite)))
		what = "suites";
	else if (x->key_len != y->key_len || memcmp(x->key_in, y->key_out, x->key_len) ||
		 memcmp(x->key_out, y->key_in, x->key_len) ||
		 !memcmp(x->key_in, x->key_out, x->key_len))
		what = "keys";
	else if (!same_ts(x->local, x->n_local, y->remote, y->n_remote) ||
		 !same_ts(x->remote, x->n_remote, y->local, y->n_local))
		what = "selectors";
	if (what)
		talk_broken("the children of both ends do not fit: %s", what);
}

static bool same_ike(const struct ike_sa *x, const struct ike_sa *y)
{
	return x->ep->spi_i == y->ep->spi_i && x->ep->spi_r == y->ep->spi_r;
}

static struct isakmp_xfrm *some_in(struct end *e, bool in)
{
	unsigned int i;

	for (i = 0; i < TALK_CHILDREN; i++)
		if (e->children[i].in == in)
			return &e->children[i];
	return NULL;
}

/* The child at the other end that should be this one's mirror, if it is in. */
static void check_other(struct end *o, const struct isakmp_xfrm *x)
{
	unsigned int i;

	for (i = 0; i < TALK_CHILDREN; i++)
		if (o->children[i].in && o->children[i].spi_in == x->spi_out)
			check_mirror(x, &o->children[i]);
}

enum isakmp_reason isakmp_child_install(struct ike_sa *sa, struct ike_child *c,
					const u8 *key_in, const u8 *key_out)
{
	struct end *e = talk_end(sa), *o = talk_other(e);
	struct isakmp_xfrm *x = some_in(e, false);

	native_process(__func__);
	if (!x || c->xfrm)
		talk_broken("%c: a child is installed twice", e->name);
	if (e->install_why)
		return e->install_why;
	if (native_mem_fails())
		return ISAKMP_R_NO_MEMORY;
	*x = (struct isakmp_xfrm){ .in = true, .mode = c->mode, .spi_in = c->spi_in,
				   .spi_out = c->spi_out, .suite = c->suite,
				   .n_local = c->n_local, .n_remote = c->n_remote,
				   .path = sa->path, .encap = sa->encap, .held = c->held,
				   .cpi_in = c->cpi_out ? c->cpi_in : 0,
				   .cpi_out = c->cpi_out };
	x->key_len = ike_child_key_len(&c->suite);
	memcpy(x->key_in, key_in, x->key_len);
	memcpy(x->key_out, key_out, x->key_len);
	memcpy(x->local, c->local, c->n_local * sizeof(*c->local));
	memcpy(x->remote, c->remote, c->n_remote * sizeof(*c->remote));
	e->installs++;
	e->last = *x;
	e->xfrm = x;
	c->xfrm = x;
	if (same_ike(&e->ike, &o->ike) && !e->t->liar)
		check_other(o, x);
	return ISAKMP_OK;
}

void isakmp_child_remove(struct ike_sa *sa, struct ike_child *c)
{
	native_process(__func__);
	if (!c->xfrm)
		return;
	talk_end(sa)->removes++;
	c->xfrm->in = false;
	c->xfrm = NULL;
	talk_end(sa)->xfrm = some_in(talk_end(sa), true);
}

enum isakmp_reason isakmp_child_move(struct ike_sa *sa, struct ike_child *c)
{
	native_process(__func__);
	if (!c->xfrm)
		talk_broken("%c: a child moves that is not there", talk_end(sa)->name);
	if (isakmp_path_equal(&c->xfrm->path, &sa->path) && c->xfrm->encap == sa->encap)
		return ISAKMP_OK;
	if (talk_end(sa)->move_why)
		return talk_end(sa)->move_why;
	talk_end(sa)->moves++;
	c->xfrm->path = sa->path;
	c->xfrm->encap = sa->encap;
	return ISAKMP_OK;
}

struct ike_child *talk_child(const struct end *e)
{
	return e->ike.children;
}

u8 talk_child_state(const struct end *e)
{
	return e->ike.children ? e->ike.children->state : 0;
}

void isakmp_child_switch(struct ike_sa *sa, struct ike_child *c)
{
	native_process(__func__);
	c->held = false;
	if (!c->xfrm)
		return;
	c->xfrm->held = false;
	talk_end(sa)->switches++;
}

void isakmp_child_yield(const struct ike_child *c, bool wider)
{
	native_process(__func__);
	if (!c->xfrm)
		return;
	c->xfrm->held = true;
	c->xfrm->mute = wider;
}

void isakmp_child_relimit(const struct ike_child *c)
{
	native_process(__func__);
	if (c->xfrm)
		c->xfrm->relimits++;
}

bool isakmp_child_used(struct ike_sa *sa, const struct ike_child *c)
{
	native_process(__func__);
	return c->xfrm && c->xfrm->used;
}

bool isakmp_child_soft(struct ike_sa *sa, const struct ike_child *c)
{
	native_process(__func__);
	return c->xfrm && c->xfrm->soft;
}

void isakmp_child_counters(struct ike_sa *sa, const struct ike_child *c,
			   u64 out[ISAKMP_COUNTS])
{
	native_process(__func__);
	memset(out, 0, ISAKMP_COUNTS * sizeof(*out));
	out[ISAKMP_PACKETS_IN] = talk_end(sa)->rx;
}

bool isakmp_child_alive(struct ike_sa *sa, const struct ike_child *c)
{
	native_process(__func__);
	return !talk_end(sa)->child_dead;
}
