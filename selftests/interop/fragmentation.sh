#!/bin/bash
# fragmentation.sh: certificates of 4 KB and more with strongSwan and OpenIKED, where no fragment of IP gets
# through the router: fragments of IKE (RFC 7383), each side starting.
# Topology: two_gateways in lib.sh, A ours, B the peer.
# timeout: 180
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh

ktap_plan 14

# ---- a router that drops fragments of IP

wall() {
	in_ns "$router" nft -f - <<-END
	table ip wall {
		counter dropped { }
		chain in {
			type filter hook prerouting priority -450;
			ip frag-off & 0x3fff != 0 counter name dropped drop
		}
	}
	END
}
dropped() { in_ns "$router" nft -j list counter ip wall dropped | jq '[.nftables[].counter.packets // 0] | add'; }

# ---- certificates: of a and b, by an intermediate authority that each sends along, or by the root

pki=$work/pki
# certificate NAME ISSUER EXTENSION...: with a comment of 2 KB
certificate() {
	local name=$1 ca=$2 ext args=()
	shift 2
	for ext; do args+=(-addext "$ext"); done
	openssl ecparam -name prime256v1 -genkey -noout -out "$pki/$name.key" || return
	[ "$ca" = "$name" ] || args+=(-CA "$pki/$ca.crt" -CAkey "$pki/$ca.key")
	openssl req -x509 -new -key "$pki/$name.key" -subj "/O=selftests/CN=$name" -days 30 \
		-addext "nsComment=$(head -c "${PAD:-2000}" /dev/zero | tr '\0' x)" "${args[@]}" -out "$pki/$name.crt"
}
make_pki() {
	local ca=(basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign,cRLSign) who
	mkdir -p "$pki" "$work/$gwA/secrets" || return
	export OPENSSL_CONF=$pki/openssl.cnf
	printf '%s\n' '[req]' 'distinguished_name = dn' '[dn]' >"$OPENSSL_CONF"
	certificate root root "${ca[@]}" && certificate inter root "${ca[@]}" || return
	for who in a b; do
		certificate $who inter "subjectAltName=DNS:$who.example" basicConstraints=CA:FALSE &&
			PAD=4000 certificate $who-root root "subjectAltName=DNS:$who.example" \
				basicConstraints=CA:FALSE || return
	done
	cat "$pki/inter.crt" >>"$pki/a.crt"
	cp "$pki"/a*.crt "$pki"/a*.key "$pki/root.crt" "$work/$gwA/secrets/" && chmod 0640 "$work/$gwA/secrets"/*
}

# us CERTIFICATE [ESP [PEER KEYS...]]
us() {
	local cert=$1 esp=${2:-aes256gcm16}
	shift $(($# > 1 ? 2 : 1))
	cat >"$work/$gwA/isakmp.conf" <<-END
	listen addr 192.0.2.2
	proposal strong ike aes256gcm16-prfsha384-x25519 esp $esp
	cred root ca file root.crt
	cred own x509 id fqdn:a.example file $cert.crt key $cert.key
	peer gw local 192.0.2.2 remote 198.51.100.2 proposal strong $*
	auth peer gw side local method pubkey id fqdn:a.example cred own
	auth peer gw side remote method pubkey id fqdn:b.example ca root
	child net peer gw local-ts 10.1.0.0/16 remote-ts 10.2.0.0/16
	END
	[ ! -e "$work/$gwA/isakmpd.pid" ] || ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}
lab_wall() {
	two_gateways && wall && make_pki && us a && ours_start "$gwA" &&
		in_ns "$gwA" sysctl -q net.isakmp.retransmit_timeout_ms=100 net.isakmp.retransmit_tries=4
}
check "the lab: keys, A ours, a router that drops fragments of IP" lab_wall
flows() { ping_ok "$hostA" 10.2.0.2 3; }
down() { ours "$gwA" peer down gw; busywait 5000 no_states "$gwA" && busywait 5000 no_states "$gwB"; }
we_start() { ours "$gwA" peer up gw && tunnel_up "$gwA" && flows && down; }

# ---- strongSwan

# swan [LINE]: with a chain of three certificates, and that in its connection
swan() {
	local d=$work/$gwB/swanctl
	mkdir -p "$d"/{x509,x509ca,private}
	cp "$pki/b.crt" "$d/x509/" && cp "$pki/b.key" "$d/private/" && cp "$pki"/{root,inter}.crt "$d/x509ca/"
	cat >"$d/swanctl.conf" <<-END
	connections { gw {
		version = 2
		local_addrs = 198.51.100.2
		remote_addrs = 192.0.2.2
		proposals = aes256gcm16-prfsha384-x25519
		mobike = no
		${1-}
		local { auth = pubkey
			id = b.example }
		remote { auth = pubkey
			id = a.example }
		children { net {
			local_ts = 10.2.0.0/16
			remote_ts = 10.1.0.0/16
			esp_proposals = aes256gcm16
		} }
	} }
	END
	[ ! -S "$work/$gwB/vici" ] || swanctl_ns "$gwB" --load-all --noprompt --clear >"$work/load" 2>&1
}
swan_starts() { swanctl_ns "$gwB" --initiate --child net --timeout 5 && tunnel_up "$gwA" && flows && down; }
peer_log() { note "$(tail -n 30 "$work/$gwB/charon.log")" "$(tail -n 5 "$work/$gwA/isakmpd.log")"; }
result() { check "$@" || { peer_log; down >/dev/null 2>&1; }; }
lab_swan() { swan && charon_start "$gwB"; }
check "strongSwan" lab_swan
none_there=$(dropped)
result "we start" we_start
result "it starts" swan_starts
its_size() { sed -i '/^charon {/a fragment_size = 600' "$work/$gwB/strongswan.conf" && swanctl_ns "$gwB" --reload-settings; }
check "with fragments of 600 octets" its_size
result "it starts" swan_starts
ours_small() { us a aes256gcm16 fragment-size 576 && we_start; }
result "ours of 576: we start" ours_small
check "no fragment of IP was sent" [ "$(dropped)" = "$none_there" ]
without() { swan "fragmentation = no" && ! ours "$gwA" peer up gw wait 2s && [ "$(dropped)" -gt "$none_there" ]; }
result "without fragmentation there: nothing gets through" without
charon_stop "$gwB"
busywait 10000 sa_is "$gwA" 0

# ---- OpenIKED

iked=$work/iked
iked_conf() {
	cat >"$iked/iked.conf" <<-END
	set nomobike
	set fragmentation
	ikev2 "gw" $1 tunnel esp from 10.2.0.0/16 to 10.1.0.0/16 local 198.51.100.2 peer 192.0.2.2 \\
		ikesa enc aes-256-gcm prf hmac-sha2-384 group curve25519 \\
		childsa enc aes-256 auth hmac-sha1 noesn srcid b.example dstid a.example
	END
	chmod 600 "$iked/iked.conf"
}
iked_start() {
	mkdir -p "$iked"
	# PF_KEY's registration would look for each algorithm it ever heard of
	[ "$VM_BACKEND" != uml ] || {
		at_exit sysctl -q "kernel.modprobe=$(sysctl -n kernel.modprobe)"
		sysctl -q kernel.modprobe=
	}
	iked_conf passive
	in_ns "$gwB" unshare -m sh -c '
		mount -t tmpfs tmpfs /etc/iked && cd /etc/iked &&
		mkdir -p private ca certs crls pubkeys/fqdn && cp "$2/root.crt" ca/ && cp "$2/b-root.crt" certs/ &&
		cp "$2/b-root.key" private/local.key && chmod 600 private/local.key && echo $$ >"$1/pid" &&
		exec iked -d -v -v -s "$1/socket" -f "$1/iked.conf"
	' sh "$iked" "$pki" >"$iked/log" 2>&1 3>&- &
	at_exit iked_stop
	busywait 10000 grep -q 'compilation done' "$iked/log"
}
iked_stop() { kill "$(cat "$iked/pid")" 2>/dev/null; }
# two seconds after it has read an active policy it begins
iked_starts() {
	iked_conf active && ikectl -s "$iked/socket" reload && tunnel_up "$gwA" && flows && down
}
peer_log() { note "$(tail -n 30 "$iked/log")" "$(tail -n 5 "$work/$gwA/isakmpd.log")"; }
lab_iked() { us a-root aes256-sha1 && iked_start; }
check "OpenIKED" lab_iked
none_there=$(dropped)
result "we start" we_start
result "it starts" iked_starts
check "no fragment of IP was sent" [ "$(dropped)" = "$none_there" ]
check "the kernel has no complaint" kernel_silent
ktap_end
