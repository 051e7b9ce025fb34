/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the files of phase 2: quick.c, quick_answer.c, quick_kex.c, match.c, offer.c, group.c,
 * child.c, life.c, info.c, dpd.c.
 */
#ifndef _ISAKMP_V1_PHASE2_H
#define _ISAKMP_V1_PHASE2_H

#include "v1/engine.h"

/* ---- offer.c --------------------------------------------------------------- */

/**
 * struct v1_choice - the transform that was chosen
 * @suite: what it says
 * @spi: the peer's SPI, host order
 * @number: of its proposal
 * @protocol: V1_PROTO_AH or V1_PROTO_ESP
 * @transform: it, for the echo; points into the message
 * @has_s: its lifetime has seconds
 * @life: its lifetime; seconds are the default when it has none
 * @agreed: a responder: what becomes of that
 * @tell: a responder: the initiator has to be told so
 * @udp: a responder: it is for ESP in UDP
 */
struct v1_choice {
	struct ike_suite suite;
	u32 spi;
	u8 number;
	u8 protocol;
	struct v1_transform transform;
	bool has_s;
	struct v1_life life;
	struct v1_life agreed;
	bool tell;
	bool udp;
};

enum isakmp_reason v1_offer_group(struct ike_sa *sa, const struct ike_child *c, u16 *group);
void v1_offer_add(const struct ike_sa *sa, const struct ike_child *c, u16 group,
		  struct v1_msg *m);
enum isakmp_reason v1_offer_choose(const struct ike_sa *sa, const struct ike_child_policy *p,
				   const struct v1_in *in, bool ke, u8 check,
				   struct v1_choice *choice);
enum isakmp_reason v1_offer_chosen(const struct ike_sa *sa, const struct ike_child *c,
				   u16 group, const struct v1_in *in, struct v1_choice *choice);
void v1_offer_answer(const struct ike_child *c, const struct v1_choice *choice,
		     struct v1_msg *m);
u32 v1_offer_spi(const struct v1_in *in, u8 *protocol);

/* ---- match.c --------------------------------------------------------------- */

/* The selectors of one Quick Mode. */
struct v1_pair {
	struct isakmp_ts local;
	struct isakmp_ts remote;
};

bool v1_pair_of(const struct ike_sa *sa, const struct ike_child *c, struct v1_pair *pair);
bool v1_pair_add(const struct v1_pair *pair, bool initiator, struct v1_msg *m);
bool v1_pair_wanted(const struct ike_sa *sa, const struct ike_child *wish,
		    const struct ike_child *c);
void v1_pair_set(struct ike_child *c, const struct v1_pair *pair);
bool v1_pair_is(const struct v1_pair *a, const struct v1_pair *b);
enum isakmp_reason v1_pair_read(const struct ike_sa *sa, const struct v1_in *in, bool initiator,
				struct v1_pair *pair, bool *there);
void v1_pairs_want(struct ike_sa *sa, const struct ike_peer *peer,
		   const struct ike_child_policy *policy, const struct ike_flow *flow, u64 now);
void v1_pair_failed(struct ike_sa *sa, struct ike_child *c, enum isakmp_reason why, u64 now);
void v1_pairs_readdress(struct ike_sa *sa, u64 now);
enum isakmp_reason v1_match(struct ike_sa *sa, struct ike_child *c, const struct v1_in *in,
			    const struct v1_pair *asked, u32 allowed, struct v1_choice *choice);
bool v1_nat_oa_wanted(const struct ike_sa *sa, const struct ike_child *c);
void v1_nat_oa_add(const struct ike_sa *sa, struct v1_msg *m, bool initiator);

/* ---- quick.c --------------------------------------------------------------- */

/* Where a key exchange of the helper's is. */
enum v1_pfs_state {
	V1_PFS_IDLE,
	V1_PFS_WAITS,	/* for other questions to be answered */
	V1_PFS_ASKED,
};

/**
 * struct v1_pfs - the key exchange of a Quick Mode
 * @group: IKE_KE_NONE: no PFS
 * @kex: initiator: our private key
 * @state: enum v1_pfs_state; what follows is of a group of the helper's
 * @seed: our private key
 * @path: how the message came that waits
 * @kept: its payloads, decrypted, owned; NULL: there is none before message 1
 * @kept_len: their octets
 * @kept_first: type of the first of them
 */
struct v1_pfs {
	u16 group;
	struct isakmp_kex *kex;
	u8 state;
	u8 seed[IKE_KEX_SEED_LEN];
	struct isakmp_path path;
	u8 *kept;
	u32 kept_len;
	u8 kept_first;
};

/**
 * struct v1_quick - what a Quick Mode keeps
 * @spi: our SPI of its child
 * @protocol: of its child
 * @pfs: its key exchange
 * @taken_back: a Delete has the place of message 3
 */
struct v1_quick {
	u32 spi;
	u8 protocol;
	struct v1_pfs pfs;
	bool taken_back;
};

extern const struct v1_exchange_ops v1_quick_ops;

enum isakmp_reason v1_quick_begin(struct ike_sa *sa, struct ike_epoch *ep, struct ike_child *c,
				  u64 now);
unsigned int v1_quicks_out(const struct ike_epoch *ep);
void v1_quick_refused(struct ike_sa *sa, struct ike_epoch *ep, const struct v1_notify *n,
		      u64 now);
void v1_quick_connected(struct ike_sa *sa, const struct v1_exchange *x, u64 now);

enum isakmp_reason v1_quick_computed(struct ike_sa *sa, struct v1_in *in,
				     const struct ike_verdict *v, u64 now);

struct ike_child *v1_quick_child(const struct ike_sa *sa, const struct v1_exchange *x);
bool v1_quick_body(struct v1_exchange *x, u32 spi, u16 group);
void v1_quick_nonce(const struct v1_in *in, u8 *nonce, u16 *len);
struct ike_child_secrets v1_quick_secrets(const struct v1_exchange *x, struct ike_span shared);
void v1_quick_note_commit(const struct v1_in *in, struct v1_exchange *x);
void v1_quick_contact(struct ike_sa *sa, const struct v1_in *in, u64 now);
void v1_quick_tell_gone(struct ike_sa *sa, struct ike_epoch *ep, const struct v1_quick *q);

/* ---- quick_answer.c -------------------------------------------------------- */

enum isakmp_reason v1_quick_serve(struct ike_sa *sa, struct v1_in *in,
				  const struct ike_verdict *v, u64 now);

/* ---- quick_kex.c ----------------------------------------------------------- */

enum isakmp_reason v1_pfs_check(const struct v1_in *in, u16 group,
				const struct isakmp_payload **ke);
enum isakmp_reason v1_pfs_make(struct v1_pfs *pfs, u8 *pub, u16 *pub_len);
enum isakmp_reason v1_pfs_derive(struct isakmp_kex *kex, u16 group,
				 const struct isakmp_payload *ke, u8 *pub, u16 *pub_len,
				 u8 *shared, struct ike_span *out);
enum isakmp_reason v1_pfs_wait(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x,
			       const struct v1_in *in);
bool v1_pfs_waits(const struct v1_exchange *x);
enum isakmp_reason v1_pfs_tasks(struct ike_sa *sa, u64 now);
void v1_pfs_failed(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x,
		   enum isakmp_reason why, u64 now);
void v1_pfs_free(struct ike_sa *sa, struct v1_exchange *x);

/* ---- group.c --------------------------------------------------------------- */

u16 v1_group_number(const struct ike_epoch *ep, u16 ke);
u16 v1_group_of(const struct ike_epoch *ep, u16 number);
enum isakmp_reason v1_group_need(struct ike_sa *sa, struct ike_epoch *ep,
				 const struct ike_child *c, u64 now, bool *wait);
bool v1_group_refused(struct ike_sa *sa, struct ike_epoch *ep, u64 now);

/* ---- child.c --------------------------------------------------------------- */

enum isakmp_reason v1_child_install(struct ike_sa *sa, struct ike_epoch *ep, struct ike_child *c,
				    const struct ike_child_secrets *secrets, u64 now);
struct ike_child *v1_child_twin(const struct ike_sa *sa, const struct ike_child *c);

/* ---- life.c ---------------------------------------------------------------- */

#define V1_LIFE_DEFAULT_S 28800	/* RFC 2407, 4.5: what is not said */

struct v1_life v1_life_of_child(const struct ike_life *life);
void v1_life_set(struct ike_life *life, const struct v1_life *l);
bool v1_life_told(const struct v1_notify *n, struct v1_life *l);
bool v1_life_shorten(struct ike_life *life, const struct v1_life *l);
void v1_life_heard(struct ike_sa *sa, struct ike_epoch *ep, const struct v1_notify *n);
void v1_life_timer(struct ike_sa *sa, u64 now);
void v1_life_worn(struct ike_sa *sa, u64 now);
u64 v1_life_deadline(const struct ike_sa *sa);

/* ---- info.c ---------------------------------------------------------------- */

enum isakmp_reason v1_info_delete_child(struct ike_sa *sa, struct ike_epoch *ep, u8 protocol,
					u32 spi_in);
enum isakmp_reason v1_info_take_back(struct ike_sa *sa, const struct v1_in *in,
				     struct v1_exchange *x, u8 protocol, u32 spi_in, u64 now);
void v1_info_refused(struct ike_sa *sa, const struct v1_in *in, enum isakmp_reason why);
struct ike_child *v1_child_named(const struct ike_sa *sa, u8 protocol, u32 spi_out);
struct ike_epoch *v1_epoch_named(const struct ike_sa *sa, const u8 *cookies);

/* ---- dpd.c ----------------------------------------------------------------- */

void v1_dpd_begin(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
void v1_dpd_timer(struct ike_sa *sa, u64 now);
u64 v1_dpd_deadline(const struct ike_sa *sa);
enum isakmp_reason v1_dpd_heard(struct ike_sa *sa, struct ike_epoch *ep,
				const struct v1_notify *n);

#endif
