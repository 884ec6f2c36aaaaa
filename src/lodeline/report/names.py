"""Names: what master data call the things that events name by URI, and where they lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Protocol

from lodeline.ids.epc import canonical
from lodeline.report.given import Place
from lodeline.world.country import numeric


class Registered(Protocol):
    """A record of the master data."""

    @property
    def kind(self) -> str:
        """party, site, store, scale, laboratory, standard, material or deposit."""

    @property
    def id(self) -> str:
        """Its identifier."""

    @property
    def attributes(self) -> Mapping[str, Any]:
        """What is recorded of it."""


class Names:
    """Master data by id; a later record of an id supersedes an earlier one. An unregistered id is its own name."""

    def __init__(self, master: Iterable[Registered]) -> None:
        self._kept: dict[str, Registered] = {canonical(record.id): record for record in master}

    def label(self, uri: str | None) -> str:
        """What a thing is called; empty where there is nothing to name."""
        if uri is None:
            return ""
        said = self._attribute(uri, "name")
        return said if isinstance(said, str) and said.strip() else uri

    def country(self, uri: str | None) -> str:
        """The country a thing lies in, ISO 3166-1 alpha-3, through its parents; empty where none is recorded."""
        for step in self._up(uri):
            said = self._attribute(step, "country")
            if isinstance(said, str) and (code := alpha3_of(said)):
                return code
        return ""

    def place(self, uri: str | None, *, party: str | None = None) -> Place | None:
        """A place with its position, as finely as it is recorded; the party's country where no place is named."""
        if uri is None and party is None:
            return None
        if uri is None:
            country = self.country(party)
            return Place(id=f"{party}", label=self.label(party), country=country, at=None, known="country")
        at, known = self._position(uri)
        return Place(id=uri, label=self.label(uri), country=self.country(uri), at=at, known=known)

    def _position(self, uri: str) -> tuple[tuple[float, float] | None, str]:
        """The position of a place or of what it lies in, and for how large an area it stands."""
        for step in self._up(uri):
            east, north = self._attribute(step, "longitude"), self._attribute(step, "latitude")
            if isinstance(east, Decimal | int) and isinstance(north, Decimal | int):
                said = self._attribute(step, "position_precision")
                return (float(east), float(north)), said if isinstance(said, str) and said else "site"
        return None, "country"

    def _attribute(self, uri: str, name: str) -> Any:
        record = self._kept.get(canonical(uri))
        return None if record is None else record.attributes.get(name)

    def _up(self, uri: str | None) -> Iterable[str]:
        """The thing and its parents; a ring of parents ends where it began."""
        seen: set[str] = set()
        while isinstance(uri, str) and uri not in seen:
            yield uri
            seen.add(uri)
            uri = self._attribute(uri, "parent") or self._attribute(uri, "site")


def alpha3_of(code: str) -> str:
    """An ISO 3166-1 alpha-2 or alpha-3 code as alpha-3; empty where it is no country."""
    import pycountry

    if numeric(code) is None:
        return ""
    found = pycountry.countries.get(alpha_2=code)
    return code if found is None else str(found.alpha_3)
