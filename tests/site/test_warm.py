"""A worker has read what its first requests need."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.template.loader import get_template
from django.urls import get_resolver

from setoff import language
from setoff.site import database, warm


def answering(asked: list[str]) -> warm.Application:
    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        asked.append(environ["PATH_INFO"])
        start("200 OK", [])
        return [b"page"]

    return application


@pytest.fixture(scope="module", autouse=True)
def django(server: str) -> None:
    database.setup_django()


class Connection:
    def execute(self, _query: str) -> None:
        """As if the books answered."""


@contextmanager
def owner() -> Iterator[Connection]:
    yield Connection()


@contextmanager
def no_owner() -> Iterator[Connection]:
    raise ConnectionRefusedError
    yield Connection()


def test_texts_pages_and_the_middleware_are_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = language._Catalogue("ru")
    catalogue.parse_all()
    assert catalogue.parsed == catalogue.sources.keys()
    assert "pages/today.html" in warm.template_names() and "pages/parts/refusal.html" in warm.template_names()
    read: list[str] = []
    monkeypatch.setattr(warm, "get_template", lambda name: read.append(name) or get_template(name))
    monkeypatch.setattr(warm.pool, "owner", owner)
    asked: list[str] = []
    warm.warm_up(answering(asked), get_resolver())
    assert (read, asked) == (warm.template_names(), [warm.PAGE])
    assert gc.get_freeze_count() > 0
    gc.unfreeze()


def test_a_worker_starts_though_the_books_do_not_answer(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(warm.pool, "owner", no_owner)
    asked: list[str] = []
    with caplog.at_level(logging.WARNING, "setoff.serve"):
        warm.warm_up(answering(asked), get_resolver())
    gc.unfreeze()
    assert asked == [] and [record.message for record in caplog.records] == ["not warmed up"]
