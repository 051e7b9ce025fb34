// SPDX-License-Identifier: GPL-2.0
/*
 * Where the family "isakmp" is: nlctrl, the generic netlink controller.
 *
 * Asking for a family that is not there makes the kernel load the module that
 * has its alias; after that nlctrl's own group says when it comes and goes.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/isakmp.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "family.h"

static const struct nla_policy ctrl_policy[CTRL_ATTR_MAX + 1] = {
	[CTRL_ATTR_FAMILY_ID]	 = { .type = NLA_U16 },
	[CTRL_ATTR_FAMILY_NAME]	 = { .type = NLA_STRING, .maxlen = GENL_NAMSIZ },
	[CTRL_ATTR_MCAST_GROUPS] = { .type = NLA_NESTED },
};

static const struct nla_policy group_policy[CTRL_ATTR_MCAST_GRP_MAX + 1] = {
	[CTRL_ATTR_MCAST_GRP_NAME] = { .type = NLA_STRING, .maxlen = GENL_NAMSIZ },
	[CTRL_ATTR_MCAST_GRP_ID]   = { .type = NLA_U32 },
};

static void parse_groups(struct nlattr *nest, struct family *f)
{
	struct nlattr *tb[CTRL_ATTR_MCAST_GRP_MAX + 1], *a;
	const char *name;
	int left;
	u32 id;

	nla_for_each_nested(a, nest, left) {
		if (nla_parse_nested(tb, CTRL_ATTR_MCAST_GRP_MAX, a, group_policy) ||
		    !tb[CTRL_ATTR_MCAST_GRP_NAME] || !tb[CTRL_ATTR_MCAST_GRP_ID])
			continue;
		name = nla_get_string(tb[CTRL_ATTR_MCAST_GRP_NAME]);
		id = nla_get_u32(tb[CTRL_ATTR_MCAST_GRP_ID]);
		if (!strcmp(name, ISAKMP_MCGRP_EVENTS))
			f->events = id;
		else if (!strcmp(name, ISAKMP_MCGRP_UPCALL))
			f->upcall = id;
	}
}

static int parse_ctrl(struct nlmsghdr *nlh, struct family *f)
{
	struct nlattr *tb[CTRL_ATTR_MAX + 1];

	*f = (struct family) { 0 };
	if (!genlmsg_valid_hdr(nlh, 0) ||
	    genlmsg_parse(nlh, 0, tb, CTRL_ATTR_MAX, ctrl_policy))
		return -EBADMSG;
	if (!tb[CTRL_ATTR_FAMILY_ID] || !tb[CTRL_ATTR_FAMILY_NAME] ||
	    strcmp(nla_get_string(tb[CTRL_ATTR_FAMILY_NAME]), ISAKMP_GENL_NAME))
		return -ENOENT;
	f->id = nla_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
	if (tb[CTRL_ATTR_MCAST_GROUPS])
		parse_groups(tb[CTRL_ATTR_MCAST_GROUPS], f);
	return 0;
}

static int found(struct nlmsghdr *nlh, void *arg)
{
	struct family *f = arg;
	int err = parse_ctrl(nlh, f);

	return err ? err : f->events && f->upcall ? 0 : -EPROTO;
}

/**
 * family_watch() - be told when families come and go
 * @l: a socket for this alone
 *
 * Return: 0 or -errno.
 */
int family_watch(struct link *l)
{
	/* nlctrl's group "notify" has nlctrl's own number */
	return link_join(l, GENL_ID_CTRL);
}

/**
 * family_find() - ask nlctrl, which loads the module if it can
 * @l: a socket to ask on
 * @f: out
 *
 * Return: 0, -ENOENT: not there, or -errno.
 */
int family_find(struct link *l, struct family *f)
{
	struct nl_msg *msg = link_request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	int err;

	if (msg && nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, ISAKMP_GENL_NAME)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	err = link_call(l, msg, found, f);
	if (err)
		*f = (struct family) { 0 };
	return err;
}

/**
 * family_changed() - is this notification about the family
 * @nlh: a message of nlctrl's group
 * @there: set when it is: whether the family is there now
 *
 * Return: true if it came or went.
 */
bool family_changed(struct nlmsghdr *nlh, bool *there)
{
	struct genlmsghdr *g = nlmsg_data(nlh);
	struct family f;

	if (nlh->nlmsg_type != GENL_ID_CTRL || parse_ctrl(nlh, &f))
		return false;
	if (g->cmd != CTRL_CMD_NEWFAMILY && g->cmd != CTRL_CMD_DELFAMILY)
		return false;
	*there = g->cmd == CTRL_CMD_NEWFAMILY;
	return true;
}
