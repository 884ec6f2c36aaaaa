"""Policies: what they say is typed, what they misspell is refused, and the reference names every key."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from lodeline.errors import PolicyError
from lodeline.examples.first_shipment import first_shipment
from lodeline.metal.policy import _DOCUMENT, NO_POLICY, Loss, Policy, Uncertain
from lodeline.metal.ranking import RANKING

WHOLE = b"""
name = "trial"
dated = 2026-01-31

[assay]
ranks = ["final", "provisional"]

[uncertainty]
weighing = { relative = 0.001, kg = 20 }
moisture = { fraction = 0.002 }
assay = "unknown"

[uncertainty.device]
"https://id.example.org/scale/3" = { kg = 5.5 }
"https://id.example.org/scale/4" = "unknown"

[uncertainty.laboratory]
"https://id.example.org/laboratory/1" = { relative = 0.01 }

[uncertainty.method]
"ISO 12744" = { fraction = 0.0005 }

[tolerance]
transit = 0.005

[transit]
loss = { expected = 0, u = 0.002 }

[receipt]
window_days = 90

[mixing]
"https://id.example.org/store/pile" = "mixed"

[groups]
NdPr = ["Nd", "Pr"]
TREO = ["Nd2O3", "Pr6O11"]
"""


def test_every_key_is_read_to_its_type():
    policy = Policy.parse(WHOLE, version=7)

    assert (policy.name, str(policy.dated), policy.cited) == ("trial", "2026-01-31", "policy of entry 7")
    assert policy.ranking.ranks == ("final", "provisional")
    assert policy.tolerance == policy.matching.transit_tolerance == Decimal("0.005")
    assert policy.loss == Loss(expected=Decimal(0), u=Decimal("0.002"))
    assert policy.receipt_window_days == 90
    assert policy.mixing == {"https://id.example.org/store/pile": "mixed"}
    assert policy.groups == {"NdPr": ("Nd", "Pr"), "TREO": ("Nd2O3", "Pr6O11")}


def test_the_more_particular_uncertainty_holds():
    supposed = Policy.parse(WHOLE).uncertainty

    assert supposed.of_weighing(None) == Uncertain(relative=Decimal("0.001"), absolute=Decimal(20))
    assert supposed.of_weighing("https://id.example.org/scale/3") == Uncertain(absolute=Decimal("5.5"))
    assert supposed.of_weighing("https://id.example.org/scale/4") is None
    assert supposed.of_assay(None, None) is None
    assert supposed.of_assay("https://id.example.org/laboratory/1", None) == Uncertain(relative=Decimal("0.01"))
    assert supposed.of_assay("https://id.example.org/laboratory/1", "ISO 12744") == Uncertain(
        absolute=Decimal("0.0005")
    )
    assert supposed.of_moisture("https://id.example.org/laboratory/2", None) == Uncertain(absolute=Decimal("0.002"))


def test_part_and_amount_add_in_quadrature():
    """By hand: 3 t at 0.1 % is 3 kg; with 4 kg beside it, 5 kg."""
    assert Uncertain(relative=Decimal("0.001"), absolute=Decimal(4)).of(Decimal(3000)) == 5


def test_without_a_policy_nothing_is_supposed():
    assert Policy.parse(b"") == NO_POLICY
    assert NO_POLICY.cited == "no policy"
    assert NO_POLICY.ranking == RANKING
    assert NO_POLICY.uncertainty.of_weighing("x") is None


def test_the_first_shipment_supposes_nothing():
    policy = Policy.parse(first_shipment().policy, version=3)

    assert policy.name == "first-shipment"
    assert (policy.uncertainty, policy.tolerance) == (NO_POLICY.uncertainty, None)


def test_the_digest_tells_suppositions_and_versions_apart_and_no_comments():
    first = Policy.parse(WHOLE, version=7).digest()

    assert Policy.parse(WHOLE + b"# a comment\n", version=7).digest() == first
    assert Policy.parse(WHOLE, version=8).digest() != first
    assert Policy.parse(WHOLE.replace(b"5.5", b"5.6"), version=7).digest() != first


@pytest.mark.parametrize(
    ("toml", "code", "key"),
    [
        ("a = ", "policy.not_toml", None),
        ("a = 1", "policy.unknown_key", "a"),
        ("[uncertainty]\nweighting = 1", "policy.unknown_key", "uncertainty.weighting"),
        ("[uncertainty]\nweighing = {g = 1}", "policy.unknown_key", "uncertainty.weighing.g"),
        ("[uncertainty.device]\n'x' = {fraction = 1}", "policy.unknown_key", 'uncertainty.device."x".fraction'),
        ("uncertainty = 1", "policy.value", "uncertainty"),
        ("[uncertainty]\nweighing = 0.1", "policy.value", "uncertainty.weighing"),
        ("[uncertainty]\nweighing = {}", "policy.value", "uncertainty.weighing"),
        ("[uncertainty]\nweighing = {kg = 0}", "policy.value", "uncertainty.weighing.kg"),
        ("[uncertainty]\nweighing = {kg = -1}", "policy.value", "uncertainty.weighing.kg"),
        ("[uncertainty]\nweighing = {kg = true}", "policy.value", "uncertainty.weighing.kg"),
        ("[uncertainty]\nweighing = {kg = nan}", "policy.value", "uncertainty.weighing.kg"),
        ("[uncertainty]\nassay = {relative = 1.5}", "policy.value", "uncertainty.assay.relative"),
        ("[assay]\nranks = 'final'", "policy.value", "assay.ranks"),
        ("[assay]\nranks = ['best']", "policy.value", "assay.ranks"),
        ("[assay]\nranks = ['final', 'final']", "policy.value", "assay.ranks"),
        ("[tolerance]\ntransit = {kg = 1}", "policy.value", "tolerance.transit"),
        ("[transit]\nloss = {expected = 0.1}", "policy.value", "transit.loss"),
        ("[receipt]\nwindow_days = 'soon'", "policy.value", "receipt.window_days"),
        ("[mixing]\n'x' = 'stirred'", "policy.value", 'mixing."x"'),
        ("[groups]\nX = []", "policy.value", 'groups."X"'),
        ("[groups]\nX = ['Unobtainium']", "policy.value", 'groups."X"'),
        ("[groups]\nX = ['Nd', 'Nd']", "policy.value", 'groups."X"'),
        ("dated = 'soon'", "policy.value", "dated"),
        ("dated = 2026-01-31T00:00:00Z", "policy.value", "dated"),
        ("name = ' '", "policy.value", "name"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(toml, code, key):
    with pytest.raises(PolicyError) as refused:
        Policy.parse(toml.encode())

    assert (refused.value.code, refused.value.where.get("key")) == (code, key)


def test_bytes_that_are_no_text_are_no_policy():
    with pytest.raises(PolicyError) as refused:
        Policy.parse(b"\xff")

    assert refused.value.code == "policy.not_toml"


def test_a_book_takes_no_policy_that_cannot_be_read(tmp_path):
    from lodeline.book import create

    with create(tmp_path / "book.db", title="x", by="me") as book:
        with pytest.raises(PolicyError) as refused:
            book.set_policy(b"[uncertainty]\nweigh = 1", by="me")
        assert refused.value.code == "policy.unknown_key"
        assert book.policy() is None
        assert book.set_policy(WHOLE, by="me").seq == 1


def test_the_reference_names_every_key():
    text = (Path(__file__).parents[2] / "docs/reference/policies.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `([a-z_]+)(?:[. `])", text, re.MULTILINE))

    assert told >= set(_DOCUMENT)
    for key in ("weighing", "moisture", "device", "laboratory", "method", "ranks", "transit", "loss", "window_days"):
        assert f"{key}" in text
