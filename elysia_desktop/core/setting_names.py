"""The names that Elysia's programs and files give to settings, and ours for them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, cast

from pydantic import SecretStr

from elysia_desktop.core.errors import ConfigurationError

_ALIASES = {
    "weaviate_url": "wcd_url",
    "weaviate_api_key": "wcd_api_key",
    "logger_level": "logging_level",
    "logger_level_int": "logging_level_int",
}
OTHER_NAMES = (
    *_ALIASES,
    "model_api_base",
    "weaviate_is_local",
    "weaviate_is_custom",
    "logging_level_int",
    "settings_id",
)
"""The lower-case names that are taken beside those of our settings."""

_TEXTS = {
    "base_provider", "base_model", "base_api_base", "complex_provider", "complex_model", "complex_api_base",
    "wcd_url", "custom_http_host", "custom_grpc_host",
}  # fmt: skip
_TRUE = {"1", "true", "t", "yes", "y", "on"}
_FALSE = {"", "0", "false", "f", "no", "n", "off", "none"}
_OUR_LEVEL = {"CRITICAL": "ERROR", "FATAL": "ERROR", "WARN": "WARNING"}


def is_key_name(name: str) -> bool:
    """Whether a setting or variable of this name is the key of a provider."""
    return name.lower().endswith(("_api_key", "_apikey")) and name.lower() not in {
        "wcd_api_key",
        "weaviate_api_key",
    }


def without_plain_keys(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same settings, their keys as `SecretStr`: no traceback with local variables shows those."""
    return {name: _hidden(name.lower(), value) for name, value in values.items()}


def _hidden(name: str, value: Any) -> Any:
    if name == "api_keys" and isinstance(value, Mapping):
        keys = cast("Mapping[Any, Any]", value)
        return {key: SecretStr(given) if isinstance(given, str) else given for key, given in keys.items()}
    if isinstance(value, str) and (is_key_name(name) or _ALIASES.get(name, name) == "wcd_api_key"):
        return SecretStr(value)
    return value


def in_our_names(values: Mapping[str, Any], in_force: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Settings under our names, from names in either case; unknown ones are kept, in lower case.

    `model_api_base` is the address of both models, `weaviate_is_…` and a cluster's address choose the data source,
    `openrouter/google` is the provider `openrouter` with `google/` in front of the model, null is an empty text.
    `in_force` are the settings that these will be added to. Raises `ConfigurationError` for a `weaviate_is_…` that
    is neither true nor false.
    """
    named = {_ALIASES.get(name.lower(), name.lower()): value for name, value in values.items()}
    named.pop("settings_id", None)
    if "model_api_base" in named:
        address = named.pop("model_api_base")
        named = {"base_api_base": address, "complex_api_base": address, **named}
    for name in _TEXTS & named.keys():
        named[name] = "" if named[name] is None else named[name]
    _choose_level(named)
    _choose_source(named, in_force or {})
    for role in ("base", "complex"):
        _split_provider(named, role)
    return named


def saved_in_our_names(saved: Mapping[str, Any]) -> dict[str, Any]:
    """Saved settings under our names: those that Elysia saved are in upper case, ours are taken as they stand."""
    return in_our_names(saved) if any(name.isupper() for name in saved) else dict(saved)


def _choose_level(named: dict[str, Any]) -> None:
    number = named.pop("logging_level_int", None)
    level = named.get("logging_level")
    if level is None and isinstance(number, int):
        level = logging.getLevelName(number)
    if isinstance(level, str):
        level = _OUR_LEVEL.get(level.upper(), level.upper())
        named["logging_level"] = level
    if level is None or level == "NOTSET":
        named.pop("logging_level", None)


def _choose_source(named: dict[str, Any], in_force: Mapping[str, Any]) -> None:
    """The data source, where it is not named itself: Weaviate here, elsewhere or in the cloud, else the library."""
    flags = {
        source: _is_true(flag, named.pop(flag))
        for source, flag in (("local", "weaviate_is_local"), ("custom", "weaviate_is_custom"))
        if flag in named
    }
    if "data_source" in named:
        return
    now = in_force.get("data_source", "library")
    chosen = next((source for source, is_meant in flags.items() if is_meant), None)
    if chosen is None and (now == "library" or now in flags):
        url = named.get("wcd_url") or (in_force.get("wcd_url") if now in flags else "")
        chosen = "cloud" if url else "library" if now in flags else None
    if chosen is not None:
        named["data_source"] = chosen


def _split_provider(named: dict[str, Any], role: str) -> None:
    provider, model = named.get(f"{role}_provider"), named.get(f"{role}_model")
    if isinstance(provider, str) and "/" in provider:
        named[f"{role}_provider"], publisher = provider.split("/", 1)
        if isinstance(model, str) and model and not model.startswith(f"{publisher}/"):
            named[f"{role}_model"] = f"{publisher}/{model}"


def _is_true(name: str, value: Any) -> bool:
    word = str(value or "").strip().lower()
    if word not in _TRUE | _FALSE:
        raise ConfigurationError(
            f"The setting {name} does not fit: it is neither true nor false.", "Correct it in the settings."
        )
    return word in _TRUE
