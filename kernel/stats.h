/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of a namespace: /proc/net/isakmp_stat and STAT_GET. */
#ifndef _ISAKMP_STATS_H
#define _ISAKMP_STATS_H

#include <linux/percpu.h>
#include <linux/types.h>
#include <isakmp/reason.h>

struct isakmp_net;
struct isakmp_path;

/* Counters; every reason is one more, behind these. */
#define ISAKMP_STATS(S)							       \
	S(RX, "rx", "datagrams received on the IKE ports, ESP not counted")    \
	S(RX_ESP, "rx-esp", "ESP packets received on UDP port 4500")	       \
	S(KEEPALIVE, "keepalive", "NAT keepalives received")		       \
	S(KEEPALIVE_SENT, "keepalive-sent", "NAT keepalives sent")	       \
	S(TX, "tx", "messages sent, repeats not counted")		       \
	S(RESEND, "resend", "requests sent again")			       \
	S(REPEAT, "repeat", "stored responses sent again")		       \
	S(ERROR_SENT, "error-sent", "error answers sent outside of an IKE SA") \
	S(TOKEN_SENT, "token-sent", "tokens sent for IKE SAs that are not here any more") \
	S(COOKIES_GOOD, "cookies-good", "first messages with a good cookie")   \
	S(SA_CREATED, "sa-created", "IKE SAs created")			       \
	S(SA_ESTABLISHED, "sa-established", "IKE SAs established")	       \
	S(SA_ENDED, "sa-ended", "IKE SAs that ended")			       \
	S(SA_RESUMED, "sa-resumed", "of which by a ticket, without authentication") \
	S(SA_REKEYED, "sa-rekeyed", "IKE SAs that got other keys")	       \
	S(CHILD_REKEYED, "child-rekeyed", "child SAs that took the place of another") \
	S(CHILD_UP, "child-up", "child SAs that came up")		       \
	S(CHILD_DOWN, "child-down", "child SAs that went down")		       \
	S(UPCALL, "upcall", "questions put to the helper")		       \
	S(ACQUIRE, "acquire", "IKE SAs started by a packet")

/* What is now, computed when asked. */
#define ISAKMP_GAUGES(S)						       \
	S(SAS, "sas", "IKE SAs there are now")				       \
	S(HALF_OPEN, "half-open", "of which half-open: the peer did not authenticate yet") \
	S(HELPERS, "helpers", "helpers registered now")

enum isakmp_stat {
#define S(id, name, text) ISAKMP_S_##id,
	ISAKMP_STATS(S)
#undef S
	ISAKMP_S_REASONS,	/* + enum isakmp_reason */
	ISAKMP_S_COUNTERS = ISAKMP_S_REASONS + __ISAKMP_R_MAX,
	__ISAKMP_S_GAUGES = ISAKMP_S_COUNTERS - 1,
#define S(id, name, text) ISAKMP_S_##id,
	ISAKMP_GAUGES(S)
#undef S
	__ISAKMP_S_MAX,
};

struct isakmp_stats {
	unsigned long n[ISAKMP_S_COUNTERS];
};

void isakmp_count(struct isakmp_net *in, enum isakmp_stat what);
void isakmp_net_refused(struct isakmp_net *in, const struct isakmp_path *path,
			enum isakmp_reason why, u32 arg);

const char *isakmp_stat_name(unsigned int i);
const char *isakmp_stat_text(unsigned int i);
u64 isakmp_stat_value(struct isakmp_net *in, unsigned int i);

const char *isakmp_reason_name(enum isakmp_reason why);
const char *isakmp_reason_text(enum isakmp_reason why);

int isakmp_stats_net_init(struct isakmp_net *in);
void isakmp_stats_net_exit(struct isakmp_net *in);
void isakmp_stats_net_free(struct isakmp_net *in);

#endif
