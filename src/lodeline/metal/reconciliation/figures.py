"""Figures: what the name of a figure means in a reconciled book, or why it means nothing there."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.ids.epc import canonical
from lodeline.metal.flows.words import CLOSING
from lodeline.metal.reconciliation.figure_names import (
    ACTS,
    DRY,
    MOISTURE,
    NEVER,
    NO_LOT,
    acts,
    bias_name,
    day,
    names,
    token,
)
from lodeline.metal.reconciliation.reconciled_sums import factors
from lodeline.metal.sums import Signed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.reconciled import Reconciled

    Rows = NDArray[np.int64]

Lines = Callable[[str, str, Mapping[str, str]], Signed]
"""From what is accounted for, the name of a line and its keys to the flows that it adds and takes away."""
Holds = Callable[[str], "NDArray[np.bool_]"]
"""From an element, group or dry mass to (flow,) whether each flow holds it, or may."""
NEAR = 5
"""Names that a refusal lists."""
FORMS = (
    '"Sb of LOT shipped at PLACE", "dry of LOT at PLACE", "Sb held at PLACE", "Sb closing site=SITE month=2025-03" '
    'or "bias of SCALE"'
)


class Asked(NamedTuple):
    """A figure that was asked for.

    Attributes:
        name: As tables print it.
        of: Symbols with their factors; None: the dry mass, or a bias.
        plus, minus: Rows of the flows that it adds and takes away; none of a bias.
        bias: Its place among the biases of the book; -1: it is a mass.
    """

    name: str
    of: tuple[tuple[str, float], ...] | None
    plus: Rows
    minus: Rows
    bias: int = -1


NOTHING: Rows = np.zeros(0, dtype=np.int64)


def asked(
    name: str | Sequence[str],
    reconciled: Reconciled,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    lines: Lines | None = None,
    holds: Holds | None = None,
) -> Asked:
    """What a name means.

    Args:
        name: As in :mod:`lodeline.metal.reconciliation.figure_names`, as one text or in its words.
        groups: Members of declared groups, by name.
        lines: Finds the lines of accounts; None: there are none.
        holds: Says which flows a total asks for; None: all. A lot of a material that is held for other elements only is
            then nothing of this one, as in an account.

    Raises:
        InputError: ``explain.figure_form``, ``explain.figure_ambiguous``.
        NotFoundError: ``explain.figure_unknown``, with near names.
    """
    words = _words(name)
    if words[:2] == ["bias", "of"]:
        return _bias(words, reconciled)
    if len(words) < 2:
        raise _form(words)
    what, rest = words[0], words[1:]
    is_line = lines is not None and all("=" in one for one in rest[1:])
    if rest[0] not in ("of", "held") and not is_line:
        raise _form(words)
    of = _what(what, reconciled, groups or {})
    if rest[0] == "of":
        return _of_lot(what, of, rest[1:], reconciled)
    if rest[0] == "held":
        asked_for = np.ones(reconciled.flows.flows.rows, dtype=bool) if holds is None else holds(what)
        return _held(what, of, rest[1:], reconciled, asked_for)
    return _line(what, of, rest, lines)


def _words(name: str | Sequence[str]) -> list[str]:
    if not isinstance(name, str):
        if len(name) != 1:
            return list(name)
        (name,) = name
    try:
        return shlex.split(name)
    except ValueError as flaw:
        raise InputError(
            "explain.figure_form", f"The name of a figure has a quote that does not end: {visible(name)}.", figure=name
        ) from flaw


def _form(words: Sequence[str]) -> InputError:
    said = " ".join(words)
    return InputError(
        "explain.figure_form",
        f"{visible(repr(said))} is not the name of a figure; write one such as {FORMS}.",
        figure=said,
    )


def _unknown(words: Sequence[str], wanted: str, there: Sequence[str], sentence: str) -> NotFoundError:
    """A refusal that lists what is near, or the first of what there is."""
    near = difflib.get_close_matches(wanted, there, n=NEAR, cutoff=0.5) or sorted(there)[:NEAR]
    listed = f" Near it: {'; '.join(visible(one) for one in near)}." if near else ""
    return NotFoundError("explain.figure_unknown", sentence + listed, figure=" ".join(words), near=near)


def _what(
    what: str, reconciled: Reconciled, groups: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, float], ...] | None:
    if what == DRY:
        return None
    members = [(what, 1.0)] if what not in groups else factors(groups[what])
    missing = [symbol for symbol, _ in members if symbol not in reconciled.elements]
    if missing:
        there = [DRY, *reconciled.elements, *groups]
        raise _unknown([what], what, there, f"Nothing in the book is reconciled as {visible(what)}.")
    return tuple(members)


def _of_lot(what: str, of: tuple[tuple[str, float], ...] | None, words: list[str], reconciled: Reconciled) -> Asked:
    """``LOT [ACT] [at PLACE] [entry N]``."""
    flows = reconciled.flows
    if not words:
        raise _form([what, "of"])
    lot, rest = words[0], words[1:]
    act = rest.pop(0) if rest and rest[0] in ACTS else ""
    said = _pairs(rest, ("at", "entry"), [what, "of", *words])
    code = -1 if lot == NO_LOT else _name(flows.names, lot)
    known = {flows.names[one] for one in np.unique(flows.flows["lot"]).tolist() if one >= 0}
    if code < -1 or (code >= 0 and flows.names[code] not in known):
        raise _unknown([what, "of", *words], lot, sorted(known), f"The book has no lot {visible(lot)}.")
    act = act or ("held" if "at" in said else "made")
    chosen = (flows.flows["lot"] == code) & (np.array(acts(flows)) == act)
    if "at" in said:
        chosen &= flows.places == _name(flows.names, said["at"])
    if "entry" in said:
        chosen &= flows.flows["seq"] == _number(said["entry"], [what, "of", *words])
    rows = np.flatnonzero(chosen)
    if not rows.size:
        there = [one for one, own in zip(names(flows, what), flows.flows["lot"] == code, strict=True) if own]
        full = " ".join([what, "of", *words])
        raise _unknown([what, "of", *words], full, there, f"Nothing of lot {visible(lot)} was {act} as that says.")
    parts = [what, "of", NO_LOT if code < 0 else token(flows.names[code]), act]
    parts += ["at", token(said["at"])] if "at" in said else []
    parts += ["entry", said["entry"]] if "entry" in said else []
    return Asked(" ".join(parts), of, rows, NOTHING)


def _held(
    what: str,
    of: tuple[tuple[str, float], ...] | None,
    words: list[str],
    reconciled: Reconciled,
    asked_for: NDArray[np.bool_],
) -> Asked:
    """``[at PLACE] [of MATERIAL]``."""
    flows = reconciled.flows
    said = _pairs(words, ("at", "of"), [what, "held", *words])
    chosen = flows.flows["head"] == CLOSING
    where, material = flows.places, _materials(reconciled)
    for key, column, kind in (("at", where, "place"), ("of", material, "material")):
        if key in said:
            fits = column == _name(flows.names, said[key])
            there = sorted({flows.names[one] for one in np.unique(column[chosen]).tolist() if one >= 0})
            if not (chosen & fits).any():
                raise _unknown(
                    [what, "held", *words], said[key], there, f"Nothing is held of that {kind}: {visible(said[key])}."
                )
            chosen = chosen & fits
    name = " ".join([what, "held", *(part for key in said for part in (key, token(said[key])))])
    return Asked(name, of, np.flatnonzero(chosen & asked_for), NOTHING)


def _line(what: str, of: tuple[tuple[str, float], ...] | None, words: list[str], lines: Lines | None) -> Asked:
    """``LINE [KEY=VALUE ...]``."""
    assert lines is not None
    line, rest = words[0], words[1:]
    keys = dict(one.partition("=")[::2] for one in rest)
    plus, minus = lines(what, line, keys)
    name = " ".join([what, line, *(f"{key}={token(value) if value else ''}" for key, value in keys.items())])
    return Asked(name, of, plus, minus)


def _bias(words: list[str], reconciled: Reconciled) -> Asked:
    """``bias of INSTRUMENT [in ELEMENT|moisture] [by METHOD] [since DAY]``."""
    if len(words) < 3:
        raise _form(words)
    said = _pairs(words[3:], ("in", "by", "since"), words)
    listed = reconciled.ledger.biases.listed
    found = [
        number
        for number, one in enumerate(listed)
        if canonical(one.id) == canonical(words[2])
        and said.get("in", MOISTURE if one.subject == "H2O" else one.subject)
        == (MOISTURE if one.subject == "H2O" else one.subject)
        and said.get("by", one.method) == one.method
        and said.get("since", "" if one.begins in NEVER else day(one.begins))
        == ("" if one.begins in NEVER else day(one.begins))
    ]
    if not found:
        of_it = [bias_name(one) for one in listed if canonical(one.id) == canonical(words[2])]
        there = of_it or [bias_name(one) for one in listed]
        raise _unknown(words, " ".join(words), there, f"The book estimates no such bias of {visible(words[2])}.")
    if len(found) > 1:
        several = [bias_name(listed[number]) for number in found]
        listed_ones = "; ".join(visible(one) for one in several[:NEAR])
        raise InputError(
            "explain.figure_ambiguous",
            f"{visible(words[2])} has {len(found)} biases; name one: {listed_ones}.",
            figure=" ".join(words),
            near=several,
        )
    return Asked(bias_name(listed[found[0]]), None, NOTHING, NOTHING, bias=found[0])


def _pairs(words: list[str], keys: tuple[str, ...], whole: list[str]) -> dict[str, str]:
    """``key value`` pairs, each key once."""
    if len(words) % 2 or any(word not in keys for word in words[::2]) or len(set(words[::2])) < len(words) // 2:
        raise _form(whole)
    return dict(zip(words[::2], words[1::2], strict=True))


def _number(text: str, whole: list[str]) -> int:
    if not (text.isascii() and text.isdigit()):
        raise _form(whole)
    return int(text)


def _name(known: Sequence[str], text: str) -> int:
    """The index of a name in any of its spellings; -2, which no column holds: there is none."""
    wanted = canonical(text)
    for index, one in enumerate(known):
        if one in (text, wanted) or canonical(one) == wanted:
            return index
    return -2


def _materials(reconciled: Reconciled) -> Rows:
    """(flow,) index of the name of the material of the lot of each; -1 where nobody said."""
    flows = reconciled.flows
    material = np.full(len(flows.names) + 1, -1, dtype=np.int64)
    material[flows.lots["lot"]] = flows.lots["material"]
    return np.asarray(material[flows.flows["lot"]])
