// SPDX-License-Identifier: GPL-2.0
/*
 * Seeds of wire_fuzz: one body of each payload type, an IKE_SA_INIT, an inner
 * chain; and, when a folder of others' packets is named, those as well.
 *
 *	wire_seeds DIR [CORPORA]
 */
#include <dirent.h>

#include "wire/cp.h"
#include "wire/payload.h"
#include "wire/sa.h"
#include "wire/ts.h"

#include "seed.h"
#include "wire_modes.h"

/* @type: -1: none */
static void write_seed(const char *name, u8 mode, int type, const void *p, size_t n)
{
	const u8 head[] = { mode, (u8)type };

	seed_write(name, head, type < 0 ? 1 : 2, p, n);
}

static void sa_encode(struct isakmp_out *o)
{
	struct isakmp_sa_build b;

	isakmp_sa_build_begin(&b, o, 1, IKE_PROTO_IKE, NULL, 0);
	isakmp_sa_build_transform(&b, IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 256);
	isakmp_sa_build_transform(&b, IKE_T_PRF, IKE_PRF_HMAC_SHA2_384, 0);
	isakmp_sa_build_transform(&b, IKE_T_KE, IKE_KE_X25519, 0);
	isakmp_sa_build_end(&b, false);
	isakmp_sa_build_begin(&b, o, 2, IKE_PROTO_ESP, (const u8 *)"spi4", 4);
	isakmp_sa_build_transform(&b, IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 128);
	isakmp_sa_build_transform(&b, IKE_T_ESN, IKE_ESN_NO, 0);
	isakmp_sa_build_end(&b, true);
}

static void ts_encode(struct isakmp_out *o)
{
	static const struct isakmp_ts ts[] = {
		{ IKE_TS_IPV4, 17, 500, 500, { 10, 1 }, { 10, 1, 255, 255 } },
		{ IKE_TS_IPV6, 0, 0, 65535, { 0x20, 1 }, { 0x20, 1, 255 } },
	};

	isakmp_ts_encode(o, ts, ARRAY_SIZE(ts));
}

static void cp_encode(struct isakmp_out *o)
{
	static const struct isakmp_cp_attr attrs[] = {
		{ 1, NULL, 0 }, { 3, (const u8 *)"dns4", 4 },
	};

	isakmp_cp_encode(o, IKE_CFG_REQUEST);
	isakmp_cp_attr_encode(o, &attrs[0]);
	isakmp_cp_attr_encode(o, &attrs[1]);
}

#define TEXT (const u8 *)"an octet string of thirty-two...", 32

static void body_encode(struct isakmp_out *o, u8 type)
{
	static const struct isakmp_ke ke = { IKE_KE_X25519, TEXT };
	static const struct isakmp_id id = { IKE_ID_FQDN, TEXT };
	static const struct isakmp_cert cert = { IKE_CERT_HASH_URL, TEXT };
	static const struct isakmp_cert certreq = { IKE_CERT_X509_SIGNATURE,
						    (const u8 *)"twenty octets a hash", 20 };
	static const struct isakmp_auth_pl auth = { IKE_AM_PSK, TEXT };
	static const struct isakmp_nonce nonce = { TEXT };
	static const struct isakmp_notify notify = { IKE_PROTO_ESP, 4, IKE_N_REKEY_SA,
						     (const u8 *)"spi4", NULL, 0 };
	static const struct isakmp_delete del = { IKE_PROTO_ESP, 4, 2, (const u8 *)"spi4spi5" };
	static const struct isakmp_eap eap = { IKE_EAP_REQUEST, 1,
					       (const u8 *)"\1\1\0\7\1hi", 7 };

	switch (type) {
	case IKE_PL_SA:
		return sa_encode(o);
	case IKE_PL_KE:
		return isakmp_ke_encode(o, &ke);
	case IKE_PL_IDI:
	case IKE_PL_IDR:
		return isakmp_id_encode(o, &id);
	case IKE_PL_CERT:
		return isakmp_cert_encode(o, &cert);
	case IKE_PL_CERTREQ:
		return isakmp_cert_encode(o, &certreq);
	case IKE_PL_AUTH:
		return isakmp_auth_encode(o, &auth);
	case IKE_PL_NOTIFY:
		return isakmp_notify_encode(o, &notify);
	case IKE_PL_DELETE:
		return isakmp_delete_encode(o, &del);
	case IKE_PL_TSI:
	case IKE_PL_TSR:
		return ts_encode(o);
	case IKE_PL_CP:
		return cp_encode(o);
	case IKE_PL_EAP:
		return isakmp_eap_encode(o, &eap);
	default:
		return isakmp_nonce_encode(o, &nonce);
	}
}

static void seed_bodies(void)
{
	struct isakmp_out o;
	unsigned int type;
	char name[32];
	u8 buf[512];

	for (type = IKE_PL_FIRST; type <= IKE_PL_LAST; type++) {
		isakmp_out_init(&o, buf, sizeof(buf));
		body_encode(&o, (u8)type);
		snprintf(name, sizeof(name), "body-%u", type);
		write_seed(name, WIRE_BODY, (int)type, o.p, o.len);
	}
}

static void seed_message(const char *name, const u8 *types, size_t n, bool sk)
{
	static const struct isakmp_header h = {
		.spi_i = 0x0102030405060708ULL, .major = 2, .exchange = IKE_SA_INIT,
		.flags = IKE_FLAG_INITIATOR,
	};
	struct isakmp_builder b;
	size_t at = 0, i;
	char inner[64];
	u8 buf[2048];

	isakmp_build_begin(&b, buf, sizeof(buf), &h);
	if (sk)
		at = isakmp_build_sk(&b, 8);
	for (i = 0; i < n; i++) {
		isakmp_build_payload(&b, types[i]);
		body_encode(&b.o, types[i]);
		isakmp_build_close(&b);
	}
	if (sk) {
		snprintf(inner, sizeof(inner), "%s-inner", name);
		write_seed(inner, WIRE_CHAIN, types[0], buf + at, b.o.len - at);
		isakmp_build_sk_end(&b, at, 16, 16);
	}
	if (!isakmp_build_end(&b))
		seed.failed++;
	write_seed(name, WIRE_MESSAGE, -1, buf, b.o.len);
}

/*
 * Files of @sub: as they are (in mode @mode), or as bare chains, whose first
 * type nothing in them tells: Notify and SA, as their octets suggest.
 */
static void seed_corpus(const char *corpora, const char *sub, u8 mode)
{
	static const u8 firsts[] = { IKE_PL_SA, IKE_PL_KE, IKE_PL_NOTIFY };
	char path[4096], name[300];
	struct dirent *e;
	u8 buf[8192];
	size_t n, i;
	FILE *f;
	DIR *d;

	snprintf(path, sizeof(path), "%s/%s", corpora, sub);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s/%s", corpora, sub, e->d_name);
		f = e->d_name[0] == '.' ? NULL : fopen(path, "r");
		if (!f)
			continue;
		n = fread(buf, 1, sizeof(buf), f);
		fclose(f);
		for (i = 0; i < (mode == WIRE_CHAIN ? ARRAY_SIZE(firsts) : 1); i++) {
			snprintf(name, sizeof(name), "%s-%zu-%.200s", sub, i, e->d_name);
			write_seed(name, mode, mode == WIRE_CHAIN ? firsts[i] : -1, buf, n);
		}
	}
	if (d)
		closedir(d);
}

int main(int argc, char **argv)
{
	static const u8 init[] = { IKE_PL_SA, IKE_PL_KE, IKE_PL_NONCE, IKE_PL_NOTIFY };
	static const u8 auth[] = { IKE_PL_IDI, IKE_PL_CERTREQ, IKE_PL_AUTH, IKE_PL_SA,
				   IKE_PL_TSI, IKE_PL_TSR, IKE_PL_NOTIFY };

	if (!seed_begin(argc, argv))
		return 1;
	seed_bodies();
	seed_message("sa-init", init, ARRAY_SIZE(init), false);
	seed_message("auth", auth, ARRAY_SIZE(auth), true);
	if (seed.corpora) {
		seed_corpus(seed.corpora, "openiked", WIRE_CHAIN);
		seed_corpus(seed.corpora, "reports", WIRE_FIXED);
	}
	return seed.failed != 0;
}
