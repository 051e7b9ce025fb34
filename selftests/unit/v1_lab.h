/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two connections of version 1: the ends of talk.h, with the helpers and the network that
 * version 1 needs.
 *
 *	struct talk *t = v1_lab_new();		policy: to be changed before v1_lab_start()
 *	v1_lab_start(t);			A begins
 *	v1_lab_settle(t);			all that follows, helpers answering
 *	v1_lab_over(t);
 *
 * Helpers know one secret each, and make signatures that only their own name and what is
 * signed give: see v1_lab.psk, v1_lab.methods.  What an end sends goes through v1_lab.net, if it
 * is set.
 */
#ifndef _UNIT_V1_LAB_H
#define _UNIT_V1_LAB_H

#include "talk.h"
#include "v1/engine.h"

/* What both tests and doubles turn. */
struct v1_lab {
	/* of A and of B */
	const char *psk[2];
	u16 methods[V1_METHODS_MAX];	/* A: what its helper says to V1_BEGIN */
	u8 n_methods;
	enum isakmp_reason refuse[IKE_ASK_V1_CONFIG + 1]; /* by kind of question */
	const char *id[2];		/* what the ends call themselves */
	u16 id_port;			/* and for which port of UDP; 0: for any */
	/* XAUTH: who is asked says so; who asks knows one */
	const char *user, *password;
	const char *known_user, *known_password;
	unsigned int rounds;		/* further questions of who asks */
	/*
	 * What becomes of the @nth datagram (from 1) that @from sends: it may be changed.
	 * false: it is lost.
	 */
	bool (*net)(struct talk *t, struct end *from, unsigned int nth, struct packet *p);
	/* What a helper says may be changed before it is heard. */
	void (*says)(struct end *e, struct ike_verdict *v);
	u64 elder;			/* what isakmp_v1_elder() says of B */
	u64 stands[2];			/* what isakmp_v1_stand() says of A and of B */
	enum isakmp_reason hand_over_why;
	struct ike_v1_take take;	/* what was handed over last; ep NULL: nothing */
	/* counted */
	unsigned int elders, hand_overs;
	unsigned int misfits;		/* answers that nl/ does not take */
	unsigned int nth[2];
};

extern struct v1_lab v1_lab;

/* Main Mode by secret, one child, nothing sent yet. */
struct talk *v1_lab_new(void);
/* The same by signature. */
struct talk *v1_lab_new_sig(void);
/* By secret; then B asks A for name and password. */
struct talk *v1_lab_new_xauth(void);
/* A's SA begins; its helper is asked. */
void v1_lab_start(struct talk *t);
/* To be called by hand: the helper's answer to what is asked; the oldest datagram arrives. */
enum isakmp_reason v1_lab_answer(struct end *e);
enum isakmp_reason v1_lab_deliver(struct end *to, const struct packet *p);
enum isakmp_reason v1_lab_pass(struct end *from);
/* All that waits arrives at @to, who may be of another talk; v1_lab.net does not see it. */
void v1_lab_pass_all(struct end *from, struct end *to);
/* One of both: a helper answers, or the oldest datagram arrives. */
void v1_lab_step(struct talk *t);
/* Delivers and answers until nothing is left to do; how many datagrams. */
unsigned int v1_lab_settle(struct talk *t);
/* The same, and all timers of so many ms. */
void v1_lab_let_pass(struct talk *t, u64 ms);
/* Both ends up, nothing under way. */
struct talk *v1_lab_up(struct talk *t);
void v1_lab_over(struct talk *t);

/* The identity of a user whose ID payload has this body, canonical. */
struct ike_span v1_lab_user(const char *name, const struct ike_span *body);

/* The ISAKMP SA in use at an end. */
static inline struct v1_phase1 *v1_lab_p(const struct end *e)
{
	return e->ike.ep->v1;
}

#endif
