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

# Peers that nobody answers for, each with a child that is to be up
awk -v n=$n 'BEGIN {
	print "listen add"
	print "proposal add p ike aes256gcm16-prfsha384-x25519 esp aes256gcm16"
	print "cred add c psk id fqdn:x file c"
	for (i = 0; i < n; i++) {
		host = int(i / 65536) "." int(i / 256) % 256 "." i % 256
		print "peer add n" i " local 192.0.2.1 remote 10." host " proposal p"
		print "auth add peer n" i " side local method psk id fqdn:me cred c"
		print "auth add peer n" i " side remote method psk id fqdn:n" i
		print "child add net peer n" i " local-ts 10.200.0.0/16 remote-ts 11." host "/32 start now"
	}
}' >"$work/conf"

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
