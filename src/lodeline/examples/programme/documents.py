"""The documents of the programme book: that it is made up, what was agreed and paid, prices, the policy."""

from __future__ import annotations

from decimal import Decimal
from importlib import resources

from lodeline.deal.documents import MEDIA_TYPE
from lodeline.examples.first_shipment import ExampleDocument
from lodeline.examples.programme.plan import PHASES
from lodeline.examples.programme.tables import IDS, ScaleRow, tables
from lodeline.units.mass import MASS_UNITS

ISSUER = "lodeline"
"""Nobody else says any of it."""


def documents(lots: int, seed: int) -> tuple[ExampleDocument, ...]:
    """All of them, in the order in which they are recorded."""
    return (_illustrative(lots, seed), _prices(), *(_deal(name, text) for name, text in _statements()))


def policy() -> bytes:
    """The policy of the book, TOML: that of the tables, with the uncertainty of a net weight of each scale."""
    said = (resources.files("lodeline.examples") / "data" / "programme" / "policy.toml").read_text("utf-8")
    rows = [f'"{IDS}/scale/{row.key}" = {{kg = {_net_u_kg(row):f}}}' for row in tables().scales.values()]
    return "\n".join([said, "[uncertainty.device]", *rows, ""]).encode()


def _net_u_kg(row: ScaleRow) -> Decimal:
    """Gross less tare, both read with the same uncertainty."""
    return (Decimal(row.u) * MASS_UNITS[row.unit].kg * Decimal("1.414")).quantize(Decimal("0.01"))


def _illustrative(lots: int, seed: int) -> ExampleDocument:
    text = (
        "This book is illustrative. It was made up by a seeded generator to show and to test lodeline, at "
        f"{lots} lots with seed {seed}.\n"
        "No company, person, mine, plant, laboratory, consignment, weight, assay or date in it is real, and nothing in "
        "it is evidence of anything. Places are public geography; grades and prices are plausible, and are from public "
        "sources where the generator's tables say so.\n"
    )
    return ExampleDocument(
        content=text.encode(),
        media_type="text/plain",
        title="This book is illustrative: everything in it is made up",
        issuer=ISSUER,
        dated=None,
        role="illustrative",
        meta={"lots": str(lots), "seed": str(seed)},
    )


def _prices() -> ExampleDocument:
    rows = ["metal,what,unit,year,price,source"]
    for price in tables().prices:
        source = "USGS Mineral Commodity Summaries 2026, doi 10.5066/P1WKQ63T"
        rows += [
            f'{price.metal},"{price.what}",{price.unit},{year},{told},"{source}"' for year, told in price.year.items()
        ]
    return ExampleDocument(
        content=("\n".join(rows) + "\n").encode(),
        media_type="text/csv",
        title="Yearly average prices of antimony, copper, NdPr oxide, gold and silver",
        issuer="United States Geological Survey",
        dated="2026",
        role="price",
        meta={},
    )


def _deal(name: str, text: str) -> ExampleDocument:
    kind = name.partition("-")[0]
    source = f'\n[[sources]]\nwho = "{ISSUER}, made up"\n'
    content = f'kind = "{kind}"\nid = "{IDS}/{kind}/{name}"\n{text}{source}'
    title = next(line for line in text.splitlines() if line.startswith("name")).partition('"')[2].rstrip('"')
    return ExampleDocument(
        content=content.encode(), media_type=MEDIA_TYPE, title=title, issuer=ISSUER, dated=None, role=kind, meta={}
    )


def _statements() -> tuple[tuple[str, str], ...]:
    exporter, importer = f"{IDS}/party/exporter", f"{IDS}/party/importer"
    agreement = f'agreement = "{IDS}/agreement/agreement-partnership"\n'
    pledge = f'pledge = "{IDS}/pledge/pledge-partnership"\ncurrency = "USD"\n'
    phases = "".join(f'[[phases]]\nname = "{one.name}"\nwhat = "{one.what}"\n' for one in PHASES)
    made = "Made up for the synthetic programme."
    return (
        (
            "agreement-partnership",
            'name = "partnership of the synthetic programme"\n'
            f'parties = ["{exporter}", "{importer}"]\nsigned = 2020-11-16\nform = "contract"\n'
            f'note = "{made}"\n{phases}',
        ),
        (
            "pledge-partnership",
            f'name = "partnership of USD 500 million"\n{agreement}by = ["{importer}"]\namount = 500_000_000\n'
            'currency = "USD"\napproximate = true\nover = "three phases"\n',
        ),
        *(
            (
                f"payment-{number}",
                f'name = "payment {number} of the synthetic programme"\n{pledge}amount = {amount}\npaid = {paid}\n'
                f'by = ["{importer}"]\n',
            )
            for number, amount, paid in (
                (1, 40_000_000, "2021-03-15"),
                (2, 95_000_000, "2022-04-20"),
                (3, 60_000_000, "2024-02-12"),
            )
        ),
        (
            "milestone-first-concentrate",
            f'name = "first copper concentrate delivered"\n{agreement}state = "done"\n'
            f'lots = ["{IDS}/lot/copper-concentrate-000001"]\n',
        ),
        (
            "milestone-first-oxide",
            f'name = "first oxide of the refinery"\n{agreement}state = "done"\n'
            f'lots = ["{IDS}/lot/ndpr-oxide-000002"]\n',
        ),
        (
            "project-refinery",
            f'name = "poly-metallic refinery of the synthetic programme"\n{agreement}purpose = "refining"\n'
            f'parties = ["{exporter}", "{importer}"]\ncountry = "PK"\nsite = "{IDS}/site/refinery"\n'
            "start = 2022-04-01\n",
        ),
        (
            "project-recycling",
            f'name = "recycling of magnets in Missouri, in the synthetic programme"\n{agreement}purpose = "recycling"\n'
            f'parties = ["{importer}"]\ncountry = "US"\nsite = "{IDS}/site/fredericktown"\n',
        ),
    )
