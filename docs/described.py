"""What the pages of the reference say of the API, from its own description."""

from __future__ import annotations

from docs.generate import table


def operations() -> str:
    """The operations of the API by what they are about."""
    from setoff.site import database

    database.setup_django()
    from setoff.api.openapi import openapi

    groups: dict[str, list[tuple[str, ...]]] = {}
    for path, methods in openapi()["paths"].items():
        for method, operation in methods.items():
            filters = ", ".join(f"`{item['name']}`" for item in operation["parameters"] if item["in"] == "query")
            row = (f"`{method.upper()} {path.removeprefix('/api/v1')}`", operation["summary"], filters)
            groups.setdefault(operation["tags"][0], []).append(row)
    heading = ("operation", "what it does", "parameters")
    return "\n\n".join(f"## {tag.capitalize()}\n\n{table(heading, *rows)}" for tag, rows in sorted(groups.items()))


def statuses() -> str:
    """The codes of refusals that have a status of their own."""
    from setoff.api.problem import STATUSES

    return table(("code", "status"), *((f"`{code.value}`", str(status)) for code, status in STATUSES.items()))
