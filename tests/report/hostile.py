"""A book whose every text tries to do harm."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from lodeline.errors import Finding, Settle
from lodeline.ledger.values import StoredDocument
from lodeline.report.given import Given, Place
from lodeline.report.given_metal import SeenReconciliation
from tests.report.books import THREE, given
from tests.report.metal import reconciliation

HOSTILE = {
    "script": "</script><script>alert(1)</script><img src=x onerror='window.pwned=1'>",
    "formula": "=cmd|' /C calc'!A0",
    "bidi": "\u202e\u2066\u200f\u061c",
    "ansi": "\x1b[2J\x1b]0;owned\x07\x9b31m",
    "lines": "one\u2028two\u2029three\r\nfour",
    "template": "{{ 7 * 7 }}{% raw %}[bold red]markup[/] :boom:",
    "attribute": "\"' onmouseover='window.pwned=1' x=\"",
    "long": "m" * 1_000_000,
    "surrogate": "\ud800",
    "right to left": "پاکستان",
}
EVERYTHING = " ".join(HOSTILE.values())
WRITABLE = EVERYTHING.replace(HOSTILE["surrogate"], "")
"""Without the half of a character, which no file and no ledger can hold."""


def hostile_book(*, everything: str = EVERYTHING) -> Given:
    """The three lots, with hostile text in every field of every thing that sections read."""
    clean = given(THREE, title="A title")
    place = Place(id=everything, label=everything, country="PAK", at=None, known="country")
    holdings = tuple(
        msgspec.structs.replace(
            one,
            key=f"sha-256:{index}",
            lot=f"{index}{everything}",
            label=everything,
            owner=everything,
            place=place,
            origin_document=everything,
        )
        for index, one in enumerate(clean.holdings)
    )
    move = msgspec.structs.replace(
        clean.moves[0],
        goods=(everything,),
        sender=everything,
        receiver=everything,
        left=place,
        to=Place(id="to", label=everything, country="USA", at=(-90.0, 38.0), known=everything),
        shipped=everything,
        received=everything,
        papers=(everything,),
    )
    document = StoredDocument(
        id=everything,
        media_type=everything,
        title=everything,
        issuer=everything,
        dated=everything,
        role=everything,
        meta={"url": "javascript:alert(1)"},
        size=1,
        seq=1,
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
        captured_by=everything,
    )
    finding = Finding(
        code="metal.unregistered",
        sentence=everything,
        weight="certain",
        settle=(Settle(act="registration", subject=everything, detail=everything),),
    )
    return msgspec.structs.replace(
        clean,
        title=everything,
        holdings=holdings,
        moves=(move,),
        documents=(document,),
        findings=(finding,),
        programme=_spoiled(clean.programme, everything),
        acts=tuple(msgspec.structs.replace(act, lot=everything, label=everything) for act in clean.acts),
        reconciled=_reconciled(everything),
    )


def _reconciled(everything: str) -> SeenReconciliation:
    """A reconciled book in which all that is foreign does harm: names and ids of places, instruments and lots."""
    of, replace = reconciliation(), msgspec.structs.replace
    act = Settle(act="assay", subject=everything, detail=everything)
    return replace(
        of,
        unheard=(everything,),
        accounts=tuple(
            replace(
                one,
                site=one.site and f"{one.site}{everything}",
                label=everything,
                reconciled={
                    line: replace(figure, settle=(act,)) if figure.settle else figure
                    for line, figure in one.reconciled.items()
                },
            )
            for one in of.accounts
        ),
        closures=tuple(
            replace(one, site=one.site and f"{one.site}{everything}", label=everything, refused=everything)
            for one in of.closures
        ),
        pairs=tuple(
            replace(one, lot=everything, first_id=everything, second_id=f"2{everything}", first=everything,
                    second=everything)
            for one in of.pairs
        ),
        biases=tuple(
            replace(one, id=f"{one.id}{everything}", label=everything, method=one.method and everything)
            for one in of.biases
        ),
    )  # fmt: skip


def _spoiled(value, everything: str):
    """The same structure with every text replaced, save those that choose among what the code knows."""
    if isinstance(value, msgspec.Struct):
        kept = {"kind", "standing", "unit", "act", "key"}
        changed = {
            name: _spoiled(getattr(value, name), everything) for name in value.__struct_fields__ if name not in kept
        }
        return msgspec.structs.replace(value, **changed)
    if isinstance(value, tuple):
        return tuple(_spoiled(item, everything) for item in value)
    if isinstance(value, dict):
        return {f"{name} {HOSTILE['script']}": _spoiled(item, everything) for name, item in value.items()}
    return everything if isinstance(value, str) else value
