// SPDX-License-Identifier: GPL-2.0
/* Protected messages of version 1, opened and sealed; all that an end holds (v1_plain.h). */
#include "v1_plain.h"

static u8 *copy_of(const void *p, size_t n)
{
	u8 *copy = malloc(n ? n : 1);

	if (!copy)
		abort();
	if (n)
		memcpy(copy, p, n);
	return copy;
}

struct ike_epoch *v1_plain_epoch(struct end *to, const struct packet *p)
{
	struct isakmp_header h;
	struct ike_epoch *ep;

	if (!to->live || p->n < IKE_HDR_LEN || isakmp_header_decode(p->p, p->n, &h))
		return NULL;
	for (ep = to->ike.ep; ep; ep = ep->next)
		if (ep->v1 && ep->spi_i == h.spi_i && ep->spi_r == h.spi_r)
			return ep;
	return NULL;
}

static struct v1_exchange *exchange_of(const struct ike_epoch *ep, const struct isakmp_header *h)
{
	return h->exchange == V1_INFORMATIONAL ? NULL : v1_exchange_of(ep, h->msgid);
}

static bool is_phase1(const struct isakmp_header *h)
{
	return h->exchange <= V1_AGGRESSIVE;
}

static bool iv_of(const struct ike_epoch *ep, const struct isakmp_header *h, u8 *iv)
{
	const struct v1_exchange *x = exchange_of(ep, h);

	if (is_phase1(h))
		memcpy(iv, ep->v1->iv, V1_BLOCK_MAX);
	else if (x)
		memcpy(iv, x->iv, V1_BLOCK_MAX);
	else
		return !v1_iv_of(ep, h->msgid, iv);
	return true;
}

static u8 hash_kind(const struct ike_epoch *ep, const struct isakmp_header *h)
{
	const struct v1_exchange *x = exchange_of(ep, h);

	if (h->exchange != V1_QUICK || !x)
		return V1_H_1;
	return x->step == 2 ? V1_H_2 : V1_H_3;
}

static void crypt(const struct ike_epoch *ep, const struct isakmp_header *h, u8 *p, size_t n,
		  bool encrypt)
{
	u8 iv[V1_BLOCK_MAX];

	if (!n)
		return;
	if (!iv_of(ep, h, iv) || isakmp_cbc(ep->suite.encr, ep->v1->key, ep->v1->key_len, iv, p, n,
					    encrypt))
		talk_broken("a message cannot be %s", encrypt ? "encrypted" : "decrypted");
}

/* A copy of the message, decrypted; NULL: it cannot be. */
static u8 *decrypted(struct end *to, const struct packet *p, struct isakmp_header *h)
{
	struct ike_epoch *ep = v1_plain_epoch(to, p);
	size_t n = p->n - IKE_HDR_LEN;
	u8 *buf;

	if (!ep || isakmp_header_decode(p->p, p->n, h) || h->major != V1_MAJOR ||
	    !(h->flags & V1_FLAG_ENCRYPTION) || h->next == V1_PL_FRAGMENT)
		return NULL;
	if (is_phase1(h) && h->exchange == ep->v1->exchange && ep->v1->setup && ep->v1->step > 2)
		v1_keys_need(&to->ike, ep);	/* as the first message would make it */
	if (!ep->v1->key_len || !n || n % isakmp_cbc_block(ep->suite.encr))
		return NULL;
	buf = copy_of(p->p, p->n);
	crypt(ep, h, buf + IKE_HDR_LEN, n, false);
	return buf;
}

bool v1_plain_open(struct v1_plain *m, struct end *to, const struct packet *p)
{
	struct v1_chain *c = calloc(1, sizeof(*c));
	unsigned int i;
	bool opened;

	memset(m, 0, sizeof(*m));
	m->path = p->path;
	m->buf = decrypted(to, p, &m->h);
	opened = m->buf && !v1_chain_decode(m->h.next, m->buf + IKE_HDR_LEN, p->n - IKE_HDR_LEN,
					    true, c) && c->n <= V1_PLAIN_BODIES - 4;
	for (i = 0; opened && i < c->n; i++)
		m->b[m->n++] = (struct body){ c->pl[i].type, false, c->pl[i].body, c->pl[i].len };
	free(c);
	if (!opened)
		v1_plain_free(m);
	return opened;
}

void v1_plain_new(struct v1_plain *m, struct end *to, u8 exchange, u32 msgid)
{
	static const u8 no_hash[64];

	memset(m, 0, sizeof(*m));
	m->h = (struct isakmp_header){
		.spi_i = to->ike.ep->spi_i, .spi_r = to->ike.ep->spi_r, .major = V1_MAJOR,
		.exchange = exchange, .flags = V1_FLAG_ENCRYPTION, .msgid = msgid,
	};
	m->path = talk_other(to)->live ? talk_other(to)->ike.path : talk_other(to)->path;
	m->b[m->n++] = (struct body){ V1_PL_HASH, false, no_hash,
				      isakmp_prf_len(to->ike.ep->suite.prf) };
}

static void make_hash(const struct ike_epoch *ep, const struct isakmp_header *h, u8 *msg,
		      size_t n, u8 *out)
{
	size_t at = IKE_HDR_LEN + IKE_PL_HDR_LEN + isakmp_prf_len(ep->suite.prf);

	if (v1_hash_message(ep, exchange_of(ep, h), hash_kind(ep, h), h->msgid,
			    (struct ike_span){ msg + at, n - at }, out))
		talk_broken("no HASH");
}

static void write_bodies(const struct v1_plain *m, struct isakmp_builder *b)
{
	unsigned int i;

	for (i = 0; i < m->n; i++) {
		isakmp_build_payload(b, m->b[i].type);
		isakmp_out_bytes(&b->o, m->b[i].p, m->b[i].n);
		isakmp_build_close(b);
	}
}

struct packet v1_plain_seal(const struct v1_plain *m, struct end *to, bool hash)
{
	struct packet p = { .path = m->path }, cookies;
	struct isakmp_header h = m->h;
	struct isakmp_builder b;
	struct ike_epoch *ep;
	static u8 buf[65536];
	size_t block, prf;

	/* The builder says which payload comes first */
	h.next = 0;
	isakmp_build_begin(&b, buf, sizeof(buf), &h);
	cookies = (struct packet){ buf, IKE_HDR_LEN, m->path };
	put_unaligned_be32(IKE_HDR_LEN, buf + IKE_HDR_LENGTH_AT);
	ep = v1_plain_epoch(to, &cookies);
	if (!ep || !ep->v1->key_len)
		talk_broken("%c: has no keys to seal with", to->name);
	write_bodies(m, &b);
	prf = isakmp_prf_len(ep->suite.prf);
	if (hash && !is_phase1(&h) && m->n && m->b[0].type == V1_PL_HASH && m->b[0].n == prf)
		make_hash(ep, &h, buf, b.o.len, buf + IKE_HDR_LEN + IKE_PL_HDR_LEN);
	block = isakmp_cbc_block(ep->suite.encr);
	isakmp_out_zero(&b.o, (block - (b.o.len - IKE_HDR_LEN) % block) % block);
	if (!isakmp_build_end(&b))
		talk_broken("a test's message does not fit");
	crypt(ep, &h, buf + IKE_HDR_LEN, b.o.len - IKE_HDR_LEN, true);
	p.p = copy_of(buf, b.o.len);
	p.n = b.o.len;
	return p;
}

void v1_plain_free(struct v1_plain *m)
{
	free(m->buf);
	memset(m, 0, sizeof(*m));
}

bool v1_plain_is_right(struct end *to, const struct packet *p)
{
	struct v1_chain *c = calloc(1, sizeof(*c));
	struct ike_epoch *ep = v1_plain_epoch(to, p);
	struct isakmp_header h;
	u8 *buf = decrypted(to, p, &h), want[64];
	bool right = false;
	size_t prf;

	if (buf && !is_phase1(&h) &&
	    !v1_chain_decode(h.next, buf + IKE_HDR_LEN, p->n - IKE_HDR_LEN, true, c) && c->n) {
		prf = isakmp_prf_len(ep->suite.prf);
		right = c->pl[0].type == V1_PL_HASH && c->pl[0].len == prf;
		if (right)
			make_hash(ep, &h, buf, IKE_HDR_LEN + c->end, want);
		right = right && !memcmp(want, c->pl[0].body, prf);
	}
	free(buf);
	free(c);
	return right;
}

static bool answered(const struct v1_phase1 *p, u64 digest)
{
	const struct v1_setup *u = p->setup;
	const struct v1_exchange *x;
	unsigned int i;

	for (x = p->exchanges; x; x = x->next)
		if (x->talk.answers == digest)
			return true;
	for (i = 0; u && i < V1_EARLY_MAX; i++)
		if (u->early[i] && u->early_digest[i] == digest)
			return true;
	return p->talk.answers == digest || (u && (u->pending == digest || u->refused == digest));
}

bool v1_lab_was_there(const struct end *e, const struct packet *p)
{
	const u64 key[2] = { 3, 4 };	/* as talk.c */
	u64 digest = isakmp_siphash(key, p->p, p->n);
	const struct ike_epoch *ep;

	for (ep = e->ike.ep; ep; ep = ep->next)
		if (ep->v1 && answered(ep->v1, digest))
			return true;
	return false;
}

/* ---- all that an end holds -------------------------------------------------------- */

static u64 digest(const struct end *e)
{
	const u64 did[] = { e->asking, e->asks, e->sent, e->queued, e->installs, e->removes, e->ups,
			    e->downs, e->moves, e->switches, e->rekeys, e->keepalives, e->renews,
			    e->lease_drops, e->closed, (u64)e->fragments };
	u64 h = native_digest(native_mem_digest(), did, sizeof(did));
	unsigned int i;

	for (i = 0; i < TALK_CHILDREN; i++)
		if (e->children[i].in)
			h = native_digest(h + i, &e->children[i], sizeof(e->children[i]));
	return native_digest(h, &e->ike, sizeof(e->ike));
}

u64 v1_lab_digest(struct end *e)
{
	struct ike_epoch *ep = e->live ? e->ike.ep : NULL;
	struct v1_setup *u;
	u8 junk;
	u64 h;

	while (ep && !(ep->v1 && ep->v1->setup))
		ep = ep->next;
	u = ep ? ep->v1->setup : NULL;
	if (!u)
		return digest(e);
	junk = u->junk;
	u->junk = 0;
	h = digest(e);
	u->junk = junk;
	return h;
}

u64 v1_lab_digest_but_repeats(struct end *e)
{
	struct isakmp_bucket buckets[8];
	u32 resends = e->ike.resends, sent = e->sent, queued = e->queued;
	struct ike_epoch *ep;
	unsigned int i = 0;
	u64 h;

	for (ep = e->ike.ep; ep && i < 8; ep = ep->next)
		if (ep->v1) {
			buckets[i++] = ep->v1->repeats;
			memset(&ep->v1->repeats, 0, sizeof(ep->v1->repeats));
		}
	e->ike.resends = e->sent = e->queued = 0;
	h = v1_lab_digest(e);
	e->ike.resends = resends;
	e->sent = sent;
	e->queued = queued;
	for (i = 0, ep = e->ike.ep; ep && i < 8; ep = ep->next)
		if (ep->v1)
			ep->v1->repeats = buckets[i++];
	return h;
}
