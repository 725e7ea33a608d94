"""The description of the API, OpenAPI 3.1: paths and parameters from django-ninja, bodies and answers from the structures that read and
write them. The schemas of records are those of `setoff schema`, word for word.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import msgspec

from setoff.api.application import api
from setoff.api.bodies import JSON
from setoff.api.endpoint import ENDPOINTS, Endpoint
from setoff.api.idempotency import HEADER, KEY_LENGTH_MAX
from setoff.api.problem import MEDIA_TYPE, Problem
from setoff.core.errors import ErrorCode
from setoff.intake.schema import record_schema

VERSION: Final = "1.0"
PREFIX: Final = "/api/v1"
TEMPLATE: Final = "#/components/schemas/{name}"
DESCRIPTION: Final = """Documents, settlements and books of Setoff. Records have the same form as the lines that `setoff import` reads.
Amounts are decimal texts, days are YYYY-MM-DD. Refusals are `application/problem+json` with a code that never changes."""
NDJSON: Final = "application/x-ndjson"
REFUSALS: Final = {
    400: "The request cannot be read.", 401: "Nobody is signed in.", 403: "Not permitted.", 404: "Not found.",
    409: "Refused in the present state.", 412: "The version is not the expected one.", 413: "The body is too large.",
    415: "Another media type is expected.", 422: "Refused by a rule, or a value is not valid.",
    429: "Too many requests.", 500: "A fault of the server.", 503: "Busy; try again.",
}  # fmt: skip
ALWAYS: Final = (400, 401, 403, 404, 422, 429, 500, 503)
WRITING: Final = (409, 412, 413, 415)
_HEADERS: Final = {
    HEADER: {
        "description": "The same key with the same request does it once and answers the same. Kept for three days.",
        "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX, "pattern": "^[!-~]+$"},
    },
    "If-Match": {
        "description": 'The version that is edited, as ETag said it ("7"); another one is refused.',
        "schema": {"type": "string", "pattern": r'^"\d{1,9}"$'},
    },
}  # fmt: skip


@cache
def openapi() -> dict[str, Any]:
    """The whole description."""
    drawn = msgspec.json.decode(msgspec.json.encode(api.get_openapi_schema(path_prefix=PREFIX + "/")))
    forms: dict[Any, None] = {}
    for found in ENDPOINTS:
        forms.update({form: None for form in (found.body, found.answer, *found.also.values()) if form is not None})
    asked = [Problem, *forms]
    schemas, components = msgspec.json.schema_components(asked, ref_template=TEMPLATE)
    named = dict(zip(asked, schemas, strict=True))
    for found in ENDPOINTS:
        _complete(drawn["paths"][PREFIX + _plain_path(found.path)][found.method.lower()], found, named)
    described = {name: _described(schema) for name, schema in components.items()}
    codes = {"description": "A code of a refusal.", "enum": [code.value for code in ErrorCode]}
    described["Problem"]["properties"]["code"] = codes
    return {
        **drawn,
        "info": {"title": "Setoff", "version": VERSION, "description": DESCRIPTION, "license": {
            "name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "components": {
            "schemas": dict(sorted({**described, **_records()}.items())),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
            },
        },
    }  # fmt: skip


def _records() -> dict[str, Any]:
    """The schemas of records, with references as OpenAPI writes them."""
    written = msgspec.json.encode(record_schema()["$defs"]).replace(b"#/$defs/", b"#/components/schemas/")
    found: dict[str, Any] = msgspec.json.decode(written)
    return found


def _complete(operation: dict[str, Any], found: Endpoint, named: dict[Any, Any]) -> None:
    """Body, answers and headers of one operation."""
    if found.body is not None:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": named[found.body]}}}
    elif found.upload:
        schema = {"type": "string"}
        operation["requestBody"] = {"required": True, "content": {media: {"schema": schema} for media in found.upload}}
    headers = [*([HEADER] if found.writes else []), *found.headers]
    operation["parameters"] += [{"in": "header", "name": name, "required": False, **_HEADERS[name]} for name in headers]
    responses = {str(found.status): _answer(found, found.answer, named)}
    responses |= {str(status): _answer(found, form, named) for status, form in found.also.items()}
    refused = {"content": {MEDIA_TYPE: {"schema": named[Problem]}}}
    for status in (*ALWAYS, *(WRITING if found.writes else ())):
        before = responses.get(str(status), {"description": REFUSALS[status], "content": {}})
        responses[str(status)] = {**before, "content": {**before.get("content", {}), **refused["content"]}}
    operation["responses"] = dict(sorted(responses.items()))


def _answer(found: Endpoint, form: Any, named: dict[Any, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {"description": "Done." if found.writes else "Found."}
    content: dict[str, Any] = {JSON: {"schema": named[form]}} if form is not None else {}
    content |= {media: {"schema": {"type": "string"}} for media in found.media}
    return {**described, "content": content} if content else described


def _described(schema: dict[str, Any]) -> dict[str, Any]:
    if "description" in schema:
        schema["description"] = " ".join(schema["description"].split())
    return schema


def _plain_path(path: str) -> str:
    """Without Django's converters: {path:key} is {key}."""
    return path.replace("{path:", "{")
