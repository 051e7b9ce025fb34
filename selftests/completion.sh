#!/bin/bash
# completion.sh: what bash offers for isakmp: words from its help, names from the kernel, files.
. ./lib.sh
. ./gateway.sh

ktap_plan 29

setup_ns gw
load_isakmp
i() { ours "$gw" "$@"; }
. ../userspace/completion/isakmp

# offers LINE WORD...: with the cursor at its end, exactly these are offered; a word that begins with
# a dash must not be, and +WORD may be one of many.
offers() {
	local line=$1 word want=() some=
	shift
	read -r -a COMP_WORDS <<<"$line"
	[[ $line != *' ' ]] || COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
	_isakmp
	echo "offered: ${COMPREPLY[*]}"
	for word; do
		case $word in
		+*) some=1; [[ " ${COMPREPLY[*]} " == *" ${word#+} "* ]] || return 1 ;;
		-*) some=1; [[ " ${COMPREPLY[*]} " != *" ${word#-} "* ]] || return 1 ;;
		*) want+=("$word") ;;
		esac
	done
	[ "$some" ] || [ "$(printf '%s\n' "${COMPREPLY[@]}" | sort)" = "$(printf '%s\n' "${want[@]}" | sort)" ]
}
# names of the namespace
there() { local line=$1; shift; offers "isakmp -n $gw $line" "$@"; }

check "objects" offers "isakmp pe" peer
check "all objects" offers "isakmp " +listen +tunnel +sa +decode +help
check "verbs" offers "isakmp peer re" replace
check "options" offers "isakmp -ts" -ts
check "namespaces" offers "isakmp -n gw" "$gw"

i proposal add strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
i cred add secret psk id fqdn:b.example file secret
i peer add gw-b local 192.0.2.1 remote 192.0.2.2 proposal strong
i peer add gw-c local 192.0.2.1 remote 192.0.2.3 proposal strong
i auth add peer gw-b side local method psk id fqdn:a.example cred secret
i child add net peer gw-b local-ts 10.1.0.0/16 remote-ts 10.2.0.0/16

check "names of peers" there "peer del " gw-b gw-c
check "keys of del" there "peer del gw-b " keep
check "no name where one is made up" there "peer add " ''
check "types of creds" there "cred add x p" psk pubkey
check "keys" there "peer add x l" local life lifetime-check
check "keys that were given are not offered again" there "peer add x local any " +remote +proposal -local
check "values: an object's name" there "peer add x proposal " strong
check "values: a choice" there "auth add peer gw-b side " local remote
check "values: in a list" there "auth add peer gw-b side remote scheme rsa" rsa-pkcs1 rsa-pss
check "values: identities" there "cred add x psk id f" fqdn:
check "values: dynamic selectors" there "child add x peer gw-b local-ts d" dynamic
check "a child's name and its peer" there "child up n" net
check "states of SAs" there "sa show state est" established
check "monitor goes on" there "monitor sa ref" refused

# files are readline's: tab LINE RESULT
here=$PWD
cd "$work" || exit
touch ike.pcap keys 'x$(touch pwned)' 'b c.pcap' '/run/netns/x$(touch pwned)'
at_exit rm '/run/netns/x$(touch pwned)'
ip link add 'x$(pwned)' type veth
at_exit ip link del 'x$(pwned)'
tab() {
	local got
	got=$(python3 "$here/tab.py" "$here/../userspace/completion/isakmp" "$1") || return
	echo "$got"
	[ "$got" = "$2 " ]
}
check "captures" tab "isakmp decode ike" "isakmp decode ike.pcap"
check "keys of captures" there "decode ike.pcap k" keys
check "a name with a blank stays one word" tab "isakmp decode b" 'isakmp decode b\ c.pcap'
check "between quotes too" tab 'isakmp config apply "b' 'isakmp config apply "b c.pcap"'
check "a file's name is no command" tab "isakmp decode ike.pcap keys x" \
	'isakmp decode ike.pcap keys x\$\(touch\ pwned\)'
check "a secret's neither" tab "isakmp cred add s psk file x" 'isakmp cred add s psk file x\$\(touch\ pwned\)'
check "a batch's neither" tab "isakmp -b x" 'isakmp -b x\$\(touch\ pwned\)'
check "a namespace's neither" tab "isakmp -n x" 'isakmp -n x\$\(touch\ pwned\)'
check "a device's neither" tab "isakmp listen add dev x" 'isakmp listen add dev x\$\(pwned\)'
check "nothing was done" [ ! -e pwned ]
ktap_end
