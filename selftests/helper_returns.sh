#!/bin/bash
# helper_returns.sh: B's helper dies. Meanwhile a peer is removed, a child narrowed, a credential removed,
# a certificate revoked, an authentication ends; a peer rekeys all the time. It comes back, without its
# file of leases: exactly these SAs are gone, all others are as they were, no inner address is given twice,
# and what was asked meanwhile is answered. A list of revoked certificates counts for new authentications, too.
#
#	gwA (192.0.2.10 to .17) ---- gwB (192.0.2.2): a peer object for each pair
# boot: time-travel
# timeout: 120
. ./lib.sh
. ./gateway.sh

ktap_plan 27

# ---- an authority, two peers with certificates, and B's

pki=$work/pki
issue() {
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$pki/$1.key" \
		-subj "/O=Selftest/CN=$1" -out "$pki/$1.csr" &&
	openssl ca -batch -config "$pki/conf" -notext -in "$pki/$1.csr" -out "$pki/$1.pem" \
		-extfile <(echo "subjectAltName=DNS:$1.example")
}
make_pki() {
	mkdir -p "$pki" && touch "$pki/index" && echo 01 >"$pki/serial"
	cat >"$pki/conf" <<-EOF
	[ca]
	default_ca = x
	[x]
	dir = $pki
	database = $pki/index
	serial = $pki/serial
	new_certs_dir = $pki
	certificate = $pki/ca.pem
	private_key = $pki/ca.key
	default_md = sha256
	default_days = 30
	default_crl_days = 10
	policy = p
	unique_subject = no
	[p]
	organizationName = optional
	commonName = supplied
	EOF
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$pki/ca.key" \
		-subj "/O=Selftest/CN=authority" -days 30 -out "$pki/ca.pem" &&
		issue good && issue bad && issue hub
}
revoke() {
	openssl ca -config "$pki/conf" -revoke "$pki/$1.pem" &&
		openssl ca -config "$pki/conf" -gencrl -out "$pki/crl.pem" &&
		cat "$pki/ca.pem" "$pki/crl.pem" >"$work/$gwB/secrets/ca.pem"
}

# ---- the gateways: peers p0 to p7

# psk_peer N LOCAL REMOTE US THEM CRED [PEER KEYS...]
psk_peer() {
	cat <<-EOF
	peer add p$1 local $2 remote $3 proposal strong dpd off ${*:7}
	auth add peer p$1 side local method psk id fqdn:$4$1 cred $6
	auth add peer p$1 side remote method psk id fqdn:$5$1 cred $6
	EOF
}
# cert_peer N LOCAL REMOTE US THEM
cert_peer() {
	cat <<-EOF
	peer add p$1 local $2 remote $3 proposal strong dpd off
	auth add peer p$1 side local method pubkey id fqdn:$4.example
	auth add peer p$1 side remote method pubkey id fqdn:$5.example ca ca
	EOF
}
conf() {
	local ns=$1 us=$2 them=$3 n local remote names inner='virtual-ip ipv4'
	[ "$us" = a ] || inner='pool inside'
	mkdir -p "$work/$ns/secrets"
	cp "$pki"/*.pem "$pki"/*.key "$work/$ns/secrets/"
	for n in psk temp; do echo 'a shared secret of the selftests' >"$work/$ns/secrets/$n"; done
	chmod 0640 "$work/$ns"/secrets/*
	{
		echo "listen add"
		echo "proposal add strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16"
		echo "cred add psk psk file psk"
		echo "cred add temp psk file temp"
		echo "cred add ca ca file ca.pem"
		[ "$us" = a ] || echo "pool add inside range 10.9.0.1-10.9.0.4"
		for n in good bad hub; do echo "cred add $n x509 id fqdn:$n.example file $n.pem key $n.key"; done
		for n in 0 1 2 3 4 5 6 7; do
			local=192.0.2.1$n remote=192.0.2.2
			[ "$us" = a ] || local=192.0.2.2 remote=192.0.2.1$n
			case $n in
			4 | 5)
				names=(bad hub)
				[ $n = 4 ] || names=(good hub)
				[ "$us" = a ] || names=(hub "${names[0]}")
				cert_peer $n $local $remote "${names[@]}" ;;
			6) psk_peer $n $local $remote "$us" "$them" temp ;;
			2 | 7) psk_peer $n $local $remote "$us" "$them" psk "$inner" ;;
			*) psk_peer $n $local $remote "$us" "$them" psk ;;
			esac
			names=("10.1.$n.0/24" "10.2.$n.0/24")
			case $n in 2 | 7) names=(dynamic "10.2.$n.0/24") ;; esac
			[ "$us" = a ] || names=("${names[1]}" "${names[0]}")
			echo "child add net peer p$n local-ts ${names[0]} remote-ts ${names[1]}"
		done
	} >"$work/$ns/isakmp.conf"
}
lab_many() {
	local n
	setup_ns gwA gwB && veth "$gwA" wan 192.0.2.1/24 "$gwB" wan 192.0.2.2/24 || return
	for n in 0 1 2 3 4 5 6 7; do ip -n "$gwA" addr add 192.0.2.1$n/24 dev wan || return; done
	make_pki && conf "$gwA" a b && conf "$gwB" b a && ours_start "$gwB" && ours_start "$gwA" &&
		ours "$gwB" peer set p3 reauth 12s
}
check "lab: eight peers" lab_many
all_up() { local n; for n in 0 1 2 3 4 5 6; do ours "$gwA" peer up p$n >/dev/null || return; done; }
check "seven are up" all_up
# what they stand on, and until when; the time of p3 is short
list() { ours "$gwB" -j sa | jq -r '.[] | select(.state == "established") | "\(.peer)=\(.id)"' | sort | tr '\n' ' '; }
before=$(list)
stood() { ours "$gwB" -j sa | jq -r ".[] | select(.peer == \"$1\") | .$2"; }
check "one stands on an authority" [ "$(stood p4 remote_cred)" = ca ]
until_end() { local s; s=$(stood p5 auth_left_ms); [ "$s" -gt $((29 * 86400000)) ] && [ "$s" -le $((30 * 86400000)) ]; }
check "as long as the certificate is good" until_end

b() { ours "$gwB" "$@"; }
a() { ours "$gwA" "$@"; }
leases() { b -j sa | jq -r '[.[] | select(.state == "established") | "\(.peer) \(.lease[]?)"] | sort | join(",")'; }
check "one has an inner address" says '^p2 10.9.0.1$' leases
gone() { ! list | grep -q "$1="; }
dead() { helper_kill "$gwB"; busywait 15000 no_helper "$gwB"; }
check "B's helper dies" dead
without_p0() { b peer del p0 && busywait 15000 gone p0; }
check "a peer is removed: its SAs go" without_p0
children() { b -j sa | jq "[.[] | select(.peer == \"p1\") | .children[]?] | length"; }
no_child() { [ "$(children)" = 0 ]; }
narrowed() { b child set net peer p1 remote-ts 10.1.1.0/25 && busywait 15000 no_child; }
check "a child is narrowed: it goes" narrowed
removed() { b auth set peer p6 side local cred psk && b auth set peer p6 side remote cred psk && b cred del temp; }
check "a credential is removed" removed
check "a certificate is revoked" revoke bad
# the child and the IKE SA, at B too
rekeyed() { "$1" -j sa | jq -e ".[] | select(.peer == \"p5\") | .rekeys >= $2 and any(.children[]; .state == \"up\" and .rekeys >= $2)"; }
rekeys() {
	local id n
	id=$(a -j sa | jq '.[] | select(.peer == "p5") | .id')
	for n in 1 2 3; do
		a sa rekey id "$id" child net && a sa rekey id "$id" && busywait 15000 rekeyed a $n && busywait 15000 rekeyed b $n ||
			return
	done
}
check "a peer rekeys, and rekeys" rekeys
check "these stay for now" says 'p1=.* p2=.* p4=.* p5=.* p6=' list
# whichever end is the first
expired() { [ $(($(refused "$gwA" auth-expired) + $(refused "$gwB" auth-expired))) -gt 0 ]; }
ended() { busywait 30000 gone p3 && expired; }
check "an authentication ends: auth-expired" ended
# last: a question waits for so long, and no longer
asked() { ours "$gwA" peer up p7 nowait && busywait 15000 sa_is "$gwB" 1 '(.remote | startswith("192.0.2.17")) and (.peer == "p7" or .state == "auth-asked-peer")'; }
check "somebody asks to be let in" asked
rest() { sed -E 's/p(0|3|4|6)=[0-9]+ //g' <<<"$before"; }
back() { rm -f "$work/$gwB/state/leases" && helper_start "$gwB" && busywait 20000 gone p4 && busywait 20000 gone p6; }
check "it comes back: revoked" refuses "$gwB" revoked back
check "two were revoked" [ "$(refused "$gwB" revoked)" = 2 ]
came() { list | grep -q p7=; }
check "who waited is let in" busywait 20000 came
# the initiator of p3 has asked, too
check "nobody is given the address of another one" says '^p2 10.9.0.1,p7 10.9.0.2$' leases
check "nor was it tried: the helper knew" [ "$(refused "$gwB" address-taken)" = 0 ]
exactly() { echo "before: $before, now: $(list)"; [ "$(list | sed -E 's/p(3|7)=[0-9]+ //g')" = "$(rest)" ]; }
check "the others are as they were" exactly
again() { ! ours "$gwA" peer up p4; }
check "who was revoked is not let in again: cert-revoked" refuses "$gwB" cert-revoked again
log_says() { grep -q "$1" "$work/$gwB/isakmpd.log"; }
check "the helper says why: revoked" log_says "the peer's certificate was revoked"
check "and: removed" log_says "the credential was removed"
# while it is there: it reads the list when somebody else comes, and looks again
noticed() { revoke good && fails a peer up p4 && busywait 30000 gone p5; }
check "one more is revoked: it goes once the list was read" noticed
reissued() { issue good && cp "$pki"/good.pem "$pki"/good.key "$work/$gwA/secrets/" && chmod 0640 "$work/$gwA"/secrets/good.*; }
anew() { reissued && a peer up p5; }
check "it has another certificate: it comes up" anew
# when asked, it looks again
hup() { revoke good && kill -HUP "$(cat "$work/$gwB/isakmpd.pid")" && busywait 30000 gone p5; }
check "one more is revoked, and SIGHUP" hup
check "the kernel has no complaint" kernel_silent
ktap_end
