// SPDX-License-Identifier: GPL-2.0
/*
 * IKE_AUTH (RFC 7296, 1.2 and 2.15).
 *
 * The helper makes and checks AUTH; here is what is asked and what follows from
 * the answer.  While it decides, the decrypted payloads wait in the set-up.
 */
#include "ike/engine.h"

static bool store(u8 **to, u16 *to_len, const u8 *p, size_t n)
{
	u8 *new = isakmp_alloc(n);

	if (!new)
		return false;
	memcpy(new, p, n);
	isakmp_free(*to);
	*to = new;
	*to_len = (u16)n;
	return true;
}

static struct ike_span key(const struct ike_sa *sa, const u8 *sk)
{
	return (struct ike_span){ sk, isakmp_prf_len(sa->ep->suite.prf) };
}

/* What every question carries: messages and nonces. */
static void ask_about(const struct ike_sa *sa, struct ike_ask *ask, u8 kind)
{
	const struct ike_setup *s = sa->setup;

	memset(ask, 0, sizeof(*ask));
	ask->kind = kind;
	ask->prf = sa->ep->suite.prf;
	ask->msg_i = (struct ike_span){ s->msg_i, s->msg_i_len };
	ask->msg_r = (struct ike_span){ s->msg_r, s->msg_r_len };
	ask->ni = (struct ike_span){ s->ni, s->ni_len };
	ask->nr = (struct ike_span){ s->nr, s->nr_len };
	ask->certreq = (struct ike_span){ s->certreq, s->certreq_len };
	ask->hashes = sa->hashes;
}

/* Keeps the chain of an IKE_AUTH message until the helper has answered. */
static enum isakmp_reason keep_inner(struct ike_sa *sa, const struct ike_in *in)
{
	const struct isakmp_chain *c = &in->chain;
	const u8 *start = c->pl[0].body - IKE_PL_HDR_LEN;
	const u8 *end = c->pl[c->n - 1].body + c->pl[c->n - 1].len;
	struct ike_setup *s = sa->setup;

	s->inner = isakmp_alloc(end - start);
	if (!s->inner)
		return ISAKMP_R_NO_MEMORY;
	memcpy(s->inner, start, end - start);
	s->inner_len = (u32)(end - start);
	s->inner_first = c->pl[0].type;
	return ISAKMP_OK;
}

/* As if the message had not come: it will come again. */
static void forget_inner(struct ike_sa *sa)
{
	struct ike_setup *s = sa->setup;

	isakmp_free(s->inner);
	s->inner = NULL;
	s->inner_len = 0;
	isakmp_free(sa->id_remote);
	sa->id_remote = NULL;
	sa->id_remote_len = 0;
}

static enum isakmp_reason read_inner(const struct ike_sa *sa, struct isakmp_chain *c)
{
	const struct ike_setup *s = sa->setup;

	return isakmp_chain_decode(s->inner_first, s->inner, s->inner_len, c);
}

/* The peer's identity and AUTH, from a message that obeys the law. */
static enum isakmp_reason take_identity(struct ike_sa *sa, struct ike_in *in, u8 id_type,
					struct isakmp_auth_pl *auth)
{
	const struct isakmp_payload *id = isakmp_chain_find(&in->chain, id_type);
	enum isakmp_reason why;

	why = isakmp_auth_decode(isakmp_chain_find(&in->chain, IKE_PL_AUTH), auth);
	if (why)
		return why;
	if (id->len > 4 + IKE_ID_MAX)
		return ISAKMP_R_BAD_ID;
	if (auth->len > IKE_AUTH_MAX)
		return ISAKMP_R_BAD_AUTH;
	if (!store(&sa->id_remote, &sa->id_remote_len, id->body, id->len))
		return ISAKMP_R_NO_MEMORY;
	return ISAKMP_OK;
}

/* ---- initiator ----------------------------------------------------------- */

/**
 * ike_auth_ask - ask the helper for our AUTH
 * @sa: the initiator; keys are there
 *
 * Context: Process; the SA's worker.
 * Return: as isakmp_ask().
 */
enum isakmp_reason ike_auth_ask(struct ike_sa *sa)
{
	struct ike_ask ask;

	ask_about(sa, &ask, IKE_ASK_I_AUTH);
	ask.sk_pi = key(sa, sa->sk_pi);
	return ike_ask(sa, &ask);
}

static void add_body(struct ike_msg *m, u8 type, const u8 *body, size_t len)
{
	isakmp_build_payload(&m->b, type);
	isakmp_out_bytes(&m->b.o, body, len);
	isakmp_build_close(&m->b);
}

static void add_auth(struct ike_msg *m, const struct ike_verdict *v)
{
	struct isakmp_auth_pl auth = {
		.method = v->auth_method, .value = v->auth, .len = v->auth_len,
	};

	isakmp_build_payload(&m->b, IKE_PL_AUTH);
	isakmp_auth_encode(&m->b.o, &auth);
	isakmp_build_close(&m->b);
}

static void add_certs(struct ike_msg *m, const struct ike_verdict *v)
{
	unsigned int i;

	for (i = 0; i < v->n_certs; i++)
		add_body(m, IKE_PL_CERT, v->certs[i].p, v->certs[i].len);
}

/*
 * HDR, SK {IDi, [CERT,] [N(INITIAL_CONTACT),] [CERTREQ,] [IDr,] AUTH, [N(QCD_TOKEN),]
 *	[CP(CFG_REQUEST),] [SAi2, TSi, TSr]}
 */
static enum isakmp_reason send_auth(struct ike_sa *sa, const struct ike_verdict *v, u64 now)
{
	struct ike_child *c = ike_child_next(sa, now);
	enum isakmp_reason why;
	struct ike_msg m;

	if (!c)
		return ISAKMP_R_NO_CHILD;
	why = ike_child_passes(sa, c->policy);
	if (!why)
		why = ike_request_begin(sa, sa->ep, &m, IKE_AUTH);
	if (why)
		return why;
	sa->setup->bare = ike_childless_wanted(sa);
	add_body(&m, IKE_PL_IDI, v->id, v->id_len);
	add_certs(&m, v);
	if (isakmp_contact_is_initial(sa))
		ike_msg_notify(&m, IKE_N_INITIAL_CONTACT, NULL, 0);
	if (v->certreq.len)
		add_body(&m, IKE_PL_CERTREQ, v->certreq.p, v->certreq.len);
	if (v->id_want_len)
		add_body(&m, IKE_PL_IDR, v->id_want, v->id_want_len);
	add_auth(&m, v);
	ike_qcd_say(sa, sa->ep, &m);
	ike_config_request(sa, &m);
	if (!sa->setup->bare) {
		ike_child_offer_sa(sa, c, &m, IKE_FORM_BARE);
		ike_child_offer_ts(sa, c, &m);
	}
	if (ike_mobike_wanted(sa->peer))
		ike_mobike_offer(sa, &m);
	ike_ticket_ask(sa, &m);
	why = ike_request_send(sa, &m, NULL, now);
	c->busy = !why && !sa->setup->bare;
	return why;
}

/**
 * ike_auth_made - the helper made our AUTH, or will not
 * @sa: the initiator
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when IKE_AUTH is out; else why not (the SA is over).
 */
enum isakmp_reason ike_auth_made(struct ike_sa *sa, struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v->reason;

	if (!why && (!v->id_len || !v->auth_len))
		why = ISAKMP_R_HELPER_ERROR;
	if (!why && !store(&sa->id_local, &sa->id_local_len, v->id, v->id_len))
		why = ISAKMP_R_NO_MEMORY;
	if (!why)
		why = ike_basis_take(sa, v);
	if (!why)
		why = send_auth(sa, v, now);
	if (why)
		ike_sa_die(sa, why, 0, now);
	return why;
}

/**
 * ike_auth_refused - IKE_AUTH was answered with nothing but notifications
 * @sa: the initiator
 * @in: the message
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: PEER_ERROR; the SA is over.
 */
enum isakmp_reason ike_auth_refused(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;

	while ((p = isakmp_chain_next(&in->chain, IKE_PL_NOTIFY, p)))
		if (!isakmp_notify_decode(p, &n) && n.type < IKE_N_STATUS)
			in->arg = n.type;
	ike_sa_die(sa, ISAKMP_R_PEER_ERROR, 0, now);
	return ISAKMP_R_PEER_ERROR;
}

/**
 * ike_auth_undo - the initiator gives up when IKE_AUTH has gone out
 * @sa: the initiator: IKE_AUTH is out, or answered
 * @why: why; OK: as asked
 * @now: ms
 *
 * RFC 7296, 2.21: the responder may have the IKE SA, and is told that it is no more.
 * While IKE_AUTH is out the Delete waits for its answer, as the window is one
 * request; how long is up to the retransmissions.
 *
 * Context: Process; the SA's worker.
 */
void ike_auth_undo(struct ike_sa *sa, enum isakmp_reason why, u64 now)
{
	enum isakmp_reason unsent = ISAKMP_OK;

	if (why)
		sa->reason = why;
	ike_unask(sa);
	ike_setup_free(sa);
	sa->give_up_at = IKE_NEVER;
	if (sa->ep->out)
		ike_sa_set_state(sa, IKE_S_DELETING);
	else
		unsent = ike_info_send(sa, IKE_TASK_DELETE_IKE, now);
	if (!unsent)
		return;
	isakmp_refused(sa, unsent, 0);
	ike_sa_die(sa, why, 0, now);
}

/**
 * ike_auth_late - IKE_AUTH is answered, but the initiator has given up
 * @sa: the initiator, DELETING
 * @in: the message
 * @now: ms
 *
 * Without AUTH the responder has no IKE SA to delete.
 *
 * Context: Process; the SA's worker.
 * Return: OK; NO_MEMORY: nothing has happened; else why no Delete could be sent (the
 * SA is over).
 */
enum isakmp_reason ike_auth_late(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	bool there = isakmp_chain_find(&in->chain, IKE_PL_AUTH);
	enum isakmp_reason why = ISAKMP_OK;

	if (there)
		why = ike_info_send(sa, IKE_TASK_DELETE_IKE, now);
	if (!there || (why && why != ISAKMP_R_NO_MEMORY))
		ike_sa_die(sa, why, 0, now);
	return why;
}

/* Of a resumed IKE SA the ticket says what the helper would. */
static enum isakmp_reason verify_resumed(struct ike_sa *sa, struct ike_in *in,
					 const struct isakmp_auth_pl *auth, u64 now)
{
	struct ike_verdict *v = isakmp_alloc(sizeof(*v));
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;

	if (v)
		why = ike_resume_verified(sa, in, auth, v);
	if (why) {
		forget_inner(sa);
	} else {
		ike_sa_set_state(sa, IKE_S_I_VERIFY);
		why = ike_auth_verified(sa, v, now);
	}
	isakmp_free(v);
	return why;
}

/**
 * ike_auth_response - the responder's IDr and AUTH
 * @sa: the initiator
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked to verify, or need not be; NO_MEMORY: nothing has
 * happened; else why not (the SA is being deleted).
 */
enum isakmp_reason ike_auth_response(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	struct isakmp_auth_pl auth;
	enum isakmp_reason why;
	struct ike_ask ask;

	why = ike_childless_answer(sa, in);
	if (!why)
		why = take_identity(sa, in, IKE_PL_IDR, &auth);
	if (!why)
		why = keep_inner(sa, in);
	if (!why) {
		ike_qcd_heard(sa, sa->ep, &in->chain);
		sa->setup->has_lifetime = ike_until_read(&in->chain, &sa->setup->lifetime_s);
		ike_ticket_hear(sa, &in->chain, now);
		if (sa->setup->resuming)
			return verify_resumed(sa, in, &auth, now);
		ask_about(sa, &ask, IKE_ASK_I_VERIFY);
		ask.sk_pr = key(sa, sa->sk_pr);
		ask.id_i = (struct ike_span){ sa->id_local, sa->id_local_len };
		ask.id_r = (struct ike_span){ sa->id_remote, sa->id_remote_len };
		ask.auth_method = auth.method;
		ask.auth = (struct ike_span){ auth.value, auth.len };
		ask.chain = &in->chain;
		why = ike_ask(sa, &ask);
	}
	if (why == ISAKMP_R_NO_MEMORY)
		forget_inner(sa);
	else if (why)
		ike_auth_undo(sa, why, now);
	return why;
}

/* RFC 7296, 2.21.2: the initiator tells a responder it does not believe. */
static void refuse_responder(struct ike_sa *sa, enum isakmp_reason why, u64 now)
{
	sa->reason = why;
	ike_setup_free(sa);
	if (ike_info_refuse(sa, now))
		ike_sa_die(sa, why, 0, now);
}

/* CP(CFG_REPLY) of the IKE_AUTH response, where policy wants one. */
static enum isakmp_reason take_config(struct ike_sa *sa)
{
	struct isakmp_chain *chain;
	enum isakmp_reason why;

	if (!ike_config_wanted(sa))
		return ISAKMP_OK;
	chain = isakmp_alloc(sizeof(*chain));
	why = chain ? read_inner(sa, chain) : ISAKMP_R_NO_MEMORY;
	if (!why)
		why = ike_config_reply(sa, chain);
	isakmp_free(chain);
	return why;
}

/*
 * Without the inner address that policy wants there is nothing to do here (RFC 7296,
 * 3.15.4): whoever needs the child starts over, after a while.
 */
static void give_back(struct ike_sa *sa, struct ike_child *c)
{
	if (c && c->state == IKE_CHILD_WANTED)
		ike_child_drop(sa, c, ISAKMP_R_NO_ADDRESS);
	sa->tasks |= IKE_TASK_DELETE_IKE;
}

/* The child of the IKE_AUTH response; sets it up, or has it deleted at the peer. */
static enum isakmp_reason take_child(struct ike_sa *sa, struct ike_child *c, u64 now,
				     u32 *arg)
{
	struct ike_child_secrets secrets = {
		.ni = { sa->setup->ni, sa->setup->ni_len },
		.nr = { sa->setup->nr, sa->setup->nr_len },
	};
	struct isakmp_chain *chain = isakmp_alloc(sizeof(*chain));
	enum isakmp_reason why;

	why = chain ? read_inner(sa, chain) : ISAKMP_R_NO_MEMORY;
	if (!why)
		why = ike_child_read_answer(sa, c, chain, IKE_FORM_BARE, arg);
	if (!why)
		why = ike_child_install(sa, c, &secrets, now);
	if (why == ISAKMP_R_PEER_ERROR && *arg == IKE_N_SINGLE_PAIR_REQUIRED &&
	    ike_child_as_pair(c, now))
		why = ISAKMP_R_SINGLE_PAIR;	/* comes by CREATE_CHILD_SA */
	/* What the responder set up we cannot have, or not even read */
	else if (why && chain && !isakmp_chain_find(chain, IKE_PL_SA))
		ike_child_drop(sa, c, why);
	else if (why)
		ike_child_delete(c);
	isakmp_free(chain);
	return why;
}

/* What else the responder says in IKE_AUTH; without memory it is as if it did not. */
static void agree(struct ike_sa *sa)
{
	struct isakmp_chain *chain = isakmp_alloc(sizeof(*chain));

	if (chain && !read_inner(sa, chain))
		ike_mobike_agree(sa, chain);
	isakmp_free(chain);
}

/* The child that IKE_AUTH was about; NULL: it went in the meantime. */
static struct ike_child *asked_for(const struct ike_sa *sa)
{
	struct ike_child *c = sa->children;

	while (c && !c->busy)
		c = c->next;
	if (c)
		c->busy = false;
	return c;
}

/* The responder is whom it says: for how long, and may there be another one? */
static enum isakmp_reason believe(struct ike_sa *sa, const struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = ike_basis_take(sa, v);

	if (!why)
		why = isakmp_peer_known(sa);
	if (!why)
		why = ike_resume_stands(sa);
	if (why)
		return why;
	ike_until_begin(sa, v->left_s, now);
	if (sa->setup->has_lifetime)
		ike_until_told(sa, sa->setup->lifetime_s, now);
	return ISAKMP_OK;
}

/* RFC 7296, 2.21.2: with these there is no IKE SA either, and no Delete comes. */
static bool takes_ike_along(enum isakmp_reason why, u32 error)
{
	return why == ISAKMP_R_PEER_ERROR &&
	       (error == IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD ||
		error == IKE_N_INVALID_SYNTAX || error == IKE_N_AUTHENTICATION_FAILED);
}

/**
 * ike_auth_verified - the helper believes the responder, or does not
 * @sa: the initiator
 * @v: the verdict
 * @now: ms
 *
 * A child that could not be set up does not take the IKE SA along (RFC 7296,
 * 1.2), unless the responder says so.
 *
 * Context: Process; the SA's worker.
 * Return: OK, also without the child; else why the responder is not believed.
 */
enum isakmp_reason ike_auth_verified(struct ike_sa *sa, struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v->reason;
	struct ike_child *c;
	u32 arg = 0;

	if (!why)
		why = believe(sa, v, now);
	if (why) {
		refuse_responder(sa, why, now);
		return why;
	}
	agree(sa);
	c = asked_for(sa);
	if (ike_redirect_away(sa, now))
		why = ISAKMP_R_REDIRECTED;
	else
		why = take_config(sa);
	if (why && why != ISAKMP_R_REDIRECTED)
		give_back(sa, c);
	else if (!why && c && c->state == IKE_CHILD_WANTED)
		why = take_child(sa, c, now, &arg);
	ike_setup_free(sa);
	sa->allowed = ~0U;
	if (!takes_ike_along(why, arg))
		ike_sa_established(sa, now);
	if (why) {
		sa->reason = why;
		isakmp_refused(sa, why, arg);
	}
	if (takes_ike_along(why, arg))
		ike_sa_die(sa, why, 0, now);
	return ISAKMP_OK;
}

/* ---- responder ----------------------------------------------------------- */

/* RFC 7296, 2.4: the initiator has no other IKE SA with us. */
static bool says_contact(const struct isakmp_chain *c)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;

	while ((p = isakmp_chain_next(c, IKE_PL_NOTIFY, p)))
		if (!isakmp_notify_decode(p, &n) && n.type == IKE_N_INITIAL_CONTACT)
			return true;
	return false;
}

/* @c obeys the law, and what it holds was looked at. */
static enum isakmp_reason ask_initiator(struct ike_sa *sa, const struct isakmp_chain *c)
{
	const struct isakmp_payload *idr = isakmp_chain_find(c, IKE_PL_IDR);
	struct isakmp_auth_pl auth;
	enum isakmp_reason why;
	struct ike_ask ask;

	why = isakmp_auth_decode(isakmp_chain_find(c, IKE_PL_AUTH), &auth);
	if (why)
		return why;
	ask_about(sa, &ask, IKE_ASK_R_AUTH);
	ask.sk_pi = key(sa, sa->sk_pi);
	ask.sk_pr = key(sa, sa->sk_pr);
	ask.id_i = (struct ike_span){ sa->id_remote, sa->id_remote_len };
	if (idr)
		ask.id_r = (struct ike_span){ idr->body, idr->len };
	ask.auth_method = auth.method;
	ask.auth = (struct ike_span){ auth.value, auth.len };
	ask.chain = c;
	ike_config_wish(sa, c);
	memcpy(ask.wish, sa->setup->wish.addr, sizeof(ask.wish));
	return ike_ask(sa, &ask);
}

/**
 * ike_auth_again - ask the helper once more, who had too much to do
 * @sa: the SA
 * @now: ms
 *
 * The initiator, who hears nothing meanwhile, asks on (RFC 7296, 2.1); the end is that
 * of a half-open SA.
 *
 * Context: Process; the SA's worker.
 */
void ike_auth_again(struct ike_sa *sa, u64 now)
{
	struct isakmp_chain *chain;
	enum isakmp_reason why;

	if (sa->state != IKE_S_R_ASK || !sa->setup->ask_at || now < sa->setup->ask_at)
		return;
	sa->setup->ask_at = 0;
	chain = isakmp_alloc(sizeof(*chain));
	why = chain ? read_inner(sa, chain) : ISAKMP_R_NO_MEMORY;
	if (!why)
		why = ask_initiator(sa, chain);
	isakmp_free(chain);
	if (!why)
		return;
	isakmp_refused(sa, why, 0);
	sa->setup->ask_at = now + IKE_ASK_AGAIN_MS;
}

/* Of a resumed IKE SA the ticket says what the helper would. */
static enum isakmp_reason judge_resumed(struct ike_sa *sa, struct ike_in *in,
					const struct isakmp_auth_pl *auth, u64 now)
{
	struct ike_verdict *v = isakmp_alloc(sizeof(*v));
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;

	if (v)
		why = ike_resume_judged(sa, in, auth, v);
	if (why)
		forget_inner(sa);
	else
		why = ike_auth_judged(sa, v, now);
	if (v && v->peer)
		isakmp_peer_put(v->peer);
	isakmp_free(v);
	return why;
}

/**
 * ike_auth_request - the initiator's IDi, AUTH and first child
 * @sa: the responder
 * @in: the message; it obeys the law
 * @now: ms
 *
 * An overload of our own is no verdict on the initiator, who would take it for the
 * last word: with NO_MEMORY and UPCALL_LIMIT nothing has happened, and the request
 * may come again as long as a half-open SA lives.
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked, or need not be; NO_MEMORY, UPCALL_LIMIT; else
 * why not (answered, the SA is over).
 */
enum isakmp_reason ike_auth_request(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	const struct isakmp_payload *idr = isakmp_chain_find(&in->chain, IKE_PL_IDR);
	struct isakmp_auth_pl auth;
	enum isakmp_reason why;

	why = ike_mobike_first(in);
	if (why) {
		ike_respond_notify(sa, IKE_N_UNEXPECTED_NAT_DETECTED, NULL, 0);
		ike_sa_die(sa, why, IKE_LINGER_MS, now);
		return why;
	}
	why = take_identity(sa, in, IKE_PL_IDI, &auth);
	if (!why && idr && idr->len > 4 + IKE_ID_MAX)
		why = ISAKMP_R_BAD_ID;
	if (!why)
		why = keep_inner(sa, in);
	if (!why) {
		sa->contact = says_contact(&in->chain);
		sa->setup->wants_ticket = ike_ticket_asked(&in->chain);
		if (sa->setup->resuming)
			return judge_resumed(sa, in, &auth, now);
		why = ask_initiator(sa, &in->chain);
	}
	if (why == ISAKMP_R_NO_MEMORY || why == ISAKMP_R_UPCALL_LIMIT) {
		forget_inner(sa);
	} else if (why) {
		ike_respond_notify(sa, IKE_N_AUTHENTICATION_FAILED, NULL, 0);
		ike_sa_die(sa, why, IKE_LINGER_MS, now);
	}
	return why;
}

/*
 * HDR, SK {IDr, [CERT,] AUTH, [N(QCD_TOKEN),] [CP(CFG_REPLY),] SAr2, TSi, TSr} or, without
 * @c, [N(@notify)] at the end
 */
static enum isakmp_reason answer_auth(struct ike_sa *sa, const struct ike_verdict *v,
				      const struct ike_child *c,
				      const struct ike_agreed *agreed, u16 notify, u64 now)
{
	enum isakmp_reason why;
	struct ike_msg m;

	why = ike_response_begin(sa, &m);
	if (why)
		return why;
	add_body(&m, IKE_PL_IDR, v->id, v->id_len);
	add_certs(&m, v);
	add_auth(&m, v);
	ike_qcd_say(sa, sa->ep, &m);
	ike_until_add(&m, sa->setup->lifetime_s);
	if (sa->redirect_to.family)
		ike_redirect_say(sa, &m);
	else
		ike_config_answer(sa, &v->config, &m);
	if (c) {
		ike_child_answer_sa(c, &m, agreed);
		ike_child_answer_ts(c, &m);
	} else if (notify && !sa->redirect_to.family) {
		ike_msg_notify(&m, notify, NULL, 0);
	}
	if (sa->mobike)
		ike_mobike_offer(sa, &m);
	if (sa->setup->wants_ticket)
		ike_ticket_answer(sa, &m, now);
	why = ike_msg_end(sa, &m);
	if (!why)
		why = ike_respond(sa, &m);
	ike_msg_free(&m);
	return why;
}

/* The peer is known: does it allow what was negotiated before it was? */
static enum isakmp_reason adopt_peer(struct ike_sa *sa, struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why;

	if (!v->peer || !v->id_len || !v->auth_len)
		return ISAKMP_R_HELPER_ERROR;
	if (!ike_suites_allow(&v->peer->ike, &sa->ep->suite))
		return ISAKMP_R_SUITE_REFUSED;
	why = ike_childless_fits(sa, v->peer);
	if (why)
		return why;
	if (!store(&sa->id_local, &sa->id_local_len, v->id, v->id_len))
		return ISAKMP_R_NO_MEMORY;
	why = ike_basis_take(sa, v);
	if (!why)
		why = isakmp_peer_adopt(sa, v->peer);
	if (why)
		return why;
	sa->peer = v->peer;
	if (sa->fragment && v->peer->fragment)
		sa->fragment = v->peer->fragment;
	sa->allowed = v->children;
	v->peer = NULL;
	sa->setup->lifetime_s = ike_until_begin(sa, v->left_s, now);
	memcpy(sa->inner, v->inner, sizeof(sa->inner));
	return ISAKMP_OK;
}

/*
 * The first child, installed; or why there is none.  When it takes the place of one of
 * another IKE SA, nothing goes out through it before the initiator has it, too: a
 * packet through it says so.  If none comes, that is so after IKE_HOLD_MS.
 */
static enum isakmp_reason make_child(struct ike_sa *sa, const struct isakmp_chain *chain,
				     bool no_address, struct ike_child **child,
				     struct ike_agreed *agreed, u64 now)
{
	struct ike_child_secrets secrets = {
		.ni = { sa->setup->ni, sa->setup->ni_len },
		.nr = { sa->setup->nr, sa->setup->nr_len },
	};
	struct ike_child *c = ike_child_new(sa, sa->peer, NULL);
	enum isakmp_reason why;

	if (!c)
		return ISAKMP_R_NO_MEMORY;
	c->held = sa->anew;
	why = no_address ? ISAKMP_R_NO_ADDRESS :
			   ike_child_choose(sa, c, chain, sa->allowed, -1, agreed);
	if (!why)
		why = ike_child_install(sa, c, &secrets, now);
	if (why)
		ike_child_drop(sa, c, why);
	else
		*child = c;
	return why;
}

/*
 * The child first (its inbound SA must be there before the answer announces
 * it), then the answer.
 */
static enum isakmp_reason finish(struct ike_sa *sa, const struct ike_verdict *v,
				 enum isakmp_reason *child_why, u64 now)
{
	struct isakmp_chain *chain = isakmp_alloc(sizeof(*chain));
	struct ike_child *c = NULL;
	struct ike_agreed agreed;
	enum isakmp_reason why;

	why = chain ? read_inner(sa, chain) : ISAKMP_R_NO_MEMORY;
	if (!why) {
		ike_mobike_agree(sa, chain);
		ike_qcd_heard(sa, sa->ep, chain);
	}
	if (!why && ike_redirect_wanted(sa))
		*child_why = ISAKMP_R_REDIRECTED;
	else if (!why && sa->setup->bare)
		*child_why = v->no_address ? ISAKMP_R_NO_ADDRESS : ISAKMP_OK;
	else if (!why)
		*child_why = make_child(sa, chain, v->no_address, &c, &agreed, now);
	if (!why)
		why = answer_auth(sa, v, c, &agreed,
				  *child_why ? ike_child_refusal(*child_why) : 0, now);
	isakmp_free(chain);
	return why;
}

/**
 * ike_auth_release - the initiator has its child by now
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_auth_release(struct ike_sa *sa, u64 now)
{
	struct ike_child *c;

	if (now < sa->release_at)
		return;
	sa->release_at = IKE_NEVER;
	for (c = sa->children; c; c = c->next)
		if (c->state == IKE_CHILD_UP && c->held && !c->rekeys)
			isakmp_child_switch(sa, c);
}

/**
 * ike_auth_judged - the helper believes the initiator and made our AUTH, or not
 * @sa: the responder
 * @v: the verdict; its peer reference moves to the SA
 * @now: ms
 *
 * Every refusal looks the same from outside: AUTHENTICATION_FAILED, and so does a
 * helper that has not answered in time: an initiator may give up on that (RFC 7296,
 * 2.21.2), but it has asked in vain for long enough, and IKE_AUTH knows no other way to
 * end.  With CRED_BUSY the helper is asked again.  Without memory nothing is said: the
 * initiator has to start over.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why the initiator or its child was refused.
 */
enum isakmp_reason ike_auth_judged(struct ike_sa *sa, struct ike_verdict *v, u64 now)
{
	enum isakmp_reason child_why = ISAKMP_OK, why = v->reason;

	if (why == ISAKMP_R_CRED_BUSY) {
		sa->setup->ask_at = now + IKE_ASK_AGAIN_MS;
		return why;
	}
	if (!why)
		why = adopt_peer(sa, v, now);
	if (!why)
		why = ike_resume_use(sa);
	if (why && why != ISAKMP_R_NO_MEMORY) {
		ike_respond_notify(sa, IKE_N_AUTHENTICATION_FAILED, NULL, 0);
		ike_sa_die(sa, why, IKE_LINGER_MS, now);
		return why;
	}
	if (!why)
		why = finish(sa, v, &child_why, now);
	if (why == ISAKMP_R_SEND)
		why = ISAKMP_OK;	/* kept: the peer will ask again */
	if (why) {
		ike_sa_die(sa, why, 0, now);
		return why;
	}
	ike_resume_done(sa);
	ike_setup_free(sa);
	ike_sa_established(sa, now);
	if (sa->anew)
		sa->release_at = now + IKE_HOLD_MS;
	if (child_why)
		sa->reason = child_why;
	if (child_why == ISAKMP_R_REDIRECTED)
		sa->expire_at = min(sa->expire_at, now + IKE_REDIRECT_MS);
	return child_why;
}
