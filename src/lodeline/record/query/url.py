"""A query out of the query string of a URL, as GS1's OpenAPI writes it: lists with ``|`` between the values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lodeline.errors import InputError
from lodeline.record.query import values
from lodeline.record.query.conditions import Query
from lodeline.record.query.parameters import Parameter
from lodeline.record.query.parse import known, parse
from lodeline.record.query.scalars import instant_of, number_of

_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)
_LISTS = ("types", "actions", "words", "names", "texts", "match", "within", "attributes")


def from_url(pairs: Sequence[tuple[str, str]], *, extensions: Mapping[str, str]) -> Query:
    """Read and check a query in the form of a URL.

    Args:
        pairs: Names and values, decoded; ``perPage`` and ``nextPageToken`` are no part of the query.
        extensions: As for `lodeline.record.query.parse.parse`.

    The value of a field of somebody's own has no type in a URL: one number is taken as a number (5 and 5.0 are equal),
    one instant as an instant, anything else as a text or, with ``|``, as a list of texts.

    Raises:
        InputError: as `lodeline.record.query.parse.parse`.
    """
    given: dict[str, Any] = {}
    for name, value in pairs:
        parameter = known(name)
        if parameter.shape == "context":
            raise InputError(
                "query.value", "A URL has no @context: bind prefixes in the header GS1-Extensions.", parameter=name
            )
        if name in given:
            raise InputError(
                "query.repeated", f"{name} is given twice; write its values with | between them.", parameter=name
            )
        given[name] = _value(name, parameter, value)
    return parse(given, extensions=extensions)


def _value(name: str, parameter: Parameter, text: str) -> Any:
    """The JSON value that a text in a URL stands for, by the shape of its parameter."""
    shape = parameter.shape
    if shape in _LISTS:
        return text.split("|")
    if shape in ("numbers", "measured list"):
        return [_number(name, each) for each in text.split("|")]
    if shape in ("number", "measured"):
        return _number(name, text)
    if shape == "count":
        if not _WHOLE.fullmatch(text):
            raise values.refusal(name, "its value is a whole number, 0 or more.", text)
        return int(text)
    if shape == "truth":
        if text not in ("true", "false"):
            raise values.refusal(name, "its value is true or false.", text)
        return text == "true"
    if shape == "exists":
        return text != "false"
    if shape in ("own", "attribute value"):
        if _JSON_NUMBER.fullmatch(text) and (number := number_of(text)) is not None:
            return number
        return text if instant_of(text) is not None else text.split("|")
    return text


def _number(name: str, text: str) -> Any:
    number = number_of(text)
    if number is None:
        raise values.refusal(name, "its value is a number.", text)
    return number
