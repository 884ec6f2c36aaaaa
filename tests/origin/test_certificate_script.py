"""The script in the documentation, which knows nothing of lodeline, agrees with it on certificates and on forgeries."""

from __future__ import annotations

import ast
import importlib.util
import json
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from lodeline.errors import InputError, IntegrityError
from lodeline.origin.certificate import Certificate, Ground, Grounds, read, sealed, written
from lodeline.origin.checking import check_arithmetic
from lodeline.origin.graph import MassGraph
from tests.docs.pages import DOCS
from tests.origin.ledgers import ledger, separation
from tests.origin.test_certificate import bound, certificates, changed, joint, places
from tests.origin.test_joint import SETS, random_claims

PATH = DOCS / "how-to" / "check_certificate.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_certificate", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def takes(script: ModuleType, raw: bytes) -> bool:
    """Whether the script takes a certificate; what it cannot even read it refuses by an error."""
    it = json.loads(raw)
    try:
        script.check_form(it)
        script.check_bound(it) if it["kind"] == "bound" else script.check_joint(it)
    except (SystemExit, LookupError, TypeError, ValueError):
        return False
    return True


def lodeline_takes(it: Certificate) -> bool:
    try:
        check_arithmetic(it)
    except IntegrityError:
        return False
    return True


def test_it_imports_nothing_but_what_python_brings():
    tree = ast.parse(PATH.read_text(encoding="utf-8"))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert imported <= set(sys.stdlib_module_names)


def test_it_takes_what_lodeline_certifies(script):
    rng = np.random.default_rng(71)
    for _ in range(60):
        of = ledger(rng, lots=5, events=7, most_mg=9)
        arc = int(rng.integers(of.mg.size))
        made = [
            bound(of, [arc], "least", "whole"),
            bound(of, [arc], "most", "short"),
            joint(of, random_claims(rng, of, int(rng.integers(1, 5)), SETS)),
        ]
        assert all(takes(script, written(one)) for one in made)


@pytest.mark.parametrize(("graph", "made"), certificates())
def test_it_refuses_a_changed_number_and_of_resealed_ones_what_lodeline_refuses(script, graph: MassGraph, made):
    document: Any = json.loads(written(made))
    for path in places(document):
        for by in (-1, 1):
            forged = json.dumps(changed(document, path, by)).encode()
            assert not takes(script, forged)
            try:
                it = sealed(read(forged))
            except InputError:
                continue
            assert takes(script, written(it)) == lodeline_takes(it), (path, by)


def test_it_looks_up_what_was_recorded(script, tmp_path, capsys):
    ground = Ground(event="ni:///sha-256;1", pointer="/quantityList/0/quantity", value="3.50")
    made = bound(separation(), [2], "most", "whole", Grounds({0: (ground,)}, {}))
    certificate, events = tmp_path / "certificate.json", tmp_path / "events.jsonl"
    certificate.write_bytes(written(made))
    events.write_text(json.dumps({"hash_id": ground.event, "event": {"quantityList": [{"quantity": 3.5}]}}) + "\n")

    script.main(str(certificate), str(events))
    assert "FOUND in the events: 1 recorded values" in capsys.readouterr().out
    for other in ('{"quantityList": [{"quantity": 3.51}]}', '{"quantityList": []}'):
        events.write_text(f'{{"hash_id": "{ground.event}", "event": {other}}}\n')
        with pytest.raises((SystemExit, IndexError)):
            script.main(str(certificate), str(events))
    events.write_text('{"hash_id": "ni:///sha-256;2", "event": {}}\n')
    with pytest.raises(SystemExit, match="there is no event"):
        script.main(str(certificate), str(events))
