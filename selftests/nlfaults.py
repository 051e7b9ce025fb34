#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""nlfaults.py: every allocation of every configuration command fails once.

    nlfaults.py NETNS               a namespace with the address 192.0.2.1; debug kernel

Speaks KTAP. Root; standard library only.
"""
import errno
import subprocess
import sys

from nlfamily import *

KINDS = ("LISTEN", "PROPOSAL", "CRED", "PEER", "AUTH", "CHILD")


def snapshot(f):
    """All objects, without generations, and the policies of XFRM."""
    f.nth, nth = 0, f.nth
    try:
        now = {k: [[x for x in o if k != "PEER" or x[0] != C["ISAKMP_PEER_GEN"]] for o in listed(f, k)]
               for k in KINDS}
        said = subprocess.run(["ip", "-n", f.netns, "xfrm", "policy"], capture_output=True, check=True)
        now["XFRM"] = sorted(x for x in said.stdout.decode().splitlines() if x.startswith("src"))
        return now
    finally:
        f.nth = nth


def drain(f):
    """Late answers, and errors for those that could not even be said."""
    f.sock.settimeout(0.01)
    while True:
        try:
            f.sock.recv(1 << 17)
        except TimeoutError:
            break
        except OSError:
            continue
    f.sock.settimeout(5)


def faults(f, what, call, undo=None):
    """Each allocation of one command fails once: refused, and nothing changed; or done."""
    before = snapshot(f)
    wrong, times = None, 0
    while not wrong and times < 2000:
        times += 1
        f.nth, f.reached = times, False
        said, f.torn = "done", False
        try:
            call()
        except Refused as e:
            said = errno.errorcode[e.code]
        except OSError:
            said = "lost"
        f.nth = 0
        drain(f)
        now = snapshot(f)
        if said == "EADDRINUSE" and f.reached:
            said = "ENOMEM"     # how bind() of the core calls it
        if said not in ("done", "lost", "ENOMEM", "ENOBUFS", "EMSGSIZE", "ENFILE"):
            wrong = f"allocation {times}: {said}"
        elif said.startswith("E") and now != before:
            wrong = f"allocation {times}: refused with {said}, but something changed"
        if said == "done" and not f.reached:
            break
        if now != before:
            undo()
            drain(f)
            before = snapshot(f)
    result(not wrong and times < 2000, f"{what}: {times - 1} allocations", wrong)


def all_faults(netns):
    for knob in ("failslab/ignore-gfp-wait", "fail_page_alloc/ignore-gfp-wait"):
        with open("/sys/kernel/debug/" + knob, "w", encoding="utf-8") as k:
            k.write("N")
    for knob in ("failslab/verbose", "fail_page_alloc/verbose", "fail_page_alloc/min-order"):
        with open("/sys/kernel/debug/" + knob, "w", encoding="utf-8") as k:
            k.write("0")
    f = family_in(netns)
    f.netns = netns
    cred = ("CRED", [("NAME", "c"), ("TYPE:1", 1), ("ID", fqdn("b")), ("FILE", "/k")])
    one = lambda kind, *key: lambda: remove(f, kind, *key)
    for what, item, undo in (
            ("listen add", ("LISTEN", []), lambda: remove(f, "LISTEN")),
            ("proposal add", proposal("p"), one("PROPOSAL", ("NAME", "p"))),
            ("cred add", cred, one("CRED", ("NAME", "c"))),
            ("peer add", peer("a", REMOTE=ip("192.0.2.2")), one("PEER", ("NAME", "a"))),
            ("auth add", auth("a", 2, fqdn("b"), CRED="c"), one("AUTH", ("PEER", "a"), ("SIDE:1", 2))),
            ("child add", child("a", "n"), one("CHILD", ("PEER", "a"), ("NAME", "n"))),
            ("trap add", child("a", "t", "10.3.0.0/16", "10.4.0.0/16", **{"START:1": 1}),
             one("CHILD", ("PEER", "a"), ("NAME", "t")))):
        faults(f, what, lambda i=item: new(f, i), undo)
        if not [True for k in KINDS if snapshot(f)[k] and k == item[0]]:
            new(f, item)
    new(f, child("a", "t", "10.3.0.0/16", "10.4.0.0/16", **{"START:1": 1}), PUT)
    faults(f, "proposal set", lambda: new(f, proposal("p", IKE, ESP, [*ESP, ("ESN:1", 1)]), SET),
           lambda: new(f, proposal("p"), SET))
    faults(f, "peer set", lambda: new(f, peer("a", DPD_S=5), SET), lambda: new(f, peer("a", DPD_S=30), SET))
    faults(f, "trap moved", lambda: new(f, child("a", "t", "10.5.0.0/16", "10.4.0.0/16"), SET),
           lambda: new(f, child("a", "t", "10.3.0.0/16", "10.4.0.0/16"), SET))
    put_back = lambda: new(f, child("a", "t", "10.3.0.0/16", "10.4.0.0/16", **{"START:1": 1}), PUT)
    faults(f, "child del", one("CHILD", ("PEER", "a"), ("NAME", "t")), put_back)
    put_back()
    faults(f, "peer get", lambda: f.call("PEER_GET", [("PEER", [("NAME", "a")])]))
    faults(f, "peer dump", lambda: f.call("PEER_GET", flags=DUMP))
    template_faults(f)
    transaction_faults(f)
    faults(f, "flush", lambda: f.call("FLUSH"), lambda: [new(f, x) for x in (
        ("LISTEN", []), proposal("p"), peer("a", REMOTE=ip("192.0.2.2")), child("a", "n"))])
    f.call("FLUSH")


def template_faults(f):
    bare = lambda name, **kw: ("PEER", [("NAME", name), *[(k.replace("_1", ":1"), v) for k, v in kw.items()]])
    dyn = ("CHILD", [("PEER", "t"), ("NAME", "d"), ("LOCAL_TS", [("DYNAMIC:1", 1)]), ("REMOTE_TS", [("DYNAMIC:1", 1)])])
    gone = lambda name: lambda: remove(f, "PEER", ("NAME", name))
    new(f, bare("t", IS_TEMPLATE_1=1, PROPOSAL="p"))
    for i in range(3):
        new(f, bare(f"u{i}", TEMPLATE="t", REMOTE=ip(f"192.0.2.{10 + i}")))
    faults(f, "peer of a template", lambda: new(f, bare("v", TEMPLATE="t", REMOTE=ip("192.0.2.20"))), gone("v"))
    faults(f, "template set", lambda: new(f, bare("t", DPD_S=9), SET), lambda: new(f, bare("t", DPD_S=30), SET))
    faults(f, "its child", lambda: new(f, dyn), lambda: remove(f, "CHILD", ("PEER", "t"), ("NAME", "d")))
    new(f, dyn, PUT)
    faults(f, "its auth", lambda: new(f, auth("t", 2, fqdn("x"))), lambda: remove(f, "AUTH", ("PEER", "t"), ("SIDE:1", 2)))
    faults(f, "publish", lambda: f.call("HELPER_PUBLISH", [("PUBLISH", [("CERTREQ", b"\4" + bytes(40)), ("KE:2", 21)])]))
    for name in [text(find(p, "PEER_NAME")) for p in listed(f, "PEER") if find(p, "PEER_TEMPLATE")] + ["t"]:
        gone(name)()


def transaction_faults(f):
    number_of = lambda: number(find(f.call("TXN_BEGIN")[0], "A_TXN"))

    def stage():
        f.nth, nth = 0, f.nth
        txn = number_of()
        for item in (proposal("q"), ("LISTEN", [("ADDR", ip("192.0.2.1"))]),
                     peer("a", REMOTE=ip("192.0.2.2"), PROPOSAL="q"), peer("b", REMOTE=ip("192.0.2.3"), PROPOSAL="q"),
                     child("b", "t", "10.6.0.0/16", "10.7.0.0/16", **{"START:1": 1})):
            new(f, item, ADD, txn)
        f.nth = nth
        return txn

    def commit():
        txn = stage()
        try:
            f.call("TXN_COMMIT", [("TXN", txn)])
        finally:
            f.nth, nth, reached = 0, f.nth, f.reached
            try:
                f.call("TXN_ABORT", [("TXN", txn)])
            except (Refused, OSError):
                pass
            f.nth, f.reached = nth, reached

    old = [("LISTEN", []), proposal("p"), peer("a", REMOTE=ip("192.0.2.2")),
           child("a", "n"), child("a", "t", "10.3.0.0/16", "10.4.0.0/16", **{"START:1": 1})]

    def undo():
        f.call("FLUSH")
        for item in old:
            new(f, item)

    undo()
    faults(f, "commit", commit, undo)


if __name__ == "__main__":
    print("KTAP version 1")
    all_faults(sys.argv[1])
    sys.exit(finish())
