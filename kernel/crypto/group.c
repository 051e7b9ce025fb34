// SPDX-License-Identifier: GPL-2.0
/*
 * ECP and MODP groups, over the crypto API's key-agreement transforms; those that it
 * refuses are powm.c's.
 *
 * A transform holds one private key.  As in sk.c, each CPU has one of each (a
 * lane), which is given a key for one operation and then another that is nobody's.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <crypto/kpp.h>
#include <linux/fips.h>
#include <linux/kmod.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "compat.h"
#include "crypto/crypto.h"
#include "crypto/group.h"
#include "crypto/modp.h"
#include "ike/seam.h"

#define KPP_VALUE_MAX	ISAKMP_MODP_MAX
#define KPP_SECRET_MAX	(sizeof(struct kpp_secret) + 3 * sizeof(u32) +		\
			 ISAKMP_KEX_PRIVATE_MAX + ISAKMP_MODP_MAX + 1)

/* What the API reads and writes must lie in the linear map. */
struct group_room {
	u8 secret[KPP_SECRET_MAX];
	u8 in[KPP_VALUE_MAX];
	u8 out[KPP_VALUE_MAX];
};

struct group_lane {
	struct mutex lock;	/* all below, and the key in @tfm */
	struct crypto_kpp *tfm;
	struct kpp_request *req;
	struct group_room *room;
};

enum { KPP_DH, KPP_P256, KPP_P384, KPPS, NO_KPP = KPPS };

static struct group_alg {
	const char *name;
	const char *alias;		/* of its module, which @name is not; or NULL */
	struct group_lane __percpu *lanes; /* NULL: the kernel has none */
} algs[KPPS] = {
	[KPP_DH]   = { "dh" },
	[KPP_P256] = { "ecdh-nist-p256", "crypto-ecdh" },
	[KPP_P384] = { "ecdh-nist-p384", "crypto-ecdh" },
};

/* @head, @tail: first four octets and last one of the public value of key 2 */
static struct group_row {
	u16 id;
	u8 alg;
	u8 tail;
	u32 head;
	bool works;		/* written at load */
} groups[] = {
	{ IKE_KE_MODP_1024, NO_KPP,   0x04, 0x00000000 },
	{ IKE_KE_MODP_1536, KPP_DH,   0x04, 0x00000000 },
	{ IKE_KE_MODP_2048, KPP_DH,   0x04, 0x00000000 },
	{ IKE_KE_MODP_3072, KPP_DH,   0x04, 0x00000000 },
	{ IKE_KE_MODP_4096, KPP_DH,   0x04, 0x00000000 },
	{ IKE_KE_MODP_6144, KPP_DH,   0x04, 0x00000000 },
	{ IKE_KE_MODP_8192, KPP_DH,   0x04, 0x00000000 },
	{ IKE_KE_ECP_256,   KPP_P256, 0xd1, 0x7cf27b18 },
	{ IKE_KE_ECP_384,   KPP_P384, 0x80, 0x08d99905 },
};

static struct group_row *group_find(u16 id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(groups); i++)
		if (groups[i].id == id)
			return &groups[i];
	return NULL;
}

static u8 *put(u8 *p, const void *from, size_t n)
{
	memcpy(p, from, n);
	return p + n;
}

/*
 * A private key as crypto_kpp_set_secret() wants it.  The packers of <crypto/dh.h>
 * and <crypto/ecdh.h> are in the modules of the algorithms: with them, a kernel
 * without these could not load us.  group_try() sees whether this is right.
 *
 *	ECDH: header | key length, 16 bits | key
 *	DH:   header | key, prime, generator length, 32 bits each | key | prime | generator
 */
static unsigned int group_pack(const struct isakmp_group *g, const u8 *private, u8 *to)
{
	const u32 dh_len[3] = { g->private, g->pub, 1 };
	bool modp = g->kind == ISAKMP_KEX_MODP;
	static const u8 generator = 2;
	struct kpp_secret head = {
		modp ? CRYPTO_KPP_SECRET_TYPE_DH : CRYPTO_KPP_SECRET_TYPE_ECDH,
	};
	const u16 ecdh_len = g->private;
	u8 *p = to + sizeof(head);

	p = modp ? put(p, dh_len, sizeof(dh_len)) : put(p, &ecdh_len, sizeof(ecdh_len));
	p = put(p, private, g->private);
	if (modp) {
		p = put(p, isakmp_modp_prime(g), g->pub);
		p = put(p, &generator, 1);
	}
	head.len = p - to;
	put(to, &head, sizeof(head));
	return head.len;
}

static int lane_key(struct group_lane *lane, const struct isakmp_group *g, const u8 *private)
{
	unsigned int n = group_pack(g, private, lane->room->secret);

	lockdep_assert_held(&lane->lock);
	return crypto_kpp_set_secret(lane->tfm, lane->room->secret, n);
}

/* Leaves nobody's key behind: 2, which is a key of each group. */
static void lane_forget(struct group_lane *lane, const struct isakmp_group *g)
{
	u8 nobody[ISAKMP_KEX_PRIVATE_MAX] = { 0 };

	nobody[g->private - 1] = 2;
	memzero_explicit(lane->room, sizeof(*lane->room));
	/* For lack of memory it is taken away, but not replaced */
	if (lane_key(lane, g, nobody))
		return;
}

static int lane_run(struct group_lane *lane, const struct isakmp_group *g, const u8 *private,
		    const u8 *peer, u8 *out)
{
	size_t n = peer ? g->shared : g->pub;
	struct group_room *room = lane->room;
	struct scatterlist from, to;
	int err;

	err = lane_key(lane, g, private);
	if (err)
		return err;
	sg_init_one(&to, room->out, n);
	kpp_request_set_callback(lane->req, CRYPTO_TFM_REQ_MAY_SLEEP, NULL, NULL);
	kpp_request_set_output(lane->req, &to, n);
	if (peer) {
		memcpy(room->in, peer, g->pub);
		sg_init_one(&from, room->in, g->pub);
		kpp_request_set_input(lane->req, &from, g->pub);
		err = crypto_kpp_compute_shared_secret(lane->req);
	} else {
		kpp_request_set_input(lane->req, NULL, 0);
		err = crypto_kpp_generate_public_key(lane->req);
	}
	if (!err)
		memcpy(out, room->out, n);
	return err;
}

/**
 * isakmp_group_run() - one operation of a group
 * @group: the group; isakmp_group_usable(), or being tried
 * @private: a private key, @group->private octets
 * @peer: the peer's public value, @group->pub octets; NULL: the generator
 * @out: the secret, @group->shared octets; with the generator the public value
 *
 * The ECDH of the API checks that the point is on the curve (RFC 6989, 2.3) and
 * that the result is not infinity; the check of RFC 6989, 2.1 is the caller's.
 *
 * Context: Process.
 * Return: 0 or -errno; -EINVAL also for what is no private key of the group.
 */
int isakmp_group_run(const struct isakmp_group *group, const u8 *private,
		   const u8 *peer, u8 *out)
{
	const struct group_row *row = group_find(group->id);
	struct group_lane *lane;
	int err;

	if (row->alg == NO_KPP)
		return isakmp_powm(group, private, peer, out);
	lane = raw_cpu_ptr(algs[row->alg].lanes);
	mutex_lock(&lane->lock);
	err = lane_run(lane, group, private, peer, out);
	lane_forget(lane, group);
	mutex_unlock(&lane->lock);
	return err;
}

/**
 * isakmp_group_usable() - did this group come up at load?
 * @group: KE transform ID
 *
 * Context: any.
 * Return: whether it did.
 */
bool isakmp_group_usable(u16 group)
{
	const struct group_row *k = group_find(group);

	return k && k->works;
}

static int lane_init(struct group_lane *lane, const char *name)
{
	struct crypto_kpp *tfm = crypto_alloc_kpp(name, 0, CRYPTO_ALG_ASYNC);

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	lane->tfm = tfm;
	lane->req = kpp_request_alloc(tfm, GFP_KERNEL);
	lane->room = kzalloc(sizeof(*lane->room), GFP_KERNEL);
	return lane->req && lane->room ? 0 : -ENOMEM;
}

static void alg_exit(struct group_alg *a)
{
	struct group_lane *lane;
	int cpu;

	if (!a->lanes)
		return;
	for_each_possible_cpu(cpu) {
		lane = per_cpu_ptr(a->lanes, cpu);
		kfree_sensitive(lane->room);
		if (lane->req)
			kpp_request_free(lane->req);
		if (lane->tfm)
			crypto_free_kpp(lane->tfm);
	}
	free_percpu(a->lanes);
	a->lanes = NULL;
}

static int alg_init(struct group_alg *a)
{
	struct group_lane *lane;
	int cpu, err;

	a->lanes = alloc_percpu(struct group_lane);
	if (!a->lanes)
		return -ENOMEM;
	if (a->alias)
		request_module("%s", a->alias);
	for_each_possible_cpu(cpu) {
		lane = per_cpu_ptr(a->lanes, cpu);
		mutex_init(&lane->lock);
		err = lane_init(lane, a->name);
		if (err) {
			alg_exit(a);
			return isakmp_alg_missing(err) ? 0 : err;
		}
	}
	return 0;
}

/* Try it once: is the public value of key 2 what it has to be? */
static int group_try(struct group_row *k)
{
	const struct isakmp_group *g = isakmp_sizes_group(k->id);
	u8 two[ISAKMP_KEX_PRIVATE_MAX] = { 0 };
	u8 *pub;
	int err;

	if (k->alg != NO_KPP && !algs[k->alg].lanes)
		return 0;
	pub = kzalloc(g->pub, GFP_KERNEL);
	if (!pub)
		return -ENOMEM;
	two[g->private - 1] = 2;
	err = isakmp_group_run(g, two, NULL, pub);
	k->works = !err && get_unaligned_be32(pub) == k->head && pub[g->pub - 1] == k->tail;
	kfree(pub);
	if (err == -ENOMEM)
		return err;
	/* FIPS mode has not the short ones, and a kernel may have no numbers for powm.c */
	if (!k->works && !fips_enabled && err != -EOPNOTSUPP)
		pr_warn("%s is not what it should be (%d): group %u is not used\n",
			k->alg == NO_KPP ? "mpi" : algs[k->alg].name, err, k->id);
	return 0;
}

int isakmp_group_init(void)
{
	int err = 0;
	size_t i;

	for (i = 0; !err && i < ARRAY_SIZE(algs); i++)
		err = alg_init(&algs[i]);
	for (i = 0; !err && i < ARRAY_SIZE(groups); i++)
		err = group_try(&groups[i]);
	if (err)
		isakmp_group_exit();
	return err;
}

void isakmp_group_exit(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(algs); i++)
		alg_exit(&algs[i]);
}
