"""The description of the API is sound, and the API does what it describes: asked with made-up requests, right ones and wrong ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup

from setoff.intake.schema import record_schema
from tests.api.asking import Api, sale

EXAMPLES: Final = 4
REFUSED_RIGHTLY: Final = ["2xx", "400", "401", "403", "404", "409", "412", "422"]
"""What a request of the right form may be answered: rules refuse what forms allow."""
CONFIG: Final = {
    "generation": {"with-security-parameters": False},
    "checks": {"positive_data_acceptance": {"expected-statuses": REFUSED_RIGHTLY}},
}


@pytest.fixture
def description(web: Any) -> dict[str, Any]:
    from setoff.api.openapi import openapi

    return openapi()


def test_the_description_is_openapi(description: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(description).validate()
    assert description["openapi"].startswith("3.1")


def test_records_are_described_as_in_files(description: dict[str, Any]) -> None:
    import json

    schemas = description["components"]["schemas"]
    for name, schema in record_schema()["$defs"].items():
        assert schemas[name] == json.loads(json.dumps(schema).replace("#/$defs/", "#/components/schemas/")), name


def test_every_operation_says_what_it_does(description: dict[str, Any]) -> None:
    operations = [operation for methods in description["paths"].values() for operation in methods.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert [operation["operationId"] for operation in operations if len(operation["description"]) < 10] == []


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")  # inside schemathesis
def test_the_api_does_what_it_describes(sign_in: Callable[[str], Api], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every operation, with requests that fit its form and requests that do not: no fault of the server, no undescribed answer. There are
    more requests than a quick machine may ask in a minute."""
    monkeypatch.setenv("SETOFF_API_REQUESTS_PER_MINUTE", "0")
    api = sign_in("administrator")
    api.post("documents", sale("1"))
    token = api.post("tokens", {"name": "schemathesis", "scopes": ["read", "draft", "post", "import", "administer"]}).json()["token"]
    headers = {"Host": "localhost", "Authorization": f"Bearer {token}"}
    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", get_wsgi_application(), config=SchemathesisConfig.from_dict(CONFIG), headers={"Host": "localhost"}
    )
    faults: list[str] = []
    answers: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            faults += _faults(operation, mode, headers, answers)
    assert faults == [], "\n\n".join(faults)
    assert answers[401] == 0
    assert answers[200] > answers.total() / 20, answers  # the made-up requests are not all refused at the door


def _faults(operation: Any, mode: GenerationMode, headers: dict[str, str], answers: Counter[int]) -> Iterator[str]:
    def ask(case: Any) -> None:
        answers[case.call_and_validate(headers=headers).status_code] += 1

    quick = settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    try:
        quick(given(case=operation.as_strategy(generation_mode=mode))(ask))()
    except Unsatisfiable:
        return  # nothing about it can be wrong
    except FailureGroup as found:
        yield f"{operation.label} {mode}: {found.message}: {[f'{fault.title}: {fault.message}' for fault in found.exceptions]}"
