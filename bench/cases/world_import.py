"""A release of the Mineral Commodity Summaries imported whole, beside bare reading of its cells."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from bench.case import Outcome, Promise, Timing, case, seconds
from lodeline.world.statistics import edition, shelf, usgs

FILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "usgs" / "MCS2026_Commodities_Data.cp1252.csv"
"""The release of 2026, where it lies beside the checkout."""
HEAD = (
    "MCS chapter,Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value,Notes,"
    "Is critical mineral 2025,Other notes\r\n"
)
COUNTRIES = ("Australia", "Burma", "Canada", "China", "Congo (Kinshasa)", '"Korea, Republic of"', "Pakistan", "Turkey")
VALUES = ('"1,050"', "—", "W", "NA", "s", ">75", "700–740", "Large", "12.5")
TIMES = 3
"""How often each thing is done; the quickest counts."""


@case(title="A release of national statistics imported, figures", small=300, full=8_886)
def world_import(size: int, folder: Path) -> Outcome:
    """The first ``size`` figures of the release, or as many in its layout where it is not here."""
    content = release(size)
    path = folder / "release.csv"
    path.write_bytes(content)
    bare_s = min(seconds(lambda: bare(path))[0] for _ in range(TIMES))
    read_s = min(seconds(lambda: usgs.read_mcs(path))[0] for _ in range(TIMES))
    rows = usgs.read_mcs(path)
    put_s, _ = seconds(lambda: shelf.put("bench-1", edition.tidy_csv(rows), into=folder / "shelf"))
    text = (folder / "shelf" / "bench-1.csv").read_text(encoding="utf-8")
    load_s = min(seconds(lambda: edition.parse(text))[0] for _ in range(TIMES))
    return Outcome(
        timings=(
            Timing(what="read into rows", who="lodeline", count=size, of="figures", seconds=read_s),
            Timing(what="decoded, cells split", who="csv", count=size, of="figures", seconds=bare_s),
            Timing(what="written as tidy text, on disk", who="lodeline", count=size, of="figures", seconds=put_s),
            Timing(what="tidy text loaded", who="lodeline", count=size, of="figures", seconds=load_s),
        ),
        promises=(
            Promise(what="read and written", value=read_s + put_s, unit="s", at_most=2.0),
            Promise(what="reading over bare reading", value=read_s / bare_s, unit="times", at_most=15.0),
            Promise(what="an edition loaded", value=load_s, unit="s", at_most=0.2),
            Promise(what="figures that are rows", value=len(rows), unit=f"of {size}", at_least=size),
        ),
        notes=(f"{'the release of 2026' if FILE.is_file() else 'made in its layout'}, {len(content):,} bytes.",),
    )


def bare(path: Path) -> int:
    """What any reader has to do: decode the bytes and split the cells."""
    return sum(1 for _ in csv.reader(io.StringIO(path.read_bytes().decode("cp1252"), newline="")))


def release(size: int) -> bytes:
    """A file of ``size`` figures as the publisher has it."""
    if FILE.is_file():
        return b"".join(FILE.read_bytes().splitlines(keepends=True)[: size + 1])
    return (HEAD + "".join(map(line, range(size)))).encode("cp1252")


def line(at: int) -> str:
    """A line of a made file; no two are on the same thing."""
    country, value = COUNTRIES[at % len(COUNTRIES)], VALUES[at % len(VALUES)]
    return (
        f"ANTIMONY,World Mine Production,Antimony,{country},Production,Mine production: kind {at},metric tons,"
        f'2025,{value},Estimated.,Yes,"(Data in metric tons, antimony content, unless otherwise specified)"\r\n'
    )
