#!/bin/bash
# v1_unload.sh: the module goes, and namespaces go, in the middle of phase 1 and of XAUTH of version 1: half
# open, while a helper decrypts, while it is asked about a user, with a piece of a message kept. Nothing is
# left, nobody complains.
# Topology: a (192.0.2.1) --- (192.0.2.2) b, both ours, the helpers are nlv1ways.py.
# backends: uml
# timeout: 240
. ./lib.sh

# way, the question that is not answered
rows=("main-psk 1" "main-encryption 2" "xauth 5" "xauth 7")
ktap_plan $((1 + 2 * ${#rows[@]}))

both() {
	setup_ns a b && veth "$a" wan 192.0.2.1/24 "$b" wan 192.0.2.2/24
}
# begun WAY N: the question is with a helper
begun() {
	[ -d /sys/module/isakmp ] || load_isakmp || return
	mkfifo "$work/held.$1.$2" 2>/dev/null
	: >"$work/said"
	python3 nlv1ways.py hold "$a" "$b" "$1" "$2" <"$work/held.$1.$2" >"$work/hold" 2>&1 3>&- &
	pid=$!
	exec 4>"$work/held.$1.$2"
	busywait 10000 grep -q '^held' "$work/hold" && return
	cat "$work/hold"
	return 1
}
over() { exec 4>&-; wait $pid; }
unloaded() { begun "$@" && unload_isakmp && over && kernel_silent; }
# the helper dies first: its sockets hold the namespace
left() {
	begun "$@" || return
	kill -9 $pid
	over
	ip netns del "$a" && ip netns del "$b" && busywait 5000 unload_isakmp && kernel_silent && both
}
check "two namespaces" both
for row in "${rows[@]}"; do
	# shellcheck disable=SC2086 # two words
	check "the module goes: $row" unloaded $row
	# shellcheck disable=SC2086 # two words
	check "the helper dies, the namespaces go, then the module: $row" left $row
done
ktap_end
