"""What must hold of the repository as a whole: links, the changelog, and nothing of the place where it was written."""

from __future__ import annotations

import re
import subprocess

import pytest

from lodeline.version import __version__
from tests.docs.pages import ROOT, name, pages

LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)|!\[[^\]]*\]\((?P<picture>[^)\s]+)\)")
FENCED = re.compile(r"^( *)(`{3,}).*?^\1\2`*$", re.MULTILINE | re.DOTALL)

# Written in two halves, so that this file does not hold what it looks for.
OF_ONE_PLACE = ["/wo" + "rk/", "/ro" + "ot/", "registry.npm" + "js", "pypi" + ".org", "python" + "hosted"]


def tracked() -> list[str]:
    """Files that git holds or would take."""
    listed = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listed, cwd=ROOT, capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"git cannot list this checkout: {done.stderr.decode().strip()}")
    return [path for path in done.stdout.decode().split("\0") if path and (ROOT / path).is_file()]


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_link_to_a_file_leads_to_one(page):
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    targets = [match["target"] or match["picture"] for match in LINK.finditer(text)]
    files = [target.partition("#")[0] for target in targets if "://" not in target and not target.startswith("#")]

    # The tables of codes are read as part of the page one folder up.
    folder = page.parent.parent if page.parent.suffix == ".d" else page.parent

    assert [file for file in files if not (folder / file).exists()] == []


def test_no_file_names_the_place_where_it_was_written():
    named = [
        f"{path}: {word}" for path in tracked() for word in OF_ONE_PLACE if word.encode() in (ROOT / path).read_bytes()
    ]

    assert named == []


def test_the_changelog_has_a_section_for_what_is_released_next():
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert headings[0] == "Unreleased" or headings[0].startswith(__version__)


def test_what_runs_in_ci_may_be_executed():
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
