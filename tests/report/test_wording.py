"""Figures as a person reads them: never more digits than are known, unknown said as unknown."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.report.sheet import no_formula
from lodeline.report.wording import counted, key_of, link, listed, money, name, number, sentence, short, shortly, shown
from lodeline.units.figure import Figure, unknown


def figure(value: float | None, unit: str, *, u: float | None = None, standing: str = "measured", **limits: float):
    return Figure(value=value, u=u, unit=unit, standing=standing, **limits)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("of", "text"),
    [
        (figure(24_350.0, "KGM", u=12.0), "24.350 ± 0.012 t"),
        (figure(999.96, "KGM", u=0.5), "999.96 ± 0.50 kg"),
        (figure(0.0, "KGM"), "0 kg"),
        (figure(28_920.0, "TNE", standing="computed"), "28,900 t"),
        (figure(28_920.0, "TNE", standing="stated"), "28,920 t"),
        (figure(0.0034965, "P1"), "0.0035 %"),
        (figure(5e8, "USD", standing="stated"), "USD 500 million"),
        (figure(7.1e9, "USD", standing="stated"), "USD 7.1 billion"),
        (figure(9815.0, "USD", standing="stated"), "USD 9,815"),
        (figure(10.24, "USD/LBR", standing="stated"), "10.24 USD/lb"),
        (figure(3.0, "C62", standing="stated"), "3"),
        (unknown("KGM"), "unknown"),
        (figure(None, "P1", standing="bounded", low=0.0, high=3.0), "at most 3 %"),
        (figure(None, "P1", standing="bounded", low=3.1415, high=3.1425), "3.1415 to 3.1425 %"),
        # Nobody reads limits that differ in the eighth digit; what is shown of both is the same.
        (figure(None, "P1", standing="bounded", low=0.026348099, high=0.026348103), "0.026348 %"),
        (figure(None, "P1", standing="bounded", low=95.0), "at least 95 %"),
        (figure(None, "TNE", standing="bounded", low=700.0, high=740.0), "700 to 740 t"),
    ],
)
def test_a_figure_reads_as_it_is_known(of: Figure, text: str):
    assert shown(of) == text


@given(st.floats(min_value=1e-9, max_value=1e15))
def test_three_significant_digits_are_within_half_a_percent(value: float):
    assert float(number(value).replace(",", "")) == pytest.approx(value, rel=0.005000001)


@given(st.floats(min_value=1e-6, max_value=1e12), st.floats(min_value=1e-6, max_value=1e9))
def test_rounding_by_the_uncertainty_stays_within_a_twentieth_of_it(value: float, u: float):
    assert abs(float(number(value, u).replace(",", "")) - value) <= 0.0501 * u + 1e-9 * value


@given(st.text(max_size=300))
def test_foreign_text_has_no_control_character_left(text: str):
    shown_text = name(text).text + sentence(text).text + short(text)

    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0x202A <= ord(c) <= 0x202E for c in shown_text)


@given(st.text(max_size=200), st.text(max_size=200))
def test_two_identifiers_have_two_keys(a: str, b: str):
    assert (key_of(a) == key_of(b)) == (a == b)


@given(st.text(max_size=60))
def test_no_cell_of_a_sheet_starts_a_formula(text: str):
    assert not no_formula(text).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


def test_words_of_numbers_and_lists():
    assert [counted(n, "lot") for n in (0, 1, 1200)] == ["no lots", "1 lot", "1,200 lots"]
    assert sentence(*listed(["a", "b", "c"])).text == "a, b and c"
    assert money(Decimal("60000000000"), "USD") == "USD 60 billion"


def test_only_web_addresses_become_links():
    assert link("https://www.example.org/a/b").href == "https://www.example.org/a/b"
    assert link("https://www.example.org/a/b").text == "example.org"
    assert link("doi:10.5066/P1WKQ63T").href == "https://doi.org/10.5066/P1WKQ63T"
    for address in ("javascript:alert(1)", "data:text/html,x", "https://a\u202eb", "//host/path", "(reprint of Dawn)"):
        assert link(address).href == ""


def test_a_sentence_names_places_as_master_data_do_and_other_long_identifiers_by_their_end():
    lot, place = "https://id.example.org/of/a/programme/lot/ore-1", "https://id.example.org/of/a/programme/site/mill"
    said = f"Assay lot {lot} as it was received at {place} for Sb, or {lot}."

    assert shortly(said, {place: "The mill"}) == (
        "Assay lot …lot/ore-1 as it was received at The mill for Sb, or …lot/ore-1."
    )
    assert shortly("Weigh lot urn:example:lot:1.", {}) == "Weigh lot urn:example:lot:1."
