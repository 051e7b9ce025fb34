// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration payloads: inner addresses and what goes with them (RFC 7296, 2.19
 * and 3.15; RFC 8598).
 *
 *	Initiator				Responder
 *	CP(CFG_REQUEST) =			CP(CFG_REPLY) =
 *	  INTERNAL_IP4_ADDRESS(),		  INTERNAL_IP4_ADDRESS(10.9.0.2),
 *	  INTERNAL_IP4_DNS(), ...		  INTERNAL_IP4_DNS(10.9.0.1), ...
 *
 * In IKE_AUTH only.  The helper chooses the addresses of those who ask us, net/ sees
 * to it that nobody else has them; they stay with the IKE SA to its end.
 */
#include "ike/engine.h"
#include "wire/cp.h"

/* What differs between the families. */
static const struct family {
	u8 family;
	u8 plen;
	u16 address;
	u16 dns;
	u16 subnet;
} families[IKE_INNER] = {
	{ 4, 32, IKE_CFG_IP4_ADDRESS, IKE_CFG_IP4_DNS, IKE_CFG_IP4_SUBNET },
	{ 6, 128, IKE_CFG_IP6_ADDRESS, IKE_CFG_IP6_DNS, IKE_CFG_IP6_SUBNET },
};

static unsigned int slot_of(u8 family)
{
	return family == 6;
}

static bool is_any(const struct isakmp_addr *a)
{
	static const u8 zero[16];

	return !memcmp(a->a, zero, sizeof(zero));
}

static struct isakmp_addr addr_of(const struct isakmp_cp_net *net)
{
	struct isakmp_addr a = { .family = net->family };

	memcpy(a.a, net->addr, sizeof(a.a));
	return a;
}

static struct isakmp_cp_net net_of(const struct isakmp_addr *a, u8 plen)
{
	struct isakmp_cp_net net = { .family = a->family, .plen = plen };

	memcpy(net.addr, a->a, sizeof(net.addr));
	return net;
}

/* An address of one host, neither of this one nor of a link. */
static bool is_host(const struct isakmp_addr *a)
{
	const u8 *p = a->a;

	if (a->family == 4)
		return p[0] && p[0] != 127 && p[0] < 224 && !(p[0] == 169 && p[1] == 254);
	return !is_any(a) && p[0] != 0xff && !(p[0] == 0xfe && (p[1] & 0xc0) == 0x80) &&
	       (get_unaligned_be64(p) || get_unaligned_be64(p + 8) > 1);
}

/* The configuration payload of a message, if it is of this type. */
static bool find_cp(const struct isakmp_chain *chain, u8 type, struct isakmp_cur *attrs)
{
	const struct isakmp_payload *p = isakmp_chain_find(chain, IKE_PL_CP);
	u8 is;

	return p && !isakmp_cp_decode(p, &is, attrs) && is == type;
}

static void add_empty(struct isakmp_out *o, u16 type)
{
	const struct isakmp_cp_attr a = { .type = type };

	isakmp_cp_attr_encode(o, &a);
}

static void add_net(struct isakmp_out *o, u16 type, const struct isakmp_addr *a, u8 plen)
{
	struct isakmp_cp_net net = net_of(a, plen);

	isakmp_cp_net_encode(o, type, &net);
}

/* ---- initiator ----------------------------------------------------------- */

/**
 * ike_config_wanted - does our policy want an inner address of the peer?
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 * Return: true if so.
 */
bool ike_config_wanted(const struct ike_sa *sa)
{
	/* In version 1 it is no matter of who has begun */
	return (sa->initiator || sa->v1) && sa->peer &&
	       (sa->peer->vip[0].family || sa->peer->vip[1].family);
}

/* What we had before, else what policy says. */
static const struct isakmp_addr *wish_for(const struct ike_sa *sa, unsigned int i)
{
	return sa->inner[i].family ? &sa->inner[i] : &sa->peer->vip[i];
}

/**
 * ike_config_ask - the attributes of a request for inner addresses
 * @sa: who wants them; sa->inner: addresses it has had, which it asks for again
 * @o: where to
 *
 * Context: Process; the SA's worker.
 */
void ike_config_ask(const struct ike_sa *sa, struct isakmp_out *o)
{
	const struct isakmp_addr *a;
	unsigned int i;

	for (i = 0; i < IKE_INNER; i++) {
		if (!sa->peer->vip[i].family)
			continue;
		a = wish_for(sa, i);
		if (is_any(a))
			add_empty(o, families[i].address);
		else
			add_net(o, families[i].address, a, families[i].plen);
		add_empty(o, families[i].dns);
	}
	/* An empty INTERNAL_IP6_SUBNET is none (RFC 7296, 3.15.1) */
	add_empty(o, IKE_CFG_IP4_SUBNET);
	add_empty(o, IKE_CFG_DNS_DOMAIN);
}

/**
 * ike_config_request - CP(CFG_REQUEST) of our IKE_AUTH, if policy wants an address
 * @sa: the initiator; sa->inner: addresses it has had, which it asks for again
 * @m: the request; RFC 7296, 2.19: before the SA payload
 *
 * Context: Process; the SA's worker.
 */
void ike_config_request(const struct ike_sa *sa, struct ike_msg *m)
{
	if (!ike_config_wanted(sa))
		return;
	isakmp_build_payload(&m->b, IKE_PL_CP);
	isakmp_cp_encode(&m->b.o, IKE_CFG_REQUEST);
	ike_config_ask(sa, &m->b.o);
	isakmp_build_close(&m->b);
}

static void take_address(const struct ike_sa *sa, struct ike_cfg_in *r, const struct isakmp_addr *a)
{
	unsigned int i = slot_of(a->family);

	/* One of each family, and only what was asked for */
	if (sa->peer->vip[i].family && !r->inner[i].family)
		r->inner[i] = *a;
}

static void take_domain(struct ike_cfg_in *r, const struct isakmp_cp_attr *a)
{
	struct ike_config *c = r->config;

	if (!isakmp_cp_domain_ok(a->value, a->len)) {
		r->odd = a->type;
	} else if (c->domains_len + a->len + 1U > sizeof(c->domains)) {
		r->cut = a->type;
	} else {
		memcpy(c->domains + c->domains_len, a->value, a->len);
		c->domains_len += a->len;
		c->domains[c->domains_len++] = '\0';
	}
}

/* A prefix has no bits behind its length. */
static struct ike_net prefix_of(const struct isakmp_cp_net *net)
{
	struct ike_net v = { addr_of(net), net->plen };
	unsigned int i;

	for (i = net->plen; i < 8 * sizeof(v.addr.a); i++)
		v.addr.a[i / 8] &= (u8)~(0x80 >> i % 8);
	return v;
}

static void take_net(const struct ike_sa *sa, struct ike_cfg_in *r, u16 type,
		     const struct isakmp_cp_net *net)
{
	const struct family *f = &families[slot_of(net->family)];
	struct isakmp_addr a = addr_of(net);
	struct ike_config *c = r->config;

	if (type == f->subnet) {
		if (c->n_subnets < IKE_CFG_SUBNETS_MAX)
			c->subnet[c->n_subnets++] = prefix_of(net);
		else
			r->cut = type;
	} else if (!is_host(&a)) {
		r->odd = type;
	} else if (type == f->address) {
		take_address(sa, r, &a);
	} else if (c->n_dns < IKE_CFG_DNS_MAX) {
		c->dns[c->n_dns++] = a;
	} else {
		r->cut = type;
	}
}

/**
 * ike_config_take - one attribute of what we are given
 * @sa: the SA
 * @r: the answer being read; r->config is there
 * @a: the attribute; one that is unknown, or of no use to us, is ignored
 *
 * Context: Process; the SA's worker.
 */
void ike_config_take(const struct ike_sa *sa, struct ike_cfg_in *r,
		     const struct isakmp_cp_attr *a)
{
	struct isakmp_cp_net net;

	switch (a->type) {
	case IKE_CFG_DNS_DOMAIN:
		take_domain(r, a);
		break;
	case IKE_CFG_IP4_ADDRESS:
	case IKE_CFG_IP4_DNS:
	case IKE_CFG_IP4_SUBNET:
	case IKE_CFG_IP6_ADDRESS:
	case IKE_CFG_IP6_DNS:
	case IKE_CFG_IP6_SUBNET:
		if (isakmp_cp_net_decode(a, &net))
			take_net(sa, r, a->type, &net);
		else
			r->odd = a->type;
		break;
	}
}

/* What was left out of an answer is named, once for all of it. */
static void note_left_out(struct ike_sa *sa, const struct ike_cfg_in *r)
{
	if (r->odd)
		isakmp_refused(sa, ISAKMP_R_CP_VALUE, r->odd);
	if (r->cut)
		isakmp_refused(sa, ISAKMP_R_CP_LIMIT, r->cut);
}

/**
 * ike_config_taken - from here on we have what we were given
 * @sa: the SA
 * @r: the answer, read; r->config is the SA's now, or freed
 *
 * Context: Process; the SA's worker.
 * Return: OK; NO_ADDRESS, there is no address in it: what we have stays.
 */
enum isakmp_reason ike_config_taken(struct ike_sa *sa, struct ike_cfg_in *r)
{
	note_left_out(sa, r);
	if (!r->inner[0].family && !r->inner[1].family) {
		isakmp_free(r->config);
		return ISAKMP_R_NO_ADDRESS;
	}
	/* RFC 8598, 3.3: domains without a server for them mean nothing */
	if (!r->config->n_dns)
		r->config->domains_len = 0;
	memcpy(sa->inner, r->inner, sizeof(sa->inner));
	isakmp_free(sa->config);
	sa->config = r->config;
	return ISAKMP_OK;
}

/**
 * ike_config_reply - what the responder gave us
 * @sa: the initiator
 * @chain: the payloads of its IKE_AUTH
 *
 * An attribute with a value that cannot be right is left out, and so are those
 * beyond our limits, by name.
 *
 * Context: Process; the SA's worker.
 * Return: OK, also when policy wants nothing; NO_ADDRESS, it wants an address and
 * there is none; NO_MEMORY.
 */
enum isakmp_reason ike_config_reply(struct ike_sa *sa, const struct isakmp_chain *chain)
{
	struct ike_cfg_in r = {};
	struct isakmp_cp_attr a;
	struct isakmp_cur attrs;

	if (!ike_config_wanted(sa))
		return ISAKMP_OK;
	memset(sa->inner, 0, sizeof(sa->inner));
	if (!find_cp(chain, IKE_CFG_REPLY, &attrs))
		return ISAKMP_R_NO_ADDRESS;
	r.config = isakmp_alloc(sizeof(*r.config));
	if (!r.config)
		return ISAKMP_R_NO_MEMORY;
	while (isakmp_cp_attr_next(&attrs, &a))
		ike_config_take(sa, &r, &a);
	return ike_config_taken(sa, &r);
}

/* ---- responder ----------------------------------------------------------- */

static void take_wish(struct ike_cfg_wish *w, const struct isakmp_cp_attr *a, u16 *odd)
{
	unsigned int i = a->type == IKE_CFG_IP6_ADDRESS;
	struct isakmp_cp_net net = {};

	if (w->addr[i].family)
		return;
	if (a->len && !isakmp_cp_net_decode(a, &net)) {
		*odd = a->type;
		return;
	}
	w->addr[i] = addr_of(&net);
	w->addr[i].family = families[i].family;
}

/**
 * ike_config_wants - one attribute of what the peer wants of us
 * @w: what it wants so far
 * @a: the attribute; one that is unknown is ignored
 * @odd: becomes its type when its value cannot be
 *
 * Context: Process.
 */
void ike_config_wants(struct ike_cfg_wish *w, const struct isakmp_cp_attr *a, u16 *odd)
{
	if (a->type < 32)
		w->asked |= (u32)BIT(a->type);
	if (a->type == IKE_CFG_IP4_ADDRESS || a->type == IKE_CFG_IP6_ADDRESS)
		take_wish(w, a, odd);
}

/**
 * ike_config_wish - what the initiator wants of us
 * @sa: the responder
 * @chain: the payloads of its IKE_AUTH
 *
 * Kept in the set-up.  One address of each family; attributes that are unknown here
 * are ignored (RFC 7296, 3.15.1), one with a length that cannot be by name.
 *
 * Context: Process; the SA's worker.
 */
void ike_config_wish(struct ike_sa *sa, const struct isakmp_chain *chain)
{
	struct ike_cfg_wish *w = &sa->setup->wish;
	struct isakmp_cp_attr a;
	struct isakmp_cur attrs;
	u16 odd = 0;

	memset(w, 0, sizeof(*w));
	if (!find_cp(chain, IKE_CFG_REQUEST, &attrs))
		return;
	while (isakmp_cp_attr_next(&attrs, &a))
		ike_config_wants(w, &a, &odd);
	if (odd)
		isakmp_refused(sa, ISAKMP_R_CP_VALUE, odd);
}

static bool has_asked(const struct ike_cfg_wish *w, u16 type)
{
	return w->asked & BIT(type);
}

/* Is there a server of a family that servers were asked for of? */
static bool has_servers(const struct ike_cfg_wish *w, const struct ike_config *c)
{
	unsigned int i;

	for (i = 0; i < c->n_dns; i++)
		if (has_asked(w, families[slot_of(c->dns[i].family)].dns))
			return true;
	return false;
}

static void put_domains(struct isakmp_out *o, const struct ike_config *c)
{
	struct isakmp_cp_attr a = { .type = IKE_CFG_DNS_DOMAIN };
	u16 at;

	for (at = 0; at < c->domains_len; at += a.len + 1) {
		a.value = (const u8 *)c->domains + at;
		a.len = (u16)strlen(c->domains + at);
		isakmp_cp_attr_encode(o, &a);
	}
}

/* What goes with an address of one family. */
static void add_family(const struct ike_sa *sa, const struct ike_cfg_wish *w,
		       const struct ike_config *c, unsigned int slot, struct isakmp_out *o)
{
	const struct family *f = &families[slot];
	unsigned int i;

	if (sa->inner[slot].family)
		add_net(o, f->address, &sa->inner[slot], f->plen);
	for (i = 0; i < c->n_dns && has_asked(w, f->dns); i++)
		if (c->dns[i].family == f->family)
			add_net(o, f->dns, &c->dns[i], f->plen);
	for (i = 0; i < c->n_subnets && sa->inner[slot].family; i++)
		if (c->subnet[i].addr.family == f->family)
			add_net(o, f->subnet, &c->subnet[i].addr, c->subnet[i].plen);
}

/**
 * ike_config_tell - the attributes of an answer to who wants inner addresses
 * @sa: the SA; sa->inner: the peer's addresses
 * @w: what it has asked for
 * @c: what goes with the addresses, as the helper says
 * @o: where to
 *
 * Of that it gets what it has asked for; subnets come unasked, domains with servers.
 *
 * Context: Process; the SA's worker.
 */
void ike_config_tell(const struct ike_sa *sa, const struct ike_cfg_wish *w,
		     const struct ike_config *c, struct isakmp_out *o)
{
	unsigned int i;

	for (i = 0; i < IKE_INNER; i++)
		add_family(sa, w, c, i, o);
	/* RFC 8598, 3.2: with one of these at least */
	if (has_servers(w, c) && has_asked(w, IKE_CFG_DNS_DOMAIN))
		put_domains(o, c);
}

/**
 * ike_config_answer - CP(CFG_REPLY) of our IKE_AUTH, if the initiator has an address
 * @sa: the responder; sa->inner: its addresses
 * @c: what goes with them, as the helper says
 * @m: the response; before the SA payload
 *
 * Context: Process; the SA's worker.
 */
void ike_config_answer(const struct ike_sa *sa, const struct ike_config *c, struct ike_msg *m)
{
	if (!sa->inner[0].family && !sa->inner[1].family)
		return;
	isakmp_build_payload(&m->b, IKE_PL_CP);
	isakmp_cp_encode(&m->b.o, IKE_CFG_REPLY);
	ike_config_tell(sa, &sa->setup->wish, c, &m->b.o);
	isakmp_build_close(&m->b);
}

/* ---- tickets ------------------------------------------------------------- */

/**
 * ike_config_pack - what goes with inner addresses, as few octets
 * @c: it
 * @o: where to: attributes as in a CP payload
 *
 * Context: Process.
 */
void ike_config_pack(const struct ike_config *c, struct isakmp_out *o)
{
	struct isakmp_cp_net net;
	unsigned int i;

	for (i = 0; i < c->n_dns; i++) {
		net = net_of(&c->dns[i], families[slot_of(c->dns[i].family)].plen);
		isakmp_cp_net_encode(o, families[slot_of(net.family)].dns, &net);
	}
	for (i = 0; i < c->n_subnets; i++) {
		net = net_of(&c->subnet[i].addr, c->subnet[i].plen);
		isakmp_cp_net_encode(o, families[slot_of(net.family)].subnet, &net);
	}
	put_domains(o, c);
}

/**
 * ike_config_unpack - the inverse
 * @from: octets of ike_config_pack()
 * @c: filled
 *
 * Context: Process.
 */
void ike_config_unpack(const struct ike_span *from, struct ike_config *c)
{
	struct ike_cfg_in r = { .config = c };
	struct isakmp_cp_attr a;
	struct isakmp_cur attrs;

	memset(c, 0, sizeof(*c));
	isakmp_cur_init(&attrs, from->p, from->len);
	while (isakmp_cp_attr_next(&attrs, &a))
		if (a.type != IKE_CFG_IP4_ADDRESS && a.type != IKE_CFG_IP6_ADDRESS)
			ike_config_take(NULL, &r, &a);
}

/* ---- later exchanges ----------------------------------------------------- */

/**
 * ike_config_idle - answer a configuration payload of INFORMATIONAL
 * @chain: the payloads of the request
 * @m: the response
 *
 * RFC 7296, 3.15.1: of a CFG_SET nothing is accepted, so that CFG_ACK is empty; 2.20:
 * our version is an empty string.  Addresses are given in IKE_AUTH only.
 *
 * Context: Process; the SA's worker.
 */
void ike_config_idle(const struct isakmp_chain *chain, struct ike_msg *m)
{
	struct isakmp_cp_attr a;
	struct isakmp_cur attrs;
	bool set = find_cp(chain, IKE_CFG_SET, &attrs);

	if (!set && !find_cp(chain, IKE_CFG_REQUEST, &attrs))
		return;
	isakmp_build_payload(&m->b, IKE_PL_CP);
	isakmp_cp_encode(&m->b.o, set ? IKE_CFG_ACK : IKE_CFG_REPLY);
	while (!set && isakmp_cp_attr_next(&attrs, &a)) {
		if (a.type != IKE_CFG_APPLICATION_VERSION)
			continue;
		add_empty(&m->b.o, a.type);
		break;
	}
	isakmp_build_close(&m->b);
}

/* ---- selectors ----------------------------------------------------------- */

/* Every address of a family: not known yet, the responder narrows (RFC 7296, 2.19). */
static struct isakmp_ts every_address(const struct isakmp_ts *policy, u8 family)
{
	struct isakmp_addr zero = { .family = family };
	struct isakmp_ts ts = *policy;

	ike_ts_set_addr(&ts, &zero);
	memset(ts.end, 0xff, isakmp_ts_addr_len(ts.type));
	return ts;
}

/* What a "dynamic" selector stands for on the side that has inner addresses. */
static unsigned int put_inner(const struct ike_sa *sa, const struct isakmp_ts *policy,
			      bool open, struct isakmp_ts *out, unsigned int room)
{
	unsigned int i, n = 0;

	for (i = 0; i < IKE_INNER && n < room; i++) {
		if (open ? !sa->peer->vip[i].family : !sa->inner[i].family)
			continue;
		out[n] = *policy;
		if (open)
			out[n] = every_address(policy, families[i].family);
		else
			ike_ts_set_addr(&out[n], &sa->inner[i]);
		n++;
	}
	return n;
}

/**
 * ike_config_resolve - the selectors of one side of a child, "dynamic" ones filled in
 * @sa: the SA
 * @p: the child's policy
 * @local: our side, or the peer's
 * @out: room for IKE_TS_MAX
 *
 * "dynamic" is the address of that end of the IKE SA; in tunnel mode, where that end
 * has inner addresses, these, and while ours are only asked for, any.
 *
 * Context: Process; the SA's worker.
 * Return: how many there are.
 */
unsigned int ike_config_resolve(const struct ike_sa *sa, const struct ike_child_policy *p,
				bool local, struct isakmp_ts *out)
{
	const struct isakmp_addr *outer = local ? &sa->path.local : &sa->path.remote;
	const struct isakmp_ts *ts = local ? p->local : p->remote;
	unsigned int i, n_ts = local ? p->n_local : p->n_remote, n = 0;
	bool ours = ike_config_wanted(sa), given = sa->inner[0].family || sa->inner[1].family;
	bool inner = p->mode == IKE_MODE_TUNNEL && ours == local && (ours || given);

	if (!inner) {
		ike_ts_resolve(ts, n_ts, outer, out);
		return n_ts;
	}
	for (i = 0; i < n_ts && n < IKE_TS_MAX; i++) {
		if (ts[i].type == IKE_TS_DYNAMIC)
			n += put_inner(sa, &ts[i], ours && !sa->config, out + n, IKE_TS_MAX - n);
		else
			out[n++] = ts[i];
	}
	return n;
}
