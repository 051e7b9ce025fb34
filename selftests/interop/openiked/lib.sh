# lib.sh: OpenIKED as the peer of a table of runs. Source it after ../lib.sh.
# shellcheck shell=bash disable=SC2154

# peer_words SUITE: our words for algorithms -> its words
peer_words() {
	local w out=
	for w in ${1//-/ }; do
		case $w in
		aes*ctr) w=${w#aes} && out+=" enc aes-${w%ctr}-ctr" ;;
		aes*gcm16) w=${w#aes} && out+=" enc aes-${w%gcm16}-gcm" ;;
		aes*) out+=" enc aes-${w#aes}" ;;
		sha1) out+=" auth hmac-sha1" ;;
		sha*) out+=" auth hmac-sha2-${w#sha}" ;;
		prfsha*) out+=" prf hmac-sha2-${w#prfsha}" ;;
		x25519) out+=" group curve25519" ;;
		*) out+=" group $w" ;;
		esac
	done
	echo "$out"
}

# ike_words SUITE: the PRF is that of the MAC where none is named, as with ours
ike_words() {
	local out mac
	out=$(peer_words "$1")
	mac=${out#*auth }
	[[ $1 == *prf* ]] || out+=" prf ${mac%% *}"
	echo "$out"
}

# iked_conf passive|active: the row, for it; life: lifetimes of it; extra: a line before
iked_conf() {
	local from=$netB to=$netA peer=$a how='psk "a shared secret of the selftests"'
	[ "$mode" = tunnel ] || from=$b to=$a
	[ "$nat" = off ] || peer=any
	[ "$auth" = psk ] || how=
	cat >"$iked/iked.conf" <<-END
	set nomobike
	${extra-}
	ikev2 "gw" $1 $mode esp from $from to $to local $b peer $peer \\
		ikesa $(ike_words "$ike") childsa $(peer_words "$esp") noesn \\
		srcid b.example dstid a.example ${life-} $how
	END
	chmod 600 "$iked/iked.conf"
}

# iked_start: with the row's configuration and key, in an /etc/iked of its own
iked_start() {
	local kind=${auth/psk/rsa}
	in_ns "$gwB" unshare -m sh -c '
		mount -t tmpfs tmpfs /etc/iked && cd /etc/iked &&
		mkdir -p private ca certs crls pubkeys/fqdn && cp "$2/ca.crt" ca/ && cp "$2/b.$3.crt" certs/ &&
		cp "$2/b.$3.key" private/local.key && chmod 600 private/local.key && echo $$ >"$1/pid" &&
		exec iked -d -v -v -s "$1/socket" -f "$1/iked.conf"
	' sh "$iked" "$work/pki" "$kind" >"$iked/log" 2>&1 3>&- &
	busywait 10000 grep -q 'compilation done' "$iked/log"
}

iked_stop() {
	local pid
	pid=$(cat "$iked/pid" 2>/dev/null) || return 0
	rm -f "$iked/pid"
	kill "$pid" 2>/dev/null
	busywait 5000 fails kill -0 "$pid" >/dev/null || kill -9 "$pid"
}

peer_conf() { iked_stop; iked_conf passive && iked_start; }
# two seconds after it has read an active policy it begins
peer_up() { iked_conf active && ikectl -s "$iked/socket" reload; }
peer_down() { busywait 5000 no_states "$gwB"; }
peer_log() { note "$(tail -n 25 "$iked/log")"; }

# no_modprobe: PF_KEY's registration looks for each algorithm it ever heard of, which takes seconds,
# and a kernel without modules has no more than it has
no_modprobe() {
	[ "$VM_BACKEND" = uml ] || return 0
	at_exit sysctl -q "kernel.modprobe=$(sysctl -n kernel.modprobe)"
	sysctl -q kernel.modprobe=
}

ready() {
	iked=$work/iked && mkdir "$iked" && no_modprobe && lab_both_families && pki && load_isakmp &&
	at_exit report_reasons "$gwA" && helper_start "$gwA" && at_exit iked_stop
}
