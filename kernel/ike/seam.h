/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The seams: how the engine reaches the world.
 *
 * Plain functions, resolved at link time: kernel/crypto, kernel/net,
 * kernel/xfrm and kernel/nl provide them in the module, selftests/native in
 * native programs.  ctx says from where a seam may be called:
 *
 *   process  may sleep; only from ike_sa_handle() and friends
 *   any      never sleeps; softirq as well (gate/)
 */
#ifndef _ISAKMP_IKE_SEAM_H
#define _ISAKMP_IKE_SEAM_H

#include "ike/sa.h"
#include "ike/ticket.h"

/* ---- crypto -------------------------------------------------------------- */

/* ctx: any.  Octets of a PRF's output (== preferred key), 0: not known. */
size_t isakmp_prf_len(u16 prf);

/*
 * ctx: process.  @out = prf(@key, @v[0] | @v[1] | ...), isakmp_prf_len() octets.
 * 0 or -errno.
 */
int isakmp_prf(u16 prf, const u8 *key, size_t key_len,
	       const struct ike_span *v, unsigned int n, u8 *out);

/* ctx: any.  Can this transform be used here?  Found out once, at load. */
bool isakmp_crypto_has(u8 transform_type, u16 id, u16 keylen);

/*
 * ctx: any.  Octets of KEYMAT an encryption algorithm takes, with the salt or
 * nonce of an AEAD or of counter mode; an integrity algorithm (RFC 7296, 2.14).
 */
size_t isakmp_encr_key_len(u16 encr, u16 keylen);
size_t isakmp_integ_key_len(u16 integ);
/*
 * ctx: any.  Must a key of isakmp_encr_key_len() octets not be used?  Of 3DES with two keys
 * alike (RFC 2451, 2.3).
 */
bool isakmp_encr_key_weak(u16 encr, const u8 *key);
/* ctx: any.  Is it an AEAD, which needs no INTEG transform? */
bool isakmp_encr_is_aead(u16 encr);
/* ctx: process.  SHA-1 of @v[0] | @v[1] | ..., 20 octets (RFC 7296, 2.23). */
int isakmp_sha1(const struct ike_span *v, unsigned int n, u8 *out);

/*
 * ctx: any.  Is this group computed by the helper?  Then isakmp_kex_new() is not
 * for it: IKE_ASK_KEX is.  Such a group is spoken only while a helper is there.
 */
bool isakmp_kex_by_helper(u16 group);
/*
 * ctx: process.  Can this group be spoken now?  True for the kernel's own; for one
 * of the helper's, while a helper has published it.
 */
bool isakmp_kex_ready(struct ike_sa *sa, u16 group);
/* ctx: process.  A fresh private key; public value into @pub (IKE_KE_MAX room). */
struct isakmp_kex *isakmp_kex_new(u16 group, u8 *pub, u16 *pub_len);
/* ctx: any.  Exact length of a public value of @group, 0: not known. */
size_t isakmp_kex_pub_len(u16 group);
/*
 * ctx: any.  Has a peer's public value that length, and does it pass the tests of
 * RFC 6989?  Asked before anything is paid for it.
 */
bool isakmp_kex_pub_ok(u16 group, const u8 *pub, size_t len);
/*
 * ctx: process.  Shared secret g^ir into @out (IKE_KE_MAX room).  -EINVAL for a
 * value that RFC 6989 / RFC 8031 forbids (all-zero result).
 */
int isakmp_kex_derive(struct isakmp_kex *k, const u8 *pub, u16 pub_len,
		      u8 *out, u16 *out_len);
/* ctx: any.  The prime of a MODP group, whose generator is 2; empty: it is none. */
struct ike_span isakmp_kex_prime(u16 group);
/* ctx: process.  Zeroes and frees; NULL is fine. */
void isakmp_kex_free(struct isakmp_kex *k);

/*
 * ctx: process.  The key of one direction's SK payloads; NULL: no memory.
 * @key: isakmp_encr_key_len() octets, then isakmp_integ_key_len() octets; @len both.
 */
struct isakmp_sk *isakmp_sk_new(const struct ike_suite *s, const u8 *key, size_t len);
void isakmp_sk_free(struct isakmp_sk *sk);
/* ctx: any.  Octets of IV, padding block and ICV of a suite's SK payload. */
struct isakmp_sk_size {
	u8 iv;
	u8 block;
	u8 icv;
};
struct isakmp_sk_size isakmp_sk_size(const struct ike_suite *s);
/*
 * ctx: process.  @msg: @aad octets (IKE header to SK's generic header), then
 * IV, then @text octets, then ICV.  Seal fills in the IV (a counter that never
 * repeats under this key; with CBC its encryption), encrypts in place, writes the ICV.  -EOVERFLOW when
 * the counter is used up.
 */
int isakmp_sk_seal(struct isakmp_sk *sk, u8 *msg, size_t aad, size_t text);
/*
 * ctx: process.  The inverse: @rest octets follow @aad (IV, text, ICV).
 * -EBADMSG: the ICV is wrong.  On success the text is at msg + aad + iv.
 */
int isakmp_sk_open(struct isakmp_sk *sk, u8 *msg, size_t aad, size_t rest);

/*
 * ctx: process.  The hash of a PRF alone, over @v[0] | @v[1] | ...: isakmp_prf_len()
 * octets.  0 or -errno.
 */
int isakmp_hash(u16 prf, const struct ike_span *v, unsigned int n, u8 *out);
/* ctx: any.  Octets of a block of a cipher in CBC mode; 0: it is none. */
size_t isakmp_cbc_block(u16 encr);
/*
 * ctx: process.  CBC in place: @n octets, whole blocks.  @iv becomes that of what
 * follows: the last block of cipher text.  0 or -errno; then @p and @iv are as they were,
 * or zeroed.
 */
int isakmp_cbc(u16 encr, const u8 *key, size_t key_len, u8 *iv, u8 *p, size_t n, bool seal);

/* ctx: any */
void isakmp_random(void *p, size_t n);
/* ctx: any.  Constant-time inequality. */
bool isakmp_differ(const void *a, const void *b, size_t n);
/* ctx: any.  SipHash-2-4 of @n octets. */
u64 isakmp_siphash(const u64 key[2], const void *p, size_t n);

/* ctx: any.  ms since 1970, which people may set: for what outlives the kernel. */
u64 isakmp_wall(void);

/* ---- memory -------------------------------------------------------------- */

/* ctx: process.  Zeroed; NULL when there is none. */
void *isakmp_alloc(size_t n);
/* ctx: any.  Zeroes, frees; NULL is fine. */
void isakmp_free(void *p);

/* ---- net ----------------------------------------------------------------- */

/* ctx: process.  Sends @n octets on @path (adds the non-ESP marker on 4500). */
enum isakmp_reason isakmp_send(struct ike_sa *sa, const struct isakmp_path *path,
			       const u8 *p, size_t n);
/*
 * ctx: process.  Which address of ours leads to path->remote now, as policy and routes
 * have it?  Sets path->local and path->ifindex; false: none.
 */
bool isakmp_path_local(struct ike_sa *sa, struct isakmp_path *path);
/*
 * ctx: process.  Addresses of ours that the peer may use beside that of sa->path, at
 * most @max of them.  How many.
 */
unsigned int isakmp_path_others(struct ike_sa *sa, struct isakmp_addr *out, unsigned int max);
/* ctx: process.  Is the local address of sa->path one of ours still? */
bool isakmp_path_stands(struct ike_sa *sa);
/* ctx: process.  One octet 0xff, to keep a NAT's mapping (RFC 3948, 2.3). */
void isakmp_keepalive(struct ike_sa *sa);
/*
 * ctx: process.  CERTREQ body (encoding, then hashes) that the helper published
 * for this namespace; octets put into @out, 0: none.
 */
size_t isakmp_certreq(struct ike_sa *sa, u8 *out, size_t room);
/*
 * ctx: process.  Publishes the response to the request @to; net/ repeats it by
 * itself.  As many are kept as the peer may have requests under way.  Copies @p: its
 * datagrams, one behind the other, each as long as its header says.
 */
enum isakmp_reason isakmp_store_response(struct ike_sa *sa, const struct ike_answer *to,
					 const u8 *p, size_t n);
/*
 * ctx: process.  Draws our SPI of @ep, by which the SA is found from now on.  OK,
 * NO_MEMORY.
 */
enum isakmp_reason isakmp_door_open(struct ike_sa *sa, struct ike_epoch *ep);
/* ctx: process.  The SA is not found by it any more; fine when it has none. */
void isakmp_door_close(struct ike_sa *sa, struct ike_epoch *ep);
/*
 * ctx: process.  The request of @ep with @msgid came again on @path, in octets that net/
 * does not know: sends the stored response as net/ would.  OK; FRAGMENT_ANSWERED, there is
 * none for it, or not for that path; REPEATED_OFTEN, SEND, NO_MEMORY.
 */
enum isakmp_reason isakmp_repeat(struct ike_sa *sa, const struct ike_epoch *ep, u32 msgid,
				 const struct isakmp_path *path);
/*
 * ctx: process.  Counts @n octets more (or less) of messages that are not whole yet.
 * false: there is no room for them.
 */
bool isakmp_fragments_charge(struct ike_sa *sa, long n);
/*
 * ctx: process.  Peers that may be meant by a new IKE_SA_INIT on sa->path, most
 * specific first; NULL after the last (or IKE_CANDIDATES_MAX).  Not pinned:
 * valid until the handler returns.
 */
const struct ike_peer *isakmp_candidate(struct ike_sa *sa, unsigned int i);
/*
 * ctx: process.  A responder is to be an SA of @peer from now on; sa->basis says of
 * whom; sa->anew is set.  OK; PEER_LIMIT, @peer has as many SAs as it may; NOT_UNIQUE, one of this
 * identity stands; STALE, @peer is gone; REVOKED, since the helper was asked; NO_MEMORY.
 */
enum isakmp_reason isakmp_peer_adopt(struct ike_sa *sa, const struct ike_peer *peer);
/*
 * ctx: process.  The peer of an initiator is known; sa->basis says who it is.  OK;
 * NOT_UNIQUE, REVOKED, NO_MEMORY.
 */
enum isakmp_reason isakmp_peer_known(struct ike_sa *sa);
/*
 * ctx: process.  The peer was authenticated: @b, from isakmp_alloc(), is sa->basis from now on;
 * what was there is freed.
 */
void isakmp_basis_set(struct ike_sa *sa, struct ike_basis *b);
/*
 * ctx: process.  Has it no other IKE SA with its peer, and shall it say so
 * (RFC 7296, 2.4)?
 */
bool isakmp_contact_is_initial(struct ike_sa *sa);
/*
 * ctx: process.  Our token of @ep (RFC 6290), which we can make again without it; false:
 * there is no secret to make it from.
 */
bool isakmp_token(struct ike_sa *sa, const struct ike_epoch *ep, u8 out[ISAKMP_TOKEN_LEN]);
/* ctx: any.  Takes and drops a reference to a peer snapshot. */
void isakmp_peer_get(const struct ike_peer *peer);
void isakmp_peer_put(const struct ike_peer *peer);
/*
 * ctx: process.  sa->peer's object as it is now, pinned; of one that was removed without its
 * SAs, as it was then; NULL: it is gone.
 */
const struct ike_peer *isakmp_peer_now(struct ike_sa *sa);
/*
 * ctx: process.  The SA wants to be replaced: set up a new IKE SA for the same
 * peer with the same children, and stop this one when they are up.  net/ does nothing
 * when such an attempt is under way already.
 */
void isakmp_renew(struct ike_sa *sa, enum isakmp_reason why);

/*
 * ctx: process.  The initiator is to be at the gateway @to: as isakmp_renew(), but there.
 */
void isakmp_redirected(struct ike_sa *sa, const struct isakmp_addr *to);

/* ---- helper -------------------------------------------------------------- */

/*
 * ctx: process.  OK: a verdict event will come, exactly one (the helper's, or
 * HELPER_LOST at the deadline).  UPCALL_LIMIT, NO_MEMORY: none will come.
 */
enum isakmp_reason isakmp_ask(struct ike_sa *sa, const struct ike_ask *ask);
/* ctx: process.  The SA ends: no verdict will come any more. */
void isakmp_ask_cancel(struct ike_sa *sa);

/*
 * ctx: process.  The SA ends: others may have the inner addresses that net/ keeps for
 * it, and none is kept for it any more.
 */
void isakmp_lease_drop(struct ike_sa *sa);

/* ---- tickets (RFC 5723) --------------------------------------------------- */

/*
 * ctx: any.  The key with k->id; @newest: the one for new tickets.  false: it is not
 * here.
 */
bool isakmp_ticket_key(struct ike_sa *sa, bool newest, struct ike_ticket_key *k);
/* ctx: any.  What a ticket that is given now has to say of when that was. */
struct ike_ticket_stamp isakmp_ticket_stamp(const struct ike_sa *sa);
/*
 * ctx: any.  OK; TICKET_USED; TICKET_EXPIRED, nobody remembers whether; TICKET_LIMIT, no
 * further one can be remembered.
 */
enum isakmp_reason isakmp_ticket_unused(struct ike_sa *sa, const u8 *number, u64 expires);
/*
 * ctx: process.  The ticket counts no more; remembered until @expires.  OK;
 * TICKET_USED, TICKET_EXPIRED, it did not before; TICKET_LIMIT, NO_MEMORY: it cannot be
 * remembered, and with @end no ticket given so far counts any more.
 */
enum isakmp_reason isakmp_ticket_spend(struct ike_sa *sa, const u8 *number, u64 expires,
				       bool end);
/*
 * ctx: process.  What a responder's SA would be resumed as: the peer of a ticket, pinned,
 * if its object is there, covers the path, and has the ticket's binding.  OK;
 * TICKET_STALE; TICKET_REVOKED.
 */
enum isakmp_reason isakmp_ticket_peer(struct ike_sa *sa, const struct ike_ticket *t,
				      const struct ike_peer **peer);
/* ctx: process.  Was what a ticket stands on revoked since it was given? */
bool isakmp_ticket_revoked(struct ike_sa *sa, const struct ike_ticket *t);
/*
 * ctx: process.  The responder holds these inner addresses for the peer, as @v says: with
 * v->peer and v->unique.  false: somebody else has them, or there is no memory.
 */
bool isakmp_ticket_lease(struct ike_sa *sa, const struct ike_verdict *v);
/* ctx: process.  The IKE SA with an SPI of ours that a ticket was given in ends. */
void isakmp_ticket_supersede(struct ike_sa *sa, u64 spi);
/*
 * ctx: process.  The initiator's peer is lost: the ticket is kept for the next IKE SA with
 * it.  It is net/'s in any case.
 */
void isakmp_ticket_keep(struct ike_sa *sa, struct ike_ticket *t);
/* ctx: process.  The ticket that is kept for a new initiator, its own now; or NULL. */
struct ike_ticket *isakmp_ticket_take(struct ike_sa *sa);

/* ---- xfrm ---------------------------------------------------------------- */

/* ctx: process.  An inbound SPI for a child of this SA that nobody uses here. */
u32 isakmp_child_spi(struct ike_sa *sa);
/* ctx: process.  A CPI (RFC 3173, 3.3) that nobody uses here; 0: there is none. */
u16 isakmp_child_cpi(struct ike_sa *sa);
/*
 * ctx: process.  Installs both states, then the policies of @c, which is
 * filled but for @c->xfrm.  Keys: isakmp_encr_key_len(), then
 * isakmp_integ_key_len() octets each.  ESP goes in UDP between sa->path's ports
 * when sa->encap; with c->cpi_out, what is in it is compressed.  With c->held it only
 * receives, as long as another child has the same selectors, and IKE_EV_CHILD_USED
 * tells when it does.  OK, XFRM_STATE, XFRM_POLICY, TS_PREFIXES, NO_MEMORY; on refusal nothing stays.
 */
enum isakmp_reason isakmp_child_install(struct ike_sa *sa, struct ike_child *c,
					const u8 *key_in, const u8 *key_out);
/* ctx: process.  Takes away what install made; fine when some is gone already. */
void isakmp_child_remove(struct ike_sa *sa, struct ike_child *c);
/*
 * ctx: process.  sa->path is another now: moves states and policies there with
 * their sequence numbers.  OK, XFRM_STATE (the child is lost), NO_MEMORY.
 */
enum isakmp_reason isakmp_child_move(struct ike_sa *sa, struct ike_child *c);
/*
 * ctx: process.  From now on what its selectors take goes out through @c, which is
 * held no more.  The one before goes on receiving.
 */
void isakmp_child_switch(struct ike_sa *sa, struct ike_child *c);
/*
 * ctx: process.  The inverse: what it sent goes out through another child of the
 * same selectors, if there is one, or for sure of @wider ones; it goes on receiving.
 */
void isakmp_child_yield(const struct ike_child *c, bool wider);
/* ctx: process.  Its limits are others now: c->life, c->soft_bytes, c->soft_packets. */
void isakmp_child_relimit(const struct ike_child *c);
/* ctx: process.  Did anything come in through it? */
bool isakmp_child_used(struct ike_sa *sa, const struct ike_child *c);
/* ctx: process.  Has it reached a soft limit, its own or that of its numbers? */
bool isakmp_child_soft(struct ike_sa *sa, const struct ike_child *c);

/*
 * ctx: process.  What went through the states of the child so far, by enum
 * isakmp_count_of; zeroes when it has none.
 */
void isakmp_child_counters(struct ike_sa *sa, const struct ike_child *c,
			   u64 out[ISAKMP_COUNTS]);
/* ctx: process.  Are all its states and policies still there and alive? */
bool isakmp_child_alive(struct ike_sa *sa, const struct ike_child *c);

/*
 * ctx: process.  The peer closes @c, or its IKE SA: it is about to go, and net/ does
 * what the policy says; starting it on this IKE SA is the engine's own.
 */
void isakmp_child_closed(struct ike_sa *sa, const struct ike_child *c);
/* ctx: process.  The same of one that the peer has lost, as it says. */
void isakmp_child_forgotten(struct ike_sa *sa, const struct ike_child *c);

/* ---- version 1 ------------------------------------------------------------ */

/*
 * ctx: process.  The other SA of version 1 of this peer object and identity, at the same address,
 * that is a connection, and that the peer has not forgotten: its id; 0: there is none.
 */
u64 isakmp_v1_elder(struct ike_sa *sa);
/*
 * ctx: process.  The SA is about to be a connection: as isakmp_v1_elder(); of two that ask at
 * once one is told of the other, if that has the inner addresses that this one has.
 */
u64 isakmp_v1_stand(struct ike_sa *sa);
/*
 * ctx: process.  The ISAKMP SA @ep, up, is one of the SA @id from now on, which gets
 * IKE_EV_V1_TAKE: its door leads there, its struct v1_phase1 and sa->path's news go there, and what
 * was to be set up on @sa is.
 * OK: @ep has neither any more; NO_SA: that one is gone; NO_MEMORY.
 */
enum isakmp_reason isakmp_v1_hand_over(struct ike_sa *sa, struct ike_epoch *ep, u64 id);

/* ---- keys for Wireshark ------------------------------------------------- */

/*
 * ctx: process.  Keys of an IKE SA were made; does nothing unless the module
 * parameter debug_keys is on and somebody watches.  @enc and @integ octets each.  In version 1
 * both ends have one key, of the cipher: @sk_ei; the others are NULL.
 */
void isakmp_keys_made(struct ike_sa *sa, const struct ike_epoch *ep, const u8 *sk_ei,
		      const u8 *sk_er, size_t enc, const u8 *sk_ai, const u8 *sk_ar,
		      size_t integ);

/* ---- notes --------------------------------------------------------------- */

/*
 * ctx: any.  Counts, traces, and tells the events group.  @sa may be NULL.
 * @arg: what the reason is about (payload type, notify type, group ...), or 0.
 */
void isakmp_refused(struct ike_sa *sa, enum isakmp_reason why, u32 arg);
/* ctx: process.  After the state changed. */
void isakmp_state_changed(struct ike_sa *sa, u8 old);
/* ctx: process.  The SA has other SPIs and keys. */
void isakmp_rekeyed(struct ike_sa *sa);
/* ctx: process.  A child came up (why == OK) or went. */
void isakmp_child_changed(struct ike_sa *sa, const struct ike_child *c,
			  enum isakmp_reason why);

#endif
