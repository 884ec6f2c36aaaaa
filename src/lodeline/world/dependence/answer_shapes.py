"""What an answer about dependence is made of. Every figure cites rows, and so the editions that these are from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lodeline.errors import Settle
from lodeline.units.figure import Figure
from lodeline.world.dependence.indicator import Indicator
from lodeline.world.trade.forms import TradedForm

if TYPE_CHECKING:
    import polars


class Supplier(msgspec.Struct, frozen=True, kw_only=True):
    """A country in the imports of another in one form; or ``untraced``, or ``returned``, which are none.

    Attributes:
        country: Alpha-3, or a code of the publisher's own.
        shipped: What it shipped itself, gross, TNE; with limits where a tonnage is not published.
        direct: Its share of all that arrived, by mass, P1. direct_by_value: by value, P1.
        mined: Its published mine output, TNE of the element; None where it is not listed or nothing is traced.
        traced: Share of what was mined there, if each country mixes what it has, P1; None where nothing is traced.
        doubt: By how many points what is not published may move it; None where nothing is traced.
        origin: What of all that arrived was mined there, TNE of the element: as traced, and at least and at most
            whatever was mixed with what; None where nothing is traced.
    """

    country: str
    shipped: Figure
    direct: Figure
    direct_by_value: Figure
    mined: Figure | None = None
    traced: Figure | None = None
    doubt: float | None = None
    origin: Figure | None = None


class TradeShares(msgspec.Struct, frozen=True, kw_only=True):
    """A country's imports of one form in one year by a trade table.

    Attributes:
        edition: Of the trade table. mines: edition of the mine output; empty where nothing is traced.
        arrived: All that came, gross, TNE. value: of it, USD. point: what must come from elsewhere instead of one
            supplier, at an unchanged total, for its direct share to fall by one point, TNE.
        suppliers: The largest traced share first, else the largest direct one.
        unlisted: Share that was shipped by countries without a listed mine, P1; None where nothing is traced.
        concentration: Of direct shares by mass. concentration_of_mines: of traced ones, where what is untraced may be
            anyone's; empty where nothing is traced.
        followed: Codes by which the element was followed. not_traced: why nothing is traced; empty where it is.
        supposes: What the shares and the bounds rest on, in sentences.
    """

    edition: str
    mines: str
    arrived: Figure
    value: Figure
    point: Figure
    suppliers: tuple[Supplier, ...]
    unlisted: Figure | None
    concentration: tuple[Indicator, ...]
    concentration_of_mines: tuple[Indicator, ...]
    followed: tuple[str, ...]
    not_traced: str
    supposes: tuple[str, ...]

    def supplier(self, country: str) -> Supplier:
        """The one of this code."""
        return next(one for one in self.suppliers if one.country == country)


class PublishedShares(msgspec.Struct, frozen=True, kw_only=True):
    """Import shares as an edition publishes them, of several years together.

    Attributes:
        form: As the edition names it. period: a span such as ``2021-2024``.
        shares: By country, P1; ``OTH`` are those not named.
        concentration: Of them. edition: which one.
    """

    form: str
    period: str
    shares: dict[str, Figure]
    concentration: tuple[Indicator, ...]
    edition: str


class FormAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One form.

    Attributes:
        form: Name, code and stage. content: kilograms of the element in one, C62.
        imports: What the edition's own country imported in lines that hold this form, TNE, by line.
        trade: By a trade table; None where none at hand has it.
        published: Import shares of the edition in a line that holds this form; None where there is none.
        missing: What would settle it where no trade table is at hand.
    """

    form: TradedForm
    content: Figure
    imports: dict[str, Figure]
    trade: TradeShares | None
    published: PublishedShares | None
    missing: Settle | None


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """What the countries of the world mined or made in a year, at one stage.

    Attributes:
        measure, form: As the edition names them. stage: how far the material had come, as far as it is said.
        tonnes: By country, TNE; ``OTH`` are those not named. shares: of them all together, P1.
        concentration: Of them; empty where nobody's is known. edition: which one.
    """

    measure: str
    form: str
    stage: str
    tonnes: dict[str, Figure]
    shares: dict[str, Figure]
    concentration: tuple[Indicator, ...]
    edition: str


class National(msgspec.Struct, frozen=True, kw_only=True):
    """What an edition reports of the importer itself; unknown throughout where it reports another country only.

    Attributes:
        edition: Which one.
        consumption: Apparent consumption, TNE. reliance: net import reliance as published, P1.
        imports: In the forms that count for it, TNE.
        point_of_imports: What must come from elsewhere instead of one supplier for its share in these imports to fall
            by one point, TNE. point_of_consumption: what must be made at home instead of imported for net import
            reliance to fall by one point, TNE.
        computed: Net import reliance computed again and months of cover, as far as the inputs are published.
        missing: What is not reported, with what would settle it.
    """

    edition: str
    consumption: Figure
    reliance: Figure
    imports: Figure
    point_of_imports: Figure
    point_of_consumption: Figure
    computed: tuple[Indicator, ...]
    missing: tuple[Settle, ...]


class Dependence(msgspec.Struct, frozen=True, kw_only=True):
    """What a country's supply of an element depends on in a year.

    Attributes:
        element: Symbol or group. commodity, plain: as editions group it, and as a sentence names it.
        importer: Alpha-3. year: of all but published import shares, which are of a span of years.
        editions: All that figures here are from. sentence: what matters most, in words. unused: that the trade table
            which was given has nothing of the year, in words; empty where it has, or none was given.
        forms: Those asked, mined ones first.
        also_published: Import shares of the edition in lines that are no form of the table of forms.
        national: Consumption, reliance, cover and points, as far as the edition reports the country.
        outputs: Who in the world mined and made it, by stage.
        missing: What no table at hand has, with what would settle it.
    """

    element: str
    commodity: str
    plain: str
    importer: str
    year: str
    editions: tuple[str, ...]
    sentence: str
    forms: tuple[FormAnswer, ...]
    also_published: tuple[PublishedShares, ...]
    national: National
    outputs: tuple[Output, ...]
    missing: tuple[Settle, ...]
    unused: str = ""

    def form(self, name: str) -> FormAnswer:
        """The answer of a form by its name."""
        return next(one for one in self.forms if one.form.name == name)

    def table(self) -> polars.DataFrame:
        """A row a figure, as of :func:`lodeline.world.dependence.answer_table.rows`; unknown is null."""
        import polars

        from lodeline.world.dependence.answer_table import NUMBERS, TEXTS, rows

        schema = {**dict.fromkeys(TEXTS, polars.String), **dict.fromkeys(NUMBERS, polars.Float64)}
        return polars.DataFrame([list(row) for row in rows(self)], schema=schema, orient="row")
