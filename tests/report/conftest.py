"""A Chromium for the tests of the page, taken from the system; missing is a skip, except where it is required."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tools.pictures import ARGS, chromium

import lodeline
from lodeline.report import Report, build
from lodeline.world.national import load_table
from tests.report.large import large_book


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for a module: until it ends, Playwright keeps an event loop in the thread, where others want their own."""
    program = chromium()
    if program is None:
        if os.environ.get("LODELINE_REQUIRE_SERVERS") == "1":
            pytest.fail("Chromium is required here (LODELINE_REQUIRE_SERVERS=1) and was not found")
        pytest.skip("needs a Chromium, and none was found; set LODELINE_CHROMIUM to one")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=ARGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of a made-up book of some two hundred lots with a refinery."""
    path = tmp_path_factory.mktemp("made-up") / "book.db"
    ticks = iter(range(10**6))
    clock = lambda: datetime(2027, 1, 1, tzinfo=UTC) + timedelta(seconds=next(ticks))  # noqa: E731
    with lodeline.create(path, title="A made-up book", by="test", clock=clock) as book:
        large_book(book, 200)
        return build(book.view(), load_table(None))


class Opened:
    """A page opened without a network, with all that it said and asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.asked: list[str] = []
        self.dialogs: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type in ("error", "warning") else None)
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))


Opens = Callable[..., Opened]


@pytest.fixture
def opens(browser: Browser, tmp_path: Path) -> Iterator[Opens]:
    """Opens HTML as a file, with networking off: ``opens(html, width=1280, theme="light")``."""
    contexts = []

    def opened(html: str, *, width: int = 1280, theme: str = "light") -> Opened:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce", offline=True
        )
        contexts.append(context)
        one = Opened(context.new_page())
        file = tmp_path / f"page-{len(contexts)}.html"
        file.write_text(html, encoding="utf-8")
        one.page.goto(file.as_uri())
        one.page.wait_for_function("window.lodeline !== undefined")
        return one

    yield opened
    for context in contexts:
        context.close()
