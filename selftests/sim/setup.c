// SPDX-License-Identifier: GPL-2.0
/* What a seed makes of the two nodes: policies, suites, what they speak and refuse. */
#include <stdio.h>
#include <stdlib.h>

#include "world.h"

/* Some of a table; both nodes have the same ones of a run, in an order of their own. */
static void draw(struct ike_suites *to, const struct ike_suite *from, unsigned int n,
		 unsigned int first, struct world *w)
{
	unsigned int i, turn = (unsigned int)chance(w, 3);

	to->n = 3;
	for (i = 0; i < 3; i++)
		to->s[(i + turn) % 3] = from[(first + i) % n];
}

static void suites(struct ike_suites *ike, struct ike_suites *esp, struct world *w)
{
	static const struct ike_suite ikes[] = {
		{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_GCM_16, 256, 0, IKE_PRF_HMAC_SHA2_384,
		  IKE_KE_X25519 },
		{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_GCM_16, 128, 0, IKE_PRF_HMAC_SHA2_256,
		  IKE_KE_X25519 },
		{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128,
		  IKE_PRF_HMAC_SHA2_256, IKE_KE_ECP_256 },
		{ IKE_PROTO_IKE, 0, IKE_ENCR_CHACHA20_POLY1305, 0, 0, IKE_PRF_HMAC_SHA2_512,
		  IKE_KE_X448 },
		{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CTR, 128, IKE_INTEG_HMAC_SHA1_96,
		  IKE_PRF_HMAC_SHA1, IKE_KE_ECP_384 },
	};
	static const struct ike_suite esps[] = {
		{ IKE_PROTO_ESP, 0, IKE_ENCR_AES_GCM_16, 256, 0, 0, 0 },
		{ IKE_PROTO_ESP, 0, IKE_ENCR_AES_GCM_16, 128, 0, 0, 0 },
		{ IKE_PROTO_ESP, 1, IKE_ENCR_AES_CBC, 128, IKE_INTEG_HMAC_SHA1_96, 0, 0 },
		{ IKE_PROTO_ESP, 0, IKE_ENCR_CHACHA20_POLY1305, 0, 0, 0, 0 },
		{ IKE_PROTO_ESP, 1, IKE_ENCR_AES_CTR, 256, IKE_INTEG_HMAC_SHA2_512_256, 0, 0 },
	};

	draw(ike, ikes, ARRAY_SIZE(ikes), (unsigned int)(w->seed % ARRAY_SIZE(ikes)), w);
	draw(esp, esps, ARRAY_SIZE(esps), (unsigned int)(w->seed / 7 % ARRAY_SIZE(esps)), w);
}

static void ts(struct isakmp_ts *t, u8 net)
{
	*t = (struct isakmp_ts){ .type = IKE_TS_IPV4, .port_end = 65535,
				 .start = { 10, net }, .end = { 10, net, 255, 255 } };
}

/* Children beside the first: PFS or not, transport mode or tunnel, each its own way. */
static void more_setup(struct world *w, struct node *node)
{
	static const struct ike_suite pfs = { IKE_PROTO_ESP, 0, IKE_ENCR_AES_GCM_16, 256, 0, 0,
					      IKE_KE_X25519 };
	unsigned int i;

	for (i = 0; i < MORE; i++) {
		struct ike_child_policy *p = &node->more[i];

		*p = node->child;
		snprintf(p->name, sizeof(p->name), "more-%u", i);
		p->local = &node->more_ts[i][0];
		p->remote = &node->more_ts[i][1];
		p->start = IKE_START_NONE;
		if (i == 0) {
			p->esp.n = 1;
			p->esp.s[0] = pfs;
		}
		if (i == 1) {
			p->mode = IKE_MODE_TRANSPORT;
			node->more_ts[i][0] = node->more_ts[i][1] =
				(struct isakmp_ts){ .type = IKE_TS_DYNAMIC, .proto = 6,
						    .port_end = 65535 };
		} else {
			ts(&node->more_ts[i][0], (u8)(101 + 2 * i + (unsigned int)node->n));
			ts(&node->more_ts[i][1], (u8)(102 + 2 * i - (unsigned int)node->n));
		}
		node->peer.child[node->peer.n_child++] = p;
	}
}

/* Fragmentation or not; with certificates IKE_AUTH is longer than the smallest one. */
static u16 fragment_size(struct world *w)
{
	static const u16 sizes[] = { 0, IKE_FRAGMENT_SIZE_MIN, 700, IKE_FRAGMENT_SIZE };

	return sizes[chance(w, ARRAY_SIZE(sizes))];
}

static void node_setup(struct world *w, int n)
{
	struct node *node = &w->node[n];

	node->n = n;
	node->addr = (struct isakmp_addr){ .family = 4, .a = { 192, 0, 2, (u8)(n + 1) } };
	isakmp_random(node->digest_key, sizeof(node->digest_key));
	isakmp_cookie_init(&node->cookies, w->now);
	node->tun = (struct ike_tunables){ 1000, 6, 30000, 3 };
	ts(&node->local_ts, (u8)(1 + n));
	ts(&node->remote_ts, (u8)(2 - n));
	strcpy(node->child.name, "net");
	node->child.local = &node->local_ts;
	node->child.remote = &node->remote_ts;
	node->child.n_local = node->child.n_remote = 1;
	snprintf(node->peer.name, sizeof(node->peer.name), "gw-%c", 'b' - n);
	node->peer.gen = 1;
	suites(&node->peer.ike, &node->child.esp, w);
	node->peer.dpd_s = 20;
	node->peer.n_child = 1;
	node->peer.child[0] = &node->child;
	more_setup(w, node);
	node->secret = "a secret of thirty-two octets !!";
	node->helper_up = true;
	helper_setup(node);
}

struct world *world_new(u64 seed, bool verbose, bool v1)
{
	struct world *w = calloc(1, sizeof(*w));
	int i;

	world = w;
	w->seed = seed;
	w->rng = seed * 0x2545f4914f6cdd1dULL + 1;
	w->verbose = verbose;
	w->now = 1000;
	native_seed(seed);
	w->node[0].certs = w->node[1].certs = chance(w, 3) == 0;
	node_setup(w, 0);
	node_setup(w, 1);
	if (seed % 3 == 0)
		nat_setup(&w->node[0]);
	w->node[0].peer.encap = seed % 11 == 0;
	if (!v1)
		roam_setup(w);
	w->node[0].peer.fragment = fragment_size(w);
	w->node[1].peer.fragment = fragment_size(w);
	w->node[1].want_cookies = seed % 5 == 0;
	w->node[0].peer.window = seed % 4 == 1 ? 1 + (u8)(seed / 4 % IKE_WINDOW_MAX) : 1;
	w->node[1].peer.window = seed % 8 > 4 ? 1 + (u8)(seed / 8 % IKE_WINDOW_MAX) : 1;
	w->node[0].peer.childless = (u8)(seed / 16 % 4);
	w->node[1].peer.childless = (u8)(seed / 64 % 4);
	/* They agree, or there is nothing to see */
	for (i = 0; i < NODES; i++) {
		w->node[i].peer.qcd = seed >> i & 1;
		isakmp_random(&w->node[i].token_key, sizeof(w->node[i].token_key));
	}
	if (v1)
		v1_setup(w);
	for (i = 0; i < NODES; i++)
		if (w->node[i].peer.childless == IKE_CHILDLESS_FORCE &&
		    w->node[!i].peer.childless < IKE_CHILDLESS_PREFER)
			w->node[!i].peer.childless = IKE_CHILDLESS_PREFER;
	return w;
}
