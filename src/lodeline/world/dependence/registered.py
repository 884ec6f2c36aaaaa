"""The indicators that an answer about dependence gives: one function and one row each."""

from __future__ import annotations

from functools import partial

from lodeline.world.dependence.cover import months_of_cover
from lodeline.world.dependence.geopolrisk_asked import geopolrisk_potential, geopolrisk_score
from lodeline.world.dependence.indicator import Registered
from lodeline.world.dependence.reliance_asked import net_import_reliance
from lodeline.world.dependence.supply import import_indicator, output_indicator
from lodeline.world.dependence.supply_risk_asked import eu_supply_risk, eu_supply_risk_published

ARITHMETIC = (
    *(Registered(name, partial(output_indicator, name)) for name in ("hhi", "effective-suppliers", "top-1", "top-3")),
    *(
        Registered(name, partial(import_indicator, name))
        for name in ("import-hhi", "import-effective-suppliers", "import-top-1", "import-top-3")
    ),
    Registered("months-of-cover", months_of_cover),
    Registered("net-import-reliance", net_import_reliance),
)
"""Plain arithmetic on what an edition publishes."""

COMPOSITES = (
    Registered("eu-supply-risk", eu_supply_risk),
    Registered("eu-supply-risk-published", eu_supply_risk_published),
    Registered("geopolrisk", geopolrisk_score),
    Registered("geopolrisk-potential", geopolrisk_potential),
)
"""Scores of several things at once; each method reproduces a published table."""

INDICATORS = (*ARITHMETIC, *COMPOSITES)
"""In the order in which they are shown. Give :func:`lodeline.world.dependence.indicator.answers` more rows for more."""
