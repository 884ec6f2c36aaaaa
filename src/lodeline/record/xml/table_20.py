"""Tables of elements of EPCIS 2.0 in XML: documents, events and their parts.

Source: GS1 EPCIS 2.0, section 9. Rows as in ``table_shared``.
"""

from __future__ import annotations

from typing import Final

from lodeline.record.xml.table_shared import Row

_BASE: Final = (
    "eventTime:stamp recordTime:stamp? eventTimeZoneOffset:string eventID:uri? "
    "errorDeclaration:ErrorDeclarationType? certificationInfo:uri? baseExtension:OtherBag? "
)
_STEP: Final = (
    "bizStep:uri? disposition:uri? readPoint:PlaceType? bizLocation:PlaceType? "
    "bizTransactionList:BusinessTransactionListType? "
)
_PARTIES: Final = "sourceList:SourceListType? destinationList:DestinationListType? "
_SENSORS: Final = "sensorElementList:SensorElementListType? persistentDisposition:PersistentDispositionType? "
_END: Final = "extension:OtherBag? other*"

EVENTS: Final[dict[str, str]] = {
    name: f"{name}Type"
    for name in ("ObjectEvent", "AggregationEvent", "TransformationEvent", "TransactionEvent", "AssociationEvent")
}

TABLE: Final[tuple[Row, ...]] = (
    (
        "EPCISDocumentType",
        "EPCISHeader:EPCISHeaderType? EPCISBody:EPCISBodyType extension:LocalBag? other*",
        "schemaVersion:decimal! creationDate:dateTime! …",
    ),
    ("EPCISHeaderType", "sbdh:StandardBusinessDocumentHeader:SBDHType? extension:EPCISHeaderExtensionType?", "…"),
    ("EPCISHeaderExtensionType", "EPCISMasterData:EPCISMasterDataType? extension:LocalBag?", "…"),
    ("EPCISBodyType", "EventList:EventListType? extension:LocalBag? other*", "…"),
    ("EventListType", "(" + " | ".join(f"{n}:{t}" for n, t in EVENTS.items()) + " | extension:OtherBag)*", "…"),
    (
        "ObjectEventType",
        f"{_BASE}epcList:EPCListType? action:action {_STEP}quantityList:QuantityListType? {_PARTIES}{_SENSORS}"
        f"ilmd:ILMDType? {_END}",
        "…",
    ),
    (
        "AggregationEventType",
        f"{_BASE}parentID:uri? childEPCs:EPCListType? action:action {_STEP}childQuantityList:QuantityListType? "
        f"{_PARTIES}{_SENSORS}{_END}",
        "…",
    ),
    (
        "TransactionEventType",
        f"{_BASE}bizTransactionList:BusinessTransactionListType parentID:uri? epcList:EPCListType? action:action "
        "bizStep:uri? disposition:uri? readPoint:PlaceType? bizLocation:PlaceType? quantityList:QuantityListType? "
        f"{_PARTIES}{_SENSORS}{_END}",
        "…",
    ),
    (
        "TransformationEventType",
        f"{_BASE}inputEPCList:EPCListType? inputQuantityList:QuantityListType? outputEPCList:EPCListType? "
        f"outputQuantityList:QuantityListType? transformationID:uri? {_STEP}{_PARTIES}{_SENSORS}ilmd:ILMDType? {_END}",
        "…",
    ),
    (
        "AssociationEventType",
        f"{_BASE}parentID:uri childEPCs:EPCListType? childQuantityList:QuantityListType? action:action "
        f"{_STEP}{_PARTIES}{_SENSORS}{_END}",
        "…",
    ),
    ("EPCListType", "epc:EPC*", ""),
    ("EPC", "@string", ""),
    ("PersistentDispositionType", "unset:uri* set:uri*", ""),
    ("QuantityElementType", "epcClass:uri [ quantity:decimal! uom:string? ]", ""),
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
        "(declarationTime:stamp | reason:uri | correctiveEventIDs:CorrectiveEventIDsType | extension:LocalBag | "
        "other)*",
        "…",
    ),
    ("SensorElementListType", "sensorElement:SensorElementType+ extension:LocalBag?", ""),
    (
        "SensorElementType",
        "sensorMetadata:SensorMetadataType? sensorReport:SensorReportType+ extension:LocalBag? other*",
        "",
    ),
    (
        "SensorMetadataType",
        "@string",
        "time:stamp deviceID:uri deviceMetadata:uri rawData:uri startTime:stamp endTime:stamp bizRules:uri "
        "dataProcessingMethod:uri …",
    ),
    (
        "SensorReportType",
        "@string",
        "type:uri value:double component:uri stringValue:string booleanValue:boolean hexBinaryValue:hex uriValue:uri "
        "uom:string minValue:double maxValue:double sDev:double chemicalSubstance:uri microorganism:uri deviceID:uri "
        "deviceMetadata:uri rawData:uri time:stamp meanValue:double percRank:double percValue:double "
        "dataProcessingMethod:uri coordinateReferenceSystem:uri exception:uri …",
    ),
    (
        "EPCISCaptureJobType",
        "captureErrorBehaviour:behaviour createdAt:stamp? finishedAt:stamp? "
        "(errors:CaptureErrors | errorFile:uri)? other*",
        "running:boolean! success:boolean! captureID:string! …",
    ),
    ("CaptureErrors", "error:ProblemType+", ""),
    ("ProblemType", "type:uri title:string status:int? detail:string? instance:uri? other*", ""),
)

ROOTS: Final[dict[str, str]] = {
    "epcis:EPCISDocument": "EPCISDocumentType",
    "epcis:EPCISCaptureJob": "EPCISCaptureJobType",
    "epcis:EPCISException": "ProblemType",
    "epcismd:EPCISMasterDataDocument": "EPCISMasterDataDocumentType",
}
