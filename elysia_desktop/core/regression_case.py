"""A regression case: a question that was answered badly, kept so that it can be asked again."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from elysia_desktop.core.run_record import RunRecord

CASE_FORMAT = "elysia-desktop/regression-case"
CASE_VERSION = 1


class Message(BaseModel):
    """Something said earlier in the conversation."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    role: Literal["user", "assistant"]
    content: str


class RegressionCase(BaseModel):
    """The question, what was said before it, and the run that answered it; `kept_at` is ISO 8601.

    The format only ever gains fields with defaults; what cannot be read any longer gets another version.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal["elysia-desktop/regression-case"] = CASE_FORMAT
    version: Literal[1] = CASE_VERSION
    kept_at: str = ""
    earlier: tuple[Message, ...] = ()
    run: RunRecord

    @property
    def question(self) -> str:
        """What is asked."""
        return self.run.question
