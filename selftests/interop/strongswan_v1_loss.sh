#!/bin/bash
# strongswan_v1_loss.sh: version 1 with strongSwan over a path that loses a fifth of all packets each way and
# lets others overtake: each exchange comes to its end, by either side, and so do rekeys; a NAT that maps
# anew in the middle of it; transport mode behind a NAT, with TCP through it (NAT-OA); only drafts of NAT
# traversal. Topology: lab_both_families in lib.sh, A ours, B strongSwan.
# backends: uml
# tier: long
# boot: time-travel
# timeout: 300
# guest-time: 2400
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh
. interop/strongswan/v1.sh

ktap_plan 33
check "the lab" ready
in_ns "$gwA" sysctl -q net.isakmp.retransmit_timeout_ms=300 net.isakmp.retransmit_tries=8
charon_lines="retransmit_tries = 8
	retransmit_base = 1.2
	retransmit_limit = 2"

result() { check "$@" || { peer_log; note "$(ours "$gwA" -p -j sa)"; }; }
of() { ours "$gwA" -j sa | jq -r "[.[] | select($with_child)][0] | $1"; }

lossy() { in_ns "$router" tc qdisc replace dev toA root netem $1 && in_ns "$router" tc qdisc replace dev toB root netem $1; }
bad="delay 4ms loss 20% reorder 75% 50%"
good="delay 0ms"

# ---- each exchange, and rekeys

conf() { nat off && peer_conf && our_conf; }
flows_at_all() { busywait 20000 in_ns "$hostA" ping -q -n -c 1 -W 0.2 "$hB" && busywait 20000 in_ns "$hostB" ping -q -n -c 1 -W 0.2 "$hA"; }
we() { ours "$gwA" peer up gw wait 40 && busywait 20000 sa_is "$gwA" 1 "$with_child" && flows_at_all; }
# Asked for the last message of Aggressive Mode it sends the first one of Quick Mode: when that message is
# lost it has to begin anew.
initiate() { swanctl_ns "$gwB" --initiate --child net --timeout 40; }
they() { { initiate || initiate || initiate; } && busywait 20000 sa_is "$gwA" 1 "$with_child" && flows_at_all; }
child='[.children[] | select(.state == "up")] | last | .spi_in'
is_another() { [ "$(of "$1")" != "$2" ] && sa_is "$gwA" 1 "$with_child"; }
# changed WHAT CMD...
changed() {
	local what=$1 was
	shift
	was=$(of "$what")
	"$@" && busywait 40000 is_another "$what" "$was" && flows_at_all
}
# down is told once, without loss
down() { lossy "$good"; ours "$gwA" peer down gw; swanctl_ns "$gwB" --terminate --ike gw --force --timeout 3 >/dev/null 2>&1; busywait 10000 sa_is "$gwA" 0; busywait 5000 charon_is "$gwB" 0; lossy "$bad"; }
for line in "main psk" "main rsa" "aggressive psk" "aggressive ecdsa"; do
	read -r mode_of auth <<<"$line"
	$mode_of
	row_set aes256-sha256-ecp256 aes256-sha256-ecp256 "$auth" 4 off tunnel
	lossy "$good"
	check "$line" conf
	lossy "$bad"
	result "$line: we start" we
	if [ "$auth" = psk ]; then
		result "$line: we rekey the child" changed "$child" ours "$gwA" sa rekey id "$(of .id)" child net
		result "$line: we rekey phase 1" changed .spi_i ours "$gwA" sa rekey id "$(of .id)"
	fi
	down
	result "$line: it starts" they
	if [ "$auth" = psk ]; then
		result "$line: it rekeys the child" changed "$child" swanctl_ns "$gwB" --rekey --child net
		result "$line: it rekeys phase 1" changed .spi_i swanctl_ns "$gwB" --rekey --ike gw
	fi
	down
done
lossy "$good"

# ---- behind a NAT, in transport mode: TCP, whose checksum has addresses in it

remap() {
	in_ns "$router" nft -f - <<-END && in_ns "$router" conntrack -F >"$work/conntrack" 2>&1
	flush ruleset
	table ip nat {
		chain post { type nat hook postrouting priority srcnat; oifname "toB" meta l4proto udp masquerade to :$1-$(($1 + 99)); }
	}
	END
}
serve() {
	ip netns exec "$gwB" python3 -c '
import socket
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("0.0.0.0", 7001)); s.listen()
while True:
    c, _ = s.accept(); c.sendall(b"".join(iter(lambda: c.recv(65536), b""))); c.close()' >/dev/null 2>&1 3>&- &
	at_exit kill $!
	busywait 5000 listens
}
listens() { in_ns "$gwB" ss -ltn | grep -q :7001; }
tcp() {
	ip netns exec "$gwA" python3 -c '
import os, socket, sys
d = os.urandom(100000); s = socket.create_connection((sys.argv[1], 7001), 5); s.sendall(d); s.shutdown(1)
sys.exit(b"".join(iter(lambda: s.recv(65536), b"")) != d)' "$b"
}
esp_tcp() {
	local was
	was=$(esp_packets "$gwA")
	tcp && [ "$(esp_packets "$gwA")" -gt $((was + 10)) ]
}
main
row_set aes256-sha256-ecp256 aes256-sha256 psk 4 on transport
check "a server behind strongSwan" serve
behind() { nat on && peer_conf && our_conf && ours "$gwA" peer up gw wait 10 && tunnel_up "$gwA"; }
result "transport mode behind a NAT: up" behind
result "100 KB there and back by TCP" esp_tcp
again() { ours "$gwA" sa rekey id "$(of .id)" child net && esp_tcp; }
result "and by the next child" again
ours "$gwA" peer down gw >/dev/null
busywait 5000 no_states "$gwA"
# strongSwan is behind it: for us it is where the router is
hide_it() {
	in_ns "$router" nft -f - <<-END && in_ns "$router" conntrack -F >"$work/conntrack" 2>&1
	flush ruleset
	table ip nat {
		chain post { type nat hook postrouting priority srcnat; oifname "toA" meta l4proto udp masquerade; }
	}
	END
}
hidden() {
	row_set aes256-sha256-ecp256 aes256-sha256 psk 4 off transport
	hide_it && peer_conf && b=192.0.2.1 && our_conf && peer_up && tunnel_up "$gwA"
}
result "strongSwan behind the NAT, transport mode: it starts" hidden
result "100 KB there and back by TCP" esp_tcp
anew() { swanctl_ns "$gwB" --rekey --child net && esp_tcp; }
result "and by the next child" anew
ours "$gwA" peer down gw >/dev/null
busywait 5000 no_states "$gwA"
row_set aes256-sha256-ecp256 aes256-sha256 psk 4 on tunnel
mapped() { remap 40000 && peer_conf && our_conf && ours "$gwA" peer up gw wait 10 && flows; }
result "tunnel mode behind a NAT: up" mapped
result "it maps anew: our packets find the way" eval "remap 41000 && flows_at_all"
phases() { remap "$1" && changed "$child" ours "$gwA" sa rekey id "$(of .id)" child net && flows; }
result "it maps anew, and we rekey the child" phases 42000
phase1() { remap "$1" && changed .spi_i ours "$gwA" sa rekey id "$(of .id)" && flows; }
result "it maps anew, and we rekey phase 1" phase1 43000
check "the kernel has no complaint" kernel_silent
ktap_end
