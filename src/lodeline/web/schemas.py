"""JSON schemas of what the service takes and answers. What EPCIS itself says of an event stays with GS1's schema."""

from __future__ import annotations

from typing import Any

_CONTEXT: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "array"}, {"type": "object"}]}
_INSTANT = {"type": "string", "format": "date-time"}


def _document(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["@context", "type", "schemaVersion", "creationDate", "epcisBody"],
        "properties": {
            "@context": _CONTEXT,
            "type": {"const": kind},
            "schemaVersion": {"type": "string"},
            "creationDate": _INSTANT,
            "epcisBody": body,
        },
    }


_EVENTS = {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}

SCHEMAS: dict[str, dict[str, Any]] = {
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"type": "string", "pattern": "^epcisException:"},
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string"},
            "code": {"type": "string", "pattern": r"^[a-z_]+(\.[a-z_]+)+$"},
            "where": {"type": "object"},
        },
        "additionalProperties": False,
    },
    "Collection": {
        "type": "object",
        "required": ["@context", "type", "member"],
        "properties": {
            "@context": _CONTEXT,
            "type": {"const": "Collection"},
            "member": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        },
        "additionalProperties": False,
    },
    "CaptureJob": {
        "type": "object",
        "required": ["captureID", "createdAt", "running", "success", "captureErrorBehaviour", "errors"],
        "properties": {
            "captureID": {"type": "string"},
            "createdAt": _INSTANT,
            "finishedAt": _INSTANT,
            "running": {"type": "boolean"},
            "success": {"type": "boolean"},
            "captureErrorBehaviour": {"enum": ["rollback", "proceed"]},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Problem"}},
            "added": {"type": "integer", "minimum": 0},
            "known": {"type": "integer", "minimum": 0},
        },
        "additionalProperties": False,
    },
    "CaptureJobs": {"type": "array", "items": {"$ref": "#/components/schemas/CaptureJob"}},
    "Event": {
        "type": "object",
        "description": "An EPCIS 2.0 event. GS1's JSON schema decides whether it is valid.",
        "required": ["type", "eventTime", "eventTimeZoneOffset"],
        "properties": {
            "type": {"type": "string"},
            "eventTime": _INSTANT,
            "eventTimeZoneOffset": {"type": "string"},
            "eventID": {"type": "string"},
            "recordTime": _INSTANT,
        },
    },
    "EventAlone": {
        "description": "An event outside of any document carries its own @context.",
        "allOf": [{"$ref": "#/components/schemas/Event"}, {"required": ["@context"]}],
    },
    "Document": {
        "oneOf": [
            _document("EPCISDocument", {"type": "object", "properties": {"eventList": _EVENTS}}),
            {"$ref": "#/components/schemas/QueryDocument"},
        ]
    },
    "QueryDocument": _document(
        "EPCISQueryDocument",
        {
            "type": "object",
            "required": ["queryResults"],
            "properties": {
                "queryResults": {
                    "type": "object",
                    "required": ["queryName", "resultsBody"],
                    "properties": {
                        "queryName": {"type": "string"},
                        "subscriptionID": {"type": "string"},
                        "resultsBody": {
                            "type": "object",
                            "required": ["eventList"],
                            "properties": {"eventList": _EVENTS},
                        },
                    },
                }
            },
        },
    ),
    "AuditLog": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["seq", "at", "who", "role", "address", "action", "target", "status"],
            "properties": {
                "seq": {"type": "integer", "minimum": 1},
                "at": _INSTANT,
                "who": {"type": "string"},
                "role": {"type": "string"},
                "token": {"type": ["string", "null"]},
                "address": {"type": "string"},
                "action": {"type": "string"},
                "target": {"type": "string"},
                "status": {"type": "integer"},
                "code": {"type": ["string", "null"]},
                "detail": {"type": ["string", "null"]},
            },
        },
    },
    "NamedQuery": {
        "type": "object",
        "required": ["name", "query"],
        "properties": {"name": {"type": "string"}, "query": {"type": "object"}},
    },
    "NamedQueries": {"type": "array", "items": {"$ref": "#/components/schemas/NamedQuery"}},
    "SubscriptionRequest": {
        "type": "object",
        "required": ["dest"],
        "properties": {
            "dest": {"type": "string"},
            "signatureToken": {"type": "string"},
            "stream": {"type": "boolean"},
            "schedule": {"type": "object"},
            "reportIfEmpty": {"type": "boolean"},
            "initialRecordTime": _INSTANT,
        },
    },
    "Subscription": {
        "type": "object",
        "required": ["subscriptionID", "queryName", "dest", "createdAt", "state"],
        "properties": {
            "subscriptionID": {"type": "string"},
            "queryName": {"type": "string"},
            "dest": {"type": "string"},
            "createdAt": _INSTANT,
            "state": {"type": "string"},
        },
    },
    "Subscriptions": {"type": "array", "items": {"$ref": "#/components/schemas/Subscription"}},
}
