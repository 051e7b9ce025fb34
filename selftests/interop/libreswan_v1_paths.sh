#!/bin/bash
# libreswan_v1_paths.sh: version 1 with libreswan where the path is bad, and when it dies: the drafts of NAT
# traversal, which are all that it says; certificates of 4096 bits with their authority where no fragment of IP passes (fragments of IKE); a tenth of all packets
# lost each way; killed and started again, in either role.
# Topology: lab_both_families in lib.sh, A ours, B libreswan.
# backends: uml
# tier: long
# trees: libreswan
# boot: time-travel
# timeout: 300
# guest-time: 2400
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh
. interop/libreswan/lib.sh

main() { exchange=main version=ikev1 aggressive=no peer_keys="version 1 fragment-size 576 ${1-}"; }
aggressive() {
	exchange=aggressive version=ikev1 aggressive=yes
	peer_keys="version 1 fragment-size 576 v1-exchange aggressive v1-accept aggressive ${1-}"
}

ktap_plan 23

# Our certificates have 4096 bits and much beside them; what is made is put in the place of pki's.
pki_large() {
	local d=$work/pki who pad
	pki && cd "$d" || return
	pad=$(head -c 1500 /dev/zero | tr '\0' x)
	for who in a b; do
		openssl genrsa -out $who.rsa.key 4096 && openssl req -new -key $who.rsa.key -subj "/O=selftests/CN=$who rsa" -out x.csr &&
			openssl x509 -req -in x.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out $who.rsa.crt \
				-extfile <(printf '%s\n' "subjectAltName=DNS:$who.example" "nsComment=$pad") || return
	done
	cd - >/dev/null && cp "$d"/a.rsa.* "$work/$gwA/secrets/" && chmod 0640 "$work/$gwA"/secrets/*
}
wall() {
	in_ns "$router" nft -f - <<-END
	table inet wall {
		counter dropped { }
		chain in {
			type filter hook prerouting priority -450;
			ip frag-off & 0x3fff != 0 counter name dropped drop
			exthdr frag exists counter name dropped drop
		}
	}
	END
}
dropped() { in_ns "$router" nft -j list counter inet wall dropped | jq '[.nftables[].counter.packets // 0] | add'; }
ready() {
	lab_both_families && pki_large && keys && wall && load_isakmp && at_exit report_reasons "$gwA" && helper_start "$gwA" &&
		pluto_start && in_ns "$gwA" sysctl -q net.isakmp.retransmit_timeout_ms=300 net.isakmp.retransmit_tries=6
}
result() { check "$@" || { peer_log; note "$(in_ns "$gwA" grep refused- /proc/net/isakmp_stat | grep -v ' 0$')"; }; }
check "the lab: a router that drops fragments of IP" ready

conf() { peer_conf && our_conf; }
for line in "main 4" "main 6" "aggressive 4"; do
	read -r mode_of family_of <<<"$line"
	$mode_of
	row_set aes256-sha256-modp2048 aes256-sha256 rsa "$family_of" off tunnel
	# What it sends for the first time is in one piece, unless it is forced to cut all: the first message,
	# too, which we do not take in pieces. No fragment of IP is sent then.
	its_lines=
	[ "$mode_of" = aggressive ] || its_lines=fragmentation=force
	we() { conf && we_start && all_down; }
	result "$line, large certificates: we start" we
	result "$line, large certificates: it starts" eval "peer_starts && all_down"
	[ "$mode_of" = aggressive ] || check "$line: no fragment of IP was sent" [ "$(dropped)" = 0 ]
done
without() {
	local was
	was=$(dropped)
	peer_keys="version 1 fragmentation no" conf && fails ours "$gwA" peer up gw wait 3 && [ "$(dropped)" -gt "$was" ]
}
main
row_set aes256-sha256-modp2048 aes256-sha256 rsa 4 off tunnel
result "without fragments of IKE nothing gets through" without
ours "$gwA" peer down gw >/dev/null 2>&1
busywait 20000 sa_is "$gwA" 0

its_lines=

# ---- drafts 02 and 03 of NAT traversal alone

drafts() { in_ns "$router" nft flush ruleset && nat "$nat" && peer_conf && our_conf; }
# A NAT's packets on port 4500 are all in UDP; it says the draft's number of the mode
in_udp() { [ "$(ours "$gwA" -j sa | jq -r '.[0] | .encap')" = true ] && ip -n "$gwA" xfrm state | grep -q 'encap type espinudp'; }
its_lines=nat-ikev1-method=drafts
for kind in tunnel transport; do
	main
	row_set aes256-sha256-modp2048 aes256-sha256 psk 4 on $kind
	we() { drafts && we_start && in_udp && all_down; }
	result "drafts alone, $kind mode behind a NAT: we start" we
	all_down >/dev/null 2>&1
	main "encap yes"
	row_set aes256-sha256-modp2048 aes256-sha256 psk 4 off $kind
	they() { drafts && peer_starts && in_udp && all_down; }
	result "drafts alone, $kind mode in UDP as we want it: it starts" they
	all_down >/dev/null 2>&1
done
its_lines=

# ---- lossy

lossy() { in_ns "$router" tc qdisc replace dev toA root netem $1 && in_ns "$router" tc qdisc replace dev toB root netem $1; }
# it says the last message of phase 1 again twice, no more
bad="delay 4ms loss 10% reorder 75% 50%"
flows_at_all() { busywait 20000 in_ns "$hostA" ping -q -n -c 1 -W 0.2 "$hB" && busywait 20000 in_ns "$hostB" ping -q -n -c 1 -W 0.2 "$hA"; }
clear_up() { lossy "delay 0ms"; all_down >/dev/null 2>&1; }
for mode_of in main aggressive; do
	$mode_of
	row_set aes256-sha256-modp2048 aes256-sha256 psk 4 off tunnel
	we() { conf && lossy "$bad" && ours "$gwA" peer up gw wait 40 && busywait 20000 sa_is "$gwA" 1 "$with_child" && flows_at_all; }
	result "$mode_of, a tenth is lost: we start" we
	clear_up
	they() { conf && lossy "$bad" && peer_up && busywait 20000 sa_is "$gwA" 1 "$with_child" && flows_at_all; }
	result "$mode_of, a tenth is lost: it starts" they
	clear_up
done

# ---- killed, and started again: it says nothing

kill_it() {
	kill -9 "$(cat "$tree/run/pluto/pluto.pid")" && rm -f "$tree/run/pluto/"* && : >"$tree/run/pluto.log"
	ip -n "$gwB" xfrm state flush && ip -n "$gwB" xfrm policy flush
	in_tree /usr/libexec/ipsec/pluto --nofork --config /etc/ipsec.conf >"$work/pluto.out" 2>&1 3>&- &
	at_exit kill $!
	busywait 15000 grep -q 'loading secrets' "$tree/run/pluto.log" && in_tree ipsec add gw
}
returns() {
	local since
	conf && "$1" || return
	kill_it && since=$(date +%s) && busywait 60000 in_ns "$hostA" ping -q -n -c 1 -W 0.3 "$hB" && flows || return
	echo "$(($(date +%s) - since)) s"
	[ $(($(date +%s) - since)) -le 60 ]
}
main "dpd 5s"
start=trap
result "we had begun, it is killed: our packets bring it back" returns we_start
our_conf && all_down >/dev/null 2>&1
result "it had begun, it is killed: our packets bring it back" returns peer_starts
start=none
our_conf && all_down >/dev/null 2>&1
one() { busywait 10000 sa_is "$gwA" 1 "$with_child" && flows; }
begins() { conf && we_start && kill_it && peer_up && one; }
result "it is killed, and begins itself: at once" begins
all_down >/dev/null 2>&1
check "nothing is left" tunnel_down "$gwA"
check "the kernel has no complaint" kernel_silent
ktap_end
