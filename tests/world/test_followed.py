"""Every answer follows metal alike, by the same codes; and where no mine output is reported nothing is traced."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from lodeline.errors import InputError, NotFoundError
from lodeline.world.dependence.answer import dependence
from lodeline.world.effect import effect
from lodeline.world.statistics.edition import shipped
from lodeline.world.trade.followed import same_version, trade_question
from lodeline.world.trade.forms import TradedForm, forms_of, known_codes
from lodeline.world.trade.named import trade_named
from lodeline.world.trade.traded import TradeTable, shipped_with, trade_csv, trade_table
from tests.world.small_trade import shipped as sent

WHO = {"origin": "PK", "importer": "US", "form": "unwrought"}


def asked_of(element: str, name: str) -> tuple[TradedForm, tuple[TradedForm, ...]]:
    every = forms_of(element)
    return next(one for one in every if one.name == name), every


def with_oxide() -> TradeTable:
    """The shipped trade of metal, and oxide from China to Thailand, of which metal may have been made."""
    metal = shipped_with("811010")
    assert metal is not None
    return trade_table([*metal.rows, sent("CHN", "THA", "2000", hs="282580")])


def test_the_effect_and_the_dependence_trace_the_same_share_by_the_same_codes():
    trade = with_oxide()
    (one,) = effect({"Sb": 260}, trades=[trade], **WHO).effects
    found = dependence("Sb", importer="US", year="2024", trade=trade).form("unwrought").trade

    assert found is not None
    china = found.supplier("CHN")
    assert found.followed == ("811010", "282580")
    assert china.traced is not None
    assert china.origin is not None
    assert one.reference.form_mined.value == pytest.approx(china.traced.value, rel=1e-9)
    assert one.reference.form_mined.high == pytest.approx(
        100 * (china.origin.high or 0) / (one.reference.form_imports.low or 0), rel=1e-9
    )
    (blind,) = effect({"Sb": 260}, **WHO).effects
    assert (one.reference.form_mined.value or 0) > (blind.reference.form_mined.value or 0) + 1


def test_in_a_year_without_mine_output_nothing_is_traced_and_that_is_not_nothing():
    rows = [msgspec.structs.replace(one, period="2023") for one in (sent("CHN", "USA", "900"), sent("THA", "USA", "1"))]
    (one,) = effect({"Sb": 260}, trades=[trade_table(rows)], year="2023", **WHO).effects

    assert one.reference.form_share.value == pytest.approx(100 * 900 / 901)
    assert one.reference.form_mined.standing == "unknown"
    assert all(case.rival_mined.standing == "unknown" for case in one.removed)
    assert one.reference.form_mined.settle
    assert any("is not traced: usgs-mcs-2026 has no mine output of Sb in 2023" in said for said in one.said)
    assert not any("Mined in China is 0" in said for said in one.said)


@pytest.mark.parametrize(("rival", "told"), [("CN", True), ("TJ", True), ("TH", False), ("IN", False)])
def test_to_a_rival_whose_mine_output_is_not_told_nothing_is_traced(rival: str, told: bool):
    (one,) = effect({"Sb": 260}, rival=rival, **WHO).effects

    assert one.reference.form_mined.known is told
    assert one.case("rival").rival_mined.known is told
    assert one.case("rival").rival_form.known, "who shipped it is known all the same"
    assert any("does not tell what" in said for said in one.said) is not told


def test_platinum_is_not_followed_by_the_trade_of_palladium():
    form, every = asked_of("PGM", "platinum")
    trade = trade_table([sent("ZAF", "USA", "1", hs="711011"), sent("ZAF", "USA", "1", hs="711021")])
    asking, why = trade_question(form, trade, shipped(), every, year="2024", at="USA")

    assert why == ""
    assert asking is not None
    assert (asking.also, asking.mines) == ((), "platinum")


def test_a_code_that_means_something_else_in_the_version_of_the_table_is_not_followed():
    form, every = asked_of("Sb", "unwrought")
    odd = [msgspec.structs.replace(one, versions=("2012",)) if one.name == "oxide" else one for one in every]
    asking, _ = trade_question(form, with_oxide(), shipped(), odd, year="2024", at="USA")

    assert asking is not None
    assert asking.also == ()
    assert same_version(form, "baci-hs22-v202601")
    assert same_version(form, "of-my-own")
    assert not same_version(form, "baci-hs92-v202601")


def test_ore_of_which_a_shipment_has_no_limit_leaves_the_metal_to_be_traced():
    form, every = asked_of("Sb", "unwrought")
    contents = {"261710": Decimal("0.5")}
    metal, ore = sent("IND", "USA", "10"), sent("TJK", "IND", "20", hs="261710")
    for rows, followed in (((metal, ore), ["261710"]), ((metal, ore, sent("MMR", "CHN", None, hs="261710")), [])):
        asking, _ = trade_question(form, trade_table(rows), shipped(), every, year="2024", at="USA", contents=contents)
        assert asking is not None
        assert [one.hs for one in asking.also] == followed
    found = dependence("Sb", importer="US", year="2024", trade=trade_table(rows), contents=contents)
    trade = found.form("unwrought").trade
    assert trade is not None
    assert "The trade of antimony ores and concentrates (HS 261710)" in trade.supposes[1]


def test_why_it_cannot_be_asked_is_said():
    ore, every = asked_of("Sb", "ore-and-concentrates")
    trade = trade_table([sent("TJK", "CHN", "1", hs="261710")])

    assert "nobody says how much Sb" in trade_question(ore, trade, shipped(), every, year="2024", at="CHN")[1]
    contents = {"261710": Decimal("0.5")}
    asking, why = trade_question(ore, trade, shipped(), every, year="2024", at="CHN", contents=contents)
    assert (asking is not None, why) == (True, "")
    nothing, why = trade_question(ore, trade, shipped(), every, year="2019", at="CHN", contents=contents)
    assert (nothing, "no mine output of Sb in 2019" in why) == (None, True)


def a_year(period: str) -> TradeTable:
    rows = (sent("CHN", "USA", "9"), sent("THA", "USA", "1"))
    return trade_table(
        [msgspec.structs.replace(one, period=period, edition="comtrade-hs22-2025-02-20") for one in rows]
    )


def test_the_newest_year_of_the_table_that_is_given_is_answered():
    found = dependence("Sb", importer="US", trade=a_year("2023"), form="unwrought")

    assert (found.year, found.unused) == ("2023", "")
    assert "comtrade-hs22-2025-02-20" in found.editions


@pytest.mark.parametrize(("period", "said"), [("2023", "it has 2023."), ("202401", "months, which are not added up")])
def test_a_given_table_of_which_nothing_is_taken_is_said(period: str, said: str):
    found = dependence("Sb", importer="US", year="2024", trade=a_year(period), form="unwrought")
    effects = effect({"Sb": 260}, trades=[a_year(period)], **WHO)

    assert found.unused.startswith(
        "The trade table given, comtrade-hs22-2025-02-20, has nothing of unwrought antimony in 2024"
    )
    assert said in found.unused
    assert "comtrade-hs22-2025-02-20" not in found.editions
    assert [f"comtrade-hs22-2025-02-20 of {period}: it has no" in one for one in effects.said] == [True]
    assert effect({"Sb": 260}, trades=[a_year("2024")], **WHO).said == ()


def test_a_given_table_of_another_form_than_is_asked_is_said_too():
    trade = trade_table([sent("CHN", "USA", "1", hs="282580")])

    assert dependence("Sb", importer="US", year="2024", trade=trade).unused == ""
    assert dependence("Sb", importer="US", year="2024", trade=trade, form="oxide").unused == ""
    said = dependence("Sb", importer="US", year="2024", trade=trade, form="unwrought").unused
    assert "has nothing of unwrought antimony in 2024. Nothing here is from it." in said


def test_a_file_without_any_of_the_codes_is_refused_with_them(tmp_path: Path):
    (tmp_path / "own.csv").write_text(trade_csv(a_year("2024").rows))

    assert trade_named(tmp_path / "own.csv", hs=frozenset(["811010"])).edition == "comtrade-hs22-2025-02-20"
    with pytest.raises(NotFoundError) as refused:
        trade_named(tmp_path / "own.csv", hs=frozenset(["740311", "740312"]))
    assert refused.value.code == "world.trade_not_in_table"
    assert "no trade under 740311, 740312" in refused.value.sentence
    with pytest.raises(NotFoundError) as any_of_all:
        trade_named(tmp_path / "own.csv", hs=known_codes() - {"811010"})
    assert "codes that lodeline knows" in any_of_all.value.sentence


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "world.file_not_known"),
        ("t;i;j;k;v;q\n2024;156;842;811010;5;5\n", "world.file_not_known"),
        ("t,i,j,k,v,q\n2024,156,842,811010,abc,5\n", "world.not_a_number"),
        ("t,i,j,k,v,q\n2024,156,842,811010,5,-5\n", "world.not_a_number"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_its_name(tmp_path: Path, text: str, code: str):
    path = tmp_path / "BACI_HS17_Y2024_V202601.csv"
    path.write_text(text)
    with pytest.raises(InputError) as refused:
        trade_named(path, hs=frozenset(["811010"]))

    assert refused.value.code == code
    assert refused.value.where["file"] == str(path)


def test_of_imports_that_are_rounded_to_nothing_no_share_is_told():
    trade = trade_table([sent("CHN", "USA", "0", kusd="5")])
    (one,) = effect({"Sb": 260}, trades=[trade], **WHO).effects

    assert one.reference.hs == "811010", "the table that comes with lodeline has it"
    assert len(effect({"Sb": 260}, trades=[trade], **WHO).said) == 1


def test_the_shipped_edition_answers_to_its_name():
    """It is listed among the editions, so it can be asked for; several codes come together."""
    both = frozenset(["811010", "740311", "261710"])
    found = trade_named("baci-hs17-v202601", hs=both)

    assert found.edition == "baci-hs17-v202601"
    assert {row.hs for row in found.rows} == {"811010", "740311"}
    with pytest.raises(NotFoundError) as refusal:
        trade_named("baci_hs17_v202601", hs=frozenset(["261710"]))
    assert refusal.value.code == "world.trade_not_in_table"
    with pytest.raises(NotFoundError, match="perhaps baci-hs17-v202601"):
        trade_named("baci-hs17-v20260", hs=both)
