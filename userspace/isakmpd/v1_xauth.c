// SPDX-License-Identifier: GPL-2.0
/*
 * XAUTH (draft-beaulieu-ike-xauth): one side is asked for its name and password.
 *
 * Who asks has a cred of users; each of their passwords is tried once for an ISAKMP SA: who
 * mistypes begins anew.  Who is asked has a cred of a user, whose ID is the name; it gives
 * them to the side that has proven itself in phase 1, and says nothing else: there is nobody
 * who could be asked for a code or a new PIN.
 *
 * Whom XAUTH found the peer to be counts from then on: a group that shares a secret, or an
 * identity, is as many peers as it has users.  Canonical it is
 *	0 | octets of the name | name | the identity of phase 1, if anything proves that
 */
#include <openssl/evp.h>
#include <stdlib.h>

#include "users.h"
#include "v1.h"
#include "v1_attr.h"

#define GENERIC 0	/* XAUTH_TYPE: name and password */
#define ROOM	(3 * 4 + IKE_ID_MAX + SECRET_FILE_MAX)	/* three attributes */

/* What one message of XAUTH has. */
struct heard {
	u32 type;
	bool has_name, has_password, other;
	struct octets name, password;
};

static bool note_text(struct octets *to, bool *has, const struct octets *value)
{
	bool again = *has;

	*to = *value;
	*has = true;
	return !again;
}

static bool note(struct heard *h, const struct xattr *a)
{
	switch (a->type) {
	case V1_X_TYPE:
		return xattr_number(a, &h->type);
	case V1_X_USER_NAME:
		return note_text(&h->name, &h->has_name, &a->value);
	case V1_X_USER_PASSWORD:
		return note_text(&h->password, &h->has_password, &a->value);
	case V1_X_PASSCODE:
	case V1_X_CHALLENGE:
	case V1_X_STATUS:
	case V1_X_NEXT_PIN:
	case V1_X_ANSWER:
		h->other = true;
	}
	return true;
}

static bool hear(const struct question *q, struct heard *h)
{
	struct octets rest = q->attributes;
	struct xattr a;
	bool good = true;

	*h = (struct heard) { 0 };
	while (good && xattr_next(&rest, &a))
		good = note(h, &a);
	return good && !rest.n;
}

/* ---- we ask ---------------------------------------------------------------------------- */

/* Room for what is said, which becomes the answer's. */
static struct xattr_out attributes(void)
{
	u8 *p = malloc(ROOM);

	return (struct xattr_out) { p, 0, p ? ROOM : 0 };
}

static u16 say(struct decision *d, u8 type, const struct xattr_out *o, bool good)
{
	d->a->attributes_type = type;
	d->a->attributes = (struct octets) { o->p, o->n };
	return good ? ISAKMP_OK : refuse(d, ISAKMP_R_HELPER_ERROR, "memory ran out");
}

static u16 ask(struct decision *d)
{
	static const struct octets nothing;
	struct xattr_out o = attributes();
	bool good = xattr_put_short(&o, V1_X_TYPE, GENERIC) &&
		    xattr_put(&o, V1_X_USER_NAME, &nothing) &&
		    xattr_put(&o, V1_X_USER_PASSWORD, &nothing);

	d->a->more = true;
	return say(d, IKE_CFG_REQUEST, &o, good);
}

/* The body of the peer's ID payload. */
static struct octets his_body(const struct decision *d, const struct v1_way *w)
{
	return w->asked == V1_ASKED_INITIATOR ? d->q->id_i : d->q->id_r;
}

static bool add_identity(struct answer *a, const struct octets *body)
{
	u8 canonical[IDENT_UNIQUE_MAX];
	struct ident id;
	size_t n;

	if (!ident_from_body(body->p, body->n, &id) || !id.type)
		return false;
	n = ident_canonical(&id, canonical);
	if (a->unique_len + n <= sizeof(a->unique)) {
		memcpy(a->unique + a->unique_len, canonical, n);
		a->unique_len += (u16)n;
		return true;
	}
	a->unique_len += USERS_DIGEST_LEN;
	return EVP_Q_digest(NULL, "SHA256", NULL, canonical, n,
			    a->unique + a->unique_len - USERS_DIGEST_LEN, NULL) == 1;
}

/* Hybrid: the identity is only said. */
static bool name_user(struct decision *d, const struct v1_way *w, const struct octets *name)
{
	struct octets body = his_body(d, w);
	struct answer *a = d->a;

	memcpy(a->user, name->p, name->n);
	a->user[name->n] = '\0';
	a->unique[0] = 0;
	a->unique[1] = (u8)name->n;
	memcpy(a->unique + 2, name->p, name->n);
	a->unique_len = (u16)(2 + name->n);
	return w->hybrid || add_identity(a, &body);
}

/*
 * What it stands on: the user, where phase 1 has shown nothing that tells the peer from
 * others.  A certificate does; it stays what the peer stands on.
 */
static bool stand_on(struct decision *d, const struct v1_way *w, const struct config_cred *cred,
		     const struct octets *name)
{
	if (!w->hybrid && w->base != V1_M_PSK)
		return true;
	d->a->remote_cred = cred->name;
	d->a->handle_len = USERS_DIGEST_LEN;
	return users_digest(name, d->a->handle);
}

static u16 check(struct decision *d, const struct v1_way *w, const struct config_cred *cred)
{
	enum cred_state state;
	struct loaded *l;
	struct heard h;
	bool good;

	if (!hear(d->q, &h) || h.other || !h.has_name || !h.has_password)
		return refuse(d, ISAKMP_R_AUTH_FAILED, "the peer gave no name and password");
	if (h.type != GENERIC)
		return refuse(d, ISAKMP_R_AUTH_METHOD, "the peer answers another kind of XAUTH");
	if (!cred || cred->type != ISAKMP_CRED_USERS || !cred->file)
		return refuse(d, ISAKMP_R_NO_SECRET, "there are no users");
	state = d->src->load(d->src, cred, &l);
	if (state)
		return cred_refusal(d, state, "there are no users");
	good = users_check(l->users, &h.name, &h.password);
	loaded_put(l);
	if (!good)
		return refuse(d, ISAKMP_R_AUTH_FAILED, "the name or the password is wrong");
	if (!name_user(d, w, &h.name) || !stand_on(d, w, cred, &h.name))
		return refuse(d, ISAKMP_R_HELPER_ERROR, "the user's identity could not be made");
	return ISAKMP_OK;
}

/* ---- we are asked ---------------------------------------------------------------------- */

/* What is asked for; when neither is named, both are meant. */
static u16 tell(struct decision *d, const struct config_cred *cred, const struct heard *h)
{
	struct xattr_out o = attributes();
	struct octets name = { cred->id[0].value, cred->id[0].len };
	struct octets password = { d->secret->octets, d->secret->n };
	bool both = !h->has_name && !h->has_password, good = true;

	if (both || h->has_name)
		good = xattr_put(&o, V1_X_USER_NAME, &name);
	if (good && (both || h->has_password))
		good = xattr_put(&o, V1_X_USER_PASSWORD, &password);
	return say(d, IKE_CFG_REPLY, &o, good);
}

static u16 be_asked(struct decision *d, const struct config_cred *cred)
{
	enum cred_state state;
	struct heard h;

	if (d->q->attributes_type != IKE_CFG_REQUEST || !hear(d->q, &h))
		return refuse(d, ISAKMP_R_HELPER_ERROR, "this is nothing that could be answered");
	if (h.type != GENERIC || h.other)
		return refuse(d, ISAKMP_R_AUTH_METHOD,
			      "the peer asks for more than a name and a password");
	if (!cred || cred->type != ISAKMP_CRED_USER || !cred->file || !cred->n_id)
		return refuse(d, ISAKMP_R_NO_SECRET, "no name and password for our side");
	state = d->src->secret(d->src, cred, d->secret);
	if (state)
		return cred_refusal(d, state, "no password for our side");
	return tell(d, cred, &h);
}

/**
 * v1_xauth() - the next step of XAUTH
 * @d: a v1-xauth question
 *
 * Return: OK or the reason to refuse with.
 */
u16 v1_xauth(struct decision *d)
{
	const struct config_peer *p = config_find_peer(d->config, d->q->peer[0].name);
	const struct v1_way *w = v1_way(d->q->method);

	if (!p)
		return refuse(d, ISAKMP_R_NO_IDENTITY, "the peer is not there any more");
	d->a->peer = p;
	if (!w || !w->asked)
		return refuse(d, ISAKMP_R_AUTH_METHOD, "the method is one without XAUTH");
	if (p->local.xauth)
		return be_asked(d, config_find_cred(d->config, p->local.xauth));
	if (!p->remote.xauth)
		return refuse(d, ISAKMP_R_AUTH_METHOD, "the peer object has no XAUTH");
	if (!d->q->attributes_type)
		return ask(d);
	if (d->q->attributes_type != IKE_CFG_REPLY)
		return refuse(d, ISAKMP_R_HELPER_ERROR, "this is no answer to what we have asked");
	return check(d, w, config_find_cred(d->config, p->remote.xauth));
}
