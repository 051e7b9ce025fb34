#!/bin/bash
# unload_starters.sh: the module, or the namespace, goes while very many children that are to be up
# are started again, and again: nothing is looked up in tables that are gone.
# Topology: one namespace with a dummy device; nobody answers.
# backends: uml
. ./lib.sh
. ./gateway.sh

rounds=3
ktap_plan $((2 + rounds))

setup_ns gw
load_isakmp
ip -n "$gw" link add wan type dummy
ip -n "$gw" addr add 192.0.2.1/24 dev wan
ip -n "$gw" link set wan up
ip -n "$gw" route add default dev wan
n=10000
[ "$VM_KERNEL" = debug ] && n=2000

# Nobody answers for them, and their children are to be up
many_peers $n "start now" >"$work/conf"

# All but one are refused at once, and all try again at the same time: shortly before a second is over.
full() { in_ns "$gw" sysctl -q net.isakmp.sa_max=1; }
applied() { full && ours "$gw" config apply "$work/conf"; }

gone() { unload_isakmp && kernel_silent; }
check "$n children are to be up" applied
for ((r = 1; r <= rounds; r++)); do
	pause 0.8$r
	check "the module goes as they are started, $r" gone
	load_isakmp && applied
done
namespace_goes() { ip netns del "$gw" && ip netns add "$gw" && busywait 5000 unload_isakmp && kernel_silent; }
pause 0.85
check "so does the namespace, and then the module" namespace_goes
ktap_end
