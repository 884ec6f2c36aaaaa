"""What a claim of origin is worth, in two fields that say different things.

*Certainty* is what follows from masses: proved, supported by a named assumption, undecided, or contradicted. The
*model* of the chain of custody is how the claim's metal was kept from other metal, whatever can be proved of it.

Source: ISO 22095:2020, Chain of custody, general terminology and models, 3.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

from lodeline.errors import InputError
from lodeline.origin.claims import Claim, check_claim
from lodeline.origin.upstream import upstream

if TYPE_CHECKING:
    from lodeline.origin.graph import MassGraph, Origin

Certainty = Literal["proved", "supported", "undecided", "contradicted"]
Model = Literal["identity preserved", "segregated", "controlled blending", "mass balance"]
MODELS: Final[tuple[Model, ...]] = get_args(Model)
"""From the strictest: what one bears out, the next bear out too."""


class Evidence(NamedTuple):
    """What the arcs of a claim can hold of its origins.

    Attributes:
        least_mg, most_mg: Bounds; the same, where an assumption about mixing gives a share.
        least_u_mg, most_u_mg: Their standard uncertainties (k = 1), 0 where masses are taken as they are.
        assumption: On what they rest beside the masses, in words; empty for nothing.
    """

    least_mg: int
    most_mg: int
    least_u_mg: float = 0.0
    most_u_mg: float = 0.0
    assumption: str = ""


class Standing(NamedTuple):
    """How a claim stands.

    Attributes:
        certainty: ``proved`` and ``contradicted`` whatever the mixing was; ``supported`` where an assumption says so
            and none that was tried says otherwise; else ``undecided``.
        supported_by, contradicted_by: The assumptions under which it holds, and fails.
        k: Coverage factor within which masses were taken to be right.
    """

    certainty: Certainty
    supported_by: tuple[str, ...]
    contradicted_by: tuple[str, ...]
    k: float


def standing(claim: Claim, evidence: Sequence[Evidence], *, k: float) -> Standing:
    """How a claim stands by what is known of its arcs.

    Args:
        evidence: At most one without an assumption.
        k: Coverage factor from the policy, >= 0: a bound counts as far as it holds that many uncertainties off.

    Raises:
        InputError: ``claim.evidence``.
    """
    plain = [one for one in evidence if not one.assumption]
    if len(plain) > 1 or k < 0 or any(one.least_mg > one.most_mg for one in evidence):
        raise InputError(
            "claim.evidence", "Give one bound without an assumption, least before most, and k >= 0.", claim=claim.name
        )
    holds = [one.assumption for one in evidence if one.assumption and _holds(claim, one, k)]
    fails = [one.assumption for one in evidence if one.assumption and _fails(claim, one, k)]
    certainty: Certainty = "supported" if holds and not fails else "undecided"
    if plain and _holds(claim, plain[0], k):
        certainty = "proved"
    elif plain and _fails(claim, plain[0], k):
        certainty = "contradicted"
    return Standing(certainty, tuple(holds), tuple(fails), k)


def _holds(claim: Claim, by: Evidence, k: float) -> bool:
    if claim.sense == "at least":
        return _surely(by.least_mg - claim.mg, k * by.least_u_mg)
    return _surely(claim.mg - by.most_mg, k * by.most_u_mg)


def _fails(claim: Claim, by: Evidence, k: float) -> bool:
    """By a milligram at least, since claims are whole."""
    if claim.sense == "at least":
        return _surely(claim.mg - 1 - by.most_mg, k * by.most_u_mg)
    return _surely(by.least_mg - claim.mg - 1, k * by.least_u_mg)


def _surely(margin_mg: int, off_mg: float) -> bool:
    """Whether a margin is there however far off; whole numbers are compared as such where nothing is uncertain."""
    return margin_mg >= off_mg if off_mg else margin_mg >= 0


class Custody(NamedTuple):
    """The model of the chain of custody.

    Attributes:
        stated: What the claim says.
        borne_out: The strictest that the record bears out; None where it bears out none.
        foreign: Origins that metal of the claim may have come from and that do not count.
    """

    stated: Model | None
    borne_out: Model | None
    foreign: tuple[Origin, ...]

    @property
    def holds(self) -> bool:
        """Whether the record bears out what is stated; True where nothing is."""
        if self.stated is None:
            return True
        return self.borne_out is not None and MODELS.index(self.borne_out) <= MODELS.index(self.stated)


def custody(graph: MassGraph, claim: Claim, *, stated: Model | None, proportion: str, credited: bool) -> Custody:
    """Which model the record bears out: by everything that can have come into the arcs of a claim.

    - *identity preserved*: all of one deposit or scrap source that counts;
    - *segregated*: of several, all of which count;
    - *controlled blending*: with metal that does not count, in a proportion that is known;
    - *mass balance*: so, in a proportion that is not known, and credits were used for it.

    Args:
        stated: What the claim says.
        proportion: How the proportion in every blend is known, a mixing policy or an assay, in words; empty if not.
        credited: Whether credits of an account (:mod:`~lodeline.origin.credits`) were used for the whole claim.

    Raises:
        InputError: What :func:`~lodeline.origin.claims.check_claim` refuses.
    """
    check_claim(graph, claim)
    sources = sources_of(graph, claim.arcs)
    foreign = tuple(sorted(sources - claim.origins))
    return Custody(stated, model_of(sources, foreign, proportion, credited=credited), foreign)


def sources_of(graph: MassGraph, arcs: Sequence[int]) -> set[Origin]:
    """Origins that metal on some arcs can have come from."""
    return {graph.origins[one] for one in upstream(graph, arcs).origin.tolist() if one >= 0}


def model_of(sources: set[Origin], foreign: Sequence[Origin], proportion: str, *, credited: bool) -> Model | None:
    """The strictest model; arguments as of :class:`Custody` and :func:`custody`.

    Args:
        sources: At least one. foreign: those of them that do not count.
    """
    if not foreign:
        (first, *more) = sources
        # A country without its deposit is no single source.
        return "identity preserved" if not more and first.name else "segregated"
    if proportion and len(foreign) < len(sources):
        return "controlled blending"
    return "mass balance" if credited else None
