#!/bin/bash
# command.sh: every show with and without -j, help everywhere, monitor, options.
# Topology: two_gateways in lib.sh, both ours.
. ./lib.sh
. ./gateway.sh

objects="listen proposal cred peer auth child sa stat"
ktap_plan $((2 * 8 + 28))
check "lab: two of ours" lab ours
i() { ours "$gwA" "$@"; }

isakmp -n "$gwA" monitor >"$work/monitor" 2>&1 &
text_monitor=$!
isakmp -n "$gwA" -j monitor >"$work/monitor.json" 2>&1 &
json_monitor=$!
busywait 3000 grep -q . "$work/monitor.json"
i peer up gw >/dev/null
tunnel_up "$gwA"

array() { i -j "$@" | jq -e 'type == "array" and length > 0' >/dev/null; }
text() { i "$@" | grep -q .; }
for o in $objects; do
	check "$o show" text "$o" show
	check "$o show -j is an array of objects" array "$o" show
done
helps() {
	local o
	for o in $objects tunnel monitor decode config; do
		i "$o" help 2>&1 | grep -q -i usage || { echo "isakmp $o help"; return 1; }
	done
	i help 2>&1 | grep -q -i usage
}
check "help everywhere" helps
# weak WORDS...: without the right to it the command says what is missing, and nothing else
weak() {
	local said status
	said=$(setpriv --bounding-set -net_admin isakmp "$@" 2>&1 >/dev/null)
	status=$?
	echo "$said"
	[ $status = 2 ] && [ "$said" = "Error: this needs CAP_NET_ADMIN; in a user namespace net.isakmp.user_namespaces, too." ]
}
check "show without CAP_NET_ADMIN" weak sa
check "add without CAP_NET_ADMIN" weak listen add
check "config apply without CAP_NET_ADMIN" weak config apply /dev/null
check "monitor without CAP_NET_ADMIN" weak monitor
one_line() { [ "$(i -o sa | wc -l)" = 1 ]; }
check "-o: one line a record" one_line
check "-V" says '^isakmp' i -V
check "-p -j" says '^ +"' i -p -j sa
check "sa show by id" array sa show id "$(i -j sa | jq '.[0].id')"
check "sa show by peer" array sa show peer gw
nothing() { [ "$(i -j sa show peer nobody | jq length)" = 0 ]; }
check "sa show of a peer without SA: an empty array" nothing
check "sa show by state" array sa show state established
none_such() { [ "$(i -j sa show state deleting peer gw | jq length)" = 0 ]; }
check "no SA in another state" none_such
check "-4 and -6" eval '[ "$(i -j -4 sa | jq length)" = 1 ] && [ "$(i -j -6 sa | jq length)" = 0 ]'
second() {
	ours "$gwB" child add more peer gw local-ts 10.12.0.0/16 remote-ts 10.11.0.0/16
	i child add more peer gw local-ts 10.11.0.0/16 remote-ts 10.12.0.0/16 &&
		says '^sa id [0-9]+ peer gw state established child more$' i child up more peer gw
}
check "a second child comes up, by name" second
both() { i -j sa | jq -e 'length == 1 and ([.[0].children[].name] | sort) == ["more", "net"] and
	all(.[0].children[]; .mode == "tunnel")' >/dev/null; }
check "one SA shows both" both
pages() { local bad; bad=$(mandoc -T lint -W warning ../userspace/man/*) || { echo "$bad"; return 1; }; }
check "manual pages: mandoc has nothing to say" pages
# examples: each of isakmp.conf(5), after a line of its own
examples() {
	awk '/^\.Bd/ { on = 1; text = "" } /^\.Ed/ { if (text ~ /(^|\n)listen/) print "== example" text; on = 0 }
		on && !/^\./ { gsub(/\\e/, "\\"); text = text "\n" $0 }' ../userspace/man/isakmp.conf.5
}
taken() {
	examples | csplit -s -z -f "$work/example" - '/^== example/' '{*}' || return
	for f in "$work"/example*; do sed 1d "$f" | i config check - || return; done
	[ "$(ls "$work"/example* | wc -l)" = 2 ]
}
check "manual pages: the kernel would take the examples of isakmp.conf(5)" taken
no_secret() { ! { i -j -s -d sa; i -d cred; i config save -; } | grep -q "a shared secret"; }
check "no secret anywhere" no_secret
check "the monitor tells of the SA" busywait 3000 says established cat "$work/monitor"
gone() { esp_flows && i child down net peer gw && busywait 9000 grep -q child-down "$work/monitor"; }
check "a child goes" gone
kill -INT $text_monitor $json_monitor
wait $text_monitor $json_monitor
check "monitor -j is one valid document at SIGINT" jq -e 'length > 0' "$work/monitor.json"
check "that tells of what went through the child" jq -e '.[] | select(.event == "child-down") | .spi_in as $spi |
	.sa.children[] | select(.spi_in == $spi) | .name == "net" and .packets_in >= 6 and .bytes_out >= 500' "$work/monitor.json"
down() { i sa del id "$(i -j sa | jq '.[0].id')" && tunnel_down "$gwA" && tunnel_down "$gwB"; }
check "sa del" down

# the module goes and comes
isakmp -n "$gwA" -j monitor >"$work/again.json" 2>&1 &
again=$!
at_exit kill $again
module_goes() {
	report_reasons "$gwA"
	report_reasons "$gwB"
	busywait 3000 grep -q . "$work/again.json" && unload_isakmp && busywait 5000 grep -q '"lost"' "$work/again.json"
}
check "the module goes: the monitor says that what there was is lost" module_goes
module_comes() {
	load_isakmp && ours "$gwA" config apply "$work/$gwA/isakmp.conf" && ours "$gwB" config apply "$work/$gwB/isakmp.conf" &&
		busywait 10000 helpers_above "$gwA" 0 && busywait 10000 helpers_above "$gwB" 0 && i peer up gw wait 10 &&
		busywait 5000 grep -q child-up "$work/again.json"
}
check "the module comes anew: it tells of what comes up" module_comes
check "the kernel has no complaint" kernel_silent
ktap_end
