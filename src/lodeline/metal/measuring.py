"""Weighings, stock-takes, assays and moistures, applied to the flow that was in force."""

from __future__ import annotations

from lodeline.metal.accounts import COVERAGE
from lodeline.metal.belief import Belief, declared, difference, flat, gross_less_tare, net_of, root_of_squares, together
from lodeline.metal.drying import on_basis_of
from lodeline.metal.flows.words import NO_NAME
from lodeline.metal.follower import UNCOUNTED, Act, Follower, Weight, is_wet
from lodeline.metal.live import Held, Process, Transit
from lodeline.metal.road import loses, received, weighed_at_its_end
from lodeline.metal.values import Assay, Fact, Mass, Moisture, Observed, Weighing
from lodeline.units.exact import plus

Target = Held | Transit | Process | Act


def target_of(books: Follower, lot: str, place: str | None, fact: Fact) -> Target | None:
    """What a measurement is of: what the same event has just moved, else what is held there, containers opened."""
    number = books.graph.name(lot)
    where = None if place is None else books.graph.name(place)
    if lot == place and books.graph.lot_rows[number] < 0:
        return _store(books, number, fact)
    if books.where.is_container(number):
        contents = books.where.contents(number)
        if len(contents) != 1:
            books.report(
                "metal.sensor_several_lots",
                f"Container {lot} was measured, and which of the {len(contents)} lots in it the reading is of "
                "cannot be told.",
                fact,
            )
            return None
        number = contents[0].lot
        if number not in books.acts:
            return contents[0]
    if number in books.acts:
        act = books.acts[number]
        if act is None:
            books.ambiguous(number, len(books.where.held(number)), fact)
        # A receipt that was not counted is a finding, and what it reads with it.
        return None if act is None or act.flow == UNCOUNTED else act
    return books.measured_holding(number, where, fact, NO_NAME)


def _store(books: Follower, place: int, fact: Fact) -> Process | None:
    """The store that a measurement is of that names a place and no lot."""
    found = books.store_at(place)
    if len(found) == 1:
        return found[0]
    books.report(
        "metal.sensor_no_lot",
        f"The event measures mass or composition and names no lot, and {len(found) or 'no'} "
        f"store{'s hold' if len(found) > 1 else ' holds'} anything at its place.",
        fact,
    )
    return None


def weighed(books: Follower, fact: Weighing) -> None:
    """A mass was read."""
    target = target_of(books, fact.lot, fact.place, fact)
    if target is None:
        return
    graph, flow = books.graph, target.flow
    if isinstance(target, (Held, Transit)):
        books.note(target, fact)
    net, halves = (
        net_of(fact),
        [(name, mass) for name in ("gross", "tare") if (mass := getattr(fact, name)) is not None],
    )
    used = net is not None and fact.net is None
    rows = [graph.reading(flow, name, mass, fact.device, chosen=used) for name, mass in halves]
    if net is None:
        net = _completed(books, target, fact, halves)
    if net is None:
        return
    row = rows[0] if fact.net is None and rows else -1
    if fact.net is not None:
        row = graph.reading(flow, "net", fact.net, fact.device, chosen=False)
    booked = _booked(target)
    if fact.stocktake and booked is not None and booked.kg is not None:
        _counted(books, target, booked, net, fact)
        return
    graph.choose(row, True)
    _adopts(books, target, net, row)


def _completed(books: Follower, target: Target, fact: Weighing, halves: list[tuple[str, Mass]]) -> Belief | None:
    """The net mass of a gross and a tare that were read one after the other."""
    if fact.gross is not None and fact.tare is not None:
        books.report(
            "metal.net_unknown",
            f"Lot {fact.lot} was weighed gross and tare on two bases, so what its net mass is cannot be told.",
            fact,
        )
        return None
    if isinstance(target, Held) and halves:
        target.gross, target.tare = fact.gross or target.gross, fact.tare or target.tare
        if target.gross is not None and target.tare is not None:
            net = gross_less_tare(target.gross, target.tare)
            if net is None:
                books.report(
                    "metal.net_unknown",
                    f"Lot {fact.lot} was weighed gross and tare, and the tare is heavier or on another basis.",
                    fact,
                    others=(*target.gross.rests_on, *target.tare.rests_on),
                )
            target.gross = target.tare = None
            return net
    books.report(
        "metal.weighing_half",
        f"Lot {fact.lot} was weighed gross or tare alone; its net mass needs the other.",
        fact,
        weight="note",
    )
    return None


def _booked(target: Target) -> Belief | None:
    """What the books hold of what is at rest."""
    match target:
        case Held():
            return target.mass
        case Process():
            return target.stock
        case _:
            return None


def _counted(books: Follower, target: Target, booked: Belief, counted: Belief, fact: Weighing | Observed) -> None:
    """A count never resets the books; what differs is for a person to judge."""
    if (booked.kg, booked.basis) == (counted.kg, counted.basis):
        return
    apart, weight = _apart(booked, counted)
    name = f"Store {books.graph.text(target.name)}" if isinstance(target, Process) else f"Lot {_lot_of(fact)}"
    books.report(
        "metal.stocktake_differs",
        f"{name} was counted at {counted.kg} kg ({counted.basis or 'basis not said'}), and the book holds "
        f"{booked.kg} kg ({booked.basis or 'basis not said'}){apart}.",
        fact,
        weight=weight,
        others=flat(booked.rests),
    )


def _apart(booked: Belief, counted: Belief) -> tuple[str, Weight]:
    """How far two masses are apart in standard uncertainties, in words, and what that weighs as evidence."""
    u = root_of_squares(booked.u, counted.u)
    if booked.kg is None or counted.kg is None or booked.basis != counted.basis or not u:
        return "", "weak"
    far = float(abs(plus(counted.kg, booked.kg.copy_negate())) / u)
    return f": {far:.1f} standard uncertainties apart", "strong" if far > COVERAGE else "note"


def _lot_of(fact: Weighing | Observed) -> str:
    return fact.lot if isinstance(fact, Weighing) else fact.portion.lot


def _adopts(books: Follower, target: Target, net: Belief, row: int) -> None:
    """The mass of what was weighed is this, and so is what follows from it."""
    graph = books.graph
    match target:
        case Held():
            books.weighs(target, net, row)
            if target.road >= 0:
                weighed_at_its_end(books, target, net)
        case Process():
            if target.mass_row >= 0:
                graph.choose(target.mass_row, False)
            target.stock, target.mass_row = net, row
            graph.weigh(target.flow, net, own=True)
        case Transit():
            graph.weigh(target.flow, net, own=True, water_of=target.flow if net.basis == "wet" else None)
            if net.basis == "wet":
                target.water = target.flow
            target.weighed = net
        case Act(transit=transit) if transit is not None and target.receipt:
            transit.arrived = net if target.arrived is None else together(target.arrived, net)
            if net.kg is not None:
                transit.brought[-1 if transit.declares else len(transit.brought) :] = [net.kg]
                transit.declares = True
            graph.weigh(target.flow, net, own=True, water_of=target.flow if net.basis == "wet" else None)
            if target.held is not None:
                target.held.road = -1  # how much came is known now; a later ticket is of what lies there then
            loses(books, transit)
            received(books, transit)
            _settles_again(books, target, net)
        case Act(transit=transit) if transit is not None:
            graph.weigh(target.flow, net, own=True, water_of=target.flow if net.basis == "wet" else None)
            transit.sent = net
            if net.basis == "wet":
                transit.water = target.flow
            if transit.loads == 0:
                graph.weigh(transit.flow, net, own=False, water_of=transit.water)
            elif transit.arrived.kg is not None:
                loses(books, transit)
            _leaves_again(books, target, net)
            if books.journal is not None:
                _sent(books, transit)
        case Act():
            graph.weigh(target.flow, net, own=True, water_of=target.flow if net.basis == "wet" else None)
            _leaves_again(books, target, net)
            _settles_again(books, target, net)


def _settles_again(books: Follower, act: Act, net: Belief) -> None:
    """What came to a holding has been weighed on the way: it holds that, and what it held before."""
    held = act.held
    if held is None:
        return
    if act.before is None:
        if held.flow == act.flow:
            return
        held.mass = net
        held.water = -1 if net.basis == "wet" else held.water
    else:
        held.mass = together(act.before, net)
    held.mass_row = -1
    books.graph.weigh(held.flow, held.mass, own=False, water_of=held.flow if held.water < 0 else held.water)


def _leaves_again(books: Follower, act: Act, net: Belief) -> None:
    """What went has been weighed on leaving: what it was taken from holds the rest."""
    if act.rest is None or act.whole is None:
        return
    left = difference(act.whole, on_basis_of(books.graph, act.whole, net, act.rest.known))
    if left.kg is not None and left.kg >= 0:
        act.rest.mass = left
        books.graph.weigh(act.rest.flow, left, own=False)


def _sent(books: Follower, transit: Transit) -> None:
    import msgspec

    from lodeline.metal.belief import mass_of

    if books.journal is not None:
        movements = books.journal.movements
        movements[transit.movement] = msgspec.structs.replace(movements[transit.movement], sent=mass_of(transit.sent))


def determined(books: Follower, fact: Assay | Moisture) -> None:
    """A laboratory has found something of a lot."""
    target = target_of(books, fact.lot, fact.place, fact)
    if target is None:
        return
    graph = books.graph
    row = graph.determination(target.flow, fact)
    if books.journal is not None:
        books.journal.determines(row, target.flow, fact)
    if isinstance(target, Process):
        return
    if not isinstance(target, Act):
        books.note(target, fact)
        _knows(books, target, row, fact)
        return
    for one in (target.held, None if target.receipt else target.transit):
        if one is not None:
            _knows(books, one, row, fact)


def _knows(books: Follower, one: Held | Transit, row: int, fact: Assay | Moisture) -> None:
    """A determination is in force for what is held, or on the road."""
    kind = books.kind_of(row)
    before = one.known.get(kind)
    if before is not None and isinstance(fact, Assay):
        _differs(books, before, row, fact)
    one.known = {**one.known, kind: row}
    if isinstance(one, Held) and one.water >= 0 and is_wet(kind) and one.mass.basis != "wet":
        one.water = -1
        books.graph.flows.columns["water_of"][one.flow] = one.flow


def _differs(books: Follower, before: int, row: int, fact: Assay) -> None:
    """Two assays of one substance, rank and basis say different things."""
    columns = books.graph.measurements.columns
    value, high = columns["value"], columns["high"]
    same_value = value[before] == value[row] or (value[before] != value[before] and fact.fraction is None)
    same_limit = high[before] == high[row] or (high[before] != high[before] and fact.high is None)
    if not (same_value and same_limit):
        books.report(
            "metal.several_assays",
            f"Lot {fact.lot} has two {fact.rank or 'unranked'} assays of {fact.species.formula} that differ; "
            "the later one is shown.",
            fact,
            weight="note",
            others=books.event_of(columns["seq"][before]),
        )


def observed(books: Follower, fact: Observed) -> None:
    """A lot was seen: a finding where it is not booked; what is declared of it serves where nothing is known."""
    target = target_of(books, fact.portion.lot, fact.place, fact)
    if not isinstance(target, (Held, Transit)):
        return
    said = declared(fact.portion, fact.event)
    row = books.states(target.flow, said, fact.portion.count, chosen=False)
    if row < 0 or isinstance(target, Transit):
        return
    books.note(target, fact)
    if target.mass.kg is None:
        books.graph.choose(row, True)
        books.weighs(target, said, row)
    elif fact.stocktake:
        _counted(books, target, target.mass, said, fact)
