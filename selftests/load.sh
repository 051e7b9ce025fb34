#!/bin/bash
# load.sh: the module loads and unloads, again and again, also with namespaces coming and going,
# and leaves nothing behind.
# tier: acceptance
. ./lib.sh

ktap_plan 7

listed() { grep -q '^isakmp ' /proc/modules; }
times() { local n=$1; shift; while [ $((n--)) -gt 0 ]; do "$@" || return; done; }
again() { load_isakmp && unload_isakmp; }
namespace() { ip netns add "churn-$$" && ip netns del "churn-$$"; }

check "it loads" load_isakmp
check "it is there" listed
check "namespaces come and go under it" times 10 namespace
# "ecp521" and "x448" want a helper
all_there() {
	local suite esp
	ip netns add "suites-$$" && at_exit ip netns del "suites-$$" || return
	for suite in aes{128,192,256}gcm16-prfsha256-x25519 chacha20poly1305-prfsha384-ecp256 \
		aes256ccm16-prfsha512-ecp384 aes{128,192,256}-sha1-modp2048 aes256-sha256-modp3072 \
		aes256ctr-sha384-modp4096 aes256-sha512-x25519; do
		esp=${suite%-*}
		[[ $esp != *-prf* ]] || esp=${esp%-*}
		isakmp -n "suites-$$" proposal add "p-$suite" ike "$suite" esp "$esp-esn" || return
	done
}
check "all it speaks is there on this kernel" all_there
check "it unloads" unload_isakmp
check "ten times more" times 10 again
check "the kernel has no complaint" kernel_silent
ktap_end
