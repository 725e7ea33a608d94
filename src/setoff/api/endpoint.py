"""What every endpoint has in common: sign-in, rights, rate, one connection, idempotency, the form of answers and refusals.

    @endpoint(router, "POST", "/documents", tag="documents", body=AnyDocument, answer=DocumentOutcome)
    def post_document(call: Call, body: AnyDocument, dry_run: DryRun = False) -> Any: ...

Paths and query parameters are django-ninja's (the types of the function's parameters), bodies and answers are msgspec structures: the
same that files and stored documents have. A function returns content (encoded with the declared status), an `Answer` or a `Stream`.

Order: sign-in, rate, parameters, body, key, then the function. With an Idempotency-Key all it does is one transaction.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import psycopg
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from ninja import Router

from setoff.access.entry import enter
from setoff.api.bodies import JSON, decode, read_content, require_media_type
from setoff.api.call import Answer, Call, Stream, asked_language
from setoff.api.idempotency import HEADER, Claim, Replay, claim, keep_answer, key_of
from setoff.api.limits import spend
from setoff.api.problem import NotFound, problem_response
from setoff.api.sign_in import signed_in
from setoff.api.uploads import spooled
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import Language
from setoff.language.zones import DEFAULT, told_in
from setoff.site.pool import WAIT_SECONDS, pool
from setoff.site.trouble import refusal_of

Method = Literal["GET", "POST", "PUT", "DELETE"]
WRITES: Final = ("POST", "PUT", "DELETE")
_PLACES: Final = re.compile(r"{(?:path:)?(\w+)}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of the API. `body` and `answer` are msgspec forms; `also`: further statuses with their forms; `media`: media types of
    the answer beside JSON; `upload`: the body is a file of one of these media types; `is_import`: the scope import of a token is enough."""

    method: Method
    path: str
    name: str
    function: Callable[..., Any]
    tag: str
    body: Any = None
    answer: Any = None
    status: int = 200
    also: Mapping[int, Any] = field(default_factory=dict)
    media: tuple[str, ...] = ()
    upload: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    is_import: bool = False

    @property
    def writes(self) -> bool:
        return self.method in WRITES


ENDPOINTS: Final[list[Endpoint]] = []
"""Every operation, in the order of its declaration: what openapi.py describes."""


def endpoint(
    router: Router, method: Method, path: str, *, tag: str, signature: inspect.Signature | None = None, **declared: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare the function as an operation of the API. `signature` replaces its own, for functions that are made in a loop."""

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        found = Endpoint(method, path, declared.pop("name", function.__name__), function, tag, **declared)
        ENDPOINTS.append(found)

        def view(request: HttpRequest, **parameters: Any) -> HttpResponseBase:
            return answered(found, request, parameters)

        own = signature or inspect.signature(function, eval_str=True)
        kept = [parameter for name, parameter in own.parameters.items() if name not in ("call", "body")]
        first = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=HttpRequest)
        view.__dict__["__signature__"] = inspect.Signature([first, *(part.replace(kind=part.KEYWORD_ONLY) for part in kept)])
        view.__name__, view.__doc__ = found.name, function.__doc__
        router.api_operation(
            [method], path, operation_id=found.name, response={found.status: None}, tags=[tag], summary=_summary(function),
            description=inspect.getdoc(function),
        )(view)  # fmt: skip
        return function

    return declare


def _summary(function: Callable[..., Any]) -> str:
    """The first sentence of what the function says of itself."""
    return (inspect.getdoc(function) or "").split(". ")[0].split("\n\n")[0].replace("\n", " ").rstrip(".")


def answered(found: Endpoint, request: HttpRequest, parameters: dict[str, Any]) -> HttpResponseBase:
    """The answer of an operation, or the problem. Whatever was begun is over when it returns, but for a stream."""
    language = asked_language(request)
    headers: dict[str, str] = {}
    try:
        with told_in(DEFAULT), ExitStack() as stack:
            conn = stack.enter_context(pool().connection(timeout=WAIT_SECONDS))
            who = signed_in(request, conn, is_import=found.is_import)
            language = asked_language(request, who.rights.language)
            headers.update(spend(conn, who.subject).headers())
            enter(conn, who.rights)
            call = Call(request, who.rights, conn, language, who.scopes)
            given = checked(request, parameters)
            content = read_body(found, request, given, stack)
            result = perform(found, call, given, content)
            if isinstance(result, Stream):
                return _sent(result, headers, language, stack.pop_all())
    except DomainError as refusal:
        return _with(problem_response(request, _placed(refusal, found, parameters), language), headers)
    except psycopg.Error as problem:
        said = refusal_of(problem)
        if said is None:
            raise
        return _with(problem_response(request, said, language), headers)
    response = HttpResponse(result.body(), status=result.status or found.status, content_type=result.media_type)
    response["Content-Language"] = language
    return _with(response, {**headers, **result.headers})


def read_body(found: Endpoint, request: HttpRequest, parameters: dict[str, Any], stack: ExitStack) -> bytes:
    """What the body says, or its hash when it is a file; the structure is put beside the parameters."""
    if found.body is not None:
        require_media_type(request, JSON)
        content = read_content(request)
        parameters["body"] = decode(content, found.body)
        return content
    if not found.upload:
        return b""
    require_media_type(request, *found.upload)
    upload = stack.enter_context(spooled(request))
    parameters["body"] = upload
    return upload.digest


def perform(found: Endpoint, call: Call, parameters: dict[str, Any], content: bytes) -> Answer | Stream:
    """Run the function; with an Idempotency-Key in one transaction with the answer's storing. `content` is what the key is for."""
    key = key_of(call.request) if found.writes else ""
    if not key:
        return _as_answer(found.function(call, **parameters))
    with call.conn.transaction():
        claimed = claim(call.conn, call.rights.user_id, key, route_of(call.request), content)
        if isinstance(claimed, Replay):
            return _repeated(claimed)
        return _kept(call, claimed, found, _as_answer(found.function(call, **parameters)))


def _kept(call: Call, claimed: Claim, found: Endpoint, answer: Answer | Stream) -> Answer:
    assert isinstance(answer, Answer), f"{found.name} streams what it writes"
    headers = {**answer.headers, "Content-Type": answer.media_type}
    keep_answer(call.conn, claimed, Replay(answer.status or found.status, headers, answer.body()))
    return answer


def _repeated(stored: Replay) -> Answer:
    headers = dict(stored.headers)
    media_type = headers.pop("Content-Type")
    return Answer(status=stored.status, headers={**headers, "Idempotency-Replayed": "true"}, raw=stored.content, media_type=media_type)


def _as_answer(result: Any) -> Answer | Stream:
    return result if isinstance(result, Answer | Stream) else Answer(result)


def route_of(request: HttpRequest) -> str:
    return f"{request.method} {request.get_full_path()}"


def checked(request: HttpRequest, parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters that the database can hold; those that the operation does not know are refused: a filter with a typing error must not
    answer as if it were not there."""
    for name in request.GET:
        if name not in parameters:
            raise DomainError(ErrorCode.UNKNOWN_FIELD, field=name, value=request.GET[name])
    for name, value in parameters.items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and "\0" in text:
                raise DomainError(ErrorCode.INVALID_VALUE, field=name, value=text.replace("\0", "\\u0000"), expected="")
    return parameters


def _placed(refusal: DomainError, found: Endpoint, parameters: Mapping[str, Any]) -> DomainError:
    """A reference that the path itself names is not found, rather than wrong."""
    named = [str(parameters.get(name)) for name in _PLACES.findall(found.path)]
    if refusal.code is ErrorCode.UNKNOWN_REFERENCE and str(refusal.facts.get("value")) in named:
        return NotFound(refusal.code, **refusal.facts)
    return refusal


def _sent(stream: Stream, headers: Mapping[str, str], language: Language, stack: ExitStack) -> StreamingHttpResponse:
    """The connection goes back when the last line is sent, or the client goes away."""

    def lines() -> Iterator[bytes]:
        with stack, told_in(DEFAULT):
            yield from stream.lines

    response = StreamingHttpResponse(_Closing(lines(), stack), status=stream.status, content_type=stream.media_type)
    response["Content-Language"] = language
    for name, value in {**headers, **stream.headers}.items():
        response[name] = value
    return response


class _Closing:
    """An iterator whose `close` also gives back what was never begun to be read."""

    def __init__(self, lines: Iterator[bytes], stack: ExitStack) -> None:
        self.lines, self.stack = lines, stack

    def __iter__(self) -> Iterator[bytes]:
        return self.lines

    def close(self) -> None:
        self.stack.close()


def _with(response: HttpResponse, headers: Mapping[str, str]) -> HttpResponse:
    for name, value in headers.items():
        response[name] = value
    return response


__all__ = ["ENDPOINTS", "HEADER", "Endpoint", "answered", "endpoint"]
