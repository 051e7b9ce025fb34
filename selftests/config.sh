#!/bin/bash
# config.sh: what the command refuses, with which words, and that it then changes nothing; batch
# files; transactions: check, apply, save. No peer is needed.
. ./lib.sh
. ./gateway.sh

ktap_plan 63

setup_ns gw
load_isakmp
i() { ours "$gw" "$@"; }
everything() { i config save -; }
# said RE CMD...: CMD fails and says so in words that match
said() {
	local re=$1 out
	shift
	out=$("$@" 2>&1) && { echo "it did not fail"; return 1; }
	grep -E -q -- "$re" <<<"$out" || { echo "$out"; return 1; }
}
# unchanged RE CMD...: the same, and the configuration is as it was
unchanged() {
	local was
	was=$(everything)
	said "$@" && [ "$(everything)" = "$was" ]
}

check "proposal add" i proposal add p ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
check "cred add" i cred add c psk id fqdn:b.example file c
check "peer add" i peer add b local 192.0.2.1 remote 192.0.2.2 proposal p
check "auth add, local" i auth add peer b side local method psk id fqdn:a.example cred c
check "auth add, remote" i auth add peer b side remote method psk id fqdn:b.example
check "child add" i child add net peer b local-ts 10.1.0.0/16 remote-ts 10.2.0.0/16

check "unknown object" said 'nonsense' i nonsense show
check "unknown verb" said 'frob' i peer frob
check "unknown key" unchanged 'colour' i peer add x local 192.0.2.1 remote 192.0.2.3 proposal p colour red
check "key twice" unchanged 'local' i peer add x local 192.0.2.1 local 192.0.2.1 remote 192.0.2.3 proposal p
check "key without value" unchanged 'proposal' i peer add x local 192.0.2.1 remote 192.0.2.3 proposal
check "missing key" unchanged 'proposal' i peer add x local 192.0.2.1 remote 192.0.2.3
check "no address" unchanged '300.0.2.1' i peer add x local 300.0.2.1 remote 192.0.2.3 proposal p
check "no name" unchanged 'name' i peer add 'a b' local 192.0.2.1 remote 192.0.2.3 proposal p
check "no suite" unchanged 'rot13' i proposal add q ike rot13 esp aes256gcm16
check "no identity" unchanged 'fqdn' i auth set peer b side local id fqdn:
check "no prefix" unchanged '10.1.0.0/33' i child add x peer b local-ts 10.1.0.0/33 remote-ts 10.3.0.0/16
check "dangling proposal" unchanged 'proposal' i peer add x local 192.0.2.1 remote 192.0.2.3 proposal none
check "dangling peer" unchanged 'peer' i child add x peer none local-ts 10.1.0.0/16 remote-ts 10.3.0.0/16
check "dangling cred" unchanged 'cred' i auth set peer b side local cred none
check "add what exists" unchanged 'already' i proposal add p ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
check "set what does not" unchanged 'no |not ' i peer set none dpd 3s
check "del what does not" unchanged 'no |not ' i peer del none
check "del what is in use" unchanged 'use|refer' i proposal del p
i peer add x local 192.0.2.1 remote 192.0.2.2 proposal p
check "the same addresses and identities twice" unchanged 'b' \
	i auth add peer x side remote method psk id fqdn:b.example
i peer del x
check "overlapping children" unchanged 'overlap|net' \
	i child add x peer b local-ts 10.1.2.0/24 remote-ts 10.2.0.0/16
status() { local want=$1; shift; "$@" >/dev/null 2>&1; [ $? = "$want" ]; }
check "status 1 for usage" status 1 i peer add x colour red
check "status 2 for a refusal of the kernel" status 2 i peer del none

cat >"$work/batch" <<EOF
# two good lines, one bad, one more
proposal add q ike aes128gcm16-prfsha256-x25519 \\
	esp aes128gcm16
peer add c local 192.0.2.1 remote 192.0.2.3 proposal q
peer add d local 192.0.2.1 remote 192.0.2.4 proposal nowhere
peer add e local 192.0.2.1 remote 192.0.2.5 proposal q
EOF
check "a batch says at which line it stopped" said 'batch:5' i -b "$work/batch"
batched() { i peer show c >/dev/null && ! i peer show e 2>/dev/null | grep -q .; }
check "what came before is done, what came after is not" batched
i peer del c; i proposal del q

kept() { i peer add c local 192.0.2.1 remote 192.0.2.3 proposal p && i peer del c keep && fails i peer show c; }
check "a peer is removed, its IKE SAs would be kept" kept
check "what is no peer has none" unchanged 'keep' i cred del c keep

everything >"$work/saved"
check "config check of what was saved" i config check "$work/saved"
check "a check keeps nothing" unchanged 'keep' i config check "$work/saved" keep
round() { i config apply "$work/saved" && i config apply "$work/saved" keep && [ "$(everything)" = "$(cat "$work/saved")" ]; }
check "config apply of what was saved changes nothing" round
gen() { i -j peer show b | jq '.[0].generation'; }
was=$(gen)
untouched() { i config apply "$work/saved" && [ "$(gen)" = "$was" ]; }
check "and touches nothing" untouched
{ cat "$work/saved"; echo "child add y peer nowhere local-ts 10.5.0.0/16 remote-ts 10.6.0.0/16"; } >"$work/bad"
check "a bad file is refused by line, nothing is changed" unchanged "bad:$(wc -l <"$work/bad")" \
	i config apply "$work/bad"
check "config check changes nothing either" unchanged "bad:$(wc -l <"$work/bad")" \
	i config check "$work/bad"
# every key there is: what is saved is applied, and is the same
cat >"$work/full" <<'EOT'
listen add dev lo addr any
listen add addr 2001:db8::1
proposal add p ike aes256gcm16-prfsha384-x25519,aes256-sha256-modp2048 esp aes256gcm16-esn,aes128-sha1
cred add psk psk id fqdn:b.example,ipv6:2001:db8::2,keyid:0x00ff file "it's"
cred add me x509 id 'dn:CN=gw-a,O=Example\x20Inc.' file me.crt key me.key
cred add ours key id email:a@example file ours.key
cred add theirs pubkey id fqdn:c.example file theirs.pub
cred add root ca file root.crt
peer add branch kind template local any remote any proposal p dpd 10s life 12h encap yes mark 0x2a dev lo max-sas 8 fragmentation no fragment-size 576 window 4 childless force resumption yes qcd no redirect 192.0.2.77 follow 192.0.2.64/26,2001:db8::9
auth add peer branch side local method pubkey id 'dn:CN=gw-a,O=Example\x20Inc.' cred me scheme rsa-pss,ecdsa
auth add peer branch side remote method pubkey id fqdn:*.branch.example ca root scheme ed25519
child add net peer branch local-ts 10.0.0.0/8,2001:db8::/32 remote-ts dynamic start none
peer add b1 template branch remote 198.51.100.7
peer add b2 template branch local 2001:db8::1 remote 2001:db8:2::/48
child add v6 peer b2 local-ts 2001:db8::5-2001:db8::77[tcp] remote-ts 2001:db8:2::/48[tcp/80-443] mode transport single-pair yes mark 0x1/0xff if-id 7 dscp in df clear ecn no
child add pad peer b2 local-ts 2001:db8:7::/48 remote-ts 2001:db8:2::/48 dscp both tfc mtu
child add comp peer b2 local-ts 2001:db8:8::/48 remote-ts 2001:db8:2::/48 ipcomp deflate
child add hw peer b2 local-ts 2001:db8:9::/48 remote-ts 2001:db8:2::/48 offload auto offload-dev lo
cred add staff users file staff
cred add ann user id keyid:ann file ann
peer add old kind template local any remote any proposal p version 1 v1-exchange aggressive v1-accept main,aggressive lifetime-check obey v1-push yes v1-new-group yes
auth add peer old side local method pubkey id fqdn:a.example cred me
auth add peer old side remote method xauth id keyid:0x01 xauth staff
peer add o1 template old remote 198.51.100.9 lifetime-check claim v1-push no v1-new-group no
peer add o2 template old remote 198.51.100.10 v1-exchange main v1-accept aggressive
auth add peer o2 side local method rsa-encryption id email:a@example cred ours
auth add peer o2 side remote method rsa-encryption cred theirs
peer add o3 local any remote 198.51.100.11 proposal p version 2-then-1 v1-accept base
peer add o4 local any remote 198.51.100.12 proposal p version 1
auth add peer o4 side local method psk id fqdn:a.example cred psk xauth ann
EOT
check "a file with every key" i config apply "$work/full"
again() {
	everything >"$work/one" && i config apply "$work/one" && everything >"$work/two" &&
		diff "$work/one" "$work/two" && for w in template pubkey 'fqdn:\*' dynamic 0x1/0xff 'dscp in' 'df clear' 'ecn no' 'tfc mtu' 'ipcomp deflate' \
			'offload auto offload-dev lo' 'version 2-then-1 v1-accept base' 'method xauth id keyid:0x01 xauth staff' \
			'v1-accept main,aggressive lifetime-check obey v1-push yes v1-new-group yes' 'user id keyid:ann'; do
			grep -q -- "$w" "$work/two" || { echo "no $w"; return 1; }
		done
}
check "saved, applied, saved: the same" again
check "a template is not up" said 'template|kind' i peer up branch
check "a range of both families" said 'local-ts' i child add x peer b2 local-ts 10.0.0.1-2001:db8::1 remote-ts dynamic
check "a template of a template" unchanged 'template' i peer add b3 kind template template branch
check "version 1 by a peer of version 2" unchanged 'only version 1 alone' i auth add peer b2 side remote method xauth xauth staff
check "two ways of version 1 that do not fit" unchanged 'joins both sides' \
	i auth add peer o4 side remote method pubkey cred theirs
check "a version without a suite" unchanged 'no IKE suite of version 1' \
	eval 'i proposal add modern ike aes256gcm16-prfsha384-x25519 esp aes256gcm16; i peer set o3 proposal modern; s=$?; i proposal del modern; (exit $s)'
short() {
	i config apply /dev/null && i tunnel add t local 192.0.2.1 remote 192.0.2.2 psk t local-ts 10.1.0.0/16 \
		remote-ts 10.2.0.0/16 version "$1" && i peer show t | grep -q "proposal $2.*$3" && i tunnel del t
}
check "a tunnel of version 1, in one line" short 1 default-v1 'version 1'
check "a tunnel of both" short 2-then-1 default-v1 'version 2-then-1'
check "a tunnel of version 2" short 2 'default ' 'version 2'
i config apply "$work/two"
check "a ca that is none" unchanged 'ca|cred' i auth set peer branch side remote ca me

# ---- where it is saved
install -m 0600 /dev/null "$work/private"
ln -s private "$work/link"
kept() {
	i config save "$work/link" && [ -L "$work/link" ] && [ "$(stat -c %a "$work/private")" = 600 ] &&
		[ "$(everything)" = "$(cat "$work/private")" ]
}
check "save keeps the mode of a file, and where a link leads" kept
device() { i config save /dev/null && [ -c /dev/null ] && [ -c /dev/full ]; }
check "a device stays one" device
check "what cannot be written is told" said 'cannot write "/dev/full": No space' i config save /dev/full
check "a directory is none" said "cannot write \"$work\": Is a directory" i config save "$work"
pipe() { [ "$(i config save /dev/fd/1 | cat)" = "$(everything)" ]; }
check "a pipe is written to" pipe

# ---- what is no configuration
check "a directory is no empty file" unchanged 'Is a directory' i config apply "$work"
check "nor is one that cannot be read" unchanged 'Input/output error' i config apply /proc/self/mem
closed() { i config apply - <&-; }
check "nor is a standard input that is closed" unchanged 'it cannot be read' closed

i config apply - </dev/null
tunnel() { i tunnel add t local 192.0.2.1 remote 192.0.2.2 psk t local-ts 10.1.0.0/16 remote-ts 10.2.0.0/16 "$@"; }
check "a tunnel in one line" tunnel start none
objects() {
	everything | tee "$work/tunnel"
	[ "$(wc -l <"$work/tunnel")" = 7 ] && grep -q '^auth add peer t side local method psk id ipv4:192.0.2.1 cred t$' "$work/tunnel"
}
check "and its objects" objects
check "one that the kernel refuses leaves nothing" unchanged 'key "proposal"' \
	i tunnel add u local 192.0.2.1 remote 192.0.2.3 psk u local-ts 10.1.0.0/16 remote-ts 10.3.0.0/16 proposal none
gone() { i tunnel del t && [ "$(everything | wc -l)" = 2 ]; }
check "tunnel del" gone
emptied() { echo | i config apply - && [ -z "$(everything)" ] && kernel_silent; }
check "an empty file empties; the kernel has no complaint" emptied
ktap_end
