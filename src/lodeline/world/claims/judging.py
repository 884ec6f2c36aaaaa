"""Judging a register: every claim recomputed, set beside its rivals, asked every rule, and given a verdict by rule."""

from __future__ import annotations

from collections.abc import Iterable

from lodeline.errors import Settle
from lodeline.world.claims.checking import Check, checks, differs
from lodeline.world.claims.inputs import Given, Inputs, merged
from lodeline.world.claims.judged import Judged, Verdict, Verdicts
from lodeline.world.claims.measure import unit
from lodeline.world.claims.register import Claim, Register
from lodeline.world.claims.rivals import Rivalry, rivalries
from lodeline.world.claims.suspicion import RULES, Case, Rule, Suspected
from lodeline.world.claims.telling import recomputed, sentence
from lodeline.world.statistics.edition import Table


def judge(
    register: Register,
    *,
    inputs: Given | None = None,
    editions: Iterable[Table] = (),
    rules: tuple[Rule, ...] = RULES,
) -> Verdicts:
    """The verdict on every claim of a register.

    A claim is **contradicted** where the limits of its printed number do not overlap those of its recomputed figure, or
    of a rival that is not itself contradicted by a figure; where one of two such rivals is borne out by a figure and
    the other is not, only the other is contradicted. It is **consistent** where a figure agrees and no rule has a
    likely suspicion. Else it is **not checkable**, and says what is missing.

    Args:
        register: Claims, inputs and recomputations.
        inputs: What a reader sets, by name: a number, or least and most, in the input's own unit.
        editions: Tables in place of the imported or shipped ones of the same edition.
        rules: What is asked about every claim.

    Raises:
        InputError: ``world.claims_name``, ``world.claims_unit``, ``world.claims_dimension``, ``world.claims_zero``,
            ``world.claims_input``, ``world.claims_range``; ``where`` names the claim or input.
    """
    known = Inputs(register, inputs, editions)
    every = {one.id: tuple(checks(one, register.recomputed(one.id), known)) for one in register.claims}
    rivals = tuple(rivalries(register.claims, known))
    borne = {claim_id: _by_figures(found) for claim_id, found in every.items()}
    return Verdicts(
        judged=tuple(_judged(_case(claim, every, rivals, register, known), borne, rules) for claim in register.claims)
    )


def _case(
    claim: Claim, every: dict[str, tuple[Check, ...]], rivals: tuple[Rivalry, ...], register: Register, inputs: Inputs
) -> Case:
    own = tuple(one for one in rivals if claim.id in (one.one, one.other))
    return Case(claim=claim, checks=every[claim.id], rivals=own, every=every, register=register, inputs=inputs)


def _by_figures(found: tuple[Check, ...]) -> Verdict:
    """The verdict by figures alone."""
    outcomes = {one.outcome for one in found}
    if "contradicts" in outcomes:
        return "contradicted"
    # That its own parts add up, or that pounds and kilograms agree, says only that a claim was worked out with care.
    borne_out = any(one.outcome == "agrees" and one.relation != "restates" for one in found)
    return "consistent" if borne_out else "not checkable"


def _judged(case: Case, borne: dict[str, Verdict], rules: tuple[Rule, ...]) -> Judged:
    suspected = tuple(one for rule in rules for one in rule(case))
    against = tuple(one for one in case.rivals if _contradicts(one, case.claim.id, borne))
    verdict = borne[case.claim.id]
    if against:
        verdict = "contradicted"
    elif verdict == "consistent" and any(one.weight == "likely" for one in suspected):
        verdict = "not checkable"
    missing = _missing(case, verdict, suspected)
    rests_on = merged((*(one.rests_on for one in case.checks), _cited(case, suspected)))
    return Judged(
        claim=case.claim,
        verdict=verdict,
        reason=_reason(case, verdict, against, suspected, missing),
        recomputed=tuple(recomputed(one) for one in case.checks),
        rivals=case.rivals,
        suspected=suspected,
        missing=missing,
        rests_on=rests_on,
        editions=tuple(dict.fromkeys(key.partition(":")[0] for key in rests_on if key.count(":") == 5)),
    )


def _cited(case: Case, suspected: tuple[Suspected, ...]) -> tuple[str, ...]:
    """The claims that rivals and suspicions are about."""
    others = [two for one in case.rivals for two in (one.one, one.other) if two != case.claim.id]
    return tuple(f"claim:{one}" for one in (*others, *(two for one in suspected for two in one.claims)))


def _contradicts(one: Rivalry, own: str, borne: dict[str, Verdict]) -> bool:
    """Whether a rival counts against this claim: not if figures refute the rival, or bear out this claim alone."""
    other = one.other if one.one == own else one.one
    if one.standing != "conflict" or borne[other] == "contradicted":
        return False
    return not (borne[own] == "consistent" and borne[other] != "consistent")


def _missing(case: Case, verdict: Verdict, suspected: tuple[Suspected, ...]) -> tuple[Settle, ...]:
    """What would make a claim checkable: what the rule sees, then what the register says, then what inputs ask for."""
    claim, said = case.claim, list[str]()
    if verdict == "not checkable":
        if claim.value is None and claim.low is None and claim.high is None and not claim.part:
            said.append("No quantity is published.")
        elif any(one.weight == "likely" for one in suspected):
            said.append("What the number counts, from whoever published it first.")
        elif any(not of for what, of, _ in unit(claim.unit).dimension if what == "mass"):
            said.append("What is weighed: ore, concentrate, the element, or a compound of it.")
        elif claim.kind == "valuation" and not any(one.relation == "equal" for one in case.checks):
            said.append("The method: what is counted, at which prices, before or after costs.")
        elif not claim.missing and not case.checks:
            said.append("A second source, or inputs from which the number follows.")
        said += claim.missing
    asked = (Settle(act="document", subject=claim.id, detail=one) for one in said)
    return merged((asked, *(one.missing for one in case.checks if one.relation != "beside")))


def _reason(
    case: Case,
    verdict: Verdict,
    against: tuple[Rivalry, ...],
    suspected: tuple[Suspected, ...],
    missing: tuple[Settle, ...],
) -> str:
    """By what and by how much; where nothing decides, what is missing, and what stands beside the claim."""
    if verdict == "contradicted":
        figures = [sentence(one) for one in case.checks if one.outcome == "contradicts"]
        agreeing = [f"{sentence(one)}: agrees" for one in case.checks if one.outcome == "agrees" and one.part]
        words = [*figures, *(f"rivals: {one.sentence}" for one in against), *agreeing]
    elif verdict == "consistent":
        words = [sentence(one) for one in case.checks if one.outcome == "agrees"]
    else:
        likely = [f"likely {one.rule}: {one.sentence}" for one in suspected if one.weight == "likely"]
        likely += [one.sentence for one in suspected if one.weight == "note"]
        limits = [sentence(one) for one in case.checks if one.outcome == "only limits"]
        other = [
            f"claimed {getattr(case.claim.basis, axis)}, recomputed {getattr(one.basis, axis)}"
            for one in case.checks
            if one.outcome == "other basis" and (axis := differs(case.claim.basis, one.basis))
        ]
        beside = [sentence(one) for one in case.checks if one.outcome == "beside" and one.relation == "beside"]
        differ = [f"rivals: {one.sentence}" for one in case.rivals if one.standing == "differ in words"]
        words = [
            *(likely or [f"missing: {one.detail}" for one in missing[:1]]),
            *limits,
            *other,
            *differ,
            *([] if likely else beside),
        ]
    return "; ".join(one.rstrip(".") for one in dict.fromkeys(words))
