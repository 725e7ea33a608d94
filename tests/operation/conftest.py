"""The signed-in clients of the pages' tests."""

from __future__ import annotations

from tests.pages.conftest import sign_in, web

__all__ = ["sign_in", "web"]
