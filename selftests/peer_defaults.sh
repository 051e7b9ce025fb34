#!/bin/bash
# peer_defaults.sh: strongSwan as it comes: its default proposals (another group first, so that it
# needs INVALID_KE_PAYLOAD), its many notifications, MOBIKE. And what it does when its time to rekey
# comes.
# Topology: two_gateways in lib.sh, A ours, B strongSwan.
. ./lib.sh
. ./gateway.sh

ktap_plan 13

two_gateways
ours_conf "$gwA" 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16
charon_conf "$gwB" 198.51.100.2 192.0.2.2 10.2.0.0/16 10.1.0.0/16
sed -i 's/proposals = aes.*/proposals = default/; s/mobike = no/mobike = yes/' \
	"$work/$gwB/swanctl/swanctl.conf"
start() { charon_start "$gwB" && ours_start "$gwA"; }
check "A ours, B strongSwan with its defaults" start
initiate() { swanctl_ns "$gwB" --initiate --child net --timeout 5; }
check "strongSwan starts; its first group is refused by name" refuses "$gwA" ke-group initiate
check "and the tunnel comes up with the next" tunnel_up "$gwA"
check "pings both ways over ESP" esp_flows

id() { ours "$gwA" -j sa | jq "[.[] | select($with_child) | .id] | max"; }
newer() { [ "$(id)" -gt "$1" ] && sa_is "$gwA" 1 "$with_child" && charon_is "$gwB" 1; }
# anew WHAT...: strongSwan does that, and another SA takes the place of this one
anew() { local was; was=$(id); swanctl_ns "$gwB" "$@"; busywait 10000 newer "$was"; }
spis() { ours "$gwA" -j sa | jq -c "[.[] | select($with_child) | $1]"; }
same() { [ "$(id)" = "$1" ] && [ "$(spis "$3")" != "$2" ] && sa_is "$gwA" 1 "$with_child"; }
# rekeyed WHAT JQ: strongSwan rekeys; the SA stays, what JQ says of it does not
rekeyed() {
	local was spi
	was=$(id) spi=$(spis "$2")
	swanctl_ns "$gwB" --rekey "$1" "$3" && busywait 10000 same "$was" "$spi" "$2" &&
		charon_is "$gwB" 1
}
# before the rekeys: it puts this off while a rekeyed child is on its way out
check "it reauthenticates" anew --rekey --ike gw --reauth
check "another SA has taken its place" esp_flows
check "it rekeys the child" rekeyed --child '.children[] | select(.state == "up").spi_in' net
check "the new one is used" esp_flows
check "it rekeys the IKE SA" rekeyed --ike '.spi_i' gw
check "its child goes on" esp_flows
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && busywait 5000 charon_is "$gwB" 0; }
check "down" down
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && esp_flows; }
check "we start" up
check "the kernel has no complaint" kernel_silent
ktap_end
