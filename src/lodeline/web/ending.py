"""A server that ends in order, however often it is told to."""

from __future__ import annotations

from types import FrameType

from uvicorn import Server


class EndsOnce(Server):
    """Uvicorn's server, without the second Ctrl-C that leaves everything as it lies.

    Ending in order takes a bounded time, and a second signal often comes by itself: a terminal sends one to every
    process, and whoever started this one sends another.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End in order; once more changes nothing."""
        super().handle_exit(sig, frame)
        self.force_exit = False
