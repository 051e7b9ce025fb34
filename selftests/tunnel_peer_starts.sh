#!/bin/bash
# tunnel_peer_starts.sh: strongSwan sets up the tunnel with our gateway; wrong secret, wrong
# identity, foreign selectors and foreign suites are refused by name and leave nothing.
# Topology: two_gateways in lib.sh, A ours, B strongSwan.
# tier: acceptance
. ./lib.sh
. ./gateway.sh

ktap_plan 16

initiate() { swanctl_ns "$gwB" --initiate --child net --timeout 5; }
reload() { charon_conf "$gwB" "$@" && swanctl_ns "$gwB" --load-all --noprompt >/dev/null; }
terminate() { swanctl_ns "$gwB" --terminate --ike gw --timeout 5 >/dev/null; }
default=(198.51.100.2 192.0.2.2 10.2.0.0/16 10.1.0.0/16)

check "lab: A ours, B strongSwan" lab strongswan
check "strongSwan initiates" initiate
check "one IKE SA with its child here" tunnel_up "$gwA"
check "pings both ways over ESP" esp_flows
check "strongSwan terminates" terminate
check "nothing is left here" tunnel_down "$gwA"

no_tunnel() { ! initiate; }
PSK="another secret" reload "${default[@]}"
check "wrong secret: auth-failed" refuses "$gwA" auth-failed no_tunnel
reload "${default[@]}"
sed -i 's/id = 198.51.100.2/id = mallory.example/' "$work/$gwB/swanctl/swanctl.conf"
swanctl_ns "$gwB" --load-all --noprompt >/dev/null
check "unknown identity: no-identity" refuses "$gwA" no-identity no_tunnel
reload 198.51.100.2 192.0.2.2 10.77.0.0/16 10.1.0.0/16
check "foreign selectors: ts" refuses "$gwA" ts no_tunnel
check "but the IKE SA stays (RFC 7296, 1.2)" busywait 3000 sa_is "$gwA" 1 "$established"
terminate
reload "${default[@]}" aes128gcm16-prfsha256-x25519
check "foreign IKE suite: no-proposal" refuses "$gwA" no-proposal no_tunnel
reload "${default[@]}" aes256gcm16-prfsha384-x25519 aes128gcm16
check "foreign ESP suite: no-proposal" refuses "$gwA" no-proposal no_tunnel
terminate
reload "${default[@]}" aes256gcm16-prfsha384-ecp384
check "foreign group: no-proposal" refuses "$gwA" no-proposal no_tunnel
check "nothing is left here" tunnel_down "$gwA"
reload "${default[@]}"
again() { initiate && tunnel_up "$gwA"; }
check "and the right one still comes up" again
check "the kernel has no complaint" kernel_silent
ktap_end
