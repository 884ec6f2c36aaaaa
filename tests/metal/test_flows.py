"""Flows: columns and what they mean, element by element; stored and read back; as tables of other libraries."""

import builtins
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.metal.flows.builder import FlowBuilder
from lodeline.metal.flows.columns import Columns
from lodeline.metal.flows.flows import Flows
from lodeline.metal.flows.schema import SCHEMA, page
from lodeline.metal.flows.words import BASIS, CLASS, CLOSING, FLOW, NO_TIME, NODE, OUTSIDE
from lodeline.metal.interpret import interpret
from lodeline.metal.journal import Journal
from lodeline.metal.ranking import Ranking
from lodeline.record import metal
from lodeline.record.metal import End
from tests.metal.random_books import events, followed, steps
from tests.metal.small_book import (
    LOT,
    MINE,
    WORKS,
    SeenHere,
    assayed,
    book,
    dried,
    kg,
    mined,
    net,
    on,
    percent,
    ranked,
    received,
    shipped,
    weighed,
)

OTHER = "urn:example:lot:2"
ROAD = [mined("10", basis="dry"), shipped(2, "10"), received(4, "9.5")]


def refused(code: str) -> Any:
    return pytest.raises(InputError, match=re.escape(code))


def kinds(flows: Flows) -> list[str]:
    words = {code: word for word, code in FLOW.items()}
    return [words[int(kind)] for kind in flows.flows["kind"]]


def row_of(flows: Flows, kind: str) -> int:
    return kinds(flows).index(kind)


def test_a_lot_that_is_mined_shipped_and_received_is_five_flows() -> None:
    flows = book(*ROAD).flows

    assert kinds(flows) == ["arising", "ship", "receive", "transit_loss", "closing"]
    assert [int(kind) for kind in flows.nodes["kind"][2:]] == [NODE["holding"], NODE["transit"], NODE["holding"]]
    tail, head = flows.flows["tail"].tolist(), flows.flows["head"].tolist()
    assert list(zip(tail, head, strict=True)) == [(OUTSIDE, 2), (2, 3), (3, 4), (3, OUTSIDE), (4, CLOSING)]
    np.testing.assert_array_equal(flows.flows["mass_kg"], [10, 10, 9.5, math.nan, 9.5])
    assert [int(klass) for klass in flows.flows["mass_class"]] == [
        CLASS[word] for word in ("stated", "stated", "stated", "unknown", "computed")
    ]


def test_a_consignment_has_two_times_and_a_limit_is_none() -> None:
    flows = book(*ROAD).flows
    receive = row_of(flows, "receive")
    days = (flows.flows["arrived_at"][receive] - flows.flows["left_at"][receive]) / 86_400e6
    assert days == 2

    limit = metal.Act(at=on(2).at, precision="day", known="not_after")
    left = metal.shipment(limit, [kg(None)], basis=None, left=End(place=MINE), to=End(place=WORKS))
    flows = book(mined(), left, received(4)).flows
    receive = row_of(flows, "receive")
    assert (flows.flows["left_at"][receive], flows.flows["arrived_at"][receive] > 0) == (NO_TIME, True)


def test_water_may_change_on_the_road_and_dry_mass_may_not() -> None:
    """1000 kg wet at 8 % left: 920 kg dry. It was not weighed on arrival, where its moisture is 5 %: still 920 kg dry.
    Weighed there, 970 kg wet, it is 970 x 0.95."""
    there = metal.moisture(on(5, WORKS), LOT, ranked(None), value=5, u=None, uom="P1")
    first = [mined(), weighed(1, net("1000", basis="wet")), dried(2, "8"), shipped(3), received(4)]

    def dry_at_the_end(*more: metal.Event) -> float:
        flows = book(*first, *more).flows
        return float(flows.dry().kg[row_of(flows, "closing")])

    weighed_there = weighed(6, net("970", basis="wet"), place=WORKS)
    assert dry_at_the_end() == pytest.approx(920)
    assert dry_at_the_end(there) == pytest.approx(920)
    assert dry_at_the_end(there, weighed_there) == pytest.approx(970 * 0.95)
    # A moisture from before the road dries nothing that was weighed behind it.
    assert math.isnan(dry_at_the_end(weighed_there))


def test_an_assay_per_dry_mass_passes_the_road_and_one_per_wet_mass_does_not() -> None:
    def antimony(basis: str) -> float:
        flows = book(
            mined(), assayed(2, percent("50", basis=basis)), shipped(3), received(4), weighed(5, net("10"), place=WORKS)
        ).flows
        return float(flows.element("Sb").fraction[row_of(flows, "closing")])

    assert antimony("dry") == 0.5
    assert math.isnan(antimony("wet"))


def test_what_is_found_later_of_a_lot_holds_for_it_before_and_is_marked_inherited() -> None:
    flows = book(*ROAD[:2], received(4, "9.5"), assayed(5, percent("50"), place=WORKS)).flows
    of = flows.element("Sb")

    np.testing.assert_allclose(of.kg[[row_of(flows, kind) for kind in ("arising", "ship", "receive")]], [5, 5, 4.75])
    assert of.inherited.tolist() == [True, True, True, False, False]
    assert flows.elements() == ("Sb",)


def test_each_end_of_a_road_has_its_own_assay() -> None:
    flows = book(mined("10", basis="dry"), assayed(2, percent("50")), shipped(3), received(4, "10")).flows
    more = book(
        mined("10", basis="dry"),
        assayed(2, percent("50")),
        shipped(3),
        received(4, "10"),
        assayed(5, percent("40"), place=WORKS),
    ).flows

    assert flows.element("Sb").kg[row_of(flows, "closing")] == 5
    of = more.element("Sb")
    assert (of.kg[row_of(more, "ship")], of.kg[row_of(more, "closing")]) == (5, 4)


def test_the_ranking_chooses_and_a_policy_may_turn_it_round() -> None:
    acts = [
        mined("10", basis="dry"),
        assayed(2, percent("50"), certificate=ranked("final")),
        assayed(3, percent("60"), certificate=ranked("provisional")),
        assayed(4, percent("70")),
    ]

    def chosen(ranking: Ranking) -> tuple[float, list[bool]]:
        builder = FlowBuilder(ranking=ranking)
        seen = [SeenHere(seq, f"h{seq}", event) for seq, event in enumerate(acts, 1)]
        builder.feed([fact for one in seen for fact in interpret(one)[0]])
        flows = builder.finish()
        return float(flows.element("Sb").kg[row_of(flows, "closing")]), flows.measurements["chosen"].tolist()[-3:]

    assert chosen(Ranking()) == (5, [True, False, False])
    assert chosen(Ranking(("provisional", "final"))) == (6, [False, True, False])
    assert chosen(Ranking(())) == (7, [False, False, True])


def test_only_a_split_inherits_its_composition() -> None:
    first = [mined("10", basis="dry"), assayed(2, percent("50", u="1"))]
    parts = [kg("4", OTHER), kg("6", "urn:example:lot:3")]
    split = book(*first, metal.split(on(3), kg(None), parts, basis="dry")).flows
    smelt = metal.transformation(on(3), process="smelt", inputs=[kg(None)], outputs=parts, basis="dry")

    of = split.element("Sb")
    closing = np.flatnonzero(split.flows["head"] == CLOSING)
    np.testing.assert_allclose(of.kg[closing], [2, 3])
    assert of.inherited[closing].all()
    smelted = book(*first, smelt).flows
    assert np.isnan(smelted.element("Sb").kg[smelted.flows["head"] == CLOSING]).all()


def test_the_one_part_of_a_split_that_nobody_weighed_is_the_rest() -> None:
    flows = book(
        mined("10", basis="dry"), metal.split(on(3), kg(None), [kg("4", OTHER), kg(None, "urn:example:l")], basis="dry")
    ).flows

    assert sorted(flows.flows["mass_kg"][flows.flows["head"] == CLOSING]) == [4, 6]


def test_below_detection_stays_an_interval_in_the_arrays() -> None:
    line = metal.Result(
        substance=percent("1", of="U").substance, value=None, u=None, uom="59", basis="dry", detection_limit=5
    )
    flows = book(mined("1000", basis="dry"), assayed(2, line)).flows
    of, row = flows.element("U"), row_of(flows, "closing")

    assert (of.klass[row], math.isnan(of.kg[row]), of.low_kg[row]) == (CLASS["bounded"], True, 0)
    assert of.high_kg[row] == pytest.approx(0.005)


def test_the_parts_of_a_group_share_their_mass_and_its_uncertainty() -> None:
    """By hand: 100 +- 2 kg dry with 20 +- 1 % Nd and 5 +- 1 % Pr: 25 kg, u = hypot(0.25 x 2, 1, 1)."""
    flows = book(
        mined(), weighed(2, net("100", "2")), assayed(3, percent("20", of="Nd", u="1"), percent("5", of="Pr", u="1"))
    ).flows
    of, row = flows.group(["Nd", "Pr"]), row_of(flows, "closing")

    assert of.kg[row] == pytest.approx(25)
    assert of.u_kg[row] == pytest.approx(math.sqrt(0.5**2 + 1 + 1))
    half = flows.group(["Nd", "Dy"])
    assert (half.klass[row], half.low_kg[row]) == (CLASS["bounded"], pytest.approx(20))
    with refused("flows.group_empty"):
        flows.group([])


def test_a_weighing_measures_the_flow_that_was_in_force() -> None:
    """10 kg; 4 go on day 3. What was weighed on day 2 is the whole, on day 4 the rest."""
    flows = book(mined("10", basis="dry"), weighed(2, net("10.1")), shipped(3, "4"), weighed(4, net("6.2"))).flows
    measured = {
        float(value): int(flow)
        for value, flow in zip(flows.measurements["value"], flows.measurements["flow"], strict=True)
    }

    assert kinds(flows)[measured[10.1]] == "stock"
    assert flows.flows["mass_kg"][measured[6.2]] == 6.2
    assert flows.flows["head"][measured[6.2]] == CLOSING
    assert flows.flows["mass_basis"][measured[6.2]] == BASIS["dry"]


def test_declared_losses_of_a_process_go_outside_and_name_their_kind() -> None:
    loss = metal.Loss("dust", 1, "KGM")
    melt = metal.transformation(
        on(2), process="smelt", inputs=[kg(None)], outputs=[kg("8", OTHER)], basis="dry", losses=[loss]
    )
    flows = book(mined("10", basis="dry"), melt).flows
    row = row_of(flows, "loss")

    assert (flows.name(flows.flows["label"][row]), flows.flows["mass_kg"][row]) == ("dust", 1)
    assert flows.flows["head"][row] == OUTSIDE


def test_a_process_over_several_events_is_one_node() -> None:
    pile = {"process": "smelt", "basis": "dry", "transformation_id": "urn:example:melt"}
    acts = [
        mined("10", basis="dry"),
        mined("5", lot=OTHER, basis="dry"),
        metal.transformation(on(2), inputs=[kg(None)], outputs=[], **pile),  # type: ignore[arg-type]
        metal.transformation(on(3), inputs=[], outputs=[kg("6", "urn:example:lot:3")], **pile),  # type: ignore[arg-type]
        metal.transformation(on(4), inputs=[kg(None, OTHER)], outputs=[kg("7", "urn:example:lot:4")], **pile),  # type: ignore[arg-type]
    ]
    flows = book(*acts).flows

    (process,) = np.flatnonzero(flows.nodes["kind"] == NODE["process"])
    assert sorted(flows.flows["mass_kg"][flows.flows["head"] == process]) == [5, 10]
    assert sorted(flows.flows["mass_kg"][flows.flows["tail"] == process]) == [6, 7]
    assert flows.name(flows.nodes["name"][process]) == "urn:example:melt"


def test_flows_that_are_stored_come_back_equal() -> None:
    from random import Random

    flows = followed(events(steps(Random(4), 60))).flows
    again = Flows.from_tables(flows.names, flows.tables())

    assert again == flows
    assert again != book(*ROAD).flows
    assert flows.index(flows.names[3]) == 3
    assert flows.index("urn:example:nobody") == -1


def test_tables_of_other_libraries_have_names_words_and_instants() -> None:
    flows = book(*ROAD, assayed(5, percent("50"), place=WORKS)).flows
    polars, pandas, arrow = flows.to_polars(), flows.to_pandas(), flows.to_arrow()

    assert set(polars) == set(pandas) == set(arrow) == set(SCHEMA)
    receive = polars["flows"].filter(polars["flows"]["kind"] == "receive").to_dicts()[0]
    assert (receive["lot"], receive["mass_kg"], receive["mass_class"]) == (LOT, 9.5, "stated")
    assert receive["left_at"] == on(2).at
    assert polars["nodes"]["place"].to_list()[2:] == [MINE, WORKS, WORKS]
    assert polars["flows"]["mass_kg"].null_count() == 1
    assert pandas["measurements"]["species"].dropna().tolist() == ["Sb"]
    assert arrow["lots"].column("lot").to_pylist() == [LOT]
    empty = book().flows.to_polars()
    assert [frame.height for frame in empty.values()] == [2, 0, 0, 0]


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] in ("polars", "pandas", "pyarrow"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    flows = book(*ROAD).flows
    monkeypatch.setattr(builtins, "__import__", without)
    for method in (flows.to_polars, flows.to_pandas, flows.to_arrow):
        with refused("flows.library_missing"):
            method()


def test_tables_that_are_not_of_the_schema_are_refused() -> None:
    flows = book(*ROAD).flows
    nodes = flows.tables()["nodes"]

    with refused("flows.tables"):
        Flows(flows.names, {"nodes": flows.nodes})
    with refused("flows.columns"):
        Columns("nodes", {name: array for name, array in nodes.items() if name != "at"})
    with refused("flows.dtype"):
        Columns("nodes", nodes | {"at": nodes["at"].astype(np.float64)})
    with refused("flows.length"):
        Columns("nodes", nodes | {"at": nodes["at"][:-1]})
    with pytest.raises(ValueError, match="read-only"):
        flows.flows["mass_kg"][0] = 1


def test_a_builder_refuses_what_it_cannot_follow() -> None:
    seen = [SeenHere(seq, f"h{seq}", event) for seq, event in enumerate([mined(), weighed(2, net("1"))], 1)]
    (first, second) = (fact for one in seen for fact in interpret(one)[0])
    builder = FlowBuilder()
    builder.feed([second])

    with refused("flows.order"):
        builder.feed([first])
    with refused("flows.state"):
        FlowBuilder.resume(b"nonsense", (), {})
    with refused("flows.journal"):
        FlowBuilder(journal=Journal()).state()
    with refused("ranking.unknown"):
        Ranking(("best",))
    with refused("chemistry.element_unknown"):
        builder.finish().element("Xx")


def test_the_reference_has_every_column() -> None:
    reference = Path(__file__).parents[2] / "docs" / "reference" / "flows.md"

    assert reference.read_text(encoding="utf-8").endswith(page())
