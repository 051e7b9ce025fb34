# failing.sh: memory that runs out, where two gateways are ($gwA, $gwB). Debug kernel; source it after gateway.sh.
# shellcheck shell=bash

[ -d /sys/kernel/debug/failslab ] || skip_all "no failslab"

# failslab KEY=VALUE...
failslab() {
	local kv
	for kv in "$@"; do echo "${kv#*=}" >"/sys/kernel/debug/failslab/${kv%%=*}" || return; done
}
failslab probability=0 interval=1 times=-1 space=0 verbose=0

# workers FILE VALUE: tell every kernel worker, and those to come
workers() {
	local p comm
	for p in /proc/[0-9]*; do
		read -r comm <"$p/comm" || continue
		[[ $comm == kworker/* || $comm == kthreadd ]] && echo "$2" >"$p/$1"
	done 2>/dev/null
	:
}

# PERCENT of a worker's allocations fail; or of those in softirq and other places that cannot wait
fail_workers() { workers make-it-fail 1; failslab task-filter=Y ignore-gfp-wait=N "probability=$1"; }
fail_softirq() { failslab task-filter=N ignore-gfp-wait=Y "probability=$1"; }
works_again() { failslab probability=0 task-filter=N; workers fail-nth 0; }
at_exit works_again

# ---- two gateways, and nothing left of them

up() { timeout 20 isakmp -n "$1" peer up gw; }
down() { timeout 20 isakmp -n "$1" peer down gw; }
nothing() { no_states "$1" && ours "$1" -j sa | jq -e 'length == 0'; }
quiet() {
	local ns
	for ns in "$gwA" "$gwB"; do down "$ns"; done
	for ns in "$gwA" "$gwB"; do busywait 20000 nothing "$ns" || { ours "$ns" -s sa; return 1; }; done
}
# some REASON: at either
some() { local r; for r in "$gwA" "$gwB"; do [ "$(refused "$r" "$1")" = 0 ] || return 0; done; return 1; }

# no_leaks: kmemleak has nothing to say; an object counts as lost when it is 5 s old
no_leaks() {
	pause 6
	echo scan >/sys/kernel/debug/kmemleak
	echo scan >/sys/kernel/debug/kmemleak
	cat /sys/kernel/debug/kmemleak
	! grep -q . /sys/kernel/debug/kmemleak
}
