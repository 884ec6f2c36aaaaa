"""Documents of a programme are read exactly, and a flaw is refused with its key."""

from decimal import Decimal
from pathlib import Path

import pytest

from lodeline.deal.documents import FORMATS, parse, reference
from lodeline.errors import LodelineError

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "programme-documents.md"
HEAD = 'id = "urn:example:1"\nname = "a thing"\nsources = [{ who = "somebody", row = "C01" }]\n'

WHOLE = {
    "agreement": 'parties = ["urn:example:a", "urn:example:b"]\nform = "memorandum"\nsigned = 2025-09-08\n'
    'phases = [{ name = "one", what = "a shipment" }]\n',
    "pledge": 'amount = 500_000_000.50\ncurrency = "USD"\nagreement = "urn:example:2"\n',
    "payment": 'pledge = "urn:example:2"\namount = 1\ncurrency = "USD"\npaid = 2026-01-31\n',
    "milestone": 'state = "planned"\non = "2026-03"\nlots = ["urn:example:lot:1"]\n',
    "project": 'purpose = "refining"\nexpects = [{ what = "jobs", unit = "C62", amount = 250 }]\n'
    'cost = 3\ncurrency = "USD"\n',
    "statement": 'about = "worth"\nsays = "six"\namount = 6\nunit = "trillion USD"\n',
}


def text(kind: str, more: str = "") -> bytes:
    return f'kind = "{kind}"\n{HEAD}{WHOLE[kind]}{more}'.encode()


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_every_kind_is_read(kind: str) -> None:
    read = parse(text(kind), document="ni:1")

    assert (read.kind, read.id, read.name, read.document) == (kind, "urn:example:1", "a thing", "ni:1")
    assert (read.sources[0].who, read.sources[0].where, read.sources[0].row) == ("somebody", "", "C01")


def test_money_is_read_with_every_digit() -> None:
    assert parse(text("pledge"), document="d").get("amount") == Decimal("500000000.50")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"kind = ", "deal.not_toml"),
        (b"\xff", "deal.not_toml"),
        (b'kind = "promise"', "deal.kind"),
        (HEAD.encode(), "deal.kind"),
        (b'kind = "pledge"\n' + HEAD.encode(), "deal.key_missing"),
        (text("pledge", "interest = 5\n"), "deal.key_unknown"),
        (text("pledge").replace(b"500_000_000.50", b"-1"), "deal.value"),
        (text("pledge").replace(b"500_000_000.50", b"inf"), "deal.value"),
        (text("pledge").replace(b"500_000_000.50", b"nan"), "deal.value"),
        (text("pledge").replace(b"500_000_000.50", b"1e400"), "deal.value"),
        (text("pledge").replace(b"500_000_000.50", b"1e99999999999999999999"), "deal.not_toml"),
        (text("pledge").replace(b"500_000_000.50", b"1" * 5000), "deal.not_toml"),
        (b"deep = " + b"[" * 100_000, "deal.not_toml"),
        (text("pledge").replace(b'"urn:example:2"', b'"the memorandum"'), "deal.value"),
        (text("pledge").replace(b'"USD"', b'"DOLLAR"'), "unit.currency_unknown"),
        (text("milestone").replace(b"planned", b"hoped"), "deal.value"),
        (text("milestone").replace(b"2026-03", b"soon"), "deal.value"),
        (text("agreement").replace(b"what = ", b"which = "), "deal.value"),
        (text("project").replace(b"amount = 250", b'amount = "many"'), "deal.value"),
        (text("statement").replace(b"who =", b"whom ="), "deal.value"),
        (text("project").replace(b'currency = "USD"\n', b""), "deal.amount_without_currency"),
    ],
)
def test_a_flaw_is_refused_with_its_code(content: bytes, code: str) -> None:
    with pytest.raises(LodelineError) as refusal:
        parse(content, document="ni:1")
    assert refusal.value.code == code


def test_the_reference_page_holds_the_table_of_keys() -> None:
    assert reference() in REFERENCE.read_text("utf-8")
