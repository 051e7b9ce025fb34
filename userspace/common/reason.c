// SPDX-License-Identifier: GPL-2.0
#include <stddef.h>

#include "reason.h"

static const char *const names[] = {
#define R(id, name, text) [ISAKMP_R_##id] = name,
	ISAKMP_REASONS(R)
#undef R
};

static const char *const texts[] = {
#define R(id, name, text) [ISAKMP_R_##id] = text,
	ISAKMP_REASONS(R)
#undef R
};

/**
 * reason_name() - the name of a reason
 * @reason: enum isakmp_reason
 *
 * Return: the name, or NULL when this program does not know it.
 */
const char *reason_name(unsigned int reason)
{
	return reason <= ISAKMP_R_MAX ? names[reason] : NULL;
}

/**
 * reason_text() - the sentence of a reason
 * @reason: enum isakmp_reason
 *
 * Return: the sentence, or NULL when this program does not know it.
 */
const char *reason_text(unsigned int reason)
{
	return reason <= ISAKMP_R_MAX ? texts[reason] : NULL;
}
