#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""nlscale.py: twenty times as many objects take about twenty times as long.

    nlscale.py NETNS MANY

Speaks KTAP. Root; standard library only.
"""
import struct
import sys
import time

from nlfamily import *

TIMES = 20		# as many
MOST = 3 * TIMES	# as long: were it by the square, it would be TIMES * TIMES
TRIES = 3		# a busy machine may spoil one; the best counts


def seconds(do):
    begin = time.monotonic()
    do()
    return time.monotonic() - begin


def peer_at(i):
    return peer(f"n{i}", REMOTE=struct.pack("!I", 0x0a000001 + i))


def child_of(i):
    return child(f"n{i}", "net", "10.0.0.0/8", f"11.{i >> 8}.{i & 255}.0/24")


def one_by_one(f, n):
    """Each made by itself, all listed, all removed; the lists that were short."""
    new(f, proposal("p"))
    for i in range(n):
        new(f, peer_at(i))
        new(f, auth(f"n{i}", 2, fqdn(f"n{i}")))
        new(f, child_of(i))
    short = [kind for kind in ("PEER", "AUTH", "CHILD") if len(listed(f, kind)) != n]
    f.call("FLUSH", [("KIND:1", C["ISAKMP_KIND_CHILD"])])
    f.call("FLUSH")
    return short


def staged(f, n):
    """A transaction that is yet to be committed."""
    txn = number(find(f.call("TXN_BEGIN")[0], "A_TXN"))
    new(f, proposal("p"), ADD, txn)
    for i in range(n):
        new(f, peer_at(i), ADD, txn)
        new(f, child_of(i), ADD, txn)
    return lambda: f.call("TXN_COMMIT", [("TXN", txn)])


def committed(f, n):
    """How long two commits take, of which the second changes nothing."""
    ends = lambda: [gen(f, f"n{i}") for i in (0, n - 1)]
    first = seconds(staged(f, n))
    before = ends()
    second = seconds(staged(f, n))
    equal("nothing is touched that is equal", ends(), before)
    f.call("FLUSH")
    return first + second


def in_proportion(what, took, many):
    small = large = float("inf")
    for _ in range(TRIES):
        small = min(small, took(many // TIMES))
        large = min(large, took(many))
        if large < MOST * small:
            break
    result(large < MOST * small, what)
    print(f"# {many // TIMES}: {small:.4f} s, {many}: {large:.4f} s, {large / small:.0f} times")


def main():
    f, many = family_in(sys.argv[1]), int(sys.argv[2])
    print("KTAP version 1")
    short = []
    in_proportion(f"{many} peers", lambda n: seconds(lambda: short.extend(one_by_one(f, n))), many)
    equal("each list was whole", short, [])
    in_proportion(f"a commit of {many} peers", lambda n: committed(f, n), many)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
