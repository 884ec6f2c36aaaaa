"""One number of one claim against one recomputed figure, exactly: do their limits overlap, and if not, by how much."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal

import msgspec

from lodeline.errors import InputError, Settle
from lodeline.world.claims import quantity
from lodeline.world.claims.expression import Step, evaluate, names, parse, shown
from lodeline.world.claims.inputs import Inputs, Known, counted, merged
from lodeline.world.claims.measure import Unit, told, unit
from lodeline.world.claims.printed import claimed
from lodeline.world.claims.quantity import Quantity
from lodeline.world.claims.register import Basis, Claim, Recomputation, Relation, Sense, Stated, stated

Outcome = Literal["agrees", "contradicts", "only limits", "unknown", "other basis", "beside"]
"""``only limits``: the claim lies within limits that are all that is published, which tests little. ``other basis``:
claim and figure say that they count different things. ``beside``: the figure is told and decides nothing."""

SUM = "sum of the parts"
"""What the check is called that adds up a claim's own parts."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What one recomputed figure says of one number.

    Attributes:
        claim, part: The number. expression: as written. says: what is computed. relation, basis: of the figure.
        claimed: The number within its rounding. computed: the figure. unit: in which both are told.
        outcome: See :data:`Outcome`.
        inputs: The inputs it was computed from, those of inputs included, in the order one would work them out.
        steps: The operations. rests_on: keys of rows, ids of claims, names of inputs. missing: what would settle it.
    """

    claim: str
    part: str
    expression: str
    says: str
    relation: Relation
    basis: Basis
    claimed: Quantity
    computed: Quantity
    unit: Unit
    outcome: Outcome
    inputs: tuple[Known, ...] = ()
    steps: tuple[Step, ...] = ()
    rests_on: tuple[str, ...] = ()
    missing: tuple[Settle, ...] = ()

    @property
    def ratio(self) -> Fraction | None:
        """The figure over the claim; None where either has no single value, or the claim is zero."""
        if self.computed.value is None or not self.claimed.value:
            return None
        return self.computed.value / self.claimed.value

    @property
    def ratios(self) -> tuple[Fraction, Fraction] | None:
        """The least and the greatest ratio that the figure's limits allow for the claim as printed."""
        low, high, said = self.computed.low, self.computed.high, self.claimed.value
        return None if low is None or high is None or not said else (low / said, high / said)


def checks(claim: Claim, recomputations: tuple[Recomputation, ...], inputs: Inputs) -> Iterator[Check]:
    """Every check of a claim: its recomputations in order, then the sum of its own parts.

    Raises:
        InputError: ``world.claims_dimension``, ``world.claims_zero``, ``world.claims_unit``.
    """
    summed = _sum_of_parts(claim)
    for one in recomputations:
        try:
            yield _check(claim, one, inputs, as_sum=summed is not None and summed.outcome == "agrees")
        except InputError as flaw:
            raise flaw.located(claim=claim.id, part=one.part or None) from flaw
    if summed is not None:
        yield summed


def _check(claim: Claim, one: Recomputation, inputs: Inputs, *, as_sum: bool) -> Check:
    number = stated(claim, one.part)
    # "Over 60" is open upwards; but where it is the sum of the claim's own parts, it stands or falls with them.
    sense: Sense | None = "about" if as_sum and not one.part else None
    said = claimed(number, sense=sense, supposing=one.supposing)
    node, steps = parse(one.expression), list[Step]()
    found = evaluate(node, inputs.quantity, steps)
    told_in = _told_in(one, number, found)
    if said is None or (one.relation == "beside" and said.dimension != found.dimension):
        # What stands beside a claim may count something else, such as the metal in its ore.
        said = Quantity(None, None, None, found.dimension)
    if said.dimension != found.dimension:
        raise InputError(
            "world.claims_dimension",
            f"The claim counts {told(said.dimension)} and is recomputed as {told(found.dimension)}; "
            "bring both to one unit and one substance.",
        )
    used = [inputs(name) for name in dict.fromkeys(names(node))]
    basis = counted(one.basis, [known.basis for known in used])
    return Check(
        claim=claim.id,
        part=one.part,
        expression=shown(node),
        says=one.says,
        relation=one.relation,
        basis=basis,
        claimed=said,
        computed=found,
        unit=told_in,
        outcome=_outcome(said, found, one.relation, differs(claim.basis, basis)),
        inputs=merged(_worked_out(known, inputs) for known in used),
        steps=tuple(steps),
        rests_on=merged(known.rests_on for known in used),
        missing=merged(known.missing for known in used),
    )


def _told_in(one: Recomputation, number: Stated, found: Quantity) -> Unit:
    """The unit a result is told in, which must be of its dimension."""
    own = unit(one.unit or number.unit)
    if own.dimension == found.dimension:
        return own
    if one.unit:
        raise InputError(
            "world.claims_dimension",
            f"The result is {told(found.dimension)} and its unit {one.unit} is {told(own.dimension)}; "
            "correct the unit or the expression.",
        )
    return Unit(own.text, own.factor, found.dimension)


def _outcome(said: Quantity, found: Quantity, relation: Relation, differ: str) -> Outcome:
    if relation == "beside":
        return "beside"
    if found.value is None and found.low is None and found.high is None:
        return "unknown"
    if said.value is None and said.low is None and said.high is None:
        return "beside"
    if differ:
        return "other basis"
    if (relation == "at-most" and found.high is None) or (relation == "at-least" and found.low is None):
        return "unknown"
    if relation == "at-most":
        return "agrees" if said.overlaps(Quantity(None, None, found.high, found.dimension)) else "contradicts"
    if relation == "at-least":
        return "agrees" if said.overlaps(Quantity(None, found.low, None, found.dimension)) else "contradicts"
    if not said.overlaps(found):
        return "contradicts"
    # From nothing up to what all unnamed countries have together: such limits hold nearly whatever is claimed.
    wide = found.value is None and (not found.closed or found.low == 0)
    return "only limits" if wide else "agrees"


def differs(a: Basis, b: Basis) -> str:
    """What both say they count, and say differently: ``worth``, ``extent`` or ``paid``; empty where nothing."""
    for axis in Basis.__struct_fields__:
        one, other = getattr(a, axis), getattr(b, axis)
        if one and other and one != other:
            return axis
    return ""


def _worked_out(known: Known, inputs: Inputs) -> tuple[Known, ...]:
    """An input behind those that it is computed from."""
    return (*merged(_worked_out(inputs(name), inputs) for name in known.uses), known)


def _sum_of_parts(claim: Claim) -> Check | None:
    """The claim's parts added up against its own total; None where it has not both, in one dimension."""
    said = claimed(claim, sense="about")
    parts = [claimed(part, sense="about") for part in claim.part]
    if said is None or len(parts) < 2 or any(part is None or part.dimension != said.dimension for part in parts):
        return None
    found, steps = quantity.exactly(Fraction(0), said.dimension), []
    for part in parts:
        if part is not None:
            found = quantity.add(found, part)
    text = " + ".join(part.name for part in claim.part)
    steps = [Step(text, found)]
    return Check(
        claim=claim.id,
        part="",
        expression=text,
        says=SUM,
        relation="restates",
        basis=claim.basis,
        claimed=said,
        computed=found,
        unit=unit(claim.unit),
        outcome=_outcome(said, found, "equal", ""),
        steps=tuple(steps),
        rests_on=(f"claim:{claim.id}",),
    )
