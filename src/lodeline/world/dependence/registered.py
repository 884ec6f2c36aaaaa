"""The indicators that an answer about dependence gives: one function and one row each."""

from __future__ import annotations

from functools import partial

from lodeline.world.dependence.cover import months_of_cover
from lodeline.world.dependence.geopolrisk_asked import geopolrisk_potential, geopolrisk_score
from lodeline.world.dependence.indicator import Registered
from lodeline.world.dependence.reliance_asked import net_import_reliance
from lodeline.world.dependence.supply import import_indicator, output_indicator
from lodeline.world.dependence.supply_risk_asked import eu_supply_risk, eu_supply_risk_published

CONCENTRATION = {
    "hhi": "concentration, 10,000 is one country",
    "effective-suppliers": "as many equal countries",
    "top-1": "part of the largest",
    "top-3": "part of the three largest",
}
"""What the measures of concentration say."""

ARITHMETIC = (
    *(Registered(name, partial(output_indicator, name), f"output: {says}") for name, says in CONCENTRATION.items()),
    *(
        Registered(f"import-{name}", partial(import_indicator, f"import-{name}"), f"imports: {says}")
        for name, says in CONCENTRATION.items()
    ),
    Registered("months-of-cover", months_of_cover, "how long stocks last"),
    Registered("net-import-reliance", net_import_reliance, "part of use that is imported"),
)
"""Plain arithmetic on what an edition publishes."""

COMPOSITES = (
    Registered("eu-supply-risk", eu_supply_risk, "the EU's score by this output, 1 and more is high"),
    Registered("eu-supply-risk-published", eu_supply_risk_published, "the EU's own score of 2023"),
    Registered("geopolrisk", geopolrisk_score, "political risk of imports, 0 to 1"),
    Registered("geopolrisk-potential", geopolrisk_potential, "kg of copper of the same risk, per kg"),
)
"""Scores of several things at once; each method reproduces a published table."""

INDICATORS = (*ARITHMETIC, *COMPOSITES)
"""In the order in which they are shown. Give :func:`lodeline.world.dependence.indicator.answers` more rows for more."""
