"""Where what is held is from, as the report says it: by hand, in words, as bars with whiskers and as a way of a lot."""

from __future__ import annotations

import pytest

from lodeline.report import build
from lodeline.report.model import Chart, Choice
from lodeline.world.national import load_table
from tests.book.small_origin import HALVED, OTHER, PRODUCT, A, B, founded, made_into
from tests.metal.small_book import LOT, MINE, on

JOINED = "urn:example:lot:joined"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """3 kg of Pakistan and 2 kg of scrap become two lots, of which one is made into a third."""
    from lodeline.record import metal
    from lodeline.record.metal import Act
    from tests.metal.small_book import kg

    again = metal.transformation(
        Act(at=on(12).at, place=MINE), process="refine", inputs=[kg(None, A)], outputs=[kg(None, JOINED)], basis=None
    )
    with founded(tmp_path_factory.mktemp("book") / "book.db", (*HALVED, again)) as book:
        yield build(book.view(), load_table(None))


def section(report):
    return next(one for one in report.sections if one.name == "origin")


def charts(report):
    panels = [panel for block in section(report).blocks if isinstance(block, Choice) for panel in block.panels]
    return [block for panel in panels for block in panel.blocks if isinstance(block, Chart)]


def test_the_section_says_the_largest_share_with_what_it_is_at_least_and_at_most(report):
    """What is held is 2.5 kg of B and 2.5 of what was made of A: 5 kg, of which 3 are from Pakistan, whatever mixed."""
    first, second = section(report).blocks[0].sentences

    assert "Of the antimony that is held at the end, " in first.text
    assert "is from Pakistan if what meets is mixed." in first.text
    assert second.text.startswith("Whatever the mixing was, it is at least 3.00")
    assert report.figures["origin/Sb/PK/share"].value == pytest.approx(60, abs=1e-3)
    assert report.figures["origin/Sb/US/most"].value == pytest.approx(2, abs=1e-3)


def test_bars_have_their_whiskers_and_a_table_behind_them(report):
    bars = charts(report)[0]

    assert bars.kind == "origins"
    rows = [(row["label"], round(row["share"]), [round(end) for end in row["limits"]]) for row in bars.data["rows"]]
    assert rows == [("Pakistan", 60, [60, 60]), ("United States", 40, [40, 40])]
    assert [column.title for column in bars.behind.columns][-2:] == ["At least", "At most"]


def test_the_way_of_a_lot_leads_from_its_origins_to_what_became_of_it_and_loses_no_kilogram(report):
    way = charts(report)[1]
    links = {(one["source"], one["target"]): one["value"] for one in way.data["links"]}

    assert way.kind == "stages"
    assert links[LOT, A] == pytest.approx(1.5, abs=1e-3)
    assert links[OTHER, A] == pytest.approx(1.0, abs=1e-3)
    for node in {target for _, target in links} & {source for source, _ in links}:
        came = sum(kg for (_, target), kg in links.items() if target == node)
        went = sum(kg for (source, _), kg in links.items() if source == node)
        assert came == pytest.approx(went, rel=1e-4), node
    labels = {one["name"]: one["label"] for one in way.data["nodes"]}
    assert labels[LOT] == "1"
    assert any(label.startswith("held: ") for label in labels.values())


def test_where_nothing_is_held_of_any_element_it_says_so(tmp_path):
    with founded(tmp_path / "book.db", (*HALVED[:7], made_into(PRODUCT, B))) as book:
        told = section(build(book.view(), load_table(None)))

    assert "Of nothing that is held at the end is it known" in told.blocks[0].sentences[0].text
