# backends.sh: start a guest. All share scripts/vm.d/init and scripts/vm.d/guest.
# Each start_* function runs the guest in the foreground: its output to stdout, the kernel's
# console to $run/console. Set by scripts/vm: top run limit mem trees flavour append cpu disk interactive.
# shellcheck shell=bash disable=SC2154

# initramfs_make KVER TREE DIR: busybox, our init and, where there is a KVER, its modules
initramfs_make() {
	local kver=$1 tree=$2 dir=$3 ko
	mkdir -p "$dir/root/bin" "$dir/root/modules" "$dir/root/dev"
	cp "$(tree trixie)/usr/bin/busybox" "$dir/root/bin/"
	cp "$top/scripts/vm.d/init" "$dir/root/init"
	chmod 755 "$dir/root/init"
	mknod "$dir/root/dev/console" c 5 1
	[ -z "$kver" ] || for m in virtio_pci 9pnet_virtio 9p overlay virtio_blk ext4; do
		chroot "$tree" modprobe -S "$kver" --show-depends "$m" || return 1
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r ko; do
		case $ko in
		*.xz) xz -dc "$tree$ko" >"$dir/root/modules/$(basename "$ko" .xz)" ;;
		*) cp "$tree$ko" "$dir/root/modules/" ;;
		esac
		basename "$ko" .xz >>"$dir/root/modules/order"
	done
	(cd "$dir/root" && find . | cpio -o -H newc --quiet) >"$dir/initramfs"
	rm -rf "$dir/root"
}

# initramfs KVER [TREE]: make it if needed, print its path
initramfs() {
	local tree path
	tree=$(tree "${2-trixie}") || exit 1
	path=$cache/initramfs-${1:-uml}-$({ echo "$tree"; cat "$top/scripts/vm.d/init"; } | hash)
	make_once "$path" initramfs_make "$1" "$tree" || exit 1
	echo "$path/initramfs"
}

# disk FILE: an empty disk unless there is one; prints its whole path
disk() {
	local dir
	dir=$(cd "$(dirname "$1")" && pwd -P) || return
	set -- "$dir/$(basename "$1")"
	if [ ! -e "$1" ]; then
		truncate -s 4G "$1" && mke2fs -q -t ext4 -F "$1" >&2 || return
	fi
	echo "$1"
}

# With systemd: a machine that starts nothing but what a test installs.
systemd_args="systemd.getty_auto=no systemd.mask=getty.target systemd.mask=timers.target"
systemd_args+=" systemd.mask=strongswan.service systemd.mask=openiked.service systemd.show_status=no"

# kernel_args BACKEND: what every guest is told
kernel_args() {
	local names=
	[ ${#trees[@]} = 0 ] || names=$(IFS=,; echo "${trees[*]}")
	echo "panic=-1 oops=panic random.trust_cpu=on vm.backend=$1 vm.kernel=$flavour vm.top=$top" \
		"${disk:+vm.disk=1} vm.trees=$names vm.term=${TERM-} vm.rows=$(tput lines 2>/dev/null || echo 25)" \
		"vm.cols=$(tput cols 2>/dev/null || echo 80) $append"
}

# jitterless KERNEL: where the clock stands still while something computes, the test of the random numbers
# that are made of time takes ten seconds; initcalls go by their addresses there
jitterless() { sed -n 's/^0*\([0-9a-f]*\) t jent_mod_init$/initcall_blacklist=0x\1/p' "$1/System.map"; }

# User Mode Linux wants /proc, a HOME, a tmpfs it may execute in, and one processor: two make
# every system call dearer. Its C library must not register rseq: user processes would inherit
# it and die when the host kernel writes there. A panic signals its process group and cannot end
# process 1, so it is not that and has a session of its own. Its output passes a pipe, as it makes
# its descriptors non-blocking.
start_uml() {
	local kernel initrd paths t stdin=null
	kernel=$(uml "$flavour") || exit 1
	initrd=$(initramfs '') || exit 1
	paths="vm.tree=$(tree trixie) vm.work=$top vm.run=$run" || exit 1
	for t in "${trees[@]}"; do paths+=" vm.$t=$(tree "$t")"; done
	[ -z "$interactive" ] || stdin=fd:0
	[[ "$append" != *time-travel* ]] || paths+=" $(jitterless "$kernel")"
	# shellcheck disable=SC2046,SC2086,SC2016
	within="timeout --foreground -s KILL $limit" private sh -c '
		mount -t proc proc /proc
		mkdir -p "$1/shm" && mount -t tmpfs -o size=8g tmpfs "$1/shm"
		export HOME=/ TMPDIR="$1/shm" GLIBC_TUNABLES=glibc.pthread.rseq=0
		shift
		ulimit -c 0
		trap "exit 130" INT TERM
		setsid taskset -c "$@" <&0 &
		wait $!
	' sh "$run" "$cpu" "$kernel/linux" mem="${mem:-1024}M" initrd="$initrd" \
		con=null con0="$stdin",fd:1 ssl=null ssl0=null,fd:2 console=ttyS0 \
		uml_dir="$run/shm/" ignore_loglevel ${disk:+"ubd0=$disk"} \
		$(kernel_args uml) $paths 2>"$run/console" | cat
}

start_qemu() {
	local accel=$1 tree boot kver initrd t tag mode share=() from=trixie
	[ "$flavour" != 6.1 ] || { from=stock61; trees+=("$from"); }
	tree=$(tree trixie) && boot=$(tree "$from")/boot || exit 1
	kver=$(basename "$(echo "$boot"/vmlinuz-*)") kver=${kver#vmlinuz-}
	initrd=$(initramfs "$kver" "$from") || exit 1
	for t in "tree=$tree" "work=$top" "run=$run" "${trees[@]/%/=}"; do
		tag=${t%%=*}
		[ "${t#*=}" ] || t+=$(tree "$tag")
		mode=,readonly=on
		[ "$tag" != run ] || mode=
		share+=(-virtfs "local,path=${t#*=},mount_tag=$tag$mode,security_model=passthrough,multidevs=remap")
	done
	if [ "$accel" = kvm ]; then
		set -- -accel kvm -cpu host
	else
		set -- -accel tcg,thread=multi -cpu max,la57=off
	fi
	[ -z "$disk" ] || set -- "$@" -drive "file=$disk,format=raw,if=virtio,cache=unsafe"
	set -- "$@" -serial "file:$run/console" -serial stdio
	timeout --foreground -s KILL "$limit" qemu-system-x86_64 "$@" -smp 2 -m "${mem:-4096}" \
		-nodefaults -display none -no-reboot \
		-kernel "$boot/vmlinuz-$kver" -initrd "$initrd" "${share[@]}" \
		-append "console=ttyS0 loglevel=5 tsc=reliable nokaslr $(kernel_args "$accel")"
}

# kvm_works: /dev/kvm may open and a guest still hang in its firmware, so boot one
kvm_works() {
	local tree initrd vmlinuz
	[ -w /dev/kvm ] || return 1
	tree=$(tree trixie) && initrd=$(initramfs '') || return 1
	vmlinuz=$(echo "$tree"/boot/vmlinuz-*)
	timeout 15 qemu-system-x86_64 -accel kvm -cpu host -m 512 -nodefaults -display none \
		-serial stdio -no-reboot -kernel "$vmlinuz" -initrd "$initrd" \
		-append 'console=ttyS0 quiet panic=-1 vm.probe=1' </dev/null 2>&1 | grep -q vm-probe-ok
}
