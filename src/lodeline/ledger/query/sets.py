"""Sets of places in a segment: a short list where few are in it, a mask where many are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from lodeline.ledger.query.segments import mask_of

Places = NDArray[np.uint16]
Mask = NDArray[np.bool_]
Set = Places | Mask
"""(n,) places in ascending order, or (size,) whether each place is in it."""


def is_mask(found: Set) -> bool:
    """Whether a set is held as a mask."""
    return found.dtype == np.bool_


def of_posting(raw: bytes, size: int) -> Set:
    """The set that a stored posting is."""
    if len(raw) == size // 8:
        return mask_of(raw, size)
    places: Places = np.frombuffer(raw, "<u2")
    return places


def union(sets: Sequence[Set], size: int) -> Set:
    """What is in any of the sets."""
    if not sets:
        return np.empty(0, np.uint16)
    if len(sets) == 1:
        return sets[0]
    if not any(is_mask(each) for each in sets) and sum(map(len, sets)) < size // 16:
        listed: Places = np.unique(np.concatenate(sets)).astype(np.uint16, copy=False)
        return listed
    mask = np.zeros(size, bool)
    for each in sets:
        if is_mask(each):
            mask |= each
        else:
            mask[each] = True
    return mask


def both(a: Set, b: Set) -> Set:
    """What is in both sets."""
    if is_mask(a):
        return a & b if is_mask(b) else b[a[b]]
    if is_mask(b):
        return a[b[a]]
    common: Set = np.intersect1d(a, b, assume_unique=True)
    return common


def all_of(sets: Sequence[Set], size: int) -> Places:
    """The places that are in every set; every place where there is no set."""
    if not sets:
        return np.arange(size, dtype=np.uint16)
    # The short lists first, so that masks are looked at in few places.
    found = reduce(both, sorted(sets, key=len))
    return np.flatnonzero(found).astype(np.uint16) if is_mask(found) else found.astype(np.uint16, copy=False)
