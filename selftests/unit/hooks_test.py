#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The program that runs hooks: what it makes of events, above all of hostile ones; TAP."""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RUNNER = os.path.join(TOP, "userspace/hooks/isakmp-hooks")
HOSTILE = ['";id #\n%s%n', "$(touch ran)`touch ran`", "'; touch ran; '", "() { :; }; touch ran",
           "-rf /", "\u0000zero", "a\nISAKMP_PEER=forged", "x" * 5000, "\ud800", "{}[],"]
results = []


def result(name, good, why=""):
    results.append(good)
    print("%sok %d - %s" % ("" if good else "not ", len(results), name))
    if not good:
        print("# %s" % str(why)[:2000])


class Lab:
    """A directory with a command that prints events, and hooks."""

    def __init__(self, output):
        self.place = tempfile.TemporaryDirectory()      # goes with the lab
        self.dir = self.place.name
        self.hooks = os.path.join(self.dir, "hooks.d")
        os.mkdir(self.hooks)
        with open(os.path.join(self.dir, "output"), "w", encoding="utf-8") as f:
            f.write(output)
        self.file("isakmp", "#!/bin/sh\ncat '%s/output'\n" % self.dir, self.dir)

    def file(self, name, text, folder=None, mode=0o755):
        path = os.path.join(folder or self.hooks, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)

    def dumper(self, name, mode=0o755):
        """A hook that leaves its environment, one file for each run."""
        self.file(name, "#!/bin/sh\nenv -0 >'%s'/seen.%s.$$\necho $# >'%s'/args\n"
                  % (self.dir, name, self.dir), mode=mode)

    def run(self, **more):
        env = dict(os.environ, PATH=self.dir + ":" + os.environ["PATH"], **more)
        done = subprocess.run([sys.executable, RUNNER, self.hooks], env=env, cwd=self.dir, timeout=60,
                              capture_output=True, check=False)
        self.said = done.stderr.decode()
        return done.returncode

    def seen(self, hook, lost=False):
        """The environments that hook was run with, in no order; but for the event that each run begins with."""
        found = []
        for name in os.listdir(self.dir):
            if name.startswith("seen.%s." % hook):
                with open(os.path.join(self.dir, name), "rb") as f:
                    found.append(dict(v.split(b"=", 1) for v in f.read().split(b"\0") if v))
        return [env for env in found if (env.get(b"ISAKMP_EVENT") == b"lost") == lost]


def event(**more):
    return json.dumps(dict({"event": "child-up", "spi_in": "0x167d1d49"}, **more))


def test_environment():
    lab = Lab("[" + event(sa={"id": 1, "peer": "gw", "initiator": True,
                              "children": [{"name": "net", "local_ts": ["10.1.0.0/16"]}]}) + ",")
    lab.dumper("10-first")
    status = lab.run()
    seen = lab.seen("10-first")
    want = {b"ISAKMP_EVENT": b"child-up", b"ISAKMP_SPI_IN": b"0x167d1d49", b"ISAKMP_SA_PEER": b"gw",
            b"ISAKMP_SA_INITIATOR": b"yes", b"ISAKMP_SA_CHILDREN_0_NAME": b"net",
            b"ISAKMP_SA_CHILDREN_0_LOCAL_TS_0": b"10.1.0.0/16", b"ISAKMP_SA_ID": b"1"}
    result("an event is in the environment of a hook", status == 0 and len(seen) == 1 and
           want.items() <= seen[0].items(), (status, seen, lab.said))
    with open(os.path.join(lab.dir, "args"), encoding="ascii") as f:
        result("and a hook has no arguments", f.read() == "0\n")


def test_pieces():
    for output, name in (("[" + ",".join([event()] * 3) + "]\n", "an array"),
                         ("\n".join([event()] * 3) + "\n", "lines")):
        lab = Lab(output)
        lab.dumper("all")
        lab.run()
        result("every event of " + name, len(lab.seen("all")) == 3, lab.said)


def test_begin():
    """What happened before the monitor listened nobody has heard."""
    first = {}
    for output in ("", "[", "[" + event()):
        lab = Lab(output)
        lab.dumper("hook")
        lab.run()
        first[output] = lab.seen("hook", lost=True)
    result("it begins with events that were lost, once it hears", [len(v) for v in first.values()] == [0, 1, 1] and
           all(set(env) - {b"PWD", b"SHLVL", b"_", b"OLDPWD"} == {b"PATH", b"LC_ALL", b"ISAKMP_EVENT"}
               for v in first.values() for env in v), first)


def test_hostile():
    lab = Lab("[" + ",".join(event(peer=text, **{text[:9]: 1}) for text in HOSTILE))
    lab.dumper("hook")
    status = lab.run()
    seen = lab.seen("hook")
    allowed = [text.encode("utf-8", "replace") for text in HOSTILE]
    strange = [env for env in seen if env.get(b"ISAKMP_PEER", allowed[0]) not in allowed or
               [name for name in env if not re.fullmatch(rb"[A-Z0-9_]+|_", name)]]
    left_out = len([env for env in seen if b"ISAKMP_PEER" not in env])
    result("text of a peer stays text: no command, no name, no second variable (threat 62)",
           status == 0 and len(seen) == len(HOSTILE) and not strange and left_out == 2 and
           not os.path.exists(os.path.join(lab.dir, "ran")), (status, left_out, strange, lab.said))


def test_which():
    lab = Lab(event())
    for name in ("20-b", "10-a"):
        lab.file(name, "#!/bin/sh\necho %s >>'%s'/order\n" % (name, lab.dir))
    for name, mode in (("plain", 0o644), ("writable", 0o777), (".hidden", 0o755), ("old~", 0o755),
                       ("a.dpkg-old", 0o755), ("spa ce", 0o755)):
        lab.dumper(name, mode)
    lab.run()
    with open(os.path.join(lab.dir, "order"), encoding="ascii") as f:
        order = f.read()
    result("hooks run by name; leftovers and what others may write do not",
           order == "10-a\n20-b\n" * 2 and not [n for n in os.listdir(lab.dir) if n.startswith("seen")],
           (order, os.listdir(lab.dir)))


def test_failing():
    lab = Lab(event())
    lab.file("1-fails", "#!/bin/sh\nexit 3\n")
    lab.file("2-nothing", "#!/no/such/program\n")
    lab.dumper("3-good")
    status = lab.run()
    result("one that fails is named and holds up nobody", status == 0 and len(lab.seen("3-good")) == 1 and
           "1-fails: exit status 3" in lab.said and "2-nothing" in lab.said, lab.said)


def test_ready():
    """Not before the monitor listens, which it says with its first octet."""
    said = []
    for output in ("", "["):
        lab = Lab(output)
        address = os.path.join(lab.dir, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(address)
            manager.setblocking(False)
            lab.run(NOTIFY_SOCKET=address)
            try:
                said.append(manager.recv(100))
            except BlockingIOError:
                said.append(None)
    result("the service is ready when it hears", said == [None, b"READY=1"], said)


def test_helper():
    """What the helper's sources call that would start a program."""
    calls = re.compile(r"\b(system|popen|exec[lv]p?e?|execveat|posix_spawnp?|v?fork|uv_spawn|dlopen)\s*\(")
    found = []
    for part in ("isakmpd", "common"):
        folder = os.path.join(TOP, "userspace", part)
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), encoding="utf-8") as f:
                found += [(name, m.group(0)) for m in calls.finditer(f.read())]
    result("the helper starts no program (threat 62)", not found, found)


for test in (test_environment, test_pieces, test_begin, test_hostile, test_which, test_failing, test_ready,
             test_helper):
    test()
print("1..%d" % len(results))
sys.exit(not all(results))
