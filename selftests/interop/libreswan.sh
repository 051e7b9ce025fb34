#!/bin/bash
# libreswan.sh: libreswan as the peer, a table of runs (lib.sh), each in both directions but behind
# the NAT, where only we can begin. It lives in a root tree of its own: its package and strongSwan's
# exclude each other.
# backends: uml
# tier: long
# trees: libreswan
# timeout: 240
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh
. interop/libreswan/lib.sh

ktap_plan 20
check "the lab" ready

#   IKE                              ESP                 AUTH  IPv NAT MODE
row aes256gcm16-prfsha384-x25519     aes256gcm16         psk   4   off tunnel
row aes128-sha256-modp2048           aes128-sha256       rsa   6   off tunnel
row aes256-sha512-ecp384             chacha20poly1305    ecdsa 4   off tunnel
row aes128gcm16-prfsha256-ecp256     aes192-sha512       psk   6   off transport
row aes192-sha384-modp3072           aes256gcm16         rsa   4   on  tunnel
row aes256-sha1-modp4096             aes256-sha1         psk   4   off transport
row aes256gcm16-prfsha512-ecp521     aes256-sha384       rsa   4   off tunnel
row aes128-sha256-x25519             aes128gcm16         ecdsa 6   off transport
row aes256-sha384-ecp256             aes192gcm16         ecdsa 4   on  tunnel
row aes256-sha512-modp2048           aes128ctr-sha256    psk   6   on  tunnel
row_packet aes256gcm16-prfsha384-x25519 aes256gcm16 psk 4 off tunnel
check "the kernel has no complaint" kernel_silent
ktap_end
