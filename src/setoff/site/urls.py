"""Every address of the application."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("setoff.api.urls")),
    path("account/", include("allauth.urls")),
    path("", include("setoff.pages.urls")),
]
