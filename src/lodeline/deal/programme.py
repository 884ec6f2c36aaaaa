"""The programme as its documents tell it: what was agreed, pledged and planned, beside what the book evidences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import msgspec

from lodeline.deal.documents import MEDIA_TYPE, DealDocument, Source, parse
from lodeline.errors import Finding, LodelineError, Settle
from lodeline.metal.facts import Facts
from lodeline.metal.movements import Movement
from lodeline.metal.values import Registered
from lodeline.units.figure import Figure, total, unknown


class Document(Protocol):
    """A document beside the events, as the ledger holds it."""

    @property
    def id(self) -> str:
        """Its content hash."""

    @property
    def media_type(self) -> str:
        """Only documents of :data:`lodeline.deal.documents.MEDIA_TYPE` are read."""


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Who agreed on what.

    Attributes:
        phases: How many are described; unknown where none is.
        phase_sources: Who speaks of phases; those of the whole agreement where nobody does so in particular.
        context: True for one that is told for context and is not part of the programme.
    """

    id: str
    name: str
    form: str
    parties: tuple[str, ...]
    signed: str | None
    context: bool
    phases: Figure
    phase_sources: tuple[Source, ...]
    sources: tuple[Source, ...]
    document: str
    note: str = ""


class Pledge(msgspec.Struct, frozen=True, kw_only=True):
    """Money that was promised, and how much of it documents in the book show to have been paid."""

    id: str
    name: str
    agreement: str | None
    by: tuple[str, ...]
    over: str
    approximate: bool
    pledged: Figure
    evidenced: Figure
    sources: tuple[Source, ...]
    document: str
    note: str = ""


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A plant that is planned.

    Attributes:
        site, start: None where none is stated; ``missing`` then names what would settle it.
        capacity: t a year.
        cost: In its currency; None where no cost was ever spoken of. approximate: the source says "about" of it.
        expects: What is hoped of it, by name: jobs, exports.
    """

    id: str
    name: str
    purpose: str
    agreement: str | None
    parties: tuple[str, ...]
    country: str | None
    site: str | None
    start: str | None
    capacity: Figure
    cost: Figure | None
    approximate: bool
    expects: Mapping[str, Figure]
    missing: tuple[Settle, ...]
    sources: tuple[Source, ...]
    document: str
    note: str = ""


class Milestone(msgspec.Struct, frozen=True, kw_only=True):
    """A step.

    Attributes:
        state: ``planned``; ``stated`` (somebody says that it is done); ``recorded`` (a receipt of every lot it names is
            in the ledger, on no better ground than what was published); ``evidenced`` (and each receipt has a bill
            of lading or despatch advice, or a mass).
        rests_on: The document, and the receipts.
    """

    id: str
    name: str
    agreement: str | None
    state: str
    on: str | None
    rests_on: tuple[str, ...]
    sources: tuple[Source, ...]
    document: str
    note: str = ""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says."""

    id: str
    name: str
    says: str
    figure: Figure | None
    unit: str
    lots: tuple[str, ...]
    sources: tuple[Source, ...]
    document: str


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Statements on one subject, side by side; ``numbers_differ`` if they give different numbers in one unit."""

    about: str
    statements: tuple[Statement, ...]
    numbers_differ: bool


class Programme(msgspec.Struct, frozen=True, kw_only=True):
    """What was promised, beside what the book evidences.

    Attributes:
        pledged, evidenced: By currency, over every pledge. No pledge in the book: no currency.
        findings: Documents that could not be read, and references that lead nowhere.
    """

    agreements: tuple[Agreement, ...]
    pledges: tuple[Pledge, ...]
    pledged: Mapping[str, Figure]
    evidenced: Mapping[str, Figure]
    projects: tuple[Project, ...]
    milestones: tuple[Milestone, ...]
    subjects: tuple[Subject, ...]
    findings: tuple[Finding, ...]


def programme(
    documents: Iterable[Document], facts: Facts, master: Iterable[Registered], *, content: Callable[[str], bytes]
) -> Programme:
    """Read the programme from the documents of a book.

    A later document with the id of an earlier one replaces it. What no document states is unknown, and says which
    document would settle it; money of which no payment is documented is unknown, and never zero.

    Args:
        documents: In ledger order.
        facts: What events say; receipts evidence milestones.
        master: The master data, for the names of parties.
        content: Gives the exact bytes of a document by its id.
    """
    stated: dict[str, DealDocument] = {}
    findings: list[Finding] = []
    for document in documents:
        if document.media_type != MEDIA_TYPE:
            continue
        try:
            read = parse(content(document.id), document=document.id)
        except LodelineError as refusal:
            sentence = f"A document of the programme could not be read: {refusal.sentence}"
            findings.append(
                Finding(code="deal.document_unreadable", sentence=sentence, weight="certain", events=(document.id,))
            )
            continue
        stated[read.id] = read
    of_kind: dict[str, list[DealDocument]] = {}
    for one in stated.values():
        of_kind.setdefault(one.kind, []).append(one)
    findings += _dangling(stated, {(record.kind, record.id) for record in master})
    pledges = tuple(_pledge(one, of_kind.get("payment", [])) for one in of_kind.get("pledge", []))
    currencies = tuple(dict.fromkeys(pledge.pledged.unit for pledge in pledges))
    return Programme(
        agreements=tuple(_agreement(one) for one in of_kind.get("agreement", [])),
        pledges=pledges,
        pledged={unit: _sum(unit, [pledge.pledged for pledge in pledges]) for unit in currencies},
        evidenced={unit: _evidenced_sum(unit, [pledge.evidenced for pledge in pledges]) for unit in currencies},
        projects=tuple(_project(one) for one in of_kind.get("project", [])),
        milestones=tuple(_milestone(one, facts) for one in of_kind.get("milestone", [])),
        subjects=_subjects(of_kind.get("statement", [])),
        findings=tuple(findings),
    )


def _agreement(one: DealDocument) -> Agreement:
    described = one.get("phases")
    settle = _document(one, "a plan of its phases: how many, and what each holds")
    phases = _stated(len(described), "C62", one) if described else unknown("C62", settle, rests_on=(one.document,))
    return Agreement(
        **_told(one),
        form=one.get("form"),
        parties=one.get("parties"),
        signed=one.get("signed"),
        context=one.get("context", False),
        phases=phases,
        phase_sources=tuple(source for source in one.sources if source.of == "phases") or _of_the_whole(one),
    )


def _pledge(one: DealDocument, payments: list[DealDocument]) -> Pledge:
    currency = one.get("currency")
    paid = [pay for pay in payments if pay.get("pledge") == one.id and pay.get("currency") == currency]
    settle = _document(one, "a receipt of a payment; no document in this book shows any")
    if paid:
        evidenced = total([_stated(pay.get("amount"), currency, pay) for pay in paid], unit=currency)
    else:
        evidenced = unknown(currency, settle, rests_on=(one.document,))
    return Pledge(
        **_told(one),
        agreement=one.get("agreement"),
        by=one.get("by", ()),
        over=one.get("over", ""),
        approximate=one.get("approximate", False),
        pledged=_stated(one.get("amount"), currency, one),
        evidenced=evidenced,
    )


def _project(one: DealDocument) -> Project:
    lacks = [("site", "where it is to stand"), ("start", "when it is to start")]
    missing = tuple(_document(one, what) for key, what in lacks if one.get(key) is None)
    expects = {}
    for hope in one.get("expects", ()):
        settle = _document(one, f"a number for the {hope['what']} expected of it")
        amount, unit = hope.get("amount"), str(hope.get("unit", "C62"))
        expects[str(hope["what"])] = _optional(amount, unit, one, settle)
    capacity = one.get("capacity")
    cost = one.get("cost")
    return Project(
        **_told(one),
        purpose=one.get("purpose"),
        agreement=one.get("agreement"),
        parties=one.get("parties", ()),
        country=one.get("country"),
        site=one.get("site"),
        start=one.get("start"),
        capacity=_optional(capacity, "TNE", one, _document(one, "its capacity, t a year")),
        cost=None if cost is None else _stated(cost, one.get("currency"), one),
        approximate=one.get("approximate", False),
        expects=expects,
        missing=missing,
    )


def _milestone(one: DealDocument, facts: Facts) -> Milestone:
    wanted = set(one.get("lots", ()))
    moves = {move.lot: move for move in facts.movements if move.lot in wanted and move.receipt is not None}
    state = "stated" if one.get("state") == "done" else "planned"
    rests_on = [one.document]
    if wanted and set(moves) == wanted:
        state = "evidenced" if all(_has_papers(move) for move in moves.values()) else "recorded"
        rests_on += [move.receipt for move in moves.values() if move.receipt is not None]
    return Milestone(
        **_told(one),
        agreement=one.get("agreement"),
        state=state,
        on=one.get("on"),
        rests_on=tuple(dict.fromkeys(rests_on)),
    )


def _has_papers(move: Movement) -> bool:
    """Whether a receipt stands on more than words: papers of the consignment, or a mass at its end."""
    return bool(move.bill_of_lading) or move.received.kg is not None


def _subjects(documents: list[DealDocument]) -> tuple[Subject, ...]:
    about: dict[str, list[Statement]] = {}
    for one in documents:
        told = _told(one)
        told.pop("note")
        statement = Statement(
            **told,
            says=one.get("says"),
            figure=None if one.get("amount") is None else _stated(one.get("amount"), one.get("unit", "C62"), one),
            unit=one.get("unit", ""),
            lots=one.get("lots", ()),
        )
        about.setdefault(one.get("about"), []).append(statement)
    return tuple(
        Subject(about=subject, statements=tuple(said), numbers_differ=_differ(said)) for subject, said in about.items()
    )


def _differ(said: list[Statement]) -> bool:
    numbers: dict[str, set[float | None]] = {}
    for one in said:
        if one.figure is not None:
            numbers.setdefault(one.unit, set()).add(one.figure.value)
    return any(len(values) > 1 for values in numbers.values())


def _dangling(stated: Mapping[str, DealDocument], registered: set[tuple[str, str]]) -> list[Finding]:
    """References to agreements, pledges and parties that nothing in the book names."""
    findings = []
    for one in stated.values():
        referred = [(key, one.get(key)) for key in ("agreement", "pledge") if one.get(key) is not None]
        lost = [uri for key, uri in referred if uri not in stated or stated[uri].kind != key]
        parties = (*one.get("parties", ()), *one.get("by", ()))
        lost += [uri for uri in parties if ("party", uri) not in registered]
        findings += [
            Finding(
                code="deal.reference_unknown",
                sentence=f"{one.name} names {uri}, which nothing in the book describes.",
                weight="note",
                events=(one.document,),
                settle=(Settle(act="registration", subject=uri, detail=f"Register {uri}, or add its document."),),
            )
            for uri in lost
        ]
    return findings


def _told(one: DealDocument) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "sources": _of_the_whole(one), "document": one.document, "note": one.note}


def _of_the_whole(one: DealDocument) -> tuple[Source, ...]:
    """The sources of all of a document; whoever speaks of one key of it only does not vouch for the rest."""
    return tuple(source for source in one.sources if not source.of) or one.sources


def _stated(amount: Any, unit: str, one: DealDocument) -> Figure:
    return Figure(value=float(amount), unit=unit, standing="stated", rests_on=(one.document,))


def _optional(amount: Any, unit: str, one: DealDocument, settle: Settle) -> Figure:
    return unknown(unit, settle, rests_on=(one.document,)) if amount is None else _stated(amount, unit, one)


def _document(one: DealDocument, wanted: str) -> Settle:
    """What a document would have to tell of the one thing; the name leads, since it comes without its article."""
    return Settle(act="document", subject=one.id, detail=f"{one.name[:1].upper()}{one.name[1:]}: {wanted}.")


def _sum(unit: str, figures: list[Figure]) -> Figure:
    return total([figure for figure in figures if figure.unit == unit], unit=unit)


def _evidenced_sum(unit: str, figures: list[Figure]) -> Figure:
    """What is evidenced of all pledges: a pledge without any payment adds nothing to what others evidence."""
    own = [figure for figure in figures if figure.unit == unit]
    known = [figure for figure in own if figure.known]
    return total(known or own, unit=unit)
