#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""tab.py COMPLETION LINE...: what bash makes of each when a person types it, and TAB at its end."""
import os
import pty
import select
import sys
import tempfile
import time

LIMIT_S = 60

# C-t shows the line as it is by then, C-u empties it
SETUP = r"""
. %s
PS1='ready '
bind 'set enable-bracketed-paste off'
bind 'set bell-style none'
bind -x '"\C-t": printf "<<%%s>>" "$READLINE_LINE"'
"""


def read_to(fd, mark):
    """What bash writes up to the mark, octet by octet: what follows is not for us. In time."""
    got, end = b"", time.monotonic() + LIMIT_S
    while not got.endswith(mark):
        if not select.select([fd], [], [], max(0, end - time.monotonic()))[0]:
            sys.exit(f"bash went quiet after {got!r}")
        got += os.read(fd, 1)
    return got[:-len(mark)]


def main():
    with tempfile.NamedTemporaryFile("w") as rc:
        rc.write(SETUP % sys.argv[1])
        rc.flush()
        pid, fd = pty.fork()
        if not pid:
            os.environ.update(TERM="dumb", INPUTRC="/dev/null")
            os.execlp("bash", "bash", "--noprofile", "--rcfile", rc.name, "-i")
        for line in sys.argv[2:]:
            read_to(fd, b"ready ")
            os.write(fd, b"\x15" + line.encode() + b"\t\x14")
            read_to(fd, b"<<")
            print(read_to(fd, b">>").decode(), flush=True)
    os.close(fd)
    os.waitpid(pid, 0)


main()
