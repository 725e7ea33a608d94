"""What units decided of what law and practice leave open: one place for all of it, set by an administrator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from django.test import Client

from setoff.language import LANGUAGES, text
from setoff.parties.policies import unit_policies

Web = psycopg.Connection[Any]


def test_a_policy_is_set_and_shown(web: Web, sign_in: Callable[..., Client]) -> None:
    said = {"unit": "MSK", "name": "limitation_years", "value": "5"}
    assert sign_in("viewer").post("/policies/units/", said).status_code == 403
    client = sign_in("administrator")
    assert client.post("/policies/units/", said).status_code == 302
    assert client.post("/policies/units/", {**said, "value": "11"}).status_code == 422
    found = {item.name: (item.value, item.default) for item in unit_policies(web, "MSK")}
    assert found["limitation_years"] == ("5", "3")
    shown = client.get("/policies/units/").content.decode()
    assert text("en", "choice-vat-on-set-off-terminated") in shown and text("en", "switch-allocation-order-moment") in shown
    assert all(text("en", "switch-" + name.replace("_", "-")) in shown for name in found)


def test_every_policy_has_its_words_in_every_language(web: Web) -> None:
    for item in unit_policies(web, "MSK"):
        key = "switch-" + item.name.replace("_", "-")
        for language in LANGUAGES:
            assert all(text(language, key + part) for part in ("", "-reason", "-source"))
            assert all(text(language, f"{key}-{value}".replace("_", "-")) for value in item.choices)
