# SPDX-License-Identifier: GPL-2.0
"""nlhelper.py: what a helper publishes, groups it computes, and who may watch keys."""
import errno
import os
import random
import time

from nlfamily import *

ECP_521 = 21
SUITE_521 = [("PROTOCOL:1", 1), ("ENCR:2", 20), ("KEYLEN:2", 256), ("PRF:2", 5), ("KE:2", ECP_521)]
PUB, SHARED = 132, 66


def publish(f, *items):
    return f.call("HELPER_PUBLISH", [("PUBLISH", list(items))])


def publishing(f):
    refused("publish without a nest", errno.EINVAL, "missing", f.call, "HELPER_PUBLISH")
    refused("a request of another encoding", errno.EINVAL, "20 octets", publish, f, ("CERTREQ", b"\1" + bytes(20)))
    refused("half a hash", errno.EINVAL, "20 octets", publish, f, ("CERTREQ", b"\4" + bytes(30)))
    refused("no hash", errno.EINVAL, "20 octets", publish, f, ("CERTREQ", b"\4"))
    refused("65 hashes", errno.ERANGE, "", publish, f, ("CERTREQ", b"\4" + bytes(65 * 20)))
    refused("a group of the kernel's", errno.EINVAL, "helper computes", publish, f, ("KE:2", 31))
    refused("a group twice", errno.EINVAL, "twice", publish, f, ("KE:2", ECP_521), ("KE:2", ECP_521))
    refused("a secret of 31 octets", errno.ERANGE, "", publish, f, ("QCD_SECRET", bytes(31)))
    refused("a secret of 33 octets", errno.ERANGE, "", publish, f, ("QCD_SECRET", bytes(33)))
    accepted("publish a secret", publish, f, ("QCD_SECRET", bytes(32)))
    accepted("publish", publish, f, ("CERTREQ", b"\4" + bytes(40)), ("KE:2", ECP_521), ("KE:2", 32))
    refused("a ticket key that is too short", errno.ERANGE, "", publish, f, ("TICKET_KEY", bytes(39)))
    refused("five ticket keys", errno.E2BIG, "too many", publish, f, *[("TICKET_KEY", bytes([n]) * 40) for n in range(5)])
    accepted("ticket keys", publish, f, *[("TICKET_KEY", bytes([n]) * 40) for n in range(4)])
    accepted("publish nothing", publish, f)


def point(negative):
    """Of the curve (RFC 5903, 3.3): the first one, or its negative."""
    p = 2 ** 521 - 1
    b = int("51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e93"
            "7b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00", 16)
    for x in range(100):
        square = (x ** 3 - 3 * x + b) % p
        y = pow(square, (p + 1) // 4, p)
        if y * y % p == square:
            y = p - y if negative else y
            return x.to_bytes(PUB // 2, "big") + y.to_bytes(PUB // 2, "big")
    return None


def kex(q, peer_ke):
    """Is this question as it should be?  Its answer."""
    equal("kex", number(find(q, "UPCALL_KIND")), C["ISAKMP_UPCALL_KEX"])
    equal("with the group", number(find(q, "UPCALL_GROUP")), ECP_521)
    result(len(find(q, "UPCALL_SEED") or b"") >= 66, "a seed")
    equal("and the peer's value, if it is there", find(q, "UPCALL_PEER_KE"), peer_ke)
    extra = [("SHARED", bytes(SHARED - 1) + b"\1")] if peer_ke else []
    return [("PUB", point(negative=bool(peer_ke))), *extra]


def groups(a, b, netns_a, netns_b, tools):
    """A group that the kernel has no code for: both helpers compute it, an IKE SA comes up."""
    take, verdict, proof, chosen, gateway, until, states, counter, counted = tools
    gateway(a, "192.0.2.1", "192.0.2.2", "a.example", "b.example", ("10.1.0.0/16", "10.2.0.0/16"))
    gateway(b, "192.0.2.2", "192.0.2.1", "b.example", "a.example", ("10.2.0.0/16", "10.1.0.0/16"))
    for f in (a, b):
        new(f, proposal("p", SUITE_521, ESP), SET)
    ours, theirs = family_in(netns_a, "upcall"), family_in(netns_b, "upcall")
    for f in (ours, theirs):
        f.call("HELPER_REGISTER")
    up = lambda: a.call("PEER_UP", [("PEER", [("NAME", "gw")])])
    before = counter(a, "helper-lost")
    up()
    counted(a, "helper-lost", before)
    for f in (ours, theirs):
        publish(f, ("KE:2", ECP_521))
    misfits = (("a short value", [("PUB", bytes(PUB - 1))], "length"), ("no value", [], "missing"),
               ("a secret nobody asked for", [("PUB", bytes(PUB)), ("SHARED", bytes(SHARED))], "no secret"))
    for what, items, sentence in misfits:
        before = counter(a, "helper-error")
        up()
        q = take(ours)
        refused(what, errno.EINVAL, sentence, verdict, ours, q, *items)
        counted(a, "helper-error", before)
    up()
    q = take(ours)
    refused("auth-failed is no reason for it", errno.EINVAL, "this reason", verdict, ours, q,
            reason=C["ISAKMP_R_AUTH_FAILED"])
    until("that one is over", lambda: not [s for s in states(a) if s not in ("dead", "deleting")])
    up()
    q = take(ours)
    pub_a = kex(q, None)
    verdict(ours, q, *pub_a)
    q = take(theirs)
    pub_b = kex(q, pub_a[0][1])
    verdict(theirs, q, *pub_b)
    q = take(ours)
    verdict(ours, q, *kex(q, pub_b[0][1]))
    q = take(ours)
    equal("then AUTH", number(find(q, "UPCALL_KIND")), C["ISAKMP_UPCALL_I_AUTH"])
    chain = [("CERT", b"\4" + bytes([i]) * 1200) for i in range(3)]
    verdict(ours, q, *proof("a.example"), *chain, ("CERTREQ", b"\4" + b"h" * 20))
    q = take(theirs)
    equal("certificates go up as they came", [v for k, v in q if k == C["ISAKMP_UPCALL_CERT"]], [v for _, v in chain])
    equal("and the request", find(q, "UPCALL_CERTREQ"), b"\4" + b"h" * 20)
    verdict(theirs, q, *proof("b.example"), *chosen(q), chain[0])
    q = take(ours)
    equal("so do the responder's", [v for k, v in q if k == C["ISAKMP_UPCALL_CERT"]], [chain[0][1]])
    verdict(ours, q)
    until("established with a group of the helpers'", lambda: [states(f).count("established") for f in (a, b)] == [1, 1])
    a.call("PEER_DOWN", [("PEER", [("NAME", "gw")]), ("FORCE", True)])
    b.call("PEER_DOWN", [("PEER", [("NAME", "gw")]), ("FORCE", True)])
    for x in (ours, theirs):
        x.close()
    for f in (a, b):
        f.call("FLUSH")


# ---- keys ----------------------------------------------------------------------

def parameter(value):
    with open("/sys/module/isakmp/parameters/debug_keys", "w", encoding="utf-8") as f:
        f.write(value)


def keys_heard(f, seconds=PATIENCE):
    """The next KEYS notification's nest, or None."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for body in f.events:
            if body[0] == C["ISAKMP_CMD_KEYS"]:
                f.events.remove(body)
                return decode(find(decode(body[4:]), "A_KEYS"))
        f.sock.settimeout(max(0.01, end - time.monotonic()))
        try:
            f.events += [body for _, _, _, body in f.messages()]
        except TimeoutError:
            pass
        finally:
            f.sock.settimeout(PATIENCE)
    return None


def watching(a, b, netns_a, netns_b, tools):
    take, verdict, proof, chosen, gateway, until, states, _, _ = tools
    watcher, other = family_in(netns_a), family_in(netns_b)
    mode = os.stat("/sys/module/isakmp/parameters/debug_keys").st_mode & 0o777
    equal("debug_keys is for root alone", oct(mode), oct(0o600))
    refused("keys while debug_keys is off", errno.EPERM, "debug_keys", watcher.call, "KEYS_WATCH")
    parameter("1")
    accepted("watch", watcher.call, "KEYS_WATCH")
    refused("watch again", errno.EALREADY, "already", watcher.call, "KEYS_WATCH")
    many = [family_in(netns_a) for _ in range(8)]
    for f in many[:7]:
        f.call("KEYS_WATCH")
    refused("one too many", errno.ENOSPC, "too many", many[7].call, "KEYS_WATCH")
    for f in many:
        f.close()
    accepted("a closed socket watches no more", lambda: family_in(netns_a).call("KEYS_WATCH"))
    gateway(a, "192.0.2.1", "192.0.2.2", "a.example", "b.example", ("10.1.0.0/16", "10.2.0.0/16"))
    gateway(b, "192.0.2.2", "192.0.2.1", "b.example", "a.example", ("10.2.0.0/16", "10.1.0.0/16"))
    ours = family_in(netns_a, "upcall")
    ours.call("HELPER_REGISTER")
    up = lambda: a.call("PEER_UP", [("PEER", [("NAME", "gw")])])
    up()
    take(ours)
    got = keys_heard(watcher) or []
    kinds = [k for k, _ in got if k != C["ISAKMP_KEYS_PAD"]]
    equal("keys of an AEAD", kinds, [C["ISAKMP_KEYS_" + n] for n in ("SPI_I", "SPI_R", "SUITE", "SK_EI", "SK_ER")])
    equal("with their salt", [len(find(got, "KEYS_SK_EI") or b""), len(find(got, "KEYS_SK_ER") or b"")], [36, 36])
    equal("nobody else hears of it", keys_heard(other, 0.1), None)
    parameter("0")
    a.call("PEER_DOWN", [("PEER", [("NAME", "gw")]), ("FORCE", True)])
    until("down", lambda: not [s for s in states(a) if s not in ("dead", "deleting")])
    up()
    take(ours)
    equal("switched off, nobody does", keys_heard(watcher, 0.2), None)
    for f in (a, b):
        f.call("PEER_DOWN", [("PEER", [("NAME", "gw")]), ("FORCE", True)]) if f is a else None
        f.call("FLUSH")
    # nor is the next helper asked what this one was
    until("over", lambda: not [s for s in states(a) if s not in ("dead", "deleting")])
    for f in (watcher, other, ours):
        f.close()


# ---- fuzz ----------------------------------------------------------------------

def noise(rng, depth=0):
    """Attributes that may be of any type and length, and nested."""
    out = b""
    for _ in range(rng.randrange(1, 5)):
        kind = rng.randrange(0, 34)
        if depth < 3 and rng.random() < 0.4:
            out += attr(kind | NESTED, noise(rng, depth + 1))
        else:
            out += attr(kind, rng.randbytes(rng.choice((0, 1, 2, 4, 8, 16, 20, 64, 300))))
    if rng.random() < 0.05:
        out += rng.randbytes(rng.randrange(1, 4))
    return out


def hostile(f, rounds=4000, seed=None):
    """Whatever comes is refused, or done, and answered; objects stay few."""
    seed = seed if seed is not None else random.randrange(1 << 32)
    rng = random.Random(seed)
    f.call("FLUSH")
    new(f, proposal("p"))
    new(f, peer("a", REMOTE=ip("192.0.2.2")))
    answered = 0
    tops = [C["ISAKMP_A_" + k] for k in ("LISTEN", "PROPOSAL", "CRED", "PEER", "AUTH", "CHILD", "SA", "VERDICT",
                                         "PUBLISH", "KEYS", "TXN", "POOL")]
    for _ in range(rounds):
        cmd = rng.randrange(1, C["__ISAKMP_CMD_MAX"] + 1)
        flags = rng.choice((0, ADD, PUT, SET, DUMP))
        try:
            f.call_raw(f.id, cmd, attr(rng.choice(tops) | NESTED, noise(rng)), flags)
        except Refused:
            pass
        answered += 1
    equal(f"{rounds} messages of noise, seed {seed}: each is answered (threat 81)", answered, rounds)
    f.call("FLUSH")
