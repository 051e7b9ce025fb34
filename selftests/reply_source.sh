#!/bin/bash
# reply_source.sh: an answer leaves from the address that was asked, whatever routing prefers; what
# no listen object covers is not answered.
#
#	A (192.0.2.2, also .3 and .4) --- B (192.0.2.9)
. ./lib.sh
. ./gateway.sh

ktap_plan 7

setup_ns A B
veth "$A" eth0 192.0.2.2/24 "$B" eth0 192.0.2.9/24
ip -n "$A" addr add 192.0.2.3/24 dev eth0
ip -n "$A" addr add 192.0.2.4/24 dev eth0
mkdir -p "$work/$A/secrets"
cat >"$work/$A/isakmp.conf" <<EOF
listen add addr 192.0.2.2
listen add addr 192.0.2.3
proposal add p ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
peer add any proposal p
EOF
check "A listens on .2 and .3" ours_start "$A"
# ask ADDRESS: an IKE_SA_INIT request nobody can accept; prints where the answer came from
ask() { in_ns "$B" python3 ./ikeprobe.py first "$1" --suite none; }
check "asked on .2, answered from .2" test "$(ask 192.0.2.2)" = 192.0.2.2
check "asked on .3, answered from .3" test "$(ask 192.0.2.3)" = 192.0.2.3
silent() { [ -z "$(ask 192.0.2.4)" ]; }
check "asked on .4: not listening" refuses "$A" not-listening silent
dev() { ours "$A" listen add dev eth0 && [ "$(ask 192.0.2.4)" = 192.0.2.4 ]; }
check "a listen object for the device covers .4" dev
all_of_them() { [ -z "$(ask 192.0.2.255)" ]; }
check "but nobody speaks for a broadcast address: not listening" refuses "$A" not-listening all_of_them
check "the kernel has no complaint" kernel_silent
ktap_end
