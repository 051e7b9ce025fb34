# tree.sh: Debian root trees, described by one small file each in scripts/trees/.
# shellcheck shell=bash

# apt_sources SUITE: deb lines for SUITE with the mirrors this host itself uses for Debian
apt_sources() {
	local host
	host=$(. /etc/os-release && echo "$VERSION_CODENAME")
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(ORIGIN)|$(CODENAME)|$(REPO_URI)|$(COMPONENT)' \
		'Created-By: Packages' |
	awk -F'|' -v host="$host" -v want="$1" '
		BEGIN { suites[host] = suites[host "-updates"] = suites[host "-security"] = 1 }
		$1 == "Debian" && $2 in suites && $4 == "main" {
			sub(host, want, $2)
			line = "deb " $3 " " $2 " main"
			if (!seen[line]++) print line
		}'
}

# tree_key NAME: changes with the definition; the number stands for the recipe below
tree_key() { { echo recipe 1; sed 's/#.*//' "$top/scripts/trees/$1"; } | hash; }

# tree_path NAME: where the tree is or would be
tree_path() {
	[ -f "$top/scripts/trees/$1" ] || die "no such tree: $1 (there are: $(ls "$top/scripts/trees"))"
	echo "$cache/tree-$1-$(tree_key "$1")"
}

# tree_make SUITE PACKAGES DIR
tree_make() {
	local suite=$1 packages=$2 dir=$3 sources include
	sources=$(apt_sources "$suite")
	[ -n "$sources" ] || { apt-get update; sources=$(apt_sources "$suite"); }
	[ -n "$sources" ] || { echo "no Debian mirror in this host's apt configuration"; return 1; }
	include=$(tr -s "\n\t " , <<<"$packages")
	include=${include#,} include=${include%,}
	tree_bootstrap() {
		rm -rf "$dir" && mkdir -p "$dir"
		# proxies and the like, as the host has them
		apt-config dump | grep -E '^Acquire::(http|https|ftp|Check)' >"$dir.aptconf"
		printf '%s\n' 'Acquire::Retries "5";' 'Acquire::Languages "none";' \
			'Acquire::http::Timeout "60";' >>"$dir.aptconf"
		mmdebstrap --mode=root --variant=minbase --include="$include" \
			--aptopt="$(cat "$dir.aptconf")" \
			--dpkgopt='path-exclude=/usr/share/locale/*' \
			--dpkgopt='path-exclude=/usr/share/doc/*' \
			--skip=cleanup/apt/lists "$suite" "$dir" <<<"$sources"
	}
	retry tree_bootstrap || return 1
	rm -f "$dir.aptconf"
	mkdir -p "$dir/work" "$dir/out"
}

# tree NAME: make it if needed, print its path
tree() {
	local path suite packages
	path=$(tree_path "$1") || exit 1
	if [ ! -d "$path" ]; then
		need mmdebstrap
		say "making the root tree $1 (a minute or two, once)"
		# shellcheck source=/dev/null
		. "$top/scripts/trees/$1"
		make_once "$path" tree_make "$suite" "$packages" || exit 1
	fi
	echo "$path"
}
