"""Rules of mixing against bounds that hold whatever the mixing was, on books of the size of a season."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.origin.bounds import Bounds
from lodeline.origin.graph import UNTRACED
from lodeline.origin.mixing import RULES, everywhere, routed
from lodeline.origin.shares import shares
from tests.origin.ledgers import ORIGINS, K, ledger, store
from tests.origin.test_mixing import CARRY, carried


def test_a_known_rule_narrows_the_bound_of_a_draw_by_hand():
    """Whatever the mixing, of 3 drawn from 1 n and 5 k at least 2 are k; the oldest first: 2 exactly; the latest: 3."""
    of = store()
    found = {}
    for rule in ("perfect", "fifo", "lifo"):
        done = routed(of, everywhere(of, rule, CARRY))
        bound = Bounds(done.graph).arc(int(done.arc[4]), [K])
        found[rule] = (bound.least, bound.most)

    assert found == {"perfect": (2, 3), "fifo": (2, 2), "lifo": (3, 3)}


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1))
def test_shares_under_every_rule_are_within_the_bounds_and_a_rule_only_narrows_them(seed):
    rng = np.random.default_rng(seed)
    of = ledger(rng, lots=20, events=60, most_mg=10**9)
    carry, lot = carried(of, rng), rng.integers(-1, 6, of.mg.size)
    wide = Bounds(of)
    asked = rng.choice(of.mg.size, 5, replace=False)

    for rule in RULES:
        done = routed(of, everywhere(of, rule, carry, lot))
        narrow = Bounds(done.graph)
        mg = done.of_arcs(shares(done.graph), asked) * of.mg[asked][:, None]
        for arc, held in zip(asked.tolist(), mg, strict=True):
            without, known = wide.arc(arc, [K]), narrow.arcs(done.stock(arc), [K])
            assert without.least <= known.least
            assert known.most <= without.most
            # Untraced metal may be k: the share of k itself is between, and so is that of both.
            k, untraced = held[ORIGINS.index(K)], held[ORIGINS.index(UNTRACED)]
            assert known.least - 1e-3 <= k
            assert k + untraced <= known.most + 1e-3
            assert known.mg == pytest.approx(held.sum())
