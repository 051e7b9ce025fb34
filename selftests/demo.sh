#!/bin/bash
# demo.sh: the main job, for people to look at: two gateways, a tunnel, pings through it, and what a
# router in between sees; first with strongSwan as the other gateway, then with a second one of ours.
cd "$(dirname "$0")" || exit
. ./lib.sh
. ./gateway.sh
exec 3>/dev/null

die() { echo "demo: $*" >&2; exit 1; }

# esp_seen NS: packets that came in and went out through its ESP states
esp_seen() {
	ours "$1" -j sa | jq -r '[.[].children[]?] | "\(map(.packets_in) | add // 0) in, \(map(.packets_out) | add // 0) out"'
}

# wire FILE: the IP packets of a capture by kind. IPv6 sees only neighbour discovery and its multicast
# listeners here: those are left out.
wire() {
	tcpdump -n -r "$1" 'ip or (ip6 and not ip6 proto 58 and not ip6 proto 0)' 2>/dev/null |
		sed -E 's/.* ESP\(.*/ESP/; s/.* isakmp: .*/IKE/; s/.*\.500: .*/IKE/' | sort | uniq -c |
		awk '{ n = $1; $1 = ""; printf "%s%s x %d", s, $0, n; s = "," } END { print "" }'
}

only_ike_and_esp() { ! wire "$1" | tr ',' '\n' | grep -v -E '^ *(IKE|ESP) x [0-9]+$' | grep -q .; }

show() {
	local peer=$1 title=$2 capture=$work/capture
	echo
	echo "== $title"
	lab "$peer" >"$work/lab.log" 2>&1 || { cat "$work/lab.log"; die "the lab does not come up"; }
	echo "   host A 10.1.0.2 - gateway A 192.0.2.2 - router - gateway B 198.51.100.2 - host B 10.2.0.2"
	ip netns exec "$router" tcpdump -q -U --immediate-mode -i toA -w "$capture" >"$work/tcpdump" 2>&1 &
	local tcpdump=$!
	busywait 10000 grep -q 'listening on' "$work/tcpdump" || die "tcpdump does not start"
	echo
	echo "A# isakmp peer up gw"
	ours "$gwA" peer up gw || die "the tunnel does not come up"
	echo "A# isakmp sa"
	ours "$gwA" sa
	echo
	echo "ESP at A before: $(esp_seen "$gwA")"
	echo "host A# ping -c 5 10.2.0.2"
	in_ns "$hostA" ping -n -q -c 5 -i 0.2 -W 5 10.2.0.2 | grep -E 'transmitted|rtt' || die "no answer"
	echo "ESP at A after:  $(esp_seen "$gwA")"
	ours "$gwA" peer down gw || die "the tunnel does not go down"
	tunnel_down "$gwA" || die "something is left"
	# the last datagram has passed the router when the peer has answered it
	kill -INT $tcpdump
	wait $tcpdump
	echo "The router saw:  $(wire "$capture")"
	only_ike_and_esp "$capture" || die "something else than IKE and ESP crossed the router"
	forget
}

# forget: take the lab down, keep the module
forget() {
	local i
	for ((i = ${#cleanups[@]} - 1; i >= 0; i--)); do
		[[ ${cleanups[i]} == unload_isakmp* ]] || eval "${cleanups[i]}" >/dev/null 2>&1
	done
	cleanups=("unload_isakmp")
}

show strongswan "A: isakmp.ko      B: strongSwan"
show ours "A: isakmp.ko      B: isakmp.ko"
kernel_silent || die "the kernel complains: see above"
echo
echo "Both tunnels came up, carried traffic and went down."
