"""``lodeline why``: the way of the metal of a lot back to where it is from, in plain words."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import click

from lodeline.cli.options import as_of_option, book_argument, deriving, entry, json_option
from lodeline.cli.origins import kg_told, lot_argument, masses_told, mixing_option, recorded_option, share_told
from lodeline.cli.output import print_json
from lodeline.cli.waiting import waiting
from lodeline.errors.visible import visible

if TYPE_CHECKING:
    from lodeline.book.way_back import Step, WayBack

NAME = 160
"""Characters of an identifier."""


@click.command(
    "why",
    epilog="Examples:\n\n  lodeline why book.db urn:example:lot:1 Sb\n\n"
    "  lodeline why book.db urn:example:lot:1 Sb --depth 40 --least 0.001",
)
@book_argument
@lot_argument
@click.argument("element", metavar="ELEMENT")
@click.option("--depth", type=click.IntRange(min=0), metavar="N", help="Most steps back that are told (24).")
@click.option(
    "--least",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="What brings less than this share of the lot is summed with others (0.01).",
)
@mixing_option()
@recorded_option
@as_of_option
@json_option
def command(
    book: str,
    lot: str,
    element: str,
    depth: int | None,
    least: float | None,
    mixing: str | None,
    recorded: bool,
    as_of: str | None,
    as_json: bool,
) -> None:
    """Tell how the metal of LOT came to be where it is: every step back to its origins, with kilograms of ELEMENT.

    What is too small or too far back to be told is summed, so that the kilograms of the steps before a step are those
    of the step. It supposes that stores mix as master data or policy say, and perfectly where neither does.
    """
    with deriving(book, as_of) as opened, waiting("following events") as said:
        found = opened.why(
            lot,
            element,
            mixing=mixing,
            depth=depth,
            least=least,
            recorded=recorded,
            as_of=entry(opened, as_of),
            progress=said.count,
            stage=said.stage,
        )
    if as_json:
        print_json(found)
    else:
        _print(found)


def _print(found: WayBack) -> None:
    into: dict[int, list[Step]] = defaultdict(list)
    for step in found.steps:
        into[step.into].append(step)
    print(f"{visible(found.lot, limit=NAME)}: {kg_told(found.kg, None)} kg of {found.element}")
    told = set[int]()
    for step in into[0]:
        _print_step(step, into, told, 0)
    print()
    print(f"mixing {found.mixing}; {masses_told(found)}")
    states = [step.number for step in found.steps if step.number]
    if len(set(states)) < len(states):
        print("what left one state in several ways is told back below the first of them, with all that came into it")
    if any(step.others for step in found.steps):
        print(
            f"summed: what brings less than {share_told(found.least, None)} of the lot, or is more than {found.depth} "
            "steps back; --least and --depth tell more"
        )


def _print_step(first: Step, into: dict[int, list[Step]], told: set[int], indent: int) -> None:
    """A step, with all that follows it back without a choice on one line; then what that was made of, below it."""
    # A stack of our own: a way back may be longer than Python lets functions call each other.
    waiting = [(first, indent)]
    while waiting:
        step, depth = waiting.pop()
        chain = [step]
        while (before := into.get(step.number, [])) and len(before) == 1 and before[0].lot == step.lot:
            if before[0].others or step.number in told:
                break
            told.add(step.number)
            step = before[0]
            chain.append(step)
        print(f"{'  ' * depth}{_line(chain)}{_again(step, into, told)}")
        if step.number and step.number not in told:
            told.add(step.number)
            waiting += [(one, depth + 1) for one in reversed(into.get(step.number, []))]


def _again(step: Step, into: dict[int, list[Step]], told: set[int]) -> str:
    return "; before that as told above" if step.number in told and into.get(step.number) else ""


def _line(chain: list[Step]) -> str:
    """In order of time: what happened first is said first."""
    first, last = chain[0], chain[-1]
    amount = f"{kg_told(first.kg, None)} kg ({share_told(first.share, None)})"
    if first.others:
        return f"{amount} came in {first.others:,} other {'way' if first.others == 1 else 'ways'}"
    name = visible(first.lot, limit=NAME) if first.lot else "what was in process or in store"
    origin = ""
    if last.origin == "untraced":
        origin = ", untraced: nobody says where it is from"
    elif last.origin:
        origin = f", from {visible(last.origin, limit=NAME)}"
    return f"{amount} {name}{origin}: {'; '.join(_acts(chain[::-1]))}"


def _acts(chain: list[Step]) -> list[str]:
    """What happened, with places and days where they are others than before."""
    told, place, day = [], None, None
    for step in chain:
        at = f" at {visible(step.place, limit=NAME)}" if step.place and step.place != place else ""
        on = f" on {step.day}" if step.day and step.day != day else ""
        told.append(f"{step.how}{at}{on}")
        place, day = step.place, step.day
    return told
