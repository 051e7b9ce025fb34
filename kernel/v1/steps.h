/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The exchanges of phase 1, step by step: what law.c and verdict.c name.  For v1/engine.h,
 * which includes it.
 */
#ifndef _ISAKMP_V1_STEPS_H
#define _ISAKMP_V1_STEPS_H

/* ---- main.c ---------------------------------------------------------------------- */

enum isakmp_reason v1_main_first(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_main_second(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_main_third(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_main_fourth(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_main_fifth(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_main_sixth(struct ike_sa *sa, struct v1_in *in, u64 now);
/* The same of the helper's answers. */
enum isakmp_reason v1_main_begun(struct ike_sa *sa, struct ike_epoch *ep,
				 struct ike_verdict *v, u64 now);
enum isakmp_reason v1_main_public(struct ike_sa *sa, struct ike_epoch *ep,
				  struct ike_verdict *v, u64 now);
enum isakmp_reason v1_main_both(struct ike_sa *sa, struct ike_epoch *ep,
				struct ike_verdict *v, u64 now);
enum isakmp_reason v1_main_secret(struct ike_sa *sa, struct ike_epoch *ep,
				  struct ike_verdict *v, u64 now);
enum isakmp_reason v1_main_keyed(struct ike_sa *sa, struct ike_epoch *ep,
				 struct ike_verdict *v, u64 now);
enum isakmp_reason v1_main_signed(struct ike_sa *sa, struct ike_epoch *ep,
				  struct ike_verdict *v, u64 now);
enum isakmp_reason v1_main_judged(struct ike_sa *sa, struct ike_epoch *ep,
				  struct ike_verdict *v, u64 now);
enum isakmp_reason v1_main_verified(struct ike_sa *sa, struct ike_epoch *ep,
				    struct ike_verdict *v, u64 now);

/* ---- aggressive.c ------------------------------------------------------------------ */

enum isakmp_reason v1_aggressive_first(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_aggressive_second(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_aggressive_third(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_aggressive_begun(struct ike_sa *sa, struct ike_epoch *ep,
					 struct ike_verdict *v, u64 now);
enum isakmp_reason v1_aggressive_public(struct ike_sa *sa, struct ike_epoch *ep,
					 struct ike_verdict *v, u64 now);
enum isakmp_reason v1_aggressive_secret(struct ike_sa *sa, struct ike_epoch *ep,
					 struct ike_verdict *v, u64 now);
enum isakmp_reason v1_aggressive_verified(struct ike_sa *sa, struct ike_epoch *ep,
					 struct ike_verdict *v, u64 now);
enum isakmp_reason v1_aggressive_signed(struct ike_sa *sa, struct ike_epoch *ep,
					 struct ike_verdict *v, u64 now);
enum isakmp_reason v1_aggressive_both(struct ike_sa *sa, struct ike_epoch *ep,
					 struct ike_verdict *v, u64 now);
enum isakmp_reason v1_aggressive_keyed(struct ike_sa *sa, struct ike_epoch *ep,
					 struct ike_verdict *v, u64 now);
enum isakmp_reason v1_aggressive_named(struct ike_sa *sa, struct ike_epoch *ep,
					 struct ike_verdict *v, u64 now);
enum isakmp_reason v1_aggressive_judged(struct ike_sa *sa, struct ike_epoch *ep,
					 struct ike_verdict *v, u64 now);

/* For secret.c: its messages, and what follows when HASH_R can be looked at. */
enum isakmp_reason v1_main_say_fifth(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
enum isakmp_reason v1_aggressive_say_first(struct ike_sa *sa, struct ike_epoch *ep,
					   const struct ike_verdict *v, u64 now);
enum isakmp_reason v1_aggressive_say_second(struct ike_sa *sa, struct ike_epoch *ep,
					    const struct ike_verdict *v, u64 now);
enum isakmp_reason v1_aggressive_check(struct ike_sa *sa, struct ike_epoch *ep);
/* Message 2 by RSA encryption. */
enum isakmp_reason v1_aggressive_sealed(struct ike_sa *sa, struct v1_in *in, u64 now);

/* ---- secret.c: RSA encryption ------------------------------------------------------------- */

enum isakmp_reason v1_secret_seal(struct ike_sa *sa, struct ike_epoch *ep);
enum isakmp_reason v1_secret_add(struct v1_msg *m, const struct ike_verdict *v);
enum isakmp_reason v1_secret_open(struct ike_sa *sa, struct ike_epoch *ep);
enum isakmp_reason v1_secret_read(struct ike_sa *sa, struct v1_in *in);
enum isakmp_reason v1_secret_key(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_secret_go_on(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
enum isakmp_reason v1_secret_aggressive(struct ike_sa *sa, struct ike_epoch *ep,
					struct ike_verdict *v, u64 now);
enum isakmp_reason v1_secret_sealed(struct ike_sa *sa, struct ike_epoch *ep,
				    struct ike_verdict *v, u64 now);
enum isakmp_reason v1_secret_opened(struct ike_sa *sa, struct ike_epoch *ep,
				    struct ike_verdict *v, u64 now);

/* ---- revised.c: KE and identity by the cipher of the suite ------------------------------- */

size_t v1_revised_len(const struct ike_suite *s, size_t n);
enum isakmp_reason v1_revised_add(struct v1_msg *m);
enum isakmp_reason v1_revised_fits(const struct ike_epoch *ep, const struct v1_chain *c);
enum isakmp_reason v1_revised_open(struct ike_epoch *ep);

/* ---- base.c ----------------------------------------------------------------------------- */

enum isakmp_reason v1_base_first(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_base_second(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_base_third(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_base_fourth(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_base_begun(struct ike_sa *sa, struct ike_epoch *ep,
				   struct ike_verdict *v, u64 now);
enum isakmp_reason v1_base_public(struct ike_sa *sa, struct ike_epoch *ep,
				   struct ike_verdict *v, u64 now);
enum isakmp_reason v1_base_signed(struct ike_sa *sa, struct ike_epoch *ep,
				   struct ike_verdict *v, u64 now);
enum isakmp_reason v1_base_verified(struct ike_sa *sa, struct ike_epoch *ep,
				   struct ike_verdict *v, u64 now);
enum isakmp_reason v1_base_secret(struct ike_sa *sa, struct ike_epoch *ep,
				   struct ike_verdict *v, u64 now);
enum isakmp_reason v1_base_both(struct ike_sa *sa, struct ike_epoch *ep,
				   struct ike_verdict *v, u64 now);
enum isakmp_reason v1_base_keyed(struct ike_sa *sa, struct ike_epoch *ep,
				   struct ike_verdict *v, u64 now);
enum isakmp_reason v1_base_judged(struct ike_sa *sa, struct ike_epoch *ep,
				   struct ike_verdict *v, u64 now);

/* ---- auth_only.c ------------------------------------------------------------------------ */

enum isakmp_reason v1_auth_only_first(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_auth_only_second(struct ike_sa *sa, struct v1_in *in, u64 now);
enum isakmp_reason v1_auth_only_third(struct ike_sa *sa, struct v1_in *in, u64 now);
void v1_auth_only_again(struct ike_sa *sa, const struct ike_packet *pkt, u64 now);
enum isakmp_reason v1_auth_only_begun(struct ike_sa *sa, struct ike_epoch *ep,
				      struct ike_verdict *v, u64 now);
enum isakmp_reason v1_auth_only_keyed(struct ike_sa *sa, struct ike_epoch *ep,
				      struct ike_verdict *v, u64 now);
enum isakmp_reason v1_auth_only_verified(struct ike_sa *sa, struct ike_epoch *ep,
					 struct ike_verdict *v, u64 now);
enum isakmp_reason v1_auth_only_signed(struct ike_sa *sa, struct ike_epoch *ep,
				       struct ike_verdict *v, u64 now);
enum isakmp_reason v1_auth_only_judged(struct ike_sa *sa, struct ike_epoch *ep,
				       struct ike_verdict *v, u64 now);

#endif
