"""Language models over a scripted server, whose waits take no time."""

from dataclasses import replace

from pydantic import SecretStr

from elysia_desktop.core.backoff import Backoff
from elysia_desktop.core.settings import ModelChoice
from elysia_desktop.engine.lm import LanguageModel

KEY = "sk-canary-0123456789"
SCHEMA = {
    "type": "object",
    "properties": {"word": {"type": "string"}},
    "required": ["word"],
    "additionalProperties": False,
}


def choice_of(address="http://localhost:9/v1", **changes):
    made = ModelChoice("openai_compatible", "scripted", address, SecretStr(KEY), True, None, None)
    return replace(made, **changes)


class Waits(list):
    """Notes how long was to be waited, and waits no moment."""

    def backoff(self, **more):
        return Backoff(sleep=self._sleep, chance=lambda: 0, **more)

    async def _sleep(self, seconds):
        self.append(seconds)


def model_at(server, *, waits=None, timeout=5, changes=None, **more):
    backoff = (Waits() if waits is None else waits).backoff()
    return LanguageModel(
        choice_of(server.address, **(changes or {})), **{"timeout": timeout, "backoff": backoff, **more}
    )


class Recorded:
    """An engine of the model library that replies from a list, without any server."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.requests = []

    async def complete(self, request):
        self.requests.append(request)
        return self.replies.pop(0)
