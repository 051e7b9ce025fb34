#!/bin/bash
# v1_versions.sh: which version is spoken. "2-then-1" begins with version 2; version 1 follows when
# nobody answers at all, and then alone: not after a refusal, not once version 2 has worked by that peer
# object, not before a new one. A responder refuses version 1 by name then, too. Nobody speaks a version
# that is not allowed. Topology: two_gateways in lib.sh, both ours.
# boot: time-travel
# timeout: 120
. ./lib.sh
. ./gateway.sh

ktap_plan 18

export IKE=aes256-sha256-modp2048 ESP=aes256-sha256
quick() { in_ns "$1" sysctl -q net.isakmp.retransmit_timeout_ms=100 net.isakmp.retransmit_tries=2; }
start() { lab ours none version 1 && quick "$gwA" && quick "$gwB"; }
check "lab: two of ours, version 1" start

version() { ours "$1" -j sa | jq -r '.[0].version // 2'; }
speaks() { ours "$1" peer set gw version "$2"; }
up_as() { tunnel_up "$gwA" && [ "$(version "$gwA")" = "$1" ]; }
up() { ours "$gwA" peer up gw nowait && up_as "$1"; }
down() { ours "$gwA" peer down gw; tunnel_down "$gwA" && tunnel_down "$gwB"; }
# anew NS: another object of the same name
anew() { ours "$1" peer del gw && ours "$1" config apply "$work/$1/isakmp.conf"; }

both() { speaks "$gwA" "$1" && speaks "$gwB" "$2"; }

# ---- versions that are not allowed

no_v1() { both 1 2 && ours "$gwA" peer up gw nowait; }
check "B allows version 2 alone: no answer to version 1" refuses "$gwB" v1-no-peer no_v1
check "and the attempt ends" busywait 10000 sa_is "$gwA" 0
no_v2() { both 2 1 && ours "$gwA" peer up gw nowait; }
check "B allows version 1 alone: no answer to version 2" refuses "$gwB" no-peer no_v2
ended() { busywait 10000 sa_is "$gwA" 0 && sa_is "$gwB" 0; }
check "and no version 1 follows" ended

# ---- 2, then 1

silent() { both 2-then-1 1 && up 1; }
check "2-then-1, nobody answers to 2: version 1" silent
waited() { down && anew "$gwA" && speaks "$gwA" 2-then-1 && ours "$gwA" peer up gw && [ "$(version "$gwA")" = 1 ]; }
check "peer up waits for what comes of version 1" waited
suites() { ours "$gwB" proposal replace strong ike "$1" esp "$ESP"; }
named() { down && suites aes128-sha384-modp3072 && says peer-error ours "$gwA" peer up gw; }
check "and says why it came to nothing: peer-error" named
suites "$IKE"
first() { down && both 2-then-1 2-then-1 && up 2; }
check "2-then-1 at both ends: version 2" first

# v1_seen CMD...: messages of version 1 that leave A meanwhile
v1_seen() {
	capture_start "$gwA" wan "$work/seen" && "$@" && capture_stop || return
	[ "$(tcpdump -n -r "$work/seen" 'udp port 500 and udp[25] = 0x10' 2>/dev/null | wc -l)" "$seen" 0 ]
}
ours_v1() { ours "$gwA" peer up gw nowait; busywait 10000 sa_is "$gwA" 0; }
seen=-eq
after() { down && speaks "$gwB" 1 && v1_seen ours_v1; }
check "version 2 has worked: no version 1, though nobody answers to 2" after
theirs() { ours "$gwB" peer up gw nowait; }
check "nor from the peer: v1-downgrade" refuses "$gwA" v1-downgrade theirs
none() { busywait 10000 sa_is "$gwB" 0 && busywait 10000 sa_is "$gwA" 0; }
check "and nothing comes of it" none
changed() { ours "$gwA" peer set gw dpd 20s && v1_seen ours_v1; }
check "a change of the object does not help" changed
fresh() { anew "$gwA" && speaks "$gwA" 2-then-1 && quick "$gwA" && up 1; }
check "another object does" fresh

# up_before: version 2 is up before the operator leaves the choice
up_before() { down && both 2 2 && up 2 && speaks "$gwA" 2-then-1 && down && speaks "$gwB" 1 && v1_seen ours_v1; }
check "version 2 was up when 2-then-1 was said: it has worked" up_before

# ---- a refusal is an answer

refusing() {
	down && anew "$gwA" && both 2-then-1 2-then-1 &&
		ours "$gwB" proposal replace strong ike aes128-sha384-modp3072 esp aes256-sha256
}
check "B has other suites" refusing
refusal() { v1_seen ours_v1 && [ "$(refused "$gwB" no-proposal)" -gt 0 ]; }
check "it refuses version 2: no version 1 follows" refusal
check "the kernel has no complaint" kernel_silent
ktap_end
