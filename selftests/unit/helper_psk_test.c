// SPDX-License-Identifier: GPL-2.0
/* AUTH with a pre-shared secret (RFC 7296, 2.15). */
#include "helper.h"

/*
 * Computed with Python, and the first again with nothing but `openssl dgst`:
 *
 *	def prf(h, k, d): return hmac.new(k, d, h).digest()
 *	prf(h, prf(h, secret, b'Key Pad for IKEv2'), msg + nonce + prf(h, sk_p, id))
 *
 * msg1[i] = 1 + 7i (300), msg2[i] = 2 + 5i (260), Ni = 10..2f, Nr = 40..5f,
 * SK_pi = 80.., SK_pr = c0.. (PRF's length); the hex secret is (00 ff)*32 01.
 */
static const struct {
	u16 prf;
	bool hex;
	bool initiator;
	const char *auth;
} vectors[] = {
	{ IKE_PRF_HMAC_MD5, false, true, "855f04553a340d81cb007eaeafdf478c" },
	{ IKE_PRF_HMAC_MD5, false, false, "426425474a9b36bbfc4441de81b0c48b" },
	{ IKE_PRF_HMAC_SHA2_256, false, true,
	  "b8d4451cc9b75067c3f71e93e44e98dd28f5dddefb16fe615c9afa0675ae943f" },
	{ IKE_PRF_HMAC_SHA2_256, false, false,
	  "6aac1a43b27768ab6b24b17d521d22035a33e5601bb5c86e0fefc2d05e3bf3c3" },
	{ IKE_PRF_HMAC_SHA2_256, true, true,
	  "bb3ab47a3459edd04862bb31fabcf6160e66a9538c5af82618154f4f7292f19d" },
	{ IKE_PRF_HMAC_SHA2_256, true, false,
	  "66ee26d376617201a8935aaaad7307d06ba5035d839b851e8be258cdd3a427eb" },
	{ IKE_PRF_HMAC_SHA2_384, false, true,
	  "a332d5957e3b578606605859fcfd2f7ebdf280048b1b2afb22ece8000e93ff31"
	  "78f531eebce19dc457e195cb3a0ab839" },
	{ IKE_PRF_HMAC_SHA2_384, false, false,
	  "7918b6c1584c03a4e3e685ac7cd33cd2c19ac2c0173d74da96bc1a9caee3edc1"
	  "2f8a97980595a42f0dc033c1f7573e41" },
	{ IKE_PRF_HMAC_SHA2_384, true, true,
	  "f11de78396ac2990dc10d48e0928cfe839014b4969e18215aa1f75b347d658b2"
	  "340ae50ed137609d7bd49689209ea069" },
	{ IKE_PRF_HMAC_SHA2_384, true, false,
	  "ff2138845f13894e64c6259932938df9f410d0cc48e0ab691d0e51c5f0985410"
	  "29c4d14d2d9021e4d800da086d3f33d8" },
};

static size_t unhex(const char *hex, u8 *out)
{
	size_t n;

	for (n = 0; sscanf(hex + 2 * n, "%2hhx", &out[n]) == 1; n++)
		;
	return n;
}

static void test_psk_vectors(void)
{
	u8 hex_secret[65], want[PSK_PRF_MAX], got[PSK_PRF_MAX];
	struct octets text = { (const u8 *)TEXT_SECRET, strlen(TEXT_SECRET) };
	struct octets hex = { hex_secret, sizeof(hex_secret) };
	struct psk_signed s;
	size_t i, n;

	for (i = 0; i < sizeof(hex_secret); i++)
		hex_secret[i] = i % 2 ? 0xff : 0;
	hex_secret[64] = 1;
	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		tap_note("vector %zu", i);
		s = signed_octets(vectors[i].initiator, psk_prf_len(vectors[i].prf));
		n = psk_auth(vectors[i].prf, vectors[i].hex ? &hex : &text, &s, got);
		CHECK_EQ(n, unhex(vectors[i].auth, want));
		CHECK_MEM(got, want, n);
	}
}

static void test_psk_refuses(void)
{
	struct octets secret = { (const u8 *)TEXT_SECRET, strlen(TEXT_SECRET) };
	struct octets empty = { (const u8 *)"", 0 };
	struct psk_signed s = signed_octets(true, 32), bad;
	u8 out[PSK_PRF_MAX];

	CHECK_EQ(psk_auth(IKE_PRF_HMAC_SHA2_256, &secret, &s, out), 32);
	CHECK_EQ(psk_auth(IKE_PRF_HMAC_SHA2_256, &empty, &s, out), 0);
	CHECK_EQ(psk_auth(4 /* AES128-XCBC */, &secret, &s, out), 0);
	CHECK_EQ(psk_auth(0, &secret, &s, out), 0);
	CHECK_EQ(psk_auth(IKE_PRF_HMAC_SHA2_384, &secret, &s, out), 0);	/* SK_p of 32 */
	bad = s;
	bad.msg.n = 0;
	CHECK_EQ(psk_auth(IKE_PRF_HMAC_SHA2_256, &secret, &bad, out), 0);
	bad = s;
	bad.nonce.n = 0;
	CHECK_EQ(psk_auth(IKE_PRF_HMAC_SHA2_256, &secret, &bad, out), 0);
	bad = s;
	bad.id.n = 0;
	CHECK_EQ(psk_auth(IKE_PRF_HMAC_SHA2_256, &secret, &bad, out), 0);
}

/* Nothing but the right AUTH is the right AUTH. */
static void wrong_auths(u16 prf, size_t len)
{
	struct octets secret = { (const u8 *)TEXT_SECRET, strlen(TEXT_SECRET) };
	struct octets other = { (const u8 *)"A shared secret of 33 octets, yes", 33 };
	struct octets shorter = { secret.p, secret.n - 1 };
	u16 prf2 = prf == IKE_PRF_HMAC_SHA2_256 ? IKE_PRF_HMAC_SHA2_384 : IKE_PRF_HMAC_SHA2_256;
	struct psk_signed his = signed_octets(true, len), s;
	u8 good[PSK_PRF_MAX + 1] = { 0 }, bad[IKE_AUTH_MAX] = { 0 };
	struct octets auth = { good, len }, wrong = { bad, len };
	size_t i;

	CHECK_EQ(psk_auth(prf, &secret, &his, good), len);
	CHECK(psk_verify(prf, &secret, &his, &auth));

	/* empty, zero, ones, one bit off anywhere, every other length */
	wrong.n = 0;
	CHECK(!psk_verify(prf, &secret, &his, &wrong));
	wrong.n = len;
	CHECK(!psk_verify(prf, &secret, &his, &wrong));
	memset(bad, 0xff, len);
	CHECK(!psk_verify(prf, &secret, &his, &wrong));
	for (i = 0; i < 8 * len; i++) {
		memcpy(bad, good, len);
		bad[i / 8] ^= (u8)(1 << i % 8);
		CHECK(!psk_verify(prf, &secret, &his, &wrong));
	}
	memcpy(bad, good, len);
	for (i = 1; i <= sizeof(bad); i++) {
		wrong.n = i;
		CHECK(psk_verify(prf, &secret, &his, &wrong) == (i == len));
	}
	wrong.n = len;

	/* other key, shorter key, empty key */
	CHECK(!psk_verify(prf, &other, &his, &auth));
	CHECK(!psk_verify(prf, &shorter, &his, &auth));
	secret.n = 0;
	CHECK(!psk_verify(prf, &secret, &his, &auth));
	secret.n = strlen(TEXT_SECRET);

	/* another hash, truncated or not */
	s = signed_octets(true, psk_prf_len(prf2));
	wrong.n = psk_auth(prf2, &secret, &s, bad);
	CHECK(wrong.n && !psk_verify(prf, &secret, &his, &wrong));
	wrong.n = len;
	CHECK(!psk_verify(prf, &secret, &his, &wrong));

	/* right key, wrong octets: each part in turn */
	s = signed_octets(false, len);		/* reflected: the responder's own */
	CHECK(psk_auth(prf, &secret, &s, bad) && !psk_verify(prf, &secret, &his, &wrong));
	s = his;
	s.msg.n--;
	CHECK(psk_auth(prf, &secret, &s, bad) && !psk_verify(prf, &secret, &his, &wrong));
	s = his;
	s.nonce.p = n_i;			/* our own nonce instead of theirs */
	CHECK(psk_auth(prf, &secret, &s, bad) && !psk_verify(prf, &secret, &his, &wrong));
	s = his;
	s.sk_p.p = sk_r;
	CHECK(psk_auth(prf, &secret, &s, bad) && !psk_verify(prf, &secret, &his, &wrong));
	s = his;
	s.id = id_b_body;
	CHECK(psk_auth(prf, &secret, &s, bad) && !psk_verify(prf, &secret, &his, &wrong));
}

static void test_psk_negative(void)
{
	wrong_auths(IKE_PRF_HMAC_SHA1, 20);
	wrong_auths(IKE_PRF_HMAC_SHA2_256, 32);
	wrong_auths(IKE_PRF_HMAC_SHA2_384, 48);
	wrong_auths(IKE_PRF_HMAC_SHA2_512, 64);
}

int main(void)
{
	fill_all();
	TAP_RUN(test_psk_vectors, "psk: AUTH computed elsewhere (RFC 7296, 2.15)");
	TAP_RUN(test_psk_refuses, "psk: empty secret, unknown PRF, missing parts");
	TAP_RUN(test_psk_negative, "psk: whatever is not the right AUTH is refused");
	return tap_done();
}
