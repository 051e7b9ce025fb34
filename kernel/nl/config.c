// SPDX-License-Identifier: GPL-2.0
/* The configuration of a network namespace: its beginning and its end. */
#include <linux/random.h>
#include "ike/seam.h"
#include "netns.h"
#include "nl/config.h"
#include "nl/store.h"
#include "nl/txn.h"

/* Events about refusals: this many per second at most, more in a burst. */
#define REFUSED_RATE	20
#define REFUSED_BURST	100

/**
 * isakmp_config_net_init() - an empty configuration
 * @in: the namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int isakmp_config_net_init(struct isakmp_net *in)
{
	struct isakmp_config *cfg = &in->config;

	mutex_init(&cfg->lock);
	INIT_LIST_HEAD(&cfg->txns);
	ratelimit_state_init(&cfg->refused, HZ * REFUSED_BURST / REFUSED_RATE, REFUSED_BURST);
	/* Says nothing in the log, not even how many it held back. */
	ratelimit_set_flags(&cfg->refused, RATELIMIT_MSG_ON_RELEASE);
	cfg->pairs_seed = get_random_u32();
	if (isakmp_index_init(&cfg->pairs))
		return -ENOMEM;
	cfg->store = isakmp_store_new();
	if (cfg->store)
		return 0;
	isakmp_index_free(&cfg->pairs);
	return -ENOMEM;
}

/**
 * isakmp_config_net_exit() - the configuration goes
 * @in: the namespace.  Nobody reads it any more: no socket of it is left to
 *	configure it, no packet comes, its SAs and traps are gone
 *
 * Context: process.
 */
void isakmp_config_net_exit(struct isakmp_net *in)
{
	struct isakmp_config *cfg = &in->config;
	struct isakmp_object *o;
	unsigned long serial;

	if (!cfg->store)
		return;
	mutex_lock(&cfg->lock);
	isakmp_txn_free_all(in);
	xa_for_each(&cfg->store->all[ISAKMP_KIND_PEER - 1], serial, o) {
		if (!o->live->template) {
			isakmp_pairs_unlink(in, o->live);
			isakmp_peers_publish(in, o->live, NULL);
		}
		isakmp_peer_put(&o->live->p);
		o->live = NULL;
	}
	isakmp_store_free(cfg->store);
	cfg->store = NULL;
	isakmp_peers_free(in);
	isakmp_index_free(&cfg->pairs);
	mutex_unlock(&cfg->lock);
	mutex_destroy(&cfg->lock);
}

/**
 * isakmp_config_exit() - wait until the last compiled peer is freed
 *
 * Context: process, at module exit, after the last namespace.
 */
void isakmp_config_exit(void)
{
	isakmp_peers_exit();
}
