#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""nlfamily.py: the generic netlink family for tests: attributes, objects, answers, KTAP.

Numbers come from the headers. Standard library only.
"""
import errno
import os
import re
import socket
import struct
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
UAPI = [os.path.join(HERE, "..", "include", "uapi", "linux", h) for h in ("isakmp.h", "isakmp_helper.h")]
REASONS = os.path.join(HERE, "..", "include", "isakmp", "reason.h")

REQUEST, ACK, ECHO = 0x01, 0x04, 0x08
REPLACE, EXCL, CREATE, DUMP = 0x100, 0x200, 0x400, 0x300
ADD, PUT, SET = CREATE | EXCL, CREATE | REPLACE, REPLACE
MULTI, DUMP_INTR, NESTED = 0x02, 0x10, 0x8000


def constants():
    """The uapi headers' enumerators and the reasons, by name."""
    found = {}
    text = ""
    for header in UAPI:
        with open(header, encoding="utf-8") as f:
            text += re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    for body in re.findall(r"enum \w+ \{(.*?)\};", text, re.S):
        number = -1
        for entry in filter(None, (x.strip() for x in body.split(","))):
            name, _, value = entry.partition("=")
            number = int(value, 0) if value.strip() else number + 1
            found[name.strip()] = number
    with open(REASONS, encoding="utf-8") as f:
        for number, name in enumerate(re.findall(r"^\tR\((\w+),", f.read(), re.M)):
            found["ISAKMP_R_" + name] = number + 1
    return found


C = constants()


class Refused(Exception):
    """The kernel said no: errno, sentence, offset of the bad attribute."""

    def __init__(self, code, text=None, offset=None, missing=None):
        super().__init__(f"{errno.errorcode.get(code, code)}: {text}")
        self.code, self.text, self.offset, self.missing = code, text, offset, missing


# ---- attributes ----------------------------------------------------------------

def attr(kind, value):
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def encode(prefix, items):
    """[(NAME, value)]: int by size in NAME:size, str, bytes, True (flag), list (nest)"""
    out = b""
    for name, value in items:
        name, _, size = name.partition(":")
        kind = C[prefix + name] if name in names(prefix) else int(name)
        if isinstance(value, list):
            inner = {"SUITE": "SUITE_", "LOCAL_TS": "TS_", "REMOTE_TS": "TS_", "ROAM": "TS_", "FOLLOW": "TS_",
                     "SUBNET": "RANGE_"}.get(name, name + "_")
            out += attr(kind | NESTED, encode("ISAKMP_" + inner, value))
        elif value is True:
            out += attr(kind, b"")
        elif isinstance(value, int):
            out += attr(kind, value.to_bytes(int(size or 4), sys.byteorder))
        else:
            out += attr(kind, value.encode() + b"\0" if isinstance(value, str) else value)
    return out


def names(prefix):
    return {n[len(prefix):] for n in C if n.startswith(prefix)}


def decode(data):
    """[(type, bytes)]"""
    out = []
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        out.append((kind & 0x3fff, data[4:size]))
        data = data[(size + 3) & ~3:]
    return out


def find(attrs, name, default=None):
    return next((v for k, v in attrs if k == C["ISAKMP_" + name]), default)


def number(value):
    return int.from_bytes(value, sys.byteorder) if value is not None else None


def text(value):
    return value.rstrip(b"\0").decode() if value is not None else None


# ---- socket --------------------------------------------------------------------

PATIENCE = 60           # seconds until what has to come is missed: a machine may be busy

class Family:
    def __init__(self, group=None):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.bind((0, 0))
        self.sock.setsockopt(270, 11, 1)        # NETLINK_EXT_ACK
        self.sock.setsockopt(270, 10, 1)        # NETLINK_CAP_ACK
        self.sock.settimeout(PATIENCE)
        self.seq = 0
        self.nth = 0            # this allocation of the next command fails
        self.reached = False
        reply = self.call_raw(16, 3, attr(2, b"isakmp\0"))[0]
        attrs = decode(reply)
        self.id = number(dict(attrs)[1])
        self.groups = {text(dict(decode(g))[1]): number(dict(decode(g))[2])
                       for _, g in decode(dict(attrs)[7])}
        self.events = []
        if group:
            self.sock.setsockopt(270, 1, self.groups[group])

    def close(self):
        self.sock.close()

    def send(self, kind, cmd, payload, flags=0, reserved=0):
        self.seq += 1
        message = struct.pack("=IHHIIBBH", 20 + len(payload), kind, REQUEST | ACK | flags,
                              self.seq, 0, cmd, 1, reserved) + payload
        if not self.nth:
            self.sock.send(message)
            return
        with open("/proc/thread-self/fail-nth", "r+b", buffering=0) as f:
            f.write(str(self.nth).encode())
            try:
                self.sock.send(message)
            finally:
                self.reached = int(os.pread(f.fileno(), 32, 0)) == 0
                f.write(b"0")

    def messages(self):
        data = self.sock.recv(1 << 17)
        while data:
            size, kind, flags, seq, _ = struct.unpack_from("=IHHII", data)
            yield kind, flags, seq, data[16:size]
            data = data[(size + 3) & ~3:]

    def answer(self):
        """Payloads up to the acknowledgement, or Refused; notices whether a dump was torn."""
        out, self.torn = [], False
        while True:
            for kind, flags, seq, body in self.messages():
                if seq != self.seq:
                    self.events.append(body)
                    continue
                self.torn |= bool(flags & DUMP_INTR)
                if kind == 2 or kind == 3:
                    code = -struct.unpack_from("=i", body)[0]
                    tlvs = decode(body[20:] if kind == 2 else body[4:]) if flags & 0x200 else []
                    tlvs = dict(tlvs)
                    if code:
                        raise Refused(code, text(tlvs.get(1)), number(tlvs.get(2)),
                                      number(tlvs.get(5)))
                    self.warning = text(tlvs.get(1))
                    return out
                out.append(body[4:])

    def call_raw(self, kind, cmd, payload, flags=0, reserved=0):
        self.send(kind, cmd, payload, flags, reserved)
        return self.answer()

    def call(self, cmd, items=(), flags=0, raw=b"", **kw):
        payload = encode("ISAKMP_A_", list(items)) + raw
        return [decode(x) for x in self.call_raw(self.id, C["ISAKMP_CMD_" + cmd], payload, flags, **kw)]

    def event(self, want, seconds=PATIENCE):
        """The next event of a type; None if none comes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            while self.events:
                attrs = decode(self.events.pop(0)[4:])
                inner = decode(find(attrs, "A_EVENT", b""))
                if number(find(inner, "EVENT_TYPE")) == C["ISAKMP_EVENT_" + want]:
                    return attrs
            self.sock.settimeout(max(0.01, end - time.monotonic()))
            try:
                self.events += [body for _, _, _, body in self.messages()]
            except TimeoutError:
                pass
            finally:
                self.sock.settimeout(PATIENCE)
        return None


def family_in(netns, group=None):
    """A socket lives in the namespace it was made in."""
    old = os.open("/proc/self/ns/net", os.O_RDONLY)
    new = os.open("/run/netns/" + netns, os.O_RDONLY)
    try:
        os.setns(new, os.CLONE_NEWNET)
        return Family(group)
    finally:
        os.setns(old, os.CLONE_NEWNET)
        os.close(old)
        os.close(new)


# ---- objects -------------------------------------------------------------------

IKE = [("PROTOCOL:1", 1), ("ENCR:2", 20), ("KEYLEN:2", 256), ("PRF:2", 5), ("KE:2", 31)]
ESP = [("PROTOCOL:1", 3), ("ENCR:2", 20), ("KEYLEN:2", 256)]
ESP_ESN = [*ESP, ("ESN:1", 0)]
ip = socket.inet_aton


def ip6(text):
    return socket.inet_pton(socket.AF_INET6, text)


def fqdn(name):
    return b"\2" + name.encode()


def ts(prefix, *more):
    base, _, bits = prefix.partition("/")
    start = int.from_bytes(ip(base), "big")
    end = start + (1 << (32 - int(bits or 32))) - 1
    return [("START", start.to_bytes(4, "big")), ("END", end.to_bytes(4, "big")), *more]


def proposal(name, *suites):
    return "PROPOSAL", [("NAME", name)] + [("SUITE", s) for s in suites or (IKE, ESP)]


def peer(name, **kw):
    kw = {"PROPOSAL": "p", **kw}
    return "PEER", [("NAME", name)] + [(k.replace("_1", ":1").replace("_2", ":2"), v) for k, v in kw.items()]


def auth(name, side, ident=None, **kw):
    items = [("PEER", name), ("SIDE:1", side), ("METHOD:1", 1)]
    return "AUTH", items + ([("ID", ident)] if ident else []) + list(kw.items())


def child(owner, name, local="10.1.0.0/16", remote="10.2.0.0/16", **kw):
    return "CHILD", [("PEER", owner), ("NAME", name), ("LOCAL_TS", ts(local)),
                     ("REMOTE_TS", ts(remote)), *kw.items()]


def new(f, item, flags=ADD, txn=None):
    kind, items = item
    return f.call(kind + "_NEW", ([("TXN", txn)] if txn else []) + [(kind, items)], flags)


def remove(f, kind, *key):
    return f.call(kind + "_DEL", [(kind, list(key))])


def listed(f, kind, items=()):
    return [decode(find(m, "A_" + kind)) for m in
            f.call(kind + "_GET", items, DUMP)]


def gen(f, name):
    found = f.call("PEER_GET", [("PEER", [("NAME", name)])])
    return number(find(decode(find(found[0], "A_PEER")), "PEER_GEN"))


# ---- KTAP ----------------------------------------------------------------------

done, failed = 0, 0


def result(good, what, note=None):
    global done, failed
    done += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {done} {what}")
    if not good and note is not None:
        print(f"# {note}")
    sys.stdout.flush()


def equal(what, got, want):
    result(got == want, what, f"got {got!r}, not {want!r}")


def refused(what, code, sentence, call, *args, **kw):
    """The call is refused with this errno and a sentence that has these words."""
    try:
        call(*args, **kw)
    except Refused as e:
        good = e.code == code and (not sentence or (e.text and sentence in e.text))
        result(good, what, e)
        return
    result(False, what, "it was not refused")


def accepted(what, call, *args, **kw):
    try:
        got = call(*args, **kw)
    except Refused as e:
        result(False, what, e)
        return None
    result(True, what)
    return got


def finish():
    print(f"1..{done}")
    return 1 if failed else 0
