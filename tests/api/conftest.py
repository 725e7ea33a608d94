"""The API is asked as programs ask it: over the whole application, by a signed-in client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.site import database, pool
from tests.api.asking import Api

Company = psycopg.Connection[Any]
ROLES = ("viewer", "operator", "accountant", "controller", "administrator")


@pytest.fixture
def web(company: Company) -> Iterator[Company]:
    """The cast's books with a user for each role, who has it in every unit; `stranger` has nothing."""
    database.setup_django()
    from django.contrib.auth import get_user_model

    users = get_user_model()
    for role in ROLES:
        user = users.objects.create(username=role, name=role.title(), language="en", is_administrator=role == "administrator")
        company.execute("insert into access_grant (user_id, unit_id, role) select %s, id, %s from unit", [user.pk, role])
    users.objects.create(username="stranger", name="Stranger", language="en")
    yield company
    from django.db import connections

    connections.close_all()
    pool.close()


@pytest.fixture
def sign_in(web: Company) -> Callable[[str], Api]:
    from django.contrib.auth import get_user_model

    def signed_in(name: str) -> Api:
        client = Client(SERVER_NAME="localhost")
        client.force_login(get_user_model().objects.get(username=name))
        return Api(client)

    return signed_in


@pytest.fixture
def accountant(sign_in: Callable[[str], Api]) -> Api:
    return sign_in("accountant")
