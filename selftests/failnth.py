#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""failnth.py: each allocation of one system call fails once. Root, debug kernel; standard library only.

    load MODULE [STEP]      finit_module(2): the module is loaded, or nothing stays
    netns [STEP]            unshare(2) of the network namespace

Prints how often it failed and how often it was done all the same.
"""
import ctypes
import os
import sys

FINIT_MODULE, DELETE_MODULE, UNSHARE, NEWNET = 313, 176, 272, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def call(nth, *args):
    """Return: did it succeed, did an allocation fail."""
    with open("/proc/thread-self/fail-nth", "r+b", buffering=0) as f:
        f.write(str(nth).encode())
        done = libc.syscall(*args) == 0
        reached = int(os.pread(f.fileno(), 32, 0)) == 0
        f.write(b"0")
    return done, reached


def sweep(step, undo, *args):
    refused, done_so, nth = 0, 0, 1
    while nth < 100000:
        done, reached = call(nth, *args)
        if done:
            undo()
        if not reached:
            break
        done_so += done
        refused += not done
        nth += step
    print(refused, done_so)
    return 0 if done and refused else 1


def load(path, step):
    f = os.open(path, os.O_RDONLY)
    undo = lambda: libc.syscall(DELETE_MODULE, b"isakmp", 0)
    return sweep(step, undo, FINIT_MODULE, f, b"", 0)


if __name__ == "__main__":
    verb, rest = sys.argv[1], sys.argv[2:]
    if verb == "load":
        sys.exit(load(rest[0], int(rest[1]) if rest[1:] else 1))
    sys.exit(sweep(int(rest[0]) if rest else 1, lambda: None, UNSHARE, NEWNET))
