#!/bin/bash
# load.sh: the module loads and unloads, again and again, also with namespaces coming and going,
# and leaves nothing behind.
# tier: acceptance
. ./lib.sh

ktap_plan 6

listed() { grep -q '^isakmp ' /proc/modules; }
times() { local n=$1; shift; while [ $((n--)) -gt 0 ]; do "$@" || return; done; }
again() { load_isakmp && unload_isakmp; }
namespace() { ip netns add "churn-$$" && ip netns del "churn-$$"; }

check "it loads" load_isakmp
check "it is there" listed
check "namespaces come and go under it" times 10 namespace
check "it unloads" unload_isakmp
check "ten times more" times 10 again
check "the kernel has no complaint" kernel_silent
ktap_end
