"""Lots that arise, end, and become other lots, applied to what is held."""

from __future__ import annotations

from lodeline.metal.belief import NOTHING_KNOWN, Belief, computed, declared, difference, together
from lodeline.metal.flows.words import NO_ENTRY, NO_NAME, OUTSIDE
from lodeline.metal.follower import ANY, Act, Follower, merged
from lodeline.metal.live import Held, Process
from lodeline.metal.values import Arisen, Ended, Fact, Portion, Transformed

INHERITED = ("stage", "country", "material", "deposit", "scrap_source", "permit")
"""What a part of a split lot has from the whole, besides its composition."""

CONSERVING = ("split", "blend", "store")
"""Processes that take nothing from the air and cannot give more than went in."""


def arisen(books: Follower, fact: Arisen) -> None:
    """Lots come into the book."""
    place, owner = books.graph.name(fact.place), books.graph.name(fact.owner)
    seen: set[int] = set()
    for portion in fact.portions:
        lot, mass = books.graph.name(portion.lot), declared(portion, fact.event)
        if lot in seen:
            books.enters(lot, place, owner, mass, fact, portion.count)
            books.acts[lot] = None
            continue
        seen.add(lot)
        used_before = lot in books.credit
        if not makes(books, lot, place, fact, fact):
            continue
        if not used_before:
            held = books.enters(lot, place, owner, mass, fact, portion.count)
            books.acted(lot, Act(held.flow, held=held))
            continue
        # It has been in use, so it is held already; what is declared now may be all that anyone says of its mass.
        held_now = books.where.held(lot)
        if len(held_now) == 1:
            held = held_now[0]
            row = books.states(held.flow, mass, portion.count, chosen=False)
            if row >= 0 and held.mass.standing == "unknown":
                books.graph.choose(row, True)
                books.weighs(held, mass, row)
            books.note(held, fact)


def makes(
    books: Follower, lot: int, place: int, fact: Fact, made: Arisen | None, parents: tuple[int, ...] = ()
) -> bool:
    """A lot is made; one that was made already keeps what is known of it, which is a finding, and False."""
    graph = books.graph
    if graph.lot_rows[lot] >= 0 and graph.of_lot(lot, "made_seq") != NO_ENTRY:
        books.report(
            "metal.lot_arises_again",
            f"Lot {graph.text(lot)} arises again, although it is in the book already; its first making stands.",
            fact,
            others=books.event_of(graph.of_lot(lot, "made_seq")),
        )
        return False
    row, columns = graph.lot(lot, place), graph.lots.columns
    columns["made_seq"][row], columns["made_at"][row] = graph.seq, graph.stated_now
    if made is not None:
        for column in INHERITED:
            columns[column][row] = graph.name(getattr(made, column))
    if books.journal is not None and parents:
        books.journal.parents[lot] = parents
    return True


def ended(books: Follower, fact: Ended) -> None:
    """Lots leave the book."""
    place = None if fact.place is None else books.graph.name(fact.place)
    label = books.graph.name(fact.reason)
    for part, act in taken(books, fact.portions, place, fact):
        books.graph.ends(part.flow, OUTSIDE, "ending", label=label)
        books.acted(part.lot, act)
        books.gone(part.lot, fact)


def taken(books: Follower, portions: tuple[Portion, ...], place: int | None, fact: Fact) -> list[tuple[Held, Act]]:
    """The parts of holdings that go."""
    parts: list[tuple[Held, Act]] = []
    for portion in portions:
        found = books.moved_holdings(portion, place, fact, NO_NAME)
        whole = portion if len(found) == 1 else Portion(lot=portion.lot)
        parts += [books.takes(held, whole, fact) for held in found]
    return parts


def transformed(books: Follower, fact: Transformed) -> None:
    """Lots become other lots, or go into or come out of a process that spans several events."""
    graph = books.graph
    place = None if fact.place is None else graph.name(fact.place)
    parts = taken(books, fact.inputs, place, fact)
    process = _process(books, fact, [part for part, _ in parts])
    label = graph.name(fact.process)
    inputs = {part.lot: None for part, _ in parts} | {graph.name(one.lot): None for one in fact.inputs}
    for part, act in parts:
        graph.ends(part.flow, process.node, "process_in", label=label)
        books.acted(part.lot, act)
        process.owners[part.owner] = None
        process.through = merged(process.through, part.through)
        process.charged = together(process.charged, part.mass) if process.inputs else part.mass
        process.inputs = True
    if books.journal is not None:
        process.parents.update(inputs)
    lost = NOTHING_KNOWN
    for loss in fact.losses:
        gone = Belief(loss.kg, None, loss.basis, "stated", None, None, fact.event)
        lost = together(lost, gone) if lost.kg is not None else gone
        flow = graph.flow(process.node, NO_NAME, gone, own=True, head=OUTSIDE, kind="loss", label=graph.name(loss.kind))
        books.states(flow, gone, None, chosen=True)
    outputs = _outputs(books, fact, process, parts, inputs, lost)
    _balanced(books, fact, process, parts, outputs, lost)
    for part, _ in parts:
        books.gone(part.lot, fact)


def _process(books: Follower, fact: Transformed, parts: list[Held]) -> Process:
    """The node of a transformation: one for all events of its id, unless it is a store or is fed its own output."""
    graph = books.graph
    place = graph.name(fact.place)
    if fact.transformation_id is None:
        if not fact.inputs or not fact.outputs:
            books.report(
                "metal.process_one_sided",
                f"A transformation without transformationID has no {'outputs' if fact.inputs else 'inputs'}; where the "
                f"metal {'went' if fact.inputs else 'came from'} cannot be told.",
                fact,
            )
        process = Process(node=graph.node("process", place=place, name=graph.name(fact.process)), store=False)
        if not parts or not fact.outputs:
            # It is closed like a process over several events: what went in is in process, or came from outside.
            books.processes[-2 - process.node] = process
            process.event, process.seq = fact.event, fact.seq
        return process
    name = graph.name(fact.transformation_id)
    before = books.processes.get(name)
    store = fact.process == "store" if before is None else before.store
    if before is None:
        before = Process(node=graph.node("process", place=place, name=name), store=store, name=name)
        books.processes[name] = before
    elif store or any(before.node in part.through or ANY in part.through for part in parts):
        node = graph.node("process", place=place, name=name)
        if not store and not before.inputs:
            graph.flow(OUTSIDE, NO_NAME, NOTHING_KNOWN, own=True, head=before.node, kind="arising")
        if before.flow < 0:
            before.flow = graph.flow(before.node, NO_NAME, NOTHING_KNOWN, own=False)
        graph.ends(before.flow, node, "stock", at_rest=True)
        before.node, before.flow = node, -1
        before.inputs, before.outputs, before.charged = True, False, NOTHING_KNOWN
    before.event, before.seq, before.emptied = fact.event, fact.seq, fact.emptied
    if store:
        books.stores.setdefault(place, {})[name] = None
    return before


def _outputs(
    books: Follower,
    fact: Transformed,
    process: Process,
    parts: list[tuple[Held, Act]],
    inputs: dict[int, None],
    lost: Belief,
) -> Belief | None:
    """Make what comes out; what it weighs together, None if nothing does."""
    graph = books.graph
    label, place = graph.name(fact.process), graph.name(fact.place)
    made_owner = graph.name(fact.made.owner if fact.made else None)
    owner = next(iter(process.owners)) if len(process.owners) == 1 else NO_NAME
    whole = parts[0][0] if fact.process == "split" and len(parts) == 1 else None
    masses = _masses(fact, whole, lost)
    through = process.through
    if process.name != NO_NAME and not process.store:
        through = merged(through, (process.node,))
    everything: Belief | None = None
    parents = tuple(process.parents) if books.journal is not None and process.name != NO_NAME else tuple(inputs)
    for portion, mass in zip(fact.outputs, masses, strict=True):
        lot = graph.name(portion.lot)
        # A lot may come out of one process over several events, or go on after part of it was used.
        goes_on = lot in process.made or lot in inputs
        if not goes_on and makes(books, lot, place, fact, fact.made, parents) and whole is not None:
            _like_its_parent(books, lot, whole.lot)
        process.made[lot] = None
        node, existing = books.state(lot, place, made_owner if made_owner != NO_NAME else owner)
        flow = graph.flow(
            process.node,
            lot,
            mass,
            own=mass.standing == "stated",
            inherits=-1 if whole is None else whole.flow,
            head=node,
            kind="process_out",
            label=label,
        )
        books.states(flow, declared(portion, fact.event), portion.count, chosen=True)
        new = Held(
            lot=lot,
            place=place,
            owner=made_owner if made_owner != NO_NAME else owner,
            holder=NO_NAME,
            node=node,
            flow=-1,
            mass=mass,
            known={} if whole is None else whole.known,
            count=portion.count,
            through=through,
            events=books.touched(fact),
        )
        held = books.settles(node, existing, new, flow)
        books.acted(lot, Act(flow, held=held))
        graph.lots.columns["ended_seq"][graph.lot_rows[lot]] = NO_ENTRY
        everything = mass if everything is None else together(everything, mass)
        process.outputs = True
    return everything


def _masses(fact: Transformed, whole: Held | None, lost: Belief) -> list[Belief]:
    """What each output weighs: as declared; the one part of a split that nobody declared is what the others leave."""
    masses = [declared(portion, fact.event) for portion in fact.outputs]
    silent = [index for index, portion in enumerate(fact.outputs) if portion.kg is None and portion.count is None]
    if whole is None or len(silent) != 1:
        return masses
    left = whole.mass
    for mass in (*masses, *([lost] if fact.losses else [])):
        left = difference(left, mass) if mass.kg is not None else left
    if left.kg is not None and left.kg >= 0:
        masses[silent[0]] = left if left is not whole.mass else computed(left)
    return masses


def _like_its_parent(books: Follower, lot: int, parent: int) -> None:
    """A part of a lot is the same material from the same place, unless the event says otherwise."""
    columns, rows = books.graph.lots.columns, books.graph.lot_rows
    for column in INHERITED:
        if columns[column][rows[lot]] == NO_NAME:
            columns[column][rows[lot]] = columns[column][rows[parent]]


def _balanced(
    books: Follower,
    fact: Transformed,
    process: Process,
    parts: list[tuple[Held, Act]],
    outputs: Belief | None,
    lost: Belief,
) -> None:
    """A store carries its stock on; what only divides or mixes cannot give more than it got."""
    came = NOTHING_KNOWN
    for index, (part, _) in enumerate(parts):
        came = part.mass if index == 0 else together(came, part.mass)
    if process.store:
        _carries_stock(books, fact, process, came if parts else None, outputs, lost)
        return
    if fact.transformation_id is not None or fact.process not in CONSERVING or outputs is None:
        return
    left = difference(came, outputs if lost.kg is None else together(outputs, lost))
    if left.kg is not None and left.kg < 0:
        books.report(
            "metal.more_out_than_in",
            f"A {fact.process} gave {-left.kg} kg more than went into it.",
            fact,
        )


def _carries_stock(
    books: Follower,
    fact: Transformed,
    process: Process,
    came: Belief | None,
    outputs: Belief | None,
    lost: Belief,
) -> None:
    stock = process.stock
    if came is not None:
        # A store is empty before its first event, as far as the books know.
        stock = together(stock, came) if process.opened else came
    elif not process.opened:
        books.graph.flow(OUTSIDE, NO_NAME, NOTHING_KNOWN, own=True, head=process.node, kind="arising")
    process.opened = True
    for gone in (outputs, lost if fact.losses else None):
        if gone is not None:
            stock = difference(stock, gone)
    most = stock.kg if stock.kg is not None else stock.high
    if most is not None and most < 0:
        books.report(
            "metal.negative_stock",
            f"More was taken from store {fact.transformation_id} than had come into it: its stock would be {most} kg.",
            fact,
        )
        stock = Belief(None, None, None, "unknown", None, None, stock.rests)
    process.stock, process.mass_row = stock, -1
    process.flow = books.graph.flow(process.node, NO_NAME, stock, own=False)
