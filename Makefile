# SPDX-License-Identifier: GPL-2.0
# Every command a person types. "make help" lists them.
#
# What the module is made of is in Kbuild, which the kernel's build reads instead of this file.

KDIR    ?= /lib/modules/$(shell uname -r)/build
DESTDIR ?=
SEEDS   ?= 200
SECONDS ?= 60
VM      ?= uml
T       ?=

O := $(CURDIR)/build
NATIVE = $(MAKE) --no-print-directory -f selftests/native.mk O=$(O)/native
export VM

all: modules tools ## the module for this machine's kernel, and the tools

##@ On a machine that shall run it (needs its kernel headers)

modules: ## build isakmp.ko for the kernel in KDIR (default: the running one); ISAKMP_V1=n: no IKEv1
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tools: ## build isakmpd and isakmp
	$(MAKE) -C userspace O=$(O)/tools all

install: ## install both; DESTDIR, PREFIX, SYSCONFDIR. Then: systemctl enable --now isakmp
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(DESTDIR) modules_install
	$(MAKE) -C userspace O=$(O)/tools DESTDIR=$(DESTDIR) install
	$(if $(DESTDIR),,scripts/after-install)

uninstall: ## delete what install installed, but not /etc/isakmp
	$(MAKE) -C userspace O=$(O)/tools DESTDIR=$(DESTDIR) uninstall
	rm -f $(DESTDIR)/lib/modules/*/updates/isakmp.ko*
	$(if $(DESTDIR),,scripts/after-install)

deb: setup ## Debian packages isakmp-dkms and isakmp-tools, in build/deb
	@scripts/build-deb

##@ In a guest (installs what it needs; touches nothing of this machine's kernel)

demo: setup ## two gateways, a tunnel, pings: in a guest, in front of you
	@scripts/run-tests demo

test: setup ## every tier; ends with "N passed, N failed, N skipped"
	@scripts/run-tests test

test-long: setup ## the same and what takes longer
	@scripts/run-tests long

test-debug: setup ## the selftests on a kernel with KASAN, lockdep, kmemleak, fault injection; T="name ..."
	@scripts/run-tests debug $(T)

selftests: ## selftests in a guest; T="name ..." for some, VM=tcg for the stock kernel
	@scripts/run-tests selftests $(T)

##@ Native, no guest

check: ## under a minute: unit tests, a short simulation, scripts, style
	@scripts/run-tests check

sim: ## the simulator; SEEDS=n
	$(NATIVE) native-sim SEEDS=$(SEEDS)

fuzz: ## the fuzz targets, which share SECONDS=n
	$(NATIVE) native-fuzz SECONDS=$(SECONDS)

style: ## spelling of the code: white space, line lengths, shell scripts
	@scripts/check-style

threats: ## known mistakes of IKE implementations, and the tests that hold each
	@scripts/threats

sparse: ## the module under sparse with endian checks, for 6.12 and 6.1
	@rm -f $(O)/6.12/.sparse-ok $(O)/6.1/.sparse-ok
	scripts/build-module 6.12
	scripts/build-module 6.1

##@ Other

setup: ## install what tests need on this Debian machine (only what is missing)
	@scripts/setup

clean: ## delete what was built (guests' trees and kernels: scripts/vm clean)
	rm -rf $(O)
	@find Kbuild kernel -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' 2>/dev/null | xargs -r rm -f
	@rm -f isakmp.ko isakmp.mod isakmp.mod.c isakmp.mod.o isakmp.o .*.cmd Module.symvers modules.order

help: ## this list
	@awk -F':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z0-9-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

# The module and the tools as the guests want them.
modules-uml modules-uml-debug modules-6.12 modules-6.1: modules-%:
	scripts/build-module $*

tools-guest:
	scripts/vm tree trixie -- $(MAKE) -C userspace O=$(O)/guest-obj DESTDIR=$(O)/guest install

.PHONY: all modules tools install uninstall deb demo test test-long test-debug selftests check sim fuzz \
	style threats sparse setup clean help modules-uml modules-uml-debug modules-6.12 modules-6.1 tools-guest
