// SPDX-License-Identifier: GPL-2.0
/*
 * May a message without an SA cost us anything?  The checks stand in the order
 * of their price; the first that costs memory is the last.
 */
#include <linux/slab.h>
#include "net/send.h"
#include "netns.h"

/* ---- answers ------------------------------------------------------------- */

static bool may_answer(struct isakmp_net *in, struct isakmp_bucket *b, u32 rate, u32 burst)
{
	bool yes;

	spin_lock_bh(&in->admit.lock);
	yes = isakmp_bucket_spend(b, isakmp_now(), rate, burst);
	spin_unlock_bh(&in->admit.lock);
	return yes;
}

static void say(const struct isakmp_message *m, const u8 *reply, size_t n)
{
	if (!n || !may_answer(m->in, &m->in->admit.errors, ISAKMP_ERRORS_RATE,
			      ISAKMP_ERRORS_BURST))
		return;
	if (!isakmp_send_message(m->in, &m->path, ISAKMP_SENDER_GATE, reply, n))
		isakmp_count(m->in, ISAKMP_S_ERROR_SENT);
}

/**
 * isakmp_admit_say_version - answer a message of a higher major version
 * @m: the message, refused with VERSION (RFC 7296, 2.5)
 *
 * Context: Softirq.
 */
void isakmp_admit_say_version(const struct isakmp_message *m)
{
	u8 reply[ISAKMP_GATE_REPLY_MAX];

	say(m, reply, isakmp_gate_version_reply(&m->h, reply));
}

/**
 * isakmp_admit_say_no_sa - answer a request for an SA that is not here
 * @m: the message, refused with NO_SA (RFC 7296, 1.5)
 *
 * Context: Softirq.
 */
void isakmp_admit_say_no_sa(const struct isakmp_message *m)
{
	u8 reply[ISAKMP_GATE_REPLY_MAX];

	say(m, reply, isakmp_gate_spi_reply(&m->h, reply));
}

/* ---- cookies ------------------------------------------------------------- */

static void ask_cookie(const struct isakmp_message *m, const struct isakmp_first *f)
{
	struct isakmp_admit_net *a = &m->in->admit;
	u8 cookie[ISAKMP_COOKIE_LEN], reply[ISAKMP_GATE_REPLY_MAX];
	size_t n;

	if (!may_answer(m->in, &a->cookies_sent, ISAKMP_COOKIES_RATE, ISAKMP_COOKIES_BURST))
		return;
	spin_lock_bh(&a->lock);
	isakmp_cookie_rotate(&a->cookies, isakmp_now());
	isakmp_cookie_make(&a->cookies, &m->path, m->h.spi_i, f->ni, f->ni_len, cookie);
	spin_unlock_bh(&a->lock);
	n = isakmp_gate_cookie_reply(&m->h, cookie, reply);
	if (n)
		isakmp_send_message(m->in, &m->path, ISAKMP_SENDER_GATE, reply, n);
}

static bool cookie_is_good(const struct isakmp_message *m, const struct isakmp_first *f)
{
	struct isakmp_admit_net *a = &m->in->admit;
	enum isakmp_reason why;

	if (!f->cookie)
		return false;
	spin_lock_bh(&a->lock);
	isakmp_cookie_rotate(&a->cookies, isakmp_now());
	why = isakmp_cookie_check(&a->cookies, &m->path, m->h.spi_i, f);
	spin_unlock_bh(&a->lock);
	if (!why)
		isakmp_count(m->in, ISAKMP_S_COOKIES_GOOD);
	return !why;
}

static enum isakmp_reason check_cookie(const struct isakmp_message *m,
				       const struct isakmp_first *f, bool *proven)
{
	struct isakmp_net *in = m->in;

	*proven = cookie_is_good(m, f);
	if (*proven || (u32)atomic_read(&in->sas.n_half_open) <
		       READ_ONCE(in->sysctl.cookie_threshold))
		return ISAKMP_OK;
	/* RFC 7296, 2.6: a wrong cookie is as good as none */
	ask_cookie(m, f);
	return f->cookie ? ISAKMP_R_COOKIE_BAD : ISAKMP_R_COOKIE_SENT;
}

/* ---- first messages ------------------------------------------------------ */

static enum isakmp_reason check_prefix(const struct isakmp_message *m)
{
	const struct isakmp_sysctl *s = &m->in->sysctl;
	struct isakmp_admit_net *a = &m->in->admit;
	enum isakmp_reason why;

	spin_lock_bh(&a->lock);
	why = isakmp_bucket_take(a->buckets, &m->path, isakmp_now(), READ_ONCE(s->prefix_rate),
				 READ_ONCE(s->prefix_burst));
	spin_unlock_bh(&a->lock);
	return why;
}

static enum isakmp_reason link_reason(struct isakmp_net *in, int err)
{
	enum isakmp_reason why = isakmp_table_room(in, false);

	if (err == -ENFILE)
		return why ?: ISAKMP_R_SA_LIMIT;
	return err == -ESHUTDOWN ? ISAKMP_R_DYING : ISAKMP_R_NO_MEMORY;
}

static enum isakmp_reason deliver_to_twin(const struct isakmp_message *m, u64 digest,
					  struct isakmp_packet *p)
{
	struct isakmp_first_key key = { .digest = digest, .path = m->path };
	struct isakmp_sa *sa = isakmp_table_find_first(m->in, &key);
	enum isakmp_reason why = ISAKMP_R_DYING;

	if (!sa) {
		isakmp_packet_free(p);
		return why;
	}
	why = isakmp_sa_deliver(sa, p);
	isakmp_sa_put(sa);
	return why;
}

static enum isakmp_reason create(const struct isakmp_message *m, u64 digest, bool proven)
{
	struct isakmp_packet *p = isakmp_packet_new(m->data, m->n, GFP_ATOMIC);
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;
	struct isakmp_sa *sa;
	int err;

	if (!p)
		return why;
	p->ike.digest = digest;
	p->ike.path = m->path;
	sa = isakmp_sa_new(m->in, false, &m->path, GFP_ATOMIC);
	if (!sa) {
		isakmp_packet_free(p);
		return why;
	}
	sa->first.digest = digest;
	sa->ike.spi_i = m->h.spi_i;
	sa->ike.proven = proven;
	if (proven)
		sa->prio = ISAKMP_PRIO_PROVEN;
	err = isakmp_table_link(sa, false);
	if (!err) {
		isakmp_count(m->in, ISAKMP_S_SA_CREATED);
		why = isakmp_sa_deliver(sa, p);
		if (why)
			isakmp_sa_post(sa, IKE_EV_KILL, 0);
	} else if (err == -EEXIST) {
		/* The same message on another CPU was quicker. */
		why = deliver_to_twin(m, digest, p);
	} else {
		why = link_reason(m->in, err);
		isakmp_packet_free(p);
	}
	isakmp_sa_put(sa);
	return why;
}

/**
 * isakmp_admit_first - a first message that no SA knows
 * @m: the message
 * @digest: of the whole of it
 *
 * Context: Softirq.
 * Return: OK: there is an SA now and it has the message; or why not.
 */
enum isakmp_reason isakmp_admit_first(const struct isakmp_message *m, u64 digest)
{
	enum isakmp_reason why;
	struct isakmp_first f;
	bool proven;

	why = isakmp_gate_first(m->data, m->n, &m->h, &f);
	if (why)
		return why;
	if (!isakmp_peer_match(m->in, &m->path))
		return ISAKMP_R_NO_PEER;
	why = isakmp_table_room(m->in, false);
	if (why)
		return why;
	why = check_cookie(m, &f, &proven);
	if (why)
		return why;
	why = check_prefix(m);
	if (why)
		return why;
	return create(m, digest, proven);
}

/* ---- namespace ----------------------------------------------------------- */

/**
 * isakmp_admit_net_init - nobody is let in yet
 * @in: namespace
 *
 * Context: Process.
 * Return: 0.
 */
int isakmp_admit_net_init(struct isakmp_net *in)
{
	spin_lock_init(&in->admit.lock);
	return 0;
}

/**
 * isakmp_admit_open - get ready for the first message
 * @in: namespace
 *
 * Context: Process; before a socket is open.
 * Return: 0 or -ENOMEM.
 */
int isakmp_admit_open(struct isakmp_net *in)
{
	struct isakmp_admit_net *a = &in->admit;

	if (a->buckets)
		return 0;
	a->buckets = kvzalloc(sizeof(*a->buckets), GFP_KERNEL_ACCOUNT);
	if (!a->buckets)
		return -ENOMEM;
	isakmp_bucket_init(a->buckets);
	isakmp_cookie_init(&a->cookies, isakmp_now());
	return 0;
}

/**
 * isakmp_admit_net_exit - forget everybody
 * @in: namespace; its sockets are closed
 *
 * Context: Process.
 */
void isakmp_admit_net_exit(struct isakmp_net *in)
{
	kvfree(in->admit.buckets);
	memzero_explicit(&in->admit.cookies, sizeof(in->admit.cookies));
}
