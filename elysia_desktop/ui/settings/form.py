"""The form made from the settings model: groups, sections, search, validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from itertools import groupby

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from elysia_desktop.core.providers import SERVED_HERE
from elysia_desktop.core.setting_fields import SettingField
from elysia_desktop.core.settings import Role, Settings, setting_fields
from elysia_desktop.ui.settings.found_bar import Found
from elysia_desktop.ui.settings.keys import Keys
from elysia_desktop.ui.settings.model_section import ModelSection, TestResult
from elysia_desktop.ui.settings.problems import problems_of
from elysia_desktop.ui.settings.row import SettingRow
from elysia_desktop.ui.settings.secret_control import SecretControl
from elysia_desktop.ui.settings.section import Section

DATA_GROUP = "Data connection"
MODEL_GROUP = "Models"
DATA_ROLE = "data"

_SOURCE = "data_source"
_ROLE_OF_SECTION: dict[str, Role] = {"Base model": "base", "Complex model": "complex"}
_ANY_WEAVIATE = ("wcd_api_key", "weaviate_", "allow_chunk_collections")
_FIELDS_OF_SOURCE = {
    "library": ("embedder",),
    "cloud": ("wcd_url", *_ANY_WEAVIATE),
    "local": ("local_weaviate_", *_ANY_WEAVIATE),
    "custom": ("custom_", *_ANY_WEAVIATE),
}
_SECTIONS_OF_SOURCE = {"Weaviate", "Search by meaning"}


class SettingsForm(QWidget):
    """All settings, of which one group or what was searched for is shown."""

    changed = Signal()
    models_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = Keys()
        self._from_environment: AbstractSet[str] = frozenset()
        self._values: dict[str, object] = {}
        self._group = MODEL_GROUP
        self._words: list[str] = []
        self._sections: list[Section] = []
        self.models: dict[str, ModelSection] = {}
        self._nothing = QLabel()
        self._nothing.setProperty("look", "mute")
        self._nothing.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("look", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(26, 20, 26, 8)
        column.setSpacing(0)
        for (_, title), fields in groupby(setting_fields(), lambda field: (field.group, field.section)):
            section = self._section(title, list(fields))
            self._sections.append(section)
            column.addWidget(section)
            section.changed.connect(self._take_change)
        column.addWidget(self._nothing)
        column.addStretch()
        self._rows = {
            row.name: row for section in self._sections for row in section.rows if row.name != "api_key"
        }
        self._data = next(section for section in self._sections if section.title == "Weaviate")
        self._secrets = [row.control for row in self._all_rows() if isinstance(row.control, SecretControl)]
        for secret in self._secrets:
            secret.changed.connect(partial(self._take_key, secret))
        self._data.changed.connect(self._show_untested_data)
        self._rows[_SOURCE].changed.connect(self._show_untested_data)

    def groups(self) -> list[str]:
        """The groups that have settings, in order."""
        return list(dict.fromkeys(section.group for section in self._sections))

    def load(
        self,
        settings: Settings,
        saved_keys: Mapping[str, str] | AbstractSet[str],
        secret_note: str,
        from_environment: AbstractSet[str],
    ) -> None:
        """Show settings as they are kept."""
        self._keys = Keys.kept(saved_keys, secret_note, from_environment)
        self._from_environment = frozenset(from_environment)
        for section in self.models.values():
            section.keys = self._keys
        self._values = {name: getattr(settings, name) for name in type(settings).model_fields}
        for name, row in self._rows.items():
            if not isinstance(row.control, SecretControl):
                row.load(self._values[name], self._environment_note(name))
        for section in self.models.values():
            section.take_loaded()
        self._show_untested_data()
        self._show_keys()
        self._refresh()

    def changes(self) -> dict[str, object]:
        """The settings that the person changed, keys apart."""
        return {
            name: row.control.value()
            for name, row in self._rows.items()
            if not isinstance(row.control, SecretControl) and row.control.value() != self._values.get(name)
        }

    def keys(self) -> dict[str, str]:
        """The keys that were entered; an empty one is to be forgotten."""
        return dict(self._keys.pending)

    @property
    def last_editor(self) -> QWidget:
        """What comes last by the tab key."""
        return self._sections[-1].rows[-1].control.editor

    def first_problem(self) -> SettingRow | None:
        """The first setting that does not fit."""
        return next((row for row in self._rows.values() if row.problem()), None)

    def show_group(self, group: str) -> None:
        """Show the settings of one group."""
        self._group, self._words = group, []
        self._refresh()

    def search(self, text: str) -> None:
        """Show what is about the words of `text` in all groups; no words: the group again."""
        self._words = text.casefold().split()
        self._refresh()

    def testable_roles(self) -> list[str]:
        """What could be tested in the group that is shown."""
        if self._words:
            return []
        if self._group == MODEL_GROUP:
            return [role for role, section in self.models.items() if section.is_testable]
        return (
            [DATA_ROLE]
            if self._group == DATA_GROUP and self._rows[_SOURCE].control.value() != "library"
            else []
        )

    def set_found(self, servers: Sequence[Found]) -> None:
        """Offer the model servers that were found on this computer."""
        self.models["base"].show_servers(servers)
        self._refresh()

    def set_models(self, role: str, names: Sequence[str]) -> None:
        """Offer these models."""
        self.models[role].set_names(names)

    def set_busy(self, role: str, text: str) -> None:
        """Say what is being waited for."""
        self.models.get(role, self._data).show_busy(text)
        self._refresh()

    def set_test_result(self, role: str, result: TestResult) -> None:
        """Say how a test went."""
        if role in self.models:
            self.models[role].show_result(result)
        elif result.ok:
            self._data.show_status("good", self.tr("Ready"), result.sentence)
        else:
            said = f"{result.sentence} {result.hint}".strip()
            self._data.show_status("error", self.tr("Failed"), said)
        self._refresh()

    def _section(self, title: str, fields: list[SettingField]) -> Section:
        role = _ROLE_OF_SECTION.get(title)
        if role is not None:
            section = ModelSection(role, fields, self._keys, self)
            section.models_wanted.connect(self.models_wanted)
            self.models[role] = section
            return section
        group = fields[0].group
        section = Section(group, title or group, self)
        for field in fields:
            secret = SecretControl() if field.widget == "secret" else None
            section.add_row(SettingRow(field, secret, resettable=secret is None, parent=section))
        if title == "Weaviate":
            section.add_status()
        if title == "Search by meaning":
            section.add_row(
                SettingRow(_embedder_key(fields[-1]), SecretControl(), resettable=False, parent=section)
            )
        return section

    def _all_rows(self) -> list[SettingRow]:
        return [row for section in self._sections for row in section.rows]

    def _environment_note(self, name: str) -> str:
        if name not in self._from_environment:
            return ""
        return self.tr("From the environment variable {0}.").format(name.upper())

    def _take_change(self) -> None:
        self._refresh()
        self.changed.emit()

    def _take_key(self, secret: SecretControl) -> None:
        value = secret.value()
        self._keys.enter(secret.key_name, value if isinstance(value, str) else None)
        self._show_keys(but=secret)

    def _show_keys(self, but: SecretControl | None = None) -> None:
        for section in self.models.values():
            if section.secret is not but:
                section.show_key()
        for name, row in self._rows.items():
            if isinstance(row.control, SecretControl) and row.control is not but:
                key = name.upper()
                row.control.show_key(key, self._keys)

    def _show_untested_data(self) -> None:
        self._data.show_status("warn", self.tr("Not tested"), self._keys.note)

    def _refresh(self) -> None:
        self._judge_relevance()
        self._validate()
        shown = [section.show_rows(self._group, self._words) for section in self._sections]
        self._nothing.setVisible(not any(shown))
        if not any(shown):
            self._nothing.setText(self.tr("No setting is about “{0}”.").format(" ".join(self._words)))

    def _judge_relevance(self) -> None:
        source = str(self._rows[_SOURCE].control.value())
        for name, row in self._rows.items():
            if row.field.section in _SECTIONS_OF_SOURCE:
                row.is_relevant = name.startswith(_FIELDS_OF_SOURCE.get(source, ()))
        if self._rows["embedder"].control.value() == "none":
            self._rows["embedder_model"].is_relevant = False
        if self._rows["embedder"].control.value() in {"none", "offline"}:
            self._rows["embedder_api_base"].is_relevant = False
        self._rows["embedder_api_key"].is_relevant &= self._rows["embedder"].control.value() == "openai"
        providers = {section.provider.id for section in self.models.values() if section.provider}
        self._rows["model_file"].is_relevant = SERVED_HERE in providers

    def _validate(self) -> None:
        if not self._values:
            return
        wrong = problems_of({**self._values, **self.changes()})
        for name, row in self._rows.items():
            problem = row.control.problem() or wrong.get(name, "")
            if problem != row.problem():
                row.show_problem(problem)


def _embedder_key(beside: SettingField) -> SettingField:
    return replace(
        beside,
        name="embedder_api_key",
        title="API key",
        description="Lets the embedder's provider know who asks; without one, OpenAI gets the key of its models.",
        widget="secret",
        default=None,
        constraints=(),
    )
