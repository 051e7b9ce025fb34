#!/bin/bash
# netlink_faults.sh: every allocation of every configuration command fails once: the command is
# refused and nothing changed, or it is done.  Afterwards nothing has leaked.
# Topology: one namespace with a dummy device.
# needs: debug
# timeout: 300
. ./lib.sh

load_isakmp || skip_all "no module"
setup_ns a
ip -n "$a" link add wan type dummy
ip -n "$a" addr add 192.0.2.1/24 dev wan
ip -n "$a" link set wan up
echo clear >/sys/kernel/debug/kmemleak
python3 nlfaults.py "$a" >"$work/log"
status=$?
sed "s/^1\.\.\([0-9]*\)$//" "$work/log"
n=$(grep -c -E '^(not )?ok ' "$work/log")
one() {
	n=$((n + 1))
	if "${@:2}"; then
		echo "ok $n $1"
	else
		echo "not ok $n $1"
		status=1
	fi
}
leaks() {
	sleep 6		# an object counts as lost when it is 5 s old
	echo scan >/sys/kernel/debug/kmemleak
	echo scan >/sys/kernel/debug/kmemleak
	cat /sys/kernel/debug/kmemleak
	! grep -q . /sys/kernel/debug/kmemleak
}
one "the module goes" unload_isakmp
one "nothing has leaked" leaks
one "the kernel has no complaint" kernel_silent
echo "1..$n"
exit $status
