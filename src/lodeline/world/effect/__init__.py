"""A partnership's effect: points of import dependence and of a rival's share that its metal removes."""

from __future__ import annotations

from lodeline.world.effect.answer import Effect, Effects, Reference, Removed
from lodeline.world.effect.question import effect

__all__ = ["Effect", "Effects", "Reference", "Removed", "effect"]
