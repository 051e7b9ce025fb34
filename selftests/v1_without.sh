#!/bin/bash
# v1_without.sh: a module that is built with ISAKMP_V1=n: version 1 cannot be configured, and the refusal says
# what to do; messages of it are refused by name, and not answered; version 2 is as it was.
# Topology: two_gateways in lib.sh, both ours; the router is the stranger.
# backends: uml
# tier: long
# wants: without-v1
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ISAKMP_MODULE=${ISAKMP_MODULE%/*/*}/uml-v2/isakmp.ko
[ "${VM_KERNEL-}" = plain ] && [ -e "$ISAKMP_MODULE" ] || skip_all "no module without version 1"
ktap_plan 17

check "lab: two of ours, built with ISAKMP_V1=n" lab ours
without() { ! grep -q ' v1_' /proc/kallsyms; }
check "nothing of version 1 is in it" without

# ---- configuration

said() { says 'built with ISAKMP_V1=n: version 2 alone, or another module, for peer.* '"$1" "${@:2}"; }
peer() { ours "$gwA" peer add old local 192.0.2.2 remote 192.0.2.9 proposal strong "$@"; }
for v in 1 2-then-1; do
	check "peer add, version $v: refused, and why" said old peer version $v
	check "peer set, version $v: refused, and why" said gw ours "$gwA" peer set gw version $v
done
none() { ! ours "$gwA" -j config show | grep -q '"old"'; }
check "nothing of it stays" none
file() {
	sed 's/^peer add gw.*/& version 1/' "$work/$gwA/isakmp.conf" >"$work/old.conf"
	grep -q 'version 1' "$work/old.conf" && said gw ours "$gwA" config apply "$work/old.conf"
}
check "a whole configuration: the same" file
check "version 2, as it is by itself" eval 'peer version 2 && ours "$gwA" peer del old'

# ---- messages

up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB" && esp_flows; }
check "version 2: up" up
state() { ours "$gwA" -j sa | jq -c '[.[] | {id, spi_i, spi_r, state, children: [.children[]? | {spi_in, spi_out}]}]'; }
was=$(state) tx=$(counter "$gwA" tx) version=$(refused "$gwA" version)
# All kinds of first messages and of what follows, with each thing wrong; a stranger's, and as of the peer
messages() {
	in_ns "$1" python3 - 192.0.2.2 <<-'END' | tee "$work/sent"
	import socket, sys, time
	from v1matrix import KINDS, variants

	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	n = 0
	for kind, message in KINDS.items():
	    for i, (_, data, _) in enumerate(variants(message)):
	        if i % 16 == 0 and len(data) >= 28:
	            s.sendto(data, (sys.argv[1], 500))
	            n += 1
	            if n % 16 == 0:
	                time.sleep(0.002)
	print(n)
	END
}
all_came() { [ "$(counter "$gwA" rx)" -ge $((rx + $(cat "$work/sent"))) ]; }
sends() { rx=$(counter "$gwA" rx) && messages "$1" && [ "$(cat "$work/sent")" -gt 500 ] && busywait 5000 all_came; }
check "messages of version 1 of a stranger" sends "$router"
check "and of the peer's gateway" sends "$gwB"
# the others are of a wrong length, or say another version
named() { echo "$(($(refused "$gwA" version) - version))"; [ $(($(refused "$gwA" version) - version)) -gt 800 ]; }
check "they are refused by name and counted: version" named
scan() {
	in_ns "$gwB" ike-scan --nodns --retry=1 --timeout=1000 --sport=0 "$@" 192.0.2.2 | tee "$work/scan"
	! grep -q '^192\.0\.2\.2' "$work/scan"
}
scans() { scan && scan -A --id=a --idtype=2; }
check "ike-scan gets no answer, in Main and in Aggressive Mode" scans
unchanged() { [ "$(state) $(counter "$gwA" tx)" = "$was $tx" ] && esp_flows; }
check "nothing was sent, nothing has changed" unchanged
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
check "down" down
check "the kernel has no complaint" kernel_silent
ktap_end
