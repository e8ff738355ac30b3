import json
import os
import traceback

import pytest
from pydantic import SecretStr, ValidationError

from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.core.settings import Settings, setting_fields

CANARY = "sk-canary-42"


def test_settings_are_named_as_in_the_environment():
    settings = Settings.from_env_vars(
        {
            "BASE_MODEL": "small",
            "COMPLEX_MODEL": "large",
            "BASE_PROVIDER": "openai",
            "COMPLEX_PROVIDER": "anthropic",
            "TREE_TIMEOUT": "2.5",
            "BASE_USE_REASONING": "False",
            "LOCAL_WEAVIATE_PORT": "8081",
            "OPENAI_API_KEY": CANARY,
            "COHERE_APIKEY": "c",
            "EMPTY_API_KEY": "",
            "WCD_URL": "https://x.weaviate.cloud/",
            "WCD_API_KEY": CANARY,
            "PATH": "/bin",
        }
    )
    assert (settings.base_model, settings.complex_model) == ("small", "large")
    assert settings.tree_timeout == 2.5
    assert settings.base_use_reasoning is False
    assert settings.local_weaviate_port == 8081
    assert settings.api_key("OPENAI_API_KEY") == CANARY
    assert set(settings.api_keys) == {"OPENAI_API_KEY", "COHERE_APIKEY"}
    assert settings.wcd_url == "https://x.weaviate.cloud"
    assert settings.data_source == "cloud"
    assert settings.wcd_api_key.get_secret_value() == CANARY


@pytest.mark.parametrize(
    ("environ", "source"),
    [
        ({}, "library"),
        ({"WEAVIATE_IS_LOCAL": "True", "WCD_URL": "https://x"}, "local"),
        ({"WEAVIATE_IS_CUSTOM": "1"}, "custom"),
        ({"WEAVIATE_IS_LOCAL": "False", "WCD_URL": "https://x"}, "cloud"),
        ({"WCD_URL": ""}, "library"),
    ],
)
def test_the_environment_chooses_the_data_source(environ, source):
    assert Settings.from_env_vars(environ).data_source == source


def test_one_address_serves_both_models():
    settings = Settings.from_env_vars({"MODEL_API_BASE": "http://x:1/", "COMPLEX_API_BASE": "http://y:2"})
    assert (settings.base_api_base, settings.complex_api_base) == ("http://x:1", "http://y:2")
    settings.configure(model_api_base="http://z:3")
    assert (settings.base_api_base, settings.complex_api_base) == ("http://z:3", "http://z:3")


@pytest.mark.parametrize(
    ("flags", "source"),
    [
        ({"weaviate_is_local": True}, "local"),
        ({"weaviate_is_custom": "true"}, "custom"),
        ({"weaviate_is_local": False, "weaviate_is_custom": False}, "library"),
    ],
)
def test_the_flags_of_elysia_choose_the_data_source(flags, source):
    settings = Settings()
    settings.configure(**flags)
    assert settings.data_source == source


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"base_model": "new", "recursion_limit": 0}, "recursion_limit"),
        ({"base_model": "new", "no_such_thing": 1, "openai_api_key": "new"}, "no_such_thing"),
        ({"base_model": "new", "base_api_base": "ftp://x"}, "base_api_base"),
        ({"openai_api_key": "new", "appearance": "pink"}, "appearance"),
        ({"base_model": 5, "style": "x"}, "base_model"),
        ({"base_model": "new", "openai_api_key": ["new"]}, "OPENAI_API_KEY"),
        ({"base_model": "new", "api_keys": "new"}, "api_keys"),
        ({"base_model": "new", "replace": True, "appearance": "pink"}, "appearance"),
    ],
)
def test_settings_change_all_or_none(changes, named):
    settings = Settings(base_model="old")
    settings.set_api_key("old", "OPENAI_API_KEY")
    before = settings.to_json()
    with pytest.raises(ConfigurationError, match=named):
        settings.configure(**changes)
    assert settings.to_json() == before
    assert settings.api_key("OPENAI_API_KEY") == "old"


def test_a_change_that_fits_is_taken_and_keys_are_kept_apart():
    settings = Settings()
    settings.configure(base_model="m", openai_api_key=CANARY, wcd_api_key=CANARY)
    assert settings.base_model == "m"
    assert settings.api_key("OPENAI_API_KEY") == CANARY
    settings.configure(style="x")
    assert settings.api_key("OPENAI_API_KEY") == CANARY
    settings.configure(openai_api_key="")
    assert settings.api_key("OPENAI_API_KEY") == ""


def test_settings_can_be_replaced_whole():
    settings = Settings(base_model="old", style="old", wcd_api_key="old")
    settings.configure(openai_api_key="old")
    settings.configure(replace=True, base_model="new", gemini_api_key="new")
    assert settings.to_json() == Settings(base_model="new").to_json()
    assert (settings.api_key("OPENAI_API_KEY"), settings.wcd_api_key) == ("", None)
    assert settings.api_key("GEMINI_API_KEY") == "new"


def test_keys_are_given_in_every_form_of_their_name():
    settings = Settings()
    settings.configure(
        api_keys={"openai_apikey": "a", "gemini_api_key": "b"}, ANTHROPIC_API_KEY="c", xai_api_key=None
    )
    assert set(settings.api_keys) == {"OPENAI_APIKEY", "GEMINI_API_KEY", "ANTHROPIC_API_KEY"}
    assert settings.api_key("OPENAI_API_KEY") == "a"
    assert settings.api_key("anthropic_api_key") == "c"
    settings.configure(openai_api_key="d")
    assert settings.api_key("OPENAI_API_KEY") == "d"


def test_settings_are_named_as_a_program_for_elysia_names_them():
    settings = Settings()
    settings.configure(
        BASE_PROVIDER="openrouter/google",
        base_model="gemini-2.5-flash",
        complex_provider="openrouter",
        complex_model="google/gemini-2.5-pro",
        weaviate_url="https://x",
        weaviate_api_key="k",
        logger_level="critical",
        settings_id="1",
    )
    assert (settings.base_provider, settings.base_model) == ("openrouter", "google/gemini-2.5-flash")
    assert settings.complex_model == "google/gemini-2.5-pro"
    assert (settings.data_source, settings.wcd_url) == ("cloud", "https://x")
    assert settings.wcd_api_key.get_secret_value() == "k"
    assert settings.logging_level == "ERROR"
    settings.configure(wcd_url=None)
    assert settings.wcd_url == ""


def test_what_elysia_saved_is_read():
    saved = {
        "BASE_MODEL": "m",
        "BASE_PROVIDER": "openai",
        "CUSTOM_HTTP_HOST": None,
        "WEAVIATE_IS_LOCAL": True,
    }
    saved |= {
        "LOGGING_LEVEL": "NOTSET",
        "LOGGING_LEVEL_INT": 20,
        "SETTINGS_ID": "1",
        "API_KEYS": {"X_API_KEY": CANARY},
    }
    settings = Settings.from_json(saved)
    assert (settings.base_model, settings.data_source, settings.custom_http_host) == ("m", "local", "")
    assert settings.logging_level == "WARNING"
    assert settings.api_keys == {}


def test_an_address_that_was_saved_does_not_choose_the_data():
    assert Settings.from_json({"wcd_url": "https://x"}).data_source == "library"


def test_the_keys_of_the_environment_choose_models():
    settings = Settings.from_smart_setup({"OPENAI_API_KEY": CANARY, "ANTHROPIC_API_KEY": CANARY})
    assert (settings.base_provider, settings.complex_provider) == ("openai", "openai")
    assert settings.base_model != settings.complex_model
    assert settings.model_choice("complex").key.get_secret_value() == CANARY
    assert CANARY not in repr(settings)


def test_models_that_are_named_are_not_chosen_again():
    named = {"OPENAI_API_KEY": CANARY, "BASE_MODEL": "mine", "BASE_PROVIDER": "vllm", "TREE_TIMEOUT": "3"}
    settings = Settings.from_smart_setup(named)
    assert (settings.base_provider, settings.base_model, settings.complex_model) == ("vllm", "mine", "")
    assert settings.tree_timeout == 3
    configured = Settings(base_provider="ollama", base_model="mine", style="Dry.")
    configured.smart_setup({"OPENAI_API_KEY": CANARY, "WCD_URL": "https://x"})
    assert (configured.base_provider, configured.base_model, configured.style) == ("ollama", "mine", "Dry.")
    assert (configured.data_source, configured.api_key("OPENAI_API_KEY")) == ("cloud", CANARY)


def test_keys_that_were_configured_choose_models_too():
    settings = Settings()
    settings.configure(gemini_api_key=CANARY)
    settings.smart_setup({})
    assert settings.base_provider == "gemini"


def test_without_a_key_no_model_is_chosen():
    assert Settings.from_smart_setup({"PATH": "/bin"}) == Settings()


def test_a_variable_that_does_not_fit_is_named_and_nothing_changes():
    settings = Settings(style="Dry.")
    with pytest.raises(ConfigurationError, match="tree_timeout"):
        settings.smart_setup({"TREE_TIMEOUT": "soon", "STYLE": "x"})
    assert settings == Settings(style="Dry.")


def test_keys_never_reach_the_environment():
    before = dict(os.environ)
    settings = Settings.from_smart_setup({"OPENAI_API_KEY": CANARY})
    settings.configure(gemini_api_key=CANARY, wcd_api_key=CANARY)
    settings.model_choice("base")
    assert dict(os.environ) == before


def test_no_secret_is_in_json_or_repr():
    settings = Settings(wcd_api_key=CANARY)
    settings.configure(openai_api_key=CANARY)
    told = repr(settings) + str(settings) + json.dumps(settings.to_json()) + settings.model_dump_json()
    told += (
        repr(settings.model_choice("base"))
        + f"{settings.model_dump()} {settings.check()} {settings.api_keys}"
    )
    assert CANARY not in told
    assert "wcd_api_key" not in settings.to_json()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda s: s.configure(wcd_api_key=[CANARY]),
        lambda s: s.configure(recursion_limit=CANARY),
        lambda s: s.configure(openai_api_key=[CANARY]),
        lambda s: s.configure(api_keys=CANARY),
        lambda s: Settings.from_json({"wcd_api_key": {"x": CANARY}}),
        lambda s: Settings.from_env_vars({"RECURSION_LIMIT": CANARY}),
        lambda s: setattr(s, "api_keys", {"X": [CANARY]}),
        lambda s: Settings(wcd_api_key=[CANARY]),
    ],
)
def test_no_secret_is_in_an_error_or_its_traceback(wrong):
    with pytest.raises((ConfigurationError, ValidationError)) as caught:
        wrong(Settings())
    told = "".join(traceback.format_exception_only(caught.value)) + str(caught.value.__cause__)
    assert CANARY not in told


@pytest.mark.parametrize(
    "wrong",
    [
        {"wcd_api_key": CANARY, "recursion_limit": "x"},
        {"weaviate_api_key": CANARY, "weaviate_is_local": "perhaps"},
        {"openai_api_key": CANARY, "recursion_limit": "x"},
        {"api_keys": {"OPENAI_API_KEY": CANARY}, "recursion_limit": "x"},
        {"api_keys": {1: CANARY}},
        {"api_keys": [CANARY]},
    ],
)
def test_no_key_is_in_a_traceback_with_local_variables(wrong):
    ours = [_of_configuring(wrong)]
    if all(isinstance(value, str) for value in wrong.values()):
        ours.append(_of_reading({name.upper(): value for name, value in wrong.items()}))
    assert CANARY not in "".join(ours)


def _of_configuring(wrong):
    with pytest.raises(ConfigurationError) as caught:
        Settings().configure(**wrong)
    return _frames_below(caught)


def _of_reading(environ):
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_env_vars(environ)
    return _frames_below(caught)


def _frames_below(caught):
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    del told.stack[0]  # the test's own
    return "".join(told.format())


def test_blanks_around_a_variable_do_not_count():
    settings = Settings.from_env_vars(
        {"WCD_URL": " ", "WCD_API_KEY": f" {CANARY}\n", "BASE_MODEL": " small\r", "USE_FEEDBACK": "true "}
    )
    assert (settings.data_source, settings.base_model, settings.use_feedback) == ("library", "small", True)
    assert settings.wcd_api_key.get_secret_value() == CANARY


@pytest.mark.parametrize("minutes", ["inf", "1e300", "nan", "-1"])
@pytest.mark.parametrize("name", ["TREE_TIMEOUT", "USER_TIMEOUT", "CLIENT_TIMEOUT"])
def test_a_time_out_is_no_longer_than_time(name, minutes):
    with pytest.raises(ConfigurationError, match=name.lower()):
        Settings.from_env_vars({name: minutes})


def test_saved_settings_are_read_tolerantly():
    settings = Settings(base_model="m", recursion_limit=7)
    saved = json.loads(json.dumps(settings.to_json()))
    assert Settings.from_json(saved) == settings
    assert Settings.from_json({**saved, "of_the_future": 1}) == settings
    assert Settings.from_json({}) == Settings()
    with pytest.raises(ConfigurationError, match="recursion_limit"):
        Settings.from_json({"recursion_limit": "many"})


def test_no_default_is_shared():
    first, second = Settings(), Settings()
    first.set_api_key("x", "X_API_KEY")
    assert second.api_keys == {}


def test_check_tells_what_is_configured():
    assert not any(Settings().check().values())
    assert all(isinstance(there, bool) for there in Settings().check().values())
    assert Settings(wcd_api_key=SecretStr("")).check()["wcd_api_key"] is False
    settings = Settings(base_model="m", base_provider="openai", wcd_url="https://x", wcd_api_key="k")
    assert [name for name, there in settings.check().items() if there] == [
        "base_model",
        "base_provider",
        "wcd_url",
        "wcd_api_key",
    ]
    local = Settings(data_source="local", local_weaviate_port=1, local_weaviate_grpc_port=2).check()
    assert [name for name, there in local.items() if there] == [
        "weaviate_is_local",
        "local_weaviate_port",
        "local_weaviate_grpc_port",
    ]
    custom = Settings(data_source="custom", custom_http_host="h", custom_grpc_host="g").check()
    assert [name for name, there in custom.items() if there] == [
        "weaviate_is_custom",
        "custom_http_host",
        "custom_grpc_host",
    ]


def test_the_complex_model_falls_back_to_the_base_model():
    settings = Settings(base_provider="openai", base_model="small")
    settings.set_api_key("k", "OPENAI_API_KEY")
    assert settings.model_choice("complex") == settings.model_choice("base")
    assert settings.model_choice("base").key.get_secret_value() == "k"
    settings.configure(complex_provider="ollama", complex_model="org/large")
    choice = settings.model_choice("complex")
    assert (choice.model, choice.label, choice.address) == ("org/large", "large", "http://localhost:11434/v1")
    assert choice.key.get_secret_value() == ""
    assert not Settings().model_choice("base").is_configured


def test_each_model_has_its_own_temperature_and_prices():
    settings = Settings(base_provider="openai", base_model="m", base_temperature=0.5, base_input_price=1.25)
    settings.configure(complex_provider="groq", complex_model="n", complex_output_price=3)
    base, other = settings.model_choice("base"), settings.model_choice("complex")
    assert (base.temperature, base.input_price, base.output_price) == (0.5, 1.25, None)
    assert (other.temperature, other.input_price, other.output_price) == (None, None, 3.0)
    with pytest.raises(ConfigurationError, match="base_input_price"):
        settings.configure(base_input_price=-1)


def test_every_setting_says_what_it_is():
    fields = list(setting_fields())
    declared = {name: info.json_schema_extra for name, info in Settings.model_fields.items()}
    assert [f.name for f in fields] == [
        name for name, extra in declared.items() if extra["widget"] != "hidden"
    ]
    assert "api_keys" not in {f.name for f in fields}
    assert all(f.title and f.description.endswith(".") and f.group for f in fields)
    assert all(info.title and info.description for info in Settings.model_fields.values())


@pytest.mark.parametrize(
    ("provider", "chosen", "reasons"),
    [
        ("openai", None, True),
        ("llama_cpp", None, False),
        ("ollama", True, True),
        ("openai", False, False),
    ],
)
def test_a_model_on_this_computer_gives_reasons_for_its_requests_only_where_that_is_set(
    provider, chosen, reasons
):
    settings = Settings(complex_provider=provider, complex_model="m", complex_use_reasoning=chosen)
    assert settings.model_choice("complex").use_reasoning is reasons
    assert Settings.from_env_vars({"COMPLEX_USE_REASONING": str(reasons)}).complex_use_reasoning is reasons


def test_whether_collections_of_chunks_may_be_made_is_not_decided_until_the_person_does():
    assert Settings().allow_chunk_collections is None
    assert Settings.from_env_vars({"ALLOW_CHUNK_COLLECTIONS": "true"}).allow_chunk_collections is True
