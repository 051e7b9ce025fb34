/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two IKE SAs and a test that plays the network, the clock and the helpers.
 *
 * Nothing moves by itself: what an end sends waits in its queue until the test
 * delivers, changes or drops it; a question waits until the test answers.  The
 * seams of net/, nl/ and xfrm/ (kernel/ike/seam.h) are in talk.c; they count,
 * keep, and refuse when told to.  What must never happen, whatever a test does,
 * ends the program there:
 *
 *  - a move of state that the table does not have;
 *  - an IV used twice with other octets, a message whose length is not its own;
 *  - a request window that jumps;
 *  - two questions at once, a child installed twice;
 *  - children of both ends that are not each other's mirror.
 */
#ifndef _UNIT_TALK_H
#define _UNIT_TALK_H

#include "ike/engine.h"
#include "door.h"
#include "native.h"
#include "tap.h"

struct talk;

/* A datagram, as its sender sent it; the octets in a buffer of their exact size. */
struct packet {
	u8 *p;
	size_t n;
	struct isakmp_path path;	/* the sender's */
};

#define TALK_CHILDREN IKE_INSTANCES_MAX

/* What xfrm/ keeps of a child. */
struct isakmp_xfrm {
	bool in;
	u8 mode;
	u32 spi_in, spi_out;
	u16 cpi_in, cpi_out;		/* 0 without IPComp */
	struct ike_suite suite;
	size_t key_len;
	u8 key_in[IKE_CHILD_KEY_MAX], key_out[IKE_CHILD_KEY_MAX];
	u8 n_local, n_remote;
	struct isakmp_ts local[IKE_TS_MAX], remote[IKE_TS_MAX];
	struct isakmp_path path;
	bool encap;
	bool held;			/* nothing goes out through it yet */
	bool mute;			/* nor by its own policies */
	bool used, soft;		/* the test says so */
	unsigned int relimits;		/* how often its limits were changed */
};

/* A NAT in front of an end: what it makes of its ports 500 and 4500. */
struct talk_nat {
	bool on;
	struct isakmp_addr outer;
	u16 port[2];
};

#define TALK_QUEUE 64
#define TALK_IVS 4096

struct end {
	struct ike_sa ike;
	struct talk *t;
	char name;
	bool live;			/* @ike is somebody */

	/* policy, to be changed before talk_start() */
	struct ike_tunables tun;
	struct ike_peer peer;
	struct ike_child_policy child;
	struct isakmp_ts local[IKE_TS_MAX], remote[IKE_TS_MAX];
	const struct ike_peer *candidate[4];
	struct isakmp_path path;

	/* what its world is like */
	enum isakmp_reason ask_why, install_why, send_why, store_why, known_why;
	bool initial;		/* it has no other IKE SA with its peer */
	struct isakmp_addr redirected;	/* where it was told to go; family 0: nowhere */
	u8 tokens;		/* what its tokens are made from; 0: it has none */
	bool anew;		/* the peer had one at the same place */
	bool child_dead;
	bool peer_gone;			/* its peer object was taken away */
	bool kex_gone;			/* no helper computes groups */
	const u8 *certreq;		/* what the helper published */
	size_t certreq_len;
	struct isakmp_addr inner[IKE_INNER]; /* what its helper gives to who asks */
	bool no_address;
	struct ike_config config;
	struct talk_nat nat;
	struct isakmp_addr source[2];	/* of our addresses, by family; 0: no route */
	struct isakmp_addr gone;	/* was one of ours */
	struct isakmp_addr others[2];	/* further ones, that are told */
	enum isakmp_reason move_why;
	long fragments_max;		/* octets of unfinished messages; 0: any */
	size_t cert_len;		/* of a certificate in its IKE_AUTH, 0: none */
	u64 rx;				/* packets through the child */

	/* what it did */
	struct packet queue[TALK_QUEUE];
	unsigned int queued;		/* in @queue, oldest first */
	unsigned int sent;		/* ever; the fragments of a message are one */
	struct packet stored;		/* its last response */
	bool asking;
	struct ike_ask ask;		/* copied, as nl/ does */
	u8 kex_pub[132], kex_shared[66]; /* what a helper's answer points into */
	unsigned int closed;	/* children that the peer closed ... */
	unsigned int forgotten;	/* ... or has lost */
	unsigned int asks, installs, removes, ups, downs, renews;
	unsigned int keepalives, moves, switches, rekeys, lease_drops;
	long fragments;			/* octets of unfinished messages now */
	struct {			/* what isakmp_keys_made() was told */
		unsigned int n;
		size_t enc, integ;
		u8 ei[64], er[64], ai[64], ar[64];
	} keys;
	unsigned int lost;		/* datagrams to it that its NAT knew nothing of */
	enum isakmp_reason renew_why, down_why;
	enum isakmp_reason dead_why;	/* why its SA has ended */
	u16 dead_id_len;		/* octets of the peer's identity, as it knew it then */
	u64 down_rx;			/* packets of the child that went, as it was told */
	bool down_shown;		/* it was to be seen then */
	enum isakmp_reason why;		/* of the last refusal since talk_event() */
	u32 arg;
	unsigned int refused[ISAKMP_R_MAX + 1];
	unsigned int refusals;
	struct isakmp_xfrm children[TALK_CHILDREN];
	struct isakmp_xfrm *xfrm;	/* one of them that is in, or NULL */
	struct isakmp_xfrm last;	/* the one installed last */
	struct {
		u64 iv;
		u64 digest;
	} ivs[TALK_IVS];
	unsigned int n_ivs;
};

struct talk {
	u64 now;
	struct end a, b;		/* A initiates */
	long refs;			/* on peers */
	bool liar;			/* the test makes up what an end says of its child */
};

/* g^ir computed so far by either, and the first octets of the last one. */
extern unsigned int talk_derived;
extern u8 talk_shared[32];

static inline struct end *talk_end(const struct ike_sa *sa)
{
	return container_of(sa, struct end, ike);
}

/* ---- the two ends --------------------------------------------------------- */

struct talk *talk_new(void);
/* Releases both; native_mem_outstanding() and t->refs are the test's to check. */
void talk_release(struct talk *t);
void talk_free(struct talk *t);
struct end *talk_other(struct end *e);
void talk_broken(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* A's SA, not started yet; B's comes with a first message. */
void talk_open_a(struct talk *t);
void talk_open_b(struct talk *t, const u8 *first, const struct isakmp_path *path);

/* The oldest child of an end, NULL: none; its state, 0: none. */
struct ike_child *talk_child(const struct end *e);
u8 talk_child_state(const struct end *e);

/* The first child of an end in a state, or NULL. */
static inline struct ike_child *talk_child_in(const struct end *e, u8 state)
{
	struct ike_child *c;

	for (c = e->ike.children; c; c = c->next)
		if (c->state == state)
			return c;
	return NULL;
}

/* ---- events: each says the last refusal, or OK ----------------------------- */

enum isakmp_reason talk_event(struct end *e, struct ike_event *ev);
enum isakmp_reason talk_do(struct end *e, u8 type, u32 spi);
enum isakmp_reason talk_timer(struct end *e, u64 now);
/* To the engine: as net/ would hand over what softirq let pass. */
enum isakmp_reason talk_give(struct end *to, const u8 *p, size_t n);
/* As net/: an SA for a first message, the stored response for a request seen before. */
enum isakmp_reason talk_deliver(struct end *to, const struct packet *p);
/* The same, come on a path of the test's choice. */
enum isakmp_reason talk_deliver_on(struct end *to, const struct packet *p,
				   const struct isakmp_path *path);
/* How @to sees what was sent on a path: through the NATs.  false: it is lost there. */
bool talk_way(const struct end *to, const struct isakmp_path *sent,
	      struct isakmp_path *path);
/* The helper accepts (ISAKMP_OK) or refuses. */
enum isakmp_reason talk_answer(struct end *e, enum isakmp_reason reason);
enum isakmp_reason talk_verdict(struct end *e, struct ike_verdict *v);
/* What the helper answers when it accepts. */
void talk_good_verdict(struct end *e, struct ike_verdict *v);

/* The oldest datagram of an end; the caller frees it. n = 0: there is none. */
struct packet talk_take(struct end *e);
void packet_free(struct packet *p);
struct packet packet_copy(const struct packet *p);
/* What net/ answers to a request when it has lost the SA, whatever the engine has. */
struct packet talk_lost(const struct end *e, const struct packet *p);
/* Drops what waits. */
void talk_flush(struct end *e);
/* Delivers, in turn, until all is quiet; helpers accept. */
void talk_settle(struct talk *t);
/* The oldest datagram of an end arrives, or does not; there has to be one. */
enum isakmp_reason talk_pass(struct end *from);
void talk_lose(struct end *from);
/* So long, with all that it brings: every deadline of both ends. */
void talk_let_pass(struct talk *t, u64 ms);

/* ---- a handshake up to a point --------------------------------------------- */

enum talk_stage {
	TALK_INIT,		/* A's IKE_SA_INIT waits in A's queue */
	TALK_INIT_ANSWERED,	/* B's answer waits in B's queue */
	TALK_I_ASKING,		/* A's helper is asked for AUTH */
	TALK_AUTH,		/* A's IKE_AUTH waits */
	TALK_R_ASKING,		/* B's helper is asked */
	TALK_AUTH_ANSWERED,	/* B is established, its answer waits */
	TALK_I_VERIFYING,	/* A's helper is asked about B */
	TALK_UP,
};

struct talk *talk_at(enum talk_stage stage);
void talk_advance(struct talk *t, enum talk_stage stage);

/* ---- messages taken apart, and made ----------------------------------------- */

#define TALK_BODIES 80

struct body {
	u8 type;
	bool critical;
	const u8 *p;
	size_t n;
};

/* A message: its header, and its payloads: the inner ones when @sk. */
struct message {
	struct isakmp_header h;
	bool sk;
	unsigned int n;
	struct body b[TALK_BODIES];
	u8 *buf;			/* what the bodies point into */
};

/* @from: who sent it; its own key opens it as well. */
void message_read(struct message *m, struct end *from, const struct packet *p);
struct packet message_write(const struct message *m, struct end *from);
void message_free(struct message *m);
void message_drop(struct message *m, unsigned int i);
void message_insert(struct message *m, unsigned int i, struct body b);
int message_find(const struct message *m, u8 type);
/* A protected message from nothing: the header @from would write. */
void message_new(struct message *m, struct end *from, u8 exchange, u8 kind, u32 msgid);
void message_add(struct message *m, u8 type, const void *p, size_t n);
/* A fragment (RFC 7383) with whatever numbers, sealed by whoever sends it. */
struct piece {
	u8 exchange, kind;
	u32 msgid;
	u16 number, total;
	u8 first;
	const u8 *text;
	size_t n;
};

struct packet piece_write(const struct piece *p, struct end *from);

/* Writes it, frees it, delivers it to the other end. */
enum isakmp_reason message_deliver(struct message *m, struct end *from);

/* Takes the oldest datagram of @from: its first error notification, 0: it has none. */
u16 talk_error(struct end *from);

/* A body of this type that the decoders accept. */
struct body talk_body(u8 type);

/* Everything an SA is, as one number. */
u64 talk_hash(const struct end *e);

/* The end of a talk: both SAs are gone, and with them all memory and references. */
static inline void talk_over(struct talk *t)
{
	talk_release(t);
	CHECK_EQ(native_mem_outstanding(), 0);
	CHECK_EQ(t->refs, 0);
	CHECK(!t->a.xfrm && !t->b.xfrm);
	CHECK(!t->a.asking && !t->b.asking);
	CHECK(!t->a.fragments && !t->b.fragments);
	CHECK_EQ(t->a.ups, t->a.downs);
	CHECK_EQ(t->b.ups, t->b.downs);
	talk_free(t);
}

#endif
