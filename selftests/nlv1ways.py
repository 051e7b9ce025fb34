#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""nlv1ways.py: the helper's questions in all ways of phase 1 of version 1.

    nlv1ways.py answers A B [WAY...]   which come, in which order; answers that do not fit; each is asked again
                                       when the helper has died
    nlv1ways.py hold A B WAY N         set up until question N (from 0) is taken, and a piece of a message where
                                       there are keys; say "held", wait for the end of input

A, B: network namespaces, 192.0.2.1 and .2. Root; standard library only.
"""
import errno
import hmac
import os
import socket
import struct
import sys
import time

from nlfamily import *
from nlprobe import counted, counter, states, until, verdict
from nlv1 import CREDENTIALS, OLD, PSK, PUBKEY, REPLY, REQUEST, RSA_ENC, RSA_REV, SECRET, USER_NAME, USER_PASSWORD, asked, body, \
    chosen, cred, side, tlv

BASE, MAIN, AUTH_ONLY, AGGRESSIVE = 1, 2, 3, 4
M_PSK, M_SIG, M_ENC, M_REV, M_XAUTH = 1, 3, 4, 5, 65001
RESPONDER_SKEYID = ["b v1-skeyid", "a v1-skeyid", "b r-auth", "a i-verify"]
DECRYPTS = ["a v1-begin", "a v1-encrypt", "b v1-decrypt", "b v1-encrypt", "a v1-decrypt"]
# exchange, auth, method, the questions
WAYS = {
    "main-psk": (MAIN, PSK, M_PSK, ["a v1-begin", *RESPONDER_SKEYID]),
    "main-signature": (MAIN, PUBKEY, M_SIG, ["a v1-begin", "a i-auth", "b r-auth", "a i-verify"]),
    "main-encryption": (MAIN, RSA_ENC, M_ENC, [*DECRYPTS, "b r-auth", "a i-verify"]),
    "main-revised": (MAIN, RSA_REV, M_REV, [*DECRYPTS, "b r-auth", "a i-verify"]),
    "aggressive-psk": (AGGRESSIVE, PSK, M_PSK, ["a v1-begin", "b v1-skeyid", "a v1-skeyid", "a i-verify", "b r-auth"]),
    "aggressive-signature": (AGGRESSIVE, PUBKEY, M_SIG, ["a v1-begin", "b r-auth", "a i-verify", "a i-auth", "b i-verify"]),
    "aggressive-encryption": (AGGRESSIVE, RSA_ENC, M_ENC, [*DECRYPTS, "a i-verify", "b r-auth"]),
    "base-psk": (BASE, PSK, M_PSK, ["a v1-begin", "a v1-skeyid", "b v1-skeyid", "b r-auth", "a i-verify"]),
    "base-signature": (BASE, PUBKEY, M_SIG, ["a v1-begin", "a i-auth", "b r-auth", "a i-verify"]),
    "auth-only-psk": (AUTH_ONLY, PSK, M_PSK, ["a v1-begin", "b v1-skeyid", "a v1-skeyid", "a i-verify", "b r-auth"]),
    "auth-only-signature": (AUTH_ONLY, PUBKEY, M_SIG, ["a v1-begin", "b i-auth", "a i-verify", "a i-auth", "b i-verify"]),
    "xauth": (MAIN, PSK, M_XAUTH, ["a v1-begin", *RESPONDER_SKEYID, "b v1-xauth", "a v1-xauth", "b v1-xauth"]),
}
KINDS = {C["ISAKMP_UPCALL_" + n]: n.lower().replace("_", "-")
         for n in ("I_AUTH", "R_AUTH", "I_VERIFY", "V1_BEGIN", "V1_SKEYID", "V1_ENCRYPT", "V1_DECRYPT", "V1_XAUTH")}


def has(q, name):
    return C["ISAKMP_UPCALL_" + name] in {k for k, _ in q}


def sealed(text):
    return bytes(x ^ 0x5a for x in text)


# ---- good answers ----------------------------------------------------------------

def own(who):
    return ("LOCAL_ID", body(who + ".example"))


def skeyid(q):
    return hmac.new(SECRET, find(q, "UPCALL_NI") + find(q, "UPCALL_NR"), "sha256").digest()


def encrypted(who, q, method):
    items = [("SECRET", sealed(find(q, "UPCALL_SECRET")))]
    if method == M_ENC:
        items.append(("SECRET_ID", sealed(find(q, "UPCALL_SECRET_ID") or own(who)[1])))
    return items + ([] if has(q, "INITIATOR") else [own(who), *chosen(q)])


def decrypted(q):
    return [(n, sealed(find(q, "UPCALL_" + n))) for n in ("SECRET", "SECRET_ID") if has(q, n)]


def said(q):
    """XAUTH: b asks, a says, b knows."""
    if has(q, "INITIATOR"):
        return asked(REPLY, tlv(USER_NAME, b"ann") + tlv(USER_PASSWORD, b"secret"))
    return [("USER", "ann"), ("UNIQUE", b"\2ann")] if has(q, "ATTRIBUTES") else [*asked(REQUEST, CREDENTIALS), ("MORE", True)]


def good(who, kind, q, method):
    return {
        "v1-begin": lambda: [("METHOD:2", method), own(who)],
        "v1-skeyid": lambda: [("SKEYID", skeyid(q)), own(who), *([] if has(q, "INITIATOR") else chosen(q))],
        "i-auth": lambda: [("AUTH", bytes(32)), own(who)],
        "r-auth": lambda: [*chosen(q), *([("AUTH", bytes(32)), own(who)] if method == M_SIG else [])],
        "i-verify": lambda: [],
        "v1-encrypt": lambda: encrypted(who, q, method),
        "v1-decrypt": lambda: decrypted(q),
        "v1-xauth": lambda: said(q),
    }[kind]()


# ---- answers that do not fit --------------------------------------------------------

def without(name):
    return lambda items: [x for x in items if x[0].split(":")[0] != name]


def beside(name, value):
    return lambda items: [*items, (name, value)]


def instead(name, value):
    return lambda items: [*without(name)(items), (name, value)]


FOREIGN = "does not belong"
# of each kind: what is wrong, how, the words of the refusal
MISFITS = {
    "v1-begin": [("no method", without("METHOD"), "missing"), ("a nonce", beside("SECRET", bytes(32)), FOREIGN)],
    "v1-skeyid": [("no SKEYID", without("SKEYID"), "missing"), ("a nonce", beside("SECRET", bytes(32)), FOREIGN),
                  ("a signature", beside("AUTH", bytes(32)), FOREIGN)],
    "i-auth": [("no signature", without("AUTH"), "missing"), ("nobody", without("LOCAL_ID"), "missing"),
               ("a method of version 2", beside("AUTH_METHOD:1", 2), FOREIGN)],
    "r-auth": [("no peer", without("PEER"), "missing"), ("SKEYID", beside("SKEYID", bytes(32)), FOREIGN)],
    "i-verify": [("a signature", beside("AUTH", bytes(32)), FOREIGN), ("a peer", beside("PEER", "gw"), FOREIGN)],
    "v1-encrypt": [("no nonce", without("SECRET"), "missing"), ("a signature", beside("AUTH", bytes(32)), FOREIGN)],
    "v1-decrypt": [("no nonce", without("SECRET"), "missing"), ("a nonce of 7", instead("SECRET", bytes(7)), "8 to 256"),
                   ("a nonce of 257", instead("SECRET", bytes(257)), "8 to 256"), ("a user", beside("USER", "ann"), FOREIGN)],
}
# the same of a way
MORE = {
    ("main-signature", "b r-auth"): [("no signature", without("AUTH"), "missing"), ("nobody", without("LOCAL_ID"), "missing")],
    ("main-psk", "b r-auth"): [("a signature", beside("AUTH", bytes(32)), FOREIGN)],
    ("main-encryption", "a v1-encrypt"): [("no identity", without("SECRET_ID"), "missing"),
                                          ("certificates", beside("CERT", b"\4c"), FOREIGN)],
    ("main-encryption", "b v1-encrypt"): [("nobody", without("LOCAL_ID"), "missing"), ("no peer", without("PEER"), "missing")],
    ("main-encryption", "b v1-decrypt"): [("no identity", without("SECRET_ID"), "missing"),
                                          ("an identity of 4", instead("SECRET_ID", bytes(4)), "5 to 259"),
                                          ("an identity of 260", instead("SECRET_ID", bytes(260)), "5 to 259")],
    ("main-revised", "a v1-encrypt"): [("an identity", beside("SECRET_ID", bytes(9)), FOREIGN)],
    ("main-revised", "b v1-decrypt"): [("an identity", beside("SECRET_ID", bytes(9)), FOREIGN)],
}


# ---- both ends ------------------------------------------------------------------------

class Ends:
    def __init__(self, netns):
        self.netns = dict(zip("ab", netns))
        self.f = {who: family_in(n) for who, n in self.netns.items()}
        self.helpers = {}
        for who in "ab":
            self.helper(who)
        self.objects()

    def helper(self, who):
        """A fresh one; the one before dies."""
        if who in self.helpers:
            self.helpers[who].close()
        self.helpers[who] = family_in(self.netns[who], "upcall")
        self.helpers[who].call("HELPER_REGISTER")

    def objects(self):
        for who, f in self.f.items():
            new(f, ("LISTEN", []))
            new(f, proposal("p", OLD, ESP))
            new(f, cred("sign", C["ISAKMP_CRED_KEY"], who))
            new(f, cred("open", C["ISAKMP_CRED_KEY"], who))
            new(f, cred("his", C["ISAKMP_CRED_PUBKEY"], "ab"[who == "a"]))
            new(f, cred("ann", C["ISAKMP_CRED_USER"], "ann"))
            new(f, cred("staff", C["ISAKMP_CRED_USERS"]))

    def prepare(self, way):
        exchange, auth, method, _ = WAYS[way]
        last = {"a": 1, "b": 2}
        mine = {PSK: {}, PUBKEY: {"CRED": "sign"}, RSA_ENC: {"CRED": "open"}, RSA_REV: {"CRED": "open"}}[auth]
        his = {} if auth == PSK else {"CRED": "his"}
        for who, f in self.f.items():
            n = last[who]
            new(f, ("PEER", [("NAME", "gw"), ("PROPOSAL", "p"), ("LOCAL", ip(f"192.0.2.{n}")), ("REMOTE", ip(f"192.0.2.{3 - n}")),
                             ("VERSIONS:1", 1), ("V1_EXCHANGE:1", exchange), ("V1_ACCEPT:1", exchange)]))
            xauth = method == M_XAUTH
            new(f, side("gw", 1, auth, who + ".example", **mine, **({"XAUTH": "ann"} if xauth and who == "a" else {})))
            new(f, side("gw", 2, auth, "ab"[who == "a"] + ".example", **his, **({"XAUTH": "staff"} if xauth and who == "b" else {})))
            nets = [ts(f"10.{n}.0.0/16"), ts(f"10.{3 - n}.0.0/16")]
            new(f, ("CHILD", [("PEER", "gw"), ("NAME", "net"), ("LOCAL_TS", nets[0]), ("REMOTE_TS", nets[1])]))

    def up(self):
        self.f["a"].call("PEER_UP", [("PEER", [("NAME", "gw")])])

    def down(self):
        for f in self.f.values():
            if listed(f, "SA"):
                f.call("PEER_DOWN", [("PEER", [("NAME", "gw")]), ("FORCE", True)])
        # what is half open at b and knows no peer yet goes by itself
        quiet = lambda: not [s for s in states(self.f["a"]) if s not in ("dead", "deleting")] + \
            [s for s in states(self.f["b"]) if s == "established"]
        end = time.monotonic() + PATIENCE
        while not quiet() and time.monotonic() < end:
            time.sleep(0.01)
        return quiet()

    def remove(self):
        for f in self.f.values():
            remove(f, "PEER", ("NAME", "gw"))

    def question(self):
        """The next one, of either: (who, kind, question)."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for who, h in self.helpers.items():
                try:
                    q = decode(find(h.call("UPCALL_ACCEPT")[0], "A_UPCALL"))
                    return who, KINDS.get(number(find(q, "UPCALL_KIND"))), q
                except Refused as e:
                    if e.code != errno.EAGAIN:
                        raise
            time.sleep(0.005)
        return None, None, []

    def walk(self, way, upto, dying=False):
        """Its questions, answered, up to one that is returned; those that came."""
        method, came = WAYS[way][2], []
        for i in range(upto + 1):
            who, kind, q = self.question()
            came.append(f"{who} {kind}")
            if kind is None or i == upto:
                return who, kind, q, came
            if dying:
                self.helper(who)
                again = self.question()
                if (again[0], find(again[2], "UPCALL_ID")) != (who, find(q, "UPCALL_ID")):
                    came.append(f"not again: {again[0]} {again[1]}")
            verdict(self.helpers[who], q, *good(who, kind, q, method))
        return None, None, [], came

    def has_child(self, who):
        return any("up" == text(find(decode(v), "CHILD_SA_STATE")) for s in listed(self.f[who], "SA")
                   for k, v in s if k == C["ISAKMP_SA_CHILD"])


def by_end(names):
    """What each is asked, in its order: both may have a question at once."""
    return [[n for n in names if n.startswith(who)] for who in "ab"]


def whole(ends, way, dying):
    """All of it: the questions in their order, and what comes of it."""
    questions = WAYS[way][3]
    ends.up()
    who, kind, q, came = ends.walk(way, len(questions) - 1, dying)
    if kind:
        verdict(ends.helpers[who], q, *good(who, kind, q, WAYS[way][2]))
    equal(f"{way}: " + ("each question again, when its helper has died" if dying else "its questions"), by_end(came), by_end(questions))
    if way.startswith("auth-only"):
        until(f"{way}: over at both ends", lambda: not [s for f in ends.f.values() for s in states(f)
                                                        if s not in ("dead", "deleting")])
    else:
        until(f"{way}: up, with its child", lambda: ends.has_child("a") and ends.has_child("b"))
    result(ends.down(), f"{way}: down")


def misfits(ends, way):
    for i, name in enumerate(WAYS[way][3]):
        kind = name[2:]
        if name in WAYS[way][3][:i]:
            continue
        for what, how, sentence in MISFITS[kind] + MORE.get((way, name), []):
            if kind == "v1-skeyid" and way == "main-psk":
                continue    # nlv1.py has more of these
            far = ends.f[name[0]]
            ends.up()
            who, _, q, came = ends.walk(way, i)
            before = counter(far, "helper-error")
            items = how(good(who, kind, q, WAYS[way][2])) if who else []
            refused(f"{way}, {name}: {what}", errno.EINVAL, sentence, verdict, ends.helpers[name[0]], q, *items)
            if counter(far, "helper-error") <= before:
                counted(far, "helper-error", before)
            if not ends.down():
                result(False, "down")


def answers(netns, ways):
    ends = Ends(netns)
    for way in ways:
        ends.prepare(way)
        whole(ends, way, False)
        whole(ends, way, True)
        if way != "xauth":      # nlv1.py has these
            misfits(ends, way)
        ends.remove()
    return finish()


def piece(ends):
    """From a to b: the first of a message that does not become whole."""
    sa = listed(ends.f["b"], "SA")[0]
    spis = [number(find(sa, "SA_SPI_" + x)) for x in "IR"]
    out = struct.pack(">QQBBBBII", *spis, 132, 0x10, 6, 0, 0, 28 + 8 + 100) + struct.pack(">HHHBB", 0, 108, 1, 1, 0) + bytes(100)
    with socket_in(ends.netns["a"]) as s:
        s.sendto(out, ("192.0.2.2", 500))


def socket_in(netns):
    old, there = os.open("/proc/self/ns/net", os.O_RDONLY), os.open("/run/netns/" + netns, os.O_RDONLY)
    os.setns(there, os.CLONE_NEWNET)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    os.setns(old, os.CLONE_NEWNET)
    os.close(old)
    os.close(there)
    return s


def hold(netns, way, n):
    ends = Ends(netns)
    ends.prepare(way)
    ends.up()
    _, kind, _, came = ends.walk(way, n)
    if way == "xauth" and n > 3:
        piece(ends)
    print("held" if kind else "lost", came, flush=True)
    sys.stdin.read()
    return 0


def main():
    verb, netns = sys.argv[1], sys.argv[2:4]
    if verb == "hold":
        return hold(netns, sys.argv[4], int(sys.argv[5]))
    print("KTAP version 1")
    return answers(netns, sys.argv[4:] or WAYS)


if __name__ == "__main__":
    sys.exit(main())
