"""The reference of the account lists every line as the code has it."""

from __future__ import annotations

from lodeline.metal.balance.account import MAIN, NAMES, SPECS, page
from tests.docs.pages import DOCS


def test_the_table_of_lines_is_the_one_the_code_makes():
    text = (DOCS / "reference" / "balance.md").read_text(encoding="utf-8")

    assert text.endswith("<!-- lines: made by lodeline.metal.balance.account.page -->\n\n" + page())


def test_every_part_is_of_a_line_of_the_sum_and_no_name_stands_twice():
    assert all(one.of in MAIN for one in SPECS if one.of)
    assert all(one.sign == 0 for one in SPECS if one.of)
    assert len(set(NAMES)) == len(NAMES)
