#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""stream.py: a constant UDP stream there and back, and what of it was lost.

  stream.py echo PORT [HERE]             answers, for ever
  stream.py send ADDR PORT MS [HERE]     a datagram each MS ms until SIGTERM; then waits for
                                         the last answers, prints "sent N lost M" and which;
                                         exit status 0: nothing was

HERE is an address of this end, where it has several.
"""
import select
import signal
import socket
import struct
import sys
import time

SO_RCVBUFFORCE = 33
ROOM = 16 << 20     # a busy machine may be slow to read

def echo(port, here="::"):
    family = socket.AF_INET6 if ":" in here else socket.AF_INET
    s = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM)
    s.bind((here, port))
    while True:
        data, whence = s.recvfrom(2048)
        s.sendto(data, whence)


def send(addr, port, ms, here=None):
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    family = socket.AF_INET6 if ":" in addr else socket.AF_INET
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM)
    if here:
        s.bind((here, 0))
    s.connect((addr, port))
    n, open_, at = 0, set(), time.monotonic()
    until = None
    while until is None or (open_ and time.monotonic() < until):
        if stopped and until is None:
            until = time.monotonic() + 2
        wait = max(0, at - time.monotonic()) if until is None else 0.05
        if select.select([s], [], [], wait)[0]:
            open_.discard(struct.unpack("!I", s.recv(2048)[:4])[0])
        if until is None and time.monotonic() >= at:
            s.send(struct.pack("!I", n) + bytes(200))
            open_.add(n)
            n += 1
            at += ms / 1000
    lost = sorted(open_)
    print(f"sent {n} lost {len(lost)}", *lost[:20])
    return 1 if lost or not n else 0


def main():
    if sys.argv[1] == "echo":
        echo(int(sys.argv[2]), *sys.argv[3:])
    return send(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), *sys.argv[5:])


sys.exit(main())
