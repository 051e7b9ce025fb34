/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the files of v1/.  Nobody else includes this.
 *
 *	sa.c		the entrance: events, deadlines, release
 *	law.c		which message is allowed when, as tables
 *	receive.c	a message: cookies, exchange, decryption, HASH, chain, law, handler
 *	send.c		building, HASH, encryption; what was sent last, retransmission
 *	fragment.c	messages in pieces (Microsoft, Cisco)
 *	exchange.c	exchanges under a message ID; message IDs that are used up
 *	phase1.c	what all exchanges of phase 1 have in common: first.c offer and choice,
 *			kex.c the key exchange
 *	main.c aggressive.c base.c auth_only.c	they; secret.c revised.c	RSA encryption in them;
 *			 verdict.c	what the helper's answers do in them
 *	auth.c		questions for the helper, its verdicts: identities, HASH, SIG; certs.c
 *			certificates, and asking for them
 *	user.c		whom XAUTH found the peer to be
 *	proposal.c	suites <-> SA payloads of phase 1
 *	keymat.c	SKEYID and what comes from it, IVs, KEYMAT
 *	vendor.c	vendor IDs; nat.c NAT-D, NAT-OA, ports
 *	quick.c		Quick Mode, who begins; quick_answer.c who is asked; quick_kex.c its key
 *			exchange; offer.c its SA payload; child.c what becomes of children
 *	life.c		lifetimes: negotiated, told, reached; rekeys of both phases
 *	info.c		Informational: notifications, Deletes; dpd.c RFC 3706
 *	group.c		New Group Mode
 *	transaction.c	Transaction; config.c mode config; xauth.c XAUTH
 *	conn.c		several ISAKMP SAs of one connection
 */
#ifndef _ISAKMP_V1_ENGINE_H
#define _ISAKMP_V1_ENGINE_H

#include "ike/engine.h"
#include "v1/v1.h"
#include "wire/v1.h"

/**
 * struct v1_talk - what was sent last in an exchange, and how it is repeated
 * @bytes: the datagrams, one behind the other, owned; NULL: nothing yet
 * @len: their octets
 * @answers: digest of the message that it answers; 0: of none.  That one again has @bytes
 *	sent again, at a limited rate: the sender of the last message keeps it
 * @tries: retransmissions made by timer
 * @resend_at: ms: the next one; IKE_NEVER: the other end has to ask
 */
struct v1_talk {
	u8 *bytes;
	u32 len;
	u64 answers;
	u8 tries;
	u64 resend_at;
};

/* What only the setting up of an ISAKMP SA needs; freed when it is over. */
struct v1_setup {
	struct isakmp_kex *kex;
	u8 *sa_i;		/* SAi_b: body of the initiator's SA payload, owned */
	u8 *sa_r;		/* responder: body of its own, owned */
	u16 sa_i_len;
	u16 sa_r_len;
	u16 ke_i_len;
	u16 ke_r_len;
	u16 shared_len;
	u16 ni_len;
	u16 nr_len;
	u8 ke_i[IKE_KE_MAX];
	u8 ke_r[IKE_KE_MAX];
	u8 shared[IKE_KE_MAX];	/* g^xy */
	u8 seed[IKE_KEX_SEED_LEN]; /* private key of a group of the helper's */
	u8 ni[IKE_NONCE_MAX];
	u8 nr[IKE_NONCE_MAX];
	struct isakmp_bucket repeats;
	u16 methods[V1_METHODS_MAX]; /* initiator: what it offers, in order */
	u8 n_methods;
	struct ike_suites offer; /* the same: of these algorithms */
	const struct ike_peer *peer; /* responder: whom it takes the initiator for; pinned */
	u8 *id;			/* body of our ID payload, owned */
	u8 *peer_id;		/* of the peer's, owned */
	u16 id_len;
	u16 peer_id_len;
	u8 *ask;		/* CERTREQ payloads that we send (certs.c), owned; NULL: any will do */
	u8 *said;		/* what an earlier message of the peer had of CERT and CERTREQ, owned */
	u16 ask_len;
	u16 said_len;
	u32 allowed;		/* responder: children that the helper allows */
	u32 left_s;		/* initiator: how long the peer is believed */
	bool adopted;		/* the SA is one of its peer's */
	u64 elder;		/* responder: id of the SA that it becomes one of; 0: none */
	struct ike_nat nat;	/* what NAT detection told */
	u64 until_at;		/* ms: it is over by then */
	/* The message that the helper decides about; no other one counts meanwhile */
	u64 pending;		/* its digest; 0: none */
	u64 meant;		/* responder: of the one that says whom it is taken for */
	u64 refused;		/* digest of the last one that the helper refused */
	struct isakmp_path path; /* how it came; answers go there */
	u8 *kept;		/* its payloads, decrypted, owned */
	u32 kept_len;
	u8 kept_first;		/* type of the first of them */
	bool kept_clear;	/* it was not encrypted */
	u8 iv[V1_BLOCK_MAX];	/* what follows it in the chain of IVs */
	u8 junk;		/* messages that the helper refused, or could not be decrypted */
	u16 why;		/* enum isakmp_reason: of the last of them, for the report */
	u8 *early[V1_EARLY_MAX]; /* messages of phase 2 that came before the end, owned */
	u32 early_len[V1_EARLY_MAX];
	u64 early_digest[V1_EARLY_MAX];
	u16 forgeable;		/* last unprotected notify, for the report */
};

/* What became of a private group. */
enum v1_group_state {
	V1_GROUP_PROPOSED,	/* by us */
	V1_GROUP_AGREED,
	V1_GROUP_REFUSED,	/* or nobody answered */
};

/**
 * struct v1_group - a group with a number of its own (New Group Mode)
 * @number: from V1_GROUP_PRIVATE on
 * @ke: KE transform ID
 * @state: enum v1_group_state
 */
struct v1_group {
	u16 number;
	u16 ke;
	u8 state;
};

#define V1_GROUP_PRIVATE   0x8000 /* RFC 2409, 5.6: 2^15 */
#define V1_GROUP_GENERATOR 2	/* of all MODP groups here */

/* Where an ISAKMP SA is. */
enum v1_phase1_state {
	V1_P1_NEW,
	V1_P1_OPENING,		/* its exchange is under way: @step */
	V1_P1_ASKING,		/* a question is with the helper */
	V1_P1_XAUTH,		/* authenticated, but for XAUTH */
	V1_P1_CONFIG,		/* inner addresses come first */
	V1_P1_UP,
	V1_P1_GONE,		/* deleted or expired; answers repeats */
};

/**
 * struct v1_phase1 - an ISAKMP SA; hangs from an epoch, which has cookies, suite, door
 * @state: enum v1_phase1_state
 * @exchange: enum v1_exchange_type that it is set up by
 * @step: number of the message of it that is awaited
 * @method: enum v1_method, as negotiated
 * @can: BIT()s of enum v1_can that the peer has said
 * @natt: the NAT traversal in use: one BIT() of V1_CAN_NATT; 0: none
 * @skeyid: SKEYID, and what comes from it (RFC 2409, 5): octets as the PRF has
 * @key: of the cipher, from SKEYID_e; @key_len octets, 0: there are no keys yet
 * @iv: last block of phase 1
 * @life_s: seconds that it may be used; 0: no limit
 * @begun_at: ms: its first message came, or was to be made
 * @talk: what was sent last in its exchange
 * @exchanges: under way or over, by message ID
 * @ids: message IDs of the peer that are used up, sorted, owned
 * @setup: owned; NULL: it is over
 * @dpd_out: our last sequence number (RFC 3706)
 * @dpd_in: the peer's last one
 * @dpd_tries: R-U-THEREs without an ACK
 * @fragments: pieces of a message that is not whole, owned
 * @n_groups: in @groups
 * @groups: private ones, of either end
 * @nat: what the peer's NAT-D have told
 * @may_change: Base Mode, responder: the initiator may go on over port 4500 for it
 * @user_known: XAUTH is over, or there was none to be
 * @shown: what phase 1 has shown, until XAUTH is over; owned; NULL: that counts already
 * @left_s: how long the peer is believed by that
 * @until_at: ms: what comes before Quick Mode is over by then; IKE_NEVER: nothing does
 * @config_waits: its inner addresses are to be asked for, when another question is answered
 */
struct v1_phase1 {
	u8 state;
	u8 exchange;
	u8 step;
	u16 method;
	u16 key_len;
	u32 can;
	u32 natt;
	u8 skeyid[64];
	u8 skeyid_d[64];
	u8 skeyid_a[64];
	u8 skeyid_e[64];
	u8 key[V1_KEY_MAX];
	u8 iv[V1_BLOCK_MAX];
	u32 life_s;
	u64 begun_at;
	u64 up_at;
	u64 rekey_at;
	u64 expire_at;
	u64 dpd_at;
	struct v1_talk talk;
	struct v1_exchange *exchanges;
	u32 *ids;
	u16 n_ids;
	u16 ids_room;
	struct v1_setup *setup;
	bool dpd_heard;
	u8 dpd_tries;
	u32 dpd_out;
	u32 dpd_in;
	struct v1_pieces *fragments;
	struct isakmp_bucket repeats;
	u8 n_groups;
	struct v1_group groups[V1_GROUPS_MAX];
	struct ike_nat nat;
	bool may_change;
	bool user_known;
	struct ike_basis *shown;
	u32 left_s;
	u64 until_at;
	bool config_waits;
};

/**
 * struct v1_exchange - an exchange under a message ID (phase 2)
 * @next: of the same ISAKMP SA
 * @ops: what kind it is
 * @msgid: its message ID
 * @initiator: we have begun it
 * @step: number of the message that is awaited; 0: it is over, and answers repeats
 * @commit: the peer set the commit bit (Quick Mode)
 * @pending: digest of the message that waits for the helper; no other one counts meanwhile.
 *	0: none does
 * @iv: of the next message, its own chain; committed when the HASH was found right
 * @n: nonces, with Quick Mode
 * @talk: what was sent last
 * @until_at: ms: given up, or forgotten when it is over
 * @body: what the kind keeps, owned: ops->free
 */
struct v1_exchange {
	struct v1_exchange *next;
	const struct v1_exchange_ops *ops;
	u32 msgid;
	bool initiator;
	u8 step;
	bool commit;
	u64 pending;
	u8 iv[V1_BLOCK_MAX];
	u16 ni_len;
	u16 nr_len;
	u8 ni[IKE_NONCE_MAX];
	u8 nr[IKE_NONCE_MAX];
	struct v1_talk talk;
	u64 until_at;
	void *body;
};

/**
 * struct v1_in - a message being handled
 * @pkt: how it came
 * @ep: of which ISAKMP SA; ep->v1 is there
 * @x: of which exchange of phase 2; NULL: of phase 1, or of none yet
 * @h: its header: spi_i and spi_r are the cookies
 * @chain: its payloads, decrypted, without HASH's being special
 * @iv: what follows it in the chain of IVs
 * @arg: what a refusal is about
 * @encrypted: it was
 * @authentic: HASH was right
 */
struct v1_in {
	const struct ike_packet *pkt;
	struct ike_epoch *ep;
	struct v1_exchange *x;
	struct isakmp_header h;
	struct v1_chain chain;
	u8 iv[V1_BLOCK_MAX];
	u32 arg;
	bool encrypted;
	bool authentic;
};

/**
 * struct v1_exchange_ops - a kind of exchange of phase 2
 * @type: enum v1_exchange_type
 * @lost: nobody answered, or @until_at has come; the exchange is freed afterwards
 * @again: the message that ours answered has come again: true when something else was said to
 *	it; NULL: what was said stands
 * @free: forget @body
 */
struct v1_exchange_ops {
	u8 type;
	bool (*again)(struct ike_sa *sa, struct v1_in *in, struct v1_exchange *x, u64 now);
	void (*lost)(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x, u64 now);
	void (*free)(struct ike_sa *sa, struct v1_exchange *x);
};

/* How the HASH payload of a message is made (RFC 2409, 5.5). */
enum v1_hash_kind {
	V1_H_NONE,	/* phase 1 */
	V1_H_1,		/* M-ID | rest; also of Informational, Transaction, New Group */
	V1_H_2,		/* M-ID | Ni_b | rest */
	V1_H_3,		/* 0 | M-ID | Ni_b | Nr_b */
};

/**
 * struct v1_msg - a message being built
 * @b: the builder; payloads are added with isakmp_build_payload() of V1_PL_*
 * @ep: of which ISAKMP SA
 * @x: of which exchange of phase 2, or NULL
 * @hash: how HASH is made; its payload stands first, and is filled in at the end
 * @encrypt: with the keys of @ep
 * @buf: its buffer, owned
 */
struct v1_msg {
	struct isakmp_builder b;
	struct ike_epoch *ep;
	struct v1_exchange *x;
	u8 hash;
	bool encrypt;
	u32 msgid;
	u8 iv[V1_BLOCK_MAX];
	u8 *buf;
};

/**
 * struct v1_law - one message that is allowed
 * @story: the row in words
 * @exchange: enum v1_exchange_type
 * @step: number of the message in its exchange
 * @role: enum ike_role: of us in the exchange
 * @methods: V1_CLASS_* of the methods it is for (phase 1)
 * @encrypted: must it be?
 * @hash: enum v1_hash_kind
 * @required: payloads that must be there, once
 * @once: payloads that may be there, once
 * @many: payloads that may be there any number of times
 * @sealed: payloads whose body is encrypted by itself (RFC 2409, 5.2)
 * @handle: what to do; called with a message that obeys the row
 *
 * NOTIFY and VENDOR are in the rows that allow them.  Informational has one row, with step 1.
 */
struct v1_law {
	const char *story;
	u8 exchange;
	u8 step;
	u8 role;
	u8 methods;
	bool encrypted;
	u8 hash;
	u32 required;
	u32 once;
	u32 many;
	u32 sealed;
	enum isakmp_reason (*handle)(struct ike_sa *sa, struct v1_in *in, u64 now);
};

#define V1_CLASS_PSK	BIT(0)
#define V1_CLASS_SIG	BIT(1)
#define V1_CLASS_ENC	BIT(2)
#define V1_CLASS_REV	BIT(3)
#define V1_CLASS_RSA	(V1_CLASS_ENC | V1_CLASS_REV)
#define V1_CLASS_ALL	0x0f

extern const struct v1_law v1_laws[];
extern const unsigned int v1_n_laws;

/* What hangs from an SA: sa->v1. */
struct v1_conn {
	const struct v1_in *in;	/* the message that is being handled, or NULL */
	struct ike_epoch *asking; /* for which the helper was asked; NULL: for none */
	u32 ask_msgid;		/* the same: for which exchange of it; 0: for itself */
	u64 retry_at;		/* what waits for memory is tried again */
	u64 phase1_at;		/* no other phase 1 of ours is begun before */
	u8 phase1_failed;	/* how often in a row */
	bool wanted;		/* another ISAKMP SA is */
	bool waiting;		/* children that are wanted wait for what is no matter of time */
	bool told_contact;	/* INITIAL-CONTACT was sent */
	char user[V1_USER_MAX + 1]; /* whom XAUTH found the peer to be; empty: nobody */
};

/* ---- send.c -------------------------------------------------------------- */

/*
 * All: Context: process; the SA's worker.
 *
 * Begin a message: of phase 1 (@x NULL, message ID 0), of an exchange of phase 2, or a
 * lone one (Informational: a fresh message ID, IV of its own).  OK, NO_MEMORY.
 */
enum isakmp_reason v1_msg_begin(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x,
				struct v1_msg *m, u8 exchange, u8 hash);
/* HASH, padding, encryption, lengths; the IV chain of @x moves when it was sent. */
enum isakmp_reason v1_msg_end(struct ike_sa *sa, struct v1_msg *m);
void v1_msg_free(struct v1_msg *m);
/*
 * End and send a message, and keep it in @t, which answers @in (NULL: nothing).  @timed:
 * it is sent again by timer until the other end answers.  OK, or why it was not built; a
 * datagram that could not leave is sent again later.  @m is freed in any case.
 */
enum isakmp_reason v1_talk_say(struct ike_sa *sa, struct v1_msg *m, struct v1_talk *t,
			       const struct v1_in *in, bool timed, u64 now);
/* End and send a message that nobody answers for sure (Informational).  Frees @m. */
enum isakmp_reason v1_say_once(struct ike_sa *sa, struct v1_msg *m);
/* It came again: @t->bytes go out once more, if the rate allows.  OK, NO_LAW, REPEATED_OFTEN, SEND. */
enum isakmp_reason v1_talk_repeat(struct ike_sa *sa, struct v1_talk *t,
				  struct isakmp_bucket *b, const struct v1_in *in, u64 now);
/* It is time to send it again; false: that was often enough. */
bool v1_talk_resend(struct ike_sa *sa, struct v1_talk *t, u64 now);
void v1_talk_free(struct v1_talk *t);
/* HASH(1), HASH(2), HASH(3): @rest is what follows the HASH payload. */
enum isakmp_reason v1_hash_message(const struct ike_epoch *ep, const struct v1_exchange *x,
				   u8 kind, u32 msgid, struct ike_span rest, u8 *out);

/* Payloads that several exchanges have. */
void v1_msg_bytes(struct v1_msg *m, u8 type, const void *p, size_t n);
void v1_msg_notify(struct v1_msg *m, const struct v1_notify *n);

enum isakmp_reason v1_crypto_reason(int err);

/* ---- law.c ---------------------------------------------------------------- */

/* V1_CLASS_* of a method: how SKEYID is made; how a side proves itself. */
u8 v1_class_of(u16 method);
u8 v1_proof_of(u16 method, bool of_initiator);
bool v1_method_goes(u8 exchange, u16 method);
/*
 * The row for a message, before anything is paid for; @class: 0, the method is not known
 * yet.  NULL: there is none.
 */
const struct v1_law *v1_law_find(u8 exchange, u8 step, u8 role, u8 class, bool encrypted);
enum isakmp_reason v1_law_check(const struct v1_law *law, const struct v1_chain *c, u32 *arg);

/* ---- fragment.c ------------------------------------------------------------- */

enum isakmp_reason v1_fragment_take(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_fragment_cut(struct ike_sa *sa, struct v1_msg *m,
				   const struct isakmp_path *path);
void v1_pieces_free(struct ike_sa *sa, struct v1_phase1 *p);
void v1_fragment_timer(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
u64 v1_fragment_deadline(const struct ike_epoch *ep);

/* ---- receive.c ------------------------------------------------------------- */

void v1_receive(struct ike_sa *sa, const struct ike_packet *pkt, u64 now);
/* Messages that came before the end of phase 1, in the order in which they came. */
void v1_early_run(struct ike_sa *sa, u64 now);

/* ---- exchange.c ---------------------------------------------------------- */

/*
 * A new exchange of phase 2, ours (fresh message ID, @msgid 0) or the peer's: then of the
 * message that is being handled, whose chain of IVs it goes on with.  NULL: no memory, or
 * V1_EXCHANGES_MAX of them are under way.
 */
struct v1_exchange *v1_exchange_new(struct ike_sa *sa, struct ike_epoch *ep,
				    const struct v1_exchange_ops *ops, u32 msgid, u64 now);
struct v1_exchange *v1_exchange_of(const struct ike_epoch *ep, u32 msgid);
/* It is over: kept to answer repeats, for V1_KEEP_MS. */
void v1_exchange_done(struct v1_exchange *x, u64 now);
void v1_exchange_free(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x);
void v1_exchange_free_all(struct ike_sa *sa, struct ike_epoch *ep);
/* Is a message ID of the peer's used up?  Use it up: OK, NO_MEMORY, V1_IDS_USED. */
bool v1_id_used(const struct ike_epoch *ep, u32 msgid);
enum isakmp_reason v1_id_use(struct ike_epoch *ep, u32 msgid);
void v1_id_unuse(struct ike_epoch *ep, u32 msgid);
/* A message ID for us, used up; 0: no memory, or there are none left. */
u32 v1_id_fresh(struct ike_epoch *ep);
/* Exchanges: retransmit, give up, forget; when next. */
void v1_exchanges_timer(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
u64 v1_exchanges_deadline(const struct ike_epoch *ep);

/* ---- keymat.c ------------------------------------------------------------ */

/*
 * All: Context: process.  0 or -errno.  RFC 2409, 5 and appendix B.  SKEYID of signatures is
 * prf(Ni_b | Nr_b, g^xy), of RSA encryption prf(hash(Ni_b | Nr_b), CKY-I | CKY-R), of PSK the
 * helper's prf(psk, Ni_b | Nr_b).
 */
int v1_skeyid_sig(const struct ike_suite *s, const struct v1_setup *u, u8 *skeyid);
int v1_skeyid_enc(const struct ike_suite *s, const struct v1_setup *u, u64 cky_i, u64 cky_r,
		  u8 *skeyid);
/*
 * The key of the cipher from SKEYID_e; Ke_i and Ke_r of revised encryption from Ne_i and
 * Ne_r (5.3).  @key: V1_KEY_MAX room.
 */
int v1_cipher_key(const struct ike_suite *s, const u8 *from, u8 *key, size_t *key_len);
/* SKEYID_d, _a, _e, the key of the cipher and the IV of phase 1, from p->skeyid and g^xy. */
int v1_keys_derive(const struct ike_epoch *ep, struct v1_phase1 *p);
/* HASH_I or HASH_R of Main and Aggressive Mode over an ID body. */
int v1_hash_auth(const struct ike_epoch *ep, bool of_initiator, const u8 *id, u16 id_len,
		 u8 *out);
/* IV of a message ID: hash(last block of phase 1 | M-ID). */
int v1_iv_of(const struct ike_epoch *ep, u32 msgid, u8 *iv);
/* KEYMAT of one SA (RFC 2409, 5.5): prf(SKEYID_d, [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b) ... */
int v1_keymat(const struct ike_epoch *ep, const struct ike_child_secrets *x, u8 protocol,
	      u32 spi, u8 *out, size_t len);

/* ---- life.c -------------------------------------------------------------------- */

/**
 * struct v1_life - a lifetime as it is negotiated
 * @s: seconds; 0: no limit
 * @kb: kilobytes; 0: no limit
 */
struct v1_life {
	u64 s;
	u64 kb;
};

/* Which attributes say it: those of phase 1, or those of the DOI. */
enum v1_life_of { V1_LIFE_PHASE1, V1_LIFE_PHASE2 };

/* Append the attributes of a lifetime; nothing for what has no limit.  ctx: any. */
void v1_life_encode(struct isakmp_out *o, enum v1_life_of of, const struct v1_life *l);
/* What became of one attribute of a lifetime. */
enum v1_life_read {
	V1_LIFE_OTHER,		/* the attribute is about something else */
	V1_LIFE_TAKEN,
	V1_LIFE_BAD,		/* in conflict with another, or malformed */
};

/**
 * struct v1_life_reader - the lifetime attributes of a transform (RFC 2407, 4.5.2)
 * @l: the lifetime so far
 * @type: enum v1_life_type whose duration has to be next; 0: none
 * @has_s: seconds were there
 * @has_kb: kilobytes were there
 */
struct v1_life_reader {
	struct v1_life l;
	u8 type;
	bool has_s;
	bool has_kb;
};

enum v1_life_read v1_life_attr(struct v1_life_reader *r, enum v1_life_of of,
			       const struct v1_attr_value *a);
/*
 * A responder: what becomes of the initiator's lifetime by enum ike_lifetime_check.  OK: @agreed
 * counts, and with @tell the initiator is told so; V1_LIFETIME: it is refused.  ctx: any.
 */
enum isakmp_reason v1_life_agree(u8 check, const struct v1_life *ours,
				 const struct v1_life *theirs, struct v1_life *agreed,
				 bool *tell);
/* RESPONDER-LIFETIME of an ISAKMP SA (@spi 0) or of an IPsec SA, as a payload of @m. */
void v1_life_tell(struct v1_msg *m, u8 protocol, u32 spi, const struct v1_life *l);

/* ---- proposal.c ------------------------------------------------------------------ */

/* What a transform of phase 1 says. */
struct v1_terms {
	struct ike_suite suite;
	u16 method;
	struct v1_life life;
};

/**
 * struct v1_chosen - what was chosen from an offer
 * @suite: as policy has it
 * @method: enum v1_method
 * @life: agreed on
 * @exchange: responder: enum v1_exchange_type that it is chosen for, set before
 * @proposal: responder: number of the proposal
 * @transform: responder: as it came; points into the message
 * @lifetime: responder: what would have been, but for its lifetime
 */
struct v1_chosen {
	struct ike_suite suite;
	u16 method;
	struct v1_life life;
	u8 exchange;
	u8 proposal;
	struct v1_transform transform;
	bool lifetime;
};

unsigned int v1_suites_ready(struct ike_sa *sa, const struct ike_suites *s, u16 group,
			     struct ike_suites *ready);
bool v1_suites_allow(const struct ike_suites *s, const struct ike_suite *one);
bool v1_method_allowed(const struct ike_peer *peer, bool initiator, u16 method);
void v1_proposal_offer(struct v1_msg *m, const struct v1_setup *u, u32 life_s);
bool v1_proposal_select(struct ike_sa *sa, const struct ike_peer *peer,
			const struct isakmp_payload *pl, size_t ke_len, struct v1_chosen *x);
void v1_proposal_answer(struct isakmp_out *o, const struct v1_chosen *x);
enum isakmp_reason v1_proposal_chosen(const struct v1_setup *u, u32 life_s,
				      const struct isakmp_payload *pl, struct v1_chosen *x);

/* ---- phase1.c ----------------------------------------------------------------- */

struct v1_phase1 *v1_phase1_new(void);
enum isakmp_reason v1_setup_new(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
void v1_setup_free(struct v1_setup *u);
/* Begin one of our own on @ep (a new epoch, or the first). */
enum isakmp_reason v1_phase1_begin(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
/* It can be used; the caller is Transaction, when nothing is left to be done. */
void v1_phase1_up(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
/* It ends: @why OK: as asked; nothing is told. */
void v1_phase1_end(struct ike_sa *sa, struct ike_epoch *ep, enum isakmp_reason why, u64 now);
/* It is to be used no more: its keys and exchanges go, its struct stays. */
void v1_phase1_silence(struct ike_sa *sa, struct ike_epoch *ep);
void v1_phase1_timer(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
u64 v1_phase1_deadline(const struct ike_epoch *ep);
/* The newest ISAKMP SA that is up, by which something can be sent; NULL: there is none. */
struct ike_epoch *v1_phase1_ready(const struct ike_sa *sa);
/* Its exchange goes on: message @step is awaited; what waited is forgotten. */
void v1_phase1_await(struct ike_epoch *ep, u8 step);
/* The octets of a message's payloads, until the helper has decided. */
enum isakmp_reason v1_kept_take(struct v1_setup *u, const struct v1_in *in);
enum isakmp_reason v1_kept_read(const struct v1_setup *u, struct v1_chain *c);
void v1_kept_free(struct v1_setup *u);

/* ---- auth.c --------------------------------------------------------------------- */

/* Ask the helper for an ISAKMP SA, or an exchange of it: one question of an SA at a time. */
enum isakmp_reason v1_ask(struct ike_sa *sa, struct ike_epoch *ep, u32 msgid,
			  struct ike_ask *ask);
bool v1_ask_waits(struct ike_sa *sa);
void v1_unask(struct ike_sa *sa, struct ike_epoch *ep);
/* Is a refusal about what we have, not about the peer? */
bool v1_is_ours(enum isakmp_reason why);
void v1_verdict(struct ike_sa *sa, struct ike_verdict *v, u64 now);

/* ---- conn.c --------------------------------------------------------------------- */

/*
 * Something waits for an ISAKMP SA: one of our own is begun, unless one is under way, it
 * is too early (v1_conn.phase1_at), or only the peer can.  When it is there, or
 * when it failed for good, v1_tasks() is called again.
 */
void v1_conn_want(struct ike_sa *sa, u64 now);
/* The same although one is there, which shall not be used much longer. */
void v1_conn_renew(struct ike_sa *sa, u64 now);
void v1_conn_tasks(struct ike_sa *sa, u64 now);
u64 v1_conn_deadline(const struct ike_sa *sa);
void v1_conn_take(struct ike_sa *sa, struct ike_v1_take *take, u64 now);

/* ---- nat.c ------------------------------------------------------------------------ */

/* NAT-D payloads, where both ends have said that they speak it. */
enum isakmp_reason v1_nat_add(struct v1_msg *m, const struct isakmp_path *path, bool fake);
enum isakmp_reason v1_nat_agreed(struct v1_in *in);
enum isakmp_reason v1_nat_detect(struct v1_in *in, struct ike_nat *nat);
/* The initiator goes on over port 4500, when there is a NAT. */
void v1_nat_found(struct ike_sa *sa, struct ike_epoch *ep);
/* The initiator has proved itself: the path goes where its proof came from. */
void v1_nat_follow(struct ike_sa *sa, struct ike_epoch *ep);
/* An ISAKMP SA was handed over: where its peer is now. */
void v1_nat_take(struct ike_sa *sa, const struct ike_epoch *ep, const struct ike_v1_take *take,
		 u64 now);
/* An authentic message came from somewhere: does the peer move? */
void v1_nat_seen(struct ike_sa *sa, struct ike_epoch *ep, const struct isakmp_path *path, u64 now);
/* An ISAKMP SA is up beside others: is there a NAT no more? */
void v1_nat_renewed(struct ike_sa *sa, const struct ike_epoch *ep);
/* A Quick Mode of the peer is for ESP in UDP: is that possible, and so it is. */
bool v1_nat_over_udp(const struct ike_sa *sa);
void v1_nat_told(struct ike_sa *sa);
void v1_nat_mapping(struct ike_sa *sa, const struct isakmp_path *path, u64 now);
void v1_nat_roam(struct ike_sa *sa, u64 now);

/* ---- vendor.c ----------------------------------------------------------------------- */

void v1_vendor_add(struct v1_msg *m, const struct ike_peer *peer);
void v1_vendor_read(struct v1_phase1 *p, const struct v1_chain *c);

/* ---- kex.c -------------------------------------------------------------------------- */

/*
 * Our nonce and public value; with those of the peer, when they are there, g^xy where the
 * helper computes it.  *@asked: it does, and its verdict comes.
 */
enum isakmp_reason v1_kex_make(struct ike_sa *sa, struct ike_epoch *ep, bool *asked);
enum isakmp_reason v1_kex_made(struct ike_epoch *ep, const struct ike_verdict *v);
/* KE and NONCE of the peer: looked at, and kept. */
enum isakmp_reason v1_kex_read(struct ike_epoch *ep, const struct v1_chain *c, u32 *arg);
enum isakmp_reason v1_ke_read(struct ike_epoch *ep, const struct v1_chain *c, u32 *arg);
void v1_ke_none(struct ike_epoch *ep);
enum isakmp_reason v1_nonce_read(struct ike_epoch *ep, const struct v1_chain *c);
void v1_nonce_make(struct ike_epoch *ep);
void v1_kex_add(struct v1_msg *m);
void v1_ke_add(struct v1_msg *m);
void v1_nonce_add(struct v1_msg *m);
/* The initiator: g^xy. */
enum isakmp_reason v1_kex_secret(struct ike_sa *sa, struct ike_epoch *ep, bool *asked);
/* SKEYID of signatures, and the keys, once all is there for them. */
enum isakmp_reason v1_keys_need(struct ike_sa *sa, struct ike_epoch *ep);
/* SKEYID, or what takes its place, of an exchange that has no g^xy for it. */
enum isakmp_reason v1_proof_key(struct ike_sa *sa, struct ike_epoch *ep, bool *asked);

/* ---- certs.c -------------------------------------------------------------------------- */

enum isakmp_reason v1_certreqs_take(struct v1_setup *u, const struct ike_verdict *v);
void v1_certreq_add(const struct ike_sa *sa, struct v1_msg *m);
enum isakmp_reason v1_certs_look(const struct v1_chain *c);
void v1_certs_keep(struct ike_epoch *ep, const struct v1_chain *c);
struct isakmp_chain *v1_certs_of(const struct v1_setup *u);

/* ---- auth.c, what the exchanges ask and say ---------------------------------------------- */

enum isakmp_reason v1_ask_phase1(struct ike_sa *sa, struct ike_epoch *ep, struct ike_ask *ask);
enum isakmp_reason v1_ask_skeyid(struct ike_sa *sa, struct ike_epoch *ep, const u8 *id,
				 u16 id_len);
enum isakmp_reason v1_ask_own(struct ike_sa *sa, struct ike_epoch *ep);
enum isakmp_reason v1_ask_peer(struct ike_sa *sa, struct ike_epoch *ep, u8 kind, bool proof);
/* The identity of the peer in a message; HASH, where it proves itself by that. */
enum isakmp_reason v1_peer_id(struct ike_epoch *ep, const struct v1_chain *c);
enum isakmp_reason v1_peer_check(struct ike_epoch *ep, const struct v1_chain *c);
/* Our identity, as a verdict says it; [CERT,] SIG of the verdict, or HASH. */
enum isakmp_reason v1_own_id(struct ike_epoch *ep, const struct ike_verdict *v);
enum isakmp_reason v1_own_proof(struct v1_msg *m, const struct ike_verdict *v);
/* The responder: whom it takes the initiator for.  SKEYID, which says so with a secret. */
void v1_peer_meant(struct ike_sa *sa, struct ike_epoch *ep, struct ike_verdict *v);
enum isakmp_reason v1_skeyid_take(struct ike_sa *sa, struct ike_epoch *ep,
				  struct ike_verdict *v);
void v1_contact_add(struct ike_sa *sa, struct v1_msg *m);
/* The peer is believed: of the responder; of the initiator. */
enum isakmp_reason v1_peer_adopt(struct ike_sa *sa, struct ike_epoch *ep, struct ike_verdict *v);
enum isakmp_reason v1_peer_known(struct ike_sa *sa, struct ike_epoch *ep,
				 const struct ike_verdict *v);
enum isakmp_reason v1_peer_shown(struct ike_sa *sa, struct ike_epoch *ep,
				 const struct ike_peer *peer, const struct ike_verdict *v);
void v1_peer_contact(struct ike_sa *sa, const struct v1_setup *u);
enum isakmp_reason v1_peer_place(struct ike_sa *sa, u64 *elder);

/* ---- user.c ------------------------------------------------------------------------------ */

/* What phase 1 has shown in a connection with a user waits for XAUTH. */
bool v1_user_awaited(const struct ike_sa *sa);
enum isakmp_reason v1_user_await(struct ike_sa *sa, struct ike_epoch *ep,
				 const struct ike_verdict *v);
/*
 * XAUTH has said who the peer is: the SA is its from now on, or becomes one of @elder.  OK, or
 * why not.
 */
enum isakmp_reason v1_user_known(struct ike_sa *sa, struct ike_epoch *ep,
				 const struct ike_verdict *v, u64 *elder, u64 now);

/* ---- auth.c, the end of phase 1 ----------------------------------------------------------- */

/* What a responder's ISAKMP SA is one of is known: @elder, or 0. */
enum isakmp_reason v1_phase1_join(struct ike_sa *sa, struct ike_epoch *ep, u64 elder, u64 now);
/* The peer is believed, of a connection with a user when XAUTH is over. */
void v1_phase1_believed(struct ike_sa *sa, u32 left_s, u64 now);
/* Both are authenticated: v1_trans_begin() follows, or it is one more of another SA. */
enum isakmp_reason v1_phase1_proven(struct ike_sa *sa, struct ike_epoch *ep, u32 left_s, u64 now);

enum v1_doubts {
	V1_SURE,
	V1_DOUBTS_SIG,		/* where no HASH has proved whose it is */
	V1_DOUBTS_ALL,
};

/**
 * struct v1_verdict_law - what an answer of the helper's does
 * @kind: enum ike_ask_kind
 * @exchange: enum v1_exchange_type of phase 1
 * @step: number of the message that it was asked about
 * @initiator: are we?
 * @doubts: when it refuses, the message may have been anybody's, and is awaited again
 * @handle: what follows when it accepts
 */
struct v1_verdict_law {
	u8 kind;
	u8 exchange;
	u8 step;
	bool initiator;
	u8 doubts;
	enum isakmp_reason (*handle)(struct ike_sa *sa, struct ike_epoch *ep,
				     struct ike_verdict *v, u64 now);
};

extern const struct v1_verdict_law v1_verdict_laws[];
extern const unsigned int v1_n_verdict_laws;

/* ---- first.c: the offer and the choice, of whichever exchange ------------------------------ */

/* The initiator: who we are and what we offer, from V1_BEGIN; SA payload of its message. */
enum isakmp_reason v1_first_begun(struct ike_sa *sa, struct ike_epoch *ep,
				  const struct ike_verdict *v);
enum isakmp_reason v1_first_offer(struct ike_sa *sa, struct v1_msg *m);
/* The responder: the choice; @ke_len: octets of a KE value in the same message, or 0. */
enum isakmp_reason v1_first_take(struct ike_sa *sa, struct v1_in *in, size_t ke_len, u64 now);
/* The initiator: what was chosen. */
enum isakmp_reason v1_first_chosen(struct ike_sa *sa, struct v1_in *in);
void v1_first_unchosen(struct ike_epoch *ep);

#include "v1/steps.h"

/* ---- phase 2, called by phase 1, law.c and sa.c ------------------------------------ */

/*
 * All: Context: process; the SA's worker.
 *
 * What children, DPD and lifetimes want done; begins Quick Modes, sends Deletes.  After
 * each event.
 */
void v1_tasks(struct ike_sa *sa, u64 now);
/* IKE_EV_TIMER: lifetimes of ISAKMP SAs, DPD.  Exchanges have their own. */
void v1_phase2_timer(struct ike_sa *sa, u64 now);
/* When children, lifetimes and DPD want the next TIMER. */
u64 v1_child_deadline(const struct ike_sa *sa);
/* Children that the peer may not have any more go. */
void v1_children_confine(struct ike_sa *sa, u64 now);
/* IKE_EV_CHILD_*: all of them.  IKE_EV_CHECK: v1_dpd_check().  IKE_EV_REKEY: v1_conn_renew(). */
void v1_child_event(struct ike_sa *sa, const struct ike_event *ev, u64 now);
void v1_dpd_check(struct ike_sa *sa, u64 now);
/* Of v1_phase1_up(): an ISAKMP SA is up: its lifetime begins, and DPD. */
void v1_life_begin(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
/* A responder's SA is up: that it has nothing elder of the peer, if it is so. */
void v1_info_contact(struct ike_sa *sa, struct ike_epoch *ep);
/* Authenticated INITIAL-CONTACT in @ep: what is elder goes. */
void v1_contact(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
/* Tell the peer, as far as can be, that @ep goes (IKE_EV_STOP, end of its life). */
void v1_info_delete(struct ike_sa *sa, struct ike_epoch *ep);
/*
 * A protected error notification without SPI of an IPsec SA, of an exchange of phase 2:
 * INVALID-COOKIE and so on come here, too.  Sends an Informational with @type.
 */
void v1_info_error(struct ike_sa *sa, struct ike_epoch *ep, u16 type, u8 protocol, u32 spi);

/* Handlers of rows: Quick Mode messages 1 (we respond), 2 (we began) and 3 (we respond). */
enum isakmp_reason v1_quick_asked(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_quick_answered(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_quick_confirmed(struct ike_sa *sa, struct v1_in *in, u64 now);
/* Informational: HASH(1) was right; in the clear: of anybody. */
enum isakmp_reason v1_info_heard(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_info_clear(struct ike_sa *sa, struct v1_in *in, u64 now);

/* group.c: New Group Mode */
enum isakmp_reason v1_group_asked(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_group_answered(struct ike_sa *sa, struct v1_in *in, u64 now);

/* ---- transactions --------------------------------------------------------- */

/* Both are authenticated, at the end of phase 1: XAUTH, mode config, then v1_phase1_up(). */
void v1_trans_begin(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
/* Law rows of V1_TRANSACTION, steps 1 and 2: HASH, ATTRIBUTES. */
enum isakmp_reason v1_trans_request(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_trans_reply(struct ike_sa *sa, struct v1_in *in, u64 now);
bool v1_xauth_begin(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
void v1_config_begin(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
/* What waits for the answer to another question is asked, when it can be. */
void v1_config_tasks(struct ike_sa *sa, u64 now);
/* Verdicts of v1_ask(): of which epoch and exchange. */
void v1_xauth_verdict(struct ike_sa *sa, struct ike_epoch *ep, u32 msgid,
		      const struct ike_verdict *v, u64 now);
void v1_config_verdict(struct ike_sa *sa, struct ike_epoch *ep, u32 msgid,
		       const struct ike_verdict *v, u64 now);
/* The same of Quick Mode; anything else that is to be asked goes first. */
bool v1_pfs_yield(struct ike_sa *sa);
enum isakmp_reason v1_pfs_verdict(struct ike_sa *sa, struct ike_epoch *ep, u32 msgid,
				  const struct ike_verdict *v, u64 now);

static inline struct v1_phase1 *v1_of(const struct ike_epoch *ep)
{
	return ep->v1;
}

#endif
