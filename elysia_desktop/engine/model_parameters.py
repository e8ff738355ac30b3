"""What each model wants to be asked with, as far as its name tells and its server has said."""

from __future__ import annotations

import re
from typing import Any

from elysia_desktop.core.chat import ToolChoice
from elysia_desktop.core.providers import SERVED_HERE, provider_of
from elysia_desktop.core.settings import ModelChoice

_FIXED_TEMPERATURE = re.compile(r"^(o\d|gpt-5(?!.*-chat)|deepseek-reasoner)")
"""Models of these families refuse a temperature, or take no notice of it."""
_RENAMED_LIMIT = re.compile(r"^(o\d|gpt-5)")
_THINKS = re.compile(
    r"^(o\d|gpt-5(?!.*-chat)|gpt-oss|deepseek-reasoner|deepseek-r\d|gemini-(2\.5|[3-9])|grok-[3-9].*mini|grok-[4-9]"
    r"|qwq|magistral)|-(thinking|reasoning|reasoner)\b"
)
_ROOM_TO_THINK = 16_000
_LIMITS = re.compile(r"\bmax_?(completion_|output_|new_)?_?tokens\b", re.IGNORECASE)
_SCHEMA = re.compile(
    r"response_?(format|schema)|json_?\s?schema|structured[ _]output|output_(config|format)|grammar|guided",
    re.IGNORECASE,
)

_TOOLS = re.compile(r"\btools?\b|\btool_|function[_ -]?call|\bmcp\b", re.IGNORECASE)
_TOOL_CHOICE = re.compile(r"tool[_ ]choice", re.IGNORECASE)
_BETTER_IN_WORDS = {SERVED_HERE, "llama_cpp"}
"""Whose models are held to a schema until a test has shown that they call functions.

llama.cpp tells any model of functions, and a small one writes JSON as its text: of twelve questions, models of 0.5
and 1.5 billion parameters took up eleven rightly in words, and at most two natively (`tests/eval/functions.py`).
"""
_TAKES_BOTH = {"openai"}
"""Providers that hold a reply to a schema also where functions may be called."""


class ModelParameters:
    """The parameters of requests to one model; what its server refuses is not sent again."""

    def __init__(self, choice: ModelChoice) -> None:
        self._choice = choice
        self._provider = provider_of(choice.provider)
        self._family = choice.model.rsplit("/", 1)[-1].lower()
        self._thinks = bool(_THINKS.search(self._family))
        self._limits = ["max_tokens"]
        if self._provider.needs_address and _RENAMED_LIMIT.match(self._family):
            self._limits.insert(0, "max_completion_tokens")
        self._temperature = self._first_temperature()
        self._refuses_schema = False
        self._refuses_functions = False
        self._refuses_to_be_forced = False
        self.counts_streams = True
        """Whether the server is asked for the number of tokens of a streamed reply."""

    @property
    def constrains_output(self) -> bool:
        """Whether a JSON schema sent along is expected to be obeyed."""
        stated = self._choice.supports_schema
        return not self._refuses_schema and (self._provider.constrains_output if stated is None else stated)

    @property
    def constrains_beside_functions(self) -> bool:
        """Whether a JSON schema may go along with functions."""
        return self._provider.id in _TAKES_BOTH

    def calls_functions(self, choice: ToolChoice) -> bool:
        """Whether functions are sent as such, where they may be chosen like this; else they are told in words."""
        if self._refuses_functions or (self._refuses_to_be_forced and choice not in {"auto", "none"}):
            return False
        stated = self._choice.supports_tools
        return self._provider.id not in _BETTER_IN_WORDS if stated is None else stated

    def limit(self, longest: int) -> int:
        """The most tokens a reply may take, with room to think where the model does."""
        if not self._thinks:
            return longest
        context = self._choice.context_length
        return max(longest, _ROOM_TO_THINK if context is None else min(_ROOM_TO_THINK, context // 2))

    def sampling(self, longest: int) -> dict[str, Any]:
        """The model library's settings for a reply of at most this many tokens."""
        extensions: dict[str, Any] = {}
        sampling: dict[str, Any] = {"temperature": self._temperature}
        match self._limits[:1]:
            case ["max_tokens"]:
                sampling["max_tokens"] = self.limit(longest)
            case [renamed]:
                extensions[renamed] = self.limit(longest)
            case _:
                pass
        if self._provider.id == "openrouter":
            extensions["usage"] = {"include": True}  # its price
        if extensions:
            sampling["extensions"] = extensions
        return sampling

    def refuse_schema(self) -> None:
        """Do not send a JSON schema any more."""
        self._refuses_schema = True

    def learn(self, said: str, schema_sent: bool) -> bool:
        """Drop a parameter that a refusal names; whether the next request differs from the refused one."""
        if self._temperature is not None and "temperature" in said.lower():
            self._temperature = None
        elif "stream_options" in said and self.counts_streams:
            self.counts_streams = False
        elif self._limits and _LIMITS.search(said):
            refused = self._limits.pop(0)
            if refused == "max_tokens" and "max_completion_tokens" in said and "instead" in said:
                self._limits.append("max_completion_tokens")
        elif schema_sent and _SCHEMA.search(said):
            self._refuses_schema = True
        else:
            return False
        return True

    def learn_functions(self, said: str, choice: ToolChoice) -> bool:
        """Send no functions any more, or none that must be called, where a refusal speaks of them; whether it does."""
        if choice not in {"auto", "none"} and _TOOL_CHOICE.search(said):
            self._refuses_to_be_forced = True
        elif _TOOLS.search(said):
            self._refuses_functions = True
        else:
            return False
        return True

    def learn_to_wait(self) -> bool:
        """Give room to think from now on, as a reply held nothing but thoughts; whether that is new."""
        known, self._thinks = self._thinks, True
        return not known

    def _first_temperature(self) -> float | None:
        if self._choice.temperature is not None:
            return self._choice.temperature
        fixed = bool(_FIXED_TEMPERATURE.match(self._family))
        return 0.0 if self._provider.needs_address and not fixed else None
