#!/bin/bash
# strongswan_v1_fragments.sh: version 1 with messages of 3 KB and more, RSA-4096 certificates with an
# intermediate authority, where no fragment of IP gets through the router: fragments of IKE, both ways, in
# Main and Aggressive Mode, over IPv4 and IPv6, behind a NAT, of two sizes; a tenth of them lost.
# isakmp decode puts them together and opens what was in them.
# Topology: lab_both_families in lib.sh, A ours, B strongSwan.
# tier: long
# backends: uml
# timeout: 240
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh

ktap_plan 24

# ---- a router that drops fragments of IP, and hides A where that is wanted

wall() {
	in_ns "$router" nft -f - <<-END
	flush ruleset
	table inet wall {
		counter dropped { }
		chain in {
			type filter hook prerouting priority -450;
			ip frag-off & 0x3fff != 0 counter name dropped drop
			exthdr frag exists counter name dropped drop
		}
		chain post {
			type nat hook postrouting priority srcnat;
			$([ "${1-}" != nat ] || echo 'oifname "toB" masquerade;')
		}
	}
	END
}
dropped() { in_ns "$router" nft -j list counter inet wall dropped | jq '[.nftables[].counter.packets // 0] | add'; }

# ---- certificates

pki=$work/pki
# certificate NAME BITS ISSUER EXTENSION...
certificate() {
	local name=$1 bits=$2 ca=$3 ext args=()
	shift 3
	for ext; do args+=(-addext "$ext"); done
	[ "$ca" = "$name" ] || args+=(-CA "$pki/$ca.crt" -CAkey "$pki/$ca.key")
	openssl req -x509 -newkey "rsa:$bits" -nodes -keyout "$pki/$name.key" -subj "/O=selftests/CN=$name" -days 30 \
		"${args[@]}" -out "$pki/$name.crt"
}
make_pki() {
	local ca=(basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign,cRLSign) who
	mkdir -p "$pki" "$work/$gwA/secrets" || return
	export OPENSSL_CONF=$pki/openssl.cnf
	printf '%s\n' '[req]' 'distinguished_name = dn' '[dn]' >"$OPENSSL_CONF"
	certificate root 2048 root "${ca[@]}" && certificate inter 4096 root "${ca[@]}" || return
	for who in a b; do
		certificate $who 4096 inter "subjectAltName=DNS:$who.example" basicConstraints=CA:FALSE || return
	done
	cat "$pki/inter.crt" >>"$pki/a.crt"
	cp "$pki"/a.* "$pki/root.crt" "$work/$gwA/secrets/" && chmod 0640 "$work/$gwA/secrets"/*
}

# ---- the ends: $exchange, and the addresses of row_set

us() {
	cat >"$work/$gwA/isakmp.conf" <<-END
	listen addr $a
	proposal old ike aes256-sha256-modp2048 esp aes256-sha256
	cred root ca file root.crt
	cred own x509 id fqdn:a.example file a.crt key a.key
	peer gw local $a remote $b proposal old version 1 v1-exchange $exchange v1-accept $exchange $*
	auth peer gw side local method pubkey id fqdn:a.example cred own
	auth peer gw side remote method pubkey id fqdn:b.example ca root
	child net peer gw local-ts $netA remote-ts $netB
	END
	[ ! -e "$work/$gwA/isakmpd.pid" ] || ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}
# them FRAGMENTATION
them() {
	local d=$work/$gwB/swanctl
	mkdir -p "$d"/{x509,x509ca,private}
	cp "$pki/b.crt" "$d/x509/" && cp "$pki/b.key" "$d/private/" && cp "$pki"/{root,inter}.crt "$d/x509ca/"
	cat >"$d/swanctl.conf" <<-END
	connections { gw {
		version = 1
		aggressive = $([ "$exchange" = aggressive ] && echo yes || echo no)
		local_addrs = $b
		remote_addrs = ${seen:-$a}
		proposals = aes256-sha256-modp2048
		fragmentation = $1
		local { auth = pubkey
			id = b.example }
		remote { auth = pubkey
			id = a.example }
		children { net {
			local_ts = $netB
			remote_ts = $netA
			esp_proposals = aes256-sha256
		} }
	} }
	END
	[ -S "$work/$gwB/vici" ] || return 0
	swanctl_ns "$gwB" --load-all --noprompt --clear >"$work/load" 2>&1 || { cat "$work/load"; return 1; }
}
# its_size N: of its fragments
its_size() {
	sed -i -e '/fragment_size/d' -e "/^charon {/a fragment_size = $1" "$work/$gwB/strongswan.conf" &&
		swanctl_ns "$gwB" --reload-settings
}
lab() {
	lab_both_families && make_pki && wall && load_isakmp && at_exit report_reasons "$gwA" && helper_start "$gwA" &&
		in_ns "$gwA" sysctl -q net.isakmp.retransmit_timeout_ms=300 net.isakmp.retransmit_tries=6 || return
	exchange=main
	row_set - - rsa 4 off tunnel
	charon_plugins+=" aes sha1 sha2"
	us && them yes && charon_start "$gwB" && keys_start "$gwA" "$work/keys"
}

# ---- what is tried

down() {
	ours "$gwA" peer down gw
	tunnel_down "$gwA" && busywait 5000 no_states "$gwB" && busywait 5000 charon_is "$gwB" 0
}
initiate() { swanctl_ns "$gwB" --initiate --child net --timeout "${1:-8}"; }
starts() { if [ "$1" = we ]; then ours "$gwA" peer up gw wait "${2:-8}"; else initiate "${2:-8}" && tunnel_up "$gwA"; fi; }
# pieces DIRECTION: datagrams with a Fragment payload, from a capture at A; behind a marker on port 4500
pieces() {
	local from=$1 ip=udp at=0
	[ "$family" = 4 ] || { ip=ip6 at=40; }
	tcpdump -n -r "$work/seen" "src host $from and ((port 500 and $ip[$((at + 8 + 16))] = 132) or
		(port 4500 and $ip[$((at + 8 + 20))] = 132))" 2>"$work/tcpdump" | wc -l
}
# joined: of the capture, what came in pieces is whole, opened, and has a certificate of either end
joined() {
	isakmp -j decode "$work/seen" keys "$work/keys" | jq -e '[.[] | .message // empty] | length >= 2 and
		all(.decrypted or ((.flags // []) | index("encrypted") | not)) and
		([.[].payloads[] | select(.payload == "CERT")] | length >= 2) and
		([.. | objects | select(.refused)] == [])' >/dev/null
}
# cut STARTER LEAST-FROM-US LEAST-FROM-IT: it comes up in so many pieces, and no fragment of IP is seen
cut() {
	local was n
	was=$(dropped)
	capture_start "$gwA" wan "$work/seen" && starts "$1" && capture_stop && flows || return
	n="$(pieces "$a") $(pieces "$b")"
	echo "pieces: $n"
	busywait 5000 joined || { isakmp decode "$work/seen" keys "$work/keys"; return 1; }
	[ "${n% *}" -ge "$2" ] && [ "${n#* }" -ge "$3" ] && [ "$(dropped)" = "$was" ] && down
}
peer_log() {
	note "$(grep -a -v JOB "$work/$gwB/charon.log" | tail -n 25)" "$(tail -n 5 "$work/$gwA/isakmpd.log")" \
		"$(in_ns "$gwA" grep refused- /proc/net/isakmp_stat | grep -v ' 0$')"
}
result() { check "$@" || { peer_log; down >/dev/null 2>&1; }; }

check "the lab: a router that drops fragments of IP" lab

for exchange in main aggressive; do
	for family in 4 6; do
		row_set - - rsa $family off tunnel
		ready() { us && them yes; }
		check "$exchange, IPv$family" ready
		result "$exchange, IPv$family: we start" cut we 3 3
		result "$exchange, IPv$family: it starts" cut they 3 3
	done
done
exchange=main
row_set - - rsa 4 off tunnel
small() { us fragment-size 576 && them yes && its_size 600; }
check "pieces of 600 octets" small
result "we start" cut we 6 6
result "it starts" cut they 6 6
behind() { wall nat && seen=%any them yes && cut we 6 6; }
result "behind a NAT: we start" behind

# Half of them are lost: each is asked for again, and one message's do not stand in the way of another's
lossy() { in_ns "$router" tc qdisc add dev "$1" root netem loss 10% && at_exit in_ns "$router" tc qdisc del dev "$1" root; }
some_lost() { wall && them yes && lossy toA && lossy toB; }
result "a tenth of all packets is lost each way" some_lost
lost() { starts "$1" 60 && busywait 20000 ping_ok "$hostA" "$hB"; }
result "we start" lost we
all_well() { in_ns "$router" tc qdisc del dev toA root && in_ns "$router" tc qdisc del dev toB root && down; }
check "all well again: down" all_well
its_size 1280

without() { us && them no && ! ours "$gwA" peer up gw wait 2s; }
was=$(dropped)
result "no fragmentation there: nothing comes of it" without
check "as fragments of IP were sent, and dropped" [ "$(dropped)" -gt "$was" ]
ours "$gwA" peer down gw >/dev/null 2>&1
busywait 20000 sa_is "$gwA" 0
forced() { us fragmentation no && them force && refuses "$gwA" fragment-unagreed fails initiate 3; }
result "it sends some though we want none: fragment-unagreed" forced
check "the kernel has no complaint" kernel_silent
ktap_end
