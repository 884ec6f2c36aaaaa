"""Flowsheets in files: TOML, JSON and CSV say the same, results are written whole, and what is wrong is placed."""

import csv
import io
import json
import re
from typing import Any

import pytest

from lodeline.errors import InputError
from lodeline.metal.reconciliation.network import (
    UNMEASURED,
    Correlated,
    Equation,
    Fixed,
    Instrument,
    Measured,
    Network,
    Quantity,
    Reading,
    Standard,
    Stream,
    Transfer,
    reconcile,
)
from lodeline.metal.reconciliation.network_files import read_network
from lodeline.metal.reconciliation.network_tables import to_csv, to_json

TOML = """
nodes = ["cells", "filter"]
components = ["Cu"]
components_sum = "at most one"
streams = [
    { name = "feed", to = "cells", measured = 100, u = "1 %", instrument = "belt", grades.Cu = {value=0.02, u=0.001} },
    { name = "tailings", from = "cells", grades.Cu = { value = 0.002, u = "5 %", instrument = "lab" } },
    { name = "pulp", from = "cells", to = "filter", high = 20 },
    { name = "water", from = "filter", measured = 0.5, u = 0.1, grades.Cu = { value = 0, u = "fixed" } },
    { name = "cake", from = "filter", measured = 8, u = 0.1, moisture = {value=0.1, u=0.01}, grades.Cu = "unmeasured" },
]
quantities = [{ name = "ratio", low = 0, guess = 10 }, { name = "days", value = 30, u = "fixed" }]
transfers = [{ name = "recovery", from = "feed", to = "pulp", component = "Cu", value = 0.9, u = 0.05 }]
equations = ["feed = ratio * pulp", { name = "wet", equation = "cake/wet + water = 8.5" }]
readings = [{ name = "again", of = "feed", value = 101, u = 2 }]
correlations = [{ between = ["feed", "again"], r = 0.3 }]

[[instruments]]
name = "belt"
relative_u = "0.5 %"
standard = "weights"

[[instruments]]
name = "lab"
offset_u = 0.0001

[[standards]]
name = "weights"
relative_u = 0.001
"""

SAID = Network(
    nodes=["cells", "filter"],
    components=["Cu"],
    streams=(
        Stream(name="feed", to_node="cells", mass=Measured(100, 1.0, "belt"), grades={"Cu": Measured(0.02, 0.001)}),
        Stream(name="tailings", from_node="cells", grades={"Cu": Measured(0.002, 0.0001, "lab")}),
        Stream(name="pulp", from_node="cells", to_node="filter", high=20),
        Stream(name="water", from_node="filter", mass=Measured(0.5, 0.1), grades={"Cu": Fixed(0)}),
        Stream(
            name="cake",
            from_node="filter",
            mass=Measured(8, 0.1),
            moisture=Measured(0.1, 0.01),
            grades={"Cu": UNMEASURED},
        ),
    ),
    quantities=(Quantity(name="ratio", low=0, guess=10), Quantity(name="days", value=Fixed(30))),
    transfers=(
        Transfer(
            name="recovery", from_stream="feed", to_stream="pulp", component="Cu", coefficient=Measured(0.9, 0.05)
        ),
    ),
    equations=(Equation(text="feed = ratio * pulp"), Equation(name="wet", text="cake/wet + water = 8.5")),
    readings=(Reading(name="again", of="feed", value=Measured(101, 2)),),
    correlations=(Correlated("feed", "again", 0.3),),
    instruments=(
        Instrument(name="belt", relative_u=0.005, standard="weights"),
        Instrument(name="lab", offset_u=0.0001),
    ),
    standards=(Standard(name="weights", relative_u=0.001),),
)

CSV = """name,from,to,measured,u,moisture,moisture_u,Cu,Cu_u
feed,,cells,100,1,,,0.02,0.001
concentrate,cells,,8,5 %,0.1,0.01,0.22,fixed

tailings,cells,,,,,,0.002,5 %
"""


def refused(code: str) -> Any:
    return pytest.raises(InputError, match=re.escape(code))


def test_a_toml_document_says_everything_that_a_network_can() -> None:
    assert read_network(TOML.encode(), "plant.toml") == SAID


def test_json_is_the_same_document() -> None:
    import tomllib

    assert read_network(json.dumps(tomllib.loads(TOML)).encode(), "plant.JSON") == SAID


def test_a_table_of_streams_names_its_nodes_and_components() -> None:
    assert read_network(b"\xef\xbb\xbf" + CSV.encode(), "streams.csv") == Network(
        nodes=("cells",),
        components=("Cu",),
        streams=(
            Stream(name="feed", to_node="cells", mass=Measured(100, 1), grades={"Cu": Measured(0.02, 0.001)}),
            Stream(
                name="concentrate",
                from_node="cells",
                mass=Measured(8, 0.4),
                moisture=Measured(0.1, 0.01),
                grades={"Cu": Fixed(0.22)},
            ),
            Stream(name="tailings", from_node="cells", grades={"Cu": Measured(0.002, 0.0001)}),
        ),
    )


def test_results_are_written_whole_and_come_back_the_same() -> None:
    found = reconcile(read_network(CSV.encode(), "streams.csv"), significance=0.05)
    table = list(csv.DictReader(io.StringIO(to_csv(found).decode())))

    assert [row["name"] for row in table] == [one.name for one in found.figures]
    assert [float(row["value"]) for row in table] == [one.value for one in found.figures]
    assert [row["class"] for row in table] == [one.klass for one in found.figures]
    assert next(row for row in table if row["name"] == "tailings")["measured"] == ""
    assert len(to_csv(found, "closure").splitlines()) == 1 + len(found.closure)

    said = json.loads(to_json(found))
    assert (said["chi2"], said["dof"], said["verdict"]) == (found.chi2, found.dof, found.verdict)
    assert [one["value"] for one in said["figures"]] == [one.value for one in found.figures]
    assert {one["code"] for one in said["findings"]} == {one.code for one in found.findings}
    assert len(said["measurements"]) == len(found.measurements)


def test_a_figure_without_a_number_is_an_empty_cell() -> None:
    text = b"name,from,to,measured,u\na,,n,10,1\nb,n,,,\nc,n,,,\n"
    table = csv.DictReader(io.StringIO(to_csv(reconcile(read_network(text, "x.csv"))).decode()))
    assert [(row["value"], row["u"], row["class"]) for row in table][1:] == [("", "", "unobservable")] * 2


def toml(change: str, by: str) -> bytes:
    assert change in TOML
    return TOML.replace(change, by).encode()


WRONG: list[tuple[str, str, bytes, dict[str, Any]]] = [
    ("network.file_kind", "plant.xlsx", b"", {"file": "plant.xlsx"}),
    ("network.file_unreadable", "plant.toml", b"\xff", {"byte": 0}),
    ("network.file_unreadable", "plant.toml", b"nodes = [", {}),
    ("network.file_unreadable", "plant.json", b'{\n"nodes": [}', {"line": 2}),
    ("network.file_unreadable", "streams.csv", b'name,from,to,measured,u\na,,n,"1"0,1\n', {"line": 2}),
    ("network.unknown_key", "plant.toml", toml("components =", "elements ="), {"field": "elements"}),
    ("network.unknown_key", "plant.toml", toml("high = 20", "height = 20"), {"field": "streams[2].height"}),
    ("network.value", "plant.toml", toml("high = 20", 'high = "20"'), {"field": "streams[2].high"}),
    ("network.value", "plant.toml", toml("measured = 100, ", ""), {"field": "streams[0]"}),
    ("network.value", "plant.toml", toml('"1 %"', '"one"'), {"field": "streams[0].u"}),
    ("network.value", "plant.toml", toml('"at most one"', '"all"'), {"field": "components_sum"}),
    ("network.value", "plant.toml", toml('["feed", "again"]', '["feed"]'), {"field": "correlations[0].between"}),
    ("network.value", "plant.toml", toml('name = "pulp", ', ""), {"field": "streams[2].name"}),
    ("network.value", "plant.toml", toml('of = "feed", value = 101, u = 2', 'of = "feed"'), {"field": "readings[0]"}),
    ("network.value", "plant.toml", toml('grades.Cu = "unmeasured"', "grades = 1"), {"field": "streams[4].grades"}),
    ("network.value", "plant.json", b'{"streams": {}}', {"field": "streams"}),
    ("network.uncertainty", "plant.toml", toml(', u = "1 %"', ""), {"figure": "feed"}),
    ("network.node_unknown", "plant.toml", toml('to = "filter"', 'to = "press"'), {"node": "press", "stream": "pulp"}),
    ("network.value", "streams.csv", CSV.replace("100,", "1o0,").encode(), {"line": 2, "column": "measured"}),
    ("network.columns", "streams.csv", CSV.replace(",Cu_u", ",Zn_u").encode(), {"line": 1}),
    ("network.columns", "streams.csv", CSV.replace("measured", "mass").encode(), {"line": 1}),
    ("network.columns", "streams.csv", CSV.replace("feed,,", "feed,").encode(), {"line": 2}),
    ("network.columns", "streams.csv", b"", {"line": 1}),
    ("network.uncertainty", "streams.csv", CSV.replace("100,1,", "100,,").encode(), {"line": 2, "figure": "feed"}),
    ("network.fraction", "streams.csv", CSV.replace("0.22", "22").encode(), {"line": 3}),
    ("network.name_twice", "streams.csv", CSV.replace("tailings", "feed").encode(), {"line": 5}),
]


@pytest.mark.parametrize(("code", "name", "data", "where"), WRONG)
def test_what_is_wrong_with_a_file_is_placed(code: str, name: str, data: bytes, where: dict[str, Any]) -> None:
    with refused(code) as refusal:
        read_network(data, name)
    assert {key: refusal.value.where.get(key) for key in where} == where
    assert refusal.value.where["file"] == name
