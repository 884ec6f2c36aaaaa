"""What a report is made of: sentences, tables and charts, each tied to the figures it shows.

A report is data. Renderers show it and compute nothing; what a person reads was composed where the figures are known.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from lodeline.units.figure import Figure, Standing

MARK = "Illustrative"
WHY = "a made-up book, no account of real metal"
"""What every page, sheet and picture of a made-up book says of itself."""

Tone = Literal["plain", "name", "figure", "unknown", "bounded", "strong", "link", "date"]
"""How a part of a sentence is set. ``name`` is foreign text; ``figure``, ``unknown`` and ``bounded`` show a figure."""


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A run of text. ``figure`` names the figure of the report that it shows; ``href`` is where a link leads."""

    text: str
    tone: Tone = "plain"
    figure: str = ""
    href: str = ""


class Sentence(msgspec.Struct, frozen=True, omit_defaults=True):
    """Parts in order; ``text`` is all of them together, for whoever needs no tones.

    One that is plain words and no more has no parts: a large report has tens of thousands of them.
    """

    text: str
    parts: tuple[Part, ...] = ()

    @property
    def runs(self) -> tuple[Part, ...]:
        """What it is set from, part after part."""
        return self.parts or (Part(self.text),)


class Cell(msgspec.Struct, frozen=True, omit_defaults=True):
    """A cell of a table: what is said, a smaller line below it, and how it is known where that matters."""

    said: Sentence
    below: str = ""
    state: Literal["", "known", "unknown", "none"] = ""


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column's heading; numbers stand to the right."""

    title: str
    numeric: bool = False


class Prose(msgspec.Struct, frozen=True, tag="prose", kw_only=True, omit_defaults=True):
    """A paragraph."""

    sentences: tuple[Sentence, ...]
    weight: Literal["lead", "plain", "note"] = "plain"


class Heading(msgspec.Struct, frozen=True, tag="heading", kw_only=True):
    """A heading inside a section."""

    text: str


class Grid(msgspec.Struct, frozen=True, tag="grid", kw_only=True, omit_defaults=True):
    """A table. ``folded`` says what was left out of it, with its mass, so that nothing is lost in silence.

    ``rest`` are the rows that are left out of the page and of the terminal; a sheet (CSV) and JSON have them. One that
    is ``closed`` stands on the page behind its title until a reader opens it, and a terminal says how long it is.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    folded: tuple[Sentence, ...] = ()
    matrix: bool = False
    rest: tuple[tuple[Cell, ...], ...] = ()
    closed: bool = False


class Card(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One statement beside others: its value, what was said, who said it and when."""

    value: Sentence
    said: Sentence
    by: Sentence
    differs: bool = False


class Cards(msgspec.Struct, frozen=True, tag="cards", kw_only=True):
    """Statements on one subject, side by side; none of them is called right."""

    title: str
    cards: tuple[Card, ...]


class Ranked(msgspec.Struct, frozen=True, tag="ranked", kw_only=True):
    """Things in order, the first one first."""

    title: str
    items: tuple[tuple[Sentence, Sentence], ...]


class Pairs(msgspec.Struct, frozen=True, tag="pairs", kw_only=True):
    """Names with what they stand for."""

    title: str
    items: tuple[tuple[str, Sentence], ...]


class Chart(msgspec.Struct, frozen=True, tag="chart", kw_only=True):
    """A picture: ``kind`` names its drawer in the page's script, ``data`` is all it draws, ``behind`` is its table.

    Attributes:
        alt: What a reader who cannot see it is told.
    """

    name: str
    kind: Literal[
        "route", "pledged", "point", "stages", "account", "closure", "assays", "instruments", "origins", "shares",
        "ladder", "editions",
    ]  # fmt: skip
    title: str
    below: str
    alt: str
    data: dict[str, Any]
    behind: Grid


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """One of several things of one kind; ``label`` is what it is chosen by."""

    label: str
    blocks: tuple[Prose | Grid | Chart, ...]


class Choice(msgspec.Struct, frozen=True, tag="choice", kw_only=True):
    """Panels of which a screen shows one at a time; paper, the terminal and a page without its script show all."""

    title: str
    panels: tuple[Panel, ...]


Block = Prose | Heading | Grid | Cards | Ranked | Pairs | Chart | Choice


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One section: blocks in order, and the figures it shows, by name; ``illustrative`` as its report is."""

    name: str
    title: str
    blocks: tuple[Block, ...]
    figures: dict[str, Figure] = {}
    illustrative: bool = False


class Line(msgspec.Struct, frozen=True):
    """One of the first lines: a label and what it says."""

    label: str
    said: Sentence


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """Which book, as of which entry: the head of its chain."""

    book_id: str
    title: str
    seq: int
    digest: str
    recorded_at: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A whole report.

    Attributes:
        format: Version of this shape.
        title, standfirst: What it is about.
        illustrative: True where the book is a made-up example and must be marked so wherever it shows.
        code: Version of lodeline. edition: of the national figures. head: of the book.
        lines: The first lines, computed.
        sections: In order.
        figures: All figures of all sections, by name; a name never changes its meaning.
    """

    format: int
    title: str
    standfirst: str
    illustrative: bool
    code: str
    edition: str
    head: Head
    lines: tuple[Line, ...]
    sections: tuple[Section, ...]
    figures: dict[str, Figure]


def standing_tone(standing: Standing) -> Tone:
    """How a figure of this standing is set."""
    return "unknown" if standing == "unknown" else "bounded" if standing == "bounded" else "figure"
