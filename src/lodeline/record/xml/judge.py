"""Whether elements stand as EPCIS wants them in XML, and what to write instead where they do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

import msgspec

from lodeline.errors import RecordError
from lodeline.errors.visible import visible
from lodeline.record import limits
from lodeline.record.validation.problem import nearest, shown
from lodeline.record.xml.model import Any, Choice, One, Particle, Tables, Together, Type
from lodeline.record.xml.namespaces import XSD, XSI, split
from lodeline.record.xml.simple import BUILT_IN, SIMPLE
from lodeline.record.xml.tables import tables_of
from lodeline.record.xml.tree import BLANKS, Element
from lodeline.record.xml.values import is_nil, stated_type


class Flaw(msgspec.Struct, frozen=True):
    """One thing that EPCIS does not allow in XML.

    Attributes:
        code: ``record.xml_…``.
        sentence: What is wrong, and what to write instead.
        path: The element, from the outermost: ``/ObjectEvent/quantityList/quantityElement[2]``.
        line: Where it begins.
    """

    code: str
    sentence: str
    path: str
    line: int

    def refusal(self, *, more: int = 0) -> RecordError:
        """This flaw as an exception; ``more`` counts those found beside it."""
        where: dict[str, object] = {"field": self.path, "line": self.line}
        if more:
            where["more"] = more
        return RecordError(self.code, self.sentence, **where)


_OF_EVENTS: Final = frozenset({"OtherBag", "EventListExtensionType"})
"""Types of an ``extension`` in an EventList."""
_NAMESPACE_OF_ATTRIBUTES: Final = frozenset({"type", "nil", "schemaLocation", "noNamespaceSchemaLocation"})


def document_flaws(root: Element, *, emptied: bool = False) -> list[Flaw]:
    """What is wrong with a whole document, at most ``limits.MAX_PROBLEMS`` of it.

    Args:
        emptied: Whether the events were cut out before: an emptied ``extension`` in an EventList is as good as any.
    """
    tables = tables_of(root.name)
    type_ = tables.roots.get(root.name)
    path = (None, root)
    if type_ is None:
        return [
            Flaw(
                "record.xml_root",
                f"<{_named(root)}> is no document of EPCIS: write <epcis:EPCISDocument> or "
                "<epcisq:EPCISQueryDocument>, in the namespaces of version 2.0 or 1.2.",
                _said(path),
                root.line,
            )
        ]
    judge = _Judge(tables, emptied=emptied)
    return list(islice(judge.element(root, type_, path, nillable=False), limits.MAX_PROBLEMS))


def event_flaws(event: Element, tables: Tables) -> list[Flaw]:
    """What is wrong with one element of an EventList, at most ``limits.MAX_PROBLEMS`` of it."""
    path = (None, event)
    judge = _Judge(tables, emptied=False)
    type_ = tables.events.get(event.name) or tables.extension_events.get(event.name)
    if type_ is not None:
        return list(islice(judge.element(event, type_, path, nillable=False), limits.MAX_PROBLEMS))
    if split(event.name)[0] and event.name not in tables.roots:
        return list(islice(judge.anything(event, path), limits.MAX_PROBLEMS))
    known = [*tables.events, *tables.extension_events]
    meant = nearest(split(event.name)[1], known)
    hint = f"did you mean <{meant}>?" if meant else f"write one of <{'>, <'.join(known)}>."
    return [Flaw("record.xml_event", f"<{_named(event)}> is no event: {hint}", _said(path), event.line)]


def require_flawless(flaws: Sequence[Flaw]) -> None:
    """Refuse the first of ``flaws``, if there is one.

    Raises:
        RecordError: its code.
    """
    if flaws:
        raise flaws[0].refusal(more=len(flaws) - 1)


def _named(element: Element) -> str:
    """The name of an element as a sentence shows it, with its namespace where it has one."""
    namespace, local = split(element.name)
    return visible(local, limit=60) + (f" of {visible(namespace, limit=80)}" if namespace else "")


class _Judge:
    """One walk over one tree."""

    def __init__(self, tables: Tables, *, emptied: bool) -> None:
        self._tables, self._emptied = tables, emptied

    def element(self, element: Element, type_: str, path: Path, *, nillable: bool) -> Iterator[Flaw]:
        """An element that must be of a type."""
        stated = element.attributes.get(f"{{{XSI}}}type")
        if stated is not None and not self._is_of(element, type_):
            yield self._value(element, path, f"xsi:type={shown(stated)} is another type than wanted: leave it out")
            return
        nil = element.attributes.get(f"{{{XSI}}}nil")
        if nil is not None:
            if not nillable or not SIMPLE["boolean"].accepts(nil):
                yield self._value(element, path, "xsi:nil may not stand here: leave it out")
                return
            if is_nil(element):
                if element.text or element.children:
                    yield self._value(element, path, 'what is xsi:nil="true" has no value: write one or the other')
                elif any(split(name)[0] != XSI for name in element.attributes):
                    yield self._attribute(element, path, "no attribute but xsi:nil may stand here: leave it out")
                return
        known = self._tables.types.get(type_)
        if known is None:
            yield from self._simple(element, type_, path)
            return
        yield from self._attributes(element, known, path)
        yield from self._content(element, known, path)

    def anything(self, element: Element, path: Path) -> Iterator[Flaw]:
        """An element where any may stand: one that is declared is judged, and so is a type that is stated."""
        declared = self._tables.roots.get(element.name)
        if declared is not None:
            yield from self.element(element, declared, path, nillable=False)
            return
        if f"{{{XSI}}}type" in element.attributes:
            yield from self._stated(element, path)
            return
        yield from self._within(element, path)

    def _stated(self, element: Element, path: Path) -> Iterator[Flaw]:
        stated = stated_type(element)
        said = shown(element.attributes[f"{{{XSI}}}type"])
        if stated is not None and stated[0] == XSD and stated[1] in BUILT_IN:
            extra = [name for name in element.attributes if split(name)[0] != XSI]
            if extra:
                yield self._attribute(
                    element, path, f"{said} is a text and has no attribute {shown(split(extra[0])[1])}: leave one out"
                )
            elif element.children:
                yield self._value(element, path, f"{said} is a text, and elements stand in it: leave xsi:type out")
            elif not BUILT_IN[stated[1]](element.text):
                text = shown(element.text.strip(BLANKS))
                yield self._value(element, path, f"{text} is no {said}: write one, or leave xsi:type out")
        elif stated == (XSD, "anyType"):
            yield from self._within(element, path)
        elif stated is not None and stated[0] in self._spaces() and stated[1] in self._tables.types:
            known = self._tables.types[stated[1]]
            yield from self._attributes(element, known, path)
            yield from self._content(element, known, path)
        else:
            yield self._value(element, path, f"xsi:type={said} names no type that is known: leave it out")

    def _within(self, element: Element, path: Path) -> Iterator[Flaw]:
        for child in element.children:
            yield from self.anything(child, (path, child))

    def _spaces(self) -> set[str]:
        return {split(name)[0] for name in self._tables.roots}

    def _is_of(self, element: Element, type_: str) -> bool:
        stated = stated_type(element)
        if stated is None:
            return False
        if type_ == "anyType":
            return stated[0] == XSD or (stated[0] in self._spaces() and stated[1] in self._tables.types)
        if stated[0] == XSD:
            return stated[1] == {"uri": "anyURI", "hex": "hexBinary"}.get(type_, type_)
        return stated[0] in self._spaces() and stated[1] == type_

    def _simple(self, element: Element, type_: str, path: Path) -> Iterator[Flaw]:
        extra = [name for name in element.attributes if split(name)[0] != XSI]
        if extra:
            yield self._attribute(element, path, f"the attribute {shown(split(extra[0])[1])} may not stand here")
        if element.children:
            yield self._unexpected(element.children[0], path, "text is wanted here, and no element.")
        elif not SIMPLE[type_].accepts(element.text):
            text = shown(element.text.strip(BLANKS) or element.text)
            yield self._value(element, path, f"{text} stands where {SIMPLE[type_].says} is wanted")

    def _attributes(self, element: Element, type_: Type, path: Path) -> Iterator[Flaw]:
        for name, wanted in type_.attributes.items():
            if wanted.endswith("!") and name not in element.attributes:
                says = SIMPLE[wanted[:-1]].says
                yield self._attribute(element, path, f'its attribute "{name}" is missing: write {says}')
        for name, value in element.attributes.items():
            space, local = split(name)
            simple = type_.attributes.get(name)
            if space == XSI and local in _NAMESPACE_OF_ATTRIBUTES:
                continue
            if simple is None:
                if not type_.open:
                    known = type_.attributes
                    meant = nearest(local, known)
                    hint = f'did you mean "{meant}"?' if meant else "leave it out."
                    yield self._attribute(element, path, f"the attribute {shown(local)} may not stand here: {hint}")
            elif not SIMPLE[simple.rstrip("!")].accepts(value):
                says = SIMPLE[simple.rstrip("!")].says
                yield self._value(element, path, f'the attribute "{name}" is {shown(value)}, where {says} is wanted')

    def _content(self, element: Element, type_: Type, path: Path) -> Iterator[Flaw]:
        if type_.free:
            if element.attributes.get(f"{{{XSI}}}type") and type_.name == "anyType":
                yield from self._stated(element, path)
            else:
                yield from self._within(element, path)
            return
        if type_.text is not None:
            if element.children:
                yield self._unexpected(element.children[0], path, "text is wanted here, and no element.")
            elif not SIMPLE[type_.text].accepts(element.text):
                text = shown(element.text.strip(BLANKS))
                yield self._value(element, path, f"{text} stands where {SIMPLE[type_.text].says} is wanted")
            return
        if element.text.strip(BLANKS) or (element.text and not type_.parts):
            text = shown(element.text.strip(BLANKS))
            yield Flaw(
                "record.xml_text",
                f"The text {text} stands in <{_named(element)}>, where only elements may: put it into one of them.",
                _said(path),
                element.line,
            )
        yield from _Match(self, element, path).all(type_.parts, emptied=self._emptied and type_.name in _OF_EVENTS)

    @staticmethod
    def _value(element: Element, path: Path, says: str) -> Flaw:
        return Flaw("record.xml_value", f"In <{_named(element)}> {says}.", _said(path), element.line)

    @staticmethod
    def _attribute(element: Element, path: Path, says: str) -> Flaw:
        return Flaw("record.xml_attribute", f"In <{_named(element)}> {says.rstrip('.?')}.", _said(path), element.line)

    @staticmethod
    def _unexpected(element: Element, path: Path, why: str) -> Flaw:
        return Flaw(
            "record.xml_unexpected", f"<{_named(element)}> may not stand here: {why}", _said(path), element.line
        )


Path = tuple["Path | None", Element]
"""An element with those around it. What it is called is found when there is something to say about it."""


def _said(path: Path) -> str:
    """``/ObjectEvent/epcList/epc[2]``: one of several of a name has its number, from 1."""
    around, element = path
    local = visible(split(element.name)[1], limit=60)
    if around is None:
        return f"/{local}"
    same = [each for each in around[1].children if split(each.name)[1] == split(element.name)[1]]
    number = next(index for index, each in enumerate(same, 1) if each is element)
    return f"{_said(around)}/{local}" + (f"[{number}]" if number > 1 else "")


class _Match:
    """Holds the children of one element against a content model, which never leaves a doubt (XML Schema wants that)."""

    def __init__(self, judge: _Judge, element: Element, path: Path) -> None:
        self._judge, self._element, self._path = judge, element, path
        self._children = element.children
        self._at = 0
        self._expected: list[Particle] = []
        self._fits = True

    def all(self, parts: tuple[Particle, ...], *, emptied: bool) -> Iterator[Flaw]:
        """The flaws of the children, and of how they follow one another."""
        if emptied and not self._children:
            return
        yield from self._sequence(parts)
        if self._fits and self._at < len(self._children):
            yield self._not_here(self._children[self._at], _names(self._expected))

    def _sequence(self, parts: tuple[Particle, ...]) -> Iterator[Flaw]:
        for part in parts:
            yield from self._particle(part)
            # What follows an element that is in the wrong place would only be guessed at.
            if not self._fits:
                return

    def _particle(self, part: Particle) -> Iterator[Flaw]:
        if isinstance(part, Together):
            if self._starts(part):
                yield from self._sequence(part.parts)
            return
        count = 0
        while count < part.most and self._starts(part):
            yield from self._taken(part)
            if not self._fits:
                return
            count += 1
            self._expected = []
        if count < part.least:
            self._fits = False
            yield self._missing(part)
        elif count < part.most:
            self._expected.append(part)

    def _taken(self, part: One | Any | Choice) -> Iterator[Flaw]:
        """The flaws of the child that begins ``part``."""
        if isinstance(part, Choice):
            yield from self._particle(next(one for one in part.parts if self._starts(one)))
            return
        child = self._children[self._at]
        self._at += 1
        if isinstance(part, Any):
            yield from self._judge.anything(child, (self._path, child))
        else:
            yield from self._judge.element(child, part.type, (self._path, child), nillable=part.nillable)

    def _starts(self, part: Particle) -> bool:
        """Whether the next child begins ``part``."""
        if self._at == len(self._children):
            return False
        name = self._children[self._at].name
        if isinstance(part, One):
            return name == part.name
        if isinstance(part, Any):
            namespace = split(name)[0]
            return not namespace if part.target is None else namespace not in ("", part.target)
        if isinstance(part, Choice):
            return any(self._starts(one) for one in part.parts)
        return self._starts(part.parts[0])

    def _missing(self, part: Particle) -> Flaw:
        expected = _names([*self._expected, part])
        if self._at == len(self._children):
            return Flaw(
                "record.xml_missing",
                f"<{_named(self._element)}> ends too early: write {_choice(expected)} in it.",
                _said(self._path),
                self._element.line,
            )
        return self._not_here(self._children[self._at], expected)

    def _not_here(self, child: Element, expected: list[str]) -> Flaw:
        wanted = _choice(expected)
        hint = f"write {wanted} here, or move it to its place" if wanted else "leave it out"
        local = split(child.name)[1]
        meant = nearest(local, [name.strip("<>") for name in expected])
        if meant is not None and meant != local:
            hint = f"did you mean <{meant}>"
        elif meant is not None:
            hint = "it is in another namespace than EPCIS wants: write it with that one's prefix, or with none"
        return Flaw(
            "record.xml_unexpected",
            f"<{_named(child)}> in <{_named(self._element)}> may not stand here: {hint}.",
            _said((self._path, child)),
            child.line,
        )


def _names(parts: list[Particle]) -> list[str]:
    return [name for part in parts for name in _first_names(part)]


def _first_names(part: Particle) -> list[str]:
    if isinstance(part, One):
        return [f"<{split(part.name)[1]}>"]
    if isinstance(part, Any):
        return ["an element of your own" if part.target is not None else "an element without a namespace"]
    if isinstance(part, Choice):
        return [name for one in part.parts for name in _first_names(one)]
    return _first_names(part.parts[0])


_CHOICES: Final = 8
"""How many names a sentence offers."""


def _choice(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    if len(names) > _CHOICES:
        names = [*names[: _CHOICES - 1], f"one of {len(names) - _CHOICES + 1} others"]
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
