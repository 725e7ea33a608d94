"""Pages about the API for people, drawn by the server from its description: no script, no style of its own origin.

They are public: they tell what the API is, nothing of the books.
"""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from setoff.api.openapi import openapi
from setoff.api.problem import STATUSES, UNPROCESSABLE
from setoff.core.errors import ErrorCode
from setoff.language import LANGUAGES, Language, language_of, message_parts


@require_safe
def reference_page(request: HttpRequest) -> HttpResponse:
    """Every operation with its parameters, body, answers; every schema."""
    described = openapi()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append({"method": method.upper(), "path": path, **_told(operation)})
    schemas = [
        {"name": name, "description": schema.get("description", ""), "fields": _fields(schema), "source": _source(schema)}
        for name, schema in described["components"]["schemas"].items()
    ]
    return render(request, "api/reference.html", {"api": described["info"], "groups": sorted(groups.items()), "schemas": schemas})


@require_safe
def codes_page(request: HttpRequest) -> HttpResponse:
    """Every code of a refusal."""
    language = language_of(getattr(request, "language", "en"))
    return render(request, "api/codes.html", {"codes": [_code(code, language) for code in ErrorCode]})


@require_safe
def code_page(request: HttpRequest, code: str) -> HttpResponse:
    """One code, in every language: where the `type` of a problem leads."""
    if code not in {known.value for known in ErrorCode}:
        raise Http404(code)
    told = [_code(ErrorCode(code), language) for language in LANGUAGES]
    return render(request, "api/code.html", {"code": code, "status": told[0]["status"], "told": told})


def _code(code: ErrorCode, language: Language) -> dict[str, Any]:
    said, mend = message_parts(language, code.value)
    return {"code": code.value, "status": STATUSES.get(code, UNPROCESSABLE), "said": said, "mend": mend, "language": language}


def _told(operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {})
    return {
        "name": operation["operationId"], "summary": operation["summary"], "description": operation.get("description", ""),
        "parameters": [
            {"name": item["name"], "where": item["in"], "needed": item["required"], "form": _form(item["schema"]),
             "description": item.get("description", "")}
            for item in operation["parameters"]
        ],
        "body": [(media, _form(content["schema"])) for media, content in body.items()],
        "answers": [
            (status, answer["description"], [(media, _form(form["schema"])) for media, form in answer.get("content", {}).items()])
            for status, answer in operation["responses"].items()
            if status < "400"
        ],
    }  # fmt: skip


def _form(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in schema:
        return " | ".join(_form(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"[{_form(schema.get('items', {}))}]"
    return str(schema.get("type", "any"))


def _fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
    needed = schema.get("required", [])
    return [
        {"name": name, "form": _form(form), "needed": name in needed, "description": form.get("description", "")}
        for name, form in schema.get("properties", {}).items()
    ]


def _source(schema: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() if "properties" not in schema else ""
