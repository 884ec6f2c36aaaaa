"""What may have gone wrong with a claim: general rules, each a function and a row, that name a slip and never guilt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Literal

import msgspec

from lodeline.world.claims.checking import Check
from lodeline.world.claims.inputs import Inputs
from lodeline.world.claims.measure import of_what, unit, weighed
from lodeline.world.claims.printed import claimed
from lodeline.world.claims.quantity import Quantity
from lodeline.world.claims.register import Claim, Register
from lodeline.world.claims.rivals import Rivalry, as_content
from lodeline.world.claims.slips import compound_for_element, slip
from lodeline.world.claims.wording import amount, factor

Weight = Literal["likely", "possible", "note"]
"""``likely``: it keeps a claim from being called consistent. ``possible``: the claim would agree if it were so.
``note``: worth knowing."""


class Suspected(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that may have gone wrong.

    Attributes:
        rule: The rule's name. weight: how much it weighs. sentence: what was seen, and what it would mean.
        claims: Ids of the other claims it rests on. ratio: by how much, where the rule has a ratio.
    """

    rule: str
    weight: Weight
    sentence: str
    claims: tuple[str, ...] = ()
    ratio: float | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """All that a rule may look at.

    Attributes:
        claim: The claim it is asked about. checks, rivals: of this claim.
        every: Checks of all claims, by id. register, inputs: of all.
    """

    claim: Claim
    checks: tuple[Check, ...]
    rivals: tuple[Rivalry, ...]
    every: dict[str, tuple[Check, ...]]
    register: Register
    inputs: Inputs


Rule = Callable[[Case], Iterator[Suspected]]


def swapped_parts(case: Case) -> Iterator[Suspected]:
    """Two parts whose numbers agree with what is recomputed for the other, and not with their own."""
    own = [one for one in case.checks if one.part and one.relation == "equal"]
    for a, b in combinations(own, 2):
        if a.outcome != "contradicts" or b.outcome != "contradicts":
            continue
        if _same_kind(a.claimed, b.computed) and _same_kind(b.claimed, a.computed):
            yield Suspected(
                rule="swapped-parts",
                weight="likely",
                sentence=f"The numbers for {a.part} and {b.part} agree with each other's recomputed figures "
                f"({amount(b.computed, a.unit)} and {amount(a.computed, b.unit)}): exchanged between the names?",
            )


def ore_for_metal(case: Case) -> Iterator[Suspected]:
    """The tonnes of metal in this claim stand in another as tonnes of ore or concentrate with a grade."""
    said, materials = claimed(case.claim), weighed().materials
    if said is None or of_what(said.dimension) in materials or not of_what(said.dimension):
        return
    for other in case.register.claims:
        if not other.grade or other.country != case.claim.country or other.id == case.claim.id:
            continue
        its = claimed(other)
        if its is None:
            continue
        content = as_content(other, claimed(other, exact=True) or its, case.inputs)
        if content.dimension == said.dimension and of_what(its.dimension) in materials and _same_number(said, its):
            own = unit(case.claim.unit)
            yield Suspected(
                rule="ore-for-metal",
                weight="likely",
                sentence=f"{other.id} gives the same number as tonnes of {of_what(its.dimension)}, at "
                f"{amount(case.inputs.quantity(other.grade), unit(case.register.input(other.grade).unit))}: "
                f"if that is what was meant, the metal is {amount(content, own)}.",
                claims=(other.id,),
                ratio=float(content.value / said.value) if content.value and said.value else None,
            )


def oxide_for_element(case: Case) -> Iterator[Suspected]:
    """The claim is contradicted, and would agree if its tonnes of an element counted a compound of it."""
    for one in case.checks:
        if one.outcome == "contradicts" and one.relation == "equal":
            for formula, as_meant in compound_for_element(one.claimed):
                if as_meant.overlaps(one.computed):
                    yield Suspected(
                        rule="oxide-for-element",
                        weight="likely",
                        sentence=f"Counted as {formula}, {amount(one.claimed, one.unit)} would hold "
                        f"{amount(as_meant, one.unit)}, which agrees with what is recomputed.",
                    )
    said = claimed(case.claim)
    if said is None:
        return
    for other in _about_the_same(case):
        its = claimed(other)
        tags = {of_what(said.dimension), of_what(its.dimension)} if its is not None else set()
        if its is None or len(tags) < 2 or not _same_number(said, its) or tags & (weighed().materials | {""}):
            continue
        a, b = as_content(case.claim, said, case.inputs), as_content(other, its, case.inputs)
        if a.dimension == b.dimension:
            yield Suspected(
                rule="oxide-for-element",
                weight="likely",
                sentence=f"{other.id} has the same number as a mass of {of_what(its.dimension)}: one of both took "
                "an oxide for its element.",
                claims=(other.id,),
            )


def gross_for_net(case: Case) -> Iterator[Suspected]:
    """What is given as net, or as money to be invested, is the gross value of the metal."""
    for one in case.checks:
        given = case.claim.basis.worth
        if given in ("net", "investment") and one.basis.worth == "gross" and one.claimed.overlaps(one.computed):
            yield Suspected(
                rule="gross-for-net",
                weight="likely",
                sentence=f"Given as {given}, and the same as the gross value of the metal "
                f"({amount(one.computed, one.unit)}), before mining, treatment, tax and time.",
            )


def slip_of_magnitude(case: Case) -> Iterator[Suspected]:
    """The claim is contradicted, and would agree if it had been meant in another unit or power of ten."""
    for one in case.checks:
        if one.outcome == "contradicts" and one.relation == "equal":
            for name, as_meant in slip(one.claimed):
                if as_meant.overlaps(one.computed):
                    of = f" of {one.part}" if one.part else ""
                    yield Suspected(
                        rule="slip-of-magnitude",
                        weight="possible",
                        sentence=f"The number{of} would agree if this had happened: {name}.",
                    )


def no_method(case: Case) -> Iterator[Suspected]:
    """A value that nobody says how to compute, beside the largest one of the country that can be recomputed."""
    said = claimed(case.claim)
    if case.claim.kind != "valuation" or said is None or any(one.relation == "equal" for one in case.checks):
        return
    best = best_documented(case)
    if best is None or not said.value or not best.computed.value:
        sentence, ratio, claims = "No method is published.", None, tuple[str, ...]()
    else:
        times = said.value / best.computed.value
        sentence = (
            f"No method is published. It is {factor(times)} times the largest value that can be recomputed: "
            f"{best.says or best.expression} ({best.claim}), {amount(best.computed, best.unit)} "
            f"{best.basis.worth}".rstrip()
            + "."
        )
        ratio, claims = float(times), (best.claim,)
    yield Suspected(rule="no-method", weight="note", sentence=sentence, claims=claims, ratio=ratio)


RULES: tuple[Rule, ...] = (
    swapped_parts,
    ore_for_metal,
    oxide_for_element,
    gross_for_net,
    slip_of_magnitude,
    no_method,
)
"""Every rule that is asked about every claim. A further one is a function and a row; ``judge`` takes others too."""


def best_documented(case: Case) -> Check | None:
    """Of the country's valuations that can be recomputed, in the same money, the one of greatest recomputed value."""
    said = claimed(case.claim)
    found = [
        one
        for claim in case.register.claims
        if claim.kind == "valuation" and claim.country == case.claim.country and claim.id != case.claim.id
        for one in case.every[claim.id]
        if one.relation == "equal" and one.computed.value is not None
        if said is not None and one.computed.dimension == said.dimension
    ]
    return max(found, key=lambda one: one.computed.value or 0, default=None)


def _about_the_same(case: Case) -> Iterator[Claim]:
    for other in case.register.claims:
        if other.id != case.claim.id and other.about and other.about == case.claim.about:
            yield other


def _same_kind(a: Quantity, b: Quantity) -> bool:
    return a.dimension == b.dimension and a.overlaps(b)


def _same_number(a: Quantity, b: Quantity) -> bool:
    """Whether two masses print alike, whatever they are of."""
    return a.value is not None and b.value is not None and a.overlaps(b)
