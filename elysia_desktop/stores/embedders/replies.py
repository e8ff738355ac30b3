"""What an embedder's server answers when it has no vectors, in words for the person."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, cast

import httpx

from elysia_desktop.core.backoff import in_a_while
from elysia_desktop.core.errors import MissingKey, ModelError, ModelRefused, ModelUnreachable

if TYPE_CHECKING:
    from pydantic import SecretStr

    Answer = httpx.Response | httpx.HTTPError

_IN_SETTINGS = "in Settings → Data connection"
_SAID_LENGTH = 300
_TOO_LONG = re.compile(r"too (?:large|long)|exceed", re.IGNORECASE)


def is_passing(answer: Answer) -> bool:
    """Whether the same request may succeed a moment later."""
    if isinstance(answer, httpx.Response):
        passing = answer.status_code in {408, 425, 429} or answer.status_code >= 500
        return passing and not refuses_the_text(answer)
    return isinstance(answer, httpx.TransportError) and not isinstance(
        answer, httpx.ConnectError | httpx.TimeoutException | httpx.UnsupportedProtocol
    )


def refuses_the_text(answer: Answer) -> bool:
    """Whether the server refused what stands in the request, such as a text that is too long."""
    if not isinstance(answer, httpx.Response):
        return False
    # llama.cpp's server calls a text that is too long its own failure.
    too_long = answer.status_code == 500 and _TOO_LONG.search(answer.text) is not None
    return too_long or answer.status_code in {400, 413, 422}


def retry_after(answer: Answer) -> float | None:
    """The seconds that the server asked to wait, where it did."""
    said = answer.headers.get("Retry-After", "").strip() if isinstance(answer, httpx.Response) else ""
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0.0, (when.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def failure(answer: Answer, address: str, model: str, key: SecretStr, tries: int) -> ModelError | MissingKey:
    """The last answer of so many as the person should read it; the key stands nowhere in it."""
    again = f" in {tries} tries" if tries > 1 else ""
    if not isinstance(answer, httpx.Response):
        if isinstance(answer, httpx.TimeoutException):
            return ModelUnreachable(
                f"{address} did not answer in time.", "Try again, or choose a smaller embedding model."
            )
        return ModelUnreachable(
            f"Nothing answers at {address}{again}.",
            f"Check that the server runs and that its address {_IN_SETTINGS} is right.",
        )
    said = _said(answer, key)
    match answer.status_code:
        case 401 | 403 if not key.get_secret_value():
            return MissingKey(f"{address} needs a key: {said}", f"Enter the embedder's key {_IN_SETTINGS}.")
        case 401 | 403:
            return ModelRefused(
                f"{address} does not accept the key: {said}", f"Correct the embedder's key {_IN_SETTINGS}."
            )
        case 404:
            return ModelRefused(
                f"{address} does not know the embedding model “{model}”: {said}",
                f"Check the address and the model's name {_IN_SETTINGS}; Ollama fetches it with: ollama pull {model}",
            )
        case 429:
            wait = retry_after(answer)
            hint = f"Try again {in_a_while(wait)}." if wait else "Try again later."
            return ModelRefused(f"{address} takes no more texts now: {said}", hint)
        case status if status >= 500:
            return ModelError(f"{address} failed{again}: {said}", "Try again later.")
        case _:
            return ModelRefused(
                f"{address} did not embed with “{model}”: {said}", f"Check the embedder {_IN_SETTINGS}."
            )


def _said(response: httpx.Response, key: SecretStr) -> str:
    """The server's own words, on one line."""
    try:
        body: Any = json.loads(response.content)
    except ValueError:
        body = None
    error: Any = cast("dict[str, Any]", body).get("error") if isinstance(body, dict) else None
    message: Any = cast("dict[str, Any]", error).get("message") if isinstance(error, dict) else error
    said = " ".join(message.split()) if isinstance(message, str) else ""
    if secret := key.get_secret_value():
        said = said.replace(secret, "…")
    return said[:_SAID_LENGTH] or f"status {response.status_code}, without a word"
