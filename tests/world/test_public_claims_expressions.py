"""The language of recomputations, its interval arithmetic and its units, against Python's own exact fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.world.claims import expression, measure, quantity
from lodeline.world.claims.measure import NUMBER, told, unit
from lodeline.world.claims.printed import claimed, half_step
from lodeline.world.claims.quantity import Quantity, exactly
from lodeline.world.claims.register import Stated
from lodeline.world.claims.wording import number

NAMES = {"a": Fraction(3), "b": Fraction(-7, 2), "price": Fraction(9815), "c_1": Fraction(1, 3)}


def evaluated(text: str) -> Quantity:
    return expression.evaluate(expression.parse(text), lambda name: exactly(NAMES[name]), [])


def refused_with(function, text: str) -> str:
    """The code with which a text is refused; empty where it is read."""
    try:
        function(text)
    except InputError as refused:
        return refused.code
    return ""


def by_python(text: str) -> Fraction:
    """The same text by Python, with every number a fraction. The texts are made here, from a closed grammar."""
    import re

    plain = re.sub(r"(?<![\w.])(\d+(?:\.\d+)?)", r"Fraction('\1')", text)
    found = eval(plain, {"__builtins__": {}}, {"Fraction": Fraction, **NAMES})
    return Fraction(found)


texts = st.recursive(
    st.one_of(
        st.sampled_from(sorted(NAMES)),
        st.integers(0, 10**9).map(str),
        st.tuples(st.integers(0, 999), st.integers(0, 999)).map(lambda n: f"{n[0]}.{n[1]:03}"),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", " + ", " - ", " * ", " / "]), inner).map("".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"-{text}"),
    ),
    max_leaves=12,
)


@given(texts)
def test_an_expression_is_worth_what_exact_fractions_say(text):
    try:
        wanted = by_python(text)
    except ZeroDivisionError:
        with pytest.raises(InputError) as refused:
            evaluated(text)
        assert refused.value.code == "world.claims_zero"
        return
    got = evaluated(text)

    assert (got.low, got.value, got.high) == (wanted, wanted, wanted)


@given(texts)
def test_an_expression_as_shown_is_the_same_expression(text):
    node = expression.parse(text)
    again = expression.parse(expression.shown(node))
    try:
        wanted = by_python(text)
    except ZeroDivisionError:
        assume(False)

    assert expression.evaluate(again, lambda name: exactly(NAMES[name]), []).value == wanted
    assert list(expression.names(again)) == list(expression.names(node))


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("10 - 4 - 3", 3),
        ("100 / 10 / 5", 2),
        ("100 / (10 / 5)", 50),
        ("-2 * 3 + 10", 4),
        ("2 × 3 ÷ 4 − 1", Fraction(1, 2)),
        ("0.1 + 0.2", Fraction(3, 10)),
    ],
)
def test_times_and_divided_bind_closer_and_all_is_read_from_the_left(text, worth):
    assert evaluated(text).value == worth


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        "__import__('os').system('true')",
        "a.__class__",
        "a[0]",
        "a(1)",
        "lambda: 1",
        "2 ** 9999999",
        "9" * 41,
        "1e999",
        "1_000",
        "0x10",
        "1 if 1 else 2",
        "a; b",
        "a b",
        "a = 1",
        "a == b",
        "f'{a}'",
        "'text'",
        "[1]",
        "{1}",
        "a, b",
        "a @ b",
        "a % b",
        "a // b",
        "+1",
        "(a",
        "a)",
        "()",
        "1..2",
        ".5",
        "5.",
        "٣",
        "𝒂",
        "a\u202eb",
        "a\x00",
        "(" * 60 + "a" + ")" * 60,
        "-" * 60 + "1",
        "+".join("a" * 102),
        "a" * 1001,
        "x" * 81,
        "not a",
    ],
)
def test_anything_else_is_refused_with_its_place(hostile):
    with pytest.raises(InputError) as refused:
        expression.parse(hostile)
    assert refused.value.code == "world.claims_expression"


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_never_breaks(text):
    assert refused_with(expression.parse, text) in ("", "world.claims_expression")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a-(b-price)", "a − (b − price)"),
        ("a-b-price", "a − b − price"),
        ("(a-b)-price", "a − b − price"),
        ("a/(b/price)", "a ÷ (b ÷ price)"),
        ("a/(b*price)", "a ÷ (b × price)"),
        ("(a+b)*price", "(a + b) × price"),
        ("a+b*price", "a + b × price"),
        ("-(a+b)", "−(a + b)"),
        ("a*-b", "a × (−b)"),
    ],
)
def test_parentheses_are_shown_where_they_are_needed_and_nowhere_else(text, shown):
    assert expression.shown(expression.parse(text)) == shown


def test_the_refusal_names_the_character():
    with pytest.raises(InputError) as refused:
        expression.parse("price *  $5")
    assert refused.value.where["column"] == 10


ends = st.fractions(-100, 100, max_denominator=20)
spans = st.tuples(ends, ends, ends).map(sorted).map(lambda n: Quantity(n[1], n[0], n[2]))


@given(
    spans, spans, st.sampled_from("+-*/"), st.fractions(0, 1, max_denominator=7), st.fractions(0, 1, max_denominator=7)
)
def test_whatever_the_inputs_are_within_their_limits_the_result_is_within_its_own(a, b, sign, x, y):
    """The defining property of interval arithmetic, at a point inside both limits."""
    inside_a, inside_b = a.low + (a.high - a.low) * x, b.low + (b.high - b.low) * y
    if sign == "/" and b.low <= 0 <= b.high:
        with pytest.raises(InputError) as refused:
            quantity.divide(a, b)
        assert refused.value.code == "world.claims_zero"
        return
    match sign:
        case "+":
            got, point = quantity.add(a, b), inside_a + inside_b
        case "-":
            got, point = quantity.add(a, b, sign=-1), inside_a - inside_b
        case "*":
            got, point = quantity.multiply(a, b), inside_a * inside_b
        case _:
            got, point = quantity.divide(a, b), inside_a / inside_b

    assert got.low <= point <= got.high
    assert got.low <= got.value <= got.high


def test_a_missing_limit_stays_missing():
    at_least = Quantity(None, Fraction(2), None)
    most = Quantity(None, None, Fraction(5))

    assert quantity.multiply(at_least, exactly(Fraction(3))) == Quantity(None, Fraction(6), None)
    assert quantity.multiply(at_least, exactly(Fraction(-3))) == Quantity(None, None, None)
    assert quantity.add(at_least, most) == Quantity(None, None, None)
    # Ten divided by at least two is at most five, and not negative.
    assert quantity.divide(exactly(Fraction(10)), at_least) == Quantity(None, Fraction(0), Fraction(5))
    assert quantity.divide(exactly(Fraction(10)), Quantity(None, None, None)) == Quantity(None, None, None)


TERMS = ("t[Cu]", "lb[Cu]", "troy_oz[Au]", "USD", "million USD", "year", "t[ore]", "%", "acre", "jobs", "thousand")
some_units = st.lists(st.tuples(st.sampled_from(TERMS), st.booleans()), max_size=5)


def written(terms: list[tuple[str, bool]]) -> str:
    over = [name for name, above in terms if above]
    under = [part for name, above in terms if not above for part in name.split()]
    return " ".join(over) + "".join(f"/{part}" for part in under)


@given(some_units, some_units)
def test_the_factor_and_dimension_of_a_product_are_those_of_its_parts(a, b):
    one, other, both = unit(written(a)), unit(written(b)), unit(written([*a, *b]))

    assert both.factor == one.factor * other.factor
    assert both.dimension == measure.times(one.dimension, other.dimension)
    assert measure.times(both.dimension, other.dimension, power=-1) == one.dimension
    assert measure.times(one.dimension, one.dimension, power=-1) == NUMBER


@pytest.mark.parametrize(
    ("text", "factor", "of"),
    [
        ("", 1, "a bare number"),
        ("t[Sb]", 1000, "mass of Sb"),
        ("million USD", 10**6, "USD"),
        ("USD/lb[Cu]", Fraction(10**8, 45_359_237), "USD / mass of Cu"),
        ("% t[Sb]/t[ore]", Fraction(1, 100), "mass of Sb / mass of ore"),
        ("t[Cu]/year", 1000, "mass of Cu / year"),
        ("USD[2025]", 1, "USD of 2025"),
        ("TNE", 1000, "mass"),
        ("ppm", Fraction(1, 10**6), "a bare number"),
    ],
)
def test_units_are_read_as_the_trade_writes_them(text, factor, of):
    got = unit(text)

    assert (got.factor, told(got.dimension)) == (factor, of)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("oz", "troy_oz"),
        ("ton", "short_ton"),
        ("Mt", "million t"),
        ("bn USD", "billion"),
        ("tonne", "not known"),
        ("milion USD", "is it million"),
        ("tonnes", "is it t."),
        ("USD/pounds", "is it lb."),
        ("t[Xx]", "no formula"),
        ("t[copper]", "no formula"),
        ("USD[25]", "year of its money"),
        ("XXQ", "not known"),
        ("USD/", "stroke"),
        ("/", "stroke"),
        ("USD//t", "cannot be read"),
        ("t[Cu", "cannot be read"),
        ("$", "cannot be read"),
        ("CEL", "not known"),
        ("t " * 101, "cannot be read"),
    ],
)
def test_a_unit_that_is_unknown_or_says_two_things_is_refused(text, says):
    with pytest.raises(InputError) as refused:
        unit(text)
    assert refused.value.code == "world.claims_unit"
    assert says in refused.value.sentence


@given(st.text(max_size=30))
def test_any_text_is_a_unit_or_refused(text):
    assert refused_with(unit, text) in ("", "world.claims_unit")


@pytest.mark.parametrize(
    ("a", "b"), [("t[ore]", "t[Sb]"), ("t[Sb2O3]", "t[Sb]"), ("t", "t[Sb]"), ("USD", "t"), ("USD[2024]", "USD[2025]")]
)
def test_ore_metal_oxide_and_money_of_another_year_do_not_add_up(a, b):
    with pytest.raises(InputError) as refused:
        quantity.add(exactly(Fraction(1), unit(a).dimension), exactly(Fraction(1), unit(b).dimension))
    assert refused.value.code == "world.claims_dimension"


@pytest.mark.parametrize(
    ("printed", "half"),
    [
        ("5.6", "0.05"),
        ("0.60", "0.005"),
        ("26000", "500"),
        ("17042", "0.5"),
        ("60", "5"),
        ("6", "0.5"),
        ("0", "0.5"),
        ("-250", "5"),
        ("1E+3", "500"),
        ("100.0", "0.05"),
    ],
)
def test_a_printed_number_is_within_half_of_its_last_digit_that_counts(printed, half):
    assert half_step(Decimal(printed)) == Decimal(half)


def test_a_stated_step_and_stated_limits_replace_what_the_digits_show():
    stepped = claimed(Stated(value=Decimal(60), unit="t", rounded_to=Decimal(1)))
    limited = claimed(Stated(value=Decimal(60), low=Decimal(40), high=Decimal(90), unit="t"))
    nothing = claimed(Stated(unit="t"))

    assert (stepped.low, stepped.high) == (59_500, 60_500)
    assert (limited.low, limited.high) == (40_000, 90_000)
    assert nothing is None


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (Fraction(1825629, 10_000), 4, "182.6"),
        (Fraction(26_000), 4, "26,000"),
        (Fraction(436_667), 4, "436,700"),
        (Fraction(128_576_500_000), 7, "128,576,500,000"),
        (Fraction(27, 10**8), 4, "2.7e-07"),
        (Fraction(433, 10_000), 3, "0.0433"),
        (Fraction(0), 4, "0"),
        (None, 4, "–"),
        (Fraction(-5, 2), 4, "-2.5"),
        (Fraction(99_999, 10), 4, "10,000"),
    ],
)
def test_numbers_are_told_to_so_many_digits(value, digits, text):
    assert number(value, digits) == text
