/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What may be shown of an IKE SA and its children: a packed copy.  For ike/sa.h, which
 * includes it.
 */
#ifndef _ISAKMP_IKE_VIEW_H
#define _ISAKMP_IKE_VIEW_H

struct ike_sa;

/* What may be shown of a child; @ts: the local selectors, then the remote ones. */
struct ike_child_view {
	u16 size;		/* octets of this, a multiple of 8 */
	u8 state;
	u8 mode;
	u8 n_local;
	u8 n_remote;
	char name[ISAKMP_NAME_MAX + 1];
	struct ike_suite suite;
	struct isakmp_addr local_end; /* of its states: the path of the SA may be ahead */
	struct isakmp_addr remote_end;
	u16 cpi_in;
	u16 cpi_out;
	u32 spi_in;
	u32 spi_out;
	u32 rekeyed;
	u64 past[ISAKMP_COUNTS];
	struct isakmp_ts ts[];
};

/*
 * What may be shown of an SA: a copy, no pointers, no secrets.  The children
 * follow, each as long as it says: ike_view_child(); then, perhaps, a struct
 * ike_config: ike_view_config().
 */
struct ike_sa_view {
	u32 size;		/* octets of all */
	u32 children_end;	/* of which up to the end of the last child */
	u64 id;
	u64 spi_i;
	u64 spi_r;
	u8 version;
	bool initiator;
	bool nat_local;
	bool nat_remote;
	bool encap;
	bool resumed;
	bool redirectable;
	u16 method;		/* version 1: enum v1_method; 0: not known */
	char user[V1_USER_MAX + 1]; /* the same: whom XAUTH found the peer to be */
	u16 fragment;
	u8 state;
	u8 n_children;
	u16 reason;
	struct isakmp_path path;
	bool mobike;
	u8 n_addresses;
	struct isakmp_addr address[IKE_ADDRESSES_MAX];
	char peer[ISAKMP_NAME_MAX + 1];
	struct ike_suite suite;
	u64 created_at;
	u64 established_at;
	u64 last_in;
	u32 msgs_in;
	u32 msgs_out;
	u32 resends;
	u32 rekeyed;
	u16 id_local_len;
	u16 id_remote_len;
	u8 id_local[4 + IKE_ID_MAX];
	u8 id_remote[4 + IKE_ID_MAX];
	char local_cred[ISAKMP_NAME_MAX + 1];
	char remote_cred[ISAKMP_NAME_MAX + 1];
	u64 until_at;		/* ~0: for ever */
	u8 handle_len;
	u8 handle[IKE_HANDLE_MAX];
	bool inner_ours;	/* the inner addresses are ours, given by the peer */
	struct isakmp_addr inner[IKE_INNER];
	u64 children[];
};

/* view.c */
size_t ike_view_size(const struct ike_sa *sa);
void ike_view_fill(const struct ike_sa *sa, struct ike_sa_view *v);
const struct ike_child_view *ike_view_child(const struct ike_sa_view *v,
					    const struct ike_child_view *after);

const struct ike_config *ike_view_config(const struct ike_sa_view *v);

bool ike_view_leaves_out(const struct ike_sa_view *v, const char *child,
			 const struct ike_flow *flow);

#endif
