# SPDX-License-Identifier: GPL-2.0
"""nldies.py: a helper that dies in the middle of a conversation: an authentication takes two questions."""
from nlfamily import *


def helper_in(netns):
    f = family_in(netns, "upcall")
    f.call("HELPER_REGISTER")
    return f


class Responder:
    """b, which is asked by c, and its helper."""

    def __init__(self, b, netns_b, tools):
        self.b, self.tools = b, tools
        tools[4](b, "192.0.3.2", "192.0.3.1", "b.example", "c.example", ("10.2.0.0/16", "10.3.0.0/16"))
        self.helper = helper_in(netns_b)

    def answer(self):
        take, verdict, proof, chosen = self.tools[:4]
        q = take(self.helper)
        verdict(self.helper, q, *proof("b.example"), *chosen(q))

    def leave(self):
        """Nothing is said to c."""
        self.b.call("PEER_DOWN", [("PEER", [("NAME", "gw")]), ("FORCE", True)])
        self.helper.close()
        self.b.call("FLUSH")


def up(c):
    c.call("PEER_UP", [("PEER", [("NAME", "gw")])])


def dies(c, ours, b, tools):
    """c's helper answers the first question; the second one is there when it is no more."""
    take, verdict, proof, _, _, until, states = tools[:7]
    verdict(ours, take(ours), *proof("c.example"))
    ours.close()
    b.answer()
    until("the helper has died: its second question waits", lambda: "verifying" in states(c))


def dies_begin(c, b, netns_c, netns_b, tools):
    """No helper comes. dies_end() is to be called when the deadline has passed, or will soon."""
    gateway, counter = tools[4], tools[7]
    gateway(c, "192.0.3.1", "192.0.3.2", "c.example", "b.example", ("10.3.0.0/16", "10.2.0.0/16"))
    lost, responder = counter(c, "helper-lost"), Responder(b, netns_b, tools)
    up(c)
    dies(c, helper_in(netns_c), responder, tools)
    responder.leave()
    return lost


def dies_end(c, b, netns_c, netns_b, tools, lost):
    """That one is refused; of one that is asked without a helper, and of one whose helper dies, the next takes over."""
    take, verdict, _, _, _, until, states, _, counted = tools
    counted(c, "helper-lost", lost)
    until("who was in the middle is not up", lambda: not [s for s in states(c) if s not in ("dead", "deleting")])
    responder = Responder(b, netns_b, tools)
    up(c)
    until("another one waits for a helper", lambda: "auth-asked" in states(c))
    dies(c, helper_in(netns_c), responder, tools)
    ours = helper_in(netns_c)
    q = take(ours)
    equal("the next helper is asked the rest", number(find(q, "UPCALL_KIND")), C["ISAKMP_UPCALL_I_VERIFY"])
    verdict(ours, q)
    until("and the IKE SA is up", lambda: "established" in states(c))
    responder.leave()
    c.call("PEER_DOWN", [("PEER", [("NAME", "gw")]), ("FORCE", True)])
    ours.close()
    c.call("FLUSH")
