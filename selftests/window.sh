#!/bin/bash
# window.sh: several requests under way where each way takes 100 ms: as many as the other end keeps, one
# until it has said so, one again after a rekey of the IKE SA; the rekey and the Delete of an IKE SA go
# alone (RFC 7296, 2.3). Topology: two_gateways in lib.sh, both ours, with keys to look inside.
. ./lib.sh
. ./gateway.sh

ktap_plan 9

child_objects() {
	local n
	ours "$1" child del net peer gw || return
	for n in 0 1 2 3 4; do
		ours "$1" child add c$n peer gw local-ts "$2.$n.0/24" remote-ts "$3.$n.0/24" || return
	done
}
far() {
	ip netns exec "$router" tc qdisc add dev toA root netem delay 100ms &&
		ip netns exec "$router" tc qdisc add dev toB root netem delay 100ms
}
of() { ours "$1" -j sa | jq -r ".[0] | $2"; }
ready() {
	lab ours none window 4 && child_objects "$gwA" 10.1 10.2 && child_objects "$gwB" 10.2 10.1 && far &&
		capture_start "$router" toA "$work/ike.pcap" && keys_start "$gwA" "$work/keys"
}
check "the lab: two of ours, who keep four requests" ready

up_is() { [ "$(of "$1" '[.children[] | select(.state == "up")] | length')" = "$2" ]; }
# IKE_SA_INIT, IKE_AUTH; each has said what it keeps, and was answered
told() { [ "$(of "$1" .msgs_in)" -ge 4 ]; }
one_up() { ours "$gwA" child up c0 peer gw wait 8 && busywait 5000 told "$gwA" && busywait 5000 told "$gwB"; }
check "up, with one child" one_up
# batch LINE...: commands in one batch
batch() { printf '%s\n' "$@" >"$work/batch"; ours "$gwA" -b "$work/batch"; }
all_up() {
	batch "child up "{c1,c2,c3,c4}" peer gw nowait" && busywait 8000 up_is "$gwA" 5 && busywait 8000 up_is "$gwB" 5
}
check "four more are asked for at once" all_up

# the IKE SA with its children on the way, and children again while it has its new keys
each() { [ "$(of "$gwA" '[.children[] | select(.state == "up") | .rekeys] | min')" -ge "$1" ] && up_is "$gwA" 5; }
at_once() {
	batch "sa rekey id 1 child "{c0,c1,c2} "sa rekey id 1" "sa rekey id 1 child "{c3,c4} &&
		busywait 10000 each 1 && [ "$(of "$gwA" .rekeys)" = 1 ]
}
check "the IKE SA and its children are rekeyed at once" at_once
again() { batch "sa rekey id 1 child "{c0,c1,c2,c3,c4} && busywait 10000 each 2; }
check "and the children once more" again
down() { batch "sa rekey id 1 child "{c1,c2} "peer down gw" && tunnel_down "$gwA" && tunnel_down "$gwB"; }
check "down, while children are being rekeyed" down
keys_stop
capture_stop

# the first IKE SA is that of spi-i as it was, the second one that after the rekey
lines() { isakmp -j decode "$work/ike.pcap" keys "$work/keys" | ./window.py 192.0.2.2; }
line_is() { lines | tee "$work/lines"; sed -n "$1p" "$work/lines" | grep -qx "$2"; }
check "four requests were under way, one before it was told, rekey and Delete alone" \
	line_is 1 "most 4 before 1 alone yes"
check "the same of the next one: it begins with one" line_is 2 "most 4 before [01] alone yes"
check "the kernel has no complaint" kernel_silent
ktap_end
