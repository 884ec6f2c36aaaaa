"""Forms of delivery: what a form of a commodity is called, how far the material has come, and by which codes it trades.

Which forms there are is data, in ``tables/effect_forms.toml``. Of a commodity that has none there, the forms are those
whose imports the edition adds up.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from importlib import resources

import msgspec

from lodeline.errors import NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.statistics.commodity import Commodity

HS_DIGITS = 6


class DeliveredForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A form in which metal of a commodity is delivered.

    Attributes:
        name: As the editions name it: ``unwrought``, ``ore-and-concentrates``.
        stage: ``concentrated``, ``separated``, ``refined``; empty where nobody says.
        hs: Codes of the Harmonized System, six digits each. words: what master data may call it.
        content, least_usd_per_kg: Of a form whose trade can be traced: kilograms of the element in one, above 0 and at
            most 1, and what it is never worth less than; None where nobody says.
    """

    name: str
    stage: str = ""
    hs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    content: Decimal | None = None
    least_usd_per_kg: Decimal | None = None


UNSAID = DeliveredForm(name="")
"""A form that nobody says."""


def forms_of(commodity: Commodity) -> tuple[DeliveredForm, ...]:
    """The forms of a commodity; raw ones first."""
    listed = _listed().get(commodity.name)
    return listed if listed else tuple(DeliveredForm(name=name) for name in commodity.traded)


def form_named(commodity: Commodity, name: str) -> DeliveredForm:
    """The form of this name.

    Raises:
        NotFoundError: ``world.effect_form``, with the names there are.
    """
    names = {one.name: one for one in forms_of(commodity)}
    if name not in names:
        near = get_close_matches(name, names, n=1, cutoff=0.0)
        raise NotFoundError(
            "world.effect_form",
            f"{commodity.plain} is not delivered as {visible(name)}; write {' or '.join(names)}"
            f"{f' (nearest: {near[0]})' if near else ''}.",
            form=name,
        )
    return names[name]


def form_of(commodity: Commodity, *, hs: str | None, word: str | None) -> DeliveredForm:
    """The form of a material by its code, else by what its master data call it; :data:`UNSAID` where neither tells."""
    code = "".join(filter(str.isdigit, hs or ""))
    for one in forms_of(commodity):
        # A heading of four digits tells the form only where it has all of the heading.
        if len(code) >= HS_DIGITS and code[:HS_DIGITS] in one.hs:
            return one
    said = (word or "").strip().casefold()
    return next((one for one in forms_of(commodity) if said and said in one.words), UNSAID)


def is_counted(commodity: Commodity, form: DeliveredForm) -> bool:
    """Whether the form is among the imports that import shares and net import reliance count; ore is not."""
    return form.name in commodity.traded


@cache
def _listed() -> Mapping[str, tuple[DeliveredForm, ...]]:
    text = (resources.files("lodeline.world") / "tables" / "effect_forms.toml").read_text(encoding="utf-8")
    return {
        commodity: tuple(
            msgspec.convert({"name": name, **one}, DeliveredForm, strict=False) for name, one in of.items()
        )
        for commodity, of in tomllib.loads(text).items()
    }
