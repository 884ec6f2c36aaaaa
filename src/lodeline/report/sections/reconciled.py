"""Reconciled: the account of every place as recorded, and as all scales and laboratories together say it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lodeline.metal.accounts import COVERAGE
from lodeline.report.given import Given
from lodeline.report.given_metal import LINES, Line, SeenAccount
from lodeline.report.model import (
    Block,
    Cell,
    Chart,
    Choice,
    Column,
    Grid,
    Panel,
    Part,
    Prose,
    Section,
    Sentence,
    standing_tone,
)
from lodeline.report.sections.account_picture import DOWN, NAMED, UP, best, in_kg, picture, through, told_of
from lodeline.report.sections.folding import FEW, ROWS_SHOWN, first
from lodeline.report.wording import (
    cell,
    counted,
    date,
    element_name,
    element_plain,
    figure_cell,
    key_of,
    listed,
    name,
    number,
    percent,
    sentence,
    shortly,
    shown,
    sigmas,
    strong,
)
from lodeline.units.figure import Figure

ACT = 240
"""Letters of an act."""
SITES_DRAWN = 5
"""Places in one picture, those through which most goes."""
RARE = 1e-6
"""Probabilities below this are called so, and not by a number that nobody can check."""
NEARLY = 0.999
OPEN = 0.01
"""A reconciled gap of more than this part of the recorded one's uncertainty is left open, and shown."""
NEAR = 0.5
"""Limits that are less than this part of a standard uncertainty apart are shown as one value with it."""


def reconciled(given: Given, before: tuple[Section, ...]) -> Section:
    """The account of each place and period, recorded beside reconciled."""
    title = "The account, recorded beside reconciled"
    of = given.reconciled
    if of.why_not:
        said = sentence(
            "Nothing can be reconciled: ",
            name(of.why_not, limit=300),
            ". Two weighings or assays of the same metal, each with its uncertainty, would change that: what the book "
            "knows from two sides can be checked.",
        )
        return Section(name="reconciled", title=title, blocks=(Prose(sentences=(said,), weight="lead"),))
    whole = [one for one in of.accounts if not one.period]
    figures = {
        key_for(one, line, which): figure
        for one in whole
        for which, of_line in (("recorded", one.recorded), ("reconciled", one.reconciled))
        for line in LINES
        if (figure := of_line.get(line)) is not None and told_of(one, line)
    }
    elements = tuple(dict.fromkeys(one.element for one in of.accounts))
    blocks: list[Block] = [
        Prose(sentences=tuple(_lead(given)), weight="lead"),
        Prose(sentences=tuple(_how(given)), weight="note"),
    ]
    if elements:
        panels = tuple(Panel(label=element_name(element), blocks=tuple(_panel(element, given))) for element in elements)
        blocks.append(Choice(title="Accounts, element by element", panels=panels))
    rest = [element for element in of.elements if element not in elements]
    if rest:
        blocks.append(Prose(sentences=(_others(rest),), weight="note"))
    return Section(name="reconciled", title=title, blocks=tuple(blocks), figures=figures)


def key_for(one: SeenAccount, line: Line, which: str) -> str:
    """The name of a figure of an account over all of the book."""
    where = key_of(one.site or one.label.lower())
    return f"accounts/{where}/{one.element}/{line}/{which}"


def odds(probability: float) -> str:
    """A probability as a part of a hundred; one that is very small or very near to one by words."""
    if probability < RARE:
        return "fewer than one in a million"
    return "nearly all" if probability > NEARLY else percent(probability)


def _lead(given: Given) -> Iterator[Sentence]:
    of = given.reconciled
    if not of.ways:
        yield sentence(
            "No reading of the book is checked by another: each is taken as it is. A second weighing or assay of "
            "something that is known already would be a check."
        )
        return
    ways = f"The scales and laboratories check one another in {counted(of.ways, 'independent way')}. "
    if of.false_alarms is None:
        yield sentence(ways, f"Of sound books {odds(of.worse)} would differ by more than this one.")
    elif of.worse < of.false_alarms:
        yield sentence(
            ways,
            strong("Taken together they differ by more than their uncertainties allow"),
            f": of sound books {odds(of.worse)} would differ by more.",
        )
    elif 1.0 - of.worse < of.false_alarms:
        yield sentence(
            ways,
            strong("Taken together they differ by less than their uncertainties say"),
            f": of sound books {odds(1.0 - of.worse)} would differ by less, so some of the uncertainties that "
            "certificates, laboratories or the policy state are too large.",
        )
    else:
        yield sentence(
            ways,
            strong("Taken together they differ by no more than their uncertainties allow"),
            f": of sound books {odds(of.worse)} would differ by more.",
        )


def _how(given: Given) -> Iterator[Sentence]:
    of = given.reconciled
    words = {
        "checked": "were measured and are checked by others",
        "measured": "were measured and nothing checks them",
        "computed": "follow from others",
        "unknown": "nothing determines",
    }
    told = [f"{of.standings[word]:,} {said}" for word, said in words.items() if of.standings.get(word)]
    total = sum(of.standings.values())
    if told:
        yield sentence(f"Of the dry masses of {counted(total, 'flow')}, ", *listed(told), ".")
    yield sentence(
        "Reconciled means: every reading moved by as little as its uncertainty asks until all accounts close, biases "
        "of instruments included. What was recorded stays as it is, and contracts go by the certificate. Missing is "
        "what the recorded account leaves open, below zero what is there beyond it; the reconciled one closes, save on "
        "roads of which no policy says what may be lost there. It is "
        f"within what scales and laboratories can know up to {number(COVERAGE)} standard uncertainties, in which there "
        "is what each instrument may be off by all the time; in those of the other recorded figures there is not. Not "
        "checked means that nothing was known from two sides, so that nothing could be seen to be missing."
    )
    if of.silent:
        yield sentence(
            f"{counted(of.silent, 'reading').capitalize()} {'has' if of.silent == 1 else 'have'} no weight in it, "
            "since nobody gave an uncertainty; the certificate of the scale or laboratory, or a policy, would."
        )
    if of.baseless:
        yield sentence(
            f"{counted(of.baseless, 'reading').capitalize()} {'is' if of.baseless == 1 else 'are'} left out, since "
            "nobody said whether wet or dry."
        )


def _others(rest: Sequence[str]) -> Sentence:
    return sentence(
        "Not shown by place: ",
        *listed([element_plain(element) for element in rest]),
        ". ",
        Part("lodeline balance", "name"),
        " gives the account of any element.",
    )


def _panel(element: str, given: Given) -> Iterator[Chart | Grid | Prose]:
    accounts = [one for one in given.reconciled.accounts if one.element == element]
    whole = sorted((one for one in accounts if not one.period), key=through, reverse=True)
    by_period = [one for one in accounts if one.period]
    periods = sorted(
        {point.period for one in given.reconciled.closures if one.element == element for point in one.points}
    )
    chart = _chart(element, whole, by_period, periods, given)
    if chart is not None:
        yield chart
    yield _by_place(element, whole)
    settling = _settling(element, whole, given.labels)
    if settling is not None:
        yield settling


def _chart(
    element: str, whole: Sequence[SeenAccount], by_period: Sequence[SeenAccount], periods: Sequence[str], given: Given
) -> Chart | None:
    drawn = [one for one in whole if through(one) > 0][:SITES_DRAWN]
    if not drawn:
        return None
    sites = [one.site for one in drawn]
    mine = [one for one in by_period if one.site in sites]
    left = len([one for one in whole if through(one) > 0]) - len(drawn)
    more = f" Not drawn: {counted(left, 'further place')} through which less goes." if left else ""
    return Chart(
        name=f"account-{key_of(element)}",
        kind="account",
        title=f"{element_name(element)}: what came, went and stayed",
        below=(
            f"Bars are reconciled, what came upwards and what went downwards; a dash is what was recorded. Below them "
            f"the stock at the end of each {given.reconciled.period}. Hatched is unknown.{more}"
        ),
        alt=name(_alt(element, drawn), limit=400).text,
        data=picture(drawn, mine, periods),
        behind=_by_period(element, by_period, given),
    )


def _alt(element: str, drawn: Sequence[SeenAccount]) -> str:
    return f"Accounts of {element_plain(element)} over time: " + "; ".join(
        f"{one.label}, {shown(in_kg(sum(best(one, line) or 0.0 for line in UP)))} came and "
        f"{shown(in_kg(sum(best(one, line) or 0.0 for line in DOWN)))} went"
        for one in drawn
    )


def _shown_lines(accounts: Sequence[SeenAccount]) -> list[Line]:
    """The lines in which there is anything, the gap always."""
    return [line for line in LINES if line == "unaccounted" or any(told_of(one, line) for one in accounts)]


def _by_place(element: str, whole: Sequence[SeenAccount]) -> Grid:
    lines = _shown_lines(whole)
    page = first([_row(one, lines, keyed=True) for one in whole], ROWS_SHOWN, "place")
    return Grid(
        title=f"{element_name(element)} by place, over all of the book",
        columns=(Column("Place"), *(Column(NAMED[line], numeric=True) for line in lines)),
        rows=tuple(page.kept),
        folded=page.said,
        rest=tuple(page.left),
    )


def _settling(element: str, whole: Sequence[SeenAccount], labels: Mapping[str, str]) -> Grid | None:
    """What would make known what even the reconciled account leaves open; None where it leaves nothing open.

    In JSON the figures name each act in full, with its identifiers.
    """
    called = {**labels, **{one.site: one.label for one in whole if one.site}}
    rows = [
        (
            cell(name(one.label), below=NAMED[line]),
            cell(name(shortly(of.settle[0].detail, called), limit=ACT)),
            cell(f"{len(of.settle):,}"),
        )
        for one in whole
        for line in LINES
        if (of := one.reconciled.get(line)) is not None and not of.known and of.settle
    ]
    if not rows:
        return None
    page = first(rows, FEW, "figure")
    return Grid(
        title=f"{element_name(element)}: what would settle what is still unknown",
        columns=(Column("Unknown"), Column("The first act"), Column("Acts needed at the least", numeric=True)),
        rows=tuple(page.kept),
        folded=page.said,
        rest=tuple(page.left),
    )


def _by_period(element: str, accounts: Sequence[SeenAccount], given: Given) -> Grid:
    order = sorted(accounts, key=lambda one: (-_sigma(one), -through(one), one.period, one.label))
    lines = _shown_lines(accounts)
    page = first([_row(one, lines, keyed=False) for one in order], FEW, "account")
    return Grid(
        title=f"{element_name(element)} by place and {given.reconciled.period}, the largest gap first",
        columns=(Column("Place"), *(Column(NAMED[line], numeric=True) for line in lines)),
        rows=tuple(page.kept),
        folded=page.said,
        rest=tuple(page.left),
    )


def _sigma(one: SeenAccount) -> float:
    """How far an account is from closing, in the standard uncertainty of the gap; 0 where nobody can say."""
    return abs(one.sigma) if one.checks and one.sigma is not None else 0.0


def _row(one: SeenAccount, lines: Sequence[Line], *, keyed: bool) -> tuple[Cell, ...]:
    place = cell(name(one.label), below=date(one.period).text) if one.period else cell(name(one.label))
    return (place, *(_cell(one, line, keyed=keyed) for line in lines))


def _cell(one: SeenAccount, line: Line, *, keyed: bool) -> Cell:
    settled = one.reconciled.get(line)
    if line == "unaccounted":
        return _gap(one, keyed=keyed)
    if not told_of(one, line):
        return cell("–")
    return _said(one, line, keyed=keyed, below="" if settled is None else f"reconciled {shown(settled)}")


def _gap(one: SeenAccount, *, keyed: bool) -> Cell:
    gap = one.recorded["unaccounted"]
    if not one.checks:
        return cell("not checked")
    below = "cannot be judged"
    if one.sigma is not None:
        side = "within" if abs(one.sigma) <= COVERAGE else "beyond"
        below = f"{side}, {sigmas(abs(one.sigma))} standard uncertainties"
    settled = one.reconciled.get("unaccounted")
    if settled is not None and settled.value is not None and abs(settled.value) > OPEN * (gap.u or 0.0):
        below += f"; reconciled {shown(settled)}"
    return _said(one, "unaccounted", keyed=keyed, below=below)


def _said(one: SeenAccount, line: Line, *, keyed: bool, below: str) -> Cell:
    of = one.recorded[line]
    near = _near(of)
    if near is not None:
        return cell(Part(shown(near), "bounded"), below=below)
    if keyed:
        return figure_cell(key_for(one, line, "recorded"), of, below=below)
    return cell(Part(shown(of), "plain" if of.known else standing_tone(of.standing)), below=below)


def _near(of: Figure) -> Figure | None:
    """A value in the middle of limits that are nearer than its uncertainty could tell apart; else None."""
    if of.low is None or of.high is None or not of.u or of.high - of.low > NEAR * of.u:
        return None
    return Figure(value=(of.low + of.high) / 2, u=of.u, unit=of.unit, standing="computed")
