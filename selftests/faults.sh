#!/bin/bash
# faults.sh: memory runs out in the worker, in softirq, while loading, with namespaces coming and
# going. What is refused says no-memory; afterwards nothing is stuck and everything works.
# (netlink_faults.sh does the same to every configuration command.)
# Topology: two_gateways in lib.sh, both ours.
# needs: debug
# timeout: 240
. ./lib.sh
. ./gateway.sh
. ./failing.sh

ktap_plan 23

whole() { up "$gwA" && tunnel_up "$gwA" && tunnel_up "$gwB" && esp_flows && quiet; }

# rounds N FAULT PERCENT: a life N times under faults
rounds() {
	local i
	for ((i = 0; i < $1; i++)); do
		$2 "$3"
		timeout 3 isakmp -n "$gwA" peer up gw
		ping_ok "$hostA" 10.2.0.2 3
		timeout 3 isakmp -n "$gwA" peer down gw
		works_again
	done
	:
}

check "lab: two of ours" lab ours
for ns in "$gwA" "$gwB"; do
	in_ns "$ns" sysctl -q net.isakmp.retransmit_timeout_ms=100 net.isakmp.retransmit_tries=4 \
		net.isakmp.half_open_timeout_ms=3000 net.isakmp.prefix_rate=100000 net.isakmp.prefix_burst=100000
done
check "everything works" whole
for percent in 2 10 40; do
	check "$percent % of the worker's allocations fail" rounds 6 fail_workers $percent
	check "nothing is stuck" quiet
	check "everything works" whole
done
nth() {
	local n
	for n in $(seq 1 4 90); do
		failslab task-filter=N ignore-gfp-wait=N
		workers fail-nth "$n"
		timeout 3 isakmp -n "$gwA" peer up gw
		timeout 3 isakmp -n "$gwA" peer down gw
		workers fail-nth 0
	done
	:
}
check "each once" nth
check "nothing is stuck" quiet
check "everything works" whole
check "softirq: a tenth fails" rounds 6 fail_softirq 10
check "softirq: nothing is stuck" quiet
check "softirq: everything works" whole
check "it has a name: no-memory" some no-memory

trap_conf() {
	sed -i 's/ start none/ start trap/' "$work/$gwA/isakmp.conf"
	ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}
traps() { ip -n "$gwA" xfrm policy | grep -c 'dir out'; }
caught() { busywait 20000 ping_ok "$hostA" 10.2.0.2; }
trapped() {
	local i
	trap_conf || return
	for i in 1 2 3 4; do
		fail_workers 20
		ping_ok "$hostA" 10.2.0.2 3
		timeout 3 isakmp -n "$gwA" peer down gw
		works_again
	done
	quiet && busywait 3000 [ "$(traps)" = 1 ] && caught && quiet
}
check "a trap is not lost" trapped

gone() {
	report_reasons "$gwA"
	report_reasons "$gwB"
	up "$gwA"
	fail_workers 20
	for ns in "$gwA" "$gwB" ; do helper_kill "$ns"; ip netns del "$ns"; done
	sleep 2
	works_again
	busywait 20000 unload_isakmp
}
check "namespaces go with their SAs, then the module" gone
check "it loads" load_isakmp
check "namespaces come, or not" python3 ./failnth.py 7
check "the kernel has no complaint" kernel_silent
ktap_end
