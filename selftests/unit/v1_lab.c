// SPDX-License-Identifier: GPL-2.0
/* Two connections of version 1: policy, helpers, network. */
#include "nl/answer.h"
#include "v1_lab.h"

struct v1_lab v1_lab;

/* ---- seams ----------------------------------------------------------------- */

u64 isakmp_v1_elder(struct ike_sa *sa)
{
	native_process(__func__);
	v1_lab.elders++;
	/* What says that it knows of none elder means it */
	return talk_end(sa)->name == 'B' && !sa->contact ? v1_lab.elder : 0;
}

u64 isakmp_v1_stand(struct ike_sa *sa)
{
	native_process(__func__);
	return v1_lab.stands[talk_end(sa)->name == 'B'];
}

enum isakmp_reason isakmp_v1_hand_over(struct ike_sa *sa, struct ike_epoch *ep, u64 id)
{
	struct ike_epoch *copy;

	native_process(__func__);
	if (!id || (id != v1_lab.elder && id != v1_lab.stands[talk_end(sa)->name == 'B']))
		talk_broken("handed over to nobody");
	if (v1_lab.hand_over_why)
		return v1_lab.hand_over_why;
	copy = isakmp_alloc(sizeof(*copy));
	if (!copy)
		return ISAKMP_R_NO_MEMORY;
	v1_lab.hand_overs++;
	*copy = *ep;
	copy->next = NULL;
	ep->v1 = NULL;
	ep->door = NULL;
	v1_lab.take = (struct ike_v1_take){
		.ep = copy, .path = sa->path, .encap = sa->encap, .last_in = sa->last_in,
		.nat = { sa->natt, sa->nat_local, sa->nat_remote },
		.basis = sa->basis, .until_at = sa->until_at, .reauth_at = sa->reauth_at,
	};
	sa->basis = NULL;
	return ISAKMP_OK;
}

/* ---- policy ---------------------------------------------------------------- */

static void policy(struct end *e)
{
	static const struct ike_suite ike[] = {
		{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128,
		  IKE_PRF_HMAC_SHA2_256, IKE_KE_ECP_256 },
		{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CBC, 128, IKE_INTEG_HMAC_SHA1_96,
		  IKE_PRF_HMAC_SHA1, IKE_KE_ECP_256 },
	};
	static const struct ike_suite esp[] = {
		{ IKE_PROTO_ESP, 0, IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128, 0, 0 },
		{ IKE_PROTO_ESP, 0, IKE_ENCR_AES_CBC, 128, IKE_INTEG_HMAC_SHA1_96, 0, 0 },
	};

	e->peer.ike.n = ARRAY_SIZE(ike);
	memcpy(e->peer.ike.s, ike, sizeof(ike));
	e->child.esp.n = ARRAY_SIZE(esp);
	memcpy(e->child.esp.s, esp, sizeof(esp));
	e->peer.life_s = 14400;
	e->child.life_s = 3600;
	e->peer.v1 = (struct ike_v1){
		.versions = IKE_VERSIONS_1, .exchange = V1_MAIN, .accept = BIT(V1_MAIN),
		.methods = BIT(IKE_V1_PSK),
	};
}

struct talk *v1_lab_new(void)
{
	struct talk *t = talk_new();

	memset(&v1_lab, 0, sizeof(v1_lab));
	v1_lab.psk[0] = v1_lab.psk[1] = "a secret that both know";
	v1_lab.id[0] = "a.example";
	v1_lab.id[1] = "b.example";
	v1_lab.methods[0] = V1_M_PSK;
	v1_lab.n_methods = 1;
	policy(&t->a);
	policy(&t->b);
	return t;
}

struct talk *v1_lab_new_sig(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.methods[0] = V1_M_RSA_SIG;
	t->a.peer.v1.methods = BIT(IKE_V1_SIG);
	t->b.peer.v1.methods = BIT(IKE_V1_SIG);
	return t;
}

struct talk *v1_lab_new_xauth(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.methods[0] = V1_M_XAUTH_I_PSK;
	t->a.peer.v1.xauth = IKE_V1_XAUTH_US;
	t->b.peer.v1.xauth = IKE_V1_XAUTH_PEER;
	v1_lab.user = v1_lab.known_user = "ann";
	v1_lab.password = v1_lab.known_password = "her password";
	return t;
}

/* ---- helpers ---------------------------------------------------------------- */

static unsigned int index_of(const struct end *e)
{
	return e->name == 'B';
}

/* Memory that runs out is the engine's, not the helper's: a test has it fail once. */
static void prf(u16 id, const u8 *key, size_t len, const struct ike_span *v, unsigned int n,
		u8 *out)
{
	if (isakmp_prf(id, key, len, v, n, out) && isakmp_prf(id, key, len, v, n, out))
		talk_broken("no prf");
}

/* ID_FQDN, as RFC 2407, 4.6.2 has it. */
static u16 id_of(const struct end *e, u8 *to)
{
	const char *id = v1_lab.id[index_of(e)];

	memset(to, 0, 4);
	to[0] = V1_ID_FQDN;
	to[1] = v1_lab.id_port ? 17 : 0;
	put_unaligned_be16(v1_lab.id_port, to + 2);
	memcpy(to + 4, id, strlen(id));
	return (u16)(4 + strlen(id));
}

/* A signature of who is called @id: of the very HASH of RFC 2409, 5. */
static void sign(const struct end *e, const struct ike_span *msg, const struct ike_span *id,
		 u8 out[32])
{
	const struct ike_ask *a = &e->ask;
	const struct ike_span v[] = { *msg, *id };
	u8 hash[64];
	const struct ike_span h = { hash, isakmp_prf_len(a->prf) };

	prf(a->prf, a->sk_pi.p, a->sk_pi.len, v, 2, hash);
	prf(IKE_PRF_HMAC_SHA2_256, id->p, id->len, &h, 1, out);
}

static bool method_signs(u16 method, bool of_initiator)
{
	return v1_proof_of(method, of_initiator) == V1_CLASS_SIG;
}

static struct ike_span text(const char *s)
{
	return (struct ike_span){ (const u8 *)s, strlen(s) };
}

/* As isakmpd does: what an acceptance stands on. */
static void stand(struct ike_verdict *v, const struct ike_span *body)
{
	static u8 unique[IKE_UNIQUE_MAX];

	unique[0] = body->p[0];
	memcpy(unique + 1, body->p + 4, body->len - 4);
	v->unique = (struct ike_span){ unique, body->len - 3 };
	v->remote_cred = text("shown");
}

struct ike_span v1_lab_user(const char *name, const struct ike_span *body)
{
	static u8 unique[IKE_UNIQUE_MAX];
	size_t n = strlen(name);

	unique[0] = 0;
	unique[1] = (u8)n;
	memcpy(unique + 2, name, n);
	unique[2 + n] = body->p[0];
	memcpy(unique + 3 + n, body->p + 4, body->len - 4);
	return (struct ike_span){ unique, n + body->len - 1 };
}

static void add_own(struct end *e, struct ike_verdict *v, bool of_initiator)
{
	const struct ike_ask *a = &e->ask;
	const struct ike_span id = { v->id, v->id_len };

	if (!method_signs(a->method, of_initiator))
		return;
	v->auth_len = 32;
	v->local_cred = text("own");
	sign(e, of_initiator ? &a->msg_i : &a->msg_r, &id, v->auth);
	v->n_certs = 1;
	v->certs[0] = (struct ike_span){ (const u8 *)"\4certificate", 12 };
}

static enum isakmp_reason check_peer(struct end *e, bool of_initiator)
{
	const struct ike_ask *a = &e->ask;
	u8 want[32];

	if (!method_signs(a->method, of_initiator) || a->proof_later)
		return ISAKMP_OK;
	sign(e, of_initiator ? &a->msg_i : &a->msg_r, of_initiator ? &a->id_i : &a->id_r, want);
	return a->auth.len == 32 && !memcmp(want, a->auth.p, 32) ? ISAKMP_OK :
								  ISAKMP_R_AUTH_FAILED;
}

static u8 skeyid[64];

static void make_skeyid(struct end *e, struct ike_verdict *v)
{
	const char *psk = v1_lab.psk[index_of(e)];
	const struct ike_span n[] = { e->ask.ni, e->ask.nr };

	prf(e->ask.prf, (const u8 *)psk, strlen(psk), n, 2, skeyid);
	v->skeyid = (struct ike_span){ skeyid, isakmp_prf_len(e->ask.prf) };
}

/* RSA as far as it matters here: who it is for, how long it was, and no octet as it was. */
#define SEALED 96

static u8 sealed[2][SEALED];

static struct ike_span seal(unsigned int n, char for_whom, const struct ike_span *text)
{
	size_t i;

	if (text->len > SEALED - 2)
		talk_broken("too long for the key");
	memset(sealed[n], 0, SEALED);
	sealed[n][0] = (u8)for_whom;
	sealed[n][1] = (u8)text->len;
	for (i = 0; i < text->len; i++)
		sealed[n][2 + i] = text->p[i] ^ 0x5a;
	return (struct ike_span){ sealed[n], SEALED };
}

/* Nobody is to learn that it was not for us: random octets. */
static struct ike_span unseal(unsigned int n, const struct end *e, const struct ike_span *text)
{
	size_t i, len = 32;

	isakmp_random(sealed[n], SEALED);
	if (text->len == SEALED && text->p[0] == e->name && text->p[1] <= SEALED - 2) {
		len = text->p[1];
		for (i = 0; i < len; i++)
			sealed[n][i] = text->p[2 + i] ^ 0x5a;
	}
	return (struct ike_span){ sealed[n], len };
}

static void encrypt(struct end *e, struct ike_verdict *v)
{
	const struct ike_span own = { v->id, v->id_len };
	char other = talk_other(e)->name;

	v->secret = seal(0, other, &e->ask.secret);
	if (v1_class_of(e->ask.method) == V1_CLASS_ENC)
		v->secret_id = seal(1, other, e->ask.initiator ? &e->ask.secret_id : &own);
	else if (e->ask.secret_id.len)
		talk_broken("%c: the identity is not the helper's", e->name);
}

static void whose(struct end *e, struct ike_verdict *v)
{
	v->peer = &e->peer;
	isakmp_peer_get(v->peer);
}

static bool is_text(const struct v1_attr_value *v, const char *s)
{
	return v->len == strlen(s) && !memcmp(v->value, s, v->len);
}

/* Name and password are in @from, and right. */
static bool knows(const struct ike_span *from)
{
	unsigned int right = 0;
	struct v1_attr_value v;
	struct isakmp_cur c;

	isakmp_cur_init(&c, from->p, from->len);
	while (v1_attr_next(&c, &v)) {
		if (v.type == V1_X_USER_NAME && is_text(&v, v1_lab.known_user))
			right |= 1;
		if (v.type == V1_X_USER_PASSWORD && is_text(&v, v1_lab.known_password))
			right |= 2;
	}
	return right == 3;
}

/* Methods of XAUTH come in pairs: the initiator is asked, the responder is. */
static bool asks_initiator(u16 method)
{
	return method & 1;
}

static void xauth(struct end *e, struct ike_verdict *v)
{
	bool asked = e->peer.v1.xauth == IKE_V1_XAUTH_US;
	bool more = !asked && (!e->ask.attributes_type || v1_lab.rounds);
	const struct ike_span name = text(asked ? v1_lab.user : "");
	const struct ike_span word = text(asked ? v1_lab.password : "");
	static u8 room[256];
	struct isakmp_out o;

	isakmp_out_init(&o, room, sizeof(room));
	v1_attr_encode_long(&o, V1_X_USER_NAME, name.p, (u16)name.len);
	v1_attr_encode_long(&o, V1_X_USER_PASSWORD, word.p, (u16)word.len);
	if (asked || more) {
		if (more && e->ask.attributes_type)
			v1_lab.rounds--;
		v->more = more;
		v->attributes_type = asked ? IKE_CFG_REPLY : IKE_CFG_REQUEST;
		v->attributes = (struct ike_span){ room, o.len };
		return;
	}
	if (!knows(&e->ask.attributes)) {
		v->reason = ISAKMP_R_AUTH_FAILED;
		return;
	}
	v->user = text(v1_lab.known_user);
	v->unique = v1_lab_user(v1_lab.known_user,
				asks_initiator(e->ask.method) ? &e->ask.id_i : &e->ask.id_r);
	v->remote_cred = text("users");
	v->handle = v->user;
}

static void addresses(struct end *e, struct ike_verdict *v)
{
	whose(e, v);
	memcpy(v->inner, e->inner, sizeof(v->inner));
	v->no_address = e->no_address;
	v->config = e->config;
}

static bool says_own_id(const struct ike_ask *a)
{
	switch (a->kind) {
	case IKE_ASK_V1_ENCRYPT:
		return !a->initiator;
	case IKE_ASK_I_AUTH:
	case IKE_ASK_R_AUTH:
	case IKE_ASK_V1_BEGIN:
	case IKE_ASK_V1_SKEYID:
		return true;
	}
	return false;
}

static void good(struct end *e, struct ike_verdict *v)
{
	const struct ike_ask *a = &e->ask;

	if (!a->v1)
		talk_broken("%c: asks as version 2 does", e->name);
	if (says_own_id(a))
		v->id_len = id_of(e, v->id);
	switch (a->kind) {
	case IKE_ASK_V1_BEGIN:
		v->n_methods = v1_lab.n_methods;
		memcpy(v->methods, v1_lab.methods, sizeof(v->methods));
		break;
	case IKE_ASK_V1_SKEYID:
		make_skeyid(e, v);
		v->local_cred = text("own");
		if (!a->initiator)
			whose(e, v);
		break;
	case IKE_ASK_V1_ENCRYPT:
		encrypt(e, v);
		if (!a->initiator)
			whose(e, v);
		break;
	case IKE_ASK_V1_DECRYPT:
		v->local_cred = text("own");
		v->secret = unseal(0, e, &a->secret);
		if (v1_class_of(a->method) == V1_CLASS_ENC)
			v->secret_id = unseal(1, e, &a->secret_id);
		break;
	case IKE_ASK_I_AUTH:
		add_own(e, v, true);
		break;
	case IKE_ASK_R_AUTH:
		v->reason = (u16)check_peer(e, true);
		if (v->reason)
			return;
		add_own(e, v, false);
		whose(e, v);
		if (!a->proof_later)
			stand(v, &a->id_i);
		v->children = ~0U;
		break;
	case IKE_ASK_I_VERIFY:
		v->reason = (u16)check_peer(e, !a->initiator);
		if (!v->reason)
			stand(v, a->initiator ? &a->id_r : &a->id_i);
		break;
	case IKE_ASK_V1_XAUTH:
		xauth(e, v);
		break;
	case IKE_ASK_V1_CONFIG:
		addresses(e, v);
		break;
	}
}

/* What an answer has, as nl/ sees it. */
static u64 attributes_of(const struct ike_verdict *v)
{
	const struct {
		bool has;
		u64 bits;
	} parts[] = {
		{ v->id_len, A(LOCAL_ID) },
		{ v->auth_len, A(AUTH) },
		{ v->n_certs, A(CERT) },
		{ v->peer && v->kind != IKE_ASK_V1_CONFIG, A(PEER) | A(GEN) },
		{ v->unique.len, A(UNIQUE) },
		{ v->local_cred.len, A(LOCAL_CRED) },
		{ v->remote_cred.len, A(REMOTE_CRED) },
		{ v->handle.len, A(HANDLE) },
		{ v->left_s, A(AUTH_LEFT_S) },
		{ v->n_methods, A(METHOD) },
		{ v->n_certreqs, A(CERTREQ) },
		{ v->skeyid.len, A(SKEYID) },
		{ v->secret.len, A(SECRET) },
		{ v->secret_id.len, A(SECRET_ID) },
		{ v->attributes_type, A(ATTRIBUTES_TYPE) | A(ATTRIBUTES) },
		{ v->more, A(MORE) },
		{ v->user.len, A(USER) },
		{ v->inner[0].family || v->inner[1].family, A(ADDR) },
		{ v->no_address, A(NO_ADDR) },
	};
	unsigned int i;
	u64 bits = 0;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i].has)
			bits |= parts[i].bits;
	return bits;
}

/* nl/ takes no answer that does not fit: the SA hears that the helper is out of its mind. */
static void only_fitting(struct end *e, struct ike_verdict *v)
{
	struct isakmp_answer fits = isakmp_answer_v1(&e->ask, e->ike.peer);
	u64 bits = attributes_of(v);

	if (!(fits.must & ~bits) && !(bits & ~(fits.must | fits.may)))
		return;
	tap_note("%c, question %u: %llx of %llx, %llx", e->name, v->kind, (unsigned long long)bits,
		 (unsigned long long)fits.must, (unsigned long long)fits.may);
	v1_lab.misfits++;
	if (v->peer)
		isakmp_peer_put(v->peer);
	*v = (struct ike_verdict){ .kind = v->kind, .reason = ISAKMP_R_HELPER_ERROR };
}

enum isakmp_reason v1_lab_answer(struct end *e)
{
	struct ike_verdict *v = calloc(1, sizeof(*v));
	enum isakmp_reason why;

	if (!v || !e->asking)
		talk_broken("%c: nothing was asked", e->name);
	if (e->ask.kind == IKE_ASK_KEX)
		talk_good_verdict(e, v);
	v->kind = e->ask.kind;
	v->reason = (u16)v1_lab.refuse[v->kind];
	if (!v->reason && v->kind != IKE_ASK_KEX)
		good(e, v);
	if (v1_lab.says)
		v1_lab.says(e, v);
	if (!v->reason && v->kind != IKE_ASK_KEX)
		only_fitting(e, v);
	why = talk_verdict(e, v);
	free(v);
	return why;
}

/* ---- the network -------------------------------------------------------------- */

static void open_b(struct talk *t, const struct packet *p)
{
	struct isakmp_path path;

	if (!talk_way(&t->b, &p->path, &path))
		return;
	talk_open_b(t, p->p, &path);
	if (!v1_sa_init(&t->b.ike, t->now))
		return;
	ike_sa_release(&t->b.ike);	/* no memory: as if it had not come */
	t->b.ike.ep = &t->b.ike.first;
	t->b.live = false;
}

enum isakmp_reason v1_lab_deliver(struct end *to, const struct packet *p)
{
	if (!to->live && to->name == 'B' && p->n >= IKE_HDR_LEN &&
	    !get_unaligned_be64(p->p + V1_COOKIE_LEN))
		open_b(to->t, p);
	return to->live ? talk_deliver(to, p) : ISAKMP_R_NO_SA;
}

enum isakmp_reason v1_lab_pass(struct end *from)
{
	struct packet p = talk_take(from);
	enum isakmp_reason why = ISAKMP_OK;

	if (!p.n)
		talk_broken("%c: nothing was sent", from->name);
	if (!v1_lab.net || v1_lab.net(from->t, from, ++v1_lab.nth[index_of(from)], &p))
		why = v1_lab_deliver(talk_other(from), &p);
	packet_free(&p);
	return why;
}

void v1_lab_pass_all(struct end *from, struct end *to)
{
	struct packet p = talk_take(from);

	while (p.n) {
		v1_lab_deliver(to, &p);
		packet_free(&p);
		p = talk_take(from);
	}
	packet_free(&p);
}

void v1_lab_step(struct talk *t)
{
	if (t->a.asking)
		v1_lab_answer(&t->a);
	else if (t->b.asking)
		v1_lab_answer(&t->b);
	else
		v1_lab_pass(t->a.queued ? &t->a : &t->b);
}

unsigned int v1_lab_settle(struct talk *t)
{
	struct end *const ends[] = { &t->a, &t->b };
	unsigned int i, n = 0, rounds = 2000;
	bool more = true;

	while (more && rounds--) {
		more = false;
		for (i = 0; i < 2; i++) {
			if (ends[i]->asking) {
				v1_lab_answer(ends[i]);
				more = true;
			}
			if (ends[i]->queued) {
				v1_lab_pass(ends[i]);
				more = true;
				n++;
			}
		}
	}
	if (more)
		talk_broken("the ends do not come to rest");
	return n;
}

static u64 deadline(const struct end *e)
{
	return e->live ? ike_sa_deadline(&e->ike) : IKE_NEVER;
}

void v1_lab_let_pass(struct talk *t, u64 ms)
{
	u64 end = t->now + ms, next;
	unsigned int rounds = 10000;

	v1_lab_settle(t);
	while (rounds--) {
		next = min(deadline(&t->a), deadline(&t->b));
		if (next > end)
			break;
		t->now = max(t->now, next);
		if (deadline(&t->a) <= t->now)
			talk_timer(&t->a, t->now);
		if (deadline(&t->b) <= t->now)
			talk_timer(&t->b, t->now);
		v1_lab_settle(t);
	}
	if (!(rounds + 1))
		talk_broken("a deadline that stays");
	t->now = end;
}

/* ---- beginning and end --------------------------------------------------------- */

void v1_lab_start(struct talk *t)
{
	talk_open_a(t);
	CHECK_EQ(v1_sa_init(&t->a.ike, t->now), ISAKMP_OK);
	CHECK_EQ(talk_do(&t->a, IKE_EV_START, 0), ISAKMP_OK);
}

struct talk *v1_lab_up(struct talk *t)
{
	v1_lab_start(t);
	v1_lab_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	return t;
}

void v1_lab_over(struct talk *t)
{
	talk_release(t);
	if (v1_lab.take.ep) {
		ike_epoch_free(&t->b.ike, v1_lab.take.ep);
		isakmp_free(v1_lab.take.basis);
		v1_lab.take.ep = NULL;
	}
	CHECK_EQ(v1_lab.misfits, 0);
	CHECK_EQ(native_mem_outstanding(), 0);
	CHECK_EQ(t->refs, 0);
	CHECK_EQ(t->a.ups, t->a.downs);
	CHECK_EQ(t->b.ups, t->b.downs);
	talk_free(t);
}
