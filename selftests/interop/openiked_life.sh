#!/bin/bash
# openiked_life.sh: rekeys with OpenIKED, with and without a key exchange of the child's own, under a
# stream both ways: it rekeys the child and the IKE SA by its clock; we do when asked. What is lost
# is lost by it, and more on a slow machine.
# tier: long
# backends: uml
# timeout: 240
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh
. interop/openiked/lib.sh

ktap_plan 9

# counted COUNTER N CMD...: it goes up by N at least; the IKE SA stays
counted() {
	local counter=$1 n=$2 was
	was=$(counter "$gwA" "$1")
	shift 2
	"$@" && busywait 15000 counter_above "$gwA" "$counter" $((was + n - 1)) && busywait 5000 sa_is "$gwA" 1 "$with_child"
}
id() { ours "$gwA" -j sa | jq '.[0].id'; }
# It answers before its new SAs are in, and takes its old ones away while packets are under way.
mostly() { stream_whole || [ "$(sed -n 's/.* lost \([0-9]*\).*/\1/p' "$work/stream")" -le 10 ]; }
# its_clock LIFETIME COUNTER
its_clock() {
	life=$1
	peer_conf && our_conf && peer_up && tunnel_up "$gwA" && stream_start "$hostA" "$hB" 5 &&
		counted "$2" 2 true && mostly
}
ours_now() {
	life=
	peer_conf && our_conf && we_start && stream_start "$hostA" "$hB" 5 &&
		counted child-rekeyed 1 ours "$gwA" sa rekey id "$(id)" child net &&
		counted sa-rekeyed 1 ours "$gwA" sa rekey id "$(id)" &&
		counted child-rekeyed 1 ours "$gwA" sa rekey id "$(id)" child net && mostly
}
result() { check "$@" || peer_log; all_down >/dev/null 2>&1; }

check "the lab" ready
check "a stream" echo_start "$hostB"
for esp in aes256-sha1 aes256-sha1-x25519; do
	row_set aes256gcm16-prfsha384-x25519 $esp psk 4 off tunnel
	result "$esp: it rekeys the child, twice: traffic goes on" its_clock "lifetime 3" child-rekeyed
	result "$esp: it rekeys the IKE SA, twice: traffic goes on" its_clock "ikelifetime 4" sa-rekeyed
	result "$esp: we rekey the child, the IKE SA, the child: traffic goes on" ours_now
done
check "the kernel has no complaint" kernel_silent
ktap_end
