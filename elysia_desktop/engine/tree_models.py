"""The models of one tree: reached when first needed, anew after a change of settings."""

from __future__ import annotations

from elysia_desktop.core.backoff import Backoff
from elysia_desktop.core.settings import ModelChoice, Role, Settings
from elysia_desktop.engine.lm import LanguageModel
from elysia_desktop.engine.recorder import Recorder


class TreeModels:
    """The base and the complex model. What replaced ones hold open is closed with the rest."""

    def __init__(self, settings: Settings) -> None:
        self.recorder = Recorder()
        self._settings = settings
        self._models: dict[Role, LanguageModel] = {}
        self._replaced: list[LanguageModel] = []

    def model(self, role: Role) -> LanguageModel:
        """The model that decides (`base`) or writes queries and answers (`complex`)."""
        if role not in self._models:
            choice, timeout, longest, retries = _made_of(self._settings, role)
            self.recorder.hide(*_secrets(self._settings))
            self._models[role] = LanguageModel(
                choice,
                timeout=timeout,
                max_output_tokens=longest,
                recorder=self.recorder,
                backoff=Backoff(tries=retries + 1),
            )
        return self._models[role]

    def use(self, settings: Settings) -> None:
        """Take these settings; a model that they change is reached anew."""
        for role in list(self._models):
            if _made_of(settings, role) != _made_of(self._settings, role):
                self._replaced.append(self._models.pop(role))
        self._settings = settings

    async def aclose(self) -> None:
        """Close connections; the models can be reached again."""
        models, self._models = [*self._replaced, *self._models.values()], {}
        self._replaced = []
        for model in models:
            await model.aclose()


def _secrets(settings: Settings) -> list[str]:
    """Every key, whoever it is for: a person may have typed one into a question."""
    keys = [*settings.api_keys.values(), settings.wcd_api_key]
    return [key.get_secret_value() for key in keys if key is not None]


def _made_of(settings: Settings, role: Role) -> tuple[ModelChoice, float, int, int]:
    """Everything in the settings that a model is made from."""
    longest, retries = settings.max_output_tokens, settings.model_retries
    return settings.model_choice(role), settings.model_timeout, longest, retries
