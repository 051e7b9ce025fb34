#!/bin/bash
# tunnel_we_start.sh: the main job: our gateway sets up a tunnel with strongSwan, and traffic flows
# through the kernel's ESP. What was installed is read back from XFRM. Topology: two_gateways in
# lib.sh, A ours, B strongSwan.
# tier: acceptance
. ./lib.sh
. ./gateway.sh

ktap_plan 12

check "lab: A ours, B strongSwan" lab strongswan
check_not "no way from host to host without a tunnel" ping_ok "$hostA" 10.2.0.2
check "isakmp peer up" ours "$gwA" peer up gw
check "one IKE SA with its child here" tunnel_up "$gwA"
check "and at strongSwan" charon_is "$gwB" 1
check "pings both ways over ESP" esp_flows
check "isakmp peer up again changes nothing" ours "$gwA" peer up gw
check "still one IKE SA" sa_is "$gwA" 1

states=$(ip -n "$gwA" -s xfrm state)
policies=$(ip -n "$gwA" xfrm policy)
check "two states, AES-GCM with 128 bits of ICV" \
	test "$(grep -c 'aead rfc4106(gcm(aes)) .* 128' <<<"$states")" = 2
# (threat 85): never without a replay window
inbound=$(sed -n '/^src 198.51.100.2/,/^src 192.0.2.2/p' <<<"$states")
check "a replay window of 128 on the inbound state (threat 85)" \
	grep -E -q 'replay_window 128|replay-window 128' <<<"$inbound"
check "policies out, in and fwd, none wider than the selectors" \
	test "$(grep -c -E '^src 10\.[12]\.0\.0/16 dst 10\.[12]\.0\.0/16' <<<"$policies")" = 3
check "the kernel has no complaint" kernel_silent
ktap_end
