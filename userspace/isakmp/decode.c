// SPDX-License-Identifier: GPL-2.0
/* isakmp decode FILE: a line for each datagram, and what is in it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../common/addr.h"
#include "decode.h"
#include "keys.h"

#define PORT_IKE	500
#define PORT_NATT	4500

#define ARG_FILE	(ARG_LOCAL + 1)
#define ARG_KEYS	(ARG_LOCAL + 2)

/* Microseconds since 1970; a file can claim any time. */
static int64_t time_us(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000 + (uint64_t)t->tv_usec;
}

static void time_show(struct decoder *d, const struct timeval *t)
{
	int64_t now = time_us(t);
	struct tm tm = { 0 };
	uint64_t since;
	char text[64];
	size_t n;

	if (!d->started)
		d->start = now;
	d->started = true;
	if (d->out->json) {
		gmtime_r(&t->tv_sec, &tm);
		n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
		snprintf(text + n, sizeof(text) - n, ".%06uZ",
			 (unsigned int)t->tv_usec % 1000000);
		out_text(d->out, "time", text);
		return;
	}
	/* Frames may be out of order. */
	since = now < d->start ? (uint64_t)d->start - now : (uint64_t)now - d->start;
	snprintf(text, sizeof(text), "%s%" PRIu64 ".%06u", now < d->start ? "-" : "",
		 since / 1000000, (unsigned int)(since % 1000000));
	out_word(d->out, text);
}

static void end_show(struct out *o, const char *addr_name, const char *port_name,
		     const u8 *addr, const struct datagram *dg, unsigned int port)
{
	char text[ADDR_TEXT_MAX], both[ADDR_TEXT_MAX + 16];

	addr_text(addr, dg->ip.family, text);
	if (o->json) {
		out_text(o, addr_name, text);
		if (dg->ip.proto == PCAP_UDP)
			out_uint(o, port_name, port);
		return;
	}
	snprintf(both, sizeof(both), dg->ip.family == 16 ? "[%s]" : "%s", text);
	if (dg->ip.proto == PCAP_UDP)
		snprintf(both + strlen(both), 8, ":%u", port);
	out_word(o, both);
}

static void begin_show(struct decoder *d, const struct datagram *dg)
{
	struct out *o = d->out;
	char number[24];

	snprintf(number, sizeof(number), "%lu", dg->frame);
	out_open(o, number);
	if (o->json)
		out_uint(o, "frame", dg->frame);
	time_show(d, &dg->time);
	end_show(o, "src", "sport", dg->ip.src, dg, dg->sport);
	out_word(o, ">");
	end_show(o, "dst", "dport", dg->ip.dst, dg, dg->dport);
	if (dg->cut)
		out_flag(o, "cut");
}

static void kind_show(struct out *o, const char *kind)
{
	out_bare(o);
	out_text(o, "kind", kind);
}

static void esp_show(struct out *o, const u8 *p, size_t n)
{
	struct isakmp_cur c;
	u32 spi, seq;

	kind_show(o, "ESP");
	isakmp_cur_init(&c, p, n);
	if (!isakmp_cur_u32(&c, &spi) || !isakmp_cur_u32(&c, &seq)) {
		out_reason(o, ISAKMP_R_SHORT);
		return;
	}
	out_hex(o, "spi", spi, 8);
	out_uint(o, "seq", seq);
	out_uint(o, "octets", n);
}

/* RFC 3948, 2: what port 4500 carries */
static void natt_show(struct decoder *d, const struct datagram *dg)
{
	static const u8 marker[IKE_NON_ESP_LEN];

	if (dg->n == 1 && dg->p[0] == 0xff) {
		kind_show(d->out, "keepalive");
	} else if (dg->n < IKE_NON_ESP_LEN || memcmp(dg->p, marker, sizeof(marker))) {
		esp_show(d->out, dg->p, dg->n);
	} else {
		kind_show(d->out, "IKE");
		decode_message(d, dg->p + IKE_NON_ESP_LEN, dg->n - IKE_NON_ESP_LEN);
	}
}

/**
 * decode_datagram() - writes a record for what concerns IKE
 * @d: the writer, the keys
 * @dg: the datagram
 *
 * Return: whether it concerns IKE.
 */
bool decode_datagram(struct decoder *d, const struct datagram *dg)
{
	bool esp = dg->ip.proto == PCAP_ESP;
	bool natt = dg->sport == PORT_NATT || dg->dport == PORT_NATT;

	if (!esp && !natt && dg->sport != PORT_IKE && dg->dport != PORT_IKE)
		return false;
	d->ip = &dg->ip;
	begin_show(d, dg);
	if (esp) {
		esp_show(d->out, dg->p, dg->n);
	} else if (natt) {
		natt_show(d, dg);
	} else {
		kind_show(d->out, "IKE");
		decode_message(d, dg->p, dg->n);
	}
	out_close(d->out);
	return true;
}

/* ---- the command --------------------------------------------------------- */

static int keys_read(struct cli *cli, struct decoder *d, const char *file)
{
	struct why why;
	FILE *f = fopen(file, "re");
	bool ok;

	if (!f)
		return cli_error(cli, CLI_USAGE, "keys: cannot read \"%s\": %m", file);
	ok = keytable_load(&d->keys, f, &why);
	fclose(f);
	return ok ? CLI_OK :
		    cli_error(cli, CLI_USAGE, "keys: \"%s\": %s", file, why.text);
}

static int capture_show(struct cli *cli, struct decoder *d, const char *file)
{
	FILE *f = strcmp(file, "-") ? fopen(file, "re") : stdin;
	int status = CLI_OK;
	enum capture_result got;
	struct datagram dg = { 0 };
	struct capture c;
	struct why why;

	if (!f)
		return cli_error(cli, CLI_USAGE, "cannot read \"%s\": %m", file);
	if (!capture_open(&c, f, &why)) {
		capture_close(&c);
		return cli_error(cli, CLI_USAGE, "\"%s\": %s", file, why.text);
	}
	while ((got = capture_next(&c, &dg, &why)) != CAPTURE_END &&
	       got != CAPTURE_ERROR)
		if (got == CAPTURE_DATAGRAM &&
		    (!cli->family || cli->family == dg.ip.family))
			decode_datagram(d, &dg);
	if (got == CAPTURE_ERROR)
		status = cli_error(cli, CLI_USAGE, "\"%s\": behind frame %lu: %s",
				   file, c.frames, why.text);
	capture_close(&c);
	return status;
}

static int decode_run(struct cli *cli, const struct object *o, const struct verb *v,
		      struct args *a)
{
	struct decoder d = { .out = &cli->out };
	const struct nlattr *keys = args_get(a, ARG_KEYS);
	int status = CLI_OK;

	(void)o;
	(void)v;
	if (keys)
		status = keys_read(cli, &d, mnl_attr_get_str(keys));
	if (status == CLI_OK)
		status = capture_show(cli, &d, mnl_attr_get_str(args_get(a, ARG_FILE)));
	keytable_free(&d.keys);
	v1_talks_free(d.v1);
	v1_joins_free(d.pieces);
	return status;
}

static const struct key keys[] = {
	KEY("file", type_file, ARG_FILE, KEY_ID | KEY_POS,
	    "capture: pcap or pcapng"),
	KEY("keys", type_file, ARG_KEYS, KEY_SET,
	    "what \"isakmp monitor keys\" wrote, to open what is encrypted"),
	{ 0 }
};

/* The one verb has no name: what follows the object are its words. */
static const struct verb verbs[] = {
	{ .name = "", .run = decode_run, .takes = KEY_ID | KEY_SET, .needs = KEY_ID,
	  .writes = true, .help = "show the IKE messages of a capture" },
	{ 0 }
};

const struct object object_decode = {
	.name = "decode",
	.help = "messages of a capture",
	.verbs = verbs,
	.keys = keys,
};
