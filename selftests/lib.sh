# lib.sh: what selftests share: KTAP, waiting, namespaces, the two-gateway lab, strongSwan, the
# module. Source it first; everything it makes is gone when the script ends.
# shellcheck shell=bash
#
# In the environment, from scripts/vm:
#   VM_BACKEND     uml, kvm or tcg
#   VM_KERNEL      plain or debug
#   VM_OUT         a directory that outlives the guest
#   ISAKMP_MODULE  the module's file (uml); empty: modprobe knows it (kvm, tcg)
#   ISAKMP_DATA    data that is not in the repository, if there is any
# PATH holds the tools of this tree. Exit status: 0 passed, 1 failed, 4 skipped.
#
# A minimal test:
#   . ./lib.sh
#   ktap_plan 1
#   setup_ns A B
#   veth "$A" eth0 192.0.2.1/24 "$B" eth0 192.0.2.2/24
#   check "B answers" ip netns exec "$A" ping -c 1 -W 2 192.0.2.2
#   ktap_end

KSFT_SKIP=4
ktap_n=0 ktap_failed=0 ktap_planned=0
work=$(mktemp -d)
cleanups=()

# ---- KTAP

# ktap_plan N: announce N results
ktap_plan() { ktap_planned=$1; echo "KTAP version 1"; echo "1..$1"; }

ok() { ktap_n=$((ktap_n + 1)); echo "ok $ktap_n $*"; }
fail() { ktap_n=$((ktap_n + 1)); ktap_failed=1; echo "not ok $ktap_n $*"; }
skip() { ktap_n=$((ktap_n + 1)); echo "ok $ktap_n $1 # SKIP ${2-}"; }
note() { printf '%s\n' "$@" | sed 's/^/# /'; }

# check WHAT CMD...: one result; what CMD said is shown when it fails. CMD runs in this shell, so
# what it sets stays set.
check() {
	local what=$1
	shift
	if "$@" >"$work/said" 2>&1; then
		ok "$what"
	else
		fail "$what"
		note "failed: $*" "$(cat "$work/said")"
		return 1
	fi
}

# check_not WHAT CMD...: passes when CMD fails
check_not() { local what=$1; shift; check "$what" fails "$@"; }
fails() { ! "$@"; }

# skip_all WHY: this test cannot run here
skip_all() { echo "1..0 # SKIP $*"; exit $KSFT_SKIP; }

# guest_only: what this test does to the system must not happen to one that somebody uses
guest_only() { [ "${VM_BACKEND-}" ] || skip_all "changes the whole system: in a guest only"; }

# ktap_end: leave with the right status
ktap_end() { [ $ktap_failed = 0 ] && [ $ktap_n = "$ktap_planned" ]; exit; }

# ---- cleaning up

# at_exit CMD...: run CMD when the script ends; the last one first
at_exit() { cleanups+=("$(printf '%q ' "$@")"); }

cleanup() {
	local i
	for ((i = ${#cleanups[@]} - 1; i >= 0; i--)); do
		eval "${cleanups[i]}" >/dev/null 2>&1
	done
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# ---- waiting

# busywait MILLISECONDS CMD...: until CMD succeeds; its last output is printed. The limit is for a machine
# that has nothing else to do; others get some times that, and more under emulation or with debugging.
# It looks often at first, and after the time waited so far by an eighth, but twice a second.
busywait() {
	local limit=$(($1 * 4)) start said status ms=20 s
	shift
	[ "${VM_BACKEND-}" != tcg ] || limit=$((limit * 4))
	[ "${VM_KERNEL-}" != debug ] || limit=$((limit * 4))
	start=${EPOCHREALTIME//[!0-9]/}
	while :; do
		said=$("$@" 2>&1)
		status=$?
		if [ $status = 0 ] || [ $((${EPOCHREALTIME//[!0-9]/} - start)) -ge $((limit * 1000)) ]; then
			[ -z "$said" ] || echo "$said"
			return $status
		fi
		printf -v s 0.%03d $ms
		pause "$s"
		[ $ms -gt 450 ] || ms=$((ms * 9 / 8))
	done
}

# slowwait SECONDS CMD...: until CMD succeeds, for what takes minutes: it looks every five seconds
slowwait() {
	local end=$((SECONDS + $1))
	shift
	while ! "$@"; do
		[ $SECONDS -lt $end ] || return
		pause 5
	done
}

# pause SECONDS: where nothing can be waited for. No process: each costs a guest more than most waits.
exec {never}<> <(:)
pause() { read -r -t "$1" -u $never || :; }

# says PATTERN CMD...: does CMD's output match?
says() { local re=$1; shift; "$@" 2>&1 | grep -E -q -- "$re"; }

# ---- namespaces and links

# setup_ns NAME...: namespaces; $NAME becomes the real name, which carries our process id
setup_ns() {
	local v
	for v in "$@"; do
		printf -v "$v" '%s-%s' "$v" $$
		ip netns add "${!v}" || return
		at_exit ip netns del "${!v}"
		ip -n "${!v}" link set lo up
		# no waiting for duplicate addresses
		in_ns "${!v}" sysctl -q net.ipv6.conf.default.accept_dad=0
	done
}

# in_ns NS CMD...
in_ns() { local ns=$1; shift; ip netns exec "$ns" "$@"; }

# veth NS1 DEV1 ADDR1 NS2 DEV2 ADDR2: a cable; an address may be -
veth() {
	ip -n "$1" link add "$2" type veth peer name "$5" netns "$4" || return
	[ "$3" = - ] || ip -n "$1" addr add "$3" dev "$2" || return
	[ "$6" = - ] || ip -n "$4" addr add "$6" dev "$5" || return
	ip -n "$1" link set "$2" up && ip -n "$4" link set "$5" up
}

# two_gateways: the usual lab. $hostA $gwA $router $gwB $hostB are the namespaces.
#
#   hostA ---------- gwA ---------------- router ---------------- gwB ---------- hostB
#        lan     lan     wan         toA          toB         wan     lan     lan
#    10.1.0.2  10.1.0.1  192.0.2.2  192.0.2.1  198.51.100.1 198.51.100.2 10.2.0.1 10.2.0.2
#        10.1.0.0/16         192.0.2.0/24         198.51.100.0/24        10.2.0.0/16
#
# The router knows nothing of the networks behind the gateways: only a tunnel carries those.
two_gateways() {
	local ns
	setup_ns hostA gwA router gwB hostB || return
	veth "$hostA" lan 10.1.0.2/16 "$gwA" lan 10.1.0.1/16 &&
	veth "$gwA" wan 192.0.2.2/24 "$router" toA 192.0.2.1/24 &&
	veth "$router" toB 198.51.100.1/24 "$gwB" wan 198.51.100.2/24 &&
	veth "$gwB" lan 10.2.0.1/16 "$hostB" lan 10.2.0.2/16 || return
	for ns in "$gwA" "$router" "$gwB"; do
		in_ns "$ns" sysctl -q net.ipv4.ip_forward=1
	done
	ip -n "$hostA" route add default via 10.1.0.1
	ip -n "$gwA" route add default via 192.0.2.1
	ip -n "$gwB" route add default via 198.51.100.1
	ip -n "$hostB" route add default via 10.2.0.1
}

# two_sites: a smaller lab, of both families: $hostA $gwA $gwB $hostB.
#
#   hostA ---------- gwA ---------------- gwB ---------- hostB
#        lan     lan     wan          wan     lan     lan
#    10.1.0.2  10.1.0.1  192.0.2.1    192.0.2.2  10.2.0.1  10.2.0.2
#    fd01::2   fd01::1   2001:db8::1  2001:db8::2  fd02::1   fd02::2
two_sites() {
	local ns
	setup_ns hostA gwA gwB hostB || return
	veth "$hostA" lan 10.1.0.2/16 "$gwA" lan 10.1.0.1/16 &&
	veth "$gwA" wan 192.0.2.1/24 "$gwB" wan 192.0.2.2/24 &&
	veth "$gwB" lan 10.2.0.1/16 "$hostB" lan 10.2.0.2/16 || return
	ip -n "$hostA" addr add fd01::2/64 dev lan nodad
	ip -n "$gwA" addr add fd01::1/64 dev lan nodad
	ip -n "$gwA" addr add 2001:db8::1/64 dev wan nodad
	ip -n "$gwB" addr add 2001:db8::2/64 dev wan nodad
	ip -n "$gwB" addr add fd02::1/64 dev lan nodad
	ip -n "$hostB" addr add fd02::2/64 dev lan nodad
	for ns in "$gwA" "$gwB"; do
		in_ns "$ns" sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	done
	ip -n "$hostA" route add default via 10.1.0.1
	ip -n "$hostA" route add default via fd01::1
	ip -n "$gwA" route add 10.2.0.0/16 via 192.0.2.2
	ip -n "$gwA" route add fd02::/64 via 2001:db8::2
	ip -n "$gwB" route add 10.1.0.0/16 via 192.0.2.1
	ip -n "$gwB" route add fd01::/64 via 2001:db8::1
	ip -n "$hostB" route add default via 10.2.0.1
	ip -n "$hostB" route add default via fd02::1
}

# ping_ok NS ADDRESS [COUNT]
ping_ok() { in_ns "$1" ping -q -n -c "${3:-1}" -i 0.01 -W 2 "$2" >/dev/null; }

# sas NS: how many states XFRM has there
sas() { ip -n "$1" xfrm state | grep -c '^src'; }

# ---- strongSwan as a peer

# charon_conf NS LOCAL REMOTE LOCAL_TS REMOTE_TS [IKE [ESP [START]]]: write its swanctl.conf: a PSK
# peer "gw" with child "net". START is the child's start_action (none, trap, start).
charon_conf() {
	mkdir -p "$work/$1/swanctl"
	cat >"$work/$1/swanctl/swanctl.conf" <<EOF
connections {
	gw {
		version = 2
		local_addrs = $2
		remote_addrs = $3
		proposals = ${6:-aes256gcm16-prfsha384-x25519}
		mobike = no
		local { auth = psk
			id = $2 }
		remote { auth = psk
			id = $3 }
		children {
			net {
				local_ts = $4
				remote_ts = $5
				esp_proposals = ${7:-aes256gcm16}
				start_action = ${8:-none}
			}
		}
	}
}
secrets {
	ike-gw { secret = ${PSK:-a shared secret of the selftests} }
}
EOF
}

charon_plugins="random nonce openssl curve25519 kdf hmac gcm pem pkcs1 pkcs8 pubkey x509 constraints
	revocation kernel-netlink socket-default vici updown counters eap-identity eap-md5 eap-mschapv2"

# charon_start NS: start a daemon there with the swanctl.conf charon_conf wrote (or yours, in
# $work/NS/swanctl/). It has a /run of its own. Log: $work/NS/charon.log. CHARON_OPTIONS are lines
# for strongswan.conf's charon section.
charon_start() {
	local ns=$1 dir=$work/$1 log=$work/$1/charon.log
	cat >"$dir/strongswan.conf" <<EOF
charon {
	# not kernel-libipsec, which would do ESP in the daemon
	load = ${charon_plugins//[[:space:]]/ }
	install_virtual_ip = no
	port = 500
	port_nat_t = 4500
	retransmit_timeout = 0.5
	retransmit_tries = 3
	${CHARON_OPTIONS-}
	filelog { file { path = $log
		flush_line = yes
		default = ${CHARON_LOG:-1} } }
	plugins { vici { socket = unix://$dir/vici } }
}
swanctl { load = pem pkcs1 x509 pkcs8 random }
EOF
	STRONGSWAN_CONF=$dir/strongswan.conf in_ns "$ns" unshare -m sh -c '
		mount -t tmpfs tmpfs /run && echo $$ >"$1/pid" && exec /usr/sbin/charon-systemd
	' sh "$dir" >"$dir/charon.out" 2>&1 &
	at_exit charon_stop "$ns"
	busywait 10000 test -S "$dir/vici" &&
		swanctl_ns "$ns" --load-all --noprompt >"$dir/load.out" 2>&1 && return
	note "charon does not start:" "$(cat "$dir/charon.out" "$dir/load.out" 2>&1)"
	return 1
}

# charon_stop NS
charon_stop() {
	local pid
	pid=$(cat "$work/$1/pid" 2>/dev/null) || return 0
	rm -f "$work/$1/pid"
	kill "$pid" 2>/dev/null
	busywait 5000 fails kill -0 "$pid" >/dev/null || kill -9 "$pid"
}

# swanctl_ns NS ARG...: swanctl to the daemon there
swanctl_ns() {
	local ns=$1 verb=$2
	shift 2
	STRONGSWAN_CONF=$work/$ns/strongswan.conf SWANCTL_DIR=$work/$ns/swanctl \
		in_ns "$ns" swanctl "$verb" --uri "unix://$work/$ns/vici" "$@"
}

# ---- our module

# load_isakmp [PARAMETER=VALUE...]
load_isakmp() {
	if [ "${ISAKMP_MODULE-}" ]; then
		insmod "$ISAKMP_MODULE" "$@" || return
	else
		modprobe isakmp "$@" || return
	fi
	at_exit unload_isakmp
}

unload_isakmp() { [ ! -d /sys/module/isakmp ] || rmmod isakmp; }

# kernel_silent: did the kernel say anything bad since the last look?
kernel_silent() {
	local new
	new=$(dmesg | sed "1,${dmesg_seen:-0}d")
	dmesg_seen=$(dmesg | wc -l)
	! grep -E 'BUG:|WARNING:|Oops|KASAN|suspicious RCU|refcount_t|unregister_netdevice: waiting' <<<"$new"
}
dmesg_seen=$(dmesg 2>/dev/null | wc -l)

# ktap_plus_kernel STATUS LOG: after a program whose results, in LOG, were shown without their plan: one
# more, of the kernel; the plan; leave
ktap_plus_kernel() {
	local status=$1 n
	n=$(sed -n 's/^1\.\.//p' "$2")
	[ "$n" ] || { n=$(grep -c -E '^(not )?ok ' "$2"); status=1; }
	n=$((n + 1))
	if kernel_silent; then
		echo "ok $n the kernel has no complaint"
	else
		echo "not ok $n the kernel has no complaint"
		status=1
	fi
	echo "1..$n"
	exit "$status"
}
