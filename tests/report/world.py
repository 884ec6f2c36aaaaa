"""Hand-made books with what of the world has to do with them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lodeline.report.given import Given
from lodeline.report.world_seen import seen_world
from lodeline.world import Table
from lodeline.world.effect import effect
from tests.report.books import TABLE, given, weighed

COUNTRIES = ("PAK", "USA")


def worldly(
    *,
    table: Table = TABLE,
    tonnes: Mapping[str, float] | None = None,
    form: str | None = "unwrought",
    countries: tuple[str, ...] = COUNTRIES,
) -> Given:
    """The weighed first shipment with the world beside it; ``tonnes`` stand for what its deliveries brought."""
    own = given(weighed(), table=table)
    effects = effect(tonnes or {"Sb": 260.0}, origin="PAK", importer="USA", form=form, table=table)
    seen = seen_world(own.compared, table, home="USA", rival="CHN", countries=countries, effects=effects)
    return msgspec.structs.replace(own, world=seen)
