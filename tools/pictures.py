"""Draws the demo's report as a reader sees it: light and dark, on a desk and on a phone, with networking off."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "build" / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTHS = {"desk": 1280, "phone": 390}


def main() -> None:
    """Build the demo, then write one PNG for each width and colour scheme."""
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser_path is None:
        sys.exit("lodeline: no Chromium was found; install one (Debian: apt-get install chromium)")
    demo = OUT / "demo"
    subprocess.run([Path(sys.executable).with_name("lodeline"), "demo", "--dir", demo], check=True, stdout=sys.stderr)
    # Chromium keeps no sandbox for root.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=options)
        for size, width in WIDTHS.items():
            for scheme in ("light", "dark"):
                context = browser.new_context(
                    viewport={"width": width, "height": 900},
                    color_scheme="light" if scheme == "light" else "dark",
                    reduced_motion="reduce",
                    offline=True,
                )
                page = context.new_page()
                page.goto((demo / "first-shipment.html").as_uri())
                page.wait_for_load_state("networkidle")
                # The charts draw themselves in after the page has loaded.
                page.wait_for_timeout(1_500)
                picture = OUT / f"report-{size}-{scheme}.png"
                page.screenshot(path=picture, full_page=True)
                print(picture.relative_to(ROOT))
                context.close()
        browser.close()


if __name__ == "__main__":
    main()
