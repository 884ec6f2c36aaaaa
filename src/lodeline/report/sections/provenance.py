"""Provenance: which book, as of which entry, by which code, against which edition, and what the figures rest on."""

from __future__ import annotations

from lodeline.report.given import Given
from lodeline.report.model import Block, Cell, Column, Grid, Pairs, Part, Section, Sentence
from lodeline.report.sections.national_editions import is_world_share
from lodeline.report.wording import cell, counted, date, harmless, link, name, sentence, stated
from lodeline.world.country import country_name
from lodeline.world.statistics.edition import Row

HASH = "ni:///sha-256;"
HASH_SHOWN = 12
"""Hexadecimal digits of a content hash that are shown; all of them are in the book."""
DOCUMENTS_SHOWN = 40
"""Documents listed one by one."""


def provenance(given: Given, before: tuple[Section, ...]) -> Section:
    """What this report was computed from."""
    head = given.head
    sources = list(dict.fromkeys(row.source for row in given.table.rows))
    items: list[tuple[str, Sentence]] = [
        ("Book", sentence(name(given.title) if given.title else "untitled", " (", name(head.book_id), ")")),
        ("As of", sentence(f"entry {head.seq:,}, recorded {head.recorded_at.isoformat()}")),
        ("Head", sentence(Part(head.digest, "name"))),
        ("Holds", sentence(f"{counted(given.events, 'event')}, {counted(len(given.documents), 'document')}")),
        ("Code", sentence(f"lodeline {given.code}")),
        ("Edition", sentence(name(given.table.edition), ": ", *[name(source, limit=160) for source in sources[:3]])),
        ("Policy", _policy(given)),
        (
            "Uncertainty",
            sentence("Standard uncertainties, coverage factor one. Published figures state none: unknown, not zero."),
        ),
    ]
    blocks: list[Block] = [Pairs(title="This report", items=tuple(items))]
    if given.documents:
        blocks.append(_documents(given))
    voices = _sources(given)
    if voices is not None:
        blocks.append(voices)
    rows = _rows(given, before)
    if rows is not None:
        blocks.append(rows)
    return Section(name="provenance", title="What this rests on", blocks=tuple(blocks))


def _policy(given: Given) -> Sentence:
    if given.policy is None:
        return sentence("none is set, and no figure of this report rests on one")
    return sentence(f"version {given.policy.seq}, recorded {given.policy.recorded_at.isoformat()}")


def _documents(given: Given) -> Grid:
    shown, rest = given.documents[:DOCUMENTS_SHOWN], given.documents[DOCUMENTS_SHOWN:]
    return Grid(
        title="Documents beside the events",
        columns=(Column("Document"), Column("Issuer"), Column("Dated"), Column("Hash begins")),
        rows=tuple(
            (
                cell(name(one.title, limit=200), below=one.role),
                cell(name(one.issuer or "not named")),
                cell(date(one.dated or "undated")),
                cell(date(one.id.removeprefix(HASH)[:HASH_SHOWN])),
            )
            for one in shown
        ),
        folded=(sentence(f"Not shown: {counted(len(rest), 'further document')}."),) if rest else (),
    )


def _sources(given: Given) -> Grid | None:
    """Every source that is named in the sections, once, with its whole address."""
    told = given.programme
    every = [one.source for group in (told.agreements, told.pledges, told.steps) for one in group]
    every += [statement.source for one in told.contradictions for statement in one.statements]
    each = [one for source in every for one in (source, *source.others)]
    distinct = sorted({(one.dated, one.by, one.address) for one in each if one.by})
    if not distinct:
        return None
    shown, rest = distinct[:DOCUMENTS_SHOWN], distinct[DOCUMENTS_SHOWN:]
    return Grid(
        title="Who says so",
        columns=(Column("Who"), Column("When"), Column("Where")),
        rows=tuple(
            (cell(name(by)), cell(date(dated or "undated")), cell(link(address, whole=True) if address else "–"))
            for dated, by, address in shown
        ),
        folded=(sentence(f"Not shown: {counted(len(rest), 'further source')}."),) if rest else (),
    )


def _rows(given: Given, before: tuple[Section, ...]) -> Grid | None:
    """The rows of the edition that figures of this report cite.

    A share of the world rests on every country's row; those are counted, so that the few that say most are seen.
    """
    figures = {key: of for section in before for key, of in section.figures.items()}
    cited = {row for key, of in figures.items() if not is_world_share(key) for row in of.rests_on}
    of_world = {row for key, of in figures.items() if is_world_share(key) for row in of.rests_on} - cited
    rows = [row for row in given.table.rows if row.key in cited]
    counted_only = sum(row.key in of_world for row in given.table.rows)
    if not rows:
        return None
    return Grid(
        title=harmless(f"Rows of {given.table.edition} that figures rest on"),
        columns=(Column("Row"), Column("As published", numeric=True), Column("Note")),
        rows=tuple(_row(row) for row in rows),
        folded=(
            sentence(
                f"Not shown: {counted(counted_only, 'further row')}, the mine output of each country, by which "
                "shares of the world were computed."
            ),
        )
        if counted_only
        else (),
    )


def _row(row: Row) -> tuple[Cell, ...]:
    what = f"{row.commodity}, {row.measure}".replace("-", " ")
    published = row.published or ("" if row.value is None else stated(row.value))
    return (
        cell(
            name(f"{country_name(row.country)}, {what}"),
            below=name(", ".join(x for x in (row.form.replace("-", " "), row.period, row.basis) if x)).text,
        ),
        cell(name(published), below=name(row.published_unit).text),
        cell(name(row.note, limit=160) if row.note else "–"),
    )
