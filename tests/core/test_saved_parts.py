import pytest

from elysia_desktop.core.saved_json import Saved
from elysia_desktop.core.saved_parts import environment, errors, message, prompt_with_tasks


def test_a_message_has_a_role_and_a_text_and_nothing_else():
    assert message(Saved({"role": "user", "content": "Q?", "id": 1}, "m")) == {
        "role": "user",
        "content": "Q?",
    }


def test_a_task_keeps_all_that_was_noted_of_it():
    told = {"prompt": "Q?", "task": [{"task": "query", "iteration": 0, "parsed_info": "x", "action": 2}]}
    assert prompt_with_tasks(Saved(told, "t")) == told


@pytest.mark.parametrize(
    ("told", "read"),
    [({}, {}), ([], {}), (["x"], {"decision": ["x"]}), ({"a": "x", "b": []}, {"a": ["x"], "b": []})],
)
def test_errors_are_read_in_every_form(told, read):
    assert errors(Saved(told, "errors"), "decision") == read


def test_objects_without_an_id_are_given_one_and_numbers_go_on():
    told = {
        "environment": {"t": {"n": [{"objects": [{"a": 1}, {"_REF_ID": None, "a": 2}]}]}},
        "self_info": False,
        "numbers": {"t": {"n": 4}},
        "taken": ["t_n_5_0"],
    }
    read = environment(Saved(told, "environment"))
    assert read.find("t", "n", 0)["objects"][0] == {"a": 1, "_REF_ID": "t_n_1_0"}
    assert read.add_objects("t", "n", [{"a": 3}])[0]["_REF_ID"] == "t_n_5_0_2"
    assert read.find("t", "n", 0)["metadata"] == {}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"environment": {"t": []}}, "e.environment.t is not an object"),
        ({"environment": {"t": {"n": [[]]}}}, "e.environment.t.n[0] is not an object"),
        ({"environment": {"SelfInfo": 1}}, "e.environment.SelfInfo is not an object"),
        ({"environment": {}, "numbers": {"t": {"n": "4"}}}, "e.numbers.t.n is not a whole number"),
        ({"environment": {}, "taken": [1]}, "e.taken[0] is not a text"),
        ({"environment": {}, "self_info": "yes"}, "e.self_info is not true or false"),
    ],
)
def test_damage_is_named_by_its_place(told, words):
    with pytest.raises(ValueError) as caught:
        environment(Saved(told, "e"))
    assert words in str(caught.value)
