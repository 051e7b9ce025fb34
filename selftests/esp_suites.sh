#!/bin/bash
# esp_suites.sh: every algorithm of ESP carries packets, and XFRM has what was agreed: algorithm and
# ICV, replay windows, ESN, direction. Topology: two_sites in lib.sh, both of ours.
. ./lib.sh
. ./gateway.sh

# suite, what `ip -d xfrm state` calls it, ICV bits. By number, where a suite's text has a name or not.
suites=(
	"encr18_128 rfc4106(gcm(aes)) 64" "encr19_192 rfc4106(gcm(aes)) 96" "encr20_256 rfc4106(gcm(aes)) 128"
	"encr14_128 rfc4309(ccm(aes)) 64" "encr15_192 rfc4309(ccm(aes)) 96" "encr16_256 rfc4309(ccm(aes)) 128"
	"encr28 rfc7539esp(chacha20,poly1305) 128" "encr20_128-esn rfc4106(gcm(aes)) 128"
	"encr12_128-integ2 hmac(sha1) 96" "encr12_192-integ12 hmac(sha256) 128"
	"encr12_256-integ13 hmac(sha384) 192" "encr12_256-integ14-esn hmac(sha512) 256"
	"encr13_128-integ12 hmac(sha256) 128" "encr13_256-integ14-esn hmac(sha512) 256"
	"encr3-integ1 hmac(md5) 96" "encr3-integ2-esn cbc(des3_ede) 96"
)
ktap_plan $((5 + 2 * ${#suites[@]}))

lab() {
	two_sites && ESP=encr20_128 ours_conf "$gwA" 192.0.2.1 192.0.2.2 10.1.0.0/16 10.2.0.0/16 &&
		ESP=encr20_128 ours_conf "$gwB" 192.0.2.2 192.0.2.1 10.2.0.0/16 10.1.0.0/16 &&
		ours_start "$gwB" && ours_start "$gwA"
}
check "lab: two of ours" lab

# esp NS SUITE
esp() { ours "$1" proposal set strong ike aes256gcm16-prfsha384-x25519 esp "$2"; }
carries() {
	esp "$gwA" "$1" && esp "$gwB" "$1" && ours "$gwA" peer up gw && tunnel_up "$gwA" &&
		ping_ok "$hostA" 10.2.0.2 3 && ping_ok "$hostB" 10.1.0.2 3 &&
		[ "$(esp_packets "$gwA")" -ge 6 ]
}
# agreed SUITE NAME BITS: both states of both ends
agreed() {
	local ns said window
	for ns in "$gwA" "$gwB"; do
		said=$(ip -n "$ns" -d xfrm state)
		echo "$said"
		[ "$(grep -c -F "$2" <<<"$said")" = 2 ] && [ "$(grep -c -E " $3\$" <<<"$said")" = 2 ] &&
			[ "$(grep -c '^	dir in$' <<<"$said")" = 1 ] &&
			[ "$(grep -c '^	dir out$' <<<"$said")" = 1 ] || return
		window=$(awk '/dir in/ { inbound = 1 } /dir out/ { inbound = 0 }
			{ for (i = 1; i < NF; i++) if ($i == "replay_window") w[++n] = $(i + 1) }
			END { m = 0; for (i in w) if (w[i] + 0 > m) m = w[i] + 0; print m }' <<<"$said")
		[ "$window" -ge 64 ] || return
		case $1 in
		*-esn) [ "$(grep -c -w esn <<<"$(grep flag <<<"$said")")" = 2 ] ;;
		*) ! grep flag <<<"$said" | grep -q -w esn ;;
		esac || return
	done
}
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
for row in "${suites[@]}"; do
	read -r suite name bits <<<"$row"
	check "$suite carries packets both ways" carries "$suite"
	check "$suite: algorithm, window, ESN and direction are as agreed (threat 85)" agreed "$suite" "$name" "$bits"
	down
done

# A window is each end's own: what the child says there, and outbound none.
# windowed NS PACKETS: of the state that comes in there
windowed() {
	ip -n "$1" -d xfrm state | tee "$work/states" | awk -v want="$2" '
		/^src/ { r = 0 }
		/replay_window/ { for (i = 1; i < NF; i++) if ($i == "replay_window") r = $(i + 1) + 0 }
		/dir in/ { w = r }
		END { exit w != want }' || { cat "$work/states"; return 1; }
}
# window PACKETS SUITE
window() {
	ours "$gwA" child set net peer gw replay-window "$1" && carries "$2" &&
		windowed "$gwA" "$1" && windowed "$gwB" 128 && down
}
check "windows of 32, 33 and 4096 packets" eval 'window 32 encr20_128 && window 33 encr20_128 && window 4096 encr20_128'
check "and with ESN" eval 'window 32 encr20_128-esn && window 4096 encr20_128-esn'
check "nothing is left" no_states "$gwB"
check "the kernel has no complaint" kernel_silent
ktap_end
