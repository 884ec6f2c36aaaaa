"""Names of figures: what a user types to ask about one, and what tables print beside it.

    WHAT of LOT [ACT] [at PLACE] [entry N]     a lot as it was made, shipped, received, used or held
    WHAT held [at PLACE] [of MATERIAL]         all that is held at the end of the book
    WHAT LINE [KEY=VALUE ...]                  a line of an account, as ``lodeline balance`` prints it
    bias of INSTRUMENT [in ELEMENT|moisture] [by METHOD] [since DAY]

WHAT is ``dry``, the symbol of an element, or a group that the policy declares. Without an act a lot is meant as it was
made, and with a place as it is held there at the end. A name is of all flows that it fits: of a lot that was shipped
twice, ``shipped`` is both, and ``entry`` tells them apart. What is of no lot, the stock of a process or store and a
declared loss, has ``process`` for a lot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from lodeline.metal.flows.words import FLOW_KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.reconciliation.biases import Bias

    Rows = NDArray[np.int64]

ACT: Final = {
    "arising": "made",
    "process_out": "made",
    "ship": "shipped",
    "receive": "received",
    "process_in": "used",
    "ending": "ended",
    "transfer": "transferred",
    "stock": "kept",
    "closing": "held",
    "transit_loss": "lost",
    "loss": "lost",
}
"""The word for each kind of flow: what happened to the lot there."""
ACTS: Final = tuple(dict.fromkeys(ACT.values()))
DRY: Final = "dry"
NO_LOT: Final = "process"
"""What stands for a lot in the name of what is of none."""
MOISTURE: Final = "moisture"
NEVER: Final = (-(2**63), 0)
"""Beginnings of a bias that say no day."""


def acts(flows: Flows) -> list[str]:
    """(flow,) the word of each."""
    words = [ACT[word] for word in FLOW_KINDS]
    return [words[code] for code in flows.flows["kind"].tolist()]


def names(flows: Flows, what: str) -> list[str]:
    """(flow,) the name of what each flow holds."""
    lots, seqs, where, words = (
        flows.flows["lot"].tolist(),
        flows.flows["seq"].tolist(),
        flows.places.tolist(),
        acts(flows),
    )
    keys = list(zip(lots, words, where, strict=True))
    several = Counter(keys)
    return [
        _name(flows, what, lot, word, place, seq if several[lot, word, place] > 1 else None)
        for (lot, word, place), seq in zip(keys, seqs, strict=True)
    ]


def name_of(flows: Flows, what: str, flow: int) -> str:
    """The name of what one flow holds."""
    flow_table, where = flows.flows, flows.places
    lot, place, kind = (int(column[flow]) for column in (flow_table["lot"], where, flow_table["kind"]))
    word = ACT[FLOW_KINDS[kind]]
    kinds = [code for code, one in enumerate(FLOW_KINDS) if ACT[one] == word]
    same = (flow_table["lot"] == lot) & (where == place) & np.isin(flow_table["kind"], kinds)
    return _name(flows, what, lot, word, place, int(flow_table["seq"][flow]) if same.sum() > 1 else None)


def _name(flows: Flows, what: str, lot: int, word: str, place: int, entry: int | None) -> str:
    text = f"{what} of {NO_LOT if lot < 0 else token(flows.names[lot])} {word}"
    if place >= 0:
        text += f" at {token(flows.names[place])}"
    return text if entry is None else f"{text} entry {entry}"


def described(flows: Flows, flow: int) -> str:
    """A flow in the words of a sentence: ``lot L as it was shipped at P``."""
    lot = flows.name(int(flows.flows["lot"][flow]))
    place = flows.name(int(flows.places[flow]))
    word = ACT[FLOW_KINDS[int(flows.flows["kind"][flow])]]
    where = f" at {place}" if place is not None else ""
    if lot is None:
        return f"what was {word}{where} (entry {int(flows.flows['seq'][flow])})"
    return f"lot {lot} as it {'is' if word == 'held' else 'was'} {word}{where}"


def bias_name(bias: Bias) -> str:
    """The name of a bias."""
    parts = [f"bias of {token(bias.id)}"]
    if bias.subject:
        parts.append(f"in {MOISTURE if bias.subject == 'H2O' else bias.subject}")
    if bias.method:
        parts.append(f"by {token(bias.method)}")
    if bias.begins not in NEVER:
        parts.append(f"since {day(bias.begins)}")
    return " ".join(parts)


def day(microseconds: int) -> str:
    """The UTC day of an instant, as master data write it."""
    return str(np.datetime64(microseconds, "us").astype("datetime64[D]"))


def token(text: str) -> str:
    """Text as one word of a name: in quotes where it has blanks or quotes in it."""
    if text and not any(character.isspace() or character in "\"'\\" for character in text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def account_name(what: str, line: str, keys: Sequence[tuple[str, str | None]]) -> str:
    """The name of a line of an account: its keys in the order of the account, an unsaid one empty."""
    return " ".join([what, line, *(f"{key}={token(value) if value else ''}" for key, value in keys)])
