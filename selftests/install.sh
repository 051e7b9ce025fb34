#!/bin/bash
# install.sh: make install and make uninstall, into a folder and into the system. The programs are those
# that are built for guests, and the module the guest's own: nothing is compiled.
# backends: uml
. ./lib.sh

guest_only
ktap_plan 14

top=$(cd .. && pwd -P) src=$work/src dest=$work/dest
kdir=$(echo /usr/src/linux-headers-*-amd64)
mkdir -p "$src/build" "/lib/modules/$(uname -r)" "$dest"
[ -e /dev/stdin ] || ln -s /proc/self/fd/0 /dev/stdin
tar -C "$top" --exclude=./build --exclude=./.git -c . | tar -x -C "$src"
cp -a "$top/build/guest-obj" "$src/build/tools"
cp "$ISAKMP_MODULE" "$src/"
echo "$src/isakmp.o" >"$src/modules.order"
in_src() { local dest=$1; shift; make -C "$src" KDIR="$kdir" DESTDIR="$dest" "$@"; }
# files DIR: all that is no folder
files() { (cd "$1" && find . ! -type d | sort); }
system() { find /usr /etc /lib/modules -xdev ! -type d -name '*isakmp*' | sort; }
before=$(system)
mode() { [ "$(stat -c '%a %U:%G' "$1")" = "$2" ]; }

check "make install DESTDIR=..." in_src "$dest" install
complete() {
	local f
	files "$dest"
	for f in usr/sbin/isakmp usr/sbin/isakmpd usr/libexec/isakmp/isakmp-hooks usr/lib/sysusers.d/isakmp.conf \
		usr/lib/tmpfiles.d/isakmp.conf usr/share/bash-completion/completions/isakmp \
		usr/lib/systemd/system/isakmp{,d,-hooks}.service; do
		[ -s "$dest/$f" ] || { echo "no $f"; return 1; }
	done
	[ "$(find "$dest/usr/share/man" -type f | wc -l)" = "$(find ../userspace/man -type f | wc -l)" ] &&
		[ -s "$(echo "$dest"/lib/modules/*/updates/isakmp.ko*)" ] && [ -d "$dest/etc/isakmp/hooks.d" ]
}
check "all of it is there" complete
check_not "nothing is left to fill in" grep -r '@[A-Z]*@' "$dest/usr/lib"
check "secrets are nobody else's" [ "$(stat -c %a "$dest/etc/isakmp/secrets")" = 750 ]
check "the command runs from there" says '^isakmp ' "$dest/usr/sbin/isakmp" -V
check "the system has nothing of it" [ "$(system)" = "$before" ]
touch "$dest/etc/isakmp/isakmp.conf"
check "again, over what is there" in_src "$dest" install
check "make uninstall DESTDIR=..." in_src "$dest" uninstall
check "leaves what the operator wrote, and nothing else" [ "$(files "$dest" | grep -v /lib/modules/)" = ./etc/isakmp/isakmp.conf ]
check "the module is gone too" [ -z "$(find "$dest" -name 'isakmp.ko*')" ]

check "make install" in_src "" install
check "the helper has a user, who may read the secrets' folder" mode /etc/isakmp/secrets "750 root:isakmp"
known() { "/usr/sbin/isakmp" -V && mandoc -l /usr/share/man/man8/isakmp.8 >/dev/null && [ -e "$(echo /lib/modules/*/updates/isakmp.ko*)" ]; }
check "it is where it is looked for" known
gone() { in_src "" uninstall && [ "$(system)" = "$before" ] && [ -d /etc/isakmp/secrets ]; }
check "make uninstall" gone
ktap_end
