# SPDX-License-Identifier: GPL-2.0
"""nlinner.py: inner addresses: pool objects, good and bad; a helper's answers with addresses; who holds which."""
import errno

from nlattrs import shown_as_set
from nlfamily import *


def span(start, end, family=ip):
    return "RANGE", [("START", family(start)), ("END", family(end))]


def subnet(start, end, family=ip):
    return "SUBNET", span(start, end, family)[1]


def pool(name, *items):
    return "POOL", [("NAME", name), *items]


def pools(f):
    """Each attribute of a pool, and what is refused."""
    first = span("10.9.0.0", "10.9.0.255")
    shown_as_set(f, "a pool", pool("one", first))
    shown_as_set(f, "a pool of everything", pool(
        "all", span("10.8.0.0", "10.8.0.6"), span("fd08::", "fd08::ffff", ip6), ("DNS", ip("10.1.0.53")),
        ("DNS", ip6("fd01::53")), subnet("10.0.0.0", "10.255.255.255"), subnet("::", "f" * 4 + ":ffff" * 7, ip6),
        ("DOMAIN", "corp.example"), ("DOMAIN", "9.10.in-addr.arpa")))
    bad = lambda what, code, sentence, *items: refused(what, code, sentence, new, f, pool("x", *items))
    bad("a pool without a range", errno.EINVAL, "missing")
    bad("a range without an end", errno.EINVAL, "missing", ("RANGE", [("START", ip("10.9.0.0"))]))
    bad("a range of both families", errno.EINVAL, "one end is IPv4",
        ("RANGE", [("START", ip("10.9.0.0")), ("END", ip6("fd09::"))]))
    bad("a range that ends below its start", errno.EINVAL, "starts above", span("10.9.0.9", "10.9.0.8"))
    bad("an address of 5 octets", errno.EINVAL, "", ("RANGE", [("START", bytes(5)), ("END", bytes(5))]))
    bad("two ranges with an address in common", errno.EINVAL, "overlap", first, span("10.9.0.255", "10.9.1.0"))
    bad("nine ranges", errno.E2BIG, "8 ranges", *[span(f"10.9.{i}.0", f"10.9.{i}.9") for i in range(9)])
    bad("nine DNS servers", errno.E2BIG, "8 DNS", first, *[("DNS", ip(f"10.1.0.{i + 1}")) for i in range(9)])
    bad("a DNS server of no host", errno.EINVAL, "", first, ("DNS", ip("0.0.0.0")))
    bad("17 subnets", errno.E2BIG, "16 subnets", first, *[subnet(f"10.{i}.0.0", f"10.{i}.0.255") for i in range(17)])
    bad("a subnet that is no prefix", errno.EINVAL, "a prefix", first, subnet("10.0.0.1", "10.0.0.2"))
    for name in ("", "a b", "-a.example", "a..example", "a;b", "x" * 64 + ".example"):
        bad(f"the domain '{name[:12]}'", errno.EINVAL, "letters", first, ("DOMAIN", name))
    bad("more than 1024 octets of domains", errno.E2BIG, "1024", first, *[("DOMAIN", "a" * 60 + f".{i}") for i in range(20)])
    accepted("another range instead", new, f, pool("one", span("10.7.0.0", "10.7.0.255")), SET)
    new(f, proposal("p"))
    accepted("a peer with both", new, f, peer("a", POOL="one"))
    refused("a pool that is in use stays", errno.EBUSY, "", remove, f, "POOL", ("NAME", "one"))
    refused("a pool that is not there", errno.ENOENT, "does not exist", new, f, peer("a", POOL="none"), SET)
    f.call("FLUSH")


# ---- a helper's answers ----------------------------------------------------------

class Lab:
    """a asks b for inner addresses; both helpers are ours."""

    def __init__(self, a, b, netns_a, netns_b, tools):
        self.a, self.b, self.tools = a, b, tools
        self.ours, self.theirs = family_in(netns_a, "upcall"), family_in(netns_b, "upcall")
        for f in (self.ours, self.theirs):
            f.call("HELPER_REGISTER")
        side = lambda which, *items: (which + "_TS", [("PORT_START:2", 0), ("PORT_END:2", 65535), *items])
        behind = ("START", ip("10.2.0.0")), ("END", ip("10.2.255.255"))
        for f in (a, b):
            new(f, ("LISTEN", []))
            new(f, proposal("p"))
        for name, vips in (("four", [bytes(4)]), ("both", [bytes(4), bytes(16)]), ("again", [bytes(4)])):
            kind, items = peer(name, REMOTE=ip("192.0.2.2"))
            new(a, (kind, items + [("VIRTUAL_IP", v) for v in vips]))
            new(a, auth(name, 2, fqdn(name + ".example")))
            new(a, ("CHILD", [("PEER", name), ("NAME", "net"), side("LOCAL", ("DYNAMIC:1", 1)), side("REMOTE", *behind)]))
        new(b, pool("inside", span("10.9.0.0", "10.9.0.255"), span("fd09::", "fd09::ff", ip6)))
        new(b, peer("clients", POOL="inside"))
        new(b, auth("clients", 2, fqdn("*.example")))
        new(b, ("CHILD", [("PEER", "clients"), ("NAME", "net"), side("LOCAL", *behind), side("REMOTE", ("DYNAMIC:1", 1))]))

    def asked(self, name, who):
        """Up to b's question."""
        take, verdict, proof = self.tools[:3]
        self.a.call("PEER_UP", [("PEER", [("NAME", name)])])
        verdict(self.ours, take(self.ours), *proof(who))
        return take(self.theirs)

    def answer(self, q, *items):
        _, verdict, proof, chosen = self.tools[:4]
        return verdict(self.theirs, q, *proof("b.example"), *chosen(q, peer="clients"), *items)

    def finish(self, peers):
        """The initiator's last question; so many of them are up."""
        take, verdict, _, _, _, until, states = self.tools[:7]
        verdict(self.ours, take(self.ours))
        until(f"{peers} up", lambda: states(self.a).count("established") == peers)

    def down(self, name):
        until, states = self.tools[5:7]
        n = states(self.b).count("established")
        self.a.call("PEER_DOWN", [("PEER", [("NAME", name)])])
        until("down", lambda: states(self.b).count("established") == n - 1)

    def gone(self, name):
        """Without a word, when it was refused."""
        until, states = self.tools[5:7]
        self.a.call("PEER_DOWN", [("PEER", [("NAME", name)]), ("FORCE", True)])
        until("over", lambda: not [s for s in states(self.a) if s not in ("dead", "deleting", "established")])

    def leases(self):
        return sorted(v for sa in listed(self.b, "SA") if text(find(sa, "SA_STATE")) == "established"
                      for k, v in sa if k == C["ISAKMP_SA_LEASE"])


def misfits(lab):
    """Each is refused to the helper, and the SA ends; it held nothing."""
    counter, counted = lab.tools[7:9]
    one, two = ("ADDR", ip("10.9.0.1")), ("ADDR", ip("10.9.0.2"))
    for what, items, sentence in (
            ("two addresses of a family", [one, two], "one inner address of each family"),
            ("a family that was not asked for", [one, ("ADDR", ip6("fd09::1"))], "no inner address of this family"),
            ("one, and none", [one, ("NO_ADDR", True)], "or there is none"),
            ("an address of no host", [("ADDR", ip("224.0.0.1"))], ""),
            ("a subnet that is no prefix", [one, subnet("10.0.0.1", "10.0.0.2")], "a prefix"),
            ("a domain that is none", [one, ("DOMAIN", "$(id)")], "letters"),
            ("nine DNS servers", [one, *[("DNS", ip(f"10.1.0.{i + 1}")) for i in range(9)]], "8 DNS")):
        before = counter(lab.b, "helper-error")
        q = lab.asked("four", "a.example")
        refused(what, errno.E2BIG if "nine" in what else errno.EINVAL, sentence, lab.answer, q, *items)
        counted(lab.b, "helper-error", before)
        lab.gone("four")
    take, verdict, proof = lab.tools[:3]
    lab.a.call("PEER_UP", [("PEER", [("NAME", "four")])])
    refused("an address in another answer", errno.EINVAL, "does not belong", verdict, lab.ours, take(lab.ours),
            *proof("a.example"), one)
    lab.gone("four")
    equal("nobody holds one", lab.leases(), [])


def leases(lab):
    """No address is held by two; a question stays until one is free."""
    counter, counted = lab.tools[7:9]
    four, six, next_four = ip("10.9.0.1"), ip6("fd09::1"), ip("10.9.0.2")
    q = lab.asked("both", "a.example")
    equal("both families are asked for", sorted(len(v) for k, v in q if k == C["ISAKMP_UPCALL_ADDR"]), [4, 16])
    accepted("both are given", lab.answer, q, ("ADDR", four), ("ADDR", six), ("DNS", ip("10.1.0.53")))
    lab.finish(1)
    equal("and held", lab.leases(), [four, six])
    before = counter(lab.b, "address-taken")
    q = lab.asked("four", "c.example")
    refused("the address of another", errno.EADDRINUSE, "another IKE SA", lab.answer, q, ("ADDR", four))
    counted(lab.b, "address-taken", before)
    refused("once more", errno.EADDRINUSE, "another IKE SA", lab.answer, q, ("ADDR", four))
    accepted("the question is still there: another address", lab.answer, q, ("ADDR", next_four))
    lab.finish(2)
    equal("three are held", lab.leases(), [four, next_four, six])
    lab.down("both")
    equal("who goes holds none", lab.leases(), [next_four])
    q = lab.asked("again", "d.example")
    accepted("what he had is free", lab.answer, q, ("ADDR", four))
    lab.finish(2)
    lab.down("again")
    lab.down("four")
    equal("nobody holds one", lab.leases(), [])


def revoked(lab):
    """What is revoked while the helper decides does not come up; what was revoked before it was asked may."""
    counter, counted = lab.tools[7:9]
    for what, stands_on, meant in (("its credential", ("REMOTE_CRED", "road"), ("CRED", "road")),
                                   ("ours", ("LOCAL_CRED", "own"), ("CRED", "own")),
                                   ("its identity", ("UNIQUE", b"\2a.example"), ("UNIQUE", b"\2a.example"))):
        before = counter(lab.b, "revoked")
        q = lab.asked("four", "a.example")
        refused("nothing stands on it yet", errno.ENOENT, "no IKE SA", lab.b.call, "SA_REVOKE", [("SA", [meant])])
        accepted(f"{what} was revoked: the answer", lab.answer, q, ("ADDR", ip("10.9.0.1")), stands_on)
        counted(lab.b, "revoked", before)
        equal("comes too late: nobody holds the address", lab.leases(), [])
        lab.gone("four")
    q = lab.asked("four", "a.example")
    accepted("asked after that", lab.answer, q, ("ADDR", ip("10.9.0.1")), ("REMOTE_CRED", "road"), ("LOCAL_CRED", "own"))
    lab.finish(1)
    lab.down("four")


def inner(a, b, netns_a, netns_b, tools):
    lab = Lab(a, b, netns_a, netns_b, tools)
    misfits(lab)
    leases(lab)
    revoked(lab)
    for f in (lab.ours, lab.theirs):
        f.close()
    for f in (a, b):
        f.call("FLUSH")
