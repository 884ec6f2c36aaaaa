"""A page of the demo as pictures: two widths, light and dark, and on paper, into build/pictures (or a named folder).

    python tools/pictures.py [PAGE.html [FOLDER]]

Chromium is taken from LODELINE_CHROMIUM, else from the usual places of the system; nothing is downloaded.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
WIDTHS = {"wide": 1280, "narrow": 390}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """The system's Chromium, or None where there is none."""
    named = os.environ.get("LODELINE_CHROMIUM")
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return named or next((path for path in found if path), None)


def take(browser: Browser, page_file: Path, folder: Path) -> list[Path]:
    """Pictures of the whole page; returns their paths."""
    taken = []
    for size, width in WIDTHS.items():
        for theme in THEMES:
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=theme, offline=True, device_scale_factor=1
            )
            page = context.new_page()
            page.goto(page_file.resolve().as_uri())
            page.wait_for_function("window.lodeline !== undefined")
            path = folder / f"{page_file.stem}-{size}-{theme}.png"
            page.screenshot(path=path, full_page=True)
            taken.append(path)
            if (size, theme) == ("wide", "light"):
                taken += closer(page, page_file.stem, folder)
            context.close()
    return taken


def closer(page: Page, name: str, folder: Path) -> list[Path]:
    """The sections that have panels, one picture for each panel; and the whole page on paper."""
    taken = []
    for section in page.locator("section[id]:has([data-choice])").all():
        where = section.get_attribute("id")
        for choice in section.locator("[data-choice]").all():
            for tab in choice.locator("[role=tab]").all():
                tab.click()
                said = re.sub(r"\W+", "-", tab.inner_text()).strip("-").lower()
                taken.append(folder / f"{name}-{where}-{said}.png")
                choice.screenshot(path=taken[-1])
    taken.append(folder / f"{name}.pdf")
    page.pdf(path=taken[-1], format="A4", print_background=True)
    return taken


def main() -> None:
    page_file = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "demo" / "first-shipment.html"
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "build" / "pictures"
    program = chromium()
    if program is None:
        sys.exit(
            "pictures: no Chromium was found; install one (Debian: apt-get install chromium), then run this again."
        )
    if not page_file.is_file():
        sys.exit(f"pictures: {page_file} is not there; run `make demo` first.")
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGS)
        for path in take(browser, page_file, folder):
            print(path)
        browser.close()


if __name__ == "__main__":
    main()
