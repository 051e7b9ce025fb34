#!/bin/bash
# offload.sh: children whose ESP a device encrypts: what the device has, through rekeys, when it goes
# down or away, when the namespace or the module goes; devices that cannot.
# backends: uml
#
#   gwA                                      gwB
#   10.1.0.1  wan 192.0.2.1 --- 192.0.2.2 wan  10.2.0.1
#
# The cable is a pair of netdevsim devices. They take AES-GCM without ESN and in truth encrypt nothing:
# what gwA gives to its own leaves in the clear, with an empty ICV, and gwB drops it.
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 24
guest_only
[ -d /sys/bus/netdevsim ] || skip_all "no netdevsim here"
mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug

# nsim NUMBER NS ADDRESS: a netdevsim device, wan there
nsim() {
	echo "$1 1" >/sys/bus/netdevsim/new_device || return
	at_exit nsim_del "$1"
	ip link set "$(ls "/sys/bus/netdevsim/devices/netdevsim$1/net")" netns "$2" name wan &&
		ip -n "$2" addr add "$3" dev wan && ip -n "$2" link set wan up
}
nsim_del() { timeout 10 sh -c "echo $1 >/sys/bus/netdevsim/del_device"; }
index() { ip -n "$1" -j link show wan | jq '.[0].ifindex'; }
cable() {
	local a b
	exec {a}<"/run/netns/$gwA" {b}<"/run/netns/$gwB" || return
	echo "$a:$(index "$gwA") $b:$(index "$gwB")" >/sys/bus/netdevsim/link_device
	exec {a}<&- {b}<&-
}

# device [WORD]: a counter (SA count, tx) of what gwA's device has, or its SPIs
ipsec=/sys/kernel/debug/netdevsim/netdevsim1/ports/0/ipsec
device() { sed -n "s/.*$1=\([0-9]*\).*/\1/p" $ipsec; }
has() { [ "$(device 'SA count')" = "$1" ]; }
spis() { sed -n 's/.*spi=\(0x[0-9a-f]*\) .*/\1/p' $ipsec; }

conf() {
	# shellcheck disable=SC2086
	CHILD_KEYS=$1 ours_conf "$gwA" 192.0.2.1 192.0.2.2 10.1.0.0/16 10.2.0.0/16 none ${PEER_KEYS-} &&
		ours_conf "$gwB" 192.0.2.2 192.0.2.1 10.2.0.0/16 10.1.0.0/16
}
apply() { ours "$1" config apply "$work/$1/isakmp.conf"; }
lab() {
	setup_ns gwA gwB && nsim 1 "$gwA" 192.0.2.1/24 && nsim 2 "$gwB" 192.0.2.2/24 && cable || return
	ip -n "$gwA" addr add 10.1.0.1/32 dev lo && ip -n "$gwB" addr add 10.2.0.1/32 dev lo
	ip -n "$gwA" route add 10.2.0.0/16 via 192.0.2.2 && ip -n "$gwB" route add 10.1.0.0/16 via 192.0.2.1
	ping_ok "$gwA" 192.0.2.2 && conf "offload crypto" && ours_start "$gwB" && ours_start "$gwA"
}
check "lab: two netdevsim devices, one child for them" lab || { dmesg | tail -5; ktap_end; }
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB"; }
check "up" up
# taken: what the device has is the child that is up, and it is shown
child() { ours "$gwA" -j sa | jq -r ".[].children[] | select(.state == \"up\") | $1"; }
taken() {
	for spi in "$(child '."spi_in"')" "$(child '."spi_out"')"; do
		spis | grep -q "${spi#0x}" || { echo "$spi is not in:"; cat $ipsec; return 1; }
	done
	[ "$(child '[."offload_in", ."offload_out"] | join(" ")')" = "wan wan" ]
}
check "the device has both SAs, and it is shown" taken
check "two and no more" has 2
check "XFRM says so, too" says 'crypto offload parameters: dev wan dir out' ip -n "$gwA" xfrm state
# A ping is decrypted by XFRM, since the device does not; the answer goes out by the device.
sent() {
	local tx in
	tx=$(device tx) in=$(child '."packets_in"')
	in_ns "$gwB" ping -q -n -c 3 -i 0.01 -W 1 -I 10.2.0.1 10.1.0.1
	[ "$(device tx)" -ge $((tx + 3)) ] && [ "$(child '."packets_in"')" -ge $((in + 3)) ]
}
check "packets go out by the device" sent
rekey() {
	local was
	was=$(child '."spi_in"')
	ours "$1" sa rekey id "$(ours "$1" -j sa | jq '.[0].id')" child net && busywait 5000 other "$was"
}
other() { local now; now=$(child '."spi_in"'); [ "$now" ] && [ "$now" != "$1" ]; }
check "rekeyed by us" rekey "$gwA"
check "the device has the new SAs" taken
check "rekeyed by the peer" rekey "$gwB"
check "the device has the new SAs" taken
check "the old ones leave it" busywait 10000 has 2
check "packets go out by the device" sent

# ---- the device goes down, comes again
was=$(refused "$gwA" child-lost)
down() { ip -n "$gwA" link set wan down && busywait 3000 refused_above "$gwA" child-lost "$was"; }
check "the device goes down: the child is lost at once" down
again() {
	ip -n "$gwA" link set wan up && ip -n "$gwA" route add 10.2.0.0/16 via 192.0.2.2 &&
		busywait 15000 sa_is "$gwA" 1 "$with_child" && taken
}
check "it comes again: the device has the child again" again

# ---- down, unload
gone() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB" && has 0; }
check "taken down: the device has nothing" gone

# ---- devices that cannot
change() { conf "$1" && apply "$gwA" && apply "$gwB"; }
check "a device that encrypts nothing" change "offload crypto offload-dev lo"
check "is named" refuses "$gwA" offload fails ours "$gwA" peer up gw
no() { ours "$gwA" peer down gw; busywait 5000 sa_is "$gwA" 0 && busywait 5000 sa_is "$gwB" 0; }
check "and one that is not there, an algorithm it has not, ESP in UDP" eval 'no &&
	change "offload crypto offload-dev eth9" && refuses "$gwA" offload fails ours "$gwA" peer up gw && no &&
	ESP=aes256-sha256 change "offload crypto" && refuses "$gwA" offload fails ours "$gwA" peer up gw && no &&
	PEER_KEYS="encap yes" change "offload crypto" && refuses "$gwA" offload fails ours "$gwA" peer up gw && no'
soft() {
	ESP=$1 change "offload auto" && up && has 0 && [ "$(child '."offload_out"')" = null ] &&
		in_ns "$gwA" ping -q -n -c 3 -i 0.01 -W 2 -I 10.1.0.1 10.2.0.1 && no
}
check "auto: then the kernel does it: an algorithm, ESN, ESP in UDP" eval 'soft aes256-sha256 && soft aes128gcm16-esn &&
	PEER_KEYS="encap yes" soft aes256gcm16'
check "auto: else the device" eval 'change "offload auto" && up && taken'

# ---- device, module, namespace go
report_reasons "$gwA"	# what was counted goes as well
check "the device goes for good" nsim_del 1
fresh() { no; nsim 1 "$gwA" 192.0.2.1/24 && cable && ip -n "$gwA" route add 10.2.0.0/16 via 192.0.2.2 &&
	change "offload crypto" && up && taken; }
unload() { fresh && helper_kill "$gwA" && helper_kill "$gwB" && unload_isakmp && has 0; }
check "the module goes: the device has nothing" unload
left() {
	ours_start "$gwB" && ours_start "$gwA" && up && taken && helper_kill "$gwA" && ip netns del "$gwA" &&
		busywait 10000 has 0
}
check "the namespace goes: the device has nothing" left
check "the kernel has no complaint" kernel_silent
ktap_end
