"""Claims that rest on a declaration alone: lots whose composition nobody held against other lots of their deposit.

No record proves where a lot arose. What a claim of origin counts is what was declared, and an assay that is like the
other lots of the same deposit is what bears it out. Where there is none, nothing weighs against the declaration and
nothing for it, and an answer says so by the names of the lots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lodeline.book.doubting import Suspects, doubt_of
from lodeline.book.origin_answers import Unheld
from lodeline.metal.flows.words import FLOW
from lodeline.origin.plausibility_composition import comparable
from lodeline.origin.plausibility_lots import histories

if TYPE_CHECKING:
    from lodeline.book.claim_text import Stated
    from lodeline.book.lot_metal import LotMetal
    from lodeline.book.traced import Traced

NOT_ASSAYED: Final = "not assayed"
FEWER: Final = "not assayed for what other lots of the deposit were"
FEW_BESIDE: Final = "too few other lots of the deposit were assayed"
NO_DEPOSIT: Final = "of no named deposit"


def unheld_lots(traced: Traced) -> Suspects:
    """Lots that arose in the book, or came into it, and that no history of a deposit has; by why."""
    flows = traced.flows
    lot, kind = flows.flows["lot"], flows.flows["kind"]
    came = np.unique(lot[(kind == FLOW["arising"]) & (lot >= 0)])
    row_of = {int(name): row for row, name in enumerate(flows.lots["lot"].tolist())}
    of = histories(flows)
    held = {int(flows.lots["lot"][row]) for one in of if comparable(one) for row in one.lots.tolist()}
    alone = {int(flows.lots["lot"][row]) for one in of if not comparable(one) for row in one.lots.tolist()}
    read = {int(flows.lots["lot"][row]) for one in of for row in one.of_reading.tolist()}
    found = {}
    for name in came.tolist():
        row = row_of.get(name)
        if name in held or row is None:
            continue
        found[name] = frozenset(
            {_why(has_deposit=flows.lots["deposit"][row] >= 0, assayed=name in read, alone=name in alone)}
        )
    return Suspects(found)


def _why(*, has_deposit: bool, assayed: bool, alone: bool) -> str:
    if not has_deposit:
        return NO_DEPOSIT
    return FEW_BESIDE if alone else FEWER if assayed else NOT_ASSAYED


def unheld_of(traced: Traced, of: LotMetal, it: Stated, unheld: Suspects) -> Unheld | None:
    """The lots that a claim of at least so much of an origin counts by their declaration alone; None where it has none.

    Raises:
        InputError: As :func:`lodeline.book.judging.to_claim`.
    """
    found = doubt_of(traced, of, it, unheld)
    return None if found is None else Unheld(lots=found.lots, why=found.codes, most_kg=found.most_kg)
