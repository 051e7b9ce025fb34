#!/bin/bash
# v1_killed.sh: kill -9 of the helper while it has a question of version 1: while the responder decrypts, while
# the client says who the user is, while the server looks whether it is true. The next one is asked the
# same and the exchange goes on; where none comes it fails by name. The tunnel of another peer stays.
# Topology: two_gateways in lib.sh, both ours: A is two peers to B, by two addresses. What a helper needs is
# in a FIFO that nobody writes into, so it is there when it is killed.
# tier: long
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 24

export IKE=aes256-sha256-ecp256 ESP=aes256-sha256
word="the password of ann"
keys() {
	local ns
	for ns in "$gwA" "$gwB"; do
		openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/$ns/own.key" 2>/dev/null || return
		cp "$work/$ns/own.key" "$work/$ns/secrets/" && chmod 0640 "$work/$ns/secrets/own.key" || return
	done
	openssl pkey -in "$work/$gwA/own.key" -pubout -out "$work/$gwB/secrets/his.pub" &&
		openssl pkey -in "$work/$gwB/own.key" -pubout -out "$work/$gwA/secrets/his.pub"
}
# conf NS LOCAL REMOTE N M: peer gw, by secret, and peer other from further addresses, by XAUTH or by encryption
conf() {
	local ns=$1 l=$2 r=$3
	ours_conf "$ns" "$l" "$r" "10.$4.0.0/16" "10.$5.0.0/16" none version 1
	sed -i "s/^listen.*/listen add/" "$work/$ns/isakmp.conf"
	cat >>"$work/$ns/isakmp.conf" <<-EOT
	cred add own key file own.key
	cred add his pubkey file his.pub
	cred add ann user id fqdn:ann file ann
	cred add staff users file staff
	peer add other local ${l%.*}.7 remote ${r%.*}.7 proposal strong version 1
	auth add peer other side local method psk id ipv4:${l%.*}.7 cred gw
	auth add peer other side remote method psk id ipv4:${r%.*}.7 cred gw
	child add net peer other local-ts 10.$4.7.0/24 remote-ts 10.$5.7.0/24
	EOT
	sed -i "s/^cred add gw.*/cred add gw psk id ipv4:$l,ipv4:$r,ipv4:${l%.*}.7,ipv4:${r%.*}.7 file gw/" "$work/$ns/isakmp.conf"
}
start() {
	two_gateways && ip -n "$gwA" addr add 192.0.2.7/24 dev wan && ip -n "$gwB" addr add 198.51.100.7/24 dev wan || return
	conf "$gwA" 192.0.2.2 198.51.100.2 1 2
	conf "$gwB" 198.51.100.2 192.0.2.2 2 1
	keys && printf '%s\n' "$word" >"$work/$gwA/ann" &&
		printf '%s:%s\n' ann "$(openssl passwd -6 "$word")" >"$work/$gwB/staff" &&
		install -m 0640 "$work/$gwA/ann" "$work/$gwA/secrets/" &&
		install -m 0640 "$work/$gwB/staff" "$work/$gwB/secrets/" && ours_start "$gwB" && ours_start "$gwA"
}
check "lab: two of ours, version 1" start
for ns in "$gwA" "$gwB"; do cp "$work/$ns/isakmp.conf" "$work/$ns/plain.conf"; done

gw='.peer == "gw" and .state == "established" and any(.children[]?; .state == "up")'
other='.peer == "other" and .state == "established" and any(.children[]?; .state == "up")'
state() { ours "$1" -j sa | jq -c "[.[] | select($gw) | {id, spi_i, children: [.children[] | .spi_in]}]"; }
first_up() { ours "$gwA" peer up gw && busywait 5000 sa_is "$gwB" 1 "$gw" && esp_flows; }
check "the first peer is up" first_up
a=$(state "$gwA") b=$(state "$gwB")
stays() { [ "$(state "$gwA")$(state "$gwB")" = "$a$b" ] && esp_flows; }

# ---- what the second one authenticates by

# side NS WHICH WORDS...: another auth of it
side() { sed -i "/^auth add peer other side $2/s/method.*/method ${*:3}/" "$work/$1/isakmp.conf"; }
encryption() {
	side "$gwA" local rsa-encryption id ipv4:192.0.2.7 cred own; side "$gwA" remote rsa-encryption id ipv4:198.51.100.7 cred his
	side "$gwB" local rsa-encryption id ipv4:198.51.100.7 cred own; side "$gwB" remote rsa-encryption id ipv4:192.0.2.7 cred his
}
xauth() {
	side "$gwA" local psk id ipv4:192.0.2.7 cred gw xauth ann
	side "$gwB" remote psk id ipv4:192.0.2.7 cred gw xauth staff
}
by() {
	local ns
	for ns in "$gwA" "$gwB"; do cp "$work/$ns/plain.conf" "$work/$ns/isakmp.conf"; done
	$1 && ours "$gwA" config apply "$work/$gwA/isakmp.conf" && ours "$gwB" config apply "$work/$gwB/isakmp.conf"
}

# killed NS NAME: the helper there, when it has begun to read this: nobody writes into it
killed() {
	local pid
	pid=$(cat "$work/$1/isakmpd.pid")
	rm "$work/$1/secrets/$2" && mkfifo -m 640 "$work/$1/secrets/$2" && ours "$gwA" peer up other nowait &&
		timeout 20 sh -c 'exec 5>"$1" && kill -9 "$2"' sh "$work/$1/secrets/$2" "$pid" || return
	wait "$pid"
	busywait 3000 no_helper "$1"
}
is_there() { rm "$work/$1/secrets/$2" && cp "$work/$1/$2" "$work/$1/secrets/" && chmod 0640 "$work/$1/secrets/$2"; }
no_other() { sa_is "$gwA" 0 "$other" && sa_is "$gwB" 0 "$other"; }
both_other() { busywait 10000 sa_is "$gwA" 1 "$other" && busywait 10000 sa_is "$gwB" 1 "$other"; }
goes_on() { is_there "$@" && helper_start "$1" && both_other; }
down() { ours "$gwA" peer down other; busywait 20000 sa_is "$gwA" 1 && busywait 20000 sa_is "$gwB" 1; }

# each NS NAME WHILE: and what comes of it
each() {
	check "$3: its helper is killed" killed "$1" "$2"
	check "nothing is up, the other tunnel stays" eval 'no_other && stays'
	check "the next one is asked the same: it goes on" goes_on "$1" "$2"
	check "down" down
}
check "by RSA encryption" by encryption
each "$gwB" own.key "the responder decrypts"
each "$gwA" own.key "the initiator decrypts"
check "by XAUTH" by xauth
each "$gwA" ann "the client says who the user is"
each "$gwB" staff "the server looks whether it is true"

# ---- nobody comes

check "once more, and there is no other helper" killed "$gwB" staff
ends() { busywait 60000 sa_is "$gwA" 1 && busywait 60000 sa_is "$gwB" 1 && stays; }
check "it fails by name, the other tunnel stays" refuses "$gwB" helper-lost ends
next() { is_there "$gwB" staff && helper_start "$gwB" && ours "$gwA" peer up other && both_other; }
check "a helper comes: the next one works" next
check "the kernel has no complaint" kernel_silent
ktap_end
