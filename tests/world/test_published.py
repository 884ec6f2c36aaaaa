"""A cell reads as what it means, or is refused with its line; unknown is never 0, and a limit stays a limit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.world.statistics.edition import shipped
from lodeline.world.statistics.published import UNITS, Published, composed, published, unit_of, unit_words

units = st.sampled_from(sorted(UNITS))
numbers = st.decimals(min_value=0, max_value=10**12, places=2, allow_nan=False, allow_infinity=False)
whole = st.integers(min_value=0, max_value=10**12)
IF_NEGATIVE = "Defined as change in total inventory. If negative, increase in inventory."


def read(cell: str, unit: str = "metric tons", measure: str = "imports", note: str = "") -> Published:
    return published(cell, UNITS[unit], measure=measure, line=7, note=note)


@given(number=numbers | whole, unit=units, blanks=st.sampled_from(["", " ", "\u00a0"]))
def test_a_number_is_itself_with_or_without_commas_in_every_unit(number: Decimal | int, unit: str, blanks: str):
    wanted = Decimal(number) * UNITS[unit].factor

    for cell in (f"{number:,}", f"{number}"):
        got = read(f"{blanks}{cell}{blanks}", unit)
        assert got == Published(wanted, None, None, UNITS[unit].code, "")


@given(number=whole, unit=units)
def test_more_and_less_than_are_limits_and_not_values(number: int, unit: str):
    end = number * UNITS[unit].factor

    assert read(f">{number:,}", unit)[:3] == (None, end, None)
    assert read(f"<{number:,}", unit)[:3] == (None, Decimal(0), end)


@given(ends=st.tuples(whole, whole).map(sorted), dash=st.sampled_from(["–", "-", " – ", " - "]))
def test_a_range_is_two_limits_in_order_or_refused(ends: list[int], dash: str):
    low, high = ends
    assert read(f"{low:,}{dash}{high:,}")[1:3] == (low, high)

    if low != high:
        with pytest.raises(InputError):
            read(f"{high:,}{dash}{low:,}")


@given(unit=units)
def test_less_than_half_a_unit_is_half_the_published_unit_at_most(unit: str):
    assert read("s", unit)[:3] == (None, Decimal(0), UNITS[unit].factor / 2)


@pytest.mark.parametrize("cell", ["W", "NA", "XX", "", "Large", "Moderate to large", "Variable, depending on type"])
def test_what_is_not_told_has_neither_value_nor_limits(cell: str):
    got = read(cell)

    assert got[:3] == (None, None, None)
    assert got.qualifier in ("W", "NA", "XX", "blank", "text")


def test_only_an_em_dash_is_zero():
    assert read("—").value == 0
    for cell in ("–", "-", "--", "0,0", "nil", "?", "O"):
        with pytest.raises(InputError):
            read(cell)


def test_a_lost_minus_sign_is_read_where_the_footnote_says_what_it_would_mean():
    """Stocks of tantalum that grew by 10 t: in cp1252 the minus sign became a question mark."""
    assert read("?10", note=IF_NEGATIVE)[0] == -10
    assert read("−10", note=IF_NEGATIVE).qualifier == "minus"
    for cell in ("?10", "-10", "−10"):
        with pytest.raises(InputError):
            read(cell)


def test_a_net_exporter_is_one_only_in_a_line_of_net_import_reliance():
    assert read("E", "percent", "net-import-reliance")[:3] == (None, None, Decimal(0))
    with pytest.raises(InputError):
        read("E", "percent", "import-share")


@given(cell=st.text(max_size=12), unit=units, measure=st.sampled_from(["imports", "net-import-reliance", "price"]))
@example(cell="1,05", unit="percent", measure="imports")
@example(cell="١٢", unit="percent", measure="imports")
@example(cell="1e3", unit="percent", measure="imports")
@example(cell="NaN", unit="percent", measure="imports")
def test_any_cell_reads_as_what_it_means_or_is_refused_with_its_line(cell: str, unit: str, measure: str):
    try:
        got = read(cell, unit, measure)
    except InputError as refusal:
        assert (refusal.code, refusal.where["line"]) == ("world.usgs_value", 7)  # noqa: PT017
        return
    assert got.unit == UNITS[unit].code
    assert got.value is not None or got.qualifier
    if got.value == 0:
        assert cell.strip() == "—" or set(cell.strip()) <= set("0.,")
    for number in got[:3]:
        assert number is None or (number.is_finite() and number >= 0)


@given(
    digits=st.text("0123456789", min_size=1, max_size=6), at=st.integers(0, 6), extra=st.sampled_from("xeE/*$%~'\"\t;")
)
def test_a_digit_too_many_is_a_number_and_a_slip_of_the_pen_is_not(digits: str, at: int, extra: str):
    slipped = f"{digits[:at]}{extra}{digits[at:]}"
    if slipped.strip().isdigit():  # A tab at an end is a blank.
        return
    with pytest.raises(InputError):
        read(slipped)


@pytest.mark.parametrize(
    ("text", "code", "factor"),
    [
        ("kilograms", "TNE", "0.001"),
        ("million metric tons", "TNE", "1000000"),
        (" thousands of carats", "TNE", "0.0002"),  # 1,000 carats of 0.2 g are 200 g.
        ("million cubic meters", "MTQ", "1000000"),
        ("dollars per troy ounce", "USD/APZ", "1"),
        ("cents per pound", "USD/LBR", "0.01"),
        ("dollars per 50 grams", "USD/GRM", "0.02"),
        ("dollars per dry metric ton unit", "USD/KGM", "0.1"),  # A unit is 10 kg.
    ],
)
def test_a_unit_has_its_code_and_an_exact_factor(text: str, code: str, factor: str):
    assert unit_of(text, 2) == (code, Decimal(factor))


@pytest.mark.parametrize("text", sorted(text for text in UNITS if composed(text) is not None))
def test_a_unit_of_the_table_is_what_its_words_make_it(text: str):
    """A second route: the number and the unit, each by itself."""
    assert composed(text) == UNITS[text]


def test_a_unit_that_no_edition_had_is_read_by_its_words():
    assert unit_of("billion cubic meters", 2) == ("MTQ", Decimal(1_000_000_000))
    assert unit_of("thousand kilograms", 2) == ("TNE", Decimal(1))
    assert len([text for text in UNITS if composed(text) is not None]) > 10
    assert composed("furlongs") is None


def test_a_unit_that_is_not_known_is_refused_with_the_nearest():
    with pytest.raises(InputError) as refusal:
        unit_of("metric tonnes", 9)

    assert (refusal.value.code, refusal.value.where["line"]) == ("world.usgs_unit", 9)
    assert "metric tons" in str(refusal.value)


def test_a_range_of_a_price_in_words_is_found_as_its_unit():
    assert unit_words("Price, average, dollars per metric ton: Ilmenite") == ["dollars per metric ton"]
    assert unit_words("Imports: Metals") == []


@pytest.mark.parametrize(
    ("note", "unit", "high", "qualifier"),
    [
        ("", "metric tons", "0.5", "s"),
        ("Less than \N{VULGAR FRACTION ONE HALF} unit.", "metric tons", "0.5", "s"),
        ("Estimated. -- Less than \N{VULGAR FRACTION ONE HALF}unit.", "thousand metric tons", "500", "s"),
        ("Less than 1/2 unit", "kilograms", "0.0005", "s"),
        ("Less than 500 carats.", "million carats", "0.0001", "s"),
        ("Less than 100,000 tons.", "million metric tons", "100000", "s"),
        ("See Appendix C. -- Included in World total.", "metric tons", None, "elsewhere"),
        ("Rutile production and reserves data are included with ilmenite.", "metric tons", None, "elsewhere"),
        ("Large unreported investor stock purchases preclude calculation.", "percent", None, "noted"),
    ],
)
def test_the_mark_s_is_a_limit_only_where_its_footnote_says_so(note: str, unit: str, high: str | None, qualifier: str):
    """USGS has one letter for every footnote in the place of a figure: gold of 2025, graphite of Ukraine."""
    found = read("s", unit, "reserves", note)

    assert (found.value, found.qualifier) == (None, qualifier)
    assert found.high == (None if high is None else Decimal(high))
    assert found.low == (None if high is None else 0)


@pytest.mark.parametrize(
    ("key", "qualifier"),
    [
        ("usgs-mcs-2026:gold:USA:net-import-reliance:of-reported-consumption:2025", "noted"),
        ("usgs-mcs-2026:graphite-natural:UKR:reserves::2025", "elsewhere"),
        ("usgs-mcs-2026:peat:DEU:reserves::2025", "elsewhere"),
        ("usgs-mcs-2026:titanium-mineral-concentrates:USA:mine-production:rutile:2024", "elsewhere"),
    ],
)
def test_what_the_edition_has_a_mark_for_is_not_shipped_as_next_to_nothing(key: str, qualifier: str):
    row = shipped().by_key[key]

    assert (row.published, row.value, row.low, row.high) == ("s", None, None, None)
    assert row.has(qualifier)
