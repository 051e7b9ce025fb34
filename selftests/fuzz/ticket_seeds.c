// SPDX-License-Identifier: GPL-2.0
/*
 * Seeds of ticket_fuzz: texts of tickets, and a ticket that is nearly one.
 *
 *	ticket_seeds DIR
 */
#include <stdio.h>
#include <stdlib.h>

#include "ike/engine.h"

static unsigned int failed;

static void write_seed(const char *dir, const char *name, const u8 *p, size_t n)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	failed += !f || fwrite(p, n, 1, f) != 1;
	if (f)
		fclose(f);
}

static struct ike_span span(const char *s)
{
	return (struct ike_span){ (const u8 *)s, strlen(s) };
}

static void text(const char *dir, const char *name, u16 prf, const char *handle, u8 family)
{
	static const u8 sk_d[64] = { 1, 2, 3 };
	struct ike_ticket t = {
		.issued = 1, .until = 2, .binding = 3, .spi = 4, .children = 5,
		.suite = { .encr = IKE_ENCR_AES_GCM_16, .keylen = 256, .prf = prf,
			   .ke = IKE_KE_X25519 },
		.sk_d = { sk_d, isakmp_prf_len(prf) }, .peer = span("gw"),
		.id_local = span("\2zzza"), .id_remote = span("\2zzzb"), .unique = span("\2b"),
		.local_cred = span("us"), .remote_cred = span("them"), .handle = span(handle),
	};
	u8 buf[1 + IKE_TICKET_MAX] = { 0 };
	struct isakmp_out o;

	t.inner[family == 6].family = family;
	isakmp_out_init(&o, buf + 1, IKE_TICKET_MAX);
	ike_ticket_encode(&o, &t);
	write_seed(dir, name, buf, 1 + o.len);
}

/* The key ID is that of native_tickets_reset(), and it is not over yet. */
static void sealed(const char *dir)
{
	u8 buf[1 + 200] = { 1, IKE_TICKET_VERSION };

	memset(buf + 2, 0x4b, IKE_TICKET_KEY_ID_LEN);
	memset(buf + 2 + IKE_TICKET_KEY_ID_LEN + IKE_TICKET_NUMBER_LEN, 0x7f, 8);
	write_seed(dir, "sealed", buf, sizeof(buf));
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "ticket_seeds DIR\n");
		return 1;
	}
	text(argv[1], "sha256", IKE_PRF_HMAC_SHA2_256, "", 0);
	text(argv[1], "sha512", IKE_PRF_HMAC_SHA2_512, "a handle", 4);
	text(argv[1], "ipv6", IKE_PRF_HMAC_SHA2_384, "", 6);
	sealed(argv[1]);
	return failed != 0;
}
