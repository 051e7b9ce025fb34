// SPDX-License-Identifier: GPL-2.0
/* Everything an SA is, as one number (talk.h): has anything changed? */
#include "talk.h"

static void mix(u64 *h, const void *p, size_t n)
{
	u64 key[2] = { *h, n };

	if (p)
		*h = isakmp_siphash(key, p, n);
}

u64 talk_hash(const struct end *e)
{
	const struct ike_sa *s = &e->ike;
	const struct ike_request *r;
	const struct ike_child *c;
	u64 h = 1;

	mix(&h, s, sizeof(*s));
	for (r = s->ep->out; r; r = r->next)
		mix(&h, r->bytes, r->len);
	mix(&h, s->id_local, s->id_local_len);
	mix(&h, s->id_remote, s->id_remote_len);
	for (c = s->children; c; c = c->next) {
		mix(&h, c, sizeof(*c));
		mix(&h, c->local, 2 * IKE_TS_MAX * sizeof(struct isakmp_ts));
	}
	mix(&h, e->stored.p, e->stored.n);
	h ^= (u64)e->fragments << 5 ^ (u64)e->keepalives << 50 ^ (u64)e->moves << 55;
	if (s->setup) {
		mix(&h, s->setup, sizeof(*s->setup));
		mix(&h, s->setup->msg_i, s->setup->msg_i ? s->setup->msg_i_len : 0);
		mix(&h, s->setup->msg_r, s->setup->msg_r ? s->setup->msg_r_len : 0);
		mix(&h, s->setup->inner, s->setup->inner ? s->setup->inner_len : 0);
	}
	h += (u64)e->asking << 1 ^ e->sent << 2 ^ (u64)e->ups << 20 ^ (u64)e->downs << 30 ^
	     (u64)e->asks << 40;
	return h;
}
