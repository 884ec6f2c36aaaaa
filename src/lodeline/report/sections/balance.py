"""Balance: what went into each plant and came out of it, element by element, and what is unaccounted for."""

from __future__ import annotations

from collections.abc import Iterator

from lodeline.metal.accounts import COVERAGE, Account, Plant, least_and_most
from lodeline.metal.outlets import KINDS
from lodeline.report.given import Given
from lodeline.report.model import Block, Cell, Column, Grid, Part, Prose, Section, Sentence
from lodeline.report.wording import (
    cell,
    counted,
    element_name,
    element_plain,
    figure,
    figure_cell,
    key_of,
    name,
    number,
    sentence,
    shown,
    strong,
)
from lodeline.units.figure import Figure

ELEMENTS_SHOWN = 8
"""Columns of elements of one plant, those of most feed; a plant with more says so, and a sheet has them all."""
OUT = {
    "product": "Out: products",
    "by-product": "Out: by-products",
    "tailings": "Out: tailings",
    "slag": "Out: slag",
    "dust": "Out: dust",
    "residue": "Out: residues",
    "not said": "Out: kind not said",
}


def balance(given: Given, before: tuple[Section, ...]) -> Section:
    """Every plant with its accounts."""
    title = "What went into each plant and came out"
    told = [plant for plant in given.plants if any(_fed(one) for one in plant.accounts)]
    if not told:
        said = sentence(
            "No process in the book makes new material."
            if not given.plants
            else "Of no element is it known how much went into any process."
        )
        return Section(name="balance", title=title, blocks=(Prose(sentences=(said,), weight="lead"),))
    figures = {
        key_for(plant, one, field): of for plant in told for one in plant.accounts for field, of in _fields(one).items()
    }
    blocks: list[Block] = [
        Prose(sentences=(_lead(told),), weight="lead"),
        Prose(sentences=_how(), weight="note"),
    ]
    for plant in told:
        blocks += [_account(plant, given), Prose(sentences=tuple(_beside(plant)), weight="note")]
    return Section(name="balance", title=title, blocks=tuple(blocks), figures=figures)


def key_for(plant: Plant, one: Account, field: str) -> str:
    """The name of a figure of an account."""
    kind = "concentrator" if plant.concentrator else "plant"
    return f"plants/{key_of(plant.site) if plant.site else 'place not said'}/{kind}/{one.element}/{field}"


def plant_label(plant: Plant, given: Given) -> str:
    """What a plant is called."""
    return given.labels.get(plant.site, plant.site) if plant.site else "A plant whose place is not said"


def balance_line(given: Given) -> Sentence | None:
    """The account of the heaviest feed in one line; None where no plant has one."""
    told = [(plant, one) for plant in given.plants for one in plant.accounts if _fed(one)]
    if not told:
        return None
    plant, one = told[0]
    more = len(told) - 1
    recovery: list[str | Part] = []
    if one.recovery is not None:
        recovery = [", ", figure(key_for(plant, one, "recovery"), one.recovery), " of it recovered in products"]
    return sentence(
        name(plant_label(plant, given)),
        f", {element_plain(one.element)}: ",
        figure(key_for(plant, one, "fed"), one.fed),
        " in",
        *recovery,
        ", ",
        figure(key_for(plant, one, "unaccounted"), one.unaccounted),
        f" unaccounted: {verdict(one)}",
        f"; and {counted(more, 'further account')}" if more else "",
    )


def verdict(one: Account) -> str:
    """Whether what is unaccounted is within what scales and laboratories can know."""
    of = one.unaccounted
    match one.verdict:
        case "within" | "beyond" if of.u and (limits := least_and_most(of)) is not None:
            far = limits[one.verdict == "within"]
            most = "" if of.known else "at most " if one.verdict == "within" else "at least "
            know = "what scales and laboratories can know"
            return f"{one.verdict} {know} ({most}{number(far / of.u)} standard uncertainties)"
        case "within" | "beyond":
            return f"{one.verdict} what scales and laboratories can know"
        case "no uncertainty":
            return f"cannot be judged, {counted(one.no_uncertainty, 'flow')} without a stated uncertainty"
        case "unknown flows":
            unknown = one.unknown_in + one.unknown_out
            return f"cannot be judged, {counted(unknown, 'flow')} of unknown content"
        case _:
            return "of nothing that went in"


def _fields(one: Account) -> dict[str, Figure]:
    fields = {"fed": one.fed, "lost": one.lost, "stock": one.stock, "unaccounted": one.unaccounted}
    fields |= {f"out/{kind}": of for kind, of in one.out.items()}
    if one.recovery is not None:
        fields["recovery"] = one.recovery
    return fields


def _lead(told: list[Plant]) -> Sentence:
    accounts = [one for plant in told for one in plant.accounts if _fed(one)]
    count = {word: sum(one.verdict == word for one in accounts) for word in ("within", "beyond")}
    rest = len(accounts) - count["within"] - count["beyond"]
    return sentence(
        f"{counted(len(accounts), 'account').capitalize()} of an element through {counted(len(told), 'plant')}"
        f": {_some(count['within'], 'closes', 'close')} within what scales and laboratories can know, ",
        strong(f"{_some(count['beyond'], 'is', 'are')} beyond it"),
        f", and {rest:,} cannot be judged." if rest else ".",
    )


def _some(count: int, one: str, many: str) -> str:
    """``none closes``, ``1 closes``, ``3 close``."""
    return f"none {one}" if count == 0 else f"{count:,} {one if count == 1 else many}"


def _how() -> tuple[Sentence, ...]:
    return (
        sentence(
            "Unaccounted is what went in, less what came out, declared losses and what is still inside, over the "
            "recorded values and not the reconciled ones, and what a process declares of an outlet gives way to the "
            "weighing that follows it. Below zero, more came out than went in."
        ),
        sentence(
            f"Within means: no more than {number(COVERAGE)} standard uncertainties. An assay that serves several "
            f"flows is "
            "counted as shared by them; an error that all readings of one scale have in common is not in the "
            "uncertainty."
        ),
    )


def _fed(one: Account) -> bool:
    """Whether some of what went in is known: without it there is nothing to balance."""
    return bool(one.fed.value or one.fed.low)


def _account(plant: Plant, given: Given) -> Grid:
    fed = [one for one in plant.accounts if _fed(one)]
    shown_accounts, rest = tuple(fed[:ELEMENTS_SHOWN]), fed[ELEMENTS_SHOWN:]
    kinds = [kind for kind in KINDS if any(kind in one.out for one in shown_accounts)]
    rows: list[tuple[Cell, ...]] = [_row("In", "fed", plant, shown_accounts)]
    rows += [_row(OUT[kind], f"out/{kind}", plant, shown_accounts) for kind in kinds]
    rows.append((cell("Declared losses"), *(_lost(plant, one) for one in shown_accounts)))
    rows.append(_row("Still inside at the end", "stock", plant, shown_accounts))
    rows.append((cell(strong("Unaccounted")), *(_unaccounted(plant, one) for one in shown_accounts)))
    rows.append((cell("Recovered in products"), *(_recovered(plant, one) for one in shown_accounts)))
    folded = (sentence(f"Not shown: {', '.join(one.element for one in rest)}, of less feed."),) if rest else ()
    words = f" ({', '.join(plant.processes)})" if plant.processes else ""
    return Grid(
        title=name(
            f"{plant_label(plant, given)}{words}, {counted(plant.runs, 'process', 'processes')}", limit=160
        ).text,
        columns=(
            Column("Of each element"),
            *(Column(element_name(one.element), numeric=True) for one in shown_accounts),
        ),
        rows=tuple(rows),
        folded=folded,
    )


def _row(title: str, field: str, plant: Plant, accounts: tuple[Account, ...]) -> tuple[Cell, ...]:
    cells = []
    for one in accounts:
        of = _fields(one).get(field)
        cells.append(cell("–") if of is None else figure_cell(key_for(plant, one, field), of))
    return (cell(title), *cells)


def _lost(plant: Plant, one: Account) -> Cell:
    unassayed = one.unassayed_loss
    if unassayed.value == 0:
        return figure_cell(key_for(plant, one, "lost"), one.lost)
    below = f"of {shown(unassayed)} of material without an assay"
    if one.lost.value == 0:
        return cell(Part("unknown", "unknown"), below=below)
    return figure_cell(key_for(plant, one, "lost"), one.lost, below=f"and unknown {below}")


def _unaccounted(plant: Plant, one: Account) -> Cell:
    return figure_cell(key_for(plant, one, "unaccounted"), one.unaccounted, below=verdict(one))


def _recovered(plant: Plant, one: Account) -> Cell:
    return cell("–") if one.recovery is None else figure_cell(key_for(plant, one, "recovery"), one.recovery)


def _beside(plant: Plant) -> Iterator[Sentence]:
    """What the table leaves out, or counts as nothing."""
    unknown = [
        (one.element, one.unknown_in, one.unknown_out) for one in plant.accounts if one.unknown_in + one.unknown_out
    ]
    if unknown:
        listed_elements = ", ".join(f"{element} {into:,} in and {out:,} out" for element, into, out in unknown)
        yield sentence(
            f"Flows of unknown content, by element: {listed_elements}. What they hold is not counted as nothing: sums "
            f"with "
            "them have limits only."
        )
    blind = [one.element for one in plant.accounts if not _fed(one)]
    if blind:
        yield sentence(f"Not accounted for, since of what went in nothing is known: {', '.join(blind)}.")
    silent = [one for one in plant.accounts if one.unassayed_loss.value != 0]
    if silent:
        yield sentence("What metal was in losses that were declared without an assay is part of the unaccounted.")
    unasked = max((one.unasked for one in plant.accounts), default=0)
    if unasked:
        yield sentence(
            f"Up to {counted(unasked, 'lot')} of materials that are registered for other elements only, and were never "
            "assayed for the one of a column, count there as holding none."
        )
