// SPDX-License-Identifier: GPL-2.0
/* The native double of kernel/net/door.c. */
#include <stdlib.h>
#include <string.h>
#include "ike/seam.h"
#include "wire/header.h"
#include "door.h"
#include "native.h"

struct ike_epoch *native_door(const struct ike_sa *sa, const struct isakmp_header *h)
{
	bool ours = !(h->flags & IKE_FLAG_INITIATOR);
	struct ike_epoch *ep;

	for (ep = sa->ep; ep; ep = ep->next)
		if (ep->initiator == ours &&
		    (ours ? ep->spi_i == h->spi_i : ep->spi_r == h->spi_r))
			return ep;
	return NULL;
}

const struct native_response *native_answered(const struct ike_epoch *ep, u64 digest,
					      const struct isakmp_path *path)
{
	const struct native_response *r;
	unsigned int i;

	for (i = 0; ep->door && i < IKE_WINDOW_MAX; i++) {
		r = &ep->door->response[i];
		if (r->p && r->digest == digest &&
		    isakmp_path_repeats(&r->path, path, r->roams))
			return r;
	}
	return NULL;
}

const struct native_response *native_answer_to(const struct ike_epoch *ep, u32 msgid,
						const struct isakmp_path *path)
{
	const struct native_response *r;
	unsigned int i;

	for (i = 0; ep->door && i < IKE_WINDOW_MAX; i++) {
		r = &ep->door->response[i];
		if (r->p && get_unaligned_be32(r->p + IKE_HDR_MSGID_AT) == msgid &&
		    isakmp_path_repeats(&r->path, path, r->roams))
			return r;
	}
	return NULL;
}

static struct isakmp_door *door_of(struct ike_epoch *ep)
{
	if (!ep->door)
		ep->door = calloc(1, sizeof(*ep->door));
	if (!ep->door)
		abort();
	return ep->door;
}

void native_store(const struct ike_sa *sa, const struct ike_answer *to, const u8 *p, size_t n)
{
	struct native_response *all = door_of(to->ep)->response, *r;
	unsigned int i;

	for (i = 0; i < IKE_WINDOW_MAX; i++) {
		r = &all[i];
		if (!r->p || get_unaligned_be32(r->p + IKE_HDR_MSGID_AT) + to->ep->window_in >
				     to->msgid)
			continue;
		free(r->p);
		r->p = NULL;
	}
	r = &all[to->msgid % IKE_WINDOW_MAX];
	free(r->p);
	*r = (struct native_response){
		.digest = to->digest, .path = to->path, .roams = ike_path_roams(sa),
		.p = malloc(n), .n = n,
	};
	if (!r->p)
		abort();
	memcpy(r->p, p, n);
}

enum isakmp_reason isakmp_door_open(struct ike_sa *sa, struct ike_epoch *ep)
{
	native_process(__func__);
	if (native_mem_fails())
		return ISAKMP_R_NO_MEMORY;
	isakmp_random(ep->initiator ? &ep->spi_i : &ep->spi_r, 8);
	door_of(ep);
	return ISAKMP_OK;
}

void isakmp_door_close(struct ike_sa *sa, struct ike_epoch *ep)
{
	unsigned int i;

	native_process(__func__);
	if (!ep->door)
		return;
	for (i = 0; i < IKE_WINDOW_MAX; i++)
		free(ep->door->response[i].p);
	free(ep->door);
	ep->door = NULL;
}
