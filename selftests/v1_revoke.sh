#!/bin/bash
# v1_revoke.sh: two gateways of ours with version 1: each ISAKMP SA authenticates anew, and what the
# last one stands on can be revoked, at the end that began it and at the other one, and while the helper
# decides.
# Topology: two_gateways in lib.sh.
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 29

export IKE=aes256-sha256-modp2048 ESP=aes256-sha256
check "lab: two of ours, version 1" lab ours none version 1

of() { ours "$1" -j sa | jq -r ".[0] | $2"; }
cookie() { of "$1" .spi_i; }
id() { of "$1" .id; }
is_another() { [ "$(cookie "$1")" != "$2" ] && sa_is "$1" 1; }
# phase1_rekey [NS]: who wants it
phase1_rekey() {
	local was ns=${1:-$gwA}
	was=$(cookie "$gwA")
	ours "$ns" sa rekey id "$(id "$ns")" && busywait 8000 is_another "$gwA" "$was" &&
		busywait 5000 is_another "$gwB" "$was"
}
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB"; }
both_down() { tunnel_down "$gwA" && tunnel_down "$gwB"; }

for end in "$gwA" "$gwB"; do
	check "A: peer up" up
	check "three more phases 1" eval 'phase1_rekey && phase1_rekey && phase1_rekey'
	by_cred() { ours "$end" sa revoke cred gw && both_down; }
	check "$end: its credential is revoked" refuses "$end" revoked by_cred
done
check "nothing stands on it" says 'no IKE SA stands on this' ours "$gwA" sa revoke cred gw
# the next ISAKMP SA is to stand on another credential, whose secret B's helper waits for
late() {
	local ns
	umask 077
	echo "another secret of both" >"$work/$gwA/secrets/late" && mkfifo "$work/$gwB/secrets/late" || return
	for ns in "$gwB" "$gwA"; do
		ours "$ns" cred add late psk id ipv4:192.0.2.2,ipv4:198.51.100.2 file late &&
			ours "$ns" auth set peer gw side local cred late &&
			ours "$ns" auth set peer gw side remote cred late || return
	done
}
# messages 1 and 3 have come, and the second one is not answered
asked() { counter_above "$gwB" rx $((came + 1)) && sa_is "$gwB" 1 '.state != "established"'; }
waits() {
	late || return
	came=$(counter "$gwB" rx)
	ours "$gwA" sa rekey id "$(id "$gwA")" && busywait 20000 asked
}
check "A: peer up" up
check "another phase 1, by another credential: B's helper waits for its secret" waits
nobody() { says 'no IKE SA stands on this' ours "$gwB" sa revoke cred late; }
check "which is revoked meanwhile: nothing stands on it yet" nobody
comes() { timeout 20 sh -c 'echo "another secret of both" >"$1"' sh "$work/$gwB/secrets/late" && both_down; }
check "the secret comes: what would stand on it goes" refuses "$gwB" revoked comes
check "once" [ "$(refused "$gwB" revoked)" = 2 ]

# ---- XAUTH: B asks A, and its connection is with the user

word="the password of ann"
by_user() {
	echo "$word" >"$work/$gwA/secrets/ann"
	printf '%s:%s\n' eve '*' ann "$(openssl passwd -6 "$word")" >"$work/$gwB/secrets/staff"
	chmod 0640 "$work/$gwA/secrets/ann" "$work/$gwB/secrets/staff"
	echo "cred add ann user id fqdn:ann file ann" >>"$work/$gwA/isakmp.conf"
	echo "cred add staff users file staff" >>"$work/$gwB/isakmp.conf"
	sed -i '/side local/s/$/ xauth ann/' "$work/$gwA/isakmp.conf"
	sed -i '/side remote/s/$/ xauth staff/' "$work/$gwB/isakmp.conf"
	ours "$gwA" config apply "$work/$gwA/isakmp.conf" && ours "$gwB" config apply "$work/$gwB/isakmp.conf"
}
check "both by XAUTH" by_user
check "A: peer up" up
is_ann() { [ "$(of "$gwB" .user)" = ann ]; }
check "further phases 1 that either begins are of the same user" \
	eval 'phase1_rekey "$gwB" && phase1_rekey && phase1_rekey "$gwB" && is_ann'
# B begins the next one; by whose list its users are known then its helper waits for
late_users() {
	(umask 077; mkfifo "$work/$gwB/secrets/late-staff") &&
		ours "$gwB" cred add late-staff users file late-staff &&
		ours "$gwB" auth set peer gw side remote xauth late-staff || return
	came=$(counter "$gwB" rx)
	# messages 2, 4, 6 and the password
	ours "$gwB" sa rekey id "$(id "$gwB")" && busywait 20000 counter_above "$gwB" rx $((came + 3))
}
check "another list of users: B's helper waits for it, A has said its password" late_users
nobody() { says 'no IKE SA stands on this' ours "$gwB" sa revoke cred late-staff; }
check "which is revoked meanwhile: nothing stands on it yet" nobody
comes() {
	timeout 20 sh -c 'cat "$1" >"$2"' sh "$work/$gwB/secrets/staff" "$work/$gwB/secrets/late-staff" &&
		both_down
}
check "the list comes: what would stand on it goes" refuses "$gwB" revoked comes
staff() { ours "$gwB" auth set peer gw side remote xauth staff && up && is_ann; }
check "by the list before he is let in" staff
ends() { busywait 15000 sa_is "$gwB" 0 && both_down; }
lock() { sed -i 's/^ann:/ann:!/' "$work/$gwB/secrets/staff" && ends; }
unlock() { sed -i 's/^ann:!/ann:/' "$work/$gwB/secrets/staff" && up; }
check "the user is locked: his tunnel ends" refuses "$gwB" revoked lock
check "he is let in again" unlock
check "he is removed: his tunnel ends" eval 'sed -i /^ann:/d "$work/$gwB/secrets/staff"; echo "bob:!" >>"$work/$gwB/secrets/staff"; ends'

# ---- RSA encryption: what a side has read the nonce with proves it

keys() {
	local ns
	for ns in "$gwA" "$gwB"; do
		openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/$ns/secrets/own.key" 2>/dev/null || return
		chmod 0640 "$work/$ns/secrets/own.key"
	done
	openssl pkey -in "$work/$gwA/secrets/own.key" -pubout -out "$work/$gwB/secrets/his.pub" &&
		openssl pkey -in "$work/$gwB/secrets/own.key" -pubout -out "$work/$gwA/secrets/his.pub"
}
# by_key NS LOCAL REMOTE
by_key() {
	sed -i '/^auth /d' "$work/$1/isakmp.conf"
	cat >>"$work/$1/isakmp.conf" <<-EOT
	cred add own key file own.key
	cred add his pubkey file his.pub
	auth add peer gw side local method rsa-encryption id ipv4:$2 cred own
	auth add peer gw side remote method rsa-encryption id ipv4:$3 cred his
	EOT
	ours "$1" config apply "$work/$1/isakmp.conf"
}
both_by_key() { keys && by_key "$gwA" 192.0.2.2 198.51.100.2 && by_key "$gwB" 198.51.100.2 192.0.2.2; }
check "both by RSA encryption" both_by_key
for end in "$gwA" "$gwB"; do
	check "A: peer up" up
	its_own() { ours "$end" sa revoke cred own && both_down; }
	check "$end: its own key is revoked" refuses "$end" revoked its_own
done
check "the kernel has no complaint" kernel_silent
ktap_end
