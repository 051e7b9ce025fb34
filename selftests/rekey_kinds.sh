#!/bin/bash
# rekey_kinds.sh: children of every kind are rekeyed by packets while pings go through, and not one is
# lost: ESP, AH, IPComp, transport mode, an XFRM interface. Topology: two_sites in lib.sh, both of ours.
# tier: long
. ./lib.sh
. ./gateway.sh

ktap_plan 8
# each child is for N packets, of PINGS; more on a slow machine, where the next one takes longer
n=100 pings=500
[ "$VM_BACKEND" != tcg ] || n=300 pings=1500

both() {
	CHILD_KEYS="packets $n ${MORE-}" ours_conf "$gwA" 192.0.2.1 192.0.2.2 "$1" "$2" &&
		CHILD_KEYS="packets $n ${MORE-}" ours_conf "$gwB" 192.0.2.2 192.0.2.1 "$2" "$1" || return
	[ -z "${AH-}" ] || sed -i "/^proposal/ s/ esp .*/ ah $AH/" "$work/$gwA/isakmp.conf" "$work/$gwB/isakmp.conf"
}
apply() { ours "$gwA" config apply "$work/$gwA/isakmp.conf" && ours "$gwB" config apply "$work/$gwB/isakmp.conf"; }
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
lab() { two_sites && both 10.1.0.0/16 10.2.0.0/16 && ours_start "$gwB" && ours_start "$gwA"; }

# rekeyed FROM TO: all pings come back, through four SAs or more of one child of one IKE SA
rekeyed() {
	local children
	apply && ours "$gwA" peer up gw wait 8 || return
	in_ns "$1" ping -q -n -c $pings -i 0.002 -W 2 "$2" | tee "$work/ping"
	grep -q " $pings received" "$work/ping" || { drops; return 1; }
	# those that were deleted are seen for a while
	children=$(ours "$gwA" -j sa | jq '[.[].children[]] | length')
	[ "$children" -ge 4 ] && [ "$(sa_count "$gwA")" = 1 ] && [ "$(drops)" = "" ] || { echo "$children children"; drops; return 1; }
	down
}
drops() { for ns in "$gwA" "$gwB"; do in_ns "$ns" awk '$2' /proc/net/xfrm_stat; done; }

check "lab: two of ours" lab
check "ESP, tunnel" rekeyed "$hostA" 10.2.0.2
ah() { AH=sha256 both 10.1.0.0/16 10.2.0.0/16 && rekeyed "$hostA" 10.2.0.2; }
check "AH" ah
comp() { MORE="ipcomp deflate" both 10.1.0.0/16 10.2.0.0/16 && rekeyed "$hostA" 10.2.0.2; }
check "IPComp" comp
esn() { ESP=aes128gcm16-x25519-esn both 10.1.0.0/16 10.2.0.0/16 && rekeyed "$hostA" 10.2.0.2; }
check "ESN and a key exchange of its own" esn
transport() { MORE="mode transport" both dynamic dynamic && rekeyed "$gwA" 192.0.2.2; }
check "transport mode" transport
routed() {
	MORE="if-id 77" both 0.0.0.0/0 0.0.0.0/0
	for ns in "$gwA" "$gwB"; do
		ip -n "$ns" link add xfrm0 type xfrm dev wan if_id 77 && ip -n "$ns" link set xfrm0 up || return
	done
	ip -n "$gwA" route replace 10.2.0.0/16 dev xfrm0 && ip -n "$gwB" route replace 10.1.0.0/16 dev xfrm0 &&
		rekeyed "$hostA" 10.2.0.2
}
check "an XFRM interface, selectors of everything" routed
check "the kernel has no complaint" kernel_silent
ktap_end
