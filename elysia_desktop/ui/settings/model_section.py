"""The settings of one model: who serves it, which it is, where, with which key, and whether it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from elysia_desktop.core.providers import PROVIDERS, SERVED_HERE, Provider, provider_of
from elysia_desktop.core.setting_fields import SettingField
from elysia_desktop.core.settings import Role
from elysia_desktop.services.models import ModelTest
from elysia_desktop.ui.settings.controls import ChoiceControl
from elysia_desktop.ui.settings.found_bar import Found, FoundBar
from elysia_desktop.ui.settings.keys import Keys
from elysia_desktop.ui.settings.model_controls import AddressControl, ModelControl
from elysia_desktop.ui.settings.row import SettingRow
from elysia_desktop.ui.settings.secret_control import SecretControl
from elysia_desktop.ui.settings.section import Section
from elysia_desktop.ui.settings.words import models_in_words, number


class TestResult(Protocol):
    """How a test of anything went."""

    __test__ = False

    @property
    def ok(self) -> bool:
        """Whether it works."""
        ...

    @property
    def sentence(self) -> str:
        """What happened."""
        ...

    @property
    def hint(self) -> str:
        """What to do."""
        ...


class ModelSection(Section):
    """Everything about the base or the complex model."""

    models_wanted = Signal(str)

    def __init__(
        self, role: Role, fields: Sequence[SettingField], keys: Keys, parent: QWidget | None = None
    ) -> None:
        super().__init__(fields[0].group, fields[0].section, parent)
        self.role: Role = role
        self.keys = keys
        self._found: FoundBar | None = None
        if role == "base":
            self._found = FoundBar(self)
            self._found.used.connect(self.use)
            self._found.hide()
            self.column.insertWidget(0, self._found)
        by_name = {field.name.removeprefix(f"{role}_"): field for field in fields}
        self._model = ModelControl()
        self._address = AddressControl()
        self.secret = SecretControl()
        self._provider_row = SettingRow(
            by_name.pop("provider"), ChoiceControl(self._providers()), resettable=False, parent=self
        )
        self._model_row = SettingRow(by_name.pop("model"), self._model, resettable=False, parent=self)
        self._address_row = SettingRow(by_name.pop("api_base"), self._address, parent=self)
        self.key_row = SettingRow(_key_field(fields[0]), self.secret, resettable=False, parent=self)
        for row in (self._provider_row, self._model_row, self._address_row, self.key_row):
            self.add_row(row)
        self.add_status()
        self._rest = {name: SettingRow(field, parent=self) for name, field in by_name.items()}
        for row in self._rest.values():
            self.add_row(row)
        self._provider_row.changed.connect(self._take_provider)
        self._model_row.changed.connect(self._forget_test)
        self._address_row.changed.connect(self._forget_test)
        self.key_row.changed.connect(self._show_untested)
        self._address.line.editingFinished.connect(self._take_address)
        self.secret.entered.connect(self._want_models)
        self._model.names_wanted.connect(self._want_models)
        self._listed_for = ""

    @property
    def provider(self) -> Provider | None:
        """Who serves the model, or None while nobody is chosen."""
        chosen = str(self._provider_row.control.value() or "")
        return provider_of(chosen) if chosen else None

    @property
    def is_testable(self) -> bool:
        """Whether there is a model that could be asked."""
        provider = self.provider
        return provider is not None and (provider.id == SERVED_HERE or bool(self._model.value()))

    def take_loaded(self) -> None:
        """Adapt to settings that have just been loaded."""
        self._model.set_names([])
        self._adapt()
        address = self._address_row
        # The usual address is known only now that the provider is.
        address.load(address.control.value(), address.note())
        self._show_untested()

    def set_names(self, names: Sequence[str]) -> None:
        """Offer these models."""
        self._model.set_names(names)

    def show_servers(self, servers: Sequence[Found]) -> None:
        """Offer the servers that were found on this computer."""
        if self._found is not None:
            self._found.show_servers(servers)
            self._found.setVisible(bool(servers))

    def use(self, server: Found) -> None:
        """Take a server that was found, and its first model."""
        self._provider_row.put(server.provider)
        self._adapt()
        self._address_row.put(server.address)
        self._model.set_names(server.models)
        if self._model.value() not in server.models:
            self._model_row.put(server.models[0] if server.models else "")
        self._forget_test()

    def show_result(self, result: TestResult) -> None:
        """Say how the test went, and fill in what it found out."""
        if isinstance(result, ModelTest):
            if result.models_found:
                self.set_names(result.models_found)
            self._fill_in("supports_schema", result.supports_schema)
            self._fill_in("supports_tools", result.supports_tools)
            self._fill_in("context_length", result.context_length)
        if not result.ok:
            self.show_status("error", self.tr("Failed"), f"{result.sentence} {result.hint}".strip())
        elif isinstance(result, ModelTest):
            self.show_status("good", self.tr("Ready"), self._found_out(result))
        else:
            self.show_status("good", self.tr("Ready"), result.sentence)

    def _found_out(self, result: ModelTest) -> str:
        parts: list[str] = []
        if result.models_found:
            parts.append(self.tr("{0} found").format(models_in_words(len(result.models_found))))
        if result.context_length:
            parts.append(self.tr("context {0} tokens").format(number(result.context_length)))
        if result.seconds is not None:
            parts.append(self.tr("answered in {0} s").format(self.locale().toString(result.seconds, "f", 1)))
        if result.supports_schema is False:
            parts.append(self.tr("output cannot be constrained"))
        if result.supports_tools:
            parts.append(self.tr("calls functions"))
        elif result.supports_tools is False:
            parts.append(self.tr("functions are asked for in words"))
        return " · ".join(parts)

    def _fill_in(self, name: str, value: object) -> None:
        row = self._rest.get(name)
        if row is not None and value is not None and row.control.value() is None:
            row.put(value)
            self.changed.emit()

    def _providers(self) -> list[tuple[str, object]]:
        nobody = (
            self.tr("Choose a provider…") if self.role == "base" else self.tr("The same as the base model")
        )
        return [(nobody, ""), *((provider.title, provider.id) for provider in PROVIDERS)]

    def _take_provider(self) -> None:
        self._adapt()
        self._address_row.put("")
        self._model_row.put("")
        self._model.set_names([])
        self._forget_test()
        self._want_models()

    def _take_address(self) -> None:
        if self._address.value() != self._listed_for:
            self._want_models()

    def _want_models(self) -> None:
        provider = self.provider
        if provider is None or provider.id == SERVED_HERE:
            return
        needs_key = bool(provider.key_name) and not provider.needs_address
        has_address = bool(provider.address or self._address.value()) or not provider.needs_address
        if has_address and (not needs_key or self.keys.at_hand(provider.key_name)):
            self._listed_for = str(self._address.value())
            self.models_wanted.emit(self.role)

    def _adapt(self) -> None:
        """Show what this provider needs and nothing else."""
        provider = self.provider
        named = provider is not None and provider.id != SERVED_HERE
        self._model_row.is_relevant = named
        self._address_row.is_relevant = named and provider is not None and provider.needs_address
        self.key_row.is_relevant = named and provider is not None and bool(provider.key_name)
        for row in self._rest.values():
            row.is_relevant = provider is not None
        self._address.set_usual(provider.address if provider else "")
        self._listed_for = str(self._address.value())
        self.show_key()

    def show_key(self) -> None:
        """Show the state of the provider's key."""
        name = self.provider.key_name if self.provider else ""
        self.secret.show_key(name, self.keys)

    def _forget_test(self) -> None:
        """What a test found out, and what it costs, belongs to one model."""
        for name in ("supports_schema", "supports_tools", "context_length", "input_price", "output_price"):
            if row := self._rest.get(name):
                row.put(None)
        self._show_untested()
        self.changed.emit()

    def _show_untested(self) -> None:
        if self.provider is None:
            choose = self.tr("Choose a provider; a model on this computer needs no account.")
            self.show_status("mute", "", choose if self.role == "base" else "")
        elif self.key_row.is_relevant:
            self.show_status("warn", self.tr("Not tested"), self.keys.note)
        else:
            self.show_status("warn", self.tr("Not tested"))

    # Section

    def show_rows(self, group: str, words: list[str]) -> bool:
        """As a section does; the servers that were found stand above its heading."""
        if self._found is not None:
            self._found.setVisible(not words and not self._found.is_empty())
        return super().show_rows(group, words)


def _key_field(beside: SettingField) -> SettingField:
    return replace(
        beside,
        name="api_key",
        title="API key",
        description="Lets the provider know who asks.",
        widget="secret",
        unit="",
        default=None,
        constraints=(),
    )
