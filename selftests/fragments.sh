#!/bin/bash
# fragments.sh: an IKE_AUTH of 8 KB, with certificates, where no fragment of IP gets through: as
# fragments of IKE (RFC 7383), both ways, over IPv4 and IPv6; in smaller ones when the first are too
# large for the path. And what comes again: the same, from elsewhere, in smaller pieces.
# Topology: two_sites in lib.sh, both ours.
# boot: time-travel
# timeout: 180
# backends: uml
. ./lib.sh
. ./gateway.sh

ktap_plan 24

# wall: at both ends no fragment of IP comes in, nor anything larger than PATH octets
path=1500
wall() {
	local ns
	for ns in "$gwA" "$gwB"; do
		in_ns "$ns" nft -f - <<-END || return
		table inet wall
		delete table inet wall
		table inet wall {
			counter dropped { }
			chain in {
				type filter hook prerouting priority -450;
				ip frag-off & 0x3fff != 0 counter name dropped drop
				exthdr frag exists counter name dropped drop
				iifname wan meta length > $path counter name dropped drop
			}
		}
		END
	done
}
dropped() { in_ns "$1" nft -j list counter inet wall dropped | jq '[.nftables[].counter.packets // 0] | add'; }
lab_wall() {
	two_sites && wall && large_confs 4 fragmentation no && ours_start "$gwB" && ours_start "$gwA" &&
		in_ns "$gwA" sysctl -q net.isakmp.retransmit_timeout_ms=100
}
check "lab: two of ours with large certificates, a wall against fragments of IP" lab_wall
# set_up FAMILY [PEER KEYS...]
set_up() {
	large_confs "$@" && ours "$gwB" config apply "$work/$gwB/isakmp.conf" &&
		ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB"; }
down() { ours "$gwA" peer down gw; tunnel_down "$gwA" && tunnel_down "$gwB"; }
sizes() { sa_is "$gwA" 1 ".fragment_size == $1" && sa_is "$gwB" 1 ".fragment_size == $2"; }
never() { ! ours "$gwA" peer up gw wait 3s && [ "$(dropped "$gwB")" -gt 0 ]; }
check "without fragmentation: nothing gets through" never
down

snmp4() {
	in_ns "$1" awk -v n="$2" '$1 == "Ip:" && !k { for (i = 2; i <= NF; i++) k = $i == n ? i : k; next }
		$1 == "Ip:" { print $k }' /proc/net/snmp
}
snmp6() { in_ns "$1" awk -v n="$2" '$1 == n { print $2 }' /proc/net/snmp6; }
ip_fragments() { echo "$(snmp4 "$gwA" FragCreates) $(snmp4 "$gwB" FragCreates) $(snmp6 "$gwA" Ip6FragCreates) $(snmp6 "$gwB" Ip6FragCreates)"; }
none_made=$(ip_fragments)
check "fragmentation: set up" set_up 4
check "IPv4: up" up
check "both say so" sizes 1280 1280
check "IPv4: ESP flows" esp_flows
check "down" down
check "IPv6: set up" set_up 6 fragment-size 1300
check "IPv6: up" up
check "with what was set" sizes 1300 1300
check "IPv6: ESP flows" esp_flows
check "down" down
check "no fragment of IP was made" [ "$(ip_fragments)" = "$none_made" ]

# ---- smaller ones

path=700
narrower() { wall && set_up 4; }
check "a path that takes 700 octets and says nothing" narrower
check "up in smaller pieces" up
check "the initiator has found them" sizes 576 1280
check "the first were too large" [ "$(dropped "$gwB")" -gt 0 ]
check "down" down
path=1500
wall

# ---- what comes again

state() { ours "$1" -j sa | jq -c '[.[] | {id, state, spi_i, spi_r, children: [.children[]? | {spi_in, spi_out}]}]'; }
probe() { in_ns "$gwA" python3 ./ikeprobe.py "$@"; }
# sent: of the fragments that B has sent: all, different ones, the longest
sent() { python3 ./ikeprobe.py fragments "$work/pcap" 192.0.2.2; }
counts() { echo "$(counter "$gwB" repeat) $(refused "$gwB" fragment-answered)"; }
# is_now REPEATED ANSWERED: so much more often than before
before=(0 0)
is_now() { [ "$(counts)" = "$((before[0] + $1)) $((before[1] + $2))" ]; }
becomes() { busywait 3000 is_now "$@"; }

# Its answer does not arrive: A asks again, then in smaller pieces.
deaf() {
	in_ns "$gwA" nft add table inet deaf &&
		in_ns "$gwA" nft add chain inet deaf in '{ type filter hook input priority 0; }' &&
		in_ns "$gwA" nft add rule inet deaf in udp sport '{ 500, 4500 }' meta length '>' 500 drop
}
answered() { [ "$(counter "$gwB" repeat)" -ge 4 ]; }
again() {
	capture_start "$gwB" wan "$work/pcap" && deaf || return
	ours "$gwA" peer up gw nowait && busywait 10000 answered && in_ns "$gwA" nft delete table inet deaf &&
		tunnel_up "$gwA" && tunnel_up "$gwB" && capture_stop
}
check "an answer that is lost four times" again
its_pieces() {
	local all other longest
	read -r all other longest < <(sent)
	echo "$all fragments, $other different, $longest octets"
	[ "$other" -ge 5 ] && [ "$all" -ge $((5 * other)) ] && [ $((all % other)) = 0 ]
}
check "each time the same octets, also when asked in smaller pieces" its_pieces
A=$(state "$gwA") B=$(state "$gwB")
stays() { [ "$(state "$gwA")" = "$A" ] && [ "$(state "$gwB")" = "$B" ]; }

read -r -a before < <(counts)
# fragments 1 of both sets: the first set's is known, and the other one is, after its ICV
first() { probe replay "$work/pcap" 192.0.2.2 --fragment 1 && becomes 2 0; }
check "the first fragment again: the answer again" first
read -r -a before < <(counts)
further() { probe replay "$work/pcap" 192.0.2.2 --fragment 2 && becomes 0 2; }
check "the second one: nothing" further
elsewhere() { probe replay "$work/pcap" 192.0.2.2 --fragment 1 --src 192.0.2.77 && becomes 0 3 && stays; }
check "the first one from another address: nothing" elsewhere
check "the kernel has no complaint" kernel_silent
ktap_end
