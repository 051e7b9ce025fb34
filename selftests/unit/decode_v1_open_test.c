// SPDX-License-Identifier: GPL-2.0
/*
 * isakmp decode: encrypted messages of version 1, opened with keys as isakmp monitor keys writes
 * them: conversations of the engine, in each of its ways.
 */
#include <stdio.h>
#include <unistd.h>

#include "decode_lab.h"
#include "v1_plain.h"
#include "v1_ways.h"

#define MESSAGES 64
#define MAIN_6 5	/* which of them, in Main Mode */

/* What passed, and what is in it: payload types, a letter each */
static struct {
	struct packet p;
	bool sealed;
	char types[V1_PLAIN_BODIES + 1];
} seen[MESSAGES];
static unsigned int n_seen;
static u64 cookie;
static char others[512];	/* a capture, when it is there */

static bool net(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct v1_plain m;
	unsigned int i;

	if (n_seen == MESSAGES)
		talk_broken("too many messages for a test");
	cookie = get_unaligned_be64(p->p);
	seen[n_seen].p = packet_copy(p);
	seen[n_seen].sealed = p->p[IKE_HDR_FLAGS_AT] & V1_FLAG_ENCRYPTION;
	memset(seen[n_seen].types, 0, sizeof(seen[n_seen].types));
	if (seen[n_seen].sealed && v1_plain_open(&m, talk_other(from), p)) {
		for (i = 0; i < m.n; i++)
			seen[n_seen].types[i] = (char)('A' + m.b[i].type);
		v1_plain_free(&m);
	}
	n_seen++;
	return true;
}

static const char *told(const struct packet *p)
{
	return shown(p->p, p->n, true);
}

/* The file of keys: one line; @plain: as Wireshark has it */
static void load(const struct keytable_v1 *key, bool plain)
{
	char *text = NULL, *line;
	struct why why;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	keytable_write_v1(f, key);
	fclose(f);
	line = text + (plain ? strlen(KEYTABLE_V1_TAG) : 0);
	f = fmemopen(line, strlen(line), "r");
	CHECK(keytable_load(&lab.d.keys, f, &why));
	fclose(f);
	free(text);
}

static void forget(void)
{
	keytable_free(&lab.d.keys);
	v1_talks_free(lab.d.v1);
	v1_joins_free(lab.d.pieces);
	lab.d.v1 = NULL;
	lab.d.pieces = NULL;
}

static void drop_seen(void)
{
	while (n_seen)
		packet_free(&seen[--n_seen].p);
}

/* The payloads that are shown, a letter each. */
static void types_of(const char *text, char *types)
{
	unsigned int i, n = 0;
	const char *name;

	for (; (text = strstr(text, "\"payload\":\"")) && n < V1_PLAIN_BODIES; n++) {
		text += strlen("\"payload\":\"");
		types[n] = '?';
		for (i = 1; i < 32; i++) {
			name = decode_v1_payload(i);
			if (name && !strncmp(text, name, strlen(name)) && text[strlen(name)] == '"')
				types[n] = (char)('A' + i);
		}
	}
	types[n] = 0;
}

/* Returns: how many were opened.  @but: one that is not in the capture */
static unsigned int decode_all(unsigned int but)
{
	char types[V1_PLAIN_BODIES + 1];
	unsigned int i, opened = 0;
	const char *text;

	for (i = 0; i < n_seen; i++) {
		if (i == but)
			continue;
		text = told(&seen[i].p);
		if (!strstr(text, "\"decrypted\":true"))
			continue;
		CHECK(seen[i].sealed);
		types_of(text, types);
		tap_note("message %u: %s", i, types);
		CHECK(!strcmp(types, seen[i].types));
		opened++;
		/* Said again it is the same */
		CHECK(strstr(told(&seen[i].p), "\"decrypted\":true"));
	}
	return opened;
}

static unsigned int sealed(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < n_seen; i++)
		n += seen[i].sealed;
	return n;
}

static void event(struct end *e, u8 type)
{
	talk_do(e, type, 0);
	v1_lab_settle(e->t);
}

/* A life by @w; its key. */
static struct keytable_v1 life(const struct v1_way *w, bool pool)
{
	struct talk *t = v1_way_new(w);
	struct keytable_v1 key = { 0 };

	drop_seen();
	v1_lab.net = net;
	if (pool)
		v1_way_pool(t, false);
	v1_lab_up(t);
	event(&t->a, IKE_EV_CHECK);
	event(&t->b, IKE_EV_CHILD_REKEY);
	event(&t->a, IKE_EV_STOP);
	CHECK_EQ(t->a.keys.n, 1);
	CHECK_EQ(t->b.keys.n, 1);
	CHECK_EQ(t->a.keys.enc, t->b.keys.enc);
	CHECK_MEM(t->a.keys.ei, t->b.keys.ei, t->a.keys.enc);
	key.cookie = cookie;
	key.n = t->a.keys.enc;
	memcpy(key.key, t->a.keys.ei, key.n);
	v1_lab_over(t);
	return key;
}

static void test_ways(void)
{
	const struct v1_way *w;
	struct keytable_v1 key;

	for (w = v1_ways; w < v1_ways + V1_WAYS && w->exchange != V1_AUTH_ONLY; w++) {
		tap_note("exchange %u, method %u", w->exchange, w->method);
		key = life(w, w->xauth);
		load(&key, w->xauth);
		CHECK(sealed() >= 8);
		/* Revised RSA encryption hides public values: the first block cannot be opened */
		CHECK_EQ(decode_all(MESSAGES), sealed() - (w->method == V1_M_RSA_REV));
		forget();
	}
	drop_seen();
}

/*
 * One that is missing takes no more with it than what follows it in its exchange; but the end of
 * phase 1 is where all of phase 2 begins.
 */
static void test_missing(void)
{
	struct keytable_v1 key = life(&v1_ways[0], false);
	unsigned int i, opened;

	for (i = 0; i < n_seen; i++) {
		if (!seen[i].sealed)
			continue;
		tap_note("without message %u", i);
		load(&key, false);
		opened = decode_all(i);
		if (i == MAIN_6)
			CHECK(opened > 0);
		else
			CHECK(opened + 3 >= sealed());
		forget();
	}
	drop_seen();
}

static void test_wrong_key(void)
{
	struct keytable_v1 key = life(&v1_ways[0], false);

	key.key[0] ^= 1;
	load(&key, false);
	CHECK_EQ(decode_all(MESSAGES), 0);
	forget();
	key.key[0] ^= 1;
	key.n -= 8;
	load(&key, false);
	CHECK_EQ(decode_all(MESSAGES), 0);
	forget();
	key.n += 8;
	key.cookie ^= 1;
	load(&key, false);
	CHECK_EQ(decode_all(MESSAGES), 0);
	forget();
	drop_seen();
}

/* As net() saw them, but what is longer than this comes in pieces, the last one first. */
#define PIECE 120

static const char *told_in_pieces(const struct packet *whole)
{
	const char *text = NULL;
	struct isakmp_header h;
	struct isakmp_builder b;
	struct v1_fragment f = { .id = 1 };
	u8 msg[PIECE + 64];
	size_t i, n = (whole->n + PIECE - 1) / PIECE;

	CHECK(!isakmp_header_decode(whole->p, whole->n, &h));
	h.flags &= ~V1_FLAG_ENCRYPTION;
	for (i = n; i--;) {
		f.number = (u8)(i + 1);
		f.last = f.number == n;
		f.data = whole->p + PIECE * i;
		f.len = min_t(u16, PIECE, whole->n - PIECE * i);
		isakmp_build_begin(&b, msg, sizeof(msg), &h);
		isakmp_build_payload(&b, V1_PL_FRAGMENT);
		v1_fragment_encode(&b.o, &f);
		isakmp_build_close(&b);
		CHECK(isakmp_build_end(&b));
		text = shown(msg, b.o.len, true);
		CHECK_EQ(!strstr(text, "\"message\":{"), i != 0);
	}
	return text;
}

static void test_pieces(void)
{
	struct keytable_v1 key = life(&v1_ways[0], false);
	unsigned int i, opened = 0;

	load(&key, false);
	for (i = 0; i < n_seen; i++)
		opened += !!strstr(told_in_pieces(&seen[i].p), "\"decrypted\":true");
	CHECK_EQ(opened, sealed());
	forget();
	drop_seen();
}

/* The oldest conversation makes room; none is mixed up with another. */
static void test_many(void)
{
	struct keytable_v1 key = life(&v1_ways[0], false);
	unsigned int i, j;

	load(&key, false);
	for (i = 0; i < 2 * V1_TALKS; i++)
		for (j = 0; j < n_seen; j++) {
			if (seen[j].sealed)
				continue;
			put_unaligned_be64(i + 1, seen[j].p.p);
			told(&seen[j].p);
			put_unaligned_be64(key.cookie, seen[j].p.p);
		}
	CHECK_EQ(decode_all(MESSAGES), sealed());
	forget();
	drop_seen();
}

/* ---- others ------------------------------------------------------------------------- */

/*
 * Main Mode with certificates, then Quick Modes, between two other implementations, whose key
 * Wireshark's authors have published.
 */
static void test_others(void)
{
	static const struct keytable_v1 key = {
		0xfafaeb49382a763c, 24,
		{ 0x73, 0x5b, 0xe0, 0xcb, 0x62, 0xf8, 0x26, 0x75, 0xc4, 0xf7, 0xbf, 0x8f,
		  0xba, 0xb9, 0xb5, 0x68, 0x34, 0xba, 0x76, 0xd6, 0xab, 0x4f, 0xa2, 0x40 },
	};
	unsigned int sealed_ones = 0, opened = 0, ids = 0;
	struct datagram dg = { 0 };
	enum capture_result got;
	struct capture c;
	struct packet p;
	const char *text;
	struct why why;

	load(&key, false);
	CHECK(capture_open(&c, fopen(others, "re"), &why));
	while ((got = capture_next(&c, &dg, &why)) != CAPTURE_END && got != CAPTURE_ERROR) {
		if (got != CAPTURE_DATAGRAM || dg.n < IKE_HDR_LEN)
			continue;
		p = (struct packet){ .p = (u8 *)dg.p, .n = dg.n };
		text = told(&p);
		sealed_ones += dg.p[IKE_HDR_FLAGS_AT] & V1_FLAG_ENCRYPTION;
		opened += !!strstr(text, "\"decrypted\":true");
		CHECK(!strstr(text, "refused"));
		ids += strstr(text, "\"id\":\"ipv4:192.168.12.118\"") ||
		       strstr(text, "\"id\":\"ipv4:172.16.1.103\"");
	}
	capture_close(&c);
	CHECK_EQ(sealed_ones, 6);
	CHECK_EQ(opened, 6);
	CHECK(ids >= 2);
	forget();
}

static void run_others(void)
{
	const char *dir = getenv("NATIVE_CORPORA"), *title = "a conversation of others, opened";

	snprintf(others, sizeof(others), "%s/ikev2-keys/ikev1-certs.pcap",
		 dir ? dir : "../shared/corpora");
	if (access(others, R_OK))
		tap_skip(title, "no ikev1-certs.pcap");
	else
		TAP_RUN(test_others, title);
}

int main(void)
{
	TAP_RUN(test_ways, "version 1, opened: every message of every way of phase 1");
	TAP_RUN(test_missing, "a message that the capture does not have");
	TAP_RUN(test_pieces, "messages in pieces, opened");
	TAP_RUN(test_wrong_key, "another key, or none: nothing is opened");
	TAP_RUN(test_many, "more conversations than are followed");
	run_others();
	free(lab.text);
	return tap_done();
}
