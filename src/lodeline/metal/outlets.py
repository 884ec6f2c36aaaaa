"""Outlets: what came out of a plant, as the master data name it: product, by-product, tailings, slag, dust, residue.

A material whose ``form`` says tailings, slag, dust or residue is that, for every element. Any other is the product of
the elements it is held for, and a by-product for the rest; one without registered elements is not said to be either.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from lodeline.ids.epc import canonical
from lodeline.metal.registered import Master, elements_of

Kind = Literal["product", "by-product", "tailings", "slag", "dust", "residue", "not said"]
KINDS: tuple[Kind, ...] = ("product", "by-product", "tailings", "slag", "dust", "residue", "not said")
"""In the order in which an account lists them."""
RESIDUES: tuple[Kind, ...] = ("tailings", "slag", "dust", "residue")
"""Kinds that a word of a material's form names."""


class Outlet(NamedTuple):
    """What master data say of a material: the residue that it is, empty if none; and the elements it is held for."""

    residue: str
    elements: tuple[str, ...]

    def kind(self, element: str) -> Kind:
        """What it is to an element."""
        for kind in RESIDUES:
            if kind == self.residue:
                return kind
        if not self.elements:
            return "not said"
        return "product" if element in self.elements else "by-product"


UNSAID = Outlet("", ())
"""Of a material that nobody registered."""


def outlets(master: Master) -> Mapping[str, Outlet]:
    """Every registered material by its id."""
    found: dict[str, Outlet] = {}
    for (kind, material), attributes in master.items():
        if kind == "material":
            words = re.findall(r"[a-z]+", str(attributes.get("form") or "").lower())
            residue = next((one for one in RESIDUES if one in words or f"{one}s" in words), "")
            found[material] = Outlet(residue, elements_of(master, material))
    return found


def site_of(master: Master, place: str) -> str:
    """The site a place belongs to: itself, or the site in which a store stands; itself where none is registered.

    The larger site that a site is part of is left aside: a plant is accounted for where it stands.
    """
    if ("site", canonical(place)) in master:
        return place
    said = master.get(("store", canonical(place)), {}).get("site")
    return said if isinstance(said, str) and said else place
