"""Assets: the script and the style sheet a page carries inline, built from ``frontend/`` and not committed."""

from __future__ import annotations

from importlib import resources

from lodeline.errors import InputError


def asset(name: str) -> str:
    """The text of a built asset.

    Raises:
        InputError: ``report.assets_missing``.
    """
    resource = resources.files("lodeline.report") / "assets" / name
    if not resource.is_file():
        raise InputError(
            "report.assets_missing",
            "The page's script and style sheet have not been built; run `make assets`, or install a built wheel.",
            asset=name,
        )
    return resource.read_text(encoding="utf-8")
