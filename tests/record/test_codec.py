"""Exact JSON: every digit, every member, and a refusal at every stated limit."""

import json
from decimal import Decimal

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lodeline.errors import RecordError
from lodeline.record import limits
from lodeline.record.codec import decode, encode, encode_sorted

numbers = st.integers(-(10**308), 10**308) | st.decimals(
    allow_nan=False, allow_infinity=False, min_value=Decimal("-1e300"), max_value=Decimal("1e300")
).filter(lambda number: number.adjusted() >= limits.MIN_EXPONENT)
texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=20,
)


def refusal(raw: bytes) -> str:
    with pytest.raises(RecordError) as caught:
        decode(raw)
    return caught.value.code


def shape(value):
    """The value with its types, since in Python 1 == True == Decimal(1)."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    if isinstance(value, Decimal):
        return ("number", value, value.is_signed())
    return (type(value).__name__, value)


@given(values)
@example({"a": Decimal("1E+5"), "b": Decimal("-0.0"), "c": Decimal("0.10")})
def test_what_is_decoded_encoded_and_decoded_again_is_the_same(value):
    once = decode(encode(value))

    assert shape(decode(encode(once))) == shape(once)
    assert encode(decode(encode(once))) == encode(once)
    assert once == value


@pytest.mark.parametrize("text", ["0.10", "12345678901234567.890", "-0.0", "1.000", "9" * 60, "0." + "123456789" * 60])
def test_every_digit_survives(text):
    assert encode(decode(text.encode())).decode() == text


def test_numbers_are_decimal_with_a_point_or_an_exponent_and_int_without():
    got = decode(b"[1, 1.0, 1e2, -0, 5e-324]")

    assert [type(number) for number in got] == [int, Decimal, Decimal, int, Decimal]
    assert got == [1, Decimal("1.0"), 100, 0, Decimal("5e-324")]


@pytest.mark.parametrize(
    "number",
    ["1e999999", "1e309", "-1E+309", "1e-325", f"1e{9**30}", f"1e-{9**30}", "0e400", "0." + "0" * 400 + "1"],
)
def test_a_number_beyond_a_double_is_refused(number):
    assert refusal(f'{{"quantity": {number}}}'.encode()) == "record.number_exponent"


def test_a_number_as_large_and_as_small_as_a_double_is_read():
    assert decode(b"[1.7976931348623157e308, 5E-324, 1e+0000000000308]")[2] == Decimal("1e308")


@pytest.mark.parametrize("number", ["1" * 310, "-" + "1" * 310, "9" * 5000, "0." + "1" * 800])
def test_a_number_with_too_many_digits_is_refused(number):
    assert refusal(f"[{number}]".encode()) == "record.number_digits"


def test_as_many_digits_as_the_limit_says_are_read():
    for text in ("9" * 309, "-" + "9" * 309, "0." + "1" * 799):
        assert encode(decode(text.encode())).decode() == text


def test_a_long_run_of_digits_in_a_string_is_no_number():
    assert decode(b'["' + b"7" * 5000 + b'"]') == ["7" * 5000]


def test_a_megabyte_in_one_string_is_read():
    assert decode(b'{"note": "' + b"x" * 1_048_576 + b'"}') == {"note": "x" * 1_048_576}


@pytest.mark.parametrize("shape_", [b'["%s"]', b'{"%s": 1}'])
def test_a_string_or_name_beyond_the_limit_is_refused(shape_):
    longest = b"x" * limits.MAX_STRING_CHARACTERS

    assert refusal(shape_ % (longest + b"x")) == "record.string_length"
    decode(shape_ % longest)


def test_more_bytes_than_the_limit_are_refused():
    assert refusal(b" " * limits.MAX_EVENT_BYTES + b"1") == "record.too_large"
    assert decode(b" " * (limits.MAX_EVENT_BYTES - 1) + b"1") == 1
    with pytest.raises(RecordError, match="more than the 3 that"):
        decode(b"1234", limit=3)


def test_nesting_is_bounded_wherever_the_caller_stands():
    deep = limits.MAX_NESTING

    assert refusal(b"[" * (deep + 1) + b"]" * (deep + 1)) == "record.nesting"
    assert refusal(b"[" * 1_000_000) == "record.nesting"
    assert refusal(b'{"a":' * 100_000 + b"1" + b"}" * 100_000) == "record.nesting"
    decode(b"[" * deep + b"]" * deep)


def test_many_brackets_side_by_side_or_in_a_string_are_not_nesting():
    assert len(decode(b"[" + b"[]," * 500 + b"[]]")) == 501
    assert decode(b'["' + b"[{" * 500 + rb"\"[{" + b'", {}]') == ["[{" * 500 + '"[{', {}]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"\xef\xbb\xbf{}", "record.byte_order_mark"),
        ("{}".encode("utf-16"), "record.encoding"),
        (b'{"a": "caf\xe9"}', "record.encoding"),
        (b'"\xed\xa0\x80"', "record.encoding"),
        (b'"abc', "record.json_truncated"),
        (b"", "record.json_truncated"),
        (b'{"a": [1, 2', "record.json_truncated"),
        (b"{} x", "record.json_syntax"),
        (b"{'a': 1}", "record.json_syntax"),
        (b"[1,]", "record.json_syntax"),
        (b"[01]", "record.json_syntax"),
        (b"NaN", "record.json_syntax"),
        (b"-Infinity", "record.json_syntax"),
        (b'"\n"', "record.json_syntax"),
        (rb'["\ud800"]', "record.lone_surrogate"),
        (rb'["\udc00"]', "record.lone_surrogate"),
        (rb'["\ud83d\ude00\ude00"]', "record.lone_surrogate"),
        (rb'{"\uD800x": 1}', "record.lone_surrogate"),
    ],
)
def test_what_is_not_json_in_utf_8_is_refused_and_says_so(raw, code):
    assert refusal(raw) == code


def test_pairs_of_surrogates_and_escaped_backslashes_are_read():
    assert decode(rb'["\ud83d\ude00", "\\ud800", "\u0000"]') == ["😀", r"\ud800", "\0"]


def test_the_place_of_a_syntax_error_is_named():
    with pytest.raises(RecordError) as caught:
        decode(b"[1 2]")

    assert caught.value.where == {"byte": 3}


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a": 1, "a": 1}',
        b'{"x": [{"a": 1, "b": {}, "a": null}]}',
        rb'{"a": "\"", "\u0061": "\\"}',
        rb'{"a\\": 1, "a\\": 2}',
        b'{"": 1, "": 1}',
    ],
)
def test_a_name_that_stands_twice_is_refused(raw):
    assert refusal(raw) == "record.duplicate_name"


@pytest.mark.parametrize(
    ("raw", "code", "field"),
    [
        (b'{"x": [{"a": 1, "b": {}, "a": null}]}', "record.duplicate_name", "$.x[0].a"),
        (b'{"a": [1.5, {"b c": 1e999}]}', "record.number_exponent", '$.a[1]["b c"]'),
        (b'{"a": {"@b": [-%s]}}' % (b"1" * 310), "record.number_digits", "$.a.@b[0]"),
        (b'{"a": %s}' % (b"1" * 5000), "record.number_digits", "$.a"),
        (b'{"a": 0.%s}' % (b"1" * 900), "record.number_digits", "$.a"),
        (b'{"a": ["", "%s"]}' % (b"x" * (limits.MAX_STRING_CHARACTERS + 1)), "record.string_length", "$.a[1]"),
    ],
)
def test_a_refusal_of_a_value_names_its_path(raw, code, field):
    with pytest.raises(RecordError) as caught:
        decode(raw)

    assert (caught.value.code, caught.value.where) == (code, {"field": field})


def test_a_number_out_of_range_is_refused_also_where_the_text_breaks_off_behind_it():
    with pytest.raises(RecordError) as caught:
        decode(b'{"a": 1e999, "b')

    assert (caught.value.code, caught.value.where) == ("record.number_exponent", {})


names = st.sampled_from(["a", "b", '"', "\\", 'a"', "\\\\", "é", "\0"])
pairs = st.recursive(
    st.integers() | names,
    lambda inner: st.lists(st.tuples(names, inner), max_size=4).map(tuple) | st.lists(inner, max_size=3),
    max_leaves=12,
)


@given(pairs, st.booleans())
def test_names_that_stand_twice_are_found_exactly(value, ascii_only):
    """Objects are drawn as tuples of pairs, written by hand, and judged by a second route."""
    repeated = False

    def write(item):
        nonlocal repeated
        if isinstance(item, tuple):
            repeated |= len({name for name, _ in item}) < len(item)
            members = (f"{json.dumps(name, ensure_ascii=ascii_only)}: {write(inner)}" for name, inner in item)
            return "{" + ", ".join(members) + "}"
        if isinstance(item, list):
            return "[" + ", ".join(map(write, item)) + "]"
        return json.dumps(item, ensure_ascii=ascii_only)

    raw = write(value).encode()

    if repeated:
        assert refusal(raw) == "record.duplicate_name"
    else:
        assert decode(raw) == msgspec.json.decode(raw)


@pytest.mark.parametrize(
    "value", [1.5, Decimal("NaN"), Decimal("Infinity"), "\ud800", {"\udfff": 1}, {1: 2}, {"a": [object()]}, b"x"]
)
def test_what_json_cannot_hold_exactly_is_not_written(value):
    with pytest.raises(RecordError) as caught:
        encode(value)

    assert caught.value.code == "record.not_json"


def test_what_could_not_be_read_back_is_not_written():
    value: list = []
    for _ in range(limits.MAX_NESTING):
        value = [value]

    with pytest.raises(RecordError) as caught:
        encode(value)
    assert caught.value.code == "record.nesting"
    assert decode(encode(value[0])) == value[0]


def test_sorted_encoding_does_not_depend_on_the_order_of_members():
    assert encode_sorted({"b": {"z": 1, "y": Decimal("1.0")}, "a": []}) == b'{"a":[],"b":{"y":1.0,"z":1}}'
