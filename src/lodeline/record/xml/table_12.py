"""Tables of elements of EPCIS 1.2 in XML, and so of 1.0 and 1.1: what came later stands in ``extension``.

Source: GS1 EPCIS 1.2, section 9. Rows as in ``table_shared``.
"""

from __future__ import annotations

from typing import Final

from lodeline.record.xml.table_shared import Row

_BASE: Final = "eventTime:dateTime recordTime:dateTime? eventTimeZoneOffset:string baseExtension:BaseExtensionType? "
_STEP: Final = (
    "bizStep:uri? disposition:uri? readPoint:PlaceType? bizLocation:PlaceType? "
    "bizTransactionList:BusinessTransactionListType? "
)
_PARTIES: Final = "sourceList:SourceListType? destinationList:DestinationListType? "

EVENTS: Final[dict[str, str]] = {
    name: f"{name}Type" for name in ("ObjectEvent", "AggregationEvent", "QuantityEvent", "TransactionEvent")
}

EXTENSION_EVENTS: Final[dict[str, str]] = {"TransformationEvent": "TransformationEventType"}

TABLE: Final[tuple[Row, ...]] = (
    (
        "EPCISDocumentType",
        "EPCISHeader:EPCISHeaderType? EPCISBody:EPCISBodyType extension:LocalBag? other*",
        "schemaVersion:decimal! creationDate:dateTime! …",
    ),
    (
        "EPCISHeaderType",
        "sbdh:StandardBusinessDocumentHeader:SBDHType extension:EPCISHeaderExtensionType? other*",
        "…",
    ),
    ("EPCISHeaderExtensionType", "EPCISMasterData:EPCISMasterDataType? extension:LocalBag?", "…"),
    ("EPCISBodyType", "EventList:EventListType? extension:LocalBag? other*", "…"),
    (
        "EventListType",
        "(" + " | ".join(f"{n}:{t}" for n, t in EVENTS.items()) + " | extension:EventListExtensionType | other)*",
        "…",
    ),
    # One each, by the letter; documents with several in one extension are common, and leave no doubt.
    ("EventListExtensionType", "(TransformationEvent:TransformationEventType | extension:LocalBag)+", "…"),
    (
        "BaseExtensionType",
        "eventID:uri? errorDeclaration:ErrorDeclarationType? extension:LocalBag?",
        "…",
    ),
    (
        "ObjectEventType",
        f"{_BASE}epcList:EPCListType action:action {_STEP}extension:ObjectEventExtensionType? other*",
        "…",
    ),
    (
        "ObjectEventExtensionType",
        f"quantityList:QuantityListType? {_PARTIES}ilmd:ILMDType? extension:LocalBag?",
        "…",
    ),
    (
        "AggregationEventType",
        f"{_BASE}parentID:uri? childEPCs:EPCListType action:action {_STEP}"
        "extension:AggregationEventExtensionType? other*",
        "…",
    ),
    (
        "AggregationEventExtensionType",
        f"childQuantityList:QuantityListType? {_PARTIES}extension:LocalBag?",
        "…",
    ),
    ("QuantityEventType", f"{_BASE}epcClass:uri quantity:int {_STEP}extension:LocalBag? other*", "…"),
    (
        "TransactionEventType",
        f"{_BASE}bizTransactionList:BusinessTransactionListType parentID:uri? epcList:EPCListType action:action "
        "bizStep:uri? disposition:uri? readPoint:PlaceType? bizLocation:PlaceType? "
        "extension:TransactionEventExtensionType? other*",
        "…",
    ),
    ("TransactionEventExtensionType", f"quantityList:QuantityListType? {_PARTIES}extension:LocalBag?", "…"),
    (
        "TransformationEventType",
        f"{_BASE}inputEPCList:EPCListType? inputQuantityList:QuantityListType? outputEPCList:EPCListType? "
        f"outputQuantityList:QuantityListType? transformationID:uri? {_STEP}{_PARTIES}ilmd:ILMDType? "
        "extension:LocalBag? other*",
        "…",
    ),
    ("EPCListType", "epc:EPC*", ""),
    ("EPC", "@string", ""),
    ("QuantityElementType", "epcClass:uri [ quantity:decimal uom:string? ]", ""),
    ("QuantityListType", "quantityElement:QuantityElementType*", ""),
    ("PlaceType", "id:uri extension:LocalBag? other*", ""),
    ("BusinessTransactionType", "@uri", "type:uri"),
    ("BusinessTransactionListType", "bizTransaction:BusinessTransactionType+", ""),
    ("SourceDestType", "@uri", "type:uri!"),
    ("SourceListType", "source:SourceDestType+", ""),
    ("DestinationListType", "destination:SourceDestType+", ""),
    ("ILMDType", "extension:LocalBag? other*", "…"),
    ("CorrectiveEventIDsType", "correctiveEventID:uri*", ""),
    (
        "ErrorDeclarationType",
        "declarationTime:dateTime reason:uri? correctiveEventIDs:CorrectiveEventIDsType? extension:LocalBag? other*",
        "…",
    ),
)

ROOTS: Final[dict[str, str]] = {
    "epcis:EPCISDocument": "EPCISDocumentType",
    "epcismd:EPCISMasterDataDocument": "EPCISMasterDataDocumentType",
}
