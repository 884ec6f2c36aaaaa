"""Every name that the publisher has for a country is the country it means, one by one."""

from __future__ import annotations

import csv
import io

import pytest

from lodeline.errors import InputError
from lodeline.world.country import alpha3, country_name
from lodeline.world.statistics.usgs import decoded
from lodeline.world.statistics.usgs_world import country_of
from tests.outside import DATA, needs_data

PLAIN = """
Afghanistan AFG,Algeria DZA,Angola AGO,Argentina ARG,Armenia ARM,Australia AUS,Austria AUT,Azerbaijan AZE,Bahrain BHR,
Belarus BLR,Belgium BEL,Bhutan BTN,Bolivia BOL,Botswana BWA,Brazil BRA,Bulgaria BGR,Burkina Faso BFA,Burma MMR,
Burundi BDI,Cameroon CMR,Canada CAN,Chile CHL,China CHN,Colombia COL,Congo (Kinshasa) COD,Congo (Brazzaville) COG,
Cuba CUB,Cyprus CYP,Czechia CZE,Côte d’Ivoire CIV,Denmark DNK,Ecuador ECU,Egypt EGY,Estonia EST,Ethiopia ETH,
Finland FIN,France FRA,Gabon GAB,Georgia GEO,Germany DEU,Ghana GHA,Greece GRC,Greenland GRL,Guatemala GTM,Guinea GIN,
Guyana GUY,Honduras HND,Hungary HUN,Iceland ISL,India IND,Indonesia IDN,Iran IRN,Iraq IRQ,Ireland IRL,Israel ISR,
Italy ITA,Jamaica JAM,Japan JPN,Jordan JOR,Kazakhstan KAZ,Kenya KEN,Kosovo XKX,Kuwait KWT,Kyrgyzstan KGZ,Laos LAO,
Latvia LVA,Lesotho LSO,Lithuania LTU,Madagascar MDG,Malaysia MYS,Mali MLI,Mauritania MRT,Mexico MEX,Mongolia MNG,
Morocco MAR,Mozambique MOZ,Namibia NAM,Netherlands NLD,New Caledonia NCL,New Zealand NZL,Nicaragua NIC,Nigeria NGA,
Norway NOR,Oman OMN,Pakistan PAK,Papua New Guinea PNG,Peru PER,Philippines PHL,Poland POL,Portugal PRT,Qatar QAT,
Russia RUS,Rwanda RWA,Saudi Arabia SAU,Senegal SEN,Serbia SRB,Sierra Leone SLE,Slovakia SVK,South Africa ZAF,Spain ESP,
Sri Lanka LKA,Sweden SWE,Switzerland CHE,Syria SYR,Taiwan TWN,Tajikistan TJK,Tanzania TZA,Thailand THA,The Bahamas BHS,
Togo TGO,Trinidad and Tobago TTO,Tunisia TUN,Turkey TUR,Turkmenistan TKM,Uganda UGA,Ukraine UKR,
United Arab Emirates ARE,United Kingdom GBR,United States USA,Uzbekistan UZB,Venezuela VEN,Vietnam VNM,Zambia ZMB,
Zimbabwe ZWE,Other countries OTH,Other Countries OTH,World total WLD,World total (rounded) WLD
"""
NAMES = {
    **dict(one.strip().rsplit(" ", 1) for one in PLAIN.replace("\n", "").split(",") if one.strip()),
    "Korea, North": "PRK",
    "Korea, Republic of": "KOR",
    "China, Germany, and Russia": "CHN+DEU+RUS",
    "United States and Canada": "CAN+USA",
    "United\u00a0States and Canada": "CAN+USA",
    "World total (rounded) 10": "WLD",
    "Canada ": "CAN",
    "Russia ": "RUS",
}
BRACKETED = {
    "Brazil (beneficiated, marketable)": ("BRA", "beneficiated-marketable", False),
    "China (andalusite, crude ore)": ("CHN", "andalusite-crude-ore", False),
    "Denmark (processed)": ("DNK", "processed", False),
    "Italy (includes steatite)": ("ITA", "includes-steatite", False),
    "Peru (exports)": ("PER", "exports", False),
    "United States (from Cliffside Field)": ("USA", "from-cliffside-field", False),
    "United\u00a0States (kyanite)": ("USA", "kyanite", False),
    "Other countries (includes crude)": ("OTH", "includes-crude", False),
    "Other countries (rounded)": ("OTH", "", True),
    "World total (ilmenite and rutile, rounded)": ("WLD", "ilmenite-and-rutile", True),
    "World total (rounded), natural": ("WLD", "natural", True),
    "Congo (Kinshasa)": ("COD", "", False),
}


@pytest.mark.parametrize(("name", "code"), NAMES.items())
def test_a_published_name_is_the_country_it_means(name: str, code: str):
    assert alpha3(name) == code


@pytest.mark.parametrize(("name", "wanted"), BRACKETED.items())
def test_what_stands_in_brackets_behind_a_country_says_what_is_counted(name: str, wanted: tuple[str, str, bool]):
    assert country_of(name, 2) == wanted


@needs_data
def test_no_name_of_the_two_files_is_left_out_of_these_tests():
    newer = decoded((DATA / "usgs" / "MCS2026_Commodities_Data.cp1252.csv").read_bytes())
    older = decoded((DATA / "usgs" / "MCS2025_World_Data.csv").read_bytes())
    names = {cells["Country"] for cells in csv.DictReader(io.StringIO(newer, newline=""))}
    names |= {cells["COUNTRY"] for cells in csv.DictReader(io.StringIO(older, newline=""))}

    plain = {name for name in names if name.strip() not in NAMES and name not in NAMES}
    assert all("(" in name for name in plain), plain
    assert {country_of(name, 2)[0] for name in plain} <= set(NAMES.values())


@pytest.mark.parametrize(
    ("name", "near"), [("Atlantis", ""), ("Pakistn", "Pakistan"), ("United States and Atlantis", ""), ("", "")]
)
def test_a_name_that_is_no_country_is_refused_with_the_nearest(name: str, near: str):
    with pytest.raises(InputError) as refusal:
        alpha3(name, 7)

    assert (refusal.value.code, refusal.value.where["line"]) == ("world.country_unknown", 7)
    assert near in str(refusal.value)


def test_countries_that_are_reported_as_one_are_given_to_neither():
    assert alpha3("United States and Canada") not in ("USA", "CAN")
    assert country_name("CAN+USA") == "Canada and United States"
    assert country_name("CHN+DEU+RUS") == "China, Germany and Russia"
    assert alpha3("Trinidad and Tobago") == "TTO"
