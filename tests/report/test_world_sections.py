"""Sections on the world: dependence, effect, claims and resources show what the engines answer, with its sources."""

from __future__ import annotations

import io
import json
from decimal import Decimal

import msgspec
import pytest

from lodeline.report import Report, to_html, to_json, to_terminal
from lodeline.report.assets import asset
from lodeline.report.build import report_of
from lodeline.report.given import SeenProgramme
from lodeline.report.model import Block, Chart, Choice, Grid, Section
from lodeline.report.sections.world_claims import readable
from lodeline.report.sections.world_resources import picture
from lodeline.report.world_seen import concerned, seen_world
from lodeline.units.figure import Figure
from lodeline.world import table as table_of
from lodeline.world.dependence.answer import dependence
from lodeline.world.resources.deposit import named, shipped_deposits
from lodeline.world.resources.ladder import ladder_of
from tests.report.books import OLDER, PROGRAMME, TABLE, THREE, another_table, given, weighed
from tests.report.test_build import sentences
from tests.report.test_renderers import CONTROL
from tests.report.world import worldly

MINED = "usgs-mcs-2026:antimony:PAK:mine-production::2024"
CHINA_MINED = "usgs-mcs-2026:antimony:CHN:mine-production::2024"
USED = "usgs-mcs-2026:antimony:USA:apparent-consumption::2024"
WORLD = ("dependence", "effect", "claims", "resources")


@pytest.fixture(scope="module")
def report() -> Report:
    return report_of(worldly())


def section(of: Report, name: str) -> Section:
    return next(one for one in of.sections if one.name == name)


def blocks(of: Section) -> list[Block]:
    inner = [one for block in of.blocks if isinstance(block, Choice) for panel in block.panels for one in panel.blocks]
    return [*of.blocks, *inner]


def charts(of: Section) -> dict[str, Chart]:
    return {one.name: one for one in blocks(of) if isinstance(one, Chart)}


def grids(of: Section) -> dict[str, Grid]:
    return {one.title: one for one in blocks(of) if isinstance(one, Grid)}


def told(of: Section) -> str:
    return "\n".join(one.text for one in sentences(of))


def test_imports_stand_by_who_shipped_them_and_by_where_they_were_mined_as_the_engine_answers(report: Report):
    trade = dependence("Sb", importer="USA", table=TABLE).form("unwrought").trade
    assert trade is not None
    china = trade.supplier("CHN")
    assert china.origin is not None
    arrived = sum(one.origin.value or 0 for one in trade.suppliers if one.origin is not None)
    shown = {field: report.figures[f"dependence/antimony/unwrought/CHN/{field}"].value for field in
             ("direct", "traced", "least", "most")}  # fmt: skip

    assert shown["direct"] == china.direct.value
    assert china.traced is not None
    assert shown["traced"] == china.traced.value
    assert shown["least"] == pytest.approx(100 * (china.origin.low or 0) / arrived)
    assert shown["most"] == pytest.approx(100 * (china.origin.high or 0) / arrived)
    assert 0 <= (shown["least"] or 0) <= (shown["traced"] or 0) <= (shown["most"] or 0)


def test_the_picture_of_imports_draws_what_its_table_tells_and_the_untraced_part_apart(report: Report):
    chart = charts(section(report, "dependence"))["dependence-antimony-unwrought"]
    rows = {row["label"]: row for row in chart.data["rows"]}
    table = {row[0].said.text: [one.said.text for one in row[1:]] for row in (*chart.behind.rows, *chart.behind.rest)}

    assert rows["Untraced"]["tone"] == "unknown"
    assert rows["Untraced"]["direct"] is None, "nobody ships what is untraced"
    assert rows["Myanmar"]["limits"][0] < rows["Myanmar"]["traced"] < rows["Myanmar"]["limits"][1]
    assert rows["Thailand"]["traced"] is None, "it has no listed mine, which is not the same as nothing"
    assert table["Thailand"][1] == "no mine is listed"
    assert {label for label in rows if "further" not in label} <= set(table)
    direct = [row["direct"] for row in chart.data["rows"] if row["direct"] is not None]
    assert sum(direct) == pytest.approx(100, abs=0.01), "what is not drawn is one row"


def test_under_each_picture_of_imports_stand_its_editions_and_what_is_not_at_hand(report: Report):
    text = told(section(report, "dependence"))

    assert "Sources: trade: baci-hs17-v202601 (CEPII, BACI HS17 V202601" in text
    assert "mine output: usgs-mcs-2026 (USGS, Mineral Commodity Summaries 2026" in text
    missing = grids(section(report, "dependence"))["Not at hand"]
    assert missing.closed
    assert "give BACI or Comtrade for HS" in missing.rows[0][1].said.text


def test_every_form_at_hand_has_its_picture_and_where_nothing_is_traced_it_says_why(report: Report):
    drawn = charts(section(report, "dependence"))

    assert set(drawn) == {
        "dependence-antimony-unwrought", "dependence-copper-cathodes", "dependence-rare-earths-permanent-magnets",
    }  # fmt: skip
    magnets = drawn["dependence-rare-earths-permanent-magnets"]
    assert "Nothing is traced: " in magnets.below
    assert not any(row["limits"] for row in magnets.data["rows"])
    assert magnets.data["words"]["traced"] == ""


def test_more_mined_in_china_moves_what_is_traced_and_nothing_that_does_not_rest_on_it():
    before = report_of(worldly())
    after = report_of(worldly(table=another_table(CHINA_MINED, value=Decimal(80_000), published="80,000")))
    moved = {name for name in before.figures if before.figures[name] != after.figures[name]}
    rest = {name for name, of in before.figures.items() if CHINA_MINED in of.rests_on}

    assert moved <= rest
    assert "dependence/antimony/unwrought/CHN/traced" in moved
    assert "dependence/antimony/unwrought/CHN/direct" not in rest, "who shipped it does not depend on who mined it"
    assert not any(name.startswith("dependence/copper/") for name in rest)


def test_no_other_figure_of_the_edition_is_read_than_is_cited():
    report = report_of(worldly())
    cited = {row for of in report.figures.values() for row in of.rests_on}
    changed = msgspec.structs.replace(
        TABLE,
        rows=tuple(
            row if row.key in cited or row.value is None else msgspec.structs.replace(row, value=row.value + 1)
            for row in TABLE.rows
        ),
    )
    before, after = json.loads(to_json(report)), json.loads(to_json(report_of(worldly(table=changed))))

    assert after["figures"] == before["figures"]
    assert [one for one in after["sections"] if one not in before["sections"]] == []


def test_points_that_a_delivery_removes_stand_by_hand():
    """260 t of 4,696 t that came in that form are 5.54 points, and 0.909 % of 28,600 t that were used."""
    report = report_of(worldly(tonnes={"Sb": 260.0}))
    own = "effect/Sb/unwrought/imported/PAK"

    imported = report.figures["dependence/antimony/unwrought/arrived"].value or 0.0
    assert report.figures[f"{own}/rival/rival_form"].value == pytest.approx(100 * 260 / imported, rel=1e-6)
    assert report.figures[f"{own}/share_of_use"].value == pytest.approx(100 * 260 / 28_600)
    assert report.figures[f"{own}/rival/reliance"].value == 0, "what is imported stays imported"
    assert (report.figures[f"{own}/in-addition/reliance"].value or 0) < 0
    assert report.figures[f"{own}/reference/form_point"].value == pytest.approx(imported / 100)


def test_a_delivery_of_which_nobody_knows_the_mass_is_drawn_as_unknown_with_what_would_settle_it():
    nothing = worldly()
    effects = nothing.world.effects
    assert effects is not None
    one = effects.effects[0]
    unknown = Figure(value=None, unit="P1", standing="unknown")
    removed = tuple(
        msgspec.structs.replace(case, reliance=unknown, rival_all=unknown, rival_form=unknown, rival_mined=unknown)
        for case in one.removed
    )
    lost = msgspec.structs.replace(
        one, tonnes=Figure(value=None, unit="TNE", standing="unknown", settle=THREE[0].mass.settle), removed=removed,
        share_of_use=unknown,
    )  # fmt: skip
    world = msgspec.structs.replace(nothing.world, effects=msgspec.structs.replace(effects, effects=(lost,)))
    report = report_of(msgspec.structs.replace(nothing, world=world))
    first = charts(section(report, "effect"))["effect"].data["rows"][0]

    assert (first["tone"], first["direct"], first["traced"], first["limits"]) == ("none", None, None, None)
    assert first["said"] == "unknown; needs weighing"
    assert "It would be settled by a weighing of each lot" in told(section(report, "effect"))
    assert "0 points" not in section(report, "effect").blocks[0].sentences[0].text  # type: ignore[union-attr]


def test_how_far_all_reported_output_would_go_comes_from_the_edition():
    three = worldly(tonnes={"Sb": 1.0, "Cu": 1.0, "TREO": 1.0}, form=None)
    text = told(section(report_of(three), "effect"))
    assert (
        "all that Pakistan is reported to have mined in a year is 260 t, 0.909 % of what the United States uses" in text
    )
    assert "Rare earths: no output is reported for Pakistan by itself" in text
    assert "does not name China among its suppliers" in text, "there is no Chinese share of copper to lower"

    more = report_of(worldly(table=another_table(MINED, value=Decimal(2600), published="2,600")))
    assert "is 2,600 t, 9.09 % of what the United States uses" in told(section(more, "effect"))


def test_use_moves_the_share_of_use_and_no_point_of_the_rivals_share():
    before = report_of(worldly())
    after = report_of(worldly(table=another_table(USED, value=Decimal(57_200), published="57,200")))
    moved = {name for name in before.figures if before.figures[name] != after.figures[name]}

    own = "effect/Sb/unwrought/imported/PAK"
    assert f"{own}/share_of_use" in moved
    assert f"{own}/in-addition/reliance" in moved
    assert {name for name in moved if name.startswith(f"{own}/rival/")} == set()
    assert all(USED in before.figures[name].rests_on for name in moved)


def test_claims_stand_with_their_verdicts_what_is_wrong_first(report: Report):
    of = section(report, "claims")
    rows = grids(of)["Claims with their verdicts"].rows
    verdicts = [row[1].said.text.split(":")[0] for row in rows]

    assert verdicts == sorted(verdicts, key=["contradicted", "consistent", "not checkable"].index)
    assert rows[0][0].below.startswith("C15: ")
    assert "182.6 billion USD" in rows[0][1].said.text
    counts = [report.figures[f"claims/{one}"].value for one in ("contradicted", "consistent", "not checkable")]
    every = len(rows) + len(grids(of)["Claims that name no number"].rows)
    assert sum(count or 0 for count in counts) == every == len(worldly().world.verdicts)
    trillion = next(row for row in rows if row[0].below.startswith("C08: "))
    assert "No method is published" in trillion[1].said.text
    assert grids(of)["Every step, to be done again by hand"].closed


def test_another_edition_turns_the_verdict_on_a_claim_that_rests_on_it():
    before = report_of(worldly())
    after = report_of(worldly(table=another_table(MINED, value=Decimal(2600), published="2,600")))

    def verdict(of: Report) -> str:
        rows = grids(section(of, "claims"))["Claims with their verdicts"].rows
        return next(row[1].said.text for row in rows if row[0].below.startswith("C09: "))

    assert verdict(before).startswith("consistent: ")
    assert verdict(after).startswith("contradicted: ")
    moved = {
        name for name in before.figures if name.startswith("claims/C") and before.figures[name] != after.figures[name]
    }
    assert moved
    assert all(MINED in before.figures[name].rests_on for name in moved)


def test_the_ladder_is_that_of_the_engine_and_what_it_lacks_is_named_and_hatched(report: Report):
    ladder = ladder_of(named(shipped_deposits(), "reko-diq"))
    of = section(report, "resources")
    rungs = {one["label"]: one for one in charts(of)["ladder-reko-diq"].data["rungs"]}

    for rung in ladder.rungs:
        assert report.figures[f"resources/reko-diq/ladder/{rung.name}"] == rung.figure
        assert (rungs[rung.name]["value"] is None) == (rung.figure.value is None)
    assert rungs["payable"]["lacks"] == "unknown: needs payable of Cu, payable of Au"
    assert rungs["after royalty"]["lacks"] == "unknown: rests on the rung above"
    assert "No metal of this book is from Reko Diq, Pakistan" in told(of)
    assert grids(of)["Reko Diq: sources of the ladder"].rows


def test_a_rung_below_nothing_leads_below_nothing_in_the_picture():
    ladder = ladder_of(named(shipped_deposits(), "reko-diq"))
    loss = Figure(value=-2e9, low=-3e9, high=-1e9, unit="USD", standing="computed")
    last = msgspec.structs.replace(ladder.rungs[-1], figure=loss, missing=())
    drawn = picture(msgspec.structs.replace(ladder, rungs=(*ladder.rungs[:-1], last)))

    assert (drawn["low"], drawn["words"]["x"]) == (-3, "billion USD")
    assert (drawn["rungs"][-1]["value"], drawn["rungs"][-1]["limits"]) == (-2, [-3, -1])
    assert picture(ladder)["low"] == 0


def test_units_of_claims_are_read_as_a_person_says_them():
    assert readable("1,820 to 3,120 t[Sb] at 7 % t[Sb]/t[ore]") == "1,820 to 3,120 t of Sb at 7 % t of Sb/t of ore"
    assert readable("17.9 million troy_oz[Au]") == "17.9 million troy oz of Au"
    assert readable("60 billion USD") == "60 billion USD"


def test_classes_are_kept_apart_and_what_has_none_gets_no_figure(report: Report):
    of = section(report, "resources")
    classes = grids(of)["In the ground, class by class"].rows
    unclassified = grids(of)["Said without a class: no number follows from it"]

    assert {"inferred", "probable", "measured and indicated"} <= {row[1].said.text for row in classes}
    keys = [name for name in of.figures if "/ladder/" not in name]
    assert len(keys) == len(classes), "no sum is among them"
    assert not any("pakistan-minerals" in name for name in of.figures)
    assert any("6 trillion" in row[1].said.text for row in unclassified.rows)
    assert "the code it was reported under" in "".join(one.text for one in unclassified.folded)


def test_only_a_book_of_a_programme_that_is_not_made_up_is_told_claims_about_its_countries():
    assert concerned(THREE, PROGRAMME, illustrative=False) == ("PAK", "USA")
    assert concerned(THREE, PROGRAMME, illustrative=True) == ()
    assert concerned(THREE, SeenProgramme(), illustrative=False) == ()

    plain = report_of(worldly(countries=()))
    assert [name for name in WORLD if section(plain, name).blocks] == ["dependence", "effect"]
    chile = report_of(worldly(countries=("CHL",)))
    assert not section(chile, "claims").blocks
    assert not section(chile, "resources").blocks


def test_a_book_that_is_compared_with_nothing_says_nothing_of_the_world():
    seen = seen_world((), TABLE, home="USA", rival="CHN")
    report = report_of(msgspec.structs.replace(given((), moved=False), world=seen))

    assert not any(section(report, name).blocks for name in WORLD)


def test_an_edition_without_the_importers_figures_is_told_as_far_as_it_goes():
    """The world file of 2025 has mine output, and nothing of the United States."""
    own = given(weighed(), table=OLDER)
    seen = seen_world(own.compared, OLDER, home="USA", rival="CHN", countries=("PAK",))
    report = report_of(msgspec.structs.replace(own, world=seen))

    assert "dependence/antimony/unwrought/CHN/traced" in report.figures
    assert "mine output: usgs-mcs-2025" in told(section(report, "dependence"))
    assert not any("as published" in name for name in report.figures)


def test_terminal_json_and_page_show_all_four(report: Report):
    out = io.StringIO()
    to_terminal(report, out)
    text, page, plain = out.getvalue(), to_html(report), json.loads(to_json(report))

    titles = [section(report, name).title for name in WORLD]
    assert [title for title in titles if title in text and f">{title}<" in page] == titles
    assert {one["name"] for one in plain["sections"] if one["blocks"]} >= set(WORLD)
    assert max(len(line) for line in text.splitlines()) <= 100
    assert page.count('<details class="wide closed">') >= 4
    assert "Myanmar" in text
    assert "after royalty" in page


def test_every_figure_that_they_show_is_one_of_the_report(report: Report):
    shown = [part.figure for one in sentences(report) for part in one.parts if part.figure]

    assert len(shown) > 300
    assert set(shown) <= set(report.figures)


def test_the_page_grows_by_less_than_three_hundred_kilobytes():
    own = worldly()
    bare = to_html(report_of(given(weighed())))

    assert len(to_html(report_of(own)).encode()) - len(bare.encode()) < 300_000


def test_the_same_world_gives_the_same_bytes():
    assert to_json(report_of(worldly())) == to_json(report_of(worldly()))


def test_hostile_names_of_an_edition_and_its_source_move_no_cursor_and_interpret_no_markup():
    rows = (
        msgspec.structs.replace(row, edition="x\x1b[2J<script>alert(1)</script>", source="\u202e<img src=x onerror=y>")
        for row in TABLE.rows
    )
    report = report_of(worldly(table=table_of(rows)))
    out = io.StringIO()
    to_terminal(report, out)
    page = to_html(report).replace(asset("report.js"), "").replace(asset("report.css"), "")

    assert CONTROL.search(out.getvalue()) is None
    assert CONTROL.search(page) is None
    assert page.count("<script") == 2
    assert "<img" not in page
    assert "alert(1)" in page, "shown as what it is"


def test_two_editions_of_one_year_stand_beside_each_other_with_what_each_prints(report: Report):
    chart = charts(section(report, "national"))["editions"]
    antimony = {row["label"]: row for row in chart.data["groups"][0]["rows"]}
    china = next(row for row in chart.behind.rows if row[0].said.text == "China" and "antimony" in row[0].below)

    assert chart.data["words"]["old"] == "usgs-mcs-2025"
    assert (round(antimony["China"]["old"], 1), round(antimony["China"]["new"], 1)) == (57.7, 33.6)
    assert [one.below for one in china[1:3]] == ["60,000 t", "40,000 t"]
    assert china[3].said.text == "-24.1 percentage points"
    assert "Pakistan" in antimony, "the origin of the lots, however small"
