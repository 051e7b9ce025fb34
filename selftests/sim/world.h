/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A world of two gateways for the engine: virtual clock, hostile network, the
 * seams of net/, nl/ and xfrm/.  One seed makes one run, and always the same.
 *
 *	world.c		clock, network, look-up, softirq, SAs; the net seams
 *	setup.c		what a seed makes of the two
 *	upcall.c	the helper: userspace/isakmpd's own decisions, its death
 *	pki.c		certificates of the two
 *	record.c	the xfrm seams: records children, checks that ends agree
 *	traffic.c	packets through children; what holds after every step
 *	lives.c		long lives: children and IKE SAs with short lifetimes
 *	nat.c		a NAT in front of a node, that forgets
 *	v1.c		version 1
 *	scene.c		directed runs of version 1; replay.c one of them
 *	roam.c		a node goes to other networks (RFC 4555)
 *	main.c		scenarios, and what must be true in the end
 *
 * A broken invariant calls broken(), which names the seed and ends the program.
 */
#ifndef _ISAKMP_SIM_WORLD_H
#define _ISAKMP_SIM_WORLD_H

#include "gate/gate.h"
#include "ike/engine.h"
#include "door.h"
#include "native.h"

#define NODES 2
#define HALF_OPEN_MAX 64
#define MORE 3

struct config;
struct world;

/* How far the requests of a peer have come, by our SPI. */
struct id_seen {
	struct id_seen *next;
	u64 spi;
	u32 next_in;
};

/* An IKE SA of a node, as net/ would embed it. */
struct sim_sa {
	struct sim_sa *next;
	struct world *w;
	struct node *node;
	struct ike_sa ike;
	u64 first_digest;	/* responder: of the first message */
	u64 timer_at;		/* when its TIMER event comes; IKE_NEVER: none */
	u64 ask_id;		/* question that waits, 0: none */
	bool handling;		/* ike_sa_handle() runs */
	bool renewing;		/* a successor is on its way */
	struct id_seen *ids;
};

/* What it makes of ports 500 and 4500. */
struct nat {
	bool on;
	struct isakmp_addr outer;
	u16 port[2];
};

struct node {
	int n;
	struct isakmp_addr addr;
	struct nat nat;
	u64 digest_key[2];
	struct isakmp_cookies cookies;
	bool want_cookies;
	struct isakmp_token_key token_key;
	struct ike_tunables tun;
	struct ike_peer peer;
	struct ike_child_policy child;
	struct isakmp_ts local_ts, remote_ts;
	struct ike_child_policy more[MORE];	/* by CREATE_CHILD_SA */
	struct isakmp_ts more_ts[MORE][2];
	struct config *helper;
	const char *secret;
	bool certs;		/* both authenticate by certificate, not by the secret */
	bool stranger;		/* with one of another authority */
	bool xauth;		/* version 1: B asks A for name and password */
	bool wrong;		/* A has another one */
	bool helper_up;
	long fragments;		/* octets of messages that are not whole */
	struct sim_sa *sas;
};

/* What the run does to the network. */
struct weather {
	unsigned int loss;	/* of 1000 */
	unsigned int duplicate;	/* of 1000 */
	unsigned int delay;	/* ms at most, reordering by it */
	unsigned int mangle;	/* copies with a flipped bit, of 1000 */
};

struct world {
	u64 seed;
	u64 now;
	u64 rng;
	u64 next_id;
	bool verbose;
	bool v1;			/* version 1 is spoken */
	bool mobile;			/* MOBIKE is spoken, and A moves */
	bool fussy;			/* some things are refused now and then */
	struct weather weather;
	/* What becomes of a datagram on its way, which may be changed; false: it is lost */
	bool (*wire)(struct node *from, const struct isakmp_path *way, u8 *p, size_t n);
	u32 spi_again[NODES];		/* of the next child; 0: any */
	struct node node[NODES];
	struct event *events;
	u64 sent, delivered, established, children, moves, rekeys;
	u64 packets, packets_lost;	/* of children */
	u64 trouble_at;			/* something went that packets need; 0: nothing yet */
	unsigned int turns;		/* events since the clock moved */
	long peer_refs;
	u64 reasons[ISAKMP_R_MAX + 1];
};

/* world.c */
extern struct world *world;	/* the run at hand, for the seams */
extern const char *world_scene;	/* the directed run at hand, or NULL */
extern bool world_verbose;
void world_free(struct world *w);
u64 chance(struct world *w, u64 n);
bool odds(struct world *w, unsigned int of_1000);
void world_run(struct world *w, u64 until);
struct sim_sa *node_start(struct node *node, u64 replaces);
struct sim_sa *sim_sa_of(const struct ike_sa *ike);
struct sim_sa *sim_sa_by_id(struct world *w, u64 id);
void sa_event(struct sim_sa *s, struct ike_event *ev);
void sa_mapping(struct sim_sa *s, const struct isakmp_path *path);
void sa_event_in(struct sim_sa *s, u64 ms, u8 type);
void node_crash(struct node *node);
void world_inject(struct world *w, struct node *to, const struct isakmp_path *path,
		  const u8 *p, size_t n);
void broken(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* events with a callback, for upcall.c */
void world_call_in(struct world *w, u64 ms, void (*fn)(struct world *, u64), u64 arg);

/* setup.c */
struct world *world_new(u64 seed, bool verbose, bool v1);

/* nat.c */
void nat_setup(struct node *node);
void nat_forget(struct node *node);
bool nat_way(const struct node *to, const struct isakmp_path *sent, struct isakmp_path *path);
struct sim_sa *nat_mirror(const struct sim_sa *s);
void nat_esp(struct node *node);
void nat_check(const struct sim_sa *s, const struct sim_sa *o);

/* roam.c */
void roam_setup(struct world *w);
void roam_move(struct world *w);
bool roam_there(const struct world *w, const struct node *node, const struct isakmp_addr *addr);

/* pki.c */
#define PKI_USER "ann"
struct loaded *pki_cred(const char *file);
void pki_free(void);

/* upcall.c */
void helper_setup(struct node *node);
void helper_free(struct node *node);

/* traffic.c */
void traffic_enter(struct isakmp_xfrm *x);
void traffic_lead(struct isakmp_xfrm *x);
void traffic_yield(struct isakmp_xfrm *x);
void traffic_trouble(struct world *w);
bool traffic_troubled(const struct world *w);
void traffic_flow(struct world *w);
void traffic_check(struct sim_sa *s);
bool traffic_busy(const struct world *w);

/* v1.c */
struct sim_sa *v1_find(struct node *node, const struct isakmp_header *h);
struct sim_sa *v1_mirror(const struct sim_sa *s);
bool v1_busy(const struct sim_sa *s);
void v1_settle(struct sim_sa *s);
bool v1_is_alone(const struct sim_sa *s);
void v1_setup(struct world *w);
void v1_calm(struct world *w);
void v1_give_address(struct world *w, bool push);

/* lives.c */
bool lives_long(u64 seed);
void lives_run(struct world *w);
bool lives_refuse(struct world *w);

/* main.c */
void happen(struct world *w);
void world_agree(struct world *w);

/* scene.c */
unsigned int scenes_run(const char *word);

/* record.c */
void record_check(struct world *w);
void record_free(void);
void record_sent(const u8 *p, size_t n);

/* token.c */
struct sim_sa *find_spi(struct node *node, const struct isakmp_header *h);
size_t token_reply(const struct node *node, const struct isakmp_header *h,
		   u8 out[ISAKMP_GATE_TOKEN_MAX]);
void token_check(const struct ike_sa *sa);

#endif
