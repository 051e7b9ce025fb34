// SPDX-License-Identifier: GPL-2.0
/*
 * Tickets under libFuzzer.  The first octet says what the rest is:
 *
 *	0	the text of a ticket: what is accepted is written as it was read
 *	1	a ticket, as a stranger presents it: none is good
 */
#include <stdio.h>
#include <stdlib.h>

#include "ike/engine.h"
#include "native.h"
#include "tickets.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t n);

#define MUST(cond)							\
	do {								\
		if (!(cond)) {						\
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond); \
			abort();					\
		}							\
	} while (0)

static u8 *exact(const u8 *p, size_t n)
{
	u8 *copy = malloc(n ? n : 1);

	MUST(copy);
	if (n)
		memcpy(copy, p, n);
	return copy;
}

static bool inside(const struct ike_ticket *t, const struct ike_span *s)
{
	return s->p >= t->text && s->p + s->len <= t->text + t->text_len;
}

static void read_text(const u8 *p, size_t n)
{
	struct ike_ticket *t = ike_ticket_decode(p, n);
	u8 again[IKE_TICKET_MAX];
	struct isakmp_out o;

	if (!t)
		return;
	MUST(inside(t, &t->sk_d) && inside(t, &t->peer) && inside(t, &t->id_local) &&
	     inside(t, &t->id_remote) && inside(t, &t->unique) && inside(t, &t->local_cred) &&
	     inside(t, &t->remote_cred) && inside(t, &t->handle) && inside(t, &t->config));
	MUST(t->peer.len && t->peer.len <= ISAKMP_NAME_MAX);
	isakmp_out_init(&o, again, sizeof(again));
	ike_ticket_encode(&o, t);
	MUST(!o.full && o.len == n && !memcmp(again, p, n));
	ike_ticket_free(t);
}

static void present(const u8 *p, size_t n)
{
	static struct ike_sa sa;
	struct ike_ticket *t = NULL;

	MUST(ike_ticket_open(&sa, p, n, &t) && !t);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
	u8 *p;

	if (!n)
		return 0;
	if (!native_tickets.n_keys)
		native_tickets_reset();
	p = exact(data + 1, n - 1);
	if (data[0] & 1)
		present(p, n - 1);
	else
		read_text(p, n - 1);
	free(p);
	MUST(!native_mem_outstanding());
	return 0;
}
