#!/bin/bash
# package.sh: the Debian packages in a clean system where no kernel has headers: installed, upgraded,
# removed, purged; what the operator wrote stays. (That DKMS builds the module: scripts/check-deb.)
# backends: uml
# wants: packages disk
# timeout: 240
# memory: 2048
. ./lib.sh

guest_only
ktap_plan 21

export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
kver=$(basename /lib/modules/*-amd64)
echo force-unsafe-io >/etc/dpkg/dpkg.cfg.d/quick
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' ../dkms.conf)
next=$version+1
package() { echo ../build/deb${2:+-$2}/isakmp-"$1"_*.deb; }
# what dpkg says about a package that is installed
installed() { [ "$(dpkg-query -W -f '${db:Status-Status} ${Version}' "isakmp-$1")" = "installed $2" ]; }
mode() { [ "$(stat -c '%a %U:%G' "$1")" = "$2" ]; }

check_not "nothing is there" dpkg-query -W isakmp-tools
check "the tools install" dpkg -i "$(package tools)"
check "they are configured" installed tools "$version"
check "the helper has a user of its own" says '^isakmp:.*/(nologin|false)$' getent passwd isakmp
check "/etc/isakmp is for root and the helper" mode /etc/isakmp "750 root:isakmp"
check "so are the secrets" mode /etc/isakmp/secrets "750 root:isakmp"
check "hooks are root's" mode /etc/isakmp/hooks.d "755 root:root"
check "the command's version is the package's" says "^isakmp $version\$" isakmp -V
check "the helper's too" says "^isakmpd $version\$" isakmpd -V
enabled() { systemctl is-enabled isakmp.service isakmpd.service; }
check "the services are enabled" enabled
check_not "hooks are not" systemctl is-enabled isakmp-hooks.service

# a kernel without headers is no failure of the package
mv "/lib/modules/$kver/build" "$work/build"
check "the module's source installs where there are no headers" dpkg -i "$(package dkms)"
check "it is configured" installed dkms "$version"
added() { dkms status -m isakmp; [ "$(dkms status -m isakmp)" = "isakmp/$1: added" ]; }
check "DKMS knows it, for a kernel to come" added "$version"

printf 'listen add any\n' >/etc/isakmp/isakmp.conf
install -m 0640 -g isakmp /dev/null /etc/isakmp/secrets/gw
upgrade() { dpkg -i "$(package tools "$next")" "$(package dkms "$next")" && installed tools "$next" && installed dkms "$next"; }
check "an upgrade goes through" upgrade
only_one() { added "$next" && [ ! -e "/usr/src/isakmp-$version" ]; }
check "the old one is gone" only_one
kept() { [ -s /etc/isakmp/isakmp.conf ] && mode /etc/isakmp/secrets/gw "640 root:isakmp" && mode /etc/isakmp "750 root:isakmp"; }
check "what the operator wrote is as it was" kept

remove() { dpkg -r isakmp-tools isakmp-dkms && [ ! -e /usr/sbin/isakmp ] && [ -z "$(dkms status -m isakmp)" ]; }
check "both can be removed" remove
purge() { dpkg -P isakmp-tools isakmp-dkms && ! dpkg-query -W 'isakmp-*'; }
check "and purged" purge
check "what the operator wrote still stays" kept
rm -r /etc/isakmp
gone() { dpkg -i "$(package tools)" && dpkg -P isakmp-tools && [ ! -e /etc/isakmp ]; }
check "what he did not write does not" gone
ktap_end
