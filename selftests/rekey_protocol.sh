#!/bin/bash
# rekey_protocol.sh: a child gets another protocol by configuration, from ESP to AH, with IPComp and
# without, and is rekeyed by either end under a stream: nothing is lost, at each end both come in for
# a while, and nothing that is not protected. Topology: two_sites in lib.sh, both of ours.
. ./lib.sh
. ./gateway.sh

ktap_plan 9

both() {
	CHILD_KEYS=$2 ours_conf "$gwA" 192.0.2.1 192.0.2.2 10.1.0.0/16 10.2.0.0/16 &&
		CHILD_KEYS=$2 ours_conf "$gwB" 192.0.2.2 192.0.2.1 10.2.0.0/16 10.1.0.0/16 &&
		sed -i "/^proposal/ s/ esp .*/ $1/" "$work/$gwA/isakmp.conf" "$work/$gwB/isakmp.conf"
}
apply() { ours "$gwA" config apply "$work/$gwA/isakmp.conf" && ours "$gwB" config apply "$work/$gwB/isakmp.conf"; }
esp="esp aes256gcm16" ah="ah sha256" comp="ipcomp deflate"
# packets are under way for a time, also while the ends do not use the same child
far() { ip netns exec "$1" tc qdisc add dev wan root netem delay 20ms limit 10000; }
lab() { two_sites && far "$gwA" && far "$gwB" && both "$esp" && ours_start "$gwB" && ours_start "$gwA" && ours "$gwA" peer up gw wait 8; }
check "lab: two of ours, ESP" lab

# what NS: proto of its states, of a child and no other
what() { ip -n "$1" xfrm state | awk '/proto (esp|ah|comp)/ { print $2 }' | sort -u | tr '\n' ' '; }
is() { [ "$(what "$1")" = "$2 " ]; }
# marked NS: policies for what comes in through a successor
marked() { ip -n "$1" xfrm policy | grep -c 'mark 0x80000000/0x80000000'; }
plain() { [ "$(marked "$1")" = 0 ]; }
drops() { for ns in "$gwA" "$gwB"; do in_ns "$ns" awk '$2' /proc/net/xfrm_stat; done; }
# to WHO PROTO PROPOSAL CHILD-KEYS: WHO asks; both come in until the old one is gone
to() {
	local id
	both "$3" "$4" && apply && id=$(ours "$1" -j sa | jq '.[0].id') && ours "$1" sa rekey id "$id" child net &&
		busywait 15000 is "$gwA" "$2" && busywait 15000 is "$gwB" "$2" && busywait 3000 plain "$gwA" &&
		plain "$gwB" && [ "$(sa_count "$gwA")" = 1 ] && [ "$(drops)" = "" ] || { drops; what "$gwA"; return 1; }
}
twofold() { [ "$(marked "$1")" = 2 ]; }

check "a stream" eval 'echo_start "$hostB" && stream_start "$hostA" 10.2.0.2 4'
check "from ESP to AH with IPComp, we ask" to "$gwA" "ah comp" "$ah" "$comp"
check "and back, we are asked" to "$gwB" esp "$esp"
check "nothing was lost" stream_whole
# What somebody on the way would do: the same addresses, in the clear, marked or not
refused_clear() { in_ns "$gwA" awk '/XfrmInTmplMismatch|XfrmInNoPols|XfrmInPolBlock/ { n += $2 } END { print n }' /proc/net/xfrm_stat; }
clear() {
	local was
	was=$(refused_clear)
	! in_ns "$hostB" ping -q -n -c 1 -W 0.5 10.1.0.2 && [ "$(refused_clear)" -gt "$was" ] && twofold "$gwA"
}
# The Delete of the old one does not arrive
both_come_in() {
	both "$ah" && apply && in_ns "$gwA" nft -f - <<-'END' || return
	table ip d {
		chain in { type filter hook input priority 0; udp dport 4500 @th,240,8 37 drop; }
	}
	END
	ours "$gwB" sa rekey id "$(ours "$gwB" -j sa | jq '.[0].id')" child net &&
		busywait 5000 twofold "$gwA" && in_ns "$gwB" sysctl -q net.ipv4.conf.wan.disable_xfrm=1
}
check "while both come in" both_come_in
check "what is not protected does not" clear
marks() {
	in_ns "$gwA" nft -f - <<-'END'
	table ip m {
		chain pre { type filter hook prerouting priority raw; iifname "wan" meta mark set 0x80000000; }
	}
	END
}
check "nor what has the mark" eval 'marks && clear'
check "the kernel has no complaint" kernel_silent
ktap_end
