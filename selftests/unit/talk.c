// SPDX-License-Identifier: GPL-2.0
/* Two IKE SAs under the hands of a test; the seams of net/, nl/ and xfrm/. */
#include "isakmpd/kex.h"
#include "talk.h"

#define DIGEST_KEY ((const u64[2]){ 3, 4 })

void talk_broken(const char *fmt, ...)
{
	va_list ap;

	printf("# broken: ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\nnot ok - an invariant of the engine\n");
	fflush(stdout);
	abort();
}

struct end *talk_other(struct end *e)
{
	return e == &e->t->a ? &e->t->b : &e->t->a;
}

static u8 *exact(const void *p, size_t n)
{
	u8 *copy = malloc(n);

	if (!copy)
		abort();
	if (n)
		memcpy(copy, p, n);
	return copy;
}

void packet_free(struct packet *p)
{
	free(p->p);
	*p = (struct packet){ 0 };
}

struct packet packet_copy(const struct packet *p)
{
	struct packet copy = *p;

	copy.p = exact(p->p, p->n);
	return copy;
}

/* ---- crypto: counted ------------------------------------------------------- */

unsigned int talk_derived;
u8 talk_shared[32];

int __real_isakmp_kex_derive(struct isakmp_kex *k, const u8 *pub, u16 pub_len,
			     u8 *out, u16 *out_len);
int __wrap_isakmp_kex_derive(struct isakmp_kex *k, const u8 *pub, u16 pub_len,
			     u8 *out, u16 *out_len);

int __wrap_isakmp_kex_derive(struct isakmp_kex *k, const u8 *pub, u16 pub_len,
			     u8 *out, u16 *out_len)
{
	int err = __real_isakmp_kex_derive(k, pub, pub_len, out, out_len);

	talk_derived++;
	if (!err)
		memcpy(talk_shared, out, sizeof(talk_shared));
	return err;
}

/* ---- net ------------------------------------------------------------------- */

/* RFC 5282, 3.1: no IV twice; a retransmission is the same octets. */
static void note_iv(struct end *e, const u8 *p, size_t n)
{
	u64 iv, digest = isakmp_siphash(DIGEST_KEY, p, n);
	unsigned int i;

	if (p[16] != IKE_PL_SK && p[16] != IKE_PL_SKF)
		return;
	iv = get_unaligned_be64(p + IKE_HDR_LEN + IKE_PL_HDR_LEN +
				(p[16] == IKE_PL_SKF ? IKE_SKF_LEN : 0)) ^
	     get_unaligned_be64(p);
	for (i = 0; i < e->n_ivs; i++) {
		if (e->ivs[i].iv != iv)
			continue;
		if (e->ivs[i].digest != digest)
			talk_broken("%c: an IV is used twice", e->name);
		return;
	}
	if (e->n_ivs == TALK_IVS)
		talk_broken("%c: too many messages for a test", e->name);
	e->ivs[e->n_ivs].iv = iv;
	e->ivs[e->n_ivs++].digest = digest;
}

static void queue(struct end *e, const struct isakmp_path *path, const u8 *p, size_t n)
{
	if (p[IKE_HDR_NEXT_AT] != IKE_PL_SKF || p[IKE_HDR_LEN + IKE_PL_HDR_LEN + 1] == 1)
		e->sent++;
	if (e->queued == TALK_QUEUE) {
		packet_free(&e->queue[0]);
		e->queued--;
		memmove(e->queue, e->queue + 1, e->queued * sizeof(e->queue[0]));
	}
	e->queue[e->queued++] = (struct packet){ exact(p, n), n, *path };
}

enum isakmp_reason isakmp_send(struct ike_sa *sa, const struct isakmp_path *path,
			       const u8 *p, size_t n)
{
	struct end *e = talk_end(sa);

	native_process(__func__);
	if (n < IKE_HDR_LEN || n > IKE_MSG_MAX || n != get_unaligned_be32(p + 24))
		talk_broken("%c: a message of %zu octets", e->name, n);
	note_iv(e, p, n);
	if (e->send_why)
		return e->send_why;
	queue(e, path, p, n);
	return ISAKMP_OK;
}

enum isakmp_reason isakmp_store_response(struct ike_sa *sa, const struct ike_answer *to,
					 const u8 *p, size_t n)
{
	struct end *e = talk_end(sa);

	native_process(__func__);
	if (e->store_why)
		return e->store_why;
	native_store(sa, to, p, n);
	packet_free(&e->stored);
	e->stored = (struct packet){ exact(p, n), n, to->path };
	return ISAKMP_OK;
}

/* The datagrams of a stored response, to where @path comes from. */
static void repeat(struct end *e, const struct native_response *r,
		   const struct isakmp_path *path)
{
	size_t at, n;

	for (at = 0; at < r->n; at += n) {
		n = isakmp_header_length(r->p + at);
		queue(e, path, r->p + at, n);
	}
}

enum isakmp_reason isakmp_repeat(struct ike_sa *sa, const struct ike_epoch *ep, u32 msgid,
				 const struct isakmp_path *path)
{
	const struct native_response *r = native_answer_to(ep, msgid, path);

	native_process(__func__);
	if (!r)
		return ISAKMP_R_FRAGMENT_ANSWERED;
	repeat(talk_end(sa), r, path);
	return ISAKMP_OK;
}

bool isakmp_fragments_charge(struct ike_sa *sa, long n)
{
	struct end *e = talk_end(sa);

	native_process(__func__);
	if (n > 0 && e->fragments_max && e->fragments + n > e->fragments_max)
		return false;
	e->fragments += n;
	if (e->fragments < 0)
		talk_broken("%c: more octets of fragments go than came", e->name);
	return true;
}

enum isakmp_reason isakmp_peer_adopt(struct ike_sa *sa, const struct ike_peer *peer)
{
	sa->anew = talk_end(sa)->anew;
	return talk_end(sa)->known_why;
}

enum isakmp_reason isakmp_peer_known(struct ike_sa *sa)
{
	return talk_end(sa)->known_why;
}

void isakmp_child_closed(struct ike_sa *sa, const struct ike_child *c)
{
	talk_end(sa)->closed++;
}

void isakmp_child_forgotten(struct ike_sa *sa, const struct ike_child *c)
{
	talk_end(sa)->forgotten++;
}

bool isakmp_contact_is_initial(struct ike_sa *sa)
{
	return talk_end(sa)->initial;
}

const struct ike_peer *isakmp_candidate(struct ike_sa *sa, unsigned int i)
{
	native_process(__func__);
	return i < ARRAY_SIZE(talk_end(sa)->candidate) ? talk_end(sa)->candidate[i] : NULL;
}

static struct talk *talking;	/* the one there is */

void isakmp_peer_get(const struct ike_peer *peer)
{
	if (talking)
		talking->refs++;
}

void isakmp_peer_put(const struct ike_peer *peer)
{
	if (talking)
		talking->refs--;
}

const struct ike_peer *isakmp_peer_now(struct ike_sa *sa)
{
	native_process(__func__);
	if (talk_end(sa)->peer_gone)
		return NULL;
	isakmp_peer_get(&talk_end(sa)->peer);
	return &talk_end(sa)->peer;
}

bool isakmp_path_local(struct ike_sa *sa, struct isakmp_path *path)
{
	native_process(__func__);
	path->local = talk_end(sa)->source[path->remote.family == 6];
	return path->local.family;
}

bool isakmp_path_stands(struct ike_sa *sa)
{
	native_process(__func__);
	return !isakmp_addr_equal(&sa->path.local, &talk_end(sa)->gone);
}

unsigned int isakmp_path_others(struct ike_sa *sa, struct isakmp_addr *out, unsigned int max)
{
	const struct isakmp_addr *others = talk_end(sa)->others;
	unsigned int n;

	native_process(__func__);
	for (n = 0; n < 2 && n < max && others[n].family; n++)
		out[n] = others[n];
	return n;
}

void isakmp_keepalive(struct ike_sa *sa)
{
	native_process(__func__);
	talk_end(sa)->keepalives++;
}

void isakmp_renew(struct ike_sa *sa, enum isakmp_reason why)
{
	native_process(__func__);
	talk_end(sa)->renews++;
	talk_end(sa)->renew_why = why;
}

/* ---- helper ---------------------------------------------------------------- */

static struct ike_span *spans_of(struct ike_ask *a, unsigned int i)
{
	struct ike_span *const s[] = { &a->msg_i, &a->msg_r, &a->ni, &a->nr, &a->sk_pi,
				       &a->sk_pr, &a->id_i, &a->id_r, &a->auth,
				       &a->certreq, &a->seed, &a->peer_ke, &a->attributes,
				       &a->secret, &a->secret_id, &a->unique };

	return i < ARRAY_SIZE(s) ? s[i] : NULL;
}

enum isakmp_reason isakmp_ask(struct ike_sa *sa, const struct ike_ask *ask)
{
	struct end *e = talk_end(sa);
	struct ike_span *s;
	unsigned int i;

	native_process(__func__);
	if (e->asking)
		talk_broken("%c: asks two questions at once", e->name);
	if (e->ask_why)
		return e->ask_why;
	e->asking = true;
	e->asks++;
	e->ask = *ask;
	for (i = 0; (s = spans_of(&e->ask, i)); i++)
		s->p = s->len ? exact(s->p, s->len) : NULL;
	return ISAKMP_OK;
}

static void forget_ask(struct end *e)
{
	struct ike_span *s;
	unsigned int i;

	for (i = 0; e->asking && (s = spans_of(&e->ask, i)); i++)
		free((void *)s->p);
	e->asking = false;
	memset(&e->ask, 0, sizeof(e->ask));
}

void isakmp_ask_cancel(struct ike_sa *sa)
{
	native_process(__func__);
	forget_ask(talk_end(sa));
}

void isakmp_lease_drop(struct ike_sa *sa)
{
	native_process(__func__);
	talk_end(sa)->lease_drops++;
}

bool isakmp_kex_ready(struct ike_sa *sa, u16 group)
{
	native_process(__func__);
	return !isakmp_kex_by_helper(group) || !talk_end(sa)->kex_gone;
}

size_t isakmp_certreq(struct ike_sa *sa, u8 *out, size_t room)
{
	struct end *e = talk_end(sa);

	native_process(__func__);
	if (e->certreq_len > room)
		talk_broken("%c: no room for a CERTREQ", e->name);
	memcpy(out, e->certreq, e->certreq_len);
	return e->certreq_len;
}

void isakmp_keys_made(struct ike_sa *sa, const struct ike_epoch *ep, const u8 *sk_ei,
		      const u8 *sk_er, size_t enc, const u8 *sk_ai, const u8 *sk_ar, size_t integ)
{
	struct end *e = talk_end(sa);

	native_process(__func__);
	e->keys.n++;
	e->keys.enc = enc;
	e->keys.integ = integ;
	memcpy(e->keys.ei, sk_ei, enc);
	if (sk_er)
		memcpy(e->keys.er, sk_er, enc);
	if (sk_ai)
		memcpy(e->keys.ai, sk_ai, integ);
	if (sk_ar)
		memcpy(e->keys.ar, sk_ar, integ);
}

/* ---- notes ----------------------------------------------------------------- */

void isakmp_refused(struct ike_sa *sa, enum isakmp_reason why, u32 arg)
{
	struct end *e = talk_end(sa);

	if (!why || why > ISAKMP_R_MAX)
		talk_broken("%c: refused without a reason", e->name);
	e->why = why;
	e->arg = arg;
	e->refused[why]++;
	e->refusals++;
}

void isakmp_state_changed(struct ike_sa *sa, u8 old)
{
	native_process(__func__);
	if (!ike_state_may(old, sa->state))
		talk_broken("%c: %s to %s", talk_end(sa)->name, ike_state_name(old),
			    ike_state_name(sa->state));
	if (sa->state == IKE_S_DEAD) {
		talk_end(sa)->dead_why = sa->reason;
		talk_end(sa)->dead_id_len = sa->id_remote_len;
	}
}

void isakmp_rekeyed(struct ike_sa *sa)
{
	native_process(__func__);
	talk_end(sa)->rekeys++;
}

void isakmp_child_changed(struct ike_sa *sa, const struct ike_child *c,
			  enum isakmp_reason why)
{
	struct end *e = talk_end(sa);

	native_process(__func__);
	if (c->state == IKE_CHILD_UP) {
		e->ups++;
	} else {
		e->downs++;
		e->down_why = why;
		e->down_rx = c->past[ISAKMP_PACKETS_IN];
		e->down_shown = ike_child_of(sa, c->spi_in) == c;
	}
}

/* ---- the two ends ---------------------------------------------------------- */

static void policy(struct end *e, unsigned int n)
{
	static const struct ike_suite ike[] = {
		{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_GCM_16, 256, 0, IKE_PRF_HMAC_SHA2_384,
		  IKE_KE_X25519 },
		{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_GCM_16, 128, 0, IKE_PRF_HMAC_SHA2_256,
		  IKE_KE_X25519 },
	};
	static const struct ike_suite esp[] = {
		{ IKE_PROTO_ESP, 0, IKE_ENCR_AES_GCM_16, 256, 0, 0, 0 },
		{ IKE_PROTO_ESP, 0, IKE_ENCR_AES_GCM_16, 128, 0, 0, 0 },
	};
	u8 ours = (u8)(1 + n), theirs = (u8)(2 - n);

	e->tun = (struct ike_tunables){ 1000, 3, 30000, V1_QUICKS };
	e->path = (struct isakmp_path){
		.local = { 4, { 192, 0, 2, ours } }, .remote = { 4, { 192, 0, 2, theirs } },
		.lport = 500, .rport = 500,
	};
	e->local[0] = (struct isakmp_ts){ IKE_TS_IPV4, 0, 0, 65535, { 10, ours },
					  { 10, ours, 255, 255 } };
	e->remote[0] = (struct isakmp_ts){ IKE_TS_IPV4, 0, 0, 65535, { 10, theirs },
					   { 10, theirs, 255, 255 } };
	e->source[0] = e->path.local;
	strcpy(e->child.name, "net");
	e->child.local = e->local;
	e->child.remote = e->remote;
	e->child.n_local = e->child.n_remote = 1;
	e->child.esp.n = 2;
	memcpy(e->child.esp.s, esp, sizeof(esp));
	strcpy(e->peer.name, n ? "gw-a" : "gw-b");
	e->peer.ike.n = 2;
	memcpy(e->peer.ike.s, ike, sizeof(ike));
	e->peer.n_child = 1;
	e->peer.child[0] = &e->child;
	e->candidate[0] = &e->peer;
}

struct talk *talk_new(void)
{
	struct talk *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	t->now = 1000;
	t->a.t = t->b.t = t;
	t->a.ike.ep = &t->a.ike.first;
	t->b.ike.ep = &t->b.ike.first;
	t->a.name = 'A';
	t->b.name = 'B';
	policy(&t->a, 0);
	policy(&t->b, 1);
	talking = t;
	return t;
}

static void release(struct end *e)
{
	ike_sa_release(&e->ike);
	e->ike.ep = &e->ike.first;	/* tests ask, and find nothing */
}

static void end_release(struct end *e)
{
	if (e->live)
		release(e);
	e->live = false;
	talk_flush(e);
	packet_free(&e->stored);
	forget_ask(e);
}

void talk_release(struct talk *t)
{
	end_release(&t->a);
	end_release(&t->b);
}

void talk_free(struct talk *t)
{
	talk_release(t);
	talking = NULL;
	free(t);
}

static u64 new_spi(void)
{
	u64 spi;

	isakmp_random(&spi, sizeof(spi));
	return spi | 1;
}

void talk_open_a(struct talk *t)
{
	struct end *a = &t->a;

	memset(&a->ike, 0, sizeof(a->ike));
	a->n_ivs = 0;
	ike_sa_init(&a->ike, true, new_spi(), &a->path, &a->tun, t->now);
	a->ike.id = 1;
	a->ike.peer = &a->peer;
	t->refs++;
	a->ike.want = &a->child;
	a->live = true;
}

void talk_open_b(struct talk *t, const u8 *first, const struct isakmp_path *path)
{
	struct end *b = &t->b;

	memset(&b->ike, 0, sizeof(b->ike));
	b->n_ivs = 0;
	ike_sa_init(&b->ike, false, new_spi(), path, &b->tun, t->now);
	b->ike.id = 2;
	b->ike.ep->spi_i = get_unaligned_be64(first);
	b->live = true;
}

/* ---- events ---------------------------------------------------------------- */

static void drop_if_finished(struct end *e)
{
	if (!ike_sa_finished(&e->ike, e->t->now))
		return;
	release(e);
	e->live = false;
}

enum isakmp_reason talk_event(struct end *e, struct ike_event *ev)
{
	const struct ike_epoch *ep = e->ike.ep;
	u32 next_in = ep->next_in;

	if (!e->live)
		return ISAKMP_R_NO_SA;
	e->why = ISAKMP_OK;
	e->arg = 0;
	ike_sa_handle(&e->ike, ev, e->t->now);
	if (e->ike.ep == ep && ep->next_in - next_in > ep->window_in)
		talk_broken("%c: the request window jumped", e->name);
	return e->why;
}

enum isakmp_reason talk_do(struct end *e, u8 type, u32 spi)
{
	struct ike_event ev = { .type = type, .spi = spi };

	return talk_event(e, &ev);
}

enum isakmp_reason talk_timer(struct end *e, u64 now)
{
	enum isakmp_reason why;

	e->t->now = now;
	why = talk_do(e, IKE_EV_TIMER, 0);
	drop_if_finished(e);
	return why;
}

static enum isakmp_reason give(struct end *to, const u8 *p, size_t n,
			       const struct isakmp_path *path)
{
	struct ike_event ev = { .type = IKE_EV_PACKET };
	enum isakmp_reason why;

	ev.packet.data = exact(p, n);
	ev.packet.len = (u32)n;
	ev.packet.digest = isakmp_siphash(DIGEST_KEY, p, n);
	ev.packet.path = *path;
	why = talk_event(to, &ev);
	free(ev.packet.data);
	return why;
}

enum isakmp_reason talk_give(struct end *to, const u8 *p, size_t n)
{
	return give(to, p, n, &to->path);
}

static const struct native_response *answered(const struct end *to, const struct packet *p,
					      const struct isakmp_path *path)
{
	struct isakmp_header h;
	struct ike_epoch *ep;

	if (!to->live || p->n < IKE_HDR_LEN || isakmp_header_decode(p->p, p->n, &h))
		return NULL;
	ep = h.spi_r ? native_door(&to->ike, &h) : to->ike.ep;
	return ep ? native_answered(ep, isakmp_siphash(DIGEST_KEY, p->p, p->n), path) : NULL;
}

enum isakmp_reason talk_deliver_on(struct end *to, const struct packet *p,
				   const struct isakmp_path *path)
{
	const struct native_response *r = answered(to, p, path);
	enum isakmp_reason why;

	if (r) {
		repeat(to, r, path);
		return ISAKMP_OK;
	}
	if (!to->live && to == &to->t->b && p->n >= IKE_HDR_LEN && isakmp_exchange_is_first(p->p[18]) &&
	    !(p->p[19] & IKE_FLAG_RESPONSE))
		talk_open_b(to->t, p->p, path);
	why = give(to, p->p, p->n, path);
	if (to->live)
		drop_if_finished(to);
	return why;
}

/* What the NATs in front of both ends make of a datagram's way. */
bool talk_way(const struct end *to, const struct isakmp_path *sent,
	      struct isakmp_path *path)
{
	const struct talk_nat *src = &talk_other((struct end *)to)->nat, *dst = &to->nat;

	*path = (struct isakmp_path){
		.local = sent->remote, .remote = sent->local,
		.lport = sent->rport, .rport = sent->lport,
	};
	if (src->on) {
		path->remote = src->outer;
		path->rport = src->port[sent->lport == IKE_PORT_NATT];
	}
	if (!dst->on)
		return true;
	if (!isakmp_addr_equal(&path->local, &dst->outer) ||
	    (path->lport != dst->port[0] && path->lport != dst->port[1]))
		return false;
	path->local = to->path.local;
	path->lport = path->lport == dst->port[1] ? IKE_PORT_NATT : 500;
	return true;
}

enum isakmp_reason talk_deliver(struct end *to, const struct packet *p)
{
	struct isakmp_path path;

	if (!talk_way(to, &p->path, &path)) {
		to->lost++;
		return ISAKMP_OK;
	}
	return talk_deliver_on(to, p, &path);
}

#define BODY(...) ((const u8[]){ __VA_ARGS__ })

/* The helper's own code. */
static void compute(struct end *e, struct ike_verdict *v)
{
	struct octets seed = { e->ask.seed.p, e->ask.seed.len };
	struct octets peer = { e->ask.peer_ke.p, e->ask.peer_ke.len };

	struct kex_result r;

	v->reason = (u16)kex_compute(e->ask.group, &seed, &peer, &r);
	memcpy(e->kex_pub, r.pub, r.pub_len);
	memcpy(e->kex_shared, r.shared, r.shared_len);
	v->pub = (struct ike_span){ e->kex_pub, r.pub_len };
	v->shared = (struct ike_span){ e->kex_shared, r.shared_len };
}

/* As long as may be, and no octets of it like others. */
static const u8 *certificate(void)
{
	static u8 octets[IKE_MSG_MAX];
	unsigned int i;

	for (i = 1; !octets[0] && i < sizeof(octets); i++)
		octets[i] = (u8)(i ^ i >> 8);
	octets[0] = IKE_CERT_X509_SIGNATURE;
	return octets;
}

void talk_good_verdict(struct end *e, struct ike_verdict *v)
{
	memset(v, 0, sizeof(*v));
	v->kind = e->ask.kind;
	if (v->kind == IKE_ASK_KEX) {
		compute(e, v);
		return;
	}
	if (v->kind == IKE_ASK_I_VERIFY)
		return;
	if (e->cert_len) {
		v->n_certs = 1;
		v->certs[0] = (struct ike_span){ certificate(), e->cert_len };
	}
	v->auth_method = IKE_AM_PSK;
	v->auth_len = 32;
	memset(v->auth, 0x50 + e->name, 32);
	v->id_len = 5;
	memcpy(v->id, BODY(IKE_ID_FQDN, 0, 0, 0, (u8)e->name), 5);
	if (v->kind == IKE_ASK_I_AUTH) {
		v->id_want_len = 5;
		memcpy(v->id_want, BODY(IKE_ID_FQDN, 0, 0, 0, 'B'), 5);
	} else {
		v->peer = &e->peer;
		v->children = ~0U;
		memcpy(v->inner, e->inner, sizeof(v->inner));
		v->no_address = e->no_address;
		v->config = e->config;
		e->t->refs++;
	}
}

enum isakmp_reason talk_verdict(struct end *e, struct ike_verdict *v)
{
	struct ike_event ev = { .type = IKE_EV_VERDICT, .verdict = v };
	enum isakmp_reason why;

	if (!v->question)
		v->question = e->ike.question;
	if (v->question == e->ike.question)
		forget_ask(e);
	why = talk_event(e, &ev);
	if (v->peer)
		isakmp_peer_put(v->peer);
	if (e->live)
		drop_if_finished(e);
	return why;
}

enum isakmp_reason talk_answer(struct end *e, enum isakmp_reason reason)
{
	struct ike_verdict v;

	if (!e->asking)
		talk_broken("%c: nothing was asked", e->name);
	memset(&v, 0, sizeof(v));
	v.kind = e->ask.kind;
	v.reason = (u16)reason;
	if (!reason)
		talk_good_verdict(e, &v);
	return talk_verdict(e, &v);
}

struct packet talk_take(struct end *e)
{
	struct packet p = { 0 };

	if (!e->queued)
		return p;
	p = e->queue[0];
	e->queued--;
	memmove(e->queue, e->queue + 1, e->queued * sizeof(e->queue[0]));
	return p;
}

void talk_flush(struct end *e)
{
	struct packet p;

	while ((p = talk_take(e)).n)
		packet_free(&p);
}
