"""Objects: a table of fields, what other names may stand beside them, and rules between fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Literal, NamedTuple

from lodeline.record.paths import member
from lodeline.record.validation import formats
from lodeline.record.validation.kinds import Kind, wrong_type
from lodeline.record.validation.problem import Problem, nearest, shown

Others = Literal["none", "uri", "any"]
"""Names beside the fields of a table: none, those that are a URI or have a prefix, or any."""


_LOOKED_AT = 50
"""How many of an object's names are looked through for one that was misspelt; a hostile object has millions."""


class Field(NamedTuple):
    """One row of a table of fields."""

    name: str
    kind: Kind
    required: bool = False


class Rule(NamedTuple):
    """What must hold between fields of one object whose fields are each as they should be.

    Attributes:
        holds: Whether it does; may answer anything where a field it looks at is itself wrong.
        tell: (object, path) to the problem.
    """

    holds: Callable[[dict[str, Any]], bool]
    tell: Callable[[dict[str, Any], str], Problem]


def table(says: str, fields: tuple[Field, ...], *, others: Others, rules: tuple[Rule, ...] = ()) -> Kind:
    """An object with ``fields``, ``others`` beside them, for which all ``rules`` hold."""
    kinds = {field.name: field.kind for field in fields}
    checks = {field.name: field.kind.accepts for field in fields}
    required = tuple(field.name for field in fields if field.required)
    holds = tuple(rule.holds for rule in rules)
    # Bound here, since these run for every member of every event.
    check_of, is_uri = checks.get, formats.is_uri

    def accepts(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for name, item in value.items():
            check = check_of(name)
            if check is None:
                if others == "none" or (others == "uri" and not is_uri(name)):
                    return False
            elif not check(item):
                return False
        for name in required:
            if name not in value:
                return False
        return all(hold(value) for hold in holds) if holds else True

    def explain(value: Any, path: str) -> Iterator[Problem]:
        if type(value) is not dict:
            yield wrong_type(value, path, says)
            return
        for name in required:
            if name not in value:
                yield missing(name, kinds[name], value, path)
        for name, item in value.items():
            if name in kinds:
                yield from kinds[name].explain(item, member(path, name))
            elif others == "none" or (others == "uri" and not is_uri(name)):
                yield _unknown(name, says, kinds, others, path)
        for rule in rules:
            if not rule.holds(value):
                yield rule.tell(value, path)

    return Kind(says, accepts, explain)


def missing(name: str, kind: Kind, value: dict[str, Any], path: str) -> Problem:
    if name == "@context":
        return Problem(
            "record.context_missing",
            'The JSON-LD context is missing: write "@context": '
            '"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld" here.',
            member(path, name),
        )
    # A misspelt name is told where it stands, too; here it only helps to see that the two belong together.
    meant = nearest(name, list(islice(value, _LOOKED_AT)))
    hint = f"; {shown(meant)} may be meant for it" if meant is not None and meant not in ("type", "id") else ""
    return Problem("record.field_missing", f'"{name}" is missing{hint}: write {kind.says}.', member(path, name))


def _unknown(name: str, says: str, kinds: Mapping[str, Kind], others: Others, path: str) -> Problem:
    meant = nearest(name, kinds)
    hint = f'did you mean "{meant}"?' if meant else "leave it out."
    if others == "uri" and not meant:
        own = "".join(letter for letter in name if letter.isascii() and letter.isalnum())[:30] or "name"
        hint = f'write a name of your own with a prefix bound in @context, as in "lode:{own}".'
    return Problem("record.field_unknown", f"{shown(name)} is not a field of {says}: {hint}", member(path, name))
