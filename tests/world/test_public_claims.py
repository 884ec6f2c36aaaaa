"""The register that comes with lodeline: what each claim comes to, worked by hand, and what moves it."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import NotFoundError
from lodeline.world import shipped as edition
from lodeline.world import table
from lodeline.world.claims import judge, register, shipped
from lodeline.world.claims.judged import COLUMNS
from lodeline.world.statistics.edition import tidy_csv
from tests.outside import DATA, needs_data

OUNCE_KG = Decimal("0.0311034768")


@pytest.fixture(scope="module")
def verdicts():
    """The shipped register, judged with the shipped editions."""
    return judge(shipped())


def figure(judged, part: str = ""):
    """The recomputed figure of one number of a claim, by the claim's own relation first."""
    return next(one for one in judged.recomputed if one.part == part)


def with_row(key: str, value: str):
    """The edition of this row, with another value in it."""
    of = edition(key.partition(":")[0].replace("-", "_"))
    assert key in of.by_key
    return table(msgspec.structs.replace(row, value=Decimal(value)) if row.key == key else row for row in of.rows)


def test_reko_diq_is_183_billion_and_its_copper_21_times_what_was_said(verdicts):
    """By hand: 13.1 Mt x 9,815 USD/t = 128.5765 billion; 17.9 Moz x 3,016 = 53.9864; together 182.5629."""
    got = verdicts.of("C15")
    total, gold, copper = figure(got), figure(got, "gold"), figure(got, "copper")

    assert got.verdict == "contradicted"
    assert (total.outcome, gold.outcome, copper.outcome) == ("contradicts", "agrees", "contradicts")
    assert total.figure.value == pytest.approx(182.5629, abs=1e-9)
    assert gold.figure.value == pytest.approx(53.9864, abs=1e-9)
    assert copper.figure.value == pytest.approx(128.5765, abs=1e-9)
    assert copper.ratio == pytest.approx(128.5765 / 6)
    assert copper.difference == pytest.approx(122.5765)
    assert got.deciding == copper
    assert total.basis.worth == "gross"
    assert got.suspected == ()
    assert "128.6 billion USD" in got.reason
    assert "182.6 billion USD" in got.reason


def test_every_step_of_reko_diq_is_there_to_redo_by_hand(verdicts):
    lines = {line.text: line for line in figure(verdicts.of("C15")).lines}

    assert list(lines) == [
        "recoverable_copper",
        "cu_price",
        "copper_value = recoverable_copper × cu_price",
        "recoverable_gold",
        "au_price",
        "gold_value = recoverable_gold × au_price",
        "copper_value + gold_value",
    ]
    copper = lines["recoverable_copper"]
    # 13.1 is printed to a tenth of a million tonnes.
    assert (copper.low, copper.value, copper.high, copper.unit) == (13.05, 13.1, 13.15, "million t[Cu]")
    assert all(line.source for text, line in lines.items() if " + " not in text)


def test_another_price_of_copper_makes_the_same_claim_agree():
    """By hand: 6 billion / 13.1 Mt = 458 USD/t; with it copper, the sum and the total all agree."""
    got = judge(shipped(), inputs={"cu_price": 458}).of("C15")

    assert got.verdict == "consistent"
    assert {one.outcome for one in got.recomputed} == {"agrees"}
    assert "input:cu_price" in got.rests_on


def test_26000_t_of_reserves_are_likely_ore_taken_for_metal(verdicts):
    """By hand: 7 to 12 % of 26,000 t of ore are 1,820 to 3,120 t of antimony."""
    got = verdicts.of("C10")
    (suspected,) = got.suspected

    assert (suspected.rule, suspected.weight, suspected.claims) == ("ore-for-metal", "likely", ("C11",))
    assert "1,820 to 3,120 t[Sb]" in suspected.sentence
    assert got.verdict == "not checkable"
    assert "C11" in got.reason
    assert "claim:C11" in got.rests_on


def test_6_trillion_has_no_method_and_is_33_times_the_best_documented_deposit(verdicts):
    """By hand: 6,000 / 182.5629 = 32.865."""
    for claim_id in ("C08", "C32"):
        got = verdicts.of(claim_id)
        (suspected,) = got.suspected
        assert got.verdict == "not checkable"
        assert (suspected.rule, suspected.claims) == ("no-method", ("C15",))
        assert suspected.ratio == pytest.approx(6000 / 182.5629)
        assert got.missing[0].detail.startswith("The method")


def test_that_ratio_moves_with_the_price():
    got = judge(shipped(), inputs={"cu_price": 10_000}).of("C08")

    # By hand: 131 + 53.9864 = 184.9864 billion.
    assert got.suspected[0].ratio == pytest.approx(6000 / 184.9864)


def test_a_range_of_prices_gives_a_range_of_values():
    copper = figure(judge(shipped(), inputs={"cu_price": (9000, 11_000)}).of("C15"), "copper")

    assert copper.figure.value is None
    assert copper.figure.standing == "bounded"
    # By hand: 13.05 Mt at 9,000 and 13.15 Mt at 11,000.
    assert (copper.figure.low, copper.figure.high) == (pytest.approx(117.45), pytest.approx(144.65))
    assert copper.ratio is None
    assert copper.ratio_low == pytest.approx(117.45 / 6)


@pytest.mark.parametrize(
    ("row", "claim_id", "value", "becomes"),
    [
        ("usgs-mcs-2026:antimony:PAK:mine-production::2024", "C09", "300", "contradicted"),
        ("usgs-mcs-2026:antimony:PAK:reserves::2025", "C10", "3000", "contradicted"),
        ("usgs-mcs-2025:copper:OTH:mine-production::2023", "C20", "10000", "contradicted"),
    ],
)
def test_a_changed_edition_figure_moves_the_verdict_that_rests_on_it_and_no_other(
    verdicts, row, claim_id, value, becomes
):
    moved = judge(shipped(), editions=[with_row(row, value)])

    assert row in verdicts.of(claim_id).rests_on
    assert verdicts.of(claim_id).verdict != becomes
    assert moved.of(claim_id).verdict == becomes
    for one in verdicts.judged:
        if row not in one.rests_on:
            assert moved.of(one.claim.id) == one


def test_every_row_that_a_verdict_rests_on_moves_a_figure_of_it(verdicts):
    """Each edition row doubled in turn: the claims that cite it, and only those, have other figures."""
    rows = {key for one in verdicts.judged for key in one.rests_on if key.count(":") == 5}
    assert len(rows) >= 7
    for key in sorted(rows):
        of = edition(key.partition(":")[0].replace("-", "_")).by_key[key]
        moved = judge(shipped(), editions=[with_row(key, str(2 * of.value))])
        changed = {one.claim.id for one in verdicts.judged if moved.of(one.claim.id).recomputed != one.recomputed}
        assert changed == {one.claim.id for one in verdicts.judged if key in one.rests_on}


@given(st.randoms(use_true_random=False))
def test_no_verdict_depends_on_the_order_of_the_register(verdicts, chance):
    ours = shipped()
    mixed = [list(one) for one in (ours.claims, ours.inputs, ours.recomputations)]
    for one in mixed:
        chance.shuffle(one)
    found = judge(register(*mixed))

    for one in verdicts.judged:
        other = found.of(one.claim.id)
        assert (other.verdict, set(other.missing), set(other.rests_on)) == (
            one.verdict,
            set(one.missing),
            set(one.rests_on),
        )
        assert {(each.part, each.expression, each.outcome, each.ratio) for each in other.recomputed} == {
            (each.part, each.expression, each.outcome, each.ratio) for each in one.recomputed
        }
        assert {each.rule for each in other.suspected} == {each.rule for each in one.suspected}


def test_an_imported_edition_goes_before_the_shipped_one(verdicts, tmp_path, monkeypatch):
    text = tidy_csv(with_row("usgs-mcs-2026:antimony:PAK:mine-production::2024", "300").rows)
    (tmp_path / "usgs-mcs-2026.csv").write_text(text, encoding="utf-8")
    monkeypatch.setenv("LODELINE_EDITIONS", str(tmp_path))

    assert judge(shipped()).of("C09").verdict == "contradicted"


def test_every_input_doubled_moves_the_claims_that_rest_on_it_and_no_other_figure(verdicts):
    numbers = [one for one in shipped().inputs if one.value is not None or one.low is not None]
    assert len(numbers) >= 8
    for one in numbers:
        low, high = one.low or one.value, one.high or one.value
        moved = judge(shipped(), inputs={one.name: (2 * low, 2 * high)})
        changed = {each.claim.id for each in verdicts.judged if moved.of(each.claim.id).recomputed != each.recomputed}
        resting = {
            each.claim.id
            for each in verdicts.judged
            if any(f"input:{one.name}" in figured.figure.rests_on for figured in each.recomputed)
        }
        assert changed == resting != set()


def test_antimony_mined_in_2024_is_quoted_right_and_the_edition_before_stands_beside_it(verdicts):
    got = verdicts.of("C09")

    assert got.verdict == "consistent"
    assert [one.figure.value for one in got.recomputed] == [260.0, 250.0]
    assert got.editions == ("usgs-mcs-2026", "usgs-mcs-2025")


def test_saindak_is_within_what_the_edition_folds_and_that_is_no_test(verdicts):
    got = verdicts.of("C20")
    (one,) = got.recomputed

    assert (got.verdict, one.outcome) == ("not checkable", "only limits")
    assert (one.figure.standing, one.figure.low, one.figure.high) == ("bounded", 0.0, 3_020_000.0)
    assert any("not in usgs-mcs-2025" in act.detail for act in got.missing)
    assert "at most 3,020,000 t[Cu]" in got.reason


def test_the_plan_of_reko_diq_fits_under_all_its_copper_in_30_years(verdicts):
    """By hand: 13.1 Mt / 30 years = 436,667 t a year."""
    got = verdicts.of("C17")

    assert got.verdict == "consistent"
    assert figure(got).relation == "at-most"
    assert figure(got).figure.value == pytest.approx(13.1e6 / 30)


def test_0_6_million_t_without_a_basis_is_read_both_ways_and_judged_in_neither(verdicts):
    """By hand: as metal 600,000 / 26,000 = 23 times the reserves; as ore at 7 to 12 % those take 217,000 up."""
    got = verdicts.of("C12")
    metal, ore = got.recomputed

    assert got.verdict == "not checkable"
    assert 1 / metal.ratio == pytest.approx(600 / 26)
    assert ore.figure.low == pytest.approx(0.026 / 0.12)
    assert got.missing[0].detail.startswith("What is weighed")


def test_one_mass_in_pounds_and_in_kilograms_is_quoted_with_care_and_not_borne_out(verdicts):
    """By hand: 920 lb x 0.45359237 = 417.305 kg."""
    got = verdicts.of("C26")

    assert figure(got).figure.value == pytest.approx(920 * 0.45359237)
    assert (figure(got).outcome, got.verdict) == ("agrees", "not checkable")


def test_an_older_table_has_less_copper_in_the_ground_than_is_to_be_recovered(verdicts):
    """By hand: 2,420 Mt x 0.51 % = 12.342 Mt of copper; x 0.27 g/t = 653.4 t = 21.0 million ounces of gold."""
    copper, gold = figure(verdicts.of("C13")), figure(verdicts.of("C14"))

    assert copper.figure.value == pytest.approx(12.342)
    assert gold.figure.value == pytest.approx(float(Decimal("653.4") / OUNCE_KG / 1000))
    assert {copper.outcome, gold.outcome} == {"beside"}


def test_a_shipment_and_samples_are_rivals_in_words(verdicts):
    pairs = {(one.one, one.other): one.standing for one in verdicts.of("C05").rivals}

    assert pairs == {("C04", "C05"): "differ in words", ("C05", "C27"): "differ in words"}
    assert "samples for testing" in verdicts.of("C04").reason
    # Both say "a first shipment": nothing to differ about.
    assert all(one.one != "C04" or one.other != "C27" for one in verdicts.of("C04").rivals)


def test_500_million_for_a_phase_and_for_all_are_one_number_for_two_things(verdicts):
    standings = {one.standing for one in verdicts.of("C02").rivals}

    assert standings == {"agree", "differ in words"}


def test_a_plan_or_event_without_a_quantity_says_so(verdicts):
    bare = [
        one
        for one in verdicts.judged
        if one.claim.value is None and not one.claim.part and one.claim.kind in ("event", "plan", "risk")
    ]

    assert len(bare) >= 8
    for one in bare:
        assert one.verdict == "not checkable"
        assert one.missing[0].detail == "No quantity is published."


def test_nothing_that_is_unknown_is_zero_and_every_verdict_says_why(verdicts):
    for one in verdicts.judged:
        assert one.reason
        assert one.verdict != "not checkable" or one.missing
        for each in one.recomputed:
            assert (each.figure.value is None) == (each.figure.standing in ("unknown", "bounded"))


def test_the_table_has_a_row_a_claim_and_unknown_is_null(verdicts):
    frame = verdicts.table()

    assert frame.columns == list(COLUMNS)
    assert frame.height == len(verdicts.judged) == 33
    rows = {row["id"]: row for row in frame.to_dicts()}
    row = rows["C15"]
    assert (row["verdict"], row["part"], row["recomputed_unit"]) == ("contradicted", "copper", "billion USD")
    assert row["ratio"] == pytest.approx(128.5765 / 6)
    assert row["difference"] == pytest.approx(122.5765)
    assert (row["recomputed_low"], row["recomputed_high"]) == (pytest.approx(128.08575), pytest.approx(129.06725))
    assert rows["C01"]["value"] is None


def test_a_claim_that_was_not_judged_is_not_found(verdicts):
    with pytest.raises(NotFoundError) as refused:
        verdicts.of("C99")
    assert refused.value.code == "world.claims_no_such_claim"


NUMBERS = {
    "million USD": "million USD",
    "t concentrate": "t[concentrate]",
    "trillion USD": "trillion USD",
    "t Sb content": "t[Sb]",
    "t ore at 7-12% Sb": "t[ore]",
    "million t (basis not stated)": "million t",
    "million t Cu": "million t[Cu]",
    "million oz Au": "million troy_oz[Au]",
    "billion USD": "billion USD",
    "t Cu/y from 2028": "t[Cu]/year",
    "t Cu": "t[Cu]",
    "million USD 15 y": "million USD",
    "acres fully permitted Missouri": "acre",
    "kg": "kg",
}
"""How the collected table writes a unit, and how the register does."""


@needs_data
def test_the_register_has_the_facts_of_the_collected_table_one_by_one():
    text = (DATA / "claims" / "public_claims.csv").read_text(encoding="utf-8")
    collected = list(csv.DictReader(io.StringIO(text)))
    register = shipped()

    assert [row["claim_id"] for row in collected] == sorted(register.by_id)
    for row in collected:
        claim = register.by_id[row["claim_id"]]
        assert (claim.as_of, claim.kind) == (row["as_of"], row["kind"])
        if row["source_url"].startswith("http") or "doi" in row["source_url"]:
            assert claim.source == row["source_url"]
        assert claim.statement != row["statement"]  # in our own words
        if row["unit"] in NUMBERS:
            assert (claim.value, claim.unit) == (Decimal(row["value"]), NUMBERS[row["unit"]])
        else:
            assert claim.value is None


@needs_data
def test_the_numbers_inside_statements_are_those_of_the_collected_table():
    register = shipped()
    text = (DATA / "claims" / "public_claims.csv").read_text(encoding="utf-8")
    rows = {row["claim_id"]: " ".join(row.values()) for row in csv.DictReader(io.StringIO(text))}

    for claim in register.claims:
        for part in claim.part:
            assert str(part.value) in rows[claim.id]
    for name, claim_id in (("cu_price", "C15"), ("au_price", "C15"), ("phase_1_years", "C19"), ("f35_pounds", "C26")):
        assert str(register.by_name[name].value) in rows[claim_id]


@needs_data
def test_the_older_table_of_deposits_is_carried_over_right():
    lines = (DATA / "mapmark4" / "ExampleGatm.csv").read_text(encoding="utf-8").splitlines()
    (line,) = [one for one in lines if "Reko" in one]
    tonnes, copper, gold = line.split(",")[-3:]
    register = shipped()

    assert register.by_name["reko_diq_ore"].value * 10**6 == Decimal(tonnes)
    assert register.by_name["reko_diq_copper_grade"].value == Decimal(copper)
    assert register.by_name["reko_diq_gold_grade"].value == Decimal(gold)
