#!/bin/bash
# v1_faults.sh: memory runs out in the workers while version 1 is spoken: Main Mode, Aggressive Mode, XAUTH with
# mode config, messages in pieces; Quick Mode, rekeys of both phases. What is refused says why; nothing is stuck,
# nothing is left, and when there is memory it works.
# Topology: two_gateways in lib.sh, both ours.
# needs: debug
# timeout: 300
. ./lib.sh
. ./gateway.sh
. ./failing.sh

rows=(main aggressive xauth pieces)
ktap_plan $((8 + 6 * ${#rows[@]}))

export IKE=aes256-sha256-ecp256 ESP=aes256-sha256
word="the password of ann"

# ---- ways of phase 1, for both ends

by_secret() {
	ours_conf "$gwA" 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16 none version 1 v1-exchange "$1" v1-accept "$1"
	ours_conf "$gwB" 198.51.100.2 192.0.2.2 10.2.0.0/16 10.1.0.0/16 none version 1 v1-exchange "$1" v1-accept "$1"
}
by_user() {
	by_secret main
	printf '%s\n' "$word" >"$work/$gwA/secrets/ann"
	printf '%s:%s\n' ann "$(openssl passwd -6 "$word")" >"$work/$gwB/secrets/staff"
	chmod 0640 "$work/$gwA/secrets/ann" "$work/$gwB/secrets/staff"
	sed -i -e '/side local/s/$/ xauth ann/' -e 's/^peer.*/& virtual-ip ipv4/' -e 's/local-ts [^ ]*/local-ts dynamic/' \
		-e '$a cred add ann user id fqdn:ann file ann' "$work/$gwA/isakmp.conf"
	sed -i -e '/side remote/s/$/ xauth staff/' -e 's/^peer.*/& pool inside/' -e 's/remote-ts [^ ]*/remote-ts dynamic/' \
		-e '$a cred add staff users file staff' -e '/^peer/i pool add inside range 10.9.0.0/24 dns 10.2.0.53' \
		"$work/$gwB/isakmp.conf"
}
# certificates of 2 KB
in_pieces() {
	[ -e "$work/root.crt" ] || large_root || return
	LARGE=1200 large_conf "$gwA" a b 192.0.2.2 198.51.100.2 1 2 version 1 fragment-size 576 &&
		LARGE=1200 large_conf "$gwB" b a 198.51.100.2 192.0.2.2 2 1 version 1 fragment-size 576 || return
	sed -i "s/^proposal.*/proposal add strong ike $IKE esp $ESP/" "$work/$gwA/isakmp.conf" "$work/$gwB/isakmp.conf"
}
way() {
	case $1 in
	main | aggressive) by_secret "$1" ;;
	xauth) by_user ;;
	pieces) in_pieces ;;
	esac
}
apply() { way "$1" && ours "$gwA" config apply "$work/$gwA/isakmp.conf" && ours "$gwB" config apply "$work/$gwB/isakmp.conf"; }

# ---- a life

of() { ours "$1" -j sa | jq -r ".[0] | $2"; }
flows() {
	local own
	own=$(of "$gwA" '.virtual_ip[0] // ""')
	[ "$own" ] || { esp_flows; return; }
	ip -n "$gwA" addr add "$own/32" dev lo 2>/dev/null
	in_ns "$gwA" ping -q -n -c 2 -W 2 -I "$own" 10.2.0.2
}
is_another() { [ "$(of "$1" .spi_i)" != "$2" ] && sa_is "$1" 1 "$with_child"; }
whole() {
	local was
	up "$gwA" && tunnel_up "$gwA" && tunnel_up "$gwB" && flows && was=$(of "$gwA" .spi_i) &&
		ours "$gwA" sa rekey id "$(of "$gwA" .id)" && busywait 8000 is_another "$gwA" "$was" && flows &&
		quiet && no_policies
}
no_policies() { ! ip -n "$gwA" xfrm policy | grep -q '^src .*dst 10' && ! ip -n "$gwB" xfrm policy | grep -q '^src .*dst 10'; }
# life: as much of it as there is memory for; what `isakmp' says of it is kept
life() {
	local id
	timeout 3 isakmp -n "$gwA" peer up gw >>"$work/words" 2>&1
	id=$(of "$gwA" .id)
	if [ "$id" != null ]; then
		timeout 2 isakmp -n "$gwA" sa rekey id "$id" child net >>"$work/words" 2>&1
		timeout 2 isakmp -n "$gwA" sa rekey id "$id" >>"$work/words" 2>&1
	fi
	in_ns "$gwA" ping -q -n -c 1 -W 1 10.2.0.2
	timeout 3 isakmp -n "$gwA" peer down gw >>"$work/words" 2>&1
}
rounds() {
	local i
	for ((i = 0; i < $1; i++)); do
		fail_workers "$2"
		life
		works_again
	done
	:
}
# nth FROM: each twelfth allocation, once
nth() {
	local n
	for n in $(seq "$1" 12 100); do
		failslab task-filter=N ignore-gfp-wait=N
		workers fail-nth "$n"
		life
		workers fail-nth 0
	done
	:
}

start() { two_gateways && way main && ours_start "$gwB" && ours_start "$gwA"; }
check "lab: two of ours, version 1" start
for ns in "$gwA" "$gwB"; do
	in_ns "$ns" sysctl -q net.isakmp.retransmit_timeout_ms=100 net.isakmp.retransmit_tries=4 \
		net.isakmp.half_open_timeout_ms=3000 net.isakmp.prefix_rate=100000 net.isakmp.prefix_burst=100000
done
i=0
for row in "${rows[@]}"; do
	i=$((i + 3))
	check "$row: everything works" eval "apply $row && whole"
	check "$row: 2 and 10 % of the workers' allocations fail" eval "rounds 2 2; rounds 2 10"
	check "$row: nothing is stuck" quiet
	check "$row: each twelfth, once" nth $i
	check "$row: nothing is stuck" quiet
	check "$row: everything works" whole
done
check "it has a name: no-memory" some no-memory
named() {
	sort "$work/words" | uniq -c | sort -rn
	! grep -i -E 'unknown|internal|error [0-9]' "$work/words"
}
check "what was said of it has a name each time" named
note "$(sed 's/id [0-9]*/id N/' "$work/words" | sort | uniq -c | sort -rn | head -n 12)"
counts() { [ "$(counter "$1" sa-created)" = "$(counter "$1" sa-ended)" ]; }
check "each SA that came has gone, at A" busywait 10000 counts "$gwA"
check "and at B" busywait 10000 counts "$gwB"
gone() {
	report_reasons "$gwA" && report_reasons "$gwB"
	helper_kill "$gwA" && helper_kill "$gwB" && ip netns del "$gwA" && ip netns del "$gwB" &&
		busywait 20000 unload_isakmp
}
check "the namespaces go, then the module" gone
check "nothing has leaked" no_leaks
check "the kernel has no complaint" kernel_silent
ktap_end
