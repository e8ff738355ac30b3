"""The models that a state manager asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from elysia_desktop.core.backoff import Backoff
from elysia_desktop.core.defaults import default_settings
from elysia_desktop.core.settings import ModelChoice, Settings
from elysia_desktop.engine.lm import LanguageModel, Model
from elysia_desktop.engine.tree_models import TreeModels


@dataclass(frozen=True)
class Models:
    """The base and the complex model; `make` reaches another one at the provider of either."""

    base: Model
    complex: Model
    make: Callable[[ModelChoice], Model] = LanguageModel
    _made: dict[tuple[str, str, str], Model] = field(
        default_factory=dict[tuple[str, str, str], Model], init=False, repr=False, compare=False
    )

    @classmethod
    def from_settings(cls, settings: Settings | None = None) -> Models:
        """The models of these settings, or of the process's defaults; nothing is asked yet."""
        settings = settings or default_settings()
        own = TreeModels(settings)

        def make(choice: ModelChoice) -> Model:
            return LanguageModel(
                choice,
                timeout=settings.model_timeout,
                max_output_tokens=settings.max_output_tokens,
                recorder=own.recorder,
                backoff=Backoff(tries=settings.model_retries + 1),
            )

        return cls(own.model("base"), own.model("complex"), make)

    def model(self, wanted: str | Model, like: Model) -> Model:
        """The model called `base` or `complex`, one of another name at the provider of `like`, or the one given."""
        if not isinstance(wanted, str):
            return wanted
        if wanted in {"base", "complex"}:
            return self.base if wanted == "base" else self.complex
        if wanted == like.choice.model:
            return like
        key = (like.choice.provider, like.choice.address, wanted)
        if key not in self._made:
            # what was found out or set of one model holds for no other
            choice = replace(
                like.choice,
                model=wanted,
                supports_schema=None,
                supports_tools=None,
                context_length=None,
                input_price=None,
                output_price=None,
            )
            self._made[key] = self.make(choice)
        return self._made[key]

    async def aclose(self) -> None:
        """Close all connections; the models can be asked again."""
        for model in (self.base, self.complex, *self._made.values()):
            await model.aclose()
