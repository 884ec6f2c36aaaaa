"""What the report says of a reconciled book, word for word where words carry weight."""

from __future__ import annotations

import io

import msgspec
import pytest

from lodeline.report import Report, to_csv, to_html, to_json, to_terminal
from lodeline.report.build import report_of
from lodeline.report.given_metal import SeenReconciliation
from lodeline.report.model import Chart, Choice, Grid, Section
from lodeline.report.page import charts_of
from lodeline.report.sections.assays import DRAWN
from lodeline.report.sections.reconciled import odds
from lodeline.report.wording import sigmas
from tests.report.books import given
from tests.report.metal import MILL, WORKS, known, pair, reconciliation
from tests.report.test_build import sentences

SECTIONS = ("reconciled", "closure", "assays", "instruments")


def report_on(of: SeenReconciliation) -> Report:
    return report_of(msgspec.structs.replace(given(), reconciled=of))


def section(report: Report, name: str) -> Section:
    return next(one for one in report.sections if one.name == name)


def told(report: Report, name: str) -> str:
    return "\n".join(sentence.text for sentence in sentences(section(report, name)))


def grids(report: Report, name: str) -> dict[str, Grid]:
    found: dict[str, Grid] = {}
    for block in section(report, name).blocks:
        for inner in [one for panel in block.panels for one in panel.blocks] if isinstance(block, Choice) else [block]:
            grid = inner.behind if isinstance(inner, Chart) else inner
            if isinstance(grid, Grid):
                found[grid.title] = grid
    return found


def rows(grid: Grid) -> list[list[str]]:
    return [[f"{cell.said.text} | {cell.below}".removesuffix(" | ") for cell in row] for row in grid.rows]


@pytest.fixture(scope="module")
def report() -> Report:
    return report_on(reconciliation())


def test_the_account_of_a_place_has_recorded_beside_reconciled_and_the_gap_with_its_verdict(report: Report):
    grid = grids(report, "reconciled")["Antimony (Sb) by place, over all of the book"]

    assert [column.title for column in grid.columns] == ["Place", "In", "Out", "Closing stock", "Missing"]
    assert rows(grid)[0] == [
        "The mill",
        "5.000 ± 0.020 t | reconciled 4.960 ± 0.012 t",
        "4.700 ± 0.015 t | reconciled 4.755 ± 0.011 t",
        "200.0 ± 5.0 kg | reconciled 205.0 ± 4.0 kg",
        "100 ± 26 kg | beyond, 3.8 standard uncertainties",
    ]


def test_what_cannot_be_judged_says_so_and_unknown_is_no_zero(report: Report):
    by_place = {
        row[0]: row for row in rows(grids(report, "reconciled")["Antimony (Sb) by place, over all of the book"])
    }

    assert by_place["The works"][1:] == [
        "1 to 3 t | reconciled unknown",
        "–",
        # Limits that are closer together than the uncertainty could tell apart.
        "1.5000 ± 0.0090 t | reconciled unknown",
        "unknown | cannot be judged",
    ]
    assert by_place["On the road"][-1] == "not checked"
    assert rows(grids(report, "reconciled")["Antimony (Sb): what would settle what is still unknown"]) == [
        ["The works | In", "Assay lot 7 for Sb.", "1"],
        ["The works | Closing stock", "Assay lot 7 for Sb.", "2"],
    ]


def test_the_largest_gap_of_all_periods_comes_first(report: Report):
    grid = grids(report, "reconciled")["Antimony (Sb) by place and month, the largest gap first"]

    assert [row[0] for row in rows(grid)] == ["The mill | 2026-01", "The works | 2026-03"]


@pytest.mark.parametrize(
    ("worse", "ways", "false_alarms", "said"),
    [
        (0.43, 40, 0.01, "differ by no more than their uncertainties allow: of sound books 43 % would differ by more."),
        (1e-9, 40, 0.01, "differ by more than their uncertainties allow: of sound books fewer than one in a million"),
        (0.9999, 40, 0.01, "differ by less than their uncertainties say: of sound books 0.01 % would differ by less"),
        (0.43, 40, None, "Of sound books 43 % would differ by more than this one."),
        (1.0, 0, 0.01, "No reading of the book is checked by another"),
    ],
)
def test_the_verdict_on_all_readings_together(worse: float, ways: int, false_alarms: float | None, said: str):
    one = report_on(reconciliation(worse=worse, ways=ways, false_alarms=false_alarms))

    assert said in told(one, "reconciled")


def test_odds_are_words_where_a_number_would_claim_too_much():
    assert [odds(one) for one in (0.0, 1e-5, 0.5, 0.9995)] == [
        "fewer than one in a million",
        "0.001 %",
        "50 %",
        "nearly all",
    ]


def test_readings_that_have_no_weight_are_counted_with_what_would_give_them_one(report: Report):
    assert "2 readings have no weight in it, since nobody gave an uncertainty; the certificate" in told(
        report, "reconciled"
    )
    assert "1 reading is left out, since nobody said whether wet or dry." in told(report, "reconciled")
    assert "Not shown by place: gold." in told(report, "reconciled")


def test_an_alarm_names_its_account_and_period_and_how_often_chance_raises_one(report: Report):
    text = told(report, "closure")

    assert (
        "In 1 of them the sums of Page's test pass their limit: antimony missing, The mill, first in 2026-04." in text
    )
    assert "do not explain the gap, and not why" in text
    assert (
        "A sound account passes the limit of its chart with a probability of 0.5 %, so that any of the 2 charts raises "
        "a false alarm with at most 1 %, as the policy allows; of 10,000 sound charts that were drawn, 49 did."
    ) in text
    assert "guilt" not in text
    assert "Of 1 further account nothing was known from two sides in any month" in text


def test_without_a_rate_in_the_policy_there_is_no_alarm_and_the_key_is_named():
    quiet = []
    for one in reconciliation().closures:
        points = tuple(msgspec.structs.replace(point, alarm=False) for point in one.points)
        quiet.append(msgspec.structs.replace(one, limit=None, points=points))
    made = report_on(reconciliation(false_alarms=None, closures=tuple(quiet)))

    said = "No alarm is raised, since no policy says how likely a false one may be; detection.false_alarms"
    assert said in told(made, "closure")
    assert all(chart.data["limit"] is None for chart in charts_of(section(made, "closure").blocks))


def test_a_chart_of_closure_has_gaps_where_nothing_is_known_and_a_table_that_says_unknown(report: Report):
    mill, works = charts_of(section(report, "closure").blocks)

    assert [point["state"] for point in works.data["points"]] == ["known", "unknown", "known", "unknown"]
    assert [point["sigma"] for point in works.data["points"]] == [-0.5, None, 0.3, None]
    assert (mill.data["bands"], mill.data["reach"], mill.data["limit"]) == ([1, 2, 3], 8.0, 5.1)
    assert [point["alarm"] for point in mill.data["points"]] == [False, False, False, True]
    assert mill.below == "Alarm from 2026-04: a sound account passes the limit with a probability of 0.5 %."
    assert [row[:2] for row in rows(works.behind)] == [
        ["2026-01", "-5 ± 10 kg"],
        ["2026-02", "unknown"],
        ["2026-03", "3 ± 10 kg"],
        ["2026-04", "unknown"],
    ]
    # A period that a later one covers has no row of its own, and that one says from when it counts.
    assert [row[0] for row in rows(mill.behind)] == ["2026-01", "2026-03 | from 2026-02 on", "2026-04"]


def test_pairs_are_counted_with_how_many_chance_would_bring(report: Report):
    text = told(report, "assays")

    # Three of seller and buyer: 49 and 54 ± 0.5 are 7 standard uncertainties apart; 4.55 % of three are 0.14.
    assert (
        "3 times one lot was assayed by a laboratory of the seller and one of the buyer for the same element." in text
    )
    assert "1 of them differs by more than 2 standard uncertainties; chance alone would bring about 0.14 such" in text
    assert rows(grids(report, "assays")["Differences by element"]) == [
        ["Antimony (Sb)", "3", "0.8 %", "1", "0.14", "7.1"]
    ]
    assert [row[:3] for row in rows(grids(report, "assays")["Antimony (Sb) by laboratories"])] == [
        ["The first laboratory | seller's", "The second laboratory | buyer's", "3"],
        ["The first laboratory | of the same owner", "The second laboratory", "1"],
    ]


def test_a_picture_of_pairs_marks_those_that_are_far_apart_and_whose_they_are(report: Report):
    (chart,) = charts_of(section(report, "assays").blocks)

    assert [point["tone"] for point in chart.data["points"]] == ["known", "known", "other", "unknown"]
    assert chart.data["log"] is False
    assert chart.data["low"] < 48
    assert chart.data["high"] > 55


def test_traces_beside_concentrates_are_drawn_by_decades():
    one = report_on(reconciliation(pairs=(pair("a", 50.0, 50.4), pair("bb", 0.001, 0.0011, u=0.0002))))
    (chart,) = charts_of(section(one, "assays").blocks)

    assert chart.data["log"] is True
    assert 0 < chart.data["low"] < 0.001
    assert all(point["xlow"] > 0 and point["ylow"] > 0 for point in chart.data["points"])


def test_of_very_many_pairs_those_far_apart_are_drawn_and_the_rest_stands_in_the_sheet():
    many = tuple(pair(f"{number}", 50.0, 50.2 if number % 10 else 56.0) for number in range(DRAWN * 3))
    one = report_on(reconciliation(pairs=many))
    (chart,) = charts_of(section(one, "assays").blocks)

    assert len(chart.data["points"]) == DRAWN
    assert sum(point["tone"] == "other" for point in chart.data["points"]) == DRAWN * 3 // 10
    assert f"Drawn are {DRAWN} of {DRAWN * 3} pairs" in told(one, "assays")
    assert len(chart.behind.rows) + len(chart.behind.rest) == DRAWN * 3


def test_an_instrument_is_far_or_told_or_cannot_be_told(report: Report):
    text = told(report, "instruments")

    assert "7 biases of 6 instruments, each between two calibrations: the books narrow 5 and cannot tell 2." in text
    assert "1 is far from what was known before: bridge." in text
    assert "Far means more than 3.2 standard deviations of the shift; the policy allows a probability of 1 %" in text
    assert "Of these nothing is known, and none is estimated: An old scale." in text
    far = grids(report, "instruments")["Far from what was known before"]
    assert rows(far) == [
        [
            "bridge | scale",
            "every load",
            "2027-01-01",
            "0.00 ± 0.10 %",
            "0.310 ± 0.060 % | far from what was known",
            "4.4",
            "12",
        ]
    ]
    labels = [
        panel.label
        for block in section(report, "instruments").blocks
        if isinstance(block, Choice)
        for panel in block.panels
    ]
    assert labels == ["Scales", "Scales, the same at every load", "Standards", "Moisture", "Antimony (Sb)"]


def test_a_picture_of_instruments_has_a_row_each_and_a_mark_a_calibration(report: Report):
    scales = next(charts_of(section(report, "instruments").blocks))

    assert [row["label"] for row in scales.data["rows"]] == ["bridge", "belt"]
    bridge, belt = scales.data["rows"]
    assert [(mark["low"], mark["high"], mark["tone"]) for mark in bridge["marks"]] == [
        (-0.2, 0.2, "known"),
        (-0.2, 0.2, "other"),
    ]
    assert [mark["tone"] for mark in belt["marks"]] == ["unknown"]
    assert scales.data["reach"] == pytest.approx(0.45)
    assert "the books cannot tell" in belt["marks"][0]["told"]


def test_no_instrument_with_a_known_bias_is_said_with_what_would_change_that():
    assert "A calibration certificate would change that" in told(report_on(reconciliation(biases=())), "instruments")


def test_nothing_to_compare_is_said_with_what_would_change_that():
    one = report_on(reconciliation(pairs=(), closures=()))

    assert "No lot was assayed by two laboratories, so none checks another." in told(one, "assays")
    assert "Of no account is it known over time what is missing" in told(one, "closure")


def test_a_book_without_any_measurement_has_one_sentence_and_no_empty_sections_to_look_at():
    one = report_of(given())
    out = io.StringIO()
    to_terminal(one, out)

    assert [name for name in SECTIONS if section(one, name).blocks] == ["reconciled"]
    assert "Nothing can be reconciled: nothing in the book was weighed, dried or assayed." in told(one, "reconciled")
    for text in (out.getvalue(), to_html(one)):
        assert "Closure over time" not in text
        assert "Seller against buyer" not in text
    assert b'"closure"' in to_json(one), "a program finds it, and that it is empty"


def test_every_new_figure_has_the_name_that_says_what_it_is(report: Report):
    mine = {name for name in report.figures if name.split("/")[0] in ("accounts", "closure", "assays", "instruments")}

    assert {
        f"accounts/{MILL}/Sb/in/recorded",
        f"accounts/{MILL}/Sb/in/reconciled",
        f"accounts/{MILL}/Sb/unaccounted/recorded",
        f"closure/{MILL}/Sb/2026-04/missing",
        "assays/Sb/seller and buyer/median_difference",
        "instruments/scale/urn:example:scale:bridge/1/bias",
        "instruments/scale/urn:example:scale:gate/0/offset",
        "instruments/laboratory/urn:example:scale:lab/Sb/fusion/0/bias",
    } <= mine
    assert f"accounts/{WORKS}/Sb/in/recorded" in mine
    assert not any("/produced/" in name for name in mine), "of what there is none there is no figure"


def test_no_chart_of_a_reconciled_book_shows_what_no_table_tells(report: Report):
    charts = [chart for name in SECTIONS for chart in charts_of(section(report, name).blocks)]

    assert {chart.kind for chart in charts} == {"account", "closure", "assays", "instruments"}
    for chart in charts:
        assert chart.behind.rows, chart.name
        assert len(chart.alt) > 40
        assert (
            to_csv(chart.behind, illustrative=False).count("\r\n")
            == len(chart.behind.rows) + len(chart.behind.rest) + 1
        )


def test_a_point_far_out_stands_at_the_edge_and_says_how_far():
    closure = reconciliation().closures[0]
    wild = msgspec.structs.replace(closure, points=(known("2026-01", 10.0, 10.0), known("2026-02", 400.0, 10.0)))
    (chart,) = charts_of(section(report_on(reconciliation(closures=(wild,))), "closure").blocks)

    assert chart.data["reach"] == 8.0
    assert "40.0 standard uncertainties" in chart.data["points"][1]["told"]


def test_a_pair_that_is_further_out_than_the_picture_reaches_is_told_of_below_it():
    """Twenty pairs alike and one 100 % apart: the picture reaches as far as nearly all of them do."""
    one = reconciliation().pairs[0]
    near = [msgspec.structs.replace(one, lot=f"urn:example:lot:{at}") for at in range(20)]
    far = msgspec.structs.replace(one, apart=msgspec.structs.replace(one.apart, value=100.0))
    below = [
        next(charts_of(section(report_on(reconciliation(pairs=(*near, *more))), "assays").blocks)).below
        for more in ((), (far,))
    ]

    assert "At the edge" not in below[0]
    assert below[1].endswith("At the edge on the right stands one that is further out.")


@pytest.mark.parametrize(("value", "said"), [(-0.04, "0.0"), (5.0, "5.0"), (-2.36, "-2.4"), (1234.56, "1,234.6")])
def test_how_many_standard_uncertainties_something_is_is_said_to_a_tenth(value: float, said: str):
    assert sigmas(value) == said


def test_where_the_book_was_reconciled_the_page_says_that_more_is_looked_for_elsewhere(report: Report):
    assert "lodeline findings lists all of it" in told(report, "findings")
    assert "lodeline findings" not in told(report_on(SeenReconciliation(why_not="nothing was read")), "findings")
