import pytest
from engine.models import choice_of

from elysia_desktop.engine.model_parameters import ModelParameters


def parameters(model="m", **changes):
    return ModelParameters(choice_of(model=model, **changes))


@pytest.mark.parametrize(
    ("model", "room"),
    [
        ("o1", 16_000),
        ("o4-mini", 16_000),
        ("gpt-5", 16_000),
        ("openai/gpt-5.1-codex", 16_000),
        ("deepseek-reasoner", 16_000),
        ("deepseek/deepseek-r1:free", 16_000),
        ("gemini-2.5-flash", 16_000),
        ("qwen3-4b-thinking-2507", 16_000),
        ("gpt-5-chat-latest", 1200),
        ("gpt-4o", 1200),
        ("gemini-2.0-flash", 1200),
        ("llama3.2", 1200),
        ("qwen2.5-coder", 1200),
        ("o-fortuna", 1200),
    ],
)
def test_models_that_think_get_room_to(model, room):
    assert parameters(model).limit(1200) == room


def test_room_to_think_leaves_half_of_a_small_context_and_never_less_than_was_asked_for():
    assert parameters("o1", context_length=8192).limit(1200) == 4096
    assert parameters("o1").limit(50_000) == 50_000


def test_a_person_may_set_a_temperature_for_any_model():
    assert parameters().sampling(9)["temperature"] == 0.0
    assert parameters(provider="anthropic").sampling(9)["temperature"] is None
    assert parameters("o1").sampling(9)["temperature"] is None
    assert parameters("o1", temperature=0.7).sampling(9)["temperature"] == 0.7
    assert parameters(provider="anthropic", temperature=0.7).sampling(9)["temperature"] == 0.7


def test_a_refused_temperature_is_not_set_again_whoever_set_it():
    known = parameters(temperature=0.7)
    assert known.learn("`temperature` is deprecated for this model.", False)
    assert known.sampling(9)["temperature"] is None
    assert not known.learn("`temperature` is deprecated for this model.", False)


def test_a_limit_is_named_as_the_server_wants_and_at_last_left_out():
    known = parameters()
    assert known.learn("Use 'max_completion_tokens' instead of 'max_tokens'.", False)
    assert known.sampling(9)["extensions"] == {"max_completion_tokens": 9}
    assert known.learn("max_completion_tokens is not known.", False)
    assert known.sampling(9) == {"temperature": 0.0}
    assert not known.learn("max_completion_tokens is not known.", False)


def test_only_a_schema_that_was_sent_can_be_refused():
    known = parameters()
    assert not known.learn("json_schema is not supported", schema_sent=False)
    assert known.constrains_output
    assert known.learn("json_schema is not supported", schema_sent=True)
    assert not known.constrains_output


@pytest.mark.parametrize("said", ["", "Insufficient credits.", "The model is overloaded."])
def test_a_refusal_that_names_nothing_teaches_nothing(said):
    assert not parameters().learn(said, True)


def test_what_the_person_says_about_constrained_output_goes_first():
    assert parameters(provider="of-the-future", supports_schema=True).constrains_output
    assert not parameters(provider="of-the-future").constrains_output
    assert not parameters(provider="openai", supports_schema=False).constrains_output


def test_openrouter_is_asked_for_its_price():
    assert parameters(provider="openrouter").sampling(9)["extensions"] == {"usage": {"include": True}}


def test_functions_are_sent_until_the_person_or_the_server_says_otherwise():
    assert parameters(provider="openai").calls_functions("auto")
    assert not parameters(provider="openai", supports_tools=False).calls_functions("auto")
    known = parameters(provider="llama_cpp", supports_tools=True)
    assert known.calls_functions("auto")
    assert known.learn_functions("m does not support tools", "auto")
    assert not known.calls_functions("auto")


@pytest.mark.parametrize("said", ["The messages are too long.", "temperature must be 1", ""])
def test_a_refusal_that_speaks_of_something_else_is_not_about_functions(said):
    known = parameters(provider="openai")
    assert not known.learn_functions(said, "required")
    assert known.calls_functions("required")


def test_a_server_that_lets_nothing_be_forced_still_gets_functions_to_choose_from():
    known = parameters(provider="openai")
    assert known.learn_functions("tool_choice must be auto", "required")
    assert [known.calls_functions(choice) for choice in ("auto", "none", "required", "add")] == [
        True,
        True,
        False,
        False,
    ]
    assert known.learn_functions("tool_choice is not known", "auto")
    assert not known.calls_functions("auto")


@pytest.mark.parametrize("provider", ["llama_cpp", "on_this_computer"])
def test_small_models_are_asked_in_words_until_a_test_has_shown_that_they_call_functions(provider):
    assert not parameters(provider=provider).calls_functions("auto")
    assert parameters(provider=provider, supports_tools=True).calls_functions("auto")
    assert parameters(provider="ollama").calls_functions("auto")
