// SPDX-License-Identifier: GPL-2.0
/*
 * Others' packets, among them those of published reports, through the codec.
 * The folder is not part of the project: without it these tests are skipped.
 */
#include <dirent.h>
#include "gate/gate.h"
#include "wire_v1.h"

#define TITLE_CHAINS "corpus: fuzzer-found chains, each first type (threat 22) (threat 24)"
#define TITLE_REPORTS "corpus: packets of reports, cut and whole (threat 30) (threat 31)"
#define TITLE_PCAP "corpus: captures, a message at every octet (threat 9) (threat 10) (threat 17)"
#define TITLE_V1 "corpus: version 1, what scanners and peers sent (threat 30) (threat 36)"

static struct isakmp_chain chain;
static struct v1_chain v1;
static const char *corpora;
static unsigned int files;

static void check_one(u8 first, const u8 *p, size_t n)
{
	const u8 *end = p;
	unsigned int i;

	if (isakmp_chain_decode(first, p, n, &chain) != ISAKMP_OK) {
		CHECK_EQ(chain.n, 0);
		return;
	}
	for (i = 0; i < chain.n; i++) {
		end = chain.pl[i].body + chain.pl[i].len;
		CHECK_EQ(isakmp_payload_check(&chain.pl[i]), isakmp_payload_check(&chain.pl[i]));
	}
	CHECK(end == p + n);
}

/* The same octets as a chain of version 1. */
static void check_one_v1(u8 first, const u8 *p, size_t n)
{
	const u8 *end = p;
	unsigned int i;

	if (v1_chain_decode(first, p, n, false, &v1) != ISAKMP_OK) {
		CHECK_EQ(v1.n, 0);
		return;
	}
	for (i = 0; i < v1.n; i++) {
		end = v1.pl[i].body + v1.pl[i].len;
		check_v1(v1.pl[i].type, v1.pl[i].body, v1.pl[i].len);
	}
	CHECK(end == p + n && v1.end == n);
}

static void check_message(const u8 *p, size_t n)
{
	struct isakmp_header h;
	u8 *copy = exact(p, n);

	if (isakmp_header_decode(copy, n, &h) != ISAKMP_R_SHORT) {
		check_one(h.next, copy + IKE_HDR_LEN, n - IKE_HDR_LEN);
		check_one_v1(h.next, copy + IKE_HDR_LEN, n - IKE_HDR_LEN);
	}
	free(copy);
}

static void each_chain(const u8 *p, size_t n)
{
	u8 *copy = exact(p, n);
	unsigned int first;

	for (first = 0; first < 256; first += first == IKE_PL_LAST ? 207 : 1)
		check_one((u8)first, copy, n);
	for (first = 0; first <= V1_PL_ATTRIBUTES; first++)
		check_one_v1((u8)first, copy, n);
	free(copy);
}

static void each_report(const u8 *p, size_t n)
{
	size_t cut;

	for (cut = 0; cut <= n; cut++)
		check_message(p, cut);
}

static void each_capture(const u8 *p, size_t n)
{
	size_t at, left, len;

	for (at = 0; at + IKE_HDR_LEN <= n; at++) {
		left = n - at;
		len = get_unaligned_be32(p + at + 24);
		check_message(p + at, len < left ? len : left);
	}
}

static DIR *folder(const char *sub, char *path, size_t size)
{
	snprintf(path, size, "%s/%s", corpora, sub);
	files = 0;
	return opendir(path);
}

static void over(const char *sub, void (*each)(const u8 *p, size_t n))
{
	char path[1024], file[2048];
	static u8 buf[65536];
	struct dirent *e;
	FILE *f;
	DIR *d = folder(sub, path, sizeof(path));

	while (d && (e = readdir(d))) {
		snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		f = e->d_name[0] == '.' ? NULL : fopen(file, "r");
		if (!f)
			continue;
		tap_note("%.100s", e->d_name);
		each(buf, fread(buf, 1, sizeof(buf), f));
		fclose(f);
		files++;
	}
	if (d)
		closedir(d);
	CHECK(files);
}

static void test_chains(void)
{
	over("openiked", each_chain);
}

static void test_reports(void)
{
	over("reports", each_report);
}

static void test_captures(void)
{
	over("pcap", each_capture);
}

/* What the gate, and then the codec, say of a packet of version 1 as a first message, or any. */
static enum isakmp_reason judge(const u8 *p, size_t n)
{
	enum isakmp_reason r;
	struct isakmp_header h;
	unsigned int i;

	r = isakmp_gate_header(p, n, &h);
	if (r == ISAKMP_OK && isakmp_gate_v1_is_first(&h))
		r = isakmp_gate_v1_first(p, n, &h);
	if (r == ISAKMP_OK)
		r = v1_chain_decode(h.next, p + IKE_HDR_LEN, n - IKE_HDR_LEN, false, &v1);
	for (i = 0; r == ISAKMP_OK && i < v1.n; i++)
		r = v1_payload_check(&v1.pl[i]);
	return r;
}

static const struct {
	const char *name;
	enum isakmp_reason why;
} packets[] = {
	{ "ike-scan__pkt-aggr-cert-response.dat__001.bin", ISAKMP_OK },
	{ "ike-scan__pkt-aggr-mode-response.dat__001.bin", ISAKMP_OK },
	{ "ike-scan__pkt-aggressive.dat__001.bin", ISAKMP_OK },
	{ "ike-scan__pkt-custom-proposal.dat__001.bin", ISAKMP_OK },
	{ "ike-scan__pkt-default-proposal.dat__001.bin", ISAKMP_OK },
	{ "ike-scan__pkt-main-mode-response.dat__001.bin", ISAKMP_OK },
	{ "ike-scan__pkt-single-trans.dat__001.bin", ISAKMP_OK },
	/* Refusals, with no cookie of the one who refuses */
	{ "ike-scan__pkt-checkpoint-notify.dat__001.bin", ISAKMP_OK },
	{ "ike-scan__pkt-notify-response.dat__001.bin", ISAKMP_OK },
	{ "libreswan__01-isakmp-broadcast.pcap__000.bin", ISAKMP_R_UNEXPECTED },
	{ "libreswan__01-isakmp-vid-first-resp.pcap__000.bin", ISAKMP_OK },
	{ "libreswan__01-isakmp-vid-second-resp.pcap__000.bin", ISAKMP_OK },
	{ "libreswan__03-west-run.sh__001.bin", ISAKMP_OK },
	{ "libreswan__03-west-run.sh__002.bin", ISAKMP_R_UNEXPECTED },
	{ "libreswan__cve-2015-3204.py__001.bin", ISAKMP_R_V1_SITUATION },
	{ "libreswan__cve-2015-3204.py__002.bin", ISAKMP_R_UNEXPECTED },
	{ "libreswan__cve-2022-23094.py__001.bin", ISAKMP_R_PAYLOAD_SHORT },
	{ "libreswan__weirdike-eastwest.pcap-ike.pcap__000.bin", ISAKMP_R_EXCHANGE },
};

static bool has_row(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(packets); i++)
		if (!strcmp(packets[i].name, name))
			return true;
	return false;
}

/* None of version 1 is left out. */
static void test_all_named(void)
{
	char path[1024], file[2048];
	struct dirent *e;
	u8 head[IKE_HDR_LEN];
	FILE *f;
	DIR *d = folder("reports", path, sizeof(path));

	while (d && (e = readdir(d))) {
		snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		f = e->d_name[0] == '.' ? NULL : fopen(file, "r");
		if (!f)
			continue;
		tap_note("%.100s", e->d_name);
		if (fread(head, 1, sizeof(head), f) == sizeof(head) && head[17] == V1_MAJOR << 4)
			CHECK(has_row(e->d_name));
		fclose(f);
		files++;
	}
	if (d)
		closedir(d);
	CHECK(files);
}

static void test_v1(void)
{
	static u8 buf[65536];
	char file[2048];
	size_t i, n;
	FILE *f;

	for (i = 0; i < ARRAY_SIZE(packets); i++) {
		tap_note("%s", packets[i].name);
		snprintf(file, sizeof(file), "%s/reports/%s", corpora, packets[i].name);
		f = fopen(file, "r");
		if (!CHECK(f))
			continue;
		n = fread(buf, 1, sizeof(buf), f);
		fclose(f);
		CHECK_REASON(judge(buf, n), packets[i].why);
	}
	test_all_named();
}

static bool there(const char *sub)
{
	char path[1024];
	DIR *d = folder(sub, path, sizeof(path));

	return d && !closedir(d);
}

#define RUN_OR_SKIP(sub, fn, title)					\
	do {								\
		if (there(sub))						\
			TAP_RUN(fn, title);				\
		else							\
			tap_skip(title, "no corpus " sub);		\
	} while (0)

int main(void)
{
	corpora = getenv("NATIVE_CORPORA");
	if (!corpora)
		corpora = "../shared/corpora";
	RUN_OR_SKIP("openiked", test_chains, TITLE_CHAINS);
	RUN_OR_SKIP("reports", test_reports, TITLE_REPORTS);
	RUN_OR_SKIP("pcap", test_captures, TITLE_PCAP);
	RUN_OR_SKIP("reports", test_v1, TITLE_V1);
	return tap_done();
}
