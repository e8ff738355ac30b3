import pytest

from elysia_desktop.core.defaults import configure, default_settings, reset_settings, smart_setup
from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.core.settings import Settings

KEY = "sk-canary-42"
KEYS = ("OPENROUTER_API_KEY", "GEMINI_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY")


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Defaults of this test alone, from an environment that names nothing."""
    for name in (
        *KEYS,
        "BASE_MODEL",
        "BASE_PROVIDER",
        "COMPLEX_MODEL",
        "COMPLEX_PROVIDER",
        "WCD_URL",
        "STYLE",
    ):
        monkeypatch.delenv(name, raising=False)
    reset_settings()
    yield
    reset_settings()


def test_defaults_are_read_from_the_environment_at_first_use(monkeypatch):
    monkeypatch.setenv("STYLE", "Dry.")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    first = default_settings()
    assert (first.style, first.base_provider, first.api_key("OPENAI_API_KEY")) == ("Dry.", "openai", KEY)
    monkeypatch.setenv("STYLE", "Wet.")
    assert default_settings().style == "Dry."
    reset_settings()
    assert default_settings().style == "Wet."


def test_what_is_configured_is_what_others_begin_with():
    configure(base_provider="ollama", base_model="m", openai_api_key=KEY)
    configure(style="Dry.")
    made = default_settings()
    assert (made.base_provider, made.base_model, made.style) == ("ollama", "m", "Dry.")
    assert made.api_key("OPENAI_API_KEY") == KEY


def test_defaults_can_be_replaced_whole():
    configure(base_model="m", openai_api_key=KEY)
    configure(replace=True, style="Dry.")
    assert default_settings() == Settings(style="Dry.")


def test_a_copy_can_be_changed_without_changing_the_defaults():
    configure(openai_api_key=KEY)
    before = default_settings()
    mine = default_settings()
    mine.api_keys.clear()
    mine.configure(style="Mine.", gemini_api_key=KEY)
    assert default_settings() == before
    assert default_settings().api_key("OPENAI_API_KEY") == KEY


def test_a_copy_does_not_change_when_the_defaults_do():
    mine = default_settings()
    configure(style="Theirs.")
    assert mine.style == Settings().style


def test_a_change_that_does_not_fit_changes_nothing():
    configure(style="Dry.")
    with pytest.raises(ConfigurationError, match="no_such_thing"):
        configure(style="Wet.", no_such_thing=1)
    assert default_settings().style == "Dry."


def test_smart_setup_reads_the_environment_anew_and_keeps_what_it_does_not_name(monkeypatch):
    configure(end_goal="Mine.")
    monkeypatch.setenv("STYLE", "Wet.")
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    smart_setup()
    made = default_settings()
    assert (made.end_goal, made.style, made.base_provider) == ("Mine.", "Wet.", "gemini")


def test_a_variable_that_does_not_fit_is_named_at_first_use(monkeypatch):
    monkeypatch.setenv("TREE_TIMEOUT", "soon")
    with pytest.raises(ConfigurationError, match="tree_timeout"):
        default_settings()
    monkeypatch.delenv("TREE_TIMEOUT")
    assert default_settings().tree_timeout == 10
