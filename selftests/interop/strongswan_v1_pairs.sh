#!/bin/bash
# strongswan_v1_pairs.sh: four Quick Modes with strongSwan as it is by default, which knows the IVs of three
# exchanges: pairs of two networks at each side. Either end begins, rekeys all of them, gets another ISAKMP SA;
# then our policy has the whole of which strongSwan has four parts, and all states of ours are flushed.
# Topology: two_sites in lib.sh, A ours, B strongSwan.
# tier: long
# backends: uml
# timeout: 300
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh

ktap_plan 14

ike=aes256-sha256-ecp256 esp=aes256-sha256
charon_plugins+=" aes sha2"

them() {
	local i j
	mkdir -p "$work/$gwB/swanctl"
	{
		cat <<-END
		connections { gw {
			version = 1
			local_addrs = 192.0.2.2
			remote_addrs = 192.0.2.1
			proposals = $ike
			local { auth = psk
				id = b.example }
			remote { auth = psk
				id = a.example }
			children {
		END
		for i in 1 2; do
			for j in 1 2; do
				cat <<-END
				n$i$j {
					local_ts = 10.2.$j.0/24
					remote_ts = 10.1.$i.0/24
					esp_proposals = $esp
				}
				END
			done
		done
		cat <<-END
			}
		} }
		secrets { ike-gw { secret = a shared secret of the selftests } }
		END
	} >"$work/$gwB/swanctl/swanctl.conf"
	charon_start "$gwB"
}

whole() {
	IKE=$ike ESP=$esp LOCAL_ID=fqdn:a.example REMOTE_ID=fqdn:b.example \
		ours_conf "$gwA" 192.0.2.1 192.0.2.2 10.1.0.0/16 10.2.0.0/16 none version 1
}
parts() {
	local i j
	whole && sed -i '/^\s*child/d' "$work/$gwA/isakmp.conf" || return
	for i in 1 2; do
		for j in 1 2; do
			echo "child add n$i$j peer gw local-ts 10.1.$i.0/24 remote-ts 10.2.$j.0/24" >>"$work/$gwA/isakmp.conf"
		done
	done
}

lab() {
	local i
	two_sites && load_isakmp && at_exit report_reasons "$gwA" || return
	for i in 1 2; do
		ip -n "$hostA" addr add "10.1.$i.2/16" dev lan && ip -n "$hostB" addr add "10.2.$i.2/16" dev lan || return
	done
	parts && ours_start "$gwA" && them
}

peer_log() {
	note "$(grep -a -v JOB "$work/$gwB/charon.log" | tail -n 40)" "$(ours "$gwA" sa)" "$(swanctl_ns "$gwB" --list-sas)"
	: >"$work/$gwB/charon.log"
}
result() { check "$@" || peer_log; }

up='[.[] | select(.state == "established")][0]'
spis() { ours "$gwA" -j sa | jq -r "$up | [.children[] | select(.state == \"up\") | .spi_in] | sort | join(\" \")"; }
four() { [ "$(spis | wc -w)" = 4 ]; }
flow() {
	local i j
	for i in 1 2; do
		for j in 1 2; do
			in_ns "$hostA" ping -q -n -c 2 -i 0.01 -W 1 -I "10.1.$i.2" "10.2.$j.2" &&
				in_ns "$hostB" ping -q -n -c 2 -i 0.01 -W 1 -I "10.2.$j.2" "10.1.$i.2" || return
		done
	done
}
work_all() { busywait 10000 four && flow >/dev/null; }
we_begin() { ours "$gwA" peer up gw wait 10 && work_all; }
it_begins() {
	local c
	for c in n11 n12 n21 n22; do
		swanctl_ns "$gwB" --initiate --child "$c" --timeout 10 || return
	done
	work_all
}
# anew SPIS: none of them is there any more
anew() { four && ! tr ' ' '\n' <<<"$1" | grep -qwF -f <(spis | tr ' ' '\n'); }
# others CMD...: after it there are four others
others() {
	local was
	was=$(spis)
	"$@" && busywait 15000 anew "$was" && flow >/dev/null
}
id() { ours "$gwA" -j sa | jq -r "$up | .id"; }
our_rekeys() { local c; for c in n11 n12 n21 n22; do ours "$gwA" sa rekey id "$(id)" child "$c" || return; done; }
its_rekeys() { local c; for c in n11 n12 n21 n22; do swanctl_ns "$gwB" --rekey --child "$c" || return; done; }
cookie() { ours "$gwA" -j sa | jq -r "$up | .spi_i"; }
another() { [ "$(cookie)" != "$1" ]; }
phase1() {
	local was
	was=$(cookie)
	"$@" && busywait 10000 another "$was" && work_all
}
our_phase1() { ours "$gwA" sa rekey id "$(id)"; }
down() { ours "$gwA" peer down gw && busywait 10000 sa_is "$gwA" 0 && busywait 5000 no_states "$gwB"; }

check "lab: two networks at each side" lab
result "we begin: four children at both ends" we_begin
result "we rekey all of them" others our_rekeys
result "it rekeys all of them" others its_rekeys
result "we begin another ISAKMP SA" phase1 our_phase1
result "it does" phase1 swanctl_ns "$gwB" --rekey --ike gw
result "and we rekey all of them" others our_rekeys
result "down" down
wider() { whole && ours "$gwA" config apply "$work/$gwA/isakmp.conf"; }
check "our policy has the whole" wider
result "it begins: four parts of it" it_begins
result "it rekeys all of them" others its_rekeys
result "all states of ours are flushed: all come back" others ip -n "$gwA" xfrm state flush
result "down" down
check "the kernel has no complaint" kernel_silent
ktap_end
