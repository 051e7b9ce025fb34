#!/bin/bash
# transactions.sh: config check and apply when there are many of them: in one batch, at once, killed in
# the middle, and when all transactions of the namespace are taken. No peer is needed.
. ./lib.sh
. ./gateway.sh

ktap_plan 13

setup_ns gw
load_isakmp
i() { ours "$gw" "$@"; }
everything() { i config save -; }

# conf NUMBER PEERS: a file whose objects all carry that number
conf() {
	local n
	echo "proposal add p$1 ike aes256gcm16-prfsha384-x25519 esp aes256gcm16"
	for ((n = 1; n <= $2; n++)); do
		echo "peer add peer$1-$n local 192.0.2.1 remote 10.$1.$((n / 250)).$((n % 250 + 1)) proposal p$1"
	done
}
conf 1 3 >"$work/good"
{ cat "$work/good"; echo "peer add x proposal nowhere"; } >"$work/bad"
{ cat "$work/good"; echo "peer add x local 192.0.2.1 remote 10.1.0.2 proposal p1"; } >"$work/twins"

# ---- one socket, many transactions
for file in good bad twins; do
	for ((n = 0; n < 20; n++)); do echo "config check $work/$file"; done >"$work/batch-$file"
done
for ((n = 0; n < 20; n++)); do echo "config apply $work/twins"; done >>"$work/batch-twins"
for ((n = 0; n < 20; n++)); do echo "config apply $work/bad"; done >>"$work/batch-bad"
for file in good bad twins; do echo "config apply $work/good" >>"$work/batch-$file"; done
check "20 checks in a batch, then an apply" i -b "$work/batch-good"
was=$(everything)
check "is what was applied" [ "$(grep -c ^peer <<<"$was")" = 3 ]
# forced FILE COUNT: a batch of which so many lines fail for what is in their file, and none for another cause
forced() {
	i -force -b "$work/batch-$1" >"$work/said" 2>&1
	cat "$work/said"
	[ "$(grep -c '^Command failed' "$work/said")" = "$2" ] && ! grep -q transaction "$work/said" &&
		[ "$(everything)" = "$was" ]
}
check "40 with a bad object, then a good one" forced bad 40
check "40 that the commit refuses, then a good one" forced twins 40

# ---- killed
{ conf 2 5000; echo "peer add x local 192.0.2.1 remote 10.2.0.2 proposal p2"; } >"$work/large"
check "killed with its transaction open: the kernel ends it" python3 nltxns.py "$gw" killed "$work/large"
check "and nothing was changed" [ "$(everything)" = "$was" ]

# ---- all taken
# hold: all transactions are, until release
hold() {
	mkfifo "$work/hold"
	python3 nltxns.py "$gw" hold <"$work/hold" >"$work/held" &
	holder=$!
	exec 9>"$work/hold"
	busywait 5000 grep -q '^taken 8' "$work/held"
}
release() { exec 9>&-; wait "$holder"; }
check "all transactions are taken" hold
refused_plainly() {
	local out
	out=$(i config apply "$work/good" 2>&1) && return 1
	echo "$out"
	grep -q 'other configurations are being applied' <<<"$out"
}
check "who waits for long is told why" refused_plainly
waits() { says "^isakmp$" cat "/proc/$1/comm" && says "^State:.S" cat "/proc/$1/status"; }
patient() {
	isakmp -n "$gw" config apply "$work/good" 9>&- &
	local pid=$!
	busywait 2000 waits "$pid" || return
	release
	wait $pid
}
check "who waits for a moment has his turn" patient

# ---- at once
for ((n = 1; n <= 12; n++)); do conf $n 40 >"$work/conf$n"; done
at_once() {
	local n pids=() pid bad=0
	for ((n = 1; n <= 12; n++)); do
		i config apply "$work/conf$n" 2>"$work/said$n" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || bad=1; done
	cat "$work"/said?*
	return $bad
}
check "12 at once, each is applied" at_once
whole() {
	local n
	everything >"$work/last"
	for ((n = 1; n <= 12; n++)); do
		i config apply "$work/conf$n" && [ "$(everything)" = "$(cat "$work/last")" ] && return
	done
	cat "$work/last"
	return 1
}
check "what is there is one of theirs, whole" whole
emptied() { i config apply - </dev/null && [ -z "$(everything)" ]; }
check "all of it can go" emptied
check "the kernel has no complaint" kernel_silent
ktap_end
