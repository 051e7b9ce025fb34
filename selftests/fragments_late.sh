#!/bin/bash
# fragments_late.sh: what was answered is answered again for five minutes and no longer (RFC 7296, 2.1):
# after six the first fragment of IKE_AUTH, replayed, gets nothing.
# Topology: two_sites in lib.sh, both ours.
# boot: time-travel
# timeout: 480
# backends: uml
. ./lib.sh
. ./gateway.sh

ktap_plan 7

up() {
	capture_start "$gwB" wan "$work/pcap" && ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB" &&
		capture_stop
}
lab_large() { two_sites && large_confs 4 dpd off && ours_start "$gwB" && ours_start "$gwA"; }
check "lab: two of ours with large certificates" lab_large
check "up" up
state() { ours "$gwB" -j sa | jq -c '[.[] | {id, state, spi_i, spi_r, children: [.children[]? | {spi_in, spi_out}]}]'; }
B=$(state)
replay() { in_ns "$gwA" python3 ./ikeprobe.py replay "$work/pcap" 192.0.2.2 --fragment 1; }
again() { replay && busywait 3000 counter_above "$gwB" repeat 0; }
check "the first fragment again: the answer again" again
was=$(counter "$gwB" repeat)
check "six minutes later" pause 360
in=$(counter "$gwB" rx)
heard() { replay && busywait 3000 counter_above "$gwB" rx "$in"; }
check "it is heard" heard
silent() { [ "$(counter "$gwB" repeat)" = "$was" ] && [ "$(state)" = "$B" ] && esp_flows; }
check "nothing is said, and nothing happens" silent
check "the kernel has no complaint" kernel_silent
ktap_end
