import json
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from elysia_desktop.core.environment import Environment
from elysia_desktop.core.objects import Result

REPEAT = "[repeat]"
KEYS = ["a", "b", "c"]
VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, -0.0, 0.0, float("nan"), "", "1", "{"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=2),
    max_leaves=3,
)
OBJECTS = st.lists(
    st.builds(
        lambda content, brought: content | ({"_REF_ID": brought} if brought else {}),
        st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=2),
        st.sampled_from([None, None, None, "mine", "t_n_1_0", "t_n_2_0", "t_n_900_0"]),
    ),
    max_size=3,
)
INDEX = st.none() | st.integers(-3, 3)
NAMES = st.sampled_from(["n", "m", "m_1"])


def canonical(item):
    """An object's content as JSON text, apart from its reference id."""
    content = {key: value for key, value in item.items() if key != "_REF_ID"}
    return json.dumps(nulled(content), sort_keys=True)


def nulled(value):
    if isinstance(value, dict):
        return {key: nulled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [nulled(item) for item in value]
    return None if value != value else value  # only NaN differs from itself


def shuffled(value):
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(value)}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


def stands_for_another(environment, item):
    is_repeat = item.get("object_info") == REPEAT and len(item) == 2
    return is_repeat and environment.object(item["_REF_ID"]) is not item


class Conversation(RuleBasedStateMachine):
    """Adding, removing, replacing, saving and opening in any order."""

    @initialize()
    def start(self):
        self.environment = Environment()
        self.gone = set()

    def live(self):
        return {
            item["_REF_ID"]
            for _, _, entry in self.environment.entries()
            for item in entry["objects"]
            if not stands_for_another(self.environment, item)
        }

    def is_there(self, tool, name, index):
        entries = self.environment.find(tool, name)
        return entries is not None and (index is None or -len(entries) <= index < len(entries))

    @rule(name=NAMES, objects=OBJECTS, duplicates=st.booleans(), as_result=st.booleans())
    def add(self, name, objects, duplicates, as_result):
        before, live = deepcopy(objects), self.live()
        there = {
            canonical(item)
            for entry in self.environment.find("t", name) or ()
            for item in entry["objects"]
            if not stands_for_another(self.environment, item)
        }
        if as_result:
            stored = self.environment.add("t", Result(objects, name=name), duplicates)
        else:
            stored = self.environment.add_objects("t", name, objects, include_duplicates=duplicates)
        assert repr(objects) == repr(before)
        assert len(stored) == len(objects)
        taken = live | self.gone
        for item, kept in zip(objects, stored, strict=True):
            is_known = canonical(item) in there
            assert stands_for_another(self.environment, kept) == (is_known and not duplicates)
            there.add(canonical(item))
            if not stands_for_another(self.environment, kept):
                assert canonical(kept) == canonical(item)
                brought = item.get("_REF_ID")
                assert kept["_REF_ID"] not in taken
                assert not brought or brought in taken or kept["_REF_ID"] == brought
                taken.add(kept["_REF_ID"])

    @rule(name=NAMES)
    def add_again_what_is_there_with_its_keys_in_another_order(self, name):
        entries = self.environment.find("t", name)
        if entries:
            known = [shuffled(item) for entry in entries for item in entry["objects"]]
            stored = self.environment.add_objects("t", name, known)
            assert all(stands_for_another(self.environment, item) for item in stored)

    @rule(name=NAMES, other=NAMES)
    def pass_results_on_under_another_name(self, name, other):
        entries = self.environment.find("t", name)
        if entries and len(entries) < 4:
            self.environment.add_objects("u", other, entries[-1]["objects"], include_duplicates=True)

    @rule(tool=st.sampled_from("tu"), name=NAMES, index=INDEX)
    def remove(self, tool, name, index):
        live = self.live()
        sizes = [len(entry["objects"]) for entry in self.environment.find(tool, name) or ()]
        if not self.is_there(tool, name, index):
            with pytest.raises(KeyError if self.environment.find(tool, name) is None else IndexError):
                self.environment.remove(tool, name, index)
            return
        self.environment.remove(tool, name, index)
        self.gone |= live - self.live()
        if index is None:
            sizes = []
        else:
            del sizes[index]
        assert [len(entry["objects"]) for entry in self.environment.find(tool, name)] == sizes

    @rule(name=NAMES, index=INDEX, objects=OBJECTS)
    def replace(self, name, index, objects):
        before, live = deepcopy(objects), self.live()
        entries = self.environment.find("t", name)
        sizes = [len(entry["objects"]) for entry in entries or ()]
        replaced = {
            item["_REF_ID"]
            for entry in ((entries or []) if index is None else (entries or [])[index : index + 1 or None])
            for item in entry["objects"]
        }
        if not self.is_there("t", name, index):
            with pytest.raises(KeyError if entries is None else IndexError):
                self.environment.replace("t", name, objects, index=index)
            return
        self.environment.replace("t", name, objects, index=index)
        assert repr(objects) == repr(before)
        if index is None:
            sizes = [len(objects)]
        else:
            sizes[index] = len(objects)
        assert [len(entry["objects"]) for entry in self.environment.find("t", name)] == sizes
        kept = {item["_REF_ID"] for item in objects if item.get("_REF_ID") in replaced}
        assert not (self.live() - live - kept) & self.gone
        self.gone = (self.gone | live) - self.live()

    @rule()
    def save_and_open(self):
        saved = self.environment.to_json()
        text = json.dumps(saved, allow_nan=False)
        opened = Environment.from_json(json.loads(text))
        assert opened.to_json() == saved
        assert json.dumps(opened.to_json()) == text
        self.environment = opened

    @invariant()
    def every_id_is_of_one_object_and_every_repeat_points_at_a_living_one(self):
        seen = []
        for tool, name, entries in self.environment.results():
            for index, entry in enumerate(entries):
                assert self.environment.find(tool, name, index) is entry
                for item in entry["objects"]:
                    original = self.environment.object(item["_REF_ID"])
                    assert original is not None
                    if original is item:
                        seen.append(item["_REF_ID"])
            assert self.environment.find(tool, name, len(entries)) is None
        assert len(seen) == len(set(seen))
        assert not self.gone & set(seen)
        assert not any(self.environment.object(ref_id) for ref_id in self.gone)

    @invariant()
    def it_knows_whether_it_has_anything(self):
        entries = [entry for _, _, entry in self.environment.entries()]
        assert self.environment.is_empty() == (not entries)
        assert self.environment.has_objects() == any(entry["objects"] for entry in entries)


TestConversation = Conversation.TestCase
TestConversation.settings = settings(max_examples=120, stateful_step_count=20, deadline=None)


@given(st.dictionaries(st.sampled_from(KEYS), VALUES), st.dictionaries(st.sampled_from(KEYS), VALUES))
@settings(max_examples=200, deadline=None)
def test_two_objects_are_one_exactly_when_their_json_is_equal(first, second):
    environment = Environment()
    stored = environment.add_objects("t", "n", [first, second, shuffled(first)])
    repeats = [stands_for_another(environment, item) for item in stored]
    assert repeats == [False, canonical(first) == canonical(second), True]
