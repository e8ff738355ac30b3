import pytest
from engine.models import KEY, choice_of

from elysia_desktop.core.errors import MissingKey, ModelError, ModelRefused, ModelUnreachable
from elysia_desktop.engine.lm import load_model_library
from elysia_desktop.engine.model_failures import (
    in_words,
    is_nested_too_deep,
    is_passing,
    refuses_as_written,
    words_of,
)

load_model_library()
from dspy.utils import exceptions as failures  # noqa: E402 - only what loads it knows how to


class ConnectError(Exception):
    """Called as the transport's own."""


class ReadTimeout(Exception):
    """Called as the transport's own."""


def caused(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (failures.LMRateLimitError("x", status=429), True),
        (failures.LMServerError("x", status=529), True),
        (failures.LMTimeoutError("x", status=504), True),
        (failures.LMTimeoutError("x"), False),
        (failures.LMStreamAssemblyError("x"), True),
        (failures.LMTransportError("reset"), True),
        (caused(failures.LMTransportError("x"), ConnectError()), False),
        (caused(failures.LMServerError("x", status=500), ConnectError()), False),
        (caused(failures.LMTransportError("x"), ReadTimeout()), False),
        (failures.LMBillingError("x", status=402), False),
        (failures.LMAuthError("x", status=401), False),
        (failures.LMInvalidRequestError("x", status=400), False),
        (failures.LMUnexpectedError("x"), False),
        (failures.LMProviderError("told in a stream", provider_code="502"), True),
        (failures.LMProviderError("told in a stream", provider_code="400"), False),
        (failures.LMProviderError("x", status=418, provider_code="502"), False),
        (TimeoutError(), False),
    ],
    ids=repr,
)
def test_only_what_passes_is_worth_another_try(error, passes):
    assert is_passing(error, seconds=1, timeout=5) is passes


def test_a_server_that_was_silent_for_the_whole_time_is_not_asked_again():
    assert not is_passing(failures.LMTimeoutError("x", status=408), seconds=5.1, timeout=5)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (failures.LMAuthError(f"Bad key {KEY}."), ModelRefused, "refused the key: Bad key •••."),
        (
            failures.LMInvalidRequestError("API key not valid. Please pass one.", status=400),
            ModelRefused,
            "refused the key: API key not valid.",
        ),
        (
            failures.LMInvalidRequestError("Incorrect API key provided: x", status=400),
            ModelRefused,
            "the key:",
        ),
        (failures.LMUnsupportedModelError("gone"), ModelRefused, "does not serve “scripted”: gone"),
        (failures.LMInvalidRequestError("gone", status=404), ModelRefused, "does not know “scripted”"),
        (failures.LMBillingError("no money"), ModelRefused, "no money"),
        (failures.ContextWindowExceededError(message="9 > 8"), ModelError, "too long for “scripted”: 9 > 8"),
        (failures.LMNotConfiguredError("no login"), MissingKey, "no login"),
        (caused(failures.LMTransportError("x"), ConnectError()), ModelUnreachable, "Nothing answers"),
        (caused(failures.LMTransportError("x"), ReadTimeout()), ModelUnreachable, "in time"),
        (TimeoutError(), ModelUnreachable, "come to an end"),
        (failures.LMProviderError("", status=418), ModelError, "status 418"),
        (ImportError("pip install it"), ModelError, "pip install it"),
    ],
    ids=repr,
)
def test_each_failure_is_told_with_what_to_do(error, kind, said):
    told = in_words(error, choice_of())
    assert type(told) is kind
    assert said in str(told)
    assert told.hint


def test_what_to_do_depends_on_whether_there_is_an_address():
    error = caused(failures.LMTransportError("x"), ConnectError())
    assert "address" in in_words(error, choice_of()).hint
    assert "online" in in_words(error, choice_of("", provider="openai")).hint


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("First line.\n\n  To fix:\n  - this", "First line."),
        ("litellm.BadRequestError: MistralException - Not so.", "Not so."),
        ("litellm.InternalServerError: InternalServerError: AnthropicError - Not so.", "Not so."),
        ("ValueError: Not so.", "ValueError: Not so."),
        ("x" * 1000, "x" * 400),
        ("\n\n  To fix:\n  - this", "LMError"),
        ("<html>\n<head><title>\n502 Bad Gateway </title></head>", "502 Bad Gateway"),
        ("<!DOCTYPE html>\n<p>Forbidden", "a web page, with status None"),
        ("", "LMError"),
    ],
)
def test_only_the_servers_own_words_are_told(message, said):
    assert words_of(failures.LMError(message)) == said


def test_a_refusal_of_what_was_sent_is_told_from_one_of_who_sent_it():
    assert refuses_as_written(failures.LMInvalidRequestError("x", status=400))
    assert not refuses_as_written(failures.LMInvalidRequestError("x", status=404))
    assert not refuses_as_written(failures.ContextWindowExceededError(status=400))
    assert not refuses_as_written(failures.LMAuthError("x", status=401))


def test_endless_nesting_is_known_by_what_it_led_to():
    assert is_nested_too_deep(caused(failures.LMUnexpectedError("x"), RecursionError()))
    assert not is_nested_too_deep(failures.LMUnexpectedError("x"))
