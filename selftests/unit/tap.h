/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A tiny TAP harness for the native programs: one program, one plan.
 *
 *	static void test_nonce(void)
 *	{
 *		CHECK_EQ(nonce.len, 16);
 *		CHECK_REASON(isakmp_nonce_decode(&pl, &nonce), ISAKMP_R_BAD_NONCE);
 *	}
 *
 *	int main(void)
 *	{
 *		TAP_RUN(test_nonce, "nonce: lengths (RFC 7296, 3.9)");
 *		return tap_done();
 *	}
 *
 * A failed check prints where and what, the test goes on, and its line says
 * "not ok".  The lines "# reason: NAME" at the end name every refusal that the
 * program saw; the project wants each of include/isakmp/reason.h among them.
 */
#ifndef _TAP_H
#define _TAP_H

#include <isakmp/pure.h>
#include <isakmp/reason.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TAP_DIAGS_MAX 10	/* per test, then silence */

/* One for the program: checks in its other files count as well. */
__attribute__((weak)) struct {
	unsigned int run;	/* tests so far */
	unsigned int failed;
	unsigned int bad;	/* failed checks of this test */
	bool seen[ISAKMP_R_MAX + 1];
	char note[128];		/* see tap_note() */
} tap;

static inline const char *tap_reason_name(unsigned int r)
{
	static const char *const names[ISAKMP_R_MAX + 1] = {
		[ISAKMP_OK] = "ok",
#define R(id, name, text) [ISAKMP_R_##id] = name,
		ISAKMP_REASONS(R)
#undef R
	};

	return r <= ISAKMP_R_MAX ? names[r] : "no such reason";
}

/* A refusal was observed. */
static inline void tap_reason(enum isakmp_reason r)
{
	if (r != ISAKMP_OK && r <= ISAKMP_R_MAX)
		tap.seen[r] = true;
}

/* What the checks from here on are about, printed when one fails: "n=3". */
__attribute__((format(printf, 1, 2)))
static inline void tap_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(tap.note, sizeof(tap.note), fmt, ap);
	va_end(ap);
}

__attribute__((format(printf, 3, 4)))
static inline bool tap_check(bool good, const char *where, const char *fmt, ...)
{
	va_list ap;

	if (good)
		return true;
	if (tap.bad++ < TAP_DIAGS_MAX) {
		printf("# %s: ", where);
		va_start(ap, fmt);
		vprintf(fmt, ap);
		va_end(ap);
		printf("%s%s%s\n", tap.note[0] ? " (" : "", tap.note, tap.note[0] ? ")" : "");
	}
	return false;
}

static inline bool tap_check_reason(unsigned int got, unsigned int want, const char *where,
				    const char *what)
{
	if (got == want)
		tap_reason((enum isakmp_reason)got);
	return tap_check(got == want, where, "%s: %s, wanted %s", what, tap_reason_name(got),
			 tap_reason_name(want));
}

#define TAP_STR_(x) #x
#define TAP_STR(x) TAP_STR_(x)
#define TAP_WHERE __FILE__ ":" TAP_STR(__LINE__)

/* Each says whether it held. */
#define CHECK(cond) tap_check((cond), TAP_WHERE, "%s", #cond)
#define CHECK_EQ(a, b)								\
	({									\
		unsigned long long tap_a = (unsigned long long)(a);		\
		unsigned long long tap_b = (unsigned long long)(b);		\
		tap_check(tap_a == tap_b, TAP_WHERE, "%s is %llu (0x%llx), wanted %llu (0x%llx)", \
			  #a, tap_a, tap_a, tap_b, tap_b);			\
	})
#define CHECK_MEM(a, b, n)							\
	tap_check(!(n) || !memcmp((a), (b), (n)), TAP_WHERE, "%s differs from %s", #a, #b)
/* The refusal is as wanted, and counts as observed. */
#define CHECK_REASON(expr, want) tap_check_reason((expr), (want), TAP_WHERE, #expr)

#define TAP_RUN(fn, title)							\
	do {									\
		tap.bad = 0;							\
		tap.note[0] = '\0';						\
		(fn)();								\
		tap_result(title);						\
	} while (0)

static inline void tap_result(const char *title)
{
	tap.run++;
	tap.failed += tap.bad > 0;
	if (tap.bad > TAP_DIAGS_MAX)
		printf("# and %u more\n", tap.bad - TAP_DIAGS_MAX);
	printf("%sok %u - %s\n", tap.bad ? "not " : "", tap.run, title);
	fflush(stdout);
}

static inline void tap_skip(const char *title, const char *why)
{
	printf("ok %u - %s # SKIP %s\n", ++tap.run, title, why);
}

/* Reasons, plan; the program's exit status. */
static inline int tap_done(void)
{
	unsigned int r;

	for (r = 1; r <= ISAKMP_R_MAX; r++)
		if (tap.seen[r])
			printf("# reason: %s\n", tap_reason_name(r));
	printf("1..%u\n", tap.run);
	return tap.failed || !tap.run;
}

#endif /* _TAP_H */
