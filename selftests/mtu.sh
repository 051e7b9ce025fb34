#!/bin/bash
# mtu.sh: an IKE_AUTH of 8 KB, with certificates, gets over a path with an MTU of 1280 as fragments of
# IP, both ways, over IPv4 and IPv6; and what arrives in fragments is answered.
# Topology: two_sites in lib.sh, both ours.
# timeout: 180
. ./lib.sh
. ./gateway.sh

ktap_plan 11

# large NAME: a certificate of 7 KB for NAME, by a root of its own
large() {
	local dir=$1 name=$2 pad
	pad=$(head -c 6000 /dev/zero | tr '\0' x)
	cat >"$dir/$name.cnf" <<-EOF
	[req]
	distinguished_name = dn
	x509_extensions = v
	prompt = no
	[dn]
	CN = $name
	[v]
	subjectAltName = DNS:$name.example
	keyUsage = digitalSignature
	nsComment = $pad
	EOF
	openssl ecparam -name prime256v1 -genkey -noout -out "$dir/$name.key" &&
		openssl req -new -key "$dir/$name.key" -subj "/CN=$name" -out "$dir/$name.csr" \
			-config "$dir/$name.cnf" &&
		openssl x509 -req -in "$dir/$name.csr" -CA "$work/root.crt" -CAkey "$work/root.key" \
			-set_serial $RANDOM -days 30 -extfile "$dir/$name.cnf" -extensions v \
			-out "$dir/$name.crt" && chmod 0640 "$dir/$name.key"
}
root() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=root \
		-addext keyUsage=keyCertSign,cRLSign -keyout "$work/root.key" -out "$work/root.crt"
}
# conf NS NAME PEER LOCAL REMOTE SITE PEER-SITE
conf() {
	local dir=$work/$1
	mkdir -p "$dir/secrets"
	[ -e "$dir/secrets/$2.crt" ] || large "$dir/secrets" "$2" || return
	cp "$work/root.crt" "$dir/secrets/"
	cat >"$dir/isakmp.conf" <<-EOF
	listen add addr $4
	proposal add strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
	cred add me x509 id fqdn:$2.example file $2.crt key $2.key
	cred add root ca file root.crt
	peer add gw local $4 remote $5 proposal strong fragmentation no
	auth add peer gw side local method pubkey id fqdn:$2.example cred me
	auth add peer gw side remote method pubkey id fqdn:$3.example ca root
	child add net peer gw local-ts 10.$6.0.0/16 remote-ts 10.$7.0.0/16
	EOF
}
narrow() {
	ip -n "$gwA" link set wan mtu 1280 && ip -n "$gwB" link set wan mtu 1280
}
lab_large() {
	two_sites && narrow && root && conf "$gwA" a b 192.0.2.1 192.0.2.2 1 2 &&
		conf "$gwB" b a 192.0.2.2 192.0.2.1 2 1 && ours_start "$gwB" && ours_start "$gwA"
}
check "lab: two of ours with large certificates, an MTU of 1280" lab_large

snmp() { in_ns "$1" awk -v n="$2" '$1 == n { print $2 }' /proc/net/snmp6; }
snmp4() {
	in_ns "$1" awk -v n="$2" '$1 == "Ip:" && !k { for (i = 2; i <= NF; i++) k = $i == n ? i : k; next }
		$1 == "Ip:" { print $k }' /proc/net/snmp
}
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB"; }
more() { [ "$($1 "$2" "$3")" -ge $(($4 + 5)) ]; }
sent=$(snmp4 "$gwA" FragCreates) back=$(snmp4 "$gwB" FragCreates)
check "IPv4: up" up
check "the request went in fragments" more snmp4 "$gwA" FragCreates "$sent"
check "so did the answer" more snmp4 "$gwB" FragCreates "$back"
check "ESP flows" esp_flows

sixth() {
	ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB" &&
		conf "$gwA" a b 2001:db8::1 2001:db8::2 1 2 && conf "$gwB" b a 2001:db8::2 2001:db8::1 2 1 &&
		ours "$gwB" config apply "$work/$gwB/isakmp.conf" &&
		ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}
check "the same over IPv6" sixth
sent=$(snmp "$gwA" Ip6FragCreates) back=$(snmp "$gwB" Ip6FragCreates)
check "IPv6: up" up
check "the request went in fragments" more snmp "$gwA" Ip6FragCreates "$sent"
check "so did the answer" more snmp "$gwB" Ip6FragCreates "$back"
check "ESP flows" esp_flows
check "the kernel has no complaint" kernel_silent
ktap_end
