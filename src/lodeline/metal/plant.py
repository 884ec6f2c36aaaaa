"""Plants: what went into a site's processes and what came out, element by element, and what is unaccounted for.

``unaccounted = in - out - declared losses - stock``, over recorded values: nothing is reconciled, and a gain is a
negative unaccounted mass. What was declared lost without an assay has an unknown content, which is then part of the
unaccounted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from lodeline.metal.accounts import COVERAGE, Account, Plant, Verdict, least_and_most
from lodeline.metal.asked import asked
from lodeline.metal.flows.words import CLOSING, FLOW
from lodeline.metal.outlets import KINDS
from lodeline.metal.sums import Sums
from lodeline.metal.weighed import weighed
from lodeline.units.figure import Figure, ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.stations import Stations


def plants(flows: Flows, of: Stations, elements: tuple[str, ...]) -> tuple[Plant, ...]:
    """Every plant of a book with its accounts, those of most feed first, concentrators after those that make metal.

    Args:
        flows: Of the book.
        of: Its stations.
        elements: Symbols of the elements that are accounted for.
    """
    metal = {element: _Element(flows, of, element) for element in elements}
    found = []
    for site in (*range(len(of.sites)), -1):
        for concentrator in (False, True):
            works = of.works & (of.site == site) & (of.plant != concentrator)
            if works.any():
                found.append(_plant(flows, of, metal, works, site, concentrator=concentrator))
    return tuple(sorted(found, key=lambda one: (one.concentrator, -_feed(one), one.site)))


def _feed(one: Plant) -> float:
    """The known feed of its heaviest element, kg."""
    return max((each.fed.value or each.fed.low or 0.0 for each in one.accounts), default=0.0)


class _Element:
    """What is computed once an element, whatever the number of plants."""

    def __init__(self, flows: Flows, of: Stations, symbol: str) -> None:
        mass = weighed(flows, flows.element(symbol))
        self.kg, self.u_kg = mass.kg, mass.u_kg
        self.sums = Sums(flows, mass)
        self.asked = asked(flows, of, mass, symbol) | ~np.isnan(mass.kg)
        kind_of = np.array([KINDS.index(outlet.kind(symbol)) for outlet in of.outlets] + [KINDS.index("not said")])
        material = np.full(len(flows.names) + 1, -1)
        material[flows.lots["lot"]] = flows.lots["material"]
        self.kind = kind_of[material[flows.flows["lot"]]]  # (flow,)


def _plant(
    flows: Flows,
    of: Stations,
    metal: Mapping[str, _Element],
    works: NDArray[np.bool_],
    site: int,
    *,
    concentrator: bool,
) -> Plant:
    """The account of these works, and of what is made in them and used again there."""
    name = of.sites[site] if site >= 0 else ""
    flow = flows.flows
    within = works.copy()
    if not concentrator:
        station = next((n for n, one in enumerate(of.stations) if one.kind == "plant" and one.of == name), -1)
        within |= of.of_node == station
    tail, head = within[flow["tail"]], within[flow["head"]]
    into, out = np.flatnonzero(head & ~tail), np.flatnonzero(tail & ~head)
    accounts = [_account(flows, one, symbol, into, out) for symbol, one in metal.items()]
    touched = [one for one in accounts if one is not None]
    touched.sort(key=lambda one: (-(one.fed.value or one.fed.low or 0.0), one.element))
    labels = np.unique(flow["label"][into[flow["kind"][into] == FLOW["process_in"]]])
    return Plant(
        site=name,
        concentrator=concentrator,
        processes=tuple(flows.names[label] for label in labels.tolist() if label >= 0),
        runs=int(works.sum()),
        accounts=tuple(touched),
    )


def _account(
    flows: Flows, of: _Element, symbol: str, into: NDArray[np.int64], out: NDArray[np.int64]
) -> Account | None:
    """The account of one element; None where none of it is known or asked for at either side."""
    flow = flows.flows
    kind = flow["kind"]
    loss = kind[out] == FLOW["loss"]
    known_loss = out[loss & ~np.isnan(of.kg[out])]
    silent_loss = out[loss & np.isnan(of.kg[out])]
    fed = into[of.asked[into]]
    if not fed.size and not of.asked[out].any():
        return None
    stock = out[(flow["head"][out] == CLOSING) & (of.asked[out] | (flow["lot"][out] < 0))]
    made = out[of.asked[out] & ~loss & (flow["head"][out] != CLOSING)]
    taken = np.concatenate([made, known_loss, stock])
    unaccounted = of.sums.of(fed, taken)
    by_kind = {name: made[of.kind[made] == number] for number, name in enumerate(KINDS)}
    products = {name: of.sums.of(rows) for name, rows in by_kind.items() if rows.size}
    fed_figure, stock_figure = of.sums.of(fed), of.sums.of(stock)
    recovery = None
    if "product" in products:
        recovery = _recovery(products["product"], of.sums.of(fed, stock))
    every = np.concatenate([fed, taken])
    lots = flow["lot"][np.concatenate([into, out])]
    unasked = lots[~of.asked[np.concatenate([into, out])] & (lots >= 0)]
    return Account(
        element=symbol,
        fed=fed_figure,
        out=products,
        lost=of.sums.of(known_loss),
        stock=stock_figure,
        unassayed_loss=_mass(flow["mass_kg"][silent_loss]),
        unaccounted=unaccounted,
        recovery=recovery,
        verdict=_verdict(fed_figure, unaccounted),
        unknown_in=int(np.isnan(of.kg[fed]).sum()),
        unknown_out=int(np.isnan(of.kg[taken]).sum()),
        no_uncertainty=int((~np.isnan(of.kg[every]) & np.isnan(of.u_kg[every])).sum()),
        unasked=int(np.unique(unasked).size),
    )


def _recovery(made: Figure, used: Figure) -> Figure:
    """Products per what was used, P1; of feed that is only known to be at least so much it is at most so high."""
    found = ratio(made, used, unit="P1", scale=100.0)
    if found.standing != "unknown" or made.value is None or not used.low or used.low <= 0:
        return found
    low = 100.0 * made.value / used.high if used.high else None
    return Figure(
        value=None,
        low=low,
        high=100.0 * made.value / used.low,
        unit="P1",
        standing="bounded",
        rests_on=found.rests_on,
    )


def _verdict(fed: Figure, unaccounted: Figure) -> Verdict:
    if fed.value == 0:
        return "nothing in"
    limits = least_and_most(unaccounted)
    if limits is None:
        return "unknown flows"
    if unaccounted.u is None:
        return "no uncertainty"
    least, most = limits
    if most <= COVERAGE * unaccounted.u:
        return "within"
    return "beyond" if least > COVERAGE * unaccounted.u else "unknown flows"


def _mass(kg: NDArray[np.float64]) -> Figure:
    """A sum of declared masses, KGM; at least the known ones where one is unknown."""
    known = float(np.nansum(kg))
    if np.isnan(kg).any():
        return Figure(value=None, low=known, unit="KGM", standing="bounded" if known else "unknown")
    return Figure(value=known, unit="KGM", standing="computed")
