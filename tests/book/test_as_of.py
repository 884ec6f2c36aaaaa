"""A report as of entry n is the report of a book that holds only the first n entries."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lodeline
from lodeline.examples.first_shipment import TITLE, first_shipment
from lodeline.report import build, to_json
from lodeline.world.national import load_table

TABLE = load_table(None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The first-shipment book, and a folder for books cut from it."""
    made = tmp_path_factory.mktemp("as_of")
    with lodeline.create(made / "whole.db", title=TITLE, by="test") as book:
        first_shipment().build(book)
    return made


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1))
def test_the_report_as_of_an_entry_is_that_of_a_book_that_ends_there(folder, share):
    with lodeline.open(folder / "whole.db", read_only=True) as whole:
        entry = round(share * whole.head().seq)
        cut, exported = folder / f"cut-{entry}.db", folder / f"cut-{entry}.lodeline"
        if not cut.exists():
            whole.export(exported, as_of=entry)
            lodeline.import_book(exported, cut).close()
        with lodeline.open(cut, read_only=True) as only:
            assert only.head() == whole.head(entry)
            assert to_json(build(only.view(), TABLE)) == to_json(build(whole.view(entry), TABLE))
