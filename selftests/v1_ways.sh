#!/bin/bash
# v1_ways.sh: two gateways of ours with version 1 in all ways of phase 1 that they have: Main, Aggressive
# and Base Mode, by secret, by signature, by RSA encryption and revised; a responder takes nothing that it
# has not named; New Group Mode; Authentication Only proves both and leaves nothing.
# Topology: two_gateways in lib.sh.
# boot: time-travel
# timeout: 240
. ./lib.sh
. ./gateway.sh

rows=(
	"main psk" "main pubkey" "main rsa-encryption" "main rsa-encryption-revised"
	"aggressive psk" "aggressive pubkey" "aggressive rsa-encryption" "aggressive rsa-encryption-revised"
	"base psk" "base pubkey"
)
ktap_plan $((19 + ${#rows[@]}))

export IKE=aes256-sha256-modp2048 ESP=aes256-sha256

new_keys() {
	local ns
	for ns in "$gwA" "$gwB"; do
		mkdir -p "$work/$ns/secrets"
		openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/$ns/secrets/own.key" 2>/dev/null || return
	done
	openssl pkey -in "$work/$gwA/secrets/own.key" -pubout -out "$work/$gwB/secrets/his.pub" &&
		openssl pkey -in "$work/$gwB/secrets/own.key" -pubout -out "$work/$gwA/secrets/his.pub" &&
		chmod 0640 "$work/$gwA/secrets/own.key" "$work/$gwB/secrets/own.key"
}

# conf NS LOCAL REMOTE LOCAL_TS REMOTE_TS EXCHANGE METHOD
conf() {
	local own=own his=his
	# shellcheck disable=SC2086 # several words
	ours_conf "$1" "$2" "$3" "$4" "$5" none version 1 v1-exchange "$6" v1-accept "$6" ${PEER_KEYS-}
	[ "$7" != psk ] || own=gw his=gw
	sed -i '/^auth /d' "$work/$1/isakmp.conf"
	cat >>"$work/$1/isakmp.conf" <<-EOT
	cred add own key file own.key
	cred add his pubkey file his.pub
	auth add peer gw side local method $7 id ipv4:$2 cred $own
	auth add peer gw side remote method $7 id ipv4:$3 cred $his
	EOT
}
conf_a() { conf "$gwA" 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16 "$@"; }
conf_b() { conf "$gwB" 198.51.100.2 192.0.2.2 10.2.0.0/16 10.1.0.0/16 "$@"; }
apply() { ours "$1" config apply "$work/$1/isakmp.conf"; }
# both EXCHANGE METHOD
both() { conf_a "$@" && conf_b "$@" && apply "$gwA" && apply "$gwB"; }

check "two gateways" two_gateways
check "keys" new_keys
start() { conf_a main psk && conf_b main psk && ours_start "$gwB" && ours_start "$gwA"; }
check "both ours" start

# the word of the ISAKMP SA at both ends, as `isakmp sa' says it
method_of() { ours "$1" -j sa | jq -r '.[0].method'; }
gone() { tunnel_down "$gwA" && tunnel_down "$gwB"; }
up_and_down() {
	both "$@" && ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB" && esp_flows || return
	[ "$(method_of "$gwA")" = "$(method_of "$gwB")" ] || return
	case "$2 $(method_of "$gwA")" in
	"psk psk" | "pubkey rsa" | "rsa-encryption rsa-encryption" | \
	"rsa-encryption-revised rsa-encryption-revised") ;;
	*) note "$2 is $(method_of "$gwA")"; return 1 ;;
	esac
	ours "$gwA" peer down gw && gone
}
for row in "${rows[@]}"; do
	# shellcheck disable=SC2086 # two words
	check "$row" up_and_down $row
done

# ---- what is not named

# tried REASON: A begins, B refuses, nothing comes of it; what is half open at B goes by itself
nobody() { busywait 60000 sa_is "$gwA" 0 && busywait 60000 sa_is "$gwB" 0; }
tried() {
	local status
	refuses "$gwB" "$1" ours "$gwA" peer up gw nowait
	status=$?
	ours "$gwA" peer down gw
	nobody && return $status
}
other() { conf_a "$1" "$2" && conf_b "$3" "$4" && apply "$gwA" && apply "$gwB" && tried no-proposal; }
check "revised where RSA encryption is named: no-proposal" other main rsa-encryption-revised main rsa-encryption
check "Aggressive Mode where Main Mode is: no-proposal" other aggressive rsa-encryption main rsa-encryption

# Who encrypts with another key: answered like everybody, and refused when HASH is wrong
his_key() { openssl pkey -in "$work/$1/secrets/own.key" -pubout -out "$work/$gwA/secrets/his.pub"; }
wrong_key() { both "$1" "$2" && his_key "$gwA" && tried "$3"; }
check "another key, RSA encryption: auth-failed" wrong_key main rsa-encryption auth-failed
check "the right key again" his_key "$gwB"
check "RSA encryption again" up_and_down main rsa-encryption

# ---- Main Mode by secret, where several peers may be at one address: the identity says which

# each has selectors of its own
net_of() { case $1 in one) echo 10.2.0.0/16 ;; two) echo 10.2.0.0/17 ;; *) echo 10.2.0.0/18 ;; esac; }
# as ID: A calls itself so
as() {
	conf_a main psk && sed -i -e "s/side local method psk id [^ ]*/side local method psk id fqdn:$1.example/" \
		-e "s,remote-ts [^ ]*,remote-ts $(net_of "$1")," "$work/$gwA/isakmp.conf" && apply "$gwA"
}
# many: B knows one and two by one secret, and the boss by another
many() {
	local p
	sed -i '/^auth /d; /^peer /d; /^child /d; /^cred add gw /d' "$work/$gwB/isakmp.conf"
	openssl rand -hex 16 >"$work/$gwB/secrets/boss" && chmod 0640 "$work/$gwB/secrets/boss" &&
		echo "cred add gw psk file gw" >>"$work/$gwB/isakmp.conf" && echo "cred add boss psk file boss" >>"$work/$gwB/isakmp.conf"
	for p in one two boss; do
		cat >>"$work/$gwB/isakmp.conf" <<-EOT
		peer add $p local 198.51.100.2 remote $([ $p = boss ] && echo any || echo 192.0.2.0/24) proposal strong version 1
		auth add peer $p side local method psk id ipv4:198.51.100.2 cred $([ $p = boss ] && echo boss || echo gw)
		auth add peer $p side remote method psk id fqdn:$p.example
		child add net peer $p local-ts $(net_of $p) remote-ts 10.1.0.0/16
		EOT
	done
	apply "$gwB"
}
is_peer() { [ "$(ours "$gwB" -j sa | jq -r '.[0].peer')" = "$1" ]; }
comes_in() { as "$1" && ours "$gwA" peer up gw && tunnel_up "$gwB" && is_peer "$1" && esp_flows && ours "$gwA" peer down gw && gone; }
stays_out() { as "$1" && tried "$2"; }
check "three peers, of which two have one secret" many
check "the first of them comes in" comes_in one
check "so does the other one" comes_in two
check "who has this secret is not one who has his own: auth-failed" stays_out boss auth-failed
check "nor anybody else: no-identity" stays_out nobody no-identity

# ---- New Group Mode (RFC 2409, 5.6)

new_group() { ESP=aes256-sha256-modp2048 PEER_KEYS='v1-new-group yes' up_and_down "$@"; }
nobody_objected() { [ "$(objections)" = "$was" ]; }
objections() { echo "$(refused "$gwA" peer-error) $(refused "$gwB" ke-group)"; }
was=$(objections)
check "a child by a group with a number of its own" new_group main psk
check "nobody objected" nobody_objected

# ---- Authentication Only (RFC 2408, 4.6)

proved() { both auth-only "$1" && proves "$1"; }
# watch NS FILE: its events, from now on
watch() {
	isakmp -n "$1" -j monitor >"$2" 2>&1 3>&- &
	at_exit kill $!
	busywait 3000 grep -q . "$2"
}
proves() {
	watch "$gwA" "$work/monitor.a.$1" && watch "$gwB" "$work/monitor.b.$1" || return
	ours "$gwA" peer up gw >"$work/up" 2>&1
	busywait 5000 grep -q v1-auth-only "$work/monitor.a.$1" &&
		busywait 5000 grep -q v1-auth-only "$work/monitor.b.$1" && return
	note "$(cat "$work/up" "$work/monitor.a.$1" "$work/monitor.b.$1")"
	return 1
}
check "auth-only by secret: both say v1-auth-only" proved psk
check "auth-only by signature" proved pubkey
check "nothing is left at either end" gone
check "the kernel has no complaint" kernel_silent
ktap_end
