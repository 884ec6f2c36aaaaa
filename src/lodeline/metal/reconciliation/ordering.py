"""The order in which a sparse symmetric matrix is eliminated: approximate minimum degree, so that little fills in.

The graph of what is left is held as a quotient: an eliminated column is an *element*, the set of those it joined to
each other; a *variable* is a column that is left, with the elements and other variables it touches. Variables that
touch the same are one, with a size. The degree is bounded from above, by elements that overlap counted twice.

It is our own so that fill is known before anything is factored, and so that nothing but the order is kept.

Source: Amestoy, Davis & Duff (1996), SIAM J. Matrix Anal. Appl. 17(4), 886-905.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

GONE, VARIABLE, ELEMENT = 0, 1, 2


class Quotient(NamedTuple):
    """The quotient graph; arrays are by column unless another length stands.

    Attributes:
        space: What columns touch, list after list, elements first. (room,)
        begin, length, elements: Where a column's list begins, how long it is, how many of it are elements.
        state: ``GONE``, ``VARIABLE`` or ``ELEMENT``.
        size: Columns that a variable stands for; negative while it is in the element that is being made.
        degree: Bound on the columns that a variable touches; of an element, its columns.
        into: Element or variable that took this one up, or -1.
        first, after, before: Variables of one degree, as linked lists; ``first`` is by degree.
        outside: Scratch: columns of an element outside the new one, above ``stamp``.
        bucket, along, key: Scratch: variables by the sum of what they touch.
        counter: Free place in ``space``, stamp, columns that are left. (3,)
    """

    space: NDArray[np.int32]
    begin: NDArray[np.int32]
    length: NDArray[np.int32]
    elements: NDArray[np.int32]
    state: NDArray[np.int8]
    size: NDArray[np.int32]
    degree: NDArray[np.int32]
    into: NDArray[np.int32]
    first: NDArray[np.int32]
    after: NDArray[np.int32]
    before: NDArray[np.int32]
    outside: NDArray[np.int64]
    bucket: NDArray[np.int32]
    along: NDArray[np.int32]
    key: NDArray[np.int32]
    counter: NDArray[np.int64]


FREE, STAMP, LEFT = 0, 1, 2

INLINED = njit(inline="always")
"""For the steps of one elimination: a call that hands over sixteen arrays counts its references to each, and back."""


def order_of(matrix: Any) -> NDArray[np.int64]:
    """Approximate minimum degree: the columns of a square sparse matrix in the order of elimination (n,).

    Only where entries stand matters, above the diagonal or on both sides of it. Columns that touch more than ten times
    the square root of all, such as a bias in every balance, come last.
    """
    n = matrix.shape[0]
    if n == 0:
        return np.empty(0, np.int64)
    above = sp.triu(matrix, 1, format="csr")
    pattern = sp.csr_matrix((np.ones(above.nnz, np.int8), above.indices, above.indptr), shape=(n, n))
    whole = sp.csr_matrix(pattern + pattern.T)
    degree = np.diff(whole.indptr)
    late = np.flatnonzero(degree > max(16.0, 10 * np.sqrt(n)))
    graph = quotient(whole, late)
    sequence = eliminated(graph)
    return np.concatenate(
        [postordered(sequence, graph.into, graph.state), late[np.argsort(degree[late], kind="stable")]]
    )


def quotient(whole: sp.csr_matrix, late: NDArray[np.int64]) -> Quotient:
    """The graph before anything is eliminated, without the columns that come last."""
    n, entries = whole.shape[0], whole.nnz
    space = np.empty(entries + entries // 4 + 2 * n, np.int32)
    space[:entries] = whole.indices
    length = np.diff(whole.indptr).astype(np.int32)
    state = np.full(n, VARIABLE, np.int8)
    size = np.ones(n, np.int32)
    state[late], size[late] = GONE, 0
    return Quotient(
        space=space,
        begin=whole.indptr[:-1].astype(np.int32),
        length=length,
        elements=np.zeros(n, np.int32),
        state=state,
        size=size,
        degree=length.copy(),
        into=np.full(n, -1, np.int32),
        first=np.full(n, -1, np.int32),
        after=np.full(n, -1, np.int32),
        before=np.full(n, -1, np.int32),
        outside=np.zeros(n, np.int64),
        bucket=np.full(n, -1, np.int32),
        along=np.full(n, -1, np.int32),
        key=np.zeros(n, np.int32),
        counter=np.array([entries, 1, n - late.size], np.int64),
    )


@njit(cache=True)
def eliminated(graph: Any) -> Any:
    """Columns that became elements, in the order in which they did; the others went along with one of them."""
    n = graph.begin.size
    sequence = np.empty(n, np.int64)
    count = 0
    lowest = n - 1
    for column in range(n):
        if graph.state[column] == VARIABLE:
            listed(graph, column)
            lowest = min(lowest, graph.degree[column])
    while graph.counter[LEFT] > 0:
        while graph.first[lowest] == -1:
            lowest += 1
        pivot = graph.first[lowest]
        unlisted(graph, pivot)
        gather(graph, pivot)
        measure(graph, pivot)
        prune(graph, pivot)
        merge(graph, pivot)
        lowest = min(lowest, settle(graph, pivot))
        sequence[count] = pivot
        count += 1
    return sequence[:count]


@INLINED
def listed(graph: Any, column: Any) -> None:
    """Put a variable first among those of its degree."""
    degree = graph.degree[column]
    other = graph.first[degree]
    graph.after[column] = other
    graph.before[column] = -1
    if other != -1:
        graph.before[other] = column
    graph.first[degree] = column


@INLINED
def unlisted(graph: Any, column: Any) -> None:
    """Take a variable out of those of its degree."""
    before, after = graph.before[column], graph.after[column]
    if before == -1:
        graph.first[graph.degree[column]] = after
    else:
        graph.after[before] = after
    if after != -1:
        graph.before[after] = before


@INLINED
def gather(graph: Any, pivot: Any) -> None:
    """Make the pivot an element: the variables that it or its elements touch, which leave the lists of degrees."""
    begin, count = graph.begin[pivot], graph.elements[pivot]
    if count:
        room = graph.length[pivot]
        for place in range(begin, begin + count):
            room += graph.length[graph.space[place]]
        if graph.counter[FREE] + room > graph.space.size:
            compact(graph)
            begin = graph.begin[pivot]
    graph.counter[LEFT] -= graph.size[pivot]
    graph.size[pivot] = 0
    out = graph.counter[FREE] if count else begin
    start = out
    total = 0
    for turn in range(count + 1):
        # Its own variables come last: they stand behind its elements in its list.
        if turn < count:
            element = graph.space[begin + turn]
            low, high = graph.begin[element], graph.begin[element] + graph.length[element]
            graph.state[element] = GONE
            graph.into[element] = pivot
        else:
            low, high = begin + count, begin + graph.length[pivot]
        for place in range(low, high):
            column = graph.space[place]
            if graph.size[column] > 0:
                total += graph.size[column]
                graph.size[column] = -graph.size[column]
                unlisted(graph, column)
                graph.space[out] = column
                out += 1
    graph.state[pivot] = ELEMENT
    graph.begin[pivot] = start
    graph.length[pivot] = out - start
    graph.elements[pivot] = 0
    graph.degree[pivot] = total
    if count:
        graph.counter[FREE] = out


@INLINED
def compact(graph: Any) -> None:
    """Close the gaps between the lists that are still in use."""
    held = graph.space.copy()
    out = 0
    for column in range(graph.begin.size):
        if graph.state[column] != GONE:
            begin = graph.begin[column]
            graph.begin[column] = out
            for place in range(begin, begin + graph.length[column]):
                graph.space[out] = held[place]
                out += 1
    graph.counter[FREE] = out


@INLINED
def measure(graph: Any, pivot: Any) -> None:
    """Count, for each element that meets the new one, its columns outside of it."""
    graph.counter[STAMP] += graph.begin.size + 1
    stamp = graph.counter[STAMP]
    start = graph.begin[pivot]
    for place in range(start, start + graph.length[pivot]):
        column = graph.space[place]
        begin = graph.begin[column]
        for other in range(begin, begin + graph.elements[column]):
            element = graph.space[other]
            if graph.state[element] == ELEMENT:
                if graph.outside[element] < stamp:
                    graph.outside[element] = stamp + graph.degree[element]
                graph.outside[element] += graph.size[column]


@INLINED
def prune(graph: Any, pivot: Any) -> None:
    """Rewrite what each variable of the new element touches, bound its degree, and sort it by the sum of them.

    An element that lies inside the new one is taken up by it; a variable that touches nothing else goes along.
    """
    stamp = graph.counter[STAMP]
    start = graph.begin[pivot]
    for place in range(start, start + graph.length[pivot]):
        column = graph.space[place]
        begin = graph.begin[column]
        out, degree, key = begin, 0, pivot
        for other in range(begin, begin + graph.elements[column]):
            element = graph.space[other]
            if graph.state[element] == ELEMENT:
                beyond = graph.outside[element] - stamp
                if beyond > 0:
                    degree += beyond
                    key += element
                    graph.space[out] = element
                    out += 1
                else:
                    graph.state[element] = GONE
                    graph.into[element] = pivot
        middle = out
        for other in range(begin + graph.elements[column], begin + graph.length[column]):
            touched = graph.space[other]
            if graph.size[touched] > 0:
                degree += graph.size[touched]
                key += touched
                graph.space[out] = touched
                out += 1
        if degree == 0:
            graph.degree[pivot] += graph.size[column]
            graph.counter[LEFT] += graph.size[column]
            graph.size[column] = 0
            graph.state[column] = GONE
            graph.into[column] = pivot
            continue
        # The pivot, or an element that it took up, has left this list, so that there is one place for the new one.
        graph.space[out] = graph.space[middle]
        graph.space[middle] = graph.space[begin]
        graph.space[begin] = pivot
        graph.elements[column] = middle - begin + 1
        graph.length[column] = out - begin + 1
        graph.degree[column] = min(graph.degree[column], degree)
        key %= graph.begin.size
        graph.key[column] = key
        graph.along[column] = graph.bucket[key]
        graph.bucket[key] = column


@INLINED
def merge(graph: Any, pivot: Any) -> None:
    """Make one of the variables that touch the same."""
    start = graph.begin[pivot]
    for place in range(start, start + graph.length[pivot]):
        column = graph.space[place]
        if graph.size[column] == 0 or graph.bucket[graph.key[column]] == -1:
            continue
        keeper = graph.bucket[graph.key[column]]
        graph.bucket[graph.key[column]] = -1
        while keeper != -1 and graph.along[keeper] != -1:
            graph.counter[STAMP] += graph.begin.size + 1
            stamp = graph.counter[STAMP]
            begin, length = graph.begin[keeper], graph.length[keeper]
            for other in range(begin, begin + length):
                graph.outside[graph.space[other]] = stamp
            previous, rival = keeper, graph.along[keeper]
            while rival != -1:
                same = graph.length[rival] == length and graph.elements[rival] == graph.elements[keeper]
                other = graph.begin[rival]
                while same and other < graph.begin[rival] + length:
                    same = graph.outside[graph.space[other]] == stamp
                    other += 1
                if same:
                    graph.size[keeper] += graph.size[rival]
                    graph.size[rival] = 0
                    graph.state[rival] = GONE
                    graph.into[rival] = keeper
                    graph.along[previous] = graph.along[rival]
                else:
                    previous = rival
                rival = graph.along[rival]
            keeper = graph.along[keeper]


@INLINED
def settle(graph: Any, pivot: Any) -> Any:
    """List the variables of the new element by their degree again; returns the lowest."""
    start = graph.begin[pivot]
    out = start
    lowest = graph.begin.size - 1
    total = graph.degree[pivot]
    for place in range(start, start + graph.length[pivot]):
        column = graph.space[place]
        if graph.size[column] == 0:
            continue
        size = -graph.size[column]
        graph.size[column] = size
        graph.degree[column] = max(0, min(graph.degree[column] + total - size, graph.counter[LEFT] - size))
        listed(graph, column)
        lowest = min(lowest, graph.degree[column])
        graph.space[out] = column
        out += 1
    if graph.begin[pivot] + graph.length[pivot] == graph.counter[FREE]:
        graph.counter[FREE] = out
    graph.length[pivot] = out - start
    if out == start:
        graph.state[pivot] = GONE
    return lowest


@njit(cache=True)
def postordered(sequence: Any, into: Any, state: Any) -> Any:
    """All columns, each element after those it took up and before the variables that went along with it.

    Elements that belong together stand together, so that the factor is read where it was just written.
    """
    n = into.size
    turn = np.full(n, -1, np.int64)
    for number in range(sequence.size):
        turn[sequence[number]] = number
    child, sibling = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    along, companion = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    for number in range(sequence.size - 1, -1, -1):
        element = sequence[number]
        if into[element] != -1:
            sibling[element] = child[into[element]]
            child[into[element]] = element
    for column in range(n):
        if turn[column] == -1 and into[column] != -1:
            element = into[column]
            while turn[element] == -1:
                element = into[element]
            companion[column] = along[element]
            along[element] = column
    order = np.empty(n, np.int64)
    count = 0
    stack = np.empty(n, np.int64)
    for number in range(sequence.size):
        if into[sequence[number]] != -1:
            continue
        stack[0] = sequence[number]
        height = 1
        while height:
            element = stack[height - 1]
            if child[element] != -1:
                stack[height] = child[element]
                child[element] = sibling[child[element]]
                height += 1
                continue
            height -= 1
            while element != -1:
                order[count] = element
                count += 1
                element = companion[element] if turn[element] == -1 else along[element]
    return order[:count]


def delayed(order: NDArray[np.int64], parent: NDArray[np.int64], poor: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The order with each column that makes a poor pivot put after its parent in the elimination tree.

    Args:
        order: (n,) columns in the order of elimination.
        parent: (n,) elimination tree in that order; a root has -1 and stays where it is.
        poor: (n,) which columns, in eliminated order.
    """
    # From the last on, so that a column that waits for one that waits goes after where that one went.
    key = np.arange(order.size, dtype=np.float64)
    moved = np.flatnonzero(poor & (parent >= 0))
    for column in moved[::-1]:
        key[column] = np.nextafter(key[parent[column]], np.inf)
    return order[np.argsort(key, kind="stable")]
