// SPDX-License-Identifier: GPL-2.0
/*
 * The helper: userspace/isakmpd decides, as it does for the kernel.  Here are
 * the question's way there and the answer's way back, with a helper that may be
 * slow or dead.  A question that nobody answers ends as helper-lost.
 */
#include <stdlib.h>

#include "isakmpd/auth.h"
#include "world.h"

/* A question in flight: everything copied, as nl/ does. */
struct pending {
	struct pending *next;
	u64 id;
	u64 sa_id;
	u32 question;
	struct node *node;
	struct question q;
	char peer[ISAKMP_NAME_MAX + 1];
	u64 deadline;
};

static struct pending *pending;
static u64 last_id;

static enum cred_state read_secret(const struct cred_source *src,
				   const struct config_cred *cred, struct secret *s)
{
	/* cred->file is the secret itself here */
	s->n = strlen(cred->file);
	memcpy(s->octets, cred->file, s->n);
	return CRED_READY;
}

static enum cred_state load(const struct cred_source *src, const struct config_cred *cred,
			    struct loaded **l)
{
	*l = pki_cred(cred->file);
	return CRED_READY;
}

/* Who is asked by XAUTH has a name, who asks knows them all. */
static int add_xauth(struct config *c, const struct node *node, struct config_auth *l,
		     struct config_auth *r)
{
	static const struct ident user = { IKE_ID_KEY_ID, sizeof(PKI_USER) - 1,
					   (const u8 *)PKI_USER };
	struct config_cred us = { .name = "user", .type = ISAKMP_CRED_USER, .n_id = 1, .id = &user,
				  .file = node->wrong ? "a wrong password" : "the password" };
	struct config_cred all = { .name = "users", .type = ISAKMP_CRED_USERS,
				   .file = "users:the password" };

	if (!node->xauth)
		return 0;
	if (node->n)
		r->xauth = "users";
	else
		l->xauth = "user";
	return config_add_cred(c, &us) ?: config_add_cred(c, &all);
}

void helper_setup(struct node *node)
{
	static const u8 names[2][16] = { "gw-a.example", "gw-b.example" };
	static const char *const own[2] = { "0", "1" };
	struct ident local = { IKE_ID_FQDN, 12, names[node->n] };
	struct ident remote = { IKE_ID_FQDN, 12, names[1 - node->n] };
	u8 method = node->certs ? ISAKMP_METHOD_PUBKEY : ISAKMP_METHOD_PSK;
	struct config *c = config_new();
	struct config_peer peer = { .name = node->peer.name, .gen = node->peer.gen,
				    .has_versions = world->v1, .accept = node->peer.v1.accept,
				    .versions = world->v1 ? ISAKMP_VERSIONS_1 : ISAKMP_VERSIONS_2 };
	struct config_cred psk = { .name = "psk", .type = ISAKMP_CRED_PSK, .n_id = 1,
				   .id = &remote, .file = node->secret };
	struct config_cred root = { .name = "root", .type = ISAKMP_CRED_CA, .file = "root" };
	struct config_cred ours = { .name = "ours", .type = ISAKMP_CRED_X509, .n_id = 1, .id = &local,
				    .file = node->stranger ? "stranger" : own[node->n] };
	struct config_auth l = { .method = method, .id = local,
				 .cred = node->certs ? "ours" : "psk" };
	struct config_auth r = { .method = method, .id = remote };

	helper_free(node);
	if (config_add_peer(c, &peer) || config_add_cred(c, &psk) ||
	    config_add_cred(c, &root) || config_add_cred(c, &ours) ||
	    add_xauth(c, node, &l, &r) ||
	    config_add_auth(c, peer.name, ISAKMP_SIDE_LOCAL, &l) ||
	    config_add_auth(c, peer.name, ISAKMP_SIDE_REMOTE, &r) || config_finish(c))
		broken("the helper refuses its configuration");
	node->helper = c;
}

static void pending_free(struct pending *p)
{
	struct octets *o[] = { &p->q.msg_i, &p->q.msg_r, &p->q.ni, &p->q.nr, &p->q.sk_pi,
			       &p->q.sk_pr, &p->q.id_i, &p->q.id_r, &p->q.auth, &p->q.seed,
			       &p->q.peer_ke, &p->q.attributes, &p->q.secret,
			       &p->q.secret_id, &p->q.unique };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(o); i++)
		free((void *)o[i]->p);
	for (i = 0; i < p->q.n_cert; i++)
		free((void *)p->q.cert[i].p);
	for (i = 0; i < p->q.n_certreq; i++)
		free((void *)p->q.certreq[i].p);
	free(p);
}

static struct pending *pending_take(u64 id)
{
	struct pending **p, *found;

	for (p = &pending; *p; p = &(*p)->next) {
		if ((*p)->id != id)
			continue;
		found = *p;
		*p = found->next;
		return found;
	}
	return NULL;
}

void helper_free(struct node *node)
{
	struct pending **p = &pending, *o;

	while (*p) {
		o = *p;
		if (o->node != node) {
			p = &o->next;
			continue;
		}
		*p = o->next;
		pending_free(o);
	}
	if (node->helper)
		config_put(node->helper);
	node->helper = NULL;
}

static struct sim_sa *waiting_sa(const struct pending *p)
{
	struct sim_sa *s;

	for (s = p->node->sas; s; s = s->next)
		if (s->ike.id == p->sa_id && s->ask_id == p->id)
			return s;
	return NULL;
}

static void deliver(struct pending *p, struct ike_verdict *v)
{
	struct ike_event ev = { .type = IKE_EV_VERDICT, .verdict = v };
	struct sim_sa *s = waiting_sa(p);

	if (!s)
		broken("a verdict comes for an SA that asked nothing");
	s->ask_id = 0;
	v->question = p->question;
	if (!v->reason && v->peer) {
		v->children = ~0U;
		world->peer_refs++;
	}
	sa_event(s, &ev);
	if (v->peer)
		isakmp_peer_put(v->peer);
	isakmp_free(v);
	pending_free(p);
}

static size_t bodies_len(const struct answer *a)
{
	size_t n = a->certreq.n + a->kex.pub_len + a->kex.shared_len + a->unique_len +
		   a->handle_len + 2 * ISAKMP_NAME_MAX + a->skeyid_len + a->attributes.n +
		   sizeof(a->user);
	u8 i;

	for (i = 0; i < a->n_authority; i++)
		n += a->authority[i].n;
	for (i = 0; i < a->n_cert; i++)
		n += a->cert[i].n;
	return n;
}

static struct ike_span keep(u8 **to, const u8 *p, size_t n)
{
	struct ike_span s = { *to, n };

	if (n)
		memcpy(*to, p, n);
	*to += n;
	return s;
}

static void keep_bodies(struct ike_verdict *v, const struct answer *a)
{
	u8 *to = v->data;

	while (v->n_certs < a->n_cert) {
		v->certs[v->n_certs] = keep(&to, a->cert[v->n_certs].p, a->cert[v->n_certs].n);
		v->n_certs++;
	}
	if (a->certreq.n)
		v->certreq = keep(&to, a->certreq.p, a->certreq.n);
	v->unique = keep(&to, a->unique, a->unique_len);
	v->handle = keep(&to, a->handle, a->handle_len);
	if (a->local_cred)
		v->local_cred = keep(&to, (const u8 *)a->local_cred,
				     strlen(a->local_cred));
	if (a->remote_cred)
		v->remote_cred = keep(&to, (const u8 *)a->remote_cred,
				      strlen(a->remote_cred));
	v->left_s = a->auth_left;
	v->pub = keep(&to, a->kex.pub, a->kex.pub_len);
	v->shared = keep(&to, a->kex.shared, a->kex.shared_len);
	for (; v->n_certreqs < a->n_authority; v->n_certreqs++)
		v->certreqs[v->n_certreqs] = keep(&to, a->authority[v->n_certreqs].p,
						  a->authority[v->n_certreqs].n);
	v->skeyid = keep(&to, a->skeyid, a->skeyid_len);
	v->attributes = keep(&to, a->attributes.p, a->attributes.n);
	v->user = keep(&to, (const u8 *)a->user, strlen(a->user));
}

/* The address that B gives to A. */
static void lease(struct ike_verdict *v)
{
	static const struct isakmp_addr inner = { .family = 4, .a = { 10, 99, 0, 7 } };

	if (v->kind == IKE_ASK_V1_CONFIG && !v->reason)
		v->inner[0] = inner;
}

/* What fails once does not fail again at once (lives.c). */
static struct ike_verdict *verdict_new(size_t bodies)
{
	struct ike_verdict *v;

	do {
		v = isakmp_alloc(sizeof(*v) + bodies);
	} while (!v);
	return v;
}

static void decide(struct pending *p)
{
	static const struct cred_source src = { read_secret, load, NULL };
	struct ike_verdict *v;
	struct secret scratch;
	struct answer a;

	auth_decide(p->node->helper, &src, &p->q, &scratch, &a);
	secret_wipe(&scratch);
	v = verdict_new(bodies_len(&a));
	v->kind = p->q.kind;
	v->reason = a.reason;
	v->peer = !a.reason && a.names_peer ? &p->node->peer : NULL;
	v->n_methods = a.n_methods;
	memcpy(v->methods, a.methods, sizeof(v->methods));
	v->auth_method = a.auth_method;
	v->id_len = a.local_id_len;
	v->id_want_len = a.remote_id_len;
	v->auth_len = a.auth_len;
	memcpy(v->id, a.local_id, a.local_id_len);
	memcpy(v->id_want, a.remote_id, a.remote_id_len);
	memcpy(v->auth, a.auth, a.auth_len);
	v->more = a.more;
	v->attributes_type = a.attributes_type;
	keep_bodies(v, &a);
	lease(v);
	auth_release(&a);
	deliver(p, v);
}

/* The helper looks: it answers, or is dead and looks again when it is back. */
static void turn(struct world *w, u64 id)
{
	struct pending *p = pending_take(id);
	struct ike_verdict *v;

	if (!p)
		return;
	if (p->node->helper_up) {
		decide(p);
	} else if (w->now >= p->deadline) {
		v = verdict_new(0);
		v->kind = p->q.kind;
		v->reason = ISAKMP_R_HELPER_LOST;
		deliver(p, v);
	} else {
		p->next = pending;
		pending = p;
		world_call_in(w, min_t(u64, 500, p->deadline - w->now), turn, id);
	}
}

static struct octets copy(struct ike_span s)
{
	u8 *p = s.len ? malloc(s.len) : NULL;

	if (p)
		memcpy(p, s.p, s.len);
	return (struct octets){ p, s.len };
}

/* The bodies of the payloads of one type that came with the message asked about. */
static void copy_bodies(const struct isakmp_chain *c, u8 type, struct octets *to, u8 *n)
{
	const struct isakmp_payload *pl = NULL;

	while (c && *n < IKE_CERTS_MAX && (pl = isakmp_chain_next(c, type, pl)))
		to[(*n)++] = copy((struct ike_span){ pl->body, pl->len });
}

enum isakmp_reason isakmp_ask(struct ike_sa *sa, const struct ike_ask *ask)
{
	struct sim_sa *s = sim_sa_of(sa);
	struct pending *p = calloc(1, sizeof(*p));

	native_process(__func__);
	if (s->ask_id)
		broken("an SA asks two questions at once");
	p->id = s->ask_id = ++last_id;
	p->sa_id = sa->id;
	p->question = ask->question;
	p->node = s->node;
	p->deadline = world->now + ISAKMP_UPCALL_MS;
	memcpy(p->peer, s->node->peer.name, sizeof(p->peer));
	p->q = (struct question){
		.id = p->id, .sa = sa->id, .kind = ask->kind, .prf = ask->prf,
		.auth_method = ask->auth_method, .n_peer = 1, .peer = { { .name = p->peer } },
		.msg_i = copy(ask->msg_i), .msg_r = copy(ask->msg_r),
		.ni = copy(ask->ni), .nr = copy(ask->nr),
		.sk_pi = copy(ask->sk_pi), .sk_pr = copy(ask->sk_pr),
		.id_i = copy(ask->id_i), .id_r = copy(ask->id_r), .auth = copy(ask->auth),
		.hashes = ask->hashes, .group = ask->group, .seed = copy(ask->seed),
		.peer_ke = copy(ask->peer_ke),
		.version = ask->v1, .initiator = ask->initiator,
		.aggressive = ask->aggressive, .proof_later = ask->proof_later,
		.exchange = ask->exchange, .method = ask->method,
		.attributes_type = ask->attributes_type, .attributes = copy(ask->attributes),
		.secret = copy(ask->secret), .secret_id = copy(ask->secret_id),
		.unique = copy(ask->unique),
	};
	copy_bodies(ask->chain, IKE_PL_CERT, p->q.cert, &p->q.n_cert);
	copy_bodies(ask->chain, IKE_PL_CERTREQ, p->q.certreq, &p->q.n_certreq);
	if (ask->certreq.len && p->q.n_certreq < IKE_CERTS_MAX)
		p->q.certreq[p->q.n_certreq++] = copy(ask->certreq);
	p->next = pending;
	pending = p;
	world_call_in(world, 1 + chance(world, 800), turn, p->id);
	return ISAKMP_OK;
}

void isakmp_lease_drop(struct ike_sa *sa)
{
	native_process(__func__);
}

void isakmp_ask_cancel(struct ike_sa *sa)
{
	struct sim_sa *s = sim_sa_of(sa);
	struct pending *p = s->ask_id ? pending_take(s->ask_id) : NULL;

	s->ask_id = 0;
	if (p)
		pending_free(p);
}
