// SPDX-License-Identifier: GPL-2.0
/* Configuration payloads, both ends: inner addresses and what comes with them (RFC 7296, 2.19). */
#include "talk.h"
#include "wire/cp.h"

#define ANY_PORT 0, 65535

static const struct isakmp_addr any4 = { 4, { 0 } }, any6 = { 6, { 0 } };
static const struct isakmp_addr inner4 = { 4, { 10, 9, 0, 2 } };
static const struct isakmp_addr inner6 = { 6, { 0xfd, 9, [15] = 2 } };
static const struct isakmp_addr dns4 = { 4, { 10, 9, 0, 1 } };
static const struct isakmp_addr dns6 = { 6, { 0xfd, 9, [15] = 1 } };
static const struct isakmp_ts dynamic = { .type = IKE_TS_DYNAMIC, .port_end = 65535 };
static const char domains[] = "corp.example\0lab.example";

/* A wants addresses of B, for a child between "dynamic" and 10.2.0.0/16 and fd02::/16. */
static struct talk *client(bool four, bool six)
{
	struct talk *t = talk_new();
	struct isakmp_ts net6 = { IKE_TS_IPV6, 0, ANY_PORT, { 0xfd, 2 }, { 0xfd, 2 } };

	memset(net6.end + 2, 0xff, 14);
	if (four)
		t->a.peer.vip[0] = any4;
	if (six)
		t->a.peer.vip[1] = any6;
	t->a.local[0] = t->b.remote[0] = dynamic;
	t->a.remote[1] = t->b.local[1] = net6;
	t->a.child.n_remote = t->b.child.n_local = 2;
	return t;
}

static void give_all(struct end *b)
{
	b->inner[0] = inner4;
	b->inner[1] = inner6;
	b->config.dns[b->config.n_dns++] = dns4;
	b->config.dns[b->config.n_dns++] = dns6;
	b->config.subnet[b->config.n_subnets++] = (struct ike_net){ { 4, { 10, 2 } }, 16 };
	b->config.subnet[b->config.n_subnets++] = (struct ike_net){ { 6, { 0xfd, 2 } }, 16 };
	memcpy(b->config.domains, domains, sizeof(domains));
	b->config.domains_len = sizeof(domains);
}

static void is_addr(const struct isakmp_ts *ts, const struct isakmp_addr *a)
{
	CHECK_EQ(ts->type, a->family == 4 ? IKE_TS_IPV4 : IKE_TS_IPV6);
	CHECK_MEM(ts->start, a->a, 16);
	CHECK_MEM(ts->end, a->a, 16);
}

static void same_addr(const struct isakmp_addr *a, const struct isakmp_addr *b)
{
	CHECK_EQ(a->family, b->family);
	CHECK_MEM(a->a, b->a, 16);
}

/* The oldest message of an end, read. */
static void read_next(struct end *from, struct message *m)
{
	struct packet p = talk_take(from);

	message_read(m, from, &p);
	packet_free(&p);
}

/* Attributes of a type in the CP payload of a message, the first one in @v. */
static unsigned int attrs(const struct message *m, u8 cfg_type, u16 type, struct isakmp_cp_attr *v)
{
	int at = message_find(m, IKE_PL_CP);
	struct isakmp_payload pl;
	struct isakmp_cp_attr a;
	struct isakmp_cur c;
	unsigned int n = 0;
	u8 is = 0;

	if (at < 0)
		return 0;
	pl = (struct isakmp_payload){ .type = IKE_PL_CP, .body = m->b[at].p, .len = (u16)m->b[at].n };
	CHECK_EQ(isakmp_cp_decode(&pl, &is, &c), ISAKMP_OK);
	CHECK_EQ(is, cfg_type);
	while (isakmp_cp_attr_next(&c, &a))
		if (a.type == type && !n++ && v)
			*v = a;
	return n;
}

/* ---- both ends do as they should --------------------------------------------- */

static void check_request(struct talk *t)
{
	struct isakmp_cp_attr a = { .len = 99 };
	struct message m;

	talk_advance(t, TALK_AUTH);
	read_next(&t->a, &m);
	CHECK_EQ(attrs(&m, IKE_CFG_REQUEST, IKE_CFG_IP4_ADDRESS, &a), 1);
	CHECK_EQ(a.len, 0);
	CHECK_EQ(attrs(&m, IKE_CFG_REQUEST, IKE_CFG_IP6_ADDRESS, NULL), 1);
	CHECK_EQ(attrs(&m, IKE_CFG_REQUEST, IKE_CFG_IP4_DNS, NULL), 1);
	CHECK_EQ(attrs(&m, IKE_CFG_REQUEST, IKE_CFG_IP6_DNS, NULL), 1);
	CHECK_EQ(attrs(&m, IKE_CFG_REQUEST, IKE_CFG_DNS_DOMAIN, NULL), 1);
	CHECK_EQ(attrs(&m, IKE_CFG_REQUEST, IKE_CFG_IP6_SUBNET, NULL), 0);
	CHECK(message_find(&m, IKE_PL_CP) < message_find(&m, IKE_PL_SA));
	message_deliver(&m, &t->a);
	same_addr(&t->b.ask.wish[0], &any4);
	same_addr(&t->b.ask.wish[1], &any6);
}

static void check_config(const struct ike_config *c)
{
	CHECK(c);
	if (!c)
		return;
	CHECK_EQ(c->n_dns, 2);
	same_addr(&c->dns[0], &dns4);
	same_addr(&c->dns[1], &dns6);
	CHECK_EQ(c->n_subnets, 2);
	CHECK_EQ(c->subnet[0].plen, 16);
	CHECK_EQ(c->subnet[0].addr.a[1], 2);
	CHECK_EQ(c->subnet[1].addr.family, 6);
	CHECK_EQ(c->domains_len, sizeof(domains));
	CHECK_MEM(c->domains, domains, sizeof(domains));
}

static void check_view(const struct end *e, bool ours)
{
	struct ike_sa_view *v = malloc(ike_view_size(&e->ike));
	const struct ike_child_view *c;

	ike_view_fill(&e->ike, v);
	CHECK_EQ(v->inner_ours, ours);
	same_addr(&v->inner[0], &inner4);
	same_addr(&v->inner[1], &inner6);
	c = ike_view_child(v, NULL);
	CHECK(c && !ike_view_child(v, c));
	if (ours)
		check_config(ike_view_config(v));
	else
		CHECK(!ike_view_config(v));
	free(v);
}

static void test_both(void)
{
	struct talk *t = client(true, true);

	give_all(&t->b);
	check_request(t);
	talk_answer(&t->b, ISAKMP_OK);
	talk_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(talk_child_state(&t->a), IKE_CHILD_UP);
	same_addr(&t->a.ike.inner[0], &inner4);
	same_addr(&t->b.ike.inner[1], &inner6);
	CHECK_EQ(t->a.last.n_local, 2);
	CHECK_EQ(t->a.last.n_remote, 2);
	is_addr(&t->a.last.local[0], &inner4);
	is_addr(&t->a.last.local[1], &inner6);
	is_addr(&t->b.last.remote[0], &inner4);
	check_view(&t->a, true);
	check_view(&t->b, false);
	CHECK_EQ(t->b.lease_drops, 0);
	talk_do(&t->a, IKE_EV_STOP, 0);
	talk_settle(t);
	CHECK(t->b.lease_drops > 0);
	talk_over(t);
}

/* What is not asked for does not come; one family alone is enough. */
static void test_one_family(void)
{
	struct talk *t = client(true, false);

	give_all(&t->b);
	t->b.inner[1].family = 0;
	talk_advance(t, TALK_UP);
	CHECK_EQ(t->a.last.n_local, 1);
	is_addr(&t->a.last.local[0], &inner4);
	CHECK_EQ(t->a.ike.inner[1].family, 0);
	CHECK(t->a.ike.config && t->a.ike.config->n_dns == 1 && t->a.ike.config->n_subnets == 1);
	talk_over(t);
	/* RFC 7296, 3.15.4: both are asked for, one family is there */
	t = client(true, true);
	t->b.inner[1] = inner6;
	talk_advance(t, TALK_UP);
	CHECK_EQ(t->a.last.n_local, 1);
	is_addr(&t->a.last.local[0], &inner6);
	talk_over(t);
}

/* RFC 8598, 3.2: domains come with a DNS server; one of a family that was not asked for is none. */
static void test_domains(void)
{
	struct talk *t = client(false, true);
	struct message m;

	give_all(&t->b);
	t->b.config.n_dns = 1;
	talk_advance(t, TALK_AUTH);
	read_next(&t->a, &m);
	message_deliver(&m, &t->a);
	t->b.inner[0].family = 0;
	talk_answer(&t->b, ISAKMP_OK);
	read_next(&t->b, &m);
	CHECK_EQ(attrs(&m, IKE_CFG_REPLY, IKE_CFG_IP6_ADDRESS, NULL), 1);
	CHECK_EQ(attrs(&m, IKE_CFG_REPLY, IKE_CFG_IP4_DNS, NULL), 0);
	CHECK_EQ(attrs(&m, IKE_CFG_REPLY, IKE_CFG_DNS_DOMAIN, NULL), 0);
	message_free(&m);
	talk_over(t);
}

/* A particular address: of policy, and the one that the SA it replaces has had. */
static void test_wish(void)
{
	struct talk *t = client(true, true);

	t->a.peer.vip[0] = inner4;
	give_all(&t->b);
	talk_advance(t, TALK_R_ASKING);
	same_addr(&t->b.ask.wish[0], &inner4);
	same_addr(&t->b.ask.wish[1], &any6);
	talk_over(t);
	t = client(true, true);
	talk_open_a(t);
	t->a.ike.inner[0] = inner4;
	t->a.ike.inner[1] = inner6;
	talk_do(&t->a, IKE_EV_START, 0);
	talk_advance(t, TALK_R_ASKING);
	same_addr(&t->b.ask.wish[0], &inner4);
	same_addr(&t->b.ask.wish[1], &inner6);
	talk_over(t);
}

/* A further child is for the same addresses. */
static void test_further_child(void)
{
	struct ike_event ev = { .type = IKE_EV_CHILD_START };
	struct ike_child_policy a2, b2;
	struct talk *t = client(true, true);
	struct isakmp_ts a_net, b_net;

	give_all(&t->b);
	talk_advance(t, TALK_UP);
	a2 = t->a.child;
	b2 = t->b.child;
	strcpy(a2.name, "dmz");
	strcpy(b2.name, "dmz");
	a_net = b_net = (struct isakmp_ts){ IKE_TS_IPV4, 0, ANY_PORT, { 10, 3 }, { 10, 3, 255, 255 } };
	a2.remote = &a_net;
	b2.local = &b_net;
	a2.n_remote = b2.n_local = 1;
	t->a.peer.child[t->a.peer.n_child++] = &a2;
	t->b.peer.child[t->b.peer.n_child++] = &b2;
	ev.peer = &t->a.peer;
	ev.child = &a2;
	talk_event(&t->a, &ev);
	talk_settle(t);
	CHECK_EQ(t->a.ike.n_children, 2);
	is_addr(&t->a.last.local[0], &inner4);
	is_addr(&t->b.last.remote[0], &inner4);
	talk_over(t);
}

/* Without a wish of our policy nothing is asked, and what comes is not taken. */
static void test_not_wanted(void)
{
	struct talk *t = talk_new();
	struct message m;

	talk_advance(t, TALK_AUTH);
	read_next(&t->a, &m);
	CHECK(message_find(&m, IKE_PL_CP) < 0);
	message_deliver(&m, &t->a);
	CHECK_EQ(t->b.ask.wish[0].family, 0);
	talk_answer(&t->b, ISAKMP_OK);
	read_next(&t->b, &m);
	CHECK(message_find(&m, IKE_PL_CP) < 0);
	message_insert(&m, 2, talk_body(IKE_PL_CP));
	CHECK_EQ(message_deliver(&m, &t->b), ISAKMP_OK);
	talk_settle(t);
	CHECK_EQ(talk_child_state(&t->a), IKE_CHILD_UP);
	CHECK(!t->a.ike.config && !t->a.ike.inner[0].family);
	talk_over(t);
}

/* ---- there is no address --------------------------------------------------------- */

/* A's IKE SA goes, by name, and B's with it. */
static void ends_without(struct talk *t)
{
	talk_settle(t);
	CHECK(t->a.refused[ISAKMP_R_NO_ADDRESS]);
	CHECK(!t->a.live || t->a.ike.state == IKE_S_DEAD);
	CHECK(!t->b.live || t->b.ike.state == IKE_S_DEAD);
	CHECK(!t->a.xfrm && !t->b.xfrm);
	talk_over(t);
}

static void test_exhausted(void)
{
	struct talk *t = client(true, true);
	struct packet p;

	t->b.no_address = true;
	talk_advance(t, TALK_R_ASKING);
	CHECK_REASON(talk_answer(&t->b, ISAKMP_OK), ISAKMP_R_NO_ADDRESS);
	/* RFC 7296, 3.15.4: the IKE SA is created all the same */
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->b.ike.n_children, 0);
	p = packet_copy(&t->b.queue[0]);
	CHECK_EQ(talk_error(&t->b), IKE_N_INTERNAL_ADDRESS_FAILURE);
	talk_deliver(&t->a, &p);
	packet_free(&p);
	ends_without(t);
}

static void test_ignored(void)
{
	struct talk *t = client(true, false);

	talk_advance(t, TALK_R_ASKING);
	talk_answer(&t->b, ISAKMP_OK);
	ends_without(t);
}

/* ---- answers that are not good ------------------------------------------------------ */

/* B's answer with these attributes in place of its own. */
static struct talk *answered(const u8 *body, size_t n)
{
	struct talk *t = client(true, true);
	struct message m;

	give_all(&t->b);
	talk_advance(t, TALK_AUTH_ANSWERED);
	read_next(&t->b, &m);
	message_drop(&m, (unsigned int)message_find(&m, IKE_PL_CP));
	if (n)
		message_insert(&m, 2, (struct body){ IKE_PL_CP, false, body, n });
	message_deliver(&m, &t->b);
	return t;
}

static struct isakmp_out begin(u8 *buf, size_t n, u8 type)
{
	struct isakmp_out o;

	isakmp_out_init(&o, buf, n);
	isakmp_cp_encode(&o, type);
	return o;
}

static void add(struct isakmp_out *o, u16 type, const void *p, size_t n)
{
	struct isakmp_cp_attr a = { type, p, (u16)n };

	isakmp_cp_attr_encode(o, &a);
}

/* Each alone: left out by name, and as nothing is left there is no address. */
static void test_odd_values(void)
{
	static const struct {
		u16 type;
		u8 n;
		u8 value[17];
	} odd[] = {
		{ IKE_CFG_IP4_ADDRESS, 0, { 0 } },
		{ IKE_CFG_IP4_ADDRESS, 3, { 10, 9, 0 } },
		{ IKE_CFG_IP4_ADDRESS, 5, { 10, 9, 0, 2, 32 } },
		{ IKE_CFG_IP4_ADDRESS, 4, { 0, 0, 0, 0 } },
		{ IKE_CFG_IP4_ADDRESS, 4, { 127, 0, 0, 1 } },
		{ IKE_CFG_IP4_ADDRESS, 4, { 169, 254, 0, 1 } },
		{ IKE_CFG_IP4_ADDRESS, 4, { 224, 0, 0, 1 } },
		{ IKE_CFG_IP4_ADDRESS, 4, { 255, 255, 255, 255 } },
		{ IKE_CFG_IP6_ADDRESS, 16, { 0xfd } },
		{ IKE_CFG_IP6_ADDRESS, 17, { 0xfd, [16] = 129 } },
		{ IKE_CFG_IP6_ADDRESS, 17, { 0, [16] = 128 } },
		{ IKE_CFG_IP6_ADDRESS, 17, { [15] = 1, [16] = 128 } },
		{ IKE_CFG_IP6_ADDRESS, 17, { 0xfe, 0x80, [15] = 1, [16] = 128 } },
		{ IKE_CFG_IP6_ADDRESS, 17, { 0xff, 2, [15] = 1, [16] = 128 } },
		{ IKE_CFG_IP4_DNS, 4, { 0 } },
		{ IKE_CFG_IP4_SUBNET, 8, { 10, 0, 0, 0, 255, 0, 255, 0 } },
		{ IKE_CFG_IP6_SUBNET, 17, { 0xfd, [16] = 200 } },
		{ IKE_CFG_DNS_DOMAIN, 4, "a;id" },
		{ IKE_CFG_DNS_DOMAIN, 5, "$(id)" },
		{ IKE_CFG_DNS_DOMAIN, 0, "" },
	};
	u8 body[64];
	struct isakmp_out o;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(odd); i++) {
		o = begin(body, sizeof(body), IKE_CFG_REPLY);
		add(&o, odd[i].type, odd[i].value, odd[i].n);
		t = answered(body, o.len);
		talk_answer(&t->a, ISAKMP_OK);
		CHECK_REASON(t->a.refused[ISAKMP_R_CP_VALUE] == 1 ? ISAKMP_R_CP_VALUE : 0,
			     ISAKMP_R_CP_VALUE);
		ends_without(t);
	}
}

/* What is wrong is left out, the rest counts; what is unknown is nothing. */
static void test_mixed(void)
{
	u8 body[512];
	struct isakmp_out o = begin(body, sizeof(body), IKE_CFG_REPLY);
	static const char shell[] = "`reboot`.example", good[] = "corp.example";
	static const u8 other[4] = { 10, 9, 9, 9 };
	struct talk *t;

	add(&o, 16, body, 3);
	add(&o, 0x7fff, body, 0);
	add(&o, IKE_CFG_IP4_NETMASK, "\xff\xff\xff\0", 4);
	add(&o, IKE_CFG_IP4_ADDRESS, inner4.a, 4);
	add(&o, IKE_CFG_IP4_ADDRESS, other, 4);	/* one is enough */
	add(&o, IKE_CFG_DNS_DOMAIN, shell, sizeof(shell) - 1);
	add(&o, IKE_CFG_DNS_DOMAIN, good, sizeof(good) - 1);
	add(&o, IKE_CFG_DNS_DOMAIN, good, sizeof(good));	/* with its zero */
	add(&o, IKE_CFG_IP4_DNS, dns4.a, 4);
	add(&o, IKE_CFG_IP4_SUBNET, "\x0a\x02\x03\x04\xff\xff\0\0", 8);
	t = answered(body, o.len);
	t->liar = true;
	talk_answer(&t->a, ISAKMP_OK);
	CHECK_EQ(t->a.refused[ISAKMP_R_CP_VALUE], 1);
	same_addr(&t->a.ike.inner[0], &inner4);
	CHECK_EQ(t->a.ike.inner[1].family, 0);
	CHECK_EQ(t->a.ike.config->domains_len, sizeof(good));
	CHECK_MEM(t->a.ike.config->domains, good, sizeof(good));
	CHECK_EQ(t->a.ike.config->n_dns, 1);
	CHECK_EQ(t->a.ike.config->subnet[0].addr.a[2], 0);
	talk_over(t);
}

/* Thousands of attributes: the first ones are kept, the limit is named once. */
static void test_many(void)
{
	static u8 body[15000];
	struct isakmp_out o = begin(body, sizeof(body), IKE_CFG_REPLY);
	struct talk *t;
	unsigned int i;

	add(&o, IKE_CFG_IP4_ADDRESS, inner4.a, 4);
	add(&o, IKE_CFG_IP6_ADDRESS, (u8[17]){ 0xfd, 9, [15] = 2, [16] = 64 }, 17);
	for (i = 0; i < 400; i++) {
		add(&o, IKE_CFG_IP4_DNS, dns4.a, 4);
		add(&o, IKE_CFG_IP4_SUBNET, "\x0a\x02\0\0\xff\xff\0\0", 8);
		add(&o, IKE_CFG_DNS_DOMAIN, "example", 7);
	}
	CHECK(!o.full);
	t = answered(body, o.len);
	talk_answer(&t->a, ISAKMP_OK);
	CHECK_REASON(t->a.refused[ISAKMP_R_CP_LIMIT] == 1 ? ISAKMP_R_CP_LIMIT : 0,
		     ISAKMP_R_CP_LIMIT);
	CHECK_EQ(talk_child_state(&t->a), IKE_CHILD_UP);
	CHECK_EQ(t->a.ike.config->n_dns, IKE_CFG_DNS_MAX);
	CHECK_EQ(t->a.ike.config->n_subnets, IKE_CFG_SUBNETS_MAX);
	CHECK_EQ(t->a.ike.config->domains_len, IKE_CFG_DOMAINS_LEN / 8 * 8);
	talk_over(t);
}

/* A request, a set and an acknowledgement are no reply. */
static void test_wrong_type(void)
{
	u8 body[16], type;
	struct isakmp_out o;
	struct talk *t;

	for (type = 0; type < 6; type++) {
		if (type == IKE_CFG_REPLY)
			continue;
		o = begin(body, sizeof(body), type);
		add(&o, IKE_CFG_IP4_ADDRESS, inner4.a, 4);
		t = answered(body, o.len);
		talk_answer(&t->a, ISAKMP_OK);
		ends_without(t);
	}
}

/* It gives one address, and selectors for others. */
static void test_wide(void)
{
	u8 body[16];
	struct isakmp_out o = begin(body, sizeof(body), IKE_CFG_REPLY);
	struct talk *t;

	add(&o, IKE_CFG_IP4_ADDRESS, "\x0a\x09\0\3", 4);
	t = answered(body, o.len);
	talk_answer(&t->a, ISAKMP_OK);
	CHECK_EQ(t->a.ike.reason, ISAKMP_R_TS);
	CHECK_EQ(t->a.installs, 0);
	talk_over(t);
}

/* ---- requests that are not good -------------------------------------------------------- */

static struct talk *requested(const u8 *body, size_t n)
{
	struct talk *t = client(true, true);
	struct message m;

	give_all(&t->b);
	talk_advance(t, TALK_AUTH);
	read_next(&t->a, &m);
	message_drop(&m, (unsigned int)message_find(&m, IKE_PL_CP));
	message_insert(&m, 2, (struct body){ IKE_PL_CP, false, body, n });
	message_deliver(&m, &t->a);
	return t;
}

static void test_request_lengths(void)
{
	static const u8 six[18] = { 0xfd, 9, [15] = 2, [16] = 128 };
	struct isakmp_out o;
	struct talk *t;
	unsigned int n;
	u8 body[64];

	for (n = 0; n < sizeof(six); n++) {
		o = begin(body, sizeof(body), IKE_CFG_REQUEST);
		add(&o, IKE_CFG_IP4_ADDRESS, six, n);
		add(&o, IKE_CFG_IP6_ADDRESS, six, n);
		t = requested(body, o.len);
		CHECK(t->b.asking);
		CHECK_EQ(t->b.refused[ISAKMP_R_CP_VALUE], 1 - (n == 0));
		CHECK_EQ(t->b.ask.wish[0].family, n == 0 || n == 4 ? 4 : 0);
		CHECK_EQ(t->b.ask.wish[1].family, n == 0 || n == 17 ? 6 : 0);
		if (n == 17)
			same_addr(&t->b.ask.wish[1], &inner6);
		talk_over(t);
	}
}

/* Thousands of attributes: one address of each family is asked for, no more. */
static void test_request_many(void)
{
	static u8 body[15000];
	struct isakmp_out o = begin(body, sizeof(body), IKE_CFG_REQUEST);
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 3000; i++)
		add(&o, (u16)(i * 7), NULL, 0);
	add(&o, IKE_CFG_IP4_ADDRESS, NULL, 0);
	for (i = 0; i < 300; i++)
		add(&o, IKE_CFG_IP4_ADDRESS, (u8[4]){ 10, 9, (u8)(i >> 8), (u8)i }, 4);
	CHECK(!o.full);
	t = requested(body, o.len);
	same_addr(&t->b.ask.wish[0], &any4);
	CHECK_EQ(t->b.ask.wish[1].family, 0);
	t->b.inner[1].family = 0;
	talk_answer(&t->b, ISAKMP_OK);
	talk_settle(t);
	CHECK_EQ(talk_child_state(&t->a), IKE_CHILD_UP);
	talk_over(t);
}

/* A reply in a request is none of our business. */
static void test_request_type(void)
{
	u8 body[16];
	struct isakmp_out o = begin(body, sizeof(body), IKE_CFG_REPLY);
	struct talk *t;

	add(&o, IKE_CFG_IP4_ADDRESS, inner4.a, 4);
	t = requested(body, o.len);
	CHECK(t->b.asking);
	CHECK_EQ(t->b.ask.wish[0].family, 0);
	talk_over(t);
}

/* ---- other exchanges ---------------------------------------------------------------------- */

/* What B answers to A's INFORMATIONAL request with this CP. */
static void informed(u8 type, u16 attr, struct message *answer, struct talk **t)
{
	struct message m;
	u8 body[16];
	struct isakmp_out o = begin(body, sizeof(body), type);

	*t = talk_at(TALK_UP);
	add(&o, attr, NULL, 0);
	message_new(&m, &(*t)->a, IKE_INFORMATIONAL, IKE_REQUEST, (*t)->b.ike.ep->next_in);
	message_add(&m, IKE_PL_CP, body, o.len);
	CHECK_EQ(message_deliver(&m, &(*t)->a), ISAKMP_OK);
	read_next(&(*t)->b, answer);
}

static void test_informational(void)
{
	struct message m;
	struct talk *t;
	int at;

	informed(IKE_CFG_REQUEST, IKE_CFG_IP4_ADDRESS, &m, &t);
	CHECK_EQ(attrs(&m, IKE_CFG_REPLY, IKE_CFG_IP4_ADDRESS, NULL), 0);
	CHECK(message_find(&m, IKE_PL_CP) >= 0);
	message_free(&m);
	talk_over(t);
	/* RFC 7296, 2.20: an empty string */
	informed(IKE_CFG_REQUEST, IKE_CFG_APPLICATION_VERSION, &m, &t);
	CHECK_EQ(attrs(&m, IKE_CFG_REPLY, IKE_CFG_APPLICATION_VERSION, NULL), 1);
	message_free(&m);
	talk_over(t);
	informed(IKE_CFG_SET, IKE_CFG_IP4_DNS, &m, &t);
	at = message_find(&m, IKE_PL_CP);
	CHECK(at >= 0 && m.b[at].n == 4 && m.b[at].p[0] == IKE_CFG_ACK);
	message_free(&m);
	talk_over(t);
	informed(IKE_CFG_ACK, IKE_CFG_IP4_DNS, &m, &t);
	CHECK(message_find(&m, IKE_PL_CP) < 0);
	message_free(&m);
	talk_over(t);
}

/* No memory at any point: one end or the other says so, nothing is left behind. */
static void test_memory(void)
{
	struct talk *t;
	int n;

	for (n = 1; n < 60; n++) {
		t = client(true, true);
		give_all(&t->b);
		talk_advance(t, TALK_AUTH);
		native_mem_fail_at(n);
		talk_settle(t);
		native_mem_fail_at(0);
		talk_over(t);
	}
}

int main(void)
{
	TAP_RUN(test_both, "an address of each family, DNS, subnets, domains; the child is for them");
	TAP_RUN(test_one_family, "one family is enough, asked for or there");
	TAP_RUN(test_domains, "domains without a DNS server that was asked for do not come");
	TAP_RUN(test_wish, "a particular address: of policy, and of the SA that is replaced");
	TAP_RUN(test_further_child, "a further child is for the same addresses");
	TAP_RUN(test_not_wanted, "without a wish nothing is asked, nothing is taken");
	TAP_RUN(test_exhausted, "none left: INTERNAL_ADDRESS_FAILURE, no-address (RFC 7296, 3.15.4)");
	TAP_RUN(test_ignored, "no answer to it: no-address, and the IKE SA goes");
	TAP_RUN(test_odd_values, "answer: values that cannot be, each alone");
	TAP_RUN(test_mixed, "answer: good ones among bad, doubled and unknown ones");
	TAP_RUN(test_many, "answer: more than a thousand attributes");
	TAP_RUN(test_wrong_type, "answer: every other type of configuration payload");
	TAP_RUN(test_wide, "answer: selectors wider than the address");
	TAP_RUN(test_request_lengths, "request: every length of an address");
	TAP_RUN(test_request_many, "request: more than three thousand attributes");
	TAP_RUN(test_request_type, "request: another type of configuration payload");
	TAP_RUN(test_informational, "INFORMATIONAL: empty answers (RFC 7296, 2.20 and 3.15.1)");
	TAP_RUN(test_memory, "no memory, at any point");
	return tap_done();
}
