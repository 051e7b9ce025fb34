# machine.sh: what both boots of the machine share. Sourced.
# shellcheck shell=bash
#
#   this machine ------------------------ peer (a namespace, ours too)
#        veth0 192.0.2.2/24   192.0.2.1/24 wan
#        lo    10.1.0.1/16      10.2.0.2/16 lo
#
# The machine's configuration and secret are files of /etc/isakmp; the peer's are made at each boot.
. ./lib.sh
. ./gateway.sh

# what the package installed, not what stands in the work tree
PATH=/usr/sbin:/usr/bin:/sbin:/bin

# module_there: uml has no folder of modules that depmod knows
module_there() {
	local dir
	dir=/lib/modules/$(uname -r)
	[ "${ISAKMP_MODULE-}" ] || return 0
	mkdir -p "$dir/updates" && cp "$ISAKMP_MODULE" "$dir/updates/" && depmod
}

# configure: the machine's files
configure() {
	cat >/etc/isakmp/isakmp.conf <<-END
	listen add addr 192.0.2.2
	proposal add strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
	cred add gw psk id ipv4:192.0.2.1 file gw
	peer add gw local 192.0.2.2 remote 192.0.2.1 proposal strong
	auth add peer gw side local method psk id ipv4:192.0.2.2 cred gw
	auth add peer gw side remote method psk id ipv4:192.0.2.1
	child add net peer gw local-ts 10.1.0.0/16 remote-ts 10.2.0.0/16 start now
	END
	echo "a shared secret of the selftests" >/etc/isakmp/secrets/gw
	chown root:isakmp /etc/isakmp/secrets/gw
	chmod 0640 /etc/isakmp/secrets/gw
	# shellcheck disable=SC2016
	printf '%s\n' '#!/bin/sh' 'echo "$ISAKMP_EVENT $ISAKMP_SA_PEER" >>/hooked' >/etc/isakmp/hooks.d/10-note
	chmod 0755 /etc/isakmp/hooks.d/10-note
}

# peer_there: the other end, in a namespace, with a helper of its own
peer_there() {
	setup_ns peer || return
	ip link add veth0 type veth peer name wan netns "$peer" &&
		ip addr add 192.0.2.2/24 dev veth0 && ip link set veth0 up &&
		ip addr add 10.1.0.1/16 dev lo &&
		ip route add 10.2.0.0/16 via 192.0.2.1 src 10.1.0.1 || return
	ip -n "$peer" addr add 192.0.2.1/24 dev wan && ip -n "$peer" link set wan up &&
		ip -n "$peer" addr add 10.2.0.2/16 dev lo &&
		ip -n "$peer" route add 10.1.0.0/16 via 192.0.2.2 src 10.2.0.2 || return
	# who boots may be loading it: a minute's work of modprobe for the ciphers, on a slow machine
	[ -d /sys/module/isakmp ] || modprobe isakmp || return
	busywait 60000 grep -q live /sys/module/isakmp/initstate || return
	ours_conf "$peer" 192.0.2.1 192.0.2.2 10.2.0.0/16 10.1.0.0/16
	helper_start "$peer" && ours "$peer" config apply "$work/$peer/isakmp.conf"
}

# tunnel: what makes it this one and no other
tunnel() { isakmp -j sa | jq -c '[.[] | select(.peer == "gw") | [.spi_i, .spi_r, (.children | map(.spi_in))]]'; }
up() { [ "$(isakmp -j sa | jq "[.[] | select($with_child)] | length")" = 1 ]; }
# through the tunnel: its packets are counted
packets() { isakmp -j sa | jq '[.[].children[]? | .packets_out // 0] | add // 0'; }
pings() {
	local was
	was=$(packets)
	ping -q -n -c 3 -i 0.2 -W 5 -I 10.1.0.1 10.2.0.2 && [ "$(packets)" -ge $((was + 3)) ]
}
