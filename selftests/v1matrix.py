#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""v1matrix.py: messages of version 1 in which one field, one payload or one length is not what it
should be: each field with the values at its borders, each "next payload" with all there are, each
octet string longer and shorter, each part left out, doubled, moved; cut at each octet. Of the first
messages of Main, Aggressive and Base Mode, and of what may follow message 2 of Main Mode: message 3, whole
and in fragments, and an Informational in the clear. The same each time, but for cookies of others.

    ours DST STAT [KIND...] to a gateway of ours, whose isakmp_stat is STAT: what does not hold is told
    list [KIND...]          how many there are of each kind
"""
import os
import select
import socket
import struct
import sys

SA, KE, ID, CERT, CERTREQ, HASH, SIG, NONCE, NOTIFY, DELETE, VENDOR = 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
NAT_D, FRAGMENT, PROPOSAL, TRANSFORM = 20, 132, 2, 3
BASE, MAIN, AGGRESSIVE, INFORMATIONAL = 1, 2, 4, 5
# replaced by those of the exchange
COOKIE_I, COOKIE_R = b"cookie I", b"cookie R"
LOT = 48

# ECP-256 (RFC 5903): what the private key 1 makes
POINT = bytes.fromhex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                      "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
VENDORS = [bytes.fromhex(v) for v in ("afcad71368a1f1c96b8696fc77570100",            # DPD
                                      "4a131c81070358455c5728f20e95452f",            # RFC 3947
                                      "4048b7d56ebce88525e7de7f00d6c2d380000000")]   # FRAGMENTATION

# A message is a list of items: (kind, name, ...). Kinds:
#   number NAME SIZE VALUE; octet and next are numbers of which all values are tried, attr one with the bit AF
#   length NAME SIZE LESS: octets of the list that it is in, LESS so many
#   count NAME SIZE: lists in it;  more NAME VALUE: VALUE where another list follows, or 0
#   octets NAME VALUE; fixed: of which the length is not changed
#   list NAME ITEMS


def basic(name, kind, value):
    return "list", name, [("attr", "type", 2, 0x8000 | kind), ("number", "value", 2, value)]


def variable(name, kind, value):
    return "list", name, [("attr", "type", 2, kind), ("length", "length", 2, 4), ("octets", "value", value)]


def part(name, kind, items):
    return "list", name, [("more", "next", kind), ("number", "reserved", 1, 0), ("length", "length", 2, 0), *items]


def transform(n, attrs):
    return part("transform%d" % n, TRANSFORM, [("number", "number", 1, n), ("number", "id", 1, 1),
                                                ("number", "reserved2", 2, 0), *attrs])


def association(*transforms):
    return SA, "sa", [("number", "doi", 4, 1), ("number", "situation", 4, 1),
                      part("proposal", PROPOSAL, [("number", "number", 1, 1), ("number", "protocol", 1, 1),
                                                  ("number", "spi_size", 1, 0), ("count", "transforms", 1),
                                                  *transforms])]


# AES-256, SHA-256, ECP-256, pre-shared key, an hour: in either form
WORDS = [("encr", 1, 7), ("bits", 14, 256), ("hash", 2, 4), ("method", 3, 1), ("group", 4, 19), ("unit", 11, 1)]
SHORT = transform(1, [basic(*w) for w in WORDS] + [variable("life", 12, b"\0\0\x0e\x10")])
LONG = transform(2, [variable(n, k, struct.pack("!H", v)) for n, k, v in WORDS] + [basic("life", 12, 3600)])


def payload(kind, name, value):
    return kind, name, [("octets", "value", value)]


def identity(value):
    return ID, "id", [("number", "type", 1, 2), ("number", "protocol", 1, 0), ("number", "port", 2, 0),
                      ("octets", "value", value)]


def notify(kind, data=b""):
    return NOTIFY, "notify", [("number", "doi", 4, 1), ("number", "protocol", 1, 1), ("number", "spi_size", 1, 16),
                              ("number", "type", 2, kind), ("octets", "spi", COOKIE_I + COOKIE_R), ("octets", "data", data)]


DELETES = DELETE, "delete", [("number", "doi", 4, 1), ("number", "protocol", 1, 1), ("number", "spi_size", 1, 16),
                             ("number", "spis", 2, 1), ("octets", "spi", COOKIE_I + COOKIE_R)]
KEYS = [payload(KE, "ke", POINT), payload(NONCE, "nonce", bytes(range(32)))]
SAID = [payload(VENDOR, "vendor%d" % i, v) for i, v in enumerate(VENDORS)]
NATS = [payload(NAT_D, "nat%d" % i, bytes([i]) * 32) for i in (1, 2)]


def piece(number, last, data):
    return FRAGMENT, "fragment", [("number", "id", 2, 7), ("number", "number", 1, number), ("octet", "flags", 1, last),
                                  ("octets", "data", data)]


class Message:
    """Its exchange and payloads; is there a responder's cookie, and the message ID."""

    def __init__(self, exchange, payloads, later=False, msgid=0):
        self.exchange, self.payloads, self.later, self.msgid = exchange, payloads, later, msgid

    def having(self, payloads):
        return Message(self.exchange, payloads, self.later, self.msgid)

    def items(self):
        kinds = [p[0] for p in self.payloads] + [0]
        head = [("fixed", "cookie_i", COOKIE_I), ("fixed", "cookie_r", COOKIE_R if self.later else bytes(8)),
                ("next", "next", 1, kinds[0]), ("octet", "version", 1, 0x10), ("octet", "exchange", 1, self.exchange),
                ("octet", "flags", 1, 0), ("number", "msgid", 4, self.msgid), ("length", "length", 4, 0)]
        return head + [("list", name, [("next", "next", 1, after), ("number", "reserved", 1, 0),
                                       ("length", "length", 2, 0), *items])
                       for (_, name, items), after in zip(self.payloads, kinds[1:])]

    def build(self, change=None, seen=None):
        return bytes(emit(self.items(), "", change or {}, {} if seen is None else seen, False))


def emit(items, path, change, seen, more):
    out, lengths = bytearray(), []
    lists = [i for i, item in enumerate(items) if item[0] == "list"]
    for i, (kind, name, *what) in enumerate(items):
        at = path + name
        if kind == "list":
            out += emit(what[0], at + ".", change, seen, i != lists[-1])
        elif kind in ("octets", "fixed"):
            seen[at] = kind, 0, what[0]
            out += change.get(at, what[0])
        elif kind == "length":
            lengths.append((len(out), at, *what))
            out += bytes(what[0])
        else:
            size = 1 if kind == "more" else what[0]
            value = {"count": len(lists), "more": what[-1] if more else 0}.get(kind, what[-1])
            value &= (1 << 8 * size) - 1
            seen[at] = kind, size, value
            out += change.get(at, value).to_bytes(size, "big")
    for offset, at, size, less in lengths:
        value = len(out) - less & (1 << 8 * size) - 1
        seen[at] = "length", size, value
        out[offset:offset + size] = change.get(at, value).to_bytes(size, "big")
    return out


# ---- what can be wrong

def numbers(kind, size, v):
    if kind in ("next", "octet", "more"):
        return set(range(256)) - {v}
    top = (1 << 8 * size) - 1
    values = {0, 1, top, v - 1, v + 1}
    if kind == "length":
        values |= {2, 3, 4, 5, 7, 8, 27, 28, v - 8, v - 4, v + 4, v + 8, v // 2, 2 * v, top // 2, top // 2 + 1, top - 15}
    elif kind == "count":
        values |= {2 * v, 128}
    elif kind == "attr":
        values |= {v ^ 0x8000} | {form | n for n in range(18) for form in (0, 0x8000)}
    return {n & top for n in values} - {v}


def strings(kind, v):
    values = {bytes(len(v)), b"\xff" * len(v)}
    if v:
        values |= {bytes([v[0] + d & 255]) + v[1:] for d in (1, -1)} | {v[:-1] + bytes([v[-1] + d & 255]) for d in (1, -1)}
    if kind == "octets":
        n = len(v)
        values |= {(v or b"\x01" * 8) * (to // max(n, 1) + 1) for to in (9000,)}
        values |= {((v or b"\x01") * (to // max(n, 1) + 1))[:to] for to in
                   {0, 1, 3, 4, 7, 8, n // 2, max(n - 1, 0), n + 1, n + 4, 2 * n, 255, 256, 257, 1024, 1025, 1152, 1153}}
    return values - {v}


def is_frame(kind, at, value, n):
    """What nobody can be mistaken about: how many there are, what follows inside, lengths. Those of attributes and
    vendor IDs only where they are longer than all there is: what is in these may be anything, two of them in
    one, or a little room at the end."""
    if kind == "length":
        return value > n or (at.count(".") < 4 and not at.startswith("vendor"))
    return kind in ("count", "more")


def fields(m):
    seen = {}
    n = len(m.build(None, seen))
    for at, (kind, size, v) in seen.items():
        for value in sorted(numbers(kind, size, v) if size else strings(kind, v)):
            told = value if size else "%d octets %s" % (len(value), value[:4].hex())
            yield "%s %s" % (at, told), m.build({at: value}), is_frame(kind, at, value, n)


def rows(items):
    """The same list with each of its parts left out, doubled, changed for the next one; many of it."""
    lists = [i for i, item in enumerate(items) if item[0] == "list"]
    for n, i in enumerate(lists):
        yield "without " + items[i][1], items[:i] + items[i + 1:]
        for times in (2, 3, 24, 25, 32, 33, 64, 65, 255, 256, 257):
            yield "%s %d times" % (items[i][1], times), items[:i] + items[i:i + 1] * times + items[i + 1:]
        if n + 1 < len(lists):
            j = lists[n + 1]
            yield "%s after %s" % (items[i][1], items[j][1]), (items[:i] + [items[j]] + items[i + 1:j] + [items[i]] +
                                                                items[j + 1:])
        for what, inner in rows(items[i][2]):
            yield items[i][1] + " " + what, items[:i] + [("list", items[i][1], inner)] + items[i + 1:]


STRAY = [association(SHORT), *KEYS, identity(b"a.example"), payload(CERT, "cert", b"\x04\x30\x00"),
         payload(CERTREQ, "certreq", b"\x04"), payload(HASH, "hash", bytes(32)), payload(SIG, "sig", bytes(64)),
         notify(24578), DELETES, payload(14, "attributes", b"\x01\x00\x00\x01"), *NATS[:1],
         payload(21, "nat_oa", b"\x01\0\0\0\x0a\0\0\x01"), payload(130, "old nat", bytes(32)), piece(1, 1, bytes(32)),
         payload(33, "sa of 2", bytes(8)), payload(46, "sk", bytes(64)), payload(VENDOR, "stranger", bytes(16))]


def payloads(m):
    p = m.payloads
    for i, one in enumerate(p):
        others = p[:i] + p[i + 1:]
        yield "without " + one[1], m.having(others)
        yield one[1] + " alone", m.having([one])
        for times in (2, 3, 62, 63, 64, 65, 255):
            yield "%s %d times" % (one[1], times), m.having(p[:i] + [one] * times + p[i + 1:])
        for j in range(len(p)):
            if j != i:
                yield "%s at %d" % (one[1], j), m.having(others[:j] + [one] + others[j:])
            yield "%s for %s" % (p[j][1], one[1]), m.having(p[:i] + [p[j]] + p[i + 1:])
        for what, items in rows(one[2]):
            yield one[1] + " " + what, m.having(p[:i] + [(one[0], one[1], items)] + p[i + 1:])
    for one in STRAY:
        for i in range(len(p) + 1):
            yield "%s more at %d" % (one[1], i), m.having(p[:i] + [one] + p[i:])
    yield "nothing", m.having([])


def resized(data):
    return data[:24] + struct.pack("!I", len(data)) + data[28:]


def cuts(m):
    data = m.build()
    for n in range(len(data)):
        yield "cut at %d" % n, data[:n], True
        if n >= 28:
            yield "cut at %d, length mended" % n, resized(data[:n]), True
    for n in (1, 2, 3, 4, 5, 8, 64):
        for octet in (b"\0", b"\xff"):
            yield "%d octets more" % n, data + octet * n, True
            # some peers pad to whole words
            yield "%d octets more, length mended" % n, resized(data + octet * n), n > 3


def variants(m):
    """The good one, then (what, octets, must it be refused?), each once; those too long to be sent are left out."""
    done = {m.build()}
    yield "as it should be", m.build(), False
    for more in (fields(m), ((what, v.build(), False) for what, v in payloads(m)), cuts(m)):
        for what, data, bad in more:
            if data not in done and len(data) <= 60000:
                done.add(data)
                yield what, data, bad


FIRST = Message(MAIN, [association(SHORT, LONG), *SAID])
THIRD = Message(MAIN, KEYS + [payload(CERTREQ, "certreq", b"\x04")] + NATS + [notify(24578)], True)
WHOLE = THIRD.build()
HALF = len(WHOLE) // 2
KINDS = {
    "main-1": FIRST,
    "aggressive-1": Message(AGGRESSIVE, [association(SHORT), *KEYS, identity(b"stranger.example"), *SAID[:2]]),
    "base-1": Message(BASE, [association(SHORT), KEYS[1], notify(24578), *SAID[:1]]),
    "main-3": THIRD,
    "info": Message(INFORMATIONAL, [notify(14, b"why"), DELETES], True, 0x01020304),
    "fragment": Message(MAIN, [piece(1, 0, WHOLE[:HALF])], True),
}
# what follows it
REST = {"fragment": Message(MAIN, [piece(2, 1, WHOLE[HALF:])], True).build()}


def silent(kind, data):
    """Kept, not answered: what is encrypted and may be of phase 2, if phase 1 came to its end."""
    return kind == "info" and len(data) > 19 and data[19] in (1, 3) and data[18] in (INFORMATIONAL, 6, 32, 33)


def is_error(answer):
    """One in the clear of version 1, or that the version is not known."""
    return answer[17] != 0x10 or answer[18] == INFORMATIONAL


# How many octets more than the request an answer has at most: what the exchange adds to it. The
# vendor ID of fragments may have come without its last word, nonces may be shorter than ours; in
# Aggressive Mode there are NAT-D and HASH, and another identity.
MORE = {"main-1": 4, "base-1": 28, "aggressive-1": 28 + 3 * 36 + 16, "info": 0, "main-3": 64, "fragment": 64}


# ---- the conversation

class Stat:
    """The counters of a gateway of ours."""
    LATER = (b"half-open-timeout", b"timeout", b"fragment-timeout")

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDONLY)

    def read(self):
        words = os.pread(self.fd, 1 << 16, 0).split()
        return {k: int(v) for k, v in zip(words[::2], words[1::2]) if v.isdigit()}

    def refused(self):
        return sum(v for k, v in self.read().items() if k.startswith(b"refused-") and k[8:] not in self.LATER)


class Talk:
    def __init__(self, dst, stat):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)    # SO_RCVBUFFORCE
        self.sock.connect((dst, 500))
        self.sock.setblocking(False)
        self.stat, self.answers = stat, []
        self.n = self.sent = self.wrong = 0

    def cookie(self):
        self.n += 1
        return struct.pack("!Q", 0x6d61747269780000 + self.n)

    def send(self, data):
        self.sent += 1
        self.sock.send(data)

    def send_all(self, lot):
        for *_, datagrams in lot:
            for data in datagrams:
                self.send(data)

    def drain(self, wait):
        """What has come until now, or the first of it."""
        if wait:
            select.select([self.sock], [], [], wait)
        while True:
            try:
                self.answers.append(self.sock.recv(65535))
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue

    def tell(self, what):
        self.wrong += 1
        if self.wrong <= 20:
            print(what)

    def begin(self, n):
        """So many exchanges in which message 2 of Main Mode has come: their cookies."""
        first, self.answers = FIRST.build(), []
        asked = {self.cookie() for _ in range(n)}
        for cookie in sorted(asked):
            self.send(cookie + first[8:])
        for _ in range(1500):
            good = {a[:8]: a[:16] for a in self.answers if a[:8] in asked and a[16] == SA}
            if len(good) == n:
                break
            self.drain(0.002)
        return sorted(good.values())


def addressed(data, cookies):
    return data.replace(COOKIE_I, cookies[:8]).replace(COOKIE_R, cookies[8:])


def check_answer(talk, kind, a, asked):
    """To who has asked, of the same exchange or an error, no longer than it may be, if there may be one."""
    if len(a) < 28 or struct.unpack("!I", a[24:28])[0] != len(a) or a[:8] not in asked:
        talk.tell("%s: what is this answer? %s" % (kind, a[:32].hex()))
        return
    what, bad, datagrams = asked[a[:8]]
    exchange = MAIN if kind == "fragment" else datagrams[0][18]
    if not is_error(a) and (bad or a[18] != exchange):
        talk.tell("%s, %s: an answer of exchange %d" % (kind, what, a[18]))
    most = max(map(len, datagrams)) + (0 if is_error(a) else MORE[kind])
    if len(a) > most:
        talk.tell("%s, %s: %d octets, not %d" % (kind, what, len(a), most))


def check_answers(talk, kind, lot):
    asked = {one[2][0][:8]: one for one in lot}
    got = [a[:8] for a in talk.answers]
    for a in talk.answers:
        check_answer(talk, kind, a, asked)
    for cookie, one in asked.items():
        if got.count(cookie) > 1:
            talk.tell("%s, %s: %d answers" % (kind, one[0], got.count(cookie)))
        if one[0] == "as it should be" and kind != "info" and cookie not in got:
            talk.tell("%s, %s: no answer" % (kind, one[0]))


def settle(talk, kind, lot, before):
    """Until all of it is accounted for: refused by name, answered, or kept. Of pieces one is kept, or both."""
    data = [d for *_, datagrams in lot for d in datagrams]
    pieces = kind == "fragment"
    kept = len(lot) if pieces else sum(silent(kind, d) for d in data)
    good = n = 0
    for _ in range(25 if pieces else 1500):
        talk.drain(0.002)
        good = sum(not is_error(a) for a in talk.answers if len(a) >= 28)
        n = talk.stat.refused() - before
        if n + good + kept >= len(data):
            break
    if n + good + kept > len(data) or (n + good + kept < len(data) and not pieces):
        talk.tell("%s, from \"%s\" to \"%s\": %d sent, %d refused, %d answered, %d kept" % (
            kind, lot[0][0], lot[-1][0], len(data), n, good, kept))
    return n, good


def lots(talk, kind):
    """(what, must it be refused?, its datagrams), so many at a time, each for an exchange of its own."""
    some = list(variants(KINDS[kind]))
    for at in range(0, len(some), LOT):
        now = some[at:at + LOT]
        if KINDS[kind].later:
            cookies = talk.begin(len(now))
        else:
            cookies = [talk.cookie() + bytes(8) for _ in now]
        if len(cookies) < len(now):
            talk.tell("%s, before \"%s\": %d of %d good first messages answered" % (kind, now[0][0], len(cookies), len(now)))
        yield [(what, bad and kind != "fragment", [addressed(d, c) for d in (data, REST.get(kind)) if d is not None])
               for (what, data, bad), c in zip(now, cookies)]


def ours(talk, kinds):
    for kind in kinds:
        total = refused = answered = 0
        for lot in lots(talk, kind):
            talk.answers, before = [], talk.stat.refused()
            talk.send_all(lot)
            n, good = settle(talk, kind, lot, before)
            check_answers(talk, kind, lot)
            total, refused, answered = total + sum(len(d) for *_, d in lot), refused + n, answered + good
        print("%s: %d sent, %d refused, %d answered" % (kind, total, refused, answered), file=sys.stderr)


def main():
    verb = sys.argv[1]
    rest = sys.argv[{"ours": 4, "list": 2}[verb]:]
    kinds = rest or list(KINDS)
    if verb == "list":
        for kind in kinds:
            print(kind, sum(1 for _ in variants(KINDS[kind])))
        return
    talk = Talk(sys.argv[2], Stat(sys.argv[3]))
    ours(talk, kinds)
    print(talk.sent, file=sys.stderr)
    sys.exit(1 if talk.wrong else 0)


if __name__ == "__main__":
    main()
