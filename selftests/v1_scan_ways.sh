#!/bin/bash
# v1_scan_ways.sh: Debian's ike-scan against a responder of version 1 with two peers at one address, Main Mode
# alone with one and Aggressive Mode with the other, whichever comes first; with XAUTH and hybrid; each
# combination of transforms that ike-scan can say, of which one is ours.
# backends: uml
# tier: long
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 19

# scan ARG...: one datagram of the peer's address; what came back is in $work/scan, a hash in $work/hash
scan() {
	rm -f "$work/hash"
	in_ns "$gwB" ike-scan --nodns --retry=1 --timeout=3000 --sport=0 "$@" 192.0.2.2 | tee "$work/scan"
}
got() { grep -q "^192\.0\.2\.2.*$1" "$work/scan"; }
nothing() { ! got 'Handshake returned'; }
aggressive() { scan -A "--id=$1" --idtype=2 --dhgroup=14 "--pskcrack=$work/hash" "${@:2}"; }
ours=--trans=7/256,2,1,14
suite='SA=(Enc=AES Hash=SHA1 Auth=PSK Group=14:modp2048 KeyLength=256 '

# us LINES: all but the peers
us() {
	cat >"$work/$gwA/isakmp.conf" <<-END
	listen addr 192.0.2.2
	proposal old ike aes256-sha1-modp2048 esp aes256-sha256
	cred b psk id fqdn:b.example file b
	cred c psk id fqdn:c.example file c
	cred own key id fqdn:a.example file own.key
	cred staff users file staff
	$*
	END
	ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}
# peer NAME ACCEPT: by secret
peer() {
	cat <<-END
	peer $1 local 192.0.2.2 remote 198.51.100.2 proposal old version 1 v1-accept $2
	auth peer $1 side local method psk id fqdn:a.example cred $1
	auth peer $1 side remote method psk id fqdn:$1.example
	END
}
ready() {
	local d w
	two_gateways && load_isakmp && at_exit report_reasons "$gwA" || return
	d=$work/$gwA/secrets
	mkdir -p "$d"
	for w in b c; do printf 'guessable-%s\n' $w >"$d/$w"; done
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$d/own.key" 2>/dev/null &&
		openssl pkey -in "$d/own.key" -pubout -out "$d/own.pub" && printf 'ann:!\n' >"$d/staff" && chmod 0640 "$d"/* &&
		helper_start "$gwA" && in_ns "$gwA" sysctl -q net.isakmp.half_open_timeout_ms=4000 \
			net.isakmp.prefix_rate=100000 net.isakmp.prefix_burst=100000
}
check "a gateway of ours" ready

# ---- two peers at one address

# cracked WHO: was it made with his secret?
cracked() {
	psk-crack -d "$work/$gwA/secrets/$1" "$work/hash" | tee "$work/crack"
	grep -q "key \"guessable-$1\" matches" "$work/crack"
}
handshake() { scan $ours && got 'Main Mode Handshake returned' && got "$suite"; }
his() { aggressive c.example $ours && got 'Aggressive Mode Handshake returned' && cracked c; }
not_his() { aggressive b.example $ours; [ ! -s "$work/hash" ] || fails cracked b; }
for order in "b main c aggressive" "c aggressive b main"; do
	read -r p1 x1 p2 x2 <<<"$order"
	check "$x1, then $x2 at one address" us "$(peer $p1 $x1; peer $p2 $x2)"
	check "Main Mode is answered" handshake
	check "Aggressive Mode is, for whom it is allowed" his
	check "not with the secret of whom it is not" not_his
done

# ---- XAUTH, hybrid

no_way() { scan "$1"; nothing; }
for auth in 65001 64221; do
	check "--auth $auth where nobody has it: refused" refuses "$gwA" no-proposal no_way --trans=7/256,2,$auth,14
done
xauth() { us "$(peer b main | sed '/side remote/s/$/ cred b xauth staff/')"; }
check "XAUTH with a secret" xauth
offered() { scan "--trans=7/256,2,$1,14" && got 'Main Mode Handshake returned' && got "Auth=$2"; }
check "--auth 65001 is answered" offered 65001 XAUTH_PSK
check "a secret alone is not" refuses "$gwA" no-proposal no_way $ours
hybrid() {
	us "$(peer b main | sed -e '/side local/s/method.*/method pubkey id fqdn:a.example cred own/' \
		-e '/side remote/s/method.*/method xauth xauth staff/')"
}
check "hybrid" hybrid
check "--auth 64221 is answered" offered 64221 Hybrid_RSA

# ---- each combination

check "by secret again" us "$(peer b main)"
# In lots: of those one has ours
combinations() {
	local e h a g lot=() answered=0 lots=0
	for e in 1 2 3 4 5 6 7/128 7/192 7/256 8/256; do for h in 1 2 3 4 5 6; do for a in 1 2 3 4 5; do for g in 1 2 5 14; do
		lot+=("--trans=$e,$h,$a,$g")
		[ ${#lot[@]} -lt 40 ] && continue
		lots=$((lots + 1))
		scan "${lot[@]}" >/dev/null
		if got 'Handshake returned'; then
			got "$suite" || return
			answered=$((answered + 1))
		fi
		lot=()
	done; done; done; done
	echo "$answered of $lots answered"
	[ $answered = 1 ] && [ $lots = 30 ]
}
check "1200 combinations: ours is answered, and with nothing else" combinations
check "the kernel has no complaint" kernel_silent
ktap_end
