"""``lodeline world effect``: what tonnes a year, or the deliveries of a book, change in a country's dependence."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from lodeline.cli.options import as_of_option, json_option
from lodeline.cli.origins import csv_option, recorded_option
from lodeline.cli.output import print_json, print_table
from lodeline.errors import InputError
from lodeline.errors.visible import visible

if TYPE_CHECKING:
    from lodeline.world.effect import Effect, Effects
    from lodeline.world.statistics.edition import Table
    from lodeline.world.trade.traded import TradeTable

EPILOG = """Examples:

  lodeline world effect --tonnes Sb=260 --form unwrought --from PK --importer US

  lodeline world effect --tonnes Cu=100000 --form ore-and-concentrates --recovery 0.95 --from PK

  lodeline world effect book.db --element Sb --csv"""
WIDE = 60
"""Characters of one cell."""
MARK = "ILLUSTRATIVE: this book is made up, and so is all that follows from it."
ROUTES = {
    "imported": "imported",
    "raw": "as it comes",
    "smelted": "smelted at home",
    "made": "made at home",
}
PLACES = {"in-proportion": "all imports alike", "in-addition": "nothing: in addition"}
WHATEVER, UNSAID = "any of these", "not said"


@click.command("effect", epilog=EPILOG)
@click.argument("book", required=False, metavar="[BOOK]")
@click.option(
    "--tonnes", multiple=True, metavar="Sb=260", help="Contained tonnes a year of an element; again for more."
)
@click.option("--form", metavar="FORM", help="In which it comes, such as unwrought; absent: as mined, and as counted.")
@click.option("--made", is_flag=True, help="It is made in the importer's own works, and not imported.")
@click.option("--recovery", type=float, metavar="PART", help="What part of ore becomes metal when smelted, 0 to 1.")
@click.option("--from", "origin", metavar="COUNTRY", help="Where the tonnes come from, such as PK.")
@click.option("--importer", default="US", show_default=True, metavar="COUNTRY", help="Whose dependence.")
@click.option("--rival", default="CN", show_default=True, metavar="COUNTRY", help="Dependence on whom.")
@click.option("--year", metavar="YEAR", help="Of the figures; absent: the newest that are not marked as estimated.")
@click.option("--edition", metavar="NAME|FILE", help="National statistics; absent: the newest that come with lodeline.")
@click.option(
    "--trade", "trades", multiple=True, metavar="NAME|FILE",
    help="A trade table, asked before those that come with lodeline; again for more.",
)  # fmt: skip
@click.option("--element", "elements", multiple=True, metavar="SYMBOL", help="Of a book: only this; again for more.")
@recorded_option
@as_of_option
@csv_option
@json_option
def command(
    book: str | None,
    tonnes: tuple[str, ...],
    form: str | None,
    made: bool,
    recovery: float | None,
    origin: str | None,
    importer: str,
    rival: str,
    year: str | None,
    edition: str | None,
    trades: tuple[str, ...],
    elements: tuple[str, ...],
    recorded: bool,
    as_of: str | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Say what tonnes a year that you type, or the deliveries of BOOK, remove of a country's import dependence and of a
    rival's share, in percentage points, and how many tonnes one point takes.

    Whose material is bought less nobody knows, so three cases stand side by side: the rival's shipments, all imports
    alike, and nothing at all. Ore and concentrate move nothing as they come, and import dependence where they are
    smelted at home. A traced share has the least and the most that hold whatever was mixed with what.
    """
    if (book is None) == (not tonnes):
        raise click.UsageError("Give a BOOK, or --tonnes such as --tonnes Sb=260; one of the two.")
    if as_csv and as_json:
        raise click.UsageError("Say --csv or --json, not both.")
    table, own = _editions(edition, trades)
    if book is not None:
        if origin or form or made:
            raise click.UsageError("--from, --form and --made are of --tonnes; a book says these itself.")
        found = _of_book(
            book, as_of, importer=importer, rival=rival, elements=elements or None, recovery=recovery,
            recorded=recorded, year=year, table=table, trades=own,
        )  # fmt: skip
    else:
        if origin is None:
            raise click.UsageError("Say where the tonnes come from: --from PK.")
        from lodeline.world.effect import effect

        found = effect(
            _all_typed(tonnes), origin=origin, importer=importer, rival=rival, form=form, made=made,
            recovery=recovery, year=year, table=table, trades=own,
        )  # fmt: skip
    if as_json:
        print_json(found.told())
    elif as_csv:
        _print_csv(found)
    else:
        _print(found)


def _all_typed(texts: tuple[str, ...]) -> dict[str, float]:
    """Tonnes by element.

    Raises:
        InputError: ``world.effect_text``.
    """
    found: dict[str, float] = {}
    for element, tonnes in map(_typed, texts):
        if element in found:
            raise InputError(
                "world.effect_text", f"{visible(element)} is typed twice; write its tonnes once, added up."
            )
        found[element] = tonnes
    return found


def _typed(text: str) -> tuple[str, float]:
    """``Sb=260`` as an element and tonnes.

    Raises:
        InputError: ``world.effect_text``.
    """
    element, _, number = text.partition("=")
    try:
        return element.strip(), float(number.replace(",", ""))
    except ValueError:
        raise InputError(
            "world.effect_text", f"{visible(text)!r} is no mass of an element; write Sb=260, tonnes a year."
        ) from None


def _editions(edition: str | None, trades: tuple[str, ...]) -> tuple[Table | None, tuple[TradeTable, ...]]:
    """Tables by their names, or of the user's own; of a year of trade only the goods that lodeline knows."""
    from lodeline.world.statistics.shelf import edition as edition_of
    from lodeline.world.statistics.shelf import newest
    from lodeline.world.trade.forms import known_codes
    from lodeline.world.trade.named import trade_named

    table = newest() if edition is None else edition_of(edition)
    return table, tuple(trade_named(name, hs=known_codes()) for name in trades)


def _of_book(book: str, as_of: str | None, **asked: object) -> Effects:
    from lodeline.cli.options import deriving, entry
    from lodeline.cli.waiting import waiting

    with deriving(book, as_of) as opened, waiting("following events") as said:
        return opened.effect(as_of=entry(opened, as_of), progress=said.count, stage=said.stage, **asked)  # type: ignore[arg-type]


def _print_csv(found: Effects) -> None:
    rows = found.rows()
    if rows:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(rows[0])
        writer.writerows(row.values() for row in rows)


def _print(found: Effects) -> None:
    from lodeline.world.country import country_name, with_article

    if found.illustrative:
        print(MARK)
    at = f"; the book as of entry {found.as_of}" if found.as_of is not None else ""
    years = f", figures of {found.year}" if found.year else ""
    print(f"Effect on {with_article(found.importer)}{years}: {', '.join(found.editions)}{at}")
    if found.effects:
        rival = country_name(found.rival)
        for title, columns, rows in _tables(found, rival):
            print(f"\n{title}")
            print_table(columns, rows, wide=WIDE)
        print()
        for sentence in _sentences(found):
            print(f"- {visible(sentence, limit=600)}")
    for sentence in found.said:
        print(f"- {visible(sentence, limit=600)}")


def _tables(found: Effects, rival: str) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    from lodeline.world.effect.wording import told

    yield (
        "What it is",
        [*_OF, "stage", "t", "own mines %", "of use %", "of imports %", "of this form %"],
        [
            [
                *_named(one),
                one.stage or UNSAID,
                *map(told, (one.tonnes, one.own, one.share_of_use, one.share_of_imports, one.share_of_form)),
            ]
            for one in found.effects
        ],
    )
    yield (
        "What one percentage point takes, t a year",
        [*_OF[1:], "import dependence", *_of_rival(rival)],
        _unique([_of_point(one) for one in found.effects]),
    )
    yield (
        "Percentage points removed, by what it takes the place of",
        [*_OF, "in place of", "import dependence", *_of_rival(rival)],
        [row for one in found.effects for row in _points(one, rival)],
    )


_OF = ["year", "element", "form", "comes as"]


def _of_rival(rival: str) -> list[str]:
    return [f"{rival}: all forms", f"{rival}: shipped of this form", f"{rival}: mined of this form"]


def _named(one: Effect) -> list[str]:
    return [one.period or "a year", one.element, one.form or UNSAID, ROUTES[one.route] if one.form else UNSAID]


def _of_point(one: Effect) -> list[str]:
    from lodeline.world.effect.wording import told

    of = one.reference
    return [
        *_named(one)[1:],
        *map(told, (of.reliance_point, of.rival_point, of.form_point, of.mined_point)),
    ]


def _points(one: Effect, rival: str) -> list[list[str]]:
    """A row for each case; one for all of them where they are alike."""
    from lodeline.world.effect.answer import MEASURES
    from lodeline.world.effect.wording import told

    rows = [[told(getattr(removed, name)) for name in MEASURES] for removed in one.removed]
    places = [PLACES.get(removed.case, f"what {rival} ships") for removed in one.removed]
    if all(row == rows[0] for row in rows):
        rows, places = rows[:1], [WHATEVER]
    return [[*_named(one), place, *row] for place, row in zip(places, rows, strict=True)]


def _unique(rows: list[list[str]]) -> list[list[str]]:
    return [list(row) for row in dict.fromkeys(map(tuple, rows))]


def _sentences(found: Effects) -> Iterator[str]:
    """What holds of several, once; then what holds of one, with its name where there are more than one."""
    yield from dict.fromkeys(sentence for one in found.effects for sentence in one.said)
    several = len({(one.period, one.element, one.form) for one in found.effects}) > 1
    notes: dict[str, None] = {}
    for one in found.effects:
        name = " ".join(part for part in (one.element, one.form, one.period) if part)
        notes |= dict.fromkeys(f"{name}: {note}" if several else note for note in one.notes)
    yield from notes
