#!/bin/bash
# certs.sh: gateways that prove themselves with keys: RSA, ECDSA, Ed25519; certificates of an
# authority, known keys. Ours with ours, ours with strongSwan, each started by either side; and what
# is refused: another authority, a certificate that is over, one for somebody else, SHA-1.
# Files are exchanged under a running helper: what is in them when a question comes counts.
# Topology: two_gateways in lib.sh. The keys are made here, by the openssl command.
# timeout: 240
. ./lib.sh
. ./gateway.sh

ktap_plan 31

# ---- the keys

pki=$work/pki
key_options() {
	case $1 in
	rsa) echo "-algorithm RSA -pkeyopt rsa_keygen_bits:2048" ;;
	ecdsa) echo "-algorithm EC -pkeyopt ec_paramgen_curve:P-256" ;;
	ed25519) echo "-algorithm ED25519" ;;
	esac
}
# shellcheck disable=SC2046
new_key() { openssl genpkey $(key_options "$2") -out "$pki/$1.key" 2>/dev/null; }
authority() {
	new_key "$1" ecdsa && openssl req -x509 -new -key "$pki/$1.key" -subj "/O=Selftest/CN=$1" \
		-days 30 -out "$pki/$1.pem"
}
# certificate NAME KEY DNS-NAME AUTHORITY [OPTION...]
certificate() {
	local name=$1 key=$2 dns=$3 ca=$4
	shift 4
	[ $# != 0 ] || set -- -days 30
	openssl req -new -key "$pki/$key.key" -subj "/O=Selftest/CN=$dns" -out "$pki/csr" &&
		openssl x509 -req -in "$pki/csr" -CA "$pki/$ca.pem" -CAkey "$pki/$ca.key" \
		-extfile <(echo "subjectAltName=DNS:$dns") -out "$pki/$name.pem" "$@" 2>/dev/null
}
make_pki() {
	local kind side
	mkdir -p "$pki" && authority ca && authority alien || return
	for kind in rsa ecdsa ed25519; do
		for side in a b; do
			new_key "$side-$kind" $kind &&
				certificate "$side-$kind" "$side-$kind" gw-$side.example ca || return
		done
	done
	certificate b-alien b-ecdsa gw-b.example alien &&
		certificate b-other b-ecdsa gw-x.example ca &&
		certificate a-over a-ecdsa gw-a.example ca \
			-not_before 20200101000000Z -not_after 20210101000000Z &&
		openssl pkey -in "$pki/a-ed25519.key" -pubout -out "$pki/a.pub" &&
		openssl pkey -in "$pki/b-ed25519.key" -pubout -out "$pki/b.pub"
}

# ---- the gateways

# conf NS US THEM LOCAL REMOTE LOCAL_TS REMOTE_TS
conf() {
	local dir=$work/$1
	mkdir -p "$dir/secrets"
	cp "$pki/ca.pem" "$dir/secrets/"
	cp "$pki/$3.pub" "$dir/secrets/his.pub"
	cat >"$dir/isakmp.conf" <<-EOF
	listen add addr $4
	proposal add strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
	cred add own x509 id fqdn:gw-$2.example file own.pem key own.key
	cred add raw key file own.key
	cred add his pubkey file his.pub
	cred add ca ca file ca.pem
	peer add gw local $4 remote $5 proposal strong
	auth add peer gw side local method pubkey id fqdn:gw-$2.example
	auth add peer gw side remote method pubkey id fqdn:gw-$3.example ca ca
	child add net peer gw local-ts $6 remote-ts $7
	EOF
}

# ours_with NS CERTIFICATE KEY: these from now on
ours_with() {
	local dir=$work/$1/secrets
	install -m 0640 "$pki/$3.key" "$dir/new.key" && install -m 0644 "$pki/$2.pem" "$dir/new.pem" &&
		mv "$dir/new.key" "$dir/own.key" && mv "$dir/new.pem" "$dir/own.pem"
}

both_with() { ours_with "$gwA" "a-$1" "a-$1" && ours_with "$gwB" "b-$1" "b-$1"; }

# up NS: it starts, both have the SA, packets flow, it goes
up_from() {
	ours "$1" peer up gw && tunnel_up "$gwA" && esp_flows && ours "$1" peer down gw
}
no_sas() { tunnel_down "$gwA" && tunnel_down "$gwB"; }
ours_up() { up_from "$gwA" && no_sas && up_from "$gwB" && no_sas; }
try() { ! ours "$1" peer up gw; }

check "keys and certificates" make_pki
check "two gateways" two_gateways
gateways() {
	conf "$gwA" a b 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16
	conf "$gwB" b a 198.51.100.2 192.0.2.2 10.2.0.0/16 10.1.0.0/16
	both_with rsa && ours_start "$gwB" && ours_start "$gwA"
}
check "both ours" gateways
for kind in rsa ecdsa ed25519; do
	check "certificates: $kind, files exchanged" both_with $kind
	check "ours with ours, from either side: $kind" ours_up
done

# A file that may change unseen is read for each question, not over and over.
switches() { awk '/^voluntary/ { print $2 }' "/proc/$(cat "$work/$1/isakmpd.pid")/status"; }
calm() {
	local before
	touch -d tomorrow "$work/$gwA/secrets/ca.pem" && before=$(switches "$gwA") && ours_up || return
	[ $(($(switches "$gwA") - before)) -lt 1000 ] || {
		note "$before, then $(switches "$gwA") times asleep"
		return 1
	}
}
check "an authority's file from tomorrow does not keep the helper busy" calm

mixed() { ours_with "$gwA" a-rsa a-rsa && ours_with "$gwB" b-ed25519 b-ed25519 && ours_up; }
check "one side RSA, the other Ed25519" mixed

refused_here() { refuses "$1" "$2" try "$3" && no_sas; }
both_with ecdsa
ours_with "$gwB" b-alien b-ecdsa
check "a responder with a certificate of another authority: cert-untrusted" \
	refused_here "$gwA" cert-untrusted "$gwA"
check "an initiator with it, too" refused_here "$gwA" cert-untrusted "$gwB"
ours_with "$gwB" b-other b-ecdsa
check "a certificate for somebody else: cert-identity" refused_here "$gwA" cert-identity "$gwA"
both_with ecdsa
ours_with "$gwA" a-over a-ecdsa
check "a certificate that is over: cert-expired" refused_here "$gwB" cert-expired "$gwA"
both_with ecdsa
chmod 0644 "$work/$gwB/secrets/own.key"
check "a private key that others may read is not used: no-secret" refused_here "$gwB" no-secret "$gwA"
named() { grep -q 'cred own: .*others may read' "$work/$gwB/isakmpd.log"; }
check "and the log says which" named
chmod 0640 "$work/$gwB/secrets/own.key"
check "good again" ours_up

schemes() {
	both_with rsa && ours "$gwA" auth set peer gw side remote scheme rsa-pss &&
		ours "$gwB" auth set peer gw side local scheme rsa-pkcs1
}
check "one signs with PKCS #1, the other wants PSS" schemes
check "auth-method" refused_here "$gwA" auth-method "$gwA"
pkcs1() { ours "$gwA" auth set peer gw side remote scheme rsa-pkcs1,rsa-pss && ours_up; }
check "allowed, it is good" pkcs1

raw() {
	local ns
	both_with ed25519
	for ns in "$gwA" "$gwB"; do
		ours "$ns" auth set peer gw side local cred raw &&
			ours "$ns" auth set peer gw side remote cred his || return
	done
	ours "$gwB" auth replace peer gw side local method pubkey id fqdn:gw-b.example cred raw &&
		ours "$gwA" auth replace peer gw side remote method pubkey id fqdn:gw-b.example cred his
}
check "no certificates: known keys" raw
check "ours with ours" ours_up
check "the kernel has no complaint" kernel_silent

# ---- strongSwan

helper_kill "$gwB"
ours "$gwB" listen flush

# charon_with CERTIFICATE KEY: these from now on
charon_with() {
	local dir=$work/$gwB/swanctl
	mkdir -p "$dir/x509" "$dir/x509ca" "$dir/private"
	cp "$pki/$1.pem" "$dir/x509/own.pem"
	cp "$pki/$2.key" "$dir/private/own.key"
	cp "$pki/ca.pem" "$dir/x509ca/"
	[ ! -S "$work/$gwB/vici" ] || swanctl_ns "$gwB" --load-all --clear --noprompt
}
charon_lab() {
	charon_conf "$gwB" 198.51.100.2 192.0.2.2 10.2.0.0/16 10.1.0.0/16
	sed -i -e 's/auth = psk/auth = pubkey/' -e 's/id = 198[0-9.]*/id = gw-b.example/' \
		-e 's/id = 192[0-9.]*/id = gw-a.example/' -e '/^secrets/,$d' "$work/$gwB/swanctl/swanctl.conf"
	sed -i '/local {/a certs = own.pem' "$work/$gwB/swanctl/swanctl.conf"
	charon_with b-rsa b-rsa && charon_start "$gwB" && ours_with "$gwA" a-rsa a-rsa &&
		ours "$gwA" auth replace peer gw side local method pubkey id fqdn:gw-a.example &&
		ours "$gwA" auth replace peer gw side remote method pubkey id fqdn:gw-b.example
}
check "B is strongSwan now" charon_lab
charon_up() {
	up_from "$gwA" && tunnel_down "$gwA" && swanctl_ns "$gwB" --initiate --child net --timeout 10 &&
		tunnel_up "$gwA" && esp_flows && ours "$gwA" peer down gw && tunnel_down "$gwA"
}
for kind in rsa ecdsa ed25519; do
	with() { ours_with "$gwA" a-$kind a-$kind && charon_with b-$kind b-$kind && charon_up; }
	check "ours with strongSwan, from either side: $kind" with
done

# RFC 7296's own methods, for peers that know no others
older() {
	charon_stop "$gwB"
	rm -f "$work/$gwB/vici"
	ours_with "$gwA" a-ecdsa a-ecdsa && charon_with b-ecdsa b-ecdsa &&
		CHARON_OPTIONS="signature_authentication = no" charon_start "$gwB" && charon_up
}
check "strongSwan without RFC 7427, ECDSA: method 9" older
charon_with b-rsa b-rsa >/dev/null 2>&1
check "RSA, which there means SHA-1: auth-hash" refuses "$gwA" auth-hash try "$gwA"
check "the kernel has no complaint" kernel_silent
ktap_end
