#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""nlprobe.py: the generic netlink family as a careless, a hostile and a busy caller see it.

    nlprobe.py NETNS_A NETNS_B NETNS_C      A's 192.0.2.1 reaches B's 192.0.2.2, C's 192.0.3.1 B's 192.0.3.2

Speaks KTAP. Root; standard library only.
"""
import errno
import os
import struct
import sys
import time

from nlattrs import every_attribute
from nldies import dies_begin, dies_end
from nlfamily import *
from nlhelper import groups, hostile, publishing, watching
from nlinner import inner, pools
from nlv1 import objects_v1, questions_v1


# ---- the tests -----------------------------------------------------------------

def messages(f):
    """What is no message of ours never reaches an object."""
    top = attr(C["ISAKMP_A_PEER"] | NESTED, attr(1, b"x\0"))
    get = C["ISAKMP_CMD_PEER_GET"]
    refused("an unknown attribute", errno.EINVAL, "Unknown attribute", f.call_raw, f.id, get, attr(99, b""))
    refused("an attribute of another command", errno.EINVAL, "", f.call, "PEER_GET", [("TXN", 1)])
    refused("an attribute for a command without any", errno.EINVAL, "", f.call, "TXN_BEGIN", [("TXN", 1)])
    refused("an unknown one in a nest", errno.EINVAL, "Unknown attribute",
            f.call, "PEER_GET", [("PEER", [("99", b"")])])
    refused("one that only the kernel writes", errno.EINVAL, "Unsupported attribute",
            f.call, "PEER_NEW", [("PEER", [("NAME", "x"), ("GEN", 1)])], ADD)
    refused("a nest that is not marked", errno.EINVAL, "NLA_F_NESTED",
            f.call_raw, f.id, get, attr(C["ISAKMP_A_PEER"], attr(1, b"x\0")))
    refused("octets after the last attribute", errno.EINVAL, "", f.call_raw, f.id, get, top + b"\1\0")
    refused("the reserved field", errno.EINVAL, "reserved", f.call, "PEER_GET", [peer("x")], reserved=1)
    refused("NLM_F_CREATE with GET", errno.EINVAL, "reserved", f.call, "PEER_GET", [peer("x")], CREATE)
    refused("an unknown command", errno.EOPNOTSUPP, "", f.call_raw, f.id, 200, b"")
    refused("a notification as command", errno.EOPNOTSUPP, "", f.call, "EVENT")
    refused("no nest", errno.EINVAL, "missing", f.call, "PEER_DEL")
    refused("no name", errno.EINVAL, "missing", f.call, "PEER_DEL", [("PEER", [])])
    for bad in ("", "-x", "a b", "a/b", "\x80", "x" * 64):
        refused(f"the name {bad[:8]!r}", errno.EINVAL, "", new, f, proposal(bad))
    refused("a name without its end", errno.EINVAL, "", new, f, ("PROPOSAL", [("NAME", b"xyz")]))
    refused("more than the key", errno.EINVAL, "known by", f.call, "PROPOSAL_DEL", [proposal("x")])


def verbs(f):
    """add, set, replace, delete, and what refers to what."""
    refused("a peer without its proposal", errno.ENOENT, "does not exist", new, f, peer("a"))
    accepted("add a proposal", new, f, proposal("p"))
    refused("add it again", errno.EEXIST, "already", new, f, proposal("p"))
    refused("set what is not there", errno.ENOENT, "no such object", new, f, proposal("q"), SET)
    refused("no flags", errno.EINVAL, "flags", new, f, proposal("q"), 0)
    accepted("replace what is not there", new, f, proposal("q"), PUT)
    accepted("add a peer", new, f, peer("a", REMOTE=ip("192.0.2.2"), DPD_S=7))
    before = gen(f, "a")
    accepted("set the same again", new, f, peer("a", DPD_S=7), SET)
    equal("the generation stayed", gen(f, "a"), before)
    accepted("set another key", new, f, peer("a", LIFE_S=100), SET)
    result(gen(f, "a") != before, "the generation changed")
    found = listed(f, "PEER")[0]
    equal("the first key stayed", number(find(found, "PEER_DPD_S")), 7)
    accepted("replace it", new, f, peer("a", REMOTE=ip("192.0.2.2")), PUT)
    equal("the first key is the default again", number(find(listed(f, "PEER")[0], "PEER_DPD_S")), 30)
    refused("delete the proposal of a peer", errno.EBUSY, "refers", remove, f, "PROPOSAL", ("NAME", "p"))
    refused("flush such proposals", errno.EBUSY, "refer", f.call, "FLUSH", [("KIND:1", 2)])
    refused("an auth without its peer", errno.ENOENT, "no such peer", new, f, auth("z", 1, fqdn("a")))
    refused("an auth without its cred", errno.ENOENT, "does not exist",
            new, f, auth("a", 1, fqdn("a"), CRED="none"))
    refused("our side without identity", errno.EINVAL, "missing", new, f, auth("a", 1))
    accepted("add a cred", new, f, ("CRED", [("NAME", "c"), ("TYPE:1", 1), ("ID", fqdn("b")), ("FILE", "/k")]))
    before = gen(f, "a")
    accepted("add an auth", new, f, auth("a", 1, fqdn("a"), CRED="c"))
    result(gen(f, "a") != before, "that is a new generation, too")
    refused("delete its cred", errno.EBUSY, "refers", remove, f, "CRED", ("NAME", "c"))
    refused("a child without its peer", errno.ENOENT, "no such peer", new, f, child("z", "n"))
    accepted("add a child", new, f, child("a", "n"))
    before = gen(f, "a")
    accepted("change the proposal of a peer", new, f, proposal("p", IKE, [*ESP, ("ESN:1", 1)], ESP), SET)
    result(gen(f, "a") != before, "its users are compiled again")
    refused("take away its ESP suites", errno.EINVAL, "no ESP or AH suite", new, f, proposal("p", IKE), SET)
    equal("nothing of that stays", len([k for k, _ in listed(f, "PROPOSAL")[0] if k == 2]), 3)
    accepted("delete a peer", remove, f, "PEER", ("NAME", "a"))
    equal("its auth and child went along", [listed(f, "AUTH"), listed(f, "CHILD")], [[], []])
    refused("delete it again", errno.ENOENT, "no such object", remove, f, "PEER", ("NAME", "a"))
    accepted("flush all", f.call, "FLUSH")
    equal("nothing is left", [len(listed(f, k)) for k in ("PROPOSAL", "CRED", "PEER")], [0, 0, 0])


def values(f):
    """Values that make no sense, each with its sentence."""
    new(f, proposal("p"))
    new(f, peer("a", REMOTE=ip("192.0.2.2")))
    with_key = lambda suite, **kw: proposal("x", [(k, kw.get(k.split(":")[0], v)) for k, v in suite], ESP)
    refused("an unknown cipher", errno.EOPNOTSUPP, "cipher", new, f, with_key(IKE, ENCR=99))
    refused("an unknown key length", errno.EOPNOTSUPP, "cipher", new, f, with_key(IKE, KEYLEN=100))
    refused("an unknown PRF", errno.EOPNOTSUPP, "PRF", new, f, with_key(IKE, PRF=9))
    refused("an unknown key exchange", errno.EOPNOTSUPP, "key exchange", new, f, with_key(IKE, KE=1))
    refused("a suite for AH, with a cipher", errno.EINVAL, "no cipher", new, f, with_key(IKE, PROTOCOL=2))
    refused("a suite for protocol 4", errno.EINVAL, "IKE (1), AH (2) or ESP (3)", new, f, with_key(IKE, PROTOCOL=4))
    refused("a suite twice", errno.EINVAL, "twice", new, f, proposal("x", IKE, IKE))
    refused("no suite", errno.EINVAL, "missing", new, f, ("PROPOSAL", [("NAME", "x")]))
    refused("the address ::", errno.EINVAL, "host", new, f, peer("x", REMOTE=bytes(16)))
    refused("an IPv4 address in IPv6", errno.EINVAL, "host", new, f, peer("x", REMOTE=ip6("::ffff:192.0.2.1")))
    refused("one address of each family", errno.EINVAL, "both are IPv6",
            new, f, peer("x", LOCAL=ip("192.0.2.1"), REMOTE=ip6("2001:db8::2")))
    refused("an IPv6 prefix with bits after it", errno.EINVAL, "bits set",
            new, f, peer("x", REMOTE=ip6("2001:db8::1"), REMOTE_PLEN_1=64))
    refused("an IPv4 prefix of 33 bits", errno.EINVAL, "32 bits",
            new, f, peer("x", REMOTE=ip("192.0.2.0"), REMOTE_PLEN_1=33))
    refused("an address of 5 octets", errno.EINVAL, "4 or 16", new, f, peer("x", REMOTE=bytes(5)))
    refused("a multicast peer", errno.EINVAL, "host", new, f, peer("x", REMOTE=ip("224.0.0.1")))
    refused("a prefix with bits after it", errno.EINVAL, "bits set",
            new, f, peer("x", REMOTE=ip("192.0.2.1"), REMOTE_PLEN_1=24))
    refused("a length without prefix", errno.EINVAL, "address with it", new, f, peer("x", REMOTE_PLEN_1=24))
    refused("local is remote", errno.EINVAL, "the same",
            new, f, peer("x", LOCAL=ip("192.0.2.9"), REMOTE=ip("192.0.2.9")))
    refused("an identity of unknown type", errno.EINVAL, "not known", new, f, auth("a", 1, b"\x63x"))
    refused("a name with a control character", errno.EINVAL, "printable", new, f, auth("a", 1, fqdn("a\n")))
    refused("a short IPv4 identity", errno.EINVAL, "4 octets", new, f, auth("a", 1, b"\1\1\2\3"))
    one = lambda *items: ("CHILD", [("PEER", "a"), ("NAME", "n"), ("LOCAL_TS", list(items)),
                                    ("REMOTE_TS", ts("10.2.0.0/16"))])
    refused("a range upside down", errno.EINVAL, "above its end",
            new, f, one(("START", ip("10.1.0.2")), ("END", ip("10.1.0.1"))))
    refused("a range from IPv4 to IPv6", errno.EINVAL, "both are IPv6",
            new, f, one(("START", ip("10.1.0.1")), ("END", ip6("2001:db8::"))))
    refused("half a range", errno.EINVAL, "missing", new, f, one(("START", ip("10.1.0.1"))))
    refused("a dynamic one with addresses", errno.EINVAL, "no addresses of its own",
            new, f, one(("DYNAMIC:1", 1), ("START", ip("10.1.0.1"))))
    refused("not dynamic", errno.ERANGE, "", new, f, one(("DYNAMIC:1", 0)))
    port = lambda a, b, p=6: ts("10.1.0.0/16", ("PROTO:1", p), ("PORT_START:2", a), ("PORT_END:2", b))
    refused("a port range upside down", errno.EINVAL, "above its end", new, f, one(*port(2, 1)))
    refused("a port without protocol", errno.EINVAL, "protocol", new, f, one(*port(1, 1, 0)))
    refused("half a port range", errno.EINVAL, "start and an end",
            new, f, one(*ts("10.1.0.0/16", ("PORT_START:2", 1))))
    refused("two protocols", errno.EINVAL, "one protocol", new, f, one(*port(1, 1)))
    refused("a trap for a peer of many addresses", errno.EDESTADDRREQ, "one remote address",
            lambda: (new(f, peer("any")), new(f, child("any", "n", **{"START:1": 1}))))
    refused("a device with a slash", errno.EINVAL, "device", new, f, ("LISTEN", [("DEV", "a/b")]))
    f.call("FLUSH")


def overlaps(f):
    new(f, proposal("p"))
    new(f, peer("a", REMOTE=ip("192.0.2.2")))
    refused("a twin of a peer", errno.EEXIST, "same addresses", new, f, peer("b", REMOTE=ip("192.0.2.2")))
    accepted("the first gets an identity", new, f, auth("a", 2, fqdn("a")))
    accepted("then it is none", new, f, peer("b", REMOTE=ip("192.0.2.2")))
    refused("until it has the same identity", errno.EEXIST, "identity", new, f, auth("b", 2, fqdn("a")))
    accepted("another will do", new, f, auth("b", 2, fqdn("b")))
    accepted("a child", new, f, child("a", "n"))
    refused("one of the same peer within it", errno.EEXIST, "overlap",
            new, f, child("a", "m", "10.1.1.0/24", "10.2.0.0/24"))
    accepted("one beside it", new, f, child("a", "m", "10.1.1.0/24", "10.3.0.0/24"))
    refused("the same of another peer", errno.EEXIST, "another peer", new, f, child("b", "n"))
    accepted("one of another peer within it", new, f, child("b", "n", "10.1.1.0/24", "10.2.0.0/24"))
    refused("a change into it", errno.EEXIST, "another peer", new, f, child("b", "n"), SET)
    accepted("it goes", remove, f, "CHILD", ("PEER", "a"), ("NAME", "n"))
    accepted("now it may", new, f, child("b", "n"), SET)
    f.call("FLUSH")


def limits(f):
    new(f, proposal("p"))
    new(f, peer("a", REMOTE=ip("192.0.2.2")))
    for i in range(16):
        new(f, child("a", f"n{i}", f"10.1.{i}.0/24"))
    refused("too many children", errno.E2BIG, "16 children", new, f, child("a", "n16", "10.1.16.0/24"))
    equal("those of one peer are listed", len(listed(f, "CHILD", [("CHILD", [("PEER", "a")])])), 16)
    many = [("LOCAL_TS", ts(f"10.9.{i}.0/24")) for i in range(17)]
    refused("too many selectors", errno.E2BIG, "16 selectors", new, f,
            ("CHILD", [("PEER", "a"), ("NAME", "n0"), *many]), SET)
    refused("too many identities", errno.E2BIG, "8 identities", new, f,
            ("CRED", [("NAME", "c"), ("TYPE:1", 1), ("FILE", "/k"), *[("ID", fqdn(str(i))) for i in range(9)]]))
    f.call("FLUSH")


def transactions(f, netns):
    new(f, proposal("p"))
    new(f, peer("keep", REMOTE=ip("192.0.2.3")))
    new(f, peer("change", REMOTE=ip("192.0.2.4")))
    new(f, peer("drop", REMOTE=ip("192.0.2.5")))
    gens = {n: gen(f, n) for n in ("keep", "change")}
    begin = lambda g: number(find(g.call("TXN_BEGIN")[0], "A_TXN"))
    txn = begin(f)
    stage = lambda item, flags=ADD: new(f, item, flags, txn)
    refused("a staged peer needs a staged proposal", errno.ENOENT, "", stage, peer("keep"))
    for item in (proposal("p"), peer("keep", REMOTE=ip("192.0.2.3")), peer("change", REMOTE=ip("192.0.2.6")),
                 peer("add", REMOTE=ip("192.0.2.7")), child("add", "n")):
        stage(item)
    equal("staged is not in force", len(listed(f, "PEER")), 3)
    other = family_in(netns)
    refused("another socket's transaction", errno.ENOENT, "this socket", other.call, "TXN_COMMIT", [("TXN", txn)])
    accepted("check", f.call, "TXN_COMMIT", [("TXN", txn), ("CHECK", True)])
    equal("a check changes nothing", len(listed(f, "PEER")), 3)
    stage(peer("twin", REMOTE=ip("192.0.2.7")))
    refused("a commit with twins", errno.EEXIST, "same addresses", f.call, "TXN_COMMIT", [("TXN", txn)])
    equal("a refused commit changes nothing", gen(f, "change"), gens["change"])
    stage(peer("twin", REMOTE=ip("192.0.2.8")), PUT)
    accepted("commit", f.call, "TXN_COMMIT", [("TXN", txn)])
    equal("all of it is in force", sorted(text(find(p, "PEER_NAME")) for p in listed(f, "PEER")),
          ["add", "change", "keep", "twin"])
    equal("what is equal was not touched", gen(f, "keep"), gens["keep"])
    result(gen(f, "change") != gens["change"], "what differs was")
    txn = begin(f)
    stage = lambda item, flags=ADD: new(f, item, flags, txn)
    for item in (proposal("p"), peer("keep", REMOTE=ip("192.0.2.3"))):
        stage(item)
    accepted("commit, and keep the SAs of who goes", f.call, "TXN_COMMIT", [("TXN", txn), ("KEEP", True)])
    accepted("delete, and keep", f.call, "PEER_DEL", [("PEER", [("NAME", "keep")]), ("KEEP", True)])
    refused("nothing but peers has SAs to keep", errno.EINVAL, "", f.call, "PROPOSAL_DEL",
            [("PROPOSAL", [("NAME", "p")]), ("KEEP", True)])
    accepted("flush, and keep", f.call, "FLUSH", [("KIND:1", C["ISAKMP_KIND_PEER"]), ("KEEP", True)])
    refused("a commit ends the transaction", errno.ENOENT, "", f.call, "TXN_ABORT", [("TXN", txn)])
    numbers = [begin(other) for _ in range(8)]
    refused("too many transactions", errno.EBUSY, "too many", f.call, "TXN_BEGIN")
    accepted("abort one", other.call, "TXN_ABORT", [("TXN", numbers[0])])
    accepted("then there is room", lambda: f.call("TXN_ABORT", [("TXN", begin(f))]))
    other.close()
    accepted("a socket takes its own along", lambda: f.call("TXN_ABORT", [("TXN", begin(f))]))
    f.call("FLUSH")


def dumps(f, netns):
    new(f, proposal("p"))
    for i in range(600):
        new(f, peer(f"n{i}", REMOTE=ip(f"10.{i // 250}.{i % 250}.1")))
    equal("a dump in many messages", [text(find(p, "PEER_NAME")) for p in listed(f, "PEER")],
          [f"n{i}" for i in range(600)])
    result(not f.torn, "which is not torn")
    other = family_in(netns)
    f.send(f.id, C["ISAKMP_CMD_PEER_GET"], b"", DUMP)
    first = list(f.messages())
    remove(other, "PEER", ("NAME", "n0"))
    rest = f.answer()
    result(f.torn, "a change in between shows")
    equal("and nothing else is lost", len(first) + len(rest), 600)
    found = f.call("PEER_GET", [("PEER", [("NAME", "n7")])], DUMP)
    equal("a dump of one", len(found), 1)
    refused("a dump of what is not there", errno.ENOENT, "no such object",
            f.call, "PEER_GET", [("PEER", [("NAME", "zz")])], DUMP)
    refused("the SAs of an id that is none", errno.ENOENT, "no IKE SA", f.call, "SA_GET", [("SA", [("ID:8", 77)])])
    equal("no SA", f.call("SA_GET", flags=DUMP), [])
    stats = {text(find(s, "STAT_NAME")): number(find(s, "STAT_VALUE")) for s in listed(f, "STAT")}
    result("rx" in stats and "refused-auth-failed" in stats, "the counters", stats)
    other.close()
    f.call("FLUSH")


def events(f, netns):
    monitor = family_in(netns, "events")
    new(f, proposal("p"))
    got = monitor.event("OBJECT_NEW")
    equal("an event has the object", text(find(decode(find(got, "A_PROPOSAL")), "PROPOSAL_NAME")), "p")
    new(f, peer("a", REMOTE=ip("192.0.2.2")))
    monitor.event("OBJECT_NEW")
    new(f, auth("a", 1, fqdn("a")))
    kinds = [next(k for k, _ in monitor.event("OBJECT_NEW") if k != C["ISAKMP_A_EVENT"]) for _ in "12"]
    equal("a new generation is an event, too", kinds, [C["ISAKMP_A_AUTH"], C["ISAKMP_A_PEER"]])
    remove(f, "PEER", ("NAME", "a"))
    got = decode(find(monitor.event("OBJECT_DEL"), "A_PEER"))
    equal("deleted: its key alone", [k for k, _ in got], [C["ISAKMP_PEER_NAME"]])
    f.call("FLUSH")
    result(monitor.event("CONFIG") is not None, "flushed: dump again")
    echo = f.call("PROPOSAL_NEW", [proposal("p")], ADD | ECHO)
    equal("NLM_F_ECHO", len(echo), 1)
    f.call("FLUSH")
    monitor.close()


def as_user(change, call):
    """Runs @call in a process that @change made another user of; the name of what it raised."""
    r, w = os.pipe()
    if not os.fork():
        try:
            change()
            call()
            said = "fine"
        except Refused as e:
            said = errno.errorcode[e.code]
        except OSError as e:
            said = "OSError " + errno.errorcode[e.errno]
        os.write(w, said.encode())
        os._exit(0)
    os.wait()
    os.close(w)
    with os.fdopen(r) as end:
        return end.read()


def permissions():
    def plain():
        os.setuid(65534)

    def own_namespaces():
        os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNET)

    def knob(value):
        with open("/proc/sys/net/isakmp/user_namespaces", "w", encoding="utf-8") as k:
            k.write(value)

    calls = {
        "NEW": lambda: new(Family(), proposal("p")),
        "dump": lambda: Family().call("PEER_GET", flags=DUMP),
        "STAT_GET": lambda: Family().call("STAT_GET", flags=DUMP),
        "HELPER_REGISTER": lambda: Family().call("HELPER_REGISTER"),
    }
    for name, call in calls.items():
        equal(f"{name} by a plain user", as_user(plain, call), "EPERM")
        equal(f"{name} by root of a user namespace", as_user(own_namespaces, call), "EPERM")
    for group in ("events", "upcall"):
        equal(f"the group {group} for a plain user", as_user(plain, lambda g=group: Family(g)), "OSError EPERM")
    knob("1")
    for name, call in calls.items():
        equal(f"{name} by that root, allowed", as_user(own_namespaces, call), "fine")
        equal(f"{name} by a plain user, still", as_user(plain, call), "EPERM")
    equal("KEYS_WATCH by that root, all the same",
          as_user(own_namespaces, lambda: Family().call("KEYS_WATCH")), "EPERM")
    knob("0")


# ---- helper --------------------------------------------------------------------

def gateway(f, local, remote, mine, theirs, nets):
    """A peer with a child, and a listen object."""
    new(f, ("LISTEN", []))
    new(f, proposal("p"))
    new(f, peer("gw", LOCAL=ip(local), REMOTE=ip(remote)))
    new(f, auth("gw", 1, fqdn(mine)))
    new(f, auth("gw", 2, fqdn(theirs)))
    new(f, child("gw", "net", *nets))


def take(f, seconds=PATIENCE):
    """The next question, as {attribute: value}; waits for READY if there is none."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            return decode(find(f.call("UPCALL_ACCEPT")[0], "A_UPCALL"))
        except Refused as e:
            if e.code != errno.EAGAIN:
                raise
        f.sock.settimeout(max(0.01, end - time.monotonic()))
        try:
            f.events += [body for _, _, _, body in f.messages()]
        except TimeoutError:
            pass
        finally:
            f.sock.settimeout(PATIENCE)
    return None


def verdict(f, q, *items, reason=0):
    return f.call("UPCALL_DONE", [("VERDICT", [("ID:8", number(find(q, "UPCALL_ID"))),
                                               ("REASON:2", reason), *items])])


def proof(name):
    """An AUTH that convinces only a helper like this."""
    return ("LOCAL_ID", b"\2\0\0\0" + name.encode()), ("AUTH_METHOD:1", 2), ("AUTH", bytes(32))


def chosen(q, **kw):
    return ("PEER", kw.get("peer", "gw")), ("GEN", kw.get("gen", number(find(q, "UPCALL_GEN"))))


def states(f):
    return [text(find(s, "SA_STATE")) for s in listed(f, "SA")]


def until(what, test, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if test():
            break
        time.sleep(0.02)
    result(test(), what)


def helper(a, b, netns_a, netns_b):
    gateway(a, "192.0.2.1", "192.0.2.2", "a.example", "b.example", ("10.1.0.0/16", "10.2.0.0/16"))
    gateway(b, "192.0.2.2", "192.0.2.1", "b.example", "a.example", ("10.2.0.0/16", "10.1.0.0/16"))
    monitor = family_in(netns_a, "events")
    ours, theirs = family_in(netns_a, "upcall"), family_in(netns_b, "upcall")
    refused("ACCEPT before REGISTER", errno.ENOTCONN, "not registered", ours.call, "UPCALL_ACCEPT")
    accepted("REGISTER", ours.call, "HELPER_REGISTER")
    refused("REGISTER again", errno.EALREADY, "already", ours.call, "HELPER_REGISTER")
    got = decode(find(monitor.event("HELPER"), "A_EVENT"))
    equal("the monitor hears of it", number(find(got, "EVENT_ARG")), 1)
    refused("no question yet", errno.EAGAIN, "", ours.call, "UPCALL_ACCEPT")
    refused("an answer to no question", errno.ENOENT, "", verdict, ours, [(C["ISAKMP_UPCALL_ID"], bytes(8))])
    theirs.call("HELPER_REGISTER")
    up = lambda: a.call("PEER_UP", [("PEER", [("NAME", "gw")])])
    first = accepted("PEER_UP", up)
    ident = number(find(decode(find(first[0], "A_SA")), "SA_ID"))
    again = accepted("PEER_UP again", up)
    equal("is the same SA", number(find(decode(find(again[0], "A_SA")), "SA_ID")), ident)
    q = take(ours)
    equal("i-auth", number(find(q, "UPCALL_KIND")), C["ISAKMP_UPCALL_I_AUTH"])
    result({C["ISAKMP_UPCALL_" + n] for n in ("SK_PI", "MSG_I", "NR", "PEER", "GEN", "PRF")} <=
           {k for k, _ in q} and find(q, "UPCALL_SK_PR") is None, "carries what it should, no more")
    ours.close()
    ours = family_in(netns_a, "upcall")
    refused("a socket that did not accept", errno.ENOENT, "", verdict, ours, q, *proof("a.example"))
    accepted("REGISTER anew", ours.call, "HELPER_REGISTER")
    same = take(ours)
    equal("what the old helper had waits again", find(same, "UPCALL_ID"), find(q, "UPCALL_ID"))
    accepted("DONE", verdict, ours, same, *proof("a.example"))
    refused("DONE again", errno.ENOENT, "answered", verdict, ours, same, *proof("a.example"))
    q = take(theirs)
    equal("r-auth", number(find(q, "UPCALL_KIND")), C["ISAKMP_UPCALL_R_AUTH"])
    equal("has the candidate", text(find(q, "UPCALL_PEER")), "gw")
    equal("has the identity", find(q, "UPCALL_ID_I"), b"\2\0\0\0a.example")
    new(b, peer("gw", DPD_S=11), SET)
    refused("a stale answer", errno.ESTALE, "changed", verdict, theirs, q, *proof("b.example"), *chosen(q))
    fresh = take(theirs)
    result(find(fresh, "UPCALL_GEN") != find(q, "UPCALL_GEN"), "is asked again, with the new generation")
    accepted("DONE", verdict, theirs, fresh, *proof("b.example"), *chosen(fresh), ("CHILD", "net"))
    q = take(ours)
    equal("i-verify", number(find(q, "UPCALL_KIND")), C["ISAKMP_UPCALL_I_VERIFY"])
    accepted("DONE", verdict, ours, q)
    until("established", lambda: states(a) == states(b) == ["established"])
    sa = listed(a, "SA")[0]
    equal("the SA shows whom we talk to", find(sa, "SA_REMOTE_ID"), fqdn("b.example"))
    one = decode(find(sa, "SA_CHILD"))
    equal("and the child", text(find(one, "CHILD_SA_NAME")), "net")
    equal("never rekeyed", number(find(one, "CHILD_SA_REKEYS")), 0)
    equal("PEER_UP of what is up", number(find(decode(find(up()[0], "A_SA")), "SA_ID")), ident)
    refused("PEER_UP of a child with more than its name", errno.EINVAL, "only the name", a.call, "PEER_UP",
            [("PEER", [("NAME", "gw")]), ("CHILD", [("NAME", "net"), ("START:1", 1)])])
    refused("SA_DEL with more than the id", errno.EINVAL, "by its id", a.call, "SA_DEL",
            [("SA", [("ID:8", ident), ("PEER", "other")])])
    accepted("PEER_DOWN", a.call, "PEER_DOWN", [("PEER", [("NAME", "gw")])])
    until("down", lambda: not {"established"} & set(states(a) + states(b)))
    misfits(a, b, ours, theirs)
    equal("the monitor saw it", text(find(decode(find(monitor.event("SA_STATE"), "A_SA")), "SA_PEER")), "gw")
    for x in (monitor, ours, theirs):
        x.close()
    for x in (a, b):
        x.call("FLUSH")


def counter(f, name):
    return next(number(find(s, "STAT_VALUE")) for s in listed(f, "STAT")
                if text(find(s, "STAT_NAME")) == "refused-" + name)


def counted(f, name, before, more=1, seconds=PATIENCE):
    """A refusal was counted, so often: for check-reasons, too."""
    until(f"{name} is counted", lambda: counter(f, name) >= before + more, seconds)
    if counter(f, name) > before:
        print(f"# reason: {name}")


def misfits(a, b, ours, theirs):
    """Answers that do not fit: refused here, and the SA ends."""
    up = lambda: a.call("CHILD_UP", [("CHILD", [("PEER", "gw"), ("NAME", "net")])])
    for what, items, reason, sentence in (
            ("without AUTH", proof("a.example")[:2], 0, "missing"),
            ("a reason of the network", (), C["ISAKMP_R_NO_SA"], "does not refuse")):
        before = counter(a, "helper-error")
        up()
        q = take(ours)
        refused(what, errno.EINVAL, sentence, verdict, ours, q, *items, reason=reason)
        counted(a, "helper-error", before)
        until("gone or going", lambda: not {"auth-asked", "new"} & set(states(a)))
    new(b, peer("elsewhere", REMOTE=ip("192.0.2.77")))
    for what, items, sentence, reason in (
            ("an unknown child", lambda q: (*chosen(q), ("CHILD", "none")), "no such child", "helper-error"),
            ("a peer elsewhere", lambda q: chosen(q, peer="elsewhere", gen=gen(b, "elsewhere")), "other addresses",
             "no-identity"),
            ("no peer", lambda q: (), "missing", "helper-error"),
            ("a public value", lambda q: (*chosen(q), ("PUB", bytes(32))), "does not belong", "helper-error"),
            ("nine certificates", lambda q: (*chosen(q), *[("CERT", b"\4c")] * 9), "more certificates",
             "helper-error"),
            ("certificates without end", lambda q: (*chosen(q), *[("CERT", bytes(9000))] * 4), "longer than",
             "helper-error")):
        before = counter(b, reason)
        up()
        verdict(ours, take(ours), *proof("a.example"))
        q = take(theirs)
        refused(what, errno.E2BIG if "certificates" in what else errno.EINVAL, sentence, verdict, theirs, q,
                *proof("b.example"), *items(q))
        counted(b, reason, before)
        a.call("PEER_DOWN", [("PEER", [("NAME", "gw")]), ("FORCE", True)])
        until("over", lambda: not [s for s in states(a) if s not in ("dead", "deleting")])
    before = counter(b, "stale")
    up()
    verdict(ours, take(ours), *proof("a.example"))
    for _ in "12":
        q = take(theirs)
        try:
            verdict(theirs, q, *proof("b.example"), *chosen(q, gen=1))
        except Refused as e:
            equal("a stale answer", e.code, errno.ESTALE)
    counted(b, "stale", before)
    a.call("PEER_DOWN", [("PEER", [("NAME", "gw")]), ("FORCE", True)])


def crowd(a, b, netns_a):
    """Eighty initiators behind one prefix, and b without a helper: 64 may wait."""
    many = 80
    new(b, ("LISTEN", []))
    new(b, proposal("p"))
    new(b, peer("any"))
    new(a, ("LISTEN", []))
    new(a, proposal("p"))
    ours = family_in(netns_a, "upcall")
    ours.call("HELPER_REGISTER")
    before = counter(b, "upcall-limit")
    for i in range(many):
        new(a, peer(f"g{i}", REMOTE=ip("192.0.2.2")))
        new(a, auth(f"g{i}", 2, fqdn(f"g{i}")))
        for j in range(2):
            new(a, child(f"g{i}", f"n{j}", remote=f"10.{20 + i}.{j}.0/24"))
        got = decode_all(a.call("PEER_UP", [("PEER", [("NAME", f"g{i}")])]))
        if i == 0:
            equal("PEER_UP tells of each child", [text(find(decode(find(decode(x), "SA_CHILD")), "CHILD_SA_NAME"))
                                                 for x in got], ["n0", "n1"])
            equal("which are on one IKE SA", len({find(decode(x), "SA_ID") for x in got}), 1)
    for _ in range(many):
        verdict(ours, take(ours), *proof("a.example"))
    counted(b, "upcall-limit", before)
    for i in range(many):
        a.call("PEER_DOWN", [("PEER", [("NAME", f"g{i}")]), ("FORCE", True)])
    ours.close()
    for f in (a, b):
        f.call("FLUSH")


def decode_all(messages):
    return [v for m in messages for k, v in m if k == C["ISAKMP_A_SA"]]


def main():
    netns_a, netns_b, netns_c = sys.argv[1:4]
    print("KTAP version 1")
    a, b, c = (family_in(n) for n in (netns_a, netns_b, netns_c))
    messages(a)
    verbs(a)
    values(a)
    overlaps(a)
    limits(a)
    every_attribute(a, netns_a)
    objects_v1(a)
    pools(a)
    transactions(a, netns_a)
    dumps(a, netns_a)
    events(a, netns_a)
    permissions()
    publishing(a)
    hostile(a)
    helper(a, b, netns_a, netns_b)
    tools = take, verdict, proof, chosen, gateway, until, states, counter, counted
    groups(a, b, netns_a, netns_b, tools)
    watching(a, b, netns_a, netns_b, tools)
    inner(a, b, netns_a, netns_b, tools)
    questions_v1(a, b, netns_a, netns_b, tools)
    dead = dies_begin(c, b, netns_c, netns_b, tools)
    crowd(a, b, netns_a)
    lost = counter(b, "helper-lost")
    counted(b, "helper-lost", lost, 64)
    dies_end(c, b, netns_c, netns_b, tools, dead)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
