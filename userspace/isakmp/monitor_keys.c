// SPDX-License-Identifier: GPL-2.0
/* isakmp monitor keys: a line for each IKE SA whose keys are made. */
#include <stdlib.h>
#include <string.h>

#include "keytable.h"
#include "monitor.h"

/* Octets of a key, which must be as many as the algorithm takes. */
static bool key_get(uint8_t *to, size_t n, const struct nlattr *attr)
{
	if ((attr ? mnl_attr_get_payload_len(attr) : 0) != n)
		return false;
	if (n)
		memcpy(to, mnl_attr_get_payload(attr), n);
	return true;
}

static bool keys_get(struct keytable_sa *sa, const struct nlattr *nest)
{
	const struct nlattr *suite = nl_find(nest, ISAKMP_KEYS_SUITE);
	size_t n;

	sa->spi_i = nl_uint(nl_find(nest, ISAKMP_KEYS_SPI_I));
	sa->spi_r = nl_uint(nl_find(nest, ISAKMP_KEYS_SPI_R));
	if (!suite)
		return false;
	sa->cipher = keytable_cipher(nl_uint(nl_find(suite, ISAKMP_SUITE_ENCR)),
				     nl_uint(nl_find(suite, ISAKMP_SUITE_KEYLEN)));
	sa->integ = keytable_integ(nl_uint(nl_find(suite, ISAKMP_SUITE_INTEG)));
	if (!sa->cipher || !sa->integ)
		return false;
	n = keytable_encr_len(sa->cipher);
	return key_get(sa->sk_e[0], n, nl_find(nest, ISAKMP_KEYS_SK_EI)) &&
	       key_get(sa->sk_e[1], n, nl_find(nest, ISAKMP_KEYS_SK_ER)) &&
	       key_get(sa->sk_a[0], sa->integ->key, nl_find(nest, ISAKMP_KEYS_SK_AI)) &&
	       key_get(sa->sk_a[1], sa->integ->key, nl_find(nest, ISAKMP_KEYS_SK_AR));
}

/* Version 1: one key, of both ends. */
static bool v1_get(struct keytable_v1 *sa, const struct nlattr *nest)
{
	const struct nlattr *key = nl_find(nest, ISAKMP_KEYS_SK_EI);

	sa->cookie = nl_uint(nl_find(nest, ISAKMP_KEYS_SPI_I));
	sa->n = key ? mnl_attr_get_payload_len(key) : 0;
	if (nl_find(nest, ISAKMP_KEYS_SK_ER) || sa->n < KEYTABLE_V1_MIN || sa->n > KEYTABLE_V1_MAX)
		return false;
	memcpy(sa->key, mnl_attr_get_payload(key), sa->n);
	return true;
}

/**
 * monitor_keys() - keys of an IKE SA were made
 * @cli: the command
 * @nest: ISAKMP_A_KEYS
 *
 * Text is a line for Wireshark and for decode; JSON has it as a string.
 */
void monitor_keys(struct cli *cli, const struct nlattr *nest)
{
	struct keytable_sa sa = { 0 };
	struct keytable_v1 v1 = { 0 };
	char line[KEYTABLE_LINE_MAX] = "";
	FILE *f = fmemopen(line, sizeof(line), "w");

	if (!f)
		abort();
	if (keys_get(&sa, nest))
		keytable_write(f, &sa);
	else if (v1_get(&v1, nest))
		keytable_write_v1(f, &v1);
	else
		fprintf(f, "# keys of a suite that is not known here\n");
	fclose(f);
	if (cli->out.json) {
		line[strcspn(line, "\n")] = 0;
		out_open(&cli->out, "keys");
		out_text(&cli->out, "event", "keys");
		out_hex(&cli->out, "spi-i", sa.spi_i, 16);
		out_hex(&cli->out, "spi-r", sa.spi_r, 16);
		out_text(&cli->out, "line", line);
		out_close(&cli->out);
	} else {
		fputs(line, cli->out.f);
	}
	fflush(cli->out.f);
	explicit_bzero(line, sizeof(line));
	explicit_bzero(&sa, sizeof(sa));
	explicit_bzero(&v1, sizeof(v1));
}
