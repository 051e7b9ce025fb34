# common.sh: what every part of the runner needs: the cache, locks, retries, private mounts.
# Sourced by the scripts in scripts/; $top is the work tree.
# shellcheck shell=bash

cache=${ISAKMP_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/isakmp}
mkdir -p "$cache/locks" || exit 1

say() { echo "${0##*/}: $*" >&2; }
die() { say "$*"; exit 1; }

# need COMMAND...: what scripts/setup installs, before half of something is done without it
need() {
	local c
	for c; do
		command -v "$c" >/dev/null || die "there is no $c here: make setup installs what is missing"
	done
}

# hash: a short key of whatever comes in
hash() { sha256sum | cut -c1-12; }

# retry CMD...: three attempts, for what goes over a network
retry() {
	local n
	for n in 1 2 3; do
		"$@" && return
		say "attempt $n failed: $1"
	done
	return 1
}

# make_once DIR FUNCTION ARG...: DIR, made by FUNCTION ARG... TMPDIR unless it is there.
# Built beside its place and renamed, under a lock: half of one is never taken for one.
make_once() {
	local dir=$1 tmp=$1.tmp lock
	shift
	[ -d "$dir" ] && return
	lock=$cache/locks/$(basename "$dir")
	(
		flock 9
		[ -d "$dir" ] && exit 0
		rm -rf "$tmp" && mkdir -p "$tmp" || exit 1
		if ! "$@" "$tmp" >"$lock.log" 2>&1; then
			tail -n 40 "$lock.log" >&2
			die "failed: $* (log: $lock.log)"
		fi
		mv "$tmp" "$dir"
	) 9>"$lock"
}

# private CMD...: run CMD in mount and process namespaces of its own: no mount and no process
# outlives it. In a plain chroot / is no mount point and cannot be made private; it is private
# enough there. $within may hold a prefix such as a time limit.
private() {
	local prop=private
	unshare --mount --propagation private true 2>/dev/null || prop=unchanged
	${within-} unshare --mount --propagation $prop --pid --fork --kill-child "$@"
}

# in_tree TREE OUT CMD...: run CMD in a root tree on this host's kernel: the tree read-only, the
# work tree at its own path, OUT at /out, /tmp fresh. TREE_ENV lists variables to hand over.
in_tree() {
	local tree=$1 out=$2 dir v env=()
	shift 2
	mkdir -p "$tree$top"
	for v in ${TREE_ENV-}; do env+=("$v=${!v-}"); done
	private sh -eu -c '
		tree=$1 out=$2 top=$3; shift 3
		root=$(mktemp -d)
		# The namespace takes the mounts along; what is busy must not change the status
		trap "umount -R -l $root || :; rmdir $root || :" EXIT
		trap "exit 130" INT TERM
		mount --bind "$tree" "$root"
		mount -o remount,bind,ro "$root"
		mount -t proc proc "$root/proc"
		mount --rbind /dev "$root/dev"
		mount --make-rslave "$root/dev"
		mount -t tmpfs tmpfs "$root/tmp"
		mount --bind "$out" "$root/out"
		mkdir -p "$root$top"
		mount --bind "$top" "$root$top"
		chroot "$root" /usr/bin/env -i HOME=/tmp PATH=/usr/sbin:/usr/bin:/sbin:/bin \
			LC_ALL=C.UTF-8 "$@"
	' sh "$tree" "$out" "$top" "${env[@]}" sh -c 'cd "$1" && shift && exec "$@"' sh "$top" "$@"
}
