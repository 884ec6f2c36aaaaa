"""Where metal comes into the programme: loads of ore from the mines, mill charges of copper ore, drums of scrap."""

from __future__ import annotations

from decimal import Decimal

from lodeline.examples.programme.faults import NET_U_KG
from lodeline.examples.programme.lots import Lot, water_for
from lodeline.examples.programme.matter import MG_PER_KG, dry_mg, mined, share
from lodeline.examples.programme.run import Run
from lodeline.examples.programme.tables import IDS, Source, party, place, tables
from lodeline.record import metal
from lodeline.record.metal import Amount

UNDECLARED = 0.05
"""How often nobody declares how much arose; the scale says it later. Assumed."""


def load_of_ore(run: Run, source: Source, material: str, where: str, at: int) -> Lot:
    """A truck's load of ore is mined: 17 to 25 t, dry; some of it may be foreign and passed off as local."""
    dry_kg = run.matter.near(20_500.0, 0.07)
    matter = mined(_row(source.key), source, dry_kg, run.matter)
    fault, part = run.faults.foreign(source.key, dry_kg, at)
    if fault is not None:
        abroad = tables().sources["across-the-border"]
        matter = matter - share(matter, part)
        foreign_kg = dry_kg - dry_mg(matter) / MG_PER_KG
        matter = matter + mined(_row(abroad.key), abroad, foreign_kg, run.faults.chance)
    run.truth.arises(matter)
    lot = run.lot(material, matter, _water(run, source, dry_mg(matter)), where, "exporter", at)
    event = metal.lot_mined(
        run.act(where, at),
        [_declared(run, lot)],
        basis="wet",
        country="PK",
        deposit=f"{IDS}/deposit/{source.key}",
        material=lot.material.uri,
        permit=f"{(source.subdivision or '')[-2:]}-{run.number('permit'):07d}",
        owner=party("exporter"),
    )
    run.write(event, at, "office")
    if fault is not None:
        fault.note(run.journal.name(event), lot.uri, part * dry_kg)
        fault.size = max(fault.size, part * dry_kg)
        fault.size_u = fault.size / NET_U_KG
    return lot


def charge_of_copper_ore(run: Run, source: Source, at: int) -> Lot:
    """What the copper mill takes in a shift: about 2,000 t, over the belt."""
    matter = mined(_row(source.key), source, run.matter.near(2_000_000.0, 0.05), run.matter)
    run.truth.arises(matter)
    lot = run.lot("copper-ore", matter, _water(run, source, dry_mg(matter)), "copper-mill", "exporter", at)
    event = metal.lot_mined(
        run.act("copper-mill", at),
        [_declared(run, lot)],
        basis="wet",
        country="PK",
        deposit=f"{IDS}/deposit/{source.key}",
        material=lot.material.uri,
        permit=f"BA-{run.number('permit'):07d}",
        owner=party("exporter"),
    )
    run.write(event, at, "office")
    return lot


def drum_of_scrap(run: Run, source: Source, at: int) -> Lot:
    """A drum of magnet scrap is collected: 350 to 550 kg."""
    matter = mined(_row(source.key), source, run.matter.near(450.0, 0.1), run.matter)
    run.truth.arises(matter)
    lot = run.lot("magnet-scrap", matter, _water(run, source, dry_mg(matter)), source.key, "importer", at)
    event = metal.lot_collected(
        run.act(source.key, at),
        [Amount(lot.uri)],
        basis=None,
        country="US",
        scrap_source=place(source.key),
        material=lot.material.uri,
        owner=party("importer"),
    )
    run.write(event, at, "office")
    return lot


def _row(key: str) -> int:
    return list(tables().sources).index(key)


def _water(run: Run, source: Source, dry: int) -> int:
    mean, sd = source.moisture
    return water_for(dry, max(mean + sd * run.matter.normal(), 0.2) * 0.01)


def _declared(run: Run, lot: Lot) -> Amount:
    """What the mine says: buckets counted, to a tenth of a tonne; sometimes nothing."""
    if run.clerks.happens(UNDECLARED):
        return Amount(lot.uri)
    tenths = round(lot.wet_kg * (1.0 + 0.02 * run.clerks.normal()) / 100.0)
    lot.ticket = (Decimal(tenths).scaleb(-1), "TNE")
    return Amount(lot.uri, *lot.ticket)
