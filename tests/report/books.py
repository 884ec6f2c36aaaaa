"""Hand-made books for the report: what sections read, without a ledger below it."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from lodeline.errors import Finding, Settle
from lodeline.ledger.values import Head, StoredDocument
from lodeline.report.gather import compared
from lodeline.report.given import (
    Act,
    Contradiction,
    Given,
    Place,
    SeenAgreement,
    SeenHolding,
    SeenMove,
    SeenPledge,
    SeenProgramme,
    SeenStep,
    Source,
    Statement,
)
from lodeline.units.figure import Figure, product, unknown
from lodeline.world import Table, shipped

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TABLE = shipped()
OLDER = shipped("usgs_mcs_2025")
PAKISTAN = Place(id="urn:place:pk", label="Pakistan", country="PAK", at=None, known="country")
MISSOURI = Place(id="urn:place:mo", label="Missouri", country="USA", at=(-90.29, 37.56), known="site")
PRESS = Source(by="A press report", dated="2025-10-02", address="https://example.org/first-shipment")


def holding(
    label: str,
    elements: tuple[str, ...],
    *,
    lot: str = "",
    mass: Figure | None = None,
    grade: Figure | None = None,
    place: Place | None = MISSOURI,
    owner: str = "US Strategic Metals",
) -> SeenHolding:
    """A holding of wet material of Pakistan; what is not given is unknown and asks for its act."""
    lot = lot or f"urn:epc:class:lgtin:4012345.012345.{label.replace(' ', '-')}"
    weigh = Settle(act="weighing", subject=lot, detail=f"Weigh {label}.")
    assay = Settle(act="assay", subject=lot, detail=f"Assay {label}.")
    mass = mass or unknown("KGM", weigh)
    grades = {element: grade or unknown("P1", assay) for element in elements}
    return SeenHolding(
        key=lot,
        lot=lot,
        label=label,
        place=place,
        owner=owner,
        on_the_road=False,
        elements=elements,
        origin="PAK",
        shipped_from="PAK",
        mass=mass,
        basis="wet",
        dry_mass=unknown("KGM", Settle(act="moisture", subject=lot, detail=f"Dry {label}.")),
        moisture=unknown("P1", Settle(act="moisture", subject=lot, detail=f"Dry {label}.")),
        grades=grades,
        contained={element: product(mass, grades[element], unit="KGM", scale=0.01) for element in elements},
        origin_document="",
    )


def measured(value: float, u: float | None, unit: str, key: str = "ni:///sha-256;aa") -> Figure:
    return Figure(value=value, u=u, unit=unit, standing="measured", rests_on=(key,))


THREE = (
    holding("Antimony", ("Sb",)),
    holding("Copper concentrate", ("Cu",)),
    holding("Rare earths with Nd and Pr", ("Nd", "Pr")),
)

PROGRAMME = SeenProgramme(
    agreements=(
        SeenAgreement(
            title="Memorandum of understanding",
            form="memorandum",
            signed="2025-09-08",
            parties=("Frontier Works Organisation", "US Strategic Metals"),
            part=True,
            source=Source(by="Prime Minister's Office", dated="2025-09-08", address="https://example.org/memorandum"),
        ),
        SeenAgreement(
            title="Another memorandum of that day",
            form="memorandum",
            signed="",
            parties=("NLC", "Mota-Engil"),
            part=False,
            source=PRESS,
        ),
    ),
    pledges=(
        SeenPledge(
            key="partnership",
            title="Investment in phases",
            by=(),
            over="the first phase",
            approximate=True,
            pledged=Figure(value=5e8, unit="USD", standing="stated", rests_on=("ni:///sha-256;p",)),
            evidenced=unknown("USD", Settle(act="document", subject="partnership", detail="A contract or a payment.")),
            source=PRESS,
        ),
    ),
    steps=(
        SeenStep(
            key="phases",
            kind="phase",
            title="Phases of the memorandum",
            state="spoken of",
            on="",
            figures={
                "phases described": unknown("C62", Settle(act="document", subject="phases", detail="A phase plan."))
            },
            missing=("number", "content", "dates"),
            source=PRESS,
        ),
        SeenStep(
            key="refinery",
            kind="project",
            title="Poly-metallic refinery in Pakistan",
            state="planned",
            on="",
            figures={"capacity": unknown("TNE", Settle(act="document", subject="refinery", detail="Its capacity."))},
            missing=("site", "capacity", "date"),
            source=PRESS,
        ),
        SeenStep(
            key="delivered",
            kind="milestone",
            title="First shipment delivered",
            state="evidenced",
            on="2025-10-02",
            figures={},
            missing=(),
            source=PRESS,
        ),
    ),
    contradictions=(
        Contradiction(
            subject="Mineral wealth of Pakistan",
            differ=True,
            statements=(
                Statement(value="USD 6 trillion", said="Value of the minerals", source=PRESS),
                Statement(value="USD 60 billion", said="One deposit, gold and copper", source=PRESS),
            ),
        ),
    ),
)


def given(
    holdings: tuple[SeenHolding, ...] = THREE,
    *,
    table: Table = TABLE,
    programme: SeenProgramme = PROGRAMME,
    moved: bool = True,
    moves: tuple[SeenMove, ...] = (),
    findings: tuple[Finding, ...] = (),
    title: str = "The first shipment, as the public record has it",
    documents: tuple[StoredDocument, ...] = (),
) -> Given:
    """What a report reads, from holdings."""
    masses = [one.mass for one in holdings]
    move = SeenMove(
        goods=tuple(one.label for one in holdings),
        lots=tuple(one.lot for one in holdings),
        sender="Frontier Works Organisation",
        receiver="US Strategic Metals",
        left=PAKISTAN,
        to=MISSOURI,
        shipped="",
        received="2 October 2025",
        papers=(),
        mass=masses[0] if len(masses) == 1 else unknown("KGM", *[s for mass in masses for s in mass.settle][:3]),
    )
    acts = tuple(
        Act(
            act="weighing", lot=one.lot, label=one.label, alone=1, then="assay", both=1 + 5 * len(one.elements), alike=0
        )
        for one in sorted(holdings, key=lambda one: -len(one.elements))
        if not one.mass.known
    )
    return Given(
        head=Head("0b9f7c5e-8f1f-4b1a-9a53-111111111111", 12, "ab" * 32, AT),
        title=title,
        illustrative=False,
        events=7,
        documents=documents,
        policy=None,
        lots=len(holdings),
        holdings=holdings,
        moves=moves or ((move,) if moved and holdings else ()),
        programme=programme,
        findings=findings,
        table=table,
        other_edition=OLDER,
        compared=compared(holdings, table, home="USA", rival="CHN"),
        acts=acts[:5],
        code="0.1.0",
    )


def another_table(key: str, **cells: object) -> Table:
    """The shipped table with one row changed."""
    from lodeline.world import table

    return table(msgspec.structs.replace(row, **cells) if row.key == key else row for row in TABLE.rows)


def weighed() -> tuple[SeenHolding, ...]:
    """The three lots, the antimony weighed and assayed."""
    mass = measured(24_350.0, 12.0, "KGM", "ni:///sha-256;weighing")
    grade = measured(54.2, 0.3, "P1", "ni:///sha-256;assay")
    return (holding("Antimony", ("Sb",), mass=mass, grade=grade), *THREE[1:])


def scattered() -> tuple[SeenMove, ...]:
    """Ten consignments between twenty places, some of them close together."""
    ends = [(66.0 + i * 0.7, 24.0 + i * 1.1) for i in range(10)], [(-90.0 + i * 0.9, 30.0 + i * 0.8) for i in range(10)]
    from_to = [
        tuple(
            Place(id=f"{side}{i}", label=f"A place with number {i}", country=country, at=at, known="site")
            for side, country, at in (("from", "PAK", ends[0][i]), ("to", "USA", ends[1][i]))
        )
        for i in range(10)
    ]
    return tuple(
        SeenMove(
            goods=("Antimony",),
            lots=(f"urn:lot:{i}",),
            sender=f"Sender {i}",
            receiver=f"Receiver {i}",
            left=left,
            to=to,
            shipped="1 May 2026",
            received="",
            papers=(f"urn:bol:{i}",),
            mass=measured(1000.0 + i, 1.0, "KGM"),
        )
        for i, (left, to) in enumerate(from_to)
    )
