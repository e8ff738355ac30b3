import pytest
from pydantic import BaseModel
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QPlainTextEdit

from elysia_desktop.core.setting_fields import fields_of, setting
from elysia_desktop.core.settings import setting_fields
from elysia_desktop.ui.settings.controls import (
    CheckControl,
    ChoiceControl,
    FileControl,
    LongTextControl,
    NumberControl,
    TextControl,
    control_for,
)
from elysia_desktop.ui.settings.words import shown_value


class Decimals(BaseModel):
    waiting: float = setting(10, "Waiting", "How long to wait.", "Timeouts", unit="minutes", ge=0)


FIELDS = {field.name: field for field in (*setting_fields(), *fields_of(Decimals))}
KINDS = {
    "base_supports_schema": ChoiceControl,
    "appearance": ChoiceControl,
    "base_use_reasoning": CheckControl,
    "prompt_token_budget": NumberControl,
    "base_context_length": NumberControl,
    "base_temperature": NumberControl,
    "complex_input_price": NumberControl,
    "waiting": NumberControl,
    "model_file": FileControl,
    "wcd_url": TextControl,
    "style": LongTextControl,
}


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_each_kind_of_setting_has_its_control(qtbot, name, kind):
    control = control_for(FIELDS[name])
    qtbot.addWidget(control)
    assert type(control) is kind


@pytest.mark.parametrize("name", FIELDS)
def test_a_control_gives_back_the_default_it_was_given_without_a_word(qtbot, name):
    field = FIELDS[name]
    control = control_for(field)
    qtbot.addWidget(control)
    with qtbot.assertNotEmitted(control.changed):
        control.set_value(field.default)
    assert control.value() == ("" if field.widget == "secret" else field.default)
    assert control.problem() == ""


def test_a_decimal_is_kept_and_needless_decimals_are_not_shown(qtbot):
    control = control_for(FIELDS["waiting"])
    qtbot.addWidget(control)
    box = control.findChild(QAbstractSpinBox)
    control.set_value(10.0)
    assert box.text() == "10"
    control.set_value(2.5)
    assert (box.text(), control.value()) == ("2.5", 2.5)
    control.set_value(0.0)
    assert (box.text(), control.value()) == ("0", 0.0)


def test_a_decimal_below_its_bound_is_a_problem(qtbot):
    control = control_for(FIELDS["waiting"])
    qtbot.addWidget(control)
    box = control.findChild(QAbstractSpinBox)
    box.selectAll()
    with qtbot.waitSignal(control.changed):
        qtbot.keyClick(box, Qt.Key.Key_Delete)
    assert control.problem() == "At least 0."


def test_a_number_that_is_found_out_can_be_left_open(qtbot):
    control = control_for(FIELDS["base_context_length"])
    qtbot.addWidget(control)
    control.set_value(None)
    assert control.value() is None
    assert control.findChild(QAbstractSpinBox).text() == "Automatic"
    control.set_value(4096)
    assert control.value() == 4096


@pytest.mark.parametrize("name", ["base_temperature", "base_input_price", "complex_output_price"])
def test_a_decimal_that_may_be_left_open_is_told_from_zero(qtbot, name):
    control = control_for(FIELDS[name])
    qtbot.addWidget(control)
    box = control.findChild(QAbstractSpinBox)
    control.set_value(None)
    assert (box.text(), control.value()) == ("Automatic", None)
    control.set_value(0.0)
    assert (box.text(), control.value()) == ("0", 0.0)
    control.set_value(0.125)
    assert (box.text(), control.value()) == ("0.125", 0.125)


def test_an_unknown_choice_is_shown_all_the_same(qtbot):
    control = ChoiceControl([("Ollama", "ollama")])
    qtbot.addWidget(control)
    control.set_value("mistral")
    assert control.value() == "mistral"
    assert control.findChild(QComboBox).currentText() == "mistral"


def test_a_box_is_checked_by_mouse_and_keyboard(qtbot):
    control = control_for(FIELDS["base_use_reasoning"])
    qtbot.addWidget(control)
    control.show()
    box = control.findChild(QCheckBox)
    with qtbot.waitSignal(control.changed):
        qtbot.keyClick(box, Qt.Key.Key_Space)
    assert control.value() is True


def test_tab_leaves_a_long_text(qtbot):
    control = control_for(FIELDS["style"])
    qtbot.addWidget(control)
    text = control.findChild(QPlainTextEdit)
    qtbot.keyClicks(text, "Short. ")
    qtbot.keyClick(text, Qt.Key.Key_Tab)
    assert control.value() == "Short."


def test_chunk_collections_are_asked_about_unless_it_is_said(qtbot):
    control = control_for(FIELDS["allow_chunk_collections"])
    qtbot.addWidget(control)
    control.set_value(None)
    box = control.findChild(QComboBox)
    assert [box.itemText(at) for at in range(box.count())] == ["Ask first", "Yes", "No"]
    assert box.currentText() == "Ask first"
    assert shown_value(None, "allow_chunk_collections") == "Ask first"
    assert shown_value(None, "base_temperature") == "Automatic"


@pytest.mark.parametrize(
    ("name", "told"), [("weaviate_tenant", "No tenant"), ("embedder_model", "The usual model")]
)
def test_an_empty_field_says_what_that_means(qtbot, name, told):
    control = control_for(FIELDS[name])
    qtbot.addWidget(control)
    assert control.line.placeholderText() == told
    assert shown_value("", name) == told
