#!/bin/bash
# strongswan_life.sh: the later life of an SA with strongSwan, under a constant stream both ways: rekeys of
# the child and of the IKE SA by each side, with and without a key exchange of the child's own, by
# strongSwan's clock too; reauthentication that it begins, make-before-break and not. Nothing is lost
# but where it breaks first.
# Topology: two_sites in lib.sh, A ours, B strongSwan; what did not come as ESP goes no further.
# backends: uml
# tier: long
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh

ktap_plan 14

# ---- the ends

# us ESP
us() {
	cat >"$work/$gwA/isakmp.conf" <<-END
	listen addr 192.0.2.1
	proposal strong ike aes256gcm16-prfsha384-x25519 esp $1
	cred gw psk file gw
	peer gw local 192.0.2.1 remote 192.0.2.2 proposal strong
	auth peer gw side local method psk id fqdn:a.example cred gw
	auth peer gw side remote method psk id fqdn:b.example cred gw
	child net peer gw local-ts 10.1.0.0/16 remote-ts 10.2.0.0/16
	END
	[ ! -e "$work/$gwA/isakmpd.pid" ] || ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}
# them ESP [LINE...]: lines for the connection; CHILD: for the child
them() {
	local esp=$1
	shift
	mkdir -p "$work/$gwB/swanctl"
	cat >"$work/$gwB/swanctl/swanctl.conf" <<-END
	connections { gw {
		version = 2
		local_addrs = 192.0.2.2
		remote_addrs = 192.0.2.1
		proposals = aes256gcm16-prfsha384-x25519
		$(printf '%s\n' "$@")
		local { auth = psk
			id = b.example }
		remote { auth = psk
			id = a.example }
		children { net {
			local_ts = 10.2.0.0/16
			remote_ts = 10.1.0.0/16
			esp_proposals = $esp
			${CHILD-}
		} }
	} }
	secrets { ike-gw { secret = a shared secret of the selftests } }
	END
	[ -S "$work/$gwB/vici" ] || return 0
	swanctl_ns "$gwB" --load-all --noprompt >"$work/load" 2>&1 || { cat "$work/load"; return 1; }
}
esp_only() {
	in_ns "$1" nft add table ip clear \; add chain ip clear f '{ type filter hook forward priority 0; }' \; \
		add rule ip clear f iifname wan meta ipsec missing drop
}
down() { ours "$gwA" peer down gw && busywait 5000 no_states "$gwA" && busywait 5000 no_states "$gwB"; }
up() { us "$1" && them "$@" && swanctl_ns "$gwB" --initiate --child net --timeout 5 && tunnel_up "$gwA"; }
peer_log() { note "$(grep -a -v JOB "$work/$gwB/charon.log" | tail -n 20)"; }
result() { check "$@" || { peer_log; down >/dev/null 2>&1; }; }

lab() {
	two_sites && esp_only "$gwA" && esp_only "$gwB" && mkdir -p "$work/$gwA/secrets" && us aes256gcm16 &&
		echo "a shared secret of the selftests" >"$work/$gwA/secrets/gw" && chmod 0640 "$work/$gwA/secrets/gw" &&
		them aes256gcm16 && charon_start "$gwB" && ours_start "$gwA" && echo_start "$hostB"
}
check "the lab: A ours, B strongSwan" lab

# ---- rekeys, of one IKE SA

# lossless CMD...: under a stream
lossless() { stream_start "$hostA" 10.2.0.2 5 && "$@" && stream_whole; }
id() { ours "$gwA" -j sa | jq "[.[] | select($with_child) | .id] | max // 0"; }
# counted COUNTER CMD...: it goes up by one or more, at one IKE SA that stays
counted() {
	local counter=$1 was before
	was=$(id) before=$(counter "$gwA" "$1")
	shift
	"$@" && busywait 8000 counter_above "$gwA" "$counter" "$before" && [ "$(id)" = "$was" ] &&
		busywait 8000 charon_is "$gwB" 1 && busywait 8000 sa_is "$gwA" 1 "$with_child"
}
its_child() { counted child-rekeyed swanctl_ns "$gwB" --rekey --child net; }
its_ike() { counted sa-rekeyed swanctl_ns "$gwB" --rekey --ike gw; }
our_child() { counted child-rekeyed ours "$gwA" sa rekey id "$(id)" child net; }
our_ike() { counted sa-rekeyed ours "$gwA" sa rekey id "$(id)"; }
children() { its_child && our_child && its_child && our_child; }
ikes() { its_ike && our_ike && its_ike && our_ike; }
mixed() { its_ike && its_child && our_ike && our_child && our_child && its_child; }
for esp in aes256gcm16 aes256gcm16-x25519; do
	result "up, $esp" up $esp
	result "$esp: each rekeys the child, twice: nothing is lost" lossless children
	result "$esp: each rekeys the IKE SA, twice: nothing is lost" lossless ikes
	result "$esp: one after the other: nothing is lost" lossless mixed
	down
done

# by its clock: the child each second, the IKE SA each two; ours in between
clock() {
	local i rekeyed
	CHILD="rekey_time = 1s
		life_time = 60s
		rand_time = 0" up aes256gcm16 "rekey_time = 2s" "over_time = 60s" "rand_time = 0" || return
	rekeyed=$(counter "$gwA" child-rekeyed)
	stream_start "$hostA" 10.2.0.2 5
	for i in 1 2 3 4; do
		ours "$gwA" sa rekey id "$(id)" child net
		busywait 10000 counter_above "$gwA" child-rekeyed $((rekeyed + 2 * i)) || return
	done
	stream_whole && them aes256gcm16 && sa_is "$gwA" 1 "$with_child" && down
}
result "by its clock, and by us in between: nothing is lost" clock

# ---- reauthentication, begun by it

newer() { [ "$(id)" -gt "$1" ] && sa_is "$gwA" 1 "$with_child" && charon_is "$gwB" 1; }
anew() { local was; was=$(id); swanctl_ns "$gwB" --rekey --ike gw --reauth && busywait 10000 newer "$was"; }
twice() { anew && anew; }
make_first() { up aes256gcm16 && lossless twice && down; }
result "it reauthenticates, make before break: nothing is lost" make_first
timed() {
	local was
	up aes256gcm16 "reauth_time = 2s" "over_time = 60s" "rand_time = 0" && was=$(id) && stream_start "$hostA" 10.2.0.2 5 &&
		busywait 10000 newer "$was" && them aes256gcm16 && stream_whole && down
}
result "it does by its clock: nothing is lost" timed
flows() { ping_ok "$hostA" 10.2.0.2 && ping_ok "$hostB" 10.1.0.2; }
settings() {
	sed -i '1a\	make_before_break = no' "$work/$gwB/strongswan.conf" && swanctl_ns "$gwB" --reload-settings
}
break_first() { settings && up aes256gcm16 && twice && flows && down; }
result "break before make: the tunnel comes back" break_first

check "the kernel has no complaint" kernel_silent
ktap_end
