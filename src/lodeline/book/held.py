"""What a book holds: its inventory, with the policy that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from lodeline.book.flows import flows_of, policy_of

if TYPE_CHECKING:
    from lodeline.ledger.store import Store
    from lodeline.metal.inventory import By, Line


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """What is held, on the road and in process, as of an entry.

    Attributes:
        as_of: The entry.
        policy: How its figures cite the policy they rest on: ``policy of entry 7``, or ``no policy``.
        asked: Elements and groups, in the order of the columns.
        lines: One for each holding, or summed by what was asked for.
    """

    as_of: int
    policy: str
    asked: tuple[str, ...]
    lines: tuple[Line, ...]


def inventory_of(
    store: Store,
    as_of: int | None,
    *,
    by: Sequence[By] | None,
    wanted: Sequence[str] | None,
    progress: Callable[[int], None] | None = None,
) -> Inventory:
    """The inventory as of an entry.

    Args:
        by: What lines are told apart by; None for each holding by itself.
        wanted: Elements, or groups that the policy declares; None for every element that anything was assayed for.

    Raises:
        InputError: ``chemistry.element_unknown``.
    """
    from lodeline.metal.inventory import inventory

    head = store.head(as_of)
    policy = policy_of(store, head.seq)
    flows = flows_of(store, as_of, progress=progress)
    asked = tuple(dict.fromkeys(flows.elements() if wanted is None else wanted))
    elements = [one for one in asked if one not in policy.groups]
    groups: dict[str, Sequence[str]] = {one: policy.groups[one] for one in asked if one in policy.groups}
    lines = inventory(flows, elements=elements, groups=groups, **({} if by is None else {"by": by}))
    return Inventory(as_of=head.seq, policy=policy.cited, asked=asked, lines=lines)
