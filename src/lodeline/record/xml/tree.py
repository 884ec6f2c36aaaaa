"""A tree of elements, as judging and converting want it: names with their namespaces, text, lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from xml.sax.saxutils import quoteattr

from lodeline.errors import RecordError
from lodeline.record.xml.expat import Parser, qualified
from lodeline.record.xml.inherited import Inherited

BLANKS: Final = " \t\r\n"
_NONE: Final[dict[str, str]] = {}
_NO_CHILDREN: Final[tuple[Element, ...]] = ()


class Scope:
    """Prefixes that are bound at a place, with their namespaces; "" is the default namespace.

    A chain of what each element around the place binds, so that it costs nothing where nothing is bound.

    Attributes:
        around: What is bound outside the element that begins this scope.
        own: What that element binds.
    """

    __slots__ = ("around", "own")

    def __init__(self, around: Scope | None, own: Mapping[str, str]) -> None:
        self.around = around
        self.own = own

    def get(self, prefix: str) -> str | None:
        """The namespace of a prefix; None where none is bound to it."""
        scope: Scope | None = self
        while scope is not None:
            if prefix in scope.own:
                return scope.own[prefix]
            scope = scope.around
        return None


class Element:
    """One element; comments and processing instructions are not in the tree.

    Attributes:
        name: ``{namespace}local``, or the local name alone.
        attributes: Their values by name, written likewise. Namespace declarations are not among them.
        children: The elements within it, in order.
        text: The characters directly within it, CDATA sections included, in one.
        line: Where it begins, from 1.
        scope: Prefixes that are bound here.
    """

    __slots__ = ("attributes", "children", "line", "name", "scope", "text")

    def __init__(self, name: str, attributes: Mapping[str, str], line: int, scope: Scope) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Element] | tuple[Element, ...] = _NO_CHILDREN
        self.text = ""
        self.line = line
        self.scope = scope

    def walk(self) -> Iterator[Element]:
        """This element and all within it, in the order of the text."""
        yield self
        for child in self.children:
            yield from child.walk()


_OUTSIDE: Final = Scope(None, _NONE)


class _Builder:
    """Makes the tree of what a parser reads."""

    def __init__(self, line: int) -> None:
        self.parser = Parser(self._start, self._end, line=line)
        self.parser.expat.buffer_text = True
        self.parser.expat.CharacterDataHandler = self._text
        self._open: list[Element] = []
        self.root: Element | None = None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        scope = self._open[-1].scope if self._open else _OUTSIDE
        if self.parser.bound:
            scope = Scope(scope, self.parser.bound)
        given = {qualified(key): value for key, value in attributes.items()} if attributes else _NONE
        element = Element(qualified(name), given, self.parser.line, scope)
        if not self._open:
            self.root = element
        else:
            parent = self._open[-1]
            if parent.children:
                parent.children.append(element)  # type: ignore[union-attr]
            else:
                parent.children = [element]
        self._open.append(element)

    def _end(self, name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        element = self._open[-1]
        element.text = element.text + text if element.text else text


def element_of(raw: bytes, inherited: Inherited, *, line: int = 1) -> Element:
    """The tree of an element that was cut out of a document.

    Args:
        raw: The exact bytes of the element.
        inherited: What it inherits from the elements around it.
        line: The line in which it begins.

    Raises:
        RecordError: those of ``expat.Parser``.
    """
    try:
        text = raw.decode(inherited.encoding)
    except UnicodeDecodeError as error:
        raise RecordError(
            "record.xml_encoding",
            f"Byte {error.start} of the event is not {inherited.encoding}: write the text in UTF-8.",
        ) from error
    builder = _Builder(line)
    declared = "".join(
        f" xmlns{':' if prefix else ''}{prefix}={quoteattr(namespace)}"
        for prefix, namespace in inherited.namespaces.items()
        if prefix != "xml"
    )
    builder.parser.feed(f"<around{declared}>")
    builder.parser.depth = 0  # What is around it was counted when the document was read.
    builder.parser.feed(text)
    builder.parser.depth += 1
    builder.parser.feed("</around>", last=True)
    around = builder.root
    if around is None or len(around.children) != 1 or around.text.strip(BLANKS):
        raise RecordError("record.xml_syntax", "This is not one element: write one event.", line=line)
    return around.children[0]


def tree_of(text: bytes) -> Element:
    """The tree of a whole document.

    Raises:
        RecordError: those of ``expat.Parser``.
    """
    builder = _Builder(1)
    builder.parser.feed(text, last=True)
    assert builder.root is not None, "a text without an element is refused by the parser"
    return builder.root
