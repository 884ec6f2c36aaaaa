"""A reconciled book made by hand: every state that its sections tell apart, and no ledger below it."""

from __future__ import annotations

from collections.abc import Mapping

from lodeline.errors import Settle
from lodeline.report.given_metal import (
    LINES,
    SeenAccount,
    SeenBias,
    SeenClosure,
    SeenLimit,
    SeenPair,
    SeenPoint,
    SeenReconciliation,
)
from lodeline.units.figure import Figure, unknown

MILL, WORKS = "urn:example:site:mill", "urn:example:site:works"
NOTHING = Figure(value=0.0, u=0.0, unit="KGM", standing="computed")
PERIODS = ("2026-01", "2026-02", "2026-03", "2026-04")


def kg(value: float, u: float | None = None) -> Figure:
    return Figure(value=value, u=u, unit="KGM", standing="computed")


def percent(value: float, u: float) -> Figure:
    return Figure(value=value, u=u, unit="P1", standing="computed")


def account(
    site: str,
    label: str,
    period: str,
    recorded: Mapping[str, Figure],
    reconciled: Mapping[str, Figure] | None = None,
    *,
    checks: int = 1,
    sigma: float | None = None,
) -> SeenAccount:
    nothing = dict.fromkeys(LINES, NOTHING)
    return SeenAccount(
        site=site,
        label=label,
        element="Sb",
        period=period,
        recorded={**nothing, **recorded},
        reconciled={**nothing, **(reconciled or {})},
        checks=checks,
        sigma=sigma,
    )


def known(
    period: str, muf: float, u: float, *, loss: float = 0.0, gain: float = 0.0, alarm: bool = False, since: str = ""
) -> SeenPoint:
    sigma = muf / u
    return SeenPoint(
        period=period,
        state="known",
        since=since or period,
        muf=kg(muf, u),
        cumulative=kg(muf, u),
        sigma=sigma,
        outside=sum(abs(sigma) > times for times in (1, 2, 3)),
        loss=loss,
        gain=gain,
        alarm=alarm,
    )


def gap(period: str, state: str) -> SeenPoint:
    return SeenPoint(
        period=period, state=state, since="", muf=unknown("KGM"), cumulative=unknown("KGM"), sigma=None, outside=0,  # type: ignore[arg-type]
        loss=None, gain=None, alarm=False,
    )  # fmt: skip


def pair(lot: str, first: float, second: float, *, between: bool = True, u: float = 0.5) -> SeenPair:
    mean = (first + second) / 2
    apart, apart_u = 100 * (second - first) / mean, 100 * (2**0.5) * u / mean
    return SeenPair(
        element="Sb",
        lot=f"urn:example:lot:{lot}",
        at=f"2026-01-{len(lot) + 10:02}",
        first_id="urn:example:laboratory:one",
        second_id="urn:example:laboratory:two",
        first="The first laboratory",
        second="The second laboratory",
        between=between,
        first_found=percent(first, u),
        second_found=percent(second, u),
        apart=Figure(value=apart, u=apart_u, unit="P1", standing="computed", rests_on=(f"entry {lot}",)),
        sigma=apart / apart_u,
    )


def bias(label: str, value: float, u: float, *, prior_u: float = 0.1, z: float = 0.0, **how: object) -> SeenBias:
    told = u / prior_u
    base = {
        "kind": "scale", "id": f"urn:example:scale:{label}", "label": label, "subject": "", "method": "", "period": 0,
        "since": "2026-01-01", "prior": Figure(value=0.0, u=prior_u, unit="P1", standing="stated"),
        "estimate": Figure(value=value, u=u, unit="P1", standing="computed"), "z": z, "told": told, "supposed": False,
        "readings": 12,
    }  # fmt: skip
    return SeenBias(**{**base, **how})  # type: ignore[arg-type]


def reconciliation(**changed: object) -> SeenReconciliation:
    """Of antimony: a mill with a gap that is known, one beyond chance, and one that nobody can judge."""
    act = Settle(act="assay", subject="urn:example:lot:7", detail="Assay lot 7 for Sb.")
    mill = {"in": kg(5000.0, 20.0), "out": kg(4700.0, 15.0), "closing": kg(200.0, 5.0), "unaccounted": kg(100.0, 26.0)}
    settled = {"in": kg(4960.0, 12.0), "out": kg(4755.0, 11.0), "closing": kg(205.0, 4.0)}
    works = {"in": Figure(value=None, low=1000.0, high=3000.0, unit="KGM", standing="bounded"),
             "closing": Figure(value=None, low=1499.9, high=1500.1, u=9.0, unit="KGM", standing="bounded"),
             "unaccounted": unknown("KGM")}  # fmt: skip
    january = {"in": kg(3000.0, 12.0), "out": kg(2000.0, 9.0), "closing": kg(990.0, 5.0), "unaccounted": kg(10.0, 16.0)}
    base: dict[str, object] = {
        "elements": ("Sb", "Au"),
        "ways": 40,
        "spread": 41.0,
        "worse": 0.43,
        "standings": {"unknown": 3, "computed": 10, "measured": 7, "checked": 1200},
        "silent": 2,
        "baseless": 1,
        "unheard": ("An old scale",),
        "accounts": (
            account(MILL, "The mill", "", mill, settled, sigma=3.8),
            account(WORKS, "The works", "", works, {"in": unknown("KGM", act), "closing": unknown("KGM", act, act)}),
            account("", "On the road", "", {"in": kg(10.0, 1.0)}, checks=0),
            account(MILL, "The mill", "2026-01", january, {"in": kg(2990.0, 9.0), "out": kg(2000.0, 8.0)}, sigma=0.6),
            account(WORKS, "The works", "2026-03", works, {"in": unknown("KGM", act)}),
        ),
        "closures": (
            SeenClosure(
                site=MILL, label="The mill", element="Sb", k=0.5,
                points=(
                    known("2026-01", 10.0, 10.0, loss=0.5), gap("2026-02", "carried"),
                    known("2026-03", 28.0, 10.0, loss=2.8, since="2026-02"),
                    known("2026-04", 95.0, 10.0, loss=11.8, alarm=True),
                ),
                limit=SeenLimit(value=5.1, probability=0.005, achieved=0.0049, runs=10_000),
            ),
            SeenClosure(
                site=WORKS, label="The works", element="Sb", k=0.5,
                points=(
                    known("2026-01", -5.0, 10.0), gap("2026-02", "unknown"), known("2026-03", 3.0, 10.0),
                    gap("2026-04", "unknown"),
                ),
                limit=SeenLimit(value=4.5, probability=0.005, achieved=0.0049, runs=10_000),
            ),
            SeenClosure(
                site="", label="On the road", element="Sb", k=0.5, limit=None,
                points=tuple(gap(one, "unknown") for one in PERIODS),
            ),
        ),
        "pairs": (
            pair("a", 50.0, 50.4), pair("bb", 51.0, 50.2), pair("ccc", 49.0, 54.0),
            pair("dddd", 52.0, 52.5, between=False),
        ),
        "biases": (
            bias("bridge", 0.02, 0.05, z=0.3), bias("bridge", 0.31, 0.06, z=4.4, period=1, since="2027-01-01"),
            bias("belt", 0.0, 0.1), bias("gate", 3.0, 8.0, prior_u=10.0, prior=kg(0.0, 10.0), estimate=kg(3.0, 8.0)),
            bias("lab", 0.1, 0.2, prior_u=0.5, kind="laboratory", subject="Sb", method="fusion", supposed=True),
            bias("oven", 0.0, 0.5, prior_u=0.5, kind="laboratory", subject="H2O", method="ISO"),
            bias("masses", 0.01, 0.02, prior_u=0.03, kind="standard"),
        ),
        "period": "month",
        "false_alarms": 0.01,
        "far": 3.2,
    }  # fmt: skip
    return SeenReconciliation(**{**base, **changed})  # type: ignore[arg-type]
