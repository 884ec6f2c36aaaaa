"""A query out of its JSON form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.record.codec import encode_sorted
from lodeline.record.context import Context
from lodeline.record.hash.event import word
from lodeline.record.hash.value import scalar
from lodeline.record.query import values
from lodeline.record.query.conditions import (
    AttributeIs,
    Below,
    Compared,
    Condition,
    HasAttribute,
    InstantIs,
    Matching,
    NumberIs,
    Order,
    Present,
    Query,
    Test,
    TextIn,
)
from lodeline.record.query.parameters import ALIASES, ATTRIBUTED, NAMED, PLACES, Parameter, families, member_of
from lodeline.record.query.patterns import Pattern, Patterns, one_thing, pattern_of
from lodeline.record.query.scalars import instant_of, rational
from lodeline.record.vocabulary import Field
from lodeline.units.rec20 import in_base

CONTROLS = ("orderBy", "orderDirection", "eventCountLimit", "maxEventCount")


def parse(parameters: Mapping[str, Any], *, extensions: Mapping[str, str]) -> Query:
    """Read and check a query in the form of GS1's query schema.

    Args:
        parameters: Names and values. Numbers are int or Decimal, as `lodeline.record.codec.decode` gives them.
        extensions: What the prefixes in names and values stand for; GS1's own (``cbvmda``, ``gs1`` …) need not be said.
            The query's own ``@context`` is laid over them.

    Raises:
        InputError: ``query.unknown_parameter``, ``query.unbound_prefix``, ``query.value``, ``query.pattern``,
            ``query.controls``, ``query.repeated``.
    """
    context = Context(tuple(sorted(extensions.items()))).merged(Context.parse(parameters.get("@context")))
    given = _canonical_names(parameters)
    conditions = []
    for name, value in sorted(given.items()):
        if name not in CONTROLS:
            condition = _condition(name, value, context)
            if condition is not None:
                conditions.append(condition)
    order, limit, maximum = _controls(given, context)
    return Query(
        conditions=tuple(conditions),
        order=order,
        limit=limit,
        maximum=maximum,
        given=encode_sorted(given),
        bound=_used(given, context),
    )


def known(name: str) -> Parameter:
    """The parameter of a name.

    Raises:
        InputError: ``query.unknown_parameter``, with the nearest name.
    """
    parameter = NAMED.get(ALIASES.get(name, name))
    if parameter is not None:
        return parameter
    member = member_of(name)
    if member is not None:
        return member.parameter
    near = get_close_matches(name, [*NAMED, *ALIASES, *(family.template for family in families())], n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}?" if near else "docs/reference/query.md lists them all."
    raise InputError(
        "query.unknown_parameter",
        f"{visible(name, limit=80)} is no parameter of the query language: {hint}",
        parameter=visible(name, limit=80),
    )


def _canonical_names(parameters: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, value in parameters.items():
        if name == "@context":
            continue
        one = ALIASES.get(name, name)
        if one in given:
            raise InputError("query.repeated", f"{one} is given twice; give its values as one list.", parameter=one)
        given[one] = value
    return given


def _condition(name: str, value: Any, context: Context) -> Condition | None:
    """The condition that a parameter sets; None where it sets none (``EXISTS_…`` with ``false``)."""
    parameter = known(name)
    member = None if name in NAMED else member_of(name)
    fields, difference, vocabulary = parameter.fields, False, parameter.vocabulary
    if member is not None:
        fields = _fields(name, member.parts, context)
    if parameter.shape == "exists":
        return Condition(name, fields, Present()) if _wanted(name, value) else None
    if parameter.shape in ("measured", "measured list"):
        assert member is not None
        difference = member.parts["measure"] == "sDev"
        numbers = values.numbers(name, value) if parameter.shape == "measured list" else (values.number(name, value),)
        based = [in_base(number, member.parts["uom"], difference=difference) for number in numbers]
        return Condition(name, fields, _numbers(parameter.op, [base for _, base in based]))
    if parameter.shape == "attribute value":
        assert member is not None
        return Condition(name, fields, _attribute(name, member.parts["attribute"], value, context))
    return Condition(name, fields, _test(name, parameter, vocabulary, value, context))


def _test(name: str, parameter: Parameter, vocabulary: Field | None, value: Any, context: Context) -> Test:
    """What a parameter of a plain shape asks of its fields."""
    match parameter.shape:
        case "types":
            return TextIn(frozenset(values.listed(name, value, values.typed(context))))
        case "actions":
            return TextIn(frozenset(values.listed(name, value, values.action)))
        case "words":
            assert vocabulary is not None
            return TextIn(frozenset(values.listed(name, value, values.worded(vocabulary, context))))
        case "names":
            return TextIn(frozenset(values.listed(name, value, values.named(context))))
        case "texts":
            return TextIn(frozenset(values.listed(name, value, values.text)))
        case "match":
            return _matching(name, value, context)
        case "within":
            return Below(frozenset(values.listed(name, value, values.named(context))))
        case "instant":
            return InstantIs(parameter.op, (values.instant(name, value),))
        case "number":
            return _numbers(parameter.op, [values.number(name, value)])
        case "numbers":
            return _numbers("EQ", values.numbers(name, value))
        case "truth":
            if not isinstance(value, bool):
                raise values.refusal(name, "its value is true or false.", value)
            return TextIn(frozenset({"true" if value else "false"}))
        case "attributes":
            return HasAttribute(frozenset(values.listed(name, value, values.text)))
        case "own":
            return _own(name, parameter, value, context)
        case _:
            raise AssertionError(f"{name} is no condition")


def _numbers(op: Compared | None, found: Iterable[int | Decimal | Fraction]) -> NumberIs:
    """The test of a number; none of the values is compared one by one, however many there are."""
    assert op is not None
    return NumberIs(op, frozenset(rational(each) for each in found))


def _wanted(name: str, value: Any) -> bool:
    """Whether ``EXISTS_…`` asks anything: its value does not matter, save that ``false`` takes it back."""
    if value is None or isinstance(value, bool | int):
        return value is not False
    raise values.refusal(name, "its value is null, a whole number, true, or false, which takes it back.", value)


def _matching(name: str, value: Any, context: Context) -> Matching:
    ids: set[str] = set()
    patterns: list[Pattern] = []
    read = values.named(context)
    for given in values.listed(name, value, values.text):
        pattern = pattern_of(given, parameter=name)
        if pattern is not None:
            patterns.append(pattern)
        else:
            ids.add(read(name, one_thing(given)))
    return Matching(frozenset(ids), Patterns(patterns))


def _own(name: str, parameter: Parameter, value: Any, context: Context) -> Test:
    """A comparison with a field of somebody's own, whose type is seen from the value: texts, an instant, a number."""
    if isinstance(value, list):
        if parameter.op != "EQ":
            raise values.refusal(name, "its value is one number or one instant.", value)
        return TextIn(frozenset(scalar(each, context) for each in values.listed(name, value, values.text)))
    if isinstance(value, str):
        if instant_of(value) is None:
            raise values.refusal(name, "one text alone is an instant; write other texts as a list.", value)
        return InstantIs(parameter.op, (values.instant(name, value),))
    return _numbers(parameter.op, [values.number(name, value)])


def _attribute(name: str, attribute: str, value: Any, context: Context) -> AttributeIs:
    if isinstance(value, list):
        texts = values.listed(name, value, values.text)
        return AttributeIs(attribute, frozenset(scalar(each, context) for each in texts), ())
    if isinstance(value, str):
        return AttributeIs(attribute, frozenset({scalar(value, context)}), ())
    return AttributeIs(attribute, frozenset(), (values.number(name, value),))


def _fields(name: str, parts: Mapping[str, str], context: Context) -> tuple[str, ...]:
    """The facets that a member of a family looks at."""
    if "measure" in parts:
        return (f"{parts['measure']}@{in_base(0, parts['uom'])[0]}",)
    if "item" in parts:
        vocabulary: Field = "bizTransactionType" if parts["item"] == "bizTransaction" else "sourceOrDestinationType"
        return (f"{parts['item']}_{word(vocabulary, parts['type'], context)}",)
    if "field" in parts:
        field = parts["field"]
        if ":" in field:
            prefix, _, local = field.partition(":")
            return (f"ext:{_qualified(name, prefix, local, context)}",)
        if field not in ATTRIBUTED:
            raise InputError(
                "query.unknown_parameter",
                f"{name} asks for a field that names nothing registered; ask for one of {', '.join(ATTRIBUTED)}, "
                "or for prefix:name.",
                parameter=name,
            )
        return ATTRIBUTED[field]
    return (f"{PLACES[parts['place']]}:{_qualified(name, parts['prefix'], parts['name'], context)}",)


def _qualified(parameter: str, prefix: str, name: str, context: Context) -> str:
    if prefix not in context.prefixes:
        raise InputError(
            "query.unbound_prefix",
            f"No namespace is bound to the prefix {prefix}: say it in the header GS1-Extensions, with "
            f"`--ext {prefix}=https://…`, or in the query's @context.",
            parameter=parameter,
            prefix=prefix,
        )
    return context.qualified(f"{prefix}:{name}")


def _controls(given: Mapping[str, Any], context: Context) -> tuple[Order, int | None, int | None]:
    """Order and size of the answer, and whether what is said of them fits together."""
    by = given.get("orderBy")
    direction = given.get("orderDirection")
    limit, maximum = (
        None if name not in given else values.count(name, given[name]) for name in ("eventCountLimit", "maxEventCount")
    )
    if "orderDirection" in given and direction not in ("ASC", "DESC"):
        raise values.refusal("orderDirection", "it is ASC or DESC.", direction)
    if limit is not None and maximum is not None:
        raise _contradiction("eventCountLimit and maxEventCount exclude one another; give one of them.")
    if limit is not None and "orderBy" not in given:
        raise _contradiction("eventCountLimit says how many of the first, so it needs orderBy.")
    if "orderBy" not in given:
        return Order("entry", direction == "DESC"), limit, maximum
    return Order(_order_field(by, context), direction != "ASC"), limit, maximum


def _contradiction(sentence: str) -> InputError:
    return InputError("query.controls", sentence)


def _order_field(by: Any, context: Context) -> str:
    if by in ("eventTime", "recordTime"):
        return str(by)
    if isinstance(by, str):
        prefix, colon, name = by.partition(":")
        if colon and prefix and name and not name.startswith("//"):
            return f"ext:{_qualified('orderBy', prefix, name, context)}"
    raise values.refusal("orderBy", "it is eventTime, recordTime, or a field of your own, prefix:name.", by)


def _used(given: Mapping[str, Any], context: Context) -> tuple[tuple[str, str], ...]:
    """Of the prefixes that were bound, those that the query's names or values may use."""
    texts = [*given, *_texts(given.values())]
    return tuple((prefix, address) for prefix, address in context.terms if any(f"{prefix}:" in text for text in texts))


def _texts(found: Iterable[Any]) -> Iterable[str]:
    for value in found:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (each for each in value if isinstance(each, str))


__all__ = ["known", "parse"]
