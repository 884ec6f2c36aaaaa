"""What a policy supposes, put where events give nothing: facts in, completed facts out."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from lodeline.metal.policy import Policy, Uncertain
from lodeline.metal.values import AnyFact, Assay, Mass, Moisture, Weighing

T = TypeVar("T", Assay, Moisture)


def supposed(fact: AnyFact, policy: Policy) -> AnyFact:
    """The fact with standard uncertainties that the policy supposes, each with the policy's version beside it.

    What an event gives is never replaced; where neither gives one it stays unknown.
    """
    match fact:
        case Weighing():
            uncertain = policy.uncertainty.of_weighing(fact.device)
            if uncertain is None:
                return fact
            return msgspec.structs.replace(
                fact, **{name: _mass(getattr(fact, name), uncertain, policy) for name in ("gross", "tare", "net")}
            )
        case Assay():
            return _determination(fact, policy.uncertainty.of_assay(fact.laboratory, fact.method), policy)
        case Moisture():
            return _determination(fact, policy.uncertainty.of_moisture(fact.laboratory, fact.method), policy)
        case _:
            return fact


def _mass(mass: Mass | None, uncertain: Uncertain, policy: Policy) -> Mass | None:
    if mass is None or mass.kg is None or mass.u is not None:
        return mass
    # A mass of zero, and an uncertainty that is a part of it: nothing can be supposed.
    u = uncertain.of(mass.kg)
    return msgspec.structs.replace(mass, u=u, u_policy=policy.version) if u else mass


def _determination(fact: T, uncertain: Uncertain | None, policy: Policy) -> T:
    if uncertain is None or fact.u is not None or fact.fraction is None:
        return fact
    u = uncertain.of(fact.fraction)
    return msgspec.structs.replace(fact, u=u, u_policy=policy.version) if u else fact
