import json
from copy import deepcopy
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from elysia_desktop.core.environment import Environment
from elysia_desktop.core.objects import Result

REPEAT = "[repeat]"


def ids(environment):
    return [item["_REF_ID"] for _, _, entry in environment.entries() for item in entry["objects"]]


def test_a_new_environment_knows_the_application_and_is_empty():
    environment = Environment()
    assert environment.is_empty()
    assert set(environment.environment["SelfInfo"]["info"][0]) == {"name", "description", "purpose"}
    assert "SelfInfo" not in Environment(self_info=False).environment
    environment.environment["SelfInfo"]["info"].clear()
    assert Environment().environment["SelfInfo"]["info"]


def test_ids_tell_tool_name_result_and_position():
    environment = Environment()
    environment.add("query", Result([{"a": 1}, {"a": 2}], name="Films"))
    environment.add_objects("query", "Films", [{"a": 3}], {"why": 1})
    assert ids(environment) == ["query_Films_1_0", "query_Films_1_1", "query_Films_2_0"]
    assert environment.find("query", "Films", 1)["metadata"] == {"why": 1}
    assert environment.object("query_Films_1_1") == {"a": 2, "_REF_ID": "query_Films_1_1"}


def test_an_equal_object_is_a_repeat_whatever_the_order_of_its_keys():
    environment = Environment()
    environment.add_objects("t", "n", [{"a": 1, "b": {"c": 1, "d": 2}}])
    environment.add_objects("t", "n", [{"b": {"d": 2, "c": 1}, "a": 1, "_REF_ID": "own"}])
    environment.add_objects("t", "other", [{"a": 1, "b": {"c": 1, "d": 2}}])
    assert environment.find("t", "n", 1)["objects"] == [{"object_info": REPEAT, "_REF_ID": "t_n_1_0"}]
    assert environment.find("t", "other", 0)["objects"][0]["a"] == 1


def test_duplicates_can_be_wanted():
    environment = Environment()
    environment.add_objects("t", "n", [{"a": 1}])
    environment.add_objects("t", "n", [{"a": 1}], include_duplicates=True)
    assert ids(environment) == ["t_n_1_0", "t_n_2_0"]
    environment.remove("t", "n", 0)
    environment.add_objects("t", "n", [{"a": 1}])
    assert environment.find("t", "n", -1)["objects"] == [{"object_info": REPEAT, "_REF_ID": "t_n_2_0"}]


def test_an_object_keeps_the_id_it_brings_unless_it_is_taken():
    environment = Environment()
    environment.add_objects("t", "n", [{"a": 1, "_REF_ID": "mine"}, {"a": 2, "_REF_ID": "mine"}])
    first, second = ids(environment)
    assert first == "mine"
    assert second != "mine"


def test_when_an_original_is_removed_its_first_repeat_takes_its_fields():
    environment = Environment()
    for _ in range(3):
        environment.add_objects("t", "n", [{"a": 1}])
    environment.remove("t", "n", 0)
    first, second = (entry["objects"][0] for _, _, entry in environment.entries())
    assert first == {"a": 1, "_REF_ID": "t_n_1_0"}
    assert second == {"object_info": REPEAT, "_REF_ID": "t_n_1_0"}
    assert environment.object("t_n_1_0") is first
    environment.add_objects("t", "n", [{"a": 1}])
    assert environment.find("t", "n", -1)["objects"][0]["object_info"] == REPEAT


def test_ids_are_not_used_again_after_a_removal_even_when_the_environment_was_saved():
    environment = Environment()
    environment.add_objects("t", "n", [{"a": 1}])
    environment.remove("t", "n")
    assert environment.find("t", "n") == []
    assert environment.is_empty()
    assert environment.object("t_n_1_0") is None
    loaded = Environment.from_json(json.loads(json.dumps(environment.to_json())))
    for each in (environment, loaded):
        each.add_objects("t", "n", [{"a": 2}])
        assert ids(each) == ["t_n_2_0"]


def test_what_is_absent_is_not_found_and_cannot_be_removed_or_replaced():
    environment = Environment()
    environment.add_objects("t", "n", [{"a": 1}])
    assert environment.find("t", "other") is None
    assert environment.find("other", "n", 0) is None
    assert environment.find("t", "n", 1) is None
    for call in (environment.remove, lambda *where: environment.replace(*where[:2], [], {}, *where[2:])):
        with pytest.raises(KeyError, match="other"):
            call("other", "n")
        for bad in (1, -2):
            with pytest.raises(IndexError, match=str(bad)):
                call("t", "n", bad)
    assert ids(environment) == ["t_n_1_0"]


def test_the_last_result_is_removed_by_minus_one():
    environment = Environment()
    for number in range(3):
        environment.add_objects("t", "n", [{"a": number}])
    environment.remove("t", "n", -1)
    assert ids(environment) == ["t_n_1_0", "t_n_2_0"]


def test_replacing_gives_ids_as_adding_does():
    environment = Environment()
    for number in range(3):
        environment.add_objects("t", "n", [{"a": number}])
    environment.replace("t", "n", [{"b": 1}], {"m": 1}, index=1)
    assert ids(environment) == ["t_n_1_0", "t_n_4_0", "t_n_3_0"]
    environment.replace("t", "n", [{"b": 2}])
    assert environment.find("t", "n") == [{"metadata": {}, "objects": [{"b": 2, "_REF_ID": "t_n_5_0"}]}]


def test_what_cannot_be_stored_leaves_nothing_behind():
    environment = Environment()
    environment.add_objects("t", "n", [{"a": 0}])
    before = environment.to_json()
    with pytest.raises(TypeError):
        environment.add_objects("t", "n", [{"a": 1}, {"a": object()}])
    with pytest.raises(TypeError):
        environment.replace("t", "n", [{"a": 1}, {"a": object()}], index=0)
    assert environment.to_json() == before
    stored = environment.add_objects("t", "n", [{"a": 1}])
    assert stored == [{"a": 1, "_REF_ID": "t_n_2_0"}]


def test_the_callers_objects_are_neither_changed_nor_shared():
    objects, metadata = [{"a": [1]}], {"m": [1]}
    before = deepcopy((objects, metadata))
    environment = Environment()
    stored = environment.add_objects("t", "n", objects, metadata)
    stored[0]["a"].append(2)
    environment.find("t", "n", 0)["metadata"]["m"].append(2)
    assert (objects, metadata) == before
    given_environment = {"t": {"n": [{"metadata": {}, "objects": [{"a": 1}]}]}}
    Environment(given_environment)
    assert given_environment == {"t": {"n": [{"metadata": {}, "objects": [{"a": 1}]}]}}


def test_objects_made_elsewhere_get_ids_by_the_number_of_their_result():
    entries = [{"metadata": {}, "objects": [{"a": n}]} for n in range(2)]
    assert ids(Environment({"t": {"n": entries}})) == ["t_n_1_0", "t_n_2_0"]


def test_hidden_values_are_saved_and_need_not_be_json():
    environment = Environment(hidden_environment={"keep": 1, "model": object()})
    with pytest.raises(TypeError, match=r"hidden_environment\.model"):
        environment.to_json()
    saved = environment.to_json(remove_unserialisable=True)
    assert set(saved) == {"environment", "hidden_environment", "self_info"}
    assert Environment.from_json(saved).hidden_environment == {"keep": 1}


def test_an_object_that_replaces_another_keeps_the_id_it_brings():
    environment = Environment()
    environment.add_objects("t", "n", [{"a": 1}, {"a": 2}])
    kept = [{**item, "a": item["a"] * 10} for item in environment.find("t", "n", 0)["objects"]]
    environment.replace("t", "n", [*kept, {"a": 30}], index=0)
    assert ids(environment) == ["t_n_1_0", "t_n_1_1", "t_n_2_2"]
    environment.remove("t", "n", 0)
    environment.add_objects("t", "n", kept)
    assert not {"t_n_1_0", "t_n_1_1"} & set(ids(environment))


def test_an_id_that_an_object_brought_is_not_given_again_after_it_was_removed_and_saved():
    environment = Environment()
    environment.add_objects("t", "n", [{"a": 1, "_REF_ID": "mine"}, {"a": 2, "_REF_ID": "t_n_2_0"}])
    environment.remove("t", "n", 0)
    loaded = Environment.from_json(json.loads(json.dumps(environment.to_json())))
    for each in (environment, loaded):
        each.add_objects("t", "n", [{"a": 3}, {"a": 1, "_REF_ID": "mine"}])
        assert ids(each) == ["t_n_2_0_2", "mine_2"]


def test_an_id_that_only_looks_like_anothers_does_not_move_the_count():
    environment = Environment()
    environment.add_objects("t", "n", [{"a": 1, "_REF_ID": "other_900_0"}, {"a": 2, "_REF_ID": "t_n_7_0"}])
    loaded = Environment.from_json(environment.to_json())
    for each in (environment, loaded):
        assert each.add_objects("t", "n", [{"a": 3}])[0]["_REF_ID"] == "t_n_2_0"


def test_a_wanted_duplicate_is_still_known_when_all_equal_ones_before_it_are_gone():
    environment = Environment()
    environment.add_objects("t", "n", [{"a": 1}, {"a": 1}])
    environment.add_objects("t", "n", [{"a": 1}])
    environment.add_objects("t", "n", [{"a": 1}], include_duplicates=True)
    environment.remove("t", "n", 0)
    environment.remove("t", "n", 0)
    assert environment.add_objects("t", "n", [{"a": 1}]) == [{"object_info": REPEAT, "_REF_ID": "t_n_3_0"}]


def test_a_repeat_that_is_passed_on_is_the_object_it_stands_for():
    environment = Environment()
    environment.add_objects("t", "n", [{"a": 1}])
    environment.add_objects("t", "n", [{"a": 1}])
    repeat = environment.find("t", "n", 1)["objects"]
    assert environment.add_objects("u", "n", repeat) == [{"a": 1, "_REF_ID": "t_n_1_0_2"}]
    assert environment.add_objects("t", "n", repeat) == repeat
    other = Environment()
    stored = other.add_objects(
        "v", "n", [{"a": 1, "_REF_ID": "own"}, {"object_info": REPEAT, "_REF_ID": "own"}]
    )
    assert stored == [{"a": 1, "_REF_ID": "own"}, {"object_info": REPEAT, "_REF_ID": "own"}]


def test_objects_made_elsewhere_get_ids_of_their_own():
    objects = [{"a": 1}, {"a": 2, "_REF_ID": "t_n_1_0"}, {"a": 3, "_REF_ID": "t_n_1_0"}]
    environment = Environment({"t": {"n": [{"metadata": {}, "objects": objects}]}})
    first, second, third = ids(environment)
    assert second == "t_n_1_0"
    assert len({first, second, third}) == 3
    assert environment.object(second)["a"] == 2


def test_a_repeat_of_nothing_is_an_object_like_any_other():
    stub = {"object_info": REPEAT, "_REF_ID": "lost"}
    environment = Environment({"t": {"n": [{"metadata": {}, "objects": [stub]}]}})
    assert environment.object("lost") == stub
    environment.remove("t", "n", 0)
    assert environment.object("lost") is None


def test_an_error_tells_which_object_cannot_be_stored():
    environment = Environment()
    with pytest.raises(TypeError, match=r"^objects\[1\]\.geo is a object"):
        environment.add_objects("t", "n", [{}, {"geo": object()}])
    with pytest.raises(TypeError, match=r"^objects\[1\] is a str; a result holds dicts"):
        environment.add_objects("t", "n", [{}, "text"])
    with pytest.raises(TypeError, match=r"^objects\[0\]\.a\[0\].*… is nested too deeply"):
        environment.add_objects("t", "n", [{"a": nested(500)}])
    with pytest.raises(TypeError, match=r"^metadata\.at is a object"):
        environment.add_objects("t", "n", [{}], {"at": object()})
    with pytest.raises(TypeError, match=r"^metadata\.a\[0\].*… is nested too deeply"):
        environment.add_objects("t", "n", [{}], {"a": nested(5000)})
    assert environment.is_empty()


def nested(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


def test_whatever_can_be_stored_can_be_saved():
    environment = Environment()
    deepest = 0
    for levels in range(100, 250):
        try:
            environment.add_objects("t", "n", [{"a": nested(levels)}, {"a": (nested(levels - 1), 1)}])
            environment.add_objects("t", "n", [], {"a": nested(levels), "b": {1}})
        except TypeError:
            break
        deepest = levels
    assert deepest > 150
    assert Environment.from_json(environment.to_json()).to_json() == environment.to_json()


def test_what_is_added_while_going_through_the_results_is_not_gone_through():
    environment = Environment()
    environment.add_objects("t", "n", [{"a": 1}])
    for number, (tool, name, _) in enumerate(environment.entries()):
        assert number == 0
        environment.add_objects(tool, name, [{"a": 2}])
        environment.add_objects(tool, "m", [{"a": 3}])
        environment.add_objects("u", "n", [{"a": 4}])
    assert len(list(environment.entries())) == 4


def test_objects_keep_their_python_values_and_results_are_stored_as_json():
    when = date(2024, 5, 1)
    environment = Environment()
    assert environment.add_objects("t", "n", [{"on": when, "at": [1]}])[0]["on"] == when
    assert environment.add("t", Result([{"on": when}], name="m"))[0]["on"] == "2024-05-01"
    repeat = environment.add_objects("t", "n", [{"at": [1], "on": "2024-05-01"}])
    assert repeat == [{"object_info": REPEAT, "_REF_ID": "t_n_1_0"}]
    assert environment.add_objects("t", "m", [{"on": when, "x": float("nan")}, {"on": when, "x": None}])[
        1
    ] == {
        "object_info": REPEAT,
        "_REF_ID": "t_m_2_0",
    }


def test_a_result_with_its_own_json_is_stored_as_that():
    class Loud(Result):
        def to_json(self, mapping=False):
            return [{"loud": str(item).upper()} for item in self.objects]

    assert Environment().add("t", Loud([{"a": "b"}]))[0]["loud"] == "{'A': 'B'}"


CONTENT = st.dictionaries(st.sampled_from("ab"), st.integers(0, 2) | st.lists(st.integers(0, 1), max_size=2))


@given(
    st.lists(
        st.tuples(st.sampled_from("tu"), st.sampled_from("nm"), st.lists(CONTENT, max_size=3), st.booleans())
    )
)
def test_an_environment_survives_being_saved(additions):
    environment = Environment()
    for tool, name, objects, twice in additions:
        environment.add_objects(tool, name, objects, include_duplicates=twice)
    saved = json.loads(json.dumps(environment.to_json()))
    loaded = Environment.from_json(saved)
    assert loaded.to_json() == saved
    assert loaded.add_objects("t", "n", [{"a": 1}]) == environment.add_objects("t", "n", [{"a": 1}])


class Keeping(RuleBasedStateMachine):
    """Whatever is added, replaced and removed, ids stay unique and every repeat has its original."""

    def __init__(self):
        super().__init__()
        self.environment = Environment()
        self.contents = {}

    @rule(
        name=st.sampled_from("nm"),
        objects=st.lists(CONTENT, max_size=3),
        duplicates=st.booleans(),
    )
    def add(self, name, objects, duplicates):
        self.note(self.environment.add_objects("t", name, objects, include_duplicates=duplicates))

    @rule(
        name=st.sampled_from("nm"),
        index=st.none() | st.integers(-3, 3),
        objects=st.lists(CONTENT, max_size=2),
    )
    def replace(self, name, index, objects):
        try:
            self.environment.replace("t", name, objects, index=index)
        except (KeyError, IndexError):
            return
        for _, _, entry in self.environment.entries():
            self.note(entry["objects"])

    @rule(name=st.sampled_from("nm"), index=st.none() | st.integers(-3, 3))
    def remove(self, name, index):
        try:
            self.environment.remove("t", name, index)
        except (KeyError, IndexError):
            return

    def note(self, objects):
        for item in objects:
            if item.get("object_info") != REPEAT:
                known = self.contents.setdefault(item["_REF_ID"], dict(item))
                assert known == item, "an id stands for one object for ever"

    @invariant()
    def ids_are_unique_and_repeats_have_originals(self):
        originals, repeats = [], []
        contents = {}
        for _, name, entry in self.environment.entries():
            for item in entry["objects"]:
                (repeats if item.get("object_info") == REPEAT else originals).append(item)
                contents[item["_REF_ID"]] = name
        named = [item["_REF_ID"] for item in originals]
        assert len(named) == len(set(named))
        assert {item["_REF_ID"] for item in repeats} <= set(named)
        for item in originals:
            assert self.environment.object(item["_REF_ID"]) is item

    @invariant()
    def what_is_there_is_known_and_what_is_not_is_new(self):
        probe = Environment.from_json(self.environment.to_json())
        for name in "nm":
            here = [
                {k: v for k, v in item.items() if k != "_REF_ID"}
                for _, under, entry in self.environment.entries()
                if under == name
                for item in entry["objects"]
            ]
            for content in ({"a": 0}, {}):
                for each in (probe, deepcopy(self.environment)):
                    stored = each.add_objects("t", name, [content])
                    assert (stored[0].get("object_info") == REPEAT) == (content in here)


TestKeeping = Keeping.TestCase
TestKeeping.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)


def names_of(environment):
    return [(tool, name, entry["objects"][0]["n"]) for tool, name, entry in environment.newest()]


def test_the_newest_result_comes_first_whatever_its_name():
    environment = Environment()
    assert list(environment.newest()) == []
    for tool, name, number in (
        ("query", "A", 1),
        ("aggregate", "B", 2),
        ("query", "A", 3),
        ("query", "C", 4),
    ):
        environment.add_objects(tool, name, [{"n": number}])
        assert names_of(environment)[0] == (tool, name, number)
    assert [number for *_, number in names_of(environment)] == [4, 3, 2, 1]
    environment.replace("query", "A", [{"n": 5}], index=0)
    assert [number for *_, number in names_of(environment)] == [5, 4, 3, 2]
    environment.remove("query", "C")
    assert [number for *_, number in names_of(environment)] == [5, 3, 2]


def test_a_result_that_was_put_in_by_hand_is_the_newest():
    environment = Environment()
    environment.add_objects("query", "A", [{"n": 1}])
    assert names_of(environment) == [("query", "A", 1)]
    environment.environment["mine"] = {
        "B": [{"metadata": {}, "objects": [{"n": 2, "_REF_ID": "mine_B_1_0"}]}]
    }
    assert names_of(environment) == [("mine", "B", 2), ("query", "A", 1)]
