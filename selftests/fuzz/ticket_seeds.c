// SPDX-License-Identifier: GPL-2.0
/*
 * Seeds of ticket_fuzz: texts of tickets, and a ticket that is nearly one; gateways,
 * tokens, tickets that are given.
 *
 *	ticket_seeds DIR
 */
#include "ike/engine.h"
#include "seed.h"
#include "ticket_modes.h"

static struct ike_span span(const char *s)
{
	return (struct ike_span){ (const u8 *)s, strlen(s) };
}

static void text(const char *name, u16 prf, const char *handle, u8 family)
{
	static const u8 sk_d[64] = { 1, 2, 3 };
	struct ike_ticket t = {
		.given = { 6, 1 }, .until = 2, .binding = 3, .spi = 4, .children = 5,
		.suite = { .encr = IKE_ENCR_AES_GCM_16, .keylen = 256, .prf = prf,
			   .ke = IKE_KE_X25519 },
		.sk_d = { sk_d, isakmp_prf_len(prf) }, .peer = span("gw"),
		.id_local = span("\2zzza"), .id_remote = span("\2zzzb"), .unique = span("\2b"),
		.local_cred = span("us"), .remote_cred = span("them"), .handle = span(handle),
	};
	static const u8 mode = TICKET_TEXT;
	u8 buf[IKE_TICKET_MAX];
	struct isakmp_out o;

	t.inner[family == 6].family = family;
	isakmp_out_init(&o, buf, sizeof(buf));
	ike_ticket_encode(&o, &t);
	seed_write(name, &mode, 1, buf, o.len);
}

/* The key ID is that of native_tickets_reset(), and it is not over yet. */
static void sealed(void)
{
	static const u8 modes[] = { TICKET_OPENED, TICKET_PRESENTED };
	u8 buf[200] = { IKE_TICKET_VERSION };

	memset(buf + 1, 0x4b, IKE_TICKET_KEY_ID_LEN);
	memset(buf + 1 + IKE_TICKET_KEY_ID_LEN + IKE_TICKET_NUMBER_LEN, 0x7f, 8);
	seed_write("sealed", &modes[0], 1, buf, sizeof(buf));
	seed_write("presented", &modes[1], 1, buf, sizeof(buf));
}

#define SEED(name, ...)								\
	do {									\
		static const u8 octets_[] = { __VA_ARGS__ };			\
		seed_write(name, NULL, 0, octets_, sizeof(octets_));		\
	} while (0)

#define TYPE(t) ((t) >> 8), ((t) & 0xff)
#define IPV4 1, 4, 192, 0, 2, 3
#define IPV6 2, 16, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9

static void gateways(void)
{
	SEED("first-v4", REDIRECT_FIRST, IPV4);
	SEED("first-v6", REDIRECT_FIRST, IPV6);
	SEED("first-name", REDIRECT_FIRST, 3, 4, 'g', '.', 'x', 'y');
	SEED("first-other", REDIRECT_FIRST, 1, 4, 192, 0, 2, 4);
	SEED("first-short", REDIRECT_FIRST, 1, 5, 192, 0, 2, 3);
	SEED("resuming-v4", REDIRECT_RESUMING, IPV4);
	SEED("resuming-v6", REDIRECT_RESUMING, IPV6);
	SEED("from-v4", REDIRECT_FROM, IPV4);
	SEED("from-name", REDIRECT_FROM, 3, 4, 'g', '.', 'x', 'y');
	SEED("by-b-v4", SAID_BY_B, TYPE(IKE_N_REDIRECT), IPV4);
	SEED("by-b-v6", SAID_BY_B, TYPE(IKE_N_REDIRECT), IPV6);
	SEED("by-a-v4", SAID_BY_A, TYPE(IKE_N_REDIRECT), IPV4);
}

static void others(void)
{
	SEED("given", TICKET_GIVEN, 0, 1, 0x51, 0x80, 't', 'i', 'c', 'k', 'e', 't');
	SEED("given-short", TICKET_GIVEN, 0, 0, 0, 1, 't');
	SEED("given-never", TICKET_GIVEN, 0, 0, 0, 0, 't');
	SEED("token-clear", TOKEN_CLEAR, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
	SEED("token-by-b", SAID_BY_B, TYPE(IKE_N_QCD_TOKEN), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
	     12, 13, 14, 15);
	SEED("token-by-a", SAID_BY_A, TYPE(IKE_N_QCD_TOKEN), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
	     12, 13, 14, 15);
	SEED("asked-by-a", SAID_BY_A, TYPE(IKE_N_TICKET_REQUEST));
	SEED("asked-by-b", SAID_BY_B, TYPE(IKE_N_TICKET_REQUEST));
}

int main(int argc, char **argv)
{
	if (!seed_begin(argc, argv))
		return 1;
	text("sha256", IKE_PRF_HMAC_SHA2_256, "", 0);
	text("sha512", IKE_PRF_HMAC_SHA2_512, "a handle", 4);
	text("ipv6", IKE_PRF_HMAC_SHA2_384, "", 6);
	sealed();
	gateways();
	others();
	return seed.failed != 0;
}
