"""A file that a user names is there to read, or it is not; nothing that can be typed is a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from lodeline.errors import LodelineError, NotFoundError
from lodeline.world.dependence.supply_risk_file import read_risk_file
from lodeline.world.files import readable
from lodeline.world.governance.score import read_scores, scores_named
from lodeline.world.resources.deposit import read_deposits
from lodeline.world.resources.grade_tonnage import read_grade_tonnage
from lodeline.world.resources.operations import read_operations
from lodeline.world.statistics import edition, importers, shelf

ODD = ["x" * 3_000, "zero\0byte", ".", "not-there.csv"]


@pytest.mark.parametrize("name", ODD)
def test_a_name_that_no_file_has_is_none(name: str):
    assert not readable(Path(name))


def test_a_file_is_readable(tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_text("", encoding="utf-8")

    assert readable(path)


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize(
    "read",
    [
        edition.read,
        shelf.edition,
        importers.import_file,
        read_scores,
        scores_named,
        read_risk_file,
        read_deposits,
        read_grade_tonnage,
        read_operations,
    ],
)
def test_every_reader_refuses_it(read, name: str):
    with pytest.raises(LodelineError) as refusal:
        read(name)

    assert isinstance(refusal.value, NotFoundError)
