# gateway.sh: a gateway of ours in a namespace: configuration, helper, command, counters. Source it
# after lib.sh.
# shellcheck shell=bash

# ours NS ARG...: the command, there
ours() { local ns=$1; shift; isakmp -n "$ns" "$@"; }

# ours_conf NS LOCAL REMOTE LOCAL_TS REMOTE_TS [START [PEER KEYS...]]: write its configuration: a
# PSK peer "gw" with child "net". START is none, trap or now. CHILD_KEYS are more keys of the child,
# IKE and ESP the suites.
ours_conf() {
	local ns=$1 dir=$work/$1 local=$2 remote=$3 lts=$4 rts=$5 start=${6:-none}
	shift 5
	[ $# = 0 ] || shift
	mkdir -p "$dir/secrets"
	printf '%s\n' "${PSK:-a shared secret of the selftests}" >"$dir/secrets/gw"
	chmod 0640 "$dir/secrets/gw"
	cat >"$dir/isakmp.conf" <<-EOF
	listen add ${LISTEN:-addr $local}
	proposal add strong ike ${IKE:-aes256gcm16-prfsha384-x25519} esp ${ESP:-aes256gcm16}
	cred add gw psk id ${REMOTE_ID:-ipv4:$remote} file gw
	peer add gw local $local remote $remote proposal strong $*
	auth add peer gw side local method psk id ${LOCAL_ID:-ipv4:$local} cred gw
	auth add peer gw side remote method psk id ${REMOTE_ID:-ipv4:$remote}
	child add net peer gw local-ts $lts remote-ts $rts start $start ${CHILD_KEYS-}
	EOF
}

# ours_start NS: the configuration into the kernel, and a helper
ours_start() {
	[ -d /sys/module/isakmp ] || load_isakmp || return
	at_exit report_reasons "$1"
	helper_start "$1" && ours "$1" config apply "$work/$1/isakmp.conf"
}

# helper_start NS [OPTION...]: isakmpd there, until it has registered
helper_start() {
	local ns=$1 was
	shift
	was=$(helpers "$ns")
	mkdir -p "$work/$ns/state"
	ip netns exec "$ns" isakmpd -c "$work/$ns/secrets" -s "$work/$ns/state" "$@" >>"$work/$ns/isakmpd.log" 2>&1 3>&- &
	echo $! >"$work/$ns/isakmpd.pid"
	at_exit helper_kill "$ns"
	busywait 30000 helpers_above "$ns" "$was" || {
		note "isakmpd does not register:" "$(cat "$work/$ns/isakmpd.log")"
		return 1
	}
}

helpers() { counter "$1" helpers; }
helpers_above() { [ "$(helpers "$1")" -gt "$2" ]; }
no_helper() { [ "$(helpers "$1")" = 0 ]; }

# helper_kill NS: as the OOM killer does
helper_kill() {
	kill -9 "$(cat "$work/$1/isakmpd.pid")" 2>/dev/null
	wait "$(cat "$work/$1/isakmpd.pid")" 2>/dev/null
	:
}

# counter NS NAME: a line of its isakmp_stat, 0 when there is none
counter() {
	local n
	n=$(in_ns "$1" awk -v n="$2" '$1 == n { print $2 }' /proc/net/isakmp_stat 2>/dev/null)
	echo "${n:-0}"
}

refused() { counter "$1" "refused-$2"; }
refused_above() { [ "$(refused "$1" "$2")" -gt "$3" ]; }
counter_above() { [ "$(counter "$1" "$2")" -gt "$3" ]; }

# refuses NS REASON CMD...: does CMD make that counter go up?
refuses() {
	local ns=$1 reason=$2 before
	before=$(refused "$ns" "$reason")
	shift 2
	"$@"
	busywait 15000 refused_above "$ns" "$reason" "$before" || {
		echo "refused-$reason stays at $before"
		in_ns "$ns" grep refused- /proc/net/isakmp_stat | grep -v ' 0$'
		return 1
	}
}

# sa_count NS [JQ-CONDITION]: IKE SAs there that meet the condition
sa_count() { ours "$1" -j sa | jq "[.[] | select(${2:-true})] | length"; }

established='.state == "established"'
with_child='.state == "established" and any(.children[]?; .state == "up")'

# sa_is NS N [JQ-CONDITION]
sa_is() { [ "$(sa_count "$1" "${3:-true}")" = "$2" ]; }

# tunnel_up NS: one IKE SA with its child, in time
tunnel_up() { busywait 10000 sa_is "$1" 1 "$with_child"; }
tunnel_down() { busywait 10000 sa_is "$1" 0 && busywait 3000 no_states "$1"; }
no_states() { [ "$(sas "$1")" = 0 ]; }

# report_reasons NS: the refusals it saw, for the count of those that tests trigger
report_reasons() {
	in_ns "$1" awk '/^refused-/ && $2 { sub("refused-", "", $1); print "# reason: " $1 }' \
		/proc/net/isakmp_stat >&3
}
exec 3>&1

# many_peers N [CHILD KEYS]: the configuration of N peers, each with two auths and one child
many_peers() {
	awk -v n="$1" -v keys="${2-}" 'BEGIN {
		print "listen add"
		print "proposal add p ike aes256gcm16-prfsha384-x25519 esp aes256gcm16"
		print "cred add c psk id fqdn:x file c"
		for (i = 0; i < n; i++) {
			host = int(i / 65536) "." int(i / 256) % 256 "." i % 256
			print "peer add n" i " local 192.0.2.1 remote 10." host " proposal p"
			print "auth add peer n" i " side local method psk id fqdn:me cred c"
			print "auth add peer n" i " side remote method psk id fqdn:n" i
			print "child add net peer n" i " local-ts 10.200.0.0/16 remote-ts 11." host "/32 " keys
		}
	}'
}

# lab PEER-KIND [START [PEER KEYS...]]: two_gateways, A ours; B ours or strongswan; both up, no SA.
# The B side never starts by itself.
lab() {
	local kind=$1 start=${2:-none}
	shift
	[ $# = 0 ] || shift
	two_gateways || return
	ours_conf "$gwA" 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16 "$start" "$@"
	if [ "$kind" = ours ]; then
		ours_conf "$gwB" 198.51.100.2 192.0.2.2 10.2.0.0/16 10.1.0.0/16 none "$@"
		ours_start "$gwB" || return
	else
		charon_conf "$gwB" 198.51.100.2 192.0.2.2 10.2.0.0/16 10.1.0.0/16
		charon_start "$gwB" || return
	fi
	ours_start "$gwA"
}

# esp_flows: a ping from host to host, both ways, and the states of gateway A count it
esp_packets() { ours "$1" -j sa | jq '[.[].children[]?.packets_out // 0] | add // 0'; }
esp_flows() {
	local was
	was=$(esp_packets "$gwA")
	ping_ok "$hostA" 10.2.0.2 3 && ping_ok "$hostB" 10.1.0.2 3 &&
		[ "$(esp_packets "$gwA")" -ge $((was + 6)) ]
}

# echo_start NS [PORT]: datagrams come back from there
echo_start() {
	local port=${2:-7000}
	ip netns exec "$1" ./stream.py echo "$port" 3>&- &
	at_exit kill $!
	busywait 5000 echo_listens "$1" "$port"
}
echo_listens() { in_ns "$1" ss -ln | grep -q ":$2 "; }

# stream_start NS ADDR [MS]: a datagram each MS (2) from there to ADDR and back
stream_start() {
	ip netns exec "$1" ./stream.py send "$2" 7000 "${3:-2}" >"$work/stream" 2>&1 3>&- &
	stream=$!
	at_exit kill $stream
}

# stream_whole: it ends, and everything has come back
stream_whole() {
	local status
	kill $stream
	wait $stream
	status=$?
	cat "$work/stream"
	return $status
}

# charon_sas NS: IKE SAs strongSwan has
charon_sas() { swanctl_ns "$1" --list-sas 2>/dev/null | grep -c ESTABLISHED; }
charon_is() { [ "$(charon_sas "$1")" = "$2" ]; }

# capture_start NS DEV FILE: all that passes there
capture_start() {
	ip netns exec "$1" tcpdump -i "$2" -n -U --immediate-mode -w "$3" 2>"$3.log" &
	capture_pid=$! capture_at=("$@")
	at_exit kill $capture_pid
	busywait 5000 grep -q 'listening on' "$3.log"
}

# capture_stop: FILE is whole: a datagram of ours, the last one, is in it
capture_stop() {
	in_ns "${capture_at[0]}" bash -c 'printf "the end of it" >"/dev/udp/ff02::1%$1/9"' bash "${capture_at[1]}"
	busywait 10000 grep -aq 'the end of it' "${capture_at[2]}"
	kill -INT "$capture_pid"
	wait "$capture_pid"
}

# keys_start NS FILE: keys of IKE SAs that are made there, from here on
keys_start() {
	echo 1 >/sys/module/isakmp/parameters/debug_keys
	isakmp -n "$1" monitor keys >"$2" 2>&1 &
	keys_pid=$!
	at_exit kill $keys_pid
	busywait 5000 grep -q SPIi "$2"
}

# keys_stop: FILE is whole
keys_stop() { kill -INT "$keys_pid"; wait "$keys_pid"; echo 0 >/sys/module/isakmp/parameters/debug_keys; }

# ---- logs and memory

tracefs=/sys/kernel/tracing
# logs_on: all that the kernel has to say: its log, every tracepoint of ours, debug messages
logs_on() {
	mountpoint -q $tracefs || mount -t tracefs tracefs $tracefs
	dmesg -n 8
	echo 1 >$tracefs/events/isakmp/enable || return
	# only where the kernel can do that
	[ ! -w /sys/kernel/debug/dynamic_debug/control ] ||
		echo "module isakmp +p" >/sys/kernel/debug/dynamic_debug/control
}
logs_off() { echo 0 >$tracefs/events/isakmp/enable && dmesg -n 1; }

# log_mark; log_said: what it has said since then, above debug
log_lines() { dmesg --level=emerg,alert,crit,err,warn,notice,info; }
log_mark() { log_marked=$(log_lines | wc -l); }
log_said() { log_lines | sed "1,${log_marked}d"; }

# memory_used: of the kernel, in KB; memory_settled: when RCU has had its time, too
memory_used() { awk '/^SUnreclaim:/ { print $2 }' /proc/meminfo; }
memory_settled() {
	local a b
	a=$(memory_used)
	while pause 1; b=$(memory_used); [ $((a - b)) -gt 64 ]; do a=$b; done
	echo "$b"
}

# ---- certificates of 7 KB, for two_sites

# large_root: their authority
large_root() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=root \
		-addext keyUsage=keyCertSign,cRLSign -keyout "$work/root.key" -out "$work/root.crt"
}

# large_cert DIR NAME: NAME.key and NAME.crt, for NAME.example
large_cert() {
	local dir=$1 name=$2 pad
	pad=$(head -c "${LARGE:-6000}" /dev/zero | tr '\0' x)
	cat >"$dir/$name.cnf" <<-EOF
	[req]
	distinguished_name = dn
	x509_extensions = v
	prompt = no
	[dn]
	CN = $name
	[v]
	subjectAltName = DNS:$name.example
	keyUsage = digitalSignature
	nsComment = $pad
	EOF
	openssl ecparam -name prime256v1 -genkey -noout -out "$dir/$name.key" &&
		openssl req -new -key "$dir/$name.key" -subj "/CN=$name" -out "$dir/$name.csr" \
			-config "$dir/$name.cnf" &&
		openssl x509 -req -in "$dir/$name.csr" -CA "$work/root.crt" -CAkey "$work/root.key" \
			-set_serial $RANDOM -days 30 -extfile "$dir/$name.cnf" -extensions v \
			-out "$dir/$name.crt" && chmod 0640 "$dir/$name.key"
}

# large_conf NS NAME PEER LOCAL REMOTE SITE PEER-SITE [PEER KEYS...]
large_conf() {
	local ns=$1 name=$2 peer=$3 local=$4 remote=$5 site=$6 other=$7 dir=$work/$1
	shift 7
	mkdir -p "$dir/secrets"
	[ -e "$dir/secrets/$name.crt" ] || large_cert "$dir/secrets" "$name" || return
	cp "$work/root.crt" "$dir/secrets/"
	cat >"$dir/isakmp.conf" <<-EOF
	listen add addr $local
	proposal add strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
	cred add me x509 id fqdn:$name.example file $name.crt key $name.key
	cred add root ca file root.crt
	peer add gw local $local remote $remote proposal strong $*
	auth add peer gw side local method pubkey id fqdn:$name.example cred me
	auth add peer gw side remote method pubkey id fqdn:$peer.example ca root
	child add net peer gw local-ts 10.$site.0.0/16 remote-ts 10.$other.0.0/16
	EOF
}

# large_confs 4|6 [PEER KEYS...]: both sides, on their addresses of that family
large_confs() {
	local a=192.0.2.1 b=192.0.2.2
	[ "$1" = 4 ] || a=2001:db8::1 b=2001:db8::2
	shift
	[ -e "$work/root.crt" ] || large_root || return
	large_conf "$gwA" a b "$a" "$b" 1 2 "$@" && large_conf "$gwB" b a "$b" "$a" 2 1 "$@"
}
