"""The settings in a saved conversation: under our names and Elysia's, and never with a secret."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from pydantic import SecretStr

from elysia_desktop.core.addresses import without_user
from elysia_desktop.core.defaults import default_settings
from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.core.providers import provider_of
from elysia_desktop.core.setting_names import in_our_names, saved_in_our_names
from elysia_desktop.core.settings import Settings

logger = logging.getLogger(__name__)

_OF_THIS_COMPUTER = {"model_file", "appearance"}
_SECRETS = {"wcd_api_key", "api_keys"}
_TOLD = frozenset(Settings.model_fields) - _SECRETS - _OF_THIS_COMPUTER
_ADDRESSES = (
    "base_api_base", "complex_api_base", "embedder_api_base", "wcd_url", "custom_http_host", "custom_grpc_host",
)  # fmt: skip
_SAME_NAMES = (
    "wcd_url", "local_weaviate_port", "local_weaviate_grpc_port", "custom_http_host", "custom_http_port",
    "custom_http_secure", "custom_grpc_host", "custom_grpc_port", "custom_grpc_secure", "use_feedback",
    "base_use_reasoning", "complex_use_reasoning", "logging_level",
)  # fmt: skip
_SHORTEST_SECRET = 8
"""A shorter key is one that means nothing, and is part of many words."""
REMOVED = "•••"


def told_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a saved conversation tells, from names in either case: no secret, nothing of one computer."""
    named = saved_in_our_names({name: value for name, value in values.items() if _is_readable(name, value)})
    told = {name: value for name, value in named.items() if name in _TOLD}
    for name in told.keys() & set(_ADDRESSES):
        told[name] = without_user(told[name]) if isinstance(told[name], str) else told[name]
    return told


def _is_readable(name: str, value: Any) -> bool:
    """Whether a setting can be put under our names; of one that cannot a warning tells."""
    try:
        in_our_names({name: value})
    except ConfigurationError as error:
        logger.warning("A setting of the saved conversation is not used. %s", error)
        return False
    return True


def in_elysias_names(told: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as Elysia 0.2.8 reads them; a server of one's own is an OpenAI-compatible one to it."""
    settings = settings_told(told)
    made: dict[str, Any] = {name.upper(): getattr(settings, name) for name in _SAME_NAMES}
    for name in ("CUSTOM_HTTP_HOST", "CUSTOM_GRPC_HOST"):
        made[name] = made[name] or None
    for role in ("base", "complex"):
        provider = provider_of(getattr(settings, f"{role}_provider"))
        made[f"{role.upper()}_PROVIDER"] = ("openai" if provider.needs_address else provider.id) or None
        made[f"{role.upper()}_MODEL"] = getattr(settings, f"{role}_model") or None
    return {
        **made,
        "MODEL_API_BASE": settings.base_api_base or settings.complex_api_base or None,
        "WEAVIATE_IS_LOCAL": settings.data_source == "local",
        "WEAVIATE_IS_CUSTOM": settings.data_source == "custom",
        "LOGGING_LEVEL_INT": logging.getLevelNamesMapping()[settings.logging_level],
        "API_KEYS": {},
        "WCD_API_KEY": "",
    }


def settings_told(told: Mapping[str, Any]) -> Settings:
    """The settings that a saved conversation tells; those that do not fit are left at their defaults."""
    try:
        return Settings.from_json(told)
    except ConfigurationError:
        pass
    settings = Settings()
    for name, value in told.items():
        try:
            settings = Settings.from_json({**settings.to_json(), name: value})
        except ConfigurationError as error:
            logger.warning("A setting of the saved conversation is not used. %s", error)
    return settings


def settings_restored(told: Mapping[str, Any]) -> Settings:
    """The settings that a saved conversation tells, with the keys of this process's defaults.

    The keys are left out where it names a server that the defaults do not: a file must not say where keys go.
    """
    here = default_settings()
    settings = settings_told({**here.to_json(), **told})
    elsewhere = [name for name in _ADDRESSES if getattr(settings, name) not in {"", getattr(here, name)}]
    if not elsewhere:
        settings.api_keys, settings.wcd_api_key = here.api_keys, here.wcd_api_key
    elif any(_secrets(here)):
        logger.warning(
            "The saved conversation names servers of its own (%s), so the keys of this computer are not used. "
            "Give them to configure.",
            ", ".join(elsewhere),
        )
    return settings


def without_secrets(saved: Any, settings: Settings) -> Any:
    """Saved JSON with every key that these settings hold struck out, wherever a tool or a server may have put it."""
    secrets = sorted({secret for secret in _secrets(settings) if len(secret) >= _SHORTEST_SECRET}, key=len)
    return _struck_out(saved, secrets[::-1]) if secrets else saved


def _secrets(settings: Settings) -> Iterator[str]:
    for secret in (*settings.api_keys.values(), settings.wcd_api_key or SecretStr("")):
        yield secret.get_secret_value()


def _struck_out(saved: Any, secrets: Sequence[str]) -> Any:
    if isinstance(saved, str):
        for secret in secrets:
            saved = saved.replace(secret, REMOVED)
        return saved
    if isinstance(saved, dict):
        named = cast("dict[str, Any]", saved)
        return {_struck_out(name, secrets): _struck_out(value, secrets) for name, value in named.items()}
    if isinstance(saved, list):
        return [_struck_out(item, secrets) for item in cast("list[Any]", saved)]
    return saved
