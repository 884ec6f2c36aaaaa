"""Fields that a repository adds to the events it hands out, and that its header names."""

from __future__ import annotations

from typing import Any

from lodeline.record.context import Context


def ignored_fields(document: dict[str, Any], context: Context, header: str) -> frozenset[str]:
    """The ``{namespace}local`` names listed in the header field ``header`` of a document.

    Give what it returns to ``prehash(…, ignore=…)``. This is no part of CBV 2.0 and is never done unasked: whoever
    writes the header decides what the hash does not see, so ask for it only with a sender you trust.

    Args:
        document: An EPCIS document or query document; the field is looked for in it, in its ``epcisHeader`` and
            in its query results.
        context: The document's context.
        header: The field, as a CURIE or as ``{namespace}local``, for example ``repository-x:ignoreFields``.
    """
    wanted = context.qualified(header)
    body = document.get("epcisBody")
    places = (document, document.get("epcisHeader"), body.get("queryResults") if isinstance(body, dict) else None)
    listed = [
        value
        for place in places
        if isinstance(place, dict)
        for name, value in place.items()
        if context.qualified(name) == wanted
    ]
    names = [name for value in listed for name in (value if isinstance(value, list) else [value])]
    return frozenset(context.qualified(name) for name in names if isinstance(name, str))
