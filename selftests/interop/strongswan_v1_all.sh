#!/bin/bash
# strongswan_v1_all.sh: all that version 1 has numbers for, one after the other, with strongSwan, each in
# both directions: ciphers, hashes and groups of phase 1; ciphers, MACs and groups of phase 2, AH; identities
# of all kinds; what a child is for: subnets, ranges, one address, a protocol, a port.
# Topology: lab_both_families in lib.sh, A ours, B strongSwan.
# backends: uml
# tier: long
# timeout: 600
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh
. interop/strongswan/v1.sh

phase1=(
	aes128-md5-modp1024 aes192-sha1-modp1536 aes256-sha256-modp2048 3des-sha1-modp3072 aes128-sha384-modp4096
	aes192-sha512-modp6144 aes256-sha512-modp8192 aes128-sha256-ecp256 aes256-sha384-ecp384
	3des-sha256-ecp521 aes192-md5-ecp256
)
phase2=(
	aes128-md5 aes192-sha1-modp1024 aes256-sha256-modp1536 3des-sha1-modp2048 3des-sha512 aes128-sha384-modp3072
	aes256-sha512-modp4096 aes128-sha256-modp6144 aes128-sha1-modp8192 aes128-sha256-ecp256 aes256-sha384-ecp384
	aes128gcm8 aes192gcm12-ecp256 aes256gcm16 aes128ccm8 aes192ccm12-modp2048 aes256ccm16
	aes128ctr-sha256 aes256ctr-sha512
)
ah=(md5 sha1-modp2048 sha256 sha384-ecp384 sha512)
# of A and of B, and how that is proved
ids=(
	"ipv4:192.0.2.2 ipv4:198.51.100.2 psk" "fqdn:gw-a.example fqdn:gw-b.example psk"
	"email:ann@a.example email:bob@b.example psk" "keyid:gateway-a keyid:gateway-b psk"
	"dn:O=selftests,CN=a\\x20rsa dn:O=selftests,CN=b\\x20rsa rsa" "fqdn:a.example dn:O=selftests,CN=b\\x20ecdsa ecdsa"
)
ktap_plan $((2 + 2 * (${#phase1[@]} + ${#phase2[@]} + ${#ah[@]} + 2 * ${#ids[@]} + 1) + 2 * 6))
check "the lab" ready

main
for suite in "${phase1[@]}"; do row "$suite" aes256-sha256 psk 4 off tunnel; done
for suite in "${phase2[@]}"; do row aes256-sha256-ecp256 "$suite" psk 4 off tunnel; done
# version 1 has a number of no other AH
ipsec=ah
for suite in "${ah[@]}"; do row aes256-sha256-ecp256 "$suite" psk 4 off transport; done
row aes256-sha256-ecp256 sha256 psk 6 off tunnel
ipsec=esp

# ---- identities

its_word() {
	local id=${1//\\x20/ }
	case $id in
	keyid:*) echo "\"$id\"" ;;
	dn:*) echo "\"${id#dn:}\"" ;;
	*) echo "${id#*:}" ;;
	esac
}
for mode_of in main aggressive; do
	$mode_of
	for line in "${ids[@]}"; do
		# shellcheck disable=SC2034 # for lib.sh
		read -r our_id its_id auth <<<"$line"
		row_set aes256-sha256-ecp256 aes256-sha256 "$auth" 4 off tunnel
		row_run "$exchange, $our_id, $its_id, $auth"
	done
done
main
our_id=fqdn:a.example its_id=fqdn:b.example

# ---- what it is for; of strongSwan's words a protocol is in brackets

# for_what NAME OURS THEIRS
for_what() {
	row_set aes256-sha256-ecp256 aes256-sha256 psk "${4:-4}" off tunnel
	netA=$2 netB=$3
	row_run "$1: $2, $3"
}
for_what "single addresses" 10.1.0.2/32 10.2.0.2/32
for_what "ranges" 10.1.0.2-10.1.0.9 10.2.0.1-10.2.0.6
for_what "a subnet and a range" 10.1.0.0/24 10.2.0.0-10.2.0.5
for_what "a protocol" "10.1.0.0/16[icmp]" "10.2.0.0/16[icmp]"
for_what "IPv6, a single address" fd01::2/128 fd02::/64 6
flows() {
	local was
	was=$(esp_packets "$gwA")
	stream_start "$hostA" 10.2.0.2 20 && busywait 5000 esp_above "$was" && stream_whole
}
esp_above() { [ "$(esp_packets "$gwA")" -gt $(($1 + 5)) ]; }
echo_start "$hostB"
for_what "a port" "10.1.0.0/16[udp]" "10.2.0.0/16[udp/7000]"
check "the kernel has no complaint" kernel_silent
ktap_end
