"""Forms of delivery: which of the traded forms of a commodity a delivery comes in, and how that form is counted.

Which forms there are is data: see :mod:`lodeline.world.trade.forms`.
"""

from __future__ import annotations

from difflib import get_close_matches

import msgspec

from lodeline.errors import NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.statistics.commodity import Commodity
from lodeline.world.trade.asking import Form
from lodeline.world.trade.forms import forms

HS_DIGITS = 6
LEAST_WORD = 3
"""Letters of a word that can name a form."""
SMELTED = ("mined", "intermediate")
"""Stages of what becomes metal where it is smelted or refined at home."""


class DeliveredForm(msgspec.Struct, frozen=True, kw_only=True):
    """A form in which metal of a commodity is delivered.

    Attributes:
        name: ``unwrought``, ``ore-and-concentrates``; empty where nobody says. plain: in a sentence.
        stage: ``mined``, ``intermediate``, ``refined``, ``scrap``, ``manufactured``; empty where nobody says.
        hs: Six digits of the Harmonized System.
        trade: As a trade question takes it; None where nobody says how much of the element counts.
        imports, share: Lines of the edition that are of it: of imports, and of import shares.
        alone, own_share: Whether no other form of the commodity is counted on these lines of imports, and on this line
            of import shares.
    """

    name: str
    plain: str = ""
    stage: str = ""
    hs: str = ""
    trade: Form | None = None
    imports: tuple[str, ...] = ()
    share: str = ""
    alone: bool = False
    own_share: bool = False


UNSAID = DeliveredForm(name="")
"""A form that nobody says."""


def forms_of(commodity: Commodity, element: str) -> tuple[DeliveredForm, ...]:
    """The forms of a commodity in which an element or group comes, those of mines first."""
    every = forms().get(commodity.name, ())
    lines, shares = [line for one in every for line in one.imports], [one.share for one in every]
    return tuple(
        DeliveredForm(
            name=one.name,
            plain=one.plain,
            stage=one.stage,
            hs=one.hs,
            trade=one.traced_as(),
            imports=one.imports,
            share=one.share,
            alone=all(lines.count(line) == 1 for line in one.imports),
            own_share=shares.count(one.share) == 1,
        )
        for one in every
        if one.only in ("", element) or element == commodity.element
    )


def usual_forms(commodity: Commodity, element: str) -> tuple[DeliveredForm, ...]:
    """What is asked where nobody says the form: as mined, and as the lines that imports count."""
    every = forms_of(commodity, element)
    mined = [one for one in every if one.stage == "mined"]
    # One form may stand on several lines, and is asked once.
    found = {one.name: one for one in (*mined, *(one for line in commodity.traded for one in _on_line(every, line)))}
    return tuple(found.values()) or (UNSAID,)


def form_named(commodity: Commodity, element: str, name: str) -> DeliveredForm:
    """The form of this name, or the one that a line of the edition stands for.

    Raises:
        NotFoundError: ``world.effect_form``, with the names there are.
    """
    every = forms_of(commodity, element)
    found = [one for one in every if one.name == name] or _on_line(every, name)
    if len(found) == 1:
        return found[0]
    names = [one.name for one in found or every]
    near = get_close_matches(name, names, n=1, cutoff=0.5) if not found else []
    raise NotFoundError(
        "world.effect_form",
        f"{visible(name)} is no one form of {commodity.plain}; write {' or '.join(names)}"
        f"{f' (nearest: {near[0]})' if near else ''}.",
        form=name,
    )


def _on_line(every: tuple[DeliveredForm, ...], line: str) -> list[DeliveredForm]:
    """The form that a line of the edition stands for: of several the first that can be traced, else all as one.

    Several that are on no other line are asked together; where one is, the line is no form, and all are given.
    """
    on = [one for one in every if line in one.imports]
    traced = [one for one in on if one.trade is not None][:1]
    if traced or len(on) < 2 or any(one.imports != (line,) for one in on):
        return traced or on
    stages, shares = {one.stage for one in on}, {one.share for one in on}
    share = shares.pop() if len(shares) == 1 else ""
    return [
        DeliveredForm(
            name=line,
            plain=" and ".join(one.plain for one in on),
            stage=stages.pop() if len(stages) == 1 else "",
            imports=(line,),
            share=share,
            alone=True,
            own_share=bool(share) and [one.share for one in every].count(share) == len(on),
        )
    ]


def form_of(commodity: Commodity, element: str, *, hs: str | None, word: str | None) -> DeliveredForm:
    """The form of an element in a material by its code, else by what its master data call it.

    Returns:
        :data:`UNSAID` where neither tells, or the word fits several: ``oxide`` is antimony oxide, ``powder`` is none.
    """
    code = "".join(filter(str.isdigit, hs or ""))
    every = forms_of(commodity, element)
    for one in every:
        # A heading of four digits tells the form only where it has all of the heading.
        if len(code) >= HS_DIGITS and code[:HS_DIGITS] == one.hs:
            return one
    said = (word or "").strip().casefold().removesuffix("s")
    if len(said) < LEAST_WORD:
        return UNSAID
    fits = [one for one in every if said in [part.removesuffix("s") for part in one.name.split("-")]]
    return fits[0] if len(fits) == 1 else UNSAID


def is_counted(commodity: Commodity, form: DeliveredForm) -> bool:
    """Whether the form is among the imports that import shares and net import reliance count; ore is not."""
    return any(line in commodity.traded for line in form.imports)
