#!/bin/bash
# openiked.sh: OpenIKED as the peer, a table of runs (lib.sh), each in both directions but behind the
# NAT, where only we can begin. Its IKE has neither Ed25519 nor ChaCha20-Poly1305; for ESP on Linux it
# can load, by PF_KEY, AES-CBC or AES-CTR with HMAC-SHA1 and nothing else.
# timeout: 240
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh
. interop/openiked/lib.sh

ktap_plan 22
check "the lab" ready

#   IKE                              ESP            AUTH  IPv NAT MODE
row aes256gcm16-prfsha384-x25519     aes256-sha1    psk   4   off tunnel
row aes128-sha256-modp2048           aes128ctr-sha1 rsa   6   off tunnel
row aes256-sha512-ecp384             aes192-sha1    ecdsa 4   off tunnel
row aes128gcm16-prfsha256-ecp256     aes128-sha1    psk   6   off transport
row aes192-sha384-modp3072           aes256-sha1    rsa   4   on  tunnel
row aes256-sha1-modp4096             aes256ctr-sha1 psk   4   off transport
row aes256gcm16-prfsha512-ecp521     aes256-sha1    rsa   6   off tunnel
row aes128-sha256-x25519             aes128-sha1    ecdsa 6   off transport
row aes256-sha384-ecp256             aes192ctr-sha1 ecdsa 4   on  tunnel
row aes128gcm16-prfsha384-modp2048   aes128-sha1    psk   6   on  tunnel
row aes192-sha512-x25519             aes192-sha1    rsa   4   off transport
row_packet aes256gcm16-prfsha384-x25519 aes256-sha1 psk 4 off tunnel
check "the kernel has no complaint" kernel_silent
ktap_end
