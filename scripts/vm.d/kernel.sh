# kernel.sh: the User Mode Linux kernels, built once from Debian's own source in the guest's
# root tree, by its compiler. Flavours: plain, debug.
# shellcheck shell=bash

uml_fragments() {
	echo "$top/scripts/kernel/uml.fragment"
	[ "$1" = plain ] || echo "$top/scripts/kernel/uml-$1.fragment"
}

# uml_path FLAVOUR: where the kernel is or would be
uml_path() {
	local key tree
	tree=$(tree trixie) || exit 1
	# shellcheck disable=SC2046
	key=$({
		cat $(uml_fragments "$1") "$top/scripts/kernel/build-uml"
		cat "$top"/scripts/kernel/*.patch
		awk '/^Package: linux-source-6.12$/,/^$/' "$tree/var/lib/dpkg/status" | grep ^Version
	} | hash)
	echo "$cache/uml-$1-$key"
}

# uml_make FLAVOUR DIR
uml_make() {
	local tree dir=$2
	tree=$(tree trixie) || return 1
	# shellcheck disable=SC2046
	cat $(uml_fragments "$1") >"$dir/fragment"
	in_tree "$tree" "$dir" sh scripts/kernel/build-uml
}

# uml FLAVOUR: make it if needed, print its path
uml() {
	local path
	path=$(uml_path "$1") || exit 1
	if [ ! -d "$path" ]; then
		say "building the guest kernel ($1; five to ten minutes, once)"
		make_once "$path" uml_make "$1" || exit 1
	fi
	echo "$path"
}
