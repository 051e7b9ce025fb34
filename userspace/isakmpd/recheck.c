// SPDX-License-Identifier: GPL-2.0
/*
 * A helper that comes back looks at the SAs that were kept without it, and revokes
 * those that stood on what is no more (stand.c).
 *
 * First the SAs, then the configuration: so the latter is never older than what an
 * SA stands on, and nothing falls because it is too new.
 */
#include <errno.h>
#include <linux/isakmp.h>
#include <netlink/attr.h>

#include "creds.h"
#include "link.h"
#include "log.h"
#include "recheck.h"
#include "stand.h"
#include "sync.h"

static int revoke(struct link *l, u64 id)
{
	struct nl_msg *msg = link_request(sync_family(), ISAKMP_CMD_SA_REVOKE, NLM_F_ACK);
	struct nlattr *nest = msg ? nla_nest_start(msg, ISAKMP_A_SA | NLA_F_NESTED) : NULL;

	if (!nest || nla_put_u64(msg, ISAKMP_SA_ID, id)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	nla_nest_end(msg, nest);
	return link_call(l, msg, NULL, NULL);
}

static void judge(struct link *l, const struct config *c, const struct cred_source *src,
		  const struct standing *s, unsigned int *waiting)
{
	const char *why;
	int err;

	switch (stand_check(c, src, s, &why)) {
	case STAND_YES:
		return;
	case STAND_WAIT:
		++*waiting;
		return;
	case STAND_NO:
		break;
	}
	err = revoke(l, s->id);
	if (!err)
		log_info("sa %llu: revoked: %s", (unsigned long long)s->id, why);
	else if (err != -ENOENT)	/* it went by itself */
		log_warning("sa %llu cannot be revoked: %s", (unsigned long long)s->id,
			    strerrordesc_np(-err));
}

static int check_all(struct link *l, unsigned int *waiting)
{
	struct creds_view view = creds_view(creds_now(), false);
	struct standing *list = NULL, *s;
	struct config *c = NULL;
	int err;

	err = link_call(l, link_request(sync_family(), ISAKMP_CMD_SA_GET, NLM_F_DUMP), stand_add,
			&list);
	if (!err && list)
		c = sync_snapshot(true);
	for (s = c ? list : NULL; s; s = s->next)
		judge(l, c, &view.src, s, waiting);
	if (!err && list && !c)
		err = -EAGAIN;
	config_put(c);
	stand_free(list);
	return err;
}

/**
 * recheck_run() - revoke what does not stand any more
 * @waiting: out: SAs that wait for a credential which is being read
 *
 * Context: a thread that may wait for the main thread, and for files.
 * Return: 0 or -errno: not all were looked at.
 */
int recheck_run(unsigned int *waiting)
{
	struct link l;
	int err;

	*waiting = 0;
	if (!sync_family())
		return 0;
	err = link_open(&l);
	if (err)
		return err;
	err = check_all(&l, waiting);
	link_close(&l);
	return err;
}
