"""Foreign text cannot reach a terminal with its controls alive."""

import json

from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors.visible import visible, visible_json

HAZARDS = "\x1b\x07\x9b\u202e\u2066\u200f\u2028\ufeff\ud800\U000e0041\r\n"


@given(st.text() | st.text(alphabet=HAZARDS + "ab"))
def test_no_hazard_survives(text):
    assert not set(visible(text, limit=10_000)) & set(HAZARDS)


def test_plain_words_are_left_alone():
    assert visible("Fredericktown, Missouri – 95 % Sb₂O₃") == "Fredericktown, Missouri – 95 % Sb₂O₃"


def test_a_cut_names_the_whole_length():
    assert visible("x" * 1_000_000) == "x" * 200 + "… (1,000,000 characters)"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_json_keeps_its_value(text):
    shown = visible_json(json.dumps({"a": text}, ensure_ascii=False))
    assert json.loads(shown) == {"a": text}
    assert not set(shown) & set("\x1b\x07\x9b\u202e\u2028")
