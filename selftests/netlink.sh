#!/bin/bash
# netlink.sh: the generic netlink family: strictness, verbs, values, overlaps, limits, transactions,
# dumps, events, permissions, the helper's questions.  nlprobe.py does it.
# Topology: a (192.0.2.1) --- (192.0.2.2) b (192.0.3.2) --- (192.0.3.1) c, all ours, the helpers are nlprobe.py
# too.
# backends: uml
# timeout: 300
# boot: time-travel
. ./lib.sh

load_isakmp || skip_all "no module"
setup_ns a b c
veth "$a" wan 192.0.2.1/24 "$b" wan 192.0.2.2/24
veth "$c" wan 192.0.3.1/24 "$b" far 192.0.3.2/24
python3 -u nlprobe.py "$a" "$b" "$c" | tee "$work/log" | sed -u "s/^1\.\.\([0-9]*\)$//"
status=${PIPESTATUS[0]}
ktap_plus_kernel "$status" "$work/log"
