"""Where the pages are, and how one of their code blocks is told from another."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def pages() -> list[Path]:
    """Every page a reader may open: those at the top of the repository, and all under docs."""
    found = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    return sorted(page for page in found if "_build" not in page.parts)


def name(page: Path) -> str:
    """A page's path from the top of the repository, as a test's id."""
    return page.relative_to(ROOT).as_posix()
