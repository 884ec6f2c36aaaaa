"""Metal by stage and plants as the report tells them: what is shown is what was computed, and nothing more is
claimed."""

from __future__ import annotations

import msgspec
import pytest

from lodeline.metal.accounts import GAIN, LOSS, UNFOLLOWED, Account, Band, Plant, Stages, Station
from lodeline.report import Report, headline
from lodeline.report.build import report_of
from lodeline.report.model import Chart, Choice, Grid, Section
from lodeline.report.page import charts_of
from lodeline.units.figure import Figure, unknown
from tests.report.books import given

REFINERY = "urn:example:site:refinery"


def section(report: Report, name: str) -> Section:
    return next(one for one in report.sections if one.name == name)


def text_of(one: Section) -> str:
    from tests.report.test_build import sentences

    return "\n".join(sentence.text for sentence in sentences(one))


def kg(value: float, u: float | None = None) -> Figure:
    return Figure(value=value, u=u, unit="KGM", standing="computed")


def account(unaccounted: Figure, verdict: str, **changed: object) -> Account:
    one = Account(
        element="Sb",
        fed=kg(100_000.0, 300.0),
        out={"product": kg(90_000.0, 200.0), "slag": kg(6_000.0, 50.0)},
        lost=kg(0.0, 0.0),
        stock=kg(0.0, 0.0),
        unassayed_loss=kg(0.0),
        unaccounted=unaccounted,
        recovery=Figure(value=90.0, u=0.4, unit="P1", standing="computed"),
        verdict=verdict,  # type: ignore[arg-type]
        unknown_in=0,
        unknown_out=0,
        no_uncertainty=0,
        unasked=0,
    )
    return msgspec.structs.replace(one, **changed)


def told_of(one: Account) -> Report:
    plant = Plant(site=REFINERY, concentrator=False, processes=("smelt",), runs=7, accounts=(one,))
    return report_of(msgspec.structs.replace(given(), plants=(plant,), labels={REFINERY: "Valley refinery"}))


KNOW = "what scales and laboratories can know"


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (account(kg(400.0, 500.0), "within"), f"within {KNOW} (0.8 standard uncertainties)"),
        (account(kg(4000.0, 500.0), "beyond"), f"beyond {KNOW} (8 standard uncertainties)"),
        (account(kg(-4000.0, 500.0), "beyond"), "-4.00 ± 0.50 t"),
        (
            account(kg(400.0), "no uncertainty", no_uncertainty=3),
            "cannot be judged, 3 flows without a stated uncertainty",
        ),
        (account(unknown("KGM"), "unknown flows", unknown_out=2), "cannot be judged, 2 flows of unknown content"),
    ],
    ids=["within", "beyond", "gain", "no uncertainty", "unknown"],
)
def test_an_account_says_whether_scales_and_laboratories_could_know(one: Account, said: str):
    report = told_of(one)

    assert said in text_of(section(report, "balance")) + "\n".join(
        cell.below for grid in section(report, "balance").blocks if isinstance(grid, Grid) for row in grid.rows
        for cell in row
    )  # fmt: skip
    line = next(line for line in headline(report) if line.startswith("Balance"))
    assert "Valley refinery, antimony: 100.00 ± 0.30 t in, 90.00 ± 0.40 % of it recovered in products" in line


def test_an_account_lists_in_out_by_kind_losses_stock_and_unaccounted_in_order():
    grid = next(
        one for one in section(told_of(account(kg(4.0, 5.0), "within")), "balance").blocks if isinstance(one, Grid)
    )

    assert [row[0].said.text for row in grid.rows] == [
        "In",
        "Out: products",
        "Out: slag",
        "Declared losses",
        "Still inside at the end",
        "Unaccounted",
        "Recovered in products",
    ]
    assert grid.title == "Valley refinery (smelt), 7 processes"


def test_a_loss_without_an_assay_is_unknown_and_never_nothing():
    one = account(kg(4000.0, 5000.0), "within", unassayed_loss=kg(1200.0))
    grid = next(one for one in section(told_of(one), "balance").blocks if isinstance(one, Grid))
    losses = next(row for row in grid.rows if row[0].said.text == "Declared losses")

    assert (losses[1].said.text, losses[1].below) == ("unknown", "of 1.2 t of material without an assay")
    assert "declared without an assay is part of the unaccounted" in text_of(section(told_of(one), "balance"))


def test_a_book_without_a_process_says_so():
    report = report_of(given())

    assert "No process in the book makes new material" in text_of(section(report, "balance"))
    assert "No element can be followed by stage" in text_of(section(report, "stages"))
    assert not any(line.startswith("Balance") for line in headline(report))


def test_a_picture_draws_every_band_with_its_own_colour_for_loss_and_gain():
    mined = Station("raw", "mined")
    bands = (
        Band(Station("origin", "urn:deposit", "deposit"), mined, kg(100.0, 1.0), 3),
        Band(GAIN, mined, kg(5.0), 1),
        Band(mined, LOSS, kg(25.0), 2),
        Band(mined, UNFOLLOWED, kg(80.0), 4),
    )
    one = Stages(
        element="Sb",
        bands=bands,
        unknown_lots=4,
        unknown_flows=6,
        bounded_flows=1,
        declared=kg(3.0),
        unasked_lots=2,
    )
    report = report_of(msgspec.structs.replace(given(), stages=(one,), labels={"urn:deposit": "Upper deposit"}))
    (chart,) = [one for one in charts_of(section(report, "stages").blocks) if one.kind == "stages"]

    assert [(link["value"], link["tone"]) for link in chart.data["links"]] == [
        (100.0, "accent"),
        (5.0, "gain"),
        (25.0, "other"),
        (80.0, "unknown"),
    ]
    assert {node["label"]: node["column"] for node in chart.data["nodes"]} == {
        "Upper deposit": 0,
        "Unaccounted gain": 0,
        "Mined": 1,
        "On in flows of unknown content": 2,
        "Unaccounted loss": 2,
    }
    told = text_of(section(report, "stages"))
    assert "25 kg went missing between two records and 5 kg appeared between two others" in told
    assert "Not in the picture: 6 flows of 4 lots, whose content of antimony is unknown; of 1 of these a limit" in told
    assert "2 lots of materials registered for other elements only" in told.lower()
    rows = [[cell.said.text for cell in row] for row in chart.behind.rows]
    assert ["Upper deposit", "Mined", "100.0 ± 1.0 kg", "3"] in rows


def test_the_large_book_closes_in_the_picture_at_every_node(made_up: Report):
    choice = next(block for block in section(made_up, "stages").blocks if isinstance(block, Choice))
    assert [panel.label for panel in choice.panels] == ["Antimony (Sb)", "Gold (Au)"]
    for panel in choice.panels:
        chart = next(block for block in panel.blocks if isinstance(block, Chart))
        into: dict[str, float] = {}
        out: dict[str, float] = {}
        for link in chart.data["links"]:
            into[link["target"]] = into.get(link["target"], 0.0) + link["value"]
            out[link["source"]] = out.get(link["source"], 0.0) + link["value"]
        between = into.keys() & out.keys()
        assert len(between) >= 5
        for node in between:
            assert into[node] == pytest.approx(out[node], rel=1e-9), node
        kinds = {node["name"]: node["column"] for node in chart.data["nodes"]}
        assert all(kinds[link["source"]] < kinds[link["target"]] for link in chart.data["links"])


def test_the_large_book_has_its_refinery_by_hand(made_up: Report):
    """Campaigns of eight lots give 68 t of ingot at 99.6 % and 70 t of slag at 4.4 %, 120 kg of fume without an
    assay."""
    key = f"plants/{REFINERY}/plant/Sb"
    figures = made_up.figures
    campaigns = figures[f"{key}/out/product"].value / (68_000 * 0.996)  # type: ignore[operator]

    assert campaigns == pytest.approx(round(campaigns))
    assert figures[f"{key}/out/slag"].value == pytest.approx(campaigns * 70_000 * 0.044)
    # One lot in fifty is never weighed: what it brought is not nothing, so the feed has a lower limit and no value.
    assert figures[f"{key}/fed"].standing == "bounded"
    assert figures[f"{key}/unaccounted"].value is None
    assert figures[f"{key}/recovery"].high == pytest.approx(
        100 * figures[f"{key}/out/product"].value / figures[f"{key}/fed"].low  # type: ignore[operator]
    )
