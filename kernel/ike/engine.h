/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the files of ike/.  Nobody else includes this.
 *
 *	sa.c		the one entrance: events, deadlines, release
 *	state.c		the one door for state changes
 *	law.c		which message is allowed when, as tables
 *	epoch.c		SPIs, keys and message IDs, which a rekey renews
 *	receive.c	a message: window, ICV, chain, law, handler
 *	fragment.c	a message that comes in fragments
 *	send.c		building and sealing; requests, retransmission
 *	split.c		a message that goes out in fragments
 *	tasks.c		which request is sent next
 *	window.c	how many may be under way
 *	qcd.c		has the peer lost the IKE SA?
 *	redirect.c	another gateway
 *	hint.c		what anybody says may be wrong
 *	init.c		IKE_SA_INIT: initiator
 *	retry.c		its first message again: cookies, other groups
 *	respond.c	IKE_SA_INIT: responder
 *	kex.c		key exchange by the helper
 *	resume.c	IKE_SESSION_RESUME, and AUTH without a helper
 *	ticket.c	what stands in a ticket; giving, getting and losing one
 *	nat.c		NAT detection
 *	path.c		where messages go; NAT: port 4500, probes, keepalives
 *	mobike.c	the same with MOBIKE: whoever asks for another path
 *	roam.c		the initiator, who chooses it; the responder's addresses
 *	auth.c		IKE_AUTH and the helper's verdicts
 *	childless.c	IKE_AUTH without a child
 *	basis.c		what an authentication stands on, and when it ends
 *	config.c	configuration payloads: inner addresses
 *	info.c		INFORMATIONAL
 *	create.c	CREATE_CHILD_SA for a child: who proposes
 *	accept.c	the same: who is asked
 *	rekey_child.c	children that take the place of others
 *	rekey_ike.c	the same of the IKE SA
 *	child.c		the children of an IKE SA: wanted, up, lost, gone
 *	negotiate.c	what both ends agree on for a child
 *	ipcomp.c	whether it is compressed
 *	view.c		what may be shown of an SA
 *	keymat.c	key derivation
 *	proposal.c	suites <-> SA payloads
 *	selector.c	narrowing of traffic selectors
 */
#ifndef _ISAKMP_IKE_ENGINE_H
#define _ISAKMP_IKE_ENGINE_H

#include "ike/sa.h"
#include "ike/seam.h"
#include "wire/chain.h"
#include "wire/payload.h"

struct isakmp_cp_attr;

#define IKE_NEVER	(~0ULL)		/* a deadline that is off */
#define IKE_RENEW_RETRY_MS 30000	/* between attempts to replace an SA */
#define IKE_RENEW_WAIT_MS 5000		/* the responder leaves it to the initiator */
#define IKE_BUILD_MAX	8192		/* longest message we build, but IKE_AUTH */

/**
 * struct ike_in - a message being handled
 * @pkt: how it came; of one that came in fragments: @whole
 * @whole: the payloads of all fragments, owned; how the first one came
 * @largest: octets of it, or of the largest fragment that it came in
 * @ep: by whose SPIs
 * @req: an authentic response: the request that it answers, taken from its epoch
 * @h: its header
 * @chain: outer payloads; after decryption the inner ones
 * @arg: what a refusal is about
 * @authentic: the ICV was right, and the message is whole
 */
struct ike_in {
	const struct ike_packet *pkt;
	struct ike_packet whole;
	u32 largest;
	struct ike_epoch *ep;
	struct ike_request *req;
	struct isakmp_header h;
	u32 arg;
	bool authentic;
	struct isakmp_chain chain;
};

/**
 * struct ike_msg - a message being built
 * @b: the builder; payloads are added with isakmp_build_payload()
 * @ep: by whose keys
 * @exchange: its exchange type
 * @buf: its buffer, owned; after ike_msg_end() its datagrams, one behind the other
 * @sk: offset of the inner chain; 0: unprotected
 */
struct ike_msg {
	struct isakmp_builder b;
	struct ike_epoch *ep;
	u8 exchange;
	u8 *buf;
	size_t sk;
};

/**
 * struct ike_child_secrets - what the keys of a child are made from (RFC 7296, 2.17)
 * @shared: g^ir of a key exchange of its own; empty: none
 * @ni: nonce of who proposed the child
 * @nr: nonce of who accepted it
 */
struct ike_child_secrets {
	struct ike_span shared;
	struct ike_span ni;
	struct ike_span nr;
};

enum ike_kind { IKE_REQUEST, IKE_RESPONSE };
enum ike_role { IKE_EITHER, IKE_WE_INITIATE, IKE_WE_RESPOND };

/**
 * struct ike_try - a first message of the initiator, and what answers it
 * @next: one sent before
 * @kex: our private key; NULL: @seed is, for the helper
 * @msg: the message as it went out last
 * @first: as it went out first, when it went out with a cookie later; or NULL
 * @msg_len: octets of @msg
 * @first_len: octets of @first
 * @group: of the KE payload
 * @pub_len: octets of @pub
 * @seed: private key of a group of the helper's
 * @pub: our public value
 */
struct ike_try {
	struct ike_try *next;
	struct isakmp_kex *kex;
	u8 *msg;
	u8 *first;
	u32 msg_len;
	u32 first_len;
	u16 group;
	u16 pub_len;
	u8 seed[IKE_KEX_SEED_LEN];
	u8 pub[IKE_KE_MAX];
};

#define IKE_STATE_BIT(s) (1U << (s))
#define IKE_STAY 0xff		/* the handler's success leaves the state alone */

/**
 * struct ike_law - one kind of message that is allowed
 * @story: the row in words
 * @exchange: enum ike_exchange
 * @kind: enum ike_kind
 * @role: enum ike_role: are we the original initiator of the IKE SA?
 * @states: the states in which it is allowed, as IKE_STATE_BIT()s
 * @task: variant: a response to a request that carried out this IKE_TASK_*; 0: to any
 * @when: variant: payloads of which one at least is there (0: any message)
 * @unless: variant: none of these is there
 * @required: payloads that must be there, once
 * @once: payloads that may be there, once
 * @many: payloads that may be there any number of times
 * @handle: what to do; called with a message that obeys the row
 * @next: state after success, or IKE_STAY
 */
struct ike_law {
	const char *story;
	u8 exchange;
	u8 kind;
	u8 role;
	u8 next;
	u32 states;
	unsigned long task;
	u64 when;
	u64 unless;
	u64 required;
	u64 once;
	u64 many;
	enum isakmp_reason (*handle)(struct ike_sa *sa, struct ike_in *in, u64 now);
};

/* The same for the helper's answers. */
struct ike_verdict_law {
	u8 kind;
	u8 state;
	u8 next;
	enum isakmp_reason (*handle)(struct ike_sa *sa, struct ike_verdict *v, u64 now);
};

extern const struct ike_law ike_laws[];
extern const unsigned int ike_n_laws;
extern const struct ike_verdict_law ike_verdict_laws[];
extern const unsigned int ike_n_verdict_laws;

/* sa.c */
enum isakmp_reason ike_ask(struct ike_sa *sa, struct ike_ask *ask);
void ike_unask(struct ike_sa *sa);
bool ike_renew(struct ike_sa *sa, enum isakmp_reason why);
bool ike_children_heard(struct ike_sa *sa, u64 now);
bool ike_child_meant(const struct ike_sa *sa, const struct ike_child *c, u32 spi);
void ike_child_event(struct ike_sa *sa, const struct ike_event *ev, u64 now);

/* law.c */
bool ike_law_any(const struct ike_sa *sa, u8 exchange, u8 kind);
enum isakmp_reason ike_law_find(const struct ike_sa *sa, const struct ike_in *in, u8 kind,
				const struct ike_law **law);
enum isakmp_reason ike_law_check(const struct ike_law *law,
				 const struct isakmp_chain *c, u32 *arg);

/* state.c */
bool ike_state_may(u8 from, u8 to);
void ike_sa_set_state(struct ike_sa *sa, u8 state);
void ike_sa_die(struct ike_sa *sa, enum isakmp_reason why, u64 linger_ms, u64 now);
void ike_sa_established(struct ike_sa *sa, u64 now);
void ike_setup_free(struct ike_sa *sa);

/* receive.c */
void ike_receive(struct ike_sa *sa, const struct ike_packet *pkt, u64 now);
enum isakmp_reason ike_open(struct ike_sa *sa, struct ike_in *in,
			    const struct isakmp_payload *p, struct ike_span *text, u64 now);

/* fragment.c */
enum isakmp_reason ike_fragment_take(struct ike_sa *sa, struct ike_in *in, u8 kind, u64 now);
enum isakmp_reason ike_fragment_again(struct ike_sa *sa, struct ike_in *in, u64 now);
void ike_fragments_drop(struct ike_sa *sa, struct ike_epoch *ep, u8 kind, u32 msgid);
void ike_fragments_free(struct ike_sa *sa, struct ike_epoch *ep);
u64 ike_fragments_deadline(const struct ike_sa *sa);
void ike_fragments_timer(struct ike_sa *sa, u64 now);

/* epoch.c */
u64 ike_epoch_spi(const struct ike_epoch *ep);
enum isakmp_reason ike_epoch_of(const struct ike_sa *sa, struct ike_in *in);
enum isakmp_reason ike_epoch_check_id(const struct ike_epoch *ep, u32 id);
void ike_epoch_accept(struct ike_epoch *ep, u32 id);
void ike_epoch_unaccept(struct ike_epoch *ep, u32 id);
void ike_epoch_begin(struct ike_epoch *ep, bool initiator);
bool ike_epoch_worn(const struct ike_epoch *ep);
struct ike_epoch *ike_epoch_new(struct ike_sa *sa, bool initiator);
void ike_epoch_forget(struct ike_epoch *ep);
void ike_epoch_free(struct ike_sa *sa, struct ike_epoch *ep);
void ike_epoch_add(struct ike_sa *sa, struct ike_epoch *ep);
void ike_epoch_remove(struct ike_sa *sa, struct ike_epoch *ep);
void ike_epoch_succeed(struct ike_sa *sa, struct ike_epoch *ep);
struct ike_epoch *ike_epoch_rival(const struct ike_sa *sa);
bool ike_epochs_full(const struct ike_sa *sa);
void ike_epoch_leave(struct ike_epoch *ep, u64 now);
void ike_epoch_heard(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
struct ike_epoch *ike_epoch_for(const struct ike_sa *sa, unsigned long task);
void ike_epoch_close(struct ike_epoch *ep);
void ike_epoch_gone(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
void ike_epoch_tasks(struct ike_sa *sa, u64 now);
u64 ike_epoch_deadline(const struct ike_sa *sa);
void ike_epoch_silence(struct ike_sa *sa);
void ike_epoch_drop_all(struct ike_sa *sa);

/* send.c */
enum isakmp_reason ike_request_begin(struct ike_sa *sa, struct ike_epoch *ep,
				     struct ike_msg *m, u8 exchange);
enum isakmp_reason ike_response_begin(struct ike_sa *sa, struct ike_msg *m);
enum isakmp_reason ike_msg_end(struct ike_sa *sa, struct ike_msg *m);
void ike_msg_free(struct ike_msg *m);
void ike_msg_nonce(struct ike_msg *m, const struct isakmp_nonce *n);
void ike_msg_ke(struct ike_msg *m, const struct isakmp_ke *ke);
void ike_msg_notify(struct ike_msg *m, u16 type, const void *data, size_t len);
enum isakmp_reason ike_respond(struct ike_sa *sa, struct ike_msg *m);
enum isakmp_reason ike_respond_with(struct ike_sa *sa, const struct isakmp_notify *n);
enum isakmp_reason ike_respond_notify(struct ike_sa *sa, u16 type, const void *data,
				      size_t len);
enum isakmp_reason ike_refuse_clear(struct ike_sa *sa, const struct ike_in *in, u16 type,
				    const void *data, size_t len);
enum isakmp_reason ike_request_send(struct ike_sa *sa, struct ike_msg *m,
				    const struct ike_request *about, u64 now);
bool ike_request_is_out(const struct ike_epoch *ep, u32 msgid, u8 exchange);
struct ike_request *ike_request_take(struct ike_epoch *ep, u32 msgid);
void ike_request_put_back(struct ike_epoch *ep, struct ike_request *r);
void ike_request_free(struct ike_sa *sa, struct ike_request *r);
void ike_request_drop_all(struct ike_sa *sa, struct ike_epoch *ep);
u64 ike_request_deadline(const struct ike_sa *sa);
void ike_request_timer(struct ike_sa *sa, u64 now);

/* split.c */
size_t ike_in_ip(const struct isakmp_path *path, size_t size);
size_t ike_split_limit(const struct ike_sa *sa, const struct isakmp_path *path, u32 like);
enum isakmp_reason ike_split(struct ike_msg *m, size_t limit);
bool ike_split_finer(struct ike_sa *sa, struct ike_epoch *ep, struct ike_request *r);
enum isakmp_reason ike_send(struct ike_sa *sa, const struct isakmp_path *path, const u8 *p,
			    size_t n);

/* hint.c */
enum isakmp_reason ike_hint_clear(struct ike_sa *sa, struct ike_in *in, u64 now);
void ike_hint_spi(struct ike_sa *sa, const struct ike_in *in, u64 now);

/* redirect.c */
void ike_redirect_ready(const struct ike_sa *sa, struct ike_msg *m);
enum isakmp_reason ike_redirect_init(struct ike_sa *sa, const struct isakmp_notify *n, u64 now);
bool ike_redirect_told(struct ike_sa *sa, const struct isakmp_chain *c, u64 now);
bool ike_redirect_away(struct ike_sa *sa, u64 now);
void ike_redirect_heard(struct ike_sa *sa, const struct isakmp_chain *c);
enum isakmp_reason ike_redirect_answer(struct ike_sa *sa, const struct ike_in *in,
				       const struct isakmp_nonce *ni,
				       const struct isakmp_addr *there);
bool ike_redirect_wanted(struct ike_sa *sa);
void ike_redirect_start(struct ike_sa *sa, const struct isakmp_addr *to);
void ike_redirect_say(const struct ike_sa *sa, struct ike_msg *m);

/* qcd.c */
void ike_qcd_say(struct ike_sa *sa, const struct ike_epoch *ep, struct ike_msg *m);
void ike_qcd_renew(struct ike_sa *sa);
void ike_qcd_changed(struct ike_sa *sa, u64 now);
void ike_qcd_timer(struct ike_sa *sa, u64 now);
void ike_qcd_heard(struct ike_sa *sa, struct ike_epoch *ep, const struct isakmp_chain *c);
enum isakmp_reason ike_qcd_check(struct ike_sa *sa, const struct ike_in *in, u64 now);

/* window.c */
void ike_window_begin(struct ike_sa *sa);
void ike_window_used(struct ike_sa *sa, const struct ike_epoch *ep);
void ike_window_say(struct ike_sa *sa, struct ike_msg *m);
void ike_window_heard(const struct ike_in *in);

/* tasks.c */
u64 ike_spread(u64 ms);
void ike_tasks_run(struct ike_sa *sa, u64 now);

/* init.c */
u8 *ike_copy(const u8 *p, size_t n);
enum isakmp_reason ike_init_add(struct ike_sa *sa, struct ike_msg *m,
				const struct isakmp_ke *ke, const struct isakmp_nonce *n,
				const struct isakmp_path *path, bool fake, bool fragments);
u32 ike_init_hashes(const struct isakmp_chain *c);
bool ike_init_says(const struct isakmp_chain *c, u16 type);
enum isakmp_reason ike_init_start(struct ike_sa *sa, u64 now);
enum isakmp_reason ike_init_full(struct ike_sa *sa, u64 now);
enum isakmp_reason ike_init_send(struct ike_sa *sa, struct ike_try *t, u64 now);
enum isakmp_reason ike_init_response(struct ike_sa *sa, struct ike_in *in, u64 now);

/* ticket.c */

/**
 * struct ike_grant - the ticket of an IKE SA
 * @expires: ms since 1970
 * @given: initiator: when
 * @number: responder: which one it is
 * @len: initiator: octets in @opaque
 * @opaque: initiator: the ticket
 */
struct ike_grant {
	u64 expires;
	struct ike_ticket_stamp given;
	u8 number[IKE_TICKET_NUMBER_LEN];
	u16 len;
	u8 opaque[];
};

enum isakmp_reason ike_ticket_open(struct ike_sa *sa, const u8 *p, size_t n,
				   struct ike_ticket **t);
bool ike_ticket_asked(const struct isakmp_chain *c);
void ike_ticket_ask(const struct ike_sa *sa, struct ike_msg *m);
bool ike_ticket_answer(struct ike_sa *sa, struct ike_msg *m, u64 now);
void ike_ticket_unsaid(struct ike_sa *sa);
void ike_ticket_hear(struct ike_sa *sa, const struct isakmp_chain *c, u64 now);
void ike_ticket_timer(struct ike_sa *sa, u64 now);
void ike_ticket_rekeyed(struct ike_sa *sa);
void ike_ticket_lost(struct ike_sa *sa, enum isakmp_reason why, u64 now);
void ike_ticket_end(struct ike_sa *sa);
void ike_ticket_forget(struct ike_sa *sa);

/* resume.c */
enum isakmp_reason ike_resume_start(struct ike_sa *sa, u64 now);
enum isakmp_reason ike_resume_build(struct ike_sa *sa, struct ike_msg *m);
void ike_resume_fall_back(struct ike_sa *sa, u64 now);
enum isakmp_reason ike_resume_notify(struct ike_sa *sa, struct ike_in *in, u64 now);
enum isakmp_reason ike_resume_response(struct ike_sa *sa, struct ike_in *in, u64 now);
enum isakmp_reason ike_resume_request(struct ike_sa *sa, struct ike_in *in, u64 now);
enum isakmp_reason ike_resume_verified(struct ike_sa *sa, const struct ike_in *in,
				       const struct isakmp_auth_pl *auth,
				       struct ike_verdict *v);
enum isakmp_reason ike_resume_judged(struct ike_sa *sa, const struct ike_in *in,
				     const struct isakmp_auth_pl *auth,
				     struct ike_verdict *v);
enum isakmp_reason ike_resume_stands(struct ike_sa *sa);
enum isakmp_reason ike_resume_use(struct ike_sa *sa);
void ike_resume_done(struct ike_sa *sa);

/* retry.c */
void ike_try_free_all(struct ike_setup *s);
void ike_try_anew(struct ike_sa *sa);
void ike_try_keep(struct ike_try *t, u8 *msg, u32 len);
struct ike_try *ike_try_find(const struct ike_sa *sa, u16 group);
void ike_try_unask(struct ike_sa *sa);
void ike_try_settle(struct ike_sa *sa, struct ike_try *t);
enum isakmp_reason ike_try_group(struct ike_sa *sa, u16 group, u64 now);
enum isakmp_reason ike_try_made(struct ike_sa *sa, struct ike_verdict *v, u64 now);
enum isakmp_reason ike_init_notify(struct ike_sa *sa, struct ike_in *in, u64 now);

/* respond.c */

/**
 * struct ike_first - what a responder keeps of a first message
 * @ni: the initiator's nonce
 * @nat: NAT detection
 * @encap: of the peer
 * @childless: it may be told that IKE_AUTH may be without a child
 * @fragment: of the peer
 */
struct ike_first {
	struct isakmp_nonce ni;
	struct ike_nat nat;
	bool encap;
	bool childless;
	u16 fragment;
};

enum isakmp_reason ike_first_keep(struct ike_sa *sa, const struct ike_in *in,
				  const struct ike_first *f);
enum isakmp_reason ike_first_say(struct ike_sa *sa, struct ike_msg *m);
enum isakmp_reason ike_first_done(struct ike_sa *sa, enum isakmp_reason why, u64 now);
enum isakmp_reason ike_init_request(struct ike_sa *sa, struct ike_in *in, u64 now);
enum isakmp_reason ike_init_answer(struct ike_sa *sa, const u8 *pub, u16 len);

/* kex.c */
enum isakmp_reason ike_kex_none(u16 group);
enum isakmp_reason ike_kex_ask(struct ike_sa *sa, u16 group, const u8 *seed, const u8 *peer,
			       u16 len);
enum isakmp_reason ike_kex_check(const struct ike_verdict *v, u16 group, bool shared);
enum isakmp_reason ike_kex_secret(struct ike_sa *sa, struct ike_verdict *v, u64 now);
enum isakmp_reason ike_kex_both(struct ike_sa *sa, struct ike_verdict *v, u64 now);

/* nat.c */
enum isakmp_reason ike_nat_add(struct ike_sa *sa, struct ike_msg *m,
			       const struct isakmp_path *path, bool fake);
enum isakmp_reason ike_nat_detect(const struct ike_in *in, struct ike_nat *nat);
void ike_nat_commit(struct ike_sa *sa, const struct ike_nat *nat, bool encap);

/* path.c */
void ike_path_float(struct ike_sa *sa);
void ike_path_seen(struct ike_sa *sa, const struct ike_in *in, bool request, u64 now);
void ike_path_hint(struct ike_sa *sa, const struct isakmp_path *path, u64 now);
const struct isakmp_path *ike_path_out(const struct ike_sa *sa, const struct ike_request *r);
void ike_path_established(struct ike_sa *sa, u64 now);
void ike_path_timer(struct ike_sa *sa, u64 now);
bool ike_path_same_ends(const struct isakmp_path *a, const struct isakmp_path *b);
void ike_path_set(struct ike_sa *sa, const struct isakmp_path *to);
void ike_path_take_children(struct ike_sa *sa, u64 now);
void ike_path_follow(struct ike_sa *sa, u64 now);

/* mobike.c */

/* What a request of the peer tells of addresses. */
struct ike_told {
	bool update;		/* its own is another (RFC 4555, 3.5) */
	bool list;		/* so are the additional ones (3.6) */
	bool nats;		/* NAT detection is in it */
	struct ike_nat nat;	/* with @update: what the request tells of NATs */
	struct ike_span cookie;	/* to be returned (3.7) */
	struct ike_span no_nats; /* its addresses, when it left (3.9) */
	enum isakmp_reason why;	/* it does not count */
	u16 error;		/* which is notified, or 0 */
};

bool ike_mobike_wanted(const struct ike_peer *peer);
void ike_mobike_offer(struct ike_sa *sa, struct ike_msg *m);
enum isakmp_reason ike_mobike_first(const struct ike_in *in);
void ike_mobike_agree(struct ike_sa *sa, const struct isakmp_chain *c);
enum isakmp_reason ike_mobike_ask(struct ike_sa *sa, struct ike_msg *m, struct ike_request *r);
enum isakmp_reason ike_mobike_read(struct ike_sa *sa, const struct ike_in *in,
				   struct ike_told *t);
enum isakmp_reason ike_mobike_answer(struct ike_sa *sa, const struct ike_told *t,
				     struct ike_msg *m);
enum isakmp_reason ike_mobike_obey(struct ike_sa *sa, const struct ike_in *in,
				   const struct ike_told *t, u64 now);
enum isakmp_reason ike_mobike_answered(struct ike_sa *sa, struct ike_in *in, u64 now);
void ike_mobike_try(struct ike_sa *sa, const struct isakmp_path *path, const struct ike_nat *nat);
void ike_mobike_probe(struct ike_sa *sa, const struct isakmp_path *path,
		      const struct ike_nat *nat, u64 now);
void ike_mobike_seen(struct ike_sa *sa, const struct isakmp_path *path, u64 now);
bool ike_mobike_checks(const struct ike_sa *sa, const struct ike_request *r);

/* roam.c */
bool ike_roam_allowed(const struct ike_sa *sa, const struct isakmp_addr *remote);
void ike_roam_look(struct ike_sa *sa, u64 now);
void ike_roam_listed(struct ike_sa *sa, u64 now);
bool ike_roam_next(struct ike_sa *sa, u64 now);
enum isakmp_reason ike_roam_updated(struct ike_sa *sa, struct ike_in *in, u64 now);
void ike_roam_seen(struct ike_sa *sa, const struct isakmp_path *path, u64 now);
void ike_roam_heard(struct ike_sa *sa, const struct ike_in *in);

/* auth.c */
enum isakmp_reason ike_auth_ask(struct ike_sa *sa);
enum isakmp_reason ike_auth_request(struct ike_sa *sa, struct ike_in *in, u64 now);
void ike_auth_again(struct ike_sa *sa, u64 now);
void ike_auth_release(struct ike_sa *sa, u64 now);
enum isakmp_reason ike_auth_response(struct ike_sa *sa, struct ike_in *in, u64 now);
void ike_auth_undo(struct ike_sa *sa, enum isakmp_reason why, u64 now);
enum isakmp_reason ike_auth_late(struct ike_sa *sa, struct ike_in *in, u64 now);
enum isakmp_reason ike_auth_refused(struct ike_sa *sa, struct ike_in *in, u64 now);
enum isakmp_reason ike_auth_made(struct ike_sa *sa, struct ike_verdict *v, u64 now);
enum isakmp_reason ike_auth_verified(struct ike_sa *sa, struct ike_verdict *v, u64 now);
enum isakmp_reason ike_auth_judged(struct ike_sa *sa, struct ike_verdict *v, u64 now);

/* childless.c */
bool ike_childless_spoken(struct ike_sa *sa);
enum isakmp_reason ike_childless_heard(struct ike_sa *sa, const struct isakmp_chain *c);
bool ike_childless_wanted(const struct ike_sa *sa);
enum isakmp_reason ike_childless_answer(const struct ike_sa *sa, struct ike_in *in);
enum isakmp_reason ike_childless_request(struct ike_sa *sa, struct ike_in *in, u64 now);
enum isakmp_reason ike_childless_fits(const struct ike_sa *sa, const struct ike_peer *peer);

/* basis.c */
enum isakmp_reason ike_basis_take(struct ike_sa *sa, const struct ike_verdict *v);
struct ike_basis *ike_basis_of(const struct ike_sa *sa, const struct ike_verdict *v);
enum isakmp_reason ike_basis_own(struct ike_sa *sa, const struct ike_verdict *v);
u32 ike_until_begin(struct ike_sa *sa, u32 left_s, u64 now);
bool ike_until_read(const struct isakmp_chain *c, u32 *left_s);
void ike_until_told(struct ike_sa *sa, u32 left_s, u64 now);
void ike_until_add(struct ike_msg *m, u32 left_s);
void ike_until_policy(struct ike_sa *sa, u32 reauth_s, u64 now);
void ike_until_changed(struct ike_sa *sa, u64 now);
u32 ike_until_left(const struct ike_sa *sa, u64 now);
void ike_until_timer(struct ike_sa *sa, u64 now);
void ike_sa_bar(struct ike_sa *sa, enum isakmp_reason why, u64 now);
/* config.c */

/**
 * struct ike_cfg_in - inner addresses that we are given, being read
 * @inner: they
 * @config: what goes with them
 * @odd: type of an attribute whose value cannot be
 * @cut: type of one that there was no room for
 */
struct ike_cfg_in {
	struct isakmp_addr inner[IKE_INNER];
	struct ike_config *config;
	u16 odd;
	u16 cut;
};

bool ike_config_wanted(const struct ike_sa *sa);
void ike_config_ask(const struct ike_sa *sa, struct isakmp_out *o);
void ike_config_request(const struct ike_sa *sa, struct ike_msg *m);
void ike_config_take(const struct ike_sa *sa, struct ike_cfg_in *r,
		     const struct isakmp_cp_attr *a);
enum isakmp_reason ike_config_taken(struct ike_sa *sa, struct ike_cfg_in *r);
enum isakmp_reason ike_config_reply(struct ike_sa *sa, const struct isakmp_chain *chain);
void ike_config_wants(struct ike_cfg_wish *w, const struct isakmp_cp_attr *a, u16 *odd);
void ike_config_wish(struct ike_sa *sa, const struct isakmp_chain *chain);
void ike_config_tell(const struct ike_sa *sa, const struct ike_cfg_wish *w,
		     const struct ike_config *c, struct isakmp_out *o);
void ike_config_answer(const struct ike_sa *sa, const struct ike_config *c, struct ike_msg *m);
void ike_config_pack(const struct ike_config *c, struct isakmp_out *o);
void ike_config_unpack(const struct ike_span *from, struct ike_config *c);
void ike_config_idle(const struct isakmp_chain *chain, struct ike_msg *m);
unsigned int ike_config_resolve(const struct ike_sa *sa, const struct ike_child_policy *p,
				bool local, struct isakmp_ts *out);

/* info.c */
enum isakmp_reason ike_info_request(struct ike_sa *sa, struct ike_in *in, u64 now);
enum isakmp_reason ike_info_response(struct ike_sa *sa, struct ike_in *in, u64 now);
enum isakmp_reason ike_info_send(struct ike_sa *sa, unsigned long task, u64 now);
enum isakmp_reason ike_info_refuse(struct ike_sa *sa, u64 now);
enum isakmp_reason ike_info_close(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
void ike_info_closed(struct ike_sa *sa, struct ike_child *c, u64 now);
void ike_child_closed(struct ike_sa *sa, struct ike_child *c, u64 now);

/* child.c */

/* ESP or AH: a child's policy has suites of one of them. */
static inline u8 ike_child_protocol(const struct ike_child *c)
{
	return c->policy ? c->policy->esp.s[0].protocol : IKE_PROTO_ESP;
}

struct ike_child *ike_child_new(struct ike_sa *sa, const struct ike_peer *peer,
				const struct ike_child_policy *policy);
enum isakmp_reason ike_child_want(struct ike_sa *sa, const struct ike_peer *peer,
				  const struct ike_child_policy *policy,
				  const struct ike_flow *flow, u32 replaces, u64 at);
enum isakmp_reason ike_child_want_nth(struct ike_sa *sa, const struct ike_peer *peer,
				      const struct ike_child_policy *policy, u8 nth,
				      const struct ike_flow *flow, u32 replaces, u64 at);
bool ike_child_as_pair(struct ike_child *c, u64 now);
enum isakmp_reason ike_child_install(struct ike_sa *sa, struct ike_child *c,
				     const struct ike_child_secrets *secrets, u64 now);
enum isakmp_reason ike_child_raise(struct ike_sa *sa, struct ike_child *c,
				   const struct ike_child_secrets *secrets,
				   const u8 *key_in, const u8 *key_out, u64 now);
void ike_child_took_over(struct ike_sa *sa, struct ike_child *c);
void ike_child_is_at(struct ike_child *c, const struct isakmp_path *path);
void ike_child_delete(struct ike_child *c);
void ike_child_drop(struct ike_sa *sa, struct ike_child *c, enum isakmp_reason why);
void ike_child_drop_all(struct ike_sa *sa, enum isakmp_reason why);
void ike_child_gone(struct ike_sa *sa, struct ike_child *c, enum isakmp_reason why,
		    u64 now);
unsigned int ike_children_count(const struct ike_sa *sa);
bool ike_children_full(const struct ike_sa *sa);
void ike_child_tasks(struct ike_sa *sa, u64 now);
u64 ike_child_deadline(const struct ike_sa *sa);
struct ike_child *ike_child_next(const struct ike_sa *sa, u64 now);

/* proposal.c */

/* What an SA payload speaks of. */
enum ike_form {
	IKE_FORM_BARE,		/* a child in IKE_AUTH: no KE transforms */
	IKE_FORM_FULL,		/* IKE_SA_INIT; a child in CREATE_CHILD_SA */
	IKE_FORM_REKEY,		/* an IKE SA in CREATE_CHILD_SA: with an SPI */
};

unsigned int ike_suites_ready(struct ike_sa *sa, const struct ike_suites *s,
			      struct ike_suites *ready);
void ike_suites_encode(struct isakmp_out *o, const struct ike_suites *s, u64 spi,
		       enum ike_form form);
void ike_suite_encode(struct isakmp_out *o, const struct ike_suite *s, u8 num, u64 spi,
		      enum ike_form form);
const struct ike_suite *ike_suite_select(const struct ike_suites *ours,
					 const struct isakmp_payload *sa, u16 ke_hint,
					 enum ike_form form, u8 *num, u64 *spi);
const struct ike_suite *ike_suite_chosen(const struct ike_suites *offered,
					 const struct isakmp_payload *sa, enum ike_form form,
					 u64 *spi);
bool ike_suites_have_group(const struct ike_suites *s, u16 group);
bool ike_suites_allow(const struct ike_suites *s, const struct ike_suite *one);

/* negotiate.c */

/* What was agreed on, for the answer. */
struct ike_agreed {
	u8 proposal;		/* number of the peer's proposal */
	bool more;		/* other traffic would have been acceptable, too */
};

void ike_child_substitute(const struct ike_sa *sa, struct isakmp_ts *local,
			  unsigned int n_local, struct isakmp_ts *remote,
			  unsigned int n_remote);
enum isakmp_reason ike_child_passes(const struct ike_sa *sa, const struct ike_child_policy *p);
void ike_child_offer_sa(struct ike_sa *sa, struct ike_child *c, struct ike_msg *m,
			enum ike_form form);
void ike_child_offer_ts(struct ike_sa *sa, struct ike_child *c, struct ike_msg *m);
enum isakmp_reason ike_child_read_answer(struct ike_sa *sa, struct ike_child *c,
					 const struct isakmp_chain *chain,
					 enum ike_form form, u32 *arg);
enum isakmp_reason ike_child_choose(struct ike_sa *sa, struct ike_child *c,
				    const struct isakmp_chain *chain, u32 allowed, int ke,
				    struct ike_agreed *agreed);
u16 ike_child_refusal(enum isakmp_reason why);
void ike_child_answer_sa(const struct ike_child *c, struct ike_msg *m,
			 const struct ike_agreed *agreed);
void ike_child_answer_ts(const struct ike_child *c, struct ike_msg *m);

/* ipcomp.c */
void ike_ipcomp_offer(struct ike_sa *sa, struct ike_child *c, struct ike_msg *m);
void ike_ipcomp_read(struct ike_sa *sa, struct ike_child *c, const struct isakmp_chain *chain);
void ike_ipcomp_answer(const struct ike_child *c, struct ike_msg *m);

/* create.c */
void ike_create_free(struct ike_sa *sa, struct ike_create *x);
enum isakmp_reason ike_create_key(struct ike_create *x, u16 group);
u16 ike_create_group(const struct ike_create *x, const struct ike_suites *s,
		     const struct isakmp_notify *n);
void ike_create_gone(struct ike_sa *sa, u32 spi);
enum isakmp_reason ike_create_send(struct ike_sa *sa, u64 now);
enum isakmp_reason ike_create_response(struct ike_sa *sa, struct ike_in *in, u64 now);
enum isakmp_reason ike_create_refused(struct ike_sa *sa, struct ike_in *in, u64 now);

/* accept.c */
u32 ike_children_allowed(const struct ike_sa *sa, const struct ike_peer *now);
enum isakmp_reason ike_create_request(struct ike_sa *sa, struct ike_in *in, u64 now);

/* relimit.c */
struct ike_life ike_life_of(const struct ike_child_policy *p);
void ike_life_bound(struct ike_life *l, u16 encr);

/* rekey_child.c */
u64 ike_soft_limit(u64 hard, bool early);
bool ike_rekey_patient(u8 *n, u64 end, u64 *at, u64 now);
void ike_rekey_limits(struct ike_child *c, u64 now);
void ike_rekey_begin(struct ike_sa *sa, struct ike_child *old, u64 now);
bool ike_rekey_stale(const struct ike_sa *sa, const struct ike_child *c);
void ike_rekey_lost(struct ike_sa *sa, const struct ike_child *c);
void ike_rekey_over(struct ike_sa *sa, struct ike_child *c);
struct ike_child *ike_rekey_wanted(const struct ike_sa *sa, const struct ike_child *c);
struct ike_lowest *ike_lowest_of(const struct ike_span *ni, const struct ike_span *nr);
bool ike_lowest_goes(const struct ike_lowest *this, const struct ike_lowest *other);
void ike_rekey_done(struct ike_sa *sa, struct ike_child *c, u64 now);
enum isakmp_reason ike_rekey_asked(struct ike_sa *sa, u8 protocol, u32 spi,
				   struct ike_child **old, u64 now);
struct ike_child *ike_rekey_wish(struct ike_sa *sa, const struct ike_child *old,
				 const struct ike_peer *peer, const struct ike_child_policy *policy,
				 u64 now);
bool ike_rekey_fits(const struct ike_floor *floor, const struct ike_child *c);
enum isakmp_reason ike_rekey_prepare(struct ike_child *c, const struct ike_child *old);
void ike_rekey_answered(struct ike_sa *sa, struct ike_child *c, u64 now);
void ike_rekey_used(struct ike_sa *sa, struct ike_child *c, u64 now);
void ike_rekey_forget(struct ike_sa *sa, struct ike_child *c, enum isakmp_reason why, u64 now);
void ike_rekey_closed(struct ike_sa *sa, struct ike_child *c, u64 now);
void ike_rekey_inherit(struct ike_sa *sa, struct ike_child *c);

/* rekey_ike.c */
void ike_sa_limits(struct ike_sa *sa, u64 now);
enum isakmp_reason ike_sa_rekey_send(struct ike_sa *sa, u64 now);
enum isakmp_reason ike_sa_rekey_response(struct ike_sa *sa, struct ike_in *in, u64 now);
enum isakmp_reason ike_sa_rekey_refused(struct ike_sa *sa, struct ike_in *in, u64 now);
enum isakmp_reason ike_sa_rekey_request(struct ike_sa *sa, struct ike_in *in, u64 now);
bool ike_sa_rekey_is_out(const struct ike_epoch *ep);
bool ike_sa_rekey_deleted(struct ike_sa *sa, struct ike_epoch *ep, u64 now);

/* keymat.c */
int ike_prf_plus(u16 prf, const u8 *key, size_t key_len, const struct ike_span *seed,
		 unsigned int n, u8 *out, size_t len);
enum isakmp_reason ike_kex_reason(int err);
enum isakmp_reason ike_crypto_reason(int err);
enum isakmp_reason ike_keys_derive(struct ike_sa *sa, const u8 *shared, u16 len);
enum isakmp_reason ike_keys_resume(struct ike_sa *sa);
enum isakmp_reason ike_keys_rekey(struct ike_sa *sa, const struct ike_epoch *old,
				  struct ike_epoch *ep, const struct ike_child_secrets *x);
size_t ike_child_key_len(const struct ike_suite *s);
enum isakmp_reason ike_child_keys(struct ike_sa *sa, const struct ike_child *c,
				  const struct ike_child_secrets *secrets,
				  u8 *key_in, u8 *key_out);


/* selector.c */

/* Selectors of both sides: scratch, never on the stack. */
struct ike_ts_lists {
	struct isakmp_ts local[IKE_TS_MAX];
	struct isakmp_ts remote[IKE_TS_MAX];
};

void ike_ts_set_addr(struct isakmp_ts *ts, const struct isakmp_addr *a);
void ike_ts_resolve(const struct isakmp_ts *policy, unsigned int n,
		    const struct isakmp_addr *a, struct isakmp_ts *out);
bool ike_ts_within(const struct isakmp_ts *inner, const struct isakmp_ts *outer);
unsigned int ike_ts_narrow(const struct isakmp_ts *ours, unsigned int n_ours,
			   const struct isakmp_ts *theirs, unsigned int n_theirs,
			   struct isakmp_ts *out, unsigned int max);
bool ike_ts_all_within(const struct isakmp_ts *inner, unsigned int n_inner,
		       const struct isakmp_ts *outer, unsigned int n_outer);

#endif
