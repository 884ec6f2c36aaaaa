"""What a book does not bear out of mass-balance credits, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lodeline.book.bounding import MG_PER_KG
from lodeline.book.finding import Found
from lodeline.errors import Settle
from lodeline.ids.epc import canonical

if TYPE_CHECKING:
    from lodeline.book.credit_files import Document, Received, Used
    from lodeline.origin.credits import Period


class Lacking(NamedTuple):
    """How much is not borne out: kilograms, their standard uncertainty, the most of the origin that can have entered,
    and whether the credits are of more than that."""

    kg: float
    u_kg: float | None
    most_kg: float
    beyond: bool


def not_covered(element: str, origin: str, when: str, rows: list[Received], by: Lacking) -> Found:
    """Credits of more than surely entered; strong where it is more than can have, whatever the mixing was."""
    told = f"and at most {by.most_kg:,.3f} kg can have" if by.beyond else "though they may have"
    return Found(
        code="credit.not_covered",
        sentence=f"Credits of {sum(one.mg for one in rows) / MG_PER_KG:,.3f} kg of {element} from {origin} in {when} "
        f"are {by.kg:,.3f} kg more than surely entered processes, whatever the mixing was, {told}.",
        weight="strong" if by.beyond else "weak",
        kg=by.kg,
        kg_u=by.u_kg,
        element=element,
        lots=tuple(dict.fromkeys(one.lot for one in rows)),
        settle=(Settle(act="document", subject=origin, detail="What else entered, and where that is from."),),
    )


def not_entered(one: Received, period: Period) -> Found:
    """A credit is of a lot that the book does not know to have entered a process in the period."""
    return Found(
        code="credit.not_entered",
        sentence=f"The book knows no {one.key.element} of lot {one.lot} that entered a process in "
        f"{period.name} before its credit arose.",
        weight="strong",
        kg=one.mg / MG_PER_KG,
        element=one.key.element,
        lots=(one.lot,),
        settle=(Settle(act="document", subject=one.lot, detail="The record of the process that it entered."),),
    )


def in_series(element: str, origin: str, when: str, rows: list[Received]) -> Found:
    """Credits are of lots that become each other."""
    return Found(
        code="credit.same_metal",
        sentence=f"Credits of {element} from {origin} in {when} are of lots of which one may be made of another: the "
        "same kilogram may have given two.",
        weight="strong",
        element=element,
        lots=tuple(dict.fromkeys(one.lot for one in rows)),
        settle=(Settle(act="document", subject=origin, detail="Give credits at one step of the process only."),),
    )


def lots_twice(document: Document) -> list[Found]:
    """Lots of which several accounts, or several ids of one, have credits of an element."""
    seen: dict[tuple[str, str], list[Received]] = {}
    for one in document.received:
        seen.setdefault((canonical(one.lot), one.key.element), []).append(one)
    return [
        Found(
            code="credit.lot_twice",
            sentence=f"{len(rows)} credits are of {element} of lot {lot}: each kilogram of it gives one.",
            weight="weak",
            kg=sum(one.mg for one in rows[1:]) / MG_PER_KG,
            element=element,
            lots=(lot,),
            settle=(Settle(act="document", subject=lot, detail="What part of it each credit is of."),),
        )
        for (lot, element), rows in seen.items()
        if len(rows) > 1
    ]


def more_than_sold(use: Used, lot: str, drawn: int, holds: int) -> Found:
    """Credits of more than a lot holds, milligrams, are used for it."""
    element = use.key.element
    return Found(
        code="credit.more_than_sold",
        sentence=f"Credits of {drawn / MG_PER_KG:,.3f} kg of {element} are used for lot {lot}, which holds "
        f"{holds / MG_PER_KG:,.3f} kg.",
        weight="strong",
        kg=(drawn - holds) / MG_PER_KG,
        element=element,
        lots=(lot,),
        settle=(Settle(act="document", subject=lot, detail="What was sold of it, and as what."),),
    )
