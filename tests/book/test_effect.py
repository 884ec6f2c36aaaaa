"""The effect of a book: small books by hand, the first shipment as it is, and a programme that is made up."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

import lodeline
from lodeline.errors import NotFoundError
from lodeline.examples.first_shipment import first_shipment
from lodeline.examples.programme import programme
from lodeline.record import metal
from lodeline.record.metal import Act, End, Loss, Made
from tests.book.test_reconciling import capture
from tests.metal.small_book import (
    BUYER,
    LOT,
    MINE,
    NOBODY,
    SELLER,
    STIBNITE,
    WORKS,
    kg,
    mined,
    net,
    on,
    percent,
    received,
    shipped,
    weighed,
)
from tests.world.small_effect import ROWS, edition, row, trading

OTHER, INGOT, BAR = "urn:example:lot:2", "urn:example:ingot", "urn:example:lot:bar"


def master(*, home: str = "US", origin: str = "PK", hs: str = "2617.10", zone: str = "America/Chicago") -> bytes:
    return f"""
[[site]]
id = "{MINE}"
name = "mine"
country = "{origin}"
[[site]]
id = "{WORKS}"
name = "works"
country = "{home}"
time_zone = "{zone}"
[[material]]
id = "{STIBNITE}"
name = "stibnite"
elements = ["Sb"]
hs_code = "{hs}"
[[material]]
id = "{INGOT}"
name = "ingots"
elements = ["Sb"]
hs_code = "8110.10"
""".encode()


def assayed(day: int, value: str, lot: str = LOT, place: str = MINE):
    return metal.assay(on(day, place), lot, [percent(value, u="0.1")], NOBODY)


TEN_TONNES = (mined(), weighed(2, net("10000", "5")), assayed(3, "50"))
DELIVERED = (*TEN_TONNES, shipped(4), received(6))


@pytest.fixture
def founded(tmp_path):
    """A book of these master data and events."""
    opened = []

    def make(events, of: bytes):
        book = lodeline.create(tmp_path / f"{len(opened)}.db", title="Effect", by="clerk")
        opened.append(book)
        book.register(of, by="clerk")
        capture(book, *events)
        return book

    yield make
    for book in opened:
        book.close()


def asked(book, *, recorded=True, **more):
    return book.effect(table=edition(), trades=[trading()], year="2024", recorded=recorded, **more)


def test_ore_of_ten_tonnes_with_half_antimony_by_hand(founded):
    """5 t contained, with 0.1 % of 10,000 kg and 50 % of 5 kg: u = 10.3 kg. As ore it moves nothing."""
    found = asked(founded(DELIVERED, master()))
    raw, smelted = found.effects

    assert (raw.period, raw.element, raw.form, raw.route, raw.origin) == (
        "2026", "Sb", "ore-and-concentrates", "raw", "PAK",
    )  # fmt: skip
    assert raw.tonnes.value == pytest.approx(5)
    assert raw.tonnes.u == pytest.approx(0.0103078, rel=1e-4)
    assert raw.case("rival").reliance.value == 0
    assert smelted.case("rival").reliance.high == pytest.approx(100 * 5 / 1000)
    assert (raw.own.value, raw.own.low) == (100, 100)


def test_metal_delivered_moves_the_shares_by_the_small_edition(founded):
    """5 t of 1,000 t imported, and of 400 t in this form."""
    (one,) = asked(founded(DELIVERED, master(hs="8110.10"))).effects

    assert (one.form, one.route) == ("unwrought", "imported")
    assert one.case("rival").rival_all.value == pytest.approx(0.5)
    assert one.case("rival").rival_form.value == pytest.approx(1.25)
    assert one.case("in-proportion").rival_mined.value == pytest.approx(62.5 * 5 / 400)
    assert any(key.startswith("entry ") for key in one.case("rival").rival_all.rests_on), "it cites the book"


def test_foreign_metal_does_not_count_and_the_rivals_is_taken_off(founded):
    """A second lot as large was mined in China: half of 10 t is Pakistan's, and half comes back to China's share."""
    other = metal.lot_mined(
        on(1), [kg(None, OTHER)], basis=None, country="CN", deposit=None, material=STIBNITE, owner=SELLER
    )
    events = (
        *TEN_TONNES, other, weighed(2, net("10000", "5"), lot=OTHER), assayed(3, "50", OTHER),
        shipped(4), shipped(4, lot=OTHER), received(6), received(6, lot=OTHER),
    )  # fmt: skip
    (one,) = asked(founded(events, master(hs="8110.10"))).effects

    assert one.tonnes.value == pytest.approx(10)
    assert one.own.value == pytest.approx(50)
    assert one.case("rival").rival_form.value == pytest.approx(2.5), "who shipped it is Pakistan all the same"
    assert one.case("rival").rival_mined.value == pytest.approx(100 * 5 / 400)
    assert one.adds.value == pytest.approx(1.25)


def test_untraced_metal_does_not_count_and_may_be_the_rivals(founded):
    untold = metal.lot_arises(on(1), [kg(None)], basis=None, made=Made(material=STIBNITE))
    events = (untold, *TEN_TONNES[1:], shipped(4), received(6))
    (one,) = asked(founded(events, master(hs="8110.10"))).effects

    assert (one.own.value, one.own.low, one.own.high) == (0, 0, pytest.approx(100))
    got = one.case("rival").rival_mined
    assert (got.value, got.low) == (pytest.approx(1.25), pytest.approx(0))


def test_what_crosses_no_border_is_no_delivery(founded):
    found = asked(founded(DELIVERED, master(origin="US")))

    assert found.effects == ()
    assert any("from abroad" in sentence for sentence in found.said)


def test_what_went_to_another_country_is_no_delivery(founded):
    book = founded(DELIVERED, master(home="DE"))

    assert asked(book).effects == ()
    assert len(asked(book, importer="DE").effects) == 2


def test_metal_made_at_home_of_ore_is_counted_once(founded):
    """Ore becomes 5 t of ingots in the works, which lower dependence; melted again they are the same metal."""
    made = metal.transformation(
        on(8, WORKS), process="smelt", inputs=[kg(None)], outputs=[kg(None, OTHER)], basis="dry",
        losses=[Loss("slag", Decimal(5000), "KGM")], made=Made(stage="refined", material=INGOT),
    )  # fmt: skip
    again = metal.transformation(
        on(11, WORKS), process="refine", inputs=[kg(None, OTHER)], outputs=[kg(None, BAR)], basis=None,
        made=Made(stage="refined", material=INGOT),
    )  # fmt: skip
    events = (
        *DELIVERED, made, weighed(9, net("5000", "2"), lot=OTHER, place=WORKS), assayed(10, "100", OTHER, WORKS),
        again, weighed(12, net("5000", "2"), lot=BAR, place=WORKS), assayed(13, "100", BAR, WORKS),
    )  # fmt: skip
    # Recorded is only what the ingots weigh afterwards; that they came out of the furnace so is reconciled.
    found = asked(founded(events, master()), recorded=False)

    assert [(one.route, one.form) for one in found.effects] == [
        ("raw", "ore-and-concentrates"), ("smelted", "ore-and-concentrates"), ("made", "unwrought"),
    ]  # fmt: skip
    home = found.effects[-1]
    assert home.tonnes.value == pytest.approx(5)
    assert home.case("rival").reliance.value == pytest.approx(0.5)
    assert home.case("in-addition").reliance.value == pytest.approx(80 * 5 / 1005)


def test_a_year_ends_at_midnight_of_the_place_it_comes_to(founded):
    """It is three in the morning of the new year in Greenwich, and the evening before in Chicago."""
    new_year = datetime(2027, 1, 1, 3, tzinfo=UTC)
    end = End(owner=BUYER, holder=BUYER, place=WORKS)
    late = metal.receipt(
        Act(at=new_year, place=WORKS, transactions=(("bol", "urn:example:bol:1"),)), [kg(None)], basis=None,
        left=End(), to=end,
    )  # fmt: skip
    book = founded((*TEN_TONNES, shipped(4), late), master())
    greenwich = founded((*TEN_TONNES, shipped(4), late), master(zone="Europe/London"))

    assert {one.period for one in asked(book).effects} == {"2026"}
    assert {one.period for one in asked(greenwich).effects} == {"2027"}


def test_a_lot_that_was_not_assayed_is_unknown_and_says_what_would_settle_it(founded):
    (one,) = asked(founded((mined(), shipped(4), received(6)), master(hs="8110.10"))).effects

    assert one.tonnes.standing == "unknown"
    assert {act.act for act in one.tonnes.settle} >= {"weighing", "assay"}
    assert one.case("rival").rival_all.standing == "unknown"
    assert one.reference.rival_point.value == 10, "what a point takes is known all the same"
    assert any("would be settled by" in note for note in one.notes)


def test_a_material_of_no_form_is_not_taken_for_metal(founded):
    nameless = master().replace(b'hs_code = "2617.10"', b'note = "not said"')
    (one,) = asked(founded(DELIVERED, nameless)).effects

    assert one.form == ""
    assert one.tonnes.value == pytest.approx(5)
    assert {getattr(case, name).standing for case in one.removed for name in ("reliance", "rival_all")} == {"unknown"}
    assert any("stibnite" in note for note in one.notes)


def test_a_heading_of_four_digits_is_no_form_and_nobody_says_that_there_is_no_code(founded):
    (one,) = asked(founded(DELIVERED, master(hs="2617"))).effects

    assert one.form == ""
    assert any("neither a form nor a code of six digits that is one of antimony" in note for note in one.notes)


def test_a_receipt_of_which_no_event_says_where_it_left_is_said_and_not_counted(founded):
    found = asked(founded((received(6),), master()))

    assert found.effects == ()
    assert any(sentence.startswith("One receipt in the United States is not counted") for sentence in found.said)


def test_a_lot_of_no_material_counts_by_what_was_found_in_it_and_else_is_said(founded):
    untold = metal.lot_arises(on(1), [kg(None)], basis=None, made=Made())
    (one,) = asked(founded((untold, *TEN_TONNES[1:], shipped(4), received(6)), master())).effects

    assert (one.element, one.form) == ("Sb", "")
    assert one.tonnes.value == pytest.approx(5)
    bare = asked(founded((untold, shipped(4), received(6)), master()))
    assert bare.effects == ()
    assert any("nobody says of which material" in sentence for sentence in bare.said)


def test_only_the_elements_that_were_asked(founded):
    book = founded(DELIVERED, master())

    assert asked(book, elements=["Cu"]).effects == ()
    for word in ("Sb", "sb", "antimony"):
        assert len(asked(book, elements=[word]).effects) == 2
    with pytest.raises(NotFoundError) as refused:
        asked(book, elements=["Xx"])
    assert refused.value.code == "world.commodity_unknown"


def test_as_of_an_entry_before_the_receipt_nothing_is_delivered(founded):
    book = founded(DELIVERED, master())
    head = book.head().seq

    assert asked(book, as_of=head - 1).effects == ()
    assert len(asked(book, as_of=head).effects) == 2
    assert asked(book).as_of == head


def test_an_edition_of_other_figures_moves_the_answers_of_a_book(founded):
    book = founded(DELIVERED, master(hs="8110.10"))
    other = edition(*(row(one.measure, str(2 * (one.value or Decimal(0))), form=one.form) for one in ROWS[2:4]))
    before, after = asked(book), book.effect(table=other, trades=[trading()], year="2024", recorded=True)

    assert after.effects[0].case("rival").rival_all.value == pytest.approx(
        (before.effects[0].case("rival").rival_all.value or 0.0) / 2
    )


# -- the two examples


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """The public record and nothing else."""
    path = tmp_path_factory.mktemp("book") / "book.db"
    with lodeline.create(path, title="First", by="clerk") as book:
        first_shipment().build(book)
        yield book.effect()


def test_the_first_shipment_removes_nobody_knows_how_much(first):
    told = {(one.element, one.form, one.route) for one in first.effects}

    assert told == {
        ("Cu", "ore-and-concentrates", "raw"), ("Cu", "ore-and-concentrates", "smelted"),
        ("Nd", "", "imported"), ("Pr", "", "imported"), ("Sb", "", "imported"),
    }  # fmt: skip
    for one in first.effects:
        assert one.tonnes.standing == "unknown"
        assert one.own.standing == "unknown"
        assert one.tonnes.settle
        assert one.share_of_use.standing == "unknown"
    assert not first.illustrative


def test_of_the_first_shipment_what_a_point_takes_is_known(first):
    antimony = next(one for one in first.effects if one.element == "Sb")

    assert antimony.reference.reliance_point.value == 286
    assert antimony.reference.rival_point.value == pytest.approx(289.2)
    assert any("260 t, 0.909 % of what the United States uses" in sentence for sentence in antimony.said)


@pytest.fixture(scope="module")
def made_up(tmp_path_factory):
    """Two hundred lots that are made up."""
    path = tmp_path_factory.mktemp("book") / "book.db"
    example = programme(200, seed=1)
    with lodeline.create(path, title=example.title, by="clerk") as book:
        example.build(book)
        yield book.effect()


def test_a_programme_answers_with_figures_and_is_marked(made_up):
    assert made_up.illustrative
    assert all(row["illustrative"] for row in made_up.rows())
    routes = {one.route for one in made_up.effects}
    assert routes == {"imported", "raw", "smelted", "made"}
    known = [one for one in made_up.effects if one.element == "Sb" and one.route == "imported"]
    assert known
    for one in known:
        got = one.case("rival")
        assert one.tonnes.value is not None
        assert one.tonnes.u is not None
        assert got.rival_form.value == pytest.approx(100 * one.tonnes.value / (one.reference.form_imports.value or 0.0))
        assert got.rival_mined.low <= got.rival_mined.value <= got.rival_mined.high
        assert one.own.low <= one.own.value <= one.own.high


def test_by_products_in_another_metals_concentrate_are_said_and_not_counted(made_up):
    assert not {one.element for one in made_up.effects} & {"Au", "Ag"}
    assert any(sentence.startswith("Ag, Au came too") for sentence in made_up.said)


def test_the_answer_is_plain_values_for_json(made_up):
    assert msgspec.json.decode(msgspec.json.encode(made_up.told()))["importer"] == "USA"
    assert made_up.table().height == 3 * len(made_up.effects)
