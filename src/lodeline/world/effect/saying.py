"""What an answer about a partnership's effect has to say besides its figures: what they rest on, and what they are not.

Every number in a sentence is a figure of the answer; none is written here.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lodeline.units.figure import Figure, ratio
from lodeline.world.country import with_article
from lodeline.world.effect.answer import Effect
from lodeline.world.effect.reference import Setting
from lodeline.world.effect.supplied import SUPPOSED, Supplied
from lodeline.world.effect.wording import number, told

_ALL = 100.0


def said_of(effect: Effect, of: Supplied, to: Setting, importer: str, rival: str) -> Effect:
    """The effect with its sentences."""
    said = (
        *_output(effect, of, to, importer, rival),
        *_rival(effect, of, to, rival),
        *_route(effect, of, importer),
        *_mined(effect, to, rival),
    )
    notes = (*_larger(effect), *_own(effect, of, rival), *_missing(effect, of))
    return msgspec.structs.replace(effect, said=said, notes=notes)


def _output(effect: Effect, of: Supplied, to: Setting, importer: str, rival: str) -> Iterator[str]:
    """How far all that the origin mines would go; or that nothing is reported of it."""
    output, country = effect.reference.origin_output, with_article(effect.origin)
    plain, home = of.commodity.plain, with_article(importer)
    if not effect.origin or effect.route == "made":
        return
    if output.known:
        share = effect.reference.output_of_use
        of_use = f", {told(share, '%')} of what {home} uses" if share.known else ""
        points = _moved(effect, rival)
        moved = f", and at most {points} points of the share of {with_article(rival)}" if points else ""
        yield (
            f"All the {plain} that {country} is reported to have mined in {to.year} is {told(output, 't')}{of_use}"
            f"{moved}."
        )
    elif output.standing == "bounded":
        yield (
            f"No output of {plain} is reported for {country} in {to.year}: the edition does not name it, and all "
            f"countries that it does not name mined {number(output.high or 0.0)} t together."
        )
    else:
        yield f"No output of {plain} is reported for {country} in {to.year}, not even as part of other countries."
    if not to.separate:
        yield (
            f"{of.element} is not reported by itself: it is set against all {plain}, and what share of the use of "
            f"{of.element} it is stays unknown."
        )


def _moved(effect: Effect, rival: str) -> str:
    """How many points of the rival's share all that the origin mines can move: no more than that share has."""
    points = ratio(effect.reference.origin_output, effect.reference.rival_point, unit="P1")
    share = effect.reference.rival_share
    most = share.value if share.high is None else share.high
    if points.value is None or effect.origin == rival:
        return ""
    return number(points.value if most is None else min(points.value, most))


def _rival(effect: Effect, of: Supplied, to: Setting, rival: str) -> Iterator[str]:
    """What there is of the rival to displace."""
    of_edition, name = effect.reference.rival_share, with_article(rival)
    imported, by_form = of.commodity.imported, effect.reference.form_share
    if effect.route == "raw":
        return
    if of_edition.standing == "bounded" and not of_edition.low:
        yield (
            f"{name[0].upper()}{name[1:]} is not named among the suppliers of {imported} in {_span(to)}: all that are "
            f"not named have {number(of_edition.high or 0.0)} % together. So there is no share of {name} that "
            "the edition shows, none that could be lowered, whatever the tonnage."
        )
    if to.traded is not None and by_form.known:
        yield (
            f"Of imports under HS {to.traded.hs} in {to.year}, {told(effect.reference.form_imports, 't')} by "
            f"{to.traded.edition}, {name} shipped {told(by_form, '%')}; so no tonnage removes more."
        )
    elif of_edition.known:
        yield f"The share of {name} is that of {_span(to)}, and the imports are those of {to.year}."


def _route(effect: Effect, of: Supplied, importer: str) -> Iterator[str]:
    """How metal of this form enters import dependence."""
    commodity, home = of.commodity, with_article(importer)
    match effect.route:
        case "imported" if effect.form:
            yield (
                f"What is imported from somebody else stays imported: it moves from whom {home} imports, and not how "
                "much; where it comes in addition, dependence even grows."
            )
        case "raw":
            yield (
                f"The imports that count are those of {commodity.imported}; {commodity.apart} are counted apart. As it "
                "comes it moves neither import dependence nor any share of those, and of its own form only the share."
            )
        case "smelted":
            yield f"By the publisher's definition, {commodity.smelted}."
            if of.recovery is None:
                yield "What part of it becomes metal nobody says, so what it removes is given as at most that of all."
        case "made":
            yield f"Made at home, it counts as production of {home}, and less has to be imported."
        case _:
            pass


def _mined(effect: Effect, to: Setting, rival: str) -> Iterator[str]:
    """How sure the traced share is."""
    if to.traded is None or effect.route == "raw":
        return
    if to.traded.not_traced:
        yield f"Where that form was mined is not traced: {to.traded.not_traced}."
        return
    share, shipped = effect.reference.form_mined, to.traded.mined.shipped
    name = with_article(rival)
    yield (
        f"Mined in {name} is {told(share, '%')} of that form: the value supposes that each country mixes what it has, "
        "the limits suppose nothing. What the table does not trace may be of any country."
    )
    shipper = to.traded.of.rival
    if shipped.value is not None and shipper.value and shipped.value < shipper.value:
        part = Figure(value=_ALL * shipped.value / shipper.value, unit="P1", standing="computed")
        yield f"Of what {name} shipped itself, {told(part, '%')} is traced to its own mines."


def _larger(effect: Effect) -> Iterator[str]:
    """That it is more than is reported to be mined."""
    times = effect.share_of_output
    if times.value is not None and times.value > _ALL and effect.route != "made":
        yield (
            f"It is {told(times, '%')} of the mine output that is reported for {with_article(effect.origin)}: as "
            "reported, not all of it can be mined there."
        )


def _own(effect: Effect, of: Supplied, rival: str) -> Iterator[str]:
    """What of the delivery does not count as the partner's."""
    if effect.route == "made" or not effect.origin:
        return
    country = with_article(effect.origin)
    if of.own.rests_on == SUPPOSED:
        yield f"That all of it is mined in {country} is supposed."
    if of.own.value is not None and of.own.value < _ALL:
        rest = Figure(value=_ALL - of.own.value, unit="P1", standing="computed")
        yield f"{told(rest, '%')} of it is not traced to mines in {country}, and does not count as theirs."
    if (of.rivals.high or of.rivals.value or 0.0) > 0:
        yield f"Mined in {with_article(rival)} is {told(of.rivals, '%')} of the delivery itself; that is taken off."


def _missing(effect: Effect, of: Supplied) -> Iterator[str]:
    """What would make it known."""
    if of.note:
        yield of.note
    if not effect.form:
        yield (
            f"In which form the {of.element} comes nobody says: whether it counts as an import, or as ore that may be "
            "smelted at home, stays unknown with it."
        )
    acts = [act.detail for act in effect.tonnes.settle]
    if effect.tonnes.standing == "unknown" and acts:
        yield f"How much it is stays unknown. It would be settled by: {' '.join(dict.fromkeys(acts))}"


def _span(to: Setting) -> str:
    return to.share_period.replace("-", " to ")
