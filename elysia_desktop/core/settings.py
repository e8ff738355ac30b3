# ruff: noqa: E501 - the settings are a table, one row each
"""Every setting, once: its name, title, description, default, unit and constraints."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, cast

from pydantic import ConfigDict, Field, SecretStr, ValidationError, field_validator

from elysia_desktop.core.addresses import checked_address
from elysia_desktop.core.data_settings import DataSettings
from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.core.model_choices import models_for
from elysia_desktop.core.providers import SERVED_HERE, provider_of
from elysia_desktop.core.setting_fields import SettingField, fields_of, setting
from elysia_desktop.core.setting_names import (
    OTHER_NAMES,
    in_our_names,
    is_key_name,
    saved_in_our_names,
    without_plain_keys,
)

Role = Literal["base", "complex"]

MOST_MINUTES = 5_256_000
"""No time-out is longer than ten years, which is never."""


class Settings(DataSettings):
    """The configuration of models, data, agent and appearance. Secrets are in no export, log or repr."""

    model_config = ConfigDict(validate_assignment=True, extra="forbid", hide_input_in_errors=True)

    # fmt: off
    recursion_limit: int = setting(
        5, "Steps per question", "How many tools the agent may use for one question.",
        "Agent", section="Runs", ge=1, le=50)
    files_answered_by: Literal["tools", "tree"] = setting(
        "tools", "Questions about files", "What answers in a conversation with files: function calls, or the decision tree.",
        "Agent", section="Files")
    tool_timeout: int = setting(
        300, "Time for a function", "How long a function that a model calls may run.",
        "Agent", section="Files", unit="seconds", ge=1, le=86_400)
    style: str = setting(
        "Informative, polite and friendly.", "Style", "How the agent writes.",
        "Agent", section="Character", max_length=2000)
    agent_description: str = setting(
        "You search and query the user's collections to satisfy their question, and answer concisely.", "Description", "What the agent is told it is.",
        "Agent", section="Character", max_length=4000)
    end_goal: str = setting(
        "You have answered the question, or exhausted what the tools can do, or need the user to clarify.", "End goal", "When the agent should stop.",
        "Agent", section="Character", max_length=4000)

    tree_timeout: float = setting(
        10, "Conversation", "An idle conversation is put away after this long; 0: never.",
        "Timeouts", unit="minutes", widget="hidden", ge=0, le=MOST_MINUTES)
    user_timeout: float = setting(
        10, "User", "An idle user is put away after this long; 0: never.",
        "Timeouts", unit="minutes", widget="hidden", ge=0, le=MOST_MINUTES
    )
    client_timeout: float = setting(
        10,
        "Data connection", "An idle connection is opened anew after this long; 0: never.", "Timeouts", unit="minutes", widget="hidden", ge=0, le=MOST_MINUTES)

    use_feedback: bool = setting(
        False, "Learn from feedback", "Show models how similar questions that you rated well were answered.",
        "Privacy"
    )
    appearance: Literal["system", "light", "dark"] = setting(
        "system", "Theme", "Colours of the window.",
        "Appearance"
    )
    logging_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = setting(
        "WARNING", "Log", "How much is written to the log.",
        "Advanced"
    )

    api_keys: dict[str, SecretStr] = Field(default_factory=dict, title="API keys", description="Keys by name, for example OPENAI_API_KEY.", exclude=True, json_schema_extra={"group": "Models", "widget": "hidden"})
    # fmt: on

    @field_validator("wcd_url", mode="before")
    @classmethod
    def _is_cluster(cls, value: Any) -> Any:
        """Clusters are often named by their host alone; those are https."""
        is_host = isinstance(value, str) and value.strip() and "://" not in value
        return f"https://{value.strip()}" if is_host else value

    @field_validator("base_api_base", "complex_api_base", "wcd_url", "embedder_api_base")
    @classmethod
    def _is_address(cls, value: str) -> str:
        return checked_address(value)

    @classmethod
    def from_env_vars(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Settings named as in the environment: `BASE_MODEL`, `WCD_URL`, `OPENAI_API_KEY`.

        `MODEL_API_BASE` is the address of both models, `WEAVIATE_IS_LOCAL` and `WEAVIATE_IS_CUSTOM` choose the
        data source. Raises `ConfigurationError` naming the variable that does not fit.
        """
        environ = os.environ if environ is None else environ
        known = (*cls.model_fields, *OTHER_NAMES)
        # Lines of a .env file often end in blanks.
        given = without_plain_keys({name: environ.get(name.upper(), "").strip() for name in known})
        keys = {
            name.upper(): SecretStr(value.strip()) for name, value in environ.items() if is_key_name(name)
        }
        del environ  # a traceback with local variables would show its keys
        # A secret's length is that of its text.
        values = in_our_names({name: value for name, value in given.items() if len(value)})
        values["api_keys"] = {name: key for name, key in keys.items() if len(key)}
        try:
            return cls(**values)
        except ValidationError as error:
            raise _as_configuration_error(error) from error

    @classmethod
    def from_smart_setup(cls, environ: Mapping[str, str] | None = None) -> Self:
        """The environment's settings; where they name no model, the first key of `MODELS_BY_KEY` chooses two."""
        settings = cls()
        settings.smart_setup(environ)
        return settings

    def smart_setup(self, environ: Mapping[str, str] | None = None) -> None:
        """Put the environment's settings above these; where no model is named, the keys choose."""
        outside = type(self).from_env_vars(environ)
        named = {name: getattr(outside, name) for name in outside.model_fields_set}
        keys = {*self.api_keys, *outside.api_keys}
        self.configure(**models_for(keys, {**dict(self), **named}), **named)

    def configure(self, replace: bool = False, **changes: Any) -> None:
        """Change settings by their lower-case names, all or none; `*_api_key` names and `api_keys` set keys.

        With `replace` all others go back to their defaults, keys included. A cluster's address chooses the cloud
        as data source unless `data_source` is named. Raises `ConfigurationError` naming what does not fit.
        """
        base = dict(type(self)()) if replace else dict(self)
        changes = without_plain_keys(changes)
        given = {name: changes.pop(name) for name in list(changes) if is_key_name(name)}
        changes = in_our_names(changes, base)
        more: Any = changes.pop("api_keys", None) or {}
        if not isinstance(more, Mapping):
            del more
            raise ConfigurationError("The setting api_keys is not a dict of keys by name.")
        keys = {**cast("Mapping[Any, Any]", more), **given}
        del more
        try:
            changed = type(self).model_validate({**base, **changes})
            for name, value in keys.items():
                changed.set_api_key(value or "", name)
        except ValidationError as error:
            raise _as_configuration_error(error) from error
        vars(self).update(vars(changed))

    def set_api_key(self, api_key: str | SecretStr, api_key_name: str) -> None:
        """Keep a key for this process; an empty one forgets it."""
        if not isinstance(api_key_name, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers are untyped
            raise ConfigurationError("A key's name is a text, such as OPENAI_API_KEY.")
        name = api_key_name.upper()
        secret = api_key if isinstance(api_key, SecretStr) else SecretStr(api_key)
        if not isinstance(secret.get_secret_value(), str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers are untyped
            raise ConfigurationError(f"The key {name} is not a text.", "Give it as a text.")
        kept = {other: value for other, value in self.api_keys.items() if other != name}
        self.api_keys = {**kept, name: secret} if secret.get_secret_value() else kept

    def api_key(self, name: str) -> str:
        """The key called `name`, in either case, or an empty text; `…_APIKEY` stands in for `…_API_KEY`."""
        name = name.upper()
        secret = self.api_keys.get(name) or self.api_keys.get(name.replace("_API_KEY", "_APIKEY"))
        return secret.get_secret_value() if secret else ""

    def check(self) -> dict[str, bool]:
        """What is configured: each model, its provider, and the data connection; of a port, whether it is unusual."""
        return {
            "base_model": bool(self.base_model),
            "base_provider": bool(self.base_provider),
            "complex_model": bool(self.complex_model),
            "complex_provider": bool(self.complex_provider),
            "wcd_url": bool(self.wcd_url),
            "wcd_api_key": bool(self.wcd_api_key),
            "weaviate_is_local": self.data_source == "local",
            "local_weaviate_port": self.local_weaviate_port != 8080,
            "local_weaviate_grpc_port": self.local_weaviate_grpc_port != 50051,
            "weaviate_is_custom": self.data_source == "custom",
            "custom_http_host": bool(self.custom_http_host),
            "custom_grpc_host": bool(self.custom_grpc_host),
        }

    def to_json(self) -> dict[str, Any]:
        """Every setting but the secrets."""
        return self.model_dump(mode="json", exclude={"wcd_api_key", "api_keys"})

    @classmethod
    def from_json(cls, json_data: Mapping[str, Any]) -> Self:
        """The settings that `to_json` wrote, ours or Elysia's.

        Unknown names and `api_keys` are left out, wrong values raise `ConfigurationError`.
        """
        named = saved_in_our_names(json_data)
        known = cls.model_fields.keys() - {"api_keys"}
        try:
            return cls(**{name: value for name, value in named.items() if name in known})
        except ValidationError as error:
            raise _as_configuration_error(error) from error

    def model_choice(self, role: Role) -> ModelChoice:
        """The base or complex model; the complex one falls back to the base model."""
        if role == "complex" and not (
            self.complex_provider and (self.complex_model or self.complex_provider == SERVED_HERE)
        ):
            role = "base"
        provider = provider_of(getattr(self, f"{role}_provider"))
        use_reasoning: bool | None = getattr(self, f"{role}_use_reasoning")
        return ModelChoice(
            provider=provider.id,
            model=getattr(self, f"{role}_model"),
            address=getattr(self, f"{role}_api_base") or provider.address,
            key=SecretStr(self.api_key(provider.key_name)),
            use_reasoning=not provider.on_this_computer if use_reasoning is None else use_reasoning,
            supports_schema=getattr(self, f"{role}_supports_schema"),
            supports_tools=getattr(self, f"{role}_supports_tools"),
            context_length=getattr(self, f"{role}_context_length"),
            temperature=getattr(self, f"{role}_temperature"),
            input_price=getattr(self, f"{role}_input_price"),
            output_price=getattr(self, f"{role}_output_price"),
        )


@dataclass(frozen=True)
class ModelChoice:
    """A model as configured: who serves it, where, with which key; prices in US dollars per million tokens."""

    provider: str
    model: str
    address: str
    key: SecretStr
    use_reasoning: bool
    supports_schema: bool | None
    context_length: int | None
    temperature: float | None = None
    input_price: float | None = None
    output_price: float | None = None
    supports_tools: bool | None = None

    @property
    def is_configured(self) -> bool:
        """Whether there is a model to ask at all; one served from a file is named by the file."""
        return bool(self.provider and (self.model or self.provider == SERVED_HERE))

    @property
    def title(self) -> str:
        """Who serves it, as the person knows them."""
        return provider_of(self.provider).title

    @property
    def label(self) -> str:
        """The model's name without its folder or publisher."""
        return self.model.rsplit("/", 1)[-1] or self.title


def setting_fields() -> Iterator[SettingField]:
    """Every setting that a form can show, in order."""
    yield from fields_of(Settings)


def quiet_model_library() -> None:
    """Keep the model library from fetching prices over the network."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "true")


def _as_configuration_error(error: ValidationError) -> ConfigurationError:
    """The first thing that does not fit, in words; the value itself is not repeated, it may be a secret."""
    first = error.errors(include_input=False, include_context=False, include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        unknown = ConfigurationError(f"There is no setting called “{name}”.")
        unknown.hint = (
            "Settings have the lower-case names of their environment variables, such as base_model."
        )
        return unknown
    told = str(first["msg"]).removeprefix("Value error, ").removesuffix(".")
    return ConfigurationError(f"The setting {name} does not fit: {told}.", "Correct it in the settings.")
