"""Check a certificate of origin with Python alone: check_certificate.py CERTIFICATE [EVENTS]

CERTIFICATE is a file that lodeline made; EVENTS what `lodeline events BOOK --json` prints, one event a line.
Python 3.10 or later; nothing of lodeline.
"""

import hashlib
import json
import sys
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

OUTSIDE = -1


def require(holds, what):
    if not holds:
        sys.exit(f"REFUSED: {what}")


def pairs(things, key):
    values = [thing[key] for thing in things if thing[key] >= 0]
    return pairwise(values)


def closes(certificate, amount, leaves=lambda node: 0):
    gap = [-leaves(node) for node in certificate["nodes"]]
    for arc in certificate["arcs"]:
        if 0 <= arc["head"] < len(gap):
            gap[arc["head"]] += amount(arc)
        if arc["tail"] >= 0:
            gap[arc["tail"]] -= amount(arc)
    return not any(gap)


def check_form(it):
    rest = {name: value for name, value in it.items() if name != "digest"}
    text = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    require(it["digest"] == "sha-256:" + hashlib.sha256(text.encode()).hexdigest(), "it was changed")
    count = len(it["nodes"])
    for things, key in ((it["arcs"], "row"), (it["nodes"], "node")):
        require(all(one < other for one, other in pairs(things, key)), f"{key}s stand twice or out of order")
    for arc in it["arcs"]:
        require(-2 <= arc["tail"] < count and -2 <= arc["head"] <= count and arc["mg"] > 0, "an arc is none")
        require(-1 <= arc["origin"] < len(it["origins"]), "an arc is of no origin")
        require((arc["tail"] == OUTSIDE) == (arc["origin"] >= 0), "an arc is of no origin")
        in_time = it["basis"]["cyclic"] or arc["head"] < 0 or arc["tail"] < arc["head"]
        require(in_time, "an arc leads back in time")


def check_bound(it):
    target, most = len(it["nodes"]), it["side"] == "most"

    def counts(arc):
        origin = it["origins"][arc["origin"]]
        return origin in it["surely"] or origin in it["perhaps"] if most else origin not in it["surely"]

    def far(arc):
        return counts(arc) if arc["tail"] == OUTSIDE else arc["tail"] < 0 or not it["nodes"][arc["tail"]]["near"]

    for arc in it["arcs"]:
        require(arc["row"] >= 0, "an arc is none")
        require(arc["head"] >= 0 and 0 <= arc["flow_mg"] <= arc["mg"], "the flow is more than a mass")
        require(arc["flow_mg"] == 0 or arc["tail"] >= OUTSIDE, "the flow comes from a node that is not listed")
        require(arc["flow_mg"] == 0 or arc["tail"] >= 0 or counts(arc), "the flow is of what does not count")
    if it["form"] == "whole":
        require(all(arc["tail"] >= OUTSIDE for arc in it["arcs"]), "a node is not listed")
        require(all(node["leaves_mg"] >= 0 for node in it["nodes"]), "less than nothing leaves a node")
        require(closes(it, lambda arc: arc["mg"], lambda node: node["leaves_mg"]), "masses do not close")
    require(closes(it, lambda arc: arc["flow_mg"]), "the flow does not conserve")
    aims = [arc for arc in it["arcs"] if arc["head"] == target]
    require([arc["row"] for arc in aims] == it["rows"], "the target is another")
    require(sum(arc["mg"] for arc in aims) == it["mass_mg"], "the target weighs otherwise")
    arrives = sum(arc["flow_mg"] for arc in aims)
    near = [arc for arc in it["arcs"] if arc["head"] == target or it["nodes"][arc["head"]]["near"]]
    require(arrives == sum(arc["mg"] for arc in near if far(arc)), "the cut lets through other than arrives")
    require(it["value_mg"] == (arrives if most else it["mass_mg"] - arrives), "the value is another")
    return f"{it['target']} holds at {it['side']} {it['value_mg']} mg of {it['mass_mg']}, of {it['surely']}"


def kinds_of(it):
    """Kinds of metal by which claims they help, the first none; and which each origin may pass for."""

    def helps(origin, other):
        return tuple(
            (origin in claim["surely"] or (origin in claim["perhaps"] and counts)) == (claim["sense"] == "at least")
            for claim, counts in zip(it["claims"], other, strict=True)
        )

    named = [one for claim in it["claims"] for one in claim["surely"]] + it["origins"]
    nobody = (False,) * len(it["claims"])
    world = {tuple(one in claim["surely"] for claim in it["claims"]) for one in named if one[0] != "untraced"}
    may_be = [{helps(origin, other) for other in world | {nobody}} for origin in it["origins"]]
    return sorted({nobody}.union(*may_be)), may_be


def check_joint(it):
    kinds, may_be = kinds_of(it)
    arcs, claims, bottom = it["arcs"], it["claims"], it["denominator"]
    mass = {arc["row"]: arc["mg"] for arc in arcs}
    require(bottom > 0 and all(arc["row"] >= 0 and arc["head"] < len(it["nodes"]) for arc in arcs), "an arc is none")
    for claim in claims:
        rows = claim["rows"]
        require(rows and mass.keys() >= set(rows) and len(set(rows)) == len(rows), "a claim is about nothing")
        held = sum(mass[row] for row in rows)
        claim["needs"] = claim["mg"] if claim["sense"] == "at least" else held - claim["mg"]
        require(claim["mg"] >= 0, "a claim is of less than nothing")

    def allowed(arc):
        return [kind for kind in range(1, len(kinds)) if arc["origin"] < 0 or kinds[kind] in may_be[arc["origin"]]]

    if it["kind"] == "routing":
        gained = [[0] * len(kinds) for _ in it["nodes"]]
        for arc in arcs:
            require(len(arc["held"]) == len(kinds) - 1 and sum(arc["held"]) <= arc["mg"] * bottom, "an arc is too full")
            for kind, mg in enumerate(arc["held"], start=1):
                require(
                    mg == 0 or (mg > 0 and kind in allowed(arc) and arc["tail"] >= OUTSIDE), "an arc cannot hold it"
                )
                for end, sign in ((arc["head"], 1), (arc["tail"], -1)):
                    if end >= 0:
                        gained[end][kind] += sign * mg
        require(all(mg >= 0 for node in gained for mg in node), "more of a kind leaves a node than enters it")
        for spot, claim in enumerate(claims):
            on = [arc["held"] for arc in arcs if arc["row"] in claim["rows"]]
            held = sum(mg for part in on for kind, mg in enumerate(part, start=1) if kinds[kind][spot])
            require(held >= claim["needs"] * bottom, f"{claim['name']} does not hold")
        return f"all {len(claims)} claims can be true at once"

    def potential(end, kind):
        return it["nodes"][end]["pi"][kind - 1] if end >= 0 else 0

    def price(arc, kind):
        on = (claim["y"] for spot, claim in enumerate(claims) if arc["row"] in claim["rows"] and kinds[kind][spot])
        return sum(on) + potential(arc["head"], kind) - potential(arc["tail"], kind)

    require(all(len(node["pi"]) == len(kinds) - 1 for node in it["nodes"]), "a multiplier is missing")
    require(all(pi >= 0 for node in it["nodes"] for pi in node["pi"]), "a multiplier is below 0")
    require(all(0 <= claim["y"] <= bottom for claim in claims), "a multiplier is below 0 or above 1")
    possible = sum(arc["mg"] * max([0, *(price(arc, kind) for kind in allowed(arc))]) for arc in arcs)
    over = Fraction(sum(claim["y"] * claim["needs"] for claim in claims) - possible, bottom)
    require(over > 0 and str(over) == it["over_mg"], "the multipliers refute other than is said")
    return f"not all {len(claims)} claims can be true: together they claim at least {over} mg too much"


def check_recorded(it, lines):
    found = {line["hash_id"]: line["event"] for line in (json.loads(text, parse_float=Decimal) for text in lines)}
    grounds = [ground for arc in it["arcs"] for ground in arc["grounds"]]
    for ground in grounds:
        value = found.get(ground["event"])
        require(value is not None, f"there is no event {ground['event']}")
        for part in ground["pointer"].split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            value = value[int(name)] if isinstance(value, list) else value[name]
        same = value == ground["value"] if isinstance(value, str) else Decimal(value) == Decimal(ground["value"])
        require(same, f"{ground['event']} holds {value} at {ground['pointer']}, not {ground['value']}")
    return len(grounds)


def main(certificate, events=None):
    with open(certificate, encoding="utf-8") as file:
        it = json.load(file)
    check_form(it)
    print("PROVED from its masses:", check_bound(it) if it["kind"] == "bound" else check_joint(it))
    print("TRUSTED: that whoever gave you the digest", it["digest"][8:24], "made it from the book at head",
          it["basis"]["ledger"]["head"][:16])  # fmt: skip
    print("TRUSTED: that its masses follow from what was recorded, and that no arc of the book is left out")
    if events is None:
        print("NOT CHECKED: what was recorded; give the events")
        return
    with open(events, encoding="utf-8") as file:
        print("FOUND in the events:", check_recorded(it, file), "recorded values, as the certificate names them")
    print("TRUSTED: that the events have the hash ids they are listed under")


if __name__ == "__main__":
    main(*sys.argv[1:])
