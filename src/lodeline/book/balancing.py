"""The account of an element in a book: per site, store, owner, material and period, as of an entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from lodeline.book.flows import flows_of, policy_of
from lodeline.errors import Finding, InputError
from lodeline.metal.balance.account import Account
from lodeline.metal.balance.changing import Change

if TYPE_CHECKING:
    import polars

    from lodeline.ledger.store import Store
    from lodeline.metal.balance.account import Summing
    from lodeline.metal.balance.accounting import Accounts
    from lodeline.metal.balance.changing import Between
    from lodeline.metal.balance.quantity import Quantity
    from lodeline.metal.flows.flows import Flows

    Reconciling = Callable[[Flows, Quantity], Summing | None]

STOCK_TAKING = "stock_taking"


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """The accounts of one element, group, or dry mass.

    Attributes:
        element: What is accounted for.
        as_of: The entry.
        policy: How its figures cite the policy they rest on: ``policy of entry 7``, or ``no policy``.
        by: What accounts are told apart by. period: the word of their periods; None for the whole book as one.
        accounts: By account and period.
        findings: Zones that nobody named, instants that nobody knows, closing stocks that nobody counted.
        unasked: Lots of materials that are registered for other elements only, and counted as holding none.
        since: The entry since which changes were asked for; None where they were not.
        changes: The lines that entries after it changed, and which ones did.
    """

    element: str
    as_of: int
    policy: str
    by: tuple[str, ...]
    period: str | None
    accounts: tuple[Account, ...]
    findings: tuple[Finding, ...]
    unasked: int
    since: int | None = None
    changes: tuple[Change, ...] = ()

    def figure(self, one: Account, line: str) -> str | None:
        """The name of a line as ``explain`` takes it: ``Sb closing site=SITE month=2026-03``.

        Args:
            one: One of the accounts.

        Returns:
            None for a line that stands beside the account: it is no sum of flows, and nothing to reconcile.
        """
        from lodeline.metal.balance.account import BESIDE
        from lodeline.metal.balance.layout import ROAD
        from lodeline.metal.reconciliation.figure_names import account_name

        if line in BESIDE:
            return None
        keys: list[tuple[str, str | None]] = [(key, getattr(one.key, key)) for key in self.by]
        if one.key.state == ROAD and "state" not in self.by:
            # Of the road's own accounts no site is said, and the state is all there is to it.
            keys = [*((key, value) for key, value in keys if key != "site"), ("state", ROAD)]
        return account_name(self.element, line, [*keys, *([(self.period, one.period)] if self.period else [])])

    def told(self) -> dict[str, Any]:
        """All of it as plain values, for JSON, every line with the name that ``explain`` takes."""
        plain = msgspec.structs.asdict(self)
        plain["accounts"] = [
            {
                **msgspec.structs.asdict(one),
                "key": one.key._asdict(),
                "lines": {
                    name: {"figure": self.figure(one, name), **msgspec.structs.asdict(line)}
                    for name, line in one.lines.items()
                },
            }
            for one in self.accounts
        ]
        return plain

    def to_polars(self, *, wide: bool = False) -> polars.DataFrame:
        """The lines as a polars frame, kg; what is unknown is null.

        Args:
            wide: One row an account, with the value and the uncertainty of each line in columns of their own. False:
                one row a line, with limits and class, and the reconciled figure beside the recorded one.
        """
        import polars

        if wide:
            rows = [_wide(one) for one in self.accounts]
        else:
            rows = [{"figure": self.figure(one, row["line"]), **row} for one in self.accounts for row in _long(one)]
        return polars.DataFrame(rows, infer_schema_length=None) if rows else polars.DataFrame()


def balance_of(
    store: Store,
    as_of: int | None,
    element: str,
    *,
    by: Sequence[str],
    period: str | None,
    since: int | None = None,
    reconciling: Reconciling | None = None,
    progress: Callable[[int], None] | None = None,
) -> Balance:
    """The accounts of an element as of an entry.

    Args:
        element: Symbol, group that the policy declares, or ``dry``.
        by: Any of ``site``, ``store``, ``owner``, ``material``, ``state``.
        period: ``day``, ``week``, ``month``, ``quarter``, ``year``; None for the whole book as one.
        since: An earlier entry: say which lines of which periods the entries after it changed.
        reconciling: Makes sums over reconciled flows, which stand beside the recorded ones.

    Raises:
        InputError: ``chemistry.element_unknown``, ``balance.key_unknown``, ``balance.key_twice``,
            ``balance.periods_several``, ``balance.since_later``.
    """
    head = store.head(as_of)
    if since is not None and since > head.seq:
        raise InputError(
            "balance.since_later",
            f"Entry {since} is later than entry {head.seq}, as of which the account is asked; name an earlier one.",
            since=since,
        )
    found = _accounts(store, head.seq, element, by, period, reconciling, progress)
    changed: tuple[Change, ...] = ()
    if since is not None:
        from lodeline.metal.balance.changing import changes

        before = _accounts(store, since, element, by, period, None, None)
        changed = changes(before, found, _between(store, since, head.seq))
    return Balance(
        element=element,
        as_of=head.seq,
        policy=policy_of(store, head.seq).cited,
        by=found.by,
        period=found.period,
        accounts=found.accounts,
        findings=found.findings,
        unasked=found.unasked,
        since=since,
        changes=changed,
    )


def _accounts(
    store: Store,
    as_of: int,
    element: str,
    by: Sequence[str],
    period: str | None,
    reconciling: Reconciling | None,
    progress: Callable[[int], None] | None,
) -> Accounts:
    from lodeline.ledger.values import to_us
    from lodeline.metal.balance.accounting import accounts
    from lodeline.metal.balance.layout import asked_by
    from lodeline.metal.balance.quantity import quantity
    from lodeline.metal.registered import latest

    keys, word = asked_by([*by, *([] if period is None else [period])])
    policy, master = policy_of(store, as_of), latest(store.master(as_of))
    flows = flows_of(store, as_of, progress=progress)
    of = quantity(flows, element, master=master, groups=policy.groups)
    stocktakes = [one.seq for one in store.events(as_of=as_of, biz_step=STOCK_TAKING, counted=True)]
    return accounts(
        flows,
        of,
        by=keys,
        period=word,
        master=master,
        zone=getattr(policy, "zone", None),
        stocktakes=stocktakes,
        through=to_us(store.head(as_of).recorded_at),
        reconciled=None if reconciling is None else reconciling(flows, of),
        event_of=cache(lambda seq: store.event(str(seq), as_of)[0].hash_id),
    )


def _between(store: Store, since: int, until: int) -> Between:
    from lodeline.metal.balance.changing import Between

    def withdrawn_by(entry: int) -> int | None:
        if store.entry(entry, until).kind != "event":
            return None
        return store.event(str(entry), until)[0].withdrawn_by

    @cache
    def rules() -> tuple[int, ...]:
        events = set(store.timeline(until, after=since).seq.tolist())
        others = (entry for entry in range(since + 1, until + 1) if entry not in events)
        return tuple(entry for entry in others if store.entry(entry, until).kind in ("policy", "master"))

    return Between(since=since, until=until, withdrawn_by=cache(withdrawn_by), rules=rules)


def _told(one: Account) -> dict[str, Any]:
    return {
        **one.key._asdict(),
        "period": one.period,
        "begins": None if one.begins is None else one.begins.isoformat(),
        "ends": None if one.ends is None else one.ends.isoformat(),
        "zone": one.zone,
        "so_far": one.so_far,
        "holders": one.holders,
        "counted_holders": one.counted,
        "checks": one.checks,
    }


def _long(one: Account) -> list[dict[str, Any]]:
    rows = []
    for line in one.lines.values():
        row = {**_told(one), "line": line.name, "sign": line.sign, "of": line.of, "flows": line.flows}
        for side, figure in (("recorded", line.recorded), ("reconciled", line.reconciled)):
            for part, column in (("value", "kg"), ("u", "kg_u"), ("low", "kg_low"), ("high", "kg_high")):
                row[f"{side}_{column}"] = None if figure is None else getattr(figure, part)
            row[f"{side}_class"] = None if figure is None else figure.standing
        rows.append(row)
    return rows


def _wide(one: Account) -> dict[str, Any]:
    from lodeline.metal.balance.account import NAMES

    row = _told(one)
    for name in NAMES:
        figure = one.lines[name].recorded if name in one.lines else None
        row[f"{name}_kg"] = None if figure is None else figure.value
        row[f"{name}_kg_u"] = None if figure is None else figure.u
    return row
