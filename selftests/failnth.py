#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""failnth.py [STEP]: every STEP-th allocation of making a network namespace fails once.

Prints how often there was none, and how often there was one all the same. Root, debug kernel;
standard library only.
"""
import os
import sys


def unshare(nth):
    """Return: did it succeed, did an allocation fail."""
    with open("/proc/thread-self/fail-nth", "r+b", buffering=0) as f:
        f.write(str(nth).encode())
        try:
            os.unshare(os.CLONE_NEWNET)
            done = True
        except OSError:
            done = False
        reached = int(os.pread(f.fileno(), 32, 0)) == 0
        f.write(b"0")
    return done, reached


def main(step):
    refused, all_the_same, nth = 0, 0, 1
    while True:
        done, reached = unshare(nth)
        if not reached:
            break
        all_the_same += done
        refused += not done
        nth += step
    print(refused, all_the_same)
    return 0 if done and refused else 1


sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 1))
