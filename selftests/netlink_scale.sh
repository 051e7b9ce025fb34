#!/bin/bash
# netlink_scale.sh: the configuration of 10,000 peers: made one by one, listed, committed at once.  Time is
# measured, so the guest's clock is the real one.  nlscale.py does it.
# Topology: one namespace.
# backends: uml
# timeout: 300
. ./lib.sh

load_isakmp || skip_all "no module"
setup_ns a
many=10000
[ "${VM_KERNEL:-}" != debug ] || many=3000
python3 -u nlscale.py "$a" $many | tee "$work/log" | sed -u "s/^1\.\.\([0-9]*\)$//"
status=${PIPESTATUS[0]}
ktap_plus_kernel "$status" "$work/log"
