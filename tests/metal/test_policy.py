"""Policies: what they say is typed, what they misspell is refused, and the reference names every key."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from lodeline.errors import PolicyError
from lodeline.examples.first_shipment import first_shipment
from lodeline.examples.programme import programme
from lodeline.metal.policy import NO_POLICY, Biases, Closure, Limits, Loss, Policy, Range, Uncertain
from lodeline.metal.policy_document import DOCUMENT
from lodeline.metal.ranking import RANKING

WHOLE = b"""
name = "trial"
dated = 2026-01-31

[assay]
ranks = ["final", "provisional"]

[uncertainty]
declared = { kg = 50 }
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

[uncertainty.bias]
scale = 0.001
laboratory = 0.004
moisture = "unknown"

[tolerance]
transit = 0.005

[transit]
loss = { expected = 0, u = 0.002 }
drying = { expected = 0.03, u = 0.02 }
fastest_km_per_h = 80

[transit.fastest_hours."https://id.example.org/site/mine"]
"https://id.example.org/site/port" = 30.5

[receipt]
window_days = 90

[mixing]
"https://id.example.org/store/pile" = "mixed"

[groups]
NdPr = ["Nd", "Pr"]
TREO = ["Nd2O3", "Pr6O11"]

[closure]
tolerance = { relative = 1e-9, kg = 0.001 }

[detection]
false_alarms = 0.01
periods = "month"

[period]
zone = "Asia/Karachi"

[limits.concentrate]
yield = [0, 0.2]
recovery = { Sb = [0.7, 0.95], Au = [0, 1] }
upgrade = { Sb = [2, 12.5] }
capacity_t_per_day = 400

[limits."urn:epc:id:sgln:4012345.00001.0"]
yield = [0, 1]
"""


def test_every_key_is_read_to_its_type():
    policy = Policy.parse(WHOLE, version=7)

    assert (policy.name, str(policy.dated), policy.cited) == ("trial", "2026-01-31", "policy of entry 7")
    assert policy.ranking.ranks == ("final", "provisional")
    assert policy.tolerance == policy.matching.transit_tolerance == Decimal("0.005")
    assert policy.loss == Loss(expected=Decimal(0), u=Decimal("0.002"))
    assert policy.drying == Loss(expected=Decimal("0.03"), u=Decimal("0.02"))
    assert policy.fastest_km_per_h == 80
    mine, port = "https://id.example.org/site/mine", "https://id.example.org/site/port"
    assert policy.fastest_hours == {mine: {port: Decimal("30.5")}}
    assert policy.receipt_window_days == 90
    assert policy.mixing == {"https://id.example.org/store/pile": "mixed"}
    assert policy.groups == {"NdPr": ("Nd", "Pr"), "TREO": ("Nd2O3", "Pr6O11")}
    assert policy.closure == Closure(relative=Decimal("1e-9"), kg=Decimal("0.001"))
    assert (policy.false_alarms, policy.periods, policy.zone) == (Decimal("0.01"), "month", "Asia/Karachi")
    assert policy.uncertainty.declared == Uncertain(absolute=Decimal(50))
    assert policy.uncertainty.bias == Biases(scale=Decimal("0.001"), laboratory=Decimal("0.004"), moisture=None)


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


def test_what_a_site_can_do_goes_before_what_its_process_can_do():
    policy = Policy.parse(WHOLE)
    mill = Limits(
        mass_yield=Range(Decimal(0), Decimal("0.2")),
        recovery={"Sb": Range(Decimal("0.7"), Decimal("0.95")), "Au": Range(Decimal(0), Decimal(1))},
        upgrade={"Sb": Range(Decimal(2), Decimal("12.5"))},
        capacity_t_per_day=Decimal(400),
    )
    own = Limits(mass_yield=Range(Decimal(0), Decimal(1)))
    site = "urn:epc:id:sgln:4012345.00001.0"

    assert policy.limits_of("concentrate", None) == policy.limits_of("concentrate", "urn:example:other") == mill
    assert policy.limits_of("concentrate", site) == policy.limits_of(None, site) == own
    assert policy.limits_of("concentrate", "https://id.gs1.org/414/4012345000016") == own
    assert (
        policy.limits_of("refine", None) is policy.limits_of(None, None) is NO_POLICY.limits_of("refine", site) is None
    )


def test_what_counts_as_closed_is_the_larger_of_a_part_and_an_amount():
    """By hand: a thousandth of 50 t is 50 kg, of 500 kg half a kilogram."""
    closure = Closure(relative=Decimal("0.001"), kg=Decimal(2))

    assert (closure.of(50_000), closure.of(-50_000), closure.of(500)) == (50, 50, 2)
    assert Closure(kg=Decimal(2)).of(50_000) == 2


def test_the_programme_says_what_its_tests_need():
    policy = Policy.parse(programme(200, seed=1).policy)

    assert (policy.false_alarms, policy.periods, policy.zone) == (Decimal("0.01"), "month", None)
    assert policy.closure == Closure(relative=Decimal("1e-9"), kg=Decimal("0.001"))
    assert "Sb" in policy.limits_of("concentrate", "https://id.lodeline.org/programme/site/antimony-mill").recovery


def test_part_and_amount_add_in_quadrature():
    """By hand: 3 t at 0.1 % is 3 kg; with 4 kg beside it, 5 kg."""
    assert Uncertain(relative=Decimal("0.001"), absolute=Decimal(4)).of(Decimal(3000)) == 5


def test_without_a_policy_nothing_is_supposed():
    assert Policy.parse(b"") == NO_POLICY
    assert NO_POLICY.cited == "no policy"
    assert NO_POLICY.ranking == RANKING
    assert NO_POLICY.uncertainty.of_weighing("x") is NO_POLICY.uncertainty.declared is None
    assert NO_POLICY.uncertainty.bias == Biases()
    assert (NO_POLICY.closure, NO_POLICY.false_alarms, NO_POLICY.periods, NO_POLICY.zone) == (None,) * 4


def test_what_is_said_to_be_unknown_is_as_if_left_out():
    said = b"""closure.tolerance = "unknown"
    detection = { false_alarms = "unknown", periods = "unknown" }
    period.zone = "unknown"
    uncertainty = { declared = "unknown", bias = { scale = "unknown", laboratory = "unknown" } }"""

    assert Policy.parse(said) == NO_POLICY


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
        ("[transit]\nfastest_km_per_h = 0", "policy.value", "transit.fastest_km_per_h"),
        ('[transit.fastest_hours]\n"urn:x:a" = 3', "policy.value", 'transit.fastest_hours."urn:x:a"'),
        ("[receipt]\nwindow_days = 'soon'", "policy.value", "receipt.window_days"),
        ("[mixing]\n'x' = 'stirred'", "policy.value", 'mixing."x"'),
        ("[groups]\nX = []", "policy.value", 'groups."X"'),
        ("[groups]\nX = ['Unobtainium']", "policy.value", 'groups."X"'),
        ("[groups]\nX = ['Nd', 'Nd']", "policy.value", 'groups."X"'),
        ("[uncertainty]\ndeclared = {fraction = 1}", "policy.unknown_key", "uncertainty.declared.fraction"),
        ("[uncertainty.bias]\nassay = 1", "policy.unknown_key", "uncertainty.bias.assay"),
        ("[uncertainty.bias]\nscale = 0", "policy.value", "uncertainty.bias.scale"),
        ("[uncertainty.bias]\nscale = {relative = 0.1}", "policy.value", "uncertainty.bias.scale"),
        ("[closure]\ntolerance = 0.1", "policy.value", "closure.tolerance"),
        ("[closure]\ntolerance = {}", "policy.value", "closure.tolerance"),
        ("[closure]\ntolerance = {kg = 0}", "policy.value", "closure.tolerance.kg"),
        ("[detection]\nfalse_alarms = 0", "policy.value", "detection.false_alarms"),
        ("[detection]\nfalse_alarms = 1", "policy.value", "detection.false_alarms"),
        ("[detection]\nperiods = 'fortnight'", "policy.value", "detection.periods"),
        ("[detection]\nperiods = ['day']", "policy.value", "detection.periods"),
        ("[period]\nzone = 'Asia/Quetta'", "policy.value", "period.zone"),
        ("[period]\nzone = 5", "policy.value", "period.zone"),
        ("limits = 1", "policy.value", "limits"),
        ("[limits.concentrating]\nyield = [0, 1]", "policy.unknown_key", 'limits."concentrating"'),
        ("[limits.refine]\nyeild = [0, 1]", "policy.unknown_key", 'limits."refine".yeild'),
        ("[limits.refine]\nyield = 1", "policy.value", 'limits."refine".yield'),
        ("[limits.refine]\nyield = [1]", "policy.value", 'limits."refine".yield'),
        ("[limits.refine]\nyield = [1, 0]", "policy.value", 'limits."refine".yield'),
        ("[limits.refine]\nyield = [-1, 0]", "policy.value", 'limits."refine".yield'),
        ("[limits.refine]\nrecovery = {Xx = [0, 1]}", "policy.unknown_key", 'limits."refine".recovery."Xx"'),
        ("[limits.refine]\nupgrade = {Sb = 2}", "policy.value", 'limits."refine".upgrade."Sb"'),
        ("[limits.refine]\ncapacity_t_per_day = 0", "policy.value", 'limits."refine".capacity_t_per_day'),
        (
            "[limits.'urn:epc:id:sgln:4012345.00001.0']\n[limits.'https://id.gs1.org/414/4012345000016']",
            "policy.value",
            "limits",
        ),
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
    told = {"".join(re.findall(r"[a-z_]+|\.", key)) for key in re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)}

    assert {key.partition(".")[0] for key in told} == set(DOCUMENT)
    tables = {
        "uncertainty": {"declared", "weighing", "moisture", "assay", "device", "laboratory", "method", "bias"},
        "uncertainty.bias": {"scale", "laboratory", "moisture"},
        "detection": {"false_alarms", "periods"},
        "limits.": {"yield", "recovery", "upgrade", "capacity_t_per_day"},
    }
    for table, keys in tables.items():
        within = {key.removeprefix(f"{table}.").partition(".")[0] for key in told if key.startswith(f"{table}.")}
        assert within == keys
        for key in keys:
            said = f"{table.rstrip('.')}{'.refine' if table.endswith('.') else ''}.{key} = []"
            with pytest.raises(PolicyError) as refused:
                Policy.parse(said.encode())
            assert refused.value.code == "policy.value"
