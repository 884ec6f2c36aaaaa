"""Whole events of all five types for hypothesis, and other spellings of the same event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from lodeline.ids.epc import to_digital_link
from lodeline.record.context import Context
from lodeline.record.vocabulary import CBV, GS1, WORDS

NAMESPACE = "https://ns.example.org/metal/"
CONTEXT = Context.parse(
    [
        "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        {"ex": NAMESPACE, "other": {"@id": NAMESPACE}, "lots": "https://lots.example.com/"},
    ]
)

Draw = Callable[[st.SearchStrategy[Any]], Any]

_digits = st.text("0123456789", min_size=1, max_size=6)
_serial = st.text("ABCXYZ0123456789-_.", min_size=1, max_size=8)
_words_text = st.text("abc XYZ012-", min_size=1, max_size=10).filter(lambda text: text.strip() == text)

items = st.builds("urn:epc:id:sgtin:4012345.{:0>6}.{}".format, _digits, _serial)
crates = st.builds("urn:epc:id:sscc:4012345.{:0>10}".format, _digits)
assets = st.builds("urn:epc:id:giai:4012345.{}".format, _serial)
lots = st.builds("urn:epc:class:lgtin:4012345.{:0>6}.{}".format, _digits, _serial)
classes = st.builds("urn:epc:idpat:sgtin:4012345.{:0>6}.*".format, _digits)
places = st.builds(
    "urn:epc:id:sgln:4012345.{:0>5}.{}".format, st.text("0123456789", max_size=5), st.sampled_from("017")
)
parties = st.builds("urn:epc:id:pgln:4012345.{:0>5}".format, st.text("0123456789", max_size=5))
documents = st.builds("urn:epcglobal:cbv:bt:4012345000009:{}".format, _serial)
own = st.builds("https://lots.example.com/{}".format, _serial)

epcs = st.lists(items | crates | assets | own, min_size=1, max_size=4)
numbers = st.integers(0, 10**9) | st.decimals(0, 10**9, places=3)
quantities = st.lists(
    st.fixed_dictionaries(
        {"epcClass": lots | classes | own},
        optional={"quantity": numbers, "uom": st.sampled_from(["KGM", "TNE", "LBR"])},
    ),
    min_size=1,
    max_size=3,
)


def words(field: str) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(WORDS[field]))


instants = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(
    lambda when: when.replace(microsecond=when.microsecond // 1000 * 1000).isoformat(timespec="milliseconds") + "Z"
)

extension_values = st.recursive(
    _words_text | numbers | st.booleans() | items,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.sampled_from(["ex:p", "ex:q", "ex:r"]), inner, min_size=1, max_size=3)
    ),
    max_leaves=5,
)

reports = st.fixed_dictionaries(
    {"type": words("measurementType")},
    optional={
        "value": numbers,
        "sDev": numbers,
        "time": instants,
        "deviceID": assets,
        "component": words("component"),
        "exception": words("exception"),
        "stringValue": _words_text,
        "booleanValue": st.booleans(),
        "chemicalSubstance": own,
        "uom": st.sampled_from(["KGM", "P1"]),
        "ex:basis": _words_text,
    },
)
elements = st.lists(
    st.fixed_dictionaries(
        {"sensorReport": st.lists(reports, min_size=1, max_size=3)},
        optional={"sensorMetadata": st.fixed_dictionaries({"time": instants}, optional={"deviceID": assets})},
    ),
    min_size=1,
    max_size=2,
)


def typed(name: str, vocabulary: str, target: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.lists(st.fixed_dictionaries({name: target}, optional={"type": words(vocabulary)}), min_size=1, max_size=3)


_always = {"eventTime": instants, "eventTimeZoneOffset": st.sampled_from(["+05:00", "-06:00", "+00:00"])}
_often = {
    "bizStep": words("bizStep"),
    "disposition": words("disposition"),
    "persistentDisposition": st.fixed_dictionaries({"set": st.lists(words("disposition"), min_size=1, max_size=3)}),
    "readPoint": st.fixed_dictionaries({"id": places | own}),
    "bizLocation": st.fixed_dictionaries({"id": places}),
    "bizTransactionList": typed("bizTransaction", "bizTransactionType", own | documents),
    "sourceList": typed("source", "sourceOrDestinationType", places | parties),
    "destinationList": typed("destination", "sourceOrDestinationType", places | parties),
    "sensorElementList": elements,
    "certificationInfo": st.lists(own, min_size=1, max_size=2),
    "ex:note": extension_values,
    "ex:more": extension_values,
}
_action = {"action": st.sampled_from(["ADD", "OBSERVE", "DELETE"])}
_ilmd = {
    "ilmd": st.dictionaries(st.sampled_from(["ex:stage", "ex:grade", "cbvmda:lotNumber"]), extension_values, min_size=1)
}
_children = {"parentID": crates, "childEPCs": epcs, "childQuantityList": quantities}

_types: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ObjectEvent": (_action, {"epcList": epcs, "quantityList": quantities, **_ilmd}),
    "AggregationEvent": (_action, _children),
    "AssociationEvent": (_action, _children),
    "TransactionEvent": (_action, {"parentID": crates, "epcList": epcs, "quantityList": quantities}),
    "TransformationEvent": (
        {},
        {
            "inputEPCList": epcs,
            "inputQuantityList": quantities,
            "outputEPCList": epcs,
            "outputQuantityList": quantities,
            "transformationID": own,
            **_ilmd,
        },
    ),
}

events = st.one_of(
    st.fixed_dictionaries({"type": st.just(name), **_always, **required}, optional={**_often, **optional})
    for name, (required, optional) in _types.items()
)

_FIELDS = {
    "bizStep": "bizStep", "disposition": "disposition", "set": "disposition", "component": "component",
    "exception": "exception",
}  # fmt: skip
_TYPE_OF = {
    "bizTransactionList": "bizTransactionType", "sourceList": "sourceOrDestinationType",
    "destinationList": "sourceOrDestinationType", "sensorReport": "measurementType",
}  # fmt: skip
_STEMS = {
    "bizStep": ("BizStep", "bizstep"), "disposition": ("Disp", "disp"), "bizTransactionType": ("BTT", "btt"),
    "sourceOrDestinationType": ("SDT", "sdt"), "component": ("Comp", "comp"),
}  # fmt: skip


def vocabulary_of(path: tuple[Any, ...]) -> str | None:
    """Which standard vocabulary holds the value at a path; None outside the standard fields."""
    names = [each for each in path if isinstance(each, str)]
    if any(name.startswith(("ex:", "cbvmda:")) or name == "ilmd" for name in names):
        return None
    if names[-1] == "type" and len(names) > 1:
        return _TYPE_OF.get(names[-2])
    return _FIELDS.get(names[-1])


def respelled_word(vocabulary: str, word: str, draw: Draw) -> str:
    if vocabulary in ("measurementType", "exception"):
        return draw(st.sampled_from([word, f"gs1:{word}", GS1 + word, f"https://ref.gs1.org/voc/{word}"]))
    stem, family = _STEMS[vocabulary]
    forms = [
        word, f"cbv:{stem}-{word}", f"urn:epcglobal:cbv:{family}:{word}", f"{CBV}{stem}-{word}",
        f"http://ref.gs1.org/cbv/{stem}-{word}", f"https://ns.gs1.org/cbv/{stem}-{word}",
    ]  # fmt: skip
    return draw(st.sampled_from(forms))


def respelled_text(text: str, draw: Draw) -> str:
    if text.startswith("urn:epc:"):
        link = to_digital_link(text)
        tail = link.removeprefix("https://id.gs1.org")
        text = draw(
            st.sampled_from([text, link, f"http://shop.example.com/dl{tail}", f"https://example.org{tail}?a=1#b"])
        )
    elif text.startswith("https://lots.example.com/"):
        text = draw(st.sampled_from([text, "lots:" + text.removeprefix("https://lots.example.com/")]))
    return draw(st.sampled_from([text, f" {text}", f"{text}\n"]))


def respelled_number(number: int | Decimal, draw: Draw) -> int | Decimal:
    exact = Decimal(number)
    zeros = draw(st.integers(0, 6))
    return draw(st.sampled_from([number, Decimal(f"{exact:f}" + ("" if "." in f"{exact:f}" else ".") + "0" * zeros)]))


def respelled_instant(text: str, draw: Draw) -> str:
    minutes = draw(st.integers(-14 * 60, 14 * 60))
    local = datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone(timedelta(minutes=minutes)))
    base, zone = local.isoformat(timespec="milliseconds")[:-6], local.isoformat()[-6:]
    return base + draw(st.sampled_from(["", "0", "0000", "04999"])) + zone


def respelled(value: Any, draw: Draw, path: tuple[Any, ...] = ()) -> Any:
    """The same event, written in another way: order, words, identifiers, zones, zeros, names."""
    if isinstance(value, dict):
        pairs = [(_name(name, draw), respelled(each, draw, (*path, name))) for name, each in value.items()]
        return dict(draw(st.permutations(pairs)))
    if isinstance(value, list):
        return draw(st.permutations([respelled(each, draw, (*path, at)) for at, each in enumerate(value)]))
    if path in (("type",), ("eventTimeZoneOffset",)) or isinstance(value, bool):
        return value
    if not isinstance(value, str):
        return respelled_number(value, draw)
    if path[-1] in ("eventTime", "time"):
        return respelled_instant(value, draw)
    vocabulary = vocabulary_of(path)
    return respelled_word(vocabulary, value, draw) if vocabulary else respelled_text(value, draw)


def _name(name: str, draw: Draw) -> str:
    if not name.startswith("ex:"):
        return name
    return draw(st.sampled_from([name, name.replace("ex:", "other:"), name.replace("ex:", NAMESPACE)]))


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values that are neither object nor array."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    return [path] if inner is None else [leaf for name, each in inner for leaf in leaves(each, (*path, name))]


def changed(value: Any, path: tuple[Any, ...], draw: Draw, whole: tuple[Any, ...] = ()) -> Any:
    """The event with the one value at ``path`` changed into another that means something else."""
    if path:
        name, *rest = path
        inner = changed(value[name], tuple(rest), draw, (*whole, name))
        if isinstance(value, dict):
            return value | {name: inner}
        return [*value[:name], inner, *value[name + 1 :]]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | Decimal):
        return value + draw(st.sampled_from([1, -1, Decimal("1E-9"), Decimal("1E+15")]))
    if whole[-1] in ("eventTime", "time"):
        later = timedelta(milliseconds=draw(st.integers(1, 10**9)))
        return (datetime.fromisoformat(value.replace("Z", "+00:00")) + later).isoformat(timespec="milliseconds")
    vocabulary = vocabulary_of(whole)
    if vocabulary:
        return draw(st.sampled_from(sorted(WORDS[vocabulary] - {value})))
    return value + draw(st.sampled_from(["0", "x", "-1"]))
