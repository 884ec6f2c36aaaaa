"""What limits are judged by besides the flows: what the caller knows, and tables that several limits share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from lodeline.ids.epc import canonical
from lodeline.metal.detection.limits.consignments import Consignments, Uncounted, consignments
from lodeline.metal.detection.limits.determinations import Determinations, determinations
from lodeline.metal.detection.limits.runs import Runs
from lodeline.metal.detection.limits.sides import Sides, sides
from lodeline.metal.late import brings
from lodeline.metal.movements import consignment
from lodeline.metal.outlets import UNSAID, outlets, site_of
from lodeline.metal.policy import Limits, Policy
from lodeline.metal.values import Arrived

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.contrasts import Contrasts
    from lodeline.metal.detection.limits.mistaken import Mistaken
    from lodeline.metal.detection.limits.offsets import Explained
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.registered import Master

    Array = NDArray[np.float64]


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller knows besides flows and policy. What is not given is not supposed.

    Attributes:
        master: Master data, latest record of each.
        scale_u: Standard uncertainty (k = 1) of the bias of a scale, as a part of the mass, by its URI; of those not
            listed what the policy supposes, else none.
        laboratory_u: The same of a laboratory, in each element, as a part of the value.
        moisture_u: The same of a laboratory, in its moistures.
        uncounted: Receipts that the books did not count; see :func:`uncounted`.
        weak: The probability that a reader allows for any false suspicion at all, weak ones too; None: what the policy
            allows for a false alarm is allowed in each limit.
    """

    master: Master = {}
    scale_u: Mapping[str, float] = {}
    laboratory_u: Mapping[str, float] = {}
    moisture_u: Mapping[str, float] = {}
    uncounted: tuple[Uncounted, ...] = ()
    weak: float | None = None


class Context:
    """What is given, and what several limits need of the same flows, made when first asked for."""

    def __init__(self, flows: Flows, policy: Policy, given: Given = Given()) -> None:  # noqa: B008
        self._flows, self._policy = flows, policy
        self.given = given

    @cached_property
    def sides(self) -> Sides:
        """Where lots lie between movements, and what was measured there."""
        return sides(self._flows)

    @cached_property
    def consignments(self) -> Consignments:
        """What left and what came of it."""
        return consignments(self._flows, self.sides, self.given.uncounted)

    @cached_property
    def determinations(self) -> Determinations:
        """Every determination of an element."""
        return determinations(self._flows, self.sides)

    @cached_property
    def contrasts(self) -> Contrasts:
        """What the two ends of each road say of mass, moisture and composition, one against the other."""
        from lodeline.metal.detection.limits.contrasts import contrasts

        return contrasts(self._flows, self._policy, self)

    @cached_property
    def explained(self) -> Explained:
        """Which of the contrasts instruments explain that were off for a time."""
        from lodeline.metal.detection.limits.offsets import explained

        return explained(self._flows, self._policy, self)

    @cached_property
    def mistaken(self) -> Mistaken:
        """Certificates on which the number of one species stands as that of another."""
        from lodeline.metal.detection.limits.mistaken import mistaken

        return mistaken(self._flows, self._policy, self)

    @cached_property
    def runs(self) -> Runs:
        """Every process with its inlets and outlets."""
        return Runs(self._flows)

    def site(self, place: int) -> str | None:
        """The site of a place by its name; None where nobody says."""
        name = self._flows.name(place)
        return None if name is None else site_of(self.given.master, name)

    @cached_property
    def limits(self) -> tuple[Limits | None, ...]:
        """What the policy says each run can do; nothing of one that makes no new material."""
        runs, names = self.runs, self._flows.name
        return tuple(
            self._policy.limits_of(names(int(word)), self.site(int(place))) if works else None
            for word, place, works in zip(runs.word, runs.place, runs.works, strict=True)
        )

    def ranges(self, what: Literal["mass_yield", "recovery", "upgrade"], symbol: str | None) -> tuple[Array, Array]:
        """(run,) each: the lowest and the highest that the policy allows; NaN where it names none."""
        both = np.full((2, len(self.limits)), np.nan)
        for run, of in enumerate(self.limits):
            said = None if of is None else getattr(of, what)
            found = said.get(symbol) if symbol is not None and said is not None else said
            if found is not None:
                both[:, run] = float(found.low), float(found.high)
        return both[0], both[1]

    def capacity_kg(self) -> Array:
        """(run,) the most dry mass that comes out of its plant in a day, kg; NaN where the policy names none."""
        said = [None if of is None else of.capacity_t_per_day for of in self.limits]
        return np.array([np.nan if t is None else 1000 * float(t) for t in said], dtype=np.float64)

    def product(self, symbol: str) -> NDArray[np.bool_]:
        """(part,) which inlets and outlets of runs are of a material that the master data hold for the element."""
        known = outlets(self.given.master)
        is_product = np.zeros(len(self._flows.names) + 1, dtype=bool)
        for material in np.unique(self.runs.material).tolist():
            name = self._flows.name(int(material))
            if name is not None:
                is_product[material] = known.get(canonical(name), UNSAID).kind(symbol) == "product"
        return np.asarray(is_product[self.runs.material])

    @cached_property
    def scale_u(self) -> NDArray[np.float64]:
        """(name,) the bias of each scale; the last is that of no scale."""
        return self._by_name(self.given.scale_u, "scale")

    @cached_property
    def laboratory_u(self) -> NDArray[np.float64]:
        """(name,) the bias of each laboratory in an element; the last is that of no laboratory."""
        return self._by_name(self.given.laboratory_u, "laboratory")

    @cached_property
    def moisture_u(self) -> NDArray[np.float64]:
        """(name,) the bias of each laboratory in a moisture; the last is that of no laboratory."""
        return self._by_name(self.given.moisture_u, "moisture")

    def _by_name(self, given: Mapping[str, float], kind: str) -> NDArray[np.float64]:
        # Biases of instruments of which nobody says anything count as none: what is not supposed is not made up.
        supposed = getattr(self._policy.uncertainty.bias, kind)
        found = np.full(len(self._flows.names) + 1, float(supposed or 0.0))
        found[-1] = 0.0
        for name, u in given.items():
            index = self._flows.index(name)
            if index >= 0:
                found[index] = u
        return found


def uncounted(arrivals: Iterable[Arrived]) -> tuple[Uncounted, ...]:
    """Receipts as the limits take them.

    Args:
        arrivals: The facts of the events that ``metal.received_again`` is about, completed by the policy.
    """
    found = []
    for fact in arrivals:
        for portion in fact.portions:
            said = brings(portion, fact)
            if said.kg is not None:
                u = float("nan") if said.u is None else float(said.u)
                found.append(Uncounted(fact.seq, portion.lot, consignment(fact), float(said.kg), u, said.basis or ""))
    return tuple(found)
