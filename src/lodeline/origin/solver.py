"""The solver of linear programs, made so that it prints nothing and finds the same on any machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from highspy._core import _Highs


def quiet() -> _Highs:
    """A solver without output, on one thread and from one seed; imported here, so that only those who solve pay for it.

    Source: HiGHS, Huangfu & Hall (2018), Math. Prog. Comp. 10, 119-142.
    """
    from highspy._core import _Highs

    # The class of `highspy` itself writes two lines to standard output while it is made, before it can be told not to.
    highs = _Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("random_seed", 0)
    return highs
