#!/bin/bash
# Every class of algorithms once in an IKE SA and in a child, between two gateways of ours: the
# tunnel comes up, carries traffic both ways, and goes.
. ./lib.sh
. ./gateway.sh

# IKE suite, ESP suite: each word of isakmp(8) at least once, and each kind of cipher with others
suites=(
	"aes128-sha1-modp2048			aes128-sha1"
	"aes192-sha384-ecp256			aes192-sha384"
	"aes256-sha512-prfsha256-x25519		aes256-sha512-esn"
	"aes256-sha256-modp3072			aes256-sha256"
	"aes128ctr-sha256-ecp384		aes128ctr-sha256"
	"aes256ctr-sha1-prfsha512-x25519	aes256ctr-sha1-esn"
	"aes128ccm8-prfsha256-ecp256		aes128ccm8"
	"aes192ccm12-prfsha384-x25519		aes192ccm12"
	"aes256ccm16-prfsha512-ecp384		aes256ccm16-esn"
	"aes128gcm8-prfsha1-x25519		aes128gcm8"
	"aes192gcm12-prfsha256-ecp256		aes192gcm12"
	"aes256gcm16-prfsha384-modp4096		aes256gcm16-esn"
	"chacha20poly1305-prfsha256-x25519	chacha20poly1305"
	"aes256-sha256-ecp521			aes256gcm16"
	"chacha20poly1305-prfsha512-x448	chacha20poly1305-esn"
	"3des-md5-modp1024			3des-md5-modp1024"
	"3des-sha1-prfmd5-modp1536		3des-sha1-modp1536-esn"
	"aes128gcm16-prfsha256-modp6144		aes128-md5"
	"aes256-md5-prfsha512-modp8192		3des-sha512"
)

# suite_set IKE ESP: both sides; no SA is left
suite_set() {
	local ns
	for ns in "$gwA" "$gwB"; do
		ours "$ns" proposal replace strong ike "$1" esp "$2" || return
	done
}

# suite_used IKE ESP: what A shows is what was asked for
suite_used() {
	ours "$gwA" -j sa | jq -e --arg ike "$1" --arg esp "${2%-esn}" '
		.[0] | (.suite | startswith($ike | split("-")[0])) and
		any(.children[]; .suite | startswith($esp | split("-")[0]))' >/dev/null
}

suite_works() {
	suite_set "$1" "$2" && ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB" &&
		suite_used "$1" "$2" && ping_ok "$hostA" 10.2.0.2 2 && ping_ok "$hostB" 10.1.0.2 2
}

suite_goes() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }

# not_for_esp KE NAME: a group that the helper computes is for IKE alone, and the refusal names it
not_for_esp() {
	local said
	! said=$(ours "$gwA" proposal add bad ike aes256gcm16-prfsha384-x25519 \
		esp "aes256gcm16-$1" 2>&1) && grep -q "$2" <<<"$said" || { echo "$said"; return 1; }
}

# not_in_version_2: nor is the one that version 1 has a number for, with a peer that may speak version 2
not_in_version_2() {
	local said
	ours "$gwA" proposal add pfs ike aes256-sha256-modp2048 esp aes256-sha256-ecp521 || return
	! said=$(ours "$gwA" child add bad peer gw local-ts 10.8.0.0/16 remote-ts 10.9.0.0/16 proposal pfs 2>&1) &&
		grep -q "only version 1 asks the helper for this key exchange" <<<"$said" || { echo "$said"; return 1; }
	ours "$gwA" proposal del pfs
}

# warns: of 3DES
warns() {
	local said
	said=$(ours "$gwA" proposal add short ike aes256-sha256-modp2048 esp 3des-sha1 2>&1) &&
		grep -q "^Warning: 3DES is weak.*1 GiB" <<<"$said" || { echo "$said"; return 1; }
	ours "$gwA" proposal del short
}

ktap_plan $((2 * ${#suites[@]} + 5))
check "two gateways" lab ours
check "ecp521 is refused for a child of version 2 by name" not_in_version_2
check "3DES: a warning" warns
check "x448 is refused for ESP by name" not_for_esp x448 X448

for suite in "${suites[@]}"; do
	read -r ike esp <<<"$suite"
	check "$ike, esp $esp" suite_works "$ike" "$esp" || note "$(ours "$gwA" sa)" "$(in_ns "$gwA" \
		grep refused- /proc/net/isakmp_stat | grep -v ' 0$')"
	check "$ike goes" suite_goes
done
check "the kernel has said nothing bad" kernel_silent
ktap_end
