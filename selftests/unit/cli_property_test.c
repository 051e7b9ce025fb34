// SPDX-License-Identifier: GPL-2.0
/*
 * Random objects, written and read again: the attributes are the same octets
 * and the text the same words.  So config save, then apply, changes nothing.
 */
#include <isakmp/ikev2.h>
#include "../../userspace/isakmp/keys.h"
#include "../../userspace/isakmp/reader.h"
#include "../../userspace/isakmp/run.h"
#include "tap.h"

#define ROUNDS	3000
#define WORD	600

static u64 seed;

static unsigned int rnd(unsigned int n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned int)(seed >> 33) % n;
}

static void pick(char *w, const char *from, unsigned int len)
{
	size_t n = strlen(from);

	while (len--)
		*w++ = from[rnd(n)];
	*w = 0;
}

static void rnd_name(char *w)
{
	pick(w, "abcXYZ019._@:+", 1 + rnd(63));
}

static void rnd_addr(char *w, bool v6)
{
	if (v6)
		sprintf(w, "2001:db8:%x::%x", 1 + rnd(65535), 1 + rnd(65535));
	else
		sprintf(w, "%u.%u.%u.%u", rnd(256), rnd(256), rnd(256), rnd(256));
}

static void rnd_id(char *w)
{
	static const char *const kinds[] = { "fqdn:", "email:", "keyid:", "fqdn:*.",
					     "email:*@" };
	unsigned int k = rnd(8);

	if (k == 7) {
		sprintf(w, "dn:CN=gw%u,O=Some\\x2c\\x20Inc.,C=CH", rnd(1000));
		return;
	}
	if (k >= ARRAY_SIZE(kinds)) {
		strcpy(w, k == 5 ? "ipv4:" : "ipv6:");
		rnd_addr(w + 5, k == 6);
		return;
	}
	strcpy(w, kinds[k]);
	w += strlen(w);
	pick(w, "abz-_019.", 1 + rnd(20));
	if (!rnd(5))
		strcat(w, "\\x2cfqdn:b,c");
	if (!rnd(3))
		strcat(w, "\\x20\\x5c\\x2c\\xff");
	if (!rnd(4))
		strcat(w, "'#\"");
}

static void rnd_path(char *w)
{
	pick(w, "abc/.-_ #'\"\\,", 1 + rnd(40));
}

static void rnd_suite(char *w, unsigned int protocol)
{
	if (protocol == IKE_PROTO_IKE)
		sprintf(w, "encr%u_%u-integ%u-prf%u-ke%u", 200 + rnd(60000), 1 + rnd(60000),
			200 + rnd(60000), 200 + rnd(60000), 200 + rnd(60000));
	else if (protocol == IKE_PROTO_AH)
		sprintf(w, "integ%u%s", 200 + rnd(60000), rnd(2) ? "-esn" : "");
	else
		sprintf(w, "encr%u_%u%s", 200 + rnd(60000), 1 + rnd(60000),
			rnd(2) ? "-esn" : "");
}

static void rnd_ts(char *w)
{
	bool v6 = rnd(2);

	switch (rnd(4)) {
	case 0:
		strcpy(w, "dynamic");
		break;
	case 1:
		strcpy(w, v6 ? "2001:db8::" : "10.0.0.0");
		sprintf(w + strlen(w), "/%u", v6 ? 32 + rnd(97) : 8 + rnd(25));
		break;
	case 2:
		sprintf(w, v6 ? "2001:db8::%x-2001:db8::1:%x" : "10.0.0.%u-10.0.1.%u",
			rnd(256), rnd(256));
		break;
	default:
		rnd_addr(w, v6);
	}
	w += strlen(w);
	switch (rnd(5)) {
	case 0:
		sprintf(w, "[%u]", 1 + rnd(255));
		break;
	case 1:
		sprintf(w, "[%u/%u]", 1 + rnd(255), rnd(65536));
		break;
	case 2:
		sprintf(w, "[tcp/%u-%u]", rnd(30000), 30000 + rnd(30000));
		break;
	case 3:
		sprintf(w, "[udp/opaque]");
		break;
	}
}

static void rnd_range(char *w)
{
	bool v6 = rnd(2);

	if (rnd(2))
		sprintf(w, v6 ? "fd09::%x-fd09::1:%x" : "10.9.0.%u-10.9.1.%u", rnd(256), rnd(256));
	else
		sprintf(w, v6 ? "fd09::/%u" : "10.9.0.0/%u", v6 ? 32 + rnd(97) : 16 + rnd(17));
}

static void rnd_vip(char *w)
{
	if (rnd(2))
		strcpy(w, rnd(2) ? "ipv4" : "ipv6");
	else
		rnd_addr(w, rnd(2));
}

static void rnd_number(char *w, const struct type *t)
{
	if (t == &type_seconds)
		sprintf(w, rnd(8) ? "%u" : "off", rnd(1000000));
	else if (t == &type_count)
		sprintf(w, "%u%s", rnd(1000000), rnd(2) ? "" : "K");
	else if (t == &type_number)
		sprintf(w, "%u", rnd(65536));
	else if (t == &type_padding)
		sprintf(w, rnd(4) ? "%u" : "mtu", rnd(65535));
	else if (t == &type_mark_mask && rnd(2))
		sprintf(w, "0x%x/0xffff", rnd(65536));
	else
		sprintf(w, rnd(2) ? "%u" : "0x%x", rnd(1U << 31) * 2);
}

static void rnd_choice(char *w, const struct key *k)
{
	unsigned int i;

	do {
		i = rnd(k->arg);
	} while (!k->names[i]);
	strcpy(w, k->names[i]);
}

static bool rnd_value(char *w, const struct key *k)
{
	const struct type *t = k->type;

	if (t == &type_names)
		rnd_choice(w, k);
	else if (t == &type_name || t == &type_peer || t == &type_proposal ||
		 t == &type_cred || t == &type_pool)
		rnd_name(w);
	else if (t == &type_range)
		rnd_range(w);
	else if (t == &type_subnet)
		strcpy(w, rnd(2) ? "10.1.0.0/16" : "fd01::/64");
	else if (t == &type_domain)
		strcpy(w, rnd(2) ? "corp.example" : "xn--bcher-kva.example");
	else if (t == &type_vip)
		rnd_vip(w);
	else if (t == &type_addr_one)
		rnd_addr(w, rnd(2));
	else if (t == &type_dev)
		strcpy(w, "eth0.7@x");
	else if (t == &type_addr_any)
		rnd_addr(w, rnd(2));
	else if (t == &type_prefix_any)
		strcpy(w, rnd(2) ? "198.51.100.0/24" : "2001:db8::/48");
	else if (t == &type_id || t == &type_id_any)
		rnd_id(w);
	else if (t == &type_path)
		rnd_path(w);
	else if (t == &type_suite)
		rnd_suite(w, k->arg);
	else if (t == &type_ts)
		rnd_ts(w);
	else if (t == &type_seconds || t == &type_count || t == &type_number ||
		 t == &type_padding || t == &type_u32 || t == &type_mark || t == &type_mark_mask)
		rnd_number(w, t);
	else
		return false;
	return true;
}

/* Words that one could type, in the order of the table. */
struct line {
	int n;
	char *words[64];
	char text[64][WORD];
};

static char *line_add(struct line *l)
{
	l->words[l->n] = l->text[l->n];
	return l->text[l->n++];
}

static void rnd_line(struct line *l, const struct object *o, const struct verb *v)
{
	const struct key *k;
	unsigned int n;

	for (l->n = 0, k = verb_keys(o, v); k->name; k++) {
		if (!key_taken(v, k) || (!(k->flags & v->needs) && rnd(2)))
			continue;
		for (n = k->flags & KEY_LIST ? 1 + rnd(3) : 1; n; n--) {
			if (!(k->flags & KEY_POS))
				strcpy(line_add(l), k->name);
			tap_check(rnd_value(line_add(l), k), TAP_WHERE,
				  "%s %s: no value for its type", o->name, k->name);
		}
	}
}

struct text {
	struct cli cli;
	char *said, *wrote;
	size_t said_len, wrote_len;
};

static void text_open(struct text *t)
{
	memset(t, 0, sizeof(*t));
	t->cli.err = open_memstream(&t->said, &t->said_len);
	t->cli.out.f = open_memstream(&t->wrote, &t->wrote_len);
	t->cli.out.plain = true;
}

static void text_close(struct text *t)
{
	fclose(t->cli.err);
	fclose(t->cli.out.f);
	free(t->said);
	free(t->wrote);
}

static bool text_parse(struct text *t, const struct object *o, const struct verb *v, int n,
		       char **words, struct args *a)
{
	bool ok = !args_parse(&t->cli, o, v, n, words, a);

	fflush(t->cli.err);
	return tap_check(ok, TAP_WHERE, "%s: %s", o->name, t->said);
}

static void text_print(struct text *t, const struct object *o, const struct args *a)
{
	static char nest[ARGS_MAX] __attribute__((aligned(4)));
	struct nlattr *attr = (void *)nest;
	const char *body;
	size_t len;

	body = args_body(a, &len);
	memcpy(nest + MNL_ATTR_HDRLEN, body, len);
	attr->nla_len = MNL_ATTR_HDRLEN + len;
	attr->nla_type = o->attr;
	object_print(&t->cli.out, o, attr, "add");
	fflush(t->cli.out.f);
}

/* The line as a file has it -> words, by the reader of files. */
static void read_back(const char *wrote, const struct object *o, const struct verb *v,
		      const struct args *first)
{
	FILE *f = fmemopen((void *)wrote, strlen(wrote), "r");
	struct reader r = { .f = f };
	static struct args again;
	const char *b1, *b2;
	size_t n1, n2;
	struct text t;

	text_open(&t);
	if (CHECK_EQ(reader_next(&r), READER_COMMAND) && CHECK(r.n_words > 2) &&
	    text_parse(&t, o, v, r.n_words - 2, r.words + 2, &again)) {
		b1 = args_body(first, &n1);
		b2 = args_body(&again, &n2);
		CHECK(n1 == n2 && !memcmp(b1, b2, n1));
		text_print(&t, o, &again);
		tap_check(!strcmp(t.wrote, wrote), TAP_WHERE, "%s", t.wrote);
	}
	reader_close(&r);
	text_close(&t);
}

static void round_trip(const struct object *o, const struct verb *v)
{
	static struct line line;
	static struct args a;
	struct text t;

	text_open(&t);
	rnd_line(&line, o, v);
	/* What is read by the shell is not split at blanks again. */
	if (text_parse(&t, o, v, line.n, line.words, &a)) {
		text_print(&t, o, &a);
		tap_note("%.120s", t.wrote);
		read_back(t.wrote, o, v, &a);
	}
	text_close(&t);
}

static void test_objects(void)
{
	for (unsigned int i = 0; i < ROUNDS && !tap.bad; i++)
		for (const struct object *const *o = config_objects; *o; o++) {
			const struct verb *v = verb_find(*o, "add");

			if (v && *o != &object_listen)
				round_trip(*o, v);
		}
}

int main(void)
{
	const char *s = getenv("CLI_SEED");

	seed = s ? strtoull(s, NULL, 0) : 1;
	TAP_RUN(test_objects, "objects at random: words, attributes, text, the same attributes");
	return tap_done();
}
