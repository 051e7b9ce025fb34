// SPDX-License-Identifier: GPL-2.0
/* Hash buckets that grow when they can: see index.h. */
#include <linux/mm.h>
#include "nl/index.h"

#define INDEX_MIN_BITS 4
#define INDEX_MAX_BITS 20

static struct hlist_head *buckets_alloc(unsigned int bits)
{
	return kvcalloc(1UL << bits, sizeof(struct hlist_head),
			GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
}

/**
 * isakmp_index_init() - an empty index
 * @t: the index
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int isakmp_index_init(struct isakmp_index *t)
{
	t->v = buckets_alloc(INDEX_MIN_BITS);
	t->bits = INDEX_MIN_BITS;
	t->n = 0;
	return t->v ? 0 : -ENOMEM;
}

/**
 * isakmp_index_free() - the index goes, the nodes are the caller's
 * @t: the index
 *
 * Context: process.
 */
void isakmp_index_free(struct isakmp_index *t)
{
	kvfree(t->v);
	t->v = NULL;
}

static void index_grow(struct isakmp_index *t)
{
	struct isakmp_index old = *t;
	struct isakmp_node *x;
	struct hlist_node *tmp;
	unsigned long i;

	t->v = buckets_alloc(old.bits + 2);
	if (!t->v) {
		*t = old;
		return;
	}
	t->bits = old.bits + 2;
	for (i = 0; i < 1UL << old.bits; i++)
		hlist_for_each_entry_safe(x, tmp, &old.v[i], node)
			hlist_add_head(&x->node, isakmp_index_bucket(t, x->hash));
	kvfree(old.v);
}

/**
 * isakmp_index_add() - insert a node
 * @t: the index
 * @x: the node
 * @hash: of its key, all 32 bits of it good
 *
 * Context: process.
 */
void isakmp_index_add(struct isakmp_index *t, struct isakmp_node *x, u32 hash)
{
	if (t->n >> t->bits && t->bits < INDEX_MAX_BITS)
		index_grow(t);
	x->hash = hash;
	hlist_add_head(&x->node, isakmp_index_bucket(t, hash));
	t->n++;
}

/**
 * isakmp_index_del() - remove a node
 * @t: the index
 * @x: the node; fine when it is in no index
 *
 * Context: process.
 */
void isakmp_index_del(struct isakmp_index *t, struct isakmp_node *x)
{
	if (hlist_unhashed(&x->node))
		return;
	hlist_del_init(&x->node);
	t->n--;
}
