"""Accounts: an element by stage, and through a plant; what :mod:`stages` and :mod:`plant` compute, and reports show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from lodeline.metal.outlets import Kind
from lodeline.units.figure import Figure

COLUMNS = ("origin", "raw", "concentrated", "way", "received", "plant", "outlet", "end")
"""Kinds of stations from left to right; what flows to the left is a return."""


class Station(NamedTuple):
    """One station.

    Attributes:
        kind: One of :data:`COLUMNS`.
        of: Of an origin and a plant its URI or country, of what is raw its stage, of an outlet its material; empty
            where nothing says.
        word: Of an origin: deposit, scrap source, country or nothing.
    """

    kind: str
    of: str = ""
    word: str = ""


HELD, ROAD, LEFT = Station("end", word="held"), Station("end", word="road"), Station("end", word="left")
DECLARED, LOSS = Station("end", word="declared"), Station("end", word="loss")
UNFOLLOWED, RETURNED = Station("end", word="unfollowed"), Station("end", word="returned")
GAIN, UNTOLD, BROUGHT = (
    Station("origin", word="gain"),
    Station("origin", word="untold"),
    Station("origin", word="brought"),
)
ENDS = (HELD, ROAD, LEFT, DECLARED, RETURNED, UNFOLLOWED, LOSS)
"""Where metal ends: held or on the road at the end, left the book, declared lost, returned to an earlier stage, gone on
in flows of unknown content, and unaccounted."""
STARTS = (BROUGHT, UNTOLD, GAIN)
"""Where metal comes from besides an origin: returned, from flows of unknown content, and more than was taken in."""


class Band(NamedTuple):
    """An element between two stations.

    Attributes:
        source, target: The stations; an outlet's ``of`` is what it is to this element.
        mass: KGM. Of the bands that close a station there is no uncertainty but that of the whole account.
        flows: How many flows, or nodes that do not close, it sums.
    """

    source: Station
    target: Station
    mass: Figure
    flows: int


class Stages(msgspec.Struct, frozen=True, kw_only=True):
    """One element by stage.

    Attributes:
        bands: Each with a mass above 0.
        unknown_lots, unknown_flows: Lots and flows that are asked for the element and are not in the bands, because
            their content is unknown. bounded_flows: of these, those with a limit, and ``bounded`` the most they hold
            together.
        declared: Mass of declared losses without an assay, KGM; what of the element was in them is among the
            unaccounted.
        unasked_lots: Lots of materials registered for other elements only, counted as holding none.
    """

    element: str
    bands: tuple[Band, ...]
    unknown_lots: int
    unknown_flows: int
    bounded_flows: int
    declared: Figure
    unasked_lots: int

    def total(self, *, into: Station | None = None, out_of: Station | None = None) -> float:
        """The mass of all bands into a station or out of one, kg."""
        return sum(
            band.mass.value or 0.0
            for band in self.bands
            if (into is None or band.target == into) and (out_of is None or band.source == out_of)
        )


def brought_in(one: Stages) -> float:
    """What came from a deposit, from scrap, or from where nobody says, kg."""
    sources = {band.source for band in one.bands if band.source.kind == "origin" and band.source not in STARTS}
    return sum(one.total(out_of=source) for source in sources)


def followed(one: Stages) -> float:
    """All that enters the account anywhere, kg: from origins, out of unknown content, and what was gained."""
    return sum(band.mass.value or 0.0 for band in one.bands if band.source.kind == "origin")


COVERAGE = 2.0
"""Standard uncertainties within which a difference says nothing: about 95 % of a normal spread. Every account that
judges by it says so. Source: JCGM 100:2008, 6.3.3."""


def least_and_most(of: Figure) -> tuple[float, float] | None:
    """How far from zero a figure is at least and at most; None where it has no two limits."""
    if of.value is not None:
        return abs(of.value), abs(of.value)
    if of.low is None or of.high is None:
        return None
    both = abs(of.low), abs(of.high)
    return (0.0 if of.low <= 0 <= of.high else min(both)), max(both)


Verdict = Literal["within", "beyond", "no uncertainty", "unknown flows", "nothing in"]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One element through the processes of one site.

    Attributes:
        fed: What went in, KGM. out: what came out, by kind, only kinds that came out. lost: declared losses with a
            known content. stock: what is still inside at the end; before the first event nothing was.
        unassayed_loss: Mass of declared losses of unknown content, all of it material and not the element, KGM.
        unaccounted: KGM; negative where more came out than went in. recovery: products per what was used, P1; None
            where no product of the element is made.
        verdict: Whether the unaccounted mass is within :data:`COVERAGE` of its standard uncertainties, or why not told.
        unknown_in, unknown_out: Flows of unknown content. no_uncertainty: known flows without a standard uncertainty.
        unasked: Lots of materials registered for other elements only, counted as holding none.
    """

    element: str
    fed: Figure
    out: Mapping[Kind, Figure]
    lost: Figure
    stock: Figure
    unassayed_loss: Figure
    unaccounted: Figure
    recovery: Figure | None
    verdict: Verdict
    unknown_in: int
    unknown_out: int
    no_uncertainty: int
    unasked: int


class Plant(msgspec.Struct, frozen=True, kw_only=True):
    """The processes of one site: a concentrator, or a plant that makes metal.

    Attributes:
        site: URI; empty where no event says where it was.
        concentrator: Whether its processes concentrate. processes: the words of what they do.
        runs: How many processes there were.
        accounts: One an element that went in or came out, the heaviest feed first.
    """

    site: str
    concentrator: bool
    processes: tuple[str, ...]
    runs: int
    accounts: tuple[Account, ...]
