"""One control per kind of setting, all asked and filled in the same way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from elysia_desktop.core.setting_fields import SettingField
from elysia_desktop.ui.settings.inputs import CheckBox, NumberBox, WholeNumberBox
from elysia_desktop.ui.settings.words import choice_title, number, open_title, placeholder, translated
from elysia_desktop.ui.widgets.combo_box import FIELD_HEIGHT, ComboBox
from elysia_desktop.ui.widgets.plain import plain_tip

_LONG_TEXT = 2000
_LARGEST = 2_000_000_000


class Control(QWidget):
    """What a person changes a setting with."""

    changed = Signal()

    def __init__(self, editor: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(editor)
        self.setFocusProxy(editor)

    def value(self) -> object:
        """The value as the settings model takes it."""
        raise NotImplementedError

    def set_value(self, value: object) -> None:
        """Show a value; this is no change by the person."""
        raise NotImplementedError

    def problem(self) -> str:
        """Why what has been typed is no value at all, or an empty text."""
        return ""

    def name(self, title: str, description: str) -> None:
        """Tell what it is for, by tooltip and to a screen reader."""
        self.editor.setAccessibleName(title)
        self.editor.setAccessibleDescription(description)
        self.editor.setToolTip(plain_tip(description))

    def mark_invalid(self, invalid: bool) -> None:
        """Draw the frame in the colour of errors, or as usual."""
        self.editor.setProperty("invalid", "true" if invalid else "false")
        self.editor.style().unpolish(self.editor)
        self.editor.style().polish(self.editor)


class TextControl(Control):
    """A line of text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.line = QLineEdit()
        self.line.setProperty("look", "field")
        self.line.setFixedHeight(FIELD_HEIGHT)
        super().__init__(self.line, parent)
        self.line.textChanged.connect(self.changed)

    def value(self) -> object:
        """The text without blanks around it."""
        return self.line.text().strip()

    def set_value(self, value: object) -> None:
        """Show a text from its beginning."""
        with QSignalBlocker(self.line):
            self.line.setText(str(value or ""))
            self.line.setCursorPosition(0)


class LongTextControl(Control):
    """A few lines of text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._text = QPlainTextEdit()
        self._text.setProperty("look", "field")
        self._text.setTabChangesFocus(True)
        self._text.document().setDocumentMargin(2)
        self._text.setFixedHeight(2 * FIELD_HEIGHT)
        super().__init__(self._text, parent)
        self._text.textChanged.connect(self.changed)

    def value(self) -> object:
        """The text without blanks around it."""
        return self._text.toPlainText().strip()

    def set_value(self, value: object) -> None:
        """Show a text."""
        with QSignalBlocker(self._text):
            self._text.setPlainText(str(value or ""))


class ChoiceControl(Control):
    """One of a few values, each with a title."""

    def __init__(self, choices: Sequence[tuple[str, object]], parent: QWidget | None = None) -> None:
        self._box = ComboBox()
        for title, value in choices:
            self._box.addItem(title, value)
        super().__init__(self._box, parent)
        self._box.currentIndexChanged.connect(self.changed)

    def value(self) -> object:
        """The chosen value."""
        return self._box.currentData()

    def set_value(self, value: object) -> None:
        """Choose a value; an unknown one is added, for it may come from a file or the environment."""
        with QSignalBlocker(self._box):
            index = next((i for i in range(self._box.count()) if self._box.itemData(i) == value), -1)
            if index < 0:
                self._box.addItem(str(value), value)
                index = self._box.count() - 1
            self._box.setCurrentIndex(index)


class CheckControl(Control):
    """Yes or no; what it is about stands beside the box."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        self._box = CheckBox(text.removesuffix("."))
        super().__init__(self._box, parent)
        self._box.toggled.connect(self.changed)

    def value(self) -> object:
        """Whether it is on."""
        return self._box.isChecked()

    def set_value(self, value: object) -> None:
        """Switch it."""
        with QSignalBlocker(self._box):
            self._box.setChecked(bool(value))


class NumberControl(Control):
    """A number within bounds; `optional` adds a state in which the application finds it out."""

    def __init__(
        self,
        *,
        whole: bool,
        bounds: tuple[float | None, float | None],
        unit: str = "",
        optional: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        self._whole = whole
        self._optional = optional
        low, high = bounds
        self._low = low if low is not None else -_LARGEST
        self._high = high if high is not None else _LARGEST
        self._box: WholeNumberBox | NumberBox
        if whole:
            self._box = WholeNumberBox(unit)
            self._box.setRange(int(self._low) - int(optional), int(self._high))
        else:
            self._box = NumberBox(unit)
            self._box.setRange(self._low - float(optional), self._high)
        super().__init__(self._box, parent)
        if optional:
            self._box.setSpecialValueText(self.tr("Automatic"))
        self._box.lineEdit().textChanged.connect(self.changed)

    def value(self) -> object:
        """The number, or None when it is to be found out."""
        value = self._box.value()
        return None if self._optional and value < self._low else value

    def set_value(self, value: object) -> None:
        """Show a number."""
        shown = float(value) if isinstance(value, int | float) else self._low - float(self._optional)
        with QSignalBlocker(self._box.lineEdit()), QSignalBlocker(self._box):
            self._box.setValue(int(shown) if self._whole else shown)  # pyright: ignore[reportArgumentType] - one of two boxes

    def problem(self) -> str:
        """What numbers are possible, when this is none of them."""
        if self._box.lineEdit().hasAcceptableInput():
            return ""
        if self._high >= _LARGEST:
            return self.tr("At least {0}.").format(number(self._low))
        return self.tr("From {0} to {1}.").format(number(self._low), number(self._high))


class FileControl(TextControl):
    """The path of a file, typed or chosen."""

    def __init__(self, title: str, pattern: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._pattern = pattern
        button = QPushButton(self.tr("Choose…"))
        button.setProperty("look", "flat")
        button.setAutoDefault(False)
        button.setAccessibleName(title)
        button.clicked.connect(self.choose)
        inside = QHBoxLayout(self.line)
        inside.setContentsMargins(0, 0, 4, 0)
        inside.addStretch()
        inside.addWidget(button)
        self.line.setTextMargins(0, 0, button.sizeHint().width() + 4, 0)

    def choose(self) -> None:
        """Let the person look for the file."""
        near = str(Path(self.line.text()).parent) if self.line.text() else ""
        dialog = QFileDialog(self, self._title, near, self._pattern)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.line.setText)
        dialog.open()


def control_for(field: SettingField, parent: QWidget | None = None) -> Control:
    """The control that fits a setting's type."""
    types = set(get_args(field.annotation)) or {field.annotation}
    optional = type(None) in types
    if field.choices:
        return ChoiceControl([(choice_title(choice), choice) for choice in field.choices], parent)
    if bool in types:
        if not optional:
            return CheckControl(translated(field.description), parent)
        choices = [(open_title(field.name), None), (translated("Yes"), True), (translated("No"), False)]
        return ChoiceControl(choices, parent)
    if types & {int, float}:
        return NumberControl(
            whole=int in types,
            bounds=(_constraint(field, "ge"), _constraint(field, "le")),
            unit=translated(field.unit),
            optional=optional,
            parent=parent,
        )
    if field.widget == "file":
        return FileControl(translated(field.title), translated("Models (*.gguf);;All files (*)"), parent)
    # Prose shows itself by its default: a sentence, not an address or a name.
    if (_constraint(field, "max_length") or 0) >= _LONG_TEXT and " " in str(field.default):
        return LongTextControl(parent)
    text = TextControl(parent)
    text.line.setPlaceholderText(placeholder(field.name))
    return text


def _constraint(field: SettingField, name: str) -> Any:
    return next(
        (value for limit in field.constraints if (value := getattr(limit, name, None)) is not None), None
    )
