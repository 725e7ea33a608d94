"""The API is asked as programs ask it: over the whole application, by a signed-in client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.site import database
from tests.access.people import add_roles, add_user
from tests.api.asking import Api
from tests.told import close_all

Company = psycopg.Connection[Any]


@pytest.fixture
def web(company: Company) -> Iterator[Company]:
    """The cast's books with a user for each role, who has it in every unit; `stranger` has nothing."""
    database.setup_django()
    add_roles(company)
    add_user(company, "stranger")
    yield company
    close_all()


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
