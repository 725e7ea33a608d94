"""The addresses of the pages. Every area lists its own."""

from __future__ import annotations

from django.urls import include, path

app_name = "pages"
urlpatterns = [
    path("", include("setoff.pages.session")),
    path("documents/", include("setoff.pages.documents")),
    path("pick/", include("setoff.pages.pick")),
    path("reports/", include("setoff.pages.reports")),
]
