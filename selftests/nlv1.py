# SPDX-License-Identifier: GPL-2.0
"""nlv1.py: objects of version 1: every attribute, good and bad, and what fits together; the helper's
questions of version 1 from the first to the last, and answers that do not fit."""
import errno
import hmac
import struct

from nlattrs import attrs_of, cred, shown_as_set
from nlfamily import *

ONE, TWO_THEN_ONE = 1, 2
PSK, PUBKEY, RSA_ENC, RSA_REV, XAUTH = range(1, 6)
OLD = [("PROTOCOL:1", 1), ("ENCR:2", 12), ("KEYLEN:2", 256), ("INTEG:2", 12), ("PRF:2", 5), ("KE:2", 14)]


def side(name, which, method, ident=None, **kw):
    return "AUTH", [("PEER", name), ("SIDE:1", which), ("METHOD:1", method),
                    *([("ID", fqdn(ident))] if ident else []), *kw.items()]


def proposals_and_creds(f):
    new(f, proposal("p"))
    new(f, proposal("old", IKE, OLD, ESP))
    users, user = C["ISAKMP_CRED_USERS"], C["ISAKMP_CRED_USER"]
    shown_as_set(f, "a cred of users", cred("staff", users))
    shown_as_set(f, "a cred of a user", cred("ann", user, "ann"))
    refused("users with a name", errno.EINVAL, "in their file", new, f, cred("z", users, "a"))
    refused("a user without one", errno.EINVAL, "one identity", new, f, cred("z", user))
    refused("a user with two", errno.EINVAL, "one identity", new, f, cred("z", user, "a", "b"))
    refused("a user with a key", errno.EINVAL, "only an x509", new, f, cred("z", user, "a", KEY_FILE="/k"))
    new(f, cred("s", C["ISAKMP_CRED_PSK"], "b"))
    new(f, cred("k", C["ISAKMP_CRED_KEY"], "a"))
    new(f, cred("k2", C["ISAKMP_CRED_KEY"], "a"))
    new(f, cred("u", C["ISAKMP_CRED_PUBKEY"], "b"))


def peers(f):
    old = lambda name, last=2, **kw: peer(name, PROPOSAL="old", REMOTE=bytes([192, 0, 2, last]), REMOTE_PLEN_1=32, **kw)
    shown = [("DPD_S", 30), ("LIFE_S", 86400)]
    everything = ("PEER", [*old("a", VERSIONS_1=ONE)[1], ("V1_EXCHANGE:1", 4), ("V1_ACCEPT:1", 1), ("V1_ACCEPT:1", 3),
                           ("V1_ACCEPT:1", 4), ("LIFETIME_CHECK:1", 3), ("V1_PUSH:1", 1), ("V1_NEW_GROUP:1", 1)])
    shown_as_set(f, "a peer with every key of version 1", everything, shown)
    shown_as_set(f, "keys that say the default", old("b", 3, VERSIONS_1=0, **{
        "V1_EXCHANGE:1": 2, "V1_ACCEPT:1": 2, "LIFETIME_CHECK:1": 0, "V1_PUSH:1": 0,
        "V1_NEW_GROUP:1": 0}), shown)
    for key, bad in (("VERSIONS", 3), ("V1_EXCHANGE", 0), ("V1_EXCHANGE", 5), ("V1_ACCEPT", 0), ("V1_ACCEPT", 5),
                     ("LIFETIME_CHECK", 4), ("V1_PUSH", 2), ("V1_NEW_GROUP", 2)):
        refused(f"{key.lower()} {bad}", errno.ERANGE, "", new, f, old("x", **{key + ":1": bad}))
    refused("an exchange twice", errno.EINVAL, "twice", new, f,
            ("PEER", [*old("x")[1], ("V1_ACCEPT:1", 2), ("V1_ACCEPT:1", 2)]))
    before = gen(f, "a")
    new(f, ("PEER", [("NAME", "a"), ("V1_ACCEPT:1", 4)]), SET)
    now = [x for x in listed(f, "PEER") if text(find(x, "PEER_NAME")) == "a"][0]
    equal("a list that is set replaces the one before", [v for k, v in now if k == C["ISAKMP_PEER_V1_ACCEPT"]], [b"\4"])
    result(gen(f, "a") != before, "which changes the peer")
    before = gen(f, "a")
    new(f, ("PEER", [("NAME", "a"), ("V1_ACCEPT:1", 4)]), SET)
    equal("the same again does not", gen(f, "a"), before)
    modern = lambda version: new(f, peer("x", PROPOSAL="p", VERSIONS_1=version))
    for version in (ONE, TWO_THEN_ONE):
        refused(f"suites that version 1 has not, with versions {version}", errno.EINVAL, "no IKE suite of version 1",
                modern, version)
    remove(f, "PEER", ("NAME", "b"))
    for key, value in (("V1_EXCHANGE", 4), ("V1_ACCEPT", 4), ("LIFETIME_CHECK", 1), ("V1_PUSH", 1), ("V1_NEW_GROUP", 1)):
        refused(f"{key.lower()} with version 2 alone", errno.EINVAL, "say nothing without version 1", new, f,
                old("x", 7, **{key + ":1": value}))
    children(f, old)


def children(f, old):
    """Suites of children that version 1 has no numbers for."""
    chacha, gcm = [("PROTOCOL:1", 3), ("ENCR:2", 28)], [*ESP, ("KE:2", 14)]
    x25519 = [*ESP, ("KE:2", 31)]
    child = lambda name, suites: ("CHILD", [("NAME", "net"), ("PEER", name), ("PROPOSAL", suites),
                                            ("LOCAL_TS", ts("10.1.0.0/16")),
                                            ("REMOTE_TS", ts("10.2.0.0/16"))])
    for name, suites in (("chacha", [chacha]), ("x25519", [x25519]), ("some", [chacha, x25519, gcm])):
        new(f, proposal(name, IKE, OLD, *suites))
    new(f, old("d", 4, VERSIONS_1=ONE))
    for name in "chacha", "x25519":
        refused(f"a child with {name} alone", errno.EINVAL, "no ESP or AH suite of version 1", new, f, child("d", name))
    accepted("one that has another suite, too", new, f, child("d", "some"))
    refused("its proposal may not lose that", errno.EINVAL, "no ESP or AH suite of version 1", new, f,
            proposal("some", IKE, OLD, chacha), PUT)
    remove(f, "PEER", ("NAME", "d"))
    new(f, old("d", 4, VERSIONS_1=TWO_THEN_ONE))
    accepted("with version 2 first it may", new, f, child("d", "chacha"))
    refused("then not version 1 alone", errno.EINVAL, "no ESP or AH suite of version 1", new, f,
            ("PEER", [("NAME", "d"), ("VERSIONS:1", ONE)]), SET)
    remove(f, "PEER", ("NAME", "d"))


def auths(f):
    """With the peer a, of version 1."""
    put = lambda *args, **kw: new(f, side("a", *args, **kw), PUT)
    shown_as_set(f, "RSA encryption", side("a", 1, RSA_ENC, "a", CRED="k"))
    shown_as_set(f, "by the peer", side("a", 2, RSA_ENC, CRED="u"))
    for key in ("V1_EXCHANGE:1", "V1_ACCEPT:1"):
        for exchange in (1, 3):
            refused(f"RSA encryption with {key} {exchange}", errno.EINVAL, "base or auth-only is not", new, f,
                    ("PEER", [("NAME", "a"), (key, exchange)]), SET)
    refused("revised by one side alone", errno.EINVAL, "joins both sides", put, 2, RSA_REV, CRED="u")
    refused("a secret for it", errno.EINVAL, "of this type", put, 2, RSA_ENC, CRED="s")
    refused("authorities for it", errno.EINVAL, "authorities are for", put, 2, RSA_ENC, CA="u")
    new(f, peer("b", PROPOSAL="p", REMOTE=ip("192.0.2.3")))
    refused("a key that decrypts signs", errno.EINVAL, "does not decrypt, too", new, f,
            side("b", 1, PUBKEY, "a", CRED="k"))
    accepted("another key does", new, f, side("b", 1, PUBKEY, "a", CRED="k2"))
    refused("which then does not decrypt", errno.EINVAL, "does not decrypt, too", put, 1, RSA_ENC, "a", CRED="k2")
    for which, method, more in ((1, RSA_ENC, {"CRED": "k"}), (1, RSA_REV, {"CRED": "k"}), (2, XAUTH, {"XAUTH": "staff"}),
                                (2, PSK, {"CRED": "s", "XAUTH": "staff"})):
        refused(f"method {method} {sorted(more)} of a peer of version 2", errno.EINVAL, "only version 1 alone", new, f,
                side("b", which, method, "b", **more), PUT)
    refused("a peer that authenticates so is of version 1", errno.EINVAL, "only version 1 alone",
            new, f, peer("a", PROPOSAL="old", VERSIONS_1=TWO_THEN_ONE), SET)
    for which in (1, 2):
        remove(f, "AUTH", ("PEER", "a"), ("SIDE:1", which))
    xauths(f, put)
    accepted("one more peer, of both versions", new, f,
             peer("c", PROPOSAL="old", REMOTE=ip("192.0.2.4"), VERSIONS_1=TWO_THEN_ONE))
    accepted("with a secret", new, f, side("c", 1, PSK, "a", CRED="s"))
    refused("and a signature", errno.EINVAL, "joins both sides", new, f, side("c", 2, PUBKEY, CRED="u"))
    accepted("or two", new, f, side("c", 2, PSK, CRED="s"))


def xauths(f, put):
    shown_as_set(f, "XAUTH after a secret", side("a", 2, PSK, CRED="s", XAUTH="staff"))
    refused("of both sides", errno.EINVAL, "one side, not both", put, 1, PSK, "a", CRED="s", XAUTH="ann")
    accepted("the other side has the secret", put, 1, PSK, "a", CRED="s")
    refused("XAUTH with auth-only", errno.EINVAL, "base or auth-only is not", new, f,
            ("PEER", [("NAME", "a"), ("V1_ACCEPT:1", 3)]), SET)
    refused("our user is asked of the peer", errno.EINVAL, "no list of users", put, 2, PSK, CRED="s", XAUTH="ann")
    refused("users are asked of us", errno.EINVAL, "is no user", put, 1, PSK, "a", CRED="s", XAUTH="staff")
    refused("XAUTH by nobody", errno.ENOENT, "does not exist", put, 2, PSK, CRED="s", XAUTH="none")
    refused("XAUTH alone by nobody", errno.EINVAL, "missing", put, 2, XAUTH)
    refused("XAUTH alone with a secret", errno.EINVAL, "no other credential", put, 2, XAUTH, CRED="s", XAUTH="staff")
    refused("XAUTH alone beside a secret", errno.EINVAL, "joins both sides", put, 2, XAUTH, XAUTH="staff")
    refused("delete the users", errno.EBUSY, "refers", remove, f, "CRED", ("NAME", "staff"))
    refused("make them a secret", errno.EBUSY, "its type stays", new, f, cred("staff", C["ISAKMP_CRED_PSK"]), PUT)
    remove(f, "AUTH", ("PEER", "a"), ("SIDE:1", 1))
    accepted("hybrid: XAUTH alone of one side", put, 2, XAUTH, XAUTH="staff")
    accepted("and a signature of the other", put, 1, PUBKEY, "a", CRED="k2")
    mine = [x for x in listed(f, "AUTH") if text(find(x, "AUTH_PEER")) == "a"]
    equal("are as they were set", sorted(map(sorted, mine)), sorted(sorted(attrs_of("AUTH", x[1])) for x in (
        side("a", 1, PUBKEY, "a", CRED="k2"), side("a", 2, XAUTH, XAUTH="staff"))))


def templates(f):
    new(f, ("PEER", [("NAME", "t"), ("IS_TEMPLATE:1", 1), ("PROPOSAL", "old"), ("VERSIONS:1", ONE), ("V1_ACCEPT:1", 4)]))
    taking = lambda name, last=9, **kw: ("PEER", [("NAME", name), ("TEMPLATE", "t"), ("REMOTE", bytes([192, 0, 2, last])),
                                                  *kw.items()])
    accepted("XAUTH of a template", new, f, side("t", 2, PSK, CRED="s", XAUTH="staff"))
    accepted("a peer takes its version", new, f, taking("m"))
    refused("one that says another cannot", errno.EINVAL, "only version 1 alone", new, f,
            taking("n", 10, **{"VERSIONS:1": TWO_THEN_ONE}))
    refused("nor can the template, then", errno.EINVAL, "only version 1 alone", new, f,
            ("PEER", [("NAME", "t"), ("VERSIONS:1", 0)]), SET)
    before = gen(f, "m")
    new(f, ("PEER", [("NAME", "t"), ("V1_PUSH:1", 1)]), SET)
    result(gen(f, "m") != before, "what the template says changes its peer")
    new(f, ("PEER", [("NAME", "m"), ("V1_PUSH:1", 0)]), SET)
    before = gen(f, "m")
    new(f, ("PEER", [("NAME", "t"), ("V1_PUSH:1", 0)]), SET)
    equal("but for what it says itself", gen(f, "m"), before)


def objects_v1(f):
    proposals_and_creds(f)
    peers(f)
    auths(f)
    templates(f)
    f.call("FLUSH")


# ---- questions -----------------------------------------------------------------

XAUTH_I_PSK = 65001
USER_NAME, USER_PASSWORD = 16521, 16522
REQUEST, REPLY = 1, 2
SECRET = b"a shared secret"


def tlv(kind, value=b""):
    return struct.pack(">HH", kind, len(value)) + value


def body(name):
    return b"\2\0\0\0" + name.encode()


def skeyid(q):
    return hmac.new(SECRET, find(q, "UPCALL_NI") + find(q, "UPCALL_NR"), "sha256").digest()


def chosen(q):
    return [("PEER", "gw"), ("GEN", number(find(q, "UPCALL_GEN")))]


def asked(kind, data):
    return [("ATTRIBUTES_TYPE:1", kind), ("ATTRIBUTES", data)]


# Whom, what, what it carries and what not, a good answer.
CREDENTIALS = tlv(USER_NAME) + tlv(USER_PASSWORD)
STEPS = (
    ("ours", "V1_BEGIN", "PEER GEN VERSION INITIATOR", "METHOD SK_PI NI",
     lambda q: [("METHOD:2", XAUTH_I_PSK), ("METHOD:2", 1), ("LOCAL_ID", body("a.example"))]),
    ("theirs", "V1_SKEYID", "PEER GEN PRF METHOD VERSION NI NR", "INITIATOR ID_I ID_R SK_PI MSG_I AGGRESSIVE",
     lambda q: [("SKEYID", skeyid(q)), ("LOCAL_ID", body("b.example")), *chosen(q)]),
    ("ours", "V1_SKEYID", "PEER GEN PRF METHOD VERSION NI NR INITIATOR", "ID_I ID_R SK_PI MSG_I AGGRESSIVE",
     lambda q: [("SKEYID", skeyid(q)), ("LOCAL_ID", body("a.example"))]),
    ("theirs", "R_AUTH", "PEER GEN PRF METHOD VERSION ID_I", "AUTH INITIATOR ADDR",
     lambda q: chosen(q)),
    ("ours", "I_VERIFY", "PEER GEN PRF METHOD VERSION INITIATOR ID_I ID_R", "AUTH", lambda q: []),
    ("theirs", "V1_XAUTH", "PEER GEN VERSION METHOD ID_I ID_R", "INITIATOR ATTRIBUTES ATTRIBUTES_TYPE",
     lambda q: [*asked(REQUEST, CREDENTIALS), ("MORE", True)]),
    ("ours", "V1_XAUTH", "PEER GEN VERSION INITIATOR ATTRIBUTES ATTRIBUTES_TYPE", "",
     lambda q: asked(REPLY, tlv(USER_NAME, b"ann") + tlv(USER_PASSWORD, b"secret"))),
    ("theirs", "V1_XAUTH", "PEER GEN VERSION ATTRIBUTES ATTRIBUTES_TYPE", "INITIATOR",
     lambda q: [("USER", "ann"), ("UNIQUE", b"\2ann")]),
    ("theirs", "V1_CONFIG", "PEER GEN VERSION ADDR ID_I ID_R", "INITIATOR",
     lambda q: [("ADDR", ip("10.9.0.7")), ("DNS", ip("10.2.0.53"))]),
)

LONG = tlv(1, bytes(4089))
# At which step: what is wrong, in place of the good answer or (from "+" on) beside it, the words of the refusal.
MISFITS = (
    (0, "no method", [("LOCAL_ID", body("a"))], "missing", errno.EINVAL),
    (0, "nobody", [("METHOD:2", 1)], "missing", errno.EINVAL),
    (0, "a method twice", ["+", ("METHOD:2", 1)], "twice", errno.EINVAL),
    (0, "a method that is none", ["+", ("METHOD:2", 6)], "no authentication method", errno.EINVAL),
    (0, "nine methods", ["+", *[("METHOD:2", m) for m in (2, 3, 4, 5, 9, 10, 11)]], "at most 8", errno.E2BIG),
    (0, "a key before its time", ["+", ("SKEYID", bytes(32))], "does not belong", errno.EINVAL),
    (0, "an AUTH before its time", ["+", ("AUTH", bytes(32))], "does not belong", errno.EINVAL),
    (1, "no SKEYID", lambda q: [("LOCAL_ID", body("b")), *chosen(q)], "missing", errno.EINVAL),
    (1, "nobody's secret", lambda q: [("SKEYID", skeyid(q)), ("LOCAL_ID", body("b"))], "missing", errno.EINVAL),
    (1, "a short SKEYID", lambda q: [("SKEYID", skeyid(q)[1:]), ("LOCAL_ID", body("b")), *chosen(q)], "length",
     errno.EINVAL),
    (1, "a long SKEYID", lambda q: [("SKEYID", skeyid(q) + b"x"), ("LOCAL_ID", body("b")), *chosen(q)], "length",
     errno.EINVAL),
    (1, "a peer that is not of version 1",
     lambda q: [("SKEYID", skeyid(q)), ("LOCAL_ID", body("b")), ("PEER", "modern"), ("GEN", MODERN[0])],
     "does not speak this version", errno.EINVAL),
    (2, "a peer of our own choice", lambda q: [("SKEYID", skeyid(q)), ("LOCAL_ID", body("a.example")), *chosen(q)],
     "does not belong", errno.EINVAL),
    (3, "a proof that is the kernel's", ["+", ("AUTH", bytes(32))], "does not belong", errno.EINVAL),
    (3, "a method of version 2", ["+", ("AUTH_METHOD:1", 2)], "does not belong", errno.EINVAL),
    (3, "certificates without a signature", ["+", ("CERT", b"\4c")], "does not belong", errno.EINVAL),
    (3, "addresses before their time", ["+", ("ADDR", ip("10.9.0.7"))], "does not belong", errno.EINVAL),
    (4, "somebody", [("USER", "ann")], "does not belong", errno.EINVAL),
    (5, "attributes without their type", [("ATTRIBUTES", CREDENTIALS), ("MORE", True)], "together", errno.EINVAL),
    (5, "a type without attributes", [("ATTRIBUTES_TYPE:1", 1), ("MORE", True)], "together", errno.EINVAL),
    (5, "half an attribute", [*asked(REQUEST, CREDENTIALS[:-1]), ("MORE", True)], "data attributes", errno.EINVAL),
    (5, "an attribute that is too long", [*asked(REQUEST, b"\0\1\0\5abcd"), ("MORE", True)], "data attributes",
     errno.EINVAL),
    (5, "more of nothing", [("MORE", True)], "something that is said", errno.EINVAL),
    (5, "a type too many", [("ATTRIBUTES_TYPE:1", 5), ("ATTRIBUTES", b""), ("MORE", True)], "", errno.ERANGE),
    (5, "more than there is room for", [*asked(REQUEST, LONG + b"\x80\1\0\0"), ("MORE", True)], "", errno.ERANGE),
    (7, "a user and more", [*asked(REQUEST, CREDENTIALS), ("MORE", True), ("USER", "ann")], "before the end",
     errno.EINVAL),
    (7, "a user of no name", [("USER", "")], "has a name", errno.EINVAL),
    (7, "a user who obeys the terminal", [("USER", "a\033[2Jb")], "control", errno.EINVAL),
    (7, "a user of 128 octets", [("USER", "a" * 128)], "", errno.EINVAL),
    (7, "addresses", [("USER", "ann"), ("ADDR", ip("10.9.0.7"))], "does not belong", errno.EINVAL),
    (8, "an address and none", [("ADDR", ip("10.9.0.7")), ("NO_ADDR", True)], "or there is none", errno.EINVAL),
    (8, "an address that was not asked for", [("ADDR", ip6("fd09::7"))], "of this family", errno.EINVAL),
    (8, "somebody else", [("USER", "bob")], "does not belong", errno.EINVAL),
)
MODERN = [0]


def sides_v1(a, b):
    for f, last, mine, theirs, nets in ((a, 1, "a", "b", None), (b, 2, "b", "a", ("10.2.0.0/16", None))):
        new(f, ("LISTEN", []))
        new(f, proposal("p", OLD, ESP))
        new(f, cred("ann", C["ISAKMP_CRED_USER"], "ann"))
        new(f, cred("staff", C["ISAKMP_CRED_USERS"]))
        new(f, ("POOL", [("NAME", "pool"), ("RANGE", [("START", ip("10.9.0.1")), ("END", ip("10.9.0.99"))])]))
        way = ("VIRTUAL_IP", bytes(4)) if f is a else ("POOL", "pool")
        new(f, ("PEER", [("NAME", "gw"), ("PROPOSAL", "p"), ("LOCAL", ip(f"192.0.2.{last}")),
                         ("REMOTE", ip(f"192.0.2.{3 - last}")), ("VERSIONS:1", ONE), way]))
        new(f, side("gw", 1, PSK, mine + ".example", **({"XAUTH": "ann"} if f is a else {})))
        new(f, side("gw", 2, PSK, theirs + ".example", **({} if f is a else {"XAUTH": "staff"})))
        dyn, net = [("DYNAMIC:1", 1)], ts("10.2.0.0/16")
        new(f, ("CHILD", [("PEER", "gw"), ("NAME", "net"), ("LOCAL_TS", dyn if f is a else net),
                          ("REMOTE_TS", net if f is a else dyn)]))
    new(b, peer("modern", REMOTE=ip("192.0.2.1"), PROPOSAL="p"))
    new(b, auth("modern", 2, fqdn("c.example")))
    MODERN[0] = gen(b, "modern")


def walk(helpers, upto, tools, say=False):
    """The questions in their order, answered, up to one that is returned."""
    take, verdict = tools[:2]
    for i, (who, kind, has, has_not, good) in enumerate(STEPS):
        q = take(helpers[who])
        there = {k for k, _ in q}
        if say:
            equal(f"question {i}: {kind.lower()}", number(find(q, "UPCALL_KIND")), C["ISAKMP_UPCALL_" + kind])
            equal("carries what it should", [x for x in has.split() if C["ISAKMP_UPCALL_" + x] not in there], [])
            equal("and no more", [x for x in has_not.split() if C["ISAKMP_UPCALL_" + x] in there], [])
        if i == upto:
            return q, helpers[who], good
        verdict(helpers[who], q, *good(q))
    return None


def wiped(f):
    """A refusal that sends the answer back shows what is left of it."""
    secret = bytes(range(100, 132))
    answer = [("ID:8", 1 << 60), ("REASON:2", 0), ("LOCAL_ID", body("a.example")),
              *[(x, secret) for x in ("SHARED", "SKEYID", "SECRET", "SECRET_ID", "ATTRIBUTES")]]
    f.sock.setsockopt(270, 10, 0)           # NETLINK_CAP_ACK
    f.send(f.id, C["ISAKMP_CMD_UPCALL_DONE"], encode("ISAKMP_A_", [("VERDICT", answer)]))
    back = b"".join(x for _, _, seq, x in f.messages() if seq == f.seq)
    f.sock.setsockopt(270, 10, 1)
    equal("of an answer no secret stays in its message", (body("a.example") in back, secret in back), (True, False))


def questions_v1(a, b, netns_a, netns_b, tools):
    _, verdict, _, _, _, until, states, counter, counted = tools
    sides_v1(a, b)
    helpers = {"ours": family_in(netns_a, "upcall"), "theirs": family_in(netns_b, "upcall")}
    for f in helpers.values():
        f.call("HELPER_REGISTER")
    up = lambda: a.call("PEER_UP", [("PEER", [("NAME", "gw")])])
    up()
    walk(helpers, len(STEPS), tools, True)
    has_child = lambda f: any("up" == text(find(decode(v), "CHILD_SA_STATE")) for s in listed(f, "SA")
                              for k, v in s if k == C["ISAKMP_SA_CHILD"])
    until("version 1 is up, and its child", lambda: has_child(a) and has_child(b))
    for f, user, lease in ((a, None, "SA_VIRTUAL_IP"), (b, "ann", "SA_LEASE")):
        sa = listed(f, "SA")[0]
        equal("its version", number(find(sa, "SA_VERSION")), 1)
        equal("its method", number(find(sa, "SA_METHOD")), XAUTH_I_PSK)
        equal("its user", text(find(sa, "SA_USER")) if find(sa, "SA_USER") else None, user)
        equal("its inner address", find(sa, lease), ip("10.9.0.7"))
    down = lambda: [f.call("PEER_DOWN", [("PEER", [("NAME", "gw")]), ("FORCE", True)]) for f in (a, b) if listed(f, "SA")]
    down()
    none = lambda: not [s for f in (a, b) for s in states(f) if s not in ("dead", "deleting")]
    until("down", none)
    for step, what, items, sentence, code in MISFITS:
        up()
        q, helper, good = walk(helpers, step, tools)
        items = items(q) if callable(items) else good(q) + items[1:] if items[0] == "+" else items
        far = a if helper is helpers["ours"] else b
        why = "no-identity" if "this version" in sentence else "helper-error"
        before = counter(far, why)
        refused(f"{STEPS[step][1].lower()}: {what}", code, sentence, verdict, helper, q, *items)
        # what is not even an attribute leaves the question as it is
        if sentence:
            counted(far, why, before)
        else:
            refused("v1_xauth: no type at last", errno.EINVAL, "together", verdict, helpers["theirs"], q,
                    ("ATTRIBUTES", CREDENTIALS), ("MORE", True))
        down()
        until("down", none, PATIENCE + 30)  # B lets people type for a minute
    wiped(helpers["ours"])
    for f in helpers.values():
        f.close()
    for f in (a, b):
        f.call("FLUSH")
