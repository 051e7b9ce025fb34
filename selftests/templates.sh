#!/bin/bash
# templates.sh: peers of a template by the command: what they take, what they say themselves, a
# child of the template comes up, and 10,000 of them cost little memory.
# Topology: a (192.0.2.1) --- b (192.0.2.2), both ours.
. ./lib.sh
. ./gateway.sh

ktap_plan 10

setup_ns a b
veth "$a" wan 192.0.2.1/24 "$b" wan 192.0.2.2/24
load_isakmp

# side NS LOCAL REMOTE: all but the remote address is the template's
side() {
	mkdir -p "$work/$1/secrets"
	echo "a shared secret of the selftests" >"$work/$1/secrets/gw"
	chmod 0640 "$work/$1/secrets/gw"
	at_exit report_reasons "$1"
	cat >"$work/$1/isakmp.conf" <<-END
	listen add addr $2
	proposal add strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
	cred add gw psk id ipv4:$3 file gw
	peer add gw template all remote $3
	peer add all kind template proposal strong dpd 7
	auth add peer all side local method psk id ipv4:$2 cred gw
	auth add peer gw side remote method psk id ipv4:$3
	child add host peer all local-ts dynamic remote-ts dynamic
	END
	helper_start "$1" && ours "$1" config apply "$work/$1/isakmp.conf"
}
check "one side" side "$a" 192.0.2.1 192.0.2.2
check "the other" side "$b" 192.0.2.2 192.0.2.1
check "up, with the template's child" ours "$a" peer up gw
up() { ours "$a" -j sa show | jq -e '.[] | select(.state == "established") | .children[0].state == "up"'; }
check "which comes up" busywait 5000 up
check "traffic goes through" ip netns exec "$a" ping -c 1 -W 5 192.0.2.2
same() { ours "$a" config save "$work/saved" && ours "$a" config apply "$work/saved" && up; }
check "what is saved can be applied, and changes nothing" same
check_not "a template in use cannot be deleted" ours "$a" peer del all
check "down" ours "$a" peer down gw
taken() {
	ours "$a" peer set all version 2-then-1 v1-accept aggressive && return 1
	ours "$a" proposal set strong ike aes256gcm16-prfsha384-x25519,aes256-sha256-modp2048 esp aes256gcm16 &&
		ours "$a" peer set all version 2-then-1 v1-accept aggressive && ours "$a" peer set gw v1-accept main &&
		ours "$a" config save "$work/saved" && grep 'peer add gw .*v1-accept main' "$work/saved" &&
		! grep 'peer add gw .*version' "$work/saved" && ours "$a" config apply "$work/saved"
}
check "a template says the version, a peer what it accepts" taken

# many N: the slab of the kernel after N peers of one template, in KiB
used() { awk '/^Slab:/ { print $2 }' /proc/meminfo; }
many() {
	local was now each
	{
		cat "$work/$a/isakmp.conf"
		awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) print "peer add n" i " template all remote 10." \
			int(i / 65536) "." int(i / 256) % 256 "." i % 256 }'
	} >"$work/many"
	was=$(used)
	ours "$a" config apply "$work/many" || return
	now=$(used)
	each=$(((now - was) * 1024 / $1))
	echo "$each octets each"
	[ "$VM_KERNEL" = debug ] || [ "$each" -le 3000 ]
}
check "10,000 peers of one template in less than 3,000 octets each" many 10000
ktap_end
