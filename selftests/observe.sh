#!/bin/bash
# observe.sh: what people can see: counters, tracepoints, sysctls, modinfo; and that unprivileged
# users cannot. Topology: two_gateways in lib.sh, both ours.
. ./lib.sh
. ./gateway.sh

ktap_plan 17

tracefs=/sys/kernel/tracing
mountpoint -q $tracefs || mount -t tracefs tracefs $tracefs
check "lab: two of ours" lab ours
events() { [ "$(find $tracefs/events/isakmp -name "isakmp_*" | wc -l)" -ge 5 ]; }
check "tracepoints for receive, refuse, state, upcall, child" events
echo 1 >$tracefs/events/isakmp/enable
up() { ours "$gwA" peer up gw && tunnel_up "$gwA"; }
check "up" up
in_ns "$router" python3 ./ikeprobe.py hex 192.0.2.2 00 >/dev/null
for e in rx refused state upcall child; do
	check "isakmp_$e fired" busywait 3000 grep -q "isakmp_$e" $tracefs/trace
done
check "a refusal is traced by name" grep -q 'isakmp_refused.*short' $tracefs/trace
echo 0 >$tracefs/events/isakmp/enable
stats() { [ "$(counter "$gwA" sa-established)" = 1 ] && [ "$(refused "$gwA" short)" -ge 1 ]; }
check "/proc/net/isakmp_stat counts" stats
same() { [ "$(ours "$gwA" -j stat | jq '.[] | select(.name == "refused-short") | .value')" = "$(refused "$gwA" short)" ]; }
check "isakmp stat says the same" same
sysctls() {
	in_ns "$gwA" sysctl -q net.isakmp.retransmit_timeout_ms=300 &&
		[ "$(in_ns "$gwA" sysctl -n net.isakmp.retransmit_timeout_ms)" = 300 ] &&
		[ "$(in_ns "$gwB" sysctl -n net.isakmp.retransmit_timeout_ms)" = 1000 ] &&
		! in_ns "$gwA" sysctl -q net.isakmp.retransmit_timeout_ms=0 2>/dev/null
}
check "sysctls are per namespace, and have ranges" sysctls
# what bounds its costs is not its own to change
hidden() { unshare -Un ls /proc/sys/net/core && ! unshare -Un ls /proc/sys/net/isakmp 2>/dev/null; }
check "in another user namespace there are none" hidden
# in_page NAME...: each has its line in isakmp(7)
in_page() {
	local n
	for n; do
		grep -q -E -- "^[.]It (Cm|Va) $n( |$)" ../userspace/man/isakmp.7 || { echo "$n"; return 1; }
	done
}
names() { in_ns "$gwA" awk '{ sub("^refused-", "", $1); print $1 }' /proc/net/isakmp_stat; }
# shellcheck disable=SC2046
check "every counter is in isakmp(7)" in_page $(names)
# shellcheck disable=SC2046
check "every sysctl is in isakmp(7)" in_page $(in_ns "$gwA" ls /proc/sys/net/isakmp)
no_root() { ! setpriv --reuid=65534 --regid=65534 --clear-groups ip netns exec "$gwA" isakmp sa 2>/dev/null &&
	! in_ns "$gwA" setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all isakmp sa 2>/dev/null; }
check "without CAP_NET_ADMIN there is nothing to see" no_root
check "the kernel has no complaint" kernel_silent
ktap_end
