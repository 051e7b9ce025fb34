#!/bin/bash
# vpnc.sh: a client of Cisco's kind, vpnc, which does ESP by itself: Aggressive Mode with a group name and its
# secret, XAUTH, mode config, Quick Mode, traffic; with and without a NAT; rekeys, liveness, the end;
# hybrid; what it must not get in with.
# Topology: two_gateways in lib.sh, B ours; vpnc is in A, and the router hides it where it says so.
# tier: long
# timeout: 500
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh

us=$b4
ike=aes256-sha1-modp2048 esp=aes256-sha1
word="the password of ann" secret="the secret of the group"

# we HOW [PEER KEYS]: our side; $child_keys are more of the child
we() {
	local how=$1 of_us of_it
	shift
	case $how in
	psk) of_us="method psk id ipv4:$us cred group" of_it="method psk id keyid:people cred group xauth staff" ;;
	hybrid) of_us="method pubkey id fqdn:b.example cred ours" of_it="method xauth xauth staff" ;;
	esac
	cat >"$work/$gwB/isakmp.conf" <<-END
	listen addr $us
	proposal old ike $ike esp $esp
	cred group psk id keyid:people file group
	cred ours x509 id fqdn:b.example file b.rsa.crt key b.rsa.key
	cred staff users file staff
	pool inside range 10.9.0.0/24 dns 10.2.0.53,10.2.0.54 subnet 10.2.0.0/16,10.3.0.0/16 domain example.org,example.net
	peer road local $us remote any proposal old version 1 v1-accept aggressive pool inside $*
	auth peer road side local $of_us
	auth peer road side remote $of_it
	child net peer road local-ts ${behind:-0.0.0.0/0} remote-ts dynamic ${child_keys-}
	END
	ours "$gwB" config apply "$work/$gwB/isakmp.conf"
}

# What vpnc calls when it comes and goes: it notes what it was told, and sets up the interface.
script() {
	cat >"$work/script" <<-'END'
	#!/bin/sh
	[ "$reason" = pre-init ] && exit
	env >"$1/env.$reason"
	[ "$reason" = connect ] || exit 0
	ip link set "$TUNDEV" mtu 1300 up && ip addr add "$INTERNAL_IP4_ADDRESS/32" dev "$TUNDEV" &&
		ip route add 10.2.0.0/16 dev "$TUNDEV" src "$INTERNAL_IP4_ADDRESS"
	END
	chmod +x "$work/script"
}

# The stock kernel has it as a module, which a node in a guest's /dev does not call.
tun() { [ -c /dev/net/tun ] || modprobe tun; }

lab() {
	tun && two_gateways && pki && load_isakmp && at_exit report_reasons "$gwB" || return
	mkdir -p "$work/$gwB/secrets" && cp "$work/pki"/b.rsa.* "$work/$gwB/secrets/" && printf '%s\n' "$secret" >"$work/$gwB/secrets/group" &&
		printf '%s:%s\n' ann "$(openssl passwd -6 "$word")" >"$work/$gwB/secrets/staff" && chmod 0640 "$work/$gwB"/secrets/* &&
		script && helper_start "$gwB" && we psk
}

# vpnc OPTION...: it connects, in the background; its words are in $work/vpnc.log
vpnc_start() {
	rm -f "$work"/env.*
	: >"$work/vpnc.log"
	ip netns exec "$gwA" unshare -m sh -c 'mount -t tmpfs tmpfs /run && exec vpnc "$@"' sh --no-detach --non-inter --gateway "$us" \
		--id people --secret "$secret" --username ann --password "$word" --dh dh14 --pfs nopfs --ifname vpn0 \
		--script "$work/script $work" --debug "${VPNC_DEBUG:-1}" "$@" >"$work/vpnc.log" 2>&1 3>&- &
	echo $! >"$work/vpnc.pid"
	at_exit vpnc_kill
}
vpnc_kill() {
	kill -9 "$(cat "$work/vpnc.pid")" 2>/dev/null
	wait "$(cat "$work/vpnc.pid")" 2>/dev/null
	:
}
vpnc_log() {
	note "$(grep -av '^$' "$work/vpnc.log" | tail -n 40)" "$(tail -n 5 "$work/$gwB/isakmpd.log")" \
		"$(in_ns "$gwB" grep refused- /proc/net/isakmp_stat | grep -v ' 0$')" "$(ours "$gwB" sa)"
}
result() { check "$@" || vpnc_log; }

told() { grep -qax "$1=$2" "$work/env.connect" || { echo "$1 is not $2"; grep -aE '^(CISCO|INTERNAL|TUN|VPN)' "$work/env.connect"; return 1; }; }
of() { ours "$gwB" -j sa | jq -r "[.[] | select($with_child)][0] | $1"; }
# flows: through its interface, both ways, in ESP
flows() {
	local was
	was=$(esp_packets "$gwB")
	ping_ok "$gwA" 10.2.0.2 3 && ping_ok "$hostB" "$(of '.lease[0]')" 2 && [ "$(esp_packets "$gwB")" -ge $((was + 5)) ]
}
connects() {
	vpnc_start "$@"
	tunnel_up "$gwB" && busywait 5000 test -s "$work/env.connect" && flows
}
# Its end is a Delete.  When we delete a child that was rekeyed, it makes another one first.
leaves() {
	kill -TERM "$(cat "$work/vpnc.pid")"
	busywait 20000 sa_is "$gwB" 0 && busywait 3000 no_states "$gwB"
	local status=$?
	vpnc_kill
	ours "$gwB" peer down road >/dev/null 2>&1
	return $status
}

is() { [ "$(of "$1")" = "$2" ] || { echo "$1: $(of "$1")"; return 1; }; }
behind_us() {
	told CISCO_SPLIT_INC 2 && told CISCO_SPLIT_INC_0_ADDR 10.2.0.0 && told CISCO_SPLIT_INC_0_MASK 255.255.0.0 &&
		told CISCO_SPLIT_INC_1_ADDR 10.3.0.0
}
child='[.children[] | select(.state == "up")] | last | .spi_in'
is_another() { [ "$(of "$child")" != "$1" ] && sa_is "$gwB" 1 "$with_child"; }
changed() {
	local was
	was=$(of "$child")
	"$@" && busywait 8000 is_another "$was" && flows
}
rekey_child() { ours "$gwB" sa rekey id "$(of .id)" child net; }
# Nothing else is said meanwhile.  While it waits for Quick Mode it takes such a question for a refusal.
alive() {
	local was
	was=$(of .msgs_in)
	we psk dpd 1s && busywait 15000 heard_more $((was + 1)) && sa_is "$gwB" 1 "$with_child" && flows && we psk
}
heard_more() { [ "$(of .msgs_in)" -gt "$1" ]; }
no_phase1() { refuses "$gwB" timeout ours "$gwB" sa rekey id "$(of .id)" && sa_is "$gwB" 1 "$with_child" && flows; }
has_left() { fails kill -0 "$(cat "$work/vpnc.pid")" 2>/dev/null; }
we_delete() { ours "$gwB" peer down road && busywait 8000 has_left && busywait 3000 no_states "$gwB"; }
# natt on|off CMD...: with a NAT or without CMD gets it up on port 4500
natt() {
	nat "$1" || return
	shift
	"$@" && is .lport 4500
}
# connects_not OPTION...: it gives up
connects_not() { vpnc_start "$@" && busywait 30000 has_left; }
out() { "$@" && sa_is "$gwB" 0 "$established" && [ ! -e "$work/env.connect" ]; }
no_hash() { out connects_not "$@" && grep -qa "hash comparison failed" "$work/vpnc.log"; }
wrong_word() { out connects_not --password "${word/ann/bob}" && grep -qa "authentication unsuccessful" "$work/vpnc.log"; }

ktap_plan 29
check "the lab: B ours, A vpnc" lab
result "no NAT: group secret, XAUTH, mode config, ESP" connects
result "it knows its address" told INTERNAL_IP4_ADDRESS 10.9.0.1
result "its mask" told INTERNAL_IP4_NETMASK 255.255.255.255
result "its DNS servers" told INTERNAL_IP4_DNS "10.2.0.53 10.2.0.54"
result "its domain" told CISCO_DEF_DOMAIN example.org
result "what is to be asked there" told CISCO_SPLIT_DNS example.org,example.net
result "what is behind us" behind_us
result "we know whom it is" is .user ann
result "we rekey the child" changed rekey_child
result "it answers when we ask whether it is there" alive
result "it does not rekey phase 1: what there is goes on" no_phase1
result "it leaves: its Delete" leaves
result "it comes again" connects
result "we delete it: it leaves" we_delete

esp=aes256-sha1-modp2048
we psk
result "PFS" connects --pfs dh14
result "we rekey with PFS" changed rekey_child
# Its own Quick Mode, after our Delete of the old child, may keep it from saying so
leaves >/dev/null 2>&1
esp=aes256-sha1
behind=10.2.0.0/16
we psk
result "it names what is behind us" connects --target-network 10.2.0.0/16
result "it leaves so" leaves
behind=
we psk

result "NAT traversal where there is no NAT, wished" natt off connects --natt-mode force-natt
result "it leaves from there" leaves
result "behind a NAT" natt on connects
result "it leaves through the NAT" leaves
nat off

result "another group secret: the answer proves nothing, nobody is in" no_hash --secret another
result "no such group: the answer proves nothing, and does not say so" no_hash --id nobody
result "another password: auth-failed, and it is told" refuses "$gwB" auth-failed wrong_word
we hybrid
result "hybrid: our certificate, its password" connects --auth-mode hybrid --ca-file "$work/pki/ca.crt"
result "hybrid: it leaves" leaves
check "the kernel has no complaint" kernel_silent
ktap_end
