#!/bin/bash
# strongswan_unique.sh: which of two IKE SAs stays, with strongSwan: its INITIAL_CONTACT under our policies, ours
# under its; what it makes of the time that an authentication is good for (RFC 4478).
# Topology: two_gateways in lib.sh, A ours, B strongSwan.
# tier: long
# backends: uml
# timeout: 240
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh

ktap_plan 15

lab_plain() { lab strongswan none dpd off; }
check "lab: A ours, B strongSwan" lab_plain
log() { note "$(tail -n 25 "$work/$gwB/charon.log")"; }
try() { check "$@" || log; }

# their POLICY
their() {
	charon_conf "$gwB" 198.51.100.2 192.0.2.2 10.2.0.0/16 10.1.0.0/16
	sed -i "s/mobike = no/mobike = no\n\t\tunique = $1/" "$work/$gwB/swanctl/swanctl.conf"
	swanctl_ns "$gwB" --load-all --noprompt >/dev/null 2>&1
}
ours_up() { ours "$gwA" peer up gw >/dev/null && tunnel_up "$gwA"; }
# each end as after a crash
we_forget() { local id; for id in $(ours "$gwA" -j sa | jq '.[].id'); do ours "$gwA" sa del id "$id" force; done; busywait 3000 sa_is "$gwA" 0; }
charon_is_soon() { busywait 5000 charon_is "$gwB" "$1"; }
clean() { we_forget; swanctl_ns "$gwB" --terminate --ike gw --force --timeout 1 >/dev/null 2>&1; charon_is_soon 0; }
initiate() { swanctl_ns "$gwB" --initiate --child net --timeout 5 >/dev/null; }

# ---- ours under its policies: we lose our SA and come again

again() { ours_up && we_forget && ours_up; }
their no
we_say() { again && charon_is_soon 1 && grep -q 'received INITIAL_CONTACT' "$work/$gwB/charon.log"; }
try "its policy no: our INITIAL_CONTACT, one stays" we_say
clean
ours "$gwA" peer set gw unique never
silent() { again && charon_is_soon 2; }
try "we do not say it: both stay" silent
clean
their replace
replaced() { again && busywait 15000 charon_is "$gwB" 1; }
try "its policy replace: one stays" replaced
clean
ours "$gwA" peer set gw unique replace
their never
ignored() { again && charon_is_soon 2; }
try "its policy never: both stay" ignored
clean

# ---- its under ours: it loses its SA (deleted behind our back) and comes again

lose() { in_ns "$gwB" nft add table ip cut \; add chain ip cut o '{ type filter hook output priority 0; }' \; \
	add rule ip cut o udp dport { 500, 4500 } drop; swanctl_ns "$gwB" --terminate --ike gw --force --timeout 1 >/dev/null 2>&1
	charon_is_soon 0; in_ns "$gwB" nft delete table ip cut; }
they_again() { initiate && tunnel_up "$gwA" && lose && initiate && charon_is_soon 1; }
have() { busywait "${2:-3000}" sa_is "$gwA" "$1" "$established"; }
# POLICY N: so many of ours stay
policy() { ours "$gwA" peer set gw unique "$1" && their "${3:-replace}" && they_again && have "$2" "${4-}"; }
try "our policy no: its INITIAL_CONTACT, one stays" policy no 1
said() { [ "$(refused "$gwA" replaced)" -gt 0 ]; }
try "the other was replaced" said
clean
try "our policy replace: one stays" policy replace 1
clean
try "our policy keep, from the same address: one stays" policy keep 1
clean
try "our policy never: both stay" policy never 2
clean
try "it does not say it, our policy no: both stay" policy no 2 never
clean
try "it does not say it, our policy replace: one stays" policy replace 1 never 15000
clean

# ---- how long an authentication is good for

ours "$gwA" peer set gw reauth 10s
told() { initiate && tunnel_up "$gwA" && busywait 3000 grep -q 'received AUTH_LIFETIME of 10s' "$work/$gwB/charon.log"; }
try "it hears for how long we believe it" told
first=$(ours "$gwA" -j sa | jq '.[0].id')
anew() { [ "$(ours "$gwA" -j sa | jq '[.[] | select(.state == "established" and .id != '"$first"')] | length')" = 1 ]; }
try "and authenticates anew" busywait 15000 anew
clean
check "the kernel has no complaint" kernel_silent
ktap_end
