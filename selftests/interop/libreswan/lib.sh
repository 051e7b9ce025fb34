# lib.sh: libreswan as the peer. Source it after ../lib.sh. Its version is $version (ikev2 or ikev1), of
# version 1 are $aggressive and $pfs (yes or no), $its_lines are more lines of its connection.
# shellcheck shell=bash

tree=/trees/libreswan

# peer_words SUITE: our words for algorithms -> its words
peer_words() {
	local w out=
	for w in ${1//-/ }; do
		case $w in
		aes*gcm16) w=${w#aes} && out+=-aes_gcm${w%gcm16} ;;
		aes*ctr) w=${w#aes} && out+=-aes_ctr${w%ctr} ;;
		prfsha1 | sha1) out+=-sha1 ;;
		prfsha*) out+=-sha2_${w#prfsha} ;;
		sha*) out+=-sha2_${w#sha} ;;
		x25519) out+=-dh31 ;;
		ecp256) out+=-dh19 ;;
		ecp384) out+=-dh20 ;;
		ecp521) out+=-dh21 ;;
		chacha20poly1305) out+=-chacha20_poly1305 ;;
		*) out+=-$w ;;
		esac
	done
	echo "${out#-}"
}

in_tree() { in_ns "$gwB" chroot "$tree" "$@"; }

peer_conf() {
	local from=$a how=secret cert=
	[ "$nat" = off ] || from=%any
	case $auth in
	psk) ;;
	rsa) how=rsasig cert="leftcert=b.rsa" ;;
	ecdsa) how=ecdsa cert="leftcert=b.ecdsa" ;;
	esac
	{
		cat <<-END
		config setup
			logfile=/run/pluto.log
			ikev1-policy=accept
		conn gw
			keyexchange=${version:-ikev2}
			left=$b
			leftid=@b.example
			right=$from
			rightid=@a.example
			rightca=%same
			authby=$how
			$cert
			ike=$(peer_words "$ike")
			esp=$(peer_words "$esp")
			pfs=${pfs:-no}
			aggressive=${aggressive:-no}
			type=$mode
			ikelifetime=1h
			retransmit-interval=1000
			auto=add
		END
		[ -z "${its_lines-}" ] || printf '%s\n' "$its_lines"
		[ "$mode" != tunnel ] || printf '%s\n' "leftsubnet=$netB" "rightsubnet=$netA"
	} | sed -E '/^(config|conn) /!s/^./\t&/' >"$tree/etc/ipsec.conf"
	in_tree ipsec add gw >"$work/add" 2>&1 || { note "$(cat "$work/add")"; return 1; }
}
peer_up() { timeout 20 ip netns exec "$gwB" chroot "$tree" ipsec up gw >"$work/up" 2>&1 || { note "$(cat "$work/up")"; return 1; }; }
# what was up stays up with it, until it is told
peer_down() { busywait 5000 no_states "$gwB"; }
all_down() {
	in_tree ipsec down gw >/dev/null
	ours "$gwA" peer down gw
	busywait 10000 sa_is "$gwA" 0 && busywait 5000 no_states "$gwA" && peer_down
}
peer_log() { note "$(tail -n 30 "$tree/run/pluto.log")"; }

# keys: certificates and keys in its database
keys() {
	local kind
	mkdir -p "$tree/run/pki" "$tree/var/lib/ipsec/nss" && cp "$work"/pki/* "$tree/run/pki/" || return
	in_tree certutil -N -d sql:/var/lib/ipsec/nss --empty-password &&
	in_tree certutil -A -d sql:/var/lib/ipsec/nss -n ca -t CT,, -i /run/pki/ca.crt || return
	for kind in rsa ecdsa; do
		openssl pkcs12 -export -inkey "$work/pki/b.$kind.key" -in "$work/pki/b.$kind.crt" -name "b.$kind" \
			-passout pass: -out "$tree/run/pki/b.$kind.p12" &&
		in_tree pk12util -i "/run/pki/b.$kind.p12" -d sql:/var/lib/ipsec/nss -W '' -K '' || return
	done
	echo ': PSK "a shared secret of the selftests"' >"$tree/etc/ipsec.secrets"
	chmod 600 "$tree/etc/ipsec.secrets"
}

pluto_start() {
	local d
	for d in proc sys dev; do mount --rbind "/$d" "$tree/$d" || return; done
	mkdir -p "$tree/run/pluto"
	printf 'config setup\n\tlogfile=/run/pluto.log\n\tikev1-policy=accept\n' >"$tree/etc/ipsec.conf"
	in_tree /usr/libexec/ipsec/pluto --nofork --config /etc/ipsec.conf >"$work/pluto.out" 2>&1 3>&- &
	at_exit kill $!
	busywait 15000 grep -q 'loading secrets' "$tree/run/pluto.log"
}

ready() {
	lab_both_families && pki && keys && load_isakmp && at_exit report_reasons "$gwA" &&
	helper_start "$gwA" && pluto_start
}
