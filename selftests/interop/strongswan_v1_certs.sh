#!/bin/bash
# strongswan_v1_certs.sh: strongSwan as the peer with version 1, two authorities that know nothing of each
# other, and an end with a certificate of each: it is told by CERTREQ (RFC 2408, 3.10) which one the other
# end believes. In Main and Aggressive Mode, in both directions, whichever comes first.
# tier: long
# timeout: 240
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh
. interop/strongswan/v1.sh

ktap_plan 16

# another authority, and certificates of it for the keys that are there
two_pki() {
	local who
	cd "$work/pki" || return
	openssl ecparam -name prime256v1 -genkey -noout -out other.key &&
		openssl req -x509 -new -key other.key -days 30 -subj "/O=selftests/CN=another authority" -out other.crt || return
	for who in a b; do
		openssl req -new -key $who.rsa.key -subj "/O=selftests/CN=$who other" -out x.csr &&
			openssl x509 -req -in x.csr -CA other.crt -CAkey other.key -CAcreateserial -days 30 \
				-extfile <(echo "subjectAltName=DNS:$who.example") -out $who.other.crt || return
	done
	cd - >/dev/null || return
	cp "$work"/pki/{a.other,other}.crt "$work/$gwA/secrets/" && chmod 0640 "$work/$gwA"/secrets/*
}
check "the lab" ready
check "another authority" two_pki
row_set aes256-sha256-modp2048 aes256-sha256 rsa 4 off tunnel

# believing CA: that is the authority we have
believing() { sed -i "s/^cred root .*/cred root ca file $1.crt/" "$work/$gwA/isakmp.conf" && ours "$gwA" config apply "$work/$gwA/isakmp.conf"; }
# of_both: we have a certificate of each, and name neither
of_both() {
	sed -i -e 's/ cred ours$//' -e '/^cred ours /d' "$work/$gwA/isakmp.conf" &&
		echo "cred first x509 id fqdn:a.example file a.rsa.crt key a.rsa.key" >>"$work/$gwA/isakmp.conf" &&
		echo "cred second x509 id fqdn:a.example file a.other.crt key a.rsa.key" >>"$work/$gwA/isakmp.conf" &&
		ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}
asked_for() { grep -a -q "received cert request for 'O=selftests, CN=$1'" "$work/$gwB/charon.log"; }
for how in main aggressive; do
	$how
	for ca in ca other; do
		it_chooses() { its_ca="ca other" its_certs=b.rsa.crt,b.other.crt peer_conf && our_conf && believing "$ca" && we_start && all_down; }
		check "$how: we begin, and believe $ca: it sends the certificate of that" it_chooses || peer_log
	done
	for ca in ca other; do
		we_choose() { its_ca=$ca peer_conf && our_conf && of_both && "$@" && all_down; }
		for starter in we_start peer_starts; do
			check "$how: $starter, and it believes $ca: we send the certificate of that" we_choose $starter || peer_log
		done
	done
done
named() { main && its_ca="ca other" its_certs=b.rsa.crt,b.other.crt peer_conf && our_conf && believing other && we_start && asked_for "another authority" && all_down; }
check "it was asked for it by name" named || peer_log
check "the kernel has no complaint" kernel_silent
ktap_end
