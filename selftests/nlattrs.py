# SPDX-License-Identifier: GPL-2.0
"""nlattrs.py: every attribute of objects, good and bad; what is set is what is shown; templates."""
import errno

from nlfamily import *


def attrs_of(kind, items):
    """A nest as (type, octets), to compare what is shown with what was set."""
    return decode(encode(f"ISAKMP_{kind}_", items))


def shown_as_set(f, what, item, also=()):
    """The object is made, shown as it was set (plus what the kernel adds), and made of that anew."""
    kind, items = item
    accepted(f"{what}: add", new, f, item)
    got = [listed(f, kind)[-1], None]
    plain = [x for x in got[0] if x[0] not in from_kernel(kind)]
    want = attrs_of(kind, [*items, *also])
    equal(f"{what}: shown", sorted(plain), sorted(want))
    f.call(kind + "_NEW", [], PUT, raw=attr(C["ISAKMP_A_" + kind] | NESTED, b"".join(
        attr(k | (NESTED if k in nests(kind) else 0), v) for k, v in plain)))
    equal(f"{what}: what is shown can be set", listed(f, kind)[-1], got[0])


def from_kernel(kind):
    return {"PEER": [C["ISAKMP_PEER_GEN"]], "CHILD": [C["ISAKMP_CHILD_PAD"]]}.get(kind, [])


def nests(kind):
    return {"CHILD": [C["ISAKMP_CHILD_LOCAL_TS"], C["ISAKMP_CHILD_REMOTE_TS"]],
            "POOL": [C["ISAKMP_POOL_RANGE"], C["ISAKMP_POOL_SUBNET"]],
            "PROPOSAL": [C["ISAKMP_PROPOSAL_SUITE"]], "PEER": [C["ISAKMP_PEER_ROAM"], C["ISAKMP_PEER_FOLLOW"]]}.get(kind, [])


def cred(name, kind, *ids, **kw):
    items = [("NAME", name), ("TYPE:1", kind)] + [("ID", fqdn(i)) for i in ids]
    return "CRED", items + list({"FILE": "/f", **kw}.items())


def creds(f):
    psk, x509, key, pubkey, ca = (C["ISAKMP_CRED_" + n] for n in ("PSK", "X509", "KEY", "PUBKEY", "CA"))
    shown_as_set(f, "an x509 cred", cred("x", x509, "a", KEY_FILE="/k"))
    shown_as_set(f, "a key cred", cred("k", key, "a"))
    shown_as_set(f, "a pubkey cred", cred("u", pubkey, "b"))
    shown_as_set(f, "a ca cred", cred("ca", ca))
    shown_as_set(f, "another", cred("cb", ca))
    shown_as_set(f, "a psk cred", cred("s", psk, "b"))
    refused("a type too many", errno.ERANGE, "", new, f, cred("z", 8))
    refused("x509 without key", errno.EINVAL, "missing", new, f, cred("z", x509))
    refused("psk with a key", errno.EINVAL, "only an x509", new, f, cred("z", psk, KEY_FILE="/k"))
    refused("ca with identity", errno.EINVAL, "no identity", new, f, cred("z", ca, "a"))
    refused("a path with a line feed", errno.EINVAL, "control", new, f, cred("z", x509, KEY_FILE="/k\n"))
    refused("no path", errno.EINVAL, "empty", new, f, cred("z", x509, KEY_FILE=""))


def signs(name, side, ident=None, **kw):
    return auth(name, side, ident, METHOD=2, **kw)


def auths(f):
    """After creds()."""
    new(f, proposal("p"))
    new(f, peer("a", REMOTE=ip("192.0.2.2")))
    pubkey = lambda side, *more: ("AUTH", [("PEER", "a"), ("SIDE:1", side), ("METHOD:1", 2), *more])
    shown_as_set(f, "a local side that signs", pubkey(1, ("ID", fqdn("a")), ("CRED", "x"),
                                                      ("SCHEME:1", 4), ("SCHEME:1", 2)))
    shown_as_set(f, "a remote side that signs", pubkey(2, ("ID", fqdn("*.example")), ("CA", "cb"), ("CA", "ca"),
                                                       ("SCHEME:1", 1)))
    change = lambda *items: new(f, ("AUTH", [("PEER", "a"), ("SIDE:1", 2), *items]), SET)
    refused("an authority twice", errno.EINVAL, "twice", change, ("CA", "ca"), ("CA", "ca"))
    refused("an authority that is none", errno.EINVAL, "no authority", change, ("CA", "x"))
    refused("one that is not there", errno.ENOENT, "does not exist", change, ("CA", "none"))
    refused("nine authorities", errno.E2BIG, "8 authorities", change, *[("CA", f"n{i}") for i in range(9)])
    refused("a scheme twice", errno.EINVAL, "twice", change, ("SCHEME:1", 1), ("SCHEME:1", 1))
    refused("an unknown scheme", errno.ERANGE, "", change, ("SCHEME:1", 5))
    refused("PSK with authorities", errno.EINVAL, "authorities are for", change, ("METHOD:1", 1))
    refused("our own identity as a pattern", errno.EINVAL, "not a pattern",
            new, f, pubkey(1, ("ID", fqdn("*.example"))), PUT)
    refused("a pattern with a star inside", errno.EINVAL, "at the start", change, ("ID", fqdn("a*.example")))
    refused("authorities of our side", errno.EINVAL, "authorities are for",
            new, f, pubkey(1, ("ID", fqdn("a")), ("CA", "ca")), PUT)
    refused("schemes of a PSK side", errno.EINVAL, "schemes are for",
            new, f, ("AUTH", [("PEER", "a"), ("SIDE:1", 1), ("METHOD:1", 1), ("ID", fqdn("a")), ("SCHEME:1", 1)]), PUT)
    for side, bad in ((1, "s"), (1, "u"), (1, "ca"), (2, "s"), (2, "x")):
        refused(f"side {side} with the cred {bad}", errno.EINVAL, "of this type",
                new, f, pubkey(side, ("ID", fqdn("a")), ("CRED", bad)), PUT)
    refused("a PSK side with a certificate", errno.EINVAL, "of this type", new, f,
            auth("a", 1, fqdn("a"), CRED="x"), PUT)
    accepted("a remote side with a known key", new, f, pubkey(2, ("ID", fqdn("a")), ("CRED", "u")), PUT)
    refused("another type for a cred in use", errno.EBUSY, "its type stays", new, f, cred("u", 3), PUT)
    refused("delete a cred in use", errno.EBUSY, "refers", remove, f, "CRED", ("NAME", "u"))
    accepted("authorities again", new, f, pubkey(2, ("CA", "ca")), PUT)
    refused("delete an authority in use", errno.EBUSY, "refers", remove, f, "CRED", ("NAME", "ca"))
    f.call("FLUSH")


ROAM = [("PORT_START:2", 0), ("PORT_END:2", 65535), ("START", ip6("2001:db8:2::")), ("END", ip6("2001:db8:2::ff"))]


def peers(f):
    new(f, proposal("p"))
    full = [("NAME", "a"), ("LOCAL", ip6("2001:db8::1")), ("REMOTE", ip6("2001:db8:1::")), ("REMOTE_PLEN:1", 48),
            ("PROPOSAL", "p"), ("DPD_S", 0), ("LIFE_S", 7), ("ENCAP:1", 1), ("MARK", 5), ("DEV", "eth9"),
            ("MAX_SAS", 3), ("FRAGMENTATION:1", 0), ("FRAGMENT_SIZE:2", 576), ("CHILDLESS:1", 3),
            ("RESUMPTION:1", 1), ("MOBIKE:1", 0), ("ROAM", ROAM), ("QCD:1", 0),
            ("REDIRECT", ip6("2001:db8::2")), ("FOLLOW", ROAM)]
    shown_as_set(f, "a peer with every key", ("PEER", full))
    shown_as_set(f, "a peer with none", ("PEER", [("NAME", "b"), ("PROPOSAL", "p")]),
                 [("DPD_S", 30), ("LIFE_S", 86400)])
    shown_as_set(f, "a template", ("PEER", [("NAME", "t"), ("IS_TEMPLATE:1", 1)]), [("DPD_S", 30), ("LIFE_S", 86400)])
    refused("no SA at all", errno.ERANGE, "", new, f, peer("x", MAX_SAS=0))
    refused("a device with a slash", errno.EINVAL, "device", new, f, peer("x", DEV="a/b"))
    refused("encap 2", errno.ERANGE, "", new, f, peer("x", ENCAP_1=2))
    refused("fragmentation 2", errno.ERANGE, "", new, f, peer("x", FRAGMENTATION_1=2))
    refused("resumption 2", errno.ERANGE, "", new, f, peer("x", RESUMPTION_1=2))
    refused("qcd 2", errno.ERANGE, "", new, f, peer("x", QCD_1=2))
    refused("childless 4", errno.ERANGE, "", new, f, peer("x", CHILDLESS_1=4))
    refused("fragments of 575 octets", errno.ERANGE, "", new, f, peer("x", FRAGMENT_SIZE_2=575))
    refused("fragments of 16385 octets", errno.ERANGE, "", new, f, peer("x", FRAGMENT_SIZE_2=16385))
    refused("mobike 2", errno.ERANGE, "", new, f, peer("x", MOBIKE_1=2))
    refused("roaming in a protocol", errno.EINVAL, "without protocol", new, f,
            peer("x", ROAM=[("PROTO:1", 17), *ROAM]))
    refused("roaming in five prefixes", errno.E2BIG, "at most 4", new, f,
            ("PEER", [("NAME", "x"), ("PROPOSAL", "p"), *[("ROAM", ROAM)] * 5]))
    refused("no proposal", errno.EINVAL, "missing", new, f, ("PEER", [("NAME", "x")]))
    f.call("FLUSH")


def suites(f):
    cbc = [("PROTOCOL:1", 1), ("ENCR:2", 12), ("KEYLEN:2", 256), ("INTEG:2", 12), ("PRF:2", 5), ("KE:2", 31)]
    without = lambda suite, *names: [x for x in suite if x[0].split(":")[0] not in names]
    shown_as_set(f, "a suite with an integrity algorithm", proposal("c", cbc, ESP_ESN))
    ah = [("PROTOCOL:1", 2), ("INTEG:2", 12)]
    shown_as_set(f, "AH, without and with PFS and ESN", proposal("h", IKE, [*ah, ("ESN:1", 0)],
                                                                  [*ah, ("KE:2", 31), ("ESN:1", 1)]))
    refused("AH without integrity", errno.EINVAL, "missing", new, f, proposal("x", ah[:1]))
    refused("AH with a PRF", errno.EINVAL, "no PRF", new, f, proposal("x", [*ah, ("PRF:2", 5)]))
    refused("AH of an unknown algorithm", errno.EOPNOTSUPP, "AH cannot", new, f, proposal("x", [ah[0], ("INTEG:2", 99)]))
    refused("AH beside ESP", errno.EINVAL, "not both", new, f, proposal("x", ah, ESP))
    shown_as_set(f, "PFS and ESN", proposal("d", [*ESP, ("KE:2", 31), ("ESN:1", 1)]))
    refused("CBC without integrity", errno.EINVAL, "AES_CBC", new, f, proposal("x", without(cbc, "INTEG")))
    refused("GCM with it", errno.EINVAL, "AES_GCM_16", new, f, proposal("x", [*IKE, ("INTEG:2", 12)]))
    refused("ESP with a PRF", errno.EINVAL, "no PRF", new, f, proposal("x", [*ESP, ("PRF:2", 5)]))
    refused("IKE with ESN", errno.EINVAL, "sequence", new, f, proposal("x", [*IKE, ("ESN:1", 1)]))
    refused("IKE without PRF", errno.EINVAL, "missing", new, f, proposal("x", without(IKE, "PRF")))
    refused("IKE without KE", errno.EINVAL, "missing", new, f, proposal("x", without(IKE, "KE")))
    refused("an unknown integrity algorithm", errno.EOPNOTSUPP, "integrity",
            new, f, proposal("x", [*without(cbc, "INTEG"), ("INTEG:2", 99)]))
    refused("PFS with an unknown group", errno.EOPNOTSUPP, "key exchange", new, f, proposal("x", [*ESP, ("KE:2", 1)]))
    f.call("FLUSH")


def selectors(f):
    new(f, proposal("p"))
    new(f, peer("a", REMOTE=ip("192.0.2.2")))
    one = lambda name, local, remote, **kw: ("CHILD", [("PEER", "a"), ("NAME", name), *local, *remote, *kw.items()])
    side = lambda which, *items: [(which + "_TS", [("PORT_START:2", 0), ("PORT_END:2", 65535), *items])]
    given = [("START:1", 0), ("LIFE_S", 28800), ("LIFE_BYTES:8", 0), ("LIFE_PACKETS:8", 0), ("REPLAY_WINDOW:2", 128)]
    tcp = [("PROTO:1", 6), ("PORT_START:2", 1000), ("PORT_END:2", 2000)]
    shown_as_set(f, "a range that is no prefix", one(
        "r", side("LOCAL", ("START", ip("10.1.0.3")), ("END", ip("10.1.0.9"))),
        side("REMOTE", ("START", ip("10.2.0.1")), ("END", ip("10.2.0.2")))), given)
    shown_as_set(f, "IPv6", one(
        "six", side("LOCAL", ("START", ip6("2001:db8::")), ("END", ip6("2001:db8::ffff"))),
        side("REMOTE", ("START", ip6("2001:db8:1::")), ("END", ip6("2001:db8:1::ffff")))), given)
    shown_as_set(f, "dynamic, transport, ports", one(
        "d", [("LOCAL_TS", [*tcp, ("DYNAMIC:1", 1)])], [("REMOTE_TS", [*tcp, ("DYNAMIC:1", 1)])],
        **{"MODE:1": 1, "SINGLE_PAIR:1": 1}), given)
    shown_as_set(f, "mark and XFRM interface", one(
        "m", side("LOCAL", ("START", ip("10.1.0.3")), ("END", ip("10.1.0.9"))),
        side("REMOTE", ("START", ip("10.2.0.1")), ("END", ip("10.2.0.2"))),
        **{"MARK": 8, "MARK_MASK": 0xff, "IF_ID": 9}), given)
    shown_as_set(f, "the outer header of a tunnel", one(
        "o", side("LOCAL", ("START", ip("10.9.0.3")), ("END", ip("10.9.0.9"))),
        side("REMOTE", ("START", ip("10.2.0.1")), ("END", ip("10.2.0.2"))),
        **{"DSCP:1": 3, "DF:1": 1, "ECN:1": 0, "TFC:2": 65535}), given)
    shown_as_set(f, "compression", one(
        "c", side("LOCAL", ("START", ip("10.9.1.3")), ("END", ip("10.9.1.9"))),
        side("REMOTE", ("START", ip("10.2.0.1")), ("END", ip("10.2.0.2"))), **{"IPCOMP:1": 2}), given)
    shown_as_set(f, "offload to a device", one(
        "h", side("LOCAL", ("START", ip("10.9.2.3")), ("END", ip("10.9.2.9"))),
        side("REMOTE", ("START", ip("10.2.0.1")), ("END", ip("10.2.0.2"))), **{"OFFLOAD:1": 2, "OFFLOAD_DEV": "lo"}), given)
    outer = lambda **kw: new(f, child("a", "x", **kw))
    refused("an unknown way of the DSCP", errno.ERANGE, "", outer, **{"DSCP:1": 4})
    refused("an unknown DF", errno.ERANGE, "", outer, **{"DF:1": 2})
    refused("ECN 2", errno.ERANGE, "", outer, **{"ECN:1": 2})
    refused("padding in transport mode", errno.EINVAL, "only packets in tunnels", outer, **{"MODE:1": 1, "TFC:2": 9})
    refused("compression LZS", errno.EOPNOTSUPP, "not to be had", outer, **{"IPCOMP:1": 3})
    refused("padded and compressed", errno.EINVAL, "not both", outer, **{"IPCOMP:1": 2, "TFC:2": 9})
    refused("an unknown offload", errno.ERANGE, "", outer, **{"OFFLOAD:1": 3})
    refused("a device for no offload", errno.EINVAL, "offload is no", outer, OFFLOAD_DEV="lo")
    refused("a device of no name", errno.EINVAL, "device", outer, **{"OFFLOAD:1": 2, "OFFLOAD_DEV": "a/b"})
    refused("padded by a device", errno.EINVAL, "not both", outer, **{"OFFLOAD:1": 2, "TFC:2": 9})
    refused("compressed by a device", errno.EINVAL, "not both", outer, **{"OFFLOAD:1": 2, "IPCOMP:1": 2})
    refused("the same without them again", errno.EEXIST, "overlap", new, f, one(
        "n", side("LOCAL", ("START", ip("10.1.0.3")), ("END", ip("10.1.0.9"))),
        side("REMOTE", ("START", ip("10.2.0.1")), ("END", ip("10.2.0.2")))))
    refused("a mark outside of its mask", errno.EINVAL, "outside", new, f, child("a", "x", MARK=256, MARK_MASK=255))
    refused("an unknown mode", errno.ERANGE, "", new, f, child("a", "x", **{"MODE:1": 2}))
    accepted("a mark alone has a full mask", new, f, child("a", "x", MARK=1))
    equal("which shows", number(find(listed(f, "CHILD")[-1], "CHILD_MARK_MASK")), 0xffffffff)
    span = lambda a, b, *more: [("START", ip(a)), ("END", ip(b)), *more]
    wide = lambda local, remote: new(f, ("CHILD", [("PEER", "a"), ("NAME", "w"), ("LOCAL_TS", local),
                                                   ("REMOTE_TS", remote)]))
    ports = [("PROTO:1", 17), ("PORT_START:2", 1), ("PORT_END:2", 65534)]
    refused("one selector of too many policies", errno.E2BIG, "64 policies",
            wide, span("10.11.0.1", "10.11.255.254", *ports), ts("10.12.0.0/16", *ports))
    refused("two of too many together", errno.E2BIG, "256 policies",
            wide, span("10.11.0.1", "10.11.255.254"), span("10.12.0.1", "10.12.255.254"))
    esp = [("PROTO:1", 50), ("PORT_START:2", 1), ("PORT_END:2", 2)]
    refused("ports of a protocol without", errno.EINVAL, "has none", wide, ts("10.11.0.0/16", *esp),
            ts("10.12.0.0/16", *esp))
    dyn = [("DYNAMIC:1", 1)]
    pair = lambda name, remote: ("CHILD", [("PEER", "a"), ("NAME", name), ("LOCAL_TS", ts("10.7.0.0/16")),
                                           ("REMOTE_TS", remote)])
    accepted("a child for the peer's address, whatever it is", new, f, pair("y", dyn))
    refused("one for the address it has", errno.EEXIST, "same selectors", new, f, pair("z", ts("192.0.2.2/32")))
    f.call("FLUSH")


# ---- templates -----------------------------------------------------------------

def templates(f, netns):
    new(f, proposal("p"))
    new(f, proposal("q"))
    monitor = family_in(netns, "events")
    heard = lambda: text(find(decode(find(monitor.event("OBJECT_NEW"), "A_PEER") or b""), "PEER_NAME"))
    bare = lambda name, **kw: ("PEER", [("NAME", name), *[(k.replace("_1", ":1"), v) for k, v in kw.items()]])
    refused("a template that is not there", errno.ENOENT, "does not exist", new, f, bare("a", TEMPLATE="t"))
    new(f, peer("plain", REMOTE=ip("192.0.2.9")))
    refused("a template that is none", errno.EINVAL, "not marked", new, f, bare("a", TEMPLATE="plain"))
    accepted("a template", new, f, bare("t", IS_TEMPLATE_1=1, DPD_S=5))
    refused("a template with a template", errno.EINVAL, "no template", new, f,
            bare("u", IS_TEMPLATE_1=1, TEMPLATE="t"))
    refused("no proposal at all", errno.EINVAL, "neither", new, f,
            bare("a", TEMPLATE="t", REMOTE=ip("192.0.2.2")))
    new(f, bare("t", PROPOSAL="p"), SET)
    accepted("a peer of it", new, f, bare("a", TEMPLATE="t", REMOTE=ip("192.0.2.2")))
    accepted("another", new, f, bare("b", TEMPLATE="t", REMOTE=ip("192.0.2.3"), DPD_S=9))
    equal("only its own keys are shown", [k for k, _ in listed(f, "PEER")[2]],
          [C["ISAKMP_PEER_" + k] for k in ("NAME", "TEMPLATE", "REMOTE", "REMOTE_PLEN", "GEN")])
    gens = lambda: [gen(f, n) for n in "ab"]
    before = gens()
    new(f, bare("t", DPD_S=6), SET)
    equal("a change changes whoever takes it", [x != y for x, y in zip(before, gens())], [True, False])
    monitor.events.clear()
    while monitor.event("OBJECT_NEW", 0.2):
        pass
    before = gens()
    new(f, auth("t", 2, fqdn("x")))
    monitor.event("OBJECT_NEW")
    equal("an identity of the template is everybody's", [x != y for x, y in zip(before, gens())], [True, True])
    equal("which are events", sorted(heard() for _ in "123"), ["a", "b", "t"])
    new(f, auth("a", 2, fqdn("a")))
    before = gens()
    new(f, auth("t", 2, fqdn("y")), SET)
    equal("but of whoever has an own one", [x != y for x, y in zip(before, gens())], [False, True])
    refused("peers that only the template's identity tells apart are twins", errno.EEXIST, "same addresses",
            new, f, bare("c", TEMPLATE="t", REMOTE=ip("192.0.2.3")))
    dyn = [("DYNAMIC:1", 1)]
    of_t = lambda name, remote, **kw: ("CHILD", [("PEER", "t"), ("NAME", name), ("LOCAL_TS", ts("10.1.0.0/16")),
                                                 ("REMOTE_TS", remote), *kw.items()])
    accepted("a child for all of them", new, f, of_t("net", dyn))
    refused("one that would be the same for all", errno.EEXIST, "another peer",
            new, f, of_t("same", ts("10.2.0.0/16")))
    equal("nothing of that stays", len(listed(f, "CHILD")), 1)
    refused("what the template's child has", errno.EEXIST, "another peer",
            new, f, child("plain", "x", "10.1.0.0/16", "192.0.2.3/32"))
    accepted("an own child instead", new, f, child("b", "own", "10.3.0.0/16"))
    accepted("then it has not", new, f, child("plain", "x", "10.1.0.0/16", "192.0.2.3/32"))
    refused("so it does not get it back", errno.EEXIST, "another peer",
            remove, f, "CHILD", ("PEER", "b"), ("NAME", "own"))
    refused("to call the template", errno.EINVAL, "template", f.call, "PEER_UP", [("PEER", [("NAME", "t")])])
    refused("a child that is not the peer's", errno.ENOENT, "no such child", f.call, "CHILD_UP",
            [("CHILD", [("PEER", "b"), ("NAME", "net")])])
    refused("one that cannot be called", errno.EDESTADDRREQ, "one remote address",
            lambda: (new(f, bare("any", TEMPLATE="t")), new(f, of_t("net", dyn, **{"START:1": 1}), SET)))
    refused("delete it", errno.EBUSY, "refers", remove, f, "PEER", ("NAME", "t"))
    refused("make it a peer", errno.EBUSY, "as template", new, f, bare("t", IS_TEMPLATE_1=0), SET)
    before = gens()
    new(f, bare("t", PROPOSAL="q"), SET)
    equal("equal suites are no change", gens(), before)
    again(f, gens)
    accepted("all peers at once", f.call, "FLUSH", [("KIND:1", C["ISAKMP_KIND_PEER"])])
    equal("are gone", listed(f, "PEER"), [])
    f.call("FLUSH")
    monitor.close()


def again(f, gens):
    """The same in a transaction, templates first: nothing is touched."""
    begin = number(find(f.call("TXN_BEGIN")[0], "A_TXN"))
    before = gens()
    raw = {k: f.call_raw(f.id, C[f"ISAKMP_CMD_{k}_GET"], b"", DUMP) for k in ("PROPOSAL", "PEER", "AUTH", "CHILD")}
    peers_there = raw["PEER"]
    is_template = lambda body: find(decode(find(decode(body), "A_PEER")), "PEER_IS_TEMPLATE") is not None
    raw["PEER"] = sorted(peers_there, key=lambda x: not is_template(x))
    for kind, bodies in raw.items():
        for body in bodies:
            nest = [(k, v) for k, v in decode(find(decode(body), "A_" + kind)) if k not in from_kernel(kind)]
            f.call(kind + "_NEW", [("TXN", begin)], ADD, raw=attr(C["ISAKMP_A_" + kind] | NESTED, b"".join(
                attr(k | (NESTED if k in nests(kind) else 0), v) for k, v in nest)))
    accepted("the same as a transaction", f.call, "TXN_COMMIT", [("TXN", begin)])
    equal("touches nothing", gens(), before)


def every_attribute(f, netns):
    creds(f)
    auths(f)
    peers(f)
    suites(f)
    selectors(f)
    templates(f, netns)
