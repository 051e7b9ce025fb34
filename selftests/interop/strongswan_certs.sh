#!/bin/bash
# strongswan_certs.sh: strongSwan as the peer: how each side proves itself. Signatures of every kind,
# chains, identities, a secret on one side and a certificate on the other, raw public keys, CERTREQ.
# Each is tried from either side; what is refused is refused by name, and the other side is told.
# Topology: two_sites in lib.sh, A ours, B strongSwan. The keys are made here, by the openssl command.
# backends: uml
# tier: long
# timeout: 240
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh

ktap_plan 43

# ---- keys and certificates, in $pki; what is ours is in A's secrets, too

pki=$work/pki
sub="/C=CH/O=Self Test, Inc./OU=gateways/CN="
new_key() {
	case $2 in
	rsa) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 ;;
	ed25519) openssl genpkey -algorithm ED25519 ;;
	*) openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:$2" ;;
	esac >"$pki/$1.key" 2>/dev/null
}
# authority NAME [ISSUER]
authority() {
	local by=(-key "$pki/$1.key")
	[ $# = 1 ] || by=(-key "$pki/$1.key" -CA "$pki/$2.pem" -CAkey "$pki/$2.key")
	new_key "$1" P-256 && openssl req -x509 -new "${by[@]}" -subj "/O=Self Test/CN=$1" -days 30 \
		-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
		-out "$pki/$1.pem"
}
# certificate NAME KEY ISSUER ALT-NAMES [OPTION...]
certificate() {
	local name=$1 key=$2 ca=$3 alt=$4
	shift 4
	[ $# != 0 ] || set -- -days 30
	openssl req -x509 -new -key "$pki/$key.key" -CA "$pki/$ca.pem" -CAkey "$pki/$ca.key" \
		-subj "$sub$name" -addext "subjectAltName=$alt" -addext basicConstraints=CA:FALSE \
		-out "$pki/$name.pem" "$@" 2>"$work/openssl"
}
make_pki() {
	local kind side
	mkdir -p "$pki" "$work/$gwA/secrets" || return
	# nothing is added to a certificate that is not asked for
	export OPENSSL_CONF=$pki/printable.cnf
	printf '%s\n' '[req]' 'distinguished_name = dn' 'string_mask = pkix' '[dn]' >"$OPENSSL_CONF"
	sed s/pkix/utf8only/ "$OPENSSL_CONF" >"$pki/utf8.cnf"
	 authority root && authority inter root &&
		authority alien || return
	for kind in rsa P-256 P-384 P-521 ed25519; do
		for side in a b; do
			new_key $side-$kind $kind &&
				certificate $side-$kind $side-$kind root DNS:$side.example || return
		done
	done
	for side in a b; do
		certificate $side-low $side-P-256 inter DNS:$side.example &&
			certificate $side-alien $side-P-256 alien DNS:$side.example &&
			certificate $side-names $side-P-256 root \
				"DNS:$side.example,email:$side@Example.org,IP:192.0.2.9,IP:2001:db8::9" &&
			sub=/C=CH/O=Prüfung/OU=gateways/CN= OPENSSL_CONF=$pki/utf8.cnf certificate \
				$side-utf8 $side-P-256 root DNS:$side.example -days 30 -utf8 || return
		cat "$pki/$side-low.pem" "$pki/inter.pem" >"$pki/$side-chain.pem"
		openssl pkey -in "$pki/$side-P-256.key" -pubout -out "$pki/$side.pub" || return
	done
	certificate b-over b-P-256 root DNS:b.example \
		-not_before 20200101000000Z -not_after 20210101000000Z &&
	certificate b-soon b-P-256 root DNS:b.example \
		-not_before 20900101000000Z -not_after 20910101000000Z &&
	certificate b-other b-P-256 root DNS:c.example &&
	openssl req -x509 -new -key "$pki/b-P-256.key" -subj "${sub}b" -days 30 \
		-addext subjectAltName=DNS:b.example -out "$pki/b-self.pem" &&
	cat "$pki/root.pem" "$pki/inter.pem" >"$pki/both.pem" &&
	cp "$pki"/*.pem "$pki"/a-*.key "$pki"/*.pub "$work/$gwA/secrets/" &&
	echo "a secret of the selftests" >"$work/$gwA/secrets/psk" && chmod 0640 "$work/$gwA"/secrets/*
}

# ---- the two sides

# us LOCAL REMOTE [CERTIFICATE KEY [AUTHORITY]]: A's auth objects; the certificate is the cred "own",
# and the authority the only one there is
us() {
	local own=${3:-a-P-256} key=${4:-a-P-256} f=$work/$gwA/isakmp.conf
	cat >"$f" <<-END
	listen addr 192.0.2.1
	proposal strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
	cred psk psk file psk
	cred root ca file ${5:-root.pem}
	cred own x509 ${OWN-} file $own.pem key $key.key
	cred other x509 ${OWN-} file a-alien.pem key a-P-256.key
	cred raw key file a-P-256.key
	cred his pubkey file b.pub
	peer gw local 192.0.2.1 remote 192.0.2.2 proposal strong
	auth peer gw side local $1
	auth peer gw side remote $2
	child net peer gw local-ts 10.1.0.0/16 remote-ts 10.2.0.0/16
	END
	[ -z "${KNOWN-}" ] || echo "$KNOWN" >>"$f"
	[ ! -e "$work/$gwA/isakmpd.pid" ] || ours "$gwA" config apply "$f"
}
# them LOCAL REMOTE [FILE...]: B's connection, and what it has: certificates, keys, authorities
them() {
	local d=$work/$gwB/swanctl f
	cat >"$d/swanctl.conf" <<-END
	connections { gw {
		version = 2
		local_addrs = 192.0.2.2
		remote_addrs = 192.0.2.1
		proposals = aes256gcm16-prfsha384-x25519
		mobike = no
		${THEM_MORE-}
		local { $1 }
		remote { $2 }
		children { net {
			local_ts = 10.2.0.0/16
			remote_ts = 10.1.0.0/16
			esp_proposals = aes256gcm16
		} }
	} }
	secrets { ike-gw { secret = a secret of the selftests } }
	END
	shift 2
	rm -rf "$d"/{x509,x509ca,private,pubkey} && mkdir -p "$d"/{x509,x509ca,private,pubkey} || return
	for f; do
		case $f in
		*.key) cp "$pki/$f" "$d/private/" ;;
		*.pub) cp "$pki/$f" "$d/pubkey/" ;;
		a-* | b-*) cp "$pki/$f" "$d/x509/" ;;
		*) cp "$pki/$f" "$d/x509ca/" ;;
		esac || return
	done
	[ -S "$work/$gwB/vici" ] || return 0
	swanctl_ns "$gwB" --load-all --noprompt --clear >"$work/load" 2>&1 || {
		cat "$work/load"
		return 1
	}
}
l_a="method pubkey id fqdn:a.example cred own" r_b="method pubkey id fqdn:b.example ca root"
nl=$'\n'
l_b="auth = pubkey${nl}id = b.example" r_a="auth = pubkey${nl}id = a.example"

# ---- what is tried

# esp_only NS: what did not come as ESP goes no further
esp_only() {
	in_ns "$1" nft add table ip clear \; add chain ip clear f '{ type filter hook forward priority 0; }' \; \
		add rule ip clear f iifname wan meta ipsec missing drop
}
flows() { ping_ok "$hostA" 10.2.0.2; }
down() { ours "$gwA" peer down gw && busywait 5000 no_states "$gwA" && busywait 5000 no_states "$gwB"; }
initiate() { swanctl_ns "$gwB" --initiate --child net --timeout 5; }
try() { ! ours "$gwA" peer up gw; }
both_ways() { ours "$gwA" peer up gw && flows && down && initiate && flows && down; }
# charon_says PATTERN CMD...: CMD does it, and strongSwan writes that into its log, once more
said() { grep -c -- "$1" "$work/$gwB/charon.log"; }
said_more() { [ "$(said "$1")" -gt "$2" ]; }
charon_says() {
	local re=$1 was
	was=$(said "$re")
	shift
	"$@" && busywait 5000 said_more "$re" "$was"
}
told_request='parsed INFORMATIONAL request 2 \[ N(AUTH_FAILED) D \]'
told_answer='received AUTHENTICATION_FAILED'
refused_both() {
	charon_says "$told_request" refuses "$gwA" "$1" try &&
		charon_says "$told_answer" refuses "$gwA" "$1" initiate
}
# what strongSwan refuses is over here, too
they_refuse() { refuses "$gwA" peer-error try && refuses "$gwA" peer-error initiate && tunnel_down "$gwA"; }
peer_log() { note "$(tail -n 12 "$work/$gwB/charon.log")" "$(tail -n 5 "$work/$gwA/isakmpd.log")"; }
result() { check "$@" || { peer_log; down >/dev/null 2>&1; }; }
# works WHAT CMD...: CMD sets it up; both directions
set_up_works() { "$@" && both_ways; }
works() { result "$1" set_up_works "${@:2}"; }
# no_way WHAT REASON CMD...: CMD sets it up; we refuse, in both directions
set_up_refused() { "${@:2}" && refused_both "$1"; }
no_way() { result "$1: $2, and strongSwan is told" set_up_refused "${@:2}"; }

lab() {
	two_sites && esp_only "$gwA" && esp_only "$gwB" && make_pki && us "$l_a" "$r_b" &&
	mkdir -p "$work/$gwB/swanctl" && them "$l_b" "$r_a" b-P-256.pem b-P-256.key root.pem &&
	charon_start "$gwB" && ours_start "$gwA"
}

# sides: us, then them
sides() { us "$1" "$2" && them "${@:3}"; }
# pair KIND [AUTH [LOCAL REMOTE]]: keys of that kind; how it signs, and our auth objects
pair() {
	us "${3:-$l_a}" "${4:-$r_b}" "a-$1" "a-$1" &&
		them "${l_b/pubkey/${2:-pubkey}}" "$r_a" "b-$1.pem" "b-$1.key" root.pem
}
# charon_set [LINE]: that alone in its settings
charon_set() {
	sed -i '/signature_authentication/d' "$work/$gwB/strongswan.conf" &&
		{ [ $# = 0 ] || sed -i "/^charon {/a $*" "$work/$gwB/strongswan.conf"; } &&
		swanctl_ns "$gwB" --reload-settings
}

check "the lab: keys, A ours, B strongSwan" lab

# ---- signatures

for kind in P-256 P-384 P-521 ed25519; do
	works "signatures: $kind" pair $kind
done
for hash in 256 512; do
	works "RSA-PSS, SHA2-$hash" pair rsa rsa/pss-sha$hash "$l_a scheme rsa-pss" "$r_b scheme rsa-pss"
done
works "RSA PKCS #1, SHA2-384" pair rsa rsa-sha384 "$l_a scheme rsa-pkcs1" "$r_b scheme rsa-pkcs1"
no_way "PKCS #1, where PSS is wanted" auth-method pair rsa rsa-sha256 "$l_a" "$r_b scheme rsa-pss"

check "strongSwan without RFC 7427" charon_set signature_authentication = no
for kind in P-256 P-384 P-521; do
	works "without it: $kind" pair $kind
done
sha1() { pair rsa && refuses "$gwA" auth-hash try && charon_says "$told_answer" refuses "$gwA" auth-hash initiate; }
result "without it: RSA, which then means SHA-1: auth-hash" sha1
check "with it again" charon_set

# ---- chains

# chain OURS-SENDS WE-TRUST FILE...: B has its own by the intermediate authority, and these
chain() {
	us "$l_a" "method pubkey id fqdn:b.example ca $2" "$1" a-P-256 &&
		them "$l_b" "$r_a" b-low.pem b-P-256.key "${@:3}"
}
knowing() { local KNOWN=$1; shift; "$@"; }
works "an intermediate authority: each sends it" chain a-chain root root.pem inter.pem
works "each knows it as an authority" knowing "cred both ca file both.pem" chain a-low both root.pem inter.pem
works "we know it, though not as the end of a chain" knowing "cred inter ca file inter.pem" \
	chain a-chain root root.pem inter.pem
no_way "it is known to nobody" cert-untrusted chain a-P-256 root root.pem
theirs() { us "$l_a" "$r_b" a-low a-P-256 && them "$l_b" "$r_a" b-P-256.pem b-P-256.key root.pem && they_refuse; }
result "not to strongSwan: it refuses, and that is the end here, too" theirs

# ---- certificates that do not fit

for bad in over:cert-expired soon:cert-expired other:cert-identity self:cert-untrusted alien:cert-untrusted; do
	no_way "${bad%:*}" "${bad#*:}" sides "$l_a" "$r_b" \
		"$l_b${nl}certs = b-${bad%:*}.pem" "$r_a" "b-${bad%:*}.pem" b-P-256.key root.pem
done

# ---- identities

# ids CERTIFICATE OUR-ID ITS-ID OUR-ID-AT-IT ITS-ID-AT-IT
ids() {
	us "method pubkey id $2 cred own" "method pubkey id $3 ca root" "a-$1" a-P-256 &&
		them "auth = pubkey${nl}id = $5" "auth = pubkey${nl}id = $4" "b-$1.pem" b-P-256.key root.pem
}
works "names in other case" ids names fqdn:a.example fqdn:B.Example A.EXAMPLE b.example
works "e-mail addresses" ids names email:a@example.org email:b@example.org a@Example.org b@example.ORG
works "IPv4 addresses" ids names ipv4:192.0.2.9 ipv4:192.0.2.9 192.0.2.9 192.0.2.9
works "IPv6 addresses" ids names ipv6:2001:db8::9 ipv6:2001:db8::9 2001:db8::9 2001:db8::9
dn=dn:C=CH,O=Self\\x20Test\\x2c\\x20Inc.,OU=gateways,CN=
dn_their="/C=CH/O=Self Test, Inc./OU=gateways/CN="
works "subjects" ids names "${dn}a-names" "${dn}b-names" "${dn_their}a-names" "${dn_their}b-names"
# it heeds case in strings of two kinds
works "our subject, which we spell otherwise" \
	ids names "${dn}A-Names" "${dn}b-names" "${dn_their}a-names" "${dn_their}b-names"
# it has no words for such a name: it takes what is in the certificates
dn=dn:C=CH,O=Pr\\xc3\\xbcfung,OU=gateways,CN=
utf8() {
	us "method pubkey id ${dn}a-utf8 cred own" "method pubkey id ${dn}b-utf8 ca root" a-utf8 a-P-256 &&
		them "auth = pubkey${nl}certs = b-utf8.pem" "auth = pubkey" b-utf8.pem b-P-256.key root.pem
}
works "subjects in UTF-8" utf8

# ---- a secret on one side, a key on the other; keys without certificates

works "we have a secret, it a certificate" sides "method psk id fqdn:a.example cred psk" "$r_b" \
	"$l_b" "${r_a/pubkey/psk}" b-P-256.pem b-P-256.key root.pem
works "we have a certificate, it a secret" sides "$l_a" "method psk id fqdn:b.example cred psk" \
	"${l_b/pubkey/psk}" "$r_a" root.pem
works "public keys, no certificates" sides \
	"method pubkey id fqdn:a.example cred raw" "method pubkey id fqdn:b.example cred his" \
	"$l_b${nl}pubkeys = b.pub" "$r_a${nl}pubkeys = a.pub" b-P-256.key a.pub b.pub

# ---- several to choose from

# It has a certificate by each of two authorities; we trust one of them.
choice() {
	us "$l_a" "method pubkey id fqdn:b.example" "" "" "$1.pem" &&
		them "$l_b" "$r_a" b-alien.pem b-P-384.pem b-P-256.key b-P-384.key root.pem
}
for ca in root alien; do
	works "it has two certificates, we trust \"$ca\"" choice $ca
done
# We have two, it trusts one.
two_of_ours() {
	OWN="id fqdn:a.example" us "${l_a% cred own}" "$r_b" &&
		them "$l_b" "$r_a" b-P-384.pem b-P-384.key "$1.pem"
}
for ca in root alien; do
	works "we have two certificates, it trusts \"$ca\"" two_of_ours $ca
done

# ---- certificates that are not sent, and not asked for

own_ca=(b-P-256.pem b-P-256.key root.pem)
silent() { THEM_MORE="send_cert = never" sides "$l_a" "$1" "$l_b" "$r_a" "${own_ca[@]}"; }
unasked() { THEM_MORE="send_certreq = no" sides "$l_a" "$r_b" "$l_b" "$r_a" "${own_ca[@]}"; }
works "it asks for no certificate" unasked
no_way "it sends none" cert-untrusted silent "$r_b"
works "it sends none, and we know its key" silent "method pubkey id fqdn:b.example cred his"

check "the kernel has no complaint" kernel_silent
ktap_end
