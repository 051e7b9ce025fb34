#!/bin/bash
# v1_crossing_client.sh: both ends start at once with version 1, and one is a client: it has an inner
# address, asked for or pushed, or is asked for its name, or both. One connection is left at each end,
# with one child, also where the peer object lets several be, which have an address each. Topology:
# two_gateways in lib.sh.
# backends: uml
# tier: long
# timeout: 450
# boot: time-travel
. ./lib.sh
. ./gateway.sh

# what the client has; peer keys of both
rows=("an address that is asked for" "an address that is pushed" "a name" "a name, and an address that is pushed"
	"an address that is pushed, several connections may be" "an address that is asked for, several may be"
	"a name and an address, INITIAL-CONTACT alone counts")
keys=("" "v1-push yes" "" "v1-push yes" "v1-push yes unique never" "unique never" "unique no")
ktap_plan $((${#rows[@]} + 3))

export IKE=aes256-sha256-ecp256 ESP=aes256-sha256 CHILD_KEYS='close start'
word="the password of ann"

# row N: both sides
row() {
	local at="version 1 ${keys[$1]}"
	ours_conf "$gwA" 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16 none $at
	ours_conf "$gwB" 198.51.100.2 192.0.2.2 10.2.0.0/16 10.1.0.0/16 none $at
	if [[ ${rows[$1]} = *address* ]]; then
		sed -i -e 's/^peer.*/& virtual-ip ipv4/' -e 's/local-ts [^ ]*/local-ts dynamic/' "$work/$gwA/isakmp.conf"
		sed -i -e 's/^peer.*/& pool inside/' -e 's/remote-ts [^ ]*/remote-ts dynamic/' \
			-e '/^peer/i pool add inside range 10.9.0.0/24' "$work/$gwB/isakmp.conf"
	fi
	[[ ${rows[$1]} = *name* ]] || return 0
	printf '%s\n' "$word" >"$work/$gwA/secrets/ann"
	printf '%s:%s\n' ann "$(openssl passwd -6 "$word")" >"$work/$gwB/secrets/staff"
	chmod 0640 "$work/$gwA/secrets/ann" "$work/$gwB/secrets/staff"
	sed -i -e '/side local/s/$/ xauth ann/' -e '$a cred add ann user id fqdn:ann file ann' "$work/$gwA/isakmp.conf"
	sed -i -e '/side remote/s/$/ xauth staff/' -e '$a cred add staff users file staff' "$work/$gwB/isakmp.conf"
}
delayed() {
	two_gateways &&
		in_ns "$router" tc qdisc add dev toA root netem delay 40ms &&
		in_ns "$router" tc qdisc add dev toB root netem delay 40ms &&
		row 0 && ours_start "$gwA" && ours_start "$gwB"
}
check "lab: two of ours, 80 ms apart" delayed

of() { ours "$1" -j sa | jq -r ".[0] | $2"; }
children='[.children[] | select(.state == "up")]'
alone() { [ "$(of "$1" '[.children[] | select(.state != "gone")] | length')" = 1 ]; }
same() {
	[ "$(of "$gwA" .spi_i) $(of "$gwA" "$children[0].spi_in")" = \
		"$(of "$gwB" .spi_i) $(of "$gwB" "$children[0].spi_out")" ]
}
quiet() { sa_is "$gwA" 1 "$with_child" && sa_is "$gwB" 1 "$with_child" && alone "$gwA" && alone "$gwB" && same; }
down() {
	ours "$gwA" child set net peer gw start none close none &&
		ours "$gwB" child set net peer gw start none close none
	ours "$gwA" peer down gw
	ours "$gwB" peer down gw
	tunnel_down "$gwA" && tunnel_down "$gwB"
}
# cross N HUNDREDTHS: who starts second starts so much later: B, or, with 16, A
cross() {
	local first=$gwA second=$gwB
	[ "$2" = 16 ] && first=$gwB second=$gwA
	ours "$first" child set net peer gw start now close start || return
	pause "0.$2"
	ours "$second" child set net peer gw start now close start && busywait 40000 quiet ||
		{ ours "$gwA" sa; ours "$gwB" sa; return 1; }
	down
}
both() {
	local late
	row "$1" && ours "$gwA" config apply "$work/$gwA/isakmp.conf" &&
		ours "$gwB" config apply "$work/$gwB/isakmp.conf" || return
	for late in 00 16; do
		cross "$1" $late || { echo "$late hundredths of a second apart"; return 1; }
	done
}
crossings() { echo $(($(refused "$gwA" crossed) + $(refused "$gwB" crossed))); }
for i in "${!rows[@]}"; do
	check "${rows[i]}: one connection each, the same, one child" both "$i" || down
done
check "they have crossed: one joined the other, or went" [ "$(crossings)" -gt 0 ]
check "the kernel has no complaint" kernel_silent
ktap_end
