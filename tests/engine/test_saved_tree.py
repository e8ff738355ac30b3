"""Saved trees of `elysia-ai` 0.2.8 open here, and ours are what they were. The files are made by tests/peer."""

import json
import logging
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from elysia_desktop.core.collection_data import CollectionData
from elysia_desktop.core.defaults import reset_settings
from elysia_desktop.core.environment import Environment
from elysia_desktop.core.jsonable import LEVELS
from elysia_desktop.core.settings import Settings
from elysia_desktop.core.tree_data import Atlas, TreeData
from elysia_desktop.engine.analysis.statistics import statistics
from elysia_desktop.engine.saved_tree import SavedTree, read_saved_tree, write_saved_tree

FOLDER = Path(__file__).parents[1] / "data" / "elysia_trees"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
KEY = "sk-only-for-the-provider"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    """No key of whoever runs the tests, and no defaults of another test."""
    for name in (
        "OPENAI_API_KEY",
        "OPENROUTER_API_KEY",
        "GEMINI_API_KEY",
        "ANTHROPIC_API_KEY",
        "WCD_API_KEY",
    ):
        monkeypatch.delenv(name, raising=False)
    reset_settings()
    yield
    reset_settings()


def file(name):
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def opened(name):
    return read_saved_tree(file(name), Settings())


def saved(tree_data=None, **known):
    whole = {
        "user_id": "u",
        "conversation_id": "c",
        "title": "Titre «é» 🎬",
        "branch_initialisation": "empty",
        "low_memory": True,
        "use_elysia_collections": False,
        "tree_index": 3,
        "tree_data": tree_data or TreeData(CollectionData([]), Atlas()),
        "settings": Settings(base_provider="vllm", base_model="m", recursion_limit=4).to_json(),
        "tool_names": ("add", "forced_text_response"),
        "structure": {"id": "base", "instruction": "Choose.", "options": [{"id": "add", "tool": "add"}]},
        "payloads": ({"type": "status", "payload": {"text": "…"}},),
    }
    return SavedTree(**{**whole, **known})


def through_text(tree):
    return json.loads(json.dumps(write_saved_tree(tree), allow_nan=False))


def test_the_files_are_there_and_hold_no_key():
    assert {"default", "multi_branch", "branches", "by_hand", "new"} <= set(NAMES)
    for name in NAMES:
        told = file(name)
        for block in (told["settings"], told["tree_data"]["settings"]):
            assert not any([*block["API_KEYS"].values(), block["WCD_API_KEY"]])


def test_a_conversation_of_elysia_is_opened_whole():
    tree = opened("default")
    assert (tree.user_id, tree.conversation_id, tree.title) == ("ann", "default", "Films of 2001 🎬")
    assert (tree.branch_initialisation, tree.tree_index, tree.low_memory) == ("default", 1, False)
    assert (tree.use_elysia_collections, tree.structure) == (True, None)
    data = tree.tree_data
    assert data.user_prompt == "Thank you!"
    assert [message["role"] for message in data.conversation_history] == ["user", "assistant"] * 2
    assert data.conversation_history[-1]["content"] == "Gladly."
    assert [entry["prompt"] for entry in data.tasks_completed][1] == "Thank you!"
    assert [task["task"] for task in data.tasks_completed[0]["task"]][:3] == [
        "find_films",
        "find_again",
        "break_down",
    ]
    assert data.errors == {
        "break_down": [
            "Avoidable error: Name a year between 1900 and 2100.",
            "Unknown error: Something else.",
        ]
    }
    assert data.atlas.agent_description == "An agent that knows films."
    assert data.custom_properties["favourites"] == {"Amélie": 1}
    assert data.custom_properties["notes"] == ["seen twice"]
    assert data.recursion_limit == 5
    assert [payload["type"] for payload in tree.payloads][:3] == ["user_prompt", "status", "text"]
    assert tree.payloads[-1]["type"] == "completed"


def test_what_was_found_there_can_be_found_here():
    found = opened("default").tree_data.environment
    film = found.find("find_films", "Films", 0)["objects"][1]
    assert (film["title"], film["crew"]) == ("千と千尋の神隠し", {"director": "宮崎 駿"})
    assert found.object("find_films_Films_0_1") == film
    assert found.find("find_films", "Films", 1)["objects"] == [
        {"object_info": "[repeat]", "_REF_ID": "find_films_Films_0_0"},
        {"object_info": "[repeat]", "_REF_ID": "find_films_Films_0_1"},
    ]
    assert found.hidden_environment == {"seen": ["find_films_Films_0_0", "find_films_Films_0_1"]}
    (new,) = found.add_objects("add", "default", [{"sum": 1}])
    assert new["_REF_ID"] == "add_default_2_0"


def test_the_tools_that_elysia_lists_for_itself_are_not_asked_for():
    assert opened("branches").tool_names == ("answer", "add", "list_everything", "break_down")
    assert "find_films" in opened("default").tool_names


def test_what_is_told_about_the_application_is_about_this_one():
    (about,) = opened("default").tree_data.environment.environment["SelfInfo"]["info"]
    assert about["name"] == "Elysia Desktop"


def test_the_time_of_saving_is_not_taken_for_the_present():
    assert opened("default").tree_data.atlas.datetime_reference["current_datetime"][:4] != "2025"


def test_metadata_of_a_collection_is_kept_and_used():
    data = opened("multi_branch").tree_data
    assert data.collection_names == ["Films"]
    assert data.output_collection_return_types() == {"Films": ["table", "generic"]}
    assert [field["name"] for field in data.output_collection_metadata()["Films"]["fields"]] == [
        "title",
        "year",
    ]
    assert data.collection_data.statistics is statistics


def test_what_was_changed_by_hand_there_is_read():
    data = opened("by_hand").tree_data
    first, second = data.environment.find("count", "numbers")
    assert first["objects"] == [{"n": "replaced", "_REF_ID": "count_numbers_1_0"}]
    assert [item["_REF_ID"] for item in second["objects"]] == ["count_numbers_3_0", "count_numbers_3_1"]
    assert data.environment.find("count", "gone") == []
    assert data.errors == {"query": ["No such field."], "aggregate": []}
    assert data.get_errors() == ["No such field."]
    assert opened("by_hand").payloads == ()


def test_settings_are_read_under_our_names():
    told = opened("default").settings
    assert (told["base_provider"], told["base_model"]) == ("openrouter", "google/gemini-2.0-flash-001")
    assert opened("by_hand").settings["data_source"] == "local"
    cloud = opened("multi_branch").settings
    assert (cloud["data_source"], cloud["wcd_url"]) == ("cloud", "https://films.weaviate.cloud")
    assert opened("new").settings["base_api_base"] == "http://localhost:11434"
    assert opened("new").branch_initialisation == "default"


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_elysia_written_again_is_the_same_tree(name):
    before = file(name)
    tree = read_saved_tree(before, Settings())
    assert before == file(name), "what was given is not changed"
    written = through_text(tree)
    again = read_saved_tree(written, Settings())
    assert again == tree
    assert through_text(again) == written
    theirs, ours = before["tree_data"], written["tree_data"]
    for part in ("conversation_history", "tasks_completed", "errors", "user_prompt", "current_task"):
        assert ours[part] == theirs[part]
    assert ours["collection_data"].items() >= theirs["collection_data"].items()
    assert written["frontend_rebuild"] == [payload for payload in before["frontend_rebuild"] if payload]


@pytest.mark.parametrize("name", NAMES)
def test_elysia_finds_every_key_it_wants_in_what_is_written(name):
    written, theirs = through_text(opened(name)), file(name)
    assert theirs.keys() <= written.keys()
    assert theirs["tree_data"].keys() <= written["tree_data"].keys()
    assert {"environment", "hidden_environment", "self_info"} <= written["tree_data"]["environment"].keys()
    for block in (written["settings"], written["tree_data"]["settings"]):
        assert theirs["settings"].keys() - {"SETTINGS_ID"} <= block.keys()
        assert logging.getLevelNamesMapping()[block["LOGGING_LEVEL"]] == block["LOGGING_LEVEL_INT"]


def test_a_tree_of_ours_is_what_it_was():
    data = TreeData(CollectionData([]), Atlas(style="Dry."), recursion_limit=7, settings=Settings())
    data.begin_run("Q? 🎬")
    data.environment.add_objects("t", "n", [{"a": 1}, {"a": 1}, {"a": 2}])
    data.environment.add_objects("t", "n", [{"a": 3}])
    data.environment.remove("t", "n", 1)
    data.set_property("mine", {"x": [1]})
    data.set_current_task("t")
    tree = saved(data)
    again = read_saved_tree(through_text(tree), Settings())
    for field in fields(SavedTree):
        if field.name not in {"tree_data", "settings"}:
            assert getattr(again, field.name) == getattr(tree, field.name), field.name
    assert (again.settings["base_provider"], again.settings["recursion_limit"]) == ("vllm", 4)
    assert again.tree_data.to_json() == data.to_json()
    assert again == tree
    assert again != replace(tree, title="Another")
    assert tree != "a tree"
    assert again.tree_data.environment.add_objects("t", "n", [{"a": 4}])[0]["_REF_ID"] == "t_n_3_0"


def test_nothing_is_shared_with_what_was_written_or_read():
    data = TreeData(CollectionData([]), Atlas())
    data.environment.add_objects("t", "n", [{"deep": {"a": 1}}])
    written = write_saved_tree(saved(data))
    again = read_saved_tree(written, Settings())
    written["tree_data"]["environment"]["environment"]["t"]["n"][0]["objects"][0]["deep"]["a"] = 2
    written["frontend_rebuild"][0]["payload"]["text"] = "changed"
    for environment in (data.environment, again.tree_data.environment):
        assert environment.object("t_n_1_0")["deep"] == {"a": 1}
    assert again.payloads[0]["payload"]["text"] == "…"


def test_what_has_no_json_form_is_left_out_and_the_rest_is_kept():
    data = TreeData(CollectionData([]), Atlas())
    data.environment.hidden_environment.update(lock=object(), kept=1, number=float("nan"))
    data.set_property("handle", object())
    written = through_text(saved(data))
    assert written["tree_data"]["environment"]["hidden_environment"] == {"kept": 1, "number": None}
    assert "handle" not in written["tree_data"]


def test_no_key_is_written_wherever_it_went():
    settings = Settings(wcd_api_key=f"{KEY}-w")
    settings.configure(openai_api_key=KEY, cohere_api_key="short")
    data = TreeData(CollectionData([]), Atlas(), settings=settings)
    data.begin_run(f"Is {KEY} my key? What is short?")
    data.add_error("query", f"401: wrong key {KEY}-w")
    data.environment.add_objects("t", KEY, [{KEY: [KEY]}])
    data.environment.hidden_environment["key"] = KEY
    values = {**settings.to_json(), "openai_api_key": KEY, "wcd_api_key": KEY, "api_keys": {"X": KEY}}
    values["base_api_base"] = f"https://ann:{KEY}@example.org/v1"
    values |= {"model_file": "/home/ann/model.gguf", "unknown": KEY}
    written = json.dumps(write_saved_tree(saved(data, settings=values, payloads=({"p": KEY},))))
    assert KEY not in written
    assert "ann" not in written
    assert "What is short?" in written
    assert "https://example.org/v1" in written


def test_no_key_is_read():
    told = file("multi_branch")
    for block in (told["settings"], told["tree_data"]["settings"]):
        block["API_KEYS"] = {"openai_api_key": KEY}
        block["WCD_API_KEY"] = KEY
        block["OPENAI_API_KEY"] = KEY
    tree = read_saved_tree(told)
    assert KEY not in json.dumps(write_saved_tree(tree)) + json.dumps(dict(tree.settings))
    held = tree.tree_data.settings
    assert (held.api_keys, held.wcd_api_key) == ({}, None)


def test_the_settings_given_are_the_ones_to_run_with():
    given_settings = Settings(base_model="given")
    assert read_saved_tree(file("default"), given_settings).tree_data.settings is given_settings


def test_without_settings_the_saved_ones_are_used_with_the_keys_of_this_computer(monkeypatch):
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    monkeypatch.setenv("STYLE", "of this computer")
    held = read_saved_tree(file("default")).tree_data.settings
    assert (held.base_provider, held.base_model) == ("openrouter", "google/gemini-2.0-flash-001")
    assert held.api_key("OPENROUTER_API_KEY") == KEY
    assert held.style == "of this computer"


@pytest.mark.parametrize("name", ["new", "multi_branch"])
def test_a_file_that_names_a_server_gets_no_key_of_this_computer(name, monkeypatch, caplog):
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    monkeypatch.setenv("WCD_API_KEY", KEY)
    held = read_saved_tree(file(name)).tree_data.settings
    assert held.base_api_base or held.wcd_url
    assert (held.api_keys, held.wcd_api_key) == ({}, None)
    assert "keys of this computer are not used" in caplog.text
    assert KEY not in caplog.text


def test_a_server_that_is_known_here_gets_its_key(monkeypatch):
    monkeypatch.setenv("WCD_URL", "https://films.weaviate.cloud")
    monkeypatch.setenv("WCD_API_KEY", KEY)
    held = read_saved_tree(file("multi_branch")).tree_data.settings
    assert held.wcd_api_key.get_secret_value() == KEY


def test_a_saved_setting_that_does_not_fit_is_left_at_its_default(caplog):
    told = file("default")
    told["settings"]["LOCAL_WEAVIATE_PORT"] = "none"
    held = read_saved_tree(told).tree_data.settings
    assert held.local_weaviate_port == 8080
    assert held.base_provider == "openrouter"
    assert "local_weaviate_port" in caplog.text


def damaged(change):
    told = file("default")
    change(told)
    return told


def without(*path):
    def change(told):
        for step in path[:-1]:
            told = told[step]
        del told[path[-1]]

    return change


def with_value(value, *path):
    def change(told):
        for step in path[:-1]:
            told = told[step]
        told[path[-1]] = value

    return change


FILMS = ("tree_data", "environment", "environment", "find_films", "Films")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without("tree_data"), "tree_data is missing"),
        (without("user_id"), "user_id is missing"),
        (without("conversation_id"), "conversation_id is missing"),
        (without("tree_data", "environment"), "tree_data.environment is missing"),
        (without("tree_data", "environment", "environment"), "tree_data.environment.environment is missing"),
        (without("tree_data", "atlas"), "tree_data.atlas is missing"),
        (without("tree_data", "collection_data"), "tree_data.collection_data is missing"),
        (
            without("tree_data", "collection_data", "collection_names"),
            "collection_data.collection_names is missing",
        ),
        (without(*FILMS, 0, "objects"), "find_films.Films[0].objects is missing"),
        (without("tree_data", "conversation_history", 0, "role"), "conversation_history[0].role is missing"),
        (
            without("tree_data", "tasks_completed", 0, "task", 1, "task"),
            "tasks_completed[0].task[1].task is missing",
        ),
        (with_value([], "tree_data"), "tree_data is not an object"),
        (with_value(7, "conversation_id"), "conversation_id is not a text"),
        (with_value(None, "conversation_id"), "conversation_id is not a text"),
        (with_value("no", "low_memory"), "low_memory is not true or false"),
        (with_value(True, "tree_index"), "tree_index is not a whole number"),
        (with_value({}, "tool_names"), "tool_names is not a list"),
        (with_value([1], "tool_names"), "tool_names[0] is not a text"),
        (with_value(["x"], "frontend_rebuild"), "frontend_rebuild[0] is not an object"),
        (with_value([], "structure"), "structure is not an object"),
        (with_value("x", "settings"), "settings is not an object"),
        (with_value(7, "tree_data", "atlas", "style"), "tree_data.atlas.style is not a text"),
        (with_value("5", "tree_data", "recursion_limit"), "tree_data.recursion_limit is not a whole number"),
        (with_value({"t": 1}, "tree_data", "errors"), "tree_data.errors.t is not a list"),
        (with_value({}, *FILMS), "find_films.Films is not a list"),
        (with_value("x", *FILMS, 0, "objects", 1), "Films[0].objects[1] is not an object"),
        (with_value(3, *FILMS, 0, "objects", 0, "_REF_ID"), "objects[0]._REF_ID is not a text"),
        (
            with_value([1], "tree_data", "collection_data", "metadata"),
            "collection_data.metadata is not an object",
        ),
    ],
)
def test_damage_is_named_by_its_place(change, words):
    with pytest.raises(ValueError) as caught:
        read_saved_tree(damaged(change), Settings())
    assert words in str(caught.value)


@pytest.mark.parametrize("no_tree", [None, [], "{}", 3, {}])
def test_what_is_no_saved_tree_is_said_to_be_none(no_tree):
    with pytest.raises(ValueError, match=r"What was saved is not an object|is missing"):
        read_saved_tree(no_tree, Settings())


def nested(levels, whole=None):
    whole = whole if whole is not None else {}
    deep = whole
    for _ in range(levels):
        deep["a"] = {}
        deep = deep["a"]
    return whole


def test_what_is_nested_without_end_is_cut_off_and_the_rest_is_read():
    told = file("default")
    nested(20_000, told["tree_data"]["environment"]["hidden_environment"])
    tree = read_saved_tree(told, Settings())
    assert tree.tree_data.environment.hidden_environment["seen"]
    assert read_saved_tree(through_text(tree), Settings()) == tree


def test_what_is_as_deep_as_it_may_be_is_kept_whole():
    data = TreeData(CollectionData([]), Atlas())
    data.environment.hidden_environment["deep"] = nested(LEVELS - 2)
    data.environment.add_objects("t", "n", [nested(LEVELS - 10)])
    found = read_saved_tree(through_text(saved(data)), Settings()).tree_data.environment
    assert found.to_json() == data.environment.to_json()
    assert found.hidden_environment == data.environment.hidden_environment


@pytest.mark.parametrize(
    ("change", "read"),
    [
        (with_value(None, "settings"), lambda tree: tree.settings["base_provider"] == "openrouter"),
        (with_value(None, "tree_data", "errors"), lambda tree: tree.tree_data.errors == {}),
        (with_value([], "tree_data", "errors"), lambda tree: tree.tree_data.errors == {}),
        (
            with_value(["x"], "tree_data", "errors"),
            lambda tree: tree.tree_data.errors == {"elysia_decision_node": ["x"]},
        ),
        (with_value({"t": "x"}, "tree_data", "errors"), lambda tree: tree.tree_data.errors == {"t": ["x"]}),
        (without("tree_data", "tasks_completed"), lambda tree: tree.tree_data.tasks_completed == []),
        (without("tree_data", "recursion_limit"), lambda tree: tree.tree_data.recursion_limit == 3),
        (
            with_value(None, "tree_data", "environment", "hidden_environment"),
            lambda tree: tree.tree_data.environment.hidden_environment == {},
        ),
        (with_value(1, "of_the_future"), lambda tree: tree.conversation_id == "default"),
        (with_value(1, "tree_data", "to_json"), lambda tree: callable(tree.tree_data.to_json)),
        (with_value(1, "tree_data", "_known"), lambda tree: "favourites" in tree.tree_data.custom_properties),
        (
            with_value(float("nan"), *FILMS, 0, "objects", 0, "year"),
            lambda tree: (
                tree.tree_data.environment.find("find_films", "Films", 0)["objects"][0]["year"] is None
            ),
        ),
        (
            with_value(
                {"Films": {"fields": [{"title": "text"}]}}, "tree_data", "collection_data", "metadata"
            ),
            lambda tree: tree.tree_data.collection_data.metadata == {},
        ),
    ],
)
def test_what_differs_from_file_to_file_is_read(change, read):
    assert read(read_saved_tree(damaged(change), Settings()))


def test_a_conversation_that_the_first_version_saved_is_read():
    told = write_saved_tree(saved())
    old = {
        name: told[name]
        for name in (
            "user_id",
            "conversation_id",
            "branch_initialisation",
            "low_memory",
            "use_elysia_collections",
        )
    }
    parts = (
        "collection_data",
        "atlas",
        "user_prompt",
        "conversation_history",
        "environment",
        "tasks_completed",
    )
    old["tree_data"] = {name: told["tree_data"][name] for name in parts}
    tree = read_saved_tree(old, Settings())
    assert (tree.title, tree.tool_names, tree.payloads, tree.structure) == (None, (), (), None)


texts = st.text(max_size=8)
names = st.sampled_from(["query", "aggregate", "ü 1", "forced_text_response"])
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
objects = st.dictionaries(texts.filter(lambda name: name != "_REF_ID"), plain, max_size=3)


@st.composite
def trees(draw):
    data = TreeData(
        CollectionData(draw(st.lists(texts, max_size=2))),
        Atlas(style=draw(texts)),
        conversation_history=draw(
            st.lists(st.fixed_dictionaries({"role": texts, "content": texts}), max_size=2)
        ),
        environment=Environment(self_info=draw(st.booleans())),
        num_trees_completed=draw(st.integers(0, 9)),
        settings=Settings(),
    )
    for tool, name, found in draw(
        st.lists(st.tuples(names, texts, st.lists(objects, max_size=3)), max_size=4)
    ):
        data.environment.add_objects(tool, name, found, draw(objects))
        if draw(st.booleans()) and draw(st.booleans()):
            data.environment.remove(tool, name, -1)
    for task, values in draw(st.lists(st.tuples(names, objects), max_size=2)):
        own = {f"v{number}": value for number, value in enumerate(values.values())}
        data.update_tasks_completed("Q?", task, draw(st.integers(0, 3)), **own)
    data.errors = draw(st.dictionaries(texts, st.lists(texts, max_size=2), max_size=2))
    data.set_current_task(draw(texts))
    data.set_property("mine", draw(plain))
    return saved(
        data,
        title=draw(st.none() | texts),
        branch_initialisation=draw(st.sampled_from(["", "default", "multi_branch", "empty"])),
        low_memory=draw(st.booleans()),
        tool_names=tuple(draw(st.lists(names, max_size=3))),
        structure=draw(st.none() | objects),
        settings=draw(st.sampled_from([{}, Settings(wcd_url="https://x", data_source="library").to_json()])),
        payloads=tuple(draw(st.lists(objects, max_size=2))),
    )


@given(trees())
@trials(max_examples=60, deadline=None)
def test_reading_what_was_written_gives_the_same_tree(tree):
    written = through_text(tree)
    again = read_saved_tree(written, Settings())
    assert again == tree
    assert through_text(again) == written


@given(st.data())
@trials(max_examples=150, deadline=None)
def test_whatever_is_damaged_a_value_error_says_so(data):
    """Any one part replaced by anything else is either read or refused in words."""
    told = file(data.draw(st.sampled_from(["default", "by_hand"])))
    part, path = told, []
    while isinstance(part, dict | list) and part and (len(path) < 2 or data.draw(st.booleans())):
        path.append(data.draw(st.sampled_from(list(part) if isinstance(part, dict) else range(len(part)))))
        part = part[path[-1]]
    with_value(data.draw(plain), *path)(told)
    try:
        tree = read_saved_tree(told, Settings())
    except ValueError:
        return
    assert read_saved_tree(through_text(tree), Settings()) == tree
