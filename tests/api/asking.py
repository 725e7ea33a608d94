"""How the tests of the API ask, and the records that they send."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from tests import cast


class Api:
    """A signed-in client of the API: `get("documents")`, `post("documents", record)`; answers have `.json()`."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query)

    def send(self, method: str, path: str, content: Any = None, **headers: str) -> Any:
        body = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
        named = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        media_type = named.pop("HTTP_CONTENT_TYPE", "application/json")
        return self.client.generic(method, f"/api/v1/{path}", body, media_type, **named)

    def post(self, path: str, content: Any = None, **headers: str) -> Any:
        return self.send("POST", path, content, **headers)

    def with_token(self, token: str) -> Api:
        """The same API, asked by a program with that token."""
        return Api(Client(SERVER_NAME="localhost", headers={"authorization": f"Bearer {token}"}))

    def put(self, path: str, content: Any = None, **headers: str) -> Any:
        return self.send("PUT", path, content, **headers)


def sale(number: str, amount: str = "100.00", date: str = "2026-01-10", **fields: Any) -> dict[str, Any]:
    """A sale of the cast's Moscow unit to VEGA, as a record."""
    return {
        "type": "sale", "unit": cast.MSK.code, "date": date, "number": number, "counterparty": "VEGA", "contract": "BUYER",
        "lines": [{"amount": amount, "vat_rate": "20"}], **fields,
    }  # fmt: skip


def payment(number: str, amount: str, date: str = "2026-01-20", **fields: Any) -> dict[str, Any]:
    """Money from VEGA, as a record."""
    return {
        "type": "payment", "kind": "payment_from_customer", "unit": cast.MSK.code, "date": date, "number": number, "counterparty": "VEGA",
        "contract": "BUYER", "amount": amount, **fields,
    }  # fmt: skip
