"""Stages: each element from deposit to product, as bands that close at every stage."""

from __future__ import annotations

from collections.abc import Iterator

from lodeline.metal.accounts import (
    COLUMNS,
    ENDS,
    GAIN,
    LOSS,
    STARTS,
    UNFOLLOWED,
    UNTOLD,
    Band,
    Stages,
    Station,
    brought_in,
)
from lodeline.report.given import Given
from lodeline.report.model import Chart, Choice, Column, Grid, Panel, Part, Prose, Section, Sentence
from lodeline.report.wording import (
    cell,
    counted,
    element_name,
    element_plain,
    figure,
    figure_cell,
    key_of,
    name,
    sentence,
    shown,
)
from lodeline.units.figure import Figure
from lodeline.world.country import country_name

WORDS = {
    "gain": "Unaccounted gain",
    "untold": "Out of flows of unknown content",
    "brought": "Back from a later stage",
    "held": "Held at the end",
    "road": "On the way at the end",
    "left": "Left the book",
    "declared": "Declared losses",
    "loss": "Unaccounted loss",
    "unfollowed": "On in flows of unknown content",
    "returned": "Back to an earlier stage",
}
"""What the ends of bands are called that are no place and no stage."""
RAW = {"mined": "Mined", "collected": "Collected as scrap"}
FIXED = {"concentrated": "Concentrated", "way": "On the road or at sea", "received": "Received"}
OUTLETS = {
    "product": "Products",
    "by-product": "By-products",
    "tailings": "Tailings",
    "slag": "Slag",
    "dust": "Dust",
    "residue": "Residues",
    "not said": "Outlet, kind not said",
}
TONES = {LOSS: "other", GAIN: "gain", UNFOLLOWED: "unknown", UNTOLD: "unknown"}
"""Colours of bands by what they lead to or come from; all others have that of what is known."""


def stages(given: Given, before: tuple[Section, ...]) -> Section:
    """Metal by stage, element by element."""
    title = "Metal by stage"
    told = [one for one in given.stages if one.bands]
    if not told:
        said = sentence("No element can be followed by stage: the content of no lot is known.")
        return Section(name="stages", title=title, blocks=(Prose(sentences=(said,), weight="lead"),))
    figures = {
        f"stages/{one.element}/{_key(band.source)} to {_key(band.target)}": band.mass
        for one in told
        for band in one.bands
    }
    lead = Prose(sentences=(_lead(told),), weight="lead")
    how = sentence(
        "Recorded values only, not reconciled ones, and a declared mass gives way to the weighing of the same "
        "holding that follows it. At each stage every holding, journey and process is closed by itself: what went in "
        "and did not come out is unaccounted loss, what came out beyond what went in is unaccounted gain, and the two "
        "are never set off against each other. Both have the spread of scales and laboratories in them."
    )
    panels = tuple(Panel(label=element_name(one.element), blocks=tuple(_panel(one, given))) for one in told)
    blocks = (
        lead,
        Prose(sentences=(how,), weight="note"),
        Choice(title="Metal by stage, element by element", panels=panels),
    )
    return Section(name="stages", title=title, blocks=blocks, figures=figures)


def label(one: Station, given: Given) -> str:
    """What a station is called."""
    if one.word in WORDS:
        return WORDS[one.word]
    if one.kind == "origin":
        if not one.of:
            return "Origin not stated"
        return country_name(one.of) or one.of if one.word == "country" else given.labels.get(one.of, one.of)
    if one.kind == "raw":
        return RAW.get(one.of, one.of or "Stage not said")
    if one.kind == "plant":
        return given.labels.get(one.of, one.of) if one.of else "Plant, place not said"
    return OUTLETS[one.of] if one.kind == "outlet" else FIXED[one.kind]


def _lead(told: list[Stages]) -> Sentence:
    """How much of the first element is unaccounted."""
    first = told[0]
    untold = first.total(out_of=UNTOLD)
    hidden: list[str | Part] = (
        [", ", figure("", _kg(untold)), " came out of flows of unknown content"] if untold else []
    )
    return sentence(
        f"{counted(len(told), 'element').capitalize()} {'is' if len(told) == 1 else 'are'} followed from deposit or "
        f"scrap to product. Of {element_plain(first.element)}, ",
        figure("", _kg(first.total(into=LOSS))),
        " went missing between two records and ",
        figure("", _kg(first.total(out_of=GAIN))),
        " appeared between two others",
        *hidden,
        f"; {shown(_kg(brought_in(first)))} came in from deposits and scrap with a known content."
        if brought_in(first)
        else "; what came in from deposits and scrap has no known content.",
    )


def _kg(value: float) -> Figure:
    return Figure(value=value, unit="KGM", standing="computed")


def _panel(one: Stages, given: Given) -> Iterator[Chart | Prose]:
    element = element_plain(one.element)
    yield Chart(
        name=f"stages-{one.element}",
        kind="stages",
        title=f"{element_name(one.element)} by stage",
        below="Each band is as wide as the mass it carries; orange is unaccounted loss, violet is unaccounted gain.",
        alt=name(_alt(one, element), limit=400).text,
        data=picture(one, given),
        behind=_table(one, given),
    )
    yield Prose(sentences=tuple(_beside(one, element)), weight="note")


def _alt(one: Stages, element: str) -> str:
    return (
        f"Bands of {element} from origin to product: {shown(_kg(brought_in(one)))} from deposits and scrap, "
        f"{shown(_kg(one.total(into=LOSS)))} of unaccounted loss, {shown(_kg(one.total(out_of=GAIN)))} of unaccounted "
        f"gain."
    )


def _beside(one: Stages, element: str) -> Iterator[Sentence]:
    """What the picture does not show."""
    if one.unknown_flows:
        limits = f"; of {one.bounded_flows:,} of these a limit is known" if one.bounded_flows else ""
        yield sentence(
            f"Not in the picture: {counted(one.unknown_flows, 'flow')} of {counted(one.unknown_lots, 'lot')}, whose "
            f"content of {element} is unknown{limits}."
        )
    else:
        yield sentence(f"Every flow that is asked for {element} has a known content and is in the picture.")
    if one.declared.value:
        yield sentence(
            "Losses of ",
            figure("", one.declared),
            f" of material were declared without an assay; what {element} was in them is among the unaccounted loss.",
        )
    if one.unasked_lots:
        yield sentence(
            f"{counted(one.unasked_lots, 'lot').capitalize()} of materials registered for other elements only, and "
            f"never "
            f"assayed for {element}, count as holding none."
        )


def picture(one: Stages, given: Given) -> dict[str, object]:
    """What the browser draws: nodes with their column, and links."""
    used = {station for band in one.bands for station in (band.source, band.target)}
    ordered = sorted(used, key=lambda station: (COLUMNS.index(station.kind), _last(station), station))
    kinds = [kind for kind in COLUMNS if any(station.kind == kind for station in used)]
    return {
        "columns": len(kinds),
        "nodes": [
            {
                "name": _key(station),
                "label": name(label(station, given), limit=60).text,
                "said": shown(_through(one, station)),
                "told": name(f"{label(station, given)}: {shown(_through(one, station))}", limit=200).text,
                "column": kinds.index(station.kind),
                "tone": TONES.get(station, "known"),
            }
            for station in ordered
        ],
        "links": [
            {
                "source": _key(band.source),
                "target": _key(band.target),
                "value": band.mass.value,
                "told": name(
                    f"{label(band.source, given)} to {label(band.target, given)}: {shown(band.mass)}", limit=240
                ).text,
                "tone": _tone(band),
            }
            for band in one.bands
        ],
    }


def _tone(band: Band) -> str:
    return TONES.get(band.target) or TONES.get(band.source) or "accent"


def _last(station: Station) -> int:
    """Ends and beginnings that are no place come after those that are, the unaccounted last of all."""
    ends = (*STARTS, *ENDS)
    return ends.index(station) + 1 if station in ends else 0


def _through(one: Stages, station: Station) -> Figure:
    return _kg(max(one.total(into=station), one.total(out_of=station)))


def _key(station: Station) -> str:
    """A station's part of the name of a figure."""
    return ":".join(part for part in (station.kind, station.word, key_of(station.of) if station.of else "") if part)


def _table(one: Stages, given: Given) -> Grid:
    order = sorted(
        one.bands,
        key=lambda band: (
            COLUMNS.index(band.source.kind),
            _last(band.source),
            band.source,
            COLUMNS.index(band.target.kind),
            _last(band.target),
            band.target,
        ),
    )
    return Grid(
        title=f"{element_name(one.element)} by stage",
        columns=(Column("From"), Column("To"), Column("Mass", numeric=True), Column("Flows", numeric=True)),
        rows=tuple(
            (
                cell(name(label(band.source, given))),
                cell(name(label(band.target, given))),
                figure_cell(f"stages/{one.element}/{_key(band.source)} to {_key(band.target)}", band.mass),
                cell(f"{band.flows:,}"),
            )
            for band in order
        ),
    )
