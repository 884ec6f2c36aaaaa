"""The service's own OpenAPI document: what each route takes and answers, read off the routes that are mounted."""

from __future__ import annotations

import re
from typing import Any

from litestar import Litestar, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from lodeline.version import __version__
from lodeline.web.access import requires
from lodeline.web.headers import BEHAVIOURS, CBV_FORMATS, EPC_FORMATS
from lodeline.web.negotiation import JSON
from lodeline.web.operations import OPERATIONS, Operation
from lodeline.web.problems import MEDIA_TYPE, TITLES
from lodeline.web.schemas import SCHEMAS
from lodeline.web.serving import serving

Value = dict[str, Any]

VERSION_HEADERS = ("GS1-EPCIS-Min", "GS1-EPCIS-Max", "GS1-CBV-Min", "GS1-CBV-Max")
ALWAYS = (401, 403, 406, 414, 429, 500)
"""What any request may be answered with, whatever it asks for."""


def _header(name: str, description: str, **schema: Any) -> Value:
    return {"name": name, "in": "header", "required": False, "description": description,
            "schema": {"type": "string", **schema}}  # fmt: skip


PARAMETERS: dict[str, Value] = {
    **{
        name: _header(name, "A version that the caller can read.", pattern=r"^\d{1,9}(\.\d{1,9}){0,3}$")
        for name in VERSION_HEADERS
    },
    "GS1-EPCIS-Version": _header("GS1-EPCIS-Version", "The version of what is sent.", enum=["2.0", "2.0.0"]),
    "GS1-CBV-Version": _header("GS1-CBV-Version", "The version of its vocabulary.", enum=["2.0", "2.0.0"]),
    "GS1-Extensions": _header("GS1-Extensions", "Prefixes of a query: ex=http://ns.example.com/epcis/,…"),
    "GS1-EPC-Format": _header("GS1-EPC-Format", "How identifiers are spelled in the answer.", enum=list(EPC_FORMATS)),
    "GS1-CBV-XML-Format": _header("GS1-CBV-XML-Format", "How words are spelled in XML.", enum=list(CBV_FORMATS)),
    "GS1-Capture-Error-Behaviour": _header(
        "GS1-Capture-Error-Behaviour", "All or nothing, or what is right.", enum=list(BEHAVIOURS)
    ),
    "perPage": {
        "name": "perPage", "in": "query", "required": False, "description": "How many at the most.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999, "default": 30},
    },
    "nextPageToken": {
        "name": "nextPageToken", "in": "query", "required": False,
        "description": "From the Link header of the page before.", "schema": {"type": "string"},
    },
}  # fmt: skip


@get("/openapi.json", guards=[requires("reader")])
async def openapi(request: Request[Any, Any, Any]) -> Response[Value]:
    """This service's OpenAPI document."""
    return Response(document(request.app, title=serving(request).book.title), media_type=JSON)


def document(app: Litestar, *, title: str) -> Value:
    """The OpenAPI document of the routes of an app.

    Raises:
        KeyError: a route is mounted that nobody described in `lodeline.web.operations`.
    """
    paths: dict[str, Value] = {}
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path != "/openapi.json":
            path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
            for handler in route.route_handlers:
                for method in sorted(handler.http_methods):
                    described = OPERATIONS[method, path]
                    paths.setdefault(path, {})[method.lower()] = _operation(handler, described, method, path)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": __version__,
            "summary": "A Lodeline book by GS1's EPCIS 2.0 REST.",
        },
        "security": [{}, {"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": SCHEMAS,
            "parameters": PARAMETERS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(handler: HTTPRouteHandler, said: Operation, method: str, path: str) -> Value:
    names = re.findall(r"\{(\w+)\}", path)
    parameters: list[Value] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for name in names
    ]
    parameters += [{"$ref": f"#/components/parameters/{name}"} for name in (*VERSION_HEADERS, *said.parameters)]
    parameters += [
        {"name": name, "in": "query", "required": False, "description": meaning, "schema": {"type": "string"}}
        for name, meaning in said.query.items()
    ]
    statuses = {*ALWAYS, *said.problems, *({404} if names else ())}
    responses = {str(said.status): _answer(said)}
    responses |= {str(status): _problem(status) for status in sorted(statuses)}
    operation: Value = {
        "operationId": re.sub(r"\W+", "_", f"{method.lower()}_{path.strip('/') or 'top'}").strip("_"),
        "summary": (handler.fn.__doc__ or "").strip().splitlines()[0],
        "parameters": parameters,
        "responses": responses,
    }
    if said.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": _content(said.body, said.reads),
        }
    return operation


def _answer(said: Operation) -> Value:
    headers = {name: {"schema": schema} for name, schema in said.headers.items()}
    answer: Value = {"description": said.means, "headers": headers}
    if said.answer is not None:
        answer["content"] = {
            kind: {"schema": _reference(said.answer) if "json" in kind else {}} for kind in said.writes
        }
    return answer


def _content(schema: str, kinds: tuple[str, ...]) -> Value:
    """A schema for JSON; XML and HTML have none here."""
    return {kind: {"schema": _reference(schema)} if "json" in kind else {} for kind in kinds}


def _problem(status: int) -> Value:
    return {
        "description": TITLES.get(status, "This went wrong on the server"),
        "content": {MEDIA_TYPE: {"schema": _reference("Problem")}},
    }


def _reference(schema: str) -> Value:
    return {"$ref": f"#/components/schemas/{schema}"}
