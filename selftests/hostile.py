#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""hostile.py: what a stranger can send to a gateway that it was not made for. Root; prints how many.

    short DST SPI...        ESP and AH of 0 to 40 octets: bare, and on UDP 4500; whole and in fragments
    noise DST COUNT SEED    messages with headers that fit and the rest made up, to 500 and 4500
    words DST               notifications whose data would do harm in a shell or a format
"""
import random
import socket
import struct
import sys
import time

WORDS = [b'";id #\n%s%n', b"$(reboot)", b"`reboot`", b"%s%s%s%n%n", b"\x1b[2J\x07", b"\n<0>isakmp: BUG:",
         b"'; rm -rf / #", bytes(range(256))]


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Wire:
    """A raw socket, and the address it sends from."""

    def __init__(self, dst):
        self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        probe.connect((dst, 9))
        self.src, self.dst, self.sent = probe.getsockname()[0], dst, 0

    def ip(self, proto, data, ident=0, offset=0, more=False):
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(data), ident,
                           (0x2000 if more else 0) | offset // 8, 64, proto, 0,
                           socket.inet_aton(self.src), socket.inet_aton(self.dst))
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        self.raw.sendto(head + data, (self.dst, 0))
        self.sent += 1
        if self.sent % 16 == 0:         # be no flood: what is dropped tests nothing
            time.sleep(0.001)

    def fragments(self, proto, data, at=8):
        ident = random.getrandbits(16) or 1
        self.ip(proto, data[:at], ident, 0, True)
        self.ip(proto, data[at:], ident, at)

    def udp(self, port, data, split=False):
        whole = struct.pack("!HHHH", port, port, 8 + len(data), 0) + data
        if split and len(whole) > 8:
            self.fragments(17, whole)
        else:
            self.ip(17, whole)


def short(wire, spis):
    for spi in [0, 1, 255, 256] + [int(s, 16) for s in spis]:
        octets = struct.pack("!II", spi, 1) + bytes(40)
        for n in range(41):
            wire.ip(50, octets[:n])
            wire.udp(4500, octets[:n])
            wire.udp(4500, octets[:n], True)
            if n > 8:
                wire.fragments(50, octets[:n])
            # next header, length, reserved, SPI, sequence number
            for words in (0, 1, 4, 255):
                wire.ip(51, (struct.pack("!BBHII", 4, words, 0, spi, 1) + bytes(40))[:n])
    for n in range(5):
        for octet in (0x00, 0xFF):
            wire.udp(4500, bytes([octet]) * n)


def message(rng):
    body = b""
    for _ in range(rng.randrange(4)):
        data = rng.randbytes(rng.randrange(40))
        length = rng.choice((4 + len(data), rng.randrange(8), rng.getrandbits(16)))
        body += struct.pack("!BBH", rng.randrange(256), rng.choice((0, 0x80, 0xFF)), length) + data
    head = struct.pack("!QQBBBBII", rng.getrandbits(64) | 1, rng.choice((0, 0, rng.getrandbits(64))),
                       rng.choice((0, 33, 34, 40, 41, 46, rng.randrange(256))),
                       rng.choice((0x20, 0x20, 0x20, rng.randrange(256))),
                       rng.choice((34, 34, 35, 36, 37, rng.randrange(256))),
                       rng.choice((0x08, 0x20, 0x28, rng.randrange(256))),
                       rng.choice((0, 0, 1, rng.getrandbits(32))),
                       rng.choice((28 + len(body), 28 + len(body), rng.getrandbits(32))))
    return (head + body)[:rng.choice((28 + len(body), rng.randrange(29 + len(body))))]


def noise(wire, count, seed):
    rng = random.Random(seed)
    for i in range(count):
        data = message(rng)
        if i % 4:
            wire.udp(500, data)
        else:
            wire.udp(4500, bytes(4) + data)


def words(wire):
    for kind in (1, 7, 14, 24, 16388, 16390, 40961):
        for text in WORDS:
            body = struct.pack("!BBHBBH", 0, 0, 8 + len(text), 0, 0, kind) + text
            for exchange in (34, 35, 37):
                for flags in (0x08, 0x20):
                    wire.udp(500, struct.pack("!QQBBBBII", random.getrandbits(64), 0, 41, 0x20, exchange,
                                              flags, 0, 28 + len(body)) + body)


def main():
    verb, dst = sys.argv[1:3]
    wire = Wire(dst)
    if verb == "short":
        short(wire, sys.argv[3:])
    elif verb == "noise":
        noise(wire, int(sys.argv[3]), int(sys.argv[4]))
    else:
        words(wire)
    print(wire.sent)


if __name__ == "__main__":
    main()
