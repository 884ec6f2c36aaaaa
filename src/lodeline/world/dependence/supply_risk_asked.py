"""Supply risk of the EU as an answer about a commodity: as published in 2023, and by an edition's output."""

from __future__ import annotations

import msgspec

from lodeline.chemistry.elements import elements
from lodeline.units.figure import Figure
from lodeline.world.dependence.indicator import Indicator, Question
from lodeline.world.dependence.supply import STAGES, measure_asked, output_asked, output_note
from lodeline.world.dependence.supply_risk import SCOPES, Supply, supply_risk
from lodeline.world.dependence.supply_risk_published import (
    SOURCE,
    Published,
    materials,
    published,
    slug,
    trade_parameters,
)
from lodeline.world.governance.score import MEAN, scores_of

THEIRS = {"": "extraction", "mined": "extraction", "refined": "processing"}
"""The study's word for a stage."""
FREE = 1.0
"""The method's trade parameter of a country that does not restrict exports."""


def eu_supply_risk_published(question: Question) -> Indicator | None:
    """The Commission's own figure of 2023: for the stage that is asked, or, where none is, for the one that it used."""
    row = _row(question) if question.stage else _used(question)
    if row is None or row.supply_risk is None:
        return None
    figure = Figure(value=float(row.supply_risk), unit="C62", standing="stated", rests_on=(row.key,))
    used = "the stage that the study uses" if row.used == "yes" else "not the stage that the study uses"
    return Indicator(
        name="eu-supply-risk-published",
        method=SOURCE,
        figure=figure,
        inputs=figure.rests_on,
        editions=(row.edition,),
        note=f"Of the EU, {row.stage} ({used}), scope {_scope(row)}. {row.note}".strip(),
    )


def eu_supply_risk(question: Question) -> Indicator | None:
    """The global-supply part of the method, with the edition's output of the year in place of the study's five years.

    It is given where the study's recycling rate, substitution index and trade parameters are at hand: antimony, copper
    and cobalt. EU sourcing is not at hand, so the scope is the global supply, and the result is not the Commission's.
    """
    row = _row(question)
    if row is None or row.recycling_percent is None or row.si_sr is None:
        return None
    parameters = [
        one
        for one in trade_parameters()
        if (one.material, one.stage, one.supply) == (row.material, row.stage, "global")
    ]
    amounts = output_asked(question)
    at_stage = measure_asked(question) == STAGES[question.stage or "mined"]
    if not parameters or not amounts or not at_stage:
        return None
    governance = scores_of(MEAN, question.governance)
    found = supply_risk(
        global_supply=Supply(
            amounts=amounts,
            trade={one.country: float(one.parameter) for one in parameters},
            trade_elsewhere=FREE,
        ),
        eu_sourcing=None,
        import_reliance_percent=None,
        recycling_percent=float(row.recycling_percent),
        substitution=float(row.si_sr),
        governance=governance,
        year=governance.years[-1],
    )
    note = (
        f"Of the EU, {row.stage}, with output of {question.year}; recycling, substitution and trade of {row.edition}."
    )
    if row.supply_risk is not None:
        note += f" Published there: {row.supply_risk}, scope {_scope(row)}."
    note = f"{note} {output_note(question)}".strip()
    return found.indicator(
        editions=(question.table.edition, row.edition),
        inputs=(row.key, *(one.key for one in parameters)),
        note=note,
    )


def _scope(row: Published) -> str:
    return f"{row.scope} ({SCOPES[row.scope]})" if row.scope in SCOPES else row.scope or "not said"


def _row(question: Question) -> Published | None:
    """The study's row of the element and stage that are asked; of the commodity where it does not have the element."""
    stage, known = THEIRS.get(question.stage), elements().get(question.element)
    if stage is None:
        return None
    rows = published()
    by_element = None if known is None else rows.get((slug(known.name), stage))
    return by_element or rows.get((materials().get(question.commodity, question.commodity), stage))


def _used(question: Question) -> Published | None:
    """The row of the stage that the study used; None where it does not have the material."""
    found = (_row(msgspec.structs.replace(question, stage=stage)) for stage in ("mined", "refined"))
    return next((row for row in found if row is not None and row.used == "yes"), None)
