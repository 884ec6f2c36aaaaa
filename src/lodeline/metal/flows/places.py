"""Where a flow is said to be: at the place that it comes to, or at the one that it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lodeline.metal.flows.words import FLOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows

_AT_HEAD: Final = ("arising", "process_out", "receive", "loss")
"""Kinds of flows whose place is where they come to; of the others it is the one that they leave."""


def places(flows: Flows) -> NDArray[np.int64]:
    """(flow,) index of the name of the place; -1: nobody said. :attr:`Flows.places` keeps them."""
    flow, place = flows.flows, flows.nodes["place"].astype(np.int64)
    at_head = np.isin(flow["kind"], [FLOW[word] for word in _AT_HEAD])
    return np.asarray(np.where(at_head, place[flow["head"]], place[flow["tail"]]), dtype=np.int64)
