#!/bin/bash
# Algorithms whose modules cannot be loaded: a proposal that has one is refused, with its name, and
# the others work.
# backends: tcg
. ./lib.sh
. ./gateway.sh

# word, what is missing for it
gone="ccm chacha20poly1305 ecdh_generic"

# loaded MODULE...: is any of them there already?
loaded() { local m; for m; do [ ! -d "/sys/module/$m" ] || return 0; done; return 1; }

forbid() {
	local m
	for m in $gone; do
		echo "install $m /bin/false" >>/run/modprobe.d/isakmp-test.conf || return
	done
}

# refused_word WORD IKE [ESP]: the proposal is refused, and the refusal names the algorithm
refused_word() {
	local word=$1 said
	shift
	! said=$(ours "$gwA" proposal add bad ike "$@" 2>&1) && grep -q "$word" <<<"$said" ||
		{ echo "$said"; return 1; }
}

ktap_plan 10
mkdir -p /run/modprobe.d
# others, in the same boot, may have had them, and have some of theirs still
unloaded() {
	local m
	modprobe -qr isakmp
	for m in $gone; do modprobe -qr "$m"; done
	# shellcheck disable=SC2086
	! loaded $gone
}
busywait 10000 unloaded
at_exit rm -f /run/modprobe.d/isakmp-test.conf
# shellcheck disable=SC2086
check_not "modules that shall be missing are not loaded yet" loaded $gone
check "nor can they be" forbid
check "two gateways" lab ours
for suite in aes128ccm16-prfsha256-x25519 aes256ccm8-prfsha256-x25519; do
	check "$suite is refused by name (threat 77)" refused_word CCM "$suite"
done
check "chacha20poly1305 is refused by name (threat 77)" \
	refused_word CHACHA20_POLY1305 chacha20poly1305-prfsha256-x25519
check "ecp256 is refused by name (threat 77)" refused_word ECP_256 aes256gcm16-prfsha256-ecp256
check "ecp384 is refused by name (threat 77)" refused_word ECP_384 aes256gcm16-prfsha256-ecp384
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && esp_flows; }
check "what is there works" up
check "the kernel has said nothing bad" kernel_silent
ktap_end
