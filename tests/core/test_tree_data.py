import json

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from elysia_desktop.core.collection_data import CollectionData
from elysia_desktop.core.environment import Environment
from elysia_desktop.core.schema import CollectionInfo
from elysia_desktop.core.tree_data import DECISION, Atlas, TreeData


class Store:
    """A store with one analysed collection."""

    async def collections(self):
        return [CollectionInfo(name="Known", count=1)]

    async def get_metadata(self, name):
        return {"name": name, "summary": "About.", "mappings": {"table": {"a": "a"}}}


class Clients:
    def store(self):
        return Store()


async def made_statistics(store, name):
    raise AssertionError("what was analysed needs no statistics")


def data(**known):
    return TreeData(CollectionData([]), Atlas(), **known)


def test_nothing_mutable_is_shared():
    first, second = data(), data()
    first.begin_run("Q?")
    first.add_error("t", "x")
    first.collection_data.metadata["A"] = {}
    assert second.tasks_completed == []
    assert second.conversation_history == []
    assert second.errors == {}
    assert second.collection_data.metadata == {}
    history = [{"role": "user", "content": "a"}]
    third = data(conversation_history=history)
    third.update_history("user", "b")
    assert history == [{"role": "user", "content": "a"}]


def test_the_limit_is_three_when_made_by_hand():
    assert data().recursion_limit == 3
    assert data(recursion_limit=7).recursion_limit == 7
    assert data(recursion_limit=0).recursion_limit == 0


def test_a_repeated_task_of_an_iteration_is_merged():
    state = data()
    state.begin_run("Q?")
    values = {"text": "a", "n": 1, "x": 0.5, "items": [1], "facts": {"a": 1}, "done": False, "mixed": 1}
    more = {
        "text": "b",
        "n": 2,
        "x": 1,
        "items": [2],
        "facts": {"b": 2},
        "done": True,
        "mixed": "z",
        "new": 1,
    }
    state.update_tasks_completed("Q?", "query", 0, **values)
    state.update_tasks_completed("Q?", "query", 0, **more)
    state.update_tasks_completed("Q?", "query", 1, text="later")
    state.update_tasks_completed("Q?", "other", 0, text="other")
    (entry,) = state.tasks_completed
    assert entry["task"] == [
        {
            "task": "query",
            "iteration": 0,
            "text": "a\nb",
            "n": 3,
            "x": 1.5,
            "items": [1, 2],
            "facts": {"a": 1, "b": 2},
            "done": True,
            "mixed": "z",
            "new": 1,
        },
        {"task": "query", "iteration": 1, "text": "later"},
        {"task": "other", "iteration": 0, "text": "other"},
    ]
    assert values["items"] == [1]
    assert values["facts"] == {"a": 1}


def test_what_says_nothing_changes_nothing():
    state = data()
    state.update_tasks_completed("Q?", "query", 0, result="a", count=None)
    state.update_tasks_completed("Q?", "query", 0, result=None)
    assert state.tasks_completed[0]["task"] == [{"task": "query", "iteration": 0, "result": "a"}]


def test_a_truth_is_never_added_up():
    state = data()
    for _ in range(2):
        state.update_tasks_completed("Q?", "query", 0, action=True, count=True)
    state.update_tasks_completed("Q?", "query", 0, count=5)
    assert state.tasks_completed[0]["task"][0] == {
        "task": "query",
        "iteration": 0,
        "action": True,
        "count": 5,
    }


def test_a_value_cannot_pass_for_the_iteration():
    state = data()
    with pytest.raises(TypeError, match="iteration"):
        state.update_tasks_completed("Q?", "query", 0, iteration=4)
    assert state.tasks_completed == []


def test_tasks_go_to_the_current_run_also_when_an_earlier_prompt_was_the_same():
    state = data()
    for prompt in ("A?", "B?", "A?"):
        state.begin_run(prompt)
        state.update_tasks_completed(prompt, "query", 0, result=prompt)
    assert [len(entry["task"]) for entry in state.tasks_completed] == [1, 1, 1]


def test_the_tasks_are_told_to_a_model_in_words():
    state = data()
    state.update_tasks_completed("Q?", "query", 0, inputs={"a": 1}, result="2 films", action=2)
    state.update_tasks_completed("Q?", "aggregate", 1, action=True, error=1)
    state.update_tasks_completed("Q?", "text_response", 2, result="")
    assert state.tasks_completed_string().splitlines() == [
        "Prompt 1: Q?",
        "- query: {'a': 1}; 2 films",
        "- aggregate (failed)",
        "- text_response",
    ]


def test_the_same_prompt_asked_twice_is_two_entries():
    state = data()
    for number in range(2):
        state.begin_run("Q?")
        state.update_tasks_completed("Q?", "query", 0, result=f"run {number}")
    assert [entry["task"][0]["result"] for entry in state.tasks_completed] == ["run 0", "run 1"]
    told = state.tasks_completed_string()
    assert told.index("run 0") < told.index("Prompt 2") < told.index("run 1")


def test_successive_texts_of_one_role_are_joined():
    state = data()
    state.begin_run("Q?")
    state.update_history("assistant", "First.")
    state.update_history("assistant", "")
    state.update_history("assistant", "Second.")
    state.update_history("user", "And?")
    assert state.conversation_history == [
        {"role": "user", "content": "Q?"},
        {"role": "assistant", "content": "First.\nSecond."},
        {"role": "user", "content": "And?"},
    ]


def test_the_count_warns_on_the_last_turn_and_past_the_limit():
    state = data(recursion_limit=3)
    counts = []
    for number in range(4):
        state.num_trees_completed = number
        counts.append(state.tree_count_string())
    assert counts[:2] == ["1/3", "2/3"]
    assert counts[2].startswith("3/3 (this is the last")
    assert counts[3].startswith("4/3 (past the limit")


def test_a_tool_hears_of_its_own_errors_and_the_decision_of_all():
    state = data()
    state.add_error("query", "no such field")
    state.add_error("aggregate", "no such group")
    state.set_current_task("query")
    assert state.get_errors() == ["no such field"]
    state.set_current_task("text_response")
    assert state.get_errors() == []
    state.set_current_task(DECISION)
    assert state.get_errors() == {"query": ["no such field"], "aggregate": ["no such group"]}
    state.clear_error("query")
    state.clear_error("never")
    assert state.get_errors() == {"aggregate": ["no such group"]}
    state.begin_run("Next?")
    assert state.get_errors() == {}


def test_tools_can_keep_values_of_their_own():
    state = data()
    state.set_property("found", 3)
    state.update_string("notes", "a")
    state.update_string("notes", "b")
    state.update_list("seen", 1)
    state.update_list("seen", 2)
    state.update_dict("by_name", "a", 1)
    state.update_dict("by_name", "b", 2)
    state.delete_from_dict("by_name", "a")
    state.delete_from_dict("by_name", "never")
    state.delete_from_dict("absent", "a")
    kept = vars(state)
    assert [kept[name] for name in ("found", "notes", "seen", "by_name")] == [3, "ab", [1, 2], {"b": 2}]
    assert "absent" not in kept
    state.soft_reset()
    assert kept["notes"] == "ab"


@pytest.mark.parametrize(
    ("update", "words"),
    [
        (
            lambda state: state.update_string("tasks_completed", "x"),
            "“tasks_completed” of the tree's data is a list, not a str",
        ),
        (lambda state: state.update_string("number", "x"), "“number” of the tree's data is a int, not a str"),
        (lambda state: state.update_list("user_prompt", "x"), "is a str, not a list"),
        (lambda state: state.update_dict("conversation_history", "x", 1), "is a list, not a dict"),
        (lambda state: state.delete_from_dict("user_prompt", "x"), "is a str, not a dict"),
        (lambda state: state.set_property("environment", {}), "is a Environment, not a dict"),
        (lambda state: state.set_property("to_json", 1), "“to_json” cannot be the name"),
        (lambda state: state.set_property("collection_names", []), "“collection_names” cannot be the name"),
        (lambda state: state.set_property("_known", []), "“_known” cannot be the name"),
    ],
)
def test_a_property_is_never_made_into_something_else(update, words):
    state = data(user_prompt="Q?")
    state.set_property("number", 1)
    before = state.to_json()
    with pytest.raises(TypeError) as caught:
        update(state)
    assert words in str(caught.value)
    assert state.to_json() == before


def test_properties_of_the_state_itself_can_be_changed_too():
    state = data(user_prompt="Q?")
    state.update_string("user_prompt", " Really?")
    state.update_list("conversation_history", {"role": "user", "content": "Q?"})
    state.update_dict("errors", "query", ["x"])
    state.set_property("current_task", "query")
    state.set_property("current_task", None)
    assert (state.user_prompt, state.errors, state.current_task) == ("Q? Really?", {"query": ["x"]}, None)
    assert state.conversation_history == [{"role": "user", "content": "Q?"}]
    assert state.custom_properties == {}


def test_a_property_does_not_change_what_it_was_given():
    state, seen, names = data(), [1], {"a": 1}
    state.set_property("seen", seen)
    state.set_property("names", names)
    state.update_list("seen", 2)
    state.delete_from_dict("names", "a")
    assert (seen, names) == ([1], {"a": 1})
    assert state.custom_properties == {"seen": [1, 2], "names": {}}


async def test_the_collections_in_use_are_those_that_can_be_used():
    state = data()
    assert await state.set_collection_names(["Known", "Nope"], Clients(), made_statistics) == ["Known"]
    assert state.collection_names == ["Known"]
    assert "mappings" not in state.output_collection_metadata()["Known"]
    assert state.output_collection_metadata(["Known", "Nope"], with_mappings=True) == {
        "Known": {"name": "Known", "summary": "About.", "mappings": {"table": {"a": "a"}}}
    }
    assert state.output_collection_return_types() == {"Known": ["table"]}


async def test_tree_data_survives_being_saved():
    state = data(environment=Environment(), recursion_limit=4)
    await state.set_collection_names(["Known", "Nope"], Clients(), made_statistics)
    state.begin_run("Q?")
    state.environment.add_objects("t", "n", [{"a": 1}])
    state.update_tasks_completed("Q?", "query", 0, result="x")
    state.add_error("query", "x")
    state.set_current_task("query")
    state.set_property("mine", {"a": [1]})
    state.num_trees_completed = 2
    saved = json.loads(json.dumps(state.to_json()))
    again = TreeData.from_json(saved)
    assert again.to_json() == saved
    assert (again.get_errors(), again.custom_properties) == (["x"], {"mine": {"a": [1]}})
    again.custom_properties["mine"]["a"].append(2)
    again.collection_data.metadata["Known"]["summary"] = "changed"
    assert saved["collection_data"]["metadata"]["Known"]["summary"] == "About."
    assert saved["mine"] == {"a": [1]}


def test_tree_data_of_another_version_is_read():
    saved = data().to_json()
    saved["atlas"]["datetime_reference"] = {"current_datetime": "2024-01-01"}
    for name in ("errors", "tasks_completed", "num_trees_completed", "recursion_limit", "user_prompt"):
        del saved[name]
    assert TreeData.from_json(saved).recursion_limit == 3


def test_what_is_no_json_is_named_or_left_out():
    state = data()
    state.update_tasks_completed("Q?", "t", 0, x=object())
    with pytest.raises(TypeError, match="tasks_completed"):
        state.to_json()
    state.set_property("handle", object())
    assert "handle" not in state.to_json(remove_unserialisable=True)
    assert state.to_json(remove_unserialisable=True)["tasks_completed"][0]["task"] == [
        {"task": "t", "iteration": 0}
    ]


plain = st.recursive(
    st.none() | st.booleans() | st.integers(0, 99) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
values = st.dictionaries(st.sampled_from(["result", "inputs", "count"]), plain)


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(["query", "add"]), st.integers(0, 2), values)),
    plain,
)
@trials(max_examples=60, deadline=None)
def test_whatever_was_done_is_the_same_after_saving(done, kept):
    state = data()
    for prompt, task, iteration, found in done:
        state.update_tasks_completed(prompt, task, iteration, **found)
        state.update_history("assistant", task)
    state.set_property("kept", kept)
    saved = json.loads(json.dumps(state.to_json()))
    again = TreeData.from_json(saved)
    assert again.to_json() == saved
    assert again.tasks_completed_string() == state.tasks_completed_string()
    for entry in state.tasks_completed:
        places = [(task["task"], task["iteration"]) for task in entry["task"]]
        assert len(places) == len(set(places))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ({"atlas": None}, "here.atlas is not an object"),
        ({"conversation_history": [{"role": "user"}]}, "here.conversation_history[0].content is missing"),
        (
            {"collection_data": {"collection_names": "x"}},
            "here.collection_data.collection_names is not a list",
        ),
        ({"num_trees_completed": True}, "here.num_trees_completed is not a whole number"),
    ],
)
def test_damage_is_named_by_its_place(damage, words):
    with pytest.raises(ValueError) as caught:
        TreeData.from_json({**data().to_json(), **damage}, place="here")
    assert words in str(caught.value)
