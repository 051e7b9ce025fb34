#!/bin/bash
# strongswan.sh: strongSwan as the peer, a table of runs (lib.sh), each in both directions but behind
# the NAT, where only we can begin.
# timeout: 300
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh

# our words for algorithms -> its words
peer_words() { echo "${1//x448/curve448}"; }

peer_conf() {
	local d=$work/$gwB/swanctl method certs from
	swan_row "$d"
	cat >"$d/swanctl.conf" <<-END
	connections { gw {
		version = 2
		local_addrs = $b
		remote_addrs = $from
		proposals = $(peer_words "$ike")
		mobike = no
		local { auth = $method
			id = b.example
			${certs:+certs = $certs} }
		remote { auth = $method
			id = a.example }
		children { net {
			local_ts = $netB
			remote_ts = $netA
			esp_proposals = $(peer_words "$esp")
			mode = $mode
		} }
	} }
	secrets { ike-gw { secret = a shared secret of the selftests } }
	END
	if [ ! -S "$work/$gwB/vici" ]; then
		charon_plugins+=" ccm ctr aes sha1 sha2"
		charon_start "$gwB"
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

ktap_plan 32
check "the lab" ready

#   IKE                               ESP                AUTH    IPv NAT MODE
row aes256gcm16-prfsha384-x25519      aes256gcm16        psk     4   off tunnel
row aes128-sha256-modp2048            aes128-sha256      rsa     6   off tunnel
row chacha20poly1305-prfsha256-ecp256 chacha20poly1305   ecdsa   4   on  tunnel
row aes256-sha512-ecp384              aes256-sha512      ed25519 6   off transport
row aes192-sha384-modp3072            aes192-sha384      psk     6   on  tunnel
row aes128ctr-sha256-modp4096         aes128ctr-sha256   rsa     4   off transport
row aes128ccm16-prfsha256-x25519      aes128ccm16        ecdsa   6   off tunnel
row aes128-sha1-modp2048              aes128-sha1        ed25519 4   on  tunnel
row aes256gcm16-prfsha512-ecp521      aes256gcm16-esn    rsa     4   off tunnel
row aes256gcm16-prfsha384-x448        aes128gcm16        psk     6   off transport
row aes256-sha256-ecp256              aes256-sha256      ecdsa   4   off transport
row chacha20poly1305-prfsha384-x25519 chacha20poly1305   psk     4   on  transport
row aes128gcm16-prfsha256-ecp384      aes128gcm16        rsa     6   on  tunnel
row aes256gcm16-prfsha256-modp2048    aes256-sha384      ed25519 4   off tunnel
row 3des-md5-modp1024                 3des-md5           psk     4   off tunnel
row 3des-sha1-modp1536                3des-sha1          psk     6   off tunnel
row aes256-sha512-modp8192            aes256-sha256      psk     4   off tunnel
row_packet aes256gcm16-prfsha384-x25519 aes256gcm16 psk 4 off tunnel
check "the kernel has no complaint" kernel_silent
ktap_end
