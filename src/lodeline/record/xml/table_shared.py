"""Tables of elements that versions 1.2 and 2.0 of EPCIS share: header, master data, queries and their answers.

Source: GS1 EPCIS 2.0, section 9 and 11; EPCIS 1.2, section 9 and 11; UN/CEFACT Standard Business Document Header 1.3.
A row is: name, content, attributes. "@" before the content is the simple type of a text; "…" stands for attributes of
any name.
"""

from __future__ import annotations

from typing import Final

Row = tuple[str, str, str]

HEADER: Final[tuple[Row, ...]] = (
    ("EPCISMasterDataType", "VocabularyList:VocabularyListType extension:LocalBag?", ""),
    ("VocabularyListType", "Vocabulary:VocabularyType*", ""),
    (
        "VocabularyType",
        "VocabularyElementList:VocabularyElementListType? extension:LocalBag? other*",
        "type:uri! …",
    ),
    ("VocabularyElementListType", "VocabularyElement:VocabularyElementType+", ""),
    (
        "VocabularyElementType",
        "attribute:AttributeType* children:IDListType? extension:LocalBag? other*",
        "id:uri! …",
    ),
    ("AttributeType", "free", "id:uri! …"),
    ("IDListType", "id:uri*", "…"),
    ("LocalBag", "local+", "…"),
    ("OtherBag", "other+", "…"),
)

MASTER_DATA: Final[tuple[Row, ...]] = (
    (
        "EPCISMasterDataDocumentType",
        "EPCISHeader:EPCISHeaderType? EPCISBody:EPCISMasterDataBodyType extension:LocalBag? other*",
        "schemaVersion:decimal! creationDate:dateTime! …",
    ),
    ("EPCISMasterDataBodyType", "VocabularyList:VocabularyListType? extension:LocalBag? other*", "…"),
)


def _words(line: str) -> tuple[str, ...]:
    return tuple(line.split())


_QUERY_MESSAGES: Final = _words(
    "GetQueryNames GetQueryNamesResult Subscribe SubscribeResult Unsubscribe UnsubscribeResult GetSubscriptionIDs "
    "GetSubscriptionIDsResult Poll GetStandardVersion GetStandardVersionResult GetVendorVersion "
    "GetVendorVersionResult DuplicateNameException InvalidURIException NoSuchNameException "
    "NoSuchSubscriptionException DuplicateSubscriptionException QueryParameterException QueryTooLargeException "
    "QueryTooComplexException SubscriptionControlsException SubscribeNotPermittedException SecurityException "
    "ValidationException ImplementationException QueryResults"
)

_MESSAGE_TYPES: Final[dict[str, str]] = {
    **{name: "EPCISException" for name in _QUERY_MESSAGES if name.endswith("Exception")},
    "GetQueryNames": "EmptyParms",
    "GetStandardVersion": "EmptyParms",
    "GetVendorVersion": "EmptyParms",
    "GetQueryNamesResult": "ArrayOfString",
    "GetSubscriptionIDsResult": "ArrayOfString",
    "SubscribeResult": "VoidHolder",
    "UnsubscribeResult": "VoidHolder",
    "GetStandardVersionResult": "string",
    "GetVendorVersionResult": "string",
    "QueryTooLargeException": "QueryTooLargeException",
    "ImplementationException": "ImplementationException",
    "Subscribe": "Subscribe",
    "Unsubscribe": "Unsubscribe",
    "GetSubscriptionIDs": "GetSubscriptionIDs",
    "Poll": "Poll",
    "QueryResults": "QueryResults",
}

QUERY_ROOTS: Final[dict[str, str]] = {
    **{f"epcisq:{name}": _MESSAGE_TYPES[name] for name in _QUERY_MESSAGES},
    "epcisq:EPCISException": "EPCISException",
    "epcisq:VoidHolder": "VoidHolder",
    "epcisq:EPCISQueryDocument": "EPCISQueryDocumentType",
}

QUERY: Final[tuple[Row, ...]] = (
    (
        "EPCISQueryDocumentType",
        "EPCISHeader:EPCISHeaderType? EPCISBody:EPCISQueryBodyType extension:LocalBag? other*",
        "schemaVersion:decimal! creationDate:dateTime! …",
    ),
    (
        "EPCISQueryBodyType",
        "(" + " | ".join(f"epcisq:{name}:{_MESSAGE_TYPES[name]}" for name in _QUERY_MESSAGES) + ")",
        "",
    ),
    ("EmptyParms", "", ""),
    ("VoidHolder", "", ""),
    ("ArrayOfString", "string:string*", ""),
    (
        "Subscribe",
        "queryName:string params:QueryParams dest:uri controls:SubscriptionControls subscriptionID:string",
        "",
    ),
    ("Unsubscribe", "subscriptionID:string", ""),
    ("GetSubscriptionIDs", "queryName:string", ""),
    ("Poll", "queryName:string params:QueryParams", ""),
    (
        "SubscriptionControls",
        "schedule:QuerySchedule? trigger:uri? initialRecordTime:TIME? reportIfEmpty:boolean extension:LocalBag? other*",
        "",
    ),
    (
        "QuerySchedule",
        "second:string? minute:string? hour:string? dayOfMonth:string? month:string? dayOfWeek:string? "
        "extension:LocalBag? other*",
        "",
    ),
    ("QueryParams", "param:QueryParam*", ""),
    ("QueryParam", "name:string value:anyType", ""),
    ("anyType", "free", "…"),
    (
        "QueryResults",
        "queryName:string subscriptionID:string? resultsBody:QueryResultsBody extension:LocalBag? other*",
        "",
    ),
    ("QueryResultsBody", "(EventList:EventListType | VocabularyList:VocabularyListType)", ""),
    ("EPCISException", "reason:string", ""),
    ("QueryTooLargeException", "reason:string queryName:string? subscriptionID:string?", ""),
    (
        "ImplementationException",
        "reason:string severity:severity queryName:string? subscriptionID:string?",
        "",
    ),
)

SBDH_ROOTS: Final[dict[str, str]] = {
    "sbdh:StandardBusinessDocumentHeader": "SBDHType",
    "sbdh:StandardBusinessDocument": "SBDType",
    "sbdh:CorrelationInformation": "CorrelationInformation",
    "sbdh:BusinessService": "BusinessService",
}

SBDH_TABLE: Final[tuple[Row, ...]] = (
    (
        "SBDHType",
        "sbdh:HeaderVersion:string sbdh:Sender:Partner+ sbdh:Receiver:Partner+ "
        "sbdh:DocumentIdentification:DocumentIdentification sbdh:Manifest:Manifest? sbdh:BusinessScope:BusinessScope?",
        "",
    ),
    ("SBDType", "sbdh:StandardBusinessDocumentHeader:SBDHType? other", ""),
    ("Partner", "sbdh:Identifier:PartnerIdentification sbdh:ContactInformation:ContactInformation*", ""),
    ("PartnerIdentification", "@string", "Authority:string"),
    (
        "ContactInformation",
        "sbdh:Contact:string sbdh:EmailAddress:string? sbdh:FaxNumber:string? sbdh:TelephoneNumber:string? "
        "sbdh:ContactTypeIdentifier:string?",
        "",
    ),
    (
        "DocumentIdentification",
        "sbdh:Standard:string sbdh:TypeVersion:string sbdh:InstanceIdentifier:string sbdh:Type:string "
        "sbdh:MultipleType:boolean? sbdh:CreationDateAndTime:dateTime",
        "",
    ),
    ("Manifest", "sbdh:NumberOfItems:integer sbdh:ManifestItem:ManifestItem+", ""),
    (
        "ManifestItem",
        "sbdh:MimeTypeQualifierCode:string sbdh:UniformResourceIdentifier:uri sbdh:Description:string? "
        "sbdh:LanguageCode:string?",
        "",
    ),
    ("BusinessScope", "sbdh:Scope:Scope*", ""),
    (
        "Scope",
        "sbdh:Type:string sbdh:InstanceIdentifier:string sbdh:Identifier:string? "
        "(sbdh:CorrelationInformation:CorrelationInformation | sbdh:BusinessService:BusinessService)*",
        "",
    ),
    (
        "CorrelationInformation",
        "sbdh:RequestingDocumentCreationDateTime:dateTime? sbdh:RequestingDocumentInstanceIdentifier:string? "
        "sbdh:ExpectedResponseDateTime:dateTime?",
        "",
    ),
    ("BusinessService", "sbdh:BusinessServiceName:string? sbdh:ServiceTransaction:ServiceTransaction?", ""),
    (
        "ServiceTransaction",
        "",
        "TypeOfServiceTransaction:serviceTransaction IsNonRepudiationRequired:string "
        "IsAuthenticationRequired:string IsNonRepudiationOfReceiptRequired:string IsIntegrityCheckRequired:string "
        "IsApplicationErrorResponseRequested:string TimeToAcknowledgeReceipt:string "
        "TimeToAcknowledgeAcceptance:string TimeToPerform:string Recurrence:string",
    ),
)
