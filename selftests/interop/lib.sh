# lib.sh: a table of runs with a real peer: suites, authentication, families, NAT, modes, both
# directions. Source it after ../lib.sh and ../gateway.sh; the peer's script adds peer_start,
# peer_conf, peer_up, peer_down.
# shellcheck shell=bash
#
#   hostA ---- gwA ---- router ---- gwB ---- hostB		two_gateways, and the same in IPv6:
#     fd01::2  fd01::1 | 2001:db8:1::2 - ::1 | 2001:db8:2::1 - ::2 | fd02::1  fd02::2
# A is ours, B the peer.

a4=192.0.2.2 b4=198.51.100.2 a6=2001:db8:1::2 b6=2001:db8:2::2

lab_both_families() {
	two_gateways || return
	local ns
	for ns in "$gwA" "$router" "$gwB"; do in_ns "$ns" sysctl -q net.ipv6.conf.all.forwarding=1; done
	ip -n "$hostA" addr add fd01::2/64 dev lan && ip -n "$gwA" addr add fd01::1/64 dev lan &&
	ip -n "$gwA" addr add $a6/64 dev wan && ip -n "$router" addr add 2001:db8:1::1/64 dev toA &&
	ip -n "$router" addr add 2001:db8:2::1/64 dev toB && ip -n "$gwB" addr add $b6/64 dev wan &&
	ip -n "$gwB" addr add fd02::1/64 dev lan && ip -n "$hostB" addr add fd02::2/64 dev lan &&
	ip -n "$hostA" -6 route add default via fd01::1 && ip -n "$gwA" -6 route add default via 2001:db8:1::1 &&
	ip -n "$gwB" -6 route add default via 2001:db8:2::1 && ip -n "$hostB" -6 route add default via fd02::1
}

# nat on|off: the router hides A
nat() {
	in_ns "$router" nft flush ruleset
	[ "$1" = off ] || in_ns "$router" nft -f - <<-'END'
	table inet nat {
		chain post { type nat hook postrouting priority srcnat; oifname "toB" masquerade; }
	}
	END
}

# pki: a CA; for a.example and b.example a key and a certificate of each kind, in $work/pki
pki() {
	local d=$work/pki kind who
	mkdir -p "$d" && cd "$d" || return
	openssl ecparam -name prime256v1 -genkey -noout -out ca.key &&
	openssl req -x509 -new -key ca.key -days 30 -subj "/O=selftests/CN=authority" -out ca.crt || return
	for who in a b; do
		openssl genrsa -out "$who.rsa.key" 2048 &&
		openssl ecparam -name secp384r1 -genkey -noout -out "$who.ecdsa.key" &&
		openssl genpkey -algorithm ed25519 -out "$who.ed25519.key" || return
		for kind in rsa ecdsa ed25519; do
			openssl req -new -key "$who.$kind.key" -subj "/O=selftests/CN=$who $kind" -out x.csr &&
			openssl x509 -req -in x.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 \
				-extfile <(echo "subjectAltName=DNS:$who.example") \
				-out "$who.$kind.crt" || return
		done
	done
	cd - >/dev/null || return
	mkdir -p "$work/$gwA/secrets" && cp "$d"/a.*.key "$d"/a.*.crt "$d/ca.crt" "$work/$gwA/secrets/" &&
	printf '%s\n' "a shared secret of the selftests" >"$work/$gwA/secrets/gw" &&
	chmod 0640 "$work/$gwA"/secrets/*
}

# What a row is about.
# shellcheck disable=SC2034
row_set() {
	ike=$1 esp=$2 auth=$3 family=$4 nat=$5 mode=$6
	if [ "$family" = 4 ]; then
		a=$a4 b=$b4 netA=10.1.0.0/16 netB=10.2.0.0/16 hA=10.1.0.2 hB=10.2.0.2
	else
		a=$a6 b=$b6 netA=fd01::/64 netB=fd02::/64 hA=fd01::2 hB=fd02::2
	fi
	if [ "$mode" = transport ]; then netA=dynamic netB=dynamic; fi
}

# swan_row FOLDER: the keys of the row where strongSwan has its own; what its connection says of them is
# in $method, $certs and $from. $its_certs are its certificates, if there are others than b.$auth.crt,
# $its_ca its authorities, if it is not ca alone
# shellcheck disable=SC2034
swan_row() {
	local d=$1 cert
	method=pubkey certs=${its_certs:-b.$auth.crt} from=$a
	mkdir -p "$d"/{x509,x509ca,private}
	rm -f "$d"/{x509,x509ca,private}/*
	for cert in ${its_ca:-ca}; do cp "$work/pki/$cert.crt" "$d/x509ca/"; done
	if [ "$auth" = psk ]; then
		method=psk certs=
	else
		for cert in ${certs//,/ }; do cp "$work/pki/$cert" "$d/x509/"; done
		cp "$work/pki/b.$auth.key" "$d/private/"
	fi
	[ "$nat" = off ] || from=%any
}

# our_conf: our side of the row; $peer_keys are more keys of the peer, $child_keys of the child, $our_id and
# $its_id who they are, if they are not fqdn:a.example and fqdn:b.example, $ipsec is ah where it is not esp
our_conf() {
	local f=$work/$gwA/isakmp.conf method=pubkey local_cred=ours remote="ca root"
	local us=${our_id:-fqdn:a.example} it=${its_id:-fqdn:b.example}
	[ "$auth" != psk ] || method=psk local_cred=gw remote="cred gw"
	cat >"$f" <<-END
	listen addr $a
	proposal row ike $ike ${ipsec:-esp} $esp
	cred gw psk id $it file gw
	cred root ca file ca.crt
	peer gw local $a remote $b proposal row ${peer_keys-}
	auth peer gw side local method $method id $us cred $local_cred
	auth peer gw side remote method $method id $it $remote
	child net peer gw local-ts $netA remote-ts $netB mode $mode start ${start:-none} ${child_keys-}
	END
	[ "$auth" = psk ] || echo "cred ours x509 id $us file a.$auth.crt key a.$auth.key" >>"$f"
	ours "$gwA" config apply "$f"
}

# flows: traffic of the row, both ways, and it is in ESP
flows() {
	local was
	was=$(esp_packets "$gwA")
	if [ "$mode" = tunnel ]; then
		ping_ok "$hostA" "$hB" 2 && ping_ok "$hostB" "$hA" 2 || return
	else
		ping_ok "$gwA" "$b" 2 || return
	fi
	[ "$(esp_packets "$gwA")" -ge $((was + 2)) ]
}

we_start() { ours "$gwA" peer up gw && tunnel_up "$gwA" && flows; }
peer_starts() { peer_up && tunnel_up "$gwA" && flows; }
all_down() { ours "$gwA" peer down gw; busywait 10000 sa_is "$gwA" 0 && busywait 5000 no_states "$gwA" && peer_down; }

# row IKE ESP AUTH FAMILY NAT MODE: one result for each direction; of version 1, $exchange is its name
row() {
	row_set "$@"
	row_run "${exchange:+$exchange, }$1, $2, $3, IPv$4, NAT $5, $6"
}
# row_run NAME: of what row_set, or more, has set
row_run() {
	local name=$1
	row_ready() { nat "$nat" && peer_conf && our_conf; }
	run_ours() { row_ready && we_start && all_down; }
	run_theirs() { peer_starts && all_down; }
	check "$name: we start" run_ours || peer_log
	if [ "$nat" = off ]; then
		check "$name: it starts" run_theirs || peer_log
	fi
	all_down >/dev/null 2>&1
}

# row_packet IKE ESP AUTH FAMILY off tunnel: a packet starts it, and comes first in TSi and TSr
row_packet() {
	row_set "$@"
	packet() { busywait 10000 in_ns "$hostA" ping -q -n -c 1 -W 0.3 "$hB"; }
	run_packet() { nat off && peer_conf && our_conf && packet && flows; }
	start=trap
	check "${exchange:+$exchange, }$1, $2, $3, IPv$4: a packet starts" run_packet || peer_log
	start=none
	our_conf && all_down >/dev/null 2>&1
}
