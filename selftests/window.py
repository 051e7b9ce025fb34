#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""window.py ADDR: of "isakmp -j decode keys FILE" on standard input, how many requests ADDR had under
way. For each IKE SA, by initiator's SPI, a line: "most N before N alone yes|no": at most; before it was
told SET_WINDOW_SIZE; and whether nothing was under way beside the rekey or Delete of an IKE SA.
"""
import json
import sys


def inner(frame):
    for p in frame.get("payloads", []):
        yield p
        yield from inner(p)


def alone(frame):
    """A request that nothing may be beside: RFC 7296, 2.8 and 1.4.1, of an IKE SA."""
    if frame["exchange"] == "CREATE_CHILD_SA":
        return any(q.get("protocol") == "IKE" for p in inner(frame) for q in p.get("proposals", []))
    return any(p.get("payload") == "D" and p.get("protocol") == "IKE" for p in inner(frame))


class Side:
    """What ADDR has sent in one IKE SA."""

    def __init__(self):
        self.out, self.seen = {}, set()
        self.most = self.before = 0
        self.told, self.alone = False, True

    def request(self, frame):
        number, single = frame["id"], alone(frame)
        if number in self.seen:
            return
        self.seen.add(number)
        if self.out and (single or any(self.out.values())):
            self.alone = False
        self.out[number] = single
        self.most = max(self.most, len(self.out))
        if not self.told:
            self.before = max(self.before, len(self.out))


def main():
    addr, sides = sys.argv[1], {}
    for frame in json.load(sys.stdin):
        if frame.get("kind") != "IKE":
            continue
        side = sides.setdefault(frame["spi_i"], Side())
        ours, request = frame["src"] == addr, frame["type"] == "request"
        if ours and request:
            side.request(frame)
        elif not ours and not request:
            side.out.pop(frame["id"], None)
        elif not ours and any(p.get("type") == "SET_WINDOW_SIZE" for p in inner(frame)):
            side.told = True
    for side in sides.values():
        print(f"most {side.most} before {side.before} alone {'yes' if side.alone else 'no'}")


main()
