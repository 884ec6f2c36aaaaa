"""The page in a browser without a network: every chart draws its data, no text overlaps, nothing foreign runs."""

from __future__ import annotations

import zipfile
from functools import cache
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser

from lodeline.report import Report, build, to_html
from lodeline.report.build import report_of
from lodeline.world.national import load_table
from tests.report.books import PROGRAMME, given, scattered, weighed
from tests.report.conftest import Opens
from tests.report.hostile import HOSTILE, hostile_book
from tests.report.metal import reconciliation
from tests.report.paper import marks, sheets
from tests.report.two_ends import two_ends

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZES = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]

# Texts of each chart, the blocks of the page, and which of them lie on each other by more than a pixel.
OVERLAPS = """
() => {
  const found = [];
  const lies = (a, b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  const shown = (node) => { const r = node.getBoundingClientRect(); return r.width > 0 && r.height > 0; };
  const check = (nodes, where) => {
    const boxes = nodes.filter(shown).map((node) => ({ node, box: node.getBoundingClientRect() }));
    for (let i = 0; i < boxes.length; i += 1) {
      for (let j = i + 1; j < boxes.length; j += 1) {
        const [a, b] = [boxes[i], boxes[j]];
        if (a.node.contains(b.node) || b.node.contains(a.node)) continue;
        if (lies(a.box, b.box)) {
          found.push(`${where}: ${a.node.textContent.slice(0, 40)} | ${b.node.textContent.slice(0, 40)}`);
        }
      }
    }
    return boxes.length;
  };
  let texts = 0;
  for (const chart of document.querySelectorAll("[data-chart]")) {
    texts += check([...chart.querySelectorAll("svg text")], chart.dataset.chart);
    const frame = chart.getBoundingClientRect();
    for (const text of chart.querySelectorAll("svg text")) {
      const box = text.getBoundingClientRect();
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1) {
        found.push(`${chart.dataset.chart}: cut off: ${text.textContent}`);
      }
    }
  }
  // The strip that stays over a made-up book lies on whatever is under it, and hides nothing for long.
  const texts_of = "h1, h2, h3, p:not(.every-page), dt, dd, figcaption, caption";
  const blocks = `${texts_of}, .chart, summary, .legend, .card, .rank > li`;
  const open = (node) => node.matches("summary") || !node.closest("details:not([open])");
  texts += check([...document.querySelectorAll(blocks)].filter(open), "page");
  for (const table of document.querySelectorAll("table")) texts += check([...table.querySelectorAll("td")], "cells");
  return { found, texts };
}
"""


@cache
def page_of(kind: str) -> tuple[Report, str]:
    book = {
        "first shipment": lambda: given(),
        "weighed": lambda: given(weighed()),
        "hostile": hostile_book,
        "reconciled": lambda: msgspec.structs.replace(given(weighed()), reconciled=reconciliation()),
        "many places": lambda: given(moves=scattered()),
        "nothing": lambda: given((), programme=type(PROGRAMME)(), moved=False),
    }[kind]
    report = report_of(book())
    return report, to_html(report)


@pytest.mark.parametrize(("width", "theme"), SIZES)
@pytest.mark.parametrize("kind", ["first shipment", "weighed"])
def test_every_chart_draws_its_data_and_no_text_overlaps(opens: Opens, kind: str, width: int, theme: str):
    report, html = page_of(kind)
    one = opens(html, width=width, theme=theme)

    drawn = {chart["name"]: chart for chart in one.page.evaluate("lodeline.charts()")}
    series = {name: [s for s in chart["option"]["series"] if s["data"]] for name, chart in drawn.items()}
    assert set(drawn) == {"pledged", "route", "point", "editions"}
    assert len(series["route"][0]["data"]) == 1, "one leg"
    assert sorted(p["name"] for p in series["route"][-1]["data"]) == ["Missouri", "Pakistan"]
    assert [bar["value"] for bar in series["pledged"][0]["data"]] == [500_000_000, 500_000_000]
    points = {s["name"]: [round(p["value"][0], 2) for p in s["data"]] for s in series["point"]}
    figures = report.figures
    named = ["Sb/from PAK", "Cu/from PAK", "Nd/from PAK"]
    assert list(points.values()) == [
        [round(figures[f"national/{key}/{field}"].value or 0, 2) for key in named]
        for field in ("rival_point", "reliance_point")
    ]
    for name in drawn:
        shapes = one.page.locator(f"[data-chart={name}] svg path").count()
        assert shapes > 5, f"{name} is blank"

    overlaps = one.page.evaluate(OVERLAPS)
    assert overlaps["texts"] > 60
    assert overlaps["found"] == []
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    assert one.errors == []
    assert [url for url in one.asked if not url.startswith(("file:", "data:"))] == []


def test_the_check_for_overlaps_can_fail(opens: Opens):
    one = opens(page_of("first shipment")[1])
    one.page.evaluate("document.querySelector('h2').style.marginBottom = '-40px'")

    assert one.page.evaluate(OVERLAPS)["found"] != []


@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_text_neither_runs_nor_breaks_the_page(opens: Opens, width: int):
    _, html = page_of("hostile")
    one = opens(html, width=width)

    assert one.dialogs == []
    assert one.page.evaluate("window.pwned === undefined")
    assert one.errors == []
    assert one.page.evaluate("document.scripts.length") == 2
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    assert one.page.evaluate(OVERLAPS)["found"] == []
    text = one.page.evaluate("document.body.textContent")
    assert "<script>alert(1)</script>" in text, "shown as what it is"
    assert not any(mark in text for mark in HOSTILE["bidi"])
    assert len(html) < 1_500_000, "a megabyte of foreign text is cut, with its length named"


@pytest.mark.parametrize("width", [1280, 390])
def test_names_of_many_places_give_way_to_each_other(opens: Opens, width: int):
    one = opens(page_of("many places")[1], width=width)

    route = next(chart for chart in one.page.evaluate("lodeline.charts()") if chart["name"] == "route")
    assert len(route["option"]["series"][-1]["data"]) == 20
    assert one.page.locator("[data-chart=route] svg text").count() >= 2, "some names are left"
    assert one.page.evaluate(OVERLAPS)["found"] == []
    assert one.errors == []


def test_the_switch_turns_page_and_charts(opens: Opens):
    one = opens(page_of("first shipment")[1])
    land = "document.querySelector('[data-chart=route] svg path[fill]').getAttribute('fill')"
    colours = f"[getComputedStyle(document.body).backgroundColor, {land}]"
    before = one.page.evaluate(colours)
    one.page.click("[data-theme-switch]")
    after = one.page.evaluate(colours)

    assert before[0] != after[0]
    assert before[1] != after[1]
    assert one.page.get_attribute("[data-theme-switch]", "aria-pressed") == "true"
    assert one.errors == []


def test_paper_is_light_whatever_the_screen_was(opens: Opens):
    one = opens(page_of("first shipment")[1], theme="dark")
    one.page.emulate_media(media="print")
    one.page.evaluate("dispatchEvent(new Event('beforeprint'))")

    assert one.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    bar = "document.querySelector('[data-chart=pledged] svg path[fill=\\'#0f5b78\\']')"
    assert one.page.evaluate(f"{bar} !== null"), "the charts are drawn anew in the colours of paper"
    assert not one.page.locator("[data-theme-switch]").is_visible()


def test_a_book_that_holds_nothing_has_a_page(opens: Opens):
    one = opens(page_of("nothing")[1])

    assert one.errors == []
    assert one.page.evaluate("lodeline.charts()") == []
    assert "The book holds no lot" in one.page.evaluate("document.body.textContent")


def test_charts_stand_beside_tables_and_say_what_they_show(opens: Opens):
    one = opens(page_of("first shipment")[1])

    for chart in one.page.locator("figure").all():
        assert len(chart.locator("[role=img]").get_attribute("aria-label") or "") > 30
        assert chart.locator("table tbody tr").count() > 0


def test_the_unknown_is_drawn_and_the_known_stands_out(opens: Opens):
    unknown = opens(page_of("first shipment")[1]).page
    known = opens(page_of("weighed")[1]).page

    assert unknown.locator(".matrix td.is-unknown").count() == 3 * 3 + 1 + 1 + 2
    assert known.locator(".matrix td.is-unknown").count() < unknown.locator(".matrix td.is-unknown").count()
    hatch = unknown.locator(".matrix td.is-unknown").first.evaluate("node => getComputedStyle(node).backgroundImage")
    assert "repeating-linear-gradient" in hatch


BANDS = """
() => lodeline.charts().filter((chart) => chart.kind === "stages").map((chart) => {
  const [series] = chart.option.series;
  const add = (end) => (all, link) => ({ ...all, [link[end]]: (all[link[end]] ?? 0) + link.value });
  const sum = (end) => series.links.reduce(add(end), {});
  return { name: chart.name, nodes: series.data.length, into: sum("target"), out: sum("source") };
})
"""


@pytest.mark.parametrize(("width", "theme"), SIZES)
def test_metal_by_stage_is_drawn_and_every_node_closes(opens: Opens, made_up: Report, width: int, theme: str):
    one = opens(to_html(made_up), width=width, theme=theme)

    drawn = {chart["name"]: chart for chart in one.page.evaluate(BANDS)}
    assert set(drawn) == {"stages-Sb", "stages-Au"}
    for name, chart in drawn.items():
        element = name.removeprefix("stages-")
        bands = [figure for key, figure in made_up.figures.items() if key.startswith(f"stages/{element}/")]
        assert sum(chart["out"].values()) == pytest.approx(sum(figure.value or 0 for figure in bands))
        for node in chart["into"].keys() & chart["out"].keys():
            assert chart["into"][node] == pytest.approx(chart["out"][node], rel=1e-9), node
    assert one.page.locator("[data-chart=stages-Sb] svg path").count() >= 2 * drawn["stages-Sb"]["nodes"] - 2
    assert one.page.locator("[data-chart=stages-Au] svg").count() == 0, "another tab is drawn when it is chosen"

    for tab in ("Antimony (Sb)", "Gold (Au)"):
        one.page.locator("#stages").get_by_role("tab", name=tab).click()
        overlaps = one.page.evaluate(OVERLAPS)
        assert overlaps["found"] == [], tab
        assert overlaps["texts"] > 60
    assert one.page.locator("[data-chart=stages-Au] svg text").count() > 10
    assert not one.page.locator("[data-chart=stages-Sb]").is_visible()
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    assert one.errors == []
    assert [url for url in one.asked if not url.startswith(("file:", "data:"))] == []


RECONCILED = ("reconciled", "closure", "assays", "instruments")


@pytest.mark.parametrize(("width", "theme"), SIZES)
def test_a_reconciled_book_is_drawn_in_every_panel_and_no_text_overlaps(opens: Opens, width: int, theme: str):
    one = opens(page_of("reconciled")[1], width=width, theme=theme)

    for name in RECONCILED:
        tabs = one.page.locator(f"#{name}").get_by_role("tab")
        for index in range(tabs.count()):
            tabs.nth(index).click()
            overlaps = one.page.evaluate(OVERLAPS)
            assert overlaps["found"] == [], (name, index)
            for chart in one.page.locator(f"#{name} .panel:not(.off) [data-chart]").all():
                assert chart.locator("svg path").count() > 5, chart.get_attribute("data-chart")
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    assert one.errors == []
    assert [url for url in one.asked if not url.startswith(("file:", "data:"))] == []


def test_a_control_chart_draws_known_periods_hatches_unknown_ones_and_marks_alarms(opens: Opens):
    one = opens(page_of("reconciled")[1])
    drawn = {chart["name"]: chart["option"]["series"] for chart in one.page.evaluate("lodeline.charts()")}
    names = [name for name in drawn if name.startswith("closure-Sb")]
    series = [{part["name"]: part["data"] for part in drawn[name]} for name in names]

    mill, works = series
    assert [point["value"] for point in mill["missing"]] == [[0, 1.0], [2, pytest.approx(2.8)], [3, 8.0]]
    assert mill["missing"][-1]["symbol"] == "triangle", "further out than the chart reaches"
    assert [point["value"] for point in mill["alarms"]] == [[3, 11.8]]
    assert mill["loss"] == [0.5, 0.5, 2.8, 11.8], "a period without a value leaves the sum as it is"
    assert mill["unknown"] == []
    assert [point["value"][0] for point in works["missing"]] == [0, 2]
    assert works["unknown"] == [[1, 0], [3, 0]]
    assert works["from one to the next"] == [], "no line leads over what is unknown"
    assert len(mill["from one to the next"]) == 2, "one leads over a period that a later value covers"
    texts = one.page.locator("#closure svg text").all_text_contents()
    assert "limit" in texts


def test_accounts_assays_and_instruments_draw_the_numbers_of_the_book(opens: Opens):
    one = opens(page_of("reconciled")[1])
    charts = one.page.evaluate("lodeline.charts()")
    drawn = {chart["name"]: {part["name"]: part["data"] for part in chart["option"]["series"]} for chart in charts}

    # Of the mill, in tonnes: what came is reconciled, 2,990 kg, and the dashes are what was recorded.
    assert [bar["value"] for bar in drawn["account-Sb"]["in"]] == [2.99, 0.0, 0.0, 0.0]
    assert drawn["account-Sb"]["recorded"] == [[0, 3.0], [0, -2.0]]
    pairs = drawn["assays-Sb"]["one against the other"]
    assert [[round(number, 1) for number in point["value"]] for point in pairs] == [
        [50.0, 50.4],
        [51.0, 50.2],
        [49.0, 54.0],
        [52.0, 52.5],
    ]
    assert drawn["assays-Sb"]["the same"] == [[47.5, 55.5]]
    marks = drawn["instruments-scales"]["estimates"]
    assert sorted(round(mark["value"][0], 2) for mark in marks) == [0.0, 0.02, 0.31]
    assert sum(mark["symbol"] == "diamond" for mark in marks) == 1


def test_a_small_book_is_drawn_as_it_is_reconciled(opens: Opens, tmp_path: Path):
    with two_ends(tmp_path / "book.db") as book:
        one = opens(to_html(build(book.view(), load_table(None))))

    kinds = {chart["kind"] for chart in one.page.evaluate("lodeline.charts()")}
    assert {"account", "closure", "assays", "instruments"} <= kinds
    for name in RECONCILED:
        assert one.page.locator(f"#{name} svg path").count() > 10
        assert one.page.evaluate(OVERLAPS)["found"] == []
    assert one.errors == []


def test_on_paper_every_panel_of_a_reconciled_book_is_drawn(opens: Opens):
    one = opens(page_of("reconciled")[1])
    pages = sheets(one.page.pdf(format="A4", print_background=True))
    one.page.emulate_media(media="print")
    one.page.evaluate("dispatchEvent(new Event('beforeprint'))")

    assert len(pages) > 5
    for name in RECONCILED:
        for chart in one.page.locator(f"#{name} [data-chart]").all():
            assert chart.locator("svg").is_visible(), chart.get_attribute("data-chart")


def test_tabs_follow_the_arrow_keys(opens: Opens, made_up: Report):
    one = opens(to_html(made_up))
    one.page.locator("#stages").get_by_role("tab", name="Antimony (Sb)").focus()
    one.page.keyboard.press("ArrowRight")

    assert one.page.locator("#stages").get_by_role("tab", name="Gold (Au)").get_attribute("aria-selected") == "true"
    assert one.page.locator("[data-chart=stages-Au]").is_visible()
    one.page.keyboard.press("ArrowRight")
    assert one.page.locator("[data-chart=stages-Sb]").is_visible()


def test_without_its_script_every_element_stands_as_a_table(browser: Browser, made_up: Report, tmp_path: Path):
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    file = tmp_path / "still.html"
    file.write_text(to_html(made_up), encoding="utf-8")
    page.goto(file.as_uri())

    for element in ("Antimony (Sb)", "Gold (Au)"):
        assert page.locator("#stages").get_by_role("heading", name=element, exact=True).is_visible()
    assert page.locator("#stages details > summary").count() == 2
    assert page.locator("#stages table").count() == 2
    context.close()


def test_on_paper_every_element_is_drawn_and_every_page_is_marked(opens: Opens, made_up: Report):
    one = opens(to_html(made_up))
    pages = sheets(one.page.pdf(format="A4", print_background=True))
    one.page.emulate_media(media="print")
    one.page.evaluate("dispatchEvent(new Event('beforeprint'))")

    for name in ("Sb", "Au"):
        assert one.page.locator(f"[data-chart=stages-{name}] svg").is_visible()
    assert len(pages) > 5
    assert [marks(sheet) for sheet in pages] == [(True, True)] * len(pages)
    real = sheets(opens(page_of("weighed")[1]).page.pdf(format="A4", print_background=True))
    assert [marks(sheet) for sheet in real] == [(False, False)] * len(real)


def test_a_sheet_is_saved_by_a_click(opens: Opens, made_up: Report):
    one = opens(to_html(made_up))
    with one.page.expect_download() as download:
        one.page.locator("#movements a.sheet").last.evaluate("link => link.click()")

    assert download.value.suggested_filename.endswith(".zip")
    with zipfile.ZipFile(download.value.path()) as file:
        (name,) = file.namelist()
        assert name.endswith(".csv")
        assert file.read(name).decode("utf-8-sig").startswith('"Illustrative: ')
