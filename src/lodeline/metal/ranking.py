"""Which of several determinations of one thing counts: by the rank of the certificate, and of equal rank the latest."""

from __future__ import annotations

import msgspec

from lodeline.errors import InputError
from lodeline.metal.flows.words import RANKS


class Ranking(msgspec.Struct, frozen=True):
    """The order of ranks, the one that counts first.

    Attributes:
        ranks: Ranks that count before those not listed; unranked is the empty word. Of equals the latest counts.

    Raises:
        InputError: ``ranking.unknown``.
    """

    ranks: tuple[str, ...] = ("umpire", "final", "provisional")

    def __post_init__(self) -> None:
        odd = [rank for rank in self.ranks if rank not in RANKS]
        if odd or len(set(self.ranks)) < len(self.ranks):
            raise InputError(
                "ranking.unknown", f"A ranking lists some of {', '.join(RANKS[1:])}, each once; got {self.ranks}."
            )

    def priority(self, rank: str | None) -> int:
        """The higher counts; 0 for a rank that is not listed."""
        word = rank or ""
        return len(self.ranks) - self.ranks.index(word) if word in self.ranks else 0

    def order(self) -> tuple[str | None, ...]:
        """All ranks, the one that counts first; None is unranked."""
        words = sorted(RANKS, key=lambda word: (-self.priority(word), not word))
        return tuple(word or None for word in words)

    def priorities(self) -> tuple[int, ...]:
        """The priority of each rank by its code."""
        return tuple(self.priority(rank) for rank in RANKS)


RANKING = Ranking()
"""What the words themselves say: an umpire's replaces a final one, and that a provisional."""
