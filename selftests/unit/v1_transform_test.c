// SPDX-License-Identifier: GPL-2.0
/*
 * Transforms as others say them, in both phases (RFC 2409, 5.5 and appendix A; RFC 2407, 4.5): what is
 * right is taken, and nothing else.
 */
#include "v1_forge.h"

/* Attributes; of type 0 there is none.  A length: the longer form. */
struct attr {
	u16 type;
	u32 value;
	u8 len;
};

static void add_attr(struct isakmp_out *o, const struct attr *a)
{
	u8 value[24] = { 0 };

	if (!a->len) {
		v1_attr_encode(o, a->type, a->value);
		return;
	}
	if (a->len >= 4)
		put_unaligned_be32(a->value, value + a->len - 4);
	else
		value[a->len - 1] = (u8)a->value;
	v1_attr_encode_long(o, a->type, value, a->len);
}

/* ---- phase 1 -------------------------------------------------------------------------- */

#define BASICS { V1_A_ENCR, V1_ENCR_AES, 0 }, { V1_A_HASH, V1_HASH_SHA2_256, 0 }, \
	       { V1_A_METHOD, V1_M_PSK, 0 }, { V1_A_GROUP, IKE_KE_MODP_2048, 0 }
#define AES BASICS, { V1_A_KEY_LENGTH, 256, 0 }
#define DES3 { V1_A_ENCR, V1_ENCR_3DES, 0 }, { V1_A_HASH, V1_HASH_SHA2_256, 0 }, \
	     { V1_A_METHOD, V1_M_PSK, 0 }, { V1_A_GROUP, IKE_KE_MODP_2048, 0 }
#define SECONDS { V1_A_LIFE_TYPE, V1_LIFE_SECONDS, 0 }
#define KILOBYTES { V1_A_LIFE_TYPE, V1_LIFE_KILOBYTES, 0 }

static const struct row {
	const char *what;
	bool good;
	struct attr a[12];
} phase1[] = {
	{ "nothing of a lifetime", true, { AES } },
	{ "a lifetime, short", true, { AES, SECONDS, { V1_A_LIFE, 28800, 0 } } },
	{ "a lifetime, long", true, { AES, SECONDS, { V1_A_LIFE, 86400, 4 } } },
	{ "of 64 bits", true, { AES, SECONDS, { V1_A_LIFE, 86400, 8 } } },
	{ "of more", false, { AES, SECONDS, { V1_A_LIFE, 86400, 9 } } },
	{ "of nothing", false, { AES, SECONDS, { V1_A_LIFE, 0, 0 } } },
	{ "of nothing, long", false, { AES, SECONDS, { V1_A_LIFE, 0, 4 } } },
	{ "seconds and kilobytes", true,
	  { AES, SECONDS, { V1_A_LIFE, 3600, 0 }, KILOBYTES, { V1_A_LIFE, 4608000, 4 } } },
	{ "two of seconds", false,
	  { AES, SECONDS, { V1_A_LIFE, 3600, 0 }, SECONDS, { V1_A_LIFE, 3601, 0 } } },
	{ "a type without a duration", false, { AES, SECONDS } },
	{ "a second type without one", false, { AES, SECONDS, { V1_A_LIFE, 3600, 0 }, KILOBYTES } },
	{ "a duration without a type", false, { AES, { V1_A_LIFE, 3600, 0 } } },
	{ "a duration before its type", false, { AES, { V1_A_LIFE, 3600, 0 }, SECONDS } },
	{ "something between the two", false,
	  { BASICS, SECONDS, { V1_A_KEY_LENGTH, 256, 0 }, { V1_A_LIFE, 3600, 0 } } },
	{ "a type that is none", false, { AES, { V1_A_LIFE_TYPE, 3, 0 }, { V1_A_LIFE, 3600, 0 } } },
	{ "another key length", false, { BASICS, { V1_A_KEY_LENGTH, 192, 0 } } },
	{ "a key length twice", false, { AES, { V1_A_KEY_LENGTH, 256, 0 } } },
	{ "3DES", true, { DES3 } },
	{ "3DES with a key length", false, { DES3, { V1_A_KEY_LENGTH, 192, 0 } } },
	{ "a basic attribute in the longer form", false,
	  { BASICS, { V1_A_KEY_LENGTH, 256, 4 } } },
	{ "no group", false, { { V1_A_ENCR, V1_ENCR_3DES, 0 }, { V1_A_HASH, V1_HASH_SHA2_256, 0 },
			       { V1_A_METHOD, V1_M_PSK, 0 } } },
	{ "a PRF", false, { AES, { V1_A_PRF, 1, 0 } } },
	{ "a private attribute", false, { AES, { 16384, 1, 0 } } },
};

static const struct row *row;
static u8 n_transforms = 1;	/* so often */

static void sa_of(struct isakmp_out *o, u8 protocol, const u8 *spi, u8 spi_len, u8 id)
{
	const struct attr *a;
	struct v1_sa_out s;
	u8 i;

	v1_sa_begin(&s, o);
	v1_proposal_open(&s, 1, protocol, spi, spi_len);
	for (i = 1; i <= n_transforms; i++) {
		v1_transform_open(&s, i, id);
		for (a = row->a; a < row->a + ARRAY_SIZE(row->a) && a->type; a++)
			add_attr(s.o, a);
		v1_transform_close(&s);
	}
	v1_proposal_close(&s);
}

/* The SA payload in place of that of A. */
static void replace(struct end *to, struct packet *p, u8 protocol, const u8 *spi, u8 spi_len, u8 id)
{
	struct isakmp_path path = p->path;
	struct v1_forge f;
	struct isakmp_out o;
	u8 sa[512];
	int i;

	isakmp_out_init(&o, sa, sizeof(sa));
	sa_of(&o, protocol, spi, spi_len, id);
	v1_forge_read(&f, to, p);
	i = v1_forge_find(&f, V1_PL_SA);
	if (CHECK(i >= 0 && !o.full)) {
		f.b[i].p = sa;
		f.b[i].n = o.len;
	}
	packet_free(p);
	*p = v1_forge_write(&f, &path);
	v1_forge_free(&f);
}

static bool first(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if (from == &t->a && nth == 1)
		replace(&t->b, p, V1_PROTO_ISAKMP, NULL, 0, V1_TRANSFORM_KEY_IKE);
	return true;
}

static void test_phase1(void)
{
	static const struct ike_suite suites[] = {
		{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128,
		  IKE_PRF_HMAC_SHA2_256, IKE_KE_MODP_2048 },
		{ IKE_PROTO_IKE, 0, IKE_ENCR_3DES, 0, IKE_INTEG_HMAC_SHA2_256_128,
		  IKE_PRF_HMAC_SHA2_256, IKE_KE_MODP_2048 },
	};
	struct talk *t;

	for (row = phase1; row < phase1 + ARRAY_SIZE(phase1); row++) {
		tap_note("%s", row->what);
		t = v1_lab_new();
		t->b.peer.ike = (struct ike_suites){ .n = 2, .s = { suites[0], suites[1] } };
		v1_lab.net = first;
		v1_lab_start(t);
		v1_lab_answer(&t->a);
		v1_lab_pass(&t->a);
		CHECK_EQ(t->b.live, row->good);
		CHECK_EQ(t->b.refused[ISAKMP_R_NO_PROPOSAL], !row->good);
		v1_lab_over(t);
	}
}

/* What the responder says that it has chosen of AES, by secret, for 14400 seconds. */
static const struct row answers[] = {
	{ "what was offered", true, { AES, SECONDS, { V1_A_LIFE, 14400, 0 } } },
	{ "the same, long", true, { AES, SECONDS, { V1_A_LIFE, 14400, 4 } } },
	{ "less of a lifetime", false, { AES, SECONDS, { V1_A_LIFE, 3600, 0 } } },
	{ "nothing of a lifetime", false, { AES } },
	{ "kilobytes, too", false,
	  { AES, SECONDS, { V1_A_LIFE, 14400, 0 }, KILOBYTES, { V1_A_LIFE, 9000, 0 } } },
	{ "another method", false,
	  { { V1_A_ENCR, V1_ENCR_AES, 0 }, { V1_A_HASH, V1_HASH_SHA2_256, 0 },
	    { V1_A_METHOD, V1_M_HYBRID_I_RSA, 0 }, { V1_A_GROUP, IKE_KE_MODP_2048, 0 },
	    { V1_A_KEY_LENGTH, 256, 0 }, SECONDS, { V1_A_LIFE, 14400, 0 } } },
	{ "another key length", false,
	  { BASICS, { V1_A_KEY_LENGTH, 128, 0 }, SECONDS, { V1_A_LIFE, 14400, 0 } } },
};

static bool second(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if (from == &t->b && nth == 1)
		replace(&t->a, p, V1_PROTO_ISAKMP, NULL, 0, V1_TRANSFORM_KEY_IKE);
	return true;
}

/* RFC 2409, 5: an answer with changed attributes "MUST be rejected". */
static void test_answer(void)
{
	struct talk *t;
	unsigned int i;
	bool good;

	/* The last one is the first one twice */
	for (i = 0; i <= ARRAY_SIZE(answers); i++) {
		row = &answers[i % ARRAY_SIZE(answers)];
		n_transforms = 1 + i / ARRAY_SIZE(answers);
		good = row->good && n_transforms == 1;
		tap_note("%s, %u times", row->what, n_transforms);
		t = v1_lab_new();
		t->a.peer.ike.n = t->b.peer.ike.n = 1;
		t->a.peer.ike.s[0].ke = t->b.peer.ike.s[0].ke = IKE_KE_MODP_2048;
		v1_lab.net = second;
		v1_lab_start(t);
		v1_lab_answer(&t->a);
		v1_lab_pass(&t->a);
		v1_lab_pass(&t->b);
		CHECK_EQ(t->a.refused[ISAKMP_R_BAD_CHOICE], !good);
		CHECK_EQ(t->a.queued, good);
		v1_lab_over(t);
	}
	n_transforms = 1;
}

/* ---- phase 2 -------------------------------------------------------------------------- */

#define TUNNEL { V1_IA_MODE, V1_MODE_TUNNEL, 0 }
#define AUTH(h) { V1_IA_AUTH, V1_AUTH_HMAC_##h, 0 }
#define KEY(n) { V1_IA_KEY_LENGTH, n, 0 }
#define GROUP(g) { V1_IA_GROUP, g, 0 }
#define LIFE_S { V1_IA_LIFE_TYPE, V1_LIFE_SECONDS, 0 }

static const struct quick {
	u8 id;		/* of the transform */
	bool ah;
	bool pfs;
	struct row row;
} quicks[] = {
	{ V1_ESP_AES, 0, 0, { "AES as strongSwan says it", true,
	  { KEY(256), AUTH(SHA2_256), TUNNEL, LIFE_S, { V1_IA_LIFE, 3600, 0 } } } },
	{ V1_ESP_AES, 0, 0, { "AES as Cisco says it", true,
	  { TUNNEL, LIFE_S, { V1_IA_LIFE, 3600, 0 }, { V1_IA_LIFE_TYPE, V1_LIFE_KILOBYTES, 0 },
	    { V1_IA_LIFE, 4608000, 4 }, AUTH(SHA2_256), KEY(256) } } },
	{ V1_ESP_AES, 0, 0, { "AES without authentication", false, { KEY(256), TUNNEL } } },
	{ V1_ESP_AES, 0, 0, { "AES without a key length", false, { AUTH(SHA2_256), TUNNEL } } },
	{ V1_ESP_AES, 0, 0, { "AES with a key length of nothing", false,
	  { AUTH(SHA2_256), KEY(0), TUNNEL } } },
	{ V1_ESP_AES, 0, 0, { "AES, a key length in the longer form", false,
	  { AUTH(SHA2_256), { V1_IA_KEY_LENGTH, 256, 4 }, TUNNEL } } },
	{ V1_ESP_AES, 0, 0, { "AES with DES-MAC", false,
	  { { V1_IA_AUTH, 3, 0 }, KEY(256), TUNNEL } } },
	{ V1_ESP_3DES, 0, 0, { "3DES", true, { AUTH(SHA1), TUNNEL } } },
	{ V1_ESP_3DES, 0, 0, { "3DES with a key length", false, { AUTH(SHA1), KEY(192), TUNNEL } } },
	{ V1_ESP_AES_GCM_16, 0, 0, { "AES-GCM", true, { KEY(256), TUNNEL } } },
	{ V1_ESP_AES_GCM_16, 0, 0, { "AES-GCM without a key length", false, { TUNNEL } } },
	{ V1_ESP_AES_GCM_16, 0, 0, { "AES-GCM with a hash", false,
	  { KEY(256), AUTH(SHA2_256), TUNNEL } } },
	{ V1_AH_SHA1, 1, 0, { "AH", true, { AUTH(SHA1), TUNNEL } } },
	{ V1_AH_SHA1, 1, 0, { "AH without its hash", false, { TUNNEL } } },
	{ V1_AH_SHA1, 1, 0, { "AH with another hash", false, { AUTH(MD5), TUNNEL } } },
	{ V1_AH_SHA1, 1, 0, { "AH with a key length", false, { AUTH(SHA1), KEY(160), TUNNEL } } },
	{ V1_ESP_AES, 0, 0, { "a key length twice", false,
	  { KEY(256), AUTH(SHA2_256), TUNNEL, KEY(256) } } },
	{ V1_ESP_AES, 0, 0, { "sequence numbers of 64 bits that we do not have", false,
	  { KEY(256), AUTH(SHA2_256), TUNNEL, { V1_IA_ESN, 1, 0 } } } },
	{ V1_ESP_AES, 0, 0, { "a mode that is not said: ours", true, { AUTH(SHA2_256), KEY(256) } } },
	{ V1_ESP_AES, 0, 0, { "a lifetime of nothing", false,
	  { AUTH(SHA2_256), KEY(256), TUNNEL, LIFE_S, { V1_IA_LIFE, 0, 4 } } } },
	{ V1_ESP_AES, 0, 0, { "a lifetime of 72 bits", false,
	  { AUTH(SHA2_256), KEY(256), TUNNEL, LIFE_S, { V1_IA_LIFE, 3600, 9 } } } },
	{ V1_ESP_AES, 0, 0, { "a life type without a duration", false,
	  { AUTH(SHA2_256), KEY(256), TUNNEL, LIFE_S } } },
	{ V1_ESP_AES, 0, 0, { "a group and no KE", false,
	  { AUTH(SHA2_256), KEY(256), TUNNEL, GROUP(IKE_KE_ECP_256) } } },
	{ V1_ESP_AES, 0, 1, { "a group and a KE", true,
	  { AUTH(SHA2_256), KEY(256), TUNNEL, GROUP(IKE_KE_ECP_256) } } },
	{ V1_ESP_AES, 0, 1, { "a KE and no group", false, { AUTH(SHA2_256), KEY(256), TUNNEL } } },
	{ V1_ESP_AES, 0, 1, { "a KE of another group", false,
	  { AUTH(SHA2_256), KEY(256), TUNNEL, GROUP(IKE_KE_ECP_384) } } },
};

static const struct quick *quick;

static bool quick_first(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if (from == &t->a && nth == 4)
		replace(&t->b, p, quick->ah ? V1_PROTO_AH : V1_PROTO_ESP, (const u8 *)"\1\2\3\4", 4,
			quick->id);
	return true;
}

static void set_suites(struct talk *t)
{
	static const struct ike_suite esp[] = {
		{ IKE_PROTO_ESP, 0, IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128, 0, 0 },
		{ IKE_PROTO_ESP, 0, IKE_ENCR_3DES, 0, IKE_INTEG_HMAC_SHA1_96, 0, 0 },
		{ IKE_PROTO_ESP, 0, IKE_ENCR_AES_GCM_16, 256, 0, 0, 0 },
		{ IKE_PROTO_ESP, 0, IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128, 0,
		  IKE_KE_ECP_384 },
		{ IKE_PROTO_ESP, 0, IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128, 0,
		  IKE_KE_ECP_256 },
	};
	static const struct ike_suite ah = { IKE_PROTO_AH, 0, 0, 0, IKE_INTEG_HMAC_SHA1_96, 0, 0 };
	struct ike_suites *b = &t->b.child.esp;

	*b = (struct ike_suites){ .n = ARRAY_SIZE(esp) };
	memcpy(b->s, esp, sizeof(esp));
	if (quick->ah)
		*b = (struct ike_suites){ .n = 1, .s = { ah } };
	t->a.child.esp = (struct ike_suites){ .n = 1, .s = { quick->pfs ? esp[4] : esp[0] } };
	/* What A offers is thrown away */
	t->a.child.esp.n = 1;
}

static void test_phase2(void)
{
	struct talk *t;

	for (quick = quicks; quick < quicks + ARRAY_SIZE(quicks); quick++) {
		row = &quick->row;
		tap_note("%s", row->what);
		t = v1_lab_new();
		set_suites(t);
		v1_lab.net = quick_first;
		v1_lab_start(t);
		while (!t->b.installs && !t->b.refusals && (t->a.asking || t->b.asking ||
							     t->a.queued || t->b.queued))
			v1_lab_step(t);
		CHECK_EQ(t->b.installs, row->good);
		CHECK_EQ(t->b.refused[ISAKMP_R_NO_PROPOSAL] + t->b.refused[ISAKMP_R_KE_VALUE],
			 !row->good);
		v1_lab_over(t);
	}
}

int main(void)
{
	TAP_RUN(test_phase1, "phase 1: transforms as others say them (RFC 2409, appendix A)");
	TAP_RUN(test_answer, "phase 1: what the responder must not choose (RFC 2409, 5)");
	TAP_RUN(test_phase2, "Quick Mode: transforms as others say them (RFC 2407, 4.5)");
	return tap_done();
}
