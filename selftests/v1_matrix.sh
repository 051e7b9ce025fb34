#!/bin/bash
# v1_matrix.sh: some 20,000 messages of version 1 with one thing wrong in each (v1matrix.py), from a
# stranger who may begin Main, Aggressive and Base Mode, to a gateway of ours. Each has
# one answer at most, or a refusal with a name; nothing is left of them when half-open SAs end; strongSwan
# connects right after. Topology: two_gateways in lib.sh; the router is the stranger.
# backends: uml
# timeout: 240
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 22

export IKE=aes256-sha256-ecp256 ESP=aes256-sha256
half_open_ms=10000

peer_start() {
	mkdir -p "$work/$gwB/swanctl"
	cat >"$work/$gwB/swanctl/swanctl.conf" <<-END
	connections { gw {
		version = 1
		local_addrs = 198.51.100.2
		remote_addrs = 192.0.2.2
		proposals = $IKE
		local { auth = psk
			id = 198.51.100.2 }
		remote { auth = psk
			id = 192.0.2.2 }
		children { net {
			local_ts = 10.2.0.0/16
			remote_ts = 10.1.0.0/16
			esp_proposals = $ESP
		} }
	} }
	secrets { ike-gw { secret = a shared secret of the selftests } }
	END
	charon_plugins+=" aes sha2"
	charon_start "$gwB"
}

ready() {
	two_gateways && peer_start || return
	ours_conf "$gwA" 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16 none version 1
	cat >>"$work/$gwA/isakmp.conf" <<-END
	cred add stranger psk id fqdn:stranger.example file gw
	peer add stranger local 192.0.2.2 remote 192.0.2.1 proposal strong version 1 v1-accept main,aggressive,base
	auth add peer stranger side local method psk id ipv4:192.0.2.2 cred stranger
	auth add peer stranger side remote method psk id fqdn:stranger.example
	END
	ours_start "$gwA" && in_ns "$gwA" sysctl -q net.isakmp.half_open_timeout_ms=$half_open_ms \
		net.isakmp.prefix_rate=1000000 net.isakmp.prefix_burst=1000000 net.isakmp.prefix_half_open=1000000 \
		net.isakmp.half_open_max=1000000 net.isakmp.cookie_threshold=1000000
}
check "lab: ours, and strongSwan, both of version 1" ready

stat=/proc/$(cat "$work/$gwA/isakmpd.pid")/net/isakmp_stat
# matrix KIND: all of it to us
matrix() { in_ns "$router" python3 ./v1matrix.py ours 192.0.2.2 "$stat" "$1" 2>"$work/sent"; }
rx=0
each() {
	local kind
	for kind; do
		check "$kind, each field wrong: one answer or a refusal with a name (threats 3, 34)" matrix "$kind"
		note "$(cat "$work/sent")"
		rx=$((rx + $(tail -n 1 "$work/sent" | grep -x "[0-9]*" || echo 0)))
	done
}
none_left() { busywait $((half_open_ms * 2)) sa_is "$gwA" 0; }
log_mark
each main-1 info
check "half-open ones end" none_left
before=$(memory_settled)
check "every log on" logs_on
each aggressive-1 main-3
check "every log off" logs_off
each base-1 fragment
began=$(date +%s%3N)
all_came() { [ "$(counter "$gwA" rx)" = $rx ]; }
check "all of them have come as far as IKE: $rx" all_came
none_up() { [ "$(counter "$gwA" sa-established)" = 0 ] && sa_is "$gwA" 0 "$established"; }
check "no IKE SA came of it" none_up
no_more() { [ "$(counter "$gwA" repeat) $(counter "$gwA" resend)" = "0 0" ]; }
check "nothing was sent again" no_more
check "half-open ones end (threat 50)" none_left
in_time() {
	local took=$(($(date +%s%3N) - began))
	echo "$took ms"
	[ $took -le $((half_open_ms + 2000)) ] && [ "$(counter "$gwA" sa-created)" = "$(counter "$gwA" sa-ended)" ]
}
check "in time, and each of them" in_time
# what the debug kernel keeps of memory that was freed is no leak: kmemleak looks for those
flat() {
	after=$(memory_settled)
	echo "$before KB after the first of them, $after KB after all"
	[ $((after - before)) -lt 512 ] || [ "${VM_KERNEL-}" = debug ]
}
check "and give back their memory (threats 50, 70, 71)" flat
unsaid() { ! log_said | grep .; }
check "nothing of it stands in the log above debug (threats 59, 60, 61, 63)" unsaid
check "the kernel has no complaint" kernel_silent

# ---- and a good one

up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && esp_flows; }
check "a good peer connects right after" up
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && busywait 5000 charon_is "$gwB" 0; }
check "and goes" down
check "and comes by itself" swanctl_ns "$gwB" --initiate --ike gw --child net --timeout 10
check "the kernel has no complaint" kernel_silent
ktap_end
