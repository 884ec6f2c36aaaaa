"""What deliveries change: points of import dependence and of a rival's share, beside all that the origin mines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lodeline.report.given import Given
from lodeline.report.model import Block, Chart, Grid, Part, Prose, Section, Sentence
from lodeline.report.sections.world_effect_tables import (
    LONG,
    Told,
    cases_apart,
    limits,
    points,
    points_of,
    settled,
    takes,
)
from lodeline.report.wording import (
    counted,
    drawn,
    element_plain,
    figure,
    harmless,
    listed,
    name,
    sentence,
    shown,
    strong,
)
from lodeline.units.figure import Figure
from lodeline.world.country import country_name, with_article
from lodeline.world.effect.answer import Effect, Effects

TITLE, PLAIN = "What this partnership changes", "What these deliveries change"
"""Of a book that holds an agreement, and of any other."""
UNKNOWN_DRAWN = 4
"""Deliveries of which nobody knows what they remove that are drawn one by one."""
ALL_OF_IT = "all reported output"
"""What names of figures have in them of all that a country reports."""


def world_effect(given: Given, before: tuple[Section, ...]) -> Section:
    """Points removed by what the book brought, with their limits, and what all reported output would remove."""
    title = TITLE if given.programme.agreements else PLAIN
    found = given.world.effects
    everything = tuple(one for of in given.world.outputs for one in of.effects)
    if found is None or not (found.effects or everything):
        return Section(name="effect", title=title, blocks=())
    newest, older = _by_time(found)
    shown_of = [*(Told(one, "") for one in newest), *(Told(one, ALL_OF_IT) for one in everything)]
    figures = {key: value for one in shown_of for key, value in one.figures()}
    figures |= {key: value for one in older for key, value in Told(one, "").figures(cases=("rival",))}
    blocks: list[Block] = [
        Prose(sentences=tuple(_lead(found, newest)), weight="lead"),
        Prose(sentences=tuple(_reported(found, shown_of))),
        Prose(sentences=tuple(_how(found)), weight="note"),
    ]
    drawn_of = [one for one in shown_of if one.effect.route != "raw"]
    table = points(found, shown_of, [Told(one, "") for one in older])
    blocks.append(_chart(found, drawn_of, table) if drawn_of else table)
    blocks += [
        *takes(found, shown_of),
        *cases_apart(found, shown_of),
        *settled(shown_of),
        Prose(sentences=(_sources(given),), weight="note"),
    ]
    return Section(name="effect", title=title, blocks=tuple(blocks), figures=figures)


def _by_time(found: Effects) -> tuple[list[Effect], list[Effect]]:
    """The deliveries of the newest year, and those before it, the newest first."""
    last = max((one.period for one in found.effects), default="")
    older = [one for one in found.effects if one.period != last]
    return [one for one in found.effects if one.period == last], sorted(older, key=lambda one: one.period, reverse=True)


def _lead(found: Effects, newest: Sequence[Effect]) -> Iterator[Sentence]:
    """The delivery that removes most, or that nobody can say."""
    home, rival = with_article(found.importer), country_name(found.rival)
    if not newest:
        yield sentence(f"No event of the book brings metal that {home} reports from abroad, or makes any there.")
        return
    known = [Told(one, "") for one in newest if one.tonnes.known and one.route != "raw" and one.form]
    if not known:
        yield from _unknown(newest, home)
        return
    told = max(known, key=_removed)
    one, case = told.effect, told.effect.case("rival")
    points = [
        (measure, getattr(case, measure), words)
        for measure, words in (
            ("rival_form", f" of the share that {rival} ships of that form"),
            ("rival_mined", f" of what of it was mined in {rival}"),
            ("reliance", " of import dependence"),
        )
        if getattr(case, measure).standing != "unknown"
    ]
    yield sentence(
        f"In {one.period} " if one.period else "",
        figure(told.key("tonnes"), one.tonnes),
        f" of {element_plain(one.element)} came as {one.form.replace('-', ' ')}, ",
        figure(told.key("share_of_use"), one.share_of_use),
        f" of what {home} uses.",
    )
    if points:
        said = [
            part
            for measure, of, words in points
            for part in (figure(told.key("rival", measure), points_of(of)), f"{_between(of)}{words}; ")
        ]
        last = str(said[-1]).removesuffix("; ")
        yield sentence(f"In the place of what {rival} ships it removes ", *said[:-1], f"{last}.")


def _between(of: Figure) -> str:
    return f" ({limits(of)}, whatever was mixed)" if limits(of) else ""


def _removed(told: Told) -> float:
    case = told.effect.case("rival")
    return max(getattr(case, measure).value or 0.0 for measure in ("rival_form", "rival_all", "reliance"))


def _unknown(newest: Sequence[Effect], home: str) -> Iterator[Sentence]:
    came = list(dict.fromkeys(element_plain(one.element) for one in newest))
    yield sentence(
        "How much the deliveries of this book change is ",
        strong("unknown"),
        f": of what came to {home} (",
        *listed(came),
        ") nobody says both how much it is and in which form.",
    )
    acts = list(dict.fromkeys(act.act for one in newest for act in one.tonnes.settle))
    forms = any(not one.form for one in newest)
    if acts or forms:
        needed = [f"{'an' if act[0] in 'aeiou' else 'a'} {act} of each lot" for act in acts]
        needed += ["the code of the Harmonized System in the material's master data"] if forms else []
        yield sentence("It would be settled by ", *listed(needed), ".")


def _reported(found: Effects, told: Sequence[Told]) -> Iterator[Sentence]:
    """Of each commodity how far all that the origin reports would go, and whether there is a share to lower."""
    seen: set[str] = set()
    # Where all that is mined is reported, its own figures stand for the commodity.
    for one in sorted(told, key=lambda one: not one.of):
        if one.effect.commodity in seen or not one.effect.origin:
            continue
        seen.add(one.effect.commodity)
        yield from _output(one, found)
        yield from _no_share(one, found)


def _output(told: Told, found: Effects) -> Iterator[Sentence]:
    of, plain = told.effect.reference, told.effect.plain
    country, home = country_name(told.effect.origin), with_article(found.importer)
    output = figure(told.key("reference", "origin_output"), of.origin_output)
    if of.origin_output.known:
        yield sentence(
            strong(f"{plain.capitalize()}: "),
            f"all that {country} is reported to have mined in a year is ",
            output,
            ", ",
            figure(told.key("reference", "output_of_use"), of.output_of_use),
            f" of what {home} uses.",
        )
    elif of.origin_output.standing == "bounded":
        yield sentence(
            strong(f"{plain.capitalize()}: "),
            f"no output is reported for {country} by itself; what all countries that are not named have together is ",
            output,
            ".",
        )
    else:
        yield sentence(strong(f"{plain.capitalize()}: "), f"no output is reported for {country}; it is ", output, ".")


def _no_share(told: Told, found: Effects) -> Iterator[Sentence]:
    share, rival = told.effect.reference.rival_share, country_name(found.rival)
    if share.standing == "bounded" and not share.low:
        yield sentence(
            f"The edition does not name {rival} among its suppliers: all that are not named have ",
            figure(told.key("reference", "rival_share"), share),
            f" together, so it shows no share of {rival} that could be lowered, whatever the tonnage.",
        )


def _how(found: Effects) -> Iterator[Sentence]:
    rival = country_name(found.rival)
    yield sentence(
        f"Whose material is bought less nobody knows. Shown is the case that removes most, the place of what {rival} "
        "ships; the others stand behind. What comes from abroad stays imported, so it moves from whom and not how "
        "much. Ore and concentrate move nothing as they come; made into metal at home they count as made there. Set "
        f"against the figures of {found.year or 'no year'}."
    )
    for said in found.said:
        yield sentence(name(said, limit=LONG))


def _chart(found: Effects, told: Sequence[Told], behind: Grid) -> Chart:
    rival = country_name(found.rival)
    rows = list(_rows(told))
    ends = [end for row in rows for end in (row["direct"], row["traced"], *(row["limits"] or ())) if end is not None]
    return Chart(
        name="effect",
        kind="shares",
        title=f"Points of {rival}'s share that are removed, shipped against mined",
        below=(
            f"Percentage points of imports in the same form, if it all takes the place of what {rival} ships. Hatched: "
            "nobody knows."
        ),
        alt="; ".join(row["told"].replace("\n", ", ") for row in rows),
        data={
            "rows": rows,
            "reach": max(ends, default=0.0),
            "words": {
                "x": "percentage points",
                "direct": f"of what {rival} ships",
                "traced": f"of what was mined in {rival}",
                "limits": "at least and at most",
                "open": "not known",
            },
        },
        behind=behind,
    )


def _rows(told: Sequence[Told]) -> Iterator[dict[str, Any]]:
    """What is known of the book's own deliveries, the first of the others, and beside them all that is reported."""
    own = [_row(one) for one in told if not one.of]
    unknown = [row for row in own if row["tone"] == "none"]
    yield from (row for row in own if row["tone"] != "none" or row in unknown[:UNKNOWN_DRAWN])
    left = len(unknown[UNKNOWN_DRAWN:])
    if left:
        label = counted(left, "further delivery", "further deliveries")
        yield {**unknown[-1], "label": label, "said": "unknown", "told": label}
    yield from (row for one in told if one.of and (row := _row(one))["tone"] != "none")


def _row(told: Told) -> dict[str, Any]:
    case = told.effect.case("rival")
    shipped, mined = case.rival_form, case.rival_mined
    ranged = next((of for of in (mined, shipped) if of.high is not None), None)
    known = [of for of in (shipped, mined) if of.value is not None]
    acts = list(dict.fromkeys(act.act for of in (told.effect.tonnes, shipped, mined) for act in of.settle))
    said = f"shipped {shown(points_of(shipped))}, mined {shown(points_of(mined))}"
    if not known and ranged is None:
        said = f"unknown; needs {', '.join(acts)}" if acts else "unknown"
    return {
        "label": harmless(told.label),
        "said": said,
        "direct": _drawn(shipped.value),
        "traced": _drawn(mined.value),
        "limits": None if ranged is None else [drawn(max(ranged.low or 0.0, 0.0)), drawn(ranged.high or 0.0)],
        "tone": "known" if known or ranged is not None else "none",
        "told": harmless(told.label) + "\n" + "\n".join(part for part in (told.below, said, limits(mined)) if part),
    }


def _drawn(value: float | None) -> float | None:
    return None if value is None else drawn(value)


def _sources(given: Given) -> Sentence:
    effects = given.world.effects
    editions = () if effects is None else effects.editions
    every = list(dict.fromkeys((*editions, *(name for of in given.world.outputs for name in of.editions))))
    parts: list[str | Part] = []
    for index, edition in enumerate(every):
        parts += ["; " if index else "", name(edition), " (", name(_where(given, edition), limit=200), ")"]
    return sentence("Sources: ", *parts, ".")


def _where(given: Given, edition: str) -> str:
    return given.world.sources.get(edition, "source not at hand")
