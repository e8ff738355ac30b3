"""What goes wrong in Weaviate, in words for the person, and whether asking again may help."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, cast

from elysia_desktop.core.errors import NotSupported, QueryRejected, StoreError, StoreUnreachable

_LONGEST = 300
_SHORTEST_KEY = 8
_TOO_MANY = 429
_PASSING_STATUS = frozenset({_TOO_MANY, 502, 503, 504})
_CHAIN = 8


class Silent(Exception):
    """The server shows no sign of life while an answer is awaited."""


class Away(Exception):
    """A part of the server was away, so that some of what was sent did not arrive."""


class MissingCollection(QueryRejected):
    """Weaviate does not know the collection."""


class MissingTenant(QueryRejected):
    """The collection does not know the tenant, or needs one."""


def known() -> tuple[type[Exception], ...]:
    """What the client library raises when a request fails; to be asked when it is loaded."""
    exceptions: Any = import_module("weaviate.exceptions")
    httpx: Any = import_module("httpx")
    grpc: Any = import_module("grpc")
    return (exceptions.WeaviateBaseError, httpx.HTTPError, grpc.RpcError, Silent, Away)


def is_passing(error: Exception) -> bool:
    """Whether the server was away, so that the same request may succeed a moment later."""
    exceptions: Any = import_module("weaviate.exceptions")
    httpx: Any = import_module("httpx")
    away = (
        Silent,
        Away,
        exceptions.WeaviateConnectionError,
        exceptions.WeaviateGRPCUnavailableError,
        exceptions.WeaviateClosedClientError,
        exceptions.WeaviateRetryError,
    )
    for link in _chain(error):
        if isinstance(link, httpx.TimeoutException) or _code(link) == "DEADLINE_EXCEEDED":
            return False
        if isinstance(link, (*away, httpx.TransportError)) or _code(link) == "UNAVAILABLE":
            return True
    return _status(error) in _PASSING_STATUS or is_away(message_of(error))


def is_away(message: str) -> bool:
    """Whether a message of the server says that a part of it is away, which may come back."""
    return bool(_AWAY.search(message)) and not _VECTORISER.search(message)


def told(error: Exception, url: str, secrets: Iterable[str] = ()) -> StoreError:
    """What is raised in place of `error`, which came from the Weaviate at `url`; no secret is repeated."""
    message = message_of(error, secrets)
    if is_away(message):
        return StoreUnreachable(
            f"Nodes of the Weaviate cluster do not answer: {message}",
            "Wait until they are back, or lower the consistency in Settings → Data connection.",
        )
    if _status(error) == _TOO_MANY:
        return StoreUnreachable(f"Weaviate at {url} has too much to do.", "Try again in a moment.")
    if is_passing(error):
        return StoreUnreachable(
            f"Weaviate at {url} went away before it had answered.",
            "Check that it is running and the network is up, then try again.",
        )
    codes = {_code(link) for link in _chain(error)}
    if "DEADLINE_EXCEEDED" in codes or _is_timeout(error):
        return StoreUnreachable(
            f"Weaviate at {url} did not answer in time.",
            "Ask for less at once, or try again when it has less to do.",
        )
    if _status(error) == 401 or "UNAUTHENTICATED" in codes:
        return StoreError(
            f"Weaviate at {url} does not accept the API key any more.",
            "Correct the key in Settings → Data connection, or WCD_API_KEY.",
        )
    if _status(error) == 403 or "PERMISSION_DENIED" in codes:
        return StoreError(
            f"Weaviate does not allow this with the API key in use: {message}",
            "Use a key with that right, or ask whoever runs the cluster.",
        )
    for pattern, kind, sentence, hint in _TOLD:
        if found := pattern.search(message):
            return kind(sentence.format(*found.groups(), message=message), hint)
    return StoreError(f"Weaviate could not do this: {message}", "Change the request and try again.")


def message_of(error: BaseException, secrets: Iterable[str] = ()) -> str:
    """What the server said, on one line, without keys, and not too long."""
    body: Any = getattr(error, "error", None)
    text = (
        _text_of(body)
        if isinstance(body, dict | list)
        else str(body or getattr(error, "message", "") or error)
    )
    details = re.search(r'details = "(.*?)"\s*(?:debug_error_string|>|$)', text, re.DOTALL)
    return shortened(details[1] if details else text, secrets)


def shortened(text: str, secrets: Iterable[str] = ()) -> str:
    """A message of the server on one line, without keys, and not too long."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_KEY:
            text = text.replace(secret, "…")
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def concerns_all(error: Exception) -> bool:
    """Whether what failed has nothing to do with the objects that were sent."""
    return bool(_FOR_ALL.search(message_of(error)))


def _text_of(body: Any) -> str:
    match body:
        case {"error": inner} | {"message": inner}:
            return _text_of(inner)
        case list():
            return "; ".join(_text_of(part) for part in cast("list[Any]", body))
        case _:
            return str(body)


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    for _ in range(_CHAIN):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__


def _code(error: BaseException) -> str:
    """The name of a gRPC status; empty for other errors."""
    code: Any = getattr(error, "code", None)
    return str(getattr(code(), "name", "")) if callable(code) else ""


def _status(error: BaseException) -> int | None:
    status: Any = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def _is_timeout(error: Exception) -> bool:
    exceptions: Any = import_module("weaviate.exceptions")
    httpx: Any = import_module("httpx")
    return any(
        isinstance(link, exceptions.WeaviateTimeoutError | httpx.TimeoutException) for link in _chain(error)
    )


_AWAY = re.compile(
    r"leader not found|no leader|shutting down|consistency level|connection refused|connection reset"
    r"|broken pipe|i/o timeout|unexpected EOF|no such host|failed to connect",
    re.IGNORECASE,
)
_VECTORISER = re.compile(r"vectoriz|API failed|send POST request|API Key: no api key")

_FOR_ALL = re.compile(
    r"tenant|could not find class|read-only|READONLY|leader|shard .* not|forbidden", re.IGNORECASE
)

_KEYWORD = 'Use search="keyword", or a collection with a vectoriser.'
_TOLD: tuple[tuple[re.Pattern[str], type[StoreError], str, str], ...] = (
    (
        re.compile(
            r"could not find class (\S+)|class (?:not found|\S+ not found|\S+ doesn't exist)|browse non-existing index"
        ),
        MissingCollection,
        "Weaviate does not have the collection (any more).",
        "Look again which collections there are.",
    ),
    (
        re.compile(
            r"tenant not found|tenant.* not active|has multi-tenancy (?:enabled|disabled)|could not find tenant"
        ),
        MissingTenant,
        "The tenant cannot be used: {message}",
        "Correct the tenant in Settings → Data connection.",
    ),
    (
        re.compile(r"only stopwords provided"),
        QueryRejected,
        "A text in the filter has only words that this collection leaves out of its index.",
        "Compare with rarer words.",
    ),
    (
        re.compile(r"vector lengths don't match|vector dimensions do not match"),
        QueryRejected,
        "The vector has not as many dimensions as those of the collection.",
        "Make it with the model that made the others.",
    ),
    (
        re.compile(r"without vectorizer|[Mm]ake sure a vectorizer module|no vectorizer"),
        NotSupported,
        "The collection has no vectoriser that turns the question into a vector.",
        _KEYWORD,
    ),
    (
        re.compile(r"no module with name \"?([\w-]+)\"?"),
        NotSupported,
        "This Weaviate runs without the module {0}.",
        "Enable it on the server, or choose another vectoriser.",
    ),
    (
        re.compile(r"read-only|READONLY"),
        StoreError,
        "Weaviate takes no changes at the moment: {message}",
        "Free disk space on the server, then make its shards ready again.",
    ),
    (
        _VECTORISER,
        StoreError,
        "The collection's vectoriser did not make a vector: {message}",
        "Check that its service can be reached and its key is entered in Settings.",
    ),
)
