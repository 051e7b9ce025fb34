#!/bin/bash
# refusals.sh: what the kernel refuses before or beside an exchange, each by its name: strangers,
# floods, cookies, limits, conflicts in XFRM. An established SA stands through all of it.
# Topology: two_gateways in lib.sh, both ours; the router is the stranger.
# timeout: 240
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 42

probe() { in_ns "$router" python3 ./ikeprobe.py "$@"; }
set_a() { in_ns "$gwA" sysctl -q "net.isakmp.$1"; }

check "lab: two of ours" lab ours
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB"; }
check "up" up
set_a half_open_timeout_ms=5000

check "a stranger: no-peer" refuses "$gwA" no-peer probe first 192.0.2.2 --wait 0.2
# from here on anybody may try
any() { ours "$gwA" peer add any proposal strong; }
check "a peer object for everybody" any
check "foreign suite: no-proposal" refuses "$gwA" no-proposal probe first 192.0.2.2 --suite none
check "foreign group: ke-group" refuses "$gwA" ke-group probe first 192.0.2.2 --group 19
says_group() { probe first 192.0.2.2 --group 19 --what | grep -q '34/17'; }
check "and INVALID_KE_PAYLOAD is the answer" says_group
answered() { [ "$(probe first 192.0.2.2 --times "$1" --wait 0.5 | wc -l)" = "$2" ]; }
check "a good one is answered" answered 1 1
check "repeats get the same answer" answered 4 4
often() { probe first 192.0.2.2 --times 40 --wait 0.3 >"$work/often"; }
check "not without end: repeated-often" refuses "$gwA" repeated-often often

hex() { in_ns "$router" python3 ./ikeprobe.py hex 192.0.2.2 "$@" >"$work/hex"; }
head=0123456789abcdef0000000000000000
check "no-sa" refuses "$gwA" no-sa hex 0123456789abcdeffedcba98765432102e202508000000010000002000000004
check "short" refuses "$gwA" short hex 00
check "version" refuses "$gwA" version hex "${head}2130220800000000""0000002c00000010000000000000000000000000"
says_version() { [ -s "$work/hex" ]; }
check "a higher version is told ours (RFC 7296, 2.5)" says_version
check "first-id" refuses "$gwA" first-id hex "${head}2120220800000007""0000001c"
check "exchange" refuses "$gwA" exchange hex "${head}2120f00800000000""0000001c"

flood() { probe first 192.0.2.2 --src 203.0.113.7 --count "$1" "${@:2}"; }
cookie() { probe first 192.0.2.2 --what --cookie "$@" >"$work/cookie"; }
hurry() { flood 60; }
set_a prefix_rate=5
set_a prefix_burst=10
check "one prefix in a hurry: it is asked for cookies" refuses "$gwA" cookie-sent hurry
set_a cookie_threshold=0
set_a proven_rate=1
set_a proven_burst=2
check "one in a hurry with good cookies: prefix-limit" refuses "$gwA" prefix-limit cookie good --count 6
set_a proven_rate=100000
set_a proven_burst=100000
set_a prefix_rate=100000
set_a prefix_burst=100000
check "under load: cookie-sent" refuses "$gwA" cookie-sent cookie good
comes_in() { [ "$(wc -l <"$work/cookie")" = 2 ] && tail -n 1 "$work/cookie" | grep -q '34/None'; }
check "the cookie returned opens the door" comes_in
check "a false one does not: cookie-bad" refuses "$gwA" cookie-bad cookie bad
set_a cookie_rate=1
many() { flood 60; }
check "not even cookies without end: answer-limit" refuses "$gwA" answer-limit many
set_a cookie_rate=50000
set_a prefix_rate=1
set_a prefix_burst=2
forged() { flood 60 --src 192.0.2.77 && cookie good && comes_in; }
check "forged neighbours without cookies do not use up what the prefix has" forged
set_a prefix_rate=100000
set_a prefix_burst=100000
set_a cookie_threshold=100000
emptied() { busywait 10000 sa_is "$gwA" 1; }
check "half-open SAs go away" emptied
# from here on none goes by time, however slow this machine is
set_a half_open_timeout_ms=120000
half_open='.state == "init-answered"'
forget() {
	ours "$gwA" -j sa | jq -r ".[] | select($half_open) | \"sa del id \(.id) force\"" >"$work/forget"
	ours "$gwA" -b "$work/forget" && busywait 5000 sa_is "$gwA" 0 "$half_open"
}
share() { flood 30; }
check "a prefix that has its share of half-open SAs is asked for cookies" refuses "$gwA" cookie-sent share
set_a half_open_max=20
set_a prefix_half_open=100000
fill() { flood 80 --spread; }
check "many prefixes at once: the others are asked for cookies" refuses "$gwA" cookie-sent fill
few() { [ "$(sa_count "$gwA" '.state != "established"')" -le 21 ]; }
check "no more half-open SAs than allowed" few
check "the oldest gives way to one with a good cookie: evicted" refuses "$gwA" evicted cookie good
check "that one is in" comes_in
check "still no more half-open SAs than allowed" few
set_a half_open_max=1
full() { cookie good --count 30 --wait 0.3; }
check "nobody else gives way: half-open-limit" refuses "$gwA" half-open-limit full
set_a half_open_max=8192
set_a sa_max=1
check "as many SAs as allowed: sa-limit" refuses "$gwA" sa-limit flood 4
set_a sa_max=100000

check "the half-open ones are taken away" forget
esp_still() { sa_is "$gwA" 1 "$with_child" && esp_flows; }
check "the established SA stood through all of it" esp_still
conflict() {
	ours "$gwA" peer down gw && tunnel_down "$gwA"
	ip -n "$gwA" xfrm policy add src 10.1.0.0/16 dst 10.2.0.0/16 dir out priority 1 \
		tmpl src 192.0.2.2 dst 192.0.2.77 proto esp mode tunnel
	# another priority: no conflict for XFRM either; the same selector and priority is one
	was=$SECONDS
	ours "$gwA" peer up gw
	:
}
check "somebody else's policy: xfrm-policy" refuses "$gwA" xfrm-policy conflict
check "of which the command does not wait for the end" [ $((SECONDS - was)) -lt 30 ]
unroute() { ip -n "$gwA" route add unreachable 198.51.100.0/24 && ours "$gwA" peer down gw; }
check "no way to send: send" refuses "$gwA" send unroute

ip -n "$gwA" route del unreachable 198.51.100.0/24
set_a cookie_threshold=100000
set_a half_open_max=100
set_a prefix_half_open=1
crowd() { forget && flood 25 --spread && busywait 5000 sa_is "$gwA" 25 "$half_open"; }
check "half-open SAs of many prefixes" crowd
set_a cookie_threshold=0
ten() { cookie good --count 10 && [ "$(grep -c '34/None' "$work/cookie")" = 10 ]; }
check "with good cookies one prefix may have many" ten
set_a half_open_max=60
check "but none above its part of a table half full: prefix-limit" refuses "$gwA" prefix-limit cookie good
other() { in_ns "$gwB" python3 ./ikeprobe.py first 192.0.2.2 --what --cookie good >"$work/cookie"; comes_in; }
check "which others find open" other
check "the kernel has no complaint" kernel_silent
ktap_end
