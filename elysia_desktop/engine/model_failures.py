"""Failures of a model's server: which of them pass, and how each is told to the person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from elysia_desktop.core.backoff import in_a_while
from elysia_desktop.core.errors import MissingKey, ModelError, ModelRefused, ModelUnreachable
from elysia_desktop.core.providers import provider_of
from elysia_desktop.core.settings import ModelChoice
from elysia_desktop.engine.recorder import without

_SAID_LENGTH = 400
_REFUSED_AS_WRITTEN = {400, 422}
_NOT_FOUND = 404
_NOT_THERE = ("ConnectError", "ClientConnectorError")
_SILENT = ("ReadTimeout", "WriteTimeout")
_OF_LITELLM = re.compile(r"^litellm\.\w+: (?:\w+(?:Error|Exception)(?: -|:) )*")
_IS_PAGE = re.compile(r"<(?:!doctype|html|head|body|\?xml)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>\s*([^<]*[^<\s])\s*</title", re.IGNORECASE)
_HINT_OF_LIBRARY = "To fix:"
"""The library adds hints of its own after the server's words, also where there are none."""
_KEY_REFUSED = re.compile(
    r"\b(?:incorrect|invalid) api[ _-]key\b|\bapi[ _-]key (?:is )?(?:not valid|invalid)\b", re.IGNORECASE
)
"""Gemini and xAI refuse a key as a bad request."""
_NO_FUNCTIONS = re.compile(r"support tool|tool use|--jinja|support function|module named .mcp", re.IGNORECASE)
_PASSING_IN_STREAM = re.compile(r"429|5\d\d")


class ReplyBrokenOff(ModelUnreachable):
    """A reply stopped after part of it had been passed on; to ask again means to begin the text anew.

    `exchanges` are the ids under which it was recorded.
    """

    exchanges: tuple[str, ...] = ()


def is_passing(error: Exception, seconds: float, timeout: float) -> bool:
    """Whether the same request may succeed a moment later; silence until the time-out does not count."""
    failures: Any = import_module("dspy.utils.exceptions")
    if _is_any(error, *_NOT_THERE):
        return False
    match error:
        case failures.LMRateLimitError() | failures.LMServerError() | failures.LMStreamAssemblyError():
            return True
        case failures.LMTimeoutError():
            return error.status is not None and seconds < timeout
        case failures.LMTransportError():
            return not _is_any(error, *_SILENT)
        case failures.LMProviderError():
            # A failure told within a stream has the status of the stream, which is none.
            return error.status is None and bool(_PASSING_IN_STREAM.fullmatch(error.provider_code or ""))
        case _:
            return False


def refuses_as_written(error: Exception) -> bool:
    """Whether the server refused the request for what stands in it."""
    failures: Any = import_module("dspy.utils.exceptions")
    return (
        isinstance(error, failures.LMInvalidRequestError)
        and not isinstance(error, failures.ContextWindowExceededError)
        and (getattr(error, "status", None) in _REFUSED_AS_WRITTEN or getattr(error, "status", None) is None)
    )


def refuses_functions(error: Exception) -> bool:
    """Whether the server may have refused a request for the functions in it."""
    failures: Any = import_module("dspy.utils.exceptions")
    if isinstance(error, failures.LMUnsupportedFeatureError) or refuses_as_written(error):
        return True
    status = getattr(error, "status", None)
    # OpenRouter finds no model that can, llama.cpp has not been told how to, LiteLLM may lack a package.
    return status in {_NOT_FOUND, 500, 501, None} and bool(_NO_FUNCTIONS.search(words_of(error)))


def is_nested_too_deep(error: BaseException) -> bool:
    """Whether a reply could not be read because it is nested without end."""
    return _is_any(error, "RecursionError")


def words_of(error: Exception, secrets: Iterable[str] = ()) -> str:
    """What the server said, on one line, without keys."""
    if _is_any(error, "JSONDecodeError") and getattr(error, "status", None) is None:
        return "what it sends is not JSON"
    said = without(str(getattr(error, "message", "") or error), secrets).strip()
    status = getattr(error, "status", None)
    if _IS_PAGE.match(said):
        title = _TITLE.search(said)
        said = title[1].strip() if title else f"a web page, with status {status}"
    first = _OF_LITELLM.sub("", said.splitlines()[0]).strip()[:_SAID_LENGTH] if said else ""
    if first and first != _HINT_OF_LIBRARY:
        return first
    return f"status {status}, without a word" if status else type(error).__name__


def broken_off(error: Exception, choice: ModelChoice, exchanges: Iterable[str]) -> ReplyBrokenOff:
    """The failure of a reply that had begun, as the person should read it."""
    said = words_of(error, [choice.key.get_secret_value()])
    said = said.rstrip(".")
    told = ReplyBrokenOff(f"The reply from {_place(choice)} broke off: {said}.", "Ask again.")
    told.exchanges = tuple(exchanges)
    return told


def in_words(error: Exception, choice: ModelChoice, tries: int = 1) -> ModelError | MissingKey:
    """The failure as the person should read it, after so many tries."""
    failures: Any = import_module("dspy.utils.exceptions")
    said = words_of(error, [choice.key.get_secret_value()])
    where = _place(choice)
    again = f" in {tries} tries" if tries > 1 else ""
    told = _unreached(error, choice, where, again) or _refused(error, where, said, choice.model, again)
    if told is not None:
        return told
    match error:
        case failures.LMNotConfiguredError():
            return MissingKey(f"{where} needs a key: {said}", "Enter it in Settings → Models.")
        case failures.ContextWindowExceededError():
            return ModelError(
                f"The prompt is too long for “{choice.model}”: {said}",
                "Lower the token budget in Settings → Models.",
            )
        case failures.LMUnexpectedError():
            return ModelError(
                f"{where} did not reply as a model does: {said}",
                "Check the address in Settings → Models: it may not be that of a model.",
            )
        case failures.LMInvalidRequestError() if error.status == _NOT_FOUND:
            return ModelRefused(
                f"{where} does not know “{choice.model}”: {said}",
                "Check the address and the model's name in Settings → Models.",
            )
        case failures.LMServerError():
            return ModelError(f"{where} failed{again}: {said}", _when_again(error))
        case _:
            return ModelError(f"{where} failed: {said}", "Try again, or test the model in Settings → Models.")


def _unreached(error: Exception, choice: ModelChoice, where: str, again: str) -> ModelUnreachable | None:
    failures: Any = import_module("dspy.utils.exceptions")
    if _is_any(error, *_NOT_THERE):
        hint = "Check that the server runs and that the address in Settings → Models is right."
        return ModelUnreachable(
            f"Nothing answers at {where}.", hint if choice.address else "Check that this computer is online."
        )
    match error:
        case failures.LMTimeoutError():
            return _late(where)
        case TimeoutError():
            return ModelUnreachable(
                f"The reply from {where} did not come to an end in time.",
                "Ask again, or choose another model.",
            )
        case failures.LMTransportError() if _is_any(error, *_SILENT):
            return _late(where)
        case failures.LMTransportError() | failures.LMStreamAssemblyError():
            said = words_of(error, [choice.key.get_secret_value()])
            return ModelUnreachable(
                f"{where} broke off its reply{again}: {said}",
                "Check that the server runs well, and ask again.",
            )
        case _:
            return None


def _refused(error: Exception, where: str, said: str, model: str, again: str) -> ModelRefused | None:
    failures: Any = import_module("dspy.utils.exceptions")
    match error:
        case failures.LMAuthError():
            return ModelRefused(
                f"{where} refused the key: {said}", "Enter the right key in Settings → Models."
            )
        case failures.LMInvalidRequestError() if _KEY_REFUSED.search(said):
            return ModelRefused(
                f"{where} refused the key: {said}", "Enter the right key in Settings → Models."
            )
        case failures.LMUnsupportedModelError():
            return ModelRefused(f"{where} does not serve “{model}”: {said}", "Choose another model.")
        case failures.LMRateLimitError() | failures.LMBillingError():
            asked = f", asked{again}" if again else ""
            return ModelRefused(f"{where} does not take more requests now{asked}: {said}", _when_again(error))
        case _:
            return None


def _place(choice: ModelChoice) -> str:
    return choice.address or provider_of(choice.provider).title


def _late(where: str) -> ModelUnreachable:
    return ModelUnreachable(
        f"The model at {where} did not answer in time.",
        "Try again, or raise the reply time-out in Settings → Models.",
    )


def _when_again(error: Any) -> str:
    seconds = error.retry_after
    if isinstance(seconds, int | float) and seconds > 0:
        return f"Try again {in_a_while(seconds)}, or choose another model."
    return "Wait, or choose another model."


def _is_any(error: BaseException, *names: str) -> bool:
    """Whether the error or what caused it is of a type so called; the model library does not export them all."""
    return any(kind.__name__ in names for cause in _causes(error) for kind in type(cause).__mro__)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
