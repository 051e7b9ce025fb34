#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""v1tshark.py WHAT OURS SHARK: do isakmp decode and tshark read the same in messages of version 1?

OURS is what isakmp -j decode wrote, SHARK what tshark -T json --no-duplicate-keys did, of one capture.
WHAT: headers, chains (which payloads, how long the message), bodies (values, types, identities, SPIs)."""
import json
import sys

# Wireshark's payload numbers by our names
NUMBERS = {
    "SA": 1, "KE": 4, "ID": 5, "CERT": 6, "CERTREQ": 7, "HASH": 8, "SIG": 9, "Nonce": 10, "N": 11, "D": 12,
    "V": 13, "Attributes": 14, "NAT-D": 20, "NAT-OA": 21,
}
EXCHANGES = {"Base": 1, "Main": 2, "Authentication-Only": 3, "Aggressive": 4, "Informational": 5,
             "Transaction": 6, "Quick": 32, "New-Group": 33}
NOTIFIES = {"INITIAL-CONTACT": 24578, "R-U-THERE": 36136, "R-U-THERE-ACK": 36137, "RESPONDER-LIFETIME": 24576,
            "REPLAY-STATUS": 24577}


def every(node, key):
    """All values of a key, anywhere, in order."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield from value if isinstance(value, list) else [value]
            else:
                yield from every(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from every(value, key)


def number(text):
    return int(text, 0)


def octets(text):
    return text.replace(":", "").lower()


class Pair:
    """One message, as both have read it."""

    def __init__(self, ours, shark):
        self.ours = ours
        self.shark = shark["_source"]["layers"]["isakmp"]

    def one(self, key):
        return next(every(self.shark, key))

    def payloads(self, name):
        return [p for p in self.ours["payloads"] if p["payload"] == name]


def headers(p):
    o = p.ours
    flags = o.get("flags", [])
    yield "exchange", EXCHANGES.get(o["exchange"]), number(p.one("isakmp.exchangetype"))
    yield "message ID", o["id"], number(p.one("isakmp.messageid"))
    yield "length", o["octets"], number(p.one("isakmp.length"))
    yield "initiator's cookie", o["spi_i"][2:], octets(p.one("isakmp.ispi"))
    yield "responder's cookie", o.get("spi_r", "0x" + "0" * 16)[2:], octets(p.one("isakmp.rspi"))
    for name, key in (("encrypted", "isakmp.flag_e"), ("commit", "isakmp.flag_c"),
                      ("authentication-only", "isakmp.flag_a")):
        yield name, name in flags, p.one(key) in ("1", "True")


def chains(p):
    types = [number(t) for t in every(p.shark, "isakmp.typepayload")]
    # A proposal and a transform are payloads to Wireshark, and parts of SA to us
    yield "payloads", [NUMBERS.get(x["payload"], x["payload"]) for x in p.ours["payloads"]], [
        t for t in types if t not in (2, 3)]
    yield "proposals", len(list(every(p.ours, "proposals"))), types.count(2)
    transforms = [t for x in p.payloads("SA") for q in x["proposals"] for t in q["transforms"]]
    yield "transforms", len(transforms), types.count(3)


def bodies(p):
    for name, key in (("KE", "isakmp.key_exchange.data"), ("HASH", "isakmp.hash"), ("Nonce", "isakmp.nonce"),
                      ("NAT-D", "isakmp.ike.nat_hash")):
        yield name, [x["value"] for x in p.payloads(name)], [octets(v) for v in every(p.shark, key)]
    yield "notifications", [NOTIFIES.get(x["type"], x["type"]) for x in p.payloads("N")], [
        number(t) for t in every(p.shark, "isakmp.notify.msgtype")]
    yield "addresses", [x["id"].removeprefix("ipv4:").split("/")[0] for x in p.payloads("ID")], list(
        every(p.shark, "isakmp.id.data.ipv4_addr"))
    yield "attributes", len(list(every(p.payloads("SA"), "attributes"))), len(
        list(every(p.shark, "isakmp.ike.attr.type"))) + len(list(every(p.shark, "isakmp.ipsec.attr.type")))
    yield "vendor IDs", len(p.payloads("V")), len(list(every(p.shark, "isakmp.vid_bytes")))
    yield "SPIs of Deletes", [s for x in p.payloads("D") for s in x["spis"]], [
        octets(v) for v in every(p.shark, "isakmp.delete.spi")]
    spis = [q["spi"] for x in p.payloads("SA") for q in x["proposals"] if "spi" in q]
    yield "SPIs of proposals", spis, [octets(v) for v in every(p.shark, "isakmp.spi")][:len(spis)]


def main():
    what, ours, shark = sys.argv[1:]
    with open(ours, encoding="ascii") as f:
        ours = [m for m in json.load(f) if m.get("kind") == "IKE"]
    with open(shark, encoding="utf-8") as f:
        shark = json.load(f)
    wrong = compared = 0
    if len(ours) != len(shark):
        print(f"{len(ours)} messages here, {len(shark)} there")
        wrong += 1
    for o, s in zip(ours, shark):
        for name, here, there in globals()[what](Pair(o, s)):
            compared += here not in ([], 0)
            if here != there:
                print(f"frame {o['frame']}, {o['exchange']}: {name}: {here} here, {there} there")
                wrong += 1
    print(f"{len(ours)} messages, {compared} values that are there")
    return wrong or compared < len(ours)


if __name__ == "__main__":
    sys.exit(bool(main()))
