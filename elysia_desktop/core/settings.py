# ruff: noqa: E501 - the settings are a table, one row each
"""Every setting, once: its name, title, description, default, unit and constraints."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.core.providers import SERVED_HERE, provider_of
from elysia_desktop.core.setting_fields import SettingField, fields_of, setting

Role = Literal["base", "complex"]


_BASE = "Base model"
_COMPLEX = "Complex model"
_WEAVIATE = "Weaviate"


class Settings(BaseModel):
    """The configuration of models, data, agent and appearance. Secrets are in no export, log or repr."""

    model_config = ConfigDict(validate_assignment=True, extra="forbid", hide_input_in_errors=True)

    # fmt: off
    base_provider: str = setting(
        "", "Provider", "Who serves the model that decides which tool to use next.",
        "Models", section=_BASE, widget="provider")
    base_model: str = setting(
        "", "Model", "The model's name at its provider.",
        "Models", section=_BASE, widget="model", max_length=300)
    base_api_base: str = setting(
        "", "Address", "Where the model is served, for example http://localhost:11434/v1.",
        "Models", section=_BASE, widget="address", max_length=2000)
    base_use_reasoning: bool = setting(
        True, "Reasoning", "Ask the model to explain each decision.",
        "Models", section=_BASE
    )
    base_supports_schema: bool | None = setting(
        None, "Constrained output", "Whether the server can hold the model to a JSON schema; found by the test.",
        "Models", section=_BASE)
    base_context_length: int | None = setting(
        None, "Context length", "How much the model can read at once; found by the test.",
        "Models", section=_BASE, unit="tokens", ge=512, le=10_000_000)

    complex_provider: str = setting(
        "", "Provider", "Who serves the model that writes queries and answers; empty: the base model does.",
        "Models", section=_COMPLEX, widget="provider")
    complex_model: str = setting(
        "", "Model", "The model's name at its provider.",
        "Models", section=_COMPLEX, widget="model", max_length=300)
    complex_api_base: str = setting(
        "", "Address", "Where the model is served.",
        "Models", section=_COMPLEX, widget="address", max_length=2000)
    complex_use_reasoning: bool = setting(
        True, "Reasoning", "Ask the model to explain its queries.",
        "Models", section=_COMPLEX, widget="hidden"
    )
    complex_supports_schema: bool | None = setting(
        None, "Constrained output", "Whether the server can hold the model to a JSON schema; found by the test.",
        "Models", section=_COMPLEX)
    complex_context_length: int | None = setting(
        None, "Context length", "How much the model can read at once; found by the test.",
        "Models", section=_COMPLEX, unit="tokens", ge=512, le=10_000_000)

    prompt_token_budget: int = setting(
        8000, "Token budget per prompt", "The most that one prompt may hold; a model on this computer gets at most 2,000.",
        "Models", section="Prompts", unit="tokens", ge=600, le=1_000_000)
    max_output_tokens: int = setting(
        1200, "Longest reply", "The most that a model may write in one reply.",
        "Models", section="Prompts", unit="tokens", ge=64, le=200_000)
    model_timeout: int = setting(
        120, "Reply time-out", "How long to wait for the next piece of a reply.",
        "Models", section="Prompts", unit="seconds", ge=1, le=3600)
    model_file: str = setting(
        "", "Model file", "A GGUF file that the application serves itself.",
        "Models", section="On this computer", widget="file")

    data_source: Literal["library", "cloud", "local", "custom"] = setting(
        "library", "Data", "Where collections are kept: the built-in library, or Weaviate.",
        "Data connection", section="Source")
    wcd_url: str = setting(
        "", "Cluster address", "The REST address of a Weaviate Cloud cluster.",
        "Data connection", section=_WEAVIATE, max_length=2000)
    local_weaviate_port: int = setting(
        8080, "HTTP port", "Port of Weaviate on this computer.",
        "Data connection", section=_WEAVIATE, ge=1, le=65535)
    local_weaviate_grpc_port: int = setting(
        50051, "gRPC port", "gRPC port of Weaviate on this computer.",
        "Data connection", section=_WEAVIATE, ge=1, le=65535)
    custom_http_host: str = setting(
        "", "HTTP host", "Host of a Weaviate elsewhere.",
        "Data connection", section=_WEAVIATE, max_length=300
    )
    custom_http_port: int = setting(
        8080, "HTTP port", "Its HTTP port.",
        "Data connection", section=_WEAVIATE, ge=1, le=65535
    )
    custom_http_secure: bool = setting(
        False, "HTTPS", "Whether its HTTP is encrypted.",
        "Data connection", section=_WEAVIATE
    )
    custom_grpc_host: str = setting(
        "", "gRPC host", "Host of its gRPC service.",
        "Data connection", section=_WEAVIATE, max_length=300
    )
    custom_grpc_port: int = setting(
        50051, "gRPC port", "Its gRPC port.",
        "Data connection", section=_WEAVIATE, ge=1, le=65535
    )
    custom_grpc_secure: bool = setting(
        False, "gRPC over TLS", "Whether its gRPC is encrypted.",
        "Data connection", section=_WEAVIATE
    )
    wcd_api_key: SecretStr | None = setting(
        None, "API key", "The key of the Weaviate cluster.",
        "Data connection", section=_WEAVIATE, widget="secret")

    recursion_limit: int = setting(
        5, "Steps per question", "How many tools the agent may use for one question.",
        "Agent", section="Runs", ge=1, le=50)
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
        "Timeouts", unit="minutes", widget="hidden", ge=0)
    user_timeout: float = setting(
        10, "User", "An idle user is put away after this long; 0: never.",
        "Timeouts", unit="minutes", widget="hidden", ge=0
    )
    client_timeout: float = setting(
        10,
        "Data connection", "An idle connection is opened anew after this long; 0: never.", "Timeouts", unit="minutes", widget="hidden", ge=0)

    use_feedback: bool = setting(
        False, "Learn from feedback", "Use well-rated answers as examples.",
        "Privacy", widget="hidden"
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

    @field_validator("base_api_base", "complex_api_base", "wcd_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        value = value.strip().rstrip("/")
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("An address starts with http:// or https://.")
        return value

    @classmethod
    def from_env_vars(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Settings named as in the environment: `BASE_MODEL`, `WCD_URL`, `OPENAI_API_KEY`.

        `MODEL_API_BASE` is the address of both models, `WEAVIATE_IS_LOCAL` and `WEAVIATE_IS_CUSTOM` choose the
        data source. Raises `ConfigurationError` naming the variable that does not fit.
        """
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {
            name: environ[name.upper()] for name in cls.model_fields if environ.get(name.upper())
        }
        for field in ("base_api_base", "complex_api_base"):
            if environ.get("MODEL_API_BASE"):
                values.setdefault(field, environ["MODEL_API_BASE"])
        if _is_true(environ.get("WEAVIATE_IS_LOCAL")):
            values.setdefault("data_source", "local")
        elif _is_true(environ.get("WEAVIATE_IS_CUSTOM")):
            values.setdefault("data_source", "custom")
        elif environ.get("WCD_URL"):
            values.setdefault("data_source", "cloud")
        values["api_keys"] = {
            name: SecretStr(value)
            for name, value in environ.items()
            if name.endswith(("_API_KEY", "_APIKEY")) and name != "WCD_API_KEY" and value
        }
        try:
            return cls(**values)
        except ValidationError as error:
            raise _as_configuration_error(error) from error

    def configure(self, **changes: Any) -> None:
        """Change settings by their lower-case names, all or none; `*_api_key` names set a key."""
        keys = {name.upper(): changes.pop(name) for name in list(changes) if self._is_key_name(name)}
        if "model_api_base" in changes:
            address = changes.pop("model_api_base")
            changes = {"base_api_base": address, "complex_api_base": address, **changes}
        for flag, source in (("weaviate_is_custom", "custom"), ("weaviate_is_local", "local")):
            if _is_true(str(changes.pop(flag, ""))):
                changes.setdefault("data_source", source)
        try:
            changed = type(self).model_validate({**self._values(), **changes})
        except ValidationError as error:
            raise _as_configuration_error(error) from error
        vars(self).update(vars(changed))
        for name, value in keys.items():
            self.set_api_key(value, name)

    def set_api_key(self, api_key: str | SecretStr, api_key_name: str) -> None:
        """Keep a key for this process; an empty one forgets it."""
        secret = api_key if isinstance(api_key, SecretStr) else SecretStr(api_key)
        kept = {name: value for name, value in self.api_keys.items() if name != api_key_name}
        self.api_keys = {**kept, api_key_name: secret} if secret.get_secret_value() else kept

    def api_key(self, name: str) -> str:
        """The key called `name`, or an empty text."""
        secret = self.api_keys.get(name)
        return secret.get_secret_value() if secret else ""

    def check(self) -> dict[str, bool]:
        """What is configured: each model, its provider, and the data connection."""
        return {
            "base_model": bool(self.base_model),
            "base_provider": bool(self.base_provider),
            "complex_model": bool(self.complex_model),
            "complex_provider": bool(self.complex_provider),
            "wcd_url": bool(self.wcd_url),
            "wcd_api_key": bool(self.wcd_api_key),
        }

    def to_json(self) -> dict[str, Any]:
        """Every setting but the secrets."""
        return self.model_dump(mode="json", exclude={"wcd_api_key", "api_keys"})

    @classmethod
    def from_json(cls, json_data: Mapping[str, Any]) -> Self:
        """The settings that `to_json` wrote; unknown names are left out, wrong values raise `ConfigurationError`."""
        try:
            return cls(**{name: value for name, value in json_data.items() if name in cls.model_fields})
        except ValidationError as error:
            raise _as_configuration_error(error) from error

    def model_choice(self, role: Role) -> ModelChoice:
        """The base or complex model; the complex one falls back to the base model."""
        if role == "complex" and not (
            self.complex_provider and (self.complex_model or self.complex_provider == SERVED_HERE)
        ):
            role = "base"
        provider = provider_of(getattr(self, f"{role}_provider"))
        return ModelChoice(
            provider=provider.id,
            model=getattr(self, f"{role}_model"),
            address=getattr(self, f"{role}_api_base") or provider.address,
            key=SecretStr(self.api_key(provider.key_name)),
            use_reasoning=getattr(self, f"{role}_use_reasoning"),
            supports_schema=getattr(self, f"{role}_supports_schema"),
            context_length=getattr(self, f"{role}_context_length"),
        )

    def _is_key_name(self, name: str) -> bool:
        return name.lower().endswith(("_api_key", "_apikey")) and name.lower() not in type(self).model_fields

    def _values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in type(self).model_fields}


@dataclass(frozen=True)
class ModelChoice:
    """A model as configured: who serves it, where, with which key."""

    provider: str
    model: str
    address: str
    key: SecretStr
    use_reasoning: bool
    supports_schema: bool | None
    context_length: int | None

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


def _is_true(text: str | None) -> bool:
    return (text or "").strip().lower() in {"1", "true", "yes", "on"}


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
    return ConfigurationError(
        f"The setting {name} does not fit: {first['msg']}.", "Correct it in the settings."
    )
