"""The books that tests are made of close, and going through every way finds what is worked by hand."""

import numpy as np

from tests.origin.ledgers import enumerated, ledger, separation, store


def test_random_books_close_and_have_every_kind_of_event():
    rng = np.random.default_rng(5)
    seen = [ledger(rng) for _ in range(300)]

    for one in seen:
        one.check()
    assert any((one.origin == 0).any() for one in seen)
    assert any(
        ((one.tail[:, None] == one.tail) & (one.head[:, None] == one.head)).sum() > one.tail.size for one in seen
    )
    assert max(one.nodes for one in seen) >= 9


def test_a_product_holds_two_or_three_of_three():
    least, most = enumerated(separation(), {1})

    assert (least[2:].tolist(), most[2:].tolist()) == ([2, 0], [3, 1])


def test_what_came_later_is_not_in_what_left_earlier():
    least, most = enumerated(store(), {1})

    assert (least[[1, 4]].tolist(), most[[1, 4]].tolist()) == ([0, 2], [0, 3])
