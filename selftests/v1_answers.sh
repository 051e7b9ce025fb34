#!/bin/bash
# v1_answers.sh: the helper's questions in all ways of phase 1 of version 1: which come, in which order, what
# does not fit is refused; a helper that dies with any of them, decrypting or in the middle of XAUTH, and the
# next is asked the same.  nlv1ways.py does it.
# Topology: a (192.0.2.1) --- (192.0.2.2) b, both ours, the helpers are nlv1ways.py too.
# backends: uml
# tier: long
# timeout: 300
. ./lib.sh

load_isakmp || skip_all "no module"
setup_ns a b
veth "$a" wan 192.0.2.1/24 "$b" wan 192.0.2.2/24
for ns in "$a" "$b"; do
	in_ns "$ns" sysctl -q net.isakmp.prefix_rate=100000 net.isakmp.prefix_burst=100000 \
		net.isakmp.prefix_half_open=100000 net.isakmp.half_open_max=100000 net.isakmp.cookie_threshold=100000
done
python3 nlv1ways.py answers "$a" "$b" >"$work/log"
status=$?
sed "s/^1\.\.\([0-9]*\)$//" "$work/log"
ktap_plus_kernel "$status" "$work/log"
