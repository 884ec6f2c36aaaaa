"""Where the metal of a declared group is from (NdPr, all rare earths): that of its members, each by itself, together.

Refining may separate the members, so each is traced by its own masses. What holds of the group is then their sum: its
least is the sum of their least, since no kilogram of one is a kilogram of another, and its share is the mean of their
shares by mass.

Errors of the members are not told apart here, as if those of all went the same way, which errors of one scale do: so a
standard uncertainty of a group is at most what is given. Source: JCGM 100:2008, 5.2.2, with all correlations one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from lodeline.book.claim_text import Stated, stated
from lodeline.book.doubting import Suspects, doubt_of, suspects
from lodeline.book.lot_metal import lot_metal
from lodeline.book.mixed import ALL
from lodeline.book.origin_answers import Doubt, Judged, Limits, Part, Traces, Unheld
from lodeline.book.tracing import traces
from lodeline.book.unheld import unheld_lots, unheld_of
from lodeline.errors import InputError

if TYPE_CHECKING:
    from lodeline.book.traced import Traced


NONE: Final = Suspects({})
"""No lots."""


class Member(NamedTuple):
    """One member of a group.

    Attributes:
        traced: Its element. factor: kilograms of the member for one of the element: above 1 where it is an oxide.
        of: The answer about the lot.
    """

    traced: Traced
    factor: float
    of: Traces

    @property
    def kg(self) -> float:
        """Of the member in the lot."""
        return self.factor * self.of.kg


def factors(members: Sequence[str]) -> dict[str, float]:
    """Kilograms of each member of a group for one of its element, by the element's symbol.

    Raises:
        InputError: ``chemistry.substance_unknown``, ``origin.group_twice``.
    """
    from lodeline.chemistry.formula import compound_per_element
    from lodeline.chemistry.species import species

    found: dict[str, float] = {}
    for member in members:
        symbol = species(member).symbol
        if symbol in found:
            raise InputError(
                "origin.group_twice",
                f"The group counts {symbol} twice; declare one that counts it once.",
                member=member,
            )
        found[symbol] = 1.0 if member == symbol else float(compound_per_element(member, symbol))
    return found


def group_traces(
    name: str,
    members: Sequence[tuple[Traced, float]],
    lot: str,
    *,
    by: str = "country",
    mixing: str | None = None,
    bounds: bool = False,
    claims: Sequence[str] = (),
) -> Traces:
    """Where the metal of a group in a lot is from; arguments as :func:`lodeline.book.tracing.traces`.

    A member of which the lot holds nothing adds nothing. One of which nobody knows how much it holds makes the whole
    unknown.

    Args:
        name: Of the group. members: each traced, with kilograms of the member for one of its element.

    Raises:
        InputError: ``origin.group_claim``, and those of :func:`lodeline.book.tracing.traces`. NotFoundError:
            ``origin.no_lot``.
    """
    said = [stated(one) for one in claims]
    for one in said:
        if one.share is None:
            raise InputError(
                "origin.group_claim",
                f"A claim about {name} is a share of it, such as PK>=0.8; claim kilograms of one of its elements.",
                claim=str(one),
            )
    each = [_member(traced, factor, lot, by, mixing, bounds) for traced, factor in members]
    held = [one for one in each if not isinstance(one, InputError)]
    if not held:
        raise next(one for one in each if isinstance(one, InputError))
    first, kg = held[0].of, sum(one.kg for one in held)
    parts = _parts(held, kg, rules=mixing == ALL)
    # Of the flows, the same for every member, and looked at only if there is a claim.
    suspected, alone = (suspects(held[0].traced), unheld_lots(held[0].traced)) if said else (NONE, NONE)
    return Traces(
        lot=first.lot,
        element=name,
        as_of=first.as_of,
        policy=first.policy,
        state=first.state,
        places=first.places,
        owners=first.owners,
        kg=kg,
        kg_u=summed((one.factor * one.of.kg_u if one.of.kg_u is not None else None) for one in held),
        by=by,
        mixing=first.mixing,
        masses=" and ".join(sorted({one.of.masses for one in held})),
        not_reconciled="; ".join(sorted({one.of.not_reconciled for one in held} - {""})),
        parts=parts,
        unknown=tuple(dict.fromkeys(unknown for one in held for unknown in one.of.unknown)),
        left_out=max(one.of.left_out for one in held),
        claims=tuple(_claimed(name, held, one) for one in said),
        doubts=tuple(_doubt(held, one, suspected) for one in said),
        unheld=tuple(_unheld(held, one, alone) for one in said),
    )


def _claimed(name: str, held: Sequence[Member], it: Stated) -> Judged:
    from lodeline.book.group_judging import Held, group_judged

    return group_judged(name, [Held(one.traced, lot_metal(one.traced, one.of.lot), one.factor) for one in held], it)


def _member(traced: Traced, factor: float, lot: str, by: str, mixing: str | None, bounds: bool) -> Member | InputError:
    try:
        return Member(traced, factor, traces(traced, lot, by=by, mixing=mixing, bounds=bounds))
    except InputError as refusal:
        if refusal.code != "origin.lot_empty":
            raise
        return refusal


def _parts(held: Sequence[Member], kg: float, *, rules: bool) -> tuple[Part, ...]:
    """Each class, its members' parts together."""
    names = dict.fromkeys(part.name for one in held for part in one.of.parts)
    each = [{part.name: part for part in one.of.parts} for one in held]
    found = []
    for name in names:
        of = [(one, parts.get(name)) for one, parts in zip(held, each, strict=True)]
        share = sum(one.kg * part.share for one, part in of if part) / kg
        found.append(
            Part(
                name=name,
                share=share,
                share_u=summed(_share_u(one, part, share, kg) for one, part in of),
                kg=share * kg,
                limits=summed_limits([(one.factor, part.limits if part else None) for one, part in of]),
                kept=_kept(of),
                by_rule=_by_rule(of, kg) if rules else {},
            )
        )
    return tuple(sorted(found, key=lambda part: (-part.share, part.name)))


def _share_u(one: Member, part: Part | None, share: float, kg: float) -> float | None:
    """What a member adds to the uncertainty of a share at most: by its own share, and by how much there is of it."""
    own, own_u = (part.share, part.share_u) if part else (0.0, 0.0)
    if own_u is None or one.of.kg_u is None:
        return None
    return (one.kg * own_u + abs(own - share) * one.factor * one.of.kg_u) / kg


def _kept(of: Sequence[tuple[Member, Part | None]]) -> Limits | None:
    """As stores are kept; of a member of which no order is known whatever the mixing was. None where none is of any."""
    if all(part is None or part.kept is None for _, part in of):
        return None
    return summed_limits([(one.factor, part.kept or part.limits if part else None) for one, part in of])


def _by_rule(of: Iterable[tuple[Member, Part | None]], kg: float) -> Mapping[str, float]:
    found: dict[str, float] = {}
    for one, part in of:
        for rule, share in part.by_rule.items() if part else ():
            found[rule] = found.get(rule, 0.0) + one.kg * share / kg
    return found


def summed_limits(each: Sequence[tuple[float, Limits | None]]) -> Limits | None:
    """The sums of the least and of the most; a member that cannot have any of a class adds nothing."""
    told = [(factor, one) for factor, one in each if one is not None]
    if not told:
        return None

    def each_of(of: Callable[[Limits], float | None]) -> float | None:
        return summed(None if (value := of(one)) is None else factor * value for factor, one in told)

    loose = any(one.loose_least is not None or one.loose_most is not None for _, one in told)
    return Limits(
        least=sum(factor * one.least for factor, one in told),
        most=sum(factor * one.most for factor, one in told),
        least_u=each_of(lambda one: one.least_u),
        most_u=each_of(lambda one: one.most_u),
        least_supposes=any(one.least_supposes for _, one in told),
        most_supposes=any(one.most_supposes for _, one in told),
        loose_least=each_of(_loose_least) if loose else None,
        loose_most=each_of(_loose_most) if loose else None,
    )


def _loose_least(one: Limits) -> float | None:
    return one.loose_least if one.loose_least is not None else None if one.least_supposes else one.least


def _loose_most(one: Limits) -> float | None:
    return one.loose_most if one.loose_most is not None else None if one.most_supposes else one.most


def _doubt(held: Sequence[Member], it: Stated, suspected: Suspects) -> Doubt | None:
    """What a claim rests on that is in doubt, in any of the members."""
    told = []
    for one in held:
        of = doubt_of(one.traced, lot_metal(one.traced, one.of.lot), it, suspected)
        told += [] if of is None else [(one.factor, of)]
    if not told:
        return None
    return Doubt(
        lots=tuple(dict.fromkeys(lot for _, of in told for lot in of.lots)),
        codes=tuple(sorted({code for _, of in told for code in of.codes})),
        most_kg=sum(factor * of.most_kg for factor, of in told),
        least_kg=sum(factor * of.least_kg for factor, of in told),
        lacking_kg=sum(factor * of.lacking_kg for factor, of in told),
    )


def _unheld(held: Sequence[Member], it: Stated, alone: Suspects) -> Unheld | None:
    """What a claim counts by declarations alone, in any of the members."""
    told = []
    for one in held:
        of = unheld_of(one.traced, lot_metal(one.traced, one.of.lot), it, alone)
        told += [] if of is None else [(one.factor, of)]
    if not told:
        return None
    return Unheld(
        lots=tuple(dict.fromkeys(lot for _, of in told for lot in of.lots)),
        why=tuple(sorted({why for _, of in told for why in of.why})),
        most_kg=sum(factor * of.most_kg for factor, of in told),
    )


def summed(each: Iterable[float | None]) -> float | None:
    """The sum; None where any of it is not known."""
    found = list(each)
    return None if None in found else sum(one for one in found if one is not None)
