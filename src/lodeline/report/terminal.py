"""The terminal: the report as text, as wide as the terminal is, coloured only where somebody looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TextIO, assert_never

from lodeline.report.model import (
    MARK,
    WHY,
    Block,
    Cards,
    Cell,
    Chart,
    Choice,
    Grid,
    Heading,
    Line,
    Pairs,
    Prose,
    Ranked,
    Report,
    Sentence,
)

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

STYLES = {
    "plain": "",
    "name": "",
    "figure": "bold",
    "strong": "bold",
    "unknown": "bold yellow",
    "bounded": "bold yellow",
    "link": "dim",
    "date": "",
}
WIDTH = 100
"""Columns where the output goes to a file or a pipe and nobody says how wide it is."""
FIRST = 18
"""Columns that the names in a table have at the least, where the table is too wide as it comes."""
LEAST = 7
"""Columns without which another column cannot be read."""
PADDING = 3
"""Columns between two columns of a table."""
WIDEST = 10_000
"""Wider than any table: to measure one as it comes."""
LABEL = 16
"""Columns of a label before its line."""


def headline(report: Report) -> list[str]:
    """The first lines as plain text, one line each."""
    first = [f"{MARK.upper():<{LABEL}}{WHY}"] if report.illustrative else []
    return first + [f"{line.label:<{LABEL}}{line.said.text}" for line in report.lines]


def brief(report: Report, told: Mapping[str, str]) -> list[str]:
    """The title, and what some sections begin with, one line each.

    Args:
        report: Any report; one of a made-up book says so first.
        told: Names of sections, each with the label of its line.
    """
    lines = [f"{MARK.upper() if report.illustrative else 'Book':<{LABEL}}{report.title}"]
    if report.illustrative:
        lines[0] += f": {WHY}"
    for section in report.sections:
        first = next((block for block in section.blocks if isinstance(block, Prose)), None)
        if section.name in told and first is not None:
            said = " ".join(sentence.text for sentence in first.sentences)
            lines.append(f"{told[section.name]:<{LABEL}}{said}")
    return lines


def to_terminal(report: Report, stream: TextIO) -> None:
    """Write the report to a stream. Colours and the terminal's width are used where the stream is a terminal.

    Foreign text was made harmless when the report was composed: no control character is left in it, and markup of
    the terminal library is not interpreted.
    """
    console = _console(stream)
    _print_head(console, report)
    for section in report.sections:
        # One that has nothing to say of this book is not shown.
        if not section.blocks:
            continue
        console.print()
        # Whoever scrolls to a section, or cuts it out, sees what book it is of.
        mark = f" ({MARK})" if report.illustrative else ""
        console.rule(_bold(f"{section.title}{mark}"), align="left", characters="─", style="dim")
        for block in section.blocks:
            for piece in _rendered(block, console):
                console.print(piece)


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            # That a reader goes away is the caller's to judge; rich would end the program as if it had failed.
            raise BrokenPipeError

    tty = stream.isatty()
    return Piped(
        file=stream,
        width=None if tty else WIDTH,
        force_terminal=tty,
        no_color=not tty,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def _print_head(console: Console, report: Report) -> None:
    console.print(_bold(report.title))
    if report.illustrative:
        console.print(_styled(f"{MARK}: {WHY}", "bold yellow"))
    console.print(_styled(report.standfirst, "dim"))
    console.print()
    console.print(_lines(report.lines))


def _lines(lines: tuple[Line, ...]) -> RenderableType:
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for line in lines:
        table.add_row(_styled(line.label), _text(line.said))
    return table


def _rendered(block: Block, console: Console) -> Iterator[RenderableType]:
    match block:
        case Prose():
            yield ""
            yield _joined(block.sentences, "dim" if block.weight == "note" else "")
        case Heading():
            yield ""
            yield _bold(block.text)
        case Grid():
            yield ""
            yield from _grid(block, console)
        case Cards():
            yield ""
            yield _bold(block.title)
            for card in block.cards:
                by = _text(card.by)
                by.stylize("dim")
                yield _bullet(*(text for text in (_text(card.value), _text(card.said), by) if text.plain))
        case Ranked():
            yield ""
            yield _bold(block.title)
            for rank, (first, second) in enumerate(block.items, start=1):
                yield _bullet(_text(first), _text(second), mark=f"{rank}.")
        case Pairs():
            yield ""
            yield _bold(block.title)
            yield _lines(tuple(Line(label, said) for label, said in block.items))
        case Chart():
            yield from _rendered(block.behind, console)
        case Choice():
            yield ""
            yield _bold(block.title)
            for panel in block.panels:
                yield ""
                yield _bold(panel.label)
                for inner in panel.blocks:
                    yield from _rendered(inner, console)
        case _ as never:
            assert_never(never)


def _grid(block: Grid, console: Console) -> Iterator[RenderableType]:
    yield _bold(block.title)
    if block.closed and block.rows:
        # Nobody can open it here, and it would bury what stands after it.
        rows = f"{len(block.rows):,} {'row' if len(block.rows) == 1 else 'rows'}"
        yield _styled(f"{rows}, which the page (--html) and JSON (--json) have.", "dim")
        return
    if block.rows:
        yield _table(block, console)
    for sentence in block.folded:
        yield _joined((sentence,), "dim")


def _table(block: Grid, console: Console) -> Table:
    """A table that fits: where it is too wide as it comes, names keep their room and other columns share the rest."""
    table = _columns(block, first=None, other=None)
    others = max(len(block.columns) - 1, 1)
    share = (console.width - FIRST - PADDING * others) // others
    if console.measure(table, options=console.options.update(width=WIDEST)).maximum <= console.width or share < LEAST:
        return table
    return _columns(block, first=FIRST, other=share)


def _columns(block: Grid, *, first: int | None, other: int | None) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), show_edge=False, header_style="dim")
    for position, column in enumerate(block.columns):
        table.add_column(
            _styled(column.title),
            justify="right" if column.numeric else "left",
            overflow="fold",
            min_width=first if position == 0 else None,
            max_width=other if position else None,
        )
    for row in block.rows:
        table.add_row(*(_cell(one) for one in row))
    return table


def _cell(cell: Cell) -> Text:
    text = _text(cell.said)
    if cell.below:
        text.append(f"\n{cell.below}", style="dim")
    return text


def _bullet(*texts: Text, mark: str = "•") -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    table.add_row(_styled(mark), Text("\n").join(text for text in texts if text.plain))
    return table


def _joined(sentences: tuple[Sentence, ...], style: str) -> Text:
    from rich.text import Text

    text = Text(" ").join(_text(sentence) for sentence in sentences)
    if style:
        text.stylize(style)
    return text


def _text(sentence: Sentence) -> Text:
    from rich.text import Text

    text = Text(overflow="fold")
    for part in sentence.runs:
        text.append(part.text, style=STYLES[part.tone])
    return text


def _bold(text: str) -> Text:
    return _styled(text, "bold")


def _styled(text: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(text, style=style)
