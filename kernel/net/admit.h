/* SPDX-License-Identifier: GPL-2.0 */
/* What a message without an SA must pass, and the answers it may get. */
#ifndef _ISAKMP_NET_ADMIT_H
#define _ISAKMP_NET_ADMIT_H

#include <linux/spinlock.h>
#include "gate/gate.h"

struct isakmp_net;
struct isakmp_packet;

/**
 * struct isakmp_admit_net - the state behind gate/
 * @lock: protects all of this; a leaf, also inside of sas.lock
 * @cookies: secrets
 * @prefixes: where first messages come from; NULL until isakmp_admit_open()
 * @errors: for error answers outside of an SA
 * @tokens: for those with a token
 * @cookies_sent: for answers that ask for a cookie
 */
struct isakmp_admit_net {
	spinlock_t lock;
	struct isakmp_cookies cookies;
	struct isakmp_sources *prefixes;
	struct isakmp_bucket errors;
	struct isakmp_bucket tokens;
	struct isakmp_bucket cookies_sent;
};

/**
 * struct isakmp_message - a message being looked at in softirq
 * @in: namespace
 * @path: how it came
 * @sdif: device it came in by, where skb->dev is that one's VRF; else 0
 * @outside: it came to a socket that is bound to no VRF
 * @h: its header
 * @data: the message, in one piece; NULL before it had to be
 * @n: its octets
 */
struct isakmp_message {
	struct isakmp_net *in;
	struct isakmp_path path;
	int sdif;
	bool outside;
	struct isakmp_header h;
	const u8 *data;
	size_t n;
};

enum isakmp_reason isakmp_admit_first(const struct isakmp_message *m, u64 digest);
void isakmp_admit_hold(struct isakmp_net *in, const struct isakmp_path *path);
void isakmp_admit_release(struct isakmp_net *in, const struct isakmp_path *path);
void isakmp_admit_say_version(const struct isakmp_message *m);
void isakmp_admit_say_no_sa(const struct isakmp_message *m, bool lost);

int isakmp_admit_net_init(struct isakmp_net *in);
int isakmp_admit_open(struct isakmp_net *in);
void isakmp_admit_net_exit(struct isakmp_net *in);

#endif
