#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""expire.py: soft|hard DST SPI: the state of ESP expires now, as by its lifetime: XFRM_MSG_EXPIRE.

The key managers of the namespace hear of it; one that expires hard is gone. IPv4.
"""
import socket
import struct
import sys

NETLINK_XFRM, XFRM_MSG_EXPIRE, NLM_F_REQUEST, NLM_F_ACK = 6, 0x18, 1, 4


def main():
    kind, dst, spi = sys.argv[1:]
    # struct xfrm_user_expire: the selector, id, address, lifetimes and counters of a state, then "hard"
    where = struct.pack("!16sIB3x", socket.inet_aton(dst), int(spi, 16), socket.IPPROTO_ESP)
    state = bytes(56) + where + bytes(16 + 64 + 32 + 12 + 8) + struct.pack("=HBBB7x", socket.AF_INET, 0, 0, 0)
    body = state + struct.pack("=B7x", kind == "hard")
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_XFRM)
    s.send(struct.pack("=IHHII", 16 + len(body), XFRM_MSG_EXPIRE, NLM_F_REQUEST | NLM_F_ACK, 1, 0) + body)
    error = struct.unpack_from("=i", s.recv(4096), 16)[0]
    return "errno %d" % -error if error else 0


sys.exit(main())
