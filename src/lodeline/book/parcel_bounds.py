"""The least and the most of a class of origins if parcels are homogeneous: several elements of each stay together.

What was mined or collected at once keeps its composition, within a stated part, until something separates it. That is a
strong assumption, which narrows bounds strongly; what needs it is supported by it and never proved.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lodeline.book.bounding import MG_PER_KG
from lodeline.book.judging import coverage
from lodeline.book.origin_answers import Limits
from lodeline.errors import InputError

if TYPE_CHECKING:
    from lodeline.book.lot_metal import LotMetal
    from lodeline.book.traced import Traced
    from lodeline.origin.graph import Origin
    from lodeline.origin.wanted import Wanted

LARGEST: Final = 400_000
"""Columns of a program, parcels times elements times arcs upstream, up to which it is tried."""


class Alike(NamedTuple):
    """What is supposed of parcels.

    Attributes:
        elements: Symbols that stay together, the asked one among them.
        within: By which part a component of any kilogram of a parcel differs from that of all of it, >= 0.
    """

    elements: tuple[str, ...]
    within: float

    def __str__(self) -> str:
        return f"parcels homogeneous within {100 * self.within:g} % in {', '.join(self.elements)}"


class ParcelBounds:
    """The metal of a lot under the assumption.

    Args:
        traced: Of the element that is asked; its masses count.
        of: Of the lot. alike: what is supposed.

    Raises:
        InputError: ``origin.parcels_several``, ``origin.parcels_large``, and those of
            :func:`lodeline.origin.parcels_of_book.parcels_of`.
    """

    def __init__(self, traced: Traced, of: LotMetal, alike: Alike) -> None:
        from lodeline.origin.ancestors import ancestors
        from lodeline.origin.maxflow import network
        from lodeline.origin.parcels_of_book import parcels_of

        if of.rows.size != 1:
            raise InputError(
                "origin.parcels_several",
                "The metal of the lot is in several parts; homogeneous parcels are asked of one, so ask for a lot that "
                "is held in one.",
                lot=of.lot,
            )
        self.alike, self._element = alike, traced.element
        k = coverage(traced.policy) or 0.0
        self._made = parcels_of(traced.flows, alike.elements, reconciled=traced.reconciled, k=1.0 if k else 0.0)
        parcels = self._made.parcels
        self._parcels = parcels
        self._arc = int(self._made.arc[of.rows[0]])
        net = network(parcels.tail, parcels.head, np.zeros(parcels.tail.size, dtype=np.int64), parcels.nodes)
        before = ancestors(net, np.array([self._arc])).arcs
        masses = len(parcels.components) * before.size
        size = int((parcels.tail[before] < 0).sum()) * masses
        if size > LARGEST:
            raise InputError(
                "origin.parcels_large",
                f"So much lies upstream that the program would have {size:,} unknowns, more than {LARGEST:,}; ask "
                "nearer to the mine, or with fewer elements.",
                lot=of.lot,
            )
        if k:
            self._parcels = parcels._replace(slack_mg=_of_all(k, masses) * np.asarray(parcels.slack_mg))

    def limits(self, asked: Wanted | set[Origin]) -> Limits:
        """The least and the most of a class; their uncertainties are not known.

        Raises:
            InputError: ``origin.parcels_none``: parcels are not so homogeneous, or a mass or an origin is wrong.
        """
        from lodeline.origin.parcels import supported

        try:
            found = supported(self._parcels, self._arc, self._element, asked, within=self.alike.within)
        except InputError as refusal:
            if refusal.code != "origin.not_solved":
                raise
            raise InputError(
                "origin.parcels_none",
                f"No way of the metal fits {self.alike}: they are not, or a mass or a declared origin is wrong; try a "
                "larger part.",
            ) from refusal
        return Limits(
            least=found.least_mg / MG_PER_KG,
            most=found.most_mg / MG_PER_KG,
            least_u=None,
            most_u=None,
            least_supposes=True,
            most_supposes=True,
        )


def _of_all(k: float, masses: int) -> float:
    """Within how many standard uncertainties all of so many masses are, with the chance that one is within ``k``."""
    normal = NormalDist()
    return normal.inv_cdf(1 - normal.cdf(-k) / (2 * masses))


def supposing(element: str, beside: Sequence[str], within: float) -> Alike:
    """What is supposed: the asked element first, and those beside it.

    Raises:
        InputError: ``origin.parcels``, ``chemistry.element_unknown``.
    """
    from lodeline.chemistry.elements import element as known

    if not 0 <= within < 1:
        raise InputError("origin.parcels", "Parcels are homogeneous within a part from 0 to below 1, such as 0.02.")
    return Alike(tuple(dict.fromkeys(known(one).symbol for one in (element, *beside))), within)
