/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hash buckets that grow when they can.
 *
 * Nobody reads them without the lock of the configuration, so growing is a plain
 * move; when memory is short the index stays as it is.  So inserting cannot fail,
 * which makes undoing a change simple.
 */
#ifndef _ISAKMP_NL_INDEX_H
#define _ISAKMP_NL_INDEX_H

#include <linux/list.h>

struct isakmp_node {
	struct hlist_node node;
	u32 hash;
};

/**
 * struct isakmp_index - hash buckets
 * @v: the buckets
 * @bits: log2 of their number
 * @n: nodes in them
 */
struct isakmp_index {
	struct hlist_head *v;
	unsigned int bits;
	unsigned int n;
};

int isakmp_index_init(struct isakmp_index *t);
void isakmp_index_free(struct isakmp_index *t);
void isakmp_index_add(struct isakmp_index *t, struct isakmp_node *x, u32 hash);
void isakmp_index_del(struct isakmp_index *t, struct isakmp_node *x);

static inline struct hlist_head *isakmp_index_bucket(const struct isakmp_index *t, u32 hash)
{
	return &t->v[hash >> (32 - t->bits)];
}

#endif
