"""A year of trade between 230 countries traced to their mines, beside the bare solve of its matrix with numpy."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from bench.case import Outcome, Promise, Timing, case, seconds
from lodeline.origin.shares import shares
from lodeline.world.statistics.commodity import commodities
from lodeline.world.statistics.edition import Row, table
from lodeline.world.trade.asking import Form, TradeQuestion
from lodeline.world.trade.graph import CountryGraph, country_graph
from lodeline.world.trade.imports import bounds_mg, origins_of_imports
from lodeline.world.trade.traded import Traded, TradeTable, trade_table

SEED = 20261129
TURNS = 40
"""Turns of ours and of the peer; the fastest of each counts, since other work on the machine slows either."""
HS, YEAR = "811010", "2024"
MINING = 5
"""One country of so many mines."""


@case(title="A year of trade between all countries traced to their mines, countries", small=12, full=230)
def world_trace(size: int, folder: Path) -> Outcome:
    """Every country ships to every other: the shares of all origins in what one imported, then the bounds of each."""
    countries = names(size)
    trade, mines = drawn(countries, np.random.default_rng(SEED))
    asking = TradeQuestion(
        trade, table(mines), commodities()["antimony"], Form(HS, Decimal(1), None), YEAR, countries[0]
    )
    laid_s, _ = seconds(lambda: trade.columns(HS, YEAR))
    of = country_graph(asking)
    passed, brought = system(of)
    # One after the other: the threads of the peer's library go on waiting busily for a while after each of its turns.
    ours = [seconds(lambda: shares(country_graph(asking).graph), collect=False)[0] for _ in range(TURNS)]
    bare = []
    for _ in range(TURNS):
        took, solved = seconds(lambda: np.linalg.solve(np.identity(len(passed)) - passed, brought), collect=False)
        bare.append(took)
    apart = float(np.abs(shares(of.graph).node - solved).max())
    if not apart < 1e-9:
        raise AssertionError("shares are not those of the dense solve")
    bounds_s, _ = seconds(lambda: [bounds_mg(of, origin) for origin in range(len(of.graph.origins))])
    whole_s, _ = seconds(lambda: origins_of_imports(asking))
    rows = len(trade.rows)
    return Outcome(
        timings=(
            Timing(what="laid out as columns, once a table", who="lodeline", count=rows, of="rows", seconds=laid_s),
            Timing(what="traced: closed and solved", who="lodeline", count=rows, of="rows", seconds=min(ours)),
            Timing(what="I - P solved, made before", who="numpy", count=rows, of="rows", seconds=min(bare)),
            Timing(what="bounds of every origin", who="lodeline", count=len(of.graph.origins), of="origins",
                   seconds=bounds_s),
            Timing(what="the whole answer, bounds with it", who="lodeline", count=rows, of="rows", seconds=whole_s),
        ),
        promises=(
            Promise(what=f"{size} countries traced", value=1e3 * min(ours), unit="ms", at_most=50),
        ),
        notes=(
            f"{rows:,} shipments, {len(of.graph.origins) - 2} countries that mine. Ours takes "
            f"{min(ours) / min(bare):.1f} times the dense solve: it closes every country's mass in whole milligrams, "
            "checks it, and eliminates without a thread, and the peer is given a matrix that was made before. Largest "
            f"difference: {apart:.1e}.",
            "Bounds are maximum flows in whole milligrams, three an origin.",
        ),
    )  # fmt: skip


def names(size: int) -> tuple[str, ...]:
    """Codes of the first countries of ISO 3166-1, in order."""
    import pycountry

    return tuple(sorted(str(country.alpha_3) for country in pycountry.countries))[:size]


def drawn(countries: tuple[str, ...], rng: np.random.Generator) -> tuple[TradeTable, list[Row]]:
    """A shipment from every country to every other, and a mine in each fifth."""
    tonnes = np.exp(rng.normal(2, 2, (len(countries), len(countries)))).round(3)
    rows = [
        Traded(
            edition="drawn", hs=HS, exporter=a, importer=b, period=YEAR, tonnes=Decimal(f"{tonnes[i, j]:.3f}"),
            kusd=Decimal(1), published="", source="drawn",
        )
        for i, a in enumerate(countries) for j, b in enumerate(countries) if i != j
    ]  # fmt: skip
    mines = [
        Row(
            edition="drawn", commodity="antimony", element="Sb", country=code, measure="mine-production", form="",
            period=YEAR, value=Decimal(int(rng.integers(100, 50_000))), low=None, high=None, unit="TNE",
            basis="element", qualifiers="", published="", published_unit="metric tons", note="", source="drawn",
        )
        for code in countries[::MINING]
    ]  # fmt: skip
    return trade_table(rows), mines


def system(of: CountryGraph) -> tuple[Any, Any]:
    """P (node, node) and what comes from origins (node, origin), dense."""
    graph = of.graph
    into = graph.head >= 0
    total = np.bincount(graph.head[into], weights=graph.mg[into], minlength=graph.nodes)
    passed, brought = np.zeros((graph.nodes, graph.nodes)), np.zeros((graph.nodes, len(graph.origins)))
    inner, fed = into & (graph.tail >= 0), into & (graph.tail < 0)
    np.add.at(passed, (graph.head[inner], graph.tail[inner]), graph.mg[inner] / total[graph.head[inner]])
    np.add.at(brought, (graph.head[fed], graph.origin[fed]), graph.mg[fed] / total[graph.head[fed]])
    return passed, brought
