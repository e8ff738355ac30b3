import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPalette, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.discovery import FoundServer
from elysia_desktop.services.models import ModelTest
from elysia_desktop.ui import theme
from elysia_desktop.ui.settings.dialog import SettingsDialog
from elysia_desktop.ui.settings.row import SettingRow

NOTE = "Keys are kept in your system keyring."
SETTINGS = {
    "base_provider": "ollama",
    "base_model": "gpt-oss:20b",
    "complex_provider": "anthropic",
    "complex_model": "claude-sonnet-4-5",
}
READY = ModelTest(
    ok=True,
    sentence="Ready.",
    seconds=0.42,
    context_length=131072,
    supports_schema=True,
    supports_tools=True,
    models_found=("a", "b", "gpt-oss:20b"),
)


@pytest.fixture
def dialog(qtbot):
    theme.apply(QApplication.instance(), "light")
    dialog = SettingsDialog()
    qtbot.addWidget(dialog)
    dialog.load(Settings(**SETTINGS), {"ANTHROPIC_API_KEY"}, NOTE, {"complex_model"})
    with qtbot.waitExposed(dialog):
        dialog.open()
    return dialog


def named(dialog, name, kind=QWidget):
    """The visible widget that a screen reader calls by this name."""
    found = [w for w in dialog.findChildren(kind) if w.accessibleName() == name and w.isVisible()]
    assert found, f"Nothing visible is called {name}."
    return found[0]


def shown(dialog):
    return [row.field.name for row in dialog.findChildren(SettingRow) if row.isVisible()]


def texts(dialog):
    return " | ".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def button(dialog, text) -> QPushButton:
    return next(b for b in dialog.findChildren(QPushButton) if b.text() == text and b.isVisible())


def choose(qtbot, box: QComboBox, title):
    box.setFocus()
    for _ in range(box.count()):
        if box.currentText() == title:
            return
        qtbot.keyClick(box, Qt.Key.Key_Down)
    assert box.currentText() == title


def replace(qtbot, line, text):
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)


def test_only_groups_with_settings_are_listed(dialog):
    groups = dialog._groups
    listed = [groups.item(row).text() for row in range(groups.count())]
    assert listed == ["Models", "Data connection", "Agent", "Privacy", "Appearance", "Advanced"]


def test_the_models_are_shown_first_with_what_their_providers_need(dialog):
    assert shown(dialog)[:3] == ["base_provider", "base_model", "base_api_base"]
    assert named(dialog, "Base model: Provider", QComboBox).currentText() == "Ollama"
    assert named(dialog, "Base model: Address", QLineEdit).text() == "http://localhost:11434/v1"
    assert "complex_api_base" not in shown(dialog)
    assert "saved in the system keyring" in texts(dialog)
    assert f"Not tested | · {NOTE}" in texts(dialog)


def test_every_focusable_widget_has_an_accessible_name(dialog):
    for group in ("Models", "Data connection", "Agent", "Privacy", "Appearance", "Advanced"):
        dialog.show_group(group)
        for widget in dialog.findChildren(QWidget):
            focusable = widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            inner = isinstance(widget.parent(), (QComboBox, QAbstractSpinBox))
            if focusable and not inner:
                assert widget.accessibleName() or getattr(widget, "text", str)(), (group, widget)


def test_typing_at_once_searches(dialog, qtbot):
    dialog.activateWindow()
    assert QApplication.focusWidget() is dialog._search


def test_everything_can_be_reached_with_the_tab_key(dialog, qtbot):
    dialog.activateWindow()
    seen = set()
    for _ in range(60):
        widget = QApplication.focusWidget()
        if widget is not None:
            seen.add(widget.accessibleName() or widget.text())
        qtbot.keyClick(widget or dialog, Qt.Key.Key_Tab)
    wanted = {"Search settings", "Base model: Provider", "Base model: Model", "Base model: Address"}
    assert wanted | {"Complex model: API key: Replace…", "Prompts: Longest reply", "Save"} <= seen


def test_saving_hands_over_only_what_changed(dialog, qtbot):
    replace(qtbot, named(dialog, "Base model: Model", QComboBox).lineEdit(), "qwen3:8b")
    with qtbot.waitSignal(dialog.saved) as saved:
        qtbot.mouseClick(button(dialog, "Save"), Qt.MouseButton.LeftButton)
    assert saved.args == [{"base_model": "qwen3:8b"}, {}]
    assert not dialog.isVisible()


def test_saving_nothing_says_nothing(dialog, qtbot):
    with qtbot.assertNotEmitted(dialog.saved):
        qtbot.mouseClick(button(dialog, "Save"), Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()


def test_cancelling_says_nothing(dialog, qtbot):
    replace(qtbot, named(dialog, "Base model: Model", QComboBox).lineEdit(), "qwen3:8b")
    with qtbot.assertNotEmitted(dialog.saved):
        qtbot.mouseClick(button(dialog, "Cancel"), Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()


def test_enter_in_a_field_does_not_save(dialog, qtbot):
    line = named(dialog, "Base model: Address", QLineEdit)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert dialog.isVisible()


def test_what_does_not_fit_is_told_under_its_field_and_cannot_be_saved(dialog, qtbot):
    line = named(dialog, "Base model: Address", QLineEdit)
    replace(qtbot, line, "localhost")
    assert "An address starts with http:// or https://." in texts(dialog)
    assert line.property("invalid") == "true"
    assert not button(dialog, "Save").isEnabled()
    replace(qtbot, line, "http://localhost")
    assert "An address starts" not in texts(dialog)
    assert button(dialog, "Save").isEnabled()


def test_a_number_out_of_bounds_is_told_while_it_is_typed(dialog, qtbot):
    box = named(dialog, "Prompts: Token budget per prompt")
    replace(qtbot, box, "5")
    assert "From 600 to 1,000,000." in texts(dialog)
    assert not button(dialog, "Save").isEnabled()
    qtbot.keyClicks(box, "000")
    assert "From 600" not in texts(dialog)
    with qtbot.waitSignal(dialog.saved) as saved:
        button(dialog, "Save").click()
    assert saved.args[0] == {"prompt_token_budget": 5000}


def test_a_problem_elsewhere_is_one_click_away(dialog, qtbot):
    replace(qtbot, named(dialog, "Base model: Address", QLineEdit), "localhost")
    dialog.show_group("Agent")
    qtbot.mouseClick(button(dialog, "To be corrected: Models → Address"), Qt.MouseButton.LeftButton)
    assert "base_api_base" in shown(dialog)
    assert named(dialog, "Base model: Address").hasFocus()


def test_a_changed_setting_can_be_reset_and_an_unchanged_one_cannot(dialog, qtbot):
    def can_be_reset():
        buttons = dialog.findChildren(QWidget)
        return any(w.accessibleName() == "Reset Longest reply" and w.isVisible() for w in buttons)

    assert not can_be_reset()
    replace(qtbot, named(dialog, "Prompts: Longest reply"), "300")
    assert can_be_reset()
    qtbot.mouseClick(named(dialog, "Reset Longest reply"), Qt.MouseButton.LeftButton)
    assert named(dialog, "Prompts: Longest reply").value() == 1200
    assert not can_be_reset()


def test_a_value_from_the_environment_says_so_until_it_is_changed(dialog, qtbot):
    assert "From the environment variable COMPLEX_MODEL." in texts(dialog)
    replace(qtbot, named(dialog, "Complex model: Model", QComboBox).lineEdit(), "x")
    assert "From the environment variable" not in texts(dialog)


def test_searching_goes_through_all_groups_and_escape_ends_it(dialog, qtbot):
    qtbot.keyClicks(dialog._search, "time out")
    assert set(shown(dialog)) == {"model_timeout"}
    dialog._search.clear()
    qtbot.keyClicks(dialog._search, "reasoning")
    assert set(shown(dialog)) == {"base_use_reasoning", "complex_use_reasoning"}
    qtbot.keyClick(dialog._search, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert "base_provider" in shown(dialog)


def test_a_search_without_a_hit_says_so(dialog, qtbot):
    qtbot.keyClicks(dialog._search, "zebra <b>")
    assert shown(dialog) == []
    assert "No setting is about “zebra <b>”." in texts(dialog)


def test_choosing_a_group_ends_the_search(dialog, qtbot):
    qtbot.keyClicks(dialog._search, "theme")
    item = dialog._groups.item(2)
    place = dialog._groups.visualItemRect(item).center()
    qtbot.mouseClick(dialog._groups.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert dialog._search.text() == ""
    assert "recursion_limit" in shown(dialog)


def test_only_the_fields_of_the_chosen_data_source_are_shown(dialog, qtbot):
    dialog.show_group("Data connection")
    source = named(dialog, "Source: Data", QComboBox)
    assert shown(dialog) == ["data_source", "embedder"]
    any_weaviate = ["wcd_api_key", "weaviate_consistency", "weaviate_tenant", "allow_chunk_collections"]
    choose(qtbot, source, "Weaviate Cloud")
    assert shown(dialog) == ["data_source", "wcd_url", *any_weaviate]
    choose(qtbot, source, "Weaviate on this computer")
    ports = ["local_weaviate_port", "local_weaviate_grpc_port"]
    assert shown(dialog) == ["data_source", *ports, *any_weaviate]
    choose(qtbot, source, "Weaviate elsewhere")
    assert "custom_grpc_secure" in shown(dialog)
    assert "wcd_url" not in shown(dialog)


def test_an_embedder_asks_only_for_what_it_needs(dialog, qtbot):
    dialog.show_group("Data connection")
    embedder = named(dialog, "Search by meaning: Embedder", QComboBox)
    choose(qtbot, embedder, "On this computer, offline")
    assert shown(dialog) == ["data_source", "embedder", "embedder_model"]
    choose(qtbot, embedder, "Ollama")
    assert shown(dialog) == ["data_source", "embedder", "embedder_model", "embedder_api_base"]
    choose(qtbot, embedder, "OpenAI, or compatible")
    with_key = ["data_source", "embedder", "embedder_model", "embedder_api_base", "embedder_api_key"]
    assert shown(dialog) == with_key


def test_an_embedder_has_a_key_of_its_own(dialog, qtbot):
    dialog.show_group("Data connection")
    choose(qtbot, named(dialog, "Search by meaning: Embedder", QComboBox), "OpenAI, or compatible")
    qtbot.keyClicks(named(dialog, "Search by meaning: API key", QLineEdit), "ekey")
    with qtbot.waitSignal(dialog.saved) as saved:
        dialog.save()
    assert saved.args == [{"embedder": "openai"}, {"EMBEDDER_API_KEY": "ekey"}]


@pytest.mark.parametrize(("appearance", "tokens"), [("light", theme.LIGHT), ("dark", theme.DARK)])
def test_what_stands_in_an_empty_field_can_be_read(dialog, appearance, tokens):
    theme.apply(QApplication.instance(), appearance)
    search = named(dialog, "Search settings", QLineEdit)
    assert search.palette().color(QPalette.ColorRole.PlaceholderText) == QColor(tokens.mute)


def test_the_data_connection_can_be_tested(dialog, qtbot):
    dialog.show_group("Data connection")
    assert not button(dialog, "Test connection").isEnabled()
    choose(qtbot, named(dialog, "Source: Data", QComboBox), "Weaviate Cloud")
    replace(qtbot, named(dialog, "Weaviate: Cluster address", QLineEdit), "https://x.weaviate.cloud")
    qtbot.keyClicks(named(dialog, "Weaviate: API key", QLineEdit), "wkey")
    with qtbot.waitSignal(dialog.test_wanted) as wanted:
        qtbot.mouseClick(button(dialog, "Test connection"), Qt.MouseButton.LeftButton)
    changes = {"data_source": "cloud", "wcd_url": "https://x.weaviate.cloud"}
    assert wanted.args == ["data", changes, {"WCD_API_KEY": "wkey"}]
    dialog.set_test_result("data", ModelTest(False, "No DNS entry.", "Check the address."))
    assert "● Failed | · No DNS entry. Check the address." in texts(dialog)


def test_a_test_is_asked_for_every_configured_model(dialog, qtbot):
    asked = []
    dialog.test_wanted.connect(lambda role, changes, keys: asked.append((role, changes, keys)))
    qtbot.mouseClick(button(dialog, "Test connection"), Qt.MouseButton.LeftButton)
    assert asked == [("base", {}, {}), ("complex", {}, {})]


def test_while_a_test_runs_none_can_be_started(dialog):
    dialog.set_busy("base", "Asking gpt-oss:20b…")
    assert "Asking gpt-oss:20b…" in texts(dialog)
    assert not button(dialog, "Test connection").isEnabled()
    dialog.set_test_result("base", READY)
    assert button(dialog, "Test connection").isEnabled()


def test_waiting_for_models_does_not_forget_how_the_test_went(dialog):
    dialog.set_test_result("base", READY)
    dialog.set_busy("base", "Looking for models…")
    assert "Ready" not in texts(dialog)
    dialog.set_busy("base", "")
    assert "● Ready" in texts(dialog)


def test_a_good_test_is_told_and_fills_in_what_it_found(dialog):
    dialog.set_test_result("base", READY)
    told = "● Ready | · 3 models found · context 131,072 tokens · answered in 0.4 s · calls functions"
    assert told in texts(dialog)
    assert named(dialog, "Base model: Constrained output", QComboBox).currentText() == "Yes"
    assert named(dialog, "Base model: Function calling", QComboBox).currentText() == "Yes"
    assert named(dialog, "Base model: Context length").value() == 131072
    model = named(dialog, "Base model: Model", QComboBox)
    assert [model.itemText(i) for i in range(model.count())] == ["a", "b", "gpt-oss:20b"]
    assert model.currentText() == "gpt-oss:20b"


def test_what_a_test_found_is_forgotten_with_the_model(dialog, qtbot):
    dialog.set_test_result("base", READY)
    replace(qtbot, named(dialog, "Base model: Model", QComboBox).lineEdit(), "zephyr")
    assert named(dialog, "Base model: Constrained output", QComboBox).currentText() == "Automatic"
    assert named(dialog, "Base model: Function calling", QComboBox).currentText() == "Automatic"
    assert "Ready" not in texts(dialog)


def test_a_model_that_calls_no_functions_is_told_apart_from_one_that_does(dialog):
    dialog.set_test_result("base", ModelTest(True, "Ready.", supports_schema=False, supports_tools=False))
    said = "● Ready | · output cannot be constrained · functions are asked for in words"
    assert said in texts(dialog)
    assert named(dialog, "Base model: Function calling", QComboBox).currentText() == "No"


def test_a_bad_test_says_what_to_do(dialog):
    dialog.set_test_result("complex", ModelTest(False, "The key was refused.", "Enter the right key."))
    assert "● Failed | · The key was refused. Enter the right key." in texts(dialog)


def test_another_provider_asks_for_its_models_once_it_can_be_asked(dialog, qtbot):
    box = named(dialog, "Base model: Provider", QComboBox)
    asked = []
    dialog.models_wanted.connect(lambda role, changes, keys: asked.append((role, changes, keys)))
    choose(qtbot, box, "LM Studio")
    assert asked == [("base", {"base_provider": "lm_studio", "base_model": ""}, {})]
    assert named(dialog, "Base model: Address", QLineEdit).text() == "http://localhost:1234/v1"
    asked.clear()
    choose(qtbot, box, "OpenAI")
    asked.clear()
    line = named(dialog, "Base model: API key", QLineEdit)
    qtbot.keyClicks(line, "sk-secret")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    (role, changes, keys) = asked[0]
    assert (role, changes["base_provider"], keys) == ("base", "openai", {"OPENAI_API_KEY": "sk-secret"})


def test_a_key_is_never_shown(dialog, qtbot):
    choose(qtbot, named(dialog, "Base model: Provider", QComboBox), "OpenAI")
    line = named(dialog, "Base model: API key", QLineEdit)
    qtbot.keyClicks(line, "sk-secret")
    assert line.echoMode() is QLineEdit.EchoMode.Password
    assert "sk-secret" not in line.displayText()
    assert "sk-secret" not in texts(dialog)
    with qtbot.waitSignal(dialog.saved) as saved:
        button(dialog, "Save").click()
    assert saved.args[1] == {"OPENAI_API_KEY": "sk-secret"}
    assert "sk-secret" not in str(saved.args[0])


def test_the_address_of_a_provider_is_kept_only_when_it_is_not_the_usual_one(dialog, qtbot):
    choose(qtbot, named(dialog, "Base model: Provider", QComboBox), "vLLM")
    assert "base_api_base" not in dialog._form.changes()
    replace(qtbot, named(dialog, "Base model: Address", QLineEdit), "http://box:9/v1/")
    assert dialog._form.changes()["base_api_base"] == "http://box:9/v1"


def test_a_model_file_is_asked_for_only_when_it_is_served_here(dialog, qtbot):
    assert "model_file" not in shown(dialog)
    choose(qtbot, named(dialog, "Base model: Provider", QComboBox), "A model file on this computer")
    assert "model_file" in shown(dialog)
    assert "base_model" not in shown(dialog)
    assert "base_api_base" not in shown(dialog)


def test_the_complex_model_can_be_the_base_model(dialog, qtbot):
    choose(qtbot, named(dialog, "Base model: Provider", QComboBox), "Ollama")
    box = named(dialog, "Complex model: Provider", QComboBox)
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Home)
    assert box.currentText() == "The same as the base model"
    assert not [name for name in shown(dialog) if name.startswith("complex_") and name != "complex_provider"]


def test_found_servers_are_one_click_from_being_used(dialog, qtbot):
    dialog.set_found([FoundServer("lm_studio", "http://localhost:1234/v1", ("gemma", "phi"))])
    qtbot.mouseClick(named(dialog, "Use LM Studio with 2 models"), Qt.MouseButton.LeftButton)
    assert dialog._form.changes() == {"base_provider": "lm_studio", "base_model": "gemma"}
    model = named(dialog, "Base model: Model", QComboBox)
    assert [model.itemText(i) for i in range(model.count())] == ["gemma", "phi"]
    dialog.set_found([])
    assert "Found on this computer" not in texts(dialog)


def test_scrolling_over_a_field_does_not_change_it(dialog):
    box = named(dialog, "Base model: Provider", QComboBox)
    box.setFocus()
    centre = QPointF(box.rect().center())
    event = QWheelEvent(
        centre,
        box.mapToGlobal(centre),
        QPoint(0, -120),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(box, event)
    assert box.currentText() == "Ollama"


def test_loading_again_forgets_what_was_entered(dialog, qtbot):
    replace(qtbot, named(dialog, "Base model: Address", QLineEdit), "wrong")
    dialog.load(Settings(**SETTINGS), {"ANTHROPIC_API_KEY"}, NOTE)
    assert dialog._form.changes() == {}
    assert dialog._form.keys() == {}
    assert button(dialog, "Save").isEnabled()


def test_a_wizardless_start_tells_what_to_do_first(dialog):
    dialog.load(Settings())
    assert shown(dialog)[:2] == ["base_provider", "complex_provider"]
    assert "Choose a provider; a model on this computer needs no account." in texts(dialog)
    assert not button(dialog, "Test connection").isEnabled()


def test_the_theme_can_change_while_it_is_open(dialog, qtbot):
    for appearance in ("dark", "light"):
        theme.apply(QApplication.instance(), appearance)
        QApplication.processEvents()
        assert not dialog.grab().isNull()
