// SPDX-License-Identifier: GPL-2.0
/*
 * The helper's side of the netlink boundary under libFuzzer: an input is the
 * attributes of a message.  It is read as an object and as a question.
 *
 *  - nothing that libFuzzer writes has the right AUTH: what needs one is refused;
 *  - a question is answered twice the same, and its answer fits a message;
 *  - no secret stays in the scratch room;
 *  - an identity that has a textual form survives it.
 */
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <stdio.h>
#include <stdlib.h>

#include "isakmpd/auth.h"
#include "isakmpd/objects.h"
#include "isakmpd/upcall.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t n);

#define MUST(cond)							\
	do {								\
		if (!(cond)) {						\
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond); \
			abort();					\
		}							\
	} while (0)

static enum cred_state read_secret(const struct cred_source *src,
				   const struct config_cred *cred, struct secret *s)
{
	s->n = 24;
	memset(s->octets, 's', s->n);
	return CRED_READY;
}

static enum cred_state load(const struct cred_source *src, const struct config_cred *cred,
			    struct loaded **l)
{
	return CRED_NONE;
}

static const struct cred_source source = { read_secret, load };

/* Two peers: one of an exact identity, one of any. */
static struct config *snapshot(void)
{
	static const struct config_cred cred = {
		.name = "k", .type = ISAKMP_CRED_PSK, .file = "k",
	};
	struct config_auth a = {
		.method = ISAKMP_METHOD_PSK, .cred = "k",
		.id = { IKE_ID_FQDN, 1, (const u8 *)"a" },
	};
	struct config *c = config_new();

	MUST(c && !config_add_cred(c, &cred));
	MUST(!config_add_peer(c, &(struct config_peer) { .name = "p", .gen = 1 }));
	MUST(!config_add_peer(c, &(struct config_peer) { .name = "q", .gen = 2 }));
	MUST(!config_add_auth(c, "p", ISAKMP_SIDE_LOCAL, &a));
	MUST(!config_add_auth(c, "q", ISAKMP_SIDE_LOCAL, &a));
	MUST(!config_add_auth(c, "p", ISAKMP_SIDE_REMOTE, &a));
	a.id = (struct ident) { 0 };
	MUST(!config_add_auth(c, "q", ISAKMP_SIDE_REMOTE, &a));
	MUST(!config_finish(c));
	return c;
}

static void check_identity(const struct octets *o)
{
	char text[IDENT_TEXT_MAX], again[IDENT_TEXT_MAX];
	u8 attr[IDENT_ATTR_MAX];
	struct ident id, back;
	size_t n;

	if (!o->n || !ident_from_body(o->p, o->n, &id))
		return;
	ident_print(&id, text, sizeof(text));
	if (ident_parse(text, attr, &n))
		return;
	MUST(ident_from_attr(attr, n, &back) && ident_equal(&id, &back));
	MUST(!strcmp(text, ident_print(&back, again, sizeof(again))));
}

static void check_question(const struct config *c, const struct question *q)
{
	static const struct secret nothing;
	struct secret scratch;
	struct answer a, b;
	struct nl_msg *msg;

	check_identity(&q->id_i);
	check_identity(&q->id_r);
	auth_outdated(c, q);
	auth_decide(c, &source, q, &scratch, &a);
	auth_decide(c, &source, q, &scratch, &b);
	MUST(!memcmp(&scratch, &nothing, sizeof(scratch)));
	MUST(a.reason == b.reason && a.peer == b.peer && a.auth_len == b.auth_len);
	MUST(!memcmp(a.auth, b.auth, a.auth_len));
	MUST(a.reason || q->kind == ISAKMP_UPCALL_I_AUTH);
	MUST(a.reason <= ISAKMP_R_MAX);
	msg = nlmsg_alloc();
	MUST(msg && genlmsg_put(msg, 0, 0, 31, 0, 0, ISAKMP_CMD_UPCALL_DONE, 1));
	MUST(!upcall_put(msg, &a));
	nlmsg_free(msg);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
	static struct config *c;
	struct config *objects = config_new();
	size_t len = NLMSG_HDRLEN + GENL_HDRLEN + n;
	struct nlmsghdr *nlh = calloc(1, len);
	struct question q;

	if (!c)
		c = snapshot();
	MUST(nlh && objects);
	nlh->nlmsg_len = (u32)len;
	memcpy((u8 *)nlh + len - n, data, n);
	if (!upcall_parse(nlh, &q))
		check_question(c, &q);
	objects_add(nlh, objects);
	MUST(!config_finish(objects));
	config_put(objects);
	free(nlh);
	return 0;
}
