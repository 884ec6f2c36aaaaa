"""Entries and events: the hash id and the time of the event that each of some entries of a book holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lodeline.ledger.store import Store


def hash_ids(store: Store, as_of: int, entries: Iterable[int]) -> dict[int, str]:
    """The hash id of the event of each entry, in the order given; an entry that holds no event that counts has none."""
    import numpy as np

    from lodeline.ledger.timeline import Timeline

    wanted = list(dict.fromkeys(entries))
    line = store.timeline(as_of)
    at = np.isin(line.seq, np.array(wanted, dtype=np.int64))
    found = {one.seq: one.hash_id for batch in store.timed(Timeline(line.seq[at], line.at[at])) for one in batch}
    return {entry: found[entry] for entry in wanted if entry in found}


def years(store: Store, as_of: int) -> dict[int, int]:
    """The year, UTC, in which the event of each entry happened."""
    import numpy as np

    line = store.timeline(as_of)
    year = line.at.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970
    return dict(zip(line.seq.tolist(), year.tolist(), strict=True))
