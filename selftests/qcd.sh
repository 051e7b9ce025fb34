#!/bin/bash
# qcd.sh: quick crash detection (RFC 6290): a gateway that was rebooted proves with a token that it has
# lost the IKE SA, and the tunnel is back at once; forged tokens and requests for tokens bring nothing.
# Topology: two_gateways in lib.sh, both ours; B's namespace is taken away and made anew.
. ./lib.sh
. ./gateway.sh

ktap_plan 15

CHILD_KEYS="dpd restart"
check "lab: liveness checks every 2 s" lab ours none dpd 2s
# B may take its time
in_ns "$gwA" sysctl -q net.isakmp.retransmit_timeout_ms=300 net.isakmp.retransmit_tries=8
up() { ours "$gwA" peer up gw >/dev/null && tunnel_up "$gwA" && tunnel_up "$gwB"; }
check "up" up
secret() { stat -c '%a %s' "$work/$gwB/state/qcd-secret"; }
check "B's helper keeps a secret, for itself" says '^600 32$' secret

# reboot: B's namespace, and with it all its SAs; nothing is sent. Its files stay.
gone() { ! ip -n "$router" link show toB >/dev/null 2>&1; }
cables() {
	veth "$router" toB 198.51.100.1/24 "$gwB" wan 198.51.100.2/24 &&
		veth "$gwB" lan 10.2.0.1/16 "$hostB" lan 10.2.0.2/16 &&
		ip -n "$gwB" route add default via 198.51.100.1 && ip -n "$hostB" route add default via 10.2.0.1
}
reboot() {
	helper_kill "$gwB"
	report_reasons "$gwB"
	ip netns del "$gwB" && busywait 5000 gone && ip netns add "$gwB" && ip -n "$gwB" link set lo up &&
		cables && in_ns "$gwB" sysctl -q net.ipv4.ip_forward=1 && ours_start "$gwB"
}
back() { tunnel_up "$gwA" && tunnel_up "$gwB" && esp_flows; }
lost() { refuses "$gwA" crashed reboot && busywait 5000 back; }
check "B is rebooted, shows its token, and the tunnel is back" lost
no_timeout() { [ "$(refused "$gwA" timeout)" = 0 ] && counter_above "$gwB" token-sent 0; }
check "nobody waited for a timeout" no_timeout

# to WHERE SPIi SPIr FLAGS [NOTIFY-HEX]: so many datagrams to an IKE port: with a notification in the
# clear, or like an encrypted request
cat >"$work/to.py" <<'EOT'
import socket, struct, sys
where, spi_i, spi_r, flags, count = sys.argv[1], *(int(x, 16) for x in sys.argv[2:5]), int(sys.argv[5])
body = bytes.fromhex(sys.argv[6]) if len(sys.argv) > 6 else struct.pack(">BBH", 0, 0, 60) + bytes(56)
head = struct.pack(">QQBBBBII", spi_i, spi_r, 41 if len(sys.argv) > 6 else 46, 0x20, 37, flags, 7, 28 + len(body))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(count):
    s.sendto(head + body, (where, 500))
EOT
to() { in_ns "$router" python3 "$work/to.py" "$@"; }
spis() { ours "$gwA" -j sa | jq -r '.[0] | .spi_i + " " + .spi_r'; }
id() { ours "$gwA" -j sa | jq '.[0].id'; }
read -r spi_i spi_r <<<"$(spis)"
first=$(id)
# The same without a token, RFC 7296, 2.21.4: a reason to look, and one look will do. B counts what it hears.
heard() { echo $(($(counter "$gwB" rx) - $(counter "$gwB" repeat))); }
heard_above() { [ "$(heard)" -gt "$1" ]; }
thousand() {
	local was rx
	ours "$gwA" peer set gw dpd off && ours "$gwB" peer set gw dpd off && pause 1 && was=$(heard) rx=$(counter "$gwA" rx) || return
	refuses "$gwA" forgeable to 192.0.2.2 "$spi_i" "$spi_r" 20 1000 0000000800000004 &&
		busywait 5000 heard_above "$was" && busywait 5000 counter_above "$gwA" rx $((rx + 1000)) &&
		pause 1
	echo "B heard $(($(heard) - was)), A $(($(counter "$gwA" rx) - rx))"
	[ "$(heard)" = $((was + 1)) ] && ours "$gwA" peer set gw dpd 2s && ours "$gwB" peer set gw dpd 2s
}
check "INVALID_IKE_SPI, forged a thousand times: one liveness check" thousand
token="00000008 00000004 00000018 01004023 000102030405060708090a0b0c0d0e0f"
token=29${token:2}
forged() { refuses "$gwA" token-bad to 192.0.2.2 "$spi_i" "$spi_r" 20 1 "${token// /}"; }
check "a forged token: token-bad" forged
flood() { refuses "$gwA" token-limit to 192.0.2.2 "$spi_i" "$spi_r" 20 200 "${token// /}"; }
check "many of them: token-limit" flood
same() { [ "$(id)" = "$first" ] && sa_is "$gwA" 1 "$with_child"; }
check "the IKE SA stands" same

# From A's own address, in the hope for tokens. RFC 6290, 9.2: none for an SPI of an IKE SA that
# stands, in whichever place of a header; B is its responder.
sent() { counter "$gwB" token-sent; }
asks() {
	local was
	was=$(sent)
	refuses "$gwB" no-sa in_ns "$gwA" python3 "$work/to.py" 198.51.100.2 "$1" "$2" "$3" 1 || return
	[ "$(sent)" = $((was + $4)) ]
}
check "a request for an IKE SA that never was brings out a token" asks 123456789abcdef0 fedcba9876543210 8 1
check "one with B's SPI, in the other role, none" asks "$spi_r" "$spi_i" 0 0

forgetful() {
	mv "$work/$gwB/state/qcd-secret" "$work/secret"
	refuses "$gwA" token-bad reboot && same
}
check "without its secret B proves nothing" forgetful
remembers() {
	helper_kill "$gwB" && mv "$work/secret" "$work/$gwB/state/qcd-secret"
	refuses "$gwA" crashed helper_start "$gwB" && busywait 5000 back
}
check "with it, the tunnel is back" remembers
without() {
	ours "$gwA" peer set gw qcd no && ours "$gwA" peer down gw && tunnel_down "$gwA" && up &&
		sed -i '/^peer add/s/$/ qcd no/' "$work/$gwB/isakmp.conf" && refuses "$gwA" forgeable reboot &&
		[ "$(sent)" = 0 ]
}
check "when told not to, there is no token" without
check "the kernel has no complaint" kernel_silent
ktap_end
