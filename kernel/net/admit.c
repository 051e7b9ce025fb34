// SPDX-License-Identifier: GPL-2.0
/*
 * May a message without an SA cost us anything?  The checks stand in the order
 * of their price; the first that costs memory is the last.
 */
#include <linux/slab.h>
#include <isakmp/ikev1.h>
#include "net/send.h"
#include "nl/publish.h"
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

/*
 * Prove it, where it may be a peer that was given tokens.  RFC 6290, 8.1: when too many
 * ask, no token is sent.
 */
static bool say_token(const struct isakmp_message *m)
{
	const struct ike_peer *peer = isakmp_peer_first(m->in, &m->path, 2);
	u8 reply[ISAKMP_GATE_TOKEN_MAX];
	struct isakmp_token_key key;
	size_t n = 0;

	if (peer && peer->qcd && isakmp_token_key(m->in, &key))
		n = isakmp_gate_token_reply(&m->h, &key, reply);
	memzero_explicit(&key, sizeof(key));
	if (!n || !may_answer(m->in, &m->in->admit.tokens, ISAKMP_TOKENS_RATE,
			      ISAKMP_TOKENS_BURST))
		return false;
	if (!isakmp_send_message(m->in, &m->path, ISAKMP_SENDER_GATE, reply, n))
		isakmp_count(m->in, ISAKMP_S_TOKEN_SENT);
	return true;
}

/**
 * isakmp_admit_say_no_sa - answer a request for an SA that is not here
 * @m: the message, refused with NO_SA (RFC 7296, 1.5)
 * @lost: no SA is found by the SPI that should be ours, whatever our role (RFC 6290,
 *	9.2: no token may be sent for an SA that is here)
 *
 * Context: Softirq, under RCU.
 */
void isakmp_admit_say_no_sa(const struct isakmp_message *m, bool lost)
{
	u8 reply[ISAKMP_GATE_REPLY_MAX];

	if (lost && say_token(m))
		return;
	say(m, reply, isakmp_gate_spi_reply(&m->h, reply));
}

/* ---- cookies ------------------------------------------------------------- */

/* By the device and with the mark of a peer that it may be. */
static enum isakmp_reason send_cookie(const struct isakmp_message *m, const u8 *cookie)
{
	struct isakmp_path out = isakmp_send_way(m->in, &m->path,
						 isakmp_peer_first(m->in, &m->path, 2));
	u8 reply[ISAKMP_GATE_REPLY_MAX];
	size_t n = isakmp_gate_cookie_reply(&m->h, cookie, reply);

	return isakmp_send_message(m->in, &out, ISAKMP_SENDER_GATE, reply, n);
}

static enum isakmp_reason ask_cookie(const struct isakmp_message *m, const struct isakmp_first *f)
{
	struct isakmp_admit_net *a = &m->in->admit;
	u32 rate = READ_ONCE(m->in->sysctl.cookie_rate);
	u8 cookie[ISAKMP_COOKIE_LEN];
	enum isakmp_reason why;

	if (!may_answer(m->in, &a->cookies_sent, rate, max(rate / 10, 1U)))
		return ISAKMP_R_ANSWER_LIMIT;
	spin_lock_bh(&a->lock);
	isakmp_cookie_rotate(&a->cookies, isakmp_now());
	isakmp_cookie_make(&a->cookies, &m->path, m->h.spi_i, f->ni, f->ni_len, cookie);
	spin_unlock_bh(&a->lock);
	why = send_cookie(m, cookie);
	if (why)
		return why;
	/* RFC 7296, 2.6: a wrong cookie is as good as none */
	return f->cookie ? ISAKMP_R_COOKIE_BAD : ISAKMP_R_COOKIE_SENT;
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

/* ---- source prefixes ----------------------------------------------------- */

/*
 * Whoever proved his address has another bucket than his neighbours, and a larger
 * one: thousands of gateways may sit behind one prefix.
 */
static enum isakmp_reason take_token(const struct isakmp_message *m, bool proven)
{
	const struct isakmp_sysctl *s = &m->in->sysctl;
	struct isakmp_admit_net *a = &m->in->admit;
	bool may;

	spin_lock_bh(&a->lock);
	may = isakmp_bucket_spend(&isakmp_source_of(a->prefixes, &m->path)->bucket[proven],
				  isakmp_now(),
				  READ_ONCE(*(proven ? &s->proven_rate : &s->prefix_rate)),
				  READ_ONCE(*(proven ? &s->proven_burst : &s->prefix_burst)));
	spin_unlock_bh(&a->lock);
	return may ? ISAKMP_OK : ISAKMP_R_PREFIX_LIMIT;
}

/**
 * isakmp_admit_hold - a source prefix has one more half-open SA
 * @in: namespace
 * @path: how its first message came
 *
 * Context: Any.
 */
void isakmp_admit_hold(struct isakmp_net *in, const struct isakmp_path *path)
{
	struct isakmp_admit_net *a = &in->admit;

	spin_lock_bh(&a->lock);
	isakmp_source_of(a->prefixes, path)->half_open++;
	spin_unlock_bh(&a->lock);
}

/**
 * isakmp_admit_release - a source prefix has one half-open SA less
 * @in: namespace
 * @path: as it was held
 *
 * Context: Any.
 */
void isakmp_admit_release(struct isakmp_net *in, const struct isakmp_path *path)
{
	struct isakmp_admit_net *a = &in->admit;

	spin_lock_bh(&a->lock);
	isakmp_source_of(a->prefixes, path)->half_open--;
	spin_unlock_bh(&a->lock);
}

static u32 half_open_of(const struct isakmp_message *m)
{
	struct isakmp_admit_net *a = &m->in->admit;
	u32 n;

	spin_lock_bh(&a->lock);
	n = isakmp_source_of(a->prefixes, &m->path)->half_open;
	spin_unlock_bh(&a->lock);
	return n;
}

/* Does this prefix have its share? */
static bool has_share(const struct isakmp_message *m)
{
	return half_open_of(m) >= READ_ONCE(m->in->sysctl.prefix_half_open);
}

/*
 * SAs with a good cookie do not give way: a few prefixes with good cookies must not
 * fill the table for all others.
 */
static bool has_part(const struct isakmp_message *m)
{
	const struct isakmp_sysctl *s = &m->in->sysctl;
	u32 all = READ_ONCE(s->half_open_max), share = READ_ONCE(s->prefix_half_open);

	if ((u32)atomic_read(&m->in->sas.n_half_open) <= all / 2)
		return false;
	return half_open_of(m) >= max(all / ISAKMP_PREFIX_PART, share);
}

/* ---- first messages ------------------------------------------------------ */

/* RFC 8019, 4.1: when half-open SAs are many, in all or from one prefix */
static bool is_loaded(const struct isakmp_message *m)
{
	const struct isakmp_sysctl *s = &m->in->sysctl;
	u32 n = (u32)atomic_read(&m->in->sas.n_half_open);

	return n >= READ_ONCE(s->cookie_threshold) || n >= READ_ONCE(s->half_open_max) ||
	       has_share(m);
}

/* Who is in too great a hurry may prove his address as well. */
static enum isakmp_reason check_sender(const struct isakmp_message *m,
				       const struct isakmp_first *f, bool *proven)
{
	*proven = cookie_is_good(m, f);
	if (*proven)
		return has_part(m) ? ISAKMP_R_PREFIX_LIMIT : take_token(m, true);
	if (is_loaded(m) || take_token(m, false))
		return ask_cookie(m, f);
	return ISAKMP_OK;
}

static enum isakmp_reason link_reason(struct isakmp_net *in, int err, bool proven)
{
	if (err == -ENFILE)
		return isakmp_table_room(in, false, proven) ?: ISAKMP_R_HALF_OPEN_LIMIT;
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
	sa->v1 = m->h.major == V1_MAJOR;
	sa->first.digest = digest;
	sa->ike.ep->spi_i = m->h.spi_i;
	sa->ike.proven = proven;
	if (proven)
		sa->prio = ISAKMP_PRIO_PROVEN;
	err = isakmp_table_link(sa, NULL);
	if (!err) {
		isakmp_count(m->in, ISAKMP_S_SA_CREATED);
		why = isakmp_sa_deliver(sa, p);
		if (why)
			isakmp_sa_post(sa, IKE_EV_KILL, 0);
	} else if (err == -EEXIST) {
		/* The same message on another CPU was quicker. */
		why = deliver_to_twin(m, digest, p);
	} else {
		why = link_reason(m->in, err, proven);
		isakmp_packet_free(p);
	}
	isakmp_sa_put(sa);
	return why;
}

static enum isakmp_reason admit_v2(const struct isakmp_message *m, u64 digest)
{
	enum isakmp_reason why;
	struct isakmp_first f;
	bool proven;

	why = isakmp_gate_first(m->data, m->n, &m->h, &f);
	if (why)
		return why;
	if (!isakmp_peer_match(m->in, &m->path, 2))
		return ISAKMP_R_NO_PEER;
	why = isakmp_table_room(m->in, true, false);
	if (why)
		return why;
	why = check_sender(m, &f, &proven);
	if (why)
		return why;
	why = isakmp_table_room(m->in, false, proven);
	if (why)
		return why;
	return create(m, digest, proven);
}

/*
 * Version 1 has no cookie that costs us nothing: who sends a first message is not known to be
 * there.  So under load such SAs have only a part of what there is, and a prefix with its
 * share gets no more.
 */
static enum isakmp_reason check_load_v1(const struct isakmp_message *m)
{
	u32 part = READ_ONCE(m->in->sysctl.half_open_max) / ISAKMP_V1_PART;

	if (has_share(m))
		return ISAKMP_R_PREFIX_LIMIT;
	if (is_loaded(m) && (u32)atomic_read(&m->in->sas.n_half_open_v1) >= part)
		return ISAKMP_R_V1_LOAD;
	return take_token(m, false);
}

static enum isakmp_reason admit_v1(const struct isakmp_message *m, u64 digest)
{
	enum isakmp_reason why;

	why = isakmp_gate_v1_first(m->data, m->n, &m->h);
	if (why)
		return why;
	if (!isakmp_peer_match(m->in, &m->path, 1))
		return ISAKMP_R_V1_NO_PEER;
	why = isakmp_table_room(m->in, false, false);
	if (!why)
		why = check_load_v1(m);
	return why ?: create(m, digest, false);
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
	return m->h.major == V1_MAJOR ? admit_v1(m, digest) : admit_v2(m, digest);
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

	if (a->prefixes)
		return 0;
	a->prefixes = kvzalloc(sizeof(*a->prefixes), GFP_KERNEL_ACCOUNT);
	if (!a->prefixes)
		return -ENOMEM;
	isakmp_source_init(a->prefixes);
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
	kvfree(in->admit.prefixes);
	memzero_explicit(&in->admit.cookies, sizeof(in->admit.cookies));
}
