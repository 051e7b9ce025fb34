/* SPDX-License-Identifier: GPL-2.0 */
/* Question + snapshot -> answer.  Pure: no netlink, no log, no clock. */
#ifndef _ISAKMPD_AUTH_H
#define _ISAKMPD_AUTH_H

#include <isakmp/limits.h>
#include <isakmp/reason.h>

#include "config.h"
#include "kex.h"
#include "psk.h"
#include "sig.h"
#include "source.h"

/**
 * struct candidate - a peer that the kernel names
 * @name: terminated
 * @has_gen: @gen is there
 * @gen: its generation in the kernel
 */
struct candidate {
	const char *name;
	bool has_gen;
	u32 gen;
};

/**
 * struct question - what the kernel asks
 * @id: of the upcall; goes into the answer
 * @sa: id of the IKE SA, for the log
 * @kind: enum isakmp_upcall_kind
 * @auth_method: RFC 7296, 3.8; of @auth
 * @prf: transform ID of the negotiated PRF
 * @more: there are more candidates than @peer lists
 * @deadline: ms that are left
 * @n_peer: how many are in @peer
 * @peer: r-auth: the candidates in order, else the one
 * @local: our address
 * @remote: the peer's
 * @msg_i: RealMessage1
 * @msg_r: RealMessage2
 * @ni: initiator's nonce data
 * @nr: responder's nonce data
 * @sk_pi: SK_pi
 * @sk_pr: SK_pr
 * @id_i: body of IDi
 * @id_r: body of IDr, may be absent
 * @auth: the other side's authentication data
 * @hashes: bit n: the other side announced hash algorithm n (RFC 7427)
 * @n_cert: how many are in @cert
 * @n_certreq: how many are in @certreq
 * @cert: bodies of the other side's CERT payloads
 * @certreq: bodies of its CERTREQ payloads
 * @wish: r-auth: an IPv4 and an IPv6 address that is asked for; all zeros: any, len 0:
 *	none
 * @group: kex: transform ID of the group
 * @seed: kex: our private key
 * @peer_ke: kex: the peer's public value, may be absent
 * @version: 1; 0: version 2
 * @initiator: version 1: we are; v1-xauth: it asks us
 * @aggressive: the identity came in the clear
 * @proof_later: r-auth: what the peer proves itself by comes in a later message
 * @exchange: of phase 1; 0: it is over, or version 2
 * @method: enum v1_method, as negotiated
 * @attributes_type: v1-xauth: enum ike_cfg_type of @attributes; 0: none yet
 * @attributes: its data attributes
 * @secret: RSA encryption: a nonce, in the clear or encrypted
 * @secret_id: the same of an identity
 * @unique: v1-config: the peer's identity, canonical, as an answer has said it
 *
 * Points into the message it came in.  Absent: n = 0.
 */
struct question {
	u64 id;
	u64 sa;
	u8 kind;
	u8 auth_method;
	u16 prf;
	bool more;
	u32 deadline;
	u8 n_peer;
	struct candidate peer[IKE_CANDIDATES_MAX];
	struct octets local, remote;
	struct octets msg_i, msg_r;
	struct octets ni, nr;
	struct octets sk_pi, sk_pr;
	struct octets id_i, id_r;
	struct octets auth;
	u32 hashes;
	u8 n_cert, n_certreq;
	struct octets cert[IKE_CERTS_MAX];
	struct octets certreq[IKE_CERTS_MAX];
	struct config_addr wish[2];
	u16 group;
	struct octets seed, peer_ke;
	u8 version;
	bool initiator;
	bool aggressive;
	bool proof_later;
	u8 exchange;
	u16 method;
	u8 attributes_type;
	struct octets attributes;
	struct octets secret, secret_id;
	struct octets unique;
};

/**
 * struct answer - the verdict
 * @id: of the question
 * @reason: ISAKMP_OK accepts
 * @kind: of the question
 * @auth_method: RFC 7296, 3.8; of @auth
 * @wait: a credential is being read: decide again later
 * @why: a refusal in words, for the log
 * @peer: the peer it is about, or NULL; belongs to the snapshot
 * @names_peer: the kernel does not know that yet
 * @local_id_len: octets in @local_id, 0: none
 * @remote_id_len: octets in @remote_id, 0: none
 * @auth_len: octets in @auth, 0: none
 * @local_id: body of our ID payload
 * @remote_id: body of the IDr to ask for
 * @auth: our authentication data
 * @unique_len: octets in @unique, 0: none
 * @unique: the other side's identity, canonical
 * @local_cred: name of the cred that our AUTH was made with; belongs to the snapshot
 * @remote_cred: name of the cred that the other side is believed for: its secret,
 *	its key, or the authorities that its chain ends in; the same, or NULL
 * @auth_left: seconds that it may be believed for; 0: without an end
 * @handle_len: octets in @handle, 0: none
 * @handle: which key, or which certificate of which authority; see stand.c
 * @n_cert: how many are in @cert
 * @cert: bodies of our CERT payloads, to be freed
 * @certreq: body of our CERTREQ payload, to be freed; n = 0: none
 * @inner: an inner IPv4 and an inner IPv6 address; len 0: none
 * @no_inner: there should be one, and there is none left
 * @inner_pools: how many are in @inner_pool
 * @inner_pool: whose DNS servers, subnets and domains go with them
 * @kex: what a key exchange gave
 * @n_methods: how many are in @methods
 * @methods: v1-begin: enum v1_method, in order of preference
 * @n_authority: how many are in @authority
 * @authority: bodies of our CERTREQ payloads of version 1, to be freed
 * @skeyid_len: octets in @skeyid, 0: none
 * @skeyid: v1-skeyid: SKEYID
 * @more: v1-xauth: @attributes are said, and another question comes
 * @attributes_type: v1-xauth: enum ike_cfg_type of @attributes
 * @attributes: data attributes, to be freed; n = 0: none
 * @secret: RSA encryption: a nonce, in the clear or encrypted, to be freed; n = 0: none
 * @secret_id: the same of an identity
 * @user: v1-xauth: whom it found the peer to be; empty: nobody
 */
struct answer {
	u64 id;
	u16 reason;
	u8 kind;
	u8 auth_method;
	bool wait;
	bool names_peer;
	const char *why;
	const struct config_peer *peer;
	u16 local_id_len;
	u16 remote_id_len;
	u16 auth_len;
	u8 local_id[IDENT_BODY_MAX];
	u8 remote_id[IDENT_BODY_MAX];
	u8 auth[IKE_AUTH_MAX];
	u16 unique_len;
	u8 unique[IDENT_UNIQUE_MAX];
	const char *local_cred;
	const char *remote_cred;
	u32 auth_left;
	u8 handle_len;
	u8 handle[IKE_HANDLE_MAX];
	u8 n_cert;
	struct octets cert[IKE_CERTS_OUT_MAX];
	struct octets certreq;
	struct config_addr inner[2];
	bool no_inner;
	u8 inner_pools;
	const struct config_pool *inner_pool[ISAKMP_PEER_POOLS_MAX];
	struct kex_result kex;
	u8 n_methods;
	u16 methods[V1_METHODS_MAX];
	u8 n_authority;
	struct octets authority[IKE_CERTS_OUT_MAX];
	u16 skeyid_len;
	u8 skeyid[PSK_PRF_MAX];
	bool more;
	u8 attributes_type;
	struct octets attributes;
	struct octets secret;
	struct octets secret_id;
	char user[V1_USER_MAX + 1];
};

void auth_his(const struct question *q, const struct answer *a, struct ident *id);
bool auth_outdated(const struct config *c, const struct question *q);
void auth_decide(const struct config *c, const struct cred_source *src,
		 const struct question *q, struct secret *scratch, struct answer *a);
void auth_release(struct answer *a);

#endif
