"""The policy: what a book's figures suppose beyond its events, as typed values, and nothing that it does not say.

One TOML document in the book, dated by its entry. Every key is in `docs/reference/policies.md`; an unknown one is
refused, so that a misspelt supposition is not silently absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from lodeline.ids.epc import canonical
from lodeline.metal import policy_document
from lodeline.metal.ranking import RANKING, Ranking
from lodeline.metal.suppositions import (
    Biases,
    Closure,
    Limits,
    Loss,
    Period,
    Range,
    Uncertain,
    Uncertainties,
)

if TYPE_CHECKING:
    from lodeline.metal.follower import Matching

__all__ = [
    "NO_POLICY",
    "Biases",
    "Closure",
    "Limits",
    "Loss",
    "Period",
    "Policy",
    "Range",
    "Uncertain",
    "Uncertainties",
]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A policy as typed values. Without one nothing is supposed, and ranks count as their words say.

    Attributes:
        version: The entry that put it in force; None where there is none. Figures that use it cite it.
        name, dated: As it calls itself.
        ranking: Which of several determinations of one thing counts.
        uncertainty: Standard uncertainties where an event gives none.
        tolerance: How far what arrives may differ from what was sent, kg per kg sent; None: nobody agreed.
        loss: What is supposed to be lost on the road; None: nothing is supposed.
        drying: What of the water is supposed to be lost there; None: nothing is supposed.
        fastest_km_per_h: The fastest that anything goes on a road, km on the globe an hour; None: nobody said.
        fastest_hours: The least time between two places, hours, by the canonical URIs of its start and its end.
        receipt_window_days: How long after a departure a receipt that names no papers may be its; None: without limit.
        mixing: How a store mixes, by its id, where the master data do not say.
        groups: Members of declared groups, symbols or formulas, by the group's name.
        closure: The largest imbalance that counts as closed; None: nobody said.
        false_alarms: The probability, between 0 and 1, that a run of the tests raises any false alarm; None: nobody
            said.
        periods: How long a period of balances is; None: nobody said.
        zone: IANA zone in which every period ends; None: each in the zone of its site.
        limits: What a plant can do, by process word or by the site's canonical URI; see :meth:`limits_of`.
    """

    version: int | None = None
    name: str | None = None
    dated: date | None = None
    ranking: Ranking = RANKING
    uncertainty: Uncertainties = Uncertainties()
    tolerance: Decimal | None = None
    loss: Loss | None = None
    drying: Loss | None = None
    fastest_km_per_h: Decimal | None = None
    fastest_hours: Mapping[str, Mapping[str, Decimal]] = {}
    receipt_window_days: Decimal | None = None
    mixing: Mapping[str, str] = {}
    groups: Mapping[str, tuple[str, ...]] = {}
    closure: Closure | None = None
    false_alarms: Decimal | None = None
    periods: Period | None = None
    zone: str | None = None
    limits: Mapping[str, Limits] = {}

    @classmethod
    def parse(cls, toml: bytes, *, version: int | None = None) -> Policy:
        """Read a policy document.

        Args:
            toml: The exact document.
            version: The entry that holds it.

        Raises:
            PolicyError: ``policy.not_toml``, ``policy.unknown_key``, ``policy.value``; ``where["key"]`` is the path.
        """
        found = policy_document.read(toml)
        return cls(
            version=version,
            name=found.get("name"),
            dated=found.get("dated"),
            ranking=found.get("assay", {}).get("ranks", RANKING),
            uncertainty=Uncertainties(**found.get("uncertainty", {})),
            tolerance=found.get("tolerance", {}).get("transit"),
            loss=found.get("transit", {}).get("loss"),
            drying=found.get("transit", {}).get("drying"),
            fastest_km_per_h=found.get("transit", {}).get("fastest_km_per_h"),
            fastest_hours=found.get("transit", {}).get("fastest_hours", {}),
            receipt_window_days=found.get("receipt", {}).get("window_days"),
            mixing=found.get("mixing", {}),
            groups=found.get("groups", {}),
            closure=found.get("closure", {}).get("tolerance"),
            false_alarms=found.get("detection", {}).get("false_alarms"),
            periods=found.get("detection", {}).get("periods"),
            zone=found.get("period", {}).get("zone"),
            limits=found.get("limits", {}),
        )

    def limits_of(self, process: str | None, site: str | None) -> Limits | None:
        """What a plant can do: the table of its site where there is one, whole, else that of the process.

        Args:
            process: The word of the process, such as ``concentrate``.
            site: URI of the site it runs at.
        """
        return self.limits.get(canonical(site or ""), self.limits.get(process or ""))

    @property
    def matching(self) -> Matching:
        """What it says about the following of movements."""
        from lodeline.metal.follower import Matching

        return Matching(transit_tolerance=self.tolerance, window_days=self.receipt_window_days)

    @property
    def cited(self) -> str:
        """How a figure names the policy that it rests on."""
        return "no policy" if self.version is None else f"policy of entry {self.version}"

    def digest(self) -> str:
        """The same for policies that suppose the same under the same version: 16 hexadecimal digits."""
        return sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()[:16]


NO_POLICY = Policy()
"""What holds in a book without a policy."""
