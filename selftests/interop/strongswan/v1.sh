# v1.sh: strongSwan as the peer with version 1, for the rows of ../lib.sh. Source it after that one.
# $exchange is main or aggressive, $our_id and $its_id are who they are in our words, $ipsec is esp or ah,
# $its_lines are more lines of its connection, $its_child of its child.
# shellcheck shell=bash

# its_word ID: an identity in its words
its_word() {
	case $1 in
	fqdn:* | email:* | ipv4:* | ipv6:*) echo "${1#*:}" ;;
	dn:*) echo "\"${1#dn:}\"" ;;
	*) echo "\"$1\"" ;;
	esac
}

peer_conf() {
	local d=$work/$gwB/swanctl method certs from
	swan_row "$d"
	cat >"$d/swanctl.conf" <<-END
	connections { gw {
		version = 1
		aggressive = $([ "$exchange" = aggressive ] && echo yes || echo no)
		local_addrs = $b
		remote_addrs = $from
		proposals = $ike
		dpd_delay = ${peer_dpd:-0}
		${its_lines-}
		local { auth = $method
			id = $(its_word "${its_id:-fqdn:b.example}")
			${certs:+certs = $certs} }
		remote { auth = $method
			id = $(its_word "${our_id:-fqdn:a.example}") }
		children { net {
			local_ts = ${its_netB:-$netB}
			remote_ts = ${its_netA:-$netA}
			${ipsec:-esp}_proposals = $esp
			mode = $mode
			${its_child-}
		} }
	} }
	secrets { ike-gw { secret = a shared secret of the selftests } }
	END
	if [ ! -S "$work/$gwB/vici" ]; then
		charon_plugins+=" aes des md5 sha1 sha2"
		CHARON_OPTIONS="i_dont_care_about_security_and_use_aggressive_mode_psk = yes
			${charon_lines-}" charon_start "$gwB"
	else
		swanctl_ns "$gwB" --load-all --noprompt --clear
	fi
}
peer_up() { swanctl_ns "$gwB" --initiate --child net --timeout 10; }
peer_down() { busywait 5000 charon_is "$gwB" 0; }
peer_log() {
	note "$(grep -a -E 'gw\||IKE|CFG|ENC' "$work/$gwB/charon.log" | tail -n 25)" "$(tail -n 5 "$work/$gwA/isakmpd.log")"
	: >"$work/$gwB/charon.log"
}

ready() {
	lab_both_families && pki && load_isakmp && at_exit report_reasons "$gwA" && helper_start "$gwA"
}

# main, aggressive: the rows that follow
main() { exchange=main peer_keys="version 1"; }
aggressive() { exchange=aggressive peer_keys="version 1 v1-exchange aggressive v1-accept aggressive"; }
