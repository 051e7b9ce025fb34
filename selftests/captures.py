#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""captures.py: isakmp decode over files made here: every kind of link in both byte orders, fragments,
files that end anywhere, hostile octets, very many packets. Speaks KTAP. Standard library only."""
import json
import os
import resource
import struct
import subprocess
import sys
import tempfile
import time

ETHER = b"dddddd" + b"ssssss"
SLL = struct.pack(">HHH8s", 0, 1, 6, b"aaaaaaaa")
V4, V6 = 0x0800, 0x86DD

done = failed = 0


def result(good, what, note=""):
    global done, failed
    done += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {done} {what}")
    if not good:
        print("# " + str(note)[:400].replace("\n", "\n# "))
    sys.stdout.flush()


def ike(payload=b"", first=0, length=None):
    """An IKE_SA_INIT request."""
    n = 28 + len(payload) if length is None else length
    return struct.pack(">QQBBBBII", 0x1122334455667788, 0, first, 0x20, 34, 8, 0, n) + payload


def udp(data, port=500):
    return struct.pack(">HHHH", port, port, 8 + len(data), 0) + data


def ipv4(data, frag=0, ident=7, proto=17):
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(data), ident, frag, 64, proto, 0,
                       bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])) + data


def ipv6(data, follows=17):
    return struct.pack(">IHBB16s16s", 6 << 28, len(data), follows, 64,
                       bytes.fromhex("20010db8") + bytes(11) + b"\1",
                       bytes.fromhex("20010db8") + bytes(11) + b"\2") + data


def piece(data, offset, more, ident=9):
    return ipv6(struct.pack(">BBHI", 17, 0, offset | more, ident) + data, 44)


def record(order, frame, wire=None, cap=None):
    size = len(frame) if cap is None else cap
    return struct.pack(order + "IIII", 1700000000, 5, size, size if wire is None else wire) + frame


def pcap(link, frames, order="<"):
    return struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link) + b"".join(
        record(order, f) for f in frames)


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    n = 12 + len(body)
    return struct.pack(order + "II", kind, n) + body + struct.pack(order + "I", n)


def pcapng(parts, order="<"):
    """parts: a link type begins an interface, octets are a packet of the last one."""
    out = block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    interface = -1
    for part in parts:
        if isinstance(part, int):
            interface += 1
            out += block(order, 1, struct.pack(order + "HHI", part, 0, 65535))
        else:
            out += block(order, 6, struct.pack(order + "IIIII", interface, 0, 0, len(part), len(part)) + part)
    return out


class Run:
    """isakmp ARGS decode FILE, with what it said."""

    def __init__(self, data, *args, more=()):
        with tempfile.NamedTemporaryFile(suffix=".pcap") as f:
            f.write(data)
            f.flush()
            self.of(f.name, *args, more=more)

    def of(self, path, *args, more=()):
        p = subprocess.run(["isakmp", *args, "decode", path, *more], capture_output=True, timeout=120)
        self.status, self.out, self.err = p.returncode, p.stdout, p.stderr.decode()

    def records(self):
        return json.loads(self.out)


def whole(what, data, count=1):
    """So many IKE_SA_INIT, in text and in JSON."""
    r = Run(data, "-j")
    try:
        good = r.status == 0 and [x.get("exchange") for x in r.records()] == ["IKE_SA_INIT"] * count
    except ValueError:
        good = False
    text = Run(data)
    good = good and text.status == 0 and text.out.count(b"IKE_SA_INIT request") == count
    result(good, what, (r.status, r.out, r.err))


def links():
    message = udp(ike())
    kinds = [
        ("Ethernet", 1, ETHER + struct.pack(">H", V4), V4), ("Ethernet", 1, ETHER + struct.pack(">H", V6), V6),
        ("VLAN", 1, ETHER + struct.pack(">HHH", 0x8100, 5, V4), V4),
        ("QinQ", 1, ETHER + struct.pack(">HHHHH", 0x88A8, 5, 0x8100, 6, V6), V6),
        ("SLL", 113, SLL + struct.pack(">H", V4), V4), ("SLL", 113, SLL + struct.pack(">H", V6), V6),
        ("SLL with a VLAN", 113, SLL + struct.pack(">HHH", 0x8100, 5, V4), V4),
        ("SLL2", 276, struct.pack(">HHIHBB8s", V6, 0, 1, 1, 0, 6, b"aaaaaaaa"), V6),
        ("raw IP", 101, b"", V4), ("raw IP", 101, b"", V6), ("raw IPv4", 228, b"", V4), ("raw IPv6", 229, b"", V6),
        ("loop", 108, struct.pack(">I", 2), V4), ("loop", 108, struct.pack(">I", 30), V6),
    ]
    for order, name in ("<", "little"), (">", "big"):
        for what, link, head, ip in kinds:
            frame = head + (ipv4(message) if ip == V4 else ipv6(message))
            whole(f"{what}, IPv{4 if ip == V4 else 6}, {name}-endian", pcap(link, [frame], order))
        for family, packet in (2, ipv4(message)), (10, ipv6(message)), (30, ipv6(message)):
            whole(f"null, family {family}, {name}-endian", pcap(0, [struct.pack(order + "I", family) + packet], order))
    r = Run(pcap(127, [bytes(40)]))
    result(r.status == 1 and "cannot be read" in r.err, "a link that is not known is told by name", r.err)


def fragments():
    vendor = b"\0\0\x05\xdc" + bytes(1496)
    message = udp(ike(vendor, 43))
    cut = (0, 512, 1024, len(message))
    for name, one, link in (
            ("IPv4", lambda a, b: ipv4(message[a:b], a // 8 | (0x2000 if b < len(message) else 0)), 228),
            ("IPv6", lambda a, b: piece(message[a:b], a, b < len(message)), 229)):
        pieces = [one(a, b) for a, b in zip(cut, cut[1:])]
        whole(f"fragments of {name}", pcap(link, pieces))
        whole(f"fragments of {name}, backwards", pcap(link, pieces[::-1]))
        whole(f"fragments of {name}, one twice", pcap(link, [pieces[0], *pieces]))
        r = Run(pcap(link, pieces[:1] + pieces[2:]), "-j")
        result(r.status == 0 and r.records() == [], f"fragments of {name}, one of them lost", r.out)


def broken():
    frame = ipv4(udp(ike()))
    good = pcap(101, [frame] * 3)
    sizes = range(24, len(good))
    said = {}
    for n in sizes:
        r = Run(good[:n], "-j")
        rest = (n - 24) % (16 + len(frame))
        try:
            told = r.status == 1 and "truncated" in r.err and "behind frame" in r.err if rest else r.status == 0
            if not told or len(r.records()) != (n - 24) // (16 + len(frame)):
                said[n] = (r.status, r.err, r.out)
        except ValueError:
            said[n] = r.out
    result(not said, "a capture that ends anywhere: what came before is shown, and that it ends", said)
    r = Run(pcap(101, [frame])[:-16], more=())
    result(r.status == 1 and "truncated" in r.err and not r.out, "a capture cut inside its one record", r.err)
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    r = Run(head + record("<", frame) + record("<", frame, cap=0x7FFFFFFF))
    result(r.status == 1 and "behind frame 1" in r.err, "a record that claims two gigabytes", r.err)
    r = Run(head + record("<", frame[:-10], wire=len(frame)))
    result(r.status == 0 and b" cut " in r.out, "a frame that was captured in part is told so", r.out)
    for data, what in ((b"", "an empty file"), (b"\xd4\xc3\xb2\xa1", "a file of four octets"),
                       (b"GIF89a" + bytes(99), "a file of something else")):
        r = Run(data)
        result(r.status == 1 and r.err.startswith("Error: ") and not r.out, what, r.err)
    ether = ETHER + struct.pack(">H", V4) + frame
    r = Run(pcapng([1, ether, 1, ether]), "-j")
    result(r.status == 0 and len(r.records()) == 2, "pcapng with two interfaces of one kind", r.err)
    r = Run(pcapng([101, frame, 1, ether]), "-j")
    result(r.status == 1 and "behind frame 1" in r.err and len(r.records()) == 1,
           "pcapng with two kinds of link: the second one is told", (r.err, r.out))
    r = Run(pcapng([101, frame], ">"), "-j")
    result(r.status == 0 and len(r.records()) == 1, "pcapng, big-endian", r.err)
    r = Run(pcapng([101, frame])[:-7], "-j")
    result(r.status == 1 and r.records() == [], "pcapng that ends inside a block", r.err)


def files():
    frame = pcap(101, [ipv4(udp(ike()))])
    r = Run(frame)
    with tempfile.TemporaryDirectory() as d:
        for path, want in (d, "Is a directory"), (d + "/none", "No such file"), ("/proc/self/mem", "Input/output error"):
            r.of(path)
            result(r.status == 1 and want in r.err, f"a capture: {want}", r.err)
            k = Run(frame, more=("keys", path))
            result(k.status == 1 and want in k.err and not k.out, f"keys: {want}", k.err)


def hostile():
    evil = bytes(range(256))
    octets = bytes.fromhex("0b000000") + evil
    body = struct.pack(">BBH", 43, 0, 4 + len(octets)) + octets
    body += struct.pack(">BBH", 41, 0, 4 + len(evil)) + evil
    body += struct.pack(">BBHBBH", 0, 0, 8 + len(evil), 0, 0, 16404) + evil
    for port in 500, 4500:
        data = pcap(101, [ipv4(udp((bytes(4) if port == 4500 else b"") + ike(body, 35), port))])
        for args in (), ("-d",), ("-o",), ("-j",), ("-j", "-p"):
            r = Run(data, *args)
            plain = all(b in b"\n\t" or 32 <= b < 127 for b in r.out)
            if "-j" in args:
                plain = plain and len(r.records()) == 1
            result(r.status == 0 and plain, f"every octet of a peer, escaped (threat 62), port {port} {' '.join(args)}", r.out)


def cost(path):
    """Seconds and kilobytes of one run."""
    begin = time.monotonic()
    pid = os.fork()
    if not pid:
        os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
        os.execlp("isakmp", "isakmp", "decode", path)
    _, status, used = os.wait4(pid, 0)
    return time.monotonic() - begin, used.ru_maxrss, status


def many():
    """Of the packets some are fragments that never become whole."""
    nonce = struct.pack(">BBH", 0, 0, 36) + bytes(32)
    with tempfile.TemporaryDirectory() as d:
        costs = {}
        for n in 10000, 100000:
            with open(f"{d}/{n}", "wb") as f:
                f.write(pcap(101, []))
                for i in range(n):
                    f.write(record("<", piece(bytes(64), 64, 1, i) if i % 10 == 0 else
                                   ipv4(udp(ike(nonce, 40)))))
            costs[n] = min(cost(f"{d}/{n}") for _ in range(2))
    ratio = costs[100000][0] / costs[10000][0]
    print(f"# 10,000 packets: {costs[10000][0]:.3f} s, {costs[10000][1]} KB; "
          f"100,000: {costs[100000][0]:.3f} s, {costs[100000][1]} KB; ratio {ratio:.1f}")
    result(costs[100000][2] == 0 and ratio < 15, "100,000 packets cost less than 15 times what 10,000 do", ratio)
    result(costs[100000][1] < costs[10000][1] + 1024, "and no more memory", costs)


def main():
    print("KTAP version 1")
    for part in links, fragments, broken, files, hostile, many:
        part()
    print(f"1..{done}")
    return 1 if failed else 0


sys.exit(main())
