#!/bin/bash
# neighbours.sh: others in the same kernel disturb nothing and are not disturbed: a strongSwan daemon
# and `ip xfrm monitor` in our namespace; a second namespace with trap policies of somebody else.
#
#	two_gateways in lib.sh, A ours, B ours; beside them "other", alone
. ./lib.sh
. ./gateway.sh

ktap_plan 12

# What setsockopt(IP_XFRM_POLICY) says to others: a policy that allows all but for its action, IPsec of
# KAME, and too little.
socket_policies() {
	python3 - <<-EOF
	import errno, socket
	for opt, octets in (17, bytes(160) + bytes((1, 7)) + bytes(6)), (16, bytes(168)), (17, bytes(168)), (17, b"x"):
	    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	    try:
	        print(s.setsockopt(socket.IPPROTO_IP, opt, octets))
	    except OSError as e:
	        print(errno.errorcode[e.errno])
	EOF
}
was=$(socket_policies)
check "lab: two of ours" lab ours
same() { [ "$was" ] && [ "$(socket_policies)" = "$was" ]; }
check "policies of other programs' sockets: the same answers as before" same
CHARON_OPTIONS="port = 1500
port_nat_t = 1450"
charon_conf "$gwA" 192.0.2.2 198.51.100.9 10.1.0.0/16 10.9.0.0/16
sed -i '/remote_addrs/a remote_port = 1500' "$work/$gwA/swanctl/swanctl.conf"
check "strongSwan on other ports in A's namespace" charon_start "$gwA"
ip -n "$gwA" xfrm monitor all >"$work/monitor" 2>&1 3>&- &
monitor=$!
at_exit kill $monitor
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && esp_flows; }
check "our tunnel comes up and carries traffic" up
check "ip xfrm monitor saw our states come" busywait 3000 says 'proto esp' cat "$work/monitor"
lives() { swanctl_ns "$gwA" --stats >/dev/null && charon_is "$gwA" 0; }
check "strongSwan lives and made nothing of it" lives
down() { ours "$gwA" peer down gw && tunnel_down "$gwA"; }
check "down again" down

setup_ns other
ip -n "$other" link add dummy0 type dummy
ip -n "$other" link set dummy0 up
ip -n "$other" addr add 203.0.113.1/24 dev dummy0
foreign_trap() {
	ip -n "$other" xfrm policy add src 203.0.113.1 dst 203.0.113.9 dir out \
		tmpl src 203.0.113.1 dst 203.0.113.9 proto esp mode tunnel
}
check "a trap policy of somebody else, in another namespace" foreign_trap
ping_ok "$other" 203.0.113.9
check "no larval state of ours there" no_states "$other"
check "no socket of ours there" fails says ':(500|4500) ' in_ns "$other" ss -uln
in_use() { ! ours "$gwA" listen flush || ! ours "$gwA" listen show | grep -q .; }
check "listen flush closes the sockets" in_use
closed() { fails says ':(500|4500) ' in_ns "$gwA" ss -uln && kernel_silent; }
check "no socket is left in A; the kernel has no complaint" closed
ktap_end
