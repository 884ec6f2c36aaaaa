"""Which refusals of strangers the audit log tells one by one, so that nobody without a token can fill the disk."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

TOLD = 10
"""Refusals of one kind that a neighbourhood has told one by one in `WINDOW_S`; further ones are counted."""
WINDOW_S = 60.0
KEPT = 10_000
"""Neighbourhoods and kinds kept in mind; the longest unheard of is forgotten."""


class Telling:
    """Counts refusals of callers whom no token names. Shared by threads."""

    def __init__(self, *, ticks: Callable[[], float] = time.monotonic) -> None:
        self._ticks = ticks
        self._windows: OrderedDict[tuple[str, str], tuple[float, int, int]] = OrderedDict()
        self._lock = threading.Lock()

    def tell(self, address: str, code: str, *, most: int = TOLD) -> int | None:
        """Whether this refusal gets a line, and how many of its kind went before it without one.

        Args:
            code: Of the refusal; each kind is counted for itself.
            most: Lines in one window.

        Returns:
            None where it gets no line: then it is counted for the next one.
        """
        key = (neighbourhood(address), code)
        with self._lock:
            now = self._ticks()
            began, told, untold = self._windows.pop(key, (now, 0, 0))
            if now - began > WINDOW_S:
                began, told = now, 0
            tells = told < most
            self._windows[key] = (began, told + 1, 0) if tells else (began, told, untold + 1)
            while len(self._windows) > KEPT:
                self._windows.popitem(last=False)
            return untold if tells else None


def neighbourhood(address: str) -> str:
    """Whose an address is, as far as it can be told: one caller commonly has a whole /64 of IPv6."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return address
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(IPv6Address(int(known) >> 64 << 64)) + "/64"
