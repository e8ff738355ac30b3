import json
from datetime import datetime

import pytest

from elysia_desktop.core.collection_data import CollectionData
from elysia_desktop.core.environment import Environment
from elysia_desktop.core.errors import StoreUnreachable
from elysia_desktop.core.schema import CollectionInfo
from elysia_desktop.core.tree_data import DECISION, Atlas, TreeData


class Store:
    """A store that knows three collections: one analysed, one not, one broken."""

    asked: list[str]

    def __init__(self):
        self.asked = []

    async def collections(self):
        return [CollectionInfo(name=name, count=1) for name in ("Known", "New", "Broken")]

    async def get_metadata(self, name):
        self.asked.append(name)
        if name == "Broken":
            raise StoreUnreachable("gone")
        return (
            {"name": name, "summary": "About.", "mappings": {"table": {"a": "a"}}}
            if name == "Known"
            else None
        )


class Clients:
    def __init__(self):
        self.made = Store()

    def store(self):
        return self.made


async def made_statistics(store, name):
    return {"name": name, "summary": "Counted."}


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


def test_the_time_is_read_when_it_is_asked_for():
    atlas = Atlas()
    told = datetime.fromisoformat(atlas.datetime_reference["current_datetime"])
    assert abs((datetime.now().astimezone() - told).total_seconds()) < 5
    assert "datetime" not in atlas.model_dump_json()


async def test_unknown_and_unreadable_collections_are_left_out():
    clients, state = Clients(), data()
    await state.set_collection_names(["Known", "Nope", "New", "Known", "Broken"], clients, made_statistics)
    known = state.collection_data
    assert state.collection_names == ["Known", "New"]
    assert known.incorrect_collections == ["Nope"]
    assert known.removed_collections == ["Broken"]
    assert known.output_collection_summaries() == {"Known": "About.", "New": "Counted."}
    assert state.output_collection_metadata(["New", "Nope"]) == {
        "New": {"name": "New", "summary": "Counted."}
    }
    assert "mappings" not in state.output_collection_metadata()["Known"]
    assert state.output_collection_metadata(with_mappings=True)["Known"]["mappings"] == {"table": {"a": "a"}}
    assert state.output_collection_return_types() == {"Known": ["table"], "New": ["table"]}
    await state.set_collection_names(["New", "Known"], clients, made_statistics)
    assert state.collection_names == ["New", "Known"]
    assert clients.made.asked == ["Known", "New", "Broken"], "what is known is not read again"
    assert known.removed_collections == []


async def test_without_statistics_a_collection_that_was_not_analysed_is_removed():
    state = data()
    await state.set_collection_names(["New"], Clients())
    assert state.collection_names == []
    assert state.collection_data.removed_collections == ["New"]


async def test_tree_data_survives_being_saved():
    state = data(environment=Environment(), recursion_limit=4)
    await state.set_collection_names(["Known", "Nope"], Clients(), made_statistics)
    state.begin_run("Q?")
    state.environment.add_objects("t", "n", [{"a": 1}])
    state.update_tasks_completed("Q?", "query", 0, result="x")
    state.add_error("query", "x")
    state.num_trees_completed = 2
    saved = json.loads(json.dumps(state.to_json()))
    again = TreeData.from_json(saved)
    assert again.to_json() == saved
    again.collection_data.metadata["Known"]["summary"] = "changed"
    assert saved["collection_data"]["metadata"]["Known"]["summary"] == "About."


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
    assert state.to_json(remove_unserialisable=True)["tasks_completed"][0]["task"] == [
        {"task": "t", "iteration": 0}
    ]
