"""Lines of accounts as figures: ``Sb closing site=SITE month=2025-03``, with the keys of ``lodeline balance``."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.ids.epc import canonical
from lodeline.metal.balance.account import SPECS, Spec
from lodeline.metal.balance.layout import ROAD, AccountKey, asked_by
from lodeline.metal.balance.periods import PERIODS
from lodeline.metal.balance.quantity import quantity
from lodeline.metal.balance.sheets import Sheets, sheets
from lodeline.metal.reconciliation.figures import NEAR, NOTHING

if TYPE_CHECKING:
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy
    from lodeline.metal.reconciliation.figures import Lines
    from lodeline.metal.registered import Master
    from lodeline.metal.sums import Signed


def line_finder(flows: Flows, master: Master, policy: Policy, stocktakes: Callable[[], Sequence[int]]) -> Lines:
    """What finds the lines of the accounts of a book, by the words of ``lodeline balance --by``.

    Args:
        stocktakes: Gives the entries that are stock-takes; asked for only where a line is.
    """

    def lines(what: str, line: str, keys: Mapping[str, str]) -> Signed:
        """The flows of a line.

        Raises:
            InputError: ``balance.key_unknown``, ``balance.periods_several``, ``explain.line_open``.
            NotFoundError: ``explain.figure_unknown``.
        """
        spec = _spec(what, line)
        by, period = asked_by([key for key in keys if key != "state" or keys[key] != ROAD])
        of = quantity(flows, what, master=master, groups=policy.groups)
        found = sheets(flows, of, by=by, period=period, master=master, zone=policy.zone, stocktakes=list(stocktakes()))
        account, label = _account(found, what, line, keys), next((keys[one] for one in PERIODS if one in keys), "")
        return _signed(found, account, _period(found, label, what, line), spec, label)

    return lines


def _spec(what: str, line: str) -> Spec:
    for spec in SPECS:
        if spec.name == line:
            return spec
    names = [spec.name for spec in SPECS]
    near = difflib.get_close_matches(line, names, n=NEAR, cutoff=0.5) or names[:NEAR]
    raise NotFoundError(
        "explain.figure_unknown",
        f"An account has no line {visible(line)}. Near it: {', '.join(near)}.",
        figure=f"{what} {line}",
        near=near,
    )


def _account(found: Sheets, what: str, line: str, keys: Mapping[str, str]) -> int:
    """The account that the keys name; a key that is empty, or not given, is one that nobody said."""
    for number, key in enumerate(found.place.keys):
        if all(_same(getattr(key, name), keys.get(name, "")) for name in AccountKey._fields):
            return number
    names = [_told(key) for key in found.place.keys]
    wanted = " ".join(f"{name}={value}" for name, value in keys.items() if name in AccountKey._fields)
    near = difflib.get_close_matches(wanted, names, n=NEAR, cutoff=0.3) or names[:NEAR]
    listed = "; ".join(visible(one) for one in near)
    raise NotFoundError(
        "explain.figure_unknown",
        f"There is no account {visible(wanted) or 'without a key'}. Near it: {listed}.",
        figure=f"{what} {line} {wanted}",
        near=near,
    )


def _same(said: str | None, asked: str) -> bool:
    return (said or "") == asked or (bool(said) and bool(asked) and canonical(said or "") == canonical(asked))


def _told(key: AccountKey) -> str:
    return " ".join(f"{name}={value}" for name, value in key._asdict().items() if value)


def _period(found: Sheets, label: str, what: str, line: str) -> int:
    labels = found.calendar.labels
    if label in labels:
        return labels.index(label)
    near = difflib.get_close_matches(label, labels, n=NEAR, cutoff=0.3) or [labels[0], labels[-1]]
    raise NotFoundError(
        "explain.figure_unknown",
        f"The book has no period {visible(label)}. Near it: {', '.join(near)}.",
        figure=f"{what} {line} {label}",
        near=list(near),
    )


def _signed(found: Sheets, account: int, period: int, spec: Spec, label: str) -> Signed:
    at = period - (spec.at == "begin")
    if at < 0:
        return NOTHING, NOTHING
    perhaps = found.entries(account, spec.codes, at, perhaps=True)
    if perhaps.row.size:
        flows = int(np.unique(perhaps.row).size)
        raise InputError(
            "explain.line_open",
            f"Whether {flows} flows stand in this line {f'in {label} ' if label else ''}is not known, since nobody "
            "knows when they moved; ask for a longer period, or for the flows by name.",
            flows=flows,
        )
    sure = found.entries(account, spec.codes, at)
    return sure.row[sure.sign > 0], sure.row[sure.sign < 0]
