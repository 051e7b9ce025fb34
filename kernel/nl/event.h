/* SPDX-License-Identifier: GPL-2.0 */
/* Notifications: group "events". */
#ifndef _ISAKMP_NL_EVENT_H
#define _ISAKMP_NL_EVENT_H

#include <uapi/linux/isakmp.h>
#include <isakmp/reason.h>
#include "ike/path.h"

struct genl_info;
struct ike_sa_view;
struct isakmp_net;
struct isakmp_object;

void isakmp_event_object(struct isakmp_net *in, enum isakmp_event_type type,
			 const struct isakmp_object *o, struct genl_info *info);
void isakmp_event_config(struct isakmp_net *in, struct genl_info *info);
void isakmp_event_helper(struct isakmp_net *in, u32 helpers);
void isakmp_event_sa(struct isakmp_net *in, enum isakmp_event_type type,
		     const struct ike_sa_view *v, enum isakmp_reason reason,
		     u32 arg, const char *old_state);
void isakmp_event_refused(struct isakmp_net *in, const struct isakmp_path *path,
			  u64 sa_id, enum isakmp_reason reason, u32 arg);

#endif
