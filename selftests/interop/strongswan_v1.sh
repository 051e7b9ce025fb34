#!/bin/bash
# strongswan_v1.sh: strongSwan as the peer with version 1, a table of runs (lib.sh), each in both directions
# but behind the NAT, where only we can begin: Main and Aggressive Mode, pre-shared keys, RSA and ECDSA
# signatures, with and without PFS. Then rekeys of both phases by either end, liveness, Deletes.
# timeout: 300
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh

peer_conf() {
	local d=$work/$gwB/swanctl method=pubkey certs=b.$auth.crt from=$a
	mkdir -p "$d"/{x509,x509ca,private}
	rm -f "$d"/{x509,private}/*
	cp "$work/pki/ca.crt" "$d/x509ca/"
	if [ "$auth" = psk ]; then
		method=psk certs=
	else
		cp "$work/pki/b.$auth.crt" "$d/x509/" && cp "$work/pki/b.$auth.key" "$d/private/"
	fi
	[ "$nat" = off ] || from=%any
	cat >"$d/swanctl.conf" <<-END
	connections { gw {
		version = 1
		aggressive = $([ "$exchange" = aggressive ] && echo yes || echo no)
		local_addrs = $b
		remote_addrs = $from
		proposals = $ike
		dpd_delay = ${peer_dpd:-0}
		local { auth = $method
			id = b.example
			${certs:+certs = $certs} }
		remote { auth = $method
			id = a.example }
		children { net {
			local_ts = $netB
			remote_ts = $netA
			esp_proposals = $esp
			mode = $mode
		} }
	} }
	secrets { ike-gw { secret = a shared secret of the selftests } }
	END
	if [ ! -S "$work/$gwB/vici" ]; then
		charon_plugins+=" aes des md5 sha1 sha2"
		CHARON_OPTIONS="i_dont_care_about_security_and_use_aggressive_mode_psk = yes" charon_start "$gwB"
	else
		swanctl_ns "$gwB" --load-all --noprompt --clear
	fi
}
peer_up() { swanctl_ns "$gwB" --initiate --child net --timeout 10; }
peer_down() { busywait 5000 charon_is "$gwB" 0; }
peer_log() { note "$(grep -a -E 'gw\||IKE|CFG|ENC' "$work/$gwB/charon.log" | tail -n 25)"; : >"$work/$gwB/charon.log"; }

ready() {
	lab_both_families && pki && load_isakmp && at_exit report_reasons "$gwA" && helper_start "$gwA"
}

# main, aggressive: the rows that follow
main() { exchange=main peer_keys="version 1"; }
aggressive() { exchange=aggressive peer_keys="version 1 v1-exchange aggressive v1-accept aggressive"; }

ktap_plan 29
check "the lab" ready

#   IKE                     ESP                         AUTH  IPv NAT MODE
main
row aes256-sha256-modp2048  aes256-sha256               psk   4   off tunnel
row aes128-sha1-modp1536    aes128-sha1-modp1536        psk   6   off tunnel
row aes256-sha384-modp3072  aes256gcm16                 rsa   4   off tunnel
row aes256-sha384-ecp384    aes256-sha384-ecp384        ecdsa 4   off tunnel
row aes256-sha256-modp2048  aes256-sha256               psk   4   on  tunnel
row aes256-sha512-ecp256    aes128gcm16-ecp256          rsa   6   off transport
row aes192-sha256-modp4096  aes192-sha256               rsa   4   on  tunnel
aggressive
row aes256-sha256-modp2048  aes256-sha256-modp2048      psk   4   off tunnel
row aes128-sha256-ecp256    aes128-sha256               rsa   6   off tunnel
row aes256-sha384-ecp384    aes256-sha384               ecdsa 4   off transport
row aes256-sha256-modp2048  aes256-sha256               psk   4   on  tunnel
main
row_packet aes256-sha256-modp2048 aes256-sha256 psk 4 off tunnel

# ---- the later life of one

of() { ours "$gwA" -j sa | jq -r ".[0] | $1"; }
child='[.children[] | select(.state == "up")] | last'
is_another() { [ "$(of "$1")" != "$2" ] && sa_is "$gwA" 1 "$with_child"; }
# changed WHAT CMD...: CMD gives the connection another one, and traffic goes on
changed() {
	local what=$1 was
	shift
	was=$(of "$what")
	"$@" && busywait 8000 is_another "$what" "$was" && flows
}
row_set aes256-sha256-modp2048 aes256-sha256 psk 4 off tunnel
up() { nat off && peer_dpd=1 peer_conf && our_conf && we_start; }
check "up, and it asks whether we live" up || peer_log
check "we rekey the child" changed "$child | .spi_in" ours "$gwA" sa rekey id "$(of .id)" child net || peer_log
check "it rekeys the child" changed "$child | .spi_in" swanctl_ns "$gwB" --rekey --child net || peer_log
check "we rekey phase 1" changed .spi_i ours "$gwA" sa rekey id "$(of .id)" || peer_log
check "it rekeys phase 1" changed .spi_i swanctl_ns "$gwB" --rekey --ike gw || peer_log
asked() { busywait 8000 more_in $(($(of .msgs_in) + 3)); }
more_in() { [ "$(of .msgs_in)" -gt "$1" ]; }
check "it asks, and we answer" asked
its_delete() { swanctl_ns "$gwB" --terminate --ike gw; busywait 10000 sa_is "$gwA" 0 "$with_child" && busywait 5000 no_states "$gwA"; }
check "it deletes: nothing is left" its_delete || peer_log
check "the kernel has no complaint" kernel_silent
ktap_end
