// SPDX-License-Identifier: GPL-2.0
/*
 * Seeds of wire_fuzz: one body of each payload type, an IKE_SA_INIT, an inner
 * chain; the same of version 1; and, when a folder of others' packets is named, those as well.
 *
 *	wire_seeds DIR [CORPORA]
 */
#include <dirent.h>

#include "wire/cp.h"
#include "wire/payload.h"
#include "wire/sa.h"
#include "wire/ts.h"
#include "wire/v1.h"

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

/* ---- version 1 --------------------------------------------------------------- */

static void v1_sa_encode(struct isakmp_out *o)
{
	struct v1_sa_out s;

	v1_sa_begin(&s, o);
	v1_proposal_open(&s, 1, V1_PROTO_ESP, (const u8 *)"spi4", 4);
	v1_transform_open(&s, 1, V1_ESP_AES);
	v1_attr_encode(o, V1_IA_KEY_LENGTH, 256);
	v1_attr_encode(o, V1_IA_LIFE, 86400);
	v1_transform_close(&s);
	v1_transform_open(&s, 2, V1_ESP_3DES);
	v1_transform_close(&s);
	v1_proposal_close(&s);
	v1_proposal_open(&s, 1, V1_PROTO_IPCOMP, (const u8 *)"sp", 2);
	v1_transform_open(&s, 1, 2);
	v1_transform_close(&s);
	v1_proposal_close(&s);
}

static void v1_attributes(struct isakmp_out *o)
{
	v1_attributes_encode(o, IKE_CFG_REQUEST, 1);
	v1_attr_encode(o, V1_X_TYPE, 0);
	v1_attr_encode_long(o, V1_X_USER_NAME, TEXT);
}

static void v1_body_encode(struct isakmp_out *o, u8 type)
{
	static const struct v1_id id = { V1_ID_IPV4_SUBNET, 6, 80,
					 (const u8 *)"\12\1\0\0\377\377\0\0", 8 };
	static const struct v1_notify notify = { 1, 1, 16, V1_N_R_U_THERE,
						 (const u8 *)"cookie-icookie-r",
						 (const u8 *)"num4", 4 };
	static const struct v1_delete del = { 1, V1_PROTO_ESP, 4, 2, (const u8 *)"spi4spi5" };
	static const struct v1_fragment fragment = { 1, 2, true, TEXT };
	static const struct isakmp_addr addr = { 4, { 192, 0, 2, 1 } };

	switch (type) {
	case V1_PL_SA:
		return v1_sa_encode(o);
	case V1_PL_ID:
		return v1_id_encode(o, &id);
	case V1_PL_NOTIFY:
		return v1_notify_encode(o, &notify);
	case V1_PL_DELETE:
		return v1_delete_encode(o, &del);
	case V1_PL_ATTRIBUTES:
		return v1_attributes(o);
	case V1_PL_NAT_OA:
		return v1_nat_oa_encode(o, &addr);
	case V1_PL_FRAGMENT:
		return v1_fragment_encode(o, &fragment);
	case V1_PL_VENDOR:
		return v1_vendor_encode(o, V1_CAN_FRAGMENT);
	default:
		return isakmp_out_bytes(o, TEXT);
	}
}

static void seed_v1_bodies(void)
{
	static const u8 types[] = { V1_PL_SA, V1_PL_KE, V1_PL_ID, V1_PL_NONCE, V1_PL_NOTIFY,
				    V1_PL_DELETE, V1_PL_VENDOR, V1_PL_ATTRIBUTES, V1_PL_NAT_D,
				    V1_PL_NAT_OA, V1_PL_FRAGMENT };
	struct isakmp_out o;
	char name[32];
	u8 buf[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		isakmp_out_init(&o, buf, sizeof(buf));
		v1_body_encode(&o, types[i]);
		snprintf(name, sizeof(name), "v1-body-%u", types[i]);
		write_seed(name, WIRE_V1_BODY, types[i], o.p, o.len);
	}
}

/* Whole, and its chain alone with padding behind. */
static void seed_v1_message(const char *name, u8 exchange, const u8 *types, size_t n)
{
	const struct isakmp_header h = {
		.spi_i = 0x0102030405060708ULL, .major = V1_MAJOR, .exchange = exchange,
	};
	struct isakmp_builder b;
	u8 buf[2048] = { 0 };
	char chain[64];
	size_t i;

	isakmp_build_begin(&b, buf, sizeof(buf), &h);
	for (i = 0; i < n; i++) {
		isakmp_build_payload(&b, types[i]);
		v1_body_encode(&b.o, types[i]);
		isakmp_build_close(&b);
	}
	if (!isakmp_build_end(&b))
		seed.failed++;
	write_seed(name, WIRE_V1_MESSAGE, -1, buf, b.o.len);
	snprintf(chain, sizeof(chain), "%s-chain", name);
	write_seed(chain, WIRE_V1_CHAIN, types[0], buf + IKE_HDR_LEN, b.o.len - IKE_HDR_LEN + 7);
}

static void seed_v1(void)
{
	static const u8 main1[] = { V1_PL_SA, V1_PL_VENDOR, V1_PL_VENDOR };
	static const u8 aggressive[] = { V1_PL_SA, V1_PL_KE, V1_PL_NONCE, V1_PL_ID, V1_PL_VENDOR };
	static const u8 quick[] = { V1_PL_HASH, V1_PL_SA, V1_PL_NONCE, V1_PL_ID, V1_PL_ID,
				    V1_PL_NAT_OA_DRAFT };
	static const u8 info[] = { V1_PL_HASH, V1_PL_NOTIFY, V1_PL_DELETE };

	seed_v1_bodies();
	seed_v1_message("v1-main", V1_MAIN, main1, ARRAY_SIZE(main1));
	seed_v1_message("v1-aggressive", V1_AGGRESSIVE, aggressive, ARRAY_SIZE(aggressive));
	seed_v1_message("v1-quick", V1_QUICK, quick, ARRAY_SIZE(quick));
	seed_v1_message("v1-info", V1_INFORMATIONAL, info, ARRAY_SIZE(info));
}

/*
 * Files of @sub: as they are (in mode @mode), or as bare chains, whose first
 * type nothing in them tells: Notify and SA, as their octets suggest.
 */
static void seed_corpus(const char *corpora, const char *sub, u8 mode)
{
	static const u8 firsts[] = { IKE_PL_SA, IKE_PL_KE, IKE_PL_NOTIFY };
	char path[4096], name[320];
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
			snprintf(name, sizeof(name), "%s-%u-%zu-%.200s", sub, mode, i, e->d_name);
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
	seed_v1();
	if (seed.corpora) {
		seed_corpus(seed.corpora, "openiked", WIRE_CHAIN);
		seed_corpus(seed.corpora, "reports", WIRE_FIXED);
		seed_corpus(seed.corpora, "reports", WIRE_V1_MESSAGE);
	}
	return seed.failed != 0;
}
