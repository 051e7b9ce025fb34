// SPDX-License-Identifier: GPL-2.0
/* Two ends that speak MOBIKE (RFC 4555), of which A moves. */
#include "talk_roam.h"

struct talk *talk_mobile(void)
{
	struct talk *t = talk_new();

	t->a.peer.mobike = t->b.peer.mobike = true;
	t->a.peer.ike.n = t->b.peer.ike.n = 1;
	return t;
}

struct talk *talk_moving(void)
{
	struct talk *t = talk_mobile();

	talk_advance(t, TALK_UP);
	CHECK(t->a.xfrm && t->b.xfrm && t->a.ike.mobike && t->b.ike.mobike);
	return t;
}

static int find_notify(const struct message *m, u16 type)
{
	unsigned int i;

	for (i = 0; i < m->n; i++)
		if (m->b[i].type == IKE_PL_NOTIFY && get_unaligned_be16(m->b[i].p + 2) == type)
			return (int)i;
	return -1;
}

/* Octets of the data of a notification in the oldest datagram of @from; -1: none. */
int talk_says(struct end *from, u16 type)
{
	struct message m;
	int at, n;

	if (!CHECK(from->queued))
		return -1;
	message_read(&m, from, &from->queue[0]);
	at = find_notify(&m, type);
	n = at < 0 ? -1 : (int)m.b[at].n - 4;
	message_free(&m);
	return n;
}

void talk_move(struct talk *t, struct isakmp_addr to)
{
	t->a.source[to.family == 6] = to;
	talk_do(&t->a, IKE_EV_ROAM, 0);
}

void talk_check_at(struct talk *t, struct isakmp_addr a, struct isakmp_addr b)
{
	CHECK(isakmp_addr_equal(&t->a.ike.path.local, &a));
	CHECK(isakmp_addr_equal(&t->a.ike.path.remote, &b));
	CHECK(isakmp_addr_equal(&t->b.ike.path.remote, &a));
	CHECK(isakmp_addr_equal(&t->b.ike.path.local, &b));
	CHECK(t->a.xfrm && isakmp_path_equal(&t->a.xfrm->path, &t->a.ike.path));
	CHECK(t->b.xfrm && isakmp_path_equal(&t->b.xfrm->path, &t->b.ike.path));
	CHECK(!t->b.ike.probing && !t->a.ike.mobike->seeking);
	CHECK(!t->a.ike.ep->out && !t->b.ike.ep->out);
}

/* As talk_settle(), but where A was nobody is any more. */
static void settle_at(struct talk *t, struct isakmp_addr a)
{
	while (t->a.queued || t->b.queued) {
		while (t->a.queued && isakmp_addr_equal(&t->a.queue[0].path.local, &a))
			talk_pass(&t->a);
		if (t->a.queued)
			talk_lose(&t->a);
		while (t->b.queued && isakmp_addr_equal(&t->b.queue[0].path.remote, &a))
			talk_pass(&t->b);
		if (t->b.queued)
			talk_lose(&t->b);
	}
}

/* ... for a time, or until an end is over. */
void talk_live_at(struct talk *t, struct isakmp_addr a, u64 ms)
{
	u64 end = t->now + ms, next;

	settle_at(t, a);
	while (t->a.live && t->b.live) {
		next = min(ike_sa_deadline(&t->a.ike), ike_sa_deadline(&t->b.ike));
		if (next > end)
			return;
		next = max(next, t->now);
		talk_timer(&t->a, next);
		talk_timer(&t->b, next);
		settle_at(t, a);
	}
}
