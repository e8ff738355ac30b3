"""What a state manager may be told: its limits, and how much of a conversation its model is shown."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from elysia_desktop.core.settings import Settings


class ModuleConfig(BaseModel):
    """How a state manager works. A class of your own may add fields for its tools; others are kept as given."""

    model_config = ConfigDict(extra="allow", frozen=True)

    N_MIN: int = Field(default=2, ge=0)
    """As many of the last messages are told, however long they are."""
    N_MAX: int = Field(default=50, ge=1)
    """No more of the last messages than these are told."""
    MAX_TOKENS: int = Field(default=8000, ge=1)
    """How long a history may be, in tokens as estimated."""
    FUNCTION_CALL_MAX_ITERATIONS: int = Field(default=10, ge=1)
    """How many completions a loop may ask for."""
    tool_timeout: float | None = Field(default=None, gt=0)
    """How long a function may run, in seconds; None for what the settings say."""

    def time_for_a_tool(self, settings: Settings) -> float:
        """How long a function may run, in seconds."""
        return settings.tool_timeout if self.tool_timeout is None else self.tool_timeout
