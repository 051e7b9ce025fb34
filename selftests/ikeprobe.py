#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""ikeprobe.py: IKE datagrams as a stranger or a vandal sends them. Root; standard library only.

    first DST [options]     IKE_SA_INIT requests; prints where each answer came from, and with
                            --what what it was (exchange/notify type)
    replay PCAP DST [how]   what a capture saw going to DST with IKE, again: --times N, truncated at
                            every octet, with bits flipped (all of the header's), reflected to its sender ...
    fragments PCAP SRC      of the fragments of IKE that SRC sent: how many, how many that differ, the longest
    flood DST DEV           as many IKE_SA_INIT requests from as many addresses; then, of what came back to
                            those addresses by DEV, and of what went: packets, octets
    hex DST OCTETS...       just that, --times N each; --at-once: on this processor nobody else runs meanwhile,
                            not even a kernel worker
"""
import argparse
import os
import random
import select
import socket
import struct
import time

SA, KE, NONCE, NOTIFY, VENDOR = 33, 34, 40, 41, 43


def transform(last, kind, ident, bits=None):
    attr = struct.pack("!HH", 0x800E, bits) if bits else b""
    return struct.pack("!BBHBBH", 0 if last else 3, 0, 8 + len(attr), kind, 0, ident) + attr


def proposal(suite):
    prf = 6
    bits = 256
    if suite == "none":         # AES-CBC-512: nobody has that
        encr, bits = 12, 512
    else:
        encr = 20
    body = transform(False, 1, encr, bits) + transform(False, 2, prf) + transform(True, 4, 31)
    return struct.pack("!BBHBBBB", 0, 0, 8 + len(body), 1, 1, 0, 3) + body


def message(spi_i, payloads, exchange=34, flags=0x08, msgid=0, spi_r=0):
    body = b""
    for i, (_, data) in enumerate(payloads):
        following = payloads[i + 1][0] if i + 1 < len(payloads) else 0
        body += struct.pack("!BBH", following, 0, 4 + len(data)) + data
    first = payloads[0][0] if payloads else 0
    return struct.pack("!QQBBBBII", spi_i, spi_r, first, 0x20, exchange, flags, msgid,
                       28 + len(body)) + body


def first_message(args, cookie=None, spi=None, nonce=None):
    value = bytes(32) if args.zero_ke else os.urandom(32)
    payloads = [(SA, proposal(args.suite)),
                (KE, struct.pack("!HH", args.group, 0) + value),
                (NONCE, nonce or os.urandom(32))]
    payloads += [(VENDOR, os.urandom(1000))] * args.pad
    if cookie:
        payloads.insert(0, (NOTIFY, struct.pack("!BBH", 0, 0, 16390) + cookie))
    return message(spi or random.getrandbits(64) | 1, payloads)


def notify_of(answer):
    """Type and data of the first payload, when it is a Notify."""
    if len(answer) < 36 or answer[16] != NOTIFY:
        return None, b""
    length, = struct.unpack_from("!H", answer, 30)
    return struct.unpack_from("!H", answer, 34)[0], answer[36:28 + length]


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def spoof(raw, src, sport, dst, dport, data):
    """One UDP datagram from any address (raw: an IPPROTO_RAW socket)."""
    udp = struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), random.getrandbits(16), 0, 64, 17, 0,
                       socket.inet_aton(src), socket.inet_aton(dst))
    raw.sendto(head[:10] + struct.pack("!H", checksum(head)) + head[12:] + udp, (dst, 0))


def raw_socket():
    return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)


def report(args, data, addr):
    kind, _ = notify_of(data)
    print(addr[0] + (" %d/%s" % (data[18], kind) if args.what else ""))


def first(args):
    if args.src:
        raw = raw_socket()
        for i in range(args.count):
            src = args.src
            if args.spread:
                src = "%d.%d.%d.7" % (10, 128 + i // 250 % 100, i % 250)
            spoof(raw, src, args.sport or 500, args.dst, 500, first_message(args))
        return
    family = socket.AF_INET6 if ":" in args.dst else socket.AF_INET
    s = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    s.bind(("", args.sport))
    spi, nonce = args.spi or random.getrandbits(64) | 1, os.urandom(32)
    for i in range(args.count):
        keep = args.cookie or args.spi
        data = first_message(args, None, spi if keep else None, nonce if args.cookie else None)
        s.sendto(data, (args.dst, 500))
        if args.times > 1:      # repeats are repeats once there is an answer
            select.select([s], [], [], 5)
        for _ in range(args.times - 1):
            s.sendto(data, (args.dst, 500))
        answers = 0
        while answers < args.times and select.select([s], [], [], args.wait)[0]:
            answer, addr = s.recvfrom(65535)
            answers += 1
            kind, cookie = notify_of(answer)
            report(args, answer, addr)
            if kind == 16390 and args.cookie:
                if args.cookie == "bad":
                    cookie = cookie[:-1] + bytes([cookie[-1] ^ 1])
                s.sendto(first_message(args, cookie, spi, nonce), (args.dst, 500))
                if select.select([s], [], [], args.wait)[0]:
                    report(args, *s.recvfrom(65535))


def drain(sniff, dst, seen):
    """Counts what dst sent from the IKE ports since the last look."""
    while True:
        try:
            frame = sniff.recv(2048)
        except BlockingIOError:
            return
        head = (frame[14] & 15) * 4
        if (frame[23] == 17 and frame[26:30] == dst and frame[30] == 10 and
                frame[14 + head:16 + head] == b"\x01\xf4"):
            seen[0] += 1
            seen[1] += len(frame) - 14 - head - 8


def flood(args):
    raw = raw_socket()
    sniff = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    sniff.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)   # SO_RCVBUFFORCE
    sniff.bind((args.dev, 0))
    sniff.setblocking(False)
    dst, seen, octets = socket.inet_aton(args.dst), [0, 0], 0
    data = bytearray(first_message(args))
    nonce = len(data) - 32
    for i in range(args.count):
        data[:8] = struct.pack("!Q", random.getrandbits(64) | 1)
        data[nonce:] = random.randbytes(32)
        src = "10.%d.%d.%d" % (64 + random.randrange(64), random.randrange(256), random.randrange(256))
        try:
            spoof(raw, src, 1024 + random.randrange(60000), args.dst, 500, bytes(data))
        except BlockingIOError:
            continue
        octets += len(data)
        if i % 64 == 63:
            drain(sniff, dst, seen)
    time.sleep(0.3)
    drain(sniff, dst, seen)
    print(args.count, octets, seen[0], seen[1])


def captured(path):
    """(source, source port, destination, destination port, octets) of each UDP packet of a pcap."""
    with open(path, "rb") as f:
        blob = f.read()
    order = "<" if blob[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    link, = struct.unpack_from(order + "I", blob, 20)
    skip = {1: 14, 101: 0, 113: 16, 276: 20}[link]
    at = 24
    while at + 16 <= len(blob):
        n, = struct.unpack_from(order + "I", blob, at + 8)
        ip = blob[at + 16 + skip:at + 16 + n]
        at += 16 + n
        if len(ip) < 28 or ip[0] >> 4 != 4 or ip[9] != 17:
            continue
        h = (ip[0] & 15) * 4
        sport, dport, length, _ = struct.unpack_from("!HHHH", ip, h)
        yield socket.inet_ntoa(ip[12:16]), sport, socket.inet_ntoa(ip[16:20]), dport, ip[h + 8:h + length]


def ike(port, data):
    """The message, without non-ESP marker (RFC 3948, 2.2); None: it is none."""
    if port == 500:
        return data
    return data[4:] if port == 4500 and len(data) > 4 and not any(data[:4]) else None


def variants(data, how):
    if how == "truncate":
        for n in range(len(data)):
            yield data[:n]
            if n >= 28:         # the same with a header that fits
                yield data[:24] + struct.pack("!I", n) + data[28:n]
    elif how == "flip":
        for n in range(len(data)):
            for bit in range(8) if n < 28 else [random.randrange(8)]:
                yield data[:n] + bytes([data[n] ^ (1 << bit)]) + data[n + 1:]
    else:
        yield data


def fragment_of(data):
    """The number of a fragment of IKE (RFC 7383), or 0."""
    return struct.unpack_from("!H", data, 32)[0] if len(data) > 36 and data[16] == 53 else 0


def fragments(args):
    sent = [data for src, sport, _, _, octets in captured(args.pcap)
            if src == args.src and (data := ike(sport, octets)) and fragment_of(data)]
    print(len(sent), len(set(sent)), max(map(len, sent), default=0))


def replay(args):
    raw = raw_socket()
    seen = set()
    sent = 0
    for src, sport, dst, dport, octets in captured(args.pcap):
        data = ike(dport, octets)
        if dst != args.dst or not data or data in seen:
            continue
        if args.fragment and args.fragment != fragment_of(data):
            continue
        seen.add(data)
        for v in variants(data, args.how):
            v = octets[:len(octets) - len(data)] + v
            for _ in range(args.times):
                if args.how == "reflect":
                    spoof(raw, dst, dport, src, sport, v)
                else:
                    spoof(raw, args.src or src, sport, dst, dport, v)
                sent += 1
                if sent % 8 == 0:       # an inbox is small: be no flood
                    time.sleep(0.001)
    print(sent)


def hexes(args):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if args.at_once:
        args.wait = 0
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    for i, h in enumerate(args.octets * args.times):
        s.sendto(bytes.fromhex(h), (args.dst, args.port))
        if args.times > 1 and i % 4 == 3:       # half an inbox
            time.sleep(0.001)
        while select.select([s], [], [], args.wait)[0]:
            answer, addr = s.recvfrom(65535)
            print(addr[0], answer.hex())


def main():
    p = argparse.ArgumentParser()
    sub = p.add_subparsers(dest="verb", required=True)
    f = sub.add_parser("first")
    f.add_argument("dst")
    f.add_argument("--suite", default="ok")
    f.add_argument("--group", type=int, default=31)
    f.add_argument("--spi", type=int, help="of the initiator; random unless said")
    f.add_argument("--pad", type=int, default=0, help="Vendor IDs of 1000 octets, so many")
    f.add_argument("--zero-ke", action="store_true")
    f.add_argument("--count", type=int, default=1)
    f.add_argument("--times", type=int, default=1, help="each message so many times")
    f.add_argument("--src", help="spoofed; no answers are read")
    f.add_argument("--spread", action="store_true", help="with --src: from many prefixes")
    f.add_argument("--sport", type=int, default=0)
    f.add_argument("--cookie", choices=["good", "bad"])
    f.add_argument("--what", action="store_true")
    f.add_argument("--wait", type=float, default=1)
    f.set_defaults(run=first)
    r = sub.add_parser("replay")
    r.add_argument("pcap")
    r.add_argument("dst")
    r.add_argument("--how", default="as-is", choices=["as-is", "truncate", "flip", "reflect"])
    r.add_argument("--times", type=int, default=1)
    r.add_argument("--src")
    r.add_argument("--fragment", type=int, help="only fragments of this number")
    r.set_defaults(run=replay)
    c = sub.add_parser("fragments")
    c.add_argument("pcap")
    c.add_argument("src")
    c.set_defaults(run=fragments)
    n = sub.add_parser("flood")
    n.add_argument("dst")
    n.add_argument("dev")
    n.add_argument("--count", type=int, default=1)
    n.set_defaults(run=flood, suite="ok", group=31, zero_ke=False, pad=0)
    h = sub.add_parser("hex")
    h.add_argument("dst")
    h.add_argument("octets", nargs="+")
    h.add_argument("--port", type=int, default=500)
    h.add_argument("--times", type=int, default=1)
    h.add_argument("--wait", type=float, default=0.3)
    h.add_argument("--at-once", action="store_true")
    h.set_defaults(run=hexes)
    args = p.parse_args()
    args.run(args)


main()
