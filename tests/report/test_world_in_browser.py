"""The sections on the world in a browser without a network: every picture draws its rows, no text lies on another."""

from __future__ import annotations

from functools import cache

import pytest

from lodeline.report import Report, to_html
from lodeline.report.build import report_of
from tests.report.conftest import Opens
from tests.report.test_in_browser import OVERLAPS, SIZES
from tests.report.world import worldly

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORLD = ("national", "dependence", "effect", "claims", "resources")

ROWS = """
() => Object.fromEntries(lodeline.charts().map(({ name, option }) => [
  name,
  Object.fromEntries(option.series.map((one) => [one.name, one.data.length])),
]))
"""


@cache
def page() -> tuple[Report, str]:
    report = report_of(worldly(tonnes={"Sb": 260.0, "Nd": 12.0, "Cu": 400.0}, form=None))
    return report, to_html(report)


@pytest.mark.parametrize(("width", "theme"), SIZES)
def test_every_picture_of_the_world_is_drawn_in_every_panel_and_no_text_overlaps(opens: Opens, width: int, theme: str):
    one = opens(page()[1], width=width, theme=theme)

    tabs = one.page.locator("#dependence").get_by_role("tab")
    assert tabs.count() == 3
    for index in range(tabs.count()):
        tabs.nth(index).click()
        overlaps = one.page.evaluate(OVERLAPS)
        assert overlaps["found"] == [], index
        for name in WORLD:
            for chart in one.page.locator(f"#{name} [data-chart]:visible").all():
                assert chart.locator("svg path, svg line, svg rect").count() > 5, chart.get_attribute("data-chart")
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    assert one.errors == []
    assert [url for url in one.asked if not url.startswith(("file:", "data:"))] == []


def test_what_is_drawn_is_what_the_report_holds(opens: Opens):
    report, html = page()
    drawn = opens(html).page.evaluate(ROWS)
    blocks = [block for section in report.sections if section.name == "resources" for block in section.blocks]
    ladder = next(block for block in blocks if getattr(block, "kind", "") == "ladder")

    assert drawn["ladder-reko-diq"]["rungs"] == len(ladder.data["rungs"])  # type: ignore[union-attr]
    assert drawn["dependence-antimony-unwrought"]["shares"] == 13, "ten countries, two that are none, and all others"
    assert drawn["editions"]["older"] == drawn["editions"]["newer"] == drawn["editions"]["moved"]


@pytest.mark.parametrize("width", [1280, 390])
def test_a_rung_that_nobody_can_give_is_hatched_and_says_what_it_lacks(opens: Opens, width: int):
    one = opens(page()[1], width=width)

    said = one.page.locator("[data-chart=ladder-reko-diq] svg text").all_text_contents()
    text = " ".join(said)
    assert "unknown: needs transport" in text
    assert "rests on the rung" in text
    assert one.page.locator("[data-chart=ladder-reko-diq] svg path[stroke]").count() > 100, "slanting lines"


def test_steps_and_sources_stay_folded_until_they_are_opened(opens: Opens):
    one = opens(page()[1])
    steps = one.page.locator("#claims details.closed").last

    assert not steps.locator("table").is_visible()
    steps.locator("summary").click()
    assert steps.locator("table").is_visible()
    assert one.page.evaluate(OVERLAPS)["found"] == []


def test_on_paper_every_commodity_is_drawn(opens: Opens):
    one = opens(page()[1])
    one.page.emulate_media(media="print")
    one.page.evaluate("dispatchEvent(new Event('beforeprint'))")

    for name in ("antimony-unwrought", "copper-cathodes", "rare-earths-permanent-magnets"):
        assert one.page.locator(f"[data-chart=dependence-{name}] svg text").count() > 10, name
    assert one.errors == []
