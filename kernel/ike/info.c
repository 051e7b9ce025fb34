// SPDX-License-Identifier: GPL-2.0
/*
 * INFORMATIONAL (RFC 7296, 1.4): deletion, liveness, notifications.  And the
 * one answer that CREATE_CHILD_SA gets.
 */
#include "ike/engine.h"

static void add_delete(struct ike_msg *m, u8 protocol, u32 spi)
{
	u8 octets[4];
	struct isakmp_delete d = { .protocol = protocol };

	if (protocol != IKE_PROTO_IKE) {
		put_unaligned_be32(spi, octets);
		d.spi_size = 4;
		d.n = 1;
		d.spis = octets;
	}
	isakmp_build_payload(&m->b, IKE_PL_DELETE);
	isakmp_delete_encode(&m->b.o, &d);
	isakmp_build_close(&m->b);
}

/**
 * ike_info_send - carry out a task with an INFORMATIONAL request
 * @sa: the SA; no request is out
 * @task: one IKE_TASK_*
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why it could not be built.
 */
enum isakmp_reason ike_info_send(struct ike_sa *sa, unsigned long task, u64 now)
{
	bool not_believed = sa->state == IKE_S_I_VERIFY;
	enum isakmp_reason why;
	struct ike_msg m;

	why = ike_msg_begin(sa, &m, IKE_INFORMATIONAL, IKE_REQUEST, sa->next_out, true);
	if (why)
		return why;
	if (not_believed)
		ike_msg_notify(&m, IKE_N_AUTHENTICATION_FAILED, NULL, 0);
	if (task == IKE_TASK_DELETE_IKE)
		add_delete(&m, IKE_PROTO_IKE, 0);
	if (task == IKE_TASK_DELETE_CHILD)
		add_delete(&m, IKE_PROTO_ESP, sa->child.spi_in);
	why = ike_request_send(sa, &m, IKE_INFORMATIONAL, task, now);
	if (!why && task == IKE_TASK_DELETE_IKE)
		ike_sa_set_state(sa, IKE_S_DELETING);
	return why;
}

/**
 * ike_info_response - our INFORMATIONAL request was answered
 * @sa: the SA; sa->out.task says what it was
 * @in: the message
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK.
 */
enum isakmp_reason ike_info_response(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	if (sa->out.task == IKE_TASK_DELETE_IKE)
		ike_sa_die(sa, ISAKMP_OK, 0, now);
	else if (sa->out.task == IKE_TASK_DELETE_CHILD &&
		 sa->child.state == IKE_CHILD_DELETING)
		ike_child_drop(sa, ISAKMP_OK);
	return ISAKMP_OK;
}

/* What the peer's request asks for, read before anything is done. */
struct wishes {
	bool delete_ike;
	bool delete_child;
	u16 error;
};

/* RFC 7296, 1.4.1: the peer names its inbound SPIs, which are our outbound. */
static bool names_child(const struct ike_sa *sa, const struct isakmp_delete *d)
{
	unsigned int i;

	if (d->protocol != IKE_PROTO_ESP || sa->child.state == IKE_CHILD_NONE)
		return false;
	for (i = 0; i < d->n; i++)
		if (get_unaligned_be32(d->spis + 4 * i) == sa->child.spi_out)
			return true;
	return false;
}

static void read_wishes(const struct ike_sa *sa, const struct ike_in *in,
			struct wishes *w)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;
	struct isakmp_delete d;

	memset(w, 0, sizeof(*w));
	while ((p = isakmp_chain_next(&in->chain, IKE_PL_DELETE, p))) {
		if (isakmp_delete_decode(p, &d))
			continue;
		w->delete_ike |= d.protocol == IKE_PROTO_IKE;
		w->delete_child |= names_child(sa, &d);
	}
	p = NULL;
	while ((p = isakmp_chain_next(&in->chain, IKE_PL_NOTIFY, p)))
		if (!isakmp_notify_decode(p, &n) && n.type < IKE_N_STATUS)
			w->error = n.type;
}

static enum isakmp_reason answer(struct ike_sa *sa, const struct wishes *w)
{
	enum isakmp_reason why;
	struct ike_msg m;

	why = ike_msg_begin(sa, &m, IKE_INFORMATIONAL, IKE_RESPONSE, sa->in.msgid, true);
	if (why)
		return why;
	/* RFC 7296, 1.4.1: our half of the pair; not when both delete at once
	 * (2.25.1), nor with the IKE SA
	 */
	if (w->delete_child && !w->delete_ike && sa->child.state != IKE_CHILD_DELETING)
		add_delete(&m, IKE_PROTO_ESP, sa->child.spi_in);
	why = ike_msg_end(sa, &m);
	if (!why)
		why = ike_respond(sa, &m);
	ike_msg_free(&m);
	return why;
}

/* The peer closed the child: what starts at once is set up anew. */
static void child_closed(struct ike_sa *sa)
{
	const struct ike_child_policy *policy = sa->child.policy;
	bool again = sa->child.state == IKE_CHILD_UP && policy &&
		     policy->start == IKE_START_NOW;

	sa->tasks &= ~(unsigned long)IKE_TASK_DELETE_CHILD;
	ike_child_drop(sa, ISAKMP_OK);
	if (again)
		isakmp_renew(sa, ISAKMP_R_CHILD_LOST);
}

/**
 * ike_info_request - the peer deletes, checks liveness or notifies
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, PEER_ERROR, or why it could not be answered.
 */
enum isakmp_reason ike_info_request(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	enum isakmp_reason why;
	struct wishes w;

	read_wishes(sa, in, &w);
	why = answer(sa, &w);
	if (why == ISAKMP_R_NO_MEMORY)
		return why;
	if (w.delete_child)
		child_closed(sa);
	/* RFC 7296, 2.21.2: an initiator that does not believe us says so here */
	if (w.error == IKE_N_AUTHENTICATION_FAILED)
		w.delete_ike = true;
	in->arg = w.error;
	if (w.error && !why)
		why = ISAKMP_R_PEER_ERROR;
	if (w.delete_ike)
		ike_sa_die(sa, w.error ? ISAKMP_R_PEER_ERROR : ISAKMP_OK,
			   IKE_LINGER_MS, now);
	return why;
}

/**
 * ike_create_child_request - the peer wants another SA
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * RFC 7296, 1.3: "the responder ... MUST reject the request with a
 * NO_ADDITIONAL_SAS notification" when it takes no more.
 *
 * Context: Process; the SA's worker.
 * Return: NO_ADDITIONAL_SAS, or why that could not be sent.
 */
enum isakmp_reason ike_create_child_request(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	enum isakmp_reason why;

	why = ike_respond_notify(sa, IKE_N_NO_ADDITIONAL_SAS, NULL, 0);
	return why ? why : ISAKMP_R_NO_ADDITIONAL_SAS;
}
