#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""ynl_test.py: the YNL spec, the uapi headers and the kernel's policies say the same. TAP."""
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
results = []


def check(what, wrong):
    """Passes when the list of what is wrong is empty."""
    results.append(not wrong)
    print(f"{'not ok' if wrong else 'ok'} {len(results)} {what}")
    for line in wrong[:20]:
        print(f"# {line}")


def source(*path):
    with open(os.path.join(TOP, *path), encoding="utf-8") as f:
        return f.read()


# ---- YAML: the little of it that a spec needs ----------------------------------

def scalar(text):
    if text.startswith("["):
        return [scalar(x.strip()) for x in text[1:-1].split(",") if x.strip()]
    if text.startswith('"'):
        return text[1:-1]
    return {"true": True, "false": False}.get(text, int(text) if text.isdigit() else text)


def block(lines, depth):
    """Maps by 'key: value', lists by '-' alone on a line, lists of scalars in brackets."""
    if lines and lines[0] == (depth, "-"):
        items = []
        while lines and lines[0] == (depth, "-"):
            lines.pop(0)
            items.append(block(lines, lines[0][0]))
        return items
    result = {}
    while lines and lines[0][0] == depth:
        key, _, value = lines.pop(0)[1].partition(":")
        if value.strip():
            result[key] = scalar(value.strip())
        else:
            result[key] = block(lines, lines[0][0])
    return result


def yaml(text):
    lines = [(len(x) - len(x.lstrip()), x.strip()) for x in text.splitlines()
             if x.strip() and not x.lstrip().startswith("#")]
    return block(lines, 0)


# ---- C -------------------------------------------------------------------------

def no_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def enums(text):
    """{enum: {NAME: number}}, without the names that only count."""
    found = {}
    for name, body in re.findall(r"enum (\w+) \{(.*?)\};", text, re.S):
        number, values = -1, {}
        for entry in filter(None, (x.strip() for x in body.split(","))):
            key, _, value = entry.partition("=")
            number = int(value, 0) if value.strip() else number + 1
            if not key.strip().startswith("__"):
                values[key.strip()] = number
        found[name] = values
    return found


def policies(text, macros):
    """{array: {ATTRIBUTE: type as the spec would say}}"""
    found = {}
    for name, body in re.findall(r"struct nla_policy (\w+)\[[^]]*\] = \{(.*?)\n\};", text, re.S):
        found[name] = {}
        for attr, value in re.findall(r"\[(ISAKMP_\w+)\]\s*=\s*(.*?),\n", body + "\n", re.S):
            found[name][attr] = policy_type(value, macros)
    for kind, name, attr, nested in re.findall(
            r"^(ONE_NEST|NEW)_POLICY\((\w+), (\w+), (\w+)\)", text, re.M):
        found[name] = {attr: ("nest", nested)}
        if kind == "NEW":
            found[name]["ISAKMP_A_TXN"] = "u32"
    return found


def policy_type(value, macros):
    value = macros.get(value, value)
    nested = re.search(r"NLA_POLICY_NESTED\((\w+)\)", value)
    if nested:
        return ("nest", nested.group(1))
    kind = re.search(r"NLA_(U8|U16|U32|U64|FLAG|NUL_STRING|BINARY|REJECT)\b", value).group(1)
    return {"NUL_STRING": "string"}.get(kind, kind.lower())


def operations(text):
    """{COMMAND: {"do" or "dump": policy array}} from the macros of kernel/nl/family.c"""
    found = {}
    body = re.search(r"family_ops\[\] = \{(.*?)\n\};", text, re.S).group(1)
    for macro, args in re.findall(r"\b(OBJECT|OBJECT_DEL|DO|DO_ROOT|DO_AND_DUMP)\((.*?)\),\n", body + "\n", re.S):
        a = [x.strip() for x in args.split(",")]
        if macro.startswith("OBJECT"):
            found[a[0] + "_GET"] = {"do": a[1], "dump": a[1]}
            found[a[0] + "_NEW"] = {"do": a[2]}
            found[a[0] + "_DEL"] = {"do": a[3 if macro == "OBJECT_DEL" else 1]}
        elif macro in ("DO", "DO_ROOT"):
            found[a[0]] = {"do": a[2]}
        else:
            found[a[0]] = {"dump": a[3]} if a[1] == "NULL" else {"do": a[3], "dump": a[3]}
    return found


# ---- one against the other -----------------------------------------------------

def upper(prefix, name):
    return (prefix + name).upper().replace("-", "_")


def differ(what, a, b):
    return [f"{what}: {k} is {a.get(k)} in the spec, {b.get(k)} in the code"
            for k in list(a) + [k for k in b if k not in a] if a.get(k) != b.get(k)]


def check_values(spec, header):
    wrong = []
    for d in spec["definitions"]:
        values = {v: k for k, v in header[upper("isakmp-", d["name"]).lower()].items()}
        named = {d["value-start"] + i: upper("", e) for i, e in enumerate(d["entries"])}
        wrong += [f"{d['name']} {i}: {named.get(i)} in the spec, {values.get(i)} in the header"
                  for i in {**named, **values}
                  if not (values.get(i) or "").endswith("_" + str(named.get(i)))]
    check("definitions are the header's", wrong)
    wrong = []
    for s in spec["attribute-sets"]:
        named = {upper(s["name-prefix"], a["name"]): i + 1
                 for i, a in enumerate(s["attributes"])}
        wrong += differ(s["name"], named, header[s["enum-name"].replace("-", "_")])
    check("attributes are the header's", wrong)
    ops = spec["operations"]
    named = {upper(ops["name-prefix"], o["name"]): i + 1 for i, o in enumerate(ops["list"])}
    check("commands are the header's", differ("command", named, header["isakmp_cmd"]))


def attribute_types(spec):
    """{ATTRIBUTE: type, or ("nest", set)}"""
    return {upper(s["name-prefix"], a["name"]):
            ("nest", a["nested-attributes"]) if a["type"] == "nest" else a["type"]
            for s in spec["attribute-sets"] for a in s["attributes"]}


def check_types(spec, tables):
    wrong = []
    types = attribute_types(spec)
    for name, table in tables.items():
        for attr, kind in table.items():
            if kind == "reject":
                continue
            said = types.get(attr)
            if isinstance(kind, tuple):
                kind = ("nest", re.sub(r"^isakmp_|_policy$", "", kind[1]).replace("_", "-"))
            if said != kind:
                wrong.append(f"{name}: {attr} is {said} in the spec, {kind} in the policy")
    check("types are those of the policies", wrong)


def check_operations(spec, tables, ops):
    wrong = []
    for o in spec["operations"]["list"]:
        code = ops.pop(o["name"].upper().replace("-", "_"), {})
        for way in ("do", "dump"):
            if (way in o) != (way in code):
                wrong.append(f"{o['name']}: {way} is in one of spec and code only")
            elif way in o:
                said = {upper("isakmp-a-", a) for a in o[way]["request"]["attributes"]}
                taken = {a for a, t in tables[code[way]].items() if t != "reject"}
                if said != taken:
                    wrong.append(f"{o['name']} {way}: {sorted(said ^ taken)} is in one only")
    wrong += [f"{name} is not in the spec" for name in ops]
    check("commands take what their policies take", wrong)


def check_reachable(spec, tables):
    """What the kernel never takes is from the kernel; each nested policy is complete or says so."""
    from_kernel = {"ISAKMP_PEER_GEN"}
    wrong = []
    for s in spec["attribute-sets"]:
        table = tables.get("isakmp_" + s["name"].replace("-", "_") + "_policy")
        if table is None or s["name"] == "sa":
            continue
        named = {upper(s["name-prefix"], a["name"]) for a in s["attributes"] if a["type"] != "pad"}
        if named - set(table) - from_kernel:
            wrong.append(f"{s['name']}: no policy for {sorted(named - set(table))}")
    check("every attribute of an object has a policy", wrong)


def main():
    spec = yaml(source("include", "isakmp.yaml"))
    header_text = "".join(no_comments(source("include", "uapi", "linux", h))
                          for h in ("isakmp.h", "isakmp_helper.h"))
    header = enums(header_text)
    folder = os.path.join(TOP, "kernel", "nl")
    code = {f: no_comments(source("kernel", "nl", f)) for f in sorted(os.listdir(folder))
            if f.endswith((".c", ".h"))}
    macros = dict(re.findall(r"^#define (\w+_POLICY) (.*)$", "\n".join(code.values()), re.M))
    code = {f: re.sub(r"^#define(\\\n|.)*\n", "", text, flags=re.M) for f, text in code.items()}
    tables = {}
    for text in code.values():
        tables.update(policies(text, macros))
    name = re.search(r'ISAKMP_GENL_NAME\s+"(\w+)"', header_text).group(1)
    groups = re.findall(r'ISAKMP_MCGRP_\w+\s+"(\w+)"', header_text)
    check("name and groups are the header's",
          differ("family", {"name": spec["name"]}, {"name": name}) +
          differ("groups", dict(enumerate(g["name"] for g in spec["mcast-groups"]["list"])),
                 dict(enumerate(groups))))
    check_values(spec, header)
    check_types(spec, tables)
    check_operations(spec, tables, operations(code["family.c"]))
    check_reachable(spec, tables)
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
