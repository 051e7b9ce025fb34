#!/bin/bash
# strongswan_v1_xauth.sh: XAUTH and mode config of version 1 with strongSwan, both ways: names and passwords
# with a shared secret, with certificates, alone (hybrid); inner addresses asked for (pull) and sent (push).
# Topology: two_sites in lib.sh, A ours, B strongSwan.
# backends: uml
# timeout: 240
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh

ike=aes256-sha256-modp2048 esp=aes256-sha256
charon_plugins+=" aes sha1 sha2 xauth-generic"

# us LINES: our side, as it is for all
us() {
	cat >"$work/$gwA/isakmp.conf" <<-END
	listen addr 192.0.2.1
	proposal old ike $ike esp $esp
	cred gw psk file gw
	cred ours x509 id fqdn:a.example file a.rsa.crt key a.rsa.key
	cred root ca file ca.crt
	cred staff users file staff
	cred ann user id fqdn:ann file ann
	pool inside range 10.9.0.0/24 dns 10.1.0.53 subnet 10.1.0.0/16
	$*
	END
	[ ! -e "$work/$gwA/isakmpd.pid" ] || ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}

# auths LOCAL REMOTE: the two lines of it
auths() { printf 'auth peer gw side %s\n' "local $1" "remote $2"; }

# we_serve HOW [PEER KEYS]: it is the client
we_serve() {
	local how=$1 of_us of_it
	shift
	case $how in
	psk) of_us="method psk id fqdn:a.example cred gw" of_it="method psk id any cred gw xauth staff" ;;
	rsa) of_us="method pubkey id fqdn:a.example cred ours" of_it="method pubkey id fqdn:b.example ca root xauth staff" ;;
	hybrid) of_us="method pubkey id fqdn:a.example cred ours" of_it="method xauth xauth staff" ;;
	plain) of_us="method psk id fqdn:a.example cred gw" of_it="method psk id any cred gw" ;;
	esac
	us "peer gw local 192.0.2.1 remote any proposal old version 1 pool inside $*
	$(auths "$of_us" "$of_it")
	child net peer gw local-ts 10.1.0.0/16 remote-ts dynamic"
}

# we_ask HOW [PEER KEYS]: we are the client
we_ask() {
	local how=$1 of_us of_it
	shift
	case $how in
	psk) of_us="method psk id fqdn:a.example cred gw xauth ann" of_it="method psk id fqdn:b.example cred gw" ;;
	rsa) of_us="method pubkey id fqdn:a.example cred ours xauth ann" of_it="method pubkey id fqdn:b.example ca root" ;;
	hybrid) of_us="method xauth xauth ann id fqdn:a.example" of_it="method pubkey id fqdn:b.example ca root" ;;
	plain) of_us="method psk id fqdn:a.example cred gw" of_it="method psk id fqdn:b.example cred gw" ;;
	esac
	us "peer gw local 192.0.2.1 remote 192.0.2.2 proposal old version 1 virtual-ip ipv4 $*
	$(auths "$of_us" "$of_it")
	child net peer gw local-ts dynamic remote-ts 10.2.0.0/16"
}

# its_side SIDE METHOD ID: a round of strongSwan's
its_round() {
	case $2 in
	psk) echo "$1 { auth = psk
		id = $3 }" ;;
	rsa) echo "$1 { auth = pubkey
		id = $3
		$([ "$1" = remote ] || echo "certs = b.rsa.crt") }" ;;
	xauth) echo "$1-xauth { auth = xauth
		$([ "$1" = remote ] || echo "xauth_id = ann") }" ;;
	esac
}
# its_rounds SIDE HOW ID: of the client
its_rounds() {
	case $2 in
	plain) its_round "$1" psk "$3" ;;
	hybrid) its_round "$1" xauth ;;
	*) its_round "$1" "$2" "$3" && its_round "$1" xauth ;;
	esac
}
# its_server SIDE HOW ID: of the other
its_server() {
	case $2 in
	plain | psk) its_round "$1" psk "$3" ;;
	*) its_round "$1" rsa "$3" ;;
	esac
}

# them HOW CLIENT PULL PASSWORD LINES: CLIENT is it or us
them() {
	local mine his ts pools="" d=$work/$gwB/swanctl
	if [ "$2" = it ]; then
		mine=$(its_rounds local "$1" b.example) his=$(its_server remote "$1" a.example)
		ts="remote_ts = 10.1.0.0/16
		local_ts = dynamic" keys="vips = 0.0.0.0"
	else
		mine=$(its_server local "$1" b.example) his=$(its_rounds remote "$1" a.example)
		ts="local_ts = 10.2.0.0/16
		remote_ts = dynamic" keys="pools = four"
		pools="pools { four { addrs = 10.8.0.0/24
			dns = 10.2.0.53
			subnet = 10.2.0.0/16 } }"
	fi
	cat >"$d/swanctl.conf" <<-END
	connections { gw {
		version = 1
		local_addrs = 192.0.2.2
		remote_addrs = 192.0.2.1
		proposals = $ike
		pull = $3
		$keys
		$mine
		$his
		children { net {
			$ts
			esp_proposals = $esp
		} }
	} }
	secrets { ike-gw { secret = a shared secret of the selftests }
		xauth-ann { id = ann
			secret = "$4" } }
	$pools
	END
	if [ ! -S "$work/$gwB/vici" ]; then
		CHARON_LOG=${CHARON_LOG:-1} charon_start "$gwB"
	else
		swanctl_ns "$gwB" --load-all --noprompt --clear
	fi
}

word="the password of ann"
lab() {
	local d
	two_sites && pki && load_isakmp && at_exit report_reasons "$gwA" || return
	d=$work/$gwB/swanctl
	mkdir -p "$d"/{x509,x509ca,private} && cp "$work/pki/ca.crt" "$d/x509ca/" &&
		cp "$work/pki/b.rsa.crt" "$d/x509/" && cp "$work/pki/b.rsa.key" "$d/private/" || return
	printf '%s:%s\n' eve '*' ann "$(openssl passwd -6 "$word")" bob "$(openssl passwd -6 "${word/ann/bob}")" >"$work/$gwA/secrets/staff"
	printf '%s\n' "$word" >"$work/$gwA/secrets/ann"
	chmod 0640 "$work/$gwA"/secrets/*
	we_serve plain && helper_start "$gwA" && ours "$gwA" config apply "$work/$gwA/isakmp.conf" &&
		them plain it yes "$word"
}

peer_log() {
	note "$(grep -a -v JOB "$work/$gwB/charon.log" | tail -n 30)" "$(tail -n 5 "$work/$gwA/isakmpd.log")" \
		"$(in_ns "$gwA" grep refused- /proc/net/isakmp_stat | grep -v ' 0$')" "$(ours "$gwA" sa)"
	: >"$work/$gwB/charon.log"
}
result() { check "$@" || peer_log; }

of() { ours "$gwA" -j sa | jq -r "[.[] | select($with_child)][0] | $1"; }
is() { [ "$(of "$1")" = "$2" ] || { echo "$1: $(of "$1")"; return 1; }; }
initiate() { swanctl_ns "$gwB" --initiate --child net --timeout 8; }
down() {
	swanctl_ns "$gwB" --terminate --ike gw --timeout 3 >/dev/null 2>&1
	ours "$gwA" peer down gw >/dev/null 2>&1
	busywait 5000 sa_is "$gwA" 0 "$established" && busywait 5000 charon_is "$gwB" 0
}
flows() {
	local was
	was=$(esp_packets "$gwA")
	in_ns "$1" ping -q -c 2 -i 0.01 -W 2 -I "$2" "$3" && [ "$(esp_packets "$gwA")" -ge $((was + 2)) ]
}
user() { [ "$1" = plain ] || is .user ann; }

# lease HOW: who the peer is says which address it gets: b.example, ann
lease() { [ "$1" = plain ] && echo 10.9.0.1 || echo 10.9.0.2; }
# it_comes HOW PULL [PEER KEYS]
it_comes() {
	local how=$1 pull=$2 has
	has=$(lease "$how")
	shift 2
	we_serve "$how" "$@" && them "$how" it "$pull" "$word" && initiate && tunnel_up "$gwA" &&
		is '.lease[0]' "$has" && user "$how" && flows "$gwB" "$has" 10.1.0.2
}
# we_come HOW PULL [PEER KEYS]
we_come() {
	local how=$1 pull=$2
	shift 2
	we_ask "$how" "$@" && them "$how" us "$pull" "$word" && ours "$gwA" peer up gw wait 8 && tunnel_up "$gwA" &&
		is '.virtual_ip[0]' 10.8.0.1 && is '.dns[0]' 10.2.0.53 && flows "$gwA" 10.8.0.1 10.2.0.2
}

ktap_plan 22
check "the lab: A ours, B strongSwan" lab
ip -n "$gwA" route add 10.9.0.0/24 via 192.0.2.2 && for i in 1 2 3; do ip -n "$gwB" addr add 10.9.0.$i/32 dev lo; done &&
	ip -n "$gwA" addr add 10.8.0.1/32 dev lo && ip -n "$gwB" route add 10.8.0.0/24 via 192.0.2.1

for how in plain psk rsa hybrid; do
	result "$how: it is the client, and pulls" it_comes $how yes
	down
	result "$how: it is the client, we push" it_comes $how no v1-push yes
	down
	result "$how: we are the client, and pull" we_come $how yes
	down
	result "$how: we are the client, it pushes" we_come $how no v1-push yes
	down
done

wrong() { we_serve psk && them psk it yes "another password" && refuses "$gwA" auth-failed fails initiate && sa_is "$gwA" 0 "$established"; }
result "it has another password: refused" wrong
down
we_wrong() {
	echo "another password" >"$work/$gwA/secrets/ann"
	we_ask psk && them psk us yes "$word" && refuses "$gwA" auth-failed fails ours "$gwA" peer up gw wait 5
}
result "we have another password: refused" we_wrong
echo "$word" >"$work/$gwA/secrets/ann"
down
renewed() {
	local was
	it_comes psk yes && was=$(of .spi_i) && swanctl_ns "$gwB" --rekey --ike gw --reauth && busywait 8000 another "$was" &&
		is '.lease[0]' 10.9.0.2 && is .user ann && flows "$gwB" 10.9.0.2 10.1.0.2
}
another() { [ "$(of .spi_i)" != "$1" ] && sa_is "$gwA" 1 "$with_child"; }
result "it authenticates anew: the same user, the same address" renewed
# One secret, one identity, one address: it is the user that counts.
both() {
	local f=$work/$gwB/swanctl/swanctl.conf
	it_comes psk yes "unique $1" && sed -e 's/gw {/bob {/' -e 's/net {/netb {/' -e 's/ann/bob/g' "$f" >"$f.bob" &&
		cat "$f.bob" >>"$f" && swanctl_ns "$gwB" --load-all --noprompt && swanctl_ns "$gwB" --initiate --child netb --timeout 8 &&
		busywait 3000 sa_is "$gwA" 2 "$with_child" && users && flows "$gwB" 10.9.0.2 10.1.0.2 && flows "$gwB" 10.9.0.3 10.1.0.2
}
users() { [ "$(ours "$gwA" -j sa | jq -r '[.[] | .user + " " + .lease[0]] | sort | join(",")')" = "ann 10.9.0.2,bob 10.9.0.3" ] || { ours "$gwA" sa; return 1; }; }
down
result "two users of one group, at one address" both replace
swanctl_ns "$gwB" --terminate --ike bob --timeout 3 >/dev/null 2>&1
down
check "the kernel has no complaint" kernel_silent
ktap_end
