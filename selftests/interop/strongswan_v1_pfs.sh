#!/bin/bash
# strongswan_v1_pfs.sh: Quick Mode with PFS in the group that the helper computes (ECP-521), with strongSwan,
# both ways; rekeys by either end; the helper is killed meanwhile: the old child goes on, by a refusal of
# that name, and the next helper makes the new one.
# Topology: two_sites in lib.sh, A ours, B strongSwan.
# timeout: 240
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh

ike=aes256-sha512-ecp521 esp=aes256-sha512-ecp521
charon_plugins+=" aes sha1 sha2"
# On a slow machine a helper that computes takes longer than strongSwan's three tries
CHARON_OPTIONS="retransmit_tries = 8
	retransmit_base = 1.2"

them() {
	mkdir -p "$work/$gwB/swanctl"
	cat >"$work/$gwB/swanctl/swanctl.conf" <<-END
	connections { gw {
		version = 1
		local_addrs = 192.0.2.2
		remote_addrs = 192.0.2.1
		proposals = $ike
		local { auth = psk
			id = b.example }
		remote { auth = psk
			id = a.example }
		children { net {
			local_ts = 10.2.0.0/16
			remote_ts = 10.1.0.0/16
			esp_proposals = $esp
		} }
	} }
	secrets { ike-gw { secret = a shared secret of the selftests } }
	END
	charon_start "$gwB"
}

lab() {
	two_sites && load_isakmp && at_exit report_reasons "$gwA" && IKE=$ike ESP=$esp LOCAL_ID=fqdn:a.example \
		REMOTE_ID=fqdn:b.example ours_conf "$gwA" 192.0.2.1 192.0.2.2 10.1.0.0/16 10.2.0.0/16 none version 1 &&
		ours_start "$gwA" && them
}

peer_log() {
	note "$(grep -a -v JOB "$work/$gwB/charon.log" | tail -n 20)" "$(tail -n 5 "$work/$gwA/isakmpd.log")" \
		"$(in_ns "$gwA" grep refused- /proc/net/isakmp_stat | grep -v ' 0$')" "$(ours "$gwA" sa)"
	: >"$work/$gwB/charon.log"
}
result() { check "$@" || peer_log; }

of() { ours "$gwA" -j sa | jq -r ".[0] | $1"; }
child='[.children[] | select(.state == "up")] | last'
uses_ecp521() { [[ $(of "$child | .suite") == *ecp521* ]] || { of "$child"; return 1; }; }
flows() { ping_ok "$hostA" 10.2.0.2 2 && ping_ok "$hostB" 10.1.0.2 2; }
works() { tunnel_up "$gwA" && uses_ecp521 && flows; }
we_start() { ours "$gwA" peer up gw wait 8 && works; }
it_starts() { swanctl_ns "$gwB" --initiate --child net --timeout 8 && works; }
down() {
	ours "$gwA" peer down gw >/dev/null 2>&1
	busywait 5000 sa_is "$gwA" 0 "$established" && busywait 5000 charon_is "$gwB" 0
}
is_another() { [ "$(of "$child | .spi_in")" != "$1" ] && sa_is "$gwA" 1 "$with_child"; }
# changed CMD...: CMD gives it another child, and traffic goes on
changed() {
	local was
	was=$(of "$child | .spi_in")
	"$@" && busywait 8000 is_another "$was" && uses_ecp521 && flows
}
we_rekey() { ours "$gwA" sa rekey id "$(of .id)" child net; }
it_rekeys() { swanctl_ns "$gwB" --rekey --child net; }

# killed CMD...: without a helper CMD makes nothing, and the child goes on
killed() {
	local was
	was=$(of "$child | .spi_in")
	helper_kill "$gwA"
	busywait 5000 no_helper "$gwA" && refuses "$gwA" helper-lost "$@" && flows &&
		[ "$(of "$child | .spi_in")" = "$was" ]
}
# returns: strongSwan has said it again meanwhile, or we do
returns() {
	local was=$1
	shift
	helper_start "$gwA" && "$@" && busywait 20000 is_another "$was" && flows
}

ktap_plan 11
check "the lab: A ours, B strongSwan" lab
result "we start" we_start
result "we rekey the child" changed we_rekey
result "it rekeys the child" changed it_rekeys
check "it goes" down || peer_log
result "it starts" it_starts
result "we rekey without a helper: helper-lost, and the old child goes on" killed we_rekey
result "a helper comes: we rekey" returns "$(of "$child | .spi_in")" we_rekey
result "it rekeys while there is no helper: helper-lost, and the old child goes on" killed it_rekeys
result "a helper comes: what it repeats is answered" returns "$(of "$child | .spi_in")" true
check "the kernel has no complaint" kernel_silent
ktap_end
