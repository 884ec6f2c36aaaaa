"""A report holds for any book, says what is unknown, and moves with the figures it rests on."""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given as property_of
from hypothesis import settings
from hypothesis import strategies as st

from lodeline.errors import Finding, InputError
from lodeline.report import Report, headline, to_csv, to_html, to_json, to_terminal
from lodeline.report.build import report_of
from lodeline.report.given import Given, SeenProgramme
from lodeline.report.model import Chart, Grid, Prose, Section, Sentence
from lodeline.report.sections import SECTIONS, Row
from lodeline.report.sections.folding import FEW, folded
from lodeline.report.wording import sentence, shown
from lodeline.units.figure import Figure, total, unknown
from tests.report.books import OLDER, THREE, another_table, given, holding, measured, weighed

MINED = "usgs-mcs-2026:antimony:PAK:mine-production::2024"
OXIDE_IMPORTED = "usgs-mcs-2026:antimony:USA:imports:oxide:2024"
NOTHING = SeenProgramme()


def sentences(value: object) -> list[Sentence]:
    """Every sentence anywhere in a report, in order."""
    if isinstance(value, Sentence):
        return [value]
    if isinstance(value, msgspec.Struct):
        return [s for name in value.__struct_fields__ for s in sentences(getattr(value, name))]
    if isinstance(value, dict):
        return [s for item in value.values() for s in sentences(item)]
    if isinstance(value, tuple | list):
        return [s for item in value for s in sentences(item)]
    return []


def test_the_first_lines_say_who_what_pledged_unknown_settled_share_and_route():
    lines = headline(report_of(given()))

    assert len(lines) == 10
    text = "\n".join(lines)
    for said in (
        "Frontier Works Organisation in Pakistan to US Strategic Metals in the United States, received 2 October 2025",
        "3 lots: Antimony, Copper concentrate and Rare earths with Nd and Pr",
        "About USD 500 million",
        "no document in the book shows a payment",
        "Unknown for each of 3 lots",
        "A weighing of Rare earths with Nd and Pr makes",
        "would be 0.0035 % of what the United States used in 2024, 28,600 t",
        "One point of China's share of imports is 289 t of antimony a year, as oxide and unwrought metal",
        "Pakistan (only the country is known) to Missouri, United States; the legs between are unknown",
    ):
        assert said in text


def test_a_weighing_and_an_assay_turn_the_share_of_use_into_a_number():
    """By hand: 24,350 kg at 54.2 % are 13,197.7 kg of antimony, and 13.1977 t of 28,600 t are 0.04615 %."""
    report = report_of(given(weighed()))

    share = report.figures["national/Sb/from PAK/share_of_consumption"]
    assert share.value == pytest.approx(100 * 13.1977 / 28_600)
    assert any("0.0461 % of the antimony used in the United States in 2024" in line for line in headline(report))
    unknown_of = {line.split()[0]: line for line in headline(report)}
    assert "Unknown for 2 of 3 lots" in unknown_of["Mass"]


def test_an_edition_with_ten_times_the_output_moves_every_figure_and_sentence_that_rests_on_it_and_no_other():
    before = report_of(given(weighed()))
    after = report_of(given(weighed(), table=another_table(MINED, value=Decimal(2600), published="2,600")))

    rests = {name for name, figure in before.figures.items() if MINED in figure.rests_on}
    moved = {name for name in before.figures if before.figures[name] != after.figures[name]}
    world = {name for name in rests if "world share" in name}
    assert moved == rests
    assert rests - world == {
        "national/Sb/from PAK/origin_output",
        "national/Sb/from PAK/share_of_origin_output",
        "national/Sb/from PAK/output_points",
    }
    assert after.figures["national/Sb/from PAK/output_points"].value == pytest.approx(
        10 * (before.figures["national/Sb/from PAK/output_points"].value or 0)
    )

    old, new = sentences(before), sentences(after)
    assert len(old) == len(new)
    visible = {name for name in moved if shown(before.figures[name]) != shown(after.figures[name])}
    for was, now in zip(old, new, strict=True):
        shows = {part.figure for part in was.parts} & visible
        assert (was.text != now.text) == bool(shows) or now.text == "2,600", was.text
    assert any("2,600 t" in sentence.text and "8.99 percentage points" in sentence.text for sentence in new)
    assert not any("260 t" in sentence.text and "2,260" not in sentence.text for sentence in new)


def test_where_imports_are_withheld_no_sentence_speaks_of_another_metal_or_blames_the_output():
    table = another_table(OXIDE_IMPORTED, value=None, qualifiers="W", published="W")
    report = report_of(given(weighed(), table=table))

    told = "\n".join(sentence.text for sentence in sentences(report))
    assert "Unknown: this edition does not give how much oxide and unwrought metal the United States imported" in told
    assert "is 260 t; how far that would go is unknown, for this edition does not give how much there is of" in told
    assert "United States, imports of antimony (oxide) in 2024: withheld by the publisher." in told
    for field in ("imports", "share_of_imports", "rival_point", "rival_points", "output_points"):
        assert report.figures[f"national/Sb/from PAK/{field}"].standing == "unknown"


def test_an_edition_without_use_and_imports_is_not_said_to_lack_the_elements():
    """The world file of 2025 has mine output, and nothing of the United States."""
    lines = headline(report_of(given(table=OLDER)))

    assert "Unknown: this edition does not give how much the United States used in 2024" in "\n".join(lines)
    assert "Unknown: this edition does not give how much oxide and unwrought metal" in "\n".join(lines)


def test_what_all_the_output_would_move_is_a_limit_with_its_conditions():
    told = "\n".join(sentence.text for sentence in sentences(report_of(given())))

    assert "by at most 0.899 percentage points: that much if all of it came in such a form, in the place of" in told
    assert "Imports are those of refined copper; ore and concentrate are counted apart and not among them." in told


def test_a_report_reads_no_other_figure_of_the_edition_than_it_cites():
    """Every row that is not cited may change without a trace."""
    report = report_of(given(weighed()))
    cited = {row for figure in report.figures.values() for row in figure.rests_on}
    table = given().table
    changed = msgspec.structs.replace(
        table,
        rows=tuple(
            row if row.key in cited or row.value is None else msgspec.structs.replace(row, value=row.value + 1)
            for row in table.rows
        ),
    )

    assert to_json(report_of(given(weighed(), table=changed))) == to_json(report)


def test_the_same_book_gives_the_same_bytes_and_they_read_back():
    one, two = report_of(given(weighed())), report_of(given(weighed()))

    assert to_json(one) == to_json(two)
    assert to_html(one) == to_html(two)
    back = msgspec.json.decode(to_json(one), type=Report)
    assert to_json(back) == to_json(one)


@pytest.mark.parametrize(
    "book",
    [
        given((), programme=NOTHING, moved=False),
        given((), moved=False),
        given((holding("Something", ()),), programme=NOTHING),
        given((holding("Something", ("Xx",), place=None, owner=""),), moved=False),
    ],
    ids=["nothing at all", "promises only", "a lot without elements", "a lot nowhere"],
)
def test_a_book_that_lacks_things_says_so_and_fails_nowhere(book: Given, tmp_path):
    report = report_of(book)

    assert [section.name for section in report.sections] == [row.name for row in SECTIONS]
    # Where nothing was measured one section says so; the others on the reconciled book have nothing to say, nor have
    # those on the world.
    silent = {section.name for section in report.sections if not section.blocks}
    assert silent == {"closure", "assays", "instruments", "origin", "dependence", "effect", "claims", "resources"}
    assert len(headline(report)) == 10
    assert "<!DOCTYPE html>" in to_html(report)
    with (tmp_path / "out.txt").open("w", encoding="utf-8") as stream:
        to_terminal(report, stream)


def test_ten_thousand_lots_are_folded_with_their_mass_kept():
    lots = tuple(
        holding(f"Lot {i}", ("Sb",), mass=measured(1000.0 + i, 1.0, "KGM") if i % 10 else None) for i in range(10_000)
    )
    report = report_of(given(lots, programme=NOTHING))

    places = next(block for block in report.sections[1].blocks if isinstance(block, Grid) and block.title == "Holdings")
    assert len(places.rows) == FEW
    rest = total((one.mass for one in lots if one.mass.known), unit="KGM")
    assert f"9,992 further holdings, {shown(rest)} together, and 992 of unknown mass" in places.folded[0].text
    assert len(places.rest) == 9_992, "a sheet has them all"
    assert len(to_html(report)) < 6_000_000


@property_of(
    masses=st.lists(st.none() | st.floats(min_value=0.0, max_value=1e9), max_size=60),
    limit=st.integers(min_value=1, max_value=40),
)
@settings(deadline=None)
def test_folding_loses_nothing(masses: list[float | None], limit: int):
    figures = [unknown("KGM") if m is None else Figure(value=m, unit="KGM", standing="measured") for m in masses]
    kept, said, beyond = folded(range(len(masses)), figures, "thing", limit=limit)

    assert len(kept) == min(limit, len(masses))
    left = [figures[i] for i in range(len(masses)) if i not in kept]
    assert sorted([*kept, *beyond]) == list(range(len(masses)))
    assert bool(left) == bool(said)
    if left:
        known = [figure for figure in left if figure.known]
        assert f"{len(left):,} further thing" in said[0].text
        assert not known or shown(total(known, unit="KGM")) in said[0].text
        # What stays hidden is never of unknown mass while something of known mass is shown.
        if any(figures[i].known for i in kept):
            assert all(figure.known for figure in left)


def test_a_section_registers_from_outside_by_one_function_and_one_row():
    def mine(given: Given, before: tuple[Section, ...]) -> Section:
        count = sum(len(section.figures) for section in before)
        said = sentence(f"{count:,} figures stand above.")
        own = {"mine/count": Figure(value=float(count), unit="C62", standing="computed")}
        return Section(name="mine", title="My section", blocks=(Prose(sentences=(said,)),), figures=own)

    report = report_of(given(), (*SECTIONS, Row("mine", mine)))

    assert report.sections[-1].title == "My section"
    assert report.figures["mine/count"].value == len(report.figures) - 1
    assert "figures stand above" in to_html(report)
    assert "mine" not in {row.name for row in SECTIONS}, "no caller's section leaks into another report"


def test_two_sections_of_one_name_or_two_figures_of_one_name_are_refused():
    def again(given: Given, before: tuple[Section, ...]) -> Section:
        return Section(name="again", title="", blocks=(), figures=dict(before[0].figures))

    with pytest.raises(InputError) as section:
        report_of(given(), (*SECTIONS, SECTIONS[0]))
    with pytest.raises(InputError) as figure:
        report_of(given(), (SECTIONS[0], Row("again", again)))

    assert (section.value.code, figure.value.code) == ("report.section_twice", "report.figure_twice")


def test_every_figure_that_a_sentence_shows_is_a_figure_of_the_report_and_reads_as_it_is():
    report = report_of(given(weighed()))

    for one in sentences(report):
        for part in one.parts:
            if part.figure:
                assert part.figure in report.figures, part.figure
                number = re.match(r"\S+", shown(report.figures[part.figure]))
                assert number is not None
                assert number.group().casefold() in part.text.casefold(), one.text


def test_no_chart_shows_what_no_table_tells():
    report = report_of(given(weighed()))
    charts = [block for section in report.sections for block in section.blocks if isinstance(block, Chart)]

    assert {chart.kind for chart in charts} == {"pledged", "route", "point", "editions"}
    for chart in charts:
        assert chart.behind.rows
        assert chart.alt
        assert to_csv(chart.behind, illustrative=False).count("\r\n") == len(chart.behind.rows) + 1


def test_many_findings_are_counted_by_kind_and_the_first_of_each_is_shown():
    found = tuple(
        Finding(
            code="metal.note" if i % 2 else "metal.grave", sentence=f"Number {i}", weight="note" if i % 2 else "certain"
        )
        for i in range(100)
    )
    section = next(s for s in report_of(given(findings=found)).sections if s.name == "findings")
    kinds, examples = (block for block in section.blocks if isinstance(block, Grid))

    told = [[row[0].below, *(cell.said.text for cell in row)] for row in kinds.rows]
    assert told == [["metal.grave", "Number 0", "certain", "50"], ["metal.note", "Number 1", "note", "50"]]
    assert [row[0].said.text for row in examples.rows] == [f"Number {i}" for i in (0, 2, 1, 3)]
    assert "96 further findings" in examples.folded[0].text
    assert len(examples.rest) == 96, "a sheet has the others"


def test_few_findings_stand_one_by_one():
    found = tuple(Finding(code="metal.grave", sentence=f"Number {i}", weight="certain") for i in range(40))
    section = next(s for s in report_of(given(findings=found)).sections if s.name == "findings")
    (grid,) = (block for block in section.blocks if isinstance(block, Grid))

    assert (len(grid.rows), grid.rest, grid.folded) == (40, (), ())


def test_the_three_lots_are_those_of_the_hand_made_book():
    assert [one.elements for one in THREE] == [("Sb",), ("Cu",), ("Nd", "Pr")]


def test_what_a_document_would_have_to_tell_reads_as_what_is_wanted_of_what():
    told = "\n".join(sentence.text for sentence in sentences(report_of(given())))

    assert "Pakistan, mine production of copper in 2024: this edition does not name the country." in told


def test_a_book_without_events_was_not_found_to_be_in_order():
    nothing = given((), moved=False, programme=NOTHING)
    told = "\n".join(sentence.text for sentence in sentences(report_of(msgspec.structs.replace(nothing, events=0))))

    assert "There is no event to check." in told
    assert "No finding was made" not in told
