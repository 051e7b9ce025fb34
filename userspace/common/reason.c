// SPDX-License-Identifier: GPL-2.0
#include <stddef.h>

#include <isakmp/ikev2.h>
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

/**
 * notify_name() - the name of an error that a peer can answer with
 * @type: RFC 7296, 3.10.1
 *
 * Return: the name in the RFC, or NULL when this program does not know it.
 */
const char *notify_name(unsigned int type)
{
	static const struct {
		unsigned int type;
		const char *name;
	} errors[] = {
#define E(name) { IKE_N_##name, #name }
		E(UNSUPPORTED_CRITICAL_PAYLOAD), E(INVALID_IKE_SPI),
		E(INVALID_MAJOR_VERSION), E(INVALID_SYNTAX),
		E(INVALID_MESSAGE_ID), E(INVALID_SPI), E(NO_PROPOSAL_CHOSEN),
		E(INVALID_KE_PAYLOAD), E(AUTHENTICATION_FAILED),
		E(SINGLE_PAIR_REQUIRED), E(NO_ADDITIONAL_SAS),
		E(INTERNAL_ADDRESS_FAILURE), E(FAILED_CP_REQUIRED),
		E(TS_UNACCEPTABLE), E(INVALID_SELECTORS),
		E(TEMPORARY_FAILURE), E(CHILD_SA_NOT_FOUND),
#undef E
	};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].type == type)
			return errors[i].name;
	return NULL;
}
