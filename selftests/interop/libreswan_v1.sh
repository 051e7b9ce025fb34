#!/bin/bash
# libreswan_v1.sh: libreswan as the peer with version 1, a table of runs (lib.sh), each in both directions
# but behind the NAT, where only we can begin: Main and Aggressive Mode, pre-shared keys and RSA signatures,
# with and without PFS; a rekey of each phase, and its Delete.
# backends: uml
# tier: long
# trees: libreswan
# timeout: 300
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh
. interop/libreswan/lib.sh

# main PFS, aggressive PFS: the rows that follow
main() { exchange=main version=ikev1 aggressive=no pfs=$1 peer_keys="version 1"; }
aggressive() {
	exchange=aggressive version=ikev1 aggressive=yes pfs=$1
	peer_keys="version 1 v1-exchange aggressive v1-accept aggressive"
}

ktap_plan 21
check "the lab" ready

#   IKE                     ESP                         AUTH  IPv NAT MODE
main no
row aes256-sha256-modp2048  aes256-sha256               psk   4   off tunnel
row aes256-sha1-modp3072    aes256gcm16                 rsa   4   off tunnel
row aes128-sha256-ecp256    aes128-sha1                 psk   6   off transport
row aes256-sha512-modp2048  aes256-sha512               rsa   4   on  tunnel
main yes
row aes256-sha256-modp2048  aes256-sha256-modp2048      psk   6   off tunnel
row aes192-sha256-modp4096  aes128-sha256-modp4096      psk   4   on  tunnel
aggressive no
row aes256-sha256-modp2048  aes256-sha256               psk   4   off tunnel
row aes128-sha1-modp2048    aes128-sha1                 rsa   6   off tunnel

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
main no
row_set aes256-sha256-modp2048 aes256-sha256 psk 4 off tunnel
up() { nat off && peer_conf && our_conf && we_start; }
check "up" up || peer_log
check "we rekey the child" changed "$child | .spi_in" ours "$gwA" sa rekey id "$(of .id)" child net || peer_log
check "we rekey phase 1" changed .spi_i ours "$gwA" sa rekey id "$(of .id)" || peer_log
# What was rekeyed is there for some seconds more; it would not say that this is gone, too.
settled() { [ "$(of '[.children[] | select(.state != "gone")] | length')" = 1 ]; }
check "the elder child goes" busywait 10000 settled
its_delete() { in_tree ipsec down gw; busywait 10000 sa_is "$gwA" 0 "$with_child" && busywait 5000 no_states "$gwA"; }
check "it deletes: nothing is left" its_delete || peer_log
check "the kernel has no complaint" kernel_silent
ktap_end
