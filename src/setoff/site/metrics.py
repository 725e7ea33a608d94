"""Figures for whoever watches the server, in the text format of Prometheus at /metrics, for those who know SETOFF_METRICS_TOKEN.

    setoff_request_seconds          by route, method and status
    setoff_refusals_total           by code
    setoff_document_versions_total  documents posted, saved, changed and taken out since the books began
    setoff_database_up, setoff_disk_free_bytes, setoff_webhooks_waiting

Without a token there is no such address. The workers of `setoff serve` keep their figures in one folder (PROMETHEUS_MULTIPROC_DIR), so
any of them answers for all.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable
from typing import Any, Final

import psycopg
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from setoff.core.errors import DomainError
from setoff.site import database
from setoff.site.data_folder import data_folder
from setoff.site.environment import environment

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
OWN: Final = CollectorRegistry()
REQUESTS: Final = Histogram(
    "setoff_request_seconds", "Time to answer a request", ("route", "method", "status"), buckets=SECONDS, registry=OWN
)
REFUSALS: Final = Counter("setoff_refusals", "Refusals by code", ("code",), registry=OWN)
VERSIONS_SQL: Final = "select last_value - 1 + is_called::int from version_id_seq"
WAITING_SQL: Final = "select count(*) from webhook_delivery where state = 'pending'"


class Books:
    """What the database says when it is asked."""

    def collect(self) -> Iterable[Metric]:
        free = shutil.disk_usage(data_folder()).free
        yield GaugeMetricFamily("setoff_disk_free_bytes", "Free on the disk of the data folder", free)
        try:
            with database.connect() as conn:
                versions = conn.execute(VERSIONS_SQL).fetchone()
                waiting = _waiting(conn)
        except (DomainError, psycopg.Error):
            yield GaugeMetricFamily("setoff_database_up", "Whether the database answers", 0)
            return
        yield GaugeMetricFamily("setoff_database_up", "Whether the database answers", 1)
        yield GaugeMetricFamily("setoff_document_versions_total", "Versions of documents written", versions[0] if versions else 0)
        if waiting is not None:
            yield GaugeMetricFamily("setoff_webhooks_waiting", "Messages not yet delivered", waiting)


def _waiting(conn: psycopg.Connection[Any]) -> int | None:
    if conn.execute("select to_regclass('webhook_delivery')::text").fetchone() == (None,):
        return None
    row = conn.execute(WAITING_SQL).fetchone()
    return row[0] if row else 0


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures; 404 for who does not know the token."""
    token = environment().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not secrets.compare_digest(given.encode(), token.encode()):
        return HttpResponse(status=404)
    registry = CollectorRegistry()
    if FOLDER in os.environ:
        MultiProcessCollector(registry)
        registry.register(Books())
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    registry.register(Books())
    return HttpResponse(generate_latest(OWN) + generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
