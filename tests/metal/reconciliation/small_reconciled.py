"""Small books reconciled: events, instruments and a policy in, a reconciled book out; and readings taken away again."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from lodeline.ledger.values import MasterRecord
from lodeline.metal.flows.flows import Flows
from lodeline.metal.instruments import Instruments
from lodeline.metal.policy import NO_POLICY, Policy
from lodeline.metal.reconciliation.model import Model, Terms
from lodeline.metal.reconciliation.reconciled import Reconciled, reconcile_flows
from lodeline.record import metal
from lodeline.record.metal import Act, Certificate, Event, Reading
from tests.metal.small_book import LOT, MINE, SELLER, STIBNITE, book, kg, on, percent

SCALE, OTHER_SCALE, MASSES = "urn:example:scale:1", "urn:example:scale:2", "urn:example:masses"
SELLERS, BUYERS = "urn:example:laboratory:seller", "urn:example:laboratory:buyer"
PARTS = ("urn:example:lot:1a", "urn:example:lot:1b")


def record(kind: str, uri: str, **said: str) -> MasterRecord:
    """A record; numbers are written as text."""
    attributes: dict[str, Any] = {name: value if name == "standard" else Decimal(value) for name, value in said.items()}
    return MasterRecord(kind=kind, id=uri, attributes={"name": "x", **attributes}, valid_from=None)


def reconciled(
    *events: Event,
    records: Sequence[MasterRecord] = (),
    policy: str = "",
    elements: tuple[str, ...] | None = None,
) -> Reconciled:
    """A book of these events, reconciled."""
    supposed = Policy.parse(policy.encode()) if policy else NO_POLICY
    return reconcile_flows(book(*events).flows, Instruments.of(records), supposed, elements)


def without(of: Reconciled, rows: Sequence[int], records: Sequence[MasterRecord] = (), policy: str = "") -> Reconciled:
    """The same book without some readings; what moved, moved all the same."""
    tables = of.flows.tables()
    keep = ~np.isin(np.arange(of.flows.measurements.rows), rows)
    measured = {name: column[keep] for name, column in tables["measurements"].items()}
    flows = Flows.from_tables(of.flows.names, {**tables, "measurements": measured})
    supposed = Policy.parse(policy.encode()) if policy else NO_POLICY
    return reconcile_flows(flows, Instruments.of(records), supposed, of.elements)


def with_reading(
    model: Model, terms: Sequence[tuple[float, int] | tuple[float, int, int]], value: float, u: float
) -> Model:
    """A problem with one more observation."""
    row = model.value.size
    new = Terms.of([terms])
    return model._replace(
        value=np.append(model.value, value),
        u=np.append(model.u, u),
        terms=Terms(
            np.concatenate([model.terms.row, new.row + row]),
            np.concatenate([model.terms.coefficient, new.coefficient]),
            np.concatenate([model.terms.first, new.first]),
            np.concatenate([model.terms.second, new.second]),
        ),
    )


def scaled(value: str, u: str | None = None, device: str | None = None, basis: Any = "dry") -> Reading:
    """A net weight read on a scale, kg."""
    return Reading(
        weight="net",
        value=Decimal(value),
        u=None if u is None else Decimal(u),
        uom="KGM",
        basis=basis,
        device=device,
    )


def weighed(day: int, value: str, u: str | None = None, *, lot: str = LOT, place: str = MINE, **how: Any) -> Event:
    """A weighing."""
    return metal.weighing(on(day, place), lot, [scaled(value, u, **how)])


def assayed(
    day: int, value: str, u: str, *, by: str | None = None, lot: str = LOT, place: str = MINE, of: str = "Sb"
) -> Event:
    """A dry assay by a laboratory."""
    certificate = Certificate(laboratory=by, method=None, certificate=None, rank=None)
    return metal.assay(on(day, place), lot, [percent(value, of, u)], certificate)


def arises(lot: str = LOT, day: int = 1) -> Event:
    """A lot arises, of an unknown mass."""
    return metal.lot_mined(
        on(day), [kg(None, lot)], basis=None, country="PK", deposit=None, material=STIBNITE, owner=SELLER
    )


def split(day: int, parts: Sequence[str] = PARTS, lot: str = LOT, place: str = MINE) -> Event:
    """A lot is split into parts of unknown masses."""
    return metal.split(Act(at=on(day).at, place=place), kg(None, lot), [kg(None, part) for part in parts], basis=None)
