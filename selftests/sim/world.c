// SPDX-License-Identifier: GPL-2.0
/* Clock, network, look-up and the net seams: what net/ does, in virtual time. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <isakmp/ikev1.h>
#include "v1/v1.h"
#include "world.h"

#define TURNS_MAX 10000		/* events at one time */

struct world *world;
const char *world_scene;
bool world_verbose;

enum event_type { EV_DATAGRAM, EV_SA, EV_CALL };

struct event {
	struct event *next;
	u64 at;
	u64 order;		/* events at one time keep their order */
	enum event_type type;
	/* EV_DATAGRAM */
	struct node *to;
	struct isakmp_path path;
	u8 *data;
	size_t len;
	/* EV_SA */
	u64 sa_id;
	u8 sa_event;
	u64 digest;
	/* EV_CALL */
	void (*fn)(struct world *w, u64 arg);
	u64 arg;
};

void say(const char *fmt, ...)
{
	va_list ap;

	if (!world || !world->verbose)
		return;
	printf("# %9llu  ", (unsigned long long)world->now);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

void broken(const char *fmt, ...)
{
	va_list ap;

	printf("# seed %llu at %llu ms: ", (unsigned long long)world->seed,
	       (unsigned long long)world->now);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	if (world_scene)
		printf("\nnot ok 1 - sim: %s (replay: sim -v -d '%s')\n1..1\n", world_scene,
		       world_scene);
	else
		printf("\nnot ok 1 - sim (replay: sim -v%s -s %llu)\n1..1\n",
		       world->v1 ? " -1" : "", (unsigned long long)world->seed);
	fflush(stdout);
	abort();
}

/* splitmix64: the run's own dice, apart from isakmp_random()'s */
u64 chance(struct world *w, u64 n)
{
	u64 z = (w->rng += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return n ? (z ^ (z >> 31)) % n : 0;
}

bool odds(struct world *w, unsigned int of_1000)
{
	return chance(w, 1000) < of_1000;
}

/* ---- events -------------------------------------------------------------- */

static struct event *event_add(struct world *w, u64 at, enum event_type type)
{
	static u64 order;
	struct event *e = calloc(1, sizeof(*e)), **p = &w->events;

	e->at = at;
	e->order = ++order;
	e->type = type;
	while (*p && (*p)->at <= at)
		p = &(*p)->next;
	e->next = *p;
	*p = e;
	return e;
}

void world_call_in(struct world *w, u64 ms, void (*fn)(struct world *, u64), u64 arg)
{
	struct event *e = event_add(w, w->now + ms, EV_CALL);

	e->fn = fn;
	e->arg = arg;
}

static void datagram(struct world *w, struct node *to, const struct isakmp_path *path,
		     const u8 *p, size_t n, u64 delay)
{
	struct event *e = event_add(w, w->now + delay, EV_DATAGRAM);

	e->to = to;
	e->path = *path;
	e->len = n;
	e->data = malloc(n);
	memcpy(e->data, p, n);
}

void world_inject(struct world *w, struct node *to, const struct isakmp_path *path,
		  const u8 *p, size_t n)
{
	datagram(w, to, path, p, n, 0);
}

/* ---- SAs ----------------------------------------------------------------- */

struct sim_sa *sim_sa_of(const struct ike_sa *ike)
{
	return container_of(ike, struct sim_sa, ike);
}

struct sim_sa *sim_sa_by_id(struct world *w, u64 id)
{
	struct sim_sa *s;
	int i;

	for (i = 0; i < NODES; i++)
		for (s = w->node[i].sas; s; s = s->next)
			if (s->ike.id == id)
				return s;
	return NULL;
}

struct sim_sa *find_spi(struct node *node, const struct isakmp_header *h)
{
	struct sim_sa *s;

	for (s = node->sas; s; s = s->next)
		if (native_door(&s->ike, h))
			return s;
	return NULL;
}

static struct sim_sa *sa_new(struct node *node, bool initiator,
			     const struct isakmp_path *path)
{
	struct sim_sa *s = calloc(1, sizeof(*s));
	u64 spi;

	isakmp_random(&spi, sizeof(spi));
	s->w = world;
	s->node = node;
	s->timer_at = IKE_NEVER;
	ike_sa_init(&s->ike, initiator, spi | 1, path, &node->tun, world->now);
	if (world->v1 && v1_sa_init(&s->ike, world->now)) {
		ike_sa_release(&s->ike);
		free(s);
		return NULL;
	}
	s->ike.id = ++world->next_id;
	s->next = node->sas;
	node->sas = s;
	return s;
}

static void sa_unlink(struct sim_sa *s)
{
	struct sim_sa **p = &s->node->sas;
	struct id_seen *i;

	while (*p != s)
		p = &(*p)->next;
	*p = s->next;
	ike_sa_release(&s->ike);
	while ((i = s->ids)) {
		s->ids = i->next;
		free(i);
	}
	free(s);
}

/* As net/: publish the deadline, let the SA go when it is over. */
static void after_event(struct sim_sa *s)
{
	u64 at = ike_sa_deadline(&s->ike);
	struct event *e;

	if (ike_sa_finished(&s->ike, world->now)) {
		say("%c: SA %llu is gone", 'A' + s->node->n, (unsigned long long)s->ike.id);
		sa_unlink(s);
		return;
	}
	if (at < world->now)
		broken("a deadline of the past: %llu", (unsigned long long)at);
	if (at == IKE_NEVER || at == s->timer_at)
		return;
	s->timer_at = at;
	e = event_add(world, at, EV_SA);
	e->sa_id = s->ike.id;
	e->sa_event = IKE_EV_TIMER;
}

void sa_event(struct sim_sa *s, struct ike_event *ev)
{
	if (s->handling)
		broken("an SA is handled by two at once");
	s->handling = true;
	ike_sa_handle(&s->ike, ev, world->now);
	s->handling = false;
	traffic_check(s);
	after_event(s);
}

void sa_event_in(struct sim_sa *s, u64 ms, u8 type)
{
	struct event *e = event_add(world, world->now + ms, EV_SA);

	e->sa_id = s->ike.id;
	e->sa_event = type;
}

/* ESP came from somewhere else: what xfrm/ posts. */
void sa_mapping(struct sim_sa *s, const struct isakmp_path *path)
{
	struct event *e = event_add(world, world->now, EV_SA);

	e->sa_id = s->ike.id;
	e->sa_event = IKE_EV_MAPPING;
	e->path = *path;
}

struct sim_sa *node_start(struct node *node, u64 replaces)
{
	struct isakmp_path path = { .lport = 500, .rport = 500 };
	struct sim_sa *s;

	path.local = node->addr;
	path.remote = world->node[1 - node->n].addr;
	if (world->node[1 - node->n].nat.on)
		path.remote = world->node[1 - node->n].nat.outer;
	s = sa_new(node, true, &path);
	if (!s)
		return NULL;
	s->ike.peer = &node->peer;
	world->peer_refs++;
	s->ike.want = &node->child;
	s->ike.replaces = replaces;
	sa_event_in(s, 0, IKE_EV_START);
	return s;
}

/* Power off and on: nothing is said to anybody. */
void node_crash(struct node *node)
{
	say("%c: crashes", 'A' + node->n);
	traffic_trouble(world);
	while (node->sas)
		sa_unlink(node->sas);
}

/* ---- softirq ------------------------------------------------------------- */

static void reply(struct node *node, const struct isakmp_path *path, const u8 *p, size_t n)
{
	struct node *to = &world->node[1 - node->n];
	struct isakmp_path way;

	if (nat_way(to, path, &way))
		datagram(world, to, &way, p, n, 1);
}

static enum isakmp_reason softirq_first(struct node *node, const struct event *e,
					const struct isakmp_header *h, u64 digest,
					struct sim_sa **sa)
{
	u8 cookie[ISAKMP_COOKIE_LEN], out[ISAKMP_GATE_REPLY_MAX];
	struct isakmp_first f;
	enum isakmp_reason why;
	unsigned int n = 0;
	struct sim_sa *s;
	size_t len;

	for (s = node->sas; s; s = s->next, n++)
		if (!s->ike.initiator && s->first_digest == digest) {
			*sa = s;
			return ISAKMP_OK;
		}
	if (h->major == V1_MAJOR) {
		why = isakmp_gate_v1_first(e->data, e->len, h);
		return why ?: n < HALF_OPEN_MAX ? ISAKMP_OK : ISAKMP_R_HALF_OPEN_LIMIT;
	}
	why = isakmp_gate_first(e->data, e->len, h, &f);
	if (why)
		return why;
	isakmp_cookie_rotate(&node->cookies, world->now);
	if (node->want_cookies &&
	    isakmp_cookie_check(&node->cookies, &e->path, h->spi_i, &f)) {
		isakmp_cookie_make(&node->cookies, &e->path, h->spi_i, f.ni, f.ni_len,
				   cookie);
		len = isakmp_gate_cookie_reply(h, cookie, out);
		reply(node, &e->path, out, len);
		return ISAKMP_R_COOKIE_SENT;
	}
	return n < HALF_OPEN_MAX ? ISAKMP_OK : ISAKMP_R_HALF_OPEN_LIMIT;
}

static void repeat(struct sim_sa *s, const struct native_response *r,
		   const struct isakmp_path *path)
{
	size_t at, n;

	say("%c: stored response again", 'A' + s->node->n);
	for (at = 0; at < r->n; at += n) {
		n = isakmp_header_length(r->p + at);
		reply(s->node, path, r->p + at, n);
	}
}

static bool repeated(struct sim_sa *s, const struct event *e, const struct isakmp_header *h,
		     u64 digest)
{
	struct ike_epoch *ep = h->spi_r ? native_door(&s->ike, h) : s->ike.ep;
	const struct native_response *r = native_answered(ep, digest, &e->path);

	if (!r)
		return false;
	repeat(s, r, &e->path);
	return true;
}

/* Steps 1 to 6 of the way of one message. */
static enum isakmp_reason softirq(struct node *node, struct event *e, u64 *digest,
				  struct sim_sa **sa, bool *first)
{
	u8 out[ISAKMP_GATE_TOKEN_MAX];
	struct isakmp_header h;
	enum isakmp_reason why;
	size_t n;

	why = isakmp_gate_header(e->data, e->len, &h);
	if (why)
		return why;
	if ((h.major == V1_MAJOR) != world->v1)
		return ISAKMP_R_VERSION;
	*digest = isakmp_gate_digest(node->digest_key, e->data, e->len);
	if (world->v1 && !isakmp_gate_v1_is_first(&h)) {
		*sa = v1_find(node, &h);
		return *sa ? ISAKMP_OK : ISAKMP_R_NO_SA;
	}
	if (world->v1 || isakmp_gate_is_first(&h)) {
		why = softirq_first(node, e, &h, *digest, sa);
		*first = !why && !*sa;
	} else {
		*sa = find_spi(node, &h);
		why = *sa ? ISAKMP_OK : ISAKMP_R_NO_SA;
		n = why ? token_reply(node, &h, out) : 0;
		if (n)
			reply(node, &e->path, out, n);
	}
	if (!why && !world->v1 && *sa && repeated(*sa, e, &h, *digest))
		*sa = NULL;
	return why;
}

static void receive(struct node *node, struct event *e)
{
	struct isakmp_header h;
	struct sim_sa *s = NULL;
	enum isakmp_reason why;
	bool first = false;
	struct event *ev;
	u64 digest = 0;

	native_ctx(NATIVE_SOFTIRQ);
	why = softirq(node, e, &digest, &s, &first);
	native_ctx(NATIVE_PROCESS);
	if (why) {
		isakmp_refused(NULL, why, 0);
		return;
	}
	if (first) {
		isakmp_header_decode(e->data, e->len, &h);
		s = sa_new(node, false, &e->path);
		if (!s)
			return;
		s->ike.ep->spi_i = h.spi_i;
		s->first_digest = digest;
	}
	if (!s)
		return;
	/* The inbox: the worker comes a little later */
	ev = event_add(world, world->now + chance(world, 3), EV_SA);
	ev->sa_id = s->ike.id;
	ev->sa_event = IKE_EV_PACKET;
	ev->data = e->data;
	ev->len = e->len;
	ev->path = e->path;
	ev->digest = digest;
	e->data = NULL;
}

static void sa_turn(struct world *w, struct event *e)
{
	struct sim_sa *s = sim_sa_by_id(w, e->sa_id);
	struct ike_event ev = { .type = e->sa_event };

	if (!s)
		return;
	if (e->sa_event == IKE_EV_TIMER) {
		if (e->at != s->timer_at)
			return;		/* moved since */
		s->timer_at = IKE_NEVER;
	}
	ev.packet.data = e->data;
	ev.packet.len = (u32)e->len;
	ev.packet.digest = e->digest;
	ev.packet.path = e->path;
	ev.path = e->path;
	sa_event(s, &ev);
}

void world_run(struct world *w, u64 until)
{
	struct event *e;

	while ((e = w->events) && e->at <= until) {
		w->events = e->next;
		w->turns = e->at == w->now ? w->turns + 1 : 0;
		w->now = e->at;
		if (w->turns > TURNS_MAX)
			broken("the clock does not move any more");
		if (e->type == EV_DATAGRAM)
			receive(e->to, e);
		else if (e->type == EV_SA)
			sa_turn(w, e);
		else
			e->fn(w, e->arg);
		free(e->data);
		free(e);
	}
	w->now = until;
}

/* ---- the net seams ------------------------------------------------------- */

/* A directed run has its hand in. */
static void wire(struct node *to, const struct isakmp_path *path, const u8 *p, size_t n)
{
	u8 *copy = malloc(n);

	memcpy(copy, p, n);
	if (world->wire(&world->node[1 - to->n], path, copy, n))
		datagram(world, to, path, copy, n, 1 + chance(world, world->weather.delay + 1));
	free(copy);
}

static void weather(struct node *to, const struct isakmp_path *path, const u8 *p, size_t n)
{
	const struct weather *we = &world->weather;
	u8 *bad;

	if (world->wire) {
		wire(to, path, p, n);
		return;
	}
	if (!odds(world, we->loss))
		datagram(world, to, path, p, n, 1 + chance(world, we->delay + 1));
	if (odds(world, we->duplicate))
		datagram(world, to, path, p, n, 1 + chance(world, 4 * we->delay + 1));
	if (odds(world, we->mangle)) {
		bad = malloc(n);
		memcpy(bad, p, n);
		bad[chance(world, n)] ^= (u8)(1 << chance(world, 8));
		datagram(world, to, path, bad, n, 1 + chance(world, we->delay + 1));
		free(bad);
	}
}

enum isakmp_reason isakmp_send(struct ike_sa *sa, const struct isakmp_path *path,
			       const u8 *p, size_t n)
{
	struct sim_sa *s = sim_sa_of(sa);
	struct node *to = &world->node[1 - s->node->n];
	struct isakmp_path way;

	native_process(__func__);
	record_sent(p, n);
	world->sent++;
	say("%c: SA %llu sends exchange %u id %u, %zu octets, %u.%u:%u -> %u.%u:%u%s",
	    'A' + s->node->n, (unsigned long long)sa->id, p[18], get_unaligned_be32(p + 20), n,
	    path->local.a[2], path->local.a[3], path->lport, path->remote.a[2],
	    path->remote.a[3], path->rport, sa->encap ? ", ESP in UDP" : "");
	if (nat_way(to, path, &way))
		weather(to, &way, p, n);
	return ISAKMP_OK;
}

enum isakmp_reason isakmp_store_response(struct ike_sa *sa, const struct ike_answer *to,
					 const u8 *p, size_t n)
{
	native_process(__func__);
	native_store(sa, to, p, n);
	return ISAKMP_OK;
}

enum isakmp_reason isakmp_repeat(struct ike_sa *sa, const struct ike_epoch *ep, u32 msgid,
				 const struct isakmp_path *path)
{
	const struct native_response *r = native_answer_to(ep, msgid, path);

	native_process(__func__);
	if (!r)
		return ISAKMP_R_FRAGMENT_ANSWERED;
	repeat(sim_sa_of(sa), r, path);
	return ISAKMP_OK;
}

bool isakmp_fragments_charge(struct ike_sa *sa, long n)
{
	struct node *node = sim_sa_of(sa)->node;

	native_process(__func__);
	node->fragments += n;
	if (node->fragments < 0)
		broken("more octets of fragments go than came");
	return true;
}

enum isakmp_reason isakmp_peer_adopt(struct ike_sa *sa, const struct ike_peer *peer)
{
	return ISAKMP_OK;
}

enum isakmp_reason isakmp_peer_known(struct ike_sa *sa)
{
	return ISAKMP_OK;
}

void isakmp_child_closed(struct ike_sa *sa, const struct ike_child *c)
{
}

void isakmp_child_forgotten(struct ike_sa *sa, const struct ike_child *c)
{
}

bool isakmp_contact_is_initial(struct ike_sa *sa)
{
	return !sa->replaces && (!sa->v1 || v1_is_alone(sim_sa_of(sa)));
}

const struct ike_peer *isakmp_candidate(struct ike_sa *sa, unsigned int i)
{
	native_process(__func__);
	return i ? NULL : &sim_sa_of(sa)->node->peer;
}

void isakmp_peer_get(const struct ike_peer *peer)
{
	world->peer_refs++;
}

const struct ike_peer *isakmp_peer_now(struct ike_sa *sa)
{
	native_process(__func__);
	if (lives_refuse(world))
		return NULL;
	isakmp_peer_get(&sim_sa_of(sa)->node->peer);
	return &sim_sa_of(sa)->node->peer;
}

void isakmp_peer_put(const struct ike_peer *peer)
{
	world->peer_refs--;
}

void isakmp_renew(struct ike_sa *sa, enum isakmp_reason why)
{
	struct sim_sa *s = sim_sa_of(sa), *o;

	native_process(__func__);
	for (o = s->node->sas; o; o = o->next)
		if (o->ike.replaces == sa->id && o->ike.state != IKE_S_DEAD)
			return;
	say("%c: SA %llu wants a successor", 'A' + s->node->n, (unsigned long long)sa->id);
	node_start(s->node, sa->id);
}

void isakmp_keepalive(struct ike_sa *sa)
{
	native_process(__func__);
	if (!sa->nat_local)
		broken("a keepalive without a NAT");
}

size_t isakmp_certreq(struct ike_sa *sa, u8 *out, size_t room)
{
	native_process(__func__);
	return 0;
}

bool isakmp_kex_ready(struct ike_sa *sa, u16 group)
{
	native_process(__func__);
	return true;
}

void isakmp_keys_made(struct ike_sa *sa, const struct ike_epoch *ep, const u8 *sk_ei,
		      const u8 *sk_er, size_t enc, const u8 *sk_ai, const u8 *sk_ar, size_t integ)
{
	native_process(__func__);
}

void isakmp_refused(struct ike_sa *sa, enum isakmp_reason why, u32 arg)
{
	static const char *const names[] = {
#define R(id, name, text) [ISAKMP_R_##id] = name,
		ISAKMP_REASONS(R)
#undef R
	};

	if (!why || why > ISAKMP_R_MAX)
		broken("refused without a reason");
	if (why == ISAKMP_R_CRASHED)
		token_check(sa);
	world->reasons[why]++;
	say("%c: refused: %s (%u)", sa ? 'A' + sim_sa_of(sa)->node->n : '-', names[why], arg);
}

/* A successor is up: the one it replaces goes. */
static void replace(struct sim_sa *s)
{
	struct sim_sa *old = sim_sa_by_id(s->w, s->ike.replaces);

	if (old && s->ike.children && s->ike.children->state == IKE_CHILD_UP)
		sa_event_in(old, 0, IKE_EV_STOP);
}

void isakmp_state_changed(struct ike_sa *sa, u8 old)
{
	struct sim_sa *s = sim_sa_of(sa);

	native_process(__func__);
	say("%c: SA %llu %s -> %s", 'A' + s->node->n, (unsigned long long)sa->id,
	    ike_state_name(old), ike_state_name(sa->state));
	if (sa->state == IKE_S_DELETING || sa->state == IKE_S_DEAD)
		traffic_trouble(world);
	if (sa->state != IKE_S_ESTABLISHED)
		return;
	if (sa->initiator)
		world->established++;
	if (sa->v1)
		v1_settle(s);
	if (sa->replaces)
		replace(s);
}

void isakmp_rekeyed(struct ike_sa *sa)
{
	native_process(__func__);
	world->rekeys++;
	say("%c: the IKE SA has other keys", 'A' + sim_sa_of(sa)->node->n);
}

void isakmp_child_changed(struct ike_sa *sa, const struct ike_child *c,
			  enum isakmp_reason why)
{
	native_process(__func__);
	if (c->state == IKE_CHILD_UP)
		world->children++;
	else if (why)
		traffic_trouble(world);
	say("%c: child %08x/%08x %s", 'A' + sim_sa_of(sa)->node->n, c->spi_in, c->spi_out,
	    c->state == IKE_CHILD_UP ? "up" : "down");
}

/* ---- a run --------------------------------------------------------------- */

void world_free(struct world *w)
{
	struct event *e;
	int i;

	for (i = 0; i < NODES; i++) {
		while (w->node[i].sas)
			sa_unlink(w->node[i].sas);
		if (w->node[i].fragments)
			broken("%ld octets of fragments are left", w->node[i].fragments);
		helper_free(&w->node[i]);
	}
	while ((e = w->events)) {
		w->events = e->next;
		free(e->data);
		free(e);
	}
	record_free();
	if (native_mem_outstanding())
		broken("%zu blocks of memory were not freed", native_mem_outstanding());
	if (w->peer_refs)
		broken("%ld references on peers are left", w->peer_refs);
	free(w);
	world = NULL;
}
