#!/bin/bash
# strongswan_v1.sh: strongSwan as the peer with version 1, a table of runs (lib.sh), each in both directions
# but behind the NAT, where only we can begin: Main and Aggressive Mode, pre-shared keys, RSA and ECDSA
# signatures, with and without PFS. Then rekeys of both phases by either end, liveness, Deletes.
# timeout: 300
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh
. interop/strongswan/v1.sh

ktap_plan 30
check "the lab" ready

#   IKE                     ESP                         AUTH  IPv NAT MODE
main
row aes256-sha256-modp2048  aes256-sha256               psk   4   off tunnel
row aes128-sha1-modp1536    aes128-sha1-modp1536        psk   6   off tunnel
row aes256-sha384-modp3072  aes256gcm16                 rsa   4   off tunnel
row aes256-sha384-ecp384    aes256-sha384-ecp384        ecdsa 4   off tunnel
row aes256-sha256-modp2048  aes256-sha256               psk   4   on  tunnel
row aes256-sha512-ecp256    aes128gcm16-ecp256          rsa   6   off transport
row aes192-sha256-modp4096  aes192-sha256               rsa   4   on  tunnel
aggressive
row aes256-sha256-modp2048  aes256-sha256-modp2048      psk   4   off tunnel
row aes128-sha256-ecp256    aes128-sha256               rsa   6   off tunnel
row aes256-sha384-ecp384    aes256-sha384               ecdsa 4   off transport
row aes256-sha256-modp2048  aes256-sha256               psk   4   on  tunnel
main
row_packet aes256-sha256-modp2048 aes256-sha256 psk 4 off tunnel

# ---- the later life of one

of() { ours "$gwA" -j sa | jq -r ".[0] | $1"; }
child='[.children[] | select(.state == "up")] | last'
is_another() { [ "$(of "$1")" != "$2" ] && sa_is "$gwA" 1 "$with_child"; }
# changed WHAT CMD...: CMD gives the connection another one, and traffic goes on
changed() {
	local what=$1 was
	shift
	was=$(of "$what")
	"$@" && busywait 8000 is_another "$what" "$was" && flows
}
row_set aes256-sha256-modp2048 aes256-sha256 psk 4 off tunnel
up() { nat off && peer_dpd=1 peer_conf && our_conf && we_start; }
check "up, and it asks whether we live" up || peer_log
check "we rekey the child" changed "$child | .spi_in" ours "$gwA" sa rekey id "$(of .id)" child net || peer_log
check "it rekeys the child" changed "$child | .spi_in" swanctl_ns "$gwB" --rekey --child net || peer_log
told() { grep -a 'parsed QUICK_MODE response' "$work/$gwB/charon.log" | tail -n 1 | tee /dev/stderr | grep -q 'N((24577))'; }
check "it was told that we look for replays (REPLAY-STATUS)" told
check "we rekey phase 1" changed .spi_i ours "$gwA" sa rekey id "$(of .id)" || peer_log
check "it rekeys phase 1" changed .spi_i swanctl_ns "$gwB" --rekey --ike gw || peer_log
asked() { busywait 8000 more_in $(($(of .msgs_in) + 3)); }
more_in() { [ "$(of .msgs_in)" -gt "$1" ]; }
check "it asks, and we answer" asked
its_delete() { swanctl_ns "$gwB" --terminate --ike gw; busywait 10000 sa_is "$gwA" 0 "$with_child" && busywait 5000 no_states "$gwA"; }
check "it deletes: nothing is left" its_delete || peer_log
check "the kernel has no complaint" kernel_silent
ktap_end
