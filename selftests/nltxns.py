#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""nltxns.py: who has transactions of the configuration open.

    nltxns.py NETNS hold            takes all that are free, says so, gives them back at the end of input
    nltxns.py NETNS killed FILE     FILE, which a commit refuses, is applied over and over, each time
                                    killed a bit later, until one was killed with its transaction
                                    open; what is left is counted
"""
import os
import signal
import subprocess
import sys
import time

from nlfamily import Refused, family_in

MAX = 8                 # ISAKMP_TXNS_MAX


def take(netns):
    """A socket with all that are free, and how many."""
    f = family_in(netns)
    for n in range(MAX + 1):
        try:
            f.call("TXN_BEGIN")
        except Refused:
            return f, n
    sys.exit("there is no limit")


def free(netns):
    f, n = take(netns)
    f.close()
    return n


def start(netns, file):
    return subprocess.Popen(["isakmp", "-n", netns, "config", "apply", file], stderr=subprocess.DEVNULL)


def killed_at(netns, file, seconds):
    """Free ones while the command stood still, and after it was killed; None: it had ended."""
    p = start(netns, file)
    time.sleep(seconds)
    os.kill(p.pid, signal.SIGSTOP)
    os.waitpid(p.pid, os.WUNTRACED)
    if p.poll() is not None:
        return None
    before = free(netns)
    p.kill()
    p.wait()
    return before, free(netns)


def killed(netns, file):
    begin = time.monotonic()
    start(netns, file).wait()
    whole = time.monotonic() - begin
    for tries in range(10 * 30):
        percent = 10 + tries % 30 * 3
        got = killed_at(netns, file, whole * percent / 100)
        if got and got[0] < MAX:
            print(f"killed after {percent}% of {whole:.3f} s, with {got[0]} free; then {got[1]}")
            return got[1] != MAX
    sys.exit("it was never caught in the middle")


def main():
    netns, what = sys.argv[1:3]
    if what == "hold":
        f, n = take(netns)
        print("taken", n, flush=True)
        sys.stdin.read()
        f.close()
        return 0
    return killed(netns, sys.argv[3])


sys.exit(main())
