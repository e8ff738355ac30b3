"""The settings in force: those of the file, the environment's above them, the keys from where they are kept."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.core.providers import PROVIDERS, provider_of
from elysia_desktop.core.settings import ModelChoice, Role, Settings
from elysia_desktop.stores.secrets import Kept, Secrets
from elysia_desktop.stores.settings_file import SettingsFile

WEAVIATE_KEY = "WCD_API_KEY"
EMBEDDER_KEY = "EMBEDDER_API_KEY"


class Configuration:
    """Loads and saves settings; keys go to the keyring, everything else to the file."""

    def __init__(
        self, file: SettingsFile, secrets: Secrets, environ: Mapping[str, str] | None = None
    ) -> None:
        self._file = file
        self._secrets = secrets
        self._environ = environ
        self._saving = asyncio.Lock()
        self._misfits: tuple[str, ...] = ()
        self._from_file = Settings()
        self.settings = Settings()
        self.from_environment: frozenset[str] = frozenset()

    @property
    def notice(self) -> str:
        """What became of a damaged file, and what of the environment is not used; empty when all is well."""
        return " ".join(text for text in (self._file.notice, *self._misfits) if text)

    async def load(self) -> Settings:
        """Read everything; what does not fit is left out, and `notice` tells of it."""
        self._from_file = await asyncio.to_thread(self._file.load)
        await self._settle()
        return self.settings

    async def save(self, changes: Mapping[str, Any], keys: Mapping[str, str] | None = None) -> list[Kept]:
        """Change settings and keep them; returns where each key went. An empty key is forgotten."""
        async with self._saving:  # lest one of two at once undoes the other
            changed = Settings.from_json(self._from_file.to_json())
            # A cluster's address would choose the data as well, where nothing else does.
            chosen: dict[str, Any] = {"data_source": changed.data_source, **changes}
            chosen.pop("wcd_api_key", None)
            changed.configure(**chosen)
            # The settings first: a keyring that refuses a key must not cost what else was changed.
            await asyncio.to_thread(self._file.save, changed)
            self._from_file = changed
            try:
                kept = [await self._keep(name, value) for name, value in (keys or {}).items()]
            finally:
                await self._settle()
            return [place for place in kept if place is not None]

    async def draft(self, role: Role, changes: Mapping[str, Any], keys: Mapping[str, str]) -> ModelChoice:
        """The model as it would be with changes that are not saved yet, to test it."""
        settings = Settings.from_json({**self.settings.to_json(), **changes})
        provider_id = settings.model_choice(role).provider  # the base model's, where it stands in
        name = provider_of(provider_id).key_name if provider_id else ""
        if name:
            # As `save` would: trimmed, and an empty one is forgotten.
            key = keys[name].strip() if name in keys else await self._secrets.get(name)
            settings.set_api_key(key or "", name)
        return settings.model_choice(role)

    async def draft_data(self, changes: Mapping[str, Any], keys: Mapping[str, str]) -> Settings:
        """The settings as they would be with changes that are not saved yet, to test the data connection."""
        settings = Settings.from_json({**self.settings.to_json(), **changes})
        settings.api_keys = dict(self.settings.api_keys)
        if settings.data_source != "library":
            entered = keys[WEAVIATE_KEY].strip() if WEAVIATE_KEY in keys else None
            key = await self._secrets.get(WEAVIATE_KEY) if entered is None else entered
            settings.wcd_api_key = SecretStr(key) if key else None
        return settings

    async def saved_keys(self) -> dict[str, Kept]:
        """Where the key of each provider is, for those that have one."""
        names = [provider.key_name for provider in PROVIDERS if provider.key_name]
        return await self._secrets.saved([*names, WEAVIATE_KEY, EMBEDDER_KEY])

    async def keyring_sentence(self) -> str:
        """Where keys are kept on this computer, in words."""
        return (await self._secrets.backend()).sentence

    async def _keep(self, name: str, value: str) -> Kept | None:
        if value.strip():
            return await self._secrets.set(name, value)
        await self._secrets.delete(name)
        return None

    async def _settle(self) -> None:
        """Put the environment above the file, and add the keys that the chosen providers need."""
        environ = os.environ if self._environ is None else self._environ
        outside, self._misfits = _outside(environ)
        # A cluster's address alone does not choose the data: here the person does, in the settings.
        implied = set[str]() if environ.get("DATA_SOURCE") else {"data_source"}
        named = outside.model_fields_set - {"api_keys", "wcd_api_key"} - implied
        settings = Settings.from_json(
            {**self._from_file.to_json(), **{n: getattr(outside, n) for n in named}}
        )
        for provider_id in {settings.base_provider, settings.complex_provider} - {""}:
            name = provider_of(provider_id).key_name
            if name and (key := await self._secrets.get(name)):
                settings.set_api_key(key, name)
        if settings.embedder == "openai":
            for name in (EMBEDDER_KEY, "OPENAI_API_KEY"):
                if key := await self._secrets.get(name):
                    settings.set_api_key(key, name)
        if settings.data_source != "library" and (key := await self._secrets.get(WEAVIATE_KEY)):
            settings.wcd_api_key = SecretStr(key)
        self.settings = settings
        self.from_environment = frozenset(named)


def _outside(environ: Mapping[str, str]) -> tuple[Settings, tuple[str, ...]]:
    """The settings of the environment, and a sentence for each variable that does not fit and is left out."""
    try:
        return Settings.from_env_vars(environ), ()
    except ConfigurationError:
        pass
    fitting, misfits = dict[str, str](), list[str]()
    for name, value in environ.items():
        try:
            Settings.from_env_vars({name: value})
        except ConfigurationError as error:
            misfits.append(f"The environment variable {name} is not used. {error}")
        else:
            fitting[name] = value
    return Settings.from_env_vars(fitting), tuple(misfits)
