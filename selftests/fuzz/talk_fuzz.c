// SPDX-License-Identifier: GPL-2.0
/*
 * A conversation under libFuzzer: the input is the network, the clock, the
 * helpers, the operator, and a peer that holds the keys.  talk.c ends the run
 * when an end does what it must never do; and here:
 *
 *  - one datagram in, at most one message out; a half-open responder's clock sends nothing;
 *  - a protected message with one octet changed changes nothing but the count of junk;
 *  - in the end nothing is left: no memory, no reference, no child.
 */
#include "talk_input.h"
#include "talk_ops.h"

static struct packet last;		/* seen on the wire */

static void see(const struct packet *p)
{
	packet_free(&last);
	last = packet_copy(p);
}

static void disarm(void)
{
	native_mem_fail_at(0);
}

static void deliver(struct end *to, const struct packet *p)
{
	/* With the answer goes what a child wants, or what waited for memory */
	bool more = to->live && (to->ike.tasks || to->ike.state == IKE_S_ESTABLISHED);
	unsigned int most = to->sent + 1 + more;

	arm();
	talk_deliver(to, p);
	disarm();
	MUST(to->sent <= most);
}

static void op_deliver(struct end *e, bool lost, bool stays)
{
	struct packet p;

	if (!e->queued)
		return;
	p = stays ? packet_copy(&e->queue[0]) : talk_take(e);
	see(&p);
	if (!lost)
		deliver(talk_other(e), &p);
	packet_free(&p);
}

static u64 hash_but_junk(struct end *e)
{
	u8 junk = e->ike.junk;
	u64 h;

	e->ike.junk = 0;
	h = talk_hash(e);
	e->ike.junk = junk;
	return h;
}

/* The one octet changed is paid for by the ICV, wherever it is. */
static void op_mutate(struct end *e)
{
	size_t at = (size_t)octet() << 8 | octet();
	bool sealed = last.n && (last.p[16] == IKE_PL_SK || last.p[16] == IKE_PL_SKF);
	u64 before = 0;
	struct packet p;
	u8 change = octet();

	if (!last.n || !change)
		return;
	t->liar |= !sealed;	/* AUTH would tell, but these helpers accept */
	p = packet_copy(&last);
	p.p[at % p.n] ^= change;
	/* A task that waited for memory may go out at any event */
	sealed = sealed && e->live && e->ike.ep->sk_in && !e->ike.tasks;
	if (sealed)
		before = hash_but_junk(e);
	deliver(e, &p);
	if (sealed && e->live && e->ike.state != IKE_S_DEAD)
		MUST(hash_but_junk(e) == before);
	packet_free(&p);
}

static void op_raw(struct end *e)
{
	struct packet p = { 0 };
	const u8 *octets;
	size_t n = octet();

	if (!isakmp_cur_take(&in, n, &octets))
		return;
	p.p = malloc(n ? n : 1);
	MUST(p.p);
	memcpy(p.p, octets, n);
	p.n = n;
	if (n >= IKE_HDR_LEN) {		/* past the gate */
		put_unaligned_be64(t->a.ike.ep->spi_i, p.p);
		put_unaligned_be32((u32)n, p.p + 24);
		t->liar = true;
	}
	deliver(e, &p);
	free(p.p);
}

/* Payloads: type, critical and length, octets; ready-made ones by type. */
static void sealed_payloads(struct message *m)
{
	unsigned int count = octet() % 12;
	const u8 *octets;
	struct body b;
	u8 type, len;

	while (count--) {
		type = octet();
		len = octet();
		b = talk_body(type);
		if (len & 0x40) {
			b.n = len & 0x3f;
			if (!isakmp_cur_take(&in, b.n, &octets))
				return;
			b.p = octets;
		}
		b.critical = len & 0x80;
		if (b.type != IKE_PL_SK || !count)
			message_insert(m, m->n, b);
	}
}

/* The message ID that an end waits for. */
static u32 expected(const struct end *e, u8 kind)
{
	const struct ike_epoch *ep = e->ike.ep;

	if (kind == IKE_REQUEST)
		return ep ? ep->next_in : 0;
	return ep && ep->out ? ep->out->msgid : 0;
}

static void op_sealed(struct end *e)
{
	u8 what = octet(), id = octet();
	struct message m;
	struct packet p;
	u32 msgid;

	msgid = expected(talk_other(e), what & 0x80 ? IKE_RESPONSE : IKE_REQUEST);
	message_new(&m, e, 35 + (what & 3), what & 0x80 ? IKE_RESPONSE : IKE_REQUEST,
		    msgid + (id & 0x80 ? id : 0));
	sealed_payloads(&m);
	if (!e->live || !e->ike.ep->sk_out) {
		m.sk = false;
		m.h.exchange = IKE_SA_INIT;
	}
	t->liar = true;
	p = message_write(&m, e);
	see(&p);
	deliver(talk_other(e), &p);
	packet_free(&p);
	message_free(&m);
}

/* However many of them, they take no more room than the messages that may come. */
static void op_fragment(struct end *e)
{
	u8 what = octet(), id = octet();
	struct end *to = talk_other(e);
	struct piece f = {
		.exchange = 35 + (what & 3), .kind = what & 0x80 ? IKE_RESPONSE : IKE_REQUEST,
		.number = octet(), .total = octet(), .first = octet(), .n = octet(),
	};
	struct packet p;

	if (!isakmp_cur_take(&in, f.n, &f.text) || !e->live || !e->ike.ep->sk_out || !to->live)
		return;
	f.msgid = expected(to, f.kind) + (id & 0x80 ? id : 0);
	t->liar = true;
	p = piece_write(&f, e);
	see(&p);
	deliver(to, &p);
	packet_free(&p);
	MUST(to->fragments < 3 * IKE_MSG_MAX);
}

static void timer(struct end *e, u64 now)
{
	bool half_open = e->ike.state == IKE_S_R_INIT || e->ike.state == IKE_S_R_ASK;
	unsigned int sent = e->sent;

	if (!e->live || now < t->now)
		return;
	arm();
	talk_timer(e, now);
	disarm();
	MUST(e->sent <= sent + (half_open ? 0 : 2));
}

static void op_answer(struct end *e)
{
	u8 reason = octet() % (ISAKMP_R_MAX + 1);

	if (!e->asking)
		return;
	arm();
	talk_answer(e, reason & 1 ? ISAKMP_OK : reason);
	disarm();
}

static void op_verdict(struct end *e)
{
	struct ike_verdict v;
	u8 kind = octet(), lacks = octet();

	memset(&v, 0, sizeof(v));
	if (e->asking)
		talk_good_verdict(e, &v);
	if (kind & 0xf)
		v.kind = kind & 3;
	if (lacks & 1)
		v.id_len = 0;
	if (lacks & 2)
		v.auth_len = 0;
	if (lacks & 4)
		v.id_want_len = 0;
	if (lacks & 8)
		v.children = 0;
	if (lacks & 16 && v.peer) {
		isakmp_peer_put(v.peer);
		v.peer = NULL;
	}
	arm();
	talk_verdict(e, &v);
	disarm();
}

/* Beside its first child an end has one with PFS and one in transport mode. */
static struct ike_child_policy more[2][2];
static struct isakmp_ts dynamic = { .type = IKE_TS_DYNAMIC, .port_end = 65535 };

static void more_children(struct end *e, struct ike_child_policy *p)
{
	p[0] = p[1] = e->child;
	strcpy(p[0].name, "pfs");
	p[0].esp.s[0].ke = p[0].esp.s[1].ke = IKE_KE_X25519;
	strcpy(p[1].name, "host");
	p[1].mode = IKE_MODE_TRANSPORT;
	p[1].local = p[1].remote = &dynamic;
	e->peer.child[e->peer.n_child++] = &p[0];
	e->peer.child[e->peer.n_child++] = &p[1];
}

static void op_event(struct end *e)
{
	static const u8 types[] = { IKE_EV_START, IKE_EV_STOP, IKE_EV_KILL, IKE_EV_CHILD_STOP,
				    IKE_EV_CHILD_LOST, IKE_EV_CHILD_EXPIRED, IKE_EV_CHECK,
				    IKE_EV_CHILD_START };
	u8 what = octet();
	struct ike_event ev = { .type = types[what % ARRAY_SIZE(types)] };

	ev.spi = what & 0x80 ? e->last.spi_in : 0;
	ev.peer = &e->peer;
	ev.child = e->peer.child[(what >> 3) % e->peer.n_child];
	arm();
	talk_event(e, &ev);
	disarm();
}

static void op_world(struct end *e)
{
	u8 what = octet();

	e->ask_why = what & 1 ? ISAKMP_R_UPCALL_LIMIT : ISAKMP_OK;
	e->install_why = what & 2 ? ISAKMP_R_XFRM_STATE : ISAKMP_OK;
	e->send_why = what & 4 ? ISAKMP_R_SEND : ISAKMP_OK;
	e->store_why = what & 8 ? ISAKMP_R_NO_MEMORY : ISAKMP_OK;
	e->child_dead = what & 16;
	e->rx += what & 32;
	e->fragments_max = what & 128 ? 1500 : 0;
	e->child.on_close = what & 64 ? IKE_ACTION_START : IKE_ACTION_NONE;
}

static void op_start(void)
{
	if (t->a.live)
		return;
	talk_open_a(t);
	talk_do(&t->a, IKE_EV_START, 0);
}

static void operation(u8 op)
{
	struct end *e = op & 0x80 ? &t->b : &t->a;

	switch (op & 0xf) {
	case OP_DELIVER:
	case OP_DROP:
	case OP_TWICE:
		op_deliver(e, (op & 0xf) == OP_DROP, (op & 0xf) == OP_TWICE);
		break;
	case OP_MUTATE:
		op_mutate(e);
		break;
	case OP_RAW:
		op_raw(e);
		break;
	case OP_SEALED:
		op_sealed(e);
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
	case OP_VERDICT:
		op_verdict(e);
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
		talk_settle(t);
		break;
	case OP_START:
		op_start();
		break;
	case OP_FRAGMENT:
		op_fragment(e);
		break;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
	u8 stage, op;

	isakmp_cur_init(&in, data, n);
	native_seed(1);
	stage = octet();
	fail = 0;
	t = talk_new();
	t->a.peer.dpd_s = t->b.peer.dpd_s = 20;
	more_children(&t->a, more[0]);
	more_children(&t->b, more[1]);
	t->a.peer.life_s = stage & 0x80 ? 60 : 0;
	t->a.peer.fragment = t->b.peer.fragment = stage & 0x40 ? IKE_FRAGMENT_SIZE_MIN : 0;
	t->a.cert_len = t->b.cert_len = stage & 0x40 ? 700 : 0;
	talk_advance(t, (stage & 0x3f) % (TALK_UP + 1));
	while (isakmp_cur_u8(&in, &op))
		operation(op);
	packet_free(&last);
	talk_release(t);
	MUST(!native_mem_outstanding());
	MUST(!t->refs);
	MUST(!t->a.xfrm && !t->b.xfrm && t->a.ups == t->a.downs && t->b.ups == t->b.downs);
	talk_free(t);
	return 0;
}
