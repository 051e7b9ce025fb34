// SPDX-License-Identifier: GPL-2.0
/*
 * A conversation of version 1 under libFuzzer: the input is the network, the clock, the helpers,
 * the operator, and somebody who has the keys of the ISAKMP SA.  talk.c ends the run when an
 * end does what it must never do; and here:
 *
 *  - one datagram in, a bounded number of messages out;
 *  - a message of phase 2 whose HASH is wrong changes nothing, and is refused by name;
 *  - what was accepted once changes nothing when it comes again;
 *  - what comes to nothing has a reason, unless it was there before;
 *  - an end that takes the other for proven has the keys that this one has, or had, and its
 *    identity: nobody else proves anything, whatever was changed on the way;
 *  - in the end nothing is left: no memory, no reference, no child.
 */
#include "v1/phase2.h"
#include "v1_plain.h"
#include "v1_ways.h"

#include "talk_input.h"
#include "v1_talk_ops.h"

#define SEEN 16
#define KNOWN 256U

static bool lied;		/* a helper vouched for nobody */
static bool wrong_secret, wrong_password;

/* Datagrams that were seen; @accepted: by phase 2 of its receiver, once */
static struct {
	struct packet p;
	char to;
	bool accepted;
	u64 spi_i;
} seen[SEEN];
static unsigned int n_seen;

/* SKEYIDs, with the cookies: which an end has, or had. */
static struct {
	u64 keys[KNOWN];
	unsigned int n;
} known[2];

static const u8 *octets(size_t n)
{
	const u8 *p;

	return isakmp_cur_take(&in, n, &p) ? p : NULL;
}

/* ---- who is believed -------------------------------------------------------------- */

static unsigned int number(const struct end *e)
{
	return e->name == 'B';
}

static u64 keys_of(const struct ike_epoch *ep)
{
	const u64 key[2] = { ep->spi_i, ep->spi_r };

	return isakmp_siphash(key, ep->v1->skeyid, sizeof(ep->v1->skeyid));
}

/* Keys that the other end has at the same time are the same: g^xy is in them. */
static void check_same(const struct ike_epoch *ep, const struct end *o)
{
	const struct ike_epoch *p;

	for (p = o->live ? o->ike.ep : NULL; p; p = p->next)
		if (p->v1 && p->v1->key_len && p->spi_i == ep->spi_i && p->spi_r == ep->spi_r)
			MUST(!memcmp(p->v1->skeyid_e, ep->v1->skeyid_e, 64) &&
			     !memcmp(&p->suite, &ep->suite, sizeof(p->suite)) &&
			     p->v1->method == ep->v1->method);
}

static bool knows(const struct end *e, u64 keys)
{
	unsigned int i, n = min(known[number(e)].n, KNOWN);

	for (i = 0; i < n; i++)
		if (known[number(e)].keys[i] == keys)
			return true;
	return false;
}

static bool is_identity(const struct ike_sa *sa, const struct end *of)
{
	const char *id = v1_lab.id[number(of)];

	return sa->id_remote_len == 4 + strlen(id) && !memcmp(sa->id_remote + 4, id, strlen(id));
}

static void check_proven(struct end *e, const struct ike_epoch *ep)
{
	if (lied || ep->v1->state < V1_P1_XAUTH || ep->v1->state == V1_P1_GONE)
		return;
	/* Who begins Base Mode is proven before it has SKEYID */
	if (ep->initiator || ep->v1->exchange != V1_BASE)
		MUST(knows(talk_other(e), keys_of(ep)));
	MUST(is_identity(&e->ike, talk_other(e)));
	/* By secrets alone: nobody has proved to know this one */
	MUST(!wrong_secret || v1_class_of(ep->v1->method) != V1_CLASS_PSK);
	check_same(ep, talk_other(e));
	if (ep->v1->state == V1_P1_UP && e->peer.v1.xauth == IKE_V1_XAUTH_PEER)
		MUST(v1_sa_user(&e->ike) && !wrong_password);
}

/* After each event: what the end holds now. */
static void look(struct end *e)
{
	struct ike_epoch *ep;
	u64 keys;

	for (ep = e->live ? e->ike.ep : NULL; ep; ep = ep->next) {
		if (!ep->v1 || !ep->spi_r)
			continue;
		keys = keys_of(ep);
		if (!knows(e, keys))
			known[number(e)].keys[known[number(e)].n++ % KNOWN] = keys;
		check_proven(e, ep);
	}
}

static void disarm(struct end *e)
{
	native_mem_fail_at(0);
	look(e);
}

/* ---- a datagram arrives -------------------------------------------------------------- */

static bool is_phase2(const struct packet *p)
{
	return p->n > IKE_HDR_LEN && p->p[18] >= V1_INFORMATIONAL &&
	       p->p[IKE_HDR_FLAGS_AT] & V1_FLAG_ENCRYPTION;
}

/* The receiver is past phase 1: a message of phase 2 is opened now, not kept. */
static struct v1_phase1 *opens(struct end *e, const struct packet *p)
{
	struct ike_epoch *ep = is_phase2(p) ? v1_plain_epoch(e, p) : NULL;

	if (!ep || ep->v1->state < V1_P1_XAUTH || ep->v1->state == V1_P1_GONE)
		return NULL;
	return ep->v1;
}

/* What waited for its time or for memory would go out at any event: it does now. */
static void rest(struct end *e)
{
	struct packet nothing = { calloc(1, IKE_HDR_LEN), IKE_HDR_LEN, e->t->a.path };

	if (e->live)
		talk_give(e, nothing.p, nothing.n);
	packet_free(&nothing);
}

static enum isakmp_reason deliver(struct end *to, const struct packet *p)
{
	unsigned int refusals = to->refusals, sent = to->sent, lost = to->lost;
	u8 children = to->ike.n_children;
	u64 before = v1_lab_digest(to);
	bool live = to->live, there;
	enum isakmp_reason why;

	there = live && v1_lab_was_there(to, p);
	arm();
	why = v1_lab_deliver(to, p);
	disarm(to);
	MUST(to->sent <= sent + 12 + 2U * children);
	if (live && to->live && !there && to->lost == lost && v1_lab_digest(to) == before)
		MUST(to->refusals != refusals);
	return why;
}

/* Phase 2, past phase 1: exact. */
static void deliver_exactly(struct end *to, const struct packet *p)
{
	unsigned int refusals, lost = to->lost;
	u64 before;

	rest(to);
	if (!to->live)
		return;
	if (v1_plain_is_right(to, p)) {
		deliver(to, p);
		return;
	}
	before = v1_lab_digest(to);
	refusals = to->refusals;
	native_mem_fail_at(fail);
	fail = 0;
	v1_lab_deliver(to, p);
	native_mem_fail_at(0);
	MUST(to->live && v1_lab_digest(to) == before);
	MUST(to->refusals == refusals + 1 || to->lost != lost);
}

static void see(const struct packet *p, const struct end *to, bool accepted)
{
	unsigned int i = n_seen++ % SEEN;

	packet_free(&seen[i].p);
	seen[i].p = packet_copy(p);
	seen[i].to = to->name;
	seen[i].accepted = accepted;
}

/* As it was sent. */
static void pass(struct end *to, const struct packet *p)
{
	bool exact = opens(to, p);
	enum isakmp_reason why = deliver(to, p);

	see(p, to, exact && !why);
}

static void take_out(struct end *e, unsigned int i)
{
	packet_free(&e->queue[i]);
	e->queued--;
	memmove(&e->queue[i], &e->queue[i + 1], (e->queued - i) * sizeof(e->queue[0]));
}

static void op_deliver(struct end *e, u8 op)
{
	unsigned int i = op == OP_LATE ? octet() : 0;
	struct packet p;

	if (!e->queued)
		return;
	i %= e->queued;
	p = packet_copy(&e->queue[i]);
	if (op != OP_TWICE)
		take_out(e, i);
	if (op == OP_DROP)
		see(&p, talk_other(e), false);
	else
		pass(talk_other(e), &p);
	packet_free(&p);
}

/* ---- tampering -------------------------------------------------------------------------- */

static struct packet last_seen(void)
{
	return n_seen ? packet_copy(&seen[(n_seen - 1) % SEEN].p) : (struct packet){ 0 };
}

/* How many Quick Modes answer by the Delete of a child that is gone, in place of message 3. */
static unsigned int taken_back(const struct end *e)
{
	const struct ike_epoch *ep;
	const struct v1_exchange *x;
	unsigned int n = 0;

	for (ep = e->ike.ep; ep; ep = ep->next)
		for (x = ep->v1 ? v1_of(ep)->exchanges : NULL; x; x = x->next)
			if (x->ops == &v1_quick_ops && x->body)
				n += ((const struct v1_quick *)x->body)->taken_back;
	return n;
}

/* Nothing comes of it twice; an answer at most is said again, or for once taken back. */
static void op_replay(struct end *e)
{
	unsigned int i = octet() % SEEN;
	struct packet *p = &seen[i].p;
	unsigned int taken;
	u64 before;

	if (!p->n)
		return;
	if (!seen[i].accepted || seen[i].to != e->name || !opens(e, p)) {
		deliver(e, p);
		return;
	}
	rest(e);
	if (!e->live)
		return;
	taken = taken_back(e);
	before = v1_lab_digest_but_repeats(e);
	v1_lab_deliver(e, p);
	MUST(e->live);
	MUST(v1_lab_digest_but_repeats(e) == before || taken_back(e) == taken + 1);
}

static void op_mutate(struct end *e)
{
	size_t at = (size_t)octet() << 8 | octet();
	struct packet p = last_seen();
	u8 change = octet();

	if (p.n && change) {
		p.p[at % p.n] ^= change;
		t->liar |= !is_phase2(&p) || at % p.n < IKE_HDR_LEN;
		if (opens(e, &p))
			deliver_exactly(e, &p);
		else
			deliver(e, &p);
	}
	packet_free(&p);
}

static void op_raw(struct end *e)
{
	size_t n = octet();
	const u8 *bytes = octets(n);
	struct packet p = { .path = talk_other(e)->path };

	if (!bytes)
		return;
	p.p = malloc(n ? n : 1);
	MUST(p.p);
	memcpy(p.p, bytes, n);
	p.n = n;
	if (n >= IKE_HDR_LEN) {		/* past the gate */
		put_unaligned_be64(t->a.ike.ep->spi_i, p.p);
		if (p.p[8] && e->live)
			put_unaligned_be64(e->ike.ep->spi_r, p.p + 8);
		put_unaligned_be32((u32)n, p.p + IKE_HDR_LENGTH_AT);
		t->liar = true;
		deliver(e, &p);
	}
	packet_free(&p);
}

static void op_piece(struct end *e)
{
	struct v1_fragment f = { .id = octet(), .number = octet(), .last = octet() & 1,
				 .len = octet() };
	struct isakmp_header h = { .spi_i = e->ike.ep->spi_i, .spi_r = e->ike.ep->spi_r,
				   .major = V1_MAJOR, .exchange = V1_QUICK };
	struct packet p = { malloc(512), 0, talk_other(e)->path };
	struct isakmp_builder b;

	MUST(p.p);
	f.data = octets(f.len);
	if (f.data && f.len && f.number && e->live) {
		isakmp_build_begin(&b, p.p, 512, &h);
		isakmp_build_payload(&b, V1_PL_FRAGMENT);
		v1_fragment_encode(&b.o, &f);
		isakmp_build_close(&b);
		MUST(isakmp_build_end(&b));
		p.n = b.o.len;
		t->liar = true;
		deliver(e, &p);
		MUST(e->fragments < 3 * IKE_MSG_MAX);
	}
	packet_free(&p);
}

/* ---- who has the keys ------------------------------------------------------------------- */

static u8 room[8][1024];	/* what bodies point into */
static unsigned int rooms;

static struct isakmp_out new_room(void)
{
	struct isakmp_out o;

	isakmp_out_init(&o, room[rooms++ % 8], sizeof(room[0]));
	return o;
}

/* Type and length; by type ready-made, or the octets that follow. */
static struct body body(const struct end *from)
{
	struct body b = { .type = octet() & 0x1f };
	struct isakmp_out o = new_room();
	u8 what = octet();
	size_t n = what & 0x3f;
	const u8 *bytes;

	if (what & 0x40) {
		bytes = octets(n);
		isakmp_out_bytes(&o, bytes, bytes ? n : 0);
	} else {
		v1_body_put(&o, from, b.type, what);
	}
	b.p = o.p;
	b.n = o.len;
	return b;
}

static void drop(struct v1_plain *m, unsigned int i)
{
	m->n--;
	memmove(&m->b[i], &m->b[i + 1], (m->n - i) * sizeof(m->b[0]));
}

/* A copy that can be written to. */
static u8 *own(struct body *b)
{
	struct isakmp_out o = new_room();

	isakmp_out_bytes(&o, b->p, min(b->n, sizeof(room[0])));
	b->p = o.p;
	b->n = o.len;
	return o.p;
}

static void edit_body(struct body *b, u8 what)
{
	const u8 *more;
	u8 at, n;

	switch (what) {
	case EDIT_XOR:
		at = octet();
		n = octet();
		if (b->n)
			own(b)[at % b->n] ^= n;
		break;
	case EDIT_TYPE:
		b->type = octet();
		break;
	case EDIT_CUT:
		b->n = min(b->n, (size_t)octet());
		break;
	case EDIT_LONGER:
		n = octet();
		more = octets(n);
		own(b);
		if (!more || b->n + n > sizeof(room[0]))
			break;
		memcpy((u8 *)b->p + b->n, more, n);
		b->n += n;
		break;
	}
}

/* Not the cookies: it would be of nobody then. */
static void edit_header(struct v1_plain *m, u8 where, u8 what)
{
	switch (where % 4) {
	case 0:
		m->h.flags ^= what & ~V1_FLAG_ENCRYPTION;
		break;
	case 1:
		m->h.msgid ^= what;
		break;
	case 2:
		m->h.exchange = what % 34;
		break;
	case 3:
		m->h.minor ^= what & 15;
		break;
	}
}

static void edit(struct v1_plain *m, const struct end *from, u8 what, u8 which)
{
	unsigned int i = m->n ? which % m->n : 0;
	struct body b;
	u8 at;

	if (what == EDIT_HEADER) {
		at = octet();
		edit_header(m, at, octet());
	} else if (what == EDIT_ADD) {
		m->b[m->n] = body(from);
		m->n++;
	} else if (!m->n) {
		return;
	} else if (what == EDIT_DROP) {
		drop(m, i);
	} else if (what == EDIT_TWICE) {
		m->b[m->n] = m->b[i];
		m->n++;
	} else if (what == EDIT_SWAP) {
		b = m->b[i];
		m->b[i] = m->b[(i + 1) % m->n];
		m->b[(i + 1) % m->n] = b;
	} else {
		edit_body(&m->b[i], what);
	}
}

static void say(struct end *to, const struct v1_plain *m, bool hash)
{
	struct packet p = v1_plain_seal(m, to, hash);

	t->liar = true;
	if (opens(to, &p) && !v1_plain_is_right(to, &p))
		deliver_exactly(to, &p);
	else
		pass(to, &p);
	packet_free(&p);
}

static void op_plain(struct end *e)
{
	u8 what = octet(), which = octet();
	struct end *to = talk_other(e);
	struct packet p = talk_take(e);
	struct v1_plain m;

	if (p.n && v1_plain_open(&m, to, &p)) {
		edit(&m, e, (what & 15) % V1_TALK_EDITS, which);
		say(to, &m, !(what & 0x80));
		v1_plain_free(&m);
	} else if (p.n) {
		t->liar |= p.n > IKE_HDR_LEN;
		if (p.n > IKE_HDR_LEN)
			p.p[IKE_HDR_LEN + which % (p.n - IKE_HDR_LEN)] ^= what;
		deliver(to, &p);
	}
	packet_free(&p);
}

static u32 some_id(const struct end *to, u8 id)
{
	const struct v1_exchange *x = to->ike.ep->v1->exchanges;

	if (!(id & 0x80) || !x)
		return 0x01000000 + id;
	for (id &= 3; id && x->next; id--)
		x = x->next;
	return x->msgid;
}

static void op_say(struct end *e)
{
	static const u8 exchanges[] = { V1_INFORMATIONAL, V1_QUICK, V1_TRANSACTION, V1_NEW_GROUP };
	u8 what = octet(), id = octet(), count = octet() % 8;
	struct end *to = talk_other(e);
	struct v1_plain m;

	if (!to->live || !to->ike.ep->v1 || !to->ike.ep->v1->key_len)
		return;
	v1_plain_new(&m, to, exchanges[what & 3], some_id(to, id));
	while (count--)
		m.b[m.n++] = body(e);
	say(to, &m, !(what & 0x80));
	v1_plain_free(&m);
}

/* ---- clock, helpers, operator --------------------------------------------------------------- */

static void timer(struct end *e, u64 now)
{
	u8 children = e->ike.n_children;
	unsigned int sent = e->sent;

	if (!e->live || now < t->now)
		return;
	arm();
	talk_timer(e, now);
	disarm(e);
	MUST(e->sent <= sent + 16 + 2U * children);
}

static void answer(struct end *e, u8 reason)
{
	u8 kind = e->ask.kind;

	if (!e->asking)
		return;
	v1_lab.refuse[kind] = reason;
	arm();
	v1_lab_answer(e);
	disarm(e);
	v1_lab.refuse[kind] = ISAKMP_OK;
}

static void op_answer(struct end *e)
{
	u8 reason = octet() % (ISAKMP_R_MAX + 1);

	answer(e, reason & 1 ? reason : ISAKMP_OK);
}

static u8 lie;

static void lies(struct end *e, struct ike_verdict *v)
{
	if (lie & 1)
		v->id_len = 0;
	if (lie & 2)
		v->auth_len = 0;
	if (lie & 4)
		v->skeyid.len = lie & 0x80 ? 0 : 16;
	if (lie & 8)
		v->secret.len = lie & 0x80 ? 0 : 1;
	if (lie & 16 && v->peer) {
		isakmp_peer_put(v->peer);
		v->peer = NULL;
	}
	if (lie & 32)
		v->kind = v->kind == IKE_ASK_V1_SKEYID ? IKE_ASK_R_AUTH : IKE_ASK_V1_SKEYID;
	if (lie & 64) {
		v->reason = ISAKMP_OK;
		v->attributes.len = min_t(size_t, v->attributes.len, lie & 7);
		v->n_methods = lie & 3;
		v->children = lie & 1;
	}
}

/* It forgets things, or accepts what it does not know. */
static void op_lie(struct end *e)
{
	lie = octet();
	lied |= lie & 96;
	v1_lab.says = lies;
	answer(e, ISAKMP_OK);
	v1_lab.says = NULL;
}

static void op_event(struct end *e)
{
	static const u8 types[] = {
		IKE_EV_START, IKE_EV_STOP, IKE_EV_KILL, IKE_EV_BAR, IKE_EV_CHILD_STOP,
		IKE_EV_CHILD_START, IKE_EV_CHILD_LOST, IKE_EV_CHILD_EXPIRED, IKE_EV_CHILD_USED,
		IKE_EV_CHILD_SOFT, IKE_EV_CHILD_REKEY, IKE_EV_CHECK, IKE_EV_REKEY, IKE_EV_REAUTH,
		IKE_EV_MAPPING, IKE_EV_ROAM,
	};
	u8 what = octet();
	struct ike_event ev = { .type = types[what % ARRAY_SIZE(types)] };

	ev.spi = what & 0x80 ? e->last.spi_in : 0;
	ev.peer = &e->peer;
	ev.child = &e->child;
	ev.why = ISAKMP_R_REVOKED;
	ev.reauth_s = what >> 4;
	ev.path = e->ike.path;
	ev.path.rport ^= what & 0x40;
	arm();
	talk_event(e, &ev);
	disarm(e);
}

static void op_world(struct end *e)
{
	u8 what = octet();

	e->ask_why = what & 1 ? ISAKMP_R_UPCALL_LIMIT : ISAKMP_OK;
	e->install_why = what & 2 ? ISAKMP_R_XFRM_STATE : ISAKMP_OK;
	e->send_why = what & 4 ? ISAKMP_R_SEND : ISAKMP_OK;
	e->peer_gone = what & 8;
	e->child_dead = what & 16;
	e->rx += what & 32;
	e->initial = what & 64;
	e->fragments_max = what & 128 ? 1500 : 0;
}

static bool step(void)
{
	struct end *const ends[] = { &t->a, &t->b };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		if (ends[i]->asking) {
			answer(ends[i], ISAKMP_OK);
			return true;
		}
		if (ends[i]->queued) {
			op_deliver(ends[i], OP_DELIVER);
			return true;
		}
	}
	return false;
}

static void steps(unsigned int n)
{
	while (n-- && step())
		;
}

static void operation(u8 op)
{
	struct end *e = op & 0x80 ? &t->b : &t->a;

	switch (op & 0x1f) {
	case OP_DELIVER:
	case OP_DROP:
	case OP_TWICE:
	case OP_LATE:
		op_deliver(e, op & 0x1f);
		break;
	case OP_REPLAY:
		op_replay(e);
		break;
	case OP_MUTATE:
		op_mutate(e);
		break;
	case OP_RAW:
		op_raw(e);
		break;
	case OP_PLAIN:
		op_plain(e);
		break;
	case OP_SAY:
		op_say(e);
		break;
	case OP_PIECE:
		op_piece(e);
		break;
	case OP_TIMER:
		op_timer(e);
		break;
	case OP_LATER:
		op_later();
		break;
	case OP_ANSWER:
		op_answer(e);
		break;
	case OP_LIE:
		op_lie(e);
		break;
	case OP_EVENT:
		op_event(e);
		break;
	case OP_WORLD:
		op_world(e);
		break;
	case OP_MEMORY:
		fail = octet() % 48;
		break;
	case OP_SETTLE:
		steps(400);
		break;
	case OP_STEP:
		steps(octet() % 32);
		break;
	}
}

/* ---- the two ends ------------------------------------------------------------------------------ */

static void set_end(struct end *e, u8 with)
{
	unsigned int i;

	for (i = 0; i < e->child.esp.n; i++) {
		if (with & WITH_PFS)
			e->child.esp.s[i].ke = IKE_KE_ECP_256;
		if (with & WITH_GROUP)
			e->child.esp.s[i].ke = IKE_KE_MODP_1024;
	}
	if (with & WITH_TRANSPORT)
		e->child.mode = IKE_MODE_TRANSPORT;
	if (with & WITH_PIECES)
		e->peer.fragment = 200;
	if (with & WITH_LIVES)
		e->peer.life_s = e->child.life_s = 120;
}

static void begin(u8 way, u8 with)
{
	memset(known, 0, sizeof(known));
	n_seen = rooms = fail = 0;
	lied = false;
	t = v1_way_new(&v1_ways[way % V1_WAYS]);
	t->a.peer.dpd_s = t->b.peer.dpd_s = 20;
	wrong_secret = way & WRONG_SECRET;
	wrong_password = way & WRONG_PASSWORD;
	if (wrong_secret)
		v1_lab.psk[1] = "what nobody else knows";
	if (wrong_password)
		v1_lab.known_password = "another one";
	set_end(&t->a, with);
	set_end(&t->b, with);
	if (with & (WITH_POOL | WITH_PUSH))
		v1_way_pool(t, with & WITH_PUSH);
	t->a.peer.v1.new_group = with & WITH_GROUP;
	if (with & WITH_NAT)
		t->a.nat = (struct talk_nat){ .on = true, .outer = { 4, { 198, 51, 100, 9 } },
					      .port = { 1024, 1025 } };
	/* Each end has its own view of who is behind the NAT */
	t->liar = with & WITH_NAT && with & WITH_TRANSPORT;
	talk_open_a(t);
	MUST(!v1_sa_init(&t->a.ike, t->now));
	MUST(!talk_do(&t->a, IKE_EV_START, 0));
}

static void end(void)
{
	unsigned int i;

	for (i = 0; i < SEEN; i++)
		packet_free(&seen[i].p);
	memset(seen, 0, sizeof(seen));
	talk_release(t);
	MUST(!native_mem_outstanding());
	MUST(!t->refs);
	MUST(!t->a.fragments && !t->b.fragments);
	MUST(!t->a.xfrm && !t->b.xfrm && t->a.ups == t->a.downs && t->b.ups == t->b.downs);
	talk_free(t);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
	unsigned int most = 400;
	u8 way, with, op;

	isakmp_cur_init(&in, data, n);
	native_seed(1);
	way = octet();
	with = octet();
	begin(way, with);
	steps(octet());
	while (most-- && isakmp_cur_u8(&in, &op))
		operation(op);
	end();
	return 0;
}
