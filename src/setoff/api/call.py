"""One request to the API: who asks, in which language, on which connection; and what is answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import msgspec
import psycopg
from django.http import HttpRequest
from ninja import Query
from ninja.params import functions
from pydantic import Field

from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.language import LANGUAGES, Language, language_of

NDJSON: Final = "application/x-ndjson"
JSON: Final = "application/json"
NONE: Final[list[str]] = []
"""A filter of many values that is not given."""

DryRun = Annotated[bool, Field(description="Answer what would happen; keep nothing.")]
Consent = Annotated[bool, Field(description="Cut down targets of later documents where they no longer fit.")]
Limit = Annotated[int, Field(ge=1, le=1000, description="Rows of one page.")]
Cursor = Annotated[str, Field(max_length=2000, description="Where the page before ended: its `next`.")]
Code = Annotated[str, Field(max_length=200, description="Code of the record.")]
Codes = Annotated[list[str], Query(description="Codes; may be repeated.")]
Day = Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="A day, YYYY-MM-DD.")]


def many_of(description: str) -> Any:
    """The form of a filter that may be repeated."""
    return Annotated[list[str], functions.Query(..., description=description)]


@dataclass(frozen=True, slots=True)
class Call:
    """`conn` is entered with `rights` (access/entry.py): it sees and changes what they allow, whatever a query forgets.
    `scopes` are those of a token; None: a person in a session."""

    request: HttpRequest
    rights: Rights
    conn: psycopg.Connection[Any]
    language: Language
    scopes: frozenset[str] | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.rights.login, "api")

    @property
    def is_person(self) -> bool:
        """Whether somebody signed in himself, rather than a program with a token of his."""
        return self.scopes is None

    def trial(self, dry_run: bool) -> AbstractContextManager[Any]:
        """A block of which nothing is kept where the call only asks what would happen."""
        return self.conn.transaction(force_rollback=True) if dry_run else nullcontext()

    def wants(self, media_type: str) -> bool:
        """Whether the client asks for that form outright."""
        return media_type in self.request.headers.get("Accept", "")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is not just content with the declared status. `raw`: bytes of another media type instead of JSON."""

    content: Any = None
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    media_type: str = JSON

    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return b"" if self.content is None else msgspec.json.encode(self.content)


@dataclass(frozen=True, slots=True)
class Stream:
    """Lines that are read from the connection while they are sent."""

    lines: Iterator[bytes]
    media_type: str = NDJSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def asked_language(request: HttpRequest, own: str = "en") -> Language:
    """The first of Accept-Language that is one of ours; else the person's own."""
    wanted = []
    for position, item in enumerate(request.headers.get("Accept-Language", "").split(",")):
        name, _, weight = item.strip().partition(";q=")
        short = name.lower()[:2]
        if short in LANGUAGES and weight.replace(".", "", 1).isdecimal() | (not weight):
            wanted.append((-float(weight or 1), position, short))
    return language_of(min(wanted)[2] if wanted else own)
