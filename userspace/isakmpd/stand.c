// SPDX-License-Identifier: GPL-2.0
/*
 * SAs that are up, and what they stood on: is it still there?
 *
 * An SA falls with a cred of either side that was removed, or is of another type now,
 * or whose file is no more; with a peer's key that is another one now; with an
 * authority that is no longer in its file, or beside which a certificate of the chain
 * between the peer and it is among the revoked ones now; with the user that XAUTH found the
 * peer to be, when he is removed or locked.
 * What cannot be read or told is no reason: a mistake of an operator may not take
 * down tunnels that new ones could not replace.  When certificates end the kernel
 * knows itself.
 */
#include <errno.h>
#include <isakmp/ikev2.h>
#include <linux/isakmp.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <stdlib.h>

#include "stand.h"
#include "trust.h"

/* ---- what the kernel shows ---------------------------------------------------------- */

static const struct nla_policy top_policy[ISAKMP_A_MAX + 1] = {
	[ISAKMP_A_SA] = { .type = NLA_NESTED },
};

static const struct nla_policy sa_policy[ISAKMP_SA_MAX + 1] = {
	[ISAKMP_SA_ID] = { .type = NLA_U64 },
};

/* False: longer than a name can be. */
static bool get_name(struct nlattr *a, char name[ISAKMP_NAME_MAX + 1])
{
	int n = a ? nla_len(a) : 0;

	name[0] = '\0';
	if (n > ISAKMP_NAME_MAX + 1 || (n && ((const char *)nla_data(a))[n - 1]))
		return false;
	if (n)
		memcpy(name, nla_data(a), (size_t)n);
	return true;
}

static bool is_up(struct nlattr *state)
{
	static const char up[] = "established";

	return state && nla_len(state) == sizeof(up) && !memcmp(nla_data(state), up, sizeof(up));
}

static bool get_standing(struct nlattr **tb, struct standing *s)
{
	struct nlattr *h = tb[ISAKMP_SA_HANDLE];

	if (!tb[ISAKMP_SA_ID] || !get_name(tb[ISAKMP_SA_LOCAL_CRED], s->local_cred) ||
	    !get_name(tb[ISAKMP_SA_REMOTE_CRED], s->remote_cred) ||
	    (h && (size_t)nla_len(h) > sizeof(s->handle)))
		return false;
	s->id = nla_get_u64(tb[ISAKMP_SA_ID]);
	s->handle_len = h ? (u8)nla_len(h) : 0;
	if (h)
		memcpy(s->handle, nla_data(h), s->handle_len);
	return true;
}

/**
 * stand_add() - one message of a dump of SAs into a list
 * @nlh: reply to SA_GET
 * @list: struct standing **, where it is put
 *
 * Those that are not established are left out.
 *
 * Return: 0, -EBADMSG or -ENOMEM.
 */
int stand_add(struct nlmsghdr *nlh, void *list)
{
	struct nlattr *top[ISAKMP_A_MAX + 1], *tb[ISAKMP_SA_MAX + 1];
	struct standing **first = list, *s, v = { 0 };

	if (!genlmsg_valid_hdr(nlh, 0) || genlmsg_parse(nlh, 0, top, ISAKMP_A_MAX, top_policy) ||
	    !top[ISAKMP_A_SA] ||
	    nla_parse_nested(tb, ISAKMP_SA_MAX, top[ISAKMP_A_SA], sa_policy))
		return -EBADMSG;
	if (!is_up(tb[ISAKMP_SA_STATE]))
		return 0;
	if (!get_standing(tb, &v))
		return -EBADMSG;
	s = malloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	*s = v;
	s->next = *first;
	*first = s;
	return 0;
}

/**
 * stand_free() - forget a list
 * @list: it, or NULL
 */
void stand_free(struct standing *list)
{
	struct standing *s;

	while ((s = list)) {
		list = s->next;
		free(s);
	}
}

/* ---- is it still there --------------------------------------------------------------- */

#define OURS (BIT(ISAKMP_CRED_PSK) | BIT(ISAKMP_CRED_X509) | BIT(ISAKMP_CRED_KEY))
#define THEIRS (BIT(ISAKMP_CRED_PSK) | BIT(ISAKMP_CRED_PUBKEY) | BIT(ISAKMP_CRED_CA) |	\
		BIT(ISAKMP_CRED_USERS))

/* Why a cred is not there any more, or NULL. */
static const char *gone(const struct cred_source *src, const struct config_cred *cred, u32 types)
{
	if (!cred)
		return "the credential was removed";
	if (!(BIT(cred->type) & types))
		return "the credential is of another type now";
	if (!cred->file || (src->gone && src->gone(src, cred)))
		return "the credential's file was removed";
	return NULL;
}

/* Why an authority does not vouch for the peer any more, or NULL. */
static const char *authority_flaw(const struct loaded *l, const struct standing *s)
{
	unsigned int at;

	if (s->handle_len < TRUST_DIGEST_LEN)
		return NULL;
	if (!trust_holds(l->chain, s->handle))
		return "the authority was removed";
	for (at = TRUST_DIGEST_LEN; at + TRUST_SERIAL_LEN <= s->handle_len; at += TRUST_SERIAL_LEN)
		if (trust_revoked(l, s->handle + at))
			return at == TRUST_DIGEST_LEN ? "the peer's certificate was revoked" :
			       "a certificate on the way to the authority was revoked";
	return NULL;
}

static const char *key_flaw(const struct loaded *l, const struct standing *s)
{
	u8 digest[TRUST_DIGEST_LEN];

	if (s->handle_len != TRUST_DIGEST_LEN || !trust_key_digest(l->key, digest) ||
	    !memcmp(digest, s->handle, sizeof(digest)))
		return NULL;
	return "the peer's key is another one now";
}

static const char *user_flaw(const struct loaded *l, const struct standing *s)
{
	return s->handle_len != USERS_DIGEST_LEN || users_hold(l->users, s->handle) ?
	       NULL : "the user was removed, or locked";
}

static const char *flaw(u8 type, const struct loaded *l, const struct standing *s)
{
	switch (type) {
	case ISAKMP_CRED_CA:
		return authority_flaw(l, s);
	case ISAKMP_CRED_USERS:
		return user_flaw(l, s);
	}
	return key_flaw(l, s);
}

static enum stand check_remote(const struct cred_source *src, const struct config_cred *cred,
			       const struct standing *s, const char **why)
{
	enum cred_state state;
	struct loaded *l;

	*why = gone(src, cred, THEIRS);
	if (*why)
		return STAND_NO;
	if (cred->type == ISAKMP_CRED_PSK)
		return STAND_YES;
	state = src->load(src, cred, &l);
	if (state)
		return state == CRED_NONE ? STAND_YES : STAND_WAIT;
	*why = flaw(cred->type, l, s);
	loaded_put(l);
	return *why ? STAND_NO : STAND_YES;
}

/**
 * stand_check() - does an SA still stand
 * @c: the configuration
 * @src: where credentials come from
 * @s: the SA
 * @why: out: why not, for the log
 *
 * Context: any thread; may block in @src.
 * Return: whether it does.
 */
enum stand stand_check(const struct config *c, const struct cred_source *src,
		       const struct standing *s, const char **why)
{
	*why = NULL;
	if (s->local_cred[0]) {
		*why = gone(src, config_find_cred(c, s->local_cred), OURS);
		if (*why)
			return STAND_NO;
	}
	if (!s->remote_cred[0])
		return STAND_YES;
	return check_remote(src, config_find_cred(c, s->remote_cred), s, why);
}
