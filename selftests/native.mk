# SPDX-License-Identifier: GPL-2.0
#
# The programs that run the protocol without a kernel.  From the top:
#
#   make -f selftests/native.mk native-check            unit programs and a quick simulation
#   make -f selftests/native.mk native-sim SEEDS=1000   the simulator over so many seeds of
#                                                       either version, and its directed runs
#   make -f selftests/native.mk native-fuzz SECONDS=60  the fuzz targets, sharing the time
#
# What becomes what:
#
#   kernel/{wire,gate,ike,v1}/*.c, libpure.a     the module's own code, unchanged
#   kernel/xfrm/range.c, kernel/nl/answer_v1.c
#   selftests/native/*.c         libnative.a   doubles of seams (crypto by libcrypto, memory),
#                                and what these share with kernel/crypto
#   selftests/sim/*.c            sim, given the number of seeds as its argument; all but main.c
#                                also libsim.a, for unit and fuzz programs that want its doubles
#   userspace/isakmpd/*.c        libhelper.a   the helper's pure part, with userspace/common
#   userspace/isakmp/*.c         libcli.a      the command, all but its main()
#   selftests/unit/*_test.c      a program each, TAP on stdout
#   selftests/unit/*.c           libunit.a     what is left: shared by several of them
#   selftests/fuzz/*_fuzz.c      a libFuzzer target each
#   selftests/fuzz/*_seeds.c     writes the seeds of the target of that name: DIR [CORPUS]
#
# A program is linked with archives, so it needs only the seams that it reaches.

O ?= build/native
SEEDS ?= 1000
SECONDS ?= 60
# seeds of native-check: of version 2, of version 1
SIM_QUICK ?= 300
SIM_QUICK_1 ?= 100
NATIVE_CC ?= gcc
FUZZ_CC ?= clang

# Others' packets: not part of the project, used when they are there.
NATIVE_CORPORA ?= ../shared/corpora
# Published test vectors: the same.
NATIVE_VECTORS ?= ../shared/vectors

native-nl-cflags := $(shell pkg-config --cflags libnl-genl-3.0)
native-nl-libs := $(shell pkg-config --libs libnl-genl-3.0)
native-flags := -std=gnu11 -O1 -g -fno-omit-frame-pointer -MMD -MP \
	-Wall -Wextra -Werror -Wno-unused-parameter -Wframe-larger-than=16384 \
	-ftrivial-auto-var-init=pattern \
	-D_GNU_SOURCE -DISAKMP_NATIVE -DISAKMP_V1 \
	-Iinclude -Ikernel -Iselftests/native -Iselftests/unit -Iselftests/sim \
	-Iuserspace -Iinclude/uapi $(native-nl-cflags) $(NATIVE_CFLAGS)
native-san := -fsanitize=address,undefined -fno-sanitize-recover=all
native-pure := $(wildcard kernel/wire/*.c kernel/gate/*.c kernel/ike/*.c kernel/v1/*.c) \
	kernel/xfrm/range.c kernel/nl/answer_v1.c
native-doubles := $(wildcard selftests/native/*.c) \
	$(addprefix kernel/crypto/,ecp.c modp.c sizes.c)
native-sims := $(wildcard selftests/sim/*.c)
native-helper := $(filter-out %/main.c %/family.c %/link.c %/notify.c %/sandbox.c,\
	$(wildcard userspace/isakmpd/*.c userspace/common/*.c))
native-cli := $(filter-out %/isakmp.c,$(wildcard userspace/isakmp/*.c))
native-unit-libs := $(filter-out %_test.c,$(wildcard selftests/unit/*.c))
native-units := $(patsubst selftests/unit/%.c,%,$(wildcard selftests/unit/*_test.c))
native-fuzzers := $(patsubst selftests/fuzz/%.c,%,$(wildcard selftests/fuzz/*_fuzz.c))
native-seeders := $(patsubst selftests/fuzz/%.c,%,$(wildcard selftests/fuzz/*_seeds.c))
native-progs := $(addprefix $(O)/,$(native-units) $(if $(native-sims),sim))

.PHONY: native-build native-check native-sim native-fuzz native-clean

native-build: $(native-progs)

# One for each processor at a time, the simulator, which takes longest, first; what they say, in order.
native-check: $(native-progs)
	@rm -rf $(O)/said; mkdir -p $(O)/said; \
	printf '%s\n' $(filter %/sim,$(native-progs)) $(filter-out %/sim,$(native-progs)) | \
	xargs -P "$$(nproc)" -n 1 sh -c '{ echo "# program: $${1##*/}"; \
		case $$1 in \
		*/sim) $$1 $(SIM_QUICK) && $$1 -1 $(SIM_QUICK_1) && $$1 -d ;; \
		*) NATIVE_CORPORA=$(NATIVE_CORPORA) NATIVE_VECTORS=$(NATIVE_VECTORS) $$1 ;; \
		esac || { echo "# failed: $${1##*/}"; false; }; } >$(O)/said/$${1##*/} 2>&1' check; \
	status=$$?; cd $(O)/said && cat $(notdir $(native-progs)); exit $$status

# A process for each processor takes a few seeds at a time.
native-sim: $(O)/sim
	@status=0; for v in "" -1; do \
		echo "# program: sim $$v"; seq 1 50 $(SEEDS) | xargs -P "$$(nproc)" -n 1 sh -c \
		'n=$$(($(SEEDS) - $$1 + 1)); exec $(O)/sim '"$$v"' -s $$1 $$((n < 50 ? n : 50))' sim \
		|| status=1; \
	done; \
	echo "# program: sim -d"; $(O)/sim -d || status=1; exit $$status

native-fuzz: $(addprefix $(O)/fuzz/,$(native-fuzzers)) $(addprefix $(O)/,$(native-seeders))
	@status=0; n=0; set -- $(native-fuzzers); \
	each=$$(( $(SECONDS) / $(words $(native-fuzzers)) )); [ $$each -gt 0 ] || each=1; \
	for f; do \
		dir=$(O)/corpus/$$f; mkdir -p $$dir; n=$$((n + 1)); \
		seeds=$(O)/$${f%_fuzz}_seeds; \
		[ ! -x $$seeds ] || $$seeds $$dir $(wildcard $(NATIVE_CORPORA)) || status=1; \
		echo "# program: $$f"; \
		if $(O)/fuzz/$$f -max_total_time=$$each -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
			-print_final_stats=1 -artifact_prefix=$(O)/corpus/$$f- $$dir \
			>$(O)/corpus/$$f.log 2>&1; \
		then grep -a -e ' DONE ' -e number_of_executed $(O)/corpus/$$f.log | sed 's/^/# /'; \
			echo "ok $$n - $$f for $$each seconds"; \
		else tail -n 60 $(O)/corpus/$$f.log | sed 's/^/# /'; \
			echo "not ok $$n - $$f (its input: $(O)/corpus/$$f-*)"; status=1; fi; \
	done; echo "1..$$n"; exit $$status

native-clean:
	rm -rf $(O)

# An object is found under its whole path and from here, whatever $(O) is written like.
native-names = -MT $(abspath $@) -MT $(patsubst $(CURDIR)/%,%,$(abspath $@))

# gcc: what native-check and native-sim run
$(O)/obj/%.o: %.c selftests/native.mk
	@mkdir -p $(@D)
	$(NATIVE_CC) $(native-flags) $(native-names) $(native-san) -c -o $@ $<

# clang: what native-fuzz runs
$(O)/fuzz/obj/%.o: %.c selftests/native.mk
	@mkdir -p $(@D)
	$(FUZZ_CC) $(native-flags) $(native-names) $(native-san) -fsanitize=fuzzer-no-link -c -o $@ $<

# Archives are made anew when a file comes or goes: hence the folders.
define native-archive
$(O)/$(1)/$(2).a: $(patsubst %.c,$(O)/$(1)/%.o,$(3)) $(wildcard $(4))
	@mkdir -p $$(@D)
	@rm -f $$@
	ar qcs $$@ $(patsubst %.c,$(O)/$(1)/%.o,$(3))
endef

native-pure-dirs := kernel/wire kernel/gate kernel/ike kernel/v1
native-lib-sims := $(filter-out selftests/sim/main.c,$(native-sims))
$(foreach o,obj fuzz/obj,\
	$(eval $(call native-archive,$(o),libpure,$(native-pure),$(native-pure-dirs)))\
	$(eval $(call native-archive,$(o),libnative,$(native-doubles),selftests/native kernel/crypto))\
	$(eval $(call native-archive,$(o),libhelper,$(native-helper),userspace/isakmpd userspace/common))\
	$(eval $(call native-archive,$(o),libcli,$(native-cli),userspace/isakmp))\
	$(eval $(call native-archive,$(o),libunit,$(native-unit-libs),selftests/unit))\
	$(eval $(call native-archive,$(o),libsim,$(native-lib-sims),selftests/sim)))

# Of two archives that have a symbol the first one gives it.
native-libs = $(addprefix $(O)/$(1)/,libunit.a libsim.a libnative.a libpure.a libhelper.a libcli.a)
native-link = -Wl,--start-group $(filter %.a,$^) -Wl,--end-group \
	-Wl,--as-needed $(native-nl-libs) -lcrypto -lmnl -lpcap -lpthread -lcrypt $(native-wrap)

# Counted by talk.c, which any of them may come to be linked with.
native-count := -Wl,--wrap=isakmp_kex_derive
native-wrap = $(if $(filter $(native-units) $(native-fuzzers) $(native-seeders),$(@F)),$(native-count))

$(addprefix $(O)/,$(native-units)): $(O)/%: $(O)/obj/selftests/unit/%.o $(call native-libs,obj)
	$(NATIVE_CC) $(native-san) -o $@ $(filter %.o,$^) $(native-link)

$(addprefix $(O)/,$(native-seeders)): $(O)/%: $(O)/obj/selftests/fuzz/%.o $(call native-libs,obj)
	$(NATIVE_CC) $(native-san) -o $@ $(filter %.o,$^) $(native-link)

$(O)/sim: $(patsubst %.c,$(O)/obj/%.o,$(native-sims)) \
		$(O)/obj/libnative.a $(O)/obj/libhelper.a $(O)/obj/libpure.a
	$(NATIVE_CC) $(native-san) -o $@ $(filter %.o,$^) $(native-link)

$(addprefix $(O)/fuzz/,$(native-fuzzers)): $(O)/fuzz/%: $(O)/fuzz/obj/selftests/fuzz/%.o \
		$(call native-libs,fuzz/obj)
	$(FUZZ_CC) $(native-san) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(native-link)

-include $(shell test ! -d $(O) || find $(O) -name '*.d')
